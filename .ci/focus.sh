#!/usr/bin/env bash
# Runs the FinOps Foundation's focus-validator on FOCUS files of the shipped example and of worked
# cases, and fails on anything but the three rules that it gets wrong itself. Needs Python 3.12 and,
# the first time, PyPI; says so where there is none.
#
#   .ci/focus.sh [PROGRAM]
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
program=$(realpath "${1:-target/release/sharebill}")
venv=${FOCUS_VENV:-$root/target/focus-validator}

find_python() {
    local candidate
    for candidate in python3.12 "$HOME"/.pyenv/versions/3.12*/bin/python3.12 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12))' 2>/dev/null; then
            printf '%s\n' "$candidate"
            return
        fi
    done
}

if [ ! -x "$venv/bin/focus-validator" ]; then
    python=$(find_python)
    if [ -z "$python" ]; then
        echo "skipped: focus-validator needs Python 3.12, and there is none"
        exit 0
    fi
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet 'focus-validator==2.2.1' 'pyarrow<23'
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The validator looks for its own rules below the working directory.
ln -s "$("$venv/bin/python" -c 'import focus_validator, os; print(os.path.dirname(focus_validator.__file__))')" \
    "$work/focus_validator"

# bill NAME FOLDER ARGUMENTS…: a run, and its FOCUS files with and without --detail.
bill() {
    local name=$1 folder=$2
    shift 2
    (cd "$folder" && "$program" bill "$@" --detail --allow-findings --out "$work/$name" -q)
    "$program" export "$work/$name" --focus 1.2 --out "$work/$name.csv" -q
    "$program" export "$work/$name" --focus 1.2 --detail --out "$work/$name-detail.csv" -q
}

bill example examples/golden-image events.csv --accounts accounts.csv \
    --prices "$root/pricing/rackspace-us"
# The same rows as Parquet, once.
"$program" export "$work/example" --focus 1.2 --detail --as parquet \
    --out "$work/example-detail.parquet" -q
for case in ../shared/cases/05-*/ ../shared/cases/07-*/; do
    if [ -d "$case" ]; then
        more=()
        [ -f "$case/accounts.csv" ] && more+=(--accounts accounts.csv)
        # shellcheck disable=SC2046
        bill "$(basename "$case")" "$case" events.csv --prices book "${more[@]}" \
            $(cat "$case/args" 2>/dev/null)
    else
        echo "skipped: no worked cases beside the repository"
    fi
done

# Its exit status is 0 even where rules fail: what it writes is read.
for file in "$work"/*.csv "$work"/*-detail.parquet; do
    (cd "$work" && "$venv/bin/focus-validator" --data-file "$file" --block-download \
        --validate-version 1.2 --focus-dataset CostAndUsage --applicability-criteria ALL \
        --output-type unittest --output-destination "$file.xml" >"$file.log" 2>&1) ||
        { tail -20 "$file.log"; exit 1; }
    "$venv/bin/python" - "$file.xml" <<'PYTHON'
import os, sys
import xml.etree.ElementTree as tree

# Wrong in the validator: each asks for a value where the specification asks for none. What is made
# of them fails with them.
WRONG = {
    "CapacityReservationStatus-C-004-C",
    "CommitmentDiscountStatus-C-004-C",
    "InvoiceId-C-004-C",
}
OF_WRONG = {
    "CapacityReservationStatus-C-000-C",
    "CapacityReservationStatus-C-002-C",
    "CommitmentDiscountStatus-C-000-C",
    "CommitmentDiscountStatus-C-002-C",
    "CostAndUsage-D-000-M",
    "CostAndUsage-D-002-M",
}
path = sys.argv[1]
passed, skipped, failed = 0, 0, {}
for case in tree.parse(path).getroot().iter("testcase"):
    rule = case.get("name").split(" :: ")[0]
    failure = case.find("failure")
    if failure is None:
        failure = case.find("error")
    if failure is not None:
        failed[rule] = failure.get("message")
    elif case.find("skipped") is not None:
        skipped += 1
    else:
        passed += 1
name = os.path.basename(path).removesuffix(".xml")
count = passed + skipped + len(failed)
print(f"{name}: {count} rules, {passed} passed, {skipped} skipped, {len(failed)} failed")
unexpected = {rule: why for rule, why in failed.items() if rule not in WRONG | OF_WRONG}
for rule, why in sorted(unexpected.items()):
    print(f"  {rule}: {why}")
if unexpected:
    sys.exit("rules fail that are right")
# A validator that skips is none.
if passed < 350:
    sys.exit("too few rules passed")
PYTHON
done
