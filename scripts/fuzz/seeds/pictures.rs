//! Pictures and masks.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma};
use tiff::encoder::colortype::{ColorType, Gray8, Gray16, RGB8};
use tiff::encoder::{Compression, TiffEncoder, TiffValue};

const WIDTH: u32 = 19;
const HEIGHT: u32 = 13;

pub(crate) fn all() -> Vec<Vec<u8>> {
    let grey = DynamicImage::ImageLuma8(frame(|x, y| (7 * x + 5 * y) as u8));
    let kinds = [
        grey.to_rgb8().into(),
        grey.to_rgba8().into(),
        grey.to_luma16().into(),
        grey.clone(),
    ];
    let mut files = vec![palette_png()];
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Bmp] {
        files.extend(kinds.iter().filter_map(|kind| encode(kind, format)));
    }
    files.extend(tiffs().into_iter().take(2));
    files
}

pub(crate) fn masks() -> Vec<Vec<u8>> {
    let mask = |inside: u8| {
        let mask = frame(|x, y| inside * u8::from(x > 3 && y > 4));
        DynamicImage::ImageLuma8(mask)
    };
    let (usual, one) = (mask(255), mask(1));
    let masks = [&usual, &one, &usual.to_rgba8().into()];
    let formats = [ImageFormat::Png, ImageFormat::Tiff];
    let files = formats
        .into_iter()
        .flat_map(|format| masks.map(|it| encode(it, format)));
    files.flatten().chain([palette_png()]).collect()
}

pub(crate) fn tiffs() -> Vec<Vec<u8>> {
    let grey: Vec<u8> = (0..WIDTH * HEIGHT).map(|at| at as u8).collect();
    let deep: Vec<u16> = (0..WIDTH * HEIGHT).map(|at| at as u16 * 16).collect();
    let colours: Vec<u8> = (0..WIDTH * HEIGHT * 3).map(|at| at as u8).collect();
    let compressions = [
        Compression::Uncompressed,
        Compression::Packbits,
        Compression::Lzw,
        Compression::Deflate(tiff::encoder::DeflateLevel::Fast),
    ];
    let each = compressions.into_iter().flat_map(|compression| {
        [
            tiff::<Gray8>(&grey, compression, 1),
            tiff::<Gray16>(&deep, compression, 1),
            tiff::<RGB8>(&colours, compression, 1),
        ]
    });
    each.chain([tiff::<Gray8>(&grey, Compression::Uncompressed, 2)])
        .collect()
}

fn tiff<C: ColorType>(samples: &[C::Inner], compression: Compression, pages: usize) -> Vec<u8>
where
    [C::Inner]: TiffValue,
{
    let mut file = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file)
        .expect("memory takes every byte")
        .with_compression(compression);
    for _ in 0..pages {
        let written = encoder.write_image::<C>(WIDTH, HEIGHT, samples);
        written.expect("memory takes every byte");
    }
    file.into_inner()
}

fn frame(grey: impl Fn(u32, u32) -> u8) -> GrayImage {
    GrayImage::from_fn(WIDTH, HEIGHT, |x, y| Luma([grey(x, y)]))
}

/// `None` where the format has no such pixels.
fn encode(image: &DynamicImage, format: ImageFormat) -> Option<Vec<u8>> {
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, format).ok()?;
    Some(file.into_inner())
}

/// Two colours, one bit a pixel: nobody's encoder here writes it.
fn palette_png() -> Vec<u8> {
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let length = (content.len() as u32).to_be_bytes();
        // the fuzzer's decoder does not look at checksums
        [&length[..], name, content, &[0; 4]].concat()
    };
    // deflate, stored: 2 rows of filter and pixels
    let pixels = [0x78, 1, 1, 4, 0, 0xfb, 0xff, 0, 0xa0, 0, 0x50, 0, 0, 0, 0];
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(chunk(b"IHDR", &[0, 0, 0, 4, 0, 0, 0, 2, 1, 3, 0, 0, 0]));
    file.extend(chunk(b"PLTE", &[0, 0, 0, 255, 255, 255]));
    file.extend(chunk(b"IDAT", &pixels));
    file.extend(chunk(b"IEND", &[]));
    file
}
