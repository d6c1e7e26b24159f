// SPDX-License-Identifier: MIT
/* Typed host functions (perigee.h): registration, and the ordinary way to call them, through libffi.
 *
 *      "!d(di)"  --parse-->  Typed {F64, {F64, I32}, status}  --ffi_prep_cif-->  Block.cif
 *
 *      Lua arguments --read_*--> CValue[] --ffi_call--> CValue --push_*--> Lua result
 *
 * The conversions are those of luaL_check*, with their messages; optimised code makes the same in place
 * (tiers/optimizing/typed_calls.c) and leaves to this file whatever needs more than a test of the tag.
 */
#include "api/typed.h"

#include <ffi.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "lauxlib.h"
#include "perigee.h"
#include "state/typed.h"

typedef struct Block {
    Typed t;
    ffi_cif cif;
    ffi_type *types[TYPED_MAX_PARAMS + 1];
} Block;

/* An argument or result of C. Results of small integers fill an ffi_arg. */
typedef union CValue {
    int8_t i8;
    uint8_t u8;
    int16_t i16;
    uint16_t u16;
    int32_t i32;
    uint32_t u32;
    int64_t i64;
    uint64_t u64;
    float f32;
    double f64;
    bool boolean;
    void *pointer;
    const char *string;
    ffi_arg arg;
} CValue;

typedef struct Row {
    char letter;
    const char *name;
    uint8_t bits;
    bool sign;
} Row;

static const Row rows[TYPED_COUNT] = {
#define ROW(letter, name, text, bits, sign) {letter, text, bits, sign},
    TYPED_TYPES(ROW)
#undef ROW
};

/* ------------------------------------------------------------------------------------- arguments */

static void *read_pointer(lua_State *L, int arg) {
    if (lua_type(L, arg) == LUA_TNIL) return NULL;
    if (!lua_isuserdata(L, arg)) luaL_typeerror(L, arg, lua_typename(L, LUA_TUSERDATA));
    return lua_touserdata(L, arg);
}

static const char *read_string(lua_State *L, int arg) {
    size_t len;
    const char *s = luaL_checklstring(L, arg, &len);
    luaL_argcheck(L, strlen(s) == len, arg, "string contains zeros");
    return s;
}

static bool in_range(lua_Integer n, unsigned bits, bool sign) {
    if (bits == 64) return true;
    lua_Unsigned shifted = sign ? (lua_Unsigned)n + (UINT64_C(1) << (bits - 1)) : (lua_Unsigned)n;
    return shifted >> bits == 0;
}

static uint64_t read_integer(lua_State *L, int arg, unsigned type) {
    lua_Integer n = luaL_checkinteger(L, arg);
    if (!in_range(n, rows[type].bits, rows[type].sign))
        luaL_argerror(L, arg, lua_pushfstring(L, "integer out of range of %s", rows[type].name));
    return (uint64_t)n;
}

static void put_integer(CValue *v, unsigned type, uint64_t n) {
    switch (rows[type].bits) {
        case 8: v->u8 = (uint8_t)n; break;
        case 16: v->u16 = (uint16_t)n; break;
        case 32: v->u32 = (uint32_t)n; break;
        default: v->u64 = n;
    }
}

static void read_argument(lua_State *L, int arg, unsigned type, CValue *v) {
    switch (type) {
        case TYPED_BOOL:
            luaL_checktype(L, arg, LUA_TBOOLEAN);
            v->boolean = lua_toboolean(L, arg);
            break;
        case TYPED_F32: v->f32 = (float)luaL_checknumber(L, arg); break;
        case TYPED_F64: v->f64 = luaL_checknumber(L, arg); break;
        case TYPED_POINTER: v->pointer = read_pointer(L, arg); break;
        case TYPED_STRING: v->string = read_string(L, arg); break;
        default: put_integer(v, type, read_integer(L, arg, type));
    }
}

/* --------------------------------------------------------------------------------------- results */

static lua_Integer integer_of(const CValue *v, unsigned type) {
    switch (type) {
        case TYPED_I8: return v->i8;
        case TYPED_U8: return v->u8;
        case TYPED_I16: return v->i16;
        case TYPED_U16: return v->u16;
        case TYPED_I32: return v->i32;
        case TYPED_U32: return v->u32;
        default: return v->i64;
    }
}

static void push_pointer(lua_State *L, void *p) {
    if (p == NULL) lua_pushnil(L);
    else lua_pushlightuserdata(L, p);
}

static int push_result(lua_State *L, const CValue *v, unsigned type) {
    switch (type) {
        case TYPED_VOID: return 0;
        case TYPED_BOOL: lua_pushboolean(L, v->u8 != 0); break;
        case TYPED_F32: lua_pushnumber(L, (lua_Number)v->f32); break;
        case TYPED_F64: lua_pushnumber(L, v->f64); break;
        case TYPED_POINTER: push_pointer(L, v->pointer); break;
        case TYPED_STRING: lua_pushstring(L, v->string); break;
        default: lua_pushinteger(L, integer_of(v, type));
    }
    return 1;
}

/* ----------------------------------------------------------------------------------------- calls */

static int failed(lua_State *L) {
    const Typed *t = lua_touserdata(L, lua_upvalueindex(1));
    int status = (int)lua_tointeger(L, -1);
    const char *message = t->message != NULL ? t->message(t->ud, status) : NULL;
    return message != NULL ? luaL_error(L, "%s", message) : luaL_error(L, "host function failed with status %d", status);
}

