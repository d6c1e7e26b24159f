// SPDX-License-Identifier: MIT
/* What a host may say and ask of Perigee's own compilers (include/perigee.h: control, statistics, events).
 *
 * Settings are the state's options (base/options.h) and two fields of a function's tier entry; the policy reads
 * them wherever it decides. Whoever changes one has the state obey at once: what is not allowed any more is given
 * up (`obey`), then all functions get the budgets that the settings imply, so that counts that are under way count.
 */
#include "perigee.h"

#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "base/options.h"
#include "gc/gc.h"
#include "profile/profile.h"
#include "profile/profile_view.h"
#include "sem/quicken.h"
#include "tiers/engine/engine_internal.h"

#define SAME(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), "numbers of the public header")
SAME(TIER_FREE, PERIGEE_UNFORCED);
SAME(TIER_INTERP, PERIGEE_INTERPRETER);
SAME(TIER_BASELINE, PERIGEE_BASELINE);
SAME(TIER_OPT, PERIGEE_OPTIMIZING);
SAME(ENGINE_REQUESTED, PERIGEE_EVENT_REQUESTED);
SAME(ENGINE_STARTED, PERIGEE_EVENT_STARTED);
SAME(ENGINE_INSTALLED, PERIGEE_EVENT_PROMOTED);
SAME(ENGINE_FAILED, PERIGEE_EVENT_FAILED);
SAME(ENGINE_DROPPED, PERIGEE_EVENT_DROPPED);
SAME(ENGINE_DEOPTIMISED, PERIGEE_EVENT_DEOPTIMISED);
SAME(ENGINE_LOST, PERIGEE_EVENT_INVALIDATED);
SAME(ENGINE_COMPILED, PERIGEE_EVENT_COMPILED);
SAME(ENGINE_FREED, PERIGEE_EVENT_CODE_FREED);
_Static_assert((int)TIERS <= (int)PERIGEE_MAX_TIERS && (int)DEOPT_COUNT <= (int)PERIGEE_REASONS && (int)ENGINE_END_COUNT <= (int)PERIGEE_ENDS,
               "room in the public structs");

static perigee_Function *handle(Proto *p) { return (perigee_Function *)(void *)p; }
static Proto *proto_of(perigee_Function *f) { return (Proto *)(void *)f; }

/* ---------------------------------------------------------------------------------------- names */

const char *(perigee_statusname)(int status) {
    static const char *const names[] = {
        [PERIGEE_OK] = "ok", [PERIGEE_DISABLED] = "disabled", [PERIGEE_COMPILATION_FAILED] = "compilation failed",
        [PERIGEE_DEOPTIMISATION_FAILED] = "deoptimisation failed", [PERIGEE_REPLACEMENT_FAILED] = "on-stack replacement failed",
        [PERIGEE_LIMIT_REACHED] = "limit reached", [PERIGEE_BAD_ARGUMENT] = "bad argument", [PERIGEE_NO_MEMORY] = "no memory",
        [PERIGEE_BUSY] = "busy"};
    return status >= 0 && (size_t)status < sizeof names / sizeof names[0] ? names[status] : "unknown status";
}

const char *(perigee_tiername)(int tier) {
    return tier >= 0 && tier < TIERS ? tier_names[tier] : NULL;
}

const char *(perigee_reasonname)(int reason) { return reason >= 0 && reason < DEOPT_COUNT ? deopt_names[reason] : NULL; }

/* Row 0 is no end. */
const char *(perigee_endname)(int end) { return end >= 0 && end + 1 < ENGINE_END_COUNT ? engine_end_names[end + 1] : NULL; }

perigee_Function *(perigee_nested)(lua_State *L, perigee_Function *f, int n) {
    const Proto *p = proto_of(f);
    (void)L;
    return p != NULL && n >= 0 && (uint32_t)n < p->sizep ? handle(p->p[n]) : NULL;
}

/* ------------------------------------------------------------------------------------- settings */

static bool is_busy(const Global *g) { return engine_own(g) != NULL && engine_own(g)->telling; }

