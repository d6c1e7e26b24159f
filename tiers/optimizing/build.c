// SPDX-License-Identifier: MIT
/* Bytecode and profile to graph: control flow, registers, loops. See build.h. */
#include "tiers/optimizing/build.h"

#include <string.h>

#include "front/operands.h"
#include "tiers/optimizing/builtins.h"

/* ----------------------------------------------------------------------------------------- nodes */

GNode *emit_many(Builder *b, Op op, unsigned nin, GNode **in, int64_t imm) {
    GNode *n = node_make(b->g, op, nin, b->pc);
    for (unsigned i = 0; i < nin; i++) n->in[i] = in[i];
    n->imm.i = imm;
    n->function = b->original;
    node_append(b->at, n);
    fresh_escape(b, n);
    return n;
}
GNode *emit0(Builder *b, Op op, int64_t imm) { return emit_many(b, op, 0, NULL, imm); }
GNode *emit1(Builder *b, Op op, GNode *x, int64_t imm) { return emit_many(b, op, 1, &x, imm); }
GNode *emit2(Builder *b, Op op, GNode *x, GNode *y, int64_t imm) { return emit_many(b, op, 2, (GNode *[]){x, y}, imm); }
GNode *emit3(Builder *b, Op op, GNode *x, GNode *y, GNode *z, int64_t imm) {
    return emit_many(b, op, 3, (GNode *[]){x, y, z}, imm);
}
GNode *emit_typed(Builder *b, Op op, unsigned type, GNode *x, int64_t imm) {
    GNode *n = emit_many(b, op, x != NULL, &x, imm);
    n->type = (uint8_t)type;
    return n;
}

/* Constants stand in the root, so that they dominate whatever entry the code is entered by. */
static GNode *constant(Builder *b, Op op, unsigned type, int64_t imm) {
    GNode *n = node_make(b->g, op, 0, b->pc);
    n->type = (uint8_t)type;
    n->imm.i = imm;
    node_append(b->g->blocks[0], n);
    return n;
}
GNode *const_int(Builder *b, int64_t i) { return constant(b, N_INT, T_INT, i); }
GNode *const_flt(Builder *b, double f) {
    GNode *n = constant(b, N_FLT, T_FLT, 0);
    n->imm.f = f;
    return n;
}
GNode *const_bool(Builder *b, bool t) { return constant(b, N_BOOL, T_BOOL, t); }
GNode *const_nil(Builder *b) { return constant(b, N_NIL, T_NIL, 0); }
GNode *const_value(Builder *b, const TValue *v) {
    switch (v->tag) {
        case TAG_NIL: return const_nil(b);
        case TAG_FALSE: return const_bool(b, false);
        case TAG_TRUE: return const_bool(b, true);
        case TAG_INT: return const_int(b, v->v.i);
        case TAG_FLT: return const_flt(b, v->v.n);
        default: return constant(b, N_OBJECT, type_of_tag(v->tag), v->v.i);
    }
}

/* ------------------------------------------------------------------------------------- registers */

Reg *copy_regs(Builder *b) {
    Reg *copy = arena_alloc(b->g->arena, b->nregs * sizeof(Reg));
    memcpy(copy, b->reg, b->nregs * sizeof(Reg));
    return copy;
}

static GNode *slot_node(Builder *b, unsigned r, unsigned type) {
    return type == T_NIL ? const_nil(b) : emit_typed(b, N_SLOT, type, NULL, b->base + r);
}

GNode *get_reg(Builder *b, unsigned r) {
    Reg *reg = &b->reg[r];
    if (regs_has(&b->captured, r)) return slot_node(b, r, T_VALUE);
    if (reg->value == NULL) {
        reg->value = slot_node(b, r, reg->type);
        reg->clean = true;
    }
    return refined(b, reg->value);
}

void put_unknown(Builder *b, unsigned r, unsigned type) {
    b->reg[r] = (Reg){.type = (uint8_t)type, .clean = true};
}

