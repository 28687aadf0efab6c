//! The codes of all diagnostics, each with its meaning.

use std::fmt;

/// Declares the codes once: variant, text, meaning.
macro_rules! codes {
    ($($variant:ident $text:literal $meaning:literal)*) => {
        /// Which kind of mistake a diagnostic is about. The text never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $meaning] $variant),* }

        impl Code {
            /// All codes.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// Its text, like `B17`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text),* }
            }

            /// What it means, in one sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $meaning),* }
            }
        }
    };
}

codes! {
    FileUnreadable "F01" "a file cannot be read"
    FileUnwritable "F02" "a file or folder cannot be written"
    OutputExists "F03" "the output folder exists already"
    BrokenCompression "F04" "a compressed input is cut off or damaged"
    InputTooLarge "F05" "an input that is larger than may be read"
    TableNotUtf8 "C01" "a table or book.toml is not UTF-8"
    ColumnUnknown "C02" "a column that nobody knows"
    ColumnMissing "C03" "a column that is needed is missing"
    ColumnTwice "C04" "a column appears twice"
    RowBroken "C05" "a row does not fit its header, or has a broken quote"
    TableEmpty "C06" "a table has no header"
    ColumnType "C07" "a column of a type that cannot be read"
    TomlSyntax "B01" "book.toml or a scenario is not TOML"
    KeyUnknown "B02" "a key that nobody knows"
    KeyMissing "B03" "a key that is needed is missing"
    ValueWrong "B04" "a value of the wrong kind, or out of its range"
    BookNotAFolder "B05" "a price book is a folder with book.toml, rates.csv and flavors.csv"
    SkuUnknown "B06" "a SKU that is none"
    FlavorUnknown "B07" "a rate for a flavor that flavors.csv does not have"
    RegionUnknown "B08" "a rate for a region that book.toml does not have"
    NumberWrong "B09" "not a plain decimal number"
    DecimalsTooMany "B10" "more digits after the point than the place allows"
    PriceNegative "B11" "a negative price"
    PriceMissing "B12" "a rate that has no price yet"
    DateWrong "B13" "not a date, and not an instant"
    TierStart "B14" "the first tier does not start at 0"
    TierOrder "B15" "tiers do not ascend"
    RateTwice "B16" "two rates for the same SKU, region and instant"
    RateMixed "B17" "one rate with several units or models"
    UnitUnknown "B18" "a unit that is none, or not the SKU's"
    ModelUnknown "B19" "a pricing model that is none"
    PackageShape "B20" "a package rate is one row with a size and no flat"
    FlavorUnpriced "B21" "a flavor that has no rate"
    LicenseWithoutServer "B22" "a licence rate whose flavor has no server rate there"
    FlavorTwice "B23" "a flavor appears twice"
    PoolWrong "B24" "a tier pool that cannot share tiers"
    DiscountWrong "B25" "a discount grid that makes no sense"
    CycleRateShape "B26" "a minimum or fee is one price for all regions"
    SourceMissing "B27" "a figure without a source"
    NameUnknown "S01" "a name that neither the scenario nor the price book has"
    UnitWrong "S02" "a number without its unit, or with one that does not fit"
    DistributionWrong "S03" "a distribution that makes no sense"
    PathLost "S04" "a path that leads to no number"
    ScenarioUnclear "S05" "parts of a scenario that do not go together"
    AccountTwice "A01" "an account appears twice"
    BillingDayWrong "A02" "a billing day outside 1 to 31"
    LevelUnknown "A03" "a service level that the book does not have"
    AccountMissing "A04" "a row without an account"
    NoEvents "E01" "there is nothing to bill"
    FormatUnknown "E02" "the input's format cannot be told"
    RegionMissing "E04" "a foreign log whose records do not tell their region"
    TimeMissing "E07" "an inventory of which it is not known when it was taken"
    RunEmpty "E03" "the run ends before it begins"
    RunTooLong "E05" "events so far apart that one of their times is probably wrong"
    InputTwice "E06" "the same input given twice"
    SeriesTimeTwice "T01" "a series has two values for one time"
    SeriesGap "T02" "a series lacks values between its first and its last"
    SeriesShort "T03" "a series has too few values"
    SeriesIrregular "T04" "times that are no regular months, weeks, days or hours"
    ValueNegative "T05" "a value below zero where only usage is expected"
    SeriesOutlier "T06" "a value unlike all others around it"
    SeriesUnfitted "T07" "a model that cannot be fitted to a series"
    Unpriced "U01" "usage that the book has no rate for"
    TooLarge "U02" "numbers that cannot be computed with exactly"
    HashmapUnreadable "H01" "a file without a hashmap configuration"
    HashmapDangling "H02" "a hashmap rule of something that is not listed"
    HashmapUnsaid "H03" "a hashmap rule that no price book can say"
    HashmapEmpty "H04" "a hashmap configuration of which no price comes"
    HashmapUndated "H05" "hashmap rules that do not tell from when on they hold"
    InvoiceUnknown "I01" "an invoice whose columns nobody knows"
    InvoiceEmpty "I02" "an invoice without a line"
    InvoiceUnmapped "I03" "words on an invoice that no rule takes for a SKU"
    NotARun "D01" "a folder that is not one of a run"
    CurrenciesDiffer "D02" "amounts in two currencies"
    ScenarioWrong "D03" "a scenario that is not there, or not chosen"
    EstimateTwice "D04" "a projection with two rows for the same"
    RunLacks "D06" "a run without what an export needs"
    LedgerMissing "D07" "a charge that no line of a ledger map takes"
    NoMonthInCommon "D05" "a projection and a run that have no month in common"
    NoCases "K01" "a folder without a case of a conformance suite"
    EngineWrong "K02" "an engine that cannot be called"
    InputChanged "X01" "an input of a run is no longer what it was"
    InputGone "X02" "an input of a run cannot be found again"
    NothingSelected "X03" "what is asked for is not in the run"
    ChargesDiffer "X04" "the inputs of a run do not give its charges"
    NoEventsBehind "X05" "a run whose amounts come of no log"
    RuleUnknown "X06" "a rule that nobody knows"
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
