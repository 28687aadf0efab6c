#!/usr/bin/env bash
# Many runs of 1,000 accounts beside the same model in numpy: CPU seconds, and that both agree.
#   benches/projection/run.sh [RUNS]        needs python3 with numpy (PYTHON names another one)
set -euo pipefail
cd "$(dirname "$0")"
runs=${1:-10000}
python=${PYTHON:-python3}
bin=../../target/release/sharebill
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
timed() { /usr/bin/time -f "$1: %U s user, %S s system, %e s wall, %M kB" "${@:2}"; }
told() { grep -E '^benchmark,(acct-0001|\*),all,total' "$1/projection_summary.csv"; }
timed "sharebill, classes summed" $bin project --scenario scenario.toml --prices book \
    --runs "$runs" --summed --out "$out/summed" -q
told "$out/summed"
timed "sharebill, one by one" $bin project --scenario scenario.toml --prices book \
    --runs "$runs" --out "$out/drawn" -q
told "$out/drawn"
timed "numpy" "$python" numpy_projection.py 1000 "$runs"
