/* SPDX-License-Identifier: ISC */
/* Servers of games: what their lists of servers ask. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/dgram.h"
#include "probe/line.h"

#define BYTES(s) .ask = (s), .len = sizeof(s) - 1

/* -- Teeworlds -------------------------------------------------------------- */

enum teeworlds_step {
	TOKEN, /* 0.7: a token is asked for */
	INFO,  /* and shown */
	OLD    /* 0.6, DDNet */
};

static void
teeworlds_begin(struct talk *t)
{
	static const char token[] = "\4\0\0\xff\xff\xff\xff\5deck";

	talk_send(t, token, sizeof(token) - 1);
	buf_pad(&t->out, '\0', 520 - (sizeof(token) - 1));
}

/* Version, name, host (0.7 alone), map, kind of game. */
static bool
teeworlds_info(struct talk *t, struct talk_cursor c, bool host)
{
	struct service_info *i = t->info;
	const uint8_t *p;
	size_t n;

	if ((p = cursor_text(&c, &n)) == NULL || n == 0 || !line_is_text(p, n))
		return false;
	service_set(i->version, sizeof(i->version), p, n);
	/* "0.6.4, 17.2" of those that go on from it. */
	i->version[strcspn(i->version, ", ")] = '\0';
	service_setf(i->product, sizeof(i->product), "Teeworlds");
	line_cpe(i, "teeworlds:teeworlds");
	if ((p = cursor_text(&c, &n)) == NULL)
		return false;
	service_set(i->extra, sizeof(i->extra), p, n);
	if (host && (p = cursor_text(&c, &n)) != NULL)
		service_set(i->host, sizeof(i->host), p, n);
	if ((p = cursor_text(&c, &n)) != NULL)
		service_fact(i, "game.map", p, n);
	if ((p = cursor_text(&c, &n)) != NULL)
		service_fact(i, "game.mode", p, n);
	return true;
}

static bool
teeworlds_token(struct talk *t, struct talk_cursor c)
{
	static const char info[] = "\xff\xff\xff\xffgie3\x05";
	const uint8_t *token;

	cursor_skip(&c, 3);
	if (!cursor_is(&c, "deck\5", 5) || (token = cursor_take(&c, 4)) == NULL)
		return false;
	t->step = INFO;
	talk_send(t, "\x21", 1);
	talk_send(t, token, 4);
	talk_send(t, "deck", 4);
	talk_send(t, info, sizeof(info) - 1);
	return true;
}

static enum talk_verdict
teeworlds_input(struct talk *t)
{
	static const char old[] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xffgie3"
				  "\x05";
	struct talk_cursor c;
	bool ok = false;

	if (t->timeout && t->step == TOKEN) {
		t->step = OLD;
		talk_send(t, old, sizeof(old) - 1);
		return TALK_MORE;
	}
	if (t->timeout)
		return t->info->evidence[0] != '\0' ? TALK_DONE : TALK_NOT;
	cursor_init(&c, t->in + t->nin - t->cut, t->cut);
	switch ((enum teeworlds_step)t->step) {
	case TOKEN:
		if (!teeworlds_token(t, c))
			return TALK_NOT;
		service_evidence(t->info, c.p, t->cut);
		return TALK_MORE;
	case INFO:
		cursor_skip(&c, 1 + 4 + 4);
		ok = cursor_is(&c, "\xff\xff\xff\xffinf3\x05", 9) &&
		     teeworlds_info(t, c, true);
		break;
	case OLD:
		cursor_skip(&c, 6);
		ok = cursor_is(&c,
			 "\xff\xff\xff\xffinf3"
			 "5\0",
			 10) &&
		     teeworlds_info(t, c, false);
		break;
	}
	if (!ok)
		return t->step == INFO ? TALK_MORE : TALK_NOT;
	service_evidence(t->info, t->in + t->nin - t->cut, t->cut);
	return TALK_DONE;
}

const struct talk_ops talk_teeworlds = {
	.name = "teeworlds",
	.service = "teeworlds",
	.flags = TALK_UDP,
	.ports = "8303-8310",
	.rarity = 7,
	.wait_ms = 700,
	.begin = teeworlds_begin,
	.input = teeworlds_input,
	.source = "Teeworlds 0.7: src/engine/shared/network.h, mastersrv.h",
};

/* -- Quake and its kin ------------------------------------------------------ */

