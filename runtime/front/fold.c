// SPDX-License-Identifier: MIT
/* Constant folding: arithmetic on numerals, where the result is the same at run time under every
 * circumstance.
 *
 * Not folded: what raises an error (division by zero, bitwise operations on floats without an
 * integer value), and results that the constant table could confuse (NaN, and both zeros of
 * floats).
 */
#include "front/compile.h"
#include "sem/sem.h"

static bool numeral(const Expr *e, TValue *v) {
    if (!expr_is_literal(e)) return false;
    if (e->kind == X_INT)
        set_int(v, e->u.i);
    else if (e->kind == X_FLT)
        set_flt(v, e->u.n);
    else
        return false;
    return true;
}

static bool may_raise(int op, const TValue *divisor) {
    if (op != LUA_OPDIV && op != LUA_OPIDIV && op != LUA_OPMOD) return false;
    return is_int(divisor) ? divisor->v.i == 0 : divisor->v.n == 0;
}

bool fold_arith(Compiler *c, int op, Expr *left, const Expr *right) {
    TValue a, b, result;
    if (!numeral(left, &a) || !numeral(right, &b) || may_raise(op, &b)) return false;
    if (!arith_raw(c->L, op, &a, &b, &result)) return false;
    if (is_int(&result)) {
        left->kind = X_INT;
        left->u.i = result.v.i;
        return true;
    }
    if (isnan(result.v.n) || result.v.n == 0) return false;
    left->kind = X_FLT;
    left->u.n = result.v.n;
    return true;
}
