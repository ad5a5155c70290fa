/* SPDX-License-Identifier: ISC */
/* Parsers of /proc's tables of numbers. No input or output here. */
#include "config.h"

#include "collect/pressure_text.h"

#include <string.h>

/* A part of a text that others wrote. */
struct part {
	const char *s;
	size_t len;
};

/* The next line, without its end; false: there is none. */
static bool
next_line(struct part *text, struct part *line)
{
	const char *nl;

	if (text->len == 0)
		return false;
	nl = memchr(text->s, '\n', text->len);
	line->s = text->s;
	line->len = nl == NULL ? text->len : (size_t)(nl - text->s);
	text->s += line->len + (nl != NULL);
	text->len -= line->len + (nl != NULL);
	return true;
}

static bool
next_word(struct part *line, struct part *word)
{
	while (line->len > 0 && (*line->s == ' ' || *line->s == '\t')) {
		line->s++;
		line->len--;
	}
	word->s = line->s;
	while (line->len > 0 && *line->s != ' ' && *line->s != '\t' &&
	       *line->s != '\n') {
		line->s++;
		line->len--;
	}
	word->len = (size_t)(line->s - word->s);
	return word->len > 0;
}

static bool
is(const struct part *word, const char *name)
{
	return word->len == strlen(name) &&
	       memcmp(word->s, name, word->len) == 0;
}

/* "TcpExt:" as a line's first word. */
static bool
is_group(struct part *line, const char *group)
{
	struct part word;

	if (!next_word(line, &word) || word.s[word.len - 1] != ':')
		return false;
	word.len--;
	return is(&word, group);
}

static bool
number(const struct part *word, unsigned base, uint64_t *ret)
{
	uint64_t v = 0, digit;
	size_t i;
	char c;

	if (word->len == 0)
		return false;
	for (i = 0; i < word->len; i++) {
		c = word->s[i];
		if (c >= '0' && c <= '9')
			digit = (uint64_t)(c - '0');
		else if (base == 16 && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (uint64_t)((c | 0x20) - 'a') + 10;
		else
			return false;
		/* The last value stands for "not known". */
		if (v > (UINT64_MAX - 1 - digit) / base)
			return false;
		v = v * base + digit;
	}
	*ret = v;
	return true;
}

bool
pressure_text_sockstat(const char *s, size_t len, const char *group,
    const char *name, uint64_t *ret)
{
	struct part text = { s, len }, line, word;

	while (next_line(&text, &line)) {
		if (!is_group(&line, group))
			continue;
		while (next_word(&line, &word)) {
			if (!is(&word, name))
				continue;
			return next_word(&line, &word) &&
			       number(&word, 10, ret);
		}
		return false;
	}
	return false;
}

bool
pressure_text_netstat(const char *s, size_t len, const char *group,
    const char *name, uint64_t *ret)
{
	struct part text = { s, len }, names, values, word, value;

	while (next_line(&text, &names)) {
		if (!is_group(&names, group))
			continue;
		if (!next_line(&text, &values) || !is_group(&values, group))
			return false;
		while (next_word(&names, &word) && next_word(&values, &value))
			if (is(&word, name))
				return number(&value, 10, ret);
		return false;
	}
	return false;
}

bool
pressure_text_stat(
    const char *s, size_t len, const char *name, bool sum, uint64_t *ret)
{
	struct part text = { s, len }, line, word;
	size_t column = 0, i;
	uint64_t total = 0, v;
	bool found = false;

	if (!next_line(&text, &line))
		return false;
	while (next_word(&line, &word) && !is(&word, name))
		column++;
	if (!is(&word, name))
		return false;
	while (next_line(&text, &line)) {
		for (i = 0; next_word(&line, &word) && i < column; i++)
			;
		if (word.len == 0 || !number(&word, 16, &v) ||
		    total > UINT64_MAX - 1 - v)
			return false;
		total += v;
		found = true;
		if (!sum)
			break;
	}
	if (found)
		*ret = total;
	return found;
}

size_t
pressure_text_numbers(const char *s, size_t len, uint64_t *ret, size_t max)
{
	struct part line = { s, len }, word;
	size_t n = 0;

	while (n < max && next_word(&line, &word)) {
		if (!number(&word, 10, &ret[n]))
			break;
		n++;
	}
	return n;
}

bool
pressure_text_nofile(const char *s, size_t len, uint64_t *ret)
{
	static const char label[] = "Max open files";
	struct part text = { s, len }, line, word;

	while (next_line(&text, &line)) {
		if (line.len < sizeof(label) - 1 ||
		    memcmp(line.s, label, sizeof(label) - 1) != 0)
			continue;
		line.s += sizeof(label) - 1;
		line.len -= sizeof(label) - 1;
		if (!next_word(&line, &word))
			return false;
		if (is(&word, "unlimited")) {
			*ret = UINT64_MAX - 1;
			return true;
		}
		return number(&word, 10, ret);
	}
	return false;
}
