//! Training: who is expected where and when, who has no session, what is due.
//!
//! Pure: the time and what was remembered are arguments. A session is never refused for its date (a restore from an
//! older Git must pass); what is odd about one is reported. Must not: invite anybody.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::{due, hours};
use crate::api::HumanSupportConfigSpec;
use crate::api::agents::{Agent, Profile};
use crate::api::config_status::TrainingStatus;
use crate::api::formats;
use crate::api::training::{TrainingOutcome, TrainingSession};
use crate::model::Reason;

/// How long before a session its first reminder is due.
const DAY_BEFORE: SignedDuration = SignedDuration::from_hours(24);
/// The most bytes of the step's value: the status takes 128.
const MOST_BYTES: usize = 110;

/// One time that a session takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// When it starts.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
}

/// Whether everybody has a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No active agent is declared.
    NobodyToTrain,
    /// Everybody has one, or had one.
    Scheduled,
    /// Everybody has one, and these have no date yet.
    Requested(Vec<String>),
    /// Some have none.
    Missing(Missing),
}

/// Who has no session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Profiles and agents, as the step `BookTraining` shows them.
    pub value: String,
    /// The same in a sentence.
    pub message: String,
}

/// What is odd about a session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionProblem {
    /// The session.
    pub session: String,
    /// What a person looks up.
    pub reason: Reason,
    /// What is odd and what to do.
    pub message: String,
}

/// A reminder that is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reminder {
    /// When it became due.
    pub at: Timestamp,
    /// The sentence.
    pub note: String,
}

/// What is the case with the training of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether everybody has a session.
    pub standing: Standing,
    /// When the next session starts.
    pub next: Option<Timestamp>,
    /// What is odd.
    pub problems: Vec<SessionProblem>,
    /// Reminders that are due and were not told.
    pub reminders: Vec<Reminder>,
    /// What to remember; none where there is nothing.
    pub remember: Option<TrainingStatus>,
}

/// Looks at the training of a store at a moment, with what was remembered of it.
pub fn look(spec: &HumanSupportConfigSpec, remembered: Option<&TrainingStatus>, now: Timestamp) -> Look {
    let (zone, today) = (due::zone(spec), due::today(spec, now));
    let mut status = remembered.cloned().unwrap_or_default();
    remember_held(spec, &mut status, today);
    let reminders = reminders(spec, &status, (&zone, now));
    if let Some(last) = reminders.iter().map(|reminder| reminder.at).max() {
        status.reminded_until = Some(last.to_string());
    }
    let upcoming = sessions(spec).filter(|session| session.outcome.is_none());
    let starts = upcoming.flat_map(|session| occurrences(session, &zone)).map(|occurrence| occurrence.start);
    Look {
        standing: standing(spec, &status, today),
        next: starts.filter(|start| *start > now).min(),
        problems: problems(spec, (&zone, now)),
        reminders,
        remember: (status != TrainingStatus::default()).then_some(status),
    }
}

/// The next moment after `now` at which something about the training changes: a reminder, a start, an end.
pub fn next_moment(spec: &HumanSupportConfigSpec, now: Timestamp) -> Option<Timestamp> {
    let zone = due::zone(spec);
    let open = sessions(spec).filter(|session| session.outcome.is_none());
    open.flat_map(|session| occurrences(session, &zone))
        .flat_map(|occurrence| [occurrence.start - DAY_BEFORE, occurrence.start, occurrence.end])
        .filter(|moment| *moment > now)
        .min()
}

/// The declared sessions.
pub fn sessions(spec: &HumanSupportConfigSpec) -> impl Iterator<Item = &TrainingSession> {
    spec.training.iter().flat_map(|training| &training.sessions)
}

/// When a session takes place: at the same time of day on the store's clock; none without a date.
pub fn occurrences(session: &TrainingSession, zone: &TimeZone) -> Vec<Occurrence> {
    let Some(start) = start_of(session) else { return Vec::new() };
    let length = SignedDuration::from_mins(i64::from(session.minutes));
    let (every, times) =
        session.repeat.as_ref().map_or((1, 1), |repeat| (i64::from(repeat.every_weeks), repeat.times));
    let first = start.to_zoned(zone.clone());
    let at = |number: i32| first.checked_add((every * i64::from(number)).weeks()).ok();
    let starts = (0..times).filter_map(at).map(|zoned| zoned.timestamp());
    starts.filter_map(|start| Some(Occurrence { start, end: start.checked_add(length).ok()? })).collect()
}

