// SPDX-License-Identifier: MIT
// The twin of seed/objects.lua.
"use strict";
const H = require("../harness.js");

function run(n) {
    const kept = [];
    for (let i = 1; i <= n; i++) kept.push({ id: i, value: i * 2, name: "object" });
    const last = kept[n - 1];
    return last.id + last.value + kept.length;
}
H.main(run, (r, n) => r === 4 * n);
