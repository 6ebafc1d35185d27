//! What is to be done of every file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Result, bail};
use nerveseg_data::file_kind::JOURNAL;
use nerveseg_data::{hash_file, hex};
use nerveseg_model::Segmenter;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::answers::{self, Answers};
use super::existing::ExistingArgs;
use super::pictures::{Pictures, frame_name};
use super::row::{Row, key};
use crate::inputs::Source;

/// Digits of a digest that are enough to tell models apart.
const DIGITS: usize = 16;

/// A file, and which of its frames are done.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) source: &'a Source,
    pub(super) done: BTreeSet<u32>,
    /// How many frames it has, where a row says so.
    pub(super) count: Option<u32>,
    sha256: OnceLock<Option<String>>,
}

impl<'a> Plan<'a> {
    fn new(source: &'a Source) -> Self {
        Self {
            source,
            done: BTreeSet::new(),
            count: None,
            sha256: OnceLock::new(),
        }
    }

    /// Digest of the file; none of a pipe, which can be read only once.
    pub(super) fn sha256(&self) -> Option<&str> {
        let path = &self.source.path;
        let digest = || path.is_file().then(|| hash_file(path).ok()).flatten();
        self.sha256.get_or_init(digest).as_deref()
    }
}

/// Digest of what answers: the weights, what is done with what they say, and the region of a screen
/// that they are shown.
pub(super) fn model(segmenter: &Segmenter, region: Option<u32>) -> Result<String> {
    let manifest = segmenter.manifest();
    let settings = serde_json::to_string(&manifest.postprocess)?;
    let region = region.map_or_else(String::new, |region| format!(" {region}"));
    let settings = format!("{} {settings}{region}", manifest.sha256);
    let mut digest = hex(&Sha256::digest(settings));
    digest.truncate(DIGITS);
    Ok(digest)
}

/// Takes the folder and finds what is to be done. Rows of earlier runs are kept, but for those that
/// are replaced.
pub(super) fn plan<'a>(
    out: &Path,
    existing: ExistingArgs,
    sources: &'a [Source],
    frame: Option<u32>,
    model: &str,
) -> Result<(Answers, Vec<Plan<'a>>)> {
    let mut plans: Vec<Plan<'_>> = sources.iter().map(Plan::new).collect();
    let names: BTreeSet<String> = sources.iter().map(|source| key(&source.name)).collect();
    let is_planned =
        |row: &Row| names.contains(&row.name) && frame.is_none_or(|only| only == row.frame);
    if existing.overwrite {
        let path = out.join(JOURNAL);
        if answers::read(&path).is_err() {
            // not of this program, or of another version: it may be replaced
            std::fs::remove_file(&path)?;
        }
        return Ok((Answers::open(out, |row| !is_planned(row))?, plans));
    }
    let rows = answers::read(&out.join(JOURNAL))?;
    let planned = || rows.values().filter(|row| is_planned(row));
    let known: BTreeSet<&str> = planned().map(|row| row.name.as_str()).collect();
    // digests of all that has a row, on every core
    let is_known = |plan: &&Plan<'_>| known.contains(key(&plan.source.name).as_str());
    let digests: BTreeMap<String, Option<&str>> = plans
        .par_iter()
        .filter(is_known)
        .map(|plan| (key(&plan.source.name), plan.sha256()))
        .collect();
    let is_of_this = |row: &Row| {
        row.model == model && row.sha256.is_some() && row.sha256.as_deref() == digests[&row.name]
    };
    let mut others = planned().filter(|row| !is_of_this(row));
    if let Some(other) = others.next() {
        bail!(
            "`{}` and {} more in `{}` come of another model, other settings or another file: choose \
             another `--out`, or say `--overwrite`",
            other.mask,
            others.count(),
            out.display()
        );
    }
    let is_done = |row: &Row| {
        let name = frame_name(Path::new(&row.name), row.frame, row.frames);
        Pictures::new(out, &name).exist()
    };
    let answers = Answers::open(out, |row| !is_planned(row) || is_done(row))?;
    for plan in &mut plans {
        (plan.done, plan.count) = answers.done(&key(&plan.source.name));
    }
    Ok((answers, plans))
}
