/* SPDX-License-Identifier: ISC */
/*
 * Signals that end the deck. The handlers do nothing but what is safe in one:
 * set a number, start a timer, poke the loop.
 */
#include "config.h"

#include "app/quit.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ui/term.h"

#define GRACE_NS 300000000

static volatile sig_atomic_t caught, end_status;
static uv_async_t *volatile loop_poke;
static timer_t grace;
static volatile sig_atomic_t have_grace;

static void
start_grace(int status)
{
	static const struct itimerspec soon = { .it_value = {
						    .tv_nsec = GRACE_NS } };

	end_status = status;
	if (have_grace)
		(void)timer_settime(grace, 0, &soon, NULL);
}

static void
on_quit(int sig)
{
	uv_async_t *poke = loop_poke;

	if (caught == 0)
		start_grace(128 + sig);
	caught = sig;
	if (poke != NULL)
		(void)uv_async_send(poke);
}

static void
on_grace(int sig)
{
	(void)sig;
	term_emergency();
	_exit((int)end_status);
}

void
quit_within(int status)
{
	start_grace(status);
}

void
quit_catch(uv_async_t *poke)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	struct sigevent ev;
	struct sigaction sa, old;
	size_t i;

	loop_poke = poke;
	memset(&ev, 0, sizeof ev);
	ev.sigev_notify = SIGEV_SIGNAL;
	ev.sigev_signo = SIGALRM;
	have_grace = timer_create(CLOCK_MONOTONIC, &ev, &grace) == 0;
	memset(&sa, 0, sizeof sa);
	sigfillset(&sa.sa_mask);
	sa.sa_handler = on_grace;
	(void)sigaction(SIGALRM, &sa, NULL);
	sa.sa_handler = on_quit;
	sa.sa_flags = SA_RESTART;
	for (i = 0; i < sizeof signals / sizeof signals[0]; i++) {
		(void)sigaction(signals[i], NULL, &old);
		if (signals[i] != SIGHUP || old.sa_handler != SIG_IGN)
			(void)sigaction(signals[i], &sa, NULL);
	}
}

void
quit_release(void)
{
	loop_poke = NULL;
}

int
quit_signal(void)
{
	return (int)caught;
}

void
quit_guarded(struct guard *guard)
{
	size_t len;
	const char *sequence = term_reset_sequence(&len);

	guard_arm(guard, sequence, len);
}
