//! What `nerveseg bench` has measured.

use serde::Serialize;

use crate::ui;

/// What was measured.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) task: &'static str,
    pub(super) device: String,
    pub(super) device_name: String,
    pub(super) kernels: bool,
    pub(super) batch: usize,
    pub(super) threads: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) features: Vec<usize>,
    /// Trainable ones.
    pub(super) parameters: usize,
    pub(super) runs: usize,
    pub(super) median_ms: f64,
    pub(super) min_ms: f64,
    pub(super) max_ms: f64,
    pub(super) images_per_s: f64,
    /// Multiplications and additions of the definition, whatever the algorithm saves.
    pub(super) gflops: f64,
    /// The most that the processor's registers can do with as many threads.
    pub(super) peak_gflops: f64,
    pub(super) peak_share: f64,
    /// Most memory that the process has held, and that without what it held before the network.
    pub(super) peak_mib: Option<u64>,
    pub(super) engine_mib: Option<u64>,
}

impl Report {
    /// In five lines.
    pub(super) fn describe(&self) -> String {
        let Report {
            task,
            device_name,
            batch,
            threads,
            height,
            width,
            ..
        } = self;
        let mib =
            |value: Option<u64>| value.map_or_else(|| "–".to_owned(), |mib| format!("{mib} MiB"));
        format!(
            "{task}, batch {batch}, {width}x{height}, {device_name}, {threads} threads, {} parameters\n\
             {:.2} ms a batch (median of {}; {:.2} to {:.2})\n\
             {:.1} images/s\n\
             {:.0} GFLOP/s of {:.0} at most: {:.0} %\n\
             {} at most, {} for the network",
            ui::thousands(self.parameters),
            self.median_ms,
            self.runs,
            self.min_ms,
            self.max_ms,
            self.images_per_s,
            self.gflops,
            self.peak_gflops,
            self.peak_share * 100.0,
            mib(self.peak_mib),
            mib(self.engine_mib),
        )
    }
}
