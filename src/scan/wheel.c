/* SPDX-License-Identifier: ISC */
/* A timer wheel. Times are milliseconds of 32 bits that may wrap. */
#include "config.h"

#include "scan/wheel.h"

#include <string.h>

static uint32_t *
head_of(struct wheel *w, uint32_t due)
{
	return &w->head[due & (WHEEL_SLOTS - 1)];
}

void
wheel_init(struct wheel *w, uint32_t now,
    struct wheel_link *(*link)(void *, uint32_t), void *arg)
{
	memset(w->head, 0xff, sizeof(w->head));
	w->now = now;
	w->n = 0;
	w->link = link;
	w->arg = arg;
}

void
wheel_add(struct wheel *w, uint32_t index, uint32_t due)
{
	struct wheel_link *l = w->link(w->arg, index);
	uint32_t *head;

	if ((int32_t)(due - w->now) < 1)
		due = w->now + 1;
	head = head_of(w, due);
	l->due = due;
	l->prev = WHEEL_NONE;
	l->next = *head;
	if (l->next != WHEEL_NONE)
		w->link(w->arg, l->next)->prev = index;
	*head = index;
	w->n++;
}

void
wheel_remove(struct wheel *w, uint32_t index)
{
	struct wheel_link *l = w->link(w->arg, index);

	if (l->prev != WHEEL_NONE)
		w->link(w->arg, l->prev)->next = l->next;
	else
		*head_of(w, l->due) = l->next;
	if (l->next != WHEEL_NONE)
		w->link(w->arg, l->next)->prev = l->prev;
	w->n--;
}

uint32_t
wheel_next(struct wheel *w, uint32_t now)
{
	uint32_t i;

	for (;; w->now++) {
		for (i = *head_of(w, w->now); i != WHEEL_NONE;
		     i = w->link(w->arg, i)->next)
			/* Of a later round are those that are not due yet. */
			if ((int32_t)(w->link(w->arg, i)->due - w->now) <= 0) {
				wheel_remove(w, i);
				return i;
			}
		if ((int32_t)(now - w->now) <= 0)
			return WHEEL_NONE;
	}
}

uint32_t
wheel_wait(const struct wheel *w, uint32_t now, uint32_t most)
{
	uint32_t t;

	if (w->n == 0)
		return most;
	for (t = w->now; t - w->now < WHEEL_SLOTS; t++) {
		if ((int32_t)(t - now) >= (int32_t)most)
			return most;
		if (w->head[t & (WHEEL_SLOTS - 1)] != WHEEL_NONE)
			return (int32_t)(t - now) > 0 ? t - now : 0;
	}
	return most;
}
