// SPDX-License-Identifier: MIT
/* Slow paths: each completes one instruction in full, from its operands in the frame. Every tier
 * calls these when its inlined fast path does not apply.
 *
 * Protocol (sem.h): the pc passed is that of the next instruction; it is saved first, so that
 * errors, hooks and the collector see where the frame is, and L->top is raised to the frame's
 * limit, so that calls made from here do not clobber registers. The instruction that follows is
 * returned.
 */
#include "object/func.h"
#include "object/string.h"
#include "sem/quicken.h"
#include "sem/sem.h"
#include "state/code.h"
#include "state/frame.h"
#include "state/limits.h"

#define RA (L->ci->func + 1 + insn_a(i))
#define RB (L->ci->func + 1 + insn_rb(i))
#define RC (L->ci->func + 1 + insn_rc(i))
#define K(n) (frame_proto(L->ci)->k + (n))

static inline CallInfo *enter(lua_State *L, const Insn *pc) {
    CallInfo *ci = L->ci;
    ci->pc = pc;
    L->top = ci->top;
    return ci;
}

/* The collector may run where an instruction has made an object in register `last`: the code
 * generator makes objects in the first free register, so those above hold nothing any more. They
 * are cleared, lest they keep garbage alive; and should a hand-made chunk read them, it reads nil. */
void step_after(lua_State *L, StkId last) {
    if (G(L)->gcdebt <= 0) return;
    StkId limit = L->ci->top;
    for (StkId p = last + 1; p < limit; p++) set_nil(p);
    L->top = limit;
    gc_step(L);
}

/* ------------------------------------------------------------------------------------------------
 * metamethods
 *
 * A metamethod written in Lua runs as a frame of this activation of the interpreter, marked
 * CI_META: its return comes to sem_finish_op, as after a yield. So metamethods cost no C stack.
 * (The C API and the library call them through sem_get and the like, by recursion.) */

const Insn *call_handler(lua_State *L, const TValue *f, const TValue *a, const TValue *b, const TValue *c, int nresults) {
    CallInfo *ci = L->ci;
    StkId func = L->top;
    set_value(func, f);
    set_value(func + 1, a);
    set_value(func + 2, b);
    if (c != NULL) set_value(func + 3, c);
    L->top = func + (c != NULL ? 4 : 3); /* within the spare slots */
    CallInfo *called = call_prepare(L, func, nresults);
    if (called != NULL) {
        called->status |= CI_META;
        return called->pc;
    }
    sem_finish_op(L);
    return ci->pc;
}

/* ----------------------------------------------------------------------------------- arithmetic */

/* operator and operand kind of each arithmetic opcode */
enum { OPERAND_R, OPERAND_K, OPERAND_I };

static int arith_operator(unsigned op, int *operand) {
    if (op == OP_ADDI || op == OP_SUBI) {
        *operand = OPERAND_I;
        return op == OP_ADDI ? LUA_OPADD : LUA_OPSUB;
    }
    *operand = op >= OP_ADD ? OPERAND_R : OPERAND_K;
    return LUA_OPADD + (int)(op - (op >= OP_ADD ? OP_ADD : OP_ADDK));
}
_Static_assert(OP_SHR - OP_ADD == LUA_OPSHR - LUA_OPADD && OP_IDIV - OP_ADD == LUA_OPIDIV - LUA_OPADD &&
                   OP_POW - OP_ADD == LUA_OPPOW - LUA_OPADD && OP_BXOR - OP_ADD == LUA_OPBXOR - LUA_OPADD,
               "arithmetic opcodes are in the order of LUA_OP*");
_Static_assert(OP_SHRK - OP_ADDK == OP_SHR - OP_ADD && OP_ADDI + 1 == OP_ADDK && OP_SHRK + 1 == OP_ADD,
               "arithmetic opcodes are in one order with and without constants");

