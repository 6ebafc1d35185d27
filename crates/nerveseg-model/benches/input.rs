//! From a file to the network's input: `cargo bench -p nerveseg-model`.

use divan::Bencher;
use image::{GrayImage, Luma};
use nerveseg_model::{Fit, Normalisation, Preprocess, read_image};

fn main() {
    divan::main();
}

/// A frame of 580×420 that does not compress well, as speckle does not.
fn frame() -> GrayImage {
    let mut state = 1_u32;
    GrayImage::from_fn(580, 420, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Luma([(state >> 24) as u8])
    })
}

#[divan::bench(args = ["tif", "png", "jpg"])]
fn decode(bencher: Bencher<'_, '_>, extension: &str) {
    let folder = tempfile::tempdir().expect("a folder for one file");
    let path = folder.path().join("frame").with_extension(extension);
    frame().save(&path).expect("the folder is ours");
    bencher.bench(|| read_image(&path).expect("it was just written"));
}

#[divan::bench(args = [128, 192])]
fn resize(bencher: Bencher<'_, '_>, side: usize) {
    let preprocess = Preprocess {
        height: side,
        width: side,
        fit: Fit::Stretch,
        normalisation: Normalisation::PerImage,
    };
    let frame = frame();
    bencher.bench(|| preprocess.image(&frame).expect("the frame has pixels"));
}
