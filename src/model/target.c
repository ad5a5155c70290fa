/* SPDX-License-Identifier: ISC */
/*
 * Sets of targets: words become ranges, names wait for their addresses, and at
 * sealing excludes are taken out, so that an index is an address.
 */
#include "config.h"

#include "model/target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/xmalloc.h"
#include "model/target_text.h"
#include "model/target_word.h"

/* "*.*.*.1" has no address beside another one: 16 million ranges, of 32 bytes
 * each. */
#define PIECES_MAX (UINT32_C(1) << 20) /* of a word */
#define RANGES_MAX (UINT32_C(1) << 24) /* of all */

struct target_use {
	uint8_t prefix;
	bool exclude;
};

struct target_set {
	uint8_t family;
	bool sealed;
	struct ranges in;
	struct ranges out;      /* excluded */
	struct ranges out_nets; /* excluded nets of IPv6, their halves */
	struct ranges special, special_nets; /* so, by nobody's word */
	struct target_name **name;
	size_t nname, cap_name;
	struct hash names; /* by name: index in name[] */
	/* Sealed: how many addresses are before in.v[i]; one more at the
	 * end. */
	uint64_t *before;
	uint64_t hidden, hidden_special;
};

static uint64_t
name_key(const void *arg, uint32_t i)
{
	const struct target_set *t = arg;

	return hash_bytes(t->name[i]->name, strlen(t->name[i]->name), 0);
}

struct target_set *
target_new(uint8_t family)
{
	struct target_set *t = xcalloc(1, sizeof(*t));

	t->family = family;
	hash_init(&t->names, name_key, t);
	return t;
}

void
target_free(struct target_set *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->nname; i++) {
		free(t->name[i]->name);
		free(t->name[i]->use);
		free(t->name[i]);
	}
	free(t->name);
	hash_done(&t->names);
	ranges_done(&t->in);
	ranges_done(&t->out);
	ranges_done(&t->out_nets);
	ranges_done(&t->special);
	ranges_done(&t->special_nets);
	free(t->before);
	free(t);
}

static void
must_be_open(const struct target_set *t, const char *func)
{
	if (t->sealed)
		fatal("%s: the set is sealed", func);
}

/* -- words ----------------------------------------------------------------- */

static struct target_name *
name_find(struct target_set *t, const char *name)
{
	uint64_t key = hash_bytes(name, strlen(name), 0);
	struct target_name *n;
	uint32_t i = hash_find(&t->names, key);

	/* Two names of one hash would be scanned as one: 64 bits, and who
	 * makes such a pair only fools himself. */
	if (i != HASH_NONE)
		return t->name[i];
	t->name = array_grow(
	    t->name, &t->cap_name, t->nname + 1, sizeof(struct target_name *));
	t->name[t->nname] = n = xcalloc(1, sizeof(*n));
	n->name = xstrdup(name);
	hash_add(&t->names, key, (uint32_t)t->nname++);
	return n;
}

static void
add_name(struct target_set *t, const struct target_word *w, bool exclude)
{
	struct target_name *n = name_find(t, w->name);
	size_t i;

	n->target = n->target || !exclude;
	n->exclude = n->exclude || exclude;
	for (i = 0; i < n->nuse; i++)
		if (n->use[i].prefix == w->prefix &&
		    n->use[i].exclude == exclude)
			return;
	n->use = array_grow(
	    n->use, &n->cap_use, n->nuse + 1, sizeof(struct target_use));
	n->use[n->nuse++] =
	    (struct target_use){ .prefix = w->prefix, .exclude = exclude };
}

/* What cannot be a target though it is well written: NULL, or a reason the
 * caller frees. */
static char *
refused(const struct target_set *t, const struct target_word *w)
{
	uint8_t family = w->kind == TARGET_WORD_OCTETS ? 4 : 6;
	char *why = NULL;

	if (w->kind == TARGET_WORD_NAME)
		return NULL;
	if (t->family != 0 && t->family != family)
		xasprintf(&why, "is IPv%u, and only IPv%u is asked for", family,
		    t->family);
	else if (target_word_count(w) > TARGET_HOSTS_MAX)
		xasprintf(&why,
		    "has more than 2^48 addresses; a /80 is the largest net "
		    "that can be scanned");
	else if (w->kind == TARGET_WORD_RANGE && w->range.scope == 0 &&
		 w->range.net >> 54 == 0xfe80 >> 6)
		xasprintf(&why, "is link-local: its interface is needed, as in "
				"fe80::1%%eth0");
	return why;
}

