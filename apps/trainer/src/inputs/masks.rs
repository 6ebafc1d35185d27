//! What is odd about the masks of a set, said before anything is learnt from them.

use anyhow::Result;
use nerveseg_data::Dataset;

use crate::ui;

/// Looks at every mask and says what a person should know.
pub(crate) fn say_masks(dataset: &Dataset) -> Result<()> {
    let total = dataset.cases().len();
    let survey = ui::with_bar("masks", total, |progress| dataset.survey_masks(progress))?;
    for remark in survey.remarks() {
        ui::say(&remark);
    }
    Ok(())
}
