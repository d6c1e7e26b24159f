// SPDX-License-Identifier: MIT
/* See profile/tier_table.h. */
#include "profile/tier_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "gc/gc.h"
#include "profile/policy.h"
#include "profile/profile.h"

const char *const deopt_names[DEOPT_COUNT] = {
#define REASON_NAME(id, name, advice) name,
    PERIGEE_REASONS(REASON_NAME)
#undef REASON_NAME
};
const char *const deopt_advice[DEOPT_COUNT] = {
#define REASON_ADVICE(id, name, advice) advice,
    PERIGEE_REASONS(REASON_ADVICE)
#undef REASON_ADVICE
};
const char *const tier_names[TIERS] = {"interpreter", "baseline", "optimizing"};
const char *const request_names[REQUEST_STATES] = {"none", "queued", "compiling", "failed",
                                                   "dropped"};

/* ------------------------------------------------------------------------------------ the table */

static uint32_t slot_of(const TierTable *t, FunctionId id) {
    uint32_t at = (uint32_t)(id >> 32) & (t->capacity - 1);
    while (t->slots[at] != NULL && t->slots[at]->id != id) at = (at + 1) & (t->capacity - 1);
    return at;
}

TierEntry *tier_entry_find(const Global *g, FunctionId id) {
    const Profile *p = g->profile;
    if (p == NULL || p->tiers.capacity == 0 || id == 0) return NULL;
    return p->tiers.slots[slot_of(&p->tiers, id)];
}

TierEntry *tier_entry_peek(const Global *g, const Proto *p) {
    return p->counted ? tier_entry_find(g, p->id) : NULL;
}

/* The entries move to a table of `capacity`. */
static bool rehash(lua_State *L, TierTable *t, uint32_t capacity) {
    TierEntry **slots = mem_try_realloc(L, NULL, 0, capacity * sizeof *slots);
    if (slots == NULL) return false;
    memset(slots, 0, capacity * sizeof *slots);
    TierTable old = *t;
    t->slots = slots;
    t->capacity = capacity;
    for (uint32_t n = 0; n < old.capacity; n++)
        if (old.slots[n] != NULL) t->slots[slot_of(t, old.slots[n]->id)] = old.slots[n];
    if (old.slots != NULL) mem_free(L, old.slots, old.capacity * sizeof *old.slots);
    return true;
}

/* A compile job names the entry as long as its request is pending. */
static bool may_forget(const TierEntry *e) {
    if (e->cap != TIER_OPT || e->forced != TIER_FREE) return false;
    return e->living == 0 && !tier_is_pending(e, TIER_BASELINE) && !tier_is_pending(e, TIER_OPT);
}

static void sum_up(TierTotals *sum, const TierEntry *e) {
    sum->functions++;
    sum->uses += e->settled;
    sum->deopts += tier_entry_deopts(e);
    for (int t = TIER_BASELINE; t < TIERS; t++) {
        sum->compiles[t] += e->in[t].compiles;
        sum->failures[t] += e->in[t].failures;
        sum->compile_ms[t] += e->in[t].compile_ms;
    }
}

static uint64_t mean_uses_of_dead(const TierTable *t) {
    double sum = 0;
    uint32_t count = 0;
    for (uint32_t n = 0; n < t->capacity; n++) {
        const TierEntry *e = t->slots[n];
        if (e == NULL || !may_forget(e)) continue;
        sum += (double)e->settled;
        count++;
    }
    return count > 0 ? (uint64_t)(sum / count) + 1 : 0;
}

/* Sums up and frees the dead entries that were used no more than their mean. The survivors are put
 * in their places anew, which needs no memory. */
static void forget_dead(lua_State *L, TierTable *t) {
    uint64_t limit = mean_uses_of_dead(t);
    for (uint32_t n = 0; n < t->capacity; n++) {
        TierEntry *e = t->slots[n];
        if (e == NULL || !may_forget(e) || e->settled > limit) continue;
        sum_up(&t->forgotten, e);
        t->slots[n] = NULL;
        t->count--;
        t->dead--;
        mem_free(L, e, sizeof *e);
    }
    for (uint32_t moved = 1; moved > 0;) { /* until each entry is where a search finds it */
        moved = 0;
        for (uint32_t n = 0; n < t->capacity; n++) {
            TierEntry *e = t->slots[n];
            if (e == NULL || t->slots[slot_of(t, e->id)] == e) continue;
            t->slots[n] = NULL;
            t->slots[slot_of(t, e->id)] = e;
            moved++;
        }
    }
}

