//! Running the program on small phantoms.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Settings of a network that trains in a second.
pub(crate) const TINY: &str = r"
epochs = 3
batch_size = 4
learning_rate = 0.003
[unet]
features = [4, 8, 16]
[preprocess]
height = 32
width = 44
[postprocess]
presence_threshold = 0.0
threshold = 0.3
";

/// A folder with phantoms in `data` and [`TINY`] in `tiny.toml`.
pub(crate) struct Bench {
    dir: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Self {
            dir: TempDir::new().unwrap(),
        };
        std::fs::write(bench.path("tiny.toml"), TINY).unwrap();
        let args =
            "phantom --out data --subjects 6 --frames 6 --test-frames 3 --size 96x70 --seed 3";
        bench.ok(args);
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The program, to be run in this folder on the CPU.
    pub(crate) fn command(&self, args: &str) -> Command {
        let mut command = program();
        command
            .current_dir(self.dir.path())
            .args(args.split_whitespace());
        command
    }

    pub(crate) fn run(&self, args: &str) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs what must succeed and returns its stdout.
    pub(crate) fn ok(&self, args: &str) -> String {
        let output = self.run(args);
        assert!(
            output.status.success(),
            "`nerveseg {args}` failed:\n{}",
            stderr(&output)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs what must fail with `code` and returns its stderr.
    pub(crate) fn fails(&self, code: i32, args: &str) -> String {
        let output = self.run(args);
        assert_eq!(
            output.status.code(),
            Some(code),
            "`nerveseg {args}`:\n{}",
            stderr(&output)
        );
        stderr(&output)
    }

    /// Makes a small artifact at `run/best.safetensors`.
    pub(crate) fn train(&self) {
        self.ok("train --data data --out run --preset small --config tiny.toml --device flex");
    }
}

pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_nerveseg"))
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

/// What the rows of a CSV say in a column of this name.
pub(crate) fn column(table: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let mut names = reader.headers().unwrap().iter();
    let at = names.position(|it| it == name).unwrap();
    let records = reader.records();
    records.map(|row| row.unwrap()[at].to_owned()).collect()
}
