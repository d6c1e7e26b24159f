// SPDX-License-Identifier: MIT
/* Handlers for compiled code (docs/tiers.md); part of interp.c, the tail-calling variant.
 *
 * Compiled code keeps L, base and what it likes: of the interpreter's state only L, pc, base and i
 * are passed by it to these handlers, which find the rest themselves. i is the quickened
 * instruction as of its compilation where operands matter only, or carries the instruction's index
 * (insn_interpret) where the current one is to be run.
 */

#define LUA_STATE_OF_FRAME                                                                                     \
    cl = as_lcl(base - 1);                                                                                     \
    k = cl->p->k;                                                                                              \
    cells = cl->p->cells;                                                                                      \
    disp = L->dispatch;

/* Goes on at pc: straight to compiled code, unless hooks are on. It needs L, base, cl and i; the rest is
 * passed as it was (k0, cells0). */
#define GO_ON                                                                                                  \
    {                                                                                                          \
        i = *pc;                                                                                               \
        disp = L->dispatch;                                                                                    \
        if (__builtin_expect((uint8_t)i == OP_COMPILED && disp == plain, 1))                                   \
            TAIL compiled_entry(i)(L, pc + 1, base, k0, cl, cells0, disp, i);                                  \
        TAIL((const Handler *)disp)[(uint8_t)i](L, pc + 1, base, k, cl, cells, disp, i);                       \
    }
#define KEEP_STATE const TValue *k0 = k; Cell *cells0 = cells;

static inline Handler compiled_entry(Insn i) { return (Handler)(uintptr_t)(i >> 21 << 4); }

OPCODE(COMPILED) TAIL compiled_entry(i)(ARGS); END

OPCODE(INTERPRET)
    i = cl->p->feedback->quick[insn_x(i)];
    TAIL plain[(uint8_t)i](ARGS);
END

/* The code that rt_exit was reached from: the newest of the baseline tier. */
static inline Code *exited(const Proto *p) {
    Code *c = p->compiled;
    while (c->tier == TIER_OPT && c->older != NULL) c = c->older;
    return c;
}

__attribute__((noinline)) HANDLER many_exits(PARAMS) {
    Code *c = exited(cl->p);
    if (c->state == CODE_INSTALLED) {
        L->ci->pc = pc;
        G(L)->seam->many_exits(L, c);
        pc = code_best(G(L), cl->p, pc);
    }
    i = cl->p->feedback->quick[insn_x(i)];
    TAIL plain[(uint8_t)i](ARGS);
}

/* The optimizing tier wants to know where baseline code often needs slow paths. */
static inline void count_slow_path(unsigned op, uint8_t *row) {
    uint8_t *count = &row[seen_slow(op)];
    *count += *count < UINT8_MAX;
    if (op >= OP_JEQ && op <= OP_JFSET) row[SEEN_JUMP] = 1; /* or not: who runs it decides */
}
/* Caches count their misses (sem/quicken.c), which exits of code that was made before they learnt something are not. */
static inline void note_slow_path(const Proto *p, uint32_t n) {
    if (p->feedback->seen != NULL && !opcode_caches(insn_op(p->code[n]))) count_slow_path(insn_op(p->code[n]), p->feedback->seen[n]);
}

/* Slow paths of instructions with inline code from which the interpreter would not learn anything: baseline code
 * calls them. i: with the opcode as the front end made it. */
#define NOTED(S) S(slow_arith) S(slow_compare) S(slow_get) S(slow_set) S(slow_len)
#define NOTED_PATH(f)                                                                                          \
    static const Insn *rt_noted_##f(lua_State *L, const Insn *pc, Insn i, uint8_t *row) {                      \
        count_slow_path(insn_op(i), row);                                                                      \
        return f(L, pc, i);                                                                                    \
    }
NOTED(NOTED_PATH)

/* An operation that was compiled for floats met other operands: which? */
static void note_operand_types(const Proto *p, uint32_t n, const TValue *base) {
    Insn i = p->code[n];
    unsigned op = insn_op(i);
    bool order = op >= OP_JEQ, constant = op >= OP_ADDK && op <= OP_SHRK;
    const TValue *a = base + (order ? insn_a(i) : insn_rb(i)), *b = order ? base + insn_rb(i) : constant ? p->k + insn_c(i) : base + insn_rc(i);
    uint8_t *row = p->feedback->seen[n];
    if (is_int(a) && is_int(b)) row[SEEN_INT] = 1;
    else if (is_num(a) && is_num(b) && !order) row[SEEN_MIXED] = 1;
    else count_slow_path(op, row);
}

HANDLER rt_exit_counted(PARAMS) {
    LUA_STATE_OF_FRAME
    Code *c = exited(cl->p);
    if (UNLIKELY(++c->exits >= c->exit_limit)) TAIL many_exits(ARGS);
    i = cl->p->feedback->quick[insn_x(i)];
    TAIL plain[(uint8_t)i](ARGS);
}

/* A guard failed, or an opcode's inline code did not cover the case. */
HANDLER rt_exit(PARAMS) {
    note_slow_path(as_lcl(base - 1)->p, insn_x(i));
    TAIL rt_exit_counted(ARGS);
}

HANDLER rt_exit_untyped(PARAMS) {
    const Proto *p = as_lcl(base - 1)->p;
    if (p->feedback->seen != NULL) note_operand_types(p, insn_x(i), base);
    TAIL rt_exit_counted(ARGS);
}

/* A frame that left comes back at a loop's header after so many iterations, lest it stay in the lower tier
 * for good; a path that had never run makes the code doubtful sooner than a guard that fails once in a while. */
enum { BACK_AFTER = 1000, NEVER_RAN_COUNTS = 25 };

/* Behind what needed a frame of its own the code may go on, where it can be entered; behind a guard that
 * failed it may not. */
static inline const Insn *after_exit(lua_State *L, const Proto *p, uint32_t index, bool again) {
    return again ? code_best(G(L), p, p->code + index) : code_lower(p, index);
}

/* Inlined code that often comes to something that needs its frame is better called. The last exit tells which
 * instruction is to blame: rows of the profile count slow paths, and a large count makes the function unfit. */
