/* SPDX-License-Identifier: ISC */
/*
 * The prober with conversations of the test's own, against servers that answer
 * by script: who claims a greeting, what goes on in a second connection, after
 * STARTTLS, inside TLS, by datagrams that get lost or come from elsewhere.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "model/probe_file.h"
#include "probe/prober.h"
#include "probe/talk.h"

#define SKIP 77

/* -- conversations --------------------------------------------------------- */

static bool
begins(const struct talk *t, const char *with)
{
	size_t n = strlen(with);

	return t->nin >= n && memcmp(t->in, with, n) == 0;
}

static bool
has(const struct talk *t, const char *what)
{
	return t->nin > 0 && memmem(t->in, t->nin, what, strlen(what)) != NULL;
}

static enum talk_verdict
more_or_not(const struct talk *t)
{
	return t->eof || t->timeout ? TALK_NOT : TALK_MORE;
}

/* Two protocols with one greeting. */
static enum talk_verdict
claim(struct talk *t, const char *say, const char *answer)
{
	if (t->nin < 4)
		return more_or_not(t);
	if (!begins(t, "220 "))
		return TALK_NOT;
	if (t->step++ == 0) {
		talk_send(t, say, strlen(say));
		return TALK_MORE;
	}
	if (has(t, "500"))
		return TALK_NOT;
	return has(t, answer) ? TALK_DONE : more_or_not(t);
}

static enum talk_verdict
alpha_input(struct talk *t)
{
	return claim(t, "ALPHA\n", "alpha yes");
}

static enum talk_verdict
beta_input(struct talk *t)
{
	return claim(t, "BETA\n", "beta yes");
}

static void
twice_begin(struct talk *t)
{
	talk_sendf(t, "TWICE %u %s\n", t->step, t->host);
}

static enum talk_verdict
twice_input(struct talk *t)
{
	if (t->step == 0 && begins(t, "first")) {
		service_setf(
		    t->info->product, sizeof(t->info->product), "first");
		t->step = 1;
		return TALK_AGAIN;
	}
	if (t->step == 1 && begins(t, "second")) {
		service_setf(
		    t->info->version, sizeof(t->info->version), "second");
		return TALK_DONE;
	}
	return t->nin >= 6 ? TALK_NOT : more_or_not(t);
}

static enum talk_verdict
stls_input(struct talk *t)
{
	if (t->tls && t->step == 2) {
		t->step = 3;
		talk_send(t, "INSIDE\n", 7);
		return TALK_MORE;
	}
	if (t->tls)
		return has(t, "inside yes") ? TALK_DONE : more_or_not(t);
	if (t->nin >= 7 && !begins(t, "* READY"))
		return TALK_NOT;
	if (t->nin < 7)
		return more_or_not(t);
	if (t->step == 0) {
		t->step = 1;
		talk_send(t, "STARTTLS\n", 9);
		return TALK_MORE;
	}
	if (!has(t, "GO"))
		return more_or_not(t);
	t->step = 2;
	return TALK_STARTTLS;
}

static void
inner_begin(struct talk *t)
{
	talk_send(t, "INNER\n", 6);
}

static enum talk_verdict
inner_input(struct talk *t)
{
	if (t->nin >= 3 && !begins(t, "inn"))
		return TALK_NOT;
	return has(t, "inner yes") ? TALK_DONE : more_or_not(t);
}

/* What answers in two datagrams. */
static void
gram_begin(struct talk *t)
{
	talk_send(t, "GRAM 1", 6);
}

static enum talk_verdict
gram_input(struct talk *t)
{
	if (t->step == 0 && begins(t, "gram 1")) {
		t->step = 1;
		talk_send(t, "GRAM 2", 6);
		return TALK_MORE;
	}
	return has(t, "gram 2") ? TALK_DONE : more_or_not(t);
}

static void
moves_begin(struct talk *t)
{
	talk_send(t, "MOVES 1", 7);
}

static enum talk_verdict
moves_input(struct talk *t)
{
	if (t->step == 0 && begins(t, "moved")) {
		t->step = 1;
		talk_send(t, "MOVES 2", 7);
		return TALK_MORE;
	}
	return has(t, "there") ? TALK_DONE : more_or_not(t);
}

