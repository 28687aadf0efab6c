//! Extreme inputs, in small: what `benches/limits.py` measures at full size ends here as it says,
//! and says how to go on.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use crate::consequences::columns;
use crate::support::{EVENT_HEADER, root, sharebill, small_book, stderr};

/// A folder with these files, and the small book.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let book = folder.path().join("book");
    fs::create_dir(&book).expect("a folder");
    for file in ["book.toml", "rates.csv", "flavors.csv"] {
        fs::copy(root().join("tests/fixtures/small-book").join(file), book.join(file))
            .expect("a book");
    }
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).expect("a file");
    }
    folder
}

/// Runs the program there, and says how it has to end: its status, and what it has to say.
fn check(folder: &Path, arguments: &[&str], status: i32, says: &[&str]) {
    let output = sharebill(folder, arguments);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
    for words in says {
        assert!(said.contains(words), "{arguments:?} should say `{words}`: {said}");
    }
}

/// The same for a bill of one log.
fn check_log(name: &str, bytes: &[u8], more: &[&str], status: i32, says: &[&str]) -> TempDir {
    let folder = folder(&[(name, bytes)]);
    let mut arguments = vec!["bill", name, "--prices", "book", "--out", "out"];
    arguments.extend(more);
    check(folder.path(), &arguments, status, says);
    folder
}

