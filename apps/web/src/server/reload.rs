//! Another model file in place of the one that serves, without dropping a request.

use std::sync::Arc;

use anyhow::{Context as _, Result};

use crate::app::App;
use crate::inference::model::Model;

/// Loads the model file again. The old model serves until the new one has answered on every
/// device, and for good if it does not.
pub(crate) fn reload(app: &Arc<App>) {
    let result = load(app);
    app.metrics.reload(result.is_ok());
    match result {
        Ok(model) => {
            let sha256 = model.manifest().sha256.clone();
            app.swap(model);
            tracing::info!(sha256, "serving the new model");
        }
        Err(error) => {
            let reason = format!("{error:#}");
            tracing::error!(reason, "the new model is no good, the old one serves on");
        }
    }
}

fn load(app: &App) -> Result<Model> {
    let model = Model::load(&app.settings)?;
    for device in 0..model.device_count() {
        model
            .warm_up(device)
            .context("the new model does not answer")?;
    }
    Ok(model)
}
