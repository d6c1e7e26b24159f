// SPDX-License-Identifier: MIT
/* The closed copy of a function that a compile job works on, made by the state's own thread.
 *
 *      Job -> arena: Block -> Block -> ...        one block a prototype: the function, then those it is known to call
 *                    | JitFunction | code | quick | k | cells | polymorphic entries | seen | lines | callees | name |
 *
 * Pointers between blocks may form circles (recursion): each prototype is copied once. Addresses of
 * things in the state are numbers to the compiler, which may name them in code: the engine watches
 * that they still stand for the same when the code is installed and afterwards (codes.c, Dependent).
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/builtins.h"
#include "object/table.h"
#include "tiers/engine/engine_internal.h"

/* What the optimizing tier may inline: prototypes up to a size, and all together. */
enum { CALLEE_INSNS = 200, ALL_CALLEES_INSNS = 1000, MAX_CALLEES = 32, MAX_DEPTH = 4 };

typedef struct Block {
    struct Block *next;
    Proto *proto;
    uint32_t depth;          /* of calls below the job's function */
    char *free, *end;
    JitFunction function;
} Block;

typedef struct Snapshot {
    lua_State *L;
    Block *first, *last;
    uint32_t nblocks, ninsns; /* of callees */
} Snapshot;

static size_t aligned(size_t n) { return (n + 15) & ~(size_t)15; }

static uint32_t count_poly(const Feedback *f) {
    uint32_t n = 0;
    for (uint32_t c = 0; f != NULL && c < f->ncells; c++) n += f->cells[c].kind == CELL_POLY || f->cells[c].kind == CELL_FEW;
    return n;
}

static uint32_t count_typed(const Feedback *f) {
    uint32_t n = 0;
    for (uint32_t c = 0; c < f->ncells; c++) n += f->cells[c].kind == CELL_TYPED;
    return n;
}

/* Bytes behind the block's header; no less than fill() takes. */
static size_t payload(const Proto *p, const char *name, bool callees) {
    const Feedback *f = p->feedback;
    size_t size = aligned(p->sizecode * sizeof(Insn)) + aligned(p->sizek * sizeof(TValue)) + aligned(strlen(name) + 1);
    size += aligned(p->maxstack) + aligned(p->sizeupvalues) + aligned(p->sizelocvars * sizeof(JitLocal));
    size += aligned(p->sizep * sizeof(JitChild));
    for (uint32_t n = 0; n < p->sizep; n++) size += aligned(p->p[n]->sizeupvalues * sizeof(JitUpvalue));
    if (p->sizelineinfo > 0) size += aligned(p->sizecode * sizeof(int32_t));
    if (f == NULL) return size;
    size += aligned(p->sizecode * sizeof(Insn)) + aligned(f->ncells * sizeof(Cell));
    size += aligned(count_poly(f) * POLY_MAX * sizeof(Cell)) + 2 * aligned(f->ncells);
    if (f->seen != NULL) size += aligned(p->sizecode * sizeof *f->seen);
    if (count_typed(f) > 0) size += aligned(f->ncells * sizeof(Typed *)) + count_typed(f) * aligned(sizeof(Typed));
    size += aligned(f->ncells * sizeof(JitTarget));
    if (callees) size += aligned(f->nmetas * sizeof(Meta)) + aligned(f->nmetas * sizeof(JitFunction *));
    if (callees) size += aligned(f->ncells * sizeof(JitFunction *)) + aligned(f->ncells * sizeof(JitFunction *[POLY_MAX]));
    return size;
}

static void *take(Block *b, size_t size) {
    void *at = b->free;
    b->free += aligned(size);
    assert(b->free <= b->end);
    return at;
}

static void *copy(Block *b, const void *from, size_t size) {
    void *at = take(b, size);
    if (size > 0) memcpy(at, from, size);
    return at;
}

static Cell *copy_cells(Block *b, const Feedback *f) {
    Cell *cells = copy(b, f->cells, f->ncells * sizeof(Cell));
    Cell *entries = take(b, count_poly(f) * POLY_MAX * sizeof(Cell));
    for (uint32_t n = 0; n < f->ncells; n++) {
        if (cells[n].kind != CELL_POLY && cells[n].kind != CELL_FEW) continue;
        memcpy(entries, cells[n].u.poly, POLY_MAX * sizeof(Cell));
        cells[n].u.poly = entries;
        entries += POLY_MAX;
    }
    return cells;
}

