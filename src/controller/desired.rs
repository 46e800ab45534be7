//! From the resource's spec to the model: what one store declares.
//!
//! Pure. It must not decide what to do about a difference, and does not repeat `api::validate`: the spec it gets is
//! valid.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::hours::{self, ClosedDays};
use crate::api::HumanSupportConfigSpec;
use crate::api::agents::Profile as DeclaredProfile;
use crate::api::hours::BusinessHours;
use crate::api::webhooks::{EventName, Webhook as DeclaredWebhook};
use crate::model::{
    Access, Agent, AgentKey, Department, DepartmentKey, Desired, Email, Event, EventRoute, License,
    LicenseKey, Membership, MembershipKey, OpeningHours, OpeningHoursKey, PhoneField, PhoneFieldKey, Profile,
    Ref, RemoteName, RouteKey, RoutingKey, RoutingRule, SecretVersion, Standing, Tag, Trigger, Url, Webhook,
    WebhookKey,
};

/// What the spec alone does not say.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// The account's template for department names, for example `{displayName} - {store}`.
    pub department_name: Option<&'a str>,
    /// The versions of the webhooks' Secrets that could be read.
    pub secrets: &'a dyn Fn(&WebhookKey) -> Option<SecretVersion>,
    /// Today in the store's time zone: agents whose last day has passed are no longer active, and yearly exceptions are
    /// written out from this year on.
    pub today: Date,
}

/// What one store declares, and whose last day has passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declaration {
    /// The structure.
    pub desired: Desired,
    /// Agents whose last day has passed.
    pub expired: BTreeSet<Email>,
}

/// Reads the declaration of a store.
pub fn declare(spec: &HumanSupportConfigSpec, circumstances: &Circumstances<'_>) -> Declaration {
    let mut declaration = Declaration::default();
    declare_departments(spec, circumstances, &mut declaration.desired);
    declare_agents(spec, circumstances, &mut declaration);
    declare_webhooks(spec, circumstances, &mut declaration.desired);
    let desired = &mut declaration.desired;
    if let Some(licenses) = &spec.licenses {
        desired.licenses.insert(LicenseKey, License { quantity: u32::try_from(licenses.quantity).ok() });
    }
    let title = RemoteName::new(format!("WhatsApp {}", spec.store));
    desired.phone_fields.insert(PhoneFieldKey, PhoneField { title, active: true });
    if let Some(declared) = &spec.business_hours {
        desired.hours.insert(OpeningHoursKey, opening_hours(spec, (declared, circumstances.today)));
    }
    if let Some(department) = &spec.default_department {
        desired.routing.insert(
            RoutingKey,
            RoutingRule {
                title: RemoteName::new(format!("{} - default department", spec.store)),
                active: true,
                tag: Tag::new(&spec.conversation_tag),
                department: Ref::Ours(DepartmentKey::new(department)),
            },
        );
    }
    declaration
}

/// The name is the store's alone: with its mark behind it, it still fits into 255 bytes.
fn opening_hours(spec: &HumanSupportConfigSpec, (declared, today): (&BusinessHours, Date)) -> OpeningHours {
    let ClosedDays { whole, in_part } = hours::closed_days(declared, today);
    OpeningHours {
        name: RemoteName::new(&spec.store),
        time_zone: declared.time_zone.clone(),
        intervals: hours::intervals(declared),
        closed: whole,
        closed_in_part: in_part,
    }
}

fn declare_departments(
    spec: &HumanSupportConfigSpec,
    circumstances: &Circumstances<'_>,
    desired: &mut Desired,
) {
    for department in &spec.departments {
        let name = match circumstances.department_name {
            Some(template) => {
                template.replace("{displayName}", &department.display_name).replace("{store}", &spec.store)
            }
            None => department.display_name.clone(),
        };
        let description = department.description.clone().unwrap_or_default();
        desired.departments.insert(
            DepartmentKey::new(&department.name),
            Department { name: RemoteName::new(name), description, active: true },
        );
    }
}

fn declare_agents(
    spec: &HumanSupportConfigSpec,
    circumstances: &Circumstances<'_>,
    declaration: &mut Declaration,
) {
    for agent in &spec.agents {
        let expired = super::training::is_over(agent, circumstances.today);
        let email = Email::new(&agent.email);
        if expired {
            declaration.expired.insert(email.clone());
        }
        let access = if agent.is_active() && !expired { Access::Active } else { Access::Suspended };
        let key = AgentKey::new(&agent.name);
        let value = Agent {
            name: agent.display_name.clone(),
            email,
            profile: match agent.profile {
                DeclaredProfile::Agent => Profile::Agent,
                DeclaredProfile::Administrator => Profile::Administrator,
            },
            access,
            max_conversations: agent.max_conversations.and_then(|limit| u32::try_from(limit).ok()),
            default_department: agent
                .departments
                .first()
                .map_or(Ref::Nothing, |name| Ref::Ours(DepartmentKey::new(name))),
        };
        declaration.desired.agents.insert(key.clone(), value);
        for (position, department) in agent.departments.iter().enumerate() {
            let key = MembershipKey { agent: key.clone(), department: DepartmentKey::new(department) };
            let standing = if position == 0 { Standing::Default } else { Standing::Additional };
            declaration.desired.memberships.insert(key.clone(), Membership { key, standing });
        }
    }
}

fn declare_webhooks(spec: &HumanSupportConfigSpec, circumstances: &Circumstances<'_>, desired: &mut Desired) {
    for webhook in &spec.webhooks {
        let key = WebhookKey::new(&webhook.name);
        let value = Webhook {
            name: RemoteName::new(format!("{}/{}", spec.store, webhook.name)),
            url: Url::new(&webhook.url),
            active: true,
            secret: (circumstances.secrets)(&key),
        };
        desired.webhooks.insert(key.clone(), value);
        declare_routes(spec, webhook, desired);
    }
}

fn declare_routes(spec: &HumanSupportConfigSpec, webhook: &DeclaredWebhook, desired: &mut Desired) {
    for declared in &webhook.events {
        let event = event_of(declared.name);
        let key = RouteKey { webhook: WebhookKey::new(&webhook.name), event };
        let route = EventRoute {
            title: RemoteName::new(format!("{} - {event}", spec.store)),
            active: true,
            on: Trigger::On(event),
            tag: Tag::new(&spec.conversation_tag),
            webhook: Ref::Ours(key.webhook.clone()),
            phone_field: Ref::Ours(PhoneFieldKey),
            body: declared.body.clone().unwrap_or_default(),
        };
        desired.routes.insert(key, route);
    }
}

fn event_of(name: EventName) -> Event {
    match name {
        EventName::AgentReplied => Event::AgentReplied,
        EventName::ConversationResolved => Event::ConversationResolved,
        EventName::MessageReceived => Event::MessageReceived,
        EventName::MessageDelivered => Event::MessageDelivered,
    }
}
