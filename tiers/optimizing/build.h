// SPDX-License-Identifier: MIT
/* State of the builder, between build.c (control: merges, loops, entries), build_ops.c (the words of
 * sem/ops.h) and build_special.c (calls, returns, loops' preparations).
 *
 *       Reg[]: what each register holds, as a node; value == NULL: it is in its stack slot
 *
 * Instructions are built in the order of the code, but the body of a generic loop after the call that
 * begins each iteration. So whatever goes to an instruction, other than back to a loop's header, comes from before it in that order. It waits
 * there as an Arrival, an open block with its registers; so all predecessors of a block but back edges are
 * known when it begins. Loop headers make phis for the registers that the loop writes, of the type
 * that comes in; when a back edge brings another type, the register is noted as VALUE for that
 * header and the graph is built again.
 */
#ifndef PERIGEE_BUILD_H
#define PERIGEE_BUILD_H

#include "tiers/optimizing/graph.h"
#include "tiers/optimizing/liveness.h"
#include "tiers/optimizing/runtime_names.h"

typedef struct Reg {
    GNode *value;   /* NULL: to be read from the slot */
    uint8_t type;   /* of the slot's content, while value is NULL */
    bool clean;     /* the slot holds the value too */
} Reg;

typedef struct Arrival {
    struct Arrival *next;
    Block *from;    /* open: without terminator */
    Reg *reg;
} Arrival;

/* An alternative of the instruction that is still to be built. */
typedef struct Fork {
    void *label;
    Block *block;
    Reg *reg;
    State *state;
    unsigned nrefined;
    bool effect, paid;
} Fork;

typedef struct Refined {
    GNode *from, *to;
} Refined;

typedef struct Loop {
    Block *header;      /* NULL: not begun, or not reached */
    Reg *reg;           /* at the header */
    bool is_header, leaves, inner, slow, repeats; /* repeats: by self tail calls; leaves: code in it is left and entered again (calls); slow: has slow paths */
    bool carries;       /* tables made here go round it: frames that run elsewhere enter a copy (inner_entry.c) */
    uint32_t first, last; /* its instructions */
    RegSet writes, touches;
    RegSet fresh;       /* outermost loops: registers that come in with a table made here */
    RegSet wide;        /* registers whose phi is VALUE */
} Loop;

/* Slow paths of inline caches are left to the lower tiers until they were taken so often. */
enum { SLOW_OFTEN = 40 };
/* A table that nobody else has (allocation.c). */
typedef struct Fresh {
    const GNode *table;
    const Block *block; /* in which all of this holds */
    uint32_t shape;
    bool white;         /* nothing was allocated since */
} Fresh;

enum { MAX_FORKS = 16, MAX_REFINED = 32, MAX_FRESH = 16 };

/* r = r .. x, where nobody else has what it made (appends.c). */
typedef struct Append {
    uint32_t copy, pc;  /* the instruction that takes r, the concatenation */
    uint8_t reg;
    uint8_t number;     /* in the graph, from 1 */
} Append;
enum { MAX_APPENDS = 4 };

