//! Child processes that cannot outlive their owner, and folders that disappear with it.
//!
//! Why it exists: a sandbox or a test binary that is killed with `kill -9` runs no destructor, and an
//! orphaned API server holds ports and 300 MB. Each child therefore starts through a few lines of POSIX
//! shell that leave a watcher behind and then become the program (`exec`: same pid, same exit status). The
//! watcher reads a pipe whose other end only the owner holds; when the kernel closes it, for whatever
//! reason, the watcher kills the child's process group. The group is the child's own, so its number cannot
//! be given to another process while the watcher lives, and Ctrl-C in a terminal reaches the owner alone.
//! (`PR_SET_PDEATHSIG` was left out: it needs `unsafe` code here and follows a thread, not the process.)
//!
//! Must not: know what the programs are.

mod folder;
mod guarded;

pub use folder::OwnedFolder;
pub use guarded::{GuardedChild, Launch, Signal};

#[cfg(test)]
mod tests;
