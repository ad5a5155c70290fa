/* SPDX-License-Identifier: ISC */
/* HTTP and messaging: what real servers said, and what they are. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "probe/http_msg.h"
#include "probe/http_server.h"
#include "talk_help.h"
#include "talk_web.h"

#define PAGE(head, body) "HTTP/1.1 " head "\r\n\r\n" body
#define CASE_SAID        6

struct known {
	const char *talk;
	bool udp, tls;
	struct talk_said said[CASE_SAID]; /* the first without any ends */
	unsigned nsaid;
	const char *name, *product, *version;
	const char *fact, *value; /* one more thing, or NULL */
};

#define HTTP1(text, ...)                                             \
	{                                                            \
		"http", false, false, { SAID(text) }, 1, __VA_ARGS__ \
	}
#define HTTP2(a, b, ...)                                                   \
	{                                                                  \
		"http", false, false, { SAID(a), SAID(b) }, 2, __VA_ARGS__ \
	}

/* The first ends with its connection. */
#define HTTP_THEN(a, b, ...)                                             \
	{                                                                \
		"http", false, false, { SAID(a), SAID_EOF, SAID(b) }, 3, \
		    __VA_ARGS__                                          \
	}

static const struct known known[] = {
	HTTP1(said_nginx, "http", "nginx", "1.22.1", "http.title", "Hallo Zoo"),
	HTTP1(said_apache, "http", "Apache httpd", "2.4.71", "http.listing",
	    "yes"),
	HTTP1(said_lighttpd, "http", "lighttpd", "1.4.69", "http.status",
	    "403 Forbidden"),
	HTTP1(said_python, "http", "SimpleHTTPServer", "0.6", "http.listing",
	    "yes"),
	HTTP1(said_node, "http", "", "", NULL, NULL),
	HTTP1(said_express, "http", "Node.js Express", "", "http.powered_by",
	    "Express"),
	HTTP1(said_listing, "http", "nginx", "", "http.listing", "yes"),
	HTTP2(said_haproxy,
	    PAGE("200 OK", "<h1>HAProxy version 2.6.12-1+deb12u4, released"),
	    "http", "HAProxy", "2.6.12", NULL, NULL),
	HTTP1(said_tinyproxy, "http-proxy", "tinyproxy", "1.11.1", NULL, NULL),
	HTTP2(
	    said_etcd, said_etcd_version, "http", "etcd", "3.4.23", NULL, NULL),
	HTTP2(said_exporter,
	    PAGE("200 OK",
		"node_exporter_build_info{branch=\"x\",goversion=\"go1.19.8\","
		"revision=\"y\",version=\"1.5.0\"} 1\n"),
	    "http", "Prometheus node exporter", "1.5.0", "auth", "none"),
	HTTP1(said_gunicorn, "http", "gunicorn", "", NULL, NULL),
	HTTP1(said_uvicorn, "http", "Uvicorn", "", NULL, NULL),
	HTTP1(said_werkzeug, "http", "Werkzeug httpd", "3.1.8", NULL, NULL),
	HTTP1(said_varnish, "http", "Varnish", "7.1", NULL, NULL),
	HTTP1(said_cups, "ipp", "CUPS", "2.4.2", NULL, NULL),
	HTTP1(said_icecast, "http", "Icecast", "2.4.4", NULL, NULL),
	/* As their documents say. */
	HTTP_THEN(PAGE("404 Not Found\r\nServer: Microsoft-HTTPAPI/2.0", ""),
	    PAGE("405 Method Not Allowed\r\nServer: Microsoft-HTTPAPI/2.0", ""),
	    "http", "Microsoft HTTPAPI httpd", "2.0", NULL, NULL),
	HTTP1(PAGE("200 OK",
		  "{\"name\":\"x\",\"version\":{\"number\" : \"7.17.9\"},"
		  "\"tagline\":\"You Know, for Search\"}"),
	    "http", "Elasticsearch", "7.17.9", "auth", "none"),
	HTTP1(PAGE("403 Forbidden\r\nServer: Jetty(10.0.12)\r\n"
		   "X-Jenkins: 2.375.1",
		  ""),
	    "http", "Jenkins", "2.375.1", NULL, NULL),
	HTTP1(PAGE("400 Bad Request\r\nServer: squid/5.7\r\n"
		   "X-Squid-Error: ERR_INVALID_URL 0",
		  ""),
	    "http-proxy", "Squid", "5.7", NULL, NULL),
	HTTP_THEN(PAGE("302 Found\r\nLocation: /login", ""),
	    PAGE("200 OK", "{\"database\": \"ok\",\"version\": \"9.3.2\"}"),
	    "http", "Grafana", "9.3.2", NULL, NULL),
	HTTP_THEN(PAGE("302 Found\r\nLocation: /graph",
		      "<a href=\"/graph\">Found</a>."),
	    PAGE("200 OK",
		"{\"data\":{\"version\":\"2.42.0\",\"goVersion\":\"g\"}}"),
	    "http", "Prometheus", "2.42.0", NULL, NULL),
	HTTP_THEN(PAGE("404 Not Found\r\nServer: Docker",
		      ""
		      "{\"message\":\"page not found\"}"),
	    PAGE("200 OK",
		"{\"Version\":\"20.10.24\",\"MinAPIVersion\":\"1.12\"}"),
	    "http", "Docker", "20.10.24", "auth", "none"),
	HTTP1(PAGE("200 OK\r\nServer: nginx/1.18.0",
		  "<meta name=\"generator\" content=\"WordPress 6.1.1\" />"),
	    "http", "nginx", "1.18.0", "http.app", "WordPress 6.1.1"),
	HTTP1(PAGE("401 Unauthorized\r\n"
		   "WWW-Authenticate: Basic realm=\"Lab\"",
		  ""),
	    "http", "", "", "http.realm", "Lab"),
	/* SETTINGS; then SETTINGS and headers with grpc-status. */
	HTTP2("\0\0\6\4\0\0\0\0\0\0\5\0\0\100\0",
	    "\0\0\0\4\0\0\0\0\0\0\0\14\1\5\0\0\0\1\x88\x40\x88"
	    "\x9a\xca\xc8\xb2\x12\x34\xda\x8f\0",
	    "http", "gRPC", "", "http.version", "2 alone"),
	{ "amqp", false, false, { SAID(said_amqp) }, 1, "amqp", "RabbitMQ",
	    "3.10.8", "amqp.mechanisms", "AMQPLAIN PLAIN" },
	{ "amqp", false, false, { SAID(said_amqp1) }, 1, "amqp", "", "", NULL,
	    NULL },
	{ "xmpp", false, false,
	    { SAID(said_xmpp_client),
		SAID("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>") },
	    2, "xmpp-client", "Prosody", "", "starttls", "yes" },
	{ "xmpp", false, false,
	    { SAID(said_xmpp_server),
		SAID("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>") },
	    2, "xmpp-server", "Prosody", "", "starttls", "yes" },
	{ "sip", false, false, { SAID(said_sip) }, 1, "sip", "Kamailio",
	    "5.6.3", NULL, NULL },
	{ "sip", true, false, { SAID(said_sip) }, 1, "sip", "Kamailio", "5.6.3",
	    NULL, NULL },
	{ "rtsp", false, false,
	    { SAID("RTSP/1.0 200 OK\r\nCSeq: 1\r\n"
		   "Server: GStreamer RTSP server\r\n\r\n") },
	    1, "rtsp", "GStreamer RTSP server", "", NULL, NULL },
	{ "stomp", false, false, { SAID(said_stomp) }, 1, "stomp", "RabbitMQ",
	    "3.10.8", "auth", "none" },
	{ "stomp", false, false, { SAID(said_stomp_no) }, 1, "stomp",
	    "RabbitMQ", "", "auth", "required" },
	{ "fastcgi", false, false,
	    { SAID(said_fcgi_values), SAID(said_fcgi_page) }, 2, "fastcgi",
	    "PHP-FPM", "8.2.36", NULL, NULL },
	{ "mumble", false, true, { SAID(said_mumble) }, 1, "mumble", "Murmur",
	    "1.3.4-4", NULL, NULL },
	{ "mumble", true, false, { SAID(said_mumble_pong) }, 1, "mumble",
	    "Murmur", "1.3.4", NULL, NULL },
	{ "minecraft", false, false, { SAID(said_minecraft) }, 1, "minecraft",
	    "Minecraft", "1.16.5", "minecraft.motd", "Zoo craft" },
	{ "mqtt", false, false,
	    { SAID("\x20\2\0\0"), SAID(said_mqtt_published) }, 2, "mqtt",
	    "mosquitto", "2.0.11", "auth", "none" },
	{ "mqtt", false, false, { SAID("\x20\2\0\5") }, 1, "mqtt", "", "",
	    "auth", "required" },
};

