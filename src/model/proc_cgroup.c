/* SPDX-License-Identifier: ISC */
/*
 * What a cgroup path says by itself: the systemd unit and the container a
 * process belongs to. Names of runtimes are a table; nobody is asked.
 */
#include "config.h"

#include "model/proc.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"

#define ID_SHORT 12 /* characters of a container's id that are shown */
#define ID_MIN   32 /* hexadecimal digits that make a word an id */

/* One path component, borrowed. */
struct word {
	const char *s;
	size_t n;
};

/* PREFIX-<id>.scope and PREFIX-<id>: whose containers those are. */
static const struct {
	const char *prefix, *runtime;
} id_prefixes[] = {
	{ "docker-", "docker" },
	{ "libpod-payload-", "podman" },
	{ "libpod-", "podman" },
	{ "cri-containerd-", "containerd" },
	{ "nerdctl-", "containerd" },
	{ "containerd-", "containerd" },
	{ "crio-", "cri-o" },
	{ "buildkit-", "buildkit" },
	{ "garden-", "garden" },
	{ "ecs-", "ecs" },
};

/* A directory of this name holds directories named by container id. */
static const struct {
	const char *dir, *runtime;
} id_parents[] = {
	{ "docker", "docker" },
	{ "system.slice:docker", "docker" },
	{ "actions_job", "docker" },
	{ "libpod_parent", "podman" },
	{ "containerd", "containerd" },
	{ "default", "containerd" }, /* containerd's namespaces */
	{ "moby", "docker" },
	{ "k8s.io", "containerd" },
	{ "garden", "garden" },
	{ "ecs", "ecs" },
};

/* PREFIX<name>: containers that have names, not ids. */
static const struct {
	const char *prefix, *suffix, *runtime;
} name_prefixes[] = {
	{ "lxc.payload.", "", "lxc" },
	{ "lxc.monitor.", "", NULL }, /* lxc's own process, on the host */
	{ "lxc.payload", "", NULL },
	{ "systemd-nspawn@", ".service", "nspawn" },
	{ "machine-qemu-", ".scope", "qemu" },
	{ "machine-lxc-", ".scope", "lxc" },
	{ "machine-", ".scope", "nspawn" },
	{ "lxd-", ".scope", "lxd" },
};

static bool
word_is(struct word w, const char *s)
{
	return strlen(s) == w.n && memcmp(w.s, s, w.n) == 0;
}

static bool
word_starts(struct word w, const char *s)
{
	size_t n = strlen(s);

	return w.n >= n && memcmp(w.s, s, n) == 0;
}

