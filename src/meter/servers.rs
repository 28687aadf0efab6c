//! M2, M3: servers in started steps of a grid anchored at their creation; licences and support by
//! the same steps.

use std::cell::Cell;

use crate::book::Sku;
use crate::meter::{Cause, CauseKind, Meter, ServerCuts};
use crate::value::{Instant, MICROS_PER_SECOND, Overflow, Span};
use crate::world::ServerSpan;

/// Measures one server's span of one flavor, os and image (R3, R3a, R3b).
#[inline]
pub(super) fn measure(server: &ServerSpan, meter: &mut Meter<'_>) -> Result<(), Overflow> {
    let book = meter.context.book;
    let cause = Cause::of_server(server);
    // A server, its licence and its support are mostly cut in the same places.
    let last = Cell::new(None);
    let steps = |piece| match last.get() {
        Some((same, steps)) if same == piece => steps,
        _ => {
            let steps = started_steps(server.created, piece, book.server_increment);
            last.set(Some((piece, steps)));
            steps
        }
    };
    let cuts = meter.server_cuts(server);
    meter.add(cuts.server, cause, server.span, steps)?;
    if let Some(license) = cuts.license {
        meter.add(license, cause, server.span, steps)?;
    }
    if let Some((support, units)) = cuts.support {
        meter.add(support, cause, server.span, |piece| steps(piece) * u128::from(units))?;
    }
    Ok(())
}

impl Meter<'_> {
    /// How the cycle is cut for what a server costs.
    #[inline]
    fn server_cuts(&mut self, server: &ServerSpan) -> ServerCuts {
        let ServerSpan { flavor, os, region, .. } = *server;
        if let Some(cuts) = self.server_cuts.get(&(flavor, os, region)) {
            return *cuts;
        }
        let book = self.context.book;
        let is_licensed = book.licensed_systems.contains(&os);
        // An unknown flavor is unpriced as a server; nobody knows its RAM.
        let units = book.flavors.get(&flavor).map_or(0, |flavor| flavor.support_units);
        let support = Sku::Support(self.level);
        let cuts = ServerCuts {
            server: self.cuts(Sku::Server(flavor), region),
            license: is_licensed.then(|| self.cuts(Sku::License(os, flavor), region)),
            support: self.has_support.then(|| (self.cuts(support, region), units)),
        };
        self.server_cuts.insert((flavor, os, region), cuts);
        cuts
    }
}

impl Cause {
    /// A server.
    #[must_use]
    pub fn of_server(server: &ServerSpan) -> Cause {
        let consumer = server.is_consumer;
        let kind = if consumer { CauseKind::ConsumerServer } else { CauseKind::OwnServer };
        let source_image = server.source_image;
        Cause { resource: server.server, region: server.region, source_image, kind }
    }
}

/// The steps that start within a span: ceil((end − anchor) ÷ step) − ceil((start − anchor) ÷ step).
#[inline]
fn started_steps(anchor: Instant, span: Span, increment_seconds: u32) -> u128 {
    let step = u64::from(increment_seconds) * MICROS_PER_SECOND.cast_unsigned();
    let started_before = |instant: Instant| match (Span { start: anchor, end: instant }).micros() {
        0 => 0,
        micros => micros.div_ceil(step),
    };
    u128::from(started_before(span.end) - started_before(span.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(anchor: i64, start: i64, end: i64, increment: u32) -> u128 {
        let instant = |micros| Instant::from_micros(micros);
        let span = Span { start: instant(start), end: instant(end) };
        started_steps(instant(anchor), span, increment)
    }

    #[test]
    fn a_started_step_counts_whole_and_where_it_starts() {
        let second = MICROS_PER_SECOND;
        assert_eq!(steps(0, 0, 0, 1), 0);
        assert_eq!(steps(0, 0, 1, 1), 1);
        assert_eq!(steps(0, 0, second, 1), 1);
        assert_eq!(steps(0, 0, second + 1, 1), 2);
        // The step that started at 0 is not counted again from the middle of it on.
        assert_eq!(steps(0, second / 2, second, 1), 0);
        assert_eq!(steps(0, second / 2, second + 1, 1), 1);
        assert_eq!(steps(7, 7, 7 + 3600 * second, 3600), 1);
    }

    #[test]
    fn cutting_a_span_anywhere_changes_no_sum() {
        for cut in 0..=25 {
            assert_eq!(
                steps(3, 3, 3 + cut * 100_000, 1) + steps(3, 3 + cut * 100_000, 2_500_003, 1),
                3,
                "{cut}"
            );
        }
    }
}
