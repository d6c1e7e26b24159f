// SPDX-License-Identifier: MIT
// The twin of seed/array_sum.lua.
"use strict";
const H = require("../harness.js");

function run(n) {
    const t = [];
    for (let i = 1; i <= n; i++) t.push(i);
    let sum = 0;
    for (let i = 0; i < t.length; i++) sum += t[i];
    return sum;
}
H.main(run, (r, n) => r === n * (n + 1) / 2);
