/* SPDX-License-Identifier: ISC */
#ifndef MODEL_FINDING_RULES_H
#define MODEL_FINDING_RULES_H

#include "model/finding.h"

/* Between the rules: what is judged, and what was found so far. */
#define SCENE_MAX 40
struct finding_scene {
	const struct service_info *info;
	uint16_t port;
	uint8_t proto; /* enum sock_proto */
	int64_t now;
	struct finding found[SCENE_MAX];
	size_t n;
};

/* As grave as its definition has it; evidence as printf makes it. */
void finding_add(struct finding_scene *, const char *id, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* At most as grave as this. */
void finding_add_at(struct finding_scene *, enum severity, const char *id,
    const char *, ...) __attribute__((format(printf, 4, 5)));

/* A fact, or "". */
const char *finding_fact(const struct finding_scene *, const char *name);
bool finding_fact_is(
    const struct finding_scene *, const char *name, const char *value);
/* Lists divided by blanks or commas: moves *list to its next word, whose length
 * it returns; 0: no more. */
size_t finding_word(const char **list);
/* A form that ends with * is the beginning of a word. */
bool finding_word_is(const char *word, size_t n, const char *form);
bool finding_has_word(const char *list, const char *form);

/* As facts have times: such compare as text. */
void finding_iso_time(char text[24], int64_t at);

/* Groups of rules, a file each. */
void finding_crypt(struct finding_scene *);
void finding_open(struct finding_scene *);
void finding_told(struct finding_scene *);
void finding_nmap(struct finding_scene *);

#endif
