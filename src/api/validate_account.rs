//! The rules of an account's spec, checked in Rust again, as `validate` does for stores.
//!
//! Why: an account decides what stores may do, so a definition that somebody weakened must not weaken it.
//! Must not: read a Secret or a namespace.

use super::account::{
    External, Limits, NO_ACCOUNTS_MESSAGE, ONE_PLATFORM_MESSAGE, ZENVIA_PARTNER_MESSAGE, ZENVIA_PLAN_MESSAGE,
    Zenvia, ZenviaApi, ZenviaPlan,
};
use super::account_view::{AccountScope, AccountView};
use super::config::QUOTED_TEXT_LIMIT;
use super::formats;
use super::namespaces::{LabelOperator, VALUES_MESSAGE};
use super::validate::{Checker, Violation};

/// Checks the whole spec of an account of either kind.
pub fn validate_account(account: AccountView<'_>) -> Vec<Violation> {
    let mut checker = Checker::default();
    let members = [account.zendesk.is_some(), account.zenvia.is_some(), account.external.is_some()];
    if members.iter().filter(|is_given| **is_given).count() != 1 {
        checker.report("spec", ONE_PLATFORM_MESSAGE);
    }
    if let Some(zendesk) = account.zendesk {
        checker.text("spec.zendesk.subdomain", &zendesk.subdomain, (&formats::LABEL, 63));
    }
    if let Some(zenvia) = account.zenvia {
        check_zenvia(&mut checker, zenvia, account.scope());
    }
    if let Some(External { url, ca_bundle_secret_ref }) = account.external {
        checker.text("spec.external.url", url, (&formats::HTTPS_URL, 1024));
        if let Some(reference) = ca_bundle_secret_ref {
            let field = "spec.external.caBundleSecretRef.name";
            checker.text(field, &reference.name, (&formats::OBJECT_NAME, 253));
        }
    }
    let credentials = &account.credentials_secret_ref.name;
    checker.text("spec.credentialsSecretRef.name", credentials, (&formats::OBJECT_NAME, 253));
    if let Some(limits) = account.limits {
        check_limits(&mut checker, limits);
    }
    if let Some(template) = account.department_name {
        checker.text("spec.departmentName", template, (&formats::DEPARTMENT_NAME, 120));
    }
    checker.count("spec.takeOverFrom", account.take_over_from.len(), 20);
    for (index, cluster) in account.take_over_from.iter().enumerate() {
        checker.length(format_args!("spec.takeOverFrom[{index}]"), cluster, 63);
    }
    check_namespaces(&mut checker, account);
    checker.violations
}

fn check_zenvia(checker: &mut Checker, zenvia: &Zenvia, scope: AccountScope) {
    let Zenvia { api, account_id, plan, max_agents, accounts } = zenvia;
    if scope == AccountScope::Namespace && accounts.is_some() {
        checker.report("spec", NO_ACCOUNTS_MESSAGE);
    }
    let identity_is_valid = match api {
        ZenviaApi::Partner => account_id.is_some() != accounts.is_some(),
        ZenviaApi::Account | ZenviaApi::SubscriptionsOnly => accounts.is_none(),
    };
    if !identity_is_valid {
        checker.report("spec.zenvia", ZENVIA_PARTNER_MESSAGE);
    }
    if (*plan == ZenviaPlan::Other) != max_agents.is_some() {
        checker.report("spec.zenvia", ZENVIA_PLAN_MESSAGE);
    }
    if let Some(id) = account_id {
        checker.length("spec.zenvia.accountId", id, QUOTED_TEXT_LIMIT);
    }
    if let Some(max) = max_agents {
        checker.range("spec.zenvia.maxAgents", *max, (1, 10_000));
    }
    let accounts = accounts.as_deref().unwrap_or_default();
    checker.count("spec.zenvia.accounts", accounts.len(), 1000);
    for (index, entry) in accounts.iter().enumerate() {
        let path = format!("spec.zenvia.accounts[{index}]");
        checker.length(format_args!("{path}.accountId"), &entry.account_id, QUOTED_TEXT_LIMIT);
        checker.text(format_args!("{path}.namespace"), &entry.namespace, (&formats::LABEL, 63));
        checker.text(format_args!("{path}.store"), &entry.store, (&formats::LABEL, 63));
        if let Some(reference) = &entry.subscriptions_secret_ref {
            let field = format_args!("{path}.subscriptionsSecretRef.name");
            checker.text(field, &reference.name, (&formats::OBJECT_NAME, 253));
        }
    }
    let ids = accounts.iter().map(|entry| entry.account_id.as_str());
    checker.unique(
        "spec.zenvia.accounts",
        ids,
        "another entry has the same `accountId`; an account serves one store",
    );
    let stores = accounts.iter().map(|entry| (entry.namespace.as_str(), entry.store.as_str()));
    checker.unique(
        "spec.zenvia.accounts",
        stores,
        "another entry is for the same store; a store has one account",
    );
}

fn check_limits(checker: &mut Checker, limits: &Limits) {
    let Limits {
        requests_per_minute,
        seats,
        seats_per_store,
        profiles,
        webhook_hosts,
        adoption: _,
        agent_deletion: _,
    } = limits;
    for (field, number, range) in [
        ("spec.limits.requestsPerMinute", requests_per_minute, (1, 100_000)),
        ("spec.limits.seats", seats, (0, 100_000)),
        ("spec.limits.seatsPerStore", seats_per_store, (0, 10_000)),
    ] {
        if let Some(number) = number {
            checker.range(field, *number, range);
        }
    }
    if let Some(profiles) = profiles {
        if profiles.is_empty() {
            checker.report("spec.limits.profiles", "must have at least one profile: Agent, Administrator");
        }
        checker.unique("spec.limits.profiles", profiles.iter(), "is listed twice; list it once");
    }
    checker.count("spec.limits.webhookHosts", webhook_hosts.len(), 20);
    for (index, host) in webhook_hosts.iter().enumerate() {
        checker.text(format_args!("spec.limits.webhookHosts[{index}]"), host, (&formats::HOST, 253));
    }
    checker.unique("spec.limits.webhookHosts", webhook_hosts.iter(), "is listed twice; list it once");
}

fn check_namespaces(checker: &mut Checker, account: AccountView<'_>) {
    let Some(selector) = account.allowed_namespaces else { return };
    checker.count("spec.allowedNamespaces.matchLabels", selector.match_labels.len(), 20);
    checker.count("spec.allowedNamespaces.matchExpressions", selector.match_expressions.len(), 20);
    for (index, requirement) in selector.match_expressions.iter().enumerate() {
        let path = format!("spec.allowedNamespaces.matchExpressions[{index}]");
        checker.length(format_args!("{path}.key"), &requirement.key, 317);
        checker.count(format_args!("{path}.values"), requirement.values.len(), 50);
        let needs_values = matches!(requirement.operator, LabelOperator::In | LabelOperator::NotIn);
        if needs_values == requirement.values.is_empty() {
            checker.report(&path, VALUES_MESSAGE);
        }
    }
}
