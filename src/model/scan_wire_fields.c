/* SPDX-License-Identifier: ISC */
/* The worker's protocol as tables: sockdeck-scan(8) says the same in words. */
#include "config.h"

#include "model/scan_wire_fields.h"

#include "know/state.h"
#include "model/scan_wire.h"

static const char *
word_state(unsigned v)
{
	return scan_state_name((enum scan_state)v);
}

static const char *
word_reason(unsigned v)
{
	return scan_reason_name((enum scan_reason)v);
}

static const char *
word_how(unsigned v)
{
	return scan_how_name((enum scan_how)v);
}

static const char *
word_proto(unsigned v)
{
	return v == SOCK_TCP || v == SOCK_UDP ? sock_proto_name(v) : NULL;
}

static const char *
word_method(unsigned v)
{
	static const char *const words[] = {
		[SERVICE_BY_PORT] = "table",
		[SERVICE_BY_TALK] = "probed",
		[SERVICE_BY_MATCH] = "matched",
		[SERVICE_BY_NMAP] = "nmap",
	};

	return v <= SERVICE_BY_NMAP ? words[v] : NULL;
}

static const char *
word_tell(unsigned v)
{
	static const char *const words[] = {
		[SCAN_TELL_SEEN] = "seen",
		[SCAN_TELL_ALL] = "all",
	};

	return v <= SCAN_TELL_ALL ? words[v] : NULL;
}

static const char *
word_basis(unsigned v)
{
	static const char *const words[] = {
		[OS_BY_MEASURE] = "measured",
		[OS_BY_LITERATURE] = "literature",
		[OS_BY_NMAP] = "nmap",
	};

	return v <= OS_BY_NMAP ? words[v] : NULL;
}

static const char *
word_sandbox(unsigned v)
{
	return v == 0 ? "on" : "off";
}

#define SIZE_OF(s, m) sizeof(((struct s *)0)->m)
#define FIELD(n, t, s, m)                                   \
	.name = n, .type = t, .off = offsetof(struct s, m), \
	.size = SIZE_OF(s, m)
#define EV(n, t, m) FIELD(n, t, scan_event, m)
#define RQ(n, t, m) FIELD(n, t, scan_spec, m)
#define OS(n, t, m) EV(n, t, os.m), .flags = WIRE_OPT
#define SV(n, m)    EV(n, WIRE_TEXT, service.info.m), .flags = WIRE_OPT
#define STATE       .word = word_state, .max = SCAN_NSTATES - 1
#define REASON      .word = word_reason, .max = REASON_NREASONS - 1
#define PROTO       .word = word_proto, .max = UINT8_MAX
#define HOW         .word = word_how, .max = 7
#define COUNT       .max = SCAN_NUMBER_MAX

const struct wire_field wire_common[] = {
	{ EV("seq", WIRE_NUM, seq), COUNT },
	{ EV("t_us", WIRE_NUM, t_us), COUNT },
	{ 0 },
};

static const struct wire_field hello[] = {
	{ EV("v", WIRE_NUM, hello.version), .max = UINT32_MAX },
	{ EV("program", WIRE_TEXT, hello.program), .flags = WIRE_OPT },
	{ EV("tech", WIRE_SET, hello.how), HOW, .flags = WIRE_OPT },
	{ EV("sandbox", WIRE_TEXT, hello.sandbox), .flags = WIRE_OPT },
	{ 0 },
};

static const struct wire_field start[] = {
	{ EV("hosts", WIRE_NUM, start.hosts), COUNT },
	{ EV("ports", WIRE_NUM, start.ports), .max = 2 * 65536 },
	{ EV("probes", WIRE_NUM, start.probes), COUNT },
	{ EV("tech", WIRE_SET, start.how), HOW },
	{ EV("seed", WIRE_NUM, start.seed), COUNT },
	{ EV("shard", WIRE_NUM, start.shard), .max = UINT32_MAX,
	    .flags = WIRE_OPT },
	{ EV("shards", WIRE_NUM, start.nshards), .max = UINT32_MAX,
	    .flags = WIRE_OPT },
	{ EV("plan", WIRE_HEX, start.plan) },
	{ 0 },
};

