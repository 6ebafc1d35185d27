//! Opening one of Burn's devices.

use burn::tensor::Device;

#[cfg(feature = "wgpu")]
use crate::ModelError;
use crate::device::{auto_name, cpu_name};
use crate::{DeviceInfo, DeviceSpec, Result};

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

impl DeviceSpec {
    /// Opens the device for Burn, as training needs it.
    ///
    /// # Errors
    ///
    /// [`ModelError::DeviceNotCompiled`] if the backend is not in this build,
    /// [`ModelError::OpenDevice`] if this machine has no such GPU.
    pub fn open(self) -> Result<OpenDevice> {
        match self {
            Self::Auto => open_real_gpu().or_else(|_| {
                Ok(OpenDevice {
                    name: auto_name(),
                    ..Self::Cpu.open()?
                })
            }),
            Self::Cpu => {
                let burn = open_flex().or_else(|()| open_ndarray());
                Ok(OpenDevice {
                    name: cpu_name(),
                    fused: true,
                    ..burn.map_err(|()| self.missing("flex"))?
                })
            }
            Self::Flex => open_flex().map_err(|()| self.missing("flex")),
            Self::Ndarray => open_ndarray().map_err(|()| self.missing("ndarray")),
            Self::Wgpu(index) => open_gpu(index, true),
        }
    }
}

/// Lists Burn's devices in this build and on this machine.
pub(crate) fn devices() -> Vec<DeviceInfo> {
    let cpu = [DeviceSpec::Flex, DeviceSpec::Ndarray]
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

/// Opens the first GPU that is no software driver.
pub(crate) fn open_real_gpu() -> Result<OpenDevice> {
    open_gpu(None, false)
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
            name: format!("wgpu:{wanted} ({})", adapter.describe()),
            device: adapter.device,
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
        name: adapter.describe(),
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

    impl Adapter {
        /// What the driver calls the adapter, and its kind.
        pub(super) fn describe(&self) -> String {
            let kind = self.kind;
            match self.device.identity() {
                Some(identity) => format!("{}, {kind}", identity.name),
                None => kind.to_owned(),
            }
        }
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
