#!/usr/bin/env python3
"""The main job of `sharebill bill`, done with DuckDB instead: the same charges.csv, to the byte.

For comparing speed and memory. The log has to be a clean one, as `sharebill generate` writes it:
there are no findings here, no repeated events, no order among the events of one instant, no
sharing.csv, no allocations. Every account has billing day 1 and the book's default service level.
What the script cannot do (packages, volume tiers, flats, `whole` discounts, half-even amounts,
`month_hours`, use without a rate) it refuses.

How to run it:

    pip install duckdb                                    # 2.0.0 was used
    sharebill generate --rows 10000000 --out e10m.csv
    sharebill bill e10m.csv --prices pricing/rackspace-us --out out-sharebill
    python3 benches/duckdb_bill.py e10m.csv --prices pricing/rackspace-us --out out-duckdb \
        --compare out-sharebill/charges.csv

Wall time, CPU seconds and peak memory of the process go to standard error; the comparison comes
after them and does not count. LOG may be .csv, .csv.gz, .csv.zst or .parquet. A parquet file of a
log (`time` a timestamp in UTC, `bytes` an INT64, the rest strings) comes of

    python3 benches/duckdb_bill.py e10m.csv --to-parquet e10m.parquet
"""

import argparse
import csv
import itertools
import os
import resource
import sys
import time
import tomllib

import duckdb

COLUMNS = """
    time event account region resource source member status bytes flavor os visibility labels id
""".split()
EVENTS = """
    image.create image.update image.delete image.deactivate image.reactivate image.member.create
    image.member.update image.member.delete server.create server.resize server.rebuild
    server.delete object.create object.delete transfer.out
""".split()

# The book's tables. A tier ends where the next one begins.
BOOK = """
CREATE TEMP TABLE tier AS
SELECT sku, region, unit, effective_from, epoch_us(effective_from) AS since, "from" AS tier_from,
       "from"::DECIMAL(38, 12) AS low, price, price::DECIMAL(18, 12) AS unit_price,
       lead("from"::DECIMAL(38, 12)) OVER (
           PARTITION BY sku, region, effective_from ORDER BY "from"::DECIMAL(38, 12)) AS high
FROM read_csv('{prices}/rates.csv', header = true, all_varchar = true,
              types = {{'effective_from': 'TIMESTAMP'}});

-- A version of a rate is in force until the next one of its SKU and region.
CREATE TEMP TABLE rate AS
SELECT sku, region, unit, effective_from, since,
       lead(since, 1, {never}) OVER (PARTITION BY sku, region ORDER BY since) AS until
FROM (SELECT DISTINCT sku, region, unit, effective_from, since FROM tier);

CREATE TEMP TABLE flavor AS
SELECT flavor, (coalesce(support_gb, ram_gb)::DECIMAL(24, 12) * 1000000000000)::HUGEINT AS support
FROM read_csv('{prices}/flavors.csv', header = true, all_varchar = true);
"""

