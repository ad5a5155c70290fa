/* SPDX-License-Identifier: ISC */
/*
 * NAT rules as nft and iptables-save print them: which take a port's traffic,
 * for certain or under conditions, and which do not. Nothing is run.
 */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/text.h"
#include "collect/nat.h"
#include "fixture.h"

/* A chain of each hook, and one that is jumped to; R stands for the rules. */
#define CHAIN(name, rest)                                                \
	"{\"chain\":{\"family\":\"ip\",\"table\":\"t\",\"name\":\"" name \
	"\"" rest "}}"
#define HEAD                                                              \
	"{\"nftables\":[{\"metainfo\":{}}," CHAIN("pre",                  \
	    ",\"type\":\"nat\",\"hook\":\"prerouting\"") "," CHAIN("out", \
	    ",\"type\":\"nat\",\"hook\":\"output\"") "," CHAIN("sub",     \
	    "") "," CHAIN("fil", ",\"type\":\"filter\",\"hook\":\"input\"")
#define RULE(chain, expr)                                                  \
	",{\"rule\":{\"family\":\"ip\",\"table\":\"t\",\"chain\":\"" chain \
	"\",\"handle\":5,\"expr\":[" expr "]}}"
#define TAIL "]}"
#define PAYLOAD(proto, field) \
	"{\"payload\":{\"protocol\":\"" proto "\",\"field\":\"" field "\"}}"
#define MATCH(op, left, right)                                                 \
	"{\"match\":{\"op\":\"" op "\",\"left\":" left ",\"right\":" right "}" \
	"}"
#define DPORT(right) MATCH("==", PAYLOAD("tcp", "dport"), right)
#define REDIRECT     "{\"redirect\":{\"port\":9090}}"

static const struct {
	const char *ask, *json;
	const char *to; /* NULL: it is not taken */
	bool incoming, own, sure;
} nft[] = {
	{ "8080", RULE("pre", DPORT("8080") "," REDIRECT), "port 9090", 1, 0,
	    1 },
	{ "8080", RULE("out", DPORT("8080") "," REDIRECT), "port 9090", 0, 1,
	    1 },
	{ "8081", RULE("pre", DPORT("8080") "," REDIRECT), NULL, 0, 0, 0 },
	{ "8080/udp", RULE("pre", DPORT("8080") "," REDIRECT), NULL, 0, 0, 0 },
	{ "8080", RULE("fil", DPORT("8080") "," REDIRECT), NULL, 0, 0, 0 },
	{ "8080",
	    RULE("pre",
		DPORT("{\"set\":[80,{\"range\":[8000,8100]}]}") "," REDIRECT),
	    "port 9090", 1, 0, 1 },
	{ "8101",
	    RULE("pre",
		DPORT("{\"set\":[80,{\"range\":[8000,8100]}]}") "," REDIRECT),
	    NULL, 0, 0, 0 },
	{ "8080", RULE("pre", DPORT("\"@ports\"") "," REDIRECT), "port 9090", 1,
	    0, 0 },
	{ "8080",
	    RULE("pre",
		MATCH("!=", PAYLOAD("tcp", "dport"), "8080") "," REDIRECT),
	    NULL, 0, 0, 0 },
	{ "8080",
	    RULE("pre", MATCH("==", "{\"meta\":{\"key\":\"iifname\"}}",
			    "\"eth0\"") "," DPORT("8080") "," REDIRECT),
	    "port 9090", 1, 0, 0 },
	{ "8080",
	    RULE("pre", MATCH("==", "{\"meta\":{\"key\":\"l4proto\"}}",
			    "\"udp\"") "," REDIRECT),
	    NULL, 0, 0, 0 },
	{ "8080",
	    RULE("pre", MATCH("==", PAYLOAD("ip", "daddr"),
			    "\"10.0.0.1\"") "," DPORT("8080") "," REDIRECT),
	    "port 9090", 1, 0, 0 },
	{ "10.0.0.1:8080",
	    RULE("pre", MATCH("==", PAYLOAD("ip", "daddr"),
			    "\"10.0.0.1\"") "," DPORT("8080") "," REDIRECT),
	    "port 9090", 1, 0, 1 },
	{ "8080",
	    RULE("pre", MATCH("==", PAYLOAD("ip", "daddr"),
			    "\"192.0.2.1\"") "," DPORT("8080") "," REDIRECT),
	    NULL, 0, 0, 0 },
	{ "8080",
	    RULE("pre", MATCH("==", PAYLOAD("ip", "daddr"),
			    "{\"prefix\":{\"addr\":\"10.0.0.0\",\"len\":8}"
			    "}") "," DPORT("8080") "," REDIRECT),
	    "port 9090", 1, 0, 0 },
	{ "[::1]:8080", RULE("pre", DPORT("8080") "," REDIRECT), NULL, 0, 0,
	    0 },
	{ "8080",
	    RULE("pre", DPORT("8080") ",{\"dnat\":{\"addr\":\"10.9.9.9\","
				      "\"port\":80}}"),
	    "10.9.9.9:80", 1, 0, 1 },
	/* To the very socket that would be bound: nothing is taken. */
	{ "8080",
	    RULE("pre", DPORT("8080") ",{\"dnat\":{\"addr\":\"10.0.0.1\","
				      "\"port\":8080}}"),
	    NULL, 0, 0, 0 },
	{ "8080", RULE("pre", DPORT("8080") ",{\"redirect\":null}"), NULL, 0, 0,
	    0 },
	/* Jumps; what comes first wins. */
	{ "8080",
	    RULE("pre", DPORT("8080") ",{\"jump\":{\"target\":\"sub\"}}")
		RULE("sub", REDIRECT),
	    "port 9090", 1, 0, 1 },
	{ "8080", RULE("sub", REDIRECT), NULL, 0, 0, 0 },
	{ "8080",
	    RULE("pre", DPORT("8080") ",{\"accept\":null}")
		RULE("pre", DPORT("8080") "," REDIRECT),
	    NULL, 0, 0, 0 },
	{ "8080",
	    RULE("pre", "{\"vmap\":{\"key\":" PAYLOAD(
			    "tcp", "dport") ",\"data\":{\"set\":[[80,{\"drop\":"
					    "null}],[8080,{\"goto\":"
					    "{\"target\":\"sub\"}}]]}}}")
		RULE("sub", REDIRECT),
	    "port 9090", 1, 0, 1 },
	{ "8080",
	    RULE("pre", "{\"vmap\":{\"key\":" PAYLOAD("tcp",
			    "dport") ",\"data\":{\"set\":[[80,{\"jump\":{"
				     "\"target\":\"sub\"}}]]}}}")
		RULE("sub", REDIRECT),
	    NULL, 0, 0, 0 },
	{ "8080",
	    RULE("pre",
		"{\"dnat\":{\"addr\":{\"map\":{\"key\":" PAYLOAD("tcp",
		    "dport") ",\"data\":{\"set\":[[8080,\"10.9.9.1\"]]}}}}"
			     "}"),
	    "10.9.9.1", 1, 0, 1 },
	{ "81",
	    RULE("pre",
		"{\"dnat\":{\"addr\":{\"map\":{\"key\":" PAYLOAD("tcp",
		    "dport") ",\"data\":{\"set\":[[8080,\"10.9.9.1\"]]}}}}"
			     "}"),
	    NULL, 0, 0, 0 },
	/* A chain that leads to itself, as the kernel allows nobody. */
	{ "8080",
	    RULE("pre", "{\"jump\":{\"target\":\"sub\"}}")
		RULE("sub", "{\"jump\":{\"target\":\"sub\"}}"),
	    NULL, 0, 0, 0 },
};

