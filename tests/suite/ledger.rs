//! The ledger: what is taken comes out again, cut at the cycles, however little memory there is.

use std::collections::BTreeMap;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};

use sharebill::bill::{live, run_of};
use sharebill::ledger::{Aside, Ledger, Stored};
use sharebill::scratch::Scratch;
use sharebill::timeline::ReadNames;
use sharebill::value::{Instant, Names, Span};
use sharebill::world::{Enforcement, History};

use crate::laws::{Loaded, texts_of};

/// All that a ledger gives, unit by unit, in its order: account, start of the cycle, and each
/// record as text.
fn told(
    loaded: &Loaded,
    history: &History,
    from: Option<Instant>,
    budget: usize,
) -> Vec<(String, Span, Vec<String>)> {
    let Loaded { book, accounts, names, .. } = loaded;
    let mut history = spans_of(history);
    let mut ledger = Ledger::new(book, accounts, from, Scratch::default(), budget);
    ledger.take(&mut history, &names.accounts, &names.resources).expect("a ledger");
    assert!(history.storage.is_empty() && history.servers.is_empty(), "taken");
    all_of(ledger, names)
}

/// What a ledger takes of a history.
fn spans_of(history: &History) -> History {
    History {
        storage: history.storage.clone(),
        servers: history.servers.clone(),
        transfers: history.transfers.clone(),
        ..History::default()
    }
}

/// All that a ledger gives, in its order.
fn all_of(ledger: Ledger<'_>, names: &Names) -> Vec<(String, Span, Vec<String>)> {
    let mut units = ledger.close(&names.accounts).expect("units");
    let mut told = Vec::new();
    while let Some(unit) = units.next_unit().expect("a unit") {
        let records = unit.heads().map(|head| {
            let record = unit.record_of(&head);
            assert_eq!(record.text, head.text);
            format!("{} {:?} {:?}", text(record.text), record.shared, record.stored)
        });
        let mut records: Vec<String> = records.collect();
        records.sort();
        let account = names.accounts.text(unit.account).to_owned();
        told.push((account, unit.cycle.span(), records));
    }
    told
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

fn history_of(loaded: &Loaded) -> (History, Span) {
    let run = run_of(&loaded.rows.events, &loaded.options).expect("a run");
    (
        live(&loaded.rows.events, &loaded.book, &loaded.names, run, &loaded.options)
            .expect("a life")
            .0,
        run,
    )
}

#[test]
fn what_was_spilled_comes_back_as_it_was() {
    for seed in 0..40 {
        let loaded = Loaded::of(&texts_of(seed, Enforcement::Report));
        let (history, _) = history_of(&loaded);
        let expected = told(&loaded, &history, None, usize::MAX);
        let keys: Vec<_> = expected.iter().map(|(account, cycle, _)| (account, cycle)).collect();
        assert!(keys.is_sorted() && keys.windows(2).all(|pair| pair[0] != pair[1]), "{seed}");
        for budget in [1, 100, 1000] {
            assert_eq!(told(&loaded, &history, None, budget), expected, "{seed}, {budget}");
        }
    }
}

/// The ledger's thread reads names while others add some and wait for the world, which reads them,
/// too: handing over must not wait with the names in hand.
#[test]
fn a_ledger_beside_the_world_holds_the_same_while_names_are_added() {
    const TIMES: usize = 300;
    let loaded = Loaded::of(&texts_of(7, Enforcement::Report));
    let (history, _) = history_of(&loaded);
    let Loaded { book, accounts, names, .. } = &loaded;
    let mut expected = told(&loaded, &history, None, usize::MAX);
    for (_, _, records) in &mut expected {
        *records = records.iter().flat_map(|r| std::iter::repeat_n(r.clone(), TIMES)).collect();
    }

    let shared = RwLock::new(names.clone());
    let is_over = AtomicBool::new(false);
    let ledger = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                drop(shared.write());
            }
        });
        // Nearly everything goes through scratch files: the ledger is the slower one.
        let ledger = Ledger::new(book, accounts, None, Scratch::default(), 500);
        let mut aside = Aside::on_a_thread(ledger, &shared, scope);
        for _ in 0..TIMES {
            let mut told = spans_of(&history);
            shared.with(|n| aside.take(&mut told, &n.accounts, &n.resources)).expect("taken");
            aside.pass_on().expect("passed on");
        }
        let ledger = aside.finish();
        is_over.store(true, Ordering::Relaxed);
        ledger.expect("a ledger")
    });
    assert_eq!(all_of(ledger, names), expected);
}

#[test]
fn pieces_lie_in_their_cycle_and_add_up_to_the_spans() {
    for seed in 0..40 {
        let loaded = Loaded::of(&texts_of(seed, Enforcement::Report));
        let (history, run) = history_of(&loaded);
        let Loaded { book, accounts, names, .. } = &loaded;
        let mut expected: BTreeMap<String, u64> = BTreeMap::new();
        let mut add = |id, span: Span| {
            *expected.entry(names.resources.text(id).to_owned()).or_default() += span.micros();
        };
        history.storage.iter().for_each(|stored| add(stored.resource, stored.span));
        history.servers.iter().for_each(|server| add(server.server, server.span));
        expected.retain(|_, micros| *micros > 0);
        let mut taken =
            History { storage: history.storage, servers: history.servers, ..History::default() };
        let mut ledger = Ledger::new(book, accounts, None, Scratch::default(), 500);
        ledger.take(&mut taken, &names.accounts, &names.resources).expect("a ledger");
        let mut units = ledger.close(&names.accounts).expect("units");
        let mut sums: BTreeMap<String, u64> = BTreeMap::new();
        while let Some(unit) = units.next_unit().expect("a unit") {
            for head in unit.heads() {
                let record = unit.record_of(&head);
                let (account, span) = match record.stored {
                    Stored::Storage(stored) => (stored.account, stored.span),
                    Stored::Server(server) => (server.account, server.span),
                    Stored::Transfer(_) => unreachable!("none was taken"),
                };
                assert_eq!(account, unit.account);
                assert!(unit.cycle.span().covers(span));
                *sums.entry(text(record.text).to_owned()).or_default() += span.micros();
            }
        }
        assert_eq!(sums, expected, "{seed}, {run:?}");
    }
}

#[test]
fn what_lies_before_the_run_is_not_kept() {
    let loaded = Loaded::of(&texts_of(3, Enforcement::Report));
    let (history, run) = history_of(&loaded);
    let middle = Instant::from_micros(run.start.micros().midpoint(run.end.micros()));
    for (_, cycle, records) in told(&loaded, &history, Some(middle), 1000) {
        assert!(cycle.end > middle && !records.is_empty());
    }
}
