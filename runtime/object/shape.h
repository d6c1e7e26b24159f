// SPDX-License-Identifier: MIT
/* Shapes: see the layout in object/object.h.
 *
 * What a shape promises about each table that has it:
 *   - its slots 0..nslots-1 hold the keys descs->key[0..nslots-1], in order; no other short string
 *     is a key of it (unless isdict:
 *     then all its strings are in the dictionary);
 *   - it has shape->ninline inline slots (each ninline up to SHAPE_MAXINLINE has its own root
 *     shape, Global.rootshape[ninline]; all transitions,
 *     dictionary shapes and owned shapes included, keep ninline): inline caches compare the shape
 *     id only and then know whether slot i is inline;
 *   - its metatable is NULL if and only if meta == NULL; and if meta is a valid, known class, the
 *     metatable's __index and __newindex are meta->index and
 *     meta->newindex.
 * Shared shapes form trees by transitions: add a key; change the class of the metatable.
 * Transitions are weak (a shape lives while a table, a child, feedback or a job holds it), parent
 * links are strong. An owned shape belongs to one table; adding a key gives it a new id.
 */
#ifndef PERIGEE_SHAPE_H
#define PERIGEE_SHAPE_H

#include "object/thread.h"

enum {
    SHAPE_MAXINLINE = 64,      /* inline slots */
    SHAPE_MAXSLOTS = 64,       /* more string keys than this: dictionary mode, except owned shapes */
    SHAPE_MAXOWNED = 4096,
    SHAPE_MAXCLASSES = 64,     /* classes that one shape of metatables may have alive before newer ones are `unknown` */
    SHAPE_MAXBROKEN = 16,      /* classes of one shape of metatables that may be broken before it gets no more */
    SHAPE_ROOTFANOUT = 4096,   /* transitions of a shape without slots; one more key: dictionary mode */
    SHAPE_FANOUT = 64,         /* key transitions of other shapes, likewise */
    SHAPE_CLASSFANOUT = 1024,  /* class transitions of one shape; beyond: the unknown class */
    DESCS_LINEAR = 8           /* up to so many keys are searched in order */
};

void shape_init(lua_State *L); /* empty shape, dictionary shape, unknown class */
void shape_close(lua_State *L);
/* Ids of shapes in dictionary mode are odd, those of slotted shapes even; 0 is no shape. */
static inline Shape *shape_of(const Global *g, const Table *t) { return g->shapes[t->shape]; }
int shape_find_indexed(const Shape *s, const String *key);
/* slot of a short string or -1 */
static inline int shape_find(const Shape *s, const String *key) {
    uint32_t n = s->nslots;
    if (n == 0) return -1;
    if (n > DESCS_LINEAR) return shape_find_indexed(s, key);
    String *const *k = s->descs->key;
    int slot = -1;
    for (uint32_t i = 0; i < n; i++) slot = k[i] == key ? (int)i : slot; /* no branch to mispredict */
    return slot;
}
Shape *shape_root(lua_State *L, unsigned ninline, bool isdict); /* the shape of empty tables */
bool shape_takes(const Shape *s, const String *key); /* s is shared, and with another key, which it lacks, no dictionary */
Shape *shape_add(lua_State *L, Shape *s, String *key); /* transition; the result may be isdict: the table must then be converted. May raise LUA_ERRMEM */
Shape *shape_with_class(lua_State *L, Shape *s, Class *meta); /* the same keys under another class of metatable (NULL: none) */
Class *shape_class_of_metatable(lua_State *L, Table *mt); /* the class for tables that get mt; may change mt's shape */
void shape_own(lua_State *L, Table *t); /* t gets an owned shape (role: __index target, _ENV). Idempotent; keeps its slots, or moves strings out of the dictionary */
/* A write through the slow path is about to change slot i of t (owned or constmeta shape) to v:
 * lowers states, updates or invalidates classes, advances the epoch as needed. */
void shape_slot_written(lua_State *L, Table *t, unsigned i, const TValue *v);
/* Slot i was just added to t, whose shape is owned, and is about to receive its first value. */
void shape_slot_added(lua_State *L, Table *t, unsigned i, const TValue *v);
/* t, of a constmeta shape, is about to get another shape or another key: its class is broken, t
 * goes back to the plain shape. */
void shape_leave_class(lua_State *L, Table *t);
/* t, of an owned shape, is about to lose it (dictionary mode): its class is broken and its role ends. */
void shape_disown(lua_State *L, Table *t);

/* What caches and compiled code rely on, and what has just become false. */
enum {
    FIRE_LOOKUP, /* lookups through a table of this shape may have another result: Global.epoch advances */
    FIRE_CONST,  /* a slot no longer has its constant value */
    FIRE_TYPE    /* nor a constant tag */
};
/* All such changes pass here. Inline caches rely on Global.epoch, which advances with each of them; optimised code, which cannot be
 * mended so cheaply, on what it was compiled for alone: the shapes that its lookups pass through are watched.
 * Global.epoch: caches made in another epoch are stale. 0 means that
 * nothing may be cached any more; the epoch stays there when 2^32 - 1 changes have wrapped it
 * round, so that no old cache can match again. It begins at 1. */
void shape_fire(lua_State *L, Shape *s, int slot, int what);

#endif
