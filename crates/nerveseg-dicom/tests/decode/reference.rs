//! Real files against pydicom 3.0.2. The expected values are printed by
//!
//! ```sh
//! python scripts/reference/dicom.py ../shared/data/dicom
//! ```
//!
//! The files in `tests/data` are shipped (licence beside them). Others are looked for in
//! `../shared/data/dicom` beside the repository.

use std::path::{Path, PathBuf};

use nerveseg_dicom::{DicomError, Frame, Limits, Region, decode};

/// What pydicom says of one frame.
struct Expected {
    frame: u32,
    frames: u32,
    size: (u32, u32),
    adler32: u32,
    mean: f64,
    /// Pixels at (30 %, 40 %), (50 %, 50 %) and (70 %, 60 %) of (height, width).
    probes: [u8; 3],
    region: Option<Region>,
    spacing: Option<[f64; 2]>,
}

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn shared(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/dicom");
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: no file {}", path.display());
    None
}

fn read(path: &Path, frame: u32) -> Result<Frame, DicomError> {
    decode(&std::fs::read(path).unwrap(), frame, &Limits::default())
}

fn adler32(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1, 0), |(low, high), &byte| {
        let low = (low + u32::from(byte)) % 65521;
        (low, (high + low) % 65521)
    });
    high << 16 | low
}

/// Compares a frame; `exact` where every decoder must give the same.
#[track_caller]
fn check(path: &Path, expected: &Expected, exact: bool) {
    let frame = read(path, expected.frame).unwrap();
    assert_eq!(
        frame.pixels.dimensions(),
        expected.size,
        "{}",
        path.display()
    );
    assert_eq!(
        (frame.index, frame.count),
        (expected.frame, expected.frames)
    );
    assert_eq!(frame.tissue, expected.region, "{}", path.display());
    assert_eq!(frame.spacing_mm, expected.spacing, "{}", path.display());
    let pixels = frame.pixels.as_raw();
    let mean = pixels.iter().map(|&v| f64::from(v)).sum::<f64>() / pixels.len() as f64;
    let (width, height) = (f64::from(expected.size.0), f64::from(expected.size.1));
    let probes = [(0.3, 0.4), (0.5, 0.5), (0.7, 0.6)].map(|(y, x)| {
        frame
            .pixels
            .get_pixel((x * width) as u32, (y * height) as u32)
            .0[0]
    });
    if exact {
        assert_eq!(probes, expected.probes, "{}", path.display());
        assert_eq!(adler32(pixels), expected.adler32, "{}", path.display());
    } else {
        // inverse cosine transforms may round differently, by one step at a time
        for (found, expected) in probes.iter().zip(expected.probes) {
            assert!(found.abs_diff(expected) <= 2, "{probes:?}");
        }
    }
    assert!((mean - expected.mean).abs() < 0.1, "{mean}");
}

const OBXXXX1A: Expected = Expected {
    frame: 0,
    frames: 1,
    size: (800, 600),
    adler32: 0xf021_aac1,
    mean: 11.8302,
    probes: [1, 1, 1],
    region: Some(Region {
        x: 120,
        y: 60,
        width: 680,
        height: 459,
    }),
    spacing: Some([0.262_287_876_619_699_77, 0.262_287_876_619_699_77]),
};

#[test]
fn explicit_big_endian_rgb() {
    let expected = Expected {
        frame: 0,
        frames: 1,
        size: (80, 60),
        adler32: 0xb21d_4cce,
        mean: 222.4994,
        probes: [226, 226, 226],
        region: None,
        spacing: None,
    };
    check(&shipped("ExplVR_BigEnd.dcm"), &expected, true);
}

#[test]
fn run_length_palette_with_two_frames() {
    let path = shipped("OBXXXX1A_rle_2frame.dcm");
    check(
        &path,
        &Expected {
            frames: 2,
            ..OBXXXX1A
        },
        true,
    );
    check(
        &path,
        &Expected {
            frame: 1,
            frames: 2,
            adler32: 0xeac6_98d1,
            mean: 39.8036,
            probes: [90, 90, 90],
            ..OBXXXX1A
        },
        true,
    );
    let error = read(&path, 2).unwrap_err();
    assert_eq!(
        error,
        DicomError::FrameOutOfRange {
            frame: 2,
            frames: 2
        }
    );
}

