/* SPDX-License-Identifier: ISC */
/*
 * Reading the worker's protocol, on both sides: whoever speaks is not
 * believed. Lengths, ranges and words are checked, text is cleaned.
 */
#include "config.h"

#include "model/scan_wire.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "model/scan_wire_fields.h"

/* Of all lists of a request together. */
#define REQUEST_MAX (64u << 20)

/* A sentence with what was read, cut short. */
static int
bad(char **cause, const char *line, size_t len, const char *why)
{
	char *text = text_clean(line, len);

	scan_text_cut(text, 120);
	xasprintf(cause, "%s: %s", why, text);
	free(text);
	return -EBADMSG;
}

void
scan_text_cut(char *text, size_t size)
{
	size_t n = strlen(text);

	if (n < size)
		return;
	for (n = size - 1; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
		n--;
	text[n] = '\0';
}

static bool
get_text(char *to, size_t size, const json_t *v)
{
	char *text;

	if (!json_is_string(v))
		return false;
	text = text_clean(json_string_value(v), json_string_length(v));
	scan_text_cut(text, size);
	(void)strlcpy(to, text, size);
	free(text);
	return true;
}

static bool
get_num(uint64_t *ret, const json_t *v, uint64_t max)
{
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < 0 || (uint64_t)n > max)
		return false;
	*ret = (uint64_t)n;
	return true;
}

static bool
get_int(void *to, const json_t *v, uint64_t max)
{
	json_int_t n = json_integer_value(v);
	int i;

	if (!json_is_integer(v) || n < -1 || n > (json_int_t)max)
		return false;
	i = (int)n;
	memcpy(to, &i, sizeof(i));
	return true;
}

static bool
get_real(double *to, const json_t *v)
{
	double d = json_number_value(v);

	if (!json_is_number(v) || !isfinite(d) || d < 0)
		return false;
	*to = d;
	return true;
}

static bool
get_word(const struct wire_field *f, void *to, const char *s)
{
	const char *word;
	unsigned i;

	for (i = 0; s != NULL && i <= f->max; i++) {
		word = f->word(i);
		if (word != NULL && strcmp(word, s) == 0) {
			wire_store(to, f->size, i);
			return true;
		}
	}
	return false;
}

