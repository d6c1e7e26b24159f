// SPDX-License-Identifier: MIT
/* The graph as LLVM IR: one function of the interpreter's convention, entered at numbered entries.
 *
 *   - A node of known type is one LLVM value, a VALUE two: payload (i64) and tag (i32).
 *   - `base` may move in slow paths: it lives in an alloca, which LLVM turns into a register.
 *   - All guards with one State share one cold block; those blocks share their stores of registers (lower_exits.h), and
 *     tail-call rt_deopt with the record of the guard (a phi).
 *   - What memory can alias is told by TBAA: one type for each part of an object.
 */
#include <stdlib.h>
#include <string.h>

#include "gc/gc.h"
#include "lib/builtins.h"
#include "tiers/optimizing/expectation.h"
#include "tiers/optimizing/lower.h"
#include "tiers/optimizing/runtime_names.h"
#include "tiers/plugin/emitter.h"
#include "tiers/plugin/literals.h"

/* ------------------------------------------------------------------------------------ state, types */

enum { /* what an access touches */
    A_STACK, A_STACK_TAG, A_SLOT, A_SLOT_TAG, A_HEADER, A_PROPS, A_ARRAY, A_HEAD, A_ELEM, A_ELEM_TAG, A_UPVAL, A_STATE, A_FUEL, A_COUNT
};

typedef struct Lowered {
    LLVMValueRef v, tag;
    LLVMBasicBlockRef block; /* phis: nothing else */
} Lowered;

typedef struct Exit {
    State *state;
    LLVMBasicBlockRef block;
    LLVMValueRef id;
    int handler;
    struct Exit *next;
} Exit;

typedef struct Lower {
    Graph *g;
    const JitFunction *f;
    LLVMContextRef c;
    LLVMModuleRef m;
    LLVMBuilderRef b;
    LLVMTypeRef i1, i8, i32, i64, flt, ptr, fn_type, slow_type;
    LLVMValueRef fn, L, cl, base_var, scratch, global;
    LLVMBasicBlockRef *start, *end; /* by block id */
    LLVMValueRef own[UINT8_MAX + 1]; /* by number: variable with the string that an Append made last, while nobody else has it; or null */
    Exit *exits;
    LLVMValueRef access[A_COUNT], likely, unlikely, none;
    unsigned tbaa, prof, invariant;
    Literals literals;
} Lower;

static Lowered *lowered(const GNode *n) { return n->data; }
static LLVMValueRef i64c(Lower *l, int64_t x) { return LLVMConstInt(l->i64, (uint64_t)x, true); }
static LLVMValueRef i32c(Lower *l, uint32_t x) { return LLVMConstInt(l->i32, x, false); }

/* What the code names of the state (plugin/literals.h): what it compares or stores; what it reads or writes. */
static LLVMValueRef pointer(Lower *l, JitLiteralKind kind, uint64_t a) { return literal_pointer(&l->literals, kind, a, 0); }
static LLVMValueRef address(Lower *l, JitLiteralKind kind, uint64_t a) {
    return l->literals.r->light ? literal_address(&l->literals, l->b, kind, a, 0) : pointer(l, kind, a);
}
static LLVMValueRef shape_constant(Lower *l, uint64_t id) { return literal_number(&l->literals, l->i32, LITERAL_SHAPE, (uint32_t)id); }
/* 0: none. */
static LLVMValueRef shape_id(Lower *l, uint64_t id) {
    if ((uint32_t)id == 0) return i32c(l, 0);
    return l->literals.r->light ? literal_load(&l->literals, l->b, l->i32, LITERAL_SHAPE, (uint32_t)id, 0) : shape_constant(l, id);
}

static LLVMBasicBlockRef new_block(Lower *l, const char *name) { return LLVMAppendBasicBlockInContext(l->c, l->fn, name); }
static void at(Lower *l, LLVMBasicBlockRef b) { LLVMPositionBuilderAtEnd(l->b, b); }
static LLVMBasicBlockRef here(Lower *l) { return LLVMGetInsertBlock(l->b); }

/* --------------------------------------------------------------------------------------- metadata */

static LLVMValueRef md_node(Lower *l, LLVMMetadataRef *parts, size_t n) {
    return LLVMMetadataAsValue(l->c, LLVMMDNodeInContext2(l->c, parts, n));
}
static LLVMMetadataRef md_string(Lower *l, const char *s) { return LLVMMDStringInContext2(l->c, s, strlen(s)); }

static void make_metadata(Lower *l) {
    static const char *const names[] = {"stack", "stack tag", "slot", "slot tag", "header", "props", "array", "array head",
                                        "element", "element tag", "upvalue", "state", "fuel"};
    LLVMMetadataRef name = md_string(l, "perigee"), root = LLVMMDNodeInContext2(l->c, &name, 1), zero = LLVMValueAsMetadata(i64c(l, 0));
    for (unsigned n = 0; n < A_COUNT; n++) {
        LLVMMetadataRef type = LLVMMDNodeInContext2(l->c, (LLVMMetadataRef[]){md_string(l, names[n]), root, zero}, 3);
        l->access[n] = md_node(l, (LLVMMetadataRef[]){type, type, zero}, 3);
    }
    LLVMMetadataRef weights = md_string(l, "branch_weights"), much = LLVMValueAsMetadata(i32c(l, 2000)), one = LLVMValueAsMetadata(i32c(l, 1));
    l->likely = md_node(l, (LLVMMetadataRef[]){weights, much, one}, 3);
    l->unlikely = md_node(l, (LLVMMetadataRef[]){weights, one, much}, 3);
    l->none = md_node(l, NULL, 0);
    l->tbaa = LLVMGetMDKindIDInContext(l->c, "tbaa", 4);
    l->prof = LLVMGetMDKindIDInContext(l->c, "prof", 4);
    l->invariant = LLVMGetMDKindIDInContext(l->c, "invariant.load", 14);
}

/* ------------------------------------------------------------------------------------------ memory */

static LLVMValueRef offset(Lower *l, LLVMValueRef p, int64_t bytes) {
    LLVMValueRef n = i64c(l, bytes);
    return bytes == 0 ? p : LLVMBuildGEP2(l->b, l->i8, p, &n, 1, "");
}
static LLVMValueRef indexed(Lower *l, LLVMTypeRef type, LLVMValueRef p, LLVMValueRef i) { return LLVMBuildGEP2(l->b, type, p, &i, 1, ""); }

static LLVMValueRef load(Lower *l, LLVMTypeRef type, LLVMValueRef p, unsigned what) {
    LLVMValueRef x = LLVMBuildLoad2(l->b, type, p, "");
    LLVMSetMetadata(x, l->tbaa, l->access[what]);
    return x;
}
static LLVMValueRef load_at(Lower *l, LLVMTypeRef type, LLVMValueRef p, int64_t bytes, unsigned what) {
    return load(l, type, offset(l, p, bytes), what);
}
static LLVMValueRef load_invariant(Lower *l, LLVMTypeRef type, LLVMValueRef p, int64_t bytes) {
    LLVMValueRef x = LLVMBuildLoad2(l->b, type, offset(l, p, bytes), "");
    LLVMSetMetadata(x, l->invariant, l->none);
    return x;
}
static void store(Lower *l, LLVMValueRef x, LLVMValueRef p, unsigned what) {
    LLVMSetMetadata(LLVMBuildStore(l->b, x, p), l->tbaa, l->access[what]);
}

static LLVMValueRef base(Lower *l) { return LLVMBuildLoad2(l->b, l->ptr, l->base_var, "base"); }
static LLVMValueRef slot(Lower *l, unsigned r) { return offset(l, base(l), (int64_t)r * (int64_t)sizeof(TValue)); }

static LLVMTypeRef type_of(Lower *l, unsigned type) {
    switch (type) {
        case T_VALUE: case T_INT: return l->i64;
        case T_FLT: return l->flt;
        case T_BOOL: return l->i1;
        default: return l->ptr;
    }
}

/* ------------------------------------------------------------------------------------------ values */

static LLVMValueRef value(const GNode *n) { return lowered(n)->v; }

static LLVMValueRef object(Lower *l, const GNode *n) {
    JitLiteralKind kind = n->type == T_SSTR || n->type == T_LSTR ? LITERAL_STRING : n->type == T_LCF ? LITERAL_LIBRARY : LITERAL_OBJECT;
    return address(l, kind, n->imm.u);
}

/* Objects are loaded from the pool where they are used: the root, where constants stand, is executed at each entry. */
static LLVMValueRef value_here(Lower *l, const GNode *n) { return n->op == N_OBJECT ? object(l, n) : value(n); }
static void load_objects(Lower *l, const GNode *user) {
    for (uint32_t i = 0; i < user->nin; i++)
        if (user->in[i]->op == N_OBJECT) lowered(user->in[i])->v = object(l, user->in[i]);
}

/* the payload as 64 bits */
static LLVMValueRef payload(Lower *l, const GNode *n) {
    switch (n->type) {
        case T_VALUE: case T_INT: return value(n);
        case T_FLT: return LLVMBuildBitCast(l->b, value(n), l->i64, "");
        case T_NIL: case T_BOOL: return i64c(l, 0);
        default: return LLVMBuildPtrToInt(l->b, value_here(l, n), l->i64, "");
    }
}

static LLVMValueRef tag(Lower *l, const GNode *n) {
    if (n->type == T_VALUE) return lowered(n)->tag;
    if (n->type == T_BOOL) return LLVMBuildAdd(l->b, LLVMBuildZExt(l->b, value(n), l->i32, ""), i32c(l, TAG_FALSE), "");
    return i32c(l, type_tags[n->type]);
}

static void put_value(Lower *l, const GNode *x, LLVMValueRef p, unsigned what) {
    if (x->type != T_NIL && x->type != T_BOOL) store(l, x->type == T_VALUE ? payload(l, x) : value_here(l, x), p, what);
    store(l, tag(l, x), offset(l, p, offsetof(TValue, tag)), what + 1);
}

/* reads a Lua value of the node's type */
static void get_value(Lower *l, GNode *n, LLVMValueRef p, unsigned what) {
    Lowered *x = lowered(n);
    if (n->type == T_NIL) return;
    if (n->type == T_BOOL) {
        x->v = LLVMBuildICmp(l->b, LLVMIntEQ, load_at(l, l->i32, p, offsetof(TValue, tag), what + 1), i32c(l, TAG_TRUE), "");
        return;
    }
    x->v = load(l, type_of(l, n->type), p, what);
    if (n->type == T_VALUE) x->tag = load_at(l, l->i32, p, offsetof(TValue, tag), what + 1);
}

/* ----------------------------------------------------------------------------------------- runtime */

static LLVMValueRef runtime(Lower *l, const char *name, LLVMTypeRef type) {
    LLVMValueRef f = LLVMGetNamedFunction(l->m, name);
    if (f == NULL) f = LLVMAddFunction(l->m, name, type);
    return f;
}

static LLVMValueRef call(Lower *l, const char *name, LLVMTypeRef result, LLVMValueRef *args, unsigned n) {
    LLVMTypeRef types[6];
    for (unsigned i = 0; i < n; i++) types[i] = LLVMTypeOf(args[i]);
    LLVMTypeRef type = LLVMFunctionType(result, types, n, false);
    LLVMValueRef f = runtime(l, name, type);
    LLVMValueRef x = LLVMBuildCall2(l->b, type, f, args, n, "");
    unsigned nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);
    LLVMAddCallSiteAttribute(x, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, LLVMCreateEnumAttribute(l->c, nounwind, 0));
    return x;
}

/* of numbers only: reads and writes no memory */
static LLVMValueRef call_pure(Lower *l, const char *name, LLVMValueRef *args, unsigned n) {
    LLVMValueRef x = call(l, name, l->flt, args, n);
    unsigned kind = LLVMGetEnumAttributeKindForName("willreturn", 10);
    LLVMAddCallSiteAttribute(x, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, LLVMCreateEnumAttribute(l->c, kind, 0));
    kind = LLVMGetEnumAttributeKindForName("memory", 6);
    LLVMAddCallSiteAttribute(x, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, LLVMCreateEnumAttribute(l->c, kind, 0));
    return x;
}

static LLVMValueRef as_bit(Lower *l, LLVMValueRef byte) { return LLVMBuildTrunc(l->b, byte, l->i1, ""); }

/* A Lua value in memory, for functions that take its address. */
static LLVMValueRef in_memory(Lower *l, const GNode *x, unsigned n) {
    LLVMValueRef p = offset(l, l->scratch, (int64_t)n * (int64_t)sizeof(TValue));
    put_value(l, x, p, A_SLOT);
    return p;
}

static LLVMValueRef element_of(Lower *l, JitLiteralKind kind, uint64_t first, uint32_t n, size_t size) {
    uint32_t bytes = n * (uint32_t)size;
    return literal_pointer(&l->literals, kind, first + bytes, bytes);
}
static LLVMValueRef stream_pc(Lower *l, uint32_t n) { return element_of(l, LITERAL_STREAM, l->f->stream_address, n, sizeof(Insn)); }
static LLVMValueRef fallback_pc(Lower *l, uint32_t n) {
    if (l->f->fallback_address == 0) return stream_pc(l, n);
    return element_of(l, LITERAL_FALLBACK, l->f->fallback_address, n, sizeof(Insn));
}

/* A handler takes over. */
static void tail_call(Lower *l, int handler, LLVMValueRef pc, LLVMValueRef cells, LLVMValueRef i) {
    static const char *const names[] = {
#define NAME(name) "rt_" #name,
        RT_HANDLERS(NAME)
#undef NAME
    };
    LLVMValueRef f = runtime(l, names[handler], l->fn_type), any = LLVMGetUndef(l->ptr);
    LLVMSetFunctionCallConv(f, EMITTER_PRESERVE_NONE);
    LLVMValueRef args[] = {l->L, pc, base(l), any, any, cells != NULL ? cells : any, any, i};
    LLVMValueRef x = LLVMBuildCall2(l->b, l->fn_type, f, args, 8, "");
    LLVMSetInstructionCallConv(x, EMITTER_PRESERVE_NONE);
    LLVMSetTailCallKind(x, LLVMTailCallKindMustTail);
    LLVMBuildRetVoid(l->b);
}

