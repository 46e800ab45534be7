//! Newtypes for everything that would otherwise be a bare string.
//!
//! Parsed at the border, trusted inside. They must not validate a vendor's rules: those live with the vendor.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps text that the border has already checked.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

text_newtype!(
    /// The name of an agent in the store's list, at most 63 characters; stable while the person's e-mail may change.
    AgentKey
);
text_newtype!(
    /// The name of a department in the store's list, at most 63 characters.
    DepartmentKey
);
text_newtype!(
    /// The name of a webhook binding in the store's list, at most 40 characters.
    WebhookKey
);
text_newtype!(
    /// An identifier that the helpdesk gave, opaque to us (numbers and ULIDs alike are text).
    ExternalId
);
impl ExternalId {
    /// The order of ids: numbers by value and before everything else, so that the smallest is the oldest.
    pub fn by_age(&self, other: &Self) -> Ordering {
        fn rank(id: &ExternalId) -> (bool, usize, &str) {
            let text = id.as_str();
            if text.bytes().all(|byte| byte.is_ascii_digit()) {
                let digits = text.trim_start_matches('0');
                (false, digits.len(), digits)
            } else {
                (true, 0, text)
            }
        }
        rank(self).cmp(&rank(other)).then_with(|| self.cmp(other))
    }
}
text_newtype!(
    /// The WhatsApp number of a store in E.164 form, with its plus sign.
    PhoneNumber
);
text_newtype!(
    /// A name or title that people see in the helpdesk.
    RemoteName
);
text_newtype!(
    /// The tag that joins the bot's conversations and the store's routes.
    Tag
);
text_newtype!(
    /// An absolute https URL of a handler.
    Url
);
text_newtype!(
    /// `<uid>/<resourceVersion>` of the Secret a token was read from; never derived from the token itself.
    SecretVersion
);

/// An e-mail address, compared without regard to case: helpdesks fold it too.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Folds the address to lower case and trims surrounding white space.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().trim().to_lowercase())
    }

    /// The folded address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Namespace and name of the resource that declares a store: its identity towards the helpdesk.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StoreId {
    /// The namespace of the resource.
    pub namespace: String,
    /// The name of the resource, at most 63 characters.
    pub name: String,
}

impl StoreId {
    /// Names the store by its resource.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }
}

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}
