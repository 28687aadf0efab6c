//! `[[image]]`.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::book::Book;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::read::scenario::people::{People, twice};
use crate::read::scenario::{Context, region_of, system_of, units};
use crate::read::toml::keys::{Keys, short};
use crate::read::toml::tree::Node;
use crate::scenario::{Image, Period};
use crate::value::{AccountId, Names, RegionId};

/// How long each step of a copy takes where nobody says.
pub(super) const USUAL_COPY_STEP: Period = Period::from_hours(1);

/// The images of a scenario, by their names.
#[derive(Default)]
pub(super) struct Images {
    names: Vec<String>,
    places: FxHashMap<String, usize>,
}

impl Images {
    /// Notes the next one. Of two with one name, which is a mistake, the first is meant.
    pub(super) fn note(&mut self, name: &str) {
        self.places.entry(name.to_owned()).or_insert(self.names.len());
        self.names.push(name.to_owned());
    }

    /// The place of an image.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// Their names, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}

pub(super) fn read(
    node: &Node,
    context: &Context<'_>,
    people: &mut People,
    others: &Images,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Image> {
    let mut keys = Keys::of(node, "[[image]]", diagnostics)?;
    let name = keys.needed_text("name", "\"golden-web\"");
    if let Some((name, place)) = name
        && others.find(name).is_some()
    {
        keys.diagnostics.push(twice("image", name, place));
    }
    let owner = keys.needed_text("owner", "\"platform\"");
    let owner =
        owner.and_then(|(owner, place)| people.owner(owner, place, names, keys.diagnostics));
    let os = keys.text("os");
    let os = os.map(|(os, place)| system_of(os, place, context.book, names, keys.diagnostics));
    let regions = read_regions(&mut keys, context.book, names);
    let size = keys.need("size", "\"18 GiB\"");
    let bytes = size.and_then(|node| measure(&mut keys, "size", node, units::size, units::SIZE));
    let labels: Vec<&str> = keys.texts("labels").into_iter().map(|(label, _)| label).collect();
    let labels = (!labels.is_empty()).then(|| names.labels.intern(&labels.join(";")));
    let release = keys.find("release").filter(|node| node.shown().as_deref() != Some("once"));
    let release = release.and_then(|node| {
        let expected = "\"once\", or a time like \"2 weeks\"";
        measure(&mut keys, "release", node, units::interval, expected)
    });
    let keep = keys.whole("keep", 1, 1_000_000).map(|keep| keep as u32);
    let mut members: Vec<AccountId> = Vec::new();
    let mut is_member = FxHashSet::default();
    for (consumer, place) in keys.texts("share_with") {
        for account in people.accounts(consumer, place, names, keys.diagnostics) {
            if Some(account) != owner && is_member.insert(account) {
                members.push(account);
            }
        }
    }
    let copy_step = keys.find("copy_step");
    let copy_step = copy_step
        .and_then(|node| measure(&mut keys, "copy_step", node, units::period, units::PERIOD));
    keys.finish();
    Some(Image {
        name: name?.0.to_owned(),
        owner: owner?,
        regions: regions?,
        bytes: bytes?,
        os,
        labels,
        after: Period::from_micros(0),
        release,
        keep,
        members,
        copy_step: copy_step.unwrap_or(USUAL_COPY_STEP),
    })
}

fn read_regions(keys: &mut Keys<'_, '_>, book: &Book, names: &mut Names) -> Option<Vec<RegionId>> {
    keys.need("regions", "[\"IAD\", \"DFW\"]")?;
    let mut regions = Vec::new();
    let texts = keys.texts("regions");
    let first: Option<&Place> = texts.first().map(|(_, place)| *place);
    for (text, place) in &texts {
        let Some(region) = region_of(text, place, book, names, keys.diagnostics) else { continue };
        if regions.contains(&region) {
            keys.diagnostics.push(
                Diagnostic::error(Code::ScenarioUnclear, format!("`{text}` stands here twice"))
                    .at((*place).clone(), "the second time")
                    .help("an image has one home, and one copy in each other region"),
            );
        }
        regions.push(region);
    }
    if first.is_none() {
        let node = keys.find("regions")?;
        keys.wrong("regions", node, "at least one region");
        return None;
    }
    (!regions.is_empty()).then_some(regions)
}

/// A value with its unit; what is none is told.
pub(super) fn measure<T>(
    keys: &mut Keys<'_, '_>,
    key: &str,
    node: &Node,
    parse: impl Fn(&str) -> Option<T>,
    expected: &str,
) -> Option<T> {
    let shown = node.shown().unwrap_or_else(|| node.kind().to_owned());
    let parsed = parse(&shown);
    if parsed.is_none() {
        keys.diagnostics.push(unmeasured(key, node, expected, ""));
    }
    parsed
}

/// Tells that a value has no unit, or none that fits; `or` is what else could stand there.
pub(super) fn unmeasured(key: &str, node: &Node, expected: &str, or: &str) -> Diagnostic {
    let shown = node.shown().unwrap_or_else(|| node.kind().to_owned());
    let is_bare = units::number(&shown).is_some_and(|(_, unit)| unit.is_empty());
    let what = expected.split(" like ").next().unwrap_or(expected);
    let label = if is_bare { "in which unit?".to_owned() } else { format!("{what} expected") };
    Diagnostic::error(Code::UnitWrong, format!("`{key}` cannot be `{}`", short(&shown)))
        .at(node.place.clone(), label)
        .help(format!("write {expected}{or}"))
}
