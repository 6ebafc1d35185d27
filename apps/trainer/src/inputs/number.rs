//! Numbers that a person types.

use std::str::FromStr;

/// Parses a whole number.
pub(crate) fn whole<T: FromStr>(text: &str) -> Result<T, String> {
    let expected = "expected a whole number";
    text.parse().map_err(|_| expected.to_owned())
}

/// Which folds of a split are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Folds {
    /// This one, from 0.
    One(usize),
    All,
}

/// Parses which fold of a split is meant, or that all are.
pub(crate) fn parse_folds(text: &str) -> Result<Folds, String> {
    let expected = "expected the number of one fold, counted from 0, or `all`";
    match text {
        "all" => Ok(Folds::All),
        _ => text
            .parse()
            .map(Folds::One)
            .map_err(|_| expected.to_owned()),
    }
}

/// Parses which fold of a split is meant.
pub(crate) fn parse_fold(text: &str) -> Result<usize, String> {
    let expected =
        "expected the number of one fold, counted from 0; several folds are several runs";
    text.parse().map_err(|_| expected.to_owned())
}
