/* SPDX-License-Identifier: ISC */
#ifndef PROBE_PROBER_PRIV_H
#define PROBE_PROBER_PRIV_H

#include <sys/socket.h>

#include "model/probe_file.h"
#include "probe/prober.h"
#include "probe/talk.h"
#include "probe/tls.h"

/*
 * Inside probe/prober*.c.
 *
 *	prober.c	jobs that wait, ports under way, the loop
 *	prober_port.c	which question a port is asked next; what it is
 *	prober_try.c	the questions there are, in order
 *	prober_talk.c	what an answer means
 *	prober_file.c	what probe files know beside
 *	prober_conn.c	one connection: bytes, TLS, time
 *
 * Times are milliseconds of the monotonic clock.
 */

/* The kinds of epoll's data. */
struct source {
	enum source_kind {
		SOURCE_CONN,
		SOURCE_OTHER /* prober_watch() */
	} kind;
};

enum try_kind {
	TRY_LISTEN,  /* nothing is said: what comes by itself */
	TRY_TLS,     /* a handshake, then as TRY_LISTEN inside */
	TRY_TALK,    /* .talk */
	TRY_FILE,    /* .def of a probe file */
	TRY_VERSION, /* which versions of TLS it takes: .offer */
	TRY_WAITS    /* none: a talk that greets, until it is called */
};
enum try_state {
	TRY_QUEUED,
	TRY_RUNNING,
	TRY_OVER
};

/* A question that is, was or will be put to a port. */
struct
try {
	uint8_t kind;  /* enum try_kind */
	uint8_t state; /* enum try_state */
	bool own;      /* this is one of its usual ports */
	bool again;    /* nothing came the first time */
	bool held;     /* not asked unless an answer hints at it */
	uint8_t offer; /* enum tls_offer */
	uint8_t fresh; /* connections it had by TALK_AGAIN */
	uint16_t rank; /* order */
	const struct talk_ops *talk;
	const struct probe_def *def;
};

struct port;

struct conn {
	struct source source;
	struct port *port;
	struct conn *next; /* of its port, or of those to be freed */
	uint16_t try;      /* index of port->tries */
	int fd;
	bool udp, connecting, writing; /* EPOLLOUT is asked for */
	bool starttls;                 /* a handshake within a conversation */
	bool ended;                    /* eof, reset, or enough */
	bool reset;
	bool greets;    /* nothing was said yet: TRY_LISTEN, TRY_TLS */
	bool goes_on;   /* its conversation gets on: nothing else is begun */
	uint8_t resent; /* datagrams */
	uint64_t began, due, heard;
	uint64_t resend_at; /* 0: not */
	size_t nread;       /* bytes from the wire */
	struct tls *tls;
	struct buf in;  /* what the conversation sees */
	size_t cut;     /* of `in` the last datagram's bytes */
	struct buf out; /* to the wire; udp: the last datagram */
	size_t sent;
	struct buf said; /* the first bytes of what its conversation said */
	bool talking;    /* talk is initialised, info is there */
	struct talk talk;
	struct service_info *info;
	/* Of TALK_MOVES: where the last answer came from. */
	struct sockaddr_storage from;
	socklen_t from_len;
};

/* A job under way. */
struct port {
	struct prober *p;
	struct port *next, *prev;
	struct probe_job job;
	char *host; /* job.host's copy, or NULL */
	char addr[SCAN_ADDR_TEXT];
	uint64_t began, deadline, due;
	uint64_t phase; /* when the questions in clear, or inside TLS, began */
	bool heard;     /* since then something came, or ended */
	struct conn *conns;
	unsigned nconns;
	struct try *tries;
	unsigned ntries;
	bool in_tls;  /* the tries are those inside TLS */
	bool settled; /* info is told as soon as the checks are through */
	bool done;
	bool tls_tried;
	bool lines;       /* it answers in lines of text */
	bool anybody;     /* was answered, or ended, while another was heard */
	uint8_t alpn;     /* enum tls_alpn that it is asked with next */
	uint8_t shakes;   /* handshakes that failed */
	uint8_t versions; /* accepted: 1 << enum tls_offer */
	uint8_t refused, ended, answered, silent; /* connections, so far */
	bool reset;                               /* the last one ended so */
	uint32_t quick;            /* ms: the quickest answer so far, 0: none */
	uint32_t rtt;              /* ms */
	size_t nread;              /* in all connections */
	struct buf greeting;       /* what came by itself */
	struct buf answer;         /* the first to a question of ours */
	const char *asked;         /* that question */
	bool enough;               /* of its bytes: it goes on for ever */
	bool checking;             /* the tries are TLS versions */
	uint8_t checked;           /* versions settled */
	bool plain_to_tls;         /* it says that TLS is to be spoken */
	struct service_info *best; /* NULL: nothing yet */
	struct service_info *tls_info; /* facts of TLS; or NULL */
};

