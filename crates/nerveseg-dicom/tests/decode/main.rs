//! Whole files in, frames or errors out.

#[cfg(test)]
mod colours;
#[cfg(test)]
mod dicom;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod jpeg;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod odd;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod region;
#[cfg(test)]
mod seg_file;
#[cfg(test)]
mod segmentation;
