// SPDX-License-Identifier: MIT
/*
 * The C interface to Lua 5.4 (manual section 4), compatible with 5.4.8 as source and as binary.
 *
 * Values travel over a stack of slots that each C function has to itself. Positive indices count
 * from the function's first argument, negative ones from the top, pseudo-indices name the registry
 * and upvalues. Each declaration says in brackets
 *
 *      [-taken, +pushed, errors]
 *
 * how many slots it takes from the top, how many it pushes, and what it may raise:
 *      -   nothing
 *      m   a memory error
 *      e   any error: it may run Lua code or metamethods, which may raise (or run out of memory)
 *      v   the error it describes
 * `|` separates alternatives, `?` depends on the call. Functions that push need room on the stack
 * (LUA_MINSTACK slots are given, lua_checkstack makes more). Unless said otherwise a returned
 * pointer belongs to the state and stays valid while the value it came from is reachable.
 */
#ifndef PERIGEE_LUA_H
#define PERIGEE_LUA_H

/* The conventional guard too: sources ask for it, and no other lua.h can be mixed in. */
#ifndef lua_h
#define lua_h
#endif

#include <stdarg.h>
#include <stddef.h>

#include "luaconf.h"

/* ---- Version -------------------------------------------------------------------------------- */

#define LUA_VERSION_MAJOR "5"
#define LUA_VERSION_MINOR "4"
#define LUA_VERSION_RELEASE "8"

#define LUA_VERSION_NUM 504
#define LUA_VERSION_RELEASE_NUM (LUA_VERSION_NUM * 100 + 8)

#define LUA_VERSION "Lua " LUA_VERSION_MAJOR "." LUA_VERSION_MINOR
#define LUA_RELEASE LUA_VERSION "." LUA_VERSION_RELEASE

/* Of the language and its reference implementation, whose banner hosts print. */
#define LUA_COPYRIGHT LUA_RELEASE "  Copyright (C) 1994-2025 Lua.org, PUC-Rio"
#define LUA_AUTHORS "R. Ierusalimschy, L. H. de Figueiredo, W. Celes"

/* ---- Constants ------------------------------------------------------------------------------ */

#define LUA_SIGNATURE "\x1bLua"     /* the first bytes of a precompiled chunk */

#define LUA_MULTRET (-1)            /* as a number of results: all there are */

/* Pseudo-indices: the registry, and below it the upvalues 1..255 of the running C function. */
#define LUA_REGISTRYINDEX (-LUAI_MAXSTACK - 1000)
#define lua_upvalueindex(i) (LUA_REGISTRYINDEX - (i))

/* Status of a thread and of a protected call. */
#define LUA_OK 0
#define LUA_YIELD 1
#define LUA_ERRRUN 2
#define LUA_ERRSYNTAX 3
#define LUA_ERRMEM 4
#define LUA_ERRERR 5

/* Types of values. */
#define LUA_TNONE (-1)              /* an index that holds no value */

#define LUA_TNIL 0
#define LUA_TBOOLEAN 1
#define LUA_TLIGHTUSERDATA 2
#define LUA_TNUMBER 3
#define LUA_TSTRING 4
#define LUA_TTABLE 5
#define LUA_TFUNCTION 6
#define LUA_TUSERDATA 7
#define LUA_TTHREAD 8

#define LUA_NUMTYPES 9

#define LUA_MINSTACK 20             /* free slots a C function starts with */

/* Entries of the registry that every state has. */
#define LUA_RIDX_MAINTHREAD 1
#define LUA_RIDX_GLOBALS 2
#define LUA_RIDX_LAST LUA_RIDX_GLOBALS

/* ---- Types ---------------------------------------------------------------------------------- */

typedef struct lua_State lua_State;     /* a thread; the first one stands for its whole state */

typedef LUA_NUMBER lua_Number;
typedef LUA_INTEGER lua_Integer;
typedef LUA_UNSIGNED lua_Unsigned;
typedef LUA_KCONTEXT lua_KContext;      /* carried from a yielding call to its continuation */

/* A C function: its stack holds its arguments, it returns how many slots on top are results. */
typedef int (*lua_CFunction)(lua_State *L);

/* What runs when lua_callk, lua_pcallk or lua_yieldk cannot return to its caller. */
typedef int (*lua_KFunction)(lua_State *L, int status, lua_KContext ctx);

