//! What another Rust project sees: a frame in, a mask out.

use nerveseg_data::phantom::{Phantom, PhantomConfig};
use nerveseg_model::{DeviceSpec, Segmenter};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let usage = "usage: nerveseg-consumer MODEL.safetensors";
    let model = std::env::args().nth(1).ok_or(usage)?;
    let frame = Phantom::new(PhantomConfig::default())?.case(1, 1).frame.pixels;

    let segmenter = Segmenter::from_file(model, DeviceSpec::Cpu)?;
    let segmentation = segmenter.segment(&frame)?;

    assert_eq!(segmentation.mask_image().dimensions(), frame.dimensions());
    let (area, presence) = (segmentation.area_px, segmentation.presence);
    println!(
        "{area} of {} pixels, presence {presence:.3}",
        segmentation.mask.len()
    );
    Ok(())
}
