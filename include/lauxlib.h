// SPDX-License-Identifier: MIT
/*
 * The auxiliary library (manual section 5): conveniences over lua.h for writers of C libraries.
 *
 * Nothing here reaches into a state; every function could be written by a host. The notation
 * [-taken, +pushed, errors] is that of lua.h. Functions that check an argument raise an error that
 * names the argument and the function it was given to.
 */
#ifndef PERIGEE_LAUXLIB_H
#define PERIGEE_LAUXLIB_H

#ifndef lauxlib_h
#define lauxlib_h
#endif

#include <stddef.h>
#include <stdio.h>

#include "lua.h"
#include "luaconf.h"

#define LUA_GNAME "_G"                      /* the global that holds the globals */
#define LUA_LOADED_TABLE "_LOADED"          /* registry: the table of loaded modules */
#define LUA_PRELOAD_TABLE "_PRELOAD"        /* registry: the table of preloaded loaders */

#define LUA_ERRFILE (LUA_ERRERR + 1)        /* status of luaL_loadfilex: the file cannot be read */

typedef struct luaL_Buffer luaL_Buffer;

/* An entry of a library; {NULL, NULL} ends a list. A NULL function is a placeholder. */
typedef struct luaL_Reg {
    const char *name;
    lua_CFunction func;
} luaL_Reg;

/* ---- Compatibility of caller and library ---------------------------------------------------- */

#define LUAL_NUMSIZES (sizeof(lua_Integer) * 16 + sizeof(lua_Number))

/* [-0, +0, v] Error unless the library has version ver and the caller's numeric types. */
LUALIB_API void(luaL_checkversion_)(lua_State *L, lua_Number ver, size_t sz);
#define luaL_checkversion(L) luaL_checkversion_(L, LUA_VERSION_NUM, LUAL_NUMSIZES)

/* ---- Metamethods ---------------------------------------------------------------------------- */

/* [-0, +(0|1), m] Push field e of the object's metatable and return its type; without metatable or
   field push nothing and return LUA_TNIL. */
LUALIB_API int(luaL_getmetafield)(lua_State *L, int obj, const char *e);

/* [-0, +(0|1), e] If the object has metamethod e, call it with the object, push its one result and
   return 1; else return 0. */
LUALIB_API int(luaL_callmeta)(lua_State *L, int obj, const char *e);

/* [-0, +1, e] Push and return the value as `tostring` writes it, its length in *len if not NULL. */
LUALIB_API const char *(luaL_tolstring)(lua_State *L, int idx, size_t *len);

/* ---- Arguments ------------------------------------------------------------------------------ */

/* [-0, +0, v] Raise "bad argument #arg to 'function' (extramsg)". Does not return. */
LUALIB_API int(luaL_argerror)(lua_State *L, int arg, const char *extramsg);

/* [-0, +0, v] Raise that type tname was expected for the argument. Does not return. */
LUALIB_API int(luaL_typeerror)(lua_State *L, int arg, const char *tname);

/* [-0, +0, v] The argument as a string, its length in *l if not NULL; a number is converted. */
LUALIB_API const char *(luaL_checklstring)(lua_State *L, int arg, size_t *l);

/* [-0, +0, v] The same, or def (which may be NULL) for an absent or nil argument. */
LUALIB_API const char *(luaL_optlstring)(lua_State *L, int arg, const char *def, size_t *l);

/* [-0, +0, v] The argument as a float. */
LUALIB_API lua_Number(luaL_checknumber)(lua_State *L, int arg);

/* [-0, +0, v] The same, or def for an absent or nil argument. */
LUALIB_API lua_Number(luaL_optnumber)(lua_State *L, int arg, lua_Number def);

/* [-0, +0, v] The argument as an integer. */
LUALIB_API lua_Integer(luaL_checkinteger)(lua_State *L, int arg);

/* [-0, +0, v] The same, or def for an absent or nil argument. */
LUALIB_API lua_Integer(luaL_optinteger)(lua_State *L, int arg, lua_Integer def);

