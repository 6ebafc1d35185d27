//! Connected regions of a mask.

use ndarray::{Array2, ArrayView2, Zip, s};
use serde::Serialize;

use super::Mask;

/// One connected region of a mask (8-connected).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Component {
    /// Number of pixels.
    pub area_px: usize,
    /// Mean `[row, column]` of its pixels.
    pub centroid: [f64; 2],
    /// Smallest box that holds it: `[top, left, bottom, right]`, the last two exclusive.
    pub bounding_box: [usize; 4],
}

/// A mask cut into its regions.
#[derive(Clone, Debug)]
pub struct Components {
    /// 0 outside, else 1 + index into `list`. Shape: `[height, width]`.
    pub labels: Array2<u32>,
    /// The regions in reading order of their first pixel.
    pub list: Vec<Component>,
}

impl Components {
    /// Finds the regions of `mask`.
    pub fn of(mask: ArrayView2<'_, bool>) -> Self {
        let mut labels = Array2::<u32>::zeros(mask.dim());
        let mut list = Vec::new();
        let mut stack = Vec::new();
        for (row, line) in mask.outer_iter().enumerate() {
            // most rows of most masks are empty, and a slice says so at once
            if line.as_slice().is_some_and(|line| !line.contains(&true)) {
                continue;
            }
            for (column, &inside) in line.iter().enumerate() {
                let start = (row, column);
                if inside && labels[start] == 0 {
                    let label = list.len() as u32 + 1;
                    labels[start] = label;
                    stack.push(start);
                    list.push(flood(mask, &mut labels, &mut stack, label));
                }
            }
        }
        Self { labels, list }
    }

    /// Mask of the regions for which `keep` says yes.
    pub fn retain(&self, keep: impl Fn(&Component) -> bool) -> Mask {
        let mut mask = Array2::from_elem(self.labels.dim(), false);
        let kept = (1_u32..).zip(&self.list).filter(|(_, region)| keep(region));
        for (label, region) in kept {
            let [top, left, bottom, right] = region.bounding_box;
            let part = s![top..bottom, left..right];
            Zip::from(mask.slice_mut(part))
                .and(self.labels.slice(part))
                .for_each(|inside, &of| *inside |= of == label);
        }
        mask
    }

    /// The region with most pixels, the first of equals; `None` for an empty mask.
    pub fn largest(&self) -> Option<&Component> {
        self.list.iter().reduce(|best, next| {
            if next.area_px > best.area_px {
                next
            } else {
                best
            }
        })
    }
}

/// Labels everything connected to the pixels on `stack` and measures it.
fn flood(
    mask: ArrayView2<'_, bool>,
    labels: &mut Array2<u32>,
    stack: &mut Vec<(usize, usize)>,
    label: u32,
) -> Component {
    let (height, width) = mask.dim();
    let (mut area_px, mut sum) = (0_usize, [0_usize; 2]);
    let mut bounding_box = [usize::MAX, usize::MAX, 0, 0];
    while let Some((row, column)) = stack.pop() {
        area_px += 1;
        sum = [sum[0] + row, sum[1] + column];
        let [top, left, bottom, right] = bounding_box;
        bounding_box = [
            top.min(row),
            left.min(column),
            bottom.max(row + 1),
            right.max(column + 1),
        ];
        for r in row.saturating_sub(1)..(row + 2).min(height) {
            for c in column.saturating_sub(1)..(column + 2).min(width) {
                if mask[[r, c]] && labels[[r, c]] == 0 {
                    labels[[r, c]] = label;
                    stack.push((r, c));
                }
            }
        }
    }
    let centroid = sum.map(|s| s as f64 / area_px as f64);
    Component {
        area_px,
        centroid,
        bounding_box,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(rows: &[&str]) -> Mask {
        let (height, width) = (rows.len(), rows[0].len());
        Array2::from_shape_fn((height, width), |(r, c)| rows[r].as_bytes()[c] == b'#')
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "means of few whole numbers are exact")]
    fn diagonal_neighbours_belong_together() {
        let components = Components::of(mask(&["#....", ".#..#", "....#"]).view());

        assert_eq!(components.list.len(), 2);
        assert_eq!(components.list[0].area_px, 2);
        assert_eq!(components.list[1].bounding_box, [1, 4, 3, 5]);
        assert_eq!(components.list[1].centroid, [1.5, 4.0]);
    }

    #[test]
    fn retain_keeps_what_it_is_told() {
        let components = Components::of(mask(&["##..", "....", "...#"]).view());

        let kept = components.retain(|component| component.area_px > 1);

        assert_eq!(kept, mask(&["##..", "....", "...."]));
    }

    #[test]
    fn an_empty_mask_has_no_largest_region() {
        assert_eq!(Components::of(mask(&["...", "..."]).view()).largest(), None);
    }
}