fn image(resource: &str) -> String {
    format!("2016-03-01T00:00:00Z,image.create,acme,DFW,{resource},,,,1073741824,,,,,\n")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// A zstd frame that says "this byte, so often": 128 KiB of it in four bytes (RFC 8878).
fn zstd_of_one_byte(byte: u8, blocks: usize) -> Vec<u8> {
    let block = |is_last: u32| {
        let head = (1_u32 << 20) | 2 | is_last;
        [head as u8, (head >> 8) as u8, (head >> 16) as u8, byte]
    };
    let mut frame = b"\x28\xb5\x2f\xfd\x00\x38".to_vec();
    frame.extend(std::iter::repeat_n(block(0), blocks - 1).flatten());
    frame.extend(block(1));
    frame
}

fn rows_of(path: &Path) -> usize {
    fs::read_to_string(path).expect("a table").lines().count() - 1
}

#[test]
fn sizes_past_binary_floats_are_exact_and_those_past_63_bits_are_refused() {
    let mut texts = small_book();
    texts.book_toml = texts.book_toml.replace("quantity_decimals = 8", "quantity_decimals = 12");
    texts.start = Some("2016-03-01".to_owned());
    texts.end = Some("2016-04-01".to_owned());
    for (bytes, quantities) in [
        // 2^53 + 1 is no float: (2^53 + 1) / 2^30 = 8388608.000000000931…
        ("9007199254740993", ["1024", "8387584.000000000931"]),
        // 2^63 - 1, the most there is: 2^33 - 1/2^30 = 8589934591.999999999069
        ("9223372036854775807", ["1024", "8589933567.999999999069"]),
    ] {
        let row = format!("2016-03-01T00:00:00Z,image.create,acme,DFW,gold,,,,{bytes},,,,,");
        let billed = texts.clone().with_rows(&row).bill();
        let told = columns(&billed.charges, &["quantity"]);
        let told: Vec<&str> = told
            .iter()
            .map(|quantity| match quantity.contains('.') {
                true => quantity.trim_end_matches('0').trim_end_matches('.'),
                false => quantity,
            })
            .collect();
        assert_eq!(told, quantities, "{bytes}");
    }
    let rows = ["9223372036854775808", "18446744073709551615", "18446744073709551616"]
        .map(|bytes| image(bytes).replace("1073741824", bytes));
    let log = format!("{EVENT_HEADER}{}{}", image("gold"), rows.concat());
    let folder = check_log("events.csv", log.as_bytes(), &["-q"], 3, &["3 rows set aside"]);
    let findings = fs::read_to_string(folder.path().join("out/findings.csv")).expect("findings");
    assert_eq!(findings.matches("more than 2^63 - 1").count(), 3, "{findings}");
}

#[test]
fn the_first_and_the_last_month_there_is_are_billed() {
    let log = format!(
        "{EVENT_HEADER}1970-01-01T00:00:00Z,image.create,acme,DFW,old,,,,1073741824,,,,,\n\
         1970-02-01T00:00:00Z,image.delete,acme,,old,,,,,,,,,\n\
         9999-11-01T00:00:00Z,image.create,acme,DFW,new,,,,1073741824,,,,,\n"
    );
    let dates = [("1970-01-01", "1970-03-01"), ("9999-11-01", "9999-12-31T23:59:59.999999Z")];
    for ((start, end), amounts) in dates.into_iter().zip([1, 2]) {
        let book = folder(&[("events.csv", log.as_bytes())]);
        let rates = book.path().join("book/rates.csv");
        let old = fs::read_to_string(&rates).expect("rates").replace("2015-01-01", "1970-01-01");
        fs::write(&rates, old).expect("rates");
        let arguments = ["bill", "events.csv", "--prices", "book", "--out", "out"];
        let arguments = [&arguments[..], &["--start", start, "--end", end]].concat();
        check(book.path(), &arguments, 0, &[]);
        let charges = book.path().join("out/charges.csv");
        assert_eq!(rows_of(&charges), amounts, "{}", fs::read_to_string(&charges).expect("it"));
    }
}

#[test]
fn names_of_64_kb_are_names() {
    let long = |kind: &str| kind.repeat(64 << 10);
    let (account, image, member, id) = (long("a"), long("i"), long("m"), long("e"));
    let log = format!(
        "{EVENT_HEADER}2016-03-01T00:00:00Z,image.create,{account},DFW,{image},,,,1073741824,,,,,{id}\n\
         2016-03-02T00:00:00Z,image.member.create,{account},,{image},,{member},,,,,,,\n"
    );
    let folder = check_log("events.csv", log.as_bytes(), &["--detail"], 0, &[]);
    for (file, names) in
        [("statements.csv", [&account, &account]), ("sharing.csv", [&image, &account])]
    {
        let text = fs::read_to_string(folder.path().join("out").join(file)).expect("a table");
        assert!(names.iter().all(|name| text.contains(*name)), "{file}");
    }
}

#[test]
fn many_of_anything_are_as_many_rows() {
    let count = 20_000;
    let accounts: String =
        (0..count).map(|n| image(&format!("i{n}")).replace("acme", &format!("a{n}"))).collect();
    let log = format!("{EVENT_HEADER}{accounts}");
    let folder = check_log("events.csv", log.as_bytes(), &["-q"], 0, &[]);
    assert_eq!(rows_of(&folder.path().join("out/statements.csv")), count);

    let mut log = format!("{EVENT_HEADER}{}", image("gold"));
    for n in 0..count {
        log += &format!("2016-03-02T00:00:00Z,image.member.create,acme,,gold,,m{n},,,,,,,\n");
    }
    for n in 0..count / 2 {
        log += &format!("2016-03-03T00:00:00Z,image.member.delete,acme,,gold,,m{n},,,,,,,\n");
    }
    log += "2016-03-04T00:00:00Z,server.create,m19999,DFW,s,gold,,,,general1-1,,,,\n";
    let folder = check_log("events.csv", log.as_bytes(), &["--detail"], 0, &[]);
    let sharing = fs::read_to_string(folder.path().join("out/sharing.csv")).expect("sharing");
    assert_eq!(columns(&sharing, &["members"]), ["20000", "20000"], "so many within the cycle");
}

#[test]
fn a_lineage_of_ten_thousand_images_is_followed_to_its_beginning() {
    let mut log = format!("{EVENT_HEADER}{}", image("i0"));
    log += "2016-03-01T00:00:01Z,image.member.create,acme,,i0,,birch,,,,,,,\n";
    for n in 0..10_000 {
        let time = format!("2016-03-02T{:02}:{:02}:{:02}Z", n / 3600, n / 60 % 60, n % 60);
        log += &format!("{time},server.create,birch,DFW,s{n},i{n},,,,general1-1,,,,\n");
        log += &format!("{time},image.create,birch,DFW,i{},s{n},,,1073741824,,,,,\n", n + 1);
    }
    let folder = check_log("events.csv", log.as_bytes(), &["--detail", "-q"], 0, &[]);
    let parts = fs::read_to_string(folder.path().join("out/allocations.csv")).expect("a table");
    let last = parts.lines().find(|row| row.contains(",i10000,")).expect("the last image");
    assert!(last.contains(",i0,acme,reimage-storage,"), "{last}");
}

#[test]
fn a_rate_of_ten_thousand_tiers_charges_each() {
    let folder = folder(&[]);
    let rates = folder.path().join("book/rates.csv");
    let mut text = fs::read_to_string(&rates).expect("rates").replace("image.storage,*,GB-month,,0,0.10,,2015-01-01,test\nimage.storage,*,GB-month,,1024,0.09,,2015-01-01,test\n", "");
    for tier in 0..10_000 {
        text +=
            &format!("image.storage,*,GB-month,,{tier},0.{:04},,2015-01-01,test\n", 9_999 - tier);
    }
    fs::write(&rates, text).expect("rates");
    let settings = folder.path().join("book/book.toml");
    let text = fs::read_to_string(&settings).expect("settings");
    fs::write(&settings, text.replace("[[\"image.storage\", \"object.storage\"]]", "[]"))
        .expect("it");
    let log = format!("{EVENT_HEADER}{}", image("gold").replace("1073741824", "10737418240000"));
    fs::write(folder.path().join("events.csv"), log).expect("a log");
    check(folder.path(), &["bill", "events.csv", "--prices", "book", "--out", "out"], 0, &[]);
    // 10,000 GiB for the whole of March: one in each tier.
    assert_eq!(rows_of(&folder.path().join("out/charges.csv")), 10_000);
}

#[test]
fn thousands_of_fleets_and_groups_and_varying_numbers_are_a_plan() {
    let mut plan = "[scenario]\nstart = \"2027-01-01\"\nmonths = 1\n".to_owned();
    for n in 0..2_000 {
        plan += &format!(
            "[[group]]\nname = \"g{n}\"\naccounts = [\"a{n}\"]\n\
             [[fleet]]\nname = \"f{n}\"\naccount = \"g{n}\"\nregion = \"DFW\"\nflavor = \"general1-1\"\n\
             count = 2\n[[vary]]\npath = \"fleet.f{n}.count\"\nuniform = {{ low = 1, high = 3 }}\n"
        );
    }
    let folder = folder(&[("plan.toml", plan.as_bytes())]);
    let arguments =
        ["project", "--scenario", "plan.toml", "--prices", "book", "--out", "out", "-q"];
    check(folder.path(), &arguments, 0, &[]);
    let told = fs::read_to_string(folder.path().join("out/assumptions.csv")).expect("a table");
    assert_eq!(told.matches("at the mean of its [[vary]]").count(), 2_000);
    assert_eq!(rows_of(&folder.path().join("out/statements.csv")), 2_000);
}

#[test]
fn members_and_frames_one_after_the_other_are_one_log() {
    let mut bytes = gzip(EVENT_HEADER.as_bytes());
    for n in 0..1_000 {
        bytes.extend(gzip(image(&format!("i{n}")).as_bytes()));
    }
    let folder = check_log("events.csv.gz", &bytes, &["--detail", "-q"], 0, &[]);
    assert_eq!(rows_of(&folder.path().join("out/allocations.csv")), 1_000);
    let frame = |text: &str| zstd::encode_all(text.as_bytes(), 1).expect("memory takes it");
    let mut bytes = frame(EVENT_HEADER);
    for n in 0..1_000 {
        bytes.extend(frame(&image(&format!("i{n}"))));
    }
    let folder = check_log("events.csv.zst", &bytes, &["--detail", "-q"], 0, &[]);
    assert_eq!(rows_of(&folder.path().join("out/allocations.csv")), 1_000);
}

#[test]
fn what_decompresses_to_far_more_than_it_is_stops_and_says_the_way_out() {
    let says = ["error[F05]", "more than 1 GiB", "--max-input 100GB"];
    // 1.3 GB in 40 KB, behind a log's first row: blank lines, which a log may well have. They are
    // met while two logs are compared, where nothing has to be made of them.
    let start = format!("{EVENT_HEADER}{}", image("gold"));
    let mut bytes = zstd::encode_all(start.as_bytes(), 1).expect("memory takes it");
    bytes.extend(zstd_of_one_byte(b'\n', 10_000));
    let folder = folder(&[("one.csv.zst", &bytes), ("two.csv.zst", &bytes)]);
    let arguments = ["bill", "one.csv.zst", "two.csv.zst", "--prices", "book", "--out", "out"];
    check(folder.path(), &arguments, 1, &says);
}

#[test]
fn no_more_is_read_of_any_input_than_is_allowed() {
    let log =
        format!("{EVENT_HEADER}{}", (0..100).map(|n| image(&format!("i{n}"))).collect::<String>());
    let size = log.len().to_string();
    let less = (log.len() - 1).to_string();
    let packed = gzip(log.as_bytes());
    let says = ["error[F05]", "--max-input allows no more", "cut the input into parts"];
    for (name, bytes) in [("events.csv", log.as_bytes()), ("events.csv.gz", packed.as_slice())] {
        check_log(name, bytes, &["--max-input", &size], 0, &[]);
        check_log(name, bytes, &["--max-input", &less], 1, &says);
    }
    let accounts: String = (0..3_000).map(|n| format!("a{n},A\n")).collect();
    let accounts = format!("account,name\n{accounts}");
    for bytes in [accounts.clone().into_bytes(), gzip(accounts.as_bytes())] {
        let folder = folder(&[("events.csv", log.as_bytes()), ("accounts.csv", &bytes)]);
        let arguments = ["bill", "events.csv", "--prices", "book", "--accounts", "accounts.csv"];
        let arguments = [&arguments[..], &["--out", "out", "--max-input"]].concat();
        let most = accounts.len().max(log.len()).to_string();
        check(folder.path(), &[&arguments[..], &[&most]].concat(), 0, &[]);
        let says = ["error[F05]", "`accounts.csv` has more than"];
        let least = log.len().to_string();
        check(folder.path(), &[&arguments[..], &[&least, "--force"]].concat(), 1, &says);
    }
}

#[test]
fn a_line_that_never_ends_is_refused_before_it_fills_the_memory() {
    let mut log = format!("{EVENT_HEADER}{}", image("gold")).into_bytes();
    log.resize(log.len() + (66 << 20), b'x');
    let says = ["error[F01]", "line 3 does not end within 64 MiB"];
    check_log("events.csv", &log, &[], 1, &says);
    // What is shorter is one row that cannot be read.
    log.truncate(40 << 20);
    check_log("events.csv", &log, &["-q"], 3, &["1 rows set aside"]);
    check_log("events.csv", &vec![b'x'; 40 << 20], &[], 1, &["error[C03]"]);
}

#[test]
fn one_open_quote_among_rows_that_are_set_aside_loses_one_row() {
    let mut log = format!("{EVENT_HEADER}{}\"", image("gold"));
    for _ in 0..60_000 {
        // Created again and again: each of these is set aside, and read once more for it.
        log += &image("again");
    }
    let folder = check_log("events.csv", log.as_bytes(), &["-q"], 3, &[]);
    let rejected = fs::read_to_string(folder.path().join("out/rejected.csv")).expect("a table");
    assert_eq!(
        rejected.matches("acme,DFW,again,").count(),
        59_999,
        "all but the first that is read"
    );
}

#[test]
fn a_header_of_ten_thousand_columns_is_told_in_twenty_lines() {
    let unknown: String = (0..10_000).map(|n| format!(",c{n}")).collect();
    let header = EVENT_HEADER.trim_end();
    let log = format!("{header}{unknown}\n");
    let says = ["unknown column `c0`", "and 9980 more unknown columns"];
    check_log("events.csv", log.as_bytes(), &[], 1, &says);
    let log = format!("{header}{}\n", ",bytes".repeat(10_000));
    let says = ["column `bytes` appears twice", "and 9980 more repeated columns"];
    check_log("events.csv", log.as_bytes(), &[], 1, &says);
}

#[test]
fn of_a_million_mistakes_the_first_thousand_are_told() {
    let mut accounts = "account,billing_day\n".to_owned();
    for n in 0..50_000 {
        accounts += &format!("a{n},32\n");
    }
    let log = format!("{EVENT_HEADER}{}", image("gold"));
    let folder = folder(&[("events.csv", log.as_bytes()), ("accounts.csv", accounts.as_bytes())]);
    let arguments = ["bill", "events.csv", "--prices", "book", "--accounts", "accounts.csv"];
    let arguments = [&arguments[..], &["--out", "out", "--message-format", "short"]].concat();
    let says = ["accounts.csv:1001:", "and 49000 more like these"];
    check(folder.path(), &arguments, 1, &says);
    assert!(!stderr(&sharebill(folder.path(), &arguments)).contains("accounts.csv:1002:"));
}

#[test]
fn nesting_without_end_is_refused_and_does_not_overflow_the_stack() {
    let deep = |open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(300_000), close.repeat(300_000))
    };
    let row = "{\"time\":\"2016-03-01T00:00:00Z\",\"event\":\"image.create\",\"account\":\"acme\",\
               \"region\":\"DFW\",\"resource\":\"gold\",\"bytes\":1073741824}\n";
    let log = format!("{row}{{\"event\":\"image.create\",\"labels\":{}}}\n", deep("[", "", "]"));
    check_log("events.jsonl", log.as_bytes(), &["-q"], 3, &["1 rows set aside"]);
    let log =
        format!("{{\"event_type\":\"image.create\",\"payload\":{}}}\n", deep("{\"a\":", "1", "}"));
    check_log("glance.jsonl", log.as_bytes(), &["--from", "flat"], 1, &["error[E01]"]);
    for line in [
        format!("x = {}", deep("[", "", "]")),
        format!("x = {}", deep("{ a = ", "1", " }")),
        format!("{}a = 1", "a.".repeat(300_000)),
        format!("[{}a]", "a.".repeat(300_000)),
    ] {
        let plan = format!("[scenario]\nstart = \"2027-01-01\"\n{line}\n");
        let folder = folder(&[("plan.toml", plan.as_bytes())]);
        let arguments = ["project", "--scenario", "plan.toml", "--prices", "book", "--out", "out"];
        check(folder.path(), &arguments, 1, &["error[B01]"]);
    }
}

