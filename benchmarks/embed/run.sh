#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What calls between host and Lua cost, beside lua5.4 and LuaJIT: benchmarks/embed/run.sh BUILD [ROUNDS [ROW...]]
#
# Builds call_cost.c against each runtime that is there (BUILD: Perigee's build directory; the others by pkg-config) and
# runs them in turn, ROUNDS times (default 5). Prints the least nanoseconds of each row.
[ $# -ge 1 ] || { sed -n '4,7p' "$0"; exit 2; }
build=$(realpath "$1") rounds=${2:-5}
shift; [ $# = 0 ] || shift
cd "$(dirname "$0")" || exit 2
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
read -r -a cc <<<"${CC:-cc}"
flags=(-O2 -std=gnu11)
names=()

compile() { # NAME, compiler flags
    "${cc[@]}" "${flags[@]}" call_cost.c -o "$work/$1" "${@:2}" && names+=("$1")
}
compile perigee -DPERIGEE -I../../include -L"$build" -lperigee -Wl,-rpath,"$build" -lm || exit 1
for peer in lua5.4 luajit; do
    if pkg-config --exists "$peer" 2>/dev/null; then compile "$peer" $(pkg-config --cflags --libs "$peer") -lm
    else echo "without $peer: no such package" >&2; fi
done

for ((round = 0; round < rounds; round++)); do
    for name in "${names[@]}"; do "$work/$name" "$@" >>"$work/$name.out" || exit 1; done
done
# a row that a runtime lacks shows as -
awk -F'\t' -v names="${names[*]}" '
    { if (FNR == 1) name = names_of(FILENAME)
      if (!($1 in seen)) { seen[$1] = 1; order[++count] = $1 }
      if (!((name, $1) in least) || $2 < least[name, $1]) least[name, $1] = $2 }
    function names_of(file,   part, n) { n = split(file, part, "/"); sub(/\.out$/, "", part[n]); return part[n] }
    END { n = split(names, runtime, " ")
          printf "%-44s", "nanoseconds a call"
          for (k = 1; k <= n; k++) printf "%10s", runtime[k]
          print ""
          for (r = 1; r <= count; r++) {
              printf "%-44s", order[r]
              for (k = 1; k <= n; k++) printf "%10s", ((runtime[k], order[r]) in least) ? sprintf("%.1f", least[runtime[k], order[r]]) : "-"
              print "" } }' $(printf "$work/%s.out " "${names[@]}")
