//! The shared reading with the runtime's clock stopped: sharing, overlay, settling. Must not know a vendor.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

const SETTLE: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
enum Write {
    Made(u32),
    Gone(u32),
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Ids(BTreeSet<u32>);

impl View for Ids {
    type Written = Write;

    fn lay_over(&mut self, written: &Write, _order: ReadOrder) {
        match written {
            Write::Made(id) => self.0.insert(*id),
            Write::Gone(id) => self.0.remove(id),
        };
    }
}

fn store() -> StoreId {
    StoreId::new("store-a", "a")
}

fn ids(snapshot: &Snapshot<Ids>) -> Vec<u32> {
    snapshot.look(|_, view| view.0.iter().copied().collect()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn readers_that_come_together_share_one_reading() {
    let snapshot = Snapshot::<Ids>::new(SETTLE);
    let count = AtomicU32::new(0);
    let now = clock::monotonic();
    let read = || async {
        count.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(3)).await;
        Ok(Ids::default())
    };
    let (a, b) = (store(), StoreId::new("store-b", "b"));
    let both = tokio::join!(snapshot.refresh(&a, now, read), snapshot.refresh(&b, now, read));
    assert_eq!(both, (Ok(()), Ok(())));
    assert_eq!(count.load(Ordering::SeqCst), 1);
    snapshot.refresh(&a, clock::monotonic(), read).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2, "a later demand reads again");
}

#[tokio::test(start_paused = true)]
async fn a_failed_reading_is_shared_and_never_used() {
    let snapshot = Snapshot::<Ids>::new(SETTLE);
    let count = AtomicU32::new(0);
    let now = clock::monotonic();
    let fail = || async {
        count.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(1)).await;
        Err(ProviderError::Malformed)
    };
    let (a, b) = (store(), store());
    let both = tokio::join!(snapshot.refresh(&a, now, fail), snapshot.refresh(&b, now, fail));
    assert_eq!(both, (Err(ProviderError::Malformed), Err(ProviderError::Malformed)));
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(snapshot.look(|_, _| ()), None);
    snapshot.refresh(&store(), now, async || Ok(Ids::default())).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_list_that_lags_behind_our_writes_does_not_hide_them() {
    let snapshot = Snapshot::<Ids>::new(SETTLE);
    let stale = async || Ok(Ids([1].into()));
    snapshot.refresh(&store(), clock::monotonic(), stale).await.unwrap();
    snapshot.record(Write::Made(2));
    snapshot.record(Write::Gone(1));
    assert_eq!(ids(&snapshot), [2]);
    tokio::time::advance(Duration::from_secs(4)).await;
    snapshot.refresh(&store(), clock::monotonic(), stale).await.unwrap();
    assert_eq!(ids(&snapshot), [2], "still inside the settle window");
    tokio::time::advance(Duration::from_secs(7)).await;
    snapshot.refresh(&store(), clock::monotonic(), stale).await.unwrap();
    assert_eq!(ids(&snapshot), [1], "after it, the list counts");
}

#[tokio::test(start_paused = true)]
async fn after_an_unknown_outcome_a_reading_must_be_late_enough() {
    let snapshot = Snapshot::<Ids>::new(SETTLE);
    let read = async || Ok(Ids::default());
    snapshot.record_unknown(&store());
    let early = snapshot.refresh(&store(), clock::monotonic(), read).await;
    assert_eq!(early, Err(ProviderError::Unsettled { retry_after: SETTLE }));
    let other = StoreId::new("store-b", "b");
    snapshot.refresh(&other, clock::monotonic(), read).await.unwrap();
    tokio::time::advance(SETTLE).await;
    snapshot.refresh(&store(), clock::monotonic(), read).await.unwrap();
    let future = clock::monotonic() + Duration::from_secs(5);
    let early = snapshot.refresh(&store(), future, read).await;
    assert_eq!(early, Err(ProviderError::Unsettled { retry_after: Duration::from_secs(5) }));
}
