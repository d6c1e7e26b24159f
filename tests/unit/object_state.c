// SPDX-License-Identifier: MIT
/* See object_state.h. The functions that higher floors would supply are here, in their simplest
 * form. */
#include "object_state.h"

#include <stdlib.h>

#include "state/error.h"

jmp_buf test_catch;
const char *test_message;

_Noreturn void state_throw(lua_State *L, int status) {
    (void)L;
    test_message = status == LUA_ERRMEM ? "not enough memory" : "error";
    longjmp(test_catch, status);
}
_Noreturn void rt_error(lua_State *L, const char *fmt, ...) {
    (void)L;
    test_message = fmt;
    longjmp(test_catch, LUA_ERRRUN);
}
void thread_release(lua_State *L, lua_State *th) { (void)L, (void)th; }
void feedback_release(lua_State *L, Feedback *f) { (void)L, (void)f; }
void feedback_traverse(Feedback *f, Global *g, void (*visit)(Global *g, GCObject *o)) {
    (void)f, (void)g, (void)visit;
}
void stack_shrink(lua_State *L) { (void)L; }

static void thread_init(Global *g, lua_State *L) {
    enum { SLOTS = 4000 };
    L->tag = TAG_THREAD;
    L->marked = g->white;
    L->g = g;
    L->stack = calloc(SLOTS + STACK_EXTRA, sizeof(TValue));
    L->stack_last = L->stack + SLOTS;
    L->top = L->stack + 1;
    L->twups_next = L;
    L->ci = &L->base_ci;
    L->base_ci.func = L->stack;
    L->base_ci.top = L->stack_last;
    L->base_ci.status = CI_C;
}

lua_State *test_state_new(void) {
    Global *g = calloc(1, sizeof *g);
    lua_State *L = calloc(1, sizeof *L);
    g->alloc = mem_default_alloc;
    g->seed = 12345;
    g->mainthread = L;
    if (!gc_init(g)) abort();
    g->nilvalue.tag = TAG_INT; /* incomplete: no emergency collection yet */
    thread_init(g, L);
    str_init(L);
    shape_init(L);
    static const char *const names[] = {"__index", "__newindex", "__gc", "__mode", "__len", "__eq"};
    for (int i = 0; i < 6; i++) g->tmname[i] = str_newz(L, names[i]);
    set_nil(&g->nilvalue);
    set_table(&g->registry, table_new(L, 0, 0, 0));
    return L;
}

void test_state_free(lua_State *L) {
    Global *g = L->g;
    gc_close(L);
    str_close(L);
    shape_close(L);
    gc_shutdown(g);
    free(L->stack);
    free(L);
    free(g);
}
