// SPDX-License-Identifier: MIT
/* Typed host functions: every type with its limits, wrong arguments, errors by status, and that nothing of it depends on the tier.
 * Each test runs once for each list of options in `modes`; scripts run their body in a function that gets hot.
 */
#include <check.h>
#include <dlfcn.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "lualib.h"
#include "perigee.h"

/* ------------------------------------------------------------------------------------ functions */

#define ECHO(name, type) \
    static type echo_##name(type x) { return x; }
ECHO(i8, int8_t) ECHO(u8, uint8_t) ECHO(i16, int16_t) ECHO(u16, uint16_t) ECHO(i32, int32_t) ECHO(u32, uint32_t)
ECHO(i64, int64_t) ECHO(u64, uint64_t) ECHO(f32, float) ECHO(f64, double) ECHO(bool, bool) ECHO(pointer, void *)

static const char *echo_string(const char *s) { return s; }
static const char *no_string(void) { return NULL; }
static size_t length(const char *s) { return strlen(s); }

static int counter;
static void count(void) { counter++; }
static void add_to(void *ud, int32_t n) { *(int *)ud += n; }

/* many of all kinds, so that some come on the stack */
static double mix(int8_t a, double b, uint16_t c, float d, int32_t e, int64_t f, bool g, double h, uint8_t i, int16_t j, uint32_t k, double l) {
    return a + b * 2 + c * 3 + d * 4 + e * 5 + (double)f * 6 + g * 7 + h * 8 + i * 9 + j * 10 + k * 11.0 + l * 12;
}
static int32_t narrow_negative(int8_t a, int16_t b) { return a * 1000 + b; }
static uint64_t wide_unsigned(uint8_t a, uint16_t b) { return (uint64_t)a << 16 | b; }

enum { NEGATIVE = 7, UNKNOWN = 8 };
static const char *message(void *ud, int status) {
    (void)ud;
    return status == NEGATIVE ? "negative argument" : NULL;
}
static int try_root(double x, double *root) {
    counter++;
    if (x < 0) return NEGATIVE;
    *root = sqrt(x);
    return 0;
}
static int try_nothing(int32_t status) { return status; }
static int try_small(int32_t x, int8_t *out) {
    *out = (int8_t)x;
    return 0;
}
static int try_pointer(bool null, void **out) {
    *out = null ? NULL : &counter;
    return 0;
}
static int try_bool(int64_t x, bool *out) {
    *out = x > 0;
    return 0;
}
static int try_string(bool bad, const char **out) {
    *out = "text";
    return bad ? UNKNOWN : 0;
}

/* Where was it called from: code that belongs to no file? */
static bool is_direct(void) {
    Dl_info info;
    return dladdr(__builtin_return_address(0), &info) == 0;
}
static int direct_status(int32_t status, bool *direct) {
    Dl_info info;
    *direct = dladdr(__builtin_return_address(0), &info) == 0;
    return status;
}

static int total;
static const perigee_Typed functions[] = {
    PERIGEE_TYPED("i8", "b(b)", echo_i8), PERIGEE_TYPED("u8", "B(B)", echo_u8), PERIGEE_TYPED("i16", "h(h)", echo_i16),
    PERIGEE_TYPED("u16", "H(H)", echo_u16), PERIGEE_TYPED("i32", "i(i)", echo_i32), PERIGEE_TYPED("u32", "I(I)", echo_u32),
    PERIGEE_TYPED("i64", "q(q)", echo_i64), PERIGEE_TYPED("u64", "Q(Q)", echo_u64), PERIGEE_TYPED("f32", "f(f)", echo_f32),
    PERIGEE_TYPED("f64", "d(d)", echo_f64), PERIGEE_TYPED("bool", "?(?)", echo_bool), PERIGEE_TYPED("pointer", "P(P)", echo_pointer),
    PERIGEE_TYPED("string", "z(z)", echo_string), PERIGEE_TYPED("no_string", "z()", no_string), PERIGEE_TYPED("length", "Q(z)", length),
    PERIGEE_TYPED("count", "v()", count), PERIGEE_TYPED("mix", "d(bdHfiq?dBhId)", mix),
    PERIGEE_TYPED("narrow", "i(bh)", narrow_negative), PERIGEE_TYPED("wide", "Q(BH)", wide_unsigned),
    {sizeof(perigee_Typed), "add", "v(ui)", (void (*)(void))add_to, &total, NULL},
    {sizeof(perigee_Typed), "root", "!d(d)", (void (*)(void))try_root, NULL, message},
    {sizeof(perigee_Typed), "try", "!v(i)", (void (*)(void))try_nothing, NULL, message},
    PERIGEE_TYPED("try_small", "!b(i)", try_small), PERIGEE_TYPED("try_pointer", "!P(?)", try_pointer), PERIGEE_TYPED("try_bool", "!?(q)", try_bool),
    PERIGEE_TYPED("try_string", "!z(?)", try_string), PERIGEE_TYPED("direct", "?()", is_direct), PERIGEE_TYPED("direct_status", "!?(i)", direct_status),
    PERIGEE_TYPED_END};

