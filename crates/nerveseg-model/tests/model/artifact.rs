//! What is saved comes back, and what is not ours is told apart.

use std::error::Error as _;

use nerveseg_model::artifact::{self, FORMAT_VERSION};
use nerveseg_model::weights::{HostTensor, NamedTensors};
use nerveseg_model::{ModelError, Segmenter, UNetConfig};

use crate::util::{DEVICE, UPSAMPLES, bytes, header_len, lively_tensors, manifest, picture, toy};

/// The toy artifact with its manifest's JSON changed.
fn with_manifest(change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let (tensors, metadata) = artifact::decode_tensors(&bytes(&toy()), "toy").unwrap();
    let mut json = serde_json::from_str(&metadata["nerveseg"]).unwrap();
    change(&mut json);
    artifact::encode_tensors(&tensors, [("nerveseg".to_owned(), json.to_string())])
}

/// What loading an artifact made of these tensors says; its checksum is right.
fn error_of(change: impl FnOnce(&mut NamedTensors)) -> String {
    let mut tensors = lively_tensors(&toy());
    change(&mut tensors);
    let bytes = artifact::encode(&tensors, &manifest(&toy()));
    Segmenter::from_bytes(&bytes, "toy", DEVICE)
        .unwrap_err()
        .to_string()
}

#[test]
fn tensors_and_manifest_come_back_bit_for_bit() {
    for upsample in UPSAMPLES {
        let config = UNetConfig { upsample, ..toy() };

        let (tensors, read) = artifact::decode(&bytes(&config), "toy").unwrap();

        assert_eq!(tensors, lively_tensors(&config));
        let sha256 = artifact::checksum(&tensors);
        assert_eq!(read.sha256, sha256);
        let mut expected = manifest(&config);
        expected.sha256 = sha256;
        assert_eq!(read, expected);
    }
}

#[test]
fn the_same_network_gives_the_same_bytes() {
    assert_eq!(bytes(&toy()), bytes(&toy()));
}

#[test]
fn a_file_cut_at_any_length_is_not_whole() {
    let whole = bytes(&toy());

    for length in 0..whole.len() {
        let error = artifact::decode(&whole[..length], "cut").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`cut` is not a whole safetensors file (truncated, or another format)",
            "{length} bytes"
        );
    }
}

#[test]
fn a_flipped_bit_in_any_value_is_found() {
    let whole = bytes(&toy());

    for position in header_len(&whole)..whole.len() {
        let mut bytes = whole.clone();
        bytes[position] ^= 1 << (position % 8);
        let error = artifact::decode(&bytes, "flipped").unwrap_err();
        assert!(
            matches!(error, ModelError::ChecksumMismatch { .. }),
            "byte {position}: {error}"
        );
    }
}

#[test]
fn a_corrupted_file_is_named_with_both_checksums() {
    let mut bytes = bytes(&toy());
    *bytes.last_mut().unwrap() ^= 1;

    let error = artifact::decode(&bytes, "rotten").unwrap_err().to_string();

    let expected = artifact::checksum(&lively_tensors(&toy()));
    assert!(error.starts_with("`rotten` is corrupted: its tensors hash to "));
    assert!(error.ends_with(&format!(", but the manifest says {expected}")));
}

#[test]
fn a_flipped_bit_in_the_header_never_changes_a_tensor() {
    let whole = bytes(&toy());
    let tensors = lively_tensors(&toy());

    for position in 0..header_len(&whole) {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[position] ^= 1 << bit;
            if let Ok((read, _)) = artifact::decode(&bytes, "flipped") {
                assert_eq!(read, tensors, "byte {position}");
            }
        }
    }
}

#[test]
fn a_picture_is_not_a_model() {
    let mut png = std::io::Cursor::new(Vec::new());
    picture(40, 30)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();

    let error = artifact::decode(png.get_ref(), "frame.png").unwrap_err();

    assert_eq!(
        error.to_string(),
        "`frame.png` is not a whole safetensors file (truncated, or another format)"
    );
}

#[test]
fn a_safetensors_file_of_another_program_is_foreign() {
    let foreign = artifact::encode_tensors(&lively_tensors(&toy()), []);

    let error = artifact::decode(&foreign, "other.safetensors").unwrap_err();

    assert_eq!(
        error.to_string(),
        "`other.safetensors` is a safetensors file without a nerveseg manifest; was it made by \
         `nerveseg train`?"
    );
}

