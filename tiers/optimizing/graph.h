// SPDX-License-Identifier: MIT
/* The typed graph of the optimizing tier: SSA over basic blocks.
 *
 *   bytecode + profile --build.c--> graph --pass_*.c--> graph --lower.c--> LLVM IR
 *                                     |
 *                                     +--evaluate.c--> results (an oracle for tests)
 *
 * A node has a type, operands, an immediate, and what it reads and writes of the world, which is a
 * property of its operation (nodes.h: one row per operation). The order of nodes inside a block is the order of their
 * effects. A Lua value of known type is the bare payload (INT, FLT, TABLE, ...); of unknown type it
 * is VALUE, payload and tag. A node of a known type may stand wherever a VALUE is wanted.
 *
 * Control leaves a function in two ways. A LEAVE ends its block: a call, a return. A GUARD that
 * fails exits: its State says which registers hold what and at which instruction the
 * interpreter goes on, as if that instruction had not begun. Nothing before a guard in the same
 * instruction has an effect that somebody sees.
 *
 * Rules
 *  1. Block 0 is the root; its successors are the blocks of the entries (call, continuation after a
 *     call, loop header). Nothing but constants dominates two entries: after a call all is read
 *     back from the stack.
 *  2. A phi has one operand for each predecessor, in order; phis come first in a block.
 *  3. A block ends with one terminator: GOTO, BRANCH, LEAVE, or EXIT; none stands elsewhere.
 *  4. The operands of a node dominate it; those of a phi dominate the end of the predecessor.
 *  5. The types of operands are those of nodes.h; a phi's operands have its type, or it is VALUE.
 *  6. A node that may exit has a State; others have none.
 *  7. State.reg[r] == NULL: the stack slot of register r holds what it should.
 *  8. A critical edge is never made: the target of a BRANCH has one predecessor.
 * graph_verify checks them.
 */
#ifndef PERIGEE_GRAPH_H
#define PERIGEE_GRAPH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "profile/reasons.h"
#include "tiers/shared/jit.h"

/* ----------------------------------------------------------------------------------------- types */

/*  T(name, tag of such values; TAG_COUNT: none of its own) */
#define GRAPH_TYPES(T)                                                                             \
    T(NONE, TAG_COUNT)  /* no value: effects only */                                               \
    T(VALUE, TAG_COUNT) /* any Lua value */                                                        \
    T(PTR, TAG_COUNT)   /* an address; not a Lua value */                                          \
    T(BOOL, TAG_COUNT)  /* Lua boolean, also the result of tests: one bit */                       \
    T(NIL, TAG_NIL)                                                                                \
    T(INT, TAG_INT)                                                                                \
    T(FLT, TAG_FLT)                                                                                \
    T(LIGHTUD, TAG_LIGHTUD)                                                                        \
    T(LCF, TAG_LCF)                                                                                \
    T(SSTR, TAG_SSTR)                                                                              \
    T(LSTR, TAG_LSTR)                                                                              \
    T(TABLE, TAG_TABLE)                                                                            \
    T(LCL, TAG_LCL)                                                                                \
    T(CCL, TAG_CCL)                                                                                \
    T(UDATA, TAG_UDATA)                                                                            \
    T(THREAD, TAG_THREAD)

typedef enum Type {
#define TYPE_ENUM(name, tag) T_##name,
    GRAPH_TYPES(TYPE_ENUM)
#undef TYPE_ENUM
    T_COUNT
} Type;

extern const char *const type_names[];
extern const uint8_t type_tags[];
Type type_of_tag(unsigned tag); /* booleans and what never is in a register: T_VALUE */
static inline bool type_is_lua(unsigned t) { return t == T_VALUE || t >= T_BOOL; }
static inline bool type_is_object(unsigned t) { return t >= T_SSTR; }

/* ----------------------------------------------------------------------------------------- nodes */