typedef struct Builder Builder;
struct Builder {
    Graph *g;
    JitFunction *f;
    unsigned nregs;
    /* inlined code (inline.c) */
    Builder *outer;     /* into which this function is inlined; NULL: into none */
    Builder **inlined;  /* by pc of a call: what is built in its place; NULL: nothing */
    State *frame;       /* the caller's, behind the call */
    GNode *closure;     /* the function called */
    unsigned base;      /* its register 0 is that register of the outermost function */
    unsigned wanted;    /* results */
    unsigned shift;     /* functions with extra arguments: base is so far above the place behind the function called */
    unsigned nextra;    /* of extra arguments: how many, and which */
    GNode **extra;
    bool tail;          /* was tail called */
    bool meta;          /* or called as a metamethod */
    bool guarded;       /* or by pcall */
    unsigned func;      /* register of the frame below that holds the function called */
    unsigned given;     /* results to that frame */
    bool open;          /* the next instruction takes all results */
    bool exact;         /* its returns must give `wanted` values: all are taken */
    bool restarts;      /* tail called by the outermost function: its exits begin with that call again */
    State *restart;     /* ... where its state is that */
    const JitFunction *original; /* f, or what f is a copy of that has other operands for open calls */
    bool effects, returns; /* what it may come to before it needs a frame */
    bool retries;       /* it may need one; then the call is made instead */
    Builder *next;      /* of a call that calls a few functions: the next one that is inlined */
    bool others;        /* ... there are some that are not */
    uint8_t *dirty;     /* by pc: did something that can be seen come before? */
    Arrival *retry;     /* ways to that call */
    unsigned size, extent; /* outermost: instructions inlined, registers needed in all */
    /* here */
    Block *at;          /* NULL: nothing comes here */
    Reg *reg;
    uint32_t pc;
    Insn insn;          /* quickened */
    uint8_t seen[SEEN_WIDTH]; /* of the instruction, what its quickening says added */
    bool profiled;      /* seen means something */
    bool floats;        /* all numeric operands were floats */
    State *state;       /* before the instruction; NULL: not made yet */
    bool effect;        /* the instruction had an effect: it cannot begin again */
    bool paid;          /* counting steps: for the instruction, and those behind it in its run */
    bool skip;
    Fork forks[MAX_FORKS];
    unsigned nforks;
    Refined refined[MAX_REFINED];
    unsigned nrefined;
    Fresh fresh[MAX_FRESH]; /* of the outermost builder */
    unsigned nfresh;
    /* all over */
    Arrival **arrivals; /* by pc */
    uint32_t *order;    /* instructions as they are built: a generic loop's call before its body */
    uint32_t *place;    /* by pc: where in the order */
    Loop *loops;        /* by pc of the header */
    RegSet *live;       /* by pc */
    RegSet *used;       /* the same without what only the debug library reads */
    uint8_t *reached;   /* by pc: worth compiling */
    RegSet captured;    /* kept in their slots always */
    Append appends[MAX_APPENDS];
    unsigned nappends;
    uint8_t *repeated;  /* by parameter: the type that self tail calls give it, T_VALUE for several, 0: not known */
    bool *begins;       /* counting steps (tiers/shared/runs.h): by pc, a run; NULL: they are not counted */
    uint32_t *rest;     /* ... to the end of the run */
    GNode *fuel;        /* inlined code that may turn out to be called after all: what there was before */
    bool part;          /* an inner loop is built once more (inner_entry.c) */
    uint32_t part_first, part_last;
    bool again;         /* something was learnt: build again */
    const char *failure;
};

/* What to do about a test that a word makes. */
typedef enum Decision { HOLDS, FAILS, FORKS } Decision;

/* build.c */
GNode *emit0(Builder *b, Op op, int64_t imm);
GNode *emit1(Builder *b, Op op, GNode *x, int64_t imm);
GNode *emit2(Builder *b, Op op, GNode *x, GNode *y, int64_t imm);
GNode *emit3(Builder *b, Op op, GNode *x, GNode *y, GNode *z, int64_t imm);
GNode *emit_many(Builder *b, Op op, unsigned nin, GNode **in, int64_t imm);
GNode *const_int(Builder *b, int64_t i);
GNode *const_flt(Builder *b, double f);
GNode *const_bool(Builder *b, bool t);
GNode *const_nil(Builder *b);
GNode *const_value(Builder *b, const TValue *v);
GNode *emit_typed(Builder *b, Op op, unsigned type, GNode *x, int64_t imm);
GNode *get_reg(Builder *b, unsigned r);
void put_reg(Builder *b, unsigned r, GNode *x);
void put_unknown(Builder *b, unsigned r, unsigned type); /* something wrote to its slot */
void flush_reg(Builder *b, unsigned r);
void flush_live(Builder *b, uint32_t pc); /* all that is live at pc */
GNode *refined(Builder *b, GNode *x);     /* what is known of x here */
void refine(Builder *b, GNode *x, GNode *to);
State *state_at(Builder *b, uint32_t pc);
State *exit_state(Builder *b);
void describe_frame(const Builder *b, State *s); /* that of inlined code */
void guard(Builder *b, GNode *cond, unsigned reason);
void exit_here(Builder *b, unsigned reason); /* the block ends */
void poll_at(Builder *b, uint32_t pc);
Reg *copy_regs(Builder *b);
void go_to(Builder *b, uint32_t pc);      /* ends the path: the next instruction, or a jump */
void branch_to(Builder *b, GNode *cond, uint32_t yes, uint32_t no, int likely); /* ends the path */
void fork_on(Builder *b, GNode *cond, void *label, bool likely); /* goes on where cond holds */
void leave(Builder *b, int handler);      /* ends the path by a jump into the runtime */
bool iterator_is_lua(const JitFunction *f, uint32_t pc);
void enter_at(Builder *b, uint32_t pc);   /* a new entry whose registers are all in their slots */

void begin_attempt(Builder *b, Builder *last); /* last: the attempt before, or NULL */
void arrive(Builder *b, uint32_t pc, Block *from, Reg *reg);
void merge(Builder *b, uint32_t pc, Arrival *first);
void build_all(Builder *b);

