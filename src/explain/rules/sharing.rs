//! L: what is allowed, and what makes no sense.

use crate::explain::rules::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "L00",
        title: "A row that cannot be read",
        words: "Error. The row has no time, no event, or a value that is none. It is set aside in \
                rejected.csv, whole, with the reason; the rest is billed.",
        example: "2016-13-01T00:00:00Z is no day: the row is set aside.",
    },
    Rule {
        code: "L01",
        title: "A server of an image that is not shared with its account",
        words: "Error. A private image may be booted, or a server be rebuilt to it, by its owner and \
                by those who are members at that instant. Public and community images anybody may \
                boot. A bill charges such a server all the same; with --policy enforce it is set \
                aside.",
        example: "Acme unshares with Birch on the 20th. Birch boots the image on the 21st: L01. Its \
                  server of the 11th is fine, and runs on (C2).",
    },
    Rule {
        code: "L02",
        title: "A server of an image in another region",
        words: "Error. An image works in its own region only; elsewhere a copy is needed.",
        example: "An image in IAD, a server of it in DFW: L02. Export it, send it, import it in DFW, \
                  and boot that one.",
    },
    Rule {
        code: "L03",
        title: "An image is changed by another than its owner",
        words: "Error. Only its owner shares, unshares, deactivates, reactivates or deletes an \
                image, or changes who may boot it. An event without an account is the operator's, \
                and allowed.",
        example: "Birch, a member of Acme's image, shares it with Cedar: L03.",
    },
    Rule {
        code: "L04",
        title: "A member's answer is given by another account",
        words: "Error. Only the member itself accepts or rejects an image; an event without an \
                account is the operator's, and allowed.",
        example: "Acme sets Birch's status to accepted: L04.",
    },
    Rule {
        code: "L05",
        title: "A deactivated or deleted image is used",
        words: "Error. Such an image cannot be booted, copied or exported. Rebuilding a server to \
                the image that it runs already is allowed.",
        example: "An image is deactivated on the 11th; a server is created of it on the 12th: L05.",
    },
    Rule {
        code: "L06",
        title: "An image is exported or copied by another than its owner",
        words: "Error. A consumer may boot what is shared with it; it may not take it away. Nobody \
                copies or exports the provider's own images. Where the book's policy has copy_by = \
                \"members\", whoever may boot an image may copy it, too.",
        example: "Birch creates an object with Acme's image as its source: L06.",
    },
    Rule {
        code: "L07",
        title: "An image is exported whose operating system must not leave",
        words: "Error. policy.no_export_os lists the systems. The image's own os counts, and that of \
                any ancestor.",
        example: "An image is taken of a Windows server, and an object is created with that image as \
                  its source: with no_export_os = [\"windows\"] this is L07.",
    },
    Rule {
        code: "L08",
        title: "An import that is too large, or of a system that must not come in",
        words: "Error. An image made of an object may have at most policy.import_limit_gib, and no \
                os of policy.no_import_os.",
        example: "import_limit_gib = 160: an image of 161 GiB made of an upload is L08.",
    },
    Rule {
        code: "L09",
        title: "An image of a server that cannot be imaged",
        words: "Error. The flavor of the server has imageable = false in the book's flavors.csv.",
        example: "A bare-metal flavor that is not imageable: an image.create with such a server as \
                  its source is L09.",
    },
    Rule {
        code: "L10",
        title: "A source that the log has not created",
        words: "Warning. The source is nothing that an event created by then, and none of the book's \
                public images. The event is applied; what it makes has no known ancestor.",
        example: "server.create with the source img-old, whose creation the log does not have: the \
                  server is charged, and counts as the account's own.",
    },
    Rule {
        code: "L11",
        title: "A consumer shares on what descends from another's image",
        words: "Warning. The image that is shared descends from another producer's: its content may \
                not be meant to go beyond those two.",
        example: "Birch takes an image of its server of Acme's image, and shares it with Cedar: L11.",
    },
    Rule {
        code: "L12",
        title: "A member that rejected the image long ago",
        words: "Warning. At the end of the run an image still has a member that rejected it at least \
                policy.stale_member_days ago. It is told at the event that rejected.",
        example: "Cedar rejects on 1 March, the run ends on 1 May, stale_member_days = 30: L12. \
                  Unshare with it.",
    },
    Rule {
        code: "L13",
        title: "An image is shared although its labels warn",
        words: "Warning. The image's labels say confidential, credentials, licensed, copyright or \
                untrusted. The message says what to do first.",
        example: "An image labelled golden;licensed is shared: L13.",
    },
    Rule {
        code: "L14",
        title: "An event on what does not exist, or a second create",
        words: "Error. The event is about something that was never created or has ended, or creates \
                an id that was used before. It is set aside, whatever the policy.",
        example: "server.delete twice for one server: the second is L14, and changes nothing.",
    },
    Rule {
        code: "L15",
        title: "One event id, two contents",
        words: "An event whose id and content came before is a repeat: dropped and counted. The same \
                id with other content is an error: the earlier one stands, the later is set aside.",
        example: "ev-7 says 10 GiB, and later ev-7 says 20 GiB: 10 GiB are charged, and L15 is told.",
    },
];
