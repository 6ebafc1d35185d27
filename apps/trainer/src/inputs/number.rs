//! Numbers that a person types.

use std::str::FromStr;

/// Parses a whole number.
pub(crate) fn whole<T: FromStr>(text: &str) -> Result<T, String> {
    let expected = "expected a whole number";
    text.parse().map_err(|_| expected.to_owned())
}

/// Parses which fold of a split is meant.
pub(crate) fn parse_fold(text: &str) -> Result<usize, String> {
    let expected =
        "expected the number of one fold, counted from 0; several folds are several runs";
    text.parse().map_err(|_| expected.to_owned())
}
