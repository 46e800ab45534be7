//! The cluster of a test: a real API server with the resource types installed and the operator's rights granted.
//!
//! One control plane serves all tests of the binary; each test has a namespace of its own. A second one stands for
//! another cluster. Must not: know what a test is about.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::GroupVersionKind;
use kube::discovery::ApiResource;
use kube::{Client, Error};
use sandbox::control_plane::{
    ADMIN, AuditEvent, AuditLog, ControlPlane, Gate, Options, User, apply, install_crds, parse_manifests,
    workspace,
};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// The API server's user of every operator process.
pub(crate) const OPERATOR: &str = "operator";

/// A user without rights of its own: a test grants them in its namespace, and takes them away.
pub(crate) const CURTAILED: &str = "curtailed";

/// How long the types may take to be served to the operator.
const SERVED_LIMIT: Duration = Duration::from_secs(20);

static HOME: OnceCell<ControlPlane> = OnceCell::const_new();
static ELSEWHERE: OnceCell<ControlPlane> = OnceCell::const_new();
static PLATFORM: OnceCell<ControlPlane> = OnceCell::const_new();

/// Who may do what: the role is the sandbox's, the binding is the tests' own.
const BINDING: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: operators-under-test}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: humansupport}
subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: operator}]
";

/// An API server as one test sees it.
#[derive(Clone)]
pub(crate) struct Cluster {
    /// A client of the administrator.
    pub(crate) client: Client,
    /// The operator's kubeconfig.
    pub(crate) kubeconfig: PathBuf,
    /// The administrator's kubeconfig, for what people run.
    pub(crate) admin_kubeconfig: PathBuf,
    audit: AuditLog,
}

impl Cluster {
    /// The cluster that the tests share.
    pub(crate) async fn home() -> Self {
        Self::of(HOME.get_or_init(start).await, OPERATOR).await
    }

    /// A second cluster.
    pub(crate) async fn elsewhere() -> Self {
        Self::of(ELSEWHERE.get_or_init(start).await, OPERATOR).await
    }

    /// A gate before the shared cluster, for the operator's user.
    pub(crate) async fn gate() -> Gate {
        Gate::open(HOME.get_or_init(start).await, OPERATOR).await.unwrap()
    }

    /// The kubeconfig of the user whose rights a test grants.
    pub(crate) async fn curtailed() -> PathBuf {
        HOME.get_or_init(start).await.kubeconfig(CURTAILED).unwrap()
    }

    /// An API server of one test alone, which may stop it.
    pub(crate) async fn own() -> (ControlPlane, Self) {
        let plane = start().await;
        let cluster = Self::of(&plane, OPERATOR).await;
        (plane, cluster)
    }

    /// A third one, of a single test whose operator watches all of it.
    pub(crate) async fn of_a_platform() -> Self {
        Self::of(PLATFORM.get_or_init(start).await, OPERATOR).await
    }

    /// A control plane that the caller keeps, with the kubeconfig of one of its users.
    pub(crate) async fn of(plane: &ControlPlane, operator: &str) -> Self {
        Self {
            client: plane.client().await.unwrap(),
            kubeconfig: plane.kubeconfig(operator).unwrap(),
            admin_kubeconfig: plane.kubeconfig(ADMIN).unwrap(),
            audit: plane.audit(),
        }
    }

    /// Applies one object as a field manager; the API server's refusal is the error.
    pub(crate) async fn apply(&self, object: &Value, manager: &str) -> Result<Value, Error> {
        let kind = object["kind"].as_str().unwrap();
        let api = self.api(kind, object["metadata"]["namespace"].as_str());
        let name = object["metadata"]["name"].as_str().unwrap();
        let parameters = PatchParams::apply(manager).force();
        let applied = api.patch(name, &parameters, &Patch::Apply(object)).await?;
        Ok(serde_json::to_value(applied).unwrap())
    }

