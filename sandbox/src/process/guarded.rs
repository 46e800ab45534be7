//! One child process under guard: started, signaled, waited for, and killed with its owner.
//!
//! Why it exists: tests freeze, kill and restart the operator and the control plane by pid. Must not: pass
//! the owner's standard input on.

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Leaves a watcher on the owner's pipe, then becomes the program. `kill -s` because dash knows no other
/// spelling that takes `--`; `3<&0` because a shell gives background commands an empty standard input.
const GUARD: &str =
    "exec 3<&0\n{ cat <&3 >/dev/null; kill -s KILL -- -$$; } >/dev/null 2>&1 &\nexec \"$@\" </dev/null 3<&-";

/// How often a waiting function looks at the child.
const POLL: Duration = Duration::from_millis(20);
/// A signal takes effect within a scheduler's turn.
const FREEZE_LIMIT: Duration = Duration::from_secs(2);

/// What to start: program, arguments, extra environment, and the file that takes the output.
#[derive(Debug, Clone)]
pub struct Launch {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    log: PathBuf,
    errors: Errors,
}

/// Where the standard error of a child goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errors {
    ToLog,
    ToOwner,
}

impl Launch {
    /// A program whose standard output and error are appended to `log`.
    pub fn new(program: impl Into<PathBuf>, log: impl Into<PathBuf>) -> Self {
        let (program, log) = (program.into(), log.into());
        Self { program, arguments: Vec::new(), environment: Vec::new(), log, errors: Errors::ToLog }
    }

    /// Lets the standard error through to the owner's: for a program that tells a person what it does.
    #[must_use]
    pub fn visible_errors(mut self) -> Self {
        self.errors = Errors::ToOwner;
        self
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds arguments in order.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable beside the inherited ones.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// The file that takes the output.
    pub fn log(&self) -> &Path {
        &self.log
    }
}

/// The signals that the tests and the demo send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Please end (SIGTERM).
    Terminate,
    /// End at once (SIGKILL).
    Kill,
    /// Freeze (SIGSTOP).
    Stop,
    /// Go on (SIGCONT).
    Continue,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Terminate => "TERM",
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Continue => "CONT",
        }
    }
}

/// A running child. Dropping it kills it, and so does the end of the owning process in any way.
#[derive(Debug)]
pub struct GuardedChild {
    child: Child,
    log: PathBuf,
}

impl GuardedChild {
    /// Starts the program. A program that cannot be started shows as exit status 126 or 127 and a line in
    /// the log.
    ///
    /// # Errors
    /// When the log cannot be opened or `/bin/sh` cannot be started.
    pub fn spawn(launch: &Launch) -> io::Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(&launch.log)?;
        let errors = match launch.errors {
            Errors::ToLog => Stdio::from(log.try_clone()?),
            Errors::ToOwner => Stdio::inherit(),
        };
        let child = Command::new("/bin/sh")
            .args([OsStr::new("-c"), OsStr::new(GUARD), OsStr::new("guard"), launch.program.as_os_str()])
            .args(&launch.arguments)
            .envs(launch.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .spawn()?;
        Ok(Self { child, log: launch.log.clone() })
    }

    /// The pid of the program itself.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The exit status, or nothing while it runs.
    ///
    /// # Errors
    /// When the operating system does not say.
    pub fn exit_status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Sends a signal to the program (not to its watcher). After [`Signal::Stop`] it is frozen.
    ///
    /// # Errors
    /// When the program has ended already.
    pub fn signal(&mut self, signal: Signal) -> io::Result<()> {
        if self.exit_status()?.is_some() {
            return Err(io::Error::other("the process has ended; start it again before sending a signal"));
        }
        let pid = self.child.id().to_string();
        let sent = Command::new("/bin/sh")
            .args(["-c", "kill -s \"$1\" \"$2\"", "signal", signal.name(), &pid])
            .stdin(Stdio::null())
            .status()?;
        if !sent.success() {
            return Err(io::Error::other(format!("no signal could be sent to {pid}")));
        }
        if signal == Signal::Stop {
            self.wait_frozen();
        }
        Ok(())
    }

    /// A signal to freeze takes effect a moment after it is sent; another one sent in that moment would come
    /// first. Where there is no `/proc` the moment is not waited for.
    fn wait_frozen(&self) {
        let state = format!("/proc/{}/stat", self.child.id());
        let started = Instant::now();
        while let Ok(text) = std::fs::read_to_string(&state)
            // The state stands behind the name, which is in parentheses.
            && !text.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
            && started.elapsed() < FREEZE_LIMIT
        {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until the program ends, at most `limit`; nothing when it still runs then.
    ///
    /// # Errors
    /// When the operating system does not say.
    pub async fn wait(&mut self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.exit_status()? {
                return Ok(Some(status));
            }
            if started.elapsed() >= limit {
                return Ok(None);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Asks the program to end and kills it when it has not done so within `patience`.
    ///
    /// # Errors
    /// When the operating system does not say how it ended.
    pub async fn stop(&mut self, patience: Duration) -> io::Result<ExitStatus> {
        if self.exit_status()?.is_none() {
            self.signal(Signal::Terminate)?;
        }
        match self.wait(patience).await? {
            Some(status) => Ok(status),
            None => self.kill(),
        }
    }

    /// Kills the program and what it started, and waits for its end.
    ///
    /// # Errors
    /// When the operating system does not say how it ended.
    pub fn kill(&mut self) -> io::Result<ExitStatus> {
        // Killing an ended process is no error here; closing the pipe lets the watcher take the group.
        let killed = self.child.kill();
        drop(self.child.stdin.take());
        killed.and_then(|()| self.child.wait())
    }

    /// The last `lines` of its output, for an error message.
    pub fn last_output(&self, lines: usize) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let all: Vec<&str> = text.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }
}

impl Drop for GuardedChild {
    fn drop(&mut self) {
        // Nothing can be done about a failure here; the watcher kills the group in any case.
        let _ = self.kill();
    }
}
