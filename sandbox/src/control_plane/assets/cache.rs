//! The cache of programs, safe against two processes that fill it at once.
//!
//! Why it exists: cargo runs test binaries one after another, but a person runs a second terminal. One
//! process holds the lock and the others wait, visibly; a file appears under its final name by a rename, so
//! nobody starts half a program. Must not: remove what is there.

use crate::control_plane::progress::Progress;
use anyhow::Context;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The locked cache; the lock ends with the value or the process.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    _lock: File,
}

impl Cache {
    /// Waits until no other process fills the cache.
    pub(super) async fn lock(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| {
            format!("the cache {} cannot be created; check its permissions", folder.display())
        })?;
        let lock = File::create(folder.join(".lock")).context("the cache cannot be locked")?;
        let mut waiting = None;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {
                    waiting
                        .get_or_insert_with(|| {
                            Progress::begin("waiting for another process that provides it")
                        })
                        .tick();
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                Err(TryLockError::Error(error)) => return Err(error).context("the cache cannot be locked"),
            }
        }
        if let Some(waiting) = waiting {
            waiting.end("done");
        }
        Ok(Self { folder: folder.to_path_buf(), _lock: lock })
    }

    /// An empty folder on the same file system, for what is not ready yet.
    pub(super) fn scratch(&self) -> anyhow::Result<PathBuf> {
        let scratch = self.folder.join(".partial");
        if scratch.exists() {
            std::fs::remove_dir_all(&scratch).context("what an interrupted run left cannot be removed")?;
        }
        std::fs::create_dir(&scratch).context("the cache cannot be written")?;
        Ok(scratch)
    }

    /// Moves the finished programs of `scratch` into `into`, each by one rename, and removes the rest.
    pub(super) fn accept(&self, scratch: &Path, into: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(into)?;
        for entry in std::fs::read_dir(scratch)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                std::fs::rename(entry.path(), into.join(entry.file_name()))?;
            }
        }
        std::fs::remove_dir_all(scratch).context("the scratch folder cannot be removed")
    }
}
