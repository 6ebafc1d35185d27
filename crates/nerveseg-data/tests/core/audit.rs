//! The audit of small folders made on the spot, one defect at a time.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use image::{GrayImage, Luma, RgbImage};
use ndarray::Array2;
use nerveseg_data::audit::{AuditOptions, AuditReport, Conflict, FindingKind, audit};
use nerveseg_data::{CaseId, rle};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

const WIDTH: u32 = 116;
const HEIGHT: u32 = 84;

/// A frame with speckle as of a linear probe; another seed is another person.
fn frame(seed: u64) -> GrayImage {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let size = (WIDTH * HEIGHT) as usize;
    let noise: Vec<f32> = (0..size).map(|_| rng.random_range(0.0..1.0)).collect();
    // layers: long across, thin downwards
    let layers: Vec<f32> = (0..10 * 22).map(|_| rng.random_range(0.0..1.0)).collect();
    GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let window = x.saturating_sub(7)..(x + 8).min(WIDTH);
        let count = window.len() as f32;
        let speckle = window.map(|x| noise[(y * WIDTH + x) as usize]).sum::<f32>() / count;
        let (column, part) = (x / 14, (x % 14) as f32 / 14.0);
        let layer = |column: u32| layers[(y / 4 * 10 + column) as usize];
        let tissue = layer(column) * (1.0 - part) + layer(column + 1) * part;
        let depth = 1.2 - y as f32 / HEIGHT as f32 * 0.6;
        Luma([((0.3 * speckle + 0.5 * tissue) * depth * 255.0) as u8])
    })
}

/// The same view a moment later: a little brighter, a little noisier.
fn next_frame(image: &GrayImage, seed: u64) -> GrayImage {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut next = image.clone();
    for pixel in next.pixels_mut() {
        pixel.0[0] = pixel.0[0].saturating_add(rng.random_range(0..6));
    }
    next
}

/// An ellipse around `centre`, in pixels.
fn nerve(centre: (u32, u32)) -> GrayImage {
    GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let (dx, dy) = (
            f64::from(x.abs_diff(centre.0)),
            f64::from(y.abs_diff(centre.1)),
        );
        Luma([if (dx / 12.0).powi(2) + (dy / 9.0).powi(2) <= 1.0 {
            255
        } else {
            0
        }])
    })
}

fn empty() -> GrayImage {
    GrayImage::new(WIDTH, HEIGHT)
}

/// A folder in the making.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn case(&self, case_id: &str, image: &GrayImage, mask: &GrayImage) -> &Self {
        image
            .save(self.path().join(format!("{case_id}.png")))
            .unwrap();
        mask.save(self.path().join(format!("{case_id}_mask.png")))
            .unwrap();
        self
    }

    fn audit(&self) -> AuditReport {
        audit(self.path(), &AuditOptions::default(), &|_| {}).unwrap()
    }
}

fn kinds(report: &AuditReport) -> Vec<FindingKind> {
    report.findings.iter().map(|finding| finding.kind).collect()
}

