//! The properties, and 20,000 random worlds in which they hold.

use std::collections::BTreeMap;

use human_support_operator::model::*;
use human_support_operator::plan::{Action, Change, Plan, Step, plan};
use human_support_operator::provider::memory::Desk;

use crate::at_rest;
use crate::choices::stream;
use crate::make::world;
use crate::oracle::{self, Sight};
use crate::run::{Planner, apply, crashed, observe, planned, refusal, settle};
use crate::worlds::{World, policy};

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Property {
    Deterministic,
    DigestIgnoresHolds,
    RejectsNothing,
    OnePass,
    CrashConverges,
    ForeignUntouched,
    AdoptedSurvives,
    RemovalsJustified,
    AccessEndsInSteps,
    WithinGuard,
    SeatsKept,
    ProtectedKept,
    WaitsKept,
    OneEffect,
    OnePerMark,
    Complete,
    SecondPlanEmpty,
}

/// A property that does not hold, and how.
pub(crate) type Violation = (Property, String);

/// The most rounds after which a world must be at rest.
const MOST_PASSES: usize = 5;

/// The same values in another order.
fn shuffled(observed: &Observed) -> Observed {
    let mut other = observed.clone();
    other.departments.reverse();
    other.agents.reverse();
    if other.agents.len() > 2 {
        other.agents.rotate_left(1);
    }
    other.memberships.reverse();
    other.webhooks.reverse();
    other.routes.reverse();
    other.routing.reverse();
    other.phone_fields.reverse();
    other.hours.reverse();
    other
}

/// Whether a plan names something that it lets happen itself, so that another round follows.
fn has_a_sequel(plan: &Plan) -> bool {
    let waits = |reason: Reason| matches!(reason, Reason::Pending | Reason::LastAdministrator);
    plan.held.iter().any(|held| waits(held.reason))
        || plan.steps.iter().any(|step| step.action() == Action::Adopt)
}

/// The first property that does not hold in a world.
pub(crate) fn violation(world: &World, planner: &Planner) -> Option<Violation> {
    check(world, planner).err()
}

fn check(world: &World, planner: &Planner) -> Result<(), Violation> {
    let fails = |property: Property| move |message: String| (property, message);
    let observed = observe(world, &world.desk);
    let first = planner(&world.desired, &observed, &world.policy);
    if planner(&world.desired, &shuffled(&observed), &world.policy) != first {
        return Err((Property::Deterministic, first.to_string()));
    }
    oracle::waits_kept(world, &first).map_err(fails(Property::WaitsKept))?;
    oracle::access_ends_in_steps(world, &first).map_err(fails(Property::AccessEndsInSteps))?;
    let mut after = world.desk.clone();
    let outcomes = apply(world, &mut after, &first.steps);
    if let Some(refused) = refusal(&first.steps, &outcomes) {
        return Err((Property::RejectsNothing, refused));
    }
    let sight = Sight::of(world, &after);
    after_one_pass(&sight, &first)?;
    let second = planner(&world.desired, &sight.now, &world.policy);
    if !second.steps.is_empty() && !has_a_sequel(&first) {
        return Err((Property::OnePass, format!("first:\n{first}second:\n{second}")));
    }
    let rest = settle(world, after, planner, MOST_PASSES);
    if let Some(refused) = rest.refused {
        return Err((Property::RejectsNothing, refused));
    }
    if !rest.plan.steps.is_empty() {
        return Err((Property::OnePass, format!("not at rest after {} passes:\n{}", rest.passes, rest.plan)));
    }
    at_rest::one_per_mark(world, &rest.plan, &rest.desk).map_err(fails(Property::OnePerMark))?;
    at_rest::complete(world, &rest.plan, &observe(world, &rest.desk)).map_err(fails(Property::Complete))?;
    crash_converges(world, &first, planner)?;
    a_day_later(world, rest.desk, planner)?;
    second_plan_empty(world, planner)?;
    digest_ignores_holds(world, (&observed, &first), planner)
}

/// What must hold of the helpdesk after one pass, wherever it came from.
fn after_one_pass(sight: &Sight<'_>, first: &Plan) -> Result<(), Violation> {
    let fails = |property: Property| move |message: String| (property, message);
    oracle::foreign_untouched(sight, first).map_err(fails(Property::ForeignUntouched))?;
    oracle::adopted_survives(sight).map_err(fails(Property::AdoptedSurvives))?;
    oracle::removals_justified(sight).map_err(fails(Property::RemovalsJustified))?;
    oracle::within_guard(sight, first).map_err(fails(Property::WithinGuard))?;
    oracle::seats_kept(sight).map_err(fails(Property::SeatsKept))?;
    oracle::protected_kept(sight.world, sight.desk).map_err(fails(Property::ProtectedKept))?;
    oracle::one_effect(sight).map_err(fails(Property::OneEffect))
}

