/* SPDX-License-Identifier: ISC */
/* The worker's protocol: what is written is read back, and nothing else. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/text.h"
#include "know/state.h"
#include "model/scan_wire.h"
#include "seed.h"

/* -- words and addresses -------------------------------------------------- */

static void
words(void **state)
{
	enum scan_state s;
	enum scan_reason r;
	unsigned i;

	(void)state;
	for (i = 0; i < SCAN_NSTATES; i++) {
		assert_true(scan_state_find(scan_state_name(i), &s));
		assert_int_equal(s, i);
	}
	for (i = 0; i < REASON_NREASONS; i++) {
		assert_true(scan_reason_find(scan_reason_name(i), &r));
		assert_int_equal(r, i);
	}
	assert_null(scan_state_name(SCAN_NSTATES));
	assert_null(scan_reason_name(REASON_NREASONS));
	assert_false(scan_state_find("Open", &s));
	assert_false(scan_reason_find("", &r));
}

static void
addresses(void **state)
{
	static const struct {
		const char *text, *back; /* NULL: refused */
	} t[] = {
		{ "192.0.2.4", "192.0.2.4" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "2001:db8::1", "2001:db8::1" },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
		{ "fe80::1%3", "fe80::1%3" },
		{ "fe80::1%4294967295", "fe80::1%4294967295" },
		{ "fe80::1%0", NULL },
		{ "fe80::1%", NULL },
		{ "fe80::1%eth0", NULL },
		{ "192.0.2.4%1", NULL },
		{ "192.0.2", NULL },
		{ "192.0.2.4 ", NULL },
		{ "", NULL },
		{ "%1", NULL },
	};
	char text[SCAN_ADDR_TEXT];
	struct scan_addr a, b;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		if (t[i].back == NULL) {
			assert_false(scan_addr_parse(&a, t[i].text));
			continue;
		}
		assert_true(scan_addr_parse(&a, t[i].text));
		assert_string_equal(scan_addr_text(text, &a), t[i].back);
		assert_true(scan_addr_parse(&b, text));
		assert_true(scan_addr_eq(&a, &b));
	}
}

/* -- events --------------------------------------------------------------- */

static uint64_t
number(uint64_t *seed, uint64_t max)
{
	uint64_t n = seed_next(seed);

	switch (n % 4) {
	case 0:
		return 0;
	case 1:
		return max;
	default:
		return max == UINT64_MAX ? n : n % (max + 1);
	}
}

/* Clean text of any length that fits. */
static void
some_text(uint64_t *seed, char *to, size_t size, bool empty)
{
	static const char *const part[] = { "a", "word ", "\"", "\\", "\\x1b",
		"é", "日本", "{}", ",:[", "/" };
	size_t n = number(seed, size - 1), len = 0, k;
	const char *s;

	if (n == 0 && !empty)
		n = 1;
	to[0] = '\0';
	while (len < n) {
		s = part[number(seed, nitems(part) - 1)];
		k = strlen(s);
		if (len + k > n)
			s = "x", k = 1;
		memcpy(to + len, s, k + 1);
		len += k;
	}
}

static void
some_addr(uint64_t *seed, struct scan_addr *a)
{
	size_t i;

	a->family = number(seed, 1) != 0 ? 4 : 6;
	for (i = 0; i < (a->family == 4 ? 4 : 16); i++)
		a->addr[i] = (uint8_t)number(seed, 255);
	if (a->family == 6)
		a->scope = (uint32_t)number(seed, UINT32_MAX);
}

#define N number(seed, SCAN_NUMBER_MAX)
static void
some_host(uint64_t *seed, struct scan_event *e)
{
	size_t i;

	some_addr(seed, &e->addr);
	e->host.pos = N;
	e->host.up = number(seed, 1);
	e->host.reason = (enum scan_reason)number(seed, REASON_NREASONS - 1);
	e->host.ttl = (uint8_t)number(seed, 255);
	for (i = 0; i < 6; i++)
		e->host.mac[i] = (uint8_t)number(seed, 255);
	e->host.rtt_us = N;
}

