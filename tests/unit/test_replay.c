/* SPDX-License-Identifier: ISC */
/* What is recorded comes back the same; what is made up does no harm. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "collect/record.h"
#include "collect/source.h"
#include "fixture.h"
#include "model/need.h"
#include "model/rowjson.h"

static char dir[64];

static int
make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/sockdeck-replay.XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
remove_dir(void **state)
{
	char cmd[128];

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	return system(cmd);
}

static const char *
in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static const char *
write_file(const char *name, const void *data, size_t n)
{
	const char *path = in_dir(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, n), (ssize_t)n);
	close(fd);
	return path;
}

/* A reading as the collector keeps it. */
static void
got_sock(void *arg, const struct sock_rec *rec, const struct sock_ext *ext)
{
	struct snap_sock *s = snap_add(arg);

	s->rec = *rec;
	if (ext != NULL) {
		s->ext = xmalloc(sizeof(*ext));
		*s->ext = *ext;
	}
}

static void
got_owners(void *arg, struct owners *who)
{
	struct snap *snap = arg;

	snap->sock[snap->n - 1].owners = *who;
	*who = (struct owners){ 0 };
}

static void
got_age(void *arg, uint32_t age_ds)
{
	struct snap *snap = arg;

	snap->sock[snap->n - 1].age_ds = age_ds;
}

static const struct request everything = { .need = ~0u,
	.tcp = true,
	.udp = true,
	.v4 = true,
	.v6 = true,
	.states = SOCK_STATES_ALL };

static struct snap *
next(struct source *src, const struct request *req)
{
	struct snap *snap = snap_new();
	struct sink sink = { .sock = got_sock,
		.owners = got_owners,
		.age = got_age,
		.arg = snap };
	char *cause = NULL;

	if (source_replay.read(src, req, &sink, snap, &cause) != 0)
		fail_msg("%s", cause);
	return snap;
}

static struct source *
open_file(const char *path)
{
	struct source *src = NULL;
	char *cause = NULL;

	if (source_replay.open(&src, path, &cause) != 0)
		fail_msg("%s", cause);
	return src;
}

static void
refused(const char *path, int error, const char *words)
{
	struct source *src = NULL;
	char *cause = NULL;

	assert_int_equal(source_replay.open(&src, path, &cause), error);
	assert_null(src);
	assert_non_null(cause);
	if (strstr(cause, words) == NULL)
		fail_msg("'%s' does not say '%s'", cause, words);
	free(cause);
}

/* The fixture's rows as a table's. */
struct rows {
	struct fixture fx;
	struct row *row[FIXTURE_ROWS];
};

static void
rows_init(struct rows *r)
{
	size_t i;

	fixture_init(&r->fx);
	for (i = 0; i < FIXTURE_ROWS; i++)
		r->row[i] = &r->fx.row[i];
	r->fx.table.row = r->row;
	r->fx.table.n = FIXTURE_ROWS;
}

static bool
text_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
proc_is(const struct proc *a, const struct proc *b, const char *what)
{
	if (a->pid != b->pid || a->start != b->start || a->ppid != b->ppid ||
	    a->uid != b->uid || a->start_wall != b->start_wall ||
	    !text_same(a->comm, b->comm) || !text_same(a->user, b->user) ||
	    !text_same(a->cmdline, b->cmdline) || !text_same(a->exe, b->exe) ||
	    !text_same(a->cwd, b->cwd) || !text_same(a->cgroup, b->cgroup) ||
	    !text_same(a->unit, b->unit) ||
	    !text_same(a->container, b->container))
		fail_msg("%s: process %d (%s) came back as %d (%s)", what,
		    a->pid, a->comm, b->pid, b->comm);
}

/* Everything a record holds; a port or number that differs shows in the
 * JSON of both. */
