//! Random worlds, made from a stream of choices.

use std::collections::BTreeSet;

use human_support_operator::model::*;
use human_support_operator::plan::plan;
use human_support_operator::provider::memory::{Account, Desk, Entry};

use crate::channels::{fields_and_hours, webhooks};
use crate::choices::Choices;
use crate::run::observe;
use crate::worlds::{Whose, World, policy, stamp};

pub(crate) const TAG: &str = "bot";

pub(crate) fn key(prefix: &str, index: usize) -> String {
    format!("{prefix}{index}")
}

/// Makes a world.
pub(crate) fn world(bytes: &[u8]) -> World {
    let mut choices = Choices::new(bytes);
    let mut policy = random_policy(&mut choices);
    let mut desk = Desk::new(policy.capabilities.clone());
    let mut desired = Desired::none();
    departments(&mut choices, &mut desk, &mut desired);
    agents(&mut choices, &mut desk, &mut desired);
    places(&mut choices, &mut desk, &mut desired);
    webhooks(&mut choices, &mut desk, &mut desired);
    fields_and_hours(&mut choices, &mut desk, &mut desired);
    landing(&mut choices, (&mut desk, &mut desired), &mut policy);
    budget(&mut choices, (&mut desk, &mut desired), &mut policy);
    names_for_adoption(&mut choices, &desk, &mut policy);
    if choices.chance(10) {
        let object = ObjectKey::new(Kind::Agent, key("a", choices.pick(5)));
        policy.blocked.insert(object, Reason::ProfileNotAllowed);
    }
    if choices.chance(10) {
        policy.expired_agents.insert(Email::new(format!("a{}@loja.example", choices.pick(5))));
    }
    let mut world = World { desk, desired, policy, stamp: stamp() };
    if choices.chance(20) {
        let plan = plan(&world.desired, &observe(&world, &world.desk), &world.policy);
        world.policy.approved = Some(plan.digest());
    }
    world
}

fn random_policy(choices: &mut Choices<'_>) -> Policy {
    let mut policy = policy();
    policy.lifecycle = match choices.pick(20) {
        0..=15 => Lifecycle::Living,
        16 => Lifecycle::Retiring,
        17 => Lifecycle::Deleting(DeletionPolicy::Orphan),
        18 => Lifecycle::Deleting(DeletionPolicy::Deactivate),
        _ => Lifecycle::Deleting(DeletionPolicy::Delete),
    };
    policy.removal = choices.of(&[RemovalPolicy::Deactivate, RemovalPolicy::Leave, RemovalPolicy::Delete]);
    policy.adoption =
        choices.of(&[AdoptionPolicy::Never, AdoptionPolicy::IfUnowned, AdoptionPolicy::Forbidden]);
    let guard = |min_count, max_percent, max_count| RemovalGuard { min_count, max_percent, max_count };
    policy.guard = choices.of(&[guard(3, 30, 10), guard(1, 10, 1), guard(1000, 100, 1000), guard(0, 50, 2)]);
    if choices.chance(10) {
        policy.approval = Approval::Manual;
    }
    if choices.chance(15) {
        policy.history = History::Unrecorded;
    }
    if choices.chance(10) {
        policy.gate = Gate::Closed(Reason::IntegrationPending);
    }
    if choices.chance(10) {
        policy.absence = Absence::Unproven;
    }
    if choices.chance(15) {
        let drift = [Drift::Report, Drift::Correct];
        policy.drift = DriftPolicy {
            agents: choices.of(&drift),
            memberships: choices.of(&drift),
            departments: choices.of(&drift),
            webhooks: choices.of(&drift),
            was_in_sync: WasInSync::Before,
        };
    }
    let kinds = &mut policy.capabilities.kinds;
    if choices.chance(15) {
        kinds.insert(Kind::Department, Support::NoRemoval);
    }
    if choices.chance(10) {
        kinds.insert(Kind::Agent, Support::NoRemoval);
    }
    if choices.chance(5) {
        kinds.insert(Kind::Membership, Support::None);
    }
    if choices.chance(5) {
        kinds.insert(Kind::Webhook, Support::CompareOnly);
    }
    let license = [Support::BudgetOnly, Support::Managed, Support::WriteOnly, Support::None];
    kinds.insert(Kind::License, choices.of(&license));
    if choices.chance(30) {
        policy.capabilities.access_after_removal = AccessAfterRemoval::Dismiss;
    }
    policy
}

pub(crate) fn whose(choices: &mut Choices<'_>) -> Whose {
    match choices.pick(16) {
        0..=6 => Whose::Created,
        7 | 8 => Whose::Adopted,
        9..=11 => Whose::Nobody,
        12 => Whose::OtherStore,
        13 => Whose::OtherInstallation,
        14 => Whose::FormerInstallation,
        _ => Whose::Unknown,
    }
}

