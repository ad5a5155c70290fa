/* SPDX-License-Identifier: ISC */
/* What is wrong with a service: the rules are asked, the gravest is told
 * first. */
#include "config.h"

#include "model/finding.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/xmalloc.h"
#include "model/finding_rules.h"

static void add(struct finding_scene *, const struct finding_def *,
    enum severity, const char *, va_list) __attribute__((format(printf, 4, 0)));

static void
add(struct finding_scene *s, const struct finding_def *def,
    enum severity severity, const char *fmt, va_list ap)
{
	struct finding *f = &s->found[s->n];
	char *text;
	int n;

	if (s->n == SCENE_MAX)
		return;
	n = xvasprintf(&text, fmt, ap);
	f->def = def;
	f->severity = severity;
	service_set(f->evidence, sizeof(f->evidence), text, (size_t)n);
	free(text);
	s->n++;
}

static const struct finding_def *
def_of(const char *id)
{
	const struct finding_def *def = finding_find(id);

	if (def == NULL)
		fatal("no finding %s", id);
	return def;
}

void
finding_add(struct finding_scene *s, const char *id, const char *fmt, ...)
{
	const struct finding_def *def = def_of(id);
	va_list ap;

	va_start(ap, fmt);
	add(s, def, def->severity, fmt, ap);
	va_end(ap);
}

void
finding_add_at(struct finding_scene *s, enum severity most, const char *id,
    const char *fmt, ...)
{
	const struct finding_def *def = def_of(id);
	va_list ap;

	va_start(ap, fmt);
	add(s, def, def->severity < most ? def->severity : most, fmt, ap);
	va_end(ap);
}

const char *
finding_fact(const struct finding_scene *s, const char *name)
{
	const char *value = service_fact_get(s->info, name);

	return value != NULL ? value : "";
}

bool
finding_fact_is(
    const struct finding_scene *s, const char *name, const char *value)
{
	return strcmp(finding_fact(s, name), value) == 0;
}

size_t
finding_word(const char **list)
{
	*list += strspn(*list, " ,");
	return strcspn(*list, " ,");
}

bool
finding_word_is(const char *word, size_t n, const char *form)
{
	size_t k = strlen(form);

	if (k > 0 && form[k - 1] == '*')
		return n >= k - 1 && strncmp(word, form, k - 1) == 0;
	return n == k && strncmp(word, form, k) == 0;
}

bool
finding_has_word(const char *list, const char *form)
{
	size_t n;

	for (; (n = finding_word(&list)) > 0; list += n)
		if (finding_word_is(list, n, form))
			return true;
	return false;
}

void
finding_iso_time(char text[24], int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	text[0] = '\0';
	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, 24, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		text[0] = '\0';
}

size_t
findings_of(const struct service_info *info, uint16_t port, uint8_t proto,
    int64_t now, struct finding ret[FINDINGS_MAX])
{
	struct finding_scene s = {
		.info = info, .port = port, .proto = proto, .now = now
	};
	size_t i, n = 0;
	int grave;

	/* A name that only its number suggests is no evidence. */
	if (info->name[0] != '\0' && info->method != SERVICE_BY_PORT) {
		finding_open(&s);
		finding_crypt(&s);
		finding_told(&s);
	}
	finding_nmap(&s);
	for (grave = SEVERITY_CRITICAL; grave >= SEVERITY_INFO; grave--)
		for (i = 0; i < s.n && n < FINDINGS_MAX; i++)
			if ((int)s.found[i].severity == grave)
				ret[n++] = s.found[i];
	return n;
}
