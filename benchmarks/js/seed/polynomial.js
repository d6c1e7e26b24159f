// SPDX-License-Identifier: MIT
// The twin of seed/polynomial.lua.
"use strict";
const H = require("../harness.js");

const poly = (a, b, c) => a * a + b * b + c * c + a * b + b * c;
function run(n) {
    let sum = 0, b = 7, c = 3;
    for (let a = 1; a <= n; a++) {
        sum = (sum + poly(a, b, c)) % 1000003;
        [b, c] = [c, b + 1];
        if (b > 1000) { b = 7; c = 3; }
    }
    return sum;
}
H.main(run, (r, n) => n !== 1000000 || r === 126353);
