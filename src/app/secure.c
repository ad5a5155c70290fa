/* SPDX-License-Identifier: ISC */
/*
 * Starting safely: descriptors, identity, environment. ncurses obeys
 * TERMINFO under file capabilities (AT_SECURE only stops it for set-user-ID
 * files), so what names files is removed here.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "app/secure.h"
#include "base/xmalloc.h"

extern char **environ;

int
secure_fds(void)
{
	int fd, want;

	for (want = 0; want <= 2; want++) {
		if (fcntl(want, F_GETFD) != -1)
			continue;
		/* Closed output stays unwritable, so that writing it fails
		 * and is told; messages just vanish. */
		fd = open("/dev/null", want == 2 ? O_WRONLY : O_RDONLY);
		if (fd == -1)
			return -errno;
		if (fd != want)
			return -EBADF; /* open takes the lowest */
	}
	return 0;
}

int
secure_ids(char **cause)
{
	if (getuid() == geteuid() && getgid() == getegid())
		return 0;
	xasprintf(cause, "refusing to run set-user-ID or set-group-ID: "
			 "use sudo, or file capabilities");
	return -EPERM;
}

bool
secure_raised(void)
{
	return getauxval(AT_SECURE) != 0;
}

void
secure_env(void)
{
	static const char *const names[] = { "TERMINFO", "TERMINFO_DIRS",
		"TERMCAP", "TERMPATH", "LOCPATH", "NLSPATH",
		"UV_THREADPOOL_SIZE", NULL };
	char name[64];
	size_t i, n;

	if (!secure_raised() && (getenv("SUDO_UID") == NULL || geteuid() != 0))
		return;
	for (i = 0; names[i] != NULL; i++)
		(void)unsetenv(names[i]);
	for (i = 0; environ != NULL && environ[i] != NULL;) {
		n = strcspn(environ[i], "=");
		if (strncmp(environ[i], "NCURSES_", 8) != 0 ||
		    n >= sizeof(name)) {
			i++;
			continue;
		}
		memcpy(name, environ[i], n);
		name[n] = '\0';
		(void)unsetenv(name); /* moves the rest up */
	}
}
