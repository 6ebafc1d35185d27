//! What is compiled into the program: style, scripts, icons, sample images.

use std::sync::OnceLock;

use nerveseg_data::hex;
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;

/// Files of the page.
#[derive(RustEmbed)]
#[folder = "assets/"]
pub(crate) struct Assets;

/// Images to try it with, and `samples.json`, which says whose they are.
#[derive(RustEmbed)]
#[folder = "../../assets/samples/"]
pub(crate) struct Samples;

/// What every page needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
    /// Version of the program.
    pub(crate) version: &'static str,
}

impl Site {
    pub(crate) const fn new() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// Address of a file of the page, which changes with its content.
    #[expect(clippy::unused_self, reason = "templates know no other way to call it")]
    pub(crate) fn asset(&self, path: &str) -> String {
        match Assets::get(path) {
            Some(file) => format!("/assets/{path}?v={}", fingerprint(&file)),
            None => format!("/assets/{path}"),
        }
    }
}

/// The first digits of a file's SHA-256.
pub(crate) fn fingerprint(file: &EmbeddedFile) -> String {
    hex(&file.metadata.sha256_hash()[..8])
}

/// One image to try it with.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Sample {
    /// File name.
    pub(crate) name: String,
    /// What it shows.
    pub(crate) title: String,
    /// Who made it.
    pub(crate) credit: String,
    /// Under which licence it may be used.
    pub(crate) licence: String,
    /// Where it is.
    #[serde(skip)]
    pub(crate) url: String,
}

/// The images to try it with, in the order of `samples.json`.
pub(crate) fn samples() -> &'static [Sample] {
    static SAMPLES: OnceLock<Vec<Sample>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let list = Samples::get("samples.json").expect("it is embedded with the samples");
        let mut samples: Vec<Sample> =
            serde_json::from_slice(&list.data).expect("a test reads it, too");
        for sample in &mut samples {
            sample.url = format!("/samples/{}", sample.name);
        }
        samples
    })
}

/// Media type by extension, of the files that we embed.
pub(crate) fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("tif" | "tiff") => "image/tiff",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("dcm") => "application/dicom",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("woff2") => "font/woff2",
        Some("md" | "txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_embedded_and_credited() {
        assert!(!samples().is_empty());
        for sample in samples() {
            assert!(Samples::get(&sample.name).is_some(), "{}", sample.name);
            assert!(!sample.credit.is_empty() && !sample.licence.is_empty());
            assert_ne!(media_type(&sample.name), "application/octet-stream");
        }
    }
}
