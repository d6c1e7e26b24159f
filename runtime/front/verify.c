// SPDX-License-Identifier: MIT
/* Bytecode verifier: after it, interpreter and compilers take the code of a function at its word.
 *
 * First pass, each instruction by itself and with its neighbours:
 *   1. Opcode canonical, D zero, operands in range and constants of the type that the opcode wants
 *      (front/operands.h), ranges of registers too.
 *   2. Jumps stay inside the code; backward only LOOP, FORLOOP, TFORLOOP. The last instruction
 *      returns.
 *   3. VARARGPREP is first in a vararg function and nowhere else; only there is VARARG.
 *   4. An instruction that leaves an open number of values (CALL, VARARG with C == 0; TAILCALL) is
 *      followed by one that takes them (CALL, TAILCALL, RETURN, SETLIST with B == 0), no jump lands
 *      between the two, and the values lie above what the second one needs.
 *   5. FORPREP and FORLOOP come in pairs, as do TFORPREP and TFORCALL TFORLOOP: the same A, each
 *      jumping where the other expects.
 *
 * Numeric loops. FORLOOP does not check what FORPREP put into R[A..A+2], and a compiler takes the
 * type of R[A+3] from it. So between the two nothing else may touch these registers:
 *   6. The body, from after FORPREP to FORLOOP, is entered only through FORPREP: a jump's target
 *      lies in no body that the jump is not in itself. Bodies are nested or disjoint.
 *   7. No instruction of the body writes R[A..A+2]: not as a destination, not as part of a range
 *      (calls write all from their base on). No closure captures them: none made in the body
 *      (checked there), none that is open when the loop begins (rule 10).
 * The alternative, a FORLOOP that checks, would cost each iteration what only hostile chunks need.
 *
 * Second pass, along every path (a forward data-flow analysis over jump targets; the sets are of
 * registers):
 *   8. assigned (on all paths): a register is read only if it was written. Liveness, and with it
 *      collector and compilers, takes a register that is read later for one that holds a value.
 *      Calls end the life of all registers from their base on, but for their results.
 *   9. tbc (on some path): marked to be closed and not closed yet. TBC and TFORPREP mark only above
 *      all that are, as the list of them is ordered; a function returns only by the form that
 *      closes them, and makes no tail call.
 *  10. captured (on some path): has an open upvalue. Returns close them, calls and loop controls
 *      stay above them.
 *  11. An upvalue said to be constant is never assigned: no SETUPVAL here, inner functions get it
 *      as a constant only, and a captured constant register is not written until it is closed.
 *      (CLOSURE may write the register that it captures: a local function.)
 *
 * Code that no path reaches satisfies the rules of the first pass only; it cannot run.
 */
#include "front/verify.h"

#include "front/operands.h"

typedef struct RegSet {
    uint64_t word[4];
} RegSet;

typedef struct Facts { /* before an instruction */
    RegSet assigned, tbc, captured, constant; /* constant: those of captured that are */
} Facts;

enum { NO_LOOP = -1 };

typedef struct Verifier {
    const Proto *p;
    int32_t n; /* instructions */
    int32_t pc;
    Insn i;
    uint32_t *target; /* by pc: 0 no jump goes there, else 1 + index into facts */
    int32_t *loop;    /* by pc: FORPREP of the innermost loop whose body holds it; NO_LOOP */
    uint32_t ntargets;
    Facts *facts;     /* by target */
    uint8_t *state;   /* by target: TARGET_ */
    int32_t *pending; /* targets to go on from */
    uint32_t npending;
    const char *fault;
} Verifier;
enum { TARGET_KNOWN = 1, TARGET_PENDING = 2 };

static bool fail(Verifier *v, const char *why) {
    v->fault = why;
    return false;
}

/* ----------------------------------------------------------------------------------------- sets */
static inline void set_add(RegSet *s, unsigned r) { s->word[r >> 6] |= UINT64_C(1) << (r & 63); }
static inline void set_remove(RegSet *s, unsigned r) {
    s->word[r >> 6] &= ~(UINT64_C(1) << (r & 63));
}
static inline bool set_has(const RegSet *s, unsigned r) { return s->word[r >> 6] >> (r & 63) & 1; }

/* bits of word w for registers from `from` on */
static inline uint64_t mask_from(unsigned w, unsigned from) {
    if (from <= w * 64) return UINT64_MAX;
    return from >= w * 64 + 64 ? 0 : UINT64_MAX << (from & 63);
}