fn ids(texts: &[&str]) -> Vec<CaseId> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn clean_folder_has_no_findings() {
    let folder = Folder::new();
    for subject in 1..=3_u64 {
        let first = frame(subject);
        folder.case(&format!("{subject}_1"), &first, &nerve((60, 40)));
        folder.case(
            &format!("{subject}_2"),
            &next_frame(&first, 9),
            &nerve((62, 41)),
        );
        folder.case(&format!("{subject}_3"), &frame(subject + 100), &empty());
    }

    let report = folder.audit();

    assert_eq!(report.findings, []);
    assert!(!report.has_errors());
    assert!(report.exclude.is_empty());
    assert_eq!(report.summary.near_duplicate_pairs, 3);
    assert_eq!((report.summary.positives, report.summary.empties), (6, 3));
    let row = &report.subjects[0];
    assert_eq!(
        (row.frames, row.positives, row.near_duplicate_pairs),
        (3, 2, 1)
    );
    assert!((row.positive_fraction.unwrap() - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!(report.inventory[0].images, 9);
    assert_eq!(report.inventory[0].pixels, "8-bit grey");
}

#[test]
fn progress_counts_every_frame() {
    let folder = Folder::new();
    folder
        .case("1_1", &frame(1), &empty())
        .case("1_2", &frame(2), &nerve((60, 40)));
    let most = AtomicUsize::new(0);

    audit(folder.path(), &AuditOptions::default(), &|done| {
        most.fetch_max(done, Ordering::Relaxed);
    })
    .unwrap();

    assert_eq!(most.into_inner(), 2);
}

#[test]
fn folder_without_frames_is_an_error() {
    assert!(audit(Folder::new().path(), &AuditOptions::default(), &|_| {}).is_err());
}

#[test]
fn broken_and_misplaced_files_are_named() {
    let folder = Folder::new();
    folder.case("1_1", &frame(1), &nerve((60, 40)));
    folder.case("1_2", &frame(2), &nerve((60, 40)));
    folder.case("1_3", &frame(3), &GrayImage::new(17, 23));
    folder.case(
        "1_4",
        &frame(4),
        &GrayImage::from_fn(WIDTH, HEIGHT, |x, _| Luma([x as u8])),
    );
    fs::write(folder.path().join("1_2.png"), b"hello").unwrap();
    frame(5).save(folder.path().join("1_5.png")).unwrap();
    empty().save(folder.path().join("1_6_mask.png")).unwrap();
    frame(7).save(folder.path().join("scan.png")).unwrap();
    frame(8).save(folder.path().join("1_1.bmp")).unwrap();

    let report = folder.audit();

    assert_eq!(
        kinds(&report),
        [
            FindingKind::UnreadableFile,
            FindingKind::MissingMask,
            FindingKind::MissingImage,
            FindingKind::AmbiguousFile,
            FindingKind::SizeMismatch,
            FindingKind::MaskNotBinary,
            FindingKind::Misnamed,
        ]
    );
    assert!(report.has_errors());
    assert_eq!(report.summary.errors, 6);
    let unreadable = &report.findings[0];
    assert_eq!(unreadable.case_ids, ids(&["1_2"]));
    assert_eq!(unreadable.paths, [folder.path().join("1_2.png")]);
}

#[test]
fn frame_that_is_no_ultrasound_is_flagged() {
    let folder = Folder::new();
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let noise = GrayImage::from_fn(WIDTH, HEIGHT, |_, _| Luma([rng.random()]));
    let colour = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let grey = frame_pixel(x, y);
        image::Rgb([grey, grey / 2, 40])
    });
    folder
        .case(
            "1_1",
            &GrayImage::from_pixel(WIDTH, HEIGHT, Luma([7])),
            &empty(),
        )
        .case("1_2", &noise, &empty())
        .case("1_3", &frame(1), &nerve((60, 40)))
        .case("1_4", &frame(2), &nerve((60, 40)));
    colour.save(folder.path().join("1_4.png")).unwrap();

    let report = folder.audit();

    assert_eq!(
        kinds(&report),
        [
            FindingKind::NotUltrasound,
            FindingKind::NotUltrasound,
            FindingKind::NotUltrasound,
            FindingKind::MixedPixels
        ]
    );
    assert!(report.findings[0].message.contains("blank"));
    assert!(report.findings[1].message.contains("noise"));
    assert!(report.findings[2].message.contains("coloured"));
    assert!(!report.has_errors());
}

fn frame_pixel(x: u32, y: u32) -> u8 {
    (x * 2 + y) as u8
}

#[test]
fn odd_masks_are_flagged() {
    let folder = Folder::new();
    let mut pieces = nerve((40, 40));
    pieces.put_pixel(100, 60, Luma([255]));
    let mut holed = nerve((60, 40));
    holed.put_pixel(60, 40, Luma([0]));
    let tiny = GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
        Luma([if (x, y) == (50, 50) { 255 } else { 0 }])
    });
    let huge = GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
        Luma([if (10..80).contains(&x) && (10..70).contains(&y) {
            255
        } else {
            0
        }])
    });
    folder
        .case("1_1", &frame(1), &pieces)
        .case("1_2", &frame(2), &holed)
        .case("1_3", &frame(3), &tiny)
        .case("1_4", &frame(4), &huge)
        .case("1_5", &frame(5), &nerve((2, 40)))
        .case("1_6", &frame(6), &nerve((60, 40)))
        .case("2_1", &frame(7), &empty());

    let report = folder.audit();

    let found: Vec<_> = report
        .findings
        .iter()
        .map(|finding| (finding.kind, finding.case_ids.clone()))
        .collect();
    assert_eq!(
        found,
        [
            (FindingKind::SeveralComponents, ids(&["1_1"])),
            (FindingKind::Holes, ids(&["1_2"])),
            (FindingKind::TinyMask, ids(&["1_3"])),
            (FindingKind::HugeMask, ids(&["1_4"])),
            (FindingKind::TouchesBorder, ids(&["1_5"])),
            (FindingKind::NoPositiveFrame, Vec::new()),
        ]
    );
}

