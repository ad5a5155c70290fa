/* SPDX-License-Identifier: ISC */
/* Answers of services, packed. */
#include "config.h"

#include "model/scan_answers.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"

struct answer {
	uint32_t key, took_ms;
	bool tls;
	uint8_t method, conf;
	uint16_t nfacts, facts_len;
	char text[]; /* fields[], each with its NUL; then the facts */
};

#define FIELD(m)                                             \
	{                                                    \
		offsetof(struct service_info, m),            \
		    sizeof(((struct service_info *)NULL)->m) \
	}
static const struct {
	size_t off, size;
} fields[] = { FIELD(name), FIELD(product), FIELD(version), FIELD(extra),
	FIELD(host), FIELD(os), FIELD(device), FIELD(cpe), FIELD(how),
	FIELD(evidence) };

static uint32_t
key_make(uint8_t proto, uint16_t port, bool nmap)
{
	return (uint32_t)proto << 17 | (uint32_t)port << 1 | nmap;
}

static uint64_t
key_of(const void *arg, uint32_t i)
{
	const struct answers *a = arg;

	return a->all[i]->key;
}

void
answers_done(struct answers *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		free(a->all[i]);
	free(a->all);
	if (a->n > 0)
		hash_done(&a->index);
	memset(a, 0, sizeof(*a));
}

static struct answer *
pack(uint32_t key, const struct service_info *s)
{
	const char *base = (const char *)s;
	size_t i, n = s->facts_len;
	struct answer *a;
	char *p;

	for (i = 0; i < nitems(fields); i++)
		n += strlen(base + fields[i].off) + 1;
	a = xmalloc(sizeof(*a) + n);
	a->key = key;
	a->took_ms = s->took_ms;
	a->tls = s->tls;
	a->method = (uint8_t)s->method;
	a->conf = s->conf;
	a->nfacts = s->nfacts;
	a->facts_len = s->facts_len;
	for (p = a->text, i = 0; i < nitems(fields); i++, p += n) {
		n = strlen(base + fields[i].off) + 1;
		memcpy(p, base + fields[i].off, n);
	}
	memcpy(p, s->facts, s->facts_len);
	return a;
}

static void
unpack(const struct answer *a, struct service_info *s)
{
	const char *p = a->text;
	size_t i, n;

	service_init(s);
	s->took_ms = a->took_ms;
	s->tls = a->tls;
	s->method = (enum service_method)a->method;
	s->conf = a->conf;
	s->nfacts = a->nfacts;
	s->facts_len = a->facts_len;
	for (i = 0; i < nitems(fields); i++, p += n) {
		n = strlen(p) + 1;
		memcpy((char *)s + fields[i].off, p, n);
	}
	memcpy(s->facts, p, a->facts_len);
}

/* HASH_NONE: it is not there. */
static uint32_t
find(const struct answers *a, uint32_t key)
{
	return a->n == 0 ? HASH_NONE : hash_find(&a->index, key);
}

bool
answers_put(struct answers *a, uint8_t proto, uint16_t port,
    const struct service_info *s)
{
	const uint32_t key =
	    key_make(proto, port, s->method == SERVICE_BY_NMAP);
	const uint32_t at = find(a, key);
	struct service_info was;

	if (at != HASH_NONE) {
		unpack(a->all[at], &was);
		if (!service_better(s, &was))
			return false;
		free(a->all[at]);
		a->all[at] = pack(key, s);
		return true;
	}
	if (a->n == 0)
		hash_init(&a->index, key_of, a);
	a->all = array_grow(a->all, &a->cap, a->n + 1, sizeof(*a->all));
	a->all[a->n] = pack(key, s);
	hash_add(&a->index, key, (uint32_t)a->n++);
	return true;
}

bool
answers_get(const struct answers *a, uint8_t proto, uint16_t port, bool nmap,
    struct service_info *ret)
{
	const uint32_t at = find(a, key_make(proto, port, nmap));

	if (at == HASH_NONE)
		return false;
	unpack(a->all[at], ret);
	return true;
}

bool
answers_best(const struct answers *a, uint8_t proto, uint16_t port,
    struct service_info *ret)
{
	struct service_info other;

	if (!answers_get(a, proto, port, false, ret))
		return answers_get(a, proto, port, true, ret);
	if (answers_get(a, proto, port, true, &other) &&
	    service_better(&other, ret))
		*ret = other;
	return true;
}
