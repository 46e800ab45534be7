//! One shell that stays for a whole document: what a command sets, the next one has.
//!
//! Must not: know a document, a cluster or a helpdesk.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};

/// How long a command may take. Documents wait at most ten minutes for what takes seconds here.
const LIMIT: Duration = Duration::from_secs(90);

/// The exit code of a command that was not waited for any longer, as `timeout` has it.
const NOT_IN_TIME: i32 = 124;

/// What a command left.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// A running shell; it ends with this value.
pub(crate) struct Shell {
    child: Child,
    stdin: ChildStdin,
    /// Where output and exit code of a command go.
    folder: PathBuf,
}

impl Shell {
    /// Starts it in a folder, with a home and with what it finds programs in.
    pub(crate) fn start((work, home): (&Path, &Path), path: &str, folder: &Path) -> Self {
        let mut child = Command::new("bash")
            .args(["--noprofile", "--norc"])
            .env_clear()
            .env("HOME", home)
            .env("PATH", path)
            .env("LANG", "C.UTF-8")
            .current_dir(work)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("shell")).unwrap())
            .kill_on_drop(true)
            .spawn()
            .expect("the documents' commands are for bash: install it");
        let stdin = child.stdin.take().unwrap();
        Self { child, stdin, folder: folder.to_path_buf() }
    }

    /// Runs a command, with nothing to read. After one that was not in time the shell is of no use.
    pub(crate) async fn run(&mut self, command: &str) -> Ran {
        let [out, err, code, done] =
            ["out", "err", "code", "done"].map(|name| self.folder.join(name).display().to_string());
        let _ = fs::remove_file(&done);
        let script = format!(
            "set -u -o pipefail\n{{ {command}\n}} >{out} 2>{err} </dev/null\n\
             echo $? >{code}; mv {code} {done}\n"
        );
        self.stdin.write_all(script.as_bytes()).await.unwrap();
        self.stdin.flush().await.unwrap();
        let started = Instant::now();
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        while !Path::new(&done).exists() {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!(
                    "the shell ended with {status}: {command}\n{}",
                    read(&format!("{}/shell", self.folder.display()))
                );
            }
            if started.elapsed() > LIMIT {
                let err = format!("{}not in time, after {} s\n", read(&err), LIMIT.as_secs());
                return Ran { code: NOT_IN_TIME, out: read(&out), err };
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ran { code: read(&done).trim().parse().unwrap(), out: read(&out), err: read(&err) }
    }

    /// The words that the shell makes of a command's arguments.
    pub(crate) async fn words(&mut self, arguments: &str) -> Vec<String> {
        let ran = self.run(&format!("printf '%s\\n' {arguments}")).await;
        assert_eq!(ran.code, 0, "{arguments}: {ran:?}");
        ran.out.lines().map(str::to_owned).collect()
    }
}
