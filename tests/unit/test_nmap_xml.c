/* SPDX-License-Identifier: ISC */
/*
 * nmap's XML as events, and a scan as nmap's options. The recordings were made
 * of nmap 7.93 on loopback (tests/fuzz/corpus/fuzz_nmap_xml; old, hint, entity,
 * deep and hostile are made up).
 */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/nmap_args.h"
#include "model/nmap_xml.h"
#include "model/scan_report.h"
#include "model/scan_wire.h"
#include "seed.h"

struct heard {
	struct buf lines;
	struct scan_report *report; /* or NULL */
	uint64_t n;
	int result;
	bool whole;
	char *cause;
};

static void
on_event(void *arg, const struct scan_event *e)
{
	struct heard *h = arg;
	struct scan_event numbered = *e;

	numbered.seq = h->n++;
	scan_event_put(&h->lines, &numbered);
	if (h->report != NULL)
		(void)scan_report_feed(h->report, e);
}

static char *
recording(const char *name, size_t *n)
{
	struct buf b = { 0 };
	const char *top = getenv("SRCDIR");
	char path[1024];
	size_t k;
	FILE *f;

	(void)snprintf(path, sizeof(path),
	    "%s/tests/fuzz/corpus/fuzz_nmap_xml/%s.xml",
	    top == NULL ? "." : top, name);
	f = fopen(path, "r");
	if (f == NULL)
		fail_msg("%s: %s", path, strerror(errno));
	do {
		k = fread(buf_reserve(&b, 65536), 1, 65536, f);
		b.len += k;
	} while (k > 0);
	assert_int_equal(fclose(f), 0);
	*n = b.len;
	return b.data;
}

static void
hear(struct heard *h, const struct nmap_xml_asked *asked, const char *data,
    size_t n, size_t piece)
{
	struct nmap_xml *x = nmap_xml_new(asked, on_event, h);
	size_t k;

	for (; n > 0 && h->result == 0; data += k, n -= k) {
		k = n < piece ? n : piece;
		h->result = nmap_xml_feed(x, data, k, &h->cause);
	}
	h->whole = nmap_xml_end(x, false);
	nmap_xml_free(x);
}

static void
forget(struct heard *h)
{
	buf_done(&h->lines);
	scan_report_free(h->report);
	free(h->cause);
}

static const struct nmap_xml_asked usual = { .hosts = 1, .services = true };

static void
check(const char *name, const struct nmap_xml_asked *asked,
    const char *const *want, size_t nwant)
{
	struct heard h = { 0 };
	char *data;
	const char *at;
	size_t n, i;

	data = recording(name, &n);
	hear(&h, asked, data, n, n);
	at = h.lines.data == NULL ? "" : h.lines.data;
	for (i = 0; i < nwant; i++) {
		const char *found = strstr(at, want[i]);

		if (found == NULL)
			fail_msg("%s: not there, or not in order: %s\n%s\n%s",
			    name, want[i], h.lines.data,
			    h.cause == NULL ? "" : h.cause);
		at = found;
	}
	free(data);
	forget(&h);
}

