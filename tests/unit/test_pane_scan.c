/* SPDX-License-Identifier: ISC */
/* Scans in the deck, with workers that only talk: see deck_help.h. */
#include "config.h"

#include "deck_help.h"

#include <malloc.h>

#include "ui/scan.h"

/* -- services that scan nothing ----------------------------------------------- */

static struct {
	unsigned id; /* given last */
	char *line;  /* asked for last */
	bool sure, self;
	int refuse;       /* -errno of scan_start */
	const char *said; /* and why */
	const char *what; /* in place of the line's last word */
	unsigned starts, agains, forgot, saves;
	bool with_rest;
	int again_fails;
	int op; /* the last one; -1: none */
	char *path;
} s;

static int
scan_start(void *arg, const char *line, bool sure, struct scan_order *ret,
    char **cause)
{
	const char *what = strrchr(line, ' ');

	(void)arg;
	free(s.line);
	s.line = xstrdup(line);
	s.sure = sure;
	if (s.refuse != 0 && !sure) {
		*cause = xstrdup(s.said);
		return s.refuse;
	}
	s.starts++;
	ret->id = ++s.id;
	what = what == NULL ? line : what + 1;
	ret->targets = xstrdup(*what == '\0' ? line : what);
	ret->what = xstrdup(s.what != NULL ? s.what : ret->targets);
	ret->worker = 4000 + (pid_t)ret->id;
	ret->checks = strstr(line, "--script safe") != NULL;
	if (s.self) {
		ret->self = true;
		ret->netns = 1;
		ret->asked = xcalloc(1, sizeof(*ret->asked));
		portset_add_range(&ret->asked->tcp, 1, 65535);
		free(ret->targets);
		ret->targets = xstrdup("127.0.0.1");
	}
	return 0;
}

static int
scan_anew(void *arg, unsigned id, bool rest, char **cause)
{
	(void)arg;
	if (s.again_fails != 0) {
		*cause = xstrdup("no more processes");
		return s.again_fails;
	}
	s.agains++;
	s.with_rest = rest;
	ui_scan_worker(t.ui, id, 5000 + (pid_t)s.agains);
	return 0;
}

static int
scan_told(void *arg, unsigned id, enum scan_op op, char **cause)
{
	(void)arg;
	(void)id;
	(void)cause;
	s.op = (int)op;
	return 0;
}

static void
scan_forgotten(void *arg, unsigned id)
{
	(void)arg;
	(void)id;
	s.forgot++;
}

static int
scan_saved(void *arg, unsigned id, struct scan_report *r, const char *path,
    char **cause)
{
	(void)arg;
	(void)id;
	(void)r;
	if (strstr(path, ".doc") != NULL) {
		*cause = xstrdup("no such form");
		return -EINVAL;
	}
	free(s.path);
	s.path = xstrdup(path);
	s.saves++;
	return 0;
}

static const char *
scan_option(void *arg, size_t i, const char **takes, const char **help)
{
	static const char *const words[] = { "-p", "-sS", "-sU", "--open" };

	(void)arg;
	*takes = i == 0 ? "PORTS" : NULL;
	*help = "what it does";
	return i < 4 ? words[i] : NULL;
}

static const struct scan_services scan_services = { .start = scan_start,
	.again = scan_anew,
	.op = scan_told,
	.forget = scan_forgotten,
	.save = scan_saved,
	.option = scan_option };
static struct services scanning;

static int
setup_scan(void **state)
{
	memset(&s, 0, sizeof(s));
	s.op = -1;
	(void)setup(state);
	scanning = services;
	scanning.scan = &scan_services;
	t.ui->services = &scanning;
	return 0;
}

static int
teardown_scan(void **state)
{
	free(s.line);
	free(s.path);
	return teardown(state);
}

/* -- what a worker says ----------------------------------------------------------- */

static struct scan_addr
addr(const char *text)
{
	struct scan_addr a;

	assert_true(scan_addr_parse(&a, text));
	return a;
}

static void
say(unsigned id, struct scan_event e)
{
	ui_scan_event(t.ui, id, &e);
}

static void
say_start(unsigned id, unsigned how, uint64_t hosts)
{
	say(id, (struct scan_event){ .type = SCAN_EV_HELLO,
		    .hello = { .version = SCAN_PROTOCOL } });
	say(id, (struct scan_event){ .type = SCAN_EV_START,
		    .start = { .hosts = hosts,
			.probes = hosts * 1000,
			.ports = 1000,
			.how = how } });
}

static void
say_port(unsigned id, const char *at, uint16_t port, enum scan_state state)
{
	struct scan_event e = { .type = SCAN_EV_PORT,
		.addr = addr(at),
		.port = { .port = port,
		    .proto = SOCK_TCP,
		    .state = state,
		    .reason = state == SCAN_OPEN ? REASON_SYN_ACK
						 : REASON_NO_RESPONSE } };

	strlcpy(e.port.service, port == 22 ? "ssh" : "", 4);
	say(id, e);
}

