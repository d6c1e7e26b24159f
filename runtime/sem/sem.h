// SPDX-License-Identifier: MIT
/* Meaning of operations beyond the fast paths: the functions that every tier and the C API call.
 *
 * Functions taking slots (StkId or `ptrdiff_t` offsets) may move the stack. Those named slow_*
 * complete one instruction: they are given the pc after it, save it in the frame, and return the pc
 * to go on at; the caller reloads everything else from L->ci.
 */
#ifndef PERIGEE_SEM_H
#define PERIGEE_SEM_H

#include <math.h>

#include "object/table.h"
#include "sem/opcodes.h"
#include "state/state.h"

/* --- numbers --- */
static inline lua_Integer int_add(lua_Integer a, lua_Integer b) { return (lua_Integer)((lua_Unsigned)a + (lua_Unsigned)b); }
static inline lua_Integer int_sub(lua_Integer a, lua_Integer b) { return (lua_Integer)((lua_Unsigned)a - (lua_Unsigned)b); }
static inline lua_Integer int_mul(lua_Integer a, lua_Integer b) { return (lua_Integer)((lua_Unsigned)a * (lua_Unsigned)b); }
static inline lua_Integer int_neg(lua_Integer a) { return (lua_Integer)(0u - (lua_Unsigned)a); }
/* The conversion instruction keeps the upper half of its destination, so it would wait for whatever
 * was computed there; clearing the register first breaks the chain. (Compilers leave that out in
 * functions without callee-saved registers.) */
static inline lua_Number int_to_flt(lua_Integer i) {
#ifdef __x86_64__
    lua_Number n;
    __asm__("pxor %0, %0\n\tcvtsi2sdq %1, %0" : "=&x"(n) : "rm"(i));
    return n;
#else
    return (lua_Number)i;
#endif
}
/* the divisor is neither 0 nor -1 */
static inline lua_Integer int_floordiv(lua_Integer a, lua_Integer b) {
    lua_Integer q = a / b;
    return q - ((a % b != 0) & ((a ^ b) < 0));
}
static inline lua_Integer int_floormod(lua_Integer a, lua_Integer b) {
    lua_Integer r = a % b;
    if (__builtin_expect((r ^ b) < 0 && r != 0, 0)) r += b; /* a branch: the common case must not wait for it */
    return r;
}
lua_Integer sem_idiv(lua_State *L, lua_Integer a, lua_Integer b); /* raise on 0 */
lua_Integer sem_mod(lua_State *L, lua_Integer a, lua_Integer b);
static inline lua_Integer int_shl(lua_Integer a, lua_Integer n) {
    if (n <= -64 || n >= 64) return 0;
    return n >= 0 ? (lua_Integer)((lua_Unsigned)a << n) : (lua_Integer)((lua_Unsigned)a >> -n);
}
lua_Number flt_mod(lua_Number a, lua_Number b);
static inline lua_Number flt_idiv(lua_Number a, lua_Number b) { return floor(a / b); }
lua_Number flt_pow(lua_Number a, lua_Number b);

enum { ROUND_EXACT, ROUND_FLOOR, ROUND_CEIL };
/* integer with the value of n (rounded as told); false: none */
bool flt_to_int(lua_Number n, lua_Integer *out, int round);
/* conversions with Lua's coercion of strings; false: not convertible */
bool value_to_int(const TValue *o, lua_Integer *out, int round);
bool value_to_int_nostr(const TValue *o, lua_Integer *out, int round);
bool value_to_flt(const TValue *o, lua_Number *out);
bool str_to_num(const String *s, TValue *out); /* all of s is a numeral */

/* a op b on numbers without metamethods (op: LUA_OP*); false: operands do not fit. May raise for
 * division by zero */
bool arith_raw(lua_State *L, int op, const TValue *a, const TValue *b, TValue *out);
/* the same with metamethods; result to the slot at offset res */
void sem_arith(lua_State *L, int op, const TValue *a, const TValue *b, ptrdiff_t res);

