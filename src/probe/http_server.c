/* SPDX-License-Identifier: ISC */
/* What servers call themselves, and what they are. */
#include "config.h"

#include "probe/http_server.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"

struct maker {
	const char *token;   /* what its name begins with */
	const char *product; /* NULL: as it says */
	const char *cpe;     /* "vendor:product", or NULL */
	const char *service; /* NULL: as the conversation's */
	const char *device;
	bool fronts;
};

/* The first that fits; the names are the servers' own. */
static const struct maker makers[] = {
	{ .token = "nginx",
	    .product = "nginx",
	    .cpe = "f5:nginx",
	    .fronts = true },
	{ .token = "openresty",
	    .product = "OpenResty",
	    .cpe = "openresty:openresty",
	    .fronts = true },
	{ .token = "tengine", .product = "Tengine", .fronts = true },
	{ .token = "Apache-Coyote", .product = "Apache Tomcat/Coyote" },
	{ .token = "Apache Tomcat",
	    .product = "Apache Tomcat",
	    .cpe = "apache:tomcat" },
	{ .token = "Apache",
	    .product = "Apache httpd",
	    .cpe = "apache:http_server",
	    .fronts = true },
	{ .token = "lighttpd",
	    .product = "lighttpd",
	    .cpe = "lighttpd:lighttpd",
	    .fronts = true },
	{ .token = "Microsoft-IIS",
	    .product = "Microsoft IIS httpd",
	    .cpe = "microsoft:internet_information_services",
	    .fronts = true },
	{ .token = "Microsoft-HTTPAPI", .product = "Microsoft HTTPAPI httpd" },
	{ .token = "Microsoft-NetCore", .product = NULL },
	{ .token = "Kestrel", .product = "Microsoft Kestrel" },
	{ .token = "Caddy",
	    .product = "Caddy",
	    .cpe = "caddyserver:caddy",
	    .fronts = true },
	{ .token = "LiteSpeed", .product = "LiteSpeed httpd", .fronts = true },
	{ .token = "cloudflare", .product = "Cloudflare", .fronts = true },
	{ .token = "envoy",
	    .product = "Envoy",
	    .cpe = "envoyproxy:envoy",
	    .fronts = true },
	{ .token = "istio-envoy", .product = "Istio Envoy", .fronts = true },
	{ .token = "Varnish",
	    .product = "Varnish",
	    .cpe = "varnish-software:varnish_cache",
	    .fronts = true },
	{ .token = "ATS", .product = "Apache Traffic Server", .fronts = true },
	{ .token = "ApacheTrafficServer",
	    .product = "Apache Traffic Server",
	    .fronts = true },
	{ .token = "squid",
	    .product = "Squid",
	    .cpe = "squid-cache:squid",
	    .service = "http-proxy" },
	{ .token = "tinyproxy",
	    .product = "tinyproxy",
	    .cpe = "tinyproxy:tinyproxy",
	    .service = "http-proxy" },
	{ .token = "Privoxy",
	    .product = "Privoxy",
	    .cpe = "privoxy:privoxy",
	    .service = "http-proxy" },
	{ .token = "Polipo", .product = "Polipo", .service = "http-proxy" },
	{ .token = "mitmproxy",
	    .product = "mitmproxy",
	    .service = "http-proxy" },
	{ .token = "Mikrotik HttpProxy",
	    .product = "MikroTik http proxy",
	    .service = "http-proxy",
	    .device = "router" },
	{ .token = "Jetty", .product = "Jetty", .cpe = "eclipse:jetty" },
	{ .token = "GlassFish", .product = NULL },
	{ .token = "WildFly", .product = "WildFly" },
	{ .token = "gunicorn",
	    .product = "gunicorn",
	    .cpe = "gunicorn:gunicorn" },
	{ .token = "uvicorn", .product = "Uvicorn" },
	{ .token = "hypercorn", .product = "Hypercorn" },
	{ .token = "daphne", .product = "Daphne" },
	{ .token = "waitress", .product = "Waitress" },
	{ .token = "Werkzeug",
	    .product = "Werkzeug httpd",
	    .cpe = "palletsprojects:werkzeug" },
	{ .token = "aiohttp", .product = "aiohttp", .cpe = "aiohttp:aiohttp" },
	{ .token = "SimpleHTTP", .product = "SimpleHTTPServer" },
	{ .token = "BaseHTTP", .product = "BaseHTTPServer" },
	{ .token = "WSGIServer", .product = "WSGIServer" },
	{ .token = "TornadoServer",
	    .product = "Tornado httpd",
	    .cpe = "tornadoweb:tornado" },
	{ .token = "TwistedWeb",
	    .product = "Twisted Web",
	    .cpe = "twistedmatrix:twisted" },
	{ .token = "CherryPy", .product = "CherryPy httpd" },
	{ .token = "WEBrick",
	    .product = "WEBrick httpd",
	    .cpe = "ruby-lang:webrick" },
	{ .token = "thin", .product = "Thin httpd" },
	{ .token = "MochiWeb", .product = "MochiWeb httpd" },
	{ .token = "Cowboy", .product = "Cowboy httpd" },
	{ .token = "inets", .product = "Erlang inets httpd" },
	{ .token = "CouchDB",
	    .product = "CouchDB httpd",
	    .cpe = "apache:couchdb" },
	{ .token = "CUPS",
	    .product = "CUPS",
	    .cpe = "openprinting:cups",
	    .service = "ipp" },
	{ .token = "Icecast", .product = "Icecast", .cpe = "xiph:icecast" },
	{ .token = "MinIO", .product = "MinIO", .cpe = "minio:minio" },
	{ .token = "Docker", .product = "Docker", .cpe = "docker:docker" },
	{ .token = "Libpod", .product = "Podman" },
	{ .token = "ArangoDB", .product = "ArangoDB" },
	{ .token = "Transmission", .product = "Transmission" },
	{ .token = "MiniServ",
	    .product = "Webmin MiniServ",
	    .cpe = "webmin:webmin" },
	{ .token = "pve-api-daemon", .product = "Proxmox VE API" },
	{ .token = "Splunkd", .product = "Splunkd" },
	{ .token = "Hiawatha", .product = "Hiawatha httpd" },
	{ .token = "Cherokee", .product = "Cherokee httpd" },
	{ .token = "thttpd", .product = "thttpd", .cpe = "acme:thttpd" },
	{ .token = "mini_httpd",
	    .product = "mini_httpd",
	    .cpe = "acme:mini_httpd" },
	{ .token = "GoAhead", .product = "GoAhead WebServer" },
	{ .token = "Boa", .product = "Boa httpd" },
	{ .token = "webfs", .product = "webfs httpd" },
	{ .token = "RomPager",
	    .product = "Allegro RomPager",
	    .cpe = "allegrosoft:rompager" },
	{ .token = "Virata-EmWeb", .product = "Virata-EmWeb" },
	{ .token = "App-webs",
	    .product = "Hikvision webs",
	    .device = "webcam" },
	{ .token = "DNVRS-Webs",
	    .product = "Hikvision webs",
	    .device = "webcam" },
	{ .token = "HP HTTP Server",
	    .product = "HP HTTP Server",
	    .device = "printer" },
	{ .token = "debut",
	    .product = "Brother debut httpd",
	    .device = "printer" },
	{ .token = "EPSON", .product = NULL, .device = "printer" },
	{ .token = "MiniUPnPd",
	    .product = "MiniUPnP",
	    .cpe = "miniupnp_project:miniupnpd",
	    .service = "upnp" },
	{ .token = "Portable SDK for UPnP",
	    .product = "Portable SDK for UPnP",
	    .service = "upnp" },
	{ .token = "kamailio",
	    .product = "Kamailio",
	    .cpe = "kamailio:kamailio" },
	{ .token = "OpenSIPS",
	    .product = "OpenSIPS",
	    .cpe = "opensips:opensips" },
	{ .token = "OpenSER", .product = "OpenSER" },
	{ .token = "Asterisk",
	    .product = "Asterisk",
	    .cpe = "asterisk:asterisk",
	    .device = "PBX" },
	{ .token = "FreeSWITCH",
	    .product = "FreeSWITCH",
	    .cpe = "freeswitch:freeswitch",
	    .device = "PBX" },
	{ .token = "FPBX", .product = "Asterisk (FreePBX)", .device = "PBX" },
	{ .token = "Cisco-SIPGateway",
	    .product = "Cisco SIP Gateway",
	    .device = "VoIP adapter" },
};

