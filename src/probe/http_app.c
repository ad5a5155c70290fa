/* SPDX-License-Identifier: ISC */
/* Applications behind HTTP: by what marks they are known. */
#include "config.h"

#include "probe/http_app.h"

#include <string.h>

#include "base/array.h"
#include "probe/http_server.h"

enum where {
	IN_BODY,
	IN_TITLE,
	IN_HEADER,  /* .mark is a header's name, .value what its value holds */
	IN_LOCATION /* begins with .value */
};
enum version_in {
	VERSION_NONE,
	VERSION_HEADER, /* the header's value */
	VERSION_JSON,   /* the key .key */
	VERSION_AFTER   /* what follows the text .key */
};

struct app {
	uint8_t where;   /* enum where */
	uint8_t version; /* enum version_in */
	uint8_t conf;    /* 0: as usual */
	bool open;       /* that it answers means that it asks for no login */
	bool aside;      /* stands behind another product, always */
	const char *mark, *value;
	const char *product, *key;
	const char *cpe, *service, *device;
	const char *path; /* only of this path's answer; NULL: of any */
};

static const struct app apps[] = {
	/* documents of databases */
	{ .where = IN_BODY,
	    .mark = "You Know, for Search",
	    .open = true,
	    .product = "Elasticsearch",
	    .version = VERSION_JSON,
	    .key = "number",
	    .cpe = "elastic:elasticsearch" },
	{ .where = IN_BODY,
	    .mark = "The OpenSearch Project: ",
	    .open = true,
	    .product = "OpenSearch",
	    .version = VERSION_JSON,
	    .key = "number",
	    .cpe = "amazon:opensearch" },
	{ .where = IN_HEADER,
	    .mark = "X-elastic-product",
	    .product = "Elasticsearch",
	    .cpe = "elastic:elasticsearch" },
	{ .where = IN_BODY,
	    .mark = "\"type\":\"security_exception\"",
	    .product = "Elasticsearch",
	    .cpe = "elastic:elasticsearch" },
	{ .where = IN_HEADER,
	    .mark = "kbn-version",
	    .product = "Kibana",
	    .version = VERSION_HEADER,
	    .cpe = "elastic:kibana" },
	{ .where = IN_HEADER,
	    .mark = "kbn-name",
	    .product = "Kibana",
	    .cpe = "elastic:kibana" },
	{ .where = IN_BODY,
	    .path = "/api/status",
	    .mark = "\"kibana\"",
	    .product = "Kibana",
	    .version = VERSION_JSON,
	    .key = "number",
	    .cpe = "elastic:kibana" },
	{ .where = IN_BODY,
	    .mark = "\"couchdb\":\"Welcome\"",
	    .product = "CouchDB",
	    .version = VERSION_JSON,
	    .key = "version",
	    .cpe = "apache:couchdb" },
	{ .where = IN_HEADER,
	    .mark = "X-Influxdb-Version",
	    .product = "InfluxDB",
	    .version = VERSION_HEADER,
	    .cpe = "influxdata:influxdb" },
	{ .where = IN_BODY,
	    .mark = "\"neo4j_version\"",
	    .product = "Neo4j",
	    .version = VERSION_JSON,
	    .key = "neo4j_version",
	    .cpe = "neo4j:neo4j" },
	{ .where = IN_HEADER,
	    .mark = "X-ClickHouse-Server-Display-Name",
	    .product = "ClickHouse",
	    .cpe = "clickhouse:clickhouse" },
	/* Its native port. */
	{ .where = IN_BODY,
	    .service = "clickhouse",
	    .mark = " is for clickhouse-client program",
	    .product = "ClickHouse",
	    .cpe = "clickhouse:clickhouse" },
	{ .where = IN_BODY,
	    .conf = 7,
	    .service = "mongodb",
	    .mark = "trying to access MongoDB over HTTP",
	    .product = "MongoDB" },
	{ .where = IN_TITLE,
	    .mark = "Solr Admin",
	    .product = "Apache Solr",
	    .cpe = "apache:solr" },
	/* clusters */
	{ .where = IN_BODY,
	    .mark = "\"etcdserver\"",
	    .product = "etcd",
	    .version = VERSION_JSON,
	    .key = "etcdserver",
	    .cpe = "etcd:etcd" },
	{ .where = IN_BODY,
	    .mark = "\"gitVersion\"",
	    .product = "Kubernetes",
	    .version = VERSION_JSON,
	    .key = "gitVersion",
	    .cpe = "kubernetes:kubernetes" },
	{ .where = IN_BODY,
	    .mark = "\"kind\": \"Status\"",
	    .product = "Kubernetes",
	    .cpe = "kubernetes:kubernetes" },
	{ .where = IN_BODY,
	    .mark = "\"kind\":\"Status\"",
	    .product = "Kubernetes",
	    .cpe = "kubernetes:kubernetes" },
	{ .where = IN_BODY,
	    .path = "/version",
	    .mark = "\"MinAPIVersion\"",
	    .open = true,
	    .product = "Docker",
	    .version = VERSION_JSON,
	    .key = "Version",
	    .cpe = "docker:docker" },
	{ .where = IN_BODY,
	    .path = "/v1/agent/self",
	    .mark = "\"Datacenter\"",
	    .open = true,
	    .product = "Consul",
	    .version = VERSION_JSON,
	    .key = "Version",
	    .cpe = "hashicorp:consul" },
	{ .where = IN_BODY,
	    .mark = "Consul by HashiCorp",
	    .product = "Consul",
	    .cpe = "hashicorp:consul" },
	{ .where = IN_BODY,
	    .path = "/v1/sys/health",
	    .mark = "\"sealed\"",
	    .product = "Vault",
	    .version = VERSION_JSON,
	    .key = "version",
	    .cpe = "hashicorp:vault" },
	/* metrics */
	{ .where = IN_BODY,
	    .path = "/api/v1/status/buildinfo",
	    .mark = "\"goVersion\"",
	    .open = true,
	    .product = "Prometheus",
	    .version = VERSION_JSON,
	    .key = "version",
	    .cpe = "prometheus:prometheus" },
	{ .where = IN_TITLE,
	    .mark = "Prometheus Time Series",
	    .product = "Prometheus",
	    .cpe = "prometheus:prometheus" },
	{ .where = IN_BODY,
	    .mark = "node_exporter_build_info{",
	    .open = true,
	    .product = "Prometheus node exporter",
	    .version = VERSION_AFTER,
	    .key = ",version=\"" },
	{ .where = IN_TITLE,
	    .mark = "Node Exporter",
	    .product = "Prometheus node exporter",
	    .version = VERSION_AFTER,
	    .key = "(version=" },
	{ .where = IN_BODY,
	    .mark = "_exporter_build_info{",
	    .open = true,
	    .product = "Prometheus exporter",
	    .version = VERSION_AFTER,
	    .key = ",version=\"" },
	{ .where = IN_TITLE,
	    .mark = " Exporter",
	    .product = "Prometheus exporter",
	    .version = VERSION_AFTER,
	    .key = "(version=" },
	{ .where = IN_BODY,
	    .path = "/api/health",
	    .mark = "\"database\"",
	    .product = "Grafana",
	    .version = VERSION_JSON,
	    .key = "version",
	    .cpe = "grafana:grafana" },
	{ .where = IN_TITLE,
	    .mark = "Grafana",
	    .product = "Grafana",
	    .cpe = "grafana:grafana" },
	/* work */
	{ .where = IN_HEADER,
	    .mark = "X-Jenkins",
	    .product = "Jenkins",
	    .version = VERSION_HEADER,
	    .cpe = "jenkins:jenkins" },
	{ .where = IN_HEADER,
	    .mark = "X-Gitlab-Meta",
	    .product = "GitLab",
	    .cpe = "gitlab:gitlab" },
	{ .where = IN_HEADER,
	    .mark = "Set-Cookie",
	    .value = "_gitlab_session",
	    .product = "GitLab",
	    .cpe = "gitlab:gitlab" },
	{ .where = IN_BODY,
	    .path = "/api/v1/version",
	    .mark = "\"version\"",
	    .product = "Gitea",
	    .version = VERSION_JSON,
	    .key = "version",
	    .cpe = "gitea:gitea" },
	{ .where = IN_HEADER,
	    .mark = "Set-Cookie",
	    .value = "i_like_gitea",
	    .product = "Gitea",
	    .cpe = "gitea:gitea" },
	{ .where = IN_TITLE,
	    .mark = "RabbitMQ Management",
	    .product = "RabbitMQ management",
	    .cpe = "vmware:rabbitmq" },
	{ .where = IN_HEADER,
	    .mark = "X-Syncthing-Version",
	    .product = "Syncthing",
	    .version = VERSION_HEADER },
	{ .where = IN_HEADER,
	    .mark = "X-Transmission-Session-Id",
	    .product = "Transmission" },
	{ .where = IN_TITLE,
	    .mark = "qBittorrent",
	    .product = "qBittorrent",
	    .cpe = "qbittorrent:qbittorrent" },
	{ .where = IN_TITLE,
	    .mark = "Purple I2P Webconsole",
	    .product = "i2pd webconsole",
	    .cpe = "i2pd:i2pd" },
	/* What it says instead of a Cisco gateway's version. */
	{ .where = IN_BODY,
	    .mark = "<version who=\"sg\">0.1(1)</version>",
	    .product = "OpenConnect VPN server (ocserv)",
	    .cpe = "infradead:ocserv" },
	{ .where = IN_HEADER,
	    .mark = "X-Plex-Protocol",
	    .product = "Plex Media Server" },
	{ .where = IN_TITLE,
	    .mark = "phpMyAdmin",
	    .product = "phpMyAdmin",
	    .aside = true },
	{ .where = IN_TITLE, .mark = "Jupyter", .product = "Jupyter" },
	{ .where = IN_BODY,
	    .mark = "Ollama is running",
	    .product = "Ollama",
	    .open = true },
	{ .where = IN_BODY,
	    .path = "/api/version",
	    .mark = "\"version\"",
	    .product = "Ollama",
	    .version = VERSION_JSON,
	    .key = "version" },
	/* proxies */
	{ .where = IN_HEADER,
	    .mark = "X-Squid-Error",
	    .product = "Squid",
	    .service = "http-proxy",
	    .cpe = "squid-cache:squid" },
	{ .where = IN_BODY,
	    .mark = "Invalid header received from client.",
	    .product = "Privoxy",
	    .service = "http-proxy",
	    .cpe = "privoxy:privoxy" },
	{ .where = IN_BODY,
	    .mark = "HAProxy version ",
	    .product = "HAProxy",
	    .version = VERSION_AFTER,
	    .key = "HAProxy version ",
	    .cpe = "haproxy:haproxy" },
	{ .where = IN_HEADER,
	    .mark = "WWW-Authenticate",
	    .value = "HAProxy Statistics",
	    .product = "HAProxy",
	    .cpe = "haproxy:haproxy" },
	{ .where = IN_BODY,
	    .mark = "\nNo server is available to handle this request.\n",
	    .product = "HAProxy",
	    .cpe = "haproxy:haproxy" },
	{ .where = IN_BODY,
	    .service = "socks",
	    .mark = "This is a SOCKs proxy, not an HTTP proxy",
	    .product = "Tor SOCKS proxy",
	    .cpe = "torproject:tor" },
	/* servers that say it in the page */
	{ .where = IN_BODY,
	    .mark = "Apache Tomcat/",
	    .product = "Apache Tomcat",
	    .version = VERSION_AFTER,
	    .key = "Apache Tomcat/",
	    .cpe = "apache:tomcat" },
	{ .where = IN_TITLE,
	    .mark = "- CUPS ",
	    .service = "ipp",
	    .product = "CUPS",
	    .version = VERSION_AFTER,
	    .key = "- CUPS ",
	    .cpe = "openprinting:cups" },
	{ .where = IN_HEADER,
	    .mark = "X-Powered-By",
	    .value = "Express",
	    .product = "Node.js Express" },
	{ .where = IN_HEADER,
	    .mark = "X-Powered-By",
	    .value = "Next.js",
	    .product = "Next.js" },
	{ .where = IN_HEADER,
	    .mark = "X-Powered-By",
	    .value = "Servlet",
	    .product = "Java servlet container" },
	/* what runs behind a server */
	{ .where = IN_HEADER,
	    .mark = "X-Generator",
	    .value = "Drupal",
	    .product = "Drupal",
	    .aside = true },
	{ .where = IN_BODY,
	    .mark = "content=\"WordPress ",
	    .aside = true,
	    .product = "WordPress",
	    .version = VERSION_AFTER,
	    .key = "content=\"WordPress " },
	{ .where = IN_BODY,
	    .mark = "/wp-content/",
	    .aside = true,
	    .product = "WordPress" },
	{ .where = IN_BODY,
	    .mark = "content=\"Drupal ",
	    .aside = true,
	    .product = "Drupal",
	    .version = VERSION_AFTER,
	    .key = "content=\"Drupal " },
	{ .where = IN_HEADER,
	    .mark = "X-AspNet-Version",
	    .aside = true,
	    .product = "ASP.NET",
	    .version = VERSION_HEADER },
	/* devices */
	{ .where = IN_BODY,
	    .mark = "RouterOS v",
	    .device = "router",
	    .product = "MikroTik RouterOS",
	    .version = VERSION_AFTER,
	    .key = "RouterOS v" },
	{ .where = IN_TITLE,
	    .mark = "RouterOS",
	    .device = "router",
	    .product = "MikroTik RouterOS" },
	{ .where = IN_TITLE,
	    .mark = "OpenWrt",
	    .device = "router",
	    .product = "OpenWrt LuCI" },
	{ .where = IN_TITLE,
	    .mark = "pfSense",
	    .device = "firewall",
	    .product = "pfSense" },
	{ .where = IN_TITLE,
	    .mark = "OPNsense",
	    .device = "firewall",
	    .product = "OPNsense" },
	{ .where = IN_TITLE,
	    .mark = "Synology",
	    .device = "storage",
	    .product = "Synology DiskStation" },
	{ .where = IN_TITLE,
	    .mark = "LaserJet",
	    .device = "printer",
	    .product = "HP LaserJet" },
	{ .where = IN_BODY,
	    .mark = "ID_EESX_Welcome",
	    .product = "VMware ESXi" },
	/* the last: what the libraries say */
	{ .where = IN_BODY,
	    .mark = "{\"message\":\"page not found\"}",
	    .product = "Docker",
	    .cpe = "docker:docker" },
	{ .where = IN_BODY,
	    .mark = "404 page not found\n",
	    .product = "Go net/http" },
	{ .where = IN_BODY,
	    .mark = "<pre>Cannot GET /</pre>",
	    .product = "Node.js Express" },
	{ .where = IN_BODY,
	    .mark = "{\"detail\":\"Not Found\"}",
	    .product = "Starlette" },
};