/* ------------------------------------------------------------------------------------------- exits */

static bool has_entry(const Graph *g, uint32_t pc) {
    for (uint32_t n = 0; n < g->nentries; n++)
        if (g->entries[n].pc == pc) return true;
    return false;
}

static unsigned count_frames(const State *s) {
    unsigned n = 0;
    for (; s != NULL; s = s->caller) n++;
    return n;
}

/* As CodeExitFrame. */
static LLVMValueRef frame_record(Lower *l, const State *s, LLVMTypeRef i16) {
    bool inner = s->caller != NULL;
    uint64_t wanted = inner ? (uint64_t)s->wanted : 0, status = (s->tail ? CI_TAIL : 0) | (s->meta ? CI_META : 0) | (s->guarded ? CI_YPCALL : 0);
    LLVMValueRef fields[] = {i32c(l, inner ? state_base(s) - 1 : 0), i32c(l, s->pc), LLVMConstInt(i16, wanted, false), LLVMConstInt(i16, status, false), i32c(l, s->nextra),
                             i32c(l, (uint32_t)s->function->id)};
    return LLVMConstStructInContext(l->c, fields, sizeof fields / sizeof fields[0], false);
}

/* ------------------------------------------------------------------------------------ rebuilt tables
 *
 * A State may name tables that are not there (REBUILT). The exit puts what they hold into Global.rebuilt, one table after
 * the other, those that others hold first; its record tells the runtime where the tables themselves go. */

typedef struct Rebuilt {
    const GNode *n;
    uint32_t first;    /* number of its first value */
} Rebuilt;
typedef struct RebuiltTables {
    Rebuilt *table;
    uint32_t n, nvalues;
} RebuiltTables;

static int find_rebuilt(const RebuiltTables *t, const GNode *n) {
    for (uint32_t i = 0; i < t->n; i++)
        if (rebuilt_number(t->table[i].n) == rebuilt_number(n)) return (int)i;
    return -1;
}

static void add_rebuilt(RebuiltTables *t, const GNode *n) {
    if (n == NULL || n->op != N_REBUILT || find_rebuilt(t, n) >= 0) return;
    for (uint32_t i = 0; i < n->nin; i++) add_rebuilt(t, n->in[i]);
    t->table[t->n++] = (Rebuilt){n, t->nvalues};
    t->nvalues += n->nin;
}

static RebuiltTables rebuilt_tables(Lower *l, const State *s) {
    RebuiltTables t = {.n = 0};
    if (l->g->nrebuilt == 0) return t;
    t.table = arena_alloc(l->g->arena, l->g->nrebuilt * sizeof *t.table);
    for (; s != NULL; s = s->caller)
        for (unsigned r = 0; r < s->nregs; r++) add_rebuilt(&t, s->reg[r]);
    return t;
}

static LLVMValueRef rebuilt_place(Lower *l, uint32_t n) {
    return offset(l, l->global, (int64_t)(offsetof(Global, rebuilt) + n * sizeof(TValue)));
}

static void put_nil(Lower *l, LLVMValueRef p) { store(l, i32c(l, TAG_NIL), offset(l, p, offsetof(TValue, tag)), A_STACK_TAG); }

static void count_rebuilt(Lower *l, uint32_t n) { store(l, i32c(l, n), offset(l, l->global, offsetof(Global, nrebuilt)), A_STATE); }

static void store_rebuilt(Lower *l, const RebuiltTables *t) {
    for (uint32_t k = 0; k < t->n; k++) {
        const GNode *n = t->table[k].n;
        for (uint32_t i = 0; i < n->nin; i++) {
            LLVMValueRef p = rebuilt_place(l, t->table[k].first + i);
            if (n->in[i]->op == N_REBUILT) put_nil(l, p);
            else put_value(l, n->in[i], p, A_STACK);
        }
    }
    if (t->n > 0) count_rebuilt(l, t->nvalues);
}

typedef struct Words {
    LLVMValueRef *word;
    uint32_t n;
} Words;
static void add_word(Lower *l, Words *w, uint32_t x) { w->word[w->n++] = i32c(l, x); }

/* Where table k goes: registers, values of other tables. */
static void add_places(Lower *l, Words *w, const RebuiltTables *t, uint32_t k, const State *s) {
    uint32_t count = w->n;
    add_word(l, w, 0);
    for (; s != NULL; s = s->caller)
        for (unsigned r = 0; r < s->nregs; r++)
            if (s->reg[r] != NULL && s->reg[r]->op == N_REBUILT && find_rebuilt(t, s->reg[r]) == (int)k) add_word(l, w, state_base(s) + r);
    for (uint32_t h = k + 1; h < t->n; h++) {
        const GNode *holder = t->table[h].n;
        for (uint32_t i = 0; i < holder->nin; i++)
            if (holder->in[i]->op == N_REBUILT && find_rebuilt(t, holder->in[i]) == (int)k) add_word(l, w, CODE_EXIT_INNER | (t->table[h].first + i));
    }
    w->word[count] = i32c(l, w->n - count - 1);
}

static uint32_t count_registers(const State *s) {
    uint32_t n = 0;
    for (; s != NULL; s = s->caller) n += s->nregs;
    return n;
}

/* As CodeExitObject, one after the other. */
static Words rebuilt_words(Lower *l, const RebuiltTables *t, const State *s) {
    _Static_assert(sizeof(CodeExitObject) == 12 && offsetof(CodeExitObject, ninline) == 4 && offsetof(CodeExitObject, has_metatable) == 6 &&
                   offsetof(CodeExitObject, nplaces) == 8, "three words and the places");
    Words w = {arena_alloc(l->g->arena, (3 * t->n + count_registers(s) + t->nvalues + 1) * sizeof(LLVMValueRef)), 0};
    for (uint32_t k = 0; k < t->n; k++) {
        const GNode *n = t->table[k].n;
        uint32_t meta = rebuilt_has_metatable(n);
        uint32_t kind = rebuilt_is_closure(n) ? CODE_EXIT_CLOSURE : (uint32_t)n->imm.u == 0 ? CODE_EXIT_VARIABLE : CODE_EXIT_TABLE;
        w.word[w.n++] = kind == CODE_EXIT_TABLE ? shape_constant(l, n->imm.u) : i32c(l, (uint32_t)n->imm.u);
        uint32_t elements = rebuilt_elements(n), values = n->nin - meta - elements;
        add_word(l, &w, table_inline(n) | values << 8 | meta << 16 | (kind | elements << 2) << 24);
        add_places(l, &w, t, k, s);
    }
    return w;
}

static LLVMValueRef expected_number(Lower *l, const Expectation *e) {
    if (e->code == EXPECT_SHAPE) return literal_number(&l->literals, l->i64, LITERAL_SHAPE, e->number);
    if (e->code == EXPECT_FUNCTION) return literal_number(&l->literals, l->i64, LITERAL_PROTO, e->number);
    return i64c(l, (int64_t)e->number);
}

/* The CodeExit that tells rt_deopt where to go on, and the report why. */
static LLVMValueRef exit_record(Lower *l, const GNode *n) {
    LLVMTypeRef i16 = LLVMInt16TypeInContext(l->c);
    unsigned nframes = count_frames(n->state), reason = n->op == N_POLL ? (unsigned)CODE_EXIT_PLAIN : n->reason;
    LLVMValueRef *frames = arena_alloc(l->g->arena, nframes * sizeof *frames);
    unsigned i = nframes;
    for (const State *s = n->state; s != NULL; s = s->caller) frames[--i] = frame_record(l, s, i16);
    LLVMValueRef array = LLVMConstArray2(LLVMTypeOf(frames[0]), frames, nframes);
    const JitFunction *f = n->function != NULL ? n->function : n->state->function;
    Expectation e = expectation_of(n);
    RebuiltTables tables = rebuilt_tables(l, n->state);
    Words words = rebuilt_words(l, &tables, n->state);
    LLVMValueRef fields[] = {LLVMConstInt(i16, nframes, false), LLVMConstInt(i16, reason, false), i32c(l, n->pc),
                             i64c(l, (int64_t)f->id), expected_number(l, &e), i32c(l, f->lines != NULL && n->pc < f->ninsns ? (uint32_t)f->lines[n->pc] : 0),
                             LLVMConstInt(i16, e.where, false), LLVMConstInt(l->i8, e.code, false),
                             LLVMConstInt(l->i8, n->pc < f->ninsns ? insn_op(f->code[n->pc]) : 0, false), i32c(l, tables.n), array,
                             LLVMConstArray2(l->i32, words.word, words.n)};
    LLVMValueRef record = LLVMConstStructInContext(l->c, fields, sizeof fields / sizeof fields[0], false);
    LLVMValueRef global = LLVMAddGlobal(l->m, LLVMTypeOf(record), "exit");
    LLVMSetInitializer(global, record);
    LLVMSetGlobalConstant(global, true);
    LLVMSetLinkage(global, LLVMPrivateLinkage);
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
    return global;
}

/* Inlined code attends to requests where it goes on; a tail call to be begun again may take open arguments up to the top of
 * the stack, which attending would move. */
static bool polls_inlined(const State *s) { return s->caller != NULL || insn_op(s->function->code[s->pc]) == OP_TAILCALL; }

/* The cold block for a State; the present block becomes its predecessor. */
static LLVMBasicBlockRef exit_block(Lower *l, const GNode *n) {
    bool polls = n->op == N_POLL && !polls_inlined(n->state) && rebuilt_tables(l, n->state).n == 0; /* it makes no tables */
    int handler = n->op == N_TYPED_TRY ? RT_typed_failed : polls ? RT_poll : RT_deopt;
    Exit *e = l->exits;
    while (e != NULL && (e->state != n->state || e->handler != handler)) e = e->next;
    if (e == NULL) {
        e = arena_alloc(l->g->arena, sizeof *e);
        *e = (Exit){n->state, new_block(l, "exit"), NULL, handler, l->exits};
        l->exits = e;
        LLVMBasicBlockRef now = here(l);
        at(l, e->block);
        e->id = LLVMBuildPhi(l->b, l->ptr, "");
        at(l, now);
    }
    LLVMValueRef id = exit_record(l, n);
    LLVMBasicBlockRef from = here(l);
    LLVMAddIncoming(e->id, &id, &from, 1);
    return e->block;
}

/* Tables that are not there are nil for now. Returns how many values describe them. */
static uint32_t store_state(Lower *l, const State *s) {
    RebuiltTables tables = rebuilt_tables(l, s);
    for (; s != NULL; s = s->caller) {
        for (unsigned r = 0; r < s->nregs; r++) {
            if (s->reg[r] == NULL) continue;
            if (s->reg[r]->op == N_REBUILT) put_nil(l, slot(l, state_base(s) + r));
            else put_value(l, s->reg[r], slot(l, state_base(s) + r), A_STACK);
        }
    }
    store_rebuilt(l, &tables);
    return tables.nvalues;
}

/* -------------------------------------------------------------------------------------- counting steps */

static LLVMValueRef fuel(Lower *l) { return load(l, l->i64, address(l, LITERAL_FUEL, l->f->fuel_address), A_FUEL); }
static void put_fuel(Lower *l, LLVMValueRef x) { store(l, x, address(l, LITERAL_FUEL, l->f->fuel_address), A_FUEL); }
static void refund(Lower *l, int64_t n) { put_fuel(l, LLVMBuildAdd(l->b, fuel(l), i64c(l, n), "")); }

/* An exit gives back what is paid for behind it. */
static void refund_rest(Lower *l, const State *s) {
    uint32_t n = 0;
    for (; s != NULL; s = s->caller) n += s->unspent;
    if (n > 0) refund(l, n);
}

#include "tiers/optimizing/lower_exits.h"

static void exit_unless(Lower *l, LLVMValueRef cond, const GNode *n) {
    if (l->g->function->fail_guards && n->op == N_GUARD && n->imm.i != GUARD_BINDING) { /* others tell of what they did */
        LLVMValueRef holds = LLVMBuildTrunc(l->b, call(l, "rt_guard_holds", l->i8, &l->L, 1), l->i1, "");
        cond = LLVMBuildAnd(l->b, cond, holds, "");
    }
    LLVMBasicBlockRef on = new_block(l, ""), out = exit_block(l, n);
    LLVMSetMetadata(LLVMBuildCondBr(l->b, cond, on, out), l->prof, l->likely);
    at(l, on);
}

/* -------------------------------------------------------------------------------------- arithmetic */

static LLVMValueRef icmp(Lower *l, LLVMIntPredicate p, LLVMValueRef x, LLVMValueRef y) { return LLVMBuildICmp(l->b, p, x, y, ""); }
static LLVMValueRef both(Lower *l, LLVMValueRef x, LLVMValueRef y) { return LLVMBuildAnd(l->b, x, y, ""); }

static bool is_power(const GNode *n) { return n->op == N_INT && n->imm.i > 0 && (n->imm.i & (n->imm.i - 1)) == 0; }

static LLVMValueRef floor_div(Lower *l, GNode *x, GNode *y) {
    if (is_power(y)) return LLVMBuildAShr(l->b, value(x), i64c(l, __builtin_ctzll(y->imm.u)), "");
    LLVMValueRef q = LLVMBuildSDiv(l->b, value(x), value(y), "");
    LLVMValueRef inexact = icmp(l, LLVMIntNE, LLVMBuildMul(l->b, q, value(y), ""), value(x));
    LLVMValueRef negative = icmp(l, LLVMIntSLT, LLVMBuildXor(l->b, value(x), value(y), ""), i64c(l, 0));
    return LLVMBuildAdd(l->b, q, LLVMBuildSExt(l->b, both(l, inexact, negative), l->i64, ""), "");
}

static LLVMValueRef floor_mod(Lower *l, GNode *x, GNode *y) {
    if (is_power(y)) return LLVMBuildAnd(l->b, value(x), i64c(l, y->imm.i - 1), "");
    LLVMValueRef r = LLVMBuildSRem(l->b, value(x), value(y), "");
    LLVMValueRef wrong = icmp(l, LLVMIntSLT, LLVMBuildXor(l->b, r, value(y), ""), i64c(l, 0));
    wrong = both(l, wrong, icmp(l, LLVMIntNE, r, i64c(l, 0)));
    return LLVMBuildSelect(l->b, wrong, LLVMBuildAdd(l->b, r, value(y), ""), r, "");
}

