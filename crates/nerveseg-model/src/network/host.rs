//! From the device to the host.

use burn::tensor::Tensor;

use crate::{ModelError, Result};

/// Waits for `tensor` and copies its values to the host in row-major order.
///
/// # Errors
///
/// [`ModelError::Execution`] if the device failed to compute it.
pub fn to_host<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let failed = |reason: String| ModelError::Execution(reason);
    let data = tensor
        .try_into_data()
        .map_err(|error| failed(error.to_string()))?;
    data.convert::<f32>()
        .try_to_vec()
        .map_err(|error| failed(format!("{error:?}")))
}
