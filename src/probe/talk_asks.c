/* SPDX-License-Identifier: ISC */
/* Servers that answer a line with a line: what is asked, and in which forms
 * they answer. */
#include "config.h"

#include "base/array.h"
#include "probe/ask.h"

static const struct line_form memcached[] = {
	{ .form = "VERSION %v",
	    .product = "Memcached",
	    .cpe = "memcached:memcached",
	    .fact = "auth",
	    .value = "none" },
	{ .form = "VERSION %v %x",
	    .product = "Memcached",
	    .cpe = "memcached:memcached",
	    .fact = "auth",
	    .value = "none" },
	{ .form = "CLIENT_ERROR unauthenticated*",
	    .product = "Memcached",
	    .cpe = "memcached:memcached",
	    .fact = "auth",
	    .value = "required" },
};
static const struct line_form gearman[] = {
	{ .form = "OK %V",
	    .product = "Gearman job server",
	    .cpe = "gearman:gearmand" },
};
static const struct line_form clamav[] = {
	{ .form = "ClamAV %v/%x",
	    .product = "ClamAV clamd",
	    .cpe = "clamav:clamav" },
	{ .form = "ClamAV %v",
	    .product = "ClamAV clamd",
	    .cpe = "clamav:clamav" },
};
static const struct line_form nut[] = {
	{ .form = "Network UPS Tools upsd %v - *",
	    .product = "Network UPS Tools upsd",
	    .cpe = "networkupstools:nut" },
	{ .form = "Network UPS Tools upsd %v*",
	    .product = "Network UPS Tools upsd",
	    .cpe = "networkupstools:nut" },
};
static const struct line_form zookeeper[] = {
	{ .form = "Zookeeper version: %v, built on *",
	    .product = "Apache ZooKeeper",
	    .cpe = "apache:zookeeper",
	    .fact = "auth",
	    .value = "none" },
	/* A build that put no revision in. */
	{ .form = "Zookeeper version: %v-${*}, built on *",
	    .product = "Apache ZooKeeper",
	    .cpe = "apache:zookeeper",
	    .fact = "auth",
	    .value = "none" },
	{ .form = "srvr is not executed because it is not in the whitelist.*",
	    .product = "Apache ZooKeeper",
	    .cpe = "apache:zookeeper" },
	{ .form = "This ZooKeeper instance is not currently serving requests*",
	    .product = "Apache ZooKeeper",
	    .cpe = "apache:zookeeper" },
};
static const struct line_form beanstalkd[] = {
	{ .form = "OK %v", .more = true },
	{ .form = "version: \"%v*\"", .product = "beanstalkd" },
	{ .form = "version: %v", .product = "beanstalkd" },
	{ .form = "current-jobs-urgent: *",
	    .product = "beanstalkd",
	    .fact = "auth",
	    .value = "none" },
	{ .form = "hostname: %h", .more = true },
	{ .form = "os: %o", .more = true },
};
static const struct line_form spamd[] = {
	{ .form = "SPAMD/%v 0 PONG",
	    .product = "SpamAssassin spamd",
	    .cpe = "apache:spamassassin" },
	{ .form = "SPAMD/%v *",
	    .product = "SpamAssassin spamd",
	    .cpe = "apache:spamassassin" },
};
static const struct line_form lcdproc[] = {
	{ .form = "connect LCDproc %v protocol *", .product = "LCDproc" },
};
static const struct line_form lirc[] = {
	{ .form = "BEGIN", .more = true },
	{ .form = "VERSION", .more = true },
	{ .form = "SUCCESS", .more = true },
	{ .form = "DATA", .product = "LIRC" },
	{ .form = "%v", .more = true },
};
static const struct line_form tor_control[] = {
	{ .form = "250-PROTOCOLINFO 1",
	    .product = "Tor control port",
	    .cpe = "torproject:tor" },
	{ .form = "250-AUTH METHODS=NULL*",
	    .fact = "auth",
	    .value = "none",
	    .more = true },
	{ .form = "250-AUTH METHODS=*",
	    .fact = "auth",
	    .value = "required",
	    .more = true },
	{ .form = "250-VERSION Tor=\"%v\"",
	    .product = "Tor control port",
	    .cpe = "torproject:tor" },
};
static const struct line_form policy[] = {
	{ .form = "action=DUNNO", .product = "SMTP access policy server" },
	{ .form = "action=*", .product = "SMTP access policy server" },
};
static const struct line_form cvs[] = {
	{ .form = "cvs [pserver aborted]: bad auth protocol start: *",
	    .product = "CVS pserver" },
	{ .form = "cvs server: *bad auth protocol start*",
	    .product = "CVS pserver" },
	{ .form = "*[pserver aborted]: *", .product = "CVS pserver" },
	{ .form = "error 0 /sockdeck: no such *", .product = "CVS pserver" },
	{ .form = "error 0 *CVSNT*", .product = "CVSNT pserver" },
	{ .form = "*bad auth protocol start*", .product = "CVS pserver" },
};
static const struct line_form xymon[] = {
	{ .form = "xymond %v", .product = "Xymon", .cpe = "xymon:xymon" },
	{ .form = "hobbitd %v", .product = "Hobbit" },
};
static const struct line_form lpd[] = {
	{ .form = "no entries" },
	{ .form = "sockdeck: unknown printer*" },
	{ .form = "*unknown printer sockdeck*" },
	{ .form = "*lpd: *sockdeck*" },
	{ .form = "*: unknown printer" },
	{ .form = "Printer: *sockdeck*", .product = "LPRng" },
	{ .form = "*unknown print queue*" },
	{ .form = "*queue*does not exist*" },
};
static const struct line_form pjl[] = {
	{ .form = "@PJL INFO ID*", .product = "PJL", .device = "printer" },
	{ .form = "\"%x\"", .more = true },
};

