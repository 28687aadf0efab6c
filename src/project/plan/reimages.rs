//! Images taken of servers again and again, of which some stay (R4).

use crate::project::plan::{Part, Planner, Running, Stored, Tell, Thing};
use crate::scenario::Reimage;
use crate::value::{Instant, Span};
use crate::world::{Enforcement, StorageKind};

/// The images of one server, or of those that follow one another in its place.
pub(super) struct Takes<'a> {
    reimage: Option<&'a Reimage>,
    /// When images are due, ascending.
    due: Vec<Instant>,
    next_due: usize,
    /// The images, without their ends.
    taken: Vec<Stored<'a>>,
    /// The number of the last image before.
    number: u32,
    /// The end of the run, and of the server's place.
    end: Instant,
    life_end: Instant,
    is_refused: bool,
}

impl<'a> Takes<'a> {
    /// Images of a server's place from when to when; `number` were taken before.
    pub(super) fn new(planner: &Planner<'_>, part: Part<'a>, life: Span, number: u32) -> Takes<'a> {
        let reimage = part.fleet.reimage.as_ref();
        // The first image is taken when the server has run so long.
        let due = reimage.map_or_else(Vec::new, |reimage| {
            reimage.every.instants(life.start, life.end.min(planner.run.end)).skip(1).collect()
        });
        let flavor = planner.book.flavors.get(&part.fleet.flavor);
        let is_imageable = flavor.is_none_or(|flavor| flavor.imageable);
        Takes {
            reimage,
            due,
            next_due: 0,
            taken: Vec::new(),
            number,
            end: planner.run.end,
            life_end: life.end,
            // L09.
            is_refused: !is_imageable && planner.enforcement == Enforcement::Enforce,
        }
    }

    /// Takes what is due of a server: what fell due while nothing ran is taken when it starts.
    pub(super) fn of(&mut self, server: &Running<'a>, thing: impl Fn(u32) -> Thing<'a>) {
        let Some(reimage) = self.reimage else { return };
        let before = |due: Instant, end: Instant| due < end;
        let mut last_taken = None;
        while let Some(due) = self.due.get(self.next_due) {
            if !before(*due, server.span.end) {
                break;
            }
            self.next_due += 1;
            let at = (*due).max(server.span.start);
            // Several that fell due meanwhile are one.
            if last_taken == Some(at) {
                continue;
            }
            last_taken = Some(at);
            self.number += 1;
            let kind = if server.is_consumer { StorageKind::Reimage } else { StorageKind::Image };
            self.taken.push(Stored {
                thing: thing(self.number),
                kind,
                account: server.account,
                region: server.region,
                source: Some(server.thing),
                bytes: reimage.bytes,
                os: None,
                labels: None,
                span: Span { start: at, end: self.end },
                is_refused: self.is_refused,
            });
        }
    }

    /// Tells all images, and gives the number of the last one. The oldest goes a moment after the
    /// one that makes it too many; all go with the server's place.
    pub(super) fn tell(self, tell: &mut impl Tell) -> u32 {
        let Some(reimage) = self.reimage else { return self.number };
        if self.is_refused {
            // One is tried: it tells what is wrong with all of them.
            if let Some(first) = self.taken.first() {
                tell.stored(first);
            }
            return self.number;
        }
        let last = if self.life_end < self.end { self.life_end } else { self.end };
        for (place, stored) in self.taken.iter().enumerate() {
            let successor = self.taken.get(place + reimage.keep as usize);
            let end = successor.map_or(last, |next| reimage.overlap.after(next.span.start));
            let end = end.min(last);
            tell.stored(&Stored { span: Span { end, ..stored.span }, ..*stored });
        }
        self.number
    }
}