enum { MANY_PLAIN_EXITS = 1000 };
static void note_plain_exit(lua_State *L, const Proto *outer, const Proto *p, const CodeExit *exit, Code *code) {
    Insn from = outer->feedback->quick[exit->frames[0].pc - 1];
    unsigned d = insn_d(from), op = opcode_base[insn_op(from)];
    uint32_t site = exit->frames[exit->nframes - 1].pc;
    uint8_t *count = p->feedback->seen != NULL ? &p->feedback->seen[site][seen_slow(insn_op(p->code[site]))] : NULL;
    if (op != OP_CALL && op != OP_TAILCALL && op != OP_GETFIELD && op != OP_SETFIELD && op != OP_SETFIELDK) { /* no cell of its own */
        if (count == NULL || *count == UINT8_MAX || ++*count < UINT8_MAX) return;
        if (code != NULL) G(L)->seam->many_exits(L, code);
        return;
    }
    if (d >= outer->feedback->ncells || ++outer->cells[d].count < MANY_PLAIN_EXITS) return;
    outer->cells[d].count = 0;
    if (count != NULL) *count = UINT8_MAX;
    else outer->cells[d].misses = CELL_GIVEUP;
    if (code != NULL) G(L)->seam->many_exits(L, code);
}

/* A site of setmetatable that met another shape is not done in place any more, and nothing else is wrong with it. False: it is none. */
static bool spare_setmetatable(const Proto *p, unsigned op, uint32_t site, const CodeExit *exit) {
    if ((op != OP_CALL && op != OP_TAILCALL) || exit->function != p->id || exit->reason != DEOPT_SHAPE) return false;
    unsigned d = insn_d(p->feedback->quick[site]);
    if (d >= p->feedback->ncells) return false;
    Cell *c = &p->cells[d];
    if (c->kind != CELL_CFUNCTION || c->calls != CALLS_SETMETATABLE) return false;
    c->calls = CALLS_OPAQUE;
    return true;
}

/* An operator whose metamethod is inlined met other operands. */
static void note_operands(Feedback *f, uint32_t site, unsigned reason) {
    if (reason != DEOPT_TYPE && reason != DEOPT_CALLEE) return;
    for (uint32_t n = 0; n < f->nmetas; n++)
        if (f->metas[n].pc == site) f->metas[n].others = 1;
}

/* Operands of arithmetic that is begun again behind the exit, in the interpreter, which records nothing. */
static void note_numbers(const Proto *p, uint32_t site, const TValue *base) {
    unsigned op = insn_op(p->code[site]);
    if (op < OP_ADDK || op > OP_SHR) return;
    Insn i = p->code[site];
    const TValue *a = base + insn_rb(i), *b = op <= OP_SHRK ? p->k + insn_c(i) : base + insn_rc(i);
    if (is_num(a) && is_num(b)) p->feedback->seen[site][is_int(a) != is_int(b) ? SEEN_MIXED : is_int(a) ? SEEN_INT : SEEN_FLT] = 1;
}

/* Marks what compiled code took for granted and baseline code does not record. p: the innermost frame's; the guard may have been
 * another function's: then the call is to blame that is begun again. */
static void note_exit(const Proto *p, const TValue *base, const CodeExit *exit) {
    Feedback *f = p->feedback;
    uint32_t site = exit->function == p->id ? exit->site : exit->frames[exit->nframes - 1].pc;
    if (f == NULL || f->seen == NULL || site >= p->sizecode) return;
    unsigned op = insn_op(p->code[site]);
    if (spare_setmetatable(p, op, site, exit)) return;
    if (op == OP_CALL || op == OP_TAILCALL) f->seen[site][SEEN_SLOW] = 1;
    if (exit->function != p->id) return;
    if (exit->reason == DEOPT_NEVER_RAN && op >= OP_JEQ && op <= OP_JFSET) f->seen[site][SEEN_JUMP] = 1; /* the interpreter jumps, and records nothing */
    if (exit->reason == DEOPT_TYPE && site == exit->frames[exit->nframes - 1].pc) note_numbers(p, site, base);
    note_operands(f, site, exit->reason);
    if (op == OP_JEQ || op == OP_JNE || op == OP_CONCAT || op == OP_SETLIST) f->seen[site][SEEN_SLOW] = 1;
    if (op == OP_TFORCALL && exit->reason != DEOPT_KIND) f->seen[site][SEEN_OTHER] = 1;
    if (opcode_indexes(op) && (exit->reason == DEOPT_NIL || exit->reason == DEOPT_BOUNDS)) f->seen[site][SEEN_OTHER] = 1;
}

/* How much an exit speaks against the code. Of what was changed for good there will be no end; the stack grows. */
static inline uint32_t weight_of(unsigned reason, const Code *code) {
    switch (reason) {
        case DEOPT_NEVER_RAN: return NEVER_RAN_COUNTS;
        case DEOPT_GLOBAL: return code->exit_limit;
        case DEOPT_STACK: return 0;
        default: return 1;
    }
}

static GCObject *rebuild_table(lua_State *L, const CodeExitObject *o, const TValue *x) {
    Table *t = table_new(L, o->ninline, 0, 0);
    t->shape = o->shape;
    if (o->has_metatable) t->metatable = as_table(x++);
    for (unsigned i = 0; i < o->nvalues; i++) set_value(&t->slot[i], x++);
    anchor_push(L, t);
    table_setlist(L, t, 1, x, o->nelements);
    anchor_pop(L);
    return (GCObject *)t;
}

/* The variable of upvalue u: the enclosing closure's, or open in its slot. */
static UpVal *rebuild_upvalue(lua_State *L, TValue *base, const CodeExitObject *o, const LClosure *cl, const LClosure *encl, unsigned u, const TValue *x) {
    const UpvalDesc *d = &cl->p->upvalues[u];
    if (!d->instack) return encl->upvals[d->idx];
    TValue *slot = base + (o->shape >> 16) + d->idx;
    if (u + 1 == o->ninline) set_gc(slot, (LClosure *)(uintptr_t)cl);
    else if (d->constant) set_value(slot, x);
    return upval_find(L, slot);
}

/* x: its values. */
static void fill_closure(lua_State *L, TValue *base, const CodeExitObject *o, LClosure *cl, const TValue *x) {
    const LClosure *encl = as_lcl(x++);
    for (unsigned u = 0; u < cl->nupvalues; u++, x++) {
        cl->upvals[u] = x->tag == TAG_UPVAL ? (UpVal *)(void *)x->v.gc : rebuild_upvalue(L, base, o, cl, encl, u, x);
        gc_barrier_obj(L, cl, cl->upvals[u]);
    }
}

static GCObject *rebuild_object(lua_State *L, const CodeExitObject *o, const TValue *x) {
    if (o->kind == CODE_EXIT_TABLE) return rebuild_table(L, o, x);
    if (o->kind == CODE_EXIT_VARIABLE) return (GCObject *)upval_closed(L, x);
    Proto *p = as_lcl(x)->p->p[o->shape & 0xffff];
    return (GCObject *)lclosure_new(L, p, p->sizeupvalues);
}

