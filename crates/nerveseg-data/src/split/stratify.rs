//! Seeded draws that give every part the same mix of subjects.

use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::{Split, SubjectStats};
use crate::{DataError, Result};

/// Size of one part of a holdout split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PartSize {
    /// This many subjects.
    Subjects(usize),
    /// This share of all subjects, rounded, at least one unless 0.
    Fraction(f64),
}

impl PartSize {
    fn count(self, subjects: usize) -> Result<usize> {
        match self {
            Self::Subjects(count) => Ok(count),
            Self::Fraction(0.0) => Ok(0),
            Self::Fraction(fraction) if fraction > 0.0 && fraction < 1.0 => {
                Ok(((subjects as f64 * fraction).round() as usize).max(1))
            }
            Self::Fraction(fraction) => Err(DataError::BadFraction { fraction }),
        }
    }
}

/// Sizes of the parts of a holdout split; the rest is trained on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HoldoutSize {
    /// Subjects to watch.
    pub validation: PartSize,
    /// Subjects to test on.
    pub test: PartSize,
}

impl Default for HoldoutSize {
    /// 15 % to watch, 15 % to test.
    fn default() -> Self {
        Self {
            validation: PartSize::Fraction(0.15),
            test: PartSize::Fraction(0.15),
        }
    }
}

pub(super) fn holdout(subjects: &[SubjectStats], size: HoldoutSize, seed: u64) -> Result<Split> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut rest = ranked(subjects, &mut rng);
    let validation = size.validation.count(rest.len())?;
    let test = size.test.count(rest.len())?;
    let needed = validation.saturating_add(test).saturating_add(1);
    if rest.len() < needed {
        return Err(too_few(rest.len(), needed));
    }
    let test = draw(&mut rest, test, &mut rng);
    let validation = draw(&mut rest, validation, &mut rng);
    Split::new(rest, validation, test)
}

/// `k` splits in which every subject is tested on once and watched once.
///
/// Subjects are dealt into `k` groups; fold `i` tests on group `i`, watches group `i + 1` (the
/// first again after the last) and trains on the others. Groups get the same mix of positive
/// fractions, or of numbers of cases where all fractions are equal. Depends on the subjects and
/// the seed alone, not on the order of `subjects`; a subject given twice counts once.
///
/// # Errors
///
/// Fewer than 3 folds, or fewer subjects than folds.
pub fn k_fold(subjects: &[SubjectStats], k: usize, seed: u64) -> Result<Vec<Split>> {
    if k < 3 {
        return Err(DataError::BadFoldCount { k });
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let ranked = ranked(subjects, &mut rng);
    if ranked.len() < k {
        return Err(too_few(ranked.len(), k));
    }
    let mut groups = vec![Vec::new(); k];
    // of every k neighbours in rank each group gets one
    let mut deal: Vec<usize> = (0..k).collect();
    for neighbours in ranked.chunks(k) {
        deal.shuffle(&mut rng);
        for (&group, &subject_id) in deal.iter().zip(neighbours) {
            groups[group].push(subject_id);
        }
    }
    (0..k)
        .map(|fold| {
            let watched = (fold + 1) % k;
            let train = (0..k).filter(|&group| group != fold && group != watched);
            let train = train
                .flat_map(|group| groups[group].iter().copied())
                .collect();
            Split::new(train, groups[watched].clone(), groups[fold].clone())
        })
        .collect()
}

/// Subject ids by positive fraction (by number of cases if all fractions are equal), ties in
/// random order.
fn ranked(subjects: &[SubjectStats], rng: &mut ChaCha8Rng) -> Vec<u32> {
    let mut subjects = subjects.to_vec();
    subjects.sort_unstable_by_key(|s| (s.subject_id, s.cases, s.positives));
    subjects.dedup_by_key(|s| s.subject_id);
    subjects.shuffle(rng);
    // equal fractions compare equal as cross products, without rounding
    let by_fraction = |a: &SubjectStats, b: &SubjectStats| {
        (a.positives * b.cases.max(1)).cmp(&(b.positives * a.cases.max(1)))
    };
    if subjects
        .windows(2)
        .all(|pair| by_fraction(&pair[0], &pair[1]).is_eq())
    {
        subjects.sort_by_key(|s| s.cases);
    } else {
        subjects.sort_by(by_fraction);
    }
    subjects.into_iter().map(|s| s.subject_id).collect()
}

/// Takes one subject at random from each of `count` equal stretches of the ranking.
fn draw(ranked: &mut Vec<u32>, count: usize, rng: &mut ChaCha8Rng) -> Vec<u32> {
    let total = ranked.len();
    let picks: Vec<usize> = (0..count)
        .map(|i| rng.random_range(i * total / count..(i + 1) * total / count))
        .collect();
    // from the back, so that earlier positions stay valid
    picks
        .into_iter()
        .rev()
        .map(|pick| ranked.remove(pick))
        .collect()
}

fn too_few(found: usize, needed: usize) -> DataError {
    DataError::TooFewToSplit {
        found,
        needed,
        unit: "subjects",
    }
}
