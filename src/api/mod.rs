//! The resource types: what people write, and what the operator answers in the status.
//!
//! Why one module: it is the only place that knows the words of the Kubernetes resources. The definitions in `crds/`
//! are generated from it; `formats`, `validate` and the CEL rules say the same with the same sentences.
//! Must not: do I/O, read the clock, decide what to change, or hold a secret.

#![allow(
    unreachable_pub,
    reason = "KubeSchema copies each public struct into a function, where `pub` cannot be reached"
)]

pub mod account;
pub mod account_status;
pub mod account_view;
pub mod agents;
pub mod conditions;
pub mod config;
pub mod config_status;
pub mod crd;
pub mod document;
pub mod formats;
pub mod hours;
pub mod namespaces;
pub mod policies;
pub mod secrets;
mod stored_status;
pub mod structure;
pub mod training;
pub mod validate;
pub mod validate_account;
mod validate_hours;
mod validate_people;
pub mod webhooks;

pub use account::{ClusterHelpdeskAccount, ClusterHelpdeskAccountSpec, HelpdeskAccount, HelpdeskAccountSpec};
pub use account_status::HelpdeskAccountStatus;
pub use account_view::{AccountScope, AccountView};
pub use config::{HumanSupportConfig, HumanSupportConfigSpec};
pub use config_status::HumanSupportConfigStatus;
pub use document::DocumentChecker;
pub use validate::{Violation, validate};
pub use validate_account::validate_account;

/// The API group of all kinds.
pub const GROUP: &str = "humansupport.dev";
/// The version of all kinds.
pub const VERSION: &str = "v1alpha1";
/// The field manager of everything that this project writes; Flux keeps hands off what it owns.
pub const FIELD_MANAGER: &str = "humansupport";
/// The finalizer on a HumanSupportConfig. It exists only where the deletion policy needs a clean-up.
pub const FINALIZER: &str = "humansupport.dev/helpdesk";

/// Annotations that people and tools set on a resource.
pub mod annotations {
    /// Any new value means: run now. Echoed in `status.lastHandledReconcileAt`.
    pub const RECONCILE_REQUESTED_AT: &str = "humansupport.dev/reconcile-requested-at";
    /// The same as Flux writes it.
    pub const FLUX_RECONCILE_REQUESTED_AT: &str = "reconcile.fluxcd.io/requestedAt";
    /// The digest of the one plan that is approved.
    pub const APPROVE_PLAN: &str = "humansupport.dev/approve-plan";
    /// `"true"` gives up the clean-up of a deletion and keeps the remote objects.
    pub const FORCE_FINALIZE: &str = "humansupport.dev/force-finalize";
}
