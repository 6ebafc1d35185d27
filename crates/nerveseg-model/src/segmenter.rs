//! Image in, mask out.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::activation::sigmoid;
use burn::tensor::{Tensor, TensorData};
use image::GrayImage;
use ndarray::{Array2, ArrayView2};
use nerveseg_data::ultrasound::{FrameFeatures, FrameLimits};
use nerveseg_kernels::{Algorithm, Plan, Size};
use rayon::prelude::*;

use crate::artifact::{self, Manifest};
use crate::compile::failed;
use crate::engine::engine;
use crate::network::to_host;
use crate::weights::{self, NamedTensors, ParameterCounts};
use crate::{
    DeviceSpec, ModelError, OpenDevice, Postprocess, Preprocess, PresenceEvidence, Result,
    Segmentation, UNet, UNetOutput,
};

/// Images that go through the network together. Larger sets are cut into 8, 4, 2 and 1, so a
/// GPU compiles its kernels for four sizes only.
const MAX_BATCH: usize = 8;

/// A network with everything around it: image in, mask at the image's own size out.
///
/// It is `Send + Sync`: one can serve many threads.
#[derive(Clone, Debug)]
pub struct Segmenter {
    network: Network,
    parameters: ParameterCounts,
    manifest: Manifest,
    device: OpenDevice,
}

/// The weights, in the form in which they run.
#[derive(Clone, Debug)]
enum Network {
    /// Compiled for the CPU.
    Fused(Arc<Plan>),
    /// On one of Burn's devices.
    Burn(Box<UNet>),
}

/// What the network says about one image, at the network's own size, before post-processing.
#[derive(Clone, Debug)]
pub struct RawPrediction {
    /// Probability of every pixel. Shape: `[height, width]` of the network.
    pub probabilities: Array2<f32>,
    /// Whether a nerve is there at all.
    pub evidence: PresenceEvidence,
}

impl Segmenter {
    /// Loads an artifact and opens the device.
    ///
    /// # Errors
    ///
    /// See [`ModelError`]: the file cannot be read, is truncated, foreign, from a later version
    /// or corrupted; the device does not exist.
    pub fn from_file(path: impl AsRef<Path>, device: DeviceSpec) -> Result<Self> {
        let path = path.as_ref();
        let (tensors, manifest) = artifact::load(path)?;
        Self::from_tensors(tensors, manifest, &path.display().to_string(), device)
    }

    /// Opens the model that is compiled into this crate: `assets/models/brachial-plexus.safetensors`,
    /// described in `docs/model-card.md`. Research use only, not for clinical use.
    ///
    /// # Errors
    ///
    /// As [`from_file`](Self::from_file), of which only the device can fail.
    #[cfg(feature = "bundled")]
    pub fn bundled(device: DeviceSpec) -> Result<Self> {
        Self::from_bytes(crate::BUNDLED_MODEL, "the bundled model", device)
    }

    /// As [`from_file`](Self::from_file) for bytes already in memory; `name` is for messages.
    ///
    /// # Errors
    ///
    /// As [`from_file`](Self::from_file).
    pub fn from_bytes(bytes: &[u8], name: &str, device: DeviceSpec) -> Result<Self> {
        let (tensors, manifest) = artifact::decode(bytes, name)?;
        Self::from_tensors(tensors, manifest, name, device)
    }

    fn from_tensors(
        tensors: NamedTensors,
        manifest: Manifest,
        name: &str,
        device: DeviceSpec,
    ) -> Result<Self> {
        let opened = device.open()?;
        let unet = artifact::build(tensors, &manifest, name, &opened.device)?;
        Self::from_parts(unet, manifest, opened)
    }

    /// Wraps a network that is already on `device`.
    ///
    /// # Errors
    ///
    /// [`ModelError::InvalidConfig`] if the manifest's numbers make no sense.
    pub fn from_parts(unet: UNet, manifest: Manifest, device: OpenDevice) -> Result<Self> {
        manifest.preprocess.validate()?;
        manifest.postprocess.validate()?;
        if manifest.unet.in_channels != 1 {
            return Err(ModelError::InvalidConfig(format!(
                "`in_channels` is {}, but a grey image has 1",
                manifest.unet.in_channels
            )));
        }
        let parameters = weights::parameter_counts(&unet);
        let network = if device.fused {
            let size = Size {
                batch: MAX_BATCH,
                height: manifest.preprocess.height,
                width: manifest.preprocess.width,
            };
            Network::Fused(Arc::new(unet.compile(engine(), size, Algorithm::Auto)?))
        } else {
            Network::Burn(Box::new(unet))
        };
        Ok(Self {
            network,
            parameters,
            manifest,
            device,
        })
    }

    /// What the artifact says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Name of the device for people.
    pub fn device_name(&self) -> &str {
        &self.device.name
    }

    /// How many numbers the network holds.
    pub fn parameter_counts(&self) -> ParameterCounts {
        self.parameters
    }