static const struct wire_field target[] = {
	{ EV("name", WIRE_TEXT, target.name) },
	{ EV("addr", WIRE_ADDR, addr), .flags = WIRE_OPT },
	{ EV("others", WIRE_NUM, target.others), .max = UINT32_MAX,
	    .flags = WIRE_OPT },
	{ EV("exclude", WIRE_BOOL, target.exclude), .flags = WIRE_OPT },
	{ EV("error", WIRE_TEXT, target.error), .flags = WIRE_OPT },
	{ 0 },
};

static const struct wire_field host[] = {
	{ EV("addr", WIRE_ADDR, addr) },
	{ EV("pos", WIRE_NUM, host.pos), COUNT },
	{ EV("up", WIRE_BOOL, host.up) },
	{ EV("reason", WIRE_WORD, host.reason), REASON },
	{ EV("ttl", WIRE_NUM, host.ttl), .max = UINT8_MAX, .flags = WIRE_OPT },
	{ EV("mac", WIRE_MAC, host.mac), .flags = WIRE_OPT },
	{ EV("rtt_us", WIRE_NUM, host.rtt_us), COUNT, .flags = WIRE_OPT },
	{ 0 },
};

static const struct wire_field port[] = {
	{ EV("addr", WIRE_ADDR, addr) },
	{ EV("port", WIRE_NUM, port.port), .max = UINT16_MAX },
	{ EV("proto", WIRE_WORD, port.proto), PROTO },
	{ EV("state", WIRE_WORD, port.state), STATE },
	{ EV("reason", WIRE_WORD, port.reason), REASON },
	{ EV("ttl", WIRE_NUM, port.ttl), .max = UINT8_MAX, .flags = WIRE_OPT },
	{ EV("from", WIRE_ADDR, port.from), .flags = WIRE_OPT },
	{ EV("service", WIRE_SERVICE, port.service), .flags = WIRE_OPT },
	{ 0 },
};

static const struct wire_field host_end[] = {
	{ EV("addr", WIRE_ADDR, addr) },
	{ EV("pos", WIRE_NUM, host_end.pos), COUNT },
	{ EV("probes", WIRE_NUM, host_end.probes), COUNT },
	{ EV("tcp", WIRE_NUM, host_end.tcp), .max = 65536, .flags = WIRE_OPT },
	{ EV("udp", WIRE_NUM, host_end.udp), .max = 65536, .flags = WIRE_OPT },
	{ EV("timeout", WIRE_BOOL, host_end.timeout), .flags = WIRE_OPT },
	{ 0 },
};

static const struct wire_field progress[] = {
	{ EV("done", WIRE_NUM, progress.done), COUNT },
	{ EV("probes", WIRE_NUM, progress.probes), COUNT },
	{ EV("sent", WIRE_NUM, progress.sent), COUNT },
	{ EV("answers", WIRE_NUM, progress.answers), COUNT },
	{ EV("lost", WIRE_NUM, progress.lost), COUNT },
	{ EV("open", WIRE_NUM, progress.open), COUNT },
	{ EV("hosts_done", WIRE_NUM, progress.hosts_done), COUNT },
	{ EV("hosts_up", WIRE_NUM, progress.hosts_up), COUNT },
	{ EV("hosts", WIRE_NUM, progress.hosts), COUNT },
	{ EV("hosts_upto", WIRE_NUM, progress.hosts_upto), COUNT },
	{ EV("rate", WIRE_REAL, progress.rate) },
	{ EV("left_ms", WIRE_NUM, progress.left_ms), COUNT,
	    .flags = WIRE_OPT_ALL },
	{ EV("paused", WIRE_BOOL, progress.paused), .flags = WIRE_OPT },
	{ EV("phase", WIRE_TEXT, progress.phase), .flags = WIRE_OPT },
	{ 0 },
};

static const struct wire_field note[] = {
	{ EV("warning", WIRE_BOOL, note.warning), .flags = WIRE_OPT },
	{ EV("text", WIRE_TEXT, note.text) },
	{ 0 },
};

static const struct wire_field fact[] = {
	{ EV("addr", WIRE_ADDR, addr) },
	{ EV("port", WIRE_NUM, fact.port), .max = UINT16_MAX },
	{ EV("proto", WIRE_WORD, fact.proto), PROTO },
	{ EV("name", WIRE_TEXT, fact.name) },
	{ EV("value", WIRE_TEXT, fact.value) },
	{ 0 },
};

