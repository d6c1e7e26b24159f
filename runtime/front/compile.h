// SPDX-License-Identifier: MIT
/* A compilation: what parser, scopes, expressions and emission share.
 *
 * One pass: code is emitted while the source is read. What a function under construction consists
 * of lies on stacks that all nested functions share; a function owns the suffix that begins where
 * the stack ended when the function was opened:
 *
 *     code    | main ......... | f ....... | g (innermost) ...      grows here
 *     vars    | _ENV | main .. | f .. | g ..
 *
 * When a function closes, its suffixes become the exact arrays of its Proto and are dropped. So
 * nothing is allocated per function but what it keeps, and an error leaves one set of blocks to
 * free. The Proto exists from the start, hangs from its parent (the main one from the closure on
 * the stack), and holds its children; names and constants are strings that the lexer's anchor keeps
 * alive.
 *
 * Invariants
 *  1. Registers form a stack: [0, level of active variables) hold variables, [that, free)
 *     temporaries. A temporary is freed only on top.
 *  2. An expression whose value is in a temporary register is freed before any older one.
 *  3. Pending jumps form lists: J of each holds the pc of the next, NO_JUMP ends the list. No such
 *     list is shared.
 *  4. An instruction may be changed or removed after the fact only if no jump goes to the pc after
 *     it (Func.lasttarget).
 */
#ifndef PERIGEE_COMPILE_H
#define PERIGEE_COMPILE_H

#include "front/lexer.h"
#include "sem/opcodes.h"

enum { NO_JUMP = -1, NO_REG = MAX_REG, MAX_REGS = 255, MAX_VARS = 200, MAX_UPVALUES = 255 };

enum { VAR_PLAIN, VAR_CONST, VAR_TBC, VAR_COMPILE_TIME }; /* UpvalueDesc.kind; values as in 5.4 */

typedef struct Var { /* a local variable in scope, or declared and not yet in scope */
    String *name;
    uint8_t kind;
    uint8_t reg;      /* unless compile-time */
    bool assigned;    /* after its initialisation */
    int32_t locvar;   /* index of its debug record in the function */
    int32_t captures; /* list of the upvalues that stand for it; NO_JUMP: none */
    TValue value;     /* VAR_COMPILE_TIME */
} Var;

typedef struct Capture { /* upvalue idx of p stands for a variable still in scope */
    Proto *p;
    int32_t idx, next;
} Capture;

/* in a list by function: outer functions get new ones while an inner one is compiled */
typedef struct Upval {
    UpvalDesc desc;
    uint32_t var; /* the variable, index into Compiler.vars */
    int32_t next;
} Upval;

/* chained by hash, newest first, so that chains shrink as stacks do */
typedef struct Const {
    TValue v;
    int32_t next;
} Const;

typedef struct Label {
    String *name;
    int32_t pc, line;
    uint8_t nactive; /* variables in scope there */
} Label;

typedef struct Goto { /* pending forward jumps to a label, or (name NULL) out of the loop */
    String *name;
    int32_t jumps, line;
    uint8_t nactive; /* variables in scope at the jump; lowered as blocks end */
    bool close;      /* leaves the scope of a captured variable */
} Goto;

typedef struct Block {
    struct Block *outer;
    uint32_t firstlabel, firstgoto;
    uint8_t nactive;  /* variables in scope outside */
    bool isloop;      /* break leaves it */
    bool captured;    /* a variable of it is an upvalue of some function, or to be closed */
    bool inside_tbc;  /* in the scope of a variable to be closed */
} Block;

typedef struct Func {
    Proto *p;
    struct Func *outer;
    Block *block;
    uint32_t code0, const0, locvar0, var0, label0; /* where its suffixes begin */
    int32_t firstupval, lastupval; /* list in Compiler.upvals */
    uint32_t nupvals;
    uint32_t nchildren;
    int32_t lasttarget; /* a jump may go to this pc */
    uint8_t nactive;    /* variables in scope */
    uint8_t freereg;    /* first free register */
    bool needs_close;   /* returns must close upvalues or variables */
} Func;

typedef struct Compiler {
    lua_State *L;
    Func *fn; /* innermost */
    Lexer lex;
    LClosure *closure; /* the result; on the stack */
    Insn *code;
    int32_t *lines; /* parallel to code */
    Const *consts;
    LocVar *locvars;
    Var *vars;
    Upval *upvals;
    Label *labels;
    Goto *gotos;
    Capture *captures;
    int32_t *buckets; /* hash of consts */
    uint32_t ncode, capcode, caplines, nconsts, capconsts, nlocvars, caplocvars, nvars, capvars,
        nupvals, capupvals, nlabels, caplabels, ngotos, capgotos, ncaptures, capcaptures,
        logbuckets;
    int32_t freecaptures, freeupvals; /* lists of unused elements */
} Compiler;

