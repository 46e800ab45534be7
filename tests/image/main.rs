//! The image, where no container engine runs: the static binary of each processor in an empty root directory.
//!
//! Each binary is compiled as the Dockerfile compiles it, put into a folder as its last stage says, and started there as
//! the Deployment of the plain manifest would start it, against a real API server. A processor that is not this machine's
//! is emulated. Built with the feature `image-checks`: it needs Rust's musl targets, the other processor's C compiler and
//! Debian's `qemu-user-static`, all of which `CI_STEPS="install image" .ci/run` installs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod binary;
mod dockerfile;
#[allow(dead_code, unused_imports, reason = "the acceptance tests use the rest")]
#[path = "../operator/harness/mod.rs"]
mod harness;
mod installation;
mod network;
mod recipe;
mod release;
mod root;

use std::path::Path;

use sandbox::adapter::{Adapter, HMAC_KEY, TOKEN};
use sandbox::control_plane::{Assets, Program};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use binary::Elf;
use dockerfile::Dockerfile;
use harness::{Authority, Certificate, HANDLER_HOST, STORE, Store, TlsFront, handler_token, secret, small};
use installation::Installation;
use root::Root;

/// The name of the adapter, as a service of a cluster has it.
const HOST: &str = "desk-adapter.support.svc";

/// The namespace of the store.
const STORES: &str = "store-loja-centro";

/// The flags that `extraCa` and `adapterCidrs` of the chart become.
const CA_FILE: &str = "/etc/humansupport/ca/ca.crt";
const NETWORK: &str = "--adapter-cidr=10.96.0.0/12";

/// Compiles the binary of a processor, looks at it, and runs the test again where it may start it.
async fn compile_and_start(processor: &str, test: &str) {
    let dockerfile = Dockerfile::read();
    if let Some(binary) = network::binary_given() {
        return start(&dockerfile, processor, &binary).await;
    }
    let binary = binary::compiled(&dockerfile, processor);
    let machine = match processor {
        "amd64" => "Advanced Micro Devices X86-64",
        "arm64" => "AArch64",
        other => panic!("no name of {other} is known"),
    };
    let alone = Elf { machine: machine.to_owned(), interpreter: None, libraries: Vec::new() };
    assert_eq!(Elf::of(&binary), alone, "an empty image has neither a loader nor a library");
    // There is no way to a registry inside.
    Assets::from_environment().locate(&[Program::Etcd, Program::KubeApiserver]).await.unwrap();
    network::run_inside(test, binary);
}

async fn start(dockerfile: &Dockerfile, processor: &str, binary: &Path) {
    let root = Root::of(dockerfile, processor, binary);
    let mut expected = dockerfile.copies().into_iter().map(|copied| copied.target).collect::<Vec<_>>();
    expected.extend(root.is_emulated().then(|| root::EMULATOR.to_owned()));
    expected.sort();
    assert_eq!(root.files(), expected);

    let installation = Installation::new().await;
    installation.mount_into(&root, HOST).await;
    let (adapter, authority) = (Adapter::start().await.unwrap(), Authority::new());
    let listener = TcpListener::bind((network::ADDRESS, 443)).await.unwrap();
    let secure = TlsFront::listening(listener, adapter.address(), (&authority, Certificate::For(HOST)));
    root.mount(CA_FILE, &authority.pem());
    let store = declare(&installation).await;

    // The authority is there, but nothing names it.
    let mut container = installation.start(&root, &[NETWORK]);
    assert!(installation.until_ready(&mut container).await.contains("lead"));
    assert_eq!(container.rights(), (vec![65532; 4], 0), "nobody, without any right of the system");
    assert!(container.is_confined());
    let said = store.until_stalled("CertificateNotTrusted").await;
    assert!(said.contains("--ca-file"), "{said}");
    let handshakes = secure.handshakes();
    assert!(!handshakes.is_empty(), "it came as far as the certificate");
    for handshake in handshakes {
        assert_eq!(handshake, Err("received fatal alert: UnknownCA".to_owned()));
    }
    assert!(adapter.ledger().entries().is_empty(), "nothing was sent");
    assert_eq!(container.stop().await, Some(0), "{}", container.log_tail());

    let mut container = installation.start(&root, &[NETWORK, &format!("--ca-file={CA_FILE}")]);
    installation.until_ready(&mut container).await;
    store.until_ready().await;
    assert!(secure.handshakes().contains(&Ok(HOST.to_owned())), "{:?}", secure.handshakes());
    let emails = |agents: &Value| -> Vec<Value> {
        agents.as_array().unwrap().iter().map(|agent| agent["email"].clone()).collect()
    };
    assert_eq!(emails(&adapter.state()["agents"]), emails(&store.spec["agents"]));
    assert!(adapter.ledger().entries().iter().all(|entry| entry.status == Some(200)));
    assert_eq!(container.stop().await, Some(0), "{}", container.log_tail());
}

/// An account for the adapter, and a store that uses it.
async fn declare(installation: &Installation) -> Store {
    let keys = json!({"host": HOST, "token": TOKEN, "hmacKey": HMAC_KEY});
    let keys = secret("adapter-credentials", "humansupport.dev/credentials", keys);
    installation.apply(keys, installation.namespace()).await;
    // An adapter in a private network is for accounts of the whole cluster.
    let account = json!({
        "apiVersion": "humansupport.dev/v1alpha1", "kind": "ClusterHelpdeskAccount", "metadata": {"name": "adapter"},
        "spec": {
            "external": {"url": format!("https://{HOST}")},
            "credentialsSecretRef": {"name": "adapter-credentials"},
            "limits": {"requestsPerMinute": 100_000, "profiles": ["Agent"], "webhookHosts": [HANDLER_HOST]},
            "allowedNamespaces": {"matchLabels": {"kubernetes.io/metadata.name": STORES}},
        },
    });
    installation.cluster.apply(&account, "tests").await.unwrap();
    installation.cluster.namespace(STORES).await;
    installation.apply(handler_token(), STORES).await;
    let mut spec = small();
    spec["accountRef"] = json!({"kind": "ClusterHelpdeskAccount", "name": "adapter"});
    let store = Store::new(&installation.cluster, (STORES, STORE), spec);
    store.apply().await;
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn amd64_serves_in_an_empty_root_and_trusts_the_authority_that_is_given() {
    let name = "amd64_serves_in_an_empty_root_and_trusts_the_authority_that_is_given";
    compile_and_start("amd64", name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn arm64_serves_in_an_empty_root_and_trusts_the_authority_that_is_given() {
    let name = "arm64_serves_in_an_empty_root_and_trusts_the_authority_that_is_given";
    compile_and_start("arm64", name).await;
}
