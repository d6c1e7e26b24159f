// SPDX-License-Identifier: MIT
/* What table.c, table_array.c and table_dict.c share. */
#ifndef PERIGEE_TABLE_INTERNAL_H
#define PERIGEE_TABLE_INTERNAL_H

#include <string.h>

#include "gc/gc.h"
#include "object/anchor.h"
#include "object/string.h"
#include "object/table.h"
#include "state/error.h"

enum { NODES_NONE = 32 /* as a log2: no nodes */, ARRAY_MAXCAP = 1u << 31 };

static inline uint64_t array_index(const ArrayHead *h, lua_Integer key) {
    return (uint64_t)key - (uint64_t)h->base;
}

/* smallest power of two that is at least n */
static inline uint64_t pow2_ceil(uint64_t n) {
    return n <= 1 ? 1 : UINT64_C(1) << (64 - __builtin_clzll(n - 1));
}

/* booleans and nil have no payload */
static inline Value key_payload(const TValue *k) {
    return k->tag <= TAG_TRUE ? (Value){.u = 0} : k->v;
}

/* tag of element i, which exists */
static inline uint32_t array_tag_at(const Table *t, uint32_t i) {
    const ArrayHead *h = array_head(t);
    return h->kind == KIND_VALUE   ? array_tags(t)[i]
           : i >= h->len           ? TAG_NIL
           : h->kind == KIND_ZEROS ? array_tags(t)[i]
           : h->kind == KIND_INT ? TAG_INT
                                 : TAG_FLT;
}

/* --- table_array.c --- */
/* Stores under a key that the array part owns. */
void array_store(lua_State *L, Table *t, uint64_t i, const TValue *val);
/* Stores a new key that the array part does not own yet, if the array can grow to own it; false: it
 * goes to the dictionary. */
bool array_extend(lua_State *L, Table *t, lua_Integer key, const TValue *val);
/* Lets the array own [1, cap] at least, in an array of exactly that capacity. */
void array_fit(lua_State *L, Table *t, uint32_t cap, int kind);
uint32_t array_live(const Table *t); /* elements that are not nil */
/* The best range for an array when `key` is about to be inserted into a full dictionary; false:
 * none, or no better than now. */
bool array_choose(const Table *t, lua_Integer key, lua_Integer *lo, lua_Integer *hi);
/* New array part [lo, hi] and new dictionary with everything else, and val under key, which lies in
 * the range. */
void array_relayout(lua_State *L, Table *t, lua_Integer lo, lua_Integer hi, lua_Integer key,
                    const TValue *val);

/* --- table_dict.c --- */
size_t props_bytes(uint32_t nslots, uint32_t lognodes);
static inline uint32_t props_lognodes(const PropsHead *p) {
    return p->hasnodes ? p->lognodes : NODES_NONE;
}
/* nodes free; NULL: no memory */
PropsHead *props_try_new(lua_State *L, uint32_t nslots, uint32_t lognodes);
PropsHead *props_new(lua_State *L, uint32_t nslots, uint32_t lognodes);
void props_free(lua_State *L, PropsHead *p);
/* Makes p the props of t: the caller has filled it. Frees the old. */
void props_install(lua_State *L, Table *t, PropsHead *p);
void props_grow_slots(lua_State *L, Table *t, uint32_t nslots);
uint32_t dict_log_for(uint64_t n); /* log2 of the nodes for n keys; NODES_NONE for 0 */
Node *dict_find(const Table *t, const TValue *key); /* any normalised key */
Node *dict_find_int(const Table *t, lua_Integer key);
/* Places a key that is not there; NULL: full. The value is nil. */
Node *dict_place(PropsHead *p, Value key, uint32_t tag);
/* the same in a table in use */
Node *dict_place_in(lua_State *L, Table *t, Value key, uint32_t tag);
/* Inserts all living nodes of t that `skip` does not claim */
void dict_copy(const Table *t, PropsHead *to, bool (*skip)(const Node *n, const void *ud),
               const void *ud);
/* Inserts an absent key that is no integer or that the array does not want; val is not nil */
void dict_insert(lua_State *L, Table *t, const TValue *key, const TValue *val);
void dict_reserve(lua_State *L, Table *t, uint32_t n);

#endif
