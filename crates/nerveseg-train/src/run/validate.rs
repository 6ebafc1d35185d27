//! Scores of the network on the validation part, at the network's size.

use burn::tensor::Device;
use nerveseg_model::{RawPrediction, UNet, to_host};

use super::tally::Tally;
use crate::batch::Batch;
use crate::config::TrainConfig;
use crate::error::Result;
use crate::loss::total_loss;
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
            let size = raw.probabilities.dim().into();
            let found = config.postprocess.apply(raw, size);
            let truth = sample.target.iter().map(|&t| t >= 128);
            tally.add_case(found.mask.into_iter(), truth);
        }
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use nerveseg_model::{Fit, Normalisation, Postprocess, Preprocess};

    use super::*;

    /// A striped frame whose left half is the nerve.
    fn sample() -> Sample {
        Sample {
            case_id: "1_1".parse().unwrap(),
            image: Array2::from_shape_fn((16, 24), |(r, c)| ((r * 37 + c * 11) % 251) as u8),
            target: Array2::from_shape_fn((16, 24), |(_, c)| if c < 12 { 255 } else { 0 }),
            present: true,
        }
    }

    fn pixel_accuracy(temperature: f32) -> f64 {
        let config = TrainConfig {
            preprocess: Preprocess {
                height: 16,
                width: 24,
                fit: Fit::Stretch,
                normalisation: Normalisation::PerImage,
            },
            postprocess: Postprocess {
                temperature,
                threshold: 0.45,
                ..Postprocess::default()
            },
            ..TrainConfig::small()
        };
        let device = Device::flex();
        let unet = config.unet.init(1, &device).unwrap();
        let tally = validate(&unet, &[sample()], &config, &device).unwrap();
        tally.pixel_accuracy()
    }

    #[test]
    fn the_temperature_of_the_configuration_counts() {
        // so soft that every pixel comes out at a half: the mask is the whole frame
        let soft = pixel_accuracy(100.0);

        assert!((soft - 0.5).abs() < 1e-9, "{soft}");
        assert!((pixel_accuracy(1.0) - 0.5).abs() > 1e-3);
    }
}