/* Yields the next piece of a chunk, its size in *sz; NULL or size 0 ends it. */
typedef const char *(*lua_Reader)(lua_State *L, void *ud, size_t *sz);

/* Takes the next piece of a dumped function; anything but 0 stops the dump. */
typedef int (*lua_Writer)(lua_State *L, const void *p, size_t sz, void *ud);

/* realloc and free in one: nsize 0 frees; for a new block (ptr NULL) osize is a type constant. */
typedef void *(*lua_Alloc)(void *ud, void *ptr, size_t osize, size_t nsize);

/* Takes a piece of a warning; tocont tells that the message goes on in the next call. */
typedef void (*lua_WarnFunction)(void *ud, const char *msg, int tocont);

typedef struct lua_Debug lua_Debug;

/* Runs at the events that lua_sethook selected; ar->event tells which. */
typedef void (*lua_Hook)(lua_State *L, lua_Debug *ar);

/* A header of the host's, seen by all code that uses this one. */
#if defined(LUA_USER_H)
#include LUA_USER_H
#endif

/* Identifies the library inside a binary. */
LUA_API const char lua_ident[];

/* ---- States and threads --------------------------------------------------------------------- */

/* [-0, +0, -] A new state whose memory all comes from f(ud, ...); NULL if that fails. The caller
   owns it and ends it with lua_close. */
LUA_API lua_State *(lua_newstate)(lua_Alloc f, void *ud);

/* [-0, +0, -] Close pending variables of the main thread, run all finalizers, free the state. L may
   be any of its threads. */
LUA_API void(lua_close)(lua_State *L);

/* [-0, +1, m] A new thread of L's state, with a stack of its own; the collector owns it. */
LUA_API lua_State *(lua_newthread)(lua_State *L);

/* [-0, +?, -] Unwind L, closing its pending variables on behalf of `from` (or NULL), and make it
   ready for use. Returns LUA_OK, or an error status with the error object on top of L's stack. */
LUA_API int(lua_closethread)(lua_State *L, lua_State *from);

/* [-0, +?, -] lua_closethread(L, NULL), under its older name. */
LUA_API int(lua_resetthread)(lua_State *L);

/* [-0, +0, -] Set what is called when an error finds no protected call; returns the former one. */
LUA_API lua_CFunction(lua_atpanic)(lua_State *L, lua_CFunction panicf);

/* [-0, +0, -] The version of the library, LUA_VERSION_NUM. L is not used. */
LUA_API lua_Number(lua_version)(lua_State *L);

/* ---- The stack ------------------------------------------------------------------------------ */

/* [-0, +0, -] The same index as a positive one; pseudo-indices are returned as they are. */
LUA_API int(lua_absindex)(lua_State *L, int idx);

/* [-0, +0, -] Index of the top slot, which is the number of slots in use. */
LUA_API int(lua_gettop)(lua_State *L);

/* [-?, +?, e] Make idx the top: drop what is above, or fill with nil. Closes the to-be-closed
   slots it drops. */
LUA_API void(lua_settop)(lua_State *L, int idx);

/* [-0, +1, -] Push a copy of the value at idx. */
LUA_API void(lua_pushvalue)(lua_State *L, int idx);

/* [-0, +0, -] Rotate the slots from idx to the top by n places towards the top. */
LUA_API void(lua_rotate)(lua_State *L, int idx, int n);

/* [-0, +0, -] Overwrite the value at toidx with that at fromidx. */
LUA_API void(lua_copy)(lua_State *L, int fromidx, int toidx);

/* [-0, +0, -] Make room for n more slots; 0 when that exceeds the limit or memory. */
LUA_API int(lua_checkstack)(lua_State *L, int n);

/* [-n from `from`, +n on `to`, -] Move n values to another thread of the same state. */
LUA_API void(lua_xmove)(lua_State *from, lua_State *to, int n);

/* ---- Reading values ------------------------------------------------------------------------- */

/* [-0, +0, -] Is the value a number or a string that reads as one? */
LUA_API int(lua_isnumber)(lua_State *L, int idx);

/* [-0, +0, -] Is the value a string or a number? */
LUA_API int(lua_isstring)(lua_State *L, int idx);

/* [-0, +0, -] Is the value a C function? */
LUA_API int(lua_iscfunction)(lua_State *L, int idx);

