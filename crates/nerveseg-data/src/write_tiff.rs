//! Images as the UNS set has them: LZW TIFF.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

use image::GrayImage;
use tiff::TiffError;
use tiff::encoder::{Compression, TiffEncoder, colortype};

use crate::{DataError, Result};

/// Writes an 8-bit grey image as an LZW TIFF.
///
/// # Errors
///
/// [`DataError::WriteFile`] if the file cannot be written.
pub fn write_gray_tiff(path: impl AsRef<Path>, image: &GrayImage) -> Result<()> {
    let path = path.as_ref();
    let write = || {
        let mut writer = BufWriter::new(File::create(path)?);
        encode_gray_tiff(&mut writer, image)?;
        writer.flush()
    };
    write().map_err(|source| DataError::WriteFile {
        path: path.to_owned(),
        source,
    })
}

fn encode_gray_tiff(writer: impl Write + Seek, image: &GrayImage) -> io::Result<()> {
    let encode = || {
        TiffEncoder::new(writer)?
            .with_compression(Compression::Lzw)
            .write_image::<colortype::Gray8>(image.width(), image.height(), image.as_raw())
    };
    encode().map_err(|error| match error {
        TiffError::IoError(error) => error,
        other => io::Error::other(other),
    })
}
