#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod answer;
mod args;
mod assets;
mod error;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod inference;
mod intake;
mod middleware;
mod ops;
mod routes;
mod run;
mod server;
mod settings;

pub use args::Args;
pub use ops::telemetry::LogFormat;
pub use run::run;
pub use server::WebServer;
pub use settings::Settings;