void put_reg(Builder *b, unsigned r, GNode *x) {
    if (regs_has(&b->captured, r)) {
        emit1(b, N_PUT_SLOT, x, b->base + r);
        put_unknown(b, r, T_VALUE);
        b->effect = true;
    } else {
        b->reg[r] = (Reg){.value = x};
    }
}

void flush_reg(Builder *b, unsigned r) {
    Reg *reg = &b->reg[r];
    if (reg->value == NULL || reg->clean) return;
    emit1(b, N_PUT_SLOT, reg->value, b->base + r);
    reg->clean = true;
}

void flush_live(Builder *b, uint32_t pc) {
    for (unsigned r = 0; r < b->nregs; r++)
        if (regs_has(&b->live[pc], r)) flush_reg(b, r);
}

GNode *refined(Builder *b, GNode *x) {
    for (unsigned i = b->nrefined; i-- > 0;)
        if (b->refined[i].from == x) return b->refined[i].to;
    return x;
}

/* From here on x is known as `to`, which is the same value of a known type. */
void refine(Builder *b, GNode *x, GNode *to) {
    if (b->nrefined < MAX_REFINED) b->refined[b->nrefined++] = (Refined){x, to};
    for (unsigned r = 0; r < b->nregs; r++)
        if (b->reg[r].value == x) b->reg[r].value = to;
}

/* ----------------------------------------------------------------------------------------- exits */

void describe_frame(const Builder *b, State *s) {
    s->caller = b->frame;
    s->tail = b->tail;
    s->meta = b->meta;
    s->guarded = b->guarded;
    s->wanted = (int16_t)b->given;
    s->func = (uint16_t)b->func;
    s->shift = (uint16_t)b->shift;
    s->nextra = (uint16_t)b->nextra;
}

State *state_at(Builder *b, uint32_t pc) {
    if (b->restart != NULL) return b->restart;
    State *s = state_new(b->g, b->original, pc);
    describe_frame(b, s);
    s->unspent = unspent_at(b, pc);
    for (unsigned r = 0; r < b->nregs; r++) {
        if (!regs_has(&b->live[pc], r) || b->reg[r].clean) continue;
        if (r < s->nregs) s->reg[r] = b->reg[r].value;
        else if (b->reg[r].value != NULL) b->failure = "an exit among the results of an inlined call"; /* more than the frame has room for */
    }
    return s;
}

State *exit_state(Builder *b) {
    if (b->state == NULL) {
        if (b->effect) b->failure = "exit after an effect";
        b->state = state_at(b, b->pc);
    }
    return b->state;
}

/* Did the instruction being built write something already, which it does only if the guard to come holds? */
static bool wrote(const Builder *b) {
    for (const GNode *n = b->at->last; n != NULL && n->pc == b->pc; n = n->prev)
        if (op_info[n->op].writes != 0 && (op_info[n->op].flags & F_KEEP) && n->op != N_CHARGE) return true;
    return false;
}

void guard(Builder *b, GNode *cond, unsigned reason) {
    if (cond->op == N_BOOL && cond->imm.i) return;
    GNode *n = emit1(b, N_GUARD, cond, wrote(b) ? GUARD_BINDING : 0);
    n->reason = (uint8_t)reason;
    n->state = exit_state(b);
}

void exit_here(Builder *b, unsigned reason) {
    GNode *n = emit0(b, N_EXIT, 0);
    n->reason = (uint8_t)reason;
    n->state = exit_state(b);
    b->at->cold = true;
    b->at = NULL;
}

void poll_at(Builder *b, uint32_t pc) {
    GNode *n = emit0(b, N_POLL, 0);
    n->reason = DEOPT_OTHER;
    n->state = state_at(b, pc);
}

/* --------------------------------------------------------------------------------------- control */

void arrive(Builder *b, uint32_t pc, Block *from, Reg *reg) {
    Arrival *a = arena_alloc(b->g->arena, sizeof *a);
    *a = (Arrival){b->arrivals[pc], from, reg};
    b->arrivals[pc] = a;
}