static bool make_room(lua_State *L, TierTable *t) {
    if (t->dead > TIER_DEAD_MAX) forget_dead(L, t);
    return t->count * 4 < t->capacity * 3 || rehash(L, t, t->capacity != 0 ? t->capacity * 2 : 32);
}

/* The last part of a path, or the first line of the text. */
static void make_label(const Proto *p, char *out, size_t size) {
    const char *source = p->source != NULL ? str_data(p->source) : "?";
    int len = (int)(p->source != NULL ? str_len(p->source) : 1), room = (int)size - 14;
    bool text = *source != '@' && *source != '=' && p->source != NULL;
    if (!text && p->source != NULL) source++, len--;
    const char *newline = memchr(source, '\n', (size_t)len);
    if (text && newline != NULL) len = (int)(newline - source);
    if (text)
        snprintf(out, size, "[%.*s]:%d", len < room ? len : room, source, p->linedefined);
    else
        snprintf(out, size, "%s%.*s:%d", len > room ? "..." : "", len > room ? room - 3 : len,
                 len > room ? source + len - (room - 3) : source, p->linedefined);
}

static TierEntry *entry_new(lua_State *L, TierTable *t, const Proto *p) {
    TierEntry *e = mem_try_realloc(L, NULL, 0, sizeof *e);
    if (e == NULL) return NULL;
    memset(e, 0, sizeof *e);
    if (!make_room(L, t)) {
        mem_free(L, e, sizeof *e);
        return NULL;
    }
    e->id = p->id;
    e->cap = TIER_OPT;
    e->forced = TIER_FREE;
    e->ninsns = p->sizecode;
    e->nloops = policy_count_loops(p);
    e->line = p->linedefined;
    make_label(p, e->label, sizeof e->label);
    t->slots[slot_of(t, e->id)] = e;
    t->count++;
    t->dead++; /* until p is counted */
    return e;
}

TierEntry *tier_entry_of(lua_State *L, Proto *p) {
    TierEntry *e = tier_entry_peek(G(L), p);
    if (e != NULL || function_id_of(L, p) == 0) return e;
    TierTable *t = &G(L)->profile->tiers;
    e = tier_entry_find(G(L), p->id);
    if (e == NULL) e = entry_new(L, t, p);
    if (e == NULL) return NULL;
    t->dead -= e->living == 0;
    e->living++;
    p->counted = 1;
    return e;
}

void tier_proto_dies(Global *g, Proto *p) {
    TierEntry *e = tier_entry_peek(g, p);
    if (e == NULL) return;
    e->settled += proto_uses(p);
    e->living--;
    e->deaths++;
    p->counted = 0;
    g->profile->tiers.dead += e->living == 0;
}

void tier_table_each(const Global *g, void (*f)(void *ud, TierEntry *e), void *ud) {
    if (g->profile == NULL) return;
    const TierTable *t = &g->profile->tiers;
    for (uint32_t n = 0; n < t->capacity; n++)
        if (t->slots[n] != NULL) f(ud, t->slots[n]);
}

void tier_table_clear(lua_State *L) {
    if (G(L)->profile == NULL) return;
    TierTable *t = &G(L)->profile->tiers;
    for (uint32_t n = 0; n < t->capacity; n++)
        if (t->slots[n] != NULL) mem_free(L, t->slots[n], sizeof(TierEntry));
    if (t->slots != NULL) mem_free(L, t->slots, t->capacity * sizeof *t->slots);
    *t = (TierTable){0};
}

/* ------------------------------------------------------------------------------------- changes */

/* What is not legal changes nothing, and ends checking builds with a message. */
static bool legal(bool is, const TierEntry *e, int tier, const char *change) {
#ifdef PERIGEE_CHECKS
    if (!is) {
        fprintf(stderr,
                "tier table: %s (%016" PRIx64
                ") is to be %s in tier %d, but is %s there, installed %u times, runs in tier %d\n",
                e->label, e->id, change, tier, request_names[e->in[tier].request],
                e->in[tier].installed, e->tier);
        abort();
    }
#else
    (void)e, (void)tier, (void)change;
#endif
    return is;
}

static void set_reason(TierRecord *r, const char *why) {
    snprintf(r->reason, sizeof r->reason, "%s", why);
}

void tier_wanted(TierEntry *e, int tier) {
    if (tier > e->wanted) e->wanted = (uint8_t)tier;
}

bool tier_queued(TierEntry *e, int tier) {
    TierRecord *r = &e->in[tier];
    bool may = r->request == REQUEST_NONE || r->request == REQUEST_DROPPED;
    if (!may || (e->given_up >> tier & 1)) return false;
    r->request = REQUEST_QUEUED;
    r->queued_at = policy_now_ns();
    r->requests++;
    tier_wanted(e, tier);
    return true;
}

