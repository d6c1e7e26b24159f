// SPDX-License-Identifier: MIT
/* The cycle: phases in order, their pace, and what a program may ask of the collector (manual 2.5,
 * collectgarbage, lua_gc).
 *
 * Pace. Work is counted in bytes looked at. A step does WORK_PER_BYTE times stepmul/100 bytes of
 * work for each byte allocated since the last, so a cycle over a heap of n bytes ends after some
 * n/8 allocated bytes. Between cycles the program may allocate until the bytes in use are `pause`
 * per cent of those after the last cycle (incremental), or have grown by `minormul` per cent
 * (generational; when they exceed those after the last full cycle by majormul per cent, the next
 * cycle is full).
 *
 * A young cycle is an ordinary cycle, as incremental as the others, but it begins without clearing
 * the marks, and sweeps only blocks allocated from since the last sweep. What survives one cycle is
 * old, until a full one.
 */
#include <time.h>

#include "gc/gc_internal.h"

enum {
    WORK_PER_BYTE = 8,
    FINALIZER_COST = 8 * 1024,
    STEP_MOST = 256 * 1024,       /* most work of a step, unless the program asked for larger steps */
    MANY_THREADS = 10000,         /* coroutines alive that make extra rounds of marking too dear */
    MIN_GROWTH = 256 * 1024,       /* smallest distance between cycles, bytes */
    STOPPED_CREDIT = 2000         /* how often a stopped collector is asked again */
};

/* ----------------------------------------------------------- time, for the tests and the report */

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* pauses made by other processes are not ours */
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t clock_start(const GCState *gs) { return gs->measure ? now() : 0; }

static void clock_stop(GCState *gs, uint64_t start) {
    if (!gs->measure || start == 0) return;
    uint64_t ns = now() - start;
    gs->stats.nanoseconds += ns;
    gs->stats.steps++;
    if (ns > gs->stats.longest) gs->stats.longest = ns;
}

void gc_stats(lua_State *L, GCStats *out, bool measure) {
    GCState *gs = G(L)->gc;
    if (out) *out = gs->stats;
    if (measure && !gs->measure) gs->stats = (GCStats){0};
    gs->measure = measure;
}

/* --------------------------------------------------------------------------------------- phases */

static void set_phase(lua_State *L, int phase) {
    GCState *gs = G(L)->gc;
    gs->phase = (uint8_t)phase;
    if (gs->verify) gc_verify(L);
}

static void drop_work(Global *g) {
    GCState *gs = g->gc;
    worklist_clear(g, &gs->gray);
    worklist_clear(g, &gs->again);
    worklist_clear(g, &gs->threads);
    weak_clear_lists(g);
    gs->lost = gs->lostthreads = 0;
    gs->finold = 0;
}

static void start_marking(lua_State *L) {
    Global *g = G(L);
    GCState *gs = g->gc;
    gs->phase = PHASE_MARK;
    gs->marked = gs->roundstart = 0;
    gs->rounds = 0;
    gs->prescan = 0;
    mark_roots(g, L);
    mark_pending(g);
    worklist_append(g, &gs->gray, &gs->again);
    if (gs->verify) gc_verify(L);
}

static bool major_due(const Global *g) {
    const GCState *gs = g->gc;
    return gs->live > gs->base + gs->base / 100 * (gs->majormul * 4u);
}

static void start_cycle(lua_State *L) {
    Global *g = G(L);
    GCState *gs = g->gc;
    g->finalizers_wait = false;
    gs->young = gs->sticky && !gs->wantfull && !major_due(g);
    gs->wantfull = 0;
    if (gs->young) {
        start_marking(L);
        return;
    }
    drop_work(g);
    if (gs->dirty) {
        start_clear(g);
    } else {
        make_white(g, (GCObject *)g->mainthread);
        start_marking(L);
    }
}

/* The lists are empty. What the program did to stacks and black objects meanwhile is looked at, in
 * steps, until little comes of it; then atomically. */
static bool another_round(lua_State *L) {
    Global *g = G(L);
    GCState *gs = g->gc;
    bool small = gs->rounds > 0 && gs->marked - gs->roundstart < ROUND_SMALL;
    if (gs->emergency || small || gs->rounds >= MAX_ROUNDS) return false;
    if (gs->threads.count > MANY_THREADS) return false; /* each round looks at every stack: once is enough */
    gs->rounds++;
    gs->roundstart = gs->marked;
    mark_stacks(g);
    worklist_append(g, &gs->gray, &gs->again);
    return true;
}

