//! The static binary, compiled by the Dockerfile's own command from the Dockerfile's own context.
//!
//! The profile is the one for development, without debug information: what makes the binary static is the target, and
//! the optimizer takes minutes. Must not: add a flag; flags stand in `.cargo/config.toml`, which the context holds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sandbox::control_plane::workspace;

use crate::dockerfile::{Dockerfile, context};

/// The binary of one processor.
pub(crate) fn compiled(dockerfile: &Dockerfile, processor: &str) -> PathBuf {
    let target = format!("{}-unknown-linux-musl", dockerfile.processors()[processor]);
    let command = dockerfile.command();
    let quick = command.replace(" --release", " --profile dev");
    assert_ne!(quick, command, "an image holds the optimized binary");
    let targets =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    let output = Command::new("sh")
        .args(["-c", &quick])
        .current_dir(context_folder())
        .env("target", &target)
        .env("CARGO_TARGET_DIR", std::path::absolute(&targets).unwrap())
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_INCREMENTAL", "0")
        .output()
        .unwrap();
    assert!(output.status.success(), "{quick}: {}", String::from_utf8_lossy(&output.stderr));
    targets.join(target).join("debug/humansupport")
}

/// A folder with what the context holds and nothing else. File times are kept, so that cargo sees what has not changed.
fn context_folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("image/context");
    // Two tests need it, and both of them make the same.
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let _ = fs::remove_dir_all(&folder);
        for path in context() {
            let target = folder.join(&path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            let copy =
                Command::new("cp").arg("-a").arg(workspace().join(&path)).arg(&target).status().unwrap();
            assert!(copy.success(), "{path} is in the repository");
        }
        // Cargo also reads the repository's own file, above this folder; an image has only the one inside.
        let flags = Path::new(".cargo/config.toml");
        assert!(folder.join(flags).is_file(), "the context holds the flags, {}", flags.display());
    });
    folder
}

/// What `readelf` says of a binary.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Elf {
    /// Such as `AArch64`.
    pub(crate) machine: String,
    /// Whether it asks for a dynamic loader, which an empty image lacks.
    pub(crate) interpreter: Option<String>,
    /// The shared libraries that it needs.
    pub(crate) libraries: Vec<String>,
}

impl Elf {
    pub(crate) fn of(binary: &Path) -> Self {
        let output = Command::new("readelf")
            .args(["--wide", "--file-header", "--program-headers", "--dynamic"])
            .arg(binary)
            .env("LC_ALL", "C")
            .output()
            .expect("readelf is there: install the package `binutils` of your system");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let bracketed = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
        let machine = text.lines().find_map(|line| line.trim().strip_prefix("Machine:")).unwrap();
        let asked = text.lines().find(|line| line.contains("Requesting program interpreter"));
        let needed = text.lines().filter(|line| line.contains("(NEEDED)"));
        Self {
            machine: machine.trim().to_owned(),
            interpreter: asked.and_then(bracketed),
            libraries: needed.filter_map(bracketed).collect(),
        }
    }
}
