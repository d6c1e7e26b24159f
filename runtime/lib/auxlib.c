// SPDX-License-Identifier: MIT
/*
 * The auxiliary library (manual section 5), written over lua.h alone: it knows nothing of how a
 * state is built, and any host could have written it.
 *
 * Main invariants:
 *  - A buffer owns exactly one stack slot from luaL_buffinit to luaL_pushresult: first a marker,
 *    later a box whose memory the buffer uses. The slot is on top whenever the library is called,
 *    except in luaL_addvalue, where the value lies above it.
 *  - A table of references keeps its free keys as a list: t[FREE_KEYS] is the first, and each free
 *    key holds the next one; 0 ends the list.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

/* ---- Names of functions --------------------------------------------------------------------- */

/*
 * Push the key of a field of the table at `t` that holds the function at `f`. Only keys that are
 * strings can be shown to a user.
 */
static int push_key_of(lua_State *L, int t, int f) {
    for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
        if (lua_type(L, -2) == LUA_TSTRING && lua_rawequal(L, -1, f)) {
            lua_pop(L, 1);
            return 1;
        }
    }
    return 0;
}

/* Push the name under which the loaded modules reach the function at `f`, or push nothing. */
static int push_name_in_modules(lua_State *L, int f, int modules) {
    int key = lua_gettop(L) + 1;
    for (lua_pushnil(L); lua_next(L, modules); lua_settop(L, key)) {
        if (lua_type(L, key) != LUA_TSTRING)
            continue;
        if (lua_rawequal(L, key + 1, f)) {
            lua_settop(L, key);
            return 1;
        }
        if (lua_istable(L, key + 1) && push_key_of(L, key + 1, f)) {
            lua_pushfstring(L, "%s.%s", lua_tostring(L, key), lua_tostring(L, -1));
            lua_replace(L, key);
            lua_settop(L, key);
            return 1;
        }
    }
    return 0;
}

/*
 * Push onto L the function that runs in a frame of L1; the frame's own stack may lack room for it.
 */
static int push_frame_function(lua_State *L, lua_State *L1, lua_Debug *ar) {
    luaL_checkstack(L, 8, "not enough stack");
    if (L1 != L && !lua_checkstack(L1, 1))
        return 0;
    lua_getinfo(L1, "f", ar);
    lua_xmove(L1, L, 1);
    return 1;
}

/* Push the public name of the function that runs in a frame: `print`, `string.rep`; or nothing. */
static int push_public_name(lua_State *L, lua_State *L1, lua_Debug *ar) {
    static const char globals[] = LUA_GNAME ".";
    int f = lua_gettop(L) + 1;
    if (!push_frame_function(L, L1, ar))
        return 0;
    if (lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE) == LUA_TTABLE &&
        push_name_in_modules(L, f, f + 1)) {
        const char *name = lua_tostring(L, -1);
        int global = strncmp(name, globals, sizeof globals - 1) == 0;
        lua_pushstring(L, global ? name + sizeof globals - 1 : name);
        lua_replace(L, f);
        lua_settop(L, f);
        return 1;
    }
    lua_settop(L, f - 1);
    return 0;
}

/* ---- Tracebacks ----------------------------------------------------------------------------- */

/* A deep stack shows this many levels of each end. */
enum { TRACE_INNERMOST = 10, TRACE_OUTERMOST = 11 };

/*
 * Number of frames of a stack: gallop past its end, then bisect; each probe walks the frame list.
 */
static int count_frames(lua_State *L) {
    lua_Debug ar;
    int exists = -1, absent = 1;
    while (lua_getstack(L, absent, &ar)) {
        exists = absent;
        absent *= 2;
    }
    while (absent - exists > 1) {
        int middle = exists + (absent - exists) / 2;
        if (lua_getstack(L, middle, &ar))
            exists = middle;
        else
            absent = middle;
    }
    return absent;
}

