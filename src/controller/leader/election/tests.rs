//! Electors against one Lease in memory, on a clock that only moves when everybody waits.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;

/// One Lease with the API server's rules: versions, create only if absent, replace only the named version.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lease: Option<Lease>,
    version: u64,
    requests: u64,
    behavior: Behavior,
}

/// How requests end.
#[derive(Clone, Copy, Default, PartialEq)]
enum Behavior {
    #[default]
    Answers,
    /// Nothing happens and no answer comes.
    Silent,
    /// Writes take effect, their answer never comes.
    LosesAnswersOfWrites,
    Forbids,
}

impl Server {
    fn behave(&self, behavior: Behavior) {
        self.0.lock().unwrap().behavior = behavior;
    }

    fn requests(&self) -> u64 {
        self.0.lock().unwrap().requests
    }

    fn record(&self) -> Option<Record> {
        self.0.lock().unwrap().lease.as_ref().map(Record::read)
    }

    fn holder(&self) -> String {
        self.record().map(|record| record.holder).unwrap_or_default()
    }

    fn delete(&self) {
        self.0.lock().unwrap().lease = None;
    }

    /// Somebody edits the Lease by hand.
    fn edit(&self, change: impl FnOnce(&mut Lease)) {
        let mut state = self.0.lock().unwrap();
        state.version += 1;
        let version = state.version.to_string();
        let lease = state.lease.as_mut().unwrap();
        change(lease);
        lease.metadata.resource_version = Some(version);
    }

    async fn request<T>(
        &self,
        effect: impl FnOnce(&mut State) -> Result<T, StoreError> + Send,
        is_lost: impl FnOnce(Behavior) -> bool + Send,
    ) -> Result<T, StoreError> {
        let (result, lost) = {
            let mut state = self.0.lock().unwrap();
            state.requests += 1;
            let lost = is_lost(state.behavior);
            match state.behavior {
                Behavior::Silent => (None, true),
                Behavior::Forbids => (Some(Err(StoreError::Forbidden("no".into()))), false),
                Behavior::Answers | Behavior::LosesAnswersOfWrites => (Some(effect(&mut state)), lost),
            }
        };
        match result {
            Some(result) if !lost => result,
            _ => std::future::pending().await,
        }
    }

    async fn store(&self, lease: &Lease) -> Result<Lease, StoreError> {
        let effect = |state: &mut State| {
            let current = state.lease.as_ref().and_then(|lease| lease.metadata.resource_version.clone());
            if current != lease.metadata.resource_version {
                return Err(StoreError::Conflict);
            }
            state.version += 1;
            let mut stored = lease.clone();
            stored.metadata.resource_version = Some(state.version.to_string());
            state.lease = Some(stored.clone());
            Ok(stored)
        };
        self.request(effect, |behavior| behavior == Behavior::LosesAnswersOfWrites).await
    }
}

#[async_trait]
impl Leases for Server {
    async fn get(&self) -> Result<Option<Lease>, StoreError> {
        self.request(|state| Ok(state.lease.clone()), |_| false).await
    }

    async fn create(&self, lease: &Lease) -> Result<Lease, StoreError> {
        assert_eq!(lease.metadata.resource_version, None);
        self.store(lease).await
    }

    async fn replace(&self, lease: &Lease) -> Result<Lease, StoreError> {
        assert!(lease.metadata.resource_version.is_some(), "a replace without a version is blind");
        self.store(lease).await
    }
}

struct Replica {
    fence: Fence,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), LeaderError>>,
}

impl Replica {
    fn start(server: &Server, identity: &str) -> Self {
        let settings = LeaderSettings::new("ns", "lease", identity);
        let (elector, fence) =
            LeaderElection::over(Box::new(server.clone()), settings, Box::new(|| 0.5)).unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(elector.run(async {
            let _ = stopped.await;
        }));
        Self { fence, stop, task }
    }

    fn leads(&self) -> bool {
        self.fence.outlives(clock::monotonic() + Duration::from_millis(1))
    }

    async fn ended(self) -> Result<(), LeaderError> {
        self.task.await.unwrap()
    }
}