static void
some_port(uint64_t *seed, struct scan_event *e)
{
	some_addr(seed, &e->addr);
	e->port.port = (uint16_t)number(seed, 65535);
	e->port.proto = number(seed, 1) != 0 ? SOCK_TCP : SOCK_UDP;
	e->port.state = (enum scan_state)number(seed, SCAN_NSTATES - 1);
	e->port.reason = (enum scan_reason)number(seed, REASON_NREASONS - 1);
	e->port.ttl = (uint8_t)number(seed, 255);
	if (number(seed, 1) != 0)
		some_addr(seed, &e->port.from);
	some_text(seed, e->port.service, sizeof(e->port.service), true);
}

static void
some_progress(uint64_t *seed, struct scan_event *e)
{
	e->progress.done = N;
	e->progress.probes = N;
	e->progress.sent = N;
	e->progress.answers = N;
	e->progress.lost = N;
	e->progress.open = N;
	e->progress.hosts_done = N;
	e->progress.hosts_up = N;
	e->progress.hosts = N;
	e->progress.hosts_upto = N;
	e->progress.rate = (double)number(seed, 100000000) / 10;
	e->progress.left_ms = number(seed, 1) != 0 ? UINT64_MAX : N;
	e->progress.paused = number(seed, 1);
	some_text(seed, e->progress.phase, sizeof(e->progress.phase), true);
}

static void
some_start(uint64_t *seed, struct scan_event *e)
{
	e->start.hosts = N;
	e->start.probes = N;
	e->start.ports = (uint32_t)number(seed, 131072);
	e->start.seed = N;
	e->start.nshards = (uint32_t)number(seed, UINT32_MAX);
	if (e->start.nshards > 0)
		e->start.shard = (uint32_t)number(seed, e->start.nshards - 1);
	e->start.how = (unsigned)number(seed, 63);
	e->start.plan = number(seed, UINT64_MAX);
}

static void
some_service(uint64_t *seed, struct scan_event *e)
{
	struct service_info *i = &e->service.info;

	some_addr(seed, &e->addr);
	e->service.port = (uint16_t)number(seed, UINT16_MAX);
	e->service.proto = (uint8_t)(number(seed, 1) ? SOCK_TCP : SOCK_UDP);
	some_text(seed, i->name, sizeof(i->name), true);
	i->tls = number(seed, 1);
	some_text(seed, i->product, sizeof(i->product), true);
	some_text(seed, i->version, sizeof(i->version), true);
	some_text(seed, i->extra, sizeof(i->extra), true);
	some_text(seed, i->host, sizeof(i->host), true);
	some_text(seed, i->os, sizeof(i->os), true);
	some_text(seed, i->device, sizeof(i->device), true);
	some_text(seed, i->cpe, sizeof(i->cpe), true);
	i->method = (enum service_method)number(seed, SERVICE_BY_NMAP);
	i->conf = (uint8_t)number(seed, 10);
	some_text(seed, i->how, sizeof(i->how), true);
	some_text(seed, i->evidence, sizeof(i->evidence), true);
	i->took_ms = (uint32_t)number(seed, UINT32_MAX);
}

static void
some_os(uint64_t *seed, struct scan_event *e)
{
	struct os_info *i = &e->os;
	size_t k;

	some_addr(seed, &e->addr);
	some_text(seed, i->name, sizeof(i->name), true);
	some_text(seed, i->family, sizeof(i->family), true);
	some_text(seed, i->vendor, sizeof(i->vendor), true);
	some_text(seed, i->generation, sizeof(i->generation), true);
	some_text(seed, i->type, sizeof(i->type), true);
	some_text(seed, i->cpe, sizeof(i->cpe), true);
	i->conf = (uint8_t)number(seed, 100);
	i->basis = (uint8_t)number(seed, OS_BY_NMAP);
	i->ttl = (uint8_t)number(seed, UINT8_MAX);
	i->distance = (int)number(seed, 256) - 1;
	i->open = (uint16_t)number(seed, UINT16_MAX);
	i->closed = (uint16_t)number(seed, UINT16_MAX);
	for (k = 0; k < OS_OTHERS; k++) {
		some_text(seed, i->other[k], sizeof(i->other[k]), true);
		i->other_conf[k] = (uint8_t)number(seed, 100);
	}
	some_text(seed, i->seen, sizeof(i->seen), true);
}

