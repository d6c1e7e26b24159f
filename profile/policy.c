// SPDX-License-Identifier: MIT
/* See profile/policy.h. */
#include "profile/policy.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/options.h"
#include "gc/gc.h"
#include "sem/opcodes.h"

/* ----------------------------------------------------------------------------------- thresholds */

static const Options *options_of(const Global *g, Options *defaults) {
    if (g->options != NULL) return g->options;
    options_init(defaults);
    return defaults;
}

Options *policy_own_options(lua_State *L) {
    Global *g = G(L);
    if (g->options != NULL) return g->options;
    g->options = mem_try_realloc(L, NULL, 0, sizeof(Options));
    if (g->options != NULL) options_init(g->options);
    return g->options;
}

int policy_max_tier(const Global *g) {
    Options defaults;
    const Options *o = options_of(g, &defaults);
    return o->jit_off ? TIER_INTERP : o->tier;
}

/* What the host wants of a function goes before what it wants of all. */
static int forced_tier(const Global *g, const TierEntry *e) {
    if (e != NULL && e->forced != TIER_FREE) return e->forced;
    return g->options != NULL ? g->options->forced : TIER_FREE;
}

uint64_t policy_threshold(const Global *g, int tier) {
    Options defaults;
    const Options *o = options_of(g, &defaults);
    uint32_t baseline = o->baseline_at > 0 ? o->baseline_at : 1;
    if (tier == TIER_BASELINE) return baseline;
    return o->opt_at > baseline ? o->opt_at : baseline;
}

static uint64_t threshold_of(const Global *g, const TierEntry *e, int tier) {
    unsigned backoff = e != NULL ? e->in[tier].backoff : 0;
    if (backoff == 0 && tier <= forced_tier(g, e)) return 1;
    return policy_threshold(g, tier) << backoff;
}

bool policy_is_forced(const Global *g, const TierEntry *e, int tier) { return tier <= forced_tier(g, e); }

static bool is_given_up(const TierEntry *e, int tier) {
    return e != NULL && (e->given_up >> tier & 1);
}

static int least_tier(int a, int b) { return a < b ? a : b; }

/* What the state and the host allow. */
int policy_allowed(const Global *g, const TierEntry *e) {
    int max = policy_max_tier(g), forced = forced_tier(g, e);
    if (e != NULL) max = least_tier(max, e->cap);
    return forced != TIER_FREE ? least_tier(max, forced) : max;
}

/* The highest tier that it may still get: one that was given up bars those above it. */
static int highest_tier(const Global *g, const TierEntry *e) {
    int max = policy_allowed(g, e), t = TIER_INTERP;
    while (t < max && !is_given_up(e, t + 1)) t++;
    return t;
}

static int wanted_by_uses(const Global *g, const TierEntry *e, uint64_t uses) {
    int t = highest_tier(g, e);
    while (t > TIER_INTERP && uses < threshold_of(g, e, t)) t--;
    return t;
}

/* Uses from now to the nearest threshold that was not reached; POLICY_REST: none. */
static uint64_t uses_to_next(const Global *g, const TierEntry *e, uint64_t uses) {
    uint64_t least = POLICY_REST;
    for (int t = highest_tier(g, e); t > TIER_INTERP; t--) {
        uint64_t at = threshold_of(g, e, t);
        if (at > uses && at - uses < least) least = at - uses;
    }
    return least;
}

/* --------------------------------------------------------------------------------------- budget */

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }
static uint64_t most(uint64_t a, uint64_t b) { return a > b ? a : b; }

static void arm(Proto *p, TierEntry *e, uint64_t n) {
    n = least(most(n, 1), POLICY_REST);
    proto_rearm(p, (int32_t)n);
    if (e != NULL) e->look_after = n;
}

/* A request was made or waits: to be looked at when the heat may have changed, when code may have arrived, and at thresholds. */
static void arm_waiting(const Global *g, Proto *p, TierEntry *e, uint64_t uses) {
    enum { LOOKS_APART_MS = 2, LEAST = 64 };
    uint64_t recheck = least(most(uses / 2, POLICY_RECHECK), POLICY_RECHECK_MOST);
    recheck = least(recheck, most((uint64_t)(e->rate * LOOKS_APART_MS), LEAST));
    arm(p, e, least(recheck, uses_to_next(g, e, uses)));
}

