/* SPDX-License-Identifier: ISC */
/*
 * What is known and how words are answered: every entry is complete, has a
 * source, refers to what there is, and its commands are ones that run.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/args.h"
#include "know/port_note.h"
#include "know/question.h"
#include "know/term.h"
#include "model/explain.h"

#define BRIEF_MAX 72

/* -- the tables ----------------------------------------------------------- */

static bool
is_known(const char *word, size_t len)
{
	char *text = xstrndup(word, len), *cause = NULL;
	const char *words[1] = { text };
	struct explain e = { 0 };
	bool known =
	    explain_words(&e, words, 1, NULL, &cause) == 0 && e.nunknown == 0;

	free(cause);
	free(text);
	explain_done(&e);
	return known;
}

static void
check_see(const char *of, const char *see)
{
	const char *word;
	size_t len;

	while ((word = term_part(&see, ", ", &len)) != NULL)
		if (!is_known(word, len))
			fail_msg("%s: see also %.*s, which has no answer", of,
			    (int)len, word);
}

/* Words as a shell would cut them; quotes, no escapes. */
static int
cut(char *line, char **argv, int max)
{
	char *in = line, *out, quote;
	int argc = 0;

	for (;;) {
		in += strspn(in, " ");
		if (*in == '\0' || argc == max)
			return argc;
		argv[argc++] = out = in;
		for (quote = 0; *in != '\0' && (quote != 0 || *in != ' ');
		     in++) {
			if (quote == 0 && (*in == '\'' || *in == '"'))
				quote = *in;
			else if (*in == quote)
				quote = 0;
			else
				*out++ = *in;
		}
		assert_int_equal(quote, 0);
		if (*in != '\0')
			in++;
		*out = '\0';
	}
}

/* Each command is one that the command line takes. */
static void
check_run(const char *of, const char *run)
{
	char *argv[16], *line, *cause = NULL;
	struct args a;
	const char *part;
	size_t len;
	int argc;

	while ((part = term_part(&run, "\n", &len)) != NULL) {
		line = xstrndup(part, len);
		argc = cut(line, argv, 16);
		assert_true(argc > 1);
		if (strcmp(argv[0], "sockdeck") != 0 ||
		    command_find(argv[1]) == NULL)
			fail_msg("%s: %.*s: no command", of, (int)len, part);
		if (args_parse(&a, argc, argv, NULL, &cause) != STATUS_OK)
			fail_msg("%s: %.*s: %s", of, (int)len, part, cause);
		if (strcmp(a.command, "explain") == 0 && a.nwords > 0 &&
		    strcmp(a.word[0], "services") != 0) {
			struct explain e = { 0 };

			(void)explain_words(&e, a.word, a.nwords, NULL, &cause);
			if (e.nunknown > 0 || cause != NULL)
				fail_msg("%s: %.*s has no answer", of, (int)len,
				    part);
			explain_done(&e);
		}
		args_done(&a);
		free(line);
	}
}

/* Sentences end, and nothing is doubled. */
static void
check_sentences(const char *of, const char *list)
{
	const char *text;
	size_t len, i;

	while ((text = term_part(&list, "\n", &len)) != NULL) {
		if (len < 15 || strchr(".?)", text[len - 1]) == NULL)
			fail_msg("%s: no sentence: %.*s", of, (int)len, text);
		for (i = 1; i < len; i++)
			if (text[i] == ' ' && text[i - 1] == ' ')
				fail_msg(
				    "%s: two blanks: %.*s", of, (int)len, text);
	}
	assert_true(list == NULL || text_is_clean(list, strlen(list)));
}

static void
check_myths(const char *of, const char *list)
{
	const char *text;
	size_t len;

	check_sentences(of, list);
	/* "what is said": what is right */
	while ((text = term_part(&list, "\n", &len)) != NULL)
		if (text[0] != '"' || memmem(text, len, "\": ", 3) == NULL)
			fail_msg(
			    "%s: no common error: %.*s", of, (int)len, text);
}

