//! The large tables of a bill's folder, row by row while the bill is made: RFC 4180 with LF line
//! ends.
//!
//! A bill may have ten million rows of allocations, so they are put together from bytes: what rows
//! have in common is made once, and numbers are written from the integers that they are.

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use crate::bill::{BillError, Output, Settling, SharingCounts, SharingRows, in_order};
use crate::book::{Book, Category};
use crate::price::Charge;
use crate::statement::{
    Allocation, Images, SHARE_DECIMALS, SharingRow, SkuTexts, Statement, member_count,
};
use crate::value::{AccountId, Cycle, Names, Quantity, RegionId, ResourceId, ResourceTexts};
use crate::write::field::{self, Seconds};

/// The header of `charges.csv`.
pub const CHARGES_HEADER: &str = "account,cycle_start,cycle_end,sku,region,unit,tier_from,\
    quantity,unit_price,amount,currency,effective_from,rule\n";

/// The header of `allocations.csv`.
pub const ALLOCATIONS_HEADER: &str = "account,cycle_start,sku,region,effective_from,tier_from,\
    resource,resource_region,source_image,producer,role,quantity,amount,currency\n";

/// The header of `sharing.csv`.
const SHARING_HEADER: &str = "image,producer,region,cycle_start,members,producer_storage,\
    consumer,consumer_servers,consumer_licenses_support,consumer_reimages,currency\n";

/// The header of `statements.csv`.
#[must_use]
pub fn statements_header() -> String {
    let categories = Category::ALL.map(Category::as_str).join(",");
    format!("account,cycle_start,cycle_end,{categories},total,currency\n")
}

/// Some rows of each table, without headers.
#[derive(Debug, Default)]
pub struct Rows {
    /// Of `charges.csv`.
    pub charges: Vec<u8>,
    /// Of `statements.csv`.
    pub statements: Vec<u8>,
    /// Of `allocations.csv`.
    pub allocations: Vec<u8>,
}

/// Writes rows to memory, until somebody takes them.
pub struct Tables<'a, T> {
    book: &'a Book,
    names: &'a Names,
    texts: &'a T,
    images: &'a Images,
    rows: Rows,
    skus: SkuTexts,
    seconds: Seconds,
    /// Whose rows they are, with the beginnings of them.
    whose: Option<(AccountId, Cycle)>,
    /// `account,cycle_start,`
    begin: Vec<u8>,
    /// `cycle_end,`
    cycle_end: Vec<u8>,
    /// What the allocations of a charge begin with.
    split_begin: Vec<u8>,
    /// What they end with.
    split_end: Vec<u8>,
    sources: Sources,
    /// The last allocation's region.
    region: (Option<RegionId>, Vec<u8>),
}

/// `source_image,producer,` of images that are the source of many.
#[derive(Default)]
struct Sources {
    places: FxHashMap<ResourceId, (u32, u32)>,
    bytes: Vec<u8>,
}

impl<'a, T: ResourceTexts> Tables<'a, T> {
    /// Without rows.
    #[must_use]
    pub fn new(settling: &Settling<'a, T>) -> Tables<'a, T> {
        let Settling { book, names, texts, images, .. } = *settling;
        let mut split_end = vec![b','];
        field::text(&mut split_end, book.currency.code().as_bytes());
        split_end.push(b'\n');
        Tables {
            book,
            names,
            texts,
            images,
            rows: Rows::default(),
            skus: SkuTexts::default(),
            seconds: Seconds::default(),
            whose: None,
            begin: Vec::new(),
            cycle_end: Vec::new(),
            split_begin: Vec::new(),
            split_end,
            sources: Sources::default(),
            region: (None, Vec::new()),
        }
    }

    /// Begins the rows of an account's cycle.
    fn begin(&mut self, account: AccountId, cycle: Cycle) {
        if self.whose == Some((account, cycle)) {
            return;
        }
        self.whose = Some((account, cycle));
        self.begin.clear();
        field::text(&mut self.begin, self.names.accounts.text(account).as_bytes());
        self.begin.push(b',');
        self.begin.extend_from_slice(cycle.start().to_seconds_text().as_bytes());
        self.begin.push(b',');
        self.cycle_end.clear();
        self.cycle_end.extend_from_slice(cycle.end().to_seconds_text().as_bytes());
        self.cycle_end.push(b',');
    }
}

impl<T: ResourceTexts> Output for Tables<'_, T> {
    type Part = Rows;

