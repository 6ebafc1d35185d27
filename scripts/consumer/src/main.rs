//! What another Rust project sees: a frame in, a mask out.

use nerveseg_model::{DeviceSpec, Segmenter, read_image};

/// A frame to look at.
const FRAME: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../assets/samples/phantom-nerve.png"
);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let usage = "usage: nerveseg-consumer MODEL.safetensors";
    let model = std::env::args().nth(1).ok_or(usage)?;

    let segmenter = Segmenter::from_file(model, DeviceSpec::Cpu)?;
    let frame = read_image(FRAME)?;
    let segmentation = segmenter.segment(&frame)?;

    assert_eq!(segmentation.mask_image().dimensions(), frame.dimensions());
    let (area, presence) = (segmentation.area_px, segmentation.presence);
    println!(
        "{area} of {} pixels, presence {presence:.3}",
        segmentation.mask.len()
    );
    Ok(())
}
