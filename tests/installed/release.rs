//! A release of the chart in a cluster of its own, and the process that its pod would run.
//!
//! Must not: know a right, a value or a default of the chart; all of them are read back from the API server.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Output};

use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::{DynamicObject, PostParams};
use kube::core::GroupVersionKind;
use kube::discovery::Scope;
use kube::{Api, ResourceExt};
use sandbox::control_plane::{ADMIN, ControlPlane, Options, User};
use sandbox::process::{Launch, OwnedFolder};
use serde_json::Value;

use crate::chart::CHART;
use crate::chart::render::{NAMESPACE, Right, granted, objects, only};
use crate::chart::tools::tool;
use crate::container::{arguments_of, environment_of};
use crate::harness::{Cluster, Desk, Operator, until};

/// The name of the release.
pub(crate) const RELEASE: &str = "hso";

/// The ServiceAccount that the chart gives to a release of this name.
const ACCOUNT: &str = "hso-human-support-operator";

/// A cluster with the chart installed.
pub(crate) struct Release {
    /// The API server, seen by its administrator.
    pub(crate) cluster: Cluster,
    plane: ControlPlane,
    folder: OwnedFolder,
}

impl Release {
    /// An empty cluster, and the chart of `source` installed into it.
    pub(crate) async fn install(source: &str) -> Self {
        let user = User::service_account(NAMESPACE, ACCOUNT);
        // Naming the user has the API server record its reads too; the process gets a token of its own.
        let plane = ControlPlane::start(Options::new().user(user.clone())).await.unwrap();
        let cluster = Cluster::of(&plane, &user.name).await;
        let release = Self { cluster, plane, folder: OwnedFolder::temporary("installed").unwrap() };
        release.helm(&["install", RELEASE, source, "--create-namespace"]);
        release.until_served().await;
        release
    }

    /// Helm does not wait until definitions are served and described; a pod takes longer to start than that.
    async fn until_served(&self) {
        until("the API server describes and serves the three kinds", || async {
            let described = hyper::Request::get("/openapi/v3/apis/humansupport.dev/v1alpha1");
            let text = self.cluster.client.request_text(described.body(Vec::new()).unwrap()).await;
            let mut ready = text.is_ok();
            for kind in ["HumanSupportConfig", "HelpdeskAccount", "ClusterHelpdeskAccount"] {
                let api = self.cluster.api(kind, None);
                ready &= text.as_ref().is_ok_and(|text| text.contains(&format!("\"kind\":\"{kind}\"")));
                ready &= api.list(&kube::api::ListParams::default()).await.is_ok();
            }
            ready
        })
        .await;
    }

    /// The chart of this repository, installed.
    pub(crate) async fn of_this_chart() -> Self {
        Self::install(CHART).await
    }

    /// Runs Helm as the administrator.
    #[track_caller]
    pub(crate) fn helm(&self, arguments: &[&str]) -> String {
        let kubeconfig = self.plane.kubeconfig(ADMIN).unwrap();
        let fixed = ["--kubeconfig", kubeconfig.to_str().unwrap(), "--namespace", NAMESPACE];
        tool("helm", arguments.iter().copied().chain(fixed)).good()
    }

    /// What Helm installed.
    pub(crate) fn manifest(&self) -> Vec<Value> {
        objects(&self.helm(&["get", "manifest", RELEASE]))
    }

    /// What the operator's roles grant; roles for people are left out.
    pub(crate) fn granted(&self) -> BTreeSet<Right> {
        granted(&self.manifest())
    }

    /// What the operator asked the API server for since it was installed, refused requests left out.
    pub(crate) fn used(&self) -> BTreeSet<Right> {
        let user = User::service_account(NAMESPACE, ACCOUNT).name;
        let events = self.plane.audit().events().unwrap();
        let granted = events.iter().filter(|event| event.is_by(&user) && event.code() != 403);
        granted
            .filter_map(|event| {
                let group = event.object_ref.as_ref()?.api_group.clone();
                Some(Right { group, resource: event.resource(), verb: event.verb.clone() })
            })
            .collect()
    }

    /// Requests of the operator that the API server refused for want of a right.
    pub(crate) fn refused(&self) -> Vec<String> {
        let user = User::service_account(NAMESPACE, ACCOUNT).name;
        let events = self.plane.audit().events().unwrap();
        let refused = events.iter().filter(|event| event.is_by(&user) && event.code() == 403);
        refused.map(|event| format!("{} {}", event.verb, event.request_uri)).collect()
    }