uint64_t policy_now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Of a function seen for the first time nothing is known but that it was used a few times. */
enum { RATE_AT_FIRST = 10 };

static void note_heat(TierEntry *e, uint64_t uses) {
    uint64_t now = policy_now_ns(), since = uses >= e->last_uses ? uses - e->last_uses : uses;
    double ms = (double)(now - e->last_ns) / 1e6;
    if (e->last_ns == 0)
        e->rate = RATE_AT_FIRST;
    else if (ms > 0)
        e->rate = (e->rate + (double)since / ms) / 2;
    e->last_uses = uses;
    e->last_ns = now;
}

/* Copies of a function that is loaded anew each time may die before their code has paid for itself; one that has already
 * lived twice as long as they did on average will not. (In place, for tests, everything is compiled.) */
static bool dies_young(const Global *g, const TierEntry *e, int tier, uint64_t uses) {
    enum { KNOWN = 4 };
    if (e->deaths < KNOWN || policy_is_forced(g, e, tier) || (g->options != NULL && g->options->jit_sync)) return false;
    uint64_t life = e->settled / e->deaths;
    return uses <= 2 * life && !policy_pays(e, tier, life);
}

/* Has baseline code run for long enough to know what the function does? (In place, for tests, nothing depends on time.) */
static bool is_ripe(const Global *g, const TierEntry *e) {
    if (g->options != NULL && g->options->jit_sync) return true;
    return policy_now_ns() - e->in[TIER_BASELINE].installed_ns >= POLICY_PROFILE_US * 1000;
}

/* Does the next tier have the profile that it needs? */
static bool may_follow(const Global *g, const TierEntry *e, int next) { return next != TIER_OPT || policy_is_forced(g, e, next) || is_ripe(g, e); }

/* The tier to be asked for by a function that runs in `now`; 0: none. */
static int next_request(const Global *g, TierEntry *e, uint64_t uses, int now) {
    int next = now + 1;
    if (next > wanted_by_uses(g, e, uses) || tier_is_pending(e, next) || !may_follow(g, e, next)) return TIER_INTERP;
    if (e->in[next].unsettled != 0 && uses < policy_threshold(g, next) << e->in[next].unsettled) return TIER_INTERP;
    if (dies_young(g, e, next, uses)) {
        if (e->in[next].request == REQUEST_NONE) snprintf(e->in[next].reason, sizeof e->in[next].reason, "its copies die before code would pay");
        return TIER_INTERP;
    }
    return next;
}

int policy_hot(lua_State *L, Proto *p, int now, TierEntry **entry) {
    const Global *g = G(L);
    uint64_t uses = proto_uses(p);
    TierEntry *e = tier_entry_peek(g, p);
    int wanted = wanted_by_uses(g, e, uses);
    if (e == NULL && wanted > TIER_INTERP) e = tier_entry_of(L, p);
    if (entry != NULL) *entry = e;
    if (e == NULL) { /* nothing is wanted yet, or there is no memory now */
        arm(p, e, wanted > TIER_INTERP ? POLICY_RECHECK : uses_to_next(g, e, uses));
        return TIER_INTERP;
    }
    note_heat(e, uses);
    wanted = wanted_by_uses(g, e, uses);
    tier_wanted(e, wanted);
    if (now >= wanted) {
        arm(p, e, uses_to_next(g, e, uses));
        return TIER_INTERP;
    }
    arm_waiting(g, p, e, uses);
    return next_request(g, e, uses, now);
}

void policy_installed(lua_State *L, Proto *p, int tier) {
    const Global *g = G(L);
    TierEntry *e = tier_entry_peek(g, p);
    uint64_t uses = proto_uses(p);
    if (tier >= highest_tier(g, e)) {
        arm(p, e, POLICY_REST);
        return;
    }
    uint64_t apart = policy_threshold(g, tier + 1) - policy_threshold(g, tier);
    uint64_t at = threshold_of(g, e, tier + 1);
    uint64_t profile = least(apart, POLICY_PROFILE_USES);
    arm(p, e, most(at > uses ? at - uses : 0, profile));
}

bool policy_may_renew(const Global *g, const TierEntry *e, int tier) { return tier == TIER_BASELINE && highest_tier(g, e) == tier; }

