//! One step of training: who learns, how far, and on which device.

use std::io::Write as _;

use burn::module::Module as _;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::Device;
use nerveseg_model::weights::{self, NamedTensors};
use nerveseg_model::{DeviceSpec, UNet, to_host};
use nerveseg_train::TrainConfig;
use nerveseg_train::step::{Batch, NamedAdam, total_loss, validate};

use crate::util::{config, data, samples};

fn batch(config: &TrainConfig) -> Batch {
    Batch::plain(&samples(&data(), config)[..6], &config.preprocess)
}

/// Loss of one batch and its gradients.
fn gradients(
    unet: &UNet,
    batch: &Batch,
    config: &TrainConfig,
    device: &Device,
) -> (f32, GradientsParams) {
    let batch = batch.to_device(device);
    let output = unet.forward(batch.images);
    let loss = total_loss(
        &output,
        batch.targets,
        batch.present,
        batch.weight,
        &config.loss,
    );
    let gradients = GradientsParams::from_grads(loss.backward(), unet);
    (to_host(loss.inner()).unwrap()[0], gradients)
}

fn flex() -> Device {
    Device::flex().autodiff()
}

/// Steps with our optimiser.
fn advance(mut unet: UNet, adam: &mut NamedAdam, batch: &Batch, steps: usize) -> UNet {
    for _ in 0..steps {
        let (_, gradients) = gradients(&unet, batch, &config(), &flex());
        unet = adam.step(3e-3, 0.0, unet, gradients);
    }
    unet
}

/// Names of the tensors that are equal in both.
fn unchanged(before: &NamedTensors, after: &NamedTensors) -> Vec<String> {
    let same = before.iter().filter(|(name, data)| after[*name] == **data);
    same.map(|(name, _)| name.clone()).collect()
}

#[test]
fn one_step_moves_every_weight_and_every_running_statistic() {
    let config = config();
    let unet = config.unet.init(1, &flex()).unwrap();
    let before = weights::collect(&unet);

    let unet = advance(unet, &mut NamedAdam::new(1e-7), &batch(&config), 1);

    // batch normalisation takes the bias before it away: it has no gradient
    let mut still = unchanged(&before, &weights::collect(&unet));
    still.retain(|name| !name.ends_with("conv1.bias") && !name.ends_with("conv2.bias"));
    assert_eq!(still, [""; 0]);
}

/// Normalisation takes the mean away, so a bias before it has no effect; all others have one.
#[test]
fn gradients_reach_every_tensor_that_can_learn() {
    let config = config();
    let unet = config.unet.init(1, &flex()).unwrap();
    let before = weights::collect(&unet);

    // an epsilon far above rounding keeps still what has no gradient but rounding
    let unet = advance(unet, &mut NamedAdam::new(1.0), &batch(&config), 1);

    let after = weights::collect(&unet);
    for (name, data) in before
        .iter()
        .filter(|(name, _)| !weights::is_statistic(name))
    {
        let values = data.values();
        let moved = after[name].values();
        let largest = values
            .iter()
            .zip(moved)
            .fold(0.0_f32, |l, (a, b)| l.max((a - b).abs()));
        let cancelled = name.ends_with("conv1.bias") || name.ends_with("conv2.bias");
        assert_eq!(largest > 1e-8, !cancelled, "`{name}` moved by {largest:e}");
    }
}

#[test]
fn validation_changes_nothing() {
    let config = config();
    let data = data();
    let samples = samples(&data, &config);
    let batch = Batch::plain(&samples[..6], &config.preprocess);
    let unet = advance(
        config.unet.init(1, &flex()).unwrap(),
        &mut NamedAdam::new(1e-7),
        &batch,
        1,
    );
    let before = weights::collect(&unet);

    let first = validate(&unet.valid(), &samples, &config, &Device::flex()).unwrap();
    let second = validate(&unet.valid(), &samples, &config, &Device::flex()).unwrap();

    assert_eq!(weights::collect(&unet), before);
    assert_eq!(first, second);
    assert_eq!(first.cases(), samples.len());
}