/* --- comparison --- */
bool value_raw_equal(const TValue *a, const TValue *b);
bool sem_equal(lua_State *L, const TValue *a, const TValue *b);
bool sem_less(lua_State *L, const TValue *a, const TValue *b);
bool sem_less_equal(lua_State *L, const TValue *a, const TValue *b);
bool num_less(const TValue *a, const TValue *b);       /* both numbers; exact */
bool num_less_equal(const TValue *a, const TValue *b);

/* --- access --- */
enum { MAX_CHAIN = 2000 };
void sem_get(lua_State *L, const TValue *o, const TValue *key, ptrdiff_t res);
void sem_set(lua_State *L, const TValue *o, const TValue *key, const TValue *val);
/* First halves of these: true, done (the value read is in *out); false: a function is to be called,
 * in *out or *handler, with *self in place of o */
bool sem_find(lua_State *L, const TValue *o, const TValue *key, TValue *out, TValue *self);
bool sem_store(lua_State *L, const TValue *o, const TValue *key, const TValue *val, TValue *handler, TValue *self);
/* the metamethod of an arithmetic event for two operands; raises when there is none */
void sem_binary_metamethod(lua_State *L, const TValue *a, const TValue *b, int event, TValue *f);
void sem_len(lua_State *L, const TValue *o, ptrdiff_t res);

void step_after(lua_State *L, StkId last); /* a collector step, if due, after an object was put in register `last` */
Table *new_table_for(lua_State *L, unsigned ninline, unsigned fields, unsigned items);

/* --- strings --- */
void sem_concat(lua_State *L, int total); /* the topmost `total` values become their concatenation, left in the lowest */
bool value_to_string(lua_State *L, TValue *o); /* a number in *o becomes its text; false: neither string nor number */

/* --- loops --- */
/* prepares a numeric loop at ra; true: skip it. *iterations: how many follow the first (saturated) */
bool sem_forprep(lua_State *L, StkId ra, lua_Unsigned *iterations);
bool sem_forloop_flt(StkId ra);

/* An iteration by the library's next or ipairs without the call. The control variable's spare word
 * keeps the place in the table. False: to be called after all (also when that is going to be an
 * error, whose message depends on where it is raised). */
bool iterate_in_place(lua_State *L, StkId ra, unsigned nvars);

/* --- functions --- */
void sem_closure(lua_State *L, StkId base, StkId ra, LClosure *encl, Proto *p); /* base: register 0 */
void sem_varargs(lua_State *L, CallInfo *ci, StkId where, int wanted);
void sem_vararg_prepare(lua_State *L, CallInfo *ci, const Proto *p);

/* completes the instruction that a yield interrupted */
void sem_finish_op(lua_State *L);

/* a read into register ra, by the running frame, which has saved pc */
const Insn *get_or_call(lua_State *L, const Insn *pc, const TValue *o, const TValue *key, StkId ra);

/* calls metamethod f(a, b[, c]) for the instruction that the running frame is at, which has saved
 * its pc; result as of slow paths */
const Insn *call_handler(lua_State *L, const TValue *f, const TValue *a, const TValue *b, const TValue *c, int nresults);

/* --- slow paths of instructions --- */
#define SLOW_PATHS(S)                                                                                          \
    S(slow_arith) S(slow_unary) S(slow_compare) S(slow_equal) S(slow_get) S(slow_set) S(slow_self) S(slow_len)             \
    S(slow_concat) S(slow_close) S(slow_tbc) S(slow_newtable) S(slow_setlist) S(slow_closure) S(slow_vararg)   \
    S(slow_varargprep) S(slow_forprep) S(slow_tforprep) S(slow_tforcall) S(slow_call) S(slow_tailcall)       \
    S(slow_attention) S(slow_loop_hot)
#define SLOW_DECLARE(name) const Insn *name(lua_State *L, const Insn *pc, Insn i);
SLOW_PATHS(SLOW_DECLARE)
SLOW_DECLARE(slow_return) /* when the frame was fresh, the interpreter is to be left */
#undef SLOW_DECLARE

#endif
