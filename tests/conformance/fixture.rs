//! What a helpdesk brings to the suite: an empty account, a person at work in it, and a look at what it really holds.
//!
//! A fixture reads the helpdesk's own state, never what the provider said. It must not decide what is right.

use std::time::Duration;

use async_trait::async_trait;
use human_support_operator::model::{Agent, Department, ExternalId, Kind, OpeningHours, PhoneField, Webhook};
use human_support_operator::plan::Step;
use human_support_operator::provider::Provider;

/// An empty account of one helpdesk.
#[async_trait]
pub(crate) trait Fixture: Send + Sync {
    /// The account behind the interface.
    fn provider(&self) -> &dyn Provider;

    /// How long a list of the helpdesk may lag behind a write; the provider was given the same.
    fn settle_window(&self) -> Duration {
        Duration::ZERO
    }

    /// A person makes an object by hand; `None` where the helpdesk has no such thing.
    async fn plant(&self, foreign: &Foreign) -> Option<ExternalId>;

    /// A person changes something of an object that a plan has to notice; `false` where nobody can.
    async fn disturb(&self, kind: Kind, id: &ExternalId) -> bool;

    /// A person deletes an object; `false` where nobody can.
    async fn take_away(&self, kind: Kind, id: &ExternalId) -> bool;

    /// Everything that the account holds now.
    fn things(&self) -> Vec<Thing>;

    /// How many writes reached the account, persons' not counted.
    fn writes(&self) -> usize;

    /// The next create of this kind has its effect and its answer is lost. `steps` is the batch that comes next.
    async fn lose_answer(&self, kind: Kind, steps: &[Step]);
}

/// What a person makes by hand.
#[derive(Clone, Debug)]
pub(crate) enum Foreign {
    Department(Department),
    Agent(Agent),
    Webhook(Webhook),
    PhoneField(PhoneField),
    Hours(OpeningHours),
}

impl Foreign {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Foreign::Department(_) => Kind::Department,
            Foreign::Agent(_) => Kind::Agent,
            Foreign::Webhook(_) => Kind::Webhook,
            Foreign::PhoneField(_) => Kind::PhoneField,
            Foreign::Hours(_) => Kind::OpeningHours,
        }
    }
}

/// One object of the account as the helpdesk itself shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thing {
    pub(crate) kind: Kind,
    pub(crate) id: ExternalId,
    /// The text in the place of its mark; empty where there is none.
    pub(crate) mark: String,
    /// Whether it has an effect: somebody gets in, a webhook is called, a department exists and takes conversations.
    pub(crate) live: bool,
    /// All of it, for comparison; without what the helpdesk changes by itself.
    pub(crate) text: String,
}
