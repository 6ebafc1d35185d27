//! Whom a model knows already: scores on them are not those of unseen people.

use anyhow::Result;
use nerveseg_data::Dataset;
use nerveseg_model::{Manifest, Provenance};
use serde::Serialize;

use crate::ui;

/// Ways in which a model meets people, in the order of [`meetings`].
const OWN: [&str; 3] = ["training", "early stopping", "calibration"];

/// Those in which the model met them that it was started from.
const INHERITED: [&str; 3] = [
    "training of what it started from",
    "early stopping of what it started from",
    "calibration of what it started from",
];

/// Subjects, and the fingerprint of their data where it is known.
type Meeting<'a> = (&'a [u32], Option<&'a String>);

/// Whom a model met in training, in early stopping and in calibration.
fn meetings(provenance: &Provenance) -> [Meeting<'_>; 3] {
    let trained_on = provenance.data_fingerprint.as_ref();
    let calibration = provenance.calibration.as_ref();
    [
        (&provenance.train_subjects, trained_on),
        (&provenance.validation_subjects, trained_on),
        (
            calibration.map_or(&[], |it| &it.subjects),
            calibration.map(|it| &it.data_fingerprint),
        ),
    ]
}

/// Subjects that a model met before, in one way.
#[derive(Debug, Serialize)]
pub(crate) struct Seen {
    /// One of [`OWN`] or [`INHERITED`].
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
        Self::of_any(&[manifest], whole, chosen)
    }

    /// As [`of`](Self::of) for several models, of which any may have met them.
    pub(crate) fn of_any(
        manifests: &[&Manifest],
        whole: &Dataset,
        chosen: &Dataset,
    ) -> Result<Vec<Self>> {
        let mut ways = Vec::new();
        for manifest in manifests {
            let (mut next, mut names) = (Some(&manifest.provenance), OWN);
            while let Some(provenance) = next {
                ways.extend(names.into_iter().zip(meetings(provenance)));
                next = provenance.started_from.as_ref().map(|it| &*it.provenance);
                names = INHERITED;
            }
        }
        let here = chosen.subjects();
        let known = |subjects: &[u32]| -> Vec<u32> {
            let known = here.iter().filter(|subject| subjects.contains(subject));
            known.copied().collect()
        };
        ways.retain(|(_, (subjects, _))| !known(subjects).is_empty());
        if ways.is_empty() {
            return Ok(Vec::new());
        }
        let total = whole.cases().len();
        let fingerprint = ui::with_bar("hashing", total, |progress| whole.fingerprint(progress))?;
        let mut all: Vec<Self> = Vec::new();
        for (r#in, (subjects, data)) in ways {
            let (mut subjects, same_data) = (known(subjects), data == Some(&fingerprint));
            let alike = |seen: &&mut Self| seen.r#in == r#in && seen.same_data == same_data;
            match all.iter_mut().find(alike) {
                Some(seen) => {
                    seen.subjects.append(&mut subjects);
                    seen.subjects.sort_unstable();
                    seen.subjects.dedup();
                }
                None => all.push(Self {
                    r#in,
                    subjects,
                    same_data,
                }),
            }
        }
        Ok(all)
    }

    /// Whether the weights themselves depend on these subjects.
    pub(crate) fn is_training(&self) -> bool {
        [OWN[0], INHERITED[0]].contains(&self.r#in)
    }

    /// Whether only the model met them that this one was started from.
    pub(crate) fn is_inherited(&self) -> bool {
        INHERITED.contains(&self.r#in)
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
