// SPDX-License-Identifier: MIT
/* perigee.h, section "Limits". */
#include "api/api.h"

#include "base/options.h"
#include "perigee.h"
#include "state/code.h"
#include "state/limits.h"

_Static_assert((int)PERIGEE_LIMIT_INSTRUCTIONS == LIMIT_INSTRUCTIONS && (int)PERIGEE_LIMIT_TIME == LIMIT_TIME &&
                   (int)PERIGEE_LIMIT_MEMORY == LIMIT_MEMORY && (int)PERIGEE_LIMIT_CODE == LIMIT_CODE &&
                   (int)PERIGEE_LIMIT_DEPTH == LIMIT_DEPTH,
               "one numbering");

static bool is_limit(int which) { return which > LIMIT_NONE && which < LIMIT_COUNT; }

LUA_API int perigee_setlimit(lua_State *L, int which, unsigned long long value) {
    if (!is_limit(which)) return 0;
    return limits_set(L, (Limit)which, value, value != PERIGEE_UNLIMITED);
}

LUA_API int perigee_clearlimit(lua_State *L, int which) { return perigee_setlimit(L, which, PERIGEE_UNLIMITED); }

LUA_API unsigned long long perigee_getlimit(lua_State *L, int which) {
    const Limits *l = G(L)->limits;
    return l != NULL && is_limit(which) && l->set[which] ? l->value[which] : PERIGEE_UNLIMITED;
}

LUA_API unsigned long long perigee_usage(lua_State *L, int which) {
    if (which == PERIGEE_LIMIT_CODE) {
        const PerigeeSeam *seam = G(L)->seam;
        return seam != NULL && seam->code_bytes != NULL ? seam->code_bytes(G(L)) : 0;
    }
    return is_limit(which) ? limits_usage(G(L), (Limit)which) : 0;
}

LUA_API int perigee_limitreached(lua_State *L) { return G(L)->limits != NULL ? G(L)->limits->reached : PERIGEE_LIMIT_NONE; }

LUA_API void perigee_poll(lua_State *L) { limits_poll(L); }

LUA_API void perigee_interrupt(lua_State *L, int on) {
    Global *g = G(L);
    g->interrupted = on != 0;
    if (on) thread_want_attention(g->current != NULL ? g->current : L);
}

/* Those of PERIGEE_OPTIONS. */
bool limits_from_options(lua_State *L, const Options *o) {
    const struct { Limit which; uint64_t value; } rows[] = {
        {LIMIT_INSTRUCTIONS, o->max_instructions}, {LIMIT_TIME, o->max_time}, {LIMIT_MEMORY, o->max_memory},
        {LIMIT_CODE, o->max_code}, {LIMIT_DEPTH, o->max_depth},
    };
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++)
        if (rows[n].value != UINT64_MAX && !limits_set(L, rows[n].which, rows[n].value, true)) return false;
    return true;
}
