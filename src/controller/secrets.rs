//! Reading Secrets: only by name, only of our own types, never watched, never listed.
//!
//! Values leave this file as `Credentials` or `Token` and nothing else. Messages name the Secret and its key, never a
//! value.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client};
use zeroize::Zeroizing;

use super::round::{Blocked, Retry};
use crate::model::{Reason, SecretVersion};

/// A Secret of one of our types, with its version.
pub struct SecretContent {
    name: String,
    version: SecretVersion,
    values: BTreeMap<String, Zeroizing<String>>,
}

/// Why a Secret cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretError {
    /// There is none of this name.
    Missing(String),
    /// The API server did not answer, or refused.
    Unreadable(String),
    /// It is there and cannot be used; the sentence says what to do.
    Unusable(String),
}

impl SecretError {
    /// The sentence for people.
    pub fn message(&self) -> &str {
        match self {
            SecretError::Missing(text) | SecretError::Unreadable(text) | SecretError::Unusable(text) => text,
        }
    }

    /// The end of a round that needs this Secret.
    pub fn into_blocked(self) -> Blocked {
        let retry = match self {
            SecretError::Missing(_) | SecretError::Unusable(_) => Retry::ForSecret,
            SecretError::Unreadable(_) => Retry::BackOff,
        };
        let reason = match self {
            SecretError::Unreadable(_) => Reason::ProgressingWithRetry,
            SecretError::Missing(_) | SecretError::Unusable(_) => Reason::SecretInvalid,
        };
        Blocked { reason, message: self.message().to_owned(), retry, side: None }
    }
}

/// Which Secret is read, and what it must be.
#[derive(Clone, Copy, Debug)]
pub struct SecretQuery<'a> {
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The type it must have.
    pub type_: &'a str,
}

/// Reads one Secret.
///
/// # Errors
/// When it is missing, of another type, or the API server does not give it.
pub async fn read(client: &Client, query: SecretQuery<'_>) -> Result<SecretContent, SecretError> {
    let SecretQuery { namespace, name, type_ } = query;
    let secrets: Api<Secret> = Api::namespaced(client.clone(), namespace);
    let secret = match secrets.get_opt(name).await {
        Ok(Some(secret)) => secret,
        Ok(None) => {
            return Err(SecretError::Missing(format!(
                "the Secret `{name}` does not exist; create it with type `{type_}`"
            )));
        }
        Err(kube::Error::Api(status)) if status.is_forbidden() => {
            return Err(SecretError::Unreadable(format!(
                "the operator may not read the Secret `{name}`; grant it the verb `get` on Secrets in this namespace"
            )));
        }
        Err(_) => {
            return Err(SecretError::Unreadable(format!(
                "the Secret `{name}` cannot be read now; the operator tries again"
            )));
        }
    };
    let actual = secret.type_.as_deref().unwrap_or("Opaque");
    if actual != type_ {
        return Err(SecretError::Unusable(format!(
            "the Secret `{name}` has the type `{actual}`; only Secrets of type `{type_}` are read, so create it anew with that type"
        )));
    }
    Ok(content_of(secret, name))
}

fn content_of(secret: Secret, name: &str) -> SecretContent {
    let uid = secret.metadata.uid.unwrap_or_default();
    let resource_version = secret.metadata.resource_version.unwrap_or_default();
    let mut values = BTreeMap::new();
    for (key, bytes) in secret.data.unwrap_or_default() {
        if let Ok(text) = String::from_utf8(bytes.0) {
            values.insert(key, Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()));
        }
    }
    SecretContent {
        name: name.to_owned(),
        version: SecretVersion::new(format!("{uid}/{resource_version}")),
        values,
    }
}

impl SecretContent {
    /// The version of the Secret: its uid and resource version.
    pub fn version(&self) -> &SecretVersion {
        &self.version
    }

    /// What the values are told apart by, in this process alone: never shown, never written.
    pub fn fingerprint(&self, keys: &RandomState) -> u64 {
        let mut hasher = keys.build_hasher();
        for (key, value) in &self.values {
            (key, value.as_str()).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// The value of a key, if there is one that is not empty.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(|value| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The value of a key that must be there.
    ///
    /// # Errors
    /// When it is missing, empty or not text.
    pub fn require(&self, key: &str) -> Result<&str, SecretError> {
        self.get(key).ok_or_else(|| {
            SecretError::Unusable(format!(
                "the Secret `{}` lacks the key `{key}`, or it is empty; add it",
                self.name
            ))
        })
    }

    /// The refusal of this Secret, with the sentence that says what to do.
    pub fn refuse(&self, why: &str) -> SecretError {
        SecretError::Unusable(format!("the Secret `{}` cannot be used: {why}", self.name))
    }

    /// Checks that the Secret belongs to `host`: a credential goes only to the host beside it.
    ///
    /// # Errors
    /// When the key is missing or names another host.
    pub fn require_host(&self, key: &str, host: &str) -> Result<(), SecretError> {
        let named = self.require(key)?;
        if named.eq_ignore_ascii_case(host) {
            return Ok(());
        }
        Err(SecretError::Unusable(format!(
            "the Secret `{}` is for another host: its key `{key}` must be `{host}`, otherwise its credential is not sent",
            self.name
        )))
    }
}
