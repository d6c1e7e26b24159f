// SPDX-License-Identifier: MIT
/* The tier table of a state: what is known of each function that was ever wanted in a higher tier,
 * by FunctionId.
 *
 *    tier table: id -> TierEntry                       living functions (Proto) with that id, mostly one
 *    +----------------------------------+              +------------------------------------+
 *    | wanted   by uses (policy)        |  <- - - - -  | id, budget, armed                  |
 *    | tier     = highest t with        |              | compiled: codes of this function   |
 *    |            in[t].installed > 0   |              +------------------------------------+
 *    | in[1], in[2]: request state,     |
 *    |    installed, costs, reason      |
 *    | deoptimisations by reason        |
 *    +----------------------------------+
 *
 * Invariants, kept by the functions below, which alone write these fields (tier_entry_check states
 * them):
 *   - tier == t > 0  if and only if  compiled code of tier t is installed in a living function and none of a higher tier
 *   - the tier only rises, except through tier_code_gone (deoptimisation, invalidation, the function's death)
 *   - request and installed are independent: a second copy of the function may wait while the first runs compiled
 *   - a request ends in exactly one of installed, failed, dropped, and the last two carry a reason
 *   - wanted never falls below tier; it falls only when the policy restarts the counters
 *
 * Entries have fixed addresses. Those whose functions are all dead are kept for the report, up to
 * TIER_DEAD_MAX of them; beyond, the least used are summed up in TierTable.forgotten. Those that the
 * host capped or forced are kept: the function may be loaded again.
 */
#ifndef PERIGEE_TIER_TABLE_H
#define PERIGEE_TIER_TABLE_H

#include "profile/function_id.h"
#include "profile/reasons.h"

enum { TIERS = 3, TIER_DEAD_MAX = 4096 }; /* TIER_INTERP, TIER_BASELINE, TIER_OPT (base/options.h) */

/* State of the last request for a tier. */
typedef enum RequestState {
    REQUEST_NONE,      /* never asked, or what was asked for is installed, or may be asked again */
    REQUEST_QUEUED,
    REQUEST_COMPILING,
    REQUEST_FAILED,    /* the compiler could not; reason says why. Final */
    REQUEST_DROPPED,   /* left the queue, or given up after too many deoptimisations; reason says why */
    REQUEST_STATES
} RequestState;
extern const char *const request_names[REQUEST_STATES];
extern const char *const tier_names[TIERS]; /* as hosts see them */

typedef struct TierRecord {
    uint8_t request;      /* RequestState */
    uint8_t backoff;      /* the threshold is doubled that often (policy) */
    uint8_t unsettled;    /* compilations in a row that did not fit what the function had become */
    uint16_t failures;
    uint32_t installed;   /* living functions that run compiled in this tier */
    uint32_t compiles;    /* installed ever */
    uint32_t requests;    /* asked for ever */
    uint64_t code_bytes;  /* of the code installed now */
    uint64_t installed_ns; /* when code of it was installed last */
    double compile_ms, wait_ms; /* sums: CPU of the compile thread, wall time in the queue */
    uint64_t queued_at;   /* ns, CLOCK_MONOTONIC */
    char reason[80];      /* of the last failure, drop or loss of code; "" */
} TierRecord;

typedef struct TierEntry {
    FunctionId id;
    uint8_t tier;         /* installed: highest tier that a living function of this id runs in */
    uint8_t wanted;       /* by uses; what stands between is the cost model's queue */
    uint8_t given_up;     /* tiers that will not be asked for any more: bit t */
    uint8_t cap;          /* highest tier that the host allows it; TIER_OPT unless told otherwise */
    int8_t forced;        /* the tier that the host wants it in, whatever its uses; TIER_FREE: none */
    uint32_t living;      /* prototypes with this id alive that were looked at */
    uint32_t deaths;      /* ... that died: the function is loaded again and again */
    TierRecord in[TIERS]; /* [TIER_INTERP] unused */
    uint64_t settled;     /* uses of functions that died and of earlier counting periods; add proto_uses of the living */
    uint64_t last_uses, last_ns; /* heat: uses and time at the last look */
    uint64_t look_after;  /* uses from then to the next look */
    double rate;          /* uses per ms, smoothed */
    uint32_t deopts[DEOPT_COUNT];
    uint32_t ninsns, nloops;
    int32_t line;
    char label[64];       /* "chunk:line" */
} TierEntry;

