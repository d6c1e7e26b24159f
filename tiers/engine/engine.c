// SPDX-License-Identifier: MIT
/* The seam's functions, and what the report reads. See engine.h for the picture.
 *
 * What a look at a hot function does, in this order: machine code that nobody can be in any more is
 * freed; finished compilations are installed, whichever functions they are of; the policy says
 * whether a tier is wanted for this one; a request that is there is submitted if the cost model
 * affords it. Nothing of it runs Lua code, raises an error or moves a stack.
 */
#include "tiers/engine/engine_internal.h"

#include <stdlib.h>
#include <string.h>

#include "gc/gc.h"
#include "interp/interp.h"

enum { COLD_NS = 1000 * 1000 * 1000, SWEEP_NS = 200 * 1000 * 1000 };

const char *engine_event_name(int kind) {
    static const char *const names[ENGINE_EVENTS] = {"requested", "started", "installed", "failed", "dropped", "deoptimised", "lost"};
    return names[kind];
}

const char *const engine_end_names[ENGINE_END_COUNT] = {
#define END_NAME(id, name, reason) name,
    ENGINE_ENDS(END_NAME)
#undef END_NAME
};

void engine_tell_host(Engine *e, const EngineEvent *event) {
    if (e->host == NULL) return;
    bool was = e->telling;
    e->telling = true;
    e->host(e, e->g, event);
    e->telling = was;
}

static void engine_event_at(Engine *e, const Proto *p, int kind, int tier, const char *reason, const Job *job, const EngineSite *site) {
    if (e->listener == NULL && e->host == NULL) return;
    const TierEntry *entry = tier_entry_peek(e->g, p);
    EngineEvent event = {
        .kind = kind, .tier = tier, .proto = p, .id = p->id, .function = entry != NULL ? entry->label : "?", .counted = tier_uses(p, entry), .reason = reason, .site = site};
    if (job != NULL) {
        event.milliseconds = (double)job->compile_ns / 1e6;
        event.code_bytes = job->result.code_bytes;
    }
    if (e->listener != NULL && kind < ENGINE_EVENTS) e->listener(e->listener_ud, e->g, &event);
    engine_tell_host(e, &event);
}

void engine_event(Engine *e, const Proto *p, int kind, int tier, const char *reason, const Job *job) {
    engine_event_at(e, p, kind, tier, reason, job, NULL);
}

int engine_tier_now(lua_State *L, Proto *p) {
    for (Code *c = p->compiled; c != NULL; c = c->older)
        if (c->state == CODE_INVALID && !code_info(c)->gone) code_lost(L, engine_of(G(L)), c, DEOPT_OTHER);
    const Code *c = code_current(p);
    return c != NULL ? c->tier : TIER_INTERP;
}

/* ---------------------------------------------------------------------------------------- seam */

static void drop_if_cold(Engine *e, Function *f) {
    if (f->tier != TIER_INTERP && f->job == NULL && e->swept_ns - f->looked_ns > COLD_NS)
        request_abandon(e, f, ENGINE_COLD);
}

static void sweep_cold(Engine *e, uint64_t now) {
    if (now - e->swept_ns < SWEEP_NS) return;
    e->swept_ns = now;
    function_each(e, drop_if_cold);
}

/* Is baseline code, made before anything was known and the highest that is allowed, to be made anew? */
static bool wants_renewal(lua_State *L, Proto *p, const TierEntry *entry, int now) {
    const Global *g = G(L);
    if (entry == NULL || !policy_may_renew(g, entry, now) || code_current(p)->profiled) return false;
    bool due = policy_renews(g, entry, proto_uses(p));
    policy_await_renewal(g, p);
    return due;
}

static void hot(lua_State *L, Proto *p) {
    Engine *e = engine_of(G(L));
    TierEntry *entry;
    retired_release(e);
    int before = engine_tier_now(L, p);
    requests_finish(L, e);
    int now = engine_tier_now(L, p);
    if (now > before) return; /* new code runs for a while, and learns, before more is asked for */
    int tier = policy_hot(L, p, now, &entry);
    if (G(L)->closing || p->feedback == NULL) return;
    if (tier == TIER_INTERP && wants_renewal(L, p, entry, now)) tier = TIER_BASELINE;
    if (tier != TIER_INTERP) request_make(e, p, entry, tier);
    Function *f = function_find(e, p);
    if (f == NULL || f->tier == TIER_INTERP) return;
    f->looked_ns = clock_ns(CLOCK_MONOTONIC);
    request_consider(L, e, f);
    sweep_cold(e, clock_ns(CLOCK_MONOTONIC));
}

