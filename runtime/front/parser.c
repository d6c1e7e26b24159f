// SPDX-License-Identifier: MIT
/* Parser: the grammar of the manual's §9 by recursive descent, one function a production, operators
 * by precedence climbing.
 *
 * Code is emitted on the way, by expr.c, emit.c and scope.c; the comment above a function is its
 * production. Nesting is limited by the count of C calls, at statements, subexpressions and the
 * targets of an assignment, where the grammar recurses.
 *
 * An error unwinds with a jump, so all runs inside state_protected, and the blocks of the
 * compilation are freed whichever way it ends.
 */
#include "front/compile.h"
#include "object/func.h"
#include "object/string.h"
#include "state/limits.h"

/* --------------------------------------------------------------------------------------- errors */
_Noreturn void compile_error(Compiler *c, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    const char *message = state_vpushf(c->L, fmt, args);
    va_end(args);
    lexer_error(&c->lex, message, T_NONE);
}

static _Noreturn void limit_error(Compiler *c, uint32_t limit, const char *what) {
    int line = c->fn->p->linedefined;
    const char *where =
        line == 0 ? "main function" : state_pushf(c->L, "function at line %d", line);
    lexer_syntax_error(
        &c->lex, state_pushf(c->L, "too many %s (limit is %d) in %s", what, (int)limit, where));
}

void check_limit(Compiler *c, uint32_t n, uint32_t limit, const char *what) {
    if (n > limit) limit_error(c, limit, what);
}

static _Noreturn void expected(Compiler *c, int token) {
    lexer_syntax_error(&c->lex, state_pushf(c->L, "%s expected", lexer_token_name(&c->lex, token)));
}

/* --------------------------------------------------------------------------------------- tokens */
static inline int token(const Compiler *c) { return c->lex.t.kind; }
static inline void next(Compiler *c) { lexer_next(&c->lex); }
static inline int line_now(const Compiler *c) { return c->lex.line; }
/* Long chunks take long: limits of time and interruptions are looked for. */
static inline void level_enter(Compiler *c) {
    ccalls_enter(c->L);
    limits_poll(c->L);
}
static inline void level_leave(Compiler *c) { c->L->ncalls--; }

static bool accept(Compiler *c, int kind) {
    if (token(c) != kind) return false;
    next(c);
    return true;
}

static void expect(Compiler *c, int kind) {
    if (!accept(c, kind)) expected(c, kind);
}

/* kind closes what was opened on the given line */
static void expect_match(Compiler *c, int kind, int opener, int line) {
    if (accept(c, kind)) return;
    if (line == line_now(c)) expected(c, kind);
    const char *closes = lexer_token_name(&c->lex, kind),
               *opens = lexer_token_name(&c->lex, opener);
    lexer_syntax_error(
        &c->lex, state_pushf(c->L, "%s expected (to close %s at line %d)", closes, opens, line));
}

static String *expect_name(Compiler *c) {
    if (token(c) != T_NAME) expected(c, T_NAME);
    String *s = c->lex.t.u.s;
    next(c);
    return s;
}

static String *name_of(Compiler *c, const char *text) {
    return lexer_string(&c->lex, text, strlen(text));
}

static Expr string_expr(String *s) {
    Expr e = expr_make(X_STR);
    e.u.s = s;
    return e;
}

static bool block_ends(const Compiler *c, bool until_too) {
    switch (token(c)) {
        case T_ELSE: case T_ELSEIF: case T_END: case T_EOS: return true;
        case T_UNTIL: return until_too;
        default: return false;
    }
}

static void expression(Compiler *c, Expr *e);
static void statements(Compiler *c);
static void statement(Compiler *c);

static void block(Compiler *c) {
    Block b;
    block_enter(c, &b, false);
    statements(c);
    block_leave(c);
}

/* ---------------------------------------------------------------------------------------- lists */

/* explist ::= exp {',' exp}   all but the last go to registers; returns how many */
static int expression_list(Compiler *c, Expr *last) {
    int n = 1;
    expression(c, last);
    while (accept(c, ',')) {
        expr_next_reg(c, last);
        expression(c, last);
        n++;
    }
    return n;
}

/* Makes the values of a list as many as there are variables; last is not yet in a register. */
static void adjust_values(Compiler *c, int nvars, int nvalues, Expr *last) {
    int missing = nvars - nvalues;
    if (expr_is_open(last)) {
        int wanted = missing + 1;
        expr_set_results(c, last, wanted > 0 ? wanted : 0);
    } else {
        if (last->kind != X_VOID) expr_next_reg(c, last);
        if (missing > 0) emit_nil(c, c->fn->freereg, (unsigned)missing);
    }
    if (missing > 0)
        reserve_regs(c, (unsigned)missing);
    else
        c->fn->freereg = (uint8_t)(c->fn->freereg + missing); /* surplus values are dropped */
}

