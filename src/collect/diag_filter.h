/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_DIAG_FILTER_H
#define COLLECT_DIAG_FILTER_H

#endif
