//! DICOM from the command line: decoded by a child of the program, measured in millimetres.

use std::process::Stdio;

use image::imageops::crop_imm;
use image::{GrayImage, Luma};
use nerveseg_data::Reader;

use crate::util::{Bench, json, program, stderr};

const CLIP: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../assets/samples/phantom-clip.dcm"
);

/// The model in the program, with thresholds at which it sees a nerve in the clip.
const MODEL: &str = "--device cpu --presence-threshold 0 --threshold 0.1";

fn bench_with_clip() -> Bench {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("clips")).unwrap();
    std::fs::copy(CLIP, bench.path("clips/1_1.dcm")).unwrap();
    bench
}

#[test]
fn a_nerve_in_dicom_has_an_area_in_millimetres() {
    let bench = bench_with_clip();
    let frame = Reader::default().read(CLIP, 0).unwrap();

    let row = json(&bench.ok(&format!(
        "predict {MODEL} --out masks --frame 0 --json clips"
    )));

    let area_px = row["area_px"].as_u64().unwrap();
    assert!(area_px > 0, "{row}");
    let expected = area_px as f64 * frame.pixel_area_mm2().unwrap();
    assert!(
        (row["area_mm2"].as_f64().unwrap() - expected).abs() < 1e-9,
        "{row}"
    );
    assert_eq!(
        (&row["width"], &row["height"]),
        (&frame.pixels.width().into(), &frame.pixels.height().into())
    );
    let csv = bench.ok(&format!("predict {MODEL} --out rows --frame 0 clips"));
    assert!(csv.contains(&format!(",{area_px},{expected:.2},")), "{csv}");
}

#[test]
fn distances_on_dicom_are_in_millimetres() {
    const SHIFT: u32 = 4;
    let bench = bench_with_clip();
    let [_, column_mm] = Reader::default().read(CLIP, 0).unwrap().spacing_mm.unwrap();
    bench.ok(&format!("predict {MODEL} --out masks --frame 0 clips"));
    let found = image::open(bench.path("masks/1_1.dcm_frame-0000.nerve-mask.png"))
        .unwrap()
        .into_luma8();
    let (width, height) = found.dimensions();
    let mut truth = GrayImage::from_pixel(width, height, Luma([0]));
    let rest = crop_imm(&found, 0, 0, width - SHIFT, height).to_image();
    image::imageops::replace(&mut truth, &rest, i64::from(SHIFT), 0);
    truth.save(bench.path("clips/1_1_mask.png")).unwrap();

    bench.ok(&format!("evaluate {MODEL} --data clips --out evaluation"));

    let cases = std::fs::read_to_string(bench.path("evaluation/cases.jsonl")).unwrap();
    let case = json(cases.lines().next().unwrap());
    let distance = case["scores"]["hausdorff95"].as_f64().unwrap();
    assert_eq!(case["scores"]["unit"], "mm", "{case}");
    let most = f64::from(SHIFT) * column_mm;
    assert!(
        0.0 < distance && distance <= most * (1.0 + 1e-9),
        "{distance} of {most}"
    );
}

#[test]
fn a_region_of_tissue_can_be_chosen_and_must_be_there() {
    let bench = bench_with_clip();
    let call = |region, out: &str| {
        format!("predict {MODEL} --out {out} --frame 0 --region {region} --json clips")
    };

    let row = json(&bench.ok(&call(0, "first")));

    let frame = Reader::default().read(CLIP, 0).unwrap();
    assert_eq!(
        (&row["region"], &row["regions"]),
        (&0.into(), &frame.regions.into())
    );
    let missing = call(frame.regions, "second");
    let text = bench.fails(1, &missing);
    let expected = format!("region {} of `clips/1_1.dcm` was asked for", frame.regions);
    assert!(text.contains(&expected), "{text}");
}

#[test]
fn dicom_that_is_cut_off_is_named() {
    let bench = bench_with_clip();
    let whole = std::fs::read(CLIP).unwrap();
    std::fs::write(bench.path("clips/1_1.dcm"), &whole[..1000]).unwrap();

    let text = bench.fails(1, &format!("predict {MODEL} --out masks clips"));

    assert!(
        text.contains("cannot read DICOM `clips/1_1.dcm`: "),
        "{text}"
    );
}

#[test]
fn the_child_says_nothing_where_nothing_is_asked() {
    let mut child = program();
    child.arg("dicom-child").stdin(Stdio::null());

    let output = child.output().unwrap();

    assert_eq!(output.status.code(), Some(1));
    assert!(
        output.stdout.is_empty() && stderr(&output).is_empty(),
        "{output:?}"
    );
}
