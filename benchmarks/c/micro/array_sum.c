// SPDX-License-Identifier: MIT
// The twin of micro/array_sum.lua.
#include <stdlib.h>

#define RESULT long
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static long *filled(long n) {
    static long *t;
    if (t == NULL) {
        t = malloc((size_t)n * sizeof *t);
        for (long i = 0; i < n; i++) {
            t[i] = (i + 1) % 100;
        }
    }
    return t;
}

static long run(long n) {
    long *t = filled(n), sum = 0;
    for (long i = 0; i < n; i++) {
        sum += t[i];
    }
    return sum;
}

static int check(long r, long n) {
    return n % 100 != 0 || r == n / 100 * 4950;
}

#include "../harness.h"
