//! Leader election by a `coordination.k8s.io/v1` Lease, and the fence that keeps a former leader from writing.
//!
//! Why our own: a helpdesk knows no fencing tokens, so the operator itself must know until when nobody else can lead.
//! Libraries publish "leader: yes or no", which is wrong as soon as a process was frozen (`reliability.md`, row 41).
//! Here the elector publishes a moment of the monotonic clock, and a write starts only if its own deadline lies before
//! that moment. The moment is counted from *before* the request that renewed the Lease was sent: every other replica
//! saw that renewal later, and waits a full lease duration from then.
//!
//! What is decided is in `decide` (pure), what is stored in `record`, what is sent in `election`.
//! Must not: compare wall clocks (the times inside a Lease are only for people), write without a `resourceVersion`,
//! or lead again after leadership was lost. Losing ends the process.

mod decide;
mod election;
mod error;
mod fence;
mod record;
mod settings;
mod store;

pub use election::{Jitter, LeaderElection};
pub use error::{LeaderError, Loss};
pub use fence::{Fence, Leadership};
pub use settings::LeaderSettings;