# The log to exact base units: seconds of started steps, byte-microseconds, bytes. This is where the
# time goes. It is one statement so that the file is read once, into a result that lives as long as
# the statement: a fifth cheaper than a table, and for parquet cheaper than reading it again
# for each use.
USAGE = """
-- The steps that start in a span: ceil((end - anchor) / step) - ceil((start - anchor) / step).
CREATE TEMP MACRO started(born, since, until) AS
    (until - born + {step} - 1) // {step} - (since - born + {step} - 1) // {step};

-- How many rows a CSV file has is not known, and guesses led to hash tables of the larger sides and
-- to sorts for the few periods. The joins stand in the best order: what is hashed comes second.
SET disabled_optimizers = 'join_order,build_side_probe_side';
SET nested_loop_join_threshold = 1000000;

CREATE TEMP TABLE usage AS
WITH RECURSIVE log AS MATERIALIZED (
    SELECT epoch_us(time) AS moment, event, account, region, resource, source, bytes, flavor, os
    FROM {scan}

-- The run, cut where a cycle begins and where a price changes: what lies within one period has one
-- cycle and one version of each rate. Base units add up exactly, so that no cut is one too many.
), run AS MATERIALIZED (
    SELECT coalesce({start}::TIMESTAMP, date_trunc('month', make_timestamp(min(moment)))) AS first,
           coalesce({end}::TIMESTAMP,
                    date_trunc('month', make_timestamp(max(moment))) + INTERVAL 1 MONTH) AS last
    FROM log
), cut AS (
    SELECT first AS instant FROM run
    UNION
    SELECT unnest(generate_series(date_trunc('month', first), last, INTERVAL 1 MONTH)) FROM run
    UNION
    SELECT effective_from FROM rate
), period AS MATERIALIZED (
    SELECT epoch_us(instant) AS p_from,
           lead(epoch_us(instant), 1, epoch_us(last)) OVER (ORDER BY instant) AS p_until,
           date_trunc('month', instant) AS cycle_start,
           date_trunc('month', instant) + INTERVAL 1 MONTH AS cycle_end,
           first <= cycle_start AND cycle_end <= last AS is_whole
    FROM cut, run WHERE instant >= first AND instant < last

-- When servers have which flavor. Few are ever resized, and only those pay for a window; what a
-- server was rebuilt to matters to licences alone.
), resized AS (
    SELECT resource FROM log WHERE event = 'server.resize'
), resized_life AS (
    SELECT event, resource, first_value(account) OVER life AS account,
           first_value(region) OVER life AS region, flavor, first_value(moment) OVER life AS born,
           moment AS since, lead(moment, 1, {never}) OVER life AS until
    FROM log SEMI JOIN resized USING (resource)
    WHERE event IN ('server.create', 'server.resize', 'server.delete')
    WINDOW life AS (PARTITION BY resource ORDER BY moment)
), server AS MATERIALIZED (
    SELECT resource, account, region, flavor, created.moment AS born, created.moment AS since,
           coalesce(deleted.moment, {never}) AS until
    FROM log AS created ANTI JOIN resized USING (resource)
    LEFT JOIN (SELECT resource, moment FROM log WHERE event = 'server.delete') AS deleted
        USING (resource)
    WHERE created.event = 'server.create'
    UNION ALL
    SELECT * EXCLUDE (event) FROM resized_life WHERE event <> 'server.delete'
), steps AS MATERIALIZED (
    SELECT account, region, flavor, p_from,
           sum(started(born, greatest(since, p_from), least(until, p_until))) AS steps
    FROM server JOIN period ON since < p_until AND until > p_from
    GROUP BY ALL

-- What has an operating system that the log names, and what descends from it: an image of a server
-- takes the system that the server runs then, everything else that of its source. Few resources
-- have one, so that the log is probed with a small table, once a generation.
), boot AS MATERIALIZED (
    SELECT resource, moment, lead(moment) OVER (PARTITION BY resource ORDER BY moment) AS until
    FROM log
    SEMI JOIN (SELECT resource FROM log WHERE event = 'server.rebuild') AS rebuilt USING (resource)
    WHERE event IN ('server.create', 'server.rebuild')
), carrier AS (
    SELECT event, resource, moment, coalesce(until, {never}) AS until, os
    FROM log LEFT JOIN boot USING (resource, moment) WHERE os IS NOT NULL
    UNION ALL
    SELECT log.event, log.resource, log.moment, coalesce(boot.until, {never}), carrier.os
    FROM log JOIN carrier ON log.source = carrier.resource
    LEFT JOIN boot ON boot.resource = log.resource AND boot.moment = log.moment
    WHERE log.os IS NULL AND log.moment >= carrier.moment AND log.moment < carrier.until
), licensed AS (
    SELECT resource, moment AS os_from, until AS os_until, os FROM carrier
    WHERE event IN ('server.create', 'server.rebuild')
      AND os IN (SELECT split_part(sku, ':', 2) FROM rate WHERE sku LIKE 'license:%')

), stored AS (
    SELECT created.event, account, region, bytes, created.moment AS since,
           coalesce(deleted.moment, {never}) AS until
    FROM log AS created LEFT JOIN (
        SELECT resource, moment FROM log WHERE event IN ('image.delete', 'object.delete')
    ) AS deleted USING (resource)
    WHERE created.event IN ('image.create', 'object.create')

), used AS (
    SELECT account, region, p_from, 'server:' || flavor AS sku,
           (steps * {seconds})::HUGEINT AS units
    FROM steps
    UNION ALL
    SELECT account, region, p_from, 'support:{level}', sum(steps * {seconds} * support)
    FROM steps JOIN flavor USING (flavor) GROUP BY ALL
    UNION ALL
    SELECT account, region, p_from, 'license:' || os || ':' || flavor,
           {seconds} * sum(started(born, greatest(since, os_from, p_from),
                                   least(until, os_until, p_until)))
    FROM server JOIN licensed USING (resource)
    JOIN period ON greatest(since, os_from) < p_until AND least(until, os_until) > p_from
    WHERE since < os_until AND until > os_from
    GROUP BY ALL
    UNION ALL
    SELECT account, region, p_from, replace(event::VARCHAR, 'create', 'storage'),
           sum(bytes::HUGEINT * (least(until, p_until) - greatest(since, p_from)))
    FROM stored JOIN period ON since < p_until AND until > p_from
    GROUP BY ALL
    UNION ALL
    SELECT account, region, p_from, 'transfer.out', sum(bytes)
    FROM log JOIN period ON moment >= p_from AND moment < p_until WHERE event = 'transfer.out'
    GROUP BY ALL
)
SELECT * FROM used JOIN period USING (p_from) WHERE units > 0;

RESET disabled_optimizers;
RESET nested_loop_join_threshold;
"""

