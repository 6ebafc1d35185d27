//! From labels to a mask.

use std::fmt;
use std::path::Path;

use serde::Serialize;

use super::labels::{LabelKind, Labels, not_a_mask};
use crate::{DataError, Mask, Result};

/// Which value of a file was taken for the nerve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskValues {
    /// White on black, as the layout has it, or nothing at all.
    Plain,
    /// This grey value; 0 is the background.
    Grey(u16),
    /// This entry of a palette; another one is the background.
    Palette(u16),
}

impl fmt::Display for MaskValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => f.write_str("black and white"),
            Self::Grey(value) => write!(f, "0 and {value}"),
            Self::Palette(entry) => write!(f, "two colours of a palette, entry {entry}"),
        }
    }
}

const BLACK: [u8; 3] = [0; 3];

impl Labels {
    /// The mask, if there are two labels, the background and the nerve, and which value was taken
    /// for the nerve; `path` is for messages.
    ///
    /// Of grey values 0 is the background. Of palettes black is, if it is in use or one of the first
    /// two entries, or else entry 0.
    ///
    /// # Errors
    ///
    /// [`DataError::MaskNotBinary`] and [`DataError::NotAMask`] for more labels.
    pub fn mask(&self, path: &Path) -> Result<(Mask, MaskValues)> {
        match &self.kind {
            LabelKind::Grey { white } => from_greys(self, *white, path),
            LabelKind::Palette { colours } => from_palette(self, colours, path),
        }
    }
}

fn from_greys(labels: &Labels, white: u16, path: &Path) -> Result<(Mask, MaskValues)> {
    let Some(&nerve) = labels.values.iter().find(|&&value| value != 0) else {
        return Ok((Mask::default(labels.values.dim()), MaskValues::Plain));
    };
    let is_odd = |value: u16| value != 0 && value != nerve;
    // no search: a sum over all is many times as fast
    let has_third = labels.values.fold(false, |has, &value| has | is_odd(value));
    if has_third && let Some(third) = labels.values.iter().copied().find(|&it| is_odd(it)) {
        return Err(too_many(labels, nerve, third, white, path));
    }
    let values = if nerve == white {
        MaskValues::Plain
    } else {
        MaskValues::Grey(nerve)
    };
    Ok((labels.values.mapv(|value| value != 0), values))
}

/// What is wrong with a file that holds two values beside 0.
fn too_many(labels: &Labels, first: u16, second: u16, white: u16, path: &Path) -> DataError {
    let is_odd = |value: u16| value != 0 && value != white;
    let used = used(labels);
    if let ([low, high], false) = (&used[..], used.contains(&0)) {
        let found = format!(
            "{low} and {high}, and no 0 for the background (`nerveseg import` takes one of several \
             labels)"
        );
        return not_a_mask(path, found);
    }
    let (width, mut odd) = (
        labels.values.ncols(),
        labels.values.iter().enumerate().filter(|it| is_odd(*it.1)),
    );
    let (at, &value) = odd.next().unwrap_or((0, &first.min(second)));
    DataError::MaskNotBinary {
        path: path.to_owned(),
        value,
        white,
        row: (at / width) as u32,
        column: (at % width) as u32,
        count: 1 + odd.count(),
        distinct: used.len(),
    }
}

fn from_palette(labels: &Labels, colours: &[[u8; 3]], path: &Path) -> Result<(Mask, MaskValues)> {
    let used = used(labels);
    let colour = |entry: u16| colours.get(usize::from(entry)).copied();
    let has_black = used
        .iter()
        .chain(&[0, 1])
        .any(|&it| colour(it) == Some(BLACK));
    let is_background = |entry: u16| match has_black {
        true => colour(entry) == Some(BLACK),
        false => entry == 0,
    };
    let nerves: Vec<u16> = used
        .iter()
        .copied()
        .filter(|&it| !is_background(it))
        .collect();
    let values = match nerves[..] {
        [] => MaskValues::Plain,
        [nerve] if has_black && colour(nerve) == Some([u8::MAX; 3]) => MaskValues::Plain,
        [nerve] => MaskValues::Palette(nerve),
        _ => {
            let found = format!(
                "the entries {used:?} of a palette, expected two: the background and the nerve \
                 (`nerveseg import` takes one of several labels)"
            );
            return Err(not_a_mask(path, found));
        }
    };
    Ok((labels.values.mapv(|entry| !is_background(entry)), values))
}

/// Every value that occurs, rising.
fn used(labels: &Labels) -> Vec<u16> {
    let mut is_used = vec![false; 1 << 16];
    for &value in &labels.values {
        is_used[usize::from(value)] = true;
    }
    (0..=u16::MAX)
        .filter(|&value| is_used[usize::from(value)])
        .collect()
}
