/* SPDX-License-Identifier: ISC */
#ifndef APP_SCAN_NMAP_FIND_H
#define APP_SCAN_NMAP_FIND_H

/*
 * Where nmap is: the first of PATH's absolute directories that has it (with
 * more rights than the caller has: of those of the system). One that others
 * than root or its user could have put there is refused: what it prints is
 * read, and what it does is done with the rights of whoever scans.
 *
 * The path, the caller's to free; NULL and a sentence: if it is not installed,
 * with the command that installs it on this distribution.
 */
char *scan_nmap_find(char **cause);

#endif
