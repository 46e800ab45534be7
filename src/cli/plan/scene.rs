//! What a plan is made from: the files, over what the cluster holds.
//!
//! A file stands for what the cluster would hold after it is applied: its spec and annotations with the identity and the
//! status of the live resource, where there is one, because history, claims and bindings are in the status.
//! Must not: change the cluster, or plan on a part of the stores without saying so.

use std::collections::BTreeSet;
use std::path::Path;

use k8s_openapi::api::core::v1::Secret;
use kube::core::NamespaceResourceScope;
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Args;
use crate::api::{ClusterHelpdeskAccount, HelpdeskAccount, HumanSupportConfig};
use crate::cli::connect::{ClusterError, Connection, Request};
use crate::cli::failure::Failure;
use crate::cli::program::Program;
use crate::cli::stores::{Selection, StoreName, Stores};
use crate::cli::validate;
use crate::controller::account::{Account, AccountId};
use crate::controller::rehearse::{Given, Scene, reading_client};
use crate::controller::{Reach, Settings};

/// Everything a rehearsal needs.
pub(super) struct Gathered {
    pub(super) client: Client,
    pub(super) settings: Settings,
    pub(super) reach: Reach,
    pub(super) scene: Scene,
    /// The stores that were asked for.
    pub(super) targets: Vec<HumanSupportConfig>,
    pub(super) notes: Vec<String>,
}

/// Gathers it.
///
/// # Errors
/// When a file, the cluster or an argument cannot be used.
pub(super) async fn gather(arguments: &Args, program: Program) -> Result<Gathered, Failure> {
    let (names, files): (Vec<String>, Vec<String>) =
        arguments.targets.iter().cloned().partition(|target| is_name(target));
    let documents = validate::documents_of(&files, program).map_err(Failure::Input)?;
    let connection = match arguments.offline {
        true => None,
        false => Some(Connection::open(&arguments.cluster, program).await.map_err(or_offline)?),
    };
    let namespace = connection.as_ref().map_or_else(
        || arguments.cluster.namespace().unwrap_or("default").to_owned(),
        |connection| connection.namespace.clone(),
    );
    let mut given = arguments.reach.given(&namespace, program)?;
    for document in &documents.others {
        given.add_namespace(document);
    }
    let declared = parse(&documents.ours, &namespace)?;
    let mut notes = Vec::new();
    let live = match &connection {
        Some(connection) => {
            let watched = arguments.reach.watch_namespace();
            read_live(connection, (&declared, &names), (watched, &mut notes)).await?
        }
        None => {
            notes.extend(offline_note(&arguments.live));
            let live = validate::documents_of(&arguments.live, program).map_err(Failure::Input)?;
            parse(&live.ours, &namespace)?
        }
    };
    let mut targets = named(&names, (&namespace, &live), connection.as_ref()).await?;
    let scene = over(live, &declared);
    let is_declared = |store: &&HumanSupportConfig| {
        declared.stores.iter().any(|declared| StoreName::of(declared) == StoreName::of(store))
    };
    targets.extend(scene.stores.iter().filter(is_declared).cloned());
    if targets.is_empty() {
        let message =
            "the files hold no HumanSupportConfig, so there is nothing to plan; name the files with stores";
        return Err(Failure::Input(message.to_owned()));
    }
    let identity = arguments.reach.identity(connection.as_ref(), installation_of(&scene).as_deref()).await?;
    if let Some(connection) = &connection {
        may_read_secrets(connection, (&scene, &targets), (arguments, &given)).await?;
    }
    Ok(Gathered {
        client: reading_client(connection.map(|connection| connection.client), given),
        settings: arguments.reach.settings(identity)?,
        reach: arguments.reach.reach()?,
        scene,
        targets,
        notes,
    })
}

/// A word that can only be the name of a resource: no file has it, and it looks like none.
fn is_name(target: &str) -> bool {
    let looks_like_a_file = target == "-"
        || target.contains('/')
        || [".yaml", ".yml", ".json"].iter().any(|end| target.ends_with(end));
    !looks_like_a_file && !Path::new(target).exists()
}

fn or_offline(error: ClusterError) -> Failure {
    match error {
        ClusterError::Unknown(_) => Failure::Input(format!(
            "{error}; or plan without a cluster with --offline, --credentials and --cluster-id"
        )),
        other => other.into(),
    }
}

fn offline_note(live: &[String]) -> Option<String> {
    live.is_empty().then(|| {
        "no cluster was asked and no --live file given: the operator's own record is not known here, so removals of stores that exist already are shown as held, and other stores of the account do not count"
            .to_owned()
    })
}

