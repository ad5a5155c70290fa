/* SPDX-License-Identifier: ISC */
#ifndef KNOW_SERVICE_H
#define KNOW_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What port numbers stand for: a compiled-in table of the IANA registry's
 * names that people meet, with what the service is, whether it is encrypted
 * and what succeeds it; names of /etc/services (read once by the app and
 * handed over) fill the gaps.
 */
struct service {
	const char *name;       /* IANA name, or the common one */
	uint16_t port, port_hi; /* a range for e.g. VNC; else equal */
	uint8_t proto;          /* 6, 17; 0: both */
	uint8_t flags;          /* enum service_flag */
	const char *what;       /* one line */
	const char *successor;  /* safer one, or NULL */
	const char *source;     /* "RFC 4253", "IANA" */
};
enum service_flag {
	SERVICE_PLAIN = 1 << 0, /* not encrypted */
	SERVICE_ENCRYPTED = 1 << 1,
	SERVICE_UNOFFICIAL = 1 << 2, /* not IANA's assignment, but usual */
	SERVICE_ALSO = 1 << 3 /* assigned too, but the name is read as another
			       * port */
};

extern const struct service services[]; /* by port; name == NULL ends */

/* Port name or NULL, from a direct table: made for every painted row. Valid
 * until the next service_load(). Ranges of more than 64 ports name nothing
 * here (else a client's port would be called "mosh"). */
const char *service_name(uint16_t port, unsigned proto);
/* That name where a name stands in place of the number: NULL if it would be
 * read as another port ("ssh" for 2222). */
const char *service_port_name(uint16_t port, unsigned proto);
/* What the port stands for, wide ranges too. */
const struct service *service_by_port(uint16_t port, unsigned proto);
/* All with this name or alias, from *i on; NULL at the end. */
const struct service *service_by_name(const char *, size_t *i);
/* Every service, compiled in and then of the file; *i from 0 on, NULL at the
 * end. */
const struct service *service_at(size_t *i);
bool service_from_file(const struct service *); /* not compiled in */
/* Port of a name for `sport = :ssh`; proto 0: either. False: unknown. Of
 * several, the lowest that IANA assigned. */
bool service_port(const char *name, unsigned proto, uint16_t *ret);
const char *service_nearest(const char *);
/* Adds what /etc/services says (text of the file, untrusted, bounded);
 * compiled-in names win. Before any thread starts. */
void service_load(const char *text, size_t len);

enum port_class {
	PORT_WELL_KNOWN,
	PORT_REGISTERED,
	PORT_DYNAMIC
};
enum port_class port_class(uint16_t); /* RFC 6335 section 6 */
const char *port_class_name(enum port_class);

#endif
