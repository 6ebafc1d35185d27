//! For who runs the server: probes, metrics, the log, memory.

pub(crate) mod health;
pub(crate) mod memory;
pub(crate) mod metrics;
pub(crate) mod probe;
pub(crate) mod telemetry;
