//! The policies of the small scope: the product of what decides about existence, and a covering array of all fields.
//!
//! A covering array of pairs holds, for any two fields, every combination of their values in at least one policy.

use human_support_operator::model::*;
use human_support_operator::plan::plan;

use crate::run::observe;
use crate::scope::Place;
use crate::worlds::{World, policy};

const REMOVALS: [RemovalPolicy; 3] = [RemovalPolicy::Deactivate, RemovalPolicy::Leave, RemovalPolicy::Delete];
const ADOPTIONS: [AdoptionPolicy; 3] =
    [AdoptionPolicy::Never, AdoptionPolicy::IfUnowned, AdoptionPolicy::Forbidden];
const ENDS: [Lifecycle; 4] = [
    Lifecycle::Retiring,
    Lifecycle::Deleting(DeletionPolicy::Orphan),
    Lifecycle::Deleting(DeletionPolicy::Deactivate),
    Lifecycle::Deleting(DeletionPolicy::Delete),
];

/// Every removal and adoption policy of a store that lives. `Forbidden` differs from `Never` only where a person names
/// an object, which [`covering`] has.
pub(crate) fn living() -> Vec<Policy> {
    let mut policies = Vec::new();
    for adoption in [AdoptionPolicy::Never, AdoptionPolicy::IfUnowned] {
        for removal in REMOVALS {
            policies.push(Policy { removal, adoption, ..policy() });
        }
    }
    policies
}

/// Every way in which a store ends. It declares nothing then, so nothing is taken out of a list or over.
pub(crate) fn ending() -> Vec<Policy> {
    ENDS.into_iter().map(|lifecycle| Policy { lifecycle, ..policy() }).collect()
}

/// The fields of a policy, each with the number of its values.
const FIELDS: [usize; 27] = [
    4, // lifecycle, where the store ends
    3, // removal
    3, // adoption
    2, // adopt: nothing, the first agent by its id
    4, // guard
    2, // approval
    2, // approved: nothing, exactly this plan
    2, // history
    2, // gate
    2, // absence
    2, // drift of agents
    2, // drift of memberships
    2, // drift of departments
    2, // drift of webhooks
    2, // was in sync
    4, // licenses: unlimited, 0, 1, 2
    3, // seats of the store: unlimited, 0, 1
    3, // seats of the account: unlimited, 1, 2
    2, // how access ends
    2, // support of departments
    2, // support of agents
    2, // support of memberships
    2, // support of webhooks
    3, // support of licenses
    2, // blocked: nothing, the first agent
    2, // default department: none, the first
    2, // last day passed: nobody, the first agent
];

/// How many fields a policy has here.
pub(crate) const FIELD_COUNT: usize = FIELDS.len();

/// Whether a store lives or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    Lives,
    Ends,
}

/// One value of each field, by number.
#[derive(Clone, Debug)]
pub(crate) struct Choice([usize; FIELDS.len()]);

/// A value of one field and a value of a later one: field, value, field, value.
type Pair = (usize, usize, usize, usize);

/// Every pair of values of any two fields.
fn value_pairs() -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (left, lefts) in FIELDS.into_iter().enumerate() {
        for (right, rights) in FIELDS.into_iter().enumerate().skip(left + 1) {
            let both = (0..lefts).flat_map(|a| (0..rights).map(move |b| (a, b)));
            pairs.extend(both.map(|(a, b)| (left, a, right, b)));
        }
    }
    pairs
}

/// The policies that hold every pair of values of any two fields, found greedily; the same at every run.
pub(crate) fn covering() -> Vec<Choice> {
    let mut open = value_pairs();
    let mut rows = vec![Choice([0; FIELDS.len()])];
    open.retain(|pair| !rows[0].holds(*pair));
    while let Some((left, a, right, b)) = open.first().copied() {
        let mut row: [Option<usize>; FIELDS.len()] = [None; FIELDS.len()];
        (row[left], row[right]) = (Some(a), Some(b));
        for field in 0..FIELDS.len() {
            let fits = |value: usize| {
                let matches = |(left, a, right, b): &&Pair| {
                    (*left == field && *a == value && row[*right].is_none_or(|known| known == *b))
                        || (*right == field && *b == value && row[*left].is_none_or(|known| known == *a))
                };
                open.iter().filter(matches).count()
            };
            let best = (0..FIELDS[field]).max_by_key(|value| (fits(*value), FIELDS[field] - value));
            row[field] = row[field].or(best);
        }
        let row = Choice(row.map(Option::unwrap_or_default));
        open.retain(|pair| !row.holds(*pair));
        rows.push(row);
    }
    rows
}