/* Push what a traceback calls the function of a frame: the most public name there is. */
static void push_description(lua_State *L, lua_State *L1, lua_Debug *ar) {
    if (push_public_name(L, L1, ar)) {
        lua_pushfstring(L, "function '%s'", lua_tostring(L, -1));
        lua_remove(L, -2);
    } else if (ar->namewhat[0] != '\0') {
        lua_pushfstring(L, "%s '%s'", ar->namewhat, ar->name);
    } else if (strcmp(ar->what, "main") == 0) {
        lua_pushliteral(L, "main chunk");
    } else if (strcmp(ar->what, "C") == 0) {
        lua_pushliteral(L, "?");
    } else {
        lua_pushfstring(L, "function <%s:%d>", ar->short_src, ar->linedefined);
    }
}

/* Append the line of one frame of thread L1, and one for the callers that tail calls erased. */
static void add_frame(luaL_Buffer *out, lua_State *L1, lua_Debug *ar) {
    lua_State *L = out->L;
    lua_getinfo(L1, "Slnt", ar);
    if (ar->currentline > 0)
        lua_pushfstring(L, "\n\t%s:%d: in ", ar->short_src, ar->currentline);
    else
        lua_pushfstring(L, "\n\t%s: in ", ar->short_src);
    luaL_addvalue(out);
    push_description(L, L1, ar);
    luaL_addvalue(out);
    if (ar->istailcall)
        luaL_addstring(out, "\n\t(...tail calls...)");
}

/* Append the frames of levels [from, to). */
static void add_frames(luaL_Buffer *out, lua_State *L1, int from, int to) {
    lua_Debug ar;
    for (int level = from; level < to && lua_getstack(L1, level, &ar); level++)
        add_frame(out, L1, &ar);
}

void luaL_traceback(lua_State *L, lua_State *L1, const char *msg, int level) {
    luaL_Buffer out;
    int depth = count_frames(L1);
    luaL_buffinit(L, &out);
    if (msg != NULL) {
        luaL_addstring(&out, msg);
        luaL_addchar(&out, '\n');
    }
    luaL_addstring(&out, "stack traceback:");
    if (level < 0 || depth - level <= TRACE_INNERMOST + TRACE_OUTERMOST + 1) {
        add_frames(&out, L1, level, depth);
    } else {
        /* The notice stands in for one level itself, and Lua does not count that as skipped. */
        int skipped = depth - level - (TRACE_INNERMOST + TRACE_OUTERMOST + 1);
        add_frames(&out, L1, level, level + TRACE_INNERMOST);
        lua_pushfstring(L, "\n\t...\t(skipping %d levels)", skipped);
        luaL_addvalue(&out);
        add_frames(&out, L1, depth - TRACE_OUTERMOST, depth);
    }
    luaL_pushresult(&out);
}

/* ---- Raising errors ------------------------------------------------------------------------- */

/*
 * Uses only lua_pushfstring to push, which makes its own room: hosts call this with a full stack.
 */
void luaL_where(lua_State *L, int lvl) {
    lua_Debug ar;
    ar.currentline = -1;
    if (lua_getstack(L, lvl, &ar))
        lua_getinfo(L, "Sl", &ar);
    if (ar.currentline > 0)
        lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
    else
        lua_pushfstring(L, "");
}

int luaL_error(lua_State *L, const char *fmt, ...) {
    va_list args;
    luaL_where(L, 1);
    va_start(args, fmt);
    lua_pushvfstring(L, fmt, args);
    va_end(args);
    lua_concat(L, 2);
    return lua_error(L);
}

int luaL_argerror(lua_State *L, int arg, const char *extramsg) {
    lua_Debug ar;
    const char *name;
    if (!lua_getstack(L, 0, &ar))
        return luaL_error(L, "bad argument #%d (%s)", arg, extramsg);
    lua_getinfo(L, "n", &ar);
    name = ar.name;
    /* o:f(x) passes o as the first argument, but its author counts from x. */
    if (strcmp(ar.namewhat, "method") == 0 && --arg == 0)
        return luaL_error(L, "calling '%s' on bad self (%s)", name, extramsg);
    if (name == NULL)
        name = push_public_name(L, L, &ar) ? lua_tostring(L, -1) : "?";
    return luaL_error(L, "bad argument #%d to '%s' (%s)", arg, name, extramsg);
}

