//! Artifacts, devices and images, end to end.

#[cfg(test)]
mod accuracy;
#[cfg(all(test, feature = "flex"))]
mod agreement;
#[cfg(test)]
mod artifact;
#[cfg(test)]
mod devices;
#[cfg(all(test, feature = "flex"))]
mod module;
#[cfg(all(test, feature = "wgpu"))]
mod no_gpu;
#[cfg(test)]
mod properties;
#[cfg(all(test, feature = "flex"))]
mod reference;
#[cfg(test)]
mod segmenter;
#[cfg(test)]
mod util;