static void
sock_is(const struct rows *rows, const struct row *want,
    const struct snap_sock *got)
{
	struct row again = { .rec = got->rec,
		.owners = got->owners,
		.ext = got->ext,
		.flags = want->flags,
		.rx_bps = want->rx_bps,
		.tx_bps = want->tx_bps,
		.born_ds = want->born_ds,
		.seq = want->seq };
	struct buf a = { 0 }, b = { 0 };
	struct json j;
	uint32_t i;

	jw_init(&j, &a);
	row_json(&j, want, &rows->fx.ctx);
	jw_init(&j, &b);
	row_json(&j, &again, &rows->fx.ctx);
	assert_string_equal(b.data, a.data);
	assert_true(sock_key_eq(sock_key(&want->rec), sock_key(&got->rec)));
	assert_int_equal(got->rec.state, want->rec.state);
	assert_int_equal(got->owners.n, want->owners.n);
	for (i = 0; i < want->owners.n; i++) {
		struct owner x = owners_at(&want->owners, i);
		struct owner y = owners_at(&got->owners, i);

		assert_int_equal(x.fd, y.fd);
		proc_is(x.proc, y.proc, a.data);
	}
	buf_done(&a);
	buf_done(&b);
}

static void
all_rows_are(const struct rows *rows, const struct snap *snap)
{
	size_t i;

	assert_int_equal(snap->n, FIXTURE_ROWS);
	for (i = 0; i < snap->n; i++)
		sock_is(rows, rows->row[i], &snap->sock[i]);
}

static const char *
name_in(const struct snap *snap, enum name_kind kind, uint64_t id)
{
	size_t i;

	for (i = 0; i < snap->nnames; i++)
		if (snap->name[i].kind == (uint32_t)kind &&
		    snap->name[i].id == id)
			return snap->name[i].text;
	return NULL;
}

static struct snap *
head_at(time_t sec)
{
	struct snap *head = snap_new();

	head->host = xstrdup("web1");
	head->wall.tv_sec = sec;
	head->flags = SNAP_PRIVILEGED;
	snap_warn(head, "one %s", "warning");
	return head;
}

static void
set_words(struct row *r, uint8_t kind, size_t n)
{
	uint32_t w[5] = { 1, 0x10002, 3, 4, 5 };

	r->ext = xcalloc(1, sizeof(*r->ext));
	strcpy(r->ext->cc, "x");
	r->ext->cc_info_kind = kind;
	r->ext->cc_info_len = (uint8_t)(n * sizeof(w[0]));
	memcpy(r->ext->cc_info, w, n * sizeof(w[0]));
}

/* Everything there is beside the record. */
static void
set_ext(struct rows *rows)
{
	struct sock_ext *e;
	unsigned i;

	set_words(rows->row[ROW_b], 3, 4);
	set_words(rows->row[ROW_c], 9, 4);
	set_words(rows->row[ROW_d], 16, 5);
	e = rows->row[ROW_d]->ext;
	for (i = 0; i < TCPI_NFIELDS; i++)
		tcpinfo_set(e, (enum tcpinfo_id)i, i + 1);
	tcpinfo_set(e, TCPI_MAX_PACING_RATE, UINT64_MAX);
	tcpinfo_set(e, TCPI_MIN_RTT, UINT32_MAX);
	e->skmem_n = SKMEM_N;
	for (i = 0; i < SKMEM_N; i++)
		e->skmem[i] = i * 1000;
	e->has_tos = e->has_tclass = e->has_class_id = e->has_ulp = true;
	e->tos = 16;
	e->tclass = 32;
	e->class_id = 77;
	strcpy(e->cc, "bbr");
	strcpy(e->ulp, "tls");
}