static int
add_word(struct target_set *t, const struct target_word *w, bool exclude,
    const char *word, char **cause)
{
	char *why = NULL, *shown;
	uint64_t pieces = target_word_pieces(w);

	if (pieces > PIECES_MAX)
		xasprintf(&why,
		    "falls into %" PRIu64 " separate pieces; %u at most can "
		    "be kept of one word",
		    pieces, PIECES_MAX);
	else if ((exclude ? t->out.n : t->in.n) + pieces > RANGES_MAX)
		xasprintf(&why,
		    "is one too many: %u ranges of addresses are as many as "
		    "can be kept",
		    RANGES_MAX);
	else if (!exclude)
		why = refused(t, w);
	if (why != NULL) {
		shown = target_word_text(word, strlen(word));
		xasprintf(cause, "%s %s", shown, why);
		free(shown);
		free(why);
		return -EINVAL;
	}
	if (w->kind == TARGET_WORD_NAME)
		add_name(t, w, exclude);
	else if (!exclude)
		target_word_put(w, &t->in);
	else if (w->kind == TARGET_WORD_NETS)
		target_word_put(w, &t->out_nets);
	else
		target_word_put(w, &t->out);
	return 0;
}

static int
parse_word(struct target_set *t, const char *word, bool exclude, char **cause)
{
	struct target_word w;
	int r;

	must_be_open(t, __func__);
	if ((r = target_word_parse(&w, word, cause)) != 0)
		return r;
	r = add_word(t, &w, exclude, word, cause);
	target_word_done(&w);
	return r;
}

int
target_add(struct target_set *t, const char *word, char **cause)
{
	return parse_word(t, word, false, cause);
}

int
target_exclude(struct target_set *t, const char *word, char **cause)
{
	return parse_word(t, word, true, cause);
}

/* -- texts ----------------------------------------------------------------- */

static int
text_word(
    struct target_set *t, const char *p, size_t len, bool exclude, char **cause)
{
	char *word, *shown;
	int r;

	if (memchr(p, '\0', len) != NULL) {
		shown = target_word_text(p, len);
		xasprintf(cause, "%s: a list of targets is text", shown);
		free(shown);
		return -EINVAL;
	}
	word = xstrndup(p, len);
	r = parse_word(t, word, exclude, cause);
	free(word);
	return r;
}

static int
parse_text(struct target_set *t, const char *text, size_t len, bool exclude,
    const char *where, char **cause)
{
	struct target_text words;
	const char *p;
	char *why;
	size_t n;
	int r = 0;

	target_text_init(&words, text, len);
	while (r == 0 && (p = target_text_next(&words, &n)) != NULL) {
		r = text_word(t, p, n, exclude, where == NULL ? cause : &why);
		if (r != 0 && where != NULL) {
			xasprintf(
			    cause, "%s, line %zu: %s", where, words.line, why);
			free(why);
		}
	}
	return r;
}

int
target_add_text(struct target_set *t, const char *text, size_t len,
    const char *where, char **cause)
{
	return parse_text(t, text, len, false, where, cause);
}

int
target_exclude_text(struct target_set *t, const char *text, size_t len,
    const char *where, char **cause)
{
	return parse_text(t, text, len, true, where, cause);
}

void
target_exclude_special(struct target_set *t)
{
	/* RFC 6890: this network, reserved and limited broadcast; RFC 5771,
	 * RFC 4291 section 2.7: multicast; section 2.5.2: unspecified. */
	static const char *const special[] = { "0.0.0.0/8", "224.0.0.0/4",
		"240.0.0.0/4", "::/128", "ff00::/8" };
	struct target_word w;
	char *cause;
	size_t i;

	must_be_open(t, __func__);
	for (i = 0; i < nitems(special); i++) {
		if (target_word_parse(&w, special[i], &cause) != 0)
			fatal("%s: %s", __func__, cause);
		target_word_put(&w, w.kind == TARGET_WORD_NETS
					? &t->special_nets
					: &t->special);
		target_word_done(&w);
	}
}

void
target_exclude_addr(struct target_set *t, const struct scan_addr *a)
{
	struct range r;

	must_be_open(t, __func__);
	range_of_addr(&r, a);
	ranges_add(&t->special, &r);
}

/* -- names ----------------------------------------------------------------- */

struct target_name *
target_name_at(struct target_set *t, size_t i)
{
	return i < t->nname ? t->name[i] : NULL;
}

/* "web/28", "web". */
static char *
use_text(const struct target_name *n, const struct target_use *use)
{
	char *text;

	if (use->prefix == TARGET_NO_PREFIX)
		return xstrdup(n->name);
	xasprintf(&text, "%s/%u", n->name, use->prefix);
	return text;
}

