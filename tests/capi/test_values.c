// SPDX-License-Identifier: MIT
/* Stack, conversions, tables, metatables, userdata. */
#include "capi.h"

#include <math.h>
#include <stdint.h>

static void check_stack(const char *want) {
    luaL_Buffer b;
    int n = lua_gettop(L);
    luaL_buffinit(L, &b);
    for (int i = 1; i <= n; i++) {
        lua_pushinteger(L, lua_tointeger(L, i));
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    ck_assert_str_eq(lua_tostring(L, -1), want);
    lua_settop(L, 0);
}

static void push_digits(const char *digits) {
    for (; *digits != '\0'; digits++) lua_pushinteger(L, *digits - '0');
}

START_TEST(indices) {
    push_digits("123");
    ck_assert_int_eq(lua_absindex(L, -1), 3);
    ck_assert_int_eq(lua_absindex(L, 2), 2);
    ck_assert_int_eq(lua_absindex(L, LUA_REGISTRYINDEX), LUA_REGISTRYINDEX);
    ck_assert_int_eq(lua_type(L, 4), LUA_TNONE);
    ck_assert_int_eq(lua_type(L, lua_upvalueindex(1)), LUA_TNONE);
    ck_assert_int_eq(lua_type(L, LUA_REGISTRYINDEX), LUA_TTABLE);
    ck_assert_int_eq(lua_toboolean(L, 9), 0);
    ck_assert_int_eq(lua_compare(L, 1, 9, LUA_OPEQ), 0);
    ck_assert_int_eq(lua_rawequal(L, 1, 9), 0);
    ck_assert_str_eq(lua_typename(L, LUA_TNONE), "no value");
    ck_assert_ptr_null(lua_tolstring(L, 9, NULL));
}
END_TEST

START_TEST(moving) {
    push_digits("12345");
    lua_rotate(L, 2, 1);
    check_stack("15234");
    push_digits("12345");
    lua_rotate(L, -4, -1);
    check_stack("13452");
    push_digits("12345");
    lua_rotate(L, 1, 5);
    check_stack("12345");
    push_digits("123");
    lua_insert(L, 1);
    lua_replace(L, 2);
    check_stack("32");
    push_digits("1234");
    lua_remove(L, 2);
    lua_copy(L, 1, 3);
    check_stack("131");
    lua_settop(L, 3);
    ck_assert_int_eq(lua_type(L, 3), LUA_TNIL);
    lua_settop(L, -3);
    ck_assert_int_eq(lua_gettop(L), 1);
}
END_TEST

START_TEST(room) {
    ck_assert_int_eq(lua_checkstack(L, 100000), 1);
    for (int i = 0; i < 100000; i++) lua_pushinteger(L, i);
    ck_assert_int_eq(lua_checkstack(L, LUAI_MAXSTACK), 0);
    ck_assert_int_eq(lua_tointeger(L, 77777), 77776);
}
END_TEST

START_TEST(numbers_and_text) {
    int ok;
    lua_pushliteral(L, " 0x10 ");
    ck_assert_int_eq(lua_tointegerx(L, 1, &ok), 16);
    ck_assert_int_eq(ok, 1);
    ck_assert_int_eq(lua_isnumber(L, 1), 1);
    ck_assert_int_eq(lua_isinteger(L, 1), 0);
    lua_pushnumber(L, 3.5);
    ck_assert_int_eq(lua_tointegerx(L, 2, &ok), 0);
    ck_assert_int_eq(ok, 0);
    lua_pushnumber(L, 4.0);
    ck_assert_int_eq(lua_tointegerx(L, 3, &ok), 4);
    ck_assert_str_eq(lua_tostring(L, 3), "4.0");
    ck_assert_int_eq(lua_type(L, 3), LUA_TSTRING); /* the slot was converted */
    size_t len;
    lua_pushlstring(L, "a\0b", 3);
    ck_assert_mem_eq(lua_tolstring(L, 4, &len), "a\0b", 4);
    ck_assert_uint_eq(len, 3);
    ck_assert_uint_eq(lua_rawlen(L, 4), 3);
    lua_pushboolean(L, 7);
    ck_assert_ptr_null(lua_tolstring(L, 5, &len));
    ck_assert_uint_eq(len, 0);
    ck_assert_uint_eq(lua_stringtonumber(L, "1e1"), 4);
    ck_assert_double_eq(lua_tonumber(L, -1), 10.0);
    ck_assert_uint_eq(lua_stringtonumber(L, "1e1x"), 0);
    ck_assert_ptr_null(lua_pushstring(L, NULL));
    ck_assert_int_eq(lua_type(L, -1), LUA_TNIL);
    ck_assert_str_eq(lua_pushfstring(L, "%s|%d|%I|%f|%c|%%|%U", "x", -3, (LUAI_UACINT)1 << 40, 0.5, 'q', 0x20acL),
                     "x|-3|1099511627776|0.5|q|%|\xe2\x82\xac");
}
END_TEST

/* A buffer reused at one address must not be taken for the literal that was there before. */
START_TEST(strings_by_address) {
    char buf[8];
    for (int i = 0; i < 300; i++) {
        memcpy(buf, "k", 2);
        buf[0] = (char)('a' + i % 3);
        lua_pushstring(L, buf);
        ck_assert_str_eq(lua_tostring(L, -1), buf);
        lua_pop(L, 1);
        if (i % 50 == 0) lua_gc(L, LUA_GCCOLLECT);
    }
}
END_TEST

START_TEST(arithmetic) {
    lua_pushinteger(L, 7);
    lua_pushinteger(L, -2);
    lua_arith(L, LUA_OPIDIV);
    ck_assert_int_eq(lua_tointeger(L, -1), -4);
    lua_arith(L, LUA_OPUNM);
    ck_assert_int_eq(lua_tointeger(L, -1), 4);
    lua_pushnumber(L, 0.5);
    lua_arith(L, LUA_OPPOW);
    ck_assert_double_eq(lua_tonumber(L, -1), 2.0);
    lua_arith(L, LUA_OPBNOT);
    ck_assert_int_eq(lua_tointeger(L, -1), -3);
    ck_assert_int_eq(lua_gettop(L), 1);
    lua_pushinteger(L, 1);
    lua_pushliteral(L, "x");
    lua_concat(L, 2);
    lua_concat(L, 1);
    ck_assert_str_eq(lua_tostring(L, -1), "1x");
    lua_concat(L, 0);
    ck_assert_str_eq(lua_tostring(L, -1), "");
    lua_pushinteger(L, 1);
    lua_pushnumber(L, 1.5);
    ck_assert_int_eq(lua_compare(L, -2, -1, LUA_OPLT), 1);
    ck_assert_int_eq(lua_compare(L, -1, -2, LUA_OPLE), 0);
}
END_TEST

START_TEST(raw_tables) {
    static int key;
    lua_createtable(L, 3, 300);
    for (int i = 1; i <= 10; i++) {
        lua_pushinteger(L, i * i);
        lua_rawseti(L, 1, i);
    }
    ck_assert_uint_eq(lua_rawlen(L, 1), 10);
    ck_assert_int_eq(lua_rawgeti(L, 1, 7), LUA_TNUMBER);
    ck_assert_int_eq(lua_tointeger(L, -1), 49);
    ck_assert_int_eq(lua_rawgeti(L, 1, 11), LUA_TNIL);
    lua_pushliteral(L, "p");
    lua_rawsetp(L, 1, &key);
    ck_assert_int_eq(lua_rawgetp(L, 1, &key), LUA_TSTRING);
    lua_settop(L, 1);
    lua_pushnumber(L, 3.0); /* a float key with an integer value is that integer */
    ck_assert_int_eq(lua_rawget(L, 1), LUA_TNUMBER);
    ck_assert_int_eq(lua_tointeger(L, -1), 9);
    lua_settop(L, 1);
    int n = 0;
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) n++;
    ck_assert_int_eq(n, 11);
    ck_assert_int_eq(lua_gettop(L), 1);
}
END_TEST

