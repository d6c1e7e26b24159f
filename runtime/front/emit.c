// SPDX-License-Identifier: MIT
/* Emission: instructions, constants, lists of pending jumps, and the last pass that turns a
 * function's suffixes into its Proto.
 *
 * A pending jump stores the pc of the next one of its list in J. Once its target is known J becomes
 * a distance. Every forward jump is patched at its target, so when a function closes all its jumps
 * are final and chains of unconditional ones are cut short.
 */
#include "front/compile.h"
#include "object/func.h"

int32_t emit(Compiler *c, Insn i) {
    PUSH_ROOM(c, code, ncode, capcode, "opcodes");
    PUSH_ROOM(c, lines, ncode, caplines, "opcodes");
    c->code[c->ncode] = i;
    c->lines[c->ncode] = c->lex.lastline;
    c->ncode++;
    return here(c) - 1;
}

void set_line(Compiler *c, int line) { c->lines[c->ncode - 1] = line; }
void drop_last(Compiler *c) { c->ncode--; }

Insn *previous_insn(Compiler *c) {
    return here(c) > c->fn->lasttarget && here(c) > 0 ? insn_at(c, here(c) - 1) : NULL;
}

void emit_nil(Compiler *c, unsigned from, unsigned n) {
    Insn *prev = previous_insn(c);
    unsigned last = from + n - 1;
    if (prev && insn_op(*prev) == OP_LOADNIL) {
        unsigned pfrom = insn_a(*prev), plast = pfrom + insn_b(*prev);
        if (pfrom <= last + 1 && from <= plast + 1) { /* they touch: one instruction does */
            if (pfrom < from) from = pfrom;
            if (plast > last) last = plast;
            *prev = insn_abc(OP_LOADNIL, from, last - from, 0);
            return;
        }
    }
    emit_abc(c, OP_LOADNIL, from, last - from, 0);
}

/* The short forms stand for "returns n values" until the function is known to close nothing. */
void emit_return(Compiler *c, unsigned first, int n) {
    unsigned op = n == 0 ? OP_RETURN0 : n == 1 ? OP_RETURN1 : OP_RETURN;
    emit_abc(c, op, first, (unsigned)(n + 1), 0);
}

/* ---------------------------------------------------------------------------------------- jumps */
int32_t label_here(Compiler *c) { return c->fn->lasttarget = here(c); }

static inline void set_j(Insn *i, int32_t j) { *i = (*i & 0xffffffffu) | (Insn)(uint32_t)j << 32; }

int32_t emit_jump(Compiler *c) { return emit_abj(c, OP_JMP, 0, 0, NO_JUMP); }

void emit_loop(Compiler *c, int32_t target) { emit_abj(c, OP_LOOP, 0, 0, target - (here(c) + 1)); }

void jump_to(Compiler *c, int32_t pc, int32_t target) { set_j(insn_at(c, pc), target - (pc + 1)); }

static inline int32_t jump_next(Compiler *c, int32_t pc) { return insn_j(*insn_at(c, pc)); }

void jumps_join(Compiler *c, int32_t *list, int32_t more) {
    if (more == NO_JUMP) return;
    if (*list != NO_JUMP) {
        int32_t last = *list;
        while (jump_next(c, last) != NO_JUMP) last = jump_next(c, last);
        set_j(insn_at(c, last), more);
        return;
    }
    *list = more;
}

static inline bool carries_value(Insn i) {
    return insn_op(i) == OP_JTSET || insn_op(i) == OP_JFSET;
}

bool jumps_lack_value(Compiler *c, int32_t list) {
    for (; list != NO_JUMP; list = jump_next(c, list))
        if (!carries_value(*insn_at(c, list))) return true;
    return false;
}

/* The jump's value goes to reg (NO_REG: nowhere). It needs no copy when it is there already. False:
 * the jump carries no value. */
static bool direct_value(Insn *i, unsigned reg) {
    if (!carries_value(*i)) return false;
    unsigned from = insn_b(*i);
    if (reg != NO_REG && reg != from)
        insn_set_a(i, reg);
    else
        *i = insn_abj(insn_op(*i) == OP_JTSET ? OP_JT : OP_JF, from, 0, insn_j(*i));
    return true;
}

void jumps_drop_values(Compiler *c, int32_t list) {
    for (; list != NO_JUMP; list = jump_next(c, list)) direct_value(insn_at(c, list), NO_REG);
}