struct scene {
	struct conflict_facts f;
	struct conflict_ns *ns;
	struct nat nat;
};

static void
scene_init(struct scene *s, const char *ask)
{
	struct endpoint own;
	char *cause = NULL;

	memset(s, 0, sizeof(*s));
	assert_int_equal(
	    conflict_query_parse(ask, 0, NULL, &s->f.query, &cause), 0);
	s->ns = conflict_add_ns(&s->f, 1, "default", false);
	fixture_end(&own, "10.0.0.1", 0);
	conflict_add_addr(s->ns, &own, 4, 2, "eth0");
	nat_init(&s->nat, &s->f.query, s->ns);
}

static void
scene_done(struct scene *s)
{
	nat_done(&s->nat);
	conflict_facts_done(&s->f);
}

static void
expect(struct scene *s, const char *what, const char *to, bool incoming,
    bool own, bool sure)
{
	const struct conflict_redirect *d = s->ns->redirect;

	nat_walk(&s->nat, s->ns);
	d = s->ns->redirect;
	if (to == NULL && s->ns->nredirects > 0)
		fail_msg("%s: taken to %s", what, d->to);
	if (to == NULL)
		return;
	if (s->ns->nredirects != 1)
		fail_msg("%s: %zu redirects", what, s->ns->nredirects);
	assert_string_equal(d->to, to);
	if (d->incoming != incoming || d->own != own || d->sure != sure)
		fail_msg("%s: incoming %d own %d sure %d", what, d->incoming,
		    d->own, d->sure);
}

static void
nft_rules(void **state)
{
	struct buf b = { 0 };
	struct scene s;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(nft); i++) {
		buf_reset(&b);
		buf_printf(&b, "%s%s%s", HEAD, nft[i].json, TAIL);
		scene_init(&s, nft[i].ask);
		assert_int_equal(nat_parse_nft(&s.nat, b.data, b.len), 0);
		expect(&s, nft[i].json, nft[i].to, nft[i].incoming, nft[i].own,
		    nft[i].sure);
		scene_done(&s);
	}
	buf_done(&b);
}

/* Names and comments are somebody's: clean afterwards, and no command is made
 * of what a shell would take for more (failures.md E5). */
