/* SPDX-License-Identifier: ISC */
/* Looking things up in systemd's unit files. See units.h. */
#include "config.h"

#include "act/units.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/procfs.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/unitfile.h"

#define FILE_MAX    ((size_t)1 << 16)
#define DROPINS_MAX 256
#define SOCKETS_MAX 4096 /* .socket files looked at */
#define NAMES_MAX   16   /* NAME.d, PREFIX-.d, .. */
#define DIRS_MAX    16

/* systemd.unit(5), "System unit search path" and "User ..": first one wins. */
static const char *const system_dirs[] = { "/etc/systemd/system.control",
	"/run/systemd/system.control", "/run/systemd/transient",
	"/run/systemd/generator.early", "/etc/systemd/system",
	"/etc/systemd/system.attached", "/run/systemd/system",
	"/run/systemd/system.attached", "/run/systemd/generator",
	"/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
	"/lib/systemd/system", "/run/systemd/generator.late", NULL };
/* %h: the user's home, %u: /run/user/UID */
static const char *const user_dirs[] = { "%h/.config/systemd/user.control",
	"%u/systemd/user.control", "%u/systemd/transient",
	"%u/systemd/generator.early", "%h/.config/systemd/user",
	"/etc/systemd/user", "%u/systemd/user", "/run/systemd/user",
	"%u/systemd/generator", "%h/.local/share/systemd/user",
	"/usr/local/lib/systemd/user", "/usr/lib/systemd/user", NULL };

struct dirs {
	char *path[DIRS_MAX];
	size_t n;
};

/* A drop-in: the first one of its name is the one that counts. */
struct dropin {
	char *path, *name;
};

static void
dirs_done(struct dirs *d)
{
	while (d->n > 0)
		free(d->path[--d->n]);
}

static void
dirs_user(struct dirs *d, const char *root, uint32_t uid)
{
	struct passwd pw, *found = NULL;
	char buf[4096];
	size_t i;

	if (getpwuid_r(uid, &pw, buf, sizeof(buf), &found) != 0)
		found = NULL;
	for (i = 0; user_dirs[i] != NULL; i++) {
		const char *s = user_dirs[i];

		if (s[0] != '%')
			xasprintf(&d->path[d->n++], "%s%s", root, s);
		else if (s[1] == 'u')
			xasprintf(&d->path[d->n++], "%s/run/user/%u%s", root,
			    uid, s + 2);
		else if (found != NULL)
			xasprintf(&d->path[d->n++], "%s%s%s", root,
			    found->pw_dir, s + 2);
	}
}

static void
dirs_init(struct dirs *d, const char *root, bool user, uint32_t uid)
{
	size_t i;

	d->n = 0;
	if (user) {
		dirs_user(d, root, uid);
		return;
	}
	for (i = 0; system_dirs[i] != NULL; i++)
		xasprintf(&d->path[d->n++], "%s%s", root, system_dirs[i]);
}

static bool
parse_file(const char *path, unitfile_fn fn, void *arg)
{
	char *text = NULL;
	size_t len;

	if (procfs_slurp_at(AT_FDCWD, path, FILE_MAX, &text, &len) < 0)
		return false;
	unitfile_parse(text, len, fn, arg);
	free(text);
	return true;
}

/* "foo@bar.service" -> "foo@.service"; false: no instance of a template */
static bool
template_of(const char *unit, char **ret)
{
	const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');

	if (at == NULL || dot == NULL || dot < at || at + 1 == dot)
		return false;
	xasprintf(ret, "%.*s%s", (int)(at + 1 - unit), unit, dot);
	return true;
}

static bool
parse_unit(const struct dirs *d, const char *unit, unitfile_fn fn, void *arg)
{
	char *path;
	bool found = false;
	size_t i;

	for (i = 0; i < d->n && !found; i++) {
		xasprintf(&path, "%s/%s", d->path[i], unit);
		found = parse_file(path, fn, arg);
		free(path);
	}
	return found;
}

/* The directories' names, the one that counts most first: the unit's own, its
 * template's, those of its prefixes up to each dash, its type's. */
static size_t
dropin_names(const char *unit, char *names[NAMES_MAX])
{
	const char *dot = strrchr(unit, '.'), *p;
	size_t n = 0;
	char *own;

	if (dot == NULL)
		return 0;
	xasprintf(&names[n++], "%s.d", unit);
	if (template_of(unit, &own)) {
		xasprintf(&names[n++], "%s.d", own);
		free(own);
	}
	for (p = dot; p > unit && n < NAMES_MAX - 1; p--)
		if (p[-1] == '-' && p != dot)
			xasprintf(&names[n++], "%.*s%s.d", (int)(p - unit),
			    unit, dot);
	xasprintf(&names[n++], "%s.d", dot + 1);
	return n;
}

static bool
known(const struct dropin *list, size_t n, const char *name)
{
	while (n > 0)
		if (strcmp(list[--n].name, name) == 0)
			return true;
	return false;
}

static void
list_dropins(const char *dir, struct dropin *list, size_t *n)
{
	struct dirent *e;
	DIR *d = opendir(dir);
	size_t len;

	if (d == NULL)
		return;
	while (*n < DROPINS_MAX && (e = readdir(d)) != NULL) {
		len = strlen(e->d_name);
		if (len < 6 || strcmp(e->d_name + len - 5, ".conf") != 0 ||
		    known(list, *n, e->d_name))
			continue;
		xasprintf(&list[*n].path, "%s/%s", dir, e->d_name);
		list[(*n)++].name = xstrdup(e->d_name);
	}
	(void)closedir(d);
}

static int
dropin_cmp(const void *a, const void *b)
{
	return strcmp(
	    ((const struct dropin *)a)->name, ((const struct dropin *)b)->name);
}