static void
round_trip_document(void **state)
{
	struct buf b = { 0 };
	struct snap *head = head_at(1795229455), *snap;
	struct source *src;
	struct rows rows;
	struct json j;
	size_t i;

	(void)state;
	rows_init(&rows);
	set_ext(&rows);
	jw_init(&j, &b);
	jw_object(&j);
	snap_json_head(&j, head);
	jw_array(&j);
	for (i = 0; i < FIXTURE_ROWS; i++)
		row_json(&j, rows.row[i], &rows.fx.ctx);
	jw_array_end(&j);
	jw_object_end(&j);
	src = open_file(write_file("doc.json", b.data, b.len));
	snap = next(src, &everything);
	all_rows_are(&rows, snap);
	assert_string_equal(snap->host, "web1");
	assert_int_equal(snap->wall.tv_sec, 1795229455);
	assert_int_equal(snap->source, SOURCE_FILE);
	assert_true((snap->flags & SNAP_PRIVILEGED) != 0);
	assert_true((snap->flags & SNAP_END) != 0);
	assert_string_equal(snap->warning[0], "one warning");
	assert_string_equal(name_in(snap, NAME_NETNS, 4026532000u), "web");
	assert_string_equal(name_in(snap, NAME_USER, 1000), "ann");
	assert_string_equal(name_in(snap, NAME_IFACE, 2), "eth0");
	assert_string_equal(name_in(snap, NAME_CGROUP, 77), "/web.slice");
	assert_int_equal(snap->sock[ROW_j].age_ds, 50);
	assert_memory_equal(
	    snap->sock[ROW_b].ext->cc_info, rows.row[ROW_b]->ext->cc_info, 16);
	assert_memory_equal(
	    snap->sock[ROW_c].ext->cc_info, rows.row[ROW_c]->ext->cc_info, 16);
	assert_memory_equal(snap->sock[ROW_d].ext, rows.row[ROW_d]->ext,
	    sizeof(struct sock_ext));
	/* What was not recorded is not known, not 0. */
	assert_int_equal(snap->sock[ROW_j].ext->tcp_info_len, 0);
	/* One process, however many sockets it has. */
	assert_ptr_equal(snap->sock[ROW_e].owners.proc,
	    owners_at(&snap->sock[ROW_e].owners, 0).proc);
	snap_free(snap);
	/* It stays. */
	snap = next(src, &everything);
	all_rows_are(&rows, snap);
	snap_free(snap);
	source_replay.close(src);
	snap_free(head);
	buf_done(&b);
	fixture_done(&rows.fx);
}

static void
round_trip_recording(void **state)
{
	struct snap *head = head_at(1795229455), *later = head_at(1795229457);
	struct snap *one, *two, *three;
	struct recorder *rec = NULL;
	struct proc *first;
	struct source *src;
	struct rows rows;
	char *cause = NULL;

	(void)state;
	rows_init(&rows);
	assert_int_equal(recorder_open(&rec, in_dir("r.jsonl"), &cause), 0);
	assert_int_equal(recorder_write(rec, head, &rows.fx.ctx, &cause), 0);
	rows.row[ROW_a]->rec.recvq = 77;
	rows.row[ROW_n]->flags |= ROW_GONE;
	assert_int_equal(recorder_write(rec, later, &rows.fx.ctx, &cause), 0);
	assert_int_equal(recorder_close(rec, &cause), 0);
	rows.row[ROW_n]->flags = 0;

	src = open_file(in_dir("r.jsonl"));
	one = next(src, &everything);
	assert_int_equal(one->n, FIXTURE_ROWS);
	assert_true((one->flags & SNAP_END) == 0);
	assert_int_equal(one->sock[ROW_a].rec.recvq, 0);
	first = proc_ref(one->sock[ROW_a].owners.proc);
	two = next(src, &everything);
	assert_int_equal(two->n, FIXTURE_ROWS - 1); /* a gone row is none */
	assert_true((two->flags & SNAP_END) != 0);
	assert_int_equal(two->sock[ROW_a].rec.recvq, 77);
	/* Time went on as it did then; unchanged processes are the same. */
	assert_true(two->mono_ns - one->mono_ns == UINT64_C(2000000000));
	assert_ptr_equal(two->sock[ROW_a].owners.proc, first);
	proc_unref(first);
	/* Names are told once. */
	assert_true(one->nnames > 0);
	assert_int_equal(two->nnames, 0);
	three = next(src, &everything);
	assert_int_equal(three->n, two->n);
	assert_true(three->mono_ns == two->mono_ns);
	snap_free(one);
	snap_free(two);
	snap_free(three);
	source_replay.close(src);
	snap_free(head);
	snap_free(later);
	fixture_done(&rows.fx);
}

#define S(cookie, more)                                         \
	"{\"proto\":\"tcp\",\"family\":4,\"state\":\"LISTEN\"," \
	"\"local\":{\"addr\":\"127.0.0.1\",\"port\":22}," more  \
	"\"cookie\":" cookie "}"
