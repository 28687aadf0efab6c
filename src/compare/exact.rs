//! Shares of exact numbers.

use num_bigint::BigInt;

use crate::value::Overflow;

/// `value` × `part` ÷ `whole`, cut off after the last unit of `value`; `whole` is not 0.
pub(super) fn share(value: i128, part: i128, whole: i128) -> Result<i128, Overflow> {
    if let Some(product) = value.checked_mul(part) {
        return product.checked_div(whole).ok_or(Overflow);
    }
    let product = BigInt::from(value) * part;
    let quotient = product.checked_div(&BigInt::from(whole)).ok_or(Overflow)?;
    i128::try_from(quotient).map_err(|_| Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_the_same_where_products_pass_128_bits() {
        assert_eq!(share(10, 1, 3), Ok(3));
        assert_eq!(share(-10, 1, 3), Ok(-3));
        assert_eq!(share(1 << 100, 3 << 40, 3 << 42), Ok(1 << 98));
        assert_eq!(share(i128::MAX, 2, 1), Err(Overflow));
        assert_eq!(share(1, 1, 0), Err(Overflow));
    }
}
