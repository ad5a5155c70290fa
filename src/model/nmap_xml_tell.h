/* SPDX-License-Identifier: ISC */
#ifndef MODEL_NMAP_XML_TELL_H
#define MODEL_NMAP_XML_TELL_H

#include <expat.h>

#include "base/hash.h"
#include "model/nmap_xml.h"
#include "model/portset.h"

/*
 * What of nmap_xml.c is put together as events: private to these two.
 */
enum nmap_in {
	NMAP_IN_NOTHING, /* the first element */
	NMAP_IN_RUN,
	NMAP_IN_HOST,
	NMAP_IN_PORT
};

struct nmap_host {
	bool open; /* between its tags */
	bool hint; /* it is only said to be there, its ports come later */
	bool told; /* its HOST event */
	bool up, timeout;
	struct scan_addr addr;
	uint8_t mac[6], ttl;
	enum scan_reason reason;
	char name[256]; /* as it was asked for; "": by address */
	uint64_t pos;
	uint32_t unnamed; /* ports of which only the number is told */
};

struct nmap_port {
	bool open, told; /* between its tags; its PORT event */
	bool probed;     /* its service is no guess by its number */
	unsigned proto;  /* enum sock_proto */
	uint16_t number;
	enum scan_state state;
	enum scan_reason reason;
	uint8_t ttl;
	struct scan_addr from;
};

struct nmap_xml {
	struct nmap_xml_asked asked;
	scan_take take;
	void *arg;
	XML_Parser parser;
	char *cause; /* of its failure; then nothing more is told */
	uint64_t fed;
	unsigned depth;
	bool said_hello, said_start, said_end;

	unsigned how;            /* enum scan_how */
	uint64_t plan;           /* of its arguments */
	uint32_t asked_ports[2]; /* a host: TCP, UDP */
	uint64_t sent, nopen, nended, nup;
	bool finished, failed;
	char error[SCAN_TEXT_MAX];
	uint64_t hosts_up, hosts;

	struct nmap_host host;
	struct nmap_port port;
	struct service_info info; /* the port's, with its facts */
	/* What scripts say of the host is about its file sharing: that port
	 * is told when the host is over. Port 0: none. */
	struct nmap_port held;
	struct service_info held_info;
	struct os_info os; /* the host's */
	unsigned nos;      /* guesses so far */
	bool os_class;     /* of the first one was told */
	bool extra, extra_named;
	enum scan_state extra_state;
	uint32_t extra_count;

	bool script;     /* between its tags */
	unsigned tables; /* open ones within it */
	struct {
		char id[40], title[160], state[48];
	} vuln;
	char *elem; /* where its text goes; NULL: nowhere */
	size_t elem_size;
	size_t ntext;
	char text[1024]; /* of the element that ends next, cut */

	/* Hosts that were told of; a position is their place. */
	uint64_t *known;
	size_t nknown, cap_known;
	struct hash index;
	uint64_t seed;
	struct scan_event ev; /* the one that is made: large */
};

void nmap_tell_init(struct nmap_xml *);
void nmap_tell_done(struct nmap_xml *);
/* Nothing more is read or told; the first reason counts. */
void nmap_xml_refuse(struct nmap_xml *, const char *why);

void nmap_tell_hello(struct nmap_xml *, const char *version);
void nmap_tell_start(struct nmap_xml *);
void nmap_tell_end(struct nmap_xml *, enum scan_exit, const char *cause);
/* left_ms: UINT64_MAX: not known */
void nmap_tell_progress(
    struct nmap_xml *, const char *task, double percent, uint64_t left_ms);
void nmap_tell_lost(struct nmap_xml *, const char *name);
/* Once: whichever element comes first that needs it. */
void nmap_tell_host(struct nmap_xml *);
void nmap_tell_host_end(struct nmap_xml *);
void nmap_tell_port(struct nmap_xml *);
void nmap_tell_service(struct nmap_xml *);
void nmap_tell_os(struct nmap_xml *);
void nmap_tell_ports(struct nmap_xml *, unsigned proto, const struct portset *,
    enum scan_state, enum scan_reason);
/* Of ports only their number is said: x->extra_count. */
void nmap_tell_unnamed(struct nmap_xml *);
void nmap_tell_script(struct nmap_xml *, const char *id, const char *output);
void nmap_tell_vuln(struct nmap_xml *);

#endif
