//! Image in, mask out.

use std::borrow::{Borrow, Cow};
#[cfg(feature = "files")]
use std::path::Path;
use std::sync::Arc;

use image::GrayImage;
use ndarray::Array2;
use nerveseg_data::{Frame, Region, shown};
use nerveseg_kernels::{Algorithm, Plan, Size};

use crate::artifact::{self, Manifest};
use crate::device::Place;
use crate::engine::engine;
use crate::ensemble::{self, Said};
#[cfg(feature = "burn")]
use crate::network::{self, OpenDevice, UNet};
use crate::parallel;
use crate::parameters::ParameterCounts;
use crate::tensor::NamedTensors;
use crate::{DeviceSpec, ModelError, Postprocess, Preprocess, RawPrediction, Result, Segmentation};

/// Images that go through the network together. Larger sets are cut into 8, 4, 2 and 1, so a
/// GPU compiles its kernels for four sizes only.
const MAX_BATCH: usize = 8;

/// A network with everything around it: image in, mask at the image's own size out.
///
/// It is `Send + Sync`: one can serve many threads.
#[derive(Clone, Debug)]
pub struct Segmenter {
    network: Network,
    manifest: Manifest,
    device_name: String,
    /// Models that have a say beside this one.
    others: Vec<Segmenter>,
}

/// The weights, in the form in which they run.
#[derive(Clone, Debug)]
enum Network {
    /// Compiled for the CPU.
    Plan(Arc<Plan>),
    /// On one of Burn's devices.
    #[cfg(feature = "burn")]
    Module(Box<UNet>, burn::tensor::Device),
}