/* x << n; shifts by 64 or more give 0, negative ones go right */
static LLVMValueRef shift(Lower *l, LLVMValueRef x, LLVMValueRef n) {
    LLVMValueRef zero = i64c(l, 0), bits = i64c(l, 64), mask = i64c(l, 63), m = LLVMBuildNeg(l->b, n, "");
    LLVMValueRef left = LLVMBuildShl(l->b, x, both(l, n, mask), ""), right = LLVMBuildLShr(l->b, x, both(l, m, mask), "");
    LLVMValueRef other = LLVMBuildSelect(l->b, icmp(l, LLVMIntULT, m, bits), right, zero, "");
    return LLVMBuildSelect(l->b, icmp(l, LLVMIntULT, n, bits), left, other, "");
}

static LLVMValueRef intrinsic(Lower *l, const char *name, LLVMValueRef x) {
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    LLVMValueRef f = LLVMGetIntrinsicDeclaration(l->m, id, &l->flt, 1);
    return LLVMBuildCall2(l->b, LLVMFunctionType(l->flt, &l->flt, 1, false), f, &x, 1, "");
}

static LLVMValueRef lower_pow(Lower *l, GNode *x, GNode *y) {
    if (y->op == N_FLT && y->imm.f == 2) return LLVMBuildFMul(l->b, value(x), value(x), "");
    return call_pure(l, "rt_flt_pow", (LLVMValueRef[]){value(x), value(y)}, 2);
}

static LLVMValueRef number_to_flt(Lower *l, GNode *x) {
    LLVMValueRef f = LLVMBuildBitCast(l->b, value(x), l->flt, ""), i = LLVMBuildSIToFP(l->b, value(x), l->flt, "");
    return LLVMBuildSelect(l->b, icmp(l, LLVMIntEQ, tag(l, x), i32c(l, TAG_FLT)), f, i, "");
}

static LLVMValueRef for_goes(Lower *l, GNode *n) {
    LLVMValueRef i = value(n->in[0]), limit = value(n->in[1]), step = value(n->in[2]);
    LLVMValueRef up = LLVMBuildFCmp(l->b, LLVMRealOGT, step, LLVMConstReal(l->flt, 0), "");
    return LLVMBuildSelect(l->b, up, LLVMBuildFCmp(l->b, LLVMRealOLE, i, limit, ""), LLVMBuildFCmp(l->b, LLVMRealOLE, limit, i, ""), "");
}

/* --------------------------------------------------------------------------------------- equality */

static LLVMValueRef same_tag(Lower *l, GNode *x, GNode *y) { return icmp(l, LLVMIntEQ, tag(l, x), tag(l, y)); }

/* nil and booleans are told by their tags */
static LLVMValueRef same(Lower *l, GNode *x, GNode *y) {
    LLVMValueRef equal = icmp(l, LLVMIntEQ, payload(l, x), payload(l, y));
    equal = LLVMBuildOr(l->b, equal, icmp(l, LLVMIntULE, tag(l, x), i32c(l, TAG_TRUE)), "");
    return both(l, equal, same_tag(l, x, y));
}

static bool is_exact(int64_t i) { return i >= -(INT64_C(1) << 53) && i <= INT64_C(1) << 53; }

static LLVMValueRef raw_equal(Lower *l, GNode *x, GNode *y) {
    if (node_is_const(x)) {
        GNode *t = x;
        x = y;
        y = t;
    }
    if (y->type == T_NIL || y->type == T_BOOL) return icmp(l, LLVMIntEQ, tag(l, x), tag(l, y));
    if (y->type == T_SSTR || (x->type == T_INT && y->type == T_INT)) return same(l, x, y);
    if (x->type == T_FLT && y->type == T_FLT) return LLVMBuildFCmp(l->b, LLVMRealOEQ, value(x), value(y), "");
    if (x->type == T_FLT && y->op == N_INT && is_exact(y->imm.i))
        return LLVMBuildFCmp(l->b, LLVMRealOEQ, value(x), LLVMConstReal(l->flt, (double)y->imm.i), "");
    return as_bit(l, call(l, "rt_raw_equal", l->i8, (LLVMValueRef[]){in_memory(l, x, 0), in_memory(l, y, 1)}, 2));
}

enum {
    EQUAL_BY_PAYLOAD = 1u << TAG_NIL | 1u << TAG_FALSE | 1u << TAG_TRUE | 1u << TAG_INT | 1u << TAG_SSTR | 1u << TAG_LIGHTUD |
                       1u << TAG_LCF | 1u << TAG_LCL | 1u << TAG_CCL | 1u << TAG_THREAD,
    EQUAL_IF_SAME = EQUAL_BY_PAYLOAD | 1u << TAG_TABLE | 1u << TAG_UDATA | 1u << TAG_LSTR
};

static LLVMValueRef tag_among(Lower *l, GNode *x, uint32_t tags) {
    return LLVMBuildTrunc(l->b, LLVMBuildLShr(l->b, i32c(l, tags), tag(l, x), ""), l->i1, "");
}

static LLVMValueRef decided(Lower *l, GNode *x, GNode *y) {
    LLVMValueRef equal = icmp(l, LLVMIntEQ, payload(l, x), payload(l, y));
    LLVMValueRef of_one_tag = LLVMBuildOr(l->b, tag_among(l, x, EQUAL_BY_PAYLOAD), both(l, equal, tag_among(l, x, EQUAL_IF_SAME)), "");
    LLVMValueRef numbers = icmp(l, LLVMIntEQ, LLVMBuildAdd(l->b, tag(l, x), tag(l, y), ""), i32c(l, TAG_INT + TAG_FLT));
    LLVMValueRef first = icmp(l, LLVMIntEQ, LLVMBuildOr(l->b, tag(l, x), i32c(l, 1), ""), i32c(l, TAG_FLT));
    LLVMValueRef of_two = LLVMBuildNot(l->b, both(l, numbers, first), "");
    return LLVMBuildSelect(l->b, same_tag(l, x, y), of_one_tag, of_two, "");
}

/* --------------------------------------------------------------------------------- tables, objects */


static LLVMValueRef far_slot(Lower *l, GNode *t, int64_t below) {
    return offset(l, load_at(l, l->ptr, value(t), offsetof(Table, props), A_PROPS), -below);
}

enum { HEAD = (int)sizeof(ArrayHead) };

static LLVMValueRef head_field(Lower *l, LLVMTypeRef type, LLVMValueRef array, size_t field) {
    return load_at(l, type, array, (int64_t)field - HEAD, A_HEAD);
}

static LLVMValueRef tag_place(Lower *l, LLVMValueRef array, LLVMValueRef index) {
    LLVMValueRef cap = LLVMBuildZExt(l->b, head_field(l, l->i32, array, offsetof(ArrayHead, cap)), l->i64, "");
    return indexed(l, l->i8, indexed(l, l->i64, array, cap), index);
}

static LLVMValueRef element_tag(Lower *l, LLVMValueRef array, LLVMValueRef index) {
    return LLVMBuildZExt(l->b, load(l, l->i8, tag_place(l, array, index), A_ELEM_TAG), l->i32, "");
}

/* Tagged or not, as the array's kind says. */
static LLVMValueRef any_tag(Lower *l, LLVMValueRef array, LLVMValueRef index) {
    LLVMValueRef kind = head_field(l, l->i8, array, offsetof(ArrayHead, kind));
    LLVMBasicBlockRef tagged = new_block(l, ""), on = new_block(l, ""), from = here(l);
    LLVMValueRef typed = LLVMBuildAdd(l->b, LLVMBuildZExt(l->b, kind, l->i32, ""), i32c(l, TAG_INT - KIND_INT), "");
    LLVMBuildCondBr(l->b, icmp(l, LLVMIntUGE, kind, LLVMConstInt(l->i8, KIND_VALUE, false)), tagged, on);
    at(l, tagged);
    LLVMValueRef own = element_tag(l, array, index);
    LLVMBuildBr(l->b, on);
    at(l, on);
    LLVMValueRef phi = LLVMBuildPhi(l->b, l->i32, "");
    LLVMAddIncoming(phi, (LLVMValueRef[]){typed, own}, (LLVMBasicBlockRef[]){from, tagged}, 2);
    return phi;
}

static void lower_element(Lower *l, GNode *n) {
    Lowered *x = lowered(n);
    LLVMValueRef array = value(n->in[0]), index = value(n->in[1]);
    if (n->op == N_ELEM_TAGGED) x->tag = element_tag(l, array, index);
    if (n->op == N_ELEM_ANY) x->tag = any_tag(l, array, index);
    x->v = load(l, type_of(l, n->type), indexed(l, l->i64, array, index), A_ELEM);
}

static void lower_put_element(Lower *l, GNode *n) {
    LLVMValueRef array = value(n->in[0]), index = value(n->in[1]), place = indexed(l, l->i64, array, index);
    GNode *x = n->in[2];
    if (n->op == N_PUT_TAGGED) store(l, LLVMBuildTrunc(l->b, tag(l, x), l->i8, ""), tag_place(l, array, index), A_ELEM_TAG);
    if (x->type != T_NIL && x->type != T_BOOL) store(l, x->type == T_VALUE ? payload(l, x) : value(x), place, A_ELEM);
}

/* If parent is black and x an object, the collector is told. */
static void barrier(Lower *l, LLVMValueRef parent, GNode *x, const char *slow) {
    if (x->type != T_VALUE && !type_is_object(x->type)) return;
    LLVMBasicBlockRef black = new_block(l, ""), on = new_block(l, "");
    LLVMValueRef marked = load_at(l, l->i8, parent, offsetof(GCObject, marked), A_HEADER);
    LLVMValueRef is_black = icmp(l, LLVMIntNE, both(l, marked, LLVMConstInt(l->i8, GC_BLACK, false)), LLVMConstInt(l->i8, 0, false));
    if (x->type == T_VALUE) is_black = both(l, is_black, icmp(l, LLVMIntUGE, tag(l, x), i32c(l, TAG_SSTR)));
    LLVMSetMetadata(LLVMBuildCondBr(l->b, is_black, black, on), l->prof, l->unlikely);
    at(l, black);
    LLVMValueRef child = x->type == T_VALUE ? LLVMBuildIntToPtr(l->b, value(x), l->ptr, "") : value(x);
    call(l, slow, LLVMVoidTypeInContext(l->c), (LLVMValueRef[]){l->L, parent, child}, 3);
    LLVMBuildBr(l->b, on);
    at(l, on);
}

/* The table may be black, and nothing else refer to the shape. */
static void lower_put_shape(Lower *l, GNode *n) {
    LLVMValueRef table = value(n->in[0]);
    store(l, shape_id(l, n->imm.u), offset(l, table, offsetof(Table, shape)), A_HEADER);
    LLVMBasicBlockRef black = new_block(l, ""), on = new_block(l, "");
    LLVMValueRef bit = both(l, load_at(l, l->i8, table, offsetof(GCObject, marked), A_HEADER), LLVMConstInt(l->i8, GC_BLACK, false));
    LLVMSetMetadata(LLVMBuildCondBr(l->b, icmp(l, LLVMIntNE, bit, LLVMConstInt(l->i8, 0, false)), black, on), l->prof, l->unlikely);
    at(l, black);
    call(l, "rt_gc_barrier_back_slow", LLVMVoidTypeInContext(l->c), (LLVMValueRef[]){l->L, table}, 2);
    LLVMBuildBr(l->b, on);
    at(l, on);
}

static LLVMValueRef upvalue(Lower *l, int64_t n) {
    return load_invariant(l, l->ptr, l->cl, (int64_t)offsetof(LClosure, upvals) + n * (int64_t)sizeof(UpVal *));
}

static LLVMValueRef upvalue_of(Lower *l, const GNode *closure, int64_t n) {
    return load_at(l, l->ptr, value(closure), (int64_t)offsetof(LClosure, upvals) + n * (int64_t)sizeof(UpVal *), A_UPVAL);
}

static void put_upvalue(Lower *l, LLVMValueRef uv, GNode *x) {
    put_value(l, x, load_at(l, l->ptr, uv, offsetof(UpVal, v), A_UPVAL), A_STACK);
    barrier(l, uv, x, "rt_gc_barrier_forward_slow");
}

static LLVMValueRef has_room(Lower *l, const GNode *n) {
    LLVMValueRef end = LLVMBuildPtrToInt(l->b, load_at(l, l->ptr, l->L, offsetof(lua_State, stack_last), A_STATE), l->i64, "");
    LLVMValueRef room = LLVMBuildSub(l->b, end, LLVMBuildPtrToInt(l->b, base(l), l->i64, ""), "");
    return icmp(l, LLVMIntSGE, room, i64c(l, n->imm.i * (int64_t)sizeof(TValue)));
}

/* C calls in the low half of the counter (state/state.h) */
static LLVMValueRef may_nest(Lower *l, const GNode *n) {
    LLVMValueRef calls = both(l, load_at(l, l->i32, l->L, offsetof(lua_State, ncalls), A_STATE), i32c(l, 0xffff));
    return icmp(l, LLVMIntULT, calls, i32c(l, (uint32_t)n->imm.i));
}

/* ----------------------------------------------------------------------------------------- control */

static void reload_base(Lower *l) {
    LLVMValueRef ci = load_at(l, l->ptr, l->L, offsetof(lua_State, ci), A_STATE);
    LLVMValueRef func = load_at(l, l->ptr, ci, offsetof(CallInfo, func), A_STATE);
    LLVMBuildStore(l->b, offset(l, func, sizeof(TValue)), l->base_var);
}

/* Instruction n of the stream that a slow path goes on in. */
static LLVMValueRef pc_behind(Lower *l, const GNode *slow, uint32_t n) {
    return slow->imm.i & RT_IN_STREAM ? stream_pc(l, n) : fallback_pc(l, n);
}

