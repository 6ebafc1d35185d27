//! Layouts that people have, imported and exported.

use image::{GrayImage, Luma};

use crate::util::{Bench, json, read, stderr};

fn write_pair(bench: &Bench, image: &str, mask: &str) {
    for name in [image, mask] {
        std::fs::create_dir_all(bench.path(name).parent().unwrap()).unwrap();
    }
    GrayImage::from_fn(96, 70, |x, y| Luma([(x * 7 + y * 31) as u8]))
        .save(bench.path(image))
        .unwrap();
    GrayImage::from_fn(96, 70, |x, y| Luma([u8::from(x < 30 && y < 20)]))
        .save(bench.path(mask))
        .unwrap();
}

fn nnunet(bench: &Bench) {
    for case in ["p01_001", "p01_002", "p02_001"] {
        write_pair(
            bench,
            &format!("nnunet/imagesTr/{case}_0000.png"),
            &format!("nnunet/labelsTr/{case}.png"),
        );
    }
    let text = r#"{"channel_names": {"0": "us"}, "labels": {"background": 0, "nerve": 1},
        "numTraining": 3, "file_ending": ".png"}"#;
    std::fs::write(bench.path("nnunet/dataset.json"), text).unwrap();
}

#[test]
fn a_known_layout_is_named_with_the_command_that_imports_it() {
    let bench = Bench::new();
    nnunet(&bench);

    for command in [
        "audit nnunet",
        "train --data nnunet --out run --device flex",
    ] {
        let text = bench.fails(1, command);
        assert!(
            text.contains("nnU-Net v2") && text.contains("nerveseg import nnunet"),
            "{text}"
        );
    }
}

#[test]
fn what_is_imported_can_be_audited_and_is_never_overwritten() {
    let bench = Bench::new();
    nnunet(&bench);
    let source = read(&bench.path("nnunet/imagesTr/p02_001_0000.png"));

    let table = bench.ok("import nnunet --out uns");

    assert!(
        table.contains("imagesTr/p02_001_0000.png  p02  2  1"),
        "{table}"
    );
    assert_eq!(read(&bench.path("uns/2_1.png")), source);
    assert!(bench.path("uns/import.csv").exists());
    bench.ok("audit uns");
    let text = bench.fails(1, "import nnunet --out uns");
    assert!(text.contains("is not empty"), "{text}");

    let done = json(&bench.ok("import nnunet --out again --copy --json"));
    assert_eq!(done["layout"], "nnunet");
    assert_eq!(done["rows"][2]["subject_name"], "p02");
}

#[test]
fn a_person_that_cannot_be_told_is_asked_for() {
    let bench = Bench::new();
    write_pair(&bench, "flat/images/anna-a.png", "flat/masks/anna-a.png");
    write_pair(&bench, "flat/images/bert-a.png", "flat/masks/bert-a.png");

    let text = bench.fails(1, "import flat --out uns");
    assert!(
        text.contains("--subject-from") && !bench.path("uns").exists(),
        "{text}"
    );

    bench.ok("import flat --out uns --subject-from ^([a-z]+)-");
    assert!(bench.path("uns/2_1_mask.png").exists());
    let text = bench.fails(2, "import flat --out other --subject-from ^[a-z]+-");
    assert!(text.contains("a group"), "{text}");
}

#[test]
fn every_export_can_be_imported_again() {
    let bench = Bench::new();
    for format in ["coco", "labelme", "nnunet"] {
        let done = json(&bench.ok(&format!(
            "export-labels data --format {format} --out {format} --json"
        )));
        assert_eq!(done["format"], format);
        assert_eq!(done["out"], format);
        assert!(done["images"].as_u64() > Some(6), "{done}");
        bench.ok(&format!("import {format} --out {format}-uns"));
        for name in ["1_1", "3_4", "6_6"] {
            let mask = |path: String| image::open(bench.path(&path)).unwrap().into_luma8();
            assert_eq!(
                mask(format!("data/train/{name}_mask.tif")),
                mask(format!("{format}-uns/{name}_mask.png")),
                "{format}, {name}"
            );
        }
    }
}

#[test]
fn odd_masks_are_named_before_training_and_scoring() {
    let bench = Bench::new();
    for subject in 1..=6 {
        write_pair(
            &bench,
            &format!("odd/{subject}_1.png"),
            &format!("odd/{subject}_1_mask.png"),
        );
    }

    let train =
        "train --data odd --out run --preset small --config tiny.toml --epochs 1 --device flex";
    let text = stderr(&bench.run(train));
    // the sixth is of the test part, which is read last
    assert!(text.contains("5 masks hold 0 and 1, read as"), "{text}");

    let text = stderr(&bench.run("evaluate --data odd --device cpu --resamples 10"));
    assert!(text.contains("6 masks hold 0 and 1, read as"), "{text}");
}
