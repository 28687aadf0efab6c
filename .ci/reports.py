#!/usr/bin/env python3
"""Opens reports as people do: the page in Chromium, the workbook in LibreOffice.

    .ci/reports.py PROGRAM [FOLDER]

Everything is made anew in FOLDER (or a temporary one), from the shipped examples and from a log
with hostile names. Fails with a sentence where a page has an error, a total differs from the CSV by
a cent, or sorting, searching or saving does not work. Screenshots stay in FOLDER. What is missing
is installed by apt.
"""

import base64
import csv
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOSTILE = '</script><img src=x onerror="window.hacked=1">'
HEADER = (
    "time,event,account,region,resource,source,member,status,bytes,flavor,os,visibility,labels,id\n"
)


def check(holds, sentence):
    if not holds:
        sys.exit(f"reports: {sentence}")


def install(*tools):
    missing = [package for program, package in tools if not shutil.which(program)]
    if missing:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
                       check=True, stdout=subprocess.DEVNULL)


def run(program, *arguments):
    subprocess.run([program, *map(str, arguments), "-q"], check=True, cwd=ROOT,
                   stdout=subprocess.DEVNULL)


def column(path, name):
    with open(path, newline="") as rows:
        return [row[name] for row in csv.DictReader(rows)]


def total(path, name):
    return sum(map(Decimal, column(path, name)), Decimal(0))


