// SPDX-License-Identifier: MIT
/* Scopes: local variables, upvalues, blocks, labels and gotos (manual §3.3.4, §3.5).
 *
 * A variable is found by walking the variables in scope from the newest, then those of the
 * enclosing functions; each function in between gets an upvalue. The main function's _ENV is the
 * variable 0, of a function around the main one that does not exist.
 *
 * An upvalue is constant when its variable is never assigned after its initialisation. That is
 * known only at the end of the variable's scope: until then the variable keeps a list of the
 * upvalues that stand for it, all of functions that have been closed by then.
 *
 * A goto to a label not seen yet is pending. When a block ends, its pending gotos move to the
 * enclosing block and count as standing after the block's variables; when a label is met, the gotos
 * of its block for it are resolved. So a goto that jumps into the scope of a variable shows by
 * having fewer variables in scope than its label. `break` is a goto to a label without name at the
 * end of the loop.
 */
#include "front/compile.h"

_Noreturn static void undefined_goto(Compiler *c, const Goto *g) {
    if (g->name == NULL) compile_error(c, "break outside loop at line %d", g->line);
    compile_error(c, "no visible label '%s' for <goto> at line %d", str_data(g->name), g->line);
}

/* ------------------------------------------------------------------------------ local variables */
uint32_t var_declare(Compiler *c, String *name) {
    check_limit(c, c->nvars + 1 - c->fn->var0, MAX_VARS, "local variables");
    PUSH_ROOM(c, vars, nvars, capvars, "local variables");
    c->vars[c->nvars] = (Var){.name = name, .captures = NO_JUMP};
    return c->nvars++;
}

unsigned reg_level(const Compiler *c, unsigned nactive) {
    while (nactive-- > 0) {
        const Var *v = active_var(c, c->fn, nactive);
        if (v->kind != VAR_COMPILE_TIME) return v->reg + 1u;
    }
    return 0;
}

static int32_t record_local(Compiler *c, String *name) {
    PUSH_ROOM(c, locvars, nlocvars, caplocvars, "local variables");
    c->locvars[c->nlocvars] = (LocVar){name, here(c), 0};
    return (int32_t)(c->nlocvars++ - c->fn->locvar0);
}

void vars_activate(Compiler *c, unsigned n) {
    unsigned reg = var_level(c);
    while (n-- > 0) {
        int32_t locvar = record_local(c, active_var(c, c->fn, c->fn->nactive)->name);
        Var *v = active_var(c, c->fn, c->fn->nactive++);
        v->reg = (uint8_t)reg++;
        v->locvar = locvar;
    }
}

/* The upvalues of the variable learn whether it was constant. */
static void end_captures(Compiler *c, Var *v) {
    while (v->captures != NO_JUMP) {
        int32_t i = v->captures;
        Capture *capture = &c->captures[i];
        capture->p->upvalues[capture->idx].constant = !v->assigned;
        v->captures = capture->next;
        capture->next = c->freecaptures;
        c->freecaptures = i;
    }
}

static void vars_end(Compiler *c, unsigned nactive) {
    Func *f = c->fn;
    while (f->nactive > nactive) {
        Var *v = active_var(c, f, --f->nactive);
        if (v->kind != VAR_COMPILE_TIME)
            c->locvars[f->locvar0 + (uint32_t)v->locvar].endpc = here(c);
        end_captures(c, v);
        c->nvars--;
    }
}

/* ------------------------------------------------------------------------------------- upvalues */
static int32_t new_upval_cell(Compiler *c) {
    if (c->freeupvals != NO_JUMP) {
        int32_t i = c->freeupvals;
        c->freeupvals = c->upvals[i].next;
        return i;
    }
    PUSH_ROOM(c, upvals, nupvals, capupvals, "upvalues");
    return (int32_t)c->nupvals++;
}

static void add_capture(Compiler *c, Var *v, Proto *p, uint32_t idx) {
    int32_t i = c->freecaptures;
    if (i != NO_JUMP) {
        c->freecaptures = c->captures[i].next;
    } else {
        PUSH_ROOM(c, captures, ncaptures, capcaptures, "upvalues");
        i = (int32_t)c->ncaptures++;
    }
    c->captures[i] = (Capture){p, (int32_t)idx, v->captures};
    v->captures = i;
}

