/* SPDX-License-Identifier: ISC */
#ifndef MODEL_GROUP_H
#define MODEL_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/view.h"

/*
 * A view arranged under headings. Flat needs no lines; the others are a list
 * of headings and rows in which a closed heading hides its rows. Headings
 * are known by the hash of what they stand for, so open and closed survive
 * every rebuild.
 */
enum group_mode {
	GROUP_FLAT,
	GROUP_PROCESS,
	GROUP_PORT,   /* local port and protocol */
	GROUP_REMOTE, /* peer address */
	GROUP_UNIT,   /* systemd unit or container */
	GROUP_TREE,   /* listener -> connections it accepted */
	GROUP_NMODES
};
const char *group_mode_name(enum group_mode);
bool group_mode_parse(const char *, enum group_mode *ret);

struct group_head {
	uint64_t id;       /* stable */
	char *label;       /* clean; "nginx (812)", "443 https", "10.0.0.9" */
	struct row *row;   /* GROUP_TREE: the listener, else NULL */
	struct row *first; /* one of those beneath */
	uint32_t rows, listen, established;
	uint32_t unaccepted; /* of them: see row_unaccepted() */
	double rx_bps, tx_bps;
	bool open;
};

struct group_line {
	struct group_head *head; /* a heading; else NULL */
	struct row *row;         /* a row; in a tree a heading may have both */
	uint8_t depth;
};

struct group {
	enum group_mode mode;
	bool open_default;
	struct group_line *line; /* unused when flat */
	size_t n, cap;
	struct group_priv *priv;
};

void group_init(struct group *);
void group_done(struct group *);
void group_build(struct group *, const struct view *);
void group_toggle(struct group *, uint64_t id);
void group_open_all(struct group *, bool open);

#endif
