//! The outline of a mask as polygons.

use ndarray::{Array2, ArrayView2};

/// A closed ring of `[x, y]` corners of pixels; the last corner is not the first again.
pub type Polygon = Vec<[u32; 2]>;

/// The outer borders of the regions of `mask`, in reading order of their first pixel.
///
/// Corners are counted in pixels from the top left corner of the top left pixel, so a mask of that
/// pixel alone is `(0, 0), (1, 0), (1, 1), (0, 1)`. Rings run clockwise as seen on a screen, have a
/// corner only where they turn, and enclose the region with its holes. Pixels that touch at a
/// corner belong together, as for [`Components`](super::Components).
pub fn outlines(mask: ArrayView2<'_, bool>) -> Vec<Polygon> {
    let mut rings = rings(mask);
    rings.retain(is_clockwise);
    rings
}

/// All borders of `mask`: those of [`outlines`] and, counterclockwise, those of the holes.
pub fn rings(mask: ArrayView2<'_, bool>) -> Vec<Polygon> {
    let mut seen = Array2::from_elem(mask.dim(), false);
    let mut rings = Vec::new();
    for (row, line) in mask.outer_iter().enumerate() {
        // most rows of most masks are empty, and a slice says so at once
        if line.as_slice().is_some_and(|line| !line.contains(&true)) {
            continue;
        }
        for (column, &inside) in line.iter().enumerate() {
            let is_top = row == 0 || !mask[[row - 1, column]];
            // every ring goes right somewhere, along the top of a pixel
            if inside && is_top && !seen[[row, column]] {
                rings.push(follow(mask, [column, row], &mut seen));
            }
        }
    }
    rings
}

/// Right, down, left, up: each is a quarter turn clockwise from the one before.
const STEPS: [[isize; 2]; 4] = [[1, 0], [0, 1], [-1, 0], [0, -1]];

/// Walks along a border with the region on the right hand, from the top left corner of the pixel
/// at `start` along its top, until it is back.
fn follow(mask: ArrayView2<'_, bool>, start: [usize; 2], seen: &mut Array2<bool>) -> Polygon {
    let (height, width) = mask.dim();
    // whether the pixel whose top left corner lies at an offset from `[x, y]` is in the region
    let inside = |[x, y]: [usize; 2], dx: isize, dy: isize| {
        let (x, y) = (x.wrapping_add_signed(dx), y.wrapping_add_signed(dy));
        x < width && y < height && mask[[y, x]]
    };
    let (mut at, mut heading) = (start, 0);
    let mut ring = Vec::new();
    loop {
        if heading == 0 {
            seen[[at[1], at[0]]] = true;
        }
        let [dx, dy] = STEPS[heading];
        at = [at[0].wrapping_add_signed(dx), at[1].wrapping_add_signed(dy)];
        // the two pixels ahead, to the left and to the right of the way
        let (left, right) = match heading {
            0 => (inside(at, 0, -1), inside(at, 0, 0)),
            1 => (inside(at, 0, 0), inside(at, -1, 0)),
            2 => (inside(at, -1, 0), inside(at, -1, -1)),
            _ => (inside(at, -1, -1), inside(at, 0, -1)),
        };
        let next = match (left, right) {
            (true, _) => (heading + 3) % 4,
            (false, true) => heading,
            (false, false) => (heading + 1) % 4,
        };
        if next != heading {
            ring.push(at.map(|number| number as u32));
        }
        heading = next;
        if at == start && heading == 0 {
            return ring;
        }
    }
}

/// Whether a ring encloses a region, and not a hole in one.
fn is_clockwise(ring: &Polygon) -> bool {
    twice_the_area(ring) > 0
}