impl Segmenter {
    /// Loads an artifact and opens the device.
    ///
    /// # Errors
    ///
    /// See [`ModelError`]: the file cannot be read, is truncated, foreign, from a later version
    /// or corrupted; the device does not exist or is not in this build.
    #[cfg(feature = "files")]
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
        check(&manifest)?;
        let (network, device_name) = match device.place()? {
            Place::Plan(device_name) => (Network::plan(tensors, &manifest, name)?, device_name),
            #[cfg(feature = "burn")]
            Place::Module(opened) => {
                let unet = network::build(tensors, &manifest, name, &opened.device)?;
                (Network::Module(Box::new(unet), opened.device), opened.name)
            }
        };
        Ok(Self {
            network,
            manifest,
            device_name,
            others: Vec::new(),
        })
    }

    /// Wraps a network that is already on `device`.
    ///
    /// # Errors
    ///
    /// [`ModelError::InvalidConfig`] if the manifest's numbers make no sense.
    #[cfg(feature = "burn")]
    pub fn from_parts(unet: UNet, manifest: Manifest, device: OpenDevice) -> Result<Self> {
        check(&manifest)?;
        let network = match device.fused {
            true => {
                let tensors = network::collect(&unet);
                // else the weights are in memory twice while the plan is compiled
                drop(unet);
                Network::plan(tensors, &manifest, "the network")?
            }
            false => Network::Module(Box::new(unet), device.device),
        };
        Ok(Self {
            network,
            manifest,
            device_name: device.name,
            others: Vec::new(),
        })
    }

    /// What the artifact says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Name of the device for people.
    pub fn device_name(&self) -> &str {
        &self.device_name
    }

    /// How many numbers the network holds.
    pub fn parameter_counts(&self) -> ParameterCounts {
        self.manifest.unet.parameter_counts()
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

    /// This model and `others` as an ensemble: a mask is cut out of the mean of their probabilities at
    /// the image's size, and presence is the mean of theirs. Each calibrates what it says itself; the
    /// thresholds, and all that [`manifest`](Self::manifest) says, are those of this one.
    #[must_use]
    pub fn with_others(mut self, others: Vec<Self>) -> Self {
        self.others = others;
        self
    }

    /// The models that have a say, this one first.
    pub fn members(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.others)
    }

    /// Finds the nerve in one image, in what is left of it without a plain border.
    ///
    /// # Errors
    ///
    /// [`ModelError::EmptyImage`] if the image has no pixels, [`ModelError::Execution`] if the
    /// device fails.
    pub fn segment(&self, image: &GrayImage) -> Result<Segmentation> {
        Ok(only(self.segment_batch(&[image])?))
    }

    /// Finds the nerve in several images, which may differ in size.
    ///
    /// # Errors
    ///
    /// As [`segment`](Self::segment).
    pub fn segment_batch<I>(&self, images: &[I]) -> Result<Vec<Segmentation>>
    where
        I: Borrow<GrayImage> + Sync,
    {
        let images: Vec<_> = images.iter().map(|image| (image.borrow(), None)).collect();
        self.segment_tissue(&images)
    }

    /// Finds the nerve in the tissue of one frame; the mask has the frame's size.
    ///
    /// # Errors
    ///
    /// As [`segment`](Self::segment).
    pub fn segment_frame(&self, frame: &Frame) -> Result<Segmentation> {
        Ok(only(self.segment_frames(&[frame])?))
    }

    /// Finds the nerve in the tissue of several frames, which may differ in size.
    ///
    /// # Errors
    ///
    /// As [`segment`](Self::segment).
    pub fn segment_frames<F>(&self, frames: &[F]) -> Result<Vec<Segmentation>>
    where
        F: Borrow<Frame> + Sync,
    {
        let images: Vec<_> = frames
            .iter()
            .map(|frame| (&frame.borrow().pixels, frame.borrow().tissue))
            .collect();
        let found = self.segment_tissue(&images)?.into_iter().zip(frames);
        Ok(found
            .map(|(found, frame)| found.with_pixels_of(frame.borrow().pixel_area_mm2()))
            .collect())
    }

    /// Finds the nerve in several images, of some of which it is known where the tissue is.
    fn segment_tissue(&self, images: &[(&GrayImage, Option<Region>)]) -> Result<Vec<Segmentation>> {
        let shown = parallel::map(images, |&(image, tissue)| shown(image, tissue));
        let parts: Vec<_> = images
            .iter()
            .zip(&shown)
            .map(|((image, _), shown)| shown.cut(image))
            .collect();
        let said = self.members().map(|member| member.say(&parts));
        let said = said.collect::<Result<Vec<_>>>()?;
        let all: Vec<_> = (0..parts.len()).collect();
        Ok(parallel::map(&all, |&index| {
            let said = self.members().zip(&said).map(|(member, raw)| Said {
                raw: &raw[index],
                preprocess: &member.manifest.preprocess,
                postprocess: &member.manifest.postprocess,
            });
            let said: Vec<Said<'_>> = said.collect();
            let (image, tissue) = images[index];
            let size = [image.height() as usize, image.width() as usize];
            ensemble::answer(&said, &parts[index]).in_image(size, tissue, shown[index])
        }))
    }

    /// What the network says about images without a border.
    fn say(&self, parts: &[Cow<'_, GrayImage>]) -> Result<Vec<RawPrediction>> {
        let inputs = parallel::map(parts, |part| self.manifest.preprocess.image(part));
        self.predict(&inputs.into_iter().collect::<Result<Vec<_>>>()?)
    }

    /// Runs the network alone, without [others](Self::with_others), on inputs that [`Preprocess::image`] made.
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

    fn predict_batch(&self, inputs: &[Array2<f32>]) -> Result<Vec<RawPrediction>> {
        let Preprocess { height, width, .. } = self.manifest.preprocess;
        let mut values = Vec::with_capacity(inputs.len() * height * width);
        for input in inputs {
            assert_eq!(
                input.dim(),
                (height, width),
                "inputs of the manifest's size"
            );
            values.extend(input.iter());
        }
        match &self.network {
            Network::Plan(plan) => RawPrediction::of_plan(plan, &values, inputs.len()),
            #[cfg(feature = "burn")]
            Network::Module(unet, device) => {
                unet.predict(values, [inputs.len(), 1, height, width], device)
            }
        }
    }
}

impl Network {
    /// Compiles the network for the CPU.
    fn plan(tensors: NamedTensors, manifest: &Manifest, name: &str) -> Result<Self> {
        let size = Size {
            batch: MAX_BATCH,
            height: manifest.preprocess.height,
            width: manifest.preprocess.width,
        };
        let unet = &manifest.unet;
        let plan = unet.compile(tensors, name, engine(), size, Algorithm::Auto)?;
        Ok(Self::Plan(Arc::new(plan)))
    }
}

/// The one segmentation of one image.
fn only(mut batch: Vec<Segmentation>) -> Segmentation {
    batch.pop().expect("one image in, one segmentation out")
}

/// Refuses a manifest whose numbers make no sense for grey images.
fn check(manifest: &Manifest) -> Result<()> {
    manifest.preprocess.validate()?;
    manifest.postprocess.validate()?;
    if manifest.unet.in_channels != 1 {
        return Err(ModelError::InvalidConfig(format!(
            "`in_channels` is {}, but a grey image has 1",
            manifest.unet.in_channels
        )));
    }
    Ok(())
}