#[test]
fn contradictory_near_duplicates_are_found_and_the_minority_is_excluded() {
    let folder = Folder::new();
    let view = frame(1);
    folder
        .case("1_1", &view, &nerve((60, 40)))
        .case("1_2", &next_frame(&view, 2), &nerve((61, 40)))
        .case("1_3", &next_frame(&view, 3), &empty())
        .case("1_4", &next_frame(&view, 4), &nerve((20, 20)))
        .case("1_5", &frame(2), &empty())
        .case("2_1", &frame(3), &nerve((60, 40)));

    let report = folder.audit();

    assert_eq!(kinds(&report), [FindingKind::ContradictoryLabels]);
    assert_eq!(
        report.findings[0].case_ids,
        ids(&["1_1", "1_2", "1_3", "1_4"])
    );
    assert_eq!(report.summary.contradictory_pairs, 5);
    assert_eq!(report.summary.contradictory_frames, 4);
    let agreement = &report.summary.agreement;
    assert_eq!((agreement.positives, agreement.empties), (3, 1));
    assert_eq!(agreement.empty_agrees, Some(0.0));
    assert_eq!(
        report.exclude.case_ids().collect::<Vec<_>>(),
        ids(&["1_3", "1_4"])
    );
    let presence = report
        .contradictions
        .iter()
        .filter(|p| p.conflict == Some(Conflict::Presence));
    assert_eq!(presence.count(), 3);
    for pair in &report.contradictions {
        assert!(pair.similarity >= 0.9, "{pair:?}");
        assert!(report.exclude.contains(pair.first) || report.exclude.contains(pair.second));
    }
}

#[test]
fn picture_under_two_subjects_links_them() {
    let folder = Folder::new();
    let view = frame(1);
    folder
        .case("1_1", &view, &nerve((60, 40)))
        .case("4_9", &view, &nerve((60, 40)))
        .case("4_10", &frame(4), &empty())
        .case("3_1", &frame(3), &nerve((60, 40)));
    view.save(folder.path().join("8.png")).unwrap();

    let report = folder.audit();

    assert_eq!(
        kinds(&report),
        [FindingKind::SharedBetweenSubjects; 3],
        "test set with 1, test set with 4, 1 with 4"
    );
    assert_eq!(report.linked_subjects, [[1, 4]]);
    assert_eq!(report.duplicates.len(), 3);
    assert!(
        report
            .duplicates
            .iter()
            .all(|pair| pair.identical && !pair.same_subject())
    );
    assert!(report.findings[0].message.contains("the test set"));
}

#[test]
fn identical_frames_of_one_subject_are_noted() {
    let folder = Folder::new();
    let view = frame(1);
    folder
        .case("1_1", &view, &nerve((60, 40)))
        .case("1_2", &view, &nerve((60, 40)))
        .case("1_3", &frame(2), &nerve((60, 40)));

    let report = folder.audit();

    assert_eq!(kinds(&report), [FindingKind::IdenticalFrames]);
    assert_eq!(report.summary.identical_pairs, 1);
}

#[test]
fn mask_table_that_disagrees_with_the_files_is_an_error() {
    let folder = Folder::new();
    let right = nerve((60, 40));
    folder
        .case("1_1", &frame(1), &right)
        .case("1_2", &frame(2), &right);
    let runs = rle::encode(
        Array2::from_shape_fn((HEIGHT as usize, WIDTH as usize), |(y, x)| {
            right.get_pixel(x as u32, y as u32).0[0] > 0
        })
        .view(),
    );
    let table = format!("subject,img,pixels\n1,1,{runs}\n1,2,5 3\n");
    fs::write(folder.path().join("train_masks.csv"), table).unwrap();

    let report = folder.audit();

    assert_eq!(kinds(&report), [FindingKind::MaskTableDisagrees]);
    assert_eq!(report.findings[0].case_ids, ids(&["1_2"]));
    assert!(
        report.findings[0]
            .message
            .contains("line 3 of the table 3 px")
    );
}

