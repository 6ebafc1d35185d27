//! Which devices a build has.

use nerveseg_model::{DeviceSpec, Segmenter, available_devices};

use crate::util::{bytes, toy};

/// The devices of Burn, and whether they are in this build.
const BACKENDS: [(&str, bool); 3] = [
    ("flex", cfg!(feature = "flex")),
    ("ndarray", cfg!(feature = "ndarray")),
    ("wgpu", cfg!(feature = "wgpu")),
];

fn segmenter(device: &str) -> Result<Segmenter, String> {
    let device: DeviceSpec = device.parse().unwrap();
    Segmenter::from_bytes(&bytes(&toy()), "toy", device).map_err(|error| error.to_string())
}

#[test]
fn the_cpu_is_in_every_build() {
    assert_eq!(available_devices()[0].device, "cpu");
    assert!(segmenter("cpu").unwrap().device_name().starts_with("cpu ("));
    assert!(segmenter("auto").is_ok());
}

#[test]
fn a_device_that_is_not_in_the_build_names_its_feature() {
    for (device, _) in BACKENDS.into_iter().filter(|(_, compiled)| !compiled) {
        let expected = format!("device `{device}` needs a build with the cargo feature `{device}`");
        assert_eq!(segmenter(device).unwrap_err(), expected);
        assert!(available_devices().iter().all(|info| info.device != device));
    }
}
