// SPDX-License-Identifier: MIT
/* Within the API floor: what runs typed functions for everybody but optimised code. */
#ifndef PERIGEE_API_TYPED_H
#define PERIGEE_API_TYPED_H

#include "lua.h"

int typed_call(lua_State *L);

#endif
