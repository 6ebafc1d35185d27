//! The landing page, with a result on it for browsers without JavaScript.

use actix_web::http::header::ContentEncoding;
use actix_web::web::{Bytes, Data, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::html;
use crate::answer::json::State;
use crate::answer::picture::{data_url, grey_png, overlay_png};
use crate::app::App;
use crate::assets::{Sample, Samples, Site, samples};
use crate::error::WebError;
use crate::inference::pipeline::{Found, Options, segment};
use crate::intake::upload::Upload;

#[derive(Template)]
#[template(path = "index.html")]
struct Index {
    site: Site,
    samples: &'static [Sample],
    max_upload_mib: u64,
    result: Option<ServerResult>,
}

/// An answer without JavaScript.
struct ServerResult {
    file_name: String,
    width: u32,
    height: u32,
    state: &'static str,
    presence_percent: u32,
    area_px: usize,
    area_mm2: Option<String>,
    is_ultrasound: bool,
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
    app: Data<App>,
    query: Query<IndexQuery>,
) -> Result<HttpResponse, WebError> {
    let Some(name) = &query.sample else {
        return page(&app, None);
    };
    let file = samples()
        .iter()
        .find(|sample| sample.name == *name)
        .and_then(|sample| Samples::get(&sample.name))
        .ok_or_else(|| WebError::NotFound("There is no such sample.".to_owned()))?;
    let bytes = Bytes::from(file.data.into_owned());
    answer(app, Upload::of_sample(bytes, name)).await
}

/// `POST /`: the form of the page.
pub(crate) async fn result(
    app: Data<App>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let upload = Upload::read(&app, &request, payload).await?;
    answer(app, upload).await
}

async fn answer(app: Data<App>, upload: Upload) -> Result<HttpResponse, WebError> {
    let shared = Data::clone(&app).into_inner();
    let name = upload.file_name.clone();
    let name = name.unwrap_or_else(|| "your image".to_owned());
    let options = Options::default();
    let result = segment(&shared, &upload, options, move |found| {
        ServerResult::new(found, name)
    });
    let result = result.await?;
    page(&app, Some(result))
}

fn page(app: &App, result: Option<ServerResult>) -> Result<HttpResponse, WebError> {
    let has_pictures = result.is_some();
    let mut response = html(&Index {
        site: Site::new(),
        samples: samples(),
        max_upload_mib: app.settings.max_upload_mib,
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
        let image = &found.frame.image;
        let area_mm2 = segmentation.area_mm2(found.frame.spacing);
        Self {
            file_name,
            width: image.width(),
            height: image.height(),
            state: State::from(segmentation.presence_state).name(),
            presence_percent: (segmentation.presence * 100.0).round() as u32,
            area_px: segmentation.area_px,
            area_mm2: area_mm2.map(|area| format!("{area:.1}")),
            is_ultrasound: segmentation.is_ultrasound(),
            overlay_data_url: data_url(&overlay_png(image, segmentation)),
            mask_data_url: data_url(&grey_png(&segmentation.mask_image())),
            total_ms: format!("{:.1}", found.times().total.as_secs_f64() * 1e3),
        }
    }
}