/* The name of an argument's type for messages; it may push the string. */
static const char *type_for_message(lua_State *L, int arg) {
    if (luaL_getmetafield(L, arg, "__name") == LUA_TSTRING)
        return lua_tostring(L, -1);
    if (lua_type(L, arg) == LUA_TLIGHTUSERDATA)
        return "light userdata";
    return luaL_typename(L, arg);
}

int luaL_typeerror(lua_State *L, int arg, const char *tname) {
    const char *actual = type_for_message(L, arg);
    return luaL_argerror(L, arg, lua_pushfstring(L, "%s expected, got %s", tname, actual));
}

static void expected_type(lua_State *L, int arg, int type) {
    luaL_typeerror(L, arg, lua_typename(L, type));
}

void luaL_checkversion_(lua_State *L, lua_Number ver, size_t sz) {
    lua_Number provided = lua_version(L);
    if (sz != LUAL_NUMSIZES)
        luaL_error(L, "core and library have incompatible numeric types");
    if (ver != provided)
        luaL_error(L, "version mismatch: app. needs %f, Lua core provides %f", ver, provided);
}

/* ---- Checking arguments --------------------------------------------------------------------- */

void luaL_checkstack(lua_State *L, int sz, const char *msg) {
    if (luai_likely(lua_checkstack(L, sz)))
        return;
    if (msg != NULL)
        luaL_error(L, "stack overflow (%s)", msg);
    luaL_error(L, "stack overflow");
}

void luaL_checktype(lua_State *L, int arg, int t) {
    if (luai_unlikely(lua_type(L, arg) != t))
        expected_type(L, arg, t);
}

void luaL_checkany(lua_State *L, int arg) {
    luaL_argcheck(L, !lua_isnone(L, arg), arg, "value expected");
}

const char *luaL_checklstring(lua_State *L, int arg, size_t *l) {
    const char *s = lua_tolstring(L, arg, l);
    if (luai_unlikely(s == NULL))
        expected_type(L, arg, LUA_TSTRING);
    return s;
}

const char *luaL_optlstring(lua_State *L, int arg, const char *def, size_t *l) {
    if (!lua_isnoneornil(L, arg))
        return luaL_checklstring(L, arg, l);
    if (l != NULL)
        *l = def == NULL ? 0 : strlen(def);
    return def;
}

lua_Number luaL_checknumber(lua_State *L, int arg) {
    int ok;
    lua_Number n = lua_tonumberx(L, arg, &ok);
    if (luai_unlikely(!ok))
        expected_type(L, arg, LUA_TNUMBER);
    return n;
}

lua_Number luaL_optnumber(lua_State *L, int arg, lua_Number def) {
    return lua_isnoneornil(L, arg) ? def : luaL_checknumber(L, arg);
}

lua_Integer luaL_checkinteger(lua_State *L, int arg) {
    int ok;
    lua_Integer n = lua_tointegerx(L, arg, &ok);
    if (luai_unlikely(!ok)) {
        luaL_argcheck(L, !lua_isnumber(L, arg), arg, "number has no integer representation");
        expected_type(L, arg, LUA_TNUMBER);
    }
    return n;
}

lua_Integer luaL_optinteger(lua_State *L, int arg, lua_Integer def) {
    return lua_isnoneornil(L, arg) ? def : luaL_checkinteger(L, arg);
}

int luaL_checkoption(lua_State *L, int arg, const char *def, const char *const lst[]) {
    /* Without a default an absent option is a type error, so the test belongs to def. */
    const char *wanted = def != NULL ? luaL_optstring(L, arg, def) : luaL_checkstring(L, arg);
    int i = 0;
    while (lst[i] != NULL && strcmp(lst[i], wanted) != 0)
        i++;
    if (luai_unlikely(lst[i] == NULL))
        return luaL_argerror(L, arg, lua_pushfstring(L, "invalid option '%s'", wanted));
    return i;
}

