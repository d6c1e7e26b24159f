// SPDX-License-Identifier: MIT
/* A host's own compiler behind the seam (include/perigee.h, section "Compiler seam").
 *
 * What the host calls compiled is to the runtime a Code without machine code: its stream has
 * OP_COMPILED at the beginning and at the heads of loops, all leading to the handler rt_offer of the
 * interpreter, which calls `offer` below. So calls, returns, invalidation and the death of functions
 * are the same as for Perigee's own code, and what the host declines costs one indirect call.
 *
 *      entry 0       the function's beginning
 *      entry 1..     a loop's head
 */
#include "perigee.h"

#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "base/options.h"
#include "gc/gc.h"
#include "interp/interp.h"
#include "profile/policy.h"
#include "profile/profile.h"
#include "tiers/engine/engine.h"
#include "tiers/shared/jit.h"

typedef struct Host {
    PerigeeSeam seam;
    perigee_Compiler c;
    const void *entry; /* rt_offer */
} Host;

static Host *host_of(const Global *g) { return g->seam->ud; }
static perigee_Function *handle(Proto *p) { return (perigee_Function *)(void *)p; }
static Proto *proto_of(perigee_Function *f) { return (Proto *)(void *)f; }

static void tell(const Host *h, Proto *p, int what) {
    if (h->c.event != NULL) h->c.event(h->c.ud, handle(p), what);
}

/* ------------------------------------------------------------------------------------- requests */

/* Numbers the entries; returns how many there are. */
static uint32_t find_entries(const Host *h, const Proto *p, uint16_t *entry_of) {
    uint32_t n = 1, used = 0;
    memset(entry_of, 0xff, p->sizecode * sizeof *entry_of);
    if (h->c.call != NULL && !p->isvararg) entry_of[0] = 0, used++;
    for (uint32_t pc = 0; h->c.loop != NULL && pc < p->sizecode; pc++) {
        uint32_t head = (uint32_t)((int32_t)pc + 1 + (opcode_loops(insn_op(p->code[pc])) ? insn_j(p->code[pc]) : 0));
        if (head > pc || n == JIT_MAX_ENTRIES || (entry_of[head] != JIT_NO_ENTRY && entry_of[head] != 0)) continue;
        entry_of[head] = (uint16_t)n++;
        used++;
    }
    return used > 0 ? n : 0;
}

static bool install(lua_State *L, const Host *h, Proto *p) {
    uint16_t *entry_of = malloc(p->sizecode * sizeof *entry_of);
    if (entry_of == NULL) return false;
    uint32_t n = find_entries(h, p, entry_of);
    Code *code = n > 0 ? code_new(L, p, TIER_BASELINE) : NULL;
    if (code != NULL) code_install(L, code, h->entry, entry_of, n);
    free(entry_of);
    return code != NULL;
}

/* The next look when the function was used once more as often as it was. */
static void double_uses(Proto *p) {
    uint64_t uses = proto_uses(p);
    proto_rearm(p, uses < POLICY_REST ? (int32_t)(uses > 0 ? uses : 1) : POLICY_REST);
}

static void hot(lua_State *L, Proto *p) {
    const Host *h = host_of(G(L));
    uint64_t uses = proto_uses(p), threshold = policy_threshold(G(L), TIER_BASELINE);
    if (uses < threshold) {
        proto_rearm(p, (int32_t)(threshold - uses));
        return;
    }
    double_uses(p);
    if (uses >= POLICY_REST || p->feedback == NULL || code_current(p) != NULL || G(L)->closing) return;
    tell(h, p, PERIGEE_REQUESTED);
    int answer = h->c.request(h->c.ud, L, handle(p), uses);
    if (answer == PERIGEE_NEVER) proto_rearm(p, POLICY_REST);
    if (answer == PERIGEE_COMPILED && install(L, h, p)) tell(h, p, PERIGEE_PROMOTED);
}

/* --------------------------------------------------------------------------------------- offers */

static int call_host(lua_State *L, const Host *h, Proto *p, uint32_t index, bool is_call) {
    uint32_t before = L->ncalls;
    L->ncalls += NONYIELDABLE;
    ccalls_enter(L); /* may raise; unwinding restores the count */
    int answer = is_call ? h->c.call(h->c.ud, L, handle(p)) : h->c.loop(h->c.ud, L, handle(p), (int)index);
    L->ncalls = before;
    L->ci->top = L->ci->func + 1 + p->maxstack; /* lua_checkstack raised it */
    if (answer == PERIGEE_ERROR) lua_error(L);
    return answer;
}

/* The results of a handled call, on top of the stack, are returned from behind the registers. */
static Insn return_results(lua_State *L, int n) {
    CallInfo *ci = L->ci;
    TValue *from = L->top - n;
    api_check(L, from >= ci->top);
    for (int k = 0; k < n; k++) set_value(ci->top + k, from + k);
    L->top = ci->top + n;
    return insn_abc(OP_RETURN, (unsigned)(ci->top - (ci->func + 1)), 0, 0);
}

