//! Leaves nothing behind, however the test process ends: a shell waits for the end of its standard input, which the
//! system closes when this process is gone, and then cleans up.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

/// A shell that ends after its standard input does.
pub struct Watchdog {
    _input: ChildStdin,
    shell: Child,
}

impl Watchdog {
    /// Starts a script; it must say `ready` and then wait with `cat`. The arguments are `$1` and so on.
    pub fn start(script: &str, args: &[&str], user: Option<(u32, u32)>) -> Result<Self, String> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg("watchdog").args(args);
        // A group of its own: Ctrl-C ends the tests, and the shell cleans up after them.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0).current_dir("/");
        if let Some((uid, gid)) = user {
            command.uid(uid).gid(gid);
        }
        let mut shell = command.spawn().map_err(|error| error.to_string())?;
        let input = shell.stdin.take().expect("standard input is piped");
        let mut said = String::new();
        BufReader::new(shell.stdout.take().expect("standard output is piped")).read_line(&mut said).map_err(|error| error.to_string())?;
        if said.trim() == "ready" { Ok(Self { _input: input, shell }) } else { Err("the script ended before it was ready".to_owned()) }
    }

    /// Makes the shell clean up, and waits until it has.
    fn finish(self) {
        let Self { _input: input, mut shell } = self;
        drop(input);
        drop(shell.wait());
    }
}

/// A folder that is removed when its owner is dropped.
pub struct Folder {
    path: PathBuf,
    watchdog: Option<Watchdog>,
}

impl Folder {
    /// A new, empty one.
    pub fn new() -> Self {
        let path = fresh_path();
        let script = r#"mkdir -p "$1" && echo ready && cat >/dev/null; rm -rf "$1""#;
        let watchdog = Watchdog::start(script, &[path.to_str().expect("a path in UTF-8")], None).expect("a shell");
        Self { path, watchdog: Some(watchdog) }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(watchdog) = self.watchdog.take() {
            watchdog.finish();
        }
    }
}

/// A path in the system's temporary folder that nobody else has.
pub fn fresh_path() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("mahalleh-test-{}-{number}", std::process::id()))
}