#[test]
fn lossless_jpeg() {
    let expected = Expected {
        frame: 0,
        frames: 1,
        size: (1024, 768),
        adler32: 0x8111_242d,
        mean: 17.2578,
        probes: [53, 15, 59],
        region: Some(Region {
            x: 14,
            y: 38,
            width: 997,
            height: 721,
        }),
        spacing: Some([0.254_766_965_923_781_56, 0.254_766_965_923_781_56]),
    };
    check(&shipped("JPGLosslessP14SV1_1s_1f_8b.dcm"), &expected, true);
}

/// Its regions are those of an image of 640x480, so its spacing is unknown.
#[test]
fn baseline_jpeg_in_colour_with_thirty_frames() {
    let path = shipped("examples_ybr_color.dcm");
    for (frame, mean, probes) in [
        (0, 9.4929, [25, 7, 31]),
        (15, 10.7049, [21, 1, 100]),
        (29, 10.6309, [35, 8, 101]),
    ] {
        let expected = Expected {
            frame,
            frames: 30,
            size: (320, 240),
            adler32: 0,
            mean,
            probes,
            region: None,
            spacing: None,
        };
        check(&path, &expected, false);
    }
}

#[test]
fn shared_palette_files_agree() {
    for name in ["OBXXXX1A.dcm", "OBXXXX1A_rle.dcm"] {
        if let Some(path) = shared(name) {
            check(&path, &OBXXXX1A, true);
        }
    }
    // cut to the upper part, so that its region reaches beyond it
    if let Some(path) = shared("examples_palette.dcm") {
        let expected = Expected {
            size: (800, 350),
            adler32: 0x6e4f_166d,
            mean: 19.4428,
            probes: [0, 1, 1],
            region: None,
            spacing: None,
            ..OBXXXX1A
        };
        check(&path, &expected, true);
    }
}

#[test]
fn shared_rgb_files_agree() {
    for (name, size, adler32, mean, probes) in [
        (
            "US1_UNCI.dcm",
            (640, 480),
            0x0f57_783d,
            35.7187,
            [60, 7, 38],
        ),
        (
            "examples_rgb_color.dcm",
            (320, 240),
            0x8fc8_68d2,
            35.3280,
            [52, 10, 18],
        ),
    ] {
        if let Some(path) = shared(name) {
            let expected = Expected {
                frame: 0,
                frames: 1,
                size,
                adler32,
                mean,
                probes,
                region: None,
                spacing: None,
            };
            check(&path, &expected, true);
        }
    }
}

#[test]
fn shared_brachial_plexus_files_agree() {
    for (name, adler32, mean, probes) in [
        (
            "1208_202100_20210100.dcm",
            0x16f5_bb00,
            46.2374,
            [84, 97, 22],
        ),
        (
            "1208_202100_20210102.dcm",
            0x901c_6b35,
            42.9188,
            [127, 61, 21],
        ),
        (
            "1208_202105_20210100.dcm",
            0x7fa3_0032,
            40.1317,
            [128, 24, 3],
        ),
        (
            "1608_202101_20210100.dcm",
            0x4e69_5018,
            34.8507,
            [48, 13, 2],
        ),
        (
            "1608_202101_20210102.dcm",
            0x8f13_9888,
            34.7529,
            [76, 100, 1],
        ),
    ] {
        if let Some(path) = shared(&format!("brachial-plexus/{name}")) {
            let expected = Expected {
                adler32,
                mean,
                probes,
                spacing: Some([0.059_389_671_361_502_35, 0.059_389_671_361_502_35]),
                ..OBXXXX1A
            };
            check(&path, &expected, true);
        }
    }
}

#[test]
fn shared_jpeg_2000_is_unsupported() {
    if let Some(path) = shared("US1_J2KR.dcm") {
        assert_eq!(
            read(&path, 0).unwrap_err(),
            DicomError::UnsupportedTransferSyntax {
                uid: "1.2.840.10008.1.2.4.90".into(),
                name: "JPEG 2000".into()
            }
        );
    }
}