static void
some_event(uint64_t *seed, struct scan_event *e)
{
	memset(e, 0, sizeof(*e));
	e->type = (enum scan_event_type)number(seed, SCAN_EV_NTYPES - 1);
	e->seq = N;
	e->t_us = N;
	switch (e->type) {
	case SCAN_EV_HELLO:
		e->hello.version = (unsigned)number(seed, UINT32_MAX);
		e->hello.how = (unsigned)number(seed, 127);
		some_text(
		    seed, e->hello.program, sizeof(e->hello.program), true);
		some_text(
		    seed, e->hello.sandbox, sizeof(e->hello.sandbox), true);
		break;
	case SCAN_EV_START:
		some_start(seed, e);
		break;
	case SCAN_EV_TARGET:
		some_text(seed, e->target.name, sizeof(e->target.name), false);
		e->target.others = (uint32_t)number(seed, UINT32_MAX);
		e->target.exclude = number(seed, 1);
		if (number(seed, 1) != 0)
			some_addr(seed, &e->addr);
		else
			some_text(seed, e->target.error,
			    sizeof(e->target.error), false);
		break;
	case SCAN_EV_HOST:
		some_host(seed, e);
		break;
	case SCAN_EV_PORT:
		some_port(seed, e);
		break;
	case SCAN_EV_HOST_END:
		some_addr(seed, &e->addr);
		e->host_end.pos = N;
		e->host_end.probes = N;
		e->host_end.tcp = (uint32_t)number(seed, 65536);
		e->host_end.udp = (uint32_t)number(seed, 65536);
		e->host_end.timeout = number(seed, 1);
		break;
	case SCAN_EV_PROGRESS:
		some_progress(seed, e);
		break;
	case SCAN_EV_NOTE:
		e->note.warning = number(seed, 1);
		some_text(seed, e->note.text, sizeof(e->note.text), true);
		break;
	case SCAN_EV_FACT:
		some_addr(seed, &e->addr);
		e->fact.port = (uint16_t)number(seed, UINT16_MAX);
		e->fact.proto =
		    (uint8_t)(number(seed, 1) ? SOCK_TCP : SOCK_UDP);
		some_text(seed, e->fact.name, sizeof(e->fact.name), false);
		some_text(seed, e->fact.value, sizeof(e->fact.value), true);
		break;
	case SCAN_EV_SERVICE:
		some_service(seed, e);
		break;
	case SCAN_EV_OS:
		some_os(seed, e);
		break;
	case SCAN_EV_END:
		e->end.error = (int)number(seed, SCAN_EXIT_PERMISSION);
		some_text(seed, e->end.cause, sizeof(e->end.cause), true);
		e->end.sent = N;
		e->end.received = N;
		e->end.hosts_up = N;
		e->end.hosts = N;
		break;
	case SCAN_EV_NTYPES:
		break;
	}
}
#undef N

/* The longest text cannot make a line too long, and each event comes out as
 * it went in: compared byte by byte, since both were zeroed. */
static void
events_come_back(void **state)
{
	uint64_t seed = seed_begin(__func__);
	struct scan_event in, out;
	struct buf b = { 0 };
	char *cause = NULL;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		some_event(&seed, &in);
		buf_reset(&b);
		scan_event_put(&b, &in);
		assert_true(b.len <= SCAN_LINE_MAX);
		assert_int_equal(b.data[b.len - 1], '\n');
		assert_ptr_equal(strchr(b.data, '\n'), b.data + b.len - 1);
		memset(&out, 0xa5, sizeof(out));
		if (scan_event_parse(b.data, b.len - 1, &out, &cause) != 0)
			fail_msg("%s: %s", cause, b.data);
		if (memcmp(&in, &out, sizeof(in)) != 0)
			fail_msg("came back otherwise: %s", b.data);
	}
	buf_done(&b);
}

