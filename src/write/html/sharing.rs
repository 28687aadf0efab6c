//! The map of sharing, and what is stored.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rust_decimal::Decimal;

use crate::report::{BillReport, ImageFlows, ImageUse, Paid};
use crate::value::{Overflow, exact_sum};
use crate::write::html::View;
use crate::write::html::chart::{Bar, FlowMap, Link, Node, Part, bars, flow};
use crate::write::html::markup::{counted, money};
use crate::write::html::money::{BARS, legend, tile};

/// How many producers, images and consumers the map shows; the others are one more of each.
const PRODUCERS: usize = 6;
const IMAGES: usize = 8;
const CONSUMERS: usize = 9;

impl View<'_> {
    /// What sharing moved, and between whom.
    pub(super) fn map(&self, out: &mut String) -> Result<(), Overflow> {
        let Some(bill) = &self.run.bill else { return Ok(()) };
        let sharing = &bill.sharing;
        let images = sharing.images()?;
        if images.is_empty() {
            out.push_str("<p class=\"lead\">No image was shared.</p>\n");
            return Ok(());
        }
        let (digits, code) = (self.run.minor_digits(), self.run.currency_code());
        let amount = |amount: Decimal| format!("{}\u{a0}{code}", money(amount, digits));
        let (count, idle) = sharing.image_counts();
        let idle = match idle {
            0 => "others made something of each".to_owned(),
            idle => format!("nobody else made anything of {idle}"),
        };
        out.push_str("<dl class=\"tiles\">\n");
        tile(out, "Shared images", &counted(count, "image", "images"), &idle);
        tile(out, "Producers pay for storing them", &amount(sharing.producer_storage), "");
        tile(out, "Consumers pay for servers", &amount(sharing.paid.servers), "");
        tile(out, "… for licences and support", &amount(sharing.paid.licenses_support), "");
        tile(out, "… for storing re-images", &amount(sharing.paid.reimages), "");
        out.push_str("</dl>\n");
        out.push_str(
            "<p class=\"note\">Sharing is free, and so is using what is shared. From left to \
             right: who stores an image for others, and what that costs; who made something of it; \
             and what they pay for that.</p>\n",
        );
        let id = self.id("flow");
        let description = "Money flowing from producers to the images that they share, to the \
                           consumers of those, to servers, licences and support, and re-images.";
        let about = self.about(&id, "The map of sharing", description);
        out.push_str(&flow(&about, &flow_map(&images)?));
        out.push_str(self.table("sharing"));
        Ok(())
    }

    /// Stored images, and those that nobody uses.
    pub(super) fn storage(&self, out: &mut String) -> Result<(), Overflow> {
        let Some(bill) = &self.run.bill else { return Ok(()) };
        let Some(uses) = &bill.images else { return self.storage_by_sharing(out, bill) };
        let ranked = uses.ranked();
        if ranked.is_empty() {
            out.push_str("<p class=\"lead\">No image was stored.</p>\n");
            return Ok(());
        }
        let (count, storage) = uses.unused()?;
        let _ = writeln!(
            out,
            "<p class=\"lead\">{} stored. {}</p>",
            counted(ranked.len(), "image was", "images were"),
            match count {
                0 => "Each of them was used.".to_owned(),
                count => format!(
                    "Nobody used {count} of them: storing those cost {} {}.",
                    money(storage, self.run.minor_digits()),
                    self.run.currency_code()
                ),
            }
        );
        let shown: Vec<Bar> = image_bars(&ranked)?;
        let id = self.id("storage-chart");
        let description = "One bar for each image, by what storing it cost; hatched where nobody \
                           used it.";
        let about = self.about(&id, "Images that cost most to store", description);
        out.push_str(&legend([("used", "in use"), ("unused", "nobody uses it")]));
        out.push_str(&bars(&about, &shown));
        out.push_str(self.table("images"));
        Ok(())
    }

    /// What is known without allocations.
    fn storage_by_sharing(&self, out: &mut String, bill: &BillReport) -> Result<(), Overflow> {
        let images = bill.sharing.images()?;
        let mut storage = Decimal::ZERO;
        let idle = || images.iter().filter(|image| image.flows.is_empty());
        for image in idle() {
            storage = exact_sum(storage, image.producer_storage)?;
        }
        let _ = writeln!(
            out,
            "<p class=\"lead\">{} shared; nobody but its owner made anything of {} of them, which \
             cost {} {} to store.</p>\n<p class=\"note\">Which images are stored, and which of them \
             nobody uses, stands in allocations.csv: run <code>sharebill bill --detail</code> and \
             report on that.</p>",
            counted(images.len(), "image was", "images were"),
            idle().count(),
            money(storage, self.run.minor_digits()),
            self.run.currency_code()
        );
        Ok(())
    }
}

fn image_bars(ranked: &[ImageUse]) -> Result<Vec<Bar>, Overflow> {
    let class = |image: &ImageUse| if image.is_used { "used" } else { "unused" };
    let bar = |image: &ImageUse| Bar {
        label: image.image.clone(),
        parts: vec![Part {
            class: class(image),
            label: image.owner.clone(),
            amount: image.storage,
        }],
        total: image.storage,
        note: if image.is_used { String::new() } else { "nobody uses it".to_owned() },
    };
    let mut shown: Vec<Bar> = ranked.iter().take(BARS).map(bar).collect();
    let rest = &ranked[shown.len()..];
    if !rest.is_empty() {
        let (mut used, mut unused) = (Decimal::ZERO, Decimal::ZERO);
        for image in rest {
            let sum = if image.is_used { &mut used } else { &mut unused };
            *sum = exact_sum(*sum, image.storage)?;
        }
        shown.push(Bar {
            label: counted(rest.len(), "other image", "other images"),
            parts: vec![
                Part { class: "used", label: "in use".to_owned(), amount: used },
                Part { class: "unused", label: "nobody uses them".to_owned(), amount: unused },
            ],
            total: exact_sum(used, unused)?,
            note: String::new(),
        });
    }
    Ok(shown)
}

