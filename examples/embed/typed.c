/* SPDX-License-Identifier: MIT
 *
 * Typed host functions: a small image library, registered with its signatures. Lua calls the C functions as they are; optimised
 * code passes arguments and results in machine registers.
 *
 *     cc typed.c $(pkg-config --cflags --libs perigee) -o typed
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <perigee.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* ------------------------------------------------------------------ the library: nothing of Lua in it */

typedef struct Image {
    int32_t width, height;
    uint8_t pixel[];
} Image;

enum { OUTSIDE = 1, TOO_LARGE = 2, NO_IMAGE = 3 };

static const char *message(void *ud, int status) {
    static const char *const messages[] = {"", "outside of the image", "image too large", "no image"};
    (void)ud;
    return messages[status];
}

static int image_new(int32_t width, int32_t height, void **image) {
    if (width < 1 || height < 1 || width > 1000 || height > 1000) return TOO_LARGE;
    Image *i = calloc(1, sizeof *i + (size_t)width * (size_t)height);
    if (i == NULL) return TOO_LARGE;
    i->width = width;
    i->height = height;
    *image = i;
    return 0;
}

static uint8_t *place(Image *i, int32_t x, int32_t y) {
    return x < 0 || y < 0 || x >= i->width || y >= i->height ? NULL : &i->pixel[(size_t)y * (size_t)i->width + (size_t)x];
}

static int image_set(void *image, int32_t x, int32_t y, uint8_t value) {
    uint8_t *p = image != NULL ? place(image, x, y) : NULL;
    if (p == NULL) return image == NULL ? NO_IMAGE : OUTSIDE;
    *p = value;
    return 0;
}

static int image_get(void *image, int32_t x, int32_t y, uint8_t *value) {
    const uint8_t *p = image != NULL ? place(image, x, y) : NULL;
    if (p == NULL) return image == NULL ? NO_IMAGE : OUTSIDE;
    *value = *p;
    return 0;
}

static double mix(double a, double b, float t) { return a + (b - a) * t; }
static const char *kind(uint8_t value) { return value < 85 ? "dark" : value < 170 ? "medium" : "bright"; }
static void count(void *calls, bool yes) { *(int *)calls += yes; }
static int calls;

/* ------------------------------------------------------------------------------------------ its binding */

#define FUNCTION(f) ((void (*)(void))(f))
static const perigee_Typed functions[] = {
    {sizeof(perigee_Typed), "new", "!P(ii)", FUNCTION(image_new), NULL, message}, /* errors by status */
    {sizeof(perigee_Typed), "set", "!v(PiiB)", FUNCTION(image_set), NULL, message},
    {sizeof(perigee_Typed), "get", "!B(Pii)", FUNCTION(image_get), NULL, message},
    {sizeof(perigee_Typed), "count", "v(u?)", FUNCTION(count), &calls, NULL},     /* u: &calls, Lua passes the boolean only */
    PERIGEE_TYPED("mix", "d(ddf)", mix),
    PERIGEE_TYPED("kind", "z(B)", kind),
    PERIGEE_TYPED("free", "v(P)", free),
    PERIGEE_TYPED_END};

static const char program[] =
    "local width, height = 200, 100\n"
    "local i = image.new(width, height)\n"
    "for y = 0, height - 1 do\n"
    "  for x = 0, width - 1 do\n"
    "    image.set(i, x, y, math.floor(image.mix(0, 255, x / (width - 1))))\n"
    "  end\n"
    "end\n"
    "local sum, kinds = 0, {}\n"
    "for y = 0, height - 1 do\n"
    "  for x = 0, width - 1 do\n"
    "    local value = image.get(i, x, y)\n"
    "    local kind = image.kind(value)\n"
    "    sum, kinds[kind] = sum + value, (kinds[kind] or 0) + 1\n"
    "    image.count(value > 127)\n"
    "  end\n"
    "end\n"
    "print('mean', sum // (width * height), 'dark', kinds.dark, 'bright', kinds.bright)\n"
    "print(pcall(function() image.set(i, 0, 0, 256) end))\n"
    "print(pcall(function() image.set(i, 0, 0.5, 1) end))\n"
    "print(pcall(function() image.set(i, width, 0, 1) end))\n"
    "print(pcall(function() return image.get(nil, 0, 0) end))\n"
    "print(pcall(function() image.set('picture', 0, 0, 1) end))\n"
    "image.free(i)\n";

int main(void) {
    lua_State *L = luaL_newstate();
    if (L == NULL) return 1;
    luaL_openlibs(L);
    lua_newtable(L);
    int status = perigee_settyped(L, functions);
    if (status == LUA_OK) {
        lua_setglobal(L, "image");
        status = luaL_loadbufferx(L, program, sizeof program - 1, "=program", "t");
    }
    if (status == LUA_OK) status = lua_pcall(L, 0, 0, 0);
    if (status != LUA_OK) fprintf(stderr, "error: %s\n", lua_tostring(L, -1));
    printf("%d bright pixels counted\n", calls);
    lua_close(L);
    return status != LUA_OK;
}
