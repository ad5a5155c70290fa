/* SPDX-License-Identifier: ISC */
/*
 * Ends of support. Dates were taken from the makers' own pages, which the
 * entries name. What is not listed because there is no such promise: OpenSSH,
 * Exim, Dovecot, vsftpd, Memcached, Dropbear.
 */
#include "config.h"

#include "know/eol.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static const struct eol php[] = {
	{ "5.3", 1, "2014-08-14" },
	{ "5.4", 0, "2015-09-03" },
	{ "5.5", 0, "2016-07-21" },
	{ "5.6", 0, "2018-12-31" },
	{ "7.0", 0, "2019-01-10" },
	{ "7.1", 0, "2019-12-01" },
	{ "7.2", 0, "2020-11-30" },
	{ "7.3", 0, "2021-12-06" },
	{ "7.4", 0, "2022-11-28" },
	{ "8.0", 0, "2023-11-26" },
	{ "8.1", 0, "2025-12-31" },
	{ "8.2", 0, "2026-12-31" },
	{ "8.3", 0, "2027-12-31" },
	{ NULL, 0, NULL },
};
/* A branch ends when the next stable one is out. */
static const struct eol nginx[] = {
	{ "1.10", 1, "2017-04-12" },
	{ "1.12", 1, "2018-04-17" },
	{ "1.14", 1, "2019-04-23" },
	{ "1.16", 1, "2020-04-21" },
	{ "1.18", 1, "2021-04-20" },
	{ "1.20", 1, "2022-05-24" },
	{ "1.22", 1, "2023-04-11" },
	{ "1.24", 1, "2024-04-23" },
	{ "1.26", 1, "2025-04-23" },
	{ NULL, 0, NULL },
};
static const struct eol apache[] = {
	{ "1.3", 1, "2010-02-03" },
	{ "2.0", 0, "2013-07-10" },
	{ "2.2", 0, "2018-01-01" },
	{ NULL, 0, NULL },
};
static const struct eol tomcat[] = {
	{ "6.0", 1, "2016-12-31" },
	{ "7.0", 0, "2021-03-31" },
	{ "8.0", 0, "2018-06-30" },
	{ "8.5", 0, "2024-03-31" },
	{ "10.0", 0, "2022-10-31" },
	{ NULL, 0, NULL },
};
static const struct eol iis[] = {
	{ "6.0", 1, "2015-07-14" },
	{ "7.0", 0, "2020-01-14" },
	{ "7.5", 0, "2020-01-14" },
	{ "8.0", 0, "2023-10-10" },
	{ "8.5", 0, "2023-10-10" },
	{ NULL, 0, NULL },
};
static const struct eol mssql[] = {
	{ "8", 1, "2013-04-09" },
	{ "9", 0, "2016-04-12" },
	{ "10", 0, "2019-07-09" },
	{ "11", 0, "2022-07-12" },
	{ "12", 0, "2024-07-09" },
	{ "13", 0, "2026-07-14" },
	{ NULL, 0, NULL },
};
static const struct eol mysql[] = {
	{ "5.1", 1, "2013-12-31" },
	{ "5.5", 0, "2018-12-31" },
	{ "5.6", 0, "2021-02-28" },
	{ "5.7", 0, "2023-10-31" },
	{ "8.0", 0, "2026-04-30" },
	{ NULL, 0, NULL },
};
static const struct eol mariadb[] = {
	{ "5.5", 1, "2020-04-11" },
	{ "10.0", 0, "2019-03-31" },
	{ "10.1", 0, "2020-10-17" },
	{ "10.2", 0, "2022-05-23" },
	{ "10.3", 0, "2023-05-25" },
	{ "10.4", 0, "2024-06-18" },
	{ "10.5", 0, "2025-06-24" },
	{ "10.6", 0, "2026-07-06" },
	{ "10.7", 0, "2023-02-09" },
	{ "10.8", 0, "2023-05-20" },
	{ "10.9", 0, "2023-08-22" },
	{ "10.10", 0, "2023-11-17" },
	{ "11.0", 0, "2024-06-06" },
	{ "11.1", 0, "2024-08-21" },
	{ "11.2", 0, "2024-11-21" },
	{ NULL, 0, NULL },
};
static const struct eol postgresql[] = {
	{ "9.1", 1, "2016-10-27" },
	{ "9.2", 0, "2017-11-09" },
	{ "9.3", 0, "2018-11-08" },
	{ "9.4", 0, "2020-02-13" },
	{ "9.5", 0, "2021-02-11" },
	{ "9.6", 0, "2021-11-11" },
	{ "10", 0, "2022-11-10" },
	{ "11", 0, "2023-11-09" },
	{ "12", 0, "2024-11-21" },
	{ "13", 0, "2025-11-13" },
	{ "14", 0, "2026-11-12" },
	{ "15", 0, "2027-11-11" },
	{ NULL, 0, NULL },
};
/* Mended are the newest branch and the last one of the version before. */
static const struct eol redis[] = {
	{ "3", 1, "2018-10-17" },
	{ "4", 0, "2020-04-30" },
	{ "5", 0, "2022-04-27" },
	{ NULL, 0, NULL },
};
static const struct eol elasticsearch[] = {
	{ "1", 1, "2017-01-16" },
	{ "2", 0, "2018-02-28" },
	{ "5", 0, "2019-03-11" },
	{ "6", 0, "2022-02-10" },
	{ NULL, 0, NULL },
};
static const struct eol mongodb[] = {
	{ "3.0", 1, "2018-02-28" },
	{ "3.2", 0, "2018-09-30" },
	{ "3.4", 0, "2020-01-31" },
	{ "3.6", 0, "2021-04-30" },
	{ "4.0", 0, "2022-04-30" },
	{ "4.2", 0, "2023-04-30" },
	{ "4.4", 0, "2024-02-29" },
	{ "5.0", 0, "2024-10-31" },
	{ "6.0", 0, "2025-07-31" },
	{ NULL, 0, NULL },
};
static const struct eol openssl[] = {
	{ "0.9.8", 1, "2015-12-31" },
	{ "1.0.0", 0, "2015-12-31" },
	{ "1.0.1", 0, "2016-12-31" },
	{ "1.0.2", 0, "2019-12-31" },
	{ "1.1.0", 0, "2019-09-11" },
	{ "1.1.1", 0, "2023-09-11" },
	{ "3.0", 0, "2026-09-07" },
	{ "3.1", 0, "2025-03-14" },
	{ "3.2", 0, "2025-11-23" },
	{ "3.3", 0, "2026-04-09" },
	{ NULL, 0, NULL },
};
/* A branch ends when the third after it is out. */
static const struct eol samba[] = {
	{ "4.16", 1, "2023-09-04" },
	{ "4.17", 0, "2024-03-27" },
	{ "4.18", 0, "2024-09-02" },
	{ NULL, 0, NULL },
};
static const struct eol bind9[] = {
	{ "9.11", 1, "2022-03-31" },
	{ "9.16", 1, "2024-04-30" },
	{ NULL, 0, NULL },
};
static const struct eol python[] = {
	{ "2.7", 1, "2020-01-01" },
	{ "3.4", 1, "2019-03-18" },
	{ "3.5", 0, "2020-09-30" },
	{ "3.6", 0, "2021-12-23" },
	{ "3.7", 0, "2023-06-27" },
	{ "3.8", 0, "2024-10-07" },
	{ "3.9", 0, "2025-10-31" },
	{ "3.10", 0, "2026-10-31" },
	{ "3.11", 0, "2027-10-31" },
	{ NULL, 0, NULL },
};