/* ---------------------------------------------------------------------------------------- frame */

static const char *const modes[] = {"",
                                    "tier=interp",
                                    "tier=baseline thresholds=1,1000000 jit-sync",
                                    "thresholds=1,2 jit-sync",
                                    "thresholds=2,5 jit-sync fail-guard=7",
                                    "thresholds=2,5 jit-sync gc-every=13 verify-heap",
                                    "thresholds=2,5 jit-sync move-stack",
                                    "thresholds=5,20 jit-sync random-tiers=11"};
enum { MODES = sizeof modes / sizeof *modes };

static lua_State *L;

/* hot(f, ...) calls f often and gives what it gives the last time, by pcall: the loop is what gets compiled. */
static const char prelude[] =
    "function hot(f, ...) local ok, x for i = 1, 60 do ok, x = pcall(f, ...) end return ok, x end\n"
    "function same(x, y) return x == y and math.type(x) == math.type(y) or (x ~= x and y ~= y) end\n"
    "function check(want, f, ...)\n"
    "  local _, got = hot(f, ...)\n"
    "  if not same(got, want) then error(('%s wanted, got %s'):format(want, got), 2) end\n"
    "end\n"
    "function fails(want, f, ...)\n"
    "  local ok, got = hot(f, ...)\n"
    "  if ok or got ~= want then error(('%q wanted, got %q'):format(want, tostring(got)), 2) end\n"
    "end\n";

static void run(const char *code) {
    int status = luaL_loadbuffer(L, code, strlen(code), "=t");
    if (status == LUA_OK) status = lua_pcall(L, 0, 0, 0);
    if (status != LUA_OK) ck_abort_msg("%s\nunder %s: %s", code, getenv("PERIGEE_OPTIONS"), lua_tostring(L, -1));
}

static lua_State *start(const char *options) {
    setenv("PERIGEE_OPTIONS", options, 1);
    lua_State *l = luaL_newstate();
    ck_assert_ptr_nonnull(l);
    luaL_openlibs(l);
    lua_newtable(l);
    ck_assert_int_eq(perigee_settyped(l, functions), LUA_OK);
    lua_setglobal(l, "h");
    counter = total = 0;
    return l;
}
static void begin(int mode) {
    L = start(modes[mode]);
    run(prelude);
}
static void teardown(void) {
    if (L != NULL) lua_close(L);
    L = NULL;
}

/* ---------------------------------------------------------------------------------------- values */

START_TEST(integers) {
    begin(_i);
    run("for _, t in ipairs{{'i8', -2^7, 2^7 - 1}, {'u8', 0, 2^8 - 1}, {'i16', -2^15, 2^15 - 1}, {'u16', 0, 2^16 - 1}, {'i32', -2^31, 2^31 - 1}, {'u32', 0, 2^32 - 1}} do\n"
        "  local name, low, high = t[1], t[2] // 1 | 0, t[3] // 1 | 0\n"
        "  local call = load('local h = h return function(x) return (h.' .. name .. '(x)) end', '=x')()\n"
        "  for _, x in ipairs{low, low + 1, 0, 1, high - 1, high} do check(x, call, x) check(x, call, x + 0.0) check(x, call, tostring(x)) end\n"
        "  local text = \"bad argument #1 to '\" .. name .. \"' (integer out of range of \" .. name:gsub('^i', 'int'):gsub('^u', 'uint') .. ')'\n"
        "  for _, x in ipairs{low - 1, high + 1, math.mininteger, math.maxinteger} do fails('x:1: ' .. text, call, x) end\n"
        "end\n");
    run("local function q(x) return h.i64(x) end local function Q(x) return h.u64(x) end\n"
        "for _, x in ipairs{math.mininteger, -1, 0, 1, math.maxinteger} do check(x, q, x) check(x, Q, x) end\n"
        "local function n(a, b) return h.narrow(a, b) end check(-128 * 1000 - 32768, n, -128, -32768) check(-1001, n, -1, -1)\n"
        "local function w(a, b) return h.wide(a, b) end check(0xffffff, w, 255, 65535)\n");
}
END_TEST

