/* SPDX-License-Identifier: ISC */
#ifndef ACT_UNITS_H
#define ACT_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "model/act.h"

/*
 * What systemd's unit files say about a process: whether its service is
 * started again (Restart=), and which .socket unit holds a port in its stead.
 * Read as systemd reads them (systemd.unit(5): directories in order, template
 * and drop-ins), within bounds; systemd itself is not asked.
 *
 * facts->unit and user_unit must be known; fills restart and socket_unit.
 */
void units_read(const char *root, struct act_facts *, uint32_t uid,
    const struct act_port *, size_t nports);

#endif
