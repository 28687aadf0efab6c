//! Names and cost centers of a run's accounts.

use crate::account::Accounts;
use crate::cli::export::lacks;
use crate::cli::files::read_file;
use crate::cli::run_folder::RunFolder;
use crate::cli::scribe::Scribe;
use crate::diagnostic::Diagnostic;
use crate::read::long::LongError;
use crate::read::run::read_people;
use crate::run::focus::{People, Person};
use crate::value::Names;

/// Those that a bill was made with.
pub(in crate::cli) fn people_of(accounts: &Accounts, names: &Names) -> People {
    let person = |account| {
        let known = accounts.get(account);
        Person { name: known.name.clone(), cost_center: known.cost_center.clone() }
    };
    let listed = accounts.listed(names).into_iter();
    listed.map(|account| (names.accounts.text(account).to_owned(), person(account))).collect()
}

/// Those of a file that is named now, or of the one that the run was made with: that one only as it
/// was then.
pub(super) fn people(
    run: &RunFolder,
    named: Option<&str>,
    scribe: &Scribe,
) -> Result<People, Vec<Diagnostic>> {
    let then = run.info.arguments.get("accounts").map(String::as_str);
    let Some(name) = named.or(then) else { return Ok(People::new()) };
    let gone = |why: &str| {
        vec![lacks(
            format!("names and cost centers of `{name}` cannot be told: {why}"),
            "name the file with --accounts",
        )]
    };
    if named.is_none() && name == "-" {
        return Err(gone("it came from standard input"));
    }
    let file = match read_file(name, scribe) {
        Ok(file) => file,
        Err(_) if named.is_none() => return Err(gone("it cannot be read any more")),
        Err(diagnostic) => return Err(vec![diagnostic]),
    };
    let was = run.info.input(name).map(|input| input.sha256.as_str());
    if named.is_none() && was != Some(file.report.sha256.as_str()) {
        return Err(gone("it is not what it was when the run was made"));
    }
    read_people(name, &file.bytes).map_err(|error| match error {
        LongError::Wrong(diagnostics) => diagnostics,
        LongError::Io(error) => vec![crate::cli::files::unreadable(name, &error)],
    })
}
