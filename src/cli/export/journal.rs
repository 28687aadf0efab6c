//! `--gl`: a run as a journal of a general ledger.

use std::collections::BTreeSet;

use crate::cli::Stopped;
use crate::cli::export::people::people;
use crate::cli::export::{Export, lacks};
use crate::cli::files::read_file;
use crate::cli::output::NewFile;
use crate::cli::run_folder::RunFolder;
use crate::cli::scribe::Scribe;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::read::ledger_map;
use crate::run::focus::People;
use crate::run::journal::{Journal, JournalError};
use crate::run::{ChargeRow, RunKind, StatementRow};
use crate::value::Overflow;
use crate::write;
use crate::write::text::visible;

/// How many charges without a ledger account are told one by one.
const MOST_TOLD: usize = 10;

impl Export {
    /// Writes the journal; what to say.
    pub(super) fn journal(
        &self,
        run: &RunFolder,
        map: &str,
        scribe: &Scribe,
    ) -> Result<String, Stopped> {
        let file = read_file(map, scribe).map_err(|diagnostic| vec![diagnostic])?;
        let map_name = map;
        let map = ledger_map::read(map, &file.bytes)?;
        if run.info.kind == RunKind::Projection {
            let message = format!("`{}` is a projection: nothing is owed yet", run.name);
            return Err(vec![lacks(message, "a journal is of a bill")]);
        }
        let people = match people(run, self.accounts.as_deref(), scribe) {
            Ok(people) => people,
            // Then no amount depends on them.
            Err(gone)
                if !map.asks_for_cost_centers()
                    && gone.iter().all(|problem| problem.code == Code::RunLacks) =>
            {
                let told = gone.into_iter().map(|problem| Diagnostic {
                    severity: Severity::Warning,
                    message: format!("{}; the journal has none", problem.message),
                    ..problem
                });
                scribe.diagnostics(&told.collect::<Vec<_>>());
                People::new()
            }
            Err(problems) => return Err(problems),
        };
        let center = |account: &str| people.get(account).map_or("", |person| &person.cost_center);
        let (file, mut out) = NewFile::begin(&self.out, self.force)?;
        let mut journal = Journal::new(&map);
        let too_large =
            |overflow: Overflow| Diagnostic::error(Code::TooLarge, overflow.to_string());
        run.rows(|charge: ChargeRow, _| {
            journal.charge(&charge, center(&charge.account)).map_err(too_large)
        })?;
        run.rows(|row: StatementRow, _| {
            journal.statement(&row, center(&row.account)).map_err(too_large)
        })?;
        let lines = journal.finish().map_err(|error| refusal(error, map_name))?;
        out.write(|out| write::journal::write(out, &lines))?;
        out.close()?;
        file.publish()?;
        let months: BTreeSet<&str> = lines.iter().map(|line| line.month.as_str()).collect();
        let (count, months) = (lines.len(), months.len());
        Ok(format!("{count} lines of {months} months written to {}\n", visible(&self.out)))
    }
}

fn refusal(error: JournalError, map: &str) -> Stopped {
    match error {
        JournalError::Unmapped(charges) => {
            let skus: BTreeSet<String> = charges.iter().map(|(sku, _)| sku.clone()).collect();
            let told: Vec<&str> = skus.iter().take(MOST_TOLD).map(String::as_str).collect();
            let more = if skus.len() > MOST_TOLD { " …" } else { "" };
            let message = format!("`{map}` has no line for: {}{more}", told.join(", "));
            let help = "add a [[charge]] with such a sku; one with sku = \"*\" at the end takes \
                        all that is left";
            vec![Diagnostic::error(Code::LedgerMissing, message).help(help)]
        }
        JournalError::Torn(account) => {
            let message = format!("the charges of `{account}` are not its statements' totals");
            let help = "bill once more: charges.csv and statements.csv are written as one";
            vec![Diagnostic::error(Code::NotARun, message).help(help)]
        }
        JournalError::Overflow => {
            vec![Diagnostic::error(Code::TooLarge, Overflow.to_string())]
        }
    }
}
