//! Folders that appear whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};
use ndarray::ArrayView2;
use tempfile::TempDir;

use crate::{ImportError, Result};

/// A folder in the making, beside the one that it will be.
#[derive(Debug)]
pub(crate) struct Staging {
    folder: TempDir,
    out: PathBuf,
}

impl Staging {
    /// Begins the folder `out`, which has to be absent or empty.
    pub(crate) fn new(out: &Path) -> Result<Self> {
        if out.exists() {
            let mut entries = fs::read_dir(out).map_err(ImportError::system(out))?;
            if entries.next().is_some() {
                return Err(ImportError::NotEmpty {
                    path: out.to_owned(),
                });
            }
        }
        let parent = match out.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(ImportError::system(parent))?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".nerveseg-").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // it becomes an ordinary folder: leave the decision to the umask
            builder.permissions(fs::Permissions::from_mode(0o777));
        }
        let folder = builder
            .tempdir_in(parent)
            .map_err(ImportError::system(parent))?;
        Ok(Self {
            folder,
            out: out.to_owned(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes a folder in it.
    pub(crate) fn subfolder(&self, name: &str) -> Result<PathBuf> {
        let path = self.path().join(name);
        fs::create_dir_all(&path).map_err(ImportError::system(&path))?;
        Ok(path)
    }

    /// Gives it its name. A folder that is empty is replaced, one that is no longer is not.
    pub(crate) fn finish(self) -> Result<()> {
        if self.out.exists() {
            fs::remove_dir(&self.out).map_err(ImportError::system(&self.out))?;
        }
        fs::rename(self.folder.path(), &self.out).map_err(ImportError::system(&self.out))
    }
}

/// Puts the bytes of a file at `to`, by a second name for it unless a copy is wanted or needed.
pub(crate) fn place(from: &Path, to: &Path, copy: bool) -> Result<()> {
    // a link to a symbolic link would point elsewhere
    let from = fs::canonicalize(from).map_err(ImportError::system(from))?;
    if !copy && fs::hard_link(&from, to).is_ok() {
        return Ok(());
    }
    fs::copy(&from, to)
        .map(drop)
        .map_err(ImportError::system(to))
}

/// Writes a mask as a PNG whose nerve has the value `nerve`.
pub(crate) fn save_mask(mask: ArrayView2<'_, bool>, nerve: u8, path: &Path) -> Result<()> {
    let (height, width) = mask.dim();
    let pixel = |x: u32, y: u32| {
        Luma([if mask[[y as usize, x as usize]] {
            nerve
        } else {
            0
        }])
    };
    save(
        &GrayImage::from_fn(width as u32, height as u32, pixel),
        path,
    )
}

/// Writes a PNG.
pub(crate) fn save(image: &GrayImage, path: &Path) -> Result<()> {
    let other = |error| ImportError::system(path)(std::io::Error::other(error));
    image
        .save_with_format(path, image::ImageFormat::Png)
        .map_err(other)
}
