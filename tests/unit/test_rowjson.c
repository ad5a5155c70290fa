/* SPDX-License-Identifier: ISC */
/*
 * A row as JSON: the keys of the contract, and that what was written is
 * rebuilt by the reader of recordings, bit for bit.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/text.h"
#include "collect/replay.h"
#include "fixture.h"
#include "model/rowjson.h"

static struct fixture fx;

static int
setup(void **state)
{
	(void)state;
	fixture_init(&fx);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_done(&fx);
	return 0;
}

static json_t *
load(const char *text, size_t len)
{
	json_error_t e;
	json_t *j = json_loadb(text, len, 0, &e);

	if (j == NULL)
		fail_msg("%s in %.*s", e.text, (int)len, text);
	return j;
}

static json_t *
written(const struct row *r)
{
	struct buf b = { 0 };
	struct json j;
	json_t *ret;

	jw_init(&j, &b);
	row_json(&j, r, &fx.ctx);
	assert_null(memchr(b.data, '\n', b.len));
	ret = load(b.data, b.len);
	buf_done(&b);
	return ret;
}

/* The contract's example, value by value: "a.b" is a member of a member. */
static const json_t *
at(const json_t *j, const char *path)
{
	char name[64];
	const char *dot;

	for (; j != NULL; path = dot + 1) {
		dot = strchr(path, '.');
		snprintf(name, sizeof(name), "%.*s",
		    (int)(dot != NULL ? (size_t)(dot - path) : strlen(path)),
		    path);
		j = json_is_array(j) ? json_array_get(j, (size_t)atoi(name))
				     : json_object_get(j, name);
		if (dot == NULL)
			break;
	}
	return j;
}

static void
expect_text(const json_t *j, const char *path, const char *text)
{
	const char *got = json_string_value(at(j, path));

	if (text == NULL ? at(j, path) != NULL
			 : got == NULL || strcmp(got, text) != 0)
		fail_msg("%s is %s, not %s", path, got != NULL ? got : "absent",
		    text != NULL ? text : "absent");
}

static void
expect_int(const json_t *j, const char *path, json_int_t n)
{
	if (!json_is_integer(at(j, path)) ||
	    json_integer_value(at(j, path)) != n)
		fail_msg("%s is not %lld", path, (long long)n);
}

static void
test_keys(void **state)
{
	json_t *j = written(&fx.row[ROW_a]);

	(void)state;
	expect_int(j, "netns", 4026531840);
	expect_text(j, "netns_name", "default");
	expect_text(j, "proto", "tcp");
	expect_int(j, "family", 4);
	expect_text(j, "state", "LISTEN");
	expect_text(j, "local.addr", "0.0.0.0");
	expect_int(j, "local.port", 22);
	expect_text(j, "local.service", "ssh");
	expect_text(j, "local.iface", NULL);
	expect_text(j, "peer", NULL);
	expect_int(j, "recvq", 0);
	expect_int(j, "sendq", 128);
	expect_int(j, "uid", 0);
	expect_text(j, "user", "root");
	expect_int(j, "inode", 15970);
	expect_int(j, "cookie", 4096);
	expect_text(j, "mark", NULL);
	expect_int(j, "owners.0.pid", 812);
	expect_int(j, "owners.0.fd", 3);
	expect_int(j, "owners.0.start", 123456);
	expect_text(j, "owners.0.process", "sshd");
	expect_text(j, "owners.0.cmdline", "sshd: /usr/sbin/sshd -D");
	expect_text(j, "owners.0.user", "root");
	expect_text(j, "owners.0.unit", NULL);
	expect_text(j, "unit", "ssh.service");
	expect_text(j, "container", NULL);
	expect_text(j, "exposed", "all");
	expect_text(j, "tcp", NULL);
	expect_text(j, "age_ms", NULL);
	expect_text(j, "raw_b64", NULL);
	json_decref(j);

	j = written(&fx.row[ROW_j]);
	expect_text(j, "peer.addr", "2001:db8::2");
	expect_int(j, "peer.port", 52000);
	expect_int(j, "mark", 0x1ff);
	expect_text(j, "timer.name", "keepalive");
	expect_int(j, "timer.expires_ms", 7100);
	expect_int(j, "timer.retrans", 0);
	expect_int(j, "tcp.rtt_us", 60000);
	expect_int(j, "tcp.rttvar_us", 4000);
	expect_int(j, "tcp.cwnd", 10);
	expect_int(j, "tcp.mss", 1448);
	expect_int(j, "tcp.retrans", 7);
	expect_int(j, "tcp.bytes_sent", 5000000);
	expect_int(j, "tcp.bytes_received", 1200);
	assert_float_equal(json_number_value(at(j, "tcp.rx_bps")), 1500, 0.01);
	expect_text(j, "tcp.cc", "cubic");
	expect_text(j, "socket_cgroup", "/web.slice");
	expect_int(j, "age_ms", 5000);
	json_decref(j);

	j = written(&fx.row[ROW_e]);
	assert_int_equal(json_array_size(json_object_get(j, "owners")), 2);
	expect_int(j, "owners.1.pid", 901);
	assert_true(json_is_false(at(j, "v6only")));
	json_decref(j);
	j = written(&fx.row[ROW_g]);
	expect_text(j, "local.iface", "eth0");
	expect_text(j, "state", "UNCONNECTED");
	expect_text(j, "timer", NULL);
	json_decref(j);
}

