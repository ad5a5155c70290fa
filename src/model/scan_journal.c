/* SPDX-License-Identifier: ISC */
/* Reading a journal line by line, and what it says is still to be done. */
#include "config.h"

#include "model/scan_journal.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/scan_left.h"
#include "model/scan_wire.h"
#include "model/target_text.h"

#define JOURNAL_VERSION 1
#define COMMAND_MAX     1024 /* bytes; a longer one is cut */

/* What the first line begins with; also of a torn one. */
static const char head_begin[] = "{\"journal\":";
/* What a line of them begins with as an event. */
static const char event_begin[] = "{\"ev\":\"request\",\"seq\":";
static const char event_time[] = ",\"t_us\":";

struct scan_journal {
	char *where;
	uint64_t nlines; /* whole ones that were read */
	uint64_t whole;  /* their bytes */
	struct buf part; /* of a line that is not whole yet */

	bool has_head, no_dns;
	int64_t began_s;
	char *command;

	struct scan_spec spec;
	bool has_spec, spec_whole;

	bool has_run;
	uint64_t seq; /* the next event's */
	struct scan_event start, end;
	struct scan_left *left;
};

void
scan_journal_put(struct buf *b, const struct journal_asked *a)
{
	struct scan_spec plain = *a->spec;
	char *clean = text_clean(a->command, strlen(a->command));
	struct json j;

	scan_text_cut(clean, COMMAND_MAX);
	jw_init(&j, b);
	jw_object(&j);
	jw_ku64(&j, "journal", JOURNAL_VERSION);
	jw_kstring(&j, "program", PACKAGE_VERSION);
	jw_ku64(&j, "began", a->began_s > 0 ? (uint64_t)a->began_s : 0);
	jw_kstring(&j, "command", clean);
	if (a->no_dns)
		jw_kbool(&j, "no_dns", true);
	jw_object_end(&j);
	buf_putc(b, '\n');
	free(clean);
	plain.ndone = 0; /* the lists stay the caller's */
	plain.hosts_done = 0;
	plain.plan = 0;
	plain.parent = 0;
	plain.no_sandbox = false;
	scan_request_put(b, &plain);
}

void
scan_journal_put_events(
    struct buf *b, const struct journal_asked *a, uint64_t t_us, uint64_t *seq)
{
	struct buf lines = { 0 };
	const char *line, *end;

	scan_journal_put(&lines, a);
	for (line = lines.data; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		buf_printf(b, "%s%" PRIu64 "%s%" PRIu64 ",", event_begin,
		    (*seq)++, event_time, t_us);
		buf_put(b, line + 1, (size_t)(end - line));
	}
	buf_done(&lines);
}

struct scan_journal *
scan_journal_new(const char *where)
{
	struct scan_journal *j = xcalloc(1, sizeof(*j));

	j->where = text_clean(where, strlen(where));
	j->command = xstrdup("");
	j->start.type = j->end.type = SCAN_EV_NTYPES;
	j->left = scan_left_new();
	scan_spec_init(&j->spec);
	return j;
}

void
scan_journal_free(struct scan_journal *j)
{
	if (j == NULL)
		return;
	free(j->where);
	free(j->command);
	buf_done(&j->part);
	scan_spec_done(&j->spec);
	scan_left_free(j->left);
	free(j);
}

static int bad(const struct scan_journal *, char **cause, const char *, ...)
    __attribute__((format(printf, 3, 4)));

/* Of the line that is being read. */
static int
bad(const struct scan_journal *j, char **cause, const char *fmt, ...)
{
	va_list ap;
	char *why;

	va_start(ap, fmt);
	xvasprintf(&why, fmt, ap);
	va_end(ap);
	xasprintf(
	    cause, "%s, line %" PRIu64 ": %s", j->where, j->nlines + 1, why);
	free(why);
	return -EBADMSG;
}

/* -- lines ----------------------------------------------------------------- */

static int
take_head(struct scan_journal *j, const char *line, size_t len, char **cause)
{
	json_t *o = json_loadb(line, len, 0, NULL), *v;
	int r = 0;

	v = json_object_get(o, "journal");
	if (!json_is_integer(v))
		r = bad(j, cause, "this is no journal of a scan");
	else if (json_integer_value(v) != JOURNAL_VERSION)
		r = bad(j, cause,
		    "it is a journal of version %" JSON_INTEGER_FORMAT
		    "; this program knows version %d",
		    json_integer_value(v), JOURNAL_VERSION);
	if (r == 0) {
		j->has_head = true;
		j->began_s = json_integer_value(json_object_get(o, "began"));
		j->no_dns = json_is_true(json_object_get(o, "no_dns"));
		v = json_object_get(o, "command");
		free(j->command);
		j->command =
		    text_clean(json_is_string(v) ? json_string_value(v) : "",
			json_string_length(v));
	}
	json_decref(o);
	return r;
}

