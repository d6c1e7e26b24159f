// SPDX-License-Identifier: MIT
// The twin of seed/string_append_long.lua.
"use strict";
const H = require("../harness.js");

function run(n) {
    let r = "";
    for (let i = 0; i < n; i++) r = r + "x";
    return r.length;
}
H.main(run, (r, n) => r === n);
