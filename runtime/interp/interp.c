// SPDX-License-Identifier: MIT
/* The interpreter: dispatch, calls and returns. What the other opcodes mean is stated in sem/ops.h.
 *
 * Two techniques from one text. Under clang 19 or later each opcode is a function that ends in a
 * tail call of the next one; the preserve_none convention keeps the machine state in registers, and
 * slow paths are separate functions, so that no handler saves anything. Elsewhere the opcodes are
 * blocks of one function reached by computed goto. docs/interpreter.md has the measurement that
 * chose the first.
 *
 * State: L; pc, the next instruction; base, register 0; k, the constants; cl, the running closure;
 * cells, its inline caches; i, the instruction. Whatever may run Lua or C code, raise, or move the
 * stack goes through SLOW, after which all of it is reloaded from L->ci.
 *
 * While hooks are on, L->dispatch points to the hooked handlers: each traces, then runs the plain
 * one; calls and returns take slow paths that know about hooks. Asynchronous requests
 * (L->attention) are seen at loops and calls.
 */
#include "interp/interp.h"

#include "base/options.h"

#include "interp/in_place.h"
#include "interp/words.h"
#include "object/anchor.h"
#include "object/func.h"
#include "object/string.h"
#include "profile/reasons.h"
#include "sem/quicken.h"
#include "state/code.h"
#include "state/frame.h"
#include "state/limits.h"
#include "state/trace.h"
#include "state/typed.h"

#if defined(__clang__) && __clang_major__ >= 19 && defined(__x86_64__)
#define TAIL_CALLS 1
#else
#define TAIL_CALLS 0
#endif

const char *vm_technique(void) { return TAIL_CALLS ? "tail calls" : "computed goto"; }

#define RELOAD                                                                                                 \
    {                                                                                                          \
        StkId func_ = L->ci->func;                                                                             \
        base = func_ + 1;                                                                                      \
        cl = as_lcl(func_);                                                                                    \
        k = cl->p->k;                                                                                          \
        cells = cl->p->cells;                                                                                  \
    }

#define ALL_SLOW(S) SLOW_PATHS(S) QUICK_PATHS(S)

/* Fast paths of calls and returns, as statements over the interpreter's state; they fall out to the
 * label `slow`. */
#define CALL_LUA(slow)                                                                                         \
    StkId f_ = base + insn_a(i);                                                                               \
    if (UNLIKELY(!is_lcl(f_))) goto slow;                                                                      \
    LClosure *callee_ = as_lcl(f_);                                                                            \
    Proto *p_ = callee_->p;                                                                                    \
    unsigned nargs_ = insn_b(i) != 0 ? insn_b(i) - 1 : (unsigned)(L->top - f_) - 1;                            \
    CallInfo *ci_ = L->ci, *new_ = ci_->next;                                                                  \
    if (UNLIKELY(L->stack_limit - f_ <= p_->maxstack + (ptrdiff_t)nargs_ + 1)) goto slow;                      \
    if (UNLIKELY(new_ == NULL || p_->budget <= 1)) goto slow;                                                  \
    p_->budget--;                                                                                              \
    ci_->pc = pc;                                                                                              \
    new_->func = f_;                                                                                           \
    new_->top = f_ + 1 + p_->maxstack;                                                                         \
    new_->attention = 0;                                                                                       \
    new_->status = 0;                                                                                          \
    new_->nresults = (int16_t)(insn_c(i) - 1);                                                                 \
    new_->nextra = 0;                                                                                          \
    L->ci = new_;                                                                                              \
    base = f_ + 1;                                                                                             \
    for (unsigned n_ = nargs_; n_ < p_->numparams; n_++) set_nil(base + n_);                                   \
    if (p_->isvararg) L->top = base + (nargs_ < p_->numparams ? p_->numparams : nargs_);                       \
    pc = p_->entry;                                                                                            \
    new_->pc = pc;                                                                                             \
    cl = callee_;                                                                                              \
    k = p_->k;                                                                                                 \
    cells = p_->cells;

/* A call of a Lua function that takes over the frame: function and arguments move down. Not where
 * extra arguments lie below the frame, or variables are to be closed. */
