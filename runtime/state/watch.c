// SPDX-License-Identifier: MIT
/* The thread that waits for a state's deadline.
 *
 * It sleeps until the deadline and then asks the coroutine that runs for attention, again and again
 * until the state's own thread has answered by setting another deadline: what it writes to
 * stack_limit may be overwritten by a stack that moves at that moment. It touches the coroutine
 * under the lock, and the state's thread names another one under the same lock before that one can
 * die. A deadline that moves away does not wake the thread: it finds out when the old one has come.
 *
 * A child process of fork has the struct but not the thread, and perhaps its lock held: there the watch is
 * lost, does nothing any more, and is made anew when a deadline is set.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "state/limits.h"

struct Watch {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    uint64_t deadline; /* 0: none */
    bool stop, expired;
    lua_State *running; /* NULL: not named yet */
    unsigned process;   /* made in */
};

enum { REPEAT_NS = 2000000, REPEAT_MOST_NS = 256000000 }; /* a host that is idle is not to be disturbed for long */

static atomic_uint process; /* forks between the first process and this one */
static void in_child(void) { process++; }
static void watch_forks(void) { pthread_atfork(NULL, NULL, in_child); }

bool watch_is_lost(const Watch *w) { return w->process != process; }

uint64_t watch_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void sleep_until(Watch *w, uint64_t ns) {
    struct timespec t = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
    pthread_cond_timedwait(&w->wake, &w->lock, &t);
}

static void *watch_body(void *ud) {
    Watch *w = ud;
    uint64_t pause = REPEAT_NS;
    pthread_mutex_lock(&w->lock);
    while (!w->stop) {
        uint64_t now = watch_clock();
        if (w->deadline == 0) {
            pthread_cond_wait(&w->wake, &w->lock);
        } else if (now < w->deadline) {
            pause = REPEAT_NS;
            sleep_until(w, w->deadline);
        } else {
            __atomic_store_n(&w->expired, true, __ATOMIC_RELAXED);
            thread_want_attention(w->running);
            sleep_until(w, now + pause);
            if (pause < REPEAT_MOST_NS) pause *= 2;
        }
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static bool start(Watch *w) {
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); /* the host's signals are its threads' */
    bool ok = pthread_create(&w->thread, NULL, watch_body, w) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return ok;
}

Watch *watch_new(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    Watch *w = calloc(1, sizeof *w);
    if (w == NULL) return NULL;
    pthread_once(&once, watch_forks);
    w->process = process;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&w->lock, NULL);
    if (start(w)) return w;
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->wake);
    free(w);
    return NULL;
}

void watch_free(Watch *w) {
    if (watch_is_lost(w)) {
        free(w);
        return;
    }
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->wake);
    free(w);
}

void watch_deadline(Watch *w, uint64_t ns) {
    if (watch_is_lost(w)) return;
    pthread_mutex_lock(&w->lock);
    bool sooner = w->deadline == 0 || ns < w->deadline || w->expired;
    w->deadline = ns;
    w->expired = false;
    if (sooner && ns != 0) pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

void watch_running(Watch *w, lua_State *L) {
    if (watch_is_lost(w)) return;
    pthread_mutex_lock(&w->lock);
    w->running = L;
    if (w->expired) thread_want_attention(L);
    pthread_mutex_unlock(&w->lock);
}

bool watch_expired(const Watch *w) { return __atomic_load_n(&w->expired, __ATOMIC_RELAXED); }
