//! Odd inputs of `predict`: what is taken for a frame, and where its answers go.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use image::{GrayImage, Luma};

use crate::util::{Bench, column, json, read, stderr};

const CLIP: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../assets/samples/phantom-clip.dcm"
);

/// Folders as people have them, `patients` and more, beside the phantoms.
fn bench() -> Bench {
    let bench = Bench::new();
    let frame = image::open(bench.path("data/test/1.tif")).unwrap();
    for name in [
        "patients/P01/001.png",
        "patients/P01/001_mask.png",
        "patients/P01/X_MASK.PNG",
        "patients/P02/001.png",
        "patients/P02/deep/a.png",
        "patients/P02/deep/a.tif",
        "patients/.old/001.png",
        "patients/._001.png",
    ] {
        std::fs::create_dir_all(bench.path(name).parent().unwrap()).unwrap();
        frame.save(bench.path(name)).unwrap();
    }
    std::fs::write(bench.path("patients/notes.txt"), "none").unwrap();
    bench
}

/// Frames with a mask below `out`, by the names of their answers.
fn answered(bench: &Bench, out: &str) -> BTreeSet<String> {
    fn walk(dir: &Path, root: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            }
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            found.extend(name.strip_suffix(".nerve-mask.png").map(str::to_owned));
        }
    }
    let mut found = BTreeSet::new();
    walk(&bench.path(out), &bench.path(out), &mut found);
    found
}