/// The properties that are cheap enough for every world of a small scope.
pub(crate) fn brief_violation(world: &World, planner: &Planner) -> Option<Violation> {
    brief_check(world, planner).err()
}

fn brief_check(world: &World, planner: &Planner) -> Result<(), Violation> {
    let fails = |property: Property| move |message: String| (property, message);
    let before = observe(world, &world.desk);
    let first = planner(&world.desired, &before, &world.policy);
    oracle::waits_kept(world, &first).map_err(fails(Property::WaitsKept))?;
    oracle::access_ends_in_steps(world, &first).map_err(fails(Property::AccessEndsInSteps))?;
    let mut after = world.desk.clone();
    let outcomes = apply(world, &mut after, &first.steps);
    if let Some(refused) = refusal(&first.steps, &outcomes) {
        return Err((Property::RejectsNothing, refused));
    }
    let now = if first.steps.is_empty() { before.clone() } else { observe(world, &after) };
    let sight = Sight { world, before, desk: &after, now };
    let second = planner(&world.desired, &sight.now, &world.policy);
    if !second.steps.is_empty() && !has_a_sequel(&first) {
        return Err((Property::OnePass, format!("first:\n{first}second:\n{second}")));
    }
    after_one_pass(&sight, &first)?;
    if second.steps.is_empty() {
        at_rest::complete(world, &second, &sight.now).map_err(fails(Property::Complete))?;
    }
    Ok(())
}

fn digest_ignores_holds(
    world: &World,
    planned: (&Observed, &Plan),
    planner: &Planner,
) -> Result<(), Violation> {
    let (observed, first) = planned;
    let mut policy = world.policy.clone();
    policy.approval = Approval::Manual;
    policy.approved = None;
    let waiting = planner(&world.desired, observed, &policy);
    policy.approved = Some(waiting.digest());
    let approved = planner(&world.desired, observed, &policy);
    let same = waiting.digest() == first.digest() && approved.digest() == first.digest();
    if same { Ok(()) } else { Err((Property::DigestIgnoresHolds, first.to_string())) }
}

/// After a crash behind any step the store comes to rest, and nobody else was touched.
fn crash_converges(world: &World, first: &Plan, planner: &Planner) -> Result<(), Violation> {
    // All prefixes of a short plan, six evenly spread over a long one.
    let stride = first.steps.len().div_ceil(6).max(1);
    for prefix in (0..first.steps.len()).step_by(stride) {
        let desk = crashed(world, first, prefix);
        let rest = settle(world, desk, planner, MOST_PASSES);
        if let Some(refused) = rest.refused {
            return Err((Property::CrashConverges, format!("after {prefix} steps: {refused}")));
        }
        if !rest.plan.steps.is_empty() {
            return Err((Property::CrashConverges, format!("after {prefix} steps:\n{}", rest.plan)));
        }
        let sight = Sight::of(world, &rest.desk);
        oracle::seats_kept(&sight)
            .and_then(|()| at_rest::one_per_mark(world, &rest.plan, &rest.desk))
            .and_then(|()| at_rest::complete(world, &rest.plan, &sight.now))
            .map_err(|message| (Property::CrashConverges, format!("after {prefix} steps: {message}")))?;
    }
    Ok(())
}

/// Suspended accounts are dismissed after a day, and then the store is at rest again.
fn a_day_later(world: &World, mut desk: Desk, planner: &Planner) -> Result<(), Violation> {
    desk.accounts.values_mut().for_each(|account| account.seconds_unchanged = 100_000);
    let rest = settle(world, desk, planner, MOST_PASSES);
    if let Some(refused) = rest.refused {
        return Err((Property::RejectsNothing, format!("a day later: {refused}")));
    }
    if !rest.plan.steps.is_empty() {
        return Err((Property::OnePass, format!("a day later:\n{}", rest.plan)));
    }
    Ok(())
}

/// `plan(d, d)`: what was made from a declaration and nothing else needs nothing more.
fn second_plan_empty(world: &World, planner: &Planner) -> Result<(), Violation> {
    let mut fresh = world.clone();
    fresh.policy = policy();
    fresh.desk = Desk::new(fresh.policy.capabilities.clone());
    let first = planned(&fresh, &fresh.desk, planner);
    let mut desk = fresh.desk.clone();
    let outcomes = apply(&fresh, &mut desk, &first.steps);
    let second = planned(&fresh, &desk, planner);
    if let Some(refused) = refusal(&first.steps, &outcomes) {
        return Err((Property::RejectsNothing, format!("from nothing: {refused}")));
    }
    if second.is_empty() {
        Ok(())
    } else {
        Err((Property::SecondPlanEmpty, format!("first:\n{first}second:\n{second}")))
    }
}

/// What the worlds contain.
#[derive(Debug, Default)]
pub(crate) struct Mix {
    worlds: usize,
    foreign: usize,
    held: usize,
    removal: usize,
    adoption: usize,
    sequel: usize,
    steps: usize,
    reasons: BTreeMap<Reason, usize>,
}