#define HEAD "{\"schema\":1,\"reading\":1,\"host\":\"h\",\"count\":2}\n"

static void
lines_without_a_head(void **state)
{
	static const char text[] = S("1", "") "\n\n" S("2", "") "\n" S(
	    "1", "") "\n" S("3", "") "\n" S("2", "");
	struct source *src;
	struct snap *snap;

	(void)state;
	src = open_file(write_file("bare.jsonl", text, strlen(text)));
	snap = next(src, &everything);
	assert_int_equal(snap->n, 2);
	assert_true((snap->flags & SNAP_END) == 0);
	snap_free(snap);
	/* The same socket again: another reading. */
	snap = next(src, &everything);
	assert_int_equal(snap->n, 3);
	assert_true((snap->flags & SNAP_END) != 0);
	snap_free(snap);
	source_replay.close(src);
}

static void
torn_and_odd_lines(void **state)
{
	static const char text[] = HEAD S("1", "") "\n{\"proto\":\"tc";
	static const char odd[] = HEAD S("18446744073709551615",
	    "") "\n[1,2]\n\"x\"\nnull\n{\"proto\":\"sctp\"}\n{\"proto\":"
		"\"tcp\","
		"\"family\":5}\n{\"proto\":\"tcp\",\"family\":4,\"local\":{}}\n"
		"\x00\x01\x02\n{\"a\":\"\\u0000\"}\n" S(
		    "9223372036854775808", "") "\n";
	struct source *src;
	struct snap *snap;

	(void)state;
	src = open_file(write_file("torn.jsonl", text, strlen(text)));
	snap = next(src, &everything);
	assert_int_equal(snap->n, 1);
	assert_int_equal(snap->nwarnings, 2);
	assert_non_null(strstr(snap->warning[0], "1 of 2 sockets"));
	assert_non_null(strstr(snap->warning[1], "line 3"));
	assert_true((snap->flags & SNAP_PARTIAL) != 0);
	snap_free(snap);
	source_replay.close(src);

	src = open_file(write_file("odd.jsonl", odd, sizeof(odd) - 1));
	snap = next(src, &everything);
	assert_int_equal(snap->n, 2);
	assert_true(snap->sock[0].rec.cookie == UINT64_MAX);
	assert_true(snap->sock[1].rec.cookie == UINT64_C(1) << 63);
	snap_free(snap);
	source_replay.close(src);
}

static void
hostile_text(void **state)
{
	static const char text[] = HEAD S("1",
	    "\"user\":\"a\\u001b[2Jb\",\"uid\":5,\"netns\":9,"
	    "\"netns_name\":\"x\\u009b\\u202ey\",\"owners\":[{\"pid\":7,"
	    "\"fd\":-3,\"start\":1,\"process\":\"p\\nroot 1\",\"cmdline\":"
	    "\"\\u007f\\u2028\",\"cwd\":\"\\u0085\"},{\"pid\":0},{\"pid\":-1},"
	    "{\"pid\":1e300},\"x\",[]],\"tcp\":{\"cc\":\"a\\u001bb\"},"
	    "\"ulp\":\"0123456789abcdefXYZ\",") "\n";
	struct source *src;
	struct snap *snap;
	const struct proc *p;
	size_t i;

	(void)state;
	src = open_file(write_file("evil.jsonl", text, strlen(text)));
	snap = next(src, &everything);
	assert_int_equal(snap->n, 1);
	assert_int_equal(snap->sock[0].owners.n, 1);
	assert_int_equal(snap->sock[0].owners.fd, -1);
	p = snap->sock[0].owners.proc;
	assert_string_equal(p->comm, "p\\x0aroot 1");
	assert_true(text_is_clean(p->cmdline, strlen(p->cmdline)));
	assert_true(text_is_clean(p->cwd, strlen(p->cwd)));
	for (i = 0; i < snap->nnames; i++)
		assert_true(text_is_clean(
		    snap->name[i].text, strlen(snap->name[i].text)));
	assert_int_equal(snap->nnames, 2);
	assert_null(snap->sock[0].ext);
	snap_free(snap);
	source_replay.close(src);
}

