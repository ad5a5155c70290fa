/* SPDX-License-Identifier: ISC */
/*
 * The curriculum: the lessons there are, in the order they are best taken.
 */
#include "config.h"

#include "lab/lab.h"
#include "lab/lesson.h"

const struct lab_lesson *const lab_lessons[] = {
	&lesson_handshake,
	&lesson_close,
	&lesson_reset,
	&lesson_crossing,
	&lesson_both_open,
	&lesson_time_wait,
	&lesson_backlog,
	&lesson_addresses,
	&lesson_udp,
	&lesson_sharing,
	&lesson_window,
	&lesson_loss,
	&lesson_leak,
	NULL,
};
const size_t lab_nlessons = nitems(lab_lessons) - 1;
