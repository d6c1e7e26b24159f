// SPDX-License-Identifier: MIT
/* Birth and death of a state.
 *
 *      | extra space | main thread | Global | literals |      one block (api.h)
 *
 * While it is being built the state is incomplete (Global.nilvalue is no nil): no collection runs,
 * and an error can only be one of memory, which takes down what there is. Objects that everything
 * needs are made in order of dependency: strings, shapes, then tables.
 */
#include "api/api.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/report.h"
#include "base/options.h"
#include "interp/interp.h"
#include "profile/profile.h"
#include "sem/quicken.h"
#include "state/limits.h"
#include "state/finalizer.h"

/* Addresses vary with their randomisation, the clock without: no two processes hash alike. */
static uint32_t random_seed(const void *state) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t h = (uintptr_t)state ^ (uint64_t)(uintptr_t)&now << 20 ^ (uint64_t)(uintptr_t)&lua_newstate;
    h ^= (uint64_t)now.tv_sec << 32 ^ (uint64_t)now.tv_nsec;
    h ^= h >> 33; /* finaliser of MurmurHash3 */
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    return (uint32_t)(h ^ h >> 32);
}

/* PERIGEE_OPTIONS; false: there are none. What is wrong there is the command's to complain about; a library ignores it. */
static bool read_options(Options *o) {
    const char *list = getenv("PERIGEE_OPTIONS");
    char err[128];
    options_init(o);
    if (list == NULL) return false;
    options_parse(o, list, err, sizeof err);
    return true;
}

static void init_registry(lua_State *L) {
    Global *g = G(L);
    Table *registry = table_new(L, 0, LUA_RIDX_LAST, 0);
    set_table(&g->registry, registry);
    TValue v;
    set_gc(&v, L);
    table_set_int(L, registry, LUA_RIDX_MAINTHREAD, &v);
    Table *globals = table_new(L, 0, 0, 0);
    set_table(L->top++, globals);
    table_set_int(L, registry, LUA_RIDX_GLOBALS, L->top - 1);
    shape_own(L, globals); /* its role is _ENV: slots of globals can be relied on one by one */
    L->top--;
}

static String *fixed_string(lua_State *L, const char *s) {
    String *string = str_newz(L, s);
    gc_fix(L, (GCObject *)string);
    return string;
}

static void build(lua_State *L) {
    Global *g = G(L);
    stack_init(L, L);
    str_init(L);
    shape_init(L);
    g->memerrmsg = fixed_string(L, "not enough memory");
    g->errerrmsg = fixed_string(L, "error in error handling");
    g->cstackerrmsg = fixed_string(L, "C stack overflow");
    tm_init(L);
    init_registry(L);
    set_nil(&g->nilvalue); /* complete */
    g->gcstop = 0;
}

static void apply_options(lua_State *L, const Options *given) {
    Global *g = G(L);
    Options *o = mem_alloc(L, sizeof *o);
    *o = *given;
    g->options = o;
    gc_set_verify(L, o->verify_heap);
    gc_set_stress(L, o->gc_every);
    g->movestack = o->move_stack;
    g->randomtiers = o->random_tiers;
    g->failguard = o->fail_guard;
#ifdef PERIGEE_CHECKS
    g->verifyexits = true;
#else
    g->verifyexits = o->verify_exits;
#endif
    if (g->movestack) L->stack_limit = L->stack;
    if (o->fail_alloc != 0) mem_fail_at(L, o->fail_alloc, o->fail_from);
}

/* options: NULL, none. */
static void build_with_options(lua_State *L, void *options) {
    build(L);
    if (options != NULL) apply_options(L, options);
    engine_attach(L);
    report_begin(L);
    if (G(L)->options != NULL && !limits_from_options(L, G(L)->options)) state_throw(L, LUA_ERRMEM);
}

static void init_global(Global *g, lua_Alloc f, void *ud, lua_State *L) {
    g->alloc = f;
    g->allocud = ud;
    g->mainthread = L;
    g->gcstop = GCSTOP_BUSY;
    set_int(&g->nilvalue, 0);
    g->execute = vm_execute;
    g->finish_op = sem_finish_op;
    g->set_dispatch = vm_set_dispatch;
    g->proto_hot = proto_hot;
    g->release_code = code_release_all;
    g->run_finalizer = run_finalizer;
}

static void init_main_thread(lua_State *L, Global *g) {
    L->tag = TAG_THREAD;
    L->marked = g->white;
    L->g = g;
    L->status = LUA_OK;
    L->allowhook = 1;
    L->twups_next = L;
    L->ncalls = NONYIELDABLE; /* there is nobody to yield to */
    g->set_dispatch(L);
}

/* L is the main thread. */
static void free_state(lua_State *L) {
    Global *g = G(L);
    StateBlock *block = state_block(g);
    lua_Alloc f = g->alloc;
    void *ud = g->allocud;
    gc_close(L);
    limits_free(L);
    if (g->seam != NULL) g->seam->close(g); /* finalizers may have run compiled code until now */
    report_end(g);
    profile_close(L);
    if (g->options != NULL) mem_free(L, g->options, sizeof(Options));
    g->options = NULL;
    str_close(L);
    shape_close(L);
    stack_release(L, L);
    gc_shutdown(g);
    f(ud, block, sizeof *block, 0);
}

/* Called by the collector. Closures that outlive the thread take the values of their open upvalues
 * with them. No barrier: the collector has marked these values together with the upvalues. */
void thread_release(lua_State *L, lua_State *th) {
    UpVal *next;
    for (UpVal *uv = th->openupval; uv != NULL; uv = next) {
        next = uv->u.open.next;
        const TValue *slot = uv->v;
        set_value(&uv->u.closed, slot);
        uv->v = &uv->u.closed;
    }
    th->openupval = NULL;
    stack_release(L, th);
}

LUA_API lua_State *lua_newstate(lua_Alloc f, void *ud) {
    StateBlock *block = f(ud, NULL, LUA_TTHREAD, sizeof *block);
    if (block == NULL) return NULL;
    memset(block, 0, sizeof *block);
    lua_State *L = &block->main;
    Global *g = &block->global;
    init_global(g, f, ud, L);
    if (!gc_init(g)) {
        f(ud, block, sizeof *block, 0);
        return NULL;
    }
    init_main_thread(L, g);
    Options options;
    bool given = read_options(&options);
    g->seed = options.seed != 0 ? options.seed : random_seed(L);
    if (state_protected(L, build_with_options, given ? &options : NULL) == LUA_OK) return L;
    free_state(L);
    return NULL;
}

LUA_API void lua_close(lua_State *L) {
    L = G(L)->mainthread; /* only it can be closed */
    L->ci = &L->base_ci;
    L->errfunc = 0;
    limits_closing(L);
    close_protected(L, (ptrdiff_t)sizeof(TValue), LUA_OK);
    L->top = L->stack + 1;
    report_write(L);
    free_state(L);
}