#[test]
fn names_that_look_like_paths_write_nothing_outside_of_the_folder() {
    let hostile = ["../../escaped", "/tmp/sharebill-escaped", "..", "a/b", "con", "~/escaped"];
    let mut log = EVENT_HEADER.to_owned();
    for (n, name) in hostile.iter().enumerate() {
        log += &image(&format!("{name}-{n}")).replace("acme", name);
    }
    let scenario = "[scenario]\nname = \"../../escaped\"\nstart = \"2027-01-01\"\nmonths = 1\n\
                    [[fleet]]\nname = \"../../escaped\"\naccount = \"../escaped\"\nregion = \"DFW\"\n\
                    flavor = \"general1-1\"\ncount = 1\n";
    let outer = folder(&[]);
    let inner = outer.path().join("one/two");
    fs::create_dir_all(&inner).expect("a folder");
    fs::write(inner.join("events.csv"), log).expect("a log");
    fs::write(inner.join("plan.toml"), scenario).expect("a plan");
    let book = "../../book";
    let bill = ["bill", "events.csv", "--prices", book, "--out", "bill", "--detail", "--focus"];
    check(&inner, &bill, 0, &[]);
    let plan = ["project", "--scenario", "plan.toml", "--prices", book, "--out", "plan"];
    check(&inner, &[&plan[..], &["--write-events"]].concat(), 0, &[]);
    check(&inner, &["export", "bill", "--excel", "--out", "office"], 0, &[]);
    check(&inner, &["report", "bill", "plan", "--html", "r.html", "--xlsx", "r.xlsx"], 0, &[]);
    let mut found: Vec<String> = Vec::new();
    for folder in [outer.path(), &outer.path().join("one"), &inner] {
        for entry in fs::read_dir(folder).expect("a folder") {
            found.push(entry.expect("an entry").file_name().to_string_lossy().into_owned());
        }
    }
    found.sort();
    let expected = [
        "bill",
        "book",
        "events.csv",
        "office",
        "one",
        "plan",
        "plan.toml",
        "r.html",
        "r.xlsx",
        "two",
    ];
    assert_eq!(found, expected);
    assert!(!Path::new("/tmp/sharebill-escaped").exists());
}

#[test]
fn a_run_that_says_it_was_made_of_a_device_is_not_believed() {
    let log = format!("{EVENT_HEADER}{}", image("gold"));
    let folder = check_log("events.csv", log.as_bytes(), &[], 0, &[]);
    let path = folder.path().join("out/run.json");
    let told = fs::read_to_string(&path).expect("run.json");
    fs::write(&path, told.replace("\"events.csv\"", "\"/dev/zero\"")).expect("run.json");
    let arguments = ["explain", "out", "--account", "acme"];
    if Path::new("/dev/zero").exists() {
        check(folder.path(), &arguments, 1, &["`/dev/zero` cannot be read: it is no file"]);
    }
}
