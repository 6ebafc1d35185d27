//! Batch normalisation with ReLU.

use super::Plain;

/// A normalised map and what it was made with.
#[derive(Clone, Debug)]
pub(crate) struct Normalised {
    pub(crate) mean: Vec<f64>,
    pub(crate) variance: Vec<f64>,
    /// Before ReLU.
    pub(crate) straight: Plain,
    /// After ReLU.
    pub(crate) output: Plain,
}

pub(crate) fn normalise(input: &Plain, gamma: &[f64], beta: &[f64], epsilon: f64) -> Normalised {
    let count = (input.size.batch * input.size.pixels()) as f64;
    let mut mean = vec![0.0; input.channels];
    for (i, (_, c, _, _)) in input.places().enumerate() {
        mean[c] += input.data[i] / count;
    }
    let mut variance = vec![0.0; input.channels];
    for (i, (_, c, _, _)) in input.places().enumerate() {
        variance[c] += (input.data[i] - mean[c]).powi(2) / count;
    }
    let mut straight = Plain::zeros(input.channels, input.size);
    for (i, (_, c, _, _)) in input.places().enumerate() {
        let hat = (input.data[i] - mean[c]) / (variance[c] + epsilon).sqrt();
        straight.data[i] = gamma[c] * hat + beta[c];
    }
    let mut output = straight.clone();
    for value in &mut output.data {
        *value = value.max(0.0);
    }
    Normalised {
        mean,
        variance,
        straight,
        output,
    }
}

/// Gradients of [`normalise`]: of the input, of gamma and of beta.
pub(crate) fn normalise_backward(
    input: &Plain,
    gamma: &[f64],
    beta: &[f64],
    epsilon: f64,
    gradient: &Plain,
) -> (Plain, [Vec<f64>; 2]) {
    let count = (input.size.batch * input.size.pixels()) as f64;
    let made = normalise(input, gamma, beta, epsilon);
    let hat =
        |i: usize, c: usize| (input.data[i] - made.mean[c]) / (made.variance[c] + epsilon).sqrt();
    let passed = |i: usize| {
        if made.straight.data[i] > 0.0 {
            gradient.data[i]
        } else {
            0.0
        }
    };
    let (mut of_gamma, mut of_beta) = (vec![0.0; gamma.len()], vec![0.0; beta.len()]);
    for (i, (_, c, _, _)) in input.places().enumerate() {
        of_gamma[c] += passed(i) * hat(i, c);
        of_beta[c] += passed(i);
    }
    let mut back = Plain::zeros(input.channels, input.size);
    for (i, (_, c, _, _)) in input.places().enumerate() {
        let off = passed(i) - of_beta[c] / count - hat(i, c) * of_gamma[c] / count;
        back.data[i] = gamma[c] / (made.variance[c] + epsilon).sqrt() * off;
    }
    (back, [of_gamma, of_beta])
}
