// SPDX-License-Identifier: MIT
/* Lookups through metatables that optimised code relies on: a method found in a class, a field that no class has, no __newindex.
 *
 *      compiler: JitFunction.relied -> install: Reliance[], shapes on the way are watched
 *                                          |
 *      a class or metatable of a watched shape changes: shape_fire -> reliance_fired: Code.stale = 1 in all codes that rely on lookups
 *                                          |
 *      code tests the word after whatever may run such a change, and exits -> reliance_holds looks up again:
 *                                          +-- the same results: stale = 0, nothing happened
 *                                          +-- another: the code is lost, "metatable changed"
 *
 * So a program that makes classes all the time, which nobody watches, disturbs no code; and of the codes that a change might concern only
 * those are lost that it does concern. Looking again waits until the code is left, since a change is announced before it is made. */
#include <stdlib.h>
#include <string.h>

#include "tiers/engine/engine_internal.h"

typedef struct Gathered {
    Reliance *rows; /* NULL: they are counted only */
    uint32_t count;
} Gathered;

static void gather(Gathered *to, const JitFunction *f, const Proto *p, uint32_t pc) {
    unsigned op = insn_op(f->code[pc]), d = insn_d(f->quick[pc]);
    bool stores = op == OP_SETFIELD || op == OP_SETFIELDK || op == OP_SETTABUP;
    if (!stores && op != OP_GETFIELD && op != OP_SELF && op != OP_GETTABUP) return;
    if (insn_op(f->quick[pc]) == op || d >= f->ncells || !f->relied[d]) return;
    uint32_t n = to->count++;
    if (to->rows == NULL) return;
    Reliance *r = &to->rows[n];
    *r = (Reliance){.cell = f->cells[d], .key = as_str(p->k + (stores ? insn_b(f->code[pc]) : insn_c(f->code[pc]))), .stores = stores};
    if (r->cell.kind == CELL_POLY) memcpy(r->poly, r->cell.u.poly, sizeof r->poly);
}

static void gather_all(Gathered *to, const JitFunction *const *functions, Proto *const *protos, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t pc = 0; functions[i]->relied != NULL && pc < functions[i]->ninsns; pc++) gather(to, functions[i], protos[i], pc);
}

static bool all_hold(Global *g, const CodeInfo *info) {
    for (uint32_t n = 0; n < info->nrelies; n++)
        if (!quick_holds(g, &info->relies[n])) return false;
    return true;
}

bool reliance_begin(Engine *e, Code *code, const JitFunction *const *functions, Proto *const *protos, uint32_t n) {
    CodeInfo *info = code_info(code);
    Gathered to = {0};
    gather_all(&to, functions, protos, n);
    if (to.count == 0) return true;
    to.rows = malloc(to.count * sizeof *to.rows);
    if (to.rows == NULL) return false;
    to.count = 0;
    gather_all(&to, functions, protos, n);
    info->relies = to.rows;
    info->nrelies = to.count;
    info->next = e->reliant;
    e->reliant = code;
    return all_hold(e->g, info);
}

void reliance_end(Engine *e, Code *code) {
    CodeInfo *info = code_info(code);
    if (info->relies == NULL) return;
    Code **link = &e->reliant;
    while (*link != code) link = &code_info(*link)->next;
    *link = info->next;
    free(info->relies);
    info->relies = NULL;
    info->nrelies = 0;
}

void reliance_fired(Global *g) {
    const Engine *e = engine_own(g);
    if (e == NULL) return;
    for (Code *c = e->reliant; c != NULL; c = code_info(c)->next) c->stale = 1;
}

bool reliance_holds(lua_State *L, Code *code) {
    if (code->state != CODE_INSTALLED || all_hold(G(L), code_info(code))) {
        code->stale = 0;
        return true;
    }
    code_lost(L, engine_of(G(L)), code, DEOPT_METATABLE);
    return false;
}
