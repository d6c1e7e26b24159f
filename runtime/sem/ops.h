// SPDX-License-Identifier: MIT
/* Meaning of the opcodes, stated once. No include guard: each tier includes this file under its own
 * definition of the words.
 *
 * Words (one emission each; a guard that fails goes to the label it names; nothing here is an
 * expression on guest values)
 *   OPCODE(name) ... END             one opcode
 *   LABEL(l)                         entry of an alternative
 *   LOAD(x, W)                       x: the value at operand W: RA RB RC (registers), KB KC (constants), UB (upvalue B's slot), UA
 *   GUARD_INT(x, l) GUARD_FLT GUARD_TABLE(t, x, l)   tag checks; the last also names the table t
 *   GET_INT(i, x) GET_FLT(f, x)      payload of a guarded value
 *   TO_FLT(f, x, l)                  float value of a number; not a number: l
 *   IMM_INT(i, W)                    integer operand: SB SC (signed 16 bits), UC UB_ (unsigned), J
 *   INT_ADD(r, a, b) ...             integer arithmetic, wrapping; INT_DIV and INT_MOD need GUARD_DIVISOR(b, l): neither 0 nor -1
 *   FLT_ADD(r, a, b) ...             float arithmetic
 *   PUT_INT(W, i) PUT_FLT(W, f) PUT(W, x) PUT_TAG(W, tag)   results
 *   BRANCH_INT(a, op, b, sense) BRANCH_FLT(...)  ends the opcode: jump by J if (a op b) == sense
 *   ORDER_STRINGS(name, a, b, op, sense)  if both are strings, ends the opcode likewise
 *   NEXT                             ends the opcode: go on
 *   SLOW(f)                          ends the opcode: the slow path f completes it
 *   REWRITE(name)                    the instruction becomes another opcode (quickened streams only);  AGAIN  ends the opcode: run it as that
 *   CELL(c)                          c: the instruction's cell;  GUARD_SHAPE(t, c, l)  GUARD_EPOCH(c, l)
 *   SLOT_INLINE(v, t, c) SLOT_OVERFLOW(v, t, c) SLOT_FAR(v, c)   v: place of the value
 *   GUARD_SET(v, l)                  the place does not hold nil
 *   GUARD_SET_OR(v, c, l)            likewise, unless the cell says that a nil needs no metamethod
 *   STORE(t, v, x)                   place v of table t := x, with barrier
 *   TABLE_GET_STR(t, k, W, l) TABLE_FIND_STR(v, t, k, l) TABLE_SET_STR(t, k, x, l)   by the second-level cache
 * and those of arrays: ARRAY_GET(t, i, W, l), ARRAY_SET(t, i, x, l): element i or l.
 */

/* ---------------------------------------------------------------------------------------- loads */

OPCODE(MOVE) LOAD(b, RB) PUT(RA, b) NEXT END
OPCODE(LOADI) IMM_INT(n, J) PUT_INT(RA, n) NEXT END
OPCODE(LOADF) IMM_INT(n, J) INT_TO_FLT(f, n) PUT_FLT(RA, f) NEXT END
OPCODE(LOADK) LOAD(x, KX) PUT(RA, x) NEXT END
OPCODE(LOADFALSE) PUT_TAG(RA, TAG_FALSE) NEXT END
OPCODE(LFALSESKIP) PUT_TAG(RA, TAG_FALSE) SKIP NEXT END
OPCODE(LOADTRUE) PUT_TAG(RA, TAG_TRUE) NEXT END
OPCODE(LOADNIL) PUT_NILS(RA, UIMM_B) NEXT END
OPCODE(GETUPVAL) LOAD(u, UB) PUT(RA, u) NEXT END
OPCODE(SETUPVAL) LOAD(a, RA) STORE_UPVALUE(B, a) NEXT END

/* ----------------------------------------------------------------------------------- arithmetic */

