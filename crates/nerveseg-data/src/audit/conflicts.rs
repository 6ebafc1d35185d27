//! When two labels of the same picture contradict each other, and which frames to drop for it.

use std::collections::BTreeMap;

use serde::Serialize;

/// How two labels of nearly the same picture disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// One mask is empty, the other is not.
    Presence,
    /// Both show a nerve, but the outlines overlap less than the stated Dice.
    Outline,
}

impl Conflict {
    /// What the report calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Presence => "nerve / empty",
            Self::Outline => "outlines differ",
        }
    }
}

/// One frame in the eyes of the exclusion rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voter {
    /// Labelled near-duplicates whose label agrees with this one.
    pub agreeing: usize,
    /// Whether the mask shows no nerve.
    pub empty: bool,
}

/// Frames to drop so that no contradictory pair is left, in ascending order.
///
/// Again and again the frame with the most contradictions left goes, so a lone label loses against
/// many. On a tie the frame with fewer agreeing near-duplicates goes, then the one with the empty
/// mask (a nerve is overlooked more often than invented), then the later one.
pub(super) fn frames_to_drop(pairs: &[(usize, usize)], voters: &[Voter]) -> Vec<usize> {
    let mut opponents: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &(a, b) in pairs {
        opponents.entry(a).or_default().push(b);
        opponents.entry(b).or_default().push(a);
    }
    let mut remaining: BTreeMap<usize, usize> = opponents
        .iter()
        .map(|(&frame, others)| (frame, others.len()))
        .collect();
    let mut dropped = Vec::new();
    while let Some((&frame, _)) = remaining
        .iter()
        .filter(|&(_, &count)| count > 0)
        .max_by_key(|&(&frame, &count)| {
            let voter = voters[frame];
            (count, usize::MAX - voter.agreeing, voter.empty, frame)
        })
    {
        remaining.remove(&frame);
        for other in &opponents[&frame] {
            if let Some(count) = remaining.get_mut(other) {
                *count -= 1;
            }
        }
        dropped.push(frame);
    }
    dropped.sort_unstable();
    dropped
}

/// Groups of items that hang together through `pairs`, each sorted, only groups of two or more.
pub(super) fn groups<K: Ord + Copy>(pairs: impl IntoIterator<Item = (K, K)>) -> Vec<Vec<K>> {
    let mut group_of: BTreeMap<K, usize> = BTreeMap::new();
    let mut members: Vec<Vec<K>> = Vec::new();
    for (a, b) in pairs {
        let [a, b] = [a, b].map(|item| {
            *group_of.entry(item).or_insert_with(|| {
                members.push(vec![item]);
                members.len() - 1
            })
        });
        if a != b {
            let (small, large) = if members[a].len() < members[b].len() {
                (a, b)
            } else {
                (b, a)
            };
            let moved = std::mem::take(&mut members[small]);
            for &item in &moved {
                group_of.insert(item, large);
            }
            members[large].extend(moved);
        }
    }
    members.retain(|group| group.len() > 1);
    for group in &mut members {
        group.sort_unstable();
    }
    members.sort_unstable();
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voters(empty: &[bool]) -> Vec<Voter> {
        empty
            .iter()
            .map(|&empty| Voter { agreeing: 0, empty })
            .collect()
    }

    #[test]
    fn lone_label_loses_against_many() {
        let voters = voters(&[true, true, false, true]);
        assert_eq!(frames_to_drop(&[(0, 2), (1, 2), (2, 3)], &voters), [2]);
    }

    #[test]
    fn tie_drops_the_frame_with_less_support_then_the_empty_one_then_the_later_one() {
        let mut supported = voters(&[true, false]);
        supported[0].agreeing = 3;

        assert_eq!(frames_to_drop(&[(0, 1)], &supported), [1]);
        assert_eq!(frames_to_drop(&[(0, 1)], &voters(&[true, false])), [0]);
        assert_eq!(frames_to_drop(&[(0, 1)], &voters(&[false, false])), [1]);
    }

    #[test]
    fn no_contradiction_survives() {
        let pairs = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (5, 6)];
        let dropped = frames_to_drop(&pairs, &voters(&[false; 7]));

        assert!(
            pairs
                .iter()
                .all(|(a, b)| dropped.contains(a) || dropped.contains(b))
        );
        assert!(dropped.len() <= 4, "{dropped:?}");
    }

    #[test]
    fn chains_form_one_group() {
        assert_eq!(
            groups([(1, 2), (5, 6), (6, 2), (8, 9)]),
            [vec![1, 2, 5, 6], vec![8, 9]]
        );
        assert!(groups::<u32>([]).is_empty());
    }
}
