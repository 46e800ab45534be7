//! Departments, webhooks, routes, fields, licenses.

use super::builders::*;
use crate::model::*;

fn with_webhook(mut world: World, key: &str, url: &str) -> World {
    world.desired.webhooks.insert(WebhookKey::new(key), webhook(url));
    world
        .desired
        .routes
        .insert(RouteKey { webhook: WebhookKey::new(key), event: Event::AgentReplied }, route(key));
    world
}

fn observed_webhook(mut world: World, key: &str, origin: Origin) -> World {
    world.observed.webhooks.push(remote("51", ours(key, origin), webhook("https://a.example/h")));
    let mark = ours(&format!("{key}/agentreplied"), origin);
    world.observed.routes.push(remote("61", mark, route(key)));
    world
}

#[test]
fn things_are_made_in_the_order_in_which_they_lean_on_each_other() {
    let mut world = World::in_order();
    world.observed = Observed::default();
    let world = with_webhook(world, "handler", "https://a.example/h");
    let kinds: Vec<Kind> = world.plan().steps.iter().map(crate::plan::Step::kind).collect();
    let mut sorted = kinds.clone();
    sorted.sort();
    assert_eq!(kinds, sorted);
    assert_eq!(kinds.len(), 8);
}

#[test]
fn webhook_goes_after_what_calls_it() {
    let world = observed_webhook(World::empty(), "handler", Origin::Created);
    assert_eq!(world.steps(), ["delete EventRoute handler/agentreplied", "delete Webhook handler"]);
}

#[test]
fn adopted_webhook_is_switched_off_and_not_deleted() {
    let world = observed_webhook(World::empty(), "handler", Origin::Adopted);
    let lines = [
        "update EventRoute handler/AgentReplied: active true → false",
        "update Webhook handler: active true → false",
    ];
    assert_eq!(world.steps(), lines);
}

#[test]
fn webhook_that_a_foreign_trigger_calls_is_switched_off() {
    let mut world = observed_webhook(World::empty(), "handler", Origin::Created);
    world.observed.routes[0].owner = Owner::Nobody;
    assert_eq!(world.steps(), ["update Webhook handler: active true → false"]);
    world.observed.webhooks[0].value.active = false;
    assert!(world.plan().is_empty());
}

#[test]
fn foreign_trigger_on_the_same_tag_holds_ours() {
    let mut world = with_webhook(World::empty(), "handler", "https://a.example/h");
    let foreign = EventRoute { title: RemoteName::new("By hand"), webhook: Ref::Nothing, ..route("x") };
    world.observed.routes.push(remote("61", Owner::Nobody, foreign));
    assert_eq!(world.steps(), ["create Webhook handler `hook`"]);
    assert_eq!(world.held(), ["create EventRoute handler/AgentReplied: AdoptionRequired"]);
    let message = &world.plan().held[0].message;
    assert!(message.contains("`By hand` (id 61)") && message.contains("adopt"), "{message}");
    world.observed.routes[0].value.active = false;
    assert!(world.held().is_empty());
}

#[test]
fn foreign_webhook_with_the_endpoint_holds_ours_and_what_leans_on_it() {
    let mut world = with_webhook(World::empty(), "handler", "https://a.example/h");
    world.observed.webhooks.push(remote("51", Owner::Nobody, webhook("https://a.example/h")));
    assert!(world.steps().is_empty());
    let held = [
        "create Webhook handler: AdoptionRequired",
        "create EventRoute handler/AgentReplied: DependencyHeld",
    ];
    assert_eq!(world.held(), held);
}

#[test]
fn integration_by_hand_is_adopted_without_a_visible_change() {
    let mut world = with_webhook(World::empty(), "handler", "https://a.example/h");
    let mut hook = webhook("https://a.example/h");
    hook.name = RemoteName::new("VTEX");
    world.observed.webhooks.push(remote("51", Owner::Nobody, hook));
    let mut by_hand = route("handler");
    by_hand.webhook = Ref::Foreign(ExternalId::new("51"));
    by_hand.title = RemoteName::new("VTEX answers");
    world.observed.routes.push(remote("61", Owner::Nobody, by_hand));
    world.policy.adoption = AdoptionPolicy::IfUnowned;
    let lines = ["adopt Webhook handler (id 51)", "adopt EventRoute handler/AgentReplied (id 61)"];
    assert_eq!(world.steps(), lines);
}

#[test]
fn duplicate_by_mark_is_reduced_to_the_oldest() {
    let mut world = World::in_order();
    world.observed.departments.push(remote("9", ours("sales", Origin::Created), department("sales")));
    let steps = world.plan().steps;
    assert_eq!(steps.len(), 1);
    let crate::plan::Step::Department(crate::plan::Change::Delete { from }) = &steps[0] else { panic!() };
    assert_eq!(from.id().as_str(), "11", "9 is older than 11: ids are numbers");
}

#[test]
fn renamed_department_entry_keeps_its_object_and_places() {
    let mut world = World::in_order().without_department("sales");
    world.desired.departments.insert(DepartmentKey::new("vendas"), department("sales"));
    let world = world.declare_place(place("ana", "vendas", Standing::Default));
    assert_eq!(world.steps(), ["update Department vendas: was sales"]);
}

#[test]
fn department_goes_after_its_agents_have_another_default() {
    let world = World::in_order().without_department("sales").declare_place(place(
        "ana",
        "support",
        Standing::Default,
    ));
    assert_eq!(world.steps(), ["create Membership ana/support", "delete Department sales"]);
}

