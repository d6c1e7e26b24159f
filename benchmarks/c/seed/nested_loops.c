// SPDX-License-Identifier: MIT
// The twin of seed/nested_loops.lua.
#include <stdlib.h>

#define RESULT long
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static long run(long n) {
    long sum = 0;
    for (long i = 0; i < n; i++) {
        for (long j = 0; j < n; j++) {
            sum++;
            HIDE(sum);
        }
    }
    return sum;
}

static int check(long r, long n) {
    return r == n * n;
}

#include "../harness.h"
