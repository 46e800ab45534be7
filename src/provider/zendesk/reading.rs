//! One complete reading of an account: all lists, at once, or nothing.

use super::ROUTE_CATEGORY;
use super::client::Client;
use super::list::{List, Unpaged, list};
use super::view::{AccountView, Lists};
use super::wire::{Group, GroupMembership, TicketField, Trigger, TriggerCategory, User, Webhook};
use crate::provider::ProviderError;
use crate::provider::budget::Lane;

/// Reads the account.
///
/// # Errors
/// When any list is not complete, or contradicts what we know.
pub(super) async fn read_account(client: &Client) -> Result<AccountView, ProviderError> {
    let acting_user = client.session().await?.acting_user;
    let agents = List { query: "role%5B%5D=agent&role%5B%5D=admin", ..List::of("users", "users.list") };
    let groups = List { query: "exclude_deleted=true", ..List::of("groups", "groups.list") };
    let memberships = List::of("group_memberships", "memberships.list");
    let webhooks = List { lane: Lane::Webhooks, ..List::of("webhooks", "webhooks.list") };
    let triggers = List::of("triggers", "triggers.list");
    let fields = List { unpaged: Unpaged::IsComplete, ..List::of("ticket_fields", "ticket_fields.list") };
    let (users, groups, memberships, webhooks, triggers, fields, category) = tokio::try_join!(
        list::<User>(client, &agents),
        list::<Group>(client, &groups),
        list::<GroupMembership>(client, &memberships),
        list::<Webhook>(client, &webhooks),
        list::<Trigger>(client, &triggers),
        list::<TicketField>(client, &fields),
        category(client),
    )
    .map_err(of_a_collection)?;
    if !users.iter().any(|user| user.id == acting_user) {
        // The list of agents and administrators must show the administrator who reads it: else it is filtered.
        return Err(ProviderError::Malformed);
    }
    let lists = Lists { users, groups, memberships, webhooks, triggers, fields, category, acting_user };
    Ok(AccountView::new(lists))
}

/// The id of the category that routes belong to. Accounts without categories answer 403 or 404 (`zendesk.md` 2, 7).
async fn category(client: &Client) -> Result<Option<String>, ProviderError> {
    let categories = List::of("trigger_categories", "trigger_categories.list");
    match list::<TriggerCategory>(client, &categories).await {
        Ok(all) => Ok(all
            .into_iter()
            .find(|category| category.name.eq_ignore_ascii_case(ROUTE_CATEGORY))
            .map(|category| category.id)),
        Err(ProviderError::Forbidden | ProviderError::Gone) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A 404 of a collection means that the plan has no such feature, not that something was removed.
fn of_a_collection(error: ProviderError) -> ProviderError {
    match error {
        ProviderError::Gone => ProviderError::Forbidden,
        ProviderError::Rejected { .. } => ProviderError::Malformed,
        other => other,
    }
}
