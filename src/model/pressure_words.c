/* SPDX-License-Identifier: ISC */
/* Limits in words, as a filter, and as JSON. */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "model/pressure.h"

static bool
is_of_listener(const struct pressure_item *it)
{
	return it->kind == PRESSURE_ACCEPT || it->kind == PRESSURE_SYN;
}

/* "10.0.0.9:443", "[::1]:443", "*:80"; without port: the address alone. */
static void
put_endpoint(
    struct buf *b, const struct endpoint *e, unsigned family, bool port)
{
	char text[TEXT_IP_MAX + 1];
	bool six = family == 6 && !endpoint_is_any(e);

	if (endpoint_is_any(e))
		strlcpy(text, "*", sizeof(text));
	else
		*endpoint_addr_text(text, e, family) = '\0';
	buf_printf(b, port && six ? "[%s]" : "%s", text);
	if (port)
		buf_printf(b, ":%u", e->port);
}

static void
put_netns(const struct pressure_view *v, uint32_t netns,
    const struct names *names, struct buf *b)
{
	const char *name;

	if (netns == 0 || v->now == NULL || v->now->nns < 2)
		return;
	name = names_get(names, NAME_NETNS, 0, netns);
	if (name != NULL)
		buf_printf(b, " in %s", name);
	else
		buf_printf(b, " in %u", netns);
}

void
pressure_put_what(const struct pressure_view *v, const struct pressure_item *it,
    const struct names *names, struct buf *b)
{
	buf_puts(b, pressure_fact(it->kind)->title);
	if (it->kind == PRESSURE_EPHEMERAL) {
		buf_putc(b, ' ');
		put_endpoint(b, &it->local, it->family, false);
		buf_puts(b, " to ");
		put_endpoint(b, &it->peer, it->family, true);
	} else if (is_of_listener(it)) {
		buf_putc(b, ' ');
		put_endpoint(b, &it->local, it->family, true);
	}
	if (it->pid != 0)
		buf_printf(b, is_of_listener(it) ? ", %s (%d)" : " %s (%d)",
		    it->comm, (int)it->pid);
	put_netns(v, it->netns, names, b);
}

static void
put_number(const struct pressure_view *v, const struct pressure_item *it,
    uint64_t n, struct buf *b)
{
	char unit[TEXT_UNIT_MAX];

	if (n == PRESSURE_UNKNOWN)
		buf_putc(b, '-');
	else if (strcmp(pressure_fact(it->kind)->unit, "pages") == 0 &&
		 v->page_size != 0)
		buf_puts(b, text_bytes(unit, (double)n * v->page_size));
	else if (n > UINT64_C(9999999999))
		buf_puts(b, "no limit"); /* fs.file-max may be 2^63 */
	else
		buf_printf(b, "%llu", (unsigned long long)n);
}

void
pressure_put_value(const struct pressure_view *v,
    const struct pressure_item *it, struct buf *b)
{
	put_number(v, it, it->gauge.value, b);
}

void
pressure_put_limit(const struct pressure_view *v,
    const struct pressure_item *it, struct buf *b)
{
	put_number(v, it, it->gauge.limit, b);
}

void
pressure_put_percent(const struct pressure_item *it, struct buf *b)
{
	int percent = pressure_percent(&it->gauge);

	if (percent < 0)
		buf_putc(b, '-');
	else
		buf_printf(b, "%d%%", percent);
}

void
pressure_put_bar(const struct pressure_item *it, size_t width, struct buf *b)
{
	int percent = pressure_percent(&it->gauge);
	size_t full;

	if (percent < 0) {
		buf_pad(b, ' ', width + 2);
		return;
	}
	full = percent >= 100 ? width : (size_t)percent * width / 100;
	if (full == 0 && it->gauge.value > 0 && it->gauge.limit > 0 &&
	    percent > 0)
		full = 1;
	buf_putc(b, '[');
	buf_pad(b, '#', full);
	buf_pad(b, '.', width - full);
	buf_putc(b, ']');
}

void
pressure_put_event(const struct pressure_view *v,
    const struct pressure_event *e, const struct names *names, struct buf *b)
{
	const struct pressure_counter_fact *f =
	    pressure_counter_fact(e->counter);

	buf_printf(b, "%s %llu", f->name, (unsigned long long)e->total);
	if (e->per_s > 0)
		buf_printf(b, ", %.1f/s", e->per_s);
	put_netns(v, e->netns, names, b);
	buf_printf(b, ": %s", f->what);
}