/* A state that was made for the interpreter gets its engine when the settings allow a tier. */
static Engine *engine_for(lua_State *L) {
    if (engine_own(G(L)) == NULL && policy_max_tier(G(L)) == TIER_INTERP) return NULL;
    return engine_attach_late(L) ? engine_own(G(L)) : NULL;
}

/* Gives up code of p above `tier`, and code of others that has p inlined. */
static void lose_above(Engine *e, Proto *p, int tier, DeoptReason reason) {
    Function *f = tier < TIER_OPT ? function_find(e, p) : NULL;
    if (f != NULL) {
        codes_depend_on(e, f, reason);
        function_tidy(e, f);
    }
    for (Code *c = p->compiled; c != NULL; c = c->older)
        if (c->state == CODE_INSTALLED && c->tier > tier) code_lost(e->g->mainthread, e, c, reason);
}

/* What the settings do not allow any more goes: requests and code. */
static void obey(Engine *e, Proto *p) {
    int allowed = policy_allowed(e->g, tier_entry_peek(e->g, p));
    Function *f = function_find(e, p);
    if (f != NULL && f->tier > allowed) request_abandon(e, f, ENGINE_SWITCHED);
    lose_above(e, p, allowed, DEOPT_OPTIONS);
}

typedef struct Visit {
    Engine *e;
    void (*f)(Engine *e, Proto *p);
    const TierEntry *only;   /* functions of this entry; NULL: all */
} Visit;

static void visit_object(Global *g, void *ud, GCObject *o) {
    const Visit *v = ud;
    if (o->tag != TAG_PROTO || gc_is_dead(g, o)) return;
    Proto *p = (Proto *)(void *)o;
    if (v->only == NULL || tier_entry_peek(g, p) == v->only) v->f(v->e, p);
}

/* f: p itself, and its copies, if it was loaded more than once; p == NULL: all. */
static void visit(Engine *e, Proto *p, void (*f)(Engine *e, Proto *p)) {
    Visit v = {e, f, p != NULL ? tier_entry_peek(e->g, p) : NULL};
    if (p != NULL && (v.only == NULL || v.only->living <= 1))
        f(e, p);
    else
        gc_each_object(e->g->mainthread, visit_object, &v);
}

static void obey_and_count(Engine *e, Proto *p) {
    obey(e, p);
    policy_function_changed(e->g->mainthread, p);
}

/* Settings have changed, of p's function or of all (NULL). */
static perigee_Status apply(lua_State *L, Proto *p) {
    Engine *e = engine_for(L);
    if (e == NULL) return PERIGEE_DISABLED;
    visit(e, p, obey_and_count);
    return PERIGEE_OK;
}

/* A setting that asks for code of `tier`; will there be any? */
static perigee_Status wanting(const Global *g, perigee_Status applied, Proto *p, int tier) {
    if (applied != PERIGEE_OK) return tier > TIER_INTERP ? applied : PERIGEE_OK;
    return tier > policy_allowed(g, p != NULL ? tier_entry_peek(g, p) : NULL) ? PERIGEE_DISABLED : PERIGEE_OK;
}

perigee_Status (perigee_enable)(lua_State *L, int on) {
    if (is_busy(G(L))) return PERIGEE_BUSY;
    Options *o = policy_own_options(L);
    if (o == NULL) return PERIGEE_NO_MEMORY;
    o->jit_off = !on;
    return wanting(G(L), apply(L, NULL), NULL, on ? TIER_BASELINE : TIER_INTERP);
}

int (perigee_enabled)(lua_State *L) { return engine_own(G(L)) != NULL && policy_max_tier(G(L)) > TIER_INTERP; }

perigee_Status (perigee_setthresholds)(lua_State *L, unsigned baseline, unsigned optimizing) {
    if (baseline == 0 || optimizing < baseline) return PERIGEE_BAD_ARGUMENT;
    if (is_busy(G(L))) return PERIGEE_BUSY;
    Options *o = policy_own_options(L);
    if (o == NULL) return PERIGEE_NO_MEMORY;
    o->baseline_at = baseline;
    o->opt_at = optimizing;
    return wanting(G(L), apply(L, NULL), NULL, TIER_BASELINE);
}

