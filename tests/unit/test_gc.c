// SPDX-License-Identifier: MIT
/* The collector: what must hold, with each kind of allocator and in both modes. */
#include <check.h>

#include "gc_support.h"

/* ---- allocators ---- */

typedef struct Host {
    size_t bytes, blocks;
    size_t types[LUA_NUMTYPES];
    bool wrong;
} Host;

static void *host_alloc(void *ud, void *block, size_t osize, size_t nsize) {
    Host *h = ud;
    if (block == NULL) {
        if (nsize == 0) return NULL;
        if (osize < LUA_NUMTYPES) h->types[osize]++;
        osize = 0;
        h->blocks++;
    } else if (*((size_t *)block - 2) != osize) {
        h->wrong = true;
    }
    h->bytes += nsize - osize;
    size_t *base = block ? (size_t *)block - 2 : NULL;
    if (nsize == 0) {
        h->blocks--;
        free(base);
        return NULL;
    }
    base = realloc(base, nsize + 16);
    base[0] = nsize;
    return base + 2;
}

static Host host;
static TestState *open_kind(int kind) {
    memset(&host, 0, sizeof host);
    TestState *s = kind & 1 ? test_open(host_alloc, &host) : test_open(mem_default_alloc, NULL);
    if (kind & 2) control(&s->L, LUA_GCGEN, 0, 0, 0);
    return s;
}
static void close_kind(TestState *s) {
    test_close(s);
    ck_assert_uint_eq(host.bytes, 0);
    ck_assert_uint_eq(host.blocks, 0);
    ck_assert(!host.wrong);
}

/* ---- reachability ---- */

START_TEST(garbage_is_freed_and_bytes_come_back) {
    TestState *s = open_kind(_i);
    lua_State *L = &s->L;
    gc_full(L);
    size_t before = gc_bytes(&s->g);
    Table *keep = push_table(L, 0);
    for (int i = 1; i <= 1000; i++) {
        Table *t = push_table(L, i % 50);
        if (i % 10 == 0) store(L, keep, i / 10, t);
        L->top--;
    }
    ck_assert_uint_gt(gc_bytes(&s->g), before + 100 * 32);
    gc_full(L);
    for (int i = 1; i <= 100; i++) ck_assert(load(keep, i) != NULL);
    L->top--;
    gc_full(L);
    gc_full(L);
    ck_assert_uint_eq(gc_bytes(&s->g), before);
    close_kind(s);
}
END_TEST

/* A table holds its number under 1 and others under 2..; walking the graph finds freed cells by
 * their numbers (and by address checking). */
static void check_graph(lua_State *L, Table *t, int depth) {
    TValue v;
    ck_assert_int_eq(t->tag, TAG_TABLE);
    ck_assert_uint_eq(table_get_int(t, 1, &v), TAG_INT);
    ck_assert_int_eq(v.v.i, 4711);
    for (int i = 2; depth > 0 && i < 6; i++)
        if (load(t, i)) check_graph(L, load(t, i), depth - 1);
}

START_TEST(random_mutation_keeps_what_is_reachable) {
    TestState *s = open_kind(_i);
    lua_State *L = &s->L;
    unsigned seed = 12345;
    enum { ROOTS = 40 };
    control(L, LUA_GCSETPAUSE, 100, 0, 0);
    for (int i = 0; i < ROOTS; i++) {
        TValue v;
        set_int(&v, 4711);
        table_set_int(L, push_table(L, 1), 1, &v);
    }
    for (int n = 0; n < 60000; n++) {
        seed = seed * 1103515245 + 12345;
        unsigned a = (seed >> 8) % ROOTS, b = (seed >> 14) % ROOTS, slot = 2 + (seed >> 20) % 4;
        Table *t = table_at(L, 1 + (int)a), *u = table_at(L, 1 + (int)b);
        switch (seed >> 29) {
        case 0: case 1: case 2: { /* a new one hangs below, and becomes a root */
            TValue v;
            Table *fresh = push_table(L, 5);
            set_int(&v, 4711);
            table_set_int(L, fresh, 1, &v);
            t = table_at(L, 1 + (int)a);
            store(L, t, slot, fresh);
            set_table(L->stack + 1 + b, fresh);
            L->top--;
            break;
        }
        case 3: case 4: store(L, t, slot, u); break;
        case 5: if (load(t, slot)) set_table(L->stack + 1 + b, load(t, slot)); break;
        case 6: set_table(L->stack + 1 + a, u); break;
        default:
            if (n % 4 == 0) gc_step(L);
            check_graph(L, u, 4);
        }
    }
    for (int i = 0; i < ROOTS; i++) check_graph(L, table_at(L, 1 + i), 6);
    close_kind(s);
}
END_TEST