/// When a session first starts; none without a date, or with one that cannot be read (`api::validate` refuses it).
pub fn start_of(session: &TrainingSession) -> Option<Timestamp> {
    session.starts_at.as_deref()?.parse().ok()
}

/// The active agents that a session is for, in the order of the declaration.
pub fn attendees<'a>(
    spec: &'a HumanSupportConfigSpec,
    session: &TrainingSession,
    today: Date,
) -> Vec<&'a Agent> {
    active(spec, today).filter(|agent| expects(session, agent)).collect()
}

fn expects(session: &TrainingSession, agent: &Agent) -> bool {
    session.audience.as_ref().is_some_and(|audience| {
        audience.profiles.contains(&agent.profile) || audience.agents.contains(&agent.name)
    })
}

/// Agents who work today.
pub fn active(spec: &HumanSupportConfigSpec, today: Date) -> impl Iterator<Item = &Agent> {
    spec.agents.iter().filter(move |agent| agent.is_active() && !is_over(agent, today))
}

/// Whether somebody's last day has passed.
pub fn is_over(agent: &Agent, today: Date) -> bool {
    agent.until.as_deref().and_then(formats::parse_date).is_some_and(|until| until < today)
}

/// Whoever was in the audience when a session is first seen as held is trained. That is remembered, because nothing
/// else tells somebody who came later from somebody who was there.
fn remember_held(spec: &HumanSupportConfigSpec, status: &mut TrainingStatus, today: Date) {
    let declared: BTreeSet<&str> = spec.agents.iter().map(|agent| agent.name.as_str()).collect();
    let mut trained: BTreeSet<String> =
        status.trained.drain(..).filter(|name| declared.contains(name.as_str())).collect();
    let mut held = Vec::new();
    for session in sessions(spec).filter(|session| session.outcome == Some(TrainingOutcome::Held)) {
        if !status.held.contains(&session.name) {
            trained.extend(attendees(spec, session, today).into_iter().map(|agent| agent.name.clone()));
        }
        held.push(session.name.clone());
    }
    held.sort_unstable();
    status.held = held;
    status.trained = trained.into_iter().collect();
}

fn standing(spec: &HumanSupportConfigSpec, status: &TrainingStatus, today: Date) -> Standing {
    let agents: Vec<&Agent> = active(spec, today).collect();
    if agents.is_empty() {
        return Standing::NobodyToTrain;
    }
    let open: Vec<&TrainingSession> = sessions(spec).filter(|session| session.outcome.is_none()).collect();
    let trained: BTreeSet<&str> = status.trained.iter().map(String::as_str).collect();
    let waiting = agents.into_iter().filter(|agent| !trained.contains(agent.name.as_str()));
    let (mut missing, mut requested) = (Vec::new(), BTreeSet::new());
    for agent in waiting {
        let mut own = open.iter().filter(|session| expects(session, agent)).peekable();
        if own.peek().is_none() {
            missing.push(agent);
        } else if own.clone().all(|session| session.starts_at.is_none()) {
            requested.extend(own.map(|session| session.name.clone()));
        }
    }
    if !missing.is_empty() {
        return Standing::Missing(missing_of(spec, &missing));
    }
    if requested.is_empty() {
        Standing::Scheduled
    } else {
        Standing::Requested(requested.into_iter().collect())
    }
}

/// A profile that no session is for is named as such; whoever came after the last session of theirs, by name.
fn missing_of(spec: &HumanSupportConfigSpec, agents: &[&Agent]) -> Missing {
    let (mut profiles, mut late) = (Vec::new(), Vec::new());
    for profile in [Profile::Agent, Profile::Administrator] {
        let of_profile: Vec<&&Agent> = agents.iter().filter(|agent| agent.profile == profile).collect();
        let has_session = sessions(spec).any(|session| {
            session.outcome != Some(TrainingOutcome::Cancelled)
                && spec.agents.iter().any(|agent| agent.profile == profile && expects(session, agent))
        });
        if of_profile.is_empty() {
            continue;
        }
        if has_session {
            late.extend(of_profile.iter().map(|agent| agent.name.clone()));
        } else {
            profiles.push(format!("{profile:?}"));
        }
    }
    let mut sentences = Vec::new();
    if !profiles.is_empty() {
        let names: Vec<String> = profiles.iter().map(|profile| format!("`{profile}`")).collect();
        sentences.push(format!("no session is declared for the profile {}", names.join(" and ")));
    }
    if !late.is_empty() {
        let names = shortened(&late, ", ", 200);
        sentences.push(format!("not in a session that is to come, nor in one that was held: {names}"));
    }
    let all: Vec<String> = profiles.into_iter().chain(late).collect();
    Missing { value: shortened(&all, ",", MOST_BYTES), message: sentences.join("; ") }
}