/* In the order in which they must come. */
static void
events_of_recordings(void **state)
{
	static const char *const sv[] = { "\"ev\":\"hello\",\"seq\":0,",
		"\"program\":\"nmap 7.93\"", "\"ev\":\"start\",\"seq\":1,",
		"\"ports\":9,", "\"tech\":\"connect\"",
		"\"phase\":\"nmap: Connect Scan\"",
		"\"phase\":\"nmap: Service scan\"", "\"ev\":\"host\",",
		"\"addr\":\"127.0.0.1\",\"pos\":0,"
		"\"up\":true,\"reason\":"
		"\"localhost-response\"",
		"\"port\":22,\"proto\":\"tcp\",\"state\":\"open\",",
		"\"ev\":\"service\",", "\"name\":\"ssh\"",
		"\"product\":\"OpenSSH\"",
		"\"version\":\"9.2p1 Debian 2+deb12u3\"", "\"os\":\"Linux\"",
		"\"cpe\":\"cpe:/a:openbsd:openssh:9.2p1\"",
		"\"method\":\"nmap\",\"conf\":10",
		"\"port\":8443,\"proto\":\"tcp\",\"state\":\"open\",",
		"\"name\":\"https-alt\",\"tls\":true",
		"\"conf\":3,\"how\":\"nmap: by its number\"",
		"\"ev\":\"host_end\"", "\"tcp\":9", "\"ev\":\"end\"",
		"\"error\":0,\"sent\":9,\"received\":0,",
		"\"hosts_up\":1,\"hosts\":1" };
	static const char *const vuln[] = { "\"ev\":\"target\"",
		"\"name\":\"localhost\",\"addr\":\"127.0.0.1\"",
		"\"ev\":\"host\"", "\"ev\":\"fact\"",
		"\"port\":8080,\"proto\":\"tcp\",",
		"\"name\":\"nse.http-server-header\",",
		"\"value\":\"SimpleHTTP/0.6 Python/3.11.7\"",
		"\"ev\":\"service\"", "\"port\":8080",
		"\"name\":\"nse.ssl-dh-params\",\"value\":\"VULNERABLE: ",
		"Anonymous Diffie-Hellman Key Exchange MitM Vulnerability; ",
		"State: VULNERABLE; Transport",
		"\"name\":\"vuln.NMAP-17\",\"value\":\"VULNERABLE: ",
		"Diffie-Hellman Key Exchange Insufficient Group Strength\"",
		"\"ev\":\"service\"", "\"port\":8443" };
	static const char *const progress[] = { "\"probes\":1000",
		"\"done\":323,\"probes\":1000", "\"left_ms\":3000",
		"\"done\":1000" };
	static const char *const sn[] = { "\"name\":\"10.9.9.1\"",
		"\"error\":\"nmap did not find an address for it\"" };
	static const char *const hint[] = { "\"ev\":\"target\"",
		"\"name\":\"printer.example\"", "\"ev\":\"host\"",
		"\"mac\":\"02:42:ac:11:00:07\"", "\"ev\":\"port\"",
		"\"port\":445", "\"ev\":\"fact\"",
		"\"port\":445,\"proto\":\"tcp\",\"name\":",
		"\"nse.smb-vuln-ms17-010\"", "\"name\":\"vuln.CVE-2017-0143\"",
		"\"ev\":\"host_end\"", "\"ev\":\"note\"",
		"nse.reverse-index: 22/tcp: 192.0.2.7" };
	static const char *const os[] = { "\"ev\":\"os\"",
		"\"name\":\"Linux 5.0 - 5.2\",\"conf\":97,\"basis\":\"nmap\"",
		"\"family\":\"Linux\"",
		"\"cpe\":\"cpe:/o:linux:linux_kernel:5\"",
		"\"ev\":\"host_end\"" };
	static const char *const six[] = { "\"addr\":\"::1\"",
		"\"ev\":\"end\"" };
	static const char *const old[] = { "212 ports are filtered; this nmap "
					   "does not say which",
		"\"tcp\":170" };

	(void)state;
	check("sv", &usual, sv, nitems(sv));
	check("vuln", &usual, vuln, nitems(vuln));
	check("filt", &usual, progress, nitems(progress));
	check("sn", &usual, sn, nitems(sn));
	check("hint", &usual, hint, nitems(hint));
	check("A", &usual, os, nitems(os));
	check("six", &usual, six, nitems(six));
	check("old", &usual, old, nitems(old));
}

/* A host that was announced is told once, and what is no TCP and no UDP not at
 * all. */
static void
once(void **state)
{
	struct heard h = { 0 };
	const char *first;
	size_t n;
	char *data = recording("hint", &n);

	(void)state;
	hear(&h, &usual, data, n, n);
	first = strstr(h.lines.data, "\"ev\":\"host\"");
	assert_non_null(first);
	assert_null(strstr(first + 1, "\"ev\":\"host\""));
	assert_null(strstr(h.lines.data, "\"port\":9,"));
	assert_null(strstr(h.lines.data, "ptr.example"));
	free(data);
	forget(&h);
}

/* What many ports have in common is told of each, closed ones are counted. */
static void
reports(void **state)
{
	static const struct {
		const char *name;
		unsigned how;
		uint32_t open, closed, filtered; /* of the first host */
		size_t hosts;
	} t[] = {
		{ "filt", 0, 2, 168, 212, 1 },
		{ "plain", 0, 2, 5, 0, 1 },
		{ "su", 0, 1, 1, 0, 2 },
		{ "six", 0, 0, 11, 0, 1 },
		{ "sn", SCAN_PING, 0, 0, 0, 4 },
	};
	size_t i, n;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		const struct nmap_xml_asked asked = { .how = t[i].how,
			.hosts = 1 };
		struct heard h = { .report = scan_report_new() };
		char *data = recording(t[i].name, &n);
		struct report_host *first;

		hear(&h, &asked, data, n, 1000);
		scan_report_sort(h.report);
		assert_int_equal(h.report->nup, t[i].hosts);
		first = h.report->host[0];
		assert_int_equal(first->count[0][SCAN_OPEN], t[i].open);
		assert_int_equal(first->count[0][SCAN_CLOSED], t[i].closed);
		assert_int_equal(first->count[0][SCAN_FILTERED], t[i].filtered);
		assert_int_equal(h.report->end.end.error, 0);
		assert_true(h.whole);
		free(data);
		forget(&h);
	}
}

