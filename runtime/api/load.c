// SPDX-License-Identifier: MIT
/* Chunks in and out (manual §3.3.2, lua_load, lua_dump). */
#include "api/api.h"

#include <string.h>

#include "front/front.h"
#include "object/func.h"
#include "profile/function_id.h"

struct Load {
    Source source;
    const char *name, *mode;
};

static void check_mode(lua_State *L, const char *mode, const char *form) {
    if (mode == NULL || strchr(mode, form[0]) != NULL) return;
    state_pushf(L, "attempt to load a %s chunk (mode is '%s')", form, mode);
    state_throw(L, LUA_ERRSYNTAX);
}

static void load_body(lua_State *L, void *ud) {
    struct Load *load = ud;
    int first = source_next(&load->source);
    bool binary = first == LUA_SIGNATURE[0];
    check_mode(L, load->mode, binary ? "binary" : "text");
    LClosure *f = binary ? front_undump(L, &load->source, load->name) : front_parse(L, &load->source, load->name, first);
    function_ids_number(f->p);
    lclosure_new_upvals(L, f);
}

/* The first upvalue of a chunk is _ENV. */
static void set_environment(lua_State *L, LClosure *f) {
    if (f->nupvalues == 0) return;
    TValue globals;
    api_globals(L, &globals);
    set_value(f->upvals[0]->v, &globals);
    gc_barrier(L, f->upvals[0], &globals);
}

LUA_API int lua_load(lua_State *L, lua_Reader reader, void *dt, const char *chunkname, const char *mode) {
    struct Load load = {
        .source = {.L = L, .reader = reader, .data = dt, .p = NULL, .n = 0},
        .name = chunkname != NULL ? chunkname : "?",
        .mode = mode,
    };
    L->ncalls += NONYIELDABLE; /* a reader cannot yield through the parser */
    uint32_t was = G(L)->running;
    G(L)->running = RUN_LOAD;
    int status = call_protected(L, load_body, &load, stack_save(L, L->top), L->errfunc);
    L->ncalls -= NONYIELDABLE;
    G(L)->running = was;
    if (status == LUA_OK) set_environment(L, as_lcl(L->top - 1));
    return status;
}

LUA_API int lua_dump(lua_State *L, lua_Writer writer, void *data, int strip) {
    api_check_args(L, 1);
    const TValue *f = L->top - 1;
    return is_lcl(f) ? front_dump(L, as_lcl(f)->p, writer, data, strip != 0) : 1;
}
