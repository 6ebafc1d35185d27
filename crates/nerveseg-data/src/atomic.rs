//! Files that are either whole or not there.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

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
    persist(path, write, |temporary| temporary.persist(path)).map_err(|source| {
        DataError::WriteFile {
            path: path.to_owned(),
            source,
        }
    })
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
    let create = |temporary: TempPath| temporary.persist_noclobber(path);
    persist(path, |writer| writer.write_all(bytes), create).map_err(|source| DataError::WriteFile {
        path: path.to_owned(),
        source,
    })
}

/// Writes to a temporary name beside `path`, which `rename` then changes.
fn persist(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    rename: impl FnOnce(TempPath) -> std::result::Result<(), PathPersistError>,
) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let (file, temporary) = builder().tempfile_in(folder)?.into_parts();
    let mut writer = BufWriter::new(file);
    write(&mut writer)?;
    let file = writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    // Windows does not rename an open file
    drop(file);
    rename(temporary).map_err(|error| error.error)?;
    sync_folder(folder)
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
