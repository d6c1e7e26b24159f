// SPDX-License-Identifier: MIT
/* Compilations in an ORC session: each is a materialization unit that defines one symbol, under a
 * resource tracker of its own. Looking the symbol up materializes the unit, that is compiles the
 * function; removing the tracker removes the symbol.
 *
 *     compile:  define unit ── lookup ── materialize ── job_run ── resolved, emitted ── address
 *     release:  remove tracker, host->unplace
 *
 * ORC manages and does not link: its own linkers take 10 kB and two mappings a function, the host's
 * loader 66 bytes and none. It costs some microseconds a function.
 *
 * Accidents (guard.c). One in job_run is the job's own: the unit fails, its symbol goes, the session
 * is whole; yet each leaks the job's memory, so that a few switch compiling off. One in ORC itself,
 * between the two guards, may have left a lock of the session taken: the session is never entered
 * again. The same holds for the first job of a tier, in which LLVM initialises what it keeps for the process.
 *
 * fork() during a compile is such an accident of the child, where the compiling thread is gone.
 */
#include "tiers/plugin/session.h"

#include <llvm-c/Error.h>
#include <llvm-c/Orc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "tiers/plugin/guard.h"
#include "tiers/plugin/llvm_cxx.h"
#include "tiers/plugin/target.h"

enum { MAX_ACCIDENTS = 4, RELEASES_PER_CLEANING = 256 };

/* JitResult.handle */
typedef struct Unit {
    LLVMOrcResourceTrackerRef tracker;
    const JitHost *host;
    void *placed;
} Unit;

static LLVMOrcExecutionSessionRef session;
static LLVMOrcJITDylibRef dylib;
static uint64_t nunits;    // makes symbols unique
static unsigned nreleased; // since dead names were last cleared
static unsigned naccidents;
static bool broken; // the session, or what LLVM keeps for the process
static bool warm[TIER_OPT + 1];
static volatile enum { IDLE, IN_SESSION, IN_JOB } stage; // of whoever holds the plugin's lock

static void fail(JitResult *r, const char *why) {
    snprintf(r->failure, sizeof r->failure, "%s", why);
}

static void fail_by(JitResult *r, LLVMErrorRef e) {
    char *text = LLVMGetErrorMessage(e);
    if (r->failure[0] == '\0') fail(r, text);
    LLVMDisposeErrorMessage(text);
}

/* --- the unit ------------------------------------------------------------------------------ */

static LLVMErrorRef announce(LLVMOrcMaterializationResponsibilityRef mr, const Job *j) {
    LLVMOrcCSymbolMapPair pair = {
        LLVMOrcExecutionSessionIntern(session, j->symbol),
        {(LLVMOrcExecutorAddress)(uintptr_t)j->code,
         {LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable, 0}}};
    LLVMErrorRef e = LLVMOrcMaterializationResponsibilityNotifyResolved(mr, &pair, 1);
    return e != LLVMErrorSuccess ? e
                                 : LLVMOrcMaterializationResponsibilityNotifyEmitted(mr, NULL, 0);
}

static void materialize(void *ud, LLVMOrcMaterializationResponsibilityRef mr) {
    Job *j = ud;
    stage = IN_JOB;
    if (!guard_run(job_run, j, j->r->failure, sizeof j->r->failure)) naccidents++;
    stage = IN_SESSION;
    bool done = false;
    if (j->code != NULL && j->r->failure[0] == '\0') {
        LLVMErrorRef e = announce(mr, j);
        done = e == LLVMErrorSuccess;
        if (!done) fail_by(j->r, e);
    }
    if (!done) LLVMOrcMaterializationResponsibilityFailMaterialization(mr);
    LLVMOrcDisposeMaterializationResponsibility(mr);
}

static void discard(void *ud, LLVMOrcJITDylibRef jd, LLVMOrcSymbolStringPoolEntryRef symbol) {
    (void)ud, (void)jd, (void)symbol; // symbols are unique: nothing overrides one
}

static void destroy(void *ud) { (void)ud; } // the job is the caller's

static LLVMErrorRef define(Job *j, LLVMOrcResourceTrackerRef tracker) {
    LLVMOrcCSymbolFlagsMapPair symbol = {
        LLVMOrcExecutionSessionIntern(session, j->symbol),
        {LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable, 0}};
    LLVMOrcMaterializationUnitRef unit = LLVMOrcCreateCustomMaterializationUnit(
        j->symbol, j, &symbol, 1, NULL, materialize, discard, destroy);
    LLVMErrorRef e = llvm_define(dylib, unit, tracker);
    if (e != LLVMErrorSuccess) LLVMOrcDisposeMaterializationUnit(unit);
    return e;
}

/* --- compile ------------------------------------------------------------------------------- */

static void on_lookup(LLVMErrorRef e, LLVMOrcCSymbolMapPairs pairs, size_t n, void *ud) {
    Job *j = ud;
    if (e != LLVMErrorSuccess)
        fail_by(j->r, e);
    else if (n == 1)
        j->r->code = (void *)(uintptr_t)pairs[0].Sym.Address;
}

