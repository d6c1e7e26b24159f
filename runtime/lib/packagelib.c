// SPDX-License-Identifier: MIT
/*
 * Modules (manual section 6.3), over lua.h, lauxlib.h and the dynamic linker.
 *
 * `require` asks the searchers in turn, each of which is a closure over the package table:
 *
 *      preload ──► file of the Lua path ──► file of the C path ──► C file of the root module, or one of our own
 *
 * A searcher returns a loader and a value for it, or a string that tells where it looked in vain.
 *
 * C libraries are opened once for each path and recorded in a table in the registry, under the path
 * and in a sequence; the table's finalizer closes them when the state goes, the last one first,
 * since a library may need an earlier one.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "lib.h"
#include "lua.h"
#include "lualib.h"

/* ---- C libraries ---------------------------------------------------------------------------- */

#define C_LIBRARIES "_CLIBS"

static int close_libraries(lua_State *L) {
    for (lua_Integer i = luaL_len(L, 1); i > 0; i--) {
        lua_geti(L, 1, i);
        dlclose(lua_touserdata(L, -1));
        lua_pop(L, 1);
    }
    return 0;
}

static void make_library_table(lua_State *L) {
    luaL_getsubtable(L, LUA_REGISTRYINDEX, C_LIBRARIES);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, close_libraries);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

/* The handle of a library that was opened before, or NULL. */
static void *opened_library(lua_State *L, const char *path) {
    void *handle;
    lua_getfield(L, LUA_REGISTRYINDEX, C_LIBRARIES);
    lua_getfield(L, -1, path);
    handle = lua_touserdata(L, -1);
    lua_pop(L, 2);
    return handle;
}

static void record_library(lua_State *L, const char *path, void *handle) {
    int table = lua_gettop(L) + 1;
    lua_Integer next;
    lua_getfield(L, LUA_REGISTRYINDEX, C_LIBRARIES);
    next = luaL_len(L, table) + 1;
    lua_pushlightuserdata(L, handle);
    lua_seti(L, table, next);
    lua_pushlightuserdata(L, handle);
    lua_setfield(L, table, path);
    lua_settop(L, table - 1);
}

/* The handle of a library, opened if need be; NULL, with a message pushed, if that fails. */
static void *open_library(lua_State *L, const char *path, int global) {
    void *handle = opened_library(L, path);
    if (handle != NULL)
        return handle;
    handle = dlopen(path, RTLD_NOW | (global ? RTLD_GLOBAL : RTLD_LOCAL));
    if (handle == NULL)
        lua_pushstring(L, dlerror());
    else
        record_library(L, path, handle);
    return handle;
}

typedef enum LinkResult { LINKED, NO_LIBRARY, NO_FUNCTION } LinkResult;

/* Push function `name` of a library, for "*" just true; or a message. */
static LinkResult push_c_function(lua_State *L, const char *path, const char *name) {
    int all = name[0] == '*';
    void *handle = open_library(L, path, all);
    lua_CFunction f;
    if (handle == NULL)
        return NO_LIBRARY;
    if (all) {
        lua_pushboolean(L, 1);
        return LINKED;
    }
    f = (lua_CFunction)dlsym(handle, name);
    if (f == NULL) {
        lua_pushstring(L, dlerror());
        return NO_FUNCTION;
    }
    lua_pushcfunction(L, f);
    return LINKED;
}

static int package_loadlib(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    const char *name = luaL_checkstring(L, 2);
    LinkResult result = push_c_function(L, path, name);
    if (result == LINKED)
        return 1;
    luaL_pushfail(L);
    lua_insert(L, -2);
    lua_pushstring(L, result == NO_LIBRARY ? "open" : "init");
    return 3;
}

/* ---- Paths ---------------------------------------------------------------------------------- */

static int is_readable(const char *file) {
    FILE *f = fopen(file, "r");
    if (f == NULL)
        return 0;
    fclose(f);
    return 1;
}

/* Push the first readable one of a list of files, or fail and a message that names all. */
static int push_first_readable(lua_State *L, const char *files) {
    luaL_Buffer tried;
    luaL_buffinit(L, &tried);
    for (;;) {
        size_t l = strcspn(files, LUA_PATH_SEP);
        luaL_addstring(&tried, "no file '");
        if (is_readable(lua_pushlstring(L, files, l)))
            return 1;
        luaL_addvalue(&tried);
        luaL_addchar(&tried, '\'');
        if (files[l] == '\0')
            break;
        luaL_addstring(&tried, "\n\t");
        files += l + 1;
    }
    luaL_pushresult(&tried);
    luaL_pushfail(L);
    lua_insert(L, -2);
    return 0;
}

/*
 * Push the file a name stands for: each mark in the path is replaced by the name, whose
 * `separator`s were replaced by `directory`. Returns the file, or NULL with fail and a message
 * pushed.
 */
