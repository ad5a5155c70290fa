/* SPDX-License-Identifier: ISC */
/* The journal: what is left of a scan wherever it was cut off. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "base/array.h"
#include "base/text.h"
#include "model/scan_journal.h"
#include "scan_sim.h"

static void
put(struct buf *b, const char *text)
{
	buf_puts(b, text);
}

static void
put_asked(struct buf *b, const struct scan_spec *spec, const char *command)
{
	scan_journal_put(
	    b, &(struct journal_asked){ .spec = spec, .command = command });
}

static void
make_spec(struct scan_spec *s)
{
	scan_spec_init(s);
	put(&s->targets, "10.0.0.0/24 web web/28 gone # a comment");
	put(&s->exclude, "10.0.0.7 backup");
	put(&s->ports, "T:100-108,U:100-108");
	s->tell = SCAN_TELL_ALL;
	s->max_rate = 1234;
	s->no_ping = s->force = true;
	s->host_timeout_ms = 5000;
	s->parent = 4711;
	s->no_sandbox = true;
	s->hosts_done = 3;
	scan_spec_add_done(s, 5, "T:1");
}

static struct scan_journal *
read_all(const char *data, size_t len, size_t step)
{
	struct scan_journal *j = scan_journal_new("file");
	char *cause;
	size_t at, n;

	for (at = 0; at < len; at += n) {
		n = len - at < step ? len - at : step;
		if (scan_journal_feed(j, data + at, n, NULL, NULL, &cause) != 0)
			fail_msg("%s", cause);
	}
	return j;
}

static void
test_header(void **state)
{
	struct journal_asked asked = { .began_s = 1764212345,
		.command = "sockdeck scan \033[1m -p- 10.0.0.0/24" };
	struct scan_spec spec, got;
	struct scan_journal *j;
	struct buf b = { 0 };
	char *cause;
	size_t step;

	(void)state;
	make_spec(&spec);
	asked.spec = &spec;
	scan_journal_put(&b, &asked);
	for (step = 1; step < 5000; step *= 7) {
		j = read_all(b.data, b.len, step);
		assert_false(scan_journal_is_new(j));
		assert_false(scan_journal_is_over(j));
		assert_int_equal(scan_journal_whole(j), b.len);
		assert_int_equal(scan_journal_began(j), 1764212345);
		assert_string_equal(scan_journal_command(j),
		    "sockdeck scan \\x1b[1m -p- 10.0.0.0/24");
		assert_false(scan_journal_no_dns(j));
		assert_null(scan_journal_start(j));
		assert_null(scan_journal_end(j));
		assert_non_null(scan_journal_asked(j));
		assert_int_equal(scan_journal_spec(j, &got, &cause), 0);
		assert_string_equal(got.targets.data, spec.targets.data);
		assert_string_equal(got.exclude.data, spec.exclude.data);
		assert_string_equal(got.ports.data, spec.ports.data);
		assert_int_equal(got.max_rate, 1234);
		assert_int_equal(got.host_timeout_ms, 5000);
		assert_true(got.no_ping && got.force);
		assert_int_equal(got.tell, SCAN_TELL_ALL);
		/* No seed was given, and none was taken yet. */
		assert_false(got.seeded);
		/* What was only that process's. */
		assert_int_equal(got.parent, 0);
		assert_false(got.no_sandbox);
		assert_int_equal(got.ndone, 0);
		assert_int_equal(got.hosts_done, 0);
		scan_spec_done(&got);
		scan_journal_free(j);
	}
	scan_spec_done(&spec);
	buf_done(&b);
}

/* A file of --jsonl: what was asked, behind the first hello. Cut anywhere, it
 * is a journal as soon as all of that is in it. */
