// SPDX-License-Identifier: MIT
/* Calls of __gc (manual §2.5.3). They happen in the middle of whatever allocates: no error may come
 * out, no hook may see them. */
#include "state/finalizer.h"

#include "object/string.h"
#include "state/limits.h"

void state_warning(lua_State *L, const char *msg, bool tocont) {
    lua_WarnFunction f = G(L)->warnf;
    if (f != NULL) f(G(L)->warnud, msg, tocont);
}

/* The error object on top, raised in `where`, as one warning. */
static void warn_error(lua_State *L, const char *where) {
    const TValue *e = L->top - 1;
    const char *msg = is_str(e) ? str_cstr(L, as_str(e)) : "error object is not a string";
    const char *const pieces[] = {"error in ", where, " (", msg};
    for (int i = 0; i < 4; i++) state_warning(L, pieces[i], true);
    state_warning(L, ")", false);
}

static void call_pushed(lua_State *L, void *ud) {
    (void)ud;
    call_value_noyield(L, L->top - 2, 0);
}

void run_finalizer(lua_State *L, GCObject *o) {
    TValue object, f;
    set_gc(&object, o);
    tm_of(L, &object, TM_GC, &f);
    if (is_nil(&f)) return; /* taken away since it was announced */
    if ((G(L)->gcstop & GCSTOP_CLOSING) && limits_exhausted(G(L))) return; /* of those many that lua_close calls */
    uint8_t allowhook = L->allowhook;
    CallInfo *ci = L->ci;
    L->allowhook = 0;
    set_value(L->top++, &f); /* within the spare slots */
    set_value(L->top++, &object);
    ci->status |= CI_FIN;
    uint32_t was = G(L)->running;
    G(L)->running = RUN_INTERP;
    int status = call_protected(L, call_pushed, NULL, stack_save(L, L->top - 2), 0);
    G(L)->running = was;
    ci->status &= (uint16_t)~CI_FIN;
    L->allowhook = allowhook;
    if (status != LUA_OK) {
        G(L)->finalizers_wait = limits_exhausted(G(L));
        warn_error(L, "__gc");
        L->top--;
    }
}