static void lower_slow(Lower *l, GNode *n) {
    static const char *const names[] = {
#define NAME(name) "rt_" #name,
        RT_SLOW_PATHS(NAME)
#undef NAME
    };
    int64_t slow = n->imm.i & ~(int64_t)RT_IN_STREAM;
    Insn i = slow >= RT_FIRST_QUICK ? l->f->quick[n->pc] : l->f->code[n->pc];
    LLVMValueRef args[] = {l->L, pc_behind(l, n, n->pc + 1), i64c(l, (int64_t)i)};
    lowered(n)->v = call(l, names[slow], l->ptr, args, 3);
    reload_base(l);
}

static LLVMValueRef pc_is(Lower *l, const GNode *n) {
    return icmp(l, LLVMIntEQ, value(n->in[0]), pc_behind(l, n->in[0], (uint32_t)n->imm.i));
}

static void lower_go_on(Lower *l, GNode *n) {
    LLVMBasicBlockRef on = new_block(l, ""), away = new_block(l, "away");
    LLVMSetMetadata(LLVMBuildCondBr(l->b, pc_is(l, n), on, away), l->prof, l->likely);
    at(l, away);
    tail_call(l, RT_dispatch, value(n->in[0]), NULL, i64c(l, 0));
    at(l, on);
}

static void lower_poll(Lower *l, GNode *n) {
    LLVMValueRef attention = load_at(l, l->i32, l->L, offsetof(lua_State, attention), A_STATE);
    LLVMSetVolatile(attention, true);
    exit_unless(l, icmp(l, LLVMIntEQ, attention, i32c(l, 0)), n);
}

static void lower_charge(Lower *l, GNode *n) {
    LLVMValueRef left = LLVMBuildSub(l->b, fuel(l), i64c(l, n->imm.i), "");
    exit_unless(l, icmp(l, LLVMIntSGE, left, i64c(l, 0)), n);
    put_fuel(l, left);
}

static void lower_branch(Lower *l, GNode *n) {
    LLVMValueRef br = LLVMBuildCondBr(l->b, value(n->in[0]), l->start[n->block->succ[0]->id], l->start[n->block->succ[1]->id]);
    if (n->imm.i != 0) LLVMSetMetadata(br, l->prof, n->imm.i == 1 ? l->likely : l->unlikely);
}

/* ---------------------------------------------------------------------------- calls and returns
 *
 * The usual case of the runtime's handlers, inline: a Lua function of fixed arguments is called, one value is
 * returned to a Lua frame that wants one, and there is compiled code to go on in. What is checked comes first;
 * then the handler can do everything instead. */

static LLVMValueRef is_zero(Lower *l, LLVMValueRef x) { return icmp(l, LLVMIntEQ, x, LLVMConstNull(LLVMTypeOf(x))); }

/* Once: storing it each time would make each iteration wait for the one before. */
static void mark_tail_called(Lower *l) {
    LLVMTypeRef i16 = LLVMInt16TypeInContext(l->c);
    LLVMValueRef ci = load_at(l, l->ptr, l->L, offsetof(lua_State, ci), A_STATE), place = offset(l, ci, offsetof(CallInfo, status));
    LLVMValueRef status = load(l, i16, place, A_STATE), mark = LLVMConstInt(i16, CI_TAIL, false);
    LLVMBasicBlockRef first = new_block(l, ""), on = new_block(l, "");
    LLVMSetMetadata(LLVMBuildCondBr(l->b, is_zero(l, both(l, status, mark)), first, on), l->prof, l->unlikely);
    at(l, first);
    store(l, LLVMBuildOr(l->b, status, mark, ""), place, A_STATE);
    LLVMBuildBr(l->b, on);
    at(l, on);
}

static LLVMValueRef state_field(Lower *l, LLVMTypeRef type, size_t field) { return load_at(l, type, l->L, (int64_t)field, A_STATE); }

/* Goes on here if cond holds, else to `other`. */
static void likely(Lower *l, LLVMValueRef cond, LLVMBasicBlockRef other) {
    LLVMBasicBlockRef on = new_block(l, "");
    LLVMSetMetadata(LLVMBuildCondBr(l->b, cond, on, other), l->prof, l->likely);
    at(l, on);
}


static void no_hooks(Lower *l, LLVMBasicBlockRef other) {
    likely(l, is_zero(l, state_field(l, l->i32, offsetof(lua_State, hookmask))), other);
}

static void jump_to_code(Lower *l, LLVMValueRef pc, LLVMValueRef new_base, LLVMValueRef insn) {
    LLVMValueRef code = LLVMBuildShl(l->b, LLVMBuildLShr(l->b, insn, i64c(l, 21), ""), i64c(l, 4), "");
    LLVMValueRef f = LLVMBuildIntToPtr(l->b, code, l->ptr, ""), any = LLVMGetUndef(l->ptr);
    LLVMValueRef args[] = {l->L, offset(l, pc, sizeof(Insn)), new_base, any, any, any, any, insn};
    LLVMValueRef x = LLVMBuildCall2(l->b, l->fn_type, f, args, 8, "");
    LLVMSetInstructionCallConv(x, EMITTER_PRESERVE_NONE);
    LLVMSetTailCallKind(x, LLVMTailCallKindMustTail);
    LLVMBuildRetVoid(l->b);
}

static LLVMValueRef is_compiled(Lower *l, LLVMValueRef insn) {
    return icmp(l, LLVMIntEQ, both(l, insn, i64c(l, 0xff)), i64c(l, OP_COMPILED));
}

/* A frame record with what the handlers of calls put into it. */
static void fill_frame(Lower *l, LLVMValueRef ci, LLVMValueRef func, LLVMValueRef top, LLVMValueRef pc, int nresults) {
    _Static_assert(offsetof(CallInfo, status) == offsetof(CallInfo, attention) + 4 && offsetof(CallInfo, nresults) == offsetof(CallInfo, attention) + 6,
                   "attention, status and nresults are written at once");
    store(l, func, offset(l, ci, offsetof(CallInfo, func)), A_STATE);
    store(l, top, offset(l, ci, offsetof(CallInfo, top)), A_STATE);
    store(l, pc, offset(l, ci, offsetof(CallInfo, pc)), A_STATE);
    store(l, LLVMConstInt(l->i64, (uint64_t)(uint16_t)nresults << 48, false), offset(l, ci, offsetof(CallInfo, attention)), A_STATE);
    store(l, i32c(l, 0), offset(l, ci, offsetof(CallInfo, nextra)), A_STATE);
    store(l, ci, offset(l, l->L, offsetof(lua_State, ci)), A_STATE);
}

static LLVMValueRef byte_of(Lower *l, LLVMValueRef word, unsigned n) {
    return both(l, LLVMBuildLShr(l->b, word, i32c(l, 8 * n), ""), i32c(l, 0xff));
}

/* The one function that the site calls; NULL: not known, or not the usual one. */
static const JitFunction *known_callee(const JitFunction *f, uint32_t pc) {
    Insn i = f->quick[pc];
    unsigned d = insn_d(i);
    const JitFunction *to = f->callees != NULL && d < f->ncells && f->cells[d].kind == CELL_TARGET ? f->callees[d] : NULL;
    return to != NULL && !to->isvararg && insn_b(i) > to->numparams ? to : NULL;
}

/* End of the registers of the function p about to be called, which takes no more than nargs arguments and no extra ones. */
static LLVMValueRef top_of_callee(Lower *l, LLVMValueRef p, LLVMValueRef func, const JitFunction *known, unsigned nargs, LLVMBasicBlockRef other) {
    _Static_assert(offsetof(Proto, isvararg) == offsetof(Proto, numparams) + 1 && offsetof(Proto, maxstack) == offsetof(Proto, numparams) + 2,
                   "three bytes of a prototype are read at once");
    if (known != NULL) {
        likely(l, icmp(l, LLVMIntEQ, p, pointer(l, LITERAL_PROTO, known->proto)), other);
        return offset(l, func, (int64_t)(known->maxstack + 1) * (int64_t)sizeof(TValue));
    }
    LLVMValueRef word = load_at(l, l->i32, p, offsetof(Proto, numparams), A_HEADER);
    LLVMValueRef simple = both(l, is_zero(l, byte_of(l, word, 1)), icmp(l, LLVMIntULE, byte_of(l, word, 0), i32c(l, nargs)));
    likely(l, simple, other);
    LLVMValueRef maxstack = LLVMBuildZExt(l->b, byte_of(l, word, 2), l->i64, "");
    return indexed(l, l->i8, offset(l, func, sizeof(TValue)), LLVMBuildShl(l->b, maxstack, i64c(l, 4), ""));
}

static void call_lua_function(Lower *l, GNode *n, LLVMBasicBlockRef other) {
    Insn i = l->f->quick[n->pc];
    unsigned nargs = insn_b(i) - 1;
    LLVMValueRef func = slot(l, insn_a(i));
    likely(l, icmp(l, LLVMIntEQ, load_at(l, l->i32, func, offsetof(TValue, tag), A_STACK_TAG), i32c(l, TAG_LCL)), other);
    LLVMValueRef p = load_at(l, l->ptr, load(l, l->ptr, func, A_STACK), offsetof(LClosure, p), A_HEADER);
    LLVMValueRef top = top_of_callee(l, p, func, known_callee(l->f, n->pc), nargs, other);
    LLVMValueRef limit = state_field(l, l->ptr, offsetof(lua_State, stack_limit));
    likely(l, icmp(l, LLVMIntULT, offset(l, top, (int64_t)nargs * (int64_t)sizeof(TValue)), limit), other);
    LLVMValueRef ci = state_field(l, l->ptr, offsetof(lua_State, ci)), next = load_at(l, l->ptr, ci, offsetof(CallInfo, next), A_STATE);
    likely(l, LLVMBuildIsNotNull(l->b, next, ""), other);
    LLVMValueRef budget_at = offset(l, p, offsetof(Proto, budget)), budget = load(l, l->i32, budget_at, A_HEADER);
    likely(l, icmp(l, LLVMIntSGT, budget, i32c(l, 1)), other);
    LLVMValueRef entry = load_at(l, l->ptr, p, offsetof(Proto, entry), A_HEADER), insn = load(l, l->i64, entry, A_HEADER);
    likely(l, is_compiled(l, insn), other);
    no_hooks(l, other);
    store(l, LLVMBuildSub(l->b, budget, i32c(l, 1), ""), budget_at, A_HEADER);
    store(l, stream_pc(l, n->pc + 1), offset(l, ci, offsetof(CallInfo, pc)), A_STATE);
    fill_frame(l, next, func, top, entry, (int)insn_c(i) - 1);
    jump_to_code(l, entry, offset(l, func, sizeof(TValue)), insn);
}

/* ------------------------------------------------------------------------------- recursive functions
 *
 * A function that calls itself stays in its code: the call jumps to the block of entry 0, the return to that of the entry
 * behind the call, both with another base. What the indirect jumps and the decoding of instructions cost is saved, and LLVM, which sees both ends,
 * passes what it knows of arguments and results. It is the same code as long as it is the one that calls begin in, for the same closure. */

static bool calls_itself(const JitFunction *f, uint32_t pc) {
    Insn i = f->quick[pc];
    unsigned d = insn_d(i);
    if (f->callees == NULL || d >= f->ncells || f->cells[d].kind != CELL_TARGET || f->callees[d] != f) return false;
    return insn_op(i) == OP_CALL && insn_b(i) > f->numparams && !f->isvararg;
}

/* The block of the entry at pc, as a target of jumps; NULL: none. */
static LLVMBasicBlockRef entry_block(Lower *l, uint32_t pc) {
    for (uint32_t n = 0; n < l->g->nentries; n++) {
        const Block *b = l->g->entries[n].block;
        if (l->g->entries[n].pc == pc && b->first->op != N_PHI) return l->start[b->id];
    }
    return NULL;
}

static void jump_to_entry(Lower *l, LLVMBasicBlockRef entry, LLVMValueRef new_base) {
    LLVMBuildStore(l->b, new_base, l->base_var);
    LLVMBuildBr(l->b, entry);
}

/* (Such calls do not count: the code is of the last tier.) */
static void call_itself(Lower *l, GNode *n, LLVMBasicBlockRef other) {
    Insn i = l->f->quick[n->pc];
    LLVMBasicBlockRef entry = entry_block(l, 0);
    if (entry == NULL) return;
    LLVMBasicBlockRef general = new_block(l, "");
    LLVMValueRef func = slot(l, insn_a(i)), p = address(l, LITERAL_PROTO, l->f->proto), stream = stream_pc(l, 0);
    likely(l, icmp(l, LLVMIntEQ, load(l, l->ptr, func, A_STACK), l->cl), general);
    likely(l, icmp(l, LLVMIntEQ, load_at(l, l->i32, func, offsetof(TValue, tag), A_STACK_TAG), i32c(l, TAG_LCL)), general);
    likely(l, icmp(l, LLVMIntEQ, load_at(l, l->ptr, p, offsetof(Proto, entry), A_HEADER), stream), general);
    LLVMValueRef top = offset(l, func, (int64_t)(l->f->maxstack + 1) * (int64_t)sizeof(TValue));
    LLVMValueRef most = offset(l, top, (int64_t)(insn_b(i) - 1) * (int64_t)sizeof(TValue));
    likely(l, icmp(l, LLVMIntULT, most, state_field(l, l->ptr, offsetof(lua_State, stack_limit))), other);
    LLVMValueRef ci = state_field(l, l->ptr, offsetof(lua_State, ci)), next = load_at(l, l->ptr, ci, offsetof(CallInfo, next), A_STATE);
    likely(l, LLVMBuildIsNotNull(l->b, next, ""), other);
    no_hooks(l, other);
    store(l, stream_pc(l, n->pc + 1), offset(l, ci, offsetof(CallInfo, pc)), A_STATE);
    fill_frame(l, next, func, top, stream, (int)insn_c(i) - 1);
    jump_to_entry(l, entry, offset(l, func, sizeof(TValue)));
    at(l, general);
}