static const Insn *arith(lua_State *L, const Insn *pc, Insn i, int op, const TValue *a, const TValue *b) {
    TValue out;
    if (arith_raw(L, op, a, b, &out)) {
        set_value(RA, &out);
        return pc;
    }
    sem_binary_metamethod(L, a, b, op - LUA_OPADD + TM_ADD, &out);
    quick_note_handler(L, op - LUA_OPADD + TM_ADD, a, b, &out);
    return call_handler(L, &out, a, b, NULL, 1);
}

const Insn *slow_arith(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = enter(L, pc);
    int operand;
    int op = arith_operator(insn_op(i), &operand);
    const TValue *a = ci->func + 1 + insn_rb(i), *b;
    TValue imm;
    if (operand == OPERAND_R) {
        b = ci->func + 1 + insn_rc(i);
    } else if (operand == OPERAND_K) {
        b = K(insn_c(i));
    } else {
        set_int(&imm, insn_sc(i));
        b = &imm;
    }
    if (operand != OPERAND_R && (insn_b(i) & FLIP)) {
        const TValue *t = a;
        a = b;
        b = t;
    }
    return arith(L, pc, i, op, a, b);
}

const Insn *slow_unary(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = enter(L, pc);
    const TValue *b = ci->func + 1 + insn_rb(i);
    return arith(L, pc, i, insn_op(i) == OP_UNM ? LUA_OPUNM : LUA_OPBNOT, b, b);
}

/* ----------------------------------------------------------------------------------- comparison */

static bool compare(lua_State *L, unsigned op, const TValue *a, const TValue *b) {
    switch (op) {
        case OP_JLT: case OP_JNLT: case OP_JLTI: case OP_JNLTI: return sem_less(L, a, b);
        case OP_JLE: case OP_JNLE: case OP_JLEI: case OP_JNLEI: return sem_less_equal(L, a, b);
        case OP_JGTI: case OP_JNGTI: return sem_less(L, b, a);
        default: return sem_less_equal(L, b, a); /* OP_JGEI, OP_JNGEI */
    }
}

/* negative form of a conditional jump: every second one */
static bool jumps_if_false(unsigned op) { return (op - OP_JEQ) & 1; }

/* The metamethod that a comparison is going to call, if any. */
static void note_comparison(lua_State *L, int event, const TValue *a, const TValue *b) {
    TValue f;
    if (!is_table(a) || !is_table(b)) return;
    tm_of(L, a, event, &f);
    if (is_nil(&f)) tm_of(L, b, event, &f);
    quick_note_handler(L, event, a, b, &f);
}

const Insn *slow_compare(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = enter(L, pc);
    unsigned op = insn_op(i);
    const TValue *a = ci->func + 1 + insn_a(i), *b;
    TValue imm;
    if (op >= OP_JLTI) {
        set_int(&imm, insn_sb(i));
        b = &imm;
    } else {
        b = ci->func + 1 + insn_rb(i);
    }
    if (op <= OP_JNLE) note_comparison(L, op <= OP_JNLT ? TM_LT : TM_LE, a, b);
    return compare(L, op, a, b) != jumps_if_false(op) ? pc + insn_j(i) : pc;
}

const Insn *slow_equal(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = enter(L, pc);
    const TValue *a = ci->func + 1 + insn_a(i), *b = ci->func + 1 + insn_rb(i);
    if (is_table(a) && a->v.gc != b->v.gc) note_comparison(L, TM_EQ, a, b);
    bool eq = sem_equal(L, ci->func + 1 + insn_a(i), ci->func + 1 + insn_rb(i));
    return eq != jumps_if_false(insn_op(i)) ? pc + insn_j(i) : pc;
}

/* --------------------------------------------------------------------------------------- tables */

/* ra must be register A of the instruction */
const Insn *get_or_call(lua_State *L, const Insn *pc, const TValue *o, const TValue *key, StkId ra) {
    TValue out, self;
    if (!sem_find(L, o, key, &out, &self)) return call_handler(L, &out, &self, key, NULL, 1);
    set_value(ra, &out);
    return pc;
}

