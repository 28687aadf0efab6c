//! Tables written: charges and allocations have the numbers that are printed.

use bytes::Bytes;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use rust_decimal::Decimal;
use sharebill::book::{RateRegion, Sku, Unit};
use sharebill::price::{Charge, ChargeUnit};
use sharebill::statement::{Allocation, Images, Role, Share};
use sharebill::value::{
    BillingDay, Currency, CycleCalendar, Instant, Money, Names, Quantity, UnitPrice, parse_decimal,
};
use sharebill::world::ImageRecord;
use sharebill::write::parquet::{
    AllocationRow, AllocationsWriter, ChargeRow, ChargesWriter, Scales,
};

fn decimal(text: &str) -> Decimal {
    parse_decimal(text).expect("a decimal")
}

/// A charge with a number of each kind.
fn charge(names: &mut Names, quantity: &str, price: &str) -> Charge {
    let at = Instant::parse("2016-03-05T00:00:00Z").expect("an instant");
    let calendar = CycleCalendar::new(BillingDay::new(1).expect("a day"));
    let (quantity, unit_price) = (Quantity::new(decimal(quantity)), UnitPrice::new(decimal(price)));
    let rounding = sharebill::value::Rounding::HalfUp;
    Charge {
        account: names.accounts.intern("acme"),
        cycle: calendar.cycle_at(at),
        sku: Sku::ImageStorage,
        region: RateRegion::Everywhere,
        unit: ChargeUnit::Rate(Unit::GbMonth),
        tier_from: Quantity::new(decimal("1000")),
        quantity,
        unit_price,
        amount: Money::of(quantity, unit_price, 2, rounding).expect("it fits"),
        currency: Currency::from_code("USD").expect("a currency"),
        effective_from: (price != "0").then_some(at),
        usage: None,
    }
}

/// All rows of a file as texts, as `read_row` shows them.
fn rows_of(bytes: Vec<u8>) -> Vec<String> {
    let file = SerializedFileReader::new(Bytes::from(bytes)).expect("a file");
    let rows = file.get_row_iter(None).expect("rows");
    let show = |field: &Field| match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::TimestampMicros(micros) => Instant::from_micros(*micros).to_string(),
        Field::Decimal(number) => {
            let units = number
                .data()
                .iter()
                .fold(if number.data()[0] & 0x80 == 0 { 0_i128 } else { -1 }, |units, byte| {
                    units << 8 | i128::from(*byte)
                });
            Decimal::from_i128_with_scale(units, number.scale() as u32).to_string()
        }
        other => panic!("{other:?}"),
    };
    rows.map(|row| {
        let row = row.expect("a row");
        let fields = row.get_column_iter().map(|(_, field)| show(field));
        fields.collect::<Vec<_>>().join(",")
    })
    .collect()
}

const SCALES: Scales = Scales { quantity: 8, amount: 2 };

#[test]
fn charges_have_the_numbers_that_are_printed() {
    let mut names = Names::default();
    let charges = [
        charge(&mut names, "58.06451613", "0.10"),
        charge(&mut names, "1", "-0.123456789012"),
        charge(&mut names, "7.5", "0"),
    ];
    let write = || {
        let mut writer = ChargesWriter::new(Vec::new(), SCALES).expect("a table");
        for charge in &charges {
            writer.push(&ChargeRow::of(charge, &names)).expect("a row");
        }
        writer.finish().expect("a file")
    };
    let begin = "acme,2016-03-01T00:00:00Z,2016-04-01T00:00:00Z,image.storage,*,GB-month,\
                 1000.00000000";
    assert_eq!(
        rows_of(write()),
        [
            format!("{begin},58.06451613,0.100000000000,5.81,USD,2016-03-05T00:00:00Z,R1"),
            format!("{begin},1.00000000,-0.123456789012,-0.12,USD,2016-03-05T00:00:00Z,R1"),
            format!("{begin},7.50000000,0.000000000000,0.00,USD,,R1"),
        ]
    );
    assert_eq!(write(), write());
    let empty = ChargesWriter::new(Vec::new(), SCALES).expect("a table").finish();
    assert!(rows_of(empty.expect("a file")).is_empty());
    // More digits than a column has are no number of it: nothing is rounded.
    let long = charge(&mut names, "0.123456789", "1");
    let mut writer = ChargesWriter::new(Vec::new(), SCALES).expect("a table");
    let error = writer.push(&ChargeRow::of(&long, &names)).expect_err("nine decimals");
    assert!(error.to_string().contains("column quantity"), "{error}");
}

#[test]
fn allocations_have_the_numbers_that_are_printed() {
    let mut names = Names::default();
    let charge = charge(&mut names, "58.06451613", "0.10");
    let nothing = Share::from_units(0, 10).expect("a share");
    let of_account = Allocation::of_account(nothing, nothing);
    let gold = names.resources.intern("gold");
    let images = vec![ImageRecord {
        image: gold,
        owner: names.accounts.intern("birch"),
        region: names.regions.intern("DFW"),
        stays: Vec::new(),
    }];
    let whole = Allocation {
        resource: Some(b"web"),
        region: Some(names.regions.intern("DFW")),
        source_image: Some(gold),
        role: Role::ConsumerServer,
        ..of_account
    };
    let (names, texts) = (&names, &names.resources);
    let images = Images::new(images, texts);
    let mut writer = AllocationsWriter::new(Vec::new(), SCALES).expect("a table");
    let third = AllocationRow {
        quantity: decimal("19.3548387099"),
        amount: decimal("-1.9366666667"),
        ..AllocationRow::of(&whole, &charge, names, texts, &images)
    };
    writer.push(&AllocationRow::of(&of_account, &charge, names, texts, &images)).expect("a row");
    writer.push(&third).expect("a row");
    let begin = "acme,2016-03-01T00:00:00Z,image.storage,*,2016-03-05T00:00:00Z,1000.00000000";
    assert_eq!(
        rows_of(writer.finish().expect("a file")),
        [
            format!("{begin},,,,,account,0.0000000000,0.0000000000,USD"),
            format!("{begin},web,DFW,gold,birch,consumer-server,19.3548387099,-1.9366666667,USD"),
        ]
    );
}