static void prune_open_upvalue_list(Global *g) {
    lua_State **p = &g->twups;
    while (*p) {
        lua_State *th = *p;
        if (is_white((GCObject *)th) || th->openupval == NULL) {
            *p = th->twups_next;
            th->twups_next = th;
        } else {
            p = &th->twups_next;
        }
    }
}

static void finish_marking(lua_State *L) {
    Global *g = G(L);
    mark_roots(g, L);
    propagate_all(g);
    mark_stacks(g);
    propagate_all(g);
    mark_open_upvalues(g);
    propagate_all(g);
    weak_check_modes(g);
    weak_converge(g);
}

static void clear_weak_and_finalize(Global *g) {
    GCState *gs = g->gc;
    WeakCounts before = weak_clear_values(g, (WeakCounts){0, 0});
    size_t marked = gs->marked;
    separate_finalizers(g, false, gs->young);
    mark_pending(g);
    propagate_all(g);
    mark_stacks(g); /* resurrected threads */
    propagate_all(g);
    if (gs->marked != marked) weak_converge(g);
    weak_clear_keys(g);
    weak_clear_values(g, before); /* resurrected tables */
    weak_clear_lists(g);
}

/* The whites change roles: what is white now is dead, what is born from now on is not. */
static void atomic(lua_State *L) {
    Global *g = G(L);
    GCState *gs = g->gc;
    uint64_t start = clock_start(gs);
    gs->phase = PHASE_ATOMIC;
    finish_marking(L);
    clear_weak_and_finalize(g);
    if (gs->verify) gc_verify(L);
    shape_clear_dead(L);
    prune_open_upvalue_list(g);
    g->white = (uint8_t)OTHER_WHITE(g);
    g->gcstamp++;
    gs->sticky = gs->generational;
    gs->live = gc_bytes(g);
    heap_start_sweep(g, gs->young);
    start_scrub(g);
    if (gs->measure && now() - start > gs->stats.longest_atomic) gs->stats.longest_atomic = now() - start;
}

/* stack_shrink walks the frames: not for stacks that are in use, however deep. */
static bool stack_is_loose(const lua_State *th) {
    return th->stack && stack_size(th) > STACK_BASIC && (th->top - th->stack) * 3 < stack_size(th);
}

static void shrink_stacks(lua_State *L) {
    GCState *gs = G(L)->gc;
    if (gs->emergency || gs->lostthreads) return;
    for (WorkChunk *c = gs->threads.top; c; c = c->below)
        for (size_t i = 0; i < c->n; i++)
            if (stack_is_loose((lua_State *)c->word[i])) stack_shrink((lua_State *)c->word[i]);
}

static void end_scrub(lua_State *L) {
    Global *g = G(L);
    if (!g->gc->young) shrink_stacks(L);
    set_phase(L, PHASE_SWEEP);
}

static void end_sweep(lua_State *L) {
    Global *g = G(L);
    GCState *gs = g->gc;
    if (!gs->sticky) {
        make_white(g, (GCObject *)g->mainthread);
        worklist_clear(g, &gs->threads);
        gs->finold = 0;
    }
    gs->dirty = gs->sticky;
    if (!gs->young) {
        worklist_release(g);
        gs->base = gs->live;
    }
    gs->stats.cycles++;
    gs->stats.minors += gs->young;
    if (gs->emergency) heap_free_cache(g);
    set_phase(L, PHASE_FINALIZE);
}

static size_t mark_step(lua_State *L) {
    Global *g = G(L);
    size_t work = propagate_one(g);
    if (work == 0 && !g->gc->prescan && another_round(L)) return 64;
    if (work == 0 && !g->gc->emergency) work = weak_prescan(g);
    if (work == 0) atomic(L);
    return work ? work : 64;
}

static size_t finalize_step(lua_State *L) {
    Global *g = G(L);
    if (finalizers_pending(g->gc) && !g->gc->emergency && !(g->vigilant & VIGIL_PENDING) && !g->finalizers_wait) {
        call_finalizer(L);
        return FINALIZER_COST;
    }
    set_phase(L, PHASE_IDLE);
    return 1;
}

