//! The server over a real socket.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

mod formats;
mod kserve;
mod lifecycle;
mod limits;
mod mask_cases;
mod odd;
mod overload;
mod pages;
mod probes;
mod program;
mod regions;
mod segment;
