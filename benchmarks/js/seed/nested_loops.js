// SPDX-License-Identifier: MIT
// The twin of seed/nested_loops.lua.
"use strict";
const H = require("../harness.js");

function run(n) {
    let sum = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sum = sum + 1;
    return sum;
}
H.main(run, (r, n) => r === n * n);
