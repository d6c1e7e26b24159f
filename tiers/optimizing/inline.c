// SPDX-License-Identifier: MIT
/* Calls of Lua functions built in place.
 *
 *      outermost   | r0 r1 .. | A: function | arguments, registers ...          slots of the stack
 *      inlined                              | r0 r1 .. | A: function | ...
 *                                           ^ base
 *
 * The callee is built by a Builder of its own whose register 0 is the slot behind the called function,
 * where the interpreter would have it; its returns meet behind its last instruction, with the results
 * as registers 0, 1, ... Frames exist in states only: an exit stores what is live to the slots of all
 * frames, and the runtime makes the frames (leave_optimised).
 *
 * So inlined code never does what needs its frame: slow paths, calls that are not inlined. While nothing that it did can be seen, the outermost call is made instead, from the beginning
 * (Builder.retries): of a recursive function, or one with a rare slow part, what is inlined are the short ways through. Behind
 * an effect it exits without blame (CODE_EXIT_PLAIN); a function that is known to come to that is not inlined.
 *
 * Open results (f(g(x)) with g inlined) are of a known number then: the Builder works on a copy of the code where both
 * instructions say it, and the top of the stack is set for lower tiers that go on at the second.
 *
 * A tail call by the outermost function takes over its frame, which no exit can undo. So a callee is
 * inlined there only if nothing that it does can be seen; its exits begin with the tail call again (Builder.restarts).
 *
 * An inlined call is not counted by its callee's budget.
 */
#include <string.h>

#include "front/operands.h"
#include "state/state.h"
#include "tiers/optimizing/builtins.h"

/* Instructions inlined in all, by JitFunction.effort. */
static const unsigned max_size[] = {500, 150, 150, 0};
enum { MAX_CALLEE = 100, MAX_LOOPING = 40, MAX_DEPTH = 6, MAX_EXTENT = 1000, MAX_EXTRA = 16, MANY_SLOW = 16 /* of what baseline code ran */ };

static Builder *outermost(Builder *b) {
    while (b->outer != NULL) b = b->outer;
    return b;
}

static void note(Builder *b, uint32_t pc, const JitFunction *callee, const char *why) {
    Note *n = arena_alloc(b->g->arena, sizeof *n);
    *n = (Note){b->g->notes, b->f, callee != NULL ? callee->name : "?", why, pc};
    b->g->notes = n;
}

/* ------------------------------------------------------------------------------------ decisions */

static bool is_call(const Builder *b, uint32_t pc) {
    Insn i = b->f->code[pc];
    bool in_tail = insn_op(i) == OP_TAILCALL && !(insn_c(i) & 1) && (b->outer != NULL || !b->f->isvararg);
    return (insn_op(i) == OP_CALL || in_tail) && insn_d(b->f->quick[pc]) < b->f->ncells;
}

/* Open results go to the next instruction. */
static bool is_open(const Builder *b, uint32_t pc) { return insn_op(b->f->code[pc]) == OP_CALL && insn_c(b->f->code[pc]) == 0; }
static bool takes_open(Insn i) { return insn_b(i) == 0 && (insn_op(i) == OP_CALL || insn_op(i) == OP_TAILCALL || insn_op(i) == OP_RETURN); }

/* Instructions that access fields by keys of any kind, or ask for the length: their handlers are noted. */
static bool is_get(unsigned op) { return op == OP_GETFIELD || op == OP_GETTABLE || op == OP_LEN; }
static bool is_set(unsigned op) { return op == OP_SETFIELD || op == OP_SETFIELDK || op == OP_SETTABLE || op == OP_SETTABLEK; }

/* Does the profile of the instruction say that the metamethod noted for it is the only one? Caches of fields know better, and a call
 * that met something else is made. */
static bool relies_on_note(const Builder *b, uint32_t pc) {
    switch (insn_op(b->f->code[pc])) {
        case OP_CALL: return insn_b(b->f->code[pc]) != 0 && insn_d(b->f->quick[pc]) < b->f->ncells && b->f->seen != NULL && !b->f->seen[pc][SEEN_SLOW];
        case OP_GETFIELD: return insn_op(b->f->quick[pc]) == OP_GETFIELD_ANY;
        case OP_SETFIELD: return insn_op(b->f->quick[pc]) == OP_SETFIELD_ANY;
        case OP_SETFIELDK: return insn_op(b->f->quick[pc]) == OP_SETFIELDK_ANY;
        default: return true;
    }
}

/* The metamethod that an operator, an access or a call comes to; NULL: none, or not always the same. */
static const Meta *meta_at(const Builder *b, uint32_t pc) {
    for (uint32_t n = 0; n < b->f->nmetas; n++)
        if (b->f->metas[n].pc == pc) return b->f->metas[n].several || b->f->handlers[n] == NULL || !relies_on_note(b, pc) ? NULL : &b->f->metas[n];
    return NULL;
}

/* A table is called that has a metamethod for it. */
static bool is_object_call(const Builder *b, uint32_t pc) { return insn_op(b->f->code[pc]) == OP_CALL && meta_at(b, pc) != NULL; }

/* The instruction calls a metamethod that the profile names, for a result of its own. */
static bool calls_metamethod(const Builder *b, uint32_t pc) {
    unsigned op = insn_op(b->f->quick[pc]);
    if (op == OP_CALL) return false;
    if (meta_at(b, pc) != NULL) return true;
    if (op != OP_GETFIELD_CALL && op != OP_SETFIELD_CALL && op != OP_SETFIELDK_CALL) return false;
    return insn_d(b->f->quick[pc]) < b->f->ncells && b->f->cells[insn_d(b->f->quick[pc])].kind == CELL_CALL;
}

/* A call of pcall, which always calls one function. */
static bool is_protected_call(const Builder *b, uint32_t pc) {
    Insn i = b->f->code[pc];
    if (insn_op(i) != OP_CALL || insn_b(i) < 2 || insn_c(i) == 0 || insn_d(b->f->quick[pc]) >= b->f->ncells) return false;
    const Cell *c = &b->f->cells[insn_d(b->f->quick[pc])];
    return c->kind == CELL_CFUNCTION && c->calls == CALLS_PCALL && b->f->seen != NULL && !b->f->seen[pc][SEEN_SLOW];
}

bool in_protected_call(const Builder *b) {
    bool result = false;
    for (; b != NULL; b = b->outer) result |= b->guarded;
    return result;
}

/* Where the function called stands: metamethods, above the registers; behind pcall and its first result. */
static unsigned place_of_function(const Builder *b, uint32_t pc) {
    if (calls_metamethod(b, pc)) return b->f->maxstack;
    return insn_a(b->f->code[pc]) + (is_protected_call(b, pc) ? 2 : 0);
}

