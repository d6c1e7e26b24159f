// SPDX-License-Identifier: MIT
/* The life of a request, on the state's side:
 *
 *      wanted (policy) -> queued ----------> submitted -> compiling -> installed
 *                           |  cost model       |  cold, forked  |
 *                           +-- dropped <-------+                +-> failed
 *
 * "queued" in the tier table covers both requests that the cost model holds back, of which the
 * engine keeps no more than a Function, and jobs in the process's queue. Each end leaves its reason in
 * the tier table. A dropped request is made again when its function is hot again.
 */
#include <assert.h>

#include "state/limits.h"
#include "tiers/engine/engine_internal.h"

/* Exits before code is doubted; doubles with each loss. Baseline code takes them where it met what its profile had not:
 * the interpreter runs those instructions. */
enum { EXITS = 100, BASELINE_EXITS = 20000 };
/* Of callees that are known to get profiles soon these are awaited so long. */
enum { AWAITED_NS = 150 * 1000 * 1000 };

/* ------------------------------------------------------------------------------------- endings */

static void close_request(Engine *e, Function *f) {
    f->tier = TIER_INTERP;
    f->compiling = false;
    f->job = NULL;
    e->stats.waiting--;
    function_tidy(e, f);
}

static const char *const end_reasons[ENGINE_END_COUNT] = {
#define END_REASON(id, name, reason) reason,
    ENGINE_ENDS(END_REASON)
#undef END_REASON
};

static void note_end(Engine *e, EngineEnd end) {
    e->stats.ends[end]++;
    e->last_end = end;
}

static void drop(Engine *e, Function *f, EngineEnd end) {
    const char *why = end_reasons[end];
    note_end(e, end);
    e->stats.tier[f->tier].dropped++;
    tier_dropped(f->entry, f->tier, why);
    engine_event(e, f->proto, ENGINE_DROPPED, f->tier, why, NULL);
    close_request(e, f);
}

static void fail(Engine *e, Function *f, EngineEnd end, const char *why, const Job *job) {
    note_end(e, end);
    e->stats.tier[f->tier].failed++;
    tier_failed(f->entry, f->tier, why);
    engine_event(e, f->proto, ENGINE_FAILED, f->tier, why, job);
    close_request(e, f);
}

void request_abandon(Engine *e, Function *f, EngineEnd end) {
    if (f->job != NULL) {
        Code *code = f->job->code;
        budget_withdrawn(&e->budget, f->job->estimate_ns);
        queue_cancel(f->job);
        code_drop(e, code);
    }
    drop(e, f, end);
}

static void note_compiling(Engine *e, Function *f) {
    if (f->compiling) return;
    f->compiling = true;
    tier_compiling(f->entry, f->tier);
    engine_event(e, f->proto, ENGINE_STARTED, f->tier, "", NULL);
}

/* ----------------------------------------------------------------------------------- finished */

static void note_times(Engine *e, const Function *f, const Job *job) {
    uint64_t took = clock_ns(CLOCK_MONOTONIC) - f->requested_ns, busy = job->compile_wall_ns;
    uint64_t wait = took > busy ? took - busy : 0;
    e->stats.start_ns += job->start_ns;
    e->stats.tier[f->tier].compile_ns += job->compile_ns;
    e->stats.tier[f->tier].wait_ns += wait;
    if (wait > e->stats.tier[f->tier].longest_wait_ns) e->stats.tier[f->tier].longest_wait_ns = wait;
}

static void install(lua_State *L, Engine *e, Function *f, Job *job) {
    Code *code = job->code;
    const JitResult *r = &job->result;
    Proto *p = f->proto;
    int tier = f->tier;
    assert(code->tier == tier);
    code_info(code)->machine = r->handle;
    code->code_bytes = r->code_bytes;
    code->exit_limit = (uint32_t)(tier == TIER_OPT ? EXITS : BASELINE_EXITS) << f->entry->in[tier].backoff;
    Code *older = tier == TIER_BASELINE ? code_current(p) : NULL;
    if (older != NULL && older->tier == tier) code_superseded(e, older);
    dump_literals(L, f, job);
    code_install(L, code, r->code, r->entry_of, r->nentries);
    tier_installed(f->entry, tier, (double)job->compile_ns / 1e6, r->code_bytes);
    policy_installed(L, p, tier);
    if (!code->profiled && policy_may_renew(e->g, f->entry, tier)) policy_await_renewal(e->g, p);
    if (tier == TIER_OPT) decisions_keep(e, f->entry, &job->result);
    e->stats.tier[tier].compiled++;
    e->stats.tier[tier].code_bytes += r->code_bytes;
    engine_event(e, p, ENGINE_INSTALLED, tier, "", job);
    close_request(e, f);
}

static void finish(lua_State *L, Engine *e, Job *job) {
    Function *f = job->function;
    Code *code = job->code;
    bool stale = code->state == CODE_INVALID; /* something it relies on died meanwhile */
    if (code->metered != ((e->g->vigilant & VIGIL_METERED) != 0)) job->dropped = ENGINE_METERING;
    bool settled = stale || code->tier != TIER_OPT || job->result.code == NULL || job_settle(L, job);
    budget_returned(&e->budget, job);
    note_times(e, f, job);
    if (job->dropped == ENGINE_NOT_ENDED) note_compiling(e, f);
    if (job->result.code != NULL) engine_event(e, f->proto, ENGINE_COMPILED, f->tier, "", job);
    if (job->dropped == ENGINE_NOT_ENDED && job->result.code != NULL && !stale && settled) {
        install(L, e, f, job);
        job_free(job);
        return;
    }
    if (job->result.code != NULL) queue_release(job->result.handle);
    code_drop(e, code);
    if (job->dropped != ENGINE_NOT_ENDED)
        drop(e, f, job->dropped);
    else if (stale)
        drop(e, f, ENGINE_CALLEE_GONE);
    else if (!settled) { /* lest it be compiled for ever, if it never agrees */
        policy_unsettled(f->entry, f->tier);
        drop(e, f, ENGINE_CACHES);
    } else
        fail(e, f, job->unavailable ? ENGINE_UNAVAILABLE : ENGINE_COMPILER, job->unavailable ? plugin_failure() : job->result.failure, job);
    job_free(job);
}

