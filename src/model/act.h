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

struct act_target {
	struct sock_key key; /* ACT_CLOSE: this socket */
	pid_t pid;           /* ACT_SIGNAL, ACT_FIN: of the holder; 0: none */
	uint64_t start;      /* its start time, as struct proc has it */
	int pidfd;           /* held open while the act lives; -1: none */
	char *title;  /* "nginx (812), user root, since 2026-11-26 12:04:01" */
	char *detail; /* its command line; NULL: not known */
	char **sock;  /* the sockets that go with it, a line each */
	size_t nsock;
	char **next; /* what will happen next, a sentence each */
	size_t nnext;
	enum act_grade grade;
	char *why; /* of ACT_TYPE and ACT_REFUSE */
	enum act_state state;
	char *outcome;    /* a sentence; NULL: nothing to say yet */
	uint64_t took_ns; /* from the signal to the end; 0: not known */
};

struct act {
	enum act_kind kind;
	int signal;       /* ACT_SIGNAL */
	enum act_how how; /* ACT_CLOSE */
	struct act_target *target;
	size_t n, cap;
	bool running; /* outcomes are to come */
	/* Not all that will happen is known yet (a unit is asked about). */
	bool incomplete;
};

struct act *act_new(enum act_kind);
void act_free(struct act *); /* closes the pidfds; NULL is fine */
/* One more target: zeroed, pidfd -1, ACT_ASK, ACT_WAITING. Valid until the
 * next act_add(). */
struct act_target *act_add(struct act *);
/* Lines are copied and must be clean. */
void act_target_sock(struct act_target *, const char *line);
void act_target_next(struct act_target *, const char *sentence);
void act_target_grade(struct act_target *, enum act_grade, const char *why);
void act_target_outcome(struct act_target *, enum act_state, const char *);

/* How many targets there are that are not refused. */
size_t act_count(const struct act *);
/*
 * What must be typed to confirm, the caller's; NULL: a key is enough. The
 * number of targets, or where one target demands it (ACT_TYPE), its process
 * number.
 */
char *act_typed(const struct act *);

#endif