/* Of a repository that is not there: which is asked before who asks. */
#define CVS_AUTH                                  \
	"BEGIN AUTH REQUEST\n/sockdeck\nnobody\n" \
	"A\nEND AUTH REQUEST\n"
/* The universal exit, so that it is heard in any language. */
#define PJL_ID "\033%-12345X@PJL INFO ID\r\n\033%-12345X\r\n"

static const struct ask asks[] = {
	{ .name = "memcached",
	    .send = "version\r\n",
	    .answers = memcached,
	    .nanswers = nitems(memcached) },
	{ .name = "gearman",
	    .send = "version\r\n",
	    .answers = gearman,
	    .nanswers = nitems(gearman) },
	{ .name = "clamav",
	    .send = "nVERSION\n",
	    .answers = clamav,
	    .nanswers = nitems(clamav) },
	{ .name = "nut",
	    .send = "VER\n",
	    .answers = nut,
	    .nanswers = nitems(nut) },
	{ .name = "zookeeper",
	    .send = "srvr\n",
	    .answers = zookeeper,
	    .nanswers = nitems(zookeeper) },
	{ .name = "beanstalkd",
	    .send = "stats\r\n",
	    .answers = beanstalkd,
	    .nanswers = nitems(beanstalkd),
	    .until = "hostname: *" },
	{ .name = "spamd",
	    .send = "PING SPAMC/1.2\r\n\r\n",
	    .answers = spamd,
	    .nanswers = nitems(spamd) },
	{ .name = "lcdproc",
	    .send = "hello\n",
	    .answers = lcdproc,
	    .nanswers = nitems(lcdproc) },
	{ .name = "lirc",
	    .send = "VERSION\n",
	    .answers = lirc,
	    .nanswers = nitems(lirc),
	    .until = "END" },
	{ .name = "tor-control",
	    .send = "PROTOCOLINFO 1\r\n",
	    .answers = tor_control,
	    .nanswers = nitems(tor_control),
	    .until = "250 OK" },
	{ .name = "policy",
	    .send = "request=smtpd_access_policy\n"
		    "protocol_state=CONNECT\nprotocol_name=ESMTP\n\n",
	    .answers = policy,
	    .nanswers = nitems(policy) },
	{ .name = "cvs",
	    .send = CVS_AUTH,
	    .answers = cvs,
	    .nanswers = nitems(cvs) },
	/* It reads as far as the end. */
	{ .name = "xymon",
	    .send = "ping\n",
	    .last = true,
	    .answers = xymon,
	    .nanswers = nitems(xymon) },
	{ .name = "lpd",
	    .send = "\004sockdeck\n",
	    .answers = lpd,
	    .nanswers = nitems(lpd) },
	{ .name = "pjl",
	    .send = PJL_ID,
	    .answers = pjl,
	    .nanswers = nitems(pjl),
	    .until = "\"*\"" },
};