void (perigee_getthresholds)(lua_State *L, unsigned *baseline, unsigned *optimizing) {
    if (baseline != NULL) *baseline = (unsigned)policy_threshold(G(L), TIER_BASELINE);
    if (optimizing != NULL) *optimizing = (unsigned)policy_threshold(G(L), TIER_OPT);
}

static bool is_tier(int tier) { return tier >= TIER_INTERP && tier < TIERS; }

/* A cap, or a forced tier, of p's function or of all (NULL). */
static perigee_Status set_tier(lua_State *L, Proto *p, int tier, bool forces) {
    if (is_busy(G(L))) return PERIGEE_BUSY;
    TierEntry *entry = p != NULL ? tier_entry_of(L, p) : NULL;
    Options *o = p == NULL ? policy_own_options(L) : NULL;
    if (entry == NULL && o == NULL) return PERIGEE_NO_MEMORY;
    if (forces) *(p != NULL ? &entry->forced : &o->forced) = (int8_t)tier;
    else if (p != NULL) entry->cap = (uint8_t)tier;
    else o->tier = tier;
    return wanting(G(L), apply(L, p), p, tier);
}

perigee_Status (perigee_cap)(lua_State *L, perigee_Function *f, int tier) {
    return is_tier(tier) ? set_tier(L, proto_of(f), tier, false) : PERIGEE_BAD_ARGUMENT;
}

perigee_Status (perigee_force)(lua_State *L, perigee_Function *f, int tier) {
    return is_tier(tier) || tier == PERIGEE_UNFORCED ? set_tier(L, proto_of(f), tier, true) : PERIGEE_BAD_ARGUMENT;
}

/* ------------------------------------------------------------------------- compile and give up */

static void warm(lua_State *L, void *ud) { proto_hot(L, ud); }

/* Functions get their inline caches when they are warm; that may raise an error of memory. */
static bool make_warm(lua_State *L, Proto *p) {
    ptrdiff_t top = stack_save(L, L->top);
    if (p->feedback == NULL && call_protected(L, warm, p, top, L->errfunc) != LUA_OK) L->top = stack_restore(L, top);
    return p->feedback != NULL;
}

static perigee_Status status_of_end(EngineEnd end) {
    switch (end) {
        case ENGINE_TOO_LARGE:
        case ENGINE_CODE_LIMIT: return PERIGEE_LIMIT_REACHED;
        case ENGINE_NO_MEMORY: return PERIGEE_NO_MEMORY;
        default: return PERIGEE_COMPILATION_FAILED;
    }
}

static int tier_of(const Proto *p) {
    const Code *c = code_current(p);
    return c != NULL ? c->tier : TIER_INTERP;
}

/* The next tier. A request that is under way, of p or of a copy, makes way for this one. */
static perigee_Status compile_one(lua_State *L, Engine *e, Proto *p, TierEntry *entry, int tier) {
    Function *f = function_find(e, p);
    if (f != NULL && f->tier != TIER_INTERP) request_abandon(e, f, ENGINE_REPLACED);
    while ((f = function_requesting(e, entry, tier)) != NULL) request_abandon(e, f, ENGINE_REPLACED);
    tier_forgive(entry, tier);
    e->last_end = ENGINE_NOT_ENDED;
    request_make(e, p, entry, tier);
    f = function_find(e, p);
    if (f != NULL && f->tier == tier) request_compile_now(L, e, f);
    return tier_of(p) >= tier ? PERIGEE_OK : status_of_end(e->last_end);
}

