// SPDX-License-Identifier: MIT
/* Tables: see the layout in object/object.h. All functions here are raw (no metamethods).
 *
 * Values to store and tables must be reachable (on a stack). The writing functions need one free
 * slot above L->top (they keep new shapes alive there). */
#ifndef PERIGEE_TABLE_H
#define PERIGEE_TABLE_H

#include "object/shape.h"

Table *table_new(lua_State *L, unsigned ninline, uint32_t narray, uint32_t nnodes); /* narray: room, as a constructor's; elements nil, counted as PUC's array size */
void table_set_metatable(lua_State *L, Table *t, Table *mt); /* mt may be NULL; shape and barrier; not finalizers */
/* The shape that t, which has no metatable, gets with mt, if that step is remembered; 0: it is not. */
uint32_t table_shape_with(const Global *g, const Table *t, const Table *mt);
bool table_set_known_metatable(lua_State *L, Table *t, Table *mt); /* of a table without one; false: not, for the step is not remembered */
void table_reserve(lua_State *L, Table *t, uint32_t narray, uint32_t nnodes);

/* Reads: the value is copied to *out; absent and nil: TAG_NIL. Returns the tag. */
uint32_t table_get(lua_State *L, Table *t, const TValue *key, TValue *out);
uint32_t table_get_int_slow(Table *t, lua_Integer key, TValue *out); /* outside of the array part */

/* static parts of tables that have none; never written */
extern const struct EmptyArray { ArrayHead head; Value payload; } table_empty_array;
extern const struct EmptyProps { PropsHead head; Node node; } table_empty_props;

/* Neither an array nor far fields nor a dictionary. */
static inline bool table_is_bare(const Table *t) {
    return (const void *)t->array == (const void *)&table_empty_array.payload && (const void *)t->props == (const void *)&table_empty_props;
}

/* The value of a short string in the dictionary of a table in dictionary mode, or NULL. Such a
 * table always has at least one node (a free one in table_empty_props). */
static inline TValue *dict_find_sstr(const Table *t, const String *key) {
    Node *n = table_nodes(t) + node_main(t->props, key->hash);
    for (;;) {
        if (n->key.gc == (const GCObject *)key && node_keytag(n) == TAG_SSTR) return &n->val;
        int32_t link = node_link(n);
        if (link == 0) return NULL;
        n += link;
    }
}
/* The place of a short string's value, NULL if the key is absent (nil in it: a dead key). Valid
 * until the next insertion. */
static inline TValue *table_find_str(const Global *g, Table *t, const String *key) {
    if (table_isdict(t)) return dict_find_sstr(t, key);
    int i = shape_find(shape_of(g, t), key);
    return i < 0 ? NULL : table_slot(t, (unsigned)i);
}
static inline uint32_t table_get_str(const Global *g, Table *t, const String *key, TValue *out) { /* short string */
    TValue *v = table_find_str(g, t, key);
    if (v == NULL) return set_nil(out), (uint32_t)TAG_NIL;
    set_value(out, v);
    return v->tag;
}

/* Writes. Insert the key when absent, with barrier and flags; raise "table index is nil", "table
 * index is NaN", LUA_ERRMEM. A float key with an integer value is normalised. Assigning nil to an
 * absent key does nothing. */
void table_set(lua_State *L, Table *t, const TValue *key, const TValue *val);
void table_set_int(lua_State *L, Table *t, lua_Integer key, const TValue *val);
void table_set_str(lua_State *L, Table *t, String *key, const TValue *val);
/* A slot that holds nil for a key that t lacks, unless t is or would become a dictionary. No program can tell, but objects that name all
 * their fields when they are made keep one shape. Raises LUA_ERRMEM. */
void table_declare(lua_State *L, Table *t, String *key);
/* Stores n values under the keys from `first` on, as constructors do. The first batch chooses the
 * kind of the array. When the array has no room for all, it is made to fit exactly; so a
 * constructor of one batch needs no narray in table_new. */