/* The smallest unit of work; returns its cost. */
static size_t single_step(lua_State *L) {
    Global *g = G(L);
    size_t work = 1;
    switch (g->gc->phase) {
    case PHASE_IDLE:
        start_cycle(L);
        break;
    case PHASE_CLEAR:
        if ((work = clear_some(g)) == 0) start_marking(L);
        break;
    case PHASE_MARK:
        return mark_step(L);
    case PHASE_SCRUB:
        if ((work = scrub_some(g)) == 0) end_scrub(L);
        break;
    case PHASE_SWEEP:
        if ((work = heap_sweep_some(L)) == 0) end_sweep(L);
        break;
    default:
        return finalize_step(L);
    }
    return work + 1;
}

static void run_to(lua_State *L, int phase) {
    while (G(L)->gc->phase != phase) single_step(L);
}

/* ----------------------------------------------------------------------------------------- pace */

/* The next cycle begins when the bytes in use reach a percentage of what survived this one; but
 * some allocation there must be between. */
static void set_pause(Global *g) {
    GCState *gs = g->gc;
    unsigned percent = gs->generational ? 100u + gs->minormul : gs->pause * 4u;
    double threshold = (double)gs->live / 100.0 * percent;
    double growth = threshold - (double)gc_bytes(g);
    double least = (threshold - (double)gs->live) / 4;
    if (growth < least) growth = least;
    if (growth < MIN_GROWTH && percent > 100) growth = MIN_GROWTH;
    if (growth < 0) growth = 0;
    if (growth > 1e18) growth = 1e18;
    gc_set_debt(g, -(ptrdiff_t)growth);
}

static ptrdiff_t step_bytes(const GCState *gs) {
    return gs->stepsize < 40 ? (ptrdiff_t)1 << gs->stepsize : (ptrdiff_t)1 << 40;
}

static bool finalizer_due(const GCState *gs) { return gs->phase == PHASE_FINALIZE && finalizers_pending(gs); }

/* The work of a step is bounded, lest one large block cause a long pause: the rest of the debt
 * stays for the next step, which is due at once. */
static void paced_step(lua_State *L) {
    Global *g = G(L);
    GCState *gs = g->gc;
    double rate = WORK_PER_BYTE * (double)(gs->stepmul * 4u | 1u) / 100.0;
    double due = (double)(g->gcdebt + step_bytes(gs)) * rate;
    double most = (double)step_bytes(gs) * rate;
    if (most < STEP_MOST) most = STEP_MOST;
    double quota = due < most ? due : most;
    ptrdiff_t rest = due > most ? (ptrdiff_t)((due - most) / rate) : 0;
    do {
        quota -= (double)single_step(L);
    } while (quota > 0 && gs->phase != PHASE_IDLE && !(gs->quiet && finalizer_due(gs)));
    if (gs->phase == PHASE_IDLE) set_pause(g);
    else gc_set_debt(g, rest - step_bytes(gs));
}

typedef struct Busy {
    uint8_t stop;
    uint32_t running;
    uint64_t start;
} Busy;

static Busy enter(Global *g) {
    Busy b = {g->gcstop, g->running, clock_start(g->gc)};
    g->running = RUN_GC;
    g->gcstop |= GCSTOP_BUSY;
    g->gc->inside = 1;
    return b;
}

static void leave(Global *g, Busy b) {
    g->gcstop = b.stop;
    g->running = b.running;
    g->gc->inside = 0;
    clock_stop(g->gc, b.start);
}

/* Beyond the limit: everything is collected, whoever has stopped the collector. Whether that was enough the next
 * poll finds out (gc_over_limit); no error is raised here. */
static void step_at_limit(lua_State *L) {
    if (!(G(L)->gcstop & (GCSTOP_BUSY | GCSTOP_CLOSING))) {
        if (G(L)->gc->quiet) gc_emergency(L);
        else gc_full(L);
    }
    gc_set_debt(G(L), -STOPPED_CREDIT);
    if (!gc_over_limit(G(L))) return;
    thread_want_attention(L);
}

void gc_step(lua_State *L) {
    Global *g = G(L);
    if (gc_over_limit(g)) {
        step_at_limit(L);
        return;
    }
    if (g->gcstop) {
        gc_set_debt(g, -STOPPED_CREDIT);
        return;
    }
    Busy b = enter(g);
    paced_step(L);
    leave(g, b);
}

