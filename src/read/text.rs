//! Files that have to be UTF-8.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Source};

/// The text of a file.
///
/// # Errors
/// Where the first byte is that belongs to no character.
pub fn utf8<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, Diagnostic> {
    let help = "save it as UTF-8; in Excel, that is \"CSV UTF-8\"";
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    // What Excel calls "Unicode Text". Nothing of it could be shown in an excerpt.
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = bytes {
        let message = format!("`{name}` is UTF-16, not UTF-8");
        return Err(Diagnostic::error(Code::TableNotUtf8, message).help(help));
    }
    // Up to there the text with replaced bytes is the same; a replaced byte takes three.
    let start = error.valid_up_to();
    let place = Source::whole(name, String::from_utf8_lossy(bytes)).place(start..start + 3);
    let message = format!("`{name}` is not UTF-8");
    Err(Diagnostic::error(Code::TableNotUtf8, message)
        .at(place, "this byte is no character")
        .help(help))
}

/// What to say about a file that is no TOML.
pub(super) fn not_toml(source: &Arc<Source>, error: &::toml::de::Error) -> Diagnostic {
    let place = source.place(error.span().unwrap_or(0..0));
    // What the parser would have taken instead is a list of its own words.
    let message = error.message().split(", expected").next().unwrap_or_default();
    let diagnostic = Diagnostic::error(Code::TomlSyntax, format!("not TOML: {message}"));
    if message.starts_with("duplicate") {
        return diagnostic.at(place, "the second one").help("remove one of the two");
    }
    diagnostic
        .at(place, "here, or just before")
        .help("a line is `key = value`; texts stand in quotes, lists in [ ] with commas")
}