impl Choice {
    fn holds(&self, (left, a, right, b): Pair) -> bool {
        self.0[left] == a && self.0[right] == b
    }

    /// The world of a place under this policy.
    pub(crate) fn applied(&self, place: &Place, life: Life) -> World {
        let mut policy = self.policy();
        if life == Life::Lives {
            policy.lifecycle = Lifecycle::Living;
        }
        let mut world = place.world(&policy);
        let [_, _, _, named, _, _, is_approved, ..] = self.0;
        if let (1, Some(id)) = (named, world.desk.agents.keys().next()) {
            world.policy.adopt.insert(ObjectKey::new(Kind::Agent, "a0"), id.clone());
        }
        // The reconciler refuses a default department that is not declared (`api/validate.rs`).
        world.policy.default_department.take_if(|key| !world.desired.departments.contains_key(key));
        world.desk.seats = policy.seats.account.map(|most| most.max(world.desk.seats_used()));
        if is_approved == 1 {
            let plan = plan(&world.desired, &observe(&world, &world.desk), &world.policy);
            world.policy.approved = Some(plan.digest());
        }
        world
    }

    fn policy(&self) -> Policy {
        let [lifecycle, removal, adoption, _, guard, approval, _, history, gate, absence, drift @ ..] =
            self.0;
        let [agents, memberships, departments, webhooks, in_sync, licenses, per_store, account, rest @ ..] =
            drift;
        let guards = [(3, 30, 10), (1, 10, 1), (0, 50, 2), (1000, 100, 1000)];
        let (min_count, max_percent, max_count) = guards[guard];
        let drift = |value: usize| [Drift::Correct, Drift::Report][value];
        let mut policy = Policy {
            lifecycle: ENDS[lifecycle],
            removal: REMOVALS[removal],
            adoption: ADOPTIONS[adoption],
            guard: RemovalGuard { min_count, max_percent, max_count },
            approval: [Approval::Auto, Approval::Manual][approval],
            history: [History::Recorded, History::Unrecorded][history],
            gate: [Gate::Open, Gate::Closed(Reason::IntegrationPending)][gate],
            absence: [Absence::Proven, Absence::Unproven][absence],
            drift: DriftPolicy {
                agents: drift(agents),
                memberships: drift(memberships),
                departments: drift(departments),
                webhooks: drift(webhooks),
                was_in_sync: [WasInSync::NotYet, WasInSync::Before][in_sync],
            },
            seats: SeatBudget {
                licenses: [None, Some(0), Some(1), Some(2)][licenses],
                per_store: [None, Some(0), Some(1)][per_store],
                account: [None, Some(1), Some(2)][account],
                plan: None,
            },
            ..policy()
        };
        supports(&mut policy, rest);
        policy
    }
}

/// What the helpdesk can do, and what concerns single entries.
fn supports(policy: &mut Policy, values: [usize; 9]) {
    let [access, departments, agents, memberships, webhooks, licenses, blocked, default, expired] = values;
    let ways = [AccessAfterRemoval::SuspendThenDismiss, AccessAfterRemoval::Dismiss];
    policy.capabilities.access_after_removal = ways[access];
    let kinds = &mut policy.capabilities.kinds;
    let removal = [Support::Managed, Support::NoRemoval];
    kinds.insert(Kind::Department, removal[departments]);
    kinds.insert(Kind::Agent, removal[agents]);
    kinds.insert(Kind::Membership, [Support::Managed, Support::None][memberships]);
    kinds.insert(Kind::Webhook, [Support::Managed, Support::CompareOnly][webhooks]);
    kinds.insert(Kind::License, [Support::Managed, Support::BudgetOnly, Support::None][licenses]);
    if blocked == 1 {
        policy.blocked.insert(ObjectKey::new(Kind::Agent, "a0"), Reason::ProfileNotAllowed);
    }
    if default == 1 {
        policy.default_department = Some(DepartmentKey::new("d0"));
    }
    if expired == 1 {
        policy.expired_agents.insert(Email::new("a0@loja.example"));
    }
}

#[test]
fn the_covering_policies_hold_every_pair_of_values() {
    let rows = covering();
    for pair in value_pairs() {
        assert!(rows.iter().any(|row| row.holds(pair)), "{pair:?}");
    }
    let full: f64 = FIELDS.iter().map(|values| f64::from(u32::try_from(*values).unwrap())).product();
    println!("{} policies hold every pair; the full product has {full:e}", rows.len());
}
