/* SPDX-License-Identifier: MIT
 *
 * perigee.h: what Perigee offers to hosts beyond lua.h. Link with libperigee (perigee.pc).
 *
 *   Functions, tiers, status codes       what the rest speaks of
 *   Control of the JIT                   on and off, thresholds, caps, compile and deoptimise
 *   Statistics, events
 *   Compiler seam                        a compiler of the host's own
 *   Limits                               of instructions, time, memory, code, depth
 *   Typed host functions                 C functions that Lua calls without a binding
 *
 * Rules for all of it
 *  - A state belongs to one thread at a time, as in lua.h; several states may run in several threads. L may be any coroutine
 *    of the state: settings are of the whole state.
 *  - Nothing here raises an error or runs Lua code, unless its comment says so.
 *  - Structs begin with their size, which the caller sets (sizeof); later versions append fields only, and
 *    fill or read no more than that size. Arrays have room for what may come.
 *  - Strings that functions return are constants, unless their comment says how long they live.
 */
#ifndef PERIGEE_H
#define PERIGEE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "lua.h"

/* ------------------------------------------------------------------------------------------------
 * Functions, tiers, status codes
 */

/* A function prototype, that is, what the text of a function became; all its closures share it. Valid as
 * long as one of them, or a function that it is nested in, is reachable. Compilers (below): until `invalidate` with PERIGEE_DIED. */
typedef struct perigee_Function perigee_Function;

/* The prototype of the Lua function at an index; NULL: there is none. */
LUA_API perigee_Function *(perigee_function) (lua_State *L, int idx);
/* Function n (0 based) among those that the text of f has directly in it; NULL: there are no more. */
LUA_API perigee_Function *(perigee_nested) (lua_State *L, perigee_Function *f, int n);

/* How functions run. PERIGEE_MAX_TIERS is the size of arrays by tier; not all need exist. */
enum { PERIGEE_UNFORCED = -1, PERIGEE_INTERPRETER, PERIGEE_BASELINE, PERIGEE_OPTIMIZING, PERIGEE_MAX_TIERS = 8 };
/* "interpreter", "baseline", "optimizing"; NULL: no such tier. */
LUA_API const char *(perigee_tiername) (int tier);

/* Results of functions. Each function says what the codes mean there. */
typedef enum perigee_Status {
    PERIGEE_OK,
    PERIGEE_DISABLED,              /* the state compiles nothing, or not in that tier: switched off, capped, no compilers in this build, a compiler of the host's own */
    PERIGEE_COMPILATION_FAILED,    /* or the compilers cannot be loaded; perigee_why tells */
    PERIGEE_DEOPTIMISATION_FAILED, /* there is no compiled code to be left */
    PERIGEE_REPLACEMENT_FAILED,    /* on-stack replacement: the frame cannot go on in compiled code from where it is */
    PERIGEE_LIMIT_REACHED,         /* the function is too large for the tier, or another limit of the state */
    PERIGEE_BAD_ARGUMENT,          /* no such function, tier, level; a NULL; a struct without its size */
    PERIGEE_NO_MEMORY,
    PERIGEE_BUSY                   /* called by an event callback: nothing may be changed there */
} perigee_Status;
/* "ok", "disabled", "compilation failed", "deoptimisation failed", "on-stack replacement failed", "limit reached", "bad
 * argument", "no memory", "busy"; "unknown status" for any other number. */
LUA_API const char *(perigee_statusname) (int status);

/* ------------------------------------------------------------------------------------------------
 * Control of the JIT
 *
 * By default the counts of calls and loop iterations decide: a function that was used 100 times is wanted
 * in the baseline tier, at 1000 in the optimizing one, and compiled in the background when that is likely to
 * pay. A state takes its first settings from PERIGEE_OPTIONS in the environment (perigee(1)).
 *
 * Where a function takes `f`, NULL stands for all functions of the state, present and future. What is
 * said of one function holds for each function with the same id (perigee_Profile.id), also one that is loaded again later.
 *
 * All functions that change something: PERIGEE_BUSY in event callbacks; PERIGEE_NO_MEMORY: nothing was changed;
 * PERIGEE_DISABLED: the setting is stored, but compiles nothing, since the state has no compilers of Perigee's, or a setting of wider
 * reach forbids it.
 */

/* Switches compilation off (on == 0) or on again for the state. Off, compiled code is thrown away: frames go on in the
 * interpreter, and nothing is requested. Counts go on; on again, functions are compiled as these say. */
LUA_API perigee_Status (perigee_enable) (lua_State *L, int on);
/* Does the state compile now? 1, or 0: switched off, capped at the interpreter, no compilers. (Whether the plugin with the
 * compilers can be loaded shows when the first function is hot: then the requests fail.) */
