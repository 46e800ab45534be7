//! `humansupport doctor`: whether everything that the operator needs is there, and for each thing that is not, what to do.
//!
//! Why: a wrong Secret, a missing right and old definitions look alike from a resource's status. `helm test` runs it with the
//! operator's own image and rights; on a laptop it says what you may do.
//! Must not: write anything, to a cluster or a helpdesk, or print a credential or an e-mail address.

mod accounts;
mod definitions;
mod finding;
mod rights;

use kube::Api;
use kube::api::ListParams;

use self::finding::{Finding, Findings};
use super::connect::{ClusterArgs, ClusterError, Connection, Request};
use super::failure::Failure;
use super::helpdesks::ReachArgs;
use super::program::{Ending, Output};
use super::terminal::{self, Surroundings};
use crate::api::{ClusterHelpdeskAccount, HelpdeskAccount};
use crate::controller::rehearse::Scene;

/// What the verb takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArgs,
    #[command(flatten)]
    reach: ReachArgs,
    /// The operator runs without an election, and needs no lease.
    #[arg(long)]
    no_leader_election: bool,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    output: Output,
}

/// Looks at everything. What is wrong is the answer, not an error.
///
/// # Errors
/// When no cluster answers, or an argument cannot be used.
pub async fn run(arguments: Args, surroundings: Surroundings) -> Result<Ending, Failure> {
    let connection = Connection::open(&arguments.cluster, surroundings.program).await?;
    let mut findings = Findings::default();
    let version = connection.client.apiserver_version().await.map_err(|error| {
        let request = Request { verb: "get", resource: "namespaces", namespace: None };
        connection.explain(request, error)
    })?;
    findings.add(Finding::good("cluster", format!("Kubernetes {} answers", version.git_version)));
    let installed = definitions::check(&connection, surroundings.program, &mut findings).await;
    let scene =
        if installed { accounts_of(&connection, &arguments, &mut findings).await } else { Scene::default() };
    rights::check(&connection, (&arguments, &scene), &mut findings).await;
    accounts::check(&connection, (&arguments, scene, surroundings), &mut findings).await?;
    match arguments.output {
        Output::Json => terminal::print_json(&findings.json())?,
        Output::Text => terminal::print(&findings.text(surroundings.paint))?,
    }
    Ok(if findings.are_good() { Ending::Well } else { Ending::Refused })
}

/// The accounts that the operator sees.
async fn accounts_of(connection: &Connection, arguments: &Args, findings: &mut Findings) -> Scene {
    let client = || connection.client.clone();
    let request = |resource, namespace| Request { verb: "list", resource, namespace };
    let all = ListParams::default();
    let watched = arguments.reach.watch_namespace();
    let namespaced: Api<HelpdeskAccount> = match watched {
        Some(namespace) => Api::namespaced(client(), namespace),
        None => Api::all(client()),
    };
    let mut scene = Scene::default();
    let mut told = |error: ClusterError| {
        let advice =
            "run it with the operator's rights: `helm test`, or `--watch-namespace` for one namespace";
        findings.add(Finding::bad("accounts", error.to_string(), advice));
    };
    match namespaced.list(&all).await {
        Ok(list) => scene.accounts = list.items,
        Err(error) => told(connection.explain(request("helpdeskaccounts", watched), error)),
    }
    if watched.is_none() {
        match Api::<ClusterHelpdeskAccount>::all(client()).list(&all).await {
            Ok(list) => scene.cluster_accounts = list.items,
            Err(error) => told(connection.explain(request("clusterhelpdeskaccounts", None), error)),
        }
    }
    scene
}
