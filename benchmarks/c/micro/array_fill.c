// SPDX-License-Identifier: MIT
// The twin of micro/array_fill.lua.
#include <stdlib.h>

#define RESULT long
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static long run(long n) {
    long *t = malloc((size_t)n * sizeof *t);
    for (long i = 0; i < n; i++) {
        t[i] = i + 1;
    }
    HIDE(t);
    long last = t[n - 1];
    free(t);
    return last;
}

static int check(long r, long n) {
    return r == n;
}

#include "../harness.h"