static const struct line_form engines[] = {
	{ .form = "ioq3+oa %v*", .product = "OpenArena" },
	{ .form = "ioq3 %v*",
	    .product = "ioquake3",
	    .cpe = "ioquake3:ioquake3" },
	{ .form = "Q3 %v*",
	    .product = "Quake III Arena",
	    .cpe = "id_software:quake_3_arena_server" },
	{ .form = "ET %v*", .product = "Wolfenstein: Enemy Territory" },
	{ .form = "ET Legacy v%v*", .product = "ET: Legacy" },
	{ .form = "openjk%v*", .product = "OpenJK" },
	{ .form = "CoD%x", .product = "Call of Duty" },
	{ .form = "Nexuiz %v*", .product = "Nexuiz" },
	{ .form = "Xonotic %v*", .product = "Xonotic" },
	{ .form = "tremulous %v*", .product = "Tremulous" },
	{ .form = "Unvanquished %v*", .product = "Unvanquished" },
	{ .form = "yquake2 %v*", .product = "Yamagi Quake II" },
	{ .form = "R1Q2 *%v*", .product = "R1Q2" },
	{ .form = "ezQuake %v*", .product = "ezQuake" },
	{ .form = "mvdsv %v*", .product = "MVDSV" },
};
/* Under which names servers tell their version, their own name, their map. */
static const struct {
	const char *key;
	enum {
		KEY_VERSION,
		KEY_NAME,
		KEY_MAP,
		KEY_GAME
	} what;
} quake_keys[] = {
	{ "version", KEY_VERSION },
	{ "*version", KEY_VERSION },
	{ "sv_hostname", KEY_NAME },
	{ "hostname", KEY_NAME },
	{ "mapname", KEY_MAP },
	{ "map", KEY_MAP },
	{ "gamename", KEY_GAME },
};

static void
on_quake(struct talk *t, const char *key, size_t k, const char *s, size_t n)
{
	struct service_info *i = t->info;
	size_t j;

	for (j = 0; j < nitems(quake_keys); j++)
		if (line_same(key, k, quake_keys[j].key))
			break;
	if (j == nitems(quake_keys))
		return;
	switch (quake_keys[j].what) {
	case KEY_VERSION:
		service_fact(i, "game.version", s, n);
		if (line_find(i, engines, nitems(engines), s, n) == NULL)
			service_set(i->version, sizeof(i->version), s, n);
		break;
	case KEY_NAME:
		service_set(i->extra, sizeof(i->extra), s, n);
		break;
	case KEY_MAP:
		service_fact(i, "game.map", s, n);
		break;
	case KEY_GAME:
		service_fact(i, "game.mode", s, n);
		break;
	}
}

/* "\key\value\key\value", to the end of the line. */
static bool
quake_pairs(struct talk *t, const char *s, size_t n)
{
	const char *end = memchr(s, '\n', n), *key, *value, *next;

	end = end != NULL ? end : s + n;
	if (s == end || *s != '\\')
		return false;
	while (s < end) {
		key = s + 1;
		value = memchr(key, '\\', (size_t)(end - key));
		if (value == NULL)
			return true;
		next = memchr(value + 1, '\\', (size_t)(end - value) - 1);
		next = next != NULL ? next : end;
		on_quake(t, key, (size_t)(value - key), value + 1,
		    (size_t)(next - value) - 1);
		s = next;
	}
	return true;
}

static bool
quake3_learn(struct talk *t, struct talk_cursor c)
{
	return cursor_is(&c, "\xff\xff\xff\xffstatusResponse\n", 19) &&
	       quake_pairs(t, (const char *)c.p, cursor_left(&c));
}

/* A letter before them. */
static bool
quakeworld_learn(struct talk *t, struct talk_cursor c)
{
	return cursor_is(&c, "\xff\xff\xff\xffn", 5) &&
	       quake_pairs(t, (const char *)c.p, cursor_left(&c));
}

/* A word before them. */
static bool
quake2_learn(struct talk *t, struct talk_cursor c)
{
	return cursor_is(&c, "\xff\xff\xff\xffprint\n", 10) &&
	       quake_pairs(t, (const char *)c.p, cursor_left(&c));
}

/* Quake: length, CCREP_SERVER_INFO, its address, name, map, players. */
static bool
quake_learn(struct talk *t, struct talk_cursor c)
{
	struct service_info *i = t->info;
	const uint8_t *p;
	size_t n;

	if (!cursor_is(&c, "\x80\0", 2) || cursor_be16(&c) != t->cut ||
	    cursor_u8(&c) != 0x83 || cursor_text(&c, &n) == NULL ||
	    (p = cursor_text(&c, &n)) == NULL)
		return false;
	service_set(i->extra, sizeof(i->extra), p, n);
	if ((p = cursor_text(&c, &n)) == NULL)
		return false;
	service_fact(i, "game.map", p, n);
	service_setf(i->product, sizeof(i->product), "Quake");
	return true;
}

/* -- Source ----------------------------------------------------------------- */

static const char a2s[] = "\xff\xff\xff\xffTSource Engine Query";

/* Protocol, name, map, folder, game, number, players, most, bots, kind, system,
 * visibility, VAC, version. Who wants to see the question come again first says
 * with what. */