/* A Redis that asks for no password. */
static void
say_redis(unsigned id, const char *at, uint16_t port)
{
	struct scan_event e = { .type = SCAN_EV_FACT,
		.addr = addr(at),
		.fact = { .port = port,
		    .proto = SOCK_TCP,
		    .name = "auth",
		    .value = "none" } };

	say(id, e);
	memset(&e, 0, sizeof(e));
	e.type = SCAN_EV_SERVICE;
	e.addr = addr(at);
	e.service.port = port;
	e.service.proto = SOCK_TCP;
	service_init(&e.service.info);
	strlcpy(e.service.info.name, "redis", 8);
	strlcpy(e.service.info.product, "Redis key-value store", 32);
	strlcpy(e.service.info.version, "7.0.15", 8);
	strlcpy(e.service.info.how, "redis", 8);
	strlcpy(e.service.info.evidence, "$3 redis_version:7.0.15", 32);
	e.service.info.method = SERVICE_BY_TALK;
	e.service.info.conf = 10;
	say(id, e);
}

static void
say_progress(unsigned id, uint64_t done, uint64_t probes)
{
	say(id, (struct scan_event){ .type = SCAN_EV_PROGRESS,
		    .progress = { .done = done,
			.probes = probes,
			.rate = 1200,
			.left_ms = 4000 } });
}

static void
say_end(unsigned id, int error, const char *cause)
{
	struct scan_event e = { .type = SCAN_EV_END,
		.end = { .error = error } };

	strlcpy(e.end.cause, cause, sizeof(e.end.cause));
	say(id, e);
	ui_scan_gone(t.ui, id, SCAN_GONE_ENDED, NULL);
}

static const struct want some[] = { { 22, SOCK_LISTEN },
	{ 1003, SOCK_ESTABLISHED }, { 0, 0 } };

static void
type(const char *text)
{
	for (; *text != '\0'; text++)
		ui_key(t.ui, *text);
	ui_read_end(t.ui);
}

/* The line of the screen that has this text, or -1. */
static int
line_of(const char *text)
{
	struct buf line = { 0 };
	int y, found = -1;

	assert_true(ui_paint(t.ui));
	for (y = 0; y < t.ui->rows && found < 0; y++) {
		screen_line(y, &line);
		if (strstr(line.data, text) != NULL)
			found = y;
	}
	buf_done(&line);
	return found;
}

/* -- asking ----------------------------------------------------------------------- */

static void
test_prompt(void **state)
{
	(void)state;
	reading(some);
	press("g P"); /* a listener: this machine */
	assert_string_equal(prompt_text(t.ui), "--self ");
	press("Esc G F7");
	assert_string_equal(prompt_text(t.ui), "127.0.0.1 ");
	type("-p- -T4");
	press("Enter");
	assert_string_equal(s.line, "127.0.0.1 -p- -T4");
	assert_false(s.sure);
	expect("Scan -T4: 127.0.0.1 -p- -T4", true); /* the tests' own name */
	/* A heading of all that has one peer is that peer. */
	cmd_run(t.ui, "group remote");
	press("S g P");
	assert_string_equal(prompt_text(t.ui), "127.0.0.1 ");
	press("Esc");
	cmd_run(t.ui, "group flat");
	/* And the line comes back. */
	press("P Up");
	assert_string_equal(prompt_text(t.ui), "127.0.0.1 -p- -T4");
	press("Esc");
	assert_int_equal(s.starts, 1);
	cmd_run(t.ui, "scan 10.0.0.7");
	assert_string_equal(s.line, "10.0.0.7");
	assert_int_equal(s.starts, 2);
}

static void
test_bad_line_stays(void **state)
{
	(void)state;
	reading(some);
	s.refuse = -EINVAL;
	s.said = "-p 70000: a port is 0 to 65535";
	press("P");
	prompt_set(t.ui, "-p 70000 x");
	press("Enter");
	assert_true(prompt_is_open(t.ui));
	assert_string_equal(prompt_text(t.ui), "-p 70000 x");
	expect("a port is 0 to 65535", true);
	press("Left");
	expect("a port is 0 to 65535", true);
	press("x");
	expect("a port is 0 to 65535", false);
	press("Esc");
	assert_int_equal(s.starts, 0);
	/* Nothing to scan is nothing. */
	press("P");
	prompt_set(t.ui, "  ");
	press("Enter");
	assert_false(prompt_is_open(t.ui));
	assert_int_equal(s.starts, 0);
}