/* What interface.md promises, to the letter. */
static void
event_text(void **state)
{
	struct scan_event e = { .type = SCAN_EV_PORT,
		.seq = 9,
		.t_us = 8123,
		.addr = { .addr = { 192, 0, 2, 4 }, .family = 4 },
		.port = { .port = 22,
		    .proto = SOCK_TCP,
		    .state = SCAN_OPEN,
		    .reason = REASON_SYN_ACK,
		    .service = "ssh" } };
	struct buf b = { 0 };

	(void)state;
	scan_event_put(&b, &e);
	assert_string_equal(b.data,
	    "{\"ev\":\"port\",\"seq\":9,\"t_us\":8123,"
	    "\"addr\":\"192.0.2.4\",\"port\":22,\"proto\":\"tcp\","
	    "\"state\":\"open\",\"reason\":\"syn-ack\","
	    "\"service\":{\"name\":\"ssh\",\"method\":\"table\"}}\n");
	/* Two lines are two lines. */
	e.port.service[0] = '\0';
	e.port.state = SCAN_OPEN_FILTERED;
	scan_event_put(&b, &e);
	assert_non_null(strstr(b.data, "}\n{\"ev\":\"port\""));
	assert_non_null(strstr(b.data, "\"open|filtered\""));
	buf_done(&b);
}

/* Text that is not clean is clean on the wire and after it; whatever it is,
 * the line is not too long. */
static void
dirty_text(void **state)
{
	struct scan_event e = { .type = SCAN_EV_TARGET }, out;
	struct buf b = { 0 };
	char *cause = NULL;
	size_t i;

	(void)state;
	memset(e.target.name, 0x1b, sizeof(e.target.name) - 1);
	memset(e.target.error, '"', sizeof(e.target.error) - 1);
	scan_event_put(&b, &e);
	assert_true(b.len <= SCAN_LINE_MAX);
	for (i = 0; i + 1 < b.len; i++)
		assert_in_range((unsigned char)b.data[i], 0x20, 0x7e);
	assert_int_equal(scan_event_parse(b.data, b.len - 1, &out, &cause), 0);
	assert_true(text_is_clean(out.target.name, strlen(out.target.name)));
	buf_done(&b);
	/* A worker that sends escapes, and a character that is cut. */
	buf_puts(&b, "{\"ev\":\"note\",\"seq\":1,\"t_us\":0,\"text\":\"");
	for (i = 0; i < 255; i++)
		buf_puts(&b, "é");
	buf_puts(&b, "é\\u001b[2J\"}");
	assert_int_equal(scan_event_parse(b.data, b.len, &out, &cause), 0);
	assert_int_equal(strlen(out.note.text), 510);
	assert_true(text_is_clean(out.note.text, 510));
	buf_done(&b);
}