/* Room for one more element of a stack. */
#define PUSH_ROOM(c, field, n, cap, what)                                                        \
    ((c)->n < (c)->cap ? (void)0                                                                 \
                       : (void)((c)->field = mem_grow((c)->L, (c)->field, &(c)->cap, (c)->n + 1, \
                                                      sizeof *(c)->field, INT32_MAX, what)))

/* --- errors (lexer's line) --- */
/* about meaning: without a near token */
_Noreturn void compile_error(Compiler *c, const char *fmt, ...);
void check_limit(Compiler *c, uint32_t n, uint32_t limit, const char *what);

/* --- expressions --- */
typedef enum ExprKind {
    X_VOID, /* empty list */
    /* constants; while an expression has no pending jumps these are literals */
    X_NIL,
    X_TRUE,
    X_FALSE,
    X_INT,
    X_FLT,
    X_STR,
    /* variables: may be assigned to */
    X_LOCAL,   /* reg, var */
    X_UPVAL,   /* idx */
    X_CONSTVAR, /* compile-time constant var */
    X_INDEX,   /* R[reg][R[idx]] */
    X_INDEXI,  /* R[reg][idx] */
    X_FIELD,   /* R[reg][K[idx]] */
    X_FIELDUP, /* U[reg][K[idx]] */
    /* values */
    X_REG,    /* in register reg */
    X_RELOC,  /* computed by the instruction at pc, whose A is still open */
    X_CALL,   /* by the call at pc */
    X_VARARG, /* by VARARG at pc */
    X_JUMP    /* the conditional jump at pc is taken when it is true */
} ExprKind;

typedef struct Expr {
    ExprKind kind;
    union {
        lua_Integer i;
        lua_Number n;
        String *s;
        struct {
            int32_t pc;
            uint32_t idx; /* key register, integer key, constant or upvalue */
            uint32_t var; /* of X_LOCAL, X_UPVAL, X_CONSTVAR: index into Compiler.vars */
            uint8_t reg;
        } at;
    } u;
    int32_t if_true, if_false; /* pending jumps that leave with a true or a false value */
} Expr;

typedef enum BinOp { /* arithmetic first, in the order of opcodes and of LUA_OP* */
    B_ADD, B_SUB, B_MUL, B_MOD, B_POW, B_DIV, B_IDIV, B_BAND, B_BOR, B_BXOR, B_SHL, B_SHR,
    B_CONCAT, B_EQ, B_NE, B_LT, B_LE, B_GT, B_GE, B_AND, B_OR, B_NONE
} BinOp;
typedef enum UnOp { U_MINUS, U_BNOT, U_NOT, U_LEN, U_NONE } UnOp;

static inline Expr expr_make(ExprKind kind) {
    return (Expr){.kind = kind, .if_true = NO_JUMP, .if_false = NO_JUMP};
}
static inline bool expr_has_jumps(const Expr *e) { return e->if_true != e->if_false; }
static inline bool expr_is_literal(const Expr *e) {
    return e->kind >= X_NIL && e->kind <= X_STR && !expr_has_jumps(e);
}
static inline bool expr_is_variable(const Expr *e) {
    return e->kind >= X_LOCAL && e->kind <= X_FIELDUP;
}
static inline bool expr_is_open(const Expr *e) { return e->kind == X_CALL || e->kind == X_VARARG; }

/* --- emission (emit.c) --- */
static inline int32_t here(const Compiler *c) { return (int32_t)(c->ncode - c->fn->code0); }
static inline Insn *insn_at(Compiler *c, int32_t pc) {
    return &c->code[c->fn->code0 + (uint32_t)pc];
}
int32_t emit(Compiler *c, Insn i); /* returns its pc; its line is that of the last token consumed */
static inline int32_t emit_abc(Compiler *c, unsigned op, unsigned a, unsigned b, unsigned cc) {
    return emit(c, insn_abc(op, a, b, cc));
}
static inline int32_t emit_abj(Compiler *c, unsigned op, unsigned a, unsigned b, int32_t j) {
    return emit(c, insn_abj(op, a, b, j));
}
void set_line(Compiler *c, int line);   /* of the last instruction */
void drop_last(Compiler *c);            /* removes the last instruction */
Insn *previous_insn(Compiler *c);       /* the last one if it may be changed, else NULL */
void emit_nil(Compiler *c, unsigned from, unsigned n);
void emit_return(Compiler *c, unsigned first, int n);