static void
wrong_files(void **state)
{
	static const char newer[] = "{\"schema\":2,\"sockets\":[]}\n";
	static const char broken[] = "{\n\"schema\": 1,\n\"sockets\": [\n{]}\n";
	struct sink sink = { .sock = got_sock };
	struct source *src;
	struct snap *snap = snap_new();
	char *cause = NULL, *deep;
	size_t i, n = 1u << 20;

	(void)state;
	sink.arg = snap;
	refused("/nonexistent/x", -ENOENT, "No such file");
	refused(dir, -EISDIR, "directory");
	refused(write_file("empty", "", 0), -ENODATA, "empty");
	refused(write_file("text", "hello\n", 6), -EINVAL, "neither");
	refused(write_file("esc\x1b[m", "hello\n", 6), -EINVAL, "\\x1b");

	src = open_file(write_file("newer.json", newer, strlen(newer)));
	assert_int_equal(
	    source_replay.read(src, &everything, &sink, snap, &cause),
	    -EPROTONOSUPPORT);
	assert_non_null(strstr(cause, "newer"));
	free(cause);
	source_replay.close(src);

	src = open_file(write_file("broken.json", broken, strlen(broken)));
	assert_int_equal(
	    source_replay.read(src, &everything, &sink, snap, &cause), -EINVAL);
	assert_non_null(strstr(cause, "line 4"));
	free(cause);
	source_replay.close(src);

	/* A million brackets end neither the stack nor the program. */
	deep = xmalloc(n + 8);
	memcpy(deep, "{\"a\":", 5);
	for (i = 5; i < n; i++)
		deep[i] = '[';
	src = open_file(write_file("deep.json", deep, n));
	assert_true(
	    source_replay.read(src, &everything, &sink, snap, &cause) < 0);
	free(cause);
	source_replay.close(src);
	free(deep);
	snap_free(snap);
}

static void
only_what_is_asked(void **state)
{
	struct request req = everything;
	struct snap *head = head_at(1), *snap;
	struct recorder *rec = NULL;
	struct source *src;
	struct rows rows;
	char *cause = NULL;

	(void)state;
	rows_init(&rows);
	assert_int_equal(recorder_open(&rec, in_dir("ask.jsonl"), &cause), 0);
	assert_int_equal(recorder_write(rec, head, &rows.fx.ctx, &cause), 0);
	assert_int_equal(recorder_close(rec, &cause), 0);
	src = open_file(in_dir("ask.jsonl"));
	req.tcp = false;
	snap = next(src, &req);
	assert_int_equal(snap->n, 2);
	snap_free(snap);
	req = everything;
	req.states = SOCK_STATE_BIT(SOCK_TIME_WAIT);
	snap = next(src, &req);
	assert_int_equal(snap->n, 1);
	snap_free(snap);
	req = everything;
	req.netns = "web";
	snap = next(src, &req);
	assert_int_equal(snap->n, 1);
	snap_free(snap);
	req.netns = "4026532000";
	snap = next(src, &req);
	assert_int_equal(snap->n, 1);
	snap_free(snap);
	source_replay.close(src);
	snap_free(head);
	fixture_done(&rows.fx);
}