static void
test_question(void **state)
{
	(void)state;
	s.refuse = -EAGAIN;
	s.said = "10.0.0.0/8 is 16,777,216 addresses. Is that meant?";
	cmd_run(t.ui, "scan 10.0.0.0/8");
	assert_int_equal(s.starts, 0);
	read_it();
	expect("16,777,216", true);
	press("Esc");
	assert_int_equal(s.starts, 0);
	cmd_run(t.ui, "scan 10.0.0.0/8");
	read_it();
	press("y");
	assert_int_equal(s.starts, 1);
	assert_true(s.sure);
	assert_string_equal(s.line, "10.0.0.0/8");
}

static void
test_readonly(void **state)
{
	(void)state;
	reading(some);
	t.ui->readonly = true;
	press("P");
	assert_false(prompt_is_open(t.ui));
	expect("scan: refused, --readonly is on", true);
	cmd_run(t.ui, "scan 10.0.0.1");
	assert_int_equal(s.starts, 0);
}

static void
test_not_offered(void **state)
{
	(void)state;
	reading(some);
	t.ui->services = &services;
	press("P");
	expect("scan: not offered here", true);
	press("S");
	expect("No scan yet", true);
}

static void
test_complete(void **state)
{
	(void)state;
	reading(some);
	press("G P");
	prompt_set(t.ui, "-s");
	press("Tab");
	assert_string_equal(prompt_text(t.ui), "-sS");
	press("Tab");
	assert_string_equal(prompt_text(t.ui), "-sU");
	press("Tab");
	assert_string_equal(prompt_text(t.ui), "-sS");
	prompt_set(t.ui, "-sS 127");
	press("Tab");
	assert_string_equal(prompt_text(t.ui), "-sS 127.0.0.1");
	prompt_set(t.ui, "-p 22,htt");
	press("Tab");
	assert_string_equal(prompt_text(t.ui), "-p 22,http");
	prompt_set(t.ui, "-pU:domai");
	press("Tab");
	assert_string_equal(prompt_text(t.ui), "-pU:domain");
	prompt_set(t.ui, "-zz");
	press("Tab");
	assert_string_equal(prompt_text(t.ui), "-zz");
	press("Esc");
}

/* -- what is found ------------------------------------------------------------------ */

static void
test_results(void **state)
{
	int first, second;

	(void)state;
	reading(some);
	cmd_run(t.ui, "scan 10.0.0.9");
	expect("starting", true);
	expect("Nothing was found yet", true);
	say_start(1, SCAN_SYN, 1);
	say_port(1, "10.0.0.9", 443, SCAN_OPEN);
	say_progress(1, 610, 1000);
	expect("SYN  [######----] 61%  1.2K/s  ETA 4", false); /* 80 is wide */
	expect("61%  1.2K/s  ETA 4", true);
	say_port(1, "10.0.0.9", 22, SCAN_OPEN);
	say_port(1, "10.0.0.9", 25, SCAN_FILTERED);
	expect("22/tcp    open      ssh", true);
	first = line_of("22/tcp");
	second = line_of("443/tcp");
	assert_true(first >= 0 && second > first);
	assert_true(line_of("25/tcp    filtered") == first + 1);
	expect("syn-ack", true);
	expect("2 open", true);
	expect("1 filtered", true);
	say(1, (struct scan_event){ .type = SCAN_EV_OS,
		   .addr = addr("10.0.0.9"),
		   .os = { .name = "Plan 9", .conf = 88 } });
	expect("10.0.0.9, Plan 9 (88%)", true);
	say(1, (struct scan_event){ .type = SCAN_EV_HOST_END,
		   .addr = addr("10.0.0.9"),
		   .host_end = { .tcp = 1000 } });
	pass(2500);
	say_end(1, SCAN_EXIT_DONE, "");
	expect("done in 2.", true);
	expect("997 closed", true);
	expect("1 of 1 host up", true);
	expect("r again", true);
}

static void
test_beside_and_below(void **state)
{
	(void)state;
	reading(some);
	cmd_run(t.ui, "scan 10.0.0.9");
	say_start(1, SCAN_CONNECT, 1);
	say_progress(1, 610, 1000);
	resize(30, 120);
	expect("connect  [######----] 61%  1.2K/s  ETA 4", true);
	assert_true(pane_scan_find(t.ui)->x > 60);
	resize(24, 80);
	assert_true(ui_paint(t.ui));
	assert_int_equal(pane_scan_find(t.ui)->x, 0);
	press("S");
	assert_null(pane_scan_find(t.ui));
	press("S");
	expect("61%", true);
	/* Beside a narrow table the keys take two lines: none is left out. */
	say_end(1, SCAN_EXIT_STOPPED, "");
	resize(34, 120);
	assert_int_equal(line_of("y copy"), line_of("R go on") + 1);
	expect("X close", true);
	/* So small that there is hardly room: how it stands, not that there
	 * are two; and what does not fit is left out as a whole. */
	cmd_run(t.ui, "scan 10.0.0.10");
	say_start(2, SCAN_CONNECT | SCAN_UDP, 1);
	say_progress(2, 610, 1000);
	resize(8, 40);
	expect("connect, UDP  61%  1.2K/s  ETA 4", true);
	press("w"); /* and what is typed is seen */
	expect("Save as: scan-10.0.0.10.txt", true);
	press("Esc");
	say_end(2, SCAN_EXIT_STOPPED, "");
	expect("stopped after", true);
	expect("at 61%", true);
}

