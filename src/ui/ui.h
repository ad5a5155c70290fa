/* SPDX-License-Identifier: ISC */
#ifndef UI_UI_H
#define UI_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/act_plan.h"
#include "model/group.h"
#include "model/option.h"
#include "model/portset.h"
#include "model/pressure.h"
#include "model/view.h"
#include "ui/cmd.h"
#include "ui/keys.h"
#include "ui/pane.h"
#include "ui/prompt.h"

struct scan_services;
/*
 * The deck. It knows the model and asks the program for effects through
 * services: tests give it others. One thread; nothing here blocks.
 */
struct services {
	/* A reading with what is shown now (needs, filter); now or soon. */
	void (*refresh)(void *arg);
	/* The interval, pause or namespace changed. */
	void (*reschedule)(void *arg);
	/* Looks up the host names the table wants, in the background. */
	void (*resolve)(void *arg);
	int (*save_config)(void *arg, const struct config *, char **cause);
	/* path NULL: a name by date in the current directory. *wrote: a
	 * sentence for the status line, or NULL: it is said later. Never
	 * replaces a file. */
	int (*write_snapshot)(
	    void *arg, const char *path, char **wrote, char **cause);
	/* What ports the machine keeps for what; false: not known (for a
	 * recording, in another namespace). NULL: never. */
	bool (*port_limits)(void *arg, struct port_limits *ret);
	/*
	 * Acts: a signal (TERM, until act->signal says another) to the
	 * processes that hold these sockets, or the sockets closed (by RST,
	 * until act->how says otherwise). All are refused (-EROFS, -EPERM)
	 * under --readonly and for a recording.
	 *
	 * act_open takes hold of the targets and returns at once with what is
	 * to be asked; it is the program's until act_end. What is found out
	 * later (act->incomplete) and every outcome is told by
	 * ui->act_changed, between other events. 0, or -errno and a sentence:
	 * there is nothing to ask.
	 */
	int (*act_open)(void *arg, enum act_kind, const struct act_choice *,
	    struct act **ret, char **cause);
	/* The answer was yes (and typed, where act_typed() wants it): does it,
	 * to all targets that count; again (after act->signal was changed and
	 * act_words() called), to those that live still. -EAGAIN: it is not
	 * known yet what would happen; never for longer than a second. */
	int (*act_run)(void *arg, struct act *, char **cause);
	/* The answer was no, or all is told: the act is gone. What a helper
	 * began is brought to its end unseen. */
	void (*act_end)(void *arg, struct act *);
	/*
	 * Whether a port can be bound ("8080", "[::1]:53/udp"), in the network
	 * namespace of this number (0: that of the deck): looked at in the
	 * background, and told by ui_why_done(); a newer question overtakes an
	 * older. 0, or -errno and a sentence. NULL: never.
	 */
	int (*why)(void *arg, const char *text, uint32_t netns, char **cause);
	/* Scans (ui/scan.h); NULL: never. */
	const struct scan_services *scan;
	void (*suspend)(void *arg);
	void (*quit)(void *arg, int status);
	void *arg;
};

enum dirty {
	DIRTY_TABLE = 1 << 0,
	DIRTY_HEADER = 1 << 1,
	DIRTY_STATUS = 1 << 2,
	DIRTY_LAYOUT = 1 << 3,
	DIRTY_ALL = 0xff
};

/* What the header says of the collecting. */
struct ui_source {
	enum snap_source source;
	bool privileged, partial;
	bool owners; /* were looked for */
	uint32_t netns_seen, netns_failed, hidden_owners, hidden_procs;
	char *host, *remedy, *warning;
	uint64_t dump_ns, owners_ns; /* cost of the last reading */
	uint64_t next_ns;            /* effective interval */
	uint64_t last_ns;            /* mono time of the last reading */
};

enum toggle {
	TOGGLE_TCP = 1 << 0,
	TOGGLE_UDP = 1 << 1,
	TOGGLE_LISTENING = 1 << 2,
	TOGGLE_IPV4 = 1 << 3,
	TOGGLE_IPV6 = 1 << 4
};

