// SPDX-License-Identifier: MIT
/* The canonical instruction set: one row per opcode; enum, names, formats and the verifier's table
 * come from it.
 *
 *      63        48 47        32 31        16 15     8 7      0
 *     +------------+------------+------------+--------+--------+
 *     |     D      |     C      |     B      |   A    |   op   |     format ABC
 *     +------------+------------+------------+--------+--------+
 *     |         J (signed) or X (unsigned)   |  ...   |        |     format AJ / AX: J, X are bits 32..63; B as above
 *     +-------------------------+------------+--------+--------+
 *
 * R[x] register, K[x] constant, U[x] upvalue. D is zero in canonical code; in a quickened stream it
 * is the index of the instruction's feedback cell. Registers are 8 bits wide everywhere (of B and C
 * the low byte). Jumps are relative to the next instruction. Only LOOP, FORLOOP and TFORLOOP jump
 * backwards, so that every loop polls and counts.
 *
 * FLIP (bit 15 of B) in arithmetic with a constant says that the constant was the left operand;
 * only metamethods and messages see it.
 */
#ifndef PERIGEE_OPCODES_H
#define PERIGEE_OPCODES_H

#include "object/object.h"

enum { FMT_ABC, FMT_AJ, FMT_AX };

/*  OP(name, format, formula) */
#define PERIGEE_OPCODES(OP)                                                                                     \
    OP(MOVE, FMT_ABC, "R[A] := R[B]")                                                                           \
    OP(LOADI, FMT_AJ, "R[A] := J as integer")                                                                   \
    OP(LOADF, FMT_AJ, "R[A] := J as float")                                                                     \
    OP(LOADK, FMT_AX, "R[A] := K[X]")                                                                           \
    OP(LOADFALSE, FMT_ABC, "R[A] := false")                                                                     \
    OP(LFALSESKIP, FMT_ABC, "R[A] := false; pc++")                                                              \
    OP(LOADTRUE, FMT_ABC, "R[A] := true")                                                                       \
    OP(LOADNIL, FMT_ABC, "R[A], ..., R[A+B] := nil")                                                            \
    OP(GETUPVAL, FMT_ABC, "R[A] := U[B]")                                                                       \
    OP(SETUPVAL, FMT_ABC, "U[B] := R[A]")                                                                       \
    OP(GETTABUP, FMT_ABC, "R[A] := U[B][K[C]]  (short string)")                                                 \
    OP(GETTABLE, FMT_ABC, "R[A] := R[B][R[C]]")                                                                 \
    OP(GETI, FMT_ABC, "R[A] := R[B][C]  (integer C)")                                                           \
    OP(GETFIELD, FMT_ABC, "R[A] := R[B][K[C]]  (short string)")                                                 \
    OP(SETTABUP, FMT_ABC, "U[A][K[B]] := R[C]  (short string)")                                                 \
    OP(SETTABUPK, FMT_ABC, "U[A][K[B]] := K[C]")                                                                \
    OP(SETTABLE, FMT_ABC, "R[A][R[B]] := R[C]")                                                                 \
    OP(SETTABLEK, FMT_ABC, "R[A][R[B]] := K[C]")                                                                \
    OP(SETI, FMT_ABC, "R[A][B] := R[C]  (integer B)")                                                           \
    OP(SETIK, FMT_ABC, "R[A][B] := K[C]")                                                                       \
    OP(SETFIELD, FMT_ABC, "R[A][K[B]] := R[C]  (short string)")                                                 \
    OP(SETFIELDK, FMT_ABC, "R[A][K[B]] := K[C]")                                                                \
    OP(NEWTABLE, FMT_ABC, "R[A] := {}  (B record fields, C list items expected, 65535: that many or more)")     \
    OP(SELF, FMT_ABC, "R[A+1] := R[B]; R[A] := R[B][K[C]]  (short string)")                                     \
    OP(SUBI, FMT_ABC, "R[A] := R[B] - C  (signed integer C; of floats R[B] + -C, as the reference computes)")     \
    OP(ADDI, FMT_ABC, "R[A] := R[B] + C  (signed integer C; FLIP)")                                             \
    OP(ADDK, FMT_ABC, "R[A] := R[B] + K[C]  (number; FLIP)")                                                    \
    OP(SUBK, FMT_ABC, "R[A] := R[B] - K[C]  (number)")                                                          \
    OP(MULK, FMT_ABC, "R[A] := R[B] * K[C]  (number; FLIP)")                                                    \
    OP(MODK, FMT_ABC, "R[A] := R[B] % K[C]  (number)")                                                          \
    OP(POWK, FMT_ABC, "R[A] := R[B] ^ K[C]  (number)")                                                          \
    OP(DIVK, FMT_ABC, "R[A] := R[B] / K[C]  (number)")                                                          \
    OP(IDIVK, FMT_ABC, "R[A] := R[B] // K[C]  (number)")                                                        \
    OP(BANDK, FMT_ABC, "R[A] := R[B] & K[C]  (integer; FLIP)")                                                  \
    OP(BORK, FMT_ABC, "R[A] := R[B] | K[C]  (integer; FLIP)")                                                   \
    OP(BXORK, FMT_ABC, "R[A] := R[B] ~ K[C]  (integer; FLIP)")                                                  \
    OP(SHLK, FMT_ABC, "R[A] := R[B] << K[C]  (integer)")                                                        \
    OP(SHRK, FMT_ABC, "R[A] := R[B] >> K[C]  (integer)")                                                        \
    OP(ADD, FMT_ABC, "R[A] := R[B] + R[C]")                                                                     \
    OP(SUB, FMT_ABC, "R[A] := R[B] - R[C]")                                                                     \
    OP(MUL, FMT_ABC, "R[A] := R[B] * R[C]")                                                                     \
    OP(MOD, FMT_ABC, "R[A] := R[B] % R[C]")                                                                     \
    OP(POW, FMT_ABC, "R[A] := R[B] ^ R[C]")                                                                     \
    OP(DIV, FMT_ABC, "R[A] := R[B] / R[C]")                                                                     \
    OP(IDIV, FMT_ABC, "R[A] := R[B] // R[C]")                                                                   \
    OP(BAND, FMT_ABC, "R[A] := R[B] & R[C]")                                                                    \
    OP(BOR, FMT_ABC, "R[A] := R[B] | R[C]")                                                                     \
    OP(BXOR, FMT_ABC, "R[A] := R[B] ~ R[C]")                                                                    \
    OP(SHL, FMT_ABC, "R[A] := R[B] << R[C]")                                                                    \
    OP(SHR, FMT_ABC, "R[A] := R[B] >> R[C]")                                                                    \
    OP(UNM, FMT_ABC, "R[A] := -R[B]")                                                                           \
    OP(BNOT, FMT_ABC, "R[A] := ~R[B]")                                                                          \
    OP(NOT, FMT_ABC, "R[A] := not R[B]")                                                                        \
    OP(LEN, FMT_ABC, "R[A] := #R[B]")                                                                           \
    OP(CONCAT, FMT_ABC, "R[A] := R[A] .. ... .. R[A+B-1]  (B >= 2)")                                            \
    OP(CLOSE, FMT_ABC, "close upvalues and to-be-closed variables >= R[A]")                                     \
    OP(TBC, FMT_ABC, "mark R[A] to be closed")                                                                  \
    OP(JMP, FMT_AJ, "pc += J  (J >= 0)")                                                                        \
    OP(LOOP, FMT_AJ, "pc += J  (J < 0)")                                                                        \
    OP(JEQ, FMT_AJ, "if R[A] == R[B] then pc += J")                                                             \
    OP(JNE, FMT_AJ, "if not (R[A] == R[B]) then pc += J")                                                       \
    OP(JLT, FMT_AJ, "if R[A] < R[B] then pc += J")                                                              \
    OP(JNLT, FMT_AJ, "if not (R[A] < R[B]) then pc += J")                                                       \
    OP(JLE, FMT_AJ, "if R[A] <= R[B] then pc += J")                                                             \
    OP(JNLE, FMT_AJ, "if not (R[A] <= R[B]) then pc += J")                                                      \
    OP(JEQK, FMT_AJ, "if R[A] == K[B] then pc += J  (raw)")                                                     \
    OP(JNEK, FMT_AJ, "if not (R[A] == K[B]) then pc += J  (raw)")                                               \
    OP(JEQI, FMT_AJ, "if R[A] == B then pc += J  (signed integer B)")                                           \
    OP(JNEI, FMT_AJ, "if not (R[A] == B) then pc += J")                                                         \
    OP(JLTI, FMT_AJ, "if R[A] < B then pc += J  (signed integer B)")                                            \
    OP(JNLTI, FMT_AJ, "if not (R[A] < B) then pc += J")                                                         \
    OP(JLEI, FMT_AJ, "if R[A] <= B then pc += J")                                                               \
    OP(JNLEI, FMT_AJ, "if not (R[A] <= B) then pc += J")                                                        \
    OP(JGTI, FMT_AJ, "if R[A] > B then pc += J  (calls B < R[A])")                                              \
    OP(JNGTI, FMT_AJ, "if not (R[A] > B) then pc += J")                                                         \
    OP(JGEI, FMT_AJ, "if R[A] >= B then pc += J  (calls B <= R[A])")                                            \
    OP(JNGEI, FMT_AJ, "if not (R[A] >= B) then pc += J")                                                        \
    OP(JNIL, FMT_AJ, "if R[A] == nil then pc += J")                                                             \
    OP(JNNIL, FMT_AJ, "if R[A] ~= nil then pc += J")                                                            \
    OP(JT, FMT_AJ, "if R[A] then pc += J")                                                                      \
    OP(JF, FMT_AJ, "if not R[A] then pc += J")                                                                  \
    OP(JTSET, FMT_AJ, "if R[B] then R[A] := R[B]; pc += J")                                                     \
    OP(JFSET, FMT_AJ, "if not R[B] then R[A] := R[B]; pc += J")                                                 \
    OP(CALL, FMT_ABC, "R[A], ..., R[A+C-2] := R[A](R[A+1], ..., R[A+B-1])  (B == 0: up to top; C == 0: all)")   \
    OP(TAILCALL, FMT_ABC, "return R[A](R[A+1], ..., R[A+B-1])  (C & 1: upvalues to close)")                     \
    OP(RETURN, FMT_ABC, "return R[A], ..., R[A+B-2]  (B == 0: up to top; C & 1: variables to close)")           \
    OP(RETURN0, FMT_ABC, "return  (function without varargs or variables to close)")                            \
    OP(RETURN1, FMT_ABC, "return R[A]  (likewise)")                                                             \
    OP(FORPREP, FMT_AJ, "prepare R[A..A+3] = (init, limit, step, i); if no iteration then pc += J")              \
    OP(FORLOOP, FMT_AJ, "update; if it goes on then R[A+3] := i; pc += J")                                      \
    OP(TFORPREP, FMT_AJ, "mark R[A+3] to be closed; pc += J")                                                   \
    OP(TFORCALL, FMT_ABC, "R[A+4], ..., R[A+3+C] := R[A](R[A+1], R[A+2])")                                      \
    OP(TFORLOOP, FMT_AJ, "if R[A+4] ~= nil then R[A+2] := R[A+4]; pc += J")                                     \
    OP(SETLIST, FMT_AX, "R[A][X+i] := R[A+i], 1 <= i <= B  (B == 0: up to top)")                                \
    OP(CLOSURE, FMT_AX, "R[A] := closure(P[X])")                                                                \
    OP(VARARG, FMT_ABC, "R[A], ..., R[A+C-2] := ...  (C == 0: all, sets top)")                                  \
    OP(VARARGPREP, FMT_ABC, "adjust the extra arguments  (first instruction of a vararg function)")

