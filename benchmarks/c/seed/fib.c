// SPDX-License-Identifier: MIT
// The twin of seed/fib.lua.
#include <stdlib.h>

#define RESULT long
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static long fib(long n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static long run(long n) {
    return fib(n);
}

static int check(long r, long n) {
    return n != 30 || r == 832040;
}

#include "../harness.h"
