// SPDX-License-Identifier: MIT
/* The words of sem/ops.h as C, for the interpreter. Names in scope: L, pc (next instruction), base,
 * k, cl, cells, i (this instruction). */

/* operands: addresses of values */
#define W_RA (base + insn_a(i))
#define W_RB (base + insn_rb(i))
#define W_RC (base + insn_rc(i))
#define W_KB (k + insn_b(i))
#define W_KC (k + insn_c(i))
#define W_KX (k + insn_x(i))
#define W_UA (cl->upvals[insn_a(i)]->v)
#define W_UB (cl->upvals[insn_b(i)]->v)
#define IMM_SB insn_sb(i)
#define IMM_SC insn_sc(i)
#define IMM_UB_ insn_b(i)
#define IMM_UC insn_c(i)
#define IMM_J insn_j(i)
#define UIMM_B insn_b(i)

#define UNLIKELY(c) __builtin_expect(!!(c), 0)
#define ELSE_GOTO(c, l) if (UNLIKELY(!(c))) goto l;

#define LABEL(l) l:;
#define LOAD(x, W) const TValue *x = W_##W;
#define IMM_INT(n, W) lua_Integer n = IMM_##W;
#define CELL(c) Cell *c = &cells[insn_d(i)];

#define GUARD_INT(x, l) ELSE_GOTO(is_int(x), l)
#define GUARD_FLT(x, l) ELSE_GOTO(is_flt(x), l)
#define GUARD_STR(x, l) ELSE_GOTO(is_str(x), l)
#define GUARD_SSTR(x, l) ELSE_GOTO(is_sstr(x), l)
#define GUARD_TABLE(t, x, l) ELSE_GOTO(is_table(x), l) Table *t = as_table(x);
#define GUARD_SAME_TAG(a, b, l) ELSE_GOTO(a->tag == b->tag, l)
/* equal means same payload: not floats (NaN, -0), long strings, or what may have __eq */
#define BY_PAYLOAD                                                                                             \
    (1u << TAG_INT | 1u << TAG_SSTR | 1u << TAG_LIGHTUD | 1u << TAG_LCF | 1u << TAG_LCL | 1u << TAG_CCL |      \
     1u << TAG_THREAD)
#define GUARD_BY_PAYLOAD(a, l) ELSE_GOTO((BY_PAYLOAD >> a->tag) & 1, l)
#define GUARD_DIVISOR(y, l) ELSE_GOTO((lua_Unsigned)y + 1u > 1u, l)
#define GUARD_SHAPE(t, c, l) ELSE_GOTO(t->shape == c->shape, l)
#define GUARD_EPOCH(c, l) ELSE_GOTO(c->epoch == G(L)->epoch, l)
#define GUARD_SET(v, l) ELSE_GOTO(!is_nil(v), l)
#define GUARD_SET_OR(v, c, l)                                                                                  \
    if (UNLIKELY(is_nil(v)) && !(c->nilok == 1 || (c->nilok == 2 && c->epoch == G(L)->epoch))) goto l;
#define GUARD_CELL_TAG(x, c, l) ELSE_GOTO(x->tag == c->tag || (c->tag == TAG_COUNT && x->tag != TAG_NIL), l)
#define GUARD_NO_METATABLE(t, l) ELSE_GOTO(t->metatable == NULL, l)

#define GET_INT(n, x) lua_Integer n = x->v.i;
#define GET_FLT(f, x) lua_Number f = x->v.n;
#define INT_TO_FLT(f, n) lua_Number f = int_to_flt(n);
#define TO_FLT(f, x, l)                                                                                        \
    lua_Number f;                                                                                              \
    if (is_flt(x)) f = x->v.n;                                                                                 \
    else if (is_int(x)) f = int_to_flt(x->v.i);                                                                \
    else goto l;

#define INT_ADD(r, x, y) lua_Integer r = int_add(x, y);
#define INT_SUB(r, x, y) lua_Integer r = int_sub(x, y);
#define INT_MUL(r, x, y) lua_Integer r = int_mul(x, y);
#define INT_DIV(r, x, y) lua_Integer r = int_floordiv(x, y);
#define INT_MOD(r, x, y) lua_Integer r = int_floormod(x, y);
#define INT_AND(r, x, y) lua_Integer r = x & y;
#define INT_OR(r, x, y) lua_Integer r = x | y;
#define INT_XOR(r, x, y) lua_Integer r = x ^ y;
#define INT_SHL(r, x, y) lua_Integer r = int_shl(x, y);
#define INT_SHR(r, x, y) lua_Integer r = int_shl(x, int_neg(y));
#define INT_NEG(r, x) lua_Integer r = int_neg(x);
#define INT_NOT(r, x) lua_Integer r = ~x;
#define FLT_ADD(r, x, y) lua_Number r = x + y;
#define FLT_SUB(r, x, y) lua_Number r = x - y;
#define FLT_MUL(r, x, y) lua_Number r = x * y;
#define FLT_DIV(r, x, y) lua_Number r = x / y;
#define FLT_MOD(r, x, y) lua_Number r = flt_mod(x, y);
#define FLT_IDIV(r, x, y) lua_Number r = flt_idiv(x, y);
#define FLT_POW(r, x, y) lua_Number r = flt_pow(x, y);
#define FLT_NEG(r, x) lua_Number r = -x;