static void
test_hosts(void **state)
{
	(void)state;
	cmd_run(t.ui, "scan 10.0.0.0/24");
	say_start(1, SCAN_SYN, 256);
	say_port(1, "10.0.0.20", 22, SCAN_OPEN);
	say_port(1, "10.0.0.3", 80, SCAN_FILTERED);
	say(1, (struct scan_event){ .type = SCAN_EV_HOST,
		   .addr = addr("10.0.0.7"),
		   .host = { .up = true, .reason = REASON_ECHO_REPLY } });
	say(1, (struct scan_event){ .type = SCAN_EV_TARGET,
		   .addr = addr("10.0.0.20"),
		   .target = { .name = "web" } });
	assert_true(line_of("10.0.0.3") < line_of("10.0.0.7"));
	assert_true(line_of("10.0.0.7") < line_of("10.0.0.20 (web)"));
	assert_true(line_of("10.0.0.20 (web)") < line_of("22/tcp"));
	expect("2 of 256 hosts up", true);
	/* P there is about the host of the line. */
	press("j j P");
	assert_string_equal(prompt_text(t.ui), "10.0.0.7 ");
	press("Esc g");
	press("o");
	expect("10.0.0.3", false);
	expect("2 hosts without an open port are not shown", true);
	expect("10.0.0.20 (web)", true);
	press("o");
	expect("10.0.0.3", true);
}

/* The cursor stays on its port, whatever comes before it. */
static void
test_cursor_stays(void **state)
{
	struct ui_scan *j;
	unsigned port;

	(void)state;
	cmd_run(t.ui, "scan 10.0.0.9");
	say_start(1, SCAN_SYN, 1);
	for (port = 100; port < 150; port++)
		say_port(1, "10.0.0.9", (uint16_t)port, SCAN_OPEN);
	assert_true(ui_paint(t.ui));
	press("j j j");
	expect(">  102/tcp", false);
	expect("> 102/tcp", true);
	for (port = 99; port > 50; port--)
		say_port(1, "10.0.0.9", (uint16_t)port, SCAN_OPEN);
	expect("> 102/tcp", true);
	j = scan_shown(t.ui);
	assert_int_equal(j->view.at, 52);
	press("/");
	type("141/tcp");
	press("Enter");
	expect("> 141/tcp", true);
	press("g");
	/* At the top it stays there. */
	say_port(1, "10.0.0.9", 1, SCAN_OPEN);
	expect("> 10.0.0.9", false);
	expect(">10.0.0.9", true);
}

static void
test_notes(void **state)
{
	struct scan_event e = { .type = SCAN_EV_NOTE };

	(void)state;
	cmd_run(t.ui, "scan 10.0.0.9");
	say_start(1, SCAN_SYN, 1);
	strlcpy(e.note.text,
	    "the network is narrower than the scan: it goes on at what the "
	    "network carries, and loses nothing",
	    sizeof(e.note.text));
	say(1, e);
	expect("Notes", true);
	expect("1 note  0 of 1 host up", true);
	expect("the network is narrower", true);
	expect("loses nothing", true);
	e = (struct scan_event){ .type = SCAN_EV_TARGET,
		.target = {
		    .name = "nosuch", .error = "no such host is known" } };
	say(1, e);
	expect("nosuch: no such host is known", true);
	say_end(1, SCAN_EXIT_FAILED, "the interface is gone");
	expect("failed after", true);
	expect("the interface is gone", true);
	expect("R go on", true);
}

/* What a worker says of its sandbox, without its own word for "not whole". */
static void
test_sandbox_note(void **state)
{
	struct scan_event e = { .type = SCAN_EV_HELLO,
		.hello = { .version = SCAN_PROTOCOL } };

	(void)state;
	cmd_run(t.ui, "scan 10.0.0.9");
	strlcpy(e.hello.sandbox, "partial: no Landlock in this kernel",
	    sizeof(e.hello.sandbox));
	say(1, e);
	expect("no Landlock", true);
	expect("partial", false);
	cmd_run(t.ui, "scan 10.0.0.8");
	strlcpy(e.hello.sandbox, "none", sizeof(e.hello.sandbox));
	say(2, e);
	expect("the worker runs without a sandbox", true);
	cmd_run(t.ui, "scan 10.0.0.7");
	strlcpy(e.hello.sandbox, "none: no seccomp; it keeps its groups",
	    sizeof(e.hello.sandbox));
	say(3, e);
	expect("without a sandbox: no seccomp; it keeps its groups", true);
	expect("none", false);
}

/* -- jobs ------------------------------------------------------------------------------ */

