/* SPDX-License-Identifier: ISC */
/* What listens here is asked what it is, by a worker without rights. */
#include "config.h"

#include "app/audit_probe.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "app/scan_job.h"
#include "base/array.h"
#include "base/log.h"
#include "base/xmalloc.h"
#include "cli/out_audit.h"

struct asking {
	struct audit *audit;
	struct audit_probed *ret;
	bool watched;
	uv_loop_t loop;
	uv_signal_t interrupt[3];
	struct scan_job *job;
	bool went; /* all questions are put */
};

static struct audit_line *
line_of(struct asking *k, const struct scan_addr *addr, uint16_t port,
    uint8_t proto)
{
	struct audit_line *l;

	for (l = k->audit->line; l < k->audit->line + k->audit->n; l++)
		if (l->asks && l->port == port && l->proto == proto &&
		    scan_addr_eq(&l->ask.addr, addr))
			return l;
	return NULL;
}

/* Facts come before the service that they are of. */
static void
take_fact(struct asking *k, const struct scan_event *e)
{
	struct audit_line *l =
	    line_of(k, &e->addr, e->fact.port, e->fact.proto);

	if (l == NULL)
		return;
	if (l->service == NULL)
		l->service = xcalloc(1, sizeof(*l->service));
	service_fact(
	    l->service, e->fact.name, e->fact.value, strlen(e->fact.value));
}

static void
take_service(struct asking *k, const struct scan_event *e)
{
	struct audit_line *l =
	    line_of(k, &e->addr, e->service.port, e->service.proto);
	struct service_info *info;
	const char *name, *value;
	size_t i;

	if (l == NULL)
		return;
	info = xcalloc(1, sizeof(*info));
	*info = e->service.info;
	if (l->service != NULL)
		for (i = 0; service_fact_at(l->service, i, &name, &value); i++)
			service_fact(info, name, value, strlen(value));
	free(l->service);
	l->service = info;
	k->ret->told++;
	if (k->watched)
		out_audit_progress(k->ret->told, k->ret->asked);
}

/* Two may share an address and a port (SO_REUSEPORT): asked once, told of
 * both. */
static void
share(struct asking *k)
{
	struct audit_line *l, *other;

	for (l = k->audit->line; l < k->audit->line + k->audit->n; l++) {
		if (!l->asks || l->service != NULL)
			continue;
		other = line_of(k, &l->ask.addr, l->port, l->proto);
		if (other == NULL || other == l || other->service == NULL)
			continue;
		l->service = xcalloc(1, sizeof(*l->service));
		*l->service = *other->service;
	}
}

static void
ask_all(struct asking *k)
{
	struct audit_line *l;

	for (l = k->audit->line; l < k->audit->line + k->audit->n; l++)
		if (l->asks && line_of(k, &l->ask.addr, l->port, l->proto) == l)
			scan_job_ask(k->job, &l->ask);
	scan_job_go(k->job);
	k->went = true;
}

static void
on_event(void *arg, const struct scan_event *e)
{
	struct asking *k = arg;

	if (e->type == SCAN_EV_HELLO && !k->went)
		ask_all(k);
	else if (e->type == SCAN_EV_FACT)
		take_fact(k, e);
	else if (e->type == SCAN_EV_SERVICE)
		take_service(k, e);
}

static void
on_ended(void *arg, struct scan_job *job)
{
	struct asking *k = arg;

	if (scan_job_state(job) != SCAN_JOB_DONE && !k->ret->interrupted)
		k->ret->cause = xstrdup(scan_job_cause(job));
	uv_stop(&k->loop);
}

static void
on_interrupt(uv_signal_t *h, int sig)
{
	struct asking *k = h->data;

	(void)sig;
	k->ret->interrupted = true;
	scan_job_stop(k->job);
}

static void
close_handle(uv_handle_t *h, void *arg)
{
	(void)arg;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

static void
loop_open(struct asking *k)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP };
	size_t i;
	int r;

	if ((r = uv_loop_init(&k->loop)) != 0)
		fatal("no event loop: %s", uv_strerror(r));
	for (i = 0; i < nitems(sigs); i++) {
		k->interrupt[i].data = k;
		(void)uv_signal_init(&k->loop, &k->interrupt[i]);
		(void)uv_signal_start(&k->interrupt[i], on_interrupt, sigs[i]);
	}
}

static void
loop_close(struct asking *k)
{
	scan_job_leave(k->job);
	/* All closed before the loop turns: no signal stops what is freed. */
	uv_walk(&k->loop, close_handle, NULL);
	(void)uv_run(&k->loop, UV_RUN_NOWAIT);
	(void)uv_run(&k->loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&k->loop);
}

void
audit_probe(struct audit *a, bool watched, struct audit_probed *ret)
{
	static const struct scan_job_ops ops = { .event = on_event,
		.ended = on_ended };
	struct asking k = { .audit = a, .ret = ret, .watched = watched };
	struct scan_spec spec;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < a->n; i++)
		ret->asked += a->line[i].asks &&
			      line_of(&k, &a->line[i].ask.addr, a->line[i].port,
				  a->line[i].proto) == &a->line[i];
	if (ret->asked == 0)
		return;
	scan_spec_init(&spec);
	spec.how = SCAN_PROBE;
	spec.checks = true;
	loop_open(&k);
	if (watched)
		out_audit_progress(0, ret->asked);
	if (scan_job_start(
		&k.loop, &spec, NULL, &ops, &k, &k.job, &ret->cause) == 0)
		(void)uv_run(&k.loop, UV_RUN_DEFAULT);
	loop_close(&k);
	scan_spec_done(&spec);
	if (watched)
		out_audit_progress(ret->asked, ret->asked);
	share(&k);
}