static void
check_source(const char *of, const char *source)
{
	static const char *const kinds[] = { "RFC ", "IANA", "(", "include/",
		"documentation", "Reference Guide", "ISO/IEC", "Minecraft",
		"usual", "Microsoft", "memcached", "manual" };
	size_t i;

	for (i = 0; source != NULL && i < nitems(kinds); i++)
		if (strstr(source, kinds[i]) != NULL)
			return;
	fail_msg("%s: source %s", of, source != NULL ? source : "is missing");
}

static void
all_terms(void **state)
{
	const char *list, *part;
	const struct term *t;
	size_t len, i, n;

	(void)state;
	for (t = terms; t->name != NULL; t++) {
		if (t->brief == NULL || t->text == NULL ||
		    (size_t)t->group >= TERM_NGROUPS ||
		    text_width(t->brief) > BRIEF_MAX)
			fail_msg("%s: brief", t->name);
		check_sentences(t->name, t->text);
		check_myths(t->name, t->myth);
		check_source(t->name, t->source);
		check_see(t->name, t->see);
		check_run(t->name, t->run);
		if (t->group == TERM_ERROR && t->run == NULL)
			fail_msg("%s: no command", t->name);
		/* A name is nobody else's, by any spelling. */
		for (i = n = 0; term_find(t->name, &i) != NULL;)
			n++;
		if (n != 1)
			fail_msg("%s: %zu terms", t->name, n);
		for (list = t->alias;
		     (part = term_part(&list, ", ", &len)) != NULL;) {
			char *word = xstrndup(part, len);

			for (i = n = 0; term_find(word, &i) != NULL;)
				n++;
			if (n != 1)
				fail_msg("%s: alias %s: %zu terms", t->name,
				    word, n);
			free(word);
		}
	}
	assert_true(nterms > 150);
	assert_ptr_equal(t, &terms[nterms]);
}

static void
all_questions(void **state)
{
	const struct question *q;
	size_t n = 0;

	(void)state;
	for (q = questions; q->ask != NULL; q++, n++) {
		assert_int_equal(q->ask[strlen(q->ask) - 1], '?');
		check_sentences(q->ask, q->answer);
		check_source(q->ask, q->source);
		check_see(q->ask, q->see);
		assert_non_null(q->run);
		check_run(q->ask, q->run);
	}
	assert_int_equal(n, 11);
}

static void
all_notes(void **state)
{
	const struct port_note *n;
	char of[16];

	(void)state;
	for (n = port_notes; n->source != NULL; n++) {
		snprintf(of, sizeof(of), "%u", n->port);
		assert_true(n == port_notes || n->port >= n[-1].port);
		assert_true(n->proto == 0 || n->proto == 6 || n->proto == 17);
		assert_true(n->iana != NULL || n->also != NULL ||
			    n->myth != NULL || n->see != NULL);
		check_myths(of, n->myth);
		check_source(of, n->source);
		check_see(of, n->see);
		if (service_by_port(n->port, n->proto) == NULL)
			fail_msg("%s: no such service", of);
	}
}

static void
all_states(void **state)
{
	const struct state_fact *f;
	int s;

	(void)state;
	for (s = 1; s < SOCK_NSTATES; s++) {
		f = state_fact(s);
		assert_non_null(f->see);
		check_see(sock_state_name(s), f->see);
		check_myths(sock_state_name(s), f->myth);
		check_source(sock_state_name(s), f->source);
	}
}

/* Safer successors are services or say what they are. */
static void
successors(void **state)
{
	static const char *const others[] = { "rdap (https)", "redfish (https)",
		"ssh tunnel", "ssh -X" };
	const struct service *s;
	const char *list, *part;
	size_t len, i;

	(void)state;
	for (s = services; s->name != NULL; s++) {
		list = s->successor;
		for (i = 0; list != NULL && i < nitems(others); i++)
			if (strcmp(list, others[i]) == 0)
				list = NULL;
		while ((part = term_part(&list, ", ", &len)) != NULL)
			if (!is_known(part, len))
				fail_msg("%s: successor %.*s", s->name,
				    (int)len, part);
	}
}

/* -- the lessons' tables -------------------------------------------------- */