/* [-0, +0, v] Make room for sz more slots, or raise "stack overflow (msg)"; msg may be NULL. */
LUALIB_API void(luaL_checkstack)(lua_State *L, int sz, const char *msg);

/* [-0, +0, v] The argument must have type t. */
LUALIB_API void(luaL_checktype)(lua_State *L, int arg, int t);

/* [-0, +0, v] The argument must be there; nil will do. */
LUALIB_API void(luaL_checkany)(lua_State *L, int arg);

/* [-0, +0, v] Index of the argument (def if absent) in a list of names that NULL ends. */
LUALIB_API int(luaL_checkoption)(lua_State *L, int arg, const char *def, const char *const lst[]);

/* ---- Userdata types ------------------------------------------------------------------------- */

/* [-0, +1, m] Push the metatable registered under tname. Returns 1 if it had to be created. */
LUALIB_API int(luaL_newmetatable)(lua_State *L, const char *tname);

/* [-0, +0, -] Give the object on top the metatable registered under tname. */
LUALIB_API void(luaL_setmetatable)(lua_State *L, const char *tname);

/* [-0, +0, m] The block of a userdata of type tname, NULL for any other value. */
LUALIB_API void *(luaL_testudata)(lua_State *L, int ud, const char *tname);

/* [-0, +0, v] The same, with an error in place of NULL. */
LUALIB_API void *(luaL_checkudata)(lua_State *L, int ud, const char *tname);

/* ---- Errors and results --------------------------------------------------------------------- */

/* [-0, +1, m] Push "chunk:line:" and a space for the function at level lvl, or "" if unknown. */
LUALIB_API void(luaL_where)(lua_State *L, int lvl);

/* [-0, +0, v] Raise a formatted message (as lua_pushfstring) that says where. Does not return. */
LUALIB_API int(luaL_error)(lua_State *L, const char *fmt, ...);

/* [-0, +(1|3), m] The results of a function on files: true if stat; else fail, the text of errno
   (after fname, if not NULL), errno. Returns their number. */
LUALIB_API int(luaL_fileresult)(lua_State *L, int stat, const char *fname);

/* [-0, +3, m] The results of a function on processes, for the status that system() or pclose()
   returned: true or fail, "exit" or "signal", a code. Returns their number. */
LUALIB_API int(luaL_execresult)(lua_State *L, int stat);

/* [-0, +1, m] Push a traceback of L1 from that level on, headed by msg if not NULL. */
LUALIB_API void(luaL_traceback)(lua_State *L, lua_State *L1, const char *msg, int level);

/* ---- References ----------------------------------------------------------------------------- */

#define LUA_NOREF (-2)          /* no luaL_ref returns it */
#define LUA_REFNIL (-1)         /* the reference to nil */

/* [-1, +0, m] Store the value on top in the table at index t under a new integer key. */
LUALIB_API int(luaL_ref)(lua_State *L, int t);

/* [-0, +0, -] Free a reference, so that its key is used again. Negative ones are ignored. */
LUALIB_API void(luaL_unref)(lua_State *L, int t, int ref);

/* ---- Chunks --------------------------------------------------------------------------------- */

/* [-0, +1, m] Load a file (NULL: standard input) as lua_load does; a first line that starts with #
   is skipped. Returns also LUA_ERRFILE. */
LUALIB_API int(luaL_loadfilex)(lua_State *L, const char *filename, const char *mode);
#define luaL_loadfile(L, f) luaL_loadfilex(L, f, NULL)

/* [-0, +1, -] Load a chunk of sz bytes from memory. */
LUALIB_API int(luaL_loadbufferx)(lua_State *L, const char *buff, size_t sz, const char *name,
                                 const char *mode);
#define luaL_loadbuffer(L, s, sz, n) luaL_loadbufferx(L, s, sz, n, NULL)