static Insn offer(lua_State *L, const Insn **pc, Insn i) {
    const Host *h = host_of(G(L));
    CallInfo *ci = L->ci;
    Proto *p = frame_proto(ci);
    uint32_t index = (uint32_t)code_index(p, *pc) - 1;
    bool is_call = (i >> 8 & (JIT_MAX_ENTRIES - 1)) == 0;
    ci->pc = *pc;
    L->top = ci->top;
    if (is_call) /* what older frames left in the registers is not the host's to see */
        for (TValue *r = ci->func + 1 + p->numparams; r < ci->top; r++) set_nil(r);
    int answer = call_host(L, h, p, index, is_call);
    if (is_call && answer >= 0) return return_results(L, answer);
    L->top = ci->top;
    if (is_call || answer < 0 || (uint32_t)answer >= p->sizecode) {
        tell(h, p, PERIGEE_DEOPTIMISED);
        answer = (int)index;
    }
    *pc += answer - (int)index;
    ci->pc = *pc;
    return p->feedback->quick[answer];
}

/* --------------------------------------------------------------------------------------- endings */

static void many_exits(lua_State *L, Code *code) {
    (void)L;
    code->exit_limit = UINT32_MAX;
}

static void forget(const Host *h, Proto *p, int why) {
    if (h->c.invalidate != NULL) h->c.invalidate(h->c.ud, handle(p), why);
}

static void proto_dies(Global *g, Proto *p) {
    if (p->compiled != NULL) forget(host_of(g), p, PERIGEE_DIED);
    profile_proto_dies(g, p);
}

static void state_closes(Global *g) {
    Host *h = host_of(g);
    if (h->c.close != NULL) h->c.close(h->c.ud);
    g->seam = NULL;
    mem_free(g->mainthread, h, sizeof *h);
}

/* ---------------------------------------------------------------------------------------- hosts */

static const void *offer_handler(void) {
    const JitSymbol *s = vm_jit_symbols();
    while (s != NULL && s->name != NULL && strcmp(s->name, "rt_offer") != 0) s++;
    return s != NULL ? s->address : NULL;
}

static bool may_change(Global *g) {
    const EngineStats *stats = engine_stats(g);
    if (g->seam == NULL) return true;
    return stats != NULL && stats->tier[TIER_BASELINE].requests == 0;
}

LUA_API int perigee_setcompiler(lua_State *L, const perigee_Compiler *c) {
    Global *g = G(L);
    const void *entry = offer_handler();
    if (!may_change(g) || (c != NULL && entry == NULL)) return LUA_ERRRUN;
    Host *h = NULL;
    if (c != NULL) {
        perigee_Compiler copy = {0};
        memcpy(&copy, c, c->size < sizeof copy ? c->size : sizeof copy);
        if (copy.request == NULL) return LUA_ERRRUN;
        h = mem_try_realloc(L, NULL, 0, sizeof *h);
        if (h == NULL) return LUA_ERRMEM;
        *h = (Host){.c = copy, .entry = entry};
        h->seam = (PerigeeSeam){.ud = h, .hot = hot, .many_exits = many_exits, .offer = offer, .proto_dies = proto_dies, .close = state_closes};
    }
    if (c == NULL && policy_own_options(L) == NULL) return LUA_ERRMEM;
    if (g->seam != NULL) g->seam->close(g);
    g->seam = h != NULL ? &h->seam : NULL;
    if (c == NULL) g->options->no_compiler = true;
    return LUA_OK;
}

LUA_API void perigee_discard(lua_State *L, perigee_Function *f) {
    Proto *p = proto_of(f);
    Code *code = code_current(p);
    if (code == NULL || G(L)->seam == NULL || G(L)->seam->hot != hot) return;
    code_invalidate(L, code);
    double_uses(p);
    forget(host_of(G(L)), p, PERIGEE_DISCARDED);
}

LUA_API perigee_Function *perigee_function(lua_State *L, int idx) {
    const TValue *o = api_value(L, idx);
    return is_lcl(o) ? handle(as_lcl(o)->p) : NULL;
}

LUA_API void perigee_functioninfo(lua_State *L, perigee_Function *f, perigee_FunctionInfo *info) {
    Proto *p = proto_of(f);
    _Static_assert(sizeof(Insn) == sizeof(unsigned long long) && sizeof(int32_t) == sizeof(int), "types of the public header");
    perigee_FunctionInfo full = {
        .size = info->size, .id = function_id_of(L, p), .source = p->source != NULL ? str_data(p->source) : "=?",
        .linedefined = p->linedefined, .lastlinedefined = p->lastline, .nparams = p->numparams, .isvararg = p->isvararg,
        .nregisters = p->maxstack, .nupvalues = (int)p->sizeupvalues, .ninstructions = (int)p->sizecode,
        .code = (const unsigned long long *)p->code, .lines = p->sizelineinfo > 0 ? (const int *)p->lineinfo : NULL};
    memcpy(info, &full, info->size < sizeof full ? info->size : sizeof full);
}

LUA_API int perigee_constant(lua_State *L, perigee_Function *f, int n) {
    const Proto *p = proto_of(f);
    if (n < 0 || (uint32_t)n >= p->sizek) return 0;
    set_value(L->top, &p->k[n]);
    api_push(L);
    return 1;
}
