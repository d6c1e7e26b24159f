// SPDX-License-Identifier: MIT
//
// The os library (manual section 6.9): the clock, the calendar, the environment and the process.
//
// Dates go through struct tm. One table of rows says which table field is which member of it, with
// the offset between the two, so that reading a date table and writing one cannot disagree.

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/report.h"
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

/* ---- Processes and files ----------------------------------------------------------------- */

/* Without a command: whether there is a shell. */
static int os_execute(lua_State *L) {
    const char *command = luaL_optstring(L, 1, NULL);
    errno = 0;
    int status = system(command);
    if (command != NULL)
        return luaL_execresult(L, status);
    lua_pushboolean(L, status);
    return 1;
}

static int os_remove(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    errno = 0;
    return luaL_fileresult(L, remove(name) == 0, name);
}

static int os_rename(lua_State *L) {
    const char *from = luaL_checkstring(L, 1);
    const char *to = luaL_checkstring(L, 2);
    errno = 0;
    return luaL_fileresult(L, rename(from, to) == 0, NULL);
}

/* The file is created, so that no one else gets the same name. */
static int os_tmpname(lua_State *L) {
    char name[] = P_tmpdir "/lua_XXXXXX";
    int fd = mkstemp(name);
    if (fd == -1)
        return luaL_error(L, "unable to generate a unique filename");
    close(fd);
    lua_pushstring(L, name);
    return 1;
}

static int os_getenv(lua_State *L) {
    lua_pushstring(L, getenv(luaL_checkstring(L, 1)));   // nil for a null pointer
    return 1;
}

static int os_exit(lua_State *L) {
    int status;
    if (lua_isboolean(L, 1))
        status = lua_toboolean(L, 1) ? EXIT_SUCCESS : EXIT_FAILURE;
    else
        status = (int)luaL_optinteger(L, 1, EXIT_SUCCESS);
    if (lua_toboolean(L, 2))
        lua_close(L);
    else
        report_write(L);
    exit(status);
}

static int os_setlocale(lua_State *L) {
    static const int categories[] = {LC_ALL,      LC_COLLATE, LC_CTYPE,
                                     LC_MONETARY, LC_NUMERIC, LC_TIME};
    static const char *const names[] = {"all",      "collate", "ctype",
                                        "monetary", "numeric", "time", NULL};
    const char *locale = luaL_optstring(L, 1, NULL);
    int category = luaL_checkoption(L, 2, "all", names);
    lua_pushstring(L, setlocale(categories[category], locale));
    return 1;
}

/* ---- Date tables ------------------------------------------------------------------------- */

enum { REQUIRED = -1 };   // in place of a default: the field must be there

/* A field of date tables: member = field - offset. */
typedef struct {
    const char *name;
    size_t member;
    int offset;
    int fallback;
} DateField;

#define MEMBER(name) offsetof(struct tm, name)

// os.time reads these, in this order: a program can watch it through __index.
static const DateField calendar_fields[] = {
    {"year", MEMBER(tm_year), 1900, REQUIRED}, {"month", MEMBER(tm_mon), 1, REQUIRED},
    {"day", MEMBER(tm_mday), 0, REQUIRED},     {"hour", MEMBER(tm_hour), 0, 12},
    {"min", MEMBER(tm_min), 0, 0},             {"sec", MEMBER(tm_sec), 0, 0},
};

// These follow from the others and are only written.
static const DateField derived_fields[] = {
    {"yday", MEMBER(tm_yday), 1, 0},
    {"wday", MEMBER(tm_wday), 1, 0},
};

#undef MEMBER
#define COUNT(array) (sizeof(array) / sizeof *(array))

static inline int *date_member(struct tm *date, const DateField *field) {
    return (int *)((char *)date + field->member);
}

static void write_fields(lua_State *L, struct tm *date, const DateField *fields, size_t count) {
    for (size_t i = 0; i < count; i++) {
        lua_pushinteger(L, (lua_Integer)*date_member(date, &fields[i]) + fields[i].offset);
        lua_setfield(L, -2, fields[i].name);
    }
}

/* Sets all fields in the table on the top; isdst only when the system knows it. */
static void write_date(lua_State *L, struct tm *date) {
    write_fields(L, date, calendar_fields, COUNT(calendar_fields));
    write_fields(L, date, derived_fields, COUNT(derived_fields));
    if (date->tm_isdst >= 0) {
        lua_pushboolean(L, date->tm_isdst);
        lua_setfield(L, -2, "isdst");
    }
}

/* The value for a field that holds no integer. */
static int absent_field(lua_State *L, const DateField *field, int type) {
    if (type != LUA_TNIL)
        return luaL_error(L, "field '%s' is not an integer", field->name);
    if (field->fallback == REQUIRED)
        return luaL_error(L, "field '%s' missing in date table", field->name);
    return field->fallback;
}

/* Whether value - offset is an int, asked without overflow. */
static bool fits_member(lua_Integer value, int offset) {
    return value >= 0 ? value - offset <= INT_MAX : value >= (lua_Integer)INT_MIN + offset;
}

/* The member's value by the field of the table on the top. */
static int read_field(lua_State *L, const DateField *field) {
    int is_integer;
    int type = lua_getfield(L, -1, field->name);
    lua_Integer value = lua_tointegerx(L, -1, &is_integer);
    int result;
    if (!is_integer) {
        result = absent_field(L, field, type);
    } else {
        if (!fits_member(value, field->offset))
            return luaL_error(L, "field '%s' is out-of-bound", field->name);
        result = (int)(value - field->offset);
    }
    lua_pop(L, 1);
    return result;
}

