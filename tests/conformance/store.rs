//! The store that the suite declares, edits of each of its fields, and what people made by hand before.

use human_support_operator::model::*;

use crate::fixture::Foreign;

/// The tag of the store's conversations.
const TAG: &str = "vtex-chatbot";

/// Two departments, two agents, who answers where, a webhook with two routes, and one of everything else.
pub(crate) fn example() -> Desired {
    let mut desired = Desired::none();
    desired.licenses.insert(LicenseKey, License { quantity: Some(4) });
    let field = PhoneField { title: RemoteName::new("WhatsApp lojacentro"), active: true };
    desired.phone_fields.insert(PhoneFieldKey, field);
    for (key, name) in [("sales", "Vendas"), ("support", "Suporte")] {
        desired.departments.insert(DepartmentKey::new(key), department(name));
    }
    for (key, name) in [("ana", "Ana Souza"), ("rui", "Rui Lima")] {
        desired.agents.insert(AgentKey::new(key), agent(key, name));
    }
    for (agent, department, standing) in [
        ("ana", "sales", Standing::Default),
        ("ana", "support", Standing::Additional),
        ("rui", "sales", Standing::Default),
    ] {
        let key = MembershipKey { agent: AgentKey::new(agent), department: DepartmentKey::new(department) };
        desired.memberships.insert(key.clone(), Membership { key, standing });
    }
    desired.webhooks.insert(WebhookKey::new("handler"), webhook("https://handler.example/hook"));
    for event in Event::ALL {
        let key = RouteKey { webhook: WebhookKey::new("handler"), event };
        desired.routes.insert(key, route(event));
    }
    let rule = RoutingRule {
        title: RemoteName::new("lojacentro - routing"),
        active: true,
        tag: Tag::new(TAG),
        department: Ref::Ours(DepartmentKey::new("sales")),
    };
    desired.routing.insert(RoutingKey, rule);
    desired.hours.insert(OpeningHoursKey, hours("lojacentro"));
    desired
}

fn department(name: &str) -> Department {
    Department { name: RemoteName::new(name), description: "Atende a loja".to_owned(), active: true }
}

fn agent(key: &str, name: &str) -> Agent {
    Agent {
        name: name.to_owned(),
        email: Email::new(format!("{key}@loja.example")),
        profile: Profile::Agent,
        access: Access::Active,
        max_conversations: Some(3),
        default_department: Ref::Ours(DepartmentKey::new("sales")),
    }
}

fn webhook(url: &str) -> Webhook {
    Webhook {
        name: RemoteName::new("lojacentro/handler"),
        url: Url::new(url),
        active: true,
        secret: Some(SecretVersion::new("uid/1")),
    }
}

fn route(event: Event) -> EventRoute {
    EventRoute {
        title: RemoteName::new(format!("lojacentro - {event}")),
        active: true,
        on: Trigger::On(event),
        tag: Tag::new(TAG),
        webhook: Ref::Ours(WebhookKey::new("handler")),
        phone_field: Ref::Ours(PhoneFieldKey),
        body: String::new(),
    }
}

fn hours(name: &str) -> OpeningHours {
    OpeningHours {
        name: RemoteName::new(name),
        time_zone: "America/Sao_Paulo".to_owned(),
        intervals: vec![Interval { start: 1980, end: 2520 }],
        closed: vec![SpecialDay {
            name: "Natal".to_owned(),
            from: "2026-12-25".to_owned(),
            to: "2026-12-25".to_owned(),
        }],
        closed_in_part: Vec::new(),
    }
}

/// An edit of one field: its name, the kind whose object shows it, and the edit.
pub(crate) struct Edit {
    pub(crate) field: &'static str,
    pub(crate) kind: Kind,
    pub(crate) edit: fn(&mut Desired),
}