/* Quickened opcodes: what a warm function's copy of the code is rewritten to. Same operands as the
 * canonical opcode that each stands for; D is its cell.
 *  QOP(name, stands for, what the cell says) */
#define PERIGEE_QUICK_OPCODES(QOP)                                                                              \
    QOP(ADD_NEW, ADD, "operands not seen yet")   \
    QOP(ADD_FLT, ADD, "both operands were floats")   \
    QOP(SUB_NEW, SUB, "operands not seen yet")   \
    QOP(SUB_FLT, SUB, "both operands were floats")   \
    QOP(MUL_NEW, MUL, "operands not seen yet")   \
    QOP(MUL_FLT, MUL, "both operands were floats")   \
    QOP(DIV_NEW, DIV, "operands not seen yet")   \
    QOP(DIV_FLT, DIV, "both operands were floats")   \
    QOP(ADDK_NEW, ADDK, "operands not seen yet")   \
    QOP(ADDK_FLT, ADDK, "both operands were floats")   \
    QOP(SUBK_NEW, SUBK, "operands not seen yet")   \
    QOP(SUBK_FLT, SUBK, "both operands were floats")   \
    QOP(MULK_NEW, MULK, "operands not seen yet")   \
    QOP(MULK_FLT, MULK, "both operands were floats")   \
    QOP(DIVK_NEW, DIVK, "operands not seen yet")   \
    QOP(DIVK_FLT, DIVK, "both operands were floats")   \
    QOP(JLT_NEW, JLT, "operands not seen yet")   \
    QOP(JLT_FLT, JLT, "both operands were floats")   \
    QOP(JNLT_NEW, JNLT, "operands not seen yet")   \
    QOP(JNLT_FLT, JNLT, "both operands were floats")   \
    QOP(JLE_NEW, JLE, "operands not seen yet")   \
    QOP(JLE_FLT, JLE, "both operands were floats")   \
    QOP(JNLE_NEW, JNLE, "operands not seen yet")   \
    QOP(JNLE_FLT, JNLE, "both operands were floats")   \
    QOP(GETFIELD_NEW, GETFIELD, "nothing yet")                                                                  \
    QOP(GETFIELD_INL, GETFIELD, "own key in an inline slot")                                                    \
    QOP(GETFIELD_OVF, GETFIELD, "own key in an overflow slot")                                                  \
    QOP(GETFIELD_PROTO, GETFIELD, "key of a table reached through __index, or of none (slot holds nil)")        \
    QOP(GETFIELD_CALL, GETFIELD, "absent key of tables whose __index is a function")                            \
    QOP(GETFIELD_POLY, GETFIELD, "up to four of the above")                                                     \
    QOP(GETFIELD_ANY, GETFIELD, "too many shapes")                                                              \
    QOP(GETTABUP_NEW, GETTABUP, "nothing yet")                                                                  \
    QOP(GETTABUP_OWN, GETTABUP, "slot of the one table of an owned shape")                                      \
    QOP(GETTABUP_INL, GETTABUP, "own key of another table in an inline slot")                                   \
    QOP(GETTABUP_ANY, GETTABUP, "not cacheable")                                                                \
    QOP(SELF_NEW, SELF, "nothing yet")                                                                          \
    QOP(SELF_INL, SELF, "own key in an inline slot")                                                            \
    QOP(SELF_OVF, SELF, "own key in an overflow slot")                                                          \
    QOP(SELF_PROTO, SELF, "method found through __index")                                                       \
    QOP(SELF_STR, SELF, "method of strings")                                                                    \
    QOP(SELF_POLY, SELF, "up to four of the above")                                                             \
    QOP(SELF_ANY, SELF, "too many shapes")                                                                      \
    QOP(SETFIELD_NEW, SETFIELD, "nothing yet")                                                                  \
    QOP(SETFIELD_INL, SETFIELD, "own key in an inline slot")                                                    \
    QOP(SETFIELD_OVF, SETFIELD, "own key in an overflow slot")                                                  \
    QOP(SETFIELD_ADD, SETFIELD, "key to be added in an inline slot")                                            \
    QOP(SETFIELD_CALL, SETFIELD, "absent key of tables whose __newindex is a function")                         \
    QOP(SETFIELD_POLY, SETFIELD, "up to four of the above")                                                     \
    QOP(SETFIELD_ANY, SETFIELD, "too many shapes")                                                              \
    QOP(SETFIELDK_NEW, SETFIELDK, "nothing yet")                                                                \
    QOP(SETFIELDK_INL, SETFIELDK, "own key in an inline slot")                                                  \
    QOP(SETFIELDK_OVF, SETFIELDK, "own key in an overflow slot")                                                \
    QOP(SETFIELDK_ADD, SETFIELDK, "key to be added in an inline slot")                                          \
    QOP(SETFIELDK_CALL, SETFIELDK, "likewise")                                                                  \
    QOP(SETFIELDK_POLY, SETFIELDK, "up to four of the above")                                                   \
    QOP(SETFIELDK_ANY, SETFIELDK, "too many shapes")                                                            \
    QOP(SETTABUP_NEW, SETTABUP, "nothing yet")                                                                  \
    QOP(SETTABUP_OWN, SETTABUP, "slot of the one table of an owned shape")                                      \
    QOP(SETTABUP_INL, SETTABUP, "own key of another table in an inline slot")                                   \
    QOP(SETTABUP_ANY, SETTABUP, "not cacheable")                                                                \
    QOP(NEWTABLE_SITE, NEWTABLE, "inline slots and array room that earlier tables of this site came to need") \
    QOP(FORLOOP_COUNT, FORLOOP, "iterations count as uses of the function: compiled code is expected")