START_TEST(floats) {
    begin(_i);
    run("local function d(x) return h.f64(x) end local function f(x) return h.f32(x) end\n"
        "for _, x in ipairs{0.5, 1e308, -1e-308, 5e-324, math.huge, -math.huge, 0/0} do check(x, d, x) end\n"
        "check(3.0, d, 3) check(10.0, d, '10') check(0x1p63, d, 0x1p63) check(math.maxinteger + 0.0, d, math.maxinteger)\n"
        "check(0.5, f, 0.5) check(math.huge, f, 1e300) check(-math.huge, f, -1e300) check(0/0, f, 0/0) check(16777216.0, f, 16777217) check(0.0, f, 1e-60)\n"
        "check(-math.huge, function(x) return 1 / h.f64(x) end, -0.0) check(-math.huge, function(x) return 1 / h.f32(x) end, -0.0)\n"
        "check(math.huge, function(x) return 1 / h.f64(x) end, 0)\n");
}
END_TEST

START_TEST(booleans_and_nothing) {
    begin(_i);
    run("local function b(x) return h.bool(x) end check(true, b, true) check(false, b, false)\n"
        "check(true, function(x, y) return h.bool(x < y) end, 1, 2)\n"
        "fails(\"t:3: bad argument #1 to 'bool' (boolean expected, got nil)\", function(x) return (h.bool(x)) end, nil)\n"
        "fails(\"t:4: bad argument #1 to 'bool' (boolean expected, got number)\", function(x) return (h.bool(x)) end, 1)\n"
        "local function none() local a, b = h.count() assert(a == nil and b == nil) return select('#', h.count()) end check(0, none)\n"
        "local function one() local a = h.i8(3) return a end check(3, one)\n"
        "local function more() local a, b, c = h.i8(3) assert(b == nil and c == nil) return a end check(3, more)\n");
    ck_assert_int_eq(counter, 120);
}
END_TEST

START_TEST(pointers) {
    begin(_i);
    lua_pushlightuserdata(L, &counter), lua_setglobal(L, "light");
    *(int *)lua_newuserdatauv(L, sizeof(int), 3) = 5;
    lua_pushlightuserdata(L, lua_touserdata(L, -1)), lua_setglobal(L, "block");
    lua_setglobal(L, "full");
    run("local function p(x) return h.pointer(x) end\n"
        "check(light, p, light) check(nil, p, nil) check(block, p, full) check(light, p, light)\n"
        "fails(\"t:3: bad argument #1 to 'pointer' (userdata expected, got number)\", function(x) return (h.pointer(x)) end, 0)\n"
        "fails(\"t:4: bad argument #1 to 'pointer' (userdata expected, got no value)\", function() return (h.pointer()) end)\n"
        "local function t(x) return h.try_pointer(x) end check(nil, t, true) check(light, t, false)\n");
}
END_TEST

START_TEST(strings) {
    begin(_i);
    run("local function s(x) return h.string(x) end local function n(x) return h.length(x) end\n"
        "for _, x in ipairs{'', 'a', ('x'):rep(39), ('y'):rep(40), ('z'):rep(5000)} do check(x, s, x) check(#x, n, x) end\n"
        "check('12', s, 12) check('1.5', s, 1.5) check(2, n, 12)\n"
        "fails(\"t:4: bad argument #1 to 'length' (string contains zeros)\", function(x) return (h.length(x)) end, 'a\\0b')\n"
        "fails(\"t:5: bad argument #1 to 'length' (string contains zeros)\", function(x) return (h.length(x)) end, ('a'):rep(100) .. '\\0')\n"
        "fails(\"t:6: bad argument #1 to 'length' (string expected, got nil)\", function(x) return (h.length(x)) end, nil)\n"
        "check(nil, function() return h.no_string() end)\n"
        "check('text', function() return h.try_string(false) end)\n"
        "fails('t:9: host function failed with status 8', function() return (h.try_string(true)) end)\n"
        "local text = 'x' for i = 1, 300 do text = text .. 'y' assert(h.length(text) == i + 1) end\n" /* buffers that grow */
        "local cut = ('ab'):rep(200) for i = 1, 300 do assert(h.length(cut:sub(i, -3)) == 399 - i) end\n");
}
END_TEST

