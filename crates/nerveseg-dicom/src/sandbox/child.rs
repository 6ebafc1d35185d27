//! The side of the child.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use super::wire::{Head, read_body, write_answer};
use crate::decode_among;

/// Most memory a child may map, in bytes; its own program is part of it.
pub const ADDRESS_SPACE: u64 = 384 << 20;
/// Most time a child may compute, in seconds.
pub const CPU_SECONDS: u64 = 10;

/// Answers one request on standard input, and is done.
///
/// To be called before the program starts threads or opens files. An exit code other than 0 means
/// that there was no answer.
pub fn serve_child() -> ExitCode {
    let served =
        limit_resources().and_then(|()| serve(&mut io::stdin().lock(), &mut io::stdout().lock()));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let head = Head::read(input)?;
    let answer = read_body(input, &head)?
        .and_then(|bytes| decode_among(&bytes, head.pick, &head.limits, head.least_bits));
    write_answer(output, &answer)
}

/// Gives up what reading a file does not need, for good.
#[cfg(unix)]
fn limit_resources() -> io::Result<()> {
    use rlimit::Resource;

    for (resource, limit) in [
        (Resource::AS, ADDRESS_SPACE),
        (Resource::CPU, CPU_SECONDS),
        // no memory image with someone's pixels on disk
        (Resource::CORE, 0),
        // no file can grow: pipes are not files
        (Resource::FSIZE, 0),
        // nothing can be opened besides standard input, output and error
        (Resource::NOFILE, 3),
    ] {
        resource.set(limit, limit)?;
    }
    Ok(())
}

/// A process that cannot limit itself reads nothing.
#[cfg(not(unix))]
fn limit_resources() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
