// SPDX-License-Identifier: MIT
/* When a function is wanted in which tier, and what that costs and gains.
 *
 * The budget protocol. Proto.budget counts calls and loop iterations down. The use that brings it
 * to 0 has the function looked at (Global.proto_hot), in the call path before Proto.entry is read.
 * Whoever looks sets the next budget by proto_rearm, which keeps the number of uses derivable:
 *
 *      uses = armed - budget            armed: the sum of all budgets given
 *
 *   uses  0 ......... 4 ................ 100 ......................... 1000
 *         |  cold     |  warm             | baseline wanted             | optimizing wanted
 *         budget 4    budget 96           budget 900                    budget REST
 *
 * So the 100th use of a function requests baseline code and the 99th does not, whatever the
 * thresholds are; if they are below PROTO_COLD the function is made warm earlier (proto_new). Loops
 * that announce their iterations when they begin may overshoot.
 *
 * Wanted is not compiled: policy_hot says what is wanted; the engine's queue decides by the cost
 * model below what is compiled when. While a request waits the function is looked at again after
 * growing numbers of uses, or some milliseconds, which keeps its heat true.
 *
 * After code was given up (policy_lost) the counters restart at 0 and the threshold of that tier doubles,
 * up to POLICY_MAX_LOSSES times; then the tier is given up for this function, with the reason in its entry.
 */
#ifndef PERIGEE_POLICY_H
#define PERIGEE_POLICY_H

#include "profile/profile.h"

enum {
    POLICY_AOT_AT = 10000,     /* uses at which ahead-of-time code will be wanted (reserved) */
    POLICY_REST = 1 << 30,     /* budget of a function that nothing more is wanted of */
    POLICY_RECHECK = 256,      /* uses after which a waiting function is looked at again, at least ... */
    POLICY_RECHECK_MOST = 1 << 16, /* ... and at most: a running loop enters its code soon after that arrived */
    POLICY_PROFILE_USES = 100, /* uses in baseline code before the optimizing tier reads its profile, if thresholds leave as many ... */
    POLICY_PROFILE_US = 1500, /* ... and as long: the first uses are often all of one loop */
    POLICY_MAX_LOSSES = 6      /* losses of code of a tier after which it is given up */
};

/* Uses at which `tier` is wanted, without growth after losses. */
uint64_t policy_threshold(const Global *g, int tier);
/* Highest tier allowed in the state: by its options, unless it is switched off. */
int policy_max_tier(const Global *g);
/* The state's own copy of its options, made if all were at their defaults; NULL: no memory. */
struct Options *policy_own_options(lua_State *L);
/* The highest tier that the state and the host allow the function of e (NULL: not known yet). */
int policy_allowed(const Global *g, const TierEntry *e);
/* Did the host ask for that tier, so that cost and gain do not matter? */
bool policy_is_forced(const Global *g, const TierEntry *e, int tier);

/* Looks at a warm function whose budget is used up: updates uses, heat and wanted, sets the next budget.
 * now: the tier whose code p has (0: none). Returns the tier to be requested for p now, 0: none. Tiers are
 * requested in order; the caller then calls tier_queued. *entry (may be NULL): the entry, NULL if nothing is
 * wanted yet or there is no memory. Raises no error. */
int policy_hot(lua_State *L, Proto *p, int now, TierEntry **entry);
/* Code of `tier` was installed for p: sets the budget at which the next tier is wanted. */
void policy_installed(lua_State *L, Proto *p, int tier);
/* Baseline code of a function that may get no higher is made anew once, when it has recorded what the function does: may that be, is
 * it time, and when to look again. */
bool policy_may_renew(const Global *g, const TierEntry *e, int tier);
bool policy_renews(const Global *g, const TierEntry *e, uint64_t uses);
void policy_await_renewal(const Global *g, Proto *p);
/* The code that came did not fit what the function has become: the next attempt needs twice the uses. */
void policy_unsettled(TierEntry *e, int tier);
/* Code of `tier` of p is valid no more: counters restart, threshold grows, perhaps the tier is given up.
 * now: the tier of the code that remains. tier_code_gone is called here. */
void policy_lost(lua_State *L, Proto *p, int tier, int now, size_t code_bytes, DeoptReason reason);
/* What decides about p was changed, options of the state or its tier entry: it gets the budget that they imply. */
void policy_function_changed(lua_State *L, Proto *p);

/* Why a function that runs in `tier` is in no higher one, in a sentence without its full stop. Of all functions with the
 * same cause the same words, so that a report can group them. compilers: is there anybody to compile? */
void policy_why(const Global *g, const TierEntry *e, uint64_t uses, int tier, bool compilers, char *out, size_t size);

/* --- the cost model; the measurements behind its numbers are in policy.c --- */
/* CPU milliseconds that compiling is expected to take. */
double policy_cost_ms(int tier, uint32_t ninsns);
/* Nanoseconds that one use is expected to become faster by, from the tier below. */
double policy_gain_ns(int tier, uint32_t ninsns, uint32_t nloops);
/* Orders the queue: time recently spent in the function that the code would save, per ms, divided by
 * the cost in ms. now_ns: CLOCK_MONOTONIC; functions not looked at lately cool down. */
double policy_priority(const TierEntry *e, int tier, uint64_t now_ns);
/* Would the code pay for itself if the function is used as often again as it was so far? */
bool policy_pays(const TierEntry *e, int tier, uint64_t uses);
/* May a function of that size be compiled at all? NULL: yes, else the reason for tier_failed. */
const char *policy_refuses(int tier, uint32_t ninsns);
uint32_t policy_count_loops(const Proto *p);
uint64_t policy_now_ns(void);

#endif