void table_setlist(lua_State *L, Table *t, lua_Integer first, const TValue *vals, uint32_t n);

/* The same for a table without array and dictionary, n > 0 values under the keys from 1 on; false: not without a collection perhaps. */
bool table_setlist_quietly(lua_State *L, Table *t, const TValue *vals, uint32_t n);

/* n values under the keys first, first+1, ... of a constructor */
void table_setlist(lua_State *L, Table *t, lua_Integer first, const TValue *vals, unsigned n);

/* Copies n elements under the keys from.. to the keys to.. of the same table, as if through a
 * buffer, if both runs lie in the array part; else false. */
bool table_move_within(lua_State *L, Table *t, lua_Integer from, lua_Integer to, lua_Unsigned n);

lua_Unsigned table_len(lua_State *L, Table *t); /* a border, #t */
/* The entry after *key (nil: the first) to key[0], key[1]; false at the end. Raises "invalid key to
 * 'next'". */
bool table_next(lua_State *L, Table *t, TValue *key);
/* The same for traversals that keep a hint (any value at first), which saves finding the key again.
 * Does not raise. */
enum { NEXT_END, NEXT_FOUND, NEXT_BADKEY };
int table_next_hinted(lua_State *L, Table *t, TValue *key, uint32_t *hint);
/* the array part widened to VALUE kind; raises LUA_ERRMEM */
void table_widen(lua_State *L, Table *t);

/* integer read through the array part, inlined everywhere */
static inline uint32_t table_get_int(Table *t, lua_Integer key, TValue *out) {
    ArrayHead *h = array_head(t);
    uint64_t i = (uint64_t)key - (uint64_t)h->base;
    if (i < h->len) {
        uint32_t tag = kind_is_tagged(h->kind) ? array_tags(t)[i] : h->kind == KIND_INT ? TAG_INT : TAG_FLT;
        set_parts(out, t->array[i], tag);
        return tag;
    }
    return table_get_int_slow(t, key, out);
}
/* integer write to an existing element of fitting kind; false: take table_set_int */
static inline bool table_set_int_fast(Table *t, lua_Integer key, const TValue *val) {
    ArrayHead *h = array_head(t);
    uint64_t i = (uint64_t)key - (uint64_t)h->base;
    if (i >= h->len) return false;
    if (h->kind == KIND_VALUE) {
        if (val->tag == TAG_NIL) return false; /* # keeps a hint */
        array_tags(t)[i] = (uint8_t)val->tag;
    } else if (h->kind == KIND_ZEROS ||
               val->tag != (h->kind == KIND_INT ? (uint32_t)TAG_INT : (uint32_t)TAG_FLT)) {
        return false;
    }
    t->array[i] = val->v;
    return true;
}
/* a float over element i of a ZEROS array, i < len */
static inline void table_overwrite_zero(Table *t, uint64_t i, Value v) {
    ArrayHead *h = array_head(t);
    uint8_t *tag = &array_tags(t)[i];
    h->hint -= *tag == TAG_INT;
    *tag = TAG_FLT;
    t->array[i] = v;
    if (h->hint == 0) h->kind = KIND_FLT;
}
/* integer write just behind the last element of a typed array with room; false: take table_set_int */
static inline bool table_append_fast(Table *t, lua_Integer key, const TValue *val) {
    ArrayHead *h = array_head(t);
    uint64_t i = (uint64_t)key - (uint64_t)h->base;
    if (i != h->len || i >= h->cap || h->len == 0 || h->kind == KIND_ZEROS) return false;
    if (val->tag != (h->kind == KIND_INT ? (uint32_t)TAG_INT : (uint32_t)TAG_FLT)) return false;
    t->array[i] = val->v;
    h->len++;
    return true;
}

/* for shape.c: moves all short strings from the dictionary to slots. s: an owned shape with no slot
 * yet, reachable */
void table_leave_dict(lua_State *L, Table *t, Shape *s);

#endif
