//! Where settings come from: flag over environment over file over default.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::range::check;
use super::values::Settings;
use crate::args::Overrides;

/// Lays flags and environment over the file and the file over the default.
///
/// # Errors
///
/// Fails on a file that cannot be read or parsed, and on a setting that makes no sense.
pub(crate) fn resolve(file: Option<&Path>, overrides: &Overrides) -> Result<Settings> {
    let mut table = match file {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read settings `{}`", path.display()))?;
            // parsed as settings first, so that a mistake is told with its line
            toml::from_str::<Settings>(&text)
                .and_then(|_| toml::from_str::<toml::Table>(&text))
                .with_context(|| format!("settings `{}` are wrong", path.display()))?
        }
        None => toml::Table::new(),
    };
    table.extend(toml::Table::try_from(overrides)?);
    let settings: Settings = table.try_into()?;
    check(&settings)?;
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Args;

    fn resolve(file: &str, flags: &[&str]) -> Result<Settings> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.toml");
        std::fs::write(&path, file).unwrap();
        let flags = ["nerveseg-web"].iter().chain(flags);
        let args = Args::try_parse_from(flags).unwrap();
        super::resolve(Some(&path), &args.overrides)
    }

    #[test]
    fn what_is_printed_reads_back() {
        let settings = Settings {
            model: Some("m.safetensors".into()),
            ..Settings::default()
        };

        assert_eq!(resolve(&settings.to_toml(), &[]).unwrap(), settings);
    }

    #[test]
    fn a_flag_goes_over_the_file_and_the_file_over_the_default() {
        let settings = resolve("queue = 5\nrate_limit = 7", &["--queue", "9"]).unwrap();

        assert_eq!((settings.queue, settings.rate_limit), (9, 7));
        assert_eq!(settings.max_upload_mib, Settings::default().max_upload_mib);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = format!("{:#}", resolve("queue = 5\nspeed = 6", &[]).unwrap_err());

        assert!(
            error.contains("speed") && error.contains("line 2"),
            "{error}"
        );
    }

    #[test]
    fn numbers_out_of_range_are_named() {
        let error = resolve("", &["--queue", "0"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "setting `queue` is 0, expected 1 to 100000"
        );

        let error = resolve("", &["--device", "cpu,cuda"]).unwrap_err();
        assert!(
            error.to_string().contains("unknown device `cuda`"),
            "{error}"
        );
    }
}