/* Makes the objects that the code had as values until the exit, and puts them where its frames expect them. An error leaves
 * whole frames behind. */
__attribute__((noinline)) static void rebuild_objects(lua_State *L, TValue *base, const CodeExit *exit) {
    Global *g = G(L);
    const TValue *x = g->rebuilt;
    const CodeExitObject *o = (const CodeExitObject *)(const void *)&exit->frames[exit->nframes];
    for (uint32_t n = 0; n < exit->nobjects; n++) {
        GCObject *made = rebuild_object(L, o, x);
        anchor_push(L, made);
        for (uint32_t i = 0; i < o->nplaces; i++) {
            uint32_t place = o->places[i];
            set_gc(place & CODE_EXIT_INNER ? &g->rebuilt[place & ~(uint32_t)CODE_EXIT_INNER] : base + place, made);
        }
        if (o->kind == CODE_EXIT_CLOSURE) fill_closure(L, base, o, (LClosure *)(void *)made, x);
        anchor_pop(L);
        x += o->nvalues + o->has_metatable + o->nelements;
        o = (const CodeExitObject *)(const void *)&o->places[o->nplaces];
    }
    g->nrebuilt = 0;
}

static bool makes_closures(const CodeExit *exit) {
    const CodeExitObject *o = (const CodeExitObject *)(const void *)&exit->frames[exit->nframes];
    for (uint32_t n = 0; n < exit->nobjects; n++, o = (const CodeExitObject *)(const void *)&o->places[o->nplaces])
        if (o->kind == CODE_EXIT_CLOSURE) return true;
    return false;
}

/* Closures may be the functions of the frames to come, so they are made before. How many registers these have they will tell. */
static void rebuild_functions(lua_State *L, TValue *base, const CodeExit *exit) {
    StkId end = base + exit->frames[exit->nframes - 1].func + 1 + UINT8_MAX;
    L->top = end < L->stack_last ? end : L->stack_last;
    rebuild_objects(L, base, exit);
}

/* ------------------------------------------------------------------------------------------------
 * exits of optimised code: the inlined calls get their frames, and all go on in a lower tier.
 *
 *      exit->frames   | outermost | inlined | CI_YPCALL inlined | inlined ..
 *      CallInfo       | Lua       | Lua     | C: pcall | fresh  | Lua     ..
 *                                             ^ here a protected call begins, in which what is left of the exit is done
 *
 * A call by pcall that was inlined becomes a real one: the C function's frame below, a jump buffer or a frame that can yield, a run
 * of the interpreter of its own. So leaving comes back when that is over, and goes on with the frame that called pcall. */

typedef struct Leaving {
    TValue *base;        /* of the outermost frame; until all frames are there */
    const CodeExit *exit;
    Code *code;
    ptrdiff_t top;       /* the next instruction may take open arguments */
    unsigned n;          /* frames made */
    bool again;
    bool rebuilt;        /* the objects are there */
    bool raises;         /* a typed host function told of an error: the call is made as one that raises it */
} Leaving;

static void push_inlined(lua_State *L, const Leaving *x, const CodeExitFrame *f, unsigned status, int nresults) {
    CallInfo *ci = frame_next(L);
    ci->func = x->base + f->func;
    const Proto *p = as_lcl(ci->func)->p;
    ci->top = ci->func + 1 + p->maxstack;
    ci->attention = 0;
    ci->status = (uint16_t)status;
    ci->nresults = (int16_t)nresults;
    ci->nextra = (int32_t)f->nextra;
    ci->pc = after_exit(L, p, f->pc, x->again);
    L->ci = ci;
}

static _Noreturn void raise_typed(lua_State *L) {
    CallInfo *ci = L->ci;
    Insn i = frame_proto(ci)->code[code_index(frame_proto(ci), ci->pc)];
    StkId f = ci->func + 1 + insn_a(i);
    ci->pc++;
    L->top = f + insn_b(i);
    set_int(L->top, G(L)->typedstatus);
    L->top++;
    call_c_as(L, f, typed_of(G(L), f)->failed);
    __builtin_unreachable();
}

/* All frames are there: what else the exit brings with it. */
static void finish_exit(lua_State *L, const Leaving *x) {
    CallInfo *ci = L->ci;
    const CodeExit *exit = x->exit;
    const Insn *pc = ci->pc;
    Proto *outer = as_lcl(x->base - 1)->p;
    Code *code = x->code;
    bool plain = exit->reason == CODE_EXIT_PLAIN;
    if (exit->nobjects != 0 && !x->rebuilt) {
        if (L->top < ci->top) L->top = ci->top;
        rebuild_objects(L, x->base, exit);
    }
    if (UNLIKELY(code != NULL && code->stale)) plain |= G(L)->seam->still_holds(L, code) && exit->expect == EXPECT_UNCHANGED;
    if (plain) {
        if (!x->again && outer->budget > BACK_AFTER) proto_rearm(outer, BACK_AFTER);
        if (x->again) note_plain_exit(L, outer, frame_proto(ci), exit, code);
    } else {
        if (UNLIKELY(G(L)->verifyexits)) code_verify_exit(L, exit);
        note_exit(frame_proto(ci), ci->func + 1, exit);
        if (outer->budget > BACK_AFTER) proto_rearm(outer, BACK_AFTER);
        if (code != NULL && G(L)->seam->deoptimised != NULL) {
            L->top = ci->top;
            ci->pc = pc + 1; /* as readers of frames expect it */
            G(L)->seam->deoptimised(L, code, exit, G(L)->injected ? (unsigned)DEOPT_INJECTED : exit->reason);
            G(L)->injected = false;
            code->exits += weight_of(exit->reason, code);
            if (code->exits >= code->exit_limit) G(L)->seam->many_exits(L, code);
            ci->pc = pc;
        }
    }
    L->top = stack_restore(L, x->top);
    if (UNLIKELY(x->raises)) raise_typed(L);
}

static void make_frames(lua_State *L, Leaving *x);

/* In the protected call. */
static void go_on_protected(lua_State *L, void *ud) {
    Leaving *x = ud;
    const CodeExitFrame *f = &x->exit->frames[x->n++];
    uint32_t calls = is_yieldable(L) ? 1 : NONYIELDABLE | 1;
    L->ncalls += calls;
    push_inlined(L, x, f, (f->status & ~(unsigned)CI_YPCALL) | CI_FRESH, LUA_MULTRET);
    make_frames(L, x);
    G(L)->execute(L, L->ci);
    L->ncalls -= calls;
}