/* What a comment or a token says of the system. */
static const struct {
	const char *word, *os;
} systems[] = {
	{ "Debian", "Debian Linux" },
	{ "Ubuntu", "Ubuntu Linux" },
	{ "Raspbian", "Raspbian Linux" },
	{ "CentOS", "CentOS Linux" },
	{ "Red Hat", "Red Hat Linux" },
	{ "Fedora", "Fedora Linux" },
	{ "SUSE", "SUSE Linux" },
	{ "Amazon", "Amazon Linux" },
	{ "AlmaLinux", "AlmaLinux" },
	{ "Rocky", "Rocky Linux" },
	{ "FreeBSD", "FreeBSD" },
	{ "OpenBSD", "OpenBSD" },
	{ "NetBSD", "NetBSD" },
	{ "Win64", "Windows" },
	{ "Win32", "Windows" },
	{ "Microsoft-IIS", "Windows" },
	{ "Microsoft-HTTPAPI", "Windows" },
	{ "Darwin", "macOS" },
	{ "Linux", "Linux" },
};

static const struct maker *
maker_of(struct span name)
{
	size_t i;

	for (i = 0; i < nitems(makers); i++)
		if (span_begins(name, makers[i].token))
			return &makers[i];
	return NULL;
}

bool
http_server_fronts(const char *product)
{
	size_t i;

	for (i = 0; i < nitems(makers); i++)
		if (makers[i].fronts && makers[i].product != NULL &&
		    strcmp(makers[i].product, product) == 0)
			return true;
	return false;
}