static void set_truncate(RegSet *s, unsigned from) {
    for (unsigned w = 0; w < 4; w++) s->word[w] &= ~mask_from(w, from);
}

static bool set_any_from(const RegSet *s, unsigned from) {
    uint64_t any = 0;
    for (unsigned w = 0; w < 4; w++) any |= s->word[w] & mask_from(w, from);
    return any != 0;
}

/* ------------------------------------------------------------------------- what instructions do */
static bool is_return(unsigned op) {
    return op == OP_RETURN || op == OP_RETURN0 || op == OP_RETURN1;
}

/* leaves an open number of values from R[A] on */
static bool opens(Insn i) {
    unsigned op = insn_op(i);
    return op == OP_TAILCALL || ((op == OP_CALL || op == OP_VARARG) && insn_c(i) == 0);
}

static bool takes_open(Insn i) {
    unsigned op = insn_op(i);
    return (op == OP_CALL || op == OP_TAILCALL || op == OP_RETURN || op == OP_SETLIST) &&
           insn_b(i) == 0;
}

typedef struct Range {
    unsigned from, to; /* [from, to) */
} Range;

/* Registers used beyond the roles of the operands: read as a range from A on, or needed above A. */
static Range range_read(Insn i) {
    unsigned a = insn_a(i), b = insn_b(i);
    switch (insn_op(i)) {
        case OP_CONCAT: return (Range){a, a + b};
        case OP_CALL: case OP_TAILCALL: return (Range){a, a + (b ? b : 1)};
        case OP_RETURN: return (Range){a, a + (b ? b - 1 : 0)};
        case OP_SETLIST: return (Range){a, a + b + 1};
        case OP_FORPREP: case OP_FORLOOP: case OP_TFORCALL: return (Range){a, a + 3};
        case OP_TFORPREP: return (Range){a, a + 4};
        case OP_TFORLOOP: return (Range){a + 4, a + 5};
        default: return (Range){a, a};
    }
}

/* Registers written; to is past the frame for all from `from` on. */
static Range range_written(Insn i, unsigned frame) {
    unsigned a = insn_a(i), op = insn_op(i);
    switch (op) {
        case OP_LOADNIL: return (Range){a, a + insn_b(i) + 1};
        case OP_SELF: return (Range){a, a + 2};
        case OP_CONCAT: return (Range){a, a + insn_b(i)};
        case OP_CALL: case OP_TAILCALL: return (Range){a, frame};
        case OP_VARARG: return (Range){a, insn_c(i) ? a + insn_c(i) - 1 : frame};
        case OP_FORPREP: return (Range){a, a + 4};
        case OP_FORLOOP: return (Range){a + 3, a + 4}; /* its controls too, which is its right */
        case OP_TFORCALL: return (Range){a + 4, frame};
        case OP_TFORLOOP: return (Range){a + 2, a + 3};
        default:
            if (opcode_operands[op].a == ROLE_W || opcode_operands[op].a == ROLE_V)
                return (Range){a, a + 1};
            return (Range){a, a};
    }
}

/* How many registers the frame must have for the instruction. */
static unsigned frame_needed(Insn i) {
    unsigned a = insn_a(i), c = insn_c(i);
    switch (insn_op(i)) {
        case OP_CALL: return c ? a + c - 1 : 0;
        case OP_TFORPREP: return a + 4;
        case OP_TFORCALL:
            return a + 4 + (c > 3 ? c : 3); /* the function and two arguments are copied there */
        case OP_TFORLOOP: return a + 5;
        default: return 0;
    }
}

/* ------------------------------------------------------------------------- first pass: operands */
static bool check_const(Verifier *v, unsigned role, uint32_t k) {
    if (k >= v->p->sizek) return fail(v, "constant index out of range");
    const TValue *value = &v->p->k[k];
    if ((role == ROLE_KS && !is_sstr(value)) || (role == ROLE_KN && !is_num(value)) ||
        (role == ROLE_KI && !is_int(value)))
        return fail(v, "constant of the wrong type");
    return true;
}