/* pcall, true, function, arguments: its frame, as its C function would have left it (lib/baselib.c). */
__attribute__((noinline)) static void run_protected(lua_State *L, Leaving *x) {
    const CodeExitFrame *f = &x->exit->frames[x->n];
    StkId func = x->base + f->func;
    const Proto *p = as_lcl(func)->p;
    if (p->isvararg) func -= f->nextra + p->numparams + 1;
    CallInfo *ci = frame_next(L);
    ci->func = func - 2;
    ci->top = func + 1 + LUA_MINSTACK;
    ci->attention = 0;
    ci->status = CI_C;
    ci->nresults = f->nresults;
    ci->k = G(L)->pcall_done;
    ci->ctx = 0;
    L->ci = ci;
    ptrdiff_t place = stack_save(L, func);
    int status = LUA_OK;
    if (is_yieldable(L)) call_yieldable(L, go_on_protected, x, place, 0);
    else status = call_protected(L, go_on_protected, x, place, 0);
    if (ci->top < L->top) ci->top = L->top;
    call_finish_c(L, ci, G(L)->pcall_done(L, status, 0));
}

static void make_frames(lua_State *L, Leaving *x) {
    while (x->n < x->exit->nframes) {
        const CodeExitFrame *f = &x->exit->frames[x->n];
        if (UNLIKELY(f->status & CI_YPCALL)) {
            run_protected(L, x);
            return;
        }
        x->n++;
        push_inlined(L, x, f, f->status, f->nresults);
    }
    finish_exit(L, x);
}

/* (Inlined code has made sure of the stack's room.) */
__attribute__((noinline)) static const Insn *leave_optimised(lua_State *L, TValue *base, const CodeExit *exit, bool raises) {
    const Proto *p = as_lcl(base - 1)->p;
    bool plain = exit->reason == CODE_EXIT_PLAIN && exit->nframes > 1, closures = exit->nframes > 1 && makes_closures(exit);
    Leaving x = {base, exit, code_current(p), stack_save(L, L->top), 1, plain, closures, raises};
    L->ci->pc = after_exit(L, p, exit->frames[0].pc, x.again);
    if (closures) rebuild_functions(L, base, exit);
    if (exit->nframes > 1) { /* what the new frames hold must be seen if making them collects garbage */
        StkId last = base + exit->frames[exit->nframes - 1].func;
        L->top = last + 1 + as_lcl(last)->p->maxstack;
    }
    make_frames(L, &x);
    return L->ci->pc;
}

HANDLER rt_dispatch(PARAMS);
/* cells: the CodeExit */
HANDLER rt_deopt(PARAMS) {
    pc = leave_optimised(L, base, (const CodeExit *)(const void *)cells, false);
    TAIL rt_dispatch(ARGS);
}

/* The typed host function that was called directly told of an error (state/typed.h): the frames come to be, and the call is made as
 * one that raises it. */
__attribute__((noinline)) HANDLER rt_typed_failed(PARAMS) {
    pc = leave_optimised(L, base, (const CodeExit *)(const void *)cells, true);
    TAIL rt_dispatch(ARGS); /* where the error was caught */
}

/* Goes on at pc, of whatever frame is the running one. */
HANDLER rt_dispatch(PARAMS) {
    KEEP_STATE
    RELOAD
    GO_ON
}

/* Stands for machine code when a host compiles (tiers/engine/host.c), and is aligned like it; the
 * sanitizer would put a signature between the alignment and the beginning. */
__attribute__((aligned(16), no_sanitize("function"))) HANDLER rt_offer(PARAMS) {
    i = G(L)->seam->offer(L, &pc, i);
    RELOAD
    disp = L->dispatch;
    if ((uint8_t)i == OP_RETURN) TAIL after_leaving(ARGS);
    TAIL plain[(uint8_t)i](ARGS);
}

/* Loops: pc is where the loop goes on. */
HANDLER rt_loop_hot(PARAMS) {
    pc = slow_loop_hot(L, pc, i);
    TAIL rt_dispatch(ARGS);
}
HANDLER rt_poll(PARAMS) {
    pc = slow_attention(L, pc, i);
    TAIL rt_dispatch(ARGS);
}

/* compiled_in_place.h */
static uint8_t in_place_at(const Global *g, lua_CFunction f, Insn i);
static bool call_in_place(unsigned number, lua_State *L, const Insn *pc, TValue *f, Insn i);

/* One more of a few. */
static void add_target(lua_State *L, Feedback *f, Cell *c, GCObject *target) {
    for (unsigned n = 0; n < POLY_MAX; n++) {
        Cell *e = &c->u.poly[n];
        if (e->kind == CELL_TARGET && e->u.target == target) return;
        if (e->kind == CELL_TARGET) continue;
        e->kind = CELL_TARGET;
        e->u.target = target;
        gc_barrier_back_obj(L, f);
        return;
    }
    feedback_give_up(L, c);
}

/* What a call site calls: the same function each time, a few, or any. */
__attribute__((noinline)) static void record_target(lua_State *L, const LClosure *cl, Cell *c, const TValue *f, Insn i) {
    bool typed = typed_of(G(L), f) != NULL;
    GCObject *target = is_lcl(f) ? (GCObject *)as_lcl(f)->p : typed ? f->v.gc : NULL;
    if (c->kind == CELL_TYPED && typed && c->u.target == target) return;
    if ((c->kind == CELL_TARGET || c->kind == CELL_FEW) && is_lcl(f)) {
        if (c->kind == CELL_FEW || feedback_make_few(L, cl->p->feedback, c)) add_target(L, cl->p->feedback, c, target);
    } else if (c->kind != CELL_EMPTY || (target == NULL && f->tag != TAG_LCF)) {
        if (c->kind == CELL_EMPTY) c->calls = CALLS_UNNAMED;
        feedback_give_up(L, c);
    } else if (target == NULL) {
        c->kind = CELL_CFUNCTION;
        c->u.f = f->v.f;
        c->calls = f->v.f == G(L)->setmetatable ? CALLS_SETMETATABLE : f->v.f == G(L)->pcall ? CALLS_PCALL : CALLS_PLAIN;
        c->in_place = in_place_at(G(L), f->v.f, i);
    } else {
        c->kind = typed ? CELL_TYPED : CELL_TARGET;
        c->u.target = target;
        gc_barrier_back_obj(L, cl->p->feedback);
    }
}

