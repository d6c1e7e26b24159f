// SPDX-License-Identifier: MIT
/* What the files of the engine share.
 *
 * Who owns what
 *   Engine, Function   the state: only its own thread looks at them, but for the fields marked `lock`
 *   Job                the state until queue_submit and after mailbox_take; in between the queue.
 *                      A job whose function or state is gone while it is being compiled is the
 *                      compile thread's to free
 *   Code               the state, always: the compile thread knows its addresses as numbers only
 *
 * Locks. `queue lock`: the list of jobs and the mailboxes; held for a few instructions. `compile lock`: whoever is inside the plugin; held for the length of a compilation.
 * A thread that holds the compile lock may take the queue lock, not the other way round. No state's
 * thread waits for the compile lock, except to compile in place (--jit-sync).
 */
#ifndef PERIGEE_ENGINE_INTERNAL_H
#define PERIGEE_ENGINE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/options.h"
#include "perigee.h"
#include "profile/policy.h"
#include "sem/quicken.h"
#include "state/code.h"
#include "tiers/engine/engine.h"
#include "tiers/shared/jit.h"

typedef struct Engine Engine;
typedef struct Function Function;
typedef struct Job Job;

/* --- jobs --- */
enum { JOB_QUEUED, JOB_RUNNING, JOB_DONE };
struct Job {
    Job *next;               /* in the queue or mailbox */
    Engine *engine;          /* lock; NULL: detached */
    Function *function;      /* the state's; the compile thread does not look into it */
    Code *code;              /* likewise */
    JitJob jit;
    JitResult result;
    double value;            /* lock; policy_priority when it was last confirmed, at ... */
    uint64_t touched_ns;     /* lock; ... it fades from then on */
    int processor;           /* lock; where the state's thread was then */
    uint64_t submitted_ns;
    uint64_t estimate_ns;    /* what the compilation was expected to cost */
    uint64_t compile_ns;     /* what it cost, in CPU time ... */
    uint64_t compile_wall_ns; /* ... and in real time */
    uint64_t start_ns;       /* CPU time of opening the plugin, when this job did that */
    _Atomic uint8_t state;   /* lock to write; JOB_ */
    bool unavailable;        /* failed since there is no plugin */
    EngineEnd dropped;       /* not compiled: why; ENGINE_NOT_ENDED: it was tried */
    void *arena;             /* the snapshot */
};

/* --- a prototype with a request or with code that depends on it (functions.c) --- */
struct Function {
    Function *next;          /* of the bucket */
    Proto *proto;
    TierEntry *entry;
    int tier;                /* requested; 0: none */
    bool compiling;          /* tier_compiling was called for the request */
    uint64_t requested_ns, looked_ns;
    Job *job;                /* the request's, once it was submitted */
    struct Dependent *dependents; /* codes that have this function inlined, or jobs for such */
};

/* Code, installed or to be, that relies on the prototype in whose list this stands. */
typedef struct Dependent {
    struct Dependent *next;
    Code *code;
} Dependent;

/* Code.handle: what only the engine knows of code. */
typedef struct CodeInfo {
    void *machine;           /* the plugin's handle; NULL: none yet */
    bool gone;               /* its loss is in the tier table */
    struct Code *next;       /* among those that rely on lookups */
    Reliance *relies;        /* on these; NULL: on none */
    uint32_t nrelies;
    uint32_t ncallees;
    Proto *callees[];        /* prototypes that it has inlined: each lists it as a dependent */
} CodeInfo;
static inline CodeInfo *code_info(const Code *c) { return c->handle; }

/* --- cost model (budget.c) --- */
typedef struct Budget {
    double cpus;             /* processors this process may use; fractions by cgroup quota */
    uint64_t read_ns;        /* when `cpus` was read; 0: never */
    uint64_t looked_ns;      /* when times were last read */
    uint64_t own_ns;         /* CPU time of the state's threads since the first request */
    uint64_t thread_ns;      /* thread clock at the last reading ... */
    pthread_t thread;        /* ... of this thread */
    bool counting;
    bool contended;          /* other programs use all processors */
    double crowd;            /* ... share of samples in which they did, the latest count most */
    uint64_t sampled_ns;     /* when the last was taken; 0: never */
    uint64_t charged_ns;     /* CPU time of compilations */
    uint64_t pending_ns;     /* estimates of jobs submitted */
    uint32_t pending;        /* their number */
    double busy;             /* CPU time per real time of the compile thread, averaged: low when processors are short */
} Budget;

