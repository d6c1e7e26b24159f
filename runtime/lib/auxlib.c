// SPDX-License-Identifier: MIT
/*
 * The auxiliary library (manual section 5).
 *
 * All of it but the choice of the allocator is written over lua.h, so a host could replace any
 * function. Two habits run through the file:
 *
 *   - Success is asked for first. A function that reads an argument tries the conversion, and looks
 *     at types only once that has failed; the usual call costs one call of the API.
 *   - Text for messages is built on the stack of the state that raises or returns it, never in
 *     memory that an error would leak.
 */
#include "lauxlib.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "lua.h"

#include "gc/gc.h"

/* ---- Metatables ----------------------------------------------------------------------------- */

int luaL_getmetafield(lua_State *L, int obj, const char *e) {
    if (!lua_getmetatable(L, obj))
        return LUA_TNIL;
    lua_pushstring(L, e);
    int type = lua_rawget(L, -2);
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

/* Push the kind of an object, which its metatable may name, and its address. */
static void push_address(lua_State *L, int idx) {
    int named = luaL_getmetafield(L, idx, "__name");
    const char *kind = named == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, idx);
    lua_pushfstring(L, "%s: %p", kind, lua_topointer(L, idx));
    if (named != LUA_TNIL)
        lua_replace(L, -2);
}

/* Push what stands for a value whose metatable does not say how to write it. A number is pushed as
   such: lua_tolstring makes a string of it in its slot. */
static void push_plain(lua_State *L, int idx) {
    switch (lua_type(L, idx)) {
    case LUA_TSTRING:
    case LUA_TNUMBER:
        lua_pushvalue(L, idx);
        break;
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, idx) ? "true" : "false");
        break;
    case LUA_TNIL:
        lua_pushliteral(L, "nil");
        break;
    default:
        push_address(L, idx);
    }
}

const char *luaL_tolstring(lua_State *L, int idx, size_t *len) {
    idx = lua_absindex(L, idx);
    if (!luaL_callmeta(L, idx, "__tostring"))
        push_plain(L, idx);
    else if (luai_unlikely(!lua_isstring(L, -1)))
        luaL_error(L, "'__tostring' must return a string");
    return lua_tolstring(L, -1, len);
}

/* ---- Names of functions --------------------------------------------------------------------- */

/*
 * Look for the function at index f among the values of the table on top. If one is it and has a
 * string as its key, push the key and return 1.
 */
static int push_key_of(lua_State *L, int f) {
    int table = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, table)) {
        int found = lua_type(L, -2) == LUA_TSTRING && lua_rawequal(L, -1, f);
        lua_pop(L, 1);
        if (found)
            return 1;
    }
    return 0;
}

/* The same for a module on top, whose name is below it: "name", or "name.key" for a member. */
static int push_name_within(lua_State *L, int f) {
    int module = lua_gettop(L);
    if (lua_rawequal(L, module, f)) {
        lua_pushvalue(L, module - 1);
        return 1;
    }
    if (!lua_istable(L, module) || !push_key_of(L, f))
        return 0;
    lua_pushvalue(L, module - 1);
    lua_pushliteral(L, ".");
    lua_rotate(L, -3, -1);      /* key, name, "." become name, ".", key */
    lua_concat(L, 3);
    return 1;
}

/*
 * The name under which scripts reach the function on top: that of a loaded module or of a member of
 * one, where members of the globals go without the prefix. The name takes the function's place; if
 * there is none, the function stays and the result is NULL.
 */
static const char *name_of_loaded(lua_State *L) {
    static const char globals[] = LUA_GNAME ".";
    const size_t prefix = sizeof globals - 1;
    int f = lua_gettop(L);
    int found = 0;
    luaL_checkstack(L, 7, "not enough stack");
    if (lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE) == LUA_TTABLE) {
        lua_pushnil(L);
        while (!found && lua_next(L, f + 1)) {
            found = lua_type(L, f + 2) == LUA_TSTRING && push_name_within(L, f);
            if (!found)
                lua_settop(L, f + 2);
        }
    }
    if (found)
        lua_copy(L, -1, f);
    lua_settop(L, f);
    if (!found)
        return NULL;
    const char *name = lua_tostring(L, f);
    return strncmp(name, globals, prefix) == 0 ? name + prefix : name;
}