/// An edit of each field that a declaration can change.
pub(crate) fn edits() -> Vec<Edit> {
    let edit = |field, kind, edit| Edit { field, kind, edit };
    vec![
        edit("licenses.quantity", Kind::License, |desired| {
            desired.licenses.get_mut(&LicenseKey).unwrap().quantity = Some(6);
        }),
        edit("phone field title", Kind::PhoneField, |desired| {
            desired.phone_fields.get_mut(&PhoneFieldKey).unwrap().title = RemoteName::new("WhatsApp novo");
        }),
        edit("department name", Kind::Department, |desired| {
            desired.departments.get_mut(&DepartmentKey::new("support")).unwrap().name =
                RemoteName::new("Apoio");
        }),
        edit("department description", Kind::Department, |desired| {
            desired.departments.get_mut(&DepartmentKey::new("sales")).unwrap().description =
                "Vendas e mais".to_owned();
        }),
        edit("agent name", Kind::Agent, |desired| ana(desired).name = "Ana Maria Souza".to_owned()),
        edit("agent email", Kind::Agent, |desired| ana(desired).email = Email::new("maria@loja.example")),
        edit("agent profile", Kind::Agent, |desired| ana(desired).profile = Profile::Administrator),
        edit("agent limit", Kind::Agent, |desired| ana(desired).max_conversations = Some(7)),
        edit("agent default department", Kind::Membership, |desired| {
            ana(desired).default_department = Ref::Ours(DepartmentKey::new("support"));
            for (key, value) in &mut desired.memberships {
                if key.agent.as_str() == "ana" {
                    let is_default = key.department.as_str() == "support";
                    value.standing = if is_default { Standing::Default } else { Standing::Additional };
                }
            }
        }),
        edit("one more department of an agent", Kind::Membership, |desired| {
            let (agent, department) = (AgentKey::new("rui"), DepartmentKey::new("support"));
            let key = MembershipKey { agent, department };
            desired.memberships.insert(key.clone(), Membership { key, standing: Standing::Additional });
        }),
        edit("agent active", Kind::Agent, |desired| {
            let rui = desired.agents.get_mut(&AgentKey::new("rui")).unwrap();
            rui.access = Access::Dismissed;
            rui.default_department = Ref::Nothing;
            desired.memberships.retain(|key, _| key.agent.as_str() != "rui");
        }),
        edit("webhook url", Kind::Webhook, |desired| {
            handler(desired).url = Url::new("https://handler.example/new");
        }),
        edit("webhook token", Kind::Webhook, |desired| {
            handler(desired).secret = Some(SecretVersion::new("uid/2"))
        }),
        edit("route body", Kind::EventRoute, |desired| {
            for route in desired.routes.values_mut() {
                route.body = r#"{"event":"declared"}"#.to_owned();
            }
        }),
        edit("routing department", Kind::RoutingRule, |desired| {
            desired.routing.get_mut(&RoutingKey).unwrap().department =
                Ref::Ours(DepartmentKey::new("support"));
        }),
        edit("conversation tag", Kind::RoutingRule, |desired| {
            desired.routes.values_mut().for_each(|route| route.tag = Tag::new("other"));
            desired.routing.get_mut(&RoutingKey).unwrap().tag = Tag::new("other");
        }),
        edit("time zone", Kind::OpeningHours, |desired| {
            desired.hours.get_mut(&OpeningHoursKey).unwrap().time_zone = "America/Manaus".to_owned();
        }),
        edit("windows", Kind::OpeningHours, |desired| {
            desired.hours.get_mut(&OpeningHoursKey).unwrap().intervals =
                vec![Interval { start: 1980, end: 2400 }];
        }),
        edit("exceptions", Kind::OpeningHours, |desired| {
            desired.hours.get_mut(&OpeningHoursKey).unwrap().closed.clear();
        }),
    ]
}

fn ana(desired: &mut Desired) -> &mut Agent {
    desired.agents.get_mut(&AgentKey::new("ana")).unwrap()
}

fn handler(desired: &mut Desired) -> &mut Webhook {
    desired.webhooks.get_mut(&WebhookKey::new("handler")).unwrap()
}

/// What people made by hand that has nothing to do with the store.
pub(crate) fn bystanders() -> Vec<Foreign> {
    let mut closed = hours("Someone else's");
    closed.closed.clear();
    vec![
        Foreign::Department(Department {
            description: "a person's".to_owned(),
            ..department("Contabilidade")
        }),
        Foreign::Agent(Agent { default_department: Ref::Nothing, ..agent("bia", "Bia") }),
        Foreign::Webhook(Webhook {
            name: RemoteName::new("somebody's"),
            ..webhook("https://else.example/hook")
        }),
        Foreign::PhoneField(PhoneField { title: RemoteName::new("Pedido"), active: true }),
        Foreign::Hours(closed),
    ]
}

/// What people made by hand that is exactly what the store declares.
pub(crate) fn predecessors() -> Vec<Foreign> {
    let desired = example();
    vec![
        Foreign::Department(desired.departments[&DepartmentKey::new("sales")].clone()),
        Foreign::Agent(Agent {
            default_department: Ref::Nothing,
            ..desired.agents[&AgentKey::new("ana")].clone()
        }),
        Foreign::Webhook(desired.webhooks[&WebhookKey::new("handler")].clone()),
        Foreign::PhoneField(desired.phone_fields[&PhoneFieldKey].clone()),
    ]
}
