/* SPDX-License-Identifier: ISC */
/* The rules of `audit`: what the socket, the process and its answer come to. */
#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "base/xmalloc.h"
#include "know/service.h"
#include "know/state.h"
#include "model/audit.h"

#define CAPS_MANY 30 /* so many of about 40 are as good as all */

static void add(struct audit_line *, const char *id, enum severity most,
    const char *, ...) __attribute__((format(printf, 4, 5)));

static void
add(struct audit_line *l, const char *id, enum severity most, const char *fmt,
    ...)
{
	const struct finding_def *def = finding_find(id);
	struct finding *f = &l->found[l->nfound];
	va_list ap;
	char *text;
	int n;

	if (def == NULL)
		fatal("no finding %s", id);
	if (l->nfound == nitems(l->found))
		return;
	va_start(ap, fmt);
	n = xvasprintf(&text, fmt, ap);
	va_end(ap);
	f->def = def;
	f->severity = def->severity < most ? def->severity : most;
	service_set(f->evidence, sizeof(f->evidence), text, (size_t)n);
	free(text);
	l->nfound++;
}

/* -- what it answered -------------------------------------------------------- */

/* On loopback nobody is on the way, and who is there has an account. */
static enum severity
most_on_loopback(const struct finding_def *def)
{
	return strstr(def->id, "cleartext") != NULL ||
		       strstr(def->id, "tls-") != NULL ||
		       strstr(def->id, "ssh-") != NULL
		   ? SEVERITY_INFO
		   : SEVERITY_LOW;
}

/* Where packages of a distribution have their programs: old branches among
 * them are mended there. */
static bool
is_packaged(const struct audit *a, const struct audit_line *l)
{
	static const char *const dirs[] = { "/usr/bin/", "/usr/sbin/",
		"/usr/lib/", "/usr/libexec/", "/bin/", "/sbin/" };
	const struct proc *p = audit_proc(l);
	size_t i;

	if (a->distribution == NULL || p == NULL || p->exe == NULL ||
	    p->container != NULL)
		return false;
	for (i = 0; i < nitems(dirs); i++)
		if (strncmp(p->exe, dirs[i], strlen(dirs[i])) == 0)
			return true;
	return false;
}

static void
judge_again(
    const struct audit *a, const struct audit_line *l, struct finding *f)
{
	enum severity most = most_on_loopback(f->def);
	size_t n;

	if (l->reach == AUDIT_LOOPBACK && f->severity > most)
		f->severity = most;
	if (strcmp(f->def->id, "end-of-life") != 0 ||
	    f->severity == SEVERITY_INFO || !is_packaged(a, l))
		return;
	f->severity = SEVERITY_INFO;
	n = strcspn(f->evidence, ";,");
	service_setf(f->evidence + n, sizeof(f->evidence) - n,
	    "; %s is where %s has its packages, which it mends",
	    audit_proc(l)->exe, a->distribution);
}

static void
answered(const struct audit *a, struct audit_line *l, int64_t now)
{
	struct finding found[FINDINGS_MAX];
	size_t i, n;

	if (l->service == NULL)
		return;
	n = findings_of(l->service, l->port, l->proto, now, found);
	for (i = 0; i < n; i++) {
		l->found[l->nfound] = found[i];
		judge_again(a, l, &l->found[l->nfound++]);
	}
}

static bool
is_named(const struct audit_line *l)
{
	return l->service != NULL && l->service->name[0] != '\0' &&
	       l->service->method != SERVICE_BY_PORT;
}

/* What its port stands for, if nothing was answered there. */
static void
plain_port(struct audit_line *l)
{
	const struct service *s = service_by_port(l->port, l->proto);

	if (is_named(l) || l->reach == AUDIT_LOOPBACK || l->proto != SOCK_TCP ||
	    s == NULL || (s->flags & SERVICE_PLAIN) == 0)
		return;
	add(l, "cleartext-port", SEVERITY_CRITICAL,
	    "port %u stands for %s%s%s; it was not confirmed", l->port, s->name,
	    s->successor != NULL ? ", in its stead: " : "",
	    s->successor != NULL ? s->successor : "");
}

/* Made for one machine or a closed network, by name or, where nothing was
 * answered, by port. */
