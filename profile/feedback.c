// SPDX-License-Identifier: MIT
/* Feedback objects: creation, and what the collector needs of them. */
#include "profile/feedback.h"

#include <string.h>

#include "gc/gc.h"

Feedback *feedback_new(lua_State *L, Proto *p, Insn *quick, uint32_t ncells) {
    Feedback *f = (Feedback *)gc_new(L, TAG_FEEDBACK, sizeof(Feedback) + ncells * sizeof(Cell));
    memset((char *)f + sizeof(GCObject), 0, sizeof *f - sizeof(GCObject) + ncells * sizeof(Cell));
    f->ncells = ncells;
    f->ninsns = p->sizecode;
    f->proto = p;
    f->quick = quick;
    return f;
}

Insn *stream_new(lua_State *L, uint32_t ninsns) {
    Insn *block = mem_try_realloc(L, NULL, 0, (ninsns + 2) * sizeof(Insn));
    return block != NULL ? block + 1 : NULL;
}

void stream_free(lua_State *L, Insn *stream, uint32_t ninsns) { mem_free(L, stream - 1, (ninsns + 2) * sizeof(Insn)); }

bool feedback_record(lua_State *L, Feedback *f) {
    if (f->seen == NULL) {
        size_t size = f->ninsns * sizeof *f->seen;
        void *seen = mem_try_realloc(L, NULL, 0, size);
        if (seen != NULL) f->seen = memset(seen, 0, size);
    }
    return f->seen != NULL;
}

static bool keep(lua_State *L, Feedback *f, GCObject *o) {
    for (uint32_t n = 0; n < f->nkept; n++)
        if (f->kept[n] == o) return true;
    if (f->nkept == f->capkept) {
        uint32_t cap = f->capkept > 0 ? 2 * f->capkept : 8;
        GCObject **kept = mem_try_realloc(L, f->kept, f->capkept * sizeof *kept, cap * sizeof *kept);
        if (kept == NULL) return false;
        f->kept = kept;
        f->capkept = cap;
    }
    f->kept[f->nkept++] = o;
    gc_barrier_back_obj(L, f);
    return true;
}

static bool keep_cell(lua_State *L, Feedback *f, const Cell *c) {
    Global *g = G(L);
    bool ok = true;
    switch (c->kind) {
        case CELL_POLY:
            for (int n = 0; n < POLY_MAX && ok; n++) ok = keep_cell(L, f, &c->u.poly[n]);
            return ok;
        case CELL_TARGET: return true; /* code that has it inlined is told of its death (tiers/engine/codes.c) */
        case CELL_TYPED: return keep(L, f, c->u.target);
        case CELL_PROTO:
            if (c->h.holder != NULL) ok = keep(L, f, (GCObject *)c->h.holder);
            break;
        case CELL_ADD: ok = keep(L, f, (GCObject *)g->shapes[c->h.newshape]); break;
        case CELL_CFUNCTION:
            if (c->calls != CALLS_SETMETATABLE || c->shape == 0) return true;
            ok = keep(L, f, (GCObject *)g->shapes[c->h.newshape]) && keep(L, f, (GCObject *)g->shapes[c->metashape]);
            break;
        case CELL_INL: case CELL_OVF: case CELL_CALL: break;
        default: return true;
    }
    return ok && (c->shape == 0 || keep(L, f, (GCObject *)g->shapes[c->shape]));
}

bool feedback_keep(lua_State *L, Feedback *f, const Cell *cells, uint32_t ncells) {
    for (uint32_t n = 0; n < ncells; n++)
        if (!keep_cell(L, f, &cells[n])) return false;
    return true;
}

bool feedback_make_few(lua_State *L, Feedback *f, Cell *c) {
    Cell *entries = mem_try_realloc(L, NULL, 0, POLY_MAX * sizeof(Cell));
    if (entries == NULL) return false;
    memset(entries, 0, POLY_MAX * sizeof(Cell));
    entries[0] = *c;
    c->kind = CELL_FEW;
    c->u.poly = entries;
    gc_barrier_back_obj(L, f);
    return true;
}

void feedback_give_up(lua_State *L, Cell *c) {
    if (c->kind == CELL_FEW) mem_free(L, c->u.poly, POLY_MAX * sizeof(Cell));
    c->kind = CELL_TARGETS;
    c->u.poly = NULL;
}

bool feedback_keep_metas(lua_State *L, Feedback *f, const Meta *metas, uint32_t n) {
    for (; n-- > 0; metas++)
        if (!keep_cell(L, f, &metas->cell) || (metas->mt != NULL && !keep(L, f, (GCObject *)metas->mt))) return false;
    return true;
}

Meta *feedback_new_meta(lua_State *L, Feedback *f) {
    if (f->metas == NULL) f->metas = mem_try_realloc(L, NULL, 0, MAX_METAS * sizeof(Meta));
    if (f->metas == NULL || f->nmetas == MAX_METAS) return NULL;
    return memset(&f->metas[f->nmetas], 0, sizeof(Meta));
}

void feedback_release(lua_State *L, Feedback *f) {
    for (uint32_t n = 0; n < f->ncells; n++)
        if (f->cells[n].kind == CELL_POLY || f->cells[n].kind == CELL_FEW) mem_free(L, f->cells[n].u.poly, POLY_MAX * sizeof(Cell));
    if (f->metas != NULL) mem_free(L, f->metas, MAX_METAS * sizeof(Meta));
    if (f->quick != NULL) stream_free(L, f->quick, f->ninsns);
    if (f->kept != NULL) mem_free(L, f->kept, f->capkept * sizeof *f->kept);
    if (f->seen != NULL) mem_free(L, f->seen, f->ninsns * sizeof *f->seen);
}

static void traverse_cell(const Cell *c, Global *g, void (*visit)(Global *g, GCObject *o)) {
    switch (c->kind) {
        case CELL_POLY: case CELL_FEW:
            for (int n = 0; n < POLY_MAX; n++) traverse_cell(&c->u.poly[n], g, visit);
            return;
        case CELL_PROTO:
            if (c->h.holder != NULL) visit(g, (GCObject *)c->h.holder);
            break;
        case CELL_TARGET: case CELL_TYPED: visit(g, c->u.target); return;
        case CELL_ADD: visit(g, (GCObject *)g->shapes[c->h.newshape]); break;
        case CELL_CFUNCTION:
            if (c->calls == CALLS_PCALL && c->h.protected != NULL) visit(g, c->h.protected);
            if (c->calls != CALLS_SETMETATABLE || c->shape == 0) return;
            visit(g, (GCObject *)g->shapes[c->h.newshape]);
            visit(g, (GCObject *)g->shapes[c->metashape]);
            break;
        case CELL_INL: case CELL_OVF: case CELL_CALL: break; /* the shape keeps the class, and that the function */
        default: return; /* empty; an allocation site, whose hint is weak */
    }
    if (c->shape != 0) visit(g, (GCObject *)g->shapes[c->shape]);
}

void feedback_traverse(Feedback *f, Global *g, void (*visit)(Global *g, GCObject *o)) {
    for (uint32_t n = 0; n < f->ncells; n++) traverse_cell(&f->cells[n], g, visit);
    for (uint32_t n = 0; n < f->nmetas; n++) {
        const Meta *m = &f->metas[n];
        traverse_cell(&m->cell, g, visit);
        if (m->mt != NULL) visit(g, (GCObject *)m->mt);
        if (m->target != NULL) visit(g, m->target);
    }
    for (uint32_t n = 0; n < f->nkept; n++) visit(g, f->kept[n]);
}