/* parts of the world that nodes read and write */
enum {
    E_STACK = 1 << 0,  /* registers in the stack */
    E_SHAPE = 1 << 1,  /* shape and metatable of tables */
    E_SLOT = 1 << 2,   /* named fields */
    E_ARRAY = 1 << 3,  /* where an array is, its kind and length */
    E_ELEM = 1 << 4,   /* elements of arrays */
    E_UPVAL = 1 << 5,
    E_EPOCH = 1 << 6,  /* Global.epoch */
    E_FUEL = 1 << 7,   /* Global.fuel */
    E_OTHER = 1 << 8,  /* everything else */
    E_ALL = 511,
    E_COUNT = 9
};

enum { /* properties of operations */
    F_EXIT = 1,  /* may exit: has a State */
    F_END = 2,   /* ends its block */
    F_KEEP = 4,  /* is not removed though nobody uses its value */
    F_ANY = 8,   /* any number of operands */
    F_FLOATS = 16 /* without effects and cannot trap: may be moved and computed in vain */
};

#include "tiers/optimizing/nodes.h"

typedef enum Op {
#define NODE_ENUM(name, ...) N_##name,
    GRAPH_NODES(NODE_ENUM)
#undef NODE_ENUM
    N_OPS
} Op;

typedef struct OpInfo {
    const char *name;
    uint8_t type;    /* of the result; T_COUNT: given with the node */
    uint8_t nin;
    uint8_t in[3];   /* types of operands; T_COUNT: any with a value */
    uint16_t reads, writes;
    uint8_t flags;
} OpInfo;
enum { GUARD_BINDING = 1 }; /* imm of a guard whose instruction had an effect if it holds: not to be failed by fail-guard */
extern const OpInfo op_info[];

typedef struct GNode GNode;
typedef struct Block Block;
typedef struct State State;
typedef struct Graph Graph;

struct GNode {
    uint8_t op, type;
    uint8_t reason;    /* of exits: DeoptReason */
    uint8_t mark;      /* of passes */
    uint32_t nin;
    uint32_t id, pc;   /* pc: instruction that it comes from */
    Block *block;
    GNode *prev, *next; /* in the block */
    GNode **in;
    State *state;
    const JitFunction *function; /* whose instruction pc is; NULL: the state's */
    GNode *replaced;    /* by a pass: whoever uses this one means that one */
    union {
        int64_t i;
        double f;
        uint64_t u;
    } imm;
    void *data;        /* of passes and the lowering */
};

/* Where the interpreter goes on. */
struct State {
    const JitFunction *function;
    uint32_t pc;
    uint16_t nregs;
    uint16_t shift;    /* of inlined code: slots between the function called and the frame's own copy of it (extra arguments) */
    uint16_t nextra;   /* ... extra arguments among them */
    uint32_t unspent;  /* counting steps: of this function, paid for and not executed (metering.c) */
    bool tail;         /* of inlined code: was tail called */
    bool meta;         /* ... a metamethod, of an instruction of the frame below */
    bool guarded;      /* ... was called by pcall, whose frame lies between */
    int16_t wanted;    /* ... results, for that frame; -1: all */
    uint16_t func;     /* ... the function called, a register of the frame below */
    State *caller;     /* of inlined code: the frame below, pc after the call */
    GNode *reg[];       /* NULL: in its slot */
};

/* Its register 0 as a register of the outermost frame. */
static inline unsigned state_base(const State *s) {
    unsigned base = 0;
    for (; s->caller != NULL; s = s->caller) base += s->func + 1u + s->shift;
    return base;
}

extern const char *const reason_names[]; /* of DeoptReason, one word each */

struct Block {
    uint32_t id;
    uint32_t pc;        /* first instruction */
    GNode *first, *last;
    Block **pred, *succ[2];
    uint32_t npred, cappred, nsucc;
    bool loop_header;
    bool cold;
    /* of analyses (graph_order) */
    uint32_t order;     /* position in Graph.order + 1; 0: unreachable */
    Block *idom;
    uint32_t depth;     /* in the tree of dominators */
    Block *loop;        /* header of the innermost loop around; of a header: itself */
    Block *outer;       /* headers: header of the loop around theirs */
    uint32_t loop_depth;
    State *before;      /* loop header: state at its beginning as seen from the predecessor outside */
    void *data;
};

