/* SPDX-License-Identifier: ISC */
/* Where `scan` writes: standard output and the files of -oN, -oX, -oG, -oA. */
#include "config.h"

#include "app/scan_outs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/log.h"
#include "base/xmalloc.h"
#include "cli/out.h"

bool
scan_outs_terminal(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) == 1 && term != NULL && strcmp(term, "dumb") != 0;
}

bool
scan_outs_colour(const struct config *cfg, int fd)
{
	const int when = cfg->opt.colour;
	const char *no = getenv("NO_COLOR");

	if (when != 0)
		return when == 1;
	return scan_outs_terminal(fd) && (no == NULL || *no == '\0');
}

/*
 * Takes a file for us alone and empties it; what is none is nobody's alone.
 * Whoever holds it may be another output of ours, by another spelling of its
 * name, the journal, or another scan. A file system without locks has none.
 */
static int
take_hold(int fd)
{
	struct stat st, out;

	if (fstat(fd, &st) == -1)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return 0;
	if (fstat(STDOUT_FILENO, &out) == 0 && out.st_dev == st.st_dev &&
	    out.st_ino == st.st_ino)
		return -EBUSY;
	if (flock(fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK)
		return -EBUSY;
	return ftruncate(fd, 0) == -1 ? -errno : 0;
}

static int
add_file(struct scan_outs *s, struct out_scan *out, char *path,
    const struct out_scan_form *form, bool colour)
{
	int fd, r;

	if (strcmp(path, "-") == 0) {
		free(path);
		out_scan_add(out, stdout, "standard output", form, colour);
		return 0;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	r = fd == -1 ? -errno : take_hold(fd);
	if (r != 0) {
		out_error("%s: %s", path,
		    r == -EBUSY ? "another scan is writing to it, or another "
				  "output of this one"
				: strerror(-r));
		if (fd != -1)
			(void)close(fd); /* nothing was written */
		free(path);
		return r;
	}
	s->file[s->n] = fdopen(fd, "w");
	if (s->file[s->n] == NULL)
		fatal("fdopen: %s", strerror(errno));
	s->path[s->n] = path;
	out_scan_add(out, s->file[s->n++], path, form, false);
	return 0;
}

static char *
with_ending(const char *base, const char *ending)
{
	char *path;

	xasprintf(&path, "%s%s", base, ending);
	return path;
}

static bool
is_stdout(const char *path)
{
	return path != NULL && strcmp(path, "-") == 0;
}

static const struct out_scan_form *
stdout_form(const struct args *a)
{
	if (a->format == OUT_JSON)
		return &out_scan_json;
	if (a->format == OUT_JSONL)
		return &out_scan_jsonl;
	if (is_stdout(a->scan.xml) || is_stdout(a->scan.grepable) ||
	    is_stdout(a->scan.normal))
		return NULL; /* by its option */
	return &out_scan_text;
}

int
scan_outs_open(struct scan_outs *s, struct out_scan *out,
    const struct args *args, const struct config *cfg)
{
	const struct args_scan *a = &args->scan;
	const bool colour = scan_outs_colour(cfg, STDOUT_FILENO);
	const struct {
		const char *path, *ending;
		const struct out_scan_form *form;
	} t[] = {
		{ a->normal, "", &out_scan_text },
		{ a->xml, "", &out_scan_xml },
		{ a->grepable, "", &out_scan_grepable },
		{ a->all, ".nmap", &out_scan_text },
		{ a->all, ".xml", &out_scan_xml },
		{ a->all, ".gnmap", &out_scan_grepable },
	};
	const struct out_scan_form *form = stdout_form(args);
	size_t i;

	if (form != NULL)
		out_scan_add(out, stdout, "standard output", form, colour);
	for (i = 0; i < nitems(t); i++)
		if (t[i].path != NULL &&
		    add_file(s, out, with_ending(t[i].path, t[i].ending),
			t[i].form, colour) != 0)
			return STATUS_FAILED;
	return STATUS_OK;
}

int
scan_outs_close(struct scan_outs *s, struct out_scan *out)
{
	int status = STATUS_OK;
	size_t i;

	out_scan_done(out);
	for (i = 0; i < s->n; i++) {
		errno = 0;
		if (fclose(s->file[i]) != 0) {
			out_error(
			    "cannot write %s: %s", s->path[i], strerror(errno));
			status = STATUS_FAILED;
		}
		free(s->path[i]);
	}
	return status;
}