static void
play(const struct known *k, struct service_info *info, bool bytewise)
{
	struct talk_play p = {
		.name = k->talk, .udp = k->udp, .tls = k->tls, .port = 1234
	};
	struct talk_said said[2048 + CASE_SAID];
	const char *value;
	size_t n = 0, i, at, step;
	enum talk_verdict v;

	for (i = 0; i < k->nsaid; i++) {
		if (k->said[i].n == 0)
			said[n++] = (struct talk_said)SAID_EOF;
		step =
		    bytewise && i == 0 && k->said[i].n < 2048 && k->nsaid == 1
			? 1
			: k->said[i].n;
		for (at = 0; at < k->said[i].n; at += step)
			said[n++] =
			    (struct talk_said){ (const char *)k->said[i].p + at,
				    step };
	}
	said[n++] = (struct talk_said)SAID_EOF;
	said[n++] = (struct talk_said)SAID_EOF;
	v = talk_play(&p, info, said, n);
	if (v != TALK_DONE)
		fail_msg(
		    "%s %s %s: verdict %d", k->talk, k->product, k->version, v);
	assert_string_equal(info->name, k->name);
	assert_string_equal(info->product, k->product);
	assert_string_equal(info->version, k->version);
	assert_string_not_equal(info->evidence, "");
	if (k->fact != NULL) {
		value = service_fact_get(info, k->fact);
		assert_non_null(value);
		assert_string_equal(value, k->value);
	}
	buf_done(&p.sent);
}