void requests_finish(lua_State *L, Engine *e) {
    for (Job *job = mailbox_take(e), *next; job != NULL; job = next) {
        next = job->next;
        finish(L, e, job);
    }
}

/* ---------------------------------------------------------------------------------- beginnings */

/* Why the state's limits (state/limits.h) do not allow the request; ENGINE_NOT_ENDED: they do. */
static EngineEnd limits_refuse(const Engine *e) {
    Limits *l = e->g->limits;
    if (l == NULL) return ENGINE_NOT_ENDED;
    if (!l->set[LIMIT_CODE] || engine_code_bytes(e->g) < l->value[LIMIT_CODE]) return ENGINE_NOT_ENDED;
    if (l->reached == LIMIT_NONE) l->reached = LIMIT_CODE;
    return ENGINE_CODE_LIMIT;
}

/* One request at a time: what waits for the tier above gives way, unless it is being compiled already. */
static bool is_free(Engine *e, Function *f, int tier) {
    if (f == NULL || f->tier == TIER_INTERP) return true;
    if (f->tier <= tier || f->job != NULL) return false;
    request_abandon(e, f, ENGINE_OUTRUN);
    return true;
}

void request_make(Engine *e, Proto *p, TierEntry *entry, int tier) {
    if (!is_free(e, function_find(e, p), tier) || !tier_queued(entry, tier)) return;
    e->stats.tier[tier].requests++;
    engine_event(e, p, ENGINE_REQUESTED, tier, "", NULL);
    Function *f = function_get(e, p);
    if (f == NULL) {
        note_end(e, ENGINE_NO_MEMORY);
        tier_dropped(entry, tier, end_reasons[ENGINE_NO_MEMORY]);
        return;
    }
    f->entry = entry;
    f->tier = tier;
    f->requested_ns = clock_ns(CLOCK_MONOTONIC);
    e->stats.waiting++;
    const char *too_large = policy_refuses(tier, p->sizecode), *unavailable = plugin_failure();
    EngineEnd limit = limits_refuse(e);
    if (too_large != NULL)
        fail(e, f, ENGINE_TOO_LARGE, too_large, NULL);
    else if (unavailable != NULL)
        fail(e, f, ENGINE_UNAVAILABLE, unavailable, NULL);
    else if (limit != ENGINE_NOT_ENDED)
        drop(e, f, limit);
}

/* Wrong IR would crash LLVM. Of optimised code it is always looked for, which takes little of its compile time; of
 * baseline code under stress, and when something is dumped. */
static bool is_trusted(int tier, const Options *o) {
    if (tier != TIER_BASELINE) return false;
    return o == NULL || !(o->gc_every || o->fail_alloc || o->move_stack || o->random_tiers || o->fail_guard || o->verify_heap);
}

static void submit(lua_State *L, Engine *e, Function *f, bool here) {
    EngineEnd limit = limits_refuse(e); /* may have been set since the request was made */
    Job *job = limit == ENGINE_NOT_ENDED ? code_begin(L, e, f) : NULL;
    if (job == NULL) {
        drop(e, f, limit != ENGINE_NOT_ENDED ? limit : ENGINE_NO_MEMORY);
        return;
    }
    if (!here && clock_ns(CLOCK_MONOTONIC) - f->requested_ns < AWAITED_NS && job_is_early(e, job)) { /* at the next look */
        code_drop(e, job->code);
        job_free(job);
        return;
    }
    f->job = job;
    job->jit.dump = dump_function(e, f);
    job->jit.trusted = job->jit.dump == NULL && is_trusted(f->tier, e->g->options);
    job->jit.opt_limit = e->g->options != NULL ? e->g->options->opt_bisect : -1;
    job->value = policy_priority(f->entry, f->tier, policy_now_ns());
    budget_submitted(&e->budget, job);
    if (here) {
        queue_compile_here(job);
        finish(L, e, job);
    } else if (!queue_submit(job)) {
        request_abandon(e, f, ENGINE_NO_THREAD);
    }
}

/* What was copied when the request was made knows less than the profile does by now. */
static bool renew(lua_State *L, Engine *e, Function *f) {
    enum { STALE_NS = 3000000 };
    Job *job = f->job;
    Code *code = job->code;
    if (f->tier != TIER_OPT || clock_ns(CLOCK_MONOTONIC) - job->submitted_ns < STALE_NS) return false;
    uint64_t estimate = job->estimate_ns;
    if (!queue_withdraw(job)) return false;
    budget_withdrawn(&e->budget, estimate);
    code_drop(e, code);
    f->job = NULL;
    submit(L, e, f, false);
    return true;
}

void request_consider(lua_State *L, Engine *e, Function *f) {
    if (f->job != NULL) {
        if (renew(L, e, f)) return;
        if (atomic_load_explicit(&f->job->state, memory_order_relaxed) == JOB_RUNNING) note_compiling(e, f);
        queue_touch(f->job, policy_priority(f->entry, f->tier, policy_now_ns()));
        return;
    }
    if (!e->sync) budget_look(&e->budget);
    if (e->sync || policy_is_forced(e->g, f->entry, f->tier) || budget_affords(e, f)) submit(L, e, f, e->sync);
}

void request_compile_now(lua_State *L, Engine *e, Function *f) { submit(L, e, f, true); }
