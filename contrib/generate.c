/* SPDX-License-Identifier: ISC */
/*
 * Writes what is derived from the tables: the completions of three shells
 * and the sample config. `make contrib` puts them into the source tree, and
 * a test compares. Not installed.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "cli/args.h"
#include "model/column.h"
#include "model/explain.h"
#include "model/option.h"

/* Words of the filter language that are no column. */
static const char *const filter_words[] = { "state", "exclude", "src", "dst",
	"sport", "dport", "dev", "fwmark", "cgroup", "autobound", "and", "or",
	"not", NULL };
static const char *const state_words[] = { "all", "connected", "synchronized",
	"bucket", "big", NULL };

static void
put_columns(struct buf *b, const char *end)
{
	const struct column *c;

	for (c = columns; c->name != NULL; c++)
		buf_printf(b, "%s%s%s", c == columns ? "" : " ", c->name, end);
}

static void
put_commands(struct buf *b)
{
	const struct command_def *c;

	for (c = command_defs; c->name != NULL; c++)
		buf_printf(b, "%s%s%s%s", c == command_defs ? "" : " ", c->name,
		    c->alias != NULL ? " " : "",
		    c->alias != NULL ? c->alias : "");
}

static void
put_states(struct buf *b)
{
	const char *s;
	int i;

	for (i = 0; state_words[i] != NULL; i++)
		buf_printf(b, "%s%s", i > 0 ? " " : "", state_words[i]);
	for (i = 1; i < SOCK_NSTATES; i++) {
		if (i == 12) /* the kernel's other SYN-RECEIVED */
			continue;
		buf_putc(b, ' ');
		for (s = sock_state_name(i); *s != '\0'; s++)
			buf_putc(b, *s >= 'A' && *s <= 'Z' ? *s + 32 : *s);
	}
}

/* What explain can be asked for; a name of several words is one with
 * hyphens. */
static void
put_explain(struct buf *b)
{
	const struct service *s, *t;
	const char *w;
	size_t i = 0, at;

	buf_puts(b, "services questions myths");
	while ((w = explain_word_at(&i)) != NULL) {
		buf_putc(b, ' ');
		for (; *w != '\0'; w++)
			buf_putc(b, *w == ' '                ? '-'
				    : *w >= 'A' && *w <= 'Z' ? *w + 32
							     : *w);
	}
	for (s = services; s->name != NULL; s++) {
		at = 0;
		for (t = services; t < s && at == 0; t++)
			at = strcmp(t->name, s->name) == 0;
		if (at == 0)
			buf_printf(b, " %s", s->name);
	}
}

static void
put_words(struct buf *b, const char *const *word)
{
	size_t i;

	for (i = 0; word[i] != NULL; i++)
		buf_printf(b, "%s%s", i > 0 ? " " : "", word[i]);
}

/* Every option there is, each once: *c NULL at the beginning. A command's
 * own come with it, the shared ones at the end with *c still NULL. */
static const struct arg_def *
next_option(const struct command_def **c, const struct arg_def **d)
{
	if (*d == NULL)
		*c = command_defs;
	else if ((++*d)->help != NULL)
		return *d;
	else if ((*c)->name == NULL)
		return NULL;
	else
		(*c)++;
	while ((*c)->name != NULL &&
	       ((*c)->args == NULL || (*c)->args->help == NULL))
		(*c)++;
	return *d = (*c)->name != NULL ? (*c)->args : arg_defs;
}

/* "-c|--columns" of all options whose argument completes so. */
static bool
put_pattern(struct buf *b, const char *completes)
{
	const struct command_def *c;
	const struct arg_def *d = NULL;
	size_t at = b->len;

	while (next_option(&c, &d) != NULL) {
		if (d->completes == NULL ||
		    strcmp(d->completes, completes) != 0)
			continue;
		if (d->letter != NULL)
			buf_printf(
			    b, "%s-%s", b->len > at ? "|" : "", d->letter);
		if (d->name != NULL)
			buf_printf(
			    b, "%s--%s", b->len > at ? "|" : "", d->name);
		if (d->alias != NULL)
			buf_printf(
			    b, "%s--%s", b->len > at ? "|" : "", d->alias);
	}
	return b->len > at;
}

/* "-t --tcp -u" */
static void
put_options(struct buf *b, const struct command_def *c)
{
	const struct arg_def *d;
	size_t i = 0, at = b->len;

	while ((d = command_option(c, &i)) != NULL) {
		if (d->letter != NULL)
			buf_printf(
			    b, "%s-%s", b->len > at ? " " : "", d->letter);
		if (d->name != NULL)
			buf_printf(
			    b, "%s--%s", b->len > at ? " " : "", d->name);
	}
}