/// Twice the signed area (shoelace formula); positive clockwise, for y grows downwards.
fn twice_the_area(ring: &Polygon) -> i64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .map(|(a, b)| i64::from(a[0]) * i64::from(b[1]) - i64::from(b[0]) * i64::from(a[1]))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::Components;

    fn mask(rows: &[&str]) -> Array2<bool> {
        Array2::from_shape_fn((rows.len(), rows[0].len()), |(r, c)| {
            rows[r].as_bytes()[c] == b'#'
        })
    }

    #[test]
    fn one_pixel_is_a_square_of_its_corners() {
        let rings = outlines(mask(&["...", "..#"]).view());

        assert_eq!(rings.len(), 1);
        let mut corners = rings[0].clone();
        corners.sort_unstable();
        assert_eq!(corners, [[2, 1], [2, 2], [3, 1], [3, 2]]);
        assert_eq!(twice_the_area(&rings[0]), 2);
    }

    #[test]
    fn corners_are_only_where_the_border_turns() {
        let rings = outlines(mask(&["####.", "####."]).view());

        assert_eq!(rings[0].len(), 4);
        assert_eq!(twice_the_area(&rings[0]), 2 * 8);
    }

    #[test]
    fn a_hole_is_enclosed_and_has_no_ring() {
        let rings = outlines(mask(&["###", "#.#", "###"]).view());

        assert_eq!(rings.len(), 1);
        assert_eq!(twice_the_area(&rings[0]), 2 * 9);
    }

    #[test]
    fn pixels_that_touch_at_a_corner_share_a_ring() {
        let rings = outlines(mask(&["#..", ".#.", "..#"]).view());

        assert_eq!(rings.len(), 1);
        assert_eq!(twice_the_area(&rings[0]), 2 * 3);
    }

    #[test]
    fn a_region_inside_a_hole_has_a_ring_of_its_own() {
        let rings = outlines(mask(&["#####", "#...#", "#.#.#", "#...#", "#####"]).view());

        let areas: Vec<i64> = rings.iter().map(twice_the_area).collect();
        assert_eq!(areas, [2 * 25, 2]);
    }

    #[test]
    fn an_empty_mask_has_no_outline() {
        assert!(outlines(mask(&["...", "..."]).view()).is_empty());
    }

    /// Each region of a random mask, its holes filled, has the area of its ring.
    #[test]
    fn rings_of_random_masks_enclose_their_regions() {
        let mut state = 7_u32;
        for size in [(1, 9), (9, 1), (13, 17), (40, 31)] {
            for _ in 0..50 {
                let mask = Array2::from_shape_fn(size, |_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    state >> 31 == 1
                });

                let rings = outlines(mask.view());

                let components = Components::of(mask.view());
                assert_eq!(rings.len(), components.list.len());
                for (index, ring) in rings.iter().enumerate() {
                    let component = &components.list[index];
                    let region = components.retain(|it| std::ptr::eq(it, component));
                    let filled = region.len() - outside(&region);
                    assert_eq!(twice_the_area(ring), 2 * filled as i64);
                }
            }
        }
    }

    /// Pixels outside of `region` that are reached from the frame's edge, side by side.
    fn outside(region: &Array2<bool>) -> usize {
        let (height, width) = region.dim();
        let mut seen = Array2::from_elem((height + 2, width + 2), false);
        let free = |r: usize, c: usize| {
            r == 0 || c == 0 || r > height || c > width || !region[[r - 1, c - 1]]
        };
        let mut stack = vec![(0_usize, 0_usize)];
        seen[[0, 0]] = true;
        while let Some((r, c)) = stack.pop() {
            for (nr, nc) in [
                (r + 1, c),
                (r.wrapping_sub(1), c),
                (r, c + 1),
                (r, c.wrapping_sub(1)),
            ] {
                if nr < height + 2 && nc < width + 2 && free(nr, nc) && !seen[[nr, nc]] {
                    seen[[nr, nc]] = true;
                    stack.push((nr, nc));
                }
            }
        }
        let frame = 2 * (height + width) + 4;
        seen.iter().filter(|&&it| it).count() - frame
    }
}
