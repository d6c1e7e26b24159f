// SPDX-License-Identifier: MIT
// The twin of seed/array_sum.lua.
#include <stdlib.h>

#define RESULT long
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static long run(long n) {
    long *t = malloc((size_t)n * sizeof *t), sum = 0;
    for (long i = 0; i < n; i++) {
        t[i] = i + 1;
    }
    HIDE(t);
    for (long i = 0; i < n; i++) {
        sum += t[i];
    }
    free(t);
    return sum;
}

static int check(long r, long n) {
    return r == n * (n + 1) / 2;
}

#include "../harness.h"