/* ---- Types of userdata ---------------------------------------------------------------------- */

/* Store the table on top, which stays there, in a field of the table at idx. */
static void keep_in_field(lua_State *L, int idx, const char *field) {
    lua_pushvalue(L, -1);
    lua_setfield(L, idx, field);
}

int luaL_newmetatable(lua_State *L, const char *tname) {
    int known = luaL_getmetatable(L, tname) != LUA_TNIL;
    if (!known) {
        lua_newtable(L);
        lua_replace(L, -2);
        keep_in_field(L, LUA_REGISTRYINDEX, tname);
        lua_pushstring(L, tname);
        lua_setfield(L, -2, "__name");
    }
    return !known;
}

void luaL_setmetatable(lua_State *L, const char *tname) {
    luaL_getmetatable(L, tname);
    lua_setmetatable(L, -2);
}

void *luaL_testudata(lua_State *L, int ud, const char *tname) {
    void *block = lua_touserdata(L, ud);
    int same;
    if (block == NULL || !lua_getmetatable(L, ud))
        return NULL;
    luaL_getmetatable(L, tname);
    same = lua_rawequal(L, -2, -1);
    lua_pop(L, 2);
    return same ? block : NULL;
}

void *luaL_checkudata(lua_State *L, int ud, const char *tname) {
    void *block = luaL_testudata(L, ud, tname);
    if (luai_unlikely(block == NULL))
        luaL_typeerror(L, ud, tname);
    return block;
}

/* ---- Results of system calls ---------------------------------------------------------------- */

int luaL_fileresult(lua_State *L, int stat, const char *fname) {
    int code = errno;       /* before the interface can change it */
    const char *why;
    if (stat) {
        lua_pushboolean(L, 1);
        return 1;
    }
    why = code != 0 ? strerror(code) : "(no extra info)";
    luaL_pushfail(L);
    if (fname != NULL)
        lua_pushfstring(L, "%s: %s", fname, why);
    else
        lua_pushstring(L, why);
    lua_pushinteger(L, code);
    return 3;
}

int luaL_execresult(lua_State *L, int stat) {
    int signalled = WIFSIGNALED(stat);
    int code = signalled ? WTERMSIG(stat) : WIFEXITED(stat) ? WEXITSTATUS(stat) : stat;
    if (stat != 0 && errno != 0)        /* there was no process whose status this could be */
        return luaL_fileresult(L, 0, NULL);
    if (!signalled && code == 0)
        lua_pushboolean(L, 1);
    else
        luaL_pushfail(L);
    lua_pushstring(L, signalled ? "signal" : "exit");
    lua_pushinteger(L, code);
    return 3;
}

/* ---- Buffers -------------------------------------------------------------------------------- */

#define BOX_TYPE "_UBOX*"

/*
 * Memory from the state's allocator. A plain userdata could hold the bytes, but not grow in place,
 * and each outgrown one would wait for the collector; so the box is a to-be-closed owner of one
 * block.
 */
typedef struct Box {
    void *memory;
    size_t size;
} Box;

/* Resize a box; size 0 frees its memory. */
static void *box_resize(lua_State *L, Box *box, size_t size) {
    void *ud;
    lua_Alloc allocate = lua_getallocf(L, &ud);
    void *moved = allocate(ud, box->memory, box->size, size);
    if (luai_unlikely(moved == NULL && size != 0)) {
        lua_pushliteral(L, "not enough memory");
        lua_error(L);
    }
    box->memory = moved;
    box->size = size;
    return moved;
}

static int box_free(lua_State *L) {
    box_resize(L, lua_touserdata(L, 1), 0);
    return 0;
}

static Box *push_box(lua_State *L) {
    static const luaL_Reg methods[] = {{"__gc", box_free}, {"__close", box_free}, {NULL, NULL}};
    Box *box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = (Box){NULL, 0};
    if (luaL_newmetatable(L, BOX_TYPE))
        luaL_setfuncs(L, methods, 0);
    lua_setmetatable(L, -2);
    return box;
}

