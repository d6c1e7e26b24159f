// SPDX-License-Identifier: MIT
/* Functions, upvalues, prototypes, user data.
 *
 * Open upvalues of a thread are a list from the highest stack slot to the lowest, each at most
 * once; a thread that has some is in the
 * list Global.twups as well (the collector looks there). Closing moves the value into the upvalue,
 * which then points to itself.
 */
#include "object/func.h"

#include <string.h>

#include "base/options.h"
#include "gc/gc.h"
#include "object/anchor.h"

static void *zeroed(lua_State *L, int tag, size_t size) {
    GCObject *o = gc_new(L, tag, size);
    memset((char *)o + sizeof(GCObject), 0, size - sizeof(GCObject));
    return o;
}

/* Uses that make a function warm: fewer when compiled code is wanted earlier. */
static int32_t cold_uses(const Global *g) {
    uint32_t wanted = g->options != NULL ? g->options->baseline_at : PROTO_COLD;
    return wanted >= PROTO_COLD ? PROTO_COLD : wanted > 0 ? (int32_t)wanted : 1;
}

Proto *proto_new(lua_State *L) {
    Proto *p = zeroed(L, TAG_PROTO, sizeof(Proto));
    p->armed = p->budget = cold_uses(G(L));
    return p;
}

static void free_array(lua_State *L, void *block, size_t n, size_t size) {
    if (block != NULL) mem_free(L, block, n * size);
}

void proto_release(lua_State *L, Proto *p) {
    if (G(L)->proto_died != NULL) G(L)->proto_died(G(L), p);
    if (G(L)->seam != NULL) G(L)->release_code(G(L), p);
    free_array(L, p->code, p->sizecode, sizeof(Insn));
    free_array(L, p->k, p->sizek, sizeof(TValue));
    free_array(L, p->p, p->sizep, sizeof(Proto *));
    free_array(L, p->upvalues, p->sizeupvalues, sizeof(UpvalDesc));
    free_array(L, p->lineinfo, p->sizelineinfo, sizeof(int32_t));
    free_array(L, p->locvars, p->sizelocvars, sizeof(LocVar));
}

LClosure *lclosure_new(lua_State *L, Proto *p, unsigned nupvalues) {
    LClosure *cl = zeroed(L, TAG_LCL, sizeof(LClosure) + nupvalues * sizeof(UpVal *));
    cl->nupvalues = (uint8_t)nupvalues;
    cl->p = p;
    return cl;
}

CClosure *cclosure_new(lua_State *L, unsigned nupvalues) {
    CClosure *cl = zeroed(L, TAG_CCL, sizeof(CClosure) + nupvalues * sizeof(TValue));
    cl->nupvalues = (uint8_t)nupvalues;
    return cl;
}

void lclosure_new_upvals(lua_State *L, LClosure *cl) {
    anchor_push(L, cl);
    for (unsigned i = 0; i < cl->nupvalues; i++) {
        UpVal *uv = zeroed(L, TAG_UPVAL, sizeof(UpVal));
        uv->v = &uv->u.closed;
        cl->upvals[i] = uv;
        gc_barrier_obj(L, cl, uv);
    }
    anchor_pop(L);
}

static void list_thread(lua_State *L) {
    if (L->twups_next != L) return;
    L->twups_next = G(L)->twups;
    G(L)->twups = L;
}

static UpVal *find_open(lua_State *L, const TValue *slot) {
    UpVal *uv = L->openupval;
    while (uv != NULL && uv->v > slot) uv = uv->u.open.next;
    if (uv == NULL || uv->v != slot) return NULL;
    if (gc_is_dead(G(L), uv)) gc_revive(L, (GCObject *)uv);
    return uv;
}

static UpVal *link_open(lua_State *L, UpVal *fresh, StkId slot) {
    UpVal **link;
    for (link = &L->openupval; *link != NULL && (*link)->v > slot;) link = &(*link)->u.open.next;
    fresh->v = slot;
    fresh->u.open.next = *link;
    fresh->u.open.previous = link;
    if (*link != NULL) (*link)->u.open.previous = &fresh->u.open.next;
    *link = fresh;
    list_thread(L);
    return fresh;
}

UpVal *upval_find(lua_State *L, StkId slot) {
    UpVal *uv = find_open(L, slot);
    if (uv != NULL) return uv;
    uv = zeroed(L, TAG_UPVAL, sizeof(UpVal)); /* may collect and so take upvalues out of the list */
    return link_open(L, uv, slot);
}

UpVal *upval_find_quickly(lua_State *L, StkId slot) {
    UpVal *uv = find_open(L, slot);
    if (uv != NULL) return uv;
    uv = (UpVal *)(void *)gc_new_fast(L, TAG_UPVAL, sizeof(UpVal));
    if (uv == NULL) return NULL;
    memset((char *)uv + sizeof(GCObject), 0, sizeof(UpVal) - sizeof(GCObject));
    return link_open(L, uv, slot);
}

UpVal *upval_closed(lua_State *L, const TValue *x) {
    UpVal *uv = zeroed(L, TAG_UPVAL, sizeof(UpVal));
    uv->v = &uv->u.closed;
    set_value(&uv->u.closed, x);
    return uv;
}

static void unlink_open(UpVal *uv) {
    *uv->u.open.previous = uv->u.open.next;
    if (uv->u.open.next != NULL) uv->u.open.next->u.open.previous = uv->u.open.previous;
}

void upval_close(lua_State *L, StkId level) {
    UpVal *uv;
    while ((uv = L->openupval) != NULL && uv->v >= level) {
        const TValue *slot = uv->v;
        unlink_open(uv);
        set_value(&uv->u.closed, slot);
        uv->v = &uv->u.closed;
        gc_barrier(L, uv, slot);
    }
}

void upval_release(lua_State *L, UpVal *uv) {
    (void)L;
    if (upval_is_open(uv)) unlink_open(uv);
}

Udata *udata_new(lua_State *L, size_t len, unsigned nuvalue) {
    size_t head = sizeof(Udata) + nuvalue * sizeof(TValue);
    if (len > (size_t)PTRDIFF_MAX - head) mem_toobig(L);
    Udata *u = (Udata *)gc_new(L, TAG_UDATA, head + len);
    u->nuvalue = (uint16_t)nuvalue;
    u->len = len;
    u->metatable = NULL;
    for (unsigned i = 0; i < nuvalue; i++) set_nil(&u->uv[i]);
    return u;
}

const char *func_local_name(const Proto *p, int n, int pc) {
    for (uint32_t i = 0; i < p->sizelocvars && p->locvars[i].startpc <= pc; i++) {
        if (pc >= p->locvars[i].endpc || --n > 0) continue;
        return str_data(p->locvars[i].name);
    }
    return NULL;
}
