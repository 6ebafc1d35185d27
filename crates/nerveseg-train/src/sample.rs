//! Cases at the network's size, small enough to keep all of them in memory.

use ndarray::{Array2, s};
use nerveseg_data::{Case, CaseId, Dataset, FileHashes};
use nerveseg_model::Preprocess;

use crate::error::Result;

/// Share of a frame that a nerve has at least: what is less is the edge of one that was moved out.
/// The smallest mask of UNS covers 1 %.
const LEAST_NERVE: f64 = 0.002;

/// One case at the network's size, 8 bits a pixel.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Name of the case.
    pub case_id: CaseId,
    /// Grey values before normalisation. Shape: `[height, width]`.
    pub image: Array2<u8>,
    /// Soft target, 0 to 255. Shape: `[height, width]`.
    pub target: Array2<u8>,
    /// Whether the case shows a nerve at all.
    pub present: bool,
}

impl Sample {
    /// Resizes the tissue of a case: what the network is shown of it later, too.
    ///
    /// # Errors
    ///
    /// Fails for an image without pixels.
    ///
    /// # Panics
    ///
    /// Panics if the case has no mask: only labelled cases are trained on.
    pub fn new(case: &Case, preprocess: &Preprocess) -> Result<Self> {
        let mask = case.mask.as_ref().expect("training cases are labelled");
        let shown = case.frame.shown();
        let tissue = shown.cut(&case.frame.pixels);
        let [top, left] = shown.origin();
        let [bottom, right] = [
            top + tissue.height() as usize,
            left + tissue.width() as usize,
        ];
        let mask = mask.slice(s![top..bottom, left..right]);
        let quantise = |v: f32| (v * 255.0).round() as u8;
        Ok(Self {
            case_id: case.case_id,
            image: preprocess.resized(&tissue)?.mapv(quantise),
            target: preprocess.target(mask).mapv(quantise),
            present: mask.iter().any(|&inside| inside),
        })
    }
}

/// Reads and resizes the named cases on all cores, in order.
///
/// # Errors
///
/// Fails on the first case that cannot be read.
pub fn load_samples(
    dataset: &Dataset,
    case_ids: &[CaseId],
    preprocess: &Preprocess,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Sample>> {
    let (samples, _) = load_hashed_samples(dataset, case_ids, preprocess, progress)?;
    Ok(samples)
}

/// As [`load_samples`]; the files are hashed while they are read.
pub(crate) fn load_hashed_samples(
    dataset: &Dataset,
    case_ids: &[CaseId],
    preprocess: &Preprocess,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<(Vec<Sample>, FileHashes)> {
    let part = dataset.select(case_ids)?;
    let shrink = |case: Case| Sample::new(&case, preprocess);
    let (samples, hashes) = part.par_load_hashed(shrink, progress)?;
    Ok((samples.into_iter().collect::<Result<_>>()?, hashes))
}

/// Values of a sample in `[0, 1]`, unchanged.
pub(crate) fn unit(pixels: &Array2<u8>) -> Array2<f32> {
    pixels.mapv(|v| f32::from(v) / 255.0)
}

/// Whether more than a sliver of a nerve is in the picture.
pub(crate) fn shows_nerve(target: &Array2<f32>) -> bool {
    let inside = target.iter().filter(|&&t| t >= 0.5).count();
    inside as f64 > LEAST_NERVE * target.len() as f64
}