    fn charge(&mut self, charge: &Charge) {
        self.begin(charge.account, charge.cycle);
        self.skus.know(charge.sku, self.names);
        let out = &mut self.rows.charges;
        out.extend_from_slice(&self.begin);
        out.extend_from_slice(&self.cycle_end);
        for text in [
            self.skus.text(charge.sku),
            charge.region.text(self.names),
            charge.unit.as_str(charge.currency),
        ] {
            field::text(out, text.as_bytes());
            out.push(b',');
        }
        decimal(out, charge.tier_from.decimal());
        out.push(b',');
        fixed(out, charge.quantity, self.book.quantity_decimals);
        out.push(b',');
        decimal(out, charge.unit_price.decimal());
        out.push(b',');
        decimal(out, charge.amount.decimal());
        out.push(b',');
        field::text(out, charge.currency.code().as_bytes());
        out.push(b',');
        if let Some(from) = charge.effective_from {
            out.extend_from_slice(self.seconds.text(from).as_bytes());
        }
        out.push(b',');
        out.extend_from_slice(charge.rule().as_bytes());
        out.push(b'\n');
    }

    fn statement(&mut self, statement: &Statement) {
        self.begin(statement.account, statement.cycle);
        let out = &mut self.rows.statements;
        out.extend_from_slice(&self.begin);
        out.extend_from_slice(&self.cycle_end);
        for amount in statement.by_category.iter().chain([&statement.total]) {
            decimal(out, amount.decimal());
            out.push(b',');
        }
        field::text(out, statement.currency.code().as_bytes());
        out.push(b'\n');
    }

    fn begin_split(&mut self, charge: &Charge) {
        self.begin(charge.account, charge.cycle);
        self.skus.know(charge.sku, self.names);
        let out = &mut self.split_begin;
        out.clear();
        out.extend_from_slice(&self.begin);
        for text in [self.skus.text(charge.sku), charge.region.text(self.names)] {
            field::text(out, text.as_bytes());
            out.push(b',');
        }
        if let Some(from) = charge.effective_from {
            out.extend_from_slice(self.seconds.text(from).as_bytes());
        }
        out.push(b',');
        decimal(out, charge.tier_from.decimal());
        out.push(b',');
    }

    fn allocation(&mut self, allocation: &Allocation<'_>) {
        let out = &mut self.rows.allocations;
        out.extend_from_slice(&self.split_begin);
        if let Some(resource) = allocation.resource {
            field::text(out, resource);
        }
        out.push(b',');
        if let Some(region) = allocation.region {
            if self.region.0 != Some(region) {
                self.region.0 = Some(region);
                self.region.1.clear();
                field::text(&mut self.region.1, self.names.regions.text(region).as_bytes());
            }
            out.extend_from_slice(&self.region.1);
        }
        out.push(b',');
        match allocation.source_image {
            Some(image) => {
                let producer = || {
                    let owner = self.images.owner(image);
                    owner.map_or("", |owner| self.names.accounts.text(owner))
                };
                self.sources.write(out, image, || self.texts.text(image), producer);
            }
            None => out.extend_from_slice(b",,"),
        }
        out.extend_from_slice(allocation.role.as_str().as_bytes());
        out.push(b',');
        field::number(out, allocation.quantity.units(), allocation.quantity.decimals());
        out.push(b',');
        field::number(out, allocation.amount.units(), allocation.amount.decimals());
        out.extend_from_slice(&self.split_end);
    }

    fn size(&self) -> usize {
        self.rows.charges.len() + self.rows.statements.len() + self.rows.allocations.len()
    }

    fn take(&mut self) -> Rows {
        // As much again will follow.
        let next = |rows: &Vec<u8>| Vec::with_capacity(rows.len() + rows.len() / 8);
        let Rows { charges, statements, allocations } = &self.rows;
        let (charges, statements, allocations) =
            (next(charges), next(statements), next(allocations));
        std::mem::replace(&mut self.rows, Rows { charges, statements, allocations })
    }
}

