//! The landing page, with a result on it for browsers without JavaScript.

use actix_web::http::header::ContentEncoding;
use actix_web::web::{Bytes, Data, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use nerveseg_data::{accepted, format_names};
use serde::Deserialize;

use super::html::html;
use crate::answer::{Caption, data_url, grey_png, overlay_png};
use crate::assets::{Sample, Samples, Site, samples};
use crate::error::WebError;
use crate::inference::{Found, Infer, Options};
use crate::intake::{Upload, Uploads, spend};

#[derive(Template)]
#[template(path = "index.html")]
struct Index {
    site: Site,
    samples: &'static [Sample],
    max_upload_mib: u64,
    formats: String,
    accept: String,
    result: Option<ServerResult>,
}

/// An answer without JavaScript.
struct ServerResult {
    file_name: String,
    width: u32,
    height: u32,
    state: &'static str,
    score: String,
    area_px: usize,
    area_mm2: Option<String>,
    objection: Option<String>,
    region: u32,
    regions: u32,
    overlay_data_url: String,
    mask_data_url: String,
    total_ms: String,
}

/// A sample to show the result for.
#[derive(Debug, Deserialize)]
pub(crate) struct IndexQuery {
    sample: Option<String>,
}

/// `GET /`, and `GET /?sample=NAME` with the result for a sample.
pub(crate) async fn index(
    uploads: Data<Uploads>,
    infer: Data<Infer>,
    request: HttpRequest,
    query: Query<IndexQuery>,
) -> Result<HttpResponse, WebError> {
    let Some(name) = &query.sample else {
        return page(&uploads, None);
    };
    spend(&request)?;
    let file = samples()
        .iter()
        .find(|sample| sample.name == *name)
        .and_then(|sample| Samples::get(&sample.name))
        .ok_or_else(|| WebError::NotFound("There is no such sample.".to_owned()))?;
    let bytes = Bytes::from(file.data.into_owned());
    answer(&uploads, &infer, Upload::of_sample(bytes, name)).await
}

/// `POST /`: the form of the page.
pub(crate) async fn result(
    uploads: Data<Uploads>,
    infer: Data<Infer>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    spend(&request)?;
    let upload = uploads.image(&request, payload).await?;
    answer(&uploads, &infer, upload).await
}

async fn answer(
    uploads: &Uploads,
    infer: &Data<Infer>,
    upload: Upload,
) -> Result<HttpResponse, WebError> {
    let name = upload.file_name.clone();
    let name = name.unwrap_or_else(|| "your image".to_owned());
    let paint = move |found: &Found| ServerResult::new(found, name);
    let result = infer.segment(upload.bytes.clone(), Options::default(), paint);
    page(uploads, Some(result.await?))
}

fn page(uploads: &Uploads, result: Option<ServerResult>) -> Result<HttpResponse, WebError> {
    let has_pictures = result.is_some();
    let mut response = html(&Index {
        site: Site::new(),
        samples: samples(),
        max_upload_mib: uploads.max_mib(),
        formats: format_names(),
        accept: accepted(),
        result,
    })?;
    if has_pictures {
        // pictures are compressed already, and once more would take longer than the network
        let as_it_is = ContentEncoding::Identity.to_header_value();
        response
            .headers_mut()
            .insert(actix_web::http::header::CONTENT_ENCODING, as_it_is);
    }
    Ok(response)
}

impl ServerResult {
    fn new(found: &Found, file_name: String) -> Self {
        let segmentation = &found.segmentation;
        let image = &found.frame.pixels;
        let area_mm2 = segmentation.area_mm2;
        let caption = Caption::of(found);
        Self {
            file_name,
            width: image.width(),
            height: image.height(),
            state: segmentation.presence_state.name(),
            score: score(segmentation.presence),
            area_px: segmentation.area_px,
            area_mm2: area_mm2.map(|area| format!("{area:.1}")),
            objection: segmentation.objection.clone(),
            region: found.frame.region,
            regions: found.frame.regions,
            overlay_data_url: data_url(&overlay_png(image, segmentation, &caption)),
            mask_data_url: data_url(&grey_png(&segmentation.mask_image(), Some(&caption))),
            total_ms: format!("{:.1}", found.times().total.as_secs_f64() * 1e3),
        }
    }
}

/// A score in two digits; never 0 or 1 for what is not quite.
fn score(presence: f32) -> String {
    if presence > 0.99 {
        return "over 0.99".to_owned();
    }
    if presence < 0.01 {
        return "under 0.01".to_owned();
    }
    format!("{presence:.2}")
}
