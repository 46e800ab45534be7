//! The reference helpdesk in the suite.

use async_trait::async_trait;
use human_support_operator::model::*;
use human_support_operator::plan::{Action, Step};
use human_support_operator::provider::Provider;
use human_support_operator::provider::memory::{Account, Desk, Entry, Fault, MemoryHelpdesk, Shelf};

use crate::fixture::{Fixture, Foreign, Thing};

pub(crate) struct Memory {
    helpdesk: MemoryHelpdesk,
}

/// An empty desk with its owner.
pub(crate) async fn start() -> Memory {
    let mut desk = Desk::new(Capabilities {
        kinds: Kind::ALL.into_iter().map(|kind| (kind, Support::Managed)).collect(),
        access_after_removal: AccessAfterRemoval::SuspendThenDismiss,
        ..Capabilities::default()
    });
    let owner = Agent {
        name: "Dona".to_owned(),
        email: Email::new("dona@loja.example"),
        profile: Profile::Administrator,
        access: Access::Active,
        max_conversations: None,
        default_department: Ref::Nothing,
    };
    let id = put(&mut desk, |desk| &mut desk.agents, owner);
    let account = Account { protection: Some(Protection::AccountOwner), ..Account::default() };
    desk.accounts.insert(id, account);
    Memory { helpdesk: MemoryHelpdesk::new(desk) }
}

fn put<R>(desk: &mut Desk, shelf: impl Fn(&mut Desk) -> &mut Shelf<R>, value: R) -> ExternalId {
    let id = desk.new_id();
    shelf(desk).insert(id.clone(), Entry { mark: String::new(), value });
    id
}

/// Everything on a shelf; `live` says what has an effect.
fn things<R: Resource>(shelf: &Shelf<R>, live: impl Fn(&R) -> bool) -> Vec<Thing> {
    shelf
        .iter()
        .map(|(id, entry)| Thing {
            kind: R::KIND,
            id: id.clone(),
            mark: entry.mark.clone(),
            live: live(&entry.value),
            text: format!("{:?}", entry.value),
        })
        .collect()
}

#[async_trait]
impl Fixture for Memory {
    fn provider(&self) -> &dyn Provider {
        &self.helpdesk
    }

    async fn plant(&self, foreign: &Foreign) -> Option<ExternalId> {
        let desk = &mut *self.helpdesk.desk();
        Some(match foreign.clone() {
            Foreign::Department(value) => put(desk, |desk| &mut desk.departments, value),
            Foreign::Agent(value) => put(desk, |desk| &mut desk.agents, value),
            Foreign::Webhook(value) => {
                put(desk, |desk| &mut desk.webhooks, Webhook { secret: None, ..value })
            }
            Foreign::PhoneField(value) => put(desk, |desk| &mut desk.phone_fields, value),
            Foreign::Hours(value) => put(desk, |desk| &mut desk.hours, value),
        })
    }

    async fn disturb(&self, kind: Kind, id: &ExternalId) -> bool {
        let desk = &mut *self.helpdesk.desk();
        match kind {
            Kind::License => desk.licenses.get_mut(id).unwrap().value.quantity = Some(1),
            Kind::PhoneField => desk.phone_fields.get_mut(id).unwrap().value.title = RemoteName::new("mine"),
            Kind::Department => desk.departments.get_mut(id).unwrap().value.name = RemoteName::new("mine"),
            Kind::Agent => desk.agents.get_mut(id).unwrap().value.name = "mine".to_owned(),
            // Only which department is the default could be changed, and the person's other one would tell of it too.
            Kind::Membership => return false,
            Kind::Webhook => desk.webhooks.get_mut(id).unwrap().value.active = false,
            Kind::EventRoute => desk.routes.get_mut(id).unwrap().value.body = "mine".to_owned(),
            Kind::RoutingRule => desk.routing.get_mut(id).unwrap().value.tag = Tag::new("mine"),
            Kind::OpeningHours => desk.hours.get_mut(id).unwrap().value.intervals.clear(),
        }
        true
    }

    async fn take_away(&self, kind: Kind, id: &ExternalId) -> bool {
        let desk = &mut *self.helpdesk.desk();
        match kind {
            Kind::License | Kind::Agent | Kind::Department | Kind::Webhook | Kind::PhoneField => {
                // What others point to; the desk would not let it go either.
                return false;
            }
            Kind::Membership => drop(desk.memberships.remove(id)),
            Kind::EventRoute => drop(desk.routes.remove(id)),
            Kind::RoutingRule => drop(desk.routing.remove(id)),
            Kind::OpeningHours => drop(desk.hours.remove(id)),
        }
        true
    }

    fn things(&self) -> Vec<Thing> {
        let desk = &*self.helpdesk.desk();
        let mut all = things(&desk.licenses, |_| true);
        all.extend(things(&desk.phone_fields, |field| field.active));
        all.extend(things(&desk.departments, |department| department.active));
        all.extend(things(&desk.agents, |agent| agent.access == Access::Active));
        all.extend(things(&desk.memberships, |_| true));
        all.extend(things(&desk.webhooks, |webhook| webhook.active));
        all.extend(things(&desk.routes, |route| route.active));
        all.extend(things(&desk.routing, |rule| rule.active));
        all.extend(things(&desk.hours, |_| true));
        all
    }

    fn writes(&self) -> usize {
        // A desk in memory counts nothing: that nothing was planned is all there is to see.
        0
    }

    async fn lose_answer(&self, kind: Kind, steps: &[Step]) {
        let create = steps.iter().position(|step| step.kind() == kind && step.action() == Action::Create);
        self.helpdesk.desk().fault = Fault::LoseAnswer(create.unwrap());
    }
}