static unsigned count_arguments(const Builder *b, uint32_t pc) {
    if (calls_metamethod(b, pc)) return is_set(insn_op(b->f->code[pc])) ? 3 : 2;
    return insn_b(b->f->code[pc]) - 1 - is_protected_call(b, pc) + is_object_call(b, pc);
}

static unsigned recursions(const Builder *b, const JitFunction *f) {
    unsigned n = 0;
    for (; b != NULL; b = b->outer) n += b->f == f;
    return n;
}

static unsigned depth_of(const Builder *b) {
    unsigned n = 0;
    for (; b->outer != NULL; b = b->outer) n++;
    return n;
}

/* How many values the instruction returns; -1: any number. */
static int count_returned(Insn i) {
    switch (insn_op(i)) {
        case OP_RETURN0: return 0;
        case OP_RETURN1: return 1;
        default: return (int)insn_b(i) - 1;
    }
}

static unsigned count_calls(const JitFunction *f, const JitFunction *callee) {
    unsigned n = 0;
    for (uint32_t d = 0; f->callees != NULL && d < f->ncells; d++) n += f->callees[d] == callee;
    return n;
}

/* How often a function is inlined into itself. It saves the calls near the leaves: most of them in a tree; in a chain
 * there are none. */
static unsigned most_recursions(const JitFunction *f) {
    unsigned n = count_calls(f, f);
    return n < 2 ? 0 : n == 2 && f->ninsns <= 24 ? 3 : 1;
}


/* What such a loop leaves open is closed behind it. */
static bool has_generic_loop(const JitFunction *f) {
    for (uint32_t pc = 0; pc < f->ninsns; pc++)
        if (insn_op(f->code[pc]) == OP_TFORPREP) return true;
    return false;
}

/* What instruction pc, which runs, needs a frame for; NULL: nothing. */
static const char *needs_frame(const Builder *b, uint32_t pc) {
    unsigned op = insn_op(b->f->code[pc]), quick = insn_op(b->f->quick[pc]);
    const uint8_t *seen = b->f->seen[pc];
    if (calls_metamethod(b, pc) && b->inlined[pc] != NULL) return NULL;
    if ((op == OP_NEWTABLE || op == OP_SETLIST || op == OP_CONCAT) && in_protected_call(b)) return "it makes objects in a protected call";
    switch (op) {
        case OP_CALL: case OP_TAILCALL:
            if (b->inlined[pc] != NULL) return NULL;
            if (op == OP_TAILCALL && b->exact && b->wanted != 1) return "it returns any number of values";
            if (in_protected_call(b) && !builtin_is_pure(b, pc)) return "it calls";
            return is_builtin(b, pc) ? NULL : "it calls";
        case OP_CLOSURE: return makes_closure(b, pc) ? NULL : "it makes closures";
        case OP_CLOSE: return has_generic_loop(b->f) ? "it has a generic loop" : NULL;
        case OP_TBC: return "it closes variables";
        case OP_VARARGPREP: return NULL;
        case OP_VARARG: return insn_c(b->f->code[pc]) != 0 || takes_extra(b, pc + 1) ? NULL : "it takes extra arguments";
        case OP_NEWTABLE: return makes_table(b, pc) ? NULL : "it makes tables";
        case OP_SETLIST: return makes_list(b, pc) ? NULL : "it makes lists";
        case OP_CONCAT: return joins_strings(b, pc) ? NULL : "it makes strings";
        case OP_TFORCALL: return is_builtin(b, pc) ? NULL : "it has a generic loop";
        case OP_RETURN: case OP_RETURN0: case OP_RETURN1: {
            int n = count_returned(b->f->code[pc]);
            if (op == OP_RETURN && (insn_c(b->f->code[pc]) & 1) && has_generic_loop(b->f)) return "it has a generic loop";
            return n < 0 || (b->exact && n != (int)b->wanted) ? "it returns any number of values" : NULL;
        }
        case OP_FORLOOP: return seen[SEEN_FLT] ? "it has a loop over floats" : NULL;
        case OP_GETFIELD: case OP_GETTABUP: case OP_SELF: case OP_SETFIELD: case OP_SETFIELDK: case OP_SETTABUP: case OP_SETTABUPK:
            if (quick == op || quick == OP_GETFIELD_CALL || quick == OP_SETFIELD_CALL || quick == OP_SETFIELDK_CALL) return "it calls metamethods";
            break;
        default: break;
    }
    if (seen[seen_slow(op)] >= MANY_SLOW) return "it takes slow paths";
    bool on_numbers = (op >= OP_SUBI && op <= OP_BNOT) || (op >= OP_JLT && op <= OP_JNLE) || (op >= OP_JLTI && op <= OP_JNGEI);
    return (on_numbers || op == OP_JEQ || op == OP_JNE) && seen[SEEN_SLOW] ? "it calls metamethods" : NULL;
}

static bool is_store(unsigned op) { return op == OP_SETUPVAL || (op >= OP_SETTABUP && op <= OP_SETFIELDK); }
static bool is_return(unsigned op) { return op == OP_RETURN || op == OP_RETURN0 || op == OP_RETURN1 || op == OP_TAILCALL; }

enum { NOT_MET, CLEAN, DIRTY };

bool calls_after_all(const Builder *n) {
    bool result = n->others;
    for (; n != NULL; n = n->next) result |= n->retries;
    return result;
}

static bool has_effects(const Builder *n) {
    bool result = false;
    for (; n != NULL; n = n->next) result |= n->effects;
    return result;
}

/* One instruction of the survey; NULL: well. */
static const char *survey_at(Builder *n, uint32_t pc, bool *changed) {
    const Builder *m = n->inlined[pc];
    const char *why = needs_frame(n, pc);
    if (why == NULL && m != NULL && calls_after_all(m)) why = "it calls";
    n->retries |= why != NULL;
    if (why != NULL && n->dirty[pc] == DIRTY) return why;
    if (why != NULL && m == NULL) return NULL; /* nothing behind it is built */
    bool effect = is_store(insn_op(n->f->code[pc])) || (m != NULL && has_effects(m)) || (m == NULL && is_builtin(n, pc) && !builtin_is_pure(n, pc));
    uint8_t out = effect ? DIRTY : n->dirty[pc];
    uint32_t succ[2];
    n->effects |= out == DIRTY;
    n->returns |= is_return(insn_op(n->f->code[pc]));
    if (insn_op(n->f->code[pc]) == OP_TAILCALL) return NULL; /* what follows is for calls that leave */
    for (unsigned s = insn_successors(n->f, pc, succ); s-- > 0;) {
        if (!n->reached[succ[s]] || n->dirty[succ[s]] >= out) continue;
        n->dirty[succ[s]] = out;
        *changed = true;
    }
    return NULL;
}

