//! A membership job that stays queued far longer than it is waited for: its outcome is unknown, it is looked at, and the
//! same items are never handed in a second time.

use std::time::Duration;

use human_support_operator::model::Kind;
use human_support_operator::provider::{Outcome, ProviderError};
use serde_json::json;

use crate::world::{Round, SETTLE, World, example};

const JOB: &str = "POST /group_memberships/create_many";
const LOOK: &str = "GET /job_statuses/{id}";

impl World {
    fn count(&self, operation: &str) -> usize {
        self.calls().iter().filter(|call| *call == operation).count()
    }

    /// Lets the provider's own time pass until it stops waiting for a job; the simulator's clock stands still.
    async fn until_patience_ends(&self) {
        while self.count(LOOK) == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(120)).await;
        tokio::time::resume();
    }
}

fn of_memberships(round: &Round) -> Vec<Outcome> {
    let steps = round.plan.steps.iter().zip(&round.outcomes);
    steps.filter(|(step, _)| step.object().kind == Kind::Membership).map(|(_, one)| one.clone()).collect()
}

#[tokio::test]
async fn a_job_that_stays_queued_is_looked_at_and_never_handed_in_again() {
    let world = World::start().await;
    world.control("PUT", "assumptions", json!({ "jobQueuedMilliseconds": 3_600_000 })).await;
    let desired = world.normalized(example(5));
    let (round, ()) = tokio::join!(world.round(&desired), world.until_patience_ends());
    let outcomes = of_memberships(&round);
    assert_eq!(outcomes.len(), 5, "{:?}", round.plan);
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Unknown), "{outcomes:?}");
    assert_eq!(world.count(JOB), 1);

    // Later rounds look at the job; as long as it is queued its items are neither absent nor made once more.
    for _ in 0..2 {
        tokio::time::sleep(SETTLE).await;
        let looks = world.count(LOOK);
        let round = world.round(&desired).await;
        for outcome in of_memberships(&round) {
            let Outcome::NotApplied(ProviderError::JobRunning { .. }) = outcome else {
                panic!("{outcome:?}");
            };
        }
        assert_eq!((world.count(JOB), world.count(LOOK)), (1, looks + 1), "{:#?}", world.write_calls());
        let single = world.write_calls().iter().filter(|call| *call == "POST /group_memberships").count();
        assert_eq!(single, 0);
    }

    world.control("PUT", "clock", json!({ "advanceSeconds": 3_700 })).await;
    world.settle(&desired).await;
    assert_eq!(world.count(JOB), 1, "{:#?}", world.write_calls());
    assert_eq!(crate::rows::ours_in_departments(&world), 5, "each membership once");
    assert!(world.round(&desired).await.plan.is_empty());
}
