// SPDX-License-Identifier: MIT
/* The words of sem/ops.h as emission of LLVM IR. Each opcode becomes a function emit_NAME(Emit *em). */

#define OPCODE(name) static void emit_##name(Emit *em) {
#define END }

/* operands */
#define V_RA em_register(em, insn_a(em->i))
#define V_RB em_register(em, insn_rb(em->i))
#define V_RC em_register(em, insn_rc(em->i))
#define V_KB em_constant(em, insn_b(em->i))
#define V_KC em_constant(em, insn_c(em->i))
#define V_KX em_constant(em, insn_x(em->i))
#define V_UA em_upvalue(em, insn_a(em->i))
#define V_UB em_upvalue(em, insn_b(em->i))
#define N_SB insn_sb(em->i)
#define N_SC insn_sc(em->i)
#define N_UB_ insn_b(em->i)
#define N_UC insn_c(em->i)
#define N_J insn_j(em->i)
#define UIMM_B insn_b(em->i)

#define B em->b
#define EQUAL(a, b) LLVMBuildICmp(B, LLVMIntEQ, a, b, "")
#define HAS_TAG(x, t) EQUAL(em_tag(em, &x), em_i32(em, t))
#define UNLESS_DEAD(...) if (!em->dead) { __VA_ARGS__; }
#define IR(r, what) LLVMValueRef r = NULL; if (!em->dead) r = what;

#define LABEL(l) em_label(em, #l);
#define LOAD(x, W) Val x = V_##W;
#define IMM_INT(n, W) LLVMValueRef n = em_int(em, N_##W);
#define CELL(c) LLVMValueRef c = em_cell(em);

#define GUARD(condition, l) UNLESS_DEAD(em_guard(em, condition, #l))
/* known from there on */
#define GUARD_TAG(x, t, l) GUARD(HAS_TAG(x, t), l) em_know_tag(em, &x, t);
#define GUARD_INT(x, l) if (em_only(em, SEEN_FLT)) { UNLESS_DEAD(em_guard(em, LLVMConstInt(em->i1, 0, false), #l)) } else { GUARD_TAG(x, TAG_INT, l) }
#define GUARD_FLT(x, l) GUARD_TAG(x, TAG_FLT, l)
#define GUARD_SSTR(x, l) GUARD_TAG(x, TAG_SSTR, l)
#define GUARD_STR(x, l) GUARD(EQUAL(LLVMBuildOr(B, em_tag(em, &x), em_i32(em, 1), ""), em_i32(em, TAG_LSTR)), l) KIND_CHECK(l)
#define GUARD_TABLE(t, x, l) GUARD_TAG(x, TAG_TABLE, l) LLVMValueRef t = em_payload(em, &x, em->ptr); em_keep(em, &x, t);
/* equality is BRANCH_SAME with both guards in it */
#define GUARD_SAME_TAG(a, b, l) const char *label_ = #l;
#define GUARD_BY_PAYLOAD(a, l)
#define GUARD_DIVISOR(y, l)                                                                                    \
    GUARD(LLVMBuildICmp(B, LLVMIntUGT, LLVMBuildAdd(B, y, em_int(em, 1), ""), em_int(em, 1), ""), l)
/* what a cell describes follows from the shape alone for these */
#define KIND_CHECK(l) if (!follows_from_shape(em)) UNLESS_DEAD(em_guard_cell(em, em_cell(em), #l))
#define GUARD_SHAPE(t, c, l)                                                                                   \
    GUARD(EQUAL(em_field(em, t, offsetof(Table, shape), em->i32), em_shape(em, c)), l) \
    KIND_CHECK(l)
#define GUARD_EPOCH(c, l)                                                                                      \
    GUARD(EQUAL(em_field(em, c, offsetof(Cell, epoch), em->i32),                                                 \
                em_field(em, em_field(em, em->L, offsetof(lua_State, g), em->ptr), offsetof(Global, epoch), em->i32)), l)
