//! DICOM images with DICOM SEG objects.

use nerveseg_data::Mask;
use nerveseg_import::ImportOptions;

#[path = "../../../nerveseg-dicom/tests/decode/dicom.rs"]
#[expect(dead_code, reason = "the writer of another crate's tests")]
mod dicom;
#[path = "../../../nerveseg-dicom/tests/decode/seg_file.rs"]
mod seg_file;

use self::dicom::{Dicom, EXPLICIT_LITTLE, HEIGHT, IMPLICIT_LITTLE, PIXELS, WIDTH};
use self::seg_file::{Row, seg, text};
use crate::util::{Bench, by_pattern, named, subjects};

/// An image of the patient whose frames have all pixels of their number.
fn image(patient: &str, instance: &str, frames: u8) -> Vec<u8> {
    let pixels: Vec<u8> = (0..frames).flat_map(|it| [it; PIXELS]).collect();
    Dicom::new(EXPLICIT_LITTLE)
        .with(0x0008_0016, text("1.2.840.10008.5.1.4.1.1.3.1"))
        .with(0x0008_0018, text(instance))
        .with(0x0010_0020, text(patient))
        .with(0x0028_0008, text(frames.to_string()))
        .bytes(&pixels)
        .write()
}

/// What the frame of a segmentation with this number has drawn.
fn nerve(number: usize) -> Mask {
    let size = (usize::from(HEIGHT), usize::from(WIDTH));
    Mask::from_shape_vec(size, seg_file::nerve(number)).unwrap()
}

fn bench(files: &[(&str, Vec<u8>)]) -> Bench {
    let bench = Bench::new();
    for (name, bytes) in files {
        std::fs::write(bench.path(&format!("src/{name}")), bytes).unwrap();
    }
    bench
}

#[test]
fn frames_are_found_by_what_the_segmentation_refers_to() {
    // out of order, of a clip and a still, with another structure on one of them
    let rows = [
        (2, Some("1.2"), None),
        (2, Some("1.1"), Some("3")),
        (1, Some("1.1"), Some("2")),
        (2, Some("1.1"), Some("1")),
    ];
    for uid in [EXPLICIT_LITTLE, IMPLICIT_LITTLE] {
        let bench = bench(&[
            ("IM_0001", image("ID-B", "1.1", 4)),
            ("x/still.dcm", image("ID-A", "1.2", 1)),
            ("x/other.dcm", image("ID-A", "1.3", 1)),
            ("seg.dcm", seg(uid, &["Artery", "Nerve"], &rows).write()),
        ]);

        let done = bench.import(&ImportOptions::default()).unwrap();

        assert_eq!(done.layout, "dicom-seg");
        let sources: Vec<&str> = done.rows.iter().map(|row| row.source.as_str()).collect();
        assert_eq!(
            sources,
            ["x/still.dcm", "IM_0001#0", "IM_0001#1", "IM_0001#2"]
        );
        let expected = [
            ("ID-A", 1, 1),
            ("ID-B", 2, 1),
            ("ID-B", 2, 2),
            ("ID-B", 2, 3),
        ];
        assert_eq!(subjects(&done), expected);
        assert_eq!(bench.imported("1_1_mask.png"), nerve(0));
        assert_eq!(bench.imported("2_1_mask.png"), nerve(3));
        assert!(!bench.imported("2_2_mask.png").iter().any(|&it| it));
        assert_eq!(bench.imported("2_3_mask.png"), nerve(1));
        let third = image::open(bench.path("out/2_3.png")).unwrap().into_luma8();
        assert!(third.iter().all(|&gray| gray == 2));
        assert!(bench.path("out/1_1.dcm").is_file());
        assert_eq!(
            done.notes[..2],
            [
                "DICOM files without a segmentation are left out: 1",
                "frames that no segmentation refers to are left out: 1"
            ]
        );
    }
}

