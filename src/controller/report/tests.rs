//! What people read of a round, from rounds built by hand.

mod events;
mod hours;
mod licenses;
mod size;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::report;
use crate::api::HumanSupportConfig;
use crate::api::conditions::{ConditionStatus, ConditionType, get};
use crate::api::config_status::{HumanSupportConfigStatus, Platform};
use crate::controller::desired::{Circumstances, declare};
use crate::controller::pending::{Situation, open_steps};
use crate::controller::round::{
    Bearing, Blocked, Done, EntryProblem, Ids, Planned, Retry, Round, Side, Stance,
};
use crate::controller::store::StoreResource;
use crate::controller::training;
use crate::model::{
    Agent, AgentKey, Kind, ObjectKey, Observed, Origin, Owner, PhoneField, Reason, Remote, RemoteName,
    StepName, Support,
};
use crate::plan::{Action, Change, Held, Plan, Step};
use crate::provider::{Outcome, ProviderError};

const STORE: &str = r#"
apiVersion: humansupport.dev/v1alpha1
kind: HumanSupportConfig
metadata: {name: loja-centro, namespace: store, uid: u-1, generation: 3}
spec:
  accountRef: {kind: HelpdeskAccount, name: zendesk}
  store: lojacentro
  whatsapp: {phoneNumber: "+551140028922"}
  licenses: {quantity: 12}
  departments: [{name: support, displayName: Suporte}]
  defaultDepartment: support
  agents: [{name: ana, displayName: Ana Souza, email: ana@loja.example, profile: Agent, departments: [support]}]
  webhooks:
    - {name: handler, url: "https://handler.example/hook", tokenSecretRef: {name: token}, events: [{name: AgentReplied}]}
  completedSteps: [{name: IntegrateWhatsApp, value: "+551140028922"}]
"#;

