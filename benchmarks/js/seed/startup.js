// SPDX-License-Identifier: MIT
// The twin of seed/startup.lua.
"use strict";
const H = require("../harness.js");

H.main(n => n, r => r === 1);
