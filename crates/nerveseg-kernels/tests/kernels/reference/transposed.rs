//! Transposed convolutions of stride 2.

use super::Plain;

/// Where tap (`ky`, `kx`) of an input pixel goes, if that is inside the doubled map.
fn target(of: &Plain, (y, ky): (usize, usize), (x, kx): (usize, usize)) -> Option<(usize, usize)> {
    let (y, x) = (2 * y + ky, 2 * x + kx);
    (y < of.size.height && x < of.size.width).then_some((y, x))
}

/// Weights `[inputs, outputs, side, side]`; what falls outside twice the size is dropped.
pub(crate) fn transposed(input: &Plain, weights: &[f32], bias: &[f32], side: usize) -> Plain {
    let mut output = Plain::zeros(bias.len(), input.size.doubled());
    for (i, (_, o, _, _)) in output.places().enumerate() {
        output.data[i] = f64::from(bias[o]);
    }
    for (i, (n, c, y, x)) in input.places().enumerate() {
        for o in 0..bias.len() {
            for ky in 0..side {
                for kx in 0..side {
                    if let Some((y, x)) = target(&output, (y, ky), (x, kx)) {
                        let weight = weights[((c * bias.len() + o) * side + ky) * side + kx];
                        let place = output.index(n, o, y, x);
                        output.data[place] += f64::from(weight) * input.data[i];
                    }
                }
            }
        }
    }
    output
}

/// Gradients of [`transposed`]: of the input and of the weights.
pub(crate) fn transposed_backward(
    input: &Plain,
    weights: &[f32],
    gradient: &Plain,
    side: usize,
) -> (Plain, Vec<f64>) {
    let mut back = Plain::zeros(input.channels, input.size);
    let mut of_weights = vec![0.0; weights.len()];
    for (i, (n, c, y, x)) in input.places().enumerate() {
        for o in 0..gradient.channels {
            for ky in 0..side {
                for kx in 0..side {
                    if let Some((y, x)) = target(gradient, (y, ky), (x, kx)) {
                        let weight = ((c * gradient.channels + o) * side + ky) * side + kx;
                        let g = gradient.data[gradient.index(n, o, y, x)];
                        back.data[i] += f64::from(weights[weight]) * g;
                        of_weights[weight] += input.data[i] * g;
                    }
                }
            }
        }
    }
    (back, of_weights)
}