fn store() -> HumanSupportConfig {
    serde_saphyr::from_str(STORE).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn side() -> Side {
    Side {
        account: "HelpdeskAccount/zendesk".into(),
        host: "lojacentro.zendesk.com".into(),
        platform: Platform::Zendesk,
    }
}

/// A round that left nothing to do, with the field in the helpdesk.
pub(in crate::controller) fn settled(config: &HumanSupportConfig) -> Planned {
    let circumstances =
        Circumstances { department_name: None, secrets: &|_| None, today: jiff::civil::date(2026, 11, 24) };
    let desired = declare(&config.spec, &circumstances).desired;
    let owner = Owner::Us { key: "whatsapp-number".into(), origin: Origin::Created, mark_is_current: true };
    let value = PhoneField { title: RemoteName::new("WhatsApp lojacentro"), active: true };
    let field = Remote { id: "622".into(), owner, value };
    let observed = Observed { phone_fields: vec![field], ..Observed::default() };
    let plan = Plan::default();
    let pending = open_steps(&Situation {
        spec: &config.spec,
        desired: &desired,
        observed: &observed,
        plan: &plan,
        missing_tokens: &BTreeSet::new(),
        moving_to: None,
        platform: Platform::Zendesk,
        capabilities: &crate::model::Capabilities::default(),
        training: &training::look(&config.spec, None, at(100)).standing,
    });
    Planned {
        side: side(),
        desired,
        observed,
        plan,
        done: Vec::new(),
        pending,
        ids: Ids { phone_field: Some("622".into()), ..Ids::default() },
        problems: Vec::new(),
        missing_tokens: BTreeSet::new(),
        sheet_problem: None,
        left_sides: Vec::new(),
        failing_webhooks: BTreeSet::new(),
        claims: Vec::new(),
        applied_licenses: None,
        capabilities: crate::model::Capabilities {
            kinds: [
                (Kind::License, Support::BudgetOnly),
                (Kind::Department, Support::Managed),
                (Kind::Agent, Support::Managed),
                (Kind::Webhook, Support::Managed),
                (Kind::OpeningHours, Support::Managed),
            ]
            .into(),
            ..crate::model::Capabilities::default()
        },
        stance: Stance::Enforcing,
    }
}

pub(in crate::controller) fn status_of(
    config: &HumanSupportConfig,
    round: Round,
) -> HumanSupportConfigStatus {
    report(StoreResource::new(config), &round, at(100)).status
}

fn condition(status: &HumanSupportConfigStatus, type_: ConditionType) -> (ConditionStatus, String, String) {
    let found = get(&status.conditions, type_).unwrap_or_else(|| panic!("no condition {}", type_.as_str()));
    (found.status, found.reason.clone(), found.message.clone())
}

fn create_ana(config: &HumanSupportConfig) -> Step {
    let key = AgentKey::new("ana");
    let value: Agent = settled(config).desired.agents[&key].clone();
    Step::Agent(Change::Create { key, value })
}

#[test]
fn a_settled_store_with_an_open_blocking_step_is_ready_and_not_live() {
    let config = store();
    let status = status_of(&config, Round::Planned(Box::new(settled(&config))));
    assert_eq!(condition(&status, ConditionType::Ready).0, ConditionStatus::True);
    let (live, reason, message) = condition(&status, ConditionType::Live);
    assert_eq!((live, reason.as_str()), (ConditionStatus::False, "StepsPending"));
    assert!(
        message.starts_with("no: 2 open steps") && message.contains("`SendTicketFieldId` (`622`)"),
        "{message}"
    );
    assert!(get(&status.conditions, ConditionType::Reconciling).is_none());
    assert!(get(&status.conditions, ConditionType::Stalled).is_none());
}

#[test]
fn a_settled_store_whose_steps_are_done_is_live() {
    let mut config = store();
    for (name, value) in [("SendTicketFieldId", "622"), ("SendConversationTag", "vtex-chatbot")] {
        let step = crate::api::config::CompletedStep { name: name.into(), value: Some(value.into()) };
        config.spec.completed_steps.push(step);
    }
    let status = status_of(&config, Round::Planned(Box::new(settled(&config))));
    let (live, _, message) = condition(&status, ConditionType::Live);
    assert_eq!(live, ConditionStatus::True, "{message}");
    assert!(message.starts_with("yes"), "{message}");
}

#[test]
fn a_store_whose_handler_is_not_reached_is_not_live() {
    let mut config = store();
    for (name, value) in [("SendTicketFieldId", "622"), ("SendConversationTag", "vtex-chatbot")] {
        let step = crate::api::config::CompletedStep { name: name.into(), value: Some(value.into()) };
        config.spec.completed_steps.push(step);
    }
    let mut planned = settled(&config);
    planned.failing_webhooks.insert("handler".into());
    let status = status_of(&config, Round::Planned(Box::new(planned)));
    let (live, reason, message) = condition(&status, ConditionType::Live);
    assert_eq!((live, reason.as_str()), (ConditionStatus::False, "DeliveriesFailing"));
    assert!(message.contains("`handler`"), "{message}");
    assert_eq!(condition(&status, ConditionType::Ready).0, ConditionStatus::True);
}

#[test]
fn a_step_completed_for_another_value_is_open_again() {
    let mut config = store();
    let step =
        crate::api::config::CompletedStep { name: "SendTicketFieldId".into(), value: Some("621".into()) };
    config.spec.completed_steps.push(step);
    let status = status_of(&config, Round::Planned(Box::new(settled(&config))));
    assert!(status.pending_steps.iter().any(|step| step.name == "SendTicketFieldId"));
}

#[test]
fn work_that_is_left_is_reconciling_and_a_refusal_is_stalled() {
    let config = store();
    let mut planned = settled(&config);
    planned.plan.steps.push(create_ana(&config));
    let status = status_of(&config, Round::Planned(Box::new(planned.clone())));
    assert_eq!(condition(&status, ConditionType::Ready).0, ConditionStatus::False);
    assert!(get(&status.conditions, ConditionType::Reconciling).is_some());

    let error = ProviderError::Rejected { reason: Reason::EmailTaken, field: Some("email".into()) };
    planned.done.push(Done {
        object: ObjectKey::new(Kind::Agent, "ana"),
        action: Action::Create,
        fields: Vec::new(),
        outcome: Outcome::NotApplied(error),
    });
    let status = status_of(&config, Round::Planned(Box::new(planned)));
    assert_eq!(condition(&status, ConditionType::Ready).1, "EmailTaken");
    assert!(get(&status.conditions, ConditionType::Stalled).is_some());
    assert!(get(&status.conditions, ConditionType::Reconciling).is_none());
    assert_eq!(status.problems.len(), 1);
    assert!(!format!("{status:?}").contains("ana@loja.example"), "no e-mail address leaves the spec");
}

#[test]
fn what_an_interface_does_not_show_is_unknown_and_leaves_the_store_ready() {
    let config = store();
    let mut planned = settled(&config);
    for kind in [Kind::Department, Kind::Agent] {
        planned.capabilities.kinds.insert(kind, Support::None);
    }
    let status = status_of(&config, Round::Planned(Box::new(planned)));
    for type_ in [ConditionType::DepartmentsReady, ConditionType::AgentsReady] {
        let (status, reason, _) = condition(&status, type_);
        assert_eq!((status, reason.as_str()), (ConditionStatus::Unknown, "ManualActionRequired"));
    }
    assert_eq!(condition(&status, ConditionType::Ready).0, ConditionStatus::True);
}

#[test]
fn a_step_that_a_round_waits_for_is_shown_although_nothing_was_read() {
    let config = store();
    let blocked = Blocked {
        reason: Reason::AccountNotAllowed,
        message: "no entry".into(),
        retry: Retry::ForPerson(StepName::ObtainPartnerAccount),
        side: None,
    };
    let status = status_of(&config, Round::Blocked(blocked));
    let step = &status.pending_steps[0];
    assert_eq!(
        (step.name.as_str(), step.value.as_deref()),
        ("ObtainPartnerAccount", Some("store/lojacentro"))
    );
    assert!(step.blocks_live && step.how.contains("`zenvia.accounts`"), "{}", step.how);
}

#[test]
fn a_held_change_names_its_entry_and_what_to_do() {
    let config = store();
    let mut planned = settled(&config);
    let message = "the name belongs to id 7; list it in `adopt`".to_owned();
    planned.plan.held.push(Held {
        step: create_ana(&config),
        reason: Reason::AdoptionRequired,
        message: message.clone(),
    });
    let status = status_of(&config, Round::Planned(Box::new(planned)));
    let (ready, reason, said) = condition(&status, ConditionType::Ready);
    assert_eq!((ready, reason.as_str()), (ConditionStatus::False, "AdoptionRequired"));
    assert!(said.contains("`ana`") && said.contains(&message), "{said}");
    assert_eq!(status.summary.unwrap().agents, "0/1");
}

#[test]
fn what_waits_for_whatsapp_leaves_the_store_ready() {
    let mut config = store();
    config.spec.completed_steps.clear();
    let mut planned = settled(&config);
    let (step, message) = (create_ana(&config), "WhatsApp comes first".to_owned());
    planned.plan.held.push(Held {
        step: step.clone(),
        reason: Reason::IntegrationPending,
        message: message.clone(),
    });
    planned.plan.held.push(Held { step, reason: Reason::DependencyHeld, message });
    let status = status_of(&config, Round::Planned(Box::new(planned)));
    let (ready, reason, _) = condition(&status, ConditionType::Ready);
    assert_eq!((ready, reason.as_str()), (ConditionStatus::True, "IntegrationPending"));
    assert_eq!(condition(&status, ConditionType::WhatsAppReady).0, ConditionStatus::False);
    assert_eq!(condition(&status, ConditionType::AgentsReady).0, ConditionStatus::False);
    assert_eq!(condition(&status, ConditionType::Live).0, ConditionStatus::False);
}

#[test]
fn a_problem_that_informs_does_not_block() {
    let config = store();
    let mut planned = settled(&config);
    planned.problems.push(EntryProblem {
        object: ObjectKey::new(Kind::Agent, "ana"),
        reason: Reason::UnsupportedByProvider,
        message: "no place for `maxConversations`".into(),
        bearing: Bearing::Informs,
    });
    let status = status_of(&config, Round::Planned(Box::new(planned)));
    assert_eq!(condition(&status, ConditionType::Ready).0, ConditionStatus::True);
    assert_eq!(status.problems.len(), 1);
}

#[test]
fn what_only_informs_comes_last_and_hides_no_cause() {
    let config = store();
    let mut planned = settled(&config);
    let step = create_ana(&config);
    let message = "the address is taken".to_owned();
    planned.plan.held.push(Held { step: step.clone(), reason: Reason::EmailTaken, message });
    for (kind, name) in
        [(Kind::Agent, "10007"), (Kind::Agent, &step.object().name), (Kind::License, "quantity")]
    {
        planned.problems.push(EntryProblem {
            object: ObjectKey::new(kind, name),
            reason: Reason::NotDeclared,
            message: format!("about {name}"),
            bearing: Bearing::Informs,
        });
    }
    let status = status_of(&config, Round::Planned(Box::new(planned)));
    let told =
        status.problems.iter().map(|one| (one.name.as_str(), one.reason.as_str(), one.message.as_str()));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("ana", "EmailTaken", "the address is taken; about ana"),
            ("quantity", "NotDeclared", "about quantity"),
            ("10007", "NotDeclared", "about 10007"),
        ]
    );
}

