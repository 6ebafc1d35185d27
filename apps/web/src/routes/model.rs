//! What the model says about itself.

use actix_web::{HttpResponse, web};
use nerveseg_model::{Postprocess, Preprocess, Provenance, UNetConfig};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::ModelName;
use crate::inference::Infer;

/// What the model says about itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelAnswer {
    #[serde(flatten)]
    model: ModelName,
    /// Numbers that the network holds.
    parameters: usize,
    /// Where it computes.
    device: String,
    /// Shape of the network.
    #[schema(value_type = Object)]
    unet: UNetConfig,
    /// From a frame to the network's input.
    #[schema(value_type = Object)]
    preprocess: Preprocess,
    /// From probabilities to the mask.
    #[schema(value_type = Object)]
    postprocess: Postprocess,
    /// Where the weights come from.
    #[schema(value_type = Object)]
    provenance: Provenance,
    /// Always "research use only, not for clinical use".
    intended_use: String,
}

/// The model that serves
///
/// Its name, version, checksum, what happens before and after the network, and where it comes from.
#[utoipa::path(
    get,
    path = "/api/v1/model",
    tag = "segmentation",
    responses((status = 200, description = "The model.", body = ModelAnswer))
)]
pub(crate) async fn model(infer: web::Data<Infer>) -> HttpResponse {
    let model = infer.model();
    let manifest = model.manifest().clone();
    HttpResponse::Ok().json(ModelAnswer {
        model: ModelName::of(&model),
        parameters: model.parameters(),
        device: model.devices(),
        unet: manifest.unet,
        preprocess: manifest.preprocess,
        postprocess: manifest.postprocess,
        provenance: manifest.provenance,
        intended_use: manifest.intended_use,
    })
}