static int is_boxed(const luaL_Buffer *B) {
    return B->b != B->init.b;
}

/* Half as much again, or what is needed; an error if that has no size_t. */
static size_t grown_size(luaL_Buffer *B, size_t extra) {
    size_t larger = B->size / 2 * 3;
    if (luai_unlikely(extra > SIZE_MAX - B->n))
        luaL_error(B->L, "buffer too large");
    return larger > B->n + extra ? larger : B->n + extra;
}

/* Turn the marker in `slot` into a box with the buffer's bytes. */
static char *move_to_box(luaL_Buffer *B, int slot, size_t size) {
    Box *box = push_box(B->L);
    char *memory;
    lua_replace(B->L, slot);
    lua_toclose(B->L, slot);
    memory = box_resize(B->L, box, size);
    memcpy(memory, B->b, B->n);
    return memory;
}

/* Room for `extra` bytes in the buffer whose slot is at the negative index `slot`. */
static char *reserve(luaL_Buffer *B, size_t extra, int slot) {
    if (luai_unlikely(B->size - B->n < extra)) {
        size_t size = grown_size(B, extra);
        slot = lua_absindex(B->L, slot);
        B->b = is_boxed(B) ? box_resize(B->L, lua_touserdata(B->L, slot), size)
                           : move_to_box(B, slot, size);
        B->size = size;
    }
    return B->b + B->n;
}

void luaL_buffinit(lua_State *L, luaL_Buffer *B) {
    B->L = L;
    B->b = B->init.b;
    B->size = LUAL_BUFFERSIZE;
    B->n = 0;
    lua_pushlightuserdata(L, B);
}

char *luaL_prepbuffsize(luaL_Buffer *B, size_t sz) {
    return reserve(B, sz, -1);
}

char *luaL_buffinitsize(lua_State *L, luaL_Buffer *B, size_t sz) {
    luaL_buffinit(L, B);
    return reserve(B, sz, -1);
}

static void append(luaL_Buffer *B, const char *s, size_t l, int slot) {
    if (l == 0)                     /* s may be NULL then, which memcpy does not allow */
        return;
    memcpy(reserve(B, l, slot), s, l);
    B->n += l;
}

void luaL_addlstring(luaL_Buffer *B, const char *s, size_t l) {
    append(B, s, l, -1);
}

void luaL_addstring(luaL_Buffer *B, const char *s) {
    append(B, s, strlen(s), -1);
}

/* The value stays on the stack, above the slot, until it is copied: making room may collect. */
void luaL_addvalue(luaL_Buffer *B) {
    size_t l;
    const char *s = lua_tolstring(B->L, -1, &l);
    append(B, s, l, -2);
    lua_pop(B->L, 1);
}

void luaL_pushresult(luaL_Buffer *B) {
    lua_State *L = B->L;
    lua_pushlstring(L, B->b, B->n);
    if (is_boxed(B))
        lua_closeslot(L, -2);
    lua_replace(L, -2);
}

void luaL_pushresultsize(luaL_Buffer *B, size_t sz) {
    luaL_addsize(B, sz);
    luaL_pushresult(B);
}

void luaL_addgsub(luaL_Buffer *b, const char *s, const char *p, const char *r) {
    size_t skip = strlen(p);
    for (const char *hit; (hit = strstr(s, p)) != NULL; s = hit + skip) {
        luaL_addlstring(b, s, (size_t)(hit - s));
        luaL_addstring(b, r);
    }
    luaL_addstring(b, s);
}

const char *luaL_gsub(lua_State *L, const char *s, const char *p, const char *r) {
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    luaL_addgsub(&out, s, p, r);
    luaL_pushresult(&out);
    return lua_tostring(L, -1);
}

/* ---- References ----------------------------------------------------------------------------- */

/* The first key that the registry does not use already. */
enum { FREE_KEYS = LUA_RIDX_LAST + 1 };

