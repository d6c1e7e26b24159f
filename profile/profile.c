// SPDX-License-Identifier: MIT
/* See profile/profile.h. */
#include "profile/profile.h"

#include <string.h>

#include "gc/gc.h"

Profile *profile_get(lua_State *L) {
    Global *g = G(L);
    if (g->profile == NULL) {
        Profile *fresh = mem_try_realloc(L, NULL, 0, sizeof *fresh);
        if (fresh != NULL) g->profile = memset(fresh, 0, sizeof *fresh);
    }
    return g->profile;
}

void profile_proto_dies(Global *g, Proto *p) { tier_proto_dies(g, p); }

void profile_close(lua_State *L) {
    Global *g = G(L);
    if (g->profile == NULL) return;
    tier_table_clear(L);
    function_ids_clear(L);
    mem_free(L, g->profile, sizeof *g->profile);
    g->profile = NULL;
}
