// SPDX-License-Identifier: MIT
/* string.format, and numbers as text: the ways tostring and concat need them too. */
#ifndef PERIGEE_LIB_FORMAT_H
#define PERIGEE_LIB_FORMAT_H

#include "lib.h"

enum { FORMAT_INTEGER_SIZE = 24, FORMAT_NUMBER_SIZE = 48 };

/* Write an integer; a float as tostring does ("%.14g", and ".0" if integral). The length. */
size_t format_integer(char *out, lua_Integer n);
size_t format_number(char *out, lua_Number x);

/* Pushes the function string.format. */
void format_push(lua_State *L);

#endif
