// SPDX-License-Identifier: MIT
/* Work lists: stacks of words in chunks, and arrays of objects.
 *
 * The collector runs when memory is short, so taking a chunk may fail: the caller then leaves the
 * object gray, sets GCState.lost, and the heap is searched for gray objects later. Nothing is lost
 * but time. Chunks are counted as bytes of the state.
 */
#include "gc/gc_internal.h"

static WorkChunk *take_chunk(Global *g) {
    GCState *gs = g->gc;
    WorkChunk *c = gs->spare;
    if (c) {
        gs->spare = c->below;
        gs->nspare--;
        return c;
    }
    return raw_alloc(g, sizeof(WorkChunk), 0);
}

static void drop_chunk(Global *g, WorkChunk *c) {
    GCState *gs = g->gc;
    if (gs->nspare >= 16) {
        raw_free(g, c, sizeof(WorkChunk));
        return;
    }
    c->below = gs->spare;
    gs->spare = c;
    gs->nspare++;
}

bool worklist_push(Global *g, WorkList *w, uintptr_t word) {
    WorkChunk *c = w->top;
    if (c == NULL || c->n == WORKLIST_CHUNK) {
        c = take_chunk(g);
        if (c == NULL) return false;
        c->below = w->top;
        c->n = 0;
        w->top = c;
    }
    c->word[c->n++] = word;
    w->count++;
    return true;
}

uintptr_t worklist_pop(Global *g, WorkList *w) {
    WorkChunk *c = w->top;
    if (c == NULL) return 0;
    uintptr_t word = c->word[--c->n];
    w->count--;
    if (c->n == 0) {
        w->top = c->below;
        drop_chunk(g, c);
    }
    return word;
}

void worklist_clear(Global *g, WorkList *w) {
    while (w->top) {
        WorkChunk *c = w->top;
        w->top = c->below;
        drop_chunk(g, c);
    }
    w->count = 0;
}

/* Chunks may be partly filled in the middle of a list, so that joining is relinking. */
void worklist_append(Global *g, WorkList *to, WorkList *from) {
    (void)g;
    if (from->top == NULL) return;
    WorkChunk *bottom = from->top;
    while (bottom->below) bottom = bottom->below;
    bottom->below = to->top;
    to->top = from->top;
    to->count += from->count;
    from->top = NULL;
    from->count = 0;
}

void worklist_each(WorkList *w, void (*f)(void *ud, uintptr_t word), void *ud) {
    for (WorkChunk *c = w->top; c; c = c->below)
        for (size_t i = 0; i < c->n; i++) f(ud, c->word[i]);
}

void worklist_release(Global *g) {
    GCState *gs = g->gc;
    while (gs->spare) {
        WorkChunk *c = gs->spare;
        gs->spare = c->below;
        raw_free(g, c, sizeof(WorkChunk));
    }
    gs->nspare = 0;
}

/* Room for n objects behind `head`, sliding to the front first. */
bool objarray_reserve(Global *g, ObjArray *a, size_t n) {
    if (a->head > 0) {
        memmove(a->obj, a->obj + a->head, (a->n - a->head) * sizeof *a->obj);
        a->n -= a->head;
        a->head = 0;
    }
    if (n <= a->cap) return true;
    size_t cap = a->cap ? 2 * a->cap : 16;
    while (cap < n) cap *= 2;
    GCObject **obj = raw_alloc(g, cap * sizeof *obj, 0);
    if (obj == NULL) return false;
    if (a->n) memcpy(obj, a->obj, a->n * sizeof *obj);
    if (a->obj) raw_free(g, a->obj, a->cap * sizeof *obj);
    a->obj = obj;
    a->cap = cap;
    return true;
}

void objarray_release(Global *g, ObjArray *a) {
    if (a->obj) raw_free(g, a->obj, a->cap * sizeof *a->obj);
    *a = (ObjArray){0};
}
