//! Imports and exports of whole folders.

#[cfg(test)]
mod dicom_seg;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod layouts;
#[cfg(test)]
mod nifti;
#[cfg(test)]
mod util;
