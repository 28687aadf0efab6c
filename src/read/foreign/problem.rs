//! What ought to have become a native event and could not.

/// Why a record could not be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemCode {
    /// Not JSON, not UTF-8, nested too deeply, cut off, or JSON that is no notification.
    Unreadable,
    /// A JSON object that does not say what happened.
    NoEventType,
    /// The payload is a plain text, as on ERROR and WARN, or there is none.
    NoPayload,
    /// A field that the native event needs is absent or empty.
    MissingField,
    /// A field that is there and is not a time.
    BadTime,
    /// A field that is there and is not a whole number.
    BadNumber,
    /// Neither the record nor the user says which region.
    NoRegion,
    /// Neither the listing nor the user says when.
    NoTime,
    /// The records contradict each other: a server exists after it was deleted.
    Contradiction,
    /// Another record has the same id, and says something else.
    SameId,
    /// It matters to the bill, and native events have no word for it.
    NotConvertible,
}

impl ProblemCode {
    /// The reason in the table, where messages with their values would be as many as records.
    pub(in crate::read) fn in_words(self) -> &'static str {
        match self {
            ProblemCode::Unreadable => "a problem: cannot be read",
            ProblemCode::NoEventType => "a problem: no event_type",
            ProblemCode::NoPayload => "a problem: no payload but a text, or none",
            ProblemCode::MissingField => "a problem: a field is missing",
            ProblemCode::BadTime => "a problem: a time that is none",
            ProblemCode::BadNumber => "a problem: a number that is none",
            ProblemCode::NoRegion => "a problem: no region",
            ProblemCode::NoTime => "a problem: no time",
            ProblemCode::Contradiction => "a problem: contradicts other records",
            ProblemCode::SameId => "a problem: another record has its id",
            ProblemCode::NotConvertible => "a problem: native events have no word for it",
        }
    }
}

/// One thing that could not be converted, and the record that it was met in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The index that the file was fed under.
    pub file: usize,
    /// The line, from 1, on which the record starts.
    pub line: u64,
    /// The record as it was read; what was no UTF-8 has been replaced.
    pub record: String,
    /// When, as far as it is known.
    pub time: String,
    /// The foreign event type, `(unreadable)` or `(no event_type)`.
    pub event: String,
    /// The owner or tenant, as far as it is known.
    pub account: String,
    /// The image or server, as far as it is known.
    pub resource: String,
    /// What kind of problem.
    pub code: ProblemCode,
    /// What is wrong, and what to do.
    pub message: String,
}

/// A problem without its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::read) struct Fault {
    pub(in crate::read) code: ProblemCode,
    pub(in crate::read) message: String,
}

impl Fault {
    pub(in crate::read) fn new(code: ProblemCode, message: impl Into<String>) -> Fault {
        Fault { code, message: message.into() }
    }

    pub(in crate::read) fn unreadable(message: impl Into<String>) -> Fault {
        Fault::new(ProblemCode::Unreadable, message)
    }

    /// `fields` are the names under which the value was looked for.
    pub(in crate::read) fn missing(fields: &str) -> Fault {
        Fault::new(ProblemCode::MissingField, format!("the record has no {fields}"))
    }

    pub(in crate::read) fn text_payload(text: &str) -> Fault {
        let shown: String = text.chars().take(200).collect();
        let message =
            format!("the payload is a text, not an object, as on ERROR and WARN: {shown}");
        Fault::new(ProblemCode::NoPayload, message)
    }
}
