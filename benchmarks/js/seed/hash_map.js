// SPDX-License-Identifier: MIT
// The twin of seed/hash_map.lua.
"use strict";
const H = require("../harness.js");

function run(n) {
    const m = new Map();
    for (let i = 0; i < n; i++) m.set(i, i * 2);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += m.get(i);
    return sum;
}
H.main(run, (r, n) => r === n * (n - 1));