static void
test_events(void **state)
{
	struct scan_spec spec, got;
	struct journal_asked asked = { .spec = &spec,
		.began_s = 1764212345,
		.command = "x",
		.no_dns = true };
	struct scan_event ev = { .type = SCAN_EV_HELLO };
	uint64_t seq = 1;
	struct scan_journal *j;
	struct buf b = { 0 }, again = { 0 };
	size_t whole, at;
	char *cause;
	int i, r;

	(void)state;
	make_spec(&spec);
	for (i = 0; i < 1000; i++)
		buf_printf(&spec.exclude, " 10.%d.%d.1", i / 200, i % 200);
	ev.hello.version = SCAN_PROTOCOL;
	scan_event_put(&b, &ev);
	scan_journal_put_events(&b, &asked, 77, &seq);
	assert_true(seq > 5);
	whole = b.len;
	ev = (struct scan_event){ .type = SCAN_EV_HOST, .seq = seq };
	ev.addr = sim_addr(1);
	ev.host.up = true;
	ev.host.pos = 7;
	scan_event_put(&b, &ev);
	ev = (struct scan_event){
		.type = SCAN_EV_PORT, .seq = seq + 1, .addr = sim_addr(1)
	};
	ev.port.port = 22;
	ev.port.proto = SOCK_TCP;
	scan_event_put(&b, &ev);
	/* A run that was appended says it once more. */
	buf_put(&again, b.data, b.len);
	buf_put(&b, again.data, again.len);
	for (at = 0; at <= b.len;
	     at += at < b.len && b.len - at < 13 ? 1 : 13) {
		j = read_all(b.data, at, 100);
		assert_int_equal(scan_journal_asked(j) != NULL, at >= whole);
		r = scan_journal_spec(j, &got, &cause);
		assert_int_equal(r, at >= whole ? 0 : -EINVAL);
		if (r == 0)
			scan_spec_done(&got);
		else
			free(cause);
		scan_journal_free(j);
	}
	j = read_all(b.data, b.len, 100);
	assert_true(scan_journal_no_dns(j));
	assert_int_equal(scan_journal_began(j), 1764212345);
	assert_string_equal(scan_journal_command(j), "x");
	assert_int_equal(scan_journal_spec(j, &got, &cause), 0);
	assert_string_equal(got.targets.data, spec.targets.data);
	assert_string_equal(got.exclude.data, spec.exclude.data);
	assert_int_equal(got.max_rate, 1234);
	assert_int_equal(got.hosts_done, 0);
	assert_int_equal(got.ndone, 1);
	assert_int_equal(got.done[0].pos, 7);
	scan_spec_done(&got);
	scan_journal_free(j);
	scan_spec_done(&spec);
	buf_done(&b);
	buf_done(&again);
}

/* A list that needs many lines. */
static void
test_long_request(void **state)
{
	struct scan_spec spec, got;
	struct scan_journal *j;
	struct buf b = { 0 };
	char *cause;
	int i;

	(void)state;
	scan_spec_init(&spec);
	for (i = 0; i < 5000; i++)
		buf_printf(&spec.targets, "%s10.%d.%d.1", i > 0 ? " " : "",
		    i / 200, i % 200);
	put_asked(&b, &spec, "");
	j = read_all(b.data, b.len, 4096);
	assert_int_equal(scan_journal_spec(j, &got, &cause), 0);
	assert_string_equal(got.targets.data, spec.targets.data);
	scan_spec_done(&got);
	scan_journal_free(j);
	/* Cut within: it cannot be resumed, and says so. */
	j = read_all(b.data, b.len / 2, 4096);
	assert_null(scan_journal_asked(j));
	assert_int_equal(scan_journal_spec(j, &got, &cause), -EINVAL);
	assert_non_null(strstr(cause, "file: it ends before it says"));
	free(cause);
	scan_journal_free(j);
	scan_spec_done(&spec);
	buf_done(&b);
}

static void
count_port(void *arg, const struct scan_event *ev)
{
	unsigned(*count)[SIM_PORTS] = arg;

	if (ev->type == SCAN_EV_PORT)
		count[ev->addr.addr[3]][ev->port.port - 100]++;
}

static void
check_all_once(const char *data, size_t len)
{
	unsigned count[SIM_HOSTS][SIM_PORTS] = { 0 }, i, k;
	struct scan_journal *j = scan_journal_new("file");
	char *cause;

	if (scan_journal_feed(j, data, len, count_port, count, &cause) != 0)
		fail_msg("%s", cause);
	assert_true(scan_journal_is_over(j));
	for (i = 0; i < SIM_HOSTS; i++)
		for (k = 0; k < SIM_PORTS; k++)
			if (count[i][k] != (i % 5 == 3 ? 0 : 1))
				fail_msg("host %u port %u: %u times", i, k,
				    count[i][k]);
	scan_journal_free(j);
}

/* Cut after so many bytes, go on as often as it takes: every port once, and
 * what was torn is told again. */
