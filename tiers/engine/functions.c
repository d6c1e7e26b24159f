// SPDX-License-Identifier: MIT
/* The engine's records of prototypes: a hash table by address with chained buckets. Most prototypes
 * have no record; one is there while a request is under way, or while code depends on the prototype.
 *
 * Memory comes from malloc: an allocation through the state could run an emergency collection, which
 * may free prototypes and so change this table under the feet of its caller. */
#include <stdlib.h>

#include "tiers/engine/engine_internal.h"

enum { FIRST_BUCKETS = 64 };

static Function **bucket_of(const Engine *e, const Proto *p) {
    uint64_t h = (uint64_t)(uintptr_t)p * UINT64_C(0x9e3779b97f4a7c15);
    return &e->buckets[h >> 32 & (e->nbuckets - 1)];
}

static bool grow(Engine *e) {
    Function **old = e->buckets;
    uint32_t nold = e->nbuckets, n = nold > 0 ? 2 * nold : FIRST_BUCKETS;
    Function **buckets = calloc(n, sizeof(Function *));
    if (buckets == NULL) return nold > 0; /* longer chains will do */
    e->buckets = buckets;
    e->nbuckets = n;
    for (uint32_t at = 0; at < nold; at++)
        for (Function *f = old[at], *next; f != NULL; f = next) {
            next = f->next;
            Function **bucket = bucket_of(e, f->proto);
            f->next = *bucket;
            *bucket = f;
        }
    free(old);
    return true;
}

Function *function_find(Engine *e, const Proto *p) {
    if (e->nfunctions == 0) return NULL;
    Function *f = *bucket_of(e, p);
    while (f != NULL && f->proto != p) f = f->next;
    return f;
}

Function *function_get(Engine *e, Proto *p) {
    Function *f = function_find(e, p);
    if (f != NULL) return f;
    if (e->nfunctions >= e->nbuckets && !grow(e)) return NULL;
    f = calloc(1, sizeof *f);
    if (f == NULL) return NULL;
    f->proto = p;
    Function **bucket = bucket_of(e, p);
    f->next = *bucket;
    *bucket = f;
    e->nfunctions++;
    return f;
}

void function_remove(Engine *e, Function *f) {
    Function **link = bucket_of(e, f->proto);
    while (*link != f) link = &(*link)->next;
    *link = f->next;
    e->nfunctions--;
    for (Dependent *d = f->dependents, *next; d != NULL; d = next) {
        next = d->next;
        free(d);
    }
    free(f);
}

void function_tidy(Engine *e, Function *f) {
    if (f->tier == 0 && f->dependents == NULL) function_remove(e, f);
}

void function_each(Engine *e, void (*visit)(Engine *e, Function *f)) {
    for (uint32_t at = 0; at < e->nbuckets; at++)
        for (Function *f = e->buckets[at], *next; f != NULL; f = next) {
            next = f->next;
            visit(e, f);
        }
}

Function *function_requested(const Engine *e) {
    for (uint32_t at = 0; at < e->nbuckets; at++)
        for (Function *f = e->buckets[at]; f != NULL; f = f->next)
            if (f->tier != TIER_INTERP) return f;
    return NULL;
}

Function *function_requesting(const Engine *e, const TierEntry *entry, int tier) {
    for (uint32_t at = 0; at < e->nbuckets; at++)
        for (Function *f = e->buckets[at]; f != NULL; f = f->next)
            if (f->entry == entry && f->tier == tier) return f;
    return NULL;
}

void functions_free(Engine *e) {
    function_each(e, function_remove);
    free(e->buckets);
    e->buckets = NULL;
    e->nbuckets = 0;
}