static const char *search_path(lua_State *L, const char *name, const char *path,
                               const char *separator, const char *directory) {
    if (separator[0] != '\0')
        name = luaL_gsub(L, name, separator, directory);
    path = luaL_gsub(L, path, LUA_PATH_MARK, name);
    return push_first_readable(L, path) ? lua_tostring(L, -1) : NULL;
}

/* Of several bad arguments the reference, as it is usually compiled, reports the last. */
static int package_searchpath(lua_State *L) {
    const char *directory = luaL_optstring(L, 4, LUA_DIRSEP);
    const char *separator = luaL_optstring(L, 3, ".");
    const char *path = luaL_checkstring(L, 2);
    const char *name = luaL_checkstring(L, 1);
    return search_path(L, name, path, separator, directory) != NULL ? 1 : 2;
}

/* Search the path in a field of the package table; returns as search_path. */
static const char *search_field(lua_State *L, const char *name, const char *field) {
    const char *path;
    lua_getfield(L, lua_upvalueindex(1), field);
    path = lua_tostring(L, -1);
    if (luai_unlikely(path == NULL))
        luaL_error(L, "'package.%s' must be a string", field);
    return search_path(L, name, path, ".", LUA_DIRSEP);
}

/* ---- Searchers ------------------------------------------------------------------------------ */

/* A loader is on top: return it and the file. */
static int found(lua_State *L, const char *file) {
    lua_pushstring(L, file);
    return 2;
}

/* A file is there, but it is of no use, as the message on top says. */
static int bad_file(lua_State *L, const char *file) {
    return luaL_error(L, "error loading module '%s' from file '%s':\n\t%s", lua_tostring(L, 1),
                      file, lua_tostring(L, -1));
}

static int search_preload(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    if (lua_getfield(L, -1, name) != LUA_TNIL)
        return found(L, ":preload:");
    lua_pushfstring(L, "no field package.preload['%s']", name);
    return 1;
}

static int search_lua(lua_State *L) {
    const char *file = search_field(L, luaL_checkstring(L, 1), "path");
    if (file == NULL)
        return 1;
    return luaL_loadfile(L, file) == LUA_OK ? found(L, file) : bad_file(L, file);
}

/* Push the function luaopen_ plus l bytes of the name. */
static LinkResult push_opener_named(lua_State *L, const char *file, const char *name, size_t l) {
    const char *suffix = lua_pushlstring(L, name, l);
    return push_c_function(L, file, lua_pushfstring(L, "luaopen_%s", suffix));
}

/*
 * Push the function that opens a module: the name with underscores for dots. What follows a hyphen
 * is a version and ignored; where that names no function, what precedes it is, as in older times.
 */
static LinkResult push_opener(lua_State *L, const char *file, const char *module) {
    const char *name = luaL_gsub(L, module, ".", "_");
    const char *mark = strchr(name, LUA_IGMARK[0]);
    if (mark != NULL) {
        LinkResult result = push_opener_named(L, file, name, (size_t)(mark - name));
        if (result != NO_FUNCTION)
            return result;
        name = mark + 1;
    }
    return push_opener_named(L, file, name, strlen(name));
}

static int search_c(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    const char *file = search_field(L, name, "cpath");
    if (file == NULL)
        return 1;
    return push_opener(L, file, name) == LINKED ? found(L, file) : bad_file(L, file);
}

/* Modules that are part of this library, but behind all that a program may have under the name. */
static int search_own(lua_State *L, const char *name) {
    if (strcmp(name, "jit") != 0)
        return 0;
    lua_pushcfunction(L, lib_open_jit);
    lua_pushliteral(L, ":perigee:");
    return 2;
}

/*
 * Libraries that hold a module together with its submodules: the file is that of a.b.c's root, a.
 */
static int search_c_root(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    const char *dot = strchr(name, '.');
    const char *file;
    if (dot == NULL)
        return search_own(L, name);
    file = search_field(L, lua_pushlstring(L, name, (size_t)(dot - name)), "cpath");
    if (file == NULL)
        return 1;
    switch (push_opener(L, file, name)) {
    case LINKED:
        return found(L, file);
    case NO_FUNCTION:
        lua_pushfstring(L, "no module '%s' in file '%s'", name, file);
        return 1;
    default:
        return bad_file(L, file);
    }
}

/* ---- require -------------------------------------------------------------------------------- */

/* Slots of require. */
enum { NAME = 1, LOADED, SEARCHERS, TRIED };

/* Append a separator and the message on top to the text in slot TRIED. */
static void note_failure(lua_State *L) {
    lua_pushvalue(L, TRIED);
    lua_pushliteral(L, "\n\t");
    lua_rotate(L, -3, 2);
    lua_concat(L, 3);
    lua_replace(L, TRIED);
}

/* Ask the searchers, and leave a loader and its value on top; an error if all of them fail. */
static void find_loader(lua_State *L, const char *name) {
    if (luai_unlikely(lua_getfield(L, lua_upvalueindex(1), "searchers") != LUA_TTABLE))
        luaL_error(L, "'package.searchers' must be a table");
    lua_pushliteral(L, "");
    for (lua_Integer i = 1; lua_rawgeti(L, SEARCHERS, i) != LUA_TNIL; i++) {
        lua_pushstring(L, name);
        lua_call(L, 1, 2);
        if (lua_isfunction(L, -2))
            return;
        lua_pop(L, 1);
        if (lua_isstring(L, -1))
            note_failure(L);
        lua_settop(L, TRIED);
    }
    luaL_error(L, "module '%s' not found:%s", name, lua_tostring(L, TRIED));
}

