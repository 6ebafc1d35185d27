//! How a data set is written and its pixels are compressed.

use crate::elements::Encoding;
use crate::error::{DicomError, Result, damaged};

/// How the pixels are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Rle,
    Jpeg,
}

/// What the transfer syntax of a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TransferSyntax {
    pub(crate) encoding: Encoding,
    pub(crate) compression: Compression,
}

impl TransferSyntax {
    pub(crate) fn from_uid(uid: &str) -> Result<Self> {
        let (encoding, compression) = match uid {
            "1.2.840.10008.1.2" => (Encoding::IMPLICIT_LITTLE, Compression::None),
            "1.2.840.10008.1.2.1" => (Encoding::EXPLICIT_LITTLE, Compression::None),
            "1.2.840.10008.1.2.2" => (Encoding::EXPLICIT_BIG, Compression::None),
            "1.2.840.10008.1.2.5" => (Encoding::EXPLICIT_LITTLE, Compression::Rle),
            "1.2.840.10008.1.2.4.50"
            | "1.2.840.10008.1.2.4.51"
            | "1.2.840.10008.1.2.4.57"
            | "1.2.840.10008.1.2.4.70" => (Encoding::EXPLICIT_LITTLE, Compression::Jpeg),
            _ => return Err(unsupported(uid)),
        };
        Ok(Self {
            encoding,
            compression,
        })
    }
}

fn unsupported(uid: &str) -> DicomError {
    if uid.is_empty() || uid.len() > 64 || !uid.bytes().all(|b| b == b'.' || b.is_ascii_digit()) {
        return damaged("the transfer syntax is not a UID");
    }
    let name = match uid.strip_prefix("1.2.840.10008.1.2.").unwrap_or_default() {
        "1.98" => "Encapsulated Uncompressed",
        "1.99" => "Deflated Explicit VR Little Endian",
        "4.80" | "4.81" => "JPEG-LS",
        "4.90" | "4.91" | "4.92" | "4.93" => "JPEG 2000",
        "4.94" | "4.95" | "4.204" | "4.205" => "JPIP",
        "4.100" | "4.100.1" | "4.101" | "4.101.1" => "MPEG-2",
        "4.102" | "4.102.1" | "4.103" | "4.103.1" | "4.104" | "4.104.1" | "4.105" | "4.105.1"
        | "4.106" | "4.106.1" => "MPEG-4 AVC/H.264",
        "4.107" | "4.108" => "HEVC/H.265",
        "4.110" | "4.111" | "4.112" => "JPEG XL",
        "4.201" | "4.202" | "4.203" => "High-Throughput JPEG 2000",
        "8.1" => "Deflated Image Frame",
        other if other.starts_with("4.") => "another JPEG or video",
        _ => "unknown",
    };
    DicomError::UnsupportedTransferSyntax {
        uid: uid.to_owned(),
        name: name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsupported_syntax_is_named() {
        let error = TransferSyntax::from_uid("1.2.840.10008.1.2.4.90").unwrap_err();
        assert_eq!(
            error,
            DicomError::UnsupportedTransferSyntax {
                uid: "1.2.840.10008.1.2.4.90".into(),
                name: "JPEG 2000".into()
            }
        );
    }

    #[test]
    fn text_that_is_no_uid_is_not_repeated() {
        let error = TransferSyntax::from_uid("<script>").unwrap_err();
        assert!(!error.to_string().contains("script"), "{error}");
    }
}
