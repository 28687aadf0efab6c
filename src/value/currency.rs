//! Currencies: a code and the digits of its minor unit.

use std::fmt;

/// An ISO 4217 currency.
///
/// Invariant: the code exists in ISO 4217 and has a minor unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Currency {
    iso: iso_currency::Currency,
    minor_digits: u32,
}

impl Currency {
    /// The currency of an ISO 4217 code like `USD`; `None` where there is none.
    ///
    /// ```
    /// use sharebill::value::Currency;
    /// assert_eq!(Currency::from_code("KWD").unwrap().minor_digits(), 3);
    /// assert!(Currency::from_code("usd").is_none());
    /// ```
    #[must_use]
    pub fn from_code(code: &str) -> Option<Currency> {
        let iso = iso_currency::Currency::from_code(code)?;
        Some(Currency { iso, minor_digits: u32::from(iso.exponent()?) })
    }

    /// The three-letter code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.iso.code()
    }

    /// How many digits an amount has after the point: USD 2, JPY 0, KWD 3 (P5).
    #[must_use]
    pub fn minor_digits(self) -> u32 {
        self.minor_digits
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_are_those_of_iso_4217() {
        for (code, digits) in [("USD", 2), ("GBP", 2), ("JPY", 0), ("KWD", 3), ("EUR", 2)] {
            assert_eq!(Currency::from_code(code).map(Currency::minor_digits), Some(digits));
        }
        assert_eq!(Currency::from_code("ZZZ"), None);
    }
}