/* Cells of allocation sites tell the shape of empty tables: inline slots as are known to be needed. */
static void name_root_shapes(const Global *g, JitFunction *f, Cell *cells) {
    f->empty_array_address = (uintptr_t)&table_empty_array.payload;
    f->empty_props_address = (uintptr_t)&table_empty_props.head;
    for (uint32_t pc = 0; pc < f->ninsns; pc++) {
        Insn i = f->quick[pc];
        if (insn_op(i) != OP_NEWTABLE_SITE || insn_d(i) >= f->ncells) continue;
        Cell *c = &cells[insn_d(i)];
        uint32_t ninline = insn_b(i) > c->u.offset ? insn_b(i) : c->u.offset;
        const Shape *root = ninline <= SHAPE_MAXINLINE ? g->rootshape[ninline] : NULL;
        c->u.offset = ninline;
        c->shape = root != NULL && c->count > 0 ? root->id : 0;
    }
}

static const uint8_t *find_builtins(Block *b, const Global *g, const JitFunction *f) {
    uint8_t *numbers = memset(take(b, f->ncells), 0, f->ncells);
    for (uint32_t n = 0; n < f->ncells; n++) {
        if (f->cells[n].kind != CELL_CFUNCTION) continue;
        lua_CFunction called = f->cells[n].u.f;
        numbers[n] = called == g->ipairs_step ? BUILTIN_ipairs_step : (uint8_t)lib_builtin(called);
    }
    return numbers;
}

static const Typed **find_typed(Block *b, const Feedback *feedback) {
    if (count_typed(feedback) == 0) return NULL;
    const Typed **typed = memset(take(b, feedback->ncells * sizeof *typed), 0, feedback->ncells * sizeof *typed);
    for (uint32_t n = 0; n < feedback->ncells; n++) {
        const Cell *c = &feedback->cells[n];
        if (c->kind != CELL_TYPED) continue;
        const CClosure *f = (const CClosure *)(const void *)c->u.target;
        typed[n] = copy(b, udata_bytes(as_udata(&f->upvalue[0])), sizeof(Typed));
    }
    return typed;
}

/* Registers that are variables of inner functions and assigned after their initialisation. */
static const uint8_t *find_captured(Block *b, const Proto *p) {
    uint8_t *captured = memset(take(b, p->maxstack), 0, p->maxstack);
    for (uint32_t n = 0; n < p->sizep; n++)
        for (uint32_t u = 0; u < p->p[n]->sizeupvalues; u++) {
            const UpvalDesc *desc = &p->p[n]->upvalues[u];
            if (desc->instack && !desc->constant && desc->idx < p->maxstack) captured[desc->idx] = 1;
        }
    return captured;
}

static const JitChild *find_children(Block *b, const Proto *p) {
    JitChild *children = take(b, p->sizep * sizeof(JitChild));
    for (uint32_t n = 0; n < p->sizep; n++) {
        const Proto *child = p->p[n];
        JitUpvalue *upvalues = take(b, child->sizeupvalues * sizeof(JitUpvalue));
        for (uint32_t u = 0; u < child->sizeupvalues; u++)
            upvalues[u] = (JitUpvalue){child->upvalues[u].instack, child->upvalues[u].idx, child->upvalues[u].constant};
        children[n] = (JitChild){(uintptr_t)child, child->sizeupvalues, upvalues};
    }
    return children;
}

static const uint8_t *find_fixed(Block *b, const Proto *p) {
    uint8_t *fixed = take(b, p->sizeupvalues);
    for (uint32_t u = 0; u < p->sizeupvalues; u++) fixed[u] = p->upvalues[u].constant;
    return fixed;
}

/* Locals are listed in the order of their scopes' beginnings; each takes the first register above those in scope. */
static const JitLocal *find_locals(Block *b, const Proto *p) {
    JitLocal *locals = take(b, p->sizelocvars * sizeof(JitLocal));
    for (uint32_t n = 0; n < p->sizelocvars; n++) {
        const LocVar *v = &p->locvars[n];
        unsigned reg = 0;
        for (uint32_t m = 0; m < n; m++) reg += p->locvars[m].endpc > v->startpc;
        locals[n] = (JitLocal){(uint32_t)v->startpc, (uint32_t)v->endpc, (uint8_t)reg};
    }
    return locals;
}