/* [-0, +0, -] Is the value a number represented as an integer? */
LUA_API int(lua_isinteger)(lua_State *L, int idx);

/* [-0, +0, -] Is the value a userdata, full or light? */
LUA_API int(lua_isuserdata)(lua_State *L, int idx);

/* [-0, +0, -] The LUA_T constant of the value, LUA_TNONE where no value can be. */
LUA_API int(lua_type)(lua_State *L, int idx);

/* [-0, +0, -] The name of a type constant; static storage. */
LUA_API const char *(lua_typename)(lua_State *L, int tp);

/* [-0, +0, -] The value as a float, converted if need be; 0, and 0 in *isnum, if it is none.
   isnum may be NULL. */
LUA_API lua_Number(lua_tonumberx)(lua_State *L, int idx, int *isnum);

/* [-0, +0, -] The value as an integer, converted if that is exact; 0, and 0 in *isnum, if not.
   isnum may be NULL. */
LUA_API lua_Integer(lua_tointegerx)(lua_State *L, int idx, int *isnum);

/* [-0, +0, -] 0 for nil, false and no value, 1 for all else. */
LUA_API int(lua_toboolean)(lua_State *L, int idx);

/* [-0, +0, m] The bytes of a string, zero-terminated, their number in *len (if not NULL). A number
   in the slot is turned into a string. NULL for other types. */
LUA_API const char *(lua_tolstring)(lua_State *L, int idx, size_t *len);

/* [-0, +0, -] Bytes of a string or userdata, border of a table without metamethods, else 0. */
LUA_API lua_Unsigned(lua_rawlen)(lua_State *L, int idx);

/* [-0, +0, -] The C function in the slot, NULL for any other value. */
LUA_API lua_CFunction(lua_tocfunction)(lua_State *L, int idx);

/* [-0, +0, -] Address of a full userdata's block, or a light userdata's value, else NULL. */
LUA_API void *(lua_touserdata)(lua_State *L, int idx);

/* [-0, +0, -] The thread in the slot, NULL for any other value. */
LUA_API lua_State *(lua_tothread)(lua_State *L, int idx);

/* [-0, +0, -] An address that identifies the object; only for hashing and printing. NULL for values
   that are no objects. */
LUA_API const void *(lua_topointer)(lua_State *L, int idx);

/* ---- Arithmetic and comparison -------------------------------------------------------------- */

#define LUA_OPADD 0
#define LUA_OPSUB 1
#define LUA_OPMUL 2
#define LUA_OPMOD 3
#define LUA_OPPOW 4
#define LUA_OPDIV 5
#define LUA_OPIDIV 6
#define LUA_OPBAND 7
#define LUA_OPBOR 8
#define LUA_OPBXOR 9
#define LUA_OPSHL 10
#define LUA_OPSHR 11
#define LUA_OPUNM 12
#define LUA_OPBNOT 13

/* [-(2|1), +1, e] Replace the operands on top (the right one topmost) by the result of op. */
LUA_API void(lua_arith)(lua_State *L, int op);

#define LUA_OPEQ 0
#define LUA_OPLT 1
#define LUA_OPLE 2

/* [-0, +0, -] Primitive equality; 0 if an index holds no value. */
LUA_API int(lua_rawequal)(lua_State *L, int idx1, int idx2);

/* [-0, +0, e] Compare as Lua's operator does; 0 if an index holds no value. */
LUA_API int(lua_compare)(lua_State *L, int idx1, int idx2, int op);

/* ---- Pushing values ------------------------------------------------------------------------- */

/* [-0, +1, -] */
LUA_API void(lua_pushnil)(lua_State *L);

/* [-0, +1, -] Push a float. */
LUA_API void(lua_pushnumber)(lua_State *L, lua_Number n);

/* [-0, +1, -] Push an integer. */
LUA_API void(lua_pushinteger)(lua_State *L, lua_Integer n);

/* [-0, +1, m] Push a copy of len bytes, which may contain zeros; returns the copy. */
LUA_API const char *(lua_pushlstring)(lua_State *L, const char *s, size_t len);

/* [-0, +1, m] Push a copy of a terminated string and return it; for NULL push nil, return NULL. */
LUA_API const char *(lua_pushstring)(lua_State *L, const char *s);

/* [-0, +1, v] lua_pushfstring with its arguments in argp. */
LUA_API const char *(lua_pushvfstring)(lua_State *L, const char *fmt, va_list argp);

