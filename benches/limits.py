#!/usr/bin/env python3
"""How far sharebill goes: makes extreme inputs, runs the program on them, prints a table.

`benches/limits.py target/release/sharebill [--only WORD] [--scale 0.1] [--out table.md]`

Each case is run at half its size and at its whole size. The ratio of the two times should be about
2; where it is about 4, something is quadratic. Times are those of the processor, so that other work
on the machine counts little; memory is the largest resident size. Needs about 4 GB of disk.
"""

import argparse
import gzip
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEAD = "time,event,account,region,resource,source,member,status,bytes,flavor,os,visibility,labels,id\n"
BOOK = {
    "book.toml": """id = "limits"
title = "For limits"
currency = "USD"
gigabyte = "GiB"
regions = ["DFW", "IAD"]
cycle = "calendar-month"
rounding = "half-up"
quantity_decimals = 8
server_increment = 1
default_service_level = "none"
""",
    "rates.csv": """sku,region,unit,model,from,price,flat,effective_from,source
image.storage,*,GB-month,,0,0.10,,1970-01-01,test
object.storage,*,GB-month,,0,0.10,,1970-01-01,test
server:small,*,hour,,0,0.03,,1970-01-01,test
transfer.out,*,GB,,0,0.12,,1970-01-01,test
""",
    "flavors.csv": "flavor,class,vcpus,ram_gb,support_gb,disk_gb,imageable\nsmall,c,1,1,1,20,true\n",
}
CASES = []
MEMORY_LIMIT = 8 << 30
TIME_LIMIT = 1200


def case(name, size, unit, expected=(0, 3), least=2):
    """Registers a case: its whole size, with which exit statuses it may end, and what --scale leaves."""
    def register(make):
        CASES.append((name, size, unit, expected, least, make))
        return make
    return register


def event(day, kind, account="", region="", resource="", source="", member="", status="", bytes="",
          flavor="", labels="", id="", seconds=0):
    time_of_day = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return (f"2016-03-{day:02}T{time_of_day}Z,{kind},{account},{region},{resource},{source},{member},"
            f"{status},{bytes},{flavor},,,{labels},{id}\n")


def image(resource, account="acme", day=1, **more):
    return event(day, "image.create", account, "DFW", resource, bytes=1 << 30, **more)


def write(path, pieces):
    with open(path, "w", buffering=1 << 20) as out:
        for piece in pieces:
            out.write(piece)


def book(folder, **files):
    path = folder / "book"
    path.mkdir()
    for name, text in BOOK.items():
        (path / name).write_text(files.get(name.split(".")[0], text))
    return path


def bill(folder, rows, *more, **files):
    write(folder / "events.csv", rows)
    return ["bill", "events.csv", "--prices", str(book(folder, **files).name), "--out", "out", *more]


# ------------------------------------------------------------------------------ names and numbers

