//! Whatever call of the system fails, at whatever moment: the program says so, with the right exit
//! status, leaves no half output, and touches no input.
//!
//! Each case is a small run of the program. It is run once to learn which calls it makes, and then
//! again for each of these calls and each fault that the call can meet, on a folder that is as it
//! was. `src/disk/fault.rs` makes the calls fail. By default some of the points are left out, so that
//! the test ends in a minute; `SHAREBILL_FAULTS=all` takes all of them, and `SHAREBILL_FAULTS=CASE`
//! all of one case.

mod cases;
mod desk;
mod judge;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use cases::Case;
use desk::{Call, Desk};

/// One call of one case, and what it meets.
#[derive(Debug, Clone)]
struct Point {
    case: usize,
    call: Call,
    fault: &'static str,
    /// Whether all calls behind it meet the same.
    goes_on: bool,
}

/// At least so many faults are met in every run of this test.
const LEAST: usize = 2_000;

/// About so many are tried where nothing else is asked for: a call may meet nothing, where threads
/// take turns otherwise than before.
const USUAL: usize = 2_200;

#[cfg(debug_assertions)]
#[test]
fn no_fault_of_the_system_breaks_it() {
    let asked = std::env::var("SHAREBILL_FAULTS").ok();
    let cases = cases::all();
    let points = points(&cases, asked.as_deref());
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let met = Mutex::new(BTreeMap::<(usize, &str), usize>::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let mut desk: Option<(usize, Desk)> = None;
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let case = &cases[point.case];
                    let desk = match desk.take().filter(|(case, _)| *case == point.case) {
                        Some(same) => desk.insert(same),
                        None => desk.insert((point.case, Desk::new(case))),
                    };
                    let told = judge::judge(case, &mut desk.1, point);
                    if told.is_met {
                        let mut met = met.lock().unwrap_or_else(PoisonError::into_inner);
                        *met.entry((point.case, point.fault)).or_default() += 1;
                    }
                    if let Some(why) = told.wrong {
                        wrong.lock().unwrap_or_else(PoisonError::into_inner).push(why);
                    }
                }
            });
        }
    });
    let met = met.into_inner().unwrap_or_else(PoisonError::into_inner);
    tell(&cases, points.len(), &met);
    let wrong = wrong.into_inner().unwrap_or_else(PoisonError::into_inner);
    let shown: Vec<&str> = wrong.iter().take(100).map(String::as_str).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} points:\n\n{}",
        wrong.len(),
        points.len(),
        shown.join("\n")
    );
    let count: usize = met.values().sum();
    assert!(asked.is_some() || count >= LEAST, "only {count} faults were met");
}

/// What is tried.
fn points(cases: &[Case], asked: Option<&str>) -> Vec<Point> {
    let mut points = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        if asked.is_some_and(|asked| asked != "all" && asked != case.name) {
            continue;
        }
        for call in Desk::new(case).undisturbed.calls {
            for (fault, goes_on) in judge::faults_of(&call) {
                points.push(Point { case: number, call: call.clone(), fault, goes_on });
            }
        }
    }
    // Calls come in rows that are alike: each so many-th point is of every case and every kind.
    let stride = if asked.is_some() { 1 } else { (points.len() / USUAL).max(1) };
    points.into_iter().step_by(stride).collect()
}

#[expect(clippy::print_stderr, reason = "the count is what one wants to know")]
fn tell(cases: &[Case], tried: usize, met: &BTreeMap<(usize, &str), usize>) {
    let mut by_fault = BTreeMap::<&str, usize>::new();
    let mut by_case = BTreeMap::<&str, usize>::new();
    for ((case, fault), count) in met {
        *by_fault.entry(fault).or_default() += count;
        *by_case.entry(cases[*case].name).or_default() += count;
    }
    let list = |counts: &BTreeMap<&str, usize>| {
        let counts = counts.iter().map(|(name, count)| format!("{name} {count}"));
        counts.collect::<Vec<_>>().join(", ")
    };
    let count: usize = met.values().sum();
    eprintln!("{count} faults met at {tried} points: {}", list(&by_fault));
    eprintln!("by case: {}", list(&by_case));
}