static void
put_bash_options(struct buf *b)
{
	const struct command_def *c;

	buf_puts(b, "\tif [[ $cur == -* ]]; then\n"
		    "\t\tcase ${COMP_WORDS[1]} in\n");
	for (c = command_defs; c->name != NULL; c++) {
		if (strcmp(c->name, "list") == 0)
			continue;
		buf_printf(b, "\t\t%s", c->name);
		if (c->alias != NULL)
			buf_printf(b, "|%s", c->alias);
		buf_puts(b, ") list='");
		put_options(b, c);
		buf_puts(b, "' ;;\n");
	}
	buf_puts(b, "\t\t*) list='");
	put_options(b, command_find("list"));
	buf_puts(b, "' ;;\n\t\tesac\n"
		    "\t\tCOMPREPLY=($(compgen -W \"$list\" -- \"$cur\"))\n");
}

static void
put_bash(struct buf *b)
{
	const struct command_def *c;
	const struct arg_def *d = NULL;

	buf_puts(b, "# bash completion for sockdeck. Made by contrib/generate "
		    "from its tables.\n\n"
		    "_sockdeck()\n{\n"
		    "\tlocal cur prev columns list\n"
		    "\tcur=${COMP_WORDS[COMP_CWORD]}\n"
		    "\tprev=${COMP_WORDS[COMP_CWORD-1]}\n"
		    "\tcolumns='");
	put_columns(b, "");
	buf_puts(b, "'\n\tCOMPREPLY=()\n\tcase $prev in\n\t");
	put_pattern(b, "columns");
	buf_puts(b,
	    ")\n"
	    "\t\tlist=\n"
	    "\t\t[[ $cur == *[,+-]* ]] && list=${cur%\"${cur##*[,+-]}\"}\n"
	    "\t\tcompopt -o nospace 2>/dev/null\n"
	    "\t\tCOMPREPLY=($(compgen -P \"$list\" -W \"$columns\" -- "
	    "\"${cur##*[,+-]}\"))\n"
	    "\t\treturn ;;\n\t");
	put_pattern(b, "file");
	buf_puts(b, ")\n\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
		    "\t\treturn ;;\n\t");
	put_pattern(b, "colour");
	buf_puts(b, ")\n\t\tCOMPREPLY=($(compgen -W 'auto always never' -- "
		    "\"$cur\"))\n\t\treturn ;;\n\t");
	put_pattern(b, "severity");
	buf_puts(b, ")\n\t\tCOMPREPLY=($(compgen -W 'info low medium high "
		    "critical' -- \"$cur\"))\n\t\treturn ;;\n\t");
	put_pattern(b, "engine");
	buf_puts(b, ")\n\t\tCOMPREPLY=($(compgen -W 'sockdeck nmap both' -- "
		    "\"$cur\"))\n\t\treturn ;;\n\t");
	put_pattern(b, "netns");
	buf_puts(b, ")\n\t\tCOMPREPLY=($(compgen -W "
		    "\"all $(ls /run/netns 2>/dev/null)\" -- \"$cur\"))\n"
		    "\t\treturn ;;\n"
		    "\tstate|exclude)\n\t\tCOMPREPLY=($(compgen -W '");
	put_states(b);
	buf_puts(b, "' -- \"$cur\"))\n\t\treturn ;;\n");
	while (next_option(&c, &d) != NULL)
		if (d->arg != NULL && d->fits == NULL && d->completes == NULL &&
		    d->name != NULL)
			buf_printf(b, "\t--%s) return ;;\n", d->name);
	buf_puts(b, "\tesac\n");
	put_bash_options(b);
	buf_puts(b, "\telif [ \"$COMP_CWORD\" -gt 1 ] && "
		    "[ \"${COMP_WORDS[1]}\" = explain ]; then\n"
		    "\t\tCOMPREPLY=($(compgen -W '");
	put_explain(b);
	buf_puts(b, "' -- \"$cur\"))\n");
	buf_puts(b, "\telif [ \"$COMP_CWORD\" -gt 1 ] && "
		    "[ \"${COMP_WORDS[1]}\" = scan ]; then\n"
		    "\t\tCOMPREPLY=($(compgen -A hostname -- \"$cur\"))\n");
	buf_puts(b, "\telif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
		    "\t\tCOMPREPLY=($(compgen -W '");
	put_commands(b);
	buf_putc(b, ' ');
	put_words(b, filter_words);
	buf_puts(b, "' -- \"$cur\"))\n\telse\n"
		    "\t\tCOMPREPLY=($(compgen -W \"");
	put_words(b, filter_words);
	buf_puts(b, " $columns\" -- \"$cur\"))\n\tfi\n}\n"
		    "complete -F _sockdeck sockdeck\n");
}

