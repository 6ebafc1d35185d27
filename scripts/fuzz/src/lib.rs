//! What the targets have in common.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use nerveseg_data::{DicomDecoder, ReadLimits, Reader};

/// Small, so that an input takes no longer than a millisecond or two, whatever it promises.
pub const LIMITS: ReadLimits = ReadLimits {
    max_width: 2048,
    max_height: 2048,
    max_file_bytes: 1 << 20,
    max_pixels: 1 << 18,
    max_frames: 100,
    max_decoder_bytes: 16 << 20,
};

/// Reads within [`LIMITS`], in this process.
pub const READER: Reader = Reader {
    limits: LIMITS,
    dicom: DicomDecoder::InProcess,
};

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("nerveseg-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the system has a folder for temporary files");
    folder
});

/// A folder of this process, in the folder for temporary files, which `run` clears.
pub fn folder() -> &'static Path {
    &FOLDER
}

/// Writes `bytes` to a file of this process: for readers that take nothing but a path.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder().join(name);
    std::fs::write(&path, bytes).expect("a temporary file can be written");
    path
}
