/* SPDX-License-Identifier: ISC */
/*
 * Answers -> words -> families. A family's confidence is the weight of what it
 * has in common with what was seen, of all that is known of it: a word that
 * was not seen counts as one that differs, half of one that differs is taken
 * away besides. So less seen is never more sure.
 */
#include "config.h"

#include "model/os_guess.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"

#define FLAG_SYN 2
#define FLAG_RST 4
#define FLAG_ACK 16
#define FLAG_ECE 64
#define FLAG_CWR 128

#define KIND_END  0
#define KIND_NOP  1
#define KIND_MSS  2
#define KIND_WS   3
#define KIND_SACK 4
#define KIND_TS   8

/* Of a family of which little is known all of it may be seen; that is little
 * still. Of its stack a neighbour may have as much in common. */
#define WEIGHT_MIN     80
#define LITERATURE_MAX 85

const char *
os_test_name(enum os_test t)
{
	static const char *const names[] = {
		[OS_SYN_FULL] = "syn-full",
		[OS_SYN_MSS] = "syn-mss",
		[OS_SYN_SMALL] = "syn-small",
		[OS_SYN_SACK] = "syn-sack",
		[OS_SYN_REVERSED] = "syn-reversed",
		[OS_SYN_BARE] = "syn-bare",
		[OS_SYN_ECN] = "syn-ecn",
		[OS_CLOSED] = "closed",
		[OS_ECHO] = "echo",
	};

	return names[t];
}

/* -- options --------------------------------------------------------------- */

/* What was found of a SYN-ACK's options. */
struct options {
	char order[OS_VALUE_MAX]; /* "MSTNW"; "-": none */
	int mss, scale;           /* -1: none */
	bool has_ts;
	uint32_t ts;
};

