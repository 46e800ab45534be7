//! `humansupport import`: resources for what an account holds already.
//!
//! Why: nobody writes three hundred agents by hand, and nobody wants them made anew. What is written takes over and changes
//! nothing that people see: `plan` shows adoptions, and after them nothing.
//! Must not: write to a helpdesk or a cluster, hold a credential in what it prints, or leave anything out in silence.

mod account;
mod choose;
mod people;
mod routes;
mod slug;
mod write;

use serde_json::Value;

use self::choose::Filter;
use self::write::Written;
use super::connect::{ClusterArgs, Connection};
use super::failure::Failure;
use super::helpdesks::ReachArgs;
use super::program::{Ending, Program};
use super::terminal::{self, Surroundings};
use crate::api::{HelpdeskAccount, formats};
use crate::controller::account::Account;
use crate::controller::rehearse::{Rehearsal, Scene, reading_client};
use crate::controller::work;
use crate::model::{Capabilities, Kind, Observed, Stamp, StoreId, Support};
use crate::provider::Provider;
use crate::telemetry::{ObjectSeries, Telemetry};

/// What the verb takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    account: account::AccountArgs,
    #[command(flatten)]
    cluster: ClusterArgs,
    #[command(flatten)]
    reach: ReachArgs,
    /// The store's account name, `spec.store`; without it the subdomain of a Zendesk account.
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
    /// The WhatsApp number of the store in E.164 form, such as +551140028922.
    #[arg(long, value_name = "NUMBER", value_parser = phone_number)]
    whatsapp_number: String,
    /// Say that the number is integrated with WhatsApp: the step IntegrateWhatsApp is then written as completed.
    #[arg(long)]
    whatsapp_integrated: bool,
    /// Only this department and who is in it, by its name in the helpdesk. May be repeated.
    #[arg(long = "department", value_name = "NAME")]
    departments: Vec<String>,
    /// Only people with an address of this domain, and the departments they are in. May be repeated.
    #[arg(long = "email-domain", value_name = "DOMAIN")]
    email_domains: Vec<String>,
    /// The tag of the store's conversations; without it the one that the helpdesk's triggers ask for.
    #[arg(long, value_name = "TAG")]
    conversation_tag: Option<String>,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    output: ImportOutput,
}

/// How resources are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, clap::ValueEnum)]
pub enum ImportOutput {
    /// For a file in a repository.
    #[default]
    Yaml,
    /// For programs.
    Json,
}

fn phone_number(text: &str) -> Result<String, String> {
    if (formats::PHONE_NUMBER.accepts)(text) {
        Ok(text.to_owned())
    } else {
        Err(formats::PHONE_NUMBER.message.to_owned())
    }
}

/// Reads an account and writes its resources.
///
/// # Errors
/// When the account cannot be read, or a filter names what is not there.
pub async fn run(arguments: Args, surroundings: Surroundings) -> Result<Ending, Failure> {
    let surveyed = survey(&arguments, surroundings.program).await?;
    let filter = Filter {
        departments: arguments.departments.clone(),
        email_domains: arguments.email_domains.clone(),
        tag: arguments.conversation_tag.clone(),
    };
    let provider = surveyed.provider.as_ref();
    let chosen = choose::choose(&surveyed.observed, &filter, provider).map_err(Failure::Input)?;
    let written = Written {
        chosen: &chosen,
        account: &surveyed.document,
        host: &surveyed.host,
        names: write::Names {
            namespace: &surveyed.namespace,
            store: &surveyed.store,
            phone_number: &arguments.whatsapp_number,
        },
        integrated: arguments.whatsapp_integrated.then_some(&arguments.whatsapp_number),
        program: surroundings.program,
    };
    match arguments.output {
        ImportOutput::Json => terminal::print_json(&written.json())?,
        ImportOutput::Yaml => terminal::print(&written.yaml().map_err(Failure::Input)?)?,
    }
    Ok(Ending::Well)
}