/* The function *f is about to be called for the object o; compilers know it by the metatable of the table accessed, self. */
static void note_accessor(lua_State *L, const Insn *pc, const TValue *f, const TValue *o, const TValue *self) {
    Proto *p = frame_proto(L->ci);
    TValue other;
    set_nil(&other);
    if (p->feedback == NULL) return;
    quick_note_function(L, p, code_index(p, pc) - 1, is_table(o) && o->v.gc == self->v.gc ? f : &other);
}

const Insn *slow_get(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = enter(L, pc);
    const TValue *o = ci->func + 1 + insn_rb(i), *key;
    TValue imm;
    switch (opcode_base[insn_op(i)]) {
        case OP_GETTABUP: o = as_lcl(ci->func)->upvals[insn_b(i)]->v; /* fall through */
        case OP_GETFIELD: key = K(insn_c(i)); break;
        case OP_GETI:
            set_int(&imm, insn_c(i));
            key = &imm;
            break;
        default: key = ci->func + 1 + insn_rc(i); break; /* OP_GETTABLE */
    }
    TValue out, self;
    if (sem_find(L, o, key, &out, &self)) {
        set_value(RA, &out);
        return pc;
    }
    note_accessor(L, pc, &out, o, &self);
    return call_handler(L, &out, &self, key, NULL, 1);
}

/* {left = nil}, self.left = nil: a field that is absent, and that no metamethod is asked about, gets its slot for later. */
static void declare_field(lua_State *L, Table *t, String *key) {
    enum { MOST = 16 };
    const Shape *s = shape_of(G(L), t);
    bool plain = s->meta == NULL || (s->meta->valid && !s->meta->unknown && is_nil(&s->meta->newindex));
    if (plain && s->nslots < MOST && !(key->mark & STR_META)) table_declare(L, t, key);
}

const Insn *slow_set(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = enter(L, pc);
    const TValue *o = ci->func + 1 + insn_a(i), *key, *val = ci->func + 1 + insn_rc(i);
    TValue imm;
    switch (opcode_base[insn_op(i)]) {
        case OP_SETTABUPK: val = K(insn_c(i)); /* fall through */
        case OP_SETTABUP:
            o = as_lcl(ci->func)->upvals[insn_a(i)]->v;
            key = K(insn_b(i));
            break;
        case OP_SETFIELDK: val = K(insn_c(i)); /* fall through */
        case OP_SETFIELD: key = K(insn_b(i)); break;
        case OP_SETIK: val = K(insn_c(i)); /* fall through */
        case OP_SETI:
            set_int(&imm, insn_b(i));
            key = &imm;
            break;
        case OP_SETTABLEK: val = K(insn_c(i)); /* fall through */
        default: key = ci->func + 1 + insn_rb(i); break; /* OP_SETTABLE */
    }
    TValue handler, self;
    if (!sem_store(L, o, key, val, &handler, &self)) {
        note_accessor(L, pc, &handler, o, &self);
        return call_handler(L, &handler, &self, key, val, 0);
    }
    unsigned op = opcode_base[insn_op(i)];
    if (is_nil(val) && (op == OP_SETFIELD || op == OP_SETFIELDK) && is_table(o)) declare_field(L, as_table(o), as_str(key));
    return pc;
}

const Insn *slow_self(lua_State *L, const Insn *pc, Insn i) {
    enter(L, pc);
    StkId ra = RA, rb = RB;
    set_value(ra + 1, rb);
    return get_or_call(L, pc, rb, K(insn_c(i)), ra);
}

const Insn *slow_len(lua_State *L, const Insn *pc, Insn i) {
    enter(L, pc);
    TValue f;
    if (is_table(RB) && tm_fast(L, as_table(RB)->metatable, TM_LEN, &f) != TAG_NIL) {
        note_accessor(L, pc, &f, RB, RB);
        return call_handler(L, &f, RB, RB, NULL, 1);
    }
    sem_len(L, RB, stack_save(L, RA));
    return pc;
}

/* A table for a constructor with so many record fields and list items; ninline: inline slots that
 * would be well. */
Table *new_table_for(lua_State *L, unsigned ninline, unsigned fields, unsigned items) {
    if (fields > SHAPE_MAXSLOTS) return table_new(L, 0, items, fields); /* will be a dictionary */
    return table_new(L, ninline < SHAPE_MAXINLINE ? ninline : SHAPE_MAXINLINE, items, 0);
}

