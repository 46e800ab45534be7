//! Every reason of an event is told by a report made for it, and a state that lasts is told once.

use super::*;
use crate::api::account_status::{HelpdeskAccountStatus, Seats};
use crate::api::config_status::ApprovalStatus;
use crate::controller::report::{Credentials, StoreEvent, account_events, deletion_blocked, plan_approved};
use crate::model::EventReason;

/// The events of a round.
fn told(config: &HumanSupportConfig, round: &Round) -> Vec<StoreEvent> {
    report(StoreResource::new(config), round, at(100)).events
}

/// The events of a round that did one step.
fn told_of(kind: Kind, action: Action, field: Option<&str>) -> Vec<StoreEvent> {
    let config = store();
    let fields = field.into_iter().map(str::to_owned).collect();
    let object = ObjectKey::new(kind, "one");
    let done = vec![Done { object, action, fields, outcome: Outcome::Applied(None) }];
    told(&config, &Round::Planned(Box::new(Planned { done, ..settled(&config) })))
}

/// A store whose last round came to this.
fn after(round: &Round) -> HumanSupportConfig {
    let mut config = store();
    config.status = Some(status_of(&config, round.clone()));
    config
}

fn settled_round() -> Round {
    Round::Planned(Box::new(settled(&store())))
}

fn blocked(reason: Reason) -> Round {
    let message = "the sentence of the round".to_owned();
    Round::Blocked(Blocked { reason, message, retry: Retry::BackOff, side: None })
}

/// A round in which a person's change stays.
fn drifted() -> Round {
    let config = store();
    let mut planned = settled(&config);
    let message = "a person changed it".to_owned();
    planned.plan.held.push(Held { step: create_ana(&config), reason: Reason::RemoteChanged, message });
    Round::Planned(Box::new(planned))
}

/// A round in which the helpdesk dropped a field.
fn dropped() -> Round {
    let config = store();
    let mut planned = settled(&config);
    let error = ProviderError::Rejected { reason: Reason::FieldIgnored, field: Some("profile".into()) };
    planned.plan.steps.push(create_ana(&config));
    planned.done.push(Done {
        object: ObjectKey::new(Kind::Agent, "ana"),
        action: Action::Create,
        fields: Vec::new(),
        outcome: Outcome::NotApplied(error),
    });
    Round::Planned(Box::new(planned))
}

fn approval(steps: &[&str]) -> HumanSupportConfigStatus {
    let steps = steps.iter().map(|step| (*step).to_owned()).collect();
    let approval = Some(ApprovalStatus { generation: 3, steps });
    HumanSupportConfigStatus { approval, ..HumanSupportConfigStatus::default() }
}

fn seats(used: i32, declared: Option<i32>) -> HelpdeskAccountStatus {
    HelpdeskAccountStatus { seats: Some(Seats { used, declared }), ..HelpdeskAccountStatus::default() }
}

fn training_due() -> Vec<StoreEvent> {
    let mut config = store();
    let training = r#"{"sessions": [{"name": "first", "startsAt": "1970-01-01T01:00:00Z", "minutes": 60, "audience": {"profiles": ["Agent"]}}]}"#;
    config.spec.training = Some(serde_json::from_str(training).unwrap());
    told(&config, &settled_round())
}

fn deletion() -> Vec<StoreEvent> {
    let Round::Blocked(blocked) = blocked(Reason::SecretInvalid) else { return Vec::new() };
    deletion_blocked(StoreResource::new(&store()), (&blocked, &[]), at(100)).events
}

