//! Deliveries: whether the handlers of a store are reached, which decides `Live` and nothing else.
//!
//! No list of a helpdesk tells it: it costs one call for each webhook. So it is looked at when a store is first in
//! order, when somebody asks (`reconcile`), every six hours, and every few minutes while it fails.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::memory::StoreMemory;
use super::round::{Planned, Stance};
use super::side::Prepared;
use super::store::StoreResource;
use crate::clock;
use crate::model::WebhookKey;
use crate::provider::Deliveries;

/// How long a good look is believed.
const GOOD_FOR: Duration = Duration::from_secs(6 * 3600);
/// How long a bad one is.
const BAD_FOR: Duration = Duration::from_secs(240);

/// The webhooks whose handler is not reached.
pub async fn failing(
    store: StoreResource<'_>,
    prepared: &Prepared,
    (planned, memory): (&Planned, &mut StoreMemory),
) -> BTreeSet<WebhookKey> {
    let settled = planned.stance == Stance::Enforcing && planned.plan.steps.is_empty();
    if !settled || planned.ids.webhooks.is_empty() {
        return BTreeSet::new();
    }
    let now = clock::monotonic();
    if let Some((at, failing)) = &memory.deliveries
        && !store.is_requested()
        && !is_stale(now, (*at, failing))
    {
        return failing.clone();
    }
    let mut failing = BTreeSet::new();
    for (key, (id, _)) in &planned.ids.webhooks {
        match prepared.provider().deliveries(id).await {
            Ok(Deliveries::Failing | Deliveries::Degraded) => {
                failing.insert(key.clone());
            }
            Ok(Deliveries::NoneYet | Deliveries::Succeeding) => {}
            // Not told is not failing: the next look asks again.
            Err(_) => return memory.deliveries.as_ref().map(|(_, known)| known.clone()).unwrap_or_default(),
        }
    }
    memory.deliveries = Some((now, failing.clone()));
    failing
}

fn is_stale(now: Instant, (at, failing): (Instant, &BTreeSet<WebhookKey>)) -> bool {
    let believed = if failing.is_empty() { GOOD_FOR } else { BAD_FOR };
    now.duration_since(at) >= believed
}
