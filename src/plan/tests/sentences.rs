//! What people read: no address in any line.

use super::builders::*;
use crate::model::*;

#[test]
fn lines_and_sentences_show_no_address() {
    let mut world = World::in_order().with_agent("eva").without_agent("rui");
    world.desired.agents.get_mut(&AgentKey::new("ana")).unwrap().email = Email::new("ana.souza@loja.example");
    world.observed_agent("ana").value.name = "ana@loja.example".to_owned();
    let mut foreign = agent("eva");
    foreign.name = "eva@loja.example".to_owned();
    let world = world.found_agent(remote("77", Owner::Nobody, foreign));
    let text = world.plan().to_string();
    assert!(text.contains("email changes") && !text.contains('@'), "{text}");
}

#[test]
fn plan_is_printed_one_line_each() {
    let mut world = World::in_order().with_agent("eva");
    world.policy.absence = Absence::Unproven;
    let text = world.plan().to_string();
    assert!(text.starts_with("held (AwaitingSettledReading): create Agent eva: "), "{text}");
    assert_eq!(text.lines().count(), 1);
}