static void
hostile_names(void **state)
{
	static const char text[] =
	    "{\"nftables\":[{\"chain\":{\"family\":\"ip\",\"table\":\"a;b\","
	    "\"name\":\"p\\u001b[31m\",\"type\":\"nat\",\"hook\":"
	    "\"prerouting\"}},{\"rule\":{\"family\":\"ip\",\"table\":\"a;b\","
	    "\"chain\":\"p\\u001b[31m\",\"handle\":1,\"comment\":"
	    "\"\\u202e\\u009b2J\",\"expr\":[{\"redirect\":{\"port\":1}}]}}]}";
	struct scene s;

	(void)state;
	scene_init(&s, "8080");
	assert_int_equal(nat_parse_nft(&s.nat, text, sizeof(text) - 1), 0);
	expect(&s, text, "port 1", true, false, true);
	assert_true(text_is_clean(
	    s.ns->redirect[0].rule, strlen(s.ns->redirect[0].rule)));
	assert_null(s.ns->redirect[0].remove);
	scene_done(&s);
}

static void
not_nft(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{}", "null",
		"{\"nftables\":3}", "\"nftables\"" };
	struct scene s;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(texts); i++) {
		scene_init(&s, "8080");
		assert_int_equal(
		    nat_parse_nft(&s.nat, texts[i], strlen(texts[i])), -EINVAL);
		scene_done(&s);
	}
}

static const struct {
	const char *ask, *rules, *to;
	bool incoming, own, sure;
} iptables[] = {
	{ "8080",
	    "-A PREROUTING -p tcp -m tcp --dport 8080 -j REDIRECT "
	    "--to-ports 9090\n",
	    "port 9090", 1, 0, 1 },
	{ "8081",
	    "-A PREROUTING -p tcp -m tcp --dport 8080 -j REDIRECT "
	    "--to-ports 9090\n",
	    NULL, 0, 0, 0 },
	{ "8080/udp",
	    "-A PREROUTING -p tcp -m tcp --dport 8080 -j REDIRECT "
	    "--to-ports 9090\n",
	    NULL, 0, 0, 0 },
	{ "8080",
	    "-A PREROUTING -p tcp -m tcp ! --dport 8080 -j REDIRECT "
	    "--to-ports 9090\n",
	    NULL, 0, 0, 0 },
	{ "8080",
	    "-A PREROUTING -i eth0 -p tcp -m tcp --dport 8000:8100 -j "
	    "DNAT --to-destination 10.9.9.9:80\n",
	    "10.9.9.9:80", 1, 0, 0 },
	{ "8080",
	    "-A PREROUTING -p tcp -m multiport --dports 80,8080 -j DNAT "
	    "--to-destination 10.9.9.9\n",
	    "10.9.9.9", 1, 0, 1 },
	/* As Docker writes them. */
	{ "8080",
	    "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n"
	    "-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j "
	    "DOCKER\n"
	    "-A DOCKER -i docker0 -j RETURN\n"
	    "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT "
	    "--to-destination 172.17.0.2:80\n",
	    "172.17.0.2:80", 1, 1, 0 },
	{ "8080",
	    "-A PREROUTING -d 192.0.2.1/32 -p tcp -m tcp --dport 8080 -j "
	    "REDIRECT --to-ports 9090\n",
	    NULL, 0, 0, 0 },
	{ "8080",
	    "-A PREROUTING -p tcp -m comment --comment \"a \\\"b\\\" -j "
	    "X\" -m tcp --dport 8080 -j REDIRECT --to-ports 9090\n",
	    "port 9090", 1, 0, 1 },
	{ "8080",
	    "-A PREROUTING -j ACCEPT\n-A PREROUTING -p tcp -m tcp "
	    "--dport 8080 -j REDIRECT --to-ports 9090\n",
	    NULL, 0, 0, 0 },
	{ "8080",
	    "-A PREROUTING -g X\n-A PREROUTING -p tcp -m tcp --dport "
	    "8080 -j REDIRECT --to-ports 9090\n",
	    NULL, 0, 0, 0 },
	{ "8080", "-A POSTROUTING -p tcp -j SNAT --to-source 1.2.3.4\n", NULL,
	    0, 0, 0 },
};

static void
iptables_rules(void **state)
{
	struct buf b = { 0 };
	struct scene s;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(iptables); i++) {
		buf_reset(&b);
		buf_printf(&b,
		    "# comment\n*nat\n:PREROUTING ACCEPT [0:0]\n%s"
		    "COMMIT\n*filter\n-A INPUT -j DROP\nCOMMIT\n",
		    iptables[i].rules);
		scene_init(&s, iptables[i].ask);
		nat_parse_iptables(&s.nat, 4, b.data, b.len);
		expect(&s, iptables[i].rules, iptables[i].to,
		    iptables[i].incoming, iptables[i].own, iptables[i].sure);
		scene_done(&s);
	}
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nft_rules),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(not_nft),
		cmocka_unit_test(iptables_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
