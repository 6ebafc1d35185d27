//! `POST /api/v1/segment`: a frame in, the nerve out.

#![expect(
    unused_qualifications,
    reason = "in what `utoipa` makes of `params(SegmentQuery)`"
)]

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use nerveseg_data::{Pick, format_names};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::answer::{Answer, Caption, Form, Include, Problem, grey_png, overlay_png};
use crate::error::WebError;
use crate::inference::{Found, Infer, Options};
use crate::intake::{Uploads, spend};

/// What can be chosen.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SegmentQuery {
    /// Probability from which on a pixel belongs to the nerve; the model's own if absent.
    #[param(nullable = false, minimum = 0, maximum = 1)]
    threshold: Option<f32>,
    /// Frame of a DICOM, from 0.
    #[param(nullable = false)]
    frame: Option<u32>,
    /// Region of tissue on it, from 0, where a DICOM names several; the largest if absent.
    #[param(nullable = false)]
    region: Option<u32>,
    /// Pictures to put into the JSON: `image`, `probabilities`, or both with a comma between.
    #[param(
        nullable = false,
        pattern = "^(image|probabilities)(,(image|probabilities))?$"
    )]
    include: Option<String>,
    /// Which picture `Accept: image/png` gets.
    #[param(nullable = false, inline)]
    view: Option<View>,
}

/// Pictures of an answer.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum View {
    /// 0 and 255.
    #[default]
    Mask,
    /// The mask over the frame, in colour, and words below it: taller than the frame.
    Overlay,
    /// Probability × 255.
    Probabilities,
}

/// A form with one image.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is read piece by piece")]
pub(crate) struct ImageForm {
    /// The frame, as a file.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    image: Vec<u8>,
}

/// Find the nerve in one frame
#[utoipa::path(
    post,
    path = "/api/v1/segment",
    tag = "segmentation",
    description = description(),
    params(SegmentQuery),
    request_body(content(
        (ImageForm = "multipart/form-data"),
        ("application/octet-stream"),
    )),
    responses(
        (status = 200, description = "What was found.", content(
            (Answer = "application/json"),
            ("image/png"),
        ), headers(
            ("X-Nerveseg-State" = String, description = "Of a PNG: `state` of the JSON."),
            ("X-Nerveseg-Presence" = String, description = "Of a PNG: `presence` of the JSON."),
            ("X-Nerveseg-Objection" = String, description = "Of a PNG, where there is one: \
                `objection` of the JSON, percent-encoded."),
            ("X-Nerveseg-Model" = String, description = "Of a PNG: name, version and checksum \
                of the model, percent-encoded."),
            ("X-Nerveseg-Intended-Use" = String, description = "Of a PNG: what it is for."),
        )),
        (status = 400, description = "The query is wrong, or there is no image, or several.",
            body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "The request accepts neither JSON nor PNG.", body = Problem,
            content_type = "application/problem+json"),
        (status = 408, description = "The upload took too long.", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "Too many bytes or pixels.", body = Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "A format or an encoding that is not read.", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "Damaged, or no such frame or region.", body = Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "Too many images from this address; `Retry-After` says when.",
            body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Busy, or not in time; `Retry-After` says when.",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn segment(
    uploads: web::Data<Uploads>,
    infer: web::Data<Infer>,
    request: HttpRequest,
    query: web::Query<SegmentQuery>,
    payload: web::Payload,
) -> Result<HttpResponse, WebError> {
    spend(&request)?;
    let include = query.include()?;
    let options = query.options()?;
    let form = Form::preferred(&request)?;
    let upload = uploads.image(&request, payload).await?;
    // `upload` holds its share of the memory until the answer is there
    let bytes = upload.bytes.clone();
    let mut response = HttpResponse::Ok();
    response.insert_header((header::VARY, "Accept"));
    if form == Form::Json {
        let json = infer.segment(bytes, options, move |found| {
            serde_json::to_vec(&Answer::new(found, include)).expect("an answer is plain data")
        });
        return Ok(response.content_type("application/json").body(json.await?));
    }
    let view = query.view.unwrap_or_default();
    let picture = infer.segment(bytes, options, move |found| {
        let caption = Caption::of(found);
        (view.png(found, &caption), caption)
    });
    let (png, caption) = picture.await?;
    caption.headers().for_each(|header| {
        response.insert_header(header);
    });
    Ok(response.content_type("image/png").body(png))
}

/// What the `OpenAPI` document says of the route.
fn description() -> String {
    format!(
        "Takes a {} (its first bytes decide, not its name) as the field `image` of a form or as the \
         whole body, which may be compressed with gzip. Answers with JSON, or with a PNG if the \
         request prefers `Accept: image/png`. Nothing is stored.",
        format_names()
    )
}

impl SegmentQuery {
    fn options(&self) -> Result<Options, WebError> {
        if let Some(threshold) = self.threshold
            && !(0.0..=1.0).contains(&threshold)
        {
            return Err(WebError::BadRequest(format!(
                "The threshold is {threshold}; expected 0 to 1."
            )));
        }
        Ok(Options {
            threshold: self.threshold,
            pick: Pick {
                frame: self.frame.unwrap_or(0),
                region: self.region,
            },
        })
    }

    fn include(&self) -> Result<Include, WebError> {
        let mut include = Include::default();
        for name in self.include.iter().flat_map(|list| list.split(',')) {
            match name {
                "image" => include.image = true,
                "probabilities" => include.probabilities = true,
                _ => {
                    return Err(WebError::BadRequest(format!(
                        "`include` asks for `{name}`; there are `image` and `probabilities`."
                    )));
                }
            }
        }
        Ok(include)
    }
}

impl View {
    fn png(self, found: &Found, caption: &Caption) -> Vec<u8> {
        let segmentation = &found.segmentation;
        match self {
            Self::Mask => grey_png(&segmentation.mask_image(), Some(caption)),
            Self::Overlay => overlay_png(&found.frame.pixels, segmentation, caption),
            Self::Probabilities => grey_png(&segmentation.probability_image(), Some(caption)),
        }
    }
}
