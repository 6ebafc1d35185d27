//! From grey values to a mask.

use std::path::Path;

use image::GrayImage;

use crate::{DataError, Mask, Result};

/// Turns 0 and 255 into `false` and `true`.
pub(super) fn from_gray(image: &GrayImage, path: &Path) -> Result<Mask> {
    let (width, height) = image.dimensions();
    let is_odd = |value: u8| value != 0 && value != u8::MAX;
    let pixels = image.as_raw();
    let count = pixels.iter().filter(|&&value| is_odd(value)).count();
    if let Some(first) = pixels.iter().position(|&value| is_odd(value)) {
        return Err(DataError::MaskNotBinary {
            path: path.to_owned(),
            value: pixels[first],
            row: first as u32 / width,
            column: first as u32 % width,
            count,
        });
    }
    let values = pixels.iter().map(|&value| value != 0).collect();
    Ok(
        Mask::from_shape_vec((height as usize, width as usize), values)
            .expect("a grey image has one byte per pixel"),
    )
}
