/* SPDX-License-Identifier: ISC */
/* Lines of text: forms in which servers name themselves, and replies by
 * number. */
#include "config.h"

#include "probe/line.h"

#include <string.h>
#include <strings.h>

#define LINE_LOOKED 512 /* bytes of a line that are compared */
#define NSPANS      4

/* What the letters of a form stood for. */
struct spans {
	struct {
		const char *p;
		size_t n;
	} of[NSPANS];
	bool over; /* no place for what follows an "anything": an earlier one
		    * that takes more leaves less, so it is not tried */
};
static const char span_letters[NSPANS + 1] = "vhxo";

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t
take_version(const char *s, size_t n)
{
	size_t k = 0;

	if (n == 0 || s[0] < '0' || s[0] > '9')
		return 0;
	while (k < n && (is_alnum(s[k]) || strchr("._+~:-", s[k]) != NULL) &&
	       s[k] != '\0')
		k++;
	while (k > 0 && strchr(".:-_", s[k - 1]) != NULL)
		k--;
	return k;
}

static size_t
take_word(const char *s, size_t n)
{
	size_t k = 0;

	while (k < n && s[k] > ' ' && s[k] != 0x7f)
		k++;
	return k;
}

static bool form_is(
    const char *form, const char *s, size_t n, struct spans *spans);

/* As little as possible, so that what follows in the form is found. */
static bool
any_is(const char *rest, const char *s, size_t n, struct spans *spans, int slot)
{
	size_t k;

	for (k = 0; k <= n && !spans->over; k++)
		if (form_is(rest, s + k, n - k, spans)) {
			if (slot >= 0) {
				spans->of[slot].p = s;
				spans->of[slot].n = k;
			}
			return true;
		}
	spans->over = true;
	return false;
}

static bool
span_is(const char *form, const char *s, size_t n, struct spans *spans)
{
	const char *letter =
	    strchr(span_letters, form[1] == 'V' ? 'v' : form[1]);
	int slot = letter == NULL ? -1 : (int)(letter - span_letters);
	size_t k;

	if (form[1] == 'x' || form[1] == 'o')
		return any_is(form + 2, s, n, spans, slot);
	k = form[1] == 'h' ? take_word(s, n) : take_version(s, n);
	if (form[1] == 'V' && memchr(s, '.', k) == NULL)
		return false;
	if (k == 0 || slot < 0 || !form_is(form + 2, s + k, n - k, spans))
		return false;
	spans->of[slot].p = s;
	spans->of[slot].n = k;
	return true;
}

static bool
form_is(const char *form, const char *s, size_t n, struct spans *spans)
{
	for (; *form != '\0'; form++) {
		if (*form == '*')
			return form[1] == '\0' ||
			       any_is(form + 1, s, n, spans, -1);
		if (*form == '%')
			return span_is(form, s, n, spans);
		if (n == 0 || lower(*s) != lower(*form))
			return false;
		s++;
		n--;
		if (*form == ' ')
			while (n > 0 && *s == ' ') {
				s++;
				n--;
			}
	}
	return n == 0;
}

void
line_cpe(struct service_info *info, const char *what)
{
	char version[sizeof(info->version)];
	size_t n;

	/* A packager's suffix is no part of the name. */
	n = strcspn(info->version, "-+~: ");
	memcpy(version, info->version, n);
	version[n] = '\0';
	service_setf(info->cpe, sizeof(info->cpe), "cpe:/a:%s%s%s", what,
	    n > 0 ? ":" : "", version);
}

