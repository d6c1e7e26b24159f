// SPDX-License-Identifier: MIT
// The twin of micro/float_loop.lua.
#include <stdlib.h>

#define RESULT double
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static double run(long n) {
    double x = 0.3, sum = 0;
    for (long i = 1; i <= n; i++) {
        x = 3.7 * x * (1.0 - x);
        sum += x / (double)i;
    }
    return sum;
}

static int check(double r, long n) {
    return n > 0 && r > 2 && r < 15;
}

#include "../harness.h"