static void
odd_events(void **state)
{
	static const struct {
		const char *line, *cause;
	} t[] = {
		{ "", "not a line of the protocol: " },
		{ "Welcome to host\x1b[2J", "not a line of the protocol: "
					    "Welcome to host\\x1b[2J" },
		{ "[]", "not a line of the protocol: []" },
		{ "{}", "a line without \"ev\"" },
		{ "{\"ev\":1}", "a line without \"ev\"" },
		{ "{\"ev\":\"note\"}", "\"note\" without \"seq\"" },
		{ "{\"ev\":\"note\",\"seq\":0,\"t_us\":0}",
		    "\"note\" without \"text\"" },
		{ "{\"ev\":\"note\",\"seq\":-1,\"t_us\":0,\"text\":\"\"}",
		    "\"note\": \"seq\" is not a number of 0 to "
		    "9007199254740991" },
		{ "{\"ev\":\"note\",\"seq\":0.5,\"t_us\":0,\"text\":\"\"}",
		    NULL },
		{ "{\"ev\":\"note\",\"seq\":0,\"t_us\":9007199254740992,"
		  "\"text\":\"\"}",
		    NULL },
		{ "{\"ev\":\"note\",\"seq\":0,\"seq\":1,\"t_us\":0,"
		  "\"text\":\"\"}",
		    NULL },
		{ "{\"ev\":\"note\",\"seq\":0,\"t_us\":0,\"text\":\"\"} x",
		    NULL },
		{ "{\"ev\":\"note\",\"seq\":0,\"t_us\":0,"
		  "\"text\":\"\\u0000\"}",
		    NULL },
		{ "{\"ev\":\"note\",\"seq\":0,\"t_us\":0,\"text\":\"\xff\"}",
		    NULL },
		{ "{\"ev\":\"port\",\"seq\":0,\"t_us\":0,\"addr\":\"::1\","
		  "\"port\":65536,\"proto\":\"tcp\",\"state\":\"open\","
		  "\"reason\":\"reset\"}",
		    "\"port\": \"port\" is not a number of 0 to 65535" },
		{ "{\"ev\":\"port\",\"seq\":0,\"t_us\":0,\"addr\":\"::1\","
		  "\"port\":1,\"proto\":\"sctp\",\"state\":\"open\","
		  "\"reason\":\"reset\"}",
		    "\"port\": \"proto\" is not a word that is known here" },
		{ "{\"ev\":\"port\",\"seq\":0,\"t_us\":0,\"addr\":\"host\","
		  "\"port\":1,\"proto\":\"tcp\",\"state\":\"open\","
		  "\"reason\":\"reset\"}",
		    "\"port\": \"addr\" is not an address" },
		{ "{\"ev\":\"start\",\"seq\":0,\"t_us\":0,\"hosts\":1,"
		  "\"ports\":1,\"probes\":1,\"tech\":\"syn,\",\"seed\":1,"
		  "\"plan\":\"0000000000000000\"}",
		    NULL },
		{ "{\"ev\":\"start\",\"seq\":0,\"t_us\":0,\"hosts\":1,"
		  "\"ports\":1,\"probes\":1,\"tech\":\"syn\",\"seed\":1,"
		  "\"shard\":3,\"shards\":3,\"plan\":\"0000000000000000\"}",
		    "\"start\": \"shard\" is not below \"shards\"" },
		{ "{\"ev\":\"start\",\"seq\":0,\"t_us\":0,\"hosts\":1,"
		  "\"ports\":1,\"probes\":1,\"tech\":\"syn\",\"seed\":1,"
		  "\"plan\":\"000000000000000G\"}",
		    "\"start\": \"plan\" is not 16 hexadecimal digits" },
		{ "{\"ev\":\"target\",\"seq\":0,\"t_us\":0,\"name\":\"a\"}",
		    "\"target\": either \"addr\" or \"error\"" },
		{ "{\"ev\":\"host\",\"seq\":0,\"t_us\":0,\"addr\":\"::1\","
		  "\"pos\":0,\"up\":1,\"reason\":\"reset\"}",
		    "\"host\": \"up\" is not true or false" },
	};
	struct scan_event e = { .seq = 77 };
	char *cause;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		cause = NULL;
		assert_int_equal(
		    scan_event_parse(t[i].line, strlen(t[i].line), &e, &cause),
		    -EBADMSG);
		assert_non_null(cause);
		if (t[i].cause != NULL)
			assert_string_equal(cause, t[i].cause);
		assert_true(text_is_clean(cause, strlen(cause)));
		assert_int_equal(e.seq, 77);
		free(cause);
	}
}

/* A later version may say more. */
static void
newer_events(void **state)
{
	static const char note[] =
	    "{\"ev\":\"note\",\"seq\":3,\"t_us\":0,\"text\":\"x\","
	    "\"colour\":{\"a\":[1]}}",
			  unknown[] = "{\"ev\":\"dance\",\"seq\":4,\"t_us\":0}",
			  hello[] = "{\"ev\":\"hello\",\"seq\":0,\"t_us\":0,"
				    "\"v\":2}";
	struct scan_event e;
	char *cause = NULL;

	(void)state;
	assert_int_equal(
	    scan_event_parse(note, sizeof(note) - 1, &e, &cause), 0);
	assert_string_equal(e.note.text, "x");
	assert_int_equal(
	    scan_event_parse(unknown, sizeof(unknown) - 1, &e, &cause),
	    -ENOMSG);
	assert_int_equal(e.seq, 4); /* it counts, too */
	assert_int_equal(
	    scan_event_parse(hello, sizeof(hello) - 1, &e, &cause), 0);
	assert_int_equal(e.hello.version, 2);
}

