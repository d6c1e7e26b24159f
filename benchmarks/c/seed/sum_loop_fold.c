// SPDX-License-Identifier: MIT
// The twin of seed/sum_loop_fold.lua.
#include <stdlib.h>

#define RESULT long
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static long run(long n) {
    long acc = 0;
    for (long i = 1; i <= n; i++) {
        acc += i;
    }
    return acc;
}

static int check(long r, long n) {
    return r == n * (n + 1) / 2;
}

#include "../harness.h"