/* What is not known has no key. */
static void
test_unknown(void **state)
{
	static const char *const absent[] = { "recvq", "sendq", "uid", "user",
		"inode", "mark", "ifindex", "owners", "cgroup", "unit", "timer",
		"tcp", "skmem", "v6only", "age_ms", "cgroup_id" };
	struct row r = fx.row[ROW_b];
	json_t *j;
	size_t i;

	(void)state;
	r.rec.known = 0;
	j = written(&r);
	for (i = 0; i < nitems(absent); i++)
		expect_text(j, absent[i], NULL);
	json_decref(j);
	r = fx.row[ROW_e];
	r.rec.flags |= SOCKF_NO_LIMIT;
	j = written(&r);
	expect_int(j, "recvq", 3);
	expect_text(j, "sendq", NULL);
	json_decref(j);
}

/* As much of everything as there is. */
static void
fill_ext(struct sock_ext *e)
{
	int id, i;

	memset(e, 0, sizeof(*e));
	for (id = 0; id < TCPI_NFIELDS; id++)
		tcpinfo_set(e, (enum tcpinfo_id)id,
		    tcpinfo_fields[id].bits != 0 ? 1 : (uint64_t)(id + 5));
	e->skmem_n = SKMEM_N;
	for (i = 0; i < SKMEM_N; i++)
		e->skmem[i] = (uint32_t)(1000 + i);
	e->has_tos = e->has_tclass = e->has_class_id = e->has_ulp = true;
	e->tos = 0x10;
	e->tclass = 0x20;
	e->class_id = 0x30001;
	strcpy(e->cc, "bbr");
	strcpy(e->ulp, "tls");
}

static void
same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

static void
same_owners(const struct owners *a, const struct owners *b)
{
	struct owner x, y;
	uint32_t i;

	assert_int_equal(a->n, b->n);
	for (i = 0; i < a->n; i++) {
		x = owners_at(a, i);
		y = owners_at(b, i);
		assert_int_equal(x.fd, y.fd);
		assert_int_equal(x.proc->pid, y.proc->pid);
		assert_int_equal(x.proc->ppid, y.proc->ppid);
		assert_int_equal(x.proc->uid, y.proc->uid);
		assert_true(x.proc->start == y.proc->start);
		assert_true(x.proc->start_wall == y.proc->start_wall);
		same_text(x.proc->comm, y.proc->comm);
		same_text(x.proc->cmdline, y.proc->cmdline);
		same_text(x.proc->user, y.proc->user);
		same_text(x.proc->exe, y.proc->exe);
		same_text(x.proc->cwd, y.proc->cwd);
		same_text(x.proc->cgroup, y.proc->cgroup);
		same_text(x.proc->unit, y.proc->unit);
		same_text(x.proc->container, y.proc->container);
	}
}