const Insn *slow_newtable(lua_State *L, const Insn *pc, Insn i) {
    enter(L, pc);
    set_table(RA, new_table_for(L, insn_b(i), insn_b(i), insn_c(i)));
    step_after(L, RA);
    return pc;
}

const Insn *slow_setlist(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = L->ci;
    StkId ra = RA;
    unsigned n = insn_b(i);
    if (n == 0) n = (unsigned)(L->top - ra) - 1; /* open list */
    ci->pc = pc;
    if (L->top < ci->top) L->top = ci->top;
    if (!is_table(ra)) rt_type_error(L, ra, "index"); /* hostile bytecode, or debug.setlocal on a temporary */
    table_setlist(L, as_table(ra), (lua_Integer)insn_x(i) + 1, ra + 1, n);
    L->top = ci->top;
    return pc;
}

/* -------------------------------------------------------------------------------------- strings */

const Insn *slow_concat(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = L->ci;
    ci->pc = pc;
    unsigned n = insn_b(i);
    L->top = RA + n; /* the operands are the top of the stack */
    sem_concat(L, (int)n);
    L->top = ci->top;
    step_after(L, RA);
    return pc;
}

/* ------------------------------------------------------------------------------------ variables */

const Insn *slow_close(lua_State *L, const Insn *pc, Insn i) {
    enter(L, pc);
    close_all(L, RA, LUA_OK, true);
    return pc;
}

const Insn *slow_tbc(lua_State *L, const Insn *pc, Insn i) {
    enter(L, pc);
    tbc_new(L, RA);
    return pc;
}

void sem_closure(lua_State *L, StkId base, StkId ra, LClosure *encl, Proto *p) {
    LClosure *cl = lclosure_new(L, p, p->sizeupvalues);
    set_gc(ra, cl);
    for (uint32_t n = 0; n < p->sizeupvalues; n++) {
        const UpvalDesc *d = &p->upvalues[n];
        cl->upvals[n] = d->instack ? upval_find(L, base + d->idx) : encl->upvals[d->idx];
        gc_barrier_obj(L, cl, cl->upvals[n]);
    }
}

const Insn *slow_closure(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = enter(L, pc);
    LClosure *cl = as_lcl(ci->func);
    sem_closure(L, ci->func + 1, RA, cl, cl->p->p[insn_x(i)]);
    step_after(L, RA);
    return pc;
}

void sem_varargs(lua_State *L, CallInfo *ci, StkId where, int wanted) {
    int have = ci->nextra;
    if (wanted < 0) {
        wanted = have;
        if (L->stack_last - L->top <= have) {
            ptrdiff_t at = stack_save(L, where);
            gc_step_if_due(L);
            stack_grow(L, have);
            where = stack_restore(L, at);
        }
        L->top = where + wanted;
    }
    StkId from = ci->func - have;
    int n = 0;
    for (; n < wanted && n < have; n++) set_value(where + n, from + n);
    for (; n < wanted; n++) set_nil(where + n);
}

const Insn *slow_vararg(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = enter(L, pc);
    sem_varargs(L, ci, RA, (int)insn_c(i) - 1);
    return pc;
}

void sem_vararg_prepare(lua_State *L, CallInfo *ci, const Proto *p) {
    StkId func = ci->func;
    int actual = (int)(L->top - func) - 1, fixed = p->numparams;
    int extra = actual - fixed;
    ci->nextra = extra;
    stack_check(L, p->maxstack + 1);
    func = ci->func;
    /* function and fixed parameters are copied above the arguments; the originals of the latter are
     * cleared for the collector */
    set_value(L->top++, func);
    for (int n = 1; n <= fixed; n++) {
        set_value(L->top++, func + n);
        set_nil(func + n);
    }
    ci->func += actual + 1;
    ci->top += actual + 1;
}