/* What does the callee come to before it needs a frame, and what was seen of it by then? */
static const char *unsuitable(Builder *n) {
    n->dirty = arena_alloc(n->g->arena, n->f->ninsns + 1);
    n->dirty[0] = CLEAN;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t pc = 0; pc < n->f->ninsns; pc++) {
            const char *why = n->dirty[pc] != NOT_MET ? survey_at(n, pc, &changed) : NULL;
            if (why != NULL) return why;
        }
    }
    if (n->restarts && n->effects) return "what it does can be seen";
    if (n->restarts && is_metered(n)) return "its steps are counted";
    return n->returns ? NULL : "it always needs its frame";
}

static bool has_loop(const JitFunction *f) {
    for (uint32_t pc = 0; pc < f->ninsns; pc++)
        if (opcode_loops(insn_op(f->code[pc]))) return true;
    return false;
}

static const char *refuse(Builder *b, uint32_t pc, const JitFunction *f) {
    bool meta = calls_metamethod(b, pc), own_cell = meta_at(b, pc) == NULL;
    const Builder *root = outermost(b);
    if (f == NULL || f->ninsns > (has_loop(f) ? MAX_LOOPING : MAX_CALLEE)) return "it is large, or there are many";
    if (own_cell && b->f->cells[insn_d(b->f->quick[pc])].misses == CELL_GIVEUP) return "it needed its frame too often";
    if (!meta && (insn_b(b->f->code[pc]) == 0 || (is_open(b, pc) && !takes_open(b->f->code[pc + 1])))) return "any number of values is passed";
    if (f->isvararg && count_arguments(b, pc) > f->numparams + (unsigned)MAX_EXTRA) return "it takes extra arguments";
    if (f->seen == NULL) return "it never ran compiled";
    if (recursions(b, f) > most_recursions(f)) return "it is recursive";
    if (depth_of(b) >= MAX_DEPTH) return "calls are nested too deeply";
    if (root->size + f->ninsns > max_size[b->g->function->effort] || b->base + place_of_function(b, pc) + f->maxstack > MAX_EXTENT) return "the function gets too large";
    return NULL;
}

static unsigned larger(unsigned x, unsigned y) { return x > y ? x : y; }

/* How many values a call in pc's place gives. */
static unsigned count_results(const Builder *b, uint32_t pc, const JitFunction *f, bool exact) {
    Insn i = b->f->code[pc];
    if (calls_metamethod(b, pc)) return !is_set(insn_op(b->f->code[pc]));
    if (is_protected_call(b, pc)) return insn_c(i) > 1 ? insn_c(i) - 2 : 0;
    if (!exact) return insn_op(i) == OP_TAILCALL ? b->wanted : insn_c(i) - 1;
    if (insn_op(i) == OP_TAILCALL) return b->outer != NULL ? b->wanted : 1;
    for (uint32_t p = 0; p < f->ninsns; p++) { /* open: what its first return gives */
        unsigned op = insn_op(f->code[p]);
        if (op != OP_RETURN && op != OP_RETURN0 && op != OP_RETURN1) continue;
        return count_returned(f->code[p]) > 0 ? (unsigned)count_returned(f->code[p]) : 1;
    }
    return 1;
}

/* So that it can be changed. */
static void copy_code(Builder *b) {
    if (b->f != b->original) return;
    size_t size = b->f->ninsns * sizeof(Insn);
    JitFunction *copy = arena_alloc(b->g->arena, sizeof *copy);
    *copy = *b->f;
    copy->code = memcpy(arena_alloc(b->g->arena, size), b->f->code, size);
    copy->quick = memcpy(arena_alloc(b->g->arena, size), b->f->quick, size);
    b->f = copy;
}

/* The call at pc has that many results, and the instruction behind it takes them. */
static void close_call(Builder *b, uint32_t pc, unsigned count) {
    copy_code(b);
    Insn taker = b->f->code[pc + 1];
    uint64_t given = insn_a(b->f->code[pc]) + count - insn_a(taker) + (insn_op(taker) == OP_RETURN);
    for (int n = 0; n < 2; n++) {
        Insn *code = (Insn *)(uintptr_t)(n ? b->f->quick : b->f->code);
        code[pc] |= (Insn)(count + 1) << 32;
        code[pc + 1] |= given << 16;
    }
}

/* All extra arguments go to the next instruction: both say how many. */
static void close_extra(Builder *b, uint32_t pc) {
    Insn *code[] = {(Insn *)(uintptr_t)b->f->code, (Insn *)(uintptr_t)b->f->quick};
    Insn taker = code[0][pc + 1];
    unsigned op = insn_op(taker);
    uint64_t given = insn_a(code[0][pc]) + b->nextra - insn_a(taker);
    given = op == OP_RETURN ? given + 1 : op == OP_SETLIST ? given - 1 : given;
    for (int n = 0; n < 2; n++) {
        code[n][pc] |= (Insn)(b->nextra + 1) << 32;
        if (op == OP_SETLIST && given == 0) code[n][pc + 1] = insn_abj(OP_JMP, 0, 0, 0);
        else code[n][pc + 1] |= given << 16;
    }
}

static bool gives_all_extra(const Builder *b, uint32_t pc) {
    if (insn_op(b->original->code[pc]) != OP_VARARG || insn_c(b->original->code[pc]) != 0) return false;
    Insn taker = b->original->code[pc + 1];
    return takes_open(taker) || (insn_op(taker) == OP_SETLIST && insn_b(taker) == 0);
}

/* Of a function whose extra arguments are known; not for library functions that take them from where they are. */
static void close_all_extra(Builder *b) {
    if (b->outer == NULL || !b->f->isvararg) return;
    copy_code(b);
    for (uint32_t pc = 0; pc + 1 < b->f->ninsns; pc++)
        if (gives_all_extra(b, pc) && !takes_extra(b, pc + 1)) close_extra(b, pc);
}

bool takes_closed_extra(const Builder *b, uint32_t pc) { return pc > 0 && b->outer != NULL && gives_all_extra(b, pc - 1) && insn_c(b->f->code[pc - 1]) != 0; }