static void
long_lines(void **state)
{
	struct buf b = { 0 };
	struct scan_event e;
	char *cause = NULL;

	(void)state;
	buf_puts(&b, "{\"ev\":\"note\",\"seq\":0,\"t_us\":0,\"text\":\"\"");
	buf_pad(&b, ' ', SCAN_LINE_MAX - 2 - b.len);
	buf_putc(&b, '}');
	assert_int_equal(b.len, SCAN_LINE_MAX - 1);
	assert_int_equal(scan_event_parse(b.data, b.len, &e, &cause), 0);
	buf_putc(&b, ' ');
	assert_int_equal(scan_event_parse(b.data, b.len, &e, &cause), -EBADMSG);
	assert_string_equal(cause, "a line of more than 4096 bytes");
	free(cause);
	buf_done(&b);
}

/* -- requests ------------------------------------------------------------- */

static void
some_list(uint64_t *seed, struct buf *b, char between, size_t max)
{
	size_t n = number(seed, max);

	while (b->len < n) {
		if (b->len > 0)
			buf_putc(b, between);
		buf_printf(b, "%s%u", between == ',' ? "" : "10.0.",
		    (unsigned)number(seed, 65535));
	}
}

static void
some_spec(uint64_t *seed, struct scan_spec *s)
{
	struct buf ports = { 0 };
	size_t i, n;

	scan_spec_init(s);
	some_list(seed, &s->targets, ' ', 20000);
	some_list(seed, &s->exclude, ' ', 9000);
	some_list(seed, &s->ports, ',', 9000);
	s->how = (unsigned)number(seed, 31);
	s->family = (uint8_t)(number(seed, 2) * 2);
	if (s->family == 2)
		s->family = 6;
	s->tell = (enum scan_tell)number(seed, SCAN_TELL_ALL);
	s->no_ping = number(seed, 1);
	s->in_order = number(seed, 1);
	s->force = number(seed, 1);
	s->seeded = number(seed, 1);
	if (s->seeded)
		s->seed = number(seed, SCAN_NUMBER_MAX);
	s->nshards = (uint32_t)number(seed, 100);
	if (s->nshards > 0)
		s->shard = (uint32_t)number(seed, s->nshards - 1);
	s->timing = (uint8_t)number(seed, 5);
	s->min_rate = (uint32_t)number(seed, UINT32_MAX);
	s->max_rate = (uint32_t)number(seed, UINT32_MAX);
	s->max_parallel = (uint32_t)number(seed, UINT32_MAX);
	s->host_timeout_ms = number(seed, SCAN_NUMBER_MAX);
	s->max_retries = (int)number(seed, 1001) - 1;
	s->hosts_done = number(seed, SCAN_NUMBER_MAX);
	s->plan = number(seed, SCAN_NUMBER_MAX);
	s->no_sandbox = number(seed, 1);
	s->budget_ms = (uint32_t)number(seed, 600000);
	s->intensity = (int)number(seed, 10) - 1;
	s->checks = number(seed, 1);
	some_text(seed, s->probes, sizeof(s->probes), true);
	s->parent = (uint32_t)number(seed, INT32_MAX);
	for (i = 0, n = number(seed, 50); i < n; i++) {
		buf_reset(&ports);
		some_list(seed, &ports, ',', 300);
		scan_spec_add_done(s, number(seed, SCAN_NUMBER_MAX),
		    ports.len > 0 ? ports.data : NULL);
	}
	buf_done(&ports);
}