/* [-0, +1, v] Push and return a formatted string. Directives are %% %s %f (lua_Number) %I
   (LUAI_UACINT) %p %d %c %U (a long, written as UTF-8); no widths. Other ones are an error. */
LUA_API const char *(lua_pushfstring)(lua_State *L, const char *fmt, ...);

/* [-n, +1, m] Push a C function whose upvalues are the n (at most 255) values on top. */
LUA_API void(lua_pushcclosure)(lua_State *L, lua_CFunction fn, int n);

/* [-0, +1, -] Push false for 0, else true. */
LUA_API void(lua_pushboolean)(lua_State *L, int b);

/* [-0, +1, -] Push a C pointer; nobody manages what it points to. */
LUA_API void(lua_pushlightuserdata)(lua_State *L, void *p);

/* [-0, +1, -] Push thread L itself; returns 1 if it is the main thread. */
LUA_API int(lua_pushthread)(lua_State *L);

/* ---- From Lua to the stack ------------------------------------------------------------------ */

/* [-0, +1, e] Push global `name`; returns the type of what was pushed, as do those below. */
LUA_API int(lua_getglobal)(lua_State *L, const char *name);

/* [-1, +1, e] Replace the key on top by t[key], t the value at idx. */
LUA_API int(lua_gettable)(lua_State *L, int idx);

/* [-0, +1, e] Push t[k]. */
LUA_API int(lua_getfield)(lua_State *L, int idx, const char *k);

/* [-0, +1, e] Push t[n]. */
LUA_API int(lua_geti)(lua_State *L, int idx, lua_Integer n);

/* [-1, +1, -] Replace the key on top by t[key] without metamethods; t must be a table. */
LUA_API int(lua_rawget)(lua_State *L, int idx);

/* [-0, +1, -] Push t[n] without metamethods. */
LUA_API int(lua_rawgeti)(lua_State *L, int idx, lua_Integer n);

/* [-0, +1, -] Push t[p], p as a light userdata, without metamethods. */
LUA_API int(lua_rawgetp)(lua_State *L, int idx, const void *p);

/* [-0, +1, m] Push a table with room for narr elements of a sequence and nrec other entries. */
LUA_API void(lua_createtable)(lua_State *L, int narr, int nrec);

/* [-0, +1, m] Push a full userdata of sz bytes and nuvalue user values; returns its block, aligned
   for any C object and freed by the collector. */
LUA_API void *(lua_newuserdatauv)(lua_State *L, size_t sz, int nuvalue);

/* [-0, +(0|1), -] Push the metatable of the value and return 1; 0 and nothing without one. */
LUA_API int(lua_getmetatable)(lua_State *L, int objindex);

/* [-0, +1, -] Push the n-th user value of a userdata and return its type; where there is none, push
   nil and return LUA_TNONE. */
LUA_API int(lua_getiuservalue)(lua_State *L, int idx, int n);

/* ---- From the stack to Lua ------------------------------------------------------------------ */

/* [-1, +0, e] Set global `name` to the value on top. */
LUA_API void(lua_setglobal)(lua_State *L, const char *name);

/* [-2, +0, e] t[key] = value, the value on top, the key below it. */
LUA_API void(lua_settable)(lua_State *L, int idx);

/* [-1, +0, e] t[k] = value on top. */
LUA_API void(lua_setfield)(lua_State *L, int idx, const char *k);

/* [-1, +0, e] t[n] = value on top. */
LUA_API void(lua_seti)(lua_State *L, int idx, lua_Integer n);

/* [-2, +0, m] As lua_settable, without metamethods. A nil or NaN key is an error. */
LUA_API void(lua_rawset)(lua_State *L, int idx);

/* [-1, +0, m] t[n] = value on top, without metamethods. */
LUA_API void(lua_rawseti)(lua_State *L, int idx, lua_Integer n);

/* [-1, +0, m] t[p] = value on top, p as a light userdata, without metamethods. */
LUA_API void(lua_rawsetp)(lua_State *L, int idx, const void *p);

/* [-1, +0, -] Give the value at objindex the metatable on top, or none for nil. Returns 1. */
LUA_API int(lua_setmetatable)(lua_State *L, int objindex);

/* [-1, +0, -] Set the n-th user value of a userdata; 0 if it has no such value. */
LUA_API int(lua_setiuservalue)(lua_State *L, int idx, int n);

