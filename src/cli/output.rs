//! Files that a command writes: each has its name when it is whole.

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

/// Files that are not whole yet, to be removed where the program ends before they are.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A file under another name, beside its own.
pub(super) struct Beside {
    way: Way,
    path: PathBuf,
}

enum Way {
    /// A file of its own, which takes the place of what has the name.
    Renamed(NamedTempFile, PathBuf),
    /// What is no file, as a pipe or a terminal, is written as it is.
    Straight(File),
}

impl Beside {
    /// Begins it, so that one knows early whether it can be written.
    pub(super) fn begin(path: &Path) -> Result<Self, Failure> {
        let way = begin(path).map_err(|error| unwritable(path, &error))?;
        if let Way::Renamed(file, _) = &way {
            unfinished(|files| files.insert(file.path().to_owned()));
        }
        Ok(Self { way, path: path.to_owned() })
    }

    /// The same for a new file that is its owner's alone.
    pub(super) fn begin_private(path: &Path) -> Result<Self, Failure> {
        let mut beside = Self::begin(path)?;
        beside.file().set_permissions(Permissions::from_mode(0o600)).map_err(|error| unwritable(path, &error))?;
        Ok(beside)
    }

    /// Where it lies as long as it is not whole.
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

    /// Gives it its name, now that it is whole.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let Self { way, path } = self;
        let Way::Renamed(file, name) = way else { return Ok(()) };
        let draft = file.path().to_owned();
        let named = file.as_file().sync_all().and_then(|()| file.persist(&name).map_err(|error| error.error));
        unfinished(|files| files.remove(&draft));
        named.map_err(|error| unwritable(&path, &error)).map(drop)
    }
}

/// A link leads to the file that is replaced, which keeps its permissions.
fn begin(path: &Path) -> io::Result<Way> {
    let known = match fs::metadata(path) {
        Ok(known) if known.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(known) if !known.is_file() => return OpenOptions::new().write(true).open(path).map(Way::Straight),
        Ok(known) => Some(known),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let name = if known.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
    let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // As any new file: what the process's mask leaves of it.
    let new = Permissions::from_mode(0o666);
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

/// Removes what is not whole, before the program ends in the midst of it.
pub(super) fn abandon() {
    unfinished(|files| {
        for file in files.iter() {
            drop(fs::remove_file(file));
        }
        true
    });
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
