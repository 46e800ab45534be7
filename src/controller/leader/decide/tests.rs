//! The election as a table of moments. Times are seconds after a start; wall times are only for equality.

use super::*;

struct World {
    start: Instant,
    wall: Timestamp,
}

impl World {
    fn new() -> Self {
        Self { start: Instant::now(), wall: "2026-11-02T10:00:00Z".parse().unwrap() }
    }

    fn at(&self, seconds: u64) -> Moment {
        Moment { monotonic: self.after(seconds), wall: self.wall + Duration::from_secs(seconds) }
    }

    fn after(&self, seconds: u64) -> Instant {
        self.start + Duration::from_secs(seconds)
    }

    /// What another holder wrote `seconds` after the start.
    fn foreign(&self, seconds: u64) -> Record {
        Record {
            holder: "other".into(),
            duration_seconds: Some(15),
            acquired: Some(self.wall),
            renewed: Some(self.wall + Duration::from_secs(seconds)),
            transitions: 4,
        }
    }
}

fn candidate() -> Election {
    Election::new(&LeaderSettings::new("ns", "lease", "me"))
}

/// An election that leads by a claim sent and confirmed at the start, and its record.
fn leader(world: &World) -> (Election, Record) {
    let mut election = candidate();
    let record = claimed(election.decide(None, world.at(0)));
    assert_eq!(election.confirmed(world.start, world.start), Ok(Some(world.after(14))));
    (election, record)
}

#[track_caller]
fn claimed(action: Action) -> Record {
    match action {
        Action::Claim(record) => record,
        other => panic!("expected a claim, got {other:?}"),
    }
}

#[track_caller]
fn renewed(action: Action) -> Record {
    match action {
        Action::Renew(record) => record,
        other => panic!("expected a renewal, got {other:?}"),
    }
}

#[test]
fn missing_lease_is_claimed() {
    let world = World::new();
    let record = claimed(candidate().decide(None, world.at(0)));
    assert_eq!(record.holder, "me");
    assert_eq!(record.duration_seconds, Some(15));
    assert_eq!(record.acquired, record.renewed);
    assert_eq!(record.transitions, 0);
}

#[test]
fn released_lease_is_claimed_at_once() {
    let world = World::new();
    let released = Record { holder: String::new(), ..world.foreign(0) };
    let record = claimed(candidate().decide(Some(&released), world.at(0)));
    assert_eq!(record.transitions, 5, "it changed hands once more");
}

#[test]
fn foreign_lease_is_waited_for_until_a_lease_duration_after_we_first_saw_it() {
    let world = World::new();
    let mut election = candidate();
    let record = world.foreign(0);
    assert_eq!(election.decide(Some(&record), world.at(3)), Action::Wait { stale_at: world.after(18) });
    assert_eq!(election.decide(Some(&record), world.at(17)), Action::Wait { stale_at: world.after(18) });
    claimed(election.decide(Some(&record), world.at(18)));
}

#[test]
fn an_old_wall_time_in_the_lease_shortens_nothing() {
    let world = World::new();
    let ancient = Record { renewed: Some("2020-01-01T00:00:00Z".parse().unwrap()), ..world.foreign(0) };
    assert_eq!(
        candidate().decide(Some(&ancient), world.at(0)),
        Action::Wait { stale_at: world.after(15) },
        "the holder's clock may be years off; only a record that stays the same is stale"
    );
}

#[test]
fn a_jump_of_our_wall_clock_changes_nothing() {
    let world = World::new();
    let mut election = candidate();
    let record = world.foreign(0);
    election.decide(Some(&record), world.at(0));
    let jumped = Moment { wall: "2036-01-01T00:00:00Z".parse().unwrap(), ..world.at(5) };
    assert_eq!(election.decide(Some(&record), jumped), Action::Wait { stale_at: world.after(15) });
}

#[test]
fn every_sign_of_life_starts_the_wait_again() {
    let world = World::new();
    let mut election = candidate();
    for second in [0, 10, 20, 30] {
        assert_eq!(
            election.decide(Some(&world.foreign(second)), world.at(second)),
            Action::Wait { stale_at: world.after(second + 15) }
        );
    }
}

#[test]
fn a_holder_that_asks_for_more_patience_gets_it() {
    let world = World::new();
    let patient = Record { duration_seconds: Some(60), ..world.foreign(0) };
    assert_eq!(candidate().decide(Some(&patient), world.at(0)), Action::Wait { stale_at: world.after(60) });
}

#[test]
fn a_lease_deleted_under_a_known_holder_is_not_claimed_before_that_holder_is_stale() {
    let world = World::new();
    let mut election = candidate();
    election.decide(Some(&world.foreign(0)), world.at(0));
    assert_eq!(election.decide(None, world.at(2)), Action::Wait { stale_at: world.after(15) });
    claimed(election.decide(None, world.at(15)));
}

