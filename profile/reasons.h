// SPDX-License-Identifier: MIT
/* Why compiled code was left for good or given up: one row a reason. The enum, the names in reports
 * and --trace-tiers, and the advice that --tier-stats prints are made from the rows.
 *
 *  REASON(enumerator, name, advice) */
#ifndef PERIGEE_REASONS_H
#define PERIGEE_REASONS_H

#define PERIGEE_REASONS(REASON)                                                                                        \
    REASON(TYPE, "type", "a value had another type than before: keep variables and fields to one type")                \
    REASON(SHAPE, "shape", "a table had other fields than before: create objects with the same fields in the same order") \
    REASON(KIND, "kind", "an array held another kind of element than before: keep integers, floats and other values in separate arrays") \
    REASON(BOUNDS, "bounds", "an index lay outside the array: let loops end at #t")                                    \
    REASON(CALLEE, "callee", "another function was called here than before: give hot loops one function to call")     \
    REASON(METATABLE, "metatable changed", "a metatable that code relied on was changed: set metatables up before the hot part") \
    REASON(GLOBAL, "global changed", "a global variable that code took as constant was assigned: make it local, or assign it before the hot part") \
    REASON(HOOK, "hook installed", "debug.sethook was called: hooks run in the interpreter")                           \
    REASON(NEVER_RAN, "never ran", "a path was taken that had never run before: harmless unless it repeats")           \
    REASON(DIVISOR, "divisor", "an integer was divided by 0 or -1: harmless unless it repeats")                       \
    REASON(NIL, "nil", "a field or element was absent that was present before: give every field a value")              \
    REASON(STACK, "stack", "the stack of inlined calls had no room: the recursion is very deep")                       \
    REASON(DEBUG, "debug access", "debug.setlocal or a breakpoint touched the function: it goes on in the interpreter") \
    REASON(INJECTED, "injected", "a stress option made a guard fail: this is a test run")                              \
    REASON(OPTIONS, "options changed", "tiers or thresholds were set anew while the program ran")                      \
    REASON(HOST, "host", "the host or jit.flush asked for it")                                                         \
    REASON(OTHER, "other", "code was left for a reason that has no row of its own")

typedef enum DeoptReason {
#define REASON_ENUM(id, name, advice) DEOPT_##id,
    PERIGEE_REASONS(REASON_ENUM)
#undef REASON_ENUM
    DEOPT_COUNT
} DeoptReason;

extern const char *const deopt_names[DEOPT_COUNT];
extern const char *const deopt_advice[DEOPT_COUNT];

#endif