/* ---- Tracebacks ----------------------------------------------------------------------------- */

/*
 * A long stack is shown without its middle:
 *
 *      level .......... +HEAD ...................... end - TAIL .......... end
 *      └── shown ───────┴── one line says how many ──┴── shown ────────────┘
 *
 * The middle is left out once it has more than one frame.
 */
enum { TRACE_HEAD = 10, TRACE_TAIL = 11 };

/* The first level above `level`, where there is a frame, that has none. */
static int end_of_stack(lua_State *L1, int level) {
    lua_Debug ar;
    int step = 1;
    while (lua_getstack(L1, level + step, &ar)) {
        level += step;
        step *= 2;
    }
    /* The frame at level exists, that at level + step does not. */
    while (step > 1) {
        step /= 2;
        if (lua_getstack(L1, level + step, &ar))
            level += step;
    }
    return level + 1;
}

/* Fill in ar, and push the function of the frame onto L; nil if L1 has no room to hand it over. */
static void inspect_frame(lua_State *L, lua_State *L1, lua_Debug *ar) {
    if (luai_unlikely(!lua_checkstack(L1, 1))) {
        lua_getinfo(L1, "Slnt", ar);
        lua_pushnil(L);
        return;
    }
    lua_getinfo(L1, "Slntf", ar);
    if (L != L1)
        lua_xmove(L1, L, 1);
}

/* Replace the function on top by how a traceback calls it. The more public name is preferred. */
static void describe_function(lua_State *L, const lua_Debug *ar) {
    const char *name = name_of_loaded(L);
    if (name != NULL)
        lua_pushfstring(L, "function '%s'", name);
    else if (*ar->namewhat != '\0')
        lua_pushfstring(L, "%s '%s'", ar->namewhat, ar->name);
    else if (*ar->what == 'm')
        lua_pushliteral(L, "main chunk");
    else if (*ar->what == 'C')
        lua_pushliteral(L, "?");
    else
        lua_pushfstring(L, "function <%s:%d>", ar->short_src, ar->linedefined);
    lua_replace(L, -2);
}

static void add_frame(luaL_Buffer *out, lua_State *L1, lua_Debug *ar) {
    lua_State *L = out->L;
    inspect_frame(L, L1, ar);
    describe_function(L, ar);
    const char *description = lua_tostring(L, -1);
    const char *tail = ar->istailcall ? "\n\t(...tail calls...)" : "";
    if (ar->currentline > 0)
        lua_pushfstring(L, "\n\t%s:%d: in %s%s", ar->short_src, ar->currentline, description, tail);
    else
        lua_pushfstring(L, "\n\t%s: in %s%s", ar->short_src, description, tail);
    lua_replace(L, -2);
    luaL_addvalue(out);
}

/* Show the frames from that level on, until `end` or the end of the stack. */
static void add_frames(luaL_Buffer *out, lua_State *L1, int level, int end) {
    lua_Debug ar;
    while (level < end && lua_getstack(L1, level, &ar)) {
        add_frame(out, L1, &ar);
        level++;
    }
}

/* Is the stack from that level on too long to be shown whole? */
static int is_long(lua_State *L1, int level) {
    lua_Debug ar;
    if (!lua_getstack(L1, level, &ar))      /* else the sum cannot overflow */
        return 0;
    return lua_getstack(L1, level + TRACE_HEAD + TRACE_TAIL + 1, &ar);
}

