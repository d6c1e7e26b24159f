// SPDX-License-Identifier: MIT
/* libperigee-jit.so: the compilers, with LLVM linked in statically and hidden, so that a host may
 * have another LLVM of its own. Exports one symbol, perigee_jit_open; everything else goes through
 * the tables of tiers/shared/jit.h.
 *
 * One mutex orders all use of LLVM here, whichever states and threads it comes from. The library is
 * never unloaded (linked with -z nodelete): LLVM keeps state for the process.
 */
#include <llvm-c/Core.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/options.h"
#include "perigee_build_id.h"
#include "tiers/plugin/guard.h"
#include "tiers/plugin/session.h"
#include "tiers/plugin/target.h"

// a plugin may lack a tier
#pragma weak baseline_emitter
#pragma weak optimizing_emitter
static const Emitter *const emitters[] = {
    [TIER_BASELINE] = &baseline_emitter,
    [TIER_OPT] = &optimizing_emitter,
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const JitHost *host; // NULL: not open

static double cpu_milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool plugin_compile(const JitJob *job, JitResult *r) {
    double begin = cpu_milliseconds();
    *r = (JitResult){0};
    const Emitter *emitter = emitters[job->tier];
    if (emitter == NULL) {
        snprintf(r->failure, sizeof r->failure, "no such tier in this build");
        return false;
    }
    pthread_mutex_lock(&lock);
    bool ok = session_compile(&(Job){.job = job, .r = r, .emitter = emitter, .host = host});
    pthread_mutex_unlock(&lock);
    r->milliseconds = cpu_milliseconds() - begin;
    return ok;
}

static void plugin_release(void *handle) {
    pthread_mutex_lock(&lock);
    session_release(handle);
    pthread_mutex_unlock(&lock);
}

static JitPlugin plugin = {
    .build_id = PERIGEE_BUILD_ID,
    .ends_quietly = true, // see __cxa_atexit below
    .compile = plugin_compile,
    .release = plugin_release,
};

/* Destructors of LLVM's static objects are never registered: they would run while the process exits,
 * some of them before any handler that could wait for a compilation in progress (objects that are
 * constructed at their first use are destroyed first). Nothing of theirs needs an end. Calls from
 * within this library find this definition instead of the C library's. */
int __cxa_atexit(void (*destroy)(void *), void *object, void *library);
int __cxa_atexit(void (*destroy)(void *), void *object, void *library) {
    (void)destroy, (void)object, (void)library;
    return 0;
}

/* --- opening ------------------------------------------------------------------------------- */

typedef struct Start {
    bool ok;
    char *err;
    size_t errlen;
} Start;

static void start(void *ud) {
    Start *s = ud;
    static char version[16];
    unsigned major, minor, patch;
    LLVMGetVersion(&major, &minor, &patch);
    snprintf(version, sizeof version, "%u.%u.%u", major, minor, patch);
    plugin.llvm_version = version;
    s->ok = target_start(s->err, s->errlen) && session_start(s->err, s->errlen);
    plugin.cpu = target_cpu();
}

// Whoever held the lock is not in the child.
static void forked(void) {
    pthread_mutex_init(&lock, NULL);
    session_forked();
}

// LLVM is started once; after a failure the plugin stays closed.
static const JitPlugin *open_once(const JitHost *h, char *err, size_t errlen) {
    static bool tried;
    if (host == h) return &plugin;
    if (tried) {
        snprintf(err, errlen,
                 host ? "serves another runtime in this process" : "failed to start before");
        return NULL;
    }
    tried = true;
    guard_install();
    Start s = {.err = err, .errlen = errlen};
    if (!guard_run(start, &s, err, errlen) || !s.ok) return NULL;
    if (pthread_atfork(NULL, NULL, forked) != 0) {
        snprintf(err, errlen, "not enough memory");
        return NULL;
    }
    host = h;
    return &plugin;
}

__attribute__((visibility("default"))) const JitPlugin *perigee_jit_open(const JitHost *h,
                                                                         char *err, size_t errlen);
const JitPlugin *perigee_jit_open(const JitHost *h, char *err, size_t errlen) {
    if (strcmp(h->build_id, PERIGEE_BUILD_ID) != 0) {
        snprintf(err, errlen, "built for %s, runtime is %s", PERIGEE_BUILD_ID, h->build_id);
        return NULL;
    }
    pthread_mutex_lock(&lock);
    const JitPlugin *opened = open_once(h, err, errlen);
    pthread_mutex_unlock(&lock);
    return opened;
}
