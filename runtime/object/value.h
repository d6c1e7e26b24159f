// SPDX-License-Identifier: MIT
/* Values.
 *
 * A value is 16 bytes: an 8-byte payload and a 4-byte tag.
 *
 *     +----------------------+----------+----------+
 *     | payload (8 bytes)    | tag (4)  | extra(4) |
 *     +----------------------+----------+----------+
 *
 * `extra` is not part of the value: a stack slot keeps the distance to the previous to-be-closed
 * variable there, a dictionary node the tag of its key and its chain link. So a value is copied as
 * two scalar moves, payload then tag, never as 16 bytes at once (storing halves and loading the
 * whole stalls the store buffer: 6.0 ns against 0.5 measured).
 *
 * Tags are ordered so that the common questions are one comparison:
 *   falsy: tag <= TAG_FALSE;   number: (tag | 1) == TAG_FLT;   string: (tag | 1) == TAG_LSTR;   collectable: tag >= TAG_SSTR.
 */
#ifndef PERIGEE_VALUE_H
#define PERIGEE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lua.h"

enum {
    TAG_NIL = 0,
    TAG_FALSE = 1,
    TAG_TRUE = 2,
    TAG_LIGHTUD = 3,
    TAG_INT = 4,
    TAG_FLT = 5,
    TAG_LCF = 6, /* C function without upvalues: the payload is the pointer */
    TAG_SSTR = 8, /* first collectable; short string, interned */
    TAG_LSTR = 9,
    TAG_TABLE = 10,
    TAG_LCL = 11, /* Lua closure */
    TAG_CCL = 12, /* C closure */
    TAG_UDATA = 13,
    TAG_THREAD = 14,
    /* never seen by Lua */
    TAG_PROTO = 15,
    TAG_UPVAL = 16,
    TAG_SHAPE = 17,
    TAG_DESCS = 18,
    TAG_CLASS = 19,
    TAG_FEEDBACK = 20,
    TAG_STRBUF = 21,
    TAG_COUNT = 22
};

typedef struct GCObject GCObject;
typedef struct String String;
typedef struct Table Table;
typedef struct LClosure LClosure;
typedef struct CClosure CClosure;
typedef struct Udata Udata;
typedef struct Proto Proto;
typedef struct UpVal UpVal;
typedef struct Shape Shape;
typedef struct Global Global;

typedef union Value {
    lua_Integer i;
    lua_Number n;
    uint64_t u;
    void *p;
    lua_CFunction f;
    GCObject *gc;
} Value;

typedef struct TValue {
    Value v;
    uint32_t tag;
    uint32_t extra;
} TValue;

_Static_assert(sizeof(TValue) == 16, "a value is two words");

typedef TValue *StkId; /* a slot of some stack; moves when the stack is reallocated */

/* --- questions --- */
static inline bool is_nil(const TValue *o) { return o->tag == TAG_NIL; }
static inline bool is_falsy(const TValue *o) { return o->tag <= TAG_FALSE; }
static inline bool is_bool(const TValue *o) { return o->tag - TAG_FALSE <= 1u; }
static inline bool is_int(const TValue *o) { return o->tag == TAG_INT; }
static inline bool is_flt(const TValue *o) { return o->tag == TAG_FLT; }
static inline bool is_num(const TValue *o) { return (o->tag | 1u) == TAG_FLT; }
static inline bool is_str(const TValue *o) { return (o->tag | 1u) == TAG_LSTR; }
static inline bool is_sstr(const TValue *o) { return o->tag == TAG_SSTR; }
static inline bool is_table(const TValue *o) { return o->tag == TAG_TABLE; }
static inline bool is_udata(const TValue *o) { return o->tag == TAG_UDATA; }
static inline bool is_lcl(const TValue *o) { return o->tag == TAG_LCL; }
static inline bool is_gc(const TValue *o) { return o->tag >= TAG_SSTR; }
static inline bool is_func(const TValue *o) {
    return o->tag == TAG_LCL || o->tag == TAG_LCF || o->tag == TAG_CCL;
}

/* LUA_T* of a tag */
extern const int8_t value_type_of_tag[TAG_COUNT];
static inline int value_type(const TValue *o) { return value_type_of_tag[o->tag]; }

/* --- reading; the caller has checked the tag --- */
static inline String *as_str(const TValue *o) { return (String *)o->v.gc; }
static inline Table *as_table(const TValue *o) { return (Table *)o->v.gc; }
static inline LClosure *as_lcl(const TValue *o) { return (LClosure *)o->v.gc; }
static inline CClosure *as_ccl(const TValue *o) { return (CClosure *)o->v.gc; }
static inline Udata *as_udata(const TValue *o) { return (Udata *)o->v.gc; }
static inline lua_State *as_thread(const TValue *o) { return (lua_State *)o->v.gc; }

/* --- writing --- */
static inline void set_value(TValue *to, const TValue *from) {
    Value v = from->v;
    uint32_t tag = from->tag;
    to->v = v;
    to->tag = tag;
}
static inline void set_nil(TValue *o) { o->tag = TAG_NIL; }
static inline void set_bool(TValue *o, bool b) { o->tag = b ? TAG_TRUE : TAG_FALSE; }
static inline void set_int(TValue *o, lua_Integer i) { o->v.i = i; o->tag = TAG_INT; }
static inline void set_flt(TValue *o, lua_Number n) { o->v.n = n; o->tag = TAG_FLT; }
static inline void set_lightud(TValue *o, void *p) { o->v.p = p; o->tag = TAG_LIGHTUD; }
static inline void set_lcf(TValue *o, lua_CFunction f) { o->v.f = f; o->tag = TAG_LCF; }
/* any collectable; the tag is the object's own */
static inline void set_gc(TValue *o, void *gc) { o->v.gc = (GCObject *)gc; o->tag = *(const uint8_t *)gc; }
static inline void set_table(TValue *o, Table *t) { o->v.gc = (GCObject *)t; o->tag = TAG_TABLE; }

/* payload and tag apart, as array parts keep them */
static inline void set_parts(TValue *o, Value v, uint32_t tag) { o->v = v; o->tag = tag; }

#endif
