// SPDX-License-Identifier: MIT
/* An index for each symbol table of the process (there is one, and more in tests): open
 * addressing, at most half full. Indexes are made once and never freed; they form a list that
 * grows at its head, so that readers need no lock. Two threads that meet a new table at once both
 * index it, and one index stays unused. */
#include "tiers/engine/symbols.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct Index {
    const JitSymbol *symbols;
    struct Index *next;
    uint32_t mask;
    const JitSymbol *slots[];
} Index;

static _Atomic(Index *) indexes;

/* FNV-1a */
static uint32_t hash(const char *name) {
    uint32_t h = 2166136261u;
    for (; *name; name++) h = (h ^ (unsigned char)*name) * 16777619u;
    return h ^ h >> 15;
}

/* The slot of the name, or the empty one where it belongs. */
static const JitSymbol **slot_of(Index *x, const char *name) {
    uint32_t i = hash(name) & x->mask;
    while (x->slots[i] && strcmp(x->slots[i]->name, name) != 0) i = (i + 1) & x->mask;
    return &x->slots[i];
}

static Index *make_index(const JitSymbol *symbols) {
    uint32_t n = 0, size = 4;
    while (symbols[n].name) n++;
    while (size < 2 * n) size *= 2;
    Index *x = calloc(1, sizeof *x + size * sizeof *x->slots);
    if (x == NULL) return NULL;
    x->symbols = symbols;
    x->mask = size - 1;
    for (uint32_t i = 0; i < n; i++) *slot_of(x, symbols[i].name) = &symbols[i];
    x->next = atomic_load(&indexes);
    while (!atomic_compare_exchange_weak(&indexes, &x->next, x)) continue;
    return x;
}

static const JitSymbol *search(const JitSymbol *symbols, const char *name) {
    for (; symbols->name; symbols++)
        if (strcmp(symbols->name, name) == 0) return symbols;
    return NULL;
}

const JitSymbol *symbol_find(const JitSymbol *symbols, const char *name) {
    if (symbols == NULL) return NULL;
    Index *x = atomic_load(&indexes);
    while (x && x->symbols != symbols) x = x->next;
    if (x == NULL) x = make_index(symbols);
    return x ? *slot_of(x, name) : search(symbols, name);
}
