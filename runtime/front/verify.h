// SPDX-License-Identifier: MIT
#ifndef PERIGEE_VERIFY_H
#define PERIGEE_VERIFY_H

#include "front/front.h"

/* front_verify for one function, without those inside it. */
const char *verify_function(lua_State *L, const Proto *p);

#endif
