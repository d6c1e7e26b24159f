// SPDX-License-Identifier: MIT
/* Operations of the graph, one row each.
 *
 *   N(name, result, number of operands, their types, reads, writes, properties)
 *
 * Result and operand types are those of graph.h; COUNT: given with the node, or any. `imm` is the node's immediate. */
#ifndef PERIGEE_NODES_H
#define PERIGEE_NODES_H

#define GRAPH_NODES(N)                                                                                          \
    /* constants; imm */                                                                                        \
    N(INT, INT, 0, NONE, NONE, NONE, 0, 0, F_FLOATS)                                                            \
    N(FLT, FLT, 0, NONE, NONE, NONE, 0, 0, F_FLOATS)                                                            \
    N(BOOL, BOOL, 0, NONE, NONE, NONE, 0, 0, F_FLOATS)                                                          \
    N(OBJECT, COUNT, 0, NONE, NONE, NONE, 0, 0, F_FLOATS)        /* imm: address */                             \
    N(NIL, NIL, 0, NONE, NONE, NONE, 0, 0, F_FLOATS)                                                            \
    /* registers and upvalues; imm: number */                                                                   \
    N(PHI, COUNT, 0, COUNT, NONE, NONE, 0, 0, F_ANY)                                                            \
    N(SLOT, COUNT, 0, NONE, NONE, NONE, E_STACK, 0, 0)           /* type: known, not checked */                 \
    N(PUT_SLOT, NONE, 1, COUNT, NONE, NONE, 0, E_STACK, F_KEEP)                                                 \
    N(UPVAL, VALUE, 0, NONE, NONE, NONE, E_UPVAL, 0, 0)                                                         \
    N(PUT_UPVAL, NONE, 1, COUNT, NONE, NONE, 0, E_UPVAL, F_KEEP)                                                \
    /* inlined functions: of the closure that is called; UPVAL_OF may be a register of the frame */             \
    N(CLOSURE_IS, BOOL, 1, LCL, NONE, NONE, 0, 0, 0)             /* imm: address of its prototype */            \
    N(UPVAL_OF, VALUE, 1, LCL, NONE, NONE, E_UPVAL | E_STACK, 0, 0)                                             \
    N(FIXED_UPVAL_OF, VALUE, 1, LCL, NONE, NONE, E_EPOCH, 0, 0)  /* only arbitrary code (the debug library) changes it */ \
    N(PUT_UPVAL_OF, NONE, 2, LCL, COUNT, NONE, 0, E_UPVAL | E_STACK, F_KEEP)                                    \
    N(HAS_ROOM, BOOL, 0, NONE, NONE, NONE, E_EPOCH, 0, 0)        /* imm: slots from register 0 on; what runs may shrink the stack */ \
    N(MAY_NEST, BOOL, 0, NONE, NONE, NONE, E_EPOCH, 0, 0)        /* fewer nested C calls than imm: room for protected calls */ \
    N(TOP_IS, BOOL, 0, NONE, NONE, NONE, E_ALL, 0, F_KEEP)       /* likewise */                                 \
    N(SELF, LCL, 0, NONE, NONE, NONE, 0, 0, F_FLOATS)            /* the closure that runs */                     \
    N(TAIL_CALLED, NONE, 0, NONE, NONE, NONE, 0, 0, F_KEEP)      /* marks the frame */                           \
    N(SET_TOP, NONE, 0, NONE, NONE, NONE, 0, 0, F_KEEP)          /* to register imm: the end of open values */  \
    /* tags; imm: tag */                                                                                        \
    N(HAS_TAG, BOOL, 1, COUNT, NONE, NONE, 0, 0, F_FLOATS)                                                      \
    N(UNTAG, COUNT, 1, VALUE, NONE, NONE, 0, 0, F_FLOATS)        /* a guard made sure of the type */            \
    N(IS_STR, BOOL, 1, COUNT, NONE, NONE, 0, 0, F_FLOATS)                                                       \
    N(IS_NUM, BOOL, 1, COUNT, NONE, NONE, 0, 0, F_FLOATS)                                                       \
    N(TRUTH, BOOL, 1, COUNT, NONE, NONE, 0, 0, F_FLOATS)                                                        \
    N(DECIDED, BOOL, 2, COUNT, COUNT, NONE, 0, 0, F_FLOATS)      /* SAME tells whether they are equal */       \
    N(SAME, BOOL, 2, COUNT, COUNT, NONE, 0, 0, F_FLOATS)         /* tag and payload */                          \
    N(RAW_EQUAL, BOOL, 2, COUNT, COUNT, NONE, 0, 0, F_FLOATS)                                                   \
    N(EQUAL, INT, 2, COUNT, COUNT, NONE, E_ALL, 0, F_KEEP)       /* 0, 1; 2: a metamethod decides */             \
    /* control */                                                                                               \
    N(GUARD, NONE, 1, BOOL, NONE, NONE, 0, 0, F_EXIT | F_KEEP)                                                  \
    N(POLL, NONE, 0, NONE, NONE, NONE, E_OTHER, 0, F_EXIT | F_KEEP)                                             \
    /* counting steps (metering.c); imm: how many */                                                            \
    N(CHARGE, NONE, 0, NONE, NONE, NONE, E_FUEL, E_FUEL, F_EXIT | F_KEEP) /* takes them, or exits */            \
    N(REFUND, NONE, 0, NONE, NONE, NONE, E_FUEL, E_FUEL, F_KEEP)                                                \
    N(FUEL, INT, 0, NONE, NONE, NONE, E_FUEL, 0, 0)                                                             \
    N(PUT_FUEL, NONE, 1, INT, NONE, NONE, 0, E_FUEL, F_KEEP)                                                    \
    N(GOTO, NONE, 0, NONE, NONE, NONE, 0, 0, F_END | F_KEEP)                                                    \
    N(BRANCH, NONE, 1, BOOL, NONE, NONE, 0, 0, F_END | F_KEEP)   /* imm: likely succ[0], 1; succ[1], 2; unknown, 0 */ \
    N(EXIT, NONE, 0, NONE, NONE, NONE, 0, 0, F_END | F_EXIT | F_KEEP)                                           \
    N(LEAVE, NONE, 0, NONE, NONE, NONE, E_ALL, E_ALL, F_END | F_KEEP) /* imm: RT_ handler that takes over */    \
    N(RETURN, NONE, 1, COUNT, NONE, NONE, E_ALL, E_ALL, F_END | F_KEEP) /* of one value, by RETURN1 */           \
    /* an instruction completed by its slow path; imm: SLOW_; the result is the pc to go on at */               \
    N(SLOW, PTR, 0, NONE, NONE, NONE, E_ALL, E_ALL, F_KEEP)                                                     \
    N(PC_IS, BOOL, 1, PTR, NONE, NONE, 0, 0, F_FLOATS)           /* imm: instruction */                         \
    N(GO_ON, NONE, 1, PTR, NONE, NONE, 0, 0, F_KEEP)             /* leaves unless the pc is instruction imm */  \
    /* integers */                                                                                              \
    N(IADD, INT, 2, INT, INT, NONE, 0, 0, F_FLOATS)                                                             \
    N(ISUB, INT, 2, INT, INT, NONE, 0, 0, F_FLOATS)                                                             \
    N(IMUL, INT, 2, INT, INT, NONE, 0, 0, F_FLOATS)                                                             \
    N(IDIV, INT, 2, INT, INT, NONE, 0, 0, 0)                     /* divisor neither 0 nor -1 */                 \
    N(IMOD, INT, 2, INT, INT, NONE, 0, 0, 0)                                                                    \
    N(UDIV, INT, 2, INT, INT, NONE, 0, 0, 0)                                                                    \
    N(IREM, INT, 2, INT, INT, NONE, 0, 0, 0)                     /* with the sign of the first */               \
    N(IAND, INT, 2, INT, INT, NONE, 0, 0, F_FLOATS)                                                             \
    N(IOR, INT, 2, INT, INT, NONE, 0, 0, F_FLOATS)                                                              \
    N(IXOR, INT, 2, INT, INT, NONE, 0, 0, F_FLOATS)                                                             \
    N(ISHL, INT, 2, INT, INT, NONE, 0, 0, F_FLOATS)                                                             \
    N(ISHR, INT, 2, INT, INT, NONE, 0, 0, F_FLOATS)                                                             \
    N(INEG, INT, 1, INT, NONE, NONE, 0, 0, F_FLOATS)                                                            \
    N(INOT, INT, 1, INT, NONE, NONE, 0, 0, F_FLOATS)                                                            \
    N(IEQ, BOOL, 2, INT, INT, NONE, 0, 0, F_FLOATS)                                                             \
    N(ILT, BOOL, 2, INT, INT, NONE, 0, 0, F_FLOATS)                                                             \
    N(ILE, BOOL, 2, INT, INT, NONE, 0, 0, F_FLOATS)                                                             \
    N(ULT, BOOL, 2, INT, INT, NONE, 0, 0, F_FLOATS)                                                             \
    /* floats */                                                                                                \
    N(FADD, FLT, 2, FLT, FLT, NONE, 0, 0, F_FLOATS)                                                             \
    N(FSUB, FLT, 2, FLT, FLT, NONE, 0, 0, F_FLOATS)                                                             \
    N(FMUL, FLT, 2, FLT, FLT, NONE, 0, 0, F_FLOATS)                                                             \
    N(FDIV, FLT, 2, FLT, FLT, NONE, 0, 0, F_FLOATS)                                                             \
    N(FMOD, FLT, 2, FLT, FLT, NONE, 0, 0, F_FLOATS)                                                             \
    N(FIDIV, FLT, 2, FLT, FLT, NONE, 0, 0, F_FLOATS)                                                            \
    N(FPOW, FLT, 2, FLT, FLT, NONE, 0, 0, F_FLOATS)                                                             \
    N(FNEG, FLT, 1, FLT, NONE, NONE, 0, 0, F_FLOATS)                                                            \
    N(FEQ, BOOL, 2, FLT, FLT, NONE, 0, 0, F_FLOATS)                                                             \
    N(FLESS, BOOL, 2, FLT, FLT, NONE, 0, 0, F_FLOATS)                                                           \
    N(FLE, BOOL, 2, FLT, FLT, NONE, 0, 0, F_FLOATS)                                                             \
    N(ITOF, FLT, 1, INT, NONE, NONE, 0, 0, F_FLOATS)                                                            \
    N(NTOF, FLT, 1, VALUE, NONE, NONE, 0, 0, F_FLOATS)           /* of a number */                              \
    N(FOR_GOES, BOOL, 3, FLT, FLT, FLT, 0, 0, F_FLOATS)          /* index, limit, step of a loop over floats */ \
    N(NOT, BOOL, 1, BOOL, NONE, NONE, 0, 0, F_FLOATS)                                                           \
    N(STR_ORDER, INT, 2, VALUE, VALUE, NONE, 0, 0, 0)            /* two strings: negative, 0, positive */       \
    /* tables: shape, fields. imm: shape id, byte offset of the value, address, epoch */                        \
    N(HAS_SHAPE, BOOL, 1, TABLE, NONE, NONE, E_SHAPE, 0, 0)                                                     \
    N(NO_METATABLE, BOOL, 1, TABLE, NONE, NONE, E_SHAPE, 0, 0)                                                  \
    N(METATABLE_IS, BOOL, 1, TABLE, NONE, NONE, E_SHAPE, 0, 0)   /* imm: address */                            \
    N(PUT_SHAPE, NONE, 1, TABLE, NONE, NONE, 0, E_SHAPE, F_KEEP)                                                \
    N(FIELD, VALUE, 1, TABLE, NONE, NONE, E_SLOT, 0, 0)          /* inline: offset from the table */            \
    N(FAR_FIELD, VALUE, 1, TABLE, NONE, NONE, E_SLOT, 0, 0)      /* overflow: offset below its props */         \
    N(FIXED_FIELD, VALUE, 0, NONE, NONE, NONE, E_SLOT, 0, 0)     /* at an address */                            \
    N(PUT_FIELD, NONE, 2, TABLE, COUNT, NONE, 0, E_SLOT, F_KEEP)                                                \
    N(PUT_FAR_FIELD, NONE, 2, TABLE, COUNT, NONE, 0, E_SLOT, F_KEEP)                                            \
    N(HANDLER, VALUE, 2, TABLE, COUNT, NONE, E_SHAPE | E_SLOT | E_ARRAY | E_ELEM | E_OTHER, 0, 0) /* metamethod of an access to that key, or a call; imm: event */ \
    N(LOOKUPS_HOLD, BOOL, 0, NONE, NONE, NONE, E_EPOCH, 0, 0)    /* Code.stale is not set */                    \
    N(LOOKUP, PTR, 2, TABLE, SSTR, NONE, E_SHAPE | E_SLOT | E_EPOCH, E_OTHER, 0) /* value of a string key; null: the slow way */ \
    N(NOT_NULL, BOOL, 1, PTR, NONE, NONE, 0, 0, F_FLOATS)                                                       \
    N(FETCH, VALUE, 1, PTR, NONE, NONE, E_SLOT, 0, 0)            /* what a LOOKUP found */                      \
    N(STORE_STR, BOOL, 3, TABLE, SSTR, COUNT, E_ALL, E_SLOT | E_OTHER, F_KEEP) /* false: not done */            \
    /* tables: array part */                                                                                    \
    N(ARRAY, PTR, 1, TABLE, NONE, NONE, E_ARRAY, 0, 0)                                                          \
    N(KIND_IS, BOOL, 1, PTR, NONE, NONE, E_ARRAY, 0, 0)          /* imm: KIND_ */                               \
    N(ABASE, INT, 1, PTR, NONE, NONE, E_ARRAY, 0, 0)                                                             \
    N(ALEN, INT, 1, PTR, NONE, NONE, E_ARRAY, 0, 0)                                                            \
    N(ACAP, INT, 1, PTR, NONE, NONE, E_ARRAY, 0, 0)                                                            \
    N(PUT_ALEN, NONE, 2, PTR, INT, NONE, 0, E_ARRAY, F_KEEP)     /* elements up to there are about to be written */ \
    N(ELEM_INT, INT, 2, PTR, INT, NONE, E_ELEM, 0, 0)                                                           \
    N(ELEM_FLT, FLT, 2, PTR, INT, NONE, E_ELEM, 0, 0)                                                           \
    N(ELEM_TAGGED, VALUE, 2, PTR, INT, NONE, E_ELEM | E_ARRAY, 0, 0)                                            \
    N(ELEM_ANY, VALUE, 2, PTR, INT, NONE, E_ELEM | E_ARRAY, 0, 0)                                               \
    N(PUT_ELEM, NONE, 3, PTR, INT, COUNT, 0, E_ELEM, F_KEEP)     /* INT or FLT by the type of the third */      \
    N(PUT_TAGGED, NONE, 3, PTR, INT, COUNT, E_ARRAY, E_ELEM, F_KEEP)                                            \
    N(BARRIER, NONE, 2, TABLE, COUNT, NONE, 0, 0, F_KEEP)                                                       \
    N(ARRAY_SET, BOOL, 3, TABLE, INT, COUNT, E_ALL, E_ARRAY | E_ELEM | E_OTHER, F_KEEP) /* false: not done */   \
    N(LENGTH, INT, 1, TABLE, NONE, NONE, E_ARRAY | E_ELEM | E_OTHER, 0, 0)                                      \
    /* allocation (allocation.c) */                                                                             \
    N(NEW_TABLE, TABLE, 0, NONE, NONE, NONE, E_SHAPE, 0, F_EXIT | F_KEEP) /* imm: shape | inline slots << 32 | NEW_TABLE_SEEN; programs count garbage */ \
    /* what a table that is not made holds here, for States: metatable, fields; imm: shape | inline slots << 32 | 1 << 39 with a \
       metatable | number of the table << 40 | elements of its array, the last operands, << 56 */                                                                 \
    /* likewise a variable of closures (shape 0, one value), or a closure, a LCL: the enclosing one; of each upvalue the value if it is \
       constant, the closed variable, or nil; imm: as of NEW_CLOSURE, but number << 40 and which upvalue is the closure << 32 */ \
    N(REBUILT, COUNT, 0, COUNT, COUNT, COUNT, 0, 0, F_ANY)                                                     \
    /* the enclosing closure; of each upvalue the value if it is a constant register, or nil. imm: number of the function | register 0 of \
       the frame << 16 | register of the closure << 32 | NEW_TABLE_SEEN */                                       \
    N(NEW_CLOSURE, LCL, 0, COUNT, COUNT, COUNT, E_STACK, 0, F_ANY | F_EXIT | F_KEEP)                           \
    N(NONE_TO_CLOSE, BOOL, 0, NONE, NONE, NONE, E_OTHER, 0, 0)         /* no __close is due from register imm on */ \
    N(CLOSE, NONE, 0, NONE, NONE, NONE, E_STACK | E_UPVAL, 0, F_KEEP) /* variables in registers from imm on are no registers any more */ \
    N(INIT_SHAPE, NONE, 1, TABLE, NONE, NONE, 0, E_SHAPE, F_KEEP)      /* of a table that nobody has looked at */     \
    N(PUT_METATABLE, NONE, 2, TABLE, TABLE, NONE, 0, E_SHAPE, F_KEEP) /* of a table without one; imm: 1, with a barrier */ \
    N(INIT_FIELD, NONE, 2, TABLE, COUNT, NONE, 0, E_SLOT, F_KEEP)     /* likewise, inline */                    \
    /* library functions (builtins.c) */                                                                        \
    N(SELECT, COUNT, 3, BOOL, COUNT, COUNT, 0, 0, F_FLOATS)      /* the second or the third */                  \
    N(FFLOOR, FLT, 1, FLT, NONE, NONE, 0, 0, F_FLOATS)                                                          \
    N(FCEIL, FLT, 1, FLT, NONE, NONE, 0, 0, F_FLOATS)                                                           \
    N(FABS, FLT, 1, FLT, NONE, NONE, 0, 0, F_FLOATS)                                                            \
    N(FSQRT, FLT, 1, FLT, NONE, NONE, 0, 0, F_FLOATS)                                                           \
    N(FTOI, INT, 1, FLT, NONE, NONE, 0, 0, F_FLOATS)             /* an integral float, in range */              \
    N(LIBM, FLT, 1, FLT, NONE, NONE, 0, 0, F_FLOATS)             /* imm: BUILTIN_ */                            \
    N(LIBM2, FLT, 2, FLT, FLT, NONE, 0, 0, F_FLOATS)                                                            \
    N(STR_LEN, INT, 1, VALUE, NONE, NONE, 0, 0, 0)               /* of a string */                              \
    N(STR_BYTE, INT, 2, VALUE, INT, NONE, E_OTHER, 0, 0)         /* counted from 0, in bounds */                \
    N(GET_INT, VALUE, 2, TABLE, INT, NONE, E_ARRAY | E_ELEM | E_OTHER, 0, 0) /* without metamethods */          \
    N(RAW_GET, VALUE, 2, TABLE, COUNT, NONE, E_SHAPE | E_SLOT | E_ARRAY | E_ELEM | E_OTHER, 0, 0)               \
    N(GET_METATABLE, VALUE, 1, COUNT, NONE, NONE, E_SHAPE | E_SLOT | E_EPOCH | E_OTHER, 0, 0)                   \
    N(TYPE_NAME, SSTR, 1, VALUE, NONE, NONE, 0, 0, F_FLOATS)                                                    \
    N(TO_NUMBER, VALUE, 1, COUNT, NONE, NONE, E_OTHER, 0, 0)     /* nil: none */                                \
    N(EXTRA_COUNT, INT, 0, NONE, NONE, NONE, 0, 0, 0)            /* extra arguments of the frame */             \
    N(EXTRA_ARG, VALUE, 1, INT, NONE, NONE, E_STACK, 0, 0)       /* counted from 0; nil: there is none */       \
    N(EXTRA_AT, VALUE, 1, INT, NONE, NONE, E_STACK, 0, 0)        /* likewise from slots; imm: the first | count << 32 */ \
    N(NEXT_AT, INT, 1, TABLE, NONE, NONE, E_ALL, E_STACK, F_KEEP) /* imm: register | whether the first << 32; as TABLE_NEXT, to that register and the next */ \
    /* exit before the instruction if they must */                                                              \
    N(SET_LIST, NONE, 0, COUNT, COUNT, COUNT, E_STACK, E_ARRAY | E_ELEM, F_ANY | F_EXIT | F_KEEP) /* table, values; imm: first \
       register, where they go to be taken from | LIST_HAS_NILS */                                              \
    N(SET_METATABLE, NONE, 2, TABLE, TABLE, NONE, E_ALL, E_SHAPE, F_EXIT | F_KEEP)                              \
    N(APPEND, NONE, 2, TABLE, COUNT, NONE, E_ALL, E_ARRAY | E_ELEM | E_OTHER, F_EXIT | F_KEEP)                  \
    N(STR_SUB, VALUE, 3, VALUE, INT, INT, E_OTHER, 0, F_EXIT)                                                   \
    N(REMOVE_LAST, VALUE, 1, TABLE, NONE, NONE, E_ALL, E_ARRAY | E_ELEM | E_OTHER, F_EXIT | F_KEEP)             \
    N(CONCAT, VALUE, 0, NONE, NONE, NONE, E_STACK, 0, F_EXIT | F_KEEP) /* imm: first register | count << 32 | number of its Append << 48 */ \
    N(SHARE, NONE, 0, NONE, NONE, NONE, 0, 0, F_KEEP)           /* others may have the result of Append imm (appends.c) */ \
    N(STR_CHAR, VALUE, 1, INT, NONE, NONE, 0, 0, F_EXIT)                                                        \
    N(TO_STRING, VALUE, 1, COUNT, NONE, NONE, 0, 0, F_EXIT)      /* of a number */                              \
    N(RAW_SET, NONE, 3, TABLE, COUNT, COUNT, E_ALL, E_ALL & ~E_STACK, F_EXIT | F_KEEP)                          \
    /* typed host functions (typed_calls.c); imm: const Typed *, the operands are its arguments, bare */        \
    N(TYPED_CALL, COUNT, 0, NONE, NONE, NONE, 0, 0, F_ANY | F_KEEP)                                             \
    N(TYPED_TRY, COUNT, 0, NONE, NONE, NONE, 0, 0, F_ANY | F_KEEP | F_EXIT) /* with a status: errors go on as rt_typed_failed */ \
    N(IS_POINTER, BOOL, 1, COUNT, NONE, NONE, 0, 0, F_FLOATS)    /* light or full userdata, or nil */           \
    N(POINTER_OF, PTR, 1, COUNT, NONE, NONE, 0, 0, 0)                                                           \
    N(POINTER_VALUE, VALUE, 1, PTR, NONE, NONE, 0, 0, F_FLOATS)  /* nil for null */                             \
    N(C_STRING, PTR, 1, VALUE, NONE, NONE, 0, 0, 0)  /* of a string; null: it has zeros, or is not at hand */   \
    N(TABLE_NEXT, INT, 1, TABLE, NONE, NONE, E_ALL, E_STACK, F_KEEP) /* imm: register A of the loop; 1: there is one, 0: end, -1: not a key */

#endif
