/* SPDX-License-Identifier: ISC */
/*
 * PostgreSQL: a startup for a user that nobody has. Its answer, an error or
 * what it wants to see first, is unlike anything else; two more connections
 * ask for TLS and for a version of the protocol that does not exist, because
 * the refusal of that one differs between releases.
 */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/talk_bin.h"

enum step {
	STARTUP,
	SSL,
	NONSENSE
};

static const uint8_t startup[] = "\0\0\0\x2e\0\3\0\0"
				 "user\0sockdeck\0"
				 "database\0sockdeck\0";
static const uint8_t ssl_request[8] = { 0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f };
static const uint8_t nonsense[] = "\0\0\0\x17\0\xff\0\xff"
				  "user\0sockdeck\0";

/* The string's own NUL ends the list of pairs. */
static void
pg_begin(struct talk *t)
{
	static const struct {
		const uint8_t *p;
		size_t n;
	} says[] = {
		[STARTUP] = { startup, sizeof(startup) },
		[SSL] = { ssl_request, sizeof(ssl_request) },
		[NONSENSE] = { nonsense, sizeof(nonsense) },
	};
	uint8_t said[64];
	size_t n = says[t->step].n;

	memcpy(said, says[t->step].p, n);
	if (t->step != SSL)
		said[3] = (uint8_t)n;
	talk_send(t, said, n);
}

struct error {
	const char *field[128]; /* by letter */
};

/* Letter, string, NUL, ..; ends with a 0. */
static bool
read_error(struct talk_cursor *c, struct error *e)
{
	const uint8_t *nul;
	unsigned letter;

	*e = (struct error){ 0 };
	while ((letter = cursor_u8(c)) != 0) {
		nul = memchr(c->p, '\0', cursor_left(c));
		if (letter > 'z' || letter < 'A' || nul == NULL)
			return false;
		e->field[letter] = (const char *)c->p;
		cursor_skip(c, (size_t)(nul - c->p) + 1);
	}
	return !c->bad && e->field['S'] != NULL && e->field['C'] != NULL &&
	       e->field['M'] != NULL && strlen(e->field['C']) == 5;
}

static bool
ends(const char *s, const char *with)
{
	size_t n = strlen(s), k = strlen(with);

	return n >= k && strcmp(s + n - k, with) == 0;
}

/* Which routine refused says who it is and what is asked of users. */
static void
learn_error(struct service_info *info, const struct error *e)
{
	const char *file = e->field['F'], *routine = e->field['R'];
	const char *product = "PgBouncer";

	if (file != NULL)
		product = ends(file, ".go") ? "CockroachDB" : "PostgreSQL";
	else if (strstr(e->field['M'], "pgpool") != NULL)
		product = "Pgpool-II";
	service_setf(info->product, sizeof(info->product), "%s", product);
	service_fact(info, "postgresql.error", e->field['C'], 5);
	if (routine == NULL)
		return;
	/* That there is no such user is said to who was let in already. */
	if (strcmp(routine, "InitializeSessionUserId") == 0)
		service_factf(info, "auth", "none");
	else if (strcmp(routine, "ClientAuthentication") == 0 ||
		 strcmp(routine, "auth_failed") == 0)
		service_factf(info, "auth", "required");
}

/* Methods of AuthenticationRequest, by number. */
static const char *const methods[] = {
	[0] = "none",
	[2] = "required", /* Kerberos 5 */
	[3] = "password", /* in clear text */
	[5] = "password", /* MD5 */
	[7] = "required", /* GSSAPI */
	[9] = "required", /* SSPI */
	[10] = "password" /* SASL: SCRAM */
};

static bool
learn_auth(struct service_info *info, struct talk_cursor c)
{
	uint32_t method = cursor_be32(&c);
	const uint8_t *p;

	if (c.bad || method >= nitems(methods) || methods[method] == NULL)
		return false;
	service_factf(info, "auth", "%s", methods[method]);
	if (method == 3)
		service_factf(info, "postgresql.method", "clear text");
	else if (method == 5)
		service_factf(info, "postgresql.method", "md5");
	else if (method == 10)
		service_factf(info, "postgresql.method", "scram-sha-256");
	service_setf(info->product, sizeof(info->product), "PostgreSQL");
	/* Whoever is let in is told the version. */
	p = bytes_find(c.p, cursor_left(&c), "server_version", 15);
	if (p != NULL && memchr(p + 15, '\0', (size_t)(c.end - p) - 15) != NULL)
		service_set(info->version, sizeof(info->version), p + 15,
		    strcspn((const char *)p + 15, " "));
	return true;
}

static enum talk_verdict
startup_input(struct talk *t)
{
	struct talk_cursor c;
	struct error e;
	unsigned kind;
	uint32_t len;

	cursor_init(&c, t->in, t->nin);
	kind = cursor_u8(&c);
	if (t->nin > 0 && kind != 'E' && kind != 'R')
		return TALK_NOT;
	len = cursor_be32(&c);
	if (!c.bad && (len < 8 || len > 2048))
		return TALK_NOT;
	if (t->nin < 1 + (size_t)len || t->nin < 5)
		return talk_need(t);
	if (kind == 'R') {
		if (!learn_auth(t->info, c))
			return TALK_NOT;
	} else {
		c.end = c.p + len - 4;
		if (!read_error(&c, &e))
			return TALK_NOT;
		learn_error(t->info, &e);
	}
	service_evidence(t->info, t->in, 1 + (size_t)len);
	t->step = SSL;
	return TALK_AGAIN;
}

/* What a release says of protocols it takes, and in which source file. */
static const struct {
	const char *range, *file, *release;
} releases[] = {
	{ "1.0 to 3.0", "postmaster.c", "10 or older" },
	{ "2.0 to 3.0", "postmaster.c", "11 to 13" },
	{ "3.0 to 3.0", "postmaster.c", "14 to 16" },
	{ "3.0 to 3.0", "backend_startup.c", "17" },
	{ "3.0 to 3.2", "backend_startup.c", "18" },
};

static void
nonsense_learn(struct talk *t)
{
	struct talk_cursor c;
	struct error e;
	size_t i;

	cursor_init(&c, t->in, t->nin);
	if (cursor_u8(&c) != 'E')
		return;
	cursor_skip(&c, 4);
	if (!read_error(&c, &e) || e.field['F'] == NULL)
		return;
	for (i = 0; i < nitems(releases); i++)
		if (strcmp(e.field['F'], releases[i].file) == 0 &&
		    strstr(e.field['M'], releases[i].range) != NULL)
			service_setf(t->info->extra, sizeof(t->info->extra),
			    "release %s", releases[i].release);
}

static enum talk_verdict
pg_input(struct talk *t)
{
	if (t->step == STARTUP)
		return startup_input(t);
	if (t->nin == 0 && !t->eof && !t->timeout)
		return TALK_MORE;
	if (t->step == SSL) {
		if (t->nin == 1 && (t->in[0] == 'S' || t->in[0] == 'N'))
			service_factf(t->info, "starttls", "%s",
			    t->in[0] == 'S' ? "yes" : "no");
		t->step = NONSENSE;
		return TALK_AGAIN;
	}
	if (!t->eof && !t->timeout)
		return TALK_MORE;
	nonsense_learn(t);
	return TALK_DONE;
}

const struct talk_ops talk_postgres = {
	.name = "postgres",
	.service = "postgresql",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "5432-5439,6432,26257",
	.rarity = 2,
	.begin = pg_begin,
	.input = pg_input,
	.source = "PostgreSQL documentation: frontend/backend protocol",
};
