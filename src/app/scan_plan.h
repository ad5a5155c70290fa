/* SPDX-License-Identifier: ISC */
#ifndef APP_SCAN_PLAN_H
#define APP_SCAN_PLAN_H

#include "cli/args.h"
#include "model/scan_ports.h"
#include "model/scan.h"

/*
 * From what was typed after `scan` to what the worker is asked: the command
 * line's and the deck's. Files are read, ports are numbers, every word was
 * looked at; names are the worker's to look up.
 */
struct scan_plan {
	struct scan_spec spec;
	struct scan_ports *ports; /* owned; NULL: no ports are looked at */
	uint64_t hosts;           /* at most; a name counts as one */
	/* Ports were named one by one, and are few: those that are closed are
	 * asked after, too. */
	bool few_ports;
};

/* More addresses than these are scanned only after a question, or -y. */
#define SCAN_PLAN_ASK 65536

/* 0, or enum status (usage, failed) and a sentence. Always to be done. The
 * targets of --self are the caller's to add. */
int scan_plan_build(struct scan_plan *, const struct args *, char **cause);
/* --resume: what is left of a scan (copied) in place of what was planned, which
 * may be nothing (all zero); what the arguments say of its pace goes for it.
 * Enum status and a sentence. */
int scan_plan_resume(struct scan_plan *, const struct args *,
    const struct scan_spec *left, char **cause);
void scan_plan_done(struct scan_plan *);
/* "sockdeck scan -p- 'a b'", clean: for -oX, --json. The caller's to free. */
char *scan_plan_command(const struct args *);
/* Whether it is said which ports. */
bool scan_plan_names_ports(const struct args *);
/* --exclude-ports: takes them out. protos: enum scan_proto, which are meant
 * where none is named. 0, or -EINVAL and a sentence. */
int scan_plan_omit_ports(
    struct scan_ports *, const struct args *, unsigned protos, char **cause);

#endif
