// SPDX-License-Identifier: MIT
/* See api/sampler.h. A sample is a read of Global.running and of the running frame:
 *
 *      Global.running --- collector, loading, compiling: that is it
 *      current thread -> ci -> C frame: C function, or the host if it is the base frame
 *                           -> Lua frame: func -> closure -> prototype; the stream that pc is in tells the tier
 *
 * The other thread goes on meanwhile and may free what a pointer leads to. So memory is read through the
 * kernel, which answers with an error where there is none, and what comes back is only compared:
 * an address counts when a living prototype with the same position has it at the end. A frame
 * record stays as it was until its depth is used again, so that what is read belongs together but
 * for the microseconds in which another function takes the same place.
 *
 * The times between samples are random: a program with a rhythm of its own is not met in step. */
#include "api/sampler.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/options.h"
#include "state/code.h"

struct Sampler {
    Global *g;
    pid_t pid;
    pthread_t thread;
    pthread_mutex_t lock;    /* of `stop` */
    pthread_cond_t wake;
    bool stop, joined;
    uint64_t random;
    Samples samples;
};

/* ---------------------------------------------------------------------------------- safe reading */

/* Memory of this process that may not be there (any more). */
static bool peek(const Sampler *s, const void *from, void *to, size_t size) {
    struct iovec local = {to, size}, remote = {(void *)(uintptr_t)from, size};
    return process_vm_readv(s->pid, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

#define PEEK(s, from, to) peek(s, from, to, sizeof *(to))

/* May the kernel be asked at all? Some sandboxes forbid it. */
static bool can_peek(const Sampler *s) {
    uint32_t running;
    return PEEK(s, (const void *)(uintptr_t)&s->g->running, &running);
}

/* ----------------------------------------------------------------------------------- one sample */

static FunctionSamples *row_of(Samples *s, const void *function) {
    size_t at = ((uintptr_t)function >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 52;
    _Static_assert(SAMPLED_FUNCTIONS == 1 << 12, "52 bits are shifted out");
    for (int n = 0; n < SAMPLED_FUNCTIONS; n++, at = (at + 1) % SAMPLED_FUNCTIONS)
        if (s->functions[at].function == function || s->functions[at].function == NULL) return &s->functions[at];
    return NULL;
}

static bool is_same(const FunctionSamples *a, const FunctionSamples *b) {
    return a->line == b->line && a->sizecode == b->sizecode && a->ordinal == b->ordinal;
}

const FunctionSamples *sampler_function(const Samples *s, const Proto *p) {
    const FunctionSamples *row = row_of((Samples *)(uintptr_t)s, p);
    if (row == NULL || row->function != p) return NULL;
    FunctionSamples now = {.line = p->linedefined, .sizecode = p->sizecode, .ordinal = p->ordinal};
    return is_same(row, &now) ? row : NULL;
}

/* Another function may have come to the address: only the last one can be told. */
static void note(Samples *s, FunctionSamples now, int state) {
    FunctionSamples *row = row_of(s, now.function);
    if (row == NULL) {
        s->nowhere++;
        return;
    }
    if (row->function == NULL || !is_same(row, &now)) *row = now;
    row->in[state]++;
}

static bool read_function(const Sampler *s, const TValue *func, const Proto **at, Proto *p) {
    LClosure closure;
    if (func->tag != TAG_LCL || !PEEK(s, as_lcl(func), &closure) || closure.tag != TAG_LCL) return false;
    *at = closure.p;
    return PEEK(s, closure.p, p) && p->tag == TAG_PROTO;
}

/* Which tier runs the frame: whose stream is pc in? Baseline code is left for single instructions
 * without a change of stream, but not without a word. */
static int tier_of(const Sampler *s, const Proto *p, const Insn *pc, uint32_t running) {
    enum { CODES = 16 };
    const Code *at = p->compiled;
    Code code;
    for (int n = 0; n < CODES && at != NULL && PEEK(s, at, &code); n++, at = code.older) {
        if (pc < code.stream || pc > code.stream + code.ninsns) continue;
        bool left = code.tier == TIER_BASELINE && running == RUN_INTERP;
        return left || code.state == CODE_INVALID ? RUN_INTERP : RUN_INTERP + code.tier;
    }
    return RUN_INTERP;
}

static int note_lua(Sampler *s, const TValue *func, const Insn *pc, uint32_t running) {
    Proto p;
    const Proto *at;
    if (!read_function(s, func, &at, &p)) {
        s->samples.nowhere++;
        return running <= RUN_OPT ? (int)running : RUN_INTERP;
    }
    int state = tier_of(s, &p, pc, running);
    FunctionSamples now = {.function = at, .line = p.linedefined, .sizecode = p.sizecode, .ordinal = p.ordinal};
    note(&s->samples, now, state);
    return state;
}

static void note_c(Sampler *s, const TValue *func) {
    CClosure closure;
    lua_CFunction f = NULL;
    if (func->tag == TAG_LCF)
        f = func->v.f;
    else if (func->tag == TAG_CCL && PEEK(s, as_ccl(func), &closure) && closure.tag == TAG_CCL)
        f = closure.f;
    if (f != NULL)
        note(&s->samples, (FunctionSamples){.function = (const void *)(uintptr_t)f, .is_c = true}, RUN_C);
    else
        s->samples.nowhere++;
}

static int look_at_frame(Sampler *s, uint32_t running) {
    Global *g = s->g;
    lua_State *L = g->current;
    const CallInfo *at;
    CallInfo ci;
    TValue func;
    if (L == NULL) L = g->mainthread;
    if (!PEEK(s, &L->ci, &at) || !PEEK(s, at, &ci) || !PEEK(s, ci.func, &func)) return RUN_STATES;
    if (at == &g->mainthread->base_ci) return RUN_HOST;
    if (!(ci.status & CI_C)) return note_lua(s, &func, ci.pc, running);
    note_c(s, &func);
    return RUN_C;
}

static void take_sample(Sampler *s) {
    uint32_t running = s->g->running;
    int state = running <= RUN_OPT ? look_at_frame(s, running) : (int)running;
    s->samples.total++;
    if (state < RUN_STATES)
        s->samples.in[state]++;
    else
        s->samples.unknown++;
}

/* ----------------------------------------------------------------------------------- the thread */

/* Half to one and a half periods; xorshift. */
static uint64_t next_wait(Sampler *s) {
    s->random ^= s->random << 13;
    s->random ^= s->random >> 7;
    s->random ^= s->random << 17;
    return SAMPLER_PERIOD_NS / 2 + s->random % SAMPLER_PERIOD_NS;
}

static struct timespec after(uint64_t ns) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t sum = (uint64_t)t.tv_nsec + ns;
    return (struct timespec){t.tv_sec + (time_t)(sum / 1000000000u), (long)(sum % 1000000000u)};
}

static void *run(void *ud) {
    Sampler *s = ud;
    pthread_mutex_lock(&s->lock);
    while (!s->stop) {
        struct timespec until = after(next_wait(s));
        if (pthread_cond_timedwait(&s->wake, &s->lock, &until) == ETIMEDOUT && !s->stop) take_sample(s);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* With all signals blocked: they are for the program's threads. */
static bool start_thread(Sampler *s) {
    sigset_t all, before;
    pthread_attr_t attributes;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(&s->thread, &attributes, run, s) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (ok) pthread_setname_np(s->thread, "perigee-sampler");
    return ok;
}

Sampler *sampler_start(Global *g) {
    Sampler *s = calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&s->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&s->lock, NULL);
    s->g = g;
    s->pid = getpid();
    s->random = (uintptr_t)s | 1;
    s->joined = true;
    if (!can_peek(s))
        s->samples.failure = "the system forbids reading memory through the kernel";
    else if (!start_thread(s))
        s->samples.failure = "the system has no thread for the sampler";
    else
        s->joined = false;
    return s;
}

const Samples *sampler_stop(Sampler *s) {
    if (s->pid != getpid() && !s->joined) { /* the child of a fork has no such thread, and perhaps a locked mutex */
        s->samples.failure = "sampled until the process was forked";
        s->joined = true;
    }
    if (!s->joined) {
        pthread_mutex_lock(&s->lock);
        s->stop = true;
        pthread_cond_signal(&s->wake);
        pthread_mutex_unlock(&s->lock);
        pthread_join(s->thread, NULL);
        s->joined = true;
    }
    return &s->samples;
}

void sampler_free(Sampler *s) {
    if (s == NULL) return;
    sampler_stop(s);
    free(s);
}