/// An account with everything that it holds.
struct Surveyed {
    /// The account's manifest.
    document: Value,
    host: String,
    /// The store's account name.
    store: String,
    namespace: String,
    observed: Observed,
    provider: std::sync::Arc<dyn Provider>,
}

async fn survey(arguments: &Args, program: Program) -> Result<Surveyed, Failure> {
    let connection = match arguments.reach.gives_credentials() {
        true => None,
        false => Some(Connection::open(&arguments.cluster, program).await.map_err(|error| {
            Failure::Input(format!("{error}; or give the credentials in a file with --credentials"))
        })?),
    };
    let namespace = connection.as_ref().map_or_else(
        || arguments.cluster.namespace().unwrap_or("default").to_owned(),
        |connection| connection.namespace.clone(),
    );
    let given = arguments.reach.given(&namespace, program)?;
    let secret = given.only_secret(&namespace);
    let declared = arguments.account.declared((&namespace, secret.as_deref()), program)?;
    let store = store_name(arguments, &declared)?;
    let identity = arguments.reach.identity_for_import(connection.as_ref()).await?;
    let stamp = Stamp {
        installation: identity.installation.clone(),
        former_installations: std::collections::BTreeSet::new(),
        store: StoreId::new(&namespace, "import"),
        fence: identity.fence.clone(),
        take_over_from: std::collections::BTreeSet::new(),
        bearer: None,
    };
    let client = reading_client(connection.map(|connection| connection.client), given);
    let settings = arguments.reach.settings(identity)?;
    let telemetry = Telemetry::new(env!("CARGO_PKG_VERSION"), ObjectSeries::Off);
    let account = Account::from_namespaced(&declared)
        .ok_or_else(|| Failure::Input("the account names no platform; give `zendesk`".to_owned()))?;
    let scene = Scene { accounts: vec![declared.clone()], ..Scene::default() };
    let rehearsal = Rehearsal::new(client, (settings, arguments.reach.reach()?), (scene, telemetry.metrics));
    let helpdesk =
        rehearsal.helpdesk_of(&account).await.map_err(|blocked| Failure::Input(blocked.message))?;
    let provider = std::sync::Arc::clone(&helpdesk.provider);
    if shows_nothing(provider.capabilities()) {
        return Err(Failure::Input(format!(
            "the account shows neither people nor departments{}: nothing of it can be imported; {}",
            interface_of(&declared),
            "write the resources by hand, examples are in `examples/`"
        )));
    }
    let observed = provider.survey(&stamp).await.map_err(|error| {
        Failure::Input(format!("the account cannot be read: {}", work::blocked_by(&error).message))
    })?;
    let Some(observed) = observed else {
        let platform = account.desk.platform();
        let message = format!(
            "accounts of {platform:?} cannot be imported yet; write the resources by hand, examples are in `examples/`"
        );
        return Err(Failure::Input(message));
    };
    let host = helpdesk.host.clone();
    let document = account::manifest(&declared);
    Ok(Surveyed { document, host, store, namespace, observed, provider })
}

/// The store's account name: as given, or Zendesk's subdomain, which is usually the same word.
fn store_name(arguments: &Args, declared: &HelpdeskAccount) -> Result<String, Failure> {
    let subdomain = declared.spec.zendesk.as_ref().map(|zendesk| &zendesk.subdomain);
    arguments.store.as_ref().or(subdomain).cloned().ok_or_else(|| {
        Failure::Input(
            "give the store's account name with --store: nothing in this account stands for it".to_owned(),
        )
    })
}

/// Whether an account has neither people nor departments for us.
fn shows_nothing(capabilities: &Capabilities) -> bool {
    [Kind::Agent, Kind::Department].into_iter().all(|kind| capabilities.of(kind) == Support::None)
}

/// How the account is reached, where it can be reached in several ways.
fn interface_of(declared: &HelpdeskAccount) -> String {
    declared.spec.zenvia.as_ref().map_or_else(String::new, |zenvia| format!(" (`api: {:?}`)", zenvia.api))
}
