/* SPDX-License-Identifier: ISC */
#ifndef ACT_HELPER_H
#define ACT_HELPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "act/signal.h"
#include "model/sock.h"

/*
 * One act, done by a process forked for it, which keeps the one capability
 * the act needs and no other, no descriptor but those it works on, may start
 * nothing and write no file, and is gone once it answered. A bug in the deck
 * cannot reach further through it than the act that was confirmed.
 */
enum helper_what {
	HELPER_SIGNAL, /* signal to pidfd; CAP_KILL, if it does not go
			* without */
	HELPER_RST,    /* SOCK_DESTROY of rec; CAP_NET_ADMIN; CAP_SYS_ADMIN
			* until it is in the socket's namespace */
	HELPER_FIN     /* shutdown of rec through pidfd's descriptor fd;
		    * CAP_SYS_PTRACE, if it does not go without */
};

struct helper_request {
	enum helper_what what;
	int pidfd; /* -1: none */
	int signal;
	int fd; /* HELPER_FIN: the holder's descriptor */
	struct sock_rec rec;
	int netns_fd;  /* HELPER_RST: the socket's; -1: the one we are in */
	bool readonly; /* refused, whoever asks: -EROFS */
	/* Tests: how signals are delivered; NULL: the kernel. */
	const struct signal_kernel *kernel;
};

enum helper_step {
	HELPER_SETUP, /* could not give up what it must not have */
	HELPER_ENTER, /* the network namespace */
	HELPER_OPEN,  /* netlink */
	HELPER_ACT
};

struct helper_answer {
	int32_t error; /* 0 or -errno */
	int32_t step;  /* enum helper_step it stopped at */
	uint64_t caps; /* effective capabilities while it acted */
};

struct helper {
	pid_t pid;
	int fd; /* readable when it has answered or ended */
};

/* 0, or -errno and a sentence: nothing was started. Never waits. */
int helper_start(struct helper *, const struct helper_request *, char **cause);
/* Takes its answer and its end; waits for both (bounded: it has 10 s). After
 * fd was readable it does not wait. */
void helper_finish(struct helper *, struct helper_answer *);
/* Both in one. */
int helper_run(
    const struct helper_request *, struct helper_answer *, char **cause);

#endif
