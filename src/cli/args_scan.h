/* SPDX-License-Identifier: ISC */
#ifndef CLI_ARGS_SCAN_H
#define CLI_ARGS_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* What `scan` was asked for (args_scan.c), as typed: what its texts mean is
 * said by model/target.h and model/scan_ports.h. Texts are argv's. */
enum scan_sandbox {
	SCAN_SANDBOX_AUTO, /* as root it must be whole */
	SCAN_SANDBOX_REQUIRE,
	SCAN_SANDBOX_OFF
};
enum scan_engine_of {
	SCAN_ENGINE_SOCKDECK, /* nmap only for scripts of its own */
	SCAN_ENGINE_NMAP,     /* all of it */
	SCAN_ENGINE_BOTH      /* nmap is asked what is behind ports, too */
};
struct args_scan {
	unsigned how; /* enum scan_how; 0: not said */
	bool no_ping, fast, in_order, reason, only_open, self, force;
	bool services;  /* -sV */
	bool all_of_it; /* -A: likewise, with checks and all that was seen */
	bool systems;   /* -O */
	bool os_limit, os_guess;
	int intensity; /* 0 .. 9; -1: not given */
	bool no_dns, all_dns, seeded;
	unsigned verbose;
	int timing, max_retries; /* -1: not given */
	enum scan_sandbox sandbox;
	/* 0: not given */
	uint64_t top, min_rate, max_rate, max_parallel;
	uint64_t host_timeout_ns, stats_ns;
	uint64_t seed;
	uint32_t shard, nshards;
	/* NULL: not given */
	const char *ports, *exclude_ports, *list, *exclude, *exclude_file;
	enum scan_engine_of engine;
	const char *script; /* what of it is ours: args_scan_checks() */
	const char *script_args;
	const char *probes;
	const char *resume, *merge; /* merge: the first; others are words */
	const char *normal, *xml, *grepable, *all; /* -oN -oX -oG -oA */
};

/* What is behind open ports is asked for; and what is wrong with it. */
bool args_scan_services(const struct args_scan *);
bool args_scan_checks(const struct args_scan *);
/* Which system a host runs is asked for. */
bool args_scan_systems(const struct args_scan *);
/* Adds what of --script is nmap's, "vuln,http-title": all but "safe", which is
 * ours unless all is nmap's; nothing, if there is none. False: a name is
 * missing between commas. */
bool args_scan_scripts(const struct args_scan *, struct buf *);

#endif