const Insn *slow_varargprep(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = L->ci;
    (void)i;
    ci->pc = pc;
    sem_vararg_prepare(L, ci, frame_proto(ci));
    if (L->hookmask) { /* the call event of a vararg function was waiting for its arguments */
        ci->pc--;
        hook_call(L, ci);
        ci->pc++;
        L->oldpc = 1; /* the next instruction gets a line event */
    }
    return pc;
}

/* ---------------------------------------------------------------------------------------- loops */

const Insn *slow_forprep(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = enter(L, pc);
    lua_Unsigned n = 0;
    if (sem_forprep(L, RA, &n)) return pc + insn_j(i);
    Proto *p = frame_proto(ci);
    int32_t iterations = n < 1u << 30 ? (int32_t)n : 1 << 30;
    bool counts = G(L)->seam != NULL; /* FORLOOP_COUNT does, once the function is warm */
    if (counts && p->feedback != NULL) return pc;
    if (p->budget <= iterations) pc = hot_loop(L, ci, pc);
    if (!counts || p->feedback == NULL) p->budget -= iterations;
    return pc;
}

const Insn *slow_loop_hot(lua_State *L, const Insn *pc, Insn i) {
    (void)i;
    return hot_loop(L, enter(L, pc), pc);
}

const Insn *slow_attention(lua_State *L, const Insn *pc, Insn i) {
    (void)i;
    CallInfo *ci = enter(L, pc);
    ci->pc++; /* an error is one of the instruction to come */
    limits_attend(L);
    ci->pc = pc;
    return pc;
}

const Insn *slow_tforprep(lua_State *L, const Insn *pc, Insn i) {
    enter(L, pc);
    tbc_new(L, RA + 3);
    return pc + insn_j(i);
}

bool iterate_in_place(lua_State *L, StkId ra, unsigned nvars) {
    const Global *g = G(L);
    if (!is_table(ra + 1) || L->hookmask) return false;
    Table *t = as_table(ra + 1);
    set_nil(ra + 5);
    if (ra->v.f == g->next) {
        set_value(ra + 4, ra + 2);
        int result = table_next_hinted(L, t, ra + 4, &ra[2].extra);
        if (result == NEXT_BADKEY) return false;
        if (result == NEXT_END) set_nil(ra + 4);
    } else if (ra->v.f == g->ipairs_step && is_int(ra + 2)) {
        lua_Integer n = int_add(ra[2].v.i, 1);
        if (table_get_int(t, n, ra + 5) == TAG_NIL) {
            if (t->metatable != NULL) return false;
            set_nil(ra + 4);
        } else {
            set_int(ra + 4, n);
        }
    } else {
        return false;
    }
    for (unsigned n = 2; n < nvars; n++) set_nil(ra + 4 + n);
    return true;
}

const Insn *slow_tforcall(lua_State *L, const Insn *pc, Insn i) {
    enter(L, pc);
    StkId ra = RA;
    if (ra->tag == TAG_LCF && iterate_in_place(L, ra, insn_c(i))) return pc;
    for (int n = 0; n < 3; n++) set_value(ra + 4 + n, ra + n);
    L->top = ra + 7;
    CallInfo *ci = call_prepare(L, ra + 4, (int)insn_c(i));
    return ci != NULL ? ci->pc : pc; /* a Lua iterator: its frame runs next */
}

/* ---------------------------------------------------------------------------------------- calls */

const Insn *slow_call(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = L->ci;
    StkId ra = RA;
    ci->pc = pc;
    limits_poll(L);
    if (insn_b(i) != 0) L->top = ra + insn_b(i);
    call_prepare(L, ra, (int)insn_c(i) - 1);
    return L->ci->pc; /* the callee's, or after a C function the caller's, which that may have moved to another stream */
}