static void
failures(void **state)
{
	static const struct {
		const char *name, *text, *cause;
	} t[] = {
		{ "entity", NULL, "nmap's XML, line 2: it declares entities" },
		{ "deep", NULL,
		    "nmap's XML, line 1: elements in elements without end" },
		{ NULL, "<html></html>",
		    "nmap's XML, line 1: it is not nmap's" },
		{ NULL, "<nmaprun scanner=\"masscan\"/>",
		    "nmap's XML, line 1: it is not nmap's" },
		{ NULL, "nmap: command not found",
		    "nmap's XML, line 1: syntax error" },
		{ NULL,
		    "<nmaprun scanner='nmap'><host><address addr='1' "
		    "addrtype='ipv4'/>",
		    "nmap's XML, line 1: a host without an address" },
		{ NULL, "<nmaprun scanner='nmap'></host>",
		    "nmap's XML, line 1: mismatched tag" },
	};
	size_t i, n;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		struct heard h = { 0 };
		char *data = t[i].name != NULL ? recording(t[i].name, &n)
					       : xstrdup(t[i].text);

		if (t[i].name == NULL)
			n = strlen(data);
		hear(&h, &usual, data, n, 3);
		assert_int_equal(h.result, -EBADMSG);
		assert_string_equal(h.cause, t[i].cause);
		assert_false(h.whole);
		free(data);
		forget(&h);
	}
}

/* It ended by itself with an error, or was cut off. */
static void
ends(void **state)
{
	static const struct nmap_xml_asked asked = { 0 };
	static const char failed[] =
	    "<nmaprun scanner='nmap' version='7'><runstats><finished "
	    "exit='error' errormsg='no such device'/><hosts up='0' total='1'/>"
	    "</runstats></nmaprun>";
	struct heard h = { 0 };
	struct nmap_xml *x;

	(void)state;
	hear(&h, &asked, failed, strlen(failed), 5);
	assert_true(h.whole);
	assert_non_null(strstr(
	    h.lines.data, "\"error\":1,\"cause\":\"nmap: no such device\""));
	forget(&h);
	h = (struct heard){ 0 };
	x = nmap_xml_new(&asked, on_event, &h);
	assert_int_equal(nmap_xml_feed(x, failed, 60, &h.cause), 0);
	assert_false(nmap_xml_end(x, true));
	nmap_xml_free(x);
	assert_non_null(
	    strstr(h.lines.data, "\"error\":3,\"cause\":\"nmap: stopped\""));
	forget(&h);
}

/* One tag that never ends does not fill the memory. */
static void
endless(void **state)
{
	struct heard h = { 0 };
	struct nmap_xml *x = nmap_xml_new(&usual, on_event, &h);
	char piece[65536];
	size_t n = 0;

	(void)state;
	memset(piece, 'x', sizeof(piece));
	assert_int_equal(
	    nmap_xml_feed(x, "<nmaprun scanner='", 18, &h.cause), 0);
	while (nmap_xml_feed(x, piece, sizeof(piece), &h.cause) == 0)
		n += sizeof(piece);
	assert_true(n > 1000000 && n < 8000000);
	assert_string_equal(h.cause, "nmap's XML, line 1: a tag without end");
	nmap_xml_free(x);
	forget(&h);
}

static const char *const all[] = { "A", "bad", "bad2", "deep", "entity", "filt",
	"hint", "hostile", "old", "plain", "six", "sn", "su", "sv", "vuln" };

/* However it is cut, the same is heard; whatever is missing, nothing breaks. */
static void
pieces(void **state)
{
	size_t i, k, n;

	(void)state;
	for (i = 0; i < nitems(all); i++) {
		struct heard whole = { 0 }, h;
		char *data = recording(all[i], &n);

		hear(&whole, &usual, data, n, n);
		for (k = 1; k < 100; k += 13) {
			h = (struct heard){ 0 };
			hear(&h, &usual, data, n, k);
			assert_int_equal(h.lines.len, whole.lines.len);
			assert_int_equal(h.result, whole.result);
			if (h.lines.len > 0)
				assert_memory_equal(h.lines.data,
				    whole.lines.data, h.lines.len);
			forget(&h);
		}
		for (k = 0; k < n; k += 1 + n / 500) {
			h = (struct heard){ 0 };
			hear(&h, &usual, data, k, n);
			assert_true(h.lines.len <= whole.lines.len);
			forget(&h);
		}
		free(data);
		forget(&whole);
	}
}