/* Fields that are numbers are compared by writing them again. */
static void
assert_specs_equal(const struct scan_spec *a, const struct scan_spec *b)
{
	struct buf x = { 0 }, y = { 0 };

	assert_int_equal(a->targets.len, b->targets.len);
	assert_int_equal(a->ndone, b->ndone);
	scan_request_put(&x, a);
	scan_request_put(&y, b);
	assert_string_equal(x.data, y.data);
	assert_int_equal(a->seeded, b->seeded);
	assert_int_equal(a->max_retries, b->max_retries);
	assert_int_equal(a->timing, b->timing);
	buf_done(&x);
	buf_done(&y);
}

/* All lines of it, as the worker reads them. Returns how many there were. */
static size_t
take_request(const struct buf *b, struct scan_spec *s)
{
	const char *line = b->data, *end;
	bool whole = false;
	enum scan_op op;
	char *cause = NULL;
	size_t n;

	scan_spec_init(s);
	for (n = 0; line < b->data + b->len; n++, line = end + 1) {
		end = strchr(line, '\n');
		assert_false(whole);
		assert_true(end + 1 - line <= SCAN_LINE_MAX);
		if (scan_request_parse(line, (size_t)(end - line), s, &op,
			&whole, &cause) != 0)
			fail_msg("%s in %.*s", cause, (int)(end - line), line);
		assert_int_equal(n == 0, op == SCAN_OP_SCAN);
	}
	assert_true(whole);
	return n;
}

static void
requests_come_back(void **state)
{
	uint64_t seed = seed_begin(__func__);
	struct scan_spec in, out, copy;
	struct buf b = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 300; i++) {
		some_spec(&seed, &in);
		buf_reset(&b);
		scan_request_put(&b, &in);
		(void)take_request(&b, &out);
		assert_specs_equal(&in, &out);
		scan_spec_copy(&copy, &in);
		assert_specs_equal(&in, &copy);
		scan_spec_done(&in);
		scan_spec_done(&out);
		scan_spec_done(&copy);
	}
	buf_done(&b);
}

static void
request_text(void **state)
{
	struct scan_spec s;
	struct buf b = { 0 };

	(void)state;
	scan_spec_init(&s);
	buf_puts(&s.targets, "192.0.2.0/28");
	buf_puts(&s.ports, "T:1-1024");
	s.how = SCAN_CONNECT;
	s.seeded = true;
	s.seed = 0;
	scan_request_put(&b, &s);
	assert_string_equal(b.data,
	    "{\"op\":\"scan\",\"v\":1,\"tech\":\"connect\",\"seed\":0,"
	    "\"timing\":3,\"targets\":\"192.0.2.0/28\","
	    "\"ports\":\"T:1-1024\"}\n");
	buf_reset(&b);
	scan_op_put(&b, SCAN_OP_STOP);
	assert_string_equal(b.data, "{\"op\":\"stop\"}\n");
	buf_done(&b);
	scan_spec_done(&s);
}

static void
asks_come_back(void **state)
{
	uint64_t seed = seed_begin(__func__);
	struct scan_ask ask;
	struct scan_spec s;
	struct buf b = { 0 };
	enum scan_op op;
	char *cause;
	bool whole;
	int i;

	(void)state;
	for (i = 0; i < 300; i++) {
		memset(&ask, 0, sizeof(ask));
		some_addr(&seed, &ask.addr);
		ask.port = (uint16_t)number(&seed, UINT16_MAX);
		ask.open = (uint16_t)number(&seed, UINT16_MAX);
		ask.closed = (uint16_t)number(&seed, UINT16_MAX);
		ask.proto = (uint8_t)(number(&seed, 1) ? SOCK_TCP : SOCK_UDP);
		some_text(&seed, ask.host, sizeof(ask.host), true);
		buf_reset(&b);
		scan_ask_put(&b, &ask);
		scan_spec_init(&s);
		assert_int_equal(scan_request_parse(b.data, b.len - 1, &s, &op,
				     &whole, &cause),
		    0);
		assert_int_equal(op, SCAN_OP_ASK);
		assert_false(whole);
		assert_memory_equal(&ask, &s.ask, sizeof(ask));
		scan_spec_done(&s);
	}
	buf_done(&b);
}

/* A long list of a host's ports is cut, and each piece still says which
 * protocol its first port is of. */