static const struct wire_field info[] = {
	{ SV("name", name) },
	{ EV("tls", WIRE_BOOL, service.info.tls), .flags = WIRE_OPT },
	{ SV("product", product) },
	{ SV("version", version) },
	{ SV("extra", extra) },
	{ SV("host", host) },
	{ SV("os", os) },
	{ SV("device", device) },
	{ SV("cpe", cpe) },
	{ EV("method", WIRE_WORD, service.info.method), .word = word_method,
	    .max = SERVICE_BY_NMAP },
	{ EV("conf", WIRE_NUM, service.info.conf), .max = 10 },
	{ SV("how", how) },
	{ SV("evidence", evidence) },
	{ 0 },
};

static const struct wire_field service[] = {
	{ EV("addr", WIRE_ADDR, addr) },
	{ EV("port", WIRE_NUM, service.port), .max = UINT16_MAX },
	{ EV("proto", WIRE_WORD, service.proto), PROTO },
	{ .name = "service", .type = WIRE_OBJECT, .sub = info },
	{ EV("took_ms", WIRE_NUM, service.info.took_ms), .max = UINT32_MAX },
	{ 0 },
};

static const struct wire_field os[] = {
	{ EV("addr", WIRE_ADDR, addr) },
	{ OS("name", WIRE_TEXT, name) },
	{ EV("conf", WIRE_NUM, os.conf), .max = 100 },
	{ EV("basis", WIRE_WORD, os.basis), .word = word_basis,
	    .max = OS_BY_NMAP },
	{ OS("family", WIRE_TEXT, family) },
	{ OS("vendor", WIRE_TEXT, vendor) },
	{ OS("generation", WIRE_TEXT, generation) },
	{ OS("type", WIRE_TEXT, type) },
	{ OS("cpe", WIRE_TEXT, cpe) },
	{ OS("ttl", WIRE_NUM, ttl), .max = UINT8_MAX },
	{ EV("distance", WIRE_INT, os.distance), .max = UINT8_MAX,
	    .flags = WIRE_OPT_ALL },
	{ OS("open", WIRE_NUM, open), .max = UINT16_MAX },
	{ OS("closed", WIRE_NUM, closed), .max = UINT16_MAX },
	{ OS("name2", WIRE_TEXT, other[0]) },
	{ OS("conf2", WIRE_NUM, other_conf[0]), .max = 100 },
	{ OS("name3", WIRE_TEXT, other[1]) },
	{ OS("conf3", WIRE_NUM, other_conf[1]), .max = 100 },
	{ OS("name4", WIRE_TEXT, other[2]) },
	{ OS("conf4", WIRE_NUM, other_conf[2]), .max = 100 },
	{ OS("seen", WIRE_TEXT, seen) },
	{ 0 },
};

static const struct wire_field end[] = {
	{ EV("error", WIRE_NUM, end.error), .max = SCAN_EXIT_PERMISSION },
	{ EV("cause", WIRE_TEXT, end.cause), .flags = WIRE_OPT },
	{ EV("sent", WIRE_NUM, end.sent), COUNT },
	{ EV("received", WIRE_NUM, end.received), COUNT },
	{ EV("hosts_up", WIRE_NUM, end.hosts_up), COUNT },
	{ EV("hosts", WIRE_NUM, end.hosts), COUNT },
	{ 0 },
};

const struct wire_message wire_events[SCAN_EV_NTYPES] = {
	[SCAN_EV_HELLO] = { "hello", hello },
	[SCAN_EV_START] = { "start", start },
	[SCAN_EV_TARGET] = { "target", target },
	[SCAN_EV_HOST] = { "host", host },
	[SCAN_EV_PORT] = { "port", port },
	[SCAN_EV_HOST_END] = { "host_end", host_end },
	[SCAN_EV_PROGRESS] = { "progress", progress },
	[SCAN_EV_NOTE] = { "note", note },
	[SCAN_EV_FACT] = { "fact", fact },
	[SCAN_EV_SERVICE] = { "service", service },
	[SCAN_EV_OS] = { "os", os },
	[SCAN_EV_END] = { "end", end },
};