static void
test_tabs(void **state)
{
	(void)state;
	reading(some);
	cmd_run(t.ui, "scan 10.0.0.1");
	say_start(1, SCAN_SYN, 1);
	say_port(1, "10.0.0.1", 1, SCAN_OPEN);
	cmd_run(t.ui, "scan 10.0.0.2");
	say_start(2, SCAN_SYN, 1);
	say_port(2, "10.0.0.2", 2, SCAN_OPEN);
	say_progress(2, 500, 1000);
	expect(" 1 10.0.0.1 ..  2 10.0.0.2 50% ", true);
	expect("2/tcp", true);
	press("Left");
	expect(" 1/tcp", true);
	press("Right");
	expect(" 2/tcp", true);
	cmd_run(t.ui, "scan-tab 1");
	expect(" 1/tcp", true);
	cmd_run(t.ui, "scan-tab 3");
	expect("from 1 to 2", true);
	press("X");
	expect("it goes on still", true);
	/* The other one ends: that is told, and one can look at it. */
	say_end(2, SCAN_EXIT_DONE, "");
	expect("Scan of 10.0.0.2 is over: 1 open", true);
	press("> X");
	assert_int_equal(s.forgot, 1);
	expect(" 1/tcp", true);
	expect(" 2 10.0.0.2", false);
	say_end(1, SCAN_EXIT_DONE, "");
	press("X");
	assert_int_equal(s.forgot, 2);
	assert_null(pane_scan_find(t.ui));
	press("S");
	expect("No scan yet", true);
}

/* A press on a tab shows it, one on a line selects it. */
static void
test_mouse(void **state)
{
	int y;

	(void)state;
	reading(some);
	cmd_run(t.ui, "scan 10.0.0.1");
	say_start(1, SCAN_SYN, 1);
	say_port(1, "10.0.0.1", 1, SCAN_OPEN);
	say_port(1, "10.0.0.1", 5, SCAN_OPEN);
	cmd_run(t.ui, "scan 10.0.0.2");
	y = line_of(" 1 10.0.0.1");
	ui_mouse(t.ui, y, 4, MOUSE_LEFT);
	expect("5/tcp", true);
	y = line_of("5/tcp");
	ui_mouse(t.ui, y, 10, MOUSE_LEFT);
	expect("> 5/tcp", true);
}

static void
test_pause_and_stop(void **state)
{
	(void)state;
	cmd_run(t.ui, "scan 10.0.0.1");
	press("Space");
	expect("it has not begun", true);
	say_start(1, SCAN_SYN, 1);
	press("Space");
	assert_int_equal(s.op, SCAN_OP_PAUSE);
	expect("paused", true);
	expect("Space go on", true);
	press("Space");
	assert_int_equal(s.op, SCAN_OP_RESUME);
	press("r");
	expect("stop it first", true);
	press("x");
	assert_int_equal(s.op, SCAN_OP_STOP);
	expect("stopping", true);
	say_port(1, "10.0.0.1", 7, SCAN_OPEN);
	say_end(1, SCAN_EXIT_STOPPED, "");
	expect("stopped after", true);
	expect("7/tcp", true);
	/* What is left of it. */
	press("R");
	assert_int_equal(s.agains, 1);
	assert_true(s.with_rest);
	expect("7/tcp", true);
	say_start(1, SCAN_SYN, 1);
	say_port(1, "10.0.0.1", 7, SCAN_OPEN);
	say_port(1, "10.0.0.1", 8, SCAN_OPEN);
	expect("2 open", true);
	say_end(1, SCAN_EXIT_DONE, "");
	press("R");
	expect("nothing is left", true);
	press("r");
	assert_false(s.with_rest);
	expect("7/tcp", false);
}

/* H3: the deck lives, says so, and goes on; three times. */
static void
test_killed(void **state)
{
	unsigned i;

	(void)state;
	cmd_run(t.ui, "scan 10.0.0.1");
	say_start(1, SCAN_SYN, 1);
	say_port(1, "10.0.0.1", 7, SCAN_OPEN);
	for (i = 1; i <= SCAN_RESTARTS_MAX; i++) {
		ui_scan_gone(t.ui, 1, SCAN_GONE_KILLED,
		    "the worker was killed by signal 9");
		assert_int_equal(s.agains, i);
		assert_true(s.with_rest);
		assert_int_equal(scan_shown(t.ui)->worker, 5000 + i);
		say_start(1, SCAN_SYN, 1);
	}
	expect("7/tcp", true);
	expect("killed by signal 9: begun anew", true);
	ui_scan_gone(
	    t.ui, 1, SCAN_GONE_KILLED, "the worker was killed by signal 9");
	assert_int_equal(s.agains, SCAN_RESTARTS_MAX);
	expect("failed after", true);
	expect("7/tcp", true);
	press("R");
	assert_int_equal(s.agains, SCAN_RESTARTS_MAX + 1);
	assert_true(s.with_rest);
}

