//! `--excel`: the tables of a run for spreadsheet programs.

use std::path::Path;

use crate::cli::Stopped;
use crate::cli::export::Export;
use crate::cli::files::unreadable;
use crate::cli::output::{self, OutputFolder};
use crate::cli::run_folder::RunFolder;
use crate::cli::scribe::Scribe;
use crate::disk::{self, File, Kind};
use crate::write;
use crate::write::text::visible;

impl Export {
    /// Writes the tables; what to say.
    pub(super) fn office(&self, run: &RunFolder, scribe: &Scribe) -> Result<String, Stopped> {
        let mut folder = OutputFolder::begin(&self.out, output::Kind::Office, false)?;
        let problem = |name: &str, error: &std::io::Error| vec![unreadable(name, error)];
        let entries = disk::list(&run.name).map_err(|error| problem(&run.name, &error))?;
        let mut tables = Vec::new();
        for entry in entries {
            let name = entry.name.to_string_lossy().into_owned();
            // FOCUS and event logs are for programs.
            let is_for_people = !["focus.csv", "events.csv"].contains(&name.as_str());
            if name.ends_with(".csv") && is_for_people && entry.kind == Kind::File {
                tables.push(name);
            }
        }
        for name in &tables {
            let path = Path::new(&run.name).join(name);
            let shown = path.display().to_string();
            let input = File::open(&path).map_err(|error| problem(&shown, &error))?;
            folder.write(name, |out| write::office::table(input, out).map(drop))?;
        }
        let files = folder.files().join(", ");
        folder.publish(scribe)?;
        Ok(format!("written to {}: {files}\n", visible(&self.out)))
    }
}
