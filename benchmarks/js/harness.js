// SPDX-License-Identifier: MIT
// The JavaScript side of harness.lua: the same command line and the same lines.
"use strict";
const fs = require("fs");

function emit(line) {
    fs.writeSync(1, line + "\n");
}

exports.main = function (run, check, setup) {
    const options = { reps: 1, steady: 0, min: 1, hold: false };
    let size = 1;
    for (const a of process.argv.slice(2)) {
        if (a.startsWith("--")) {
            const [key, value] = a.slice(2).split("=");
            options[key] = value === undefined ? true : Number(value);
        } else {
            size = Number(a);
        }
    }
    const state = setup ? setup(size) : undefined;
    let done = 0, spent = 0, result;
    emit(`start ${size} ${options.reps}`);
    do {
        emit("begin");
        const before = process.cpuUsage();
        for (let i = 0; i < options.reps; i++) {
            const r = run(size, state);
            if (r !== result && (i > 0 || done > 0)) throw new Error("run " + i + " differs");
            result = r;
        }
        const usage = process.cpuUsage(before);
        const cpu = (usage.user + usage.system) / 1e6;
        done++;
        spent += cpu;
        emit(`iter ${done} ${cpu.toFixed(6)} -`);
        if (!check(result, size)) throw new Error("wrong result: " + result);
    } while ((done < options.min || spent < options.steady) && done < 2000);
    emit("ok " + result);
    if (options.hold) fs.readSync(0, Buffer.alloc(1));
};
