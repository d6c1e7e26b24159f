// SPDX-License-Identifier: MIT
// The twin of micro/matrix_product.lua.
#include <stdlib.h>

#define RESULT double
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static double run(long n) {
    double *a = malloc(sizeof(double[n][n])), *b = malloc(sizeof(double[n][n])),
        *c = malloc(sizeof(double[n][n]));
    for (long i = 0; i < n; i++) {
        for (long j = 0; j < n; j++) {
            a[i * n + j] = (double)(i + j + 2) + 0.5;
            b[i * n + j] = i == j ? 2.0 : 0.0;
        }
    }
    for (long i = 0; i < n; i++) {
        for (long j = 0; j < n; j++) {
            double sum = 0;
            for (long k = 0; k < n; k++) {
                sum += a[i * n + k] * b[k * n + j];
            }
            c[i * n + j] = sum;
        }
    }
    double last = c[n * n - 1];
    free(a);
    free(b);
    free(c);
    return last;
}

static int check(double r, long n) {
    return r == (double)(4 * n + 1);
}

#include "../harness.h"