void jumps_with_value(Compiler *c, int32_t list, unsigned reg, int32_t with_value,
                      int32_t without) {
    while (list != NO_JUMP) {
        int32_t next = jump_next(c, list);
        jump_to(c, list, direct_value(insn_at(c, list), reg) ? with_value : without);
        list = next;
    }
}

void jumps_to(Compiler *c, int32_t list, int32_t target) {
    jumps_with_value(c, list, NO_REG, target, target);
}

void jumps_here(Compiler *c, int32_t list) {
    if (list != NO_JUMP) jumps_to(c, list, label_here(c));
}

/* ------------------------------------------------------------------------------------ registers */
void check_regs(Compiler *c, unsigned n) {
    unsigned need = c->fn->freereg + n;
    if (need <= c->fn->p->maxstack) return;
    if (need >= MAX_REGS)
        lexer_syntax_error(&c->lex, "function or expression needs too many registers");
    c->fn->p->maxstack = (uint8_t)need;
}

void reserve_regs(Compiler *c, unsigned n) {
    check_regs(c, n);
    c->fn->freereg = (uint8_t)(c->fn->freereg + n);
}

void free_reg(Compiler *c, unsigned reg) {
    if (reg >= var_level(c)) c->fn->freereg--;
}

/* ------------------------------------------------------------------------------------ constants */
enum { FIRST_LOG_BUCKETS = 6 };

static uint32_t const_bucket(const Compiler *c, const TValue *v) {
    uint64_t h = (v->v.u ^ v->tag) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(h >> (64 - c->logbuckets));
}

static void grow_buckets(Compiler *c) {
    uint32_t log = c->logbuckets ? c->logbuckets + 1 : FIRST_LOG_BUCKETS;
    size_t osize = c->buckets ? sizeof(int32_t) << c->logbuckets : 0, size = sizeof(int32_t) << log;
    c->buckets = mem_realloc(c->L, c->buckets, osize, size);
    c->logbuckets = log;
    memset(c->buckets, 0xff, size);
    for (uint32_t i = 0; i < c->nconsts; i++) { /* oldest first: chains stay ordered by age */
        int32_t *head = &c->buckets[const_bucket(c, &c->consts[i].v)];
        c->consts[i].next = *head;
        *head = (int32_t)i;
    }
}

uint32_t const_index(Compiler *c, const TValue *v) {
    TValue key = {.v.u = v->tag <= TAG_TRUE ? 0 : v->v.u, .tag = v->tag};
    if (c->logbuckets == 0 || c->nconsts >> c->logbuckets) grow_buckets(c);
    int32_t *head = &c->buckets[const_bucket(c, &key)];
    int32_t mine = (int32_t)c->fn->const0;
    for (int32_t i = *head; i >= mine; i = c->consts[i].next) {
        const TValue *k = &c->consts[i].v;
        if (k->tag == key.tag && k->v.u == key.v.u) return (uint32_t)(i - mine);
    }
    PUSH_ROOM(c, consts, nconsts, capconsts, "constants");
    c->consts[c->nconsts] = (Const){key, *head};
    *head = (int32_t)c->nconsts;
    return c->nconsts++ - c->fn->const0;
}

static void drop_consts(Compiler *c) {
    while (c->nconsts > c->fn->const0) {
        const Const *k = &c->consts[--c->nconsts];
        c->buckets[const_bucket(c, &k->v)] = k->next;
    }
}

/* ------------------------------------------------------------------------------------ functions */
static void add_child(Compiler *c, Func *parent) {
    Proto *p = parent->p;
    if (parent->nchildren == p->sizep) {
        uint32_t cap = p->sizep;
        p->p = mem_grow(c->L, p->p, &cap, cap + 1, sizeof *p->p, INT32_MAX, "functions");
        for (; p->sizep < cap; p->sizep++) p->p[p->sizep] = NULL;
    }
    Proto *child = proto_new(c->L);
    p->p[parent->nchildren++] = child;
    gc_barrier_obj(c->L, p, child);
}

void func_open(Compiler *c, Func *f, int line) {
    Func *outer = c->fn;
    *f = (Func){.outer = outer,
                .code0 = c->ncode,
                .const0 = c->nconsts,
                .locvar0 = c->nlocvars,
                .var0 = c->nvars,
                .label0 = c->nlabels,
                .firstupval = NO_JUMP,
                .lastupval = NO_JUMP};
    if (outer) {
        add_child(c, outer);
        f->p = outer->p->p[outer->nchildren - 1];
    } else {
        f->p = c->closure->p;
    }
    f->p->maxstack = 2; /* the first two registers are always there */
    f->p->linedefined = line;
    f->p->source = c->lex.chunk;
    gc_barrier_obj(c->L, f->p, f->p->source);
    c->fn = f;
}