LUA_API int (perigee_enabled) (lua_State *L);

/* Uses (calls and loop iterations) from which the tiers are wanted; 1 <= baseline <= optimizing, else
 * PERIGEE_BAD_ARGUMENT. Functions that are counting already go by the new numbers at once. */
LUA_API perigee_Status (perigee_setthresholds) (lua_State *L, unsigned baseline, unsigned optimizing);
/* Either pointer may be NULL. */
LUA_API void (perigee_getthresholds) (lua_State *L, unsigned *baseline, unsigned *optimizing);

/* The highest tier allowed, PERIGEE_OPTIMIZING at first. Code of higher tiers is given up (frames go on
 * below), also where f is inlined in others. A cap of f and one of the state both hold. */
LUA_API perigee_Status (perigee_cap) (lua_State *L, perigee_Function *f, int tier);
/* Wants f in just that tier, whatever its counts and whether it pays: requested at its next uses, and compiled in the
 * background. Never above a cap. PERIGEE_UNFORCED: as the counts say, again. What is said of f goes before
 * what is said of all. */
LUA_API perigee_Status (perigee_force) (lua_State *L, perigee_Function *f, int tier);

/* Compiles f now, on this thread, up to `tier` (the tiers below first, as each relies on the one before), unless it is there
 * already. What was given up before is tried again. Optimised code is as good as the profile of f: best
 * after some hundred uses in the baseline tier. Takes milliseconds; the first call in a process loads the compilers.
 * PERIGEE_DISABLED, PERIGEE_COMPILATION_FAILED, PERIGEE_LIMIT_REACHED (too large): it is as high as it got. */
LUA_API perigee_Status (perigee_compile) (lua_State *L, perigee_Function *f, int tier);
/* Gives up the code of f's highest tier: its frames and calls go on in a lower one, and counting begins
 * anew. PERIGEE_DEOPTIMISATION_FAILED: it runs in the interpreter. f may not be NULL. */
LUA_API perigee_Status (perigee_deoptimise) (lua_State *L, perigee_Function *f);
/* Gives up all code of f, and code that has f inlined; former failures and losses are forgotten. PERIGEE_OK also if there
 * was none. */
LUA_API perigee_Status (perigee_invalidate) (lua_State *L, perigee_Function *f);
/* On-stack replacement by hand: the Lua function at that level (as of lua_getstack; it has called what runs above it) goes on in its
 * best compiled code when control returns to it. Without this, frames change over at loop heads. PERIGEE_BAD_ARGUMENT: no
 * Lua function at that level; PERIGEE_REPLACEMENT_FAILED: no code, or none that can be entered behind that call, or
 * the frame is not amid a call instruction (but in a metamethod or hook). */
LUA_API perigee_Status (perigee_replaceframe) (lua_State *L, int level);

/* The tier that the Lua function at that level goes on in when control returns to it; -1: no Lua function there. */
LUA_API int (perigee_frametier) (lua_State *L, int level);

/* The tier whose code calls of f enter now; *wanted (may be NULL): what its uses call for. PERIGEE_INTERPRETER if f is NULL. */
LUA_API int (perigee_tier) (lua_State *L, perigee_Function *f, int *wanted);

/* The highest tier that the settings allow f, or functions that nothing was said of (NULL). PERIGEE_INTERPRETER in a state without
 * compilers. */
LUA_API int (perigee_allowed) (lua_State *L, perigee_Function *f);

/* What is known of a function. */
typedef struct perigee_Profile {
    size_t size;                     /* to be set to sizeof(perigee_Profile) */
    unsigned long long id;           /* the same for the same function when it is loaded again, in any process; 0: no memory to find it */
    unsigned long long uses;         /* calls and loop iterations counted; optimised code does not count all */
    int tier, wanted;                /* as perigee_tier */
    int cap, forced;                 /* PERIGEE_OPTIMIZING, PERIGEE_UNFORCED unless set for the function */
    int requested;                   /* tier that is being waited for; PERIGEE_INTERPRETER: none */
    int reserved;
    unsigned long long compiles[PERIGEE_MAX_TIERS], failures[PERIGEE_MAX_TIERS], code_bytes[PERIGEE_MAX_TIERS];
    unsigned long long compile_ns[PERIGEE_MAX_TIERS]; /* CPU time */
    unsigned long long deoptimisations;
    unsigned long long sites_unused, sites_monomorphic, sites_polymorphic, sites_megamorphic; /* inline caches and the like */
    char place[64];                  /* "chunk:line" */
} perigee_Profile;
/* PERIGEE_BAD_ARGUMENT: f is NULL, or p without its size. */
LUA_API perigee_Status (perigee_profile) (lua_State *L, perigee_Function *f, perigee_Profile *p);
/* Why f is in no higher tier, in a sentence (no more than size - 1 bytes of it, always terminated). Returns its full length, as snprintf. */
LUA_API int (perigee_why) (lua_State *L, perigee_Function *f, char *text, size_t size);