/* One that never came to work, that lied, or that was to wait, does not. */
static void
test_not_begun_anew(void **state)
{
	(void)state;
	cmd_run(t.ui, "scan 10.0.0.1");
	ui_scan_gone(t.ui, 1, SCAN_GONE_KILLED, "killed");
	expect("failed after", true);
	expect("killed", true);
	cmd_run(t.ui, "scan 10.0.0.2");
	say_start(2, SCAN_SYN, 1);
	ui_scan_gone(t.ui, 2, SCAN_GONE_BROKEN, "line 7 is no event");
	expect("line 7 is no event", true);
	cmd_run(t.ui, "scan 10.0.0.3");
	say_start(3, SCAN_SYN, 1);
	press("Space");
	ui_scan_gone(t.ui, 3, SCAN_GONE_KILLED, "killed");
	expect("failed after", true);
	cmd_run(t.ui, "scan 10.0.0.4");
	say_start(4, SCAN_SYN, 1);
	press("x");
	ui_scan_gone(t.ui, 4, SCAN_GONE_KILLED, "killed");
	expect("stopped after", true);
	assert_int_equal(s.agains, 0);
	/* And one that cannot be begun says why. */
	cmd_run(t.ui, "scan 10.0.0.5");
	say_start(5, SCAN_SYN, 1);
	s.again_fails = -EAGAIN;
	ui_scan_gone(t.ui, 5, SCAN_GONE_KILLED, "killed");
	expect("no more processes", true);
	expect("failed after", true);
	/* What comes after the end is nobody's. */
	say_port(5, "10.0.0.5", 7, SCAN_OPEN);
	ui_scan_gone(t.ui, 5, SCAN_GONE_BROKEN, "again");
	say_port(77, "10.0.0.5", 7, SCAN_OPEN);
}

static void
test_hidden_end_is_told(void **state)
{
	(void)state;
	reading(some);
	cmd_run(t.ui, "scan 10.0.0.1");
	say_start(1, SCAN_SYN, 1);
	press("S");
	say_end(1, SCAN_EXIT_FAILED, "no route");
	expect("Scan of 10.0.0.1: no route", true);
}

/* -- what is done with results ---------------------------------------------------------- */

static void
test_socket(void **state)
{
	(void)state;
	reading(some);
	cmd_run(t.ui, "scan 127.0.0.1");
	say_start(1, SCAN_SYN, 1);
	say_port(1, "127.0.0.1", 7, SCAN_OPEN);
	say_port(1, "127.0.0.1", 22, SCAN_OPEN);
	say_port(1, "127.0.0.1", 9, SCAN_OPEN);
	assert_true(ui_paint(t.ui));
	/* 7: the connection's peer. */
	press("j Enter");
	assert_int_equal(t.ui->cursor.cookie, 1003);
	press("j Enter"); /* 9 */
	expect("no socket of this machine", true);
	assert_int_equal(t.ui->cursor.cookie, 1003);
	press("j Enter"); /* 22 listens */
	assert_int_equal(t.ui->cursor.cookie, 22);
	expect("selected in the table", true);
	assert_true(ui_filter_set(t.ui, "port:1003"));
	press("Enter");
	expect("a filter hides it", true);
}

static void
test_copy_save_explain(void **state)
{
	(void)state;
	cmd_run(t.ui, "scan-copy");
	expect("there is none yet", true);
	cmd_run(t.ui, "scan 10.0.0.1");
	cmd_run(t.ui, "scan-copy");
	expect("nothing is selected", true);
	say_start(1, SCAN_SYN, 1);
	say_port(1, "10.0.0.1", 22, SCAN_OPEN);
	assert_true(ui_paint(t.ui));
	press("e");
	expect("no port is selected", true);
	press("j y");
	expect("clipboard: 10.0.0.1 22/tcp open ssh syn-ack", true);
	press("w");
	assert_string_equal(prompt_text(t.ui), "scan-10.0.0.1.txt");
	prompt_set(t.ui, "x.xml");
	press("Enter");
	assert_string_equal(s.path, "x.xml");
	expect("22/tcp", true);
	cmd_run(t.ui, "scan-save x.doc");
	expect("no such form", true);
	press("e");
	expect("ssh", true);
	press("Esc");
	/* Of several: a name as one would give it. */
	s.what = "10.0.0.0/8 +2";
	cmd_run(t.ui, "scan 10.0.0.0/8 b c");
	press("w");
	assert_string_equal(prompt_text(t.ui), "scan-10.0.0.0-8+2.txt");
	press("Esc");
}

/* i on a listener asks it; what it answers stands among the results, with what
 * is wrong, in words of its own pane, and in the table. */
