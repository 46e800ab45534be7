//! The image's file system as a folder, with what a pod mounts into it, and the process that a container would be.
//!
//! Why it exists: without a container engine the kernel's own means do: a new root directory that holds what the
//! Dockerfile's last stage copies, entered as the user that the Dockerfile names. Nothing else is there: no shell, no
//! `/proc`, no `/dev`. Must not: know an argument of the operator.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sandbox::control_plane::workspace;
use sandbox::process::{GuardedChild, Launch, OwnedFolder};

use crate::dockerfile::Dockerfile;

/// Debian's emulator of each processor, by Rust's name for it.
const EMULATORS: [(&str, &str); 2] =
    [("aarch64", "/usr/bin/qemu-aarch64-static"), ("x86_64", "/usr/bin/qemu-x86_64-static")];

/// Where the emulator is in the new root.
pub(crate) const EMULATOR: &str = "/emulator";

/// The `PATH` that container engines set; `chroot` itself is found by it too.
const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The file system of a container.
pub(crate) struct Root {
    folder: OwnedFolder,
    user: String,
    /// What starts the binary, and the binary.
    command: Vec<String>,
    arguments: Vec<String>,
}

impl Root {
    /// What the Dockerfile copies into the image, for a processor by its name in images.
    pub(crate) fn of(dockerfile: &Dockerfile, processor: &str, binary: &Path) -> Self {
        let folder = OwnedFolder::temporary("image").unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = dockerfile.words("ENTRYPOINT");
        let (user, arguments) = (dockerfile.only("USER").to_owned(), dockerfile.words("CMD"));
        for copied in dockerfile.copies() {
            let source =
                if copied.stage.is_some() { binary.to_owned() } else { workspace().join(&copied.source) };
            let target = folder.path().join(copied.target.trim_start_matches('/'));
            fs::copy(&source, &target).unwrap_or_else(|error| panic!("{}: {error}", source.display()));
            if let Some(mode) = copied.mode {
                let mode = u32::from_str_radix(&mode, 8).unwrap();
                fs::set_permissions(&target, fs::Permissions::from_mode(mode)).unwrap();
            }
        }
        let rust_name = &dockerfile.processors()[processor];
        if rust_name != std::env::consts::ARCH {
            // Copied in and named, not registered with the kernel (binfmt_misc): that would be a setting of the whole
            // machine, and the emulator is one static file that needs nothing else.
            let (_, emulator) = EMULATORS.iter().find(|(name, _)| name == rust_name).unwrap();
            fs::copy(emulator, folder.path().join(EMULATOR.trim_start_matches('/'))).unwrap_or_else(
                |error| panic!("{emulator}: {error}; install the package `qemu-user-static`"),
            );
            command.insert(0, EMULATOR.to_owned());
        }
        Self { folder, user, command, arguments }
    }

    /// Whether the processor is not this machine's: then one file more is in it.
    pub(crate) fn is_emulated(&self) -> bool {
        self.command[0] == EMULATOR
    }

    /// The words that the image starts the binary with, beside its name.
    pub(crate) fn default_arguments(&self) -> &[String] {
        &self.arguments
    }

    /// Every file in it, as the container sees it.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let inside = path.strip_prefix(self.folder.path()).unwrap();
                    found.push(format!("/{}", inside.display()));
                }
            }
        }
        found.sort();
        found
    }

    /// Puts a file where a pod would have it mounted, for everybody to read and nobody to write.
    pub(crate) fn mount(&self, path: &str, text: &str) {
        let target = self.folder.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(&target, text).unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o444)).unwrap();
    }

    /// Starts the process of a container.
    pub(crate) fn start(&self, arguments: &[String], environment: &[(String, String)]) -> Container {
        let log = log_beside(self.folder.path());
        // Nothing of this process's environment is passed on.
        let launch = Launch::new("env", &log)
            .args(["-i", PATH])
            .args(environment.iter().map(|(name, value)| format!("{name}={value}")))
            // One after another becomes the next: the process keeps its number and gets the signals.
            .args(["chroot", &format!("--userspec={}", self.user), "--groups="])
            .arg(self.folder.path())
            .args(&self.command)
            .args(arguments);
        Container { child: GuardedChild::spawn(&launch).unwrap(), root: self.folder.path().to_owned(), log }
    }
}

fn log_beside(folder: &Path) -> PathBuf {
    let name = format!("{}-{:08x}.log", folder.file_name().unwrap().display(), rand::random::<u32>());
    folder.with_file_name(name)
}

/// A running container; it ends with this value.
pub(crate) struct Container {
    child: GuardedChild,
    root: PathBuf,
    log: PathBuf,
}

impl Container {
    /// The four user ids of the process and its effective capabilities, as the kernel knows them.
    pub(crate) fn rights(&self) -> (Vec<u32>, u64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim();
        let ids = line("Uid:").split_whitespace().map(|id| id.parse().unwrap()).collect();
        (ids, u64::from_str_radix(line("CapEff:"), 16).unwrap())
    }

    /// Whether the kernel has the process in the folder.
    pub(crate) fn is_confined(&self) -> bool {
        let root = fs::read_link(format!("/proc/{}/root", self.child.id())).unwrap();
        root == fs::canonicalize(&self.root).unwrap()
    }

    /// The exit status in words, when it has ended.
    pub(crate) fn ended(&mut self) -> Option<String> {
        self.child.exit_status().unwrap().map(|status| status.to_string())
    }

    /// Asks it to end, as Kubernetes does; without an exit code it had to be killed.
    pub(crate) async fn stop(&mut self) -> Option<i32> {
        self.child.stop(Duration::from_secs(30)).await.unwrap().code()
    }

    /// The end of its log.
    pub(crate) fn log_tail(&self) -> String {
        self.child.last_output(15)
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the container's last lines:\n{}", self.log_tail());
        }
        let _ = fs::remove_file(&self.log);
    }
}