/* Where a product that has no version yet tells it. "": nobody knows what it
 * is; a location stands for products that send everybody there. */
static const struct more {
	const char *product, *location, *path;
} mores[] = {
	{ "Kibana", NULL, "/api/status" },
	{ "Docker", NULL, "/version" },
	{ "Kubernetes", NULL, "/version" },
	{ "Go net/http", NULL, "/version" },
	{ "Prometheus", NULL, "/api/v1/status/buildinfo" },
	{ "", "/graph", "/api/v1/status/buildinfo" },
	{ "", "/query", "/api/v1/status/buildinfo" },
	{ "Prometheus node exporter", NULL, "/metrics?collect[]=time" },
	{ "Prometheus exporter", NULL, "/metrics" },
	{ "Grafana", NULL, "/api/health" },
	{ "", "/login", "/api/health" },
	{ "Gitea", NULL, "/api/v1/version" },
	{ "", "/ui/", "/v1/sys/health" },
	{ "", "/ui/", "/v1/agent/self" },
	{ "Consul", NULL, "/v1/agent/self" },
	{ "HAProxy", NULL, "/stats" },
	{ "HAProxy", NULL, "/haproxy?stats" },
	{ "Ollama", NULL, "/api/version" },
	{ "Microsoft HTTPAPI httpd", NULL, "/wsman" },
};

