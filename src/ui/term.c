/* SPDX-License-Identifier: ISC */
/*
 * The terminal, taken and given back. Curses writes into a memfd and never
 * touches the terminal itself: it can neither block on a stalled link nor
 * set modes that a crash would leave behind. This file must not draw.
 */
#include "config.h"

#include "ui/term.h"

#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/xmalloc.h"

#define TERM_MIN_ROWS 8
#define TERM_MIN_COLS 40
#define TERM_MAX      2000     /* rows or columns, whatever is claimed */
#define TERM_CHUNK    4096     /* a write(2) */
#define TERM_GENTLE   200      /* .. to a descriptor that may block */
#define TERM_LAST_MS  200      /* for the last bytes at the end */
#define COPY_MAX      (100000) /* what terminals take by OSC 52 */

#define MOUSE_ON  "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"
#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

/*
 * The one terminal of this process. A file-level variable, because signal
 * handlers have no other way to it.
 */
static struct {
	bool started, paused, nonblock, xterm, mouse, broken;
	int fd, mem;
	FILE *memfile, *devnull;
	SCREEN *screen;
	struct termios saved, raw;
	struct buf out;
	size_t out_done, sent;
	char reset[256]; /* what gives the screen back, whole */
	volatile sig_atomic_t reset_len;
} term = { .fd = -1, .mem = -1 };

static const int crash_signals[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL,
	SIGSYS };

/*
 * A description of our own of the terminal (so that O_NONBLOCK is not seen by
 * the shell), or where it cannot be opened again, a copy of descriptor 0.
 */
static int
open_terminal(void)
{
	static const char *const paths[] = { "/dev/tty", "/proc/self/fd/0",
		"/proc/self/fd/1" };
	int flags = O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	size_t i;

	for (i = 0; i < nitems(paths); i++) {
		term.fd = open(paths[i], flags);
		if (term.fd != -1 && isatty(term.fd)) {
			term.nonblock = true;
			return 0;
		}
		if (term.fd != -1)
			close(term.fd);
	}
	term.nonblock = false;
	if (!isatty(STDIN_FILENO))
		return -ENOTTY;
	term.fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	return term.fd == -1 ? -errno : 0;
}

/* Terminal descriptions are code to curses: with privilege that the caller
 * has not, only the system's are read. */
static void
distrust_environment(void)
{
	static const char *const names[] = { "TERMINFO", "TERMINFO_DIRS",
		"TERMCAP", "TERMPATH", "NCURSES_NO_UTF8_ACS",
		"NCURSES_NO_PADDING", "NCURSES_TRACE" };
	size_t i;

	if (getauxval(AT_SECURE) == 0 &&
	    (geteuid() != 0 || getenv("SUDO_UID") == NULL))
		return;
	for (i = 0; i < nitems(names); i++)
		(void)unsetenv(names[i]);
}

static bool
has_cap(const char *name)
{
	const char *s = tigetstr(name);

	return s != NULL && s != (char *)-1;
}

static int
clamp(int v, int usual)
{
	if (v <= 0)
		return usual;
	return v > TERM_MAX ? TERM_MAX : v;
}

/* newterm() is asked of a file, and tells a VT100 that the 24 lines of its
 * description scroll: below them the cursor would not come. */
static SCREEN *
newterm_sized(const char *type)
{
	struct winsize ws = { 0 };
	char rows[16], cols[16];
	SCREEN *screen;

	if (ioctl(term.fd, TIOCGWINSZ, &ws) == -1 || ws.ws_row == 0 ||
	    ws.ws_col == 0)
		return newterm(type, term.memfile, term.devnull);
	(void)snprintf(rows, sizeof rows, "%d", clamp(ws.ws_row, 24));
	(void)snprintf(cols, sizeof cols, "%d", clamp(ws.ws_col, 80));
	(void)setenv("LINES", rows, 1);
	(void)setenv("COLUMNS", cols, 1);
	screen = newterm(type, term.memfile, term.devnull);
	(void)unsetenv("LINES");
	(void)unsetenv("COLUMNS");
	return screen;
}

