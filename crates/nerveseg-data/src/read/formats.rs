//! The formats that are read. Adding one is a file beside this one and a line here; messages, the
//! page's file chooser and the list in `docs/data.md` are made from this table.

use std::path::Path;

use super::format::Format;

/// Every format that is read.
pub static FORMATS: &[Format] = &[
    super::png::FORMAT,
    super::jpeg::FORMAT,
    super::tiff::FORMAT,
    super::bmp::FORMAT,
    super::dicom::FORMAT,
];

/// The format that `bytes` start like.
pub(super) fn recognise(bytes: &[u8]) -> Option<&'static Format> {
    // from the last on: the preamble of a DICOM file may be the head of a TIFF
    let mut formats = FORMATS.iter().rev();
    formats.find(|format| (format.recognises)(bytes))
}

/// Name of the format that `bytes` start like.
#[cfg(feature = "dataset")]
pub(crate) fn format_of(bytes: &[u8]) -> Option<&'static str> {
    recognise(bytes).map(|format| format.name)
}

/// Names of all formats, for a sentence: with commas, and `or` before the last.
pub fn format_names() -> String {
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    match names.as_slice() {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        few => few.concat(),
    }
}

/// Extensions of all formats, lower case, without the dot.
pub fn extensions() -> impl Iterator<Item = &'static str> {
    FORMATS
        .iter()
        .flat_map(|format| format.extensions.iter().copied())
}

/// Whether the extension of `path`, in any case, is one of those that select images.
pub fn has_image_extension(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| extensions().any(|known| known.eq_ignore_ascii_case(extension)))
}

/// What a web page's file chooser offers: media types and extensions, for its attribute `accept`.
pub fn accepted() -> String {
    let types = FORMATS.iter().map(|format| format.media_type.to_owned());
    let names = extensions().map(|extension| format!(".{extension}"));
    types.chain(names).collect::<Vec<_>>().join(",")
}
