/* SPDX-License-Identifier: ISC */
#ifndef LAB_SEGMENT_H
#define LAB_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "model/lab.h"

/*
 * What an Ethernet frame carries, as far as a lesson speaks of it: kind,
 * ports, flags, numbers as sent. from, fate and the like are left alone. What
 * is no TCP, UDP or ICMP port unreachable over IPv4 or IPv6, is cut short or
 * contradicts itself is LAB_OTHER.
 */
void segment_parse(struct lab_segment *, const uint8_t *frame, size_t len);

#endif