int32_t label_here(Compiler *c); /* pc of the next instruction, which becomes a jump target */
int32_t emit_jump(Compiler *c);         /* an unconditional one, pending */
void emit_loop(Compiler *c, int32_t target);
void jump_to(Compiler *c, int32_t pc, int32_t target);
void jumps_join(Compiler *c, int32_t *list, int32_t more);
void jumps_to(Compiler *c, int32_t list, int32_t target); /* none needs a value */
void jumps_here(Compiler *c, int32_t list);
/* those that carry a value put it into reg and go to with_value, the others go to without */
void jumps_with_value(Compiler *c, int32_t list, unsigned reg, int32_t with_value, int32_t without);
bool jumps_lack_value(Compiler *c, int32_t list); /* some jump carries none */
void jumps_drop_values(Compiler *c, int32_t list);
static inline void insn_set_a(Insn *i, unsigned a) {
    *i = (*i & ~(Insn)0xff00) | (Insn)(uint8_t)a << 8;
}
static inline unsigned opposite_jump(unsigned op) { return ((op - OP_JEQ) ^ 1u) + OP_JEQ; }

void reserve_regs(Compiler *c, unsigned n);
void check_regs(Compiler *c, unsigned n); /* n more registers may be used */
void free_reg(Compiler *c, unsigned reg); /* if a temporary */

uint32_t const_index(Compiler *c, const TValue *v);
void func_open(Compiler *c, Func *f, int line);
void func_close(Compiler *c, int lastline); /* fills in the Proto */

/* --- expressions to code (expr.c) --- */
void expr_settle(Compiler *c, Expr *e);           /* no longer a variable */
unsigned expr_any_reg(Compiler *c, Expr *e);
void expr_any_reg_or_upval(Compiler *c, Expr *e);
void expr_next_reg(Compiler *c, Expr *e);
void expr_to_value(Compiler *c, Expr *e);         /* without pending jumps */
void expr_store(Compiler *c, const Expr *var, Expr *e);
void expr_self(Compiler *c, Expr *object, String *name);
void expr_index(Compiler *c, Expr *table, Expr *key); /* table: in a register or upvalue */
void expr_set_results(Compiler *c, Expr *call, int n); /* of a call or '...'; LUA_MULTRET */
/* code goes on when true; the others collect in if_false */
void expr_jump_if_false(Compiler *c, Expr *e);
void expr_jump_if_true(Compiler *c, Expr *e);
bool expr_is_always(const Expr *e, bool truth);   /* a literal with that truth */
void expr_unary(Compiler *c, UnOp op, Expr *e, int line);
void expr_left(Compiler *c, BinOp op, Expr *e);   /* between left operand and right operand */
void expr_binary(Compiler *c, BinOp op, Expr *left, Expr *right, int line);
bool expr_constant(Compiler *c, const Expr *e, TValue *out); /* value of a compile-time constant */
bool fold_arith(Compiler *c, int op, Expr *left, const Expr *right); /* fold.c */

/* --- scopes (scope.c) --- */
uint32_t var_declare(Compiler *c, String *name); /* index into vars; in scope after vars_activate */
void vars_activate(Compiler *c, unsigned n);
/* registers of the first nactive variables */
unsigned reg_level(const Compiler *c, unsigned nactive);
static inline unsigned var_level(const Compiler *c) { return reg_level(c, c->fn->nactive); }
static inline Var *active_var(const Compiler *c, const Func *f, unsigned i) {
    return &c->vars[f->var0 + i];
}
void name_resolve(Compiler *c, String *name, Expr *e); /* local, upvalue, constant or global */
void check_assignable(Compiler *c, const Expr *e);     /* also notes the assignment */
void main_env_begin(Compiler *c);                      /* the main function's upvalue _ENV */
void main_env_end(Compiler *c);

void block_enter(Compiler *c, Block *b, bool isloop);
void block_leave(Compiler *c);
void block_mark_tbc(Compiler *c);
void goto_pending(Compiler *c, String *name, int line, int32_t jumps);
Label *label_find(Compiler *c, const String *name);
void label_check_new(Compiler *c, const String *name);
bool label_create(Compiler *c, String *name, int line, bool at_end); /* true: a CLOSE was emitted */

#endif