#define ARITH(NAME, W, INT_OP, FLT_OP)                                                                          \
    OPCODE(NAME)                                                                                                \
        LOAD(b, RB) LOAD(c, W)                                                                                  \
        GUARD_INT(b, NAME##_flt) GUARD_INT(c, NAME##_flt)                                                       \
        GET_INT(x, b) GET_INT(y, c) INT_OP(r, x, y) PUT_INT(RA, r) NEXT                                         \
    LABEL(NAME##_flt)                                                                                           \
        TO_FLT(fx, b, NAME##_slow) TO_FLT(fy, c, NAME##_slow) FLT_OP(f, fx, fy) PUT_FLT(RA, f) NEXT             \
    LABEL(NAME##_slow) SLOW(slow_arith)                                                                         \
    END
/* the integer alternative needs a divisor that the machine can take */
#define ARITH_DIVIDING(NAME, W, INT_OP, FLT_OP)                                                                 \
    OPCODE(NAME)                                                                                                \
        LOAD(b, RB) LOAD(c, W)                                                                                  \
        GUARD_INT(b, NAME##_flt) GUARD_INT(c, NAME##_flt)                                                       \
        GET_INT(x, b) GET_INT(y, c) GUARD_DIVISOR(y, NAME##_slow) INT_OP(r, x, y) PUT_INT(RA, r) NEXT           \
    LABEL(NAME##_flt)                                                                                           \
        TO_FLT(fx, b, NAME##_slow) TO_FLT(fy, c, NAME##_slow) FLT_OP(f, fx, fy) PUT_FLT(RA, f) NEXT             \
    LABEL(NAME##_slow) SLOW(slow_arith)                                                                         \
    END
#define ARITH_FLOAT(NAME, W, FLT_OP)                                                                            \
    OPCODE(NAME)                                                                                                \
        LOAD(b, RB) LOAD(c, W)                                                                                  \
        TO_FLT(fx, b, NAME##_slow) TO_FLT(fy, c, NAME##_slow) FLT_OP(f, fx, fy) PUT_FLT(RA, f) NEXT             \
    LABEL(NAME##_slow) SLOW(slow_arith)                                                                         \
    END
#define ARITH_BITS(NAME, W, INT_OP)                                                                             \
    OPCODE(NAME)                                                                                                \
        LOAD(b, RB) LOAD(c, W)                                                                                  \
        GUARD_INT(b, NAME##_slow) GUARD_INT(c, NAME##_slow)                                                     \
        GET_INT(x, b) GET_INT(y, c) INT_OP(r, x, y) PUT_INT(RA, r) NEXT                                         \
    LABEL(NAME##_slow) SLOW(slow_arith)                                                                         \
    END

ARITH(ADD, RC, INT_ADD, FLT_ADD)
ARITH(SUB, RC, INT_SUB, FLT_SUB)
ARITH(MUL, RC, INT_MUL, FLT_MUL)
ARITH_DIVIDING(MOD, RC, INT_MOD, FLT_MOD)
ARITH_DIVIDING(IDIV, RC, INT_DIV, FLT_IDIV)
ARITH_FLOAT(POW, RC, FLT_POW)
ARITH_FLOAT(DIV, RC, FLT_DIV)
ARITH_BITS(BAND, RC, INT_AND)
ARITH_BITS(BOR, RC, INT_OR)
ARITH_BITS(BXOR, RC, INT_XOR)
ARITH_BITS(SHL, RC, INT_SHL)
ARITH_BITS(SHR, RC, INT_SHR)
ARITH(ADDK, KC, INT_ADD, FLT_ADD)
ARITH(SUBK, KC, INT_SUB, FLT_SUB)
ARITH(MULK, KC, INT_MUL, FLT_MUL)
ARITH_DIVIDING(MODK, KC, INT_MOD, FLT_MOD)
ARITH_DIVIDING(IDIVK, KC, INT_DIV, FLT_IDIV)
ARITH_FLOAT(POWK, KC, FLT_POW)
ARITH_FLOAT(DIVK, KC, FLT_DIV)
ARITH_BITS(BANDK, KC, INT_AND)
ARITH_BITS(BORK, KC, INT_OR)
ARITH_BITS(BXORK, KC, INT_XOR)
ARITH_BITS(SHLK, KC, INT_SHL)
ARITH_BITS(SHRK, KC, INT_SHR)
#undef ARITH
#undef ARITH_DIVIDING
#undef ARITH_FLOAT
#undef ARITH_BITS

/* Arithmetic and comparison of floats, quickened. The first run of a quickened function decides by
 * its operands; an operand of another type later makes the instruction generic for good. */
#define FLOAT_NEW(NAME, FIRST, SECOND)                                                                          \
    OPCODE(NAME##_NEW)                                                                                          \
        LOAD(x, FIRST) LOAD(y, SECOND)                                                                          \
        GUARD_FLT(x, NAME##_NEW_other) GUARD_FLT(y, NAME##_NEW_other)                                           \
        REWRITE(NAME##_FLT) AGAIN                                                                               \
    LABEL(NAME##_NEW_other) REWRITE(NAME) AGAIN                                                                 \
    END
#define FLOAT_ARITH(NAME, W, FLT_OP)                                                                            \
    FLOAT_NEW(NAME, RB, W)                                                                                      \
    OPCODE(NAME##_FLT)                                                                                          \
        LOAD(b, RB) LOAD(c, W)                                                                                  \
        GUARD_FLT(b, NAME##_FLT_other) GUARD_FLT(c, NAME##_FLT_other)                                           \
        GET_FLT(x, b) GET_FLT(y, c) FLT_OP(r, x, y) PUT_FLT(RA, r) NEXT                                         \
    LABEL(NAME##_FLT_other) REWRITE(NAME) AGAIN                                                                 \
    END
#define FLOAT_ORDER(NAME, OP, SENSE)                                                                            \
    FLOAT_NEW(NAME, RA, RB)                                                                                     \
    OPCODE(NAME##_FLT)                                                                                          \
        LOAD(a, RA) LOAD(b, RB)                                                                                 \
        GUARD_FLT(a, NAME##_FLT_other) GUARD_FLT(b, NAME##_FLT_other)                                           \
        GET_FLT(x, a) GET_FLT(y, b) BRANCH_FLT(x, OP, y, SENSE)                                                 \
    LABEL(NAME##_FLT_other) REWRITE(NAME) AGAIN                                                                 \
    END
FLOAT_ARITH(ADD, RC, FLT_ADD)
FLOAT_ARITH(SUB, RC, FLT_SUB)
FLOAT_ARITH(MUL, RC, FLT_MUL)
FLOAT_ARITH(DIV, RC, FLT_DIV)
FLOAT_ARITH(ADDK, KC, FLT_ADD)
FLOAT_ARITH(SUBK, KC, FLT_SUB)
FLOAT_ARITH(MULK, KC, FLT_MUL)
FLOAT_ARITH(DIVK, KC, FLT_DIV)
FLOAT_ORDER(JLT, <, true)
FLOAT_ORDER(JNLT, <, false)
FLOAT_ORDER(JLE, <=, true)
FLOAT_ORDER(JNLE, <=, false)
#undef FLOAT_NEW
#undef FLOAT_ARITH
#undef FLOAT_ORDER

OPCODE(ADDI)
    LOAD(b, RB) IMM_INT(y, SC)
    GUARD_INT(b, ADDI_flt)
    GET_INT(x, b) INT_ADD(r, x, y) PUT_INT(RA, r) NEXT
LABEL(ADDI_flt)
    GUARD_FLT(b, ADDI_slow) GET_FLT(fx, b) INT_TO_FLT(fy, y) FLT_ADD(f, fx, fy) PUT_FLT(RA, f) NEXT
LABEL(ADDI_slow) SLOW(slow_arith)
END

/* The reference compiles a subtraction of a small literal as the addition of its negative; that
 * shows in -0.0 - 0, which is 0.0. */
OPCODE(SUBI)
    LOAD(b, RB) IMM_INT(y, SC)
    GUARD_INT(b, SUBI_flt)
    GET_INT(x, b) INT_SUB(r, x, y) PUT_INT(RA, r) NEXT
LABEL(SUBI_flt)
    GUARD_FLT(b, SUBI_slow) GET_FLT(fx, b) INT_NEG(m, y) INT_TO_FLT(fy, m) FLT_ADD(f, fx, fy) PUT_FLT(RA, f) NEXT
LABEL(SUBI_slow) SLOW(slow_arith)
END

OPCODE(UNM)
    LOAD(b, RB)
    GUARD_INT(b, UNM_flt)
    GET_INT(x, b) INT_NEG(r, x) PUT_INT(RA, r) NEXT
LABEL(UNM_flt)
    GUARD_FLT(b, UNM_slow) GET_FLT(fx, b) FLT_NEG(f, fx) PUT_FLT(RA, f) NEXT
LABEL(UNM_slow) SLOW(slow_unary)
END

OPCODE(BNOT)
    LOAD(b, RB)
    GUARD_INT(b, BNOT_slow)
    GET_INT(x, b) INT_NOT(r, x) PUT_INT(RA, r) NEXT
LABEL(BNOT_slow) SLOW(slow_unary)
END

OPCODE(NOT) LOAD(b, RB) TRUTH(t, b) PUT_NOT(RA, t) NEXT END

/* ---------------------------------------------------------------------------- conditional jumps */

#define ORDER(NAME, OP, SENSE)                                                                                  \
    OPCODE(NAME)                                                                                                \
        LOAD(a, RA) LOAD(b, RB)                                                                                 \
        GUARD_INT(a, NAME##_flt) GUARD_INT(b, NAME##_flt)                                                       \
        GET_INT(x, a) GET_INT(y, b) BRANCH_INT(x, OP, y, SENSE)                                                 \
    LABEL(NAME##_flt)                                                                                           \
        GUARD_FLT(a, NAME##_slow) GUARD_FLT(b, NAME##_slow)                                                     \
        GET_FLT(fx, a) GET_FLT(fy, b) BRANCH_FLT(fx, OP, fy, SENSE)                                             \
    LABEL(NAME##_slow) ORDER_STRINGS(NAME, a, b, OP, SENSE) SLOW(slow_compare)                                  \
    END
#define ORDER_IMM(NAME, OP, SENSE, IF_OTHER)                                                                    \
    OPCODE(NAME)                                                                                                \
        LOAD(a, RA) IMM_INT(y, SB)                                                                              \
        GUARD_INT(a, NAME##_flt)                                                                                \
        GET_INT(x, a) BRANCH_INT(x, OP, y, SENSE)                                                               \
    LABEL(NAME##_flt)                                                                                           \
        GUARD_FLT(a, NAME##_slow)                                                                               \
        GET_FLT(fx, a) INT_TO_FLT(fy, y) BRANCH_FLT(fx, OP, fy, SENSE)                                          \
    LABEL(NAME##_slow) IF_OTHER                                                                                 \
    END

ORDER(JLT, <, true)
ORDER(JNLT, <, false)
ORDER(JLE, <=, true)
ORDER(JNLE, <=, false)
ORDER_IMM(JLTI, <, true, SLOW(slow_compare))
ORDER_IMM(JNLTI, <, false, SLOW(slow_compare))
ORDER_IMM(JLEI, <=, true, SLOW(slow_compare))
ORDER_IMM(JNLEI, <=, false, SLOW(slow_compare))
ORDER_IMM(JGTI, >, true, SLOW(slow_compare))
ORDER_IMM(JNGTI, >, false, SLOW(slow_compare))
ORDER_IMM(JGEI, >=, true, SLOW(slow_compare))
ORDER_IMM(JNGEI, >=, false, SLOW(slow_compare))
ORDER_IMM(JEQI, ==, true, NEXT)
ORDER_IMM(JNEI, ==, false, JUMP)
#undef ORDER
#undef ORDER_IMM

#define EQUALITY(NAME, SENSE)                                                                                   \
    OPCODE(NAME)                                                                                                \
        LOAD(a, RA) LOAD(b, RB)                                                                                 \
        GUARD_SAME_TAG(a, b, NAME##_slow) GUARD_BY_PAYLOAD(a, NAME##_slow)                                      \
        BRANCH_SAME(a, b, SENSE)                                                                                \
    LABEL(NAME##_slow) SLOW(slow_equal)                                                                         \
    END
EQUALITY(JEQ, true)
EQUALITY(JNE, false)
#undef EQUALITY

OPCODE(JEQK) LOAD(a, RA) LOAD(b, KB) RAW_EQUAL(e, a, b) BRANCH_IF(e, true) END
OPCODE(JNEK) LOAD(a, RA) LOAD(b, KB) RAW_EQUAL(e, a, b) BRANCH_IF(e, false) END
OPCODE(JNIL) LOAD(a, RA) TEST_NIL(e, a) BRANCH_IF(e, true) END
OPCODE(JNNIL) LOAD(a, RA) TEST_NIL(e, a) BRANCH_IF(e, false) END
OPCODE(JT) LOAD(a, RA) TRUTH(e, a) BRANCH_IF(e, true) END
OPCODE(JF) LOAD(a, RA) TRUTH(e, a) BRANCH_IF(e, false) END
OPCODE(JTSET) LOAD(b, RB) TRUTH(e, b) UNLESS_NEXT(e, true) PUT(RA, b) JUMP END
OPCODE(JFSET) LOAD(b, RB) TRUTH(e, b) UNLESS_NEXT(e, false) PUT(RA, b) JUMP END
OPCODE(JMP) JUMP END

/* --------------------------------------------------------------------------------------- tables */

OPCODE(GETTABLE)
    LOAD(b, RB) LOAD(c, RC)
    GUARD_TABLE(t, b, GETTABLE_slow) GUARD_INT(c, GETTABLE_str)
    GET_INT(n, c) ARRAY_GET(t, n, RA, GETTABLE_slow) NEXT
LABEL(GETTABLE_str)
    GUARD_SSTR(c, GETTABLE_slow) TABLE_GET_STR(t, c, RA, GETTABLE_slow) NEXT
LABEL(GETTABLE_slow) SLOW(slow_get)
END

OPCODE(GETI)
    LOAD(b, RB) IMM_INT(n, UC)
    GUARD_TABLE(t, b, GETI_slow)
    ARRAY_GET(t, n, RA, GETI_slow) NEXT
LABEL(GETI_slow) SLOW(slow_get)
END

#define SET_BY_VALUE(NAME, W)                                                                                   \
    OPCODE(NAME)                                                                                                \
        LOAD(a, RA) LOAD(b, RB) LOAD(c, W)                                                                      \
        GUARD_TABLE(t, a, NAME##_slow) GUARD_INT(b, NAME##_str)                                                 \
        GET_INT(n, b) ARRAY_SET(t, n, c, NAME##_slow) NEXT                                                      \
    LABEL(NAME##_str)                                                                                           \
        GUARD_SSTR(b, NAME##_slow) TABLE_SET_STR(t, b, c, NAME##_slow) NEXT                                     \
    LABEL(NAME##_slow) SLOW(slow_set)                                                                           \
    END
#define SET_BY_IMM(NAME, W)                                                                                     \
    OPCODE(NAME)                                                                                                \
        LOAD(a, RA) IMM_INT(n, UB_) LOAD(c, W)                                                                  \
        GUARD_TABLE(t, a, NAME##_slow)                                                                          \
        ARRAY_SET(t, n, c, NAME##_slow) NEXT                                                                    \
    LABEL(NAME##_slow) SLOW(slow_set)                                                                           \
    END
SET_BY_VALUE(SETTABLE, RC)
SET_BY_VALUE(SETTABLEK, KC)
SET_BY_IMM(SETI, RC)
SET_BY_IMM(SETIK, KC)
#undef SET_BY_VALUE
#undef SET_BY_IMM

OPCODE(GETFIELD) SLOW(slow_get) END
OPCODE(GETTABUP) SLOW(slow_get) END
OPCODE(SETFIELD) SLOW(slow_set) END
OPCODE(SETFIELDK) SLOW(slow_set) END
OPCODE(SETTABUP) SLOW(slow_set) END
OPCODE(SETTABUPK) SLOW(slow_set) END
OPCODE(SELF) SLOW(slow_self) END
OPCODE(NEWTABLE) SLOW(slow_newtable) END
OPCODE(SETLIST) SLOW(slow_setlist) END

OPCODE(LEN)
    LOAD(b, RB)
    GUARD_TABLE(t, b, LEN_slow) GUARD_NO_METATABLE(t, LEN_slow)
    ARRAY_LEN(n, t, LEN_slow) PUT_INT(RA, n) NEXT
LABEL(LEN_slow) SLOW(slow_len)
END

/* --- inline caches --- */

OPCODE(GETFIELD_NEW) SLOW(quick_get) END
OPCODE(GETFIELD_INL)
    LOAD(b, RB) CELL(c)
    GUARD_TABLE(t, b, GETFIELD_INL_slow) GUARD_SHAPE(t, c, GETFIELD_INL_slow)
    SLOT_INLINE(v, t, c) GUARD_SET_OR(v, c, GETFIELD_INL_slow)
    PUT(RA, v) NEXT
LABEL(GETFIELD_INL_slow) SLOW(quick_get)
END
OPCODE(GETFIELD_OVF)
    LOAD(b, RB) CELL(c)
    GUARD_TABLE(t, b, GETFIELD_OVF_slow) GUARD_SHAPE(t, c, GETFIELD_OVF_slow)
    SLOT_OVERFLOW(v, t, c) GUARD_SET_OR(v, c, GETFIELD_OVF_slow)
    PUT(RA, v) NEXT
LABEL(GETFIELD_OVF_slow) SLOW(quick_get)
END
OPCODE(GETFIELD_PROTO)
    LOAD(b, RB) CELL(c)
    GUARD_TABLE(t, b, GETFIELD_PROTO_slow) GUARD_SHAPE(t, c, GETFIELD_PROTO_slow) GUARD_EPOCH(c, GETFIELD_PROTO_slow)
    SLOT_FAR(v, c) PUT(RA, v) NEXT
LABEL(GETFIELD_PROTO_slow) SLOW(quick_get)
END
OPCODE(GETFIELD_CALL)
    LOAD(b, RB) CELL(c)
    GUARD_TABLE(t, b, GETFIELD_CALL_slow) GUARD_SHAPE(t, c, GETFIELD_CALL_slow) GUARD_EPOCH(c, GETFIELD_CALL_slow)
    SLOW(quick_call_index)
LABEL(GETFIELD_CALL_slow) SLOW(quick_get)
END
OPCODE(GETFIELD_POLY)
    LOAD(b, RB) CELL(c)
    GUARD_TABLE(t, b, GETFIELD_POLY_slow) POLY_ENTRY(e, t, c, GETFIELD_POLY_slow)
    POLY_SLOT(v, t, e, GETFIELD_POLY_slow) PUT(RA, v) NEXT
LABEL(GETFIELD_POLY_slow) SLOW(quick_get)
END
OPCODE(GETFIELD_ANY)
    LOAD(b, RB) LOAD(key, KC)
    GUARD_TABLE(t, b, GETFIELD_ANY_slow) TABLE_GET_STR(t, key, RA, GETFIELD_ANY_slow) NEXT
LABEL(GETFIELD_ANY_slow) SLOW(slow_get)
END

OPCODE(GETTABUP_NEW) SLOW(quick_getglobal) END
OPCODE(GETTABUP_OWN)
    LOAD(u, UB) CELL(c)
    GUARD_TABLE(t, u, GETTABUP_OWN_slow) GUARD_SHAPE(t, c, GETTABUP_OWN_slow)
    SLOT_OVERFLOW(v, t, c) GUARD_SET(v, GETTABUP_OWN_slow)
    PUT(RA, v) NEXT
LABEL(GETTABUP_OWN_slow) SLOW(quick_getglobal)
END
OPCODE(GETTABUP_INL)
    LOAD(u, UB) CELL(c)
    GUARD_TABLE(t, u, GETTABUP_INL_slow) GUARD_SHAPE(t, c, GETTABUP_INL_slow)
    SLOT_INLINE(v, t, c) GUARD_SET_OR(v, c, GETTABUP_INL_slow)
    PUT(RA, v) NEXT
LABEL(GETTABUP_INL_slow) SLOW(quick_getglobal)
END
OPCODE(GETTABUP_ANY)
    LOAD(u, UB) LOAD(key, KC)
    GUARD_TABLE(t, u, GETTABUP_ANY_slow) TABLE_GET_STR(t, key, RA, GETTABUP_ANY_slow) NEXT
LABEL(GETTABUP_ANY_slow) SLOW(slow_get)
END

OPCODE(SELF_NEW) SLOW(quick_self) END
OPCODE(SELF_INL)
    LOAD(b, RB) CELL(c)
    GUARD_TABLE(t, b, SELF_INL_slow) GUARD_SHAPE(t, c, SELF_INL_slow)
    SLOT_INLINE(v, t, c) GUARD_SET(v, SELF_INL_slow)
    PUT_SELF(RA, b, v) NEXT
LABEL(SELF_INL_slow) SLOW(quick_self)
END
OPCODE(SELF_OVF)
    LOAD(b, RB) CELL(c)
    GUARD_TABLE(t, b, SELF_OVF_slow) GUARD_SHAPE(t, c, SELF_OVF_slow)
    SLOT_OVERFLOW(v, t, c) GUARD_SET(v, SELF_OVF_slow)
    PUT_SELF(RA, b, v) NEXT
LABEL(SELF_OVF_slow) SLOW(quick_self)
END
OPCODE(SELF_PROTO)
    LOAD(b, RB) CELL(c)
    GUARD_TABLE(t, b, SELF_PROTO_slow) GUARD_SHAPE(t, c, SELF_PROTO_slow) GUARD_EPOCH(c, SELF_PROTO_slow)
    SLOT_FAR(v, c) PUT_SELF(RA, b, v) NEXT
LABEL(SELF_PROTO_slow) SLOW(quick_self)
END
OPCODE(SELF_STR)
    LOAD(b, RB) CELL(c)
    GUARD_STR(b, SELF_STR_slow) GUARD_EPOCH(c, SELF_STR_slow)
    SLOT_FAR(v, c) PUT_SELF(RA, b, v) NEXT
LABEL(SELF_STR_slow) SLOW(quick_self)
END
OPCODE(SELF_POLY)
    LOAD(b, RB) CELL(c)
    GUARD_TABLE(t, b, SELF_POLY_slow) POLY_ENTRY(e, t, c, SELF_POLY_slow)
    POLY_SLOT(v, t, e, SELF_POLY_slow) PUT_SELF(RA, b, v) NEXT
LABEL(SELF_POLY_slow) SLOW(quick_self)
END
OPCODE(SELF_ANY)
    LOAD(b, RB) LOAD(key, KC)
    GUARD_TABLE(t, b, SELF_ANY_slow) TABLE_FIND_STR(v, t, key, SELF_ANY_slow)
    PUT_SELF(RA, b, v) NEXT
LABEL(SELF_ANY_slow) SLOW(slow_self)
END

#define SET_CACHED(NAME, W)                                                                                     \
    OPCODE(NAME##_NEW) SLOW(quick_set) END                                                                      \
    OPCODE(NAME##_INL)                                                                                          \
        LOAD(a, RA) LOAD(x, W) CELL(c)                                                                          \
        GUARD_TABLE(t, a, NAME##_INL_slow) GUARD_SHAPE(t, c, NAME##_INL_slow)                                   \
        SLOT_INLINE(v, t, c) GUARD_SET_OR(v, c, NAME##_INL_slow)                                                \
        STORE(t, v, x) NEXT                                                                                     \
    LABEL(NAME##_INL_slow) SLOW(quick_set)                                                                      \
    END                                                                                                         \
    OPCODE(NAME##_OVF)                                                                                          \
        LOAD(a, RA) LOAD(x, W) CELL(c)                                                                          \
        GUARD_TABLE(t, a, NAME##_OVF_slow) GUARD_SHAPE(t, c, NAME##_OVF_slow)                                   \
        SLOT_OVERFLOW(v, t, c) GUARD_SET_OR(v, c, NAME##_OVF_slow)                                              \
        STORE(t, v, x) NEXT                                                                                     \
    LABEL(NAME##_OVF_slow) SLOW(quick_set)                                                                      \
    END                                                                                                         \
    OPCODE(NAME##_ADD)                                                                                          \
        LOAD(a, RA) LOAD(x, W) CELL(c)                                                                          \
        GUARD_TABLE(t, a, NAME##_ADD_slow) GUARD_SHAPE(t, c, NAME##_ADD_slow) GUARD_EPOCH(c, NAME##_ADD_slow)   \
        SLOT_INLINE(v, t, c) STORE(t, v, x) PUT_SHAPE(t, c) NEXT                                                \
    LABEL(NAME##_ADD_slow) SLOW(quick_set)                                                                      \
    END                                                                                                         \
    OPCODE(NAME##_CALL)                                                                                         \
        LOAD(a, RA) CELL(c)                                                                                     \
        GUARD_TABLE(t, a, NAME##_CALL_slow) GUARD_SHAPE(t, c, NAME##_CALL_slow) GUARD_EPOCH(c, NAME##_CALL_slow) \
        SLOW(quick_call_newindex)                                                                               \
    LABEL(NAME##_CALL_slow) SLOW(quick_set)                                                                     \
    END                                                                                                         \
    OPCODE(NAME##_POLY)                                                                                         \
        LOAD(a, RA) LOAD(x, W) CELL(c)                                                                          \
        GUARD_TABLE(t, a, NAME##_POLY_slow) POLY_ENTRY(e, t, c, NAME##_POLY_slow)                               \
        POLY_STORE(t, e, x, NAME##_POLY_slow) NEXT                                                              \
    LABEL(NAME##_POLY_slow) SLOW(quick_set)                                                                     \
    END                                                                                                         \
    OPCODE(NAME##_ANY)                                                                                          \
        LOAD(a, RA) LOAD(key, KB) LOAD(x, W)                                                                    \
        GUARD_TABLE(t, a, NAME##_ANY_slow) TABLE_SET_STR(t, key, x, NAME##_ANY_slow) NEXT                       \
    LABEL(NAME##_ANY_slow) SLOW(slow_set)                                                                       \
    END
SET_CACHED(SETFIELD, RC)
SET_CACHED(SETFIELDK, KC)
#undef SET_CACHED

OPCODE(SETTABUP_NEW) SLOW(quick_setglobal) END
OPCODE(SETTABUP_OWN)
    LOAD(u, UA) LOAD(x, RC) CELL(c)
    GUARD_TABLE(t, u, SETTABUP_OWN_slow) GUARD_SHAPE(t, c, SETTABUP_OWN_slow)
    SLOT_OVERFLOW(v, t, c) GUARD_SET(v, SETTABUP_OWN_slow) GUARD_CELL_TAG(x, c, SETTABUP_OWN_slow)
    STORE(t, v, x) NEXT
LABEL(SETTABUP_OWN_slow) SLOW(quick_setglobal)
END
OPCODE(SETTABUP_INL)
    LOAD(u, UA) LOAD(x, RC) CELL(c)
    GUARD_TABLE(t, u, SETTABUP_INL_slow) GUARD_SHAPE(t, c, SETTABUP_INL_slow)
    SLOT_INLINE(v, t, c) GUARD_SET_OR(v, c, SETTABUP_INL_slow)
    STORE(t, v, x) NEXT
LABEL(SETTABUP_INL_slow) SLOW(quick_setglobal)
END
OPCODE(SETTABUP_ANY)
    LOAD(u, UA) LOAD(key, KB) LOAD(x, RC)
    GUARD_TABLE(t, u, SETTABUP_ANY_slow) TABLE_SET_STR(t, key, x, SETTABUP_ANY_slow) NEXT
LABEL(SETTABUP_ANY_slow) SLOW(slow_set)
END

OPCODE(NEWTABLE_SITE) SLOW(quick_newtable) END

/* ------------------------------------------------------------------ the rest: shared slow paths */

OPCODE(CONCAT) SLOW(slow_concat) END
OPCODE(CLOSE) SLOW(slow_close) END
OPCODE(TBC) SLOW(slow_tbc) END
OPCODE(CLOSURE) SLOW(slow_closure) END
OPCODE(VARARG) SLOW(slow_vararg) END
OPCODE(VARARGPREP) SLOW(slow_varargprep) END
OPCODE(FORPREP) SLOW(slow_forprep) END
OPCODE(TFORPREP) SLOW(slow_tforprep) END

/* Loops: go back, polling once an iteration. */
OPCODE(LOOP) COUNT_ITERATION(LOOP_hot) POLL(LOOP_poll) JUMP
LABEL(LOOP_hot) JUMP_SLOW(slow_loop_hot)
LABEL(LOOP_poll) JUMP_SLOW(slow_attention)
END

OPCODE(FORLOOP)
    FOR_INT_STEP(FORLOOP_flt, FORLOOP_end)
    POLL(FORLOOP_poll) JUMP
LABEL(FORLOOP_flt)
    FOR_FLT_STEP(FORLOOP_end)
    POLL(FORLOOP_poll) JUMP
LABEL(FORLOOP_poll) JUMP_SLOW(slow_attention)
LABEL(FORLOOP_end) NEXT
END

/* likewise, counting: compiled code is to be entered when there is some */
OPCODE(FORLOOP_COUNT)
    FOR_INT_STEP(FORLOOP_COUNT_flt, FORLOOP_COUNT_end)
    COUNT_ITERATION(FORLOOP_COUNT_hot) POLL(FORLOOP_COUNT_poll) JUMP
LABEL(FORLOOP_COUNT_flt)
    FOR_FLT_STEP(FORLOOP_COUNT_end)
    COUNT_ITERATION(FORLOOP_COUNT_hot) POLL(FORLOOP_COUNT_poll) JUMP
LABEL(FORLOOP_COUNT_hot) JUMP_SLOW(slow_loop_hot)
LABEL(FORLOOP_COUNT_poll) JUMP_SLOW(slow_attention)
LABEL(FORLOOP_COUNT_end) NEXT
END

OPCODE(TFORLOOP)
    TFOR_STEP(TFORLOOP_end)
    COUNT_ITERATION(TFORLOOP_hot) POLL(TFORLOOP_poll) JUMP
LABEL(TFORLOOP_hot) JUMP_SLOW(slow_loop_hot)
LABEL(TFORLOOP_poll) JUMP_SLOW(slow_attention)
LABEL(TFORLOOP_end) NEXT
END