/* Text inside '...[text]...' of zsh, or '...' of fish. */
static void
put_quoted(struct buf *b, const char *s, const char *escape)
{
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			buf_puts(b, "'\\''");
		else {
			if (strchr(escape, *s) != NULL)
				buf_putc(b, '\\');
			buf_putc(b, *s);
		}
	}
}

static void
put_zsh_option(struct buf *b, const struct arg_def *d)
{
	static const char *const action[][2] = {
		{ "columns", "_values -s , column $columns" },
		{ "file", "_files" }, { "colour", "(auto always never)" },
		{ "severity", "(info low medium high critical)" },
		{ "netns", "_sockdeck_netns" },
		{ "engine", "(sockdeck nmap both)" }
	};
	size_t i;

	buf_puts(b, "\t\t");
	if (d->letter != NULL && d->name != NULL)
		buf_printf(b, "{-%s,--%s}", d->letter, d->name);
	else if (d->letter != NULL)
		buf_printf(b, "-%s", d->letter);
	else
		buf_printf(b, "--%s%s", d->name,
		    d->arg != NULL && d->fits == NULL ? "=" : "");
	buf_puts(b, "'[");
	put_quoted(b, d->help, "[]:");
	buf_putc(b, ']');
	if (d->arg != NULL && d->fits == NULL) {
		buf_putc(b, ':');
		put_quoted(b, d->arg, "[]:");
		buf_putc(b, ':');
		for (i = 0; i < nitems(action); i++)
			if (d->completes != NULL &&
			    strcmp(d->completes, action[i][0]) == 0)
				buf_puts(b, action[i][1]);
	}
	buf_puts(b, "' \\\n");
}

/* list's stand for every other beginning. */
static void
put_zsh_command(struct buf *b, const struct command_def *c)
{
	const struct arg_def *d;
	size_t i = 0;

	if (strcmp(c->name, "list") == 0)
		buf_puts(b, "\t*)");
	else if (c->alias != NULL)
		buf_printf(b, "\t%s|%s)", c->name, c->alias);
	else
		buf_printf(b, "\t%s)", c->name);
	buf_puts(b, " _arguments -s \\\n");
	while ((d = command_option(c, &i)) != NULL)
		put_zsh_option(b, d);
	buf_printf(b, "\t\t'*:word:%s' ;;\n",
	    strcmp(c->name, "explain") == 0 ? "_sockdeck_explain"
	    : strcmp(c->name, "scan") == 0  ? "_hosts"
					    : "_sockdeck_words");
}

static void
put_zsh(struct buf *b)
{
	const struct command_def *c;

	buf_puts(b,
	    "#compdef sockdeck\n"
	    "# zsh completion for sockdeck. Made by contrib/generate from its "
	    "tables.\n\n"
	    "_sockdeck_netns()\n{\n"
	    "\tcompadd all ${(f)\"$(ls /run/netns 2>/dev/null)\"}\n}\n\n"
	    "_sockdeck_explain()\n{\n\tcompadd ");
	put_explain(b);
	buf_puts(b, "\n}\n\n"
		    "_sockdeck_words()\n{\n"
		    "\tif (( CURRENT == 2 )); then\n\t\tcompadd ");
	put_commands(b);
	buf_puts(b, "\n\tfi\n\tcase ${words[CURRENT-1]} in\n"
		    "\tstate|exclude) compadd ");
	put_states(b);
	buf_puts(b, " ;;\n\t*) compadd ");
	put_words(b, filter_words);
	buf_puts(b, " $columns ;;\n\tesac\n}\n\n_sockdeck()\n{\n"
		    "\tlocal -a columns\n\tcolumns=(");
	put_columns(b, "");
	buf_puts(b, ")\n\tcase ${words[2]} in\n");
	for (c = command_defs; c->name != NULL; c++)
		if (strcmp(c->name, "list") != 0)
			put_zsh_command(b, c);
	put_zsh_command(b, command_find("list"));
	buf_puts(b, "\tesac\n}\n\n_sockdeck \"$@\"\n");
}

/* Which commands have it: -n '..', or nothing where list's users may begin
 * with it. */
