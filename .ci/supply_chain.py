#!/usr/bin/env python3
"""What sharebill is built of: checks it, and writes it down as a CycloneDX document.

    .ci/supply_chain.py check            # licences, sources, build scripts; with cargo-deny if there
    .ci/supply_chain.py sbom [FILE]      # CycloneDX 1.5 as JSON, to a file or standard output

Both ask `cargo metadata --locked` and `Cargo.lock`, and no network. The document is the same bytes
for the same Cargo.lock and target. Dependencies of tests are not in it: they are in no binary.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"

# Build scripts run as whoever builds. What a script says that may reach out of its folder: a
# network, or another program. Compilers are asked for their versions by many.
REACHES = re.compile(
    r"std::net|TcpStream|UdpSocket|\b(?:reqwest|ureq|hyper|attohttpc|isahc|git2|curl)::|\bdownload\b")
PROGRAM = re.compile(r"Command::new\(([^)]*\)?)\)?")
COMPILERS = {"rustc", "wrapper", "rustc_cmd_name", "rustc.next()", "wrapped_rustc.next()", "&rustc",
             'env::var_os("RUSTC")'}
# Reviewed: other programs that a build script may call, and when.
PROGRAMS = {
    "libc": {'"freebsd-version"', "emcc"},  # only where the target is FreeBSD or Emscripten
}


def metadata():
    host = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True, cwd=ROOT)
    host = re.search(r"host: (\S+)", host.stdout).group(1)
    told = subprocess.run(
        ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", host],
        check=True, capture_output=True, text=True, cwd=ROOT)
    return json.loads(told.stdout)


def shipped(graph):
    """Packages that a release is built of, with what each needs: no dependencies of tests."""
    nodes = {node["id"]: node for node in graph["resolve"]["nodes"]}
    packages = {package["id"]: package for package in graph["packages"]}
    needs, waiting = {}, [graph["resolve"]["root"]]
    while waiting:
        package = waiting.pop()
        if package in needs:
            continue
        needs[package] = sorted({
            dependency["pkg"] for dependency in nodes[package]["deps"]
            if any(kind["kind"] != "dev" for kind in dependency["dep_kinds"])})
        waiting += needs[package]
    return packages, needs


def checksums():
    with open(ROOT / "Cargo.lock", "rb") as lock:
        packages = tomllib.load(lock)["package"]
    return {(package["name"], package["version"]): package for package in packages}


def check():
    graph = metadata()
    packages, needs = shipped(graph)
    locked = checksums()
    wrong = []
    scripts = macros = 0
    for identity in sorted(needs):
        package = packages[identity]
        name = f"{package['name']} {package['version']}"
        if identity == graph["resolve"]["root"]:
            continue
        if package["source"] != CRATES_IO:
            wrong.append(f"{name} does not come from crates.io: {package['source']}")
        if "checksum" not in locked.get((package["name"], package["version"]), {}):
            wrong.append(f"{name} has no checksum in Cargo.lock")
        if not package["license"]:
            wrong.append(f"{name} does not say its licence")
        for target in package["targets"]:
            macros += "proc-macro" in target["kind"]
            if "custom-build" in target["kind"]:
                scripts += 1
                wrong += [f"the build script of {name} {why}" for why in script(package, target)]
    print(f"supply chain: {len(needs) - 1} crates, {scripts} build scripts, {macros} with macros")
    for line in wrong:
        print(f"  {line}", file=sys.stderr)
    deny = shutil.which("cargo-deny")
    if deny:
        result = subprocess.run([deny, "--locked", "check", "--hide-inclusion-graph", "licenses",
                                 "bans", "sources"], cwd=ROOT)
        if result.returncode:
            wrong.append("cargo-deny")
    else:
        print("supply chain: cargo-deny is not installed (`cargo install cargo-deny --locked`): "
              "licences and duplicates were not checked against deny.toml")
    sys.exit(1 if wrong else 0)


def script(package, target):
    """Why a build script has to be looked at."""
    text = Path(target["src_path"]).read_text(errors="replace")
    text = re.sub(r"^\s*//.*$", "", text, flags=re.M)
    found = REACHES.search(text)
    if found:
        yield f"may reach out: `{found.group(0)}`"
    for program in PROGRAM.findall(text):
        program = program.rstrip(")") + (")" if "(" in program else "")
        if program not in COMPILERS | PROGRAMS.get(package["name"], set()):
            yield f"runs a program that nobody has reviewed: {program}"


def sbom(target):
    graph = metadata()
    packages, needs = shipped(graph)
    locked = checksums()
    root = packages[graph["resolve"]["root"]]
    purl = lambda package: f"pkg:cargo/{package['name']}@{package['version']}"

    def component(package):
        told = {
            "type": "library", "bom-ref": purl(package), "name": package["name"],
            "version": package["version"], "purl": purl(package),
            "licenses": [{"expression": (package["license"] or "").replace("/", " OR ")}],
        }
        checksum = locked[package["name"], package["version"]].get("checksum")
        if checksum:
            told["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        if package["repository"]:
            told["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
        return told

    own = component(root) | {"type": "application"}
    others = [component(packages[identity]) for identity in needs if packages[identity] != root]
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": own},
        "components": sorted(others, key=lambda other: other["bom-ref"]),
        "dependencies": sorted(
            ({"ref": purl(packages[identity]),
              "dependsOn": sorted(purl(packages[need]) for need in needed)}
             for identity, needed in needs.items()), key=lambda entry: entry["ref"]),
    }
    # The same document has the same number, on any day.
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).digest()
    document["serialNumber"] = f"urn:uuid:{uuid.UUID(bytes=digest[:16], version=5)}"
    text = json.dumps(document, indent=1) + "\n"
    if target:
        Path(target).write_text(text)
        print(f"{target}: sharebill {root['version']} and {len(others)} crates")
    else:
        print(text, end="")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check"]:
            check()
        case ["sbom", *target] if len(target) < 2:
            sbom(target[0] if target else None)
        case _:
            sys.exit(__doc__)
