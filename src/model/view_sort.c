/* SPDX-License-Identifier: ISC */
/*
 * Sorting rows by one column: each value is read once and made into a 64-bit
 * key that sorts as the value does; the keys are sorted byte by byte, bytes
 * in which none differ left out. Longer values take several keys: addresses
 * from the last to the first, text from the first on within what is equal so
 * far. A hundred thousand rows must not be felt.
 */
#include "config.h"

#include "model/view_sort.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"

/* Runs shorter than this are sorted by insertion. */
#define SMALL_RUN 24
/* Address: family and 16 bytes and port do not fit one key. */
#define ADDR_WORDS 3

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
		return key_text(v->s, 0);
	case VAL_ADDR:
		return key_addr(v, word);
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
		if (!get(s, row[i], &v)) {
			s->spare[none++].row = row[i];
			continue;
		}
		*wide |= v.type == VAL_ADDR && v.family != 4;
		s->item[n].key = key_of(&v, 0);
		if (s->by->desc)
			s->item[n].key = ~s->item[n].key;
		s->item[n++].row = row[i];
	}
	memcpy(s->item + n, s->spare, none * sizeof(*s->item));
	return n;
}

static void
rekey(struct sorter *s, size_t n, unsigned word)
{
	struct value v;
	size_t i;

	for (i = 0; i < n; i++) {
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
	if (wide)
		for (word = ADDR_WORDS; word-- > 0;) {
			rekey(&s, nvalues, word);
			radix(s.item, s.spare, nvalues);
		}
	else
		radix(s.item, s.spare, nvalues);
	if (by->col->type == VAL_TEXT)
		sort_runs(&s, s.item, nvalues, 8);
	for (i = 0; i < n; i++)
		row[i] = s.item[i].row;
	free(s.item);
}