/* The first free key of a table of references, 0 if there is none. Makes the list if need be. */
static int first_free_key(lua_State *L, int t) {
    int key = 0;
    if (lua_rawgeti(L, t, FREE_KEYS) == LUA_TNIL) {
        lua_pushinteger(L, 0);
        lua_rawseti(L, t, FREE_KEYS);
    } else {
        key = (int)lua_tointeger(L, -1);
    }
    lua_pop(L, 1);
    return key;
}

int luaL_ref(lua_State *L, int t) {
    int key;
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return LUA_REFNIL;
    }
    t = lua_absindex(L, t);
    key = first_free_key(L, t);
    if (key == 0) {
        key = (int)lua_rawlen(L, t) + 1;
    } else {
        lua_rawgeti(L, t, key);
        lua_rawseti(L, t, FREE_KEYS);
    }
    lua_rawseti(L, t, key);
    return key;
}

void luaL_unref(lua_State *L, int t, int ref) {
    if (ref < 0)
        return;
    t = lua_absindex(L, t);
    lua_rawgeti(L, t, FREE_KEYS);
    lua_rawseti(L, t, ref);
    lua_pushinteger(L, ref);
    lua_rawseti(L, t, FREE_KEYS);
}

/* ---- Loading chunks ------------------------------------------------------------------------- */

/*
 * A file being read by blocks. Byte 0 of the block is spare: the newline of a skipped first line is
 * put back there, before what follows, so that the lines after it keep their numbers.
 */
typedef struct FileSource {
    FILE *f;
    int error;                      /* errno of a failed read */
    size_t begin, end;              /* unread bytes of the block */
    char block[1 + BUFSIZ];
} FileSource;

/* Read the next block; false at the end. After a short read stdin would wait for input again. */
static int fill_block(FileSource *src) {
    src->begin = src->end = 1;
    if (feof(src->f) || ferror(src->f))
        return 0;
    errno = 0;
    src->end += fread(src->block + 1, 1, BUFSIZ, src->f);
    if (ferror(src->f))
        src->error = errno;
    return src->end > src->begin;
}

static int at_bytes(const FileSource *src, const char *bytes, size_t n) {
    return src->end - src->begin >= n && memcmp(src->block + src->begin, bytes, n) == 0;
}

/* Go to the byte after the next newline, or to the end of the file. */
static void skip_line(FileSource *src) {
    const char *newline;
    while ((newline = memchr(src->block + src->begin, '\n', src->end - src->begin)) == NULL) {
        if (!fill_block(src))
            return;
    }
    src->begin = (size_t)(newline - src->block) + 1;
    if (src->begin == src->end)
        fill_block(src);
}

/*
 * Skip a byte-order mark and a first line for the shell; a binary chunk must then follow at once.
 */
static void skip_preamble(FileSource *src) {
    fill_block(src);
    if (at_bytes(src, "\xEF\xBB\xBF", 3))
        src->begin += 3;
    if (at_bytes(src, "#", 1)) {
        skip_line(src);
        if (!at_bytes(src, LUA_SIGNATURE, 1))
            src->block[--src->begin] = '\n';
    }
}

static const char *read_file_block(lua_State *L, void *ud, size_t *sz) {
    FileSource *src = ud;
    size_t at;
    (void)L;
    if (src->begin == src->end && !fill_block(src)) {
        *sz = 0;
        return NULL;
    }
    at = src->begin;
    *sz = src->end - at;
    src->begin = src->end;
    return src->block + at;
}

/* Replace the chunk name in `slot` and all above it by a message about the file it names. */
static int file_error(lua_State *L, const char *action, int code, int slot) {
    const char *file = lua_tostring(L, slot) + 1;
    if (code != 0)
        lua_pushfstring(L, "cannot %s %s: %s", action, file, strerror(code));
    else
        lua_pushfstring(L, "cannot %s %s", action, file);
    lua_replace(L, slot);
    lua_settop(L, slot);
    return LUA_ERRFILE;
}

/*
 * Files are opened in binary mode from the start. That is the same to POSIX, and spares opening a
 * binary chunk anew, by which a pipe would lose its first block.
 */
