/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "app/scan_keys.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "base/xmalloc.h"

struct scan_keys {
	int fd;
	uv_poll_t poll;
	uv_signal_t stop, cont;
	unsigned open; /* handles not closed yet */
	const struct scan_keys_ops *ops;
	void *arg;
};

/* Of the one terminal there is: scan_keys_restore() has no argument. A
 * descriptor of our own: that the loop does not block on it is nobody else's
 * affair. */
static struct termios before;
static volatile sig_atomic_t changed, terminal = -1;

static bool
is_ours(void)
{
	return terminal != -1 && tcgetpgrp(terminal) == getpgrp();
}

void
scan_keys_restore(void)
{
	if (changed && is_ours())
		(void)tcsetattr(terminal, TCSANOW, &before);
	changed = 0;
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct scan_keys *k = poll->data;
	char key[64];
	ssize_t n, i;

	(void)events;
	n = status == 0 ? read(k->fd, key, sizeof(key)) : -1;
	if (n <= 0) { /* the terminal is gone */
		(void)uv_poll_stop(poll);
		return;
	}
	/* A function key is a sequence, and one key. */
	if (key[0] == '\033')
		n = 1;
	for (i = 0; i < n; i++)
		k->ops->key(k->arg, key[i]);
}

/* Keys as they come, unseen; Ctrl-C and Ctrl-Z stay what they are. Who reads
 * from the background is stopped for it. */
static void
take(struct scan_keys *k)
{
	struct termios t;

	(void)uv_poll_stop(&k->poll);
	if (!is_ours())
		return;
	(void)uv_poll_start(&k->poll, UV_READABLE, on_readable);
	if (changed || tcgetattr(terminal, &before) != 0)
		return;
	t = before;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	if (tcsetattr(terminal, TCSANOW, &t) == 0)
		changed = 1;
}

/* Ctrl-Z: the terminal is the shell's until we are back. */
static void
on_stop(uv_signal_t *h, int sig)
{
	struct scan_keys *k = h->data;

	(void)sig;
	k->ops->stopped(k->arg);
	(void)uv_poll_stop(&k->poll);
	scan_keys_restore();
	(void)raise(SIGSTOP);
}

/* In the foreground, or not (bg): then keys are not ours. */
static void
on_cont(uv_signal_t *h, int sig)
{
	struct scan_keys *k = h->data;

	(void)sig;
	take(k);
	k->ops->back(k->arg);
}

static void
on_closed(uv_handle_t *h)
{
	struct scan_keys *k = h->data;

	if (--k->open > 0)
		return;
	(void)close(k->fd); /* only read */
	free(k);
}

struct scan_keys *
scan_keys_new(uv_loop_t *loop, const struct scan_keys_ops *ops, void *arg)
{
	struct scan_keys *k;
	int fd = -1;

	if (isatty(STDIN_FILENO) == 1)
		fd = open(
		    "/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return NULL;
	k = xcalloc(1, sizeof(*k));
	k->fd = fd;
	k->ops = ops;
	k->arg = arg;
	k->poll.data = k->stop.data = k->cont.data = k;
	if (uv_poll_init(loop, &k->poll, fd) != 0) {
		(void)close(fd); /* only read */
		free(k);
		return NULL;
	}
	terminal = fd;
	(void)uv_signal_init(loop, &k->stop);
	(void)uv_signal_init(loop, &k->cont);
	k->open = 3;
	(void)uv_signal_start(&k->stop, on_stop, SIGTSTP);
	(void)uv_signal_start(&k->cont, on_cont, SIGCONT);
	uv_unref((uv_handle_t *)&k->poll);
	uv_unref((uv_handle_t *)&k->stop);
	uv_unref((uv_handle_t *)&k->cont);
	take(k);
	return k;
}

void
scan_keys_free(struct scan_keys *k)
{
	if (k == NULL)
		return;
	scan_keys_restore();
	terminal = -1;
	uv_close((uv_handle_t *)&k->poll, on_closed);
	uv_close((uv_handle_t *)&k->stop, on_closed);
	uv_close((uv_handle_t *)&k->cont, on_closed);
}
