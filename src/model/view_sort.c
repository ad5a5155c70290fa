/* SPDX-License-Identifier: ISC */
/*
 * Sorting rows by one column: each value is read once and made into a 64-bit
 * key that sorts as the value does; the keys are sorted byte by byte, bytes
 * in which none differ left out. Longer values take several keys: addresses
 * from the last to the first, text from the first on within what is equal so
 * far. But texts are mostly few, shared by many rows (names of processes):
 * then these few are sorted, and a row's key is the place of its text. A
 * hundred thousand rows must not be felt.
 */
#include "config.h"

#include "model/view_sort.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/xmalloc.h"

/* Runs shorter than this are sorted by insertion. */
#define SMALL_RUN 24
/* Address: family and 16 bytes and port do not fit one key. */
#define ADDR_WORDS 3

/* As many different texts are sorted by themselves. */
#define TEXTS_MAX 4096
/* How many rows ahead memory is asked for. */
#define AHEAD 12

struct item {
	uint64_t key;
	struct row *row;
};

struct sorter {
	struct item *item, *spare; /* n each */
	size_t n;
	const struct view_sort *by;
	const struct view_ctx *ctx;
};

/*
 * After the first column the rows come in any order, and waiting for memory
 * is most of the work. Which part of a row is read depends on the column.
 */
static void
fetch(const struct row *r)
{
	const char *p = (const char *)r;

	__builtin_prefetch(p);
	__builtin_prefetch(p + 64);
	__builtin_prefetch(p + 128);
}

static bool
get(const struct sorter *s, const struct row *r, struct value *v)
{
	if (!s->by->col->get(r, s->ctx, v) || v->type == VAL_NONE)
		return false;
	return v->type != VAL_RATE || !isnan(v->d);
}

static uint64_t
key_double(double d)
{
	uint64_t u;

	memcpy(&u, &d, sizeof(u));
	return u >> 63 != 0 ? ~u : u | UINT64_C(1) << 63;
}

static uint64_t
key_bytes(const uint8_t *p, size_t n)
{
	uint64_t u = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		u = u << 8 | (i < n ? p[i] : 0);
	return u;
}

/* Eight characters as strcasecmp(3) compares them in the C locale. */
static uint64_t
key_text(const char *s, size_t off)
{
	uint64_t u = 0;
	unsigned char c;
	size_t i;

	for (i = 0; i < 8; i++) {
		c = (unsigned char)s[off];
		if (c != '\0')
			off++;
		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c - 'A' + 'a');
		u = u << 8 | c;
	}
	return u;
}

/* IPv4 fits the first word whole. */
static uint64_t
key_addr(const struct value *v, unsigned word)
{
	uint8_t b[ADDR_WORDS * 8] = { 0 };
	size_t n = v->family == 4 ? 4 : sizeof(v->ep->addr);

	b[0] = v->family;
	memcpy(b + 1, v->ep->addr, n);
	b[n + 1] = (uint8_t)(v->ep->port >> 8);
	b[n + 2] = (uint8_t)v->ep->port;
	return key_bytes(b + (size_t)word * 8, 8);
}

static uint64_t
key_of(const struct value *v, unsigned word)
{
	switch (v->type) {
	case VAL_RATE:
		return key_double(v->d);
	case VAL_TEXT:
		return (uintptr_t)v->s;
	case VAL_ADDR:
		return key_addr(v, word);
	case VAL_STATE:
		return sock_state_rank((enum sock_state)v->u);
	default:
		return v->u;
	}
}

/*
 * Least significant byte first, from item to spare and back; the result is
 * in item.
 */
static void
radix(struct item *item, struct item *spare, size_t n)
{
	struct item *from = item, *to = spare, *tmp;
	uint64_t differ = 0;
	size_t at[256], i, sum, c;
	unsigned shift, b;

	for (i = 1; i < n; i++)
		differ |= item[i].key ^ item[0].key;
	for (shift = 0; shift < 64; shift += 8) {
		if ((differ >> shift & 0xff) == 0)
			continue;
		memset(at, 0, sizeof(at));
		for (i = 0; i < n; i++)
			at[from[i].key >> shift & 0xff]++;
		for (b = 0, sum = 0; b < 256; b++) {
			c = at[b];
			at[b] = sum;
			sum += c;
		}
		for (i = 0; i < n; i++)
			to[at[from[i].key >> shift & 0xff]++] = from[i];
		tmp = from;
		from = to;
		to = tmp;
	}
	if (from != item)
		memcpy(item, from, n * sizeof(*item));
}