fn looks_alike<R: Resource>(desired: &BTreeMap<R::Key, R>, remotes: &[Remote<R>]) -> bool {
    remotes.iter().any(|remote| {
        !matches!(remote.owner, Owner::Us { .. })
            && desired.values().any(|declared| declared.look_alike_key() == remote.value.look_alike_key())
    })
}

fn takes_away(step: &Step) -> bool {
    match step {
        Step::Agent(Change::Update { to, .. }) => to.access != Access::Active,
        Step::Department(Change::Update { to, .. }) => !to.active,
        Step::Webhook(Change::Update { to, .. }) => !to.active,
        Step::EventRoute(Change::Update { to, .. }) => !to.active,
        _ => matches!(step.action(), Action::Delete | Action::Release),
    }
}

impl Mix {
    pub(crate) fn count(&mut self, world: &World) {
        let observed = observe(world, &world.desk);
        let plan = plan(&world.desired, &observed, &world.policy);
        let Desired { departments, agents, webhooks, routes, routing, phone_fields, hours, .. } =
            &world.desired;
        let foreign = looks_alike(departments, &observed.departments)
            || looks_alike(agents, &observed.agents)
            || looks_alike(webhooks, &observed.webhooks)
            || looks_alike(routes, &observed.routes)
            || looks_alike(routing, &observed.routing)
            || looks_alike(phone_fields, &observed.phone_fields)
            || looks_alike(hours, &observed.hours);
        let all = || plan.steps.iter().chain(plan.held.iter().map(|held| &held.step));
        self.worlds += 1;
        self.foreign += usize::from(foreign);
        self.held += usize::from(!plan.held.is_empty());
        self.removal += usize::from(all().any(takes_away));
        self.adoption += usize::from(all().any(|step| step.action() == Action::Adopt));
        self.sequel += usize::from(has_a_sequel(&plan));
        self.steps += plan.steps.len();
        for held in &plan.held {
            *self.reasons.entry(held.reason).or_default() += 1;
        }
    }

    pub(crate) fn share(&self, count: usize) -> usize {
        count * 100 / self.worlds
    }
}

impl std::fmt::Display for Mix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} worlds, {} steps", self.worlds, self.steps)?;
        for (what, count) in [
            ("a foreign look-alike", self.foreign),
            ("a hold", self.held),
            ("a removal", self.removal),
            ("an adoption", self.adoption),
            ("a plan with a sequel", self.sequel),
        ] {
            writeln!(f, "  {:>3} % contain {what}", self.share(count))?;
        }
        let reasons: Vec<String> =
            self.reasons.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        writeln!(f, "  holds: {}", reasons.join(", "))
    }
}

/// The length of a stream that makes a full world.
pub(crate) const WORLD_BYTES: usize = 400;

/// Makes a failing world as small as it gets, and says what does not hold in it.
fn explain(seed: u64) -> (Property, String) {
    let mut bytes = stream(seed, WORLD_BYTES);
    let Some((property, _)) = violation(&world(&bytes), &plan) else {
        return (Property::OnePass, String::new());
    };
    let still_fails =
        |bytes: &[u8]| violation(&world(bytes), &plan).is_some_and(|(found, _)| found == property);
    for _ in 0..3 {
        for index in (0..bytes.len()).rev() {
            for simpler in [0, bytes[index] / 2] {
                let kept = std::mem::replace(&mut bytes[index], simpler);
                if kept != simpler && !still_fails(&bytes) {
                    bytes[index] = kept;
                }
            }
        }
    }
    let world = world(&bytes);
    let message = violation(&world, &plan).map_or_else(String::new, |(_, message)| message);
    let first = planned(&world, &world.desk, &plan);
    (property, format!("seed {seed}: {message}\nplan:\n{first}{world}"))
}

#[test]
fn every_property_holds_in_twenty_thousand_worlds() {
    let mut mix = Mix::default();
    let mut failed: BTreeMap<Property, Vec<u64>> = BTreeMap::new();
    for seed in 0..20_000 {
        let world = world(&stream(seed, WORLD_BYTES));
        mix.count(&world);
        if let Some((property, _)) = violation(&world, &plan) {
            failed.entry(property).or_default().push(seed);
        }
    }
    println!("{mix}");
    let explained: Vec<String> = failed
        .iter()
        .map(|(property, seeds)| format!("{property:?}: {} worlds\n{}", seeds.len(), explain(seeds[0]).1))
        .collect();
    assert!(explained.is_empty(), "{}", explained.join("\n\n"));
    for (what, count) in [("foreign", mix.foreign), ("held", mix.held), ("removal", mix.removal)] {
        assert!(mix.share(count) >= 30, "only {} % of the worlds: {what}", mix.share(count));
    }
}