# Each use meets its rate; a region's own goes before `*`. Regions without one are added up.
RATED = """
CREATE TEMP TABLE rated AS
WITH met AS (
    SELECT account, cycle_start, cycle_end, is_whole, usage.sku, rate.region, unit,
           effective_from, since, units
    FROM usage
    LEFT JOIN rate ON rate.sku = usage.sku AND since <= p_from AND until > p_from
        AND rate.region IN ('*', usage.region) AND usage.region IN {regions}
    QUALIFY row_number() OVER (PARTITION BY account, usage.region, p_from, usage.sku
                               ORDER BY rate.region = '*') = 1
)
SELECT * EXCLUDE (units), sum(units) AS units,
       CASE unit WHEN 'hour' THEN 3600
                 WHEN 'GB-hour' THEN 3600 * 1000000000000::HUGEINT
                 WHEN 'GB' THEN {gigabyte}
                 WHEN 'GB-month' THEN {gigabyte}::HUGEINT
                                      * (epoch_us(cycle_end) - epoch_us(cycle_start))
       END AS units_of_one
FROM met GROUP BY ALL;
"""

# Quantities are rounded once, a tie to the even digit. They fill the tiers in turn: the SKUs of a
# pool in the order of the pool, the versions of a rate in the order of time.
CHARGES = """
CREATE TEMP MACRO half_even(whole, rest, one) AS
    whole + CASE WHEN rest * 2 > one OR rest * 2 = one AND whole % 2 = 1 THEN 1 ELSE 0 END;

CREATE TEMP TABLE charge AS
WITH quantity AS (
    SELECT *, (half_even(units // units_of_one * {scale}
                         + units % units_of_one * {scale} // units_of_one,
                         units % units_of_one * {scale} % units_of_one, units_of_one)
               ::DECIMAL(22, 0) * {smallest}::DECIMAL({decimals}, {decimals}))
              ::DECIMAL(22, {decimals}) AS quantity
    FROM rated
), filled AS (
    SELECT *, sum(quantity) OVER (PARTITION BY account, cycle_start, coalesce(pool, sku), region
                                  ORDER BY place, since) AS filled_to
    FROM quantity LEFT JOIN pool USING (sku)
), part AS (
    SELECT account, cycle_start, cycle_end, is_whole, filled.sku, filled.region, filled.unit,
           tier_from, low,
           (least(filled_to, coalesce(high, filled_to)) - greatest(filled_to - quantity, low))
               ::DECIMAL(22, {decimals}) AS quantity,
           price, unit_price, filled.effective_from
    FROM filled JOIN tier ON tier.sku = filled.sku AND tier.region = filled.region
        AND tier.since = filled.since AND low < filled_to
        AND (high IS NULL OR high > filled_to - quantity)
    WHERE quantity > 0
), priced AS (
    SELECT *, round(quantity * unit_price, {digits})::DECIMAL(38, {digits}) AS amount
    FROM part
), account_cycle AS (
    SELECT account, cycle_start, cycle_end, any_value(is_whole) AS is_whole,
           bool_or(sku LIKE 'server:%') AS has_servers,
           coalesce(sum(amount) FILTER (sku LIKE 'support:%'), 0) AS support,
           coalesce(sum(amount) FILTER (
               split_part(sku, ':', 1) IN ('server', 'license', 'support')), 0) AS discounted
    FROM priced GROUP BY ALL
), due AS (
    SELECT account, cycle_start, cycle_end, rate.sku, effective_from,
           CASE WHEN rate.sku LIKE 'fee:%' THEN unit_price ELSE unit_price - support END AS amount,
           price
    FROM account_cycle JOIN rate ON rate.sku IN ('minimum:{level}', 'fee:{level}')
        AND since <= epoch_us(cycle_start) AND until > epoch_us(cycle_start)
    JOIN tier USING (sku, effective_from)
    WHERE is_whole AND has_servers
), discount AS (
    SELECT account, cycle_start, cycle_end, band.*,
           least(discounted, coalesce(high, discounted)) - low AS part
    FROM account_cycle JOIN band ON low < discounted AND percent > 0
        AND band.effective_from <= cycle_start AND band.until > cycle_start
)
SELECT account, cycle_start, cycle_end, sku, region, unit, tier_from, low,
       quantity::DECIMAL(38, {decimals}) AS quantity, price, amount, effective_from
FROM priced
UNION ALL
SELECT account, cycle_start, cycle_end, sku, '*', 'cycle', '0', 0, 1::DECIMAL(38, {decimals}),
       CASE WHEN sku LIKE 'fee:%' THEN price ELSE amount::DECIMAL(38, {digits})::VARCHAR END,
       round(amount, {digits}), effective_from
FROM due WHERE amount > 0
UNION ALL
SELECT account, cycle_start, cycle_end, 'discount:volume', '*', '{currency}', tier_from, low,
       part::DECIMAL(38, {decimals}),
       '-' || rtrim((percent * 0.01)::VARCHAR, '0'), -round(part * percent * 0.01, {digits}),
       effective_from
FROM discount;
"""