static const JitTarget *find_targets(Block *b, const Feedback *feedback) {
    JitTarget *targets = memset(take(b, feedback->ncells * sizeof *targets), 0, feedback->ncells * sizeof *targets);
    for (uint32_t n = 0; n < feedback->ncells; n++) {
        if (feedback->cells[n].kind != CELL_TARGET) continue;
        const Proto *p = (const Proto *)(const void *)feedback->cells[n].u.target;
        targets[n] = (JitTarget){(uintptr_t)&p->entry, (uintptr_t)&p->budget, p->numparams, p->maxstack, !p->isvararg};
    }
    return targets;
}

static const Insn *fallback_stream(const Proto *p) {
    const Code *older = code_current(p);
    return older != NULL ? older->stream : p->feedback->quick;
}

static void fill_function(Block *b, const Proto *p, const char *name) {
    JitFunction *f = &b->function;
    f->id = p->id;
    f->name = copy(b, name, strlen(name) + 1);
    f->ninsns = p->sizecode;
    f->nk = p->sizek;
    f->nupvalues = p->sizeupvalues;
    f->numparams = p->numparams;
    f->isvararg = p->isvararg;
    f->spins_at = JIT_NOWHERE;
    f->maxstack = p->maxstack;
    f->code = copy(b, p->code, p->sizecode * sizeof(Insn));
    f->k = copy(b, p->k, p->sizek * sizeof(TValue));
    if (p->sizelineinfo > 0) f->lines = copy(b, p->lineinfo, p->sizecode * sizeof(int32_t));
    f->proto = (uintptr_t)p;
    f->k_address = (uintptr_t)p->k;
    f->budget_address = (uintptr_t)&p->budget;
    f->captured = find_captured(b, p);
    f->children = find_children(b, p);
    f->nchildren = p->sizep;
    f->locals = find_locals(b, p);
    f->nlocals = p->sizelocvars;
    f->fixed = find_fixed(b, p);
}

static void fill_feedback(Block *b, const Global *g, const Proto *p) {
    JitFunction *f = &b->function;
    const Feedback *feedback = p->feedback;
    f->fallback_address = (uintptr_t)fallback_stream(p);
    f->ncells = feedback->ncells;
    f->quick = copy(b, feedback->quick, p->sizecode * sizeof(Insn));
    Cell *cells = copy_cells(b, feedback);
    f->cells = cells;
    name_root_shapes(g, f, cells);
    f->builtins = find_builtins(b, g, f);
    f->typed = find_typed(b, feedback);
    f->targets = find_targets(b, feedback);
    f->checks_address = (uintptr_t)&feedback->failed_checks;
    f->relied = memset(take(b, f->ncells), 0, f->ncells);
    f->cells_address = (uintptr_t)p->cells;
    if (feedback->seen == NULL) return;
    f->seen = copy(b, feedback->seen, p->sizecode * sizeof *feedback->seen);
    f->seen_address = (uintptr_t)feedback->seen;
}

/* What belongs to the state as a whole. */
static void fill_names(JitFunction *f, const Global *g) {
    f->next_address = (uintptr_t)g->next;
    f->ipairs_step_address = (uintptr_t)g->ipairs_step;
    for (unsigned tag = 0; tag < TAG_COUNT; tag++) f->typenames[tag] = (uintptr_t)g->typenames[tag];
    f->intname = (uintptr_t)g->intname;
    f->fltname = (uintptr_t)g->fltname;
    f->countname = (uintptr_t)g->countname;
}

/* Room for the callees, which are found later. */
static void prepare_callees(Block *b, const Feedback *feedback) {
    JitFunction *f = &b->function;
    f->nmetas = feedback->nmetas;
    f->metas = copy(b, feedback->metas, feedback->nmetas * sizeof(Meta));
    f->handlers = memset(take(b, f->nmetas * sizeof(JitFunction *)), 0, f->nmetas * sizeof(JitFunction *));
    if (f->ncells == 0) return;
    f->callees = memset(take(b, f->ncells * sizeof(JitFunction *)), 0, f->ncells * sizeof(JitFunction *));
    f->few = memset(take(b, f->ncells * sizeof *f->few), 0, f->ncells * sizeof *f->few);
}

static void fill(Block *b, const Global *g, const Proto *p, const char *name, bool callees) {
    fill_function(b, p, name);
    if (p->feedback == NULL) return;
    fill_feedback(b, g, p);
    fill_names(&b->function, g);
    if (callees) prepare_callees(b, p->feedback);
}