void luaL_traceback(lua_State *L, lua_State *L1, const char *msg, int level) {
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    if (msg != NULL) {
        luaL_addstring(&out, msg);
        luaL_addchar(&out, '\n');
    }
    luaL_addstring(&out, "stack traceback:");
    if (is_long(L1, level)) {
        int end = end_of_stack(L1, level);
        int resume = end - TRACE_TAIL;
        add_frames(&out, L1, level, level + TRACE_HEAD);
        /* The reference's count takes the line itself for one of the frames; scripts match it. */
        lua_pushfstring(L, "\n\t...\t(skipping %d levels)", resume - (level + TRACE_HEAD) - 1);
        luaL_addvalue(&out);
        level = resume;
    }
    add_frames(&out, L1, level, INT_MAX);
    luaL_pushresult(&out);
}

/* ---- Errors --------------------------------------------------------------------------------- */

void luaL_where(lua_State *L, int lvl) {
    lua_Debug ar;
    if (lua_getstack(L, lvl, &ar) && lua_getinfo(L, "Sl", &ar) && ar.currentline > 0)
        lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
    else
        lua_pushliteral(L, "");
}

int luaL_error(lua_State *L, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    luaL_where(L, 1);
    lua_pushvfstring(L, fmt, args);
    va_end(args);
    lua_concat(L, 2);
    return lua_error(L);
}

int luaL_argerror(lua_State *L, int arg, const char *extramsg) {
    lua_Debug ar;
    if (!lua_getstack(L, 0, &ar))       /* the host called, outside of any function */
        return luaL_error(L, "bad argument #%d (%s)", arg, extramsg);
    lua_getinfo(L, "nf", &ar);
    if (strcmp(ar.namewhat, "method") == 0 && --arg == 0)
        return luaL_error(L, "calling '%s' on bad self (%s)", ar.name, extramsg);
    const char *name = ar.name != NULL ? ar.name : name_of_loaded(L);
    return luaL_error(L, "bad argument #%d to '%s' (%s)", arg, name != NULL ? name : "?", extramsg);
}

/* What a message calls the type of an argument; may leave a string on the stack. */
static const char *type_of_arg(lua_State *L, int arg) {
    if (luaL_getmetafield(L, arg, "__name") == LUA_TSTRING)
        return lua_tostring(L, -1);
    return lua_islightuserdata(L, arg) ? "light userdata" : luaL_typename(L, arg);
}

int luaL_typeerror(lua_State *L, int arg, const char *tname) {
    const char *got = type_of_arg(L, arg);
    return luaL_argerror(L, arg, lua_pushfstring(L, "%s expected, got %s", tname, got));
}

static int raise_type(lua_State *L, int arg, int type) {
    return luaL_typeerror(L, arg, lua_typename(L, type));
}

/* ---- Arguments ------------------------------------------------------------------------------ */

static const char *default_string(const char *s, size_t *l) {
    if (l != NULL)
        *l = s != NULL ? strlen(s) : 0;
    return s;
}

const char *luaL_checklstring(lua_State *L, int arg, size_t *l) {
    const char *s = lua_tolstring(L, arg, l);
    if (luai_unlikely(s == NULL))
        raise_type(L, arg, LUA_TSTRING);
    return s;
}

const char *luaL_optlstring(lua_State *L, int arg, const char *def, size_t *l) {
    const char *s = lua_tolstring(L, arg, l);
    if (s != NULL)
        return s;
    if (luai_unlikely(!lua_isnoneornil(L, arg)))
        raise_type(L, arg, LUA_TSTRING);
    return default_string(def, l);
}

lua_Number luaL_checknumber(lua_State *L, int arg) {
    int ok;
    lua_Number n = lua_tonumberx(L, arg, &ok);
    if (luai_unlikely(!ok))
        raise_type(L, arg, LUA_TNUMBER);
    return n;
}

lua_Number luaL_optnumber(lua_State *L, int arg, lua_Number def) {
    int ok;
    lua_Number n = lua_tonumberx(L, arg, &ok);
    if (ok)
        return n;
    return lua_isnoneornil(L, arg) ? def : luaL_checknumber(L, arg);
}

static int raise_no_integer(lua_State *L, int arg) {
    if (lua_isnumber(L, arg))
        return luaL_argerror(L, arg, "number has no integer representation");
    return raise_type(L, arg, LUA_TNUMBER);
}

