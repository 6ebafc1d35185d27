//! Subjects that are one person under several numbers.

use super::subject::check_known;
use super::{Split, SubjectStats};
use crate::Result;

/// Splits as `split` does, but keeps the subjects of each group of `linked` in one part.
///
/// The audit finds such groups (`AuditReport::linked_subjects`): the same picture under two
/// numbers is the same person, and would leak through a split by number. While `split` runs, a
/// group is one subject, the lowest of its numbers; groups that share a number count as one.
///
/// # Errors
///
/// [`DataError::UnknownSubjects`](crate::DataError::UnknownSubjects) for a group that names a
/// subject which is not there, and those of `split`.
///
/// # Examples
///
/// ```
/// use nerveseg_data::{SubjectStats, k_fold, split_linked};
///
/// let subjects: Vec<SubjectStats> = (1..=9)
///     .map(|subject_id| SubjectStats { subject_id, cases: 10, positives: 4 })
///     .collect();
///
/// let folds = split_linked(&subjects, &[vec![2, 7]], |merged| k_fold(merged, 4, 1))?;
///
/// assert!(folds.iter().all(|fold| fold.test().contains(&2) == fold.test().contains(&7)));
/// # Ok::<(), nerveseg_data::DataError>(())
/// ```
pub fn split_linked(
    subjects: &[SubjectStats],
    linked: &[Vec<u32>],
    split: impl FnOnce(&[SubjectStats]) -> Result<Vec<Split>>,
) -> Result<Vec<Split>> {
    let mut owners: Vec<u32> = subjects.iter().map(|subject| subject.subject_id).collect();
    check_known(&owners, linked.iter().flatten())?;
    for group in linked {
        let indices: Vec<usize> = (0..subjects.len())
            .filter(|&i| group.contains(&subjects[i].subject_id))
            .collect();
        let joined: Vec<u32> = indices.iter().map(|&i| owners[i]).collect();
        if let Some(&owner) = joined.iter().min() {
            for other in &mut owners {
                if joined.contains(other) {
                    *other = owner;
                }
            }
        }
    }
    let mut merged: Vec<SubjectStats> = Vec::new();
    for (subject, &owner) in subjects.iter().zip(&owners) {
        match merged.iter_mut().find(|merged| merged.subject_id == owner) {
            Some(merged) => {
                merged.cases += subject.cases;
                merged.positives += subject.positives;
            }
            None => merged.push(SubjectStats {
                subject_id: owner,
                ..*subject
            }),
        }
    }
    let expand = |part: &[u32]| -> Vec<u32> {
        let pairs = subjects.iter().zip(&owners);
        pairs
            .filter(|(_, owner)| part.contains(owner))
            .map(|(subject, _)| subject.subject_id)
            .collect()
    };
    split(&merged)?
        .iter()
        .map(|fold| {
            Split::new(
                expand(fold.train()),
                expand(fold.validation()),
                expand(fold.test()),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k_fold;

    fn subjects(count: u32) -> Vec<SubjectStats> {
        let subject = |subject_id| SubjectStats {
            subject_id,
            cases: 10,
            positives: subject_id as usize % 7,
        };
        (1..=count).map(subject).collect()
    }

    #[test]
    fn groups_stay_together_and_nobody_is_lost() {
        let linked = [vec![3, 11], vec![11, 5]];

        let folds = split_linked(&subjects(12), &linked, |merged| k_fold(merged, 4, 3)).unwrap();

        for fold in &folds {
            for part in [fold.train(), fold.validation(), fold.test()] {
                assert_eq!(part.contains(&3), part.contains(&11));
                assert_eq!(part.contains(&3), part.contains(&5));
            }
            let total = fold.train().len() + fold.validation().len() + fold.test().len();
            assert_eq!(total, 12);
        }
    }

    #[test]
    fn a_group_with_somebody_unknown_is_an_error() {
        let linked = [vec![3, 11], vec![99, 8, 14]];

        let error = split_linked(&subjects(4), &linked[1..], |_| unreachable!()).unwrap_err();

        assert_eq!(
            error.to_string(),
            "there is no subject 8, 14, 99; the data has 1, 2, 3, 4"
        );
        let all = split_linked(&subjects(12), &linked, |merged| k_fold(merged, 4, 3));
        let error = all.unwrap_err().to_string();
        assert!(error.starts_with("there is no subject 14, 99;"), "{error}");
    }

    #[test]
    fn without_groups_nothing_changes() {
        let plain = k_fold(&subjects(9), 3, 5).unwrap();

        assert_eq!(
            split_linked(&subjects(9), &[], |merged| k_fold(merged, 3, 5)).unwrap(),
            plain
        );
    }
}