    /// Starts the process of the Deployment's only container, towards a simulated helpdesk.
    pub(crate) async fn start_operator(&self, desk: &Desk) -> Operator {
        let deployment = self.manifest();
        let container = &only(&deployment, "Deployment")["spec"]["template"]["spec"]["containers"][0];
        self.start_container(container, desk).await
    }

    async fn start_container(&self, container: &Value, desk: &Desk) -> Operator {
        let log = self.folder.path().join(format!("operator-{:08x}.log", rand::random::<u32>()));
        let mut launch = Launch::new(env!("CARGO_BIN_EXE_humansupport"), log).args(arguments_of(container));
        for (name, value) in environment_of(container, (NAMESPACE, &format!("{ACCOUNT}-0"))) {
            launch = launch.env(name, value);
        }
        let kubeconfig = self.service_account_kubeconfig().await;
        let endpoint = format!("zendesk.com={}", desk.zendesk.address());
        // What a pod has from Kubernetes and from the world: the API server's address and token, and a helpdesk.
        let launch = launch.arg("--kubeconfig").arg(kubeconfig).args(["--loopback-endpoint", &endpoint]);
        Operator::launch(&launch).await
    }

    /// Runs the Pod of `helm test` as a process, with the rights of the release; no helpdesk is reachable.
    pub(crate) async fn run_helm_test(&self) -> Output {
        let hooks = objects(&self.helm(&["get", "hooks", RELEASE]));
        let container = &only(&hooks, "Pod")["spec"]["containers"][0];
        Command::new(env!("CARGO_BIN_EXE_humansupport"))
            .args(arguments_of(container))
            .env_remove("KUBERNETES_SERVICE_HOST")
            .envs(environment_of(container, (NAMESPACE, &format!("{ACCOUNT}-test"))))
            // In a pod, the same address and token are files that Kubernetes mounts.
            .env("KUBECONFIG", self.service_account_kubeconfig().await)
            .output()
            .unwrap()
    }

    /// A kubeconfig with a token that the API server issued for the ServiceAccount of the release.
    pub(crate) async fn service_account_kubeconfig(&self) -> PathBuf {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.cluster.client.clone(), NAMESPACE);
        let request = TokenRequest { spec: TokenRequestSpec::default(), ..TokenRequest::default() };
        let issued = accounts.create_token_request(ACCOUNT, &PostParams::default(), &request).await.unwrap();
        let text = std::fs::read_to_string(self.plane.kubeconfig(ADMIN).unwrap()).unwrap();
        let mut kubeconfig = objects(&text).remove(0);
        kubeconfig["users"][0]["user"]["token"] = issued.status.unwrap().token.into();
        let path = self.folder.path().join("service-account.kubeconfig");
        std::fs::write(&path, kubeconfig.to_string()).unwrap();
        path
    }

    /// The object of a manifest as the API server has it now.
    pub(crate) async fn read(&self, manifest: &Value) -> Option<Value> {
        let object: DynamicObject = serde_json::from_value(manifest.clone()).unwrap();
        let kind = GroupVersionKind::try_from(object.types.as_ref().unwrap()).unwrap();
        let (resource, capabilities) =
            kube::discovery::pinned_kind(&self.cluster.client, &kind).await.unwrap();
        let client = self.cluster.client.clone();
        let api: Api<DynamicObject> = match (capabilities.scope, object.namespace()) {
            (Scope::Cluster, _) => Api::all_with(client, &resource),
            (Scope::Namespaced, None) => Api::namespaced_with(client, NAMESPACE, &resource),
            (Scope::Namespaced, Some(namespace)) => Api::namespaced_with(client, &namespace, &resource),
        };
        let found = api.get_opt(&object.name_any()).await.unwrap();
        found.map(|found| serde_json::to_value(found).unwrap())
    }

    /// Which objects of a manifest the API server still has.
    pub(crate) async fn still_there(&self, manifest: &[Value]) -> Vec<String> {
        let mut found = Vec::new();
        for object in manifest {
            if self.read(object).await.is_some() {
                found.push(format!("{} {}", object["kind"], object["metadata"]["name"]));
            }
        }
        found
    }
}
