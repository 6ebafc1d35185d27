//! File formats, folders, run lengths and splits, end to end.

#[cfg(test)]
mod dataset;
#[cfg(test)]
mod defects;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod rle;
#[cfg(test)]
mod shared_data;
#[cfg(test)]
mod splits;
#[cfg(test)]
mod util;
