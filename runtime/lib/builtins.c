// SPDX-License-Identifier: MIT
/* From the address of a library function to its number: the functions are found in what the
 * libraries register, by name. */
#include "builtins.h"

#include <string.h>

#include "interp/in_place.h"

static lua_CFunction registered(const luaL_Reg *functions, const char *name) {
    while (functions->name != NULL && strcmp(functions->name, name) != 0) functions++;
    return functions->func;
}

unsigned lib_builtin(lua_CFunction f) {
#define COMPARE(library, name)                                                                     \
    if (registered(lib_##library##_functions, #name) == f) return BUILTIN_##name;
    PERIGEE_BUILTINS(COMPARE)
#undef COMPARE
    return registered(lib_math_functions, "type") == f ? BUILTIN_mathtype : BUILTIN_NONE;
}

const char *lib_builtin_name(unsigned builtin) {
    static const char *const names[BUILTIN_COUNT] = {
#define NAME(library, name) [BUILTIN_##name] = #library "." #name,
        PERIGEE_BUILTINS(NAME)
#undef NAME
        [BUILTIN_mathtype] = "math.type",
    };
    return builtin < BUILTIN_COUNT ? names[builtin] : NULL;
}

lua_CFunction lib_builtin_function(const char *name) {
#define FIND(library, function)                                                                    \
    if (strcmp(name, #library "." #function) == 0) return registered(lib_##library##_functions, #function);
    PERIGEE_BUILTINS(FIND)
#undef FIND
    return strcmp(name, "math.type") == 0 ? registered(lib_math_functions, "type") : NULL;
}

unsigned lib_in_place(lua_CFunction f) {
#define COMPARE(library, name, ...)                                                                \
    if (registered(lib_##library##_functions, #name) == f) return IN_PLACE_##name;
    PERIGEE_IN_PLACE(COMPARE)
#undef COMPARE
    return NOT_IN_PLACE;
}