#[test]
fn the_fence_counts_from_before_the_request_was_sent() {
    let world = World::new();
    let (mut election, _) = leader(&world);
    let answered = world.after(6);
    assert_eq!(election.confirmed(world.after(2), answered), Ok(Some(world.after(2 + 14))));
}

#[test]
fn leader_renews_its_own_term() {
    let world = World::new();
    let (mut election, record) = leader(&world);
    let next = renewed(election.decide(Some(&record), world.at(2)));
    assert_eq!(next.renewed, Some(world.at(2).wall));
    assert_eq!(next.term(), record.term());
}

#[test]
fn leader_gives_up_a_taken_lease() {
    let world = World::new();
    let (mut election, _) = leader(&world);
    assert_eq!(election.decide(Some(&world.foreign(1)), world.at(2)), Action::GiveUp(Loss::Taken));
}

#[test]
fn leader_gives_up_a_lease_that_was_emptied() {
    let world = World::new();
    let (mut election, record) = leader(&world);
    let emptied = Record { holder: String::new(), ..record };
    assert_eq!(election.decide(Some(&emptied), world.at(2)), Action::GiveUp(Loss::Taken));
}

#[test]
fn leader_gives_up_a_deleted_lease() {
    let world = World::new();
    let (mut election, _) = leader(&world);
    assert_eq!(election.decide(None, world.at(2)), Action::GiveUp(Loss::Deleted));
}

#[test]
fn leader_without_a_renewal_for_the_renew_deadline_gives_up_even_if_the_lease_is_still_its_own() {
    let world = World::new();
    let (mut election, record) = leader(&world);
    assert!(!election.is_overdue(world.after(9)));
    assert!(election.is_overdue(world.after(10)));
    assert_eq!(election.decide(Some(&record), world.at(60)), Action::GiveUp(Loss::NotRenewed));
}

#[test]
fn a_renewal_confirmed_after_a_freeze_does_not_open_the_fence_again() {
    let world = World::new();
    let (mut election, _) = leader(&world);
    assert_eq!(election.confirmed(world.after(2), world.after(60)), Err(Loss::NotRenewed));
}

#[test]
fn a_claim_confirmed_after_a_freeze_leaves_a_candidate_that_looks_again() {
    let world = World::new();
    let mut election = candidate();
    let record = claimed(election.decide(None, world.at(0)));
    assert_eq!(election.confirmed(world.start, world.after(60)), Ok(None));
    renewed(election.decide(Some(&record), world.at(61)));
}

#[test]
fn a_claim_whose_answer_was_lost_is_recognized_and_renewed() {
    let world = World::new();
    let mut election = candidate();
    let record = claimed(election.decide(None, world.at(0)));
    renewed(election.decide(Some(&record), world.at(2)));
}

#[test]
fn a_claim_of_ours_that_was_replaced_by_a_later_one_is_not_ours() {
    let world = World::new();
    let mut election = candidate();
    let first = claimed(election.decide(None, world.at(0)));
    claimed(election.decide(None, world.at(2)));
    assert_eq!(
        election.decide(Some(&first), world.at(4)),
        Action::Wait { stale_at: world.after(19) },
        "a late effect of the first claim is waited for like anybody else's"
    );
}

#[test]
fn another_process_with_our_name_is_another_holder() {
    let world = World::new();
    let twin = Record { holder: "me".into(), ..world.foreign(0) };
    assert_eq!(candidate().decide(Some(&twin), world.at(0)), Action::Wait { stale_at: world.after(15) });
    let (mut election, _) = leader(&world);
    assert_eq!(election.decide(Some(&twin), world.at(2)), Action::GiveUp(Loss::Taken));
}

#[test]
fn only_our_own_term_is_released() {
    let world = World::new();
    let (election, record) = leader(&world);
    let released = election.release(&record, world.at(3)).unwrap();
    assert_eq!(released.holder, "");
    assert_eq!(released.transitions, record.transitions);
    assert_eq!(election.release(&world.foreign(0), world.at(3)), None);
    assert_eq!(candidate().release(&record, world.at(3)), None);
}

#[test]
fn two_leaders_never_overlap_whatever_the_delays() {
    // A renewal is sent at `sent`, takes effect at the server `effect` later; a candidate sees it at once or later.
    let world = World::new();
    for (sent, effect, seen_after) in [(0, 0, 0), (2, 5, 0), (2, 0, 3), (4, 4, 2), (8, 1, 30)] {
        let mut holder = leader(&world).0;
        let until = holder.confirmed(world.after(sent), world.after(sent + effect)).unwrap().unwrap();
        let mut other = candidate();
        let first_look = sent + effect + seen_after;
        let Action::Wait { stale_at } = other.decide(Some(&world.foreign(sent)), world.at(first_look)) else {
            panic!("a fresh record is waited for");
        };
        assert!(until < stale_at, "{sent} {effect} {seen_after}");
    }
}