static void
asks_begin(struct talk *t)
{
	const struct ask *a = ask_find(asks, nitems(asks), t->ops->name);

	if (a != NULL)
		ask_say(t, a);
}

static enum talk_verdict
asks_input(struct talk *t)
{
	const struct ask *a = ask_find(asks, nitems(asks), t->ops->name);

	return a == NULL ? TALK_NOT : ask_judge(t, a);
}

const struct talk_ops talk_memcached = {
	.name = "memcached",
	.service = "memcached",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "11211",
	.rarity = 3,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "memcached's doc/protocol.txt",
};

const struct talk_ops talk_gearman = {
	.name = "gearman",
	.service = "gearman",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "4730",
	.rarity = 6,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "Gearman's PROTOCOL, administrative",
};

const struct talk_ops talk_clamav = {
	.name = "clamav",
	.service = "clamd",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "3310",
	.rarity = 6,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "clamd(8)",
};

const struct talk_ops talk_nut = {
	.name = "nut",
	.service = "nut",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "3493",
	.rarity = 6,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "NUT's net-protocol.txt",
};

const struct talk_ops talk_zookeeper = {
	.name = "zookeeper",
	.service = "zookeeper",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "2181",
	.rarity = 5,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "ZooKeeper's four letter words",
};

const struct talk_ops talk_beanstalkd = {
	.name = "beanstalkd",
	.service = "beanstalk",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "11300",
	.rarity = 6,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "beanstalkd's protocol.txt",
};

const struct talk_ops talk_spamd = {
	.name = "spamd",
	.service = "spamassassin",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "783",
	.rarity = 6,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "spamd's PROTOCOL",
};

const struct talk_ops talk_lcdproc = {
	.name = "lcdproc",
	.service = "lcdproc",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "13666",
	.rarity = 7,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "LCDproc's protocol.txt",
};

const struct talk_ops talk_lirc = {
	.name = "lirc",
	.service = "lirc",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "8765",
	.rarity = 7,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "lircd(8)",
};

const struct talk_ops talk_tor_control = {
	.name = "tor-control",
	.service = "tor-control",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "9051,9151",
	.rarity = 6,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "Tor's control-spec, 3.21",
};

const struct talk_ops talk_policy = {
	.name = "policy",
	.service = "policyd",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "10023,10031,60000",
	.rarity = 7,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "Postfix's SMTPD_POLICY_README",
};

const struct talk_ops talk_cvs = {
	.name = "cvs",
	.service = "cvspserver",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "2401",
	.rarity = 6,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "CVS's client/server protocol, 2",
};

const struct talk_ops talk_xymon = {
	.name = "xymon",
	.service = "xymon",
	.flags = TALK_TCP,
	.ports = "1984",
	.rarity = 7,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "xymon(1): ping",
};

const struct talk_ops talk_lpd = {
	.name = "lpd",
	.service = "printer",
	.flags = TALK_TCP | TALK_LAST,
	.ports = "515",
	.rarity = 5,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "RFC 1179, 5.3",
};

const struct talk_ops talk_pjl = {
	.name = "pjl",
	.service = "jetdirect",
	.flags = TALK_TCP | TALK_LAST | TALK_QUIET,
	.ports = "9100-9107",
	.rarity = 5,
	.state = sizeof(struct ask_state),
	.begin = asks_begin,
	.input = asks_input,
	.source = "HP's PJL reference manual",
};