#define UI_SPARK 60
struct baseline;
struct ui_alerts;
struct ui_lab;
struct table_cols;
struct prompt_lists;
struct ui_scans;
struct ui {
	struct table *table;
	struct view view;
	struct group group;
	struct column_set columns;
	struct config *config; /* options live here; borrowed */
	struct keytable *keys;
	const struct services *services;
	/* Set by whoever shows acts: this one changed. */
	void (*act_changed)(struct ui *, struct act *);
	struct ui_source source;
	struct act_rights rights;  /* owned; for the header and the help */
	struct merge_stats merged; /* ui_snap_step()'s */

	int rows, cols;
	bool too_small, paused, follow, readonly;
	bool
	    acts; /* something was to be done: owners are wanted from then on */
	uint32_t uid; /* who runs this */
	unsigned dirty;

	struct sock_key cursor; /* what is selected */
	struct sock_key detail; /* what the detail and the explain pane show:
				 * request.focus; cookie 0: none is open */
	uint64_t cursor_head;   /* or this heading; 0: a row */
	size_t at, top;         /* follow from it */
	int xscroll;            /* columns scrolled to the right */

	struct filter *filter; /* as typed, owned */
	char *filter_text;
	const char *near_command; /* that the command line's filter may have
				   * been meant for; NULL: none */
	struct filter_error filter_err;
	struct filter *toggles; /* from t u l e o 4 6, owned */
	unsigned toggle_bits;
	const struct filter *base; /* the command line's own selection (lsof's
				    * -i); borrowed; `a` lets it go */
	char *find;                /* F3 */
	const char *netns;         /* as the command line's -N */

	struct ui_lab *lab;            /* the classroom, or NULL (ui/lab.h) */
	struct ui_scans *scans;        /* ui/scan.h; NULL: none yet */
	struct pressure_view pressure; /* p; empty while it is closed */
	struct leaks *leaks;
	struct baseline *baseline; /* b, D */
	struct ui_alerts *alerts;  /* NULL: there are no rules */
	uint32_t closed_from_ds;   /* closed before: not listed any more */
	uint64_t lost_before;      /* of the table's ends_lost, likewise */
	char *unseen_why;     /* owned; why nothing is told of sockets that no
			   * reading sees; NULL: it is */
	struct pane *pane[8]; /* [0] is the table; last has the focus */
	size_t npanes, focus;
	struct prompt *prompt;
	char *status;
	enum {
		STATUS_INFO,
		STATUS_ERROR
	} status_kind;
	uint64_t status_until_ns;
	float spark_rx[UI_SPARK], spark_tx[UI_SPARK]; /* newest last */
	size_t nspark;

	/* The screen's parts (layout.c). */
	int head_h, filter_y, filter_end, body_y, body_h, bar_y;
	int cursor_y, cursor_x;  /* while a prompt is open; -1: hidden */
	struct table_cols *laid; /* pane_table.c's */
	char *filter_before;     /* while it is edited: what Esc brings back */
	struct prompt_lists *histories; /* prompt.c's */
	struct buf scratch;
	/* ui_read_end(): what came since the last one, and the command that
	 * waits for it (CMD_ALONE), owned. */
	unsigned events;
	char *alone;
	uint64_t read_ns;  /* when keys came last */
	uint64_t wake_ns;  /* when ui_tick() is wanted; 0: as usual */
	uint64_t click_ns; /* of the last press, for double clicks */
	int click_y, click_x;
	bool extended, timers; /* e o */
};

struct ui *ui_new(struct config *, const struct services *);
void ui_free(struct ui *);
/* Closes what is open over the table: before the services it uses end. */
void ui_panes_end(struct ui *);
/* Needs of all that is shown: columns, sort, filter, group, panes. */
unsigned ui_needs(const struct ui *);
/* A reading arrived: merges it and marks what must be redrawn. The snap
 * stays the caller's. */
