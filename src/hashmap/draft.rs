//! A hashmap configuration in the words of a price book, and what cannot be said in them.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::hashmap::convert::{Scale, converted};
use crate::hashmap::telling::{Refusal, refusal, source, unsaid, unsaid_rule};
use crate::hashmap::{
    Effect, Field, Hashmap, Measure, Named, Price, Rule, Scope, Target, Trigger, rate,
};
use crate::value::{Exact, Instant};

/// The fields that name a server's flavor; the last is that of old releases.
const FLAVOR_FIELDS: [&str; 3] = ["flavor_id", "flavor_name", "flavor"];

/// How many digits a price in a book may have after the point.
const MOST_DECIMALS: u32 = 12;

/// What a configuration does not say of itself.
#[derive(Debug, Clone)]
pub struct DraftOptions {
    /// The seconds of a collect period.
    pub period_seconds: u64,
    /// The hours of a month of storage.
    pub month_hours: u64,
    /// The bytes of the book's GB.
    pub bytes_per_gigabyte: u64,
    /// From when on rules without a start hold.
    pub effective_from: Option<Instant>,
    /// The one project that the book is for.
    pub tenant: Option<String>,
    /// Flavors besides those that the rules name.
    pub flavors: Vec<String>,
    /// What services are, besides those that are known.
    pub services: Vec<(String, Target)>,
    /// The bytes of a unit, service by service, where they are others than CloudKitty's own.
    pub units: Vec<(String, u64)>,
}

/// A row of `rates.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRate {
    /// For what.
    pub sku: String,
    /// Per what.
    pub unit: &'static str,
    /// The price.
    pub price: Exact,
    /// From when on.
    pub effective_from: Instant,
    /// Which rules it comes of.
    pub source: String,
}

/// What comes of a configuration.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The rates, by SKU and date.
    pub rates: Vec<DraftRate>,
    /// The flavors that have one.
    pub flavors: Vec<String>,
    /// What cannot be said, each with its reason and what to do: warnings.
    pub unsaid: Vec<Diagnostic>,
    /// What was taken for granted, and what has no effect.
    pub notes: Vec<String>,
}

/// Says a configuration in the words of a price book.
#[must_use]
pub fn draft(hashmap: &Hashmap, options: &DraftOptions) -> Draft {
    let mut drafting = Drafting { hashmap, options, draft: Draft::default() };
    let services: Vec<(&Named, Target, Option<Measure>)> =
        hashmap.services.iter().filter_map(|service| drafting.known(service)).collect();
    for (service, target, measure) in &services {
        let others =
            services.iter().filter(|(other, of, _)| of == target && other.id != service.id);
        let others: Vec<&str> = others.map(|(other, ..)| other.name.as_str()).collect();
        if let Some(other) = others.first() {
            let why = format!("`{other}` is {} as well, and a book has one price", target.word());
            let help = "leave out the one that your metrics.yml does not collect";
            drafting.unsaid_service(service, &why, help);
        } else if let Some(measure) = measure {
            drafting.service(service, *target, *measure);
        }
    }
    drafting
        .draft
        .rates
        .sort_by(|a, b| (&a.sku, a.effective_from).cmp(&(&b.sku, b.effective_from)));
    drafting.draft.flavors.sort_unstable();
    drafting.draft
}

struct Drafting<'h> {
    hashmap: &'h Hashmap,
    options: &'h DraftOptions,
    draft: Draft,
}

