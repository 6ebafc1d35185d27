//! nnU-Net with `NIfTI`.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use image::{GrayImage, Luma};
use nerveseg_import::{ImportOptions, Imported};

use crate::util::{Bench, HEIGHT, WIDTH, drawn, empty, inside};

/// Numbers of the standard for types of values.
const UINT8: i16 = 2;
const INT16: i16 = 4;
const FLOAT32: i16 = 16;

/// A little-endian NIfTI-1 file: `size` is that of the indices, the first of which runs fastest.
fn nifti(size: &[i16], kind: i16, slope: f32, bytes: &[u8]) -> Vec<u8> {
    let mut header = vec![0; 352];
    let mut put = |at: usize, value: &[u8]| header[at..at + value.len()].copy_from_slice(value);
    let short = |value: i16| value.to_le_bytes();
    put(0, &348_i32.to_le_bytes());
    put(40, &short(size.len() as i16));
    for (number, &side) in size.iter().enumerate() {
        put(42 + number * 2, &short(side));
    }
    put(70, &short(kind));
    put(
        72,
        &short(if kind == FLOAT32 {
            32
        } else {
            8 * kind.min(4) / 2
        }),
    );
    put(108, &352_f32.to_le_bytes());
    put(112, &slope.to_le_bytes());
    put(116, &(-3_f32).to_le_bytes());
    put(344, b"n+1\0");
    header.extend(bytes);
    header
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A value for each column, row and slice; columns run fastest.
fn voxels(slices: u32, value: impl Fn(u32, u32, u32) -> u8) -> Vec<u8> {
    let rows = (0..slices).flat_map(|z| (0..HEIGHT).map(move |y| (z, y)));
    let value = &value;
    rows.flat_map(|(z, y)| (0..WIDTH).map(move |x| value(x, y, z)))
        .collect()
}

fn gray(x: u32, y: u32, z: u32) -> u8 {
    (x * 7 + y * 5 + z * 11) as u8
}

fn size(slices: i16) -> [i16; 3] {
    [WIDTH as i16, HEIGHT as i16, slices]
}

/// A folder of one case.
fn case(ending: &str, image: &[u8], label: &[u8]) -> Bench {
    let bench = Bench::new();
    let text = format!(
        r#"{{"labels": {{"background": 0, "artery": 1, "nerve": 2}}, "file_ending": "{ending}"}}"#
    );
    bench.text("src/dataset.json", &text);
    for (name, bytes) in [
        (format!("src/imagesTr/p3_1_0000{ending}"), image),
        (format!("src/labelsTr/p3_1{ending}"), label),
    ] {
        std::fs::write(bench.path(&name), bytes).unwrap();
    }
    bench
}

fn import(bench: &Bench) -> Imported {
    bench.import(&ImportOptions::default()).unwrap()
}

fn picture(bench: &Bench, name: &str) -> GrayImage {
    image::open(bench.path(&format!("out/{name}")))
        .unwrap()
        .into_luma8()
}

#[test]
fn first_index_runs_along_rows_and_the_last_over_slices() {
    let nerve = |x, y, z| if z == 1 && inside(x, y) { 2 } else { 0 };
    let (image, label) = (voxels(2, gray), voxels(2, nerve));
    let file = |bytes: &[u8]| nifti(&size(2), UINT8, 0.0, bytes);
    for (ending, image, label) in [
        (".nii", file(&image), file(&label)),
        (".nii.gz", gzip(&file(&image)), gzip(&file(&label))),
    ] {
        let bench = case(ending, &image, &label);

        let done = import(&bench);

        assert_eq!(done.rows.len(), 2);
        let row = &done.rows[1];
        assert_eq!(row.source, format!("imagesTr/p3_1_0000{ending}#1"));
        assert_eq!((row.subject_name.as_str(), row.image), ("p3", 2));
        let expected = GrayImage::from_fn(WIDTH, HEIGHT, |x, y| Luma([gray(x, y, 1)]));
        assert_eq!(picture(&bench, "1_2.png"), expected);
        assert_eq!(bench.imported("1_1_mask.png"), empty());
        assert_eq!(bench.imported("1_2_mask.png"), drawn());
    }
}

#[test]
fn two_dimensions_are_one_slice() {
    let label = voxels(1, |x, y, _| u8::from(inside(x, y)) * 2);
    let file = |bytes: &[u8]| nifti(&size(1)[..2], UINT8, 0.0, bytes);
    let bench = case(".nii", &file(&voxels(1, gray)), &file(&label));

    let done = import(&bench);

    assert_eq!(done.rows[0].source, "imagesTr/p3_1_0000.nii");
    assert_eq!(bench.imported("1_1_mask.png"), drawn());
}

#[test]
fn values_that_are_no_grey_are_spread_and_slopes_are_heeded() {
    let label = nifti(&size(1), UINT8, f32::NAN, &voxels(1, |_, _, _| 2));
    let samples = voxels(1, gray);
    let float = |scale: f32| -> Vec<u8> {
        let values = samples.iter().map(|&it| f32::from(it) * scale);
        values.flat_map(f32::to_le_bytes).collect()
    };
    let short: Vec<u8> = samples
        .iter()
        .flat_map(|&it| (i16::from(it) * 16).to_le_bytes())
        .collect();
    let [low, high] =
        [samples.iter().min(), samples.iter().max()].map(|it| f32::from(*it.unwrap()));
    let spread = |it: u8| ((f32::from(it) - low) / (high - low) * 255.0).round() as u8;
    let plain = |it: u8| it;
    for (kind, slope, bytes, expected) in [
        // nibabel writes a slope that is no number where there is none
        (
            UINT8,
            f32::NAN,
            samples.clone(),
            &plain as &dyn Fn(u8) -> u8,
        ),
        (FLOAT32, f32::NAN, float(1.0), &plain),
        // from 0 to 1: not black
        (FLOAT32, 0.0, float(1.0 / 256.0), &spread),
        (INT16, 0.0, short, &spread),
        (UINT8, 2.0, samples.clone(), &spread),
    ] {
        let bench = case(".nii", &nifti(&size(1), kind, slope, &bytes), &label);

        let done = import(&bench);

        assert!(done.notes[0].contains("spread"), "{:?}", done.notes);
        let expected: Vec<u8> = samples.iter().map(|&it| expected(it)).collect();
        let found = picture(&bench, "1_1.png").into_raw();
        assert_eq!(found, expected, "{kind} {slope}");
    }
}

#[test]
fn what_is_no_set_of_slices_is_refused_with_the_file() {
    let image = nifti(&size(2), UINT8, 0.0, &voxels(2, gray));
    let label = nifti(&size(2), UINT8, 0.0, &voxels(2, |_, _, _| 0));
    let of = |size: &[i16], value: u8| nifti(size, UINT8, 0.0, &vec![value; 782]);
    let nan: Vec<u8> = [f32::NAN; 782]
        .into_iter()
        .flat_map(f32::to_le_bytes)
        .collect();
    for (image, label, words) in [
        (image.clone(), label[..label.len() - 1].to_vec(), "p3_1.nii"),
        (image[..300].to_vec(), label.clone(), "p3_1_0000.nii"),
        (image.clone(), of(&[17, 23, 2], 0), "but its mask is"),
        (image.clone(), of(&[23, 34], 0), "has 1 slices"),
        (image.clone(), of(&size(2), 7), "holds the label 7"),
        (
            image.clone(),
            nifti(&size(2), UINT8, 0.3, &[9; 782]),
            "whole numbers as labels",
        ),
        (
            of(&[23, 17, 1, 2], 0),
            label.clone(),
            "two or three dimensions",
        ),
        (of(&[32767, 32767, 32767], 0), label.clone(), "in all"),
        (nifti(&size(2), FLOAT32, 0.0, &nan), label.clone(), "NaN"),
        (
            nifti(&size(2), 128, 0.0, &voxels(2, gray)),
            label.clone(),
            "p3_1_0000.nii",
        ),
    ] {
        let text = case(".nii", &image, &label).fails(&ImportOptions::default());

        assert!(
            text.contains(words) && text.contains(".nii"),
            "{words}: {text}"
        );
    }
}
