// SPDX-License-Identifier: MIT
/* A state for tests of the object and collector floors: a thread with a stack, the collector,
 * strings and shapes, and nothing above them. Errors end
 * in the innermost CATCH. */
#ifndef PERIGEE_TEST_OBJECT_STATE_H
#define PERIGEE_TEST_OBJECT_STATE_H

#include <setjmp.h>

#include "gc/gc.h"
#include "object/func.h"
#include "object/string.h"
#include "object/table.h"

lua_State *test_state_new(void);
void test_state_free(lua_State *L);

extern jmp_buf test_catch;
extern const char *test_message; /* of the last error */
/* true when the statements raised an error */
#define CATCH(L, statements) \
    ({ \
        StkId top_ = (L)->top; \
        bool raised_ = setjmp(test_catch) != 0; \
        if (!raised_) { statements; } \
        (L)->top = top_; \
        raised_; \
    })

/* xorshift: the same numbers on each machine */
static inline uint64_t test_random(uint64_t *state) {
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

static inline Table *test_push_table(lua_State *L, unsigned ninline, uint32_t narray,
                                     uint32_t nnodes) {
    Table *t = table_new(L, ninline, narray, nnodes);
    set_table(L->top++, t);
    return t;
}
static inline String *test_push_string(lua_State *L, const char *s) {
    String *str = str_newz(L, s);
    set_gc(L->top++, str);
    return str;
}
static inline void test_set_field(lua_State *L, Table *t, const char *name, TValue v) {
    *L->top = v;
    L->top++;
    String *key = test_push_string(L, name);
    table_set_str(L, t, key, L->top - 2);
    L->top -= 2;
}
static inline TValue test_int(lua_Integer i) {
    TValue v = {.v.i = i, .tag = TAG_INT};
    return v;
}
static inline TValue test_flt(lua_Number n) {
    TValue v = {.v.n = n, .tag = TAG_FLT};
    return v;
}
static inline TValue test_table(Table *t) {
    TValue v = {.v.gc = (GCObject *)t, .tag = TAG_TABLE};
    return v;
}
static inline TValue test_nil(void) {
    TValue v = {.tag = TAG_NIL};
    return v;
}

#endif
