//! kill -9 during an onboarding with every point about the vendor that no source settles in each of its other positions.
//!
//! In each world the operator is killed twice: after the effect of one write and before its answer, then before the effect
//! of a later one. The first positions are those of every other test of crashes.

use futures::stream::{self, StreamExt};
use sandbox::simulator::Effect;
use sandbox::zendesk::Assumptions;

use crate::crashes::{AT_ONCE, converges, killed_at, spec};
use crate::harness::{STORE, World};

#[tokio::test(flavor = "multi_thread")]
async fn killed_twice_under_every_switch_it_converges_and_nothing_is_there_twice() {
    let writes = {
        let mut world = World::new().await;
        world.onboard(spec()).await;
        world.desk.zendesk.ledger().write_count()
    };
    let alternatives = Assumptions::alternatives();
    assert_eq!(alternatives.len(), 32, "every other position of what no source settles");
    let number = alternatives.len();
    let runs = stream::iter(alternatives.into_iter().enumerate()).map(|(index, (name, mut assumptions))| {
        // What is created shows in lists and in lookups a moment later, inside the settle window.
        assumptions.list_delay_milliseconds = 300;
        assumptions.search_delay_milliseconds = 300;
        let first = 1 + index as u64 % (writes - 4);
        let second = first + 1 + index as u64 % 3;
        async move {
            let mut world = World::new().await;
            world.desk.zendesk.assume(assumptions);
            let store = world.store(STORE, spec());
            killed_at(&mut world, (&store, first, Effect::Applied)).await;
            killed_at(&mut world, (&store, second, Effect::None)).await;
            converges(&mut world, &store).await;
            eprintln!("{name}: killed at writes {first} and {second} of {writes}, converged");
        }
    });
    let done = runs.buffer_unordered(AT_ONCE).count().await;
    assert_eq!(done, number);
}