int luaL_loadfilex(lua_State *L, const char *filename, const char *mode) {
    FileSource src;
    int name = lua_gettop(L) + 1;
    int status;
    src.error = errno = 0;
    if (filename == NULL)
        lua_pushliteral(L, "=stdin");
    else
        lua_pushfstring(L, "@%s", filename);
    src.f = filename == NULL ? stdin : fopen(filename, "rb");
    if (src.f == NULL)
        return file_error(L, "open", errno, name);
    skip_preamble(&src);
    status = lua_load(L, read_file_block, &src, lua_tostring(L, name), mode);
    if (luai_unlikely(ferror(src.f)))
        status = file_error(L, "read", src.error, name);
    else
        lua_remove(L, name);
    if (filename != NULL)
        fclose(src.f);
    return status;
}

typedef struct StringSource {
    const char *s;
    size_t size;
} StringSource;

static const char *read_whole_string(lua_State *L, void *ud, size_t *sz) {
    StringSource *src = ud;
    (void)L;
    *sz = src->size;
    src->size = 0;
    return *sz != 0 ? src->s : NULL;
}

int luaL_loadbufferx(lua_State *L, const char *buff, size_t sz, const char *name,
                     const char *mode) {
    StringSource src = {buff, sz};
    return lua_load(L, read_whole_string, &src, name, mode);
}

int luaL_loadstring(lua_State *L, const char *s) {
    return luaL_loadbufferx(L, s, strlen(s), s, NULL);
}

/* ---- Metamethods, lengths, conversion ------------------------------------------------------- */

int luaL_getmetafield(lua_State *L, int obj, const char *e) {
    int type;
    if (!lua_getmetatable(L, obj))
        return LUA_TNIL;
    lua_pushstring(L, e);
    type = lua_rawget(L, -2);
    if (type == LUA_TNIL)
        lua_pop(L, 2);
    else
        lua_replace(L, -2);
    return type;
}

int luaL_callmeta(lua_State *L, int obj, const char *e) {
    obj = lua_absindex(L, obj);
    if (luaL_getmetafield(L, obj, e) == LUA_TNIL)
        return 0;
    lua_pushvalue(L, obj);
    lua_call(L, 1, 1);
    return 1;
}

lua_Integer luaL_len(lua_State *L, int idx) {
    int ok;
    lua_Integer n;
    lua_len(L, idx);
    n = lua_tointegerx(L, -1, &ok);
    if (luai_unlikely(!ok))
        luaL_error(L, "object length is not an integer");
    lua_pop(L, 1);
    return n;
}

/* Push the kind of an object, by its __name or its type, and its address. */
static void push_identity(lua_State *L, int idx) {
    int name = luaL_getmetafield(L, idx, "__name");
    const char *kind = name == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, idx);
    lua_pushfstring(L, "%s: %p", kind, lua_topointer(L, idx));
    if (name != LUA_TNIL)
        lua_replace(L, -2);
}

/* Push a string for a value without __tostring. */
static void push_as_string(lua_State *L, int idx) {
    switch (lua_type(L, idx)) {
    case LUA_TNIL:
        lua_pushliteral(L, "nil");
        break;
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, idx) ? "true" : "false");
        break;
    case LUA_TNUMBER:           /* converted in its own slot */
    case LUA_TSTRING:
        lua_pushvalue(L, idx);
        break;
    default:
        push_identity(L, idx);
    }
}

const char *luaL_tolstring(lua_State *L, int idx, size_t *len) {
    idx = lua_absindex(L, idx);
    if (!luaL_callmeta(L, idx, "__tostring"))
        push_as_string(L, idx);
    else if (luai_unlikely(!lua_isstring(L, -1)))
        luaL_error(L, "'__tostring' must return a string");
    return lua_tolstring(L, -1, len);
}

/* ---- Libraries ------------------------------------------------------------------------------ */

static void push_with_upvalues(lua_State *L, lua_CFunction f, int nup) {
    for (int i = 0; i < nup; i++)
        lua_pushvalue(L, -nup);
    lua_pushcclosure(L, f, nup);
}