impl<'h> Drafting<'h> {
    /// What a service becomes; of one that becomes nothing, it is said why.
    fn known(&mut self, service: &'h Named) -> Option<(&'h Named, Target, Option<Measure>)> {
        if !self.has_rules(service) {
            self.draft.notes.push(format!("the service {} has no rules", service.name));
            return None;
        }
        let told = self.options.services.iter().find(|(name, _)| *name == service.name);
        let known = Target::of_service(&service.name);
        let Some((target, measure)) = told.map(|(_, target)| (*target, None)).or(known) else {
            let why = "a price book has no SKU for it";
            let help = format!(
                "nothing of it is billed; if it measures servers, images, objects or outgoing \
                 bytes, say --service {}=SKU",
                service.name
            );
            self.unsaid_service(service, why, &help);
            return None;
        };
        let own = known.filter(|(known, _)| *known == target).and_then(|(_, measure)| measure);
        let measure = measure.or(own);
        let is_per_hour = measure.is_some_and(|measure| measure.is_per_hour);
        let unit = self.options.units.iter().find(|(name, _)| *name == service.name);
        let measure = match (unit, measure, target) {
            (_, _, Target::Server) => Some(Measure { bytes_per_unit: 1, is_per_hour: false }),
            (Some((_, bytes)), ..) => Some(Measure { bytes_per_unit: *bytes, is_per_hour }),
            (None, measure, _) => measure,
        };
        if measure.is_none() {
            let help = format!("say --unit {}=MiB, or what metrics.yml has", service.name);
            self.unsaid_service(service, "nobody knows what its unit is", &help);
        }
        Some((service, target, measure))
    }

    fn service(&mut self, service: &'h Named, target: Target, measure: Measure) {
        let hashmap = self.hashmap;
        let fields: Vec<&Field> =
            hashmap.fields.iter().filter(|field| field.service == service.id).collect();
        let flavor_fields: Vec<&Field> = fields
            .iter()
            .copied()
            .filter(|field| target == Target::Server && is_flavor(field))
            .filter(|field| self.rules_of(&Scope::Field(field.id.clone())).next().is_some())
            .collect();
        self.tell_tenants(service, &fields);
        let mut is_sayable = true;
        for field in &fields {
            let is_flavor = flavor_fields.iter().any(|flavor| flavor.id == field.id);
            is_sayable &= self.check_field(field, is_flavor, target);
        }
        if let [first, second, ..] = flavor_fields.as_slice() {
            let why = format!("prices by `{}` and by `{}` add up", first.name, second.name);
            let help = "nobody knows here which id is which name: keep the rules of one field";
            self.draft.unsaid.push(unsaid(
                &format!("`{}`", service.name),
                &why,
                help,
                &second.place,
            ));
            is_sayable = false;
        }
        if !is_sayable {
            return;
        }
        let field = flavor_fields.first().copied();
        let flavors = match target {
            Target::Server => self.flavors(service, field),
            Target::ImageStorage | Target::ObjectStorage | Target::TransferOut => vec![None],
        };
        for flavor in flavors {
            self.rates(service, field, flavor.as_deref(), (target, measure));
        }
    }

    /// The rules of a service or field that are for this book's accounts and not taken back.
    fn rules_of<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'h Rule> + 'a {
        let is_for =
            move |rule: &&Rule| rule.tenant.is_none() || rule.tenant == self.options.tenant;
        let rules = self.hashmap.rules.iter().filter(move |rule| rule.scope == *scope);
        rules.filter(|rule| !rule.is_deleted).filter(is_for)
    }

    /// Whether anything is said of a service.
    fn has_rules(&self, service: &Named) -> bool {
        let hashmap = self.hashmap;
        hashmap.rules.iter().any(|rule| match &rule.scope {
            Scope::Service(id) => *id == service.id,
            Scope::Field(id) => {
                hashmap.fields.iter().any(|f| f.id == *id && f.service == service.id)
            }
        })
    }

    /// Names the rules that are for one project alone.
    fn tell_tenants(&mut self, service: &Named, fields: &[&Field]) {
        let is_of = |rule: &&Rule| match &rule.scope {
            Scope::Service(id) => *id == service.id,
            Scope::Field(id) => fields.iter().any(|field| field.id == *id),
        };
        let rules = self.hashmap.rules.iter().filter(|rule| !rule.is_deleted).filter(is_of);
        for rule in rules.filter(|rule| rule.tenant != self.options.tenant) {
            let Some(tenant) = &rule.tenant else { continue };
            let why = "a book has one price for all accounts";
            let help = format!(
                "do not bill this project with the book; --tenant {tenant} makes a book for it alone"
            );
            let what = format!("the {} for project `{tenant}` alone", rule.kind());
            self.draft.unsaid.push(unsaid_rule(&what, why, &help, rule));
        }
    }

