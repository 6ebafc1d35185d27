//! Smooth random fields in space, cut by the plane under the probe.

use super::random::{lattice, smooth};

/// Extent of the tissue that a texture covers, in reference pixels; poses stay well inside.
const FROM: [f32; 2] = [-220.0, -160.0];
const TO: [f32; 2] = [820.0, 600.0];

/// Value noise of three dimensions at one position along the neck.
#[derive(Clone, Debug)]
pub(super) struct Texture {
    cell: [f32; 2],
    columns: usize,
    rows: usize,
    values: Vec<f32>,
}

impl Texture {
    /// Features are about `cell` long across, down and along the neck; `t` is the plane.
    pub(super) fn new(key: u64, cell: [f32; 3], t: f32) -> Self {
        let rows = ((TO[1] - FROM[1]) / cell[1]) as usize + 3;
        // the sheared copy reaches half a column further with every row
        let columns = ((TO[0] - FROM[0]) / cell[0]) as usize + 2 + rows / 2;
        let plane = (t / cell[2]).floor();
        let weight = smooth(t / cell[2] - plane);
        // a blend of two independent values varies less than either
        let gain = 1.0 / (weight * weight + (1.0 - weight) * (1.0 - weight)).sqrt();
        let mut values = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let at = |z| lattice(key, column as i32, row as i32, z);
                let (near, far) = (at(plane as i32), at(plane as i32 + 1));
                values.push(gain * (near + (far - near) * weight));
            }
        }
        Self {
            cell: [cell[0], cell[1]],
            columns,
            rows,
            values,
        }
    }

    /// Value about in `[-1, 1]`, mean 0.
    ///
    /// The mean of the grid and of a sheared copy of it, which hides the squares of either.
    #[inline]
    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        let (gx, gy) = ((x - FROM[0]) / self.cell[0], (y - FROM[1]) / self.cell[1]);
        0.75 * (self.grid(gx, gy) + self.grid(gx + 0.5 * gy, gy + 0.5))
    }

    /// As [`at`](Self::at) from the grid alone: enough for a slow field, at half the price.
    #[inline]
    pub(super) fn grid_at(&self, x: f32, y: f32) -> f32 {
        self.grid((x - FROM[0]) / self.cell[0], (y - FROM[1]) / self.cell[1])
    }

    #[inline]
    fn grid(&self, gx: f32, gy: f32) -> f32 {
        let gx = gx.clamp(0.0, (self.columns - 2) as f32);
        let gy = gy.clamp(0.0, (self.rows - 2) as f32);
        let (column, row) = (gx as usize, gy as usize);
        let weight = |x: f32| x * x * (3.0 - 2.0 * x);
        let (wx, wy) = (weight(gx - column as f32), weight(gy - row as f32));
        let first = row * self.columns + column;
        let above = &self.values[first..first + 2];
        let below = &self.values[first + self.columns..first + self.columns + 2];
        let top = above[0] + (above[1] - above[0]) * wx;
        let bottom = below[0] + (below[1] - below[0]) * wx;
        top + (bottom - top) * wy
    }
}