#define TALK_OPS(n, r, f, b)                                  \
	static const struct talk_ops talk_##n = { .name = #n, \
		.service = #n,                                \
		.flags = (f),                                 \
		.rarity = (r),                                \
		.begin = b,                                   \
		.input = n##_input,                           \
		.source = "the test" }

TALK_OPS(alpha, 1, TALK_TCP | TALK_GREETED, NULL);
TALK_OPS(beta, 2, TALK_TCP | TALK_GREETED, NULL);
TALK_OPS(stls, 3, TALK_TCP | TALK_GREETED, NULL);
TALK_OPS(twice, 1, TALK_TCP, twice_begin);
TALK_OPS(inner, 2, TALK_TCP | TALK_IN_TLS, inner_begin);
TALK_OPS(gram, 1, TALK_UDP, gram_begin);
TALK_OPS(moves, 2, TALK_UDP | TALK_MOVES, moves_begin);

const struct talk_ops *const talks[] = { &talk_alpha, &talk_beta, &talk_stls,
	&talk_twice, &talk_inner, &talk_gram, &talk_moves, NULL };

/* -- a probe file ---------------------------------------------------------- */

static const struct probe_def def_ask = { .name = "Ask",
	.proto = SOCK_TCP,
	.bytes = (const uint8_t *)"ASK\n",
	.len = 4,
	.rarity = 3 };
static bool with_file;

size_t
probe_files_count(const struct probe_files *f)
{
	(void)f;
	return with_file ? 1 : 0;
}

const struct probe_def *
probe_files_at(const struct probe_files *f, size_t i)
{
	(void)f;
	return i == 0 ? &def_ask : NULL;
}

bool
probe_def_wants(const struct probe_files *f, const struct probe_def *d,
    uint16_t port, bool tls)
{
	(void)f;
	(void)d;
	(void)port;
	(void)tls;
	return false;
}

bool
probe_files_excluded(const struct probe_files *f, uint8_t proto, uint16_t port)
{
	(void)f;
	(void)proto;
	(void)port;
	return false;
}

bool
probe_files_match(const struct probe_files *f, const struct probe_def *d,
    const uint8_t *answer, size_t len, bool tls, struct service_info *info,
    bool *soft)
{
	const char *word = d == NULL ? "odd greeting" : "asked";

	(void)f;
	(void)tls;
	*soft = memmem(answer, len, "maybe", 5) != NULL;
	if (!*soft && memmem(answer, len, word, strlen(word)) == NULL)
		return false;
	service_setf(
	    info->name, sizeof(info->name), "%s", d == NULL ? "odd" : "filed");
	return !*soft;
}

/* -- servers --------------------------------------------------------------- */

struct server {
	int fd;
	uint16_t port;
	SSL_CTX *ctx; /* TLS from the first byte, or after "STARTTLS" */
	bool tls;
	const char *greeting; /* NULL: none */
	unsigned greets_after_ms;
	/* What it says to a line, by how it begins; "" closes. */
	struct {
		const char *line, *answer;
	} script[8];
	const char *otherwise; /* NULL: silence */
	atomic_uint connections;
};

struct peer {
	struct server *s;
	int fd;
	SSL *ssl;
};

static int
peer_read(struct peer *p, char *to, int n)
{
	return p->ssl != NULL ? SSL_read(p->ssl, to, n)
			      : (int)recv(p->fd, to, (size_t)n, 0);
}

static void
peer_write(struct peer *p, const char *s)
{
	size_t n = strlen(s);

	if (p->ssl != NULL)
		(void)SSL_write(p->ssl, s, (int)n);
	else
		(void)send(p->fd, s, n, MSG_NOSIGNAL);
}

static bool
peer_tls(struct peer *p)
{
	p->ssl = SSL_new(p->s->ctx);
	SSL_set_fd(p->ssl, p->fd);
	return SSL_accept(p->ssl) == 1;
}

static const char *
answer_to(const struct server *s, const char *line)
{
	size_t i;

	for (i = 0; i < nitems(s->script) && s->script[i].line != NULL; i++)
		if (strncmp(line, s->script[i].line,
			strlen(s->script[i].line)) == 0)
			return s->script[i].answer;
	return s->otherwise;
}

