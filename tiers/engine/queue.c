// SPDX-License-Identifier: MIT
/* The process's queue of compile jobs and the mailboxes by which they come back.
 *
 * A job is in one place at a time: in the queue, with the compile thread, or in its state's mailbox.
 * The compile thread takes the most valuable one, where value fades with the time since the
 * function was last seen hot; jobs that stayed too long without it are sent back uncompiled.
 * Whoever cancels a job finds it in the queue or the mailbox and takes it out; one that is being
 * compiled is detached, and the compile thread throws its result away.
 *
 * fork: the child has the queue of its parent but not its compile thread. Jobs go back to their
 * states as dropped, including the one that was being compiled; installed code stays valid.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tiers/engine/engine_internal.h"

enum { COLD_NS = 400 * 1000 * 1000, FADE_NS = 50 * 1000 * 1000 };

static struct {
    pthread_mutex_t lock;    /* queue lock */
    pthread_mutex_t compile; /* compile lock */
    pthread_cond_t work;
    Job *jobs;               /* no order: few, and their values fade */
    Job *running;
    void **garbage;          /* machine code to be freed by whoever has the compile lock */
    size_t ngarbage, capgarbage;
    atomic_bool leaving;     /* the process exits: nothing enters the plugin any more */
    bool compiling;          /* compile lock held, by ... */
    pthread_t compiler;
    pthread_once_t once;
} q = {.lock = PTHREAD_MUTEX_INITIALIZER, .compile = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER, .once = PTHREAD_ONCE_INIT};

static void watch_forks(void);
static void watch_exit(void);

/* ------------------------------------------------------------------------------- compile lock */

/* Machine code that was retired while a compilation ran. */
static void free_garbage(void) {
    for (;;) {
        pthread_mutex_lock(&q.lock);
        void *handle = q.ngarbage > 0 && !q.leaving ? q.garbage[--q.ngarbage] : NULL;
        pthread_mutex_unlock(&q.lock);
        if (handle == NULL) return;
        plugin_ready()->release(handle);
    }
}

static void set_compiling(bool on) {
    pthread_mutex_lock(&q.lock);
    q.compiling = on;
    q.compiler = pthread_self();
    pthread_mutex_unlock(&q.lock);
}

static void compile_enter(void) {
    pthread_once(&q.once, watch_forks);
    pthread_mutex_lock(&q.compile);
    set_compiling(true);
}

static void compile_leave(void) {
    free_garbage();
    set_compiling(false);
    pthread_mutex_unlock(&q.compile);
}

void queue_release(void *handle) {
    pthread_mutex_lock(&q.lock);
    if (q.ngarbage == q.capgarbage) {
        size_t cap = q.capgarbage > 0 ? 2 * q.capgarbage : 64;
        void **more = realloc(q.garbage, cap * sizeof(void *));
        if (more != NULL) q.garbage = more, q.capgarbage = cap;
    }
    if (q.ngarbage < q.capgarbage) q.garbage[q.ngarbage++] = handle; /* else it leaks */
    pthread_mutex_unlock(&q.lock);
    if (pthread_mutex_trylock(&q.compile) != 0) return; /* who has it frees the code when leaving, or the next one does */
    set_compiling(true);
    compile_leave();
}

/* ------------------------------------------------------------------------------------- compiling */

static void compile(Job *job) {
    uint64_t cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID), wall = clock_ns(CLOCK_MONOTONIC);
    const JitPlugin *plugin = plugin_ready();
    if (plugin == NULL && (plugin = plugin_open()) != NULL) {
        uint64_t opened = clock_ns(CLOCK_THREAD_CPUTIME_ID);
        watch_exit();
        job->start_ns = opened - cpu;
        cpu = opened;
        wall = clock_ns(CLOCK_MONOTONIC);
    }
    if (plugin == NULL) {
        job->unavailable = true;
    } else if (!plugin->compile(&job->jit, &job->result)) {
        job->result.code = NULL;
        if (job->result.failure[0] == '\0') snprintf(job->result.failure, sizeof job->result.failure, "no reason given");
    }
    if (plugin != NULL) watch_exit();
    job->compile_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
    job->compile_wall_ns = clock_ns(CLOCK_MONOTONIC) - wall;
}

static void discard(Job *job) {
    if (job->result.code != NULL) queue_release(job->result.handle);
    job_free(job);
}

/* Queue lock held. */
static void deliver(Job *job) {
    Engine *e = job->engine;
    atomic_store_explicit(&job->state, JOB_DONE, memory_order_relaxed);
    job->next = atomic_load_explicit(&e->mail, memory_order_relaxed);
    atomic_store_explicit(&e->mail, job, memory_order_release);
}

void queue_compile_here(Job *job) {
    if (q.leaving) { /* the compile lock may be this thread's, for good */
        job->dropped = ENGINE_EXITING;
        return;
    }
    compile_enter();
    compile(job);
    compile_leave();
}

static double value_at(const Job *job, uint64_t now) {
    return job->value * FADE_NS / (double)(FADE_NS + (now - job->touched_ns));
}

static void unlink_job(Job **list, const Job *job) {
    while (*list != job) list = &(*list)->next;
    *list = job->next;
}

/* Queue lock held. The most valuable job that is not cold; NULL: none. */
static Job *take_best(void) {
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    Job *best = NULL;
    for (Job *job = q.jobs, *next; job != NULL; job = next) {
        next = job->next;
        if (now - job->touched_ns > COLD_NS) {
            unlink_job(&q.jobs, job);
            job->dropped = ENGINE_COLD;
            deliver(job);
        } else if (best == NULL || value_at(job, now) > value_at(best, now)) {
            best = job;
        }
    }
    if (best != NULL) unlink_job(&q.jobs, best);
    return best;
}

