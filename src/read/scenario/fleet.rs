//! `[[fleet]]`.

use rustc_hash::FxHashSet;

use crate::diagnostic::{Code, Diagnostic, Place, nearest};
use crate::read::scenario::distribution::{self, Number, in_hours};
use crate::read::scenario::image::{Images, measure};
use crate::read::scenario::people::{People, twice};
use crate::read::scenario::{Context, flavor_of, region_of, system_of, timetable, units};
use crate::read::toml::keys::Keys;
use crate::read::toml::tree::{Entry, Node, Value};
use crate::scenario::{Arrivals, Fleet, Made, Period, Refresh, Reimage};
use crate::value::Names;

/// How long the oldest image stays when a new one is there, where nobody says.
pub(super) const USUAL_OVERLAP: Period = Period::from_hours(1);

/// What a fleet is read with.
pub(super) struct Reader<'a> {
    /// Its place among the fleets.
    pub(super) place: usize,
    pub(super) context: &'a Context<'a>,
    pub(super) people: &'a mut People,
    pub(super) images: &'a Images,
    /// Images that have been told to be wrong: nothing more is said of them.
    pub(super) broken: &'a FxHashSet<String>,
    /// The names of the fleets before.
    pub(super) taken: &'a mut FxHashSet<String>,
    pub(super) names: &'a mut Names,
}

impl Reader<'_> {
    pub(super) fn read(&mut self, node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Fleet> {
        let mut keys = Keys::of(node, "[[fleet]]", diagnostics)?;
        let named = keys.text("name");
        let name = named.map_or_else(|| format!("fleet-{}", self.place), |(name, _)| name.into());
        // Servers and their luck are told apart by the fleet's name.
        if !self.taken.insert(name.clone()) {
            let place = named.map_or_else(|| keys.place(), |(_, place)| place).clone();
            keys.diagnostics.push(twice("fleet", &name, &place));
        }
        let accounts = keys.needed_text("account", "\"teams\"").map(|(account, place)| {
            self.people.accounts(account, place, self.names, keys.diagnostics)
        });
        let region = keys.needed_text("region", "\"IAD\"").and_then(|(region, place)| {
            region_of(region, place, self.context.book, self.names, keys.diagnostics)
        });
        let image = keys.text("image").map(|(image, place)| self.made(image, place, &mut keys));
        let flavor = keys.needed_text("flavor", "\"general1-4\"");
        let flavor = flavor.and_then(|(flavor, place)| {
            flavor_of(flavor, place, self.context.book, self.names, keys.diagnostics)
        });
        let os = keys.text("os").map(|(os, place)| {
            system_of(os, place, self.context.book, self.names, keys.diagnostics)
        });
        let count = keys.amount("count");
        let arrivals = read_arrivals(&mut keys);
        let hours = timetable::read(&mut keys);
        let growth = keys
            .find("growth")
            .and_then(|node| measure(&mut keys, "growth", node, units::growth, units::GROWTH));
        let refresh = keys.find("refresh").and_then(|node| {
            let expected = "\"on release\", or a time like \"30 days\"";
            let parse = |text: &str| match text {
                "on release" => Some(Refresh::OnRelease),
                other => units::interval(other).map(Refresh::Every),
            };
            measure(&mut keys, "refresh", node, parse, expected)
        });
        let reimage = keys.find("reimage");
        let transfer_out = keys.find("transfer_out").and_then(|node| {
            measure(&mut keys, "transfer_out", node, units::sending, units::SENDING)
        });
        check_parts(&mut keys, node);
        let reimage = reimage.map(|node| read_reimage(node, keys.diagnostics));
        keys.finish();
        Some(Fleet {
            name,
            accounts: accounts?,
            region: region?,
            image: match image {
                Some(made) => Some(made?),
                None => None,
            },
            flavor: flavor?,
            os,
            count,
            arrivals,
            hours,
            growth,
            refresh,
            reimage: match reimage {
                Some(reimage) => Some(reimage?),
                None => None,
            },
            transfer_out,
        })
    }

    /// An image of the scenario, or one of the provider's.
    fn made(&self, name: &str, place: &Place, keys: &mut Keys<'_, '_>) -> Option<Made> {
        if let Some(place) = self.images.find(name) {
            return Some(Made::Planned(place));
        }
        if self.context.book.public_images.contains(name) {
            return Some(Made::Existing(name.to_owned()));
        }
        if self.broken.contains(name) {
            return None;
        }
        let known = self.images.names();
        let message = format!("no image of the scenario or of the provider is called `{name}`");
        keys.diagnostics.push(
            Diagnostic::error(Code::NameUnknown, message)
                .at(place.clone(), "no such image")
                .did_you_mean(name, known),
        );
        None
    }
}

