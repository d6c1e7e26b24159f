// SPDX-License-Identifier: MIT
//
// The io library (manual section 6.8): files as full userdata over C streams.
//
// A file is a luaL_Stream whose metatable is registered as LUA_FILEHANDLE, so files made by
// foreign modules work here and ours work there. Its one invariant: `closef` is null exactly when
// the file is closed. A new file is born closed and gets its closing function only after the
// stream is open; a collection in between therefore finds nothing to close.
//
// The default files live in the registry under the keys below, where other modules look for them.
//
// Nothing may raise a Lua error while a stream is locked: the lock would never be released. Lines
// are hence copied, under the lock, into room that the luaL_Buffer has already granted.

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

typedef luaL_Stream File;

static const char *const DEFAULT_INPUT = "_IO_input";
static const char *const DEFAULT_OUTPUT = "_IO_output";

enum {
    MAX_LINE_FORMATS = 250,        // formats io.lines can keep as upvalues
    MAX_NUMERAL = 200,             // longest numeral that format "n" accepts
    MAX_READ_STEP = 1024 * 1024,   // largest single fread of format "a"
};

/* ---- File objects ------------------------------------------------------------------------ */

static inline bool is_closed(const File *file) {
    return file->closef == NULL;
}

static inline File *check_file(lua_State *L) {
    return luaL_checkudata(L, 1, LUA_FILEHANDLE);
}

/* The open stream of the file at index 1. */
static FILE *check_stream(lua_State *L) {
    File *file = check_file(L);
    if (is_closed(file))
        luaL_error(L, "attempt to use a closed file");
    return file->f;
}

static File *push_closed_file(lua_State *L) {
    File *file = lua_newuserdatauv(L, sizeof *file, 0);
    file->closef = NULL;
    file->f = NULL;
    luaL_setmetatable(L, LUA_FILEHANDLE);
    return file;
}

static int close_stream(lua_State *L) {
    File *file = check_file(L);
    errno = 0;
    return luaL_fileresult(L, fclose(file->f) == 0, NULL);
}

static int close_pipe(lua_State *L) {
    File *file = check_file(L);
    errno = 0;
    return luaL_execresult(L, pclose(file->f));
}

/* Standard files stay open: the refusal puts itself back as the closing function. */
static int refuse_close(lua_State *L) {
    File *file = check_file(L);
    file->closef = refuse_close;
    luaL_pushfail(L);
    lua_pushliteral(L, "cannot close standard file");
    return 2;
}

/* Marks the file at index 1 closed before closing it, so that no error leaves it half open. */
static int close_checked(lua_State *L) {
    File *file = check_file(L);
    lua_CFunction closef = file->closef;
    file->closef = NULL;
    return closef(L);
}

static int file_close(lua_State *L) {
    check_stream(L);
    return close_checked(L);
}

/* __gc and __close. */
static int file_release(lua_State *L) {
    File *file = check_file(L);
    if (!is_closed(file) && file->f != NULL)
        close_checked(L);
    return 0;
}

static int file_tostring(lua_State *L) {
    File *file = check_file(L);
    if (is_closed(file))
        lua_pushliteral(L, "file (closed)");
    else
        lua_pushfstring(L, "file (%p)", (void *)file->f);
    return 1;
}

static int io_type(lua_State *L) {
    luaL_checkany(L, 1);
    File *file = luaL_testudata(L, 1, LUA_FILEHANDLE);
    if (file == NULL)
        luaL_pushfail(L);
    else
        lua_pushstring(L, is_closed(file) ? "closed file" : "file");
    return 1;
}

/* ---- Opening ----------------------------------------------------------------------------- */

/* One of r, w, a; then an optional '+'; then nothing but 'b'. */
static bool is_open_mode(const char *mode) {
    if (*mode == '\0' || strchr("rwa", *mode) == NULL)
        return false;
    mode++;
    if (*mode == '+')
        mode++;
    return mode[strspn(mode, "b")] == '\0';
}

