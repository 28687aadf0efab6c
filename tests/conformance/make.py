#!/usr/bin/env python3
"""Makes the inputs and READMEs of the conformance cases from cases.txt, beside this file.

usage: make.py            writes every case's folder; removes folders that cases.txt no longer has
       make.py --check    writes nothing; ends with status 1 where a folder is not as it would be

What is expected is not made here: the plain reference of the charging rules works it out
(SHAREBILL_BLESS=1 cargo test --test suite -- conformance), and a test holds it against the figures
that cases.txt gives by hand. README.md tells the notation.
"""
import csv
import io
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ("time event account region resource source member status bytes flavor os visibility "
           "labels id").split()
BOOK = {
    "id": '"conformance"',
    "title": '"A small book for conformance cases"',
    "currency": '"USD"',
    "gigabyte": '"GiB"',
    "regions": '["BUF", "LON"]',
    "cycle": '"calendar-month"',
    "rounding": '"half-up"',
    "quantity_decimals": "8",
    "server_increment": "3600",
    "default_service_level": '"basic"',
    "minimum_after_days": "0",
    "discount_model": '"marginal"',
    "tier_pools": "[]",
    "public_images": '["base-*"]',
}
POLICY = {
    "no_export_os": '["windows"]',
    "no_import_os": '["windows"]',
    "import_limit_gib": "100",
    "stale_member_days": "30",
}
RATES = """image.storage * 0 0.10
object.storage * 0 0.05
transfer.out * 0 0.12
server:s1 * 0 0.02
server:s2 * 0 0.04
server:m4 * 0 0.20
server:x1 * 0 0.10
license:windows:s1 * 0 0.01
license:windows:s2 * 0 0.03
support:managed * 0 0.005
support:gold * 0 0.02
minimum:gold * 0 50
support:desk * 0 0.01
fee:desk * 0 25"""
FLAVORS = """s1,general,1,1,1,20,true
s2,general,2,2,2,40,true
m4,memory,2,8,4,40,true
x1,special,1,4,0.5,0,false
"""
UNITS = {"image.storage": "GB-month", "object.storage": "GB-month", "transfer.out": "GB",
         "server": "hour", "license": "hour", "support": "GB-hour", "minimum": "cycle",
         "fee": "cycle"}
# A verb's event, and the columns that its words fill, in order.
VERBS = {
    "image": ("image.create", ["resource", "bytes"]),
    "share": ("image.member.create", ["resource", "member"]),
    "unshare": ("image.member.delete", ["resource", "member"]),
    "accept": ("image.member.update", ["resource", "member"]),
    "reject": ("image.member.update", ["resource", "member"]),
    "pend": ("image.member.update", ["resource", "member"]),
    "deactivate": ("image.deactivate", ["resource"]),
    "reactivate": ("image.reactivate", ["resource"]),
    "show": ("image.update", ["resource", "visibility"]),
    "delimage": ("image.delete", ["resource"]),
    "server": ("server.create", ["resource", "flavor"]),
    "resize": ("server.resize", ["resource", "flavor"]),
    "rebuild": ("server.rebuild", ["resource", "source"]),
    "delserver": ("server.delete", ["resource"]),
    "object": ("object.create", ["resource", "bytes"]),
    "delobject": ("object.delete", ["resource"]),
    "send": ("transfer.out", ["resource", "bytes"]),
}
STATUS = {"accept": "accepted", "reject": "rejected", "pend": "pending"}
MADE_SOMEWHERE = {"image", "server", "object", "send"}
SHORT = {"from": "source", "in": "region"}


def instant(text):
    """`04-11` and `04-11T10:20` are of 2018, at UTC; whole instants stay as they are."""
    text = text if text[:4].isdigit() else "2018-" + text
    if "T" not in text:
        return text + "T00:00:00Z"
    if text[-1] == "Z" or text[-6] in "+-":
        return text
    return text + ("Z" if text.count(":") == 2 else ":00Z")


def size(text):
    """GiB, or with a B bytes."""
    return text[:-1] if text.endswith("B") else str(int(text) << 30)