/* -- marks ----------------------------------------------------------------- */

static bool
shows(const struct app *a, const struct http_answer *t, struct span *header)
{
	if (a->path != NULL && strcmp(a->path, t->asked) != 0)
		return false;
	switch ((enum where)a->where) {
	case IN_BODY:
		return span_find(t->body, a->mark) != NULL;
	case IN_TITLE:
		return span_find(t->title, a->mark) != NULL;
	case IN_HEADER:
		return http_header(t->msg, a->mark, header) &&
		       (a->value == NULL ||
			   span_find(*header, a->value) != NULL);
	case IN_LOCATION:
		return http_header(t->msg, "Location", header) &&
		       span_begins(*header, a->value);
	}
	return false;
}

static struct span
version_of(const struct app *a, const struct http_answer *t, struct span header)
{
	struct span s = { "", 0 };

	switch ((enum version_in)a->version) {
	case VERSION_HEADER:
		s = header;
		break;
	case VERSION_JSON:
		s = span_json(t->body, a->key);
		break;
	case VERSION_AFTER:
		s = a->where == IN_BODY ? span_after(t->body, a->mark)
					: t->body;
		/* The mark may be what it follows. */
		s = strcmp(a->mark, a->key) == 0 && a->where == IN_BODY
			? s
			: span_after(a->where == IN_BODY ? s : t->body, a->key);
		s = span_until(s, " \"<>(),;\r\n\t");
		break;
	case VERSION_NONE:
		break;
	}
	if (s.n > 1 && s.p[0] == 'v' && s.p[1] >= '0' && s.p[1] <= '9') {
		s.p++;
		s.n--;
	}
	return s;
}

