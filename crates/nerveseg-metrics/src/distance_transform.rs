use ndarray::ArrayView2;

/// Euclidean distance from every set pixel of `from` to the nearest set pixel of `to`.
///
/// Exact, linear in the number of pixels: Felzenszwalb & Huttenlocher, "Distance Transforms of
/// Sampled Functions", Theory of Computing 8 (2012). A pass along the columns, then one along
/// those rows in which `from` asks for a distance.
///
/// # Shapes
///
/// - `from`, `to`: `[height, width]`, `to` not empty
/// - `spacing`: length of a step along `[row, column]`
/// - output: one distance per set pixel of `from`, in row-major order
pub(crate) fn directed_distances(
    from: ArrayView2<'_, bool>,
    to: ArrayView2<'_, bool>,
    spacing: [f64; 2],
) -> Vec<f64> {
    let width = to.ncols();
    let steps = steps_along_columns(to);
    let mut envelope = Envelope::default();
    let mut distances = Vec::new();
    for (queries, steps) in from.rows().into_iter().zip(steps.chunks_exact(width)) {
        if !queries.iter().any(|&asks| asks) {
            continue;
        }
        envelope.rebuild(steps, spacing);
        let mut at = 0;
        for (col, _) in queries.iter().enumerate().filter(|&(_, &asks)| asks) {
            let x = col as f64 * spacing[1];
            at = envelope.advance(at, x);
            distances.push(envelope.height(at, x).sqrt());
        }
    }
    distances
}

/// No set pixel in this column.
const NEVER: u32 = u32::MAX;

/// Steps to the nearest set pixel of the same column, row-major; [`NEVER`] without one.
fn steps_along_columns(mask: ArrayView2<'_, bool>) -> Vec<u32> {
    let (height, width) = mask.dim();
    let mut steps: Vec<u32> = mask
        .iter()
        .map(|&set| if set { 0 } else { NEVER })
        .collect();
    let relax = |row: &mut [u32], neighbour: &[u32]| {
        for (here, there) in row.iter_mut().zip(neighbour) {
            *here = (*here).min(there.saturating_add(1));
        }
    };
    for row in 1..height {
        let (above, rest) = steps.split_at_mut(row * width);
        relax(&mut rest[..width], &above[(row - 1) * width..]);
    }
    for row in (1..height).rev() {
        let (rest, below) = steps.split_at_mut(row * width);
        relax(&mut rest[(row - 1) * width..], &below[..width]);
    }
    steps
}

/// Lower envelope of the parabolas `(x − vertex)² + base` of one row.
#[derive(Default)]
struct Envelope {
    parabolas: Vec<Parabola>,
}

/// One piece of the envelope.
#[derive(Clone, Copy)]
struct Parabola {
    vertex: f64,
    base: f64,
    /// Where this parabola becomes the lowest one.
    start: f64,
}

impl Envelope {
    fn rebuild(&mut self, steps: &[u32], spacing: [f64; 2]) {
        self.parabolas.clear();
        for (col, &steps) in steps
            .iter()
            .enumerate()
            .filter(|&(_, &steps)| steps != NEVER)
        {
            let vertex = col as f64 * spacing[1];
            let base = (f64::from(steps) * spacing[0]).powi(2);
            let curve = vertex * vertex + base;
            // Equation for `s` in section 2.1: left of it the older parabola is the lower one.
            let meets = |older: &Parabola| {
                (curve - older.vertex * older.vertex - older.base) / (2.0 * (vertex - older.vertex))
            };
            let hides = |older: &Parabola| meets(older) <= older.start;
            while self.parabolas.last().is_some_and(hides) {
                self.parabolas.pop();
            }
            let start = self.parabolas.last().map_or(f64::NEG_INFINITY, meets);
            self.parabolas.push(Parabola {
                vertex,
                base,
                start,
            });
        }
    }

    /// Index of the lowest parabola at `x`, found by walking right from index `at`.
    fn advance(&self, at: usize, x: f64) -> usize {
        at + self.parabolas[at + 1..]
            .iter()
            .take_while(|parabola| parabola.start < x)
            .count()
    }

    fn height(&self, at: usize, x: f64) -> f64 {
        let Parabola { vertex, base, .. } = self.parabolas[at];
        (x - vertex).powi(2) + base
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;

    fn by_exhaustion(from: &Array2<bool>, to: &Array2<bool>, spacing: [f64; 2]) -> Vec<f64> {
        let set = |mask: &Array2<bool>| -> Vec<(usize, usize)> {
            mask.indexed_iter()
                .filter(|&(_, &set)| set)
                .map(|(at, _)| at)
                .collect()
        };
        let targets = set(to);
        let distance = |a: (usize, usize), b: (usize, usize)| {
            let rows = (a.0 as f64 - b.0 as f64) * spacing[0];
            let cols = (a.1 as f64 - b.1 as f64) * spacing[1];
            rows.hypot(cols)
        };
        set(from)
            .into_iter()
            .map(|a| {
                targets
                    .iter()
                    .map(|&b| distance(a, b))
                    .fold(f64::INFINITY, f64::min)
            })
            .collect()
    }

    fn mask() -> impl Strategy<Value = Array2<bool>> {
        proptest::collection::vec(proptest::bool::weighted(0.05), 17 * 23)
            .prop_map(|pixels| Array2::from_shape_vec((17, 23), pixels).unwrap())
            .prop_filter("not empty", |mask| mask.iter().any(|&set| set))
    }

    proptest! {
        #[test]
        fn agrees_with_exhaustive_search(
            from in mask(), to in mask(), rows in 0.05..3.0, cols in 0.05..3.0
        ) {
            let spacing = [rows, cols];
            let found = directed_distances(from.view(), to.view(), spacing);
            let expected = by_exhaustion(&from, &to, spacing);
            prop_assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                // Both are a handful of f64 operations on numbers below 100.
                prop_assert!((found - expected).abs() < 1e-9);
            }
        }
    }
}