static uint32_t add_upval(Compiler *c, Func *f, UpvalDesc desc, uint32_t var) {
    check_limit(c, f->nupvals + 1, MAX_UPVALUES, "upvalues");
    int32_t i = new_upval_cell(c);
    c->upvals[i] = (Upval){desc, var, NO_JUMP};
    if (f->nupvals > 0)
        c->upvals[f->lastupval].next = i;
    else
        f->firstupval = i;
    f->lastupval = i;
    add_capture(c, &c->vars[var], f->p, f->nupvals);
    return f->nupvals++;
}

static bool find_upval(const Compiler *c, const Func *f, const String *name, Expr *e) {
    uint32_t idx = 0;
    for (int32_t i = f->firstupval; i != NO_JUMP; i = c->upvals[i].next, idx++) {
        if (c->upvals[i].desc.name != name) continue;
        *e = expr_make(X_UPVAL);
        e->u.at.idx = idx;
        e->u.at.var = c->upvals[i].var;
        return true;
    }
    return false;
}

static bool find_local(const Compiler *c, const Func *f, const String *name, Expr *e) {
    for (unsigned i = f->nactive; i-- > 0;) {
        const Var *v = active_var(c, f, i);
        if (v->name != name) continue;
        *e = expr_make(v->kind == VAR_COMPILE_TIME ? X_CONSTVAR : X_LOCAL);
        e->u.at.var = f->var0 + i;
        e->u.at.reg = v->reg;
        return true;
    }
    return false;
}

/* The block of f that declared its variable number n must close it. */
static void mark_captured(Func *f, unsigned n) {
    Block *b = f->block;
    while (b->nactive > n) b = b->outer;
    b->captured = true;
    f->needs_close = true;
}

static void upval_of(Compiler *c, Func *f, String *name, Expr *e) {
    const Var *v = &c->vars[e->u.at.var];
    bool instack = e->kind == X_LOCAL;
    UpvalDesc desc = {name, instack, (uint8_t)(instack ? e->u.at.reg : e->u.at.idx), v->kind,
                      false};
    uint32_t idx = add_upval(c, f, desc, e->u.at.var);
    e->kind = X_UPVAL;
    e->u.at.idx = idx;
}

/* false: no function knows the name as a variable */
static bool resolve(Compiler *c, Func *f, String *name, Expr *e) {
    if (f == NULL) return false;
    if (find_local(c, f, name, e)) {
        if (f != c->fn && e->kind == X_LOCAL) mark_captured(f, e->u.at.var - f->var0);
        return true;
    }
    if (find_upval(c, f, name, e)) return true;
    if (!resolve(c, f->outer, name, e)) return false;
    if (e->kind != X_CONSTVAR) upval_of(c, f, name, e);
    return true;
}

void name_resolve(Compiler *c, String *name, Expr *e) {
    if (resolve(c, c->fn, name, e)) return;
    Expr key = expr_make(X_STR); /* a global is a field of _ENV */
    key.u.s = name;
    resolve(c, c->fn, c->vars[0].name, e);
    expr_any_reg_or_upval(c, e);
    expr_index(c, e, &key);
}

void check_assignable(Compiler *c, const Expr *e) {
    if (e->kind != X_LOCAL && e->kind != X_UPVAL && e->kind != X_CONSTVAR) return;
    Var *v = &c->vars[e->u.at.var];
    if (v->kind != VAR_PLAIN)
        compile_error(c, "attempt to assign to const variable '%s'", str_data(v->name));
    v->assigned = true;
}

void main_env_begin(Compiler *c) {
    UpvalDesc desc = {c->vars[0].name, true, 0, VAR_PLAIN, false};
    add_upval(c, c->fn, desc, 0);
}

void main_env_end(Compiler *c) { end_captures(c, &c->vars[0]); }

