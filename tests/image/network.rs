//! A network of its own for one test: nobody but its own processes is in it.
//!
//! Why it exists: the operator reaches an adapter over TLS at a private address only, never at a loopback one, and a test
//! must not give the machine an address. The whole test therefore runs again in a new network namespace, whose loopback
//! device has that address. Must not: need more than Linux, `unshare` and `ip`.

use std::path::PathBuf;
use std::process::Command;

/// The private address in the network.
pub(crate) const ADDRESS: &str = "10.96.0.10";

/// Where the test that runs inside finds its binary; nobody else sets it.
const BINARY: &str = "IMAGE_TEST_BINARY";

const SETUP: &str = "ip link set lo up && ip address add \"$0/32\" dev lo && exec \"$@\"";

/// Inside: the binary that the outer run compiled. Outside: nothing.
pub(crate) fn binary_given() -> Option<PathBuf> {
    std::env::var_os(BINARY).map(PathBuf::from)
}

/// Runs a test of this program again, in a network of its own and as root, and fails as it fails.
///
/// Root, because a new root directory and another user can be entered by root alone; who is not root needs `sudo`.
#[track_caller]
pub(crate) fn run_inside(test: &str, binary: PathBuf) {
    let user = Command::new("id").arg("--user").output().unwrap();
    let mut command = match user.stdout == b"0\n" {
        true => Command::new("unshare"),
        false => {
            let mut command = Command::new("sudo");
            command.args(["--non-interactive", "--preserve-env", "unshare"]);
            command
        }
    };
    let program = std::env::current_exe().unwrap();
    let output = command
        .args(["--net", "--", "sh", "-c", SETUP, ADDRESS])
        .arg(program)
        .args(["--exact", test, "--nocapture"])
        .env(BINARY, binary)
        .output()
        .expect("this test needs Linux and root, or sudo without a password");
    let said =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success() && said.contains("1 passed"), "in a network of its own:\n{said}");
}