OUTPUT = """
COPY (
    SELECT account, strftime(cycle_start, '%Y-%m-%dT%H:%M:%SZ') AS cycle_start,
           strftime(cycle_end, '%Y-%m-%dT%H:%M:%SZ') AS cycle_end, sku, region, unit, tier_from,
           quantity, price AS unit_price, amount, '{currency}' AS currency,
           strftime(effective_from, '%Y-%m-%dT%H:%M:%SZ') AS effective_from, rule
    FROM charge JOIN rule ON rule.kind = split_part(sku, ':', 1)
    ORDER BY account, charge.cycle_start, sku, region, charge.effective_from, low, unit
) TO '{out}/charges.csv' (HEADER, DELIMITER ',')
"""

BANDS = """
CREATE TEMP TABLE band AS
WITH typed AS (
    SELECT "from" AS tier_from, "from"::DECIMAL(20, 2) AS low,
           percent::DECIMAL(9, 4) AS percent, effective_from
    FROM read_csv('{prices}/discounts.csv', header = true, all_varchar = true,
                  types = {{'effective_from': 'TIMESTAMP'}})
), grid AS (
    SELECT effective_from,
           lead(effective_from, 1, TIMESTAMP 'infinity') OVER (ORDER BY effective_from) AS until
    FROM (SELECT DISTINCT effective_from FROM typed)
)
SELECT typed.*, until, lead(low) OVER (PARTITION BY effective_from ORDER BY low) AS high
FROM typed JOIN grid USING (effective_from)
"""
NO_BANDS = """
CREATE TEMP TABLE band (tier_from VARCHAR, low DECIMAL(20, 2), percent DECIMAL(9, 4),
                        effective_from TIMESTAMP, until TIMESTAMP, high DECIMAL(20, 2))
"""