static bool
try_type(const char *type)
{
	int error;

	if (type == NULL || *type == '\0')
		return false;
	if (setupterm(type, term.mem, &error) != OK)
		return false;
	if (!has_cap("cup") || !has_cap("clear")) {
		del_curterm(cur_term);
		return false;
	}
	del_curterm(cur_term);
	term.screen = newterm_sized(type);
	return term.screen != NULL;
}

static void
not_called(int sig)
{
	(void)sig; /* it is blocked as long as this is its handler */
}

/*
 * Curses ignores SIGTSTP whenever it draws, and a Ctrl-Z of that moment is
 * lost, unless somebody else has a handler when it begins: then it leaves the
 * signal alone for good.
 */
static bool
try_types(const char *type)
{
	struct sigaction sa, old;
	sigset_t tstp, mask;
	bool found;

	sigemptyset(&tstp);
	sigaddset(&tstp, SIGTSTP);
	(void)sigprocmask(SIG_BLOCK, &tstp, &mask);
	memset(&sa, 0, sizeof sa);
	sa.sa_handler = not_called;
	(void)sigaction(SIGTSTP, &sa, &old);
	found =
	    try_type(type) || try_type("xterm-256color") || try_type("vt100");
	(void)sigaction(SIGTSTP, &old, NULL);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	return found;
}

static void
add_reset(const char *s)
{
	size_t len, have = (size_t)term.reset_len;

	if (s == NULL || s == (char *)-1)
		return;
	len = strlen(s);
	/* Padding ("$<5>") is for terminals that are no more. */
	if (strstr(s, "$<") != NULL)
		len = (size_t)(strstr(s, "$<") - s);
	if (have + len > sizeof term.reset)
		return;
	memcpy(term.reset + have, s, len);
	term.reset_len = (sig_atomic_t)(have + len);
}

static void
make_reset(void)
{
	term.reset_len = 0;
	if (term.xterm)
		add_reset(PASTE_OFF MOUSE_OFF);
	add_reset(tigetstr("sgr0"));
	add_reset(tigetstr("op"));
	add_reset(tigetstr("cnorm"));
	if (has_cap("rmcup"))
		add_reset(tigetstr("rmcup"));
	else
		add_reset("\r\n");
	add_reset(tigetstr("rmkx"));
}

static void
enter(void)
{
	(void)tcsetattr(term.fd, TCSANOW, &term.raw);
	if (term.xterm)
		buf_puts(&term.out, PASTE_ON);
	if (term.mouse)
		buf_puts(&term.out, MOUSE_ON);
	if (has_cap("smkx"))
		buf_puts(&term.out, tigetstr("smkx"));
}

int
term_start(char **cause)
{
	const char *type = getenv("TERM");
	int r;

	distrust_environment();
	if ((r = open_terminal()) < 0) {
		xasprintf(cause,
		    "the terminal cannot be opened: %s; "
		    "`sockdeck list` needs none",
		    strerror(-r));
		return r;
	}
	if (tcgetattr(term.fd, &term.saved) == -1) {
		r = -errno;
		xasprintf(cause, "the terminal's modes cannot be read: %s",
		    strerror(errno));
		goto fail;
	}
	term.mem = memfd_create("screen", MFD_CLOEXEC);
	if (term.mem == -1 || (term.memfile = fdopen(term.mem, "w")) == NULL ||
	    (term.devnull = fopen("/dev/null", "re")) == NULL) {
		r = -errno;
		xasprintf(
		    cause, "no memory for the screen: %s", strerror(errno));
		goto fail;
	}
	if (!try_types(type)) {
		r = -ENOTSUP;
		xasprintf(cause,
		    "no description of a terminal of type "
		    "\"%.40s\" is installed; `sockdeck list` needs none",
		    type == NULL ? "" : type);
		goto fail;
	}
	term.xterm = has_cap("kmous");
	make_reset();
	term.raw = term.saved;
	term.raw.c_iflag &= (tcflag_t) ~(
	    IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	term.raw.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ICANON | IEXTEN);
	term.raw.c_cflag &= (tcflag_t) ~(CSIZE | PARENB);
	term.raw.c_cflag |= CS8;
	term.raw.c_cc[VMIN] = 1;
	term.raw.c_cc[VTIME] = 0;
	nonl();
	curs_set(0);
	leaveok(stdscr, FALSE);
	term.started = true;
	enter();
	return 0;
fail:
	if (term.memfile != NULL)
		fclose(term.memfile);
	else if (term.mem != -1)
		close(term.mem);
	if (term.devnull != NULL)
		fclose(term.devnull);
	close(term.fd);
	term.memfile = term.devnull = NULL;
	term.fd = term.mem = -1;
	return r;
}

