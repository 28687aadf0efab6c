//! A ledger that is kept on a thread of its own, beside the world that tells.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use crate::ledger::Ledger;
use crate::scratch::ScratchError;
use crate::timeline::ReadNames;
use crate::value::{AccountId, Interner, ResourceTexts};
use crate::world::{History, ServerSpan, StorageSpan, Transfer};

/// How many spans and transfers are handed over at a time.
const PARCEL: usize = 4096;
/// How many parcels may wait: more would be memory without a gain.
const WAITING: usize = 4;

/// A ledger, on this thread or on one of its own. What it holds in the end is the same.
#[derive(Debug)]
pub enum Aside<'scope, 'a> {
    /// It takes what is told as it is told.
    Here(Box<Ledger<'a>>),
    /// It is handed parcels.
    There(Box<There<'scope, 'a>>),
}

/// The way to a ledger on a thread of its own.
#[derive(Debug)]
pub struct There<'scope, 'a> {
    parcel: Parcel,
    parcels: SyncSender<Parcel>,
    /// Parcels that are empty again.
    empties: Receiver<Parcel>,
    /// Whoever keeps it; there until it is asked for what became of the ledger.
    keeper: Option<ScopedJoinHandle<'scope, Result<Ledger<'a>, ScratchError>>>,
}

impl<'scope, 'a: 'scope> Aside<'scope, 'a> {
    /// Keeps a ledger on a thread of its own.
    pub fn on_a_thread<N: ReadNames + Sync>(
        ledger: Ledger<'a>,
        names: &'scope N,
        scope: &'scope Scope<'scope, '_>,
    ) -> Aside<'scope, 'a> {
        let (parcels, handed_over) = sync_channel(WAITING);
        let (emptied, empties) = sync_channel(2 * WAITING);
        let keeper = scope.spawn(move || keep(ledger, names, handed_over, &emptied));
        let (parcel, keeper) = (Parcel::default(), Some(keeper));
        Aside::There(Box::new(There { parcel, parcels, empties, keeper }))
    }
}

impl<'a> Aside<'_, 'a> {
    /// As [`Ledger::take`]; nobody is waited for.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn take(
        &mut self,
        history: &mut History,
        accounts: &Interner<AccountId>,
        resources: &impl ResourceTexts,
    ) -> Result<(), ScratchError> {
        match self {
            Aside::Here(ledger) => ledger.take(history, accounts, resources),
            Aside::There(there) => {
                there.parcel.fill(history, resources);
                Ok(())
            }
        }
    }

    /// Hands over what was taken, once it is much. Who calls must not hold the names: the ledger's
    /// thread may need them to go on, behind somebody who waits to add one.
    ///
    /// # Errors
    /// [`ScratchError`], also of what was handed over before.
    pub fn pass_on(&mut self) -> Result<(), ScratchError> {
        match self {
            Aside::There(there) if there.parcel.count() >= PARCEL => there.hand_over(),
            Aside::Here(_) | Aside::There(_) => Ok(()),
        }
    }

    /// The ledger, with all that was taken.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn finish(self) -> Result<Ledger<'a>, ScratchError> {
        match self {
            Aside::Here(ledger) => Ok(*ledger),
            Aside::There(there) => {
                let There { parcel, parcels, keeper, .. } = *there;
                drop(parcels.send(parcel));
                drop(parcels);
                outcome_of(keeper)
            }
        }
    }
}

impl There<'_, '_> {
    /// Hands the parcel over. Where nobody takes it any more, the ledger has met an error.
    fn hand_over(&mut self) -> Result<(), ScratchError> {
        let empty = self.empties.try_recv().unwrap_or_default();
        let full = std::mem::replace(&mut self.parcel, empty);
        match self.parcels.send(full) {
            Ok(()) => Ok(()),
            Err(_) => outcome_of(self.keeper.take()).map(drop),
        }
    }
}

/// What became of a ledger, when there is nothing more to come or its thread has ended.
fn outcome_of<'a>(
    keeper: Option<ScopedJoinHandle<'_, Result<Ledger<'a>, ScratchError>>>,
) -> Result<Ledger<'a>, ScratchError> {
    let keeper = keeper.expect("invariant: an error ends the run, and is asked for once");
    keeper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Enters parcels until there are no more.
fn keep<'a>(
    mut ledger: Ledger<'a>,
    names: &impl ReadNames,
    parcels: Receiver<Parcel>,
    emptied: &SyncSender<Parcel>,
) -> Result<Ledger<'a>, ScratchError> {
    for mut parcel in parcels {
        names.with(|names| parcel.enter(&mut ledger, &names.accounts))?;
        // Where enough of them wait to be filled again, it is not needed.
        drop(emptied.try_send(parcel));
    }
    Ok(ledger)
}

/// Spans and transfers with the texts of their resources, whose ids may soon mean something else.
#[derive(Debug, Default)]
struct Parcel {
    /// All texts, in the order in which they came; each thing has where its own one lies.
    texts: Vec<u8>,
    storage: Vec<(StorageSpan, Place)>,
    servers: Vec<(ServerSpan, Place)>,
    transfers: Vec<(Transfer, Place)>,
}

/// Where among the texts one lies: its start and its end.
type Place = (usize, usize);

impl Parcel {
    fn count(&self) -> usize {
        self.storage.len() + self.servers.len() + self.transfers.len()
    }

    fn fill(&mut self, history: &mut History, resources: &impl ResourceTexts) {
        let texts = &mut self.texts;
        let mut place = |id| {
            let start = texts.len();
            texts.extend_from_slice(resources.bytes(id));
            (start, texts.len())
        };
        self.storage.extend(history.storage.drain(..).map(|span| (span, place(span.resource))));
        self.servers.extend(history.servers.drain(..).map(|span| (span, place(span.server))));
        self.transfers.extend(history.transfers.drain(..).map(|sent| (sent, place(sent.resource))));
    }

    /// Enters everything, and is empty.
    fn enter(
        &mut self,
        ledger: &mut Ledger<'_>,
        accounts: &Interner<AccountId>,
    ) -> Result<(), ScratchError> {
        let texts = &self.texts;
        for (stored, (start, end)) in self.storage.drain(..) {
            ledger.storage(&stored, &texts[start..end], accounts)?;
        }
        for (server, (start, end)) in self.servers.drain(..) {
            ledger.server(&server, &texts[start..end], accounts)?;
        }
        for (sent, (start, end)) in self.transfers.drain(..) {
            ledger.transfer(&sent, &texts[start..end], accounts)?;
        }
        self.texts.clear();
        Ok(())
    }
}