/// As many names as there is room for, and how many more there are.
fn shortened(names: &[String], separator: &str, most: usize) -> String {
    let mut text = String::new();
    for (number, name) in names.iter().enumerate() {
        if number > 0 && text.len() + separator.len() + name.len() > most {
            text.push_str(&format!("{separator}+{}", names.len() - number));
            break;
        }
        if number > 0 {
            text.push_str(separator);
        }
        text.push_str(name);
    }
    text
}

fn problems(spec: &HumanSupportConfigSpec, (zone, now): (&TimeZone, Timestamp)) -> Vec<SessionProblem> {
    let declared: BTreeSet<&str> = spec.agents.iter().map(|agent| agent.name.as_str()).collect();
    let today = now.to_zoned(zone.clone()).date();
    let mut problems = Vec::new();
    for session in sessions(spec).filter(|session| session.outcome.is_none()) {
        let mut report = |reason, message: String| {
            problems.push(SessionProblem { session: session.name.clone(), reason, message });
        };
        let times = occurrences(session, zone);
        if times.iter().map(|time| time.end).max().is_some_and(|end| end <= now) {
            let message = "it is over; set its `outcome` to Held or Cancelled".to_owned();
            report(Reason::ManualActionRequired, message);
            continue;
        }
        if attendees(spec, session, today).is_empty() {
            let message =
                "nobody in its audience is an active agent of this store; change `audience`".to_owned();
            report(Reason::NotDeclared, message);
        }
        let named = session.audience.iter().flat_map(|audience| &audience.agents);
        if let Some(gone) = named.into_iter().find(|name| !declared.contains(name.as_str())) {
            let message = format!("`{gone}` in its audience is no agent of this store; take the name out");
            report(Reason::NotDeclared, message);
        }
        if let Some(time) = times.iter().find(|time| time.end > now) {
            during(spec, (session, *time, today))
                .into_iter()
                .for_each(|(reason, message)| report(reason, message));
        }
    }
    problems
}

/// What the next time of a session means for its agents, who may not be at work, or for the customers, whom nobody may
/// answer.
fn during(
    spec: &HumanSupportConfigSpec,
    (session, time, today): (&TrainingSession, Occurrence, Date),
) -> Option<(Reason, String)> {
    if let Some(declared) = &spec.business_hours {
        let once = TrainingSession { starts_at: Some(time.start.to_string()), ..session.clone() };
        if let Some(conflict) = hours::conflict(declared, &once) {
            let message =
                format!("{conflict}: its agents are not at work then; move it, or change the hours");
            return Some((Reason::OutsideBusinessHours, message));
        }
    }
    let department = spec.default_department.as_ref()?;
    let mut answering = active(spec, today).filter(|agent| agent.departments.contains(department)).peekable();
    answering.peek()?;
    answering.all(|agent| expects(session, agent)).then(|| {
        let message = format!(
            "everybody of `{department}` is expected, so nobody answers customers while it runs; hold it in two parts"
        );
        (Reason::NoAgentAvailable, message)
    })
}

/// Reminders that became due since the last one that was told: the day before, and at the start. Of a session that is
/// over nothing is due any more.
fn reminders(
    spec: &HumanSupportConfigSpec,
    status: &TrainingStatus,
    (zone, now): (&TimeZone, Timestamp),
) -> Vec<Reminder> {
    let told: Option<Timestamp> = status.reminded_until.as_deref().and_then(|until| until.parse().ok());
    let is_new = |at: Timestamp| at <= now && told.is_none_or(|told| at > told);
    let mut due = Vec::new();
    for session in sessions(spec).filter(|session| session.outcome.is_none()) {
        for Occurrence { start, end } in occurrences(session, zone) {
            let when = start.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M (%Q)").to_string();
            let name = &session.name;
            if start <= now && end > now && is_new(start) {
                due.push(Reminder { at: start, note: format!("training `{name}` starts now: {when}") });
            } else if start > now && is_new(start - DAY_BEFORE) {
                let note = format!("training `{name}` is within a day: {when}");
                due.push(Reminder { at: start - DAY_BEFORE, note });
            }
        }
    }
    due.sort_unstable();
    due
}
