//! What a run under a fault may do, and what not.

use std::path::Path;

use crate::faults::Point;
use crate::faults::cases::Case;
use crate::faults::desk::{Call, Desk, Ended, Snapshot};

/// What came of a point.
pub(super) struct Judged {
    /// Whether the call was made and met the fault.
    pub(super) is_met: bool,
    /// What is wrong with that, if anything.
    pub(super) wrong: Option<String>,
}

/// The faults that a call can meet, each alone or with all that follows.
pub(super) fn faults_of(call: &Call) -> Vec<(&'static str, bool)> {
    let once: &[&'static str] = match call.name.as_str() {
        "Open" => &["denied", "gone", "device"],
        "Create" => &["full", "denied", "gone", "device"],
        // The end of a stream is its end.
        "Read" if call.path == "<stdin>" => &["device", "interrupted", "short"],
        // Nobody else has a file without a name, who could cut it off.
        "Read" if call.path.ends_with("/tmp") => &["device", "interrupted", "short"],
        "Read" => &["device", "interrupted", "short", "end"],
        "Write" if call.path.starts_with('<') => {
            &["full", "device", "pipe", "interrupted", "short"]
        }
        "Write" => &["full", "device", "interrupted", "short"],
        "Sync" => &["full", "device"],
        "Look" | "List" | "Remove" => &["denied", "device"],
        "MakeFolder" | "Rename" => &["full", "denied", "device"],
        "Seek" => &["device"],
        other => panic!("a call `{other}` that no fault is known of"),
    };
    let goes_on: &[&'static str] = match call.name.as_str() {
        "Open" | "Look" | "List" | "Remove" => &["denied"],
        "Create" | "Write" | "Sync" | "MakeFolder" | "Rename" => &["full", "device"],
        _ => &[],
    };
    let once = once.iter().map(|fault| (*fault, false));
    once.chain(goes_on.iter().map(|fault| (*fault, true))).collect()
}

/// Runs the case with the fault, and puts its folder back.
pub(super) fn judge(case: &Case, desk: &mut Desk, point: &Point) -> Judged {
    let Point { call, fault, goes_on, .. } = point;
    let plan = format!("{fault}@{}{}", call.number, if *goes_on { "+" } else { "" });
    let ended = desk.run(case, Some(&plan));
    let Some(struck) = ended.calls.first().cloned() else {
        desk.reset();
        return Judged { is_met: false, wrong: None };
    };
    let is_left = ended.stderr.contains("is left as");
    let wrong = problem(case, desk, point, &struck, &ended)
        .or_else(|| if *goes_on || is_left { problem_afterwards(case, desk) } else { None });
    desk.reset();
    let wrong = wrong.map(|why| {
        format!(
            "{} {plan}, {} of {}: {why}\n  status {:?}, stderr: {}",
            case.name,
            struck.name,
            struck.path,
            ended.status,
            ended.stderr.trim_end(),
        )
    });
    Judged { is_met: true, wrong }
}

/// What is wrong with how the run ended.
fn problem(
    case: &Case,
    desk: &Desk,
    point: &Point,
    struck: &Call,
    ended: &Ended,
) -> Option<String> {
    let usual = &desk.undisturbed;
    if ended.stderr.contains("panicked") {
        return Some("it panicked".to_owned());
    }
    for (path, bytes) in &desk.before {
        let is_output = case.outputs.iter().any(|output| path.starts_with(output));
        if !is_output && ended.after.get(path) != Some(bytes) {
            return Some(format!("{} was touched", path.display()));
        }
    }
    // What is not needed for any amount may be missing, if that is said.
    let is_warned = ended.status == usual.status && ended.stderr.contains("warning[");
    if !is_warned && let Some(why) = half_output(case, desk, &ended.after, point.goes_on) {
        return Some(why);
    }
    let is_whole = ended.after == usual.after;
    let is_the_same = is_whole && ended.status == usual.status && ended.stdout == usual.stdout;
    if is_the_same && ended.stderr == usual.stderr {
        return None;
    }
    match (point.fault, struck.path.as_str(), ended.status) {
        ("interrupted" | "short", ..) => Some("it was not as if nothing had happened".to_owned()),
        // Nobody can be told; the rest is as it was.
        (_, "<stderr>", status) if status == usual.status && is_whole => None,
        ("pipe", "<stdout>", status) if status == usual.status && is_whole => None,
        (_, "<stdout>", Some(1)) if is_whole => {
            let is_said = ended.stderr.contains("error[F02]: cannot write to standard output");
            (!is_said).then(|| "it does not say what happened".to_owned())
        }
        (_, _, Some(1)) => says_why(point, struck, ended),
        (_, _, status) if status == usual.status => {
            (!is_warned).then(|| "it went on without a word".to_owned())
        }
        _ => Some("the exit status is not one of its own".to_owned()),
    }
}