fn parse(documents: &[Value], namespace: &str) -> Result<Scene, Failure> {
    let mut scene = Scene::default();
    for document in documents {
        let kind = document["kind"].as_str().unwrap_or_default();
        match kind {
            "HumanSupportConfig" => scene.stores.push(in_namespace(read(document)?, namespace)),
            "HelpdeskAccount" => scene.accounts.push(in_namespace(read(document)?, namespace)),
            _ => scene.cluster_accounts.push(read(document)?),
        }
    }
    Ok(scene)
}

fn read<K: DeserializeOwned>(document: &Value) -> Result<K, Failure> {
    serde_json::from_value(document.clone()).map_err(|error| {
        Failure::Input(format!("a document cannot be read: {error}; check it with `validate`"))
    })
}

fn in_namespace<K: Resource<Scope = NamespaceResourceScope>>(mut object: K, namespace: &str) -> K {
    object.meta_mut().namespace.get_or_insert_with(|| namespace.to_owned());
    object
}

/// Everything that the operator sees of the cluster, or as much of it as may be read.
async fn read_live(
    connection: &Connection,
    (declared, names): (&Scene, &[String]),
    (watched, notes): (Option<&str>, &mut Vec<String>),
) -> Result<Scene, Failure> {
    let stores = read_stores(connection, (declared, names), (watched, &mut *notes)).await?;
    let mut accounts = Vec::new();
    let used = stores.iter().chain(&declared.stores).filter_map(|store| store.metadata.namespace.clone());
    for namespace in used.collect::<BTreeSet<_>>() {
        let request = Request { verb: "list", resource: "helpdeskaccounts", namespace: Some(&namespace) };
        let api: Api<HelpdeskAccount> = Api::namespaced(connection.client.clone(), &namespace);
        accounts.extend(list(connection, (api, request)).await?);
    }
    if watched.is_some() {
        return Ok(Scene { stores, accounts, cluster_accounts: Vec::new() });
    }
    let request = Request { verb: "list", resource: "clusterhelpdeskaccounts", namespace: None };
    let api: Api<ClusterHelpdeskAccount> = Api::all(connection.client.clone());
    let cluster_accounts = match list(connection, (api, request)).await {
        Ok(all) => all,
        Err(ClusterError::Forbidden { .. }) => {
            notes.push(
                "you may not list clusterhelpdeskaccounts.humansupport.dev, so only those of the files count"
                    .to_owned(),
            );
            Vec::new()
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Scene { stores, accounts, cluster_accounts })
}

async fn read_stores(
    connection: &Connection,
    (declared, names): (&Scene, &[String]),
    (watched, notes): (Option<&str>, &mut Vec<String>),
) -> Result<Vec<HumanSupportConfig>, Failure> {
    let stores = Stores::new(connection);
    if let Some(namespace) = watched {
        return Ok(stores.read(&Selection::Namespace(namespace.to_owned())).await?);
    }
    match stores.read(&Selection::Cluster).await {
        Ok(all) => Ok(all),
        Err(ClusterError::Forbidden { .. }) => {
            notes.push(
                "the stores of other namespaces cannot be read, so what an older one of them has of the same account does not show here"
                    .to_owned(),
            );
            let mut some = Vec::new();
            for namespace in namespaces_of(connection, (declared, names)) {
                some.extend(stores.read(&Selection::Namespace(namespace)).await?);
            }
            Ok(some)
        }
        Err(error) => Err(error.into()),
    }
}

fn namespaces_of(connection: &Connection, (declared, names): (&Scene, &[String])) -> BTreeSet<String> {
    let mut namespaces: BTreeSet<String> =
        declared.stores.iter().filter_map(|store| store.metadata.namespace.clone()).collect();
    if !names.is_empty() {
        namespaces.insert(connection.namespace.clone());
    }
    namespaces
}

async fn list<K>(
    connection: &Connection,
    (api, request): (Api<K>, Request<'_>),
) -> Result<Vec<K>, ClusterError>
where
    K: Clone + std::fmt::Debug + DeserializeOwned,
{
    let listed = api.list(&kube::api::ListParams::default()).await;
    Ok(listed.map_err(|error| connection.explain(request, error))?.items)
}

/// The live stores of these names. One that is missing is asked for, so that the nearest name is given.
async fn named(
    names: &[String],
    (namespace, live): (&str, &Scene),
    connection: Option<&Connection>,
) -> Result<Vec<HumanSupportConfig>, Failure> {
    let mut found = Vec::new();
    for name in names {
        let wanted = StoreName { namespace: namespace.to_owned(), name: name.clone() };
        match (live.stores.iter().find(|store| StoreName::of(store) == wanted), connection) {
            (Some(store), _) => found.push(store.clone()),
            (None, Some(connection)) => found.push(Stores::new(connection).get(&wanted).await?),
            (None, None) => {
                return Err(Failure::Input(format!(
                    "`{name}` is no file, and without a cluster there is no store of that name; give the file, or leave --offline out"
                )));
            }
        }
    }
    Ok(found)
}

/// The live resources with the declared ones laid over them.
fn over(mut live: Scene, declared: &Scene) -> Scene {
    for store in &declared.stores {
        lay(&mut live.stores, store, |declared, live| {
            let changed = declared.spec != live.spec;
            declared.status = live.status.clone();
            changed
        });
    }
    for account in &declared.accounts {
        lay(&mut live.accounts, account, |declared, live| {
            declared.status = live.status.clone();
            declared.spec != live.spec
        });
    }
    for account in &declared.cluster_accounts {
        lay(&mut live.cluster_accounts, account, |declared, live| {
            declared.status = live.status.clone();
            declared.spec != live.spec
        });
    }
    live
}

/// Lays one declared resource over the live ones, as an apply would: identity, and annotations that the file does not
/// name, stay. `merge` takes over the status and says whether the spec changed.
fn lay<K: Resource<DynamicType = ()> + Clone>(
    live: &mut Vec<K>,
    declared: &K,
    merge: impl FnOnce(&mut K, &K) -> bool,
) {
    let mut new = declared.clone();
    let key = |object: &K| (object.meta().namespace.clone(), object.meta().name.clone());
    match live.iter_mut().find(|object| key(object) == key(declared)) {
        Some(old) => {
            let changed = merge(&mut new, old);
            let mut metadata = old.meta().clone();
            if changed {
                metadata.generation = Some(metadata.generation.unwrap_or_default() + 1);
            }
            let annotations = new.meta_mut().annotations.take().unwrap_or_default();
            metadata.annotations.get_or_insert_default().extend(annotations);
            *new.meta_mut() = metadata;
            *old = new;
        }
        None => {
            let (namespace, name) = key(declared);
            let uid = format!("new/{}/{}", namespace.unwrap_or_default(), name.unwrap_or_default());
            new.meta_mut().uid = Some(uid);
            new.meta_mut().generation = Some(1);
            // Without a time of creation it is the youngest: what an older store has, it does not get.
            new.meta_mut().creation_timestamp = None;
            live.push(new);
        }
    }
}

fn installation_of(scene: &Scene) -> Option<String> {
    let namespaced = scene.accounts.iter().filter_map(|account| account.status.as_ref());
    let cluster = scene.cluster_accounts.iter().filter_map(|account| account.status.as_ref());
    namespaced.chain(cluster).find_map(|status| status.installation.clone())
}

/// Says which right is missing before a round would call it a Secret that cannot be read.
async fn may_read_secrets(
    connection: &Connection,
    (scene, targets): (&Scene, &[HumanSupportConfig]),
    (arguments, given): (&Args, &Given),
) -> Result<(), Failure> {
    let accounts: Vec<Account> = scene
        .accounts
        .iter()
        .filter_map(Account::from_namespaced)
        .chain(scene.cluster_accounts.iter().filter_map(Account::from_cluster))
        .collect();
    let mut asked = BTreeSet::new();
    for store in targets {
        let namespace = store.metadata.namespace.as_deref().unwrap_or_default();
        let id = AccountId::of(&store.spec.account_ref, namespace);
        let Some(account) = accounts.iter().find(|account| account.id == id) else { continue };
        let namespace = account.secret_namespace(arguments.reach.operator_namespace());
        if given.has_secret(namespace, &account.secret_name)
            || !asked.insert((namespace, &account.secret_name))
        {
            continue;
        }
        let secrets: Api<Secret> = Api::namespaced(connection.client.clone(), namespace);
        let Err(error) = secrets.get_opt(&account.secret_name).await else { continue };
        let request = Request { verb: "get", resource: "secrets", namespace: Some(namespace) };
        return Err(match connection.explain(request, error) {
            ClusterError::Forbidden { request, .. } => Failure::Input(format!(
                "you may not {request}, and the credentials of the account `{id}` are in `{}` there; ask for that right, or give a Secret with --credentials FILE",
                account.secret_name
            )),
            other => other.into(),
        });
    }
    Ok(())
}