void
http_server_cpe(struct service_info *info, const char *name)
{
	size_t i;

	if (name == NULL)
		return;
	/* Bytes that mean something in a CPE, and who knows what: none. */
	for (i = 0; info->version[i] != '\0'; i++)
		if (!isalnum((unsigned char)info->version[i]) &&
		    strchr(".-_+~", info->version[i]) == NULL)
			break;
	service_setf(info->cpe, sizeof(info->cpe), "cpe:/a:%s%s%.*s", name,
	    i > 0 ? ":" : "", (int)i, info->version);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_version(struct span s)
{
	if (s.n > 1 && (s.p[0] == 'v' || s.p[0] == 'V'))
		return is_digit(s.p[1]);
	return s.n > 0 && is_digit(s.p[0]);
}

/* Bytes of a name: as far as a version, a comment or the end. */
static size_t
name_len(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		struct span rest = { s.p + i + 1, s.n - i - 1 };

		if (s.p[i] == '(' || s.p[i] == ';' || s.p[i] == ',' ||
		    s.p[i] == '/')
			break;
		/* "Icecast 2.4.4", and "nginx PHP/8.2" are two kinds. */
		if (s.p[i] == ' ' &&
		    (is_version(rest) ||
			memchr(rest.p, '/', span_until(rest, " (").n) != NULL))
			break;
	}
	return i;
}

static void
skip(struct span *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

/* The version behind a name, taken away from *s. */
static struct span
take_version(struct span *s)
{
	struct span v = { "", 0 }, rest = *s;

	if (rest.n == 0)
		return v;
	if (rest.p[0] == '/' || rest.p[0] == ' ')
		skip(&rest, 1);
	/* "kamailio (5.6.3 (x86_64/linux))", "Jetty(9.4.50)" */
	if (rest.n > 1 && rest.p[0] == '(') {
		skip(&rest, 1);
		if (!is_version(rest))
			return v;
	} else if (s->p[0] != '/' && !is_version(rest))
		return v;
	v = span_until(rest, " ();,\t");
	skip(&rest, v.n);
	*s = rest;
	if (v.n > 1 && (v.p[0] == 'v' || v.p[0] == 'V') && is_digit(v.p[1]))
		skip(&v, 1);
	return v;
}

static void
find_system(struct service_info *info, struct span value)
{
	size_t i;

	for (i = 0; i < nitems(systems) && info->os[0] == '\0'; i++)
		if (span_find(value, systems[i].word) != NULL)
			service_setf(
			    info->os, sizeof(info->os), "%s", systems[i].os);
}

void
http_server(struct service_info *info, struct span value)
{
	const struct maker *maker;
	struct span s = span_trim(value), name, version, run = { "", 0 };

	find_system(info, s);
	/* UDA 1.0: the system, UPnP's version, the product. */
	if (span_find(s, "UPnP/") != NULL) {
		s = span_after(s, "UPnP/");
		skip(&s, span_until(s, " ,").n);
		while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == ','))
			skip(&s, 1);
		service_setf(info->name, sizeof(info->name), "upnp");
	}
	/* "Python/3.11 aiohttp/3.8.4": what runs the server that is meant. */
	if (span_begins(s, "Python/") &&
	    memchr(span_after(s, " ").p, '/', span_after(s, " ").n) != NULL) {
		run = span_until(s, " ");
		skip(&s, run.n);
		s = span_trim(s);
	}
	name = s;
	name.n = name_len(s);
	skip(&s, name.n);
	version = take_version(&s);
	name = span_trim(name);
	maker = maker_of(name);
	if (maker != NULL && maker->product != NULL)
		service_setf(
		    info->product, sizeof(info->product), "%s", maker->product);
	else
		service_set(
		    info->product, sizeof(info->product), name.p, name.n);
	service_set(info->version, sizeof(info->version), version.p, version.n);
	while (s.n > 0 && s.p[0] != '\0' && strchr(" ;,)", s.p[0]) != NULL)
		skip(&s, 1);
	s = span_trim(s);
	/* "(Debian)", or what is left of "(5.6.3 (x86_64/linux))" */
	if (s.n > 2 && s.p[0] == '(' && s.p[s.n - 1] == ')' &&
	    span_until(s, ")").n + 2 >= s.n) {
		skip(&s, 1);
		s = span_until(s, ")");
	}
	if (s.n == 0)
		s = run;
	service_set(info->extra, sizeof(info->extra), s.p, s.n);
	if (maker == NULL)
		return;
	http_server_cpe(info, maker->cpe);
	if (maker->service != NULL)
		service_setf(
		    info->name, sizeof(info->name), "%s", maker->service);
	if (maker->device != NULL)
		service_setf(
		    info->device, sizeof(info->device), "%s", maker->device);
}