static bool fits(const GNode *phi, const GNode *x) { return phi->type == T_VALUE || phi->type == x->type; }

static void jump_back(Builder *b, uint32_t pc) {
    Loop *l = &b->loops[pc];
    if (l->header == NULL) { /* entered from behind only: left to the lower tiers */
        b->state = state_at(b, pc);
        exit_here(b, DEOPT_NEVER_RAN);
        return;
    }
    for (GNode *phi = l->header->first; phi != NULL && phi->op == N_PHI; phi = phi->next) {
        unsigned r = (unsigned)phi->imm.i;
        GNode *x = get_reg(b, r);
        if (pc == 0) note_repeated_type(b, r, x->type);
        if (!fits(phi, x)) {
            regs_add(&l->wide, r);
            b->again = true;
        }
        phi_add(b->g, phi, x);
        note_carried(b, pc, phi, x);
    }
    for (unsigned r = 0; r < b->nregs; r++) /* what the loop expects in its slot */
        if (regs_has(&b->live[pc], r) && l->reg[r].value == NULL) flush_reg(b, r);
    emit0(b, N_GOTO, 0);
    graph_edge(b->g, b->at, l->header);
    b->at = NULL;
}

void go_to(Builder *b, uint32_t pc) {
    if (b->at == NULL) return;
    if (b->part && (pc < b->part_first || pc > b->part_last)) {
        leave_part(b, pc);
        return;
    }
    if (b->loops[pc].is_header && b->place[pc] <= b->place[b->pc]) {
        jump_back(b, pc);
        return;
    }
    if (b->begins != NULL && !b->begins[pc]) pay(b, pc);
    arrive(b, pc, b->at, b->reg);
    b->at = NULL;
}

/* A new block behind one side of the branch that ends `from`. */
static Block *side(Builder *b, Block *from) {
    Block *s = graph_block(b->g, b->pc);
    graph_edge(b->g, from, s);
    return s;
}

void branch_to(Builder *b, GNode *cond, uint32_t yes, uint32_t no, int likely) {
    if (cond->op == N_BOOL) {
        go_to(b, cond->imm.i ? yes : no);
        return;
    }
    Block *from = b->at;
    emit1(b, N_BRANCH, cond, likely);
    Reg *saved = copy_regs(b);
    bool effect = b->effect, paid = b->paid;
    b->at = side(b, from);
    go_to(b, yes);
    b->at = side(b, from);
    b->reg = saved;
    b->effect = effect;
    b->paid = paid;
    go_to(b, no);
}

void fork_on(Builder *b, GNode *cond, void *label, bool likely) {
    Block *from = b->at;
    if (b->nforks == MAX_FORKS) {
        b->failure = "too many alternatives";
        return;
    }
    emit1(b, N_BRANCH, cond, likely ? 1 : 0);
    b->at = side(b, from);
    b->forks[b->nforks++] = (Fork){label, side(b, from), copy_regs(b), b->state, b->nrefined, b->effect, b->paid};
}

void leave(Builder *b, int handler) {
    emit0(b, N_LEAVE, handler);
    b->at = NULL;
}

/* At an entry: register r, whose slot should hold a value of that type, `known` if that is a constant.
 * It is checked, since the frame may have been in a lower tier meanwhile, where other things happen. */
static void check_register(Builder *b, unsigned r, unsigned type, GNode *known) {
    put_unknown(b, r, T_VALUE);
    bool constant = known != NULL && node_is_const(known);
    if ((!constant && (type == T_VALUE || type == T_BOOL)) || regs_has(&b->captured, r)) return;
    GNode *x = get_reg(b, r);
    guard(b, constant ? emit2(b, N_SAME, x, known, 0) : emit1(b, N_HAS_TAG, x, type_tags[type]), DEOPT_TYPE);
    GNode *typed = constant ? known : type == T_NIL ? const_nil(b) : emit_typed(b, N_UNTAG, type, x, type_tags[type]);
    b->reg[r] = (Reg){.value = typed, .clean = true};
}