static uint32_t
be(const uint8_t *p, size_t n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

static void
take_option(struct options *o, uint8_t kind, const uint8_t *p, size_t len)
{
	static const struct {
		uint8_t kind, len;
		char letter;
	} known[] = {
		{ KIND_MSS, 4, 'M' },
		{ KIND_WS, 3, 'W' },
		{ KIND_SACK, 2, 'S' },
		{ KIND_TS, 10, 'T' },
	};
	size_t i, n = strlen(o->order);
	char letter = '?';

	for (i = 0; i < nitems(known); i++)
		if (known[i].kind == kind && known[i].len == len)
			letter = known[i].letter;
	if (letter == 'M')
		o->mss = (int)be(p + 2, 2);
	else if (letter == 'W')
		o->scale = p[2];
	else if (letter == 'T') {
		o->has_ts = true;
		o->ts = be(p + 2, 4);
	}
	o->order[n] = letter;
	o->order[n + 1] = '\0';
}

/* Reads as far as they make sense; '!' says that they do not. */
static void
read_options(struct options *o, const struct os_answer *a)
{
	size_t i = 0, n, len = a->nopt;
	const uint8_t *p = a->opt;

	*o = (struct options){ .mss = -1, .scale = -1 };
	if (len > OS_OPTIONS_MAX)
		len = OS_OPTIONS_MAX;
	while (i < len && (n = strlen(o->order)) + 2 < sizeof(o->order)) {
		if (p[i] == KIND_END || p[i] == KIND_NOP) {
			o->order[n] = p[i] == KIND_END ? 'E' : 'N';
			o->order[n + 1] = '\0';
			if (p[i++] == KIND_END)
				break;
		} else if (len - i < 2 || p[i + 1] < 2 || p[i + 1] > len - i) {
			o->order[n] = '!';
			o->order[n + 1] = '\0';
			break;
		} else {
			take_option(o, p[i], p + i, p[i + 1]);
			i += p[i + 1];
		}
	}
	if (o->order[0] == '\0')
		o->order[0] = '-';
}

/* -- words ----------------------------------------------------------------- */

static bool
is_syn_ack(const struct os_answer *a)
{
	return a->came && (a->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) ==
			      (FLAG_SYN | FLAG_ACK);
}

static bool
is_rst(const struct os_answer *a)
{
	return a->came && (a->flags & FLAG_RST) != 0;
}

static void
say(struct os_values *v, enum os_feature f, const char *word)
{
	(void)snprintf(v->word[f], sizeof(v->word[f]), "%s", word);
}

static void
say_num(struct os_values *v, enum os_feature f, unsigned n)
{
	(void)snprintf(v->word[f], sizeof(v->word[f]), "%u", n);
}

static unsigned
ttl_first(unsigned ttl)
{
	if (ttl <= 32)
		return 32;
	if (ttl <= 64)
		return 64;
	return ttl <= 128 ? 128 : 255;
}

static void
order_word(struct os_values *v, enum os_feature f, const struct os_answer *a)
{
	struct options o;

	if (!is_syn_ack(a))
		return;
	read_options(&o, a);
	say(v, f, o.order);
}

/* "45" if it is 45 segments, of their MSS or of the lesser one, with the
 * timestamp taken off or not; "no": it is no number of them. */
static void
segments_word(
    struct os_values *v, const struct os_answer *a, const struct options *o)
{
	int unit[4], theirs = o->mss > 0 ? o->mss : OS_MSS_SMALL,
		     least = theirs < OS_MSS_FULL ? theirs : OS_MSS_FULL;
	size_t i;

	unit[0] = theirs - 12;
	unit[1] = theirs;
	unit[2] = least - 12;
	unit[3] = least;
	for (i = o->has_ts ? 0 : 1; i < nitems(unit); i++)
		if (unit[i] > 0 && a->window != 0 && a->window % unit[i] == 0) {
			say_num(
			    v, OSF_SEGMENTS, (unsigned)(a->window / unit[i]));
			return;
		}
	say(v, OSF_SEGMENTS, "no");
}

static void
full_words(struct os_values *v, const struct os_seen *s)
{
	const struct os_answer *a = &s->answer[OS_SYN_FULL],
			       *small = &s->answer[OS_SYN_SMALL];
	struct options o, so;

	if (!is_syn_ack(a))
		return;
	read_options(&o, a);
	say_num(v, OSF_WINDOW, a->window);
	segments_word(v, a, &o);
	if (o.scale < 0)
		say(v, OSF_SCALE, "none");
	else
		say_num(v, OSF_SCALE, (unsigned)o.scale);
	if (!is_syn_ack(small))
		return;
	read_options(&so, small);
	if (so.mss < 0)
		say(v, OSF_MSS, "none");
	else if (so.mss == o.mss)
		say(v, OSF_MSS, "own");
	else
		say(v, OSF_MSS, so.mss <= OS_MSS_SMALL ? "ours" : "other");
}

/* The SYN-ACKs in the order they came in: how many. */
static size_t
by_time(const struct os_seen *s, const struct os_answer *ret[OS_NTESTS])
{
	const struct os_answer *a;
	size_t i, k, n = 0;

	for (i = OS_SYN_FULL; i <= OS_SYN_ECN; i++) {
		a = &s->answer[i];
		if (!is_syn_ack(a))
			continue;
		for (k = n++; k > 0 && ret[k - 1]->at_us > a->at_us; k--)
			ret[k] = ret[k - 1];
		ret[k] = a;
	}
	return n;
}

static void
id_word(struct os_values *v, const struct os_answer *const *a, size_t n)
{
	bool zero = true, same = true, counts = true;
	uint16_t step;
	size_t i;

	if (n < 3)
		return;
	for (i = 0; i < n; i++) {
		zero = zero && a[i]->id == 0;
		if (i == 0)
			continue;
		step = (uint16_t)(a[i]->id - a[i - 1]->id);
		/* Some count in the other order of bytes. */
		if (step > 256 && step % 256 == 0)
			step /= 256;
		same = same && step == 0;
		counts = counts && step > 0 && step < 1000;
	}
	say(v, OSF_ID,
	    zero     ? "zero"
	    : same   ? "same"
	    : counts ? "counts"
		     : "random");
}

/* RFC 9293 section 3.4.1 wants a clock of 4 us behind a hash of addresses and
 * ports: to us, who ask from different ports, it looks random. */
static void
isn_word(struct os_values *v, const struct os_answer *const *a, size_t n)
{
	bool same = true, counts = true, clocked = true;
	uint64_t us;
	uint32_t step;
	size_t i;

	if (n < 4)
		return;
	for (i = 1; i < n; i++) {
		step = a[i]->seq - a[i - 1]->seq;
		us = a[i]->at_us - a[i - 1]->at_us;
		same = same && step == 0;
		counts = counts && step < 1U << 24;
		clocked = clocked && us > 0 && step / us == 0 &&
			  step * UINT64_C(4) * 10 > us * 8 &&
			  step * UINT64_C(4) * 10 < us * 12;
	}
	say(v, OSF_ISN,
	    same      ? "same"
	    : clocked ? "clock"
	    : counts  ? "counts"
		      : "random");
}

static void
clock_word(struct os_values *v, const struct os_answer *const *a, size_t n)
{
	static const unsigned rates[] = { 2, 10, 64, 100, 200, 250, 500, 1000 };
	struct options o;
	uint32_t first = 0, last = 0, step;
	uint64_t from = 0, to = 0, hz;
	size_t i, seen = 0;

	for (i = 0; i < n; i++) {
		read_options(&o, a[i]);
		if (!o.has_ts)
			continue;
		if (seen++ == 0) {
			first = o.ts;
			from = a[i]->at_us;
		}
		last = o.ts;
		to = a[i]->at_us;
	}
	if (seen < 2 || to <= from)
		return;
	step = last - first;
	hz = step * UINT64_C(1000000) / (to - from);
	if (step == 0)
		say(v, OSF_CLOCK, "still");
	else
		say(v, OSF_CLOCK, "random");
	for (i = 0; i < nitems(rates); i++)
		/* A slow clock may just have ticked, or be about to. */
		if (step != 0 &&
		    (step + 2) * UINT64_C(1000000) / (to - from) >= rates[i] &&
		    hz <= rates[i] + rates[i] / 8 + (rates[i] < 64 ? 3 : 0)) {
			say_num(v, OSF_CLOCK, rates[i]);
			return;
		}
}

static void
syn_ack_words(struct os_values *v, const struct os_seen *s)
{
	const struct os_answer *a[OS_NTESTS], *ecn = &s->answer[OS_SYN_ECN],
					      *full = &s->answer[OS_SYN_FULL];
	struct options o;
	size_t n = by_time(s, a);

	if (n == 0)
		return;
	say_num(v, OSF_TTL, ttl_first(a[0]->ttl));
	if (s->family == 4) {
		say(v, OSF_DF, a[0]->df ? "yes" : "no");
		id_word(v, a, n);
	}
	isn_word(v, a, n);
	clock_word(v, a, n);
	if (v->word[OSF_CLOCK][0] == '\0' && is_syn_ack(full)) {
		read_options(&o, full);
		if (!o.has_ts)
			say(v, OSF_CLOCK, "none");
	}
	if (is_syn_ack(ecn))
		say(v, OSF_ECN,
		    (ecn->flags & FLAG_ECE) == 0   ? "no"
		    : (ecn->flags & FLAG_CWR) == 0 ? "yes"
						   : "reflects");
}

/* RFC 9293 section 3.5.2: to a SYN it has number 0 and acknowledges it. */
static void
rst_words(struct os_values *v, const struct os_seen *s)
{
	const struct os_answer *a = &s->answer[OS_CLOSED];

	if (!is_rst(a))
		return;
	say(v, OSF_RST,
	    (a->flags & FLAG_ACK) == 0  ? "no-ack"
	    : a->ack != a->sent_seq + 1 ? "other-ack"
	    : a->seq == 0               ? "zero"
					: "numbered");
	say_num(v, OSF_RST_WINDOW, a->window);
	say_num(v, OSF_RST_TTL, ttl_first(a->ttl));
	if (s->family == 4)
		say(v, OSF_RST_DF, a->df ? "yes" : "no");
}

static void
echo_words(struct os_values *v, const struct os_seen *s)
{
	const struct os_answer *a = &s->answer[OS_ECHO];

	if (!a->came)
		return;
	say_num(v, OSF_ECHO_TTL, ttl_first(a->ttl));
	say(v, OSF_ECHO_TOS,
	    a->tos == OS_ECHO_TOS ? "same"
	    : a->tos == 0         ? "zero"
				  : "other");
	if (s->family != 4)
		return;
	say(v, OSF_ECHO_DF, a->df ? "yes" : "no");
	say(v, OSF_ECHO_CODE,
	    a->code == OS_ECHO_CODE ? "same"
	    : a->code == 0          ? "zero"
				    : "other");
}

void
os_values_of(struct os_values *v, const struct os_seen *s)
{
	*v = (struct os_values){ .family = s->family };
	order_word(v, OSF_OPTIONS, &s->answer[OS_SYN_FULL]);
	order_word(v, OSF_REVERSED, &s->answer[OS_SYN_REVERSED]);
	order_word(v, OSF_MSS_ALONE, &s->answer[OS_SYN_MSS]);
	order_word(v, OSF_BARE, &s->answer[OS_SYN_BARE]);
	full_words(v, s);
	syn_ack_words(v, s);
	rst_words(v, s);
	echo_words(v, s);
}

/* -- guesses --------------------------------------------------------------- */

static unsigned
confidence(const struct os_family *f, const struct os_values *v)
{
	unsigned all = 0, same = 0, other = 0, least = WEIGHT_MIN, conf;
	const struct os_feature_def *d;
	size_t i;

	for (i = 0; i < OSF_N; i++) {
		d = &os_features[i];
		if (v->family == 6 && d->ip4) {
			least -= least > d->weight ? d->weight : least;
			continue;
		}
		if (f->want[i] == NULL)
			continue;
		all += d->weight;
		if (v->word[i][0] == '\0')
			continue;
		if (os_word_is(f->want[i], v->word[i]))
			same += d->weight;
		else
			other += d->weight;
	}
	if (all < least)
		all = least;
	if (all == 0 || 2 * same <= other)
		return 0;
	conf = 100 * (2 * same - other) / (2 * all);
	return f->measured ? conf : conf * LITERATURE_MAX / 100;
}

size_t
os_guess(const struct os_values *v, struct os_match ret[OS_MATCHES_MAX])
{
	const struct os_family *f;
	size_t k, n = 0;
	unsigned conf;

	for (f = os_families; f->name != NULL; f++) {
		conf = confidence(f, v);
		if (conf < OS_CONF_MIN ||
		    (n == OS_MATCHES_MAX && conf <= ret[n - 1].conf))
			continue;
		if (n < OS_MATCHES_MAX)
			n++;
		for (k = n - 1; k > 0 && ret[k - 1].conf < conf; k--)
			ret[k] = ret[k - 1];
		ret[k] = (struct os_match){ .family = f, .conf = conf };
	}
	return n;
}

/* -- what else it says ----------------------------------------------------- */

static const struct os_answer *
first_answer(const struct os_seen *s)
{
	size_t i;

	for (i = 0; i < OS_NTESTS; i++)
		if (s->answer[i].came)
			return &s->answer[i];
	return NULL;
}

unsigned
os_ttl_of(const struct os_seen *s)
{
	const struct os_answer *a = first_answer(s);

	return a == NULL ? 0 : ttl_first(a->ttl);
}

int
os_distance(const struct os_seen *s)
{
	const struct os_answer *a = first_answer(s);

	if (a == NULL)
		return -1;
	return s->local ? 0 : (int)(ttl_first(a->ttl) - a->ttl) + 1;
}

static void
put_tcp(struct buf *b, const struct os_answer *a)
{
	struct options o;

	read_options(&o, a);
	buf_printf(b, "%s%s%s%s%s win %u opt %s",
	    (a->flags & FLAG_SYN) != 0 ? " SYN" : "",
	    (a->flags & FLAG_RST) != 0 ? " RST" : "",
	    (a->flags & FLAG_ACK) != 0 ? " ACK" : "",
	    (a->flags & FLAG_ECE) != 0 ? " ECE" : "",
	    (a->flags & FLAG_CWR) != 0 ? " CWR" : "", a->window, o.order);
	if (o.mss >= 0)
		buf_printf(b, " mss %d", o.mss);
	if (o.scale >= 0)
		buf_printf(b, " scale %d", o.scale);
	if (o.has_ts)
		buf_printf(b, " ts %u", o.ts);
	buf_printf(b, " seq %u", a->seq);
}

void
os_seen_put(struct buf *b, const struct os_seen *s)
{
	const struct os_answer *a;
	size_t i;

	for (i = 0; i < OS_NTESTS; i++) {
		a = &s->answer[i];
		if (!a->came)
			continue;
		buf_printf(b, "%s%s: ttl %u", b->len > 0 ? "; " : "",
		    os_test_name((enum os_test)i), a->ttl);
		if (s->family == 4)
			buf_printf(b, " id %u%s", a->id, a->df ? " DF" : "");
		if (i == OS_ECHO)
			buf_printf(b, " tos %u code %u", a->tos, a->code);
		else
			put_tcp(b, a);
	}
}
