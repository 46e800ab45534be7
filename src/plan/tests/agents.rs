//! Agents: rename, access, protection, adoption.

use super::builders::*;
use crate::model::*;

#[test]
fn store_in_order_needs_nothing() {
    assert!(World::in_order().plan().is_empty());
}

#[test]
fn new_agent_is_created_with_its_place() {
    let place = place("eva", "sales", Standing::Default);
    let world = World::in_order().with_agent("eva").declare_place(place);
    assert_eq!(world.steps(), ["create Agent eva", "create Membership eva/sales"]);
}

#[test]
fn removed_agent_is_suspended_and_keeps_its_place() {
    let world = World::in_order().without_agent("rui");
    assert_eq!(world.steps(), ["update Agent rui: active active → suspended"]);
}

#[test]
fn suspended_agent_with_conversations_waits_for_dismissal() {
    let mut world = World::in_order().without_agent("rui");
    world.observed_agent("rui").value.access = Access::Suspended;
    let facts = AgentFacts { open_conversations: Some(2), seconds_unchanged: Some(60), protection: None };
    world.observed.agent_facts.insert(ExternalId::new("22"), facts);
    assert!(world.steps().is_empty());
    assert_eq!(world.held(), ["update Agent rui: ConversationsAssigned"]);
}

#[test]
fn suspended_agent_without_conversations_is_dismissed() {
    let mut world = World::in_order().without_agent("rui");
    world.observed_agent("rui").value.access = Access::Suspended;
    let facts = AgentFacts { open_conversations: Some(0), ..AgentFacts::default() };
    world.observed.agent_facts.insert(ExternalId::new("22"), facts);
    assert_eq!(world.steps(), ["update Agent rui: active suspended → dismissed"]);
}

#[test]
fn suspended_agent_is_dismissed_after_a_day_whatever_is_assigned() {
    let mut world = World::in_order().without_agent("rui");
    world.observed_agent("rui").value.access = Access::Suspended;
    let facts = AgentFacts { open_conversations: Some(9), seconds_unchanged: Some(86_400), protection: None };
    world.observed.agent_facts.insert(ExternalId::new("22"), facts);
    assert_eq!(world.steps(), ["update Agent rui: active suspended → dismissed"]);
}

#[test]
fn leftover_place_of_dismissed_agent_is_removed() {
    let mut world = World::in_order().without_agent("rui");
    world.observed_agent("rui").value.access = Access::Dismissed;
    assert_eq!(world.steps(), ["delete Membership rui/support"]);
}

#[test]
fn agent_declared_inactive_loses_access_like_a_removed_one() {
    let mut world = World::in_order();
    world.desired.agents.get_mut(&AgentKey::new("rui")).unwrap().access = Access::Dismissed;
    assert_eq!(world.steps(), ["update Agent rui: active active → suspended"]);
}

#[test]
fn agent_declared_inactive_gets_no_account() {
    let mut world =
        World::in_order().with_agent("eva").declare_place(place("eva", "sales", Standing::Default));
    world.desired.agents.get_mut(&AgentKey::new("eva")).unwrap().access = Access::Suspended;
    assert!(world.plan().is_empty());
}

#[test]
fn agent_listed_again_is_activated_whatever_its_key() {
    let mut world = World::in_order().without_agent("rui").with_agent("rui-lima");
    world.observed_agent("rui").value.access = Access::Dismissed;
    world.observed.memberships.truncate(1);
    world.desired.agents.get_mut(&AgentKey::new("rui-lima")).unwrap().email = Email::new("rui@loja.example");
    world.desired.agents.get_mut(&AgentKey::new("rui-lima")).unwrap().name = "rui".to_owned();
    assert_eq!(world.steps(), ["update Agent rui-lima: was rui, active dismissed → active"]);
}

#[test]
fn renamed_entry_keeps_its_places() {
    let mut world = World::in_order().without_agent("rui").with_agent("lima");
    let entry = world.desired.agents.get_mut(&AgentKey::new("lima")).unwrap();
    (entry.email, entry.name) = (Email::new("rui@loja.example"), "rui".to_owned());
    let world = world.declare_place(place("lima", "support", Standing::Default));
    assert_eq!(world.steps(), ["update Agent lima: was rui"]);
}

#[test]
fn leave_takes_only_the_mark() {
    let mut world = World::in_order().without_agent("rui");
    world.policy.removal = RemovalPolicy::Leave;
    assert_eq!(world.steps(), ["release Agent rui: it stays as it is, without our mark"]);
}

#[test]
fn delete_removes_what_we_created_and_deactivates_what_we_adopted() {
    let mut world = World::in_order().without_agent("rui").without_agent("ana");
    world.policy.removal = RemovalPolicy::Delete;
    world.observed_agent("ana").owner = ours("ana", Origin::Adopted);
    let lines = [
        "update Agent ana: active active → suspended (it was adopted, so the account is kept)",
        "delete Agent rui",
    ];
    assert_eq!(world.steps(), lines);
}

#[test]
fn protected_accounts_are_not_renamed_or_removed() {
    for (protection, reason) in
        [(Protection::AccountOwner, "ProtectedAccountOwner"), (Protection::ActingUser, "ProtectedActingUser")]
    {
        let facts = AgentFacts { protection: Some(protection), ..AgentFacts::default() };
        let mut world = World::in_order().without_agent("rui");
        world.observed.agent_facts.insert(ExternalId::new("22"), facts.clone());
        assert!(world.steps().is_empty());
        assert_eq!(world.held(), [format!("update Agent rui: {reason}")]);
        let mut world = World::in_order();
        world.observed.agent_facts.insert(ExternalId::new("22"), facts);
        world.desired.agents.get_mut(&AgentKey::new("rui")).unwrap().name = "Rui Lima".to_owned();
        assert_eq!(world.held(), [format!("update Agent rui: {reason}")]);
    }
}

