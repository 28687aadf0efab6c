//! The command line: the only place that touches files, the terminal and the environment.

mod advise;
mod again;
mod allowance;
mod bill;
mod book;
mod check;
mod compare;
mod conformance;
mod convert;
mod diagnostics;
mod estimate;
mod explain;
mod export;
mod files;
mod forecast;
mod generate;
mod inputs;
mod logs;
mod memory;
mod opening;
mod output;
mod prices;
mod progress;
mod project;
mod reconcile;
mod replay;
mod report;
mod run_folder;
mod scribe;
mod shell;
mod signals;
mod source;
mod stream;
mod tables;
mod threads;
mod unbilled;

use std::ffi::OsString;
use std::panic;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::diagnostic::Diagnostic;
use crate::guard::is_guarded;
use scribe::Scribe;

/// Tells what sharing cloud images costs, and whom.
///
/// Only the producer of an image pays for storing it. A consumer pays once it creates a server
/// from it, or takes an image of such a server.
#[derive(Debug, Parser)]
#[command(name = "sharebill", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Subcommand)]
enum Command {
    Bill(bill::Bill),
    Check(check::Check),
    Advise(advise::Advise),
    Compare(compare::Compare),
    Conformance(conformance::Conformance),
    Convert(convert::Convert),
    Export(export::Export),
    Prices(prices::Prices),
    Project(project::Project),
    Reconcile(reconcile::Reconcile),
    Report(report::ReportCommand),
    Forecast(forecast::Forecast),
    Estimate(estimate::Estimate),
    Explain(explain::Explain),
    Generate(generate::Generate),
    Completions(shell::Completions),
    Man(shell::Man),
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
struct Global {
    /// How to print the result
    #[arg(long, global = true, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
    /// How to print diagnostics
    #[arg(long, global = true, value_enum, default_value_t = MessageFormat::Full)]
    message_format: MessageFormat,
    /// Print errors only
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Tell what is being done
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// How much of each input is read, decompressed; by default a compressed one may have 1GiB,
    /// or 200 times its size on disk, and what is not compressed any size
    #[arg(long, global = true, value_name = "SIZE", help_heading = "Input")]
    max_input: Option<allowance::Size>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    /// For people
    Text,
    /// For machines
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MessageFormat {
    /// With an excerpt of the input
    Full,
    /// One line each, with file, line and column
    Short,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// Done, with or without warnings.
    Done,
    /// The input or the book is wrong, or error findings with `--strict`.
    Wrong,
    /// Done, but error findings were set aside.
    SetAside,
    /// Done, but a budget is probably not kept.
    OverBudget,
}

/// What stopped a command: everything there is to say about it.
type Stopped = Vec<Diagnostic>;

/// Runs the program with the arguments of the process.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe while printing help is nobody's mistake.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    signals::watch();
    hide_guarded_panics();
    let scribe = Scribe::new(&cli.global);
    let outcome = match &cli.command {
        Command::Bill(command) => command.run(&scribe),
        Command::Check(command) => command.run(&scribe),
        Command::Advise(command) => command.run(&scribe),
        Command::Compare(command) => command.run(&scribe),
        Command::Conformance(command) => command.run(&scribe),
        Command::Convert(command) => command.run(&scribe),
        Command::Export(command) => command.run(&scribe),
        Command::Prices(command) => command.run(&scribe),
        Command::Project(command) => command.run(&scribe),
        Command::Reconcile(command) => command.run(&scribe),
        Command::Report(command) => command.run(&scribe),
        Command::Forecast(command) => command.run(&scribe),
        Command::Estimate(command) => command.run(&scribe),
        Command::Explain(command) => command.run(&scribe),
        Command::Generate(command) => command.run(&scribe),
        Command::Completions(command) => command.run(&scribe),
        Command::Man(command) => command.run(&scribe),
    };
    // Where a signal has come, what stopped the command is that, and all is said.
    let _held = output::hold();
    let exit = outcome.unwrap_or_else(|diagnostics| {
        scribe.diagnostics(&diagnostics);
        Exit::Wrong
    });
    ExitCode::from(match exit {
        Exit::Done => 0,
        Exit::Wrong => 1,
        Exit::SetAside => 3,
        Exit::OverBudget => 4,
    })
}

/// Where a panic will be told as an error, nobody is to hear of a bug besides.
fn hide_guarded_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |told| {
        if !is_guarded() {
            usual(told);
        }
    }));
}
