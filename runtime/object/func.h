// SPDX-License-Identifier: MIT
/* Closures, upvalues, prototypes, user data: creation. */
#ifndef PERIGEE_FUNC_H
#define PERIGEE_FUNC_H

#include "object/thread.h"

Proto *proto_new(lua_State *L);                        /* all fields zero */
LClosure *lclosure_new(lua_State *L, Proto *p, unsigned nupvalues); /* upvals NULL */
CClosure *cclosure_new(lua_State *L, unsigned nupvalues);
void lclosure_new_upvals(lua_State *L, LClosure *cl);  /* fills with fresh closed upvalues holding nil */
UpVal *upval_closed(lua_State *L, const TValue *x);      /* a new one that holds x */
UpVal *upval_find_quickly(lua_State *L, StkId slot);   /* as upval_find without collecting; NULL: no cell is free */
UpVal *upval_find(lua_State *L, StkId slot);           /* the open upvalue of a stack slot, created if there is none */
void upval_close(lua_State *L, StkId level);           /* closes all at or above level */
Udata *udata_new(lua_State *L, size_t len, unsigned nuvalue);
const char *func_local_name(const Proto *p, int n, int pc); /* name of the nth active local at pc, NULL if none */

#endif
