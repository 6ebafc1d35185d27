//! What the default limits say about real frames, where there are any.
//!
//! The figures in `docs/audit.md` come from
//! `cargo test --release -p nerveseg-data -- --nocapture real_data different_people`.

use std::io::Write as _;
use std::path::PathBuf;

use nerveseg_data::audit::{AuditOptions, audit};
use nerveseg_data::ultrasound::{FrameFeatures, FrameLimits};
use nerveseg_data::{Dataset, read_image};
use rayon::prelude::*;

/// A folder of real data, or a note that there is none.
fn real(folder: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(folder);
    if path.is_dir() {
        return Some(path);
    }
    // not `eprintln!`: the test harness would swallow it
    writeln!(std::io::stderr(), "SKIPPED: {} not found", path.display()).unwrap();
    None
}

#[test]
fn every_real_frame_passes_as_ultrasound() {
    for folder in [
        "uns-full/train",
        "uns-full/test",
        "usgra/images",
        "uns-positive",
    ] {
        let Some(dir) = real(folder) else { continue };
        let dataset = Dataset::open(dir).unwrap();
        let step = if cfg!(debug_assertions) { 16 } else { 1 };
        let entries: Vec<_> = dataset
            .test_frames()
            .iter()
            .chain(dataset.cases())
            .step_by(step)
            .collect();
        let features: Vec<FrameFeatures> = entries
            .par_iter()
            .map(|entry| {
                let image = read_image(&entry.image_path).unwrap();
                let features = FrameFeatures::measure(&image);
                let objection = features.objection(&image, &FrameLimits::default());
                assert_eq!(objection, None, "{}", entry.case_id);
                features
            })
            .collect();
        let range = |name: &str, of: fn(&FrameFeatures) -> f64| {
            let least = features.iter().map(of).fold(f64::INFINITY, f64::min);
            let most = features.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
            eprintln!(
                "{folder}, {} frames, {name}: {least:.3} to {most:.3}",
                features.len()
            );
        };
        range("contrast", |f| f.contrast);
        range("grey levels", |f| f.grey_levels as f64);
        range("detail", |f| f.detail);
        range("correlation", |f| f.correlation);
        range("anisotropy", |f| f.anisotropy);
        range("flat fraction", |f| f.flat_fraction);
        range("margin fraction", |f| f.margin_fraction);
    }
}

#[test]
fn subject_1_holds_contradictions_and_no_errors() {
    let Some(dir) = real("uns-full/train") else {
        return;
    };

    let options = AuditOptions {
        max_pictured_pairs: 0,
        ..AuditOptions::default()
    };

    let report = audit(&dir, &options, &|_| {}).unwrap();

    assert!(!report.has_errors(), "{:?}", report.findings.first());
    assert!(report.summary.contradictory_pairs >= 10);
    assert!(
        report
            .contradictions
            .iter()
            .all(|pair| pair.first.subject_id == Some(1))
    );
    assert!(report.summary.excluded < report.summary.contradictory_frames);
}

/// Seconds in release, a minute without optimisation.
#[test]
#[cfg(not(debug_assertions))]
fn higher_thresholds_find_fewer_contradictions() {
    for folder in ["uns-full/train", "uns-positive"] {
        let Some(dir) = real(folder) else { continue };
        let pairs = [0.80, 0.85, 0.90, 0.95, 0.98].map(|similarity_threshold| {
            let options = AuditOptions {
                similarity_threshold,
                max_pictured_pairs: 0,
                ..AuditOptions::default()
            };
            let summary = audit(&dir, &options, &|_| {}).unwrap().summary;
            eprintln!(
                "{folder} from {similarity_threshold}: {} pairs, {} contradictory in {} frames, \
                 {} excluded",
                summary.near_duplicate_pairs,
                summary.contradictory_pairs,
                summary.contradictory_frames,
                summary.excluded
            );
            summary.contradictory_pairs
        });
        assert!(pairs.is_sorted_by(|a, b| a >= b), "{pairs:?}");
    }
}
