// SPDX-License-Identifier: MIT
/* What dump.c and undump.c agree on.
 *
 *     header    signature, version 5.4, format 0, conversion trap, sizes of (instruction,
 *               integer, float), 0x5678, 370.5
 *               -- so far as any Lua 5.4, to the byte --, then the mark of this instruction set
 *     closure   number of upvalues (1 byte)
 *     function  see put_function
 */
#ifndef PERIGEE_BINARY_H
#define PERIGEE_BINARY_H

#include "front/front.h"

#define BINARY_VERSION 0x54
#define BINARY_FORMAT 0
/* broken by transfers that translate line ends or stop at control-Z */
#define BINARY_TRAP "\x19\x93\r\n\x1a\n"
/* as the reference's; an instruction here has in truth eight bytes */
#define BINARY_SIZES "\x04\x08\x08"
#define BINARY_PREFIX "\x54\0" BINARY_TRAP BINARY_SIZES
#define BINARY_INTEGER 0x5678
#define BINARY_NUMBER 370.5
/* the last byte counts incompatible changes of the instruction set and of the format */
#define BINARY_MARK "\xa7Perigee\x01"

/* kinds of constants */
enum { BINARY_NIL, BINARY_FALSE, BINARY_TRUE, BINARY_INT, BINARY_FLT, BINARY_STRING };

#endif
