//! A CPU backend's tensors as slices.

use std::borrow::Cow;

use burn::backend::Backend;
use burn::backend::tensor::FloatTensor;
use burn::tensor::TensorData;

/// A backend whose tensors lie in this process's memory.
pub(crate) trait Host: Backend {
    /// The values, row by row; copied only where they do not lie so.
    fn values(tensor: &FloatTensor<Self>) -> Cow<'_, [f32]>;

    /// A tensor of these values.
    fn tensor(data: TensorData) -> FloatTensor<Self>;

    /// The memory of a tensor that nobody else holds.
    #[cfg(feature = "autodiff")]
    fn reclaim(tensor: FloatTensor<Self>) -> Option<Vec<f32>>;
}

#[cfg(feature = "flex")]
impl Host for burn::backend::Flex {
    fn values(tensor: &FloatTensor<Self>) -> Cow<'_, [f32]> {
        match tensor.as_slice::<f32>() {
            Some(values) => Cow::Borrowed(values),
            None => {
                let contiguous = tensor.to_contiguous();
                let values = contiguous.as_slice::<f32>();
                Cow::Owned(values.expect("a contiguous tensor of f32").to_vec())
            }
        }
    }

    fn tensor(data: TensorData) -> FloatTensor<Self> {
        burn::backend::flex::FlexTensor::from_data(data)
    }

    #[cfg(feature = "autodiff")]
    fn reclaim(tensor: FloatTensor<Self>) -> Option<Vec<f32>> {
        if !tensor.is_unique() || !tensor.is_contiguous() {
            return None;
        }
        tensor.into_data().try_into_vec().ok()
    }
}

#[cfg(feature = "ndarray")]
#[expect(deprecated, reason = "Burn prefers flex; this backend was asked for")]
impl Host for burn::backend::NdArray {
    fn values(tensor: &FloatTensor<Self>) -> Cow<'_, [f32]> {
        let burn::backend::ndarray::NdArrayTensor::F32(storage) = tensor else {
            panic!("the network computes in f32");
        };
        let view = storage.view();
        match view.to_slice() {
            Some(values) => Cow::Borrowed(values),
            None => Cow::Owned(view.iter().copied().collect()),
        }
    }

    fn tensor(data: TensorData) -> FloatTensor<Self> {
        burn::backend::ndarray::NdArrayTensor::from_data(data)
    }

    #[cfg(feature = "autodiff")]
    fn reclaim(tensor: FloatTensor<Self>) -> Option<Vec<f32>> {
        let burn::backend::ndarray::NdArrayTensor::F32(storage) = tensor else {
            return None;
        };
        if !storage.is_unique() {
            return None;
        }
        let (values, offset) = storage
            .into_owned()
            .try_into_owned_nocopy()
            .ok()?
            .into_raw_vec_and_offset();
        (offset.unwrap_or(0) == 0).then_some(values)
    }
}
