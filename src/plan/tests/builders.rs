//! Builders for the planner's tests: a store with two agents and two departments that is in order.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::*;
use crate::plan::{Held, Plan, plan};

/// Everything a plan is made from, to be edited by a test.
#[derive(Clone)]
pub(super) struct World {
    pub(super) desired: Desired,
    pub(super) observed: Observed,
    pub(super) policy: Policy,
}

pub(super) fn policy() -> Policy {
    let correct = Drift::Correct;
    Policy {
        lifecycle: Lifecycle::Living,
        removal: RemovalPolicy::Deactivate,
        adoption: AdoptionPolicy::Never,
        adopt: BTreeMap::new(),
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
        seats: SeatBudget::default(),
        capabilities: Capabilities {
            kinds: Kind::ALL.into_iter().map(|kind| (kind, Support::Managed)).collect(),
            access_after_removal: AccessAfterRemoval::SuspendThenDismiss,
            claimed: BTreeSet::new(),
        },
        blocked: BTreeMap::new(),
        default_department: None,
        expired_agents: BTreeSet::new(),
    }
}

pub(super) fn agent(name: &str) -> Agent {
    Agent {
        name: name.to_owned(),
        email: Email::new(format!("{name}@loja.example")),
        profile: Profile::Agent,
        access: Access::Active,
        max_conversations: None,
        default_department: Ref::Nothing,
    }
}

pub(super) fn department(name: &str) -> Department {
    Department { name: RemoteName::new(name), description: String::new(), active: true }
}

pub(super) fn webhook(url: &str) -> Webhook {
    Webhook { name: RemoteName::new("hook"), url: Url::new(url), active: true, secret: None }
}

pub(super) fn route(webhook: &str) -> EventRoute {
    EventRoute {
        title: RemoteName::new("store - AgentReplied"),
        active: true,
        on: Trigger::On(Event::AgentReplied),
        tag: Tag::new("bot"),
        webhook: Ref::Ours(WebhookKey::new(webhook)),
        phone_field: Ref::Nothing,
        body: "{}".to_owned(),
    }
}

pub(super) fn place(agent: &str, department: &str, standing: Standing) -> Membership {
    let key = MembershipKey { agent: AgentKey::new(agent), department: DepartmentKey::new(department) };
    Membership { key, standing }
}

pub(super) fn ours(key: &str, origin: Origin) -> Owner {
    Owner::Us { key: key.to_owned(), origin, mark_is_current: true }
}

pub(super) fn remote<R>(id: &str, owner: Owner, value: R) -> Remote<R> {
    Remote { id: ExternalId::new(id), owner, value }
}

impl World {
    /// Nothing declared and nothing there.
    pub(super) fn empty() -> Self {
        Self { desired: Desired::none(), observed: Observed::default(), policy: policy() }
    }

    /// A store with the agents `ana` and `rui` and the departments `sales` and `support`, as declared.
    pub(super) fn in_order() -> Self {
        let mut world = Self::empty();
        for (id, key) in [("11", "sales"), ("12", "support")] {
            world.desired.departments.insert(DepartmentKey::new(key), department(key));
            world.observed.departments.push(remote(id, ours(key, Origin::Created), department(key)));
        }
        for (id, key, at) in [("21", "ana", "sales"), ("22", "rui", "support")] {
            world.desired.agents.insert(AgentKey::new(key), agent(key));
            world.observed.agents.push(remote(id, ours(key, Origin::Created), agent(key)));
            let held = place(key, at, Standing::Default);
            let mark = ours(&held.key.to_string(), Origin::Created);
            world.desired.memberships.insert(held.key.clone(), held.clone());
            world.observed.memberships.push(remote(&format!("3{id}"), mark, held));
        }
        world
    }

    pub(super) fn without_agent(mut self, key: &str) -> Self {
        self.desired.agents.remove(&AgentKey::new(key));
        self.desired.memberships.retain(|place, _| place.agent.as_str() != key);
        self
    }

    pub(super) fn without_department(mut self, key: &str) -> Self {
        self.desired.departments.remove(&DepartmentKey::new(key));
        self.desired.memberships.retain(|place, _| place.department.as_str() != key);
        self
    }

    pub(super) fn with_agent(mut self, key: &str) -> Self {
        self.desired.agents.insert(AgentKey::new(key), agent(key));
        self
    }

    pub(super) fn declare_place(mut self, value: Membership) -> Self {
        self.desired.memberships.insert(value.key.clone(), value);
        self
    }

    pub(super) fn found_agent(mut self, found: Remote<Agent>) -> Self {
        self.observed.agents.push(found);
        self
    }

    pub(super) fn observed_agent(&mut self, key: &str) -> &mut Remote<Agent> {
        let is_it =
            |remote: &&mut Remote<Agent>| matches!(&remote.owner, Owner::Us { key: k, .. } if k == key);
        self.observed.agents.iter_mut().find(is_it).unwrap()
    }

    pub(super) fn plan(&self) -> Plan {
        plan(&self.desired, &self.observed, &self.policy)
    }

    /// The lines of the steps.
    pub(super) fn steps(&self) -> Vec<String> {
        self.plan().steps.iter().map(ToString::to_string).collect()
    }

    /// Action, object and reason of everything held.
    pub(super) fn held(&self) -> Vec<String> {
        let line = |held: &Held| format!("{} {}: {}", held.step.action(), held.step.object(), held.reason);
        self.plan().held.iter().map(line).collect()
    }
}