#define MICROSOFT_SOURCE "https://learn.microsoft.com/lifecycle/products/"

const struct eol_product eol_products[] = {
	{ "PHP", "PHP", "PHP", "https://www.php.net/eol.php", php, 1 },
	{ "nginx", NULL, "nginx", "https://nginx.org/en/CHANGES", nginx, 1 },
	{ "Apache httpd", NULL, "Apache httpd",
	    "https://httpd.apache.org/security_report.html", apache, 0 },
	{ "Apache Tomcat", NULL, "Tomcat",
	    "https://tomcat.apache.org/whichversion.html", tomcat, 1 },
	{ "Microsoft IIS httpd", NULL, "IIS", MICROSOFT_SOURCE, iis, 0 },
	{ "Microsoft SQL Server", NULL, "SQL Server", MICROSOFT_SOURCE, mssql,
	    0 },
	{ "MySQL", NULL, "MySQL",
	    "https://www.mysql.com/support/eol-notice.html", mysql, 0 },
	{ "MariaDB", NULL, "MariaDB",
	    "https://mariadb.org/about/#maintenance-policy", mariadb, 0 },
	{ "PostgreSQL", NULL, "PostgreSQL",
	    "https://www.postgresql.org/support/versioning/", postgresql, 1 },
	{ "Redis key-value store", NULL, "Redis",
	    "https://github.com/redis/redis/blob/unstable/SECURITY.md", redis,
	    1 },
	{ "Elasticsearch", NULL, "Elasticsearch",
	    "https://www.elastic.co/support/eol", elasticsearch, 0 },
	{ "MongoDB", NULL, "MongoDB",
	    "https://www.mongodb.com/legal/support-policy/lifecycles", mongodb,
	    0 },
	{ "OpenSSL", "OpenSSL", "OpenSSL",
	    "https://openssl-library.org/policies/releasestrat/", openssl, 1 },
	{ "Samba smbd", NULL, "Samba",
	    "https://wiki.samba.org/index.php/Samba_Release_Planning", samba,
	    0 },
	{ "ISC BIND", NULL, "BIND", "https://kb.isc.org/docs/aa-00896", bind9,
	    0 },
	{ "BIND", NULL, "BIND", "https://kb.isc.org/docs/aa-00896", bind9, 0 },
	{ "Python", "Python", "Python", "https://devguide.python.org/versions/",
	    python, 1 },
	{ NULL, NULL, NULL, NULL, NULL, 0 },
};

/* -- distributions --------------------------------------------------------- */

