// SPDX-License-Identifier: MIT
/* The stream of bytes that a lua_Reader delivers piece by piece. */
#include "front/front.h"

/* The reader may call back into the state; an empty piece means the end, as NULL does. */
int source_fill(Source *s) {
    size_t size = 0;
    const char *piece = s->reader(s->L, s->data, &size);
    s->n = 0;
    if (piece == NULL || size == 0) return SOURCE_END;
    s->n = size - 1;
    s->p = piece + 1;
    return (unsigned char)*piece;
}
