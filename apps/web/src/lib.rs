#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod answer;
mod app;
mod args;
mod assets;
mod decode;
mod error;
mod health;
mod markdown;
mod memory;
mod metrics;
mod middleware;
mod model;
mod openapi;
mod picture;
mod pipeline;
mod probe;
mod problem;
mod queue;
mod reload;
mod routes;
mod run;
mod sandbox;
mod settings;
mod shutdown;
mod startup;
mod telemetry;
mod upload;
mod worker;

pub use args::Args;
pub use run::run;
pub use settings::{LogFormat, Settings};
pub use startup::WebServer;
