// SPDX-License-Identifier: MIT
//
// Each input is tried as an expression, by writing "return" before it, and then as a statement.
// A statement that fails only because the text ends too early gets another line. The compiler
// itself tells: its message then ends in "<eof>".

#include "repl.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"

#include "lineedit.h"
#include "run.h"

#define CHUNK_NAME "=stdin"

typedef enum {
    INPUT_LOADED,   // a function is on the stack
    INPUT_BAD,      // an error message is on the stack
    INPUT_VOID,     // Ctrl-C: nothing is
    INPUT_END,
} Input;

/* ---- Reading ----------------------------------------------------------------------------- */

/* Pushes the prompt, any value that the program may have set. */
static const char *push_prompt(lua_State *L, bool first) {
    if (lua_getglobal(L, first ? "_PROMPT" : "_PROMPT2") == LUA_TNIL) {
        lua_pop(L, 1);
        return lua_pushstring(L, first ? "> " : ">> ");
    }
    const char *prompt = luaL_tolstring(L, -1, NULL);
    lua_remove(L, -2);
    return prompt;
}

/* Pushes a line, if one was read. A first line "=e" means "return e", as in older versions. */
static LineStatus push_line(lua_State *L, bool first) {
    char *line;
    LineStatus status = editor_read(push_prompt(L, first), &line);
    lua_pop(L, 1);
    if (status != LINE_READ)
        return status;
    if (first && line[0] == '=')
        lua_pushfstring(L, "return %s", line + 1);
    else
        lua_pushstring(L, line);
    free(line);
    return status;
}

/* Whether the message on the top, left by `status`, says that the text is incomplete. */
static bool is_incomplete(lua_State *L, int status) {
    static const char mark[] = "<eof>";
    size_t mark_length = sizeof mark - 1;
    size_t length;
    if (status != LUA_ERRSYNTAX)
        return false;
    const char *message = lua_tolstring(L, -1, &length);
    return length >= mark_length && strcmp(message + length - mark_length, mark) == 0;
}

/* Loads the line at index 1 as an expression; pushes nothing if it is none. */
static bool load_expression(lua_State *L) {
    const char *text = lua_pushfstring(L, "return %s;", lua_tostring(L, 1));
    bool loaded = luaL_loadbuffer(L, text, strlen(text), CHUNK_NAME) == LUA_OK;
    if (loaded)
        lua_remove(L, -2);
    else
        lua_pop(L, 2);
    return loaded;
}

/* Appends the line on the top to the text at index 1. */
static void append_line(lua_State *L) {
    lua_pushvalue(L, 1);
    lua_pushliteral(L, "\n");
    lua_rotate(L, -3, -1);
    lua_concat(L, 3);
    lua_replace(L, 1);
}

/* Loads the text at index 1 as statements, with more lines as needed; it grows by them. */
static Input load_statements(lua_State *L) {
    for (;;) {
        size_t length;
        const char *text = lua_tolstring(L, 1, &length);
        int status = luaL_loadbuffer(L, text, length, CHUNK_NAME);
        if (!is_incomplete(L, status))
            return status == LUA_OK ? INPUT_LOADED : INPUT_BAD;
        LineStatus more = push_line(L, false);
        if (more == LINE_INTERRUPTED)
            return INPUT_VOID;
        if (more == LINE_END)
            return INPUT_BAD;
        append_line(L);
        lua_pop(L, 1);
    }
}

/* Reads one input. Whatever it leaves is the only value on the stack. */
static Input read_input(lua_State *L) {
    lua_settop(L, 0);
    LineStatus status = push_line(L, true);
    if (status != LINE_READ)
        return status == LINE_END ? INPUT_END : INPUT_VOID;
    Input input = load_expression(L) ? INPUT_LOADED : load_statements(L);
    if (input != INPUT_VOID)
        editor_remember(lua_tostring(L, 1));
    lua_remove(L, 1);
    return input;
}

/* ---- Running ----------------------------------------------------------------------------- */

/* Gives all values on the stack to the global function print. */
static void print_results(lua_State *L) {
    int results = lua_gettop(L);
    if (results == 0)
        return;
    luaL_checkstack(L, LUA_MINSTACK, "too many results to print");
    lua_getglobal(L, "print");
    lua_insert(L, 1);
    if (lua_pcall(L, results, 0, 0) != LUA_OK)
        print_message(lua_pushfstring(L, "error calling 'print' (%s)", lua_tostring(L, -1)));
}

static void run_input(lua_State *L) {
    int status = run_protected(L, 0, LUA_MULTRET);
    if (report(L, status))
        print_results(L);
}

void run_repl(lua_State *L) {
    const char *name = program_name;
    Input input;
    program_name = NULL;   // messages need no name here
    editor_open(L);
    while ((input = read_input(L)) != INPUT_END) {
        if (input == INPUT_LOADED)
            run_input(L);
        else if (input == INPUT_BAD)
            report(L, LUA_ERRSYNTAX);
    }
    editor_close();
    lua_settop(L, 0);
    putchar('\n');
    fflush(stdout);
    program_name = name;
}
