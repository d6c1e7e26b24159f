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

enum { ENGINE_TIERS = 3 };      /* by TIER_ of base/options.h; [0] is unused */

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
    uint32_t waiting;           /* functions that a tier is wanted for now and whose code is not there */
    uint64_t start_ns;          /* CPU time of opening the plugin, if this state's job did that */
    const char *unavailable;    /* why nothing compiles; NULL: it does, or nobody asked yet */
    const char *llvm_version, *cpu; /* NULL: plugin not open */
    double cpus, share;         /* processors that may be used; compile time allowed per time of the main thread */
} EngineStats;

/* One event, as --trace-tiers prints it. DEOPTIMISED: a frame left code at a guard; LOST: code was
 * given up, so that frames and calls leave it. `function` is "chunk:line"; strings live during the call. */
enum { ENGINE_REQUESTED, ENGINE_STARTED, ENGINE_INSTALLED, ENGINE_FAILED, ENGINE_DROPPED, ENGINE_DEOPTIMISED, ENGINE_LOST, ENGINE_EVENTS };
typedef struct EngineEvent {
    int kind;
    int tier;
    const Proto *proto;
    const char *function;
    uint64_t counted;           /* its calls and loop iterations so far */
    const char *reason;         /* of a failure, drop, deoptimisation or loss; "" otherwise */
    double milliseconds;        /* ENGINE_INSTALLED, ENGINE_FAILED: CPU time of the compilation */
    size_t code_bytes;
} EngineEvent;
typedef void (*EngineListener)(void *ud, Global *g, const EngineEvent *event);

/* Called when a state is made (api/newstate.c): sets Global.seam if its options allow a tier above
 * the interpreter. Opens nothing and starts no thread. Raises LUA_ERRMEM. */
void engine_attach(lua_State *L);
/* The rest is for the report; states without an engine (no tier allowed, a host's own compiler) give NULL or 0. */
const EngineStats *engine_stats(Global *g);
void engine_listen(Global *g, EngineListener f, void *ud);

const char *engine_event_name(int kind);

#endif
