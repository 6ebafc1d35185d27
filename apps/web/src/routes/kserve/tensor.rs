//! Tensors in and out of their two forms.

use std::fmt;

use nerveseg_model::Segmentation;
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

use super::message::{BinaryDataSize, OutputTensor, RequestedOutput, Values};

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

/// A tensor that the model gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    Mask,
    Probabilities,
    Presence,
}

impl Output {
    const ALL: [Self; 3] = [Self::Mask, Self::Probabilities, Self::Presence];

    fn name(self) -> &'static str {
        match self {
            Self::Mask => "mask",
            Self::Probabilities => "probabilities",
            Self::Presence => "presence",
        }
    }

    /// Tensors to send, and whether as bytes; all of them if none is asked for.
    ///
    /// # Errors
    ///
    /// The name of a tensor that does not exist.
    pub(super) fn chosen(
        requested: Option<&[RequestedOutput]>,
        binary: bool,
    ) -> Result<Vec<(Self, bool)>, String> {
        let Some(requested) = requested.filter(|list| !list.is_empty()) else {
            return Ok(Self::ALL.map(|output| (output, binary)).to_vec());
        };
        let find = |request: &RequestedOutput| {
            let mut all = Self::ALL.into_iter();
            let output = all.find(|output| output.name() == request.name);
            let binary = request.parameters.binary_data.unwrap_or(binary);
            output
                .map(|output| (output, binary))
                .ok_or_else(|| request.name.clone())
        };
        requested.iter().map(find).collect()
    }

    /// The tensor as JSON, or as its description while its bytes are appended to `tail`.
    pub(super) fn write(
        self,
        segmentation: &Segmentation,
        binary: bool,
        tail: &mut Vec<u8>,
    ) -> OutputTensor {
        let values = self.values(segmentation);
        let (height, width) = segmentation.mask.dim();
        let (datatype, shape) = match self {
            Self::Mask => ("UINT8", vec![height, width]),
            Self::Probabilities => ("FP32", vec![height, width]),
            Self::Presence => ("FP32", vec![1]),
        };
        let begin = tail.len();
        if binary {
            match &values {
                Values::Bytes(bytes) => tail.extend_from_slice(bytes),
                Values::Floats(floats) => {
                    tail.extend(floats.iter().flat_map(|value| value.to_le_bytes()));
                }
            }
        }
        OutputTensor {
            name: self.name(),
            datatype,
            shape,
            parameters: binary.then(|| BinaryDataSize {
                binary_data_size: tail.len() - begin,
            }),
            data: (!binary).then_some(values),
        }
    }

    fn values(self, segmentation: &Segmentation) -> Values {
        match self {
            Self::Mask => Values::Bytes(segmentation.mask.iter().map(|&it| u8::from(it)).collect()),
            Self::Probabilities => {
                Values::Floats(segmentation.probabilities.iter().copied().collect())
            }
            Self::Presence => Values::Floats(vec![segmentation.presence]),
        }
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