/// The key in a mark: the entry's, or one it had before.
pub(crate) fn marked(choices: &mut Choices<'_>, key: &str) -> String {
    if choices.chance(8) { format!("old-{key}") } else { key.to_owned() }
}

fn departments(choices: &mut Choices<'_>, desk: &mut Desk, desired: &mut Desired) {
    for index in 0..3 {
        let key = key("d", index);
        let value = Department {
            name: RemoteName::new(format!("Dept {index}")),
            description: String::new(),
            active: true,
        };
        if choices.chance(70) {
            desired.departments.insert(DepartmentKey::new(&key), value.clone());
        }
        if !choices.chance(65) {
            continue;
        }
        let mut there = value.clone();
        if choices.chance(15) {
            there.name = RemoteName::new(format!("Former {index}"));
        }
        if choices.chance(10) {
            there.description = "by hand".to_owned();
        }
        let whose = whose(choices);
        let mark = whose.mark(&ObjectKey::new(Kind::Department, marked(choices, &key)));
        let id = desk.new_id();
        desk.departments.insert(id, Entry { mark: mark.clone(), value: there });
        // A lost answer can make a second object; nobody adopts twice.
        if choices.chance(6) && whose != Whose::Adopted {
            let id = desk.new_id();
            let copy = Department { name: RemoteName::new(format!("Copy {index}")), ..value };
            desk.departments.insert(id, Entry { mark, value: copy });
        }
    }
    if desired.departments.len() > 1 && choices.chance(4) {
        // Two entries exchange or pass on their names.
        let names: Vec<DepartmentKey> = desired.departments.keys().cloned().collect();
        let taken = desired.departments[&names[1]].name.clone();
        if let Some(first) = desired.departments.get_mut(&names[0]) {
            first.name = taken;
        }
        if let Some(second) = desired.departments.get_mut(&names[1]) {
            second.name = RemoteName::new("Renamed");
        }
    }
}

fn person(index: usize) -> Agent {
    Agent {
        name: format!("Person {index}"),
        email: Email::new(format!("a{index}@loja.example")),
        profile: Profile::Agent,
        access: Access::Active,
        max_conversations: None,
        default_department: Ref::Nothing,
    }
}

fn agents(choices: &mut Choices<'_>, desk: &mut Desk, desired: &mut Desired) {
    let manages_default = choices.chance(20);
    let some_department = desired.departments.keys().next().cloned();
    for index in 0..5 {
        let mut value = person(index);
        if choices.chance(20) {
            value.profile = Profile::Administrator;
        }
        if choices.chance(65) {
            let mut declared = value.clone();
            if choices.chance(10) {
                declared.access = Access::Dismissed;
            }
            if choices.chance(5) {
                declared.email = Email::new(format!("a{}@loja.example", (index + 1) % 5));
            }
            if let (true, Some(department)) = (manages_default, &some_department) {
                declared.default_department = Ref::Ours(department.clone());
            }
            desired.agents.insert(AgentKey::new(key("a", index)), declared);
        }
        if choices.chance(70) {
            account(choices, desk, (index, value));
        }
    }
    // Two entries never share an address: the reconciler refuses such a list before it is planned.
    let mut seen = BTreeSet::new();
    desired.agents.retain(|_, agent| seen.insert(agent.email.clone()));
    if !choices.chance(30) {
        let root =
            Agent { profile: Profile::Administrator, email: Email::new("root@x.example"), ..person(9) };
        let id = desk.new_id();
        let account = Account { protection: Some(Protection::ActingUser), ..Account::default() };
        desk.accounts.insert(id.clone(), account);
        desk.agents.insert(id, Entry { mark: String::new(), value: root });
    }
}

fn account(choices: &mut Choices<'_>, desk: &mut Desk, person: (usize, Agent)) {
    let (index, mut there) = person;
    let whose = whose(choices);
    if choices.chance(15) {
        there.name = "Somebody".to_owned();
    }
    if choices.chance(12) {
        there.profile = choices.of(&[
            Profile::Administrator,
            Profile::Agent,
            Profile::LightAgent,
            Profile::Custom("Lead".to_owned()),
            Profile::EndUser,
        ]);
    }
    there.access = match choices.pick(10) {
        0..=6 => Access::Active,
        7 => Access::Suspended,
        _ => Access::Dismissed,
    };
    if there.profile == Profile::EndUser {
        there.access = Access::Dismissed;
    }
    if whose == Whose::Created && choices.chance(6) {
        there.email = Email::new(format!("former{index}@loja.example"));
    }
    let id = desk.new_id();
    let mut account = Account { open_conversations: 3, ..Account::default() };
    if there.access == Access::Suspended {
        account.open_conversations = choices.of(&[0, 3]);
        account.seconds_unchanged = choices.of(&[0, 100_000]);
    }
    if choices.chance(4) {
        account.protection = Some(choices.of(&[Protection::AccountOwner, Protection::ActingUser]));
    }
    let mark = whose.mark(&ObjectKey::new(Kind::Agent, marked(choices, &key("a", index))));
    desk.accounts.insert(id.clone(), account);
    desk.agents.insert(id, Entry { mark, value: there });
}