#define TAILCALL_LUA(slow)                                                                                     \
    StkId f_ = base + insn_a(i);                                                                               \
    if (UNLIKELY(!is_lcl(f_) || (insn_c(i) & 1) || cl->p->isvararg)) goto slow;                                \
    LClosure *callee_ = as_lcl(f_);                                                                            \
    Proto *p_ = callee_->p;                                                                                    \
    unsigned nargs_ = insn_b(i) != 0 ? insn_b(i) - 1 : (unsigned)(L->top - f_) - 1;                            \
    CallInfo *ci_ = L->ci;                                                                                     \
    if (UNLIKELY(L->stack_limit - f_ <= p_->maxstack + (ptrdiff_t)nargs_ + 1 || p_->budget <= 1)) goto slow;   \
    p_->budget--;                                                                                              \
    for (unsigned n_ = 0; n_ <= nargs_; n_++) set_value(base - 1 + n_, f_ + n_);                               \
    for (unsigned n_ = nargs_; n_ < p_->numparams; n_++) set_nil(base + n_);                                   \
    if (p_->isvararg) L->top = base + (nargs_ < p_->numparams ? p_->numparams : nargs_);                       \
    ci_->top = base + p_->maxstack;                                                                            \
    ci_->status |= CI_TAIL;                                                                                    \
    pc = p_->entry;                                                                                            \
    ci_->pc = pc;                                                                                              \
    cl = callee_;                                                                                              \
    k = p_->k;                                                                                                 \
    cells = p_->cells;

/* One frame back. The caller is a Lua frame of this activation. */
#define RETURN_TO(caller)                                                                                      \
    L->ci = caller;                                                                                            \
    StkId func_ = caller->func;                                                                                \
    pc = caller->pc;                                                                                           \
    base = func_ + 1;                                                                                          \
    cl = as_lcl(func_);                                                                                        \
    k = cl->p->k;                                                                                              \
    cells = cl->p->cells;

#define LEAVE_CHECK(slow)                                                                                      \
    CallInfo *ci_ = L->ci, *caller_ = ci_->prev;                                                               \
    if (UNLIKELY((ci_->status & (CI_FRESH | CI_META)) | caller_->attention)) goto slow;                                    \
    int wanted_ = ci_->nresults;                                                                               \
    StkId res_ = base - 1;

#define LEAVE_ONE(slow)                                                                                        \
    LEAVE_CHECK(slow)                                                                                          \
    if (__builtin_expect(wanted_ == 1, 1)) {                                                                   \
        set_value(res_, base + insn_a(i));                                                                     \
    } else if (wanted_ != 0) {                                                                                 \
        set_value(res_, base + insn_a(i));                                                                     \
        if (wanted_ < 0) L->top = res_ + 1;                                                                    \
        else for (int n_ = 1; n_ < wanted_; n_++) set_nil(res_ + n_);                                          \
    }                                                                                                          \
    RETURN_TO(caller_)

#define LEAVE_NONE(slow)                                                                                       \
    LEAVE_CHECK(slow)                                                                                          \
    if (wanted_ < 0) L->top = res_;                                                                            \
    else for (int n_ = 0; n_ < wanted_; n_++) set_nil(res_ + n_);                                              \
    RETURN_TO(caller_)

/* The usual end of a metamethod: one result, which is the value of the interrupted instruction.
 * False: something else is to be done. */
static inline bool leave_metamethod(lua_State *L, const TValue *result) {
    CallInfo *caller = L->ci->prev;
    Insn interrupted = caller->pc[-1];
    if (insn_op(interrupted) > OP_LAST_QUICK) interrupted = frame_instruction(caller);
    unsigned op = opcode_base[insn_op(interrupted)];
    if (L->hookmask || (op >= OP_SETTABUP && op <= OP_SETFIELDK) || (op >= OP_CONCAT && op <= OP_JNGEI)) return false;
    set_value(caller->func + 1 + insn_a(interrupted), result);
    frame_return(L, caller);
    return true;
}