/* A return to behind one of its own calls of itself; otherwise goes on here. */
static void return_to_itself(Lower *l, LLVMValueRef pc) {
    enum { MOST = 4 };
    unsigned found = 0;
    for (uint32_t at_ = 0; at_ + 1 < l->f->ninsns && found < MOST; at_++) {
        LLVMBasicBlockRef entry = calls_itself(l->f, at_) ? entry_block(l, at_ + 1) : NULL;
        if (entry == NULL) continue;
        found++;
        LLVMBasicBlockRef here_ = new_block(l, ""), general = new_block(l, "");
        LLVMBuildCondBr(l->b, icmp(l, LLVMIntEQ, pc, stream_pc(l, at_ + 1)), here_, general);
        at(l, here_);
        LLVMValueRef new_base = slot(l, 0);
        new_base = offset(l, new_base, -(int64_t)(insn_a(l->f->quick[at_]) + 1) * (int64_t)sizeof(TValue));
        likely(l, icmp(l, LLVMIntEQ, load_at(l, l->ptr, new_base, -(int64_t)sizeof(TValue), A_STACK), l->cl), general);
        jump_to_entry(l, entry, new_base);
        at(l, general);
    }
}

static void lower_leave(Lower *l, GNode *n) {
    LLVMBasicBlockRef other = new_block(l, "");
    if (n->imm.i == RT_call && calls_itself(l->f, n->pc)) call_itself(l, n, other);
    if (n->imm.i == RT_call && insn_b(l->f->quick[n->pc]) != 0) call_lua_function(l, n, other);
    else LLVMBuildBr(l->b, other);
    at(l, other);
    tail_call(l, (int)n->imm.i, stream_pc(l, n->pc + 1), NULL, i64c(l, (int64_t)l->f->quick[n->pc]));
}

/* All results are wanted: the top of the stack tells where the one ends. */
static void set_top_if(Lower *l, LLVMValueRef all) {
    LLVMBasicBlockRef set = new_block(l, ""), on = new_block(l, "");
    LLVMBuildCondBr(l->b, all, set, on);
    at(l, set);
    store(l, base(l), offset(l, l->L, offsetof(lua_State, top)), A_STATE);
    LLVMBuildBr(l->b, on);
    at(l, on);
}

static void return_to_lua(Lower *l, GNode *n, LLVMBasicBlockRef other) {
    LLVMValueRef ci = state_field(l, l->ptr, offsetof(lua_State, ci)), caller = load_at(l, l->ptr, ci, offsetof(CallInfo, prev), A_STATE);
    LLVMValueRef word = load_at(l, l->i32, ci, offsetof(CallInfo, status), A_STATE); /* with nresults above */
    /* one result is wanted, or any number: 1 or -1 */
    LLVMValueRef next = LLVMBuildAdd(l->b, word, i32c(l, 1u << 16), "");
    likely(l, is_zero(l, both(l, next, i32c(l, 0xfffd0000u | CI_FRESH | CI_META))), other);
    likely(l, is_zero(l, load_at(l, l->i32, caller, offsetof(CallInfo, attention), A_STATE)), other);
    LLVMValueRef pc = load_at(l, l->ptr, caller, offsetof(CallInfo, pc), A_STATE), insn = load(l, l->i64, pc, A_HEADER);
    likely(l, is_compiled(l, insn), other);
    no_hooks(l, other);
    put_value(l, n->in[0], offset(l, base(l), -(int64_t)sizeof(TValue)), A_STACK);
    set_top_if(l, icmp(l, LLVMIntSLT, word, i32c(l, 0)));
    store(l, caller, offset(l, l->L, offsetof(lua_State, ci)), A_STATE);
    return_to_itself(l, pc);
    LLVMValueRef func = load_at(l, l->ptr, caller, offsetof(CallInfo, func), A_STATE);
    jump_to_code(l, pc, offset(l, func, sizeof(TValue)), insn);
}

static void lower_return(Lower *l, GNode *n) {
    LLVMBasicBlockRef other = new_block(l, "");
    return_to_lua(l, n, other);
    at(l, other);
    put_value(l, n->in[0], slot(l, insn_a(l->f->code[n->pc])), A_STACK);
    Insn i = (l->f->quick[n->pc] & ~(Insn)0xff) | OP_RETURN1; /* which may be a tail call of a builtin */
    tail_call(l, RT_return1, stream_pc(l, n->pc + 1), NULL, i64c(l, (int64_t)i));
}

static void lower_phi(Lower *l, GNode *n) {
    Lowered *x = lowered(n);
    if (n->type == T_NIL) return;
    x->v = LLVMBuildPhi(l->b, type_of(l, n->type), "");
    if (n->type == T_VALUE) x->tag = LLVMBuildPhi(l->b, l->i32, "");
}

static void fill_phi(Lower *l, GNode *n) {
    Lowered *x = lowered(n);
    if (n->type == T_NIL) return;
    for (uint32_t p = 0; p < n->nin; p++) {
        LLVMBasicBlockRef from = l->end[n->block->pred[p]->id];
        LLVMPositionBuilderBefore(l->b, LLVMGetBasicBlockTerminator(from));
        LLVMValueRef v = n->type == T_VALUE ? payload(l, n->in[p]) : value_here(l, n->in[p]);
        LLVMAddIncoming(x->v, &v, &from, 1);
        if (n->type != T_VALUE) continue;
        v = tag(l, n->in[p]);
        LLVMAddIncoming(x->tag, &v, &from, 1);
    }
}

static LLVMValueRef untagged(Lower *l, GNode *n) {
    LLVMValueRef x = payload(l, n->in[0]);
    switch (n->type) {
        case T_INT: return x;
        case T_FLT: return LLVMBuildBitCast(l->b, x, l->flt, "");
        case T_NIL: return NULL;
        default: return LLVMBuildIntToPtr(l->b, x, l->ptr, "");
    }
}

/* ------------------------------------------------------------------------------------------ strings */

static LLVMValueRef payload_of_string(Lower *l, GNode *n) {
    return n->type == T_VALUE ? LLVMBuildIntToPtr(l->b, value(n), l->ptr, "") : value(n);
}

static LLVMValueRef is_short(Lower *l, GNode *s) { return icmp(l, LLVMIntEQ, tag(l, s), i32c(l, TAG_SSTR)); }

/* Both kinds have readable bytes at either place. */
static LLVMValueRef string_length(Lower *l, GNode *s) {
    LLVMValueRef p = payload_of_string(l, s);
    LLVMValueRef of_short = LLVMBuildZExt(l->b, load_invariant(l, l->i8, p, offsetof(String, shrlen)), l->i64, "");
    LLVMValueRef of_long = load_invariant(l, l->i64, p, offsetof(LongString, len));
    return LLVMBuildSelect(l->b, is_short(l, s), of_short, of_long, "");
}

static LLVMValueRef string_byte(Lower *l, GNode *s, LLVMValueRef i) {
    LLVMValueRef p = payload_of_string(l, s), bytes = offset(l, p, offsetof(String, bytes));
    LLVMValueRef at = LLVMBuildSelect(l->b, is_short(l, s), bytes, offset(l, p, offsetof(LongString, data)), "");
    LLVMValueRef data = LLVMBuildSelect(l->b, is_short(l, s), bytes, LLVMBuildLoad2(l->b, l->ptr, at, ""), "");
    return LLVMBuildZExt(l->b, load_invariant(l, l->i8, indexed(l, l->i8, data, i), 0), l->i64, "");
}

/* A function that writes its result to memory, whose address comes last, and returns its tag. */
static void tagged_result(Lower *l, GNode *n, const char *name, LLVMValueRef *args, unsigned nargs) {
    LLVMValueRef all[6], out = offset(l, l->scratch, 0);
    memcpy(all, args, nargs * sizeof *args);
    all[nargs] = out;
    lowered(n)->tag = call(l, name, l->i32, all, nargs + 1);
    lowered(n)->v = load(l, l->i64, out, A_SLOT);
}

static LLVMValueRef extra_count(Lower *l) {
    LLVMValueRef ci = load_at(l, l->ptr, l->L, offsetof(lua_State, ci), A_STATE);
    return LLVMBuildSExt(l->b, load_at(l, l->i32, ci, offsetof(CallInfo, nextra), A_STATE), l->i64, "");
}

/* They lie below the function. */
static void extra_argument_of_frame(Lower *l, GNode *n) {
    LLVMValueRef count = extra_count(l), i = value(n->in[0]), there = icmp(l, LLVMIntULT, i, count);
    LLVMValueRef at = LLVMBuildSelect(l->b, there, LLVMBuildSub(l->b, i, count, ""), i64c(l, 0), "");
    LLVMValueRef p = indexed(l, l->i8, offset(l, base(l), -(int64_t)sizeof(TValue)), LLVMBuildShl(l->b, at, i64c(l, 4), ""));
    get_value(l, n, p, A_STACK);
    lowered(n)->tag = LLVMBuildSelect(l->b, there, lowered(n)->tag, i32c(l, TAG_NIL), "");
}

static void extra_argument_in_slots(Lower *l, GNode *n) {
    LLVMValueRef i = value(n->in[0]), there = icmp(l, LLVMIntULT, i, i64c(l, (int64_t)(n->imm.u >> 32)));
    LLVMValueRef at = LLVMBuildSelect(l->b, there, i, i64c(l, 0), "");
    get_value(l, n, indexed(l, l->i8, slot(l, (uint32_t)n->imm.u), LLVMBuildShl(l->b, at, i64c(l, 4), "")), A_STACK);
    lowered(n)->tag = LLVMBuildSelect(l->b, there, lowered(n)->tag, i32c(l, TAG_NIL), "");
}

static void lower_select(Lower *l, GNode *n) {
    Lowered *x = lowered(n);
    LLVMValueRef cond = value(n->in[0]);
    if (n->type != T_VALUE) {
        x->v = LLVMBuildSelect(l->b, cond, value(n->in[1]), value(n->in[2]), "");
        return;
    }
    x->v = LLVMBuildSelect(l->b, cond, payload(l, n->in[1]), payload(l, n->in[2]), "");
    x->tag = LLVMBuildSelect(l->b, cond, tag(l, n->in[1]), tag(l, n->in[2]), "");
}

static LLVMValueRef next_entry(Lower *l, GNode *n) {
    LLVMValueRef args[] = {l->L, value(n->in[0]), slot(l, (unsigned)n->imm.i)};
    return LLVMBuildSExt(l->b, call(l, "rt_table_next", l->i32, args, 3), l->i64, "");
}

static LLVMValueRef next_at(Lower *l, GNode *n) {
    LLVMValueRef args[] = {l->L, value(n->in[0]), slot(l, (uint32_t)n->imm.u), i32c(l, (uint32_t)(n->imm.u >> 32))};
    return LLVMBuildSExt(l->b, call(l, "rt_next_at", l->i32, args, 4), l->i64, "");
}

static LLVMValueRef name_of_type(Lower *l, GNode *x) {
    LLVMValueRef i = LLVMBuildZExt(l->b, tag(l, x), l->i64, "");
    return load_invariant(l, l->ptr, indexed(l, l->ptr, offset(l, l->global, offsetof(Global, typenames)), i), 0);
}

/* -------------------------------------------------------------------------------------- allocation */

/* Slots in use by the frames of a state. */
static unsigned state_extent(const State *s) {
    unsigned most = 0;
    for (; s != NULL; s = s->caller)
        if (state_base(s) + s->nregs > most) most = state_base(s) + s->nregs;
    return most;
}

/* Registers that hold nothing any more at an instruction which makes an object, or extent: objects are made in the first
 * free register (sem/slow.c, step_after). */
static unsigned first_dead(const State *s, unsigned extent) {
    Insn i = s->function->code[s->pc];
    unsigned r = state_base(s) + insn_a(i);
    switch (insn_op(i)) {
        case OP_NEWTABLE: case OP_CLOSURE: return r;
        case OP_CONCAT: return r + insn_b(i);
        default: return extent;
    }
}

/* A function of the runtime that may collect garbage, called in the middle of an instruction: what is live is stored before;
 * if it returns null, the instruction is left to the lower tiers. */
static LLVMValueRef call_collecting(Lower *l, const GNode *n, const char *name, LLVMValueRef *args, unsigned nargs) {
    args[0] = l->L;
    unsigned extent = state_extent(n->state); /* not less than inlined code made sure of: the stack may shrink */
    args[1] = i32c(l, extent > l->g->extent ? extent : l->g->extent);
    uint32_t held = store_state(l, n->state); /* the values of tables that are not there are seen by the collector */
    unsigned dead = first_dead(n->state, extent);
    if (dead < extent) call(l, "rt_clear_slots", LLVMVoidTypeInContext(l->c), (LLVMValueRef[]){slot(l, dead), slot(l, extent)}, 2); /* they would keep garbage alive */
    LLVMValueRef x = call(l, name, l->ptr, args, nargs);
    if (held > 0) count_rebuilt(l, 0);
    reload_base(l);
    exit_unless(l, LLVMBuildIsNotNull(l->b, x, ""), n);
    return x;
}

static void init_table(Lower *l, LLVMValueRef t, uint64_t imm) {
    _Static_assert(offsetof(Table, shape) == 4, "one word before the shape");
    LLVMValueRef white = LLVMBuildZExt(l->b, load_at(l, l->i8, l->global, offsetof(Global, white), A_STATE), l->i32, "");
    uint32_t header = TAG_TABLE | (uint32_t)(imm >> 32 & 0x7f) << (8 * offsetof(Table, ninline));
    LLVMValueRef word = LLVMBuildOr(l->b, LLVMBuildShl(l->b, white, i32c(l, 8 * (uint32_t)offsetof(GCObject, marked)), ""), i32c(l, header), "");
    store(l, word, t, A_HEADER);
    store(l, shape_id(l, imm), offset(l, t, offsetof(Table, shape)), A_HEADER);
    store(l, LLVMConstNull(l->ptr), offset(l, t, offsetof(Table, metatable)), A_HEADER);
    store(l, pointer(l, LITERAL_EMPTY_ARRAY, l->f->empty_array_address), offset(l, t, offsetof(Table, array)), A_ARRAY);
    store(l, pointer(l, LITERAL_EMPTY_PROPS, l->f->empty_props_address), offset(l, t, offsetof(Table, props)), A_PROPS);
}

