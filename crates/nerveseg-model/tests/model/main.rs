//! Artifacts, devices and images, end to end.

#[cfg(test)]
mod accuracy;
#[cfg(test)]
mod artifact;
#[cfg(test)]
mod devices;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod segmenter;
#[cfg(test)]
mod util;