/* The usual end of a call by C: none or one result, no hooks. (Extra arguments lie below the frame.) */
#define LEAVES_FOR_HOST(ci, L, base, i)                                                                        \
    ((ci)->status == CI_FRESH && !(L)->hookmask && insn_op(i) != OP_RETURN && !as_lcl((base) - 1)->p->isvararg)
static inline void leave_for_host(lua_State *L, StkId base, Insn i) {
    int n = insn_op(i) == OP_RETURN1;
    L->top = base + insn_a(i) + n;
    call_finish_c(L, L->ci, n);
}

/* The table of handlers in force: while a limit's error is pending, with hooks, while steps are counted. */
enum { TABLE_PLAIN, TABLE_METERED, TABLE_HOOKED, TABLE_STOPPED };
static inline unsigned table_of(const lua_State *L) {
    if (__builtin_expect(G(L)->vigilant & VIGIL_STOPPED, 0)) return TABLE_STOPPED;
    if (L->hookmask) return TABLE_HOOKED;
    return G(L)->vigilant & VIGIL_METERED ? TABLE_METERED : TABLE_PLAIN;
}

/* A step is about to be made (pc: behind it). */
static inline void count_step(lua_State *L, const Insn *pc) {
    if (UNLIKELY(--G(L)->fuel < 0)) limits_out_of_fuel(L, pc);
}

/* Is this activation of the interpreter the one that the resume started? */
static inline bool yields_in_place(const lua_State *L) { return is_yieldable(L) && ccalls(L) == L->resumecalls; }

#if TAIL_CALLS
/* ================================================================================================
 * tail calls */

#define PARAMS                                                                                                 \
    lua_State *L, const Insn *pc, TValue *base, const TValue *k, LClosure *cl, Cell *cells, const void *disp, Insn i
#define ARGS L, pc, base, k, cl, cells, disp, i
#define HANDLER __attribute__((preserve_none)) static void
#define TAIL __attribute__((musttail)) return

typedef __attribute__((preserve_none)) void (*Handler)(PARAMS);
static const Handler plain[256];

#define NEXT                                                                                                   \
    {                                                                                                          \
        i = *pc;                                                                                               \
        TAIL((const Handler *)disp)[(uint8_t)i](L, pc + 1, base, k, cl, cells, disp, i);                       \
    }
#define AGAIN                                                                                                  \
    {                                                                                                          \
        TAIL plain[(uint8_t)i](ARGS); /* not traced twice */                                                   \
    }
#define SLOW(f) TAIL after_##f(ARGS);
#define JUMP_SLOW(f) { pc += insn_j(i); TAIL after_##f(ARGS); }
#define OPCODE(name) HANDLER op_##name(PARAMS) {
#define END }

#define AFTER(f)                                                                                               \
    __attribute__((noinline)) HANDLER after_##f(PARAMS) {                                                      \
        pc = f(L, pc, i);                                                                                      \
        RELOAD                                                                                                 \
        disp = L->dispatch;                                                                                    \
        NEXT                                                                                                   \
    }
#pragma clang diagnostic ignored "-Wunused-parameter"
#pragma clang diagnostic ignored "-Wunused-but-set-parameter"
ALL_SLOW(AFTER)

/* Comparison of strings: apart, since the call makes the compiler save registers. */
#define ORDER_STRINGS(NAME, a, b, OP, SENSE) if (is_str(a) && is_str(b)) TAIL strings_##NAME(ARGS);
#define STRINGS_HANDLER(NAME, OP, SENSE)                                                                       \
    __attribute__((noinline)) HANDLER strings_##NAME(PARAMS) {                                                 \
        bool e = str_compare(as_str(base + insn_a(i)), as_str(base + insn_rb(i))) OP 0;                        \
        BRANCH_IF(e, SENSE)                                                                                    \
    }
STRINGS_HANDLER(JLT, <, true)
STRINGS_HANDLER(JNLT, <, false)
STRINGS_HANDLER(JLE, <=, true)
STRINGS_HANDLER(JNLE, <=, false)

/* A return from a fresh frame leaves the interpreter; one from a metamethod completes the
 * instruction that called it. */