static void
long_done(void **state)
{
	struct scan_spec in, out;
	struct buf b = { 0 }, ports = { 0 };
	unsigned i, n = 0;
	size_t k;

	(void)state;
	scan_spec_init(&in);
	buf_puts(&ports, "T:1");
	for (i = 3; i < 9999; i += 2)
		buf_printf(&ports, ",%u", i);
	buf_puts(&ports, ",U:53");
	for (i = 60001; i < 62000; i += 2)
		buf_printf(&ports, ",%u", i);
	scan_spec_add_done(&in, 12, ports.data);
	scan_request_put(&b, &in);
	assert_true(take_request(&b, &out) > 5);
	for (k = 0; k < out.ndone; k++) {
		assert_int_equal(out.done[k].pos, 12);
		assert_int_equal(out.done[k].ports[1], ':');
		assert_true(strlen(out.done[k].ports) < SCAN_WORD_MAX);
		for (i = 0; out.done[k].ports[i] != '\0'; i++)
			n += out.done[k].ports[i] == ',';
	}
	assert_int_equal(n + out.ndone, 5000 + 1000);
	scan_spec_done(&in);
	scan_spec_done(&out);
	buf_done(&ports);
	buf_done(&b);
}

static void
odd_requests(void **state)
{
	static const struct {
		const char *line, *cause;
	} t[] = {
		{ "scan", "not a line of the protocol: scan" },
		{ "{\"op\":\"scan\",\"exclud\":\"192.0.2.1\"}",
		    "unknown field: exclud" },
		{ "{\"op\":\"more\",\"seed\":1}", "unknown field: seed" },
		{ "{\"op\":\"dance\"}", "unknown \"op\": dance" },
		{ "{\"ev\":\"note\"}", "a line without \"op\"" },
		{ "{\"op\":\"scan\",\"v\":2}",
		    "\"v\": this worker speaks version 1" },
		{ "{\"op\":\"scan\",\"family\":5}",
		    "\"family\" is not 4 or 6" },
		{ "{\"op\":\"scan\",\"timing\":6}",
		    "\"scan\": \"timing\" is not a number of 0 to 5" },
		{ "{\"op\":\"scan\",\"tech\":\"xmas\"}",
		    "\"scan\": \"tech\" is not a word that is known here" },
		{ "{\"op\":\"scan\",\"shard\":1}",
		    "\"shard\" is not below \"shards\"" },
		{ "{\"op\":\"scan\",\"done\":\"1=;\"}",
		    "\"done\" is not a list of positions and ports" },
		{ "{\"op\":\"scan\",\"max_retries\":-2}",
		    "\"scan\": \"max_retries\" is not a number of -1 to "
		    "1000" },
		{ "{\"op\":\"ask\",\"addr\":\"192.0.2.1\",\"port\":22}",
		    "\"ask\" without \"proto\"" },
		{ "{\"op\":\"ask\",\"addr\":\"192.0.2.1\",\"port\":22,"
		  "\"proto\":\"tcp\",\"tech\":\"probe\"}",
		    "unknown field: tech" },
		{ "{\"op\":\"scan\",\"more\":1}",
		    "\"more\" is not true or false" },
	};
	struct scan_spec s;
	enum scan_op op;
	char *cause;
	bool whole;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		scan_spec_init(&s);
		cause = NULL;
		assert_int_equal(
		    scan_request_parse(
			t[i].line, strlen(t[i].line), &s, &op, &whole, &cause),
		    -EBADMSG);
		assert_string_equal(cause, t[i].cause);
		free(cause);
		scan_spec_done(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(addresses),
		cmocka_unit_test(events_come_back),
		cmocka_unit_test(event_text),
		cmocka_unit_test(dirty_text),
		cmocka_unit_test(odd_events),
		cmocka_unit_test(newer_events),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(requests_come_back),
		cmocka_unit_test(request_text),
		cmocka_unit_test(asks_come_back),
		cmocka_unit_test(long_done),
		cmocka_unit_test(odd_requests),
	};

	return cmocka_run_group_tests_name("scan_wire", tests, NULL, NULL);
}