/* Opcodes of compiled streams (state/code.h): where compiled code is entered, and elsewhere. */
#define PERIGEE_STREAM_OPCODES(SOP) SOP(COMPILED) SOP(INTERPRET)

typedef enum {
#define OP_ENUM(name, format, formula) OP_##name,
#define OP_ENUM_QUICK(name, base, what) OP_##name,
#define OP_ENUM_STREAM(name) OP_##name,
    PERIGEE_OPCODES(OP_ENUM)
    OP_CANONICAL_COUNT,
    OP_LAST_CANONICAL = OP_CANONICAL_COUNT - 1,
    PERIGEE_QUICK_OPCODES(OP_ENUM_QUICK)
    OP_QUICK_END,
    OP_LAST_QUICK = OP_QUICK_END - 1,
    PERIGEE_STREAM_OPCODES(OP_ENUM_STREAM)
    OP_COUNT
#undef OP_ENUM
#undef OP_ENUM_QUICK
#undef OP_ENUM_STREAM
} OpCode;
_Static_assert(OP_COUNT <= 256, "an opcode is a byte");

extern const uint8_t opcode_base[]; /* canonical opcode of each */

extern const char *const opcode_names[];       /* canonical ones; sem/opcodes.c */
extern const uint8_t opcode_formats[];

