//! `sharebill completions` and `sharebill man`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::output::{Kind, OutputFolder, write_file};
use crate::cli::scribe::Scribe;
use crate::cli::{Cli, Exit, Stopped};

/// Shell completions
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// For which shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Manual pages
#[derive(Debug, Args)]
pub(super) struct Man {
    /// The folder to write one page a command to; by default the first page is printed
    #[arg(long, value_name = "DIR")]
    out: Option<String>,
}

impl Completions {
    pub(super) fn run(&self, _: &Scribe) -> Result<Exit, Stopped> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "sharebill", &mut script);
        write_file("-", &script)?;
        Ok(Exit::Done)
    }
}

impl Man {
    pub(super) fn run(&self, scribe: &Scribe) -> Result<Exit, Stopped> {
        let mut command = Cli::command();
        command.build();
        let Some(target) = &self.out else {
            let mut page = Vec::new();
            // Rendering to memory cannot fail.
            let _ = clap_mangen::Man::new(command).render(&mut page);
            write_file("-", &page)?;
            return Ok(Exit::Done);
        };
        let mut folder = OutputFolder::begin(target, Kind::Pages, false)?;
        let mut pages = vec![("sharebill.1".to_owned(), command.clone())];
        for sub in command.get_subcommands() {
            pages.push((format!("sharebill-{}.1", sub.get_name()), sub.clone()));
        }
        for (name, page) in pages {
            folder.write(&name, |out| clap_mangen::Man::new(page).render(out))?;
        }
        folder.publish(scribe)?;
        Ok(Exit::Done)
    }
}