lua_Integer luaL_checkinteger(lua_State *L, int arg) {
    int ok;
    lua_Integer n = lua_tointegerx(L, arg, &ok);
    if (luai_unlikely(!ok))
        raise_no_integer(L, arg);
    return n;
}

lua_Integer luaL_optinteger(lua_State *L, int arg, lua_Integer def) {
    int ok;
    lua_Integer n = lua_tointegerx(L, arg, &ok);
    if (ok)
        return n;
    return lua_isnoneornil(L, arg) ? def : raise_no_integer(L, arg);
}

void luaL_checkstack(lua_State *L, int sz, const char *msg) {
    if (luai_likely(lua_checkstack(L, sz)))
        return;
    if (msg != NULL)
        luaL_error(L, "stack overflow (%s)", msg);
    else
        luaL_error(L, "stack overflow");
}

void luaL_checktype(lua_State *L, int arg, int t) {
    if (luai_unlikely(lua_type(L, arg) != t))
        raise_type(L, arg, t);
}

void luaL_checkany(lua_State *L, int arg) {
    if (luai_unlikely(lua_isnone(L, arg)))
        luaL_argerror(L, arg, "value expected");
}

int luaL_checkoption(lua_State *L, int arg, const char *def, const char *const lst[]) {
    const char *name = def != NULL ? luaL_optstring(L, arg, def) : luaL_checkstring(L, arg);
    for (const char *const *option = lst; *option != NULL; option++) {
        if (strcmp(*option, name) == 0)
            return (int)(option - lst);
    }
    return luaL_argerror(L, arg, lua_pushfstring(L, "invalid option '%s'", name));
}

/* ---- Userdata types ------------------------------------------------------------------------- */

int luaL_newmetatable(lua_State *L, const char *tname) {
    if (luaL_getmetatable(L, tname) != LUA_TNIL)
        return 0;
    lua_pop(L, 1);
    lua_createtable(L, 0, 2);
    lua_pushstring(L, tname);
    lua_setfield(L, -2, "__name");
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, tname); /* last: refused memory registers nothing half made */
    return 1;
}

void luaL_setmetatable(lua_State *L, const char *tname) {
    luaL_getmetatable(L, tname);
    lua_setmetatable(L, -2);
}

void *luaL_testudata(lua_State *L, int ud, const char *tname) {
    void *block = lua_touserdata(L, ud);
    if (block == NULL || !lua_getmetatable(L, ud))
        return NULL;
    luaL_getmetatable(L, tname);
    int same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same ? block : NULL;
}

void *luaL_checkudata(lua_State *L, int ud, const char *tname) {
    void *block = luaL_testudata(L, ud, tname);
    if (luai_unlikely(block == NULL))
        luaL_typeerror(L, ud, tname);
    return block;
}

/* ---- Results of the operating system -------------------------------------------------------- */

int luaL_fileresult(lua_State *L, int stat, const char *fname) {
    int code = errno;   /* first of all: calls of the API may change it */
    if (stat) {
        lua_pushboolean(L, 1);
        return 1;
    }
    const char *reason = code != 0 ? strerror(code) : "(no extra info)";
    luaL_pushfail(L);
    if (fname != NULL)
        lua_pushfstring(L, "%s: %s", fname, reason);
    else
        lua_pushstring(L, reason);
    lua_pushinteger(L, code);
    return 3;
}

int luaL_execresult(lua_State *L, int stat) {
    if (stat != 0 && errno != 0)    /* there was no process */
        return luaL_fileresult(L, 0, NULL);
    int killed = WIFSIGNALED(stat);
    int code = killed ? WTERMSIG(stat) : WIFEXITED(stat) ? WEXITSTATUS(stat) : stat;
    if (code == 0 && !killed)
        lua_pushboolean(L, 1);
    else
        luaL_pushfail(L);
    lua_pushstring(L, killed ? "signal" : "exit");
    lua_pushinteger(L, code);
    return 3;
}

/* ---- Buffers -------------------------------------------------------------------------------- */