/* Registers that it comes to use, with open values closed. */
static unsigned count_registers(const JitFunction *f, unsigned nextra) {
    unsigned most = f->maxstack;
    for (uint32_t pc = 0; pc < f->ninsns; pc++)
        if (insn_op(f->code[pc]) == OP_VARARG && insn_c(f->code[pc]) == 0) most = larger(most, insn_a(f->code[pc]) + nextra);
    return most;
}

/* The instruction at hand takes results that a builtin gave in place: lower tiers look for their end. */
void set_top_of_builtin(Builder *b) {
    if (b->f == b->original || b->pc == 0 || b->restarts || insn_b(b->original->code[b->pc]) != 0 || !takes_open(b->original->code[b->pc])) return;
    unsigned number = insn_b(b->insn), end = insn_a(b->insn) + number - (insn_op(b->insn) == OP_RETURN);
    if (number != 0 && is_builtin(b, b->pc - 1)) emit0(b, N_SET_TOP, b->base + end);
}

/* last: what was built in this place in the attempt before */
static Builder *prepare(Builder *b, uint32_t pc, JitFunction *f, Builder *last) {
    Builder *n = arena_alloc(b->g->arena, sizeof *n);
    n->g = b->g;
    n->f = f;
    n->outer = b;
    n->tail = insn_op(b->f->code[pc]) == OP_TAILCALL;
    n->open = is_open(b, pc);
    n->exact = n->open || (n->tail && (b->outer == NULL || b->exact));
    n->restarts = b->restarts || (n->tail && b->outer == NULL);
    n->wanted = count_results(b, pc, f, n->exact);
    n->func = n->tail && b->outer != NULL ? b->func : place_of_function(b, pc);
    n->meta = n->tail && b->outer != NULL ? b->meta : calls_metamethod(b, pc);
    n->guarded = n->tail && b->outer != NULL ? b->guarded : is_protected_call(b, pc);
    n->given = n->tail && b->outer != NULL ? b->given : n->meta ? n->wanted : insn_c(b->original->code[pc]) - 1;
    if (f->isvararg) {
        unsigned nargs = count_arguments(b, pc);
        n->shift = larger(nargs, f->numparams) + 1;
        n->nextra = n->shift - 1 - f->numparams;
        n->extra = arena_alloc(b->g->arena, (n->nextra + 1) * sizeof(GNode *));
    }
    n->nregs = larger(count_registers(f, n->nextra), n->wanted);
    n->base = (n->tail && b->outer != NULL ? b->base - b->shift : b->base + n->func + 1) + n->shift;
    begin_attempt(n, last);
    regs_add_range(&n->live[f->ninsns], 0, n->wanted);
    return n;
}

/* What f is built with in place of a call of it, if it is. */
static Builder *plan_callee(Builder *b, uint32_t pc, JitFunction *f, Builder *last) {
    Builder *result = NULL, *root = outermost(b);
    unsigned size = root->size, extent = root->extent;
    const char *why = refuse(b, pc, f);
    if (why == NULL) {
        root->size += f->ninsns;
        Builder *n = prepare(b, pc, f, last);
        root->extent = larger(root->extent, n->base + n->nregs + 1 + (n->guarded ? LUA_MINSTACK : 0)); /* for the frame of pcall */
        why = unsuitable(n);
        if (why == NULL && !n->meta && insn_a(b->f->code[pc]) + n->wanted + is_protected_call(b, pc) > b->nregs) why = "its results do not fit the frame";
        if (why == NULL) result = n;
    }
    if (why != NULL) {
        root->size = size;
        root->extent = extent;
    }
    note(b, pc, f, why);
    return result;
}

static void plan(Builder *b, uint32_t pc, Builder *last) {
    const Meta *m = meta_at(b, pc);
    if (m != NULL) b->inlined[pc] = plan_callee(b, pc, b->f->handlers[m - b->f->metas], last);
    else if (!is_builtin(b, pc) && !is_self_tail(b, pc)) b->inlined[pc] = plan_callee(b, pc, b->f->callees[insn_d(b->f->quick[pc])], last);
    if (b->inlined[pc] != NULL && b->inlined[pc]->open) close_call(b, pc, b->inlined[pc]->wanted);
}

/* A call of one of a few functions: those that can be are inlined, one after the other. */
static void plan_few(Builder *b, uint32_t pc, Builder *last) {
    JitFunction *const *few = b->f->few[insn_d(b->f->quick[pc])];
    const Cell *entries = b->f->cells[insn_d(b->f->quick[pc])].u.poly;
    Builder **to = &b->inlined[pc];
    bool others = false;
    for (unsigned n = 0; n < POLY_MAX && entries[n].kind == CELL_TARGET; n++) {
        Builder *before = last;
        while (before != NULL && before->original != few[n]) before = before->next;
        *to = plan_callee(b, pc, few[n], before);
        if (*to != NULL && (*to)->open && (*to)->wanted != b->inlined[pc]->wanted) *to = NULL; /* open results are closed for all of them */
        if (*to != NULL) to = &(*to)->next;
        else others = true;
    }
    if (b->inlined[pc] == NULL) return;
    b->inlined[pc]->others = others;
    if (b->inlined[pc]->open) close_call(b, pc, b->inlined[pc]->wanted);
}

/* How many values unpack gives at pc, whose results are all taken: its table was made by a constructor with a list. 0: not known. What is
 * found is checked (build_unpack). */
static unsigned count_unpacked(const Builder *b, uint32_t pc) {
    const JitFunction *f = b->f;
    unsigned r = insn_a(f->code[pc]) + 1, count = 0;
    if (!unpacks_all(b, pc) || pc == 0) return 0;
    if (insn_op(f->code[pc - 1]) == OP_MOVE && insn_a(f->code[pc - 1]) == r) r = insn_rb(f->code[pc - 1]);
    for (uint32_t p = 0; p < pc; p++) {
        Insn i = f->code[p];
        if (insn_op(i) == OP_SETLIST && insn_a(i) == r) count = insn_x(i) == 0 ? insn_b(i) : 0;
    }
    return count <= MOST_UNPACKED && insn_a(f->code[pc]) + count <= f->maxstack ? count : 0;
}

