//! Answers that are lost after the effect.

use human_support_operator::model::Kind;

use crate::store::example;
use crate::world::World;

pub(crate) async fn a_lost_answer_of_each_kind_makes_nothing_twice(world: impl AsyncFn() -> World) {
    let mut lost = 0;
    for kind in Kind::ALL {
        let world = world().await;
        if !world.makes(kind) {
            continue;
        }
        let desired = world.normalized(example());
        if world.round_with_lost_answer(&desired, kind).await {
            lost += 1;
        }
        world.settle(&desired, &world.policy()).await;
        for (kind, declared) in [
            (Kind::Department, desired.departments.len()),
            (Kind::Agent, desired.agents.len()),
            (Kind::Webhook, desired.webhooks.len()),
        ] {
            assert_eq!(world.live(kind).len(), if world.makes(kind) { declared } else { 0 }, "{kind}");
        }
    }
    assert_ne!(lost, 0, "no answer was lost");
}