static bool check_operand(Verifier *v, unsigned role, unsigned x) {
    switch (role) {
        case ROLE_RF:
            return (x & ~(unsigned)FLIP) < v->p->maxstack || fail(v, "register out of range");
        case ROLE_W: case ROLE_R: case ROLE_V:
            return x < v->p->maxstack || fail(v, "register out of range");
        case ROLE_L:
            return x <= v->p->maxstack ||
                   fail(v, "register out of range"); /* a level, perhaps above all */
        case ROLE_U: return x < v->p->sizeupvalues || fail(v, "upvalue index out of range");
        case ROLE_K: case ROLE_KS: case ROLE_KN: case ROLE_KI: return check_const(v, role, x);
        case ROLE_KX: return check_const(v, role, insn_x(v->i));
        case ROLE_PX: return insn_x(v->i) < v->p->sizep || fail(v, "function index out of range");
        case ROLE_JF:
            return (insn_j(v->i) >= 0 && insn_j(v->i) < v->n - 1 - v->pc) ||
                   fail(v, "jump out of the code");
        case ROLE_JB:
            return (insn_j(v->i) < 0 && insn_j(v->i) >= -(v->pc + 1)) ||
                   fail(v, "jump out of the code");
        default: return true;
    }
}

static bool check_ranges(Verifier *v) {
    unsigned frame = v->p->maxstack;
    Range r = range_read(v->i), w = range_written(v->i, frame);
    if (r.to > frame || w.to > frame || w.from > frame || frame_needed(v->i) > frame)
        return fail(v, "range of registers out of range");
    return true;
}

static bool check_special(Verifier *v) {
    switch (insn_op(v->i)) {
        case OP_CONCAT:
            return insn_b(v->i) >= 2 || fail(v, "concatenation of less than two values");
        case OP_LFALSESKIP: return v->pc + 2 < v->n || fail(v, "jump out of the code");
        case OP_VARARGPREP:
            return (v->pc == 0 && v->p->isvararg) || fail(v, "misplaced VARARGPREP");
        case OP_VARARG: return v->p->isvararg || fail(v, "varargs in a function without");
        case OP_RETURN0:
        case OP_RETURN1: return !v->p->isvararg || fail(v, "short return in a vararg function");
        case OP_TFORCALL: return insn_c(v->i) >= 1 || fail(v, "iterator call without results");
        case OP_SETUPVAL:
            return !v->p->upvalues[insn_b(v->i)].constant ||
                   fail(v, "assignment to a constant upvalue");
        case OP_SETLIST: return insn_x(v->i) <= INT32_MAX || fail(v, "list index out of range");
        default: return true;
    }
}

/* rule 4; jumps between the two are checked when targets are known */
static bool check_open(Verifier *v) {
    if (opens(v->i)) {
        Insn next = v->pc + 1 < v->n ? v->p->code[v->pc + 1] : v->i;
        if (!takes_open(next)) return fail(v, "open results are not used");
        unsigned a = insn_a(next), results = insn_a(v->i);
        bool fits = insn_op(v->i) == OP_TAILCALL ? insn_op(next) == OP_RETURN && a == results
                    : insn_op(next) == OP_RETURN ? a <= results
                                                 : a < results;
        if (!fits) return fail(v, "open results do not fit their use");
    }
    if (takes_open(v->i) && (v->pc == 0 || !opens(v->p->code[v->pc - 1])))
        return fail(v, "no open results to use");
    return true;
}

static bool check_insn(Verifier *v) {
    unsigned op = insn_op(v->i);
    if (op >= OP_CANONICAL_COUNT) return fail(v, "unknown opcode");
    if (opcode_formats[op] == FMT_ABC && insn_d(v->i) != 0)
        return fail(v, "operand D in canonical code");
    const Operands *o = &opcode_operands[op];
    return check_operand(v, o->a, insn_a(v->i)) && check_operand(v, o->b, insn_b(v->i)) &&
           check_operand(v, o->c, insn_c(v->i)) && check_ranges(v) && check_special(v) &&
           check_open(v);
}

/* Sets the verifier on an instruction. */
static void look_at(Verifier *v, int32_t pc) {
    v->pc = pc;
    v->i = v->p->code[pc];
}

static bool check_all_insns(Verifier *v) {
    for (int32_t pc = 0; pc < v->n; pc++) {
        look_at(v, pc);
        if (!check_insn(v)) return false;
    }
    if (!is_return(insn_op(v->i))) return fail(v, "code does not end with a return");
    if (v->p->isvararg && insn_op(v->p->code[0]) != OP_VARARGPREP)
        return fail(v, "missing VARARGPREP");
    return true;
}