/* --------------------------------------------------------------------------- table constructors */
enum { ITEMS_PER_FLUSH = 50 };

typedef struct Constructor {
    const Expr *table;
    Expr item;       /* last list item read, not yet in a register; X_VOID: none */
    uint32_t nfields;
    uint32_t nstored; /* list items that SETLIST has stored */
    uint32_t npending; /* list items that it has not */
} Constructor;

static void store_items(Compiler *c, Constructor *t, unsigned n) {
    unsigned reg = t->table->u.at.reg;
    emit_abj(c, OP_SETLIST, reg, n, (int32_t)t->nstored);
    c->fn->freereg = (uint8_t)(reg + 1);
}

static void flush_item(Compiler *c, Constructor *t) {
    if (t->item.kind == X_VOID) return;
    expr_next_reg(c, &t->item);
    t->item.kind = X_VOID;
    if (t->npending == ITEMS_PER_FLUSH) {
        store_items(c, t, t->npending);
        t->nstored += t->npending;
        t->npending = 0;
    }
}

static void flush_last(Compiler *c, Constructor *t) {
    if (t->npending == 0) return;
    if (expr_is_open(&t->item)) {
        expr_set_results(c, &t->item, LUA_MULTRET);
        store_items(c, t, 0);
        t->nstored--; /* how many it gives is unknown */
    } else {
        if (t->item.kind != X_VOID) expr_next_reg(c, &t->item);
        store_items(c, t, t->npending);
    }
    t->nstored += t->npending;
}

/* '[' exp ']' */
static void bracket_index(Compiler *c, Expr *key) {
    next(c);
    expression(c, key);
    expr_to_value(c, key);
    expect(c, ']');
}

/* (NAME | '[' exp ']') '=' exp */
static void record_field(Compiler *c, Constructor *t) {
    unsigned reg = c->fn->freereg;
    Expr target = *t->table, key, value;
    if (token(c) == T_NAME)
        key = string_expr(expect_name(c));
    else
        bracket_index(c, &key);
    check_limit(c, ++t->nfields, INT32_MAX, "items in a constructor");
    expect(c, '=');
    expr_index(c, &target, &key);
    expression(c, &value);
    expr_store(c, &target, &value);
    c->fn->freereg = (uint8_t)reg;
}

static void field(Compiler *c, Constructor *t) {
    if (token(c) == '[' || (token(c) == T_NAME && lexer_look_ahead(&c->lex) == '=')) {
        record_field(c, t);
    } else {
        expression(c, &t->item);
        t->npending++;
    }
}

static unsigned size_hint(uint32_t n) { return n < MAX_B ? n : MAX_B; }

/* tableconstructor ::= '{' [field {(',' | ';') field} [',' | ';']] '}' */
static void constructor(Compiler *c, Expr *e) {
    int line = line_now(c);
    int32_t pc = emit_abc(c, OP_NEWTABLE, 0, 0, 0);
    Constructor t = {.table = e, .item = expr_make(X_VOID)};
    *e = expr_make(X_REG);
    e->u.at.reg = c->fn->freereg;
    reserve_regs(c, 1);
    expect(c, '{');
    do {
        if (token(c) == '}') break;
        flush_item(c, &t);
        field(c, &t);
    } while (accept(c, ',') || accept(c, ';'));
    expect_match(c, '}', '{', line);
    flush_last(c, &t);
    *insn_at(c, pc) =
        insn_abc(OP_NEWTABLE, e->u.at.reg, size_hint(t.nfields), size_hint(t.nstored));
}

/* ------------------------------------------------------------------------------------ functions */
static void declare_parameter(Compiler *c, unsigned *n) {
    var_declare(c, expect_name(c));
    ++*n;
}

/* parlist ::= [NAME {',' NAME} [',' '...'] | '...'] */
static void parameters(Compiler *c) {
    Proto *p = c->fn->p;
    unsigned n = 0;
    if (token(c) != ')') {
        do {
            if (token(c) == T_NAME)
                declare_parameter(c, &n);
            else if (accept(c, T_DOTS))
                p->isvararg = 1;
            else
                lexer_syntax_error(&c->lex, "<name> or '...' expected");
        } while (!p->isvararg && accept(c, ','));
    }
    vars_activate(c, n);
    p->numparams = c->fn->nactive;
    if (p->isvararg) emit_abc(c, OP_VARARGPREP, 0, 0, 0);
    reserve_regs(c, c->fn->nactive);
}

static void open_function(Compiler *c, Func *f, Block *b, int line) {
    func_open(c, f, line);
    block_enter(c, b, false);
}