START_TEST(many_parameters) {
    begin(_i);
    run("local function m(a, b, c, d, e, f, g, i, j, k, l, n) return h.mix(a, b, c, d, e, f, g, i, j, k, l, n) end\n"
        "check(-1 + 2*2 + 3*65535 + 4*0.5 + -5*5 + 6.0*2^40 + 7 + 8*0.25 + 9*255 + 10*-32768 + 11.0*4294967295 + 12*1.5,\n"
        "  m, -1, 2, 65535, 0.5, -5, 1 << 40, true, 0.25, 255, -32768, 4294967295, 1.5)\n"
        "for i = 1, 100 do h.add(i) end\n");
    ck_assert_int_eq(total, 5050);
}
END_TEST

/* ------------------------------------------------------------------------------ wrong arguments */

START_TEST(wrong_arguments) {
    begin(_i);
    run("fails(\"t:1: bad argument #1 to 'i32' (number expected, got string)\", function(x) return (h.i32(x)) end, 'x')\n"
        "fails(\"t:2: bad argument #1 to 'i32' (number has no integer representation)\", function(x) return (h.i32(x)) end, 1.5)\n"
        "fails(\"t:3: bad argument #1 to 'i32' (number has no integer representation)\", function(x) return (h.i32(x)) end, 2^63)\n"
        "fails(\"t:4: bad argument #1 to 'i32' (integer out of range of int32)\", function(x) return (h.i32(x)) end, 1 << 31)\n"
        "fails(\"t:5: bad argument #1 to 'i32' (number expected, got no value)\", function() return (h.i32()) end)\n"
        "fails(\"t:6: bad argument #2 to 'narrow' (number expected, got no value)\", function() return (h.narrow(1)) end)\n"
        "fails(\"t:7: bad argument #2 to 'narrow' (number expected, got table)\", function(x) return (h.narrow(1, x)) end, {})\n"
        "fails(\"t:8: bad argument #1 to 'f64' (number expected, got nil)\", function(x) return (h.f64(x)) end, nil)\n"
        "fails(\"t:9: calling 'f64' on bad self (number expected, got table)\", function(x) return (x:f64()) end, h)\n"
        "check(5, function(...) return (h.i32(5, ...)) end, 6, 7) check(5, function(x) return (h.i32(x, x, x)) end, 5)\n"
        "local g = h.f64 fails(\"t:11: bad argument #1 to 'g' (number expected, got boolean)\", function(x) local y = g(x) return y end, true)\n"
        "u8 = h.u8 fails(\"t:12: bad argument #1 to 'u8' (integer out of range of uint8)\", function(x) return (u8(x)) end, -1)\n");
}
END_TEST

/* One site with all kinds of values: what was right before and after the wrong ones is right. */
START_TEST(mixed_site) {
    begin(_i);
    run("local function call(x) local y = h.i16(x) return y end\n"
        "local function try(x) local ok, y = pcall(call, x) return ok and y or (y:gsub('^.-%(', '(')) end\n"
        "for round = 1, 40 do\n"
        "  assert(try(round) == round) assert(try(round + 0.0) == round) assert(try(tostring(round)) == round)\n"
        "  if round % 3 == 0 then\n"
        "    assert(try(40000) == '(integer out of range of int16)') assert(try{} == '(number expected, got table)')\n"
        "    assert(try(0.5) == '(number has no integer representation)')\n"
        "  end\n"
        "end\n");
}
END_TEST

/* ---------------------------------------------------------------------------- errors by status */

START_TEST(status) {
    begin(_i);
    run("local function r(x) return h.root(x) end check(3.0, r, 9)\n"
        "fails('t:2: negative argument', function(x) return (h.root(x)) end, -1)\n"
        "fails('t:3: host function failed with status 5', function(x) h.try(x) end, 5)\n"
        "fails('t:4: negative argument', function(x) h.try(x) end, 7)\n"
        "check(nil, function(x) return h.try(x) end, 0)\n"
        "for i = -128, 127 do check(i, function(x) local y = h.try_small(x) return y end, i) end\n"
        "check(true, function(x) return h.try_bool(x) end, 1) check(false, function(x) return h.try_bool(x) end, 0)\n");
}
END_TEST

