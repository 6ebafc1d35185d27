//! A model that meets another machine, and is adapted to it.

use std::path::Path;

use image::{GrayImage, imageops};

use crate::util::{Bench, json};

/// Enough epochs for a tiny network to find most phantoms.
const LEARN: &str = r"
epochs = 25
batch_size = 4
learning_rate = 0.01
[unet]
features = [4, 8, 16]
[preprocess]
height = 32
width = 44
[postprocess]
presence_threshold = 0.0
threshold = 0.3
";

/// A tiny network takes larger steps than the preset's.
const TUNE: &str = "learning_rate = 0.01\n";

/// The same people on a machine that shows echoes dark on bright.
fn on_another_machine(from: &Path, to: &Path) {
    let train = to.join("train");
    std::fs::create_dir_all(&train).unwrap();
    for file in std::fs::read_dir(from.join("train")).unwrap() {
        let path = file.unwrap().path();
        let to = train.join(path.file_name().unwrap());
        if path.to_str().unwrap().contains("_mask") {
            std::fs::copy(path, to).unwrap();
            continue;
        }
        let mut frame: GrayImage = image::open(path).unwrap().into_luma8();
        imageops::invert(&mut frame);
        frame.save(to).unwrap();
    }
}

#[test]
fn on_the_new_machine_the_adapted_model_beats_the_one_it_was_started_from() {
    let bench = Bench::new();
    bench.ok("phantom --out old --subjects 20 --frames 5 --size 96x70 --seed 3 --positives 0.8");
    on_another_machine(&bench.path("old"), &bench.path("new"));
    std::fs::write(bench.path("learn.toml"), LEARN).unwrap();
    std::fs::write(bench.path("tune.toml"), TUNE).unwrap();
    bench.ok("split old --folds 1 --holdout 0.17 --seed 1 --out s.json");
    let train = "train --device flex --split s.json";

    bench.ok(&format!(
        "{train} --data old --out first --preset small --config learn.toml"
    ));
    bench.ok(&format!(
        "{train} --data new --out tuned --init first/best.safetensors --preset finetune \
         --config tune.toml"
    ));

    let compared = json(&bench.ok(
        "compare first/best.safetensors tuned/best.safetensors --data new --split s.json \
         --device flex --json",
    ));
    let gained = compared["scores"]["dice_positive"]["difference"].as_f64();
    assert!(gained.unwrap() > 0.1, "{compared}");
}
