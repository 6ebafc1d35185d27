//! The network as a module of Burn, and the file that it is saved to.

use burn::tensor::Device;
use nerveseg_model::{DeviceSpec, Segmenter, artifact, weights};

use crate::util::{lively_tensors, manifest, picture, toy};

#[test]
fn the_saved_network_says_what_the_network_in_memory_says() {
    let device = Device::flex();
    let unet = weights::apply(toy().init(0, &device).unwrap(), lively_tensors(&toy())).unwrap();
    let flex = DeviceSpec::Flex.open().unwrap();
    let tensors = weights::collect(&unet);
    let in_memory = Segmenter::from_parts(unet, manifest(&toy()), flex).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("toy.safetensors");
    artifact::save(&path, &tensors, in_memory.manifest()).unwrap();

    let loaded = Segmenter::from_file(&path, DeviceSpec::Flex).unwrap();

    let [a, b] = [&in_memory, &loaded].map(|s| s.segment(&picture(61, 37)).unwrap());
    assert_eq!(a.probabilities, b.probabilities);
    assert_eq!((a.mask, a.presence), (b.mask, b.presence));
    assert_eq!(loaded.parameter_counts(), in_memory.parameter_counts());
}
