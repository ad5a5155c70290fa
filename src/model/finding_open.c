/* SPDX-License-Identifier: ISC */
/* Rules of logins: services that ask for none. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "know/state.h"
#include "model/finding_rules.h"

/* What it means that a service told: auth none. The first that fits; "": it is
 * meant to be so. */
static const struct unasked {
	const char *service; /* NULL: any */
	const char *product; /* begins with; NULL: any */
	const char *id;
	const char *says;
} unasked[] = {
	{ "redis", NULL, "redis-no-auth", "INFO was answered" },
	{ "memcached", NULL, "memcached-no-auth", "version was answered" },
	{ "mongodb", NULL, "mongodb-no-auth", "listDatabases was answered" },
	{ NULL, "Elasticsearch", "elasticsearch-no-auth",
	    "GET / told the cluster" },
	{ NULL, "OpenSearch", "elasticsearch-no-auth",
	    "GET / told the cluster" },
	{ "postgresql", NULL, "postgresql-no-auth",
	    "a session began without a password" },
	{ NULL, "Docker", "docker-no-auth", "GET /version was answered" },
	{ NULL, "Podman", "docker-no-auth", "GET /version was answered" },
	{ NULL, "Kubernetes", "kubernetes-no-auth", "GET was answered" },
	{ NULL, "Consul", "consul-no-auth", "/v1/agent/self was answered" },
	{ NULL, "etcd", "etcd-no-auth", "GET /version was answered" },
	{ NULL, "Prometheus", "metrics-no-auth", "GET was answered" },
	{ NULL, "Ollama", "model-no-auth", "GET was answered" },
	{ "zookeeper", NULL, "zookeeper-no-auth", "srvr was answered" },
	{ "mqtt", NULL, "mqtt-no-auth", "CONNECT without a name was accepted" },
	{ "vnc", NULL, "vnc-no-auth", "the security type None is offered" },
	{ "x11", NULL, "x11-open", "a setup without authorization succeeded" },
	{ "socks", NULL, "socks-open",
	    "the method \"no authentication\" was "
	    "chosen" },
	{ "socks4", NULL, "socks-open", "a request without a user was heard" },
	{ "socks5", NULL, "socks-open",
	    "the method \"no authentication\" was chosen" },
	{ "tor-control", NULL, "proxy-control-open", "AUTH METHODS=NULL" },
	{ "openvpn-mgmt", NULL, "proxy-control-open",
	    "it greets without a password" },
	{ "varnish-cli", NULL, "proxy-control-open",
	    "it greets without a password" },
	{ "nats", NULL, "queue-no-auth", "auth_required is not set" },
	{ "beanstalk", NULL, "queue-no-auth", "stats was answered" },
	{ "stomp", NULL, "queue-no-auth", "CONNECTED without a name" },
	{ "iscsi", NULL, "disk-no-auth", "a discovery login succeeded" },
	{ "nbd", NULL, "disk-no-auth", "its exports are offered" },
	{ "zabbix-agent", NULL, "agent-no-auth", "agent.version was answered" },
	{ "mbap", NULL, "control-no-auth", "Modbus was answered" },
	{ "asf-rmcp", NULL, "ipmi-anonymous",
	    "its capabilities name the login without a name" },
	{ "git", NULL, "", "" },
	{ "ftp", NULL, "", "" },
	{ "ldap", NULL, "", "" },
};