/* ---- Loading and calling -------------------------------------------------------------------- */

/* [-(nargs + 1), +nresults, e] Call the function below its nargs arguments. With k, the call may
   yield; then k(L, LUA_YIELD, ctx) continues in place of the caller. */
LUA_API void(lua_callk)(lua_State *L, int nargs, int nresults, lua_KContext ctx, lua_KFunction k);
#define lua_call(L, n, r) lua_callk(L, (n), (r), 0, NULL)

/* [-(nargs + 1), +(nresults|1), -] A call that catches errors: returns LUA_OK, or an error status
   with one error object pushed, which went through the message handler at index errfunc (0: none).
   After a yield, k takes over with that status, LUA_YIELD standing for success. */
LUA_API int(lua_pcallk)(lua_State *L, int nargs, int nresults, int errfunc, lua_KContext ctx,
                        lua_KFunction k);
#define lua_pcall(L, n, r, f) lua_pcallk(L, (n), (r), (f), 0, NULL)

/* [-0, +1, -] Push the function that the chunk read by reader(L, dt, ...) compiles to, or an error
   message; returns the status. mode says which forms are allowed: "b", "t" or "bt" (also NULL). */
LUA_API int(lua_load)(lua_State *L, lua_Reader reader, void *dt, const char *chunkname,
                      const char *mode);

/* [-0, +0, -] Write the Lua function on top in binary form, without debug information if strip.
   Returns what the last call of the writer returned; 1 if the value is no Lua function. */
LUA_API int(lua_dump)(lua_State *L, lua_Writer writer, void *data, int strip);

/* ---- Coroutines ----------------------------------------------------------------------------- */

/* [-?, +?, v] Yield nresults values from the top. When resumed, k(L, LUA_YIELD, ctx) runs; without
   k control returns to the function's caller. Use it as a return expression. */
LUA_API int(lua_yieldk)(lua_State *L, int nresults, lua_KContext ctx, lua_KFunction k);
#define lua_yield(L, n) lua_yieldk(L, (n), 0, NULL)

/* [-?, +?, -] Start or continue L with narg arguments on its stack; `from` is the resuming thread
   or NULL. Returns LUA_YIELD, LUA_OK when finished, both with *nres values on top, or an error
   status with the error object on top and the stack left for the debug interface. */
LUA_API int(lua_resume)(lua_State *L, lua_State *from, int narg, int *nres);

/* [-0, +0, -] LUA_OK, LUA_YIELD if suspended in a yield, or the error that ended it. */
LUA_API int(lua_status)(lua_State *L);

/* [-0, +0, -] May the running function yield? */
LUA_API int(lua_isyieldable)(lua_State *L);

/* ---- Warnings ------------------------------------------------------------------------------- */

/* [-0, +0, -] Set what warnings go to; NULL drops them. */
LUA_API void(lua_setwarnf)(lua_State *L, lua_WarnFunction f, void *ud);

/* [-0, +0, -] Emit a piece of a warning, with more to follow if tocont. */
LUA_API void(lua_warning)(lua_State *L, const char *msg, int tocont);

/* ---- The collector -------------------------------------------------------------------------- */

#define LUA_GCSTOP 0
#define LUA_GCRESTART 1
#define LUA_GCCOLLECT 2
#define LUA_GCCOUNT 3               /* kilobytes in use */
#define LUA_GCCOUNTB 4              /* and bytes beyond these */
#define LUA_GCSTEP 5                /* (int kilobytes): 1 if a cycle ended */
#define LUA_GCSETPAUSE 6            /* (int percent): the former value */
#define LUA_GCSETSTEPMUL 7          /* (int percent): the former value */
#define LUA_GCISRUNNING 9
#define LUA_GCGEN 10                /* (int minor, int major): the former mode */
#define LUA_GCINC 11                /* (int pause, int stepmul, int stepsize): the former mode */

/* [-0, +0, -] Control the collector; the arguments of each option are given above. -1 for an
   invalid option, or when called from a finalizer. */
LUA_API int(lua_gc)(lua_State *L, int what, ...);

/* ---- Miscellaneous -------------------------------------------------------------------------- */

/* [-1, +0, v] Raise the value on top as an error. Does not return. */
LUA_API int(lua_error)(lua_State *L);

