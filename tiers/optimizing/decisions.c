// SPDX-License-Identifier: MIT
/* What became of the calls of a compiled function, for the report: a row for each call site that was looked at, inlined or
 * why not. Inlining notes what it decides (Graph.notes); calls that it does not look at, for they have no callee that is
 * known, are told by their cells. */
#include "tiers/optimizing/decisions.h"

#include <stdlib.h>
#include <string.h>

#include "lib/builtins.h"

enum { MAX_DECISIONS = 200 };

typedef struct Rows {
    Graph *g;
    JitDecision *rows; /* NULL: they are only counted */
    uint32_t count;
} Rows;

static void add(Rows *r, const JitFunction *f, uint32_t pc, const char *callee, const char *why) {
    uint32_t n = r->count;
    if (n == MAX_DECISIONS) return;
    r->count++;
    if (r->rows == NULL) return;
    JitDecision *d = &r->rows[n];
    *d = (JitDecision){.pc = pc, .line = f->lines != NULL ? f->lines[pc] : 0, .opcode = (uint8_t)insn_op(f->code[pc]), .inlined = why == NULL};
    snprintf(d->function, sizeof d->function, "%s", f->name);
    snprintf(d->callee, sizeof d->callee, "%s", callee);
    snprintf(d->why, sizeof d->why, "%s", why != NULL ? why : "");
}

static bool is_noted(const Graph *g, const JitFunction *f, uint32_t pc) {
    for (const Note *n = g->notes; n != NULL; n = n->next)
        if (n->function->id == f->id && n->pc == pc) return true;
    return false;
}

/* Does code leave for the call there? */
static bool is_made(const Graph *g, uint32_t pc) {
    for (uint32_t i = 0; i < g->norder; i++) {
        const GNode *n = g->order[i]->last;
        if (n != NULL && n->op == N_LEAVE && n->pc == pc) return true;
    }
    return false;
}

static const char *builtin_name(unsigned number) {
    static const char *const names[BUILTIN_COUNT] = {
#define NAME(library, name) [BUILTIN_##name] = #library "." #name,
        PERIGEE_BUILTINS(NAME)
#undef NAME
        [BUILTIN_ipairs_step] = "ipairs",
    };
    const char *name = number < BUILTIN_COUNT && names[number] != NULL ? names[number] : "C function";
    return strncmp(name, "base.", 5) == 0 ? name + 5 : name;
}

/* A call in the function itself that inlining did not look at. */
static void add_unnoted(Rows *r, uint32_t pc) {
    const JitFunction *f = r->g->function;
    unsigned op = insn_op(f->code[pc]), d = insn_d(f->quick[pc]);
    if ((op != OP_CALL && op != OP_TAILCALL && op != OP_TFORCALL) || is_noted(r->g, f, pc)) return;
    const Cell *c = d < f->ncells ? &f->cells[d] : NULL;
    unsigned builtin = c != NULL && c->kind == CELL_CFUNCTION && f->builtins != NULL ? f->builtins[d] : BUILTIN_NONE;
    if (c == NULL) add(r, f, pc, "?", "the function has too many sites");
    else if (c->kind == CELL_EMPTY) add(r, f, pc, "?", "it never ran");
    else if (c->kind == CELL_TARGETS && c->calls == CALLS_UNNAMED) add(r, f, pc, "C function or object", "C functions with upvalues, and objects, are not inlined");
    else if (c->kind == CELL_TARGETS) add(r, f, pc, "several functions", "different functions are called here");
    else if (c->kind != CELL_CFUNCTION) add(r, f, pc, "?", "this kind of call is not inlined");
    else if (builtin == BUILTIN_NONE) add(r, f, pc, "C function", "compilers do not know this C function");
    else add(r, f, pc, builtin_name(builtin), is_made(r->g, pc) ? "it is not inlined as it is called here" : NULL);
}

static void add_all(Rows *r) {
    for (const Note *n = r->g->notes; n != NULL; n = n->next) add(r, n->function, n->pc, n->callee, n->why);
    for (uint32_t pc = 0; r->g->function->quick != NULL && pc < r->g->function->ninsns; pc++) add_unnoted(r, pc);
}

void decisions_report(Graph *g, JitResult *result) {
    Rows r = {.g = g};
    add_all(&r);
    if (r.count == 0) return;
    result->decisions = r.rows = malloc(r.count * sizeof *r.rows);
    if (r.rows == NULL) return;
    r.count = 0;
    add_all(&r);
    result->ndecisions = r.count;
}