static inline bool among_few(const Cell *c, const Proto *p) {
    for (unsigned n = 0; n < POLY_MAX; n++)
        if (c->u.poly[n].u.target == (const GCObject *)p) return true;
    return false;
}

/* Is it known that the site calls f? */
static inline bool target_noted(const Cell *c, const TValue *f) {
    if (__builtin_expect(c->kind == CELL_TARGET && is_lcl(f) && (GCObject *)as_lcl(f)->p == c->u.target, 1)) return true;
    if (c->kind == CELL_FEW) return is_lcl(f) && among_few(c, as_lcl(f)->p);
    if (c->kind == CELL_TYPED) return is_gc(f) && f->v.gc == c->u.target;
    return c->kind == CELL_TARGETS || (c->kind == CELL_CFUNCTION && f->tag == TAG_LCF && f->v.f == c->u.f);
}

/* Sites of setmetatable that go from one shape to one other are done in place by the optimizing tier. Metatables with
 * finalizers are not for it. */
__attribute__((noinline)) static void note_metatable(lua_State *L, const LClosure *cl, Cell *c, const TValue *args) {
    enum { MOST = 4 }; /* early tables of a site have fewer inline slots */
    if (!is_table(args) || !is_table(args + 1) || as_table(args)->metatable != NULL) return;
    const Table *t = as_table(args), *mt = as_table(args + 1);
    uint32_t to = table_shape_with(G(L), t, mt);
    if (to == 0 || (c->shape == t->shape && c->metashape == mt->shape && c->h.newshape == to)) return;
    if (++c->misses > MOST || shape_find(shape_of(G(L), mt), G(L)->tmname[TM_GC]) >= 0) {
        c->calls = CALLS_OPAQUE;
        return;
    }
    c->shape = t->shape;
    c->metashape = mt->shape;
    c->h.newshape = to;
    gc_barrier_back_obj(L, cl->p->feedback);
}

/* Whom pcall calls: the optimizing tier builds it in place. */
static void note_protected(lua_State *L, const LClosure *cl, Cell *c, const TValue *f) {
    GCObject *target = is_lcl(f) ? (GCObject *)as_lcl(f)->p : NULL;
    if (target != NULL && c->h.protected == target) return;
    if (target == NULL || c->h.protected != NULL) {
        c->calls = CALLS_OPAQUE;
        return;
    }
    c->h.protected = target;
    gc_barrier_back_obj(L, cl->p->feedback);
}

/* Sites of functions whose arguments are recorded too. */
static void note_site(lua_State *L, const LClosure *cl, Cell *c, const TValue *f, Insn i) {
    if (c->calls == CALLS_SETMETATABLE && insn_b(i) == 3) note_metatable(L, cl, c, f + 1);
    else if (c->calls == CALLS_PCALL && insn_b(i) >= 2) note_protected(L, cl, c, f + 1);
}

__attribute__((noinline)) static void note_new_target(lua_State *L, const LClosure *cl, Cell *c, const TValue *f, Insn i) {
    if (!target_noted(c, f)) record_target(L, cl, c, f, i);
    else if (UNLIKELY(c->kind == CELL_CFUNCTION && c->calls != CALLS_PLAIN)) note_site(L, cl, c, f, i);
}

static inline __attribute__((always_inline)) void note_target(lua_State *L, const LClosure *cl, Cell *cells, const TValue *f, Insn i) {
    if (UNLIKELY(insn_d(i) == NO_CELL)) return;
    Cell *c = &cells[insn_d(i)];
    bool known = f->tag == TAG_LCL ? c->u.target == (GCObject *)as_lcl(f)->p : f->tag == TAG_LCF && c->kind == CELL_CFUNCTION && c->calls == CALLS_PLAIN && c->u.f == f->v.f;
    if (UNLIKELY(!known)) note_new_target(L, cl, c, f, i);
}

/* As call_c_function, of compiled code. */
__attribute__((noinline)) HANDLER rt_call_c(PARAMS) {
    KEEP_STATE
    StkId f = base + insn_a(i);
    CallInfo *called = L->ci->next;
    lua_CFunction function = cfunction_of(f);
    if (insn_b(i) != 0) L->top = f + insn_b(i);
    if (UNLIKELY(called == NULL || L->stack_limit - L->top <= LUA_MINSTACK || function == G(L)->yield)) {
        LUA_STATE_OF_FRAME
        TAIL call_c_function(ARGS);
    }
    enter_c(L, called, pc, f, i);
    int n = function(L);
    call_finish_c(L, called, n);
    pc = L->ci->pc;
    RELOAD
    GO_ON
}

/* The base behind a call; CALL_HOOKED if the interpreter goes on there, as hooks are on, or a limit was set or hit (state/limits.h). */
static inline TValue *base_behind(const lua_State *L) {
    return __builtin_expect(L->dispatch == plain, 1) ? L->ci->func + 1 : (TValue *)CALL_HOOKED;
}

/* Calls what is no Lua function from within baseline code, if it is a C function that can be called so: the frame's base, which
 * may have moved, or CALL_HOOKED. CALL_NOT_HERE: nothing has happened. c: the site's cell, or NULL. */
static TValue *rt_call_here(lua_State *L, const Insn *pc, Insn i, Cell *c, TValue *base) {
    TValue *f = base + insn_a(i);
    if (f->tag == TAG_LCF && c != NULL && c->kind == CELL_CFUNCTION && c->u.f == f->v.f && c->in_place != NOT_IN_PLACE) {
        if (call_in_place(c->in_place, L, pc, f, i)) {
            if (insn_c(i) == 0) L->top = L->ci->func + 1 + insn_a(i) + 1;
            return base_behind(L);
        }
    }
    CallInfo *ci = L->ci, *called = ci->next;
    if (UNLIKELY(!is_cfunction(f) || L->hookmask || called == NULL)) return (TValue *)CALL_NOT_HERE;
    lua_CFunction function = cfunction_of(f);
    if (insn_b(i) != 0) L->top = f + insn_b(i);
    if (UNLIKELY(L->stack_limit - L->top <= LUA_MINSTACK || function == G(L)->yield)) return (TValue *)CALL_NOT_HERE;
    if (c != NULL && c->kind != CELL_TARGETS) note_target(L, as_lcl(base - 1), as_lcl(base - 1)->p->cells, f, i);
    enter_c(L, called, pc, f, i);
    int n = function(L);
    call_finish_c(L, called, n);
    return base_behind(L);
}

HANDLER rt_call(PARAMS) {
    KEEP_STATE
    CALL_LUA(slow)
    GO_ON
LABEL(slow)
    if (is_cfunction(f_) && !L->hookmask) TAIL rt_call_c(ARGS);
    LUA_STATE_OF_FRAME
    SLOW(slow_call)
}