/* Their ports, with the right names. */
enum lesson_encryption {
	PLAIN = 'p',
	ENCRYPTED = 'e',
	DEPENDS = '?'
};
static const struct {
	uint16_t port;
	uint8_t proto;
	const char *name;
	enum lesson_encryption encrypted;
	bool assigned; /* to it by IANA */
} lessons[] = {
	{ 1, 6, "tcpmux", PLAIN, true },
	{ 7, 6, "echo", PLAIN, true },
	{ 7, 17, "echo", PLAIN, true },
	{ 9, 6, "discard", PLAIN, true },
	{ 9, 17, "discard", PLAIN, true },
	{ 11, 6, "systat", PLAIN, true },
	{ 13, 6, "daytime", PLAIN, true },
	{ 13, 17, "daytime", PLAIN, true },
	{ 15, 6, "netstat", PLAIN, false },
	{ 17, 6, "qotd", PLAIN, true },
	{ 18, 6, "msp", PLAIN, true },
	{ 20, 6, "ftp-data", PLAIN, true },
	{ 21, 6, "ftp", PLAIN, true },
	{ 22, 6, "ssh", ENCRYPTED, true },
	{ 23, 6, "telnet", PLAIN, true },
	{ 25, 6, "smtp", PLAIN, true },
	{ 43, 6, "whois", PLAIN, true },
	{ 53, 6, "domain", PLAIN, true },
	{ 53, 17, "domain", PLAIN, true },
	{ 67, 17, "bootps", PLAIN, true },
	{ 68, 17, "bootpc", PLAIN, true },
	{ 80, 6, "http", PLAIN, true },
	{ 110, 6, "pop3", PLAIN, true },
	{ 113, 6, "auth", PLAIN, true },
	{ 123, 17, "ntp", PLAIN, true },
	{ 135, 6, "epmap", PLAIN, true },
	{ 137, 17, "netbios-ns", PLAIN, true },
	{ 138, 17, "netbios-dgm", PLAIN, true },
	{ 139, 6, "netbios-ssn", PLAIN, true },
	{ 143, 6, "imap", PLAIN, true },
	{ 161, 17, "snmp", PLAIN, true },
	{ 162, 17, "snmptrap", PLAIN, true },
	{ 194, 6, "irc", PLAIN, true },
	{ 389, 6, "ldap", PLAIN, true },
	{ 443, 6, "https", ENCRYPTED, true },
	{ 443, 17, "https", ENCRYPTED, true },
	{ 445, 6, "microsoft-ds", DEPENDS, true },
	{ 465, 6, "submissions", ENCRYPTED, true },
	{ 587, 6, "submission", PLAIN, true },
	{ 631, 6, "ipp", DEPENDS, true },
	{ 666, 6, "doom", PLAIN, true },
	{ 993, 6, "imaps", ENCRYPTED, true },
	{ 995, 6, "pop3s", ENCRYPTED, true },
	{ 1433, 6, "ms-sql-s", DEPENDS, true },
	{ 1434, 17, "ms-sql-m", PLAIN, true },
	{ 1521, 6, "oracle", PLAIN, false },
	{ 1723, 6, "pptp", DEPENDS, true },
	{ 1812, 17, "radius", PLAIN, true },
	{ 1813, 17, "radius-acct", PLAIN, true },
	{ 2049, 6, "nfs", DEPENDS, true },
	{ 3306, 6, "mysql", DEPENDS, true },
	{ 3307, 6, "mysql", DEPENDS, false },
	{ 3389, 6, "ms-wbt-server", ENCRYPTED, true },
	{ 5060, 17, "sip", PLAIN, true },
	{ 5061, 6, "sips", ENCRYPTED, true },
	{ 5353, 17, "mdns", PLAIN, true },
	{ 5432, 6, "postgresql", DEPENDS, true },
	{ 5900, 6, "rfb", DEPENDS, true },
	{ 5985, 6, "wsman", DEPENDS, true },
	{ 5986, 6, "wsmans", ENCRYPTED, true },
	{ 6379, 6, "redis", PLAIN, true },
	{ 8080, 6, "http-alt", PLAIN, true },
	{ 8443, 6, "https-alt", ENCRYPTED, false },
	{ 9000, 6, "php-fpm", PLAIN, false },
	{ 9200, 6, "elasticsearch", DEPENDS, false },
	{ 11211, 6, "memcache", PLAIN, true },
	{ 25565, 6, "minecraft", DEPENDS, false },
};