static int
cmp_rows(const struct sorter *s, const struct row *a, const struct row *b)
{
	struct value va, vb;
	int r;

	if (!get(s, a, &va))
		va.type = VAL_NONE;
	if (!get(s, b, &vb))
		vb.type = VAL_NONE;
	r = value_cmp(&va, &vb);
	return s->by->desc ? -r : r;
}

static void
insertion(const struct sorter *s, struct item *item, size_t n)
{
	struct item x;
	size_t i, j;

	for (i = 1; i < n; i++) {
		x = item[i];
		for (j = i; j > 0 && cmp_rows(s, item[j - 1].row, x.row) > 0;
		     j--)
			item[j] = item[j - 1];
		item[j] = x;
	}
}

static bool
in_order(const struct sorter *s, const struct item *item, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (cmp_rows(s, item[i - 1].row, item[i].row) > 0)
			return false;
	return true;
}

static void sort_text(const struct sorter *, struct item *, size_t, size_t);

/* Texts equal but for case: the order of strcmp(3), by merging. */
static void
merge_sort(const struct sorter *s, struct item *item, size_t n)
{
	struct item *left = s->spare;
	size_t half = n / 2, i = 0, j = half, k = 0;

	if (n <= SMALL_RUN) {
		insertion(s, item, n);
		return;
	}
	merge_sort(s, item, half);
	merge_sort(s, item + half, n - half);
	memcpy(left, item, half * sizeof(*left));
	while (i < half && j < n)
		if (cmp_rows(s, left[i].row, item[j].row) <= 0)
			item[k++] = left[i++];
		else
			item[k++] = item[j++];
	memcpy(item + k, left + i, (half - i) * sizeof(*item));
}

/* Runs of texts whose first off characters are equal, ignoring case: each run
 * is ordered by what follows. */
static void
sort_runs(const struct sorter *s, struct item *item, size_t n, size_t off)
{
	size_t i, j;

	for (i = 0; i < n; i = j) {
		for (j = i + 1; j < n && item[j].key == item[i].key; j++)
			;
		if (j - i <= SMALL_RUN)
			insertion(s, item + i, j - i);
		else if (!in_order(s, item + i, j - i))
			sort_text(s, item + i, j - i, off);
	}
}

static void
sort_text(const struct sorter *s, struct item *item, size_t n, size_t off)
{
	struct value v;
	bool more = false;
	size_t i;

	for (i = 0; i < n; i++) {
		/* Seven bits at least are free in the last character of a
		 * key that ends a text: it is NUL. */
		if ((item[i].key & 0xff) == (s->by->desc ? 0xff : 0)) {
			item[i].key = s->by->desc ? UINT64_MAX : 0;
			continue;
		}
		if (!s->by->col->get(item[i].row, s->ctx, &v))
			continue;
		item[i].key = key_text(v.s, off);
		more |= item[i].key != 0;
		if (s->by->desc)
			item[i].key = ~item[i].key;
	}
	if (!more) {
		merge_sort(s, item, n);
		return;
	}
	radix(item, s->spare, n);
	sort_runs(s, item, n, off + 8);
}

/* Reads the values; rows without one go behind the others. Returns how many
 * have one. *wide: an address that needs all words. */
static size_t
decorate(struct sorter *s, struct row **row, bool *wide)
{
	struct value v;
	size_t i, n = 0, none = 0;

	*wide = false;
	for (i = 0; i < s->n; i++) {
		if (i + AHEAD < s->n)
			fetch(row[i + AHEAD]);
		if (!get(s, row[i], &v)) {
			s->spare[none++].row = row[i];
			continue;
		}
		*wide |= v.type == VAL_ADDR && v.family != 4;
		s->item[n].key = key_of(&v, 0);
		if (s->by->desc && v.type != VAL_TEXT)
			s->item[n].key = ~s->item[n].key;
		s->item[n++].row = row[i];
	}
	memcpy(s->item + n, s->spare, none * sizeof(*s->item));
	return n;
}

