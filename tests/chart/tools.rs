//! The tools that judge the chart: built once from `sandbox/tools`, then taken from `target/tools`.
//!
//! Why it exists: no machine has them all, and their versions belong to the repository. A build is repeated when a
//! module file or one of our own programs changed. Must not download anything but Go modules.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::repository;

/// A Go module and what is built from it.
const MODULES: [(&str, &[&str]); 2] = [
    (
        "sandbox/tools",
        &[
            "helm.sh/helm/v4/cmd/helm",
            "github.com/helm-unittest/helm-unittest/cmd/helm-unittest",
            "github.com/yannh/kubeconform/cmd/kubeconform",
            "./argocd",
            "./kstatus",
            "./flux",
        ],
    ),
    ("sandbox/tools/kube-score", &["github.com/zegl/kube-score/cmd/kube-score"]),
];

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// What a program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// What it printed, when it succeeded.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert!(self.success, "{}\n{}", self.stdout, self.stderr);
        self.stdout
    }

    /// What it printed on both channels, when it failed.
    #[track_caller]
    pub(crate) fn bad(self) -> String {
        assert!(!self.success, "it succeeded: {}", self.stdout);
        self.stdout + &self.stderr
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { success: output.status.success(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

/// Runs a tool of `sandbox/tools` in the root of the repository.
pub(crate) fn tool<A: AsRef<OsStr>>(name: &str, arguments: impl IntoIterator<Item = A>) -> Said {
    let folder = FOLDER.get_or_init(provide);
    let home = folder.join("home");
    Command::new(program(name))
        .args(arguments)
        .current_dir(repository("."))
        // No plugin, repository or setting of whoever runs the tests.
        .env("HELM_CACHE_HOME", &home)
        .env("HELM_CONFIG_HOME", &home)
        .env("HELM_DATA_HOME", &home)
        .output()
        .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"))
        .into()
}

/// Where a tool of `sandbox/tools` is, for whoever has to find it by its name.
pub(crate) fn program(name: &str) -> PathBuf {
    FOLDER.get_or_init(provide).join(name)
}

/// Runs Prometheus' own tool, which no Go module can be built into quickly.
pub(crate) fn promtool(arguments: &[&str]) -> Said {
    Command::new("promtool")
        .args(arguments)
        .current_dir(repository("."))
        .output()
        .unwrap_or_else(|error| {
            panic!("promtool cannot be started ({error}): install the package `prometheus` of your system")
        })
        .into()
}

/// Where Go keeps the sources of a module that `sandbox/control-plane` requires.
pub(crate) fn module_folder(module: &str) -> PathBuf {
    let control_plane = repository("sandbox/control-plane");
    go(&control_plane, &["mod", "download", module]);
    go(&control_plane, &["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", module]).trim().into()
}

fn go(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("go").args(arguments).current_dir(folder).env("CGO_ENABLED", "0").output();
    let output = output.unwrap_or_else(|error| {
        panic!("Go cannot be started ({error}): install Go 1.26 or newer, https://go.dev/dl")
    });
    assert!(
        output.status.success(),
        "go {arguments:?} in {} failed:\n{}",
        folder.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Builds what is missing or old. Two test processes wait for each other.
fn provide() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository("target"), PathBuf::from);
    let folder = std::path::absolute(target).unwrap().join("tools");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    for (module, packages) in MODULES {
        let stamp = folder.join(format!("{}.stamp", module.replace('/', "-")));
        let wanted = fingerprint(&repository(module));
        if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
            continue;
        }
        eprintln!("building the tools of {module} with Go (once, it takes minutes)");
        let into = folder.join("");
        let flags =
            ["build", "-mod=readonly", "-trimpath", "-ldflags", "-s -w", "-o", into.to_str().unwrap()];
        go(&repository(module), &[&flags, packages].concat());
        fs::write(&stamp, wanted).unwrap();
    }
    folder
}

/// A digest over the module's files and the Go sources beside them.
fn fingerprint(module: &Path) -> String {
    let mut sources = BTreeMap::new();
    let mut folders = vec![module.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_other_module = path.join("go.mod").is_file();
            if path.is_dir() && !is_other_module {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| ["go", "mod", "sum"].iter().any(|known| extension == *known))
            {
                sources.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    let mut hash = Sha256::new();
    for (path, text) in sources {
        hash.update(path.strip_prefix(module).unwrap().to_string_lossy().as_bytes());
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