#[test]
fn last_administrator_is_not_downgraded() {
    let mut world = World::in_order();
    world.observed_agent("ana").value.profile = Profile::Administrator;
    world.observed.account.administrators.insert(ExternalId::new("21"));
    assert_eq!(world.held(), ["update Agent ana: LastAdministrator"]);
    world.observed.account.administrators.insert(ExternalId::new("99"));
    assert_eq!(world.steps(), ["update Agent ana: profile Administrator → Agent"]);
}

#[test]
fn of_two_last_administrators_one_stays() {
    let mut world = World::in_order();
    for (key, id) in [("ana", "21"), ("rui", "22")] {
        world.observed_agent(key).value.profile = Profile::Administrator;
        world.observed.account.administrators.insert(ExternalId::new(id));
    }
    assert_eq!(world.steps(), ["update Agent ana: profile Administrator → Agent"]);
    assert_eq!(world.held(), ["update Agent rui: LastAdministrator"]);
}

#[test]
fn custom_profile_is_not_overwritten_and_does_not_keep_access() {
    let mut world = World::in_order();
    world.observed_agent("ana").value.profile = Profile::Custom("Team lead".to_owned());
    assert_eq!(world.held(), ["update Agent ana: RemoteChanged"]);
    let world = world.without_agent("ana");
    assert_eq!(world.steps(), ["update Agent ana: active active → suspended"]);
}

#[test]
fn address_of_somebody_else_is_taken_and_named_by_id_only() {
    let found = remote("77", Owner::Nobody, agent("eva"));
    let world = World::in_order().with_agent("eva").found_agent(found);
    let plan = world.plan();
    assert!(plan.steps.is_empty());
    assert_eq!(plan.held[0].reason, Reason::EmailTaken);
    assert!(plan.held[0].message.contains("id 77") && !plan.held[0].message.contains('@'));
}

#[test]
fn exact_match_is_adopted_by_policy_and_another_profile_never() {
    let mut world =
        World::in_order().with_agent("eva").found_agent(remote("77", Owner::Nobody, agent("eva")));
    world.policy.adoption = AdoptionPolicy::IfUnowned;
    assert_eq!(world.steps(), ["adopt Agent eva (id 77)"]);
    for profile in [Profile::EndUser, Profile::LightAgent, Profile::Administrator] {
        world.observed.agents[2].value.profile = profile;
        assert!(world.steps().is_empty());
        assert_eq!(world.held(), ["create Agent eva: AdoptionRequired"]);
    }
}

#[test]
fn account_with_another_systems_mark_is_adopted_only_by_its_id() {
    let mut world =
        World::in_order().with_agent("eva").found_agent(remote("77", Owner::Unknown, agent("eva")));
    world.policy.adoption = AdoptionPolicy::IfUnowned;
    assert_eq!(world.held(), ["create Agent eva: EmailTaken"]);
    world.policy.adopt.insert(ObjectKey::new(Kind::Agent, "eva"), ExternalId::new("77"));
    assert_eq!(world.steps(), ["adopt Agent eva (id 77)"]);
    world.policy.adoption = AdoptionPolicy::Forbidden;
    assert_eq!(world.held(), ["create Agent eva: AdoptionRequired"]);
}

#[test]
fn adopted_agent_brings_its_places_along() {
    let there = remote("41", Owner::Nobody, place("id:77", "sales", Standing::Default));
    let mut world = World::in_order()
        .with_agent("eva")
        .declare_place(place("eva", "sales", Standing::Default))
        .found_agent(remote("77", Owner::Nobody, agent("eva")));
    world.observed.memberships.push(there);
    world.policy.adoption = AdoptionPolicy::IfUnowned;
    assert_eq!(world.steps(), ["adopt Agent eva (id 77)"]);
}

#[test]
fn address_that_passes_on_is_given_up_first() {
    let mut world = World::in_order();
    world.desired.agents.get_mut(&AgentKey::new("ana")).unwrap().email = Email::new("rui@loja.example");
    world.desired.agents.get_mut(&AgentKey::new("rui")).unwrap().email = Email::new("new@loja.example");
    assert_eq!(world.steps(), ["update Agent rui: email changes", "update Agent ana: email changes"]);
}

#[test]
fn exchanged_addresses_are_held() {
    let mut world = World::in_order();
    world.desired.agents.get_mut(&AgentKey::new("ana")).unwrap().email = Email::new("rui@loja.example");
    world.desired.agents.get_mut(&AgentKey::new("rui")).unwrap().email = Email::new("ana@loja.example");
    assert!(world.steps().is_empty());
    assert_eq!(world.held(), ["update Agent rui: EmailTaken", "update Agent ana: EmailTaken"]);
}

#[test]
fn two_entries_with_one_address_are_not_both_made() {
    let mut world = World::in_order().with_agent("eva").with_agent("zoe");
    world.desired.agents.get_mut(&AgentKey::new("zoe")).unwrap().email = Email::new("eva@loja.example");
    assert_eq!(world.steps(), ["create Agent eva"]);
    assert_eq!(world.held(), ["create Agent zoe: InvalidSpec"]);
}
