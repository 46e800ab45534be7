//! What the reference helpdesk refuses.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::model::*;
use crate::plan::{Change, Step};

fn stamp() -> Stamp {
    Stamp {
        installation: Installation::parse("home").unwrap(),
        former_installations: BTreeSet::new(),
        store: StoreId::new("ns", "store"),
        fence: Fence::parse("0123456789ab").unwrap(),
        take_over_from: BTreeSet::new(),
        bearer: None,
    }
}

fn desk() -> Desk {
    Desk::new(Capabilities {
        kinds: Kind::ALL.into_iter().map(|kind| (kind, Support::Managed)).collect(),
        access_after_removal: AccessAfterRemoval::SuspendThenDismiss,
        claimed: BTreeSet::new(),
    })
}

fn agent(email: &str) -> Agent {
    Agent {
        name: "Ana".to_owned(),
        email: Email::new(email),
        profile: Profile::Agent,
        access: Access::Active,
        max_conversations: None,
        default_department: Ref::Nothing,
    }
}

fn create_agent(key: &str, email: &str) -> Step {
    Step::Agent(Change::Create { key: AgentKey::new(key), value: agent(email) })
}

fn department(key: &str) -> Step {
    let value = Department { name: RemoteName::new(key), description: String::new(), active: true };
    Step::Department(Change::Create { key: DepartmentKey::new(key), value })
}

fn place(agent: &str, department: &str) -> Step {
    let key = MembershipKey { agent: AgentKey::new(agent), department: DepartmentKey::new(department) };
    Step::Membership(Change::Create {
        key: key.clone(),
        value: Membership { key, standing: Standing::Default },
    })
}

fn apply(desk: &mut Desk, steps: &[Step]) -> Vec<Outcome> {
    let (observed, tokens) = (Observed::default(), BTreeMap::new());
    desk.apply(&Batch { stamp: &stamp(), steps, observed: &observed, tokens: &tokens })
}

fn observe(desk: &Desk) -> Observed {
    let (claims, named) = (BTreeMap::new(), BTreeMap::new());
    desk.observe(&Scope {
        stamp: &stamp(),
        desired: &Desired::none(),
        claims: &claims,
        applied_licenses: None,
        named: &named,
        not_before: crate::clock::monotonic(),
    })
}

fn is_refused(outcome: &Outcome, expected: Reason) -> bool {
    matches!(outcome, Outcome::NotApplied(ProviderError::Rejected { reason, .. }) if *reason == expected)
}

#[test]
fn second_account_with_one_address_is_refused() {
    let mut desk = desk();
    let outcomes = apply(&mut desk, &[create_agent("a", "a@b.example"), create_agent("b", "A@b.example")]);
    assert!(is_refused(&outcomes[1], Reason::EmailTaken));
}

#[test]
fn more_people_than_seats_are_refused() {
    let mut desk = desk();
    desk.seats = Some(1);
    let outcomes = apply(&mut desk, &[create_agent("a", "a@b.example"), create_agent("b", "b@b.example")]);
    assert!(is_refused(&outcomes[1], Reason::SeatsExhausted));
}

#[test]
fn place_in_an_unknown_department_is_refused() {
    let mut desk = desk();
    let outcomes = apply(&mut desk, &[create_agent("a", "a@b.example"), place("a", "nowhere")]);
    assert!(is_refused(&outcomes[1], Reason::Rejected));
}

#[test]
fn department_in_use_is_refused() {
    let mut desk = desk();
    apply(&mut desk, &[department("d"), create_agent("a", "a@b.example"), place("a", "d")]);
    let from = observe(&desk).departments[0].owned().unwrap();
    let outcomes = apply(&mut desk, &[Step::Department(Change::Delete { from })]);
    assert!(is_refused(&outcomes[0], Reason::InUse));
}

#[test]
fn step_on_an_object_that_is_no_longer_ours_is_refused() {
    let mut desk = desk();
    apply(&mut desk, &[department("d")]);
    let from = observe(&desk).departments[0].owned().unwrap();
    desk.departments.values_mut().for_each(|entry| entry.mark = "somebody else's".to_owned());
    let outcomes = apply(&mut desk, &[Step::Department(Change::Delete { from })]);
    assert!(is_refused(&outcomes[0], Reason::AdoptionRequired));
    assert_eq!(desk.departments.len(), 1);
}

#[test]
fn what_leans_on_a_refused_step_is_skipped() {
    let mut desk = desk();
    let steps = [
        department("d"),
        create_agent("a", "a@b.example"),
        create_agent("b", "a@b.example"),
        place("b", "d"),
    ];
    let outcomes = apply(&mut desk, &steps);
    assert_eq!(outcomes[3], Outcome::Skipped(ObjectKey::new(Kind::Agent, "b")));
}

#[test]
fn lost_answer_has_its_effect() {
    let mut desk = desk();
    desk.fault = Fault::LoseAnswer(0);
    let outcomes = apply(&mut desk, &[department("d"), create_agent("a", "a@b.example")]);
    assert_eq!(outcomes[0], Outcome::Unknown);
    assert!(matches!(outcomes[1], Outcome::Applied(_)));
    assert_eq!(desk.departments.len(), 1);
}

#[test]
fn stopped_batch_has_the_effect_of_its_prefix() {
    let mut desk = desk();
    desk.fault = Fault::StopAfter(1);
    let outcomes = apply(&mut desk, &[department("d"), create_agent("a", "a@b.example")]);
    assert_eq!(outcomes[1], Outcome::Unknown);
    assert_eq!((desk.departments.len(), desk.agents.len()), (1, 0));
}

#[tokio::test]
async fn provider_interface_reads_what_was_written() {
    let desk = MemoryHelpdesk::new(desk());
    let (stamp, observed, tokens) = (stamp(), Observed::default(), BTreeMap::new());
    let steps = [department("d")];
    let batch = Batch { stamp: &stamp, steps: &steps, observed: &observed, tokens: &tokens };
    assert_eq!(desk.apply(&batch).await.len(), 1);
    assert_eq!(desk.desk().departments.len(), 1);
    let (claims, named, none) = (BTreeMap::new(), BTreeMap::new(), Desired::none());
    let not_before = crate::clock::monotonic();
    let scope = Scope {
        stamp: &stamp,
        desired: &none,
        claims: &claims,
        applied_licenses: None,
        named: &named,
        not_before,
    };
    let seen = desk.observe(&scope).await.unwrap().observed;
    assert_eq!(seen.departments[0].value.name.as_str(), "d");
}
