//! Every world of a small scope: two agents, two departments and a webhook, each in every state of existence, ownership
//! and activity, under every policy.
//!
//! Agents and departments meet in one product. The webhook shares no rule with them, so it meets one agent and one
//! department.

use human_support_operator::model::*;
use human_support_operator::plan::plan;
use human_support_operator::provider::memory::{Account, Desk, Entry};

use crate::properties::brief_violation;
use crate::worlds::{Whose, World, policy, stamp};

/// Whether an object is declared, and what is there: whose it is, and whether it is active.
type State = (bool, Option<(Whose, bool)>);

fn states(activity: &[bool]) -> Vec<State> {
    let mut states = vec![(false, None), (true, None)];
    for whose in [Whose::Created, Whose::Adopted, Whose::Nobody] {
        for active in activity {
            states.extend([(false, Some((whose, *active))), (true, Some((whose, *active)))]);
        }
    }
    states
}

fn policies() -> Vec<Policy> {
    let mut policies = Vec::new();
    for adoption in [AdoptionPolicy::Never, AdoptionPolicy::IfUnowned] {
        let mut add = |lifecycle, removal| {
            policies.push(Policy { adoption, lifecycle, removal, ..policy() });
        };
        add(Lifecycle::Living, RemovalPolicy::Deactivate);
        add(Lifecycle::Living, RemovalPolicy::Leave);
        add(Lifecycle::Living, RemovalPolicy::Delete);
        add(Lifecycle::Retiring, RemovalPolicy::Deactivate);
        add(Lifecycle::Deleting(DeletionPolicy::Orphan), RemovalPolicy::Deactivate);
        add(Lifecycle::Deleting(DeletionPolicy::Deactivate), RemovalPolicy::Deactivate);
        add(Lifecycle::Deleting(DeletionPolicy::Delete), RemovalPolicy::Deactivate);
    }
    policies
}

fn empty(policy: &Policy) -> World {
    let desk = Desk::new(policy.capabilities.clone());
    World { desk, desired: Desired::none(), policy: policy.clone(), stamp: stamp() }
}

/// Adds a department and says its id.
fn add_department(world: &mut World, index: usize, state: State) -> Option<ExternalId> {
    let key = format!("d{index}");
    let value = Department { name: RemoteName::new(&key), description: String::new(), active: true };
    let (is_declared, there) = state;
    if is_declared {
        world.desired.departments.insert(DepartmentKey::new(&key), value.clone());
    }
    let (whose, _) = there?;
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

fn check(world: &World) {
    if let Some((property, message)) = brief_violation(world, &plan) {
        panic!("{property:?} does not hold: {message}\n{world}");
    }
}

#[test]
fn every_world_of_two_agents_and_two_departments_holds() {
    let (agents, departments) = (states(&[true, false]), states(&[true]));
    let mut count = 0;
    for policy in policies() {
        for (place, first) in agents.iter().enumerate() {
            for second in &agents[place..] {
                for (left, right) in departments.iter().flat_map(|l| departments.iter().map(move |r| (l, r)))
                {
                    let mut world = empty(&policy);
                    let rooms = [add_department(&mut world, 0, *left), add_department(&mut world, 1, *right)];
                    add_agent(&mut world, 0, (*first, rooms[0].as_ref()));
                    add_agent(&mut world, 1, (*second, rooms[1].as_ref()));
                    check(&world);
                    count += 1;
                }
            }
        }
    }
    println!("{count} worlds of two agents and two departments");
    assert_eq!(count, 14 * 105 * 64);
}

#[test]
fn every_world_of_a_webhook_an_agent_and_a_department_holds() {
    let mut count = 0;
    for policy in policies() {
        for webhook in states(&[true, false]) {
            for agent in states(&[true, false]) {
                for department in states(&[true]) {
                    let mut world = empty(&policy);
                    let room = add_department(&mut world, 0, department);
                    add_agent(&mut world, 0, (agent, room.as_ref()));
                    add_webhook(&mut world, webhook);
                    check(&world);
                    count += 1;
                }
            }
        }
    }
    println!("{count} worlds of a webhook, an agent and a department");
    assert_eq!(count, 14 * 14 * 14 * 8);
}
