//! A real child process: this program starts itself again.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use nerveseg_dicom::sandbox::{self, Request, SandboxError};
use nerveseg_dicom::{DicomError, Limits, decode};

const TIMEOUT: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(sandbox::SUBCOMMAND) => return sandbox::serve_child(),
        // what would run is asked for, and options of the test harness do not matter
        Some("--list") => return ExitCode::SUCCESS,
        _ => {}
    }
    run_all();
    ExitCode::SUCCESS
}

#[expect(clippy::print_stdout, reason = "as the usual harness does")]
fn run_all() {
    let tests: [(&str, fn()); 6] = [
        (
            "frame_is_that_of_this_process",
            frame_is_that_of_this_process,
        ),
        ("errors_come_back_typed", errors_come_back_typed),
        (
            "hostile_files_are_answered_quickly",
            hostile_files_are_answered_quickly,
        ),
        (
            "child_cannot_take_memory_or_open_files",
            child_cannot_take_memory_or_open_files,
        ),
        (
            "child_that_takes_too_long_is_killed",
            child_that_takes_too_long_is_killed,
        ),
        (
            "program_that_is_no_child_is_not_trusted",
            program_that_is_no_child_is_not_trusted,
        ),
    ];
    for (name, test) in tests {
        test();
        println!("test {name} ... ok");
    }
}

fn data(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    fs::read(folder.join(name)).unwrap()
}

fn program() -> PathBuf {
    sandbox::this_program().unwrap()
}

fn run(bytes: &[u8], frame: u32) -> Result<nerveseg_dicom::Frame, SandboxError> {
    let request = Request {
        bytes,
        pick: frame.into(),
        limits: Limits::default(),
        least_bits: 0,
    };
    sandbox::run(&program(), &request, TIMEOUT)
}

fn frame_is_that_of_this_process() {
    for (name, frame) in [
        ("ExplVR_BigEnd.dcm", 0),
        ("OBXXXX1A_rle_2frame.dcm", 1),
        ("JPGLosslessP14SV1_1s_1f_8b.dcm", 0),
        ("examples_ybr_color.dcm", 29),
    ] {
        let bytes = data(name);
        let here = decode(&bytes, frame, &Limits::default()).unwrap();
        let there = run(&bytes, frame).unwrap();
        assert_eq!(here.pixels, there.pixels, "{name}");
        assert_eq!((here.index, here.count), (there.index, there.count));
        assert_eq!(
            (here.tissue, here.spacing_mm),
            (there.tissue, there.spacing_mm)
        );
    }
}

fn errors_come_back_typed() {
    let bytes = data("OBXXXX1A_rle_2frame.dcm");
    for (bytes, frame) in [
        (&bytes[..], 2),
        (&bytes[..3000], 0),
        (b"", 0),
        (b"\x89PNG", 0),
    ] {
        let here = decode(bytes, frame, &Limits::default()).unwrap_err();
        match run(bytes, frame).unwrap_err() {
            SandboxError::Dicom(there) => assert_eq!(here, there),
            other => panic!("{other:?}"),
        }
    }
    let request = Request {
        bytes: &bytes,
        pick: 0.into(),
        limits: Limits {
            bytes: 10,
            ..Limits::default()
        },
        least_bits: 0,
    };
    let error = sandbox::run(&program(), &request, TIMEOUT).unwrap_err();
    assert!(
        matches!(error, SandboxError::Dicom(DicomError::TooLarge { .. })),
        "{error:?}"
    );
}

/// What made another library take 8 GiB, or overflow its stack.
fn hostile_files_are_answered_quickly() {
    let original = data("examples_ybr_color.dcm");
    let mut giant = original.clone();
    let at = giant
        .windows(4)
        .position(|w| w == [0xff, 0xc0, 0, 17])
        .unwrap();
    giant[at + 5..at + 9].fill(0xff);

    let mut nested = original[..meta_length(&original)].to_vec();
    for _ in 0..100_000 {
        nested.extend(b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff");
    }
    for bytes in [giant, nested] {
        let begin = Instant::now();
        let error = run(&bytes, 0).unwrap_err();
        assert!(matches!(error, SandboxError::Dicom(_)), "{error:?}");
        assert!(
            begin.elapsed() < Duration::from_secs(2),
            "{:?}",
            begin.elapsed()
        );
    }
}

/// Up to the end of group 2, whose length stands at its start.
fn meta_length(file: &[u8]) -> usize {
    let length = u32::from_le_bytes(*file[140..].first_chunk().unwrap());
    144 + length as usize
}

/// Limits of the child as the kernel sees them, while it waits for its request.
fn child_cannot_take_memory_or_open_files() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let mut child = sandbox::command(&program()).spawn().unwrap();
    let limits = Path::new("/proc")
        .join(child.id().to_string())
        .join("limits");
    let limit_of = |name: &str| {
        let text = fs::read_to_string(&limits).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let values = line.unwrap().split_whitespace().take(2);
        values.map(str::to_owned).collect::<Vec<_>>()
    };
    let begin = Instant::now();
    while limit_of("Max open files") != ["3", "3"] {
        assert!(
            begin.elapsed() < TIMEOUT,
            "{:?}",
            limit_of("Max open files")
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    let memory = sandbox::ADDRESS_SPACE.to_string();
    let seconds = sandbox::CPU_SECONDS.to_string();
    assert_eq!(limit_of("Max address space"), [memory.clone(), memory]);
    assert_eq!(limit_of("Max cpu time"), [seconds.clone(), seconds]);
    assert_eq!(limit_of("Max core file size"), ["0", "0"]);
    assert_eq!(limit_of("Max file size"), ["0", "0"]);

    // a request for more memory than it has is the end of it, and not of anybody else
    let request = Request {
        bytes: &[],
        pick: 0.into(),
        limits: Limits {
            bytes: u64::MAX,
            ..Limits::default()
        },
        least_bits: 0,
    };
    let mut head = request.head();
    head[24..32].copy_from_slice(&(sandbox::ADDRESS_SPACE * 2).to_le_bytes());
    child.stdin.take().unwrap().write_all(&head).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(!output.status.success());
    let error = sandbox::read_answer(&output.stdout, &request).unwrap_err();
    assert!(matches!(error, SandboxError::Died), "{error:?}");
}

fn child_that_takes_too_long_is_killed() {
    let bytes = data("ExplVR_BigEnd.dcm");
    let request = Request {
        bytes: &bytes,
        pick: 0.into(),
        limits: Limits::default(),
        least_bits: 0,
    };
    let error = sandbox::run(&program(), &request, Duration::ZERO).unwrap_err();
    assert!(matches!(error, SandboxError::TimedOut { .. }), "{error:?}");
}

fn program_that_is_no_child_is_not_trusted() {
    let request = Request {
        bytes: b"",
        pick: 0.into(),
        limits: Limits::default(),
        least_bits: 0,
    };
    for (program, died) in [
        ("/bin/true", true),
        ("/bin/echo", false),
        ("/usr/bin/yes", false),
    ] {
        let error = sandbox::run(Path::new(program), &request, TIMEOUT).unwrap_err();
        assert_eq!(matches!(error, SandboxError::Died), died, "{error:?}");
    }
    let missing = sandbox::run(Path::new("/no/such/program"), &request, TIMEOUT).unwrap_err();
    assert!(matches!(missing, SandboxError::Start(_)), "{missing:?}");
}