perigee_Status (perigee_compile)(lua_State *L, perigee_Function *f, int tier) {
    Proto *p = proto_of(f);
    if (p == NULL || !is_tier(tier) || tier == TIER_INTERP) return PERIGEE_BAD_ARGUMENT;
    if (is_busy(G(L))) return PERIGEE_BUSY;
    Engine *e = engine_for(L);
    if (e == NULL || G(L)->closing) return PERIGEE_DISABLED;
    TierEntry *entry = tier_entry_of(L, p);
    if (entry == NULL) return PERIGEE_NO_MEMORY;
    if (tier > policy_allowed(G(L), entry)) return PERIGEE_DISABLED;
    if (!make_warm(L, p)) return PERIGEE_NO_MEMORY;
    retired_release(e);
    requests_finish(L, e);
    perigee_Status status = PERIGEE_OK;
    for (int now = engine_tier_now(L, p); now < tier && status == PERIGEE_OK; now++) status = compile_one(L, e, p, entry, now + 1);
    return status;
}

perigee_Status (perigee_deoptimise)(lua_State *L, perigee_Function *f) {
    if (f == NULL) return PERIGEE_BAD_ARGUMENT;
    if (is_busy(G(L))) return PERIGEE_BUSY;
    Engine *e = engine_own(G(L));
    Code *code = code_current(proto_of(f));
    if (e == NULL || code == NULL) return PERIGEE_DEOPTIMISATION_FAILED;
    code_lost(L, e, code, DEOPT_HOST);
    return PERIGEE_OK;
}

static void give_up(Engine *e, Proto *p) {
    TierEntry *entry = tier_entry_peek(e->g, p);
    lose_above(e, p, TIER_INTERP, DEOPT_HOST);
    for (int t = TIER_BASELINE; entry != NULL && t < TIERS; t++) tier_forgive(entry, t);
    if (entry != NULL) policy_function_changed(e->g->mainthread, p);
}

perigee_Status (perigee_invalidate)(lua_State *L, perigee_Function *f) {
    if (is_busy(G(L))) return PERIGEE_BUSY;
    Engine *e = engine_own(G(L));
    if (e == NULL) return PERIGEE_DISABLED;
    visit(e, proto_of(f), give_up);
    return PERIGEE_OK;
}

/* Where the call that the frame waits for will return to can be changed: the return reads the frame's pc. Metamethods
 * and hooks return into the middle of an instruction. */
static bool waits_for_call(const CallInfo *ci, uint32_t index) {
    unsigned op = index > 0 ? insn_op(frame_proto(ci)->code[index - 1]) : OP_RETURN;
    bool returns = op == OP_CALL || (op == OP_TFORCALL && frame_is_lua(ci->next)); /* iterators in C are part of their instruction */
    return returns && !(ci->next->status & (CI_META | CI_HOOKED | CI_FIN));
}

static CallInfo *lua_frame(lua_State *L, int level) {
    lua_Debug ar;
    return level >= 0 && lua_getstack(L, level, &ar) && frame_is_lua(ar.i_ci) ? ar.i_ci : NULL;
}

int (perigee_frametier)(lua_State *L, int level) {
    const CallInfo *ci = lua_frame(L, level);
    if (ci == NULL) return -1;
    const Code *c = frame_proto(ci)->compiled;
    while (c != NULL && !(c->state == CODE_INSTALLED && ci->pc >= c->stream && ci->pc <= c->stream + c->ninsns)) c = c->older;
    return c != NULL ? c->tier : TIER_INTERP;
}

perigee_Status (perigee_replaceframe)(lua_State *L, int level) {
    CallInfo *ci = lua_frame(L, level);
    if (ci == NULL) return PERIGEE_BAD_ARGUMENT;
    if (is_busy(G(L))) return PERIGEE_BUSY;
    const Code *code = code_current(frame_proto(ci));
    uint32_t index = code_index(frame_proto(ci), ci->pc);
    if (engine_own(G(L)) == NULL || code == NULL || ci == L->ci || index >= code->ninsns || !waits_for_call(ci, index) ||
        insn_op(code->stream[index]) != OP_COMPILED)
        return PERIGEE_REPLACEMENT_FAILED;
    ci->pc = code->stream + index;
    return PERIGEE_OK;
}

/* ------------------------------------------------------------------------------------ questions */