bool gc_step_quietly(lua_State *L) {
    GCState *gs = G(L)->gc;
    gs->cleared = 0;
    if (G(L)->gcdebt > 0) {
        if (finalizer_due(gs)) return false;
        gs->quiet = 1;
        gc_step(L);
        gs->quiet = 0;
    }
    return !gs->cleared;
}

bool gc_is_scrubbing(const Global *g) { return g->gc->phase == PHASE_SCRUB; }

bool gc_kept_weak(lua_State *L) { return !G(L)->gc->cleared; }

/* --------------------------------------------------------------------------------- whole cycles */

/* A cycle under way has marked what may have died since: it is given up, or, past marking, completed. */
static void reach_idle(lua_State *L) {
    Global *g = G(L);
    GCState *gs = g->gc;
    if (gs->phase == PHASE_CLEAR || gs->phase == PHASE_MARK) {
        drop_work(g);
        gs->dirty = 1;
        gs->phase = PHASE_IDLE;
    } else if (gs->phase == PHASE_SCRUB || gs->phase == PHASE_SWEEP) {
        run_to(L, PHASE_FINALIZE);
    }
    gs->phase = PHASE_IDLE;
}

static void full_cycle(lua_State *L) {
    reach_idle(L);
    G(L)->gc->wantfull = 1;
    start_cycle(L);
    run_to(L, PHASE_FINALIZE);
}

void gc_full(lua_State *L) {
    Global *g = G(L);
    if (g->gcstop & (GCSTOP_BUSY | GCSTOP_CLOSING)) return;
    Busy b = enter(g);
    full_cycle(L);
    run_to(L, PHASE_IDLE);
    str_table_fit(L);
    set_pause(g);
    leave(g, b);
}

void gc_emergency(lua_State *L) {
    Global *g = G(L);
    Busy b = enter(g);
    g->gc->emergency = 1;
    full_cycle(L);
    g->gc->emergency = 0;
    set_pause(g);
    leave(g, b);
}

static void young_cycle(lua_State *L) {
    Global *g = G(L);
    if (g->gc->phase == PHASE_IDLE || g->gc->phase == PHASE_FINALIZE) start_cycle(L);
    run_to(L, PHASE_FINALIZE);
    run_to(L, PHASE_IDLE);
    set_pause(g);
}

/* ------------------------------------------------------------------------------------- requests */

static int explicit_step(lua_State *L, int kbytes) {
    Global *g = G(L);
    GCState *gs = g->gc;
    uint8_t stop = g->gcstop;
    ptrdiff_t debt = 1;
    g->gcstop = 0;
    if (gs->generational) {
        Busy b = enter(g);
        young_cycle(L);
        leave(g, b);
        debt = 0; /* 5.4 never says that a cycle ended here */
    } else if (kbytes == 0) {
        gc_set_debt(g, 0);
        gc_step(L);
    } else {
        debt = (ptrdiff_t)kbytes * 1024 + g->gcdebt;
        gc_set_debt(g, debt);
        do gc_step_if_due(L);
        while (g->gcdebt > 0 && gs->phase != PHASE_IDLE);
    }
    g->gcstop = stop;
    return debt > 0 && gs->phase == PHASE_IDLE;
}

/* Parameters are bytes that count fours, as in 5.4: what is read back is what 5.4 would give. */
static int exchange4(uint8_t *p, int value) {
    int old = *p * 4;
    *p = (uint8_t)(value / 4);
    return old;
}

/* Full marks are needed once for young cycles to build on; after them, the next full cycle clears. */
static int set_mode(lua_State *L, bool generational) {
    Global *g = G(L);
    GCState *gs = g->gc;
    int old = gs->generational ? LUA_GCGEN : LUA_GCINC;
    if (generational == (bool)gs->generational) return old;
    Busy b = enter(g);
    reach_idle(L);
    gs->generational = generational;
    if (generational) {
        full_cycle(L);
    } else {
        gs->sticky = 0;
        drop_work(g);
        gs->dirty = 1;
    }
    gs->phase = finalizers_pending(gs) ? PHASE_FINALIZE : PHASE_IDLE;
    set_pause(g);
    leave(g, b);
    return old;
}

static int set_generational(lua_State *L, const int *args) {
    GCState *gs = G(L)->gc;
    if (args[0] != 0) gs->minormul = (uint8_t)args[0];
    if (args[1] != 0) exchange4(&gs->majormul, args[1]);
    return set_mode(L, true);
}