/* The function is called once for each call in Lua, whether it tells of an error or not. */
START_TEST(status_calls_once) {
    begin(_i);
    run("local bad = 0\n"
        "local function sum(n) local s = 0 for i = 1, n do s = s + h.root(i % 10 == 0 and -i or i * i) end return s end\n"
        "local function each(i) return (h.root(i % 10 == 0 and -i or i * i)) end\n"
        "local s = 0 for i = 1, 200 do local ok, x = pcall(each, i) if ok then s = s + x else bad = bad + 1 assert(x == 't:3: negative argument') end end\n"
        "assert(bad == 20 and s == 200 * 201 / 2 - 10 * 20 * 21 / 2, s)\n"
        "assert(sum(9) == 45.0) assert(not pcall(sum, 10))\n");
    ck_assert_int_eq(counter, 200 + 9 + 10);
}
END_TEST

START_TEST(tracebacks) {
    begin(_i);
    run("local function inner(x)\n"
        "  local a = x + 1\n"
        "  local r = h.root(a)\n"
        "  return r\n"
        "end\n"
        "local function outer(x)\n"
        "  local y = inner(x)\n"
        "  return y\n"
        "end\n"
        "local function handler(m) local x = debug.getinfo(2, 'nSl') local i = debug.getinfo(3, 'nSl') local _, v = debug.getlocal(3, 2)\n"
        "  return table.concat({m, x.name, x.what, i.name, i.currentline, v, (debug.traceback('', 2):gsub('\\n%s*%[C%]: in function \\'xpcall\\'.*', ''))}, '|') end\n"
        "for i = 1, 60 do assert(outer(i) == (i + 1)^0.5) end\n"
        "for i = 1, 30 do\n"
        "  local _, m = xpcall(outer, handler, -2)\n"
        "  assert(m:find(\"t:3: negative argument|root|C|inner|3|-1|\\nstack traceback:\\n\\t[C]: in field 'root'\\n\\tt:3: in upvalue 'inner'\\n\\tt:7: in function <t:6>\", 1, true) == 1, m)\n"
        "  assert(outer(8) == 3.0)\n"
        "end\n");
}
END_TEST

START_TEST(coroutines) {
    begin(_i);
    run("local function body(n) for i = 1, n do local x = h.i32(i) if i % 7 == 0 then coroutine.yield(x) end h.root(x == 40 and -1 or x) end end\n"
        "for round = 1, 30 do\n"
        "  local co, got = coroutine.create(body), {}\n"
        "  while true do local ok, x = coroutine.resume(co, 50) if not ok then assert(x == 't:1: negative argument', x) break end got[#got + 1] = x end\n"
        "  assert(table.concat(got, ' ') == '7 14 21 28 35' and coroutine.status(co) == 'dead')\n"
        "  assert(debug.traceback(co) == \"stack traceback:\\n\\t[C]: in field 'root'\\n\\tt:1: in function <t:1>\", debug.traceback(co))\n"
        "end\n"
        "local w = coroutine.wrap(function() for i = 1, 100 do coroutine.yield(h.f64(i)) end end) for i = 1, 100 do assert(w() == i) end\n"
        "local direct = coroutine.wrap(h.i32) assert(direct(5) == 5)\n");
}
END_TEST

START_TEST(hooks) {
    begin(_i);
    run("local function f(x) local y = h.i32(x) return y end\n"
        "for i = 1, 50 do f(i) end\n"
        "local calls, returns, names = 0, 0, {}\n"
        "debug.sethook(function(e) local i = debug.getinfo(2, 'nSf') if i.func == h.i32 then names[i.name or '?'] = true if e == 'call' then calls = calls + 1 else returns = returns + 1 end end end, 'cr')\n"
        "for i = 1, 50 do f(i) end\n"
        "debug.sethook()\n"
        "assert(calls == 50 and returns == 50 and names.i32)\n"
        "local lines = 0 debug.sethook(function() lines = lines + 1 end, 'l') f(1) f(2) debug.sethook() assert(lines >= 2)\n"
        "local n = 0 debug.sethook(function() n = n + 1 end, '', 1) for i = 1, 20 do f(i) end debug.sethook() assert(n > 40)\n"
        "for i = 1, 50 do assert(f(i) == i) end\n");
}
END_TEST