enum { FLIP = 1 << 15, MAX_REG = 255, MAX_B = 0xffff };

static inline unsigned insn_op(Insn i) { return (uint8_t)i; }
static inline unsigned insn_a(Insn i) { return (uint8_t)(i >> 8); }
static inline unsigned insn_b(Insn i) { return (uint16_t)(i >> 16); }   /* all 16 bits */
static inline unsigned insn_rb(Insn i) { return (uint8_t)(i >> 16); }   /* as a register */
static inline int insn_sb(Insn i) { return (int16_t)(i >> 16); }
static inline unsigned insn_c(Insn i) { return (uint16_t)(i >> 32); }
static inline unsigned insn_rc(Insn i) { return (uint8_t)(i >> 32); }
static inline int insn_sc(Insn i) { return (int16_t)(i >> 32); }
static inline unsigned insn_d(Insn i) { return (uint16_t)(i >> 48); }
static inline int32_t insn_j(Insn i) { return (int32_t)(i >> 32); }
static inline uint32_t insn_x(Insn i) { return (uint32_t)(i >> 32); }

/* canonical opcodes that end loops */
static inline bool opcode_loops(unsigned op) { return op == OP_LOOP || op == OP_FORLOOP || op == OP_TFORLOOP; }

/* ... that index by a value or an integer literal */
static inline bool opcode_indexes(unsigned op) {
    return op == OP_GETTABLE || op == OP_GETI || (op >= OP_SETTABLE && op <= OP_SETIK);
}

/* ... that have an inline cache */
static inline bool opcode_caches(unsigned op) {
    switch (op) {
        case OP_GETFIELD: case OP_GETTABUP: case OP_SELF: case OP_SETFIELD: case OP_SETFIELDK: case OP_SETTABUP: case OP_SETTABUPK: return true;
        default: return false;
    }
}

static inline Insn insn_abc(unsigned op, unsigned a, unsigned b, unsigned c) {
    return (Insn)op | (Insn)(uint8_t)a << 8 | (Insn)(uint16_t)b << 16 | (Insn)(uint16_t)c << 32;
}
static inline Insn insn_abj(unsigned op, unsigned a, unsigned b, int32_t j) {
    return (Insn)op | (Insn)(uint8_t)a << 8 | (Insn)(uint16_t)b << 16 | (Insn)(uint32_t)j << 32;
}

#endif