/* A call that was inlined, or why it was not. */
typedef struct Note {
    struct Note *next;
    const JitFunction *function; /* in which the call is */
    const char *callee, *why; /* why: NULL, it was */
    uint32_t pc;
} Note;

typedef struct Entry {
    uint32_t pc;
    Block *block;
} Entry;

enum { CAPTURED_WORDS = 16 };
struct Graph {
    JitFunction *function;
    struct Arena *arena;
    Block **blocks;     /* by id */
    uint32_t nblocks, capblocks;
    Entry *entries;     /* by number */
    uint32_t nentries, capentries;
    uint32_t nnodes;    /* ids given */
    Block **order;      /* reverse postorder of reachable blocks */
    uint32_t norder;
    const char *failure;
    Note *notes;        /* newest first */
    uint32_t nrebuilt, rebuilt_values; /* numbers of tables given to REBUILT nodes; values that exits may have to hand over */
    uint64_t captured[CAPTURED_WORDS]; /* registers where inlined functions have variables of their inner functions; further ones: all */
    unsigned nappends;  /* numbers given to strings that grow in place (appends.c) */
    uint32_t extent;    /* registers that inlined code needs, from the outermost function's first on */
    int64_t optimisations_left; /* -1: no limit */
};

/* ------------------------------------------------------------------------------------- building */

/* Memory of one compilation. */
struct Arena;
struct Arena *arena_new(void);
void arena_free(struct Arena *a);
void *arena_alloc(struct Arena *a, size_t size); /* zeroed, aligned to 16 */

Graph *graph_new(JitFunction *f); /* free: graph_free; everything in it lives as long */
void graph_free(Graph *g);
Block *graph_block(Graph *g, uint32_t pc);
void graph_edge(Graph *g, Block *from, Block *to);
unsigned graph_entry(Graph *g, uint32_t pc, Block *b); /* number of the new entry */

/* A node with room for nin operands, not yet in a block. */
GNode *node_make(Graph *g, Op op, unsigned nin, uint32_t pc);
void node_append(Block *b, GNode *n);
void node_insert_before(GNode *at, GNode *n);
void node_insert_first(Block *b, GNode *n); /* behind the phis */
void node_remove(GNode *n);
void phi_add(Graph *g, GNode *phi, GNode *x); /* an operand for a new predecessor */
static inline GNode *node_resolve(GNode *n) {
    while (n != NULL && n->replaced != NULL) n = n->replaced;
    return n;
}
/* Of the immediates of NEW_TABLE and REBUILT: inline slots; somebody reads the table; which table it is. */
#define NEW_TABLE_SEEN (UINT64_C(1) << 62)
static inline unsigned table_inline(const GNode *n) { return (unsigned)(n->imm.u >> 32) & 0x7f; }
static inline bool rebuilt_is_closure(const GNode *n) { return n->type == T_LCL; }
enum { MAX_ELEMENTS = 16 }; /* of tables that are not made */
#define LIST_HAS_NILS (UINT64_C(1) << 62)
static inline bool rebuilt_has_metatable(const GNode *n) { return n->imm.u >> 39 & 1; }
static inline uint32_t rebuilt_number(const GNode *n) { return (uint32_t)(n->imm.u >> 40) & 0xffff; }
static inline unsigned rebuilt_elements(const GNode *n) { return rebuilt_is_closure(n) ? 0 : (unsigned)(n->imm.u >> 56); }
/* Of NEW_CLOSURE, and REBUILT of a closure; upvalues are numbered from 0. */
static inline unsigned closure_number(const GNode *n) { return n->imm.u & 0xffff; }
static inline unsigned closure_base(const GNode *n) { return n->imm.u >> 16 & 0xffff; }
static inline unsigned closure_register(const GNode *n) { return n->imm.u >> 32 & 0xffff; }
static inline bool node_ends(const GNode *n) { return (op_info[n->op].flags & F_END) != 0; }
_Static_assert(N_INT == 0, "constants come first");
static inline bool node_is_const(const GNode *n) { return n->op <= N_NIL; }
static inline bool node_exits(const GNode *n) { return (op_info[n->op].flags & F_EXIT) != 0; }