START_TEST(other_ways_to_call) {
    begin(_i);
    run("local function go(f)\n"
        "  local t = setmetatable({}, {__index = f, __call = function(_, x) return f(x) end, __add = function(a, b) return f(b) end})\n"
        "  assert(t(5) == 5 and t + 6 == 6)\n"
        "  assert(select(2, pcall(f, 7)) == 7)\n"
        "  local r = {} for i, x in ipairs{3, 1, 2} do r[i] = f(x) end\n"
        "  return table.concat(r, ' ')\n"
        "end\n"
        "for i = 1, 60 do assert(go(h.i32) == '3 1 2') end\n"
        "for i = 1, 60 do assert(go(i % 2 == 0 and h.i32 or h.i64) == '3 1 2') end\n" /* a site that meets two */
        "local function tail(x) return h.i32(x) end for i = 1, 100 do assert(tail(i) == i) end\n"
        "local function tail_root(x) return h.root(x) end for i = 1, 50 do assert(tail_root(4) == 2) assert(not pcall(tail_root, -4)) end\n"
        "local function void(x) return h.try(x) end for i = 1, 50 do assert(select('#', void(0)) == 0) assert(not pcall(void, 1)) end\n"
        "local function open() return h.i8(h.i8(h.i8(3))) end for i = 1, 50 do assert(open() == 3) end\n"
        "local function nested(x) return h.i32(h.i32(x) + h.i32(1)) end for i = 1, 50 do assert(nested(i) == i + 1) end\n"
        "local function inner(x) return h.i32(x) * 2 end local function outer(x) local s = 0 for i = 1, 3 do s = s + inner(x) end return s end\n"
        "for i = 1, 100 do assert(outer(i) == 6 * i) end\n");
}
END_TEST

/* What code knows of a function does not outlive it, nor keep apart what is registered anew. */
START_TEST(registered_anew) {
    begin(_i);
    run("function use(f, n) local s = 0 for i = 1, n do s = s + f(i) end return s end");
    for (int round = 0; round < 20; round++) {
        perigee_Typed t = PERIGEE_TYPED("f", "i(i)", echo_i32), d = PERIGEE_TYPED("d", "d(d)", echo_f64);
        ck_assert_int_eq(perigee_pushtyped(L, round % 2 ? &t : &d), LUA_OK);
        lua_setglobal(L, "f");
        run("assert(use(f, 100) == 5050) collectgarbage() f = nil collectgarbage()");
    }
}
END_TEST

START_TEST(garbage) {
    begin(_i);
    run("local function make(n) local t = {} for i = 1, n do t[i] = {h.f64(i), h.string('s' .. i % 50)} end return t end\n"
        "for round = 1, 20 do local t = make(100) for i = 1, 100 do assert(t[i][1] == i and t[i][2] == 's' .. i % 50) end end\n");
}
END_TEST

START_TEST(upvalues_are_hidden) {
    begin(_i);
    run("assert(debug.getupvalue(h.i32, 1) == nil and debug.setupvalue(h.i32, 1, 'x') == nil)\n"
        "assert(debug.getinfo(h.i32, 'S').what == 'C' and not pcall(string.dump, h.i32))\n");
}
END_TEST

/* -------------------------------------------------------------------------------------- the rest */

START_TEST(after_another_state) {
    begin(_i);
    lua_State *mine = L, *other = start(modes[_i]);
    L = other;
    run("local s = 0 for i = 1, 500 do s = s + h.i32(i) end assert(s == 125250)");
    L = mine;
    run("local s = 0 for i = 1, 500 do s = s + h.i32(i) end assert(s == 125250)");
    lua_close(other);
    run("local s = 0 for i = 1, 500 do s = s + h.i32(i) end assert(s == 125250)");
}
END_TEST

static void *in_thread(void *mode) {
    lua_State *l = luaL_newstate();
    (void)mode;
    luaL_openlibs(l);
    lua_newtable(l);
    bool ok = perigee_settyped(l, functions) == LUA_OK;
    lua_setglobal(l, "h");
    ok = ok && luaL_dostring(l, "local s = 0 for i = 1, 20000 do s = s + h.f64(h.i32(i)) end return s") == LUA_OK && lua_tonumber(l, -1) == 200010000;
    lua_close(l);
    return ok ? l : NULL;
}