static void
beside(struct service_info *info, const char *what)
{
	if (strstr(info->extra, what) == NULL)
		service_setf(info->extra, sizeof(info->extra), "%s%s%s",
		    info->extra, info->extra[0] != '\0' ? "; " : "", what);
}

/* It stands behind the server that answered. */
static void
behind(struct service_info *info, const struct app *a, struct span version)
{
	char what[128];

	service_setf(what, sizeof(what), "%s%s%.*s", a->product,
	    version.n > 0 ? " " : "", (int)version.n, version.p);
	service_fact(info, "http.app", what, strlen(what));
	if (strstr(info->extra, a->product) == NULL)
		beside(info, what);
}

/* "2.6.12-1+deb12u3": what the distribution adds is no version. */
static void
take_version(struct service_info *info, struct span version)
{
	struct span own = span_until(version, "-"), add = version;
	char what[64];

	if (span_find(version, "+deb") == NULL &&
	    span_find(version, "ubuntu") == NULL)
		own = version;
	service_set(info->version, sizeof(info->version), own.p, own.n);
	if (own.n == version.n)
		return;
	add.p += own.n + 1;
	add.n -= own.n + 1;
	service_set(what, sizeof(what), add.p, add.n);
	beside(info, what);
}

static void
become(struct service_info *info, const struct app *a, struct span version)
{
	char was[128];

	if (strcmp(info->product, a->product) != 0) {
		service_setf(was, sizeof(was), "%s%s%s", info->product,
		    info->version[0] != '\0' ? " " : "", info->version);
		if (info->product[0] != '\0' &&
		    strcmp(info->product, "Go net/http") != 0)
			beside(info, was);
		service_setf(
		    info->product, sizeof(info->product), "%s", a->product);
		info->version[0] = info->cpe[0] = '\0';
	}
	if (version.n > 0)
		take_version(info, version);
	http_server_cpe(info, a->cpe);
	if (a->service != NULL)
		service_setf(info->name, sizeof(info->name), "%s", a->service);
	if (a->device != NULL)
		service_setf(
		    info->device, sizeof(info->device), "%s", a->device);
	if (a->conf > 0)
		info->conf = a->conf;
}

