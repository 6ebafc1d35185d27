//! What a run is: settings, split and data. It is resumed with the same ones or not at all.

use std::collections::{BTreeMap, BTreeSet};

use nerveseg_data::{CaseId, FileHashes, Partition, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::config::TrainConfig;

/// What a run was started with; part of a checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// SHA-256 of the cases of every part, hex.
    pub(crate) partition: String,
    /// Fingerprint of the data.
    pub(crate) data: String,
    /// Every setting.
    pub(crate) config: TrainConfig,
}

impl Identity {
    pub(crate) fn new(config: &TrainConfig, partition: &Partition, data: &FileHashes) -> Self {
        Self {
            partition: digest(partition),
            data: data.fingerprint(),
            config: config.clone(),
        }
    }
}

/// SHA-256 of the cases of every part, hex.
pub(crate) fn digest(partition: &Partition) -> String {
    let json = serde_json::to_vec(partition).expect("plain data");
    hex(&Sha256::digest(json))
}

/// Settings of `asked` that are not those of `run`, each with both values.
///
/// More epochs or more patience may be asked for: they change when a run ends, not what it does.
/// Only one cycle is stretched over all epochs.
pub(crate) fn setting_differences(run: &TrainConfig, asked: &TrainConfig) -> Vec<String> {
    let comparable = |config: &TrainConfig| {
        let mut config = config.clone();
        if run.one_cycle.is_none() && asked.one_cycle.is_none() {
            config.epochs = 0;
        }
        config.early_stop.patience = 0;
        // the checksum says what it is
        if let Some(init) = &mut config.init {
            init.name.clear();
        }
        config
    };
    differences(&comparable(run), &comparable(asked))
        .into_iter()
        .map(
            |Difference {
                 name,
                 values: [run, asked],
             }| { format!("`{name}` is {run} in the run, {asked} was asked for") },
        )
        .collect()
}

/// A setting that two configurations do not have in common.
pub(crate) struct Difference {
    /// Its name in a file, with dots between the sections.
    pub(crate) name: String,
    /// Its value in each, as a file has it.
    pub(crate) values: [String; 2],
}

/// Settings that differ, by name.
pub(crate) fn differences(a: &TrainConfig, b: &TrainConfig) -> Vec<Difference> {
    let settings = [a.settings(), b.settings()];
    let names: BTreeSet<&String> = settings.iter().flat_map(BTreeMap::keys).collect();
    let value = |settings: &BTreeMap<String, toml::Value>, name| match settings.get(name) {
        Some(value) => value.to_string(),
        None => "not set".to_owned(),
    };
    names
        .into_iter()
        .filter(|&name| settings[0].get(name) != settings[1].get(name))
        .map(|name| Difference {
            name: name.clone(),
            values: [0, 1].map(|of| value(&settings[of], name)),
        })
        .collect()
}

/// How two partitions differ; nothing if they do not.
pub(crate) fn partition_difference(run: &Partition, asked: &Partition) -> Option<String> {
    let (run, asked) = (places(run), places(asked));
    let place = |places: &BTreeMap<CaseId, String>, case_id| match places.get(case_id) {
        Some(parts) => format!("in {parts}"),
        None => "in no part".to_owned(),
    };
    let mut cases: Vec<&CaseId> = run.keys().chain(asked.keys()).collect();
    cases.sort_unstable();
    cases.dedup();
    cases.retain(|&case_id| run.get(case_id) != asked.get(case_id));
    let first = cases.first()?;
    let (before, after) = (place(&run, first), place(&asked, first));
    let count = cases.len();
    Some(format!(
        "the split puts {count} frames elsewhere, such as {first}: {before} in the run, \
         {after} was asked for"
    ))
}

/// The parts that each case is in, for people.
fn places(partition: &Partition) -> BTreeMap<CaseId, String> {
    let Partition {
        train,
        validation,
        test,
    } = partition;
    let mut places = BTreeMap::<CaseId, String>::new();
    for (part, cases) in [("train", train), ("validation", validation), ("test", test)] {
        for &case_id in cases {
            let parts = places.entry(case_id).or_default();
            let and = if parts.is_empty() { "" } else { " and " };
            *parts += &format!("{and}`{part}`");
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::OneCycleConfig;

    #[test]
    fn every_setting_that_differs_is_named_with_both_values() {
        let run = TrainConfig::standard();
        let mut asked = TrainConfig {
            batch_size: 8,
            leak_alarm_dice: Some(0.9),
            epochs: 7,
            ..TrainConfig::standard()
        };
        asked.unet.features = vec![4, 8];
        asked.early_stop.patience = 99;

        assert_eq!(
            setting_differences(&run, &asked),
            [
                "`batch_size` is 16 in the run, 8 was asked for",
                "`leak_alarm_dice` is not set in the run, 0.9 was asked for",
                "`unet.features` is [16, 32, 64, 128, 256] in the run, [4, 8] was asked for",
            ]
        );
        assert!(setting_differences(&run, &run.clone()).is_empty());
    }

    #[test]
    fn epochs_count_where_the_learning_rate_follows_them() {
        let run = TrainConfig {
            one_cycle: Some(OneCycleConfig::default()),
            ..TrainConfig::standard()
        };
        let asked = TrainConfig {
            epochs: 7,
            ..run.clone()
        };

        assert_eq!(
            setting_differences(&run, &asked),
            ["`epochs` is 50 in the run, 7 was asked for"]
        );
    }

    #[test]
    fn another_split_is_told_by_a_frame_and_its_parts() {
        let cases = |ids: &[&str]| ids.iter().map(|id| id.parse().unwrap()).collect();
        let run = Partition {
            train: cases(&["1_1", "1_2", "2_1"]),
            validation: cases(&["3_1"]),
            test: cases(&[]),
        };
        let asked = Partition {
            train: cases(&["1_1", "1_2"]),
            validation: cases(&["3_1", "2_1"]),
            ..run.clone()
        };

        let difference = partition_difference(&run, &asked).unwrap();

        assert!(
            difference
                .contains("such as 2_1: in `train` in the run, in `validation` was asked for"),
            "{difference}"
        );
        assert_eq!(partition_difference(&run, &run), None);
    }
}
