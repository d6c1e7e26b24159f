// SPDX-License-Identifier: MIT
// The twin of seed/sum_loop.lua.
#include <stdlib.h>

#define RESULT long
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static long run(long n) {
    long acc = 1;
    for (long i = 1; i <= n; i++) {
        acc = (acc * 3) ^ i;
    }
    return acc;
}

static int check(long r, long n) {
    return n != 100000 || r == -4130613733480825791L;
}

#include "../harness.h"
