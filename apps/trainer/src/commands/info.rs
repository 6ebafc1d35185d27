//! `nerveseg info`.

use std::path::PathBuf;

use anyhow::Result;
use nerveseg_model::weights::tensor_counts;
use nerveseg_model::{DeviceInfo, artifact, available_devices};
use nerveseg_train::TrainConfig;
use serde_json::{Value, json};

use crate::outcome::Outcome;
use crate::ui;

/// Say what is in an artifact or a preset, or which devices there are.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  nerveseg info                       version and devices\n  nerveseg info run/best.safetensors\n  nerveseg info --preset seed"
)]
pub(crate) struct InfoArgs {
    /// Artifact to describe.
    #[arg(value_name = "FILE", conflicts_with = "preset")]
    file: Option<PathBuf>,
    /// Preset to describe.
    #[arg(long, value_name = "NAME", value_parser = TrainConfig::PRESETS)]
    preset: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &InfoArgs) -> Result<Outcome> {
    let text = match (&args.file, &args.preset) {
        (Some(file), _) => {
            let (tensors, manifest) = artifact::load(file)?;
            let counts = tensor_counts(&tensors);
            if args.json {
                serde_json::to_string_pretty(
                    &json!({ "manifest": manifest, "parameters": counts }),
                )?
            } else {
                format!(
                    "{}\n{}",
                    file.display(),
                    describe(counts, &manifest.unet, &manifest)?
                )
            }
        }
        (None, Some(preset)) => {
            let config = TrainConfig::preset(preset)?;
            let counts = config.unet.parameter_counts();
            if args.json {
                serde_json::to_string_pretty(
                    &json!({ "preset": preset, "parameters": counts, "config": config }),
                )?
            } else {
                format!(
                    "preset {preset}\n{}",
                    describe(counts, &config.unet, &config)?
                )
            }
        }
        (None, None) => {
            let devices = available_devices();
            let (version, revision) = (env!("CARGO_PKG_VERSION"), option_env!("NERVESEG_REVISION"));
            if args.json {
                serde_json::to_string_pretty(
                    &json!({ "version": version, "revision": revision, "devices": devices }),
                )?
            } else {
                program(version, revision, &devices)
            }
        }
    };
    ui::print(&text)?;
    Ok(Outcome::Done)
}

/// Parameters, levels, and everything else as TOML.
fn describe(
    counts: nerveseg_model::weights::ParameterCounts,
    unet: &nerveseg_model::UNetConfig,
    details: &impl serde::Serialize,
) -> Result<String> {
    Ok(format!(
        "{} parameters, of which {} trainable\nlevels: {:?}, depth {}\n\n{}",
        ui::thousands(counts.total),
        ui::thousands(counts.trainable),
        unet.features,
        unet.depth(),
        toml::to_string(&without_nulls(serde_json::to_value(details)?))?
    ))
}

/// TOML has no word for what is not known: it is left out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        other => other,
    }
}

fn program(version: &str, revision: Option<&str>, devices: &[DeviceInfo]) -> String {
    let mut text = format!(
        "nerveseg {version} ({})\n",
        revision.unwrap_or("revision unknown")
    );
    text += "research use only, not for clinical use\n\ndevices:\n";
    for DeviceInfo { device, name } in devices {
        text += &format!("  --device {device:<10} {name}\n");
    }
    text
}