/* -1, "unknown", without the field. */
static int read_daylight_saving(lua_State *L) {
    int result = lua_getfield(L, -1, "isdst") == LUA_TNIL ? -1 : lua_toboolean(L, -1);
    lua_pop(L, 1);
    return result;
}

/* ---- Time -------------------------------------------------------------------------------- */

static time_t check_time(lua_State *L, int arg) {
    lua_Integer value = luaL_checkinteger(L, arg);
    luaL_argcheck(L, (time_t)value == value, arg, "time out-of-bounds");
    return (time_t)value;
}

/* The time that a date table means; the table's fields are normalised. */
static time_t time_of_table(lua_State *L) {
    struct tm date = {0};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    for (size_t i = 0; i < COUNT(calendar_fields); i++)
        *date_member(&date, &calendar_fields[i]) = read_field(L, &calendar_fields[i]);
    date.tm_isdst = read_daylight_saving(L);
    time_t time = mktime(&date);
    write_date(L, &date);
    return time;
}

static int os_time(lua_State *L) {
    time_t now = lua_isnoneornil(L, 1) ? time(NULL) : time_of_table(L);
    if (now != (time_t)(lua_Integer)now || now == (time_t)-1)
        return luaL_error(L, "time result cannot be represented in this installation");
    lua_pushinteger(L, (lua_Integer)now);
    return 1;
}

static int os_clock(lua_State *L) {
    lua_pushnumber(L, (lua_Number)clock() / (lua_Number)CLOCKS_PER_SEC);
    return 1;
}

static int os_difftime(lua_State *L) {
    time_t later = check_time(L, 1);
    time_t earlier = check_time(L, 2);
    lua_pushnumber(L, (lua_Number)difftime(later, earlier));
    return 1;
}

/* ---- Dates as text ----------------------------------------------------------------------- */

enum { MAX_CONVERSION = 250 };   // longest text strftime may make of one conversion

// The conversions of C99: plain letters, and those that a modifier E or O may precede.
static const char plain_conversions[] = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%";
static const struct {
    char modifier;
    const char *letters;
} modified_conversions[] = {{'E', "cCxXyY"}, {'O', "deHImMSuUVwWy"}};

static inline bool is_one_of(const char *letters, char c) {
    return c != '\0' && strchr(letters, c) != NULL;
}

/* Length of the conversion at `text`, which follows a '%'; 0 if there is none. */
static size_t conversion_length(const char *text) {
    if (is_one_of(plain_conversions, text[0]))
        return 1;
    for (size_t i = 0; i < COUNT(modified_conversions); i++) {
        if (text[0] == modified_conversions[i].modifier)
            return is_one_of(modified_conversions[i].letters, text[1]) ? 2 : 0;
    }
    return 0;
}

/* Adds one conversion to the buffer; returns what follows it. */
static const char *add_conversion(lua_State *L, luaL_Buffer *out, const char *text,
                                  const struct tm *date) {
    char format[4] = "%";
    size_t length = conversion_length(text);
    if (length == 0) {
        const char *message = lua_pushfstring(L, "invalid conversion specifier '%%%s'", text);
        luaL_argerror(L, 1, message);
    }
    memcpy(format + 1, text, length);
    char *room = luaL_prepbuffsize(out, MAX_CONVERSION);
    luaL_addsize(out, strftime(room, MAX_CONVERSION, format, date));
    return text + length;
}

static int push_formatted(lua_State *L, const char *format, const char *end,
                          const struct tm *date) {
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    while (format < end) {
        if (*format == '%')
            format = add_conversion(L, &out, format + 1, date);
        else
            luaL_addchar(&out, *format++);
    }
    luaL_pushresult(&out);
    return 1;
}

static int push_date_table(lua_State *L, struct tm *date) {
    lua_createtable(L, 0, COUNT(calendar_fields) + COUNT(derived_fields) + 1);
    write_date(L, date);
    return 1;
}

static int os_date(lua_State *L) {
    size_t length;
    const char *format = luaL_optlstring(L, 1, "%c", &length);
    const char *end = format + length;
    time_t when = luaL_opt(L, check_time, 2, time(NULL));
    bool universal = *format == '!';
    if (universal)
        format++;
    struct tm storage;
    struct tm *date = universal ? gmtime_r(&when, &storage) : localtime_r(&when, &storage);
    if (date == NULL)
        return luaL_error(L, "date result cannot be represented in this installation");
    if (strcmp(format, "*t") == 0)
        return push_date_table(L, date);
    return push_formatted(L, format, end, date);
}

/* ---- The library ------------------------------------------------------------------------- */

static const luaL_Reg os_functions[] = {
    {"clock", os_clock},         {"date", os_date},     {"difftime", os_difftime},
    {"execute", os_execute},     {"exit", os_exit},     {"getenv", os_getenv},
    {"remove", os_remove},       {"rename", os_rename}, {"setlocale", os_setlocale},
    {"time", os_time},           {"tmpname", os_tmpname}, {NULL, NULL},
};

LUAMOD_API int luaopen_os(lua_State *L) {
    luaL_newlib(L, os_functions);
    return 1;
}
