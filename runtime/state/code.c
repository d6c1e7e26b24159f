// SPDX-License-Identifier: MIT
/* See state/code.h. */
#include "state/code.h"

#include <string.h>

#include "base/options.h"
#include "gc/gc.h"
#include "profile/feedback.h"
#include "profile/reasons.h"
#include "state/state.h"

static void fill_interpret(Code *c) {
    for (uint32_t n = 0; n < c->ninsns; n++) c->stream[n] = insn_interpret(n);
}

Code *code_new(lua_State *L, Proto *p, int tier) {
    Code *c = mem_try_realloc(L, NULL, 0, sizeof *c);
    if (c == NULL) return NULL;
    *c = (Code){.proto = p, .tier = (uint8_t)tier, .ninsns = p->sizecode, .exit_limit = UINT32_MAX};
    c->stream = stream_new(L, p->sizecode);
    if (c->stream == NULL) {
        mem_free(L, c, sizeof *c);
        return NULL;
    }
    fill_interpret(c);
    return c;
}

void code_discard(Global *g, Code *c) {
    stream_free(g->mainthread, c->stream, c->ninsns);
    mem_free(g->mainthread, c, sizeof *c);
}

Code *code_current(const Proto *p) {
    Code *c = p->compiled;
    while (c != NULL && c->state != CODE_INSTALLED) c = c->older;
    return c;
}

static void choose_entry(Proto *p) {
    const Code *c = code_current(p);
    p->entry = c != NULL ? c->stream : p->feedback != NULL ? p->feedback->quick : p->code;
}

void code_install(lua_State *L, Code *c, const void *entry, const uint16_t *entry_of, uint32_t nentries) {
    (void)L;
    Proto *p = c->proto;
    for (uint32_t n = 0; n < c->ninsns; n++)
        if (entry_of[n] != 0xffff) c->stream[n] = insn_compiled(entry, entry_of[n]);
    c->nentries = (uint16_t)nentries;
    c->state = CODE_INSTALLED;
    c->older = p->compiled;
    p->compiled = c;
    choose_entry(p);
}

void code_invalidate(lua_State *L, Code *c) {
    (void)L;
    c->state = CODE_INVALID;
    fill_interpret(c);
    choose_entry(c->proto);
}

const Insn *code_lower(const Proto *p, uint32_t index) {
    const Code *c = p->compiled;
    while (c != NULL && (c->state != CODE_INSTALLED || c->tier == TIER_OPT)) c = c->older;
    return (c != NULL ? c->stream : p->feedback != NULL ? p->feedback->quick : p->code) + index;
}

void code_abandon_frame(CallInfo *ci) {
    const Proto *p = frame_proto(ci);
    ci->pc = code_lower(p, code_index(p, ci->pc));
}

void code_note_left(lua_State *L, const CallInfo *ci, unsigned reason) {
    const Proto *p = frame_proto(ci);
    Code *c = p->compiled;
    while (c != NULL && !(ci->pc >= c->stream && ci->pc <= c->stream + c->ninsns)) c = c->older;
    if (c == NULL || c->tier != TIER_OPT || c->state != CODE_INSTALLED || G(L)->seam == NULL || G(L)->seam->left == NULL) return;
    uint32_t next = (uint32_t)(ci->pc - c->stream);
    G(L)->seam->left(L, c, next > 0 ? next - 1 : 0, reason);
}

void code_note_hooked(lua_State *L) {
    for (const CallInfo *ci = L->ci; ci != &L->base_ci; ci = ci->prev)
        if (!(ci->status & CI_C)) code_note_left(L, ci, DEOPT_HOOK);
}

uint32_t code_index(const Proto *p, const Insn *pc) {
    if (pc >= p->code && pc <= p->code + p->sizecode) return (uint32_t)(pc - p->code);
    if (p->feedback != NULL && pc >= p->feedback->quick && pc <= p->feedback->quick + p->sizecode)
        return (uint32_t)(pc - p->feedback->quick);
    const Code *c = p->compiled;
    while (c != NULL && !(pc >= c->stream && pc <= c->stream + c->ninsns)) c = c->older;
    return c != NULL ? (uint32_t)(pc - c->stream) : 0;
}

static uint32_t next_random(Global *g) {
    uint32_t x = g->randomtiers; /* xorshift (Marsaglia 2003) */
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return g->randomtiers = x;
}

/* p's quickened code (the canonical one must not be entered again once p is warm) or one of its compilations */
static const Insn *random_stream(Global *g, const Proto *p) {
    if (p->feedback == NULL) return p->code;
    const Insn *chosen = p->feedback->quick;
    uint32_t n = 1;
    for (const Code *c = p->compiled; c != NULL; c = c->older)
        if (c->state == CODE_INSTALLED && next_random(g) % ++n == 0) chosen = c->stream;
    return chosen;
}

const Insn *code_best(Global *g, const Proto *p, const Insn *pc) {
    return (__builtin_expect(g->randomtiers != 0, 0) ? random_stream(g, p) : p->entry) + code_index(p, pc);
}

void code_release_all(Global *g, Proto *p) {
    g->seam->proto_dies(g, p);
    for (Code *c = p->compiled, *older; c != NULL; c = older) {
        older = c->older;
        code_discard(g, c);
    }
    p->compiled = NULL;
}
