//! From outlines to pixels.

use nerveseg_data::Mask;

/// Adds a polygon to a mask: the pixels whose centre lies inside, by the even-odd rule.
///
/// Pixel `[row, column]` is the square from `(column, row)` to `(column + 1, row + 1)`, and its
/// centre is half a pixel further. A centre on a left or upper border is inside, one on a right or
/// lower border is not, so polygons that share a border share no pixel.
pub(crate) fn fill(mask: &mut Mask, points: &[[f64; 2]]) {
    let (height, width) = mask.dim();
    let mut crossings = Vec::new();
    for (row, mut pixels) in mask.outer_iter_mut().enumerate().take(height) {
        let y = row as f64 + 0.5;
        crossings.clear();
        for (from, to) in points.iter().zip(points.iter().cycle().skip(1)) {
            if (from[1] <= y) != (to[1] <= y) {
                let along = (y - from[1]) / (to[1] - from[1]);
                crossings.push(from[0] + along * (to[0] - from[0]));
            }
        }
        crossings.sort_unstable_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            // the first and the last column whose centre is inside
            let first = (pair[0] - 0.5).ceil().clamp(0.0, width as f64) as usize;
            let end = (pair[1] - 0.5).ceil().clamp(0.0, width as f64) as usize;
            for column in first..end {
                pixels[column] = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(points: &[[f64; 2]]) -> Vec<String> {
        let mut mask = Mask::default((4, 6));
        fill(&mut mask, points);
        let row = |row: ndarray::ArrayView1<'_, bool>| {
            row.iter().map(|&set| if set { '#' } else { '.' }).collect()
        };
        mask.outer_iter().map(row).collect()
    }

    #[test]
    fn corners_of_pixels_fill_exactly_those_pixels() {
        let square = [[1.0, 1.0], [4.0, 1.0], [4.0, 3.0], [1.0, 3.0]];

        assert_eq!(filled(&square), ["......", ".###..", ".###..", "......"]);
    }

    #[test]
    fn a_centre_decides() {
        // by hand: at y = 0.5, 1.5, 2.5 the triangle spans x from 0 to 3.5, 2.5, 1.5
        let triangle = [[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]];
        assert_eq!(filled(&triangle), ["###...", "##....", "#.....", "......"]);

        // a centre on the left border is inside, on the right border it is not
        let shifted = [[0.5, 0.0], [2.5, 0.0], [2.5, 1.0], [0.5, 1.0]];
        assert_eq!(filled(&shifted)[0], "##....");
    }

    #[test]
    fn what_is_outside_of_the_image_is_cut_off() {
        let large = [[-9.0, -9.0], [99.0, -9.0], [99.0, 2.0], [-9.0, 2.0]];

        assert_eq!(filled(&large), ["######", "######", "......", "......"]);
    }

    #[test]
    fn a_path_there_and_back_makes_a_hole() {
        let ring = [
            [0.0, 0.0],
            [6.0, 0.0],
            [6.0, 4.0],
            [0.0, 4.0],
            [0.0, 0.0],
            [2.0, 1.0],
            [2.0, 3.0],
            [4.0, 3.0],
            [4.0, 1.0],
            [2.0, 1.0],
        ];

        assert_eq!(filled(&ring), ["######", "##..##", "##..##", "######"]);
    }

    #[test]
    fn numbers_that_are_none_fill_nothing() {
        assert_eq!(
            filled(&[[f64::NAN, 0.0], [1.0, f64::NAN], [2.0, 2.0]]),
            ["......"; 4]
        );
    }
}