    /// Whether the rules of a field can be said; if not, they are named.
    fn check_field(&mut self, field: &Field, is_flavor: bool, target: Target) -> bool {
        let scope = Scope::Field(field.id.clone());
        let telling: Vec<&Rule> = self.rules_of(&scope).filter(|rule| !rule.is_neutral()).collect();
        let is_bad = |rule: &&Rule| !is_flavor || matches!(rule.trigger, Trigger::Level(_));
        let bad: Vec<&Rule> = telling.into_iter().filter(is_bad).collect();
        let sku = if target == Target::Server { "server:…" } else { target.word() };
        for rule in &bad {
            let (what, why, help) = match rule.trigger {
                Trigger::Level(_) => (
                    format!("the threshold on the field `{}`", field.name),
                    "a book's tiers are about quantities, not about a server's or image's data",
                    "remove it, or write the prices by hand",
                ),
                Trigger::Value(_) => (
                    format!("the mapping on the field `{}`", field.name),
                    "a book's price does not depend on it",
                    "remove it, or write the prices by hand; a licence by operating system is \
                     license:<os>:<flavor>",
                ),
            };
            let why = format!("{why}; so there is no rate for {sku}");
            self.draft.unsaid.push(unsaid_rule(&what, &why, help, rule));
        }
        bad.is_empty()
    }

    /// The flavors that can be priced: those that are named.
    fn flavors(&mut self, service: &Named, field: Option<&Field>) -> Vec<Option<String>> {
        let mut flavors: BTreeSet<String> = self.options.flavors.iter().cloned().collect();
        if let Some(field) = field {
            let scope = Scope::Field(field.id.clone());
            flavors.extend(self.rules_of(&scope).filter_map(|rule| match &rule.trigger {
                Trigger::Value(value) => Some(value.clone()),
                Trigger::Level(_) => None,
            }));
        }
        let scope = Scope::Service(service.id.clone());
        let has_flat =
            self.rules_of(&scope).any(|rule| !rule.is_neutral() && (rule.effect == Effect::Flat));
        if has_flat {
            let why = "it is for every flavor, and a book lists flavors by name";
            let help = "name the flavors that no mapping names: --flavor NAME, once for each";
            let listed = flavors.len();
            let what = format!("the price of `{}` whatever the flavor", service.name);
            if listed == 0 {
                self.draft.unsaid.push(unsaid(&what, why, help, &service.place));
            } else {
                self.draft.notes.push(format!(
                    "servers of flavors other than these {listed} have a price in CloudKitty and \
                     none here: --flavor NAME adds one"
                ));
            }
        }
        flavors.into_iter().map(Some).collect()
    }

    /// The rates of one SKU, at each date at which its rules change.
    fn rates(
        &mut self,
        service: &'h Named,
        field: Option<&Field>,
        flavor: Option<&str>,
        (target, measure): (Target, Measure),
    ) {
        let scope = Scope::Service(service.id.clone());
        let matching: Vec<&Rule> = self.rules_of(&scope).collect();
        let of_field = field.map(|field| Scope::Field(field.id.clone()));
        let by_value: Vec<&Rule> = of_field.iter().flat_map(|scope| self.rules_of(scope)).collect();
        let is_value = |rule: &&Rule| match &rule.trigger {
            Trigger::Value(value) => Some(value.as_str()) == flavor,
            // Only such as never change a price are left.
            Trigger::Level(_) => false,
        };
        let matching: Vec<&Rule> =
            matching.into_iter().chain(by_value.into_iter().filter(is_value)).collect();
        let mut rates: Vec<DraftRate> = Vec::new();
        let sku = match flavor {
            Some(flavor) => format!("server:{flavor}"),
            None => target.word().to_owned(),
        };
        for date in self.dates(&matching) {
            let rules = matching.iter().copied().filter(|rule| rule.is_in_force(date));
            let rules: Vec<&Rule> = rules.collect();
            if rules.is_empty() && rates.is_empty() {
                continue;
            }
            match self.price(&rules, target, measure) {
                Ok(price) if rates.last().is_some_and(|last| last.price == price) => {}
                Ok(price) => rates.push(DraftRate {
                    sku: sku.clone(),
                    unit: target.unit(),
                    price,
                    effective_from: date,
                    source: source(&rules, self.hashmap),
                }),
                Err((why, help, rule)) => {
                    let why = format!("{why}; so there is no rate for {sku}");
                    self.draft.unsaid.push(match rule {
                        Some(rule) => {
                            unsaid_rule(&format!("the {}", rule.kind()), &why, &help, rule)
                        }
                        None => unsaid(&format!("`{sku}`"), &why, &help, &service.place),
                    });
                    return;
                }
            }
        }
        if !rates.is_empty() {
            self.draft.flavors.extend(flavor.map(str::to_owned));
        }
        self.draft.rates.extend(rates);
    }

