//! A whole set in numbers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::frame::{DEPTH_BANDS, FrameStats, NerveStats};
use crate::{Dataset, Progress, Result};

/// Smallest, middle and largest of some values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Range {
    /// Smallest value.
    pub min: f64,
    /// Middle value; mean of the two in the middle if their number is even.
    pub median: f64,
    /// Largest value.
    pub max: f64,
}

impl Range {
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let median = 0.5 * (values[(values.len() - 1) / 2] + values[values.len() / 2]);
        Some(Self { min, median, max })
    }
}

/// Mean and standard deviation of some values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MeanSd {
    /// Mean.
    pub mean: f64,
    /// Standard deviation (divided by the number of values).
    pub sd: f64,
}

impl MeanSd {
    fn of(values: impl Iterator<Item = f64> + Clone) -> Option<Self> {
        let count = values.clone().count() as f64;
        if count == 0.0 {
            return None;
        }
        let mean = values.clone().sum::<f64>() / count;
        let variance = values.map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        Some(Self {
            mean,
            sd: variance.sqrt(),
        })
    }
}

/// A whole set in numbers; lengths and areas are scaled to a frame of 580x420 pixels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DatasetStats {
    /// Number of frames measured.
    pub frames: usize,
    /// Frames whose mask is not empty.
    pub positive_frames: usize,
    /// Share of positive frames, one value per subject.
    pub positive_fraction: Option<Range>,
    /// Mean grey value of a frame.
    pub brightness: Option<MeanSd>,
    /// Standard deviation of the grey values within a frame, mean over frames.
    pub sd_within_frame: Option<f64>,
    /// Mean grey value in six bands of equal height, from the skin down, mean over frames.
    pub depth_bands: Option<[f64; DEPTH_BANDS]>,
    /// Autocorrelation at lag 4 across and down, mean over frames; see [`FrameStats`].
    pub autocorrelation: Option<[f64; 2]>,
    /// The nerves; `None` if there is none.
    pub nerves: Option<NervesStats>,
}

/// The nerves of a whole set in numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NervesStats {
    /// Pixels of a mask.
    pub area_px: Range,
    /// Centre of mass, `[x, y]`.
    pub centroid: [MeanSd; 2],
    /// Short axis over long axis, median.
    pub axis_ratio: f64,
    /// Mean direction of the long axis in degrees (of axes, so that -89 and 89 are close).
    pub angle_deg: f64,
    /// Area over that of the convex hull, median.
    pub solidity: f64,
    /// Share of masks in one part.
    pub one_component: f64,
    /// Mean grey value in the nerve.
    pub inside: f64,
    /// Mean grey value in the ring around it.
    pub around: f64,
    /// Standard deviation over frames of the difference of the two.
    pub contrast_sd: f64,
}

impl DatasetStats {
    /// Reads and measures all cases of a dataset on all cores; its test frames do not count.
    ///
    /// # Errors
    ///
    /// That of the first case, in order, that cannot be loaded.
    pub fn collect(dataset: &Dataset, progress: Progress<'_>) -> Result<Self> {
        let frames = dataset.par_load(|case| FrameStats::of(&case), progress)?;
        Ok(Self::from_frames(frames))
    }

    /// Sums up frames that were measured one by one.
    pub fn from_frames(frames: impl AsRef<[FrameStats]>) -> Self {
        let frames = frames.as_ref();
        let mean = |value: fn(&FrameStats) -> f64| mean(frames.iter().map(value));
        let nerves: Vec<NerveStats> = frames.iter().filter_map(|frame| frame.nerve).collect();
        Self {
            frames: frames.len(),
            positive_frames: nerves.len(),
            positive_fraction: positive_fraction(frames),
            brightness: MeanSd::of(frames.iter().map(|frame| frame.mean)),
            sd_within_frame: mean(|frame| frame.sd),
            depth_bands: depth_bands(frames),
            autocorrelation: mean(|frame| frame.autocorrelation_across)
                .zip(mean(|frame| frame.autocorrelation_down))
                .map(|(across, down)| [across, down]),
            nerves: NervesStats::of(&nerves),
        }
    }
}

impl NervesStats {
    fn of(nerves: &[NerveStats]) -> Option<Self> {
        let shapes = || nerves.iter().map(|nerve| nerve.shape);
        let contrast = MeanSd::of(nerves.iter().map(|nerve| nerve.inside - nerve.around))?;
        Some(Self {
            area_px: Range::of(shapes().map(|shape| shape.area_px))?,
            centroid: [
                MeanSd::of(shapes().map(|shape| shape.centroid[0]))?,
                MeanSd::of(shapes().map(|shape| shape.centroid[1]))?,
            ],
            axis_ratio: Range::of(shapes().map(|shape| shape.axis_ratio))?.median,
            angle_deg: axial_mean(shapes().map(|shape| shape.angle_deg)),
            solidity: Range::of(shapes().map(|shape| shape.solidity))?.median,
            one_component: mean(shapes().map(|shape| f64::from(u8::from(shape.components == 1))))?,
            inside: mean(nerves.iter().map(|nerve| nerve.inside))?,
            around: mean(nerves.iter().map(|nerve| nerve.around))?,
            contrast_sd: contrast.sd,
        })
    }
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    MeanSd::of(values).map(|values| values.mean)
}

/// Mean of directions without a sense: angles are doubled, averaged on the circle, and halved.
fn axial_mean(angles_deg: impl Iterator<Item = f64>) -> f64 {
    let (sin, cos) = angles_deg.fold((0.0, 0.0), |(sin, cos), angle| {
        let doubled = (2.0 * angle).to_radians();
        (sin + doubled.sin(), cos + doubled.cos())
    });
    0.5 * sin.atan2(cos).to_degrees()
}

fn depth_bands(frames: &[FrameStats]) -> Option<[f64; DEPTH_BANDS]> {
    if frames.is_empty() {
        return None;
    }
    Some(std::array::from_fn(|band| {
        frames
            .iter()
            .map(|frame| frame.depth_bands[band])
            .sum::<f64>()
            / frames.len() as f64
    }))
}

fn positive_fraction(frames: &[FrameStats]) -> Option<Range> {
    let mut subjects = BTreeMap::<u32, (f64, f64)>::new();
    for frame in frames {
        if let Some(subject_id) = frame.case_id.subject_id {
            let (positive, all) = subjects.entry(subject_id).or_default();
            *positive += f64::from(u8::from(frame.nerve.is_some()));
            *all += 1.0;
        }
    }
    Range::of(subjects.into_values().map(|(positive, all)| positive / all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposite_ends_of_the_angle_range_are_close() {
        let mean = axial_mean([88.0, -86.0].into_iter());

        assert!((mean + 89.0).abs() < 1e-9, "{mean}");
    }

    #[test]
    fn median_of_an_even_number_lies_between() {
        let range = Range::of([4.0, 1.0, 3.0, 2.0].into_iter());

        assert_eq!(
            range,
            Some(Range {
                min: 1.0,
                median: 2.5,
                max: 4.0
            })
        );
    }

    #[test]
    fn empty_set_has_no_statistics() {
        let stats = DatasetStats::from_frames([]);

        assert_eq!(stats.frames, 0);
        assert_eq!(stats.brightness, None);
        assert_eq!(stats.nerves, None);
    }
}