static void
parse_dropins(const struct dirs *d, const char *unit, unitfile_fn fn, void *arg)
{
	struct dropin *list = xcalloc(DROPINS_MAX, sizeof(*list));
	char *names[NAMES_MAX], *path;
	size_t nnames = dropin_names(unit, names), n = 0, i, k;

	for (k = 0; k < nnames; k++) {
		for (i = 0; i < d->n; i++) {
			xasprintf(&path, "%s/%s", d->path[i], names[k]);
			list_dropins(path, list, &n);
			free(path);
		}
		free(names[k]);
	}
	qsort(list, n, sizeof(*list), dropin_cmp);
	for (i = 0; i < n; i++) {
		(void)parse_file(list[i].path, fn, arg);
		free(list[i].path);
		free(list[i].name);
	}
	free(list);
}

/* False: there is no such unit file. */
static bool
parse_all(const struct dirs *d, const char *unit, unitfile_fn fn, void *arg)
{
	bool found = parse_unit(d, unit, fn, arg);
	char *template;

	if (!found && template_of(unit, &template)) {
		found = parse_unit(d, template, fn, arg);
		free(template);
	}
	if (found)
		parse_dropins(d, unit, fn, arg);
	return found;
}

/* -- Restart= ---------------------------------------------------------------- */

static void
take_restart(
    void *arg, const char *section, const char *name, const char *value)
{
	char **restart = arg;

	if (strcmp(section, "Service") != 0 || strcmp(name, "Restart") != 0)
		return;
	free(*restart);
	/* Empty: as if it had never been set. */
	*restart = *value != '\0' ? text_clean(value, strlen(value)) : NULL;
}

static void
read_restart(const struct dirs *d, struct act_facts *f)
{
	char *restart = NULL;

	if (parse_all(d, f->unit, take_restart, &restart))
		f->restart = restart != NULL ? restart : xstrdup("no");
	else
		free(restart);
}

/* -- .socket units ------------------------------------------------------------ */

struct seeker {
	const struct act_port *port;
	size_t nports;
	bool listens, accept, held;
	char *service;
};

static void
take_socket(void *arg, const char *section, const char *name, const char *value)
{
	struct seeker *s = arg;
	uint8_t proto;
	size_t i;

	if (strcmp(section, "Socket") != 0)
		return;
	if (strcmp(name, "Service") == 0) {
		free(s->service);
		s->service = xstrdup(value);
	} else if (strcmp(name, "Accept") == 0)
		s->accept = strcmp(value, "yes") == 0 ||
			    strcmp(value, "true") == 0 ||
			    strcmp(value, "1") == 0 || strcmp(value, "on") == 0;
	if (strcmp(name, "ListenStream") == 0)
		proto = SOCK_TCP;
	else if (strcmp(name, "ListenDatagram") == 0)
		proto = SOCK_UDP;
	else
		return;
	if (*value == '\0')
		s->listens = s->held = false; /* forgets those before */
	for (i = 0; i < s->nports; i++)
		if (s->port[i].proto == proto &&
		    unitfile_listens(
			value, &s->port[i].local, s->port[i].family)) {
			s->listens = true;
			s->held |= s->port[i].managed;
		}
}

/* Whether it is there to be active: systemctl enable links it. */
static bool
enabled(const struct dirs *d, const char *unit)
{
	char *path;
	bool found = false;
	size_t i;

	for (i = 0; i < d->n && !found; i++) {
		xasprintf(
		    &path, "%s/sockets.target.wants/%s", d->path[i], unit);
		found =
		    faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
		free(path);
	}
	return found;
}

/* Whether this .socket unit's service is that of the process. */
static bool
serves(const struct seeker *s, const char *socket, const char *unit)
{
	size_t n = strlen(socket) - strlen(".socket");

	if (unit == NULL)
		return false;
	if (s->service != NULL)
		return strcmp(s->service, unit) == 0;
	if (strncmp(unit, socket, n) != 0)
		return false;
	return s->accept ? unit[n] == '@' : strcmp(unit + n, ".service") == 0;
}

static bool
is_it(const struct dirs *d, const char *socket, const struct act_facts *f,
    const struct act_port *port, size_t nports)
{
	struct seeker s = { .port = port, .nports = nports };
	bool ret;

	(void)parse_all(d, socket, take_socket, &s);
	ret = s.listens && (f->init || (serves(&s, socket, f->unit) &&
					   (s.held || enabled(d, socket))));
	free(s.service);
	return ret;
}

static void
look_in(const struct dirs *d, const char *dir, struct act_facts *f,
    const struct act_port *port, size_t nports, unsigned *looked)
{
	struct dirent *e;
	DIR *dp = opendir(dir);
	size_t len;

	if (dp == NULL)
		return;
	while (f->socket_unit == NULL && (e = readdir(dp)) != NULL) {
		len = strlen(e->d_name);
		if (len < 8 || strcmp(e->d_name + len - 7, ".socket") != 0 ||
		    ++*looked > SOCKETS_MAX)
			continue;
		if (is_it(d, e->d_name, f, port, nports))
			f->socket_unit = text_clean(e->d_name, len);
	}
	(void)closedir(dp);
}

void
units_read(const char *root, struct act_facts *f, uint32_t uid,
    const struct act_port *port, size_t nports)
{
	unsigned looked = 0;
	struct dirs d;
	size_t i;

	if (f->unit == NULL && !f->init)
		return;
	dirs_init(&d, root, f->user_unit, uid);
	if (f->unit != NULL)
		read_restart(&d, f);
	for (i = 0; i < d.n && nports > 0 && f->socket_unit == NULL; i++)
		look_in(&d, d.path[i], f, port, nports, &looked);
	dirs_done(&d);
}
