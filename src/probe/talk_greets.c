/* SPDX-License-Identifier: ISC */
/* Servers that say what they are as soon as somebody comes: tables. */
#include "config.h"

#include "base/array.h"
#include "probe/ask.h"

static const struct line_form munin[] = {
	{ .form = "# munin node at %h",
	    .product = "Munin node",
	    .cpe = "munin-monitoring:munin" },
	{ .form = "# lrrd client at %h", .product = "LRRD client" },
};
static const struct line_form munin_version[] = {
	{ .form = "munins node on %h version: %v",
	    .product = "Munin node",
	    .cpe = "munin-monitoring:munin" },
	{ .form = "*version: %v", .more = true },
};
static const struct line_form mpd[] = {
	{ .form = "OK MPD %x", .product = "Music Player Daemon" },
};
static const struct line_form ami[] = {
	{ .form = "Asterisk Call Manager/%v",
	    .product = "Asterisk Call Manager" },
	{ .form = "Asterisk Call Manager Proxy/%v",
	    .product = "Asterisk Call Manager Proxy" },
};
static const struct line_form teamspeak[] = {
	{ .form = "TS3",
	    .product = "TeamSpeak 3 ServerQuery",
	    .cpe = "teamspeak:teamspeak3" },
	{ .form = "TS3 Client", .product = "TeamSpeak 3 ClientQuery" },
	{ .form = "[TS]", .product = "TeamSpeak 2 TCPQuery" },
};
static const struct line_form teamspeak_version[] = {
	{ .form = "version=%v build=* platform=%o",
	    .product = "TeamSpeak 3 ServerQuery",
	    .cpe = "teamspeak:teamspeak3" },
};
static const struct line_form dict[] = {
	{ .form = "220 %h dictd %v/rf on %o <*> <*>", .product = "dictd" },
	{ .form = "220 %h dictd %v on %o <*> <*>", .product = "dictd" },
	{ .form = "220 %h GNU Dico %v*", .product = "GNU Dico" },
	{ .form = "220 * GNU dictionary server*<*@*>", .product = "GNU Dico" },
	{ .form = "220 %x <*mime*> <*@*>" },
};
static const struct line_form acap[] = {
	{ .form = "* ACAP (IMPLEMENTATION \"CommuniGate Pro ACAP %v\")*",
	    .product = "CommuniGate Pro acapd" },
	{ .form = "* ACAP (IMPLEMENTATION \"Cyrus ACAP v%v\")*",
	    .product = "Cyrus acapd" },
	{ .form = "* ACAP (*IMPLEMENTATION \"%x\")*" },
	{ .form = "* ACAP (*)*" },
};
static const struct line_form dovecot_auth[] = {
	{ .form = "VERSION\t1\t*",
	    .product = "Dovecot auth",
	    .cpe = "dovecot:dovecot" },
};
static const struct line_form poppassd[] = {
	{ .form = "200 %h poppassd v%v hello*", .product = "poppassd" },
	{ .form = "200 *poppassd*%v*", .product = "poppassd" },
	{ .form = "200 *poppassd*", .product = "poppassd" },
};
static const struct line_form vty[] = {
	{ .form = "Hello, this is FRRouting (version %v).",
	    .product = "FRRouting vty",
	    .device = "router" },
	{ .form = "Hello, this is Quagga (version %v).",
	    .product = "Quagga vty",
	    .cpe = "quagga:quagga",
	    .device = "router" },
	{ .form = "Hello, this is zebra (version %v).",
	    .product = "GNU Zebra vty",
	    .device = "router" },
};
static const struct line_form ovpn[] = {
	{ .form = ">INFO:OpenVPN Management Interface Version *",
	    .product = "OpenVPN management interface",
	    .fact = "auth",
	    .value = "none" },
};
static const struct line_form ovpn_version[] = {
	{ .form = "OpenVPN Version: OpenVPN %v %x",
	    .product = "OpenVPN management interface",
	    .cpe = "openvpn:openvpn" },
};
static const struct line_form varnishadm[] = {
	{ .form = "107 59",
	    .product = "Varnish CLI",
	    .fact = "auth",
	    .value = "password" },
	{ .form = "200 %h", .more = true },
};
static const struct line_form varnishadm_banner[] = {
	{ .form = "varnish-%v revision %x",
	    .product = "Varnish CLI",
	    .cpe = "varnish-cache:varnish" },
	{ .form = "Varnish Cache CLI*",
	    .product = "Varnish CLI",
	    .fact = "auth",
	    .value = "none",
	    .more = true },
	{ .form = "*", .more = true },
};
static const struct line_form freeswitch[] = {
	{ .form = "Content-Type: auth/request",
	    .product = "FreeSWITCH event socket",
	    .fact = "auth",
	    .value = "password" },
	{ .form = "Content-Type: text/rude-rejection",
	    .product = "FreeSWITCH event socket" },
};
static const struct line_form checkmk[] = {
	{ .form = "<<<check_mk>>>", .product = "Checkmk agent" },
};
static const struct line_form ganglia[] = {
	{ .form = "<?xml *", .more = true },
};
static const struct line_form ganglia_xml[] = {
	{ .form = "<GANGLIA_XML VERSION=\"%v\" SOURCE=\"gmond\">",
	    .product = "Ganglia gmond" },
	{ .form = "<GANGLIA_XML VERSION=\"%v\" SOURCE=\"gmetad\">",
	    .product = "Ganglia gmetad" },
};
static const struct line_form hylafax[] = {
	{ .form = "220 %h server (HylaFAX (tm) Version %v) ready*",
	    .product = "HylaFAX" },
	{ .form = "220 %h server (HylaFAX* Version %v*", .product = "HylaFAX" },
};
static const struct line_form vmware[] = {
	{ .form = "220 VMware Authentication Daemon Version %v: %x",
	    .product = "VMware Authentication Daemon" },
};
static const struct line_form citadel[] = {
	{ .form = "200 %h Citadel server*", .product = "Citadel" },
};
static const struct line_form tarantool[] = {
	{ .form = "Tarantool %v (Binary) *",
	    .product = "Tarantool",
	    .cpe = "tarantool:tarantool" },
	{ .form = "Tarantool %v (Lua console)*",
	    .product = "Tarantool console",
	    .cpe = "tarantool:tarantool" },
	{ .form = "Tarantool %v*",
	    .product = "Tarantool",
	    .cpe = "tarantool:tarantool" },
};
static const struct line_form hddtemp[] = {
	{ .form = "|/dev/%h|*|%h|C|*", .product = "hddtemp" },
	{ .form = "|/dev/*|*|*|C|*", .product = "hddtemp" },
};
static const struct line_form gpsd[] = {
	{ .form = "{\"class\":\"VERSION\",\"release\":\"%v*\",\"rev\":*"
		  "\"proto_major\":*",
	    .product = "gpsd" },
};
static const struct line_form nats[] = {
	{ .form = "INFO {\"server_id\":\"*\"version\":\"%v\"*"
		  "\"auth_required\":true*",
	    .product = "NATS",
	    .cpe = "nats:nats-server",
	    .fact = "auth",
	    .value = "required" },
	{ .form = "INFO {\"server_id\":\"*\"version\":\"%v\"*",
	    .product = "NATS",
	    .cpe = "nats:nats-server",
	    .fact = "auth",
	    .value = "none" },
};
static const struct ask asks[] = {
	{ .name = "munin",
	    .greets = munin,
	    .ngreets = nitems(munin),
	    .send = "version\n",
	    .answers = munin_version,
	    .nanswers = nitems(munin_version) },
	{ .name = "mpd", .greets = mpd, .ngreets = nitems(mpd) },
	{ .name = "asterisk", .greets = ami, .ngreets = nitems(ami) },
	{ .name = "teamspeak",
	    .greets = teamspeak,
	    .ngreets = nitems(teamspeak),
	    .send = "version\n",
	    .answers = teamspeak_version,
	    .nanswers = nitems(teamspeak_version),
	    .until = "error id=*" },
	{ .name = "dict", .greets = dict, .ngreets = nitems(dict) },
	{ .name = "acap", .greets = acap, .ngreets = nitems(acap) },
	{ .name = "dovecot-auth",
	    .greets = dovecot_auth,
	    .ngreets = nitems(dovecot_auth) },
	{ .name = "poppassd", .greets = poppassd, .ngreets = nitems(poppassd) },
	{ .name = "vty", .greets = vty, .ngreets = nitems(vty) },
	{ .name = "openvpn-management",
	    .greets = ovpn,
	    .ngreets = nitems(ovpn),
	    .send = "version\n",
	    .answers = ovpn_version,
	    .nanswers = nitems(ovpn_version),
	    .until = "END" },
	{ .name = "varnish-cli",
	    .greets = varnishadm,
	    .ngreets = nitems(varnishadm),
	    .send = "banner\n",
	    .answers = varnishadm_banner,
	    .nanswers = nitems(varnishadm_banner),
	    .until = "varnish-*" },
	{ .name = "freeswitch",
	    .greets = freeswitch,
	    .ngreets = nitems(freeswitch) },
	{ .name = "checkmk",
	    .greets = checkmk,
	    .ngreets = nitems(checkmk),
	    .send = NULL },
	{ .name = "ganglia",
	    .greets = ganglia,
	    .ngreets = nitems(ganglia),
	    .send = "",
	    .answers = ganglia_xml,
	    .nanswers = nitems(ganglia_xml),
	    .until = "<GANGLIA_XML*" },
	{ .name = "hylafax", .greets = hylafax, .ngreets = nitems(hylafax) },
	{ .name = "vmware-auth", .greets = vmware, .ngreets = nitems(vmware) },
	{ .name = "citadel", .greets = citadel, .ngreets = nitems(citadel) },
	{ .name = "tarantool",
	    .greets = tarantool,
	    .ngreets = nitems(tarantool) },
	{ .name = "hddtemp", .greets = hddtemp, .ngreets = nitems(hddtemp) },
	{ .name = "gpsd", .greets = gpsd, .ngreets = nitems(gpsd) },
	{ .name = "nats", .greets = nats, .ngreets = nitems(nats) },
};

