// SPDX-License-Identifier: MIT
/* Keeping a new object alive while another is allocated: it stands on the stack meanwhile (rule 1
 * of gc/gc.h). The extra space above
 * every stack has room for it; an error restores the top. */
#ifndef PERIGEE_ANCHOR_H
#define PERIGEE_ANCHOR_H

#include "object/thread.h"

static inline void anchor_push(lua_State *L, void *o) {
    set_gc(L->top, o);
    L->top++;
}
static inline void anchor_pop(lua_State *L) { L->top--; }

#endif