#[test]
fn a_blocked_round_keeps_what_was_known_and_says_why() {
    let mut config = store();
    config.status = Some(status_of(&config, Round::Planned(Box::new(settled(&config)))));
    let message = "the Secret `c` does not exist; create it".to_owned();
    let blocked =
        Blocked { reason: Reason::SecretInvalid, message, retry: Retry::ForSecret, side: Some(side()) };
    let status = status_of(&config, Round::Blocked(blocked));
    assert_eq!(condition(&status, ConditionType::Ready).1, "SecretInvalid");
    assert_eq!(condition(&status, ConditionType::AgentsReady).0, ConditionStatus::True, "as last known");
    assert_eq!(condition(&status, ConditionType::AccountReady).0, ConditionStatus::False);
    assert!(get(&status.conditions, ConditionType::Stalled).is_some());
}

#[test]
fn suspending_keeps_ready_and_the_observed_generation() {
    let mut config = store();
    config.status = Some(status_of(&config, Round::Planned(Box::new(settled(&config)))));
    config.metadata.generation = Some(4);
    config.spec.suspend = true;
    let status = status_of(&config, Round::Suspended);
    assert_eq!(status.observed_generation, Some(3));
    assert_eq!(condition(&status, ConditionType::Ready).0, ConditionStatus::True);
    assert_eq!(condition(&status, ConditionType::Suspended).0, ConditionStatus::True);
}

