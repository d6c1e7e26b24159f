// SPDX-License-Identifier: MIT
// The twin of programs/mandelbrot.lua.
#include <stdlib.h>

#define RESULT long
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static long inside(double cr, double ci) {
    double zr = 0, zi = 0;
    for (int i = 0; i < 50; i++) {
        double r2 = zr * zr, i2 = zi * zi;
        if (r2 + i2 > 4.0) {
            return 0;
        }
        zi = 2.0 * zr * zi + ci;
        zr = r2 - i2 + cr;
    }
    return 1;
}

static long run(long n) {
    long points = 0;
    for (long y = 0; y < n; y++) {
        for (long x = 0; x < n; x++) {
            points += inside(2.0 * (double)x / (double)n - 1.5, 2.0 * (double)y / (double)n - 1.0);
        }
    }
    return points;
}

static int check(long r, long n) {
    return n != 400 || r == 63572;
}

#include "../harness.h"