fn read_arrivals(keys: &mut Keys<'_, '_>) -> Option<Arrivals> {
    let arrivals = keys.find("arrivals");
    let lifetime = keys.find("lifetime");
    let rate = arrivals.and_then(|node| measure(keys, "arrivals", node, units::rate, units::RATE));
    let read = lifetime.and_then(|node| {
        let hours = |node: &Node| units::period(&node.shown()?).map(in_hours);
        let number = Number { read: &hours, expected: units::PERIOD, has_unit: true };
        distribution::read_value("lifetime", node, number, keys.diagnostics)
    });
    let unclear = |node: &Node, message: &str, help: &str| {
        Diagnostic::error(Code::ScenarioUnclear, message).at(node.place.clone(), "here").help(help)
    };
    match (arrivals, lifetime) {
        (Some(node), None) => {
            let help = "add a line like: lifetime = \"36 hours\"";
            keys.diagnostics.push(unclear(node, "servers arrive and never go", help));
        }
        (None, Some(node)) => {
            let help = "add a line like: arrivals = \"40 per day\"";
            keys.diagnostics.push(unclear(node, "a lifetime, but nothing arrives", help));
        }
        _ => {}
    }
    let (count, per) = rate?;
    Some(Arrivals { count, per, lifetime: read? })
}

/// Parts of a fleet that need one another.
fn check_parts(keys: &mut Keys<'_, '_>, node: &Node) {
    let has = |keys: &mut Keys<'_, '_>, key| keys.find(key).is_some();
    let (count, arrivals) = (has(keys, "count"), has(keys, "arrivals"));
    let asked = keys.asked.clone();
    let mut tell = |place: &Place, message: &str, help: &str| {
        keys.diagnostics.push(
            Diagnostic::error(Code::ScenarioUnclear, message).at(place.clone(), "here").help(help),
        );
    };
    let Value::Table(entries) = &node.value else { return };
    // A misspelled key is told once, where it stands.
    let is_near = |entry: &Entry| {
        !asked.contains(&entry.key.as_str()) && nearest(&entry.key, ["count", "arrivals"]).is_some()
    };
    if !count
        && !arrivals
        && !entries.iter().any(is_near)
        && let Some(first) = entries.first()
    {
        let help = "add a line like: count = 12, or: arrivals = \"40 per day\"";
        tell(&first.key_place, "a fleet without servers", help);
    }
    if !count && arrivals {
        for entry in entries {
            if entry.key == "hours" || entry.key == "refresh" {
                let message = format!("`{}` is for servers that stand there", entry.key);
                tell(&entry.key_place, &message, "add a line like: count = 12");
            }
        }
    }
}

fn read_reimage(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Reimage> {
    let mut keys = Keys::of(node, "`reimage`", diagnostics)?;
    let every = keys
        .need("every", "\"1 day\"")
        .and_then(|node| measure(&mut keys, "every", node, units::interval, units::INTERVAL));
    let keep = keys.need("keep", "7").and_then(|_| keys.whole("keep", 1, 100_000));
    let bytes = keys
        .need("size", "\"20 GiB\"")
        .and_then(|node| measure(&mut keys, "size", node, units::size, units::SIZE));
    let overlap = keys
        .find("overlap")
        .and_then(|node| measure(&mut keys, "overlap", node, units::period, units::PERIOD));
    keys.finish();
    Some(Reimage {
        every: every?,
        keep: keep? as u32,
        bytes: bytes?,
        overlap: overlap.unwrap_or(USUAL_OVERLAP),
    })
}