__attribute__((noinline)) HANDLER after_leaving(PARAMS) {
    if (LEAVES_FOR_HOST(L->ci, L, base, i)) {
        leave_for_host(L, base, i);
        return;
    }
    if ((L->ci->status & (CI_META | CI_FRESH)) == CI_META && insn_op(i) == OP_RETURN1 && leave_metamethod(L, base + insn_a(i))) {
        pc = L->ci->pc;
        RELOAD
        NEXT
    }
    unsigned status = L->ci->status;
    pc = slow_return(L, pc, i);
    if (status & CI_FRESH) return;
    if (status & CI_META) {
        sem_finish_op(L);
        pc = L->ci->pc;
    }
    RELOAD
    disp = L->dispatch;
    NEXT
}

#include "sem/ops.h"

/* The frame of the C function f that instruction i calls becomes the running one. */
static inline void enter_c(lua_State *L, CallInfo *called, const Insn *pc, StkId f, Insn i) {
    L->ci->pc = pc;
    called->func = f;
    called->top = L->top + LUA_MINSTACK;
    called->attention = 0;
    called->status = CI_C;
    called->nresults = (int16_t)(insn_c(i) - 1);
    called->k = NULL;
    L->ci = called;
}

static inline bool is_cfunction(const TValue *f) { return f->tag == TAG_LCF || f->tag == TAG_CCL; }
static inline lua_CFunction cfunction_of(const TValue *f) { return f->tag == TAG_LCF ? f->v.f : as_ccl(f)->f; }

/* A C function, without hooks and with a frame at hand. */
__attribute__((noinline)) HANDLER call_c_function(PARAMS) {
    StkId f = base + insn_a(i);
    CallInfo *called = L->ci->next;
    if (insn_b(i) != 0) L->top = f + insn_b(i);
    if (UNLIKELY(called == NULL || L->hookmask || L->stack_limit - L->top <= LUA_MINSTACK)) SLOW(slow_call)
    lua_CFunction function = cfunction_of(f);
    enter_c(L, called, pc, f, i);
    if (function == G(L)->yield && yields_in_place(L)) {
        called->u2.nyield = (int)(L->top - f) - 1;
        L->status = LUA_YIELD;
        return; /* to thread_resume */
    }
    int n = function(L);
    call_finish_c(L, called, n);
    pc = L->ci->pc; /* the function may have moved the frame to another stream (perigee_replaceframe) */
    RELOAD
    disp = L->dispatch;
    NEXT
}

OPCODE(CALL)
    CALL_LUA(CALL_slow)
    NEXT
LABEL(CALL_slow)
    if (is_cfunction(f_)) TAIL call_c_function(ARGS);
    SLOW(slow_call)
END

OPCODE(TAILCALL)
    TAILCALL_LUA(TAILCALL_slow)
    NEXT
LABEL(TAILCALL_slow) SLOW(slow_tailcall)
END

OPCODE(RETURN1)
    LEAVE_ONE(RETURN1_slow)
    NEXT
LABEL(RETURN1_slow) TAIL after_leaving(ARGS);
END

OPCODE(RETURN0)
    LEAVE_NONE(RETURN0_slow)
    NEXT
LABEL(RETURN0_slow) TAIL after_leaving(ARGS);
END

OPCODE(RETURN) TAIL after_leaving(ARGS); END

OPCODE(TFORCALL)
    SLOW(slow_tforcall)
END

#include "interp/compiled.h"

#define ROW(name, ...) op_##name,
static const Handler plain[256] = {PERIGEE_OPCODES(ROW) PERIGEE_QUICK_OPCODES(ROW) PERIGEE_STREAM_OPCODES(ROW)};
#undef ROW

/* With hooks: trace, then the plain handler, but calls and returns always the slow way. */
HANDLER hooked_call(PARAMS) { SLOW(slow_call) }
HANDLER hooked_return(PARAMS) { TAIL after_leaving(ARGS); }
HANDLER hooked_tforcall(PARAMS) { SLOW(slow_tforcall) }
HANDLER hooked_tailcall(PARAMS) { SLOW(slow_tailcall) }

