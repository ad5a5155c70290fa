/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SCAN_WIRE_FIELDS_H
#define MODEL_SCAN_WIRE_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "model/scan.h"

/*
 * Inside model/scan_wire*.c: the fields of each message, which writing and
 * reading both walk.
 */
enum wire_type {
	WIRE_NUM,     /* unsigned of `size` bytes, at most `max` */
	WIRE_INT,     /* int, -1 .. max */
	WIRE_REAL,    /* double, not negative */
	WIRE_BOOL,    /* bool */
	WIRE_TEXT,    /* char[size], clean */
	WIRE_ADDR,    /* struct scan_addr */
	WIRE_WORD,    /* unsigned of `size` bytes, by name() up to `max` */
	WIRE_SET,     /* unsigned, bits up to 1 << max by name(), commas */
	WIRE_MAC,     /* uint8_t[6] */
	WIRE_HEX,     /* uint64_t, 16 digits */
	WIRE_SERVICE, /* char[size]: {"name":..} */
	WIRE_OBJECT,  /* fields of `sub`, within braces */
	WIRE_SEED,    /* scan_spec.seed: there if it is seeded */
	WIRE_LIST     /* struct buf; not by the walk but by hand */
};
enum wire_flag {
	WIRE_OPT = 1 << 0,     /* left out if it is 0, none, "" */
	WIRE_OPT_ALL = 1 << 1, /* left out if all its bits are set */
	WIRE_KEEP = 1 << 2     /* may be left out: then it stays what it was */
};
struct wire_field {
	const char *name;
	uint8_t type;  /* enum wire_type */
	uint8_t flags; /* enum wire_flag */
	uint16_t off, size;
	uint64_t max;
	const char *(*word)(unsigned);
	const struct wire_field *sub; /* offsets are the message's */
};

/* Ends with a name of NULL. */
struct wire_message {
	const char *name;
	const struct wire_field *field;
};
extern const struct wire_message wire_events[SCAN_EV_NTYPES];
extern const struct wire_field wire_common[]; /* of every event */
extern const struct wire_field wire_spec[];   /* of the request */
extern const struct wire_field wire_ask[];    /* of SCAN_OP_ASK */
extern const char *const wire_ops[];          /* by enum scan_op */

static inline uint64_t
wire_load(const void *p, size_t size)
{
	switch (size) {
	case 1:
		return *(const uint8_t *)p;
	case 2:
		return *(const uint16_t *)p;
	case 4:
		return *(const uint32_t *)p;
	default:
		return *(const uint64_t *)p;
	}
}

static inline void
wire_store(void *p, size_t size, uint64_t v)
{
	switch (size) {
	case 1:
		*(uint8_t *)p = (uint8_t)v;
		break;
	case 2:
		*(uint16_t *)p = (uint16_t)v;
		break;
	case 4:
		*(uint32_t *)p = (uint32_t)v;
		break;
	default:
		*(uint64_t *)p = v;
	}
}

#endif
