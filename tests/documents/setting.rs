//! What a document's reader has: a clone of the repository, kubectl, the built program, a cluster, a helpdesk.
//!
//! The API server is real, the helpdesk a simulator. There is no kubelet: `kubelet` below does a pod's part, with the
//! Deployment's own arguments. Must not: know a document.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{ListParams, Patch, PatchParams};
use kube::{Api, Client, ResourceExt};
use reqwest::Method;
use sandbox::control_plane::{ADMIN, Assets, ControlPlane, Options, Program, User};
use sandbox::process::{Launch, OwnedFolder};
use sandbox::zendesk::{AccountConfig, Config, Plan};
use serde_json::json;

use crate::container::{arguments_of, environment_of};
use crate::harness::{ACCOUNT, Desk, Operator};
use crate::pages::repository;

/// The other account of the helpdesk, in which people have built by hand.
pub(crate) const BY_HAND: &str = "padaria";

/// A third one, empty.
pub(crate) const OTHER: &str = "lojanova";

/// What the repository has that documents name.
const CLONE: [&str; 7] = ["charts", "crds", "deploy", "docs", "examples", "gitops", "sandbox"];

/// Where the manifest puts the operator.
const NAMESPACE: &str = "humansupport-system";
const NAME: &str = "human-support-operator";

/// Adds the simulator's address to the verbs that reach a helpdesk. Under the name of the plugin it is the plugin.
const PROGRAM: &str = "#!/bin/bash
case \"$1\" in plan|import|doctor) set -- \"$@\" ENDPOINT ;; esac
exec -a \"$0\" BINARY \"$@\"
";

/// The reader's machine, cluster and helpdesk.
pub(crate) struct Setting {
    /// The helpdesk.
    pub(crate) desk: Desk,
    client: Client,
    plane: ControlPlane,
    operator: Option<Operator>,
    /// The generation of the Deployment that runs; `None` when the reader started the operator.
    generation: Option<i64>,
    folder: OwnedFolder,
}

impl Setting {
    /// An API server with nothing in it, and a helpdesk with three accounts.
    pub(crate) async fn new() -> Self {
        let account = |name: &str| AccountConfig { plan: Plan::Professional, ..AccountConfig::new(name) };
        let accounts = [ACCOUNT, BY_HAND, OTHER].map(account).into();
        let desk = Desk::with(Config { accounts, ..Config::default() }).await;
        for name in [ACCOUNT, BY_HAND, OTHER] {
            let pace = json!({"features": {"rateLimits": false}});
            desk.control(Method::PUT, &format!("accounts/{name}"), pace).await;
        }
        let plane =
            ControlPlane::start(Options::new().user(User::service_account(NAMESPACE, NAME))).await.unwrap();
        let client = plane.client().await.unwrap();
        let folder = OwnedFolder::temporary("documents").unwrap();
        let setting = Self { desk, client, plane, operator: None, generation: None, folder };
        setting.furnish().await;
        setting
    }