void tier_compiling(TierEntry *e, int tier) {
    TierRecord *r = &e->in[tier];
    if (!legal(r->request == REQUEST_QUEUED, e, tier, "compiling")) return;
    r->request = REQUEST_COMPILING;
    r->wait_ms += (double)(policy_now_ns() - r->queued_at) / 1e6;
}

void tier_failed(TierEntry *e, int tier, const char *why) {
    if (!legal(tier_is_pending(e, tier), e, tier, "failed")) return;
    e->in[tier].request = REQUEST_FAILED;
    e->in[tier].failures++;
    tier_give_up(e, tier, why);
}

void tier_dropped(TierEntry *e, int tier, const char *why) {
    if (!legal(tier_is_pending(e, tier), e, tier, "dropped")) return;
    e->in[tier].request = REQUEST_DROPPED;
    set_reason(&e->in[tier], why);
}

void tier_installed(TierEntry *e, int tier, double ms, size_t code_bytes) {
    TierRecord *r = &e->in[tier];
    if (!legal(r->request == REQUEST_COMPILING && e->living > r->installed, e, tier, "installed"))
        return;
    r->request = REQUEST_NONE;
    r->unsettled = 0;
    r->installed_ns = policy_now_ns();
    r->installed++;
    r->compiles++;
    r->compile_ms += ms;
    r->code_bytes += code_bytes;
    r->reason[0] = '\0';
    if (tier > e->tier) e->tier = (uint8_t)tier;
    tier_wanted(e, tier);
}

static int highest_installed(const TierEntry *e) {
    int t = TIERS - 1;
    while (t > TIER_INTERP && e->in[t].installed == 0) t--;
    return t;
}

void tier_code_gone(TierEntry *e, int tier, size_t code_bytes, DeoptReason reason) {
    TierRecord *r = &e->in[tier];
    if (!legal(r->installed > 0 && r->code_bytes >= code_bytes, e, tier, "without code")) return;
    r->installed--;
    r->code_bytes -= code_bytes;
    e->tier = (uint8_t)highest_installed(e);
    set_reason(r, reason < DEOPT_COUNT ? deopt_names[reason] : "its function was collected");
    if (reason < DEOPT_COUNT) e->deopts[reason]++;
}

void tier_deoptimised(TierEntry *e, DeoptReason reason, uint32_t times) {
    e->deopts[reason] += times;
}

void tier_restart(TierEntry *e, uint64_t uses) {
    e->settled += uses;
    e->last_uses = 0;
    e->wanted = e->tier;
}

void tier_give_up(TierEntry *e, int tier, const char *why) {
    e->given_up |= (uint8_t)(1u << tier);
    set_reason(&e->in[tier], why);
}

void tier_forgive(TierEntry *e, int tier) {
    TierRecord *r = &e->in[tier];
    e->given_up &= (uint8_t)~(1u << tier);
    r->backoff = r->unsettled = 0;
    if (r->request == REQUEST_FAILED) r->request = REQUEST_NONE;
}

/* ----------------------------------------------------------------------------------- inspection */

const char *tier_state_name(const TierEntry *e, int tier) {
    return e->in[tier].installed > 0 ? "installed" : request_names[e->in[tier].request];
}

uint64_t tier_entry_deopts(const TierEntry *e) {
    uint64_t sum = 0;
    for (int n = 0; n < DEOPT_COUNT; n++) sum += e->deopts[n];
    return sum;
}

static const char *check_record(const TierEntry *e, int tier) {
    const TierRecord *r = &e->in[tier];
    if (r->installed > e->living) return "more installed than living";
    if (r->installed > r->compiles) return "installed what was not compiled";
    if (r->installed == 0 && r->code_bytes != 0) return "code bytes without code";
    if (r->request == REQUEST_FAILED && !(e->given_up >> tier & 1))
        return "failed, yet not given up";
    if ((r->request == REQUEST_FAILED || r->request == REQUEST_DROPPED) && r->reason[0] == '\0')
        return "no reason";
    if (r->compiles + r->failures > r->requests) return "more answers than requests";
    return NULL;
}

const char *tier_entry_check(const TierEntry *e) {
    if (e->tier != highest_installed(e)) return "tier is not the highest one installed";
    if (e->wanted < e->tier) return "wanted below tier";
    const char *fault = check_record(e, TIER_BASELINE);
    return fault != NULL ? fault : check_record(e, TIER_OPT);
}