/* --------------------------------------------------------------------- first pass: jumps, loops */
static inline int32_t jump_target(const Verifier *v, int32_t pc) {
    return pc + 1 + insn_j(v->p->code[pc]);
}

static bool is_jump(Insn i) { return role_is_jump(opcode_operands[insn_op(i)].c); }

/* The instruction at pc has that opcode and A. */
static bool is_partner(const Verifier *v, int32_t pc, unsigned op, unsigned a) {
    return pc >= 0 && pc < v->n && insn_op(v->p->code[pc]) == op && insn_a(v->p->code[pc]) == a;
}

static bool check_numeric_pair(Verifier *v) {
    unsigned a = insn_a(v->i);
    int32_t other = jump_target(v, v->pc) - 1;
    if (insn_op(v->i) == OP_FORPREP)
        return is_partner(v, other, OP_FORLOOP, a) && jump_target(v, other) == v->pc + 1;
    return is_partner(v, other, OP_FORPREP, a) && jump_target(v, other) == v->pc + 1;
}

static bool check_generic_pair(Verifier *v) {
    unsigned a = insn_a(v->i);
    int32_t to = jump_target(v, v->pc);
    switch (insn_op(v->i)) {
        case OP_TFORPREP:
            return is_partner(v, to, OP_TFORCALL, a) && is_partner(v, to + 1, OP_TFORLOOP, a) &&
                   jump_target(v, to + 1) == v->pc + 1;
        case OP_TFORCALL: return is_partner(v, v->pc + 1, OP_TFORLOOP, a);
        default: /* OP_TFORLOOP */
            return is_partner(v, v->pc - 1, OP_TFORCALL, a) &&
                   is_partner(v, to - 1, OP_TFORPREP, a) && jump_target(v, to - 1) == v->pc - 1;
    }
}

static bool check_pair(Verifier *v) {
    switch (insn_op(v->i)) {
        case OP_FORPREP:
        case OP_FORLOOP: return check_numeric_pair(v) || fail(v, "broken numeric loop");
        case OP_TFORPREP:
        case OP_TFORCALL:
        case OP_TFORLOOP: return check_generic_pair(v) || fail(v, "broken generic loop");
        default: return true;
    }
}

static int32_t loop_end(const Verifier *v, int32_t prep) { return jump_target(v, prep) - 1; }

/* Fills v->loop. FORPREP belongs to the loop around its own. */
static bool find_loops(Verifier *v) {
    int32_t inner = NO_LOOP;
    for (int32_t pc = 0; pc < v->n; pc++) {
        look_at(v, pc);
        if (!check_pair(v)) return false;
        v->loop[pc] = inner;
        if (insn_op(v->i) == OP_FORPREP) {
            if (inner != NO_LOOP && loop_end(v, pc) >= loop_end(v, inner))
                return fail(v, "overlapping loops");
            inner = pc;
        } else if (inner != NO_LOOP && pc == loop_end(v, inner)) {
            inner = v->loop[inner];
        }
    }
    return true;
}

/* Loop bodies around `to` are around `from` too. */
static bool check_entry(Verifier *v, int32_t from, int32_t to) {
    int32_t wanted = v->loop[to];
    if (wanted == NO_LOOP) return true;
    for (int32_t l = v->loop[from]; l != NO_LOOP; l = v->loop[l])
        if (l == wanted) return true;
    return fail(v, "jump into a loop");
}

static bool add_target(Verifier *v, int32_t to) {
    if (!check_entry(v, v->pc, to)) return false;
    if (takes_open(v->p->code[to]) || insn_op(v->p->code[to]) == OP_VARARGPREP)
        return fail(v, "jump to the second half of a pair");
    if (v->target[to] == 0) v->target[to] = ++v->ntargets;
    return true;
}

static bool find_targets(Verifier *v) {
    for (int32_t pc = 0; pc < v->n; pc++) {
        look_at(v, pc);
        if (is_jump(v->i) && !add_target(v, jump_target(v, pc))) return false;
        if (insn_op(v->i) == OP_LFALSESKIP && !add_target(v, pc + 2)) return false;
    }
    return true;
}

static bool in_controls(unsigned reg, unsigned a) { return reg >= a && reg < a + 3; }

static bool check_captures_in_loops(Verifier *v, unsigned reg) {
    for (int32_t l = v->loop[v->pc]; l != NO_LOOP; l = v->loop[l])
        if (in_controls(reg, insn_a(v->p->code[l])))
            return fail(v, "closure captures a loop's control");
    return true;
}