    /// The instants at which rules begin or end, from the first on.
    fn dates(&self, rules: &[&Rule]) -> BTreeSet<Instant> {
        let from = self.options.effective_from;
        let bounds = rules.iter().flat_map(|rule| [rule.start, rule.end]).flatten();
        bounds.filter(|bound| from.is_none_or(|from| *bound > from)).chain(from).collect()
    }

    /// One price in the book's unit, or why there is none, what to do, and because of which rule.
    fn price(
        &mut self,
        rules: &[&'h Rule],
        target: Target,
        measure: Measure,
    ) -> Result<Exact, Refusal<'h>> {
        let (price, idle) = rate(rules.iter().copied(), target.point()).map_err(refusal)?;
        for rule in idle.into_iter().filter(|rule| !rule.is_neutral()) {
            let note = format!(
                "the rate of mapping {} multiplies nothing: its group has no flat here",
                rule.id
            );
            if !self.draft.notes.contains(&note) {
                self.draft.notes.push(note);
            }
        }
        let too_large = |_| ("the numbers are too large".to_owned(), String::new(), None);
        let Price { per_unit, once } = price;
        let per_unit = match target {
            Target::Server => per_unit.plus(once).map_err(too_large)?,
            _ if once.is_zero() => per_unit,
            _ => {
                let is_flat = |rule: &&&Rule| {
                    rule.effect == Effect::Flat && matches!(rule.trigger, Trigger::Level(_))
                };
                let why = "it is a sum for each thing and period, whatever its size";
                let help = "make it a price per unit, or leave it out";
                let rule = rules.iter().find(is_flat).copied();
                return Err((why.to_owned(), help.to_owned(), rule));
            }
        };
        let scale = Scale {
            period_seconds: self.options.period_seconds,
            month_hours: self.options.month_hours,
            bytes_per_gigabyte: self.options.bytes_per_gigabyte,
        };
        let unit = target.unit();
        match converted(per_unit, target, measure, scale).map_err(too_large)? {
            Some(price) if price.normalized().decimals() <= MOST_DECIMALS => Ok(price.normalized()),
            Some(price) => Err((
                format!("{price} per {unit} has more than {MOST_DECIMALS} decimals"),
                "try --gigabyte GB or GiB, or another --month-hours, or round it yourself"
                    .to_owned(),
                None,
            )),
            None => Err((
                format!(
                    "{per_unit} for a period of {} s has no exact price per {unit}",
                    scale.period_seconds
                ),
                "choose a --period that divides an hour into 2s and 5s, or round it yourself"
                    .to_owned(),
                None,
            )),
        }
    }

    fn unsaid_service(&mut self, service: &Named, why: &str, help: &str) {
        let what = format!("the service `{}`", service.name);
        self.draft.unsaid.push(unsaid(&what, why, help, &service.place));
    }
}

fn is_flavor(field: &Field) -> bool {
    FLAVOR_FIELDS.contains(&field.name.as_str())
}
