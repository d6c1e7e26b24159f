// SPDX-License-Identifier: MIT
/* The collector, warnings, allocator, upvalues of closures, and the rest. */
#include "api/api.h"
#include "api/typed.h"

#include "state/finalizer.h"

const char lua_ident[] = "$Perigee: a runtime for " LUA_RELEASE " $";

LUA_API lua_Number lua_version(lua_State *L) {
    (void)L;
    return LUA_VERSION_NUM;
}

LUA_API lua_CFunction lua_atpanic(lua_State *L, lua_CFunction panicf) {
    lua_CFunction old = G(L)->panic;
    G(L)->panic = panicf;
    return old;
}

LUA_API int lua_setcstacklimit(lua_State *L, unsigned int limit) {
    (void)L;
    (void)limit;
    return MAX_CCALLS;
}

/* ------------------------------------------------------------------------------------ collector */

/* how many int arguments an option takes */
static int gc_arguments(int what) {
    switch (what) {
        case LUA_GCSTEP: case LUA_GCSETPAUSE: case LUA_GCSETSTEPMUL: return 1;
        case LUA_GCGEN: return 2;
        case LUA_GCINC: return 3;
        default: return 0;
    }
}

LUA_API int lua_gc(lua_State *L, int what, ...) {
    if (G(L)->gcstop & (GCSTOP_BUSY | GCSTOP_CLOSING)) return -1; /* called by a finalizer */
    int args[3] = {0, 0, 0};
    va_list ap;
    va_start(ap, what);
    for (int i = 0; i < gc_arguments(what); i++) args[i] = va_arg(ap, int);
    va_end(ap);
    return gc_control(L, what, args);
}

LUA_API lua_Alloc lua_getallocf(lua_State *L, void **ud) {
    if (ud != NULL) *ud = G(L)->allocud;
    return G(L)->alloc;
}

LUA_API void lua_setallocf(lua_State *L, lua_Alloc f, void *ud) { mem_set_alloc(G(L), f, ud); }

/* ------------------------------------------------------------------------------------- warnings */

LUA_API void lua_setwarnf(lua_State *L, lua_WarnFunction f, void *ud) {
    G(L)->warnf = f;
    G(L)->warnud = ud;
}

LUA_API void lua_warning(lua_State *L, const char *msg, int tocont) { state_warning(L, msg, tocont != 0); }

/* ------------------------------------------------------------------------------------- upvalues */

typedef struct UpvalueRef {
    const char *name; /* NULL: there is no such upvalue */
    TValue *v;
    void *owner; /* the object that holds the value, for the barrier */
} UpvalueRef;

static UpvalueRef c_upvalue(CClosure *c, int n) {
    if (n < 1 || n > c->nupvalues || c->f == typed_call) return (UpvalueRef){NULL, NULL, NULL}; /* compiled code relies on a typed one's */
    return (UpvalueRef){"", &c->upvalue[n - 1], c};
}

static UpvalueRef lua_upvalue(lua_State *L, LClosure *c, int n) {
    if (n < 1 || (unsigned)n > c->p->sizeupvalues) return (UpvalueRef){NULL, NULL, NULL};
    String *name = c->p->upvalues[n - 1].name;
    UpVal *uv = c->upvals[n - 1];
    return (UpvalueRef){name != NULL ? str_cstr(L, name) : "(no name)", uv->v, uv};
}

static UpvalueRef upvalue_of(lua_State *L, int funcindex, int n) {
    const TValue *f = api_value(L, funcindex);
    if (f->tag == TAG_CCL) return c_upvalue(as_ccl(f), n);
    if (f->tag == TAG_LCL) return lua_upvalue(L, as_lcl(f), n);
    return (UpvalueRef){NULL, NULL, NULL};
}

LUA_API const char *lua_getupvalue(lua_State *L, int funcindex, int n) {
    UpvalueRef u = upvalue_of(L, funcindex, n);
    if (u.name != NULL) {
        set_value(L->top, u.v);
        api_push(L);
    }
    return u.name;
}

LUA_API const char *lua_setupvalue(lua_State *L, int funcindex, int n) {
    api_check_args(L, 1);
    UpvalueRef u = upvalue_of(L, funcindex, n);
    if (u.name != NULL) {
        L->top--;
        set_value(u.v, L->top);
        gc_barrier(L, u.owner, u.v);
    }
    return u.name;
}

LUA_API void *lua_upvalueid(lua_State *L, int fidx, int n) {
    const TValue *f = api_value(L, fidx);
    switch (f->tag) {
        case TAG_LCL: {
            LClosure *c = as_lcl(f);
            return n >= 1 && (unsigned)n <= c->p->sizeupvalues ? c->upvals[n - 1] : NULL;
        }
        case TAG_CCL: return c_upvalue(as_ccl(f), n).v;
        default: api_check(L, f->tag == TAG_LCF); return NULL;
    }
}

static UpVal **upvalue_cell(lua_State *L, int fidx, int n) {
    const TValue *f = api_value(L, fidx);
    api_check(L, is_lcl(f) && n >= 1 && (unsigned)n <= as_lcl(f)->p->sizeupvalues);
    return &as_lcl(f)->upvals[n - 1];
}

LUA_API void lua_upvaluejoin(lua_State *L, int fidx1, int n1, int fidx2, int n2) {
    UpVal **to = upvalue_cell(L, fidx1, n1);
    *to = *upvalue_cell(L, fidx2, n2);
    gc_barrier_obj(L, as_lcl(api_value(L, fidx1)), *to);
}
