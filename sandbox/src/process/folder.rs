//! A temporary folder that is removed with its owner, also when the owner is killed.
//!
//! Why it exists: etcd preallocates 64 MB per start, and a static in a test binary is never dropped. Must
//! not: remove a folder that the caller named to keep.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Waits for the end of the owner, then removes the folder; again when a dying program still wrote to it.
const SWEEP: &str =
    "cat >/dev/null; for attempt in 1 2 3 4 5; do rm -rf -- \"$1\"; [ -e \"$1\" ] || exit 0; sleep 0.3; done";

/// A folder that lives as long as this value (temporary) or for ever (kept).
#[derive(Debug)]
pub struct OwnedFolder {
    path: PathBuf,
    sweeper: Option<Child>,
}

impl OwnedFolder {
    /// A new empty folder among the system's temporary files.
    ///
    /// # Errors
    /// When it cannot be created, or `/bin/sh` cannot be started.
    pub fn temporary(prefix: &str) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!(
            "{prefix}-{}-{:08x}",
            std::process::id(),
            rand::random::<u32>()
        ));
        std::fs::create_dir(&path)?;
        let sweeper = Command::new("/bin/sh")
            .args(["-c", SWEEP, "sweeper"])
            .arg(&path)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self { path, sweeper: Some(sweeper) })
    }

    /// A folder that the caller keeps; created when missing.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn kept(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        Ok(Self { path: std::fs::canonicalize(path)?, sweeper: None })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for OwnedFolder {
    fn drop(&mut self) {
        if let Some(mut sweeper) = self.sweeper.take() {
            drop(sweeper.stdin.take());
            // A failed wait leaves the sweeper to finish by itself.
            let _ = sweeper.wait();
        }
    }
}
