//! The running control plane: start, wait, hand out clients, stop, restart, empty.
//!
//! Why it exists: fault tests take parts away and bring them back under the same address, with the same
//! tokens and certificate. What changes a server takes `&mut self`, so that a shared control plane cannot be
//! pulled from under another test. Must not: know what is stored in it.

use super::assets::{Assets, Program};
use super::audit::AuditLog;
use super::credentials::{Tokens, write_secret, write_service_account_keys};
use super::kubeconfig::Kubeconfig;
use super::options::{ADMIN, Auditing, Cleanup, Options};
use super::ports::free_port;
use super::servers::Layout;
use crate::process::{GuardedChild, Launch, OwnedFolder};
use anyhow::{Context, bail};
use axum::http::Request;
use kube::config::{KubeConfigOptions, Kubeconfig as ParsedKubeconfig};
use kube::{Client, Config};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A cold machine under load needs more than the usual 3 s.
const READY_LIMIT: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(50);
/// Somebody may take a port between the look and the start.
const START_ATTEMPTS: u32 = 4;
const PORT_TAKEN: &str = "address already in use";

/// The programs of one control plane.
#[derive(Debug)]
struct Programs {
    etcd: PathBuf,
    api_server: PathBuf,
    controller_manager: Option<PathBuf>,
}

/// etcd and kube-apiserver, running until this value is dropped or the process ends in any way.
#[derive(Debug)]
pub struct ControlPlane {
    // The order of the fields is the order of their end: the folder last.
    controller_manager: Option<GuardedChild>,
    api_server: Option<GuardedChild>,
    etcd: Option<GuardedChild>,
    programs: Programs,
    options: Options,
    tokens: Tokens,
    layout: Layout,
    _folder: OwnedFolder,
}

