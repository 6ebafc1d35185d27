//! Nothing is written over a file that the same run did not write.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::util::{Bench, read};

fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(dir).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), read(&path))).collect()
}

#[test]
fn predictions_beside_the_data_leave_it_as_it_is() {
    let bench = Bench::new();
    let before = files(&bench.path("data/train"));
    let predict = "predict --device cpu --out data/train";

    bench.ok(&format!("{predict} data/train"));

    let after = files(&bench.path("data/train"));
    assert!(before.iter().all(|(path, bytes)| after[path] == *bytes));
    let said = bench.fails(1, &format!("{predict} data/train"));
    assert!(
        said.contains("would write over") && said.contains("110 files"),
        "{said}"
    );
    assert_eq!(files(&bench.path("data/train")), after);
    // what was written is no input, of no command
    let said = bench.fails(1, "predict --device cpu --out out data/train/*.png");
    assert!(
        said.contains("108 files that `nerveseg predict` wrote"),
        "{said}"
    );
    bench.ok("audit data");
}

#[test]
fn every_command_refuses_to_write_over_a_file() {
    let bench = Bench::new();
    bench.train();
    let model = "--model run/best.safetensors --device flex --data data";
    for (command, file) in [
        (format!("evaluate {model} --out out"), "out/report.html"),
        (format!("evaluate {model} --out out"), "out/cases.jsonl"),
        (
            "compare bundled run/best.safetensors --device flex --data data --out out".to_owned(),
            "out/changes.png",
        ),
        ("audit data --out out".to_owned(), "out/exclude.txt"),
        (
            "split data --out out/splits.json".to_owned(),
            "out/splits.json",
        ),
        (format!("submit {model} --out out/s.csv"), "out/s.csv"),
        (
            format!("calibrate {model} --out out/m.safetensors --like run/best.safetensors"),
            "out/m.safetensors",
        ),
        (
            "predict --device cpu --out out data/test".to_owned(),
            "out/predictions.csv",
        ),
        (
            "predict --device cpu --out out data/test".to_owned(),
            "out/predictions.jsonl",
        ),
        (
            "predict --device cpu --out out data/test".to_owned(),
            "out/1.tif.nerve-probability.png",
        ),
    ] {
        let out = bench.path("out");
        std::fs::create_dir(&out).unwrap();
        std::fs::write(bench.path(file), "mine").unwrap();

        let said = bench.fails(1, &command);

        assert!(
            said.contains(file) && said.contains("--overwrite"),
            "{command}: {said}"
        );
        assert_eq!(
            files(&out),
            [(bench.path(file), b"mine".to_vec())].into(),
            "{command}"
        );

        bench.ok(&format!("{command} --overwrite"));
        assert_ne!(read(&bench.path(file)), b"mine", "{command}");
        std::fs::remove_dir_all(&out).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_link_under_an_outputs_name_does_not_lead_to_the_source() {
    let bench = Bench::new();
    let source = bench.path("data/test/1.tif");
    let before = read(&source);
    std::fs::create_dir(bench.path("out")).unwrap();
    for name in [
        "1.tif.nerve-mask.png",
        "predictions.csv",
        "predictions.jsonl",
    ] {
        std::os::unix::fs::symlink(&source, bench.path("out").join(name)).unwrap();
    }

    bench.fails(1, "predict --device cpu --out out data/test");
    assert_eq!(read(&source), before);
    bench.fails(1, "predict --device cpu --out out --skip-done data/test");
    assert_eq!(read(&source), before);
    bench.ok("predict --device cpu --out out --overwrite data/test");
    assert_eq!(read(&source), before);
}