/// Whether an error names what it is about.
fn says_why(point: &Point, struck: &Call, ended: &Ended) -> Option<String> {
    if struck.path == "<stderr>" || (point.goes_on && point.fault == "device") {
        // Then nobody can be told.
        return None;
    }
    if !ended.stderr.contains("error[") {
        return Some("there is no error".to_owned());
    }
    // What is met first need not be what stops it.
    if point.goes_on {
        return None;
    }
    let own_name = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = name.trim_start_matches('.').trim_end_matches(".partial");
        name.trim_end_matches(".replaced").to_owned()
    };
    let path = Path::new(&struck.path);
    let name = own_name(path);
    // A file that vanished from a folder: it is that folder that is no longer what it was.
    let folder = path.parent().map_or_else(String::new, own_name);
    let is_gone = point.fault == "gone" && !folder.is_empty() && ended.stderr.contains(&folder);
    let is_named = match struck.path.as_str() {
        "<stdin>" => ended.stderr.contains("`-`"),
        _ => ended.stderr.contains(&name) || is_gone,
    };
    (!is_named).then(|| format!("it does not name `{name}`"))
}

/// Whether an output is neither what it was, nor what it is to be, nor absent.
fn half_output(case: &Case, desk: &Desk, after: &Snapshot, may_leave: bool) -> Option<String> {
    let part = |all: &Snapshot, output: &str| -> Snapshot {
        let own = all.iter().filter(|(path, _)| path.starts_with(output));
        own.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
    };
    for output in case.outputs {
        let (old, new) = (part(&desk.before, output), part(&desk.undisturbed.after, output));
        let now = part(after, output);
        // Halfway between two steps the old one is kept aside, and the next run brings it back.
        let aside = part(after, &format!(".{output}.replaced"));
        let is_aside = may_leave && now.is_empty() && aside.len() == old.len();
        if now != old && now != new && !(now.is_empty() && old.is_empty()) && !is_aside {
            let files: Vec<String> = now.keys().map(|path| path.display().to_string()).collect();
            return Some(format!("`{output}` is neither old nor new: {}", files.join(", ")));
        }
    }
    if *after == desk.undisturbed.after {
        return None;
    }
    let known = |path: &Path| {
        let is_output = case.outputs.iter().any(|output| path.starts_with(output));
        let is_above = case.outputs.iter().any(|output| Path::new(output).starts_with(path));
        desk.before.contains_key(path) || is_output || (is_above && may_leave)
    };
    let is_leftover = |path: &Path| {
        path.iter().any(|part| {
            let part = part.to_string_lossy();
            part.starts_with('.') && (part.ends_with(".partial") || part.ends_with(".replaced"))
        })
    };
    let may_be = |path: &Path| known(path) || (may_leave && is_leftover(path));
    let left = after.keys().find(|path| !may_be(path));
    left.map(|path| format!("{} is left", path.display()))
}

/// What is wrong with the next run, once the fault is gone.
fn problem_afterwards(case: &Case, desk: &Desk) -> Option<String> {
    if !case.takes_force {
        desk.clear(case);
    }
    let again = desk.run_again(case);
    if again.status != desk.undisturbed.status {
        return Some(format!("the next run ends with {:?}: {}", again.status, again.stderr));
    }
    (again.after != desk.undisturbed.after).then(|| {
        let odd = again.after.keys().find(|path| !desk.undisturbed.after.contains_key(*path));
        format!("the next run leaves something else ({odd:?})")
    })
}
