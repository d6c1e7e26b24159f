// SPDX-License-Identifier: MIT
/* JSON documents, built once and then read or written (RFC 8259).
 *
 * Values belong to a document and are freed with it. Memory running out marks the document; what could not be
 * made is NULL, which every function here takes and passes on, so that only the end asks.
 */
#ifndef PERIGEE_JSON_H
#define PERIGEE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum JsonKind { JSON_NULL, JSON_BOOL, JSON_INT, JSON_REAL, JSON_STRING, JSON_ARRAY, JSON_OBJECT } JsonKind;

typedef struct Json Json;
struct Json {
    JsonKind kind;
    uint32_t count;          /* members, elements */
    const char *key;         /* in the object it is a member of; not copied */
    Json *next;              /* in the array or object */
    Json *first, *last;
    union {
        bool boolean;
        int64_t integer;
        double real;
        const char *string;  /* any bytes but zero */
    } u;
};

typedef struct JsonDoc {
    struct JsonBlock *blocks;
    bool failed;             /* memory ran out: the document is incomplete */
} JsonDoc;                   /* all zero: empty */

void json_free(JsonDoc *doc);

/* A value of its own (parent NULL), or added to an object under `key` (a literal), or to an array
 * (key NULL). Strings are copied; a NULL string makes a null. */
Json *json_null(JsonDoc *doc, Json *parent, const char *key);
Json *json_bool(JsonDoc *doc, Json *parent, const char *key, bool value);
Json *json_int(JsonDoc *doc, Json *parent, const char *key, int64_t value);
Json *json_real(JsonDoc *doc, Json *parent, const char *key, double value); /* NaN and infinities make a null */
Json *json_string(JsonDoc *doc, Json *parent, const char *key, const char *value);
Json *json_array(JsonDoc *doc, Json *parent, const char *key);
Json *json_object(JsonDoc *doc, Json *parent, const char *key);

/* A member of an object; path: names joined by dots. NULL: none. */
const Json *json_get(const Json *object, const char *path);
/* The value of a member, or 0, "" and false if there is none of that kind. */
int64_t json_get_int(const Json *object, const char *path);
double json_get_real(const Json *object, const char *path); /* also of integers */
const char *json_get_string(const Json *object, const char *path);
bool json_get_bool(const Json *object, const char *path);
bool json_is_null(const Json *object, const char *path); /* also if there is none */

/* In one line, without a newline behind it. Bytes that are not UTF-8 come out as U+FFFD. */
void json_write(FILE *f, const Json *value);

#define JSON_EACH(item, parent) \
    for (const Json *item = (parent) != NULL ? (parent)->first : NULL; item != NULL; item = item->next)

#endif
