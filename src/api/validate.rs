//! The rules of a store's spec, checked in Rust: those of the CRD again, and those that CEL cannot check at 2,000
//! agents because they compare entries with each other.
//!
//! Why again: a cluster may hold resources from before a rule, or a definition that somebody edited. The reconciler
//! and `humansupport validate` call this before anything is planned.
//! Must not: know the account, the helpdesk or the time; put an e-mail address into a message. An agent that is
//! named by a training session or by `adopt` may be missing: a leaver must not block the store that removes them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};

use super::agents::{self, Agent, Department};
use super::config::{
    self, DEFAULT_DEPARTMENT_MESSAGE, DISABLED_MESSAGE, HumanSupportConfigSpec, MAX_ADOPTIONS, MAX_WEBHOOKS,
    QUOTED_TEXT_LIMIT,
};
use super::formats::{self, Format};
use super::policies::HumanSupport;
use super::validate_hours::business_hours;
use super::validate_people::{completed_steps, sessions};
use super::webhooks::Webhook;

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The path of the field, such as `spec.agents[3].email`.
    pub field: String,
    /// What is allowed and what to do.
    pub message: String,
}

impl Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`: {}", self.field, self.message)
    }
}

/// Checks a whole spec. The violations come in the order of the fields; the same spec gives the same list.
pub fn validate(spec: &HumanSupportConfigSpec) -> Vec<Violation> {
    let mut checker = Checker::default();
    header(&mut checker, spec);
    departments(&mut checker, spec);
    agents(&mut checker, spec);
    webhooks(&mut checker, &spec.webhooks);
    if let Some(hours) = &spec.business_hours {
        business_hours(&mut checker, hours);
    }
    if let Some(training) = &spec.training {
        sessions(&mut checker, training);
    }
    completed_steps(&mut checker, &spec.completed_steps);
    adoptions(&mut checker, spec);
    removal_guard(&mut checker, spec);
    checker.violations
}

/// Collects violations. Paths are rendered only when a rule is broken, because a valid store is the usual case.
#[derive(Default)]
pub(super) struct Checker {
    pub(super) violations: Vec<Violation>,
}

impl Checker {
    pub(super) fn report(&mut self, field: impl Display, message: impl Into<String>) {
        self.violations.push(Violation { field: field.to_string(), message: message.into() });
    }

    /// At least 1 and at most `max` characters, counted as the API server does.
    pub(super) fn length(&mut self, field: impl Display, text: &str, max: usize) {
        if text.is_empty() || (text.len() > max && text.chars().count() > max) {
            self.report(field, format!("must have 1 to {max} characters"));
        }
    }

    pub(super) fn format(&mut self, field: impl Display, text: &str, format: &Format) {
        if !(format.accepts)(text) {
            self.report(field, format.message);
        }
    }

    pub(super) fn text(&mut self, field: impl Display + Copy, text: &str, rule: (&Format, usize)) {
        self.length(field, text, rule.1);
        self.format(field, text, rule.0);
    }

    pub(super) fn range(&mut self, field: impl Display, number: i32, range: (i32, i32)) {
        if number < range.0 || number > range.1 {
            self.report(field, format!("must be a number from {} to {}", range.0, range.1));
        }
    }

    pub(super) fn count(&mut self, field: impl Display, count: usize, max: usize) {
        if count > max {
            self.report(field, format!("must have at most {max} entries, and has {count}"));
        }
    }

    /// Entries are told apart by their key, so a key is there once.
    pub(super) fn unique<K: Ord>(&mut self, list: &str, keys: impl Iterator<Item = K>, message: &str) {
        let mut seen = BTreeSet::new();
        for (index, key) in keys.enumerate() {
            if !seen.insert(key) {
                self.report(format_args!("{list}[{index}]"), message);
            }
        }
    }
}

pub(super) const DUPLICATE_NAME: &str = "another entry has the same `name`; give each entry its own";

fn header(checker: &mut Checker, spec: &HumanSupportConfigSpec) {
    checker.text("spec.accountRef.name", &spec.account_ref.name, (&formats::OBJECT_NAME, 63));
    checker.text("spec.store", &spec.store, (&formats::LABEL, 63));
    checker.format("spec.whatsapp.phoneNumber", &spec.whatsapp.phone_number, &formats::FULL_PHONE_NUMBER);
    checker.format("spec.whatsapp.phoneNumber", &spec.whatsapp.phone_number, &formats::PHONE_NUMBER);
    if let Some(licenses) = &spec.licenses {
        checker.range("spec.licenses.quantity", licenses.quantity, (1, 10_000));
    }
    checker.text("spec.conversationTag", &spec.conversation_tag, (&formats::TAG, 63));
    checker.format("spec.resyncPeriod", &spec.resync_period, &formats::RESYNC_PERIOD);
    let unavailable_message =
        spec.business_hours.as_ref().and_then(|hours| hours.unavailable_message.as_ref());
    if spec.human_support == HumanSupport::Disabled && unavailable_message.is_none() {
        checker.report("spec.humanSupport", DISABLED_MESSAGE);
    }
}

fn departments(checker: &mut Checker, spec: &HumanSupportConfigSpec) {
    checker.count("spec.departments", spec.departments.len(), agents::MAX_DEPARTMENTS);
    for (index, Department { name, display_name, description }) in spec.departments.iter().enumerate() {
        checker.text(format_args!("spec.departments[{index}].name"), name, (&formats::LABEL, 63));
        let field = format_args!("spec.departments[{index}].displayName");
        checker.text(field, display_name, (&formats::DISPLAY_NAME, 100));
        if description.as_ref().is_some_and(|text| text.chars().count() > 500) {
            checker.report(
                format_args!("spec.departments[{index}].description"),
                "must have at most 500 characters",
            );
        }
    }
    let names = spec.departments.iter().map(|department| department.name.as_str());
    checker.unique("spec.departments", names, DUPLICATE_NAME);
    let display_names = spec.departments.iter().map(|department| department.display_name.to_lowercase());
    checker.unique(
        "spec.departments",
        display_names,
        "another department has the same `displayName`; people could not tell them apart",
    );
    let default_is_known = spec
        .default_department
        .as_ref()
        .is_none_or(|default| spec.departments.iter().any(|department| &department.name == default));
    if !default_is_known {
        checker.report("spec.defaultDepartment", DEFAULT_DEPARTMENT_MESSAGE);
    }
}

fn agents(checker: &mut Checker, spec: &HumanSupportConfigSpec) {
    checker.count("spec.agents", spec.agents.len(), agents::MAX_AGENTS);
    let known: BTreeSet<&str> = spec.departments.iter().map(|department| department.name.as_str()).collect();
    for (index, entry) in spec.agents.iter().enumerate() {
        agent(checker, index, entry);
        for (position, department) in entry.departments.iter().enumerate() {
            if !known.contains(department.as_str()) {
                checker.report(
                    format_args!("spec.agents[{index}].departments[{position}]"),
                    format!(
                        "`{department}` is not a department of this store; use the `name` of an entry of `departments`, or add one"
                    ),
                );
            }
        }
    }
    checker.unique("spec.agents", spec.agents.iter().map(|agent| agent.name.as_str()), DUPLICATE_NAME);
    emails(checker, &spec.agents);
}

fn agent(checker: &mut Checker, index: usize, entry: &Agent) {
    // `profile`, `active` and `shared` are closed by their type.
    let Agent {
        name,
        display_name,
        email,
        profile: _,
        departments,
        active: _,
        max_conversations,
        until,
        shared: _,
    } = entry;
    checker.text(format_args!("spec.agents[{index}].name"), name, (&formats::LABEL, 63));
    checker.text(
        format_args!("spec.agents[{index}].displayName"),
        display_name,
        (&formats::DISPLAY_NAME, 100),
    );
    checker.text(format_args!("spec.agents[{index}].email"), email, (&formats::EMAIL, 254));
    checker.count(
        format_args!("spec.agents[{index}].departments"),
        departments.len(),
        agents::MAX_DEPARTMENTS_PER_AGENT,
    );
    if departments.iter().collect::<BTreeSet<_>>().len() < departments.len() {
        checker.report(
            format_args!("spec.agents[{index}].departments"),
            "lists a department twice; list each once",
        );
    }
    if let Some(conversations) = max_conversations {
        checker.range(format_args!("spec.agents[{index}].maxConversations"), *conversations, (1, 500));
    }
    if let Some(until) = until {
        checker.format(format_args!("spec.agents[{index}].until"), until, &formats::DATE);
    }
}

/// Helpdesks sign people in by their address and do not tell upper from lower case.
fn emails(checker: &mut Checker, agents: &[Agent]) {
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    for (index, agent) in agents.iter().enumerate() {
        let address = agent.email.to_ascii_lowercase();
        if let Some(other) = first.get(&address) {
            let message = format!(
                "agents `{other}` and `{}` have the same e-mail address; a person is one entry, with all their departments",
                agent.name
            );
            checker.report(format_args!("spec.agents[{index}].email"), message);
        } else {
            first.insert(address, &agent.name);
        }
    }
}

fn webhooks(checker: &mut Checker, webhooks: &[Webhook]) {
    checker.count("spec.webhooks", webhooks.len(), MAX_WEBHOOKS);
    for (index, Webhook { name, url, token_secret_ref, events }) in webhooks.iter().enumerate() {
        checker.text(format_args!("spec.webhooks[{index}].name"), name, (&formats::LABEL, 40));
        checker.text(format_args!("spec.webhooks[{index}].url"), url, (&formats::HTTPS_URL, 1024));
        let field = format_args!("spec.webhooks[{index}].tokenSecretRef.name");
        checker.text(field, &token_secret_ref.name, (&formats::OBJECT_NAME, 253));
        let list = format!("spec.webhooks[{index}].events");
        if events.is_empty() {
            checker.report(&list, "must have at least one event: `AgentReplied`, `ConversationResolved`");
        }
        checker.unique(&list, events.iter().map(|event| event.name), DUPLICATE_NAME);
        for (position, event) in events.iter().enumerate() {
            if let Some(body) = &event.body {
                checker.length(format_args!("{list}[{position}].body"), body, 8192);
            }
        }
    }
    checker.unique("spec.webhooks", webhooks.iter().map(|webhook| webhook.name.as_str()), DUPLICATE_NAME);
    checker.unique(
        "spec.webhooks",
        webhooks.iter().map(|webhook| webhook.url.as_str()),
        "another webhook has the same `url`, so customers would get every reply twice; put the events into one entry",
    );
}

fn adoptions(checker: &mut Checker, spec: &HumanSupportConfigSpec) {
    checker.count("spec.adopt", spec.adopt.len(), MAX_ADOPTIONS);
    for (index, config::Adoption { kind: _, name, id }) in spec.adopt.iter().enumerate() {
        checker.length(format_args!("spec.adopt[{index}].name"), name, 127);
        checker.length(format_args!("spec.adopt[{index}].id"), id, QUOTED_TEXT_LIMIT);
    }
    let entries = spec.adopt.iter().map(|adoption| (adoption.kind, adoption.name.as_str()));
    checker.unique("spec.adopt", entries, "another entry adopts something as the same `kind` and `name`");
    let objects = spec.adopt.iter().map(|adoption| (adoption.kind, adoption.id.as_str()));
    checker.unique("spec.adopt", objects, "another entry adopts the same `id`; one object becomes one entry");
}

fn removal_guard(checker: &mut Checker, spec: &HumanSupportConfigSpec) {
    let guard = &spec.removal_guard;
    checker.range("spec.removalGuard.minCount", guard.min_count, (0, 2000));
    checker.range("spec.removalGuard.maxPercent", guard.max_percent, (0, 100));
    checker.range("spec.removalGuard.maxCount", guard.max_count, (0, 2000));
}

#[cfg(test)]
#[path = "validate/tests.rs"]
mod tests;
