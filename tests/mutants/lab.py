#!/usr/bin/env python3
"""Lays out a small crate for mutation testing: `lab.py FOLDER`.

It holds copies of the layers from `value` to `bill`, and of reading and writing what their tests
need, with those tests that run inside one process, as its unit tests. A mutant of the whole crate takes
minutes to build; one of this crate takes seconds. Only lists of modules and paths are changed.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Modules, as paths below `src`; what a folder's `mod.rs` names beyond the list is left out.
WHOLE = ["value", "disk", "scratch", "event", "account.rs", "book", "diagnostic", "timeline", "world",
         "ledger", "replay.rs", "meter", "price", "statement", "bill", "bill.rs", "conformance",
         "read/book"]
PARTS = {
    "read": ["accounts.rs", "conformance.rs", "csv.rs", "table.rs", "text.rs"],
    "read/events": ["csv.rs", "row.rs"],
    "write": ["field.rs", "tables.rs"],
}
MODULES_OF = {"lib.rs": ["value", "disk", "scratch", "event", "account", "book", "diagnostic", "timeline",
                         "world", "ledger", "replay", "meter", "price", "statement", "bill",
                         "conformance", "generate", "read", "write"],
              "read/mod.rs": ["accounts", "book", "conformance", "csv", "events", "table", "text"],
              "read/events/mod.rs": ["csv", "row"],
              "write/mod.rs": ["field", "tables"]}
TESTS = ["cases.rs", "consequences", "figures", "findings", "prepared.rs", "random_worlds.rs",
         "reference", "support.rs", "worlds", "laws"]
# What a dependency is asked for; the rest of Cargo.toml's are for other layers.
DEPENDENCIES = ["bytemuck", "bytes", "chrono", "csv", "iso_currency", "memchr", "memmap2", "num-bigint",
                "prefetch-index", "rust_decimal", "rustc-hash", "rustix", "serde", "serde_json", "flate2",
                "strsim", "tempfile", "thiserror", "toml", "zstd"]
PROFILE = """
[profile.dev]
opt-level = 0
debug = false
incremental = true

[profile.dev.package."*"]
opt-level = 2
debug = false
"""


def only_modules(text, names):
    """A list of modules without those that are not here, and without what is used from them."""
    kept = []
    for statement in re.split(r"(?<=;)\n", text):
        declared = re.search(r"^(?:pub )?mod (\w+);$", statement, re.M)
        used = re.search(r"^pub(?:\(in crate::\w+\))? use (\w+)::[^;]*;$", statement, re.M)
        name = (declared or used) and (declared or used).group(1)
        if name and name not in names and name not in {"crate", "self"}:
            # What stands before it, as the module's own documentation, stays.
            head = statement[: (declared or used).start()]
            kept.append("\n".join(line for line in head.split("\n") if line.startswith("//!")))
        else:
            kept.append(statement)
    return "\n".join(kept)


def main():
    lab = Path(sys.argv[1]).resolve()
    for folder in ["src", "tests"]:
        shutil.rmtree(lab / folder, ignore_errors=True)
    source = lab / "src"
    for path in WHOLE:
        copy(ROOT / "src" / path, source / path)
    for folder, files in PARTS.items():
        for file in files + ["mod.rs"]:
            copy(ROOT / "src" / folder / file, source / folder / file)
    copy(ROOT / "src/lib.rs", source / "lib.rs")
    copy(ROOT / "src/generate/dice.rs", source / "generate/dice.rs")
    (source / "generate/mod.rs").write_text("//! Dice alone.\nmod dice;\npub use dice::Dice;\n")
    for file, names in MODULES_OF.items():
        path = source / file
        path.write_text(only_modules(path.read_text(), names))
    suite = source / "suite"
    for path in TESTS:
        copy(ROOT / "tests/suite" / path, suite / path)
    names = sorted(path.split(".")[0] for path in TESTS)
    (suite / "mod.rs").write_text(
        "#![allow(dead_code, unreachable_pub)]\n" + "".join(f"mod {name};\n" for name in names))
    inside(suite, names)
    with open(source / "lib.rs", "a") as library:
        library.write("\n#[cfg(test)]\nextern crate self as sharebill;\n#[cfg(test)]\nmod suite;\n")
    for folder in ["tests/fixtures", "tests/conformance", "pricing"]:
        (lab / folder).parent.mkdir(exist_ok=True)
        (lab / folder).unlink(missing_ok=True)
        (lab / folder).symlink_to(ROOT / folder)
    manifest(lab)


def inside(suite, names):
    """Makes the integration tests unit tests, so that each mutant is built and linked once."""
    paths = re.compile(r"\bcrate::(" + "|".join(names) + r")\b")
    for path in suite.rglob("*.rs"):
        text = paths.sub(r"crate::suite::\1", path.read_text())
        text = text.replace('env!("CARGO_BIN_EXE_sharebill")', '"sharebill"')
        path.write_text(text.replace("../fixtures", "../../tests/fixtures"))


def manifest(lab):
    text = (ROOT / "Cargo.toml").read_text()
    package, rest = text.split("[dependencies]\n")
    dependencies, rest = rest.split("[dev-dependencies]\n")
    wanted = [line for line in dependencies.splitlines() if line.split(" ")[0] in DEPENDENCIES]
    development = rest.split("[profile.dev]")[0].replace("calamine", "# calamine", 1)
    package = re.sub(r"\[\[(bench|test)\]\].*?\n\n", "", package, flags=re.S)
    package = package.replace('default-run = "sharebill"\n', "")
    (lab / "Cargo.toml").write_text(
        package + "[dependencies]\n" + "\n".join(wanted) + "\n\n[dev-dependencies]\n"
        + development + PROFILE)
    shutil.copy(ROOT / "Cargo.lock", lab / "Cargo.lock")
    for file in ["README.md"]:
        shutil.copy(ROOT / file, lab / file)


def copy(old, new):
    new.parent.mkdir(parents=True, exist_ok=True)
    if old.is_dir():
        shutil.copytree(old, new)
    else:
        shutil.copy(old, new)


if __name__ == "__main__":
    main()
