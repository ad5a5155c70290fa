/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_PROC_STATUS_H
#define COLLECT_PROC_STATUS_H

#include "model/audit.h"

/* /proc/PID/status of this very process (pid and start time): what bounds it.
 * Left unknown where it is gone, or the file does not say all. */
void proc_status_read(const struct proc *, struct audit_process *ret);
/* The file's text, terminated; false: it does not say all. */
bool proc_status_parse(const char *, struct audit_process *ret);

#endif