void enter_at(Builder *b, uint32_t pc) {
    if (b->part) return; /* the other copy has it */
    Block *entry = graph_block(b->g, pc);
    graph_entry(b->g, pc, entry);
    Reg *before = b->reg;
    uint32_t call = b->pc;
    b->reg = copy_regs(b);
    for (unsigned r = 0; r < b->nregs; r++) put_unknown(b, r, T_VALUE);
    b->at = entry;
    b->pc = pc;
    b->paid = false;
    b->state = state_at(b, pc);
    check_results(b, call);
    for (unsigned r = 0; r < b->nregs; r++)
        if (regs_has(&b->used[pc], r)) check_register(b, r, before[r].value != NULL ? before[r].value->type : before[r].type, before[r].value);
    b->pc = call;
    b->state = NULL;
    go_to(b, pc);
}

/* ---------------------------------------------------------------------------------------- merges */

static GNode *load_at_end(Builder *b, Block *from, unsigned r, unsigned type) {
    Block *at = b->at;
    b->at = from;
    GNode *n = slot_node(b, r, type);
    b->at = at;
    return n;
}

static unsigned reg_type(const Reg *r) { return r->value != NULL ? r->value->type : r->type; }

/* The same value may be known by its type on one path and not on the other. */
static GNode *origin(GNode *x) {
    while (x != NULL && x->op == N_UNTAG) x = x->in[0];
    return x;
}

/* Register r where the arrivals meet in block m. */
static Reg merge_reg(Builder *b, Arrival *first, Block *m, unsigned r) {
    Reg result = first->reg[r];
    bool same = true, same_origin = true, in_slots = true, clean = true;
    unsigned type = reg_type(&result);
    for (Arrival *a = first; a != NULL; a = a->next) {
        const Reg *x = &a->reg[r];
        same &= x->value == result.value;
        same_origin &= origin(x->value) == origin(result.value);
        in_slots &= x->value == NULL;
        clean &= x->clean;
        if (reg_type(x) != type) type = T_VALUE;
    }
    if (in_slots) return (Reg){.type = (uint8_t)type, .clean = true};
    if (same) return (Reg){.value = result.value, .clean = clean};
    if (same_origin && type == T_VALUE) return (Reg){.value = origin(result.value), .clean = clean};
    GNode *phi = node_make(b->g, N_PHI, 0, b->pc);
    phi->type = (uint8_t)type;
    phi->imm.i = r;
    for (Arrival *a = first; a != NULL; a = a->next)
        phi_add(b->g, phi, a->reg[r].value != NULL ? a->reg[r].value : load_at_end(b, a->from, r, a->reg[r].type));
    node_append(m, phi);
    return (Reg){.value = phi, .clean = clean};
}

void merge(Builder *b, uint32_t pc, Arrival *first) {
    if (first->next == NULL) { /* no new block */
        b->at = first->from;
        b->reg = first->reg;
        return;
    }
    Block *m = graph_block(b->g, pc);
    Reg *reg = arena_alloc(b->g->arena, b->nregs * sizeof(Reg));
    for (unsigned r = 0; r < b->nregs; r++)
        reg[r] = regs_has(&b->live[pc], r) ? merge_reg(b, first, m, r) : (Reg){.type = T_VALUE, .clean = true};
    for (Arrival *a = first; a != NULL; a = a->next) {
        b->at = a->from;
        emit0(b, N_GOTO, 0);
        graph_edge(b->g, a->from, m);
    }
    b->at = m;
    b->reg = reg;
}

/* ----------------------------------------------------------------------------------------- loops */

/* An entry at a loop's header for frames that run elsewhere. Their registers are in their slots;
 * they must be of the types that the loop is built for. */