static bool is_pipe_mode(const char *mode) {
    return (mode[0] == 'r' || mode[0] == 'w') && mode[1] == '\0';
}

/* The common end of opening: the new file, or the three results of a failure. */
static int finish_open(lua_State *L, File *file, lua_CFunction closef, const char *name) {
    if (file->f == NULL)
        return luaL_fileresult(L, 0, name);
    file->closef = closef;
    return 1;
}

static int io_open(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    const char *mode = luaL_optstring(L, 2, "r");
    File *file = push_closed_file(L);
    luaL_argcheck(L, is_open_mode(mode), 2, "invalid mode");
    errno = 0;
    file->f = fopen(name, mode);
    return finish_open(L, file, close_stream, name);
}

static int io_popen(lua_State *L) {
    const char *command = luaL_checkstring(L, 1);
    const char *mode = luaL_optstring(L, 2, "r");
    luaL_argcheck(L, is_pipe_mode(mode), 2, "invalid mode");
    File *file = push_closed_file(L);
    errno = 0;
    fflush(NULL);   // what we have written must come before what the child writes
    file->f = popen(command, mode);
    return finish_open(L, file, close_pipe, command);
}

static int io_tmpfile(lua_State *L) {
    File *file = push_closed_file(L);
    errno = 0;
    file->f = tmpfile();
    return finish_open(L, file, close_stream, NULL);
}

/* Pushes the named file, or raises the error that io.lines, io.input and io.output document. */
static void push_open_or_raise(lua_State *L, const char *name, const char *mode) {
    File *file = push_closed_file(L);
    file->f = fopen(name, mode);
    if (file->f == NULL)
        luaL_error(L, "cannot open file '%s' (%s)", name, strerror(errno));
    file->closef = close_stream;
}

/* ---- Default files ----------------------------------------------------------------------- */

/* Leaves the file on the stack, so that it lives as long as its stream is in use. */
static FILE *default_stream(lua_State *L, const char *key) {
    lua_getfield(L, LUA_REGISTRYINDEX, key);
    File *file = lua_touserdata(L, -1);
    if (is_closed(file))
        luaL_error(L, "default %s file is closed", key + strlen("_IO_"));
    return file->f;
}

/* io.input and io.output: sets the default file if one is given, returns the current one. */
static int default_file(lua_State *L, const char *key, const char *mode) {
    if (!lua_isnoneornil(L, 1)) {
        const char *name = lua_tostring(L, 1);
        if (name != NULL) {
            push_open_or_raise(L, name, mode);
        } else {
            check_stream(L);
            lua_pushvalue(L, 1);
        }
        lua_setfield(L, LUA_REGISTRYINDEX, key);
    }
    lua_getfield(L, LUA_REGISTRYINDEX, key);
    return 1;
}

static int io_input(lua_State *L) {
    return default_file(L, DEFAULT_INPUT, "r");
}

static int io_output(lua_State *L) {
    return default_file(L, DEFAULT_OUTPUT, "w");
}

static int io_close(lua_State *L) {
    if (lua_isnone(L, 1))
        lua_getfield(L, LUA_REGISTRYINDEX, DEFAULT_OUTPUT);
    return file_close(L);
}

/* ---- Reading: format "n" ----------------------------------------------------------------- */

/*
 * Reads the longest prefix of the input that could begin a numeral, as the manual asks. One
 * character of lookahead goes back to the stream at the end; everything accepted is consumed even
 * if the result is no numeral. A numeral longer than MAX_NUMERAL is given up: `length` is then -1.
 */
typedef struct {
    FILE *stream;
    int next;                      // lookahead, not yet accepted
    int length;                    // characters accepted, or -1 after an overflow
    char text[MAX_NUMERAL + 1];
} NumeralReader;