void plan_inlining(Builder *b, Builder *last) {
    const JitFunction *f = b->f;
    b->inlined = arena_alloc(b->g->arena, (f->ninsns + 1) * sizeof(Builder *));
    close_all_extra(b);
    f = b->f;
    if (f->callees == NULL) return;
    for (uint32_t pc = 0; pc < f->ninsns; pc++)
        if (builtin_gives_one(b, pc) && takes_open(b->f->code[pc + 1])) close_call(b, pc, 1);
        else if (pc + 1 < f->ninsns && takes_open(b->f->code[pc + 1]) && count_unpacked(b, pc) > 0) close_call(b, pc, count_unpacked(b, pc));
        else if (insn_op(f->code[pc]) == OP_CALL && is_call(b, pc) && f->cells[insn_d(f->quick[pc])].kind == CELL_FEW)
            plan_few(b, pc, last != NULL ? last->inlined[pc] : NULL);
        else if (calls_metamethod(b, pc) || (is_call(b, pc) && f->cells[insn_d(f->quick[pc])].kind == CELL_TARGET) || is_protected_call(b, pc) || is_object_call(b, pc)) plan(b, pc, last != NULL ? last->inlined[pc] : NULL);
}

/* ------------------------------------------------------------------------------ extra arguments */

GNode *count_extra(Builder *b) { return b->outer != NULL ? const_int(b, b->nextra) : emit0(b, N_EXTRA_COUNT, 0); }

/* Of inlined code by a number not known: from slots that the caller used for the arguments. */
static GNode *extra_from_slots(Builder *b, GNode *n) {
    unsigned first = b->base - 1 - b->nextra;
    if (b->nextra == 0) return const_nil(b);
    return emit1(b, N_EXTRA_AT, n, (int64_t)((uint64_t)b->nextra << 32 | first));
}

GNode *extra_argument(Builder *b, GNode *n) {
    if (b->outer == NULL) return emit1(b, N_EXTRA_ARG, n, 0);
    if (n->op != N_INT) return extra_from_slots(b, n);
    return n->imm.u < b->nextra ? b->extra[n->imm.u] : const_nil(b);
}

static bool selects(const Builder *b) {
    for (uint32_t pc = 1; pc < b->f->ninsns; pc++)
        if (takes_extra(b, pc)) return true;
    return false;
}

/* For those that will be read by number. */
static void store_extra(Builder *b) {
    for (unsigned i = 0; i < b->nextra && selects(b); i++) emit1(b, N_PUT_SLOT, b->extra[i], b->base - 1 - b->nextra + i);
}

/* ------------------------------------------------------------------------------------- building */

static unsigned register_called(const Builder *b) { return insn_a(b->insn) + is_protected_call(b, b->pc); }

/* What the instruction calls. */
static GNode *function_called(Builder *b, const Builder *n) {
    if (!calls_metamethod(b, b->pc)) return get_reg(b, register_called(b));
    (void)n;
    return emit0(b, N_FIXED_FIELD, (int64_t)(uintptr_t)b->f->cells[insn_d(b->insn)].u.slot);
}

/* A function in Lua by which the table in R[A] is called. */
static GNode *function_of_object(Builder *b) {
    GNode *t = get_reg(b, insn_a(b->insn));
    if (t->type != T_TABLE) {
        guard(b, t->type == T_VALUE ? emit1(b, N_HAS_TAG, t, TAG_TABLE) : const_bool(b, false), DEOPT_CALLEE);
        t = emit_typed(b, N_UNTAG, T_TABLE, t, TAG_TABLE);
    }
    GNode *f = emit2(b, N_HANDLER, t, const_nil(b), TM_CALL);
    guard(b, emit1(b, N_HAS_TAG, f, TAG_LCL), DEOPT_CALLEE);
    return emit_typed(b, N_UNTAG, T_LCL, f, TAG_LCL);
}

/* The function called: one in Lua. */
static GNode *typed_function(Builder *b, const Builder *n) {
    if (is_object_call(b, b->pc)) return function_of_object(b);
    unsigned a = register_called(b);
    GNode *x = function_called(b, n);
    if (x->type != T_LCL) {
        guard(b, x->type == T_VALUE ? emit1(b, N_HAS_TAG, x, TAG_LCL) : const_bool(b, false), DEOPT_CALLEE);
        GNode *f = emit_typed(b, N_UNTAG, T_LCL, x->type == T_VALUE || n->meta ? x : b->reg[a].value, TAG_LCL);
        refine(b, x, f);
        x = f;
    }
    return x;
}

/* Was it read from a global variable? */
static bool is_global(const Builder *b, const GNode *x) {
    while (x->op == N_UNTAG) x = x->in[0];
    return (x->op == N_FIELD || x->op == N_FAR_FIELD) && x->pc < b->f->ninsns && insn_op(b->f->code[x->pc]) == OP_GETTABUP && x->function == b->original;
}

/* ... made sure of */
static GNode *callee(Builder *b, const Builder *n) {
    GNode *x = typed_function(b, n);
    guard(b, emit1(b, N_CLOSURE_IS, x, (int64_t)n->f->proto), is_global(b, x) ? DEOPT_GLOBAL : DEOPT_CALLEE);
    return x;
}

/* Goes on where cond holds; gives the block where it does not. */
static Block *split(Builder *b, GNode *cond) {
    Block *from = b->at, *other;
    emit1(b, N_BRANCH, cond, 0);
    b->at = graph_block(b->g, b->pc);
    graph_edge(b->g, from, b->at);
    other = graph_block(b->g, b->pc);
    graph_edge(b->g, from, other);
    return other;
}

/* What lies below the frame of a function with extra arguments goes with the caller's registers. */
static State *with_extra(Builder *b, const Builder *n, State *s, unsigned a, GNode *f) {
    if (n->shift == 0) return s;
    s = state_resize(b->g, s, larger(s->nregs, a + n->shift + 1));
    for (unsigned i = 1; i < n->shift; i++) s->reg[a + i] = i <= n->f->numparams ? const_nil(b) : n->extra[i - 1 - n->f->numparams];
    s->reg[a + n->shift] = f;
    return s;
}

/* The caller while it waits: the debug library may look at all its registers below the function. */
static State *waiting(Builder *b, const Builder *n, GNode *f) {
    unsigned a = insn_a(b->insn);
    if (n->meta) a = n->func;
    State *s = state_new(b->g, b->original, b->pc + 1);
    describe_frame(b, s);
    for (unsigned r = 0; r < a; r++)
        if (regs_has(&b->live[b->pc], r) && !b->reg[r].clean) s->reg[r] = b->reg[r].value;
    if (n->meta) s = state_resize(b->g, s, a + 1);
    if (n->guarded) {
        s = state_resize(b->g, s, larger(s->nregs, a + 3));
        if (!b->reg[a].clean) s->reg[a] = b->reg[a].value;
        s->reg[a + 1] = const_bool(b, true);
        s->reg[a += 2] = f;
    } else if (n->meta || is_object_call(b, b->pc) || !b->reg[a].clean) {
        s->reg[a] = f;
    }
    return with_extra(b, n, s, a, f);
}

