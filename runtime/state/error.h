// SPDX-License-Identifier: MIT
/* Raising errors. Errors unwind by longjmp to the innermost state_protected (as the C API promises:
 * through foreign C frames too). */
#ifndef PERIGEE_ERROR_H
#define PERIGEE_ERROR_H

#include <stdarg.h>

#include "object/thread.h"

/* Raises status. LUA_ERRMEM and LUA_ERRERR take their own message; else the error value is at
 * L->top - 1. */
_Noreturn void state_throw(lua_State *L, int status);
/* "source:line: " before the message on top, if the running function is written in Lua. */
void rt_add_position(lua_State *L);
/* Formats a message (as lua_pushfstring: %s %d %I %f %p %c %U %%), puts "source:line:" before it
 * when the running function is Lua, raises LUA_ERRRUN through the message handler. */
_Noreturn void rt_error(lua_State *L, const char *fmt, ...);
/* Raises the value at L->top - 1, calling the message handler first. */
_Noreturn void rt_error_value(lua_State *L);
/* Pushes a formatted string and returns its bytes. */
const char *state_vpushf(lua_State *L, const char *fmt, va_list ap);
const char *state_pushf(lua_State *L, const char *fmt, ...);
/* Writes "file:line:"-style short form of a chunk name to out (LUA_IDSIZE bytes). */
void chunk_id(char *out, const char *source, size_t len);

/* Runs f(L, ud); returns LUA_OK or the status of the error raised inside. ncalls is restored. */
typedef void (*ProtectedFn)(lua_State *L, void *ud);
int state_protected(lua_State *L, ProtectedFn f, void *ud);

/* Messages with the name of the culprit (debug information); o is the offending value, in a
 * register or upvalue of the running function */
_Noreturn void rt_type_error(lua_State *L, const TValue *o, const char *operation); /* attempt to <operation> a <type> value (<variable>) */
_Noreturn void rt_call_error(lua_State *L, const TValue *o);
_Noreturn void rt_for_error(lua_State *L, const TValue *o, const char *what);       /* 'for' initial value must be a number */
_Noreturn void rt_concat_error(lua_State *L, const TValue *a, const TValue *b);
_Noreturn void rt_arith_error(lua_State *L, const TValue *a, const TValue *b, const char *operation); /* perform arithmetic on */
_Noreturn void rt_toint_error(lua_State *L, const TValue *a, const TValue *b); /* number has no integer representation */
_Noreturn void rt_order_error(lua_State *L, const TValue *a, const TValue *b); /* attempt to compare */

#endif