static void
servers(void **state)
{
	struct service_info info;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(known); i++) {
		play(&known[i], &info, false);
		if (!known[i].udp)
			play(&known[i], &info, true);
	}
}

static void
cut_short(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < nitems(known); i++)
		for (k = 0; k < known[i].nsaid; k++) {
			struct talk_play p = { .name = known[i].talk,
				.udp = known[i].udp,
				.tls = known[i].tls };

			talk_prefixes(
			    &p, known[i].said[k].p, known[i].said[k].n);
			buf_done(&p.sent);
		}
}

/* Whoever is asked in another protocol's words says no. */
static void
others(void **state)
{
	static const char *const talks_here[] = { "http", "amqp", "xmpp", "sip",
		"rtsp", "stomp", "fastcgi", "mumble", "minecraft", "mqtt",
		"rtmp" };
	static const char *const answers[] = { "SSH-2.0-OpenSSH_9.2p1\r\n",
		"220 mail ESMTP Postfix\r\n", "-ERR unknown command\r\n",
		"ERROR\r\n", "* OK IMAP4rev1 ready\r\n", "500 What?\r\n",
		"RFB 003.008\n" };
	struct service_info info;
	size_t i, k;

	(void)state;
	for (i = 0; i < nitems(talks_here); i++)
		for (k = 0; k < nitems(known) + nitems(answers); k++) {
			struct talk_play p = { .name = talks_here[i] };
			struct talk_said said[] = { SAID_NONE, SAID_NONE,
				SAID_EOF };

			if (k < nitems(known)) {
				if (strcmp(known[k].talk, talks_here[i]) == 0)
					continue;
				said[0] = known[k].said[0];
			} else {
				said[0].p = answers[k - nitems(known)];
				said[0].n = strlen(said[0].p);
			}
			if (talk_play(&p, &info, said, 3) != TALK_NOT)
				fail_msg("%s takes %.20s", talks_here[i],
				    (const char *)said[0].p);
			buf_done(&p.sent);
		}
}