/* From the free list (gc/gc_alloc.h); its link is read with the tag of what will be written over it. */
static LLVMValueRef take_cell(Lower *l, size_t size, LLVMBasicBlockRef none) {
    size_t class = (size + 15) / 16;
    LLVMValueRef list = offset(l, l->global, (int64_t)(offsetof(Global, cells) + class * sizeof(FreeCell *)));
    LLVMValueRef debt_at = offset(l, l->global, offsetof(Global, gcdebt));
    LLVMValueRef cell = load(l, l->ptr, list, A_STATE), debt = load(l, l->i64, debt_at, A_STATE);
    LLVMValueRef usable = both(l, LLVMBuildIsNotNull(l->b, cell, ""), icmp(l, LLVMIntSLE, debt, i64c(l, 0)));
    LLVMBasicBlockRef on = new_block(l, "");
    LLVMSetMetadata(LLVMBuildCondBr(l->b, usable, on, none), l->prof, l->likely);
    at(l, on);
    store(l, load_at(l, l->ptr, cell, offsetof(FreeCell, next), A_HEADER), list, A_STATE);
    store(l, LLVMBuildAdd(l->b, debt, i64c(l, (int64_t)class * 16), ""), debt_at, A_STATE);
    return cell;
}

static void lower_new_table(Lower *l, GNode *n) {
    uint32_t ninline = table_inline(n);
    LLVMBasicBlockRef none = new_block(l, "collect"), on = new_block(l, "");
    LLVMValueRef cell = take_cell(l, sizeof(Table) + ninline * sizeof(TValue), none);
    init_table(l, cell, n->imm.u);
    LLVMBasicBlockRef from = here(l);
    LLVMBuildBr(l->b, on);
    at(l, none);
    LLVMValueRef slow = call_collecting(l, n, "rt_new_table", (LLVMValueRef[]){NULL, NULL, i32c(l, ninline)}, 3);
    none = here(l);
    LLVMBuildBr(l->b, on);
    at(l, on);
    lowered(n)->v = LLVMBuildPhi(l->b, l->ptr, "");
    LLVMAddIncoming(lowered(n)->v, (LLVMValueRef[]){cell, slow}, (LLVMBasicBlockRef[]){from, none}, 2);
}

/* Constants that it has are in their slots by then. */
static void store_constants(Lower *l, const GNode *n) {
    const JitChild *child = graph_child(l->g, n);
    for (uint32_t u = 0; u < child->nupvalues; u++) {
        const JitUpvalue *up = &child->upvalues[u];
        unsigned r = closure_base(n) + up->idx;
        const GNode *x = n->in[u + 1];
        if (!up->instack || !up->constant || r == closure_register(n) || (x->op == N_SLOT && x->imm.u == r)) continue;
        put_value(l, x, slot(l, r), A_STACK);
    }
}

static void lower_new_closure(Lower *l, GNode *n) {
    LLVMBasicBlockRef none = new_block(l, "collect"), on = new_block(l, "");
    LLVMValueRef encl = value(n->in[0]), number = i32c(l, closure_number(n)), first = i32c(l, closure_base(n)), self = i32c(l, closure_register(n));
    store_constants(l, n);
    LLVMValueRef quick = call(l, "rt_closure_quickly", l->ptr, (LLVMValueRef[]){l->L, encl, number, first, self}, 5);
    LLVMBasicBlockRef from = here(l);
    LLVMSetMetadata(LLVMBuildCondBr(l->b, LLVMBuildIsNotNull(l->b, quick, ""), on, none), l->prof, l->likely);
    at(l, none);
    LLVMValueRef slow = call_collecting(l, n, "rt_new_closure", (LLVMValueRef[]){NULL, NULL, encl, number, first, self}, 6);
    none = here(l);
    LLVMBuildBr(l->b, on);
    at(l, on);
    lowered(n)->v = LLVMBuildPhi(l->b, l->ptr, "");
    LLVMAddIncoming(lowered(n)->v, (LLVMValueRef[]){quick, slow}, (LLVMBasicBlockRef[]){from, none}, 2);
}

static LLVMValueRef none_to_close(Lower *l, const GNode *n) {
    return icmp(l, LLVMIntULT, load_at(l, l->ptr, l->L, offsetof(lua_State, tbclist), A_STATE), slot(l, (unsigned)n->imm.u));
}

/* Most often none is open there; the list begins with the last. */
static void lower_close(Lower *l, const GNode *n) {
    LLVMBasicBlockRef some = new_block(l, ""), closes = new_block(l, ""), on = new_block(l, "");
    LLVMValueRef last = load_at(l, l->ptr, l->L, offsetof(lua_State, openupval), A_STATE), from = slot(l, (unsigned)n->imm.u);
    LLVMBuildCondBr(l->b, LLVMBuildIsNotNull(l->b, last, ""), some, on);
    at(l, some);
    LLVMValueRef there = icmp(l, LLVMIntUGE, load_at(l, l->ptr, last, offsetof(UpVal, v), A_UPVAL), from);
    LLVMBuildCondBr(l->b, there, closes, on);
    at(l, closes);
    call(l, "rt_close_variables", LLVMVoidTypeInContext(l->c), (LLVMValueRef[]){l->L, from}, 2);
    LLVMBuildBr(l->b, on);
    at(l, on);
}

/* Done by `quick`, or by the other, which may collect. */
static void call_either(Lower *l, GNode *n, const char *quick, LLVMValueRef *args, unsigned nargs, const char *slow, LLVMValueRef *slow_args, unsigned nslow) {
    LLVMBasicBlockRef collects = new_block(l, "collect"), on = new_block(l, "");
    LLVMValueRef done = as_bit(l, call(l, quick, l->i8, args, nargs));
    LLVMSetMetadata(LLVMBuildCondBr(l->b, done, on, collects), l->prof, l->likely);
    at(l, collects);
    call_collecting(l, n, slow, slow_args, nslow);
    LLVMBuildBr(l->b, on);
    at(l, on);
}

static void lower_set_list(Lower *l, GNode *n) {
    uint32_t place = (uint32_t)n->imm.u;
    LLVMValueRef t = value(n->in[0]), first = i32c(l, place), count = i32c(l, n->nin - 1);
    for (uint32_t i = 1; i < n->nin; i++)
        if (n->in[i]->op != N_SLOT || n->in[i]->imm.u != place + i - 1) put_value(l, n->in[i], slot(l, place + i - 1), A_STACK);
    LLVMValueRef quick[] = {l->L, t, slot(l, place), count};
    call_either(l, n, "rt_set_list", quick, 4, "rt_set_list_slow", (LLVMValueRef[]){NULL, NULL, t, first, count}, 5);
}

static void lower_put_metatable(Lower *l, GNode *n) {
    store(l, value(n->in[1]), offset(l, value(n->in[0]), offsetof(Table, metatable)), A_HEADER);
    if (n->imm.i) barrier(l, value(n->in[0]), n->in[1], "rt_gc_barrier_back_slow");
}

static void lower_set_metatable(Lower *l, GNode *n) {
    LLVMValueRef t = value(n->in[0]), mt = value(n->in[1]);
    call_either(l, n, "rt_set_metatable", (LLVMValueRef[]){l->L, t, mt}, 3, "rt_set_metatable_slow", (LLVMValueRef[]){NULL, NULL, t, mt}, 4);
}

static void lower_append(Lower *l, GNode *n) {
    LLVMValueRef t = value(n->in[0]), x = in_memory(l, n->in[1], 0);
    call_either(l, n, "rt_append", (LLVMValueRef[]){l->L, t, x}, 3, "rt_append_slow", (LLVMValueRef[]){NULL, NULL, t, x}, 4);
}

static void lower_remove_last(Lower *l, GNode *n) {
    LLVMValueRef out = offset(l, l->scratch, 0), args[] = {l->L, value(n->in[0]), out};
    exit_unless(l, as_bit(l, call(l, "rt_remove_last", l->i8, args, 3)), n);
    get_value(l, n, out, A_SLOT);
}

static void new_string(Lower *l, GNode *n, const char *name, LLVMValueRef *args, unsigned nargs) {
    LLVMValueRef s = call_collecting(l, n, name, args, nargs);
    lowered(n)->v = LLVMBuildPtrToInt(l->b, s, l->i64, "");
    lowered(n)->tag = LLVMBuildZExt(l->b, load_invariant(l, l->i8, s, 0), l->i32, "");
}

/* Strings that grow in place (appends.c). */
static void share(Lower *l, unsigned number) { LLVMBuildStore(l->b, LLVMConstNull(l->ptr), l->own[number]); }

static void lower_concat(Lower *l, GNode *n) {
    unsigned number = (unsigned)(n->imm.u >> 48), first = (uint32_t)n->imm.u, count = (uint16_t)(n->imm.u >> 32);
    LLVMValueRef args[] = {NULL, NULL, i32c(l, first), i32c(l, count)};
    if (number == 0) {
        new_string(l, n, "rt_concat", args, 4);
        return;
    }
    LLVMBasicBlockRef on = new_block(l, ""), other = new_block(l, ""), from[2];
    LLVMValueRef own = LLVMBuildLoad2(l->b, l->ptr, l->own[number], "");
    LLVMValueRef grown = call(l, "rt_concat_own", l->ptr, (LLVMValueRef[]){slot(l, first), i32c(l, count), own}, 3);
    from[0] = here(l);
    LLVMBuildCondBr(l->b, LLVMBuildIsNotNull(l->b, grown, ""), on, other);
    at(l, other);
    LLVMValueRef made = call_collecting(l, n, "rt_concat", args, 4);
    from[1] = here(l);
    LLVMBuildBr(l->b, on);
    at(l, on);
    LLVMValueRef s = LLVMBuildPhi(l->b, l->ptr, "");
    LLVMAddIncoming(s, (LLVMValueRef[]){grown, made}, from, 2);
    LLVMBuildStore(l->b, s, l->own[number]);
    lowered(n)->v = LLVMBuildPtrToInt(l->b, s, l->i64, "");
    lowered(n)->tag = LLVMBuildZExt(l->b, load_invariant(l, l->i8, s, 0), l->i32, "");
}

/* The string of one byte if it was met before; otherwise the function makes it, also for those who come by way of `other`. */
static void one_byte(Lower *l, GNode *n, LLVMValueRef byte, LLVMBasicBlockRef other, const char *name, LLVMValueRef *args, unsigned nargs) {
    LLVMBasicBlockRef make = other != NULL ? other : new_block(l, "make"), on = new_block(l, "");
    LLVMValueRef known = load(l, l->ptr, indexed(l, l->ptr, offset(l, l->global, offsetof(Global, chars)), byte), A_STATE);
    LLVMValueRef bits = LLVMBuildPtrToInt(l->b, known, l->i64, "");
    LLVMBasicBlockRef from = here(l);
    LLVMSetMetadata(LLVMBuildCondBr(l->b, LLVMBuildIsNotNull(l->b, known, ""), on, make), l->prof, l->likely);
    at(l, make);
    new_string(l, n, name, args, nargs);
    LLVMValueRef v = lowered(n)->v, t = lowered(n)->tag;
    make = here(l);
    LLVMBuildBr(l->b, on);
    at(l, on);
    lowered(n)->v = LLVMBuildPhi(l->b, l->i64, "");
    LLVMAddIncoming(lowered(n)->v, (LLVMValueRef[]){bits, v}, (LLVMBasicBlockRef[]){from, make}, 2);
    lowered(n)->tag = LLVMBuildPhi(l->b, l->i32, "");
    LLVMAddIncoming(lowered(n)->tag, (LLVMValueRef[]){i32c(l, TAG_SSTR), t}, (LLVMBasicBlockRef[]){from, make}, 2);
}

static void lower_sub(Lower *l, GNode *n) {
    LLVMValueRef s = payload_of_string(l, n->in[0]), i = value(n->in[1]), j = value(n->in[2]), args[] = {NULL, NULL, s, i, j};
    LLVMBasicBlockRef other = new_block(l, "make");
    LLVMValueRef at0 = LLVMBuildSub(l->b, i, i64c(l, 1), "");
    likely(l, both(l, icmp(l, LLVMIntEQ, i, j), icmp(l, LLVMIntULT, at0, string_length(l, n->in[0]))), other);
    one_byte(l, n, string_byte(l, n->in[0], at0), other, "rt_string_sub", args, 5);
}

static void lower_raw_set(Lower *l, GNode *n) {
    LLVMValueRef t = value(n->in[0]), key = in_memory(l, n->in[1], 0), x = in_memory(l, n->in[2], 1);
    call_either(l, n, "rt_raw_set", (LLVMValueRef[]){l->L, t, key, x}, 4, "rt_raw_set_slow", (LLVMValueRef[]){NULL, NULL, t, key, x}, 5);
}
#include "tiers/optimizing/lower_typed.h"

/* ------------------------------------------------------------------------------------------- nodes */

#define X value(n->in[0])
#define Y value(n->in[1])