static bool accept_next(NumeralReader *r) {
    if (r->length < 0 || r->length >= MAX_NUMERAL) {
        r->length = -1;
        return false;
    }
    r->text[r->length++] = (char)r->next;
    r->next = getc_unlocked(r->stream);
    return true;
}

static bool accept_one_of(NumeralReader *r, const char *pair) {
    return (r->next == pair[0] || r->next == pair[1]) && accept_next(r);
}

static int accept_digits(NumeralReader *r, bool hexadecimal) {
    int count = 0;
    while ((hexadecimal ? isxdigit(r->next) : isdigit(r->next)) && accept_next(r))
        count++;
    return count;
}

static void accept_numeral(NumeralReader *r) {
    const char point[2] = {localeconv()->decimal_point[0], '.'};
    bool hexadecimal = false;
    int digits = 0;

    accept_one_of(r, "-+");
    if (accept_one_of(r, "00")) {
        if (accept_one_of(r, "xX"))
            hexadecimal = true;
        else
            digits = 1;
    }
    digits += accept_digits(r, hexadecimal);
    if (accept_one_of(r, point))
        digits += accept_digits(r, hexadecimal);
    if (digits > 0 && accept_one_of(r, hexadecimal ? "pP" : "eE")) {
        accept_one_of(r, "-+");
        accept_digits(r, false);
    }
}

static bool read_number(lua_State *L, FILE *stream) {
    NumeralReader r;   // fields one by one: an initialiser would clear the text as well
    r.stream = stream;
    r.length = 0;
    flockfile(stream);
    do
        r.next = getc_unlocked(stream);
    while (isspace(r.next));
    accept_numeral(&r);
    ungetc(r.next, stream);
    funlockfile(stream);

    r.text[r.length < 0 ? 0 : r.length] = '\0';
    if (lua_stringtonumber(L, r.text) != 0)
        return true;
    lua_pushnil(L);
    return false;
}

/* ---- Reading: lines, blocks, everything -------------------------------------------------- */

/*
 * Moves characters of the current line to `to` until there is no more room, the newline has been
 * moved (then *end is '\n') or the input ends (then *end is EOF). The stream is locked.
 *
 * glibc shows the unread bytes of its buffer to its own inline getc; taking a whole run of them
 * with memchr makes long lines several times faster than a character at a time.
 */
static size_t take_line(FILE *stream, char *to, size_t room, int *end) {
    size_t taken = 0;
    *end = 0;
    while (taken < room && *end == 0) {
#if defined(__GLIBC__)
        size_t run = (size_t)(stream->_IO_read_end - stream->_IO_read_ptr);
        if (stream->_IO_read_ptr < stream->_IO_read_end) {
            if (run > room - taken)
                run = room - taken;
            char *newline = memchr(stream->_IO_read_ptr, '\n', run);
            if (newline != NULL) {
                run = (size_t)(newline - stream->_IO_read_ptr) + 1;
                *end = '\n';
            }
            memcpy(to + taken, stream->_IO_read_ptr, run);
            stream->_IO_read_ptr += run;
            taken += run;
            continue;
        }
#endif
        int c = getc_unlocked(stream);
        if (c != EOF)
            to[taken++] = (char)c;
        if (c == EOF || c == '\n')
            *end = c;
    }
    return taken;
}

/* Formats "l" and "L". Fails only if the input has ended before the line. */
static bool read_line(lua_State *L, FILE *stream, bool keep_newline) {
    luaL_Buffer line;
    bool any = false;
    int end;
    luaL_buffinit(L, &line);
    do {
        char *room = luaL_prepbuffer(&line);
        flockfile(stream);
        size_t taken = take_line(stream, room, LUAL_BUFFERSIZE, &end);
        funlockfile(stream);
        any |= taken > 0;
        if (end == '\n' && !keep_newline)
            taken--;
        luaL_addsize(&line, taken);
    } while (end == 0);
    luaL_pushresult(&line);
    return any;
}

