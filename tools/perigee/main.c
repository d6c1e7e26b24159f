// SPDX-License-Identifier: MIT
//
// The command `perigee`: runs Lua programs as the command `lua` does (manual section 7), with the
// options of the runtime besides.
//
//   command line -> options of the runtime -> state -> LUA_INIT -> -e, -l, -W in their order
//                -> script -> interactive mode
//
// Everything after the creation of the state happens inside one protected call, so that an error
// in the command's own use of the state ends in a message too.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"
#include "perigee.h"

#include "list.h"
#include "options.h"
#include "repl.h"
#include "run.h"

static void print_version(void) {
    puts(PERIGEE_BANNER);
    fflush(stdout);
}

/* ---- Chunks ------------------------------------------------------------------------------ */

static int list_chunk(lua_State *L) {
    perigee_list(L, (int)lua_tointeger(L, lua_upvalueindex(1)));
    return 0;
}

static int call_lister(lua_State *L, bool full) {
    lua_pushinteger(L, full);
    lua_pushcclosure(L, list_chunk, 1);
    lua_insert(L, -2);
    return run_protected(L, 1, 0);
}

/* Runs, or lists, the loaded chunk below its arguments. */
static int act_on_chunk(lua_State *L, const CommandLine *line, int arguments) {
    if (line->action == RUN_PROGRAM)
        return run_protected(L, arguments, 0);
    lua_pop(L, arguments);
    return call_lister(L, line->action == LIST_PROGRAM_FULL);
}

/* The file `name`, or stdin for a null pointer. */
static bool do_file(lua_State *L, const CommandLine *line, const char *name) {
    int status = luaL_loadfile(L, name);
    if (status == LUA_OK)
        status = act_on_chunk(L, line, 0);
    return report(L, status);
}

static bool do_string(lua_State *L, const CommandLine *line, const char *text, const char *name) {
    int status = luaL_loadbuffer(L, text, strlen(text), name);
    if (status == LUA_OK)
        status = act_on_chunk(L, line, 0);
    return report(L, status);
}

/* ---- Arguments --------------------------------------------------------------------------- */

/* The global `arg`: the script at 0, its arguments above, the interpreter and options below. */
static void create_arg_table(lua_State *L, const CommandLine *line) {
    int script = line->script == line->argc ? 0 : line->script;   // without a script: the command
    int arguments = line->argc > script ? line->argc - script - 1 : 0;
    lua_createtable(L, arguments, script + 1);
    for (int i = 0; i < line->argc; i++) {
        lua_pushstring(L, line->argv[i]);
        lua_rawseti(L, -2, i - script);
    }
    lua_setglobal(L, "arg");
}

/* The script's arguments come from the table, which earlier chunks may have changed. */
static int push_arguments(lua_State *L) {
    if (lua_getglobal(L, "arg") != LUA_TTABLE)
        luaL_error(L, "'arg' is not a table");
    int table = lua_gettop(L);
    int count = (int)luaL_len(L, table);
    luaL_checkstack(L, count + 3, "too many arguments to script");
    for (int i = 1; i <= count; i++)
        lua_rawgeti(L, table, i);
    lua_remove(L, table);
    return count;
}

/* ---- The steps --------------------------------------------------------------------------- */

static bool run_init(lua_State *L, const CommandLine *line) {
    static const char *const names[] = {"=LUA_INIT_" LUA_VERSION_MAJOR "_" LUA_VERSION_MINOR,
                                        "=LUA_INIT"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *init = getenv(names[i] + 1);
        if (init != NULL)
            return init[0] == '@' ? do_file(L, line, init + 1)
                                  : do_string(L, line, init, names[i]);
    }
    return true;
}

/* "g=mod" names the global; otherwise it is the module's name without a suffix after '-'. */
static bool require_library(lua_State *L, const char *text) {
    const char *equals = strchr(text, '=');
    const char *module = equals != NULL ? equals + 1 : text;
    lua_getglobal(L, "require");
    lua_pushstring(L, module);
    int status = run_protected(L, 1, 1);
    if (status == LUA_OK) {
        size_t length = equals != NULL ? (size_t)(equals - text) : strcspn(text, "-");
        lua_pushglobaltable(L);
        lua_pushlstring(L, text, length);
        lua_rotate(L, -3, -1);
        lua_settable(L, -3);
        lua_pop(L, 1);
    }
    return report(L, status);
}