static int set_key(lua_State *S) {
    lua_newtable(S);
    lua_pushvalue(S, lua_upvalueindex(1));
    lua_pushinteger(S, 1);
    lua_rawset(S, -3);
    return 0;
}
static int next_unknown(lua_State *S) {
    lua_newtable(S);
    lua_pushliteral(S, "nowhere");
    return lua_next(S, -2);
}
START_TEST(table_errors) {
    lua_pushnil(L);
    lua_pushcclosure(L, set_key, 1);
    ck_assert_int_eq(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    ck_assert_message("table index is nil");
    lua_pushnumber(L, NAN);
    lua_pushcclosure(L, set_key, 1);
    ck_assert_int_eq(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    ck_assert_message("table index is NaN");
    lua_pushcfunction(L, next_unknown);
    ck_assert_int_eq(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    ck_assert_message("invalid key to 'next'");
}
END_TEST

START_TEST(metamethods) {
    run("local log = {}; T = setmetatable({}, {__index = function(_, k) return 'got ' .. tostring(k) end,"
        "__newindex = function(_, k, v) rawset(log, k, v) end, __len = function() return 'long' end,"
        "__eq = function() return true end, __lt = function() return 1 end, __add = function() return 'sum' end}) return T, log", 2);
    ck_assert_int_eq(lua_getfield(L, 1, "x"), LUA_TSTRING);
    ck_assert_str_eq(lua_tostring(L, -1), "got x");
    lua_geti(L, 1, 5);
    ck_assert_str_eq(lua_tostring(L, -1), "got 5");
    lua_pushboolean(L, 1);
    lua_gettable(L, 1);
    ck_assert_str_eq(lua_tostring(L, -1), "got true");
    lua_settop(L, 2);
    lua_pushliteral(L, "v1");
    lua_setfield(L, 1, "f");
    lua_pushliteral(L, "v2");
    lua_seti(L, 1, 2);
    lua_pushliteral(L, "k");
    lua_pushliteral(L, "v3");
    lua_settable(L, 1);
    ck_assert_int_eq(lua_gettop(L), 2);
    lua_getfield(L, 2, "f");
    lua_geti(L, 2, 2);
    lua_getfield(L, 2, "k");
    lua_concat(L, 3);
    ck_assert_str_eq(lua_tostring(L, -1), "v1v2v3");
    lua_len(L, 1);
    ck_assert_str_eq(lua_tostring(L, -1), "long");
    lua_newtable(L);
    ck_assert_int_eq(lua_compare(L, 1, -1, LUA_OPEQ), 1);
    ck_assert_int_eq(lua_rawequal(L, 1, -1), 0);
    ck_assert_int_eq(lua_compare(L, 1, -1, LUA_OPLT), 1);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 1);
    lua_arith(L, LUA_OPADD);
    ck_assert_str_eq(lua_tostring(L, -1), "sum");
}
END_TEST

START_TEST(metatables_of_basic_types) {
    lua_pushinteger(L, 1);
    ck_assert_int_eq(lua_getmetatable(L, 1), 0);
    run("function probe(v) return v.key end for i = 1, 50 do pcall(probe, i) end return {__index = {key = 'number!'}}", 1);
    lua_setmetatable(L, 1);
    run("return probe(3), probe(1.5)", 2);
    ck_assert_str_eq(lua_tostring(L, -1), "number!");
    lua_pushnil(L);
    lua_setmetatable(L, 1);
    run("return pcall(probe, 3)", 2);
    ck_assert_int_eq(lua_toboolean(L, -2), 0);
    ck_assert_message("[string \"function probe(v) return v.key end for i = 1,...\"]:1: attempt to index a number value (local 'v')");
}
END_TEST

START_TEST(userdata) {
    char *block = lua_newuserdatauv(L, 100, 2);
    memset(block, 'x', 100);
    ck_assert_uint_eq((uintptr_t)block % sizeof(double), 0);
    ck_assert_ptr_eq(lua_touserdata(L, 1), block);
    ck_assert_ptr_eq(lua_topointer(L, 1), block);
    ck_assert_uint_eq(lua_rawlen(L, 1), 100);
    lua_pushliteral(L, "second");
    ck_assert_int_eq(lua_setiuservalue(L, 1, 2), 1);
    lua_pushnil(L);
    ck_assert_int_eq(lua_setiuservalue(L, 1, 3), 0);
    ck_assert_int_eq(lua_getiuservalue(L, 1, 1), LUA_TNIL);
    ck_assert_int_eq(lua_getiuservalue(L, 1, 2), LUA_TSTRING);
    ck_assert_int_eq(lua_getiuservalue(L, 1, 3), LUA_TNONE);
    ck_assert_int_eq(lua_getiuservalue(L, 1, 0), LUA_TNONE);
    ck_assert_int_eq(lua_type(L, -1), LUA_TNIL);
    lua_pushlightuserdata(L, block);
    ck_assert_int_eq(lua_isuserdata(L, -1), 1);
    ck_assert_int_eq(lua_islightuserdata(L, 1), 0);
    lua_pushnil(L);
    ck_assert_ptr_null(lua_touserdata(L, -1));
}
END_TEST

int main(void) {
    const TTest *const tests[] = {indices, moving, room, numbers_and_text, strings_by_address, arithmetic, raw_tables, table_errors,
                                  metamethods, metatables_of_basic_types, userdata};
    return RUN_TESTS("values", tests);
}