/* Format "a": steps that double, so that a large file costs few calls. */
static void read_all(lua_State *L, FILE *stream) {
    luaL_Buffer all;
    size_t step = LUAL_BUFFERSIZE;
    size_t taken;
    luaL_buffinit(L, &all);
    for (;;) {
        char *room = luaL_prepbuffsize(&all, step);
        taken = fread(room, 1, step, stream);
        luaL_addsize(&all, taken);
        if (taken < step)
            break;
        if (step < MAX_READ_STEP)
            step *= 2;
    }
    luaL_pushresult(&all);
}

static bool read_block(lua_State *L, FILE *stream, size_t size) {
    luaL_Buffer block;
    luaL_buffinit(L, &block);
    char *room = luaL_prepbuffsize(&block, size);
    size_t taken = fread(room, 1, size, stream);
    luaL_addsize(&block, taken);
    luaL_pushresult(&block);
    return taken > 0;
}

/* Reading zero bytes: the empty string, unless the input has ended. */
static bool test_more_input(lua_State *L, FILE *stream) {
    int c = getc(stream);
    ungetc(c, stream);
    lua_pushliteral(L, "");
    return c != EOF;
}

/* ---- Reading: formats -------------------------------------------------------------------- */

static bool read_by_letter(lua_State *L, FILE *stream, int arg) {
    const char *format = luaL_checkstring(L, arg);
    if (*format == '*')   // the spelling of Lua 5.2 and before
        format++;
    switch (*format) {
    case 'n':
        return read_number(L, stream);
    case 'l':
        return read_line(L, stream, false);
    case 'L':
        return read_line(L, stream, true);
    case 'a':
        read_all(L, stream);
        return true;
    default:
        return luaL_argerror(L, arg, "invalid format");
    }
}

/* Pushes what the format at index `arg` reads; false if that failed. */
static bool read_by_format(lua_State *L, FILE *stream, int arg) {
    if (lua_type(L, arg) != LUA_TNUMBER)
        return read_by_letter(L, stream, arg);
    size_t size = (size_t)luaL_checkinteger(L, arg);
    return size == 0 ? test_more_input(L, stream) : read_block(L, stream, size);
}

/*
 * Reads by the formats at the indices `first` to `last`, by default a line. Pushes one result a
 * format up to the first failure, whose result is nil; or the three results of a stream error.
 */
static int read_formats(lua_State *L, FILE *stream, int first, int last) {
    int results = 0;
    bool success = true;

    clearerr(stream);
    errno = 0;
    if (last < first) {
        success = read_line(L, stream, false);
        results = 1;
    } else {
        luaL_checkstack(L, last - first + 1 + LUA_MINSTACK, "too many arguments");
        for (int arg = first; arg <= last && success; arg++) {
            success = read_by_format(L, stream, arg);
            results++;
        }
    }
    if (ferror(stream))
        return luaL_fileresult(L, 0, NULL);
    if (!success) {
        lua_pop(L, 1);
        luaL_pushfail(L);
    }
    return results;
}

static int io_read(lua_State *L) {
    int formats = lua_gettop(L);
    FILE *stream = default_stream(L, DEFAULT_INPUT);
    return read_formats(L, stream, 1, formats);
}

static int file_read(lua_State *L) {
    return read_formats(L, check_stream(L), 2, lua_gettop(L));
}

/* ---- Lines ------------------------------------------------------------------------------- */

// Upvalues of a line iterator; the formats follow.
enum { LINES_FILE = 1, LINES_FORMAT_COUNT, LINES_OWNS_FILE, LINES_FIRST_FORMAT };

/* Nothing was read: an error in the stream is raised, its end closes a file opened by io.lines. */
static int end_lines(lua_State *L, int results) {
    if (results > 1)   // the failure came with a message
        return luaL_error(L, "%s", lua_tostring(L, -results + 1));
    if (lua_toboolean(L, lua_upvalueindex(LINES_OWNS_FILE))) {
        lua_settop(L, 0);
        lua_pushvalue(L, lua_upvalueindex(LINES_FILE));
        close_checked(L);
    }
    return 0;
}