void enter_loop(Builder *b, uint32_t pc, Arrival *inside) {
    Block *entry = graph_block(b->g, pc);
    graph_entry(b->g, pc, entry);
    Builder saved = *b;
    b->at = entry;
    b->paid = false;
    b->reg = arena_alloc(b->g->arena, b->nregs * sizeof(Reg));
    for (unsigned r = 0; r < b->nregs; r++) b->reg[r] = (Reg){.type = T_VALUE, .clean = true};
    b->state = state_at(b, pc);
    for (unsigned r = 0; r < b->nregs; r++) {
        if (!regs_has(&b->live[pc], r) || regs_has(&b->captured, r)) continue;
        unsigned type = reg_type(&inside->reg[r]);
        for (Arrival *a = inside->next; a != NULL; a = a->next)
            if (reg_type(&a->reg[r]) != type) type = T_VALUE;
        GNode *known = inside->next == NULL ? inside->reg[r].value : NULL;
        if (regs_has(&b->loops[pc].wide, r)) continue;
        check_register(b, r, type, regs_has(&b->loops[pc].writes, r) ? NULL : known);
    }
    Block *from = b->at;
    Reg *reg = b->reg;
    bool again = b->again;
    const char *failure = b->failure;
    *b = saved;
    b->again = again;
    b->failure = failure;
    arrive(b, pc, from, reg);
}

static void header_phi(Builder *b, Loop *l, Block *header, unsigned r) {
    GNode *phi = node_make(b->g, N_PHI, 0, b->pc), *x = l->reg[r].value;
    phi->type = regs_has(&l->wide, r) ? T_VALUE : x->type;
    phi->imm.i = r;
    phi_add(b->g, phi, x);
    node_append(header, phi);
    l->reg[r] = (Reg){.value = phi};
}

/* Entries do not check for booleans. */
static unsigned slot_type(const Reg *r) {
    unsigned type = reg_type(r);
    return type == T_BOOL ? (unsigned)T_VALUE : type;
}

/* Before the loop: what it does not write and has to be in its slot when something leaves goes there
 * once; what it uses is loaded once. */
static void prepare_register(Builder *b, Loop *l, uint32_t pc, unsigned r) {
    if (!regs_has(&b->live[pc], r) || regs_has(&b->captured, r)) {
        put_unknown(b, r, T_VALUE);
    } else if (regs_has(&l->writes, r)) {
        get_reg(b, r);
    } else if (l->leaves) {
        flush_reg(b, r);
        if (b->reg[r].value == NULL || !node_is_const(b->reg[r].value)) put_unknown(b, r, slot_type(&b->reg[r]));
    } else {
        if (l->slow) flush_reg(b, r);
        if (regs_has(&l->touches, r)) get_reg(b, r);
    }
}

static void begin_loop(Builder *b, uint32_t pc) {
    Loop *l = &b->loops[pc];
    for (unsigned r = 0; r < b->nregs; r++) prepare_register(b, l, pc, r);
    State *before = state_at(b, pc);
    Block *header = graph_block(b->g, pc);
    header->before = before;
    emit0(b, N_GOTO, 0);
    graph_edge(b->g, b->at, header);
    l->header = header;
    l->reg = copy_regs(b);
    for (unsigned r = 0; r < b->nregs; r++)
        if (regs_has(&b->live[pc], r) && regs_has(&l->writes, r) && !regs_has(&b->captured, r))
            header_phi(b, l, header, r);
    b->at = header;
    b->reg = l->reg;
    b->reg = copy_regs(b);
}

static void add_to_loop(Builder *b, uint32_t header, uint32_t first, uint32_t last) {
    Loop *l = &b->loops[header];
    if (!l->is_header) l->first = first;
    l->is_header = true;
    if (last > l->last) l->last = last;
}

bool iterator_is_lua(const JitFunction *f, uint32_t pc) {
    unsigned d = insn_d(f->quick[pc]);
    return d < f->ncells && f->cells[d].kind != CELL_CFUNCTION && f->cells[d].kind != CELL_TYPED && f->cells[d].kind != CELL_EMPTY;
}

static bool leaves_at(const Builder *b, uint32_t pc) {
    unsigned op = insn_op(b->f->code[pc]);
    if (b->outer != NULL || is_builtin(b, pc)) return false;
    if (b->inlined[pc] != NULL && (op == OP_CALL || op == OP_TAILCALL)) return calls_after_all(b->inlined[pc]);
    return op == OP_CALL || (op == OP_TFORCALL && iterator_is_lua(b->f, pc));
}

