/* SPDX-License-Identifier: ISC */
/* Any words may be asked for; what is answered is clean and has an end. */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "model/explain.h"

#define WORDS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check(const char *what, const char *text)
{
	if (text == NULL || !text_is_clean(text, strlen(text))) {
		fprintf(stderr, "%s: '%s'\n", what, text != NULL ? text : "-");
		abort();
	}
}

static void
check_port(const char *word)
{
	struct explain_port p;
	char *cause = NULL;
	int r = explain_port_parse(word, &p, &cause);

	if ((r < 0) != (cause != NULL) ||
	    (r == 1 && (p.hi < p.lo ||
			   (p.proto != 0 && p.proto != 6 && p.proto != 17))))
		abort();
	free(cause);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *word[WORDS_MAX];
	struct explain e = { 0 };
	char *text = xmalloc(len + 1), *cause = NULL, *s, *save = NULL;
	size_t n = 0, i, k;
	int r;

	memcpy(text, data, len);
	text[len] = '\0';
	for (s = strtok_r(text, "\n", &save); s != NULL && n < WORDS_MAX;
	     s = strtok_r(NULL, "\n", &save)) {
		check_port(s);
		word[n++] = s;
	}
	r = explain_ask(&e, word, n, NULL, &cause);
	if (r != 0)
		check("cause", cause);
	for (i = 0; i < e.nunknown; i++)
		check("unknown", e.unknown[i]);
	for (i = 0; i < e.n; i++) {
		check("name", e.answer[i].name);
		check("title", e.answer[i].title);
		for (k = 0; k < e.answer[i].n; k++)
			check("line", e.answer[i].line[k].text);
	}
	free(cause);
	explain_done(&e);
	free(text);
	return 0;
}