static Handler hooked_variant(unsigned op) {
    switch (op) {
        case OP_CALL: return hooked_call;
        case OP_TFORCALL: return hooked_tforcall;
        case OP_TAILCALL: return hooked_tailcall;
        case OP_RETURN0: case OP_RETURN1: case OP_RETURN: return hooked_return;
        default: return plain[op];
    }
}

HANDLER op_traced(PARAMS) {
    if (G(L)->vigilant & VIGIL_METERED) count_step(L, pc);
    trace_instruction(L, pc - 1);
    RELOAD
    disp = L->dispatch;
    if ((uint8_t)i > OP_LAST_QUICK) i = cl->p->feedback->quick[code_index(cl->p, pc) - 1];
    TAIL hooked_variant((uint8_t)i)(L, pc, base, k, cl, cells, disp, i);
}

#define ROW(name, ...) op_traced,
static const Handler hooked[256] = {PERIGEE_OPCODES(ROW) PERIGEE_QUICK_OPCODES(ROW) PERIGEE_STREAM_OPCODES(ROW)};
#undef ROW

/* With a limit of instructions: count, then the plain handler. Compiled code counts for itself, if it was made to
 * (seam->metering). */
__attribute__((noinline)) HANDLER out_of_fuel(PARAMS) { limits_out_of_fuel(L, pc); }

HANDLER op_metered(PARAMS) {
    if (UNLIKELY(--G(L)->fuel < 0)) TAIL out_of_fuel(ARGS);
    TAIL plain[(uint8_t)i](ARGS);
}

HANDLER op_metered_compiled(PARAMS) {
    if (__builtin_expect(G(L)->seam->metering != NULL, 1)) TAIL compiled_entry(i)(ARGS);
    i = cl->p->feedback->quick[code_index(cl->p, pc) - 1];
    TAIL op_metered(ARGS);
}

#define ROW(name, ...) op_metered,
static const Handler metered[256] = {PERIGEE_OPCODES(ROW) PERIGEE_QUICK_OPCODES(ROW) op_metered_compiled, op_metered};
#undef ROW
_Static_assert(OP_COMPILED == OP_LAST_QUICK + 1 && OP_INTERPRET == OP_COMPILED + 1, "metered[] is in the order of opcodes");

/* A limit was hit: nothing runs. */
HANDLER op_stopped(PARAMS) {
    if (G(L)->vigilant & VIGIL_STOPPED) {
        L->ci->pc = pc;
        limits_raise(L);
    }
    vm_set_dispatch(L); /* a coroutine that heard of the end of it only now */
    disp = L->dispatch;
    TAIL((const Handler *)disp)[(uint8_t)i](ARGS);
}

#define ROW(name, ...) op_stopped,
static const Handler stopped[256] = {PERIGEE_OPCODES(ROW) PERIGEE_QUICK_OPCODES(ROW) PERIGEE_STREAM_OPCODES(ROW)};
#undef ROW

void vm_execute(lua_State *L, CallInfo *ci) {
    TValue *base;
    const TValue *k;
    LClosure *cl;
    Cell *cells;
    const Insn *pc = ci->pc;
    RELOAD
    Insn i = *pc;
    ((const Handler *)L->dispatch)[(uint8_t)i](L, pc + 1, base, k, cl, cells, L->dispatch, i);
}

void vm_set_dispatch(lua_State *L) {
    static const Handler *const tables[] = {plain, metered, hooked, stopped};
    L->dispatch = tables[table_of(L)];
}

#else
/* ================================================================================================
 * computed goto */

#define NEXT                                                                                                   \
    {                                                                                                          \
        i = *pc++;                                                                                             \
        goto *((const void *const *)disp)[(uint8_t)i];                                                         \
    }
#define AGAIN                                                                                                  \
    {                                                                                                          \
        goto *plain_labels[(uint8_t)i]; /* not traced twice */                                                 \
    }
#define ORDER_STRINGS(NAME, a, b, OP, SENSE)                                                                   \
    if (is_str(a) && is_str(b)) BRANCH_IF((str_compare(as_str(a), as_str(b)) OP 0), SENSE)
