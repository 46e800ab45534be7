//! Where an adapter may be and whom it must show itself as: private addresses only behind a flag and a cluster account,
//! its certificate from a public authority or the one that the account names. What is refused is not even connected to.

use sandbox::adapter::{Adapter, HMAC_KEY, TOKEN};
use serde_json::{Value, json};

use crate::adapter::{HOST, account, credentials, spec};
use crate::harness::{
    Authority, Certificate, Cluster, STORE, Store, TlsFront, Watches, World, secret, until,
};

/// An address that a name may stand for.
const PUBLIC: &str = "104.16.51.111";
/// An address inside of a private network.
const PRIVATE: &str = "10.96.0.7";

struct Reached {
    world: World,
    adapter: Adapter,
    authority: Authority,
    front: TlsFront,
}

impl Reached {
    /// The adapter behind TLS, with a certificate of an authority that nobody knows. Its name stands for `address`.
    async fn at(address: &str, world: World) -> Self {
        let authority = Authority::new();
        Self::with((address, Certificate::For(HOST)), (authority, world)).await
    }

    async fn with(
        (address, certificate): (&str, Certificate<'_>),
        (authority, mut world): (Authority, World),
    ) -> Self {
        let adapter = Adapter::start().await.unwrap();
        let front = TlsFront::before(adapter.address(), (&authority, certificate)).await;
        world.flags = world.flags.clone().with(&["--resolve", &stands_for(address)]);
        world.apply(credentials(json!({"host": HOST, "token": TOKEN, "hmacKey": HMAC_KEY}))).await;
        let trusted = json!({"ca.crt": authority.pem()});
        world.apply(secret("adapter-authority", "humansupport.dev/credentials", trusted)).await;
        Self { world, adapter, authority, front }
    }

    fn account(&self) -> Value {
        account(&format!("https://{HOST}:{}", self.front.port))
    }

    /// The account as it is with the authority of the adapter.
    fn account_with_authority(&self) -> Value {
        let mut account = self.account();
        account["spec"]["external"]["caBundleSecretRef"] = json!({"name": "adapter-authority"});
        account
    }

    /// Starts the operator with a store that stalls with this reason; the store, and what it says.
    async fn refused(&mut self, reason: &str) -> (Store, String) {
        self.world.start_operator().await;
        let store = self.world.store(STORE, spec());
        store.apply().await;
        let said = store.until_stalled(reason).await;
        (store, said)
    }

    fn assert_nothing_was_sent(&self) {
        assert_eq!(self.adapter.ledger().entries().len(), 0, "no request came through");
    }
}

fn stands_for(address: &str) -> String {
    format!("{HOST}={address}@127.0.0.1")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_of_a_private_authority_is_refused_until_the_account_names_that_authority() {
    let mut reached = Reached::at(PUBLIC, World::new().await).await;
    reached.world.apply(reached.account()).await;
    let (store, said) = reached.refused("CertificateNotTrusted").await;
    assert!(said.contains("`spec.external.caBundleSecretRef`"), "{said}");
    assert!(reached.front.connections() > 0, "it was connected to");
    reached.assert_nothing_was_sent();
    reached.world.apply(reached.account_with_authority()).await;
    store.settle().await;
    assert_eq!(reached.adapter.state()["agents"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_over_or_of_another_host_is_refused_from_a_trusted_authority_too() {
    for certificate in [Certificate::OverFor(HOST), Certificate::For("another.example")] {
        let world = World::new().await;
        let mut reached = Reached::with((PUBLIC, certificate), (Authority::new(), world)).await;
        reached.world.apply(reached.account_with_authority()).await;
        let (_, said) = reached.refused("CertificateNotTrusted").await;
        assert!(said.contains("valid now, name the host"), "{certificate:?}: {said}");
        reached.assert_nothing_was_sent();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_cannot_be_used_is_told_and_used_once_it_can() {
    let mut reached = Reached::at(PUBLIC, World::new().await).await;
    let kind = "humansupport.dev/credentials";
    reached.world.apply(secret("adapter-authority", kind, json!({"ca.pem": reached.authority.pem()}))).await;
    reached.world.delete("Secret", "adapter-authority").await;
    reached.world.apply(secret("adapter-authority", kind, json!({"ca.pem": reached.authority.pem()}))).await;
    reached.world.apply(reached.account_with_authority()).await;
    let (store, said) = reached.refused("SecretInvalid").await;
    assert!(said.contains("`ca.crt`"), "{said}");
    assert_eq!(reached.front.connections(), 0, "without it nothing is connected to");
    reached.world.apply(secret("adapter-authority", kind, json!({"ca.crt": reached.authority.pem()}))).await;
    store.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespaced_account_does_not_reach_a_private_address_whatever_the_flag_says() {
    let mut reached = Reached::at(PRIVATE, World::new().await).await;
    reached.world.flags = reached.world.flags.clone().with(&["--adapter-cidr", "10.0.0.0/8"]);
    reached.world.apply(reached.account_with_authority()).await;
    let (_, said) = reached.refused("AccountNotAllowed").await;
    assert!(said.contains("ClusterHelpdeskAccount"), "{said}");
    assert_eq!(reached.front.connections(), 0, "nobody even tried");
}

/// Starts the operator anew with these flags beside the others.
async fn restart_with(world: &mut World, flags: &[&str]) {
    if world.operator.is_some() {
        world.stop_operator().await;
    }
    let before = world.flags.clone();
    world.flags = before.clone().with(flags);
    world.start_operator().await;
    world.flags = before;
}

/// The adapter as the account of the whole cluster, and a store that uses it.
async fn of_the_cluster(reached: &Reached) -> Store {
    let mut account = reached.account_with_authority();
    account["kind"] = json!("ClusterHelpdeskAccount");
    account["spec"]["allowedNamespaces"] = json!({});
    reached.world.cluster.apply(&account, "tests").await.unwrap();
    let mut spec = spec();
    spec["accountRef"]["kind"] = json!("ClusterHelpdeskAccount");
    let store = reached.world.store(STORE, spec);
    store.apply().await;
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_account_reaches_a_private_address_behind_the_flag_for_its_network_and_no_other() {
    let (_plane, cluster) = Cluster::own().await;
    let mut world = World::in_cluster(cluster).await;
    world.flags.watches = Watches::Everything;
    let mut reached = Reached::at(PRIVATE, world).await;
    let store = of_the_cluster(&reached).await;
    for flags in [vec![], vec!["--adapter-cidr", "10.0.0.0/12"]] {
        restart_with(&mut reached.world, &flags).await;
        // The status of the operator before this one says the same, so what is awaited is this one's round.
        reached.world.until_rounds_finished(1).await;
        let said = store.until_stalled("AccountNotAllowed").await;
        assert!(said.contains("`--adapter-cidr`") && said.contains("not public"), "{said}");
        assert_eq!(reached.front.connections(), 0, "nobody even tried");
    }
    restart_with(&mut reached.world, &["--adapter-cidr", "10.96.0.0/12"]).await;
    store.settle().await;
    assert!(reached.front.connections() > 0);
    assert_eq!(reached.adapter.state()["agents"].as_array().unwrap().len(), 2);
    a_name_that_turns_to_other_addresses_is_not_followed(&mut reached, &store).await;
}

/// The name stands for the metadata server and this machine now (a rebound name), beside nothing that is allowed.
async fn a_name_that_turns_to_other_addresses_is_not_followed(reached: &mut Reached, store: &Store) {
    let writes = reached.adapter.writes().len();
    let before = reached.front.connections();
    let own = reached.world.flags.clone();
    reached.world.flags.extra.retain(|flag| *flag != stands_for(PRIVATE) && flag != "--resolve");
    let rebound = ["--resolve", &stands_for("169.254.169.254"), "--resolve", &stands_for("127.0.0.1")];
    reached.world.flags = reached.world.flags.clone().with(&rebound);
    restart_with(&mut reached.world, &["--adapter-cidr", "10.96.0.0/12"]).await;
    let said = store.until_stalled("AccountNotAllowed").await;
    assert!(said.contains("not public"), "{said}");
    assert_eq!(reached.front.connections(), before, "nobody even tried");
    // With one allowed address among them, that one alone is used.
    reached.world.flags.extra.extend(["--resolve".to_owned(), stands_for(PRIVATE)]);
    restart_with(&mut reached.world, &["--adapter-cidr", "10.96.0.0/12"]).await;
    store.settle().await;
    until("a connection", || async { reached.front.connections() > before }).await;
    assert_eq!(reached.adapter.writes().len(), writes, "the desk is as it was");
    reached.world.flags = own;
}
