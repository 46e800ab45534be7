//! The sheet: what people pass on, in the store's language.
//!
//! Pure. It holds no time of its own: the same store gives the same bytes.

use super::markdown::{code, heading, short, table, text};
use super::{Subject, people};
use crate::api::conditions::{ConditionStatus, ConditionType};
use crate::api::config_status::StepProof;
use crate::api::policies::HumanSupport;
use crate::api::training::{TrainingOutcome, TrainingSession};
use crate::controller::pending::catalogue;
use crate::controller::texts::{self, Label};
use crate::controller::{due, report, training};
use crate::model::{Owner, PendingStep, Reason};

/// The most open steps that are spelled out.
const MOST_STEPS: usize = 100;

/// The most characters of a description or a place; the declaration and the calendar have all of it.
const MOST_CHARACTERS: usize = 150;

/// Writes the sheet.
pub(super) fn sheet(subject: &Subject<'_>) -> String {
    let store = subject.store;
    let title = texts::label(subject.language(), Label::Title);
    let mut out = format!("# {}\n\n", texts::fill(title, &[("store", &text(&subject.spec().store))]));
    let resource = format!("{}/{}", store.namespace(), store.name());
    let generated = texts::label(subject.language(), Label::Generated);
    out.push_str(&format!("> {}\n\n", texts::fill(generated, &[("resource", &resource)])));
    facts(&mut out, subject);
    handover(&mut out, subject);
    steps(&mut out, subject);
    faults(&mut out, subject);
    departments(&mut out, subject);
    people::people(&mut out, subject);
    sessions(&mut out, subject);
    out
}

fn facts(out: &mut String, subject: &Subject<'_>) {
    let spec = subject.spec();
    let label = |label| texts::label(subject.language(), label);
    let side = &subject.planned.side;
    let licenses = spec.licenses.as_ref().map(|licenses| licenses.quantity.to_string());
    let support = match spec.human_support {
        HumanSupport::Enabled => Label::Enabled,
        HumanSupport::Disabled => Label::Disabled,
    };
    let mut rows = vec![
        vec![label(Label::Store).to_owned(), code(&spec.store)],
        vec![label(Label::WhatsAppNumber).to_owned(), code(&spec.whatsapp.phone_number)],
        vec![label(Label::Platform).to_owned(), format!("{:?}", side.platform)],
        vec![label(Label::Host).to_owned(), code(&side.host)],
        vec![label(Label::Account).to_owned(), code(&side.account)],
        vec![
            label(Label::Licenses).to_owned(),
            licenses.unwrap_or_else(|| label(Label::LicensesUnknown).to_owned()),
        ],
        vec![label(Label::HumanSupport).to_owned(), label(support).to_owned()],
    ];
    if let Some(hours) = &spec.business_hours {
        let windows = hours.windows.iter().map(|window| {
            let days: Vec<String> = window.days.iter().map(|day| format!("{day:?}")).collect();
            format!("{} {}–{}", days.join(" "), text(&window.from), text(&window.to))
        });
        let times: Vec<String> = std::iter::once(text(&hours.time_zone)).chain(windows).collect();
        rows.push(vec![label(Label::Hours).to_owned(), times.join("; ")]);
        if let Some(message) = &hours.unavailable_message {
            rows.push(vec![label(Label::UnavailableMessage).to_owned(), text(message)]);
        }
    }
    rows.push(vec![label(Label::Installation).to_owned(), code(subject.installation)]);
    table(out, &[label(Label::Item), label(Label::Value)], &rows);
    out.push_str(&format!("\n{}\n", label(Label::InstallationNote)));
}

/// What whoever runs the bot needs.
fn handover(out: &mut String, subject: &Subject<'_>) {
    let label = |label| texts::label(subject.language(), label);
    heading(out, label(Label::HandOver));
    let mut rows = Vec::new();
    for item in &subject.status.handover {
        let name = match item.kind.as_str() {
            "ConversationTag" => label(Label::ConversationTag).to_owned(),
            "TicketField" => label(Label::TicketField).to_owned(),
            "Department" => label(Label::DefaultDepartment).to_owned(),
            _ => format!("{} {}", text(&item.kind), code(&item.name)),
        };
        rows.push(vec![name, code(&item.id)]);
    }
    for webhook in &subject.status.webhooks {
        let name = texts::fill(label(Label::Webhook), &[("entry", &webhook.name)]);
        rows.push(vec![name, code(webhook.id.as_deref().unwrap_or("-"))]);
    }
    table(out, &[label(Label::Item), label(Label::Value)], &rows);
}

fn steps(out: &mut String, subject: &Subject<'_>) {
    let label = |label| texts::label(subject.language(), label);
    heading(out, label(Label::OpenSteps));
    let steps = &subject.planned.pending;
    if steps.is_empty() {
        out.push_str(&format!("{}\n", label(Label::NoOpenStep)));
    }
    steps.iter().take(MOST_STEPS).for_each(|step| self::step(out, subject, step));
    if steps.len() > MOST_STEPS {
        let more = (steps.len() - MOST_STEPS).to_string();
        out.push_str(&format!("{}\n", texts::fill(label(Label::StepsMore), &[("value", &more)])));
    }
}

