/* SPDX-License-Identifier: ISC */
#ifndef MODEL_ACT_H
#define MODEL_ACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/sock.h"

/*
 * Something that will be done to this machine, from the moment the question
 * opens until its outcome was read: a signal to processes, or sockets to be
 * closed. Who asks (the deck, the command line) shows it, who does it fills
 * it in. The targets are held from the beginning, processes by a pidfd and
 * sockets by their cookie, so that what is hit is what was asked about. All
 * text is clean and owned by the act.
 */
enum act_kind {
	ACT_SIGNAL, /* a signal to the processes that hold the sockets */
	ACT_CLOSE   /* the sockets, the processes live on */
};

enum act_how {
	ACT_RST, /* SOCK_DESTROY: at once; both programs see an error */
	ACT_FIN  /* shutdown(2) in the holder's stead: as it would by itself */
};

/* What it takes to say yes. */
enum act_grade {
	ACT_ASK,   /* one key */
	ACT_TYPE,  /* a word: this target's process number */
	ACT_REFUSE /* never: why says the reason */
};

enum act_state {
	ACT_WAITING, /* nothing was done yet */
	ACT_RUNNING, /* it is being done */
	ACT_SENT,    /* the signal was delivered; it is alive still */
	ACT_ALIVE,   /* and so it is after ACT_GRACE_NS */
	ACT_DONE,    /* it ended; or the socket is closed */
	ACT_GONE,    /* it had ended before anything was done */
	ACT_REFUSED, /* not permitted: outcome says what would permit it */
	ACT_FAILED
};
#define ACT_GRACE_NS UINT64_C(5000000000)
/* From so many targets on, their number must be typed. */
#define ACT_COUNT_MIN 5

/* What a socket is to its holder: who listens is seldom meant together with
 * who only connected to the same port. */
enum act_role {
	ACT_NO_ROLE, /* TIME-WAIT and the like */
	ACT_LISTENS, /* LISTEN, BOUND, UDP without a peer */
	ACT_SERVES,  /* a connection that came in */
	ACT_CALLS    /* a connection that went out: a client */
};

/*
 * What was found out about a process: what follows from hitting it. Filled
 * in act/facts.c, put into words by act_words().
 */
struct act_facts {
	bool init, kthread;    /* pid 1; a thread of the kernel */
	bool self;             /* this program (its guard, too) */
	bool ancestor;         /* this program runs beneath it */
	bool session;          /* it carries this login: ssh, tmux */
	bool main;             /* of its unit: the manager started it */
	bool user_unit;        /* its manager is a user's */
	bool container_init;   /* pid 1 inside its container */
	pid_t parent;          /* 0: not known */
	char *parent_comm;     /* NULL: not known */
	char *unit;            /* "nginx.service"; NULL: none */
	char *restart;         /* Restart= of it; NULL: not known */
	char *socket_unit;     /* the .socket unit whose port it holds */
	char *container;       /* "docker:0123456789ab", as in struct proc */
	char *forwards;        /* "172.17.0.2:80": it is a port forwarder of a
				* container */
	char *supervisor;      /* "runit": started by a supervisor .. */
	char *supervisor_stop; /* .. and the command that stops it there */
};

/* A port that a process holds open for others: LISTEN, UDP without a peer. */
struct act_port {
	struct endpoint local;
	uint8_t proto, family;
	bool managed; /* systemd holds it too */
};

/* What this program may do as it was started: for the header. */
struct act_rights {
	char *user;      /* who runs it; its number if it has no name */
	bool readonly;   /* nothing at all */
	bool recording;  /* what is shown is no machine to act on */
	bool signal_all; /* every process; else one's own */
	bool close_rst;  /* any socket at once */
	bool close_all;  /* any process's socket gracefully; else one's own */
	char *signal;    /* "can signal every process" */
	char *close;     /* "cannot close at once: needs CAP_NET_ADMIN" */
};

struct act_target {
	struct sock_key key; /* ACT_CLOSE: this socket */
	struct sock_rec rec; /* .. as it was when the question opened */
	pid_t pid;           /* ACT_SIGNAL, ACT_FIN: of the holder; 0: none */
	uint64_t start;      /* its start time, as struct proc has it */
	uint32_t uid;        /* its user */
	/* A descriptor of pid that is one of the sockets: ACT_FIN works on it,
	 * and it must still be there when the process is taken hold of. */
	int fd;
	uint32_t inode;     /* its socket's; 0: not known, not checked */
	int pidfd;          /* held open while the act lives; -1: none */
	bool skip;          /* the user took it off the list */
	enum act_role role; /* of the sockets chosen: the first that applies */
	char *name;         /* "nginx", "tcp 10.0.0.1:22 -> 10.0.0.9:50312" */
	char *title;  /* "nginx (812), user root, since 2026-11-26 12:04:01" */
	char *detail; /* its command line; NULL: not known */
	char **sock;  /* the sockets that go with it, a line each */
	size_t nsock;
	size_t nmore;   /* others, only counted: the last line says so */
	size_t nchosen; /* so many of them, the first ones, were chosen */
	struct act_port *port; /* its open ports, chosen or not */
	size_t nports;
	char **also; /* what is known from the start of what follows */
	size_t nalso;
	struct act_facts *facts; /* NULL: not found out yet */
	char **next;             /* what will happen next, a sentence each */
	size_t nnext;
	enum act_grade grade;
	char *why; /* of ACT_TYPE and ACT_REFUSE */
	enum act_state state;
	char *outcome;    /* a sentence; NULL: nothing to say yet */
	uint64_t sent_ns; /* when the signal was sent, monotonic */
	uint64_t took_ns; /* from the signal to the end; 0: not known */
};

struct act {
	enum act_kind kind;
	int signal;       /* ACT_SIGNAL */
	enum act_how how; /* ACT_CLOSE */
	struct act_target *target;
	size_t n, cap;
	char **note; /* about the act as a whole, a sentence each */
	size_t nnotes;
	bool running; /* outcomes are to come */
	/* Not all that will happen is known yet (a unit is asked about). */
	bool incomplete;
};

struct act *act_new(enum act_kind);
void act_free(struct act *); /* closes the pidfds; NULL is fine */
/* One more target: zeroed, pidfd and fd -1, ACT_ASK, ACT_WAITING. Valid until
 * the next act_add(). */
struct act_target *act_add(struct act *);
/* Lines are copied and must be clean. */
void act_note(struct act *, const char *sentence);
void act_target_sock(struct act_target *, const char *line);
void act_target_also(struct act_target *, const char *sentence);
void act_target_next(struct act_target *, const char *sentence);
void act_target_grade(struct act_target *, enum act_grade, const char *why);
void act_target_outcome(struct act_target *, enum act_state, const char *);
void act_facts_free(struct act_facts *); /* NULL is fine */
void act_rights_done(struct act_rights *);

/* Whether this target is hit by a yes: not refused, not taken off. */
bool act_target_counts(const struct act_target *);
/* How many targets are. */
size_t act_count(const struct act *);
/*
 * What must be typed to confirm, the caller's; NULL: a key is enough. The
 * number of targets, or where one target demands it (ACT_TYPE), its process
 * number ("yes" for a socket nobody holds).
 */
char *act_typed(const struct act *);
/* The question, the caller's: "Send TERM to 2 processes?" */
char *act_question(const struct act *);

#endif
