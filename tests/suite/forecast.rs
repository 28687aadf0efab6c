//! Forecasts through the program: every frequency, and the series that break programs.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Output;

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta};

use crate::support::{sharebill, stderr, stdout};

/// Small numbers that look random and are the same on every machine.
fn noise(at: usize) -> i64 {
    (at as i64 * 7919 + 13) % 101 - 50
}

/// Rows of one series: its times by a function, its values in whole units.
fn rows(
    name: &str,
    count: usize,
    time: impl Fn(usize) -> String,
    value: impl Fn(usize) -> i64,
) -> String {
    (0..count).fold(String::new(), |mut text, at| {
        let _ = writeln!(text, "{name},{},{}", time(at), value(at));
        text
    })
}

fn month(at: usize) -> String {
    format!("{}-{:02}", 2015 + at / 12, at % 12 + 1)
}

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 1).expect("a day")
}

fn day(at: usize) -> String {
    first_day().checked_add_days(Days::new(at as u64)).expect("a day").to_string()
}

fn hour(at: usize) -> String {
    let start = DateTime::parse_from_rfc3339("2024-01-01T00:00:00Z").expect("a time");
    let time = start + TimeDelta::hours(at as i64);
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Runs the program on these rows.
fn run(rows: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("series,time,value\n{rows}");
    fs::write(folder.path().join("series.csv"), text).expect("written");
    let mut all = vec!["forecast", "series.csv", "--color", "never", "--message-format", "short"];
    all.extend(arguments);
    sharebill(folder.path(), &all)
}

/// The forecast's rows, cell by cell, after looking at every number.
fn forecast(rows: &str, arguments: &[&str]) -> Vec<Vec<String>> {
    let output = run(rows, arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("series,time,mean,p10,p50,p90,model"));
    let cells: Vec<Vec<String>> =
        lines.map(|line| line.split(',').map(str::to_owned).collect()).collect();
    for row in &cells {
        let is_plain = |text: &str| {
            !text.starts_with('-') && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        };
        assert!(row[2..6].iter().all(|number| is_plain(number)), "{row:?}");
        let number = |at: usize| row[at].parse::<rust_decimal::Decimal>().expect("a decimal");
        assert!(number(3) <= number(4) && number(4) <= number(5), "{row:?}");
    }
    cells
}

#[test]
fn every_frequency_is_recognised_continued_and_backtested() {
    let season = |at: usize, season: usize| if at % season < season / 2 { 400 } else { 0 };
    let monthly = rows("m", 60, month, |at| 1000 + 5 * at as i64 + season(at, 12) + noise(at));
    let month_end = |at: usize| {
        let next = first_day() + Months::new(at as u32 + 1);
        next.pred_opt().expect("a day").to_string()
    };
    let ends = rows("e", 30, month_end, |at| 1000 + noise(at));
    let weekly = rows("w", 130, |at| day(7 * at), |at| 2000 + season(at, 52) + noise(at));
    let daily = rows("d", 100, day, |at| 1500 + season(at, 7) + noise(at));
    let hourly = rows("h", 24 * 30, hour, |at| 3000 + season(at, 24) + noise(at));
    for (rows, times, name) in [
        (&monthly, ["2020-01", "2020-02"], "m"),
        (&ends, ["2026-07-31", "2026-08-31"], "e"),
        (&weekly, ["2026-06-29", "2026-07-06"], "w"),
        (&daily, ["2024-04-10", "2024-04-11"], "d"),
        (&hourly, ["2024-01-31T00:00:00Z", "2024-01-31T01:00:00Z"], "h"),
    ] {
        let made = forecast(rows, &["--horizon", "2"]);
        let told: Vec<&str> = made.iter().map(|row| row[1].as_str()).collect();
        assert_eq!(told, times);
        assert!(made.iter().all(|row| row[0] == name && row[6] == "auto"), "{made:?}");
        let tried = stdout(&run(rows, &["--backtest", "--horizon", "12", "--format", "json"]));
        let tried: serde_json::Value = serde_json::from_str(&tried).expect("JSON");
        // The season is there, the noise small: nobody should be off by more than a twelfth.
        assert_eq!(tried["overall"]["maturity"], "run", "{tried}");
        assert_ne!(tried["series"][0]["origins"], 0, "{tried}");
    }
}

#[test]
fn three_points_make_a_run_rate() {
    let made = forecast("a,2024-01,10\na,2024-02,12\na,2024-03,14\n", &["--horizon", "3"]);
    for row in &made {
        assert_eq!((row[2].as_str(), row[6].as_str()), ("12.00", "run-rate"));
    }
    // Errors of the past: 14 after a mean of 11, 12 after 10. There is an interval, and it is wide.
    assert_ne!(made[0][3], made[0][5]);
}

#[test]
fn constants_and_zeros_stay_what_they_are() {
    for value in [0, 7] {
        let made = forecast(&rows("a", 30, month, |_| value), &["--horizon", "12"]);
        for row in &made {
            assert_eq!(row[2..6], vec![format!("{value}.00"); 4]);
        }
        let tried = run(&rows("a", 30, month, |_| value), &["--backtest", "--format", "json"]);
        let tried: serde_json::Value = serde_json::from_str(&stdout(&tried)).expect("JSON");
        assert_eq!(tried["overall"]["wape"], "0.0000");
        assert_eq!(tried["overall"]["mase"], serde_json::Value::Null);
    }
    // Mostly zeros, with something now and then: nothing below zero.
    let rare = rows("a", 60, month, |at| if at % 9 == 4 { 30 } else { 0 });
    for model in ["auto", "naive", "snaive", "run-rate", "theta", "ets", "mstl"] {
        assert_eq!(forecast(&rare, &["--model", model]).len(), 12);
    }
}

#[test]
fn gaps_are_named_and_filled_as_asked() {
    let text = rows("a", 24, month, |_| 10);
    let text: String =
        text.lines().filter(|row| !row.contains("2016-05")).map(|row| format!("{row}\n")).collect();
    let output = run(&text, &["--horizon", "1"]);
    let told = stderr(&output);
    assert!(told.contains("warning[T02]: series `a` lacks 1 of 24 months: 2016-05"), "{told}");
    assert!(stdout(&output).contains("a,2017-01,10.00,10.00,10.00,10.00,naive"));
    let zero = stdout(&run(&text, &["--horizon", "1", "--gaps", "zero"]));
    assert!(!zero.contains(",naive"), "a zero among tens is no constant: {zero}");
}

#[test]
fn one_absurd_value_moves_nothing_and_is_named() {
    let calm = rows("a", 48, month, |at| 1000 + noise(at));
    let absurd = rows("a", 48, month, |at| if at == 30 { 1_000_000_000 } else { 1000 + noise(at) });
    assert!(forecast(&calm, &[]).iter().all(|row| row[6] == "auto"));
    let output = run(&absurd, &[]);
    let told = stderr(&output);
    assert!(told.contains("series `a` has a value unlike all others at 2017-07"), "{told}");
    for row in forecast(&absurd, &[]) {
        let high: rust_decimal::Decimal = row[5].parse().expect("a decimal");
        assert!(high < 1200.into(), "{row:?}");
    }
}

#[test]
fn what_cannot_be_forecast_is_set_aside_and_the_rest_is_written() {
    let text = "short,2024-01,1\nshort,2024-02,1\n".to_owned() + &rows("long", 12, month, |_| 5);
    let output = run(&text, &["--horizon", "1"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stdout(&output).contains("long,2016-01,5.00"), "{}", stdout(&output));
    assert!(!stdout(&output).contains("short"));
    let told = stderr(&output);
    assert!(told.contains("error[T03]: series `short`: it has 2, and at least 3"), "{told}");
}

#[test]
fn differences_fall_below_zero_only_where_asked() {
    let falling = rows("a", 36, month, |at| 20 - at as i64);
    assert_eq!(run(&falling, &[]).status.code(), Some(1));
    let output = run(&falling, &["--allow-negative"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).lines().skip(1).all(|row| row.contains(",-")), "{}", stdout(&output));
    // Usage that falls towards nothing stays at nothing.
    let ending = rows("a", 36, month, |at| 35 - at as i64);
    let made = forecast(&ending, &[]);
    assert_eq!(made.last().expect("rows")[3], "0.00");
}

#[test]
fn neither_threads_nor_the_order_of_rows_change_a_byte() {
    let mut text = String::new();
    for number in 0..150 {
        let value = move |at: usize| 500 + noise(at * (number + 3)) + (at % 12) as i64 * 10;
        text += &rows(&format!("s{number:03}"), 20 + number % 30, month, value);
    }
    let mut turned: Vec<&str> = text.lines().collect();
    turned.reverse();
    let turned = turned.join("\n") + "\n";
    for format in ["text", "json"] {
        let one = run(&text, &["--horizon", "6", "--threads", "1", "--format", format]);
        let many = run(&text, &["--horizon", "6", "--threads", "7", "--format", format]);
        let other = run(&turned, &["--horizon", "6", "--threads", "2", "--format", format]);
        assert!(one.status.success(), "{}", stderr(&one));
        assert_eq!(one.stdout, many.stdout);
        assert_eq!(one.stdout, other.stdout);
    }
    let made = forecast(&text, &["--horizon", "6"]);
    let names: BTreeSet<&String> = made.iter().map(|row| &row[0]).collect();
    assert_eq!((made.len(), names.len()), (900, 150));
}

#[test]
fn a_backtest_is_written_for_every_series() {
    let text = rows("a,b", 40, month, |at| 100 + noise(at)).replace("a,b,", "\"a,b\",")
        + &rows("c", 40, month, |at| 300 + noise(at));
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("series,time,value\n{text}");
    fs::write(folder.path().join("series.csv"), text).expect("written");
    let arguments = ["forecast", "series.csv", "--backtest", "--out", "measures.csv"];
    let output = sharebill(folder.path(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let table = stdout(&output);
    assert!(table.contains("Backtest of 2 series"), "{table}");
    assert!(table.contains("Series within 12 % (run)"), "{table}");
    let written = fs::read_to_string(folder.path().join("measures.csv")).expect("a file");
    let mut lines = written.lines();
    let header = lines.next().expect("a header");
    assert!(header.starts_with("series,model,origins,values,wape,bias,smape,mase,coverage"));
    assert!(lines.next().is_some_and(|line| line.starts_with("\"a,b\",auto,3,36,0.")), "{written}");
    assert!(lines.next().is_some_and(|line| line.starts_with("c,auto,3,36,0.")), "{written}");
}
