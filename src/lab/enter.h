/* SPDX-License-Identifier: ISC */
#ifndef LAB_ENTER_H
#define LAB_ENTER_H

/*
 * Moves this process (one thread yet) into a user and a network namespace of
 * its own, where it is master without being anybody more outside; as root
 * where user namespaces are not permitted, into the latter alone. 0, or
 * -errno and a sentence with the remedy.
 */
int enter_room(char **cause);

#endif
