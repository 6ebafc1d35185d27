//! Grey values out of JSON.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

/// Grey values out of JSON arrays, flat or nested, without a tree in between.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) values: Vec<u8>,
    /// Length of the arrays at each depth, the outermost first: all of one depth have the same.
    pub(super) lengths: Vec<usize>,
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut nested = Nested::default();
        deserializer.deserialize_any(Append {
            nested: &mut nested,
            depth: 0,
        })?;
        Ok(Self {
            values: nested.values,
            lengths: nested.lengths.into_iter().flatten().collect(),
        })
    }
}

/// What has come so far.
#[derive(Default)]
struct Nested {
    values: Vec<u8>,
    /// A length is known when the first array of its depth ends.
    lengths: Vec<Option<usize>>,
}

/// Appends whatever comes to the numbers that came before.
struct Append<'a> {
    nested: &'a mut Nested,
    /// Arrays around it.
    depth: usize,
}

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
        let number = u8::try_from(value)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Unsigned(value), &self))?;
        if self.depth == 0 {
            return Err(E::invalid_type(
                serde::de::Unexpected::Unsigned(value),
                &self,
            ));
        }
        // an array of this depth has begun before, so numbers stand beside arrays
        if self.nested.lengths.len() > self.depth {
            return Err(ragged());
        }
        self.nested.values.push(number);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        let Self { nested, depth } = self;
        if nested.lengths.len() == depth {
            // only the first array of a depth may be the first thing there
            if !nested.values.is_empty() {
                return Err(ragged());
            }
            nested.lengths.push(None);
        }
        let mut length = 0;
        loop {
            let element = Append {
                nested: &mut *nested,
                depth: depth + 1,
            };
            if sequence.next_element_seed(element)?.is_none() {
                break;
            }
            length += 1;
        }
        match nested.lengths[depth].replace(length) {
            Some(before) if before != length => Err(ragged()),
            _ => Ok(()),
        }
    }
}

fn ragged<E: Error>() -> E {
    E::custom("the arrays in `data` differ in length or depth")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lengths_are_those_of_the_arrays() {
        for (json, values, lengths) in [
            ("[1, 2, 255]", &[1, 2, 255][..], &[3][..]),
            ("[[1, 2, 3], [4, 5, 6]]", &[1, 2, 3, 4, 5, 6], &[2, 3]),
            ("[[1, 2], [3, 4], [5, 6]]", &[1, 2, 3, 4, 5, 6], &[3, 2]),
            ("[[[1], [2]]]", &[1, 2], &[1, 2, 1]),
            ("[]", &[], &[0]),
            ("[[], []]", &[], &[2, 0]),
        ] {
            let numbers: Numbers = serde_json::from_str(json).unwrap();

            assert_eq!(numbers.values, values, "{json}");
            assert_eq!(numbers.lengths, lengths, "{json}");
        }
    }

    #[test]
    fn anything_but_grey_values_in_even_arrays_is_refused() {
        for json in [
            "[256]",
            "[-1]",
            "[0.5]",
            "[\"1\"]",
            "[true]",
            "[null]",
            "{}",
            "null",
            "1",
            "[[1, 2], [3]]",
            "[[1], [2, 3]]",
            "[[1, 2], 3]",
            "[1, [2, 3]]",
            "[1, []]",
            "[[], 1]",
            "[[1], []]",
            "[[], [1]]",
            "[[[1], [2]], [3]]",
            "[[[1]], [2]]",
            "[[], [[]]]",
        ] {
            serde_json::from_str::<Numbers>(json).unwrap_err();
        }
    }
}
