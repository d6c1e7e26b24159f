/* SPDX-License-Identifier: MIT
 *
 * perigee.h: what Perigee offers to hosts beyond lua.h. Link with libperigee (perigee.pc).
 */
#ifndef PERIGEE_H
#define PERIGEE_H

#include <stddef.h>

#include "lua.h"

/* ------------------------------------------------------------------------------------------------
 * Compiler seam: a compiler of the host's own in place of Perigee's
 *
 * A state has one compiler: Perigee's own, none, or the host's. The host's is a table of functions.
 * The runtime counts calls and loop iterations of each function, asks for the function to be
 * compiled when it is hot, and then offers each of its calls, and each passage of a loop's head, to
 * the table first. What the compiler declines runs in the interpreter, so that it may cover as much
 * of the language as it likes and stop at anything it did not expect.
 *
 * The frame. While `call` or `loop` runs, the Lua function's own frame is the running one. Its
 * register r is the stack index r + 1 of L: lua_tonumberx(L, r + 1, &is) reads it, lua_copy(L, from, r + 1)
 * writes it. Parameters are the first registers, missing ones nil. All registers lie below
 * lua_gettop(L); what is pushed on top of them is the compiler's, after lua_checkstack.
 * Upvalues: lua_getstack(L, 0, &ar), lua_getinfo(L, "f", &ar) push the running closure, for
 * lua_getupvalue and lua_setupvalue.
 *
 * Order of checks, at a call: room on the stack is made and arguments are in place; the use is
 * counted, and `request` is called if it is due; hooks: while one is set (debug.sethook,
 * lua_sethook), nothing is offered, the interpreter runs everything, and so count and line hooks see
 * each instruction; then `call`. At a loop's head: the iteration is counted and `request` called if
 * due; polls and hooks; then `loop`. A function that begins with a loop's head is offered by
 * `loop` only. Vararg functions are offered by `loop` only.
 *
 * What an implementation may not do
 *  - request, invalidate, event: run Lua code, raise errors, push, or use L beyond perigee_* functions;
 *    they may be called while the collector runs (invalidate, event: their L is none at all)
 *  - call, loop: yield; keep pointers from lua_topointer, lua_tolstring and the like beyond the
 *    value's life; change debug hooks; pop registers
 *  - anything, on another thread than the state's. A compiler with threads hands results over in
 *    `request`, which is called again and again while it answers "not yet"
 *
 * Errors. call and loop may leave by lua_error, and so may whatever they call through lua.h: the error is
 * raised in the Lua function, at the line of the instruction that was offered. Or they push the
 * error value and return PERIGEE_ERROR. A `loop` that wants an error at a line inside the loop stores
 * the registers, returns the index of the instruction that will raise it, and lets the interpreter do so.
 *
 * Steps. What runs inside call and loop is not seen by count hooks (of which none is set then);
 * Perigee does not count it as steps of the program. A host that limits steps sets a count hook, and
 * thereby has the interpreter run everything.
 */

/* A function prototype; valid until `invalidate` with PERIGEE_DIED. Closures of one prototype share it. */
typedef struct perigee_Function perigee_Function;

enum { PERIGEE_DECLINED = -1, PERIGEE_ERROR = -2 };                            /* results of call and loop */
enum { PERIGEE_NEVER = -1, PERIGEE_NOT_YET = 0, PERIGEE_COMPILED = 1 };        /* results of request */
enum { PERIGEE_DIED, PERIGEE_DISCARDED };                                      /* why: invalidate */
enum { PERIGEE_REQUESTED, PERIGEE_PROMOTED, PERIGEE_DEOPTIMISED };             /* what: event */

typedef struct perigee_Compiler {
    size_t size; /* sizeof(perigee_Compiler) when the host was compiled: later fields count as NULL */
    void *ud;    /* first argument of all */

    /* f is hot: it was used `uses` times, by calls and loop iterations (the first time as often as the
     * option thresholds=B says, 100). PERIGEE_COMPILED: from now on it is offered. PERIGEE_NOT_YET:
     * asked again after twice as many uses. PERIGEE_NEVER: not asked again. Required. */
    int (*request)(void *ud, lua_State *L, perigee_Function *f, unsigned long long uses);

    /* f is called. Returns the number of results, which it has pushed; PERIGEE_DECLINED: the
     * interpreter runs the call from its first instruction, with the registers as they are now (they
     * must hold what they held); PERIGEE_ERROR. NULL: calls are not offered. */
    int (*call)(void *ud, lua_State *L, perigee_Function *f);

    /* On-stack replacement: the loop whose first instruction has index `at` begins a passage (its
     * first or a later one). Returns the index of the instruction to go on at, with all live
     * registers up to date: behind the loop, or anywhere inside; PERIGEE_DECLINED; PERIGEE_ERROR.
     * Returning `at` itself, having changed nothing, is to decline. NULL: loops are not offered. */
    int (*loop)(void *ud, lua_State *L, perigee_Function *f, int at);

    /* f is not offered any more: the function died (its address may come to stand for another), or
     * the code was discarded by perigee_discard or another compiler. May be NULL. */
    void (*invalidate)(void *ud, perigee_Function *f, int why);

    /* Told after it happened: f was requested; is compiled from now on; was left at an instruction by
     * PERIGEE_DECLINED. May be NULL. */
    void (*event)(void *ud, perigee_Function *f, int what);

    /* The state closes, or gets another compiler; the last call. May be NULL. */
    void (*close)(void *ud);
} perigee_Compiler;

