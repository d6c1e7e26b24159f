// SPDX-License-Identifier: MIT
/* Allocation of small objects without a call.
 *
 * Global.cells[c] is a list of free cells of 16 * c bytes. A free cell has tag 0 in its first byte,
 * so that a sweep over its block tells it from an object, and the link in its second word. The
 * lists are refilled by gc_new, which also counts for the stress options: while one of these is on,
 * or while the host has its own allocator, the lists stay empty and every allocation takes gc_new.
 *
 * Six instructions in compiled code: load list, test, load link, store link, store header (a
 * constant but for the white), add to the debt.
 */
#ifndef PERIGEE_GC_ALLOC_H
#define PERIGEE_GC_ALLOC_H

#include <string.h>

#include "object/thread.h"

#if defined(__SANITIZE_ADDRESS__)
#define GC_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GC_ASAN 1
#endif
#endif
#ifdef GC_ASAN
#include <sanitizer/asan_interface.h>
#define GC_POISON(p, n) __asan_poison_memory_region(p, n)
#define GC_UNPOISON(p, n) __asan_unpoison_memory_region(p, n)
#else
#define GC_POISON(p, n) ((void)(p), (void)(n))
#define GC_UNPOISON(p, n) ((void)0)
#endif

typedef struct FreeCell {
    uint64_t header; /* 0 */
    struct FreeCell *next;
} FreeCell;

/* header of a fresh object: tag, current white, six zero bytes (little endian, as all our targets) */
static inline uint64_t gc_header(const Global *g, int tag) {
    return (uint64_t)(unsigned)tag | (uint64_t)g->white << 8;
}

static inline GCObject *gc_new_fast(lua_State *L, int tag, size_t size) {
    if (size > GC_MAXCELL) return NULL;
    Global *g = G(L);
    size_t class = (size + 15) >> 4;
    FreeCell *cell = g->cells[class];
    if (cell == NULL) return NULL;
    g->cells[class] = cell->next;
    GC_UNPOISON(cell, class * 16);
    uint64_t header = gc_header(g, tag);
    memcpy(cell, &header, sizeof header);
    g->gcdebt += (ptrdiff_t)(class * 16);
    return (GCObject *)(void *)cell;
}

#endif