/* inline.c */
void plan_inlining(Builder *b, Builder *last);
void inline_call(Builder *b);
void set_top_of_builtin(Builder *b);
void inline_return(Builder *b);
bool calls_after_all(const Builder *n);     /* may one of what is inlined in this place come to a call? */
void inline_operator(Builder *b); /* its metamethod; goes on where there is another case */
bool inline_metamethod(Builder *b, int slow); /* that the cell of the instruction names; false: it is not to be */
bool takes_closed_extra(const Builder *b, uint32_t pc); /* all extra arguments, taken right before: it begins again with these */
GNode *count_extra(Builder *b);                /* of the function being built */
GNode *extra_argument(Builder *b, GNode *n);   /* counted from 0; nil: there is none */
void check_results(Builder *b, uint32_t pc); /* behind the call at pc, made and not inlined */
bool must_leave(const Builder *b); /* is the instruction one that inlined code leaves at? */
void leave_inlined(Builder *b); /* ends the path: something needs a frame */
bool in_protected_call(const Builder *b); /* inlined below pcall: nothing that it does may raise an error, for lack of memory */
GNode *get_upvalue(Builder *b, unsigned n);
void put_upvalue(Builder *b, unsigned n, GNode *x);

void enter_loop(Builder *b, uint32_t pc, Arrival *inside);
void build_at(Builder *b, uint32_t pc);

/* metering.c */
bool is_metered(const Builder *b);           /* are steps counted? */
void begin_metering(Builder *b);             /* of an attempt */
uint32_t unspent_at(const Builder *b, uint32_t pc); /* in a state there */
void pay(Builder *b, uint32_t pc);           /* before the instruction, unless it is paid for */
void give_back(Builder *b, uint32_t pc);     /* what is paid for from pc on: something may look */
void save_fuel(Builder *n, Builder *b);      /* b is about to run inlined code n */
void restore_fuel(const Builder *n, Builder *b); /* n is called after all, on this way of b's */

/* inner_entry.c */
void build_inner_entries(Builder *b);
void leave_part(Builder *b, uint32_t pc);
bool enters_copy(const Builder *b, uint32_t pc); /* does the entry at that loop lead to a copy? */
void note_fresh_registers(Builder *b, uint32_t pc, const Arrival *inside);
void note_carried(Builder *b, uint32_t pc, const GNode *phi, const GNode *x); /* a phi of the loop's header gets x from its end */

/* self_tail.c */
void note_repeated_type(Builder *b, unsigned r, unsigned type);
void check_repeated_types(Builder *b);
bool is_self_tail(const Builder *b, uint32_t pc);
void build_self_tail(Builder *b);

/* allocation.c */
uint32_t fresh_shape(Builder *b, const GNode *t); /* 0: unknown */
bool fresh_is_white(Builder *b, const GNode *t);  /* it needs no barrier */
void fresh_gets_shape(Builder *b, const GNode *t, uint32_t shape);
void fresh_forget(Builder *b);     /* of all */
void fresh_collected(Builder *b);  /* the collector may have run */
void fresh_escape(Builder *b, const GNode *n); /* n was emitted */
GNode *emit_new_table(Builder *b, uint32_t shape, unsigned ninline);
bool makes_table(const Builder *b, uint32_t pc);
bool build_new_table(Builder *b);
bool joins_strings(const Builder *b, uint32_t pc);
bool build_concat(Builder *b);
bool makes_list(const Builder *b, uint32_t pc);
bool build_set_list(Builder *b);

/* appends.c */
void find_appends(Builder *b);
unsigned append_at(const Builder *b, uint32_t pc); /* the concatenation's number; 0: it is none */
void share_appends(Builder *b); /* before the instruction is built: it may hand on what they made */

/* closures.c */
bool makes_closure(const Builder *b, uint32_t pc);
bool build_closure(Builder *b);
bool build_close(Builder *b);
bool keeps_variables(const Builder *b); /* of inner functions, in it or what is inlined into it */
void close_variables(Builder *b, unsigned r); /* from register r on */
void keep_argument(Builder *b, unsigned r); /* it goes to its slot if it has to be there */

/* reached.c */
void find_reached(Builder *b);
bool never_looked_up(const Builder *b, uint32_t pc);
bool never_jumps(const Builder *b, uint32_t pc, uint32_t target);

/* build_ops.c */
typedef void BuildOp(Builder *b);
BuildOp *build_op(unsigned op); /* canonical or quickened */
void build_instruction(Builder *b);

/* build_special.c */
void slow_straight(Builder *b, int slow);
void build_slow(Builder *b, int slow);
void build_call(Builder *b);
void build_special(Builder *b);           /* opcodes that sem/ops.h leaves to each tier */
#endif