class Browser:
    """A session of Chromium, spoken to by the WebDriver protocol."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.driver = subprocess.Popen(["chromedriver", f"--port={port}"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}/session"
        self.downloads = folder / "downloads"
        self.downloads.mkdir()
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1280,900",
            f"--user-data-dir={folder / 'profile'}",
        ]
        capabilities = {
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": {"download.default_directory": str(self.downloads)},
            },
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        for _ in range(100):
            try:
                session = self.call("POST", "", {"capabilities": {"alwaysMatch": capabilities}})
                break
            except OSError:
                time.sleep(0.1)
        self.url += "/" + session["sessionId"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            sys.exit(f"reports: {path} {body}: {json.load(error)['value']['message']}")

    def open(self, page):
        self.call("POST", "/url", {"url": page.as_uri()})

    def script(self, text, *arguments):
        return self.call("POST", "/execute/sync", {"script": text, "args": list(arguments)})

    def cdp(self, command, **parameters):
        self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def element(self, selector):
        found = self.call("POST", "/element", {"using": "css selector", "value": selector})
        return next(iter(found.values()))

    def click(self, selector):
        self.script("document.querySelector(arguments[0]).scrollIntoView({behavior: 'instant', "
                    "block: 'center', inline: 'center'})", selector)
        self.call("POST", f"/element/{self.element(selector)}/click", {})

    def type(self, selector, text):
        self.call("POST", f"/element/{self.element(selector)}/value", {"text": text})

    def rows(self, sheet):
        return self.script(
            "return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)]"
            ".map(row => [...row.children].map(cell => cell.textContent))", sheet)

    def foot(self, sheet):
        return self.script(
            "return [...document.querySelectorAll(`#${arguments[0]} tfoot tr:last-child > *`)]"
            ".map(cell => cell.textContent)", sheet)

    def no_errors(self, what):
        logged = self.call("POST", "/se/log", {"type": "browser"})
        check(not logged, f"the console of {what} says {logged}")

    def picture(self, path):
        path.write_bytes(base64.b64decode(self.call("GET", "/screenshot")))

    def close(self):
        self.call("DELETE", "")
        self.driver.terminate()
        self.driver.wait()


def pictures(browser, folder, name):
    """Light and dark, on a phone, and on paper."""
    for scheme in ["light", "dark"]:
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.cdp("Emulation.setEmulatedMedia", features=[feature])
        browser.picture(folder / f"{name}-{scheme}.png")
    browser.cdp("Emulation.setEmulatedMedia", features=[])
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    browser.cdp("Emulation.setDeviceMetricsOverride", **phone)
    browser.picture(folder / f"{name}-phone.png")
    wide = browser.script("return document.documentElement.scrollWidth")
    check(wide <= 390, f"{name} is {wide} pixels wide on a phone of 390")
    browser.cdp("Emulation.clearDeviceMetricsOverride")
    paper = base64.b64decode(browser.call("POST", "/print", {}))
    check(paper.startswith(b"%PDF"), f"{name} cannot be printed")
    (folder / f"{name}.pdf").write_bytes(paper)


def bill_page(browser, folder, bill, page):
    browser.open(page)
    expected = total(bill / "statements.csv", "total")
    shown = browser.script("return document.getElementById('total').value")
    check(Decimal(shown) == expected, f"the page's total is {shown}, the CSV's {expected}")
    for sheet in ["months", "accounts", "statements"]:
        told = browser.script(
            "const data = JSON.parse(document.getElementById(arguments[0] + '-data').textContent);"
            "const place = data.columns.findIndex(column => column[0] === 'total');"
            "return [data.rows.map(row => row[place]), data.total[place], data.rest]", sheet)
        rest = [told[2]["cells"]] if told[2] else []
        check(not rest and sum(map(Decimal, told[0])) == Decimal(told[1]) == expected,
              f"the rows of {sheet} do not add up to {expected}")
    # Sorting: the largest first, by mouse; the other way round by keyboard.
    before = browser.rows("statements")
    header = "#statements thead th:nth-child(12)"
    browser.click(header + " button")
    number = lambda text: Decimal(text.replace(",", ""))
    sorts = lambda: browser.script("return document.querySelector(arguments[0]).ariaSort", header)
    shown = [number(row[11]) for row in browser.rows("statements")]
    check(sorts() == "descending" and shown == sorted(shown, reverse=True), f"sorting gave {shown}")
    check(len(shown) == len(before), "sorting changed how many rows there are")
    browser.type(header + " button", "\ue007")
    shown = [number(row[11]) for row in browser.rows("statements")]
    check(sorts() == "ascending" and shown == sorted(shown), f"the Enter key gave {shown}")
    # By name the rows are those that came with the page, cell by cell.
    browser.click("#statements thead th:nth-child(1) button")
    check(browser.rows("statements") == before, "the script shows rows in another way than the page")
    # Searching: only what is meant, added up.
    browser.type("#statements input", "storefront")
    found = browser.rows("statements")
    check(found and all(row[0] == "storefront" for row in found), f"the search found {found}")
    with open(bill / "statements.csv", newline="") as rows:
        part = sum(Decimal(row["total"]) for row in csv.DictReader(rows)
                   if row["account"] == "storefront")
    check(number(browser.foot("statements")[11]) == part, "the sum of what was found is wrong")
    # Saving.
    browser.click("#accounts [data-do=save]")
    saved = browser.downloads / "accounts.csv"
    for _ in range(100):
        if saved.exists():
            break
        time.sleep(0.05)
    check(saved.exists(), "nothing was saved")
    check(total(saved, "total") == expected, "the saved table has another total")
    browser.script("document.querySelector('#map-section').scrollIntoView({behavior: 'instant'})")
    browser.picture(folder / "bill-map.png")
    browser.script("window.scrollTo({top: 0, behavior: 'instant'})")
    pictures(browser, folder, "bill")
    browser.no_errors("a bill's page")


def hostile_page(program, browser, folder):
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    log = folder / "hostile.csv"
    log.write_text(HEADER + "".join(line + "\n" for line in [
        f"2016-03-01T00:00:00Z,image.create,{quoted},IAD,=cmd|'/c calc'!A0,,,,20000000000,,,,,",
        f"2016-03-02T00:00:00Z,image.member.create,,IAD,=cmd|'/c calc'!A0,,@evil\u202e,,,,,,,",
        "2016-03-03T00:00:00Z,server.create,@evil\u202e,IAD,+1,=cmd|'/c calc'!A0,,,,general1-4,,,,",
    ]))
    run(program, "bill", log, "--prices", "pricing/rackspace-us", "--detail", "--out",
        folder / "hostile")
    run(program, "report", folder / "hostile", "--html", folder / "hostile.html")
    browser.open(folder / "hostile.html")
    browser.type("#accounts input", "img")
    found = browser.rows("accounts")
    check([row[0] for row in found] == [HOSTILE], f"a hostile name is shown as {found}")
    alive = "return [window.hacked, document.images.length, document.scripts.length]"
    hacked, images, _ = browser.script(alive)
    check(hacked is None and images == 0, "a name became markup")
    browser.no_errors("a page with hostile names")


def projection_page(program, browser, folder):
    run(program, "project", "--scenario", "examples/rollout/scenario.toml", "--prices",
        "pricing/rackspace-us", "--runs", 200, "--out", folder / "plan")
    run(program, "report", folder / "plan", "--html", folder / "plan.html", "--xlsx",
        folder / "plan.xlsx")
    browser.open(folder / "plan.html")
    with open(folder / "plan" / "projection_summary.csv", newline="") as rows:
        whole = [row["mean"] for row in csv.DictReader(rows)
                 if (row["account"], row["period"], row["category"]) == ("*", "all", "total")]
    shown = browser.script("return document.getElementById('total').value")
    check([shown] == whole, f"the projection's page says {shown}, the CSV {whole}")
    pictures(browser, folder, "plan")
    browser.no_errors("a projection's page")


def workbook(program, bill, folder):
    book = folder / "bill.xlsx"
    run(program, "report", bill, "--xlsx", book)
    # Every sheet as CSV, with the values that LibreOffice shows; formulas are computed anew.
    filter_options = "44,34,76,1,,0,false,false,false,false,false,-1"
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder / 'office'}", "--headless",
         "--convert-to", f"csv:Text - txt - csv (StarCalc):{filter_options}", "--outdir",
         folder / "sheets", book],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    expected = total(bill / "statements.csv", "total")
    sheet = lambda name: folder / "sheets" / f"bill-{name}.csv"
    for name, amount in [("statements", "total"), ("charges", "amount"), ("allocations", "amount")]:
        *rows, last = column(sheet(name), amount)
        rows = sum(map(Decimal, rows), Decimal(0))
        check(rows.quantize(Decimal("0.01")) == Decimal(last).quantize(Decimal("0.01")) == expected,
              f"in LibreOffice the sheet {name} comes to {rows} and {last}, not to {expected}")
    with open(sheet("summary"), newline="") as rows:
        told = {row[0]: row[1] for row in csv.reader(rows) if len(row) > 1}
    check(Decimal(told["Total"]) == expected, f"LibreOffice shows a total of {told['Total']}")
    check(Decimal(told["Largest difference"]) == 0, "in LibreOffice the files do not agree")


def main():
    program = Path(sys.argv[1]).resolve()
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()).resolve()
    install(("chromium", "chromium"), ("chromedriver", "chromium-driver"),
            ("soffice", "libreoffice-calc"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    bill = folder / "bill"
    run(program, "bill", "examples/golden-image/events.csv", "--accounts",
        "examples/golden-image/accounts.csv", "--prices", "pricing/rackspace-us", "--detail",
        "--out", bill)
    run(program, "report", bill, "--html", folder / "bill.html")
    browser = Browser(folder)
    try:
        bill_page(browser, folder, bill, folder / "bill.html")
        hostile_page(program, browser, folder)
        projection_page(program, browser, folder)
    finally:
        browser.close()
    workbook(program, bill, folder)
    print(f"reports: pages and workbook are right; screenshots in {folder}")


if __name__ == "__main__":
    main()