/* A table is called, which has a metamethod perhaps. */
static void note_object(lua_State *L, Proto *p, const Insn *pc, const Table *t) {
    TValue f;
    tm_fast(L, t->metatable, TM_CALL, &f);
    quick_note_function(L, p, code_index(p, pc) - 1, &f);
}

/* Baseline code records whom it calls. */
__attribute__((noinline)) HANDLER rt_call_noted(PARAMS) {
    cl = as_lcl(base - 1);
    note_target(L, cl, cl->p->cells, base + insn_a(i), i);
    if (is_table(base + insn_a(i))) note_object(L, cl->p, pc, as_table(base + insn_a(i)));
    TAIL rt_call(ARGS);
}

/* A Lua function; cells: the call's cell. */
HANDLER rt_call_recorded(PARAMS) {
    KEEP_STATE
    const TValue *callee = base + insn_a(i);
    const Proto *to = as_lcl(callee)->p;
    if (cells->u.target != (const GCObject *)to && cells->kind != CELL_TARGETS && !(cells->kind == CELL_FEW && among_few(cells, to)))
        TAIL rt_call_noted(ARGS);
    CALL_LUA(slow)
    GO_ON
LABEL(slow)
    TAIL rt_call(ARGS);
}

/* Whatever it is: light baseline code leaves for each call. */
HANDLER rt_call_any(PARAMS) {
    if (base[insn_a(i)].tag == TAG_LCL) TAIL rt_call_recorded(ARGS);
    KEEP_STATE
    TValue *behind = rt_call_here(L, pc, i, cells, base);
    if ((uintptr_t)behind <= CALL_HOOKED) {
        if (behind == (TValue *)CALL_HOOKED) TAIL rt_dispatch(ARGS);
        TAIL rt_call_noted(ARGS);
    }
    RELOAD
    GO_ON
}

/* The frame is made, pc is where its function begins. */
HANDLER rt_begin(PARAMS) {
    i = *pc;
    disp = L->dispatch;
    if (__builtin_expect((uint8_t)i == OP_COMPILED && disp == plain, 1)) TAIL compiled_entry(i)(L, pc + 1, base, k, cl, cells, disp, i);
    LUA_STATE_OF_FRAME
    TAIL((const Handler *)disp)[(uint8_t)i](L, pc + 1, base, k, cl, cells, disp, i);
}

HANDLER rt_tailcall(PARAMS) {
    KEEP_STATE
    LUA_STATE_OF_FRAME
    note_target(L, cl, cells, base + insn_a(i), i);
    TAILCALL_LUA(slow)
    GO_ON
LABEL(slow)
    SLOW(slow_tailcall)
}

/* The kind of array that a loop by ipairs goes through. */
static inline void note_kind(uint8_t *row, const TValue *ra) {
    if (!is_table(ra + 1)) return;
    int kind = array_head(as_table(ra + 1))->kind;
    if (kind >= KIND_INT && kind <= KIND_VALUE) row[kind - KIND_INT] = 1;
}

/* called, not jumped to: most iterators run in place */
static const Insn *rt_iterate(lua_State *L, const Insn *pc, Insn i, uint8_t *row) {
    StkId ra = L->ci->func + 1 + insn_a(i);
    LClosure *cl = as_lcl(L->ci->func);
    note_target(L, cl, cl->p->cells, ra, i);
    note_kind(row, ra);
    if (ra->tag == TAG_LCF && iterate_in_place(L, ra, insn_c(i))) return pc;
    return slow_tforcall(L, pc, i);
}

static const Insn *rt_tforcall(lua_State *L, const Insn *pc, Insn i) {
    uint8_t none[SEEN_WIDTH];
    const Proto *p = as_lcl(L->ci->func)->p;
    return rt_iterate(L, pc, i, p->feedback->seen != NULL ? p->feedback->seen[code_index(p, pc) - 1] : none);
}

HANDLER rt_return1(PARAMS) {
    KEEP_STATE
    LEAVE_ONE(slow)
    GO_ON
LABEL(slow)
    LUA_STATE_OF_FRAME
    TAIL after_leaving(ARGS);
}

HANDLER rt_return0(PARAMS) {
    KEEP_STATE
    LEAVE_NONE(slow)
    GO_ON
LABEL(slow)
    LUA_STATE_OF_FRAME
    TAIL after_leaving(ARGS);
}

HANDLER rt_return(PARAMS) {
    LUA_STATE_OF_FRAME
    TAIL after_leaving(ARGS);
}

/* Second-level lookups; NULL: the slow path is to do it. */
static const TValue *rt_lookup_get(lua_State *L, Table *t, const String *key) { return lookup_get(G(L), t, key); }

static bool rt_store_str(lua_State *L, Table *t, const String *key, const TValue *x) {
    TValue *v = lookup_place(G(L), t, key);
    if (v == NULL) return false;
    set_value(v, x);
    gc_barrier_back(L, t, x);
    return true;
}

/* Polymorphic caches. */
static const TValue *rt_poly_get(lua_State *L, Table *t, const Cell *c) {
    POLY_ENTRY(entry, t, c, no)
    POLY_SLOT(v, t, entry, no)
    return v;
no:
    return NULL;
}

static bool rt_poly_set(lua_State *L, Table *t, const Cell *c, const TValue *x) {
    POLY_ENTRY(entry, t, c, no)
    POLY_STORE(t, entry, x, no)
    return true;
no:
    return false;
}

/* Elements of array parts, for baseline code, which does not inline them. The kind is recorded in
 * the instruction's row. False: the slow path is to do it. */
static inline void see_kind(const Table *t, uint8_t *row) { row[(array_head(t)->kind - KIND_INT) & 3] |= 1; } /* the last may be a count */
_Static_assert(SEEN_INT == KIND_INT - KIND_INT && SEEN_FLT == KIND_FLT - KIND_INT && SEEN_VALUE == KIND_VALUE - KIND_INT &&
                   SEEN_OTHER == KIND_ZEROS - KIND_INT && SEEN_OTHER == ((KIND_NONE - KIND_INT) & 3),
               "kinds in the order of what is recorded");

#define W_TO to
static bool rt_array_get(const Table *t, lua_Integer n, TValue *to, uint8_t *row) {
    see_kind(t, row);
    ARRAY_GET(t, n, TO, no)
    return true;
no:
    return false;
}