#[test]
fn segments_are_chosen_by_label_or_number() {
    let rows = [(1, Some("1.1"), Some("1")), (2, Some("1.1"), Some("2"))];
    let files = [
        ("a.dcm", image("P", "1.1", 2)),
        (
            "seg.dcm",
            seg(EXPLICIT_LITTLE, &["median", "ulnar"], &rows).write(),
        ),
    ];
    let bench = bench(&files);
    let text = bench.fails(&ImportOptions::default());
    assert!(text.contains("median, ulnar"), "{text}");
    let mut options = ImportOptions::default();
    options.labels.value = Some(3);
    let text = bench.fails(&options);
    assert!(text.contains("1 (median), 2 (ulnar)"), "{text}");

    bench.import(&named("Ulnar")).unwrap();
    assert_eq!(bench.imported("1_2_mask.png"), nerve(1));

    let bench = self::bench(&files);
    options.labels.value = Some(1);
    bench.import(&options).unwrap();
    assert_eq!(bench.imported("1_1_mask.png"), nerve(0));
    assert!(!bench.imported("1_2_mask.png").iter().any(|&it| it));
}

#[test]
fn frames_without_references_are_in_order_if_there_are_as_many() {
    let rows = [(1, None, None); 3];
    let seg = seg(EXPLICIT_LITTLE, &["nerve"], &rows).write();
    let bench = bench(&[("a.dcm", image("P", "1.1", 3)), ("seg.dcm", seg.clone())]);

    bench.import(&ImportOptions::default()).unwrap();

    for frame in 0..3 {
        let name = format!("1_{}_mask.png", frame + 1);
        assert_eq!(bench.imported(&name), nerve(frame));
    }
    let bench = self::bench(&[("a.dcm", image("P", "1.1", 4)), ("seg.dcm", seg)]);
    let text = bench.fails(&ImportOptions::default());
    assert!(
        text.contains("3 frames") && text.contains("has 4"),
        "{text}"
    );
}

#[test]
fn numbers_of_patients_do_not_become_numbers_of_subjects() {
    let rows = [(1, Some("1.1"), None), (1, Some("1.2"), None)];
    let seg = seg(EXPLICIT_LITTLE, &["nerve"], &rows).write();
    let files = |patient| {
        [
            ("P9/b.dcm", image("4711", "1.1", 1)),
            ("P9/a.dcm", image(patient, "1.2", 1)),
            ("seg.dcm", seg.clone()),
        ]
    };

    let done = bench(&files("815")).import(&ImportOptions::default());
    assert_eq!(subjects(&done.unwrap()), [("815", 1, 1), ("4711", 2, 1)]);

    // the folder has a number, but nobody said that it is a person
    let bench = bench(&files(" "));
    let text = bench.fails(&ImportOptions::default());
    assert!(
        text.contains("P9/a.dcm") && text.contains("--subject-from"),
        "{text}"
    );
    let done = bench.import(&by_pattern("^P([0-9])/")).unwrap();
    assert_eq!(subjects(&done), [("9", 9, 1), ("9", 9, 2)]);
}

#[test]
fn what_cannot_be_told_is_refused() {
    let of = |rows: &[Row]| seg(EXPLICIT_LITTLE, &["nerve"], rows);
    let one: &[Row] = &[(1, Some("1.1"), Some("1"))];
    let cases: [(Dicom, &str); 8] = [
        (of(&[(1, Some("1.7"), None)]), "not in the folder"),
        (of(&[(1, Some("1.1"), None)]), "not to one of its 2 frames"),
        (of(&[(1, Some("1.1"), Some("3"))]), "frame 2 (from 0)"),
        (
            of(&[(1, Some("1.1"), Some("1\\2"))]),
            "several images or frames",
        ),
        (of(&[one[0], one[0]]), "twice"),
        (of(&[one[0], (1, None, None)]), "no image, though others do"),
        (of(one).with(0x0062_0001, text("FRACTIONAL")), "FRACTIONAL"),
        (
            of(one).size(WIDTH, HEIGHT - 1).bytes(&[0; 44]),
            "mask is [16, 22]",
        ),
    ];
    for (seg, words) in cases {
        let bench = bench(&[("a.dcm", image("P", "1.1", 2)), ("seg.dcm", seg.write())]);

        let error = bench.import(&ImportOptions::default()).unwrap_err();

        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let text = format!("{error}: {}", cause.unwrap_or_default());
        assert!(text.contains(words), "{words}: {text}");
    }
    // two people draw the same frame
    let seg = of(one).write();
    let image = image("P", "1.1", 2);
    let bench = bench(&[("a.dcm", image), ("s1.dcm", seg.clone()), ("s2.dcm", seg)]);
    let text = bench.fails(&ImportOptions::default());
    assert!(text.contains("which of them is right"), "{text}");
}
