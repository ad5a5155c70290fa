/* SPDX-License-Identifier: ISC */
/* HTTP: one GET, and as many more as it takes to learn what it is. */
#include "config.h"

#include <string.h>

#include "probe/http_app.h"
#include "probe/http_msg.h"
#include "probe/http_server.h"
#include "probe/talk.h"

#define MORE_MAX 5

struct http_state {
	char path[128]; /* asked now; "": "/" */
	unsigned next;  /* of http_app_next() */
	bool followed;  /* a redirection */
	bool h2;        /* it knows nothing but HTTP/2 */
};

static const char *
path_of(const struct talk *t)
{
	const struct http_state *h = t->state;

	return h->path[0] == '\0' ? "/" : h->path;
}

/* RFC 9113: the preface, no settings, and a call of gRPC to nobody. */
static void
h2_begin(struct talk *t)
{
	static const uint8_t settings[9] = { 0, 0, 0, 4 };
	uint8_t head[9] = { 0, 0, 0, 1, 5, 0, 0, 0, 1 };
	struct buf b = { 0 };
	size_t n = strlen(t->host);

	n = n < 100 ? n : 100;
	/* HPACK, in literals: POST, the scheme, "/", authority, type, te. */
	buf_put(&b, t->tls ? "\x83\x87\x84\x41" : "\x83\x86\x84\x41", 4);
	buf_putc(&b, (char)n);
	buf_put(&b, t->host, n);
	buf_puts(&b, "\x5f\x10"
		     "application/grpc\x40\x02te\x08trailers");
	head[2] = (uint8_t)b.len;
	talk_sendf(t, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
	talk_send(t, settings, sizeof(settings));
	talk_send(t, head, sizeof(head));
	talk_send(t, b.data, b.len);
	buf_done(&b);
}

static void
http_begin(struct talk *t)
{
	const struct http_state *h = t->state;
	bool bare = strchr(t->host, ':') != NULL && t->host[0] != '[';
	char port[8] = "";

	if (h->h2) {
		h2_begin(t);
		return;
	}
	if (t->port != (t->tls ? 443 : 80))
		service_setf(port, sizeof(port), ":%u", t->port);
	talk_sendf(t,
	    "GET %s HTTP/1.1\r\n"
	    "Host: %s%s%s%s\r\n"
	    "User-Agent: sockdeck\r\n"
	    "Accept: */*\r\n"
	    "Connection: close\r\n\r\n",
	    path_of(t), bare ? "[" : "", t->host, bare ? "]" : "", port);
}

/* -- what the first answer says -------------------------------------------- */

static void
fact_of(struct talk *t, const struct http_msg *m, const char *header,
    const char *fact)
{
	struct span v;

	if (http_header(m, header, &v) && v.n > 0)
		service_fact(t->info, fact, v.p, v.n < 200 ? v.n : 200);
}

/* "1.1 varnish (Varnish/7.1)", "1.1 cache (squid/5.7)": who passed it on. */
static void
passed_on(struct talk *t, const struct http_msg *m)
{
	struct service_info *info = t->info;
	struct span via, v;
	char was[128];

	if (!http_header(m, "Via", &via) && !http_header(m, "X-Varnish", &v))
		return;
	if (span_find(via, "varnish") == NULL && via.n > 0)
		return;
	service_setf(was, sizeof(was), "%s%s%s", info->product,
	    info->version[0] != '\0' ? " " : "", info->version);
	v = span_until(span_after(via, "Varnish/"), " )");
	service_setf(info->product, sizeof(info->product), "Varnish");
	service_set(info->version, sizeof(info->version), v.p, v.n);
	if (was[0] != '\0' && strncmp(was, "Varnish", 7) != 0)
		service_setf(
		    info->extra, sizeof(info->extra), "before %s", was);
	http_server_cpe(info, "varnish-software:varnish_cache");
}

static void
powered_by(struct talk *t, const struct http_msg *m)
{
	struct service_info *info = t->info;
	struct span v;

	if (!http_header(m, "X-Powered-By", &v) || v.n == 0)
		return;
	service_fact(info, "http.powered_by", v.p, v.n < 200 ? v.n : 200);
	if (info->product[0] == '\0' && span_begins(v, "PHP/")) {
		http_server(info, v);
		service_setf(info->product, sizeof(info->product), "PHP");
		http_server_cpe(info, "php:php");
	} else if (strstr(info->extra, "PHP") == NULL && v.n < 60 &&
		   info->product[0] != '\0')
		service_setf(info->extra, sizeof(info->extra), "%s%s%.*s",
		    info->extra, info->extra[0] != '\0' ? "; " : "", (int)v.n,
		    v.p);
}

static void
login(struct talk *t, const struct http_msg *m)
{
	struct span v;

	if (m->status != 401 && m->status != 407)
		return;
	service_factf(t->info, "auth", "required");
	if (!http_header(m,
		m->status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate",
		&v))
		return;
	v = span_until(span_after(v, "realm=\""), "\"");
	if (v.n > 0)
		service_fact(t->info, "http.realm", v.p, v.n < 200 ? v.n : 200);
}

static void
first(struct talk *t, const struct http_answer *a)
{
	const struct http_msg *m = a->msg;
	struct service_info *info = t->info;
	struct span v;

	service_evidence(info, t->in, t->nin < 300 ? t->nin : 300);
	service_factf(info, "http.status", "%u %.*s", m->status,
	    (int)(m->reason.n < 60 ? m->reason.n : 60), m->reason.p);
	if (http_header(m, "Server", &v) && v.n > 0) {
		service_fact(info, "http.server", v.p, v.n < 200 ? v.n : 200);
		http_server(info, v);
	}
	fact_of(t, m, "Location", "http.location");
	passed_on(t, m);
	powered_by(t, m);
	login(t, m);
	if (span_find(a->body, "d14:failure reason") != NULL)
		service_setf(
		    info->name, sizeof(info->name), "bittorrent-tracker");
}

/* -- going on -------------------------------------------------------------- */

/* A redirection within this server is followed once. */
static bool
follow(struct talk *t, const struct http_msg *m)
{
	struct http_state *h = t->state;
	struct span to;
	const char *slash;
	size_t i;

	if (h->followed || m->status < 301 || m->status > 308 ||
	    m->status == 304 || !http_header(m, "Location", &to))
		return false;
	if (span_begins(to, t->tls ? "https://" : "http://")) {
		to = span_after(to, "//");
		if (!span_begins(to, t->host))
			return false;
		if ((slash = span_find(to, "/")) == NULL)
			return false;
		to.n -= (size_t)(slash - to.p);
		to.p = slash;
	}
	if (to.n < 2 || to.n >= sizeof(h->path) || to.p[0] != '/' ||
	    to.p[1] == '/')
		return false;
	for (i = 0; i < to.n; i++)
		if (to.p[i] <= ' ' || to.p[i] > '~')
			return false;
	h->followed = true;
	memcpy(h->path, to.p, to.n);
	h->path[to.n] = '\0';
	return true;
}

static void
wsman(struct talk *t, const struct http_msg *m)
{
	/* [MS-WSMV]: only POST is served there, and only to who logged in. */
	if (strcmp(path_of(t), "/wsman") == 0 &&
	    (m->status == 405 || m->status == 401))
		service_setf(t->info->extra, sizeof(t->info->extra), "WinRM");
}

static enum talk_verdict
judge(struct talk *t, const struct http_msg *m)
{
	struct http_state *h = t->state;
	struct http_answer a = { .msg = m, .asked = path_of(t) };
	struct buf body = { 0 };
	const char *next;
	bool go_on;

	http_body(m, &body);
	if (body.len > 0)
		a.body = (struct span){ body.data, body.len };
	else
		a.body = span_of("");
	a.title = span_element(a.body, "title");
	if (t->step == 0)
		first(t, &a);
	if (a.title.n > 0 && (t->step == 0 || m->status == 200) &&
	    (t->step == 0 || h->followed))
		service_fact(t->info, "http.title", a.title.p,
		    a.title.n < 200 ? a.title.n : 200);
	wsman(t, m);
	http_app(t->info, &a);
	http_app_pages(t->info, &a);
	go_on = t->step < MORE_MAX && m->headed &&
		(t->info->conf == 0 || t->info->conf == 10);
	if (go_on && (next = http_app_next(t->info, &a, &h->next)) != NULL)
		service_setf(h->path, sizeof(h->path), "%s", next);
	else if (!go_on || !follow(t, m))
		go_on = false;
	buf_done(&body);
	t->step++;
	return go_on ? TALK_AGAIN : TALK_DONE;
}

/* RFC 9113: a server that knows nothing older answers with its SETTINGS. If
 * they are empty, the next frame is to show that they are. */
static enum http_form
settings_form(const struct talk *t)
{
	struct talk_cursor c;
	unsigned n, i, id, type;

	cursor_init(&c, t->in, t->nin);
	n = (unsigned)cursor_u8(&c) << 16;
	n |= cursor_be16(&c);
	type = cursor_be16(&c);
	if (c.bad || type != 0x0400 || n % 6 != 0 || n > 60)
		return HTTP_NOT;
	if (cursor_be32(&c) != 0)
		return HTTP_NOT;
	for (i = 0; i < n; i += 6) {
		id = cursor_be16(&c);
		if (!c.bad && (id < 1 || (id > 9 && id != 0xfe03)))
			return HTTP_NOT;
		(void)cursor_be32(&c);
	}
	if (n == 0) {
		/* GOAWAY, WINDOW_UPDATE, SETTINGS of the connection */
		cursor_skip(&c, 1);
		n = cursor_be16(&c);
		type = cursor_u8(&c);
		cursor_skip(&c, 1);
		if (cursor_be32(&c) != 0 && !c.bad)
			return HTTP_NOT;
		if (!c.bad && (n > 64 || (type != 4 && type != 7 && type != 8)))
			return HTTP_NOT;
	}
	return c.bad ? HTTP_MORE : HTTP_IS;
}

/* Frames until one that answers: headers, a reset stream, the end. */
static enum talk_verdict
h2_input(struct talk *t)
{
	/* "grpc-status" as HPACK's code has it, and plain. */
	static const char coded[] = "\x9a\xca\xc8\xb2\x12\x34\xda\x8f";
	bool end = t->eof || t->timeout || t->nin >= TALK_IN_MAX;
	struct talk_cursor c;
	const uint8_t *p;
	uint8_t type;
	size_t n;

	cursor_init(&c, t->in, t->nin);
	while (cursor_left(&c) >= 9) {
		n = (size_t)cursor_u8(&c) << 16;
		n |= cursor_be16(&c);
		type = cursor_u8(&c);
		cursor_skip(&c, 5);
		if ((p = cursor_take(&c, n)) == NULL)
			break;
		if (type == 1 && (memmem(p, n, coded, 8) != NULL ||
				     memmem(p, n, "grpc-status", 11) != NULL))
			service_setf(
			    t->info->product, sizeof(t->info->product), "gRPC");
		end = end || type == 1 || type == 3 || type == 7;
	}
	return end ? TALK_DONE : TALK_MORE;
}

/* HTTP/0.9, or a device that forgets the head. */
static enum talk_verdict
headless(struct talk *t)
{
	struct span s = { (const char *)t->in, t->nin };

	s = span_trim(s);
	if (!span_begins(s, "<!doctype html") && !span_begins(s, "<html"))
		return TALK_NOT;
	if (!t->eof && !t->timeout)
		return TALK_MORE;
	if (span_find(s, "</html>") == NULL)
		return TALK_NOT;
	t->info->conf = 5;
	service_evidence(t->info, t->in, t->nin < 300 ? t->nin : 300);
	return TALK_DONE;
}

static enum talk_verdict
http_input(struct talk *t)
{
	bool end = t->eof || t->timeout || t->nin >= TALK_IN_MAX;
	struct http_state *h = t->state;
	struct http_msg m;
	enum http_form form;

	if (h->h2)
		return h2_input(t);
	form = http_parse(&m, "HTTP", t->in, t->nin, end);
	if (form == HTTP_NOT && t->step == 0) {
		form = http_parse(&m, "ICY", t->in, t->nin, end);
		if (form == HTTP_IS)
			service_setf(
			    t->info->name, sizeof(t->info->name), "shoutcast");
	}
	if (form == HTTP_NOT && t->step > 0)
		return TALK_DONE;
	if (form == HTTP_NOT && settings_form(t) == HTTP_IS) {
		service_factf(t->info, "http.version", "2 alone");
		service_evidence(t->info, t->in, t->nin < 60 ? t->nin : 60);
		h->h2 = true;
		t->step++;
		return TALK_AGAIN;
	}
	if (form == HTTP_NOT && settings_form(t) == HTTP_MORE && !end)
		return TALK_MORE;
	if (form == HTTP_NOT)
		return headless(t);
	if (form == HTTP_MORE || (!m.whole && !end))
		return TALK_MORE;
	return judge(t, &m);
}

const struct talk_ops talk_http = {
	.name = "http",
	.service = "http",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "80-85,591,631,2375,2379-2380,3000-3001,3128,4000,5000,5601,"
		 "5984-5985,6081,7000-7001,8000-8100,8123,8161,8181,8200,8222,"
		 "8404,8500,8529,8880-8890,8983,9090-9115,9200,9999-10000,"
		 "11434,15672,47001,49152",
	.tls_ports = "443,631,2376,2379,4443,5986,6443,7443,8006,8200,8443,"
		     "8501,8834,9200,9443,10000,10250,15671",
	.rarity = 1,
	.wait_ms = 3000,
	.state = sizeof(struct http_state),
	.begin = http_begin,
	.input = http_input,
	.source = "RFC 9110, RFC 9112",
};
