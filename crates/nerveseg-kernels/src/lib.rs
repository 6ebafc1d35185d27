#![doc = include_str!("../README.md")]
#![expect(
    unsafe_code,
    reason = "vector instructions and shared memory; every block says why it is sound"
)]
#![expect(
    clippy::inline_always,
    reason = "a kernel is compiled inside the function that enables its instruction set"
)]

mod buffer;
mod convolution;
mod direct;
mod elementwise;
mod engine;
mod enlarge;
mod error;
mod head;
mod isa;
mod layout;
mod norm;
mod peak;
mod plan;
mod pool;
mod simd;
mod spares;
mod stage;
mod taps;
mod team;
mod tile;
mod weights;
mod winograd;

pub use buffer::Buffer;
pub use convolution::{Algorithm, Convolution, Finish};
pub use elementwise::AdamStep;
pub use engine::Engine;
pub use error::KernelError;
pub(crate) use error::{check, check_isa};
pub use head::Head;
pub use isa::Isa;
pub use layout::{Maps, MapsMut, Size};
pub use norm::{Affine, Statistics};
pub use plan::{LayerWeights, NormWeights, Plan, UNetWeights, UpWeights};
pub use spares::Spares;
pub use taps::{TapConvolution, TapKind};
pub use team::Team;