static void
lesson_ports(void **state)
{
	const struct service *s;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(lessons); i++) {
		unsigned bits = lessons[i].encrypted == PLAIN ? SERVICE_PLAIN
				: lessons[i].encrypted == ENCRYPTED
				    ? SERVICE_ENCRYPTED
				    : 0;

		s = service_by_port(lessons[i].port, lessons[i].proto);
		if (s == NULL || strcmp(s->name, lessons[i].name) != 0 ||
		    (s->flags & (SERVICE_PLAIN | SERVICE_ENCRYPTED)) != bits ||
		    ((s->flags & SERVICE_UNOFFICIAL) == 0) !=
			lessons[i].assigned)
			fail_msg("%u/%u: %s, flags %u", lessons[i].port,
			    lessons[i].proto, s != NULL ? s->name : "nothing",
			    s != NULL ? s->flags : 0);
	}
}

/* -- answers -------------------------------------------------------------- */

static struct explain *
ask(struct explain *e, size_t n, const char *const *word,
    const struct explain_here *here)
{
	char *cause = NULL;

	memset(e, 0, sizeof(*e));
	assert_int_equal(explain_words(e, word, n, here, &cause), 0);
	assert_null(cause);
	return e;
}
#define ASK(e, here, ...)                                        \
	ask((e), nitems(((const char *const[]){ __VA_ARGS__ })), \
	    (const char *const[]){ __VA_ARGS__ }, (here))

/* "kind name kind name" of the answers. */
static char *
got(const struct explain *e)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < e->n; i++)
		buf_printf(&b, "%s%s %s", i > 0 ? "; " : "",
		    explain_kind_name(e->answer[i].kind), e->answer[i].name);
	buf_printf(&b, "%s%zu unknown", e->n > 0 ? "; " : "", e->nunknown);
	return buf_steal(&b);
}

static void
words(void **state)
{
	static const struct {
		const char *word[4], *answers;
	} cases[] = {
		{ { "443" }, "port 443; 0 unknown" },
		{ { ":443" }, "port 443; 0 unknown" },
		{ { "443/udp" }, "port 443/udp; 0 unknown" },
		{ { "TCP/22" }, "port 22/tcp; 0 unknown" },
		{ { "8000-8100" }, "port 8000-8100; 0 unknown" },
		{ { "0" }, "port 0; 0 unknown" },
		{ { "65535" }, "port 65535; 0 unknown" },
		{ { "port" }, "term port; 0 unknown" },
		{ { "Ports" }, "term port; 0 unknown" },
		{ { "socket", "pair" }, "term socket pair; 0 unknown" },
		{ { "Socket-Pair" }, "term socket pair; 0 unknown" },
		{ { "socket", "ssh" }, "term socket; service ssh; 0 unknown" },
		{ { "port", "forwarding", "22" },
		    "term port forwarding; port 22; 0 unknown" },
		{ { "time_wait" }, "state TIME-WAIT; 0 unknown" },
		{ { "TIME", "WAIT", "assassination" },
		    "term TIME-WAIT assassination; 0 unknown" },
		{ { "states" }, "term TCP state; 0 unknown" },
		{ { "estab" }, "state ESTABLISHED; 0 unknown" },
		{ { "listen" }, "state LISTEN; term listening; 0 unknown" },
		{ { "closed" }, "state CLOSED; term closed port; 0 unknown" },
		{ { "2MSL" }, "term MSL; 0 unknown" },
		{ { "4-tuple" }, "term socket pair; 0 unknown" },
		{ { "0.0.0.0" }, "term wildcard address; 0 unknown" },
		{ { "mss" }, "term MSS; column mss; 0 unknown" },
		{ { "timer_left" }, "column timer_left; 0 unknown" },
		{ { "dns" }, "service domain; 0 unknown" },
		{ { "SIGTERM", "kill" },
		    "signal TERM; signal KILL; 0 unknown" },
		{ { "urg" }, "term urgent data; signal URG; 0 unknown" },
		{ { "9" }, "port 9; 0 unknown" },
		{ { "EADDRINUSE" }, "error EADDRINUSE; 0 unknown" },
		{ { "address already in use" }, "error EADDRINUSE; 0 unknown" },
		{ { "qwertzuiop" }, "1 unknown" },
		{ { "22", "qwertzuiop" }, "port 22; 1 unknown" },
	};
	struct explain e;
	size_t i, n;
	char *seen;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		for (n = 0; n < 4 && cases[i].word[n] != NULL; n++)
			;
		ask(&e, n, cases[i].word, NULL);
		seen = got(&e);
		if (strcmp(seen, cases[i].answers) != 0)
			fail_msg("%s: %s", cases[i].word[0], seen);
		free(seen);
		explain_done(&e);
	}
}

