// SPDX-License-Identifier: MIT
/* See state/limits.h. */
#include "state/limits.h"

#include <inttypes.h>
#include <stdio.h>

#include "gc/gc.h"
#include "object/string.h"
#include "state/code.h"
#include "state/frame.h"

/* The extra budget of closing: a share of the limit, but no less than lets an ordinary __close end. */
enum { GRACE_SHARE = 10, GRACE_STEPS = 10000, GRACE_NS = 20000000, GRACE_BYTES = 1 << 20, DEPTH_RESERVE = 30 };

static uint64_t extra(uint64_t limit, uint64_t least) { return limit / GRACE_SHARE > least ? limit / GRACE_SHARE : least; }

static uint64_t sum(uint64_t a, uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

/* ------------------------------------------------------------------------------------- settings */

static Limits *limits_of(lua_State *L) {
    Global *g = G(L);
    if (g->limits != NULL) return g->limits;
    Limits *l = mem_try_realloc(L, NULL, 0, sizeof *l);
    if (l == NULL) return NULL;
    *l = (Limits){.running = g->mainthread};
    return g->limits = l;
}

static bool has_frames(const lua_State *L) { return L->ci != &L->base_ci; }

/* While there were no limits nobody noted who runs. Only a coroutine that is on the C stack may be meant: others may die. */
static lua_State *find_running(lua_State *L) {
    const Global *g = G(L);
    if (g->current != NULL) return g->current;
    return L->status == LUA_OK && has_frames(L) ? L : g->mainthread;
}

static void change_dispatch(lua_State *L) {
    G(L)->set_dispatch(L);
    thread_want_attention(L); /* compiled code that runs now is of the other kind */
}

static bool set_instructions(lua_State *L, Limits *l, uint64_t value, bool set) {
    Global *g = G(L);
    bool was = (g->vigilant & VIGIL_METERED) != 0;
    if (set) {
        l->armed = value > INT64_MAX ? INT64_MAX : (int64_t)value;
        if (g->vigilant & VIGIL_PENDING) l->saved_fuel = l->armed;
        else g->fuel = l->armed;
        g->vigilant |= VIGIL_METERED;
    } else {
        g->vigilant &= ~(uint32_t)VIGIL_METERED;
    }
    if (was == set) return true;
    if (g->seam != NULL && g->seam->metering != NULL) g->seam->metering(L);
    change_dispatch(L);
    if (l->running != L) change_dispatch(l->running);
    return true;
}

static bool set_time(Global *g, Limits *l, uint64_t value, bool set) {
    l->overdue = false;
    if (!set) {
        if (l->watch != NULL) watch_deadline(l->watch, 0);
        g->vigilant &= ~(uint32_t)VIGIL_TIME;
        return true;
    }
    if (l->watch != NULL && watch_is_lost(l->watch)) {
        watch_free(l->watch);
        l->watch = NULL;
    }
    if (l->watch == NULL && (l->watch = watch_new()) == NULL) return false;
    l->started = watch_clock();
    watch_running(l->watch, l->running);
    if (!(g->vigilant & VIGIL_PENDING)) watch_deadline(l->watch, sum(l->started, value));
    g->vigilant |= VIGIL_TIME;
    return true;
}

static void flag(Global *g, uint32_t bit, bool set) { g->vigilant = set ? g->vigilant | bit : g->vigilant & ~bit; }

bool limits_set(lua_State *L, Limit which, uint64_t value, bool set) {
    Global *g = G(L);
    Limits *l = limits_of(L);
    if (l == NULL) return false;
    if (g->vigilant == 0) l->running = find_running(L);
    if (which == LIMIT_INSTRUCTIONS && !set_instructions(L, l, value, set)) return false;
    if (which == LIMIT_TIME && !set_time(g, l, value, set)) return false;
    l->value[which] = value;
    l->set[which] = set;
    if (l->reached == which) l->reached = LIMIT_NONE;
    if (l->hit == which) l->hit = LIMIT_NONE;
    if (which == LIMIT_MEMORY) {
        gc_set_limit(g, set ? (size_t)value : SIZE_MAX);
        flag(g, VIGIL_MEMORY, set);
    }
    if (which == LIMIT_DEPTH) {
        flag(g, VIGIL_DEPTH, set);
        if (set) limits_trim(L);
    }
    return true;
}

static uint64_t steps_used(const Global *g, const Limits *l) {
    if (!(g->vigilant & VIGIL_METERED)) return 0;
    int64_t left = g->vigilant & VIGIL_PENDING ? l->saved_fuel : g->fuel;
    return (uint64_t)(l->armed - (left > 0 ? left : 0));
}

uint64_t limits_usage(const Global *g, Limit which) {
    const Limits *l = g->limits;
    switch (which) {
        case LIMIT_INSTRUCTIONS: return l != NULL ? steps_used(g, l) : 0;
        case LIMIT_TIME: return l != NULL && l->set[LIMIT_TIME] ? watch_clock() - l->started : 0;
        case LIMIT_MEMORY: return gc_bytes(g);
        default: return 0;
    }
}

void limits_free(lua_State *L) {
    Limits *l = G(L)->limits;
    if (l == NULL) return;
    if (l->watch != NULL) watch_free(l->watch);
    G(L)->limits = NULL;
    G(L)->vigilant = 0;
    mem_free(L, l, sizeof *l);
}

/* -------------------------------------------------------------------------------------- hitting */

static void push_message(lua_State *L, Limit which) {
    const Limits *l = G(L)->limits;
    lua_Integer value = (lua_Integer)l->value[which];
    switch (which) {
        case LIMIT_INSTRUCTIONS: state_pushf(L, "instruction limit of %I reached", value); break;
        case LIMIT_TIME: state_pushf(L, "time limit of %f s reached", (double)value / 1e9); break;
        case LIMIT_MEMORY: state_pushf(L, "memory limit of %I bytes reached", value); break;
        default: state_pushf(L, "call depth limit of %I reached", value); break;
    }
    rt_add_position(L);
}

static void protect_registers(lua_State *L) {
    if (frame_is_lua(L->ci) && L->top < L->ci->top) L->top = L->ci->top;
}

_Noreturn void limits_raise(lua_State *L) {
    protect_registers(L);
    set_gc(L->top, G(L)->limitmsg);
    L->top++; /* within the spare slots */
    rt_error_value(L);
}

static void stop(lua_State *L) {
    Global *g = G(L);
    g->vigilant |= VIGIL_STOPPED | VIGIL_PENDING;
    g->set_dispatch(L);
    thread_want_attention(L);
}

/* The first time: what closing may use from here on is laid down. */
static void begin_pending(lua_State *L, Limit which) {
    Global *g = G(L);
    Limits *l = g->limits;
    protect_registers(L);
    push_message(L, which);
    g->limitmsg = as_str(L->top - 1);
    L->top--;
    l->hit = l->reached = (uint8_t)which;
    l->closer_failed = false;
    l->saved_fuel = g->fuel; /* 0, if that was it */
    l->grace_fuel = (int64_t)extra(l->value[LIMIT_INSTRUCTIONS], GRACE_STEPS);
    l->grace_deadline = 0;
    if (l->set[LIMIT_TIME]) watch_deadline(l->watch, 0);
    if (l->set[LIMIT_MEMORY]) gc_set_limit(g, (size_t)sum(l->value[LIMIT_MEMORY], extra(l->value[LIMIT_MEMORY], GRACE_BYTES)));
}

_Noreturn void limits_hit(lua_State *L, Limit which) {
    Global *g = G(L);
    if (g->limits->grace) limits_end_grace(g); /* the extra budget is used up */
    else if (!(g->vigilant & VIGIL_PENDING)) begin_pending(L, which);
    stop(L);
    limits_raise(L);
}

_Noreturn void limits_out_of_fuel(lua_State *L, const Insn *pc) {
    G(L)->fuel++;
    L->ci->pc = pc;
    limits_hit(L, LIMIT_INSTRUCTIONS);
}

_Noreturn static void raise_interrupt(lua_State *L) {
    G(L)->interrupted = 0;
    protect_registers(L);
    set_gc(L->top, str_newz(L, "interrupted!"));
    L->top++; /* within the spare slots */
    rt_error_value(L);
}

/* What was beyond the limit may have become garbage since. No finalizer runs, and nothing moves, so that C functions may
 * poll anywhere. */
static bool stays_over(lua_State *L) {
    if (!gc_over_limit(G(L))) return false;
    ptrdiff_t top = stack_save(L, L->top);
    protect_registers(L);
    mem_emergency(L);
    L->top = stack_restore(L, top);
    return gc_over_limit(G(L));
}

void limits_attend(lua_State *L) {
    Global *g = G(L);
    const Limits *l = g->limits;
    __atomic_store_n(&L->attention, 0, __ATOMIC_SEQ_CST);
    L->stack_limit = g->movestack ? L->stack : L->stack_last;
    g->set_dispatch(L);
    if (L->hookmask && g->seam != NULL) code_note_hooked(L);
    if (g->interrupted) raise_interrupt(L);
    if (g->vigilant & VIGIL_STOPPED) limits_raise(L);
    if ((g->vigilant & VIGIL_TIME) && (l->overdue || watch_expired(l->watch))) limits_hit(L, LIMIT_TIME);
    if ((g->vigilant & VIGIL_MEMORY) && stays_over(L)) limits_hit(L, LIMIT_MEMORY);
}

bool limits_refused_memory(lua_State *L) { return (G(L)->vigilant & VIGIL_MEMORY) && gc_take_refusal(G(L)); }

/* ------------------------------------------------------------------------------------- catching */

static bool has_lua_frame(const lua_State *L) {
    for (const CallInfo *ci = L->ci; ci != NULL; ci = ci->prev)
        if (frame_is_lua(ci)) return true;
    return false;
}

/* Nobody but the host is left to return to. */
static void settle(lua_State *L) {
    Global *g = G(L);
    Limits *l = g->limits;
    g->vigilant &= ~(uint32_t)(VIGIL_STOPPED | VIGIL_PENDING);
    g->fuel = l->saved_fuel;
    if (l->hit == LIMIT_TIME) l->overdue = true;
    else if (l->set[LIMIT_TIME] && !l->overdue) watch_deadline(l->watch, sum(l->started, l->value[LIMIT_TIME]));
    if (l->set[LIMIT_MEMORY]) gc_set_limit(g, (size_t)l->value[LIMIT_MEMORY]);
    l->hit = LIMIT_NONE;
    g->set_dispatch(L);
    g->set_dispatch(g->mainthread);
}

/* Control goes back to L, and later to `below`. */
static void settle_if_last(lua_State *L, const lua_State *below) {
    const Global *g = G(L);
    if (!(g->vigilant & VIGIL_PENDING) || g->limits->grace || g->current != NULL) return;
    if (!has_lua_frame(g->mainthread) && !has_lua_frame(L) && !has_lua_frame(below)) settle(L);
}

void limits_recovered(lua_State *L) {
    G(L)->limits->deep = false;
    if (G(L)->vigilant & VIGIL_DEPTH) limits_trim(L);
}

int limits_caught(lua_State *L, const lua_State *below, int status) {
    Global *g = G(L);
    const Limits *l = g->limits;
    limits_recovered(L);
    if (!(g->vigilant & VIGIL_PENDING) || l->grace) return status;
    if (status != LUA_ERRRUN || l->closer_failed) set_gc(L->top - 1, g->limitmsg);
    settle_if_last(L, below);
    return LUA_ERRRUN;
}

bool limits_exhausted(const Global *g) {
    const Limits *l = g->limits;
    if (l == NULL) return false;
    if (l->reached != LIMIT_NONE && l->reached != LIMIT_CODE && l->reached != LIMIT_DEPTH) return true;
    return (g->vigilant & VIGIL_TIME) && (l->overdue || watch_expired(l->watch));
}

static void go_to(lua_State *to) {
    Global *g = G(to);
    Limits *l = g->limits;
    l->running = to;
    g->set_dispatch(to);
    if (l->watch != NULL) watch_running(l->watch, to);
    if (l->overdue || (g->vigilant & VIGIL_STOPPED)) thread_want_attention(to);
    if (g->vigilant & VIGIL_DEPTH) limits_trim(to);
}

lua_State *limits_enter(lua_State *L) {
    lua_State *before = G(L)->limits->running;
    go_to(L);
    return before;
}

void limits_leave(lua_State *to) { go_to(has_frames(to) ? to : G(to)->mainthread); }

void limits_resumed(lua_State *to, int status) {
    limits_leave(to);
    if (status <= LUA_YIELD) return;
    G(to)->limits->deep = false;
    settle_if_last(to, to);
}

/* ------------------------------------------------------------------------------------- closing */

bool limits_begin_grace(lua_State *L) {
    Global *g = G(L);
    Limits *l = g->limits;
    if (!(g->vigilant & VIGIL_STOPPED)) return false;
    l->grace = true;
    l->grace_jump = L->errjmp;
    g->fuel = l->grace_fuel;
    if (l->set[LIMIT_TIME]) {
        if (l->grace_deadline == 0) l->grace_deadline = sum(watch_clock(), extra(l->value[LIMIT_TIME], GRACE_NS));
        watch_deadline(l->watch, l->grace_deadline);
    }
    l->overdue = false;
    g->vigilant &= ~(uint32_t)VIGIL_STOPPED;
    go_to(L);
    return true;
}

void limits_end_grace(Global *g) {
    Limits *l = g->limits;
    if (!l->grace) return;
    l->grace = false;
    l->grace_jump = NULL;
    l->grace_fuel = g->fuel > 0 ? g->fuel : 0;
    if (l->set[LIMIT_TIME]) watch_deadline(l->watch, 0);
    g->vigilant |= VIGIL_STOPPED;
    go_to(l->running);
}

void limits_unwound(Global *g, const ErrorJump *jump) {
    Limits *l = g->limits;
    if (!l->grace || l->grace_jump != jump) return;
    l->closer_failed = true;
    limits_end_grace(g);
}

void limits_closing(lua_State *L) {
    Global *g = G(L);
    Limits *l = g->limits;
    if (l == NULL) return;
    g->vigilant &= ~(uint32_t)(VIGIL_STOPPED | VIGIL_PENDING);
    l->grace = l->overdue = false;
    l->grace_jump = NULL;
    l->reached = LIMIT_NONE;
    if (l->set[LIMIT_INSTRUCTIONS]) limits_set(L, LIMIT_INSTRUCTIONS, extra(l->value[LIMIT_INSTRUCTIONS], GRACE_STEPS), true);
    if (l->set[LIMIT_TIME]) limits_set(L, LIMIT_TIME, extra(l->value[LIMIT_TIME], GRACE_NS), true);
    if (l->set[LIMIT_MEMORY]) gc_set_limit(g, (size_t)sum(gc_bytes(g), extra(l->value[LIMIT_MEMORY], GRACE_BYTES)));
    go_to(L);
}

/* --------------------------------------------------------------------------------------- depth */

void limits_check_depth(lua_State *L) {
    Limits *l = G(L)->limits;
    uint64_t limit = l->value[LIMIT_DEPTH];
    if (L->nci < limit) return;
    if (l->deep) { /* a message handler needs some frames */
        if (L->nci >= sum(limit, DEPTH_RESERVE)) state_throw(L, LUA_ERRERR);
        return;
    }
    l->deep = true;
    if (!(G(L)->vigilant & VIGIL_PENDING)) l->reached = LIMIT_DEPTH;
    protect_registers(L);
    push_message(L, LIMIT_DEPTH);
    rt_error_value(L);
}

void limits_trim(lua_State *L) {
    uint64_t limit = G(L)->limits->value[LIMIT_DEPTH];
    if (L->nci > limit) frames_trim(L, (uint32_t)limit);
}
