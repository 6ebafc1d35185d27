//! File formats, folders, run lengths, splits, audit and phantoms, end to end.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod dataset;
#[cfg(test)]
mod defects;
mod dicom_file;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod odd_masks;
#[cfg(test)]
mod odd_pictures;
#[cfg(test)]
mod phantom;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod real_data;
#[cfg(test)]
mod regions;
#[cfg(test)]
mod rle;
#[cfg(test)]
mod shared_data;
#[cfg(test)]
mod sites;
#[cfg(test)]
mod splits;
#[cfg(test)]
mod util;
