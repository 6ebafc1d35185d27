//! Artifacts, devices and images, end to end.

#[cfg(test)]
mod accuracy;
#[cfg(test)]
#[cfg(feature = "flex")]
mod agreement;
#[cfg(test)]
mod artifact;
#[cfg(test)]
mod devices;
#[cfg(test)]
mod ensemble;
#[cfg(test)]
#[cfg(feature = "flex")]
mod module;
#[cfg(test)]
#[cfg(feature = "wgpu")]
mod no_gpu;
#[cfg(test)]
mod odd_borders;
#[cfg(test)]
mod properties;
#[cfg(test)]
#[cfg(feature = "flex")]
mod reference;
#[cfg(test)]
mod segmenter;
#[cfg(test)]
mod util;