/* Blocks until the other end has closed, or for so long. */
static bool
gone_within(int fd, unsigned ms)
{
	struct timeval tv = { ms / 1000, (int)(ms % 1000) * 1000 };
	char c;
	bool gone;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	gone = recv(fd, &c, 1, MSG_PEEK) == 0;
	tv = (struct timeval){ 0, 0 };
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return gone;
}

static void *
serve(void *arg)
{
	struct peer *p = arg;
	const struct server *s = p->s;
	const char *answer;
	char line[2048];
	int n;

	if (s->greets_after_ms > 0)
		(void)gone_within(p->fd, s->greets_after_ms);
	if (s->tls && !peer_tls(p))
		goto over;
	if (s->greeting != NULL)
		peer_write(p, s->greeting);
	while ((n = peer_read(p, line, sizeof(line) - 1)) > 0) {
		line[n] = '\0';
		answer = answer_to(s, line);
		if (answer == NULL)
			continue;
		if (answer[0] == '\0')
			break;
		peer_write(p, answer);
		if (strcmp(line, "STARTTLS\n") == 0 && !peer_tls(p))
			break;
	}
over:
	SSL_free(p->ssl);
	(void)close(p->fd);
	free(p);
	return NULL;
}

static void *
accept_all(void *arg)
{
	struct server *s = arg;
	pthread_t thread;
	struct peer *p;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		s->connections++;
		p = xcalloc(1, sizeof(*p));
		p->s = s;
		p->fd = fd;
		if (pthread_create(&thread, NULL, serve, p) != 0)
			abort();
		(void)pthread_detach(thread);
	}
	return NULL;
}

static int
bound(int type, uint16_t *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*port = ntohs(sin.sin_port);
	return fd;
}

static void
server_start(struct server *s)
{
	pthread_t thread;

	s->fd = bound(SOCK_STREAM, &s->port);
	assert_int_equal(listen(s->fd, 16), 0);
	assert_int_equal(pthread_create(&thread, NULL, accept_all, s), 0);
	(void)pthread_detach(thread);
}

/* A key and a certificate of the moment. */
static SSL_CTX *
server_tls(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	(void)X509_set_version(x, X509_VERSION_3);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	(void)X509_gmtime_adj(X509_getm_notBefore(x), 0);
	(void)X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	(void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)"script.example", -1, -1, 0);
	(void)X509_set_issuer_name(x, name);
	(void)X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	assert_int_equal(SSL_CTX_use_certificate(ctx, x), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
	X509_free(x);
	EVP_PKEY_free(key);
	return ctx;
}

/* -- the prober ------------------------------------------------------------ */

struct result {
	struct service_info info;
	unsigned n;
};

static void
on_found(
    void *arg, const struct probe_job *job, const struct service_info *info)
{
	struct result *r = arg;

	(void)job;
	r->info = *info;
	r->n++;
}

static void
on_note(void *arg, bool warning, const char *text)
{
	(void)arg;
	(void)warning;
	fail_msg("%s", text);
}

static bool
never(void *arg)
{
	(void)arg;
	return false;
}

static void
probe(uint16_t port, uint8_t proto, bool checks, struct result *r)
{
	const struct prober_limits limits = { .budget_ms = 6000,
		.parallel = 4,
		.host_parallel = 16,
		.max_fds = 64,
		.intensity = 7,
		.checks = checks };
	const struct prober_sink sink = { on_found, on_note, never, r };
	struct probe_job job = { .addr = { .family = 4 },
		.port = port,
		.proto = proto,
		.host = "script.example" };
	struct prober *p;
	char *cause = NULL;

	memset(r, 0, sizeof(*r));
	memcpy(job.addr.addr, "\x7f\0\0\1", 4);
	/* What it is, only the functions above would know. */
	p = prober_new(&limits,
	    with_file ? (const struct probe_files *)&with_file : NULL, &sink,
	    &cause);
	assert_non_null(p);
	prober_add(p, &job);
	prober_last(p);
	assert_int_equal(prober_run(p, &cause), 0);
	prober_free(p);
	assert_int_equal(r->n, 1);
	assert_true(r->info.took_ms < 6500);
}

/* -- tests ----------------------------------------------------------------- */

