// SPDX-License-Identifier: MIT
//
// Ctrl-C: the handler asks the runtime to raise an error at its next poll, from inside the chunk,
// so that pcall, __close and the traceback see an error like any other. It first restores the
// default action: a second Ctrl-C ends a program that never gets to a poll.

#include "run.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lauxlib.h"
#include "perigee.h"

const char *program_name = "perigee";

static lua_State *volatile interruptible;   // the state whose chunk is running

void print_message(const char *message) {
    if (program_name != NULL)
        fprintf(stderr, "%s: ", program_name);
    fprintf(stderr, "%s\n", message);
    fflush(stderr);
}

bool limit_reported;

/* An overflow of depth may have been caught, and something else be told of now. */
static bool is_of_limit(lua_State *L, const char *message) {
    int limit = perigee_limitreached(L);
    if (limit == PERIGEE_LIMIT_DEPTH)
        return message != NULL && strstr(message, "call depth limit of ") != NULL;
    return limit != PERIGEE_LIMIT_NONE && limit != PERIGEE_LIMIT_CODE;
}

bool report(lua_State *L, int status) {
    if (status == LUA_OK)
        return true;
    const char *message = lua_tostring(L, -1);
    limit_reported = is_of_limit(L, message);
    print_message(message != NULL ? message : "(error message not a string)");
    lua_pop(L, 1);
    return false;
}

/* ---- Interruption ------------------------------------------------------------------------ */

static void set_interrupt_action(void (*action)(int)) {
    struct sigaction sa = {.sa_handler = action};
    sigemptyset(&sa.sa_mask);
    sigaction(SIGINT, &sa, NULL);
}

static void on_interrupt(int signal_number) {
    (void)signal_number;
    set_interrupt_action(SIG_DFL);
    perigee_interrupt(interruptible, 1);
}

/* ---- Protected calls --------------------------------------------------------------------- */

/* An error object without text: its __tostring speaks for it, else its type. True if it did. */
static bool describe_object(lua_State *L) {
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING)
        return true;
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
    return false;
}

static int add_traceback(lua_State *L) {
    const char *message = lua_tostring(L, 1);
    if (message == NULL) {
        if (describe_object(L))
            return 1;
        message = lua_tostring(L, -1);
    }
    luaL_traceback(L, L, message, 1);
    return 1;
}

int run_protected(lua_State *L, int arguments, int results) {
    int handler = lua_gettop(L) - arguments;
    lua_pushcfunction(L, add_traceback);
    lua_insert(L, handler);
    interruptible = L;
    set_interrupt_action(on_interrupt);
    int status = lua_pcall(L, arguments, results, handler);
    set_interrupt_action(SIG_DFL);
    perigee_interrupt(L, 0);   // it may have come too late for this chunk
    lua_remove(L, handler);
    return status;
}
