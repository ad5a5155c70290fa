/* SPDX-License-Identifier: ISC */
/* A scan as a chain of jobs, with workers that are shell scripts: one for the
 * ports, one for what is behind them. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/scan_stages.h"
#include "base/array.h"
#include "base/buf.h"
#include "base/text.h"
#include "know/state.h"
#include "model/scan_left.h"

/* clang-format off: shell scripts are easier to read as they stand */
#define LINE(ev, seq, more)                                                 \
	"echo '{\"ev\":\"" ev "\",\"seq\":" #seq ",\"t_us\":" #seq "," more \
	"}'\n"
#define HELLO(seq) \
	LINE("hello", seq, "\"v\":1,\"tech\":\"connect\",\"sandbox\":\"full\"")
#define START(seq)                                             \
	LINE("start", seq,                                     \
	    "\"hosts\":2,\"ports\":3,\"probes\":6,\"seed\":1," \
	    "\"tech\":\"connect\",\"plan\":\"0123456789abcdef\"")
#define HOST(seq, n, pos)                                               \
	LINE("host", seq,                                               \
	    "\"addr\":\"192.0.2." #n "\",\"pos\":" #pos ",\"up\":true," \
	    "\"reason\":\"user-set\"")
#define PORT(seq, n, port, proto, state)                                \
	LINE("port", seq,                                               \
	    "\"addr\":\"192.0.2." #n "\",\"port\":" #port ",\"proto\":" \
	    "\"" proto "\",\"state\":\"" state "\",\"reason\":\"syn-ack\"")
