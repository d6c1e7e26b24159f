// SPDX-License-Identifier: MIT
/* See base/json.h. Values lie in blocks that grow with the document. */
#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------- building */

enum { BLOCK_SIZE = 16 * 1024 };

typedef struct JsonBlock {
    struct JsonBlock *next;
    size_t used, size;
    _Alignas(16) char bytes[];
} JsonBlock;

void json_free(JsonDoc *doc) {
    for (JsonBlock *b = doc->blocks, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    *doc = (JsonDoc){0};
}

static JsonBlock *add_block(JsonDoc *doc, size_t least) {
    size_t size = least > BLOCK_SIZE ? least : BLOCK_SIZE;
    JsonBlock *b = malloc(sizeof *b + size);
    if (b == NULL) {
        doc->failed = true;
        return NULL;
    }
    b->next = doc->blocks;
    b->used = 0;
    b->size = size;
    return doc->blocks = b;
}

static void *take(JsonDoc *doc, size_t size) {
    JsonBlock *b = doc->blocks;
    size = (size + 15) & ~(size_t)15;
    if (b == NULL || b->size - b->used < size) b = add_block(doc, size);
    if (b == NULL) return NULL;
    void *at = b->bytes + b->used;
    b->used += size;
    return at;
}

static Json *add(JsonDoc *doc, Json *parent, const char *key, JsonKind kind) {
    Json *v = take(doc, sizeof *v);
    if (v == NULL) return NULL;
    memset(v, 0, sizeof *v);
    v->kind = kind;
    v->key = key;
    if (parent == NULL) return v;
    if (parent->last != NULL)
        parent->last->next = v;
    else
        parent->first = v;
    parent->last = v;
    parent->count++;
    return v;
}

Json *json_null(JsonDoc *doc, Json *parent, const char *key) { return add(doc, parent, key, JSON_NULL); }
Json *json_array(JsonDoc *doc, Json *parent, const char *key) { return add(doc, parent, key, JSON_ARRAY); }
Json *json_object(JsonDoc *doc, Json *parent, const char *key) { return add(doc, parent, key, JSON_OBJECT); }

Json *json_bool(JsonDoc *doc, Json *parent, const char *key, bool value) {
    Json *v = add(doc, parent, key, JSON_BOOL);
    if (v != NULL) v->u.boolean = value;
    return v;
}

Json *json_int(JsonDoc *doc, Json *parent, const char *key, int64_t value) {
    Json *v = add(doc, parent, key, JSON_INT);
    if (v != NULL) v->u.integer = value;
    return v;
}

Json *json_real(JsonDoc *doc, Json *parent, const char *key, double value) {
    Json *v = add(doc, parent, key, isfinite(value) ? JSON_REAL : JSON_NULL);
    if (v != NULL) v->u.real = value;
    return v;
}

Json *json_string(JsonDoc *doc, Json *parent, const char *key, const char *value) {
    if (value == NULL) return json_null(doc, parent, key);
    size_t size = strlen(value) + 1;
    char *copy = take(doc, size);
    if (copy == NULL) return NULL;
    Json *v = add(doc, parent, key, JSON_STRING);
    if (v != NULL) v->u.string = memcpy(copy, value, size);
    return v;
}

/* -------------------------------------------------------------------------------------- reading */

static bool is_key(const Json *member, const char *name, size_t len) {
    return member->key != NULL && strncmp(member->key, name, len) == 0 && member->key[len] == '\0';
}

const Json *json_get(const Json *object, const char *path) {
    while (object != NULL) {
        size_t len = strcspn(path, ".");
        const Json *member = object->first;
        while (member != NULL && !is_key(member, path, len)) member = member->next;
        if (path[len] == '\0') return member;
        path += len + 1;
        object = member;
    }
    return NULL;
}

static const Json *get_kind(const Json *object, const char *path, JsonKind kind) {
    const Json *v = json_get(object, path);
    return v != NULL && v->kind == kind ? v : NULL;
}

int64_t json_get_int(const Json *object, const char *path) {
    const Json *v = get_kind(object, path, JSON_INT);
    return v != NULL ? v->u.integer : 0;
}

double json_get_real(const Json *object, const char *path) {
    const Json *v = get_kind(object, path, JSON_REAL);
    return v != NULL ? v->u.real : (double)json_get_int(object, path);
}

const char *json_get_string(const Json *object, const char *path) {
    const Json *v = get_kind(object, path, JSON_STRING);
    return v != NULL ? v->u.string : "";
}

bool json_get_bool(const Json *object, const char *path) {
    const Json *v = get_kind(object, path, JSON_BOOL);
    return v != NULL && v->u.boolean;
}

bool json_is_null(const Json *object, const char *path) {
    const Json *v = json_get(object, path);
    return v == NULL || v->kind == JSON_NULL;
}

/* -------------------------------------------------------------------------------------- writing */

/* Length of the UTF-8 sequence at s, 0 if there is none: no surrogates, nothing overlong, nothing
 * beyond U+10FFFF. */
static int utf8_length(const unsigned char *s) {
    if (s[0] < 0x80) return 1;
    int len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4) return 0;
    for (int n = 1; n < len; n++)
        if ((s[n] & 0xc0) != 0x80) return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f)) return 0;
    if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) return 0;
    return len;
}

static void write_string(FILE *f, const char *string) {
    const unsigned char *s = (const unsigned char *)string;
    fputc('"', f);
    while (*s != '\0') {
        int len = utf8_length(s);
        if (*s == '"' || *s == '\\')
            fprintf(f, "\\%c", *s);
        else if (*s < ' ' || *s == 0x7f)
            fprintf(f, "\\u%04x", *s);
        else if (len == 0)
            fputs("\\ufffd", f);
        else
            fwrite(s, 1, (size_t)len, f);
        s += len > 0 ? len : 1;
    }
    fputc('"', f);
}

/* Three decimals are what the report's measurements are worth. The decimal point may be the locale's, which
 * JSON does not know. */
static void write_real(FILE *f, double value) {
    char text[352];
    snprintf(text, sizeof text, "%.3f", value);
    for (char *c = text; *c != '\0'; c++)
        if (*c != '-' && (*c < '0' || *c > '9')) *c = '.';
    fputs(text, f);
}

static void write_members(FILE *f, const Json *v, char open, char close) {
    fputc(open, f);
    JSON_EACH(member, v) {
        if (member != v->first) fputs(", ", f);
        if (v->kind == JSON_OBJECT) {
            write_string(f, member->key);
            fputs(": ", f);
        }
        json_write(f, member);
    }
    fputc(close, f);
}

void json_write(FILE *f, const Json *v) {
    switch (v != NULL ? v->kind : JSON_NULL) {
        case JSON_NULL: fputs("null", f); break;
        case JSON_BOOL: fputs(v->u.boolean ? "true" : "false", f); break;
        case JSON_INT: fprintf(f, "%" PRId64, v->u.integer); break;
        case JSON_REAL: write_real(f, v->u.real); break;
        case JSON_STRING: write_string(f, v->u.string); break;
        case JSON_ARRAY: write_members(f, v, '[', ']'); break;
        case JSON_OBJECT: write_members(f, v, '{', '}'); break;
    }
}