/* [-0, +1, -] Load a terminated string, which is also the chunk's name. */
LUALIB_API int(luaL_loadstring)(lua_State *L, const char *s);

/* ---- States and libraries ------------------------------------------------------------------- */

/* [-0, +0, -] A state with the standard allocator, a panic function that writes to standard error,
   and warnings that are off until "@on". NULL if out of memory; end it with lua_close. */
LUALIB_API lua_State *(luaL_newstate)(void);

/* [-nup, +0, m] Register the functions of a list in the table below the nup values on top, which
   become upvalues of each. A NULL function registers false. */
LUALIB_API void(luaL_setfuncs)(lua_State *L, const luaL_Reg *l, int nup);

/* [-0, +1, e] Push t[fname], making it a new table if it is none; returns 1 if it was one. */
LUALIB_API int(luaL_getsubtable)(lua_State *L, int idx, const char *fname);

/* [-0, +1, e] Push module modname, opened with openf(modname) if it is not yet loaded; with glb,
   also set the global of that name. */
LUALIB_API void(luaL_requiref)(lua_State *L, const char *modname, lua_CFunction openf, int glb);

/* ---- Strings and lengths -------------------------------------------------------------------- */

/* [-0, +0, e] The length of the value, as the operator gives it; an error if that is no integer. */
LUALIB_API lua_Integer(luaL_len)(lua_State *L, int idx);

/* [-?, +?, m] Append s to the buffer with every p in it replaced by r; all are plain strings. */
LUALIB_API void(luaL_addgsub)(luaL_Buffer *b, const char *s, const char *p, const char *r);

/* [-0, +1, m] Push and return s with every p in it replaced by r. */
LUALIB_API const char *(luaL_gsub)(lua_State *L, const char *s, const char *p, const char *r);

/* ---- Shorthands ----------------------------------------------------------------------------- */

#define luaL_newlibtable(L, l) lua_createtable(L, 0, sizeof(l) / sizeof((l)[0]) - 1)
#define luaL_newlib(L, l) (luaL_checkversion(L), luaL_newlibtable(L, l), luaL_setfuncs(L, l, 0))

#define luaL_argcheck(L, cond, arg, extramsg) \
    ((void)(luai_likely(cond) || luaL_argerror(L, (arg), (extramsg))))
#define luaL_argexpected(L, cond, arg, tname) \
    ((void)(luai_likely(cond) || luaL_typeerror(L, (arg), (tname))))

#define luaL_checkstring(L, n) (luaL_checklstring(L, (n), NULL))
#define luaL_optstring(L, n, d) (luaL_optlstring(L, (n), (d), NULL))
#define luaL_opt(L, f, n, d) (lua_isnoneornil(L, (n)) ? (d) : f(L, (n)))

#define luaL_typename(L, i) lua_typename(L, lua_type(L, (i)))
#define luaL_getmetatable(L, n) (lua_getfield(L, LUA_REGISTRYINDEX, (n)))

#define luaL_dofile(L, fn) (luaL_loadfile(L, fn) || lua_pcall(L, 0, LUA_MULTRET, 0))
#define luaL_dostring(L, s) (luaL_loadstring(L, s) || lua_pcall(L, 0, LUA_MULTRET, 0))

/* Integer arithmetic that wraps around, as Lua's does. */
#define luaL_intop(op, v1, v2) ((lua_Integer)((lua_Unsigned)(v1)op(lua_Unsigned)(v2)))

/* The value that tells failure; the manual calls it fail. */
#define luaL_pushfail(L) lua_pushnil(L)

#ifndef lua_assert
#if defined(LUAI_ASSERT)
#include <assert.h>
#define lua_assert(c) assert(c)
#else
#define lua_assert(c) ((void)0)
#endif
#endif

/* ---- Buffers -------------------------------------------------------------------------------- */

/*
 * A string under construction. It starts in the initial area inside the struct and moves to a
 * userdata when it outgrows that, for which luaL_buffinit reserves one stack slot:
 *
 *      b ──► init.b  or the block of the userdata          n bytes in use of size
 *
 * Between two calls on a buffer the stack top must be where the former call left it. A buffer needs
 * no freeing; pushing its result ends it.
 */