static enum talk_verdict
greets_input(struct talk *t)
{
	const struct ask *a = ask_find(asks, nitems(asks), t->ops->name);

	return a == NULL ? TALK_NOT : ask_judge(t, a);
}

const struct talk_ops talk_munin = {
	.name = "munin",
	.service = "munin",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "4949",
	.rarity = 5,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "Munin's network protocol, guide.munin-monitoring.org",
};

const struct talk_ops talk_mpd = {
	.name = "mpd",
	.service = "mpd",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "6600",
	.rarity = 6,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "mpd.readthedocs.io, protocol",
};

const struct talk_ops talk_asterisk = {
	.name = "asterisk",
	.service = "asterisk",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "5038",
	.tls_ports = "5039",
	.rarity = 6,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "docs.asterisk.org, AMI",
};

const struct talk_ops talk_teamspeak = {
	.name = "teamspeak",
	.service = "teamspeak",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "10011",
	.rarity = 7,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "TeamSpeak 3 ServerQuery manual",
};

const struct talk_ops talk_dict = {
	.name = "dict",
	.service = "dict",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "2628",
	.rarity = 6,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "RFC 2229, 3.1",
};

const struct talk_ops talk_acap = {
	.name = "acap",
	.service = "acap",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "674",
	.rarity = 8,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "RFC 2244",
};