void ui_snap(struct ui *, struct snap *, uint64_t cost_ns);
/* The same in parts of so many sockets: begin, and step until it says that
 * all is done; until then the snap is needed. Keys are welcome in between. */
void ui_snap_begin(struct ui *, struct snap *, uint64_t cost_ns);
bool ui_snap_step(struct ui *, size_t sockets);
void ui_failed(struct ui *, const char *cause);
/* The answer to services.why: taken over; or NULL and a sentence. */
struct conflict_report;
void ui_why_done(struct ui *, struct conflict_report *, const char *cause);
void ui_key(struct ui *, int code); /* one key from keys_read */
void ui_mouse(struct ui *, int y, int x, enum mouse_button);
void ui_paste(struct ui *, const char *text, size_t len);
/* After each read from the terminal: all of its keys were given. Only now is
 * known whether a key came alone, as a finger's does, or among others, as those
 * of a paste do. */
void ui_read_end(struct ui *);
void ui_resized(struct ui *);
void ui_tick(struct ui *, uint64_t now_ns); /* marks age, status expires */
/* ui_tick() is wanted then, or before. */
void ui_wake(struct ui *, uint64_t mono_ns);
/* Draws what is dirty; false if the terminal would not take it (stalled):
 * call again later. */
bool ui_paint(struct ui *);
void ui_status(struct ui *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
void ui_error(struct ui *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

struct row *ui_row(const struct ui *);         /* selected, or NULL */
struct group_head *ui_head(const struct ui *); /* selected heading, or NULL */
/* Lines of the table as it is shown: rows and headings. */
size_t ui_lines(const struct ui *);
struct row *ui_line_row(const struct ui *, size_t);
struct group_head *ui_line_head(const struct ui *, size_t);
void ui_select_line(struct ui *, size_t);
/* Finds the selected socket's line again after the lines changed. */
void ui_select_sync(struct ui *);
/* Moves the selection or the focused pane. */
void ui_move(struct ui *, enum pane_move);
/* The next line (dir 1 or -1) that contains ui->find; 0, or -ENOENT. */
int ui_find_next(struct ui *, int dir, bool from_here);
/* Sort as by "pid,-rx"; 0 or -EINVAL and a sentence. */
int ui_sort_set(struct ui *, const char *, char **cause);
int ui_columns_set(struct ui *, const char *, char **cause);
void ui_group_set(struct ui *, enum group_mode);
/* toggle_bits or the columns' toggles changed. */
void ui_toggles_apply(struct ui *);
void ui_rebuild(struct ui *); /* filter, sort or group changed */
struct pane *ui_pane_open(
    struct ui *, const struct pane_ops *, enum pane_place, void *priv);
void ui_pane_close(struct ui *, struct pane *);
struct pane *ui_pane_find(struct ui *, const struct pane_ops *);
/* Menus and the like that the focus has left: no other pane is worked beneath
 * them. */
void ui_pane_close_left(struct ui *);
/* All that stand in the table's place: there is room for one. */
void ui_pane_close_main(struct ui *);
void ui_pane_focus(struct ui *, struct pane *);
struct pane *ui_focus(const struct ui *); /* never NULL */

/* Has this socket read whole from now on; at once, if another one was. */
void ui_read_whole(struct ui *, struct sock_key);
/* Selects the socket's row (if it is shown) and scrolls to it. */
bool ui_select(struct ui *, struct sock_key);
/* The filter as typed, or "" / NULL: none. False: ui->filter_err says why. */
bool ui_filter_set(struct ui *, const char *text);
/* Columns, theme, mouse, interval...: takes over what config->opt says. */
void ui_options_changed(struct ui *);

/* Drawing, in screen coordinates: the only way from text to the screen. Clean
 * text only; cut by display width at the pane's edge. */
void ui_text(
    struct ui *, int y, int x, int width, unsigned attr, const char *text);
void ui_fill(struct ui *, int y, int x, int width, unsigned attr);

#endif
