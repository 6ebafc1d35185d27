//! Requests and answers as they travel: JSON, with tensors inside it or in bytes behind it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::numbers::Numbers;

/// Header that says where the JSON ends and the bytes begin.
pub(super) const JSON_LENGTH: &str = "Inference-Header-Content-Length";

/// An inference request.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct InferRequest {
    /// Comes back in the answer.
    #[schema(nullable = false)]
    pub(super) id: Option<String>,
    #[serde(default)]
    #[schema(ignore)]
    pub(super) parameters: RequestParameters,
    /// Exactly one: the tensor `image`.
    #[schema(min_items = 1, max_items = 1)]
    pub(super) inputs: Vec<InputTensor>,
    /// Which tensors to send; all of them if absent.
    #[schema(nullable = false)]
    pub(super) outputs: Option<Vec<RequestedOutput>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct RequestParameters {
    /// Whether outputs come as bytes unless they say otherwise.
    #[serde(default)]
    pub(super) binary_data_output: bool,
}

/// The frame.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct InputTensor {
    #[schema(pattern = "^image$")]
    pub(super) name: String,
    /// Height and width.
    #[schema(min_items = 2, max_items = 2, example = json!([2, 3]))]
    pub(super) shape: Vec<u64>,
    #[schema(pattern = "^UINT8$")]
    pub(super) datatype: String,
    #[serde(default)]
    #[schema(ignore)]
    pub(super) parameters: InputParameters,
    /// Grey values row by row, flat or nested; absent if they come as bytes.
    #[schema(value_type = Vec<u8>, example = json!([0, 50, 100, 150, 200, 250]))]
    pub(super) data: Option<Numbers>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct InputParameters {
    pub(super) binary_data_size: Option<usize>,
}

/// A tensor to send.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RequestedOutput {
    /// `mask`, `probabilities` or `presence`.
    #[schema(pattern = "^(mask|probabilities|presence)$")]
    pub(super) name: String,
    #[serde(default)]
    #[schema(ignore)]
    pub(super) parameters: OutputParameters,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct OutputParameters {
    pub(super) binary_data: Option<bool>,
}

/// An inference answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InferAnswer {
    pub(super) model_name: String,
    pub(super) model_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    pub(super) outputs: Vec<OutputTensor>,
}

/// A tensor of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutputTensor {
    pub(super) name: &'static str,
    pub(super) datatype: &'static str,
    pub(super) shape: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    pub(super) parameters: Option<BinaryDataSize>,
    /// Values row by row.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<f32>)]
    pub(super) data: Option<Values>,
}

/// How many bytes of the tail are a tensor's.
#[derive(Debug, Serialize)]
pub(super) struct BinaryDataSize {
    pub(super) binary_data_size: usize,
}

/// Numbers of an answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Values {
    Bytes(Vec<u8>),
    Floats(Vec<f32>),
}
