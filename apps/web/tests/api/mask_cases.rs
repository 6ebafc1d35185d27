//! `mask.js` cuts masks as `Postprocess` does: cases for its test, with the answers of this side.
//!
//! `tests/browser/mask.test.js` reads the file; this writes it anew:
//!
//! ```sh
//! NERVESEG_WRITE_CASES=1 cargo test --release -p nerveseg-web mask_cases
//! ```

use std::path::Path;

use ndarray::Array2;
use nerveseg_data::rle;
use nerveseg_model::{Postprocess, PresenceEvidence, RawPrediction};
use serde_json::{Value, json};

/// Height and width: unequal, so that swapped axes fail.
const SIZE: [usize; 2] = [9, 13];

/// A map, as the server sends it: probability × 255. A large region, one of the same size that
/// touches it at a corner, a small one, and a single pixel on the border.
const MAP: [&str; 9] = [
    "....aab......",
    "...abccb...aa",
    "...bcddc..abb",
    "....bcb...bcb",
    "......abb..aa",
    "...a...bcb...",
    ".......bb....",
    "bb...........",
    "cb..........d",
];

/// Grey values of the letters; those of `b` and `c` are thresholds of the slider exactly.
fn value(letter: u8) -> u8 {
    match letter {
        b'a' => 50,
        b'b' => 51,
        b'c' => 153,
        b'd' => 255,
        _ => 0,
    }
}

fn regions() -> Array2<u8> {
    Array2::from_shape_fn(SIZE, |(row, column)| value(MAP[row].as_bytes()[column]))
}

/// Columns of equal height with gaps between: regions of the same area.
fn equals() -> Array2<u8> {
    Array2::from_shape_fn(SIZE, |(row, column)| {
        let inside = column % 4 < 2 && (2..6).contains(&row);
        if inside { 204 } else { 0 }
    })
}

/// Settings by name.
fn rules() -> [(&'static str, Postprocess); 5] {
    let plain = Postprocess::default();
    let gated = Postprocess {
        presence_threshold: presence(0.5),
        presence_sure: presence(0.8),
        ..plain.clone()
    };
    let largest = Postprocess {
        keep_largest_component: true,
        ..plain.clone()
    };
    // of 117 pixels: regions of fewer than five are dropped
    let sized = Postprocess {
        min_area_fraction: 5.0 / 117.0,
        ..plain.clone()
    };
    let all = Postprocess {
        keep_largest_component: true,
        min_area_fraction: 0.1,
        ..gated.clone()
    };
    [
        ("plain", plain),
        ("gated", gated),
        ("largest", largest),
        ("sized", sized),
        ("all", all),
    ]
}

/// What the network says when its presence head says `head`.
fn raw(map: &Array2<u8>, head: f32) -> RawPrediction {
    RawPrediction {
        probabilities: map.mapv(|value| f32::from(value) / 255.0),
        evidence: PresenceEvidence {
            head: Some(head),
            core: 0.0,
        },
    }
}

/// Presence at that head: by way of logits it may differ from `head` in its last digit.
fn presence(head: f32) -> f32 {
    let evidence = raw(&regions(), head).evidence;
    Postprocess::default().presence.score(evidence)
}

fn case(map: &Array2<u8>, rules: &Postprocess, threshold: f32, head: f32) -> Value {
    let rules = Postprocess {
        threshold,
        ..rules.clone()
    };
    let found = rules.apply(&raw(map, head), SIZE);
    json!({
        "area": found.area_px,
        "state": found.presence_state,
        "runs": rle::encode(found.mask.view()).to_string(),
    })
}

/// The file: maps and settings, then one case a line.
fn document() -> String {
    let maps = [("regions", regions()), ("equals", equals())];
    let mut lines = Vec::new();
    for (map_name, map) in &maps {
        for (rules_name, rules) in &rules() {
            for threshold in ["0.02", "0.2", "0.21", "0.6", "0.98"] {
                // 0.5 and 0.8 are the gate and what is sure
                for head in [0.49, 0.5, 0.79, 0.8] {
                    let found = case(map, rules, threshold.parse().unwrap(), head);
                    let presence = presence(head);
                    lines.push(format!(
                        "{{\"map\":\"{map_name}\",\"rules\":\"{rules_name}\",\
                         \"threshold\":{threshold},\"presence\":{presence},\"found\":{found}}}"
                    ));
                }
            }
        }
    }
    let pixels = |map: &Array2<u8>| json!(map.iter().collect::<Vec<_>>());
    let maps: Value = maps
        .iter()
        .map(|(name, map)| (*name, pixels(map)))
        .collect();
    // as text at once: a `Value` would widen 0.8 to 0.800000011920929
    let rules = rules().map(|(name, it)| {
        let rules = serde_json::to_string(&it).unwrap();
        format!("\"{name}\": {rules}")
    });
    format!(
        "{{\n\"height\": {},\n\"width\": {},\n\"maps\": {maps},\n\"rules\": {{\n{}\n}},\n\
         \"cases\": [\n{}\n]\n}}\n",
        SIZE[0],
        SIZE[1],
        rules.join(",\n"),
        lines.join(",\n")
    )
}

#[test]
fn the_browser_is_tested_against_what_this_side_cuts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/mask-cases.json");
    let document = document();
    serde_json::from_str::<Value>(&document).unwrap();
    if std::env::var_os("NERVESEG_WRITE_CASES").is_some() {
        std::fs::write(&path, &document).unwrap();
    }

    let written = std::fs::read_to_string(&path).unwrap();

    assert!(
        written == document,
        "`{}` is not what `Postprocess` says now; write it anew with NERVESEG_WRITE_CASES=1",
        path.display()
    );
}
