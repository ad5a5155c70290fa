/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_OS_RELEASE_H
#define COLLECT_OS_RELEASE_H

#include <stddef.h>

/* NAME of /etc/os-release (os-release(5)): "Debian GNU/Linux"; clean, the
 * caller's; NULL: it is not told. */
char *os_release_name(void);
/* The same of the file's text. */
char *os_release_parse(const char *, size_t len);

#endif