    /// The same model with other thresholds.
    ///
    /// # Errors
    ///
    /// [`ModelError::InvalidConfig`] names the number that is not a probability.
    pub fn with_postprocess(mut self, postprocess: Postprocess) -> Result<Self> {
        postprocess.validate()?;
        self.manifest.postprocess = postprocess;
        Ok(self)
    }

    /// Finds the nerve in one image.
    ///
    /// # Errors
    ///
    /// [`ModelError::EmptyImage`] if the image has no pixels, [`ModelError::Execution`] if the
    /// device fails.
    pub fn segment(&self, image: &GrayImage) -> Result<Segmentation> {
        let mut batch = self.segment_batch(std::slice::from_ref(image))?;
        Ok(batch.pop().expect("one image in, one segmentation out"))
    }

    /// Finds the nerve in several images, which may differ in size.
    ///
    /// # Errors
    ///
    /// As [`segment`](Self::segment).
    pub fn segment_batch(&self, images: &[GrayImage]) -> Result<Vec<Segmentation>> {
        let inputs: Vec<Array2<f32>> = images
            .par_iter()
            .map(|image| self.manifest.preprocess.image(image))
            .collect::<Result<_>>()?;
        let raw = self.predict(&inputs)?;
        let raw = raw.into_par_iter().zip(images);
        Ok(raw.map(|(raw, image)| self.finish(&raw, image)).collect())
    }

    /// Runs the network alone on inputs that [`Preprocess::image`] made.
    ///
    /// # Errors
    ///
    /// [`ModelError::Execution`] if the device fails.
    ///
    /// # Panics
    ///
    /// Panics if an input has another size than the manifest says.
    pub fn predict(&self, inputs: &[Array2<f32>]) -> Result<Vec<RawPrediction>> {
        let mut predictions = Vec::with_capacity(inputs.len());
        let mut rest = inputs;
        while !rest.is_empty() {
            let size = (1 << rest.len().ilog2()).min(MAX_BATCH);
            let (batch, tail) = rest.split_at(size);
            predictions.extend(self.predict_batch(batch)?);
            rest = tail;
        }
        Ok(predictions)
    }

    /// Brings a raw prediction to the image's size and cuts out the mask.
    pub fn finish(&self, raw: &RawPrediction, image: &GrayImage) -> Segmentation {
        let postprocess = &self.manifest.postprocess;
        let (width, height) = image.dimensions();
        let presence = postprocess.presence(raw.evidence);
        let map = postprocess.calibrated(raw.probabilities.clone());
        let probabilities = Preprocess::restore(map.view(), [height as usize, width as usize]);
        let objection = FrameFeatures::measure(image).objection(image, &FrameLimits::default());
        Segmentation::new(probabilities, presence, objection, postprocess)
    }

    fn predict_batch(&self, inputs: &[Array2<f32>]) -> Result<Vec<RawPrediction>> {
        let Preprocess { height, width, .. } = self.manifest.preprocess;
        let shape = [inputs.len(), 1, height, width];
        let mut values = Vec::with_capacity(shape.iter().product());
        for input in inputs {
            assert_eq!(
                input.dim(),
                (height, width),
                "inputs of the manifest's size"
            );
            values.extend(input.iter());
        }
        match &self.network {
            Network::Fused(plan) => RawPrediction::of_plan(plan, &values, inputs.len()),
            Network::Burn(unet) => {
                let values = TensorData::new(values, shape);
                let images = Tensor::<4>::from_data(values, &self.device.device);
                RawPrediction::of_batch(unet.forward(images))
            }
        }
    }
}

impl RawPrediction {
    /// Takes apart what the network says about a batch.
    ///
    /// # Errors
    ///
    /// [`ModelError::Execution`] if the device fails.
    pub fn of_batch(output: UNetOutput) -> Result<Vec<Self>> {
        let [_, _, height, width] = output.logits.dims();
        let probabilities = to_host(sigmoid(output.logits))?;
        let presence = match output.presence_logits {
            Some(logits) => Some(to_host(sigmoid(logits))?),
            None => None,
        };
        Ok(Self::of_maps(&probabilities, presence, (height, width)))
    }

    /// Runs a plan on `batch` images.
    fn of_plan(plan: &Plan, images: &[f32], batch: usize) -> Result<Vec<Self>> {
        let Size { height, width, .. } = plan.size();
        let mut probabilities = vec![0.0; batch * height * width];
        let mut presence = vec![0.0; batch];
        plan.run(images, &mut probabilities, &mut presence)
            .map_err(failed)?;
        let presence = plan.has_presence().then_some(presence);
        Ok(Self::of_maps(&probabilities, presence, (height, width)))
    }

    fn of_maps(
        probabilities: &[f32],
        presence: Option<Vec<f32>>,
        (height, width): (usize, usize),
    ) -> Vec<Self> {
        let maps = probabilities.chunks(height * width);
        let prediction = |(image, map): (usize, &[f32])| {
            let map = ArrayView2::from_shape((height, width), map).expect("one value a pixel");
            let head = presence.as_ref().map(|presence| presence[image]);
            Self {
                probabilities: map.to_owned(),
                evidence: PresenceEvidence::new(map, head),
            }
        };
        maps.enumerate().map(prediction).collect()
    }
}
