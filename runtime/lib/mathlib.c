// SPDX-License-Identifier: MIT
/*
 * The math library (manual, section 6.7), with the functions that 5.3 deprecated.
 * Random numbers are xoshiro256** (Blackman and Vigna); the state is an upvalue.
 */
#include "lib.h"

#include <float.h>
#include <math.h>
#include <time.h>

#include "lualib.h"

#include "builtins.h"

static const lua_Number pi = 3.141592653589793238462643383279502884;

/* ---- integers and floats ---- */

/* Pushes an integral float as an integer where it fits. */
static void push_integral(lua_State *L, lua_Number x) {
    lua_Integer n;
    if (lua_numbertointeger(x, &n)) {
        lua_pushinteger(L, n);
    } else {
        lua_pushnumber(L, x);
    }
}

static int math_abs(lua_State *L) {
    if (lua_isinteger(L, 1)) {
        lua_Integer n = lua_tointeger(L, 1);
        lua_pushinteger(L, n < 0 ? (lua_Integer)(0u - (lua_Unsigned)n) : n);
    } else {
        lua_pushnumber(L, fabs(lib_checknum(L, 1)));
    }
    return 1;
}

/* Floats of this size convert to integers without thought, and without calling libm. */
static inline bool is_moderate(lua_Number x) {
    return x > -0x1p62 && x < 0x1p62;
}

static int math_floor(lua_State *L) {
    if (lua_isinteger(L, 1)) {
        lua_settop(L, 1);
        return 1;
    }
    lua_Number x = lib_checknum(L, 1);
    if (is_moderate(x)) {
        lua_Integer n = (lua_Integer)x;
        lua_pushinteger(L, n - ((lua_Number)n > x));
    } else {
        push_integral(L, floor(x));
    }
    return 1;
}

static int math_ceil(lua_State *L) {
    if (lua_isinteger(L, 1)) {
        lua_settop(L, 1);
        return 1;
    }
    lua_Number x = lib_checknum(L, 1);
    if (is_moderate(x)) {
        lua_Integer n = (lua_Integer)x;
        lua_pushinteger(L, n + ((lua_Number)n < x));
    } else {
        push_integral(L, ceil(x));
    }
    return 1;
}

static int math_fmod(lua_State *L) {
    if (!lua_isinteger(L, 1) || !lua_isinteger(L, 2)) {
        lua_Number y = lib_checknum(L, 2); /* the reference complains of this one first */
        lua_pushnumber(L, fmod(lib_checknum(L, 1), y));
        return 1;
    }
    lua_Integer divisor = lua_tointeger(L, 2);
    luaL_argcheck(L, divisor != 0, 2, "zero");
    lua_pushinteger(L, divisor == -1 ? 0 : lua_tointeger(L, 1) % divisor);
    return 1;
}

static int math_modf(lua_State *L) {
    if (lua_isinteger(L, 1)) {
        lua_settop(L, 1);
        lua_pushnumber(L, 0);
        return 2;
    }
    lua_Number x = lib_checknum(L, 1);
    lua_Number whole = trunc(x);
    push_integral(L, whole);
    lua_pushnumber(L, x == whole ? 0.0 : x - whole); /* infinity has no fraction */
    return 2;
}

static int math_tointeger(lua_State *L) {
    int ok;
    lua_Integer n = lua_tointegerx(L, 1, &ok);
    if (ok) {
        lua_pushinteger(L, n);
    } else {
        luaL_checkany(L, 1);
        luaL_pushfail(L);
    }
    return 1;
}

static int math_type(lua_State *L) {
    if (lua_type(L, 1) == LUA_TNUMBER) {
        lua_pushstring(L, lua_isinteger(L, 1) ? "integer" : "float");
    } else {
        luaL_checkany(L, 1);
        luaL_pushfail(L);
    }
    return 1;
}

static int math_ult(lua_State *L) {
    lua_Integer a = lib_checkint(L, 1), b = lib_checkint(L, 2);
    lua_pushboolean(L, (lua_Unsigned)a < (lua_Unsigned)b);
    return 1;
}