static void
test_cut_everywhere(void **state)
{
	struct scan_spec spec, left;
	struct buf file = { 0 }, header = { 0 };
	struct scan_journal *j;
	char *cause;
	uint64_t seed = 7;
	unsigned round, runs;

	(void)state;
	scan_spec_init(&spec);
	put(&spec.targets, "10.0.0.0/24");
	put(&spec.exclude, "10.0.0.7 10.1.0.0/16");
	put_asked(&header, &spec, "x");
	for (round = 0; round < 400; round++) {
		buf_reset(&file);
		buf_put(&file, header.data, header.len);
		for (runs = 0;; runs++) {
			assert_true(runs < 50);
			j = read_all(file.data, file.len, 1000);
			assert_int_equal(
			    scan_journal_spec(j, &left, &cause), 0);
			assert_string_equal(
			    left.exclude.data, spec.exclude.data);
			file.len = (size_t)scan_journal_whole(j);
			if (scan_journal_is_over(j))
				break;
			size_t from = file.len, n;

			if (runs > 0 && scan_journal_start(j) != NULL)
				assert_true(left.seeded && left.seed == 99 &&
					    left.how == (SCAN_SYN | SCAN_UDP));
			sim_run(&left, &file, seed);
			seed = hash_mix(seed + round);
			n = file.len - from;
			file.len = from + (size_t)(seed % (n + n / 2 + 1));
			if (file.len > from + n)
				file.len = from + n;
			scan_journal_free(j);
			scan_spec_done(&left);
		}
		check_all_once(file.data, file.len);
		scan_journal_free(j);
		scan_spec_done(&left);
	}
	scan_spec_done(&spec);
	buf_done(&file);
	buf_done(&header);
}

static void
test_names(void **state)
{
	static const char lines[] =
	    "{\"ev\":\"hello\",\"seq\":0,\"t_us\":0,\"v\":1}\n"
	    "{\"ev\":\"target\",\"seq\":1,\"t_us\":0,\"name\":\"web\","
	    "\"addr\":\"10.9.0.1\"}\n"
	    "{\"ev\":\"target\",\"seq\":2,\"t_us\":0,\"name\":\"gone\","
	    "\"error\":\"no such name\"}\n"
	    "{\"ev\":\"target\",\"seq\":3,\"t_us\":0,\"name\":\"backup\","
	    "\"addr\":\"10.9.0.2\",\"others\":1}\n";
	struct scan_spec spec, got;
	struct scan_journal *j;
	struct buf b = { 0 };
	char *cause;

	(void)state;
	make_spec(&spec);
	put_asked(&b, &spec, "x");
	put(&b, lines);
	j = read_all(b.data, b.len, 100);
	assert_int_equal(scan_journal_spec(j, &got, &cause), 0);
	assert_string_equal(
	    got.targets.data, "10.0.0.0/24 10.9.0.1 10.9.0.1/28");
	/* Whatever else it is called by now stays excluded, too. */
	assert_string_equal(got.exclude.data, "10.0.0.7 backup 10.9.0.2");
	scan_spec_done(&got);
	scan_journal_free(j);
	scan_spec_done(&spec);
	buf_done(&b);
}

/* All ports of a host: a set in place of a list. */
static void
test_many_ports(void **state)
{
	struct scan_event ev = { .type = SCAN_EV_HELLO };
	struct scan_spec spec, got;
	struct scan_journal *j;
	struct buf b = { 0 };
	char *cause;
	unsigned i;

	(void)state;
	scan_spec_init(&spec);
	put(&spec.targets, "10.0.0.1");
	put_asked(&b, &spec, "x");
	ev.hello.version = 1;
	scan_event_put(&b, &ev);
	ev = (struct scan_event){
		.type = SCAN_EV_HOST, .seq = 1, .addr = sim_addr(1)
	};
	ev.host.up = true;
	ev.host.pos = 7;
	scan_event_put(&b, &ev);
	for (i = 0; i < 65535; i++) {
		ev = (struct scan_event){
			.type = SCAN_EV_PORT, .seq = i + 2, .addr = sim_addr(1)
		};
		ev.port.port = (uint16_t)(i * 7919 + 1);
		ev.port.proto = SOCK_TCP;
		ev.port.state = SCAN_CLOSED;
		ev.port.reason = REASON_RESET;
		scan_event_put(&b, &ev);
	}
	j = read_all(b.data, b.len, 65536);
	assert_int_equal(scan_journal_spec(j, &got, &cause), 0);
	assert_int_equal(got.ndone, 1);
	assert_int_equal(got.done[0].pos, 7);
	/* All but the one that comes after the others. */
	assert_non_null(strstr(got.done[0].ports, "T:"));
	assert_true(strlen(got.done[0].ports) < 40);
	scan_spec_done(&got);
	scan_journal_free(j);
	scan_spec_done(&spec);
	buf_done(&b);
}

