// SPDX-License-Identifier: MIT
/* Emission of one function by the baseline tier: bytecode in, unoptimised LLVM IR out.
 *
 * Each instruction gets a basic block; values live in their stack slots between instructions. The
 * text of the instructions is sem/ops.h, under words.h of this directory: a word emits, at once, IR
 * at the builder's position. A guard branches to the block of the label it names and goes on behind;
 * LABEL moves to that block. After the word that ends an alternative the emitter is `dead` and
 * words emit nothing until a label that somebody branches to.
 *
 * Addresses of the function's stream, cells, constants and counters are literals: baseline code is
 * never stored.
 */
#ifndef PERIGEE_BASELINE_EMIT_H
#define PERIGEE_BASELINE_EMIT_H

#include <llvm-c/Core.h>

#include "tiers/optimizing/liveness.h"
#include "tiers/shared/jit.h"

/* A Lua value: where it is. Its parts, and the addresses of registers, are emitted afresh at each use:
 * what lives across blocks the fast register allocator spills and reloads, which costs more. */
typedef struct Val {
    LLVMValueRef address;   /* NULL: a register */
    unsigned reg;
    const TValue *constant; /* a constant of the function, or NULL */
} Val;

/* tags of values that are equal if their payloads are */
#define BY_PAYLOAD                                                                                             \
    (1u << TAG_INT | 1u << TAG_SSTR | 1u << TAG_LIGHTUD | 1u << TAG_LCF | 1u << TAG_LCL | 1u << TAG_CCL |      \
     1u << TAG_THREAD)

/* What is known of a register at a point of the code. The slot always holds its value. */
typedef struct Fact {
    uint8_t tag;   /* the slot's, or NO_TAG */
    uint8_t value; /* where the payload is besides */
} Fact;
enum { NO_TAG = 0xff, REGISTERS = 256 };
enum { IN_SLOT, IN_INT /* integer or pointer */, IN_FLT };

enum { MAX_LABELS = 8 };
typedef struct Label {
    const char *name;
    LLVMBasicBlockRef block;
    Fact *facts; /* that hold on all ways to it */
} Label;

typedef struct Emit {
    const JitFunction *f;
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMBuilderRef b;
    LLVMValueRef function, L, base_slot, pc_slot, i_slot, cell_slot, handler_slot, scratch;
    LLVMTypeRef i1, i8, i32, i64, flt, ptr, none, handler_type;
    LLVMBasicBlockRef *block;   /* of each instruction, where its facts hold */
    LLVMBasicBlockRef *check;   /* ... where they are looked for; NULL: nobody comes from outside */
    Fact **facts_at;            /* known at each instruction that was reached; NULL: none yet */
    Fact *now;                  /* known here; NULL: nothing is kept track of */
    RegSet *live, *writes;      /* registers read from each instruction on; written by it */
    uint32_t *loop_end;         /* the last instruction that jumps back to it; 0: none */
    bool light;                 /* to be compiled quickly: it will be made anew (ways.c) */
    bool loops;                 /* it has some */
    bool failed;                /* no memory */
    LLVMValueRef ints[REGISTERS], flts[REGISTERS]; /* variables with payloads; NULL: not used yet */
    Fact label_facts[MAX_LABELS][REGISTERS];
    Label leaves[MAX_LABELS + 8]; /* blocks that leave, by handler */
    unsigned nleaves;
    uint16_t *entry_of;
    uint32_t *rest;             /* counting steps: of each instruction, it and those that follow in its run; NULL: not counting */
    bool *begins;               /* begins a run? */
    /* the instruction being emitted */
    uint32_t n, next;           /* its index; that of the one that follows */
    Insn i;
    LLVMValueRef base;          /* register 0, as loaded in ... */
    LLVMBasicBlockRef base_block;
    LLVMBasicBlockRef exit;     /* leaves to the interpreter for this instruction; NULL: not needed yet */
    LLVMBasicBlockRef seen_block; /* where seen_what was recorded last */
    unsigned seen_what;
    bool dead;
    Label labels[MAX_LABELS];
    unsigned nlabels;
} Emit;

