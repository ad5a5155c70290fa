/* SPDX-License-Identifier: ISC */
/* The list of all conversations; a file of its own, so that tests have
 * theirs. */
#include "config.h"

#include "probe/talk.h"

#define TALK(name) extern const struct talk_ops talk_##name;
#include "probe/talk_list.inc"
#undef TALK

#define TALK(name) &talk_##name,
const struct talk_ops *const talks[] = {
#include "probe/talk_list.inc"
	NULL
};
#undef TALK
