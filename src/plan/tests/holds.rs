//! Gate, absence, history, approval, drift, guard.

use super::builders::*;
use crate::model::*;

fn crowd(count: usize) -> World {
    let mut world = World::empty();
    world.desired.departments.insert(DepartmentKey::new("desk"), department("desk"));
    world.observed.departments.push(remote("1", ours("desk", Origin::Created), department("desk")));
    for number in 0..count {
        let key = format!("a{number:02}");
        let held = place(&key, "desk", Standing::Default);
        world = world.with_agent(&key).declare_place(held.clone());
        let mark = ours(&held.key.to_string(), Origin::Created);
        world.observed.memberships.push(remote(&format!("9{number}"), mark, held));
        world.observed.agents.push(remote(&format!("5{number}"), ours(&key, Origin::Created), agent(&key)));
    }
    world.policy.default_department = Some(DepartmentKey::new("desk"));
    world
}

fn without(mut world: World, count: usize) -> World {
    for number in 0..count {
        world = world.without_agent(&format!("a{number:02}"));
    }
    world
}

#[test]
fn closed_gate_holds_creates_and_lets_removals_and_people_pass() {
    let mut world = World::in_order().without_agent("rui").with_agent("eva");
    world.desired.agents.get_mut(&AgentKey::new("ana")).unwrap().name = "Ana Souza".to_owned();
    world.policy.gate = Gate::Closed(Reason::IntegrationPending);
    let lines = ["update Agent rui: active active → suspended", "update Agent ana: name ana → Ana Souza"];
    assert_eq!(world.steps(), lines);
    assert_eq!(world.held(), ["create Agent eva: IntegrationPending"]);
}

#[test]
fn closed_gate_holds_webhooks_but_not_their_credentials() {
    let mut world = World::empty();
    world.policy.gate = Gate::Closed(Reason::IntegrationPending);
    let mut declared = webhook("https://a.example/h");
    declared.secret = Some(SecretVersion::new("uid/2"));
    world.desired.webhooks.insert(WebhookKey::new("handler"), declared);
    let actual = webhook("https://a.example/h");
    world.observed.webhooks.push(remote("51", ours("handler", Origin::Created), actual));
    assert_eq!(world.steps().len(), 1);
    world.observed.webhooks[0].value.url = Url::new("https://b.example/h");
    assert_eq!(world.held(), ["update Webhook handler: IntegrationPending"]);
}

#[test]
fn unproven_absence_holds_creates_only() {
    let mut world = World::in_order().without_agent("rui").with_agent("eva");
    world.policy.absence = Absence::Unproven;
    assert_eq!(world.steps(), ["update Agent rui: active active → suspended"]);
    assert_eq!(world.held(), ["create Agent eva: AwaitingSettledReading"]);
}

#[test]
fn hold_spreads_to_what_leans_on_it() {
    let mut world =
        World::in_order().with_agent("eva").declare_place(place("eva", "sales", Standing::Default));
    world.policy.blocked.insert(ObjectKey::new(Kind::Agent, "eva"), Reason::Conflict);
    let held = ["create Agent eva: Conflict", "create Membership eva/sales: DependencyHeld"];
    assert_eq!(world.held(), held);
}

#[test]
fn held_move_of_an_agent_holds_the_removal_of_its_department() {
    let mut world = World::in_order().without_department("sales").declare_place(place(
        "ana",
        "support",
        Standing::Default,
    ));
    let place = ObjectKey::new(Kind::Membership, "ana/support");
    world.policy.blocked.insert(place, Reason::Conflict);
    let held = ["create Membership ana/support: Conflict", "delete Department sales: DependencyHeld"];
    assert_eq!(world.held(), held);
}

#[test]
fn held_change_of_a_name_does_not_hold_what_only_needs_the_object() {
    let mut world =
        World::in_order().with_agent("eva").declare_place(place("eva", "sales", Standing::Default));
    world.desired.departments.get_mut(&DepartmentKey::new("sales")).unwrap().description = "new".to_owned();
    world.policy.blocked.insert(ObjectKey::new(Kind::Department, "sales"), Reason::Conflict);
    assert_eq!(world.steps(), ["create Agent eva", "create Membership eva/sales"]);
}

#[test]
fn first_round_without_history_removes_nothing_until_its_digest_is_approved() {
    let mut world = World::in_order().without_agent("rui").with_agent("eva");
    world.policy.history = History::Unrecorded;
    assert_eq!(world.steps(), ["create Agent eva"]);
    assert_eq!(world.held(), ["update Agent rui: ApprovalRequired"]);
    world.policy.approved = Some(world.plan().digest());
    assert_eq!(world.steps().len(), 2);
}