/* Machine code whose function died. A tail call may still be on its way out of it, so that it is
 * freed at the state's next look only. */
typedef struct Retired {
    struct RetiredCode {
        void *machine;
        uint64_t id;         /* of its function */
        size_t bytes;
        int tier;
    } *codes;
    uint32_t count, capacity;
} Retired;

/* What became of the calls of a function in its newest compilation. */
typedef struct Decided {
    struct Decided *next;
    FunctionId id;
    char compiled[64];       /* its label */
    uint32_t count;
    JitDecision *rows;
} Decided;

/* Where optimised code was left (sites.c): hashed by key, at most half full. */
enum { MAX_SITES = 2048 };
typedef struct Sites {
    EngineSite *rows;        /* NULL: none yet */
    uint32_t count;
    uint64_t more;           /* deoptimisations that found no row */
} Sites;

/* --- a state's engine --- */
struct Engine {
    PerigeeSeam seam;
    Global *g;
    _Atomic(Job *) mail;     /* lock to write: finished jobs, newest first */
    bool sync;
    char dump[64];           /* representations to be dumped, as JitJob.dump; "": none */
    const char *dump_of;     /* ... of functions whose label contains this */
    Budget budget;
    EngineStats stats;
    EngineListener listener;
    void *listener_ud;
    EngineListener host;     /* passes events on to host_listener; NULL: there is none */
    perigee_Listener host_listener;
    void *host_ud;
    bool telling;            /* a listener runs: nothing may be changed meanwhile */
    EngineEnd last_end;      /* of the last request that ended without code */
    EngineStats base;        /* counts when the host last reset them */
    uint64_t base_uses;
    Function **buckets;
    uint32_t nbuckets, nfunctions;
    uint64_t swept_ns;       /* when cold requests were last looked for */
    Retired retired;
    Code *reliant;           /* installed codes that rely on lookups through metatables, by CodeInfo.next */
    Sites sites;
    Decided *decided;
};
static inline Engine *engine_of(const Global *g) { return g->seam->ud; }

/* --- functions.c --- */
Function *function_find(Engine *e, const Proto *p);
Function *function_get(Engine *e, Proto *p);    /* found or made; NULL: no memory */
void function_tidy(Engine *e, Function *f);     /* frees it when nothing is known of it any more */
void function_remove(Engine *e, Function *f);
Function *function_requesting(const Engine *e, const TierEntry *entry, int tier); /* any with that request; NULL: none */
void function_each(Engine *e, void (*f)(Engine *e, Function *f));
Function *function_requested(const Engine *e);  /* any that has a request; NULL: none */
void functions_free(Engine *e);

/* --- engine.c --- */
Engine *engine_own(const Global *g);           /* NULL: none, or a host's */
void engine_event(Engine *e, const Proto *p, int kind, int tier, const char *reason, const Job *job);
void engine_tell_host(Engine *e, const EngineEvent *event);
/* The tier of p's newest valid code; what was invalidated behind the engine's back is accounted for. */
int engine_tier_now(lua_State *L, Proto *p);

size_t engine_code_bytes(const Global *g);      /* machine code of the state's functions */

/* --- reliance.c --- */
/* Before optimised code is installed: do the lookups hold that it was compiled for? They are watched then. */
bool reliance_begin(Engine *e, Code *code, const JitFunction *const *functions, Proto *const *protos, uint32_t n);
void reliance_end(Engine *e, Code *code);
void reliance_fired(Global *g);                  /* Global.lookups_fired */
bool reliance_holds(lua_State *L, Code *code);   /* PerigeeSeam.still_holds */

