/* SPDX-License-Identifier: ISC */
#ifndef APP_AUDIT_PROBE_H
#define APP_AUDIT_PROBE_H

#include "model/audit.h"

/*
 * Each listener of an audit that can be asked is asked what it is: one worker
 * (app/scan_job.h), safe checks among the questions. Waits for it; Ctrl-C ends
 * it. watched: how far it is stands on standard error.
 */
struct audit_probed {
	size_t asked, told;
	bool interrupted;
	char *cause; /* why not all were told; owned; NULL: all were */
};
void audit_probe(struct audit *, bool watched, struct audit_probed *ret);

#endif
