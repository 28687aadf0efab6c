#!/usr/bin/env bash
# Times whole runs of the release build on generated logs: wall clock, CPU seconds, peak memory;
# medians of RUNS (default 5). Beside them DuckDB, where PyPI's `duckdb` is installed, and the
# newline count of the same file.
#
#     cargo build --release
#     benches/whole_runs.sh 1000000            # rows; 10000000 and 100000000 take their time
#
# Needs bash, GNU time (/usr/bin/time) and room in WORK (default /tmp/sharebill-bench).
set -euo pipefail
cd "$(dirname "$0")/.."
rows=${1:-1000000}
months=${2:-3}
runs=${RUNS:-5}
work=${WORK:-/tmp/sharebill-bench}
book=pricing/rackspace-us
bill=target/release/sharebill
mkdir -p "$work"

# median NAME COMMAND...: runs a command so often, and prints the medians of what it took.
median() {
    local name=$1 column
    shift
    : > "$work/times"
    for _ in $(seq "$runs"); do
        /usr/bin/time -a -o "$work/times" -f '%e %U %S %M' "$@" > "$work/said" 2>&1 ||
            { cat "$work/said"; exit 1; }
    done
    awk -v name="$name" '
        { wall[NR] = $1; cpu[NR] = $2 + $3; memory[NR] = $4 }
        function middle(values, n) { asort_(values, n); return values[int((n + 1) / 2)] }
        function asort_(values, n,   i, j, value) {
            for (i = 2; i <= n; i++) {
                value = values[i]
                for (j = i - 1; j > 0 && values[j] > value; j--) values[j + 1] = values[j]
                values[j + 1] = value
            }
        }
        END {
            printf "| %s | %.2f s | %.2f s | %d MB |\n",
                name, middle(wall, NR), middle(cpu, NR), middle(memory, NR) / 1000
        }' "$work/times"
}

# bill_of NAME LOG FLAGS...
bill_of() {
    local name=$1 log=$2
    shift 2
    median "$name" "$bill" bill "$log" --prices "$book" --out "$work/out" --force -q "$@"
}

log=$work/log-$rows-$months.csv
[ -s "$log" ] || "$bill" generate --rows "$rows" --months "$months" --out "$log"
[ -s "${log%.csv}-shuffled.csv" ] ||
    "$bill" generate --rows "$rows" --months "$months" --shuffle --out "${log%.csv}-shuffled.csv"
[ -s "$log.zst" ] || "$bill" generate --rows "$rows" --months "$months" --out "$log.zst"

echo "| $rows rows, $months months | wall | CPU | peak memory |"
echo "|---|---:|---:|---:|"
median "wc -l" wc -l "$log"
median "generate" "$bill" generate --rows "$rows" --months "$months" --out /dev/null
bill_of "bill, 1 thread" "$log" --threads 1
bill_of "bill, 2 threads" "$log" --threads 2
bill_of "bill --detail, 2 threads" "$log" --threads 2 --detail
bill_of "bill from .csv.zst, 2 threads" "$log.zst" --threads 2
bill_of "bill, shuffled, --memory 2GB" "${log%.csv}-shuffled.csv" --threads 2 --memory 2GB
if python3 -c 'import duckdb' 2> "$work/said"; then
    parquet=${log%.csv}.parquet
    [ -s "$parquet" ] || python3 benches/duckdb_bill.py "$log" --to-parquet "$parquet"
    bill_of "bill from Parquet, 2 threads" "$parquet" --threads 2
    bill_of "(for comparison)" "$log" --threads 2 > "$work/said"
    median "DuckDB, CSV" python3 benches/duckdb_bill.py "$log" --prices "$book" \
        --out "$work/duck" --compare "$work/out/charges.csv"
    median "DuckDB, Parquet" python3 benches/duckdb_bill.py "$parquet" --prices "$book" \
        --out "$work/duck" --compare "$work/out/charges.csv"
else
    echo "DuckDB was not compared: pip install duckdb"
fi