/* Is there an element n to be overwritten? */
static inline bool has_element(const Table *t, lua_Integer n) {
    const ArrayHead *h = array_head(t);
    uint64_t i = (uint64_t)n - (uint64_t)h->base;
    return i < h->len && (h->kind != KIND_VALUE || array_tags(t)[i] != TAG_NIL);
}

static bool rt_array_set(lua_State *L, Table *t, lua_Integer n, const TValue *x, uint8_t *row) {
    see_kind(t, row);
    if (!has_element(t, n)) row[SEEN_OTHER] |= 1;
    ARRAY_SET(t, n, x, no)
    return true;
no:
    return false;
}

/* fail-guard=N */
static bool rt_guard_holds(lua_State *L) {
    Global *g = G(L);
    if (++g->guards < g->failguard) return true;
    g->guards = 0;
    g->injected = true;
    return false;
}

/* 0, 1, or 2 when a metamethod decides. */
static int rt_equal(lua_State *L, const TValue *a, const TValue *b) {
    TValue f;
    if (value_raw_equal(a, b)) return 1;
    if (a->tag != b->tag || (a->tag != TAG_TABLE && a->tag != TAG_UDATA)) return 0;
    if (tm_fast(L, metatable_of(L, a), TM_EQ, &f) != TAG_NIL || tm_fast(L, metatable_of(L, b), TM_EQ, &f) != TAG_NIL) return 2;
    return 0;
}

/* Have two tables no metamethod that could find them equal? */
static bool has_no_eq(const Table *t) { return t->metatable == NULL || (t->metatable->flags & 1u << TM_EQ); }
static bool rt_tables_differ(const Table *a, const Table *b) { return has_no_eq(a) && has_no_eq(b); }

/* The characters of a string without zeros among them; NULL: there are some, or it would have to be copied. */
static const char *rt_c_string(String *s) {
    const char *data = str_cstr_at_hand(s);
    return data != NULL && memchr(data, '\0', str_len(s)) == NULL ? data : NULL;
}

static bool rt_raw_equal(const TValue *a, const TValue *b) { return value_raw_equal(a, b); }
static lua_Integer rt_table_len(lua_State *L, Table *t) { return (lua_Integer)table_len(L, t); }
static bool rt_forloop_flt(TValue *ra) { return sem_forloop_flt(ra); }

/* For optimised code, in the middle of an instruction that can be begun again: what is live lies in slots, `registers`
 * of them from the frame's first on. NULL: the instruction is left to the lower tiers. */
static void use_registers(lua_State *L, uint32_t registers) {
    StkId limit = L->ci->func + 1 + registers;
    L->top = limit > L->ci->top ? limit : L->ci->top;
}

static uint32_t rt_get_int(Table *t, lua_Integer n, TValue *out) { return table_get_int(t, n, out); }

/* A step of a loop by `next`, ra its register A: the key goes to the control variable too. */
static int rt_table_next(lua_State *L, Table *t, TValue *ra) {
    set_value(ra + 4, ra + 2);
    int result = table_next_hinted(L, t, ra + 4, &ra[2].extra);
    if (result != NEXT_FOUND) return result == NEXT_END ? 0 : -1;
    set_value(ra + 2, ra + 4);
    return 1;
}

static void rt_clear_slots(TValue *from, TValue *to) {
    while (from < to) set_nil(from++);
}

static Table *rt_new_table(lua_State *L, uint32_t registers, uint32_t ninline) {
    use_registers(L, registers);
    if (!gc_step_quietly(L)) return NULL;
    Table *t = table_new(L, ninline, 0, 0);
    return gc_kept_weak(L) ? t : NULL;
}

/* Of function `number` of encl's, whose frame's registers begin at slot `first` of the running one's; it goes to slot `self`. Null: it
 * would have to collect. */
static LClosure *rt_closure_quickly(lua_State *L, LClosure *encl, uint32_t number, uint32_t first, uint32_t self) {
    Proto *p = encl->p->p[number];
    StkId base = L->ci->func + 1;
    size_t size = sizeof(LClosure) + p->sizeupvalues * sizeof(UpVal *);
    LClosure *cl = G(L)->gcdebt <= 0 ? (LClosure *)(void *)gc_new_fast(L, TAG_LCL, size) : NULL;
    if (cl == NULL) return NULL;
    memset((char *)cl + sizeof(GCObject), 0, size - sizeof(GCObject));
    cl->p = p;
    for (uint32_t n = 0; n < p->sizeupvalues; n++) {
        const UpvalDesc *d = &p->upvalues[n];
        cl->upvals[n] = d->instack ? upval_find_quickly(L, base + first + d->idx) : encl->upvals[d->idx];
        if (cl->upvals[n] == NULL) return NULL;
        cl->nupvalues = (uint8_t)(n + 1);
    }
    set_gc(base + self, cl);
    return cl;
}

static LClosure *rt_new_closure(lua_State *L, uint32_t registers, LClosure *encl, uint32_t number, uint32_t first, uint32_t self) {
    use_registers(L, registers);
    if (!gc_step_quietly(L)) return NULL;
    sem_closure(L, L->ci->func + 1 + first, L->ci->func + 1 + self, encl, encl->p->p[number]);
    return gc_kept_weak(L) ? as_lcl(L->ci->func + 1 + self) : NULL;
}

static void rt_close_variables(lua_State *L, TValue *from) { upval_close(L, from); }

/* Those that return bool collect nothing: false, and the other is called, which may. */
static bool rt_set_list(lua_State *L, Table *t, const TValue *vals, uint32_t n) { return table_setlist_quietly(L, t, vals, n); }

static Table *rt_set_list_slow(lua_State *L, uint32_t registers, Table *t, uint32_t first, uint32_t n) {
    use_registers(L, registers);
    if (!gc_step_quietly(L)) return NULL;
    table_setlist(L, t, 1, L->ci->func + 1 + first, n);
    return gc_kept_weak(L) ? t : NULL;
}

/* Without a metatable so far, and with no finalizer then. */
static bool takes_metatable(lua_State *L, const Table *t, Table *mt) {
    const Shape *s = shape_of(G(L), t);
    if (t->metatable != NULL || s->kind != SHAPE_SHARED || s->constmeta) return false;
    if (mt->flags & 1u << TM_GC) return true;
    const TValue *v = table_find_str(G(L), mt, G(L)->tmname[TM_GC]);
    return v == NULL || is_nil(v);
}

static bool rt_set_metatable(lua_State *L, Table *t, Table *mt) { return takes_metatable(L, t, mt) && table_set_known_metatable(L, t, mt); }

