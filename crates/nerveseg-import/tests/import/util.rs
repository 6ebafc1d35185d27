//! Folders to import from, and what should come of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};
use nerveseg_data::{Mask, read_mask};
use nerveseg_import::{ImportOptions, Imported, LabelChoice, Result, import};
use tempfile::TempDir;

/// Odd and unequal, so that swapped axes fail.
pub(crate) const WIDTH: u32 = 23;
pub(crate) const HEIGHT: u32 = 17;

pub(crate) struct Bench(TempDir);

impl Bench {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    pub(crate) fn text(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn image(&self, name: &str) {
        let pixel = |x, y| Luma([(x * 7 + y * 31) as u8]);
        let image = GrayImage::from_fn(WIDTH, HEIGHT, pixel);
        image.save(self.path(name)).unwrap();
    }

    /// A mask of `value` inside of [`inside`] and 0 elsewhere.
    pub(crate) fn mask(&self, name: &str, value: u8) {
        let pixel = |x, y| Luma([if inside(x, y) { value } else { 0 }]);
        let mask = GrayImage::from_fn(WIDTH, HEIGHT, pixel);
        mask.save(self.path(name)).unwrap();
    }

    pub(crate) fn import(&self, options: &ImportOptions) -> Result<Imported> {
        let source = self.0.path().join("src");
        let before = files(&source);
        let result = import(&source, &self.0.path().join("out"), options, &|_, _| {});
        assert_eq!(files(&source), before, "the source has changed");
        if result.is_err() {
            let left: Vec<_> = std::fs::read_dir(self.0.path()).unwrap().collect();
            assert_eq!(left.len(), 1, "something is left: {left:?}");
        }
        result
    }

    pub(crate) fn fails(&self, options: &ImportOptions) -> String {
        self.import(options).unwrap_err().to_string()
    }

    pub(crate) fn imported(&self, name: &str) -> Mask {
        read_mask(self.0.path().join("out").join(name)).unwrap()
    }
}

/// A rectangle off-centre.
pub(crate) fn inside(x: u32, y: u32) -> bool {
    (3..7).contains(&x) && (2..5).contains(&y)
}

pub(crate) fn drawn() -> Mask {
    let size = (HEIGHT as usize, WIDTH as usize);
    Mask::from_shape_fn(size, |(y, x)| inside(x as u32, y as u32))
}

pub(crate) fn empty() -> Mask {
    Mask::default((HEIGHT as usize, WIDTH as usize))
}

/// All files under a folder with their bytes.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), std::fs::read(path).unwrap());
        }
    }
    found
}

pub(crate) fn named(label: &str) -> ImportOptions {
    ImportOptions {
        labels: LabelChoice {
            name: Some(label.to_owned()),
            value: None,
        },
        ..ImportOptions::default()
    }
}

pub(crate) fn by_pattern(pattern: &str) -> ImportOptions {
    ImportOptions {
        subjects: pattern.parse().unwrap(),
        ..ImportOptions::default()
    }
}

pub(crate) fn subjects(done: &Imported) -> Vec<(&str, u32, u32)> {
    let rows = done.rows.iter();
    rows.map(|row| (row.subject_name.as_str(), row.subject, row.image))
        .collect()
}