static int
resolve_use(struct target_set *t, const struct target_name *n,
    const struct target_use *use, const struct scan_addr *a, char **cause)
{
	struct target_word w;
	char *text = use_text(n, use);
	int r;

	if (a->family == 4 && use->prefix > 32 &&
	    use->prefix != TARGET_NO_PREFIX) {
		xasprintf(cause,
		    "%s: its address is IPv4, where a prefix goes from 0 to 32",
		    text);
		r = -EINVAL;
	} else {
		target_word_of_addr(&w, a, use->prefix);
		r = add_word(t, &w, use->exclude, text, cause);
	}
	free(text);
	return r;
}

int
target_resolved(struct target_set *t, struct target_name *n,
    const struct scan_addr *a, char **cause)
{
	size_t i;
	int r;

	must_be_open(t, __func__);
	for (i = 0; i < n->nuse; i++) {
		if (n->resolved && !n->use[i].exclude)
			continue;
		if ((r = resolve_use(t, n, &n->use[i], a, cause)) != 0)
			return r;
	}
	n->resolved = true;
	return 0;
}

/* -- what they are --------------------------------------------------------- */

uint64_t
target_estimate(const struct target_set *t)
{
	uint64_t sum = ranges_count(&t->in);
	struct target_word w = { .kind = TARGET_WORD_NAME };
	const struct target_name *n;
	size_t i, j;

	for (i = 0; i < t->nname; i++) {
		n = t->name[i];
		for (j = 0; j < n->nuse && !n->resolved; j++) {
			w.prefix = n->use[j].prefix;
			if (!n->use[j].exclude)
				sum = range_add_u64(sum, target_word_count(&w));
		}
	}
	return sum;
}

/* Takes them out of the targets, and is done with them. How many went. */
static uint64_t
cut_out(struct target_set *t, struct ranges *out, struct ranges *nets)
{
	uint64_t n;

	ranges_tidy(out);
	ranges_tidy(nets);
	n = ranges_cut(&t->in, out);
	n = range_add_u64(n, ranges_cut_nets(&t->in, nets));
	ranges_done(out);
	ranges_done(nets);
	return n;
}

int
target_seal(struct target_set *t, char **cause)
{
	uint64_t sum = 0;
	size_t i;

	must_be_open(t, __func__);
	ranges_tidy(&t->in);
	t->hidden = cut_out(t, &t->out, &t->out_nets);
	t->hidden_special = cut_out(t, &t->special, &t->special_nets);
	sum = ranges_count(&t->in);
	if (sum > TARGET_HOSTS_MAX) {
		xasprintf(cause,
		    "%s%" PRIu64 " addresses are named; at most %" PRIu64
		    " (2^48) can be scanned at once",
		    sum == UINT64_MAX ? "more than " : "", sum,
		    TARGET_HOSTS_MAX);
		return -E2BIG;
	}
	t->before = xreallocarray(NULL, t->in.n + 1, sizeof(*t->before));
	for (sum = 0, i = 0; i < t->in.n; i++) {
		t->before[i] = sum;
		sum += t->in.v[i].hi - t->in.v[i].lo + 1;
	}
	t->before[i] = sum;
	t->sealed = true;
	return 0;
}

uint64_t
target_count(const struct target_set *t)
{
	return t->sealed ? t->before[t->in.n] : 0;
}

uint64_t
target_hidden(const struct target_set *t)
{
	return range_add_u64(t->hidden, t->hidden_special);
}

uint64_t
target_hidden_special(const struct target_set *t)
{
	return t->hidden_special;
}

void
target_at(const struct target_set *t, uint64_t index, struct scan_addr *ret)
{
	size_t lo = 0, n = t->in.n, half;

	if (index >= target_count(t))
		fatal("%s: %" PRIu64 " of %" PRIu64, __func__, index,
		    target_count(t));
	/* The last range that begins at index or before it. */
	while (n > 1) {
		half = n / 2;
		lo += t->before[lo + half] <= index ? half : 0;
		n -= half;
	}
	range_to_addr(
	    &t->in.v[lo], t->in.v[lo].lo + (index - t->before[lo]), ret);
}

bool
target_has(const struct target_set *t, const struct scan_addr *a)
{
	struct range r;

	range_of_addr(&r, a);
	return t->sealed &&
	       ranges_find(&t->in, r.family, r.scope, r.net, r.lo) != NULL;
}

uint64_t
target_digest(const struct target_set *t)
{
	uint64_t h = hash_mix(t->in.n);
	const struct range *r;
	size_t i;

	for (i = 0; i < t->in.n; i++) {
		r = &t->in.v[i];
		h = hash_mix(h ^ r->net);
		h = hash_mix(h ^ r->lo);
		h = hash_mix(h ^ r->hi);
		h = hash_mix(h ^ ((uint64_t)r->scope << 8 | r->family));
	}
	return h;
}
