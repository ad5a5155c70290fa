/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_DIAG_PARSE_H
#define COLLECT_DIAG_PARSE_H

#endif
