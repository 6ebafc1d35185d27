//! Looks for files in what a person named: files, folders, patterns.

use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use nerveseg_data::{FileKind, extensions};
use walkdir::{DirEntry, WalkDir};

use super::skipped::Skipped;

/// Bytes by which DICOM is known.
const HEAD: u64 = 4096;

/// A file, and its place below a folder that one of the inputs names.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) base: PathBuf,
    pub(super) below: PathBuf,
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Search {
    pub(super) found: Vec<Found>,
    /// Folders that the inputs name, as the system calls them.
    pub(super) bases: Vec<PathBuf>,
    pub(super) skipped: Skipped,
    pub(super) failures: Vec<(PathBuf, anyhow::Error)>,
}

impl Search {
    /// Looks for what one argument names.
    pub(super) fn input(&mut self, input: &str) -> Result<()> {
        let path = Path::new(input);
        if path.is_dir() {
            let (base, before) = (self.base(path)?, self.seen());
            self.folder(path, &base, Path::new(""));
            if before == self.seen() {
                let known: Vec<String> = extensions().map(|it| format!(".{it}")).collect();
                bail!("folder `{input}` has no image ({})", known.join(" "));
            }
        } else if path.exists() {
            let base = self.base(path.parent().unwrap_or(Path::new("")))?;
            let below = path.file_name().unwrap_or_default().into();
            self.file(path.to_owned(), &base, below, FileKind::of(path));
        } else {
            self.pattern(input)?;
        }
        Ok(())
    }

    fn pattern(&mut self, input: &str) -> Result<()> {
        let matches = glob::glob(input).with_context(|| format!("`{input}` is no pattern"))?;
        let mut matches = matches.peekable();
        if matches.peek().is_none() {
            bail!("`{input}` is no file, no folder, and matches nothing");
        }
        let fixed = folder_of_pattern(Path::new(input));
        let base = self.base(&fixed)?;
        for found in matches {
            match found {
                Ok(path) => self.matching(path, &base, &fixed),
                Err(error) => {
                    let path = error.path().to_owned();
                    self.failures
                        .push((path, std::io::Error::from(error).into()));
                }
            }
        }
        Ok(())
    }

    /// A match of a pattern, all of which are below the folder `fixed`.
    fn matching(&mut self, path: PathBuf, base: &Path, fixed: &Path) {
        let whole = plain(&path);
        let below = whole.strip_prefix(fixed).unwrap_or(&whole).to_owned();
        if below.iter().any(|part| is_hidden(Path::new(part))) {
            self.skipped.hidden += usize::from(path.is_file());
        } else if path.is_dir() {
            self.folder(&path, base, &below);
        } else {
            let kind = FileKind::of(&path);
            self.file(path, base, below, kind);
        }
    }

    /// Images of a folder and of those inside, by name; `above` is its own place below `base`.
    fn folder(&mut self, dir: &Path, base: &Path, above: &Path) {
        let is_shown = |entry: &DirEntry| {
            entry.depth() == 0 || !entry.file_type().is_dir() || !is_hidden(entry.path())
        };
        let entries = WalkDir::new(dir).follow_links(true).sort_by_file_name();
        for entry in entries.into_iter().filter_entry(is_shown) {
            let path = match entry {
                Ok(entry) if entry.file_type().is_file() => entry.into_path(),
                Ok(_) => continue,
                Err(error) => {
                    self.cannot_walk(error);
                    continue;
                }
            };
            let below = above.join(path.strip_prefix(dir).unwrap_or(&path));
            match FileKind::of(&path) {
                FileKind::Hidden => self.skipped.hidden += 1,
                FileKind::Other if !is_dicom(&path) => {}
                kind => self.file(path, base, below, kind),
            }
        }
    }

    fn cannot_walk(&mut self, error: walkdir::Error) {
        let path = error.path().unwrap_or(Path::new("")).to_owned();
        // a link to a folder above itself adds nothing that is not seen already
        let is_loop = error.loop_ancestor().is_some();
        if !is_loop && (path.is_dir() || FileKind::of(&path) == FileKind::Frame) {
            self.failures.push((path, error.into()));
        }
    }

    fn file(&mut self, path: PathBuf, base: &Path, below: PathBuf, kind: FileKind) {
        match kind {
            FileKind::Mask => self.skipped.masks += 1,
            FileKind::Prediction => self.skipped.predictions += 1,
            FileKind::Frame | FileKind::Hidden | FileKind::Other => self.found.push(Found {
                path,
                base: base.to_owned(),
                below,
            }),
        }
    }

    /// How many files were looked at.
    fn seen(&self) -> usize {
        self.found.len() + self.failures.len() + self.skipped.count()
    }

    /// A folder that an input names, by one name however the person wrote it.
    fn base(&mut self, dir: &Path) -> Result<PathBuf> {
        let dir = Path::new(".").join(dir);
        let cannot = || format!("cannot find folder `{}`", dir.display());
        let base = dir.canonicalize().with_context(cannot)?;
        self.bases.push(base.clone());
        Ok(base)
    }
}

/// The folder before the first wildcard, which is the same for every match.
fn folder_of_pattern(pattern: &Path) -> PathBuf {
    let is_literal = |part: &Component<'_>| {
        let part = part.as_os_str().as_encoded_bytes();
        !part.iter().any(|byte| b"*?[".contains(byte))
    };
    let pattern = plain(pattern);
    let folder: PathBuf = pattern.components().take_while(is_literal).collect();
    if folder == pattern {
        // no wildcard at all
        return folder.parent().unwrap_or(Path::new("")).to_owned();
    }
    folder
}

/// Without `.` in it.
fn plain(path: &Path) -> PathBuf {
    let is_step = |part: &Component<'_>| *part != Component::CurDir;
    path.components().filter(is_step).collect()
}

fn is_hidden(path: &Path) -> bool {
    FileKind::of(path) == FileKind::Hidden
}

/// Whether a file without an image's extension is DICOM, as scanners export it: `IM_0001`.
fn is_dicom(path: &Path) -> bool {
    let mut head = Vec::new();
    let file = File::open(path);
    let read = file.and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.is_ok() && nerveseg_dicom::is_dicom(&head)
}