/// What is told where there is cause for this reason. A new word has no place here before something tells it.
fn cause(reason: EventReason) -> Vec<StoreEvent> {
    use EventReason as R;
    match reason {
        R::Reconciled => told(&store(), &settled_round()),
        R::Recovered => told(&after(&blocked(Reason::SecretInvalid)), &settled_round()),
        R::AgentCreated => told_of(Kind::Agent, Action::Create, None),
        R::AgentUpdated => told_of(Kind::Agent, Action::Update, Some("displayName")),
        R::AgentDeactivated => told_of(Kind::Agent, Action::Update, Some("active")),
        R::DepartmentCreated => told_of(Kind::Department, Action::Create, None),
        R::WebhookBound => told_of(Kind::Webhook, Action::Create, None),
        R::WebhookSecretRotated => told_of(Kind::Webhook, Action::Update, Some("token")),
        R::ObjectAdopted => told_of(Kind::Agent, Action::Adopt, None),
        R::ExternalObjectsKept => told_of(Kind::Department, Action::Release, None),
        R::DriftCorrected => {
            let config = after(&settled_round());
            let object = ObjectKey::new(Kind::Agent, "ana");
            let outcome = Outcome::Applied(None);
            let done = vec![Done { object, action: Action::Update, fields: Vec::new(), outcome }];
            told(&config, &Round::Planned(Box::new(Planned { done, ..settled(&config) })))
        }
        R::PlanApproved => plan_approved(None, Some(&approval(&["delete Agent/ana"]))).into_iter().collect(),
        R::CredentialsRotated => {
            account_events(None, &HelpdeskAccountStatus::default(), Credentials::Rotated)
        }
        R::DriftDetected => told(&after(&settled_round()), &drifted()),
        R::RateLimited => told(&after(&settled_round()), &blocked(Reason::WaitingForRateLimit)),
        R::ProviderUnavailable => told(&after(&settled_round()), &blocked(Reason::ProviderUnavailable)),
        R::DeletionBlocked => deletion(),
        R::SeatsNearlyExhausted => {
            account_events(Some(&seats(8, Some(10))), &seats(9, Some(10)), Credentials::AsBefore)
        }
        R::UnknownFieldIgnoredByProvider => told(&after(&settled_round()), &dropped()),
        R::Stalled => told(&after(&settled_round()), &blocked(Reason::SecretInvalid)),
        R::TrainingDue => training_due(),
    }
}

#[test]
fn every_reason_of_an_event_is_told_where_there_is_cause() {
    for reason in EventReason::ALL {
        let events = cause(*reason);
        let found = events.iter().find(|event| event.reason == *reason);
        let event = found.unwrap_or_else(|| panic!("{reason} is not told: {events:?}"));
        assert!(!event.note.is_empty() && event.note.len() <= 1024, "{event:?}");
        assert!(!event.note.contains('@'), "no e-mail address leaves the spec: {event:?}");
    }
}

#[test]
fn what_lasts_is_told_once() {
    for round in [
        settled_round(),
        drifted(),
        dropped(),
        blocked(Reason::WaitingForRateLimit),
        blocked(Reason::ProviderUnavailable),
        blocked(Reason::SecretInvalid),
    ] {
        let again = told(&after(&round), &round);
        assert!(again.is_empty(), "{again:?}");
    }
    let recorded = approval(&["delete Agent/ana"]);
    assert_eq!(plan_approved(Some(&recorded), Some(&recorded)), None);
    let full = seats(9, Some(10));
    assert_eq!(account_events(Some(&full), &full, Credentials::AsBefore), Vec::new());
}

#[test]
fn seats_without_a_limit_and_what_is_only_looked_at_tell_nothing() {
    assert_eq!(account_events(None, &seats(1_000, None), Credentials::AsBefore), Vec::new());
    assert_eq!(account_events(None, &seats(0, Some(0)), Credentials::AsBefore), Vec::new());
    let config = after(&settled_round());
    let mut planned = Planned { stance: Stance::Watching, ..settled(&config) };
    planned.plan.steps.push(create_ana(&config));
    let round = Round::Planned(Box::new(planned));
    let drifted = condition(&status_of(&config, round.clone()), ConditionType::Drifted).0;
    assert_eq!(drifted, ConditionStatus::True, "the difference is shown");
    let events = told(&config, &round);
    assert!(events.iter().all(|event| event.reason != EventReason::DriftDetected), "{events:?}");
}