static void close_function(Compiler *c, int lastline) {
    emit_return(c, var_level(c), 0);
    block_leave(c);
    func_close(c, lastline);
}

static void emit_closure(Compiler *c, Expr *e) {
    *e = expr_make(X_RELOC);
    e->u.at.pc = emit_abj(c, OP_CLOSURE, 0, 0, (int32_t)c->fn->nchildren - 1);
    expr_next_reg(c, e); /* at once: the collector may run when it is made */
}

/* funcbody ::= '(' parlist ')' block END */
static void function_body(Compiler *c, Expr *e, bool method, int line) {
    Func f;
    Block b;
    open_function(c, &f, &b, line);
    expect(c, '(');
    if (method) {
        var_declare(c, name_of(c, "self"));
        vars_activate(c, 1);
    }
    parameters(c);
    expect(c, ')');
    statements(c);
    int lastline = line_now(c);
    expect_match(c, T_END, T_FUNCTION, line);
    close_function(c, lastline);
    emit_closure(c, e);
}

/* ---------------------------------------------------------------------------------------- calls */

/* '(' [explist] ')' ; returns whether the number of arguments is open */
static bool parenthesized_arguments(Compiler *c, int line) {
    Expr last = expr_make(X_VOID);
    next(c);
    if (token(c) != ')') expression_list(c, &last);
    expect_match(c, ')', '(', line);
    if (expr_is_open(&last)) {
        expr_set_results(c, &last, LUA_MULTRET);
        return true;
    }
    if (last.kind != X_VOID) expr_next_reg(c, &last);
    return false;
}

/* args ::= '(' [explist] ')' | tableconstructor | STRING   The function is in the newest register,
 * or two below for a method. */
static void call_arguments(Compiler *c, Expr *f) {
    int line = line_now(c);
    bool open = false;
    Expr arg;
    switch (token(c)) {
        case '(': open = parenthesized_arguments(c, line); break;
        case '{':
            constructor(c, &arg);
            expr_next_reg(c, &arg);
            break;
        case T_STRING:
            arg = string_expr(c->lex.t.u.s);
            next(c);
            expr_next_reg(c, &arg);
            break;
        default: lexer_syntax_error(&c->lex, "function arguments expected");
    }
    unsigned base = f->u.at.reg, nargs = c->fn->freereg - (base + 1u);
    *f = expr_make(X_CALL);
    f->u.at.pc = emit_abc(c, OP_CALL, base, open ? 0 : nargs + 1, 2);
    set_line(c, line);
    c->fn->freereg = (uint8_t)(base + 1); /* the call leaves one result, unless told otherwise */
}

/* ---------------------------------------------------------------------------------- expressions */

/* '(' exp ')' | NAME */
static void primary_expression(Compiler *c, Expr *e) {
    int line = line_now(c);
    switch (token(c)) {
        case T_NAME: name_resolve(c, expect_name(c), e); break;
        case '(':
            next(c);
            expression(c, e);
            expect_match(c, ')', '(', line);
            expr_settle(c, e); /* parentheses leave a single value, and no variable */
            break;
        default: lexer_syntax_error(&c->lex, "unexpected symbol");
    }
}

static void dot_index(Compiler *c, Expr *e) {
    expr_any_reg_or_upval(c, e);
    next(c); /* dot or colon */
    Expr key = string_expr(expect_name(c));
    expr_index(c, e, &key);
}

static void method_call(Compiler *c, Expr *e) {
    next(c);
    expr_self(c, e, expect_name(c));
    call_arguments(c, e);
}

/* primaryexp {'.' NAME | '[' exp ']' | ':' NAME args | args} */
static void suffixed_expression(Compiler *c, Expr *e) {
    Expr key;
    primary_expression(c, e);
    for (;;) {
        switch (token(c)) {
            case '.': dot_index(c, e); break;
            case '[':
                expr_any_reg_or_upval(c, e);
                bracket_index(c, &key);
                expr_index(c, e, &key);
                break;
            case ':': method_call(c, e); break;
            case '(': case T_STRING: case '{':
                expr_next_reg(c, e);
                call_arguments(c, e);
                break;
            default: return;
        }
    }
}

static void vararg_expression(Compiler *c, Expr *e) {
    if (!c->fn->p->isvararg)
        lexer_syntax_error(&c->lex, "cannot use '...' outside a vararg function");
    *e = expr_make(X_VARARG);
    e->u.at.pc = emit_abc(c, OP_VARARG, 0, 0, 2);
}

/* numeral | STRING | NIL | TRUE | FALSE | '...' | tableconstructor | FUNCTION funcbody |
 * suffixedexp */
