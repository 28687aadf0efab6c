#!/usr/bin/env python3
"""Whether one bill says the same in every form, to the cent.

    .ci/agree.py PROGRAM [ROWS] [FOLDER]

Bills a generated log of ROWS events (100,000) with every form that there is, and adds each of them
up by account and cycle: statements, charges, allocations (CSV and Parquet), FOCUS by invoice, the
workbook, the tables of the page. Fails with a sentence where one of them is a cent off. The Parquet
files need pyarrow; without it that is said.
"""

import csv
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def rows(path):
    with open(path, newline="") as file:
        yield from csv.DictReader(file)


def by_statement(told):
    """Sums of (account, first day of the cycle, amount)."""
    sums = defaultdict(Decimal)
    for account, start, amount in told:
        sums[account, str(start)[:10]] += Decimal(amount)
    return {key: total for key, total in sums.items() if total}


def of_table(path, amount):
    return by_statement((row["account"], row["cycle_start"], row[amount]) for row in rows(path))


def of_focus(path):
    def told():
        for row in rows(path):
            _, account, start = row["InvoiceId"].rsplit(":", 2)
            yield unquote(account), start, row["BilledCost"]

    return by_statement(told())


def of_parquet(path):
    from pyarrow import parquet

    file = parquet.ParquetFile(path)

    def told():
        for batch in file.iter_batches(columns=["account", "cycle_start", "amount"]):
            for row in batch.to_pylist():
                yield row["account"], row["cycle_start"].isoformat(), row["amount"]

    return by_statement(told())


def of_workbook(path, sheet, amount):
    """A sheet, and those that it goes on in: rows are read as the file has them."""
    book = zipfile.ZipFile(path)
    names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
    texts = []
    with book.open("xl/sharedStrings.xml") as file:
        for _, item in ElementTree.iterparse(file):
            if item.tag == NAMESPACE + "si":
                texts.append("".join(text.text or "" for text in item.iter(NAMESPACE + "t")))
                item.clear()

    def cells(number):
        with book.open(f"xl/worksheets/sheet{number}.xml") as file:
            for _, row in ElementTree.iterparse(file):
                if row.tag != NAMESPACE + "row":
                    continue
                cells = {}
                for cell in row:
                    value = cell.find(NAMESPACE + "v")
                    column = re.match("[A-Z]+", cell.get("r")).group()
                    if value is not None:
                        text = value.text
                        cells[column] = texts[int(text)] if cell.get("t") == "s" else text
                yield cells
                row.clear()

    def told():
        for number, name in enumerate(names, 1):
            if name != sheet and not re.fullmatch(rf"{sheet} \d+", name):
                continue
            table = cells(number)
            header = {text: column for column, text in next(table).items()}
            for row in table:
                account, start = row.get(header["account"]), row.get(header["cycle_start"])
                # The last row has the total.
                if account and start and account != "Total":
                    # Days are counted from here on.
                    day = date(1899, 12, 30) + timedelta(days=int(Decimal(start)))
                    yield account, day, row[header[amount]]

    return by_statement(told())


def of_page(path):
    page = Path(path).read_text()
    data = json.loads(re.search(r'id="statements-data">(.*?)</script>', page, re.S).group(1))
    names = [column[0] for column in data["columns"]]
    place = names.index
    told = [(row[place("account")], row[place("cycle_start")], row[place("total")])
            for row in data["rows"]]
    shown = Decimal(re.search(r'id="total" value="([^"]*)"', page).group(1))
    total = Decimal(data["total"][place("total")])
    return by_statement(told), data.get("rest"), shown, total


def check(holds, sentence):
    if not holds:
        sys.exit(f"agree: {sentence}")


def main():
    program = str(Path(sys.argv[1]).resolve())
    count = sys.argv[2] if len(sys.argv) > 2 else "100000"
    folder = Path(sys.argv[3] if len(sys.argv) > 3 else tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    log, run = folder / "log.csv", folder / "bill"
    subprocess.run([program, "generate", "--rows", count, "--seed", "5", "--out", log, "-q"],
                   check=True)
    subprocess.run([program, "bill", log, "--prices", ROOT / "pricing/rackspace-us", "--detail",
                    "--parquet", "--focus", "--allow-findings", "--force", "--out", run, "-q"],
                   check=True)
    page, book = folder / "report.html", folder / "report.xlsx"
    subprocess.run([program, "report", run, "--html", page, "--xlsx", book, "--force", "-q"],
                   check=True)
    expected = of_table(run / "statements.csv", "total")
    total = sum(expected.values())
    check(expected, "the bill is empty")
    told = [
        ("charges.csv", of_table(run / "charges.csv", "amount")),
        ("allocations.csv", of_table(run / "allocations.csv", "amount")),
        ("focus.csv, by invoice", of_focus(run / "focus.csv")),
        ("the workbook's statements", of_workbook(book, "statements", "total")),
        ("the workbook's charges", of_workbook(book, "charges", "amount")),
        ("the workbook's allocations", of_workbook(book, "allocations", "amount")),
    ]
    try:
        for name in ["charges.parquet", "allocations.parquet"]:
            told.append((name, of_parquet(run / name)))
    except ModuleNotFoundError:
        print("agree: no pyarrow, so the Parquet files are not looked at")
    for name, sums in told:
        wrong = [key for key in expected.keys() | sums.keys() if expected.get(key) != sums.get(key)]
        for key in wrong[:3]:
            print(f"{name}: {key} comes to {sums.get(key)}, the statement to {expected.get(key)}")
        check(not wrong, f"{len(wrong)} statements differ in {name}")
    sums, rest, shown, summed = of_page(page)
    check(shown == summed == total, f"the page shows {shown} and {summed}, the bill comes to {total}")
    differs = [key for key, amount in sums.items() if expected.get(key) != amount]
    check(not differs, f"{len(differs)} statements differ on the page")
    check(rest or sums == expected, "the page leaves statements out without saying so")
    print(f"{len(expected)} statements of {count} events, {total} in all: "
          f"the same in {', '.join(name for name, _ in told)}, and on the page")


if __name__ == "__main__":
    main()