static int next_line(lua_State *L) {
    File *file = lua_touserdata(L, lua_upvalueindex(LINES_FILE));
    int formats = (int)lua_tointeger(L, lua_upvalueindex(LINES_FORMAT_COUNT));
    if (is_closed(file))
        return luaL_error(L, "file is already closed");
    lua_settop(L, 1);
    luaL_checkstack(L, formats, "too many arguments");
    for (int i = 0; i < formats; i++)
        lua_pushvalue(L, lua_upvalueindex(LINES_FIRST_FORMAT + i));
    int results = read_formats(L, file->f, 2, formats + 1);
    return lua_toboolean(L, -results) ? results : end_lines(L, results);
}

/* Replaces the stack, file and formats, by the iterator. */
static void push_lines(lua_State *L, bool owns_file) {
    int formats = lua_gettop(L) - 1;
    luaL_argcheck(L, formats <= MAX_LINE_FORMATS, MAX_LINE_FORMATS + 2, "too many arguments");
    lua_pushvalue(L, 1);
    lua_pushinteger(L, formats);
    lua_pushboolean(L, owns_file);
    lua_rotate(L, 2, 3);
    lua_pushcclosure(L, next_line, 3 + formats);
}

static int file_lines(lua_State *L) {
    check_stream(L);
    push_lines(L, false);
    return 1;
}

/* io.lines over a name returns four values: the last is closed when a generic for ends. */
static int io_lines(lua_State *L) {
    if (lua_isnone(L, 1))
        lua_pushnil(L);
    if (lua_isnil(L, 1)) {
        lua_getfield(L, LUA_REGISTRYINDEX, DEFAULT_INPUT);
        lua_replace(L, 1);
        return file_lines(L);
    }
    push_open_or_raise(L, luaL_checkstring(L, 1), "r");
    lua_replace(L, 1);
    push_lines(L, true);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, 1);
    return 4;
}

/* ---- Writing ----------------------------------------------------------------------------- */

enum { INTEGER_CHARS = 3 * sizeof(lua_Integer) };

/* Writes the decimal form of n so that it ends before `end`; returns its first character. */
static char *format_integer(char *end, lua_Integer n) {
    lua_Unsigned rest = n < 0 ? 0u - (lua_Unsigned)n : (lua_Unsigned)n;
    do
        *--end = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (n < 0)
        *--end = '-';
    return end;
}

/* Numbers go to the stream without becoming string objects. */
static bool write_number(lua_State *L, FILE *stream, int arg) {
    if (!lua_isinteger(L, arg))
        return fprintf(stream, LUA_NUMBER_FMT, lua_tonumber(L, arg)) > 0;
    char text[INTEGER_CHARS];
    char *end = text + sizeof text;
    char *start = format_integer(end, lua_tointeger(L, arg));
    size_t length = (size_t)(end - start);
    return fwrite(start, 1, length, stream) == length;
}

static bool write_value(lua_State *L, FILE *stream, int arg) {
    if (lua_type(L, arg) == LUA_TNUMBER)
        return write_number(L, stream, arg);
    size_t length;
    const char *text = luaL_checklstring(L, arg, &length);
    return fwrite(text, 1, length, stream) == length;
}

/* Writes the arguments `first` to `last`. On success returns the file, which is on the top. */
static int write_values(lua_State *L, FILE *stream, int first, int last) {
    bool success = true;
    errno = 0;
    for (int arg = first; arg <= last; arg++)
        success = write_value(L, stream, arg) && success;
    return success ? 1 : luaL_fileresult(L, 0, NULL);
}

