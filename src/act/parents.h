/* SPDX-License-Identifier: ISC */
#ifndef ACT_PARENTS_H
#define ACT_PARENTS_H

#include "base/procfs.h"
#include "model/act.h"

/*
 * What a process does for another: forwards a port to a container, or keeps
 * one running; and who keeps it running itself. By names and command lines,
 * which are these programs' own.
 *
 * st is the process's; fills facts->forwards, container, supervisor,
 * supervisor_stop. *cmdline: its command line, clean, the caller's; NULL: not
 * readable. facts->parent and parent_comm must be known.
 */
void parents_read(int proc_fd, pid_t, const struct procfs_stat *st,
    struct act_facts *, char **cmdline);

#endif
