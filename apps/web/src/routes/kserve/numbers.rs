//! Grey values out of JSON.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

/// Grey values out of JSON arrays, flat or nested, without a tree in between.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut numbers = Self::default();
        deserializer.deserialize_any(Append(&mut numbers.0))?;
        Ok(numbers)
    }
}

/// Appends whatever comes to the numbers that came before.
struct Append<'a>(&'a mut Vec<u8>);

impl<'de> serde::de::DeserializeSeed<'de> for Append<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Append<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("numbers from 0 to 255, in arrays")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        let value = u8::try_from(value)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Unsigned(value), &self))?;
        self.0.push(value);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        while sequence.next_element_seed(Append(&mut *self.0))?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_and_nested_arrays_are_the_same_numbers() {
        let flat: Numbers = serde_json::from_str("[1, 2, 255]").unwrap();
        let nested: Numbers = serde_json::from_str("[[[1], [2]], [255]]").unwrap();

        assert_eq!(flat, nested);
        assert_eq!(flat.0, [1, 2, 255]);
    }

    #[test]
    fn anything_but_grey_values_is_refused() {
        for json in ["[256]", "[-1]", "[0.5]", "[\"1\"]", "{}", "null"] {
            serde_json::from_str::<Numbers>(json).unwrap_err();
        }
    }
}