#[test]
fn a_later_format_asks_for_an_update_whatever_else_it_holds() {
    let future = with_manifest(|json| {
        *json = serde_json::json!({"format_version": FORMAT_VERSION + 1, "transformer": true});
    });

    let error = artifact::decode(&future, "new").unwrap_err();

    assert_eq!(
        error.to_string(),
        "`new` has format version 2, but this program reads up to 1; please update nerveseg"
    );
}

#[test]
fn a_version_before_the_first_is_a_damaged_manifest() {
    let error = artifact::decode(
        &with_manifest(|json| json["format_version"] = 0.into()),
        "old",
    );

    let error = error.unwrap_err();
    assert_eq!(error.to_string(), "the manifest of `old` is damaged");
    assert_eq!(
        error.source().unwrap().to_string(),
        "`format_version` is 0, and the first one was 1"
    );
}

#[test]
fn a_damaged_manifest_names_the_field() {
    let bytes = with_manifest(|json| json["preprocess"]["height"] = "tall".into());

    let error = artifact::decode(&bytes, "bent").unwrap_err();

    assert_eq!(error.to_string(), "the manifest of `bent` is damaged");
    let source = error.source().unwrap().to_string();
    assert!(source.contains("invalid type: string \"tall\""), "{source}");
}

#[test]
fn a_tensor_of_another_shape_is_named() {
    let error = error_of(|tensors| {
        let data = HostTensor::full([3], 0.5);
        tensors.insert("encoder.0.conv1.bias".to_owned(), data);
    });

    assert_eq!(
        error,
        "`toy` does not fit its own manifest: tensor `encoder.0.conv1.bias` has shape [3], \
         expected [2]"
    );
}

#[test]
fn a_missing_tensor_is_named() {
    let error = error_of(|tensors| {
        tensors.remove("bottleneck.norm2.running_var").unwrap();
    });

    assert_eq!(
        error,
        "`toy` does not fit its own manifest: tensor `bottleneck.norm2.running_var` is missing"
    );
}

#[test]
fn a_tensor_too_many_is_named() {
    let error = error_of(|tensors| {
        let data = HostTensor::full([2], 0.5);
        tensors.insert("encoder.9.conv1.bias".to_owned(), data);
    });

    assert_eq!(
        error,
        "`toy` does not fit its own manifest: tensor `encoder.9.conv1.bias` is not part of the \
         network"
    );
}

#[test]
fn tensors_of_another_type_are_refused() {
    let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F64, vec![1], &[0; 8]);
    let double = safetensors::serialize([("x", view.unwrap())], None).unwrap();

    let error = artifact::decode(&double, "double").unwrap_err();

    assert_eq!(
        error.to_string(),
        "`double` does not fit its own manifest: tensor `x` is F64, expected F32"
    );
}

/// Eight levels of 4096 channels are 2.4 billion numbers: none may be allocated.
#[test]
fn a_manifest_of_a_giant_costs_nothing() {
    let giant = with_manifest(|json| json["unet"]["features"] = vec![4096; 8].into());
    let begin = std::time::Instant::now();

    let error = Segmenter::from_bytes(&giant, "giant", DEVICE).unwrap_err();

    assert_eq!(
        error.to_string(),
        "`giant` does not fit its own manifest: tensor `encoder.0.conv1.weight` has shape \
         [2, 1, 3, 3], expected [4096, 1, 3, 3]"
    );
    assert!(begin.elapsed().as_secs() < 2, "took {:?}", begin.elapsed());
}

#[test]
fn a_manifest_with_impossible_numbers_is_refused() {
    let bytes = with_manifest(|json| json["preprocess"]["width"] = 0.into());

    let error = Segmenter::from_bytes(&bytes, "flat", DEVICE).unwrap_err();

    assert_eq!(
        error.to_string(),
        "invalid model configuration: input is 24x0, expected 1 to 4096"
    );
}

#[test]
fn a_network_for_colour_is_refused() {
    let config = UNetConfig {
        in_channels: 3,
        ..toy()
    };

    let error = Segmenter::from_bytes(&bytes(&config), "rgb", DEVICE).unwrap_err();

    assert_eq!(
        error.to_string(),
        "invalid model configuration: `in_channels` is 3, but a grey image has 1"
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Segmenter::from_file("no/such/model.safetensors", DEVICE).unwrap_err();

    assert_eq!(
        error.to_string(),
        "cannot read model `no/such/model.safetensors`"
    );
    assert!(error.source().is_some());
}
