// SPDX-License-Identifier: MIT
// The twin of seed/fib.lua.
"use strict";
const H = require("../harness.js");

const fib = n => n < 2 ? n : fib(n - 1) + fib(n - 2);
H.main(fib, (r, n) => n !== 30 || r === 832040);
