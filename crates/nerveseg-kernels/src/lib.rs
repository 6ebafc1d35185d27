#![doc = include_str!("../README.md")]
#![expect(
    unsafe_code,
    reason = "vector instructions and shared memory; every block says why it is sound"
)]
#![expect(
    clippy::inline_always,
    reason = "a kernel is compiled inside the function that enables its instruction set"
)]

mod adam;
mod buffer;
mod buffer_pool;
mod convolution;
mod direct;
mod engine;
mod error;
mod head;
mod image;
mod isa;
mod lanes;
mod layout;
mod norm;
mod peak;
mod plan;
mod planes;
mod pointwise;
mod pool;
mod shared;
mod simd;
mod size;
mod stage;
mod sums;
mod team;
mod tile;
mod transposed;
mod upsample;
pub mod walk;
mod weights;
mod winograd;
mod zeros;

pub use adam::AdamStep;
pub use buffer::Buffer;
pub use buffer_pool::BufferPool;
pub use convolution::{Algorithm, Convolution, Finish};
pub use engine::Engine;
pub use error::KernelError;
pub(crate) use error::{check, check_isa};
pub use head::Head;
pub use image::ImageConvolution;
pub use isa::Isa;
pub use norm::{Affine, Statistics};
pub use plan::{LayerWeights, NormWeights, Plan, UNetWeights, UpWeights};
pub use planes::{Maps, MapsMut};
pub use pointwise::PointwiseConvolution;
pub use size::Size;
pub use team::Team;
pub use transposed::{StridedConvolution, TransposedConvolution, TransposedKernel};