#[test]
fn images_of_several_sizes_are_noted() {
    let folder = Folder::new();
    let small = image::imageops::resize(
        &frame(2),
        WIDTH - 20,
        HEIGHT - 9,
        image::imageops::FilterType::Triangle,
    );
    folder.case("1_1", &frame(1), &nerve((60, 40))).case(
        "1_2",
        &small,
        &GrayImage::new(WIDTH - 20, HEIGHT - 9),
    );

    let report = folder.audit();

    assert_eq!(kinds(&report), [FindingKind::MixedSizes]);
    assert_eq!(report.findings[0].message, "images come as 116x84, 96x75");
}

#[test]
fn json_holds_the_documented_fields() {
    let folder = Folder::new();
    let view = frame(1);
    folder
        .case("1_1", &view, &nerve((60, 40)))
        .case("1_2", &next_frame(&view, 2), &empty());

    let json: serde_json::Value = serde_json::from_str(&folder.audit().to_json()).unwrap();

    let fields: Vec<&str> = json
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(fields.len(), 12, "{fields:?}");
    for field in [
        "format_version",
        "root",
        "options",
        "summary",
        "sites",
        "findings",
        "subjects",
        "inventory",
        "linked_subjects",
        "duplicates",
        "contradictions",
        "exclude",
    ] {
        assert!(fields.contains(&field), "{field}");
    }
    assert_eq!(json["findings"][0]["kind"], "contradictory_labels");
    assert_eq!(json["findings"][0]["severity"], "warning");
    assert_eq!(json["findings"][0]["case_ids"][1], "1_2");
    assert_eq!(json["contradictions"][0]["conflict"], "presence");
    assert_eq!(json["contradictions"][0]["dice"], 0.0);
    assert_eq!(json["exclude"][0]["case_id"], "1_2");
    assert_eq!(json["options"]["contradiction_dice"], 0.5);
    assert_eq!(json["subjects"][0]["subject_id"], 1);
}

#[test]
fn html_is_one_file_with_pictures_and_escapes_names() {
    let folder = Folder::new();
    let view = frame(1);
    let nasty = folder.path().join("<b>&amp");
    fs::create_dir(&nasty).unwrap();
    folder
        .case("<b>&amp/1_1", &view, &nerve((60, 40)))
        .case("<b>&amp/1_2", &next_frame(&view, 2), &empty())
        .case("<b>&amp/1_3", &frame(3), &empty());
    frame(4).save(nasty.join("<img src=x>.png")).unwrap();

    let html = audit(&nasty, &AuditOptions::default(), &|_| {})
        .unwrap()
        .to_html();

    assert!(html.starts_with("<!doctype html>"));
    assert!(
        !html.contains("<img src=x>") && !html.contains("<b>&amp<"),
        "names are escaped"
    );
    assert_eq!(html.matches("data:image/jpeg;base64,").count(), 2);
    assert!(html.contains("aria-label=\"Frame 1_1, nerve, "));
    assert!(html.contains("nerve / empty"));
    assert!(html.contains("prefers-color-scheme: dark"));
    assert!(!html.contains("http"), "no address to load anything from");
    assert!(!html.contains("<script"));
}

#[test]
fn pictures_and_lists_are_capped_and_the_page_says_so() {
    let folder = Folder::new();
    let view = frame(1);
    for index in 0..6 {
        let mask = if index % 2 == 0 {
            empty()
        } else {
            nerve((60, 40))
        };
        folder.case(&format!("1_{index}"), &next_frame(&view, index), &mask);
    }
    let options = AuditOptions {
        max_listed_pairs: 4,
        max_pictured_pairs: 2,
        ..AuditOptions::default()
    };

    let report = audit(folder.path(), &options, &|_| {}).unwrap();

    assert_eq!(report.summary.contradictory_pairs, 9);
    assert_eq!(report.contradictions.len(), 4);
    let html = report.to_html();
    assert_eq!(html.matches("<figure").count(), 2);
    assert!(html.contains("7 more are left out"));
}