    /// The folders of a person who has cloned the repository and installed what the README asks for.
    async fn furnish(&self) {
        for folder in [self.work(), self.home().join(".kube"), self.programs(), self.notes()] {
            fs::create_dir_all(folder).unwrap();
        }
        for name in CLONE {
            symlink(repository(name), self.work().join(name)).unwrap();
        }
        fs::copy(self.plane.kubeconfig(ADMIN).unwrap(), self.home().join(".kube/config")).unwrap();
        let kubectl = Assets::from_environment().locate(&[Program::Kubectl]).await.unwrap().remove(0);
        symlink(kubectl, self.programs().join("kubectl")).unwrap();
        let program = self.programs().join("humansupport");
        let text = PROGRAM
            .replace("ENDPOINT", &self.endpoint().join(" "))
            .replace("BINARY", env!("CARGO_BIN_EXE_humansupport"));
        fs::write(&program, text).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The folder in which commands run: the clone.
    pub(crate) fn work(&self) -> PathBuf {
        self.folder.path().join("clone")
    }

    /// The reader's home.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Where the shell keeps what commands print.
    pub(crate) fn notes(&self) -> PathBuf {
        self.folder.path().join("notes")
    }

    /// Where cargo puts what it installs.
    pub(crate) fn programs(&self) -> PathBuf {
        self.home().join(".cargo/bin")
    }

    fn endpoint(&self) -> [String; 2] {
        ["--loopback-endpoint".to_owned(), format!("zendesk.com={}", self.desk.zendesk.address())]
    }

    /// Runs the operator as a reader does, who ends the former one first.
    pub(crate) async fn start_operator(&mut self, arguments: &[String]) {
        self.stop_operator().await;
        self.generation = None;
        // A shell's reader sees lines; the tests read JSON.
        let extra = ["--health-address", "127.0.0.1:0", "--log-format", "json"].map(str::to_owned);
        let launch = self
            .launch()
            .arg("run")
            .args(arguments.iter().cloned())
            .args(self.endpoint())
            .args(extra)
            .env("HOME", self.home());
        self.operator = Some(Operator::launch(&launch).await);
    }

    fn launch(&self) -> Launch {
        let log = self.folder.path().join("operator.log");
        Launch::new(env!("CARGO_BIN_EXE_humansupport"), log)
    }

    async fn stop_operator(&mut self) {
        if let Some(mut operator) = self.operator.take() {
            assert_eq!(operator.stop().await, Some(0), "{}", operator.log_tail(20));
        }
    }

    /// Does what the kubelet and the controllers do for the operator's Deployment: a pod of its present template runs and
    /// is reported ready, and none runs where there is no Deployment.
    pub(crate) async fn kubelet(&mut self) {
        let everywhere: Api<Deployment> = Api::all(self.client.clone());
        let labels = ListParams::default().labels(&format!("app.kubernetes.io/name={NAME}"));
        let found = everywhere.list(&labels).await.unwrap().items.into_iter().next();
        match found {
            Some(deployment) if self.generation != deployment.metadata.generation => {
                self.stop_operator().await;
                self.run_pod_of(&deployment).await;
                self.generation = deployment.metadata.generation;
            }
            None if self.generation.is_some() => {
                self.stop_operator().await;
                self.generation = None;
            }
            _ => {}
        }
    }

    async fn run_pod_of(&mut self, deployment: &Deployment) {
        let namespace = deployment.namespace().unwrap();
        let object = serde_json::to_value(deployment).unwrap();
        let container = &object["spec"]["template"]["spec"]["containers"][0];
        let account = User::service_account(NAMESPACE, NAME).name;
        let kubeconfig = self.plane.kubeconfig(&account).unwrap();
        let mut launch = self.launch().args(arguments_of(container));
        for (name, value) in environment_of(container, (&namespace, &format!("{NAME}-0"))) {
            launch = launch.env(name, value);
        }
        let launch = launch.arg("--kubeconfig").arg(kubeconfig).args(self.endpoint());
        let operator = Operator::launch(&launch).await;
        let ready = format!("http://{}/readyz", operator.health);
        crate::harness::until("the operator is ready", || async {
            reqwest::get(&ready).await.is_ok_and(|answer| answer.status().is_success())
        })
        .await;
        self.operator = Some(operator);
        let status = json!({"status": {"observedGeneration": deployment.metadata.generation, "replicas": 1,
            "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}});
        let deployments: Api<Deployment> = Api::namespaced(self.client.clone(), &namespace);
        let parameters = PatchParams::default();
        deployments.patch_status(&deployment.name_any(), &parameters, &Patch::Merge(&status)).await.unwrap();
    }

    /// The id of the ticket field that the operator made last, in any account.
    pub(crate) fn field_id(&self) -> String {
        let state = self.desk.zendesk.state();
        let fields = state["accounts"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|account| account["ticket_fields"].as_array());
        let ours = fields
            .flatten()
            .filter(|field| field["title"].as_str().is_some_and(|title| title.starts_with("WhatsApp ")));
        ours.filter_map(|field| field["id"].as_u64()).max().expect("no ticket field was made yet").to_string()
    }

    /// The last lines of the operator's log.
    pub(crate) fn log_tail(&self) -> String {
        self.operator.as_ref().map(|operator| operator.log_tail(4)).unwrap_or_default()
    }

    /// Where a file of the reader is.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.work().join(Path::new(name))
    }
}
