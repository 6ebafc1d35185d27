//! Whether the labels of a run can be learned and watched at all; asked before it begins.

use std::path::Path;

use nerveseg_data::MaskSurvey;

use super::alarms::Alarm;
use crate::config::TrainConfig;
use crate::error::{Result, TrainError};
use crate::optim::Metric;
use crate::sample::Sample;

/// Checks the labels of both parts, of which `survey` is; `root` is for messages. What is odd but
/// can be trained on comes back as alarms.
///
/// # Errors
///
/// [`TrainError::NothingToLearn`] without a frame that shows where a nerve is and where not,
/// [`TrainError::NothingToWatch`] if no validation frame has what decides on the best epoch.
pub(super) fn check(
    config: &TrainConfig,
    root: &Path,
    [train, validation]: [&[Sample]; 2],
    survey: MaskSurvey,
) -> Result<Vec<Alarm>> {
    let nothing = |finding: &'static str| TrainError::NothingToLearn {
        root: root.to_owned(),
        frames: train.len(),
        finding,
    };
    let mut positives = train.iter().filter(|sample| sample.present).peekable();
    if positives.peek().is_none() {
        return Err(nothing("shows a nerve"));
    }
    if positives.all(|sample| coverage(sample) >= 1.0) {
        return Err(nothing("has a nerve that covers less than the whole frame"));
    }
    let mut alarms = Vec::new();
    if !validation.iter().any(|sample| sample.present) {
        let frames = validation.len();
        if config.early_stop.metric == Metric::ValDicePositive {
            let root = root.to_owned();
            return Err(TrainError::NothingToWatch { root, frames });
        }
        alarms.push(Alarm::NothingToWatch { frames });
    }
    if !survey.over_half.is_empty() {
        let cases = survey.over_half.into_iter();
        let cases = cases.map(|(case_id, _)| case_id).collect();
        alarms.push(Alarm::LargeMasks { cases });
    }
    Ok(alarms)
}

/// Share of the frame that the mask covers.
fn coverage(sample: &Sample) -> f64 {
    let inside = sample
        .target
        .iter()
        .filter(|&&target| target >= 128)
        .count();
    inside as f64 / sample.target.len() as f64
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    /// A frame whose mask covers so many of its ten columns.
    fn sample(columns: usize) -> Sample {
        Sample {
            case_id: format!("1_{}", columns + 1).parse().unwrap(),
            image: Array2::zeros((3, 10)),
            target: Array2::from_shape_fn((3, 10), |(_, c)| if c < columns { 255 } else { 0 }),
            present: columns > 0,
        }
    }

    fn checked(metric: Metric, train: &[usize], validation: &[usize]) -> Result<Vec<Alarm>> {
        let mut config = TrainConfig::standard();
        config.early_stop.metric = metric;
        let samples = |part: &[usize]| part.iter().map(|&it| sample(it)).collect::<Vec<_>>();
        let (train, validation) = (samples(train), samples(validation));
        let survey = MaskSurvey::default();
        check(&config, Path::new("uns"), [&train, &validation], survey)
    }

    #[test]
    fn labels_without_a_difference_cannot_be_learned() {
        for (train, finding) in [
            (&[0, 0, 0][..], "shows a nerve"),
            (
                &[0, 10, 10],
                "has a nerve that covers less than the whole frame",
            ),
        ] {
            let error = checked(Metric::ValLoss, train, &[2]).unwrap_err();

            let text = error.to_string();
            let expected = format!("none of the 3 training frames of `uns` {finding}");
            assert!(text.starts_with(&expected), "{text}");
        }
        assert_eq!(checked(Metric::ValLoss, &[0, 3], &[2]).unwrap(), []);
    }

    #[test]
    fn a_validation_part_without_a_nerve_is_an_alarm_or_stops_the_run() {
        let alarms = checked(Metric::ValDiceMean, &[0, 3], &[0, 0]).unwrap();
        assert_eq!(alarms, [Alarm::NothingToWatch { frames: 2 }]);

        let error = checked(Metric::ValDicePositive, &[0, 3], &[0, 0]).unwrap_err();
        assert!(error.to_string().contains("nothing to watch"), "{error}");
    }

    #[test]
    fn masks_over_half_of_the_frame_are_named() {
        let cases = ["1_7", "1_11"].map(|it| it.parse().unwrap()).to_vec();
        let survey = MaskSurvey {
            over_half: cases.iter().map(|&case_id| (case_id, 0.6)).collect(),
            ..MaskSurvey::default()
        };
        let parts = [&[sample(0), sample(3)][..], &[sample(2)]];

        let alarms = check(&TrainConfig::standard(), Path::new("uns"), parts, survey).unwrap();

        assert_eq!(alarms, [Alarm::LargeMasks { cases }]);
    }
}