class Case:
    def __init__(self, name, sentence):
        self.name, self.sentence = name, sentence
        self.notes, self.rates, self.flavors, self.accounts, self.discounts = [], [], [], [], []
        self.rows, self.told, self.hand, self.enforced = [], [], [], []
        self.book, self.policy = dict(BOOK), dict(POLICY)
        self.args = "--start 2018-04-01 --end 2018-05-01"
        self.flags = set()

    def line(self, line):
        word, _, rest = line.partition(" ")
        if word == "|":
            self.notes.append(rest)
        elif word == "set":
            key, _, value = rest.partition(" ")
            if value == "-":
                del self.book[key]
            else:
                self.book[key] = value
        elif word == "policy":
            key, _, value = rest.partition(" ")
            self.policy[key] = value
        elif word in ("rate", "flavor", "account", "discount", "hand", "enforced"):
            lists = {"rate": self.rates, "flavor": self.flavors, "account": self.accounts,
                     "discount": self.discounts, "hand": self.hand, "enforced": self.enforced}
            lists[word].append(rest.split())
        elif word == "run":
            start, end = rest.split()
            self.args = f"--start {start} --end {end}"
        elif word == "args":
            self.args = rest
        elif word == "flag":
            self.flags.update(rest.split())
        elif word == "raw":
            text, *marks = rest.split(" !")
            self.rows.append(text)
            self.told += [(mark, len(self.rows) + 1, text.split(",")[4]) for mark in marks]
        elif word[:1].isdigit():
            self.event(line.split())
        else:
            raise SystemExit(f"{self.name}: what is `{line}`?")

    def event(self, words):
        time, account, verb, *rest = words
        event, columns = VERBS[verb]
        cells = {"time": instant(time), "event": event,
                 "account": "" if account == "-" else account}
        if verb in MADE_SOMEWHERE:
            cells["region"] = "BUF"
        cells["status"] = STATUS.get(verb, "")
        free = iter(columns)
        for word in rest:
            key, is_named, value = word.partition("=")
            if word.startswith("!"):
                self.told.append((word[1:], len(self.rows) + 2, rest[0]))
            elif is_named:
                cells[SHORT.get(key, key)] = value
            else:
                column = next(free)
                cells[column] = size(word) if column == "bytes" else word
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow([cells.get(name, "") for name in COLUMNS])
        self.rows.append(out.getvalue())

    def files(self):
        files = {"README.md": self.readme(), "args": self.args + "\n"}
        toml = [f"{key} = {value}" for key, value in self.book.items()] + ["[policy]"]
        toml += [f"{key} = {value}" for key, value in self.policy.items()]
        files["book/book.toml"] = "\n".join(toml) + "\n"
        files["book/rates.csv"] = self.rates_csv()
        flavors = "".join(",".join(cells) + "\n" for cells in self.flavors)
        header = "flavor,class,vcpus,ram_gb,support_gb,disk_gb,imageable\n"
        files["book/flavors.csv"] = header + FLAVORS + flavors
        if self.discounts:
            rows = [f"{start},{percent},{(more or ['2018-01-01'])[0]},conformance\n"
                    for start, percent, *more in self.discounts]
            files["book/discounts.csv"] = "from,percent,effective_from,source\n" + "".join(rows)
        if self.accounts:
            rows = []
            for account, *pairs in self.accounts:
                cells = dict(pair.split("=") for pair in pairs)
                day, level = cells.get("day", ""), cells.get("level", "")
                rows.append(f"{account},,{day},{level},{cells.get('opened', '')},\n")
            files["accounts.csv"] = (
                "account,name,billing_day,service_level,opened,cost_center\n" + "".join(rows))
        events = [",".join(COLUMNS)] + self.rows
        if "reversed" in self.flags:
            events[1:] = events[:0:-1]
        files["events.csv"] = "\n".join(events) + "\n"
        return files

    def rates_csv(self):
        own = {rate[0] for rate in self.rates}
        base = [line.split() for line in RATES.splitlines()]
        rates = [rate for rate in base if rate[0] not in own] + self.rates
        out = "sku,region,unit,model,from,price,flat,effective_from,source\n"
        for sku, region, start, price, *more in rates:
            if price == "gone":
                continue
            more = dict(pair.split("=") for pair in more)
            unit = UNITS[sku.split(":")[0]]
            out += (f"{sku},{region},{unit},{more.get('model', '')},{start},{price},"
                    f"{more.get('flat', '')},{more.get('since', '2015-01-01')},conformance\n")
        return out

    def readme(self):
        text = self.sentence + "\n"
        if self.notes:
            text += "\n" + "\n".join(self.notes) + "\n"
        for title, rows in (("Worked out by hand", self.hand),
                            ("Worked out by hand, under `enforce`", self.enforced)):
            if rows:
                text += f"\n{title}, all charges:\n\n"
                text += "| account | SKU | quantity | price | amount |\n|---|---|---:|---:|---:|\n"
                for row in rows:
                    if row != ["nothing"]:
                        text += "| " + " | ".join(row[:5]) + " |\n"
        if "reversed" in self.flags:
            last = len(self.rows) + 3
            self.told = [(code, last - line, resource) for code, line, resource in self.told]
        if self.told:
            text += "\nFindings:\n\n| code | line | resource |\n|---|---:|---|\n"
            for code, line, resource in sorted(self.told, key=lambda told: (told[1], told[0])):
                text += f"| {code} | {line} | {resource} |\n"
        if "detail" in self.flags:
            text += "\n`allocations.csv` and `sharing.csv` are part of what is expected.\n"
        if "enforce" in self.flags:
            text += "\nIt is run under both policies.\n"
        if "by-hand" in self.flags:
            text += "\nAll of what is expected is worked out by hand alone.\n"
        return text


def cases():
    found, case = [], None
    with open(os.path.join(HERE, "cases.txt"), encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    lines = iter([line for line in lines if line and not line.startswith("#")])
    for line in lines:
        if line.startswith("== "):
            case = Case(line[3:], next(lines))
            found.append(case)
        else:
            case.line(line)
    names = [case.name for case in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SystemExit(f"cases of one name: {', '.join(sorted(twice))}")
    return found


def main():
    is_check, stale = "--check" in sys.argv[1:], []
    found = cases()
    for case in found:
        for name, text in case.files().items():
            path = os.path.join(HERE, case.name, name)
            old = open(path, encoding="utf-8").read() if os.path.exists(path) else None
            if old == text:
                continue
            stale.append(f"{case.name}/{name}")
            if not is_check:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8", newline="\n") as file:
                    file.write(text)
        for name, is_wanted in (("accounts.csv", case.accounts), ("book/discounts.csv",
                                                                  case.discounts)):
            path = os.path.join(HERE, case.name, name)
            if not is_wanted and os.path.exists(path):
                stale.append(f"{case.name}/{name}")
                if not is_check:
                    os.remove(path)
    known = {case.name for case in found}
    for name in sorted(os.listdir(HERE)):
        if os.path.isdir(os.path.join(HERE, name)) and name not in known:
            stale.append(name)
            if not is_check:
                shutil.rmtree(os.path.join(HERE, name))
    for name in stale if is_check else []:
        print(f"not as cases.txt says: {name}")
    print(f"{len(found)} cases")
    sys.exit(bool(is_check and stale))


if __name__ == "__main__":
    main()
