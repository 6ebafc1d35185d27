//! Scores of the network on the validation part, at the network's size.

use burn::tensor::Device;
use burn::tensor::activation::sigmoid;
use ndarray::ArrayView2;
use nerveseg_model::{UNet, to_host};

use crate::Result;
use crate::batch::Batch;
use crate::config::TrainConfig;
use crate::loss::total_loss;
use crate::record::Tally;
use crate::sample::Sample;

/// Runs `unet` (not in training) over `samples` with the post-processing of `config`.
///
/// # Errors
///
/// Fails if the device fails.
pub fn validate(
    unet: &UNet,
    samples: &[Sample],
    config: &TrainConfig,
    device: &Device,
) -> Result<Tally> {
    let (height, width) = (config.preprocess.height, config.preprocess.width);
    let size = height * width;
    let mut tally = Tally::default();
    for chunk in samples.chunks(config.batch_size) {
        let batch = Batch::plain(chunk, &config.preprocess).to_device(device);
        let output = unet.forward(batch.images);
        let loss = total_loss(&output, batch.targets, batch.present, &config.loss);
        tally.add_loss(loss.into_scalar::<f32>().into(), chunk.len());
        let maps = to_host(sigmoid(output.logits))?;
        let presence = match output.presence_logits {
            Some(logits) => to_host(sigmoid(logits))?,
            None => vec![1.0; chunk.len()],
        };
        for ((map, presence), sample) in maps.chunks(size).zip(presence).zip(chunk) {
            let map = ArrayView2::from_shape((height, width), map).expect("one value a pixel");
            let mask = config.postprocess.mask(map, presence);
            let truth = sample.target.iter().map(|&t| t >= 128);
            tally.add_case(mask.into_iter(), truth);
        }
    }
    Ok(tally)
}