bool
line_is(struct service_info *info, const struct line_form *f, const char *s,
    size_t n)
{
	struct spans spans = { 0 };
	struct {
		char *field;
		size_t size;
	} to[NSPANS] = {
		{ info->version, sizeof(info->version) },
		{ info->host, sizeof(info->host) },
		{ info->extra, sizeof(info->extra) },
		{ info->os, sizeof(info->os) },
	};
	size_t i;

	n = n < LINE_LOOKED ? n : LINE_LOOKED;
	while (n > 0 && s[n - 1] == ' ')
		n--;
	if (!form_is(f->form, s, n, &spans))
		return false;
	if (f->product != NULL)
		service_setf(
		    info->product, sizeof(info->product), "%s", f->product);
	if (f->os != NULL)
		service_setf(info->os, sizeof(info->os), "%s", f->os);
	if (f->device != NULL)
		service_setf(
		    info->device, sizeof(info->device), "%s", f->device);
	for (i = 0; i < NSPANS; i++)
		if (spans.of[i].n > 0)
			service_set(to[i].field, to[i].size, spans.of[i].p,
			    spans.of[i].n);
	if (f->cpe != NULL)
		line_cpe(info, f->cpe);
	if (f->fact != NULL)
		service_factf(info, f->fact, "%s", f->value);
	return true;
}

const struct line_form *
line_find(struct service_info *info, const struct line_form *f, size_t n,
    const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (line_is(info, &f[i], s, len))
			return &f[i];
	return NULL;
}

bool
line_starts(const char *s, size_t n, const char *word)
{
	size_t k = strlen(word);

	return k <= n && strncasecmp(s, word, k) == 0;
}

bool
line_has(const char *s, size_t n, const char *word)
{
	size_t k = strlen(word), i;

	for (i = 0; i + k <= n; i++)
		if (strncasecmp(s + i, word, k) == 0)
			return true;
	return false;
}

bool
line_same(const char *s, size_t n, const char *word)
{
	return strlen(word) == n && strncasecmp(s, word, n) == 0;
}

bool
line_is_text(const void *p, size_t n)
{
	const unsigned char *s = p;
	size_t i;

	for (i = 0; i < n; i++)
		if ((s[i] < ' ' && strchr("\t\r\n\f\b", s[i]) == NULL) ||
		    s[i] == 0 || s[i] == 0x7f)
			return false;
	return true;
}

/* The number of a line, 0 if it has none; *dash: others follow. */
static unsigned
number_of(const char *s, size_t n, bool *dash)
{
	unsigned code = 0;
	size_t i;

	if (n < 3 || (n > 3 && s[3] != ' ' && s[3] != '-'))
		return 0;
	for (i = 0; i < 3; i++) {
		if (s[i] < '0' || s[i] > '9')
			return 0;
		code = code * 10 + (unsigned)(s[i] - '0');
	}
	*dash = n > 3 && s[3] == '-';
	return code;
}

enum line_state
line_reply(const struct talk *t, size_t at, struct line_reply *ret)
{
	const char *s;
	size_t n, next;
	unsigned code;
	bool dash = false;

	ret->from = at;
	if (!talk_line(t, at, &s, &n, &next)) {
		/* It need not be waited for if it can be none. */
		n = t->nin - at < 3 ? t->nin - at : 3;
		s = (const char *)t->in + at;
		while (n > 0 && s[n - 1] >= '0' && s[n - 1] <= '9')
			n--;
		return n > 0 ? LINE_BAD : LINE_MORE;
	}
	ret->code = number_of(s, n, &dash);
	if (ret->code == 0)
		return LINE_BAD;
	ret->text = n > 4 ? s + 4 : s + n;
	ret->len = n > 4 ? n - 4 : 0;
	ret->next = next;
	/* Between the first line and the last there may be any others. */
	while (dash) {
		if (!talk_line(t, ret->next, &s, &n, &next))
			return t->eof || t->timeout ? LINE_WHOLE : LINE_MORE;
		ret->next = next;
		code = number_of(s, n, &dash);
		dash = code != ret->code || dash;
	}
	return LINE_WHOLE;
}

void
line_evidence(struct talk *t, size_t from, size_t to)
{
	to = to < t->nin ? to : t->nin;
	if (from < to)
		service_evidence(t->info, t->in + from, to - from);
}