const struct wire_field wire_spec[] = {
	{ RQ("tech", WIRE_SET, how), HOW, .flags = WIRE_OPT },
	{ RQ("family", WIRE_NUM, family), .max = 6, .flags = WIRE_OPT },
	{ RQ("tell", WIRE_WORD, tell), .word = word_tell, .max = SCAN_TELL_ALL,
	    .flags = WIRE_OPT },
	{ RQ("no_ping", WIRE_BOOL, no_ping), .flags = WIRE_OPT },
	{ RQ("in_order", WIRE_BOOL, in_order), .flags = WIRE_OPT },
	{ RQ("force", WIRE_BOOL, force), .flags = WIRE_OPT },
	{ RQ("seed", WIRE_SEED, seed), COUNT, .flags = WIRE_OPT },
	{ RQ("shard", WIRE_NUM, shard), .max = UINT32_MAX, .flags = WIRE_OPT },
	{ RQ("shards", WIRE_NUM, nshards), .max = UINT32_MAX,
	    .flags = WIRE_OPT },
	{ RQ("timing", WIRE_NUM, timing), .max = 5, .flags = WIRE_KEEP },
	{ RQ("min_rate", WIRE_NUM, min_rate), .max = UINT32_MAX,
	    .flags = WIRE_OPT },
	{ RQ("max_rate", WIRE_NUM, max_rate), .max = UINT32_MAX,
	    .flags = WIRE_OPT },
	{ RQ("max_parallel", WIRE_NUM, max_parallel), .max = UINT32_MAX,
	    .flags = WIRE_OPT },
	{ RQ("host_timeout_ms", WIRE_NUM, host_timeout_ms), COUNT,
	    .flags = WIRE_OPT },
	{ RQ("max_retries", WIRE_INT, max_retries), .max = 1000,
	    .flags = WIRE_OPT_ALL },
	{ RQ("hosts_done", WIRE_NUM, hosts_done), COUNT, .flags = WIRE_OPT },
	{ RQ("plan", WIRE_HEX, plan), .flags = WIRE_OPT },
	{ RQ("sandbox", WIRE_WORD, no_sandbox), .word = word_sandbox, .max = 1,
	    .flags = WIRE_OPT },
	{ RQ("parent", WIRE_NUM, parent), .max = INT32_MAX, .flags = WIRE_OPT },
	{ RQ("budget_ms", WIRE_NUM, budget_ms), .max = 600000,
	    .flags = WIRE_OPT },
	{ RQ("intensity", WIRE_INT, intensity), .max = 9,
	    .flags = WIRE_OPT_ALL },
	{ RQ("checks", WIRE_BOOL, checks), .flags = WIRE_OPT },
	{ RQ("os_limit", WIRE_BOOL, os_limit), .flags = WIRE_OPT },
	{ RQ("probes", WIRE_TEXT, probes), .flags = WIRE_OPT },
	{ RQ("targets", WIRE_LIST, targets), .flags = WIRE_OPT },
	{ RQ("exclude", WIRE_LIST, exclude), .flags = WIRE_OPT },
	{ RQ("ports", WIRE_LIST, ports), .flags = WIRE_OPT },
	{ 0 },
};

const struct wire_field wire_ask[] = {
	{ RQ("addr", WIRE_ADDR, ask.addr) },
	{ RQ("port", WIRE_NUM, ask.port), .max = UINT16_MAX,
	    .flags = WIRE_OPT },
	{ RQ("proto", WIRE_WORD, ask.proto), PROTO, .flags = WIRE_OPT },
	{ RQ("open", WIRE_NUM, ask.open), .max = UINT16_MAX,
	    .flags = WIRE_OPT },
	{ RQ("closed", WIRE_NUM, ask.closed), .max = UINT16_MAX,
	    .flags = WIRE_OPT },
	{ RQ("host", WIRE_TEXT, ask.host), .flags = WIRE_OPT },
	{ 0 },
};

const char *const wire_ops[] = {
	[SCAN_OP_SCAN] = "scan",
	[SCAN_OP_MORE] = "more",
	[SCAN_OP_GO] = "go",
	[SCAN_OP_ASK] = "ask",
	[SCAN_OP_STOP] = "stop",
	[SCAN_OP_PAUSE] = "pause",
	[SCAN_OP_RESUME] = "resume",
};
