/* SPDX-License-Identifier: ISC */
/* A second opinion: what probe files ask, and what they make of an answer that
 * no conversation has a name for. */
#include "config.h"

#include <string.h>

#include "know/state.h"
#include "probe/prober_priv.h"

size_t
files_count(const struct port *t)
{
	return t->p->files == NULL ? 0 : probe_files_count(t->p->files);
}

static unsigned
rank_of(const struct probe_def *def, bool own)
{
	if (own)
		return (def->second ? RANK_SECOND_OWN : RANK_FILE_OWN) +
		       def->rarity;
	return (def->second ? RANK_SECOND : RANK_FILE) + 10u * def->rarity;
}

void
files_add_tries(struct port *t)
{
	const struct probe_files *files = t->p->files;
	const struct probe_def *def;
	size_t i, n = files_count(t);
	struct try *try;
	bool own;

	if (n == 0 || probe_files_excluded(files, t->job.proto, t->job.port))
		return;
	for (i = 0; i < n; i++) {
		def = probe_files_at(files, i);
		if (def->proto != t->job.proto || def->len == 0)
			continue;
		own = probe_def_wants(files, def, t->job.port, t->in_tls);
		if (!own && def->rarity > t->p->limits.intensity)
			continue;
		try = tries_add(t, TRY_FILE, rank_of(def, own));
		try->own = own;
		try->def = def;
	}
}

/* What the matcher leaves to who heard it. */
static void
fill(struct service_info *info, const void *heard, size_t len, bool hard)
{
	info->method = SERVICE_BY_MATCH;
	if (info->conf == 0)
		info->conf = hard ? 8 : 5;
	if (info->evidence[0] == '\0')
		service_evidence(info, heard, len);
}

/* So far it is what was said: an echo, or not all yet. */
static bool
is_said(const struct buf *in, const struct probe_def *def)
{
	return memcmp(in->data, def->bytes,
		   in->len < def->len ? in->len : def->len) == 0;
}

static bool
own_is_asked(const struct port *t)
{
	const struct conn *c;

	for (c = t->conns; c != NULL; c = c->next)
		if (c->udp && c->talking && t->tries[c->try].own)
			return true;
	return false;
}

bool
files_judge(struct conn *c)
{
	struct port *t = c->port;
	struct service_info *info = &t->p->scratch;
	const struct probe_def *def = t->tries[c->try].def;
	bool soft = false, hard;

	if (c->in.len == 0 || is_said(&c->in, def))
		return true;
	service_init(info);
	hard = probe_files_match(t->p->files, def, (const uint8_t *)c->in.data,
	    c->in.len, t->in_tls, info, &soft);
	if (hard || soft) {
		fill(info, c->in.data, c->in.len, hard);
		/* What is usual here may answer late, and tells more. */
		port_found(t, info, hard && !own_is_asked(t));
	}
	return !hard;
}

/* What a greeting is; true: *match is sure. */
static bool
match_greeting(const struct port *t, struct service_info *match, bool *soft)
{
	*soft = false;
	service_init(match);
	return t->p->files != NULL && t->greeting.len > 0 &&
	       probe_files_match(t->p->files, NULL,
		   (const uint8_t *)t->greeting.data, t->greeting.len,
		   t->in_tls, match, soft);
}

bool
files_know_greeting(const struct port *t)
{
	bool soft;

	return match_greeting(t, &t->p->scratch, &soft);
}

void
files_greeting(struct port *t)
{
	struct service_info *match = &t->p->scratch;
	bool soft, hard = match_greeting(t, match, &soft);

	if ((!hard && !soft) || t->settled)
		return;
	fill(match, t->greeting.data, t->greeting.len, hard);
	port_found(t, match, hard);
}

/* A product that its conversation has no name for. */
void
files_complete(const struct port *t, struct service_info *info)
{
	struct service_info *match = &t->p->scratch;
	bool soft;

	if (info->product[0] != '\0' || !match_greeting(t, match, &soft) ||
	    strcmp(info->name, match->name) != 0)
		return;
	memcpy(info->product, match->product, sizeof(info->product));
	if (info->version[0] == '\0')
		memcpy(info->version, match->version, sizeof(info->version));
}