typedef struct TierTotals { /* of entries that were forgotten */
    uint32_t functions;
    uint64_t uses;
    uint32_t compiles[TIERS], failures[TIERS];
    double compile_ms[TIERS];
    uint64_t deopts;
} TierTotals;

typedef struct TierTable {
    TierEntry **slots;     /* open addressing by id; raw block, NULL: free */
    uint32_t capacity, count;
    uint32_t dead;         /* entries with living == 0 */
    TierTotals forgotten;
} TierTable;

/* The entry of p's function, made if there is none; p is counted among its living. NULL: no memory.
 * Raises no error. */
TierEntry *tier_entry_of(lua_State *L, Proto *p);
/* NULL: none. */
TierEntry *tier_entry_find(const Global *g, FunctionId id);
/* Entry of p if it was ever made, without making it. */
TierEntry *tier_entry_peek(const Global *g, const Proto *p);
/* How often p was used so far, with what was counted of its function before (e: its entry, or NULL). */
static inline uint64_t tier_uses(const Proto *p, const TierEntry *e) { return proto_uses(p) + (e != NULL ? e->settled : 0); }
/* Calls f for each entry, in no particular order. f may not add entries. */
void tier_table_each(const Global *g, void (*f)(void *ud, TierEntry *e), void *ud);

/* --- changes of state;
 * each checks that it is legal; if not, it changes nothing, and checking builds
 * (PERIGEE_CHECKS) abort with a message --- */
void tier_wanted(TierEntry *e, int tier);                          /* raises wanted */
bool tier_queued(TierEntry *e, int tier);                          /* NONE, DROPPED -> QUEUED; false: refused (pending, failed or given up) */
void tier_compiling(TierEntry *e, int tier);                       /* QUEUED -> COMPILING */
void tier_failed(TierEntry *e, int tier, const char *why);         /* QUEUED, COMPILING -> FAILED; given up */
void tier_dropped(TierEntry *e, int tier, const char *why);        /* QUEUED, COMPILING -> DROPPED; may be asked again */
void tier_installed(TierEntry *e, int tier, double ms, size_t code_bytes); /* COMPILING -> NONE */
/* Code of a living function is valid no more. `reason` counts as a deoptimisation unless it is
 * DEOPT_COUNT (the function died). */
void tier_code_gone(TierEntry *e, int tier, size_t code_bytes, DeoptReason reason);
/* A guard failed and the frame goes on below; the code stays. */
void tier_deoptimised(TierEntry *e, DeoptReason reason, uint32_t times);
/* A new counting period begins: `uses` are settled, wanted falls to tier. */
void tier_restart(TierEntry *e, uint64_t uses);
void tier_give_up(TierEntry *e, int tier, const char *why);        /* no more requests; what is installed stays */
/* The host asks anew: a failure, or losses of code, are held against the function no more. */
void tier_forgive(TierEntry *e, int tier);

static inline bool tier_is_pending(const TierEntry *e, int tier) {
    return e->in[tier].request == REQUEST_QUEUED || e->in[tier].request == REQUEST_COMPILING;
}
/* "none", "queued", "compiling", "installed", "failed", "dropped" */
const char *tier_state_name(const TierEntry *e, int tier);
uint64_t tier_entry_deopts(const TierEntry *e);
/* The invariants above; NULL: they hold, else which one does not. */
const char *tier_entry_check(const TierEntry *e);

/* The entry forgets a prototype that dies. */
void tier_proto_dies(Global *g, Proto *p);
void tier_table_clear(lua_State *L); /* frees all; no prototype alive may be counted, or the state closes */

#endif
