// SPDX-License-Identifier: MIT
/* LLVM ends the process when an allocation fails or something is fatally wrong; a compiler inside a
 * host may not. LLVM offers handlers for both, which must not return. Ours leave by longjmp to the
 * guard around the job.
 *
 *     guard_run ── body ── LLVM ── operator new ──> guard_leave
 *         ^                                             │
 *         └────────────────── longjmp ──────────────────┘
 *
 * No destructor runs on the way, so the job's memory leaks and LLVM's locks that it held stay taken.
 * Hence the rules: callers guard the long stretches, which hold no lock of other jobs (a module of
 * their own in a context of their own), apart from the short ones that do, and give up for good
 * after an accident in the latter or several in the former (session.c). Exceptions instead would run
 * destructors, but LLVM is built without them: unwinding would end in std::terminate.
 */
#include "tiers/plugin/guard.h"

#include <llvm-c/ErrorHandling.h>
#include <setjmp.h>
#include <stdio.h>

#include "tiers/plugin/llvm_cxx.h"

typedef struct Guard {
    jmp_buf left;
    struct Guard *outer;
    char *why;
    size_t size;
} Guard;

static _Thread_local Guard *innermost;

void guard_leave(const char *reason) {
    Guard *g = innermost;
    if (g == NULL) return;
    snprintf(g->why, g->size, "%s", reason);
    longjmp(g->left, 1);
}

bool guard_run(void (*body)(void *arg), void *arg, char *why, size_t size) {
    Guard g = {.outer = innermost, .why = why, .size = size};
    innermost = &g;
    bool whole = setjmp(g.left) == 0;
    if (whole) body(arg);
    innermost = g.outer;
    return whole;
}

void guard_install(void) {
    LLVMInstallFatalErrorHandler(guard_leave);
    llvm_catch_failed_allocations(guard_leave);
}