/* Queue lock held, and again at the end. */
static void run(Job *job) {
    q.running = job;
    atomic_store_explicit(&job->state, JOB_RUNNING, memory_order_relaxed);
    int processor = job->processor;
    pthread_mutex_unlock(&q.lock);
    worker_step_aside(processor);
    compile_enter();
    if (!q.leaving) compile(job);
    compile_leave();
    pthread_mutex_lock(&q.lock);
    q.running = NULL;
    if (job->engine != NULL) {
        deliver(job);
        return;
    }
    pthread_mutex_unlock(&q.lock);
    discard(job);
    pthread_mutex_lock(&q.lock);
}

void queue_run(void) {
    pthread_mutex_lock(&q.lock);
    for (;;) {
        Job *job = q.leaving ? NULL : take_best();
        if (job != NULL)
            run(job);
        else
            pthread_cond_wait(&q.work, &q.lock);
    }
}

/* --------------------------------------------------------------------------------- states' side */

bool queue_submit(Job *job) {
    pthread_once(&q.once, watch_forks);
    job->submitted_ns = job->touched_ns = clock_ns(CLOCK_MONOTONIC);
    job->processor = sched_getcpu();
    pthread_mutex_lock(&q.lock);
    bool ok = worker_start();
    if (ok) {
        job->next = q.jobs;
        q.jobs = job;
        pthread_cond_signal(&q.work);
    }
    pthread_mutex_unlock(&q.lock);
    return ok;
}

void queue_touch(Job *job, double value) {
    if (atomic_load_explicit(&job->state, memory_order_relaxed) != JOB_QUEUED) return;
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    pthread_mutex_lock(&q.lock);
    job->value = value;
    job->touched_ns = now;
    job->processor = sched_getcpu();
    pthread_mutex_unlock(&q.lock);
}

bool queue_withdraw(Job *job) {
    pthread_mutex_lock(&q.lock);
    bool queued = atomic_load_explicit(&job->state, memory_order_relaxed) == JOB_QUEUED;
    if (queued) unlink_job(&q.jobs, job);
    pthread_mutex_unlock(&q.lock);
    if (queued) discard(job);
    return queued;
}

void queue_cancel(Job *job) {
    pthread_mutex_lock(&q.lock);
    bool ours = true;
    switch (atomic_load_explicit(&job->state, memory_order_relaxed)) {
        case JOB_QUEUED: unlink_job(&q.jobs, job); break;
        case JOB_RUNNING:
            job->engine = NULL;
            ours = false;
            break;
        default: {
            Job *mail = atomic_load_explicit(&job->engine->mail, memory_order_relaxed);
            unlink_job(&mail, job);
            atomic_store_explicit(&job->engine->mail, mail, memory_order_relaxed);
        }
    }
    pthread_mutex_unlock(&q.lock);
    if (ours) discard(job);
}

Job *mailbox_take(Engine *e) {
    if (atomic_load_explicit(&e->mail, memory_order_relaxed) == NULL) return NULL;
    pthread_mutex_lock(&q.lock);
    Job *newest = atomic_load_explicit(&e->mail, memory_order_relaxed), *list = NULL;
    atomic_store_explicit(&e->mail, NULL, memory_order_relaxed);
    pthread_mutex_unlock(&q.lock);
    for (Job *next; newest != NULL; newest = next) {
        next = newest->next;
        newest->next = list;
        list = newest;
    }
    return list;
}

/* -------------------------------------------------------------------------------- fork and exit */

static void before_fork(void) { pthread_mutex_lock(&q.lock); }
static void after_fork_parent(void) { pthread_mutex_unlock(&q.lock); }

/* In the child, whose only thread is the one that forked. Other threads' states are copies that
 * nobody will run. */
static void after_fork_child(void) {
    if (q.compiling && !pthread_equal(q.compiler, pthread_self())) plugin_abandon();
    pthread_mutex_init(&q.lock, NULL);
    pthread_mutex_init(&q.compile, NULL);
    pthread_cond_init(&q.work, NULL);
    worker_forget();
    q.compiling = false;
    Job *running = q.running;
    q.running = NULL;
    if (running != NULL && running->engine != NULL) {
        running->next = q.jobs;
        q.jobs = running;
    }
    for (Job *next; q.jobs != NULL; q.jobs = next) {
        next = q.jobs->next;
        q.jobs->result = (JitResult){0}; /* what the parent's thread had begun is lost */
        q.jobs->unavailable = false;
        q.jobs->dropped = ENGINE_FORKED;
        deliver(q.jobs);
    }
}

static void watch_forks(void) { pthread_atfork(before_fork, after_fork_parent, after_fork_child); }

/* Nothing new begins. A plugin whose static objects are destroyed now has the compilation in progress waited for, and
 * the compile lock kept; a program should not take longer for code that it will not run. */
static void leave(void) {
    const JitPlugin *plugin = plugin_ready();
    bool waits = plugin == NULL || !plugin->ends_quietly;
    pthread_mutex_lock(&q.lock);
    bool first = !q.leaving, here = q.compiling && pthread_equal(q.compiler, pthread_self());
    q.leaving = true;
    pthread_mutex_unlock(&q.lock);
    if (first && !here && waits) pthread_mutex_lock(&q.compile);
}

/* The handler must run before the destructors of LLVM's static objects, that is, be registered after
 * they were constructed. Some are constructed when first used, amid a compilation; so it is
 * registered again after the 1st, 2nd, 4th, 8th ... of them. */
static void watch_exit(void) {
    static uint32_t calls; /* compile lock */
    if ((calls & (calls - 1)) == 0) atexit(leave);
    calls++;
}