impl ControlPlane {
    /// Provides the programs, starts the servers on free loopback ports and waits until `/readyz` says yes.
    ///
    /// # Errors
    /// When the programs cannot be provided (the text says what to install), or a server ends or is not
    /// ready in time (the text ends with its last lines).
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let programs = Programs::locate(&options.assets, options.cleanup).await?;
        let folder = match &options.keep {
            Some(path) => OwnedFolder::kept(path),
            None => OwnedFolder::temporary("sandbox-control-plane"),
        };
        let folder =
            folder.context("no folder for the control plane; set TMPDIR to one that can be written")?;
        let layout = Layout {
            root: folder.path().to_path_buf(),
            etcd_port: free_port()?,
            peer_port: free_port()?,
            api_port: free_port()?,
        };
        write_service_account_keys(&layout.root)?;
        let tokens = Tokens::write(&options.users, &layout.tokens())?;
        layout.write_audit_policy(options.users.iter().map(|user| user.name.as_str()))?;
        let mut plane = Self {
            controller_manager: None,
            api_server: None,
            etcd: None,
            programs,
            options,
            tokens,
            layout,
            _folder: folder,
        };
        plane.start_on_free_ports().await?;
        Ok(plane)
    }

    async fn start_on_free_ports(&mut self) -> anyhow::Result<()> {
        let mut attempt = 1;
        loop {
            match self.start_servers().await {
                Ok(()) => break,
                Err(error) if attempt < START_ATTEMPTS && format!("{error:#}").contains(PORT_TAKEN) => {
                    attempt += 1;
                    self.stop_api_server();
                    self.stop_etcd();
                    self.layout.etcd_port = free_port()?;
                    self.layout.peer_port = free_port()?;
                    self.layout.api_port = free_port()?;
                }
                Err(error) => return Err(error),
            }
        }
        let users = self.options.users.iter().map(|user| user.name.clone());
        for user in users.chain([ADMIN.to_owned()]) {
            write_secret(&self.kubeconfig(&user)?, &self.kubeconfig_text(&user)?)?;
        }
        if let Some(program) = &self.programs.controller_manager {
            let launch = self.layout.controller_manager(program, &self.kubeconfig(ADMIN)?);
            self.controller_manager = Some(spawn(&launch)?);
        }
        Ok(())
    }

    async fn start_servers(&mut self) -> anyhow::Result<()> {
        self.etcd = Some(spawn(&self.layout.etcd(&self.programs.etcd))?);
        self.start_api_server().await
    }

    /// The API server's address, `https://127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        self.layout.address()
    }

    /// The folder with the state, the logs (`etcd.log`, `kube-apiserver.log`) and the kubeconfigs.
    pub fn folder(&self) -> &Path {
        &self.layout.root
    }

    /// The kubeconfig file of a user; [`ADMIN`] may do everything.
    ///
    /// # Errors
    /// When the options did not name the user.
    pub fn kubeconfig(&self, user: &str) -> anyhow::Result<PathBuf> {
        self.tokens.of(user)?;
        let file = user.replace(|character: char| !character.is_ascii_alphanumeric(), "-");
        Ok(self.layout.root.join(format!("kubeconfig-{file}.yaml")))
    }

    fn kubeconfig_text(&self, user: &str) -> anyhow::Result<String> {
        let certificate = self.layout.certificate();
        let authority =
            std::fs::read(&certificate).context("kube-apiserver has not written its certificate")?;
        let (server, token) = (self.address(), self.tokens.of(user)?);
        Ok(Kubeconfig { server: &server, authority: &authority, user, token }.to_yaml())
    }

    /// The client configuration of a user.
    ///
    /// # Errors
    /// When the options did not name the user.
    pub async fn config(&self, user: &str) -> anyhow::Result<Config> {
        super::install_crypto();
        let parsed = ParsedKubeconfig::from_yaml(&self.kubeconfig_text(user)?)?;
        Config::from_custom_kubeconfig(parsed, &KubeConfigOptions::default())
            .await
            .context("the kubeconfig is not readable")
    }

    /// A new client of the admin. It belongs to the runtime that calls.
    ///
    /// # Errors
    /// As [`ControlPlane::config`].
    pub async fn client(&self) -> anyhow::Result<Client> {
        self.client_of(ADMIN).await
    }

    /// A new client of a user. It belongs to the runtime that calls.
    ///
    /// # Errors
    /// When the options did not name the user.
    pub async fn client_of(&self, user: &str) -> anyhow::Result<Client> {
        Client::try_from(self.config(user).await?).context("no client")
    }

    /// The audit log; empty when auditing is off.
    pub fn audit(&self) -> AuditLog {
        AuditLog::new(&self.layout.audit_log())
    }

    /// The API server's process, to freeze or signal it; `None` while it is stopped.
    pub fn api_server(&mut self) -> Option<&mut GuardedChild> {
        self.api_server.as_mut()
    }

    /// etcd's process, to freeze or signal it; `None` while it is stopped.
    pub fn etcd(&mut self) -> Option<&mut GuardedChild> {
        self.etcd.as_mut()
    }

    /// Kills the API server.
    pub fn stop_api_server(&mut self) {
        self.api_server = None;
    }

    /// Starts the API server again, under the same address, and waits until it is ready.
    ///
    /// # Errors
    /// When it ends or is not ready in time; the text ends with its last lines.
    pub async fn start_api_server(&mut self) -> anyhow::Result<()> {
        let auditing: Auditing = self.options.auditing;
        let launch =
            self.layout.api_server(&self.programs.api_server, auditing, &self.options.api_server_flags);
        self.api_server = Some(spawn(&launch)?);
        self.wait_ready().await
    }

    /// Kills etcd; its data stays.
    pub fn stop_etcd(&mut self) {
        self.etcd = None;
    }

    /// Starts etcd again on its data and waits until the API server, when it runs, is ready.
    ///
    /// # Errors
    /// When a server ends or is not ready in time.
    pub async fn start_etcd(&mut self) -> anyhow::Result<()> {
        self.etcd = Some(spawn(&self.layout.etcd(&self.programs.etcd))?);
        if self.api_server.is_some() { self.wait_ready().await } else { Ok(()) }
    }

    /// Kills both servers and starts them on the same data.
    ///
    /// # Errors
    /// When a server ends or is not ready in time.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.stop_api_server();
        self.stop_etcd();
        self.start_servers().await
    }

    /// Kills both servers and starts them with nothing stored: a cluster rebuilt under the same address.
    ///
    /// # Errors
    /// When a server ends or is not ready in time.
    pub async fn restart_empty(&mut self) -> anyhow::Result<()> {
        self.stop_api_server();
        self.stop_etcd();
        self.forget_state()?;
        self.start_servers().await
    }

    /// Copies what is stored, for [`ControlPlane::restart_from`]; both servers are restarted on the way.
    ///
    /// # Errors
    /// When the copy cannot be written, or a server does not come back.
    pub async fn save_state(&mut self, to: &Path) -> anyhow::Result<()> {
        self.stop_api_server();
        self.stop_etcd();
        copy_folder(&self.layout.etcd_data(), to).context("the state cannot be copied")?;
        self.start_servers().await
    }

    /// Kills both servers and starts them on a saved state: a restore from an older backup.
    ///
    /// # Errors
    /// When the copy cannot be read, or a server does not come back.
    pub async fn restart_from(&mut self, saved: &Path) -> anyhow::Result<()> {
        self.stop_api_server();
        self.stop_etcd();
        self.forget_state()?;
        copy_folder(saved, &self.layout.etcd_data()).context("the saved state cannot be read")?;
        self.start_servers().await
    }

    fn forget_state(&self) -> anyhow::Result<()> {
        let data = self.layout.etcd_data();
        if data.exists() {
            std::fs::remove_dir_all(&data).context("etcd's data cannot be removed")?;
        }
        Ok(())
    }

    async fn wait_ready(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut client = None;
        loop {
            ensure_running("etcd", self.etcd.as_mut())?;
            ensure_running("kube-apiserver", self.api_server.as_mut())?;
            if client.is_none() && self.layout.certificate().is_file() {
                // The file may be half written; the next look finds it whole.
                client = self.client().await.ok();
            }
            if let Some(client) = &client
                && is_ready(client).await
            {
                return Ok(());
            }
            if started.elapsed() > READY_LIMIT {
                let output =
                    self.api_server.as_ref().map(|server| server.last_output(20)).unwrap_or_default();
                bail!("kube-apiserver is not ready after {} s; it says:\n{output}", READY_LIMIT.as_secs());
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Programs {
    async fn locate(assets: &Assets, cleanup: Cleanup) -> anyhow::Result<Self> {
        let mut wanted = vec![Program::Etcd, Program::KubeApiserver];
        if cleanup == Cleanup::ControllerManager {
            wanted.push(Program::KubeControllerManager);
        }
        let mut found = assets.locate(&wanted).await?.into_iter();
        let mut next = |program: Program| found.next().with_context(|| format!("no {}", program.name()));
        let (etcd, api_server) = (next(Program::Etcd)?, next(Program::KubeApiserver)?);
        let controller_manager = match cleanup {
            Cleanup::ControllerManager => Some(next(Program::KubeControllerManager)?),
            Cleanup::None => None,
        };
        Ok(Self { etcd, api_server, controller_manager })
    }
}

fn spawn(launch: &Launch) -> anyhow::Result<GuardedChild> {
    GuardedChild::spawn(launch)
        .with_context(|| format!("nothing could be started for {}", launch.log().display()))
}

fn ensure_running(name: &str, child: Option<&mut GuardedChild>) -> anyhow::Result<()> {
    let Some(child) = child else { return Ok(()) };
    match child.exit_status()? {
        None => Ok(()),
        Some(status) => bail!("{name} ended with {status}; it says:\n{}", child.last_output(20)),
    }
}

async fn is_ready(client: &Client) -> bool {
    let Ok(request) = Request::get("/readyz").body(Vec::new()) else { return false };
    let answer = tokio::time::timeout(Duration::from_secs(2), client.request_text(request)).await;
    matches!(answer, Ok(Ok(text)) if text.trim() == "ok")
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