static int set_incremental(lua_State *L, const int *args) {
    GCState *gs = G(L)->gc;
    if (args[0] != 0) exchange4(&gs->pause, args[0]);
    if (args[1] != 0) exchange4(&gs->stepmul, args[1]);
    if (args[2] != 0) gs->stepsize = (uint8_t)args[2];
    return set_mode(L, false);
}

int gc_control(lua_State *L, int what, const int *args) {
    Global *g = G(L);
    if (g->gcstop & (GCSTOP_BUSY | GCSTOP_CLOSING)) return -1;
    switch (what) {
    case LUA_GCSTOP:
        g->gcstop = GCSTOP_USER;
        return 0;
    case LUA_GCRESTART:
        gc_set_debt(g, 0);
        g->gcstop = 0;
        return 0;
    case LUA_GCCOLLECT:
        gc_full(L);
        return 0;
    case LUA_GCCOUNT:
        return (int)(gc_bytes(g) >> 10);
    case LUA_GCCOUNTB:
        return (int)(gc_bytes(g) & 0x3ff);
    case LUA_GCSTEP:
        return explicit_step(L, args[0]);
    case LUA_GCSETPAUSE:
        return exchange4(&g->gc->pause, args[0]);
    case LUA_GCSETSTEPMUL:
        return exchange4(&g->gc->stepmul, args[0]);
    case LUA_GCISRUNNING:
        return g->gcstop == 0;
    case LUA_GCGEN:
        return set_generational(L, args);
    case LUA_GCINC:
        return set_incremental(L, args);
    default:
        return -1;
    }
}

/* ----------------------------------------------------------------------------------- life cycle */

static void set_slow(Global *g) {
    GCState *gs = g->gc;
    bool slow = !default_alloc(g) || gs->stress || gs->failat;
    if (slow == (bool)gs->slow) return;
    for (unsigned class = 0; class < GC_CLASSES; class++) {
        FreeCell *cells = g->cells[class];
        g->cells[class] = gs->class[class].hidden;
        gs->class[class].hidden = cells;
    }
    gs->slow = slow;
}

void mem_set_alloc(Global *g, lua_Alloc f, void *ud) {
    bool changed = g->alloc != f;
    g->alloc = f;
    g->allocud = ud;
    if (changed) pool_allocator_changed(g);
    set_slow(g);
}

void gc_set_stress(lua_State *L, unsigned every_nth) {
    G(L)->gc->stress = every_nth;
    G(L)->gc->stresscount = 0;
    set_slow(G(L));
}

void mem_fail_at(lua_State *L, long nth, bool forever) {
    G(L)->gc->failat = nth;
    G(L)->gc->failforever = forever;
    set_slow(G(L));
}

void gc_set_verify(lua_State *L, bool on) { G(L)->gc->verify = on; }

bool gc_init(Global *g) {
    GCState *gs = g->alloc(g->allocud, NULL, 0, sizeof(GCState));
    if (gs == NULL) return false;
    *gs = (GCState){.limit = SIZE_MAX, .pause = 200 / 4, .stepmul = 100 / 4, .stepsize = 13, .minormul = 20, .majormul = 100 / 4};
    memset(g->cells, 0, sizeof g->cells);
    g->gc = gs;
    pool_init(g);
    g->gcdebt = 0;
    g->white = GC_WHITE0;
    gs->total = sizeof(GCState);
    gs->slow = !default_alloc(g);
    gs->sweepclass = GC_CLASSES;
    return true;
}

void gc_fix(lua_State *L, GCObject *o) {
    (void)L;
    o->marked |= GC_FIXED;
}

/* Pending finalizers, then those of all objects that have one, in reverse order of announcement; no
 * new ones are accepted. */
void gc_close(lua_State *L) {
    Global *g = G(L);
    GCState *gs = g->gc;
    g->gcstop = GCSTOP_CLOSING;
    separate_finalizers(g, true, false);
    while (finalizers_pending(gs)) call_finalizer(L);
    gs->inside = 1;
    gs->phase = PHASE_IDLE;
    heap_close(L);
}

void gc_shutdown(Global *g) {
    GCState *gs = g->gc;
    drop_work(g);
    worklist_release(g);
    objarray_release(g, &gs->finobj);
    objarray_release(g, &gs->tobefnz);
    heap_shutdown(g);
    pool_shutdown(gs);
    g->alloc(g->allocud, gs, sizeof(GCState), 0);
    g->gc = NULL;
}
