//! Findings: what is not allowed, or cannot be (rules, L).

use std::sync::Arc;

use crate::event::{Event, EventKind, Origin};
use crate::value::{AccountId, Instant};

/// Declares the findings once: code, level, rule in words.
macro_rules! findings {
    ($($code:ident $level:ident $rule:literal)*) => {
        /// The rule that an event breaks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingCode { $(#[doc = $rule] $code),* }

        impl FindingCode {
            /// All of them.
            pub const ALL: &[FindingCode] = &[$(FindingCode::$code),*];

            /// Its text, like `L01`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(FindingCode::$code => stringify!($code)),* }
            }

            /// The rule in words.
            #[must_use]
            pub fn rule(self) -> &'static str {
                match self { $(FindingCode::$code => $rule),* }
            }

            /// How bad it is.
            #[must_use]
            pub fn level(self) -> Level {
                match self { $(FindingCode::$code => Level::$level),* }
            }
        }
    };
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The cloud would refuse it, or it makes no sense.
    Error,
    /// It is allowed, and unwise.
    Warning,
}

findings! {
    L00 Error "a row that cannot be read"
    L01 Error "a server runs another account's image, which is not shared with its account"
    L02 Error "a server runs an image of another region"
    L03 Error "an image is shared, unshared, deactivated, reactivated or deleted by another account"
    L04 Error "a member's status is changed by another account"
    L05 Error "a deactivated or deleted image is booted, copied or exported"
    L06 Error "an image is exported or copied by an account that does not own it"
    L07 Error "an image is exported whose operating system must not leave the cloud"
    L08 Error "an image is imported that is too large, or of an operating system that must not come in"
    L09 Error "an image is taken of a server whose flavor cannot be imaged"
    L10 Warning "a source that the input has not created"
    L11 Warning "a consumer shares on what descends from another producer's image"
    L12 Warning "a member that rejected an image long ago still is a member"
    L13 Warning "an image is shared although its labels warn against sharing it as it is"
    L14 Error "an event on something that was never created or has ended, or a second create"
    L15 Error "two events with the same id that say different things"
}

/// One finding: the rule, the event, and what exactly is wrong. A bad log has millions of them, and
/// they are kept in more than one list: their texts are shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub code: FindingCode,
    /// Where the event was read.
    pub origin: Origin,
    /// When it happened; `None` where the row could not be read.
    pub time: Option<Instant>,
    /// What it was.
    pub kind: Option<EventKind>,
    /// Who did it.
    pub actor: Option<AccountId>,
    /// What it happened to.
    pub resource: Option<Arc<str>>,
    /// What is wrong, in one sentence.
    pub message: Arc<str>,
}

impl FindingCode {
    /// Whether the event makes no sense, so that it is set aside under every policy.
    #[must_use]
    pub fn is_integrity(self) -> bool {
        matches!(self, FindingCode::L00 | FindingCode::L14 | FindingCode::L15)
    }
}

impl Finding {
    /// A finding about an event on a resource.
    #[must_use]
    pub fn new(code: FindingCode, event: &Event, resource: &str, message: String) -> Finding {
        Finding {
            code,
            origin: event.origin,
            time: Some(event.time),
            kind: Some(event.action.kind()),
            actor: event.actor,
            resource: Some(resource.into()),
            message: message.into(),
        }
    }

    /// How bad it is.
    #[must_use]
    pub fn level(&self) -> Level {
        self.code.level()
    }
}

impl Level {
    /// The word in `findings.csv`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
        }
    }
}
