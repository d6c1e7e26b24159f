// SPDX-License-Identifier: MIT
// The twin of seed/tier_up.lua.
"use strict";
const H = require("../harness.js");

class Point {
    constructor(x, y) {
        this.x = x;
        this.y = y;
    }
    advance(k) {
        this.x = (this.x + k) % 1009;
        this.y = (this.y + this.x) % 1013;
        return this.x + this.y;
    }
}
function run(n) {
    const p = new Point(1, 2), t = new Array(65).fill(0);
    let sum = 0;
    for (let i = 1; i <= n; i++) {
        sum += p.advance(i);
        t[i % 64 + 1] = sum;
    }
    return sum + t.length - 1;
}
H.main(run, (r, n) => n !== 10000 || r === 10035957);