static void
rebuild(const struct row *r)
{
	struct names *known = names_new();
	struct replay_reading rd;
	struct replay_sock s;
	struct sock_rec want = r->rec;
	json_t *j = written(r);

	replay_reading_init(&rd, known);
	assert_true(replay_sock_parse(j, &rd, NULL, &s));
	/* A datagram socket has no timer: nothing is said of it. */
	if (want.proto == SOCK_UDP)
		want.known &= (uint16_t)~KNOWN_TIMER;
	if (memcmp(&want, &s.rec, sizeof(want)) != 0)
		fail_msg("row %c differs: known %x and %x, flags %x and %x",
		    (char)('a' + r->seq), want.known, s.rec.known, want.flags,
		    s.rec.flags);
	same_owners(&r->owners, &s.owners);
	if (r->ext != NULL && r->ext->tcp_info_len > 0) {
		assert_int_equal(r->ext->tcp_info_len, s.ext->tcp_info_len);
		/* tcpi_state is the row's own. */
		assert_memory_equal(r->ext->tcp_info + 1, s.ext->tcp_info + 1,
		    sizeof(s.ext->tcp_info) - 1);
		assert_memory_equal(
		    r->ext->skmem, s.ext->skmem, sizeof(s.ext->skmem));
		assert_int_equal(r->ext->skmem_n, s.ext->skmem_n);
		assert_string_equal(r->ext->cc, s.ext->cc);
		assert_string_equal(r->ext->ulp, s.ext->ulp);
		assert_int_equal(r->ext->class_id, s.ext->class_id);
	}
	replay_sock_done(&s);
	replay_reading_done(&rd);
	names_free(known);
	json_decref(j);
}

static void
test_rebuilt(void **state)
{
	struct row *r;
	size_t i;

	(void)state;
	for (i = 0; i < FIXTURE_ROWS; i++)
		rebuild(&fx.row[i]);
	r = &fx.row[ROW_l];
	r->ext = xcalloc(1, sizeof(*r->ext));
	fill_ext(r->ext);
	r->rec.known |= KNOWN_BYTES;
	r->rec.rtt_us = (uint32_t)tcpinfo_or0(r->ext, TCPI_RTT);
	r->rec.rttvar_us = (uint32_t)tcpinfo_or0(r->ext, TCPI_RTTVAR);
	r->rec.cwnd = (uint32_t)tcpinfo_or0(r->ext, TCPI_SND_CWND);
	r->rec.mss = (uint16_t)tcpinfo_or0(r->ext, TCPI_SND_MSS);
	r->rec.retrans_total =
	    (uint32_t)tcpinfo_or0(r->ext, TCPI_TOTAL_RETRANS);
	r->rec.bytes_sent = UINT64_C(1) << 52;
	r->rec.bytes_received = tcpinfo_or0(r->ext, TCPI_BYTES_RECEIVED);
	r->rec.flags |= SOCKF_ORPHAN | SOCKF_SHUT_WR;
	rebuild(r);
}

/* Struct tcp_info cut at each byte: only whole fields are told. */
static void
test_short_info(void **state)
{
	struct row *r = &fx.row[ROW_l];
	size_t fields = 0, before = 0;
	uint16_t n;
	json_t *j;

	(void)state;
	r->ext = xcalloc(1, sizeof(*r->ext));
	for (n = 0; n <= SOCK_TCP_INFO_MAX; n++) {
		fill_ext(r->ext);
		r->ext->tcp_info_len = n;
		j = written(r);
		fields = json_object_size(at(j, "tcp"));
		if (n > 8)
			assert_in_range(fields, before, before + 1);
		before = fields;
		json_decref(j);
	}
	assert_in_range(fields, TCPI_NFIELDS, TCPI_NFIELDS + 4);
}