static void simple_expression(Compiler *c, Expr *e) {
    switch (token(c)) {
        case T_INT: *e = expr_make(X_INT); e->u.i = c->lex.t.u.i; break;
        case T_FLT: *e = expr_make(X_FLT); e->u.n = c->lex.t.u.n; break;
        case T_STRING: *e = string_expr(c->lex.t.u.s); break;
        case T_NIL: *e = expr_make(X_NIL); break;
        case T_TRUE: *e = expr_make(X_TRUE); break;
        case T_FALSE: *e = expr_make(X_FALSE); break;
        case T_DOTS: vararg_expression(c, e); break;
        case '{': constructor(c, e); return;
        case T_FUNCTION:
            next(c);
            function_body(c, e, false, line_now(c));
            return;
        default: suffixed_expression(c, e); return;
    }
    next(c);
}

static UnOp unary_operator(int kind) {
    switch (kind) {
        case T_NOT: return U_NOT;
        case '-': return U_MINUS;
        case '~': return U_BNOT;
        case '#': return U_LEN;
        default: return U_NONE;
    }
}

static BinOp binary_operator(int kind) {
    switch (kind) {
        case '+': return B_ADD;
        case '-': return B_SUB;
        case '*': return B_MUL;
        case '%': return B_MOD;
        case '^': return B_POW;
        case '/': return B_DIV;
        case T_IDIV: return B_IDIV;
        case '&': return B_BAND;
        case '|': return B_BOR;
        case '~': return B_BXOR;
        case T_SHL: return B_SHL;
        case T_SHR: return B_SHR;
        case T_CONCAT: return B_CONCAT;
        case T_EQ: return B_EQ;
        case T_NE: return B_NE;
        case '<': return B_LT;
        case T_LE: return B_LE;
        case '>': return B_GT;
        case T_GE: return B_GE;
        case T_AND: return B_AND;
        case T_OR: return B_OR;
        default: return B_NONE;
    }
}

/* How strongly an operator binds the operand to its left, and to its right; unequal for the
 * right-associative ones. */
static const struct {
    uint8_t left, right;
} binding[] = {
    [B_ADD] = {10, 10},  [B_SUB] = {10, 10}, [B_MUL] = {11, 11},  [B_MOD] = {11, 11},
    [B_POW] = {14, 13},  [B_DIV] = {11, 11}, [B_IDIV] = {11, 11}, [B_BAND] = {6, 6},
    [B_BOR] = {4, 4},    [B_BXOR] = {5, 5},  [B_SHL] = {7, 7},    [B_SHR] = {7, 7},
    [B_CONCAT] = {9, 8}, [B_EQ] = {3, 3},    [B_NE] = {3, 3},     [B_LT] = {3, 3},
    [B_LE] = {3, 3},     [B_GT] = {3, 3},    [B_GE] = {3, 3},     [B_AND] = {2, 2},
    [B_OR] = {1, 1},     [B_NONE] = {0, 0},
};
enum { UNARY_BINDING = 12 };

/* (simpleexp | unop subexp) {binop subexp} for operators that bind stronger than limit; returns the
 * one that did not */
static BinOp subexpression(Compiler *c, Expr *e, unsigned limit) {
    level_enter(c);
    UnOp unary = unary_operator(token(c));
    if (unary != U_NONE) {
        int line = line_now(c);
        next(c);
        subexpression(c, e, UNARY_BINDING);
        expr_unary(c, unary, e, line);
    } else {
        simple_expression(c, e);
    }
    BinOp op = binary_operator(token(c));
    while (binding[op].left > limit) {
        Expr right;
        int line = line_now(c);
        next(c);
        expr_left(c, op, e);
        BinOp following = subexpression(c, &right, binding[op].right);
        expr_binary(c, op, e, &right, line);
        op = following;
    }
    level_leave(c);
    return op;
}

static void expression(Compiler *c, Expr *e) { subexpression(c, e, 0); }

/* An expression whose only use is its truth; returns the jumps taken when it is false. */
static int32_t condition(Compiler *c) {
    Expr e;
    expression(c, &e);
    expr_jump_if_false(c, &e);
    return e.if_false;
}

/* ----------------------------------------------------------------------------------- assignment */
typedef struct Target { /* variables left of '=', the last one first */
    struct Target *previous;
    Expr var;
} Target;

static bool in_register(const Expr *t, unsigned reg, bool as_key) {
    if (as_key) return t->kind == X_INDEX && t->u.at.idx == reg;
    return t->kind >= X_INDEX && t->kind <= X_FIELD && t->u.at.reg == reg;
}

/* Makes target t use the copy of what it takes from the variable `changed`; true: it does take
 * something. */
