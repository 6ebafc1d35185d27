//! NIfTI-1: slices of a volume. The first index runs along a row, the second down, the third over
//! slices; where these point in the body is not asked.

use std::path::Path;

use image::{GrayImage, Luma};
use ndarray::{Array2, ArrayView2};
use nifti::{
    DataElement, InMemNiftiVolume, NiftiHeader, NiftiObject as _, NiftiType, NiftiVolume as _,
    ReaderOptions,
};

use crate::{ImportError, Result};

/// Most voxels that are read.
const LARGEST: usize = 1 << 28;

/// What people should know of grey values.
pub(crate) const NOTE: &str = "NIfTI values are taken as they are where all of a volume are whole numbers of \
                               0 to 255; else its darkest and brightest are spread over these";

/// `[columns, rows, slices]` of a file.
pub(crate) fn size_of(path: &Path) -> Result<[usize; 3]> {
    Ok(header(path)?.1)
}

fn header(path: &Path) -> Result<(NiftiHeader, [usize; 3])> {
    let refuse = |reason: String| ImportError::malformed(path, reason);
    let header = NiftiHeader::from_file(path).map_err(|error| refuse(error.to_string()))?;
    let size = size(&header).map_err(refuse)?;
    Ok((header, size))
}

/// A volume in memory.
#[derive(Debug)]
pub(crate) struct Volume {
    /// `[columns, rows, slices]`.
    size: [usize; 3],
    /// Along rows first, then down, then over slices.
    voxels: Vec<f32>,
    /// Darkest and brightest voxel.
    range: [f32; 2],
}

impl Volume {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let refuse = |reason: String| ImportError::malformed(path, reason);
        let fail = |error: nifti::NiftiError| refuse(error.to_string());
        // before anything as large as it says is taken
        let (header, size) = header(path)?;
        let volume = ReaderOptions::new().read_file(path).map_err(fail)?;
        let voxels = voxels(volume.into_volume(), &header).map_err(refuse)?;
        if voxels.len() != size.iter().product::<usize>() {
            let reason = format!("has {} voxels, but says {size:?}", voxels.len());
            return Err(refuse(reason));
        }
        if let Some(odd) = voxels.iter().find(|it| !it.is_finite()) {
            return Err(refuse(format!("holds the value {odd}")));
        }
        let range = voxels
            .iter()
            .fold([f32::MAX, f32::MIN], |[low, high], &it| {
                [low.min(it), high.max(it)]
            });
        Ok(Self {
            size,
            voxels,
            range,
        })
    }

    /// Shape: `[rows, columns]`.
    fn slice(&self, slice: usize) -> ArrayView2<'_, f32> {
        let [columns, rows, _] = self.size;
        let first = slice * columns * rows;
        let voxels = &self.voxels[first..first + columns * rows];
        ArrayView2::from_shape((rows, columns), voxels).expect("one voxel a pixel")
    }

    /// Whether the values are 8-bit grey already: whole numbers from 0 to 255.
    fn is_grey(&self) -> bool {
        self.range[0] >= 0.0
            && self.range[1] <= 255.0
            && self.voxels.iter().all(|it| it.fract() == 0.0)
    }

    /// A slice as 8-bit grey: as it is, or with what is darkest and brightest in the volume spread
    /// over 0 to 255.
    pub(crate) fn grey(&self, slice: usize) -> GrayImage {
        let is_grey = self.is_grey();
        let [low, high] = self.range.map(f64::from);
        let scale = |value: f64| match is_grey {
            true => value,
            false => (value - low) / (high - low).max(f64::MIN_POSITIVE) * 255.0,
        };
        let slice = self.slice(slice);
        let (rows, columns) = slice.dim();
        GrayImage::from_fn(columns as u32, rows as u32, |x, y| {
            let value = slice[[y as usize, x as usize]];
            Luma([scale(value.into()).round() as u8])
        })
    }

    /// A slice as labels. Shape: `[rows, columns]`.
    pub(crate) fn labels(&self, slice: usize) -> Result<Array2<u16>, String> {
        let slice = self.slice(slice);
        let is_odd = |it: &&f32| it.fract() != 0.0 || **it < 0.0 || **it > f32::from(u16::MAX);
        match slice.iter().find(is_odd) {
            Some(odd) => Err(format!("holds {odd}, expected whole numbers as labels")),
            None => Ok(slice.mapv(|it| it as u16)),
        }
    }
}

/// `[columns, rows, slices]`, if the volume is not too large.
fn size(header: &NiftiHeader) -> Result<[usize; 3], String> {
    let dim = header.dim().map_err(|error| error.to_string())?;
    let sides: Vec<usize> = dim.iter().map(|&side| usize::from(side)).collect();
    if sides.len() < 2 || sides.iter().skip(3).any(|&side| side > 1) {
        return Err(format!(
            "has {sides:?} voxels, expected two or three dimensions"
        ));
    }
    let [columns, rows] = [sides[0], sides[1]];
    let slices = sides.get(2).copied().unwrap_or(1);
    let voxels = columns
        .checked_mul(rows)
        .and_then(|it| it.checked_mul(slices));
    match voxels {
        Some(1..=LARGEST) => Ok([columns, rows, slices]),
        _ => Err(format!(
            "has {sides:?} voxels, expected 1 to {LARGEST} in all"
        )),
    }
}

/// The values in the order of the file.
fn voxels(volume: InMemNiftiVolume, header: &NiftiHeader) -> Result<Vec<f32>, String> {
    fn values<T: DataElement>(
        volume: InMemNiftiVolume,
        scale: impl Fn(T) -> f64,
    ) -> Result<Vec<f32>, String> {
        let values = volume.into_nifti_typed_data::<T>();
        let values = values.map_err(|error| error.to_string())?;
        Ok(values.into_iter().map(|it| scale(it) as f32).collect())
    }
    // 0 is the standard's word for "as it is", and nibabel writes that it is no number
    let slope = f64::from(header.scl_slope);
    let (slope, intercept) = match slope.is_finite() && slope != 0.0 {
        true => (slope, f64::from(header.scl_inter)),
        false => (1.0, 0.0),
    };
    let scale = |value| value * slope + intercept;
    match volume.data_type() {
        NiftiType::Uint8 => values(volume, |it: u8| scale(it.into())),
        NiftiType::Int8 => values(volume, |it: i8| scale(it.into())),
        NiftiType::Uint16 => values(volume, |it: u16| scale(it.into())),
        NiftiType::Int16 => values(volume, |it: i16| scale(it.into())),
        NiftiType::Uint32 => values(volume, |it: u32| scale(it.into())),
        NiftiType::Int32 => values(volume, |it: i32| scale(it.into())),
        NiftiType::Float32 => values(volume, |it: f32| scale(it.into())),
        NiftiType::Float64 => values(volume, |it: f64| scale(it)),
        NiftiType::Int64 => values(volume, |it: i64| scale(it as f64)),
        NiftiType::Uint64 => values(volume, |it: u64| scale(it as f64)),
        other => Err(format!(
            "holds values of the type {other:?}, expected whole numbers or floats of 32 or 64 bits"
        )),
    }
}
