/* SPDX-License-Identifier: ISC */
/*
 * The services people meet, by port. Where several share a number, the one
 * most likely met stands first: it gives the number its name. Facts only;
 * how they are looked up is service.c's affair.
 */
#include "config.h"

#include <stddef.h>

#include "know/service.h"
#include "know/state.h"

/* clang-format off */
const struct service services[] = {
#include "know/service_system.inc"
#include "know/service_user.inc"
#include "know/service_high.inc"
	{ .name = NULL }
};
/* clang-format on */
