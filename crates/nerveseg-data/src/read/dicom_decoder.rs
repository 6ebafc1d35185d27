//! In which process DICOM is decoded.

/// In which process DICOM is decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DicomDecoder {
    /// In this one. Every length is checked and memory is bounded by the limits.
    #[default]
    InProcess,
    /// In a child with little memory and time, one for each file: for files of strangers.
    #[cfg(feature = "sandbox")]
    Child {
        /// A program whose `main` answers [`nerveseg_dicom::sandbox::SUBCOMMAND`].
        program: std::path::PathBuf,
        /// Longest time a child may take.
        timeout: std::time::Duration,
    },
}