/*
 * What fills the stack slot of a buffer:
 *
 *      contents in the struct      light userdata, only to hold the place
 *      contents outgrew it         full userdata, a Box, that owns the block B->b
 *
 * The slot of a Box is to be closed, so an error frees the block at once instead of at some later
 * collection. An addition that needs no room touches neither the slot nor the state.
 */
typedef struct Box {
    void *block;
    size_t size;
} Box;

/* Let the box own a block of that size, contents kept; 0 if there is no memory. */
static int set_box_size(lua_State *L, Box *box, size_t size) {
    void *ud;
    lua_Alloc alloc = lua_getallocf(L, &ud);
    void *block = alloc(ud, box->block, box->size, size);
    if (luai_unlikely(block == NULL && size > 0))
        return 0;
    box->block = block;
    box->size = size;
    return 1;
}

/* Both __gc and __close. */
static int drop_block(lua_State *L) {
    Box *box = lua_touserdata(L, 1);
    if (box->block != NULL)
        set_box_size(L, box, 0);
    return 0;
}

/* The metatable of boxes. It is registered when it is complete: a memory error on the way must not
 * leave one without __close behind. */
static void push_box_type(lua_State *L) {
    static const char name[] = "perigee.buffer";
    static const luaL_Reg metamethods[] = {
        {"__gc", drop_block},
        {"__close", drop_block},
        {NULL, NULL},
    };
    if (luaL_getmetatable(L, name) != LUA_TNIL)
        return;
    lua_pop(L, 1);
    luaL_newlib(L, metamethods);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, name);
}

/* Put an empty box into a slot that the top of the stack is above of. */
static Box *install_box(lua_State *L, int slot) {
    Box *box = lua_newuserdatauv(L, sizeof *box, 0);
    box->block = NULL;
    box->size = 0;
    push_box_type(L);
    lua_setmetatable(L, -2);
    lua_replace(L, slot - 1);
    lua_toclose(L, slot);
    return box;
}

static int is_boxed(const luaL_Buffer *B) {
    return B->b != B->init.b;
}

/* Twice the size, or what is needed if that is more. */
static size_t next_size(const luaL_Buffer *B, size_t extra) {
    if (luai_unlikely(extra > SIZE_MAX - B->n))
        luaL_error(B->L, "buffer too large");
    size_t needed = B->n + extra;
    size_t doubled = B->size <= SIZE_MAX / 2 ? B->size * 2 : needed;
    return needed > doubled ? needed : doubled;
}

static char *grow(luaL_Buffer *B, size_t extra, int slot) {
    lua_State *L = B->L;
    size_t size = next_size(B, extra);
    int was_boxed = is_boxed(B);
    Box *box = was_boxed ? lua_touserdata(L, slot) : install_box(L, slot);
    if (luai_unlikely(!set_box_size(L, box, size))) {
        lua_pushliteral(L, "not enough memory");
        lua_error(L);
    }
    if (!was_boxed)
        memcpy(box->block, B->b, B->n);
    B->b = box->block;
    B->size = size;
    return B->b + B->n;
}

/* Where to write the next `extra` bytes; slot is the index of the buffer's slot. */
static inline char *reserve(luaL_Buffer *B, size_t extra, int slot) {
    if (luai_likely(B->size - B->n >= extra))
        return B->b + B->n;
    return grow(B, extra, slot);
}

static inline void append(luaL_Buffer *B, const char *s, size_t l, int slot) {
    if (l == 0)         /* s may be NULL */
        return;
    memcpy(reserve(B, l, slot), s, l);
    B->n += l;
}

void luaL_buffinit(lua_State *L, luaL_Buffer *B) {
    B->L = L;
    B->b = B->init.b;
    B->size = sizeof B->init.b;
    B->n = 0;
    lua_pushlightuserdata(L, B);
}

char *luaL_buffinitsize(lua_State *L, luaL_Buffer *B, size_t sz) {
    luaL_buffinit(L, B);
    return reserve(B, sz, -1);
}

