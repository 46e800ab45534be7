//! What people made before the store was declared.

use human_support_operator::model::{
    AdoptionPolicy, DeletionPolicy, Desired, ExternalId, Kind, Lifecycle, Mark, Policy, Reason,
};

use human_support_operator::plan::Held;

use crate::store::{example, predecessors};
use crate::world::World;

/// Plants what the store declares, as far as the helpdesk keeps it; what was planted.
async fn plant(world: &World) -> Vec<(Kind, ExternalId)> {
    let mut planted = Vec::new();
    for foreign in predecessors() {
        if !world.makes(foreign.kind()) {
            continue;
        }
        if let Some(id) = world.fixture.plant(&foreign).await {
            planted.push((foreign.kind(), id));
        }
    }
    // Where people keep nothing but webhooks there is nothing to take over.
    assert!(!planted.is_empty() || !world.makes(Kind::Agent));
    planted
}

pub(crate) async fn what_was_there_before_is_not_touched_without_a_policy(world: World) {
    let planted = plant(&world).await;
    let before: Vec<_> = planted.iter().map(|(_, id)| world.thing(id)).collect();
    let desired = world.normalized(example());
    let all_held = world.exhaust(&desired, &world.policy()).await;
    for (kind, _) in &planted {
        let held = all_held.iter().find(|held| held.step.kind() == *kind);
        let reason = held.map(|held| held.reason);
        let expected = [Some(Reason::AdoptionRequired), Some(Reason::EmailTaken)];
        assert!(expected.contains(&reason), "{kind}: {reason:?}");
    }
    let after: Vec<_> = planted.iter().map(|(_, id)| world.thing(id)).collect();
    assert_eq!(before, after);
}

pub(crate) async fn what_was_there_before_is_taken_over_by_policy(world: World) {
    take_over(&world).await;
}

async fn take_over(world: &World) -> (Policy, Vec<(Kind, ExternalId)>) {
    let planted = plant(world).await;
    let desired = world.normalized(example());
    let mut policy = Policy { adoption: AdoptionPolicy::IfUnowned, ..world.policy() };
    let held = world.exhaust(&desired, &policy).await;
    // Where a helpdesk does not show what an account is, a person names it.
    for held in held.iter().filter(|held| held.reason == Reason::AdoptionRequired) {
        let object = held.step.object();
        let (_, id) = planted.iter().find(|(kind, _)| *kind == object.kind).unwrap();
        policy.adopt.insert(object, id.clone());
    }
    world.settle(&desired, &policy).await;
    let ours = world.ours();
    for (kind, id) in &planted {
        assert!(ours.iter().any(|thing| thing.id == *id && thing.live), "{kind} {id} is not ours");
    }
    assert_eq!(world.live(Kind::Agent).len(), if world.makes(Kind::Agent) { 2 } else { 0 });
    (policy, planted)
}

pub(crate) async fn what_was_taken_over_is_given_back_when_the_store_is_deleted(world: World) {
    let (policy, planted) = take_over(&world).await;
    let lifecycle = Lifecycle::Deleting(DeletionPolicy::Delete);
    // Whoever was taken over keeps the places in our departments, so those stay.
    let held = world.exhaust(&Desired::none(), &Policy { lifecycle, ..policy }).await;
    let is_in_use = |held: &Held| held.step.kind() == Kind::Department && held.reason == Reason::InUse;
    let is_for_people = |held: &Held| held.reason == Reason::ManualActionRequired;
    assert!(held.iter().all(|held| is_in_use(held) || is_for_people(held)), "{held:#?}");
    for (kind, id) in &planted {
        let thing = world.thing(id).unwrap();
        assert!(thing.live, "{kind} {id} was a person's and is gone");
        assert_eq!(Mark::parse(&thing.mark), None, "{kind} {id}");
    }
}