#[test]
fn manual_plan_waits_for_exactly_its_digest() {
    let mut world = World::in_order().with_agent("eva");
    world.policy.approval = Approval::Manual;
    let waiting = world.plan();
    assert!(waiting.steps.is_empty());
    assert_eq!(world.held(), ["create Agent eva: ApprovalRequired"]);
    world.policy.approved = Some(waiting.digest());
    let approved = world.plan();
    assert_eq!(approved.steps.len(), 1);
    assert_eq!(approved.digest(), waiting.digest());
    let world = world.with_agent("zoe");
    assert!(world.plan().steps.is_empty(), "another plan needs another approval");
}

#[test]
fn digest_names_no_id() {
    let world = World::in_order().without_agent("rui");
    let mut other = world.clone();
    other.observed_agent("rui").id = ExternalId::new("4711");
    assert_eq!(world.plan().digest(), other.plan().digest());
    assert!(world.plan().digest().starts_with("sha256:"));
}

#[test]
fn reported_drift_stays() {
    let mut world = World::in_order();
    world.policy.drift.was_in_sync = WasInSync::Before;
    world.policy.drift.agents = Drift::Report;
    world.observed_agent("ana").value.name = "Ana".to_owned();
    world.observed.agents.retain(|remote| remote.id.as_str() != "22");
    world.observed.memberships.truncate(1);
    let held = [
        "update Agent ana: RemoteChanged",
        "create Agent rui: RemoteDeleted",
        "create Membership rui/support: DependencyHeld",
    ];
    assert_eq!(world.held(), held);
    world.policy.drift.was_in_sync = WasInSync::NotYet;
    assert!(world.held().is_empty(), "our own work is not drift");
}

#[test]
fn reported_drift_keeps_a_place_that_a_person_added() {
    let mut world = World::in_order();
    world.policy.drift.was_in_sync = WasInSync::Before;
    world.policy.drift.memberships = Drift::Report;
    let added = place("ana", "support", Standing::Additional);
    world.observed.memberships.push(remote("40", ours("ana/support", Origin::Created), added));
    assert_eq!(world.held(), ["delete Membership ana/support: RemoteChanged"]);
    world.policy.drift.memberships = Drift::Correct;
    assert_eq!(world.steps(), ["delete Membership ana/support"]);
}

#[test]
fn guard_lets_a_small_removal_pass_and_holds_a_large_one() {
    assert_eq!(without(crowd(10), 2).steps().len(), 2);
    assert_eq!(without(crowd(10), 3).steps().len(), 3);
    let world = without(crowd(10), 4);
    assert!(world.steps().is_empty());
    assert!(world.plan().held.iter().all(|held| held.reason == Reason::RemovalGuardTripped));
}

#[test]
fn guard_holds_more_than_its_count_even_of_many() {
    let mut world = crowd(60);
    world.policy.guard.max_percent = 100;
    assert_eq!(without(world.clone(), 10).steps().len(), 10);
    assert!(without(world, 11).steps().is_empty());
}

#[test]
fn guard_holds_activations_beside_held_removals() {
    let world = without(crowd(10), 4).with_agent("new");
    assert!(world.held().contains(&"create Agent new: RemovalGuardTripped".to_owned()));
}

#[test]
fn guard_does_not_count_agents_whose_last_day_has_passed() {
    let mut world = without(crowd(10), 4);
    world.policy.expired_agents.insert(Email::new("a00@loja.example"));
    assert_eq!(world.steps().len(), 4);
}

#[test]
fn approved_digest_passes_the_guard() {
    let mut world = without(crowd(10), 5);
    world.policy.approved = Some(world.plan().digest());
    assert_eq!(world.steps().len(), 5);
}

#[test]
fn default_department_is_not_left_empty() {
    let mut world = without(crowd(1), 1);
    assert_eq!(world.held(), ["update Agent a00: RemovalGuardTripped"]);
    world = world.with_agent("new").declare_place(place("new", "desk", Standing::Default));
    assert_eq!(world.steps().len(), 3, "somebody new comes: {:?}", world.held());
}

#[test]
fn another_clusters_fence_stops_every_write() {
    let mut world = World::in_order().with_agent("eva").without_agent("rui");
    world.observed.foreign_fence = Some("deadbeef".to_owned());
    assert!(world.steps().is_empty());
    assert!(world.plan().held.iter().all(|held| held.reason == Reason::OwnedByOtherCluster));
}
