/// A mean that is still being summed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    /// The mean of one value, or of none where the value is undefined.
    pub(crate) fn of(value: Option<f64>) -> Self {
        Self {
            sum: value.unwrap_or(0.0),
            count: u64::from(value.is_some()),
        }
    }

    /// Takes in `other`, counted `weight` times.
    pub(crate) fn add(&mut self, other: Self, weight: u32) {
        self.sum += other.sum * f64::from(weight);
        self.count += other.count * u64::from(weight);
    }

    pub(crate) fn value(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// Quantile by linear interpolation between order statistics, `q` in `[0, 1]`; reorders `values`.
///
/// numpy's default (`method="linear"`), type 7 of Hyndman & Fan (1996). `None` without values.
pub(crate) fn quantile(values: &mut [f64], q: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let position = q * last as f64;
    let below = position.floor() as usize;
    let (_, &mut low, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
    Some(low + (high - low) * (position - below as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantile_interpolates_between_neighbours() {
        let mut values = [4.0, 1.0, 3.0, 2.0];

        assert_eq!(quantile(&mut values, 0.0), Some(1.0));
        assert_eq!(quantile(&mut values, 0.5), Some(2.5));
        assert_eq!(quantile(&mut values, 1.0), Some(4.0));
        assert_eq!(quantile(&mut [], 0.5), None);
    }

    #[test]
    fn undefined_values_do_not_enter_a_mean() {
        let mut mean = Mean::of(Some(0.5));
        mean.add(Mean::of(None), 3);
        mean.add(Mean::of(Some(1.0)), 3);

        assert_eq!(mean.value(), Some(3.5 / 4.0));
        assert_eq!(Mean::default().value(), None);
    }
}
