//! Real logs and worked cases that stand beside the repository; skipped where they do not.

use std::fs;
use std::path::Path;

use crate::support::{beside, root, sharebill, stderr, stdout};

#[test]
fn worked_cases_come_out_byte_for_byte() {
    let Some(cases) = beside("cases") else { return };
    let mut compared = 0;
    for entry in fs::read_dir(&cases).expect("cases") {
        let case = entry.expect("an entry").path();
        for policy in ["report", "enforce"] {
            let expected = case.join(format!("expected-{policy}"));
            if expected.is_dir() {
                compare_case(&case, policy, &expected);
                compared += 1;
            }
        }
    }
    assert!(compared > 0, "no case was found in {}", cases.display());
}

fn compare_case(case: &Path, policy: &str, expected: &Path) {
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("out").display().to_string();
    let mut arguments = vec!["bill", "events.csv", "--prices", "book", "--policy", policy];
    arguments.extend(["--allow-findings", "--out", &out]);
    if case.join("accounts.csv").exists() {
        arguments.extend(["--accounts", "accounts.csv"]);
    }
    let more = fs::read_to_string(case.join("args")).unwrap_or_default();
    arguments.extend(more.split_whitespace());
    let output = sharebill(case, &arguments);
    assert!(output.status.success(), "{}: {}", case.display(), stderr(&output));
    for file in ["charges.csv", "statements.csv"] {
        let read = |folder: &Path| fs::read_to_string(folder.join(file)).expect("a table");
        assert_eq!(read(Path::new(&out)), read(expected), "{} {policy} {file}", case.display());
    }
}

#[test]
fn two_weeks_of_a_real_cloud_add_up() {
    let Some(logs) = beside("samples/openstack_log") else { return };
    let log = logs.join("openstack_2018-04-17_2018-04-30.json").display().to_string();
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("out").display().to_string();
    let prices = "pricing/openstack-example";
    let arguments = [
        "bill",
        &log,
        "--from",
        "flat",
        "--region",
        "BUF",
        "--prices",
        prices,
        "--start",
        "2018-04-01",
        "--end",
        "2018-04-30T23:00:00Z",
        "--out",
        &out,
    ];
    let output = sharebill(&root(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let charges = fs::read_to_string(Path::new(&out).join("charges.csv")).expect("charges");
    let rows: Vec<Vec<&str>> = charges.lines().map(|line| line.split(',').collect()).collect();
    let of =
        |prefix: &str| rows.iter().filter(|row| row[3].starts_with(prefix)).collect::<Vec<_>>();

    // Known truth: launched_at to deleted_at, 1228.636111 hours in all. Each SKU's hours are
    // rounded to 8 decimals; the sum is in units of 10^-8.
    let units = |quantity: &str| quantity.replace('.', "").parse::<u64>().expect("8 decimals");
    let hours: u64 = of("server:").iter().map(|row| units(row[7])).sum();
    let known = 122_863_611_111;
    assert!(hours.abs_diff(known) < 10, "{hours} units of 10^-8 hours");
    // One storage charge an owner: two of the three projects own images.
    let owners: Vec<&str> = of("image.storage").iter().map(|row| row[0]).collect();
    assert_eq!(owners.len(), 2);
    assert_ne!(owners[0], owners[1]);
    // A table of what every foreign event type became.
    let shown = stdout(&output);
    for line in ["Converted 2485 records", "compute.instance.exists", "volume.attach.end"] {
        assert!(shown.contains(line), "{line} is not in:\n{shown}");
    }
}

#[test]
fn both_envelopes_of_one_life_give_the_same_events() {
    let Some(folder) = beside("samples/glance_notifications") else { return };
    let convert = |file: &str| {
        let log = folder.join(file).display().to_string();
        let arguments = ["convert", &log, "--from", "oslo", "--region", "DFW", "--out", "-"];
        let output = sharebill(&root(), &arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
    };
    let (v1, v2) = (convert("lifecycle.v1.jsonl"), convert("lifecycle.v2_envelope.jsonl"));
    assert_eq!(v1, v2);
    let told = |event: &str| v1.lines().any(|line| line.contains(event));
    for event in [
        "image.create",
        "image.member.create",
        "image.member.update",
        "accepted",
        "image.member.delete",
        "image.delete",
    ] {
        assert!(told(event), "{event} is missing in:\n{v1}");
    }
}

#[test]
fn formats_are_recognised_by_content() {
    let Some(samples) = beside("samples") else { return };
    for (file, format) in [
        ("openstack_log/openstack_2018-04-17_2018-04-30.json", "flat"),
        ("glance_notifications/lifecycle.v1.jsonl", "oslo"),
        ("glance_notifications/lifecycle.v2_envelope.jsonl", "oslo"),
    ] {
        let log = samples.join(file).display().to_string();
        let arguments = ["convert", &log, "--region", "DFW", "--out", "-", "-v"];
        let output = sharebill(&root(), &arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        let said = stderr(&output);
        assert!(said.contains(&format!("read as {format}")), "{file}: {said}");
    }
}
