//! `--help` teaches, and stays as it is unless somebody means to change it.

use crate::util::program;

fn help(args: &[&str]) -> String {
    let output = program()
        .args(args)
        .arg("--help")
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

const COMMANDS: [&str; 16] = [
    "demo",
    "phantom",
    "stats",
    "import",
    "audit",
    "split",
    "train",
    "evaluate",
    "compare",
    "calibrate",
    "predict",
    "submit",
    "export-labels",
    "info",
    "bench",
    "completions",
];

#[test]
fn every_page_stays_as_it_is() {
    insta::assert_snapshot!("nerveseg", help(&[]));
    for command in COMMANDS {
        insta::assert_snapshot!(command, help(&[command]));
    }
}

#[test]
fn every_command_shows_an_example() {
    for command in COMMANDS {
        let text = help(&[command]);
        assert!(
            text.contains("Example"),
            "`{command} --help` has no example:\n{text}"
        );
        assert!(text.contains(&format!("nerveseg {command}")), "{text}");
    }
}

#[test]
fn the_front_page_says_where_to_start_and_what_it_is_not_for() {
    let text = help(&[]);

    assert!(text.contains("Start here"), "{text}");
    assert!(text.contains("not for clinical use"), "{text}");
}

#[test]
fn completions_exist_for_common_shells() {
    for shell in ["bash", "zsh", "fish"] {
        let output = program().args(["completions", shell]).output().unwrap();
        assert!(
            String::from_utf8(output.stdout)
                .unwrap()
                .contains("overfit-one-batch")
        );
    }
}

#[test]
fn the_seed_preset_has_the_seed_systems_parameters() {
    let output = program()
        .args(["info", "--preset", "seed"])
        .output()
        .unwrap();

    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("2,164,305 parameters, of which 2,161,361 trainable"),
        "{text}"
    );
}
