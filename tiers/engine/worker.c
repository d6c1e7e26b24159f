// SPDX-License-Identifier: MIT
/* The compile thread: one a process, made at the first request. It is the process's, not a state's:
 * it takes no signals, has a stack of its own size whatever the host's default is, and runs until
 * the process ends. The library that holds its code is pinned, so that a host may close it. */
#include <dlfcn.h>
#include <sched.h>
#include <signal.h>

#include "tiers/engine/engine_internal.h"

enum { STACK_BYTES = 16 << 20 }; /* LLVM recurses by the depth of expressions and loops */

static bool started; /* queue lock */

static void *work(void *ud) {
    (void)ud;
    pthread_setname_np(pthread_self(), "perigee-jit");
    queue_run();
}

/* Linux starts and wakes a thread on its maker's processor and leaves both there for tens of milliseconds, even if another is
 * idle: program and compilation then take turns. */
void worker_step_aside(int processor) {
    cpu_set_t allowed, others;
    if (processor < 0 || sched_getcpu() != processor || sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    others = allowed;
    CPU_CLR(processor, &others);
    if (CPU_COUNT(&others) == 0 || sched_setaffinity(0, sizeof others, &others) != 0) return;
    sched_setaffinity(0, sizeof allowed, &allowed); /* it is elsewhere now, and may go where it likes */
}

static void pin_library(void) {
    Dl_info info;
    if (dladdr((void *)(uintptr_t)&worker_start, &info) != 0 && info.dli_fname != NULL)
        (void)dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE); /* fails for the executable itself */
}

bool worker_start(void) {
    if (started) return true;
    pin_library();
    pthread_t thread;
    pthread_attr_t attr;
    sigset_t all, before;
    sigfillset(&all);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* inherited by the new thread */
    started = pthread_create(&thread, &attr, work, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return started;
}

void worker_forget(void) { started = false; }
