// SPDX-License-Identifier: MIT
/* What each operand of each opcode is: one row per opcode, in any order. The verifier checks
 * operands by it and the lister words its comments by it.
 *
 *  W  register written                 U  upvalue             JF  jump forward
 *  R  register read                    K  constant            JB  jump backward
 *  RF register read, with FLIP bit     KS short string        KX  constant, 32-bit index
 *  L  register named, neither          KN number              PX  inner function
 *  -  (NO) not used                    KI integer             I, S  number, signed number;  IX  32
 * bits of it V  register written if it jumps Whatever else an instruction touches (ranges of
 * registers, the top) is in the verifier.
 */
#ifndef PERIGEE_OPERANDS_H
#define PERIGEE_OPERANDS_H

#include "sem/opcodes.h"

typedef enum Role {
    ROLE_NO,
    ROLE_W,
    ROLE_R,
    ROLE_RF,
    ROLE_L,
    ROLE_V,
    ROLE_U,
    ROLE_K,
    ROLE_KS,
    ROLE_KN,
    ROLE_KI,
    ROLE_I,
    ROLE_S,
    ROLE_JF,
    ROLE_JB,
    ROLE_KX,
    ROLE_PX,
    ROLE_IX
} Role;

#define PERIGEE_OPERANDS(ROW)                                                                     \
    ROW(MOVE, W, R, NO) ROW(LOADI, W, NO, IX) ROW(LOADF, W, NO, IX) ROW(LOADK, W, NO, KX)         \
    ROW(LOADFALSE, W, NO, NO) ROW(LFALSESKIP, W, NO, NO) ROW(LOADTRUE, W, NO, NO)                 \
    ROW(LOADNIL, W, I, NO) ROW(GETUPVAL, W, U, NO) ROW(SETUPVAL, R, U, NO)                        \
    ROW(GETTABUP, W, U, KS) ROW(GETTABLE, W, R, R) ROW(GETI, W, R, I) ROW(GETFIELD, W, R, KS)     \
    ROW(SETTABUP, U, KS, R) ROW(SETTABUPK, U, KS, K) ROW(SETTABLE, R, R, R)                       \
    ROW(SETTABLEK, R, R, K) ROW(SETI, R, I, R) ROW(SETIK, R, I, K) ROW(SETFIELD, R, KS, R)        \
    ROW(SETFIELDK, R, KS, K) ROW(NEWTABLE, W, I, I) ROW(SELF, W, R, KS) ROW(SUBI, W, R, S) ROW(ADDI, W, RF, S)       \
    ROW(ADDK, W, RF, KN) ROW(SUBK, W, R, KN) ROW(MULK, W, RF, KN) ROW(MODK, W, R, KN)             \
    ROW(POWK, W, R, KN) ROW(DIVK, W, R, KN) ROW(IDIVK, W, R, KN) ROW(BANDK, W, RF, KI)            \
    ROW(BORK, W, RF, KI) ROW(BXORK, W, RF, KI) ROW(SHLK, W, R, KI) ROW(SHRK, W, R, KI)            \
    ROW(ADD, W, R, R) ROW(SUB, W, R, R) ROW(MUL, W, R, R) ROW(MOD, W, R, R) ROW(POW, W, R, R)     \
    ROW(DIV, W, R, R) ROW(IDIV, W, R, R) ROW(BAND, W, R, R) ROW(BOR, W, R, R) ROW(BXOR, W, R, R)  \
    ROW(SHL, W, R, R) ROW(SHR, W, R, R) ROW(UNM, W, R, NO) ROW(BNOT, W, R, NO) ROW(NOT, W, R, NO) \
    ROW(LEN, W, R, NO) ROW(CONCAT, W, I, NO) ROW(CLOSE, L, NO, NO) ROW(TBC, R, NO, NO)            \
    ROW(JMP, NO, NO, JF) ROW(LOOP, NO, NO, JB) ROW(JEQ, R, R, JF) ROW(JNE, R, R, JF)              \
    ROW(JLT, R, R, JF) ROW(JNLT, R, R, JF) ROW(JLE, R, R, JF) ROW(JNLE, R, R, JF)                 \
    ROW(JEQK, R, K, JF) ROW(JNEK, R, K, JF) ROW(JEQI, R, S, JF) ROW(JNEI, R, S, JF)               \
    ROW(JLTI, R, S, JF) ROW(JNLTI, R, S, JF) ROW(JLEI, R, S, JF) ROW(JNLEI, R, S, JF)             \
    ROW(JGTI, R, S, JF) ROW(JNGTI, R, S, JF) ROW(JGEI, R, S, JF) ROW(JNGEI, R, S, JF)             \
    ROW(JNIL, R, NO, JF) ROW(JNNIL, R, NO, JF) ROW(JT, R, NO, JF) ROW(JF, R, NO, JF)              \
    ROW(JTSET, V, R, JF) ROW(JFSET, V, R, JF) ROW(CALL, R, I, I) ROW(TAILCALL, R, I, I)           \
    ROW(RETURN, L, I, I) ROW(RETURN0, NO, NO, NO) ROW(RETURN1, R, NO, NO) ROW(FORPREP, R, NO, JF) \
    ROW(FORLOOP, R, NO, JB) ROW(TFORPREP, R, NO, JF) ROW(TFORCALL, R, NO, I)                      \
    ROW(TFORLOOP, R, NO, JB) ROW(SETLIST, R, I, IX) ROW(CLOSURE, W, NO, PX) ROW(VARARG, W, NO, I) \
    ROW(VARARGPREP, NO, NO, NO)

typedef struct Operands {
    uint8_t a, b, c; /* Role; c: of C, J or X */
} Operands;

extern const Operands opcode_operands[OP_CANONICAL_COUNT]; /* operands.c */

static inline bool role_reads(unsigned role) { return role == ROLE_R || role == ROLE_RF; }
static inline bool role_is_const(unsigned role) { return role >= ROLE_K && role <= ROLE_KI; }
static inline bool role_is_jump(unsigned role) { return role == ROLE_JF || role == ROLE_JB; }

#endif
