//! What the numbers among the settings may be.

use std::ops::RangeInclusive;

/// A number among the settings: its name in a file, its value, and what it may be.
pub(crate) type Number = (&'static str, f64, RangeInclusive<f64>);

/// Where a number begins that must not be 0.
pub(crate) const ABOVE_ZERO: f64 = f64::MIN_POSITIVE;
