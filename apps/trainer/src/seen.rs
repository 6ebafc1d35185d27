//! Whom a model knows already: scores on them are not those of unseen people.

use anyhow::Result;
use nerveseg_data::Dataset;
use nerveseg_model::Manifest;
use serde::Serialize;

use crate::ui;

const TRAINING: &str = "training";

/// Subjects that a model met before, in one way.
#[derive(Debug, Serialize)]
pub(crate) struct Seen {
    /// `training`, `early stopping` or `calibration`.
    r#in: &'static str,
    /// Their numbers.
    subjects: Vec<u32>,
    /// Whether the data is the very same. If not, it has changed since, or the numbers are those of
    /// other people.
    same_data: bool,
}

impl Seen {
    /// Those of `chosen`, which are some subjects of the folder `whole`.
    ///
    /// The folder is hashed only if a number is among those that the model knows.
    pub(crate) fn of(manifest: &Manifest, whole: &Dataset, chosen: &Dataset) -> Result<Vec<Self>> {
        let provenance = &manifest.provenance;
        let trained_on = provenance.data_fingerprint.as_ref();
        let mut ways = vec![
            (TRAINING, &provenance.train_subjects, trained_on),
            (
                "early stopping",
                &provenance.validation_subjects,
                trained_on,
            ),
        ];
        if let Some(calibration) = &provenance.calibration {
            let data = Some(&calibration.data_fingerprint);
            ways.push(("calibration", &calibration.subjects, data));
        }
        let here = chosen.subjects();
        let known = |subjects: &[u32]| -> Vec<u32> {
            let known = here.iter().filter(|subject| subjects.contains(subject));
            known.copied().collect()
        };
        ways.retain(|(_, subjects, _)| !known(subjects).is_empty());
        if ways.is_empty() {
            return Ok(Vec::new());
        }
        let total = whole.cases().len();
        let fingerprint = ui::with_bar("hashing", total, |progress| whole.fingerprint(progress))?;
        let seen = ways.into_iter().map(|(r#in, subjects, data)| Self {
            r#in,
            subjects: known(subjects),
            same_data: data == Some(&fingerprint),
        });
        Ok(seen.collect())
    }

    /// Whether the weights themselves depend on these subjects.
    pub(crate) fn is_training(&self) -> bool {
        self.r#in == TRAINING
    }

    /// What a person should know of it.
    pub(crate) fn warning(&self) -> String {
        let Self {
            r#in: way,
            subjects,
            same_data,
        } = self;
        let numbers: Vec<String> = subjects.iter().map(u32::to_string).collect();
        let numbers = numbers.join(", ");
        if *same_data {
            format!(
                "subjects {numbers} were also used for {way}: \
                 these scores are not those of unseen people"
            )
        } else {
            format!(
                "subjects numbered {numbers} were also used for {way}, of data that is not quite \
                 this: frames were added or changed, or it is another dataset. If they are the \
                 same people, these scores are not those of unseen people"
            )
        }
    }
}
