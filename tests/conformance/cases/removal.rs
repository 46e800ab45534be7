//! Entries taken out, people who return, and deleted stores.

use human_support_operator::model::{
    AgentKey, DeletionPolicy, DepartmentKey, Desired, Kind, Lifecycle, Policy, RemovalPolicy, Support,
};

use crate::fixture::Thing;
use crate::store::example;
use crate::world::World;

/// The store after Rui, the department he answers in alone, the webhook, the field and the hours are taken out.
fn reduced() -> Desired {
    let mut desired = example();
    desired.agents.remove(&AgentKey::new("rui"));
    desired.departments.remove(&DepartmentKey::new("support"));
    desired.memberships.retain(|key, _| key.agent.as_str() != "rui" && key.department.as_str() != "support");
    desired.webhooks.clear();
    desired.routes.clear();
    desired.routing.clear();
    desired.phone_fields.clear();
    desired.hours.clear();
    desired
}

pub(crate) async fn entries_taken_out_end_by_each_removal_policy(world: impl AsyncFn() -> World) {
    for removal in [RemovalPolicy::Deactivate, RemovalPolicy::Delete, RemovalPolicy::Leave] {
        let world = world().await;
        world.settle(&world.normalized(example()), &world.policy()).await;
        let rui = agent_named(&world, "Rui");
        let policy = Policy { removal, ..world.policy() };
        world.settle(&world.normalized(reduced()), &policy).await;
        if let Some(rui) = rui {
            let keeps_access = world.thing(&rui.id).is_some_and(|thing| thing.live);
            assert_eq!(keeps_access, removal == RemovalPolicy::Leave, "{removal:?}");
            assert_eq!(world.live(Kind::Agent).len(), 1, "{removal:?}");
        }
        if world.makes(Kind::Department) {
            assert_eq!(world.live(Kind::Department).len(), 1, "{removal:?}");
        }
        for kind in [Kind::PhoneField, Kind::Webhook, Kind::EventRoute, Kind::RoutingRule, Kind::OpeningHours]
        {
            assert_eq!(world.live(kind), [], "{removal:?}");
        }
    }
}

fn agent_named(world: &World, name: &str) -> Option<Thing> {
    world.live(Kind::Agent).into_iter().find(|thing| thing.text.contains(name))
}

pub(crate) async fn a_leaver_who_returns_gets_in_again(world: World) {
    let desired = world.normalized(example());
    world.settle(&desired, &world.policy()).await;
    let accounts = world.live(Kind::Agent);
    let mut without = example();
    without.agents.remove(&AgentKey::new("rui"));
    without.memberships.retain(|key, _| key.agent.as_str() != "rui");
    world.settle(&world.normalized(without), &world.policy()).await;
    tokio::time::sleep(world.fixture.settle_window()).await;
    world.settle(&desired, &world.policy()).await;
    let ids = |things: &[Thing]| things.iter().map(|thing| thing.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&world.live(Kind::Agent)), ids(&accounts), "the same accounts, no new ones");
}

pub(crate) async fn a_deleted_store_ends_by_each_deletion_policy(world: impl AsyncFn() -> World) {
    for deletion in [DeletionPolicy::Orphan, DeletionPolicy::Deactivate, DeletionPolicy::Delete] {
        let world = world().await;
        world.settle(&world.normalized(example()), &world.policy()).await;
        let before = world.ours();
        let policy = Policy { lifecycle: Lifecycle::Deleting(deletion), ..world.policy() };
        world.settle(&Desired::none(), &policy).await;
        match deletion {
            DeletionPolicy::Orphan => assert_eq!(world.ours(), before, "everything stays"),
            DeletionPolicy::Deactivate => {
                for kind in
                    [Kind::Agent, Kind::PhoneField, Kind::Webhook, Kind::EventRoute, Kind::RoutingRule]
                {
                    assert_eq!(world.live(kind), [], "Deactivate");
                }
                let kept = world.ours().iter().filter(|thing| thing.kind == Kind::Department).count();
                assert_eq!(kept, if world.makes(Kind::Department) { 2 } else { 0 }, "objects stay");
            }
            DeletionPolicy::Delete => {
                for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::License) {
                    let removable = world.capabilities().of(kind) == Support::Managed;
                    assert!(!removable || world.live(kind).is_empty(), "{kind}: {:?}", world.live(kind));
                }
            }
        }
    }
}