/* Services that know no login at all: being reached is what is wrong. */
static const struct reached {
	const char *service, *id, *says;
} reached[] = {
	{ "fastcgi", "fastcgi-open", "FCGI_GET_VALUES was answered" },
	{ "ajp13", "ajp-open", "CPING was answered" },
	{ "jdwp", "debugger-open", "JDWP-Handshake was answered" },
	{ "epmd", "erlang-epmd", "its names were told" },
	{ "tftp", "tftp-open", "a read request was answered" },
	{ "finger", "finger-open", "a query was answered" },
	{ "iso-tsap", "control-no-auth", "S7 was answered" },
	{ "s7comm", "control-no-auth", "S7 was answered" },
	{ "dnp", "control-no-auth", "DNP3 was answered" },
	{ "dnp3", "control-no-auth", "DNP3 was answered" },
	{ "bacnet", "control-no-auth", "BACnet was answered" },
	{ "munin", "agent-no-auth", "Munin's node greets" },
	{ "checkmk-agent", "agent-no-auth", "<<<check_mk>>> was told" },
	{ "ganglia", "agent-no-auth", "the cluster's XML was told" },
	{ "hddtemp", "agent-no-auth", "its disks were told" },
	{ "gearman", "queue-no-auth", "version was answered" },
	{ "ethernet-ip", "control-no-auth", "ListIdentity was answered" },
	{ "EtherNet-IP", "control-no-auth", "ListIdentity was answered" },
	{ "knxnet-ip", "control-no-auth", "a search was answered" },
	{ "nat-pmp", "nat-open", "the address outside was told" },
	{ "asf-rmcp", "ipmi-open", "RMCP was answered" },
	{ "rpcbind", "rpcbind-open", "its programs were told" },
	{ "sunrpc", "rpcbind-open", "its programs were told" },
};

static void
no_login(struct finding_scene *s)
{
	const char *auth = finding_fact(s, "auth");
	const struct unasked *u;

	if (strcmp(auth, "none") != 0 && strcmp(auth, "anonymous") != 0)
		return;
	if (strcmp(s->info->name, "amqp") == 0) {
		finding_add(s, "amqp-anonymous", "offered: %s",
		    finding_fact(s, "amqp.mechanisms"));
		return;
	}
	for (u = unasked; u < unasked + nitems(unasked); u++) {
		if (u->service != NULL &&
		    strcmp(u->service, s->info->name) != 0)
			continue;
		if (u->product != NULL && strncmp(u->product, s->info->product,
					      strlen(u->product)) != 0)
			continue;
		if (u->id[0] != '\0')
			finding_add(s, u->id, "%s", u->says);
		return;
	}
	finding_add(s, "no-auth", "auth: %s", auth);
}

static void
known_open(struct finding_scene *s)
{
	const struct reached *r;

	for (r = reached; r < reached + nitems(reached); r++)
		if (strcmp(r->service, s->info->name) == 0)
			finding_add(s, r->id, "%s", r->says);
	if (finding_fact_is(s, "ftp.anonymous", "yes"))
		finding_add(s, "ftp-anonymous", "USER anonymous was let in");
	if (finding_fact_is(s, "ldap.anonymous", "search"))
		finding_add(s, "ldap-anonymous-read",
		    "a search below \"%s\" was answered",
		    finding_fact(s, "ldap.context"));
	if (finding_has_word(finding_fact(s, "snmp.community"), "public"))
		finding_add(
		    s, "snmp-public", "sysDescr was told to \"public\"");
	if (finding_fact_is(s, "xdmcp.willing", "yes"))
		finding_add(
		    s, "cleartext-login", "a login screen is offered by XDMCP");
	if (finding_fact(s, "rsync.modules")[0] != '\0')
		finding_add(s, "rsync-modules", "listed: %s",
		    finding_fact(s, "rsync.modules"));
}

static bool
is_everyone(const char *word, size_t n)
{
	static const char *const all[] = { "*", "(everyone)", "everyone",
		"0.0.0.0/0", "0.0.0.0/0.0.0.0", "::/0" };
	size_t i;

	for (i = 0; i < nitems(all); i++)
		if (strlen(all[i]) == n && strncmp(word, all[i], n) == 0)
			return true;
	return false;
}

/* "/srv * /home 10.0.0.0/8": a path, then who may have it; nobody named is
 * everybody (RFC 1813, 5.2.5). */
static void
exports(struct finding_scene *s)
{
	const char *word = finding_fact(s, "rpc.exports"), *path = NULL;
	bool named = true, open = false;
	size_t n, len = 0;

	for (; !open; word += n) {
		n = finding_word(&word);
		if (n == 0 || word[0] == '/') {
			open = !named;
			if (open || n == 0)
				break;
			path = word;
			len = n;
			named = false;
		} else if (path != NULL && strncmp(word, "|", n) != 0) {
			named = true;
			open = is_everyone(word, n);
		}
	}
	if (open && path != NULL)
		finding_add(s, "nfs-everyone", "exported to everyone: %.*s",
		    (int)len, path);
}

void
finding_open(struct finding_scene *s)
{
	no_login(s);
	known_open(s);
	exports(s);
}
