/* SPDX-License-Identifier: ISC */
/* What is looked at, and how much each thing tells: what an administrator or
 * a link may change (scale, window, TTL) less than what is built in. */
#include "config.h"

#include "know/os_family.h"

#include <stddef.h>
#include <string.h>

const struct os_feature_def os_features[OSF_N] = {
	[OSF_OPTIONS] = { "options",
	    "TCP options of a SYN-ACK in their order: M maximum segment size, "
	    "N padding, W window scale, S SACK, T timestamp, E end; -: none",
	    24, false },
	[OSF_REVERSED] = { "options-reversed",
	    "the same, asked for in another order", 6, false },
	[OSF_MSS_ALONE] = { "options-mss",
	    "options of the answer to a SYN that has only the MSS", 6, false },
	[OSF_BARE] = { "options-bare",
	    "options of the answer to a SYN that has none", 6, false },
	[OSF_SCALE] = { "scale", "shift of the window; none", 4, false },
	[OSF_WINDOW] = { "window", "of a SYN-ACK, in bytes", 5, false },
	[OSF_SEGMENTS] = { "segments",
	    "the window in segments; no: not a number of them", 9, false },
	[OSF_MSS] = { "mss",
	    "the MSS that answers one of 536: own, ours, other, none", 4,
	    false },
	[OSF_TTL] = { "ttl", "that a SYN-ACK was sent with: 32, 64, 128, 255",
	    12, false },
	[OSF_DF] = { "df", "don't fragment, of a SYN-ACK: yes, no", 5, true },
	[OSF_ID] = { "id",
	    "identification of SYN-ACKs: zero, same, counts, random", 8, true },
	[OSF_ISN] = { "isn",
	    "first sequence numbers: random, counts, clock (RFC 793), same", 6,
	    false },
	[OSF_CLOCK] = { "clock",
	    "of timestamps, ticks a second; still, random, none", 5, false },
	[OSF_ECN] = { "ecn",
	    "explicit congestion notification (RFC 3168): yes, no, reflects", 4,
	    false },
	[OSF_RST] = { "rst",
	    "of a closed port: zero (its number, as RFC 9293 wants it), "
	    "numbered, no-ack, other-ack",
	    3, false },
	[OSF_RST_WINDOW] = { "rst-window", "window of that RST", 6, false },
	[OSF_RST_TTL] = { "rst-ttl", "TTL that it was sent with", 4, false },
	[OSF_RST_DF] = { "rst-df", "its don't fragment: yes, no", 5, true },
	[OSF_ECHO_TTL] = { "echo-ttl", "TTL of an ICMP echo reply", 5, false },
	[OSF_ECHO_DF] = { "echo-df",
	    "don't fragment of the reply to an echo that has it: yes, no", 4,
	    true },
	[OSF_ECHO_CODE] = { "echo-code",
	    "code of the reply to an echo with code 9: same, zero", 5, true },
	[OSF_ECHO_TOS] = { "echo-tos",
	    "type of service of that reply: same, zero", 3, false },
};

const struct os_family os_families[] = {
#include "know/os_family.inc"
	{ .name = NULL },
};

bool
os_word_is(const char *want, const char *value)
{
	size_t n, len = strlen(value);

	for (;; want += n + 1) {
		n = strcspn(want, "|");
		if (n == len && memcmp(want, value, n) == 0)
			return true;
		if (want[n] == '\0')
			return false;
	}
}
