// SPDX-License-Identifier: MIT
/* string.pack, string.packsize, string.unpack. */
#ifndef PERIGEE_LIB_PACK_H
#define PERIGEE_LIB_PACK_H

#include "lib.h"

int pack_pack(lua_State *L);
int pack_size(lua_State *L);
int pack_unpack(lua_State *L);

#endif