static DeoptReason most_frequent(const TierEntry *entry) {
    int most = DEOPT_OTHER;
    for (int n = 0; entry != NULL && n < DEOPT_COUNT; n++)
        if (entry->deopts[n] > entry->deopts[most]) most = n;
    return (DeoptReason)most;
}

static bool awaits_optimised(Engine *e, const Proto *p) {
    const Function *f = function_find(e, p);
    return f != NULL && f->tier == TIER_OPT;
}

/* Exits from baseline code are part of how it works, and bearable while optimised code is on its way; optimised code that is left often was compiled
 * with a profile that is no longer true. */
static void many_exits(lua_State *L, Code *code) {
    bool optimised = code->tier == TIER_OPT;
    if (!optimised && awaits_optimised(engine_of(G(L)), code->proto)) {
        code->exit_limit = code->exits < UINT32_MAX / 2 ? 2 * code->exits : UINT32_MAX;
        return;
    }
    code->exit_limit = UINT32_MAX;
    if (code->state != CODE_INSTALLED) return;
    code_lost(L, engine_of(G(L)), code, optimised ? most_frequent(tier_entry_peek(G(L), code->proto)) : DEOPT_NEVER_RAN);
}

static void deoptimised(lua_State *L, Code *code, const CodeExit *left, unsigned why) {
    TierEntry *entry = tier_entry_peek(G(L), code->proto);
    DeoptReason reason = why < DEOPT_COUNT ? (DeoptReason)why : DEOPT_OTHER;
    Engine *e = engine_of(G(L));
    if (entry != NULL) tier_deoptimised(entry, reason, 1);
    e->stats.deopts[reason]++;
    const EngineSite *site = site_note(L, e, left, reason);
    engine_event_at(e, code->proto, ENGINE_DEOPTIMISED, code->tier, deopt_names[reason], NULL, site);
}

/* Code that counts steps, or does not, and should. */
static void lose_other_kind(Global *g, void *ud, GCObject *o) {
    bool metered = (g->vigilant & VIGIL_METERED) != 0;
    if (o->tag != TAG_PROTO || gc_is_dead(g, o)) return;
    for (Code *c = ((Proto *)(void *)o)->compiled; c != NULL; c = c->older)
        if (c->state == CODE_INSTALLED && c->metered != metered) code_lost(ud, engine_of(g), c, DEOPT_OPTIONS);
}

static void metering(lua_State *L) { gc_each_object(L, lose_other_kind, L); }

size_t engine_code_bytes(const Global *g) {
    const EngineStats *s = &engine_of(g)->stats;
    return s->tier[TIER_BASELINE].code_bytes + s->tier[TIER_OPT].code_bytes;
}

static void left(lua_State *L, Code *code, uint32_t site, unsigned reason) {
    const Proto *p = code->proto;
    TierEntry *entry = tier_entry_peek(G(L), p);
    const CodeExit where = {.site = site, .function = p->id, .where = CODE_NOWHERE, .reason = (uint16_t)reason,
                            .line = p->sizelineinfo > site ? p->lineinfo[site] : 0, .opcode = (uint8_t)insn_op(p->code[site])};
    if (entry != NULL) tier_deoptimised(entry, (DeoptReason)reason, 1);
    const EngineSite *row = site_note(L, engine_of(G(L)), &where, reason);
    engine_event_at(engine_of(G(L)), p, ENGINE_DEOPTIMISED, code->tier, deopt_names[reason], NULL, row);
}

