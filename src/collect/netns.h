/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_NETNS_H
#define COLLECT_NETNS_H

#endif
