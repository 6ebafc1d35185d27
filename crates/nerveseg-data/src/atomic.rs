//! Files that are either whole or not there.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{PathPersistError, TempPath};

use crate::{DataError, Result};

/// Writes a file so that readers see the old content or the new one, never a part.
///
/// The bytes go to a temporary name in the same folder, are flushed to the disk, and the name is
/// then changed in one step. On error the target is untouched and nothing is left behind.
///
/// ```
/// use std::io::Write as _;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("notes.txt");
///
/// nerveseg_data::write_atomic(&path, |writer| writeln!(writer, "whole"))?;
///
/// assert_eq!(std::fs::read_to_string(&path)?, "whole\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`DataError::WriteFile`] if `write` fails or the system does.
pub fn write_atomic(
    path: impl AsRef<Path>,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<()> {
    let path = path.as_ref();
    replace(path, write)
        .and_then(|()| sync_folder(folder_of(path)))
        .map_err(|source| write_error(path, source))
}

/// [`write_atomic`] for bytes that are already there.
///
/// # Errors
///
/// [`DataError::WriteFile`] if the system refuses.
pub fn write_atomic_bytes(path: impl AsRef<Path>, bytes: &[u8]) -> Result<()> {
    write_atomic(path, |writer| writer.write_all(bytes))
}

/// [`write_atomic_bytes`] for a file that must not be there yet, whoever else is creating it.
///
/// # Errors
///
/// [`DataError::WriteFile`] if there is a file of this name, which stays as it is, or if the system
/// refuses.
pub fn create_atomic_bytes(path: impl AsRef<Path>, bytes: &[u8]) -> Result<()> {
    let path = path.as_ref();
    create(path, bytes)
        .and_then(|()| sync_folder(folder_of(path)))
        .map_err(|source| write_error(path, source))
}

/// Files of which each is whole or not there, and whose names go to the disk together: a folder is
/// flushed once for all of them.
///
/// After a power cut before [`AtomicBatch::sync`] the newest of them may be missing.
#[derive(Debug, Default)]
pub struct AtomicBatch {
    folders: BTreeSet<PathBuf>,
}

impl AtomicBatch {
    /// As [`write_atomic_bytes`].
    ///
    /// # Errors
    ///
    /// As [`write_atomic_bytes`].
    pub fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<()> {
        let written = replace(path, |writer| writer.write_all(bytes));
        self.note(path, written)
    }

    /// As [`create_atomic_bytes`].
    ///
    /// # Errors
    ///
    /// As [`create_atomic_bytes`].
    pub fn create(&mut self, path: &Path, bytes: &[u8]) -> Result<()> {
        let created = create(path, bytes);
        self.note(path, created)
    }

    fn note(&mut self, path: &Path, written: io::Result<()>) -> Result<()> {
        written.map_err(|source| write_error(path, source))?;
        let folder = folder_of(path);
        if !self.folders.contains(folder) {
            self.folders.insert(folder.to_owned());
        }
        Ok(())
    }

    /// Waits until all names are on the disk.
    ///
    /// # Errors
    ///
    /// [`DataError::WriteFile`] names the folder that the system cannot flush.
    pub fn sync(&mut self) -> Result<()> {
        while let Some(folder) = self.folders.pop_first() {
            sync_folder(&folder).map_err(|source| write_error(&folder, source))?;
        }
        Ok(())
    }
}

fn write_error(path: &Path, source: io::Error) -> DataError {
    DataError::WriteFile {
        path: path.to_owned(),
        source,
    }
}

fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    persist(path, write, |temporary| temporary.persist(path))
}

fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let rename = |temporary: TempPath| temporary.persist_noclobber(path);
    persist(path, |writer| writer.write_all(bytes), rename)
}

/// Writes to a temporary name beside `path`, which `rename` then changes. The bytes are on the disk
/// then; the new name is when the folder was flushed.
fn persist(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    rename: impl FnOnce(TempPath) -> std::result::Result<(), PathPersistError>,
) -> io::Result<()> {
    let (file, temporary) = builder().tempfile_in(folder_of(path))?.into_parts();
    let mut writer = BufWriter::new(file);
    write(&mut writer)?;
    let file = writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    // Windows does not rename an open file
    drop(file);
    rename(temporary).map_err(|error| error.error)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".nerveseg-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // temporary files are private by default, but this one becomes an ordinary file: leave
        // the decision to the umask
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}

/// Makes the new name itself survive a power cut.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn replaces_the_old_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");

        write_atomic_bytes(&path, b"old").unwrap();
        write_atomic_bytes(&path, b"new").unwrap();

        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn failed_write_keeps_the_old_content_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_atomic_bytes(&path, b"old").unwrap();

        let result = write_atomic(&path, |writer| {
            writer.write_all(b"half of the n")?;
            Err(io::Error::other("disk full"))
        });

        let error = result.unwrap_err();
        assert!(error.to_string().contains("a.txt"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_new_file_does_not_replace_one_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");

        create_atomic_bytes(&path, b"old").unwrap();
        let error = create_atomic_bytes(&path, b"new").unwrap_err();

        assert!(error.to_string().contains("a.txt"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn files_of_a_batch_are_whole_and_in_place_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.txt"), folder.path().join("b.txt"));
        let mut batch = AtomicBatch::default();

        batch.create(&a, b"old").unwrap();
        assert!(batch.create(&a, b"new").is_err());
        batch.write(&b, b"old").unwrap();
        batch.write(&b, b"new").unwrap();
        batch.sync().unwrap();

        assert_eq!(std::fs::read(&a).unwrap(), b"old");
        assert_eq!(std::fs::read(&b).unwrap(), b"new");
        assert_eq!(names(folder.path()).len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_replaced_and_what_it_leads_to_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (source, link) = (folder.path().join("source"), folder.path().join("link"));
        std::fs::write(&source, b"old").unwrap();
        std::os::unix::fs::symlink(&source, &link).unwrap();

        assert!(create_atomic_bytes(&link, b"new").is_err());
        write_atomic_bytes(&link, b"new").unwrap();

        assert_eq!(std::fs::read(&source).unwrap(), b"old");
        assert_eq!(std::fs::read(&link).unwrap(), b"new");
    }

    #[test]
    fn missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();

        let result = write_atomic_bytes(folder.path().join("no/a.txt"), b"x");

        assert!(
            matches!(result, Err(DataError::WriteFile { .. })),
            "{result:?}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn file_is_not_private() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let (plain, atomic) = (folder.path().join("plain"), folder.path().join("atomic"));
        std::fs::write(&plain, b"").unwrap();
        write_atomic_bytes(&atomic, b"").unwrap();

        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&atomic), mode(&plain));
    }
}
