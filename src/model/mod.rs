//! What we reason about: the store's human-support structure as plain values in the field's own words.
//!
//! Exists so that planning, providers and reports share one vocabulary. It must not know a vendor, Kubernetes, a
//! clock, the environment or a log, and holds sorted collections only: same values, same plan, same text.

mod agent;
mod claim;
mod department;
mod desired;
mod ids;
mod kind;
mod license;
mod mark;
mod membership;
mod observed;
mod owner;
mod pending;
mod phone_field;
mod policy;
mod reason;
mod resource;
mod route;
mod schedule;
mod webhook;

pub use agent::{Access, Agent, Profile};
pub use claim::{Claim, Claims};
pub use department::Department;
pub use desired::{Desired, Table};
pub use ids::{
    AgentKey, DepartmentKey, Email, ExternalId, PhoneNumber, RemoteName, SecretVersion, StoreId, Tag, Url,
    WebhookKey,
};
pub use kind::{Kind, ObjectKey};
pub use license::{License, LicenseKey};
pub use mark::{Fence, Installation, Mark, MarkError, Origin, Stamp};
pub use membership::{Membership, MembershipKey, Standing};
pub use observed::{AccountFacts, AgentFacts, Note, Observed, Protection, ScheduleRoom};
pub use owner::{Owned, Owner, Remote};
pub use pending::{PendingStep, StepName, StepScope, title_of_step};
pub use phone_field::{PhoneField, PhoneFieldKey};
pub use policy::{
    Absence, AccessAfterRemoval, AdoptionPolicy, Approval, Capabilities, DeletionPolicy, Drift, DriftPolicy,
    Gate, History, Lifecycle, Policy, RemovalGuard, RemovalPolicy, SeatBudget, Support, WasInSync,
};
pub use reason::{EventReason, Reason};
pub use resource::{FieldChange, Ref, Resource};
pub use route::{Event, EventRoute, RouteKey, RoutingKey, RoutingRule, Trigger};
pub use schedule::{Interval, OpeningHours, OpeningHoursKey, SpecialDay};
pub use webhook::Webhook;