/* Who claims it first is wrong: the other has a connection of its own. */
static void
two_claims(void **state)
{
	static struct server s = { .greeting = "220 hello\n",
		.script = { { "BETA", "beta yes\n" } },
		.otherwise = "500 what?\n" };
	struct result r;

	(void)state;
	server_start(&s);
	probe(s.port, SOCK_TCP, false, &r);
	assert_string_equal(r.info.name, "beta");
	assert_string_equal(r.info.how, "beta");
	assert_true(s.connections <= 6);
}

/* In the connection where it was heard. */
static void
one_connection(void **state)
{
	static struct server s = { .greeting = "220 hello\n",
		.script = { { "ALPHA", "alpha yes\n" } } };
	struct result r;

	(void)state;
	server_start(&s);
	probe(s.port, SOCK_TCP, false, &r);
	assert_string_equal(r.info.name, "alpha");
	assert_true(s.connections <= 3);
	assert_true(r.info.took_ms < 1000);
}

static void
late_greeting(void **state)
{
	static struct server s = { .greeting = "220 hello\n",
		.greets_after_ms = 700,
		.script = { { "ALPHA", "alpha yes\n" } } };
	struct result r;

	(void)state;
	server_start(&s);
	probe(s.port, SOCK_TCP, false, &r);
	assert_string_equal(r.info.name, "alpha");
}

static void
again(void **state)
{
	static struct server s = { .script = {
				       { "TWICE 0 script.example", "first\n" },
				       { "TWICE 1", "second\n" } } };
	struct result r;

	(void)state;
	server_start(&s);
	probe(s.port, SOCK_TCP, false, &r);
	assert_string_equal(r.info.name, "twice");
	assert_string_equal(r.info.product, "first");
	assert_string_equal(r.info.version, "second");
}

/* What was recognised stays so, whatever comes of the second connection. */
static void
again_in_vain(void **state)
{
	static struct server s = { .script = { { "TWICE 0", "first\n" },
				       { "TWICE 1", "" } } };
	struct result r;

	(void)state;
	server_start(&s);
	probe(s.port, SOCK_TCP, false, &r);
	assert_string_equal(r.info.name, "twice");
	assert_string_equal(r.info.product, "first");
	assert_string_equal(r.info.version, "");
	assert_true(r.info.took_ms < 1000);
}

static void
starttls(void **state)
{
	static struct server s = { .greeting = "* READY\n",
		.script = {
		    { "STARTTLS", "GO\n" }, { "INSIDE", "inside yes\n" } } };
	struct result r;

	(void)state;
	s.ctx = server_tls();
	server_start(&s);
	probe(s.port, SOCK_TCP, false, &r);
	assert_string_equal(r.info.name, "stls");
	assert_false(r.info.tls);
	assert_string_equal(
	    service_fact_get(&r.info, "tls.subject"), "script.example");
	assert_string_equal(
	    service_fact_get(&r.info, "tls.version"), "TLSv1.3");
}

/* It says that it does, and then does not. */
static void
starttls_in_vain(void **state)
{
	static struct server s = { .greeting = "* READY\n",
		.script = { { "STARTTLS", "GO\nnonsense and more of it\n" } } };
	struct result r;

	(void)state;
	s.ctx = SSL_CTX_new(TLS_server_method());
	server_start(&s);
	probe(s.port, SOCK_TCP, false, &r);
	assert_string_equal(r.info.name, "stls");
	assert_null(service_fact_get(&r.info, "tls.version"));
	assert_true(r.info.took_ms < 4000);
}

static void
inside_tls(void **state)
{
	static struct server s = { .tls = true,
		.script = { { "INNER", "inner yes\n" } },
		.otherwise = "what?\n" };
	struct result r;

	(void)state;
	s.ctx = server_tls();
	server_start(&s);
	probe(s.port, SOCK_TCP, true, &r);
	assert_string_equal(r.info.name, "inner");
	assert_true(r.info.tls);
	assert_string_equal(service_fact_get(&r.info, "tls.key"), "EC P-256");
	assert_string_equal(
	    service_fact_get(&r.info, "tls.self_signed"), "yes");
	assert_string_equal(
	    service_fact_get(&r.info, "tls.versions"), "TLSv1.2 TLSv1.3");
}