static void
put_fish_commands(
    struct buf *b, const struct command_def *own, const struct arg_def *d)
{
	const struct command_def *c;

	if (own != NULL && own->name != NULL) {
		buf_printf(
		    b, " -n '__fish_seen_subcommand_from %s'", own->name);
		return;
	}
	if ((d->group & ARG_COMMON) != 0)
		return;
	buf_puts(b, " -n 'not __fish_seen_subcommand_from");
	for (c = command_defs; c->name != NULL; c++)
		if ((c->takes & d->group) == 0)
			buf_printf(b, " %s", c->name);
	buf_putc(b, '\'');
}

static void
put_fish_option(
    struct buf *b, const struct command_def *own, const struct arg_def *d)
{
	buf_puts(b, "complete -c sockdeck");
	put_fish_commands(b, own, d);
	if (d->letter != NULL)
		buf_printf(
		    b, " -%c %s", d->letter[1] == '\0' ? 's' : 'o', d->letter);
	if (d->name != NULL)
		buf_printf(b, " -l %s", d->name);
	if (d->arg != NULL && d->fits == NULL)
		buf_puts(b, " -x");
	if (d->completes != NULL && strcmp(d->completes, "file") == 0) {
		b->len -= 3;
		buf_puts(b, " -r -F");
	} else if (d->completes != NULL &&
		   strcmp(d->completes, "columns") == 0) {
		buf_puts(b, " -a '(__fish_append , ");
		put_columns(b, "");
		buf_puts(b, ")'");
	} else if (d->completes != NULL && strcmp(d->completes, "colour") == 0)
		buf_puts(b, " -a 'auto always never'");
	else if (d->completes != NULL && strcmp(d->completes, "severity") == 0)
		buf_puts(b, " -a 'info low medium high critical'");
	else if (d->completes != NULL && strcmp(d->completes, "engine") == 0)
		buf_puts(b, " -a 'sockdeck nmap both'");
	else if (d->completes != NULL && strcmp(d->completes, "netns") == 0)
		buf_puts(b, " -a 'all (command ls /run/netns "
			    "2>/dev/null)'");
	buf_puts(b, " -d '");
	put_quoted(b, d->help, "");
	buf_puts(b, "'\n");
}

static void
put_fish_options(struct buf *b)
{
	const struct command_def *c;
	const struct arg_def *d = NULL;

	while (next_option(&c, &d) != NULL)
		put_fish_option(b, c, d);
}

static void
put_fish(struct buf *b)
{
	const struct command_def *c;
	const struct column *col;

	buf_puts(b, "# fish completion for sockdeck. Made by contrib/generate "
		    "from its tables.\n\ncomplete -c sockdeck -f\n");
	for (c = command_defs; c->name != NULL; c++) {
		buf_printf(b,
		    "complete -c sockdeck -n __fish_use_subcommand "
		    "-a %s -d '",
		    c->name);
		put_quoted(b, c->help, "");
		buf_puts(b, "'\n");
	}
	put_fish_options(b);
	for (col = columns; col->name != NULL; col++) {
		buf_printf(b, "complete -c sockdeck -a '%s=' -d '", col->name);
		put_quoted(b, col->help, "");
		buf_puts(b, "'\n");
	}
	buf_puts(b, "complete -c sockdeck -n "
		    "'__fish_seen_subcommand_from explain' -a '");
	put_explain(b);
	buf_puts(b, "'\ncomplete -c sockdeck -n "
		    "'__fish_seen_subcommand_from scan' -a "
		    "'(__fish_print_hostnames)'\ncomplete -c sockdeck -a '");
	put_words(b, filter_words);
	buf_puts(b, "'\ncomplete -c sockdeck -n "
		    "'__fish_prev_arg_in state exclude' -a '");
	put_states(b);
	buf_puts(b, "'\n");
}

static void
put_conf(struct buf *b)
{
	struct config c;

	config_init(&c);
	config_put(&c, b);
	config_done(&c);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*put)(struct buf *);
	} what[] = { { "bash", put_bash }, { "zsh", put_zsh },
		{ "fish", put_fish }, { "conf", put_conf } };
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof(what) / sizeof(what[0]); i++)
		if (argc == 2 && strcmp(argv[1], what[i].name) == 0)
			what[i].put(&b);
	if (b.len == 0) {
		fputs("usage: generate bash|zsh|fish|conf\n", stderr);
		return 2;
	}
	i = fwrite(b.data, 1, b.len, stdout) == b.len;
	buf_done(&b);
	return i != 0 && fflush(stdout) == 0 ? 0 : 1;
}
