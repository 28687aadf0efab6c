//! P and A: prices, and the same money per resource.

use crate::explain::rules::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "P1",
        title: "Which rate applies",
        words: "A rate is for a SKU, a region or *, and from a date on. At an instant the latest one \
                that has come applies; a region's own rate goes before *, from its own first date \
                on. Use that no rate covers is unpriced: it stops the bill, unless \
                --allow-unpriced charges it at 0.",
        example: "Storage at $0.10 everywhere, and in region B at $0.20 from 16 March: an image in B \
                  pays $0.10 before the 16th and $0.20 from then on.",
    },
    Rule {
        code: "P2",
        title: "What is added up before it is priced",
        words: "Use is added up by account, cycle, SKU, the rate's region and the version of the \
                rate. Regions without a rate of their own are added up under *. A span over a change \
                of price is cut there.",
        example: "31 GiB stored all of March, a new price from the 16th: 15 GB-months at the old \
                  price, 16 at the new one.",
    },
    Rule {
        code: "P3",
        title: "Tiers: graduated, volume, package",
        words: "A tier goes from its lower bound, not included, to the next one's, included. \
                Graduated: each part of the quantity pays its own tier's price; a later version goes \
                on where the earlier one stopped; a flat is due once the quantity passes its tier's \
                bound. Volume: the whole cycle's quantity decides one tier, whose price all of it \
                pays. Package: started packages are charged whole.",
        example: "$0.10 up to 50, $0.08 above, 60 GB-months. Graduated: 50 x 0.10 + 10 x 0.08 = \
                  5.80. Volume: 60 x 0.08 = 4.80. Packages of 10 at $0.75: 6 x 0.75 = 4.50.",
    },
    Rule {
        code: "P4",
        title: "SKUs that fill one set of tiers",
        words: "The SKUs of a pool share one position, per account, cycle and region of the rate, \
                and fill it in the order in which tier_pools lists them.",
        example: "$0.10 up to 100, $0.08 above; 70 GB-months of images, then 60 of objects. The \
                  objects pay 30 x 0.10 + 30 x 0.08 = 5.40.",
    },
    Rule {
        code: "P5",
        title: "A charge is quantity x unit price, rounded once",
        words: "Each row is rounded to the currency's smallest unit: half-up takes a tie away from \
                zero, half-even to the even neighbour. A statement's total is the sum of its rows.",
        example: "12.5 GB at $0.01 are $0.125: $0.13 half-up, $0.12 half-even.",
    },
    Rule {
        code: "P6",
        title: "The minimum of a service level",
        words: "In a cycle that the run covers wholly and in which the account used servers: where \
                its support charges come to less than the minimum in force at the cycle's start, the \
                difference is charged. An account is exempt in cycles that begin within \
                minimum_after_days days after it was opened.",
        example: "474 hours of a 1 GB server: support of $2.37. The level's minimum is $50, so \
                  $47.63 more.",
    },
    Rule {
        code: "P7",
        title: "The volume discount",
        words: "A percentage of the cycle's server, licence and support charges, by the grid in \
                force at the cycle's start. marginal: each band's part gets that band's percent; \
                whole: the sum gets the percent of the band it falls in. The quantity is the part of \
                the sum, the unit price minus the percent.",
        example: "4 % above 50, 8 % above 60, a sum of 72. marginal: 10 x -0.04 and 12 x -0.08 = \
                  -1.36. whole: 72 x -0.08 = -5.76.",
    },
    Rule {
        code: "P8",
        title: "Money is never mixed",
        words: "A book has one currency, and a run uses one book. Nothing is converted, and totals \
                are per currency.",
        example: "A run in USD and a run in GBP cannot be compared or added.",
    },
    Rule {
        code: "A",
        title: "The same money, per resource",
        words: "A charge is split over what caused it, in proportion to exact use, to 10 decimals; \
                what rounding leaves goes to the largest remainders, in a tie to the smaller id. The \
                parts add up to the charge exactly. Minimum, fee and discount belong to the account \
                itself.",
        example: "Three images of one size cost $0.10 together: 0.0333333334, 0.0333333333 and \
                  0.0333333333.",
    },
];
