//! Scores of the network on the validation part, at the network's size.

use burn::tensor::Device;
use nerveseg_model::{RawPrediction, UNet, to_host};

use crate::config::TrainConfig;
use crate::data::batch::Batch;
use crate::data::sample::Sample;
use crate::error::Result;
use crate::loss::total_loss;
use crate::run::record::Tally;

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
    let mut tally = Tally::default();
    for chunk in samples.chunks(config.batch_size) {
        let batch = Batch::plain(chunk, &config.preprocess).to_device(device);
        let output = unet.forward(batch.images);
        let loss = total_loss(
            &output,
            batch.targets,
            batch.present,
            batch.weight,
            &config.loss,
        );
        tally.add_loss(to_host(loss)?[0].into(), chunk.len());
        for (raw, sample) in RawPrediction::of_batch(output)?.iter().zip(chunk) {
            let presence = config.postprocess.presence(raw.evidence);
            let mask = config.postprocess.mask(raw.probabilities.view(), presence);
            let truth = sample.target.iter().map(|&t| t >= 128);
            tally.add_case(mask.into_iter(), truth);
        }
    }
    Ok(tally)
}
