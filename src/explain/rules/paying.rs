//! R and C: who pays for what, and what follows from it.

use crate::explain::rules::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "R1",
        title: "Storing an image is paid by its owner",
        words: "From image.create to image.delete, or to the end of the run, the account that owns \
                an image pays for storing it, however the image came to be: uploaded, imported, \
                copied or taken of a server. It is measured by M1.",
        example: "An image of 40 GiB stands all of March: 40 GB-months. At $0.10: $4.00. Deleted \
                  after 15.5 of 31 days, it is 20 GB-months, $2.00.",
    },
    Rule {
        code: "R2",
        title: "Sharing is free",
        words: "Sharing an image, accepting, rejecting or hiding it, and ending the share cost \
                nobody anything.",
        example: "An image is shared with 200 accounts and unshared with 50 of them: every bill is \
                  what it was before.",
    },
    Rule {
        code: "R3",
        title: "A server is paid by the account that created it",
        words: "From server.create to server.delete the server's account pays its flavor's price, \
                whatever image it runs: its own, a public one, or one that is shared with it. It is \
                measured in started steps (M2). A stopped server is paid on.",
        example: "A server of a shared image runs from 11 to 21 March, ten days: 240 hours. At \
                  $0.03: $7.20, for the account that created it. The image's owner pays none of it.",
    },
    Rule {
        code: "R3a",
        title: "A licence is paid with the server that needs it",
        words: "Where the book has license:<os>:... rates for an operating system, a server that \
                runs it pays the licence of its flavor for the same steps. What a server runs is \
                what its own event says, else what its image says, else linux; images take it on \
                from what they were made of.",
        example: "A Red Hat server of 8 GB for 720 hours at $0.08 an hour of licence: $57.60 more \
                  than the same server with Linux.",
    },
    Rule {
        code: "R3b",
        title: "A service level's support is paid by the memory of servers",
        words: "Where the account's service level has a support rate, each server's hours times the \
                support_gb of its flavor are charged (M3).",
        example: "240 hours of a flavor that counts 4 GB are 960 GB-hours. At $0.005: $4.80.",
    },
    Rule {
        code: "R4",
        title: "An image taken of a server belongs to the server's account",
        words: "A re-image is a new image of the account that took it, also where the server runs \
                an image that somebody else shared. It is stored and paid like any image: its charge \
                carries R1.",
        example: "Birch runs a server of Acme's image and takes an image of it, 31 GiB on 16 March: \
                  Birch pays 31 x 16 / 31 = 16 GB-months for March, Acme nothing of it.",
    },
    Rule {
        code: "R5",
        title: "An object in the file store is paid by its account",
        words: "From object.create to object.delete the object's account pays for storing it: an \
                exported image, or an upload on its way to be imported. It is measured by M1.",
        example: "A dump of 80 GiB is kept for 333 of a cycle's 720 hours: 80 x 333 / 720 = 37 \
                  GB-months. At $0.10: $3.70.",
    },
    Rule {
        code: "R6",
        title: "Data that leaves a region is paid by whoever sends it",
        words: "Each transfer.out is charged once, to the account on the event, in the cycle that \
                holds its time (M4).",
        example: "An exported image of 6.5 GB is sent to another region: 6.5 GB. At $0.12: $0.78.",
    },
    Rule {
        code: "R7",
        title: "Data that comes in, or stays inside a region, is free",
        words: "Receiving data and moving it inside a region over the service network cost nobody \
                anything, and lead to no charge.",
        example: "The region that receives the 6.5 GB of R6 charges nothing for them; what is kept \
                  of them there is an object (R5).",
    },
    Rule {
        code: "R8",
        title: "A service level's minimum is filled up",
        words: "In a cycle in which the account used servers, what its support charges lack to the \
                level's minimum is one more charge (P6).",
        example: "Support of $4.80 and a minimum of $50.00: a charge of $45.20.",
    },
    Rule {
        code: "R9",
        title: "A service level's fee is charged once a cycle",
        words: "In a cycle that the run covers wholly and in which the account used servers, the \
                level's flat fee is charged: the one in force at the cycle's start.",
        example: "A level with a fee of $2,500: one charge of $2,500.00 for March, however many \
                  servers ran; none for a month without a server.",
    },
    Rule {
        code: "C1",
        title: "Accepting alone costs nothing",
        words: "A consumer that only accepts or rejects an image pays 0. Its answer changes \
                nobody's bill, and does not decide who may boot the image: any member may.",
        example: "Cedar accepts Acme's image on 5 March and never boots it: its bill has no line.",
    },
    Rule {
        code: "C2",
        title: "Unsharing ends nothing that a consumer made",
        words: "When an image is unshared or deleted, servers of it and images taken of those live \
                on, and their accounts pay on.",
        example: "Acme unshares with Birch on 20 March. Birch's server is paid until Birch deletes \
                  it, and the image that it took as well.",
    },
    Rule {
        code: "C3",
        title: "Deleting a server deletes no image of it",
        words: "Images taken of a server stay when it goes, and are paid on by R1.",
        example: "Birch deletes its server on 21 March; the image of 31 GiB that it took of it is \
                  still stored, and charged to the end of the month.",
    },
    Rule {
        code: "C4",
        title: "A producer pays once for its image",
        words: "The owner of an image pays for storing it while it exists, used or not, and once, \
                however many consumers it has.",
        example: "62 GiB for all of March at $0.05 are $3.10: with no consumer, and with a hundred.",
    },
    Rule {
        code: "C5",
        title: "What is stopped or deactivated is still paid",
        words: "A stopped server and a deactivated image are still there. A rebuild changes a \
                server's image, and its licence from that instant on, and not its clock.",
        example: "An image of 31 GiB is deactivated on 11 March and deleted on 16 April: all of \
                  March is charged, 31 GB-months.",
    },
    Rule {
        code: "C6",
        title: "One more consumer changes no bill",
        words: "Adding a member to an image changes no bill by a cent, until that member creates a \
                server of the image or takes an image of one.",
        example: "Two runs that differ in one image.member.create alone have the same charges.csv, \
                  byte for byte.",
    },
    Rule {
        code: "C7",
        title: "The order of rows changes nothing",
        words: "What accounts pay depends neither on the order of the input's rows, nor on how the \
                rows are cut into files.",
        example: "One log of a month, the same log backwards, and the same log as 31 files of a day \
                  give the same charges.",
    },
];
