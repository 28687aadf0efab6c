//! All integration tests, in one binary, so that linking is paid once.

mod advise;
mod bad_input;
mod cases;
mod chance;
mod cloudkitty;
mod compare;
mod conformance;
mod consequences;
mod continuation;
mod errors;
mod estimate;
mod explain;
mod faults;
mod figures;
mod findings;
mod focus;
mod forecast;
mod foreign;
mod fuzz;
mod generated;
mod golden;
mod journal;
mod laws;
mod ledger;
mod limits;
mod parquet;
mod prepared;
mod project;
mod random_worlds;
mod reconcile;
#[expect(unreachable_pub, reason = "a module that stands on its own, wherever it is put")]
mod reference;
mod report;
mod samples;
mod signals;
mod support;
mod tidy;
mod trend;
mod untrusted;
#[expect(unreachable_pub, reason = "a module that stands on its own, wherever it is put")]
mod worlds;