static bool use_copy(Expr *t, const Expr *changed, unsigned copy) {
    bool conflict = false;
    if (changed->kind == X_UPVAL) {
        if (t->kind != X_FIELDUP || t->u.at.reg != changed->u.at.idx) return false;
        t->kind = X_FIELD;
        t->u.at.reg = (uint8_t)copy;
        return true;
    }
    unsigned reg = changed->u.at.reg;
    if (in_register(t, reg, false)) {
        t->u.at.reg = (uint8_t)copy;
        conflict = true;
    }
    if (in_register(t, reg, true)) {
        t->u.at.idx = copy;
        conflict = true;
    }
    return conflict;
}

/* `a[i], i = ...`: the variable assigned serves as table or key of an earlier target, which must
 * see its old value. */
static void save_conflicting(Compiler *c, Target *targets, const Expr *changed) {
    unsigned copy = c->fn->freereg;
    bool conflict = false;
    if (changed->kind != X_LOCAL && changed->kind != X_UPVAL) return;
    for (; targets; targets = targets->previous) conflict |= use_copy(&targets->var, changed, copy);
    if (!conflict) return;
    if (changed->kind == X_LOCAL)
        emit_abc(c, OP_MOVE, copy, changed->u.at.reg, 0);
    else
        emit_abc(c, OP_GETUPVAL, copy, changed->u.at.idx, 0);
    reserve_regs(c, 1);
}

static void assign_newest(Compiler *c, const Target *t) {
    Expr value = expr_make(X_REG);
    value.u.at.reg = (uint8_t)(c->fn->freereg - 1);
    expr_store(c, &t->var, &value);
}

static void rest_of_assignment(Compiler *c, Target *t, int ntargets);

/* ',' suffixedexp ... */
static void next_target(Compiler *c, Target *t, int ntargets) {
    Target more = {.previous = t};
    suffixed_expression(c, &more.var);
    save_conflicting(c, t, &more.var);
    level_enter(c);
    rest_of_assignment(c, &more, ntargets + 1);
    level_leave(c);
    assign_newest(c, t);
}

/* varlist '=' explist, t being the newest of the targets read. The values are assigned last to
 * first. */
static void rest_of_assignment(Compiler *c, Target *t, int ntargets) {
    if (!expr_is_variable(&t->var)) lexer_syntax_error(&c->lex, "syntax error");
    check_assignable(c, &t->var);
    if (accept(c, ',')) {
        next_target(c, t, ntargets);
        return;
    }
    Expr last;
    expect(c, '=');
    int nvalues = expression_list(c, &last);
    if (nvalues == ntargets) { /* the usual case: the last value need not go through a register */
        expr_settle(c, &last);
        expr_store(c, &t->var, &last);
    } else {
        adjust_values(c, ntargets, nvalues, &last);
        assign_newest(c, t);
    }
}

/* functioncall | varlist '=' explist */
static void expression_statement(Compiler *c) {
    Target t = {.previous = NULL};
    suffixed_expression(c, &t.var);
    if (token(c) == '=' || token(c) == ',') {
        rest_of_assignment(c, &t, 1);
    } else {
        if (t.var.kind != X_CALL) lexer_syntax_error(&c->lex, "syntax error");
        expr_set_results(c, &t.var, 0);
    }
}

/* --------------------------------------------------------------------------------- declarations */

/* ['<' NAME '>'] */
static uint8_t attribute(Compiler *c) {
    if (!accept(c, '<')) return VAR_PLAIN;
    const char *name = str_data(expect_name(c));
    expect(c, '>');
    if (strcmp(name, "const") == 0) return VAR_CONST;
    if (strcmp(name, "close") == 0) return VAR_TBC;
    compile_error(c, "unknown attribute '%s'", name);
}

static void mark_tbc(Compiler *c, int var) {
    if (var < 0) return;
    block_mark_tbc(c);
    emit_abc(c, OP_TBC, active_var(c, c->fn, (unsigned)var)->reg, 0, 0);
}

/* A constant that the compiler can keep to itself needs no register; its declaration must end the
 * list. */
static bool compile_time_constant(Compiler *c, uint32_t var, int nvars, int nvalues,
                                  const Expr *last) {
    if (nvars != nvalues || c->vars[var].kind != VAR_CONST) return false;
    if (!expr_constant(c, last, &c->vars[var].value)) return false;
    c->vars[var].kind = VAR_COMPILE_TIME;
    vars_activate(c, (unsigned)nvars - 1);
    c->fn->nactive++;
    return true;
}

/* LOCAL NAME attrib {',' NAME attrib} ['=' explist] */
static void local_statement(Compiler *c) {
    int nvars = 0, nvalues = 0, tbc = -1;
    uint32_t var;
    Expr last = expr_make(X_VOID);
    do {
        var = var_declare(c, expect_name(c));
        c->vars[var].kind = attribute(c);
        if (c->vars[var].kind == VAR_TBC) {
            if (tbc >= 0) compile_error(c, "multiple to-be-closed variables in local list");
            tbc = c->fn->nactive + nvars;
        }
        nvars++;
    } while (accept(c, ','));
    if (accept(c, '=')) nvalues = expression_list(c, &last);
    if (!compile_time_constant(c, var, nvars, nvalues, &last)) {
        adjust_values(c, nvars, nvalues, &last);
        vars_activate(c, (unsigned)nvars);
    }
    mark_tbc(c, tbc);
}