static void describe_loop(Builder *b, uint32_t header) {
    Loop *l = &b->loops[header];
    for (uint32_t pc = l->first; pc <= l->last; pc++) {
        RegSet reads, writes;
        insn_effects(b->f, pc, &reads, &writes);
        regs_union(&l->writes, &writes);
        regs_union(&l->touches, &reads);
        regs_union(&l->touches, &writes);
        l->leaves |= leaves_at(b, pc);
    }
    for (uint32_t pc = 0; pc < b->f->ninsns; pc++) {
        const Loop *o = &b->loops[pc];
        if (o->is_header && !o->repeats && o != l && o->first <= l->first && o->last >= l->last) l->inner = true;
    }
}

static uint32_t jump_of(const JitFunction *f, uint32_t pc) { return (uint32_t)((int32_t)pc + 1 + insn_j(f->code[pc])); }

static void find_loops(Builder *b) {
    for (uint32_t pc = 0; pc < b->f->ninsns; pc++) {
        switch (insn_op(b->f->code[pc])) {
            case OP_LOOP: case OP_FORLOOP: add_to_loop(b, jump_of(b->f, pc), jump_of(b->f, pc), pc); break;
            case OP_TFORCALL: add_to_loop(b, pc, jump_of(b->f, pc + 1), pc + 1); break; /* TFORLOOP follows */
            default: break;
        }
    }
    for (uint32_t pc = 0; pc < b->f->ninsns; pc++) {
        if (!is_self_tail(b, pc)) continue;
        add_to_loop(b, 0, 0, pc);
        b->loops[0].repeats = true;
    }
    for (uint32_t pc = 0; pc < b->f->ninsns; pc++)
        if (b->loops[pc].is_header) describe_loop(b, pc);
    if (b->loops[0].repeats) regs_add_range(&b->loops[0].writes, 0, b->f->numparams);
}

/* Instructions [from, to), in building order, from place n on. */
static uint32_t find_order(Builder *b, uint32_t from, uint32_t to, uint32_t n) {
    for (uint32_t pc = from; pc < to; pc++) {
        b->order[n++] = pc;
        if (insn_op(b->f->code[pc]) != OP_TFORPREP) continue;
        uint32_t call = jump_of(b->f, pc);
        b->order[n++] = call;
        b->order[n++] = call + 1;
        n = find_order(b, pc + 1, call, n);
        pc = call + 1;
    }
    return n;
}

/* ---------------------------------------------------------------------------------- instructions */

/* What was recorded of the instruction. */
static void read_profile(Builder *b) {
    static const uint8_t nothing[SEEN_WIDTH];
    b->profiled = b->f->seen != NULL;
    memcpy(b->seen, b->profiled ? b->f->seen[b->pc] : nothing, SEEN_WIDTH);
    b->floats = false;
}

/* False: nothing comes here. */
static bool begin_instruction(Builder *b, uint32_t pc) {
    b->pc = pc;
    b->at = NULL;
    b->nrefined = 0;
    b->effect = b->skip = b->paid = false;
    Arrival *first = b->arrivals[pc];
    if (first == NULL) return false;
    Loop *l = &b->loops[pc];
    if (l->is_header && !l->inner && b->outer == NULL && pc != 0 && !enters_copy(b, pc)) { /* to 0 leads the call's */
        note_fresh_registers(b, pc, first);
        enter_loop(b, pc, first);
        first = b->arrivals[pc];
    }
    merge(b, pc, first);
    if (l->is_header) begin_loop(b, pc);
    if (b->begins != NULL && !b->begins[pc]) b->paid = true;
    pay(b, pc);
    b->state = takes_closed_extra(b, pc) ? state_at(b, pc - 1) : NULL;
    b->effect = false;
    b->insn = b->f->quick[pc];
    read_profile(b);
    return true;
}