/* What no conversation knows. */
static void
by_file(void **state)
{
	static struct server greets = { .greeting = "an odd greeting\n" },
			     asked = { .script = { { "ASK", "asked\n" } },
				     .otherwise = "what?\n" },
			     soft = { .script = { { "ASK", "maybe\n" } },
				     .otherwise = "what?\n" };
	struct result r;

	(void)state;
	with_file = true;
	server_start(&greets);
	probe(greets.port, SOCK_TCP, false, &r);
	assert_string_equal(r.info.name, "odd");
	assert_int_equal(r.info.method, SERVICE_BY_MATCH);
	assert_string_equal(r.info.evidence, "an odd greeting\\x0a");
	server_start(&asked);
	probe(asked.port, SOCK_TCP, false, &r);
	assert_string_equal(r.info.name, "filed");
	assert_int_equal(r.info.conf, 8);
	server_start(&soft);
	probe(soft.port, SOCK_TCP, false, &r);
	assert_string_equal(r.info.name, "filed");
	assert_int_equal(r.info.conf, 5);
	with_file = false;
}

/* -- datagrams ------------------------------------------------------------- */

struct grams {
	int fd, other;
	uint16_t port;
	unsigned lost; /* so many get no answer */
	bool moves;
};

static void *
serve_grams(void *arg)
{
	struct grams *g = arg;
	struct sockaddr_in from;
	char in[64];
	const char *out;
	ssize_t n;
	int fd;

	for (fd = g->fd;;) {
		socklen_t len = sizeof(from);

		n = recvfrom(
		    fd, in, sizeof(in) - 1, 0, (struct sockaddr *)&from, &len);
		if (n <= 0)
			return NULL;
		in[n] = '\0';
		if (strncmp(in, g->moves ? "MOVES" : "GRAM", 4) != 0)
			continue;
		if (g->lost > 0) {
			g->lost--;
			continue;
		}
		fd = g->moves ? g->other : g->fd;
		out = !g->moves      ? in[5] == '1' ? "gram 1" : "gram 2"
		      : in[6] == '1' ? "moved"
				     : "there";
		(void)sendto(
		    fd, out, 6, 0, (struct sockaddr *)&from, sizeof(from));
	}
}

static void
grams_start(struct grams *g)
{
	pthread_t thread;
	uint16_t port;

	g->fd = bound(SOCK_DGRAM, &g->port);
	g->other = bound(SOCK_DGRAM, &port);
	assert_int_equal(pthread_create(&thread, NULL, serve_grams, g), 0);
	(void)pthread_detach(thread);
}

static void
datagrams(void **state)
{
	static struct grams g, h = { .lost = 1 };
	struct result r;

	(void)state;
	grams_start(&g);
	probe(g.port, SOCK_UDP, false, &r);
	assert_string_equal(r.info.name, "gram");
	assert_true(r.info.took_ms < 200);
	grams_start(&h);
	probe(h.port, SOCK_UDP, false, &r);
	assert_string_equal(r.info.name, "gram");
}

static void
from_elsewhere(void **state)
{
	static struct grams g = { .moves = true };
	struct result r;

	(void)state;
	grams_start(&g);
	probe(g.port, SOCK_UDP, false, &r);
	assert_string_equal(r.info.name, "moves");
}

/* -- place ----------------------------------------------------------------- */

static bool
enter(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWNET) < 0 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	(void)strlcpy(ifr.ifr_name, "lo", sizeof(ifr.ifr_name));
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		return false;
	(void)close(fd);
	return true;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_claims),
		cmocka_unit_test(one_connection),
		cmocka_unit_test(late_greeting),
		cmocka_unit_test(again),
		cmocka_unit_test(again_in_vain),
		cmocka_unit_test(starttls),
		cmocka_unit_test(starttls_in_vain),
		cmocka_unit_test(inside_tls),
		cmocka_unit_test(by_file),
		cmocka_unit_test(datagrams),
		cmocka_unit_test(from_elsewhere),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	if (!enter()) {
		printf("skipped: namespaces are not permitted\n");
		return SKIP;
	}
	return cmocka_run_group_tests_name("prober", tests, NULL, NULL);
}