/* Messages as programs print them. */
static void
messages(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "bind: Address already in use", "EADDRINUSE" },
		{ "OSError: [Errno 98] Address already in use", "EADDRINUSE" },
		{ "Error: listen EADDRINUSE: address already in use :::3000",
		    "EADDRINUSE" },
		{ "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address "
		  "already in use)",
		    "EADDRINUSE" },
		{ "ssh: connect to host db port 22: Connection refused",
		    "ECONNREFUSED" },
		{ "ssh: connect to host db port 22: No route to host",
		    "EHOSTUNREACH" },
		{ "connect: Cannot assign requested address", "EADDRNOTAVAIL" },
		{ "recv failure: Connection reset by peer", "ECONNRESET" },
		{ "accept4() failed (24: Too many open files)", "EMFILE" },
		{ "accept: Too many open files in system", "ENFILE" },
		{ "bind: Permission denied", "EACCES" },
		{ "curl: (28) Connection timed out after 5001 ms",
		    "ETIMEDOUT" },
		{ "curl: (6) Could not resolve host: nowhere.example",
		    "name resolution failure" },
		{ "write: broken pipe", "EPIPE" },
	};
	struct explain e;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		ask(&e, 1, &cases[i].text, NULL);
		if (e.n != 1 || e.nunknown != 0 ||
		    strcmp(e.answer[0].name, cases[i].error) != 0)
			fail_msg("%s: %s", cases[i].text,
			    e.n > 0 ? e.answer[0].name : "nothing");
		explain_done(&e);
	}
}

static void
bad_ports(void **state)
{
	static const char *const cases[] = { "65536", "99999999999999999999",
		"443/sctp", "443/", "8100-8000", "1-65536", "tcp/80/udp",
		":65536" };
	struct explain e = { 0 };
	char *cause;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		cause = NULL;
		if (explain_words(&e, &cases[i], 1, NULL, &cause) == 0)
			fail_msg("%s is a port?", cases[i]);
		assert_non_null(cause);
		free(cause);
		explain_done(&e);
	}
}

static void
nearest(void **state)
{
	(void)state;
	assert_string_equal(explain_nearest("soket"), "socket");
	assert_string_equal(explain_nearest("tiem-wait"), "TIME-WAIT");
	assert_string_equal(explain_nearest("htpps"), "https");
	assert_string_equal(explain_nearest("backlgo"), "backlog");
	assert_null(explain_nearest("qwertzuiopasdf"));
}

/* Every word offered by completion has an answer. */
static void
offered(void **state)
{
	const char *w;
	size_t i, n = 0;

	(void)state;
	for (i = 0; (w = explain_word_at(&i)) != NULL; n++)
		if (!is_known(w, strlen(w)))
			fail_msg("%s has no answer", w);
	assert_true(n > 230);
}

static const char *
line_of(const struct explain_answer *a, const char *label)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->line[i].label != NULL &&
		    strcmp(a->line[i].label, label) == 0)
			return a->line[i].text;
	return "";
}

