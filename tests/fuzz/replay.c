/* SPDX-License-Identifier: ISC */
/*
 * Runs a fuzz target over its corpus, as a plain test: every file of
 * $SRCDIR/tests/fuzz/corpus/NAME, and each cut short at a few places.
 */
#include "config.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL, *cut;
	size_t n = 0, cap = 0, got, i, step;

	if (f == NULL) {
		perror(path);
		return -1;
	}
	do {
		data = realloc(data, cap += 65536);
		if (data == NULL)
			abort();
		got = fread(data + n, 1, cap - n, f);
		n += got;
	} while (got > 0);
	fclose(f);
	LLVMFuzzerTestOneInput(data, n);
	/* Truncations, each in a block of its exact size so that ASan sees a
	 * read one past the end. */
	step = n > 256 ? n / 128 : 1;
	for (i = 0; i < n; i += step) {
		cut = malloc(i > 0 ? i : 1);
		if (cut == NULL)
			abort();
		memcpy(cut, data, i);
		LLVMFuzzerTestOneInput(cut, i);
		free(cut);
	}
	free(data);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *srcdir = getenv("SRCDIR"), *name;
	char dir[4096], path[8192];
	struct dirent *e;
	DIR *d;
	int n = 0;

	if (argc > 1) {
		for (n = 1; n < argc; n++)
			if (replay_file(argv[n]) != 0)
				return 1;
		return 0;
	}
	name = strrchr(argv[0], '/');
	name = name == NULL ? argv[0] : name + 1;
	if (strncmp(name, "lt-", 3) == 0)
		name += 3;
	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s",
	    srcdir == NULL ? "." : srcdir, name);
	d = opendir(dir);
	if (d == NULL) {
		perror(dir);
		return 99;
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (replay_file(path) != 0)
			return 1;
		n++;
	}
	closedir(d);
	if (n == 0) {
		fprintf(stderr, "%s: empty corpus\n", dir);
		return 99;
	}
	printf("%d inputs replayed\n", n);
	return 0;
}
