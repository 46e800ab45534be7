//! Which account is read: of a manifest, or of the few words that a manifest would say.
//!
//! Must not: hold a credential.

use serde_json::{Value, json};

use crate::api::account::ZendeskPlan;
use crate::api::{GROUP, HelpdeskAccount, VERSION};
use crate::cli::failure::Failure;
use crate::cli::program::Program;
use crate::cli::validate;

/// The Secret that a new account names where none was given.
const CREDENTIALS: &str = "zendesk-credentials";

/// Which account.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "which_account", required = true, multiple = true, args = ["account_file", "zendesk_subdomain"])]
pub(super) struct AccountArgs {
    /// A file with the HelpdeskAccount.
    #[arg(long, value_name = "FILE", conflicts_with = "zendesk_subdomain")]
    account_file: Option<String>,
    /// A Zendesk account without a manifest yet: the first label of its host.
    #[arg(long, value_name = "SUBDOMAIN")]
    zendesk_subdomain: Option<String>,
    /// The plan of that account, such as Professional.
    #[arg(long, value_name = "PLAN", default_value = "Professional", value_parser = plan)]
    zendesk_plan: ZendeskPlan,
}

fn plan(text: &str) -> Result<ZendeskPlan, String> {
    serde_json::from_value(json!(text)).map_err(|_| {
        "write Essential, Team, Growth, Professional, Enterprise or EnterprisePlus, as Zendesk bills it"
            .to_owned()
    })
}

impl AccountArgs {
    /// The account as it is declared, or as it would be.
    ///
    /// # Errors
    /// When the file holds none, or more than one.
    pub(super) fn declared(
        &self,
        (namespace, secret): (&str, Option<&str>),
        program: Program,
    ) -> Result<HelpdeskAccount, Failure> {
        let document = match (&self.account_file, &self.zendesk_subdomain) {
            (Some(file), _) => of_file(file, program)?,
            (None, subdomain) => json!({
                "apiVersion": format!("{GROUP}/{VERSION}"),
                "kind": "HelpdeskAccount",
                "metadata": {"name": "zendesk", "namespace": namespace},
                "spec": {
                    "zendesk": {"subdomain": subdomain, "plan": self.zendesk_plan},
                    "credentialsSecretRef": {"name": secret.unwrap_or(CREDENTIALS)},
                },
            }),
        };
        let mut account: HelpdeskAccount = serde_json::from_value(document)
            .map_err(|error| Failure::Input(format!("the account cannot be read: {error}")))?;
        account.metadata.namespace.get_or_insert_with(|| namespace.to_owned());
        Ok(account)
    }
}

fn of_file(file: &str, program: Program) -> Result<Value, Failure> {
    let documents = validate::documents_of(&[file.to_owned()], program).map_err(Failure::Input)?;
    let mut accounts: Vec<Value> =
        documents.ours.into_iter().filter(|document| document["kind"] == "HelpdeskAccount").collect();
    match (accounts.pop(), accounts.len()) {
        (Some(account), 0) => Ok(account),
        (None, _) => Err(Failure::Input(format!(
            "{file} holds no HelpdeskAccount; give the file that does, or --zendesk-subdomain"
        ))),
        (Some(_), _) => Err(Failure::Input(format!(
            "{file} holds more than one HelpdeskAccount; give a file with the one to read"
        ))),
    }
}

/// The manifest of an account, without what only a cluster adds.
pub(super) fn manifest(account: &HelpdeskAccount) -> Value {
    json!({
        "apiVersion": format!("{GROUP}/{VERSION}"),
        "kind": "HelpdeskAccount",
        "metadata": {"name": account.metadata.name, "namespace": account.metadata.namespace},
        "spec": serde_json::to_value(&account.spec).unwrap_or_default(),
    })
}