#[test]
fn our_adam_is_burns_adam() {
    let config = config();
    let batch = batch(&config);
    let mut theirs = config.unet.init(1, &flex()).unwrap();
    let mut optimiser: ModuleOptimizer = AdamConfig::new().with_epsilon(1e-7).init();
    for _ in 0..5 {
        let (_, gradients) = gradients(&theirs, &batch, &config, &flex());
        theirs = optimiser.step(3e-3, theirs, gradients);
    }

    let ours = config.unet.init(1, &flex()).unwrap();
    let ours = advance(ours, &mut NamedAdam::new(1e-7), &batch, 5);

    // one pass instead of ten operations: the same up to rounding, which five steps carry on
    let (ours, theirs) = (weights::collect(&ours), weights::collect(&theirs));
    for (name, expected) in &theirs {
        let pairs = ours[name].values().iter().zip(expected.values());
        let furthest = pairs.fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
        assert!(furthest < 1e-4, "{name}: {furthest}");
    }
}

#[test]
fn a_restored_adam_goes_on_bit_for_bit() {
    let config = config();
    let batch = batch(&config);
    let mut adam = NamedAdam::new(1e-7);
    let unet = advance(config.unet.init(1, &flex()).unwrap(), &mut adam, &batch, 3);
    let (mut moments, saved) = (adam.collect(), weights::collect(&unet));
    let kept = moments.clone();

    let mut restored = NamedAdam::new(1e-7);
    restored
        .restore(&mut moments, adam.steps(), &flex())
        .unwrap();
    let copy = weights::apply(config.unet.init(2, &flex()).unwrap(), saved).unwrap();

    assert!(moments.is_empty());
    assert_eq!(restored.collect(), kept);
    let [on, again] = [(unet, adam), (copy, restored)]
        .map(|(unet, mut adam)| weights::collect(&advance(unet, &mut adam, &batch, 2)));
    assert_eq!(on, again);
}

#[test]
fn half_an_optimiser_is_not_restored() {
    let mut adam = NamedAdam::new(1e-7);
    advance(
        config().unet.init(1, &flex()).unwrap(),
        &mut adam,
        &batch(&config()),
        1,
    );
    let mut moments = adam.collect();
    moments.remove("adam.v.head.bias").unwrap();

    let error = adam.restore(&mut moments, 1, &flex()).unwrap_err();

    assert_eq!(error, "tensor `adam.v.head.bias` is missing");
}

/// Loss of the first step on a device, and of the step after it.
///
/// The network is as small as can be: a software driver tunes every kernel for every shape.
fn losses(device: DeviceSpec) -> [f32; 2] {
    let mut config = config();
    config.unet.features = vec![4, 4];
    (config.preprocess.height, config.preprocess.width) = (16, 20);
    let batch = Batch::plain(&samples(&data(), &config)[..2], &config.preprocess);
    let device = device.open().unwrap().device.autodiff();
    let unet = config.unet.init(1, &device).unwrap();
    let (first, found) = gradients(&unet, &batch, &config, &device);
    let unet = NamedAdam::new(config.adam_epsilon).step(config.learning_rate, 0.0, unet, found);
    let (second, _) = gradients(&unet, &batch, &config, &device);
    [first, second]
}

/// The first loss tests the forward pass, the second one the gradients and Adam as well.
fn agrees(device: DeviceSpec) {
    let (flex, other) = (losses(DeviceSpec::Flex), losses(device));
    for (flex, other) in flex.into_iter().zip(other) {
        let relative = (flex - other).abs() / flex;
        assert!(relative < 1e-3, "{flex} on flex, {other} on {device}");
    }
}

#[test]
fn ndarray_takes_the_same_first_step_as_flex() {
    match DeviceSpec::Ndarray.open() {
        Ok(_) => agrees(DeviceSpec::Ndarray),
        Err(error) => writeln!(std::io::stderr(), "SKIPPED: {error}").unwrap(),
    }
}

#[test]
fn wgpu_takes_the_same_first_step_as_flex() {
    match DeviceSpec::Wgpu(None).open() {
        Ok(_) => agrees(DeviceSpec::Wgpu(None)),
        Err(error) => writeln!(std::io::stderr(), "SKIPPED: {error}").unwrap(),
    }
}