/* What has to be made is made first; so nothing is collected any more when the table changes. */
static Table *rt_set_metatable_slow(lua_State *L, uint32_t registers, Table *t, Table *mt) {
    Global *g = G(L);
    use_registers(L, registers);
    if (!takes_metatable(L, t, mt) || !gc_step_quietly(L)) return NULL;
    uint32_t epoch = g->epoch;
    Class *class = shape_class_of_metatable(L, mt);
    anchor_push(L, class);
    shape_with_class(L, shape_of(g, t), class);
    anchor_pop(L);
    if (!gc_kept_weak(L) || g->epoch != epoch) return NULL;
    table_set_metatable(L, t, mt);
    return t;
}

/* Strings and numbers in n registers from `first` on, which stay as they are. */
static void *rt_concat(lua_State *L, uint32_t registers, uint32_t first, uint32_t n) {
    enum { MOST = 1 << 28 }; /* bytes: no error is raised here */
    use_registers(L, registers);
    if (L->stack_last - L->top <= (ptrdiff_t)n || !gc_step_quietly(L)) return NULL;
    const TValue *from = L->ci->func + 1 + first;
    StkId to = L->top;
    for (uint32_t i = 0; i < n; i++) {
        if (!is_num(from + i) && (!is_str(from + i) || str_len(as_str(from + i)) > MOST / 256)) return NULL;
        set_value(to + i, from + i);
    }
    L->top = to + n;
    sem_concat(L, (int)n);
    L->top = to;
    return gc_kept_weak(L) ? to->v.gc : NULL;
}

/* The same where nobody else has the string `own`: if that is the first of them, it grows; NULL: it is not, or has no room. */
static void *rt_concat_own(const TValue *from, uint32_t n, void *own) {
    if (from->tag != TAG_LSTR || from->v.gc != own) return NULL;
    return str_extend(own, from + 1, n - 1) ? own : NULL;
}

/* The last element, which is there. */
static bool rt_remove_last(lua_State *L, Table *t, TValue *out) {
    if (t->metatable != NULL) return false;
    lua_Integer n = (lua_Integer)table_len(L, t);
    const ArrayHead *h = array_head(t);
    if (n < 1 || h->base != 1 || (uint64_t)n > h->len || h->kind == KIND_ZEROS) return false;
    TValue nil;
    set_nil(&nil);
    table_get_int(t, n, out);
    table_set_int(L, t, n, &nil);
    return true;
}

static bool rt_append(lua_State *L, Table *t, const TValue *x) {
    uint8_t row[SEEN_WIDTH];
    if (t->metatable != NULL || is_nil(x)) return false;
    return rt_array_set(L, t, (lua_Integer)table_len(L, t) + 1, x, row);
}

static Table *rt_append_slow(lua_State *L, uint32_t registers, Table *t, const TValue *x) {
    use_registers(L, registers);
    if (t->metatable != NULL || is_nil(x) || !gc_step_quietly(L)) return NULL;
    lua_Integer n = (lua_Integer)table_len(L, t) + 1;
    table_set_int(L, t, n, x);
    if (gc_kept_weak(L)) return t;
    TValue nil;
    set_nil(&nil);
    table_set_int(L, t, n, &nil);
    return NULL;
}

#include "interp/compiled_library.h"
#include "interp/compiled_in_place.h"

#define SYMBOL(f) {#f, (const void *)(uintptr_t)f},
#define NOTED_SYMBOL(f) SYMBOL(rt_noted_##f)
#define RT_SYMBOL(f) {"rt_" #f, (const void *)(uintptr_t)f},
static const JitSymbol jit_symbols[] = {
    SYMBOL(rt_exit) SYMBOL(rt_exit_untyped) SYMBOL(rt_deopt) SYMBOL(rt_dispatch) SYMBOL(rt_offer) SYMBOL(rt_loop_hot) SYMBOL(rt_poll)
    SYMBOL(rt_call_noted) SYMBOL(rt_begin) SYMBOL(rt_iterate)
    SYMBOL(rt_typed_failed) SYMBOL(rt_c_string)
    SYMBOL(rt_call) SYMBOL(rt_call_recorded) SYMBOL(rt_call_any) SYMBOL(rt_call_here) SYMBOL(rt_tailcall) SYMBOL(rt_tforcall) SYMBOL(rt_return0) SYMBOL(rt_return1) SYMBOL(rt_return)
    SYMBOL(rt_poly_get) SYMBOL(rt_poly_set) SYMBOL(rt_lookup_get) SYMBOL(rt_store_str) SYMBOL(rt_array_get) SYMBOL(rt_array_set) SYMBOL(rt_guard_holds) SYMBOL(rt_raw_equal) SYMBOL(rt_equal) SYMBOL(rt_tables_differ) SYMBOL(rt_table_len)
    SYMBOL(rt_forloop_flt) SYMBOL(rt_new_table) SYMBOL(rt_closure_quickly) SYMBOL(rt_new_closure) SYMBOL(rt_close_variables) SYMBOL(rt_clear_slots) SYMBOL(rt_set_list) SYMBOL(rt_set_list_slow) SYMBOL(rt_set_metatable) SYMBOL(rt_set_metatable_slow)
    SYMBOL(rt_string_sub) SYMBOL(rt_string_char) SYMBOL(rt_append) SYMBOL(rt_append_slow) SYMBOL(rt_concat) SYMBOL(rt_concat_own) SYMBOL(rt_remove_last) SYMBOL(rt_get_int) SYMBOL(rt_table_next)
    SYMBOL(rt_raw_get) SYMBOL(rt_raw_set) SYMBOL(rt_raw_set_slow) SYMBOL(rt_get_metatable) SYMBOL(rt_to_string) SYMBOL(rt_to_number) SYMBOL(rt_next_at) SYMBOL(rt_handler)
    RT_SYMBOL(sin) RT_SYMBOL(cos) RT_SYMBOL(tan) RT_SYMBOL(exp) RT_SYMBOL(log) RT_SYMBOL(acos) RT_SYMBOL(asin) RT_SYMBOL(atan2) RT_SYMBOL(pow) RT_SYMBOL(fmod)
    RT_SYMBOL(str_compare) RT_SYMBOL(flt_mod) RT_SYMBOL(flt_pow) RT_SYMBOL(floor)
    RT_SYMBOL(gc_barrier_back_slow) RT_SYMBOL(gc_barrier_store_slow) RT_SYMBOL(gc_barrier_forward_slow)
    ALL_SLOW(RT_SYMBOL) NOTED(NOTED_SYMBOL)
    {NULL, NULL}};

const JitSymbol *vm_jit_symbols(void) { return jit_symbols; }
