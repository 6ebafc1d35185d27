#![doc = include_str!("../README.md")]

pub mod audit;
mod case;
mod error;
pub mod phantom;
pub mod stats;

pub use case::{Case, CaseId, Mask};
pub use error::{DataError, Result};
