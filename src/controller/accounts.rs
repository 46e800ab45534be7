//! The status of accounts: whether the credentials work, and how much of the account is used.
//!
//! The same for both kinds. It must not name the stores of an account: it holds counts only.

use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use kube::api::{Patch, PatchParams};
use kube::core::NamespaceResourceScope;
use kube::runtime::controller::Action;
use kube::{Api, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::account::{Account, Desk};
use super::context::{Context, stores_by_account};
use super::helpdesks::Asker;
use super::report::{self, Credentials};
use super::requeue;
use super::round::{Blocked, Retry};
use super::work::blocked_by;
use crate::api::account::ZenviaPlan;
use crate::api::account_status::{HelpdeskAccountStatus, PlanAllowance, RateLimit, Seats};
use crate::api::conditions::{self, ConditionReason, ConditionStatus, ConditionType, ConditionUpdate};
use crate::api::{ClusterHelpdeskAccount, FIELD_MANAGER, HelpdeskAccount, annotations};
use crate::clock;
use crate::model::Reason;
use crate::provider::AccountCheck;
use crate::telemetry::SeatState;

/// How often an account in order is checked again.
const CHECK_PERIOD: Duration = Duration::from_secs(600);

/// One of the two account kinds.
pub trait AccountResource:
    Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Serialize + Send + Sync + 'static
{
    /// The kind's view.
    fn view(&self) -> Option<Account>;
    /// The status.
    fn status(&self) -> Option<&HelpdeskAccountStatus>;
    /// Where its resources are written.
    fn api(&self, context: &Context) -> Api<Self>;
}

impl AccountResource for HelpdeskAccount {
    fn view(&self) -> Option<Account> {
        Account::from_namespaced(self)
    }

    fn status(&self) -> Option<&HelpdeskAccountStatus> {
        self.status.as_ref()
    }

    fn api(&self, context: &Context) -> Api<Self> {
        namespaced(context, &self.namespace().unwrap_or_default())
    }
}

impl AccountResource for ClusterHelpdeskAccount {
    fn view(&self) -> Option<Account> {
        Account::from_cluster(self)
    }

    fn status(&self) -> Option<&HelpdeskAccountStatus> {
        self.status.as_ref()
    }

    fn api(&self, context: &Context) -> Api<Self> {
        Api::all(context.client.clone())
    }
}

fn namespaced<K: Resource<DynamicType = (), Scope = NamespaceResourceScope>>(
    context: &Context,
    namespace: &str,
) -> Api<K> {
    Api::namespaced(context.client.clone(), namespace)
}

/// Checks one account.
pub async fn reconcile<K: AccountResource>(
    resource: Arc<K>,
    context: Arc<Context>,
) -> Result<Action, Infallible> {
    let Some(account) = resource.view() else { return Ok(Action::await_change()) };
    if resource.meta().deletion_timestamp.is_some() {
        return Ok(Action::await_change());
    }
    let checked = check(&context, &account).await;
    let (checked, credentials) = match checked {
        Ok((check, credentials)) => (Ok(check), credentials),
        Err(blocked) => (Err(blocked), Credentials::AsBefore),
    };
    let requested = requested_at(resource.as_ref());
    let outcome = checked.as_ref().map_or_else(|blocked| blocked.reason, |_| Reason::Accepted);
    context.tell_users(&account.id, format!("{}/{}/{outcome}", account.uid, account.generation));
    let mut status = resource.status().cloned().unwrap_or_default();
    status.last_handled_reconcile_at = requested.or(status.last_handled_reconcile_at);
    describe(&mut status, (&context, &account), (&checked, clock::wall()));
    measure_seats(&context, &account, &checked);
    let written = if resource.status() == Some(&status) {
        Ok(())
    } else {
        write_status(resource.as_ref(), &context, &status).await
    };
    for event in report::account_events(resource.status(), &status, credentials) {
        context.events.tell_of(&resource.object_ref(&()), &event).await;
    }
    Ok(Action::requeue(pause_after(&checked, &written)))
}

/// When the account is checked again.
fn pause_after(checked: &Result<AccountCheck, Blocked>, written: &Result<(), kube::Error>) -> Duration {
    match (checked, written) {
        (_, Err(_)) => Duration::from_secs(5),
        (Ok(_), Ok(())) => requeue::spread(CHECK_PERIOD, rand::random()),
        (Err(blocked), Ok(())) => match blocked.retry {
            Retry::After(pause) => pause,
            Retry::ForSecret | Retry::BackOff => requeue::spread(requeue::SECRET_PAUSE, rand::random()),
            Retry::AtResync | Retry::ForPerson(_) => requeue::spread(CHECK_PERIOD, rand::random()),
        },
    }
}

fn measure_seats(context: &Context, account: &Account, checked: &Result<AccountCheck, Blocked>) {
    let Ok(check) = checked else { return };
    let name = account.id.key();
    if let Some(used) = check.seats_used {
        context.metrics.set_license_seats(&name, SeatState::Used, used);
    }
    if let Some(declared) = account.limits.seats.and_then(|seats| u32::try_from(seats).ok()) {
        context.metrics.set_license_seats(&name, SeatState::Declared, declared);
    }
}

/// The request to run now, ours before Flux's.
fn requested_at<K: AccountResource>(resource: &K) -> Option<String> {
    let found = resource.annotations().get(annotations::RECONCILE_REQUESTED_AT);
    found.or_else(|| resource.annotations().get(annotations::FLUX_RECONCILE_REQUESTED_AT)).cloned()
}

/// Asks the helpdesk with the credentials that the Secret holds now.
async fn check(context: &Context, account: &Account) -> Result<(AccountCheck, Credentials), Blocked> {
    if account.suspend {
        let message = "the account is suspended; set `suspend` to false to go on".to_owned();
        return Err(Blocked {
            reason: Reason::AccountSuspended,
            message,
            retry: Retry::AtResync,
            side: None,
        });
    }
    let helpdesk = context.helpdesks.reach(&context.client, account, Asker::Account).await?;
    let read = context.helpdesks.read_last(account);
    let check = helpdesk.provider.check().await.map_err(|error| blocked_by(&error))?;
    Ok((check, context.helpdesks.accept(account, read)))
}

fn describe(
    status: &mut HelpdeskAccountStatus,
    (context, account): (&Context, &Account),
    (checked, now): (&Result<AccountCheck, Blocked>, Timestamp),
) {
    status.observed_generation = Some(account.generation);
    status.platform = Some(account.desk.platform());
    status.host = Some(context.helpdesks.host_of(account));
    status.plan = plan_of(&account.desk);
    status.allows = allowance_of(&account.desk);
    status.installation = Some(context.settings.installation.to_string());
    let stores = stores_by_account(&context.stores).get(&account.id).copied().unwrap_or_default();
    status.stores = i32::try_from(stores).ok();
    if let Ok(check) = checked {
        let used = check.seats_used.and_then(|used| i32::try_from(used).ok());
        let known = status.seats.as_ref().map(|seats| seats.used);
        // Before the first reading nobody knows: nothing is said rather than zero.
        status.seats = used.or(known).map(|used| Seats { used, declared: account.limits.seats });
        if let Some(limit) = check.rate_limit.and_then(|limit| i32::try_from(limit).ok()) {
            status.rate_limit = Some(RateLimit { limit });
        }
    }
    describe_conditions(status, (account.generation, checked), now);
}

fn describe_conditions(
    status: &mut HelpdeskAccountStatus,
    (generation, checked): (i64, &Result<AccountCheck, Blocked>),
    now: Timestamp,
) {
    let mut set = |type_, condition: ConditionStatus, (reason, message): (Reason, String)| {
        let Some(reason) = ConditionReason::parse(reason.as_str()) else { return };
        let update =
            ConditionUpdate { type_, status: condition, reason, message, observed_generation: generation };
        conditions::set(&mut status.conditions, update, now);
    };
    match checked {
        Ok(check) => {
            let message = match check.credentials_end {
                Some(date) => format!(
                    "the credentials are accepted; their kind stops working on {date}: change to an OAuth client"
                ),
                None => "the credentials are accepted".to_owned(),
            };
            set(ConditionType::Ready, ConditionStatus::True, (Reason::Reconciled, message.clone()));
            set(ConditionType::CredentialsValid, ConditionStatus::True, (Reason::Accepted, message));
            set(ConditionType::Stalled, ConditionStatus::False, (Reason::Reconciled, String::new()));
            set(ConditionType::Reconciling, ConditionStatus::False, (Reason::Reconciled, String::new()));
        }
        Err(blocked) => {
            let said = (blocked.reason, blocked.message.clone());
            let passing = report::goes_on_by_itself(blocked.reason);
            let about_credentials = matches!(
                blocked.reason,
                Reason::CredentialsInvalid
                    | Reason::PermissionDenied
                    | Reason::AccountMismatch
                    | Reason::SecretInvalid
            );
            let credentials =
                if about_credentials { ConditionStatus::False } else { ConditionStatus::Unknown };
            set(ConditionType::Ready, ConditionStatus::False, said.clone());
            set(ConditionType::CredentialsValid, credentials, said.clone());
            let (on, off) = if passing {
                (ConditionType::Reconciling, ConditionType::Stalled)
            } else {
                (ConditionType::Stalled, ConditionType::Reconciling)
            };
            set(off, ConditionStatus::False, said.clone());
            set(on, ConditionStatus::True, said);
        }
    }
}

fn plan_of(desk: &Desk) -> Option<String> {
    match desk {
        Desk::Zendesk(zendesk) => Some(format!("{:?}", zendesk.plan)),
        Desk::Zenvia(zenvia) => Some(format!("{:?}", zenvia.plan)),
        Desk::External(_) => None,
    }
}

/// What the plan of the product's articles allows (`domain.md` 1.4); of another plan only `maxAgents` is known.
fn allowance_of(desk: &Desk) -> Option<PlanAllowance> {
    let Desk::Zenvia(zenvia) = desk else { return None };
    let unlimited = || "unlimited".to_owned();
    Some(match zenvia.plan {
        ZenviaPlan::Advanced => PlanAllowance {
            agents: unlimited(),
            departments: Some(unlimited()),
            history: Some("2 years".to_owned()),
            channels: Some("all".to_owned()),
            features: Some("advanced".to_owned()),
        },
        ZenviaPlan::Other => PlanAllowance {
            agents: desk.most_agents().map_or_else(unlimited, |most| most.to_string()),
            ..PlanAllowance::default()
        },
    })
}

async fn write_status<K: AccountResource>(
    resource: &K,
    context: &Context,
    status: &HelpdeskAccountStatus,
) -> Result<(), kube::Error> {
    let mut metadata = json!({ "name": resource.name_any(), "uid": resource.meta().uid });
    if let Some(namespace) = resource.namespace() {
        metadata["namespace"] = json!(namespace);
    }
    let body = json!({
        "apiVersion": K::api_version(&()),
        "kind": K::kind(&()),
        "metadata": metadata,
        "status": status,
    });
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    resource
        .api(context)
        .patch_status(&resource.name_any(), &parameters, &Patch::Apply(&body))
        .await
        .map(|_| ())
}