/* [-1, +(2|0), v] Replace the key on top by the next key of the table and its value; at the end pop
   it and return 0. A key that is not in the table is an error. */
LUA_API int(lua_next)(lua_State *L, int idx);

/* [-n, +1, e] Concatenate the n values on top, as the operator does. */
LUA_API void(lua_concat)(lua_State *L, int n);

/* [-0, +1, e] Push the length of the value, as the operator does. */
LUA_API void(lua_len)(lua_State *L, int idx);

/* [-0, +(0|1), -] Push the number the string reads as and return the string's size with terminator;
   0, and nothing pushed, if it reads as none. */
LUA_API size_t(lua_stringtonumber)(lua_State *L, const char *s);

/* [-0, +0, -] The state's allocator, and in *ud (if not NULL) its argument. */
LUA_API lua_Alloc(lua_getallocf)(lua_State *L, void **ud);

/* [-0, +0, -] Replace the allocator; existing blocks go back to where they came from. */
LUA_API void(lua_setallocf)(lua_State *L, lua_Alloc f, void *ud);

/* [-0, +0, v] Mark a slot as to-be-closed. The value needs a __close metamethod, nil and false are
   ignored; it must be the last slot marked. */
LUA_API void(lua_toclose)(lua_State *L, int idx);

/* [-0, +0, e] Close the to-be-closed slot at once and set it to nil. */
LUA_API void(lua_closeslot)(lua_State *L, int idx);

/* ---- Shorthands ----------------------------------------------------------------------------- */

/* The LUA_EXTRASPACE bytes of the host; a new thread starts with a copy of the main one's. */
#define lua_getextraspace(L) ((void *)((char *)(L) - LUA_EXTRASPACE))

#define lua_tonumber(L, i) lua_tonumberx(L, (i), NULL)
#define lua_tointeger(L, i) lua_tointegerx(L, (i), NULL)
#define lua_tostring(L, i) lua_tolstring(L, (i), NULL)

#define lua_pop(L, n) lua_settop(L, -(n)-1)
#define lua_insert(L, idx) lua_rotate(L, (idx), 1)
#define lua_remove(L, idx) (lua_rotate(L, (idx), -1), lua_pop(L, 1))
#define lua_replace(L, idx) (lua_copy(L, -1, (idx)), lua_pop(L, 1))

#define lua_newtable(L) lua_createtable(L, 0, 0)
#define lua_register(L, n, f) (lua_pushcfunction(L, (f)), lua_setglobal(L, (n)))
#define lua_pushcfunction(L, f) lua_pushcclosure(L, (f), 0)
#define lua_pushliteral(L, s) lua_pushstring(L, "" s)
#define lua_pushglobaltable(L) ((void)lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS))

#define lua_isfunction(L, n) (lua_type(L, (n)) == LUA_TFUNCTION)
#define lua_istable(L, n) (lua_type(L, (n)) == LUA_TTABLE)
#define lua_islightuserdata(L, n) (lua_type(L, (n)) == LUA_TLIGHTUSERDATA)
#define lua_isnil(L, n) (lua_type(L, (n)) == LUA_TNIL)
#define lua_isboolean(L, n) (lua_type(L, (n)) == LUA_TBOOLEAN)
#define lua_isthread(L, n) (lua_type(L, (n)) == LUA_TTHREAD)
#define lua_isnone(L, n) (lua_type(L, (n)) == LUA_TNONE)
#define lua_isnoneornil(L, n) (lua_type(L, (n)) <= 0)

/* ---- Names of earlier versions -------------------------------------------------------------- */

#if defined(LUA_COMPAT_APIINTCASTS)
#define lua_pushunsigned(L, n) lua_pushinteger(L, (lua_Integer)(n))
#define lua_tounsignedx(L, i, is) ((lua_Unsigned)lua_tointegerx(L, i, is))
#define lua_tounsigned(L, i) lua_tounsignedx(L, (i), NULL)
#endif

/* Userdata with one user value, the only kind before 5.4. */
#define lua_newuserdata(L, s) lua_newuserdatauv(L, s, 1)
#define lua_getuservalue(L, idx) lua_getiuservalue(L, idx, 1)
#define lua_setuservalue(L, idx) lua_setiuservalue(L, idx, 1)

#define LUA_NUMTAGS LUA_NUMTYPES

