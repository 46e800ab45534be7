//! Where the programs of the control plane come from.
//!
//! Why it exists: a person with Kubernetes' own test tools, one with the internet, one with Go alone, and one
//! with nothing each get the quickest answer. The order: `KUBEBUILDER_ASSETS`; the copy cached under
//! `target/control-plane/<version>/`; the published envtest archive; a build with Go from
//! `sandbox/control-plane`; one sentence. Must not: run what it provides.

mod archive;
mod build;
mod cache;

use crate::control_plane::progress::Progress;
use anyhow::{Context, bail};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use archive::PUBLISHED_INDEX;

/// The Kubernetes version that `sandbox/control-plane/go.mod` requires (a test compares them).
pub const KUBERNETES_VERSION: &str = "v1.36.3";

/// The sentence for a machine on which nothing helps.
const NOTHING_HELPS: &str = "no etcd and kube-apiserver here: install Go 1.26 or newer (https://go.dev/dl) so that \
     they can be built, or set KUBEBUILDER_ASSETS to a folder that holds both";

/// A program of the control plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// The store of the API server.
    Etcd,
    /// The API server.
    KubeApiserver,
    /// Cleans up by owner references and empties deleted namespaces.
    KubeControllerManager,
    /// The command line.
    Kubectl,
}

impl Program {
    /// The file name, and the folder in the Go module.
    pub fn name(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::Kubectl => "kubectl",
        }
    }

    /// Whether the envtest convention has it; the controller manager is ours to build.
    fn in_envtest(self) -> bool {
        self != Self::KubeControllerManager
    }
}

/// The sources, as values: a test names its own.
#[derive(Debug, Clone)]
pub struct Assets {
    /// A folder with `etcd` and `kube-apiserver` that comes before everything else.
    pub provided: Option<PathBuf>,
    /// The folder of the cache; the version's folder is made in it.
    pub cache: PathBuf,
    /// The address of the index `envtest-releases.yaml`; `None` leaves the published archive out.
    pub archive_index: Option<String>,
    /// The Go command; a name is looked up in `PATH`.
    pub go: OsString,
    /// The Go module that builds the programs.
    pub module: PathBuf,
}

impl Assets {
    /// What the environment says: `KUBEBUILDER_ASSETS`, `CARGO_TARGET_DIR`, `ENVTEST_INDEX` (another address
    /// of the archive's index; empty leaves it out), and Go from `PATH`.
    pub fn from_environment() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let workspace = workspace();
        let target = set("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
        // Go builds with another working folder.
        let target = std::path::absolute(&target).unwrap_or(target);
        let archive_index = match std::env::var("ENVTEST_INDEX") {
            Ok(address) if address.is_empty() => None,
            Ok(address) => Some(address),
            Err(_) => Some(PUBLISHED_INDEX.to_owned()),
        };
        Self {
            provided: set("KUBEBUILDER_ASSETS").map(PathBuf::from),
            cache: target.join("control-plane"),
            archive_index,
            go: OsString::from("go"),
            module: workspace.join("sandbox/control-plane"),
        }
    }

    /// The paths of the programs, in the order asked for; whatever is missing is fetched or built once.
    ///
    /// # Errors
    /// When a provided folder lacks a program, a build fails, or nothing can provide it; the text says what
    /// to do.
    pub async fn locate(&self, programs: &[Program]) -> anyhow::Result<Vec<PathBuf>> {
        self.check_provided(programs)?;
        if programs.iter().any(|program| self.find(*program).is_none()) {
            self.provide(programs).await?;
        }
        programs.iter().map(|program| self.find(*program).context(NOTHING_HELPS)).collect()
    }

    /// Where the program is now, without fetching or building it.
    pub fn find(&self, program: Program) -> Option<PathBuf> {
        let folders = self.provided.iter().cloned().chain([self.versioned()]);
        folders.map(|folder| folder.join(program.name())).find(|path| path.is_file())
    }

    fn versioned(&self) -> PathBuf {
        self.cache.join(KUBERNETES_VERSION)
    }

    /// A folder that a person set must not be passed over in silence: they would test another version.
    fn check_provided(&self, programs: &[Program]) -> anyhow::Result<()> {
        let Some(folder) = &self.provided else { return Ok(()) };
        for program in
            programs.iter().filter(|program| matches!(program, Program::Etcd | Program::KubeApiserver))
        {
            if !folder.join(program.name()).is_file() {
                bail!(
                    "KUBEBUILDER_ASSETS is set to {}, which has no {}: name a folder with etcd and kube-apiserver, or unset it",
                    folder.display(),
                    program.name()
                );
            }
        }
        Ok(())
    }

    async fn provide(&self, programs: &[Program]) -> anyhow::Result<()> {
        let cache = cache::Cache::lock(&self.cache).await?;
        let missing = |wanted: &[Program]| -> Vec<Program> {
            wanted.iter().copied().filter(|program| self.find(*program).is_none()).collect()
        };
        let absent = missing(programs);
        if let Some(index) = self.archive_index.as_deref().filter(|_| absent.iter().any(|p| p.in_envtest())) {
            let progress = Progress::begin("looking for the published envtest archive");
            match archive::fetch(index, &cache, &self.versioned()).await {
                Ok(version) => progress.end(&format!("Kubernetes {version}, checksum right")),
                // A wrong checksum is in the text and the archive is thrown away; Go builds from checked sources.
                Err(error) => progress.end(&format!("not used, {error:#}")),
            }
        }
        let absent = missing(programs);
        if absent.is_empty() {
            return Ok(());
        }
        build::Builder { go: &self.go, module: &self.module }.build(&absent, &cache, &self.versioned()).await
    }
}

/// The folder of the workspace that this crate was built from.
pub fn workspace() -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.parent().unwrap_or(crate_folder).to_path_buf()
}

#[cfg(test)]
mod tests;
