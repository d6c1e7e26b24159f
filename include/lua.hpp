// SPDX-License-Identifier: MIT
/*
 * All of the C interface, for C++. The headers declare their functions with C linkage by
 * themselves; the block gives the types of callbacks C linkage too.
 */
#ifndef PERIGEE_LUA_HPP
#define PERIGEE_LUA_HPP

// Standard headers first: templates, which C++ libraries put in them, must not be given C linkage.
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

extern "C" {
#include "lua.h"
#include "lualib.h"
#include "lauxlib.h"
}

#endif