/* A tail call takes over the frame: the caller's caller waits for it instead. */
static State *waiting_for_tail(Builder *b, const Builder *n, GNode *f) {
    unsigned a = b->func;
    State *s = state_resize(b->g, b->frame, larger(b->frame->function->maxstack, a + 1));
    for (unsigned r = a + 1; r < s->nregs; r++) s->reg[r] = NULL; /* extra arguments of this function */
    s->reg[a] = f;
    return with_extra(b, n, s, a, f);
}

/* Argument i of what the instruction calls. */
static GNode *operand_given(Builder *b, unsigned i) {
    Insn insn = b->f->code[b->pc];
    unsigned op = insn_op(insn);
    if (op >= OP_JEQ && op <= OP_JNLE) return get_reg(b, i == 0 ? insn_a(insn) : insn_rb(insn));
    bool literal = op == OP_ADDI || op == OP_SUBI, constant = op >= OP_ADDK && op <= OP_SHRK;
    if ((literal || constant) && (insn_b(insn) & FLIP)) i = !i;
    if (i == 0 || op == OP_UNM || op == OP_BNOT) return get_reg(b, insn_rb(insn));
    return literal ? const_int(b, insn_sc(insn)) : constant ? const_value(b, &b->f->k[insn_c(insn)]) : get_reg(b, insn_rc(insn));
}

/* Of an access: the object, the key, and what is stored. */
static GNode *part_of_access(Builder *b, unsigned i) {
    unsigned op = insn_op(b->f->code[b->pc]);
    const TValue *k = b->f->k;
    if (i == 0) return get_reg(b, is_get(op) ? insn_rb(b->insn) : insn_a(b->insn));
    if (i == 2) return op == OP_SETFIELDK || op == OP_SETTABLEK ? const_value(b, &k[insn_c(b->insn)]) : get_reg(b, insn_rc(b->insn));
    switch (op) {
        case OP_GETFIELD: return const_value(b, &k[insn_c(b->insn)]);
        case OP_GETTABLE: return get_reg(b, insn_rc(b->insn));
        case OP_LEN: return get_reg(b, insn_rb(b->insn)); /* handlers get it twice */
        case OP_SETTABLE: case OP_SETTABLEK: return get_reg(b, insn_rb(b->insn));
        default: return const_value(b, &k[insn_b(b->insn)]);
    }
}

static bool is_access(const Builder *b) { return is_get(insn_op(b->f->code[b->pc])) || is_set(insn_op(b->f->code[b->pc])); }

static GNode *argument_given(Builder *b, unsigned i) {
    if (is_object_call(b, b->pc)) return get_reg(b, insn_a(b->insn) + i);
    if (!calls_metamethod(b, b->pc)) return get_reg(b, register_called(b) + 1 + i);
    return is_access(b) ? part_of_access(b, i) : operand_given(b, i);
}

static Reg argument(Builder *b, const Builder *n, unsigned i) {
    unsigned r = insn_a(b->insn) + 1 + i, nargs = count_arguments(b, b->pc);
    if (i >= n->f->numparams) return (Reg){.type = T_VALUE, .clean = true};
    if (i >= nargs) return (Reg){.value = const_nil(b)};
    GNode *x = argument_given(b, i);
    if (n->meta || n->guarded || is_object_call(b, b->pc)) return (Reg){.value = x};
    return (Reg){.value = x, .clean = !n->tail && n->shift == 0 && b->reg[r].clean}; /* the slot is the same */
}

static void begin(Builder *b, Builder *n) {
    Reg *reg = arena_alloc(b->g->arena, n->nregs * sizeof(Reg));
    for (unsigned i = 0; i < n->nregs; i++) reg[i] = argument(b, n, i);
    n->at = b->at;
    n->reg = reg;
    for (unsigned i = 0; i < n->f->numparams; i++) keep_argument(n, i);
    store_extra(n);
    arrive(n, 0, b->at, reg);
    b->at = NULL;
}

/* A comparison's metamethod gave its result. */
static bool finish_comparison(Builder *b, const Builder *n) {
    Insn i = b->f->code[b->pc];
    if (insn_op(i) < OP_JEQ || insn_op(i) > OP_JNLE) return false;
    GNode *x = n->reg[0].value;
    uint32_t target = (uint32_t)((int32_t)b->pc + 1 + insn_j(i)), next = b->pc + 1;
    bool negative = (insn_op(i) - OP_JEQ) & 1;
    GNode *cond = x->type == T_BOOL ? x : x->type == T_VALUE ? emit1(b, N_TRUTH, x, 0) : const_bool(b, x->type != T_NIL);
    branch_to(b, cond, negative ? next : target, negative ? target : next, 0);
    return true;
}

/* The callee's ways out meet; its results are the values of R[A], ..., or of the caller's own return. */
static void finish(Builder *b, Builder *n) {
    unsigned a = insn_a(b->insn);
    Arrival *returns = n->arrivals[n->f->ninsns];
    if (returns == NULL) return;
    n->pc = n->f->ninsns - 1;
    merge(n, n->f->ninsns, returns);
    b->at = n->at;
    if (n->tail && b->outer == NULL) {
        emit1(b, N_RETURN, n->reg[0].value, 0);
        b->at = NULL;
        return;
    }
    if (n->tail) {
        Reg *reg = arena_alloc(b->g->arena, b->nregs * sizeof(Reg));
        for (unsigned r = 0; r < b->nregs; r++) reg[r] = r < n->wanted ? n->reg[r] : (Reg){.type = T_VALUE, .clean = true};
        arrive(b, b->f->ninsns, b->at, reg);
        b->at = NULL;
        return;
    }
    if (finish_comparison(b, n)) return;
    for (unsigned r = a; r < b->nregs && !n->meta; r++) put_unknown(b, r, T_VALUE);
    if (n->guarded && insn_c(b->insn) > 1) put_reg(b, a++, const_bool(b, true));
    for (unsigned r = 0; r < n->wanted; r++) put_reg(b, a + r, n->reg[r].value);
    if (n->open && !b->restarts) emit0(b, N_SET_TOP, b->base + a + n->wanted);
    go_to(b, b->pc + 1);
}

static bool may_retry(const Builder *b) {
    for (; b->outer->outer != NULL; b = b->outer)
        if (b->dirty[b->pc] != CLEAN) return false;
    return b->retries && b->dirty[b->pc] == CLEAN;
}

/* As the survey took it: what comes behind was not looked at. */
bool must_leave(const Builder *b) { return b->outer != NULL && needs_frame(b, b->pc) != NULL; }

