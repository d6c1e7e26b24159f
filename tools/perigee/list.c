// SPDX-License-Identifier: MIT
#include "list.h"

#include <stdio.h>

#include "front/front.h"

void perigee_list(lua_State *L, int full) {
    const TValue *o = L->top - 1;
    if (is_lcl(o)) front_list(as_lcl(o)->p, stdout, full != 0);
}