/* --- sites.c --- */
/* A frame left at exit x, for that reason; L->ci is the innermost frame. The row; NULL: no room. */
const EngineSite *site_note(lua_State *L, Engine *e, const CodeExit *x, unsigned reason);
void site_note_loss(Engine *e, const TierEntry *entry, int32_t line, unsigned reason);
void decisions_keep(Engine *e, const TierEntry *entry, JitResult *r); /* takes them over */
void sites_free(Engine *e);

/* --- requests.c --- */
void request_make(Engine *e, Proto *p, TierEntry *entry, int tier);
void request_consider(lua_State *L, Engine *e, Function *f); /* p was hot: submits, or confirms, its request */
void request_abandon(Engine *e, Function *f, EngineEnd end); /* its function dies, or nobody uses it */
void request_compile_now(lua_State *L, Engine *e, Function *f); /* a request without a job, in place; it has ended then */
void requests_finish(lua_State *L, Engine *e); /* takes what has arrived in the mailbox */

/* --- codes.c --- */
/* A record for a compilation, with its job; NULL: no memory. */
Job *code_begin(lua_State *L, Engine *e, Function *f);
void code_drop(Engine *e, Code *code);          /* never installed */
void code_retire(Engine *e, Code *code);        /* its function dies */
void code_superseded(Engine *e, Code *code);
void code_lost(lua_State *L, Engine *e, Code *code, DeoptReason reason); /* invalidates it */
void codes_depend_on(Engine *e, Function *f, DeoptReason reason); /* f dies, or may not run compiled: what has it inlined is lost */
void retired_release(Engine *e);

/* --- dump.c --- */
void dump_options(Engine *e, const char *list);
/* Dumps what the state's thread can; returns what is left to the plugin, NULL: nothing. */
const char *dump_function(Engine *e, const Function *f);
void dump_literals(lua_State *L, const Function *f, const Job *job); /* of code about to be installed */

/* --- snapshot.c --- */
/* A job for f with everything that the compiler reads; NULL: no memory. code: record of the compilation,
 * which gets its CodeInfo. */
Job *job_new(Engine *e, Function *f, Code *code);
/* Before optimised code is installed: do the cells still say what it was compiled for? Then all that it names
 * is alive, and is kept so. False: the code must not run. */
bool job_settle(lua_State *L, const Job *job);
bool job_is_early(Engine *e, const Job *job); /* soon more will be known of the functions called */
void job_free(Job *job); /* not its code, nor machine code */

/* --- queue.c --- */
bool queue_submit(Job *job);             /* false: there can be no compile thread */
void queue_touch(Job *job, double value); /* its function was hot again */
bool queue_withdraw(Job *job);           /* frees it if nobody has begun with it */
void queue_cancel(Job *job);             /* function or state dies: frees the job, now or when its compilation ends */
Job *mailbox_take(Engine *e);            /* list of finished jobs, oldest first; NULL: none */
void queue_compile_here(Job *job);       /* --jit-sync */
void queue_release(void *handle);        /* frees machine code, now or soon */

_Noreturn void queue_run(void);          /* what the compile thread does */

/* --- worker.c, plugin_loader.c --- */
bool worker_start(void);                 /* queue lock held; unless it runs. false: the system has no thread for us */
void worker_step_aside(int processor);   /* the compile thread goes to another one, if it is on this; -1: unknown */
void worker_forget(void);                /* in the child of a fork: there is none */
const JitPlugin *plugin_open(void);      /* compile lock held; NULL: plugin_failure() says why */
const JitPlugin *plugin_ready(void);     /* any thread; NULL: not open */
const char *plugin_failure(void);        /* any thread; NULL: none so far */
void plugin_abandon(void);               /* in the child of a fork amid a compilation */

static inline uint64_t clock_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* --- budget.c --- */
void budget_look(Budget *b);             /* brings its times up to date */
bool budget_affords(const Engine *e, const Function *f); /* may f's request be compiled now? */
void budget_submitted(Budget *b, Job *job);
void budget_returned(Budget *b, const Job *job);  /* compiled or dropped */
void budget_withdrawn(Budget *b, uint64_t estimate_ns); /* a job of that estimate is cancelled */
double budget_share(const Budget *b);

#endif