#define GUARD_SET(v, l) GUARD(LLVMBuildICmp(B, LLVMIntNE, em_tag(em, &v), em_i32(em, TAG_NIL), ""), l)
#define GUARD_SET_OR(v, c, l) em_guard_set_or(em, &v, c, #l);
#define GUARD_CELL_TAG(x, c, l)                                                                                \
    UNLESS_DEAD(                                                                                               \
        LLVMValueRef want_ = LLVMBuildZExt(B, em_field(em, c, offsetof(Cell, tag), em->i8), em->i32, "");         \
        LLVMValueRef same_ = EQUAL(em_tag(em, &x), want_);                                                      \
        LLVMValueRef any_ = LLVMBuildAnd(B, EQUAL(want_, em_i32(em, TAG_COUNT)),                                \
                                         LLVMBuildICmp(B, LLVMIntNE, em_tag(em, &x), em_i32(em, TAG_NIL), ""), ""); \
        em_guard(em, LLVMBuildOr(B, same_, any_, ""), #l))
#define GUARD_NO_METATABLE(t, l) GUARD(LLVMBuildIsNull(B, em_field(em, t, offsetof(Table, metatable), em->ptr), ""), l)

#define GET_INT(n, x) LLVMValueRef n = em_payload(em, &x, em->i64); em_keep(em, &x, n); em_seen(em, SEEN_INT);
#define GET_FLT(f, x) LLVMValueRef f = em_payload(em, &x, em->flt); em_keep(em, &x, f); em_seen(em, SEEN_FLT);
#define INT_TO_FLT(f, n) IR(f, LLVMBuildSIToFP(B, n, em->flt, ""))
#define TO_FLT(f, x, l) LLVMValueRef f = em_to_flt(em, &x, #l); em_seen(em, SEEN_FLT);

#define INT_ADD(r, x, y) IR(r, LLVMBuildAdd(B, x, y, ""))
#define INT_SUB(r, x, y) IR(r, LLVMBuildSub(B, x, y, ""))
#define INT_MUL(r, x, y) IR(r, LLVMBuildMul(B, x, y, ""))
#define INT_DIV(r, x, y) IR(r, em_floor_div(em, x, y))
#define INT_MOD(r, x, y) IR(r, em_floor_mod(em, x, y))
#define INT_AND(r, x, y) IR(r, LLVMBuildAnd(B, x, y, ""))
#define INT_OR(r, x, y) IR(r, LLVMBuildOr(B, x, y, ""))
#define INT_XOR(r, x, y) IR(r, LLVMBuildXor(B, x, y, ""))
#define INT_SHL(r, x, y) IR(r, em_shift_left(em, x, y))
#define INT_SHR(r, x, y) IR(r, em_shift_left(em, x, LLVMBuildNeg(B, y, "")))
#define INT_NEG(r, x) IR(r, LLVMBuildNeg(B, x, ""))
#define INT_NOT(r, x) IR(r, LLVMBuildNot(B, x, ""))
#define FLT_ADD(r, x, y) IR(r, LLVMBuildFAdd(B, x, y, ""))
#define FLT_SUB(r, x, y) IR(r, LLVMBuildFSub(B, x, y, ""))
#define FLT_MUL(r, x, y) IR(r, LLVMBuildFMul(B, x, y, ""))
#define FLT_DIV(r, x, y) IR(r, LLVMBuildFDiv(B, x, y, ""))
#define FLT_CALL(r, f, ...)                                                                                    \
    IR(r, em_call(em, f, em->flt, (LLVMValueRef[]){__VA_ARGS__}, sizeof((LLVMValueRef[]){__VA_ARGS__}) / sizeof(LLVMValueRef)))
#define FLT_MOD(r, x, y) FLT_CALL(r, "rt_flt_mod", x, y)
#define FLT_IDIV(r, x, y) FLT_CALL(r, "rt_floor", LLVMBuildFDiv(B, x, y, ""))
#define FLT_POW(r, x, y) FLT_CALL(r, "rt_flt_pow", x, y)
#define FLT_NEG(r, x) IR(r, LLVMBuildFNeg(B, x, ""))

#define REGISTER(r) &(Val[1]){em_register(em, r)}[0]
#define TO(W) &(Val[1]){V_##W}[0]
#define PUT(W, x) em_copy(em, TO(W), &x);
#define PUT_INT(W, n) em_put(em, TO(W), n, em_i32(em, TAG_INT));
#define PUT_FLT(W, f) em_put(em, TO(W), f, em_i32(em, TAG_FLT));
#define PUT_TAG(W, t) em_put_tag(em, TO(W), em_i32(em, t));
#define PUT_NOT(W, t) em_put_tag(em, TO(W), LLVMBuildSelect(B, t, em_i32(em, TAG_FALSE), em_i32(em, TAG_TRUE), ""));
#define PUT_NILS(W, n)                                                                                         \
    for (unsigned n_ = 0; n_ <= n; n_++) em_put_tag(em, REGISTER(insn_a(em->i) + n_), em_i32(em, TAG_NIL));
#define PUT_SELF(W, b, v)                                                                                      \
    UNLESS_DEAD(                                                                                               \
        LLVMValueRef self_ = em_payload(em, &b, em->i64), method_ = em_payload(em, &v, em->i64), tag_ = em_tag(em, &v); \
        em_put(em, REGISTER(insn_a(em->i) + 1), self_, em_tag(em, &b));                             \
        em_put(em, TO(W), method_, tag_))
#define STORE_UPVALUE(W, x) em_store_upvalue(em, insn_b(em->i), &x);

#define TRUTH(t, x) LLVMValueRef t = LLVMBuildICmp(B, LLVMIntUGT, em_tag(em, &x), em_i32(em, TAG_FALSE), "");
#define TEST_NIL(t, x) LLVMValueRef t = HAS_TAG(x, TAG_NIL);
#define RAW_EQUAL(t, a, b) LLVMValueRef t = em_raw_equal(em, &a, &b);

/* control */
#define NEXT em_go(em, em->next);
#define SKIP em->next++;
#define JUMP em_go(em, em_jump_target(em));
#define SLOW(f) slow(em, #f);
#define JUMP_SLOW(f) em_leave(em, #f[5] == 'l' ? "rt_loop_hot" : "rt_poll", em_pc(em, em_jump_target(em)), em->i);
#define BRANCH_IF(t, sense) UNLESS_DEAD(em_branch(em, t, sense))
#define UNLESS_NEXT(t, sense) em_unless_next(em, t, sense);
#define BRANCH_INT(x, op, y, sense) UNLESS_DEAD(em_branch(em, LLVMBuildICmp(B, int_predicate(#op), x, y, ""), sense))
#define BRANCH_FLT(x, op, y, sense) UNLESS_DEAD(em_branch(em, LLVMBuildFCmp(B, flt_predicate(#op), x, y, ""), sense))
#define BRANCH_SAME(a, b, sense) (void)a, (void)b; em_equal(em, sense, label_);
#define ORDER_STRINGS(NAME, a, b, OP, SENSE)
#define REWRITE(name)
#define AGAIN em_exit_untyped(em);

/* tables */
#define SLOT_INLINE(v, t, c) Val v = {0}; UNLESS_DEAD(v.address = em_slot_inline(em, t, c))
#define SLOT_OVERFLOW(v, t, c) Val v = {0}; UNLESS_DEAD(v.address = em_slot_overflow(em, t, c))
#define SLOT_FAR(v, c) Val v = {.address = em_field(em, c, offsetof(Cell, u), em->ptr)};
#define STORE(t, v, x) UNLESS_DEAD(em_store(em, t, &v, &x))
#define PUT_SHAPE(t, c) UNLESS_DEAD(em_put_shape(em, t, c))
/* own slots are inline, the rest is searched by the runtime */
#define POLY_ENTRY(x, t, c, l) (void)c;
#define POLY_SLOT(v, t, x, l) Val v = {0}; UNLESS_DEAD(v.address = em_poly_slot(em, t, #l))
#define POLY_STORE(t, x, value, l) UNLESS_DEAD(em_poly_store(em, t, &value, #l))
#define TABLE_FIND_STR(v, t, key, l) FOUND(v, "rt_lookup_get", l, t, em_payload(em, &key, em->ptr))
#define TABLE_GET_STR(t, key, W, l) { em_seen(em, SEEN_OTHER); TABLE_FIND_STR(v_, t, key, l) PUT(W, v_) }
#define TABLE_SET_STR(t, key, x, l) STORED("rt_store_str", l, t, em_payload(em, &key, em->ptr), em_place(em, &x))
#define FOUND(v, f, l, ...)                                                                                    \
    Val v = {0};                                                                                               \
    UNLESS_DEAD(v.address = em_call(em, f, em->ptr, (LLVMValueRef[]){em->L, __VA_ARGS__}, 3))                     \
    GUARD(LLVMBuildIsNotNull(B, v.address, ""), l)
#define STORED(f, l, ...)                                                                                      \
    GUARD(LLVMBuildTrunc(B, em_call(em, f, em->i8, (LLVMValueRef[]){em->L, __VA_ARGS__}, 4), em->i1, ""), l)
#define ARRAY_GET(t, n, W, l) UNLESS_DEAD(em_array_get(em, t, n, TO(W), #l))
#define ARRAY_SET(t, n, x, l) UNLESS_DEAD(em_array_set(em, t, n, &x, #l))
#define ARRAY_LEN(n, t, l) IR(n, em_call(em, "rt_table_len", em->i64, (LLVMValueRef[]){em->L, t}, 2))

/* loops */
#define COUNT_ITERATION(l) em_count(em, #l);
#define POLL(l) em_poll(em, #l);
#define FOR_INT_STEP(not_int, end) em_for_int(em, #not_int, #end); em_seen(em, SEEN_INT);
#define FOR_FLT_STEP(end)                                                                                      \
    UNLESS_DEAD(em_seen(em, SEEN_FLT);                                                                          \
                LLVMValueRef on_ = em_call(em, "rt_forloop_flt", em->i8, (LLVMValueRef[]){em_place(em, TO(RA))}, 1);   \
                em_forget_written(em);                                                                         \
                em_guard(em, LLVMBuildTrunc(B, on_, em->i1, ""), #end))
#define TFOR_STEP(end)                                                                                         \
    Val control_ = em_register(em, insn_a(em->i) + 4);                                                           \
    GUARD(LLVMBuildICmp(B, LLVMIntNE, em_tag(em, &control_), em_i32(em, TAG_NIL), ""), end)                      \
    em_copy(em, REGISTER(insn_a(em->i) + 2), &control_);