char *luaL_prepbuffsize(luaL_Buffer *B, size_t sz) {
    return reserve(B, sz, -1);
}

void luaL_addlstring(luaL_Buffer *B, const char *s, size_t l) {
    append(B, s, l, -1);
}

void luaL_addstring(luaL_Buffer *B, const char *s) {
    append(B, s, strlen(s), -1);
}

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
    B->n += sz;
    luaL_pushresult(B);
}

/* ---- Replacing in strings ------------------------------------------------------------------- */

void luaL_addgsub(luaL_Buffer *b, const char *s, const char *p, const char *r) {
    size_t taken = strlen(p);
    size_t given = strlen(r);
    for (const char *hit; (hit = strstr(s, p)) != NULL; s = hit + taken) {
        luaL_addlstring(b, s, (size_t)(hit - s));
        luaL_addlstring(b, r, given);
    }
    luaL_addstring(b, s);
}

const char *luaL_gsub(lua_State *L, const char *s, const char *p, const char *r) {
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    luaL_addgsub(&b, s, p, r);
    luaL_pushresult(&b);
    return lua_tostring(L, -1);
}

lua_Integer luaL_len(lua_State *L, int idx) {
    int ok;
    lua_len(L, idx);
    lua_Integer n = lua_tointegerx(L, -1, &ok);
    if (luai_unlikely(!ok))
        luaL_error(L, "object length is not an integer");
    lua_pop(L, 1);
    return n;
}

/* ---- References ----------------------------------------------------------------------------- */

/*
 * Keys that were freed form a list inside the table: t[FREE_KEYS] is the first of them, t[key] the
 * one after it, 0 the end. The entry comes right after those the registry has from the start, so
 * references in the registry count from there.
 */
enum { FREE_KEYS = LUA_RIDX_LAST + 1 };

/* Take the first key off the list, which is created if need be; 0 if the list is empty. */
static lua_Integer take_free_key(lua_State *L, int t) {
    int absent = lua_rawgeti(L, t, FREE_KEYS) == LUA_TNIL;
    lua_Integer key = lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (absent)
        lua_pushinteger(L, 0);
    else if (key != 0)
        lua_rawgeti(L, t, key);
    else
        return 0;
    lua_rawseti(L, t, FREE_KEYS);
    return key;
}

int luaL_ref(lua_State *L, int t) {
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return LUA_REFNIL;
    }
    t = lua_absindex(L, t);
    lua_Integer key = take_free_key(L, t);
    if (key == 0)
        key = (lua_Integer)lua_rawlen(L, t) + 1;
    lua_rawseti(L, t, key);
    return (int)key;
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

/* ---- Chunks from files ---------------------------------------------------------------------- */

/*
 * A file read by blocks. The byte before the data stays free, so that one that was taken can be put
 * back even when a block ended behind it:
 *
 *      block  [ ][ handed out ... ][ from ... ][ to ... ]
 *
 * What comes before the program is taken off in the first blocks: a byte order mark, then a first
 * line that starts with '#' (Unix lets it name an interpreter). The end of that line counts for
 * line numbers, hence is put back, but not before a binary chunk, which must start with its
 * signature. Binary files need no other mode of opening on POSIX.
 */
typedef struct ChunkFile {
    FILE *file;
    size_t from, to;        /* the bytes not handed out yet */
    int error;              /* errno of the read that failed */
    int failed;
    char block[1 + BUFSIZ];
} ChunkFile;

/* Read the next block; 0 at the end. After an end or an error the file is left alone: a terminal
   would wait for more. */
static size_t next_block(ChunkFile *c) {
    c->from = c->to = 1;
    if (c->failed || feof(c->file))
        return 0;
    errno = 0;
    size_t n = fread(c->block + 1, 1, sizeof c->block - 1, c->file);
    if (ferror(c->file)) {
        c->failed = 1;
        c->error = errno;
    }
    c->to += n;
    return n;
}

/* The next byte, which stays; EOF at the end. */
static int peek(ChunkFile *c) {
    if (c->from == c->to && next_block(c) == 0)
        return EOF;
    return (unsigned char)c->block[c->from];
}