void luaL_setfuncs(lua_State *L, const luaL_Reg *l, int nup) {
    int library = lua_gettop(L) - nup;
    luaL_checkstack(L, nup, "too many upvalues");
    for (; l->name != NULL; l++) {
        if (l->func != NULL)
            push_with_upvalues(L, l->func, nup);
        else
            lua_pushboolean(L, 0);
        lua_setfield(L, library, l->name);
    }
    lua_settop(L, library);
}

int luaL_getsubtable(lua_State *L, int idx, const char *fname) {
    int table = lua_absindex(L, idx);
    int there = lua_getfield(L, table, fname) == LUA_TTABLE;
    if (!there) {
        lua_newtable(L);
        lua_replace(L, -2);
        keep_in_field(L, table, fname);
    }
    return there;
}

/* Replace whatever is in the slot on top by the module that openf makes, and enter it as loaded. */
static void open_module(lua_State *L, int loaded, const char *modname, lua_CFunction openf) {
    lua_pushcfunction(L, openf);
    lua_pushstring(L, modname);
    lua_call(L, 1, 1);
    keep_in_field(L, loaded, modname);
    lua_replace(L, -2);
}

void luaL_requiref(lua_State *L, const char *modname, lua_CFunction openf, int glb) {
    int loaded = lua_gettop(L) + 1;
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, loaded, modname);
    if (!lua_toboolean(L, -1))
        open_module(L, loaded, modname, openf);
    if (glb) {
        lua_pushvalue(L, -1);
        lua_setglobal(L, modname);
    }
    lua_replace(L, loaded);
}

/* ---- States --------------------------------------------------------------------------------- */

static void *allocate(void *ud, void *ptr, size_t osize, size_t nsize) {
    (void)ud;
    (void)osize;
    if (nsize != 0)
        return realloc(ptr, nsize);
    free(ptr);
    return NULL;
}

/*
 * The last words of a host without a protected call. A string only: converting could raise again.
 */
static int panic(lua_State *L) {
    int readable = lua_type(L, -1) == LUA_TSTRING;
    lua_writestringerror("PANIC: unprotected error in call to Lua API (%s)\n",
                         readable ? lua_tostring(L, -1) : "error object is not a string");
    return 0;
}

/*
 * Warnings. The function that is set is the state, so that none is needed elsewhere:
 *
 *      ignore ──@on──► begin ──piece, more to come──► go_on ─┐ more to come
 *        ▲───@off───────┘ ▲──────last piece────────────┘ ◄───┘
 */
static void ignore_warning(void *ud, const char *msg, int tocont);
static void begin_warning(void *ud, const char *msg, int tocont);

/* Obey a control message, which is one piece that starts with @. Unknown ones do nothing. */
static int obey_control(lua_State *L, const char *msg, int tocont) {
    if (tocont || msg[0] != '@')
        return 0;
    if (strcmp(msg, "@on") == 0)
        lua_setwarnf(L, begin_warning, L);
    else if (strcmp(msg, "@off") == 0)
        lua_setwarnf(L, ignore_warning, L);
    return 1;
}

static void ignore_warning(void *ud, const char *msg, int tocont) {
    obey_control(ud, msg, tocont);
}

static void go_on_warning(void *ud, const char *msg, int tocont) {
    lua_writestringerror("%s", msg);
    if (!tocont)
        lua_writestringerror("%s", "\n");
    lua_setwarnf(ud, tocont ? go_on_warning : begin_warning, ud);
}

static void begin_warning(void *ud, const char *msg, int tocont) {
    if (obey_control(ud, msg, tocont))
        return;
    lua_writestringerror("%s", "Lua warning: ");
    go_on_warning(ud, msg, tocont);
}

lua_State *luaL_newstate(void) {
    lua_State *L = lua_newstate(allocate, NULL);
    if (L != NULL) {
        lua_atpanic(L, panic);
        lua_setwarnf(L, ignore_warning, L);
    }
    return L;
}
