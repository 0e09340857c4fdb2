//! Files that a command writes: each has its name when it is whole.

use std::{
    fs::{File, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::Failure;

/// A file under another name, beside its own.
pub(super) struct Beside {
    file: NamedTempFile,
    path: PathBuf,
}

impl Beside {
    /// Begins it, so that one knows early whether it can be written.
    pub(super) fn begin(path: &Path) -> Result<Self, Failure> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::Builder::new()
            .prefix(".mahalleh-")
            .suffix(".part")
            // As any new file: what the process's mask leaves of it.
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder)
            .map_err(|error| unwritable(path, &error))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// The file that is written.
    pub(super) fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Gives it its name, now that it is whole.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let Self { file, path } = self;
        file.as_file().sync_all().map_err(|error| unwritable(&path, &error))?;
        file.persist(&path).map_err(|error| unwritable(&path, &error.error)).map(drop)
    }
}

/// Makes a file under another name and, when it is whole, gives it its own.
pub(super) fn replace<T>(path: &Path, write: impl FnOnce(&mut File) -> Result<T, Failure>) -> Result<T, Failure> {
    let mut beside = Beside::begin(path)?;
    let written = write(beside.file())?;
    beside.finish()?;
    Ok(written)
}

/// What is said of a file that can't be written.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::broken(&format!("{} can't be written: {error}.", path.display()))
}
