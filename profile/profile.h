// SPDX-License-Identifier: MIT
/* What a state knows of its functions beyond the prototypes themselves: made when the first
 * function is wanted in a higher tier. */
#ifndef PERIGEE_PROFILE_H
#define PERIGEE_PROFILE_H

#include "profile/function_id.h"
#include "profile/tier_table.h"

typedef struct Profile {
    FunctionIdMapper ids;
    TierTable tiers;
} Profile;

/* The state's profile, made on demand; NULL: no memory. */
Profile *profile_get(lua_State *L);
/* A prototype dies (called by whoever asked for its entry: the seam's proto_dies). */
void profile_proto_dies(Global *g, Proto *p);
/* Frees it; after the last object has died. */
void profile_close(lua_State *L);

#endif