#define PUT(W, x) set_value(W_##W, x);
#define PUT_INT(W, n) set_int(W_##W, n);
#define PUT_FLT(W, f) set_flt(W_##W, f);
#define PUT_TAG(W, t) W_##W->tag = t;
#define PUT_NOT(W, t) W_##W->tag = t ? TAG_FALSE : TAG_TRUE;
#define PUT_NILS(W, n)                                                                                         \
    {                                                                                                          \
        TValue *to_ = W_##W;                                                                                   \
        unsigned n_ = n;                                                                                       \
        do set_nil(to_++); while (n_-- > 0);                                                                   \
    }
#define PUT_SELF(W, b, v)                                                                                      \
    {                                                                                                          \
        TValue *ra_ = W_##W;                                                                                   \
        TValue self_ = *b, method_ = *v;                                                                       \
        set_value(ra_ + 1, &self_);                                                                            \
        set_value(ra_, &method_);                                                                              \
    }
#define STORE_UPVALUE(B, x)                                                                                    \
    {                                                                                                          \
        UpVal *uv_ = cl->upvals[insn_b(i)];                                                                    \
        set_value(uv_->v, x);                                                                                  \
        gc_barrier(L, uv_, x);                                                                                 \
    }

#define TRUTH(e, x) bool e = !is_falsy(x);
#define TEST_NIL(e, x) bool e = is_nil(x);
#define RAW_EQUAL(e, a, b) bool e = a->tag == b->tag && a->tag == TAG_SSTR ? a->v.u == b->v.u : value_raw_equal(a, b);
#define SKIP pc++;
#define JUMP { pc += insn_j(i); NEXT }
/* A real branch, which the processor predicts: made into a conditional move, the next instruction's
 * address would wait for the comparison. The empty asm keeps the compiler from merging the two
 * ways. */
#define BRANCH_IF(e, sense)                                                                                    \
    {                                                                                                          \
        if (e == sense) {                                                                                      \
            __asm__ volatile("");                                                                              \
            pc += insn_j(i);                                                                                   \
            NEXT                                                                                               \
        }                                                                                                      \
        NEXT                                                                                                   \
    }
#define UNLESS_NEXT(e, sense) if (e != sense) NEXT
#define BRANCH_INT(x, op, y, sense) BRANCH_IF((x op y), sense)
#define BRANCH_FLT(x, op, y, sense) BRANCH_IF((x op y), sense)
#define BRANCH_SAME(a, b, sense) BRANCH_IF((a->v.u == b->v.u), sense)

/* tables */
#define SLOT_INLINE(v, t, c) TValue *v = (TValue *)(void *)((char *)t + c->u.offset);
#define SLOT_OVERFLOW(v, t, c) TValue *v = (TValue *)(void *)((char *)t->props - c->u.offset);
#define SLOT_FAR(v, c) TValue *v = c->u.slot;
#define STORE(t, v, x) { set_value(v, x); gc_barrier_back(L, t, x); }
/* the table may be black, and nothing else refer to the shape */
#define PUT_SHAPE(t, c) { t->shape = c->h.newshape; gc_barrier_back_obj(L, t); }
#define POLY_ENTRY(e, t, c, l)                                                                                 \
    const Cell *e = c->u.poly;                                                                                 \
    if (e->shape != t->shape && (++e)->shape != t->shape && (++e)->shape != t->shape && (++e)->shape != t->shape) \
        goto l;
#define POLY_SLOT(v, t, e, l)                                                                                  \
    const TValue *v;                                                                                           \
    if (e->kind == CELL_PROTO) {                                                                               \
        if (UNLIKELY(e->epoch != G(L)->epoch)) goto l;                                                         \
        v = e->u.slot;                                                                                         \
    } else {                                                                                                   \
        v = e->kind == CELL_INL ? (TValue *)(void *)((char *)t + e->u.offset)                                  \
                                : (TValue *)(void *)((char *)t->props - e->u.offset);                          \
        if (UNLIKELY(is_nil(v)) && !(e->nilok == 1 || (e->nilok == 2 && e->epoch == G(L)->epoch))) goto l;                                                          \
    }
#define POLY_STORE(t, e, x, l)                                                                                 \
    {                                                                                                          \
        TValue *v_ = e->kind == CELL_OVF ? (TValue *)(void *)((char *)t->props - e->u.offset)                  \
                                         : (TValue *)(void *)((char *)t + e->u.offset);                        \
        if (e->kind == CELL_ADD) {                                                                             \
            if (e->epoch != G(L)->epoch) goto l;                                                               \
            t->shape = e->h.newshape;                                                                          \
            gc_barrier_back_obj(L, t);                                                                         \
        } else if (UNLIKELY(is_nil(v_)) && e->nilok != 1) {                                                    \
            goto l;                                                                                            \
        }                                                                                                      \
        STORE(t, v_, x)                                                                                        \
    }