struct waiting {
	struct probe_job job;
	char *host;
};

struct prober {
	struct prober_limits limits;
	struct prober_sink sink;
	const struct probe_files *files; /* may be NULL */
	struct tls_lib *tls;
	int epfd;
	bool last, stopped, paused;
	struct waiting *wait; /* from wait_at on: a queue with holes */
	size_t wait_at, nwait, cap_wait;
	struct port *ports;
	unsigned nports, nconns;
	struct conn *dead; /* to be freed after the events of one turn */
	struct service_info scratch;
	char *bytes; /* of one read */
	struct watch *watches;
};

#define CONN_BYTES  4096        /* a read */
#define PORT_BYTES  (64 * 1024) /* of all its connections, at most */
#define PORT_CONNS  3
#define SILENT_MORE 5 /* connections more, to who says nothing to anybody */
#define PORT_DGRAMS 16
#define LISTEN_MS   2000 /* for a greeting */

/* -- prober.c -------------------------------------------------------------- */

uint64_t prober_ms(void);
/* Whether one more connection to this host may be begun. */
bool prober_room(const struct port *);
/* Closed now, freed when no event can mean it any more. */
void prober_bury(struct prober *, struct conn *);

/* -- prober_file.c --------------------------------------------------------- */

size_t files_count(const struct port *); /* of probes */
void files_add_tries(struct port *);
/* As conn_judge(), of an answer to TRY_FILE. */
bool files_judge(struct conn *);
/* A line is sure of the greeting, as far as it came. */
bool files_know_greeting(const struct port *);
/* A greeting that no conversation knows. */
void files_greeting(struct port *);
/* What a conversation has left open. */
void files_complete(const struct port *, struct service_info *);

/* -- prober_try.c ---------------------------------------------------------- */

/* Where a kind of question stands; what is less comes first. */
#define RANK_FIRST      0u
#define RANK_OWN        100u
#define RANK_ANY        300u /* and 10 a step of rarity */
#define RANK_TLS        315u /* after what is met everywhere */
#define RANK_FILE_OWN   150u
#define RANK_SECOND_OWN 350u  /* conversations learn more */
#define RANK_RARE       360u  /* from here on it is rare */
#define RANK_FILE       400u  /* and 10 a step of rarity */
#define RANK_SECOND     1000u /* so, too: of a second file */
struct try *tries_add(struct port *, enum try_kind, unsigned rank);
/* The questions for this port; again: those inside TLS. */
void tries_make(struct port *);
/* Which versions of TLS it takes. */
void tries_make_versions(struct port *);
bool tries_left(const struct port *);
/* Likewise, but for what is rare. */
bool tries_common_left(const struct port *);
/* The first that got no answer and is to be put once more; NULL: none. */
struct try *tries_again(const struct port *);
/* The next that waits; NULL: none. */
struct try *tries_next(struct port *, uint64_t now);
/* Somebody but this one is heard who has said nothing yet. */
bool tries_listen(const struct port *, const struct conn *but);

/* -- prober_port.c --------------------------------------------------------- */

struct port *port_new(struct prober *, const struct waiting *, uint64_t now);
/* Does what is due. port->done: it is told, and can be freed. */
void port_work(struct port *, uint64_t now);
void port_free(struct port *);
/* It is this: the info is copied. sure: nothing else is asked. */
void port_found(struct port *, const struct service_info *, bool sure);
/* TLS is up, or is not to be had. */
void port_tls(struct port *, struct conn *, bool up);
void port_conn_over(struct port *, struct conn *);

/* -- prober_talk.c --------------------------------------------------------- */

/* The connection is there (TLS included): says what is to be said first. */
void conn_speak(struct conn *, uint64_t now);
/* Bytes came, or it ended, or was silent for too long (timeout). False: it is
 * over and is to be closed. */
bool conn_judge(struct conn *, bool timeout, uint64_t now);
void conn_talk_done(struct conn *);
/* Whether what came is the greeting of some protocol: then a connection of
 * its own is to follow, or all is known already: then true. */
bool port_greeted(struct port *, const void *, size_t, uint64_t now);

/* -- prober_conn.c --------------------------------------------------------- */

/* NULL: no room (descriptors), or it cannot be reached. */
struct conn *conn_open(struct port *, struct try *, uint64_t now);
/* After conn_open(): it may be there already. */
void conn_begin(struct conn *, uint64_t now);
void conn_event(struct conn *, uint32_t events, uint64_t now);
/* What is due of it: repeats, silence. */
void conn_tick(struct conn *, uint64_t now);
void conn_send(struct conn *, uint64_t now);
void conn_starttls(struct conn *, uint64_t now);
void conn_close(struct conn *);
/* Of datagrams the address they come from; family 0: it is not known. */
void conn_self(const struct conn *, struct scan_addr *ret);
uint64_t conn_due(const struct conn *);

#endif