START_TEST(large_tables_are_marked_piecewise_while_written) {
    TestState *s = open_kind(_i);
    lua_State *L = &s->L;
    gc_set_verify(L, false);
    Table *big = push_table(L, 0);
    TValue id;
    set_int(&id, 4711);
    for (int i = 1; i <= 50000; i++) {
        table_set_int(L, push_table(L, 1), 1, &id);
        store(L, big, i, as_table(L->top - 1));
        L->top--;
    }
    for (int n = 0; n < 200000; n++) {
        int i = 1 + (int)(n * 7919LL % 50000), j = 1 + (int)(n * 104729LL % 50000);
        Table *t = load(big, i);
        store(L, big, i, load(big, j));
        store(L, big, j, t);
        if (n % 50 == 0) {
            table_set_int(L, push_table(L, 1), 1, &id);
            store(L, big, j, as_table(L->top - 1));
            L->top--;
        }
        if (n % 97 == 0) gc_step(L);
        if (n % 20000 == 0) store_key(L, big, load(big, i), load(big, j)); /* nodes */
    }
    for (int i = 1; i <= 50000; i++) check_graph(L, load(big, i), 1);
    close_kind(s);
}
END_TEST

/* ---- weak tables ---- */

START_TEST(weak_values_go_and_strings_stay) {
    TestState *s = open_kind(_i);
    lua_State *L = &s->L;
    Table *weak = push_table(L, 0);
    table_set_metatable(L, weak, push_metatable(L, TM_MODE, "v"));
    Table *kept = push_table(L, 0);
    store(L, weak, 1, kept);
    store(L, weak, 2, push_table(L, 0));
    L->top--;
    store(L, weak, 1000000, push_table(L, 0));
    store_key(L, weak, kept, as_table(L->top - 1));
    L->top--;
    TValue v;
    set_gc(L->top++, test_string(L, "text"));
    table_set_int(L, weak, 3, --L->top);
    gc_full(L);
    ck_assert(load(weak, 1) == kept);
    ck_assert(load(weak, 2) == NULL);
    ck_assert(load(weak, 1000000) == NULL);
    ck_assert(load_key_of(L, weak, kept) == NULL);
    ck_assert_uint_eq(table_get_int(weak, 3, &v), TAG_SSTR);
    close_kind(s);
}
END_TEST

START_TEST(ephemerons_converge) {
    TestState *s = open_kind(_i);
    lua_State *L = &s->L;
    Table *weak = push_table(L, 0);
    table_set_metatable(L, weak, push_metatable(L, TM_MODE, "k"));
    Table *first = push_table(L, 0);
    Table *key = first;
    for (int i = 0; i < 100; i++) { /* key -> next key, by the table only */
        Table *next = push_table(L, 0);
        store_key(L, weak, key, next);
        L->top--;
        key = next;
        if (i == 98) { set_table(L->top, next); }
    }
    Table *lost = push_table(L, 0); /* refers to itself through its value */
    Table *value = push_table(L, 1);
    store(L, value, 1, lost);
    store_key(L, weak, lost, value);
    L->top -= 2;
    gc_full(L);
    int n = 0;
    for (key = first; (key = load_key_of(L, weak, key)) != NULL;) n++;
    ck_assert_int_eq(n, 100);
    TValue entry[2] = {{.tag = TAG_NIL}, {.tag = TAG_NIL}};
    for (n = 0; table_next(L, weak, entry); n++) {}
    ck_assert_int_eq(n, 100);
    set_nil(L->stack + 3); /* first */
    gc_full(L);
    entry[0].tag = TAG_NIL;
    ck_assert(!table_next(L, weak, entry));
    close_kind(s);
}
END_TEST