/* Gives the state a compiler of the host's own; the table is copied. c == NULL: none, everything is
 * interpreted. To be called before any Lua code ran in the state (after that the state's compiler stays).
 * Returns LUA_OK; LUA_ERRRUN: too late, a table without `request`, or a build whose interpreter has no
 * seam; LUA_ERRMEM. Raises no error. */
LUA_API int (perigee_setcompiler) (lua_State *L, const perigee_Compiler *c);

/* f is not offered any more, until it is requested again after as many uses as it had so far.
 * Running `call`s and `loop`s of it go on. May be called from everywhere on the state's thread,
 * but not in invalidate and event. */
LUA_API void (perigee_discard) (lua_State *L, perigee_Function *f);

/* The prototype of the Lua function at an index; NULL: there is none. */
LUA_API perigee_Function *(perigee_function) (lua_State *L, int idx);

/* What a compiler wants to know of a function. Strings live as long as it does. */
typedef struct perigee_FunctionInfo {
    size_t size;               /* to be set by the caller to sizeof(perigee_FunctionInfo) */
    unsigned long long id;     /* the same for the same function when it is loaded again; 0: no memory to find it */
    const char *source;        /* as lua_Debug.source; "=?" when stripped */
    int linedefined, lastlinedefined;
    int nparams, isvararg, nregisters, nupvalues, ninstructions;
    const unsigned long long *code; /* canonical instructions, docs/bytecode.md */
    const int *lines;          /* by instruction; NULL: stripped */
} perigee_FunctionInfo;
LUA_API void (perigee_functioninfo) (lua_State *L, perigee_Function *f, perigee_FunctionInfo *info);
/* Pushes constant n (0 based) of f, nothing and returns 0 if there are no more. */
LUA_API int (perigee_constant) (lua_State *L, perigee_Function *f, int n);

/* ------------------------------------------------------------------------------------------------
 * Limits (docs/embedding.md, chapter 5)
 *
 * A script that exceeds a limit of a state is stopped by an error that it cannot catch. Instructions: one
 * more than the limit is about to be run; time: the wall clock has moved so far since the limit was set;
 * memory: the state's bytes in use would exceed it after a full collection. Until the outermost call by the
 * host has returned, no Lua code runs any more, except __close of variables, for all of which
 * together there is one extra budget (a tenth of each limit, at least 10,000 instructions, 20 ms, 1 MB).
 * pcall, xpcall, coroutine.resume, wrap and close do not return to Lua code; a C function's lua_pcall or
 * lua_resume gets LUA_ERRRUN, and the error is raised again when it returns to Lua code or calls some.
 * The outermost call is the one below which no Lua code waits; it returns LUA_ERRRUN with the message
 * ("file:line: instruction limit of 1000 reached"); a message handler is called only if it is a C function.
 *
 * Two limits are of another kind. Call depth (Lua and C frames of one coroutine): an error as "stack
 * overflow" is, which scripts may catch. Machine code: the state's functions are not compiled any more.
 *
 * After that the state can be used and closed as ever. What counts from the setting on (instructions,
 * time) stays used up until the limit is set again or cleared: what is called before is stopped
 * at its first instruction, or first poll. Finalizers wait while the error is pending. lua_close grants
 * __close and __gc one extra budget again, of each limit that is set.
 *
 * All on the state's thread. From hooks and C functions that a script calls these functions may be used too;
 * setting a limit there begins its count anew, and does not take back an error that is pending.
 */
enum {
    PERIGEE_LIMIT_NONE,
    PERIGEE_LIMIT_INSTRUCTIONS, /* canonical bytecodes, counted alike in every tier */
    PERIGEE_LIMIT_TIME,         /* nanoseconds of wall time; a thread of the state's own watches it */
    PERIGEE_LIMIT_MEMORY,       /* bytes in use, machine code excepted; 64 kB of tolerance */
    PERIGEE_LIMIT_CODE,         /* bytes of machine code */
    PERIGEE_LIMIT_DEPTH         /* frames of a coroutine */
};
#define PERIGEE_UNLIMITED (~0ULL)

/* Sets a limit; its count (instructions, time) begins now, and perigee_limitreached forgets it. Returns 1; 0: no
 * such limit, or no memory or thread for it, and nothing changed. A limit of instructions makes a state slower
 * (its compiled code is made anew, to count); other limits cost nothing. Raises no error. */
LUA_API int (perigee_setlimit) (lua_State *L, int which, unsigned long long value);
/* Takes a limit away; same results. */
LUA_API int (perigee_clearlimit) (lua_State *L, int which);
/* The limit's value; PERIGEE_UNLIMITED: there is none. */
LUA_API unsigned long long (perigee_getlimit) (lua_State *L, int which);
/* What was used: instructions and time since the limit was set (without a limit: 0), bytes in use now. Depth: 0. */
LUA_API unsigned long long (perigee_usage) (lua_State *L, int which);
/* The limit that was reached last, until it is set anew or cleared; PERIGEE_LIMIT_NONE: none was. Tells why a call
 * returned LUA_ERRRUN. (Depth: also if the script caught the error.) */
LUA_API int (perigee_limitreached) (lua_State *L);
/* For C functions that run long: raises the error of the time limit, or of an interruption, if one of them is due.
 * Costs a comparison otherwise. */
LUA_API void (perigee_poll) (lua_State *L);
/* The error "interrupted!", an ordinary one, is raised in the running code, whichever coroutine of the state that
 * is in, at the next loop, call, or poll of a long C function; on == 0: a request not yet answered is taken back.
 * For signal handlers on the state's thread. L: the thread that the host called Lua with. */
LUA_API void (perigee_interrupt) (lua_State *L, int on);

#endif
