//! The small scope: two agents, two departments and a webhook, each in every state of existence, ownership and activity.
//!
//! Agent and department of one number belong together: a declared agent has a place in its declared department, an agent
//! that is there has one in the department that is there. So a world is two pairs and a webhook.

use human_support_operator::model::*;
use human_support_operator::provider::memory::{Account, Desk, Entry};

use crate::worlds::{Whose, World, stamp};

/// Whether an object is declared, and what is there: whose it is, and whether it is active.
type State = (bool, Option<(Whose, bool)>);

/// The states of one object: declared or not, and absent or there as somebody's, active or not.
pub(crate) const STATES: usize = 14;

/// The states of an agent with its department.
pub(crate) const PAIRS: usize = STATES * STATES;

/// Whether an object of this state is declared.
pub(crate) fn is_declared(state: usize) -> bool {
    states()[state].0
}

/// A world of the scope, by the numbers of its states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The states of both agents with their departments, each below `PAIRS`.
    pub(crate) pairs: [usize; 2],
    /// The state of the webhook and its route, below `STATES`; `None`: the world knows no webhook.
    pub(crate) webhook: Option<usize>,
}

fn states() -> Vec<State> {
    let mut states = vec![(false, None), (true, None)];
    for whose in [Whose::Created, Whose::Adopted, Whose::Nobody] {
        for active in [true, false] {
            states.extend([(false, Some((whose, active))), (true, Some((whose, active)))]);
        }
    }
    states
}

impl Place {
    /// The same world with the numbers of the pairs exchanged.
    pub(crate) fn mirrored(self) -> Self {
        Self { pairs: [self.pairs[1], self.pairs[0]], ..self }
    }

    /// The world under a policy.
    pub(crate) fn world(self, policy: &Policy) -> World {
        let states = states();
        assert_eq!(states.len(), STATES);
        let mut world = empty(policy);
        let mut rooms: [Option<ExternalId>; 2] = [None, None];
        for (index, pair) in self.pairs.into_iter().enumerate() {
            rooms[index] = add_department(&mut world, index, states[pair % STATES]);
        }
        for (index, pair) in self.pairs.into_iter().enumerate() {
            add_agent(&mut world, index, (states[pair / STATES], rooms[index].as_ref()));
        }
        if let Some(webhook) = self.webhook {
            add_webhook(&mut world, states[webhook]);
        }
        world
    }
}

fn empty(policy: &Policy) -> World {
    let desk = Desk::new(policy.capabilities.clone());
    World { desk, desired: Desired::none(), policy: policy.clone(), stamp: stamp() }
}

/// Adds a department and says its id.
fn add_department(world: &mut World, index: usize, state: State) -> Option<ExternalId> {
    let key = format!("d{index}");
    let mut value = Department { name: RemoteName::new(&key), description: String::new(), active: true };
    let (is_declared, there) = state;
    if is_declared {
        world.desired.departments.insert(DepartmentKey::new(&key), value.clone());
    }
    let (whose, active) = there?;
    value.active = active;
    let id = world.desk.new_id();
    let mark = whose.mark(&ObjectKey::new(Kind::Department, &key));
    world.desk.departments.insert(id.clone(), Entry { mark, value });
    Some(id)
}

/// Adds an agent, with a place in the department of its number where both are there.
fn add_agent(world: &mut World, index: usize, of: (State, Option<&ExternalId>)) {
    let ((is_declared, there), department) = of;
    let (key, room) = (AgentKey::new(format!("a{index}")), DepartmentKey::new(format!("d{index}")));
    let mut value = Agent {
        name: key.to_string(),
        email: Email::new(format!("{key}@loja.example")),
        profile: Profile::Agent,
        access: Access::Active,
        max_conversations: None,
        default_department: Ref::Nothing,
    };
    if is_declared {
        world.desired.agents.insert(key.clone(), value.clone());
        if world.desired.departments.contains_key(&room) {
            let key = MembershipKey { agent: key.clone(), department: room };
            let place = Membership { key: key.clone(), standing: Standing::Default };
            world.desired.memberships.insert(key, place);
        }
    }
    let Some((whose, active)) = there else { return };
    if !active {
        value.access = Access::Suspended;
    }
    let id = world.desk.new_id();
    let account = Account { open_conversations: 1, ..Account::default() };
    world.desk.accounts.insert(id.clone(), account);
    let mark = whose.mark(&ObjectKey::new(Kind::Agent, &key));
    world.desk.agents.insert(id.clone(), Entry { mark, value });
    if let Some(department) = department {
        let key = MembershipKey {
            agent: AgentKey::new(MembershipKey::foreign_end(&id)),
            department: DepartmentKey::new(MembershipKey::foreign_end(department)),
        };
        let value = Membership { key, standing: Standing::Default };
        let id = world.desk.new_id();
        world.desk.memberships.insert(id, Entry { mark: String::new(), value });
    }
}

fn add_webhook(world: &mut World, state: State) {
    let (is_declared, there) = state;
    let key = WebhookKey::new("h");
    let mut value = Webhook {
        name: RemoteName::new("h"),
        url: Url::new("https://h.example/hook"),
        active: true,
        secret: None,
    };
    let route_key = RouteKey { webhook: key.clone(), event: Event::AgentReplied };
    let mut route = EventRoute {
        title: RemoteName::new("r"),
        active: true,
        on: Trigger::On(Event::AgentReplied),
        tag: Tag::new("bot"),
        webhook: Ref::Ours(key.clone()),
        phone_field: Ref::Nothing,
        body: "{}".to_owned(),
    };
    if is_declared {
        world.desired.webhooks.insert(key.clone(), value.clone());
        world.desired.routes.insert(route_key.clone(), route.clone());
    }
    let Some((whose, active)) = there else { return };
    (value.active, route.active) = (active, active);
    let id = world.desk.new_id();
    let mark = whose.mark(&ObjectKey::new(Kind::Webhook, &key));
    world.desk.webhooks.insert(id.clone(), Entry { mark, value });
    route.webhook = Ref::Foreign(id);
    let id = world.desk.new_id();
    let mark = whose.mark(&ObjectKey::new(Kind::EventRoute, &route_key));
    world.desk.routes.insert(id, Entry { mark, value: route });
}
