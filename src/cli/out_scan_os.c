/* SPDX-License-Identifier: ISC */
/*
 * What is said of systems: as sure as it is, and what it rests on. nmap's words
 * and places for it where it has some: "OS details" is for what fits well.
 */
#include "config.h"

#include "cli/out_scan_os.h"

#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "cli/out_scan_service.h"

#define CONF_GOOD 85 /* less is a guess */

static const char *
basis_text(const struct os_info *i)
{
	static const char *const words[] = {
		[OS_BY_MEASURE] = "measured",
		[OS_BY_LITERATURE] = "literature",
		[OS_BY_NMAP] = "nmap",
	};

	return words[i->basis];
}

/* How many others are told: all, or none that is far from the first. */
static size_t
others(const struct os_info *i, bool guess)
{
	size_t n = 0;

	while (n < OS_OTHERS && i->other[n][0] != '\0' &&
	       (guess || i->other_conf[n] + 5 >= i->conf))
		n++;
	return n;
}

/* -- text ------------------------------------------------------------------ */

static void
put_name(struct buf *b, const struct os_info *i)
{
	buf_printf(b, "%s (%u%%", i->name, i->conf);
	if (i->basis == OS_BY_LITERATURE)
		buf_puts(b, ", known from documents");
	else if (i->basis == OS_BY_NMAP)
		buf_puts(b, ", nmap");
	buf_putc(b, ')');
}

static void
put_seen(struct buf *b, const char *seen)
{
	size_t n;

	for (; *seen != '\0'; seen += n + (seen[n] == ';' ? 2 : 0)) {
		n = strcspn(seen, ";");
		buf_puts(b, "|  ");
		buf_put(b, seen, n);
		buf_putc(b, '\n');
	}
}

static void
put_os(struct buf *b, const struct out_scan_view *v, const struct os_info *i)
{
	size_t k, n = others(i, v->args->scan.os_guess);

	if (i->name[0] == '\0')
		buf_puts(
		    b, i->ttl == 0
			   ? "OS: not known: nothing came back\n"
			   : "OS: not known: what came back is too little, "
			     "or fits nothing that is known\n");
	else {
		buf_puts(
		    b, i->conf >= CONF_GOOD ? "OS details: " : "OS guesses: ");
		put_name(b, i);
		for (k = 0; k < n; k++)
			buf_printf(
			    b, ", %s (%u%%)", i->other[k], i->other_conf[k]);
		buf_putc(b, '\n');
		if (i->cpe[0] != '\0')
			buf_printf(b, "OS CPE: %s\n", i->cpe);
	}
	if (v->verbose > 0 || v->args->scan.all_of_it)
		put_seen(b, i->seen);
}

static void
put_distance(struct buf *b, const struct os_info *i)
{
	if (i->distance < 0)
		return;
	buf_printf(b, "Network Distance: %d hop%s", i->distance,
	    i->distance == 1 ? "" : "s");
	if (i->ttl != 0)
		buf_printf(b, " (it seems to send with a TTL of %u)", i->ttl);
	buf_putc(b, '\n');
}

void
out_os_text(
    struct buf *b, const struct out_scan_view *v, const struct report_host *h)
{
	size_t i;

	for (i = 0; i < nitems(h->os); i++)
		if (h->os[i] != NULL)
			put_os(b, v, h->os[i]);
	for (i = 0; i < nitems(h->os); i++)
		if (h->os[i] != NULL && h->os[i]->distance >= 0) {
			put_distance(b, h->os[i]);
			break;
		}
}

/* -- JSON ------------------------------------------------------------------ */

static void
json_text(struct json *j, const char *key, const char *value)
{
	if (*value != '\0')
		jw_kstring(j, key, value);
}

static void
json_match(struct json *j, const char *name, unsigned conf)
{
	jw_object(j);
	jw_kstring(j, "name", name);
	jw_ku64(j, "conf", conf);
	jw_object_end(j);
}