static void
test_identify(void **state)
{
	struct row *row;
	struct view_ctx ctx = t.ui->view.ctx;
	struct value v;

	(void)state;
	reading(some);
	resize(34, 120);
	press("i");
	assert_string_equal(s.line, "-sV --script safe -n -Pn -p 22 127.0.0.1");
	say_start(1, SCAN_CONNECT | SCAN_PROBE, 1);
	say_port(1, "127.0.0.1", 22, SCAN_OPEN);
	expect("connect, services", true);
	say_redis(1, "127.0.0.1", 22);
	expect("redis  Redis key-value", true);
	expect("critical: Redis answers without a password", true);
	press("G");
	expect("Remedy: ", true);
	press("i");
	expect("What answers", true);
	expect("its protocol was spoken (redis), 10 of 10 sure", true);
	expect("auth", true);
	press("Esc");
	row = scan_listener(t.ui,
	    &(struct scan_addr){ .family = 4, .addr = { 127, 0, 0, 1 } }, 22,
	    SOCK_TCP);
	assert_non_null(row);
	assert_true(column_find("answers")->get(row, &ctx, &v));
	assert_string_equal(v.s, "redis Redis key-value store 7.0.15");
	/* A connection: its other end. What is in a recording is elsewhere. */
	say_end(1, SCAN_EXIT_DONE, "");
	press("Tab");
	press("j i");
	assert_non_null(strstr(s.line, " -p "));
	assert_int_equal(s.starts, 2);
	t.ui->source.source = SOURCE_FILE;
	press("Tab g i");
	expect("it is a recording", true);
	assert_int_equal(s.starts, 2);
}

/* Of two at all addresses, the one of that family answers; the other only for
 * it where nobody else does. */
static void
test_both_families(void **state)
{
	static const struct want two[] = { { 22, SOCK_LISTEN },
		{ 23, SOCK_LISTEN }, { 0, 0 } };
	const struct scan_addr v4 = { .family = 4, .addr = { 127, 0, 0, 1 } };
	struct snap *snap = snap_of(two);
	struct row *row;

	(void)state;
	memset(snap->sock[0].rec.local.addr, 0, 16);
	memset(snap->sock[1].rec.local.addr, 0, 16);
	snap->sock[0].rec.family = 6;
	snap->sock[1].rec.local.port = 22;
	ui_snap(t.ui, snap, 0);
	row = scan_listener(t.ui, &v4, 22, SOCK_TCP);
	assert_non_null(row);
	assert_int_equal(row->rec.family, 4);
	snap->sock[1].rec.local.port = 23;
	ui_snap(t.ui, snap, 0);
	row = scan_listener(t.ui, &v4, 22, SOCK_TCP);
	assert_non_null(row);
	assert_int_equal(row->rec.family, 6);
	snap_free(snap);
}

/* -- this machine ------------------------------------------------------------------------- */

static void
test_self(void **state)
{
	static const struct want later[] = { { 22, SOCK_LISTEN },
		{ 23, SOCK_LISTEN }, { 24, SOCK_LISTEN }, { 0, 0 } };
	struct ui_scan *j;

	(void)state;
	reading(some);
	resize(40, 80);
	s.self = true;
	cmd_run(t.ui, "scan --self");
	s.self = false;
	reading(later);
	say_start(1, SCAN_CONNECT, 1);
	say_port(1, "127.0.0.1", 22, SCAN_OPEN);
	say_port(1, "127.0.0.1", 23, SCAN_FILTERED);
	say_port(1, "127.0.0.1", 8080, SCAN_OPEN);
	expect("Reachable, and no socket here listens (1)", true);
	expect("8080/tcp  -", true);
	expect("Listening, but filtered (1)", true);
	expect("23/tcp    p23, pid 23, ann", true);
	expect("Listening and reachable (1)", true);
	expect("22/tcp    p22, pid 22, root", true);
	expect("Listening, and not asked (1)", true);
	press("j");
	expect("that redirects (DNAT)", true);
	/* The socket behind it; and rows that go take their lines along. */
	press("j j Enter");
	assert_int_equal(t.ui->cursor.cookie, 23);
	say_end(1, SCAN_EXIT_DONE, "");
	expect("never leaves it", true);
	reading(some);
	expect("p23, pid 23", false);
	press("c");
	expect("8080/tcp  open", true);
	press("c");
	expect("Reachable, and no socket", true);
	j = scan_shown(t.ui);
	assert_true(j->view.compare);
	cmd_run(t.ui, "scan 10.0.0.1");
	press("c");
	expect("only a scan of this machine", true);
}

