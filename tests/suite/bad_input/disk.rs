//! Disks that are full and folders that are read-only: nothing is left, and it is said why.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bad_input::{Desk, NOTIFICATION, good_log};

#[test]
fn a_full_disk_leaves_nothing() {
    let desk = Desk::with_log(good_log());
    desk.write("log.json", NOTIFICATION.repeat(200).replace("m-1", "m-2"));
    let Some(disk) = Mount::new(&desk, "size=16k") else { return };
    let out = "disk/out";
    let arguments = ["bill", "events.csv", "--prices", "book", "--out", out];
    desk.refuse(&arguments, &["F02", "the disk is full: `disk/out/", "make room"]);
    fs::write(desk.path("disk/filler"), [0; 32 << 10]).expect_err("the disk is smaller");
    let arguments = ["convert", "log.json", "--region", "DFW", "--out", "disk/events.csv"];
    desk.refuse(&arguments, &["F02", "the disk is full: `disk/events.csv`", "make room"]);
    drop(disk);
}

#[test]
fn a_read_only_folder_is_refused() {
    let desk = Desk::with_log(good_log());
    desk.write("log.json", NOTIFICATION);
    let Some(disk) = Mount::new(&desk, "ro") else { return };
    for out in ["disk/out", "disk/a/b/out"] {
        let arguments = ["bill", "events.csv", "--prices", "book", "--out", out];
        desk.refuse(&arguments, &["F02", out, "Read-only file system", "choose another place"]);
    }
    let arguments = ["convert", "log.json", "--region", "DFW", "--out", "disk/events.csv"];
    desk.refuse(&arguments, &["F02", "`disk/events.csv` cannot be written", "Read-only"]);
    drop(disk);
}

/// A small disk at `disk`, for as long as this lives. Only root can have one.
struct Mount {
    path: PathBuf,
}

impl Mount {
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn new(desk: &Desk, options: &str) -> Option<Mount> {
        let path = desk.path("disk");
        fs::create_dir(&path).expect("a folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&path);
        let is_mounted = mount.output().is_ok_and(|output| output.status.success());
        if !is_mounted {
            eprintln!("skipped: only root can mount a small disk");
        }
        is_mounted.then_some(Mount { path })
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily: it goes as soon as nobody uses it.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}

#[test]
fn a_device_that_is_full_is_told() {
    let desk = Desk::new();
    desk.write("log.json", NOTIFICATION);
    let arguments = ["convert", "log.json", "--region", "DFW", "--out", "/dev/full"];
    desk.refuse(&arguments, &["F02", "the disk is full: `/dev/full`", "make room"]);
    assert!(Path::new("/dev/full").exists() && !Path::new("/dev/.full.partial").exists());
}
