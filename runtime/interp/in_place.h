// SPDX-License-Identifier: MIT
/* Library functions that baseline code calls without a frame (interp/compiled_in_place.h), by number. The libraries tell the
 * number of a function (Global.in_place), call sites note it. */
#ifndef PERIGEE_IN_PLACE_H
#define PERIGEE_IN_PLACE_H

/* F(library, name, least and most arguments, results): ONE of them; NONE; SOME: a fixed number; THREE: no less */
#define PERIGEE_IN_PLACE(F)                                                                                    \
    F(math, abs, 1, 1, ONE) F(math, ceil, 1, 1, ONE) F(math, cos, 1, 1, ONE) F(math, exp, 1, 1, ONE)           \
    F(math, floor, 1, 1, ONE) F(math, log, 1, 1, ONE) F(math, max, 1, 8, ONE) F(math, min, 1, 8, ONE)          \
    F(math, sin, 1, 1, ONE) F(math, sqrt, 1, 1, ONE)                                                           \
    F(string, byte, 1, 2, ONE) F(string, char, 1, 1, ONE) F(string, len, 1, 1, ONE) F(string, sub, 2, 3, ONE)  \
    F(table, insert, 2, 2, NONE) F(table, remove, 1, 1, ONE)                                                   \
    F(base, assert, 1, 8, SOME) F(base, getmetatable, 1, 1, ONE) F(base, ipairs, 1, 1, THREE)                  \
    F(base, pairs, 1, 1, THREE) F(base, rawequal, 2, 2, ONE) F(base, rawget, 2, 2, ONE)                        \
    F(base, rawlen, 1, 1, ONE) F(base, select, 1, IN_PLACE_OPEN, ONE) F(base, setmetatable, 2, 2, ONE)         \
    F(base, tonumber, 1, 1, ONE) F(base, tostring, 1, 1, ONE) F(base, type, 1, 1, ONE)

enum { IN_PLACE_OPEN = 255 }; /* also as many as there are */
enum { IN_PLACE_ONE, IN_PLACE_NONE, IN_PLACE_SOME, IN_PLACE_THREE };

enum {
    NOT_IN_PLACE,
#define IN_PLACE_ENUM(library, name, ...) IN_PLACE_##name,
    PERIGEE_IN_PLACE(IN_PLACE_ENUM)
#undef IN_PLACE_ENUM
    IN_PLACE_COUNT
};

#endif