static bool
source_learn(struct talk *t, struct talk_cursor c)
{
	struct service_info *i = t->info;
	const uint8_t *p;
	uint8_t kind, system;
	size_t n;

	if (!cursor_is(&c, "\xff\xff\xff\xff", 4))
		return false;
	kind = cursor_u8(&c);
	if (kind == 'A' && t->step == 0 && cursor_left(&c) == 4) {
		t->step = 1;
		talk_send(t, a2s, sizeof(a2s));
		talk_send(t, c.p, 4);
		return true;
	}
	if (kind != 'I')
		return false;
	cursor_skip(&c, 1);
	if ((p = cursor_text(&c, &n)) != NULL)
		service_set(i->extra, sizeof(i->extra), p, n);
	if ((p = cursor_text(&c, &n)) != NULL)
		service_fact(i, "game.map", p, n);
	(void)cursor_text(&c, &n);
	if ((p = cursor_text(&c, &n)) != NULL)
		service_set(i->product, sizeof(i->product), p, n);
	cursor_skip(&c, 2 + 3 + 1);
	system = cursor_u8(&c);
	cursor_skip(&c, 2);
	p = cursor_text(&c, &n);
	if (p == NULL)
		return false;
	service_set(i->version, sizeof(i->version), p, n);
	service_setf(i->os, sizeof(i->os), "%s",
	    system == 'l'   ? "Linux"
	    : system == 'w' ? "Windows"
			    : "");
	return true;
}

/* -- Minecraft Bedrock (RakNet) ---------------------------------------------- */

#define MAGIC "\x00\xff\xff\x00\xfe\xfe\xfe\xfe\xfd\xfd\xfd\xfd\x12\x34\x56\x78"

/* "MCPE;name;protocol;version;players;most;id;level;mode;.." */
static bool
bedrock_learn(struct talk *t, struct talk_cursor c)
{
	struct service_info *i = t->info;
	const char *s, *end;
	size_t n, k;

	if (cursor_u8(&c) != 0x1c || !cursor_is(&c, "sockdeck", 8))
		return false;
	cursor_skip(&c, 8);
	if (!cursor_is(&c, MAGIC, 16))
		return false;
	n = cursor_be16(&c);
	s = (const char *)cursor_take(&c, n);
	if (s == NULL)
		return false;
	for (k = 0; n > 0 && k < 4; k++) {
		end = memchr(s, ';', n);
		end = end != NULL ? end : s + n;
		if (k == 0 && (size_t)(end - s) == 4 &&
		    memcmp(s, "MCPE", 4) == 0)
			service_setf(i->product, sizeof(i->product),
			    "Minecraft Bedrock server");
		else if (k == 1)
			service_set(
			    i->extra, sizeof(i->extra), s, (size_t)(end - s));
		else if (k == 3)
			service_set(i->version, sizeof(i->version), s,
			    (size_t)(end - s));
		n -= (size_t)(end - s);
		n -= n > 0;
		s = end + 1;
	}
	return true;
}

/* -- others ----------------------------------------------------------------- */

/* Length, kind 1, version of the answer; the server's version and name are
 * behind what differs from version to version. */
static bool
openttd_learn(struct talk *t, struct talk_cursor c)
{
	unsigned len = cursor_le16(&c), kind = cursor_u8(&c),
		 version = cursor_u8(&c);

	if (len != t->cut || kind != 1 || version < 1 || version > 9)
		return false;
	service_setf(t->info->product, sizeof(t->info->product), "OpenTTD");
	return true;
}

/* From the server (1), channel 0, reliable (3), the first number, control (0),
 * "you are" (1), and a number. */
static bool
minetest_learn(struct talk *t, struct talk_cursor c)
{
	if (!cursor_is(&c, "OEt\x03\0\1\0\3\xff\xdc\0\1", 12) ||
	    cursor_left(&c) != 2)
		return false;
	service_setf(t->info->product, sizeof(t->info->product), "Minetest");
	return true;
}

static bool
teamspeak_learn(struct talk *t, struct talk_cursor c)
{
	if (!cursor_is(&c, "TS3INIT1", 8) || cursor_left(&c) < 4)
		return false;
	service_setf(
	    t->info->product, sizeof(t->info->product), "TeamSpeak 3 server");
	return true;
}

/* "\key\value" of an older world. */
static bool
gamespy_learn(struct talk *t, struct talk_cursor c)
{
	const char *s = (const char *)c.p;
	size_t n = cursor_left(&c);

	return line_is_text(s, n) && line_has(s, n, "\\hostname\\") &&
	       (line_has(s, n, "\\final\\") || line_has(s, n, "\\queryid\\")) &&
	       quake_pairs(t, s, n);
}