/* Sockets of the scan itself are told from others. */
static void
test_own_sockets(void **state)
{
	static const struct want with[] = { { 22, SOCK_LISTEN },
		{ 1003, SOCK_ESTABLISHED }, { 2001, SOCK_SYN_SENT },
		{ 2002, SOCK_SYN_SENT }, { 0, 0 } };
	struct row *row;

	(void)state;
	reading(some);
	cmd_run(t.ui, "scan 127.0.0.1");
	say_start(1, SCAN_CONNECT, 1);
	ui_scan_worker(t.ui, 1, 2001); /* who holds it, in this test */
	reading(with);
	row = table_find(
	    t.ui->table, (struct sock_key){ .cookie = 2001, .netns = 1 });
	assert_true((row->flags & ROW_SCAN) != 0);
	row = table_find(
	    t.ui->table, (struct sock_key){ .cookie = 2002, .netns = 1 });
	assert_false((row->flags & ROW_SCAN) != 0);
	row = table_find(
	    t.ui->table, (struct sock_key){ .cookie = 1003, .netns = 1 });
	assert_false((row->flags & ROW_SCAN) != 0);
	assert_true(ui_filter_set(t.ui, "scan"));
	assert_int_equal(t.ui->view.n, 1);
	assert_true(ui_filter_set(t.ui, "not scan"));
	assert_int_equal(t.ui->view.n, 3);
}

/* Who holds it is not to be seen: it goes where the scan goes, and is new. */
static void
test_own_sockets_hidden(void **state)
{
	static const struct want with[] = { { 22, SOCK_LISTEN },
		{ 1003, SOCK_ESTABLISHED }, { 2001, SOCK_SYN_SENT }, { 0, 0 } };
	struct snap *snap;
	struct row *row;
	size_t i;

	(void)state;
	reading(some);
	cmd_run(t.ui, "scan 127.0.0.1");
	say_start(1, SCAN_CONNECT, 1);
	snap = snap_of(with);
	for (i = 0; i < snap->n; i++) {
		snap->sock[i].rec.uid = t.ui->uid;
		owners_done(&snap->sock[i].owners);
		snap->sock[i].owners = (struct owners){ 0 };
	}
	ui_snap(t.ui, snap, 0);
	snap_free(snap);
	row = table_find(
	    t.ui->table, (struct sock_key){ .cookie = 2001, .netns = 1 });
	assert_true((row->flags & ROW_SCAN) != 0);
	row = table_find(
	    t.ui->table, (struct sock_key){ .cookie = 1003, .netns = 1 });
	assert_false((row->flags & ROW_SCAN) != 0);
	resize(24, 120);
	press("S");
	expect("own scan", true);
}

/* -- many ------------------------------------------------------------------------------------ */

/* N19: all ports open at four hosts. Memory stays small, keys are answered, and
 * at the end all is there in order. */
static void
test_flood(void **state)
{
	static const char *const hosts[] = { "10.0.0.4", "10.0.0.2", "10.0.0.3",
		"10.0.0.1" };
	struct scan_event e = { .type = SCAN_EV_PORT,
		.port = { .proto = SOCK_TCP,
		    .state = SCAN_OPEN,
		    .reason = REASON_SYN_ACK } };
	size_t before = mallinfo2().uordblks + mallinfo2().hblkhd, after;
	unsigned port, h, n = 0;
	struct ui_scan *j;

	(void)state;
	cmd_run(t.ui, "scan 10.0.0.1-4");
	say_start(1, SCAN_SYN, 4);
	/* Not in order: 7919 is prime to 65536. */
	for (port = 0; port < 65536; port++)
		for (h = 0; h < 4; h++) {
			e.port.port = (uint16_t)(port * 7919u);
			if (e.port.port == 0)
				continue;
			e.addr = addr(hosts[h]);
			ui_scan_event(t.ui, 1, &e);
			if (++n % 40000 == 0) {
				press("j");
				assert_true(ui_paint(t.ui));
			}
		}
	assert_true(ui_paint(t.ui));
	j = scan_shown(t.ui);
	assert_int_equal(j->view.n, 4 * 65536);
	assert_true(j->view.at >= 6); /* it stayed on its port */
	after = mallinfo2().uordblks + mallinfo2().hblkhd;
	assert_in_range(after - before, 0, 16u << 20);
	press("g");
	expect(">10.0.0.1", true);
	expect(" 1/tcp", true);
	press("G");
	expect("> 65535/tcp", true);
	say_end(1, SCAN_EXIT_DONE, "");
	expect("262140 open", true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup_scan, teardown_scan)
		T(test_prompt), T(test_bad_line_stays), T(test_question),
		T(test_readonly), T(test_not_offered), T(test_complete),
		T(test_results), T(test_beside_and_below), T(test_hosts),
		T(test_cursor_stays), T(test_notes), T(test_sandbox_note),
		T(test_tabs), T(test_mouse), T(test_pause_and_stop),
		T(test_killed), T(test_not_begun_anew),
		T(test_hidden_end_is_told), T(test_socket),
		T(test_copy_save_explain), T(test_identify),
		T(test_both_families), T(test_self), T(test_own_sockets),
		T(test_own_sockets_hidden), T(test_flood)
	};

	return deck_tests_run(tests, sizeof(tests) / sizeof(tests[0]));
}