struct luaL_Buffer {
    char *b;
    size_t size;
    size_t n;
    lua_State *L;
    union {
        LUAI_MAXALIGN;
        char b[LUAL_BUFFERSIZE];
    } init;
};

#define luaL_bufflen(bf) ((bf)->n)
#define luaL_buffaddr(bf) ((bf)->b)

#define luaL_addchar(B, c) \
    ((void)((B)->n < (B)->size || luaL_prepbuffsize((B), 1)), ((B)->b[(B)->n++] = (c)))
#define luaL_addsize(B, s) ((B)->n += (s))
#define luaL_buffsub(B, s) ((B)->n -= (s))
#define luaL_prepbuffer(B) luaL_prepbuffsize(B, LUAL_BUFFERSIZE)

/* [-0, +?, -] Start an empty buffer. */
LUALIB_API void(luaL_buffinit)(lua_State *L, luaL_Buffer *B);

/* [-?, +?, m] Room for sz more bytes; what is written there counts after luaL_addsize. */
LUALIB_API char *(luaL_prepbuffsize)(luaL_Buffer *B, size_t sz);

/* [-?, +?, m] Append l bytes. */
LUALIB_API void(luaL_addlstring)(luaL_Buffer *B, const char *s, size_t l);

/* [-?, +?, m] Append a terminated string. */
LUALIB_API void(luaL_addstring)(luaL_Buffer *B, const char *s);

/* [-?, +?, m] Append the string or number on top of the stack, which is popped. */
LUALIB_API void(luaL_addvalue)(luaL_Buffer *B);

/* [-?, +1, m] End the buffer and leave its contents on the stack as a string. */
LUALIB_API void(luaL_pushresult)(luaL_Buffer *B);

/* [-?, +1, m] luaL_addsize and luaL_pushresult in one. */
LUALIB_API void(luaL_pushresultsize)(luaL_Buffer *B, size_t sz);

/* [-?, +?, m] luaL_buffinit and luaL_prepbuffsize in one. */
LUALIB_API char *(luaL_buffinitsize)(lua_State *L, luaL_Buffer *B, size_t sz);

/* ---- Files ---------------------------------------------------------------------------------- */

#define LUA_FILEHANDLE "FILE*"      /* registry: the metatable of file handles */

/* How the block of a file handle starts; what follows is up to who made the handle. */
typedef struct luaL_Stream {
    FILE *f;                        /* NULL while being created */
    lua_CFunction closef;           /* closes the stream; NULL once it is closed */
} luaL_Stream;

/* ---- Output of the basic library; a host may define them otherwise -------------------------- */

#ifndef lua_writestring
#define lua_writestring(s, l) fwrite((s), sizeof(char), (l), stdout)
#endif
#ifndef lua_writeline
#define lua_writeline() (lua_writestring("\n", 1), fflush(stdout))
#endif
#ifndef lua_writestringerror
#define lua_writestringerror(s, p) (fprintf(stderr, (s), (p)), fflush(stderr))
#endif

/* ---- Names of earlier versions -------------------------------------------------------------- */

#if defined(LUA_COMPAT_APIINTCASTS)
#define luaL_checkunsigned(L, a) ((lua_Unsigned)luaL_checkinteger(L, a))
#define luaL_optunsigned(L, a, d) ((lua_Unsigned)luaL_optinteger(L, a, (lua_Integer)(d)))
#define luaL_checkint(L, n) ((int)luaL_checkinteger(L, (n)))
#define luaL_optint(L, n, d) ((int)luaL_optinteger(L, (n), (d)))
#define luaL_checklong(L, n) ((long)luaL_checkinteger(L, (n)))
#define luaL_optlong(L, n, d) ((long)luaL_optinteger(L, (n), (d)))
#endif

#endif
