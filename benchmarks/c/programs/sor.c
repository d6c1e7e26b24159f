// SPDX-License-Identifier: MIT
// The twin of programs/sor.lua.
#include <stdlib.h>

#define RESULT double
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static double run(long n) {
    double(*g)[n] = malloc(sizeof(double[n][n])), worst = 0;
    double omega = 2 / (1 + 3.14159265358979324 / (double)n);
    double quarter = omega * 0.25, rest = 1.0 - omega;
    for (long i = 0; i < n; i++) {
        for (long j = 0; j < n; j++) {
            int edge = i == 0 || j == 0 || i == n - 1 || j == n - 1;
            g[i][j] = edge ? (double)(i + j + 2) / (double)n : 0.0;
        }
    }
    for (long round = 0; round < 3 * n; round++) {
        for (long i = 1; i < n - 1; i++) {
            for (long j = 1; j < n - 1; j++) {
                g[i][j] = quarter * (g[i - 1][j] + g[i + 1][j] + g[i][j - 1] + g[i][j + 1])
                    + rest * g[i][j];
            }
        }
    }
    for (long i = 0; i < n; i++) {
        for (long j = 0; j < n; j++) {
            double error = g[i][j] - (double)(i + j + 2) / (double)n;
            worst = error > worst ? error : -error > worst ? -error : worst;
        }
    }
    free(g);
    return worst;
}

static int check(double r, long n) {
    return n > 0 && r < 1e-3;
}

#include "../harness.h"
