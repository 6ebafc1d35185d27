//! Reads files of strangers in a child process with little memory, little time and nothing else.
//!
//! The child is the program itself, started again with [`SUBCOMMAND`]. Its `main` looks for that
//! before anything else and calls [`serve_child`], which limits itself, reads one [`Request`] from
//! standard input and writes one answer to standard output. The parent starts [`command`], by
//! [`run`] or with an asynchronous runtime of its own:
//!
//! 1. write [`Request::head`], then the bytes, and close the pipe,
//! 2. read at most [`max_answer_bytes`], under a timeout of its own, and kill the child after it,
//! 3. pass what was read to [`read_answer`], which does not trust it either.

mod child;
mod parent;
mod wire;

pub use child::{ADDRESS_SPACE, CPU_SECONDS, serve_child};
pub use parent::{SandboxError, command, run, this_program};
pub use wire::{Request, max_answer_bytes, read_answer};

/// The first argument that makes the program a child.
pub const SUBCOMMAND: &str = "dicom-child";
