#!/bin/bash
# Every test of the project against one build directory; the last line is "N passed, N failed".
#
#   tests/all.sh BUILD [FAMILY...]      families: unit scripts tiers stress fuzz cli hostile install conformance bench (default: all)
cd "$(dirname "$0")/.." || exit 2
build=$1; shift
families=${*:-unit scripts tiers stress fuzz cli hostile install conformance bench}
passed=0 failed=0
log=$(mktemp -d); trap 'rm -rf "$log"' EXIT

# Adds the "N passed, N failed" line that ends a runner's output; a runner without one counts as one failure.
add() { # title, output file
  local line p f
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$2" | tail -1)
  if [ -z "$line" ]; then echo "--- $1: no result"; tail -20 "$2"; failed=$((failed+1)); return; fi
  p=${line%% passed*}; f=${line#*, }; f=${f%% failed*}
  passed=$((passed+p)) failed=$((failed+f))
  if [ "$f" != 0 ]; then echo "--- $1"; grep -v '^[0-9]* passed' "$2"; fi
  echo "$1: $line"
}

unit() {
  local t out status
  for t in "$build"/tests/test_*; do
    [ -x "$t" ] && [ -f "$t" ] || continue
    out=$log/$(basename "$t")
    timeout 300 "$t" >"$out" 2>&1; status=$?
    # Check prints "100%: Checks: 12, Failures: 0, Errors: 0"
    awk -v name="$(basename "$t")" -v status="$status" '/Checks: [0-9]+, Failures: / {split($0, w, /[:,]/); n += w[3]; bad += w[5] + w[7]}
         END {if (n == "") {print name ": no result"; print "0 passed, 1 failed"; exit}
              printf "%d passed, %d failed\n", n - bad, bad ? bad : status != 0}' "$out" >"$out.sum"
    grep -q ', 0 failed' "$out.sum" || cat "$out" >>"$out.err"
    cat "$out.err" "$out.sum" 2>/dev/null >"$out.all"
    add "unit/$(basename "$t")" "$out.all"
  done
}
scripts() {
  python3 tests/run.py --perigee "$build/perigee" >"$log/scripts" 2>&1; add scripts "$log/scripts"
}
# every script again in each compiling tier, and changing between them
tiers() {
  local mode
  [ -f "$build/libperigee-jit.so" ] || { echo "tiers: skipped (built without)"; return; }
  for mode in "tier=baseline thresholds=1,1000000 jit-sync" "tier=baseline" "tier=baseline thresholds=2,1000000 jit-sync move-stack" \
              "tier=baseline thresholds=5,1000000 jit-sync gc-every=97" "tier=baseline thresholds=3,1000000 jit-sync random-tiers=7" \
              "thresholds=2,5 jit-sync move-stack" "thresholds=2,5 jit-sync gc-every=97" \
              "thresholds=20,200 jit-sync random-tiers=11" "thresholds=2,5 jit-sync fail-guard=7 verify-exits" "thresholds=1,2 jit-sync verify-exits" "thresholds=2,5 jit-sync max-instructions=100G"; do
    python3 tests/run.py --perigee "$build/perigee" --options "$mode" --timeout 300 >"$log/tiers" 2>&1; add "scripts with $mode" "$log/tiers"
  done
  python3 tests/deopt/run.py "$build/perigee" >"$log/deopt" 2>&1; add "a deoptimisation for each reason" "$log/deopt"
  python3 tests/coverage.py --perigee "$build/perigee" >"$log/coverage" 2>&1; add "coverage of the tiers" "$log/coverage"
}
# every script again under the stress modes
stress() {
  local mode
  for mode in "move-stack" "gc-every=97" "verify-heap"; do
    python3 tests/run.py --perigee "$build/perigee" --options "$mode" --timeout 120 lang regress >"$log/stress" 2>&1; add "scripts with $mode" "$log/stress"
  done
  # longer lives than the scripts' objects have
  local program good=0 bad=0
  for program in constraints event_sim red_black; do
    if PERIGEE_OPTIONS="verify-heap" timeout 120 "$build/perigee" benchmarks/programs/$program.lua --quick --min=1 >"$log/program" 2>&1; then good=$((good+1))
    else bad=$((bad+1)); echo "$program:"; tail -3 "$log/program"; fi
  done >"$log/programs"
  echo "$good passed, $bad failed" >>"$log/programs"; add "programs with verify-heap" "$log/programs"
}
# a few random programs in each compiling tier; long runs: tests/fuzz/run.py
fuzz() {
  local kind mode
  [ -f "$build/libperigee-jit.so" ] || { echo "fuzz: skipped (built without compilers)"; return; }
  for kind in kernels changes; do
    for mode in "tier=baseline thresholds=1,1000000 jit-sync" "thresholds=1,2 jit-sync" "thresholds=2,5 jit-sync fail-guard=7" "thresholds=1,2 jit-sync max-instructions=100G"; do
      python3 tests/fuzz/run.py --perigee "$build/perigee" --reference self --kind $kind --seed 1 --count 8 --options "$mode" --save "$log/fuzz" >"$log/fuzz.out" 2>&1
      add "fuzz $kind with $mode" "$log/fuzz.out"
    done
  done
}
cli() { bash tests/cli/run.sh "$build/perigee" >"$log/cli" 2>&1; add cli "$log/cli"; }
# scripts that do not want to end, under each kind of limit in each tier; where a limit of instructions stops, in each tier
hostile() {
  local tolerance=1.5 out
  if nm "$build/perigee" | grep -q __asan_init; then tolerance=10; fi
  HOSTILE_TOLERANCE=$tolerance python3 tests/hostile/run.py --host "$build/tests/hostile_host" >"$log/hostile" 2>&1; add hostile "$log/hostile"
  python3 tests/hostile/steps.py --stepper "$build/tests/hostile_steps" >"$log/steps" 2>&1; add "steps" "$log/steps"
}
# hosts that are not built with the sanitizers cannot use libraries that are
sanitized() { nm "$build/perigee" | grep -q __asan_init; }
install() {
  if sanitized; then echo "install: skipped (sanitizers)"; return; fi
  bash tests/install.sh "$build" >"$log/install" 2>&1; add install "$log/install"
}
# against what the distribution has of Lua 5.4; the official suite is `./dev conformance`
conformance() {
  if sanitized; then echo "conformance: skipped (sanitizers)"; return; fi
  CONFORMANCE="interface modules dropin" bash tests/conformance.sh "$build" >"$log/conformance" 2>&1; add conformance "$log/conformance"
}
bench() {
  python3 -m unittest discover -s tests/bench >"$log/bench" 2>&1
  awk '/^Ran [0-9]+ test/ {n = $2} /^FAILED/ {bad = 1} {print} END {printf "%d passed, %d failed\n", bad ? n - 1 : n, bad ? 1 : (n == "" ? 1 : 0)}' "$log/bench" >"$log/bench.all"
  add bench "$log/bench.all"
}
for family in $families; do "$family"; done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