/* What an answer about a port suggests, runs. */
static void
port_commands(void **state)
{
	static const char *const ports[] = { "0", "22", "53/udp", "65535",
		"8000-8100", "8000-8100/udp", "0-65535" };
	struct explain e;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < nitems(ports); i++) {
		ask(&e, 1, &ports[i], NULL);
		for (k = n = 0; k < e.answer->n; k++)
			if (e.answer->line[k].part == PART_RUN) {
				check_run(ports[i], e.answer->line[k].text);
				n++;
			} else if (e.answer->line[k].part == PART_SEE)
				check_see(ports[i], e.answer->line[k].text);
		assert_true(n > 0);
		explain_done(&e);
	}
}

/* Bounds of this machine, and of none. */
static void
limits(void **state)
{
	struct port_limits *l = xcalloc(1, sizeof(*l));
	struct explain_here here = { .limits = l };
	struct explain e;

	(void)state;
	l->ephemeral_lo = 32768;
	l->ephemeral_hi = 60999;
	l->unprivileged_known = l->reserved_known = true;
	l->unprivileged = 1024;
	portset_add_range(&l->reserved, 40000, 40010);
	ASK(&e, &here, "22");
	assert_ptr_equal(strstr(line_of(e.answer, "To bind"), "needs CAP_NET"),
	    line_of(e.answer, "To bind"));
	assert_non_null(strstr(line_of(e.answer, "Ephemeral"), "outside"));
	assert_string_equal(line_of(e.answer, "Reserved"), "");
	explain_done(&e);
	ASK(&e, &here, "40005");
	assert_non_null(strstr(line_of(e.answer, "To bind"), "no privilege"));
	assert_non_null(strstr(line_of(e.answer, "Ephemeral"), "within"));
	assert_non_null(strstr(line_of(e.answer, "Reserved"), "not given"));
	explain_done(&e);
	ASK(&e, &here, "1000-40005");
	assert_non_null(strstr(line_of(e.answer, "Ephemeral"), "partly"));
	assert_non_null(strstr(line_of(e.answer, "Reserved"), "6 of them"));
	explain_done(&e);
	ASK(&e, NULL, "22");
	assert_string_equal(line_of(e.answer, "To bind"), "");
	explain_done(&e);
	free(l);
}

static void
list_of_services(void **state)
{
	static const char *const web[] = { "80-443", "tcp", "encrypted" };
	static const char *const none[] = { "nosuchservice" };
	static const char *const plain[] = { "plain" };
	const struct service **list;
	size_t n, i, all;

	(void)state;
	list = explain_services(web, 3, false, &n);
	assert_true(n > 2);
	for (i = 0; i < n; i++) {
		assert_in_range(list[i]->port, 80, 443);
		assert_int_not_equal(list[i]->proto, 17);
		assert_true((list[i]->flags & SERVICE_ENCRYPTED) != 0);
		assert_true(i == 0 || list[i]->port >= list[i - 1]->port);
	}
	assert_string_equal(list[n - 1]->name, "https");
	free(list);
	list = explain_services(none, 1, false, &n);
	assert_int_equal(n, 0);
	free(list);
	list = explain_services(NULL, 0, false, &all);
	free(list);
	assert_true(all > 500);
	list = explain_services(plain, 1, false, &n);
	free(list);
	assert_in_range(n, 100, all - 100);
	/* The machine's file adds what the table has no word for, once. */
	service_load("mine 44001/tcp me\nssh-too 22/tcp\n", 31);
	list = explain_services(NULL, 0, true, &n);
	assert_int_equal(n, all + 1);
	free(list);
	service_load("", 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_terms),
		cmocka_unit_test(all_questions),
		cmocka_unit_test(all_notes),
		cmocka_unit_test(all_states),
		cmocka_unit_test(successors),
		cmocka_unit_test(lesson_ports),
		cmocka_unit_test(words),
		cmocka_unit_test(messages),
		cmocka_unit_test(bad_ports),
		cmocka_unit_test(nearest),
		cmocka_unit_test(offered),
		cmocka_unit_test(port_commands),
		cmocka_unit_test(limits),
		cmocka_unit_test(list_of_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