fn places(choices: &mut Choices<'_>, desk: &mut Desk, desired: &mut Desired) {
    let declared: Vec<DepartmentKey> = desired.departments.keys().cloned().collect();
    for agent in desired.agents.keys() {
        let mut standing = Standing::Default;
        for department in &declared {
            if choices.chance(50) {
                let key = MembershipKey { agent: agent.clone(), department: department.clone() };
                desired.memberships.insert(key.clone(), Membership { key, standing });
                standing = Standing::Additional;
            }
        }
    }
    let accounts: Vec<(ExternalId, Access)> =
        desk.agents.iter().map(|(id, entry)| (id.clone(), entry.value.access)).collect();
    let rooms: Vec<ExternalId> = desk.departments.keys().cloned().collect();
    for (agent, access) in accounts {
        let mut standing = Standing::Default;
        for room in &rooms {
            if access != Access::Dismissed && choices.chance(30) {
                let key = MembershipKey {
                    agent: AgentKey::new(MembershipKey::foreign_end(&agent)),
                    department: DepartmentKey::new(MembershipKey::foreign_end(room)),
                };
                let id = desk.new_id();
                desk.memberships
                    .insert(id, Entry { mark: String::new(), value: Membership { key, standing } });
                standing = Standing::Additional;
            }
        }
    }
}

fn landing(choices: &mut Choices<'_>, world: (&mut Desk, &mut Desired), policy: &mut Policy) {
    let (desk, desired) = world;
    let rule = |department| RoutingRule {
        title: RemoteName::new("store - default"),
        active: true,
        tag: Tag::new(TAG),
        department,
    };
    if let Some(first) = desired.departments.keys().next().cloned()
        && choices.chance(60)
    {
        policy.default_department = Some(first.clone());
        desired.routing.insert(RoutingKey, rule(Ref::Ours(first)));
    }
    let rooms: Vec<ExternalId> = desk.departments.keys().cloned().collect();
    if !rooms.is_empty() && choices.chance(40) {
        let room = choices.of(&rooms);
        let mark = whose(choices).mark(&ObjectKey::new(Kind::RoutingRule, RoutingKey));
        let id = desk.new_id();
        desk.routing.insert(id, Entry { mark, value: rule(Ref::Foreign(room)) });
    }
}

fn budget(choices: &mut Choices<'_>, world: (&mut Desk, &mut Desired), policy: &mut Policy) {
    let (desk, desired) = world;
    let support = policy.capabilities.of(Kind::License);
    if choices.chance(40) {
        let quantity = u32::try_from(choices.pick(6)).unwrap();
        policy.seats.licenses = Some(quantity);
        if matches!(support, Support::Managed | Support::WriteOnly) {
            desired.licenses.insert(LicenseKey, License { quantity: Some(quantity) });
            if choices.chance(60) {
                let mark = Whose::Created.mark(&ObjectKey::new(Kind::License, LicenseKey));
                let id = desk.new_id();
                let value = License { quantity: choices.of(&[None, Some(2), Some(5)]) };
                desk.licenses.insert(id, Entry { mark, value });
            }
        }
    }
    if choices.chance(25) {
        policy.seats.per_store = Some(u32::try_from(choices.pick(6)).unwrap());
    }
    if choices.chance(30) {
        let account = u32::try_from(choices.pick(8)).unwrap();
        policy.seats.account = Some(account);
        desk.seats = Some(account.max(desk.seats_used()));
    }
}

/// Names some foreign objects in `adopt`.
fn names_for_adoption(choices: &mut Choices<'_>, desk: &Desk, policy: &mut Policy) {
    if choices.chance(30)
        && let Some(id) = desk.agents.keys().nth(choices.pick(5))
    {
        policy.adopt.insert(ObjectKey::new(Kind::Agent, key("a", choices.pick(5))), id.clone());
    }
    if choices.chance(20)
        && let Some(id) = desk.departments.keys().nth(choices.pick(3))
    {
        policy.adopt.insert(ObjectKey::new(Kind::Department, key("d", choices.pick(3))), id.clone());
    }
    if choices.chance(10) {
        let object = ObjectKey::new(Kind::Webhook, key("h", choices.pick(2)));
        policy.adopt.insert(object, ExternalId::new("nowhere"));
    }
}
