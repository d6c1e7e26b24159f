// SPDX-License-Identifier: MIT
/* Limits of a state: steps, wall time, bytes, call depth (docs/embedding.md, chapter 5).
 *
 *      running --hit--> stopped: Lua code raises wherever it gets control
 *         ^                |  ^
 *         |            __close |  its call ended, or the extra budget did
 *         |                v  |
 *         |              grace: runs again, under one extra budget for all of them
 *         +---- settled: no Lua code waits below any more; the host has the error
 *
 * How each is noticed, so that states without limits pay nothing:
 *  - steps: Global.fuel, counted down by the metered dispatch table and by metered compiled code
 *  - time: a thread sets `attention` of the coroutine that runs when the deadline passes; polls look
 *  - memory: in allocations from the system, and in steps of the collector, which is brought to work
 *    no later than at the limit
 *  - depth: where the list of frames is extended
 * Stopped is a dispatch table as well: each of its handlers raises the limit's error. So whoever comes
 * back to Lua code through the interpreter is caught; compiled code is caught at its next poll or call.
 */
#ifndef PERIGEE_LIMITS_H
#define PERIGEE_LIMITS_H

#include "object/thread.h"

typedef enum Limit { LIMIT_NONE, LIMIT_INSTRUCTIONS, LIMIT_TIME, LIMIT_MEMORY, LIMIT_CODE, LIMIT_DEPTH, LIMIT_COUNT } Limit;

typedef struct Watch Watch; /* the thread that waits for the deadline (state/watch.c) */

typedef struct Limits {
    uint64_t value[LIMIT_COUNT];
    bool set[LIMIT_COUNT];
    int64_t armed;          /* fuel when the count began */
    uint64_t started;       /* clock when the time began, ns */
    uint8_t hit;            /* the limit whose error is pending; LIMIT_NONE: it was set anew since */
    uint8_t reached;        /* what perigee_limitreached tells */
    bool overdue;           /* the time is over, the host knows, and has set no other */
    bool deep;              /* the limit of depth was raised: its handler may use a few frames more */
    bool grace;             /* a __close runs under the extra budget */
    bool closer_failed;     /* ... and raised an error of its own, in place of the limit's */
    int64_t saved_fuel, grace_fuel; /* what was left when another limit was hit; steps left of the extra budget */
    uint64_t grace_deadline;     /* 0: not begun */
    const ErrorJump *grace_jump; /* the protected region that the closing is under */
    lua_State *running;     /* the coroutine that runs, or entered a protected call last; is on the C stack, or the main thread */
    Watch *watch;
} Limits;

/* Sets or (set == false) takes away a limit; counting begins anew. False: no memory, no thread. */
bool limits_set(lua_State *L, Limit which, uint64_t value, bool set);
/* What was used of a limit since it was set (memory, code: in use now). */
uint64_t limits_usage(const Global *g, Limit which);
void limits_free(lua_State *L);

/* A limit was exceeded. Raises its error; does not return. */
_Noreturn void limits_hit(lua_State *L, Limit which);
/* Raises the pending error (again). */
_Noreturn void limits_raise(lua_State *L);
/* Answers whoever set L->attention; raises when a limit or an interruption is due. Polls call it when they see
 * attention. */
void limits_attend(lua_State *L);
static inline void limits_poll(lua_State *L) {
    if (__builtin_expect(L->attention != 0, 0)) limits_attend(L);
}
/* The next step would exceed the limit: L->fuel is below 0. pc: of the instruction behind. */
_Noreturn void limits_out_of_fuel(lua_State *L, const Insn *pc);

/* An error was caught and the frames above are gone: is it a limit's, which waits no more? below: who ran before L.
 * Returns the status that the catcher is to be told; the error value is at L->top - 1. */
int limits_caught(lua_State *L, const lua_State *below, int status);
/* Some pcall of L goes on after an error. */
void limits_recovered(lua_State *L);
/* Has a limit been reached, so that finalizers are not called now? */
bool limits_exhausted(const Global *g);
/* Is L about to run, without being known to? */
static inline bool limits_elsewhere(const lua_State *L) { return G(L)->vigilant != 0 && G(L)->limits->running != L; }
/* L gets control, until limits_leave; returns who had it before. */
lua_State *limits_enter(lua_State *L);
/* Control is back in `to`, or in the host, which may use `to` no more. */
void limits_leave(lua_State *to);
/* The same behind a resume that ended with that status. */
void limits_resumed(lua_State *to, int status);
/* The protected region `jump` caught an error. */
void limits_unwound(Global *g, const ErrorJump *jump);
/* Around the call of a __close while stopped; false: not stopped, nothing to end. */
bool limits_begin_grace(lua_State *L);
void limits_end_grace(Global *g);
/* lua_close: what still runs does so under one extra budget. */
void limits_closing(lua_State *L);

/* Was the allocation that failed refused for the limit? */
bool limits_refused_memory(lua_State *L);
/* Frames beyond the limit of depth, left from before or from handling the overflow, are freed. */
void limits_trim(lua_State *L);
/* frame_extend: may there be one more? */
void limits_check_depth(lua_State *L);

/* state/watch.c */
Watch *watch_new(void);
void watch_free(Watch *w);
bool watch_is_lost(const Watch *w); /* this is a child process of fork, which has no such thread: to be made anew */
void watch_deadline(Watch *w, uint64_t ns); /* on CLOCK_MONOTONIC; 0: none */
void watch_running(Watch *w, lua_State *L); /* whom to call; L may not die before another is named */
bool watch_expired(const Watch *w);
uint64_t watch_clock(void);

#endif
