//! Commands that people type by mistake around training: each says what is wrong, and harms nothing.

use std::path::Path;
use std::process::{Child, Stdio};

use nerveseg_data::{read_mask, write_gray_tiff};
use serde_json::Value;

use crate::util::{Bench, json, read, stderr};

const TRAIN: &str = "train --data data --preset small --config tiny.toml --device flex --out";

/// Replaces a mask by one in which every pixel is `value`.
fn paint(mask: &Path, value: u8) {
    let (height, width) = read_mask(mask).unwrap().dim();
    let pixels = image::GrayImage::from_pixel(width as u32, height as u32, image::Luma([value]));
    std::fs::remove_file(mask).unwrap();
    write_gray_tiff(mask, &pixels).unwrap();
}

/// Masks of `data`, by the number of their subject.
fn masks(bench: &Bench, of: impl Fn(u64) -> bool) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(bench.path("data/train")).unwrap();
    let mut masks: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    masks.retain(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.contains("_mask") && of(name.split('_').next().unwrap().parse().unwrap())
    });
    assert!(!masks.is_empty());
    masks
}

fn parts(bench: &Bench, splits: &str) -> Value {
    let text = String::from_utf8(read(&bench.path(splits))).unwrap();
    json(&text)["folds"][0].clone()
}

fn spawn(bench: &Bench, args: &str) -> Child {
    let mut command = bench.command(args);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn of_two_runs_that_start_together_in_one_folder_one_is_refused() {
    let bench = Bench::new();
    let children = [1, 2].map(|seed| spawn(&bench, &format!("{TRAIN} both --seed {seed}")));
    let pids = children.each_ref().map(Child::id);

    let outputs = children.map(|child| child.wait_with_output().unwrap());

    let failed: Vec<usize> = (0..2).filter(|&i| !outputs[i].status.success()).collect();
    let &[loser] = &failed[..] else {
        panic!("{:?}", outputs.map(|output| stderr(&output)));
    };
    let text = stderr(&outputs[loser]);
    let in_use = |who: &str| format!("`both` is in use: {who} works there");
    let winner = format!("process {}", pids[1 - loser]);
    // one that comes before the other has written its number, or when it has ended
    let reasons = [
        in_use(&winner),
        in_use("another process"),
        "already holds a run".to_owned(),
    ];
    assert!(reasons.iter().any(|reason| text.contains(reason)), "{text}");
    let config = String::from_utf8(read(&bench.path("both/config.toml"))).unwrap();
    assert!(
        config.contains(&format!("seed = {}", 2 - loser)),
        "{config}"
    );
}

#[test]
fn resuming_with_anything_else_names_it_and_changes_nothing() {
    let bench = Bench::new();
    bench.ok("split data --folds 3 --seed 8 --out folds.json");
    bench.ok(&format!("{TRAIN} run --split folds.json --fold 1"));
    bench.ok("phantom --out other --subjects 6 --frames 6 --size 96x70 --seed 4");
    let before = read(&bench.path("run/config.toml"));
    let resume = "train --out run --device flex --resume";

    for (args, expected) in [
        (
            "--data data --batch-size 8",
            "`batch_size` is 4 in the run, 8 was asked for",
        ),
        (
            "--data data --seed 9",
            "`seed` is 1 in the run, 9 was asked for",
        ),
        (
            "--data data --preset seed",
            "`unet.features` is [4, 8, 16] in the run",
        ),
        ("--data data --split folds.json", "the split puts"),
        (
            "--data data --split folds.json --fold 2",
            "in the run, in `",
        ),
        ("--data data --leaky-frame-split", "the split puts"),
        ("--data other", "36 frames with another image (1_1, 1_2, "),
    ] {
        let text = bench.fails(1, &format!("{resume} {args}"));

        assert!(text.contains("cannot resume `run`: "), "{args}: {text}");
        assert!(text.contains(expected), "{args}: {text}");
        assert!(read(&bench.path("run/config.toml")) == before, "{args}");
    }
    bench.ok(&format!("{resume} --data data"));
    bench.ok(&format!(
        "{resume} --data data --split folds.json --fold 1 --batch-size 4"
    ));
}

#[test]
fn a_run_by_frame_is_resumed_by_frame() {
    let bench = Bench::new();
    bench.run(&format!("{TRAIN} run --leaky-frame-split"));

    bench.ok("train --data data --out run --device flex --resume");
    let text = bench.fails(
        1,
        "train --data data --out run --device flex --resume --seed 5 --leaky-frame-split",
    );
    assert!(text.contains("`seed` is 1 in the run"), "{text}");
}

#[test]
fn resuming_on_changed_data_says_what_changed() {
    let bench = Bench::new();
    bench.ok(&format!("{TRAIN} run"));
    let resume = format!("{TRAIN} run --resume");
    let (data, kept) = (bench.path("data/train"), bench.path("kept"));
    let table = bench.path("data/train_masks.csv");
    let whole = read(&data.join("2_3.tif"));
    let mask = read(&data.join("2_3_mask.tif"));
    std::fs::create_dir(&kept).unwrap();
    let restore = || {
        std::fs::write(data.join("2_3.tif"), &whole).unwrap();
        std::fs::write(data.join("2_3_mask.tif"), &mask).unwrap();
    };

    paint(&data.join("2_3_mask.tif"), 255);
    let text = bench.fails(1, &resume);
    assert!(text.contains("1 frame with another label (2_3)"), "{text}");

    restore();
    std::fs::remove_file(data.join("2_3_mask.tif")).unwrap();
    std::fs::remove_file(data.join("2_3.tif")).unwrap();
    let text = bench.fails(1, &resume);
    assert!(text.contains("1 frame removed (2_3)"), "{text}");

    restore();
    std::fs::copy(data.join("2_3.tif"), data.join("9_1.tif")).unwrap();
    std::fs::copy(data.join("2_3_mask.tif"), data.join("9_1_mask.tif")).unwrap();
    let text = bench.fails(1, &resume);
    assert!(text.contains("1 frame added (9_1)"), "{text}");
    std::fs::remove_file(data.join("9_1.tif")).unwrap();
    std::fs::remove_file(data.join("9_1_mask.tif")).unwrap();
    bench.ok(&resume);

    // rows of the table count where there is no file
    for mask in masks(&bench, |_| true) {
        std::fs::rename(&mask, kept.join(mask.file_name().unwrap())).unwrap();
    }
    bench.ok(&format!("{TRAIN} table"));
    let rows = String::from_utf8(read(&table)).unwrap();
    let changed = rows.lines().map(|row| match row.split_once("2,3,") {
        Some(("", _)) => "2,3,1 2 90 4\n".to_owned(),
        _ => format!("{row}\n"),
    });
    std::fs::write(&table, changed.collect::<String>()).unwrap();
    let text = bench.fails(1, &format!("{TRAIN} table --resume"));
    assert!(text.contains("1 frame with another label (2_3)"), "{text}");
}

#[test]
fn a_start_that_failed_leaves_a_folder_to_start_in() {
    let bench = Bench::new();
    let data = bench.path("data/train");
    let good = read(&data.join("2_3_mask.tif"));

    std::fs::write(data.join("2_3_mask.tif"), "no image").unwrap();
    for args in [
        "--leaky-frame-split",
        "--split nowhere.json",
        "",
        "--exclude data",
        "--exclude nowhere.txt",
    ] {
        let text = bench.fails(1, &format!("{TRAIN} run {args}"));
        assert!(!text.contains("already holds a run"), "{args}: {text}");
        let text = bench.fails(1, &format!("{TRAIN} run --resume"));
        assert!(text.contains("no checkpoint to resume"), "{args}: {text}");
    }
    std::fs::write(data.join("2_3_mask.tif"), good).unwrap();

    bench.ok(&format!("{TRAIN} run"));
}

#[test]
fn files_that_somebody_keeps_in_the_folder_are_not_written_over() {
    let bench = Bench::new();
    for name in ["config.toml", "splits.json"] {
        let (folder, file) = (bench.path("run"), bench.path("run").join(name));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(&file, "mine").unwrap();

        let text = bench.fails(1, &format!("{TRAIN} run"));

        assert!(text.contains("already holds a run"), "{text}");
        assert_eq!(read(&file), b"mine");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

#[test]
fn labels_that_say_nothing_stop_training_before_it_begins() {
    let bench = Bench::new();
    let subjects = |part: &str| -> Vec<u64> {
        let ids = parts(&bench, "splits.json")[part].clone();
        serde_json::from_value(ids).unwrap()
    };
    bench.ok("split data --folds 1 --out splits.json");
    let train = format!("{TRAIN} run --split splits.json");

    for mask in masks(&bench, |id| subjects("validation").contains(&id)) {
        paint(&mask, 0);
    }
    let text = stderr(&bench.run(&train));
    assert!(
        text.contains("ALARM: none of the 6 validation frames shows a nerve"),
        "{text}"
    );
    let text = bench.fails(
        1,
        "train --data data --out other --preset default --device flex --split splits.json",
    );
    assert!(
        text.contains("early stopping on `val_dice_positive` has nothing"),
        "{text}"
    );

    std::fs::remove_dir_all(bench.path("run")).unwrap();
    for (value, expected) in [
        (
            0,
            "training frames of `data` shows a nerve: there is nothing to learn",
        ),
        (
            255,
            "covers less than the whole frame: there is nothing to learn",
        ),
    ] {
        for mask in masks(&bench, |id| subjects("train").contains(&id)) {
            paint(&mask, value);
        }
        let text = bench.fails(1, &train);
        assert!(text.contains(expected), "{text}");
        assert!(!bench.path("run/best.safetensors").exists());
    }
}

#[test]
fn calibration_takes_the_validation_part_and_says_whom() {
    let bench = Bench::new();
    bench.train();
    let (train, validation, test) = (
        parts(&bench, "run/splits.json")["train"].clone(),
        parts(&bench, "run/splits.json")["validation"].clone(),
        parts(&bench, "run/splits.json")["test"].clone(),
    );
    let model = "--model run/best.safetensors --device flex --split run/splits.json";

    let answer = json(&bench.ok(&format!(
        "calibrate {model} --data data --json --out model.safetensors"
    )));

    assert_eq!(answer["calibrated_on"]["part"], "validation");
    assert_eq!(answer["calibrated_on"]["subjects"], validation);
    assert_eq!(answer["seen_before"], json("[]"));
    let info = json(&bench.ok("info model.safetensors --json"));
    assert_eq!(
        info["manifest"]["provenance"]["calibration"],
        answer["calibrated_on"]
    );
    let text = stderr(&bench.run(&format!("calibrate {model} --data data --part train")));
    assert!(text.contains("were also used for training"), "{text}");

    // the people of each part, with the model and the folder that knows them
    let evaluate = |part: &str, data: &str| {
        let output = bench.run(&format!(
            "evaluate --model model.safetensors --device flex --split run/splits.json --json \
             --data {data} --part {part}"
        ));
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        (json(&text)["seen_before"].clone(), stderr(&output))
    };
    let (seen, text) = evaluate("test", "data");
    assert_eq!(seen, json("[]"), "{test}");
    assert!(!text.contains("warning"), "{text}");
    let (seen, text) = evaluate("train", "data");
    assert_eq!(seen[0]["in"], "training");
    assert_eq!(seen[0]["subjects"], train);
    let (seen, _) = evaluate("validation", "data");
    assert_eq!(seen[1]["in"], "calibration");
    assert_eq!(seen[1]["same_data"], true);
    assert!(
        text.contains("were also used for training: these scores"),
        "{text}"
    );
    bench.ok("phantom --out other --subjects 6 --frames 6 --size 96x70 --seed 4");
    let (seen, text) = evaluate("validation", "other");
    assert_eq!(seen[1]["same_data"], false);
    assert!(
        text.contains("also used for calibration, of data that is not quite"),
        "{text}"
    );
}

#[test]
fn the_scores_of_a_run_are_not_those_of_another_evaluation() {
    let bench = Bench::new();
    bench.train();
    let before = read(&bench.path("run/evaluation.json"));

    let text = bench.fails(
        1,
        "evaluate --model run/best.safetensors --device flex --data data --out run",
    );

    assert!(
        text.contains("would write over `run/report.html`"),
        "{text}"
    );
    assert!(read(&bench.path("run/evaluation.json")) == before);
}

#[test]
fn what_is_typed_wrong_is_named_with_what_was_expected() {
    let bench = Bench::new();
    bench.ok("split data --folds 3 --out s.json");
    for (code, args, expected) in [
        (
            1,
            "split data --together 3,99 --out x.json",
            "no subject 99; the data has 1, 2, 3,",
        ),
        (
            2,
            "split data --together 3,3 --out x.json",
            "two or more subjects",
        ),
        (
            1,
            "evaluate --data data --subjects 1,98,99",
            "no subject 98, 99; the data has 1,",
        ),
        (
            2,
            "evaluate --data data --subjects 1,x",
            "expected a whole number",
        ),
        (
            2,
            "train --data data --out r --split s.json --fold -1",
            "expected the number of one",
        ),
        (
            2,
            "evaluate --data data --split s.json --fold all",
            "expected the number of one",
        ),
        (
            2,
            "train --data data --out r --epochs many",
            "expected a whole number",
        ),
    ] {
        let text = bench.fails(code, args);

        assert!(text.contains(expected), "{args}: {text}");
        assert!(!text.contains("invalid digit"), "{args}: {text}");
    }
    assert!(!bench.path("x.json").exists());
}

#[test]
fn a_message_advises_what_the_command_has() {
    let bench = Bench::new();
    std::fs::write(bench.path("data/train/scan.png"), "").unwrap();
    for (args, has) in [
        ("train --data data --out r --device flex", true),
        ("train --data data --overfit-one-batch --device flex", true),
        ("evaluate --data data --device flex", false),
        ("calibrate --data data --device flex", false),
        ("split data --out x.json", false),
        ("submit --data data --device flex --out s.csv", false),
    ] {
        let text = bench.fails(1, args);

        assert!(text.contains("scan.png"), "{args}: {text}");
        assert_eq!(text.contains("--skip-bad"), has, "{args}: {text}");
    }
}

#[test]
fn a_list_of_cases_that_are_not_there_is_told() {
    let bench = Bench::new();
    std::fs::write(bench.path("exclude.txt"), "1_1\n77_1\n").unwrap();

    let text = stderr(&bench.run(&format!("{TRAIN} run --exclude exclude.txt --epochs 1")));

    assert!(
        text.contains("names 1 cases that `data` does not have, such as 77_1"),
        "{text}"
    );
    assert!(text.contains("excluded: 1 of 36 cases"), "{text}");
}

/// Mesa's Vulkan layer complains of a missing display whenever adapters are listed, where it is
/// installed; elsewhere only what the program tells it can be seen.
#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_a_display_is_known_as_one() {
    use std::io::{BufRead as _, BufReader};

    let bench = Bench::new();
    let mut command = bench.command(&format!("{TRAIN} run --json"));
    command
        .env_remove("XDG_RUNTIME_DIR")
        .env_remove("WAYLAND_DISPLAY");
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.next().unwrap().unwrap();

    let environment = read(Path::new(&format!("/proc/{}/environ", child.id())));

    child.kill().unwrap();
    child.wait().unwrap();
    let environment = String::from_utf8_lossy(&environment).into_owned();
    let mut variables = environment.split('\0');
    assert!(
        variables.any(|variable| variable == "WAYLAND_DISPLAY=/dev/null"),
        "{environment}"
    );
}
