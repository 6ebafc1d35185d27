//! Folders as other programs write them, imported and exported.

use std::path::Path;

use image::{GrayImage, Luma};
use nerveseg_data::{Dataset, read_mask};
use nerveseg_import::{ExportFormat, ImportOptions, export_labels, import, recognise};

use crate::util::{Bench, HEIGHT, WIDTH, by_pattern, drawn, empty, files, inside, named, subjects};

fn nnunet(labels: &str, value: u8) -> Bench {
    let bench = Bench::new();
    for case in ["p01_001", "p01_002", "p10_001", "p2_001"] {
        bench.image(&format!("src/imagesTr/{case}_0000.png"));
        bench.mask(&format!("src/labelsTr/{case}.png"), value);
    }
    let text = format!(r#"{{"labels": {labels}, "file_ending": ".png"}}"#);
    bench.text("src/dataset.json", &text);
    bench
}

#[test]
fn nnunet_labels_are_taken_by_name() {
    let bench = nnunet(r#"{"background": 0, "artery": 1, "nerve": 2}"#, 2);

    let done = bench.import(&ImportOptions::default()).unwrap();

    assert_eq!(done.title, "nnU-Net v2");
    // natural order: p01, p2, p10
    let expected = [("p01", 1, 1), ("p01", 1, 2), ("p2", 2, 1), ("p10", 3, 1)];
    assert_eq!(subjects(&done), expected);
    assert_eq!(bench.imported("3_1_mask.png"), drawn());
    let table = std::fs::read_to_string(bench.path("out/import.csv")).unwrap();
    assert!(
        table.contains("2,1,p2,imagesTr/p2_001_0000.png,12"),
        "{table}"
    );
}

#[test]
fn another_label_of_the_same_mask_is_no_nerve() {
    let bench = nnunet(r#"{"background": 0, "artery": 1, "nerve": 2}"#, 2);
    bench.import(&named("artery")).unwrap();
    assert_eq!(bench.imported("1_1_mask.png"), empty());

    let bench = nnunet(r#"{"background": 0, "artery": 1, "vein": 2}"#, 2);
    let text = bench.fails(&ImportOptions::default());
    assert!(
        text.contains("artery, vein") && text.contains("--labels"),
        "{text}"
    );
    let text = bench.fails(&named("nerve"));
    assert!(text.contains("artery, vein"), "{text}");

    let bench = nnunet(r#"{"background": 0, "nerve": 1}"#, 2);
    let text = bench.fails(&ImportOptions::default());
    assert!(text.contains("the label 2"), "{text}");
}

/// A COCO table of two images with these annotations.
fn coco(annotations: &str) -> Bench {
    let bench = Bench::new();
    bench.image("src/images/12_1.png");
    bench.image("src/images/12_2.png");
    let text = format!(
        r#"{{"categories": [{{"id": 4, "name": "nerve"}}, {{"id": 5, "name": "vein"}}],
        "images": [{{"id": 9, "file_name": "12_1.png", "width": 23, "height": 17}},
                   {{"id": 8, "file_name": "images/12_2.png", "width": 23, "height": 17}}],
        "annotations": [{annotations}]}}"#
    );
    bench.text("src/labels.json", &text);
    bench
}

#[test]
fn coco_outlines_of_every_kind_give_the_same_mask() {
    for segmentation in [
        "[[3,2,7,2,7,5,3,5]]",
        "[[3,2,5,2,5,5,3,5],[5,2,7,2,7,5,5,5]]",
        r#"{"size": [17, 23], "counts": [53, 3, 14, 3, 14, 3, 14, 3, 284]}"#,
        // pycocotools 2.0.11, `encode` of the same mask
        r#"{"size": [17, 23], "counts": "e13>00000^8"}"#,
    ] {
        let bench = coco(&format!(
            r#"{{"id": 1, "image_id": 9, "category_id": 4, "segmentation": {segmentation}}},
               {{"id": 2, "image_id": 9, "category_id": 5, "segmentation": [[0,0,23,0,23,17]]}}"#
        ));

        let done = bench.import(&ImportOptions::default()).unwrap();

        assert_eq!(subjects(&done), [("12", 12, 1), ("12", 12, 2)]);
        assert_eq!(bench.imported("12_1_mask.png"), drawn(), "{segmentation}");
        assert_eq!(bench.imported("12_2_mask.png"), empty());
    }
}

#[test]
fn coco_that_contradicts_itself_is_refused() {
    let of = |segmentation: &str| {
        format!(r#"{{"image_id": 9, "category_id": 4, "segmentation": {segmentation}}}"#)
    };
    for (annotations, words) in [
        (
            of(r#"{"size": [17, 23], "counts": [5, 3]}"#),
            "do not add up",
        ),
        (
            of(r#"{"size": [23, 17], "counts": [391]}"#),
            "are for [23, 17]",
        ),
        (of("[[1, 2, 3]]"), "3 numbers"),
        (of("null"), "without an outline"),
        (of("[[0, 0, 1, 0, 1, 1]]").replace('9', "7"), "image 7"),
    ] {
        let text = coco(&annotations).fails(&ImportOptions::default());
        assert!(
            text.contains(words) && text.contains("labels.json"),
            "{text}"
        );
    }
}

#[test]
fn labelme_outlines_are_scaled_to_the_image() {
    let bench = Bench::new();
    bench.image("src/images/a.png");
    bench.image("src/images/b.png");
    // of an image of twice the size
    bench.text(
        "src/labels/a.json",
        r#"{"patient": 83, "width": 46, "height": 34, "shapes": [
            {"label": "nerve", "points": [[6, 4], [14, 4], [14, 10], [6, 10]]},
            {"label": "artery", "points": [[0, 0], [46, 0], [46, 34]]}]}"#,
    );
    bench.text(
        "src/labels/b.json",
        r#"{"patient": 7, "imagePath": "..\\images\\b.png", "imageWidth": 23, "imageHeight": 17,
            "shapes": [{"label": "nerve", "points": [[3, 2], [7, 5]], "shape_type": "rectangle"}]}"#,
    );

    let done = bench.import(&ImportOptions::default()).unwrap();

    assert_eq!(done.layout, "labelme");
    assert_eq!(subjects(&done), [("7", 7, 1), ("83", 83, 1)]);
    assert_eq!(bench.imported("83_1_mask.png"), drawn());
    assert_eq!(bench.imported("7_1_mask.png"), drawn());
    let left_out = |it: &String| it.contains("left out");
    assert!(!done.notes.iter().any(left_out), "{:?}", done.notes);
}

#[test]
fn images_without_an_annotation_are_counted() {
    let labelme =
        r#"{"patient": 1, "shapes": [{"label": "nerve", "points": [[3, 2], [7, 2], [7, 5]]}]}"#;
    let coco = r#"{"images": [{"id": 1, "file_name": "p1_1.png", "width": 23, "height": 17}],
        "annotations": [], "categories": [{"id": 1, "name": "nerve"}]}"#;
    let cvat = r#"<annotations><image id="0" name="p1_1.png" width="23" height="17">
        <box label="nerve" xtl="3" ytl="2" xbr="7" ybr="5"/></image></annotations>"#;
    for (name, text) in [
        ("p1_1.json", labelme),
        ("table.json", coco),
        ("annotations.xml", cvat),
    ] {
        let bench = Bench::new();
        for image in ["p1_1", "p1_2", "more/p1_3"] {
            bench.image(&format!("src/{image}.png"));
        }
        bench.text(&format!("src/{name}"), text);

        let done = bench.import(&ImportOptions::default()).unwrap();

        assert_eq!(done.rows.len(), 1, "{name}");
        let note = "images without an annotation are left out: 2".to_owned();
        assert!(done.notes.contains(&note), "{name}: {:?}", done.notes);
    }
}

#[test]
fn cvat_polygons_and_boxes_are_read() {
    let bench = Bench::new();
    bench.image("src/images/s1_1.png");
    bench.image("src/images/s2_1.png");
    let table = |shape: &str| {
        format!(
            r#"<?xml version="1.0"?><annotations><version>1.1</version>
            <image id="0" name="s1_1.png" width="23" height="17">
              <polygon label="nerve" points="3.0,2.0;7.0,2.0;7.0,5.0;3.0,5.0"/></image>
            <image id="1" name="s2_1.png" width="23" height="17">{shape}</image></annotations>"#
        )
    };
    let points = r#"<points label="nerve" points="1,1"/>"#;
    bench.text("src/annotations.xml", &table(points));
    let text = bench.fails(&ImportOptions::default());
    assert!(
        text.contains("`points`") && text.contains("annotations.xml"),
        "{text}"
    );

    let shape = r#"<box label="nerve" xtl="3" ytl="2" xbr="7" ybr="5"/>"#;
    bench.text("src/annotations.xml", &table(shape));
    let done = bench.import(&ImportOptions::default()).unwrap();

    assert_eq!(done.layout, "cvat");
    assert_eq!(bench.imported("1_1_mask.png"), drawn());
    assert_eq!(bench.imported("2_1_mask.png"), drawn());
}

#[test]
fn images_and_masks_are_paired_wherever_they_are() {
    for (image, mask) in [
        ("P01/001.png", "P01/001_mask.png"),
        ("P01/images/001.png", "P01/masks/001.png"),
        ("images/P01/001.png", "Labels/P01/001.png"),
        ("images/p01_001.png", "masks/p01_001.png"),
        ("img/p01_001.png", "gt/p01_001_gt.png"),
        ("p01_001.png", "p01_001_label.png"),
    ] {
        let bench = Bench::new();
        bench.image(&format!("src/{image}"));
        bench.mask(&format!("src/{mask}"), 1);

        let done = bench.import(&ImportOptions::default()).unwrap();

        assert_eq!(done.rows[0].subject_name.to_lowercase(), "p01", "{image}");
        assert_eq!(bench.imported("1_1_mask.png"), drawn(), "{image}");
    }
}

#[test]
fn one_of_several_values_is_taken_when_it_is_asked_for() {
    let bench = Bench::new();
    bench.image("src/P1/1.png");
    let pixel = |x, y| Luma([if inside(x, y) { 2 } else { u8::from(x > 9) }]);
    let mask = GrayImage::from_fn(WIDTH, HEIGHT, pixel);
    mask.save(bench.path("src/P1/1_mask.png")).unwrap();

    let text = bench.fails(&ImportOptions::default());
    assert!(text.contains("nerveseg import"), "{text}");

    let mut options = ImportOptions::default();
    options.labels.value = Some(2);
    bench.import(&options).unwrap();
    assert_eq!(bench.imported("1_1_mask.png"), drawn());
}

#[test]
fn a_person_is_never_guessed() {
    for name in [
        "nerve_001",
        "anna",
        "img12_3",
        "20210301_123456",
        "scan/a",
        "001",
    ] {
        let bench = Bench::new();
        bench.image(&format!("src/images/{name}.png"));
        bench.mask(&format!("src/masks/{name}.png"), 255);

        let text = bench.fails(&ImportOptions::default());

        assert!(
            text.contains("--subject-from") && text.contains(name),
            "{name}: {text}"
        );
    }

    let bench = Bench::new();
    for name in ["nerve_b_001", "nerve_a_001", "nerve_a_002"] {
        bench.image(&format!("src/images/{name}.png"));
        bench.mask(&format!("src/masks/{name}.png"), 255);
    }
    let text = bench.fails(&by_pattern("^nerve_(a)_"));
    assert!(text.contains("nerve_b_001"), "{text}");
    let done = bench.import(&by_pattern("^nerve_([a-z])_")).unwrap();
    assert_eq!(subjects(&done), [("a", 1, 1), ("a", 1, 2), ("b", 2, 1)]);
}

#[test]
fn what_does_not_fit_leaves_nothing_behind() {
    let lonely = Bench::new();
    lonely.image("src/P1/1.png");
    lonely.image("src/P1/2.png");
    lonely.mask("src/P1/1_mask.png", 255);
    let text = lonely.fails(&ImportOptions::default());
    assert!(
        text.contains("2.png") && text.contains("has no mask"),
        "{text}"
    );

    let sizes = Bench::new();
    sizes.image("src/P1/1.png");
    let mask = GrayImage::new(HEIGHT, WIDTH);
    mask.save(sizes.path("src/P1/1_mask.png")).unwrap();
    let text = sizes.fails(&ImportOptions::default());
    assert!(
        text.contains("P1/1.png") && text.contains("mask is [23, 17]"),
        "{text}"
    );

    let nothing = Bench::new();
    nothing.text("src/notes.txt", "");
    let text = nothing.fails(&ImportOptions::default());
    assert!(text.contains("no layout that is known"), "{text}");
}

#[test]
fn what_is_there_is_not_overwritten() {
    let bench = nnunet(r#"{"background": 0, "nerve": 1}"#, 1);
    bench.text("out/mine.txt", "mine");

    let (source, out) = (bench.path("src"), bench.path("out"));
    let result = import(&source, &out, &ImportOptions::default(), &|_, _| {});

    assert!(result.unwrap_err().to_string().contains("not empty"));
    assert_eq!(files(&out).len(), 1);
}

#[test]
fn every_export_comes_back_pixel_by_pixel() {
    let bench = Bench::new();
    // a hole, pieces that touch at a corner, the edge of the frame, and nothing at all
    let masks: [fn(u32, u32) -> bool; 4] = [
        |x, y| (2..9).contains(&x) && (2..9).contains(&y) && !(x == 5 && y == 5),
        |x, y| (x == 3 && y == 3) || (x == 4 && y == 4) || (x > 18 && y < 2),
        |x, y| x == 0 || y == 16,
        |_, _| false,
    ];
    for (number, inside) in (1..).zip(masks) {
        bench.image(&format!("uns/{number}_1.png"));
        let pixel = |x, y| Luma([if inside(x, y) { 255 } else { 0 }]);
        let mask = GrayImage::from_fn(WIDTH, HEIGHT, pixel);
        mask.save(bench.path(&format!("uns/{number}_1_mask.png")))
            .unwrap();
    }
    let dataset = Dataset::open(bench.path("uns")).unwrap();
    for (format, name) in [
        (ExportFormat::Coco, "coco"),
        (ExportFormat::LabelMe, "labelme"),
        (ExportFormat::NnUNet, "nnunet"),
    ] {
        let (there, back) = (bench.path(name), bench.path(&format!("{name}-uns")));
        let count = export_labels(&dataset, format, &there, &|_| {}).unwrap();
        assert_eq!(count, 4);
        assert_eq!(recognise(&there).unwrap().name, name);

        import(&there, &back, &ImportOptions::default(), &|_, _| {}).unwrap();

        for number in 1..=4 {
            let mask = |folder: &Path| read_mask(folder.join(format!("{number}_1_mask.png")));
            let expected = mask(&bench.path("uns")).unwrap();
            assert_eq!(mask(&back).unwrap(), expected, "{name} {number}");
        }
        assert!(export_labels(&dataset, format, &there, &|_| {}).is_err());
    }
}