int (perigee_tier)(lua_State *L, perigee_Function *f, int *wanted) {
    const TierEntry *entry = f != NULL ? tier_entry_peek(G(L), proto_of(f)) : NULL;
    int tier = f != NULL ? tier_of(proto_of(f)) : TIER_INTERP;
    if (wanted != NULL) *wanted = entry != NULL && entry->wanted > tier ? entry->wanted : tier;
    return tier;
}

int (perigee_allowed)(lua_State *L, perigee_Function *f) {
    const TierEntry *entry = f != NULL ? tier_entry_peek(G(L), proto_of(f)) : NULL;
    return engine_own(G(L)) != NULL ? policy_allowed(G(L), entry) : TIER_INTERP;
}

static void count_sites(const Proto *p, perigee_Profile *out) {
    ProfileView v = profile_view_of(p);
    unsigned long long *const counts[SITE_STATES] = {
        [SITE_UNINITIALISED] = &out->sites_unused, [SITE_MONOMORPHIC] = &out->sites_monomorphic,
        [SITE_POLYMORPHIC] = &out->sites_polymorphic, [SITE_MEGAMORPHIC] = &out->sites_megamorphic};
    for (uint32_t pc = 0; p->feedback != NULL && pc < p->sizecode; pc++) {
        unsigned state = profile_site(&v, pc).state;
        if (counts[state] != NULL) ++*counts[state];
    }
}

static void fill_from_entry(const TierEntry *e, perigee_Profile *out) {
    out->cap = e->cap;
    out->forced = e->forced;
    out->deoptimisations = tier_entry_deopts(e);
    memcpy(out->place, e->label, sizeof out->place);
    for (int t = TIER_BASELINE; t < TIERS; t++) {
        const TierRecord *r = &e->in[t];
        if (tier_is_pending(e, t)) out->requested = t;
        out->compiles[t] = r->compiles;
        out->failures[t] = r->failures;
        out->code_bytes[t] = r->code_bytes;
        out->compile_ns[t] = (unsigned long long)(r->compile_ms * 1e6);
    }
}
_Static_assert(sizeof(((perigee_Profile *)0)->place) == sizeof(((TierEntry *)0)->label), "labels of the public header");

perigee_Status (perigee_profile)(lua_State *L, perigee_Function *f, perigee_Profile *p) {
    if (f == NULL || p == NULL || p->size < sizeof p->size) return PERIGEE_BAD_ARGUMENT;
    Proto *proto = proto_of(f);
    const TierEntry *entry = is_busy(G(L)) ? tier_entry_peek(G(L), proto) : tier_entry_of(L, proto);
    perigee_Profile full = {
        .size = p->size, .id = entry != NULL ? entry->id : 0, .uses = tier_uses(proto, entry), .cap = TIER_OPT, .forced = TIER_FREE};
    full.tier = perigee_tier(L, f, &full.wanted);
    if (entry != NULL) fill_from_entry(entry, &full);
    count_sites(proto, &full);
    memcpy(p, &full, p->size < sizeof full ? p->size : sizeof full);
    return PERIGEE_OK;
}

int (perigee_why)(lua_State *L, perigee_Function *f, char *text, size_t size) {
    char why[256] = "no function of Lua";
    const Proto *p = proto_of(f);
    const TierEntry *entry = p != NULL ? tier_entry_peek(G(L), p) : NULL;
    if (p != NULL) policy_why(G(L), entry, tier_uses(p, entry), tier_of(p), engine_own(G(L)) != NULL, why, sizeof why);
    return snprintf(text, size, "%s", why);
}

/* ----------------------------------------------------------------------------------- statistics */

typedef struct Census {
    Global *g;
    perigee_Stats *out;
} Census;

static void count_proto(Global *g, void *ud, GCObject *o) {
    perigee_Stats *out = ((Census *)ud)->out;
    if (o->tag != TAG_PROTO || gc_is_dead(g, o)) return;
    const Proto *p = (const Proto *)(const void *)o;
    out->functions++;
    out->uses += proto_uses(p);
    out->in_tier[tier_of(p)]++;
}

static void count_settled(void *ud, TierEntry *e) { ((Census *)ud)->out->uses += e->settled; }