/// The names that are shown in a column, each with its sum: the largest, and one for the others.
struct Ranking {
    names: Vec<(String, Decimal)>,
    others: Option<(String, Decimal)>,
}

impl Ranking {
    fn new(
        sums: BTreeMap<String, Decimal>,
        most: usize,
        others: (&str, &str),
    ) -> Result<Ranking, Overflow> {
        let mut names: Vec<(String, Decimal)> = sums.into_iter().collect();
        names.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
        let rest = names.split_off(most.min(names.len()));
        let mut sum = Decimal::ZERO;
        for (_, amount) in &rest {
            sum = exact_sum(sum, *amount)?;
        }
        let label = counted(rest.len(), others.0, others.1);
        Ok(Ranking { names, others: (!rest.is_empty()).then_some((label, sum)) })
    }

    /// The place of a name, or that of the others.
    fn place(&self, name: &str) -> usize {
        let found = self.names.iter().position(|(known, _)| known == name);
        found.unwrap_or(self.names.len())
    }

    fn nodes(&self, column: usize, class: &'static str) -> impl Iterator<Item = Node> {
        self.names.iter().chain(&self.others).map(move |(label, amount)| Node {
            column,
            label: label.clone(),
            class,
            amount: *amount,
        })
    }

    fn count(&self) -> usize {
        self.names.len() + usize::from(self.others.is_some())
    }
}

/// Sums by name.
fn sums<'a>(
    amounts: impl IntoIterator<Item = (&'a str, Decimal)>,
) -> Result<BTreeMap<String, Decimal>, Overflow> {
    let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
    for (name, amount) in amounts {
        let sum = sums.entry(name.to_owned()).or_default();
        *sum = exact_sum(*sum, amount)?;
    }
    Ok(sums)
}

const USES: [(&str, &str); 3] =
    [("Servers", "servers"), ("Licences, support", "licenses"), ("Re-images", "storage")];

fn uses(paid: &Paid) -> [Decimal; 3] {
    [paid.servers, paid.licenses_support, paid.reimages]
}

/// Who stores images for others, which, who made something of them, and what they pay.
fn flow_map(images: &[ImageFlows]) -> Result<FlowMap, Overflow> {
    let stored = images.iter().map(|image| (image.producer.as_str(), image.producer_storage));
    let producers = Ranking::new(sums(stored)?, PRODUCERS, ("other producer", "other producers"))?;
    let paid = images.iter().map(|image| (image.image.as_str(), image.paid));
    let shown = Ranking::new(sums(paid)?, IMAGES, ("other image", "other images"))?;
    let flows = || images.iter().flat_map(|image| &image.flows);
    let consumed = flows().map(|flow| (flow.consumer.as_str(), flow.sum));
    let consumers =
        Ranking::new(sums(consumed)?, CONSUMERS, ("other consumer", "other consumers"))?;
    let mut of_uses = [Decimal::ZERO; 3];
    // Links by the places of their ends, added up.
    let mut links: BTreeMap<(usize, usize, usize), Decimal> = BTreeMap::new();
    let mut link = |kind: usize, from: usize, to: usize, amount: Decimal| {
        let sum = links.entry((kind, from, to)).or_default();
        *sum = exact_sum(*sum, amount)?;
        Ok::<(), Overflow>(())
    };
    for image in images {
        let place = shown.place(&image.image);
        link(0, producers.place(&image.producer), place, image.producer_storage)?;
        for flow in &image.flows {
            let consumer = consumers.place(&flow.consumer);
            link(1, place, consumer, flow.sum)?;
            for (number, amount) in uses(&flow.paid).into_iter().enumerate() {
                link(2, consumer, number, amount)?;
                of_uses[number] = exact_sum(of_uses[number], amount)?;
            }
        }
    }
    let mut map = FlowMap {
        headings: vec!["Stored by", "Shared image", "Consumer", "Pays for"],
        ..FlowMap::default()
    };
    map.nodes.extend(producers.nodes(0, "producer"));
    map.nodes.extend(shown.nodes(1, "image"));
    map.nodes.extend(consumers.nodes(2, "consumer"));
    let begin = [0, producers.count(), producers.count() + shown.count(), map.nodes.len()];
    // What nobody pays for has no place in the last column.
    let mut places = [0; 3];
    for (number, ((label, class), amount)) in USES.into_iter().zip(of_uses).enumerate() {
        places[number] = map.nodes.len();
        if !amount.is_zero() {
            map.nodes.push(Node { column: 3, label: label.to_owned(), class, amount });
        }
    }
    for ((kind, from, to), amount) in links {
        if amount.is_zero() {
            continue;
        }
        let to = if kind == 2 { places[to] } else { begin[kind + 1] + to };
        let class = ["ribbon storing", "ribbon", "ribbon paying"][kind];
        map.links.push(Link { from: begin[kind] + from, to, class, amount });
    }
    Ok(map)
}
