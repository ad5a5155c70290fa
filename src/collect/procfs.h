/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_PROCFS_H
#define COLLECT_PROCFS_H

#endif