/* LOCAL FUNCTION NAME funcbody   The variable is in scope inside the body; debuggers see it after
 * its value is there. */
static void local_function(Compiler *c) {
    Expr body;
    Func *f = c->fn;
    uint32_t var = var_declare(c, expect_name(c));
    vars_activate(c, 1);
    function_body(c, &body, false, line_now(c));
    c->locvars[f->locvar0 + (uint32_t)c->vars[var].locvar].startpc = here(c);
}

/* FUNCTION NAME {'.' NAME} [':' NAME] funcbody */
static void function_statement(Compiler *c, int line) {
    Expr var, body;
    bool method = false;
    next(c);
    name_resolve(c, expect_name(c), &var);
    while (token(c) == '.') dot_index(c, &var);
    if (token(c) == ':') {
        method = true;
        dot_index(c, &var);
    }
    function_body(c, &body, method, line);
    check_assignable(c, &var);
    expr_store(c, &var, &body);
    set_line(c, line); /* the function is defined on its first line */
}

/* ---------------------------------------------------------------------------------------- jumps */

/* GOTO NAME */
static void goto_statement(Compiler *c) {
    int line = line_now(c);
    String *name = expect_name(c);
    const Label *label = label_find(c, name);
    if (label == NULL) {
        goto_pending(c, name, line, emit_jump(c));
        return;
    }
    unsigned level = reg_level(c, label->nactive);
    int32_t target = label->pc;
    if (var_level(c) > level) emit_abc(c, OP_CLOSE, level, 0, 0);
    emit_loop(c, target);
}

static void break_statement(Compiler *c) {
    int line = line_now(c);
    next(c);
    goto_pending(c, NULL, line, emit_jump(c));
}

/* '::' NAME '::' */
static void label_statement(Compiler *c, String *name, int line) {
    expect(c, T_DBCOLON);
    while (token(c) == ';' || token(c) == T_DBCOLON)
        statement(c); /* so that it is known whether the label ends the block */
    label_check_new(c, name);
    label_create(c, name, line, block_ends(c, false));
}

/* RETURN [explist] [';'] */
static void return_statement(Compiler *c) {
    unsigned first = var_level(c);
    int n = 0;
    Expr last;
    if (!block_ends(c, true) && token(c) != ';') {
        n = expression_list(c, &last);
        if (expr_is_open(&last)) {
            expr_set_results(c, &last, LUA_MULTRET);
            Insn *call = insn_at(c, last.u.at.pc);
            if (last.kind == X_CALL && n == 1 && !c->fn->block->inside_tbc)
                *call = insn_abc(OP_TAILCALL, insn_a(*call), insn_b(*call), 0);
            n = LUA_MULTRET;
        } else if (n == 1) {
            first = expr_any_reg(c, &last);
        } else {
            expr_next_reg(c, &last);
        }
    }
    emit_return(c, first, n);
    accept(c, ';');
}

/* --------------------------------------------------------------------------------- conditionals */

/* BREAK right after THEN: the condition itself leaves the loop. */
static void conditional_break(Compiler *c, Expr *cond, Block *b) {
    int line = line_now(c);
    expr_jump_if_true(c, cond);
    next(c);
    block_enter(c, b, false); /* before the goto, which belongs to it */
    goto_pending(c, NULL, line, cond->if_true);
    while (accept(c, ';')) continue;
}

/* (IF | ELSEIF) exp THEN block */
static void then_part(Compiler *c, int32_t *escapes) {
    Block b;
    Expr cond;
    int32_t otherwise;
    next(c);
    expression(c, &cond);
    expect(c, T_THEN);
    if (token(c) == T_BREAK) {
        conditional_break(c, &cond, &b);
        if (block_ends(c, false)) { /* nothing else in the block, nothing to jump over */
            block_leave(c);
            return;
        }
        otherwise = emit_jump(c);
    } else {
        expr_jump_if_false(c, &cond);
        block_enter(c, &b, false);
        otherwise = cond.if_false;
    }
    statements(c);
    block_leave(c);
    if (token(c) == T_ELSE || token(c) == T_ELSEIF) jumps_join(c, escapes, emit_jump(c));
    jumps_here(c, otherwise);
}

