//! Which runs of a mask hang together: the one place that finds connected regions.

use super::runs::RowRun;

/// Which neighbours of a pixel belong to the same region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connectivity {
    /// Those that share an edge.
    Four,
    /// Those that share an edge or a corner.
    Eight,
}

/// The region of each run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Labels {
    /// Region of each run, from 0, in reading order of the regions' first pixels.
    pub of_run: Vec<usize>,
    /// Number of regions.
    pub count: usize,
}

impl Labels {
    /// Labels runs that are sorted by row and column, by union-find over neighbouring rows.
    pub(super) fn of(runs: &[RowRun], connectivity: Connectivity) -> Self {
        let reach = match connectivity {
            Connectivity::Four => 0,
            Connectivity::Eight => 1,
        };
        let mut parents: Vec<usize> = (0..runs.len()).collect();
        let mut above = 0;
        for (index, run) in runs.iter().enumerate() {
            while runs[above].row + 1 < run.row
                || (runs[above].row + 1 == run.row && runs[above].end + reach <= run.start)
            {
                above += 1;
            }
            for (candidate, other) in runs.iter().enumerate().take(index).skip(above) {
                if other.row == run.row || other.start >= run.end + reach {
                    break;
                }
                let (a, b) = (root(&mut parents, candidate), root(&mut parents, index));
                // the first run of a region is its root, so that regions come in reading order
                parents[a.max(b)] = a.min(b);
            }
        }
        let mut count = 0;
        let mut of_run = vec![0; runs.len()];
        for index in 0..runs.len() {
            let root = root(&mut parents, index);
            if root == index {
                of_run[index] = count;
                count += 1;
            } else {
                of_run[index] = of_run[root];
            }
        }
        Self { of_run, count }
    }
}

fn root(parents: &mut [usize], mut index: usize) -> usize {
    while parents[index] != index {
        parents[index] = parents[parents[index]];
        index = parents[index];
    }
    index
}