#define TABLE_GET_STR(t, key, W, l)                                                                            \
    {                                                                                                          \
        const TValue *v_ = lookup_get(G(L), t, as_str(key));                                                   \
        if (UNLIKELY(v_ == NULL)) goto l;                                                                      \
        set_value(W_##W, v_);                                                                                  \
    }
#define TABLE_FIND_STR(v, t, key, l)                                                                           \
    const TValue *v = lookup_get(G(L), t, as_str(key));                                                        \
    if (UNLIKELY(v == NULL)) goto l;
#define TABLE_SET_STR(t, key, x, l)                                                                            \
    {                                                                                                          \
        TValue *v_ = lookup_place(G(L), t, as_str(key));                                                       \
        if (v_ == NULL) goto l;                                                                                \
        STORE(t, v_, x)                                                                                        \
    }
#define TAG_OF_KIND(kind) ((uint32_t)(kind) + (TAG_INT - KIND_INT))
_Static_assert(TAG_FLT - TAG_INT == KIND_FLT - KIND_INT, "kinds of typed arrays are ordered as the tags");
/* an element that is nil may still have to be looked for elsewhere, unless there is no metatable */
#define ARRAY_GET(t, n, W, l)                                                                                  \
    {                                                                                                          \
        const ArrayHead *h_ = array_head(t);                                                                   \
        uint64_t n_ = (uint64_t)n - (uint64_t)h_->base;                                                        \
        if (UNLIKELY(n_ >= h_->len)) goto l;                                                                   \
        TValue *to_ = W_##W;                                                                                   \
        uint32_t tag_ = kind_is_tagged(h_->kind) ? ((uint8_t *)(t->array + h_->cap))[n_]                       \
                                                 : TAG_OF_KIND(h_->kind);                                      \
        if (UNLIKELY(tag_ == TAG_NIL) && t->metatable != NULL) goto l;                                         \
        set_parts(to_, t->array[n_], tag_);                                                                    \
    }
/* overwriting an element that is not nil, or appending within the capacity when no metatable could
 * object; taking elements away, of typed arrays the last */
#define ARRAY_SET(t, n, x, l)                                                                                  \
    {                                                                                                          \
        ArrayHead *h_ = array_head(t);                                                                         \
        uint64_t n_ = (uint64_t)n - (uint64_t)h_->base;                                                        \
        uint32_t tag_ = x->tag;                                                                                \
        if (h_->kind == KIND_VALUE) {                                                                          \
            if (n_ >= h_->len) goto l;                                                                         \
            uint8_t *tags_ = (uint8_t *)(t->array + h_->cap);                                                  \
            if (tags_[n_] == TAG_NIL && t->metatable != NULL) goto l;                                          \
            tags_[n_] = (uint8_t)tag_;                                                                         \
            t->array[n_] = x->v;                                                                               \
            gc_barrier_back(L, t, x);                                                                          \
        } else if (__builtin_expect(tag_ == TAG_OF_KIND(h_->kind), 1)) {                                       \
            if (n_ >= h_->len) {                                                                               \
                if (n_ != h_->len || n_ >= h_->cap || t->metatable != NULL) goto l;                            \
                h_->len++;                                                                                     \
            }                                                                                                  \
            t->array[n_] = x->v;                                                                               \
        } else if (tag_ == TAG_NIL && n_ < h_->len && n_ + 1 == h_->len && h_->kind != KIND_ZEROS) {           \
            h_->len--; /* the last of a typed array goes */                                                    \
        } else {                                                                                               \
            if (h_->kind != KIND_ZEROS || tag_ != TAG_FLT || n_ >= h_->len) goto l;                            \
            table_overwrite_zero(t, n_, x->v);                                                                 \
        }                                                                                                      \
    }
#define ARRAY_LEN(n, t, l)                                                                                     \
    lua_Integer n = (lua_Integer)table_len(L, t);

#define REWRITE(name) i = (i & ~(Insn)0xff) | OP_##name; quick_rewrite(cl->p, pc, OP_##name);

/* loops */
#define COUNT_ITERATION(l) if (UNLIKELY(--cl->p->budget <= 0)) goto l;
#define POLL(l) if (UNLIKELY(L->attention)) goto l;
#define FOR_INT_STEP(not_int, end)                                                                             \
    TValue *ra_ = W_RA;                                                                                        \
    if (!is_int(ra_ + 2)) goto not_int;                                                                        \
    lua_Unsigned left_ = ra_[1].v.u;                                                                           \
    if (left_ == 0) goto end;                                                                                  \
    ra_[1].v.u = left_ - 1;                                                                                    \
    lua_Integer index_ = int_add(ra_[0].v.i, ra_[2].v.i);                                                      \
    ra_[0].v.i = index_;                                                                                       \
    set_int(ra_ + 3, index_);
#define FOR_FLT_STEP(end) if (!sem_forloop_flt(W_RA)) goto end;
#define TFOR_STEP(end)                                                                                         \
    if (is_nil(W_RA + 4)) goto end;                                                                            \
    set_value(W_RA + 2, W_RA + 4);