static void proto_dies(Global *g, Proto *p) {
    Engine *e = engine_of(g);
    Function *f = function_find(e, p);
    if (f != NULL && f->tier != TIER_INTERP) request_abandon(e, f, ENGINE_COLLECTED);
    if ((f = function_find(e, p)) != NULL) codes_depend_on(e, f, DEOPT_CALLEE);
    for (Code *c = p->compiled; c != NULL; c = c->older) code_retire(e, c);
    profile_proto_dies(g, p);
    if ((f = function_find(e, p)) != NULL) function_remove(e, f);
}

/* All prototypes are dead by now, unless the state was not completed. */
static void state_closes(Global *g) {
    Engine *e = engine_of(g);
    for (Function *f; (f = function_requested(e)) != NULL;) request_abandon(e, f, ENGINE_CLOSED);
    functions_free(e);
    retired_release(e);
    free(e->retired.codes);
    sites_free(e);
    g->seam = NULL;
    mem_free(g->mainthread, e, sizeof *e);
}

static void engine_init(Global *g, Engine *e) {
    memset(e, 0, sizeof *e);
    e->g = g;
    e->seam = (PerigeeSeam){
        .ud = e, .hot = hot, .many_exits = many_exits, .deoptimised = deoptimised, .left = left, .still_holds = reliance_holds, .metering = metering,
        .code_bytes = engine_code_bytes, .proto_dies = proto_dies, .close = state_closes};
    e->sync = g->options != NULL && g->options->jit_sync;
    if (g->options != NULL) dump_options(e, g->options->dump);
    g->seam = &e->seam;
    g->lookups_fired = reliance_fired;
}

void engine_attach(lua_State *L) {
    Global *g = G(L);
    if (policy_max_tier(g) == TIER_INTERP || vm_jit_symbols() == NULL) return; /* NULL: an interpreter that cannot enter code */
    engine_init(g, mem_alloc(L, sizeof(Engine)));
}

static void find_warm(Global *g, void *ud, GCObject *o) {
    (void)g;
    if (o->tag == TAG_PROTO && ((Proto *)(void *)o)->feedback != NULL) *(bool *)ud = true;
}

bool engine_attach_late(lua_State *L) {
    Global *g = G(L);
    bool warm = false;
    if (g->seam != NULL) return engine_own(g) != NULL;
    if (vm_jit_symbols() == NULL || g->closing || (g->options != NULL && g->options->no_compiler)) return false;
    gc_each_object(L, find_warm, &warm); /* made warm for the interpreter alone: no cells for what only compilers want to know */
    Engine *e = warm ? NULL : mem_try_realloc(L, NULL, 0, sizeof *e);
    if (e != NULL) engine_init(g, e);
    return e != NULL;
}

/* -------------------------------------------------------------------------------------- report */

Engine *engine_own(const Global *g) { return g->seam != NULL && g->seam->hot == hot ? engine_of(g) : NULL; }

const EngineStats *engine_stats(Global *g) {
    Engine *e = engine_own(g);
    if (e == NULL) return NULL;
    const JitPlugin *plugin = plugin_ready();
    e->stats.unavailable = plugin_failure();
    e->stats.llvm_version = plugin != NULL ? plugin->llvm_version : NULL;
    e->stats.cpu = plugin != NULL ? plugin->cpu : NULL;
    budget_look(&e->budget);
    e->stats.cpus = e->budget.cpus;
    e->stats.share = budget_share(&e->budget);
    return &e->stats;
}

const EngineSite *engine_sites(const Global *g, uint32_t *n, uint64_t *more) {
    const Engine *e = engine_own(g);
    *n = e != NULL && e->sites.rows != NULL ? MAX_SITES : 0;
    *more = e != NULL ? e->sites.more : 0;
    return e != NULL ? e->sites.rows : NULL;
}

void engine_each_decision(const Global *g, void (*f)(void *ud, const char *compiled, const JitDecision *d), void *ud) {
    const Engine *e = engine_own(g);
    for (const Decided *d = e != NULL ? e->decided : NULL; d != NULL; d = d->next)
        for (uint32_t n = 0; n < d->count; n++) f(ud, d->compiled, &d->rows[n]);
}

void engine_listen(Global *g, EngineListener f, void *ud) {
    Engine *e = engine_own(g);
    if (e == NULL) return;
    e->listener = f;
    e->listener_ud = ud;
}
