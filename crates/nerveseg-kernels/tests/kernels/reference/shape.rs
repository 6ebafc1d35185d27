//! Pooling and upsampling.

use super::Plain;

/// The first of the largest values of a 2×2 window, row by row: its index.
fn largest(input: &Plain, (n, c): (usize, usize), (y, x): (usize, usize)) -> usize {
    let window = [(0, 0), (0, 1), (1, 0), (1, 1)];
    let places = window.map(|(i, j)| input.index(n, c, 2 * y + i, 2 * x + j));
    let mut best = places[0];
    for place in places {
        if input.data[place] > input.data[best] {
            best = place;
        }
    }
    best
}

/// The largest of every 2×2; an odd last row or column is dropped.
pub(crate) fn pool(input: &Plain) -> Plain {
    let mut output = Plain::zeros(input.channels, input.size.halved());
    for (i, (n, c, y, x)) in output.places().enumerate() {
        output.data[i] = input.data[largest(input, (n, c), (y, x))];
    }
    output
}

/// The gradient of [`pool`].
pub(crate) fn pool_backward(input: &Plain, gradient: &Plain) -> Plain {
    let mut back = Plain::zeros(input.channels, input.size);
    for (i, (n, c, y, x)) in gradient.places().enumerate() {
        back.data[largest(input, (n, c), (y, x))] += gradient.data[i];
    }
    back
}

/// The two pixels that an upsampled one lies between, and their shares.
///
/// Half-pixel centres: that of `place` lies at `(place + ½) / 2 - ½` of the smaller map.
fn neighbours(place: usize, count: usize) -> [(usize, f64); 2] {
    let centre = place as f64 / 2.0 - 0.25;
    let before = centre.floor();
    let inside = |v: f64| v.clamp(0.0, (count - 1) as f64) as usize;
    let share = centre - before;
    [(inside(before), 1.0 - share), (inside(before + 1.0), share)]
}

/// Every pair of an upsampled and an original pixel of one map that belong together, with the share.
fn pairs(small: &Plain, y: usize, x: usize) -> impl Iterator<Item = (usize, usize, f64)> + use<> {
    let rows = neighbours(y, small.size.height);
    let columns = neighbours(x, small.size.width);
    rows.into_iter().flat_map(move |(y, of_row)| {
        columns
            .into_iter()
            .map(move |(x, of_column)| (y, x, of_row * of_column))
    })
}

/// Twice the size, bilinear.
pub(crate) fn upsample(input: &Plain) -> Plain {
    let mut output = Plain::zeros(input.channels, input.size.doubled());
    for (i, (n, c, y, x)) in output.places().enumerate() {
        for (from_y, from_x, share) in pairs(input, y, x) {
            output.data[i] += share * input.data[input.index(n, c, from_y, from_x)];
        }
    }
    output
}

/// The gradient of [`upsample`].
pub(crate) fn upsample_backward(gradient: &Plain) -> Plain {
    let mut back = Plain::zeros(gradient.channels, gradient.size.halved());
    for (i, (n, c, y, x)) in gradient.places().enumerate() {
        for (to_y, to_x, share) in pairs(&back, y, x) {
            let place = back.index(n, c, to_y, to_x);
            back.data[place] += share * gradient.data[i];
        }
    }
    back
}