/* ---- minimum, maximum ---- */

/* By Lua's comparison: numbers, or strings, or what has metamethods.
 */
static inline __attribute__((always_inline)) int push_extreme(lua_State *L, bool greatest) {
    int n = lua_gettop(L), best = 1;
    luaL_argcheck(L, n >= 1, 1, "value expected");
    for (int i = 2; i <= n; i++) {
        if (lua_compare(L, greatest ? best : i, greatest ? i : best, LUA_OPLT)) {
            best = i;
        }
    }
    lua_pushvalue(L, best);
    return 1;
}

static int math_min(lua_State *L) {
    return push_extreme(L, false);
}

static int math_max(lua_State *L) {
    return push_extreme(L, true);
}

/* ---- functions of floats ---- */

#define FLOAT_FUNCTIONS(ROW) \
    ROW(acos, acos(x)) \
    ROW(asin, asin(x)) \
    ROW(cos, cos(x)) \
    ROW(cosh, cosh(x)) \
    ROW(deg, x * (180.0 / pi)) \
    ROW(exp, exp(x)) \
    ROW(log10, log10(x)) \
    ROW(rad, x * (pi / 180.0)) \
    ROW(sin, sin(x)) \
    ROW(sinh, sinh(x)) \
    ROW(sqrt, sqrt(x)) \
    ROW(tan, tan(x)) \
    ROW(tanh, tanh(x))

#define DEFINE_FLOAT_FUNCTION(name, value)  \
    static int math_##name(lua_State *L) {  \
        lua_Number x = lib_checknum(L, 1);  \
        lua_pushnumber(L, value);           \
        return 1;                           \
    }
FLOAT_FUNCTIONS(DEFINE_FLOAT_FUNCTION)

static int math_atan(lua_State *L) {
    lua_Number y = lib_checknum(L, 1), x = 1;
    if (lua_gettop(L) >= 2) {
        x = luaL_optnumber(L, 2, 1);
    }
    lua_pushnumber(L, atan2(y, x));
    return 1;
}

static int math_log(lua_State *L) {
    lua_Number x = lib_checknum(L, 1), result;
    if (lua_isnoneornil(L, 2)) {
        result = log(x);
    } else {
        lua_Number base = lib_checknum(L, 2);
        if (base == 2.0) {
            result = log2(x);
        } else if (base == 10.0) {
            result = log10(x);
        } else {
            result = log(x) / log(base);
        }
    }
    lua_pushnumber(L, result);
    return 1;
}

static int math_pow(lua_State *L) {
    lua_Number x = lib_checknum(L, 1);
    lua_pushnumber(L, pow(x, lib_checknum(L, 2)));
    return 1;
}

static int math_frexp(lua_State *L) {
    int exponent;
    lua_pushnumber(L, frexp(lib_checknum(L, 1), &exponent));
    lua_pushinteger(L, exponent);
    return 2;
}

static int math_ldexp(lua_State *L) {
    lua_Number x = lib_checknum(L, 1);
    lua_pushnumber(L, ldexp(x, (int)lib_checkint(L, 2)));
    return 1;
}

/* ---- random numbers ---- */

typedef struct {
    uint64_t s[4];
} Random;

static inline uint64_t rotate(uint64_t x, int n) {
    return x << n | x >> (64 - n);
}

static inline uint64_t random_next(Random *r) {
    uint64_t *s = r->s;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 45);
    return result;
}

/* Seeds the generator and pushes the two parts of the seed. */
static void random_seed(lua_State *L, Random *r, uint64_t n1, uint64_t n2) {
    *r = (Random){{n1, 0xff, n2, 0}};
    for (int i = 0; i < 16; i++) {
        random_next(r);
    }
    lua_pushinteger(L, (lua_Integer)n1);
    lua_pushinteger(L, (lua_Integer)n2);
}