const struct talk_ops talk_dovecot_auth = {
	.name = "dovecot-auth",
	.service = "dovecot-auth",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "12345",
	.rarity = 8,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "Dovecot's authentication protocol, doc.dovecot.org",
};

const struct talk_ops talk_poppassd = {
	.name = "poppassd",
	.service = "poppassd",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "106",
	.rarity = 8,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "poppassd's README",
};

const struct talk_ops talk_vty = {
	.name = "vty",
	.service = "quagga",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "2601-2612,2616-2617",
	.rarity = 6,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "docs.frrouting.org",
};

const struct talk_ops talk_openvpn_management = {
	.name = "openvpn-management",
	.service = "openvpn-mgmt",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "7505",
	.rarity = 7,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "OpenVPN's management-notes.txt",
};

const struct talk_ops talk_varnish_cli = {
	.name = "varnish-cli",
	.service = "varnish-cli",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "6082",
	.rarity = 7,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "varnish-cli(7)",
};

const struct talk_ops talk_freeswitch = {
	.name = "freeswitch",
	.service = "freeswitch",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "8021",
	.rarity = 7,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "FreeSWITCH's mod_event_socket",
};

const struct talk_ops talk_checkmk = {
	.name = "checkmk",
	.service = "checkmk-agent",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "6556",
	.rarity = 7,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "docs.checkmk.com",
};

const struct talk_ops talk_ganglia = {
	.name = "ganglia",
	.service = "ganglia",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "8649,8651",
	.rarity = 7,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "gmond(1)",
};

const struct talk_ops talk_hylafax = {
	.name = "hylafax",
	.service = "hylafax",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "4559",
	.rarity = 7,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "hfaxd(8)",
};

const struct talk_ops talk_vmware_auth = {
	.name = "vmware-auth",
	.service = "vmware-auth",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "902,912",
	.rarity = 6,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "VMware's ports, kb 1012382",
};

const struct talk_ops talk_citadel = {
	.name = "citadel",
	.service = "citadel",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "504",
	.rarity = 7,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "Citadel's protocol, citadel.org",
};

const struct talk_ops talk_tarantool = {
	.name = "tarantool",
	.service = "tarantool",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "3301",
	.rarity = 7,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "Tarantool's binary protocol",
};

const struct talk_ops talk_hddtemp = {
	.name = "hddtemp",
	.service = "hddtemp",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "7634",
	.rarity = 7,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "hddtemp(8)",
};

const struct talk_ops talk_gpsd = {
	.name = "gpsd",
	.service = "gpsd",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "2947",
	.rarity = 6,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "gpsd_json(5)",
};

const struct talk_ops talk_nats = {
	.name = "nats",
	.service = "nats",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "4222",
	.rarity = 6,
	.state = sizeof(struct ask_state),
	.input = greets_input,
	.source = "docs.nats.io, protocol",
};
