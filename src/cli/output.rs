//! Files that a command writes: each gets its name only when it is whole.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Mutex,
};

use tempfile::NamedTempFile;

use super::Failure;

/// Files that are not whole yet; they are removed if the program ends before they are.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A file that is written under another name, beside its own.
pub(super) struct AtomicFile {
    way: Way,
    path: PathBuf,
}

enum Way {
    /// A temporary file, which in the end replaces what has the name.
    Renamed(NamedTempFile, PathBuf),
    /// A pipe, a terminal or the like, which is written directly.
    Straight(File),
}

impl AtomicFile {
    /// Begins the file, so that it is known early whether it can be written.
    pub(super) fn begin(path: &Path) -> Result<Self, Failure> {
        // As for any new file, less what the process's umask takes away.
        Self::begin_with(path, 0o666)
    }

    /// The same for a new file that is its owner's alone, from its first moment on.
    pub(super) fn begin_private(path: &Path) -> Result<Self, Failure> {
        Self::begin_with(path, 0o600)
    }

    fn begin_with(path: &Path, mode: u32) -> Result<Self, Failure> {
        let way = begin(path, mode).map_err(|error| unwritable(path, &error))?;
        if let Way::Renamed(file, _) = &way {
            unfinished(|files| files.insert(file.path().to_owned()));
        }
        Ok(Self { way, path: path.to_owned() })
    }

    /// Its path while it is not whole.
    pub(super) fn place(&self) -> &Path {
        match &self.way {
            Way::Renamed(file, _) => file.path(),
            Way::Straight(_) => &self.path,
        }
    }

    /// The file that is written.
    pub(super) fn file(&mut self) -> &mut File {
        match &mut self.way {
            Way::Renamed(file, _) => file.as_file_mut(),
            Way::Straight(file) => file,
        }
    }

    /// Gives the file its name, now that it is whole.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let Self { way, path } = self;
        let Way::Renamed(file, name) = way else { return Ok(()) };
        let draft = file.path().to_owned();
        let named = file.as_file().sync_all().and_then(|()| file.persist(&name).map_err(|error| error.error));
        unfinished(|files| files.remove(&draft));
        named.map_err(|error| unwritable(&path, &error)).map(drop)
    }
}

/// Opens what is to be written. A link is followed to the file that it leads to; a file that is replaced keeps its permissions.
fn begin(path: &Path, mode: u32) -> io::Result<Way> {
    let known = match fs::metadata(path) {
        Ok(known) if known.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(known) if !known.is_file() => return OpenOptions::new().write(true).open(path).map(Way::Straight),
        Ok(known) => Some(known),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let name = if known.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
    let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let new = Permissions::from_mode(mode);
    let file = tempfile::Builder::new().prefix(".mahalleh-").suffix(".part").permissions(new).tempfile_in(folder)?;
    if let Some(known) = known {
        file.as_file().set_permissions(known.permissions())?;
    }
    Ok(Way::Renamed(file, name))
}

fn unfinished(change: impl FnOnce(&mut BTreeSet<PathBuf>) -> bool) {
    if let Ok(mut files) = UNFINISHED.lock() {
        change(&mut files);
    }
}

/// Removes all files that are not whole, where the program ends early.
pub(super) fn abandon() {
    unfinished(|files| {
        for file in files.iter() {
            drop(fs::remove_file(file));
            // SQLite's, beside a copy of a database.
            let mut journal = file.clone().into_os_string();
            journal.push("-journal");
            drop(fs::remove_file(journal));
        }
        true
    });
}

/// Writes a file under another name and, when it is whole, gives it its own.
pub(super) fn replace<T>(path: &Path, write: impl FnOnce(&mut File) -> Result<T, Failure>) -> Result<T, Failure> {
    let mut file = AtomicFile::begin(path)?;
    let written = write(file.file())?;
    file.finish()?;
    Ok(written)
}

/// The failure of a file that can't be written.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::broken(&format!("{} can't be written: {error}.", path.display()))
}