bool policy_renews(const Global *g, const TierEntry *e, uint64_t uses) { return uses >= policy_threshold(g, TIER_OPT) && is_ripe(g, e); }

void policy_await_renewal(const Global *g, Proto *p) {
    uint64_t uses = proto_uses(p), at = policy_threshold(g, TIER_OPT);
    arm(p, tier_entry_peek(g, p), at > uses ? at - uses : least(POLICY_RECHECK, at));
}

void policy_unsettled(TierEntry *e, int tier) {
    enum { MOST = 30 };
    if (e->in[tier].unsettled < MOST) e->in[tier].unsettled++;
}

/* Did compiled code assume something that turned out wrong? Other losses cost no trust. */
static bool is_misjudgement(DeoptReason reason) {
    return reason != DEOPT_HOOK && reason != DEOPT_DEBUG && reason != DEOPT_OPTIONS &&
           reason != DEOPT_HOST && reason < DEOPT_COUNT;
}

static void lose_trust(TierEntry *e, int tier, DeoptReason reason) {
    char why[80];
    /* a profile that grows by paths not seen before costs trust only now and then; so does injection, lest a stress
     * run compiles without end */
    enum { GROWING = 4 };
    if ((reason == DEOPT_NEVER_RAN || reason == DEOPT_INJECTED) && e->in[tier].compiles % GROWING != 0) return;
    if (e->in[tier].backoff < POLICY_MAX_LOSSES) e->in[tier].backoff++;
    if (e->in[tier].backoff < POLICY_MAX_LOSSES) return;
    snprintf(why, sizeof why, "given up after %d losses of code, the last by: %s",
             POLICY_MAX_LOSSES, deopt_names[reason]);
    tier_give_up(e, tier, why);
}

void policy_lost(lua_State *L, Proto *p, int tier, int now, size_t code_bytes, DeoptReason reason) {
    const Global *g = G(L);
    TierEntry *e = tier_entry_peek(g, p);
    if (e == NULL) return;
    tier_code_gone(e, tier, code_bytes, reason);
    if (is_misjudgement(reason)) lose_trust(e, tier, reason);
    tier_restart(e, proto_uses(p));
    p->armed = p->budget = 0;
    if (highest_tier(g, e) > now)
        arm(p, e, threshold_of(g, e, now + 1));
    else
        arm(p, e, POLICY_REST);
}

void policy_function_changed(lua_State *L, Proto *p) {
    const Global *g = G(L);
    TierEntry *e = tier_entry_peek(g, p);
    uint64_t uses = proto_uses(p);
    bool due = wanted_by_uses(g, e, uses) > (e != NULL ? e->tier : TIER_INTERP);
    uint64_t n = due ? 1 : uses_to_next(g, e, uses);
    arm(p, e, p->feedback == NULL && p->budget > 0 ? least((uint64_t)p->budget, n) : n);
}

/* ------------------------------------------------------------------------------------------ why */

/* The state or the host allows no more than the tier it is in. */
static void why_not_allowed(const Global *g, const TierEntry *e, int tier, char *out, size_t size) {
    if (e != NULL && e->cap <= tier)
        snprintf(out, size, tier == TIER_INTERP ? "compiling it was switched off by the host or by jit.off" : "the host capped it at the %s tier",
                 tier_names[tier]);
    else if (g->options != NULL && g->options->jit_off)
        snprintf(out, size, "compiled code is switched off in this state");
    else if (policy_max_tier(g) == TIER_INTERP)
        snprintf(out, size, "compiled code is switched off: --tier=interp");
    else if (policy_max_tier(g) <= tier)
        snprintf(out, size, "the state is capped at the %s tier", tier_names[tier]);
    else
        snprintf(out, size, "the host forces it into the %s tier", tier_names[forced_tier(g, e)]);
}

static void why_lost(const Global *g, const TierRecord *r, int next, char *out, size_t size) {
    snprintf(out, size, "%s lost its code (%s); wanted after %" PRIu64 " more uses", tier_names[next], r->reason,
             policy_threshold(g, next) << r->backoff);
}