/* rule 7 for the instruction in view */
static bool check_controls(Verifier *v) {
    Range w = range_written(v->i, v->p->maxstack);
    if (w.from >= w.to) return true;
    for (int32_t l = v->loop[v->pc]; l != NO_LOOP; l = v->loop[l]) {
        unsigned a = insn_a(v->p->code[l]);
        if (w.from < a + 3 && w.to > a) return fail(v, "write to a loop's control");
    }
    return true;
}

/* What a closure captures exists, and a constant stays one. */
static bool check_closure(Verifier *v) {
    const Proto *inner = v->p->p[insn_x(v->i)];
    for (uint32_t j = 0; j < inner->sizeupvalues; j++) {
        const UpvalDesc *d = &inner->upvalues[j];
        if (d->idx >= (d->instack ? v->p->maxstack : v->p->sizeupvalues))
            return fail(v, "captured variable out of range");
        if (!d->instack && d->constant && !v->p->upvalues[d->idx].constant)
            return fail(v, "constant upvalue of a variable");
        if (!d->instack && !d->constant && v->p->upvalues[d->idx].constant)
            return fail(v, "variable upvalue of a constant");
        if (d->instack && !check_captures_in_loops(v, d->idx)) return false;
    }
    return true;
}

static bool check_loops(Verifier *v) {
    for (int32_t pc = 0; pc < v->n; pc++) {
        look_at(v, pc);
        if (!check_controls(v)) return false;
        if (insn_op(v->i) == OP_CLOSURE && !check_closure(v)) return false;
    }
    return true;
}

/* ------------------------------------------------------------------------ second pass: transfer */
static bool reads(Verifier *v, const Facts *f, unsigned reg) {
    return set_has(&f->assigned, reg) || fail(v, "read of an unassigned register");
}

static bool reads_range(Verifier *v, const Facts *f, Range r) {
    for (unsigned reg = r.from; reg < r.to; reg++)
        if (!reads(v, f, reg)) return false;
    return true;
}

static bool check_reads(Verifier *v, const Facts *f) {
    const Operands *o = &opcode_operands[insn_op(v->i)];
    if (role_reads(o->a) && !reads(v, f, insn_a(v->i))) return false;
    if (role_reads(o->b) && !reads(v, f, insn_rb(v->i))) return false;
    if (role_reads(o->c) && !reads(v, f, insn_rc(v->i))) return false;
    if (takes_open(v->i))
        return reads_range(v, f, (Range){insn_a(v->i), insn_a(v->p->code[v->pc - 1])});
    return reads_range(v, f, range_read(v->i));
}

static void assigns_range(Facts *f, Range r) {
    for (unsigned reg = r.from; reg < r.to; reg++) set_add(&f->assigned, reg);
}

/* A write may not change a captured constant. */
static bool check_constants(Verifier *v, const Facts *f, Range w) {
    for (unsigned reg = w.from; reg < w.to; reg++)
        if (set_has(&f->constant, reg)) return fail(v, "write to a captured constant");
    return true;
}

/* A call uses the stack from its base on. */
static bool clobbers_from(Verifier *v, Facts *f, unsigned base) {
    if (set_any_from(&f->captured, base) || set_any_from(&f->tbc, base))
        return fail(v, "call over a captured variable");
    set_truncate(&f->assigned, base);
    return true;
}

static bool marks_tbc(Verifier *v, Facts *f, unsigned reg) {
    if (set_any_from(&f->tbc, reg)) return fail(v, "variables to be closed are out of order");
    set_add(&f->tbc, reg);
    return true;
}

static bool captures(Verifier *v, Facts *f) {
    const Proto *inner = v->p->p[insn_x(v->i)];
    unsigned self = insn_a(v->i);
    for (uint32_t j = 0; j < inner->sizeupvalues; j++) {
        const UpvalDesc *d = &inner->upvalues[j];
        if (!d->instack) continue;
        if (d->idx != self && !reads(v, f, d->idx)) return false;
        if (set_has(&f->captured, d->idx) && set_has(&f->constant, d->idx) != d->constant)
            return fail(v, "captured as a constant and as a variable");
        set_add(&f->captured, d->idx);
        if (d->constant) set_add(&f->constant, d->idx);
    }
    return true;
}

