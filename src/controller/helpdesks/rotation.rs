//! Whether an account's credentials are other ones than before.
//!
//! Exists so that a rotation is told once, when the helpdesk accepted what is new. The version of a Secret would not do: a
//! label changes it too. Must not hold a credential: values are told apart by a hash whose key is drawn by each process.
//! A rotation while no operator ran is therefore not known.

use std::collections::HashMap;
use std::hash::RandomState;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::controller::account::AccountId;
use crate::controller::report::Credentials;
use crate::controller::secrets::SecretContent;

/// What was read of each account's Secret, and what was accepted.
#[derive(Default)]
pub(super) struct Rotation {
    keys: RandomState,
    known: Mutex<HashMap<AccountId, Known>>,
}

#[derive(Default)]
struct Known {
    read: Option<u64>,
    accepted: Option<u64>,
}

impl Rotation {
    /// Notes what an account's Secret holds.
    pub(super) fn note(&self, account: &AccountId, secret: &SecretContent) {
        let read = secret.fingerprint(&self.keys);
        self.lock().entry(account.clone()).or_default().read = Some(read);
    }

    /// What was read last of an account's Secret.
    pub(super) fn read_last(&self, account: &AccountId) -> Option<u64> {
        self.lock().get(account).and_then(|known| known.read)
    }

    /// Notes that what was `read` is accepted by the helpdesk.
    pub(super) fn accept(&self, account: &AccountId, read: Option<u64>) -> Credentials {
        let Some(read) = read else { return Credentials::AsBefore };
        let before = self.lock().entry(account.clone()).or_default().accepted.replace(read);
        match before {
            Some(before) if before != read => Credentials::Rotated,
            Some(_) | None => Credentials::AsBefore,
        }
    }

    /// Forgets an account that is gone.
    pub(super) fn forget(&self, account: &AccountId) {
        self.lock().remove(account);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