static const struct internal {
	uint8_t proto;
	uint16_t port; /* 0: by name alone */
	const char *name, *product;
} internals[] = {
	{ SOCK_TCP, 3306, "mysql", NULL },
	{ SOCK_TCP, 33060, "mysqlx", NULL },
	{ SOCK_TCP, 5432, "postgresql", NULL },
	{ SOCK_TCP, 1433, "ms-sql-s", NULL },
	{ SOCK_TCP, 1521, "oracle-tns", NULL },
	{ SOCK_TCP, 6379, "redis", NULL },
	{ SOCK_TCP, 11211, "memcached", NULL },
	{ SOCK_UDP, 11211, "memcached", NULL },
	{ SOCK_TCP, 27017, "mongodb", NULL },
	{ SOCK_TCP, 9042, "cassandra", NULL },
	{ SOCK_TCP, 9200, NULL, "Elasticsearch" },
	{ SOCK_TCP, 5984, NULL, "CouchDB" },
	{ SOCK_TCP, 8086, NULL, "InfluxDB" },
	{ SOCK_TCP, 2375, NULL, "Docker" },
	{ SOCK_TCP, 2379, NULL, "etcd" },
	{ SOCK_TCP, 2181, "zookeeper", NULL },
	{ SOCK_TCP, 9092, "kafka", NULL },
	{ SOCK_TCP, 111, "rpcbind", NULL },
	{ SOCK_UDP, 111, "rpcbind", NULL },
	{ SOCK_TCP, 6000, "x11", NULL },
	{ SOCK_TCP, 4369, "epmd", NULL },
	{ SOCK_TCP, 0, "fastcgi", NULL },
	{ SOCK_TCP, 8009, "ajp13", NULL },
	{ SOCK_TCP, 0, "jdwp", NULL },
	{ SOCK_TCP, 11300, "beanstalk", NULL },
	{ SOCK_TCP, 4730, "gearman", NULL },
	{ SOCK_TCP, 445, "microsoft-ds", NULL },
	{ SOCK_TCP, 139, "netbios-ssn", NULL },
	{ SOCK_TCP, 10809, "nbd", NULL },
	{ SOCK_TCP, 3260, "iscsi", NULL },
	{ SOCK_TCP, 9051, "tor-control", NULL },
	{ SOCK_TCP, 6082, "varnish-cli", NULL },
	{ SOCK_TCP, 783, "spamassassin", NULL },
	{ SOCK_TCP, 3310, "clamd", NULL },
	{ SOCK_TCP, 2049, "nfs", NULL },
};

static bool
is_internal(const struct audit_line *l, const struct internal *i)
{
	const struct service_info *s = l->service;

	if (!is_named(l))
		return i->proto == l->proto && i->port == l->port;
	if (i->name != NULL)
		return strcmp(i->name, s->name) == 0;
	return strncmp(i->product, s->product, strlen(i->product)) == 0;
}

static void
exposed(const struct audit *a, struct audit_line *l)
{
	struct buf b = { 0 };
	const struct internal *i;

	if (l->reach != AUDIT_WORLD)
		return;
	for (i = internals; i < internals + nitems(internals); i++)
		if (is_internal(l, i))
			break;
	if (i == internals + nitems(internals))
		return;
	audit_put_addrs(a, l, &b);
	add(l, "internal-exposed", SEVERITY_CRITICAL, "%s%s listens at %.*s",
	    i->name != NULL ? i->name : i->product,
	    is_named(l) ? "" : " (by its port)", (int)b.len, b.data);
	buf_done(&b);
}

/* -- who runs it -------------------------------------------------------------- */

static unsigned
count_bits(uint64_t v)
{
	unsigned n = 0;

	for (; v != 0; v &= v - 1)
		n++;
	return n;
}

static void
owner(struct audit_line *l)
{
	const struct proc *p = audit_proc(l);
	const struct audit_process *s = &l->process;
	const bool loopback = l->reach == AUDIT_LOOPBACK;
	bool bounded;

	if (p == NULL)
		return;
	bounded = s->known && count_bits(s->caps) < CAPS_MANY;
	if (p->uid == 0)
		add(l, "root-owner",
		    loopback || bounded ? SEVERITY_INFO : SEVERITY_LOW,
		    "its uid is 0%s", bounded ? ", but few capabilities" : "");
	if (s->known && !s->no_new_privs && s->seccomp == 0)
		add(l, "unsandboxed",
		    loopback || bounded ? SEVERITY_INFO : SEVERITY_LOW,
		    "%s; NoNewPrivs 0, Seccomp 0, CapEff %llx",
		    p->unit != NULL ? p->unit : "no unit",
		    (unsigned long long)s->caps);
	if (p->exe != NULL && strstr(p->exe, " (deleted)") != NULL)
		add(l, "outdated-binary",
		    loopback ? SEVERITY_INFO : SEVERITY_LOW, "%s", p->exe);
}

/* -- all of it ---------------------------------------------------------------- */

static int
finding_cmp(const void *va, const void *vb)
{
	const struct finding *a = va, *b = vb;

	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	/* In the order of their table. */
	return a->def < b->def ? -1 : a->def > b->def;
}

static int
line_cmp(const void *va, const void *vb)
{
	const struct audit_line *a = va, *b = vb;
	int x = audit_worst(a), y = audit_worst(b);

	if (x != y)
		return x > y ? -1 : 1;
	if (a->reach != b->reach)
		return a->reach > b->reach ? -1 : 1;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	if (a->proto != b->proto)
		return a->proto < b->proto ? -1 : 1;
	return a->row[0]->seq < b->row[0]->seq ? -1 : 1;
}

void
audit_judge(struct audit *a, int64_t now)
{
	struct audit_line *l;

	for (l = a->line; l < a->line + a->n; l++) {
		l->nfound = 0;
		answered(a, l, now);
		exposed(a, l);
		plain_port(l);
		owner(l);
		if (l->nfound > 1)
			qsort(l->found, l->nfound, sizeof(*l->found),
			    finding_cmp);
	}
	if (a->n > 1)
		qsort(a->line, a->n, sizeof(*a->line), line_cmp);
}