/* ------------------------------------------------------------------------------------------------
 * Statistics
 */

enum { PERIGEE_REASONS = 64, PERIGEE_ENDS = 32 };

/* Numbers of one state. Those marked * count from the state's beginning or the last perigee_resetstats, the others are as of now. */
typedef struct perigee_Stats {
    size_t size;                     /* to be set to sizeof(perigee_Stats) */
    unsigned long long functions;    /* alive, of Lua */
    unsigned long long uses;         /* their calls and loop iterations, with those of collected functions that were hot * */
    unsigned long long in_tier[PERIGEE_MAX_TIERS]; /* functions alive by the tier they run in */
    unsigned long long waiting;      /* requests under way */
    unsigned long long requests[PERIGEE_MAX_TIERS], compiled[PERIGEE_MAX_TIERS], failed[PERIGEE_MAX_TIERS], dropped[PERIGEE_MAX_TIERS]; /* * */
    unsigned long long ends[PERIGEE_ENDS]; /* requests that failed or were dropped, by reason: perigee_endname * */
    unsigned long long compile_ns[PERIGEE_MAX_TIERS], wait_ns[PERIGEE_MAX_TIERS]; /* CPU time of compiling; from requests to installation * */
    unsigned long long start_ns;     /* CPU time of loading the compilers, if this state's request did it * */
    unsigned long long code_bytes[PERIGEE_MAX_TIERS]; /* machine code in use */
    unsigned long long codes_freed;  /* * */
    unsigned long long codes_lost;   /* given up while their function lived * */
    unsigned long long deoptimisations[PERIGEE_REASONS]; /* frames that left code at guards, and codes lost, by reason: perigee_reasonname * */
    const char *unavailable;         /* why nothing compiles, valid as long as the process; NULL: it does, or nobody asked yet */
    const char *llvm_version, *cpu;  /* NULL: compilers not loaded */
} perigee_Stats;
/* Visits all functions of the state: microseconds to milliseconds. PERIGEE_BAD_ARGUMENT: s without its size; PERIGEE_DISABLED: the
 * state has no compilers of Perigee's; what there is is filled in. */
LUA_API perigee_Status (perigee_stats) (lua_State *L, perigee_Stats *s);
/* The report of --tier-stats goes on counting. */
LUA_API void (perigee_resetstats) (lua_State *L);
/* Names of deoptimisation reasons ("type", "shape" ...) and of requests' ends ("too large", "cold" ...) by number; NULL:
 * there are no more. Numbers may change from version to version, names are kept. */
LUA_API const char *(perigee_reasonname) (int reason);
LUA_API const char *(perigee_endname) (int end);

/* ------------------------------------------------------------------------------------------------
 * Events of Perigee's own compilers
 */

enum { /* perigee_Event.kind */
    PERIGEE_EVENT_REQUESTED,
    PERIGEE_EVENT_STARTED,      /* its compilation was begun */
    PERIGEE_EVENT_PROMOTED,     /* f runs in that tier from now on */
    PERIGEE_EVENT_FAILED,
    PERIGEE_EVENT_DROPPED,      /* the request ended without trying, or what came was out of date; may be asked again */
    PERIGEE_EVENT_DEOPTIMISED,  /* a frame left optimised code at a guard */
    PERIGEE_EVENT_INVALIDATED,  /* code was given up while its function lived */
    PERIGEE_EVENT_COMPILED,     /* machine code arrived; mostly PROMOTED follows */
    PERIGEE_EVENT_CODE_FREED    /* its memory was given back, some time after the function died; f is NULL */
};
typedef struct perigee_Event {
    size_t size;                /* sizeof(perigee_Event) of the library */
    int kind;
    int tier;                   /* that it is about */
    perigee_Function *f;        /* NULL: it dies, or is no more */
    unsigned long long id;      /* 0: unknown */
    const char *place;          /* "chunk:line"; this and the next live during the call */
    const char *reason;         /* of FAILED, DROPPED, DEOPTIMISED, INVALIDATED; else "" */
    unsigned long long uses;    /* of f so far */
    unsigned long long compile_ns, code_bytes; /* COMPILED, PROMOTED, FAILED; CODE_FREED: the bytes */
} perigee_Event;
/* Called after it happened, on the state's thread, amid whatever the program is doing: also while the collector runs, and while
 * the state closes. It may use perigee_functioninfo but not its id, perigee_tier and the names; anything else of L is out of bounds, and
 * what would change something returns PERIGEE_BUSY. It must return (no errors, no longjmp). */