START_TEST(a_table_that_stops_being_weak_keeps_its_values) {
    TestState *s = open_kind(_i);
    lua_State *L = &s->L;
    Table *weak = push_table(L, 0);
    Table *mt = push_metatable(L, TM_MODE, "v");
    table_set_metatable(L, weak, mt);
    store(L, weak, 1, push_table(L, 0));
    L->top--;
    for (int i = 0; i < 4; i++) { /* into the marking phase */
        control(L, LUA_GCSTEP, 0, 0, 0);
        if (i == 0) store(L, weak, 1, push_table(L, 0)), L->top--;
        if (i == 0) table_set_metatable(L, weak, NULL);
    }
    control(L, LUA_GCSTEP, 20000, 0, 0);
    ck_assert(load(weak, 1) != NULL);
    close_kind(s);
}
END_TEST

/* Large weak tables are looked at before the atomic phase, while the program goes on writing:
 * nothing that is held may go. */
static Table *new_numbered(lua_State *L) {
    TValue id;
    set_int(&id, 4711);
    Table *t = push_table(L, 1);
    table_set_int(L, t, 1, &id);
    return t;
}

static void weak_put(lua_State *L, Table *weak, Table *keep, int i, int mode) {
    Table *t = new_numbered(L), *v = mode == 1 ? new_numbered(L) : t;
    if (mode == 0) store(L, weak, i, t);
    else store_key(L, weak, t, v);
    if (i % 2) store(L, keep, i / 2 + 1, t);
    L->top -= mode == 1 ? 2 : 1;
}

static int count_entries(lua_State *L, Table *t) {
    TValue entry[2] = {{.tag = TAG_NIL}, {.tag = TAG_NIL}};
    int n = 0;
    for (; table_next(L, t, entry); n++) check_graph(L, as_table(&entry[1]), 1);
    return n;
}

START_TEST(large_weak_tables_keep_what_is_held) {
    enum { N = 40000 };
    static const char *const modes[] = {"v", "k", "kv"};
    int mode = _i / 4;
    TestState *s = open_kind(_i % 4);
    lua_State *L = &s->L;
    gc_set_verify(L, false);
    Table *weak = push_table(L, 0);
    table_set_metatable(L, weak, push_metatable(L, TM_MODE, modes[mode]));
    Table *keep = push_table(L, 0);
    for (int i = 1; i <= N; i++) weak_put(L, weak, keep, i, mode);
    for (int n = 0; n < 2 * N; n++) {
        weak_put(L, weak, keep, 1 + (int)(n * 7919LL % N), mode);
        if (n % 7 == 0) gc_step(L);
        if (n % 8000 == 0) gc_set_verify(L, true);
        if (n % 8000 == 30) gc_set_verify(L, false);
        if (n % 2000 != 0) continue;
        for (int i = 1; i <= N / 2; i++) { /* each kept one is still there, with its value */
            Table *t = load(keep, i);
            check_graph(L, t, 0);
            if (mode > 0) check_graph(L, load_key_of(L, weak, t), 0);
            else ck_assert(load(weak, 2 * i - 1) == t);
            if (i % 64) i += 63;
        }
    }
    gc_full(L);
    ck_assert_int_eq(count_entries(L, weak), N / 2);
    close_kind(s);
}
END_TEST

/* ---- finalizers ---- */

START_TEST(finalizers_run_in_reverse_order_once) {
    TestState *s = open_kind(_i);
    lua_State *L = &s->L;
    Table *mt = push_metatable(L, TM_GC, "x");
    Table *made[10];
    for (int i = 0; i < 10; i++) {
        made[i] = push_table(L, 0);
        set_meta(L, made[i], mt);
        if (i != 9) L->top--;
    }
    gc_full(L);
    ck_assert_int_eq(s->nfinalized, 9);
    for (int i = 0; i < 9; i++) ck_assert(s->finalized[i] == (GCObject *)made[8 - i]);
    gc_full(L);
    ck_assert_int_eq(s->nfinalized, 9);
    gc_close(L);
    ck_assert_int_eq(s->nfinalized, 10);
    shape_close(L);
    mem_free(L, L->stack, (size_t)(L->stack_last - L->stack + STACK_EXTRA) * sizeof(TValue));
    gc_shutdown(&s->g);
    free(s);
    ck_assert_uint_eq(host.bytes, 0);
}
END_TEST

