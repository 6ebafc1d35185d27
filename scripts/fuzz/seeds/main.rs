//! Writes inputs for the fuzzer to begin with: `seeds FOLDER` makes a folder for each target.
//!
//! Small ones: what is tried in a second counts. All are made here or by the builders of the tests.

// so that the counters of what is linked have somewhere to report to
use libfuzzer_sys as _;

#[path = "../../../crates/nerveseg-dicom/tests/decode/dicom.rs"]
#[allow(dead_code, reason = "the tests write more kinds of file")]
mod dicom;
mod files;
#[path = "../../../crates/nerveseg-dicom/tests/decode/jpeg.rs"]
#[allow(dead_code, reason = "the tests write more kinds of file")]
mod jpeg;
mod pictures;
mod scans;
#[path = "../../../crates/nerveseg-dicom/tests/decode/seg_file.rs"]
#[allow(dead_code, reason = "the tests write more kinds of file")]
mod seg_file;
mod web;

use std::error::Error;
use std::path::PathBuf;

/// Name of a target and its inputs.
type Seeds = (&'static str, Vec<Vec<u8>>);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: seeds FOLDER")?;
    let pictures = pictures::all();
    let seeds: Vec<Seeds> = vec![
        ("dicom", scans::all()),
        ("segmentation", scans::segmentations()),
        ("picture", pictures.clone()),
        ("tiff", pictures::tiffs()),
        ("mask", pictures::masks()),
        ("rle", files::runs()),
        ("mask_table", files::mask_tables()),
        ("splits", files::splits()),
        ("artifact", files::artifacts()?),
        ("import", files::annotations()),
        ("form", web::forms(&pictures)),
        ("kserve", web::tensors()),
    ];
    for (target, inputs) in seeds {
        let folder = PathBuf::from(&folder).join(target);
        std::fs::create_dir_all(&folder)?;
        for (number, input) in inputs.iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number:02}")), input)?;
        }
    }
    Ok(())
}
