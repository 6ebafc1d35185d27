//! Another model file in place of the one that serves, without dropping a request.

use std::sync::Arc;

use anyhow::{Context as _, Result};

use crate::inference::{Infer, Model};
use crate::ops::metrics::Metrics;
use crate::settings::Settings;

/// Reads the model file of the settings again.
#[derive(Debug)]
pub(super) struct Reload {
    pub(super) settings: Settings,
    pub(super) infer: Arc<Infer>,
    pub(super) metrics: Arc<Metrics>,
}

impl Reload {
    /// Loads the model file again. The old model serves until the new one has answered on every
    /// device, and for good if it does not.
    pub(super) fn run(&self) {
        let result = self.load();
        self.metrics.reload(result.is_ok());
        match result {
            Ok(model) => {
                let sha256 = model.manifest().sha256.clone();
                self.infer.swap(model);
                tracing::info!(sha256, "serving the new model");
            }
            Err(error) => {
                let reason = format!("{error:#}");
                tracing::error!(reason, "the new model is no good, the old one serves on");
            }
        }
    }

    fn load(&self) -> Result<Model> {
        let model = Model::load(&self.settings)?;
        for device in 0..model.device_count() {
            model
                .warm_up(device)
                .context("the new model does not answer")?;
        }
        Ok(model)
    }
}