static void reviving_finalizer(lua_State *L, GCObject *o) {
    test_finalizer(L, o);
    set_gc(L->stack + 1, o);
    check_graph(L, (Table *)(void *)o, 1);
}

START_TEST(a_finalized_object_and_what_it_holds_live_on) {
    TestState *s = open_kind(_i);
    lua_State *L = &s->L;
    s->g.run_finalizer = reviving_finalizer;
    L->top++;
    Table *mt = push_metatable(L, TM_GC, "x");
    Table *weakkeys = push_table(L, 0), *weakvalues = push_table(L, 0);
    table_set_metatable(L, weakkeys, push_metatable(L, TM_MODE, "k"));
    table_set_metatable(L, weakvalues, push_metatable(L, TM_MODE, "v"));
    Table *o = push_table(L, 2), *below = push_table(L, 1);
    TValue id;
    set_int(&id, 4711);
    table_set_int(L, o, 1, &id);
    table_set_int(L, below, 1, &id);
    store(L, o, 2, below);
    store_key(L, weakkeys, o, below);
    store(L, weakvalues, 1, o);
    set_meta(L, o, mt);
    L->top -= 2;
    gc_full(L);
    ck_assert_int_eq(s->nfinalized, 1);
    ck_assert(load_key_of(L, weakkeys, o) == below); /* keys go after resurrection */
    ck_assert(load(weakvalues, 1) == NULL);          /* values before */
    check_graph(L, table_at(L, 1), 2);
    set_nil(L->stack + 1);
    gc_full(L);
    ck_assert_int_eq(s->nfinalized, 1);
    s->g.run_finalizer = test_finalizer;
    close_kind(s);
}
END_TEST

/* ---- threads and upvalues ---- */

START_TEST(open_upvalues_of_dead_threads_keep_their_values) {
    TestState *s = open_kind(_i);
    lua_State *L = &s->L;
    lua_State *th = (lua_State *)gc_new(L, TAG_THREAD, sizeof(lua_State));
    memset((char *)th + 8, 0, sizeof *th - 8);
    th->g = &s->g;
    set_gc(L->top++, th);
    test_stack(L, th, 50);
    UpVal *uv = (UpVal *)gc_new(L, TAG_UPVAL, sizeof(UpVal));
    uv->v = th->top;
    uv->u.open.next = NULL;
    uv->u.open.previous = &th->openupval;
    th->openupval = uv;
    th->twups_next = s->g.twups;
    s->g.twups = th;
    th->top++;
    LClosure *cl = (LClosure *)gc_new(L, TAG_LCL, sizeof(LClosure) + sizeof(UpVal *));
    cl->nupvalues = 1;
    cl->p = NULL;
    cl->upvals[0] = uv;
    set_gc(L->top++, cl);
    for (int n = 0; n < 20; n++) { /* the slot is written without barrier while marking goes on */
        control(L, LUA_GCSTEP, 1, 0, 0);
        Table *t = push_table(L, 1);
        TValue id;
        set_int(&id, 4711);
        table_set_int(L, t, 1, &id);
        set_table(uv->v, t);
        L->top--;
    }
    set_value(L->stack + 1, L->stack + 2); /* the thread goes */
    gc_full(L);
    ck_assert(s->g.twups == NULL);
    ck_assert(!upval_is_open(uv));
    check_graph(L, as_table(uv->v), 1);
    gc_full(L);
    check_graph(L, as_table(uv->v), 1);
    close_kind(s);
}
END_TEST

/* A stack of many C frames of one slot each, returned into and called again while marking goes on. */
enum { FRAMES = 5000 };
static CallInfo frames[FRAMES + 1];

static void enter_frame(lua_State *L, CallInfo *ci) {
    ci->func = L->top;
    ci->status = CI_C;
    ci->attention = 0;
    ci->prev = L->ci;
    TValue id;
    set_int(&id, 4711);
    L->ci = ci;
    L->top++;
    table_set_int(L, push_table(L, 1), 1, &id);
    ci->top = L->top;
}
static void leave_frame(lua_State *L) {
    CallInfo *ci = L->ci;
    L->top = ci->func;
    L->ci = ci->prev;
    if (L->ci->attention) gc_stack_returned(L, L->ci);
}

