//! Files that people send instead of a frame, by their first bytes.

use nerveseg_data::format_names;

/// A kind of file that is not read, with its article, and how it starts.
type Kind = (&'static str, fn(&[u8]) -> bool);

/// The first that fits decides.
const KINDS: &[Kind] = &[
    ("a gzip file", |it| it.starts_with(b"\x1f\x8b")),
    ("a zip archive", |it| {
        it.starts_with(b"PK\x03\x04") || it.starts_with(b"PK\x05\x06")
    }),
    ("a 7z archive", |it| it.starts_with(b"7z\xbc\xaf\x27\x1c")),
    ("a RAR archive", |it| it.starts_with(b"Rar!\x1a\x07")),
    ("a tar archive", |it| at(it, 257, b"ustar")),
    ("a Zstandard file", |it| it.starts_with(b"\x28\xb5\x2f\xfd")),
    ("a PDF", |it| it.starts_with(b"%PDF-")),
    ("a GIF", |it| {
        it.starts_with(b"GIF87a") || it.starts_with(b"GIF89a")
    }),
    ("a WebP image", |it| riff(it, b"WEBP")),
    ("an AVI video", |it| riff(it, b"AVI ")),
    ("a HEIC or AVIF image", |it| {
        [b"heic", b"heix", b"mif1", b"msf1", b"avif"]
            .iter()
            .any(|brand| at(it, 4, b"ftyp") && at(it, 8, *brand))
    }),
    ("an MP4 or QuickTime video", |it| {
        at(it, 4, b"ftyp") || at(it, 4, b"moov")
    }),
    ("a Matroska or WebM video", |it| {
        it.starts_with(b"\x1a\x45\xdf\xa3")
    }),
    ("a JPEG 2000 image", |it| {
        at(it, 4, b"jP  \r\n\x87\n") || it.starts_with(b"\xff\x4f\xff\x51")
    }),
    ("a NIfTI volume", |it| {
        at(it, 344, b"n+1\0") || at(it, 344, b"ni1\0") || at(it, 4, b"n+2\0")
    }),
    ("an NRRD volume", |it| it.starts_with(b"NRRD000")),
    ("a MetaImage", |it| it.starts_with(b"ObjectType")),
    ("a NumPy array", |it| it.starts_with(b"\x93NUMPY")),
    ("an HDF5 file", |it| it.starts_with(b"\x89HDF\r\n\x1a\n")),
    ("a MATLAB file", |it| it.starts_with(b"MATLAB ")),
    ("an SVG drawing", |it| markup(it, "<svg")),
    ("an HTML page", |it| {
        markup(it, "<!doctype html") || markup(it, "<html")
    }),
    ("XML", |it| markup(it, "<?xml")),
    ("JSON", |it| {
        let first = it.trim_ascii_start().first();
        matches!(first, Some(b'{' | b'['))
            && serde_json::from_slice::<serde::de::IgnoredAny>(it).is_ok()
    }),
    ("text", |it| {
        std::str::from_utf8(it).is_ok_and(|text| {
            !text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
        })
    }),
];

/// Says what an upload is that is no image of ours.
pub(super) fn refusal(bytes: &[u8]) -> String {
    let expected = format_names();
    let known = KINDS.iter().find(|(_, is)| is(bytes));
    match known {
        Some((kind, _)) => format!("The upload is {kind}, not a {expected} image."),
        None => format!("The upload is not a {expected} image."),
    }
}

fn at(bytes: &[u8], offset: usize, magic: &[u8]) -> bool {
    bytes
        .get(offset..)
        .is_some_and(|rest| rest.starts_with(magic))
}

fn riff(bytes: &[u8], kind: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && at(bytes, 8, kind)
}

/// Whether a text starts with a tag, in any case.
fn markup(bytes: &[u8], tag: &str) -> bool {
    let text = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    let start = text.get(..tag.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
}
