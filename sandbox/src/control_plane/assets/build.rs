//! Builds programs of the control plane with Go.
//!
//! Why it exists: it works wherever the Go module proxy can be reached, on every processor. Go checks all
//! sources against `go.sum`. Must not: install Go, or change the module.

use super::cache::Cache;
use super::{KUBERNETES_VERSION, NOTHING_HELPS, Program};
use crate::control_plane::progress::Progress;
use crate::process::{GuardedChild, Launch};
use anyhow::{bail, ensure};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The Go command and the module to build from.
pub(super) struct Builder<'a> {
    pub(super) go: &'a OsStr,
    pub(super) module: &'a Path,
}

impl Builder<'_> {
    /// Builds the programs in one go and accepts them into the cache.
    pub(super) async fn build(&self, programs: &[Program], cache: &Cache, into: &Path) -> anyhow::Result<()> {
        self.check_go()?;
        let names: Vec<&str> = programs.iter().map(|program| program.name()).collect();
        let scratch = cache.scratch()?;
        let mut progress =
            Progress::begin(format!("building {} with Go (once, it takes minutes)", names.join(", ")));
        let log = into.with_file_name("build.log");
        let _ = std::fs::remove_file(&log);
        let mut go = GuardedChild::spawn(&self.launch(&names, &scratch, &log))?;
        let status = loop {
            if let Some(status) = go.wait(Duration::from_secs(1)).await? {
                break status;
            }
            progress.tick();
        };
        if !status.success() {
            progress.end("failed");
            bail!("go build in {} failed:\n{}", self.module.display(), go.last_output(20));
        }
        cache.accept(&scratch, into)?;
        progress.end("done");
        Ok(())
    }

    fn launch(&self, names: &[&str], scratch: &Path, log: &Path) -> Launch {
        // The version is what `kubectl version` and the server's `/version` show.
        let flags = format!("-s -w -X k8s.io/component-base/version.gitVersion={KUBERNETES_VERSION}");
        Launch::new(self.go, log)
            .arg("-C")
            .arg(self.module)
            .args(["build", "-mod=readonly", "-trimpath", "-ldflags", &flags, "-o"])
            .arg(scratch)
            .args(names.iter().map(|name| format!("./{name}")))
            .env("CGO_ENABLED", "0")
    }

    fn check_go(&self) -> anyhow::Result<()> {
        let output = Command::new(self.go)
            .arg("version")
            .current_dir(self.module)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        let Ok(output) = output else { bail!(NOTHING_HELPS) };
        ensure!(output.status.success(), NOTHING_HELPS);
        Ok(())
    }
}