static Block *add_block(Snapshot *s, Proto *p, const char *name, uint32_t depth, bool callees) {
    size_t size = payload(p, name, callees);
    Block *b = malloc(aligned(sizeof *b) + size);
    if (b == NULL) return NULL;
    memset(b, 0, sizeof *b);
    b->proto = p;
    b->depth = depth;
    b->free = (char *)b + aligned(sizeof *b);
    b->end = b->free + size;
    fill(b, G(s->L), p, name, callees);
    if (s->first == NULL)
        s->first = b;
    else
        s->last->next = b;
    s->last = b;
    s->nblocks++;
    return b;
}

static bool worth_inlining(const Snapshot *s, const Block *caller, const Proto *p) {
    return p->feedback != NULL && caller->depth < MAX_DEPTH && s->nblocks <= MAX_CALLEES && p->sizecode <= CALLEE_INSNS &&
           s->ninsns + p->sizecode <= ALL_CALLEES_INSNS;
}

/* The copy of a callee; NULL: left out. */
static JitFunction *callee(Snapshot *s, const Block *caller, Proto *p) {
    for (Block *b = s->first; b != NULL; b = b->next)
        if (b->proto == p) return &b->function;
    if (!worth_inlining(s, caller, p)) return NULL;
    TierEntry *entry = tier_entry_of(s->L, p);
    if (entry != NULL && policy_allowed(G(s->L), entry) < TIER_OPT) return NULL; /* the host wants it lower */
    Block *b = entry != NULL ? add_block(s, p, entry->label, caller->depth + 1, true) : NULL;
    if (b == NULL) return NULL;
    s->ninsns += p->sizecode;
    return &b->function;
}

static void add_few(Snapshot *s, Block *b, uint32_t cell) {
    for (unsigned n = 0; n < POLY_MAX; n++) {
        const Cell *e = &b->function.cells[cell].u.poly[n];
        if (e->kind == CELL_TARGET) b->function.few[cell][n] = callee(s, b, (Proto *)(void *)e->u.target);
    }
}

/* Breadth first, so that the budget goes to direct callees before indirect ones. */
static void add_callees(Snapshot *s) {
    for (Block *b = s->first; b != NULL; b = b->next) {
        JitFunction *f = &b->function;
        for (uint32_t n = 0; n < f->nmetas; n++)
            if (!f->metas[n].several) f->handlers[n] = callee(s, b, (Proto *)(void *)f->metas[n].target);
        for (uint32_t n = 0; f->callees != NULL && n < f->ncells; n++)
            if (f->cells[n].kind == CELL_TARGET) f->callees[n] = callee(s, b, (Proto *)(void *)f->cells[n].u.target);
            else if (f->cells[n].kind == CELL_FEW) add_few(s, b, n);
            else if (f->cells[n].kind == CELL_CFUNCTION && f->cells[n].calls == CALLS_PCALL && f->cells[n].h.protected != NULL)
                f->callees[n] = callee(s, b, (Proto *)(void *)f->cells[n].h.protected);
            else if (f->cells[n].kind == CELL_CALL && is_lcl(f->cells[n].u.slot)) f->callees[n] = callee(s, b, as_lcl(f->cells[n].u.slot)->p);
    }
}

static bool note_callees(Code *code, const Snapshot *s) {
    CodeInfo *info = calloc(1, sizeof *info + (s->nblocks - 1) * sizeof(Proto *));
    if (info == NULL) return false;
    for (const Block *b = s->first->next; b != NULL; b = b->next) info->callees[info->ncallees++] = b->proto;
    code->handle = info;
    return true;
}

Job *job_new(Engine *e, Function *f, Code *code) {
    Snapshot s = {.L = e->g->mainthread};
    Job *job = calloc(1, sizeof *job);
    if (job == NULL) return NULL;
    bool callees = code->tier == TIER_OPT;
    if (add_block(&s, f->proto, f->entry->label, 0, callees) != NULL) {
        s.first->function.stale_address = (uintptr_t)&code->stale;
        s.first->function.stream_address = (uintptr_t)code->stream;
        if (e->g->options != NULL && e->g->options->stats != STATS_OFF) s.first->function.running_address = (uintptr_t)&e->g->running;
        if (code->metered) s.first->function.fuel_address = (uintptr_t)&e->g->fuel;
        s.first->function.quick_address = (uintptr_t)f->proto->feedback->quick;
        s.first->function.fail_guards = e->g->failguard != 0;
        if (callees) add_callees(&s);
    }
    job->arena = s.first;
    if (s.first == NULL || !note_callees(code, &s)) {
        job_free(job);
        return NULL;
    }
    job->engine = e;
    job->function = f;
    job->code = code;
    job->jit = (JitJob){.decisions = e->g->options != NULL && e->g->options->stats != STATS_OFF, .tier = code->tier, .function = &s.first->function};
    return job;
}

