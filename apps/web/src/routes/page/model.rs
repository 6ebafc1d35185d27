//! The model card.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use nerveseg_model::{Fit, Normalisation, Provenance};

use super::html::html;
use super::markdown;
use crate::assets::Site;
use crate::error::WebError;
use crate::inference::Infer;

/// What is known about the model in the program.
const CARD: &str = include_str!("../../../../../docs/model-card.md");

#[derive(Template)]
#[template(path = "model.html")]
struct ModelPage {
    site: Site,
    name: String,
    version: String,
    sha256: String,
    size_mb: String,
    input: String,
    parameters: String,
    trained_on: String,
    card_html: String,
}

/// `GET /model`
pub(crate) async fn model(infer: Data<Infer>) -> Result<HttpResponse, WebError> {
    let model = infer.model();
    let manifest = model.manifest();
    let preprocess = &manifest.preprocess;
    let normalised = match preprocess.normalisation {
        Normalisation::Unit => "grey values from 0 to 1",
        Normalisation::PerImage => "zero mean and unit variance for each frame",
    };
    let scaled = match preprocess.fit {
        Fit::Stretch => "scaled to",
        Fit::Pad => "scaled with its aspect into",
    };
    let parameters = model.parameters();
    html(&ModelPage {
        site: Site::new(),
        name: model.name.clone(),
        version: model.version().to_owned(),
        sha256: manifest.sha256.clone(),
        // four bytes each; the description of the file is small beside them
        size_mb: format!("{:.1}", parameters as f64 * 4e-6),
        input: format!(
            "any frame, {scaled} {} × {} pixels, {normalised}",
            preprocess.width, preprocess.height
        ),
        parameters: thousands(parameters),
        trained_on: trained_on(&manifest.provenance),
        // the card is about the model in the program, not about somebody's own
        card_html: match model.is_bundled {
            true => markdown::html(CARD),
            false => String::new(),
        },
    })
}

fn trained_on(provenance: &Provenance) -> String {
    match (
        provenance.train_subjects.len(),
        provenance.validation_subjects.len(),
    ) {
        (0, _) => "not recorded in the file".to_owned(),
        (trained, 0) => format!("{trained} subjects"),
        (trained, tuned) => format!("{trained} subjects, tuned on {tuned} others"),
    }
}

/// `2164305` as `2,164,305`.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(thousands(2_164_305), "2,164,305");
        assert_eq!(thousands(305), "305");
    }
}