static bool closes_enough(Verifier *v, const Facts *f) {
    bool closing =
        insn_op(v->i) == OP_RETURN || insn_op(v->i) == OP_TAILCALL ? insn_c(v->i) & 1 : false;
    if (!closing && (set_any_from(&f->captured, 0) || set_any_from(&f->tbc, 0)))
        return fail(v, "return without closing");
    return true;
}

/* CLOSURE writes its register after it captured: first the write, then the captures. */
static bool transfer_closure(Verifier *v, Facts *f) {
    Range w = {insn_a(v->i), insn_a(v->i) + 1u};
    if (!check_constants(v, f, w) || !captures(v, f)) return false;
    assigns_range(f, w);
    return true;
}

static bool transfer_call(Verifier *v, Facts *f) {
    unsigned a = insn_a(v->i), results = insn_c(v->i);
    if (!clobbers_from(v, f, a)) return false;
    if (results > 1) assigns_range(f, (Range){a, a + results - 1});
    return true;
}

static bool transfer_tailcall(Verifier *v, Facts *f) {
    if (set_any_from(&f->tbc, 0)) return fail(v, "tail call before a variable is closed");
    return closes_enough(v, f);
}

static bool transfer_tforcall(Verifier *v, Facts *f) {
    unsigned a = insn_a(v->i) + 4;
    if (!clobbers_from(v, f, a)) return false;
    assigns_range(f, (Range){a, a + insn_c(v->i)});
    return true;
}

static bool transfer_forprep(Verifier *v, Facts *f) {
    unsigned a = insn_a(v->i);
    for (unsigned reg = a; reg < a + 3; reg++)
        if (set_has(&f->captured, reg) || set_has(&f->tbc, reg))
            return fail(v, "loop over a captured variable");
    set_add(&f->assigned, a + 3);
    return true;
}

static void transfer_close(Facts *f, unsigned level) {
    set_truncate(&f->captured, level);
    set_truncate(&f->constant, level);
    set_truncate(&f->tbc, level);
}

static bool transfer_plain(Verifier *v, Facts *f) {
    Range w = range_written(v->i, v->p->maxstack);
    if (opcode_operands[insn_op(v->i)].a == ROLE_V) return true; /* only when it jumps */
    if (!check_constants(v, f, w)) return false;
    if (insn_op(v->i) == OP_VARARG && insn_c(v->i) == 0) {
        set_truncate(&f->assigned, w.from);
    } else {
        assigns_range(f, w);
    }
    return true;
}

/* Facts before the instruction to facts after it, on the path that does not jump. */
static bool transfer(Verifier *v, Facts *f) {
    if (!check_reads(v, f)) return false;
    switch (insn_op(v->i)) {
        case OP_CALL: return transfer_call(v, f);
        case OP_TAILCALL: return transfer_tailcall(v, f);
        case OP_TFORCALL: return transfer_tforcall(v, f);
        case OP_CLOSURE: return transfer_closure(v, f);
        case OP_FORPREP: return transfer_plain(v, f) && transfer_forprep(v, f);
        case OP_TBC: return marks_tbc(v, f, insn_a(v->i));
        case OP_TFORPREP: return marks_tbc(v, f, insn_a(v->i) + 3u);
        case OP_CLOSE: transfer_close(f, insn_a(v->i)); return true;
        case OP_RETURN: case OP_RETURN0: case OP_RETURN1: return closes_enough(v, f);
        default: return transfer_plain(v, f);
    }
}

/* --------------------------------------------------------------------------- second pass: paths */

/* What is true on both; returns whether that is less than a knew. */
static bool merge(Facts *a, const Facts *b) {
    Facts old = *a;
    for (unsigned w = 0; w < 4; w++) {
        a->assigned.word[w] &= b->assigned.word[w];
        a->tbc.word[w] |= b->tbc.word[w];
        a->captured.word[w] |= b->captured.word[w];
        a->constant.word[w] |= b->constant.word[w];
    }
    return memcmp(&old, a, sizeof old) != 0;
}

static void arrive(Verifier *v, int32_t pc, const Facts *f) {
    uint32_t t = v->target[pc] - 1;
    if (v->state[t] == 0)
        v->facts[t] = *f;
    else if (!merge(&v->facts[t], f))
        return;
    if (!(v->state[t] & TARGET_PENDING)) v->pending[v->npending++] = pc;
    v->state[t] |= TARGET_KNOWN | TARGET_PENDING;
}