/* Inlined code that needs a frame. */
void leave_inlined(Builder *b) {
    if (!may_retry(b)) {
        exit_here(b, CODE_EXIT_PLAIN);
        return;
    }
    Builder *called = b;
    while (called->outer->outer != NULL) called = called->outer;
    restore_fuel(called, b);
    Arrival *a = arena_alloc(b->g->arena, sizeof *a);
    *a = (Arrival){called->retry, b->at, NULL};
    called->retry = a;
    b->at = NULL;
}

/* To where it is called after all, with the registers as they were before. */
static void begin_again(Builder *b, const Builder *n, Reg *reg) {
    Block *from = n->retry->from;
    if (n->retry->next != NULL) {
        Block *m = graph_block(b->g, b->pc);
        for (const Arrival *a = n->retry; a != NULL; a = a->next) {
            b->at = a->from;
            emit0(b, N_GOTO, 0);
            graph_edge(b->g, a->from, m);
        }
        from = m;
    }
    b->at = from;
    b->reg = reg;
    if (keeps_variables(n)) emit0(b, N_CLOSE, n->base);
}

static void make_call(Builder *b, const Builder *n, Reg *reg) {
    begin_again(b, n, reg);
    if (insn_b(b->original->code[b->pc]) == 0) emit0(b, N_SET_TOP, insn_a(b->insn) + insn_b(b->insn));
    build_call(b);
}

void check_results(Builder *b, uint32_t pc) {
    Insn i = b->f->code[pc];
    if (b->f->code[pc] == b->original->code[pc] || insn_op(i) != OP_CALL || insn_c(b->original->code[pc]) != 0) return;
    guard(b, emit0(b, N_TOP_IS, insn_a(i) + insn_c(i) - 1), DEOPT_CALLEE);
}

/* Variables of the callee that live in their slots lie where its arguments are: those are values from here on, should it be called
 * after all. */
static void release_arguments(Builder *b, const Builder *n) {
    bool any = false;
    for (unsigned r = 0; r < n->f->maxstack; r++) any |= regs_has(&n->captured, r);
    if (!any || n->meta) return;
    for (unsigned i = 1; i < insn_b(b->insn); i++) {
        get_reg(b, insn_a(b->insn) + i);
        b->reg[insn_a(b->insn) + i].clean = false;
    }
}

/* The function called is `closure`. Up to where it is finished. Gives the registers before. */
static Reg *inline_body(Builder *b, Builder *n, GNode *closure) {
    n->closure = closure;
    if (closure->op == N_NEW_CLOSURE) closure->imm.u |= NEW_TABLE_SEEN;
    n->restart = n->restarts && b->outer == NULL ? exit_state(b) : b->restart;
    for (unsigned i = 0; i < n->nextra; i++) n->extra[i] = argument_given(b, n->f->numparams + i);
    release_arguments(b, n);
    if (!n->restarts) n->frame = n->tail ? waiting_for_tail(b, n, n->closure) : waiting(b, n, n->closure);
    Reg *before = copy_regs(b);
    bool paid = b->paid;
    save_fuel(n, b);
    give_back(b, b->pc + 1);
    begin(b, n);
    build_all(n);
    b->again |= n->again;
    if (b->failure == NULL) b->failure = n->failure;
    b->effect = true;
    b->state = NULL;
    if (b->failure == NULL) finish(b, n);
    b->paid = paid; /* on the ways that do not run it */
    return before;
}

static void make_room(Builder *b, const Builder *n) {
    if (b->outer == NULL && !n->restarts) guard(b, emit0(b, N_HAS_ROOM, b->extent), DEOPT_STACK);
    b->g->extent = outermost(b)->extent;
}

static void add_retry(Builder *b, Builder *to, Block *from) {
    Arrival *a = arena_alloc(b->g->arena, sizeof *a);
    *a = (Arrival){to->retry, from, NULL};
    to->retry = a;
}

/* One of a few functions, chosen by comparison; the last needs none if there are no others. What has to be called after all
 * is, once for all of them. */
static void inline_few(Builder *b) {
    Builder *first = b->inlined[b->pc];
    State *state = exit_state(b);
    make_room(b, first);
    GNode *f = typed_function(b, first);
    Reg *before = copy_regs(b);
    for (Builder *n = first; n != NULL && b->failure == NULL; n = n->next) {
        GNode *is = emit1(b, N_CLOSURE_IS, f, (int64_t)n->f->proto);
        bool last = n->next == NULL && !first->others;
        if (last) guard(b, is, DEOPT_CALLEE);
        Block *other = last ? NULL : split(b, is);
        inline_body(b, n, f);
        for (const Arrival *a = n == first ? NULL : n->retry; a != NULL; a = a->next) add_retry(b, first, a->from);
        b->at = other;
        b->reg = before;
        b->reg = copy_regs(b);
        b->effect = false;
        b->state = state;
    }
    if (b->failure != NULL) return;
    if (b->at != NULL && b->outer == NULL) add_retry(b, first, b->at);
    else if (b->at != NULL) leave_inlined(b);
    if (first->retry != NULL) make_call(b, first, before);
}

/* The instruction calls pcall still, and there will be room for its C calls. */
static void expect_protected_call(Builder *b) {
    TValue f = {.tag = TAG_LCF};
    unsigned depth = 2;
    f.v.f = b->f->cells[insn_d(b->insn)].u.f;
    GNode *pcall = const_value(b, &f), *x = get_reg(b, insn_a(b->insn));
    if (x->op != N_OBJECT || x->imm.u != pcall->imm.u) guard(b, emit2(b, N_SAME, x, pcall, 0), DEOPT_CALLEE);
    for (const Builder *o = b; o != NULL; o = o->outer) depth += o->guarded;
    guard(b, emit0(b, N_MAY_NEST, MAX_CCALLS - depth), CODE_EXIT_PLAIN);
}

void inline_call(Builder *b) {
    Builder *n = b->inlined[b->pc];
    if (n->next != NULL || n->others) {
        inline_few(b);
        return;
    }
    make_room(b, n);
    if (n->guarded && !n->tail) expect_protected_call(b);
    Reg *before = inline_body(b, n, callee(b, n));
    if (b->failure == NULL && n->retry != NULL) make_call(b, n, before);
}

/* Goes on where cond holds; the rest takes the slow path, or exits if nothing else was ever met here (others: NULL). So what an
 * operator gives is what its metamethod gave, and no value of a slot that it would meet with. */