START_TEST(threads) {
    pthread_t t[3];
    void *ok;
    setenv("PERIGEE_OPTIONS", modes[_i], 1);
    for (int n = 0; n < 3; n++) ck_assert_int_eq(pthread_create(&t[n], NULL, in_thread, NULL), 0);
    for (int n = 0; n < 3; n++) {
        pthread_join(t[n], &ok);
        ck_assert_ptr_nonnull(ok);
    }
}
END_TEST

START_TEST(signatures) {
    static const struct {
        const char *signature, *fault;
    } bad[] = {{"", "character 1: unknown type of the result"}, {"x()", "character 1: unknown type of the result"}, {"u()", "character 1: unknown type of the result"},
               {"d", "character 2: '(' expected"}, {"d(", "character 3: ')' expected"}, {"d(d", "character 4: ')' expected"}, {"d(x)", "character 3: unknown type of a parameter"},
               {"d(v)", "character 3: unknown type of a parameter"}, {"d()d", "character 4: text behind the signature"}, {"!", "character 2: unknown type of the result"},
               {"i(iiiiiiiiiiiiiiiii)", "character 19: too many parameters"}};
    begin(_i);
    for (size_t n = 0; n < sizeof bad / sizeof *bad; n++) {
        char want[200];
        perigee_Typed t = PERIGEE_TYPED("f", bad[n].signature, echo_f64);
        ck_assert_int_eq(perigee_pushtyped(L, &t), LUA_ERRRUN);
        snprintf(want, sizeof want, "typed function 'f': signature '%s', %s", bad[n].signature, bad[n].fault);
        ck_assert_str_eq(lua_tostring(L, -1), want);
        lua_pop(L, 1);
    }
    perigee_Typed none = PERIGEE_TYPED("f", "d(d)", NULL);
    ck_assert_int_eq(perigee_pushtyped(L, &none), LUA_ERRRUN);
    ck_assert_int_eq(lua_gettop(L), 1);
}
END_TEST

#ifdef PERIGEE_TIERS
START_TEST(optimised_code_calls_directly) {
    L = start("thresholds=2,5 jit-sync");
    run("local function f() local d = 0 for i = 1, 100 do if h.direct() then d = d + 1 end end return d end\n"
        "local d for i = 1, 20 do d = f() end assert(d == 100, d)\n"
        "local function s() local d = 0 for i = 1, 100 do if h.direct_status(0) then d = d + 1 end end return d end\n"
        "for i = 1, 20 do d = s() end assert(d == 100, d)\n"
        "local function inner() return h.direct() end\n"
        "local function outer() local d = 0 for i = 1, 100 do if inner() then d = d + 1 end end return d end\n"
        "for i = 1, 20 do d = outer() end assert(d == 100, d)\n");
}
END_TEST
#endif

/* The plugin of this build: tests stand in a directory of their own beside it. */
static void choose_plugin(const char *self) {
    char path[4096];
    const char *slash = strrchr(self, '/');
    snprintf(path, sizeof path, "%.*s/../libperigee-jit.so", slash != NULL ? (int)(slash - self) : 1, slash != NULL ? self : ".");
    setenv("PERIGEE_JIT", path, 0);
}

int main(int argc, char **argv) {
    (void)argc;
    choose_plugin(argv[0]);
    const TTest *const each_mode[] = {integers, floats, booleans_and_nothing, pointers, strings, many_parameters, wrong_arguments, mixed_site,
                                             status, status_calls_once, tracebacks, coroutines, hooks, other_ways_to_call, registered_anew, garbage,
                                             upvalues_are_hidden, after_another_state, threads, signatures};
    Suite *s = suite_create("typed host functions");
    TCase *c = tcase_create("modes");
    tcase_set_timeout(c, 120);
    tcase_add_checked_fixture(c, NULL, teardown);
    for (size_t n = 0; n < sizeof each_mode / sizeof *each_mode; n++) tcase_add_loop_test(c, each_mode[n], 0, MODES);
#ifdef PERIGEE_TIERS
    tcase_add_test(c, optimised_code_calls_directly);
#endif
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