START_TEST(deep_stacks_are_scanned_in_pieces) {
    TestState *s = test_open_sized(mem_default_alloc, NULL, 3 * FRAMES + 100);
    lua_State *L = &s->L;
    if (_i) control(L, LUA_GCGEN, 0, 0, 0);
    memset(&host, 0, sizeof host);
    gc_set_verify(L, false);
    unsigned seed = 99;
    int depth = 0;
    for (int n = 0; n < 200000; n++) {
        seed = seed * 1103515245 + 12345;
        if (n < FRAMES || (seed >> 16 & 1)) {
            if (depth < FRAMES) enter_frame(L, &frames[depth++]);
        } else if (depth > 0) {
            leave_frame(L);
            depth--;
        }
        if (depth > 0) { /* the running frame may write its slots */
            TValue id;
            set_int(&id, 4711);
            Table *t = push_table(L, 1);
            table_set_int(L, t, 1, &id);
            set_table(L->ci->func + 1, t);
            L->top--;
        }
        if (n % 13 == 0) gc_step(L);
        if (n % 5000 == 0)
            for (int i = 0; i < depth; i++) check_graph(L, as_table(frames[i].func + 1), 1);
    }
    while (depth-- > 0) {
        check_graph(L, as_table(L->ci->func + 1), 1);
        leave_frame(L);
    }
    close_kind(s);
}
END_TEST

/* ---- memory failures, stress, parameters ---- */

static void build_something(lua_State *L) {
    Table *t = push_table(L, 4);
    Table *mt = push_metatable(L, TM_GC, "x");
    for (int i = 1; i < 30; i++) {
        store(L, t, i, push_table(L, 3));
        set_meta(L, as_table(L->top - 1), mt);
        store_key(L, t, as_table(L->top - 1), t);
        L->top--;
    }
    gc_full(L);
}

static int build_failing_at(long nth, int kind) {
    TestState *s = open_kind(kind & 3);
    s->catching = true;
    mem_fail_at(&s->L, nth, kind >= 4);
    if (setjmp(s->error) == 0) build_something(&s->L);
    int status = s->status;
    mem_fail_at(&s->L, 0, false);
    s->L.top = s->L.stack + 1;
    gc_full(&s->L);
    close_kind(s);
    return status;
}

START_TEST(every_failure_is_a_memory_error) {
    int failures = 0;
    for (long nth = 1; nth < 300; nth++) {
        int status = build_failing_at(nth, _i);
        ck_assert(status == 0 || status == LUA_ERRMEM); /* the collector's own lists do without */
        failures += status != 0;
    }
    ck_assert_int_gt(failures, 50);
    ck_assert_int_eq(build_failing_at(10000, _i), 0);
}
END_TEST

START_TEST(collecting_at_every_allocation_changes_nothing) {
    TestState *s = open_kind(_i);
    lua_State *L = &s->L;
    gc_set_stress(L, 1);
    Table *root = push_table(L, 0);
    TValue id;
    set_int(&id, 4711);
    table_set_int(L, root, 1, &id);
    for (int i = 0; i < 200; i++) {
        Table *t = push_table(L, 2);
        table_set_int(L, t, 1, &id);
        store(L, t, 2, root);
        root = t;
        set_table(L->stack + 1, t);
        L->top--;
    }
    check_graph(L, root, 300);
    gc_set_stress(L, 0);
    close_kind(s);
}
END_TEST

START_TEST(parameters_and_modes_read_back_as_in_5_4) {
    TestState *s = open_kind(0);
    lua_State *L = &s->L;
    ck_assert_int_eq(control(L, LUA_GCSETPAUSE, 101, 0, 0), 200);
    ck_assert_int_eq(control(L, LUA_GCSETPAUSE, 2000, 0, 0), 100);
    ck_assert_int_eq(control(L, LUA_GCSETPAUSE, 200, 0, 0), 976);
    ck_assert_int_eq(control(L, LUA_GCSETSTEPMUL, 100, 0, 0), 100);
    ck_assert_int_eq(control(L, LUA_GCGEN, 0, 0, 0), LUA_GCINC);
    ck_assert_int_eq(control(L, LUA_GCSTEP, 0, 0, 0), 0);
    ck_assert_int_eq(control(L, LUA_GCINC, 0, 0, 0), LUA_GCGEN);
    ck_assert_int_eq(control(L, LUA_GCISRUNNING, 0, 0, 0), 1);
    control(L, LUA_GCSTOP, 0, 0, 0);
    ck_assert_int_eq(control(L, LUA_GCISRUNNING, 0, 0, 0), 0);
    gc_full(L);
    ck_assert_int_eq(control(L, LUA_GCSTEP, 20000, 0, 0), 1);
    ck_assert_int_eq(control(L, LUA_GCISRUNNING, 0, 0, 0), 0);
    control(L, LUA_GCRESTART, 0, 0, 0);
    ck_assert_int_eq(control(L, 1000, 0, 0, 0), -1);
    ck_assert_int_eq(control(L, LUA_GCCOUNT, 0, 0, 0), (int)(gc_bytes(&s->g) / 1024));
    close_kind(s);
}
END_TEST