static bool run_options(lua_State *L, const CommandLine *line) {
    int index = 1;
    const char *text;
    bool running = line->action == RUN_PROGRAM;
    bool success = true;
    for (char letter; success && (letter = next_action(line, &index, &text)) != 0;) {
        if (letter == 'e')
            success = do_string(L, line, text, "=(command line)");
        else if (letter == 'l' && running)
            success = require_library(L, text);
        else if (letter == 'W')
            lua_warning(L, "@on", 0);
    }
    return success;
}

/* The script "-" is stdin, unless the option "--" made it a name. */
static bool run_script(lua_State *L, const CommandLine *line) {
    const char *name = line->argv[line->script];
    if (strcmp(name, "-") == 0 && strcmp(line->argv[line->script - 1], "--") != 0)
        name = NULL;
    int status = luaL_loadfile(L, name);
    if (status == LUA_OK)
        status = act_on_chunk(L, line, push_arguments(L));
    return report(L, status);
}

/* Without anything to run: the interactive mode on a terminal, else the program in stdin. */
static void run_by_default(lua_State *L, const CommandLine *line) {
    if (line->action == RUN_PROGRAM && isatty(STDIN_FILENO)) {
        print_version();
        run_repl(L);
    } else {
        do_file(L, line, NULL);
    }
}

static void prepare_state(lua_State *L, const CommandLine *line) {
    luaL_checkversion(L);
    if (line->ignore_environment) {   // the package library looks for this field
        lua_pushboolean(L, 1);
        lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
    }
    luaL_openlibs(L);
    create_arg_table(L, line);
    lua_gc(L, LUA_GCRESTART);
    lua_gc(L, LUA_GCGEN, 0, 0);
}

static bool run_program(lua_State *L, const CommandLine *line) {
    bool has_script = line->script < line->argc;
    bool running = line->action == RUN_PROGRAM;
    if (running && !line->ignore_environment && !run_init(L, line))
        return false;
    if (!run_options(L, line))
        return false;
    if (has_script && !run_script(L, line))
        return false;
    if (line->interactive && running)
        run_repl(L);
    else if (!has_script && !line->execute && !(line->version && running))
        run_by_default(L, line);
    return true;
}

/* Arguments: the command line. Result: whether all went well. */
static int protected_main(lua_State *L) {
    const CommandLine *line = lua_touserdata(L, 1);
    if (line->version)
        print_version();
    prepare_state(L, line);
    lua_pushboolean(L, run_program(L, line));
    return 1;
}

/* A program that a limit stopped ends with a status of its own. */
enum { EXIT_LIMIT = 3 };

static int run_in_new_state(CommandLine *line) {
    if (line->action != RUN_PROGRAM && perigee_list == NULL) {
        print_message("no bytecode lister in this build");
        return EXIT_FAILURE;
    }
    lua_State *L = luaL_newstate();
    if (L == NULL) {
        print_message("cannot create state: not enough memory");
        return EXIT_FAILURE;
    }
    lua_gc(L, LUA_GCSTOP);   // nothing to collect before the program begins
    lua_pushcfunction(L, protected_main);
    lua_pushlightuserdata(L, line);
    int status = lua_pcall(L, 1, 1, 0);
    bool success = lua_toboolean(L, -1) && status == LUA_OK;
    report(L, status);
    lua_close(L);
    return success ? EXIT_SUCCESS : limit_reported ? EXIT_LIMIT : EXIT_FAILURE;
}

int main(int argc, char **argv) {
    CommandLine line;
    if (argc > 0 && argv[0][0] != '\0')
        program_name = argv[0];
    if (!parse_command_line(&line, argc, argv))
        return EXIT_FAILURE;
    if (line.action == SHOW_HELP) {
        print_usage(true);
        return EXIT_SUCCESS;
    }
    if (line.action == SHOW_VERSION) {
        print_version();
        return EXIT_SUCCESS;
    }
    return apply_runtime_options(&line) ? run_in_new_state(&line) : EXIT_FAILURE;
}
