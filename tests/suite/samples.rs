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

/// What is to become of each sample: rows that come out, records set aside, and a word of what is
/// said.
const SAMPLES: &[(&str, &str, usize, usize, &str)] = &[
    ("glance_api/image-members-list-response.json", "inventory", 3, 0, "lower bound"),
    ("glance_api/image-show-response.json", "inventory", 1, 0, "image"),
    ("glance_api/images-list-response.json", "inventory", 2, 0, "image"),
    ("glance_api/usage-response.json", "inventory", 0, 0, "totals of a project"),
    ("glance_notifications/lifecycle.v1.jsonl", "oslo", 5, 0, "image.activate"),
    ("glance_notifications/lifecycle.v2_envelope.jsonl", "oslo", 5, 0, "image.activate"),
    (
        "nova_api/os-simple-tenant-usage__v2.40__simple-tenant-usage-get-all.json",
        "inventory",
        3,
        0,
        "server usage",
    ),
    (
        "nova_api/os-simple-tenant-usage__v2.40__simple-tenant-usage-get-detail.json",
        "inventory",
        1,
        0,
        "server usage",
    ),
    (
        "nova_api/os-simple-tenant-usage__v2.40__simple-tenant-usage-get-specific.json",
        "inventory",
        1,
        0,
        "server usage",
    ),
    ("nova_legacy/compute-instance-create-end_1.json", "", 0, 1, "only the payload of one"),
    ("nova_legacy/compute-instance-delete-end_1.json", "", 0, 1, "only the payload of one"),
    ("nova_legacy/compute-instance-exists_1.json", "", 0, 1, "only the payload of one"),
    ("nova_legacy/compute-instance-finish_resize-end_1.json", "", 0, 1, "only the payload of one"),
    ("nova_versioned/instance-create-end.json", "oslo", 1, 0, "instance.create.end"),
    ("nova_versioned/instance-delete-end.json", "oslo", 1, 0, "instance.delete.end"),
    ("nova_versioned/instance-exists.json", "oslo", 1, 0, "instance.exists"),
    ("nova_versioned/instance-rebuild-end.json", "oslo", 1, 0, "instance.rebuild.end"),
    ("nova_versioned/instance-resize_finish-end.json", "oslo", 1, 0, "instance.resize_finish.end"),
    ("nova_versioned/instance-resize_revert-end.json", "oslo", 1, 0, "instance.resize_revert.end"),
    ("nova_versioned/instance-shelve_offload-end.json", "oslo", 0, 0, "nothing that is billed"),
    ("nova_versioned/instance-snapshot-end.json", "oslo", 0, 0, "no usable activation"),
    ("nova_versioned/instance-update.json", "oslo", 0, 0, "nothing that is billed"),
    ("openstack_cli/image_list_long.csv", "inventory", 2, 0, "estimated"),
    ("openstack_cli/image_list_long.json", "inventory", 2, 0, "estimated"),
    ("openstack_cli/image_member_list.csv", "inventory", 3, 0, "estimated"),
    ("openstack_cli/image_member_list.json", "inventory", 3, 0, "estimated"),
    (
        "openstack_cli/server_list_MISALIGNED_created_at.csv",
        "inventory",
        0,
        1,
        "under wrong headings",
    ),
    ("openstack_cli/server_list_created_at.csv", "inventory", 1, 0, "server"),
    ("openstack_cli/server_list_long_all_projects.json", "inventory", 1, 0, "estimated"),
    ("openstack_cli/usage_list.json", "inventory", 1, 0, "server usage"),
    ("openstack_log/openstack_2018-04-17_2018-04-30.json", "flat", 0, 0, "Converted 2485 records"),
];

#[expect(clippy::print_stdout, reason = "the table is there to be looked at")]
#[test]
fn every_sample_is_read_or_refused_as_its_description_says() {
    let Some(samples) = beside("samples") else { return };
    let mut table = String::from("rows  aside  format     sample\n");
    for &(file, format, rows, aside, word) in SAMPLES {
        let log = samples.join(file).display().to_string();
        let mut arguments = vec!["convert", &log, "--region", "R", "--out", "-", "-v"];
        // Payloads without their envelope cannot be recognised.
        let told = if format.is_empty() { vec!["--from", "oslo"] } else { Vec::new() };
        arguments.extend(told);
        if format == "inventory" {
            arguments.extend(["--as-of", "2026-04-01"]);
        }
        let output = sharebill(&root(), &arguments);
        let (out, said) = (stdout(&output), stderr(&output));
        let written = out.lines().count().saturating_sub(1);
        let set_aside = said.matches("[L00]").count();
        table += &format!("{written:>4}  {set_aside:>5}  {format:<9}  {file}\n");
        assert!(said.contains(word), "{file}: no `{word}` in\n{said}");
        assert!(said.contains(&format!("read as {format}")) || format.is_empty(), "{file}: {said}");
        assert!(written == rows || format == "flat", "{file}: {out}\n{said}");
        assert_eq!(set_aside, aside, "{file}: {said}");
        assert_eq!(output.status.code(), Some(if aside > 0 { 3 } else { 0 }), "{file}: {said}");
    }
    println!("{table}");
    // None is forgotten.
    let mut count = 0;
    for folder in
        fs::read_dir(&samples).expect("samples").map(|entry| entry.expect("an entry").path())
    {
        count += if folder.is_dir() { fs::read_dir(folder).expect("a folder").count() } else { 0 };
    }
    assert_eq!(count, SAMPLES.len(), "samples that the table does not have");
}