#[test]
fn agent_without_another_default_leaves_before_its_department_goes() {
    let mut world = World::in_order().without_department("sales");
    assert_eq!(world.steps(), ["delete Membership ana/sales", "delete Department sales"]);
    world.policy.capabilities.kinds.insert(Kind::Membership, Support::NoRemoval);
    assert_eq!(world.held(), ["delete Department sales: InUse"]);
}

#[test]
fn department_that_a_foreign_agent_uses_is_held() {
    let mut world = World::in_order().without_department("sales").declare_place(place(
        "ana",
        "support",
        Standing::Default,
    ));
    world.observed.shared_departments.insert(ExternalId::new("11"));
    assert_eq!(world.held(), ["delete Department sales: InUse"]);
    assert_eq!(world.steps(), ["create Membership ana/support", "delete Membership ana/sales"]);
}

#[test]
fn department_stays_while_a_suspended_agent_keeps_its_place() {
    let world = World::in_order().without_department("support").without_agent("rui");
    assert_eq!(world.steps(), ["update Agent rui: active active → suspended"]);
    assert_eq!(world.held(), ["delete Department support: InUse"]);
}

#[test]
fn adopted_department_is_released_and_not_deleted() {
    let mut world = World::in_order().without_department("sales").declare_place(place(
        "ana",
        "support",
        Standing::Default,
    ));
    world.observed.departments[0].owner = ours("sales", Origin::Adopted);
    let lines =
        ["create Membership ana/support", "release Department sales: it stays as it is, without our mark"];
    assert_eq!(world.steps(), lines);
}

#[test]
fn department_that_no_interface_changes_is_never_taken_over() {
    let mut world = World::empty();
    world.desired.departments.insert(DepartmentKey::new("sales"), department("Vendas"));
    world.observed.departments.push(remote("11", Owner::Nobody, department("Vendas")));
    world.policy.adoption = AdoptionPolicy::IfUnowned;
    assert_eq!(world.steps(), ["adopt Department sales (id 11)"]);
    world.observed.fixed_departments.insert(ExternalId::new("11"));
    let held = ["create Department sales: UnsupportedByProvider"];
    assert_eq!(world.held(), held);
    world.policy.adopt.insert(ObjectKey::new(Kind::Department, "sales"), ExternalId::new("11"));
    assert_eq!(world.held(), held);
}

#[test]
fn department_of_another_store_is_a_conflict_that_does_not_name_the_store() {
    let mut world = World::empty();
    world.desired.departments.insert(DepartmentKey::new("sales"), department("Vendas"));
    let owner = Owner::OtherStore(StoreId::new("secret-namespace", "other"));
    world.observed.departments.push(remote("11", owner, department("vendas")));
    assert_eq!(world.held(), ["create Department sales: Conflict"]);
    assert!(!world.plan().held[0].message.contains("secret-namespace"));
    world.observed.departments[0].owner = Owner::OtherInstallation("old".to_owned());
    assert_eq!(world.held(), ["create Department sales: OtherInstallation"]);
    assert!(world.plan().held[0].message.contains("`old`"));
}

#[test]
fn stale_mark_is_written_again_without_another_change() {
    let mut world = World::in_order();
    world.observed.departments[0].owner =
        Owner::Us { key: "sales".to_owned(), origin: Origin::Created, mark_is_current: false };
    assert_eq!(world.steps(), ["update Department sales: mark"]);
}

#[test]
fn phone_field_is_switched_off_and_never_deleted() {
    let mut world = World::empty();
    let field = PhoneField { title: RemoteName::new("WhatsApp store"), active: true };
    world.observed.phone_fields.push(remote("71", ours("whatsapp-number", Origin::Created), field));
    world.policy.lifecycle = Lifecycle::Deleting(DeletionPolicy::Delete);
    assert_eq!(world.steps(), ["update PhoneField whatsapp-number: active true → false"]);
}

#[test]
fn helpdesk_without_removal_switches_off() {
    let mut world = World::in_order().without_department("sales").declare_place(place(
        "ana",
        "support",
        Standing::Default,
    ));
    world.policy.capabilities.kinds.insert(Kind::Department, Support::NoRemoval);
    let lines = [
        "create Membership ana/support",
        "delete Membership ana/sales",
        "update Department sales: active true → false",
    ];
    assert_eq!(world.steps(), lines);
}

#[test]
fn kind_the_helpdesk_lacks_yields_nothing_and_a_compared_one_is_manual() {
    let mut world = World::in_order();
    world.desired.departments.insert(DepartmentKey::new("new"), department("new"));
    world.policy.capabilities.kinds.insert(Kind::Department, Support::CompareOnly);
    assert_eq!(world.held(), ["create Department new: ManualActionRequired"]);
    world.policy.capabilities.kinds.insert(Kind::Department, Support::None);
    assert!(world.plan().is_empty());
}

#[test]
fn two_stores_of_one_account_may_share_a_handler() {
    let of = |owner: Owner| {
        let mut world = with_webhook(World::empty(), "handler", "https://a.example/h");
        world.observed.webhooks.push(remote("70", owner, webhook("https://a.example/h")));
        world.plan()
    };
    let other_store = of(Owner::OtherStore(StoreId::new("elsewhere", "b")));
    assert!(other_store.held.is_empty(), "{other_store}");
    for owner in [Owner::Nobody, Owner::OtherInstallation("other".into())] {
        let held = of(owner.clone()).held;
        assert!(!held.is_empty(), "{owner:?} would send every event twice");
    }
}