fn step(out: &mut String, subject: &Subject<'_>, step: &PendingStep) {
    let language = subject.language();
    let label = |label| texts::label(language, label);
    let words = texts::step(language, step.name);
    let values = [("value", step.value.as_str()), ("entry", step.entry.as_deref().unwrap_or_default())];
    let blocks = if step.blocks_live { format!(" — {}", label(Label::Customers)) } else { String::new() };
    out.push_str(&format!("- **{}** ({}){blocks}\n", words.title, code(&step.title())));
    out.push_str(&format!("  - {}: {}\n", label(Label::Why), texts::fill(words.why, &values)));
    out.push_str(&format!("  - {}: {}\n", label(Label::How), texts::fill(words.how, &values)));
    let entry = catalogue::of(step.name);
    out.push_str(&format!("  - {}: {}\n", label(Label::Who), texts::who(language, entry.who)));
    if entry.proof == StepProof::CompletedStep {
        let recorded =
            format!("{{name: {}, value: {}}}", step.title(), serde_json::Value::from(step.value.as_str()));
        out.push_str(&format!("  - {}: {}\n", label(Label::CompletedBy), code(&recorded)));
    }
}

/// The capabilities that are not as they should be, each by what its reason means. What goes on by itself is left out:
/// the sheet would be written for every step of the way.
fn faults(out: &mut String, subject: &Subject<'_>) {
    let summaries = [ConditionType::Ready, ConditionType::Live, ConditionType::Drifted];
    let faults: Vec<String> = subject
        .status
        .conditions
        .iter()
        .filter(|condition| condition.status == ConditionStatus::False)
        .filter(|condition| !summaries.iter().any(|summary| summary.as_str() == condition.type_))
        .filter_map(|condition| Some((condition, Reason::parse(&condition.reason)?)))
        .filter(|(_, reason)| !report::goes_on_by_itself(*reason))
        .map(|(condition, reason)| {
            format!("- {}: {}\n", code(&condition.type_), texts::reason(subject.language(), reason))
        })
        .collect();
    if !faults.is_empty() {
        heading(out, texts::label(subject.language(), Label::Conditions));
        faults.iter().for_each(|line| out.push_str(line));
    }
}

fn departments(out: &mut String, subject: &Subject<'_>) {
    let spec = subject.spec();
    if spec.departments.is_empty() {
        return;
    }
    let label = |label| texts::label(subject.language(), label);
    heading(out, label(Label::Departments));
    let id_of = |name: &str| {
        let mut held = subject.planned.observed.departments.iter();
        let ours = held.find(|held| matches!(&held.owner, Owner::Us { key, .. } if key == name));
        ours.map_or_else(|| "-".to_owned(), |department| code(department.id.as_str()))
    };
    let rows: Vec<Vec<String>> = spec
        .departments
        .iter()
        .map(|department| {
            vec![
                format!("{} ({})", text(&department.display_name), code(&department.name)),
                short(department.description.as_deref().unwrap_or_default(), MOST_CHARACTERS),
                id_of(&department.name),
            ]
        })
        .collect();
    table(out, &[label(Label::Name), label(Label::Description), label(Label::Id)], &rows);
}

fn sessions(out: &mut String, subject: &Subject<'_>) {
    let label = |label| texts::label(subject.language(), label);
    heading(out, label(Label::Training));
    let rows: Vec<Vec<String>> =
        training::sessions(subject.spec()).map(|session| session_row(subject, session)).collect();
    if rows.is_empty() {
        out.push_str(&format!("{}\n", label(Label::NoTraining)));
        return;
    }
    let titles = [Label::Session, Label::When, Label::Audience, Label::Location].map(label);
    table(out, &titles, &rows);
}

fn session_row(subject: &Subject<'_>, session: &TrainingSession) -> Vec<String> {
    let label = |label| texts::label(subject.language(), label);
    let zone = due::zone(subject.spec());
    let times = training::occurrences(session, &zone);
    let mut when = Vec::new();
    if let Some(first) = times.first() {
        when.push(first.start.to_zoned(zone).strftime("%Y-%m-%d %H:%M (%Q)").to_string());
        when.push(texts::fill(label(Label::Minutes), &[("value", &session.minutes.to_string())]));
    }
    if let Some(repeat) = &session.repeat {
        let (weeks, times) = (repeat.every_weeks.to_string(), repeat.times.to_string());
        when.push(texts::fill(label(Label::Repeats), &[("weeks", &weeks), ("times", &times)]));
    }
    let over = times.last().is_some_and(|time| time.end <= subject.now);
    when.push(
        label(match (session.outcome, times.is_empty(), over) {
            (Some(TrainingOutcome::Held), ..) => Label::Held,
            (Some(TrainingOutcome::Cancelled), ..) => Label::Cancelled,
            (None, true, _) => Label::Requested,
            (None, false, true) => Label::Over,
            (None, false, false) => Label::Planned,
        })
        .to_owned(),
    );
    let audience = session.audience.iter();
    let profiles = audience.clone().flat_map(|audience| &audience.profiles).map(|profile| {
        label(match profile {
            crate::api::agents::Profile::Agent => Label::ProfileAgent,
            crate::api::agents::Profile::Administrator => Label::ProfileAdministrator,
        })
        .to_owned()
    });
    let agents = audience.flat_map(|audience| &audience.agents).map(|name| code(name));
    let whom: Vec<String> = profiles.chain(agents).collect();
    vec![
        code(&session.name),
        when.join(", "),
        whom.join(", "),
        short(session.location.as_deref().unwrap_or_default(), MOST_CHARACTERS),
    ]
}