static void lower_special(Lower *l, GNode *n) {
    switch (n->op) {
        case N_PHI: lower_phi(l, n); break;
        case N_SLOT: get_value(l, n, slot(l, (unsigned)n->imm.i), A_STACK); break;
        case N_PUT_SLOT: put_value(l, n->in[0], slot(l, (unsigned)n->imm.i), A_STACK); break;
        case N_UPVAL: get_value(l, n, load_at(l, l->ptr, upvalue(l, n->imm.i), offsetof(UpVal, v), A_UPVAL), A_STACK); break;
        case N_UPVAL_OF: case N_FIXED_UPVAL_OF:
            get_value(l, n, load_at(l, l->ptr, upvalue_of(l, n->in[0], n->imm.i), offsetof(UpVal, v), A_UPVAL), A_STACK);
            break;
        case N_PUT_UPVAL: put_upvalue(l, upvalue(l, n->imm.i), n->in[0]); break;
        case N_PUT_UPVAL_OF: put_upvalue(l, upvalue_of(l, n->in[0], n->imm.i), n->in[1]); break;
        case N_GUARD: exit_unless(l, X, n); break;
        case N_POLL: lower_poll(l, n); break;
        case N_CHARGE: lower_charge(l, n); break;
        case N_REFUND: refund(l, n->imm.i); break;
        case N_PUT_FUEL: put_fuel(l, value(n->in[0])); break;
        case N_GOTO: LLVMBuildBr(l->b, l->start[n->block->succ[0]->id]); break;
        case N_BRANCH: lower_branch(l, n); break;
        case N_EXIT: LLVMBuildBr(l->b, exit_block(l, n)); break;
        case N_LEAVE: lower_leave(l, n); break;
        case N_TAIL_CALLED: mark_tail_called(l); break;
        case N_SET_TOP: store(l, slot(l, (unsigned)n->imm.i), offset(l, l->L, offsetof(lua_State, top)), A_STATE); break;
        case N_RETURN: lower_return(l, n); break;
        case N_SLOW: lower_slow(l, n); break;
        case N_GO_ON: lower_go_on(l, n); break;
        case N_NEW_TABLE: lower_new_table(l, n); break;
        case N_NEW_CLOSURE: lower_new_closure(l, n); break;
        case N_CLOSE: lower_close(l, n); break;
        case N_REBUILT: break; /* exits make it */
        case N_GET_INT: tagged_result(l, n, "rt_get_int", (LLVMValueRef[]){X, Y}, 2); break;
        case N_TYPED_CALL: typed_call(l, n); break;
        case N_TYPED_TRY: typed_try(l, n); break;
        case N_POINTER_VALUE: pointer_value(l, n); break;
        case N_SET_LIST: lower_set_list(l, n); break;
        case N_SET_METATABLE: lower_set_metatable(l, n); break;
        case N_PUT_METATABLE: lower_put_metatable(l, n); break;
        case N_APPEND: lower_append(l, n); break;
        case N_REMOVE_LAST: lower_remove_last(l, n); break;
        case N_CONCAT: lower_concat(l, n); break;
        case N_SHARE: share(l, (unsigned)n->imm.i); break;
        case N_STR_SUB: lower_sub(l, n); break;
        case N_STR_CHAR: one_byte(l, n, X, NULL, "rt_string_char", (LLVMValueRef[]){NULL, NULL, X}, 3); break;
        case N_TO_STRING: new_string(l, n, "rt_to_string", (LLVMValueRef[]){NULL, NULL, in_memory(l, n->in[0], 0)}, 3); break;
        case N_RAW_SET: lower_raw_set(l, n); break;
        case N_SELECT: lower_select(l, n); break;
        case N_RAW_GET: tagged_result(l, n, "rt_raw_get", (LLVMValueRef[]){l->L, X, in_memory(l, n->in[1], 1)}, 3); break;
        case N_HANDLER: tagged_result(l, n, "rt_handler", (LLVMValueRef[]){l->L, X, i32c(l, (uint32_t)n->imm.u), in_memory(l, n->in[1], 1)}, 4); break;
        case N_GET_METATABLE: tagged_result(l, n, "rt_get_metatable", (LLVMValueRef[]){l->L, in_memory(l, n->in[0], 1)}, 2); break;
        case N_TO_NUMBER: tagged_result(l, n, "rt_to_number", (LLVMValueRef[]){in_memory(l, n->in[0], 1)}, 1); break;
        case N_EXTRA_ARG: extra_argument_of_frame(l, n); break;
        case N_EXTRA_AT: extra_argument_in_slots(l, n); break;
        case N_INIT_SHAPE: store(l, shape_id(l, n->imm.u), offset(l, X, offsetof(Table, shape)), A_HEADER); break;
        case N_PUT_SHAPE: lower_put_shape(l, n); break;
        case N_FIELD: get_value(l, n, offset(l, X, n->imm.i), A_SLOT); break;
        case N_FAR_FIELD: get_value(l, n, far_slot(l, n->in[0], n->imm.i), A_SLOT); break;
        case N_FIXED_FIELD: get_value(l, n, address(l, LITERAL_SLOT, n->imm.u), A_SLOT); break;
        case N_FETCH: get_value(l, n, X, A_SLOT); break;
        case N_PUT_FIELD: case N_INIT_FIELD: put_value(l, n->in[1], offset(l, X, n->imm.i), A_SLOT); break;
        case N_PUT_FAR_FIELD: put_value(l, n->in[1], far_slot(l, n->in[0], n->imm.i), A_SLOT); break;
        case N_ELEM_INT: case N_ELEM_FLT: case N_ELEM_TAGGED: case N_ELEM_ANY: lower_element(l, n); break;
        case N_PUT_ELEM: case N_PUT_TAGGED: lower_put_element(l, n); break;
        case N_PUT_ALEN:
            store(l, LLVMBuildTrunc(l->b, Y, l->i32, ""), offset(l, X, (int64_t)offsetof(ArrayHead, len) - HEAD), A_HEAD);
            break;
        case N_BARRIER: barrier(l, X, n->in[1], "rt_gc_barrier_store_slow"); break;
        default: abort();
    }
}

static LLVMValueRef lower_int(Lower *l, GNode *n) {
    switch (n->op) {
        case N_IADD: return LLVMBuildAdd(l->b, X, Y, "");
        case N_ISUB: return LLVMBuildSub(l->b, X, Y, "");
        case N_IMUL: return LLVMBuildMul(l->b, X, Y, "");
        case N_IDIV: return floor_div(l, n->in[0], n->in[1]);
        case N_IMOD: return floor_mod(l, n->in[0], n->in[1]);
        case N_IREM: return LLVMBuildSRem(l->b, X, Y, "");
        case N_UDIV: return LLVMBuildUDiv(l->b, X, Y, "");
        case N_IAND: return LLVMBuildAnd(l->b, X, Y, "");
        case N_IOR: return LLVMBuildOr(l->b, X, Y, "");
        case N_IXOR: return LLVMBuildXor(l->b, X, Y, "");
        case N_ISHL: return shift(l, X, Y);
        case N_ISHR: return shift(l, X, LLVMBuildNeg(l->b, Y, ""));
        case N_INEG: return LLVMBuildNeg(l->b, X, "");
        case N_INOT: return LLVMBuildNot(l->b, X, "");
        case N_IEQ: return icmp(l, LLVMIntEQ, X, Y);
        case N_ILT: return icmp(l, LLVMIntSLT, X, Y);
        case N_ILE: return icmp(l, LLVMIntSLE, X, Y);
        case N_ULT: return icmp(l, LLVMIntULT, X, Y);
        default: return NULL;
    }
}

static const char *const libm_names[BUILTIN_COUNT] = {
    [BUILTIN_sin] = "rt_sin", [BUILTIN_cos] = "rt_cos", [BUILTIN_tan] = "rt_tan", [BUILTIN_exp] = "rt_exp", [BUILTIN_log] = "rt_log",
    [BUILTIN_acos] = "rt_acos", [BUILTIN_asin] = "rt_asin", [BUILTIN_atan] = "rt_atan2", [BUILTIN_pow] = "rt_pow", [BUILTIN_fmod] = "rt_fmod",
};

static LLVMValueRef lower_flt(Lower *l, GNode *n) {
    switch (n->op) {
        case N_FADD: return LLVMBuildFAdd(l->b, X, Y, "");
        case N_FSUB: return LLVMBuildFSub(l->b, X, Y, "");
        case N_FMUL: return LLVMBuildFMul(l->b, X, Y, "");
        case N_FDIV: return LLVMBuildFDiv(l->b, X, Y, "");
        case N_FMOD: return call_pure(l, "rt_flt_mod", (LLVMValueRef[]){X, Y}, 2);
        case N_FIDIV: return intrinsic(l, "llvm.floor", LLVMBuildFDiv(l->b, X, Y, ""));
        case N_FFLOOR: return intrinsic(l, "llvm.floor", X);
        case N_FCEIL: return intrinsic(l, "llvm.ceil", X);
        case N_FABS: return intrinsic(l, "llvm.fabs", X);
        case N_FSQRT: return intrinsic(l, "llvm.sqrt", X);
        case N_FTOI: return LLVMBuildFPToSI(l->b, X, l->i64, "");
        case N_LIBM: return call_pure(l, libm_names[n->imm.u], (LLVMValueRef[]){X}, 1);
        case N_LIBM2: return call_pure(l, libm_names[n->imm.u], (LLVMValueRef[]){X, Y}, 2);
        case N_FPOW: return lower_pow(l, n->in[0], n->in[1]);
        case N_FNEG: return LLVMBuildFNeg(l->b, X, "");
        case N_FEQ: return LLVMBuildFCmp(l->b, LLVMRealOEQ, X, Y, "");
        case N_FLESS: return LLVMBuildFCmp(l->b, LLVMRealOLT, X, Y, "");
        case N_FLE: return LLVMBuildFCmp(l->b, LLVMRealOLE, X, Y, "");
        case N_ITOF: return LLVMBuildSIToFP(l->b, X, l->flt, "");
        case N_NTOF: return number_to_flt(l, n->in[0]);
        case N_FOR_GOES: return for_goes(l, n);
        case N_NOT: return LLVMBuildNot(l->b, X, "");
        default: return NULL;
    }
}

static LLVMValueRef call_equal(Lower *l, GNode *n) {
    LLVMValueRef args[] = {l->L, in_memory(l, n->in[0], 0), in_memory(l, n->in[1], 1)};
    return LLVMBuildZExt(l->b, call(l, "rt_equal", l->i32, args, 3), l->i64, "");
}

/* The value that was computed here, or in `other` what `slow` gives. */
static LLVMValueRef or_else(Lower *l, LLVMValueRef quick, LLVMBasicBlockRef other, LLVMValueRef (*slow)(Lower *l, GNode *n), GNode *n) {
    LLVMBasicBlockRef from = here(l), on = new_block(l, "");
    LLVMBuildBr(l->b, on);
    at(l, other);
    LLVMValueRef value = slow(l, n);
    other = here(l);
    LLVMBuildBr(l->b, on);
    at(l, on);
    LLVMValueRef phi = LLVMBuildPhi(l->b, LLVMTypeOf(quick), "");
    LLVMAddIncoming(phi, (LLVMValueRef[]){quick, value}, (LLVMBasicBlockRef[]){from, other}, 2);
    return phi;
}

/* Goes on here if the table has no __eq for certain. */
static void without_eq(Lower *l, LLVMValueRef table, LLVMBasicBlockRef other) {
    LLVMBasicBlockRef has_one = new_block(l, ""), on = new_block(l, "");
    LLVMValueRef mt = load_at(l, l->ptr, table, offsetof(Table, metatable), A_HEADER);
    LLVMBuildCondBr(l->b, LLVMBuildIsNull(l->b, mt, ""), on, has_one);
    at(l, has_one);
    LLVMValueRef absent = both(l, load_at(l, l->i8, mt, offsetof(Table, flags), A_HEADER), LLVMConstInt(l->i8, 1u << TM_EQ, false));
    LLVMSetMetadata(LLVMBuildCondBr(l->b, is_zero(l, absent), other, on), l->prof, l->unlikely);
    at(l, on);
}

/* Two tables that nothing could find equal; the rest is called. */
static LLVMValueRef equal(Lower *l, GNode *n) {
    GNode *x = n->in[0], *y = n->in[1];
    bool tables = (x->type == T_TABLE || x->type == T_VALUE) && (y->type == T_TABLE || y->type == T_VALUE);
    if (!tables) return call_equal(l, n);
    LLVMBasicBlockRef other = new_block(l, "equal");
    LLVMValueRef a = payload(l, x), b = payload(l, y);
    if (x->type == T_VALUE) likely(l, icmp(l, LLVMIntEQ, tag(l, x), i32c(l, TAG_TABLE)), other);
    if (y->type == T_VALUE) likely(l, icmp(l, LLVMIntEQ, tag(l, y), i32c(l, TAG_TABLE)), other);
    likely(l, icmp(l, LLVMIntNE, a, b), other);
    without_eq(l, LLVMBuildIntToPtr(l->b, a, l->ptr, ""), other);
    without_eq(l, LLVMBuildIntToPtr(l->b, b, l->ptr, ""), other);
    return or_else(l, i64c(l, 0), other, call_equal, n);
}

static LLVMValueRef lower_test(Lower *l, GNode *n) {
    LLVMValueRef one = i32c(l, 1);
    switch (n->op) {
        case N_HAS_TAG: return icmp(l, LLVMIntEQ, tag(l, n->in[0]), i32c(l, (uint32_t)n->imm.i));
        case N_IS_STR: return icmp(l, LLVMIntEQ, LLVMBuildOr(l->b, tag(l, n->in[0]), one, ""), i32c(l, TAG_LSTR));
        case N_IS_NUM: return icmp(l, LLVMIntEQ, LLVMBuildOr(l->b, tag(l, n->in[0]), one, ""), i32c(l, TAG_FLT));
        case N_TRUTH: return icmp(l, LLVMIntUGT, tag(l, n->in[0]), i32c(l, TAG_FALSE));
        case N_DECIDED: return decided(l, n->in[0], n->in[1]);
        case N_SAME: return same(l, n->in[0], n->in[1]);
        case N_RAW_EQUAL: return raw_equal(l, n->in[0], n->in[1]);
        case N_EQUAL: return equal(l, n);
        case N_PC_IS: return pc_is(l, n);
        case N_IS_POINTER: return is_pointer(l, n->in[0]);
        case N_HAS_SHAPE: return icmp(l, LLVMIntEQ, load_at(l, l->i32, X, offsetof(Table, shape), A_HEADER), shape_id(l, n->imm.u));
        case N_METATABLE_IS: return icmp(l, LLVMIntEQ, load_at(l, l->ptr, X, offsetof(Table, metatable), A_HEADER), pointer(l, LITERAL_OBJECT, n->imm.u));
        case N_NO_METATABLE: return LLVMBuildIsNull(l->b, load_at(l, l->ptr, X, offsetof(Table, metatable), A_HEADER), "");
        case N_LOOKUPS_HOLD: return icmp(l, LLVMIntEQ, load_at(l, l->i32, address(l, LITERAL_STALE, l->f->stale_address), 0, A_STATE), i32c(l, 0));
        case N_CLOSURE_IS: return icmp(l, LLVMIntEQ, load_at(l, l->ptr, X, offsetof(LClosure, p), A_HEADER), pointer(l, LITERAL_PROTO, n->imm.u));
        case N_HAS_ROOM: return has_room(l, n);
        case N_MAY_NEST: return may_nest(l, n);
        case N_TOP_IS: return icmp(l, LLVMIntEQ, load_at(l, l->ptr, l->L, offsetof(lua_State, top), A_STATE), slot(l, (unsigned)n->imm.i));
        case N_NOT_NULL: return LLVMBuildIsNotNull(l->b, X, "");
        case N_KIND_IS: return icmp(l, LLVMIntEQ, head_field(l, l->i8, X, offsetof(ArrayHead, kind)), LLVMConstInt(l->i8, (uint64_t)n->imm.i, false));
        default: return NULL;
    }
}