static int
take_request(struct scan_journal *j, const char *line, size_t len, char **cause)
{
	enum scan_op op;
	char *why;
	bool whole;

	if (scan_request_parse(line, len, &j->spec, &op, &whole, &why) != 0) {
		(void)bad(j, cause, "%s", why);
		free(why);
		return -EBADMSG;
	}
	if ((op != SCAN_OP_SCAN && op != SCAN_OP_MORE && op != SCAN_OP_GO) ||
	    (op == SCAN_OP_SCAN) == j->has_spec)
		return bad(j, cause, "not what a request goes on with");
	j->has_spec = true;
	j->spec_whole = whole;
	return 0;
}

/* Every run of a journal is of one scan. */
static int
take_start(struct scan_journal *j, const struct scan_event *ev, char **cause)
{
	const struct scan_event *s = &j->start;

	if (s->type != SCAN_EV_START) {
		j->start = *ev;
		return 0;
	}
	if (s->start.seed != ev->start.seed ||
	    s->start.shard != ev->start.shard ||
	    s->start.nshards != ev->start.nshards ||
	    s->start.plan != ev->start.plan)
		return bad(j, cause,
		    "this run is of another scan: its seed, its shard or its "
		    "plan is not that of the first");
	return 0;
}

static const char *
skip_number(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* What was asked, as events: what an ordinary journal begins with. */
static int
take_asked(struct scan_journal *j, const char *line, size_t len, char **cause)
{
	const size_t n = sizeof(event_time) - 1;
	const char *end = line + len, *p;
	char *plain;
	int r;

	if (j->spec_whole)
		return 0; /* a later run's */
	p = skip_number(line + sizeof(event_begin) - 1, end);
	if ((size_t)(end - p) <= n || memcmp(p, event_time, n) != 0)
		return bad(j, cause, "no event of a request");
	p = skip_number(p + n, end);
	if (p == end || *p != ',')
		return bad(j, cause, "no event of a request");
	plain = xstrndup(p, (size_t)(end - p));
	*plain = '{';
	len = strlen(plain);
	r = j->has_head ? take_request(j, plain, len, cause)
			: take_head(j, plain, len, cause);
	free(plain);
	return r;
}

static bool
begins(const char *line, size_t len, const char *what)
{
	size_t n = strlen(what);

	return len >= n && memcmp(line, what, n) == 0;
}

static int
take_event(struct scan_journal *j, const char *line, size_t len, scan_take tell,
    void *arg, char **cause)
{
	struct scan_event ev;
	char *why;
	int r = scan_event_parse(line, len, &ev, &why);

	if (r == -EBADMSG) {
		(void)bad(j, cause, "%s", why);
		free(why);
		return r;
	}
	if (r == 0 && ev.type == SCAN_EV_HELLO && ev.seq == 0) {
		j->has_run = true;
		j->end.type = SCAN_EV_NTYPES;
		j->seq = 0;
	}
	if (!j->has_run)
		return bad(j, cause, "a run begins with its hello event");
	if (ev.seq != j->seq)
		return bad(j, cause,
		    "event %" PRIu64 " is missing: this one is %" PRIu64,
		    j->seq, ev.seq);
	j->seq++;
	if (r == -ENOMSG)
		return begins(line, len, event_begin)
			   ? take_asked(j, line, len, cause)
			   : 0;
	if (ev.type == SCAN_EV_START && (r = take_start(j, &ev, cause)) != 0)
		return r;
	if (ev.type == SCAN_EV_END)
		j->end = ev;
	scan_left_feed(j->left, &ev);
	if (tell != NULL)
		tell(arg, &ev);
	return 0;
}

static int
take_line(struct scan_journal *j, const char *line, size_t len, scan_take tell,
    void *arg, char **cause)
{
	bool event = begins(line, len, "{\"ev\":");

	if (len >= SCAN_LINE_MAX)
		return bad(j, cause, "it is longer than any (%d bytes)",
		    SCAN_LINE_MAX);
	if (j->nlines == 0 && !event)
		return take_head(j, line, len, cause);
	if (j->has_head && !j->spec_whole && !j->has_run)
		return take_request(j, line, len, cause);
	if (!event)
		return bad(j, cause, "not a line of a journal");
	return take_event(j, line, len, tell, arg, cause);
}

int
scan_journal_feed(struct scan_journal *j, const char *data, size_t len,
    scan_take tell, void *arg, char **cause)
{
	const char *end, *stop = data + len, *line;
	size_t n;
	int r;

	while (data < stop) {
		end = memchr(data, '\n', (size_t)(stop - data));
		n = (size_t)((end != NULL ? end : stop) - data);
		if (end == NULL || j->part.len > 0)
			buf_put(&j->part, data, n);
		if (end == NULL && j->part.len >= SCAN_LINE_MAX)
			return bad(j, cause, "it is longer than any (%d bytes)",
			    SCAN_LINE_MAX);
		if (end == NULL)
			return 0;
		line = data;
		if (j->part.len > 0) {
			line = j->part.data;
			n = j->part.len;
		}
		if ((r = take_line(j, line, n, tell, arg, cause)) != 0)
			return r;
		j->nlines++;
		j->whole += n + 1;
		buf_reset(&j->part);
		data = end + 1;
	}
	return 0;
}

/* -- what it says ---------------------------------------------------------- */

bool
scan_journal_is_new(const struct scan_journal *j)
{
	size_t n = sizeof(head_begin) - 1;

	if (j->nlines > 0)
		return false;
	return j->part.len == 0 || memcmp(j->part.data, head_begin,
				       j->part.len < n ? j->part.len : n) == 0;
}

uint64_t
scan_journal_whole(const struct scan_journal *j)
{
	return j->whole;
}

bool
scan_journal_is_over(const struct scan_journal *j)
{
	return j->end.type == SCAN_EV_END && j->end.end.error == SCAN_EXIT_DONE;
}

int
scan_journal_spec(
    const struct scan_journal *j, struct scan_spec *ret, char **cause)
{
	if (!j->spec_whole) {
		xasprintf(cause,
		    j->has_head
			? "%s: it ends before it says what is scanned: "
			  "begin again with a new file"
			: "%s: it has events but not what was asked: only a "
			  "file of --resume or --jsonl can be resumed",
		    j->where);
		return -EINVAL;
	}
	scan_spec_copy(ret, &j->spec);
	ret->parent = 0;
	ret->no_sandbox = false;
	if (j->start.type == SCAN_EV_START) {
		ret->seeded = true;
		ret->seed = j->start.start.seed;
		ret->how = j->start.start.how;
		ret->plan = j->start.start.plan;
	}
	scan_left_spec(j->left, ret);
	return 0;
}

const char *
scan_journal_differs(const struct scan_journal *j, const struct scan_spec *spec)
{
	const struct scan_spec *was = &j->spec;
	uint64_t seed =
	    j->start.type == SCAN_EV_START ? j->start.start.seed : was->seed;
	const struct {
		bool differs;
		const char *what;
	} t[] = {
		{ !target_words_same(&was->targets, &spec->targets),
		    "targets" },
		{ !target_words_same(&was->exclude, &spec->exclude),
		    "excludes" },
		{ !target_words_same(&was->ports, &spec->ports), "ports" },
		{ was->how != spec->how, "techniques (-s)" },
		{ was->family != spec->family, "families (-4, -6)" },
		{ was->no_ping != spec->no_ping ||
			was->in_order != spec->in_order ||
			was->force != spec->force,
		    "options (-Pn, -r, --force)" },
		{ was->checks != spec->checks, "checks (--script)" },
		{ was->nshards != spec->nshards || was->shard != spec->shard,
		    "parts (--shard)" },
		{ spec->seeded && spec->seed != seed, "order (--seed)" },
	};
	size_t i;

	for (i = 0; i < nitems(t); i++)
		if (t[i].differs)
			return t[i].what;
	return NULL;
}

const struct scan_spec *
scan_journal_asked(const struct scan_journal *j)
{
	return j->spec_whole ? &j->spec : NULL;
}

const char *
scan_journal_command(const struct scan_journal *j)
{
	return j->command;
}

int64_t
scan_journal_began(const struct scan_journal *j)
{
	return j->began_s;
}

bool
scan_journal_no_dns(const struct scan_journal *j)
{
	return j->no_dns;
}

const struct scan_event *
scan_journal_start(const struct scan_journal *j)
{
	return j->start.type == SCAN_EV_START ? &j->start : NULL;
}

const struct scan_event *
scan_journal_end(const struct scan_journal *j)
{
	return j->end.type == SCAN_EV_END ? &j->end : NULL;
}