    /// The interface of one of our kinds, or of a kind of the core.
    pub(crate) fn api(&self, kind: &str, namespace: Option<&str>) -> Api<DynamicObject> {
        let (group, version, plural) = match kind {
            "HumanSupportConfig" => ("humansupport.dev", "v1alpha1", "humansupportconfigs"),
            "HelpdeskAccount" => ("humansupport.dev", "v1alpha1", "helpdeskaccounts"),
            "ClusterHelpdeskAccount" => ("humansupport.dev", "v1alpha1", "clusterhelpdeskaccounts"),
            "Secret" => ("", "v1", "secrets"),
            "ConfigMap" => ("", "v1", "configmaps"),
            "Namespace" => ("", "v1", "namespaces"),
            "Event" => ("events.k8s.io", "v1", "events"),
            "CoreEvent" => ("", "v1", "events"),
            "Role" => ("rbac.authorization.k8s.io", "v1", "roles"),
            "RoleBinding" => ("rbac.authorization.k8s.io", "v1", "rolebindings"),
            "Lease" => ("coordination.k8s.io", "v1", "leases"),
            "CustomResourceDefinition" => ("apiextensions.k8s.io", "v1", "customresourcedefinitions"),
            other => panic!("the harness does not know the kind {other}"),
        };
        let kind = if kind == "CoreEvent" { "Event" } else { kind };
        let resource =
            ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, kind), plural);
        match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        }
    }

    /// All objects of a kind in a namespace, as JSON.
    pub(crate) async fn list(&self, kind: &str, namespace: &str) -> Vec<Value> {
        let list = self.api(kind, Some(namespace)).list(&kube::api::ListParams::default()).await.unwrap();
        list.items.iter().map(|item| serde_json::to_value(item).unwrap()).collect()
    }

    /// A position of the audit log.
    pub(crate) fn audit_mark(&self) -> u64 {
        self.audit.position().unwrap()
    }

    /// The operator's writes in a namespace since a position of the audit log.
    pub(crate) fn operator_writes(&self, mark: u64, namespace: &str) -> Vec<AuditEvent> {
        let mut events = self.operator_requests(mark, namespace);
        events.retain(AuditEvent::is_write);
        events
    }

    /// The operator's requests in a namespace since a position of the audit log, under either of its users.
    pub(crate) fn operator_requests(&self, mark: u64, namespace: &str) -> Vec<AuditEvent> {
        let mut events = self.audit.events_since(mark).unwrap();
        events.retain(|event| {
            let here = event.object_ref.as_ref().is_some_and(|object| object.namespace == namespace);
            here && (event.is_by(OPERATOR) || event.is_by(CURTAILED))
        });
        events
    }

    /// The operator's last requests in a namespace, for a failure's message.
    pub(crate) fn last_operator_requests(&self, namespace: &str, number: usize) -> String {
        let Ok(events) = self.audit.events() else { return String::new() };
        let mine =
            events.iter().filter(|event| event.is_by(OPERATOR) && event.request_uri.contains(namespace));
        let line = |event: &AuditEvent| {
            let (at, verb, uri) = (&event.request_received_timestamp, &event.verb, &event.request_uri);
            format!("  {at} {verb} {uri} → {} {}", event.code(), event.stage)
        };
        let lines: Vec<String> = mine.map(line).collect();
        lines[lines.len().saturating_sub(number)..].join("\n")
    }

    /// Creates a namespace, and waits until it is there.
    pub(crate) async fn namespace(&self, name: &str) {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        self.apply(&namespace, "tests").await.unwrap();
    }
}

async fn start() -> ControlPlane {
    let options = Options::new().user(User::new(OPERATOR)).user(User::new(CURTAILED));
    let plane = ControlPlane::start(options).await.unwrap();
    prepare(&plane).await;
    plane
}

/// Installs the types and grants the rights.
async fn prepare(plane: &ControlPlane) {
    let client = plane.client().await.unwrap();
    install_crds(&client, &workspace().join("crds")).await.unwrap();
    let role = std::fs::read_to_string(workspace().join("sandbox/src/demo/rights.yaml")).unwrap();
    for object in parse_manifests(&role).unwrap().iter().chain(&parse_manifests(BINDING).unwrap()) {
        let kind = object.types.as_ref().map(|types| types.kind.clone()).unwrap_or_default();
        if kind.starts_with("Cluster") {
            apply(&client, object, "tests").await.unwrap();
        }
    }
    wait_served(&plane.client_of(OPERATOR).await.unwrap()).await;
}

/// A type that is established may still be unknown to the API server's own routes for a moment, and a right that was
/// granted to its authorizer.
async fn wait_served(client: &Client) {
    for (kind, plural) in
        [("HumanSupportConfig", "humansupportconfigs"), ("HelpdeskAccount", "helpdeskaccounts")]
    {
        let kind = GroupVersionKind::gvk("humansupport.dev", "v1alpha1", kind);
        let resource = ApiResource::from_gvk_with_plural(&kind, plural);
        let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), "default", &resource);
        let started = Instant::now();
        while let Err(error) = api.list(&kube::api::ListParams::default()).await {
            assert!(started.elapsed() < SERVED_LIMIT, "the API server does not serve {plural}: {error}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