/* ----------------------------------------------------------------------------- labels and gotos */
void goto_pending(Compiler *c, String *name, int line, int32_t jumps) {
    PUSH_ROOM(c, gotos, ngotos, capgotos, "labels/gotos");
    c->gotos[c->ngotos++] = (Goto){name, jumps, line, c->fn->nactive, false};
}

Label *label_find(Compiler *c, const String *name) {
    for (uint32_t i = c->fn->label0; i < c->nlabels; i++)
        if (c->labels[i].name == name) return &c->labels[i];
    return NULL;
}

void label_check_new(Compiler *c, const String *name) {
    const Label *old = label_find(c, name);
    if (old) compile_error(c, "label '%s' already defined on line %d", str_data(name), old->line);
}

static void resolve_goto(Compiler *c, const Goto *g, const Label *label) {
    if (g->nactive < label->nactive) {
        const Var *v = active_var(c, c->fn, g->nactive);
        compile_error(c, "<goto %s> at line %d jumps into the scope of local '%s'",
                      str_data(g->name), g->line, str_data(v->name));
    }
    jumps_to(c, g->jumps, label->pc);
}

/* Resolves the pending gotos of this block for the label; true: one of them leaves variables to
 * close. */
static bool resolve_gotos(Compiler *c, const Label *label) {
    uint32_t kept = c->fn->block->firstgoto;
    bool close = false;
    for (uint32_t i = kept; i < c->ngotos; i++) {
        const Goto *g = &c->gotos[i];
        if (g->name == label->name) {
            resolve_goto(c, g, label);
            close |= g->close;
        } else {
            c->gotos[kept++] = *g;
        }
    }
    c->ngotos = kept;
    return close;
}

static bool close_for_gotos(Compiler *c, const Label *label) {
    if (!resolve_gotos(c, label)) return false;
    emit_abc(c, OP_CLOSE, var_level(c), 0, 0);
    return true;
}

bool label_create(Compiler *c, String *name, int line, bool at_end) {
    PUSH_ROOM(c, labels, nlabels, caplabels, "labels/gotos");
    Label *l = &c->labels[c->nlabels++];
    /* at the end of its block a label counts as standing outside the block's variables */
    *l = (Label){name, label_here(c), line, at_end ? c->fn->block->nactive : c->fn->nactive};
    return close_for_gotos(c, l);
}

/* --------------------------------------------------------------------------------------- blocks */
void block_enter(Compiler *c, Block *b, bool isloop) {
    Block *outer = c->fn->block;
    *b = (Block){.outer = outer,
                 .firstlabel = c->nlabels,
                 .firstgoto = c->ngotos,
                 .nactive = c->fn->nactive,
                 .isloop = isloop,
                 .inside_tbc = outer && outer->inside_tbc};
    c->fn->block = b;
}

/* Pending gotos of the block that ended go on in the enclosing one. */
static void move_gotos_out(Compiler *c, const Block *b) {
    for (uint32_t i = b->firstgoto; i < c->ngotos; i++) {
        Goto *g = &c->gotos[i];
        if (reg_level(c, g->nactive) > reg_level(c, b->nactive)) g->close |= b->captured;
        g->nactive = b->nactive;
    }
}

/* The label of `break` has no name and is gone at once. */
static bool end_loop(Compiler *c) {
    Label end = {NULL, label_here(c), 0, c->fn->nactive};
    return close_for_gotos(c, &end);
}

void block_leave(Compiler *c) {
    Block *b = c->fn->block;
    unsigned level = reg_level(c, b->nactive);
    vars_end(c, b->nactive);
    bool closed = b->isloop && end_loop(c);
    if (!closed && b->outer && b->captured) emit_abc(c, OP_CLOSE, level, 0, 0);
    c->fn->freereg = (uint8_t)level;
    c->nlabels = b->firstlabel;
    c->fn->block = b->outer;
    if (b->outer)
        move_gotos_out(c, b);
    else if (b->firstgoto < c->ngotos)
        undefined_goto(c, &c->gotos[b->firstgoto]);
}

void block_mark_tbc(Compiler *c) {
    Block *b = c->fn->block;
    b->captured = true;
    b->inside_tbc = true;
    c->fn->needs_close = true;
}
