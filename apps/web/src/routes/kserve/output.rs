//! Tensors that the model gives, in their two forms.

use nerveseg_model::Segmentation;

use super::message::{BinaryDataSize, OutputTensor, RequestedOutput, Values};

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
