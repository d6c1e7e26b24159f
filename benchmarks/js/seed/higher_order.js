// SPDX-License-Identifier: MIT
// The twin of seed/higher_order.lua.
"use strict";
const H = require("../harness.js");

function run(n, t) {
    const factor = 3;
    return t.map(x => x * factor).filter(x => x % 2 === 0).reduce((a, b) => a + b, 0);
}
H.main(run, (r, n) => r === 3 * Math.floor(n / 2) * (Math.floor(n / 2) + 1),
    n => Array.from({ length: n }, (_, i) => i + 1));