/* What curses wrote since the last time, to the queue. */
static void
take_frame(void)
{
	off_t size = lseek(term.mem, 0, SEEK_CUR);
	ssize_t n;

	if (size <= 0)
		return;
	n = pread(
	    term.mem, buf_reserve(&term.out, (size_t)size), (size_t)size, 0);
	if (n > 0)
		term.out.len += (size_t)n;
	(void)lseek(term.mem, 0, SEEK_SET);
	(void)!ftruncate(term.mem, 0);
}

/* Less than all where a write might block: then only when poll(2) says so. */
static size_t
chunk_now(size_t left)
{
	struct pollfd pfd = { .fd = term.fd, .events = POLLOUT };

	if (term.nonblock)
		return left < TERM_CHUNK ? left : TERM_CHUNK;
	if (poll(&pfd, 1, 0) != 1 || (pfd.revents & POLLOUT) == 0)
		return 0;
	return left < TERM_GENTLE ? left : TERM_GENTLE;
}

bool
term_flush(void)
{
	size_t n;
	ssize_t w;

	take_frame();
	while (term.out_done < term.out.len && !term.broken) {
		n = chunk_now(term.out.len - term.out_done);
		if (n == 0)
			return false;
		w = write(term.fd, term.out.data + term.out_done, n);
		if (w == -1 && errno == EINTR)
			continue;
		if (w == -1 && errno == EAGAIN)
			return false;
		if (w <= 0) {
			term.broken = true;
			break;
		}
		term.out_done += (size_t)w;
		term.sent += (size_t)w;
	}
	buf_reset(&term.out);
	term.out_done = 0;
	return true;
}

bool
term_writable(void)
{
	return term.out_done >= term.out.len;
}

size_t
term_bytes_sent(void)
{
	return term.sent;
}

/* The last bytes may wait a little, not for ever. */
static void
flush_last(void)
{
	struct pollfd pfd = { .fd = term.fd, .events = POLLOUT };
	int tries = TERM_LAST_MS / 20;

	while (!term_flush() && tries-- > 0)
		(void)poll(&pfd, 1, 20);
}

static void
leave(void)
{
	if (!isendwin())
		(void)endwin();
	take_frame();
	buf_put(&term.out, term.reset, (size_t)term.reset_len);
	flush_last();
	(void)tcsetattr(term.fd, TCSANOW, &term.saved);
}

void
term_pause(void)
{
	if (!term.started || term.paused)
		return;
	term.paused = true;
	leave();
	buf_reset(&term.out);
	term.out_done = 0;
}

void
term_resume(void)
{
	if (!term.started || !term.paused)
		return;
	term.paused = false;
	/* The shell may have changed them meanwhile. */
	(void)tcgetattr(term.fd, &term.saved);
	enter();
	term_redraw();
}

void
term_retake(void)
{
	if (!term.started || term.paused)
		return;
	enter();
	term_redraw();
}

void
term_stop(void)
{
	if (!term.started)
		return;
	if (!term.paused)
		leave();
	term.started = false;
	/* No delscreen(3): ncurses 6.4 writes to what malloc(3) gave it there
	 * without a look. The process ends; this is the only screen it had. */
	fclose(term.memfile);
	fclose(term.devnull);
	close(term.fd);
	buf_done(&term.out);
	term.fd = term.mem = -1;
}

/* Async-signal-safe: reads what does not change after the start. */
void
term_emergency(void)
{
	if (!term.started || term.paused)
		return;
	(void)!write(term.fd, term.reset, (size_t)term.reset_len);
	(void)tcsetattr(term.fd, TCSANOW, &term.saved);
}