static void take_line(ChunkFile *c) {
    while (peek(c) != EOF) {
        char *end = memchr(c->block + c->from, '\n', c->to - c->from);
        if (end != NULL) {
            c->from = (size_t)(end + 1 - c->block);
            return;
        }
        c->from = c->to;
    }
}

static void take_preamble(ChunkFile *c) {
    static const char mark[] = {'\xEF', '\xBB', '\xBF'};
    peek(c);
    if (c->to - c->from >= sizeof mark && memcmp(c->block + c->from, mark, sizeof mark) == 0)
        c->from += sizeof mark;
    if (peek(c) != '#')
        return;
    take_line(c);
    if (peek(c) != LUA_SIGNATURE[0])
        c->block[--c->from] = '\n';
}

static const char *read_chunk(lua_State *L, void *ud, size_t *sz) {
    ChunkFile *c = ud;
    (void)L;
    if (peek(c) == EOF)
        return NULL;
    const char *data = c->block + c->from;
    *sz = c->to - c->from;
    c->from = c->to;
    return data;
}

/* Leave the message alone above top, whatever there was; code may be 0. */
static int file_error(lua_State *L, int top, const char *action, const char *name, int code) {
    lua_settop(L, top + 1);
    if (code != 0)
        lua_pushfstring(L, "cannot %s %s: %s", action, name, strerror(code));
    else
        lua_pushfstring(L, "cannot %s %s", action, name);
    lua_replace(L, top + 1);
    return LUA_ERRFILE;
}

/* Load the rest of the file. LUA_ERRFILE if reading failed, and then *code tells why. */
static int load_stream(lua_State *L, FILE *file, const char *chunkname, const char *mode,
                       int *code) {
    ChunkFile c;
    c.file = file;
    c.failed = c.error = 0;
    c.from = c.to = 1;
    take_preamble(&c);
    int status = lua_load(L, read_chunk, &c, chunkname, mode);
    *code = c.error;
    return c.failed ? LUA_ERRFILE : status;
}

int luaL_loadfilex(lua_State *L, const char *filename, const char *mode) {
    int top = lua_gettop(L);
    int code = 0;
    const char *chunkname = filename != NULL ? lua_pushfstring(L, "@%s", filename)
                                             : lua_pushstring(L, "=stdin");
    errno = 0;
    FILE *file = filename != NULL ? fopen(filename, "r") : stdin;
    if (file == NULL)
        return file_error(L, top, "open", chunkname + 1, errno);
    int status = load_stream(L, file, chunkname, mode, &code);
    if (filename != NULL)
        fclose(file);
    if (status == LUA_ERRFILE)
        return file_error(L, top, "read", chunkname + 1, code);
    lua_replace(L, top + 1);    /* the function or the message, in place of the name */
    return status;
}

/* ---- Chunks from memory --------------------------------------------------------------------- */

typedef struct Piece {
    const char *data;
    size_t size;
} Piece;

/* All of it at once, then nothing. */
static const char *read_piece(lua_State *L, void *ud, size_t *sz) {
    Piece *piece = ud;
    (void)L;
    *sz = piece->size;
    piece->size = 0;
    return *sz > 0 ? piece->data : NULL;
}

int luaL_loadbufferx(lua_State *L, const char *buff, size_t sz, const char *name,
                     const char *mode) {
    Piece all = {buff, sz};
    return lua_load(L, read_piece, &all, name, mode);
}

int luaL_loadstring(lua_State *L, const char *s) {
    return luaL_loadbuffer(L, s, strlen(s), s);
}

/* ---- Libraries ------------------------------------------------------------------------------ */

void luaL_checkversion_(lua_State *L, lua_Number ver, size_t sz) {
    lua_Number core = lua_version(L);
    if (sz != LUAL_NUMSIZES)
        luaL_error(L, "core and library have incompatible numeric types");
    if (core != ver)
        luaL_error(L, "version mismatch: app. needs %f, Lua core provides %f", (LUAI_UACNUMBER)ver,
                   (LUAI_UACNUMBER)core);
}