/* What is only a library's habit never replaces what was said. */
static bool
is_vague(const struct app *a)
{
	return strcmp(a->product, "Go net/http") == 0 ||
	       strcmp(a->product, "Node.js Express") == 0 ||
	       strcmp(a->product, "Starlette") == 0 ||
	       strcmp(a->product, "Next.js") == 0 ||
	       strcmp(a->product, "Java servlet container") == 0;
}

void
http_app(struct service_info *info, const struct http_answer *t)
{
	struct span header, version;
	const struct app *a;

	for (a = apps; a < apps + nitems(apps); a++) {
		header = (struct span){ "", 0 };
		if (!shows(a, t, &header))
			continue;
		version = version_of(a, t, header);
		if (is_vague(a)) {
			if (info->product[0] == '\0')
				become(info, a, version);
			continue;
		}
		if (a->open && t->msg->status == 200)
			service_factf(info, "auth", "none");
		if (a->aside || http_server_fronts(info->product)) {
			behind(info, a, version);
			continue;
		}
		become(info, a, version);
		return;
	}
}

/* -- more ------------------------------------------------------------------ */

const char *
http_app_next(const struct service_info *info, const struct http_answer *t,
    unsigned *next)
{
	struct span location;
	const struct more *m;

	(void)http_header(t->msg, "Location", &location);
	while (*next < nitems(mores)) {
		m = &mores[(*next)++];
		if (strcmp(m->path, "/wsman") == 0
			? strcmp(info->product, m->product) == 0
			: info->version[0] == '\0' &&
			      strcmp(info->product, m->product) == 0 &&
			      (m->location == NULL ||
				  span_begins(location, m->location)))
			return m->path;
	}
	return NULL;
}

