//! The model that serves, once for each device.

use std::time::Instant;

use anyhow::{Context as _, Result};
use image::GrayImage;
use ndarray::Array2;
use nerveseg_data::{Frame, Region};
use nerveseg_model::{Manifest, Postprocess, RawPrediction, Segmentation, Segmenter};

use crate::settings::{LARGEST_BATCH, Settings};

/// One model file, loaded and checked.
#[derive(Debug)]
pub(crate) struct Model {
    /// The same weights on every device, in the order of the setting.
    segmenters: Vec<Segmenter>,
    /// Name in answers.
    pub(crate) name: String,
    /// Whether it is the model in the program, and not somebody's own.
    pub(crate) is_bundled: bool,
}

impl Model {
    /// Loads the file of the settings, or the model in the program, on every device.
    ///
    /// # Errors
    ///
    /// Fails on a file that is not a sound model and on a device that is not there.
    pub(crate) fn load(settings: &Settings) -> Result<Self> {
        let load = |device| match &settings.model {
            Some(path) => Segmenter::from_file(path, device),
            None => Segmenter::bundled(device),
        };
        let segmenters = settings
            .devices()?
            .into_iter()
            .map(load)
            .collect::<Result<_, _>>()
            .context("cannot load the model")?;
        Ok(Self {
            segmenters,
            name: settings.model_name.clone(),
            is_bundled: settings.model.is_none(),
        })
    }

    /// A model without devices.
    #[cfg(test)]
    pub(super) fn empty() -> Self {
        Self {
            segmenters: Vec::new(),
            name: "empty".to_owned(),
            is_bundled: false,
        }
    }

    /// Runs a device before the first request: memory is allocated, and a GPU compiles its kernels
    /// for every size of batch that there is.
    ///
    /// # Errors
    ///
    /// Fails if the device does.
    pub(crate) fn warm_up(&self, device: usize) -> Result<()> {
        let begin = Instant::now();
        let input = self.prepare(&GrayImage::new(64, 48))?;
        let name = self.segmenters[device].device_name();
        let batches: &[usize] = if self.is_on_gpu(device) {
            &[1, 2, 4, LARGEST_BATCH]
        } else {
            &[1, LARGEST_BATCH]
        };
        for &batch in batches {
            self.predict(device, &vec![input.clone(); batch])?;
        }
        let device = name;
        tracing::info!(device, seconds = begin.elapsed().as_secs_f64(), "warm");
        Ok(())
    }

    /// From an image to what the network takes.
    ///
    /// # Errors
    ///
    /// Fails on an image without pixels.
    pub(super) fn prepare(&self, image: &GrayImage) -> nerveseg_model::Result<Array2<f32>> {
        self.manifest().preprocess.image(image)
    }

    /// Runs the network on one device.
    ///
    /// # Errors
    ///
    /// Fails if the device does.
    pub(super) fn predict(
        &self,
        device: usize,
        inputs: &[Array2<f32>],
    ) -> nerveseg_model::Result<Vec<RawPrediction>> {
        self.segmenters[device].predict(inputs)
    }

    /// Whether the network leaves the processor to others.
    fn is_on_gpu(&self, device: usize) -> bool {
        self.segmenters[device].device_name().starts_with("wgpu")
    }

    /// From what the network said of a part of the frame to a mask of the frame's size; `threshold`
    /// is a probability.
    pub(super) fn finish(
        &self,
        raw: &RawPrediction,
        frame: &Frame,
        shown: Region,
        threshold: Option<f32>,
    ) -> Segmentation {
        let Manifest {
            preprocess,
            postprocess: own,
            ..
        } = self.manifest();
        let postprocess = Postprocess {
            threshold: threshold.unwrap_or(own.threshold),
            ..own.clone()
        };
        postprocess
            .apply_to(raw, &shown.cut(&frame.pixels), preprocess)
            .in_frame(frame, shown)
    }

    /// What the file says about itself.
    pub(crate) fn manifest(&self) -> &Manifest {
        self.segmenters[0].manifest()
    }

    /// Numbers that the network holds.
    pub(crate) fn parameters(&self) -> usize {
        self.segmenters[0].parameter_counts().total
    }

    /// The devices, for people.
    pub(crate) fn devices(&self) -> String {
        let names: Vec<&str> = self.segmenters.iter().map(Segmenter::device_name).collect();
        names.join(", ")
    }

    /// How many devices there are.
    pub(crate) fn device_count(&self) -> usize {
        self.segmenters.len()
    }

    /// Version of the program that wrote the file.
    pub(crate) fn version(&self) -> &str {
        let producer = &self.manifest().producer;
        producer.rsplit(' ').next().unwrap_or(producer)
    }
}
