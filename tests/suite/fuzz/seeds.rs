//! Inputs of the golden cases and the error gallery, by what they are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::root;

/// A longer seed says nothing that a short one does not, and takes its time.
const LONGEST: usize = 6_000;

/// The seeds of a target.
pub(super) fn of(target: &str) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for folder in ["tests/golden", "tests/errors", "examples", "tests/fixtures"] {
        collect(&root().join(folder), &mut files);
    }
    let mut seeds: Vec<Vec<u8>> = match target {
        "price_book" => {
            let books = folders(&files, "book.toml");
            let names = ["book.toml", "rates.csv", "flavors.csv", "discounts.csv"];
            books.iter().map(|folder| joined(folder, &names)).collect()
        }
        "hashmap" => {
            let lists = ["services", "fields", "groups", "mappings", "thresholds"];
            let names = lists.map(|list| format!("{list}.json"));
            let whole = joined(&root().join("examples/cloudkitty"), &names);
            let alone = files.iter().filter(|path| path.ends_with("config.json"));
            alone.map(|path| fs::read(path).expect("a file")).chain([whole]).collect()
        }
        "invoice" => {
            let invoices = folders(&files, "invoice.csv");
            invoices.iter().map(|folder| joined(folder, &["invoice.csv", "map.toml"])).collect()
        }
        "run_folder" => {
            let runs = folders(&files, "run.json");
            let names =
                ["run.json", "statements.csv", "charges.csv", "allocations.csv", "sharing.csv"];
            runs.iter().map(|folder| joined(folder, &names)).collect()
        }
        _ => {
            let own = files.iter().filter(|path| is_for(target, path));
            own.map(|path| fs::read(path).expect("a file")).collect()
        }
    };
    if target == "foreign" {
        seeds.extend(FOREIGN.iter().map(|text| text.as_bytes().to_vec()));
    }
    seeds.retain(|seed| seed.len() <= LONGEST);
    seeds.sort();
    seeds.dedup();
    if let Some(folder) = std::env::var_os("SHAREBILL_FUZZ_SEEDS") {
        write(&Path::new(&folder).join(target), &seeds);
    }
    seeds
}

fn write(folder: &Path, seeds: &[Vec<u8>]) {
    fs::create_dir_all(folder).expect("a folder");
    for (number, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(format!("seed-{number:03}")), seed).expect("a file");
    }
}

fn is_for(target: &str, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_expected = path.iter().any(|part| part == "expected");
    match target {
        "event_csv" => name.ends_with("events.csv") && !is_expected,
        "event_json" => name.ends_with(".jsonl") || name.ends_with(".json"),
        "foreign" => name.ends_with(".json") || name.ends_with(".xml") || name.ends_with(".log"),
        "scenario" => name.ends_with("scenario.toml") || name.ends_with("plan.toml"),
        "series" => name.contains("series") || name.contains("usage"),
        other => panic!("no seeds for {other}"),
    }
}

fn folders(files: &[PathBuf], with: &str) -> Vec<PathBuf> {
    let own = files.iter().filter(|path| path.ends_with(with));
    own.map(|path| path.parent().expect("a parent").to_owned()).collect()
}

fn joined(folder: &Path, names: &[impl AsRef<Path>]) -> Vec<u8> {
    let read = |name: &_| fs::read(folder.join(name)).unwrap_or_default();
    names.iter().map(read).collect::<Vec<_>>().join(&0x1c)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
    files.sort();
}

/// What clouds tell, one of each kind.
const FOREIGN: [&str; 6] = [
    r#"{"event_type": "image.activate", "message_id": "m-1", "priority": "INFO", "publisher_id": "image.host", "timestamp": "2016-03-01 00:00:00.000000", "payload": {"id": "img", "owner": "prod", "size": 5, "status": "active", "visibility": "private", "created_at": "2016-03-01T00:00:00Z"}}
{"event_type": "image.member.create", "message_id": "m-2", "priority": "INFO", "publisher_id": "image.host", "timestamp": "2016-03-01 00:01:00.000000", "payload": {"image_id": "img", "member_id": "cons", "status": "pending", "created_at": "2016-03-01T00:01:00Z"}}
{"event_type": "image.delete", "message_id": "m-3", "priority": "INFO", "publisher_id": "image.host", "timestamp": "2016-03-02 00:00:00.000000", "payload": {"id": "img", "owner": "prod", "size": 5, "deleted_at": "2016-03-02T00:00:00Z"}}
"#,
    r#"{"oslo.version": "2.0", "oslo.message": "{\"event_type\": \"compute.instance.create.end\", \"message_id\": \"c-1\", \"timestamp\": \"2016-03-01 00:00:00\", \"publisher_id\": \"compute.host\", \"payload\": {\"instance_id\": \"srv\", \"tenant_id\": \"cons\", \"instance_type\": \"general1-1\", \"image_meta\": {\"base_image_ref\": \"img\"}, \"launched_at\": \"2016-03-01T00:00:00\", \"state\": \"active\"}}"}
"#,
    r#"[{"event_type": "compute.instance.delete.end", "generated": "2016-03-03T00:00:00", "instance_id": "srv", "tenant_id": "cons", "deleted_at": "2016-03-03T00:00:00"}]"#,
    r#"{"images": [{"id": "img", "owner": "prod", "size": 5, "status": "active", "visibility": "shared", "created_at": "2016-02-01T00:00:00Z", "tags": ["a"]}]}"#,
    r#"{"servers": [{"id": "srv", "tenant_id": "cons", "status": "ACTIVE", "flavor": {"id": "general1-1"}, "image": {"id": "img"}, "created": "2016-02-02T00:00:00Z"}]}"#,
    r#"<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:uuid:1</id><content type="application/xml"><event xmlns="http://docs.rackspace.com/core/event" dataCenter="DFW1" region="DFW" endTime="2016-03-02T00:00:00Z" startTime="2016-03-01T00:00:00Z" id="u1" resourceId="srv" tenantId="cons" type="USAGE" version="1"><product xmlns="http://docs.rackspace.com/usage/nova" bandwidthIn="1" bandwidthOut="2" flavorId="general1-1" flavorName="1GB" resourceType="SERVER" serviceCode="CloudServersOpenStack" status="ACTIVE" version="1"/></event></content></entry></feed>"#,
];