#define HOST_END(seq, n, pos) \
	LINE("host_end", seq, \
	    "\"addr\":\"192.0.2." #n "\",\"pos\":" #pos ",\"probes\":3")
#define PROGRESS(seq)                                                      \
	LINE("progress", seq,                                              \
	    "\"done\":6,\"probes\":6,\"sent\":9,\"answers\":6,\"lost\":0," \
	    "\"open\":2,\"hosts_done\":2,\"hosts_up\":2,\"hosts\":2,"      \
	    "\"hosts_upto\":2,\"rate\":10.0,\"phase\":\"ports\"")
#define END(seq, error)                                                      \
	LINE("end", seq,                                                     \
	    "\"error\":" #error ",\"sent\":9,\"received\":6,\"hosts_up\":2," \
	    "\"hosts\":2")

/* Two hosts with two and one open ports, and one that is silent. */
#define PORTS                                  \
	HELLO(0)                               \
	START(1)                               \
	HOST(2, 1, 0)                          \
	PORT(3, 1, 22, "tcp", "open")          \
	HOST(4, 2, 1)                          \
	PORT(5, 1, 80, "tcp", "open")          \
	PORT(6, 2, 443, "tcp", "closed")       \
	PORT(7, 2, 53, "udp", "open|filtered") \
	HOST_END(8, 1, 0) HOST_END(9, 2, 1)
/* One that tells a fact and a name of whatever it is asked about. */
#define ANSWER                                                         \
	"seq=1\n"                                                      \
	"say() { echo \"{\\\"ev\\\":\\\"$1\\\",\\\"seq\\\":$seq,"      \
	"\\\"t_us\\\":5,$2}\"; seq=$((seq+1)); }\n"                    \
	"answer() {\n"                                                 \
	"  at=${1#*\\\"addr\\\":}; at=\\\"addr\\\":${at%%\\}*}\n"      \
	"  say fact \"$at,\\\"name\\\":\\\"auth\\\","                  \
	"\\\"value\\\":\\\"none\\\"\"\n"                               \
	"  say service \"$at,\\\"service\\\":{\\\"name\\\":\\\"x\\\"," \
	"\\\"method\\\":\\\"probed\\\",\\\"conf\\\":10},"              \
	"\\\"took_ms\\\":1\"\n"                                        \
	"}\n"                                                          \
	"end() { say end '\"error\":0,\"sent\":0,\"received\":0,"      \
	"\"hosts_up\":0,\"hosts\":0'; }\n"
#define ANSWER_ALL                                                    \
	ANSWER "while read -r line; do case $line in\n"               \
	       "*'\"op\":\"ask\"'*) answer \"$line\";;\n"             \
	       "*'\"op\":\"go\"'*|*'\"op\":\"stop\"'*) end; exit;;\n" \
	       "esac; done\n"

/* A machine that may send raw packets. */
#define HELLO_RAW(seq)     \
	LINE("hello", seq, \
	    "\"v\":1,\"tech\":\"connect,os\",\"sandbox\":\"full\"")
#define RAW_PORTS                        \
	HELLO_RAW(0)                     \
	START(1)                         \
	HOST(2, 1, 0)                    \
	PORT(3, 1, 22, "tcp", "open")    \
	HOST(4, 2, 1)                    \
	PORT(5, 2, 443, "tcp", "closed") \
	PORT(6, 2, 80, "tcp", "open")    \
	HOST_END(7, 1, 0) HOST_END(8, 2, 1)
#define SYSTEMS                                                          \
	ANSWER "system() {\n"                                            \
	       "  at=${1#*\\\"addr\\\":}; at=\\\"addr\\\":${at%%\\}*}\n" \
	       "  say os \"$at,\\\"name\\\":\\\"x\\\",\\\"conf\\\":70,"  \
	       "\\\"basis\\\":\\\"measured\\\"\"\n}\n"                   \
	       "while read -r line; do case $line in\n"                  \
	       "*'\"op\":\"ask\"'*) system \"$line\";;\n"                \
	       "*'\"op\":\"go\"'*) end; exit;;\n"                        \
	       "esac; done\n"

/* clang-format on */

static char dir[] = "/tmp/sockdeck-stages-XXXXXX";

struct seen {
	struct buf events; /* types, a letter each; services and facts with
			    * their port */
	struct scan_stages *stages;
	struct scan_left *left;
	enum scan_job_state state;
	enum scan_exit error;
	uint64_t seq, t_us, upto;
	unsigned how;
	size_t ndone; /* hosts of which a part need not be done again */
	char cause[1024], phase[64];
	unsigned ended, hellos;
	int signal;
	/* What is done at the first event of this type. */
	int stop_at, free_at;
};

static void
on_event(void *arg, const struct scan_event *ev)
{
	static const char letter[SCAN_EV_NTYPES] = { [SCAN_EV_HELLO] = 'h',
		[SCAN_EV_START] = 's',
		[SCAN_EV_TARGET] = 't',
		[SCAN_EV_HOST] = 'H',
		[SCAN_EV_PORT] = 'p',
		[SCAN_EV_HOST_END] = 'E',
		[SCAN_EV_NOTE] = 'n',
		[SCAN_EV_FACT] = 'f',
		[SCAN_EV_SERVICE] = 'S',
		[SCAN_EV_OS] = 'o',
		[SCAN_EV_END] = 'e' };
	struct seen *s = arg;

	/* One stream: no gaps, no way back in time. */
	assert_int_equal(ev->seq, s->seq++);
	assert_true(ev->t_us >= s->t_us);
	s->t_us = ev->t_us;
	scan_left_feed(s->left, ev);
	if (ev->type == SCAN_EV_PROGRESS) {
		s->upto = ev->progress.hosts_upto;
		if (ev->progress.phase[0] != '\0')
			(void)strlcpy(
			    s->phase, ev->progress.phase, sizeof(s->phase));
	} else
		buf_putc(&s->events, letter[ev->type]);
	if (ev->type == SCAN_EV_START)
		s->how = ev->start.how;
	if (ev->type == SCAN_EV_SERVICE)
		buf_printf(&s->events, "%u", ev->service.port);
	if (ev->type == SCAN_EV_OS)
		buf_printf(&s->events, "%u/%u", ev->os.open, ev->os.closed);
	if (ev->type == SCAN_EV_HOST_END)
		buf_printf(&s->events, "%u", ev->addr.addr[3]);
	if (s->stop_at == (int)ev->type)
		scan_stages_stop(s->stages);
	if (s->free_at == (int)ev->type) {
		s->free_at = -1;
		scan_stages_free(s->stages);
	}
}

static void
on_ended(void *arg, struct scan_stages *j)
{
	struct seen *s = arg;

	s->ended++;
	s->state = scan_stages_state(j);
	s->error = scan_stages_error(j);
	s->signal = scan_stages_signal(j);
	(void)strlcpy(s->cause, scan_stages_cause(j), sizeof(s->cause));
	assert_int_equal(scan_stages_pid(j), 0);
	scan_stages_free(j);
}

static void
on_hello(void *arg, const struct scan_event *ev)
{
	struct seen *s = arg;

	assert_string_equal(ev->hello.sandbox, "full");
	s->hellos++;
}

static const struct scan_stages_ops ops = { on_event, on_ended, on_hello };

/* What the workers do after their requests. */
static const char *
script(const char *ports, const char *services)
{
	static char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/worker", dir);
	(void)unlink(path);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fprintf(f,
			"#!/bin/sh\nread -r request\ncase $request in\n"
			"*'\"tech\":\"probe\"'*|*'\"tech\":\"os\"'*)\n"
			"%s%s;;\n*)\n%s;;\nesac\n",
			HELLO(0), services, ports) > 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
	return path;
}

static void
run_how(struct seen *s, unsigned how, const char *ports, const char *services)
{
	struct scan_spec spec;
	char *cause = NULL;
	uv_loop_t loop;

	s->left = scan_left_new();
	if (s->stop_at == 0)
		s->stop_at = -1;
	if (s->free_at == 0)
		s->free_at = -1;
	scan_spec_init(&spec);
	spec.how = how;
	buf_puts(&spec.targets, "192.0.2.1-2");
	assert_int_equal(uv_loop_init(&loop), 0);
	if (scan_stages_start(&loop, &spec, script(ports, services), &ops, s,
		&s->stages, &cause) != 0)
		fail_msg("%s", cause);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	/* No handle, no child is left behind. */
	assert_int_equal(uv_loop_close(&loop), 0);
	scan_left_spec(s->left, &spec);
	s->ndone = spec.ndone;
	scan_spec_done(&spec);
	scan_left_free(s->left);
	assert_true(s->ended <= 1);
	buf_puts(&s->events, "");
}

static void
run(struct seen *s, const char *ports, const char *services)
{
	run_how(s, SCAN_CONNECT | SCAN_PROBE, ports, services);
}

/* A host is over when its last service is told, facts stand right before it,
 * and the end is the last of all. */
static void
ports_and_services(void **state)
{
	struct seen s = { 0 };

	(void)state;
	run(&s, PORTS PROGRESS(10) END(11, 0), ANSWER_ALL);
	assert_int_equal(s.state, SCAN_JOB_DONE);
	assert_string_equal(s.cause, "");
	assert_int_equal(s.ended, 1);
	assert_int_equal(s.hellos, 1);
	assert_int_equal(s.upto, 2);
	assert_int_equal(s.how, SCAN_CONNECT | SCAN_PROBE);
	/* All ports were told when the first answer came, or none. */
	assert_non_null(strstr(s.events.data, "fS22"));
	assert_non_null(strstr(s.events.data, "fS80E1"));
	assert_non_null(strstr(s.events.data, "fS53E2"));
	assert_string_equal(s.events.data + s.events.len - 1, "e");
	buf_done(&s.events);
}

/* A scan of ports alone is one job, whose events are its own. */
static void
ports_alone(void **state)
{
	struct seen s = { 0 };

	(void)state;
	run_how(&s, SCAN_CONNECT, PORTS PROGRESS(10) END(11, 0), "exit 9\n");
	assert_int_equal(s.state, SCAN_JOB_DONE);
	assert_string_equal(s.events.data, "hsHpHppp"
					   "E1E2e");
	assert_int_equal(s.hellos, 0);
	buf_done(&s.events);
}

/* Each host once, when its ports are told, by an open and a closed one; it is
 * over after that. */
static void
systems(void **state)
{
	struct seen s = { 0 };

	(void)state;
	run_how(&s, SCAN_CONNECT | SCAN_OS, RAW_PORTS PROGRESS(9) END(10, 0),
	    SYSTEMS);
	assert_string_equal(s.cause, "");
	assert_int_equal(s.state, SCAN_JOB_DONE);
	assert_int_equal(s.how, SCAN_CONNECT | SCAN_OS);
	assert_string_equal(s.events.data, "hsHpHppo22/0E1o80/443E2e");
	buf_done(&s.events);
}

/* Such a host is asked again, all of it: its ports must be told again. */
static void
systems_missing(void **state)
{
	struct seen s = { 0 };

	(void)state;
	run_how(&s, SCAN_CONNECT | SCAN_OS, RAW_PORTS PROGRESS(9) END(10, 0),
	    "exit 1\n");
	assert_int_equal(s.state, SCAN_JOB_FAILED);
	assert_null(strchr(s.events.data, 'E'));
	assert_int_equal(s.ndone, 0);
	assert_int_equal(s.upto, 0);
	buf_done(&s.events);
}

/* Without a right to raw packets the rest is done, and that is said. */
static void
systems_not_permitted(void **state)
{
	struct seen s = { 0 };

	(void)state;
	run_how(&s, SCAN_CONNECT | SCAN_OS, PORTS PROGRESS(10) END(11, 0),
	    "exit 9\n");
	assert_int_equal(s.state, SCAN_JOB_DONE);
	assert_int_equal(s.how, SCAN_CONNECT);
	assert_string_equal(s.events.data, "hnsHpHpppE1E2e");
	buf_done(&s.events);
}

/* Open ports are asked while others are looked for: the ports' worker waits
 * until the other one has begun. */
static void
at_once(void **state)
{
	struct seen s = { 0 };
	struct buf ports = { 0 }, services = { 0 };

	(void)state;
	buf_puts(&ports,
	    HELLO(0) START(1) HOST(2, 1, 0) PORT(3, 1, 22, "tcp", "open"));
	buf_printf(&ports,
	    "while [ ! -e %s/asked ]; do read -r x < %s/fifo; done\n", dir,
	    dir);
	buf_puts(&ports, HOST_END(4, 1, 0) END(5, 0));
	buf_puts(&services, ANSWER "read -r line; answer \"$line\"\n");
	buf_printf(&services, ": > %s/asked; echo > %s/fifo\n", dir, dir);
	buf_puts(&services, "read -r go; end\n");
	{
		char path[128];

		(void)snprintf(path, sizeof(path), "%s/fifo", dir);
		assert_int_equal(mkfifo(path, 0600), 0);
	}
	run(&s, ports.data, services.data);
	assert_string_equal(s.events.data, "hsHpfS22E1e");
	buf_done(&ports);
	buf_done(&services);
	buf_done(&s.events);
}

/* None of what was not asked about is believed, nor a second answer. */
static void
not_asked(void **state)
{
	static const char lies[] = ANSWER
	    "read -r line\n"
	    "answer '{\"addr\":\"192.0.2.1\",\"port\":23,\"proto\":\"tcp\"}'\n"
	    "answer '{\"addr\":\"192.0.2.9\",\"port\":22,\"proto\":\"tcp\"}'\n"
	    "answer \"$line\"; answer \"$line\"\n"
	    "while read -r line; do case $line in\n"
	    "*'\"op\":\"ask\"'*) answer \"$line\";; *) break;;\n"
	    "esac; done; end\n";
	struct seen s = { 0 };
	char *first;

	(void)state;
	run(&s, PORTS PROGRESS(10) END(11, 0), lies);
	assert_int_equal(s.state, SCAN_JOB_DONE);
	assert_null(strstr(s.events.data, "S23"));
	first = strstr(s.events.data, "S22");
	assert_non_null(first);
	assert_null(strstr(first + 1, "S22"));
	buf_done(&s.events);
}

/* Whoever has no answer is not over: what is left is asked again. */
static void
worker_dies(void **state)
{
	struct seen s = { 0 };

	(void)state;
	run(&s, PORTS PROGRESS(10) END(11, 0),
	    ANSWER "read -r line; answer \"$line\"; kill -9 $$\n");
	assert_int_equal(s.state, SCAN_JOB_FAILED);
	assert_int_equal(s.signal, 9);
	assert_non_null(strstr(s.cause, "services: the worker was killed"));
	assert_null(strchr(s.events.data, 'E'));
	assert_null(strchr(s.events.data, 'e'));
	assert_int_equal(s.upto, 0);
	/* 22 of the first host, 443 of the second. */
	assert_int_equal(s.ndone, 2);
	buf_done(&s.events);
}

static void
answers_missing(void **state)
{
	struct seen s = { 0 };

	(void)state;
	run(&s, PORTS PROGRESS(10) END(11, 0),
	    ANSWER "while read -r line; do case $line in\n"
		   "*'\"port\":22'*) answer \"$line\";;\n"
		   "*'\"op\":\"go\"'*) end; exit;; esac; done\n");
	assert_int_equal(s.state, SCAN_JOB_FAILED);
	assert_non_null(strstr(s.cause, "2 of 3 are missing"));
	assert_string_equal(s.events.data + s.events.len - 1, "e");
	buf_done(&s.events);
}

/* The ports fail: what was found of them is still asked. */
static void
ports_fail(void **state)
{
	struct seen s = { 0 };

	(void)state;
	run(&s, PORTS "exit 3\n", ANSWER_ALL);
	assert_int_equal(s.state, SCAN_JOB_FAILED);
	assert_non_null(strstr(s.cause, "without its last line"));
	assert_non_null(strstr(s.events.data, "S22"));
	assert_null(strchr(s.events.data, 'e'));
	buf_done(&s.events);
}

static void
stopped(void **state)
{
	struct seen s = { .stop_at = SCAN_EV_SERVICE };

	(void)state;
	run(&s, PORTS "read -r stop\n" PROGRESS(10) END(11, 3),
	    ANSWER "read -r line; answer \"$line\"\n"
		   "while read -r line; do case $line in\n"
		   "*'\"op\":\"stop\"'*) break;; esac; done\n"
		   "say end '\"error\":3,\"sent\":0,\"received\":0,"
		   "\"hosts_up\":0,\"hosts\":0'\n");
	assert_int_equal(s.state, SCAN_JOB_STOPPED);
	assert_int_equal(s.error, SCAN_EXIT_STOPPED);
	assert_string_equal(s.events.data + s.events.len - 1, "e");
	buf_done(&s.events);
}

/* From within any event: nothing is called after it. */
static void
freed(void **state)
{
	static const int at[] = { SCAN_EV_HELLO, SCAN_EV_PORT, SCAN_EV_FACT,
		SCAN_EV_SERVICE, SCAN_EV_HOST_END, SCAN_EV_END };
	size_t i;

	(void)state;
	for (i = 0; i < nitems(at); i++) {
		struct seen s = { .free_at = at[i] };

		/* 0 is "not given". */
		if (at[i] == 0)
			continue;
		run(&s, PORTS PROGRESS(10) END(11, 0), ANSWER_ALL);
		assert_int_equal(s.ended, 0);
		buf_done(&s.events);
	}
}

static void
no_worker(void **state)
{
	struct scan_stages *j = NULL;
	struct scan_spec spec;
	struct seen s = { 0 };
	char *cause = NULL;
	uv_loop_t loop;

	(void)state;
	scan_spec_init(&spec);
	spec.how = SCAN_PROBE;
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_true(scan_stages_start(
			&loop, &spec, "/no/such", &ops, &s, &j, &cause) < 0);
	assert_non_null(strstr(cause, "/no/such"));
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	free(cause);
	scan_spec_done(&spec);
}

static int
make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
remove_dir(void **state)
{
	static const char *const names[] = { "worker", "fifo", "asked" };
	char path[128];
	size_t i;

	(void)state;
	for (i = 0; i < nitems(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path); /* perhaps it never was */
	}
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_and_services),
		cmocka_unit_test(ports_alone),
		cmocka_unit_test(systems),
		cmocka_unit_test(systems_missing),
		cmocka_unit_test(systems_not_permitted),
		cmocka_unit_test(at_once),
		cmocka_unit_test(not_asked),
		cmocka_unit_test(worker_dies),
		cmocka_unit_test(answers_missing),
		cmocka_unit_test(ports_fail),
		cmocka_unit_test(stopped),
		cmocka_unit_test(freed),
		cmocka_unit_test(no_worker),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
