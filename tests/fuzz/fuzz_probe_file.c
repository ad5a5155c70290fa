/* SPDX-License-Identifier: ISC */
/*
 * A probe file, and an answer behind a line "%%": no input harms, a file that
 * is refused leaves nothing, what is said of an answer is clean and bounded.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "know/state.h"
#include "model/probe_file.h"

#define ASKS_MAX 20

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
check_text(const char *s, size_t size)
{
	must(memchr(s, '\0', size) != NULL && text_is_clean(s, strlen(s)));
}

static void
check_info(const struct service_info *i)
{
	check_text(i->name, sizeof(i->name));
	check_text(i->product, sizeof(i->product));
	check_text(i->version, sizeof(i->version));
	check_text(i->extra, sizeof(i->extra));
	check_text(i->host, sizeof(i->host));
	check_text(i->os, sizeof(i->os));
	check_text(i->device, sizeof(i->device));
	check_text(i->cpe, sizeof(i->cpe));
	check_text(i->how, sizeof(i->how));
}

static void
ask(const struct probe_files *f, const struct probe_def *d,
    const uint8_t *answer, size_t len)
{
	struct service_info info;
	bool soft = false, hard;

	service_init(&info);
	hard = probe_files_match(f, d, answer, len, false, &info, &soft);
	must(!hard || !soft);
	must((info.name[0] != '\0' && info.how[0] != '\0') || (!hard && !soft));
	check_info(&info);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = memmem(data, size, "\n%%\n", 4), *answer;
	size_t n = cut == NULL ? size : (size_t)(cut - data), len, i;
	struct probe_files *f = probe_files_new();
	const struct probe_def *d;
	char *cause = NULL;

	answer = cut == NULL ? data : cut + 4;
	len = cut == NULL ? size : size - n - 4;
	if (probe_files_add(f, (const char *)data, n, "probes", &cause) < 0) {
		must(cause != NULL && text_is_clean(cause, strlen(cause)));
		must(probe_files_count(f) == 0 && probe_files_lines(f) == 0);
	} else
		must(cause == NULL);
	free(cause);
	ask(f, NULL, answer, len);
	for (i = 0; i < ASKS_MAX && i < probe_files_count(f); i++) {
		d = probe_files_at(f, i);
		must(d != NULL && d->rarity <= 9);
		(void)probe_def_wants(f, d, (uint16_t)size, (size & 1) != 0);
		ask(f, d, answer, len);
	}
	(void)probe_files_excluded(f, SOCK_TCP, (uint16_t)size);
	must(probe_files_skipped(f) <= probe_files_lines(f));
	probe_files_free(f);
	return 0;
}
