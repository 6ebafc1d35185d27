//! Tensors in host memory, by name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use safetensors::{Dtype, View};

/// Tensors by stable, readable name: `encoder.0.conv1.weight` and the like.
pub type NamedTensors = BTreeMap<String, HostTensor>;

/// A tensor in host memory, always `f32`, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct HostTensor {
    shape: Vec<usize>,
    values: Vec<f32>,
}

impl HostTensor {
    /// A tensor of these values.
    ///
    /// # Panics
    ///
    /// Panics if there are more or fewer values than `shape` says.
    pub fn new(shape: impl Into<Vec<usize>>, values: Vec<f32>) -> Self {
        let shape = shape.into();
        assert_eq!(
            shape.iter().product::<usize>(),
            values.len(),
            "values of a tensor of shape {shape:?}"
        );
        Self { shape, values }
    }

    /// A tensor of one value all over.
    pub fn full(shape: impl Into<Vec<usize>>, value: f32) -> Self {
        let shape = shape.into();
        let values = vec![value; shape.iter().product()];
        Self { shape, values }
    }

    /// Its shape.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Its values.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Its values, to change.
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// Its values, without a copy.
    pub fn into_values(self) -> Vec<f32> {
        self.values
    }

    /// Its values as they stand in a file: little-endian.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.values.iter().flat_map(|v| v.to_le_bytes()).collect()
    }

    /// A tensor of a file's bytes, of which there are as many as `shape` says.
    pub(crate) fn of_bytes(shape: &[usize], bytes: &[u8]) -> Self {
        let value = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        Self::new(shape, bytes.chunks_exact(4).map(value).collect())
    }
}

impl View for &HostTensor {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.bytes().into()
    }

    fn data_len(&self) -> usize {
        size_of_val(self.values.as_slice())
    }
}