static bool
word_ends(struct word w, const char *s)
{
	size_t n = strlen(s);

	return w.n >= n && memcmp(w.s + w.n - n, s, n) == 0;
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* How many hexadecimal digits the word starts with; dashes do not count
 * (garden's and rkt's ids are UUIDs). */
static bool
word_is_id(struct word w)
{
	size_t i;

	if (w.n < ID_MIN)
		return false;
	for (i = 0; i < w.n; i++)
		if (!is_hex(w.s[i]) && w.s[i] != '-')
			return false;
	return true;
}

/* systemd writes odd bytes of a name as \xNN (unit_name_escape). */
static void
put_unescaped(struct buf *b, struct word w)
{
	size_t i;

	for (i = 0; i < w.n; i++) {
		char hex[3];
		uint64_t v;

		if (w.n - i >= 4 && w.s[i] == '\\' && w.s[i + 1] == 'x') {
			hex[0] = w.s[i + 2];
			hex[1] = w.s[i + 3];
			hex[2] = '\0';
			if (hex[0] != 'x' && hex[1] != 'x' &&
			    num_hex_u64(hex, 0xff, &v) && v != 0) {
				buf_putc(b, (char)v);
				i += 3;
				continue;
			}
		}
		buf_putc(b, w.s[i]);
	}
}

/* Clean text of what the buffer holds; the buffer is done with. */
static char *
buf_clean(struct buf *b)
{
	char *s = text_clean(b->data == NULL ? "" : b->data, b->len);

	buf_done(b);
	return s;
}

static char *
container_text(const char *runtime, struct word name, size_t max)
{
	struct buf b = { 0 };

	buf_puts(&b, runtime);
	buf_putc(&b, ':');
	if (max != 0 && name.n > max)
		name.n = max;
	buf_put(&b, name.s, name.n);
	return buf_clean(&b);
}

static struct word
word_without(struct word w, const char *prefix, const char *suffix)
{
	w.s += strlen(prefix);
	w.n -= strlen(prefix);
	if (word_ends(w, suffix))
		w.n -= strlen(suffix);
	return w;
}

/* docker-<id>.scope, libpod-<id>, .. */
static char *
by_id_prefix(struct word w)
{
	struct word id;
	size_t i;

	for (i = 0; i < nitems(id_prefixes); i++) {
		if (!word_starts(w, id_prefixes[i].prefix))
			continue;
		id = word_without(w, id_prefixes[i].prefix, ".scope");
		if (word_is_id(id))
			return container_text(
			    id_prefixes[i].runtime, id, ID_SHORT);
	}
	return NULL;
}

/* A bare id: what it is says the directory it lies in. */
static char *
by_parent(struct word parent, struct word w, bool kube)
{
	size_t i;

	if (!word_is_id(w))
		return NULL;
	for (i = 0; i < nitems(id_parents); i++)
		if (word_is(parent, id_parents[i].dir))
			return container_text(
			    id_parents[i].runtime, w, ID_SHORT);
	/* Pods' own directories are named pod<uid>, never a bare id. */
	if (kube)
		return container_text("kubepods", w, ID_SHORT);
	return NULL;
}

/* w is unescaped already. */
static char *
by_name(struct word parent, struct word w)
{
	struct word name;
	size_t i;

	if (word_is(parent, "lxc") && w.n > 0)
		return container_text("lxc", w, 0);
	if (word_is(parent, "lxd") && w.n > 0)
		return container_text("lxd", w, 0);
	for (i = 0; i < nitems(name_prefixes); i++) {
		if (!word_starts(w, name_prefixes[i].prefix) ||
		    !word_ends(w, name_prefixes[i].suffix))
			continue;
		if (name_prefixes[i].runtime == NULL)
			return NULL;
		name = word_without(
		    w, name_prefixes[i].prefix, name_prefixes[i].suffix);
		if (name.n == 0)
			return NULL;
		return container_text(name_prefixes[i].runtime, name, 0);
	}
	return NULL;
}

static char *
container_of(struct word parent, struct word w, bool kube)
{
	struct buf b = { 0 };
	char *ret;

	ret = by_id_prefix(w);
	if (ret == NULL)
		ret = by_parent(parent, w, kube);
	if (ret == NULL) {
		put_unescaped(&b, w);
		ret = by_name(
		    parent, (struct word){ .s = b.data == NULL ? "" : b.data,
				.n = b.len });
		buf_done(&b);
	}
	return ret;
}

static bool
is_unit(struct word w)
{
	static const char *const ends[] = { ".service", ".scope", ".socket",
		".mount", ".swap", ".timer", ".path", ".device" };
	size_t i;

	for (i = 0; i < nitems(ends); i++)
		if (w.n > strlen(ends[i]) && word_ends(w, ends[i]))
			return true;
	return false;
}

static bool
is_user_manager(struct word w)
{
	return word_starts(w, "user@") && word_ends(w, ".service");
}

/*
 * The unit is the first component that is one, below slices; beneath a user's
 * manager it is the unit of that manager. What a unit makes inside itself
 * (Delegate=, a container's own systemd) belongs to it. The container is the
 * innermost that can be told, so that one inside another is named.
 */
void
proc_cgroup_parse(const char *path, char **unit, char **container)
{
	struct word w, parent = { "", 0 }, found = { NULL, 0 };
	struct buf b = { 0 };
	bool user = false, kube = false;
	char *c;

	*unit = NULL;
	*container = NULL;
	for (; *path != '\0'; path = w.s + w.n) {
		path += strspn(path, "/");
		w = (struct word){ .s = path, .n = strcspn(path, "/") };
		if (w.n == 0)
			break;
		if (word_starts(w, "kubepods"))
			kube = true;
		if (is_unit(w) && (found.s == NULL || user)) {
			found = w;
			user = is_user_manager(w);
		}
		c = container_of(parent, w, kube);
		if (c != NULL) {
			free(*container);
			*container = c;
		}
		parent = w;
	}
	if (found.s != NULL) {
		put_unescaped(&b, found);
		*unit = buf_clean(&b);
	}
}

/* The value of "-name value" or "-name=value", one or two dashes. */
static const char *
flag_value(char *const argv[], int argc, const char *name)
{
	size_t n = strlen(name);
	const char *s;
	int i;

	for (i = 1; i < argc; i++) {
		s = argv[i];
		if (*s != '-')
			continue;
		s += s[1] == '-' ? 2 : 1;
		if (strncmp(s, name, n) != 0)
			continue;
		if (s[n] == '=')
			return s + n + 1;
		if (s[n] == '\0')
			return i + 1 < argc ? argv[i + 1] : NULL;
	}
	return NULL;
}

char *
proc_docker_proxy_note(const char *comm, char *const argv[], int argc)
{
	const char *ip, *port;
	struct buf b = { 0 };
	bool v6;

	if (strcmp(comm, "docker-proxy") != 0 &&
	    strcmp(comm, "rootlesskit-doc") != 0)
		return NULL;
	ip = flag_value(argv, argc, "container-ip");
	port = flag_value(argv, argc, "container-port");
	if (ip == NULL || port == NULL)
		return NULL;
	v6 = strchr(ip, ':') != NULL;
	buf_printf(&b, "docker-proxy for %s%s%s:%s", v6 ? "[" : "", ip,
	    v6 ? "]" : "", port);
	return buf_clean(&b);
}