/* ARRAY_SET: what is not done by overwriting an element in place. The usual cases of it are inline: one more element of a typed array,
 * one of an array of any values, and nil for either. */

typedef struct Element {
    LLVMValueRef array, index, len, kind, kind_is_tagged;
} Element;

static Element find_element(Lower *l, LLVMValueRef table, LLVMValueRef n) {
    LLVMValueRef array = load_at(l, l->ptr, table, offsetof(Table, array), A_ARRAY);
    LLVMValueRef index = LLVMBuildSub(l->b, n, head_field(l, l->i64, array, offsetof(ArrayHead, base)), "");
    LLVMValueRef len = LLVMBuildZExt(l->b, head_field(l, l->i32, array, offsetof(ArrayHead, len)), l->i64, "");
    LLVMValueRef kind = head_field(l, l->i8, array, offsetof(ArrayHead, kind));
    return (Element){array, index, len, kind, icmp(l, LLVMIntEQ, kind, LLVMConstInt(l->i8, KIND_VALUE, false))};
}

static LLVMValueRef no_metatable(Lower *l, LLVMValueRef table) {
    return LLVMBuildIsNull(l->b, load_at(l, l->ptr, table, offsetof(Table, metatable), A_HEADER), "");
}

static void put_length(Lower *l, const Element *e, LLVMValueRef len) {
    store(l, LLVMBuildTrunc(l->b, len, l->i32, ""), offset(l, e->array, (int64_t)offsetof(ArrayHead, len) - HEAD), A_HEAD);
}

static void append_typed(Lower *l, const GNode *n, const Element *e, LLVMBasicBlockRef other) {
    const GNode *x = n->in[2];
    LLVMValueRef cap = LLVMBuildZExt(l->b, head_field(l, l->i32, e->array, offsetof(ArrayHead, cap)), l->i64, "");
    likely(l, icmp(l, LLVMIntEQ, e->kind, LLVMConstInt(l->i8, x->type == T_INT ? KIND_INT : KIND_FLT, false)), other);
    likely(l, both(l, icmp(l, LLVMIntEQ, e->index, e->len), icmp(l, LLVMIntULT, e->len, cap)), other);
    likely(l, no_metatable(l, value(n->in[0])), other);
    store(l, value(x), indexed(l, l->i64, e->array, e->index), A_ELEM);
    put_length(l, e, LLVMBuildAdd(l->b, e->len, i64c(l, 1), ""));
}

static void set_tagged(Lower *l, const GNode *n, const Element *e, LLVMBasicBlockRef other) {
    GNode *x = n->in[2];
    likely(l, e->kind_is_tagged, other);
    likely(l, icmp(l, LLVMIntULT, e->index, e->len), other);
    likely(l, no_metatable(l, value(n->in[0])), other);
    store(l, LLVMBuildTrunc(l->b, tag(l, x), l->i8, ""), tag_place(l, e->array, e->index), A_ELEM_TAG);
    if (x->type != T_BOOL) store(l, x->type == T_VALUE ? payload(l, x) : value(x), indexed(l, l->i64, e->array, e->index), A_ELEM);
    barrier(l, value(n->in[0]), x, "rt_gc_barrier_store_slow");
}

/* An array of any values keeps the place; a typed one can lose its last. */
static void take_away(Lower *l, const GNode *n, const Element *e, LLVMBasicBlockRef other) {
    LLVMBasicBlockRef tagged = new_block(l, ""), typed = new_block(l, ""), on = new_block(l, "");
    LLVMValueRef nil = LLVMConstInt(l->i8, TAG_NIL, false);
    likely(l, icmp(l, LLVMIntULT, e->index, e->len), other);
    LLVMBuildCondBr(l->b, e->kind_is_tagged, tagged, typed);
    at(l, tagged);
    LLVMValueRef place = tag_place(l, e->array, e->index), there = icmp(l, LLVMIntNE, load(l, l->i8, place, A_ELEM_TAG), nil);
    likely(l, LLVMBuildOr(l->b, there, no_metatable(l, value(n->in[0])), ""), other);
    store(l, nil, place, A_ELEM_TAG);
    LLVMBuildBr(l->b, on);
    at(l, typed);
    LLVMValueRef less = LLVMBuildSub(l->b, e->len, i64c(l, 1), ""), is_typed = icmp(l, LLVMIntULT, e->kind, LLVMConstInt(l->i8, KIND_VALUE, false));
    likely(l, both(l, is_typed, icmp(l, LLVMIntEQ, e->index, less)), other);
    put_length(l, e, less);
    LLVMBuildBr(l->b, on);
    at(l, on);
}

static void set_quickly(Lower *l, const GNode *n, LLVMBasicBlockRef other) {
    Element e = find_element(l, value(n->in[0]), value(n->in[1]));
    switch (n->in[2]->type) {
        case T_INT: case T_FLT: append_typed(l, n, &e, other); break;
        case T_NIL: take_away(l, n, &e, other); break;
        default: set_tagged(l, n, &e, other);
    }
}

static LLVMValueRef call_array_set(Lower *l, GNode *n) {
    uint64_t seen = n->imm.i ? 0 : l->f->seen_address; /* inlined code records nothing */
    LLVMValueRef row = seen != 0 ? element_of(l, LITERAL_SEEN, seen, n->pc, SEEN_WIDTH) : offset(l, l->scratch, 2 * sizeof(TValue));
    LLVMValueRef args[] = {l->L, value(n->in[0]), value(n->in[1]), in_memory(l, n->in[2], 0), row};
    return as_bit(l, call(l, "rt_array_set", l->i8, args, 5));
}

static LLVMValueRef array_set(Lower *l, GNode *n) {
    LLVMBasicBlockRef other = new_block(l, "set");
    set_quickly(l, n, other);
    return or_else(l, LLVMConstInt(l->i1, 1, false), other, call_array_set, n);
}

static LLVMValueRef lower_object(Lower *l, GNode *n) {
    switch (n->op) {
        case N_INT: return i64c(l, n->imm.i);
        case N_FUEL: return fuel(l);
        case N_FLT: return LLVMConstReal(l->flt, n->imm.f);
        case N_BOOL: return LLVMConstInt(l->i1, n->imm.u & 1, false);
        case N_NIL: return LLVMConstNull(l->ptr);
        case N_OBJECT: return NULL; /* where it is used */
        case N_UNTAG: return untagged(l, n);
        case N_SELF: return l->cl;
        case N_LOOKUP: return call(l, "rt_lookup_get", l->ptr, (LLVMValueRef[]){l->L, X, Y}, 3);
        case N_STORE_STR: return as_bit(l, call(l, "rt_store_str", l->i8, (LLVMValueRef[]){l->L, X, Y, in_memory(l, n->in[2], 0)}, 4));
        case N_ARRAY_SET: return array_set(l, n);
        case N_STR_LEN: return string_length(l, n->in[0]);
        case N_POINTER_OF: return pointer_of(l, n->in[0]);
        case N_C_STRING: return call(l, "rt_c_string", l->ptr, (LLVMValueRef[]){payload_of_string(l, n->in[0])}, 1);
        case N_STR_BYTE: return string_byte(l, n->in[0], Y);
        case N_TABLE_NEXT: return next_entry(l, n);
        case N_NEXT_AT: return next_at(l, n);
        case N_EXTRA_COUNT: return extra_count(l);
        case N_TYPE_NAME: return name_of_type(l, n->in[0]);
        case N_NONE_TO_CLOSE: return none_to_close(l, n);
        case N_LENGTH: return call(l, "rt_table_len", l->i64, (LLVMValueRef[]){l->L, X}, 2);
        case N_ARRAY: return load_at(l, l->ptr, X, offsetof(Table, array), A_ARRAY);
        case N_ABASE: return head_field(l, l->i64, X, offsetof(ArrayHead, base));
        case N_ALEN: return LLVMBuildZExt(l->b, head_field(l, l->i32, X, offsetof(ArrayHead, len)), l->i64, "");
        case N_ACAP: return LLVMBuildZExt(l->b, head_field(l, l->i32, X, offsetof(ArrayHead, cap)), l->i64, "");
        case N_STR_ORDER:
            return LLVMBuildSExt(l->b, call(l, "rt_str_compare", l->i32, (LLVMValueRef[]){payload_of_string(l, n->in[0]), payload_of_string(l, n->in[1])}, 2), l->i64, "");
        default: return NULL;
    }
}

static void lower_node(Lower *l, GNode *n) {
    n->data = arena_alloc(l->g->arena, sizeof(Lowered));
    if ((op_info[n->op].writes & E_ALL) == E_ALL)
        for (unsigned k = 1; k <= l->g->nappends; k++) share(l, k);
    if (n->op != N_PHI) load_objects(l, n);
    LLVMValueRef x = lower_int(l, n);
    if (x == NULL) x = lower_flt(l, n);
    if (x == NULL) x = lower_test(l, n);
    if (x == NULL) x = lower_object(l, n);
    if (x != NULL) lowered(n)->v = x;
    else if (n->op != N_UNTAG && n->op != N_OBJECT) lower_special(l, n);
}

/* ---------------------------------------------------------------------------------------- function */

static void make_types(Lower *l) {
    l->i1 = LLVMInt1TypeInContext(l->c);
    l->i8 = LLVMInt8TypeInContext(l->c);
    l->i32 = LLVMInt32TypeInContext(l->c);
    l->i64 = LLVMInt64TypeInContext(l->c);
    l->flt = LLVMDoubleTypeInContext(l->c);
    l->ptr = LLVMPointerTypeInContext(l->c, 0);
    LLVMTypeRef p = l->ptr, params[] = {p, p, p, p, p, p, p, l->i64};
    l->fn_type = LLVMFunctionType(LLVMVoidTypeInContext(l->c), params, 8, false);
}

static void param_attribute(Lower *l, unsigned param, const char *name, uint64_t x) {
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddAttributeAtIndex(l->fn, param + 1, LLVMCreateEnumAttribute(l->c, kind, x));
}

/* Allocas, what is read once, and the way to the entries. */
static void lower_root(Lower *l) {
    at(l, l->start[0]);
    l->base_var = LLVMBuildAlloca(l->b, l->ptr, "base");
    l->scratch = LLVMBuildAlloca(l->b, LLVMArrayType2(l->i64, 6), "scratch");
    for (unsigned n = 1; n <= l->g->nappends; n++) {
        l->own[n] = LLVMBuildAlloca(l->b, l->ptr, "own");
        share(l, n);
    }
    LLVMBuildStore(l->b, LLVMGetParam(l->fn, 2), l->base_var);
    l->cl = load_at(l, l->ptr, LLVMGetParam(l->fn, 2), -(int64_t)sizeof(TValue), A_STACK); /* the frame's function stands below it */
    l->global = load_invariant(l, l->ptr, l->L, offsetof(lua_State, g));
    for (GNode *n = l->g->blocks[0]->first; n != NULL; n = n->next) lower_node(l, n);
    LLVMBasicBlockRef nowhere = new_block(l, "");
    LLVMValueRef number = both(l, LLVMBuildLShr(l->b, LLVMGetParam(l->fn, 7), i64c(l, 8), ""), i64c(l, JIT_MAX_ENTRIES - 1));
    LLVMValueRef sw = LLVMBuildSwitch(l->b, number, nowhere, l->g->nentries);
    for (uint32_t n = 0; n < l->g->nentries; n++) LLVMAddCase(sw, i64c(l, n), l->start[l->g->entries[n].block->id]);
    at(l, nowhere);
    LLVMBuildUnreachable(l->b);
}

static void lower_block(Lower *l, Block *b) {
    at(l, l->start[b->id]);
    for (GNode *n = b->first; n != NULL; n = n->next) lower_node(l, n);
    l->end[b->id] = here(l);
}

static void lower_blocks(Lower *l) {
    Graph *g = l->g;
    for (uint32_t i = 0; i < g->norder; i++) l->start[g->order[i]->id] = new_block(l, "");
    lower_root(l);
    for (uint32_t i = 1; i < g->norder; i++) lower_block(l, g->order[i]);
    for (uint32_t i = 1; i < g->norder; i++)
        for (GNode *n = g->order[i]->first; n != NULL && n->op == N_PHI; n = n->next) fill_phi(l, n);
    lower_exits(l);
}

bool graph_lower(Graph *g, LLVMModuleRef module, const char *symbol, JitResult *r) {
    Lower *l = arena_alloc(g->arena, sizeof *l);
    literals_begin(&l->literals, module, r);
    l->g = g;
    l->f = g->function;
    l->m = module;
    l->c = LLVMGetModuleContext(module);
    l->b = LLVMCreateBuilderInContext(l->c);
    make_types(l);
    make_metadata(l);
    l->fn = LLVMAddFunction(module, symbol, l->fn_type);
    LLVMSetFunctionCallConv(l->fn, EMITTER_PRESERVE_NONE);
    l->L = LLVMGetParam(l->fn, 0);
    param_attribute(l, 0, "dereferenceable", sizeof(lua_State));
    param_attribute(l, 2, "dereferenceable", (uint64_t)(l->f->maxstack + 1u) * sizeof(TValue));
    unsigned nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);
    LLVMAddAttributeAtIndex(l->fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, LLVMCreateEnumAttribute(l->c, nounwind, 0));
    l->start = arena_alloc(g->arena, g->nblocks * sizeof *l->start);
    l->end = arena_alloc(g->arena, g->nblocks * sizeof *l->end);
    lower_blocks(l);
    LLVMDisposeBuilder(l->b);
    return !l->literals.failed;
}
