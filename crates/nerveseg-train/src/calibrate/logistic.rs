//! Logistic regression of two numbers.

/// Pulls weights towards 0, so that data which a line separates do not push them to infinity.
const RIDGE: f64 = 1e-3;

/// Steps of Newton's method; it has settled long before.
const STEPS: usize = 50;

/// Weights of both columns and a bias, by weighted maximum likelihood with a small ridge.
///
/// The two classes count alike, whatever their weights add up to. A class without rows leaves
/// everything at 0.
pub(crate) fn logistic_regression(
    rows: &[[f64; 2]],
    positive: &[bool],
    weights: &[f64],
) -> [f64; 3] {
    let total = |class: bool| -> f64 {
        let of_class = positive.iter().zip(weights).filter(|(p, _)| **p == class);
        of_class.map(|(_, weight)| weight).sum()
    };
    let totals = [total(false), total(true)];
    let mut beta = [0.0; 3];
    if totals.contains(&0.0) {
        return beta;
    }
    for _ in 0..STEPS {
        let mut gradient = [0.0; 3];
        let mut hessian = [[0.0; 3]; 3];
        for ((row, &positive), &weight) in rows.iter().zip(positive).zip(weights) {
            let x = [row[0], row[1], 1.0];
            let weight = weight / totals[usize::from(positive)];
            let z: f64 = x.iter().zip(&beta).map(|(x, b)| x * b).sum();
            let p = 1.0 / (1.0 + (-z).exp());
            for i in 0..3 {
                gradient[i] += weight * (f64::from(u8::from(positive)) - p) * x[i];
                for j in 0..3 {
                    hessian[i][j] += weight * p * (1.0 - p) * x[i] * x[j];
                }
            }
        }
        for i in 0..3 {
            let ridge = if i < 2 { RIDGE } else { RIDGE * RIDGE };
            gradient[i] -= ridge * beta[i];
            hessian[i][i] += ridge;
        }
        let step = solve(hessian, gradient);
        let length = step.iter().map(|s| s * s).sum::<f64>().sqrt();
        // far from the optimum a whole step may overshoot
        let scale = if length > 2.0 { 2.0 / length } else { 1.0 };
        for (b, s) in beta.iter_mut().zip(step) {
            *b += scale * s;
        }
    }
    beta
}

/// Solves a symmetric positive definite system by elimination.
fn solve(mut a: [[f64; 3]; 3], mut b: [f64; 3]) -> [f64; 3] {
    for pivot in 0..3 {
        let row = a[pivot];
        for below in pivot + 1..3 {
            let factor = a[below][pivot] / row[pivot];
            for (value, above) in a[below].iter_mut().zip(row) {
                *value -= factor * above;
            }
            b[below] -= factor * b[pivot];
        }
    }
    let mut x = [0.0; 3];
    for i in (0..3).rev() {
        let known: f64 = (i + 1..3).map(|j| a[i][j] * x[j]).sum();
        x[i] = (b[i] - known) / a[i][i];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows on a grid whose class is drawn from the model itself, by weight.
    fn fit(truth: [f64; 3]) -> [f64; 3] {
        let (mut rows, mut positive, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for i in -8..=8 {
            for j in -8..=8 {
                let row = [f64::from(i) / 4.0, f64::from(j) / 4.0];
                let z = truth[0] * row[0] + truth[1] * row[1] + truth[2];
                let p = 1.0 / (1.0 + (-z).exp());
                for class in [true, false] {
                    rows.push(row);
                    positive.push(class);
                    weights.push(if class { p } else { 1.0 - p });
                }
            }
        }
        logistic_regression(&rows, &positive, &weights)
    }

    #[test]
    fn it_finds_the_model_that_made_the_data() {
        let fitted = fit([1.5, -0.7, 0.0]);

        for (found, expected) in fitted.iter().zip([1.5, -0.7, 0.0]) {
            assert!((found - expected).abs() < 0.05, "{fitted:?}");
        }
    }

    #[test]
    fn separable_data_stay_finite_and_one_class_says_nothing() {
        let rows = [[-1.0, 0.0], [1.0, 0.0]];

        let fitted = logistic_regression(&rows, &[false, true], &[1.0; 2]);

        assert!(fitted[0] > 1.0 && fitted.iter().all(|b| b.is_finite()));
        let one_class = logistic_regression(&rows, &[true; 2], &[1.0; 2]);
        assert!(one_class.iter().all(|b| b.abs() < f64::EPSILON));
    }
}