/* ---- The debug interface (manual 4.7) ------------------------------------------------------- */

/* Events of a hook, and the masks that select them. */
#define LUA_HOOKCALL 0
#define LUA_HOOKRET 1
#define LUA_HOOKLINE 2
#define LUA_HOOKCOUNT 3
#define LUA_HOOKTAILCALL 4

#define LUA_MASKCALL (1 << LUA_HOOKCALL)
#define LUA_MASKRET (1 << LUA_HOOKRET)
#define LUA_MASKLINE (1 << LUA_HOOKLINE)
#define LUA_MASKCOUNT (1 << LUA_HOOKCOUNT)

/* [-0, +0, -] Let ar name the frame at that level, 0 the running function; 0 if there is none. */
LUA_API int(lua_getstack)(lua_State *L, int level, lua_Debug *ar);

/* [-(0|1), +(0|1|2), m] Fill the parts of ar that the letters of `what` ask for; 'f' pushes the
   function, then 'L' a table of its lines. After '>' the function is taken from the top instead of
   from ar. 0 for an invalid letter. */
LUA_API int(lua_getinfo)(lua_State *L, const char *what, lua_Debug *ar);

/* [-0, +(0|1), -] Push local variable n of the frame (negative: a vararg) and return its name; NULL
   if there is none. With ar NULL, the name of parameter n of the function on top, popped. */
LUA_API const char *(lua_getlocal)(lua_State *L, const lua_Debug *ar, int n);

/* [-(0|1), +0, -] Set local variable n of the frame to the value on top, and return its name; NULL
   if there is none. */
LUA_API const char *(lua_setlocal)(lua_State *L, const lua_Debug *ar, int n);

/* [-0, +(0|1), -] Push upvalue n of the closure and return its name ("" in C functions); NULL if
   there is none. */
LUA_API const char *(lua_getupvalue)(lua_State *L, int funcindex, int n);

/* [-(0|1), +0, -] Set upvalue n to the value on top, and return its name; NULL if there is none. */
LUA_API const char *(lua_setupvalue)(lua_State *L, int funcindex, int n);

/* [-0, +0, -] What identifies upvalue n: equal for closures that share it. NULL if none. */
LUA_API void *(lua_upvalueid)(lua_State *L, int fidx, int n);

/* [-0, +0, -] Let upvalue n1 of one Lua closure be upvalue n2 of the other. Both must exist. */
LUA_API void(lua_upvaluejoin)(lua_State *L, int fidx1, int n1, int fidx2, int n2);

/* [-0, +0, -] Call func at the events in mask, and for LUA_MASKCOUNT every count instructions; a
   NULL function or a zero mask turns hooks off. May be called from a signal handler. */
LUA_API void(lua_sethook)(lua_State *L, lua_Hook func, int mask, int count);

/* [-0, +0, -] The current hook. */
LUA_API lua_Hook(lua_gethook)(lua_State *L);

/* [-0, +0, -] Its mask. */
LUA_API int(lua_gethookmask)(lua_State *L);

/* [-0, +0, -] Its count. */
LUA_API int(lua_gethookcount)(lua_State *L);

/* [-0, +0, -] Without effect, as in the reference; returns the limit of nested C calls, 200. */
LUA_API int(lua_setcstacklimit)(lua_State *L, unsigned int limit);

/* What is known of a frame or function. The letter is the lua_getinfo option for the field. */
struct lua_Debug {
    int event;
    const char *name;               /* n: a reasonable name, or NULL */
    const char *namewhat;           /* n: "global", "local", "method", ..., "" if unknown */
    const char *what;               /* S: "Lua", "C", "main" */
    const char *source;             /* S: the chunk's name as it was loaded */
    size_t srclen;                  /* S: its length */
    int currentline;                /* l: -1 if unknown */
    int linedefined;                /* S */
    int lastlinedefined;            /* S */
    unsigned char nups;             /* u: upvalues */
    unsigned char nparams;          /* u: parameters, without the vararg */
    char isvararg;                  /* u */
    char istailcall;                /* t: called by a tail call, so its caller is gone */
    unsigned short ftransfer;       /* r: index of the first argument or result in flight */
    unsigned short ntransfer;       /* r: how many there are */
    char short_src[LUA_IDSIZE];     /* S: printable form of source */
    /* Of the library: */
    struct CallInfo *i_ci;          /* the frame */
};

#endif