#define SLOW(f) { pc = f(L, pc, i); goto reload; }
#define JUMP_SLOW(f) { pc += insn_j(i); SLOW(f) }
#define OPCODE(name) do_##name: {
#define END }

static const void *const *tables[4]; /* label tables by TABLE_; set once by the first run */

static void run(lua_State *L, CallInfo *ci) {
    static const void *const plain_labels[256] = {
#define ROW(name, ...) &&do_##name,
        PERIGEE_OPCODES(ROW) PERIGEE_QUICK_OPCODES(ROW)
#undef ROW
    };
    static const void *const hooked_labels[256] = {
#define ROW(name, ...) &&traced,
        PERIGEE_OPCODES(ROW) PERIGEE_QUICK_OPCODES(ROW)
#undef ROW
    };
    static const void *const metered_labels[256] = {
#define ROW(name, ...) &&metered,
        PERIGEE_OPCODES(ROW) PERIGEE_QUICK_OPCODES(ROW)
#undef ROW
    };
    static const void *const stopped_labels[256] = {
#define ROW(name, ...) &&stopped,
        PERIGEE_OPCODES(ROW) PERIGEE_QUICK_OPCODES(ROW)
#undef ROW
    };
    if (ci == NULL) {
        tables[TABLE_PLAIN] = plain_labels;
        tables[TABLE_METERED] = metered_labels;
        tables[TABLE_HOOKED] = hooked_labels;
        tables[TABLE_STOPPED] = stopped_labels;
        return;
    }
    const Insn *pc = ci->pc;
    TValue *base;
    const TValue *k;
    LClosure *cl;
    Cell *cells;
    const void *disp;
    Insn i;
reload:
    RELOAD
    disp = L->dispatch;
    NEXT

#include "sem/ops.h"

    OPCODE(CALL)
        CALL_LUA(CALL_slow)
        NEXT
    LABEL(CALL_slow) SLOW(slow_call)
    END
    OPCODE(TAILCALL)
        TAILCALL_LUA(TAILCALL_slow)
        NEXT
    LABEL(TAILCALL_slow) SLOW(slow_tailcall)
    END
    OPCODE(RETURN1)
        LEAVE_ONE(leaving)
        NEXT
    END
    OPCODE(RETURN0)
        LEAVE_NONE(leaving)
        NEXT
    END
    OPCODE(RETURN) goto leaving; END
    OPCODE(TFORCALL) SLOW(slow_tforcall) END

leaving: {
    unsigned status = L->ci->status;
    pc = slow_return(L, pc, i);
    if (status & CI_FRESH) return;
    if (status & CI_META) {
        sem_finish_op(L);
        pc = L->ci->pc;
    }
    goto reload;
}
metered:
    count_step(L, pc);
    goto *plain_labels[(uint8_t)i];
stopped:
    if (G(L)->vigilant & VIGIL_STOPPED) {
        L->ci->pc = pc;
        limits_raise(L);
    }
    vm_set_dispatch(L); /* a coroutine that heard of the end of it only now */
    disp = L->dispatch;
    goto *((const void *const *)disp)[(uint8_t)i];
traced:
    if (G(L)->vigilant & VIGIL_METERED) count_step(L, pc);
    trace_instruction(L, pc - 1);
    RELOAD
    disp = L->dispatch;
    switch ((uint8_t)i) {
        case OP_CALL: SLOW(slow_call)
        case OP_TFORCALL: SLOW(slow_tforcall)
        case OP_TAILCALL: SLOW(slow_tailcall)
        case OP_RETURN0: case OP_RETURN1: case OP_RETURN: goto leaving;
        default: goto *plain_labels[(uint8_t)i];
    }
}

const JitSymbol *vm_jit_symbols(void) { return NULL; }

__attribute__((constructor)) static void publish_labels(void) { run(NULL, NULL); }

void vm_execute(lua_State *L, CallInfo *ci) { run(L, ci); }

void vm_set_dispatch(lua_State *L) { L->dispatch = tables[table_of(L)]; }

#endif