/* operands */
Val em_register(Emit *e, unsigned r);
Val em_constant(Emit *e, unsigned n);
Val em_upvalue(Emit *e, unsigned n);
LLVMValueRef em_base(Emit *e);
LLVMValueRef em_place(Emit *e, const Val *v); /* the address */
LLVMValueRef em_tag(Emit *e, const Val *v);
LLVMValueRef em_payload(Emit *e, const Val *v, LLVMTypeRef type);
LLVMValueRef em_int(Emit *e, int64_t n);
LLVMValueRef em_i32(Emit *e, uint32_t n);
/* memory: field of a structure of the runtime */
LLVMValueRef em_address(Emit *e, uint64_t address);
LLVMValueRef em_field(Emit *e, LLVMValueRef object, size_t offset, LLVMTypeRef type);
void em_set_field(Emit *e, LLVMValueRef object, size_t offset, LLVMValueRef value);
LLVMValueRef em_offset(Emit *e, LLVMValueRef object, LLVMValueRef bytes);
/* facts (facts.c) */
bool em_only(const Emit *e, unsigned what);            /* has the instruction met nothing but this? */
bool em_int_loop(const Emit *e, uint32_t n);           /* a FORLOOP of integers? */
void em_know_tag(Emit *e, const Val *v, unsigned tag); /* as a guard has found */
void em_keep(Emit *e, const Val *v, LLVMValueRef payload);
LLVMValueRef em_variable(Emit *e, unsigned r, LLVMTypeRef type); /* of a register's payload: an integer or a float */
void em_wrote(Emit *e, unsigned r, LLVMValueRef payload, LLVMValueRef tag); /* NULL: unknown */
const Fact *em_fact(const Emit *e, const Val *v);      /* NULL: nothing is known */
LLVMBasicBlockRef em_edge(Emit *e, uint32_t n);        /* where the current block goes on with instruction n */
LLVMBasicBlockRef em_check(Emit *e, uint32_t n);       /* likewise, when anything may have happened to the registers */
LLVMBasicBlockRef em_outside(Emit *e, uint32_t n);     /* where instruction n is entered from elsewhere */
void em_forget_written(Emit *e);                       /* by the instruction */
void em_begin_facts(Emit *e, uint32_t n);
void em_emit_checks(Emit *e);
bool em_init_facts(Emit *e);
void em_free_facts(Emit *e);
void em_label_facts(Emit *e, Label *l, bool first);
/* results */
void em_put(Emit *e, const Val *to, LLVMValueRef payload, LLVMValueRef tag);
void em_put_tag(Emit *e, const Val *to, LLVMValueRef tag);
void em_copy(Emit *e, const Val *to, const Val *v);
/* control */
void em_label(Emit *e, const char *name);
LLVMBasicBlockRef em_target(Emit *e, const char *label);
void em_guard(Emit *e, LLVMValueRef condition, const char *label); /* false: label */
void em_go(Emit *e, uint32_t n);
void em_branch(Emit *e, LLVMValueRef condition, bool sense);
void em_equal(Emit *e, bool sense, const char *label); /* ends the instruction, but for what the label is for */
void em_unless_next(Emit *e, LLVMValueRef condition, bool sense);
LLVMBasicBlockRef em_new_block(Emit *e);
LLVMBasicBlockRef em_next_block(Emit *e); /* placed right behind the current one: the usual way on needs no jump */
LLVMValueRef em_function(Emit *e, const char *name, LLVMTypeRef type, unsigned convention); /* of the runtime */
/* ways in and out (ways.c) */
void em_prologue(Emit *e, uint32_t nentries);
void em_exit(Emit *e);
void em_exit_untyped(Emit *e); /* of an instruction compiled for floats only */
void em_running(Emit *e, unsigned what); /* RUN_; if the state is sampled */
/* Takes the steps of a run, from instruction n on, from the fuel; or goes on in the interpreter there. */
void em_charge(Emit *e, uint32_t n);
uint32_t em_unused_steps(const Emit *e); /* of the current run that come after this instruction: they were paid for */
void em_refund(Emit *e);
void em_leave(Emit *e, const char *handler, LLVMValueRef pc, Insn i); /* tail call; dead afterwards */
void em_leave_call(Emit *e, const char *handler);
void em_slow(Emit *e, const char *name, Insn i); /* native call of a slow path for instruction i; goes on behind */
void em_call_here(Emit *e);
void em_call_known(Emit *e, const Val *f); /* if it is the one function that the site has called */
void em_string_len(Emit *e); /* completes a LEN of a short string */
Insn em_canonical(const Emit *e); /* the instruction with the opcode that the front end gave it */
LLVMValueRef em_call(Emit *e, const char *name, LLVMTypeRef result, LLVMValueRef *args, unsigned n);
LLVMValueRef em_pc(Emit *e, uint32_t n);   /* instruction n in the compiled stream */
void em_seen(Emit *e, unsigned what);
uint32_t em_jump_target(const Emit *e);

/* tables */
LLVMValueRef em_cell(Emit *e);
LLVMValueRef em_shape(Emit *e, LLVMValueRef cell);
LLVMValueRef em_slot_inline(Emit *e, LLVMValueRef table, LLVMValueRef cell);
LLVMValueRef em_slot_overflow(Emit *e, LLVMValueRef table, LLVMValueRef cell);
LLVMValueRef em_poly_slot(Emit *e, LLVMValueRef table, const char *label);
void em_poly_store(Emit *e, LLVMValueRef table, const Val *x, const char *label);
void em_guard_cell(Emit *e, LLVMValueRef cell, const char *label);
void em_guard_set_or(Emit *e, Val *v, LLVMValueRef cell, const char *label);
void em_store(Emit *e, LLVMValueRef table, const Val *slot, const Val *x);
void em_put_shape(Emit *e, LLVMValueRef table, LLVMValueRef cell);
void em_store_upvalue(Emit *e, unsigned n, const Val *x);
void em_array_get(Emit *e, LLVMValueRef table, LLVMValueRef n, const Val *to, const char *label);
void em_array_set(Emit *e, LLVMValueRef table, LLVMValueRef n, const Val *x, const char *label);
/* loops */
void em_count(Emit *e, const char *label);
void em_poll(Emit *e, const char *label);
void em_for_int(Emit *e, const char *not_int, const char *end);
void em_for_prep(Emit *e, int64_t step);
bool em_ipairs_step(Emit *e, const char *label);
void em_iterate(Emit *e);
/* numbers */
LLVMValueRef em_to_flt(Emit *e, Val *v, const char *label);
LLVMValueRef em_shift_left(Emit *e, LLVMValueRef a, LLVMValueRef n);
LLVMValueRef em_floor_div(Emit *e, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef em_floor_mod(Emit *e, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef em_raw_equal(Emit *e, Val *a, Val *b);

#endif