void build_at(Builder *b, uint32_t pc) {
    if (b->failure != NULL || !begin_instruction(b, pc)) return;
    b->nforks = 0;
    build_instruction(b);
}

void build_all(Builder *b) {
    for (uint32_t n = 0; n < b->f->ninsns; n++) build_at(b, b->order[n]);
}

static void start(Builder *b) {
    Block *entry = graph_block(b->g, 0);
    graph_entry(b->g, 0, entry);
    Reg *reg = arena_alloc(b->g->arena, b->nregs * sizeof(Reg));
    for (unsigned r = 0; r < b->nregs; r++) reg[r] = (Reg){.type = T_VALUE, .clean = true};
    b->reg = reg;
    b->at = entry;
    check_repeated_types(b);
    arrive(b, 0, b->at, b->reg);
}

static bool has_closures(const JitFunction *f) {
    for (uint32_t pc = 0; pc < f->ninsns; pc++)
        if (insn_op(f->code[pc]) == OP_CLOSURE) return true;
    return false;
}

static void find_captured(Builder *b) {
    if (b->f->captured != NULL) {
        for (unsigned r = 0; r < b->nregs; r++)
            if (b->f->captured[r]) regs_add(&b->captured, r);
    } else if (has_closures(b->f)) {
        regs_add_range(&b->captured, 0, b->nregs);
    }
    for (unsigned r = 0; b->outer != NULL && r < b->nregs; r++)
        if (regs_has(&b->captured, r) && (b->base + r) / 64 < CAPTURED_WORDS) b->g->captured[(b->base + r) / 64] |= UINT64_C(1) << (b->base + r) % 64;
}

/* What was learnt of loops in the last attempt is kept. */
void begin_attempt(Builder *b, Builder *last) {
    struct Arena *a = b->g->arena;
    size_t n = b->f->ninsns + 1;
    b->original = b->f;
    plan_inlining(b, last);
    b->arrivals = arena_alloc(a, n * sizeof(Arrival *));
    b->order = arena_alloc(a, n * sizeof(uint32_t));
    b->place = arena_alloc(a, n * sizeof(uint32_t));
    b->loops = arena_alloc(a, n * sizeof(Loop));
    b->live = arena_alloc(a, n * sizeof(RegSet));
    b->used = arena_alloc(a, n * sizeof(RegSet));
    b->repeated = arena_alloc(a, 256);
    if (last != NULL) memcpy(b->repeated, last->repeated, 256);
    for (size_t pc = 0; last != NULL && pc < n; pc++) {
        b->loops[pc].wide = last->loops[pc].wide;
        b->loops[pc].slow = last->loops[pc].slow;
        b->loops[pc].carries = last->loops[pc].carries;
    }
    live_registers(b->f, b->live, true);
    live_registers(b->f, b->used, false);
    find_captured(b);
    find_appends(b);
    find_loops(b);
    find_order(b, 0, b->f->ninsns, 0);
    for (uint32_t i = 0; i < b->f->ninsns; i++) b->place[b->order[i]] = i;
    find_reached(b);
    begin_metering(b);
}

enum { MAX_ATTEMPTS = 64 };

static Builder *new_attempt(JitFunction *f, Builder *last) {
    Graph *g = graph_new(f);
    Builder *b = arena_alloc(g->arena, sizeof *b);
    b->g = g;
    b->f = f;
    b->nregs = f->maxstack;
    begin_attempt(b, last);
    start(b);
    return b;
}

Graph *graph_build(JitFunction *f, const char **why) {
    Builder *b = NULL;
    *why = "types of loops do not settle";
    for (unsigned n = 0; n < MAX_ATTEMPTS; n++) {
        Builder *next = new_attempt(f, b);
        if (b != NULL) graph_free(b->g);
        b = next;
        build_all(b);
        if (b->failure == NULL && !b->again) build_inner_entries(b);
        if (b->failure != NULL) {
            *why = b->failure; /* a literal */
            break;
        }
        if (!b->again) {
            graph_order(b->g);
            return b->g;
        }
    }
    graph_free(b->g);
    return NULL;
}
