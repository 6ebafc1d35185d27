//! Inference.

use actix_web::web::{Bytes, Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use image::GrayImage;
use nerveseg_data::Frame;

use super::message::{InferAnswer, InferRequest, InputTensor, JSON_LENGTH};
use super::output::Output;
use super::wanted::Wanted;
use crate::answer::Problem;
use crate::error::WebError;
use crate::inference::{Found, Infer};
use crate::intake::{Decoder, Uploads, spend};

/// Find the nerve in one frame, as tensors
///
/// Takes the tensor `image` (`UINT8`, height × width, any size) and gives `mask` (`UINT8`, 0 and
/// 1), `probabilities` and `presence` (`FP32`). Tensors are JSON arrays, or bytes as the binary
/// tensor extension has them.
#[utoipa::path(
    post,
    path = "/v2/models/{name}/infer",
    operation_id = "kserve_infer",
    tag = "Open Inference Protocol v2",
    params(("name" = String, Path, description = "Name of the model.")),
    request_body = InferRequest,
    responses(
        (status = 200, description = "The tensors.", content(
            (InferAnswer = "application/json"),
            ("application/octet-stream"),
        )),
        (status = 400, description = "Not a request of the protocol, or not for this model.",
            body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Another model.", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "Too many bytes or pixels.", body = Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "The body has an encoding that is not undone.",
            body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many images from this address; `Retry-After` says when.",
            body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Busy, or not in time; `Retry-After` says when.",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn infer(
    uploads: Data<Uploads>,
    decoder: Data<Decoder>,
    infer: Data<Infer>,
    wanted: Path<Wanted>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    spend(&request)?;
    wanted.check(&infer.model())?;
    let upload = uploads.body(&request, payload).await?;
    let json_length = json_length(&request, upload.bytes.len())?;
    let body = upload.bytes.clone();
    let call = infer.compute(move || Call::parse(body, json_length, &decoder));
    let Call { id, frame, outputs } = call.await??;
    let is_binary = outputs.iter().any(|(_, binary)| *binary);
    let paint = move |found: &Found| {
        let mut tail = Vec::new();
        let answer = InferAnswer {
            model_name: found.model.name.clone(),
            model_version: found.model.version().to_owned(),
            id,
            outputs: outputs
                .into_iter()
                .map(|(output, binary)| output.write(&found.segmentation, binary, &mut tail))
                .collect(),
        };
        let json = serde_json::to_vec(&answer).expect("an answer is plain data");
        (json, tail)
    };
    let (json, tail) = infer.segment_frame(frame, paint).await?;
    let mut response = HttpResponse::Ok();
    if !is_binary {
        return Ok(response.content_type("application/json").body(json));
    }
    response.insert_header((JSON_LENGTH, json.len()));
    Ok(response
        .content_type("application/octet-stream")
        .body([json, tail].concat()))
}

/// Where the JSON of a request ends.
fn json_length(request: &HttpRequest, body: usize) -> Result<usize, WebError> {
    let Some(length) = request.headers().get(JSON_LENGTH) else {
        return Ok(body);
    };
    let length = length.to_str().ok().and_then(|text| text.parse().ok());
    length
        .filter(|length| *length <= body)
        .ok_or_else(|| bad(format!("`{JSON_LENGTH}` is not a length within the body.")))
}

/// What a request asks for.
struct Call {
    id: Option<String>,
    frame: Frame,
    outputs: Vec<(Output, bool)>,
}

impl Call {
    fn parse(body: Bytes, json_length: usize, decoder: &Decoder) -> Result<Self, WebError> {
        let request: InferRequest = serde_json::from_slice(&body[..json_length])
            .map_err(|error| bad(format!("This is no inference request: {error}.")))?;
        let outputs = Output::chosen(
            request.outputs.as_deref(),
            request.parameters.binary_data_output,
        )
        .map_err(|name| bad(format!("The model has no output `{name}`.")))?;
        let inputs = <[InputTensor; 1]>::try_from(request.inputs);
        let [input] = inputs.map_err(|_| bad("The model takes one input, `image`.".to_owned()))?;
        let image = picture(input, body.slice(json_length..), decoder)?;
        Ok(Self {
            id: request.id,
            frame: Frame::new(image),
            outputs,
        })
    }
}

/// Reads a request and does nothing with it.
#[cfg(feature = "fuzzing")]
pub(crate) fn read(body: Bytes, json_length: usize, decoder: &Decoder) -> Result<(), WebError> {
    Call::parse(body, json_length, decoder).map(|_| ())
}

fn picture(input: InputTensor, tail: Bytes, decoder: &Decoder) -> Result<GrayImage, WebError> {
    let InputTensor {
        name,
        shape,
        datatype,
        parameters,
        data,
    } = input;
    if name != "image" || datatype != "UINT8" {
        return Err(bad(format!(
            "The input is `{name}` of {datatype}; expected `image` of UINT8."
        )));
    }
    let sides: Vec<u32> = shape
        .iter()
        .filter_map(|&it| u32::try_from(it).ok())
        .collect();
    let &[height, width] = sides.as_slice() else {
        return Err(bad("The shape of `image` is height and width.".to_owned()));
    };
    let pixels = u64::from(height) * u64::from(width);
    if pixels == 0 || sides.len() != shape.len() {
        return Err(bad("The image has no pixels.".to_owned()));
    }
    decoder.check_pixels(pixels)?;
    let values = match (data, parameters.binary_data_size) {
        (Some(_), None) if !tail.is_empty() => {
            return Err(bad(format!(
                "`image` is in `data`, but {} bytes follow the JSON.",
                tail.len()
            )));
        }
        (Some(numbers), None) => {
            check_nesting(&numbers.lengths, &shape)?;
            numbers.values
        }
        (None, Some(size)) if size == tail.len() => tail.to_vec(),
        (None, Some(size)) => {
            return Err(bad(format!(
                "`binary_data_size` is {size}, but {} bytes follow the JSON.",
                tail.len()
            )));
        }
        _ => {
            return Err(bad(
                "`image` needs either `data` or `binary_data_size`.".to_owned()
            ));
        }
    };
    if values.len() as u64 != pixels {
        let found = values.len();
        return Err(bad(format!(
            "`image` has {found} values; expected {pixels}."
        )));
    }
    Ok(GrayImage::from_vec(width, height, values).expect("one value a pixel"))
}

/// Arrays in arrays say a shape, too; a flat one says none.
fn check_nesting(lengths: &[usize], shape: &[u64]) -> Result<(), WebError> {
    let nested: Vec<u64> = lengths.iter().map(|&length| length as u64).collect();
    if nested.len() == 1 || nested == shape {
        return Ok(());
    }
    Err(bad(format!(
        "`data` is nested as {nested:?}; expected the shape {shape:?} or a flat array."
    )))
}

fn bad(detail: String) -> WebError {
    WebError::BadRequest(detail)
}
