//! What one complete reading of an account holds, with our own writes laid over it.

use std::collections::BTreeMap;

use super::wire::{Account, Agent, Department, Id, Subscription};
use crate::provider::snapshot::{ReadOrder, View};

/// The account as read. What the account's interface does not show is empty.
#[derive(Debug, Default)]
pub(super) struct AccountView {
    pub(super) account: Option<Account>,
    pub(super) agents: BTreeMap<Id, Agent>,
    pub(super) departments: BTreeMap<Id, Department>,
    pub(super) subscriptions: BTreeMap<Id, Subscription>,
}

/// One object that we wrote.
#[derive(Clone, Debug)]
pub(super) enum Written {
    Agent(Agent),
    AgentGone(Id),
    Department(Department),
    Subscription(Subscription),
    SubscriptionGone(Id),
}

/// Whether the reading's own object counts, because it changed after our write, or within the same moment: then nobody
/// knows which came first, and writing once too often is harmless, while missing a person's change is not.
fn is_newer(read: Option<&str>, written: &str, order: ReadOrder) -> bool {
    order == ReadOrder::WithinSettleWindow && !written.is_empty() && read.is_some_and(|read| read >= written)
}

impl View for AccountView {
    type Written = Written;

    fn lay_over(&mut self, written: &Written, order: ReadOrder) {
        match written {
            Written::Agent(agent) => {
                let read = self.agents.get(&agent.id).map(|read| read.updated_at.as_str());
                if !is_newer(read, &agent.updated_at, order) {
                    self.agents.insert(agent.id.clone(), agent.clone());
                }
            }
            Written::Department(department) => {
                let read = self.departments.get(&department.id).map(|read| read.updated_at.as_str());
                if !is_newer(read, &department.updated_at, order) {
                    self.departments.insert(department.id.clone(), department.clone());
                }
            }
            Written::Subscription(one) => {
                let read = self.subscriptions.get(&one.id).map(|read| read.updated_at.as_str());
                if !is_newer(read, &one.updated_at, order) {
                    self.subscriptions.insert(one.id.clone(), one.clone());
                }
            }
            Written::AgentGone(id) => {
                self.agents.remove(id);
            }
            Written::SubscriptionGone(id) => {
                self.subscriptions.remove(id);
            }
        }
    }
}