async fn seconds(seconds: u64) {
    sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn the_first_replica_leads_and_the_second_waits() {
    let server = Server::default();
    let first = Replica::start(&server, "first");
    seconds(1).await;
    let second = Replica::start(&server, "second");
    for _ in 0..60 {
        seconds(1).await;
        assert!(first.leads() && !second.leads());
        let in_ten = clock::monotonic() + Duration::from_secs(10);
        assert!(first.fence.outlives(in_ten), "a request of ten seconds fits at any time");
    }
    assert_eq!(server.holder(), "first");
}

#[tokio::test(start_paused = true)]
async fn a_leader_sends_one_request_for_each_renewal() {
    let server = Server::default();
    let _leader = Replica::start(&server, "leader");
    seconds(1).await;
    let before = server.requests();
    seconds(20).await;
    assert_eq!(server.requests() - before, 10);
}

#[tokio::test(start_paused = true)]
async fn shutdown_releases_and_the_other_follows_within_two_retry_periods() {
    let server = Server::default();
    let first = Replica::start(&server, "first");
    seconds(1).await;
    let second = Replica::start(&server, "second");
    seconds(10).await;
    let fence = first.fence.clone();
    first.stop.send(()).unwrap();
    assert_eq!(first.task.await.unwrap(), Ok(()));
    assert_eq!(fence.leadership(), Leadership::Standby);
    assert_eq!(server.holder(), "");
    seconds(4).await;
    assert!(second.leads());
    assert_eq!(server.record().unwrap().transitions, 1);
}

#[tokio::test(start_paused = true)]
async fn a_crashed_leader_is_followed_after_its_fence_has_closed() {
    let server = Server::default();
    let first = Replica::start(&server, "first");
    seconds(1).await;
    let second = Replica::start(&server, "second");
    seconds(9).await;
    first.task.abort();
    for _ in 0..200 {
        sleep(Duration::from_millis(100)).await;
        assert!(!(first.leads() && second.leads()));
    }
    assert!(second.leads());
}

#[tokio::test(start_paused = true)]
async fn a_leader_without_answers_gives_up_at_the_renew_deadline_and_nobody_overlaps() {
    let server = Server::default();
    let leader = Replica::start(&server, "leader");
    seconds(3).await;
    server.behave(Behavior::Silent);
    seconds(8).await;
    assert!(leader.leads(), "for a while the lease still protects it");
    seconds(2).await;
    assert_eq!(leader.fence.leadership(), Leadership::Lost);
    assert_eq!(leader.ended().await, Err(LeaderError::Lost(Loss::NotRenewed)));
}

#[tokio::test(start_paused = true)]
async fn lost_answers_of_renewals_do_not_end_a_leadership_that_looks_confirm() {
    let server = Server::default();
    let leader = Replica::start(&server, "leader");
    seconds(3).await;
    server.behave(Behavior::LosesAnswersOfWrites);
    seconds(4).await;
    server.behave(Behavior::Answers);
    seconds(30).await;
    assert!(leader.leads());
}

#[tokio::test(start_paused = true)]
async fn a_claim_whose_answer_is_lost_leads_only_after_a_confirmed_renewal() {
    let server = Server::default();
    server.behave(Behavior::LosesAnswersOfWrites);
    let candidate = Replica::start(&server, "candidate");
    seconds(4).await;
    assert_eq!(server.holder(), "candidate");
    assert!(!candidate.leads(), "the claim worked, but nobody told us");
    server.behave(Behavior::Answers);
    seconds(6).await;
    assert!(candidate.leads());
}

#[tokio::test(start_paused = true)]
async fn a_stolen_lease_is_found_at_the_next_renewal() {
    let server = Server::default();
    let leader = Replica::start(&server, "leader");
    seconds(3).await;
    server.edit(|lease| lease.spec.as_mut().unwrap().holder_identity = Some("thief".into()));
    seconds(3).await;
    assert_eq!(leader.fence.leadership(), Leadership::Lost);
    assert_eq!(leader.ended().await, Err(LeaderError::Lost(Loss::Taken)));
    assert_eq!(server.holder(), "thief");
}

#[tokio::test(start_paused = true)]
async fn a_deleted_lease_is_found_at_the_next_renewal_and_not_created_again() {
    let server = Server::default();
    let leader = Replica::start(&server, "leader");
    seconds(3).await;
    server.delete();
    seconds(3).await;
    assert_eq!(leader.ended().await, Err(LeaderError::Lost(Loss::Deleted)));
    assert_eq!(server.record(), None);
}

#[tokio::test(start_paused = true)]
async fn an_edit_of_labels_costs_one_conflict_and_no_leadership() {
    let server = Server::default();
    let leader = Replica::start(&server, "leader");
    seconds(3).await;
    server.edit(|lease| lease.metadata.labels = Some([("a".to_owned(), "b".to_owned())].into()));
    seconds(30).await;
    assert!(leader.leads());
    let labels = server.0.lock().unwrap().lease.clone().unwrap().metadata.labels;
    assert!(labels.is_some(), "what others wrote stays");
}

#[tokio::test(start_paused = true)]
async fn a_frozen_leader_sends_nothing_when_it_goes_on() {
    let server = Server::default();
    let leader = Replica::start(&server, "leader");
    seconds(3).await;
    let before = server.requests();
    // Time passes without any task running, as after SIGSTOP and SIGCONT.
    tokio::time::advance(Duration::from_secs(60)).await;
    assert!(!leader.leads(), "closed before the elector has run");
    assert_eq!(leader.ended().await, Err(LeaderError::Lost(Loss::NotRenewed)));
    assert_eq!(server.requests(), before);
}

#[tokio::test(start_paused = true)]
async fn without_rights_a_candidate_stays_on_standby_and_starts_when_it_gets_them() {
    let server = Server::default();
    server.behave(Behavior::Forbids);
    let candidate = Replica::start(&server, "candidate");
    seconds(20).await;
    assert_eq!(candidate.fence.leadership(), Leadership::Standby);
    server.behave(Behavior::Answers);
    seconds(3).await;
    assert!(candidate.leads());
}

#[tokio::test(start_paused = true)]
async fn of_many_candidates_for_a_stale_lease_one_wins() {
    let server = Server::default();
    let crashed = Replica::start(&server, "crashed");
    seconds(1).await;
    let replicas: Vec<_> = (0..5).map(|n| Replica::start(&server, &format!("replica-{n}"))).collect();
    seconds(1).await;
    crashed.task.abort();
    for _ in 0..300 {
        sleep(Duration::from_millis(100)).await;
        assert!(replicas.iter().filter(|replica| replica.leads()).count() <= 1);
    }
    assert_eq!(replicas.iter().filter(|replica| replica.leads()).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn shutdown_without_an_api_server_ends_within_a_retry_period() {
    let server = Server::default();
    let leader = Replica::start(&server, "leader");
    seconds(3).await;
    server.behave(Behavior::Silent);
    let asked = clock::monotonic();
    leader.stop.send(()).unwrap();
    assert_eq!(leader.task.await.unwrap(), Ok(()));
    assert!(clock::monotonic() - asked <= Duration::from_millis(2_010));
}