/* IF exp THEN block {ELSEIF exp THEN block} [ELSE block] END */
static void if_statement(Compiler *c, int line) {
    int32_t escapes = NO_JUMP;
    do then_part(c, &escapes);
    while (token(c) == T_ELSEIF);
    if (accept(c, T_ELSE)) block(c);
    expect_match(c, T_END, T_IF, line);
    jumps_here(c, escapes);
}

/* ---------------------------------------------------------------------------------------- loops */

/* WHILE exp DO block END */
static void while_statement(Compiler *c, int line) {
    Block b;
    next(c);
    int32_t start = label_here(c), exits = condition(c);
    block_enter(c, &b, true);
    expect(c, T_DO);
    block(c);
    emit_loop(c, start);
    expect_match(c, T_END, T_WHILE, line);
    block_leave(c);
    jumps_here(c, exits); /* false conditions end the loop */
}

/* REPEAT block UNTIL exp   The condition is in the scope of the block's variables; both ways out of
 * it close them. */
static void repeat_statement(Compiler *c, int line) {
    Block loop, scope;
    Expr cond;
    int32_t start = label_here(c);
    block_enter(c, &loop, true);
    block_enter(c, &scope, false);
    next(c);
    statements(c);
    expect_match(c, T_UNTIL, T_REPEAT, line);
    expression(c, &cond);
    expr_settle(c, &cond);
    if (!expr_is_always(&cond, true)) {
        expr_jump_if_true(c, &cond);
        if (scope.captured) emit_abc(c, OP_CLOSE, reg_level(c, scope.nactive), 0, 0);
        emit_loop(c, start);
        jumps_here(c, cond.if_true);
    }
    block_leave(c);
    block_leave(c);
}

static void loop_control(Compiler *c, int n) {
    while (n-- > 0) var_declare(c, name_of(c, "(for state)"));
}

/* DO block: the loop variables, n of them, follow the control variables, which begin at base.
 *
 *     FORPREP -----+         TFORPREP ---+
 *  +> body         |      +> body        |
 *  +- FORLOOP      |      |  TFORCALL <--+
 *     ... <--------+      +- TFORLOOP
 */
static void for_body(Compiler *c, unsigned base, int line, int n, bool generic) {
    Block b;
    expect(c, T_DO);
    int32_t prep = emit_abj(c, generic ? OP_TFORPREP : OP_FORPREP, base, 0, 0);
    block_enter(c, &b, false);
    vars_activate(c, (unsigned)n);
    reserve_regs(c, (unsigned)n);
    block(c);
    block_leave(c);
    if (generic) {
        jump_to(c, prep, label_here(c));
        emit_abc(c, OP_TFORCALL, base, 0, (unsigned)n);
        set_line(c, line);
    }
    int32_t loop = emit_abj(c, generic ? OP_TFORLOOP : OP_FORLOOP, base, 0, 0);
    jump_to(c, loop, prep + 1);
    set_line(c, line);
    if (!generic) jump_to(c, prep, label_here(c));
}

static void expression_in_next_reg(Compiler *c) {
    Expr e;
    expression(c, &e);
    expr_next_reg(c, &e);
}

/* NAME '=' exp ',' exp [',' exp] */
static void numeric_for(Compiler *c, String *name, int line) {
    unsigned base = c->fn->freereg;
    loop_control(c, 3);
    var_declare(c, name);
    expect(c, '=');
    expression_in_next_reg(c);
    expect(c, ',');
    expression_in_next_reg(c);
    if (accept(c, ',')) {
        expression_in_next_reg(c);
    } else {
        emit_abj(c, OP_LOADI, c->fn->freereg, 0, 1);
        reserve_regs(c, 1);
    }
    vars_activate(c, 3);
    for_body(c, base, line, 1, false);
}

/* NAME {',' NAME} IN explist */
static void generic_for(Compiler *c, String *name) {
    enum { CONTROLS = 4, CALL_ROOM = 3 };
    unsigned base = c->fn->freereg;
    int n = 1;
    Expr last;
    loop_control(c, CONTROLS);
    var_declare(c, name);
    for (; accept(c, ','); n++) var_declare(c, expect_name(c));
    expect(c, T_IN);
    int line = line_now(c);
    int nvalues = expression_list(c, &last);
    adjust_values(c, CONTROLS, nvalues, &last);
    vars_activate(c, CONTROLS);
    block_mark_tbc(c);
    check_regs(c, CALL_ROOM);
    for_body(c, base, line, n, true);
}

/* FOR (numeric | generic) DO block END */
static void for_statement(Compiler *c, int line) {
    Block b;
    block_enter(c, &b, true);
    next(c);
    String *name = expect_name(c);
    switch (token(c)) {
        case '=': numeric_for(c, name, line); break;
        case ',': case T_IN: generic_for(c, name); break;
        default: lexer_syntax_error(&c->lex, "'=' or 'in' expected");
    }
    expect_match(c, T_END, T_FOR, line);
    block_leave(c);
}

