//! Which device computes: a parsed choice, and errors that help.

use std::fmt;
use std::str::FromStr;

use crate::engine::engine;
#[cfg(feature = "burn")]
use crate::network::{self, OpenDevice};
use crate::{ModelError, Result};

/// A device as a person names it: `auto`, `cpu`, `ndarray`, `flex`, `wgpu` or `wgpu:1`.
///
/// `cpu` is in every build; the others are Cargo features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceSpec {
    /// A real GPU if there is one (and the feature `wgpu`), else the CPU.
    #[default]
    Auto,
    /// The fastest way on the CPU: a fused plan for inference, [`Flex`](Self::Flex) for training.
    Cpu,
    /// Burn's `ndarray` backend, on the CPU.
    Ndarray,
    /// Burn's `flex` backend, on the CPU.
    Flex,
    /// A GPU through Vulkan, Metal or `DirectX`; the number counts adapters as `nerveseg info` does.
    Wgpu(Option<usize>),
}

/// One device that this build can open on this machine.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DeviceInfo {
    /// What to write after `--device`.
    pub device: String,
    /// What it is.
    pub name: String,
}

/// Where a segmenter computes.
#[derive(Debug)]
pub(crate) enum Place {
    /// On the CPU, by a plan; the name for people.
    Plan(String),
    /// On one of Burn's devices.
    #[cfg(feature = "burn")]
    Module(OpenDevice),
}

impl DeviceSpec {
    /// Where a segmenter computes that was asked to use this device.
    ///
    /// # Errors
    ///
    /// [`ModelError::DeviceNotCompiled`] if the device is not in this build,
    /// [`ModelError::OpenDevice`] if this machine has no such GPU.
    #[cfg(feature = "burn")]
    pub(crate) fn place(self) -> Result<Place> {
        match self {
            Self::Cpu => Ok(Place::Plan(cpu_name())),
            Self::Auto => Ok(match network::open_real_gpu() {
                Ok(gpu) => Place::Module(gpu),
                Err(_) => Place::Plan(auto_name()),
            }),
            Self::Flex | Self::Ndarray | Self::Wgpu(_) => Ok(Place::Module(self.open()?)),
        }
    }

    /// As above, in a build that has the CPU alone.
    #[cfg(not(feature = "burn"))]
    pub(crate) fn place(self) -> Result<Place> {
        match self {
            Self::Cpu => Ok(Place::Plan(cpu_name())),
            Self::Auto => Ok(Place::Plan(auto_name())),
            Self::Flex => Err(self.missing("flex")),
            Self::Ndarray => Err(self.missing("ndarray")),
            Self::Wgpu(_) => Err(self.missing("wgpu")),
        }
    }

    pub(crate) fn missing(self, feature: &'static str) -> ModelError {
        ModelError::DeviceNotCompiled {
            device: self.to_string(),
            feature,
        }
    }
}

/// The CPU's name for people.
pub(crate) fn cpu_name() -> String {
    let engine = engine();
    let (isa, threads) = (engine.isa(), engine.team().threads());
    let plural = if threads == 1 { "" } else { "s" };
    format!("cpu ({isa}, {threads} thread{plural})")
}

/// The CPU's name where it stands in for a GPU.
pub(crate) fn auto_name() -> String {
    let cpu = cpu_name();
    if cfg!(feature = "wgpu") {
        format!("{cpu}, no GPU found")
    } else {
        cpu
    }
}

/// Lists the devices that this build can open on this machine.
pub fn available_devices() -> Vec<DeviceInfo> {
    let cpu = DeviceInfo {
        device: DeviceSpec::Cpu.to_string(),
        name: cpu_name(),
    };
    #[cfg(feature = "burn")]
    let others = network::devices();
    #[cfg(not(feature = "burn"))]
    let others = [];
    [cpu].into_iter().chain(others).collect()
}

impl FromStr for DeviceSpec {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "ndarray" => Ok(Self::Ndarray),
            "flex" => Ok(Self::Flex),
            "wgpu" => Ok(Self::Wgpu(None)),
            _ => text
                .strip_prefix("wgpu:")
                .and_then(|index| index.parse().ok())
                .map(|index| Self::Wgpu(Some(index)))
                .ok_or_else(|| ModelError::UnknownDevice(text.to_owned())),
        }
    }
}

impl fmt::Display for DeviceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Ndarray => f.write_str("ndarray"),
            Self::Flex => f.write_str("flex"),
            Self::Wgpu(None) => f.write_str("wgpu"),
            Self::Wgpu(Some(index)) => write!(f, "wgpu:{index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for name in ["auto", "cpu", "ndarray", "flex", "wgpu", "wgpu:2"] {
            assert_eq!(name.parse::<DeviceSpec>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn unknown_name_lists_the_known_ones() {
        let error = "cuda".parse::<DeviceSpec>().unwrap_err();

        assert!(
            error
                .to_string()
                .contains("expected auto, cpu, ndarray, flex, wgpu"),
            "{error}"
        );
    }
}