typedef void (*perigee_Listener)(void *ud, lua_State *L, const perigee_Event *event);
/* One listener a state; NULL: none. PERIGEE_DISABLED: there will be no events, the state has no compilers of Perigee's (one
 * that was made for the interpreter has none until perigee_enable or perigee_cap gave it some). */
LUA_API perigee_Status (perigee_listen) (lua_State *L, perigee_Listener f, void *ud);

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
 * Perigee does not count it as steps of the program. A limit of instructions (below), or a count hook, has
 * the interpreter run everything.
 */

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
    PERIGEE_LIMIT_MEMORY,       /* bytes in use, machine code excepted; small objects may go over it by some 1 MB until the collector looks */
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

/* ------------------------------------------------------------------------------------------------
 * Typed host functions: C functions that Lua calls without a binding
 *
 * A host registers a C function with its signature; Lua calls it like any function. Arguments are
 * converted and checked as luaL_check* do, with the usual messages; missing ones are errors, further ones
 * are ignored. Optimised code calls the C function directly, with arguments and result in machine registers
 * (but for functions that return strings, whose copy is what costs). Other tiers call through libffi.
 *
 * Signature: a result, and parameters in parentheses, one letter each: "d(dd)", "v()", "q(zP)".
 *
 *   b B   int8_t, uint8_t       integers; others than those that the type can hold are errors
 *   h H   int16_t, uint16_t     ("integer out of range of int16"). 64 bits are passed as they
 *   i I   int32_t, uint32_t     are: what exceeds a lua_Integer is a negative one, in both
 *   q Q   int64_t, uint64_t     directions, as math.ult and string.format("%x") see it
 *   f d   float, double         numbers; doubles are rounded to floats
 *   ?     bool                  booleans, nothing else
 *   P     void *                light userdata, and nil for NULL; as an argument also full userdata: its block
 *   z     const char *          strings without zero bytes, and numbers, valid during the call; a result is
 *                               copied at once, NULL becomes nil
 *   u     void *                parameter only: `ud` of the registration, no argument of Lua's
 *   v     void                  result only
 *
 * Errors by status: "!" before the signature. The C function then returns an int, 0 for success, and
 * gives its result through a pointer behind its parameters: "!d(di)" is int f(double, int32_t, double *result),
 * "!v(z)" is int f(const char *). Any other status is raised as an error with the text that `message` gives, behind
 * the position of the call in Lua, as luaL_error does.
 *
 * The C function gets no lua_State, and must not use the one it is called from in any way: no calls into it, no errors
 * raised in it, no longjmp or C++ exceptions out of the function. What needs the state is a lua_CFunction. It runs on the
 * state's thread, and may be called by several states at once if it is registered in several.
 */
typedef struct perigee_Typed {
    size_t size;              /* sizeof(perigee_Typed) when the host was compiled: later fields count as NULL */
    const char *name;         /* for perigee_settyped and messages of registration; NULL ends a list */
    const char *signature;
    void (*function)(void);   /* the C function, cast; it must stay loaded as long as the state lives */
    void *ud;                 /* for parameters 'u' and for message */
    /* Text for a status of an error; it is copied. NULL, or a NULL result: a text with the number. No use of the state here either. */
    const char *(*message)(void *ud, int status);
} perigee_Typed;

/* Initialiser of an entry without ud and message. */
#define PERIGEE_TYPED(name, signature, function) {sizeof(perigee_Typed), (name), (signature), (void (*)(void))(function), NULL, NULL}
#define PERIGEE_TYPED_END {sizeof(perigee_Typed), NULL, NULL, NULL, NULL, NULL}

/* Pushes the function; the struct and its strings are not needed afterwards. Returns LUA_OK. LUA_ERRRUN: the signature is
 * malformed, LUA_ERRMEM; an error message is pushed then. Raises no error. [-0, +1] */
LUA_API int (perigee_pushtyped) (lua_State *L, const perigee_Typed *t);

/* Sets each function of the list as field `name` of the table on top of the stack. Stops at the first that
 * perigee_pushtyped has something against, and returns as that does. May raise what setting fields raises. [-0, +(0|1)] */
LUA_API int (perigee_settyped) (lua_State *L, const perigee_Typed *list);

#ifdef __cplusplus
}
#endif

#endif