/* The path on which the instruction jumps. */
static bool follow_jump(Verifier *v, const Facts *after) {
    Facts f = *after;
    if (insn_op(v->i) == OP_LFALSESKIP) {
        arrive(v, v->pc + 2, &f);
        return true;
    }
    if (opcode_operands[insn_op(v->i)].a == ROLE_V) {
        if (!check_constants(v, &f, (Range){insn_a(v->i), insn_a(v->i) + 1u})) return false;
        set_add(&f.assigned, insn_a(v->i));
    }
    if (insn_op(v->i) == OP_FORPREP)
        set_remove(&f.assigned, insn_a(v->i) + 3u); /* no iteration: no index */
    arrive(v, jump_target(v, v->pc), &f);
    return true;
}

static bool ends_path(unsigned op) {
    return op == OP_JMP || op == OP_LOOP || op == OP_LFALSESKIP || op == OP_TFORPREP ||
           is_return(op);
}

/* From pc to the next target or the path's end. */
static bool walk(Verifier *v, int32_t pc, Facts f) {
    for (;; pc++) {
        look_at(v, pc);
        if (!transfer(v, &f)) return false;
        unsigned op = insn_op(v->i);
        if ((is_jump(v->i) || op == OP_LFALSESKIP) && !follow_jump(v, &f)) return false;
        if (ends_path(op)) return true;
        if (v->target[pc + 1] != 0) {
            arrive(v, pc + 1, &f);
            return true;
        }
    }
}

static bool walk_all(Verifier *v) {
    Facts start = {0};
    assigns_range(&start, (Range){0, v->p->numparams});
    if (v->target[0] != 0) arrive(v, 0, &start);
    else if (!walk(v, 0, start)) return false;
    while (v->npending > 0) {
        int32_t pc = v->pending[--v->npending];
        uint32_t t = v->target[pc] - 1;
        v->state[t] &= (uint8_t)~TARGET_PENDING;
        if (!walk(v, pc, v->facts[t])) return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------ functions */
static bool check_frame(Verifier *v) {
    const Proto *p = v->p;
    if (p->sizecode == 0) return fail(v, "no code");
    if (p->maxstack < 2 || p->maxstack >= MAX_REG) return fail(v, "bad frame size");
    if (p->numparams > p->maxstack) return fail(v, "more parameters than registers");
    if (p->sizelineinfo != 0 && p->sizelineinfo != p->sizecode)
        return fail(v, "bad line information");
    return true;
}

static bool first_pass(Verifier *v) {
    return check_frame(v) && check_all_insns(v) && find_loops(v) && find_targets(v) &&
           check_loops(v);
}

/* The second pass needs memory by the number of targets. */
static bool second_pass(lua_State *L, Verifier *v) {
    if (v->ntargets == 0) return walk_all(v);
    size_t each = sizeof *v->facts + sizeof *v->pending + sizeof *v->state,
           size = v->ntargets * each;
    char *block = mem_try_realloc(L, NULL, 0, size);
    if (block == NULL) return fail(v, NULL);
    v->facts = (Facts *)(void *)block;
    v->pending = (int32_t *)(void *)(v->facts + v->ntargets);
    v->state = (uint8_t *)(v->pending + v->ntargets);
    for (uint32_t t = 0; t < v->ntargets; t++) v->state[t] = 0;
    bool ok = walk_all(v);
    mem_free(L, block, size);
    return ok;
}

const char *verify_function(lua_State *L, const Proto *p) {
    Verifier v = {.p = p, .n = (int32_t)p->sizecode};
    if (p->sizecode == 0) return "no code";
    size_t size = p->sizecode * (sizeof *v.target + sizeof *v.loop);
    void *block = mem_alloc(L, size);
    memset(block, 0, size);
    v.target = block;
    v.loop = (int32_t *)(v.target + p->sizecode);
    bool ok = first_pass(&v) && second_pass(L, &v);
    mem_free(L, block, size);
    if (!ok && v.fault == NULL) state_throw(L, LUA_ERRMEM);
    return ok ? NULL : v.fault;
}

const char *front_verify(lua_State *L, const Proto *p) {
    const char *fault = verify_function(L, p);
    for (uint32_t i = 0; fault == NULL && i < p->sizep; i++) fault = front_verify(L, p->p[i]);
    return fault;
}
