// SPDX-License-Identifier: MIT
/* What the files of the C API share: from an index to its slot, and the assertions of hosts' mistakes.
 *
 * Rules of this floor
 *  1. A slot pointer is stale after anything that may run Lua code, grow the stack or take a
 *     collector step; take it again.
 *  2. A new object goes to the stack before anything else is allocated; gc_step_if_due comes last.
 *  3. Nothing is checked in release builds that the manual makes the host's duty. With
 *     LUA_USE_APICHECK it is.
 */
#ifndef PERIGEE_API_H
#define PERIGEE_API_H

#include "object/func.h"
#include "object/string.h"
#include "object/table.h"
#include "sem/sem.h"
#include "state/frame.h"
#include "state/state.h"

#if defined(LUA_USE_APICHECK)
#define api_check(L, e) luai_apicheck(L, (e))
#else
#define api_check(L, e) ((void)0)
#endif
#define api_check_args(L, n) api_check(L, (n) < (L)->top - (L)->ci->func)
#define api_check_results(L, na, nr) \
    api_check(L, (nr) == LUA_MULTRET || (L)->ci->top - (L)->top >= (nr) - (na))

/* What an index without a value refers to; is_none tells it from a slot that holds nil. */
static inline TValue *api_none(lua_State *L) { return &G(L)->nilvalue; }
static inline bool is_none(lua_State *L, const TValue *o) { return o == &G(L)->nilvalue; }

TValue *api_pseudo_slot(lua_State *L, int idx); /* registry and upvalues */

static inline bool is_pseudo(int idx) { return idx <= LUA_REGISTRYINDEX; }
static inline bool is_upvalue_index(int idx) { return idx < LUA_REGISTRYINDEX; }

/* the value at any acceptable index */
static inline TValue *api_value(lua_State *L, int idx) {
    if (idx > 0) {
        StkId o = L->ci->func + idx;
        api_check(L, idx <= L->ci->top - (L->ci->func + 1));
        return __builtin_expect(o < L->top, 1) ? o : api_none(L);
    }
    if (!is_pseudo(idx)) {
        api_check(L, idx != 0 && -idx <= L->top - (L->ci->func + 1));
        return L->top + idx;
    }
    return api_pseudo_slot(L, idx);
}

/* a slot of the stack; idx is no pseudo-index */
static inline StkId api_slot(lua_State *L, int idx) {
    api_check(L, !is_pseudo(idx) && idx != 0);
    return idx > 0 ? L->ci->func + idx : L->top + idx;
}

static inline void api_push(lua_State *L) {
    L->top++;
    api_check(L, L->top <= L->ci->top);
}

/* Results of a call that wanted all of them may reach above the frame's limit. */
static inline void api_adjust_limit(lua_State *L, int nresults) {
    if (nresults == LUA_MULTRET && L->ci->top < L->top) L->ci->top = L->top;
}

/* a table that the caller promises */
static inline Table *api_table(lua_State *L, int idx) {
    TValue *t = api_value(L, idx);
    api_check(L, is_table(t));
    return as_table(t);
}

static inline void api_globals(lua_State *L, TValue *out) {
    table_get_int(as_table(&G(L)->registry), LUA_RIDX_GLOBALS, out);
}

/* The string with the bytes of a C string; literals are remembered by their address. Not anchored. */
String *api_string(lua_State *L, const char *s);

/* --- one block for all that lives as long as the state (newstate.c) --- */

/* Strings by address of a C literal. An entry counts only while its stamp is the collector's: the
 * string may be gone otherwise. */
enum { LITERAL_SETS = 64, LITERAL_WAYS = 2 };
typedef struct Literal {
    const char *address;
    String *string;
    uint32_t stamp;
} Literal;

typedef struct StateBlock {
    _Alignas(16) char extra[16]; /* its last LUA_EXTRASPACE bytes are the main thread's extra space */
    lua_State main;
    Global global;
    Literal literals[LITERAL_SETS][LITERAL_WAYS];
    struct Reporter *reporter; /* what observes the state (api/report.h); NULL: nothing */
} StateBlock;
_Static_assert(offsetof(StateBlock, main) == 16 && LUA_EXTRASPACE <= 16, "extra space lies just before the thread");

static inline StateBlock *state_block(Global *g) {
    return (StateBlock *)(void *)((char *)g - offsetof(StateBlock, global));
}

/* --- to be supplied by a higher floor: compiles what gets hot, if the options allow it; sets
 * Global.seam (tiers/engine/engine.h) --- */
void engine_attach(lua_State *L);

/* limits.c: those that the options ask for; false: no memory. */
struct Options;
bool limits_from_options(lua_State *L, const struct Options *o);

#endif