impl Sources {
    /// Appends the two fields. One image has one producer, so they are made once.
    fn write<'t>(
        &mut self,
        out: &mut Vec<u8>,
        image: ResourceId,
        text: impl FnOnce() -> &'t str,
        producer: impl FnOnce() -> &'t str,
    ) {
        /// What is kept stays small: few images are the source of most.
        const MOST: usize = 1 << 20;
        let bytes = &mut self.bytes;
        if bytes.len() > MOST {
            bytes.clear();
            self.places.clear();
        }
        let (start, end) = *self.places.entry(image).or_insert_with(|| {
            let start = bytes.len() as u32;
            field::text(bytes, text().as_bytes());
            bytes.push(b',');
            field::text(bytes, producer().as_bytes());
            bytes.push(b',');
            (start, bytes.len() as u32)
        });
        out.extend_from_slice(&bytes[start as usize..end as usize]);
    }
}

/// Appends a number with the digits it has.
fn decimal(out: &mut Vec<u8>, number: Decimal) {
    field::number(out, number.mantissa(), number.scale());
}

/// Appends a quantity with so many decimals; more where it has more, as a sum of money may in a
/// book with fewer decimals than its currency has digits. Nothing is rounded here.
fn fixed(out: &mut Vec<u8>, quantity: Quantity, decimals: u32) {
    let mut number = quantity.decimal();
    number.rescale(decimals.max(number.scale()));
    decimal(out, number);
}

/// How many rows of `sharing.csv` are put into bytes at a time.
const SHARING_ROWS: usize = 8192;

/// `sharing.csv`, on as many threads as settle; `take` is given its bytes. How much of sharing there
/// was.
///
/// # Errors
/// [`BillError`], and what `take` gives.
pub fn sharing<E: From<BillError>>(
    mut rows: SharingRows<'_>,
    settling: &Settling<'_, impl ResourceTexts + Sync>,
    mut take: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<SharingCounts, E> {
    take(SHARING_HEADER.as_bytes())?;
    let mut next_rows = || {
        let next = rows.next_rows(SHARING_ROWS).map_err(|error| E::from(error.into()))?;
        Ok((!next.is_empty()).then_some(next))
    };
    in_order(
        settling.threads,
        &mut next_rows,
        || {
            |rows: Vec<SharingRow>, hand_over: &mut dyn FnMut(Vec<u8>)| {
                let mut bytes = Vec::new();
                sharing_rows(&mut bytes, &rows, settling);
                hand_over(bytes);
            }
        },
        |bytes| take(&bytes),
        |()| Ok(()),
    )?;
    Ok(rows.counts())
}

/// Appends rows of `sharing.csv`.
fn sharing_rows(
    out: &mut Vec<u8>,
    rows: &[SharingRow],
    settling: &Settling<'_, impl ResourceTexts>,
) {
    let Settling { book, names, texts, images, .. } = *settling;
    let mut begin = Vec::new();
    for rows in rows.chunk_by(|a, b| (a.image, a.cycle) == (b.image, b.cycle)) {
        let [first, ..] = rows else { continue };
        let Some(record) = images.get(first.image) else { continue };
        // An image may have a million members, and as many rows: they are counted once a piece.
        begin.clear();
        for text in [
            texts.text(first.image),
            names.accounts.text(record.owner),
            names.regions.text(record.region),
            &first.cycle.start().to_seconds_text(),
            &member_count(record, first.cycle).to_string(),
        ] {
            field::text(&mut begin, text.as_bytes());
            begin.push(b',');
        }
        for row in rows {
            out.extend_from_slice(&begin);
            field::number(out, row.paid.producer_storage.units(), SHARE_DECIMALS);
            out.push(b',');
            let consumer = row.consumer.map_or("", |consumer| names.accounts.text(consumer));
            field::text(out, consumer.as_bytes());
            for paid in [
                row.paid.consumer_servers,
                row.paid.consumer_licenses_support,
                row.paid.consumer_reimages,
            ] {
                out.push(b',');
                field::number(out, paid.units(), SHARE_DECIMALS);
            }
            out.push(b',');
            field::text(out, book.currency.code().as_bytes());
            out.push(b'\n');
        }
    }
}