static void take_census(lua_State *L, perigee_Stats *out) {
    Census c = {G(L), out};
    gc_each_object(L, count_proto, &c);
    tier_table_each(G(L), count_settled, &c);
    if (G(L)->profile != NULL) out->uses += G(L)->profile->tiers.forgotten.uses;
}

static void count_since(const EngineStats *now, const EngineStats *base, perigee_Stats *out) {
    for (int t = TIER_BASELINE; t < TIERS; t++) {
        out->requests[t] = now->tier[t].requests - base->tier[t].requests;
        out->compiled[t] = now->tier[t].compiled - base->tier[t].compiled;
        out->failed[t] = now->tier[t].failed - base->tier[t].failed;
        out->dropped[t] = now->tier[t].dropped - base->tier[t].dropped;
        out->compile_ns[t] = now->tier[t].compile_ns - base->tier[t].compile_ns;
        out->wait_ns[t] = now->tier[t].wait_ns - base->tier[t].wait_ns;
        out->code_bytes[t] = now->tier[t].code_bytes;
    }
    for (int n = 1; n < ENGINE_END_COUNT; n++) out->ends[n - 1] = now->ends[n] - base->ends[n];
    for (int n = 0; n < DEOPT_COUNT; n++) out->deoptimisations[n] = now->deopts[n] - base->deopts[n];
    out->start_ns = now->start_ns - base->start_ns;
    out->codes_freed = now->released - base->released;
    out->codes_lost = now->lost - base->lost;
    out->waiting = now->waiting;
    out->unavailable = now->unavailable;
    out->llvm_version = now->llvm_version;
    out->cpu = now->cpu;
}

perigee_Status (perigee_stats)(lua_State *L, perigee_Stats *s) {
    if (s == NULL || s->size < sizeof s->size) return PERIGEE_BAD_ARGUMENT;
    perigee_Stats full = {.size = s->size};
    const EngineStats *now = engine_stats(G(L));
    take_census(L, &full);
    if (now != NULL) {
        count_since(now, &engine_own(G(L))->base, &full);
        uint64_t before = engine_own(G(L))->base_uses; /* may be more: functions that were never hot died */
        full.uses = full.uses > before ? full.uses - before : 0;
    }
    memcpy(s, &full, s->size < sizeof full ? s->size : sizeof full);
    return now != NULL ? PERIGEE_OK : PERIGEE_DISABLED;
}

void (perigee_resetstats)(lua_State *L) {
    Engine *e = engine_own(G(L));
    perigee_Stats census = {0};
    if (e == NULL) return;
    take_census(L, &census);
    e->base = *engine_stats(G(L));
    e->base_uses = census.uses;
}

/* --------------------------------------------------------------------------------------- events */

/* The prototype of an event that the host may still look at: of one that dies, what it refers to may be gone already. */
static perigee_Function *living(const Global *g, const Proto *p) {
    bool all_die = (g->gcstop & GCSTOP_CLOSING) != 0;
    return p == NULL || all_die || gc_is_dead(g, p) ? NULL : handle((Proto *)(uintptr_t)p);
}

static void pass_on(void *ud, Global *g, const EngineEvent *event) {
    const Engine *e = ud;
    perigee_Event public = {
        .size = sizeof public, .kind = event->kind, .tier = event->tier, .f = living(g, event->proto), .id = event->id,
        .place = event->function, .reason = event->reason, .uses = event->counted,
        .compile_ns = (unsigned long long)(event->milliseconds * 1e6), .code_bytes = event->code_bytes};
    e->host_listener(e->host_ud, g->mainthread, &public);
}

perigee_Status (perigee_listen)(lua_State *L, perigee_Listener f, void *ud) {
    if (is_busy(G(L))) return PERIGEE_BUSY;
    Engine *e = engine_own(G(L));
    if (e == NULL) return f != NULL ? PERIGEE_DISABLED : PERIGEE_OK;
    e->host = f != NULL ? pass_on : NULL;
    e->host_listener = f;
    e->host_ud = ud;
    return PERIGEE_OK;
}
