//! Which device computes: a parsed choice, one place that opens it, errors that help.

use std::fmt;
use std::str::FromStr;

use burn::tensor::Device;

use crate::engine::engine;
use crate::{ModelError, Result};

/// A device as a person names it: `auto`, `cpu`, `ndarray`, `flex`, `wgpu` or `wgpu:1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceSpec {
    /// A real GPU if there is one, else the CPU.
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

/// An open device and what to call it.
#[derive(Clone, Debug)]
pub struct OpenDevice {
    /// The device itself.
    pub device: Device,
    /// Its name for people: `flex (CPU)`, `wgpu:0 (…)`.
    pub name: String,
    /// Whether inference goes through a plan that is fused for the CPU rather than through Burn.
    pub fused: bool,
}

/// One device that this build can open on this machine.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DeviceInfo {
    /// What to write after `--device`.
    pub device: String,
    /// What it is.
    pub name: String,
}

impl DeviceSpec {
    /// Opens the device.
    ///
    /// # Errors
    ///
    /// [`ModelError::DeviceNotCompiled`] if the backend is not in this build,
    /// [`ModelError::OpenDevice`] if this machine has no such GPU.
    pub fn open(self) -> Result<OpenDevice> {
        match self {
            Self::Auto => open_gpu(None, false).or_else(|_| {
                let cpu = Self::Cpu.open()?;
                Ok(OpenDevice {
                    name: format!("{}, no GPU found", cpu.name),
                    ..cpu
                })
            }),
            Self::Cpu => {
                let burn = open_flex().or_else(|()| open_ndarray());
                let burn = burn.map_err(|()| self.missing("flex"))?;
                let engine = engine();
                let (isa, threads) = (engine.isa(), engine.team().threads());
                let plural = if threads == 1 { "" } else { "s" };
                Ok(OpenDevice {
                    name: format!("cpu ({isa}, {threads} thread{plural})"),
                    fused: true,
                    ..burn
                })
            }
            Self::Flex => open_flex().map_err(|()| self.missing("flex")),
            Self::Ndarray => open_ndarray().map_err(|()| self.missing("ndarray")),
            Self::Wgpu(index) => open_gpu(index, true),
        }
    }

    fn missing(self, feature: &'static str) -> ModelError {
        ModelError::DeviceNotCompiled {
            device: self.to_string(),
            feature,
        }
    }
}

/// Lists the devices that this build can open on this machine.
pub fn available_devices() -> Vec<DeviceInfo> {
    let cpu = [DeviceSpec::Cpu, DeviceSpec::Flex, DeviceSpec::Ndarray]
        .into_iter()
        .filter_map(|spec| {
            let open = spec.open().ok()?;
            Some(DeviceInfo {
                device: spec.to_string(),
                name: open.name,
            })
        });
    cpu.chain(list_gpus()).collect()
}

#[cfg(feature = "flex")]
#[expect(
    clippy::unnecessary_wraps,
    reason = "fails in a build without the backend"
)]
fn open_flex() -> Result<OpenDevice, ()> {
    Ok(OpenDevice {
        device: Device::flex(),
        name: "flex (CPU)".to_owned(),
        fused: false,
    })
}

#[cfg(not(feature = "flex"))]
fn open_flex() -> Result<OpenDevice, ()> {
    Err(())
}

#[cfg(feature = "ndarray")]
#[expect(
    clippy::unnecessary_wraps,
    reason = "fails in a build without the backend"
)]
fn open_ndarray() -> Result<OpenDevice, ()> {
    #[expect(
        deprecated,
        reason = "Burn prefers flex; this backend was asked for and is offered"
    )]
    Ok(OpenDevice {
        device: Device::ndarray(),
        name: "ndarray (CPU)".to_owned(),
        fused: false,
    })
}

#[cfg(not(feature = "ndarray"))]
fn open_ndarray() -> Result<OpenDevice, ()> {
    Err(())
}

#[cfg(feature = "wgpu")]
fn open_gpu(index: Option<usize>, software_too: bool) -> Result<OpenDevice> {
    let device = DeviceSpec::Wgpu(index).to_string();
    let mut found = gpu::adapters();
    found.retain(|adapter| software_too || !adapter.software);
    let count = found.len();
    let wanted = index.unwrap_or(0);
    if wanted < count {
        let adapter = found.swap_remove(wanted);
        return Ok(OpenDevice {
            device: adapter.device,
            name: format!("wgpu:{wanted} ({})", adapter.kind),
            fused: false,
        });
    }
    let reason = match count {
        0 => {
            "no GPU with a Vulkan, Metal or DirectX driver was found; install the vendor's driver \
              (on Linux `vulkaninfo` must list the card) or use `--device cpu`"
                .to_owned()
        }
        _ => format!("this machine has {count} adapter(s), numbered from 0; see `nerveseg info`"),
    };
    Err(ModelError::OpenDevice { device, reason })
}

#[cfg(not(feature = "wgpu"))]
fn open_gpu(index: Option<usize>, _software_too: bool) -> Result<OpenDevice> {
    Err(DeviceSpec::Wgpu(index).missing("wgpu"))
}

#[cfg(feature = "wgpu")]
fn list_gpus() -> Vec<DeviceInfo> {
    let describe = |(index, adapter): (usize, gpu::Adapter)| DeviceInfo {
        device: format!("wgpu:{index}"),
        name: adapter.kind.to_owned(),
    };
    gpu::adapters()
        .into_iter()
        .enumerate()
        .map(describe)
        .collect()
}

#[cfg(not(feature = "wgpu"))]
fn list_gpus() -> Vec<DeviceInfo> {
    Vec::new()
}

#[cfg(feature = "wgpu")]
mod gpu {
    use burn::tensor::{Device, DeviceKind, DeviceType};

    pub(super) struct Adapter {
        pub(super) device: Device,
        pub(super) kind: &'static str,
        pub(super) software: bool,
    }

    type OfIndex = fn(usize) -> DeviceKind;

    /// Adapters of this machine, real GPUs first; none where there is no driver at all.
    pub(super) fn adapters() -> Vec<Adapter> {
        // a broken driver panics inside the enumeration; that is as good as no driver
        let listed = std::panic::catch_unwind(|| Device::enumerate(DeviceType::Wgpu).into_vec());
        let listed = listed.unwrap_or_default();
        let kinds: [(&'static str, bool, OfIndex); 4] = [
            ("discrete GPU", false, DeviceKind::DiscreteGpu),
            ("integrated GPU", false, DeviceKind::IntegratedGpu),
            ("virtual GPU", false, DeviceKind::VirtualGpu),
            ("software driver on the CPU", true, |_| DeviceKind::Cpu),
        ];
        let mut adapters: Vec<Adapter> = Vec::new();
        for (kind, software, of_index) in kinds {
            for index in 0..listed.len() {
                let device = Device::wgpu(of_index(index));
                if listed.contains(&device) && adapters.iter().all(|a| a.device != device) {
                    adapters.push(Adapter {
                        device,
                        kind,
                        software,
                    });
                }
            }
        }
        adapters
    }
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