RULES = {
    "image.storage": "R1",
    "server": "R3",
    "license": "R3a",
    "support": "R3b",
    "object.storage": "R5",
    "transfer.out": "R6",
    "minimum": "R8",
    "fee": "R9",
    "discount": "P7",
}


def main():
    args = arguments()
    if args.to_parquet:
        return to_parquet(args)
    with open(os.path.join(args.prices, "book.toml"), "rb") as file:
        book = tomllib.load(file)
    rates, flavors = rows(args.prices, "rates.csv"), rows(args.prices, "flavors.csv")
    refuse_what_is_not_done(args.prices, book, rates)

    began = time.monotonic()
    bill(args, book, flavors)
    wall = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        f"wall {wall:.2f} s, CPU {used.ru_utime + used.ru_stime:.2f} s, "
        f"peak {used.ru_maxrss / 1024:.0f} MB",
        file=sys.stderr,
    )
    if args.compare:
        return compare(os.path.join(args.out, "charges.csv"), args.compare)


def bill(args, book, flavors):
    decimals = book["quantity_decimals"]
    # The book's words as enums: a byte each in the result that is kept of the log.
    enums = {
        "event": enum(EVENTS),
        "region": enum(book["regions"]),
        "flavor": enum(row["flavor"] for row in flavors),
    }
    names = {
        "scan": scan(args.log, enums),
        "prices": quoted(args.prices),
        "out": quoted(args.out),
        "start": f"'{quoted(args.start)}'" if args.start else "NULL",
        "end": f"'{quoted(args.end)}'" if args.end else "NULL",
        "never": 2**63 - 1,
        "level": quoted(book["default_service_level"]),
        "seconds": book["server_increment"],
        "step": book["server_increment"] * 1_000_000,
        "regions": "(" + ", ".join(f"'{quoted(region)}'" for region in book["regions"]) + ")",
        "gigabyte": {"GiB": 2**30, "GB": 10**9}[book["gigabyte"]],
        "decimals": decimals,
        "scale": f"{10**decimals}::HUGEINT",
        "smallest": f"{10**-decimals:.{decimals}f}",
        "currency": book["currency"],
        "digits": {"JPY": 0, "KRW": 0, "KWD": 3}.get(book["currency"], 2),
    }
    db = duckdb.connect(config={"threads": args.threads, "preserve_insertion_order": False})
    db.execute("CREATE TEMP TABLE rule (kind VARCHAR, rule VARCHAR)")
    db.executemany("INSERT INTO rule VALUES (?, ?)", list(RULES.items()))
    db.execute("CREATE TEMP TABLE pool (sku VARCHAR, pool VARCHAR, place INTEGER)")
    for number, pool in enumerate(book.get("tier_pools", [])):
        for place, sku in enumerate(pool):
            db.execute("INSERT INTO pool VALUES (?, ?, ?)", [sku, f"pool {number}", place])
    has_discounts = os.path.exists(os.path.join(args.prices, "discounts.csv"))

    for sql in [BOOK, BANDS if has_discounts else NO_BANDS, USAGE, RATED]:
        db.execute(sql.format(**names))
    unpriced = db.execute("SELECT DISTINCT sku FROM rated WHERE effective_from IS NULL").fetchall()
    if unpriced:
        sys.exit(f"use without a rate: {unpriced}")
    os.makedirs(args.out, exist_ok=True)
    for sql in [CHARGES, OUTPUT]:
        db.execute(sql.format(**names))