/* "connect,udp" */
static bool
get_set(const struct wire_field *f, unsigned *to, const char *s)
{
	unsigned i, set = 0;
	const char *word;
	size_t n;

	while (s != NULL && *s != '\0') {
		n = strcspn(s, ",");
		for (i = 0; i <= f->max; i++) {
			word = f->word(1u << i);
			if (strlen(word) == n && memcmp(word, s, n) == 0)
				break;
		}
		if (i > f->max || (s[n] == ',' && s[n + 1] == '\0'))
			return false;
		set |= 1u << i;
		s += n + (s[n] == ',');
	}
	*to = set;
	return s != NULL;
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
get_hex(uint8_t *to, size_t n, char between, const char *s)
{
	size_t i, step = between == '\0' ? 2 : 3;
	int hi, lo;

	if (s == NULL || strlen(s) != n * step - (step - 2))
		return false;
	for (i = 0; i < n; i++, s += step) {
		hi = nibble(s[0]);
		lo = nibble(s[1]);
		if (hi < 0 || lo < 0 ||
		    (i > 0 && step == 3 && s[-1] != between))
			return false;
		to[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

static bool
get_u64_hex(uint64_t *to, const char *s)
{
	uint8_t b[8];
	uint64_t v = 0;
	size_t i;

	if (!get_hex(b, 8, '\0', s))
		return false;
	for (i = 0; i < 8; i++)
		v = v << 8 | b[i];
	*to = v;
	return true;
}

static bool
get_list(struct buf *to, const json_t *v, char between)
{
	size_t n = json_string_length(v);

	if (!json_is_string(v))
		return false;
	if (to->len > 0 && n > 0)
		buf_putc(to, between);
	buf_put(to, json_string_value(v), n);
	return true;
}

static bool get_value(const struct wire_field *, void *, const json_t *);

/* All that is known of it; what is not is left as it is. */
static bool
get_object(const struct wire_field *f, void *message, const json_t *o)
{
	const json_t *v;

	if (!json_is_object(o))
		return false;
	for (; f->name != NULL; f++) {
		v = json_object_get(o, f->name);
		if (v == NULL ? f->flags == 0 : !get_value(f, message, v))
			return false;
	}
	return true;
}

static bool
get_value(const struct wire_field *f, void *message, const json_t *v)
{
	void *to = (char *)message + f->off;
	const char *s = json_string_value(v);
	uint64_t n;

	switch ((enum wire_type)f->type) {
	case WIRE_SEED:
		((struct scan_spec *)message)->seeded = true;
		/* FALLTHROUGH */
	case WIRE_NUM:
		if (!get_num(&n, v, f->max))
			return false;
		wire_store(to, f->size, n);
		return true;
	case WIRE_INT:
		return get_int(to, v, f->max);
	case WIRE_REAL:
		return get_real(to, v);
	case WIRE_BOOL:
		*(bool *)to = json_is_true(v);
		return json_is_boolean(v);
	case WIRE_TEXT:
		return get_text(to, f->size, v);
	case WIRE_ADDR:
		return s != NULL && scan_addr_parse(to, s);
	case WIRE_WORD:
		return get_word(f, to, s);
	case WIRE_SET:
		return get_set(f, to, s);
	case WIRE_MAC:
		return get_hex(to, 6, ':', s);
	case WIRE_HEX:
		return get_u64_hex(to, s);
	case WIRE_SERVICE:
		return json_is_object(v) &&
		       get_text(to, f->size, json_object_get(v, "name"));
	case WIRE_OBJECT:
		return get_object(f->sub, message, v);
	case WIRE_LIST:
		return get_list(
		    to, v, strcmp(f->name, "ports") == 0 ? ',' : ' ');
	}
	return false;
}

/* What would have been right. */
static void
put_wanted(struct buf *b, const struct wire_field *f)
{
	switch ((enum wire_type)f->type) {
	case WIRE_NUM:
	case WIRE_SEED:
		buf_printf(
		    b, "a number of 0 to %llu", (unsigned long long)f->max);
		break;
	case WIRE_INT:
		buf_printf(
		    b, "a number of -1 to %llu", (unsigned long long)f->max);
		break;
	case WIRE_REAL:
		buf_puts(b, "a number that is not negative");
		break;
	case WIRE_BOOL:
		buf_puts(b, "true or false");
		break;
	case WIRE_ADDR:
		buf_puts(b, "an address");
		break;
	case WIRE_MAC:
		buf_puts(b, "a link address");
		break;
	case WIRE_HEX:
		buf_puts(b, "16 hexadecimal digits");
		break;
	case WIRE_SERVICE:
		buf_puts(b, "an object with a name");
		break;
	case WIRE_OBJECT:
		buf_puts(b, "an object with what belongs to it");
		break;
	case WIRE_WORD:
	case WIRE_SET:
		buf_puts(b, "a word that is known here");
		break;
	case WIRE_TEXT:
	case WIRE_LIST:
		buf_puts(b, "text");
		break;
	}
}

static int
bad_field(
    char **cause, const char *name, const struct wire_field *f, const json_t *v)
{
	struct buf b = { 0 };

	buf_printf(&b, "\"%s\" without \"%s\"", name, f->name);
	if (v != NULL) {
		buf_reset(&b);
		buf_printf(&b, "\"%s\": \"%s\" is not ", name, f->name);
		put_wanted(&b, f);
	}
	*cause = buf_steal(&b);
	return -EBADMSG;
}

static int
get_fields(const struct wire_field *f, void *message, const json_t *o,
    const char *name, char **cause)
{
	const json_t *v;

	for (; f->name != NULL; f++) {
		v = json_object_get(o, f->name);
		if (v == NULL && f->flags == 0)
			return bad_field(cause, name, f, NULL);
		if (v == NULL && (f->flags & WIRE_OPT_ALL) != 0)
			memset((char *)message + f->off, 0xff, f->size);
		else if (v != NULL && !get_value(f, message, v))
			return bad_field(cause, name, f, v);
	}
	return 0;
}

/* The object of a line, or NULL and a sentence. */
static json_t *
read_line(const char *line, size_t len, char **cause)
{
	json_error_t e;
	json_t *o = NULL;

	if (len >= SCAN_LINE_MAX)
		xasprintf(cause, "a line of more than %d bytes", SCAN_LINE_MAX);
	else if ((o = json_loadb(line, len, JSON_REJECT_DUPLICATES, &e)) ==
		     NULL ||
		 !json_is_object(o)) {
		(void)bad(cause, line, len, "not a line of the protocol");
		json_decref(o);
		o = NULL;
	}
	return o;
}

static int
check_event(const struct scan_event *ev, char **cause)
{
	if (ev->type == SCAN_EV_START &&
	    (ev->start.nshards == 0 ? ev->start.shard != 0
				    : ev->start.shard >= ev->start.nshards)) {
		xasprintf(
		    cause, "\"start\": \"shard\" is not below \"shards\"");
		return -EBADMSG;
	}
	if (ev->type == SCAN_EV_TARGET &&
	    (ev->addr.family == 0) == (ev->target.error[0] == '\0')) {
		xasprintf(cause, "\"target\": either \"addr\" or \"error\"");
		return -EBADMSG;
	}
	return 0;
}

static int
get_event(const json_t *o, struct scan_event *ev, char **cause)
{
	const char *name = json_string_value(json_object_get(o, "ev"));
	const struct wire_message *m = NULL;
	unsigned i;
	int r;

	for (i = 0; name != NULL && i < SCAN_EV_NTYPES; i++)
		if (strcmp(wire_events[i].name, name) == 0)
			m = &wire_events[i];
	memset(ev, 0, sizeof(*ev));
	if (name == NULL) {
		xasprintf(cause, "a line without \"ev\"");
		return -EBADMSG;
	}
	r = get_fields(wire_common, ev, o, m == NULL ? "?" : name, cause);
	if (r == 0 && m == NULL) {
		ev->type = SCAN_EV_NTYPES;
		return -ENOMSG;
	}
	if (r == 0) {
		ev->type = (enum scan_event_type)(m - wire_events);
		r = get_fields(m->field, ev, o, name, cause);
	}
	return r == 0 ? check_event(ev, cause) : r;
}

int
scan_event_parse(
    const char *line, size_t len, struct scan_event *ret, char **cause)
{
	json_t *o = read_line(line, len, cause);
	struct scan_event ev;
	int r;

	if (o == NULL)
		return -EBADMSG;
	r = get_event(o, &ev, cause);
	json_decref(o);
	if (r == 0 || r == -ENOMSG)
		*ret = ev;
	return r;
}

/* -- requests ------------------------------------------------------------- */

static bool
get_done_word(struct scan_spec *s, char *word)
{
	char *ports = strchr(word, '=');
	uint64_t pos;

	if (ports != NULL)
		*ports++ = '\0';
	if (!num_u64(word, 0, SCAN_NUMBER_MAX, &pos) ||
	    (ports != NULL &&
		strspn(ports, "0123456789-,TU:") != strlen(ports)))
		return false;
	scan_spec_add_done(s, pos, ports);
	return true;
}

static int
get_done(struct scan_spec *s, const json_t *v, char **cause)
{
	char *text, *p, *word;
	bool ok = json_is_string(v);

	text = xstrdup(ok ? json_string_value(v) : "");
	for (p = text; ok && (word = strsep(&p, " ")) != NULL;)
		if (*word != '\0')
			ok = get_done_word(s, word);
	free(text);
	if (ok)
		return 0;
	xasprintf(cause, "\"done\" is not a list of positions and ports");
	return -EBADMSG;
}

static bool
is_spec_field(const char *key, enum scan_op op)
{
	const struct wire_field *f = op == SCAN_OP_ASK ? wire_ask : wire_spec;

	for (; f->name != NULL; f++)
		if (strcmp(f->name, key) == 0)
			return op != SCAN_OP_MORE || f->type == WIRE_LIST;
	return strcmp(key, "op") == 0 || strcmp(key, "done") == 0 ||
	       (op == SCAN_OP_SCAN &&
		   (strcmp(key, "v") == 0 || strcmp(key, "more") == 0));
}

/* What is not understood cannot be heeded, and a misspelt "exclude" must not
 * be scanned. */
static int
check_keys(json_t *o, enum scan_op op, char **cause)
{
	const char *key;
	json_t *v;

	json_object_foreach(o, key, v)
	{
		if (!is_spec_field(key, op))
			return bad(cause, key, strlen(key), "unknown field");
	}
	return 0;
}

static int
check_spec(const struct scan_spec *s, char **cause)
{
	if (s->family != 0 && s->family != 4 && s->family != 6)
		xasprintf(cause, "\"family\" is not 4 or 6");
	else if (s->nshards == 0 ? s->shard != 0 : s->shard >= s->nshards)
		xasprintf(cause, "\"shard\" is not below \"shards\"");
	else if (s->targets.len + s->exclude.len + s->ports.len > REQUEST_MAX ||
		 s->ndone > REQUEST_MAX / 16)
		xasprintf(
		    cause, "a request of more than %u bytes", REQUEST_MAX);
	else
		return 0;
	return -EBADMSG;
}

static int
get_spec(json_t *o, struct scan_spec *s, enum scan_op op, char **cause)
{
	const json_t *done = json_object_get(o, "done");
	const struct wire_field *f = wire_spec;
	int r = check_keys(o, op, cause);

	while (op == SCAN_OP_MORE && f->type != WIRE_LIST)
		f++;
	if (r == 0)
		r = get_fields(f, s, o, wire_ops[op], cause);
	if (r == 0 && done != NULL)
		r = get_done(s, done, cause);
	return r == 0 ? check_spec(s, cause) : r;
}

static int
get_ask(json_t *o, struct scan_spec *s, char **cause)
{
	int r = check_keys(o, SCAN_OP_ASK, cause);

	memset(&s->ask, 0, sizeof(s->ask));
	if (r == 0)
		r = get_fields(wire_ask, s, o, wire_ops[SCAN_OP_ASK], cause);
	if (r == 0 && s->ask.port != 0 && s->ask.proto == 0) {
		xasprintf(cause, "\"ask\" without \"proto\"");
		return -EBADMSG;
	}
	return r;
}

static int
get_scan(json_t *o, struct scan_spec *s, bool *whole, char **cause)
{
	const json_t *v = json_object_get(o, "v");
	const json_t *more = json_object_get(o, "more");

	if (v != NULL && json_integer_value(v) != SCAN_PROTOCOL) {
		xasprintf(cause, "\"v\": this worker speaks version %d",
		    SCAN_PROTOCOL);
		return -EBADMSG;
	}
	if (more != NULL && !json_is_boolean(more)) {
		xasprintf(cause, "\"more\" is not true or false");
		return -EBADMSG;
	}
	*whole = !json_is_true(more);
	return get_spec(o, s, SCAN_OP_SCAN, cause);
}

static int
get_request(
    json_t *o, struct scan_spec *s, enum scan_op *op, bool *whole, char **cause)
{
	const char *name = json_string_value(json_object_get(o, "op"));
	unsigned i;

	for (i = 0; i <= SCAN_OP_RESUME; i++)
		if (name != NULL && strcmp(wire_ops[i], name) == 0)
			break;
	*whole = i == SCAN_OP_GO;
	if (name == NULL)
		xasprintf(cause, "a line without \"op\"");
	else if (i > SCAN_OP_RESUME)
		return bad(cause, name, strlen(name), "unknown \"op\"");
	else {
		*op = (enum scan_op)i;
		if (i == SCAN_OP_SCAN)
			return get_scan(o, s, whole, cause);
		if (i == SCAN_OP_ASK)
			return get_ask(o, s, cause);
		return i == SCAN_OP_MORE ? get_spec(o, s, *op, cause) : 0;
	}
	return -EBADMSG;
}

int
scan_request_parse(const char *line, size_t len, struct scan_spec *s,
    enum scan_op *op, bool *whole, char **cause)
{
	json_t *o = read_line(line, len, cause);
	int r;

	if (o == NULL)
		return -EBADMSG;
	r = get_request(o, s, op, whole, cause);
	json_decref(o);
	return r;
}
