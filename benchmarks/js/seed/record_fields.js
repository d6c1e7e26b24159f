// SPDX-License-Identifier: MIT
// The twin of seed/record_fields.lua.
"use strict";
const H = require("../harness.js");

function run(n, p) {
    p.y = 0;
    let acc = 0;
    for (let i = 1; i <= n; i++) {
        acc = acc + p.x + p.y + p.z;
        p.y = i;
    }
    return acc;
}
H.main(run, (r, n) => r === 4 * n + n * (n - 1) / 2, () => ({ x: 1, y: 0, z: 3 }));