#[test]
fn every_layout_is_mirrored_and_no_mask_is_segmented() {
    let bench = bench();
    let deep = ["P02/deep/a.png", "P02/deep/a.tif"];
    for (inputs, expected) in [
        (
            "patients",
            vec!["P01/001.png", "P02/001.png", deep[0], deep[1]],
        ),
        (
            "patients/P01 patients/P02",
            vec!["P01/001.png", "P02/001.png", deep[0], deep[1]],
        ),
        ("patients/P01", vec!["001.png"]),
        ("patients/*/*.png", vec!["P01/001.png", "P02/001.png"]),
        ("./patients/P0?/*.png", vec!["P01/001.png", "P02/001.png"]),
        (
            "patients/P01/001.png patients/P02/001.png",
            vec!["P01/001.png", "P02/001.png"],
        ),
        (
            "patients/P01/001.png patients/P01/001_mask.png patients/P01/X_MASK.PNG",
            vec!["001.png"],
        ),
        (
            "patients/P01/001.png ./patients/P01/001.png patients/P01 patients/P01/*.png",
            vec!["001.png"],
        ),
        (
            "patients/*",
            vec!["P01/001.png", "P02/001.png", deep[0], deep[1], "notes.txt"],
        ),
    ] {
        let output = bench.run(&format!("predict --device cpu --out out {inputs}"));

        // a text is no image, and the pattern asked for it
        let mut expected: BTreeSet<_> = expected.into_iter().map(str::to_owned).collect();
        let is_bad = expected.remove("notes.txt");
        assert_eq!(output.status.success(), !is_bad, "{}", stderr(&output));
        assert_eq!(answered(&bench, "out"), expected, "{inputs}");
        let rows = String::from_utf8(output.stdout).unwrap().lines().count() - 1;
        assert_eq!(rows, expected.len(), "{inputs}");
        std::fs::remove_dir_all(bench.path("out")).unwrap();
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let bench = bench();

    let said = stderr(&bench.run("predict --device cpu --out out patients patients/P01/001.png"));

    assert!(
        said.contains("left out: 2 masks (`NAME_mask.EXT`), 1 hidden, 1 named twice"),
        "{said}"
    );
    let said = bench.fails(1, "predict --device cpu --out none patients/P01/X_MASK.PNG");
    assert!(
        said.contains("nothing to segment: left out: 1 masks"),
        "{said}"
    );
    assert!(!bench.path("none").exists());
}

#[cfg(unix)]
#[test]
fn a_link_is_the_file_it_leads_to_and_a_loop_ends() {
    use std::os::unix::fs::symlink;

    let bench = bench();
    symlink(
        bench.path("patients/P01/001.png"),
        bench.path("patients/P01/link.png"),
    )
    .unwrap();
    symlink(bench.path("patients"), bench.path("patients/P02/loop")).unwrap();
    symlink(bench.path("nowhere"), bench.path("patients/P02/broken.png")).unwrap();

    let said = bench.fails(1, "predict --device cpu --out out patients");

    assert!(said.contains("P02/broken.png"), "{said}");
    let expected = [
        "P01/001.png",
        "P02/001.png",
        "P02/deep/a.png",
        "P02/deep/a.tif",
    ];
    assert_eq!(answered(&bench, "out"), expected.map(str::to_owned).into());
}

#[test]
fn every_frame_of_a_file_has_its_answer() {
    let bench = bench();
    std::fs::copy(CLIP, bench.path("patients/P01/clip.dcm")).unwrap();
    std::fs::write(bench.path("patients/P01/README"), "no image").unwrap();

    let rows = bench.ok("predict --device cpu --out out --json patients/P01");

    let frames = json(rows.lines().last().unwrap())["frames"]
        .as_u64()
        .unwrap();
    assert!(frames > 1, "{rows}");
    let clip = (0..frames).map(|frame| format!("clip.dcm_frame-{frame:04}"));
    let expected: BTreeSet<String> = clip.chain(["001.png".to_owned()]).collect();
    assert_eq!(answered(&bench, "out"), expected);
    // as scanners export it
    std::fs::create_dir(bench.path("export")).unwrap();
    std::fs::copy(CLIP, bench.path("export/IM_0001")).unwrap();
    bench.ok("predict --device cpu --out plain --frame 0 export");
    let plain = answered(&bench, "plain");
    assert_eq!(plain, ["IM_0001_frame-0000".to_owned()].into());
    let row =
        json(&bench.ok("predict --device cpu --out one --frame 1 --json patients/P01/clip.dcm"));
    assert_eq!((&row["frame"], &row["frames"]), (&1.into(), &frames.into()));
    assert_eq!(
        answered(&bench, "one"),
        ["clip.dcm_frame-0001".to_owned()].into()
    );
}

#[test]
fn failures_are_in_the_table_and_the_others_are_done() {
    let bench = bench();
    std::fs::write(bench.path("patients/P01/cut.tif"), "II*\0 cut").unwrap();
    std::fs::copy(CLIP, bench.path("patients/P01/clip.dcm")).unwrap();

    let said = bench.fails(1, "predict --device cpu --out out --frame 1 patients/P01");

    assert!(said.contains("2 failed"), "{said}");
    let table = String::from_utf8(read(&bench.path("out/predictions.csv"))).unwrap();
    let files = column(&table, "image");
    assert_eq!(
        files,
        ["clip.dcm", "001.png", "cut.tif"].map(|it| format!("patients/P01/{it}"))
    );
    let errors = column(&table, "error");
    let widths = column(&table, "width");
    for (error, width) in errors.iter().zip(&widths).skip(1) {
        assert!(!error.is_empty() && width.is_empty(), "{table}");
    }
    assert!(errors[0].is_empty() && !widths[0].is_empty(), "{table}");
    assert_eq!(
        answered(&bench, "out"),
        ["clip.dcm_frame-0001".to_owned()].into()
    );
}

#[test]
fn an_answer_that_cannot_be_written_is_named_and_the_others_are_done() {
    let bench = bench();
    std::fs::create_dir(bench.path("out")).unwrap();
    std::fs::write(bench.path("out/P01"), "a file where a folder is needed").unwrap();

    let said = bench.fails(1, "predict --device cpu --out out patients");

    assert!(said.contains("out/P01"), "{said}");
    let expected = ["P02/001.png", "P02/deep/a.png", "P02/deep/a.tif"];
    assert_eq!(answered(&bench, "out"), expected.map(str::to_owned).into());
}

#[test]
fn what_is_no_ultrasound_has_an_objection_and_no_nerve() {
    let bench = Bench::new();
    GrayImage::from_fn(96, 70, |x, y| {
        Luma([(x * 7 + y * 31) as u8 ^ (x * y) as u8])
    })
    .save(bench.path("noise.png"))
    .unwrap();

    let table = bench
        .ok("predict --device cpu --threshold 0.001 --presence-threshold 0 --out out noise.png");

    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let names = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let value = |name: &str| &row[names.iter().position(|it| it == name).unwrap()];
    assert_ne!(value("area_px"), "0");
    assert_eq!(value("nerve_found"), "false");
    assert!(
        !value("objection").is_empty() && !value("state").is_empty(),
        "{table}"
    );
}

#[test]
fn a_closed_stdout_stops_nothing_but_the_printing() {
    let bench = bench();
    let closed = |args: &str| {
        let mut child = bench.command(args).stdout(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        child.wait().unwrap().code()
    };

    assert_eq!(closed("predict --device cpu --out out patients"), Some(0));
    assert_eq!(answered(&bench, "out").len(), 4);
    assert!(bench.path("out/predictions.csv").exists());
    assert_eq!(closed("audit data --out audit"), Some(0));
    assert!(bench.path("audit/audit.html").exists());

    std::fs::write(bench.path("patients/cut.png"), "no image").unwrap();
    let again = "predict --device cpu --out out --skip-done patients";
    assert_eq!(closed(again), Some(1), "one is missing");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_stdout_is_an_error_and_pictures_are_written() {
    let bench = bench();
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = bench.command("predict --device cpu --out out patients");

    let output = command
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();

    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("cannot write to stdout"),
        "{output:?}"
    );
    assert_eq!(answered(&bench, "out").len(), 4);
    assert!(bench.path("out/predictions.csv").exists());
}
