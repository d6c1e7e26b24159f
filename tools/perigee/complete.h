// SPDX-License-Identifier: MIT
//
// Completion of Lua names in the interactive mode.

#ifndef PERIGEE_TOOLS_COMPLETE_H
#define PERIGEE_TOOLS_COMPLETE_H

#include "lua.h"

// Characters that end a word to complete: all but those of names and of paths through tables.
#define COMPLETION_BREAKS " \t\n\"\\'`@$><=;|&{([,+-*/%^~#!?)]}"

/*
 * The words that `word` may become: keywords and globals for a name, fields for a path like
 * "string.for", functions for "object:me". Runs no Lua code. Returns an array of strings, a null
 * pointer at its end, or null if there are none; array and strings belong to the caller (free).
 */
char **complete_word(lua_State *L, const char *word);

#endif
