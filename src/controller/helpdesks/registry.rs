//! The helpdesks of one vendor that are in use.
//!
//! A helpdesk is kept as long as what makes it the same stays the same, so that its connections, reading and budget
//! outlive a round. Must not hold a credential: the vendor's own value does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{DeskId, Helpdesk};
use crate::controller::round::{Blocked, Retry};
use crate::model::Reason;
use crate::provider::Provider;
use crate::provider::http::SetupError;

/// The helpdesks of the vendor `V`.
pub(super) struct Registry<V> {
    known: Mutex<HashMap<DeskId, Known<V>>>,
}

struct Known<V> {
    /// Everything that makes a helpdesk another one.
    identity: String,
    vendor: Arc<V>,
    helpdesk: Arc<Helpdesk>,
}

/// What makes a helpdesk the one it is.
pub(super) struct Identity {
    /// Which one.
    pub id: DeskId,
    /// Everything beside the credentials that makes it another one when it changes.
    pub text: String,
    /// The host it is reached at.
    pub host: String,
}

impl<V> Default for Registry<V> {
    fn default() -> Self {
        Self { known: Mutex::default() }
    }
}

impl<V: Provider + 'static> Registry<V> {
    /// The helpdesk with this identity; it is built where it is not in use yet.
    ///
    /// # Errors
    /// When it cannot be built from what is declared.
    pub(super) fn find_or_build(
        &self,
        identity: Identity,
        build: impl FnOnce() -> Result<Arc<V>, SetupError>,
    ) -> Result<(Arc<V>, Arc<Helpdesk>), Blocked> {
        let Identity { id, text, host } = identity;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(&id).filter(|found| found.identity == text) {
            return Ok((Arc::clone(&found.vendor), Arc::clone(&found.helpdesk)));
        }
        let vendor = build().map_err(|error| unusable(&error))?;
        let helpdesk = Arc::new(Helpdesk::new(vendor.clone(), host));
        let entry = Known { identity: text, vendor: vendor.clone(), helpdesk: Arc::clone(&helpdesk) };
        known.insert(id, entry);
        Ok((vendor, helpdesk))
    }
}

/// The end of a round whose account cannot be reached as it is declared.
pub(super) fn unusable(error: &SetupError) -> Blocked {
    Blocked { reason: Reason::InvalidSpec, message: error.to_string(), retry: Retry::AtResync, side: None }
}