/* Push a function with copies of the nup values on top as its upvalues. */
static void push_sharing(lua_State *L, lua_CFunction f, int nup) {
    int first = lua_gettop(L) - nup + 1;
    for (int i = 0; i < nup; i++)
        lua_pushvalue(L, first + i);
    lua_pushcclosure(L, f, nup);
}

void luaL_setfuncs(lua_State *L, const luaL_Reg *l, int nup) {
    luaL_checkstack(L, nup, "too many upvalues");
    int table = lua_gettop(L) - nup;
    for (; l->name != NULL; l++) {
        if (l->func != NULL)
            push_sharing(L, l->func, nup);
        else
            lua_pushboolean(L, 0);
        lua_setfield(L, table, l->name);
    }
    lua_settop(L, table);
}

int luaL_getsubtable(lua_State *L, int idx, const char *fname) {
    if (lua_getfield(L, idx, fname) == LUA_TTABLE)
        return 1;
    lua_pop(L, 1);
    idx = lua_absindex(L, idx);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, idx, fname);
    return 0;
}

void luaL_requiref(lua_State *L, const char *modname, lua_CFunction openf, int glb) {
    int loaded = lua_gettop(L) + 1;     /* also where the module goes in the end */
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, loaded, modname);
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        lua_pushcfunction(L, openf);
        lua_pushstring(L, modname);
        lua_call(L, 1, 1);
        lua_pushvalue(L, -1);
        lua_setfield(L, loaded, modname);
    }
    lua_replace(L, loaded);
    if (glb) {
        lua_pushvalue(L, loaded);
        lua_setglobal(L, modname);
    }
}

/* ---- New states ----------------------------------------------------------------------------- */

static int report_panic(lua_State *L) {
    const char *msg = "error object is not a string";
    if (lua_type(L, -1) == LUA_TSTRING)
        msg = lua_tostring(L, -1);
    lua_writestringerror("PANIC: unprotected error in call to Lua API (%s)\n", msg);
    return 0;   /* and the core aborts */
}

/*
 * Warnings. The state of the machine is which of three functions receives the next piece:
 *
 *                     "@on"               any piece, more to follow
 *      warn_muted  ─────────►  warn_first  ─────────►  warn_rest
 *                  ◄─────────              ◄─────────
 *                     "@off"                last piece
 *
 * A control is a whole piece, the last one of its message, that starts with '@'; unknown ones are
 * dropped. Inside a shown message nothing is a control.
 */
static void warn_muted(void *ud, const char *msg, int tocont);
static void warn_first(void *ud, const char *msg, int tocont);

static int is_control(lua_State *L, const char *msg, int tocont) {
    if (tocont || *msg != '@')
        return 0;
    if (strcmp(msg, "@on") == 0)
        lua_setwarnf(L, warn_first, L);
    else if (strcmp(msg, "@off") == 0)
        lua_setwarnf(L, warn_muted, L);
    return 1;
}

static void warn_muted(void *ud, const char *msg, int tocont) {
    is_control(ud, msg, tocont);
}

static void warn_rest(void *ud, const char *msg, int tocont) {
    lua_writestringerror("%s", msg);
    if (tocont) {
        lua_setwarnf(ud, warn_rest, ud);
        return;
    }
    lua_writestringerror("%s", "\n");
    lua_setwarnf(ud, warn_first, ud);
}

static void warn_first(void *ud, const char *msg, int tocont) {
    if (is_control(ud, msg, tocont))
        return;
    lua_writestringerror("%s", "Lua warning: ");
    warn_rest(ud, msg, tocont);
}

lua_State *luaL_newstate(void) {
    lua_State *L = lua_newstate(mem_default_alloc, NULL);   /* the core knows it, and uses blocks */
    if (luai_likely(L != NULL)) {
        lua_atpanic(L, report_panic);
        lua_setwarnf(L, warn_muted, L);
    }
    return L;
}
