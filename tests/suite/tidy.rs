//! The house: modules use what stands below them, never above, and files stay readable.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::root;

/// The layers, from the top. A module may use those below it; two on one line stand side by side.
const LAYERS: [&[&str]; 18] = [
    &["main"],
    &["cli"],
    &["write"],
    &["project", "report"],
    &["read"],
    &["reconcile"],
    &[
        "advise",
        "bill",
        "compare",
        "conformance",
        "explain",
        "generate",
        "forecast",
        "run",
        "hashmap",
    ],
    &["replay"],
    &["statement"],
    &["price"],
    &["meter"],
    &["ledger"],
    &["world", "timeline"],
    &["scenario"],
    &["account", "book", "event"],
    &["diagnostic", "scratch"],
    &["value"],
    &["disk", "guard"],
];

/// The most lines a file of source or tests may have; one subject rarely needs more.
const MOST_LINES: usize = 500;

#[test]
fn arrows_between_modules_point_down() {
    let mut wrong = Vec::new();
    for file in source_files() {
        let text = fs::read_to_string(&file).expect("source is text");
        let module = module_of(&file);
        for (number, line) in text.lines().enumerate() {
            for used in used_modules(line) {
                if used != module && rank(&used) <= rank(&module) {
                    wrong.push(format!("{}:{}: {module} uses {used}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that point up or sideways:\n{}", wrong.join("\n"));
}

#[test]
fn the_arrow_check_sees_an_arrow_that_points_up() {
    assert_eq!(used_modules("use crate::cli::scribe::Scribe;"), ["cli"]);
    assert_eq!(
        used_modules("    let x = crate::write::csv::y(crate::value::z());"),
        ["write", "value"]
    );
    assert_eq!(used_modules("//! see [`crate::cli`]"), Vec::<String>::new());
    assert!(rank("cli") < rank("value"), "cli stands above value");
}

#[test]
fn the_system_is_asked_in_one_place() {
    let forbidden = ["std::fs", "fs::File", "io::stdin()", "tempfile::tempfile"];
    let mut wrong = Vec::new();
    for file in source_files().into_iter().filter(|file| module_of(file) != "disk") {
        let text = fs::read_to_string(&file).expect("source is text");
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if forbidden.iter().any(|word| code.contains(word)) {
                wrong.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "calls of the system that no test can make fail:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn files_hold_one_subject() {
    let mut files = source_files();
    collect(&root().join("tests/suite"), &mut files);
    for file in files {
        let lines = fs::read_to_string(&file).expect("source is text").lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines: split it", file.display());
    }
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
    let mut section = "";
    let mut explained = false;
    let mut dependencies = 0;
    for line in manifest.lines() {
        match line {
            _ if line.starts_with('[') => (section, explained) = (line, false),
            _ if !section.ends_with("dependencies]") => {}
            _ if line.starts_with('#') => explained = true,
            // A blank line ends a group that shares a comment.
            "" => explained = false,
            _ => {
                assert!(explained, "no reason above `{line}`");
                dependencies += 1;
            }
        }
    }
    assert!(dependencies > 10, "the manifest was not understood");
}

fn rank(module: &str) -> usize {
    let place = LAYERS.iter().position(|layer| layer.contains(&module));
    place.unwrap_or_else(|| panic!("module `{module}` has no place in the house"))
}

/// The top-level module that a file belongs to.
fn module_of(file: &Path) -> String {
    let inside = file.strip_prefix(root().join("src")).expect("below src");
    let first = inside.components().next().expect("a name").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The top-level modules that a line of code names after `crate::`.
fn used_modules(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or_default();
    let names = code.split("crate::").skip(1);
    names
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect()
}

fn source_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(&root().join("src"), &mut files);
    files.retain(|file| !file.ends_with("src/lib.rs"));
    assert!(files.len() > 40, "the source was not found");
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
}
