//! People change and delete what is ours.

use human_support_operator::model::{Desired, ExternalId, Kind, Observed, Owner, Remote, Resource};
use human_support_operator::plan::Action;

use crate::store::example;
use crate::world::World;

pub(crate) async fn what_a_person_changes_is_repaired(world: World) {
    let desired = world.normalized(example());
    world.settle(&desired, &world.policy()).await;
    let mut disturbed = 0;
    for kind in Kind::ALL {
        let Some(id) = one_of_ours(&world, &desired, kind).await else { continue };
        let before = world.thing(&id);
        if !world.fixture.disturb(kind, &id).await {
            continue;
        }
        disturbed += 1;
        assert_ne!(world.thing(&id), before, "{kind}: the person changed nothing");
        tokio::time::sleep(world.fixture.settle_window()).await;
        let done = world.settle(&desired, &world.policy()).await;
        assert!(done.iter().any(|(action, _)| *action == Action::Update), "{kind}: {done:?}");
        assert_eq!(world.thing(&id), before, "{kind}: not as it was");
    }
    assert_ne!(disturbed, 0);
}

pub(crate) async fn what_a_person_takes_away_is_made_again(world: World) {
    let desired = world.normalized(example());
    world.settle(&desired, &world.policy()).await;
    let mut taken = 0;
    for kind in Kind::ALL {
        let Some(id) = one_of_ours(&world, &desired, kind).await else { continue };
        let before = world.live(kind).len();
        if !world.fixture.take_away(kind, &id).await {
            continue;
        }
        taken += 1;
        tokio::time::sleep(world.fixture.settle_window()).await;
        let done = world.settle(&desired, &world.policy()).await;
        assert!(done.iter().any(|(_, object)| object.kind == kind), "{kind}: {done:?}");
        assert_eq!(world.live(kind).len(), before, "{kind}");
    }
    assert_ne!(taken, 0);
}

/// The id of one object of ours.
async fn one_of_ours(world: &World, desired: &Desired, kind: Kind) -> Option<ExternalId> {
    fn first<R: Resource>(remotes: &[Remote<R>]) -> Option<ExternalId> {
        let mut ours = remotes.iter().filter(|remote| matches!(remote.owner, Owner::Us { .. }));
        ours.next().map(|remote| remote.id.clone())
    }
    if !world.makes(kind) {
        return None;
    }
    let Observed {
        licenses,
        phone_fields,
        departments,
        agents,
        memberships,
        webhooks,
        routes,
        routing,
        hours,
        ..
    } = world.observe(desired).await.unwrap();
    match kind {
        Kind::License => first(&licenses),
        Kind::PhoneField => first(&phone_fields),
        Kind::Department => first(&departments),
        Kind::Agent => first(&agents),
        Kind::Membership => first(&memberships),
        Kind::Webhook => first(&webhooks),
        Kind::EventRoute => first(&routes),
        Kind::RoutingRule => first(&routing),
        Kind::OpeningHours => first(&hours),
    }
}
