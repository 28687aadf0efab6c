#!/usr/bin/env bash
# Builds the same commit twice, in two folders, and compares the programs byte for byte.
#
#   .ci/reproducible.sh                  # the release profile: takes twice as long as a release
#   .ci/reproducible.sh --quick          # without optimisation, in a few minutes
#   .ci/reproducible.sh --out FILE       # one build the same way: what a release is made with
#
# What makes a build depend on its place is taken out: paths of sources, of the registry and of the
# toolchain, and the seed that the hash tables of a dependency take at build time. Where the system
# can do it (`unshare -n`), the builds have no network: no build script reaches out.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=() out= target=release
while [ $# -gt 0 ]; do
    case $1 in
        --quick)
            profile=(--config profile.release.opt-level=0 --config 'profile.release.lto="off"'
                     --config profile.release.codegen-units=16) ;;
        --out) out=$(realpath -m "$2"); shift ;;
        *) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2 ;;
    esac
    shift
done

cargo fetch --locked --quiet
offline=()
if unshare -rn true 2>/dev/null; then offline=(unshare -rn); else echo "network: not taken away"; fi

# Builds a copy of the commit in a folder.
build() {
    mkdir -p "$1"
    git archive HEAD | tar -x -C "$1"
    local cargo_home=${CARGO_HOME:-$HOME/.cargo} sysroot
    sysroot=$(rustc --print sysroot)
    (
        cd "$1"
        export CONST_RANDOM_SEED=sharebill SOURCE_DATE_EPOCH=0 CARGO_INCREMENTAL=0
        export CARGO_TARGET_DIR="$1/target"
        export RUSTFLAGS="--remap-path-prefix=$1=/build --remap-path-prefix=$cargo_home=/cargo \
--remap-path-prefix=$sysroot=/rust"
        export CFLAGS="-ffile-prefix-map=$1=/build -ffile-prefix-map=$cargo_home=/cargo"
        "${offline[@]}" nice cargo build --locked --offline --quiet --release "${profile[@]}"
    )
}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
build "$folder/one"
if [ -n "$out" ]; then
    cp "$folder/one/target/$target/sharebill" "$out"
    sha256sum "$out"
    exit
fi
build "$folder/another-place/two"
one=$folder/one/target/$target/sharebill two=$folder/another-place/two/target/$target/sharebill
sha256sum "$one" "$two"
if grep -qF "$folder" "$one"; then echo "reproducible: the program tells where it was built"; exit 1; fi
cmp "$one" "$two"
echo "reproducible: the same $(stat -c %s "$one") bytes from two folders"
