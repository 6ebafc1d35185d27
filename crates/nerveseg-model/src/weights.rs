//! The network's tensors by name: `encoder.0.conv1.weight` and the like.

#[cfg(feature = "burn")]
pub use crate::network::{apply, collect};
pub use crate::parameters::{
    Initial, Parameter, ParameterCounts, is_head, is_statistic, tensor_counts,
};
pub use crate::tensor::{HostTensor, NamedTensors};
