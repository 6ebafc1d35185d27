//! Where to compute.

use anyhow::Result;
use nerveseg_model::{DeviceSpec, OpenDevice};

use crate::ui;

/// The device, for every command that computes.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct DeviceArg {
    /// Where to compute: auto, cpu, ndarray, flex, wgpu or wgpu:N.
    #[arg(
        id = "device",
        long = "device",
        value_name = "DEVICE",
        default_value = "auto"
    )]
    pub(crate) spec: DeviceSpec,
}

impl DeviceArg {
    /// Opens the device and says which one it is.
    pub(crate) fn open(self) -> Result<OpenDevice> {
        let device = self.spec.open()?;
        ui::say(&format!("device: {}", device.name));
        Ok(device)
    }
}
