/* SPDX-License-Identifier: ISC */
/* What may be done, told beforehand. The kernel has the last word. */
#include "config.h"

#include "act/rights.h"

#include <pwd.h>
#include <string.h>
#include <sys/capability.h>
#include <unistd.h>

#include "base/text.h"
#include "base/xmalloc.h"

static bool
permitted(cap_t caps, cap_value_t cap)
{
	cap_flag_value_t v = CAP_CLEAR;

	return caps != NULL &&
	       cap_get_flag(caps, cap, CAP_PERMITTED, &v) == 0 && v == CAP_SET;
}

static char *
user_name(void)
{
	struct passwd pw, *found = NULL;
	char buf[4096], *text;

	if (getpwuid_r(geteuid(), &pw, buf, sizeof(buf), &found) == 0 &&
	    found != NULL && *found->pw_name != '\0')
		return text_clean(found->pw_name, strlen(found->pw_name));
	xasprintf(&text, "%u", (unsigned)geteuid());
	return text;
}

void
rights_read(struct act_rights *r, bool readonly, bool recording)
{
	cap_t caps = cap_get_proc();

	*r =
	    (struct act_rights){ .readonly = readonly, .recording = recording };
	if (!readonly && !recording) {
		r->signal_all = permitted(caps, CAP_KILL);
		r->close_rst = permitted(caps, CAP_NET_ADMIN);
		r->close_all = permitted(caps, CAP_SYS_PTRACE);
	}
	if (caps != NULL)
		(void)cap_free(caps);
	r->user = user_name();
	if (readonly || recording) {
		r->signal = xstrdup(readonly ? "signals nothing: --readonly"
					     : "signals nothing: a recording");
		r->close = xstrdup(readonly ? "closes nothing: --readonly"
					    : "closes nothing: a recording");
		return;
	}
	r->signal =
	    xstrdup(r->signal_all ? "can signal every process"
				  : "can signal your own processes (others: "
				    "needs root or CAP_KILL)");
	if (r->close_rst)
		r->close = xstrdup("can close every socket");
	else
		r->close = xstrdup(
		    r->close_all ? "can close sockets gracefully only (at "
				   "once: needs root or CAP_NET_ADMIN)"
				 : "can close your own sockets gracefully "
				   "only (at once: needs root or "
				   "CAP_NET_ADMIN)");
}

void
rights_lower(bool readonly)
{
	static const cap_value_t others = CAP_KILL;
	cap_t caps = cap_get_proc();

	if (caps == NULL)
		return;
	(void)cap_set_flag(caps, CAP_EFFECTIVE, 1, &others, CAP_CLEAR);
	(void)cap_set_flag(caps, CAP_INHERITABLE, 1, &others, CAP_CLEAR);
	if (readonly)
		(void)cap_set_flag(caps, CAP_PERMITTED, 1, &others, CAP_CLEAR);
	(void)cap_set_proc(caps); /* less is always allowed */
	(void)cap_free(caps);
}
