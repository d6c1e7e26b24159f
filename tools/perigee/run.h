// SPDX-License-Identifier: MIT
//
// Running chunks under protection: traceback, interruption by Ctrl-C, messages to stderr. Shared
// by the script runner and the interactive mode.

#ifndef PERIGEE_TOOLS_RUN_H
#define PERIGEE_TOOLS_RUN_H

#include <stdbool.h>

#include "lua.h"

/* The name messages begin with; null while the interactive mode runs. */
extern const char *program_name;

/* Prints "name: message" to stderr. */
void print_message(const char *message);

/*
 * Calls the function below its `arguments`, with all results if `results` is LUA_MULTRET. An
 * error leaves one value, the message with a traceback. Ctrl-C raises "interrupted!" in the chunk.
 */
int run_protected(lua_State *L, int arguments, int results);

/* Prints and pops the error message that a status other than LUA_OK has left. True for LUA_OK. */
bool report(lua_State *L, int status);

extern bool limit_reported;   // whether the last such message was a limit's

#endif