static void only_if(Builder *b, GNode *cond, unsigned reason, Arrival **others) {
    if (cond->op == N_BOOL && cond->imm.i) return;
    if (others == NULL) {
        guard(b, cond, reason);
        return;
    }
    Arrival *a = arena_alloc(b->g->arena, sizeof *a);
    *a = (Arrival){*others, split(b, cond), NULL};
    *others = a;
}

static GNode *only_of_type(Builder *b, GNode *x, unsigned type, Arrival **others) {
    if (x->type == type) return x;
    only_if(b, emit1(b, N_HAS_TAG, x, type_tags[type]), DEOPT_TYPE, others);
    return emit_typed(b, N_UNTAG, type, x, type_tags[type]);
}

/* The function, where the operands are such that it is called. (Equality that is not decided is of two tables or of none, and
 * these are not one.) */
static GNode *handler_called(Builder *b, const Meta *m, const Builder *n, GNode *x, GNode *other, Arrival **others) {
    TValue mt = {.tag = TAG_TABLE, .v.u = (uintptr_t)m->mt};
    unsigned op = insn_op(b->f->code[b->pc]);
    GNode *t = only_of_type(b, x, T_TABLE, others), *metatable = const_value(b, &mt);
    if (op == OP_JEQ || op == OP_JNE) only_of_type(b, other, T_TABLE, others);
    if (m->second && other->type == T_VALUE) only_if(b, emit1(b, N_IS_NUM, other, 0), DEOPT_TYPE, others);
    only_if(b, emit1(b, N_METATABLE_IS, t, (int64_t)(uintptr_t)m->mt), DEOPT_CALLEE, others);
    only_if(b, emit1(b, N_HAS_SHAPE, metatable, m->cell.shape), DEOPT_CALLEE, others);
    GNode *f = emit1(b, m->cell.kind == CELL_INL ? N_FIELD : N_FAR_FIELD, metatable, m->cell.u.offset);
    f = only_of_type(b, f, T_LCL, others);
    only_if(b, emit1(b, N_CLOSURE_IS, f, (int64_t)n->f->proto), DEOPT_CALLEE, others);
    return f;
}

/* The same of an access by a key that the table itself has no value for. */
static GNode *accessor_called(Builder *b, const Builder *n, Arrival **others) {
    unsigned op = insn_op(b->f->code[b->pc]);
    int event = op == OP_LEN ? TM_LEN : is_get(op) ? TM_INDEX : TM_NEWINDEX;
    GNode *t = only_of_type(b, part_of_access(b, 0), T_TABLE, others);
    GNode *f = only_of_type(b, emit2(b, N_HANDLER, t, part_of_access(b, 1), event), T_LCL, others);
    only_if(b, emit1(b, N_CLOSURE_IS, f, (int64_t)n->f->proto), DEOPT_CALLEE, others);
    return f;
}

/* Could it be an object, by what is known of the operands? */
static bool may_call_handler(Builder *b, const Meta *m) {
    unsigned op = insn_op(b->f->code[b->pc]);
    bool access = is_access(b), equality = op == OP_JEQ || op == OP_JNE;
    GNode *x = access ? part_of_access(b, 0) : operand_given(b, m->second), *other = access ? x : operand_given(b, !m->second);
    bool fits = (x->type == T_TABLE || x->type == T_VALUE) && (!m->second || other->type == T_VALUE || other->type == T_INT || other->type == T_FLT);
    return fits && (!equality || other->type == T_TABLE || other->type == T_VALUE);
}

void inline_operator(Builder *b) {
    Builder *n = b->inlined[b->pc];
    const Meta *m = meta_at(b, b->pc);
    bool others_met = m != NULL && (m->others || is_access(b));
    if (n == NULL || m == NULL) return;
    if (n->closure != NULL) { /* built already, on another way to the slow path */
        if (!others_met) exit_here(b, DEOPT_TYPE);
        return;
    }
    if (!may_call_handler(b, m)) return;
    State *state = exit_state(b);
    make_room(b, n);
    Reg *before = copy_regs(b);
    Arrival *others = NULL;
    Arrival **to = others_met ? &others : NULL;
    GNode *f = is_access(b) ? accessor_called(b, n, to) : handler_called(b, m, n, operand_given(b, m->second), operand_given(b, !m->second), to);
    inline_body(b, n, f);
    for (const Arrival *a = b->outer == NULL ? n->retry : NULL; a != NULL; a = a->next) {
        Arrival *copy = arena_alloc(b->g->arena, sizeof *copy);
        *copy = (Arrival){others, a->from, NULL};
        others = copy;
    }
    n->retry = others;
    if (b->failure == NULL && n->retry != NULL) begin_again(b, n, before);
    b->effect = false;
    b->state = state;
}

bool inline_metamethod(Builder *b, int slow) {
    Builder *n = b->inlined[b->pc];
    if (n == NULL || !calls_metamethod(b, b->pc)) return false;
    make_room(b, n);
    Reg *before = inline_body(b, n, callee(b, n));
    if (b->failure != NULL || n->retry == NULL) return true;
    begin_again(b, n, before);
    b->effect = false;
    slow_straight(b, slow);
    return true;
}

void inline_return(Builder *b) {
    unsigned a = insn_a(b->insn);
    int count = count_returned(b->insn);
    if (count < 0 || (b->exact && count != (int)b->wanted)) {
        leave_inlined(b);
        return;
    }
    Reg *reg = arena_alloc(b->g->arena, b->nregs * sizeof(Reg));
    for (unsigned r = 0; r < b->nregs; r++) {
        reg[r] = (Reg){.type = T_VALUE, .clean = true};
        if (r < b->wanted) reg[r] = (Reg){.value = (int)r < count ? get_reg(b, a + r) : const_nil(b)};
    }
    if (insn_op(b->insn) == OP_RETURN && (insn_c(b->insn) & 1)) close_variables(b, 0);
    arrive(b, b->f->ninsns, b->at, reg);
    b->at = NULL;
}

/* ------------------------------------------------------------------------------------- upvalues */

static bool is_fixed(const Builder *b, unsigned n) { return b->f->fixed != NULL && b->f->fixed[n]; }

GNode *get_upvalue(Builder *b, unsigned n) {
    if (b->outer == NULL) return emit0(b, N_UPVAL, n);
    return emit1(b, is_fixed(b, n) ? N_FIXED_UPVAL_OF : N_UPVAL_OF, b->closure, n);
}

void put_upvalue(Builder *b, unsigned n, GNode *x) {
    if (b->outer == NULL) emit1(b, N_PUT_UPVAL, x, n);
    else emit2(b, N_PUT_UPVAL_OF, b->closure, x, n);
    b->effect = true;
}