#[test]
fn the_same_round_twice_gives_the_same_status() {
    let mut config = store();
    let first = status_of(&config, Round::Planned(Box::new(settled(&config))));
    config.status = Some(first.clone());
    let later = report(StoreResource::new(&config), &Round::Planned(Box::new(settled(&config))), at(9_999));
    assert_eq!(later.status, first);
    assert!(later.events.is_empty(), "{:?}", later.events);
}

#[test]
fn every_reason_can_be_written_into_a_condition() {
    for reason in Reason::ALL {
        assert!(crate::api::conditions::ConditionReason::parse(reason.as_str()).is_some(), "{reason}");
    }
}

#[test]
fn causes_are_listed_before_what_waits_for_them_however_many_wait() {
    let config = store();
    let mut planned = settled(&config);
    let mut hold = |name: String, reason: Reason| {
        let Step::Agent(Change::Create { value, .. }) = create_ana(&config) else { return };
        let step = Step::Agent(Change::Create { key: AgentKey::new(name), value });
        planned.plan.held.push(Held { step, reason, message: "why".to_owned() });
    };
    for number in 0..30 {
        hold(format!("a{number:02}"), Reason::DependencyHeld);
    }
    hold("zoe".to_owned(), Reason::EmailTaken);
    let status = status_of(&config, Round::Planned(Box::new(planned)));
    let named: Vec<&str> = status.problems.iter().map(|problem| problem.name.as_str()).collect();
    assert_eq!(named[..3], ["zoe", "a00", "a01"]);
    assert_eq!((named.len(), status.problem_count), (20, Some(31)));
}
