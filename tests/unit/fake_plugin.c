// SPDX-License-Identifier: MIT
/* See fake_plugin.h. Its code has no entries, so that functions stay interpreted while everything
 * else is as if they were compiled. Leaving the process amid a compilation ends it with status 42. */
#include "fake_plugin.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "perigee_build_id.h"
#include "tiers/shared/jit.h"

__attribute__((visibility("default"))) FakePlugin fake_plugin;

static void note_thread(void) {
    sigset_t blocked;
    pthread_attr_t attr;
    size_t stack = 0;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    if (!sigismember(&blocked, SIGINT) || !sigismember(&blocked, SIGPROF)) fake_plugin.signals_open = 1;
    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
        pthread_attr_getstacksize(&attr, &stack);
        pthread_attr_destroy(&attr);
    }
    fake_plugin.stack_bytes = (long)stack;
}

static int count_callees(const JitFunction *f) {
    int n = 0;
    for (uint32_t c = 0; f->callees != NULL && c < f->ncells; c++) n += f->callees[c] != NULL;
    return n;
}

/* Reads everything that a snapshot has, for the sanitizers. */
static uint64_t digest(const JitFunction *f) {
    uint64_t sum = strlen(f->name);
    for (uint32_t n = 0; n < f->ninsns; n++) {
        sum += f->code[n] ^ f->quick[n];
        if (f->seen != NULL) sum += f->seen[n][0] + f->seen[n][SEEN_WIDTH - 1];
        if (f->lines != NULL) sum += (uint64_t)f->lines[n];
    }
    for (unsigned n = 0; n < f->maxstack; n++) sum += f->captured[n];
    for (uint32_t n = 0; n < f->nk; n++) sum += f->k[n].tag;
    for (uint32_t n = 0; n < f->ncells; n++) {
        sum += f->cells[n].kind;
        for (int e = 0; f->cells[n].kind == CELL_POLY && e < POLY_MAX; e++) sum += f->cells[n].u.poly[e].kind;
    }
    return sum;
}

static bool fake_compile(const JitJob *job, JitResult *r) {
    static const _Alignas(16) char code[16];
    struct timespec delay = {fake_plugin.delay_ms / 1000, fake_plugin.delay_ms % 1000 * 1000000L};
    fake_plugin.running++;
    note_thread();
    fake_plugin.digest += (long)digest(job->function);
    int callees = count_callees(job->function);
    if (callees > fake_plugin.most_callees) fake_plugin.most_callees = callees;
    if (fake_plugin.delay_ms > 0) nanosleep(&delay, NULL);
    bool ok = !fake_plugin.fail;
    if (ok) {
        r->code = (void *)(uintptr_t)code;
        r->code_bytes = 100;
        r->handle = malloc(8);
        r->entry_of = malloc(job->function->ninsns * sizeof(uint16_t));
        memset(r->entry_of, 0xff, job->function->ninsns * sizeof(uint16_t));
    } else {
        snprintf(r->failure, sizeof r->failure, "told to fail");
    }
    fake_plugin.compiles++;
    fake_plugin.running--;
    return ok;
}

static void fake_release(void *handle) {
    fake_plugin.releases++;
    free(handle);
}

static JitPlugin plugin = {.llvm_version = "0", .cpu = "none", .compile = fake_compile, .release = fake_release};

__attribute__((visibility("default"))) const JitPlugin *perigee_jit_open(const JitHost *host, char *err, size_t errlen);
const JitPlugin *perigee_jit_open(const JitHost *host, char *err, size_t errlen) {
    const char *id = getenv("FAKE_BUILD_ID");
    plugin.build_id = id != NULL ? id : PERIGEE_BUILD_ID;
    fake_plugin.opened++;
    fake_plugin.running = 0; /* after a fork */
    if (strcmp(host->build_id, PERIGEE_BUILD_ID) == 0) return &plugin;
    snprintf(err, errlen, "host is another");
    return NULL;
}

__attribute__((destructor)) static void leave(void) {
    if (fake_plugin.running > 0) _exit(42);
}