void policy_why(const Global *g, const TierEntry *e, uint64_t uses, int tier, bool compilers, char *out, size_t size) {
    int next = tier + 1;
    const TierRecord *r = e != NULL && next < TIERS ? &e->in[next] : NULL;
    uint64_t threshold = next < TIERS ? threshold_of(g, NULL, next) : 0;
    if (next == TIERS)
        snprintf(out, size, "it runs in the highest tier");
    else if (policy_allowed(g, e) <= tier)
        why_not_allowed(g, e, tier, out, size);
    else if (!compilers)
        snprintf(out, size, "this build or this host has no compilers");
    else if (r != NULL && r->request == REQUEST_FAILED)
        snprintf(out, size, "%s failed: %s", tier_names[next], r->reason);
    else if (is_given_up(e, next))
        snprintf(out, size, "%s %s", tier_names[next], r->reason);
    else if (r != NULL && r->request == REQUEST_COMPILING)
        snprintf(out, size, "%s is being compiled", tier_names[next]);
    else if (r != NULL && r->request == REQUEST_QUEUED)
        snprintf(out, size, "%s is waiting: the cost model found others more worth while, or it too short", tier_names[next]);
    else if (r != NULL && r->request == REQUEST_DROPPED)
        snprintf(out, size, "%s was dropped: %s", tier_names[next], r->reason);
    else if (r != NULL && r->backoff > 0)
        why_lost(g, r, next, out, size);
    else if (uses < threshold)
        snprintf(out, size, "used less than %" PRIu64 " times, the threshold of %s", threshold, tier_names[next]);
    else
        snprintf(out, size, "%s is wanted at its next use", tier_names[next]);
}

/* ----------------------------------------------------------------------------------- cost model */

/* Compile time by size, fitted to 20, 100 and 500 bytecodes: 0.8, 2.1, 9.6 ms without passes and
 * 5.9, 25, 139 ms with `default<O2>`; larger functions take disproportionately longer. Gains: 2 ms
 * of baseline compilation are paid back by 35,000 calls of 100 bytecodes, so that a bytecode
 * becomes faster by 0.6 ns; the optimizing tier saves most of what is left of it. */
typedef struct Cost {
    double fixed_ms, insn_ms, saved_ns;
    uint32_t limit; /* bytecodes */
    const char *refusal;
} Cost;
static const Cost costs[TIERS] = {
    [TIER_BASELINE] = {0.43, 0.0183, 0.6, 50000, "too large: more than 50000 bytecodes"},
    [TIER_OPT] = {0.4, 0.277, 0.4, 2500, "too large: more than 2500 bytecodes"},
};
enum { SUPERLINEAR_AT = 4000 }; /* bytecodes at which a bytecode costs twice as much */

double policy_cost_ms(int tier, uint32_t ninsns) {
    const Cost *c = &costs[tier];
    return c->fixed_ms + c->insn_ms * ninsns * (1 + (double)ninsns / SUPERLINEAR_AT);
}

/* A use is a call or an iteration: of the bytecodes it runs the share between two counts. */
double policy_gain_ns(int tier, uint32_t ninsns, uint32_t nloops) {
    return costs[tier].saved_ns * ninsns / (1 + nloops);
}

double policy_priority(const TierEntry *e, int tier, uint64_t now_ns) {
    double saved = e->rate * policy_gain_ns(tier, e->ninsns, e->nloops) / 1e6; /* ms a ms */
    double ms = now_ns > e->last_ns ? (double)(now_ns - e->last_ns) / 1e6 : 0;
    /* 1: it should have been looked at again by now */
    double overdue = e->look_after > 0 ? ms * e->rate / (double)e->look_after : 0;
    return saved / policy_cost_ms(tier, e->ninsns) / (overdue > 1 ? overdue : 1);
}

bool policy_pays(const TierEntry *e, int tier, uint64_t uses) {
    return (double)uses * policy_gain_ns(tier, e->ninsns, e->nloops) / 1e6 >=
           policy_cost_ms(tier, e->ninsns);
}

const char *policy_refuses(int tier, uint32_t ninsns) {
    return ninsns > costs[tier].limit ? costs[tier].refusal : NULL;
}

uint32_t policy_count_loops(const Proto *p) {
    uint32_t n = 0;
    for (uint32_t pc = 0; pc < p->sizecode; pc++) n += opcode_loops(insn_op(p->code[pc]));
    return n;
}