/* Moves function and arguments down over the running frame, which becomes the callee's. */
static void replace_frame(lua_State *L, CallInfo *ci, StkId func, int narg1) {
    Proto *p = as_lcl(func)->p;
    if (--p->budget <= 0) proto_hot(L, p);
    int missing = p->numparams - (narg1 - 1);
    if (L->stack_last - L->top <= p->maxstack) {
        ptrdiff_t at = stack_save(L, func);
        gc_step_if_due(L);
        stack_grow(L, p->maxstack);
        func = stack_restore(L, at);
    }
    for (int n = 0; n < narg1; n++) set_value(ci->func + n, func + n);
    func = ci->func;
    for (int n = 0; n < missing; n++) set_nil(func + narg1 + n);
    if (missing > 0) narg1 += missing;
    ci->top = func + 1 + p->maxstack;
    ci->pc = p->entry;
    ci->status |= CI_TAIL;
    ci->nextra = 0;
    L->top = func + narg1;
}

const Insn *slow_tailcall(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = L->ci;
    StkId ra = RA;
    ci->pc = pc;
    limits_poll(L);
    if (insn_b(i) != 0)
        L->top = ra + insn_b(i);
    if (insn_c(i) & 1) upval_close(L, ci->func + 1);
    int below = frame_proto(ci)->isvararg ? ci->nextra + frame_proto(ci)->numparams + 1 : 0;
    while (!is_func(ra)) ra = call_try_metamethod(L, ra);
    if (!is_lcl(ra)) { /* a C function runs in place; the RETURN that follows passes its results on */
        call_prepare(L, ra, LUA_MULTRET);
        return pc;
    }
    if (below != 0) { /* over the extra arguments: slots that the collector may have taken for an older frame's */
        ci->func -= below;
        gc_stack_returned(L, ci);
    }
    replace_frame(L, ci, ra, (int)(L->top - ra));
    return ci->pc;
}

const Insn *slow_return(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = L->ci;
    StkId ra = RA;
    int n;
    ci->pc = pc;
    switch (insn_op(i)) {
        case OP_RETURN0: n = 0; break;
        case OP_RETURN1: n = 1; break;
        default: n = insn_b(i) != 0 ? (int)insn_b(i) - 1 : (int)(L->top - ra); break;
    }
    const Proto *p = frame_proto(ci);
    if (insn_op(i) == OP_RETURN && (insn_c(i) & 1)) {
        ci->u2.nres = n; /* in case a __close yields */
        L->top = ra + n;
        if (L->top < ci->top) L->top = ci->top;
        close_all(L, ci->func + 1, CLOSE_NORMAL, true);
        ra = RA;
    }
    L->top = ra + n;
    if (p->isvararg) ci->func -= ci->nextra + p->numparams + 1;
    call_finish(L, ci, n);
    return ci->prev->pc;
}

/* -------------------------------------------------------------------------------- after a yield */

/* A CONCAT whose metamethod yielded: its result lies on top, the two operands below it. */
static void finish_concat(lua_State *L, StkId ra) {
    StkId result = L->top - 1;
    set_value(result - 2, result);
    L->top = result - 1;
    int left = (int)(L->top - ra);
    if (left > 1) sem_concat(L, left);
}

void sem_finish_op(lua_State *L) {
    CallInfo *ci = L->ci;
    Insn i = frame_instruction(ci);
    StkId ra = ci->func + 1 + insn_a(i);
    unsigned op = insn_op(i);
    if (op >= OP_JEQ && op <= OP_JNGEI) {
        bool res = !is_falsy(--L->top);
        if (ci->status & CI_LEQ) {
            ci->status &= (uint16_t)~CI_LEQ;
            res = !res;
        }
        if (res != jumps_if_false(op)) ci->pc += insn_j(i);
        return;
    }
    switch (op) {
        case OP_CONCAT: finish_concat(L, ra); break;
        case OP_CLOSE: ci->pc--; break; /* again: other variables may be left */
        case OP_RETURN:
            L->top = ra + ci->u2.nres; /* for a return up to top */
            ci->pc--;
            break;
        case OP_CALL: case OP_TAILCALL: case OP_TFORCALL: break;
        case OP_SETTABUP: case OP_SETTABUPK: case OP_SETTABLE: case OP_SETTABLEK: case OP_SETI: case OP_SETIK:
        case OP_SETFIELD: case OP_SETFIELDK: break;
        default: set_value(ra, --L->top); break; /* reads, arithmetic, length */
    }
}