struct text {
	const char *s;
	uint32_t at;
};

static int
text_cmp(const void *a, const void *b)
{
	const struct text *x = a, *y = b;
	struct value vx = { .type = VAL_TEXT, .s = x->s };
	struct value vy = { .type = VAL_TEXT, .s = y->s };

	return value_cmp(&vx, &vy);
}

/* The place of each text among the n; those that are equal share one. rank
 * has room for n. */
static void
rank_texts(struct text *text, uint32_t n, uint32_t *rank)
{
	uint32_t i, r = 0;

	if (n > 1)
		qsort(text, n, sizeof(*text), text_cmp);
	for (i = 0; i < n; i++) {
		if (i > 0 && text_cmp(&text[i - 1], &text[i]) != 0)
			r++;
		rank[text[i].at] = r;
	}
}

/* Keys are addresses of texts and become their places; false, and keys are
 * as before, if there are too many different ones. */
static bool
few_texts(struct sorter *s, size_t n)
{
	struct text text[TEXTS_MAX];
	uint32_t slot[TEXTS_MAX * 2], rank[TEXTS_MAX], ntexts = 0;
	size_t i, h, nslots = 64;

	while (nslots < nitems(slot) && nslots < n * 2)
		nslots *= 2;
	memset(slot, 0xff, nslots * sizeof(*slot));
	for (i = 0; i < n; i++) {
		h = hash_mix(s->item[i].key) & (nslots - 1);
		while (slot[h] != HASH_NONE &&
		       (uintptr_t)text[slot[h]].s != s->item[i].key)
			h = (h + 1) & (nslots - 1);
		if (slot[h] == HASH_NONE) {
			if (ntexts == TEXTS_MAX)
				break;
			text[ntexts].s =
			    (const char *)(uintptr_t)s->item[i].key;
			text[ntexts].at = ntexts;
			slot[h] = ntexts++;
		}
		s->item[i].key = slot[h];
	}
	if (i < n) {
		while (i-- > 0)
			s->item[i].key = (uintptr_t)text[s->item[i].key].s;
		return false;
	}
	rank_texts(text, ntexts, rank);
	for (i = 0; i < n; i++)
		s->item[i].key = s->by->desc ? ~(uint64_t)rank[s->item[i].key]
					     : rank[s->item[i].key];
	return true;
}

/* Keys are addresses of texts. */
static void
sort_texts(struct sorter *s, size_t n)
{
	uint64_t key;
	size_t i;

	if (few_texts(s, n)) {
		radix(s->item, s->spare, n);
		return;
	}
	for (i = 0; i < n; i++) {
		key = key_text((const char *)(uintptr_t)s->item[i].key, 0);
		s->item[i].key = s->by->desc ? ~key : key;
	}
	radix(s->item, s->spare, n);
	sort_runs(s, s->item, n, 8);
}

static void
rekey(struct sorter *s, size_t n, unsigned word)
{
	struct value v;
	size_t i;

	for (i = 0; i < n; i++) {
		if (i + AHEAD < n)
			fetch(s->item[i + AHEAD].row);
		s->item[i].key = 0;
		if (get(s, s->item[i].row, &v))
			s->item[i].key = key_of(&v, word);
		if (s->by->desc)
			s->item[i].key = ~s->item[i].key;
	}
}

void
view_sort_rows(struct row **row, size_t n, const struct view_sort *by,
    const struct view_ctx *ctx)
{
	struct sorter s = { .n = n, .by = by, .ctx = ctx };
	unsigned word;
	size_t i, nvalues;
	bool wide;

	if (n < 2)
		return;
	s.item = xreallocarray(NULL, n * 2, sizeof(*s.item));
	s.spare = s.item + n;
	nvalues = decorate(&s, row, &wide);
	if (by->col->type == VAL_TEXT)
		sort_texts(&s, nvalues);
	else if (wide)
		for (word = ADDR_WORDS; word-- > 0;) {
			rekey(&s, nvalues, word);
			radix(s.item, s.spare, nvalues);
		}
	else
		radix(s.item, s.spare, nvalues);
	for (i = 0; i < n; i++)
		row[i] = s.item[i].row;
	free(s.item);
}