static int io_write(lua_State *L) {
    int values = lua_gettop(L);
    FILE *stream = default_stream(L, DEFAULT_OUTPUT);
    return write_values(L, stream, 1, values);
}

static int file_write(lua_State *L) {
    FILE *stream = check_stream(L);
    int values = lua_gettop(L);
    lua_pushvalue(L, 1);
    return write_values(L, stream, 2, values);
}

/* ---- Position and buffering -------------------------------------------------------------- */

static int file_seek(lua_State *L) {
    static const int bases[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    static const char *const names[] = {"set", "cur", "end", NULL};
    FILE *stream = check_stream(L);
    int base = luaL_checkoption(L, 2, "cur", names);
    lua_Integer distance = luaL_optinteger(L, 3, 0);
    off_t offset = (off_t)distance;
    luaL_argcheck(L, (lua_Integer)offset == distance, 3, "not an integer in proper range");
    errno = 0;
    if (fseeko(stream, offset, bases[base]) != 0)
        return luaL_fileresult(L, 0, NULL);
    lua_pushinteger(L, (lua_Integer)ftello(stream));
    return 1;
}

static int file_setvbuf(lua_State *L) {
    static const int modes[] = {_IONBF, _IOFBF, _IOLBF};
    static const char *const names[] = {"no", "full", "line", NULL};
    FILE *stream = check_stream(L);
    int mode = luaL_checkoption(L, 2, NULL, names);
    lua_Integer size = luaL_optinteger(L, 3, LUAL_BUFFERSIZE);
    errno = 0;
    return luaL_fileresult(L, setvbuf(stream, NULL, modes[mode], (size_t)size) == 0, NULL);
}

static int flush_stream(lua_State *L, FILE *stream) {
    errno = 0;
    return luaL_fileresult(L, fflush(stream) == 0, NULL);
}

static int file_flush(lua_State *L) {
    return flush_stream(L, check_stream(L));
}

static int io_flush(lua_State *L) {
    return flush_stream(L, default_stream(L, DEFAULT_OUTPUT));
}

/* ---- The library ------------------------------------------------------------------------- */

static const luaL_Reg io_functions[] = {
    {"close", io_close}, {"flush", io_flush},     {"input", io_input}, {"lines", io_lines},
    {"open", io_open},   {"output", io_output},   {"popen", io_popen}, {"read", io_read},
    {"type", io_type},   {"tmpfile", io_tmpfile}, {"write", io_write}, {NULL, NULL},
};

static const luaL_Reg file_methods[] = {
    {"read", file_read},   {"write", file_write}, {"lines", file_lines},     {"flush", file_flush},
    {"seek", file_seek},   {"close", file_close}, {"setvbuf", file_setvbuf}, {NULL, NULL},
};

static const luaL_Reg file_metamethods[] = {
    {"__gc", file_release},
    {"__close", file_release},
    {"__tostring", file_tostring},
    {NULL, NULL},
};

static void register_file_type(lua_State *L) {
    luaL_newmetatable(L, LUA_FILEHANDLE);
    luaL_setfuncs(L, file_metamethods, 0);
    luaL_newlib(L, file_methods);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

/* Adds a standard file to the library at the top, and to the registry if `key` is not null. */
static void add_standard_file(lua_State *L, FILE *stream, const char *key, const char *name) {
    File *file = push_closed_file(L);
    file->f = stream;
    file->closef = refuse_close;
    if (key != NULL) {
        lua_pushvalue(L, -1);
        lua_setfield(L, LUA_REGISTRYINDEX, key);
    }
    lua_setfield(L, -2, name);
}

LUAMOD_API int luaopen_io(lua_State *L) {
    luaL_newlib(L, io_functions);
    register_file_type(L);
    add_standard_file(L, stdin, DEFAULT_INPUT, "stdin");
    add_standard_file(L, stdout, DEFAULT_OUTPUT, "stdout");
    add_standard_file(L, stderr, NULL, "stderr");
    return 1;
}
