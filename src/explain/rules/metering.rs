//! M and B: how use is measured, and in which cycles.

use crate::explain::rules::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "M1",
        title: "Storage is weighted by time",
        words: "A cycle's GB-months are the sum of bytes x time over all that was stored, divided \
                by the bytes of a GB and by the length of the whole cycle. A book with month_hours \
                divides by that many hours instead of the cycle's length.",
        example: "31 GiB stored for 16 of March's 31 days: 31 x 16 / 31 = 16 GB-months.",
    },
    Rule {
        code: "M2",
        title: "Servers are measured in started steps from their creation",
        words: "The grid of steps begins at server.create; server_increment is its step. A step \
                that has begun counts whole, once. The instant at which it begins decides its cycle, \
                flavor, operating system and price.",
        example: "Steps of one hour: created at 10:20, resized at 12:45, deleted at 14:30. The steps \
                  of 10:20, 11:20 and 12:20 are the old flavor's, 13:20 and 14:20 the new one's: \
                  five hours.",
    },
    Rule {
        code: "M3",
        title: "Licences and support follow the server's steps",
        words: "A licence: the hours (M2) of the spans with that operating system. Support: the \
                hours times the flavor's support_gb.",
        example: "240 hours of a flavor that counts 4 GB: 960 GB-hours of support.",
    },
    Rule {
        code: "M4",
        title: "Transfers are counted in GB, where their event falls",
        words: "The bytes of a transfer are divided by the bytes of a GB. They belong to the cycle \
                that holds the event's time.",
        example: "13,421,772,800 bytes at 2^30 a GB: 12.5 GB, in the cycle of 28 March.",
    },
    Rule {
        code: "M5",
        title: "What still exists is measured up to the end of the run",
        words: "A server stays in the region in which it was created. What has not ended when the \
                run does is charged up to there; it goes on afterwards.",
        example: "A run ends on 1 April. A server created on 31 March at 20:00 has 4 hours in it, \
                  and is in the next run again.",
    },
    Rule {
        code: "M6",
        title: "A quantity is exact until it is priced",
        words: "Inside, quantities are whole numbers: bytes x microseconds, steps, bytes. They are \
                rounded once, where they meet their price, to quantity_decimals digits, a tie to the \
                even digit. What is printed is what is priced.",
        example: "10 GiB for one day of March: 10 / 31 = 0.3225806451... With 8 decimals: \
                  0.32258065.",
    },
    Rule {
        code: "B1",
        title: "Calendar months",
        words: "With cycle = \"calendar-month\" every account's cycle begins on the first of the \
                month, at 00:00 UTC.",
        example: "The cycle of March 2016 is [2016-03-01, 2016-04-01), whatever the billing day.",
    },
    Rule {
        code: "B2",
        title: "Anniversaries",
        words: "With cycle = \"anniversary\" a cycle runs from the account's billing day to the \
                same day of the next month; a month that lacks the day begins its cycle on its last \
                one.",
        example: "Billing day 31: cycles begin on 31 January, 28 February, 31 March, 30 April.",
    },
    Rule {
        code: "B3",
        title: "What a run covers",
        words: "A run covers [--start, --end): use outside is not charged. A cycle that the run \
                cuts is charged for the covered part, divided by the whole cycle's length, and \
                without minimum and fee.",
        example: "28 GiB all the time, a cycle from 31 December to 31 January, a run from 1 January: \
                  28 x 30 / 31 = 27.09677419 GB-months.",
    },
];
