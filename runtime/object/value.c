// SPDX-License-Identifier: MIT
/* What Lua sees of a tag: the LUA_T constant. Tags are finer (integers and floats, short and long
 * strings). */
#include "object/value.h"

const int8_t value_type_of_tag[TAG_COUNT] = {
    [TAG_NIL] = LUA_TNIL,
    [TAG_FALSE] = LUA_TBOOLEAN,
    [TAG_TRUE] = LUA_TBOOLEAN,
    [TAG_LIGHTUD] = LUA_TLIGHTUSERDATA,
    [TAG_INT] = LUA_TNUMBER,
    [TAG_FLT] = LUA_TNUMBER,
    [TAG_LCF] = LUA_TFUNCTION,
    [7] = LUA_TNONE,
    [TAG_SSTR] = LUA_TSTRING,
    [TAG_LSTR] = LUA_TSTRING,
    [TAG_TABLE] = LUA_TTABLE,
    [TAG_LCL] = LUA_TFUNCTION,
    [TAG_CCL] = LUA_TFUNCTION,
    [TAG_UDATA] = LUA_TUSERDATA,
    [TAG_THREAD] = LUA_TTHREAD,
    [TAG_PROTO] = LUA_TNONE,
    [TAG_UPVAL] = LUA_TNONE,
    [TAG_SHAPE] = LUA_TNONE,
    [TAG_DESCS] = LUA_TNONE,
    [TAG_CLASS] = LUA_TNONE,
    [TAG_FEEDBACK] = LUA_TNONE,
    [TAG_STRBUF] = LUA_TNONE,
};
