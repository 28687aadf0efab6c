#!/usr/bin/env bash
# Mutation testing of the layers that decide what people pay: changes one thing in the code at a
# time, and says which changes no test notices. Needs cargo-mutants:
#
#   cargo install cargo-mutants --locked
#   tests/mutants.sh                      # value, meter, price and world; hours
#   tests/mutants.sh price --shard 0/3    # one layer, a third of its mutants
#
# The mutants are built in a small copy of the crate (tests/mutants/lab.py): a few seconds each. What
# survives is in target/mutants/<layer>/mutants.out/missed.txt. SHAREBILL_WORLDS says how many random
# worlds each meets (40). A linker such as mold helps: RUSTFLAGS="-C link-arg=-fuse-ld=mold".
# `cargo mutants` itself works, too, on the crate as it is: .cargo/mutants.toml.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

layers=()
while [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; do layers+=("$1"); shift; done
[ ${#layers[@]} -gt 0 ] || layers=(meter price value world)

python3 tests/mutants/lab.py target/mutants/lab
cd target/mutants/lab
# libtest's --fail-fast is not stable yet; nothing else is asked of the nightly features.
export RUSTC_BOOTSTRAP=1 SHAREBILL_WORLDS=${SHAREBILL_WORLDS:-40}
# What fetches memory ahead of its use changes no result, whatever it is: only how long that takes.
faster=(--exclude-re 'prefetch|::fetch_|Passage.*::(reach|step)')
status=0
for layer in "${layers[@]}"; do
    cargo mutants --in-place --no-shuffle --timeout 120 --build-timeout 300 \
        --file "src/$layer/**" "${faster[@]}" --output "$root/target/mutants/$layer" --cargo-arg=--lib "$@" \
        -- -- -Z unstable-options --fail-fast || status=$?
done
exit $status
