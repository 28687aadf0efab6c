#!/usr/bin/env bash
# Gives each kind of input some seconds: seeds of the golden cases, changed at random by the tests.
# With SHAREBILL_FUZZER=1, cargo-fuzz (`cargo install cargo-fuzz`) takes the targets of fuzz/ instead;
# it builds everything once more, with its own instruments.
#
#   .ci/fuzz.sh [SECONDS [TARGET…]]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-30}
shift || true

if [ "${SHAREBILL_FUZZER:-0}" != 1 ]; then
    SHAREBILL_FUZZ_SECONDS=$seconds cargo test --locked --test suite readers_take -- --nocapture
    exit 0
fi

# The seeds; what was found worth keeping stays in fuzz/corpus.
SHAREBILL_FUZZ_SECONDS=0 SHAREBILL_FUZZ_SEEDS=$PWD/fuzz/corpus \
    cargo test --locked --test suite readers_take -- -q
# The fuzzer's flags are for unstable compilers; this lets a stable one take them.
export RUSTC_BOOTSTRAP=1
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cargo fuzz list)
cargo fuzz build --sanitizer none
for target in "${targets[@]}"; do
    echo "-- $target"
    cargo fuzz run --sanitizer none "$target" -- \
        -max_total_time="$seconds" -max_len=8192 -rss_limit_mb=4096 -timeout=20 -print_final_stats=1 \
        2>&1 | grep -E "^(stat::number_of_executed|SUMMARY|==|artifact_prefix|thread|Done)|panicked" || {
        echo "see fuzz/artifacts/$target"
        exit 1
    }
    if compgen -G "fuzz/artifacts/$target/*" >/dev/null; then
        echo "see fuzz/artifacts/$target"
        exit 1
    fi
done