static void
crashed(int sig)
{
	term_emergency();
	/* SA_RESETHAND: this time it kills. */
	(void)raise(sig);
}

void
term_catch_crashes(void)
{
	struct sigaction sa;
	stack_t stack;
	size_t i;

	/* A stack of its own: the crash may be that there is none left. */
	memset(&stack, 0, sizeof stack);
	stack.ss_size = 64 * 1024;
	stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack.ss_sp != MAP_FAILED)
		(void)sigaltstack(&stack, NULL);
	memset(&sa, 0, sizeof sa);
	sa.sa_handler = crashed;
	sa.sa_flags = SA_RESETHAND | SA_ONSTACK | SA_NODEFER;
	sigfillset(&sa.sa_mask);
	for (i = 0; i < nitems(crash_signals); i++)
		(void)sigaction(crash_signals[i], &sa, NULL);
}

const char *
term_reset_sequence(size_t *len)
{
	*len = (size_t)term.reset_len;
	return term.reset;
}

int
term_fd(void)
{
	return term.fd;
}

ssize_t
term_read(char *buf, size_t size)
{
	struct pollfd pfd = { .fd = term.fd, .events = POLLIN };
	ssize_t n;

	if (term.broken)
		return -1;
	if (!term.nonblock && poll(&pfd, 1, 0) != 1)
		return 0;
	n = read(term.fd, buf, size);
	if (n > 0)
		return n;
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return -1;
}

bool
term_resize(int *rows, int *cols)
{
	struct winsize ws;

	memset(&ws, 0, sizeof ws);
	(void)ioctl(term.fd, TIOCGWINSZ, &ws);
	*rows = clamp(ws.ws_row, 24);
	*cols = clamp(ws.ws_col, 80);
	/* Not resizeterm(): that queues a key nobody reads. */
	if (*rows != LINES || *cols != COLS) {
		(void)resize_term(*rows, *cols);
		/* The terminal has moved its lines as it thought best. */
		term_redraw();
	}
	return *rows >= TERM_MIN_ROWS && *cols >= TERM_MIN_COLS;
}

bool
term_has_mouse(void)
{
	return term.xterm;
}

void
term_mouse(bool on)
{
	on = on && term.xterm;
	if (on == term.mouse)
		return;
	term.mouse = on;
	if (term.started && !term.paused)
		buf_puts(&term.out, on ? MOUSE_ON : MOUSE_OFF);
}

static void
put_base64(struct buf *b, const char *text, size_t len)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;
	uint32_t v;

	for (i = 0; i < len; i += 3) {
		v = (uint32_t)(unsigned char)text[i] << 16;
		if (i + 1 < len)
			v |= (uint32_t)(unsigned char)text[i + 1] << 8;
		if (i + 2 < len)
			v |= (unsigned char)text[i + 2];
		buf_putc(b, digit[v >> 18]);
		buf_putc(b, digit[v >> 12 & 63]);
		buf_putc(b, i + 1 < len ? digit[v >> 6 & 63] : '=');
		buf_putc(b, i + 2 < len ? digit[v & 63] : '=');
	}
}

void
term_copy(const char *text, size_t len)
{
	/* tmux takes OSC 52 itself (set-clipboard); screen hands it on only
	 * wrapped in a string of its own. */
	const char *type = getenv("TERM");
	bool screen = getenv("TMUX") == NULL && type != NULL &&
		      strncmp(type, "screen", 6) == 0;

	if (!term.started || term.paused)
		return;
	if (len > COPY_MAX)
		len = COPY_MAX;
	take_frame();
	buf_puts(&term.out, screen ? "\033P\033]52;c;" : "\033]52;c;");
	put_base64(&term.out, text, len);
	buf_puts(&term.out, screen ? "\a\033\\" : "\a");
}

void
term_bell(void)
{
	if (term.started && !term.paused)
		buf_putc(&term.out, '\a');
}

void
term_redraw(void)
{
	if (term.started)
		clearok(curscr, TRUE);
}