/*
 * Store what the loader on top returned, unless nil; and true, unless the loader stored something.
 */
static void store_module(lua_State *L, const char *name) {
    if (lua_isnil(L, -1))
        lua_pop(L, 1);
    else
        lua_setfield(L, LOADED, name);
    if (lua_getfield(L, LOADED, name) != LUA_TNIL)
        return;
    lua_pushboolean(L, 1);
    lua_replace(L, -2);
    lua_pushvalue(L, -1);
    lua_setfield(L, LOADED, name);
}

static int package_require(lua_State *L) {
    const char *name = luaL_checkstring(L, NAME);
    lua_settop(L, NAME);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, LOADED, name);
    if (lua_toboolean(L, -1))
        return 1;
    lua_pop(L, 1);
    find_loader(L, name);
    lua_insert(L, -2);                              /* value for the loader, loader */
    lua_pushvalue(L, NAME);
    lua_pushvalue(L, -3);
    lua_call(L, 2, 1);
    store_module(L, name);
    lua_insert(L, -2);                              /* module, value for the loader */
    return 2;
}

/* ---- The library ---------------------------------------------------------------------------- */

/* A host that is told to ignore the environment (lua -E) leaves true in the registry. */
static int ignores_environment(lua_State *L) {
    int ignore;
    lua_getfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
    ignore = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return ignore;
}

/* Push a path in which the first ;; is replaced by the default, set off by single separators. */
static void push_with_default(lua_State *L, const char *path, const char *mark, const char *def) {
    const char *rest = mark + 2;
    lua_pushlstring(L, path, (size_t)(mark - path));
    lua_pushfstring(L, "%s%s%s%s%s", lua_tostring(L, -1), mark != path ? LUA_PATH_SEP : "", def,
                    rest[0] != '\0' ? LUA_PATH_SEP : "", rest);
    lua_remove(L, -2);
}

/*
 * Set a field of the package table on top from the versioned variable, the plain one, or the
 * default.
 */
static void set_path(lua_State *L, const char *field, const char *variable, const char *def) {
    const char *versioned = lua_pushfstring(L, "%s%s", variable, LUA_VERSUFFIX);
    const char *path = getenv(versioned);
    const char *mark;
    if (path == NULL)
        path = getenv(variable);
    if (path == NULL || ignores_environment(L))
        lua_pushstring(L, def);
    else if ((mark = strstr(path, LUA_PATH_SEP LUA_PATH_SEP)) == NULL)
        lua_pushstring(L, path);
    else
        push_with_default(L, path, mark, def);
    lua_setfield(L, -3, field);
    lua_pop(L, 1);
}

/* Set the list of searchers of the package table on top, which each of them has as an upvalue. */
static void set_searchers(lua_State *L) {
    static const lua_CFunction searchers[] = {search_preload, search_lua, search_c, search_c_root};
    int count = sizeof searchers / sizeof searchers[0];
    int package = lua_gettop(L);
    lua_createtable(L, count, 0);
    while (count > 0) {
        lua_pushvalue(L, package);
        lua_pushcclosure(L, searchers[count - 1], 1);
        lua_seti(L, -2, count--);
    }
    lua_setfield(L, package, "searchers");
}

static void set_registry_table(lua_State *L, const char *field, const char *key) {
    luaL_getsubtable(L, LUA_REGISTRYINDEX, key);
    lua_setfield(L, -2, field);
}

static const luaL_Reg functions[] = {
    {"loadlib", package_loadlib},
    {"searchpath", package_searchpath},
    {"config", NULL},
    {"cpath", NULL},
    {"loaded", NULL},
    {"path", NULL},
    {"preload", NULL},
    {"searchers", NULL},
    {NULL, NULL},
};

int luaopen_package(lua_State *L) {
    make_library_table(L);
    luaL_newlib(L, functions);
    set_searchers(L);
    set_path(L, "path", "LUA_PATH", LUA_PATH_DEFAULT);
    set_path(L, "cpath", "LUA_CPATH", LUA_CPATH_DEFAULT);
    lua_pushliteral(L, LUA_DIRSEP "\n" LUA_PATH_SEP "\n" LUA_PATH_MARK "\n" LUA_EXEC_DIR
                               "\n" LUA_IGMARK "\n");
    lua_setfield(L, -2, "config");
    set_registry_table(L, "loaded", LUA_LOADED_TABLE);
    set_registry_table(L, "preload", LUA_PRELOAD_TABLE);
    lua_pushglobaltable(L);
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, package_require, 1);
    lua_setfield(L, -2, "require");
    lua_pop(L, 1);
    return 1;
}
