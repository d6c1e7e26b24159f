// SPDX-License-Identifier: MIT
// The twin of seed/sum_loop_fold.lua.
"use strict";
const H = require("../harness.js");

function run(n) {
    let acc = 0;
    for (let i = 1; i <= n; i++) acc = acc + i;
    return acc;
}
H.main(run, (r, n) => r === n * (n + 1) / 2);
