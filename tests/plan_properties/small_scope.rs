//! Every world of a small scope: two agents, two departments and a webhook, each in every state of existence, ownership
//! and activity (`scope.rs`), under every policy.
//!
//! What is a full product, and what is not:
//!
//! 1. *Objects × what decides about existence*: all five objects in all 14 states each, under every removal and adoption
//!    policy while the store lives, and under every way in which it ends. Two reductions, each with its own test: of two
//!    worlds that differ in the numbers of their pairs alone only one is looked at; and a store that ends declares
//!    nothing, so its worlds are those in which nothing is declared.
//! 2. *Objects × all fields of the policy*: the full product of the 27 fields has 8·10⁹ policies. Every value of every
//!    field meets every value of every other one (`policies.rs`, a covering array of pairs), and each of those policies
//!    meets both agents and both departments in every state and order, and an agent, a department and the webhook in every
//!    state. So of fields the pairs are complete, of objects the product.
//!
//! Each run prints its counts.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use human_support_operator::model::*;
use human_support_operator::plan::plan;

use crate::policies::{FIELD_COUNT, Life, covering, ending, living};
use crate::properties::brief_violation;
use crate::run::planned;
use crate::scope::{PAIRS, Place, STATES, is_declared};
use crate::worlds::World;

/// The pairs that no other pair is the mirror of.
const UNORDERED: usize = PAIRS * (PAIRS + 1) / 2;

/// The states of an object, or of a pair, in which nothing is declared: half of them for each object.
const UNDECLARED: usize = STATES / 2;

fn check(world: &World) {
    if let Some((property, message)) = brief_violation(world, &plan) {
        panic!("{property:?} does not hold: {message}\n{world}");
    }
}

/// Does the work of every first pair on all cores; gives the sum of what each came to.
fn on_all_cores(work: impl Fn(usize) -> usize + Sync) -> usize {
    let (next, total) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let first = next.fetch_add(1, Ordering::Relaxed);
                    if first >= PAIRS {
                        break;
                    }
                    total.fetch_add(work(first), Ordering::Relaxed);
                }
            });
        }
    });
    total.into_inner()
}

/// Whether nothing is declared in a world.
fn declares_nothing(place: &Place) -> bool {
    let states = place.pairs.into_iter().flat_map(|pair| [pair / STATES, pair % STATES]);
    states.chain(place.webhook).all(|state| !is_declared(state))
}

/// The worlds of all five objects with this first pair, of two mirrors one.
fn unordered(first: usize) -> impl Iterator<Item = Place> {
    (first..PAIRS).flat_map(move |second| {
        (0..STATES).map(move |webhook| Place { pairs: [first, second], webhook: Some(webhook) })
    })
}

/// The worlds with this first pair: both pairs in every order, and one pair with the webhook.
fn of_policy_fields(first: usize) -> impl Iterator<Item = Place> {
    let pairs = (0..PAIRS).map(move |second| Place { pairs: [first, second], webhook: None });
    pairs.chain((0..STATES).map(move |webhook| Place { pairs: [first, 0], webhook: Some(webhook) }))
}

#[test]
fn every_world_of_two_agents_two_departments_and_a_webhook_holds() {
    let (living, ending) = (living(), ending());
    let count = on_all_cores(|first| {
        let mut count = 0;
        for place in unordered(first) {
            let ends: &[Policy] = if declares_nothing(&place) { &ending } else { &[] };
            for policy in living.iter().chain(ends) {
                check(&place.world(policy));
                count += 1;
            }
        }
        count
    });
    let alive = UNORDERED * STATES * living.len();
    let (undeclared, ways) = (UNDECLARED * UNDECLARED, ending.len());
    let over = undeclared * (undeclared + 1) / 2 * UNDECLARED * ways;
    println!(
        "{count} worlds, the full product of five objects: {alive} of a store that lives ({UNORDERED} unordered pairs of \
         an agent with a department, {STATES} states of the webhook, {} policies) and {over} of one that ends in \
         {ways} ways",
        living.len()
    );
    assert_eq!(count, alive + over);
}

#[test]
fn every_pair_of_policy_fields_holds_with_every_state_of_the_objects() {
    let policies = covering();
    let count = on_all_cores(|first| {
        let mut count = 0;
        for place in of_policy_fields(first) {
            let ends = declares_nothing(&place).then_some(Life::Ends);
            for life in [Life::Lives].into_iter().chain(ends) {
                policies.iter().for_each(|choice| check(&choice.applied(&place, life)));
                count += policies.len();
            }
        }
        count
    });
    let undeclared = UNDECLARED * UNDECLARED;
    let (lives, ends) = (PAIRS * (PAIRS + STATES), undeclared * (undeclared + UNDECLARED));
    println!(
        "{count} worlds: {} policies that hold every pair of values of {FIELD_COUNT} fields, each with {lives} states of \
         the objects of a store that lives and {ends} of one that ends",
        policies.len(),
    );
    assert_eq!(count, policies.len() * (lives + ends));
}

/// One world for every unordered pair with this first one, with the webhook in turn.
fn sample(first: usize) -> impl Iterator<Item = (usize, Place)> {
    (first..PAIRS).map(move |second| {
        (first + second, Place { pairs: [first, second], webhook: Some((first * 5 + second) % STATES) })
    })
}

#[test]
fn a_store_that_ends_declares_nothing() {
    let policies = ending();
    let count = on_all_cores(|first| {
        for (number, place) in sample(first) {
            let world = place.world(&policies[number % policies.len()]);
            let bare = World { desired: Desired::none(), ..world.clone() };
            assert_eq!(planned(&world, &world.desk, &plan), planned(&bare, &world.desk, &plan), "{world}");
        }
        PAIRS - first
    });
    println!("{count} worlds of a store that ends, with and without what is declared");
    assert_eq!(count, UNORDERED);
}

/// What a plan does and holds, without ids, as if the pairs had each other's numbers.
fn decisions(world: &World, rename: impl Fn(&str) -> String) -> BTreeMap<String, usize> {
    let plan = planned(world, &world.desk, &plan);
    let held = plan.held.iter().map(|held| (&held.step, format!("{:?}", held.reason)));
    let all = plan.steps.iter().map(|step| (step, String::new())).chain(held);
    // The name of a place that is there holds the ids of its ends, which follow the order of making.
    let mut decisions = BTreeMap::new();
    for (step, reason) in all {
        let object = step.object();
        let decision = format!("{} {} {:?} {reason}", object.kind, rename(&object.name), step.action());
        *decisions.entry(decision).or_default() += 1;
    }
    decisions
}

#[test]
fn exchanging_the_numbers_of_the_pairs_changes_no_decision() {
    let exchange = |name: &str| -> String {
        let other = |letter| match letter {
            '0' => '1',
            '1' => '0',
            letter => letter,
        };
        name.chars().map(other).collect()
    };
    let policies = living();
    let count = on_all_cores(|first| {
        // Every pair under one policy, every policy with many pairs.
        for (number, place) in sample(first) {
            let policy = &policies[number % policies.len()];
            let (world, mirror) = (place.world(policy), place.mirrored().world(policy));
            let (one, other) = (decisions(&world, str::to_owned), decisions(&mirror, exchange));
            assert_eq!(one, other, "{world}");
        }
        PAIRS - first
    });
    println!("{count} worlds and their mirrors, one for every unordered pair");
    assert_eq!(count, UNORDERED);
}