/* -- pages ----------------------------------------------------------------- */

static const struct {
	const char *mark, *product;
} pages[] = {
	{ "Welcome to nginx", "nginx" },
	{ "Welcome to OpenResty!", "OpenResty" },
	{ "Apache2 Debian Default Page", "Apache httpd" },
	{ "Apache2 Ubuntu Default Page", "Apache httpd" },
	{ "<h1>It works!</h1>", "Apache httpd" },
	{ "Test Page for the ", "Apache httpd" },
	{ "HTTP Server Test Page", "Apache httpd" },
	{ "<title>IIS Windows", "Microsoft IIS httpd" },
	{ "you've successfully installed Tomcat", "Apache Tomcat" },
	{ "Your web server is working", "Caddy" },
	{ "Placeholder page", "lighttpd" },
};

void
http_app_pages(struct service_info *info, const struct http_answer *t)
{
	size_t i;

	if (t->msg->status != 200)
		return;
	if (span_begins(t->title, "Index of /") ||
	    span_begins(t->title, "Directory listing for ") ||
	    span_find(t->body, "<h1>Index of /") != NULL ||
	    span_find(t->body, "<h1>Directory Listing") != NULL)
		service_factf(info, "http.listing", "yes");
	for (i = 0; i < nitems(pages); i++)
		if (span_find(t->body, pages[i].mark) != NULL) {
			service_factf(
			    info, "http.default_page", "%s", pages[i].product);
			return;
		}
}
