// SPDX-License-Identifier: MIT
/* The engine: requests, queue, compile thread and installation of compiled code. It implements
 * PerigeeSeam (state/code.h) and is the one floor that sees all tiers.
 *
 *      state's thread                              compile thread (one a process)
 *      --------------                              ------------------------------
 *      hot(): counts reach a threshold
 *        request: Code with its stream,
 *        closed snapshot             ---- queue --->  best job first: plugin, LLVM
 *      hot() of any function         <-- mailbox ---  machine code, or why not
 *        installs what has arrived
 */
#ifndef PERIGEE_ENGINE_H
#define PERIGEE_ENGINE_H

#include "object/thread.h"
#include "profile/reasons.h"

enum { ENGINE_TIERS = 3 };      /* by TIER_ of base/options.h; [0] is unused */

/* How a request ends without code, one row each: the enumerator, its name for hosts (perigee_endname), and the
 * reason for the tier table, "" where the case has its own words. */
#define ENGINE_ENDS(END)                                                                          \
    END(NOT_ENDED, "compiled", "")                                                                \
    END(TOO_LARGE, "too large", "")                                                               \
    END(UNAVAILABLE, "no compilers", "")                                                          \
    END(COMPILER, "the compiler could not", "")                                                   \
    END(NO_MEMORY, "no memory", "no memory")                                                      \
    END(NO_THREAD, "no thread", "no compile thread")                                              \
    END(COLD, "cold", "cold: not used again while it waited")                                     \
    END(COLLECTED, "collected", "the function was collected")                                     \
    END(CALLEE_GONE, "callee collected", "a function inlined in it was collected")                \
    END(CACHES, "caches changed", "its inline caches changed while it was compiled")              \
    END(FORKED, "forked", "the process forked")                                                   \
    END(EXITING, "exiting", "the process is exiting")                                             \
    END(CLOSED, "closed", "the state was closed")                                                 \
    END(SWITCHED, "switched off", "switched off or capped while it waited")                       \
    END(REPLACED, "replaced", "the host had it compiled at once")                                 \
    END(OUTRUN, "baseline lost", "its baseline code was lost while it waited")                    \
    END(METERING, "limit set", "a limit of instructions was set or taken away")                   \
    END(CODE_LIMIT, "code limit", "limit of machine code reached")
typedef enum EngineEnd {
#define END_ENUM(id, name, reason) ENGINE_##id,
    ENGINE_ENDS(END_ENUM)
#undef END_ENUM
    ENGINE_END_COUNT
} EngineEnd;
extern const char *const engine_end_names[ENGINE_END_COUNT];

/* What happened, for the report. Numbers of one state. */
typedef struct EngineStats {
    struct {
        uint32_t requests;      /* by counts, or after many exits */
        uint32_t compiled;      /* installed */
        uint32_t failed;
        uint32_t dropped;       /* left the queue: cold, function or session gone */
        uint64_t code_bytes;    /* of machine code alive */
        uint64_t compile_ns;    /* CPU time of whoever compiled */
        uint64_t wait_ns, longest_wait_ns; /* from request to installation, without the compilation */
    } tier[ENGINE_TIERS];
    uint64_t ends[ENGINE_END_COUNT]; /* requests without code, by EngineEnd */
    uint64_t deopts[DEOPT_COUNT];    /* frames that left code at guards, and codes given up, by reason */
    uint64_t lost;              /* codes given up while their function lived */
    uint64_t released;          /* codes whose memory was given back */
    uint32_t waiting;           /* functions that a tier is wanted for now and whose code is not there */
    uint64_t start_ns;          /* CPU time of opening the plugin, if this state's job did that */
    const char *unavailable;    /* why nothing compiles; NULL: it does, or nobody asked yet */
    const char *llvm_version, *cpu; /* NULL: plugin not open */
    double cpus, share;         /* processors that may be used; compile time allowed per time of the main thread */
} EngineStats;

/* Where and why optimised code was left or given up, with how often. `expected` and `seen` are words, "" where there are none. */
enum { ENGINE_NO_OPCODE = 0xff };
typedef struct EngineSite {
    uint64_t key, id;           /* id: FunctionId */
    uint32_t pc, count;         /* count: 0: an empty row */
    int32_t line;               /* 0: unknown */
    uint8_t opcode;             /* ENGINE_NO_OPCODE: the code as a whole was given up */
    uint8_t reason;             /* DEOPT_ (profile/reasons.h) */
    char function[64];          /* "chunk:line" of its definition */
    char expected[100], seen[100];
} EngineSite;

/* One event, as --trace-tiers prints it. DEOPTIMISED: a frame left code at a guard; LOST: code was
 * given up, so that frames and calls leave it. `function` is "chunk:line"; strings live during the call. */
enum { ENGINE_REQUESTED, ENGINE_STARTED, ENGINE_INSTALLED, ENGINE_FAILED, ENGINE_DROPPED, ENGINE_DEOPTIMISED, ENGINE_LOST, ENGINE_EVENTS,
       /* for hosts only (perigee_listen) */ ENGINE_COMPILED = ENGINE_EVENTS, ENGINE_FREED };
typedef struct EngineEvent {
    int kind;
    int tier;
    const Proto *proto;         /* NULL: it is no more */
    uint64_t id;                /* FunctionId */
    const char *function;
    uint64_t counted;           /* its calls and loop iterations so far */
    const char *reason;         /* of a failure, drop, deoptimisation or loss; "" otherwise */
    const EngineSite *site;     /* of a deoptimisation; NULL: unknown */
    double milliseconds;        /* ENGINE_INSTALLED, ENGINE_FAILED: CPU time of the compilation */
    size_t code_bytes;
} EngineEvent;
typedef void (*EngineListener)(void *ud, Global *g, const EngineEvent *event);

/* The state's engine, made now if it has none but might; false: it is to have none, or has a host's, or functions are warm
 * already without what compilers need of them. Raises no error. */
bool engine_attach_late(lua_State *L);
/* Called when a state is made (api/newstate.c): sets Global.seam if its options allow a tier above
 * the interpreter. Opens nothing and starts no thread. Raises LUA_ERRMEM. */
void engine_attach(lua_State *L);
/* The rest is for the report; states without an engine (no tier allowed, a host's own compiler) give NULL or 0. */
const EngineStats *engine_stats(Global *g);
void engine_listen(Global *g, EngineListener f, void *ud);
/* Rows, some of them empty; *n: how many; *more: deoptimisations beyond the rows. NULL: none. */
const EngineSite *engine_sites(const Global *g, uint32_t *n, uint64_t *more);
/* Calls f for each call site of optimised functions, as of their newest compilation; only if the options ask for a report.
 * compiled: the function, as "chunk:line". */
struct JitDecision;
void engine_each_decision(const Global *g, void (*f)(void *ud, const char *compiled, const struct JitDecision *d), void *ud);

const char *engine_event_name(int kind);

#endif