static void
random_bytes(void **state)
{
	uint64_t seed = seed_begin("random_bytes"), r;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < nitems(all); i++) {
		char *data = recording(all[i], &n);

		for (k = 0; k < 50; k++) {
			struct heard h = { .report = scan_report_new() };
			char *p;

			r = seed_next(&seed);
			p = data + r % n;
			*p = (char)(r >> 40);
			hear(&h, &usual, data, n, 1 + (r >> 32) % 500);
			if (h.lines.len > 0)
				assert_true(text_is_clean(h.lines.data,
						h.lines.len - 1) ||
					    strchr(h.lines.data, '\n') != NULL);
			forget(&h);
		}
		free(data);
	}
}

/* -- its options ----------------------------------------------------------- */

static char *
joined(char **arg)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; arg[i] != NULL; i++)
		buf_printf(&b, "%s%s", i > 0 ? " " : "", arg[i]);
	return buf_steal(&b);
}

static void
options(void **state)
{
	static const char always[] =
	    "nmap -v -n --no-stylesheet --stats-every 1s -oX -";
	struct scan_spec s;
	struct nmap_asked a = { .spec = &s };
	char **arg, *cause = NULL, *text;

	(void)state;
	scan_spec_init(&s);
	buf_puts(&s.targets, "192.0.2.1 example");
	assert_int_equal(nmap_args(&a, &arg, &cause), 0);
	text = joined(arg);
	assert_memory_equal(text, always, strlen(always));
	assert_string_equal(text + strlen(always), " -iL /proc/self/fd/3");
	free(text);
	nmap_args_free(arg);

	buf_puts(&s.ports, "T:1-9,U:53");
	buf_puts(&s.exclude, "192.0.2.9");
	s.how = SCAN_SYN | SCAN_UDP;
	s.no_ping = s.in_order = true;
	s.timing = 5;
	s.min_rate = 100;
	s.max_rate = 200;
	s.max_parallel = 10;
	s.max_retries = 0;
	s.host_timeout_ms = 90000;
	s.intensity = 9;
	a.services = a.os = true;
	a.scripts = "vuln and not dos";
	a.arguments = "x=1";
	assert_int_equal(nmap_args(&a, &arg, &cause), 0);
	text = joined(arg);
	assert_string_equal(text + strlen(always),
	    " -sS -sU -Pn -r -p T:1-9,U:53 -T5 --min-rate 100 --max-rate 200 "
	    "--max-parallelism 10 --max-retries 0 --host-timeout 90000ms -sV "
	    "-O --version-intensity 9 --script vuln and not dos --script-args "
	    "x=1 -iL /proc/self/fd/3 --excludefile /proc/self/fd/4");
	free(text);
	nmap_args_free(arg);
	scan_spec_done(&s);
}

static void
families(void **state)
{
	static const struct {
		const char *targets;
		int family;
		bool six, ok;
	} t[] = {
		{ "192.0.2.0/24 10.0.0-3.1,5 example", 0, false, true },
		{ "2001:db8::1", 0, true, true },
		{ "fe80::1%eth0 example", 6, true, true },
		{ "# a::b\n192.0.2.1", 0, false, true },
		{ "example", 6, true, true },
		{ "192.0.2.1\n2001:db8::/64", 0, false, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		struct scan_spec s;
		struct nmap_asked a = { .spec = &s };
		char **arg = NULL, *cause = NULL, *text;

		scan_spec_init(&s);
		s.family = (uint8_t)t[i].family;
		buf_puts(&s.targets, t[i].targets);
		assert_int_equal(
		    nmap_args(&a, &arg, &cause), t[i].ok ? 0 : -EINVAL);
		if (t[i].ok) {
			text = joined(arg);
			assert_int_equal(
			    strstr(text, " -6 ") != NULL, t[i].six);
			free(text);
		} else
			assert_non_null(cause);
		free(cause);
		nmap_args_free(arg);
		scan_spec_done(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_of_recordings),
		cmocka_unit_test(once),
		cmocka_unit_test(reports),
		cmocka_unit_test(failures),
		cmocka_unit_test(ends),
		cmocka_unit_test(endless),
		cmocka_unit_test(pieces),
		cmocka_unit_test(random_bytes),
		cmocka_unit_test(options),
		cmocka_unit_test(families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
