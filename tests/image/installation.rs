//! The plain manifest in a real API server, and what a pod of its Deployment is given.
//!
//! Why it exists: the container is started as the Deployment would start it; the kubelet's part is done here. Must not:
//! know an argument, a port or a path of the Deployment; all of them are read from the manifest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::Api;
use kube::api::PostParams;
use sandbox::control_plane::{ADMIN, ControlPlane, Options, apply, install_crds, parse_manifests, workspace};
use serde_json::{Value, json};

use crate::harness::{Cluster, LIMIT};
use crate::network::ADDRESS;
use crate::root::{Container, Root};

/// Where Kubernetes mounts the credentials of a ServiceAccount.
const CREDENTIALS: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// A cluster with the plain manifest applied.
pub(crate) struct Installation {
    /// The API server, seen by its administrator.
    pub(crate) cluster: Cluster,
    plane: ControlPlane,
    deployment: Value,
}

/// The Deployment of the plain manifest.
pub(crate) fn deployment() -> Value {
    let text = std::fs::read_to_string(workspace().join("deploy/human-support-operator.yaml")).unwrap();
    let objects = parse_manifests(&text).unwrap();
    let is_it = |object: &&kube::api::DynamicObject| object.types.as_ref().unwrap().kind == "Deployment";
    serde_json::to_value(objects.iter().find(is_it).unwrap()).unwrap()
}

impl Installation {
    pub(crate) async fn new() -> Self {
        let plane = ControlPlane::start(Options::new()).await.unwrap();
        let cluster = Cluster::of(&plane, ADMIN).await;
        install_crds(&cluster.client, &workspace().join("crds")).await.unwrap();
        let text = std::fs::read_to_string(workspace().join("deploy/human-support-operator.yaml")).unwrap();
        for object in parse_manifests(&text).unwrap() {
            if object.types.as_ref().unwrap().kind != "CustomResourceDefinition" {
                apply(&cluster.client, &object, "tests").await.unwrap();
            }
        }
        Self { cluster, plane, deployment: deployment() }
    }

    /// The namespace of the operator.
    pub(crate) fn namespace(&self) -> &str {
        self.deployment["metadata"]["namespace"].as_str().unwrap()
    }

    /// The only container of the pod.
    fn container(&self) -> &Value {
        &self.deployment["spec"]["template"]["spec"]["containers"][0]
    }

    /// Mounts what Kubernetes gives every pod: the credentials of its ServiceAccount, and names.
    pub(crate) async fn mount_into(&self, root: &Root, host: &str) {
        let name = self.deployment["spec"]["template"]["spec"]["serviceAccountName"].as_str().unwrap();
        let accounts: Api<ServiceAccount> = Api::namespaced(self.cluster.client.clone(), self.namespace());
        let request = TokenRequest { spec: TokenRequestSpec::default(), ..TokenRequest::default() };
        let issued = accounts.create_token_request(name, &PostParams::default(), &request).await.unwrap();
        root.mount(&format!("{CREDENTIALS}/token"), &issued.status.unwrap().token);
        root.mount(&format!("{CREDENTIALS}/namespace"), self.namespace());
        root.mount(&format!("{CREDENTIALS}/ca.crt"), &self.authority());
        // In a cluster its DNS service answers for the names of services.
        root.mount("/etc/hosts", &format!("127.0.0.1 localhost\n{ADDRESS} {host}\n"));
    }

    /// The certificates that the API server's own is checked against, in PEM.
    fn authority(&self) -> String {
        let text = std::fs::read_to_string(self.plane.kubeconfig(ADMIN).unwrap()).unwrap();
        let kubeconfig: Value = serde_saphyr::from_str(&text).unwrap();
        let encoded = kubeconfig["clusters"][0]["cluster"]["certificate-authority-data"].as_str().unwrap();
        String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
    }

    /// Starts the container of the Deployment, with further arguments.
    pub(crate) fn start(&self, root: &Root, further: &[&str]) -> Container {
        let words = self.container()["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
        let arguments: Vec<String> = words.chain(further.iter().copied()).map(str::to_owned).collect();
        // An image by itself does what the Deployment says in words.
        assert_eq!(root.default_arguments(), &arguments[..1]);
        root.start(&arguments, &self.environment())
    }

    /// The environment, with what the kubelet fills in and what every pod gets.
    fn environment(&self) -> Vec<(String, String)> {
        let value = |variable: &Value| match variable["valueFrom"]["fieldRef"]["fieldPath"].as_str() {
            Some("metadata.namespace") => self.namespace().to_owned(),
            Some("metadata.name") => "human-support-operator-0".to_owned(),
            other => panic!("the kubelet of this test does not know {other:?}"),
        };
        let declared = self.container()["env"].as_array().unwrap().iter();
        let address = self.plane.address();
        let (host, port) = address.strip_prefix("https://").unwrap().split_once(':').unwrap();
        let of_every_pod = [("KUBERNETES_SERVICE_HOST", host), ("KUBERNETES_SERVICE_PORT", port)];
        declared
            .map(|variable| (variable["name"].as_str().unwrap().to_owned(), value(variable)))
            .chain(of_every_pod.map(|(name, value)| (name.to_owned(), value.to_owned())))
            .collect()
    }

    /// Waits until the readiness probe of the Deployment succeeds; gives the answer.
    pub(crate) async fn until_ready(&self, container: &mut Container) -> String {
        let probe = &self.container()["readinessProbe"]["httpGet"];
        let named =
            self.container()["ports"].as_array().unwrap().iter().find(|one| one["name"] == probe["port"]);
        let port = &named.unwrap()["containerPort"];
        let url = format!("http://127.0.0.1:{port}{}", probe["path"].as_str().unwrap());
        let started = std::time::Instant::now();
        loop {
            if let Ok(answer) = reqwest::get(&url).await
                && answer.status() == 200
            {
                return answer.text().await.unwrap();
            }
            assert_eq!(container.ended(), None, "{}", container.log_tail());
            assert!(started.elapsed() < LIMIT, "not ready in time:\n{}", container.log_tail());
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// Applies an object in a namespace.
    pub(crate) async fn apply(&self, mut object: Value, namespace: &str) {
        object["metadata"]["namespace"] = json!(namespace);
        self.cluster.apply(&object, "tests").await.unwrap();
    }
}
