//! A store comes about.

use human_support_operator::model::{Kind, Support};
use human_support_operator::plan::Action;

use crate::store::example;
use crate::world::World;

pub(crate) async fn a_store_comes_about_and_a_second_plan_is_empty(world: World) {
    let declared = example();
    let told = world.fixture.provider().unsupported(&declared);
    let desired = world.normalized(declared);
    let done = world.settle(&desired, &world.policy()).await;
    assert!(done.iter().all(|(action, _)| matches!(action, Action::Create | Action::Update)), "{done:?}");
    let sizes = [
        (Kind::PhoneField, desired.phone_fields.len()),
        (Kind::Department, desired.departments.len()),
        (Kind::Agent, desired.agents.len()),
        (Kind::Webhook, desired.webhooks.len()),
        (Kind::RoutingRule, desired.routing.len()),
        (Kind::OpeningHours, desired.hours.len()),
    ];
    for (kind, declared) in sizes {
        if world.makes(kind) {
            assert_eq!(world.live(kind).len(), declared, "{kind}");
            assert_ne!(declared, 0, "{kind} is declared as a capability and dropped by `normalize`");
        }
    }
    if world.makes(Kind::EventRoute) {
        let dropped = told.iter().filter(|one| one.object.kind == Kind::EventRoute).count();
        assert_eq!(desired.routes.len() + dropped, example().routes.len(), "what is dropped is told");
        assert!(!world.live(Kind::EventRoute).is_empty());
    }
    for kind in Kind::ALL {
        let is_none = matches!(world.capabilities().of(kind), Support::None | Support::BudgetOnly);
        assert!(!is_none || !done.iter().any(|(_, object)| object.kind == kind), "{kind} was planned");
    }
}