/* Numbers that stand for "none" are not numbers. */
static void
test_none(void **state)
{
	struct row *r = &fx.row[ROW_l];
	json_t *j;

	(void)state;
	r->ext = xcalloc(1, sizeof(*r->ext));
	fill_ext(r->ext);
	tcpinfo_set(r->ext, TCPI_MIN_RTT, UINT32_MAX);
	tcpinfo_set(r->ext, TCPI_SND_SSTHRESH, INT32_MAX);
	tcpinfo_set(r->ext, TCPI_PACING_RATE, UINT64_MAX);
	j = written(r);
	expect_text(j, "tcp.min_rtt_us", NULL);
	expect_text(j, "tcp.snd_ssthresh", NULL);
	expect_text(j, "tcp.pacing_rate_Bps", NULL);
	json_decref(j);
	/* Neither is a 0 where nothing was measured. */
	memset(r->ext, 0, sizeof(*r->ext));
	r->ext->tcp_info_len = SOCK_TCP_INFO_MAX;
	j = written(r);
	expect_text(j, "tcp.rtt_us", NULL);
	expect_text(j, "tcp.mss", NULL);
	expect_int(j, "tcp.retrans", 0);
	json_decref(j);
	r->rec.state = SOCK_LISTEN;
	tcpinfo_set(r->ext, TCPI_SACKED, 5);
	tcpinfo_set(r->ext, TCPI_SND_CWND, 10);
	j = written(r);
	expect_int(j, "tcp.cwnd", 10);
	expect_text(j, "tcp.sacked", NULL);
	expect_text(j, "tcp.retrans", NULL);
	json_decref(j);
	r->ext->tcp_info_len = 0;
	r->rec.state = SOCK_SYN_SENT;
	r->rec.rtt_us = r->rec.mss = 0;
	j = written(r);
	expect_text(j, "tcp.rtt_us", NULL);
	expect_int(j, "tcp.cwnd", 0);
	json_decref(j);
}

static void
test_congestion(void **state)
{
	struct row *r = &fx.row[ROW_l];
	uint32_t bbr[5] = { 1000, 1, 22, 512, 256 };
	json_t *j;

	(void)state;
	r->ext = xcalloc(1, sizeof(*r->ext));
	r->ext->cc_info_kind = 16;
	r->ext->cc_info_len = sizeof(bbr);
	memcpy(r->ext->cc_info, bbr, sizeof(bbr));
	j = written(r);
	expect_int(j, "tcp.bbr.bw_Bps", ((json_int_t)1 << 32) + 1000);
	expect_int(j, "tcp.bbr.pacing_gain", 512);
	json_decref(j);
	/* Cut short: nothing beyond it is read. */
	r->ext->cc_info_len = 6;
	j = written(r);
	expect_int(j, "tcp.bbr.bw_Bps", 1000);
	expect_int(j, "tcp.bbr.cwnd_gain", 0);
	json_decref(j);
}

/* Clean text keeps every byte of what it was: \xNN and \u{N}. */
static void
test_hostile_text(void **state)
{
	static const char raw[] = "a\033[31m\n\x9b\xff\"\\\xe2\x80\xae";
	struct proc *p = fx.row[ROW_a].owners.proc;
	char *clean = text_clean(raw, sizeof(raw) - 1);
	json_t *j;

	(void)state;
	free(p->comm);
	p->comm = clean;
	j = written(&fx.row[ROW_a]);
	expect_text(j, "owners.0.process", clean);
	json_decref(j);
}

static void
test_head(void **state)
{
	struct snap *snap = snap_new();
	struct buf b = { 0 };
	struct json w;
	json_t *j;

	(void)state;
	snap->host = xstrdup("web1");
	snap->wall.tv_sec = 1795229455;
	snap->wall.tv_nsec = 123000000;
	snap->flags = SNAP_PRIVILEGED;
	snap->hidden_owners = 7;
	snap->source = SOURCE_PROCFS;
	snap_warn(snap, "one \"odd\" thing");
	jw_init(&w, &b);
	jw_object(&w);
	snap_json_head(&w, snap);
	jw_array(&w);
	row_json(&w, &fx.row[ROW_a], &fx.ctx);
	row_json(&w, &fx.row[ROW_b], &fx.ctx);
	jw_array_end(&w);
	jw_object_end(&w);
	j = load(b.data, b.len);
	expect_int(j, "schema", 1);
	expect_text(j, "host", "web1");
	expect_text(j, "time", "2026-11-21T02:50:55.123Z");
	expect_text(j, "source", "procfs");
	assert_true(json_is_true(at(j, "privileged")));
	expect_int(j, "hidden_owners", 7);
	expect_text(j, "warnings.0", "one \"odd\" thing");
	assert_int_equal(json_array_size(at(j, "sockets")), 2);
	json_decref(j);
	buf_done(&b);
	snap_free(snap);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_keys), TEST(test_unknown),
		TEST(test_rebuilt), TEST(test_short_info), TEST(test_none),
		TEST(test_congestion), TEST(test_hostile_text),
		TEST(test_head) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
