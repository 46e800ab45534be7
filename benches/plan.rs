//! How long a plan takes (goal P9: 10,000 agents in 15 ms, 100,000 in 200 ms, on one core).
//!
//! Prints a table: the best and the median of several runs, beside the time of merely cloning the declaration in the same
//! run, so that a slow machine shows.

#![allow(clippy::print_stdout, reason = "the table is what a benchmark is for")]

use std::time::{Duration, Instant};

use human_support_operator::model::*;
use human_support_operator::plan::plan;

/// Agents in one department each.
const DEPARTMENTS: usize = 50;

fn agent(index: usize) -> Agent {
    Agent {
        name: format!("Person {index}"),
        email: Email::new(format!("person{index}@loja.example")),
        profile: Profile::Agent,
        access: Access::Active,
        max_conversations: None,
        default_department: Ref::Nothing,
    }
}

fn ours(key: &str) -> Owner {
    Owner::Us { key: key.to_owned(), origin: Origin::Created, mark_is_current: true }
}

/// A store of `count` agents, as declared and as the helpdesk holds it.
fn store(count: usize) -> (Desired, Observed) {
    let (mut desired, mut observed) = (Desired::none(), Observed::default());
    for index in 0..DEPARTMENTS {
        let key = format!("d{index}");
        let value = Department { name: RemoteName::new(&key), description: String::new(), active: true };
        desired.departments.insert(DepartmentKey::new(&key), value.clone());
        observed.departments.push(Remote {
            id: ExternalId::new(index.to_string()),
            owner: ours(&key),
            value,
        });
    }
    for index in 0..count {
        let key = format!("a{index}");
        desired.agents.insert(AgentKey::new(&key), agent(index));
        let id = ExternalId::new((1_000_000 + index).to_string());
        observed.agents.push(Remote { id, owner: ours(&key), value: agent(index) });
        let place = MembershipKey {
            agent: AgentKey::new(&key),
            department: DepartmentKey::new(format!("d{}", index % DEPARTMENTS)),
        };
        let value = Membership { key: place.clone(), standing: Standing::Default };
        let id = ExternalId::new((9_000_000 + index).to_string());
        let owner = ours(&place.to_string());
        observed.memberships.push(Remote { id, owner, value: value.clone() });
        desired.memberships.insert(place, value);
    }
    (desired, observed)
}

fn policy() -> Policy {
    let correct = Drift::Correct;
    Policy {
        lifecycle: Lifecycle::Living,
        removal: RemovalPolicy::Deactivate,
        adoption: AdoptionPolicy::Never,
        adopt: Default::default(),
        guard: RemovalGuard { min_count: 3, max_percent: 30, max_count: 10 },
        approval: Approval::Auto,
        approved: None,
        history: History::Recorded,
        gate: Gate::Open,
        absence: Absence::Proven,
        drift: DriftPolicy {
            agents: correct,
            memberships: correct,
            departments: correct,
            webhooks: correct,
            was_in_sync: WasInSync::NotYet,
        },
        seats: SeatBudget { licenses: Some(1_000_000), per_store: None, account: None, plan: None },
        capabilities: Capabilities {
            kinds: Kind::ALL.into_iter().map(|kind| (kind, Support::Managed)).collect(),
            access_after_removal: AccessAfterRemoval::SuspendThenDismiss,
            claimed: Default::default(),
        },
        blocked: Default::default(),
        default_department: Some(DepartmentKey::new("d0")),
        expired_agents: Default::default(),
    }
}

/// The best and the median of several runs.
fn measure(mut run: impl FnMut()) -> (Duration, Duration) {
    let mut times: Vec<Duration> = (0..9)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort();
    (times[0], times[4])
}

fn report(name: &str, values: (&Desired, &Observed)) {
    let (desired, observed) = values;
    let policy = policy();
    let (mut steps, mut held) = (0, 0);
    let (best, median) = measure(|| {
        let plan = std::hint::black_box(plan(desired, observed, &policy));
        (steps, held) = (plan.steps.len(), plan.held.len());
    });
    let (reference, _) = measure(|| {
        std::hint::black_box(desired.clone());
    });
    println!("{name:<32} {best:>12.2?} {median:>12.2?} {reference:>12.2?} {steps:>8} {held:>8}");
}

fn main() {
    println!("{:<32} {:>12} {:>12} {:>12} {:>8} {:>8}", "plan", "best", "median", "clone", "steps", "held");
    for count in [10_000, 100_000] {
        let (desired, observed) = store(count);
        report(&format!("{count} agents in order"), (&desired, &observed));
        let mut drifted = observed.clone();
        drifted.agents.iter_mut().step_by(100).for_each(|remote| remote.value.name.push('x'));
        report(&format!("{count} agents, 1 % drifted"), (&desired, &drifted));
        let mut emptier = desired.clone();
        emptier.agents.retain(|key, _| key.as_str().len() % 2 == 0);
        emptier.memberships.retain(|key, _| key.agent.as_str().len() % 2 == 0);
        report(&format!("{count} agents, many taken out"), (&emptier, &observed));
        report(&format!("{count} agents from nothing"), (&desired, &Observed::default()));
    }
}
