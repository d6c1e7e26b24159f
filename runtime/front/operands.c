// SPDX-License-Identifier: MIT
/* The table of operand roles, generated from the rows of front/operands.h. */
#include "front/operands.h"

const Operands opcode_operands[OP_CANONICAL_COUNT] = {
#define OPERAND_ROW(name, a, b, c) [OP_##name] = {ROLE_##a, ROLE_##b, ROLE_##c},
    PERIGEE_OPERANDS(OPERAND_ROW)
#undef OPERAND_ROW
};

#define COUNT_ROW(name, a, b, c) +1
_Static_assert(0 PERIGEE_OPERANDS(COUNT_ROW) == OP_CANONICAL_COUNT,
               "every opcode has its row of operands");
#undef COUNT_ROW