void
pressure_put_meaning(const struct pressure_item *it, struct buf *b)
{
	const struct pressure_fact *f = pressure_fact(it->kind);

	buf_printf(b, "When it is full, %s Setting: %s.", f->full, f->knob);
	if (it->gauge.limit == PRESSURE_UNKNOWN &&
	    f->scope == PRESSURE_OF_MACHINE)
		buf_puts(b, " The limit can be read in the first network "
			    "namespace only.");
	if (f->remedy != NULL)
		buf_printf(b, " %s", f->remedy);
	if (it->waiting > 0)
		buf_printf(b, " %u of them in TIME-WAIT.", it->waiting);
	if (it->events != PRESSURE_UNKNOWN && it->events > 0)
		buf_printf(b, " Met %llu time%s so far.",
		    (unsigned long long)it->events, it->events == 1 ? "" : "s");
	buf_printf(b, " Source: %s.", f->source);
}

bool
pressure_put_filter(const struct pressure_item *it, struct buf *b)
{
	switch (it->kind) {
	case PRESSURE_EPHEMERAL:
		buf_puts(b, it->family == 6 ? "src [" : "src ");
		put_endpoint(b, &it->local, it->family, false);
		buf_puts(b, it->family == 6 ? "] and dst " : " and dst ");
		put_endpoint(b, &it->peer, it->family, true);
		return true;
	case PRESSURE_UDP_PORTS:
		buf_puts(b, "proto=udp");
		return true;
	case PRESSURE_ACCEPT:
		buf_printf(b, "tcp and sport = :%u", it->local.port);
		return true;
	case PRESSURE_SYN:
		buf_printf(b, "state syn-recv and sport = :%u", it->local.port);
		return true;
	case PRESSURE_TIME_WAIT:
		buf_puts(b, "state time-wait");
		return true;
	case PRESSURE_FDS:
		buf_printf(b, "pid=%d", (int)it->pid);
		return true;
	default:
		return false;
	}
}

/* -- JSON ----------------------------------------------------------------- */

static void
json_number(struct json *j, const char *key, uint64_t n)
{
	if (n != PRESSURE_UNKNOWN)
		jw_ku64(j, key, n);
}

static void
json_end(struct json *j, const char *key, const struct endpoint *e,
    unsigned family, bool port)
{
	char text[TEXT_IP_MAX + 1];

	*endpoint_addr_text(text, e, family) = '\0';
	jw_key(j, key);
	jw_object(j);
	jw_kstring(j, "addr", text);
	if (port)
		jw_ku64(j, "port", e->port);
	jw_object_end(j);
}

static void
json_netns(struct json *j, uint32_t netns, const struct names *names)
{
	const char *name;

	if (netns == 0)
		return;
	jw_ku64(j, "netns", netns);
	name = names_get(names, NAME_NETNS, 0, netns);
	if (name != NULL)
		jw_kstring(j, "netns_name", name);
}

static void
json_item(
    struct json *j, const struct pressure_item *it, const struct names *names)
{
	const struct pressure_fact *f = pressure_fact(it->kind);
	int percent = pressure_percent(&it->gauge);

	jw_object(j);
	jw_kstring(j, "kind", f->name);
	json_netns(j, it->netns, names);
	if (it->kind == PRESSURE_EPHEMERAL) {
		json_end(j, "local", &it->local, it->family, false);
		json_end(j, "peer", &it->peer, it->family, true);
		jw_ku64(j, "time_wait", it->waiting);
	} else if (is_of_listener(it))
		json_end(j, "local", &it->local, it->family, true);
	if (it->pid != 0) {
		jw_ku64(j, "pid", (uint64_t)it->pid);
		jw_kstring(j, "process", it->comm);
	}
	json_number(j, "value", it->gauge.value);
	json_number(j, "limit", it->gauge.limit);
	json_number(j, "middle", it->middle);
	jw_kstring(j, "unit", f->unit);
	if (percent >= 0)
		jw_ku64(j, "percent", (uint64_t)percent);
	if (it->verdict != PRESSURE_NOT_KNOWN)
		jw_kstring(j, "verdict", pressure_verdict_name(it->verdict));
	jw_kstring(j, "setting", f->knob);
	jw_object_end(j);
}

void
pressure_json(
    struct json *j, const struct pressure_view *v, const struct names *names)
{
	const struct pressure_event *e;
	size_t i;

	jw_key(j, "pressure");
	jw_array(j);
	for (i = 0; i < v->n; i++)
		json_item(j, &v->item[i], names);
	jw_array_end(j);
	if (v->page_size != 0)
		jw_ku64(j, "page_size", v->page_size);
	jw_key(j, "events");
	jw_array(j);
	for (i = 0; i < v->nevents; i++) {
		e = &v->event[i];
		jw_object(j);
		jw_kstring(j, "name", pressure_counter_fact(e->counter)->name);
		jw_kstring(
		    j, "group", pressure_counter_fact(e->counter)->group);
		json_netns(j, e->netns, names);
		jw_ku64(j, "total", e->total);
		if (e->per_s >= 0)
			jw_kdouble(j, "per_s", e->per_s);
		jw_object_end(j);
	}
	jw_array_end(j);
}
