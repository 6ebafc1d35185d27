//! Which images, and where answers about them go below the folder for answers.

use std::collections::HashSet;
use std::path::{Component, PathBuf};

use anyhow::{Result, bail};

use super::search::{Found, Search};
use super::skipped::Skipped;

/// An image file.
#[derive(Debug)]
pub(crate) struct Source {
    /// As the person wrote it, or as it was found below that.
    pub(crate) path: PathBuf,
    /// Its place below the deepest folder that holds all inputs: `P01/001.png`.
    pub(crate) name: PathBuf,
}

/// What the inputs come to.
#[derive(Debug)]
pub(crate) struct Images {
    /// Every file once, in the order given; those of a folder by name.
    pub(crate) sources: Vec<Source>,
    /// Files that are no frames.
    pub(crate) skipped: Skipped,
    /// Folders that cannot be listed and links that lead nowhere.
    pub(crate) failures: Vec<(PathBuf, anyhow::Error)>,
}

/// Expands files, folders (with those inside) and patterns into image files. Masks and what a
/// prediction wrote are never images, and in folders and patterns hidden files are not.
pub(crate) fn images(inputs: &[String]) -> Result<Images> {
    let mut search = Search::default();
    for input in inputs {
        search.input(input)?;
    }
    let Search {
        found,
        bases,
        mut skipped,
        failures,
    } = search;
    if found.is_empty() && failures.is_empty() {
        bail!("nothing to segment: {skipped}");
    }
    let root = common(&bases)?;
    let (mut sources, mut seen, mut names) = (Vec::new(), HashSet::new(), HashSet::new());
    for Found { path, base, below } in found {
        let file = path.canonicalize().unwrap_or_else(|_| path.clone());
        if !seen.insert(file) {
            skipped.repeated += 1;
            continue;
        }
        let name = base.strip_prefix(&root).unwrap_or(&base).join(below);
        let is_below = |part: Component<'_>| matches!(part, Component::Normal(_));
        if !name.components().all(is_below) || !names.insert(name.clone()) {
            bail!("`{}` cannot be mirrored: name its folder", path.display());
        }
        sources.push(Source { path, name });
    }
    Ok(Images {
        sources,
        skipped,
        failures,
    })
}

/// The deepest folder that holds all of `folders`.
fn common(folders: &[PathBuf]) -> Result<PathBuf> {
    let mut common = folders.first().cloned().unwrap_or_default();
    while !folders.iter().all(|folder| folder.starts_with(&common)) {
        if !common.pop() {
            bail!("the inputs have no folder in common: predict them one after the other");
        }
    }
    Ok(common)
}