static void
json_os(struct json *j, const struct os_info *i)
{
	size_t k;

	jw_object(j);
	json_text(j, "name", i->name);
	jw_ku64(j, "conf", i->conf);
	jw_kstring(j, "basis", basis_text(i));
	json_text(j, "family", i->family);
	json_text(j, "vendor", i->vendor);
	json_text(j, "generation", i->generation);
	json_text(j, "type", i->type);
	json_text(j, "cpe", i->cpe);
	if (i->ttl != 0)
		jw_ku64(j, "ttl", i->ttl);
	if (i->distance >= 0)
		jw_ku64(j, "distance", (uint64_t)i->distance);
	if (i->open != 0)
		jw_ku64(j, "open", i->open);
	if (i->closed != 0)
		jw_ku64(j, "closed", i->closed);
	if (others(i, true) > 0) {
		jw_key(j, "others");
		jw_array(j);
		for (k = 0; k < others(i, true); k++)
			json_match(j, i->other[k], i->other_conf[k]);
		jw_array_end(j);
	}
	json_text(j, "seen", i->seen);
	jw_object_end(j);
}

void
out_os_json(struct json *j, const struct report_host *h)
{
	static const char *const keys[] = { "os", "os_nmap" };
	size_t i;

	for (i = 0; i < nitems(h->os); i++)
		if (h->os[i] != NULL) {
			jw_key(j, keys[i]);
			json_os(j, h->os[i]);
		}
}

/* -- XML ------------------------------------------------------------------- */

static void
xml_match(struct buf *b, const char *name, unsigned conf)
{
	buf_puts(b, "<osmatch");
	out_xml_attr(b, "name", name);
	buf_printf(b, " accuracy=\"%u\" line=\"0\"", conf);
}

static void
xml_os(struct buf *b, const struct os_info *i, bool guess)
{
	size_t k;

	xml_match(b, i->name, i->conf);
	buf_puts(b, "><osclass");
	if (i->type[0] != '\0')
		out_xml_attr(b, "type", i->type);
	out_xml_attr(b, "vendor", i->vendor);
	out_xml_attr(b, "osfamily", i->family);
	if (i->generation[0] != '\0')
		out_xml_attr(b, "osgen", i->generation);
	buf_printf(b, " accuracy=\"%u\">", i->conf);
	if (i->cpe[0] != '\0') {
		buf_puts(b, "<cpe>");
		out_xml_text(b, i->cpe);
		buf_puts(b, "</cpe>");
	}
	buf_puts(b, "</osclass>\n</osmatch>\n");
	for (k = 0; k < others(i, guess); k++) {
		xml_match(b, i->other[k], i->other_conf[k]);
		buf_puts(b, "/>\n");
	}
}

static void
xml_port(struct buf *b, const char *state, unsigned port)
{
	if (port != 0)
		buf_printf(b,
		    "<portused state=\"%s\" proto=\"tcp\" portid=\"%u\"/>\n",
		    state, port);
}

/* What it rests on: nmap's words have no place for it but a script's. */
static void
xml_seen(struct buf *b, const struct os_info *i)
{
	if (i->seen[0] == '\0')
		return;
	buf_puts(b, "<hostscript><script id=\"sockdeck-os\"");
	out_xml_attr(b, "output", i->seen);
	buf_puts(b, "><elem key=\"basis\">");
	out_xml_text(b, basis_text(i));
	buf_puts(b, "</elem></script></hostscript>\n");
}

void
out_os_xml(
    struct buf *b, const struct out_scan_view *v, const struct report_host *h)
{
	const struct os_info *first = h->os[0] != NULL ? h->os[0] : h->os[1];
	size_t i;

	if (first == NULL)
		return;
	buf_puts(b, "<os>");
	xml_port(b, "open", first->open);
	xml_port(b, "closed", first->closed);
	for (i = 0; i < nitems(h->os); i++)
		if (h->os[i] != NULL && h->os[i]->name[0] != '\0')
			xml_os(b, h->os[i], v->args->scan.os_guess);
	buf_puts(b, "</os>\n");
	if (first->distance >= 0)
		buf_printf(b, "<distance value=\"%d\"/>\n", first->distance);
	xml_seen(b, first);
}

/* -- grepable lines -------------------------------------------------------- */

void
out_os_grep(struct buf *b, const struct report_host *h)
{
	const struct os_info *i = report_os(h);

	if (i != NULL)
		buf_printf(b, "\tOS: %s", i->name);
}
