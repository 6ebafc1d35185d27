//! Audits a UNS folder: `cargo run --release --example audit_folder -- DIR REPORT_DIR`.
//!
//! Writes `audit.json`, `audit.html` and `exclude.txt` into `REPORT_DIR`.
#![expect(
    clippy::print_stdout,
    reason = "an example speaks to the person who runs it"
)]

use std::path::PathBuf;
use std::time::Instant;

use nerveseg_data::audit::{AuditOptions, audit};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(dir), Some(out)) = (args.next(), args.next()) else {
        return Err("expected DIR and REPORT_DIR".into());
    };
    let start = Instant::now();
    let report = audit(&dir, &AuditOptions::default(), &|_| {})?;
    let audited = start.elapsed();
    std::fs::create_dir_all(&out)?;
    std::fs::write(out.join("audit.json"), report.to_json())?;
    std::fs::write(out.join("audit.html"), report.to_html())?;
    std::fs::write(out.join("exclude.txt"), report.exclude.to_string())?;
    println!("{:#?}", report.summary);
    println!("subjects to keep together: {:?}", report.linked_subjects);
    println!(
        "{:.1} s, reports included {:.1} s",
        audited.as_secs_f64(),
        start.elapsed().as_secs_f64()
    );
    Ok(())
}