static void random_seed_somehow(lua_State *L, Random *r) {
    random_seed(L, r, (uint64_t)time(NULL), (uint64_t)(uintptr_t)L);
}

/* 53 random bits as a float in [0, 1). */
static inline lua_Number random_float(uint64_t random) {
    return (lua_Number)(int64_t)(random >> 11) * 0x1p-53;
}

/* A number in [0, limit] without bias: draw within the next power of two until one fits. */
static uint64_t random_below(Random *r, uint64_t random, uint64_t limit) {
    if ((limit & (limit + 1)) == 0) {
        return random & limit;
    }
    uint64_t mask = ~(uint64_t)0 >> __builtin_clzll(limit);
    while ((random &= mask) > limit) {
        random = random_next(r);
    }
    return random;
}

static int math_random(lua_State *L) {
    Random *r = lua_touserdata(L, lua_upvalueindex(1));
    uint64_t random = random_next(r);
    lua_Integer low = 1, high;
    switch (lua_gettop(L)) {
    case 0:
        lua_pushnumber(L, random_float(random));
        return 1;
    case 1:
        high = lib_checkint(L, 1);
        if (high == 0) {
            lua_pushinteger(L, (lua_Integer)random);
            return 1;
        }
        break;
    case 2:
        low = lib_checkint(L, 1);
        high = lib_checkint(L, 2);
        break;
    default:
        return luaL_error(L, "wrong number of arguments");
    }
    luaL_argcheck(L, low <= high, 1, "interval is empty");
    uint64_t offset = random_below(r, random, (uint64_t)high - (uint64_t)low);
    lua_pushinteger(L, (lua_Integer)(offset + (uint64_t)low));
    return 1;
}

static int math_randomseed(lua_State *L) {
    Random *r = lua_touserdata(L, lua_upvalueindex(1));
    if (lua_isnone(L, 1)) {
        random_seed_somehow(L, r);
    } else {
        lua_Integer n1 = lib_checkint(L, 1);
        lua_Integer n2 = luaL_optinteger(L, 2, 0);
        random_seed(L, r, (uint64_t)n1, (uint64_t)n2);
    }
    return 2;
}

/* ---- opening ---- */

const luaL_Reg lib_math_functions[] = {
#define REGISTER_FLOAT_FUNCTION(name, value) {#name, math_##name},
    FLOAT_FUNCTIONS(REGISTER_FLOAT_FUNCTION) /* and the rest: */
    {"abs", math_abs},
    {"atan", math_atan},
    {"atan2", math_atan},
    {"ceil", math_ceil},
    {"floor", math_floor},
    {"fmod", math_fmod},
    {"frexp", math_frexp},
    {"ldexp", math_ldexp},
    {"log", math_log},
    {"max", math_max},
    {"min", math_min},
    {"modf", math_modf},
    {"pow", math_pow},
    {"tointeger", math_tointeger},
    {"type", math_type},
    {"ult", math_ult},
    /* set below */
    {"huge", NULL},
    {"maxinteger", NULL},
    {"mininteger", NULL},
    {"pi", NULL},
    {"random", NULL},
    {"randomseed", NULL},
    {NULL, NULL},
};

static const luaL_Reg random_functions[] = {
    {"random", math_random},
    {"randomseed", math_randomseed},
    {NULL, NULL},
};

LUAMOD_API int luaopen_math(lua_State *L) {
    luaL_newlib(L, lib_math_functions);
    lua_pushnumber(L, pi);
    lua_setfield(L, -2, "pi");
    lua_pushnumber(L, HUGE_VAL);
    lua_setfield(L, -2, "huge");
    lua_pushinteger(L, LUA_MAXINTEGER);
    lua_setfield(L, -2, "maxinteger");
    lua_pushinteger(L, LUA_MININTEGER);
    lua_setfield(L, -2, "mininteger");
    Random *r = lua_newuserdatauv(L, sizeof *r, 0);
    random_seed_somehow(L, r);
    lua_pop(L, 2);
    luaL_setfuncs(L, random_functions, 1);
    return 1;
}
