use ndarray::{ArrayView2, Zip};

/// Confusion counts of one case, in pixels: what every score of overlap is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Predicted and real (true positives).
    pub tp: u64,
    /// Predicted but not real (false positives).
    pub fp: u64,
    /// Real but not predicted (false negatives).
    pub fn_: u64,
    /// Neither predicted nor real (true negatives).
    pub tn: u64,
}

impl Counts {
    /// Counts agreement of two masks of shape `[height, width]`.
    ///
    /// # Panics
    ///
    /// Panics if the two masks differ in shape.
    pub(crate) fn new(
        prediction: ArrayView2<'_, bool>,
        ground_truth: ArrayView2<'_, bool>,
    ) -> Self {
        assert_eq!(
            prediction.dim(),
            ground_truth.dim(),
            "mask shapes must match"
        );
        let (mut tp, mut n_pred, mut n_ref) = (0, 0, 0);
        for (prediction, ground_truth) in prediction.rows().into_iter().zip(ground_truth.rows()) {
            let mut row = [0_u32; 3]; // narrow counters, so that the loop becomes SIMD
            Zip::from(prediction).and(ground_truth).for_each(|&p, &g| {
                row[0] += u32::from(p & g);
                row[1] += u32::from(p);
                row[2] += u32::from(g);
            });
            tp += u64::from(row[0]);
            n_pred += u64::from(row[1]);
            n_ref += u64::from(row[2]);
        }
        Self::from_areas(n_pred, n_ref, tp, prediction.len() as u64)
    }

    /// Counts pixels one by one: whether each is predicted, and whether it is real.
    pub fn of_pixels(pixels: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let (mut tp, mut n_pred, mut n_ref, mut all) = (0, 0, 0, 0);
        for (predicted, real) in pixels {
            tp += u64::from(predicted & real);
            n_pred += u64::from(predicted);
            n_ref += u64::from(real);
            all += 1;
        }
        Self::from_areas(n_pred, n_ref, tp, all)
    }

    /// Counts from areas in pixels: of the prediction, of the ground truth, of what they share, and
    /// of the image.
    ///
    /// # Panics
    ///
    /// Panics if more is shared than there is, or if the two do not fit into the image.
    pub fn from_areas(predicted: u64, real: u64, shared: u64, image: u64) -> Self {
        assert!(
            shared <= predicted.min(real) && predicted - shared + real <= image,
            "areas must fit into each other"
        );
        let (fp, fn_) = (predicted - shared, real - shared);
        Self {
            tp: shared,
            fp,
            fn_,
            tn: image - shared - fp - fn_,
        }
    }

    /// Pixels of the prediction.
    pub fn n_pred(self) -> u64 {
        self.tp + self.fp
    }

    /// Pixels of the ground truth.
    pub fn n_ref(self) -> u64 {
        self.tp + self.fn_
    }

    /// `part / whole`, or `None` for a share of nothing.
    fn share(part: u64, whole: u64) -> Option<f64> {
        (whole > 0).then(|| part as f64 / whole as f64)
    }

    /// Dice similarity, `2·tp / (2·tp + fp + fn)`; `None` if both masks are empty.
    pub fn dice(self) -> Option<f64> {
        Self::share(2 * self.tp, self.n_pred() + self.n_ref())
    }

    pub(crate) fn iou(self) -> Option<f64> {
        Self::share(self.tp, self.tp + self.fp + self.fn_)
    }

    pub(crate) fn sensitivity(self) -> Option<f64> {
        Self::share(self.tp, self.n_ref())
    }

    pub(crate) fn specificity(self) -> Option<f64> {
        Self::share(self.tn, self.tn + self.fp)
    }

    pub(crate) fn precision(self) -> Option<f64> {
        Self::share(self.tp, self.n_pred())
    }

    pub(crate) fn pixel_accuracy(self) -> Option<f64> {
        Self::share(self.tp + self.tn, self.tp + self.fp + self.fn_ + self.tn)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn every_pixel_is_counted_once() {
        let prediction = Array2::from_shape_fn((17, 23), |(row, _)| row < 5);
        let ground_truth = Array2::from_shape_fn((17, 23), |(_, col)| col < 3);

        let counts = Counts::new(prediction.view(), ground_truth.view());

        assert_eq!(
            counts,
            Counts {
                tp: 15,
                fp: 100,
                fn_: 36,
                tn: 240
            }
        );
        let pixels = prediction.iter().copied().zip(ground_truth.iter().copied());
        assert_eq!(Counts::of_pixels(pixels), counts);
    }

    #[test]
    fn share_of_nothing_is_undefined() {
        let empty = Array2::from_elem((17, 23), false);

        let counts = Counts::new(empty.view(), empty.view());

        assert_eq!(counts.sensitivity(), None);
        assert_eq!(counts.precision(), None);
        assert_eq!(counts.specificity(), Some(1.0));
    }
}
