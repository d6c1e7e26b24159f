// SPDX-License-Identifier: MIT
/* Places compiled objects: relocatable ELF files in memory, as LLVM makes them, become code in the
 * region (region.h). Needs no LLVM. */
#ifndef PERIGEE_LOADER_H
#define PERIGEE_LOADER_H

#include <stddef.h>

#include "tiers/shared/jit.h"

/* Places an object and resolves its undefined symbols by `names`, whose table of symbols
 * stays as it is for the life of the process (it is indexed at its first use). Returns
 * the address of the global function `entry`, a multiple of 16; *handle frees the code,
 * *code_bytes is what it takes of the region. NULL: `err` says why, and nothing is left behind.
 *
 * The object may be any bytes: a damaged one is refused or placed, and nothing else is touched.
 * Any thread may call this. */
void *object_place(const void *object, size_t size, const char *entry, const JitNames *names,
                   void **handle, size_t *code_bytes, char *err, size_t errlen);
/* Frees the code of an object; no thread may run in it any more. NULL does nothing. */
void object_unplace(void *handle);

#endif