/* Debian: with LTS; Ubuntu: without Ubuntu Pro. */
static const struct eol_release debian[] = {
	{ "Debian 7 (wheezy)", "deb7", "6.0p1", "2018-05-31" },
	{ "Debian 8 (jessie)", "deb8", "6.7p1", "2020-06-30" },
	{ "Debian 9 (stretch)", "deb9", "7.4p1", "2022-06-30" },
	{ "Debian 10 (buster)", "deb10", "7.9p1", "2024-06-30" },
	{ "Debian 11 (bullseye)", "deb11", "8.4p1", "2026-08-31" },
	{ "Debian 12 (bookworm)", "deb12", "9.2p1", "2028-06-30" },
};
static const struct eol_release ubuntu[] = {
	{ "Ubuntu 12.04", NULL, "5.9p1", "2017-04-28" },
	{ "Ubuntu 14.04", NULL, "6.6.1p1", "2019-04-25" },
	{ "Ubuntu 16.04", NULL, "7.2p2", "2021-04-30" },
	{ "Ubuntu 18.04", NULL, "7.6p1", "2023-05-31" },
	{ "Ubuntu 20.04", NULL, "8.2p1", "2025-05-31" },
	{ "Ubuntu 22.04", NULL, "8.9p1", "2027-04-30" },
	{ "Ubuntu 22.10", NULL, "9.0p1", "2023-07-20" },
	{ "Ubuntu 23.10", NULL, "9.3p1", "2024-07-11" },
	{ "Ubuntu 24.10", NULL, "9.7p1", "2025-07-10" },
};
#define DEBIAN_SOURCE "https://wiki.debian.org/LTS"
#define UBUNTU_SOURCE "https://wiki.ubuntu.com/Releases"

/* "deb1" is no part of "deb11". */
static bool
has_mark(const char *text, const char *mark)
{
	size_t n = strlen(mark);

	for (; (text = strstr(text, mark)) != NULL; text += n)
		if (!isdigit((unsigned char)text[n]))
			return true;
	return false;
}

const struct eol_release *
eol_release(const char *packager, const char *version, const char **source)
{
	size_t i;

	*source = DEBIAN_SOURCE;
	for (i = 0; i < nitems(debian); i++)
		if (has_mark(packager, debian[i].mark))
			return &debian[i];
	if (strstr(packager, "Debian-") != NULL &&
	    strstr(packager, "~bpo") == NULL)
		for (i = 0; i < nitems(debian); i++)
			if (strcmp(debian[i].openssh, version) == 0)
				return &debian[i];
	*source = UBUNTU_SOURCE;
	if (strstr(packager, "Ubuntu-") != NULL)
		for (i = 0; i < nitems(ubuntu); i++)
			if (strcmp(ubuntu[i].openssh, version) == 0)
				return &ubuntu[i];
	return NULL;
}

const char *
eol_packager(const char *text)
{
	static const struct {
		const char *mark, *name;
	} marks[] = {
		{ "Debian", "Debian" },
		{ "+deb", "Debian" },
		{ "Raspbian", "Raspbian" },
		{ "Ubuntu", "Ubuntu" },
		{ "ubuntu", "Ubuntu" },
		{ "Red Hat", "Red Hat" },
		{ "CentOS", "CentOS" },
		{ "Rocky", "Rocky Linux" },
		{ "AlmaLinux", "AlmaLinux" },
		{ "Fedora", "Fedora" },
		{ "SUSE", "SUSE" },
		{ "Amazon", "Amazon Linux" },
		{ "RedHat", "Red Hat" },
	};
	size_t i;

	for (i = 0; i < nitems(marks); i++)
		if (strstr(text, marks[i].mark) != NULL)
			return marks[i].name;
	return NULL;
}

/* -- versions -------------------------------------------------------------- */

/* The number that *s begins with, and on to the next; what is no number ends
 * the version, as 0s. */
static unsigned long
next_number(const char **s)
{
	unsigned long n;
	char *end;

	if (!isdigit((unsigned char)**s)) {
		*s = "";
		return 0;
	}
	n = strtoul(*s, &end, 10);
	*s = *end == '.' ? end + 1 : "";
	return n;
}

int
eol_compare(const char *a, const char *b, unsigned n)
{
	unsigned long x, y;

	for (; n > 0; n--) {
		x = next_number(&a);
		y = next_number(&b);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

static unsigned
numbers(const char *branch)
{
	unsigned n = 1;

	for (; *branch != '\0'; branch++)
		n += *branch == '.';
	return n;
}

const struct eol *
eol_find(const struct eol_product *p, const char *version)
{
	const struct eol *e, *older = NULL;
	int c;

	if (!isdigit((unsigned char)version[0]))
		return NULL;
	for (e = p->branch; e->branch != NULL; e++) {
		/* "8" alone may be any branch of it. */
		if (numbers(version) < numbers(e->branch))
			continue;
		c = eol_compare(version, e->branch, numbers(e->branch));
		if (c == 0)
			return e;
		if (c < 0 && e->older && older == NULL)
			older = e;
	}
	return older;
}
