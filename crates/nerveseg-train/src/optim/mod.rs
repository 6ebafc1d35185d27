//! How weights move: Adam, the average of its steps, and the learning rate over time.

mod adam;
mod average;
mod monitor;
mod one_cycle;

pub use self::adam::NamedAdam;
pub use self::monitor::{EarlyStopConfig, Metric, PlateauConfig};
pub use self::one_cycle::OneCycleConfig;

pub(crate) use self::average::WeightAverage;
pub(crate) use self::monitor::Monitor;