/* ----------------------------------------------------------------------------------- statements */
static void do_statement(Compiler *c, int line) {
    next(c);
    block(c);
    expect_match(c, T_END, T_DO, line);
}

static void statement_by_token(Compiler *c, int line) {
    switch (token(c)) {
        case ';': next(c); break;
        case T_IF: if_statement(c, line); break;
        case T_WHILE: while_statement(c, line); break;
        case T_DO: do_statement(c, line); break;
        case T_FOR: for_statement(c, line); break;
        case T_REPEAT: repeat_statement(c, line); break;
        case T_FUNCTION: function_statement(c, line); break;
        case T_LOCAL:
            next(c);
            if (accept(c, T_FUNCTION)) local_function(c);
            else local_statement(c);
            break;
        case T_DBCOLON:
            next(c);
            label_statement(c, expect_name(c), line);
            break;
        case T_RETURN:
            next(c);
            return_statement(c);
            break;
        case T_BREAK: break_statement(c); break;
        case T_GOTO:
            next(c);
            goto_statement(c);
            break;
        default: expression_statement(c);
    }
}

static void statement(Compiler *c) {
    int line = line_now(c);
    level_enter(c);
    statement_by_token(c, line);
    c->fn->freereg = (uint8_t)var_level(c); /* no temporary outlives its statement */
    level_leave(c);
}

/* block ::= {stat} [retstat] */
static void statements(Compiler *c) {
    while (!block_ends(c, true)) {
        bool last = token(c) == T_RETURN;
        statement(c);
        if (last) return;
    }
}

/* --------------------------------------------------------------------------------------- chunks */
static void main_function(Compiler *c) {
    Func f;
    Block b;
    PUSH_ROOM(c, vars, nvars, capvars, "local variables");
    c->vars[c->nvars++] = (Var){.name = name_of(c, "_ENV"), .captures = NO_JUMP};
    open_function(c, &f, &b, 0);
    f.p->isvararg = 1;
    emit_abc(c, OP_VARARGPREP, 0, 0, 0);
    main_env_begin(c);
    next(c);
    statements(c);
    if (token(c) != T_EOS) expected(c, T_EOS);
    close_function(c, 0);
    main_env_end(c);
}

typedef struct Job {
    Compiler c;
    Source *src;
    const char *name;
    int first;
} Job;

/* Leaves on the stack the closure and, above it, the anchor of the lexer's strings. */
static void compile(lua_State *L, void *ud) {
    Job *job = ud;
    Compiler *c = &job->c;
    stack_check(L, 3);
    c->closure = lclosure_new(L, NULL, 1);
    set_gc(L->top, c->closure);
    L->top++;
    c->closure->p = proto_new(L);
    gc_barrier_obj(L, c->closure, c->closure->p);
    set_table(L->top, table_new(L, 0, 0, 0));
    L->top++;
    ptrdiff_t anchor = stack_save(L, L->top - 1);
    set_gc(L->top, str_newz(L, job->name));
    L->top++;
    String *chunk = as_str(L->top - 1);
    table_set_int(L, as_table(L->top - 2), 0, L->top - 1);
    L->top--;
    lexer_init(&c->lex, L, job->src, anchor, chunk, job->first);
    main_function(c);
}

#define FREE_STACK(c, field, cap) \
    ((c)->field ? mem_free((c)->L, (c)->field, (c)->cap * sizeof *(c)->field) : (void)0)

static void free_compiler(Compiler *c) {
    lexer_free(&c->lex);
    FREE_STACK(c, code, capcode);
    FREE_STACK(c, lines, caplines);
    FREE_STACK(c, consts, capconsts);
    FREE_STACK(c, locvars, caplocvars);
    FREE_STACK(c, vars, capvars);
    FREE_STACK(c, upvals, capupvals);
    FREE_STACK(c, labels, caplabels);
    FREE_STACK(c, gotos, capgotos);
    FREE_STACK(c, captures, capcaptures);
    if (c->buckets) mem_free(c->L, c->buckets, sizeof *c->buckets << c->logbuckets);
}

LClosure *front_parse(lua_State *L, Source *s, const char *name, int first) {
    Job job = {.c = {.L = L, .freecaptures = NO_JUMP, .freeupvals = NO_JUMP},
               .src = s,
               .name = name,
               .first = first};
    uint32_t ncalls = L->ncalls;
    job.c.lex.L = L;
    int status = state_protected(L, compile, &job);
    L->ncalls = ncalls;
    free_compiler(&job.c);
    if (status != LUA_OK) state_throw(L, status);
    L->top--; /* the anchor */
    return job.c.closure;
}