// Tasks of the session run in place, so the function is compiled when this returns.
static void look_up(Job *j) {
    LLVMOrcCJITDylibSearchOrderElement where = {dylib, LLVMOrcJITDylibLookupFlagsMatchAllSymbols};
    LLVMOrcCLookupSetElement what = {LLVMOrcExecutionSessionIntern(session, j->symbol),
                                     LLVMOrcSymbolLookupFlagsRequiredSymbol};
    LLVMOrcExecutionSessionLookup(session, LLVMOrcLookupKindStatic, &where, 1, &what, 1, on_lookup,
                                  j);
}

typedef struct Compilation {
    Job *j;
    Unit *unit;
} Compilation;

static void remove_tracker(LLVMOrcResourceTrackerRef tracker) {
    LLVMErrorRef e = LLVMOrcResourceTrackerRemove(tracker);
    if (e != LLVMErrorSuccess) LLVMConsumeError(e);
    LLVMOrcReleaseResourceTracker(tracker);
}

static void compile(void *ud) {
    Compilation *c = ud;
    c->unit->tracker = LLVMOrcJITDylibCreateResourceTracker(dylib);
    LLVMErrorRef e = define(c->j, c->unit->tracker);
    if (e == LLVMErrorSuccess)
        look_up(c->j);
    else
        fail_by(c->j->r, e);
    if (c->j->r->code == NULL) remove_tracker(c->unit->tracker);
}

static void warm_up(void *ud) {
    Job *j = ud;
    target_warm_up(j->job->tier, j->emitter->pipeline, j->r->failure, sizeof j->r->failure);
}

// guard_run for what touches the session or warms LLVM up; an accident there breaks them for good.
static void run_in_session(void (*body)(void *), void *arg, char *why, size_t size) {
    stage = IN_SESSION;
    if (!guard_run(body, arg, why, size)) broken = true;
    stage = IDLE;
}

static bool prepare(Job *j) {
    if (broken || naccidents >= MAX_ACCIDENTS) {
        fail(j->r, broken ? "compiler broken by an earlier failure"
                          : "compiler off after repeated failures");
        return false;
    }
    if (!job_admit(j)) return false;
    if (warm[j->job->tier]) return true;
    run_in_session(warm_up, j, j->r->failure, sizeof j->r->failure);
    warm[j->job->tier] = !broken && j->r->failure[0] == '\0';
    return warm[j->job->tier];
}

static void undo(Job *j) {
    if (j->code != NULL) j->host->unplace(j->placed);
    free(j->r->entry_of);
    free(j->r->literals);
    j->r->code = NULL, j->r->entry_of = NULL, j->r->nentries = 0, j->r->code_bytes = 0;
    j->r->literals = NULL, j->r->nliterals = 0;
    if (j->r->failure[0] == '\0') fail(j->r, "failed for no reason given");
}

bool session_compile(Job *j) {
    char symbol[32];
    snprintf(symbol, sizeof symbol, "unit%llu", (unsigned long long)nunits++);
    j->symbol = symbol;
    if (!prepare(j)) return false;
    Unit *unit = malloc(sizeof *unit);
    if (unit == NULL) {
        fail(j->r, "not enough memory");
        return false;
    }
    run_in_session(compile, &(Compilation){j, unit}, j->r->failure, sizeof j->r->failure);
    if (broken || j->r->code == NULL) {
        undo(j);
        free(unit);
        return false;
    }
    unit->host = j->host, unit->placed = j->placed;
    j->r->handle = unit;
    return true;
}

/* --- release ------------------------------------------------------------------------------- */

static void forget(void *ud) {
    Unit *u = ud;
    remove_tracker(u->tracker);
    if (++nreleased < RELEASES_PER_CLEANING) return;
    nreleased = 0;
    LLVMOrcSymbolStringPoolClearDeadEntries(LLVMOrcExecutionSessionGetSymbolStringPool(session));
}

void session_release(void *handle) {
    Unit *u = handle;
    char why[64];
    if (!broken) run_in_session(forget, u, why, sizeof why);
    u->host->unplace(u->placed);
    free(u);
}

/* --- start --------------------------------------------------------------------------------- */

// Errors reach the job by its lookup; the session's default would print them.
static void swallow(void *ud, LLVMErrorRef e) {
    (void)ud;
    LLVMConsumeError(e);
}

void session_forked(void) {
    if (stage == IN_SESSION) broken = true;
    if (stage == IN_JOB) naccidents++;
    stage = IDLE;
}

bool session_start(char *err, size_t errlen) {
    LLVMErrorRef e;
    session = llvm_create_session(&e);
    if (session == NULL) {
        char *text = LLVMGetErrorMessage(e);
        snprintf(err, errlen, "%s", text);
        LLVMDisposeErrorMessage(text);
        return false;
    }
    LLVMOrcExecutionSessionSetErrorReporter(session, swallow, NULL);
    dylib = LLVMOrcExecutionSessionCreateBareJITDylib(session, "perigee");
    return true;
}