/* RTMP: what was sent comes back, behind as much of the server's own. */
static void
rtmp(void **state)
{
	struct talk_play p = { .name = "rtmp" };
	struct service_info info;
	struct buf b = { 0 };

	(void)state;
	(void)talk_play(&p, &info, NULL, 0);
	assert_int_equal(p.sent.len, 1537);
	buf_put(&b, p.sent.data, 1);
	buf_pad(&b, 's', 1536);
	buf_put(&b, p.sent.data + 1, 1536);
	buf_reset(&p.sent);
	{
		const struct talk_said said[] = { { b.data, b.len } };
		const struct talk_said echo[] = { { b.data, 1537 }, SAID_NONE };

		assert_int_equal(talk_play(&p, &info, said, 1), TALK_DONE);
		assert_string_equal(info.name, "rtmp");
		assert_int_equal(talk_play(&p, &info, echo, 2), TALK_NOT);
	}
	buf_done(&p.sent);
	buf_done(&b);
}

/* A redirection is followed within the host, and nowhere else. */
static void
redirected(void **state)
{
	static const struct {
		const char *location;
		bool followed;
	} t[] = {
		{ "/app/", true },
		{ "http://192.0.2.1/app/", true },
		{ "http://192.0.2.1", false },
		{ "http://example.net/app/", false },
		{ "//example.net/", false },
		{ "/a\tb", false },
		{ "/", false },
	};
	struct service_info info;
	char text[200];
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		struct talk_play p = { .name = "http", .port = 80 };
		struct talk_said said[] = { { text, 0 }, SAID_EOF, SAID_EOF };

		said[0].n = (size_t)snprintf(text, sizeof(text),
		    "HTTP/1.1 302 Found\r\nServer: x\r\nLocation: %s\r\n"
		    "Content-Length: 0\r\n\r\n",
		    t[i].location);
		assert_int_equal(talk_play(&p, &info, said, 3), TALK_DONE);
		assert_int_equal(p.connections > 1, t[i].followed);
		assert_true(!t[i].followed ||
			    strstr(p.sent.data, "GET /app/ HTTP") != NULL);
		buf_done(&p.sent);
	}
}

static void
server_names(void **state)
{
	static const struct {
		const char *header, *product, *version, *extra;
	} t[] = {
		{ "Apache/2.4.57 (Debian) PHP/8.2.7", "Apache httpd", "2.4.57",
		    "(Debian) PHP/8.2.7" },
		{ "Jetty(9.4.50.v20221201)", "Jetty", "9.4.50.v20221201", "" },
		{ "Asterisk PBX 18.10.0~dfsg", "Asterisk", "18.10.0~dfsg", "" },
		{ "Linux/3.10 UPnP/1.0 MiniUPnPd/1.9", "MiniUPnP", "1.9", "" },
		{ "CouchDB/3.2.2 (Erlang OTP/23)", "CouchDB httpd", "3.2.2",
		    "Erlang OTP/23" },
		{ "Something Else", "Something Else", "", "" },
		{ "Hiawatha v10.11", "Hiawatha httpd", "10.11", "" },
		{ "/", "", "", "" },
		{ "(", "", "", "" },
	};
	struct service_info info;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		service_init(&info);
		http_server(&info, span_of(t[i].header));
		assert_string_equal(info.product, t[i].product);
		assert_string_equal(info.version, t[i].version);
		if (t[i].extra[0] != '\0')
			assert_string_equal(info.extra, t[i].extra);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(servers),
		cmocka_unit_test(cut_short), cmocka_unit_test(others),
		cmocka_unit_test(rtmp), cmocka_unit_test(redirected),
		cmocka_unit_test(server_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