/* What libffi takes back is at least an ffi_arg long, its low end the value's (x86-64: little-endian). */
int typed_call(lua_State *L) {
    Block *b = lua_touserdata(L, lua_upvalueindex(1));
    const Typed *t = &b->t;
    CValue args[TYPED_MAX_PARAMS], result = {0}, out = {0};
    void *places[TYPED_MAX_PARAMS + 1], *out_place = &out;
    int arg = 0;
    for (unsigned n = 0; n < t->nparams; n++) {
        if (t->params[n] == TYPED_UD) args[n].pointer = t->ud;
        else read_argument(L, ++arg, t->params[n], &args[n]);
        places[n] = &args[n];
    }
    if (t->status && t->result != TYPED_VOID) places[t->nparams] = &out_place;
    ffi_call(&b->cif, t->fn, &result, places);
    if (!t->status) return push_result(L, &result, t->result);
    if (result.i32 == 0) return push_result(L, &out, t->result);
    lua_pushinteger(L, result.i32);
    return failed(L);
}

/* ---------------------------------------------------------------------------------- registration */

static ffi_type *ffi_type_of(unsigned type) {
    switch (type) {
        case TYPED_VOID: return &ffi_type_void;
        case TYPED_BOOL: return &ffi_type_uint8;
        case TYPED_I8: return &ffi_type_sint8;
        case TYPED_U8: return &ffi_type_uint8;
        case TYPED_I16: return &ffi_type_sint16;
        case TYPED_U16: return &ffi_type_uint16;
        case TYPED_I32: return &ffi_type_sint32;
        case TYPED_U32: return &ffi_type_uint32;
        case TYPED_I64: return &ffi_type_sint64;
        case TYPED_U64: return &ffi_type_uint64;
        case TYPED_F32: return &ffi_type_float;
        case TYPED_F64: return &ffi_type_double;
        default: return &ffi_type_pointer;
    }
}

static int type_of_letter(char c) {
    for (unsigned t = 0; t < TYPED_COUNT; t++)
        if (rows[t].letter == c) return (int)t;
    return -1;
}

/* NULL: well-formed; else what is wrong, at *s. */
static const char *parse_params(Typed *t, const char **s) {
    for (; **s != ')'; ++*s) {
        if (**s == '\0') return "')' expected";
        int type = type_of_letter(**s);
        if (type < 0 || type == TYPED_VOID) return "unknown type of a parameter";
        if (t->nparams == TYPED_MAX_PARAMS) return "too many parameters";
        t->params[t->nparams++] = (uint8_t)type;
        t->nargs += type != TYPED_UD;
    }
    ++*s;
    return **s == '\0' ? NULL : "text behind the signature";
}

static const char *parse(Typed *t, const char **s) {
    if (**s == '!') {
        t->status = true;
        ++*s;
    }
    int type = type_of_letter(**s);
    if (type < 0 || type == TYPED_UD) return "unknown type of the result";
    t->result = (uint8_t)type;
    if (*++*s != '(') return "'(' expected";
    ++*s;
    return parse_params(t, s);
}

static bool prepare(Block *b) {
    const Typed *t = &b->t;
    unsigned n = 0;
    for (; n < t->nparams; n++) b->types[n] = ffi_type_of(t->params[n]);
    if (t->status && t->result != TYPED_VOID) b->types[n++] = &ffi_type_pointer;
    ffi_type *result = t->status ? &ffi_type_sint32 : ffi_type_of(t->result);
    return ffi_prep_cif(&b->cif, FFI_DEFAULT_ABI, n, result, b->types) == FFI_OK;
}

/* Fields beyond the size that the host knew are not read. */
static perigee_Typed known_fields(const perigee_Typed *from) {
    perigee_Typed t = {0};
    memcpy(&t, from, from->size < sizeof t ? from->size : sizeof t);
    return t;
}

static int make(lua_State *L) {
    perigee_Typed from = known_fields(lua_touserdata(L, 1));
    const char *name = from.name != NULL ? from.name : "?", *at = from.signature;
    if (from.function == NULL || from.signature == NULL) return luaL_error(L, "typed function '%s': a function and a signature are needed", name);
    Block *b = memset(lua_newuserdatauv(L, sizeof *b, 0), 0, sizeof *b);
    const char *fault = parse(&b->t, &at);
    if (fault != NULL)
        return luaL_error(L, "typed function '%s': signature '%s', character %d: %s", name, from.signature, (int)(at - from.signature) + 1, fault);
    b->t.fn = from.function;
    b->t.ud = from.ud;
    b->t.message = from.message;
    b->t.failed = failed;
    if (!prepare(b)) return luaL_error(L, "typed function '%s': signature '%s' is not supported here", name, from.signature);
    lua_pushcclosure(L, typed_call, 1);
    return 1;
}

LUA_API int perigee_pushtyped(lua_State *L, const perigee_Typed *t) {
    G(L)->typed = typed_call;
    lua_pushcfunction(L, make);
    lua_pushlightuserdata(L, (void *)(uintptr_t)t);
    return lua_pcall(L, 1, 1, 0);
}

LUA_API int perigee_settyped(lua_State *L, const perigee_Typed *list) {
    for (const perigee_Typed *t = list; t->name != NULL; t = (const perigee_Typed *)(const void *)((const char *)t + list->size)) {
        int status = perigee_pushtyped(L, t);
        if (status != LUA_OK) return status;
        lua_setfield(L, -2, t->name);
    }
    return LUA_OK;
}