def scan(log, enums):
    """The log as a table. With the types given nothing is guessed, and columns that nobody asks for
    are not even decoded."""
    if log.endswith(".parquet"):
        casts = ", ".join(f"{name}::{kind} AS {name}" for name, kind in enums.items())
        return f"(SELECT * REPLACE ({casts}) FROM read_parquet('{quoted(log)}'))"
    types = {**dict.fromkeys(COLUMNS, "VARCHAR"), "time": "TIMESTAMP", "bytes": "BIGINT", **enums}
    columns = ", ".join(f"'{name}': '{quoted(kind)}'" for name, kind in types.items())
    return (
        f"read_csv('{quoted(log)}', auto_detect = false, header = true, delim = ',', "
        f"quote = '\"', escape = '\"', columns = {{{columns}}})"
    )


def to_parquet(args):
    log = scan(args.log, {})
    target = quoted(args.to_parquet)
    db = duckdb.connect(config={"threads": args.threads})
    # A time in a Parquet log is an instant: a timestamp that is adjusted to UTC.
    log = f"(SELECT * REPLACE (time AT TIME ZONE 'UTC' AS time) FROM {log})"
    db.execute(f"COPY {log} TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def enum(words):
    return "ENUM(" + ", ".join(f"'{quoted(word)}'" for word in words) + ")"


def quoted(text):
    return text.replace("'", "''")


def rows(folder, name):
    with open(os.path.join(folder, name), newline="") as file:
        return list(csv.DictReader(file))


def refuse_what_is_not_done(prices, book, rates):
    for what, is_there in {
        "volume tiers and packages": any(
            rate.get("model") not in (None, "", "graduated") for rate in rates
        ),
        "flats": any(rate.get("flat") for rate in rates),
        "half-even amounts": book["rounding"] != "half-up",
        "month_hours": "month_hours" in book,
        "whole discounts": book.get("discount_model", "marginal") != "marginal",
    }.items():
        if is_there:
            sys.exit(f"{prices}: {what} are not done here")


def compare(ours, theirs):
    """Compares line by line and shows the first ten that differ."""
    with open(ours) as one, open(theirs) as other:
        ours, theirs = one.read().splitlines(), other.read().splitlines()
    pairs = itertools.zip_longest(ours, theirs, fillvalue="(no such row)")
    differing = [(line, a, b) for line, (a, b) in enumerate(pairs, 1) if a != b]
    for line, a, b in differing[:10]:
        print(f"line {line}\n  here  {a}\n  there {b}", file=sys.stderr)
    print(
        f"{len(ours) - 1} rows here, {len(theirs) - 1} there, {len(differing)} lines differ",
        file=sys.stderr,
    )
    return 1 if differing else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("log")
    parser.add_argument("--prices", help="folder of the price book")
    parser.add_argument("--out", help="folder that charges.csv is written to")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start", help="a date; without it, as sharebill does")
    parser.add_argument("--end", help="a date; without it, as sharebill does")
    parser.add_argument("--compare", metavar="CHARGES_CSV", help="the charges.csv of sharebill")
    parser.add_argument("--to-parquet", metavar="FILE", help="write the log to FILE, and no bill")
    args = parser.parse_args()
    if not args.to_parquet and not (args.prices and args.out):
        parser.error("--prices and --out are needed")
    return args


if __name__ == "__main__":
    sys.exit(main())