/* Where a jump to target ends up when unconditional jumps there are followed. */
static int32_t final_target(Compiler *c, int32_t target) {
    for (int hops = 0; hops < 100 && insn_op(*insn_at(c, target)) == OP_JMP; hops++)
        target += 1 + insn_j(*insn_at(c, target));
    return target;
}

static void finish_insn(Compiler *c, int32_t pc) {
    Insn *i = insn_at(c, pc);
    unsigned op = insn_op(*i), close = c->fn->needs_close;
    switch (op) {
        case OP_RETURN0: case OP_RETURN1:
            if (close || c->fn->p->isvararg)
                *i = insn_abc(OP_RETURN, insn_a(*i), insn_b(*i), close);
            else if (op == OP_RETURN0) *i = insn_abc(OP_RETURN0, 0, 0, 0);
            else *i = insn_abc(OP_RETURN1, insn_a(*i), 0, 0);
            break;
        case OP_RETURN: case OP_TAILCALL:
            *i = insn_abc(op, insn_a(*i), insn_b(*i), close);
            break;
        default:
            if (op == OP_JMP || (op >= OP_JEQ && op <= OP_JFSET))
                jump_to(c, pc, final_target(c, pc + 1 + insn_j(*i)));
    }
}

static void *copy_suffix(Compiler *c, const void *from, uint32_t n, size_t elem) {
    if (n == 0) return NULL;
    void *to = mem_alloc(c->L, n * elem);
    memcpy(to, from, n * elem);
    return to;
}

static void copy_code(Compiler *c, Proto *p) {
    Func *f = c->fn;
    uint32_t n = c->ncode - f->code0;
    for (int32_t pc = 0; pc < (int32_t)n; pc++) finish_insn(c, pc);
    p->code = copy_suffix(c, c->code + f->code0, n, sizeof *p->code);
    p->sizecode = n;
    p->lineinfo = copy_suffix(c, c->lines + f->code0, n, sizeof *p->lineinfo);
    p->sizelineinfo = n;
    p->entry = p->code;
}

static void copy_consts(Compiler *c, Proto *p) {
    uint32_t n = c->nconsts - c->fn->const0;
    if (n == 0) return;
    p->k = mem_alloc(c->L, n * sizeof *p->k);
    p->sizek = n;
    for (uint32_t i = 0; i < n; i++) {
        p->k[i] = c->consts[c->fn->const0 + i].v;
        gc_barrier(c->L, p, &p->k[i]);
    }
}

static void copy_locvars(Compiler *c, Proto *p) {
    uint32_t n = c->nlocvars - c->fn->locvar0;
    p->locvars = copy_suffix(c, c->locvars + c->fn->locvar0, n, sizeof *p->locvars);
    p->sizelocvars = n;
    for (uint32_t i = 0; i < n; i++) gc_barrier_obj(c->L, p, p->locvars[i].name);
}

static void copy_upvals(Compiler *c, Proto *p) {
    Func *f = c->fn;
    if (f->nupvals == 0) return;
    p->upvalues = mem_alloc(c->L, f->nupvals * sizeof *p->upvalues);
    p->sizeupvalues = f->nupvals;
    UpvalDesc *to = p->upvalues;
    for (int32_t i = f->firstupval; i != NO_JUMP; i = c->upvals[i].next, to++) {
        *to = c->upvals[i].desc;
        gc_barrier_obj(c->L, p, to->name);
    }
    c->upvals[f->lastupval].next = c->freeupvals;
    c->freeupvals = f->firstupval;
}

void func_close(Compiler *c, int lastline) {
    Func *f = c->fn;
    Proto *p = f->p;
    p->lastline = lastline;
    copy_code(c, p);
    copy_consts(c, p);
    copy_locvars(c, p);
    copy_upvals(c, p);
    if (p->sizep != f->nchildren) {
        p->p = mem_realloc(c->L, p->p, p->sizep * sizeof *p->p, f->nchildren * sizeof *p->p);
        p->sizep = f->nchildren;
    }
    drop_consts(c);
    c->ncode = f->code0;
    c->nlocvars = f->locvar0;
    c->nlabels = f->label0;
    c->fn = f->outer;
    gc_step_if_due(c->L); /* everything that is to stay hangs from the closure and the anchor */
}