START_TEST(the_host_sees_types_and_gets_every_byte_back) {
    TestState *s = open_kind(1);
    lua_State *L = &s->L;
    push_table(L, 0);
    ck_assert_uint_ge(host.types[LUA_TTABLE], 1);
    ck_assert_uint_ge(host.types[LUA_TSTRING], 2);
    close_kind(s);
    s = open_kind(0); /* from the default allocator to a host's with objects alive */
    L = &s->L;
    Table *old = push_table(L, 0);
    mem_set_alloc(&s->g, mem_default_alloc, &host);
    store(L, old, 1, push_table(L, 0));
    ck_assert(load(old, 1) != NULL);
    close_kind(s);
}
END_TEST

START_TEST(mode_switches_at_any_time) {
    TestState *s = open_kind(_i);
    lua_State *L = &s->L;
    unsigned seed = 7;
    TValue id;
    set_int(&id, 4711);
    for (int i = 0; i < 20; i++) table_set_int(L, push_table(L, 1), 1, &id);
    for (int n = 0; n < 3000; n++) {
        seed = seed * 1103515245 + 12345;
        Table *t = table_at(L, 1 + (int)(seed >> 8) % 20);
        table_set_int(L, push_table(L, 4), 1, &id);
        store(L, t, 2 + (seed >> 16) % 4, as_table(L->top - 1));
        set_value(L->stack + 1 + (seed >> 20) % 20, L->top - 1);
        L->top--;
        switch ((seed >> 24) % 24) {
        case 0: control(L, LUA_GCGEN, 0, 0, 0); break;
        case 1: control(L, LUA_GCINC, 0, 0, 0); break;
        case 2: control(L, LUA_GCSTEP, 0, 0, 0); break;
        case 3: gc_full(L); break;
        default: control(L, LUA_GCSTEP, 1, 0, 0);
        }
        check_graph(L, table_at(L, 1 + n % 20), 3);
    }
    close_kind(s);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("gc");
    TCase *tc = tcase_create("gc");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, garbage_is_freed_and_bytes_come_back, 0, 4);
    tcase_add_loop_test(tc, random_mutation_keeps_what_is_reachable, 0, 4);
    tcase_add_loop_test(tc, large_tables_are_marked_piecewise_while_written, 0, 4);
    tcase_add_loop_test(tc, weak_values_go_and_strings_stay, 0, 4);
    tcase_add_loop_test(tc, ephemerons_converge, 0, 4);
    tcase_add_loop_test(tc, large_weak_tables_keep_what_is_held, 0, 12);
    tcase_add_loop_test(tc, a_table_that_stops_being_weak_keeps_its_values, 0, 4);
    tcase_add_loop_test(tc, finalizers_run_in_reverse_order_once, 0, 4);
    tcase_add_loop_test(tc, a_finalized_object_and_what_it_holds_live_on, 0, 4);
    tcase_add_loop_test(tc, open_upvalues_of_dead_threads_keep_their_values, 0, 4);
    tcase_add_loop_test(tc, deep_stacks_are_scanned_in_pieces, 0, 2);
    tcase_add_loop_test(tc, every_failure_is_a_memory_error, 0, 8);
    tcase_add_loop_test(tc, collecting_at_every_allocation_changes_nothing, 0, 4);
    tcase_add_test(tc, parameters_and_modes_read_back_as_in_5_4);
    tcase_add_test(tc, the_host_sees_types_and_gets_every_byte_back);
    tcase_add_loop_test(tc, mode_switches_at_any_time, 0, 4);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