@case("ids of 64 KB: accounts, images, members, events", 2_000, "rows")
def long_ids(n, folder):
    long = lambda kind, number: f"{kind}{number:08}" + "x" * 65_000
    def rows():
        yield HEAD
        for number in range(n // 2):
            yield image(long("i", number), long("a", number), id=long("e", number))
            yield event(2, "image.member.create", long("a", number), "", long("i", number),
                        member=long("m", number))
    return bill(folder, rows(), "--detail")


@case("distinct accounts", 10_000_000, "accounts")
def many_accounts(n, folder):
    return bill(folder, (HEAD if k == 0 else image(f"i{k:08}", f"a{k}") for k in range(n + 1)), "-q")


@case("bytes of 2^53+1 and 2^63-1, one past, and 2^64-1", 4, "rows", (0, 3), 4)
def huge_numbers(n, folder):
    sizes = [2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1][:n]
    rows = [HEAD] + [event(1, "image.create", "acme", "DFW", f"i{size}", bytes=size)
                     for size in sizes]
    return bill(folder, rows, "--start", "2016-03-01", "--end", "2016-04-01")


@case("an image from 1970 to 9999, cycle by cycle", 8_030, "years")
def all_years(n, folder):
    rows = [HEAD, f"1970-01-01T00:00:00Z,image.create,acme,DFW,gold,,,,{1 << 30},,,,,\n",
            f"{1969 + n}-12-31T23:59:59.999999Z,image.delete,acme,,gold,,,,,,,,,\n"]
    end = f"{1970 + n}-01-01" if n < 8_030 else "9999-12-31T23:59:59.999999Z"
    return bill(folder, rows, "--start", "1970-01-01", "--end", end, "-q")


# -------------------------------------------------------------------------------------- the world

@case("members of one image, each with a server", 1_000_000, "members")
def members(n, folder):
    def rows():
        yield HEAD + image("gold")
        for k in range(n):
            yield event(2, "image.member.create", "acme", "", "gold", member=f"m{k}")
        for k in range(n):
            yield event(3, "server.create", f"m{k}", "DFW", f"s{k}", "gold", flavor="small")
    return bill(folder, rows(), "-q")


@case("members who come and go, of one image", 1_000_000, "rows")
def restless_members(n, folder):
    def rows():
        yield HEAD + image("gold")
        for k in range(n // 2):
            yield event(2, "image.member.create", "acme", "", "gold", member=f"m{k}")
        for k in range(n // 2):
            yield event(3, "image.member.delete", "acme", "", "gold", member=f"m{k}")
    return bill(folder, rows(), "-q")


@case("a lineage: an image, its server, that one's image …", 100_000, "generations")
def lineage(n, folder):
    def rows():
        yield HEAD + image("i0")
        for k in range(n):
            seconds = k * 80_000 // n
            yield event(2, "server.create", "acme", "DFW", f"s{k}", f"i{k}", flavor="small",
                        seconds=seconds)
            yield event(2, "image.create", "acme", "DFW", f"i{k + 1}", f"s{k}", bytes=1 << 30,
                        seconds=seconds)
    return bill(folder, rows(), "-q")


@case("a lineage that is shared on at each step (L11)", 20_000, "generations")
def shared_lineage(n, folder):
    def rows():
        yield HEAD + image("i0", "a0")
        for k in range(n):
            seconds = k * 80_000 // n
            yield event(2, "image.member.create", f"a{k % 7}", "", f"i{k}", member=f"a{(k + 1) % 7}",
                        seconds=seconds)
            yield event(2, "server.create", f"a{(k + 1) % 7}", "DFW", f"s{k}", f"i{k}",
                        flavor="small", seconds=seconds)
            yield event(2, "image.create", f"a{(k + 1) % 7}", "DFW", f"i{k + 1}", f"s{k}",
                        bytes=1 << 30, seconds=seconds + 1)
    return bill(folder, rows(), "-q")


@case("one account's cycle: images at once, in detail", 1_000_000, "images")
def one_account(n, folder):
    return bill(folder, (HEAD if k == 0 else image(f"i{k}") for k in range(n + 1)), "--detail", "-q")


@case("one event id, again and again", 1_000_000, "rows")
def repeats(n, folder):
    row = image("gold", id="e-1")
    return bill(folder, (HEAD if k == 0 else row for k in range(n + 1)), "-q")


@case("rows that cannot be read", 1_000_000, "rows", (3,))
def broken_rows(n, folder):
    def rows():
        yield HEAD + image("gold")
        for k in range(n):
            yield f"yesterday,image.create,acme,DFW,i{k},,,,12,,,,,\n"
    return bill(folder, rows(), "-q")


@case("labels on one image", 1_000_000, "labels")
def labels(n, folder):
    text = ";".join(f"l{k}" for k in range(n))
    return bill(folder, [HEAD, image("gold", labels=text)], "-q")


@case("rows in reverse order of time", 1_000_000, "rows")
def reverse(n, folder):
    def rows():
        yield HEAD
        for k in range(n):
            second = (n - 1 - k) * 2_000_000 // n
            yield event(1 + second // 86_400, "image.create", "acme", "DFW", f"i{k}", bytes=1 << 30,
                        seconds=second % 86_400)
    return bill(folder, rows(), "-q")


# ---------------------------------------------------------------------------------------- prices

def with_rates(rows):
    return BOOK["rates.csv"] + "".join(rows)


@case("tiers of one rate, 2,000 accounts that fill them", 10_000, "tiers")
def tiers(n, folder):
    rates = BOOK["rates.csv"].replace("image.storage,*,GB-month,,0,0.10,,1970-01-01,test\n", "")
    rates += "".join(f"image.storage,*,GB-month,,{k},0.{999999 - k},,1970-01-01,test\n"
                     for k in range(n))
    rows = [HEAD] + [event(1, "image.create", f"a{k}", "DFW", f"i{k}", bytes=(5 * k + 1) << 30)
                     for k in range(2_000)]
    return bill(folder, rows, "-q", "--detail", rates=rates)


@case("versions of one rate within one cycle, 50 accounts", 20_000, "versions")
def versions(n, folder):
    rates = BOOK["rates.csv"]
    for k in range(n):
        second = 1 + k * 86_400 // n
        second_text = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        rates += f"image.storage,*,GB-month,,0,0.{100_000 + k},,2016-03-02T{second_text}.{k % 1000000:06}Z,test\n"
    return bill(folder, [HEAD] + [image(f"i{k}", f"a{k}") for k in range(50)], "-q", rates=rates)


@case("flavors of a book, each with a rate", 100_000, "flavors")
def flavors(n, folder):
    rates = with_rates(f"server:f{k},*,hour,,0,0.01,,1970-01-01,test\n" for k in range(n))
    listed = BOOK["flavors.csv"] + "".join(f"f{k},c,1,1,1,20,true\n" for k in range(n))
    return bill(folder, [HEAD, image("gold")], "-q", rates=rates, flavors=listed)


@case("flavors without a rate, rates without a flavor", 10_000, "of each", (1,))
def unknown_flavors(n, folder):
    rates = with_rates(f"server:g{k},*,hour,,0,0.01,,1970-01-01,test\n" for k in range(n))
    listed = BOOK["flavors.csv"] + "".join(f"f{k},c,1,1,1,20,true\n" for k in range(n))
    return bill(folder, [HEAD, image("gold")], "-q", "--message-format", "short", rates=rates,
                flavors=listed)


@case("regions of a book, each with a rate", 20_000, "regions")
def regions(n, folder):
    settings = BOOK["book.toml"].replace('["DFW", "IAD"]', json.dumps(["DFW"] + [f"R{k}" for k in range(n)]))
    rates = with_rates(f"image.storage,R{k},GB-month,,0,0.01,,1970-01-01,test\n" for k in range(n))
    return bill(folder, [HEAD, image("gold")], "-q", book=settings, rates=rates)


@case("accounts in the list", 1_000_000, "accounts")
def account_list(n, folder):
    write(folder / "accounts.csv", ("account,name\n" if k == 0 else f"a{k},A\n" for k in range(n + 1)))
    return bill(folder, [HEAD, image("gold")], "-q", "--accounts", "accounts.csv")


# ------------------------------------------------------------------------------------- scenarios

def scenario(folder, text):
    (folder / "plan.toml").write_text(text)
    book(folder)
    return ["project", "--scenario", "plan.toml", "--prices", "book", "--out", "out", "-q"]


PLAN = '[scenario]\nname = "many"\nstart = "2027-01-01"\nmonths = 2\n'


@case("fleets of a scenario", 100_000, "fleets")
def fleets(n, folder):
    fleet = '[[fleet]]\nname = "f{0}"\naccount = "a{0}"\nregion = "DFW"\nflavor = "small"\ncount = 1\n'
    return scenario(folder, PLAN + "".join(fleet.format(k) for k in range(n)))


@case("images of a scenario, each shared", 20_000, "images")
def planned_images(n, folder):
    one = ('[[image]]\nname = "i{0}"\nowner = "a{0}"\nregions = ["DFW", "IAD"]\nsize = "1 GiB"\n'
           'share_with = ["b{0}"]\n')
    return scenario(folder, PLAN + "".join(one.format(k) for k in range(n)))


@case("a group's accounts, in one fleet", 200_000, "accounts")
def group(n, folder):
    return scenario(folder, PLAN + f"""[[group]]
name = "all"
count = {n}
prefix = "t"
[[fleet]]
name = "web"
account = "all"
region = "DFW"
flavor = "small"
count = 1
""")


# --------------------------------------------------------------------------------- odd containers

@case("gzip members, one after the other", 200_000, "members")
def gzip_members(n, folder):
    with open(folder / "events.csv.gz", "wb") as out:
        out.write(gzip.compress(HEAD.encode(), 1))
        for k in range(n):
            out.write(gzip.compress(image(f"i{k}").encode(), 1))
    book(folder)
    return ["bill", "events.csv.gz", "--prices", "book", "--out", "out", "-q"]


@case("zstd frames, one after the other", 20_000, "frames")
def zstd_frames(n, folder):
    frames = [HEAD] + [image(f"i{k}") for k in range(n)]
    with open(folder / "events.csv.zst", "wb") as out:
        for frame in frames:
            out.write(zstd_raw(frame.encode()))
    book(folder)
    return ["bill", "events.csv.zst", "--prices", "book", "--out", "out", "-q"]


def zstd_raw(data):
    """A frame of one stored block (RFC 8878): no library is needed to write it."""
    block = (len(data) << 3 | 1).to_bytes(3, "little")
    return b"\x28\xb5\x2f\xfd\x60" + (len(data) - 256).to_bytes(2, "little") + block + data \
        if len(data) >= 256 else b"\x28\xb5\x2f\xfd\x20" + bytes([len(data)]) + block + data


def zstd_bytes(size, byte):
    """A frame that says "this byte, so often": 128 KiB in four bytes, again and again."""
    block = lambda is_last: ((1 << 17) << 3 | 2 | is_last).to_bytes(3, "little") + byte
    return b"\x28\xb5\x2f\xfd\x00\x38" + block(0) * ((size >> 17) - 1) + block(1)


def bomb(folder, name, size):
    path = folder / name
    if name.endswith(".zst"):
        path.write_bytes(zstd_bytes(size, b"0"))
        return
    with gzip.open(path, "wb", 9) as out:
        for _ in range(size >> 20):
            out.write(b"0" * (1 << 20))


@case("a gzip bomb as a log", 16 << 10, "MB", (1,))
def gzip_bomb(n, folder):
    bomb(folder, "events.csv.gz", n << 20)
    book(folder)
    return ["bill", "events.csv.gz", "--prices", "book", "--out", "out", "-q"]


@case("a zstd bomb as a list of accounts", 64 << 10, "MB", (1,), 4 << 10)
def zstd_bomb(n, folder):
    bomb(folder, "accounts.csv.zst", n << 20)
    return bill(folder, [HEAD, image("gold")], "-q", "--accounts", "accounts.csv.zst")


@case("a zstd bomb of lines, as a log", 64 << 10, "MB", (1,), 4 << 10)
def zstd_bomb_of_lines(n, folder):
    rows = zstd_raw((HEAD + image("gold")).encode())
    (folder / "events.csv.zst").write_bytes(rows + zstd_bytes(n << 20, b"\n"))
    book(folder)
    return ["bill", "events.csv.zst", "--prices", "book", "--out", "out", "-q"]


@case("a line without end, of CSV", 1_000, "MB", (1, 3))
def endless_line(n, folder):
    def rows():
        yield HEAD + image("gold")
        for _ in range(n):
            yield "x" * 1_000_000
    return bill(folder, rows(), "-q")


@case("a header without end", 1_000, "MB", (1,))
def endless_header(n, folder):
    return bill(folder, ("x" * 1_000_000 for _ in range(n)), "-q")


@case("a line without end, of JSON", 1_000, "MB", (1, 3))
def endless_json(n, folder):
    def rows():
        yield '{"event":"image.create","resource":"'
        for _ in range(n):
            yield "x" * 1_000_000
    return bill(folder, rows(), "-q")


@case("a quote that is never closed", 1_000, "MB", (3,))
def open_quote(n, folder):
    row = image("i").replace(",i,", ",i{},")
    def rows():
        yield HEAD + image("gold") + '"'
        for k in range(n * 12_000):
            yield row.format(k % 1000)
    return bill(folder, rows(), "-q")


@case("columns in a header", 1_000_000, "columns", (1,))
def columns(n, folder):
    return bill(folder, [",".join(f"c{k}" for k in range(n)), "\n"], "-q")


@case("columns in a header, unknown ones ignored", 1_000_000, "columns", (0,))
def ignored_columns(n, folder):
    header = HEAD.strip() + "," + ",".join(f"c{k}" for k in range(n)) + "\n"
    row = image("gold").strip() + "," * n + "\n"
    return bill(folder, [header, row], "-q", "--ignore-unknown-columns")


@case("the same column, again and again", 100_000, "columns", (1,))
def same_column(n, folder):
    return bill(folder, [",".join(["bytes"] * n), "\n"], "-q")


# --------------------------------------------------------------------------------------- nesting

@case("nested JSON in a native log", 2_000_000, "levels", (1, 3))
def deep_json(n, folder):
    good = ('{"time":"2016-03-01T00:00:00Z","event":"image.create","account":"acme","region":"DFW",'
            '"resource":"gold","bytes":1073741824}\n')
    return bill(folder, [good, '{"event":"image.create","labels":', "[" * n, "]" * n, "}\n"], "-q")


@case("nested JSON in a notification", 2_000_000, "levels", (1, 3))
def deep_payload(n, folder):
    return bill(folder, ['{"event_type":"image.create","payload":{"a":', "[" * n, "]" * n, "}}\n"],
                "-q")


@case("nested TOML in a book", 1_000_000, "levels", (1,))
def deep_toml(n, folder):
    return bill(folder, [HEAD, image("gold")], "-q",
                book=BOOK["book.toml"] + "tier_pools = " + "[" * n + "]" * n + "\n")


@case("nested inline tables in a scenario", 1_000_000, "levels", (1,))
def deep_scenario(n, folder):
    return scenario(folder, PLAN + "a = " + "{ a = " * n + "1" + " }" * n + "\n")


@case("a dotted key in a scenario", 1_000_000, "levels", (1,))
def dotted_key(n, folder):
    return scenario(folder, PLAN + ".".join("a" * 1 for _ in range(n)) + " = 1\n")


@case("tables below tables in a scenario", 2_000, "levels", (1,))
def nested_headers(n, folder):
    return scenario(folder, PLAN + "[" + ".".join("a" for _ in range(n)) + "]\n")


@case("keys that nobody knows, in a scenario", 20_000, "keys", (1,))
def unknown_keys(n, folder):
    return scenario(folder, PLAN + "".join(f"k{k} = 1\n" for k in range(n)))


@case("rules of a journal's map, for 1,000 accounts", 10_000, "rules", (0,))
def journal_map(n, folder):
    log = bill(folder, [HEAD] + [image(f"i{k}", f"a{k}") for k in range(1_000)], "-q")
    subprocess.run([PROGRAM, *log], cwd=folder, check=True)
    rule = '[[charge]]\nsku = "*"\naccount = "a{}"\nledger = "{}"\n'
    # The first that fits decides: those that fit come last.
    rules = "".join(rule.format(k, k) for k in reversed(range(n)))
    start = 'side = "expense"\nclearing = "1"\nrounding = "2"\n'
    (folder / "map.toml").write_text(start + rules + '[[charge]]\nsku = "*"\nledger = "3"\n')
    return ["export", "out", "--gl", "map.toml", "--out", "journal.csv"]


# --------------------------------------------------------------------------------------- running

def measure(arguments, folder):
    """Processor seconds, megabytes, exit status, first line of what it says."""
    said = folder / "said.txt"
    with open(said, "wb") as err, open(os.devnull, "wb") as null:
        started = time.time()
        child = subprocess.Popen(
            [PROGRAM, *arguments], cwd=folder, stdout=null, stderr=err,
            preexec_fn=lambda: (resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT,) * 2),
                                resource.setrlimit(resource.RLIMIT_CPU, (TIME_LIMIT,) * 2)))
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    with open(said, errors="replace") as lines:
        first = next((line.strip() for line in lines if line.strip()), "")
    return (used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, child.returncode, first[:160],
            time.time() - started)


def run(name, size, unit, expected, make):
    results = []
    for part in [size // 2, size]:
        folder = Path(tempfile.mkdtemp(prefix="limits-", dir=SCRATCH))
        try:
            arguments = make(max(part, 1), folder)
            results.append(measure(arguments, folder))
        finally:
            shutil.rmtree(folder)
    half, whole = results
    ratio = f"{whole[0] / half[0]:.1f}" if half[0] >= 0.05 else "–"
    outcome = f"status {whole[2]}" + (f": {whole[3]}" if whole[3] else "")
    verdict = "" if whole[2] in expected and half[2] in expected else "UNEXPECTED "
    row = (f"| {name} | {size:,} {unit} | {half[0]:.2f} → {whole[0]:.2f} s | {ratio} | "
           f"{half[1]:.0f} → {whole[1]:.0f} MB | {verdict}{outcome} |")
    print(row, flush=True)
    return row, not verdict


def main():
    global PROGRAM, SCRATCH
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--only", default="", help="cases whose function or name holds this word")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--out")
    parser.add_argument("--scratch")
    options = parser.parse_args()
    PROGRAM, SCRATCH = str(Path(options.program).resolve()), options.scratch
    head = ["| case | whole size | time, half → whole | ratio | memory | outcome |",
            "|---|---|---|---|---|---|"]
    print("\n".join(head))
    rows, all_fine = [], True
    for name, size, unit, expected, least, make in CASES:
        if options.only in name or options.only in make.__name__:
            row, fine = run(name, max(int(size * options.scale), least), unit, expected, make)
            rows.append(row)
            all_fine &= fine
    if options.out:
        Path(options.out).write_text("\n".join(head + rows) + "\n")
    sys.exit(0 if all_fine else 1)


if __name__ == "__main__":
    main()
