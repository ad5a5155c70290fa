/* SPDX-License-Identifier: ISC */
/* One reading, as a growing heap object; it knows nothing of where from. */
#include "config.h"

#include "model/snap.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/pressure.h"

const char *
snap_source_name(enum snap_source source)
{
	static const char *const names[] = { [SOURCE_NETLINK] = "netlink",
		[SOURCE_PROCFS] = "procfs",
		[SOURCE_FILE] = "file" };

	return (size_t)source < nitems(names) ? names[source] : "-";
}

const char *
snap_hidden_why(enum snap_source source, bool privileged, const char *remedy)
{
	if (remedy != NULL || !privileged || source == SOURCE_FILE)
		return remedy;
	/* All processes were read, and none has it. */
	return "held by the kernel, or outside this pid namespace";
}

struct snap *
snap_new(void)
{
	return xcalloc(1, sizeof(struct snap));
}

void
snap_free(struct snap *snap)
{
	size_t i;

	if (snap == NULL)
		return;
	for (i = 0; i < snap->n; i++) {
		owners_done(&snap->sock[i].owners);
		free(snap->sock[i].ext);
	}
	free(snap->sock);
	free(snap->gone);
	for (i = 0; i < snap->nnames; i++)
		free(snap->name[i].text);
	free(snap->name);
	for (i = 0; i < snap->nwarnings; i++)
		free(snap->warning[i]);
	free(snap->warning);
	free(snap->remedy);
	free(snap->host);
	pressure_free(snap->pressure);
	free(snap);
}

struct snap_sock *
snap_add(struct snap *snap)
{
	struct snap_sock *s;

	snap->sock = array_grow(
	    snap->sock, &snap->cap, snap->n + 1, sizeof(*snap->sock));
	s = &snap->sock[snap->n++];
	memset(s, 0, sizeof(*s));
	return s;
}

void
snap_add_gone(struct snap *snap, struct sock_key key)
{
	struct sock_key *k;

	snap->gone = array_grow(
	    snap->gone, &snap->gone_cap, snap->ngone + 1, sizeof(*snap->gone));
	k = &snap->gone[snap->ngone++];
	memset(k, 0, sizeof(*k));
	k->cookie = key.cookie;
	k->netns = key.netns;
}

void
snap_add_name(struct snap *snap, enum name_kind kind, uint32_t netns,
    uint64_t id, const char *text)
{
	snap->name = array_grow(snap->name, &snap->names_cap, snap->nnames + 1,
	    sizeof(*snap->name));
	snap->name[snap->nnames++] = (struct name){
		.id = id, .netns = netns, .kind = kind, .text = xstrdup(text)
	};
}

void
snap_warn(struct snap *snap, const char *fmt, ...)
{
	va_list ap;
	char *raw, *text;
	size_t i;
	int len;

	va_start(ap, fmt);
	len = xvasprintf(&raw, fmt, ap);
	va_end(ap);
	text = text_clean(raw, (size_t)len);
	free(raw);

	snap->flags |= SNAP_PARTIAL;
	for (i = 0; i < snap->nwarnings; i++)
		if (strcmp(snap->warning[i], text) == 0) {
			free(text);
			return;
		}
	snap->warning = xreallocarray(
	    snap->warning, snap->nwarnings + 1, sizeof(*snap->warning));
	snap->warning[snap->nwarnings++] = text;
}
