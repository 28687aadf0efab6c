//! Fields of hand-written CSV rows, in exactly the bytes that the csv crate would write.

use crate::value::Instant;

/// By byte: whether a field with it needs quotes.
const NEEDS_QUOTES: [bool; 256] = {
    let mut needs = [false; 256];
    needs[b',' as usize] = true;
    needs[b'"' as usize] = true;
    needs[b'\n' as usize] = true;
    needs[b'\r' as usize] = true;
    needs
};

/// Appends a text, quoted where RFC 4180 needs it.
pub(super) fn text(out: &mut Vec<u8>, text: &[u8]) {
    if !text.iter().any(|byte| NEEDS_QUOTES[usize::from(*byte)]) {
        out.extend_from_slice(text);
        return;
    }
    out.push(b'"');
    for byte in text {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

/// Appends a number of `units` × 10^-`decimals`, with all its decimals.
pub(super) fn number(out: &mut Vec<u8>, units: i128, decimals: u32) {
    if units < 0 {
        out.push(b'-');
    }
    let mut digits = Digits { bytes: [b'0'; LONGEST], at: LONGEST };
    let scale = 10_u64.checked_pow(decimals);
    if let (Ok(units), Some(scale)) = (u64::try_from(units.unsigned_abs()), scale) {
        // Nearly all numbers; 64 bits divide much faster.
        if decimals > 0 {
            digits.put(units % scale, decimals as usize);
            digits.point();
        }
        digits.put(units / scale, 1);
    } else {
        let mut rest = units.unsigned_abs();
        for place in 0.. {
            if place == decimals && decimals > 0 {
                digits.point();
            }
            if rest == 0 && place > decimals {
                break;
            }
            digits.digit((rest % 10) as u8);
            rest /= 10;
        }
    }
    out.extend_from_slice(&digits.bytes[digits.at..]);
}

/// The digits of 2^128, a point and leading zeros.
const LONGEST: usize = 80;

/// The digits of the numbers below 100.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// Digits, from the last one on.
struct Digits {
    bytes: [u8; LONGEST],
    at: usize,
}

impl Digits {
    fn digit(&mut self, digit: u8) {
        self.at -= 1;
        self.bytes[self.at] = b'0' + digit;
    }

    /// The two digits of a number below 100.
    fn pair(&mut self, number: usize) {
        self.at -= 2;
        self.bytes[self.at..self.at + 2].copy_from_slice(&PAIRS[number]);
    }

    fn point(&mut self) {
        self.at -= 1;
        self.bytes[self.at] = b'.';
    }

    /// A number, with at least so many digits.
    fn put(&mut self, mut number: u64, at_least: usize) {
        let end = self.at;
        while number >= 100 {
            self.pair((number % 100) as usize);
            number /= 100;
        }
        if number >= 10 {
            self.pair(number as usize);
        } else {
            self.digit(number as u8);
        }
        // What was not written is zeros already.
        self.at = self.at.min(end - at_least);
    }
}

/// The texts of a few instants, each made once.
#[derive(Debug, Default)]
pub(super) struct Seconds(Vec<(Instant, String)>);

impl Seconds {
    /// An instant in whole seconds.
    pub(super) fn text(&mut self, instant: Instant) -> &str {
        /// A book has few dates.
        const MOST: usize = 32;
        let known = self.0.iter().position(|(known, _)| *known == instant);
        let place = known.unwrap_or_else(|| {
            if self.0.len() == MOST {
                self.0.clear();
            }
            self.0.push((instant, instant.to_seconds_text()));
            self.0.len() - 1
        });
        &self.0[place].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    #[test]
    fn texts_are_quoted_as_the_csv_crate_does() {
        for field in [
            "",
            "plain",
            "a,b",
            "\"",
            "say \"no\"",
            "line\nend",
            "line\rend",
            " space ",
            "#x",
            "ä,",
            "'",
            ";",
            "\t",
            "-",
            "0",
        ] {
            let mut ours = Vec::new();
            text(&mut ours, field.as_bytes());
            let mut writer = csv::WriterBuilder::new()
                .terminator(csv::Terminator::Any(b'\n'))
                .flexible(true)
                .from_writer(Vec::new());
            writer.write_record(["x", field]).unwrap();
            let theirs = writer.into_inner().unwrap();
            assert_eq!([b"x,", ours.as_slice(), b"\n"].concat(), theirs, "{field:?}");
        }
    }

    #[test]
    fn numbers_are_written_as_decimals_are() {
        let big = 79_228_162_514_264_337_593_543_950_335_i128;
        for units in [0, 1, 9, 10, 99, 100, 12_345, i128::from(u64::MAX), 1 << 64, 1 << 80, big] {
            for decimals in [0, 1, 2, 8, 10, 20, 28] {
                for units in [units, -units] {
                    let mut ours = Vec::new();
                    number(&mut ours, units, decimals);
                    let theirs = Decimal::from_i128_with_scale(units, decimals).to_string();
                    assert_eq!(String::from_utf8(ours).unwrap(), theirs);
                }
            }
        }
    }
}