/* What `ss -D` writes: two sockets, the end, and rubbish behind. */
static void
raw_dump(void **state)
{
	struct {
		struct nlmsghdr h;
		struct inet_diag_msg m;
	} msg[3];
	struct source *src;
	struct snap *snap;

	(void)state;
	memset(msg, 0, sizeof(msg));
	msg[0].h.nlmsg_len = msg[1].h.nlmsg_len = sizeof(msg[0]);
	msg[0].h.nlmsg_type = msg[1].h.nlmsg_type = 20;
	msg[0].m.idiag_family = AF_INET;
	msg[0].m.idiag_state = SOCK_LISTEN;
	msg[0].m.id.idiag_cookie[0] = 11;
	msg[0].m.idiag_inode = 100;
	msg[1] = msg[0];
	msg[1].m.idiag_family = AF_INET6;
	msg[1].m.idiag_state = SOCK_TIME_WAIT;
	msg[1].m.id.idiag_cookie[0] = 12;
	msg[2].h.nlmsg_len = sizeof(struct nlmsghdr);
	msg[2].h.nlmsg_type = NLMSG_DONE;
	src = open_file(write_file("raw", msg, 2 * sizeof(msg[0]) + 16));
	snap = next(src, &everything);
	assert_int_equal(snap->n, 2);
	assert_int_equal(snap->sock[0].rec.cookie, 11);
	assert_int_equal(snap->sock[1].rec.family, 6);
	assert_true((snap->flags & SNAP_END) != 0);
	assert_int_equal(snap->nwarnings, 0);
	snap_free(snap);
	snap = next(src, &everything);
	assert_int_equal(snap->n, 2);
	snap_free(snap);
	source_replay.close(src);

	/* Cut short: what is whole is shown, the rest is said. */
	src = open_file(write_file("raw", msg, 2 * sizeof(msg[0]) - 10));
	snap = next(src, &everything);
	assert_int_equal(snap->n, 1);
	assert_int_equal(snap->nwarnings, 1);
	snap_free(snap);
	source_replay.close(src);
}

static void
record_to(const char *path, int error, const char *words)
{
	struct recorder *rec = NULL;
	char *cause = NULL;

	assert_int_equal(recorder_open(&rec, path, &cause), error);
	assert_non_null(cause);
	if (strstr(cause, words) == NULL)
		fail_msg("'%s' does not say '%s'", cause, words);
	free(cause);
}

static void
careful_with_files(void **state)
{
	char target[128], path[128];
	struct stat st;
	struct recorder *rec = NULL;
	char *cause = NULL;

	(void)state;
	strcpy(target, write_file("marker", "marker\n", 7));
	strcpy(path, in_dir("link"));
	assert_int_equal(symlink(target, path), 0);
	record_to(path, -ELOOP, "symbolic link");
	strcpy(path, in_dir("dangling"));
	assert_int_equal(symlink(in_dir("not-there"), path), 0);
	record_to(path, -ELOOP, "symbolic link");
	assert_int_equal(lstat(in_dir("not-there"), &st), -1);
	/* A second name: it could be anybody's file. */
	strcpy(path, in_dir("second"));
	assert_int_equal(link(target, path), 0);
	record_to(path, -EEXIST, "not a plain file");
	record_to(dir, -EISDIR, "directory");
	record_to("/nonexistent/dir/x", -ENOENT, "No such file");
	assert_int_equal(stat(target, &st), 0);
	assert_int_equal(st.st_size, 7);

	/* New: for its owner alone. An old one of ours is written over. */
	strcpy(path, in_dir("mine"));
	assert_int_equal(recorder_open(&rec, path, &cause), 0);
	assert_int_equal(recorder_close(rec, &cause), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	write_file("mine", "old", 3);
	assert_int_equal(recorder_open(&rec, path, &cause), 0);
	assert_int_equal(recorder_close(rec, &cause), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(recorder_close(NULL, &cause), 0);
}

static void
full_disk(void **state)
{
	struct snap *head = head_at(1);
	struct recorder *rec = NULL;
	struct rows rows;
	char *cause = NULL;

	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	rows_init(&rows);
	assert_int_equal(recorder_open(&rec, "/dev/full", &cause), 0);
	assert_int_equal(
	    recorder_write(rec, head, &rows.fx.ctx, &cause), -ENOSPC);
	assert_non_null(strstr(cause, "/dev/full: No space left"));
	free(cause);
	assert_int_equal(recorder_close(rec, &cause), 0);
	snap_free(head);
	fixture_done(&rows.fx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip_document),
		cmocka_unit_test(round_trip_recording),
		cmocka_unit_test(lines_without_a_head),
		cmocka_unit_test(torn_and_odd_lines),
		cmocka_unit_test(hostile_text),
		cmocka_unit_test(wrong_files),
		cmocka_unit_test(only_what_is_asked),
		cmocka_unit_test(raw_dump),
		cmocka_unit_test(careful_with_files),
		cmocka_unit_test(full_disk),
	};

	return cmocka_run_group_tests_name(
	    "replay", tests, make_dir, remove_dir);
}