State *state_new(Graph *g, const JitFunction *f, uint32_t pc);
State *state_resize(Graph *g, const State *s, unsigned nregs); /* a copy with so many registers */
State *state_copy(Graph *g, const State *s);

/* ------------------------------------------------------------------------- analyses, tools, text */

/* Order, dominators, loops; unreachable blocks are cut off. */
void graph_order(Graph *g);
bool block_dominates(const Block *a, const Block *b);
/* Does an edge lead back in reverse postorder? */
static inline bool block_retreats(const Block *from, const Block *to) { return from->order >= to->order; }
bool block_in_loop(const Block *b, const Block *header);
/* Every use of replaced nodes becomes a use of what replaced them. */
void graph_apply_replacements(Graph *g);
void graph_remove_replaced(Graph *g); /* from their blocks, when nobody uses them any more */
GNode *graph_bool(Graph *g, bool x);   /* a constant */
/* The function that a NEW_CLOSURE is of. */
const JitChild *graph_child(const Graph *g, const GNode *n);
/* May inner functions assign to the variable in that register, counted from the outermost function's first on? */
bool graph_is_captured(const Graph *g, uint64_t reg);
/* What n is the same as, by its operands; NULL: nothing simpler. May make n a cheaper operation. */
GNode *graph_fold(Graph *g, GNode *n);
/* The tags that each node may have, as sets, by number. */
uint32_t *graph_tags(Graph *g);

void graph_print(const Graph *g, FILE *out);
/* Reads what graph_print wrote; NULL: *fault says why. f: function that the states belong to. */
Graph *graph_read(const char *text, JitFunction *f, const char **fault);
/* NULL, or what is wrong and where. */
const char *graph_verify(Graph *g);

/* ---------------------------------------------------------------------------------------- the tier */

/* What of a function cannot be built: *why. */
Graph *graph_build(JitFunction *f, const char **why);

/* Results of running a graph (evaluate.c). */
typedef enum Outcome { OUT_LEAVE, OUT_EXIT, OUT_STUCK } Outcome;
typedef struct Evaluation {
    lua_State *L;      /* for what is of the state */
    TValue *slot;      /* registers: in and out */
    Outcome outcome;
    unsigned reason;   /* of exits */
    uint32_t pc;       /* instruction left at, or gone on at */
    const char *stuck; /* what the evaluator does not know */
    uint64_t steps, max_steps;
} Evaluation;
void graph_evaluate(Graph *g, unsigned entry, Evaluation *e);

/* Passes, in the order of the pipeline; numbered for bisection (passes.c). */
typedef struct Pass {
    const char *name;
    bool (*run)(Graph *g); /* true: changed something */
} Pass;
extern const Pass graph_passes[];
extern const unsigned graph_npasses;
/* Runs the pipeline up to optimisation number `limit` (-1: all of it); verifies after each in debug builds. */
const char *graph_optimize(Graph *g, int64_t limit, FILE *dump);
bool graph_may(Graph *g); /* one more optimisation allowed? (--opt-bisect) */
bool pass_fold(Graph *g);
bool pass_gvn(Graph *g);
bool pass_hoist(Graph *g);
bool pass_range(Graph *g);
bool pass_dead(Graph *g);
bool pass_escape(Graph *g);
bool escape_closures(Graph *g); /* its part for closures */
void escape_variable(Graph *g, GNode *box); /* a NEW_TABLE of shape 0: its users are all known */

#endif