/* Has baseline code of the function told anything, as far as it has something to tell? */
static bool is_profiled(const JitFunction *f) {
    bool keeps = false;
    for (uint32_t pc = 0; pc < f->ninsns; pc++) {
        unsigned op = insn_op(f->code[pc]), d = insn_d(f->quick[pc]);
        bool call = (op == OP_CALL || op == OP_TAILCALL) && d < f->ncells;
        if (seen_anything(f->seen[pc]) || (call && f->cells[d].kind != CELL_EMPTY)) return true;
        keeps |= call || opcode_indexes(op) || (op >= OP_SUBI && op <= OP_UNM);
    }
    return !keeps;
}

/* A function that would be inlined is about to get baseline code, or has just got some. */
bool job_is_early(Engine *e, const Job *job) {
    const Block *first = job->arena;
    for (const Block *b = first->next; b != NULL; b = b->next) {
        const Function *f = function_find(e, b->proto);
        bool awaited = (f != NULL && f->tier == TIER_BASELINE) || code_current(b->proto) != NULL;
        if (awaited && (b->function.seen == NULL || !is_profiled(&b->function))) return true;
    }
    return false;
}

static bool same_cell(const Cell *then, const Cell *now) {
    if (then->kind == CELL_EMPTY || then->kind == CELL_SITE) return true; /* nothing was read from it */
    if (then->kind == CELL_TARGET) return now->kind != CELL_TARGET || now->u.target == then->u.target;
    if (then->kind == CELL_TYPED) return now->kind == CELL_TYPED && now->u.target == then->u.target; /* otherwise nobody kept it alive */
    if (then->kind == CELL_FEW || then->kind == CELL_TARGETS) return true;
    if (then->kind == CELL_CFUNCTION) /* nothing but the shapes that setmetatable makes is taken for granted */
        return then->calls != CALLS_SETMETATABLE || (now->kind == CELL_CFUNCTION && now->calls == CALLS_SETMETATABLE && now->shape == then->shape &&
                                                     now->metashape == then->metashape && now->h.newshape == then->h.newshape);
    if (then->kind != now->kind || then->shape != now->shape) return false;
    if (then->kind == CELL_POLY) {
        for (unsigned n = 0; n < POLY_MAX; n++)
            if (!same_cell(&then->u.poly[n], &now->u.poly[n])) return false;
        return true;
    }
    return then->u.slot == now->u.slot && then->h.holder == now->h.holder;
}

static bool settle(lua_State *L, Feedback *keeper, const Block *b) {
    const JitFunction *f = &b->function;
    const Feedback *now = b->proto->feedback;
    for (uint32_t n = 0; n < f->ncells; n++)
        if (!same_cell(&f->cells[n], &now->cells[n])) return false;
    return feedback_keep(L, keeper, now->cells, now->ncells) && feedback_keep_metas(L, keeper, now->metas, f->nmetas);
}

static bool settle_lookups(const Job *job) {
    enum { MOST = MAX_CALLEES + 2 };
    const JitFunction *functions[MOST];
    Proto *protos[MOST];
    uint32_t n = 0;
    for (const Block *b = job->arena; b != NULL; b = b->next, n++) {
        if (n == MOST) return false;
        functions[n] = &b->function;
        protos[n] = b->proto;
    }
    return reliance_begin(job->engine, job->code, functions, protos, n);
}

/* The prototypes are alive: the death of one that is inlined makes the job stale (codes.c). */
bool job_settle(lua_State *L, const Job *job) {
    Feedback *keeper = job->code->proto->feedback;
    for (const Block *b = job->arena; b != NULL; b = b->next)
        if (!settle(L, keeper, b)) return false;
    return settle_lookups(job);
}

void job_free(Job *job) {
    for (Block *b = job->arena, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    free(job->result.entry_of);
    free(job->result.decisions);
    free(job->result.literals);
    free(job);
}