#define HEAD "{\"journal\":1,\"began\":5,\"command\":\"c\"}\n"
#define ASK  "{\"op\":\"scan\",\"v\":1,\"targets\":\"10.0.0.1\"}\n"
#define HI   "{\"ev\":\"hello\",\"seq\":0,\"t_us\":0,\"v\":1}\n"
#define START(seq, seed)                                            \
	"{\"ev\":\"start\",\"seq\":" seq ",\"t_us\":0,\"hosts\":1," \
	"\"ports\":1,\"probes\":1,\"tech\":\"syn\",\"seed\":" seed  \
	",\"plan\":\"00000000000000ab\"}\n"
#define NOTE(seq) \
	"{\"ev\":\"note\",\"seq\":" seq ",\"t_us\":0,\"text\":\"n\"}\n"
#define LATER(seq) "{\"ev\":\"new_thing\",\"seq\":" seq ",\"t_us\":0}\n"

static void
test_wrong(void **state)
{
	static const struct {
		const char *text, *want;
	} wrong[] = {
		{ "\n", "file, line 1: this is no journal" },
		{ "hello\n", "file, line 1: this is no journal" },
		{ "{}\n", "file, line 1: this is no journal" },
		{ "{\"journal\":2}\n", "line 1: it is a journal of version 2" },
		{ "{\"journal\":\"1\"}\n", "line 1: this is no journal" },
		{ HEAD HI, "line 2: " },
		{ HEAD "{\"op\":\"stop\"}\n", "line 2: not what a request" },
		{ HEAD "{\"op\":\"go\"}\n", "line 2: not what a request" },
		{ HEAD "{\"op\":\"scan\",\"x\":1}\n", "line 2: unknown field" },
		{ HEAD ASK ASK, "line 3: not a line of a journal" },
		{ HEAD ASK "junk\n", "line 3: not a line of a journal" },
		{ HEAD ASK HI "junk\n" NOTE("1"), "line 4: not a line" },
		{ HEAD ASK HI "\n" NOTE("1"), "line 4: not a line" },
		{ HEAD ASK HI NOTE("1") "{\"ev\":\"po\n",
		    "line 5: not a line" },
		{ HEAD ASK HI NOTE("1") HEAD, "line 5: not a line" },
		{ HEAD ASK NOTE("0"), "line 3: a run begins with its hello" },
		{ HI NOTE("2"), "line 2: event 1 is missing: this one is 2" },
		{ HI NOTE("1") NOTE("1"), "line 3: event 2 is missing" },
		{ HI LATER("1") NOTE("3"), "line 3: event 2 is missing" },
		{ HI "{\"ev\":\"port\",\"seq\":1,\"t_us\":0}\n", "line 2: " },
		{ HI START("1", "7") HI START("1", "8"),
		    "line 4: this run is of another scan" },
	};
	struct scan_journal *j;
	char *cause;
	size_t i, k, len;
	int r;

	(void)state;
	for (i = 0; i < nitems(wrong); i++) {
		j = scan_journal_new("file");
		len = strlen(wrong[i].text);
		cause = NULL;
		for (r = 0, k = 0; r == 0 && k < len; k++)
			r = scan_journal_feed(
			    j, wrong[i].text + k, 1, NULL, NULL, &cause);
		if (r != -EBADMSG)
			fail_msg("%s: taken", wrong[i].text);
		if (strstr(cause, wrong[i].want) == NULL ||
		    !text_is_clean(cause, strlen(cause)))
			fail_msg("%s: %s", wrong[i].text, cause);
		free(cause);
		scan_journal_free(j);
	}
}

static void
test_right(void **state)
{
	static const struct {
		const char *text;
		bool is_new;
	} right[] = {
		{ "", true },
		{ "{\"jour", true },
		{ "{\"journal\":1,\"comm", true },
		{ "my notes", false },
		{ HEAD, false },
		{ HEAD ASK, false },
		{ HI START("1", "7") LATER("2") NOTE("3") HI START("1", "7"),
		    false },
		{ HEAD ASK HI NOTE("1") HI NOTE("1") NOTE("2") "{\"ev", false },
	};
	struct scan_spec got;
	struct scan_journal *j;
	char *cause;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(right); i++) {
		j = read_all(right[i].text, strlen(right[i].text), 3);
		assert_int_equal(scan_journal_is_new(j), right[i].is_new);
		scan_journal_free(j);
	}
	/* Events alone can be merged, not resumed. */
	j = read_all(HI, strlen(HI), 9);
	assert_int_equal(scan_journal_spec(j, &got, &cause), -EINVAL);
	assert_non_null(strstr(cause, "only a file of --resume"));
	free(cause);
	scan_journal_free(j);
}

