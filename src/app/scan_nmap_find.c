/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "app/scan_nmap_find.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/secure.h"
#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"

#define SYSTEM_PATH                                                          \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/" \
	"current-system/sw/bin"

/* -- what installs it -------------------------------------------------------- */

static const struct {
	const char *id; /* in ID or ID_LIKE of os-release(5) */
	const char *command;
} installers[] = {
	{ "debian", "apt install nmap" },
	{ "ubuntu", "apt install nmap" },
	{ "fedora", "dnf install nmap" },
	{ "rhel", "dnf install nmap" },
	{ "arch", "pacman -S nmap" },
	{ "alpine", "apk add nmap nmap-scripts" },
	{ "suse", "zypper install nmap" },
	{ "opensuse", "zypper install nmap" },
	{ "gentoo", "emerge net-analyzer/nmap" },
	{ "void", "xbps-install nmap" },
};

/* Whether an unquoted or quoted list of words has this one. */
static bool
has_word(const char *list, const char *word)
{
	const size_t n = strlen(word);
	const char *p;

	for (p = list; (p = strstr(p, word)) != NULL; p++)
		if ((p == list || strchr(" =\"'", p[-1]) != NULL) &&
		    strchr(" \"'\r\n", p[n]) != NULL) /* or its end */
			return true;
	return false;
}

static const char *
installer(void)
{
	const char *ret = NULL;
	char line[512];
	size_t i;
	FILE *f = fopen("/etc/os-release", "re");

	if (f == NULL)
		return NULL;
	while (ret == NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "ID=", 3) != 0 &&
		    strncmp(line, "ID_LIKE=", 8) != 0)
			continue;
		for (i = 0; i < nitems(installers) && ret == NULL; i++)
			if (has_word(line, installers[i].id))
				ret = installers[i].command;
	}
	(void)fclose(f); /* only read */
	return ret;
}

/* -- where it is ------------------------------------------------------------- */

static bool
is_ours(const struct stat *st)
{
	return (st->st_uid == 0 || st->st_uid == geteuid()) &&
	       (st->st_mode & S_IWOTH) == 0;
}

/* Of the file itself, and of where it is: behind links. */
static bool
is_safe(const char *path)
{
	char real[PATH_MAX], *slash;
	struct stat st;

	if (realpath(path, real) == NULL || stat(real, &st) != 0 ||
	    !is_ours(&st))
		return false;
	slash = strrchr(real, '/');
	slash[slash == real] = '\0';
	return stat(real, &st) == 0 && is_ours(&st);
}

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       access(path, X_OK) == 0;
}

static void
refuse(const char *path, char **cause)
{
	char *clean = text_clean(path, strlen(path));

	xasprintf(cause,
	    "%s is not run: others than root and you may change it, or what "
	    "is beside it",
	    clean);
	free(clean);
}

char *
scan_nmap_find(char **cause)
{
	const char *p = secure_raised() ? NULL : getenv("PATH"), *command;
	struct stat dir;
	char *path, *first;
	size_t n;

	if (p == NULL)
		p = SYSTEM_PATH;
	for (; *p != '\0'; p += n + (p[n] == ':')) {
		n = strcspn(p, ":");
		if (*p != '/')
			continue;
		first = xstrndup(p, n);
		xasprintf(&path, "%s/nmap", first);
		if (is_program(path)) {
			if (stat(first, &dir) == 0 && is_ours(&dir) &&
			    is_safe(path)) {
				free(first);
				return path;
			}
			refuse(path, cause);
			free(first);
			free(path);
			return NULL;
		}
		free(first);
		free(path);
	}
	command = installer();
	xasprintf(cause, "nmap is not installed%s%s",
	    command != NULL ? ": as root, " : " (https://nmap.org)",
	    command != NULL ? command : "");
	return NULL;
}
