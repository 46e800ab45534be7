//! What an approval covers, how long it lasts, and how it is listed.

use super::*;
use crate::model::{Access, Agent, AgentKey, Email, Origin, Owner, Profile, Reason, Ref, Remote};
use crate::plan::{Change, Held};

fn agent(name: &str) -> Agent {
    Agent {
        name: name.to_owned(),
        email: Email::new(format!("{name}@loja.example")),
        profile: Profile::Agent,
        access: Access::Active,
        max_conversations: None,
        default_department: Ref::Nothing,
    }
}

fn creation(name: &str) -> Step {
    Step::Agent(Change::Create { key: AgentKey::new(name), value: agent(name) })
}

fn removal(name: &str) -> Step {
    let owner = Owner::Us { key: name.to_owned(), origin: Origin::Created, mark_is_current: true };
    let remote = Remote { id: "7".into(), owner, value: agent(name) };
    Step::Agent(Change::Delete { from: remote.owned().unwrap() })
}

fn waiting(step: Step) -> Held {
    Held { step, reason: Reason::RemovalGuardTripped, message: String::new() }
}

fn plan(steps: Vec<Step>, held: Vec<Step>) -> Plan {
    Plan { steps, held: held.into_iter().map(waiting).collect() }
}

#[test]
fn the_rest_of_an_approved_plan_is_covered_and_what_comes_beside_it_and_takes_away_is_not() {
    let approval = Approval::of(3, &plan(vec![], vec![removal("ana"), removal("rui")]));
    assert!(approval.covers(&plan(vec![], vec![removal("rui")])));
    assert!(approval.covers(&plan(vec![creation("eva")], vec![removal("rui")])), "it waits for nobody");
    assert!(!approval.covers(&plan(vec![], vec![creation("eva"), removal("rui")])), "it waits too");
    assert!(!approval.covers(&plan(vec![removal("eva")], vec![removal("rui")])), "it takes away");
}

#[test]
fn an_approval_is_over_when_none_of_its_steps_is_left() {
    let approval = Approval::of(3, &plan(vec![creation("eva")], vec![removal("ana")]));
    assert!(!approval.is_over(&plan(vec![removal("ana")], vec![])));
    assert!(!approval.is_over(&plan(vec![], vec![creation("eva")])));
    assert!(approval.is_over(&plan(vec![creation("ana")], vec![])), "another action is another step");
    assert!(approval.stands_at(3) && !approval.stands_at(4));
}

#[test]
fn what_is_listed_is_read_back_and_other_lines_cover_nothing() {
    let approval = Approval::of(3, &plan(vec![creation("eva")], vec![removal("ana")]));
    let mut listed = approval.listed();
    assert_eq!(listed.steps, ["delete Agent/ana", "create Agent/eva"], "what needs it comes first");
    assert_eq!(Approval::read(&listed), approval);
    listed.steps = ["delete Agent", "delete Somebody/ana", "dismiss Agent/ana", ""].map(Into::into).into();
    assert!(!Approval::read(&listed).covers(&plan(vec![], vec![removal("ana")])));
}

#[test]
fn the_removal_of_two_thousand_fits_and_longer_lists_end_early() {
    let removals = |letters: usize| {
        let name = |number: usize| format!("{}-{number:04}", "a".repeat(letters));
        Approval::of(3, &plan(vec![], (0..2100).map(|number| removal(&name(number))).collect())).listed()
    };
    assert_eq!(removals(12).steps.len(), MAX_APPROVED_STEPS);
    let long = removals(58);
    let size = serde_json::to_string(&long.steps).unwrap().len();
    assert!((MOST_BYTES - 200..=MOST_BYTES + 2).contains(&size), "{size} bytes");
}