/* No line has no end. */
static void
test_endless(void **state)
{
	struct scan_journal *j = scan_journal_new("file");
	struct buf b = { 0 };
	char *cause;

	(void)state;
	buf_pad(&b, '{', 100000);
	assert_int_equal(
	    scan_journal_feed(j, b.data, b.len, NULL, NULL, &cause), -EBADMSG);
	assert_non_null(strstr(cause, "line 1: it is longer"));
	free(cause);
	scan_journal_free(j);
	buf_done(&b);
}

static void
put_event(struct buf *b, uint64_t *seq, struct scan_event e)
{
	e.seq = (*seq)++;
	scan_event_put(b, &e);
}

static void
put_port(struct buf *b, uint64_t *seq, uint8_t proto, uint16_t port,
    enum scan_state state)
{
	struct scan_event e = { .type = SCAN_EV_PORT,
		.addr = { .family = 4, .addr = { 10 } } };

	e.port.proto = proto;
	e.port.port = port;
	e.port.state = state;
	put_event(b, seq, e);
}

static void
put_service(struct buf *b, uint64_t *seq, uint8_t proto, uint16_t port)
{
	struct scan_event e = { .type = SCAN_EV_SERVICE,
		.addr = { .family = 4, .addr = { 10 } } };

	e.service.proto = proto;
	e.service.port = port;
	put_event(b, seq, e);
}

/* One host's ports: what need not be asked again. */
static char *
done_of(unsigned how, unsigned nsilent)
{
	struct scan_event e = { .type = SCAN_EV_HELLO };
	struct scan_spec spec, left;
	struct scan_journal *j;
	struct buf b = { 0 };
	uint64_t seq = 0;
	char *cause, *done;
	unsigned i;

	scan_spec_init(&spec);
	put(&spec.targets, "10.0.0.0");
	put_asked(&b, &spec, "");
	e.hello.version = SCAN_PROTOCOL;
	put_event(&b, &seq, e);
	e = (struct scan_event){ .type = SCAN_EV_START };
	e.start.how = how;
	e.start.hosts = 1;
	put_event(&b, &seq, e);
	e = (struct scan_event){ .type = SCAN_EV_HOST,
		.addr = { .family = 4, .addr = { 10 } } };
	e.host.up = true;
	put_event(&b, &seq, e);
	put_port(&b, &seq, SOCK_TCP, 22, SCAN_OPEN);
	put_port(&b, &seq, SOCK_TCP, 25, SCAN_CLOSED);
	put_port(&b, &seq, SOCK_TCP, 80, SCAN_OPEN);
	put_port(&b, &seq, SOCK_TCP, 443, SCAN_FILTERED);
	for (i = 1; i <= nsilent; i++)
		put_port(&b, &seq, SOCK_UDP, (uint16_t)i, SCAN_OPEN_FILTERED);
	put_service(&b, &seq, SOCK_TCP, 80);
	put_service(&b, &seq, SOCK_UDP, 2);
	j = read_all(b.data, b.len, 100);
	assert_int_equal(scan_journal_spec(j, &left, &cause), 0);
	assert_int_equal(left.ndone, 1);
	done = xstrdup(left.done[0].ports);
	scan_spec_done(&left);
	scan_spec_done(&spec);
	scan_journal_free(j);
	buf_done(&b);
	return done;
}

/* An open port is settled when it was told what is behind it. */
static void
test_services(void **state)
{
	static const struct {
		unsigned how, nsilent;
		const char *done;
	} t[] = {
		{ SCAN_SYN | SCAN_UDP, 3, "T:22,25,80,443,U:1-3" },
		{ SCAN_SYN | SCAN_UDP | SCAN_PROBE, 3, "T:25,80,443,U:2" },
		{ SCAN_SYN | SCAN_UDP | SCAN_PROBE, SCAN_PROBE_SILENT_MAX,
		    "T:25,80,443,U:2" },
		/* Too many are silent for any to be asked. */
		{ SCAN_SYN | SCAN_UDP | SCAN_PROBE, SCAN_PROBE_SILENT_MAX + 1,
		    "T:25,80,443,U:1-26" },
		{ SCAN_SYN | SCAN_UDP | SCAN_PROBE, 40, "T:25,80,443,U:1-40" },
	};
	char *done;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		done = done_of(t[i].how, t[i].nsilent);
		assert_string_equal(done, t[i].done);
		free(done);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_long_request),
		cmocka_unit_test(test_cut_everywhere),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_many_ports),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_right),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
