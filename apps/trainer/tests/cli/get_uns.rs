//! `scripts/get-uns` with a Kaggle client that is none.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::util::{Bench, stderr};

/// Does what `FAKE` says; the arguments are those of `competitions download -c NAME -p FOLDER`.
const CLIENT: &str = r#"#!/bin/bash
[[ "$1 $2 $3 $4 $5" == "competitions download -c ultrasound-nerve-segmentation -p" ]] || exit 9
case "$FAKE" in
  forbidden) echo "403 Client Error: Forbidden for url: https://www.kaggle.com/api/v1"; exit 1 ;;
  forbidden-in-silence) echo "403 - Forbidden" ;;
  unauthorized) echo "401 - Unauthorized"; exit 1 ;;
  offline) echo "Could not resolve host"; exit 1 ;;
  cut) head -c 3000 "$FAKE_ZIP" >"$6/ultrasound-nerve-segmentation.zip" ;;
  whole) cp "$FAKE_ZIP" "$6/ultrasound-nerve-segmentation.zip" ;;
esac
"#;

/// What the script calls, besides the client.
const TOOLS: [&str; 16] = [
    "bash", "cat", "chmod", "cp", "dirname", "env", "find", "grep", "head", "mkdir", "mv",
    "python3", "rm", "stat", "tee", "wc",
];

/// A home with a token, and a PATH with nothing but what is needed.
struct Machine {
    bench: Bench,
}

impl Machine {
    fn new() -> Self {
        let machine = Self {
            bench: Bench::new(),
        };
        std::fs::create_dir(machine.path("bin")).unwrap();
        for tool in TOOLS {
            let program = if tool == "python3" {
                python()
            } else {
                find(tool)
            };
            symlink(program, machine.path("bin").join(tool)).unwrap();
        }
        machine.write("bin/kaggle", CLIENT, 0o755);
        machine.token(0o600);
        let mut zip = Command::new("python3");
        zip.args([
            "-m",
            "zipfile",
            "-c",
            "../uns.zip",
            "train",
            "test",
            "train_masks.csv",
        ])
        .current_dir(machine.path("data"));
        assert!(zip.status().unwrap().success());
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.bench.path(name)
    }

    fn write(&self, name: &str, text: &str, rights: u32) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(path, PermissionsExt::from_mode(rights)).unwrap();
    }

    fn token(&self, rights: u32) {
        let token = r#"{"username": "somebody", "key": "0123"}"#;
        self.write(".kaggle/kaggle.json", token, rights);
    }

    fn run(&self, fake: &str, arguments: &[&str]) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/get-uns");
        Command::new("bash")
            .arg(script)
            .args(arguments)
            .current_dir(self.path("."))
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("HOME", self.path("."))
            .env("NERVESEG", env!("CARGO_BIN_EXE_nerveseg"))
            .env("FAKE", fake)
            .env("FAKE_ZIP", self.path("uns.zip"))
            .output()
            .unwrap()
    }

    #[track_caller]
    fn refuses(&self, fake: &str, words: &str) {
        let output = self.run(fake, &[]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(words), "{said}");
        assert!(!self.path("uns").exists(), "{said}");
    }
}

/// The interpreter itself: what the PATH has may be a script that looks for it.
fn python() -> PathBuf {
    let mut python = Command::new("python3");
    let output = python.args(["-c", "import sys; print(sys.executable)"]);
    let output = output.output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().into()
}

fn find(tool: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    let mut places = std::env::split_paths(&path).map(|folder| folder.join(tool));
    places.find(|place| place.exists()).unwrap()
}

#[test]
fn the_data_are_fetched_checked_unpacked_and_audited() {
    let machine = Machine::new();

    let output = machine.run("whole", &[]);

    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("uns is whole"));
    assert!(!output.stdout.is_empty(), "the audit says something");
    let same = |name: &str| {
        let [there, here] = ["data", "uns"].map(|it| machine.path(it).join(name));
        std::fs::read(there).unwrap() == std::fs::read(here).unwrap()
    };
    assert!(same("train_masks.csv") && same("train/1_1_mask.tif"));
    assert!(!machine.path("uns.download").exists());

    // a second time nothing is fetched
    let output = machine.run("offline", &["uns/"]);
    assert!(output.status.success(), "{}", stderr(&output));

    // what is not whole is named and left alone
    std::fs::remove_file(machine.path("uns/train/1_1.tif")).unwrap();
    let output = machine.run("whole", &["uns"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("uns is there and is not the whole data set"));
    assert!(!machine.path("uns/train/1_1.tif").exists());
}

#[test]
fn what_is_missing_is_said_with_what_to_do() {
    let machine = Machine::new();
    let rules = "https://www.kaggle.com/c/ultrasound-nerve-segmentation/rules";
    machine.refuses("forbidden", rules);
    machine.refuses("forbidden-in-silence", rules);
    machine.refuses("unauthorized", "does not know your token");
    machine.refuses("offline", "the download failed");
    machine.refuses("nothing", "wrote no uns.download/");
    machine.refuses("cut", "the download is not whole");

    machine.token(0o644);
    machine.refuses("whole", "chmod 600");
    machine.write(".kaggle/kaggle.json", "somebody:0123", 0o600);
    machine.refuses("whole", "is no token");
    std::fs::remove_dir_all(machine.path(".kaggle")).unwrap();
    machine.refuses("whole", "there is no token");

    std::fs::remove_file(machine.path("bin/kaggle")).unwrap();
    // a Python without the client
    std::fs::remove_file(machine.path("bin/python3")).unwrap();
    machine.write("bin/python3", "#!/bin/bash\nexit 1\n", 0o755);
    machine.refuses("whole", "python3 -m pip install kaggle");
}

#[test]
fn help_says_what_to_accept_where() {
    let machine = Machine::new();

    let output = machine.run("offline", &["--help"]);

    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.contains("https://www.kaggle.com/c/ultrasound-nerve-segmentation/rules"));
    assert_eq!(machine.run("offline", &["--all"]).status.code(), Some(2));
    assert_eq!(machine.run("offline", &["a", "b"]).status.code(), Some(2));
}
