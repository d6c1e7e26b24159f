// SPDX-License-Identifier: MIT
/* A state for tests of the collector that needs floors 0 to 2 only: one thread, values on its
 * stack, errors by longjmp. What the floors above supply is replaced by weak definitions, so that
 * the tests link with or without them.
 */
#ifndef PERIGEE_GC_SUPPORT_H
#define PERIGEE_GC_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gc/gc.h"
#include "object/shape.h"
#include "object/table.h"

#define WEAK __attribute__((weak))

typedef struct TestState {
    Global g;
    lua_State L;
    jmp_buf error;
    bool catching;
    int status;
    GCObject *finalized[64]; /* by run_finalizer, in order */
    int nfinalized;
} TestState;
static inline TestState *test_state(lua_State *L) { return (TestState *)(void *)G(L); }

WEAK _Noreturn void state_throw(lua_State *L, int status) {
    TestState *s = test_state(L);
    if (!s->catching) {
        fprintf(stderr, "unexpected error %d\n", status);
        abort();
    }
    s->status = status;
    longjmp(s->error, 1);
}
WEAK _Noreturn void rt_error(lua_State *L, const char *fmt, ...) {
    fprintf(stderr, "%s\n", fmt);
    state_throw(L, LUA_ERRRUN);
}
WEAK void stack_shrink(lua_State *L) { (void)L; }
WEAK void str_release(lua_State *L, String *s) { (void)L; (void)s; }
WEAK uint32_t str_longhash(const Global *g, LongString *s) { (void)g; (void)s; return 0; }
WEAK bool str_equal(const String *a, const String *b) { return a == b; }
WEAK void proto_release(lua_State *L, Proto *p) { (void)L; (void)p; }
WEAK void feedback_release(lua_State *L, Feedback *f) { (void)L; (void)f; }
WEAK void feedback_traverse(Feedback *f, Global *g, void (*visit)(Global *g, GCObject *o)) {
    (void)f; (void)g; (void)visit;
}
WEAK void upval_release(lua_State *L, UpVal *uv) {
    (void)L;
    if (!upval_is_open(uv)) return;
    *uv->u.open.previous = uv->u.open.next;
    if (uv->u.open.next) uv->u.open.next->u.open.previous = uv->u.open.previous;
}
static void close_upvalues(lua_State *th) {
    while (th->openupval) {
        UpVal *uv = th->openupval;
        th->openupval = uv->u.open.next;
        if (th->openupval) th->openupval->u.open.previous = &th->openupval;
        TValue *from = uv->v;
        uv->v = &uv->u.closed;
        set_value(uv->v, from);
    }
}
WEAK void thread_release(lua_State *L, lua_State *th) {
    close_upvalues(th);
    if (th->stack) mem_free(L, th->stack, (size_t)(th->stack_last - th->stack + STACK_EXTRA) * sizeof(TValue));
}

/* ---- state ---- */

static void test_finalizer(lua_State *L, GCObject *o) {
    TestState *s = test_state(L);
    if (s->nfinalized < 64) s->finalized[s->nfinalized] = o;
    s->nfinalized++;
}

static void test_stack(lua_State *L, lua_State *th, size_t slots) {
    th->stack = mem_alloc(L, (slots + STACK_EXTRA) * sizeof(TValue));
    for (size_t i = 0; i < slots + STACK_EXTRA; i++) th->stack[i] = (TValue){.tag = TAG_NIL};
    th->stack_last = th->stack + slots;
    th->top = th->stack + 1;
    th->ci = &th->base_ci;
    th->base_ci.func = th->stack;
    th->base_ci.top = th->top + LUA_MINSTACK;
    th->base_ci.status = CI_C;
    th->twups_next = th;
}

static String *test_string(lua_State *L, const char *text) { /* not interned */
    size_t n = strlen(text);
    String *s = (String *)gc_new(L, TAG_SSTR, sizeof(String) + n + 1);
    s->mark = 0;
    s->shrlen = (uint8_t)n;
    s->hash = 0;
    for (size_t i = 0; i < n; i++) s->hash = s->hash * 31 + (unsigned char)text[i];
    memcpy(s->bytes, text, n + 1);
    return s;
}

static TestState *test_open_sized(lua_Alloc alloc, void *ud, size_t slots) {
    TestState *s = calloc(1, sizeof *s);
    lua_State *L = &s->L;
    s->g.alloc = alloc;
    s->g.allocud = ud;
    s->g.nilvalue.tag = TAG_INT;
    s->g.run_finalizer = test_finalizer;
    s->g.mainthread = L;
    L->g = &s->g;
    if (!gc_init(&s->g)) abort();
    L->tag = TAG_THREAD;
    L->marked = s->g.white;
    test_stack(L, L, slots);
    shape_init(L);
    s->g.tmname[TM_MODE] = test_string(L, "__mode");
    s->g.tmname[TM_GC] = test_string(L, "__gc");
    s->g.nilvalue.tag = TAG_NIL;
    gc_set_verify(L, true);
    return s;
}
static TestState *test_open(lua_Alloc alloc, void *ud) { return test_open_sized(alloc, ud, 1000); }

static void test_close(TestState *s) {
    lua_State *L = &s->L;
    gc_close(L);
    shape_close(L);
    mem_free(L, L->stack, (size_t)(L->stack_last - L->stack + STACK_EXTRA) * sizeof(TValue));
    gc_shutdown(&s->g);
    free(s);
}

/* ---- values on the stack ---- */

static inline Table *push_table(lua_State *L, unsigned narray) {
    gc_step_if_due(L);
    Table *t = table_new(L, 0, narray, 0);
    set_table(L->top, t);
    L->top++;
    return t;
}
static inline Table *table_at(lua_State *L, int i) { return as_table(L->stack + i); } /* 1: first pushed */
static inline void store(lua_State *L, Table *t, lua_Integer i, void *o) {
    TValue v;
    set_gc(&v, o);
    table_set_int(L, t, i, &v);
}
static inline Table *load(Table *t, lua_Integer i) {
    TValue v;
    return table_get_int(t, i, &v) == TAG_TABLE ? as_table(&v) : NULL;
}
static inline void store_key(lua_State *L, Table *t, void *key, void *o) {
    TValue k, v;
    set_gc(&k, key);
    set_gc(&v, o);
    table_set(L, t, &k, &v);
}
static inline Table *load_key_of(lua_State *L, Table *t, void *key) {
    TValue k, v;
    set_gc(&k, key);
    return table_get(L, t, &k, &v) == TAG_TABLE ? as_table(&v) : NULL;
}
/* pushes a metatable with one string field */
static inline Table *push_metatable(lua_State *L, int event, const char *value) {
    Table *mt = push_table(L, 0);
    String *s = test_string(L, value);
    set_gc(L->top, s);
    L->top++;
    TValue *v = L->top - 1;
    table_set_str(L, mt, G(L)->tmname[event], v);
    L->top--;
    return mt;
}
static inline void set_meta(lua_State *L, Table *t, Table *mt) {
    table_set_metatable(L, t, mt);
    gc_check_finalizer(L, (GCObject *)t, mt);
}
static inline int control(lua_State *L, int what, int a, int b, int c) {
    int args[3] = {a, b, c};
    return gc_control(L, what, args);
}

#endif