static const struct dgram games[] = {
	{ .name = "quake3",
	    BYTES("\xff\xff\xff\xffgetstatus sockdeck\n"),
	    .learn = quake3_learn },
	{ .name = "quakeworld",
	    BYTES("\xff\xff\xff\xffstatus\n"),
	    .learn = quakeworld_learn },
	{ .name = "quake2",
	    BYTES("\xff\xff\xff\xffstatus\n"),
	    .learn = quake2_learn },
	{ .name = "quake",
	    BYTES("\x80\0\0\x0c\2QUAKE\0\3"),
	    .learn = quake_learn },
	{ .name = "source",
	    .ask = a2s,
	    .len = sizeof(a2s),
	    .learn = source_learn },
	{ .name = "bedrock",
	    BYTES("\1sockdeck" MAGIC "sockdeck"),
	    .learn = bedrock_learn },
	{ .name = "openttd", BYTES("\3\0\0"), .learn = openttd_learn },
	{ .name = "minetest",
	    BYTES("OEt\3\0\0\0\3\xff\xdc\1"),
	    .learn = minetest_learn },
	{ .name = "teamspeak_voice",
	    BYTES("TS3INIT1\0e\0\0\x88\6;\xec\xe9\0\0\0\0\0deck\0\0\0\0\0\0\0"
		  "\0"),
	    .learn = teamspeak_learn },
	{ .name = "gamespy", BYTES("\\info\\"), .learn = gamespy_learn },
};

static void
begin(struct talk *t)
{
	dgram_say(t, games, nitems(games));
}

static enum talk_verdict
input(struct talk *t)
{
	return dgram_judge(t, games, nitems(games));
}

const struct talk_ops talk_quake3 = {
	.name = "quake3",
	.service = "quake3",
	.flags = TALK_UDP,
	.ports = "27960-27970,28960,30120,27950,44400,26000",
	.rarity = 7,
	.wait_ms = 700,
	.begin = begin,
	.input = input,
	.source = "Quake III Arena: code/server/sv_main.c",
};

const struct talk_ops talk_quakeworld = {
	.name = "quakeworld",
	.service = "quakeworld",
	.flags = TALK_UDP,
	.ports = "27500",
	.rarity = 8,
	.wait_ms = 700,
	.begin = begin,
	.input = input,
	.source = "QuakeWorld: server/sv_main.c",
};

const struct talk_ops talk_quake2 = {
	.name = "quake2",
	.service = "quake2",
	.flags = TALK_UDP,
	.ports = "27910",
	.rarity = 8,
	.wait_ms = 700,
	.begin = begin,
	.input = input,
	.source = "Quake II: server/sv_main.c",
};

const struct talk_ops talk_quake = {
	.name = "quake",
	.service = "quake",
	.flags = TALK_UDP,
	.ports = "26000",
	.rarity = 8,
	.wait_ms = 700,
	.begin = begin,
	.input = input,
	.source = "Quake: net_dgrm.c",
};

const struct talk_ops talk_source = {
	.name = "source",
	.service = "steam",
	.flags = TALK_UDP,
	.ports = "27015-27020,2303,2457,28015",
	.rarity = 7,
	.wait_ms = 700,
	.begin = begin,
	.input = input,
	.source = "Valve: server queries, A2S_INFO",
};

const struct talk_ops talk_bedrock = {
	.name = "bedrock",
	.service = "minecraft-bedrock",
	.flags = TALK_UDP,
	.ports = "19132-19133",
	.rarity = 7,
	.wait_ms = 700,
	.begin = begin,
	.input = input,
	.source = "RakNet: ID_UNCONNECTED_PING",
};

const struct talk_ops talk_openttd = {
	.name = "openttd",
	.service = "openttd",
	.flags = TALK_UDP | TALK_LAST,
	.ports = "3979",
	.rarity = 8,
	.wait_ms = 700,
	.begin = begin,
	.input = input,
	.source = "OpenTTD: network/core/udp.h",
};

const struct talk_ops talk_minetest = {
	.name = "minetest",
	.service = "minetest",
	.flags = TALK_UDP,
	.ports = "30000",
	.rarity = 7,
	.wait_ms = 700,
	.begin = begin,
	.input = input,
	.source = "Minetest: src/network/mtp",
};

const struct talk_ops talk_teamspeak_voice = {
	.name = "teamspeak_voice",
	.service = "teamspeak3",
	.flags = TALK_UDP,
	.ports = "9987",
	.rarity = 7,
	.wait_ms = 700,
	.begin = begin,
	.input = input,
	.source = "TeamSpeak 3: low-level protocol",
};

const struct talk_ops talk_gamespy = {
	.name = "gamespy",
	.service = "gamespy",
	.flags = TALK_UDP | TALK_LAST,
	.ports = "7777-7787,23000",
	.rarity = 8,
	.wait_ms = 700,
	.begin = begin,
	.input = input,
	.source = "GameSpy query protocol 1",
};
