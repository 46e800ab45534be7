//! Marks: the text by which an object in a helpdesk is known as ours (`api.md`, Marks).
//!
//! `hso1c/<installation>/<namespace>/<name>/<kind>/<key>` for what we created, `hso1a/…` for what we adopted; lower
//! case; frozen with the first release. In a carrier with room (a description) the mark may be followed by
//! ` by=<fence>` and ` secret=<version>`. Marks must be derived from the resource alone, so that a restore finds them.
//! A later format keeps `hso<number><letters>/<installation>/<namespace>/<name>/` (ADR 0017): so this version sees whose
//! it is although it cannot read the rest, and leaves it alone.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ExternalId, Kind, ObjectKey, Owner, SecretVersion, StoreId};

/// The most bytes a mark may take: the length of a Zendesk `external_id`.
const MAX_MARK_BYTES: usize = 255;

/// Names this installation of the operator towards helpdesks; at most 36 characters, lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Installation(String);

impl Installation {
    /// Checks a name: 1 to 36 characters of `a-z`, `0-9`, `-` and `.`.
    ///
    /// # Errors
    /// When the name is empty, too long, or has other characters.
    pub fn parse(text: &str) -> Result<Self, MarkError> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        if text.is_empty() || text.len() > 36 || !text.chars().all(allowed) {
            return Err(MarkError::Installation(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first eight hexadecimal digits of the cluster's identity: tells two clusters with one installation name apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(String);

impl Fence {
    /// Takes the first eight hexadecimal digits of a cluster's identity.
    ///
    /// # Errors
    /// When the identity has fewer than eight hexadecimal digits.
    pub fn parse(cluster_id: &str) -> Result<Self, MarkError> {
        let digits: String =
            cluster_id.to_lowercase().chars().filter(char::is_ascii_hexdigit).take(8).collect();
        if digits.len() < 8 {
            return Err(MarkError::Fence(cluster_id.to_owned()));
        }
        Ok(Self(digits))
    }

    /// The eight digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a name cannot be part of a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkError {
    /// Not an installation name.
    Installation(String),
    /// Not a cluster identity.
    Fence(String),
}

impl fmt::Display for MarkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MarkError::Installation(text) => write!(
                f,
                "`{text}` is not an installation name: use 1 to 36 characters of a-z, 0-9, `-` and `.`"
            ),
            MarkError::Fence(text) => {
                write!(f, "`{text}` is not a cluster identity: use a uid, or at least 8 hexadecimal digits")
            }
        }
    }
}

impl std::error::Error for MarkError {}

/// How an object became ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Origin {
    /// We created it.
    Created,
    /// It was there, and a policy or a person let us take it over.
    Adopted,
}

/// A mark, parsed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// How the object became ours.
    pub origin: Origin,
    /// Whose it is.
    pub installation: String,
    /// Which store's.
    pub store: StoreId,
    /// Of what kind.
    pub kind: Kind,
    /// Its key within the store, lower case.
    pub key: String,
    /// The fence beside it, where the carrier has one.
    pub by: Option<String>,
    /// The Secret version beside it, where the carrier has one.
    pub secret: Option<SecretVersion>,
}

impl Mark {
    /// Reads a carrier's text: the whole text, or its last line where it is a description.
    ///
    /// Returns `None` for anything that is not a mark of this format.
    pub fn parse(carrier: &str) -> Option<Self> {
        let line = carrier.lines().next_back()?.trim();
        let mut words = line.split(' ');
        let mut parts = words.next()?.splitn(6, '/');
        let origin = match parts.next()?.to_lowercase().as_str() {
            "hso1c" => Origin::Created,
            "hso1a" => Origin::Adopted,
            _ => return None,
        };
        let mut part = || parts.next().filter(|part| !part.is_empty()).map(str::to_lowercase);
        let (installation, namespace, name) = (part()?, part()?, part()?);
        let kind = Kind::from_mark_word(&part()?)?;
        let key = part()?;
        let mut mark = Self {
            origin,
            installation,
            store: StoreId { namespace, name },
            kind,
            key,
            by: None,
            secret: None,
        };
        for word in words {
            match word.split_once('=') {
                Some(("by", value)) => mark.by = Some(value.to_owned()),
                Some(("secret", value)) => mark.secret = Some(SecretVersion::new(value)),
                _ => {}
            }
        }
        Some(mark)
    }

    /// The store that a carrier's text names, whatever version of the operator wrote the mark.
    pub fn store_of(carrier: &str) -> Option<StoreId> {
        Self::parse(carrier).map(|mark| mark.store).or_else(|| Some(Unreadable::parse(carrier)?.store))
    }

    /// A description without its mark line: what a person wrote.
    pub fn strip(description: &str) -> &str {
        if Self::parse(description).is_none() {
            return description;
        }
        description.rfind('\n').map_or("", |end| &description[..end])
    }
}

/// A mark that a newer version of the operator wrote: of a later format, or of a kind that is not known here.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Unreadable {
    /// Whether the format itself is a later one.
    is_later_format: bool,
    installation: String,
    store: StoreId,
}

impl Unreadable {
    fn parse(carrier: &str) -> Option<Self> {
        let mut parts = carrier.lines().next_back()?.trim().split(' ').next()?.splitn(6, '/');
        let word = parts.next()?.to_lowercase();
        let letters = word.strip_prefix("hso")?.trim_start_matches(|c: char| c.is_ascii_digit());
        let has_number = letters.len() + "hso".len() < word.len();
        let is_format = has_number && letters.chars().all(|c| c.is_ascii_lowercase());
        let mut part = || parts.next().filter(|part| !part.is_empty()).map(str::to_lowercase);
        let (installation, namespace, name, kind) = (part()?, part()?, part()?, part()?);
        let is_later_format = !matches!(word.as_str(), "hso1c" | "hso1a");
        let is_newer = is_later_format || (part().is_some() && Kind::from_mark_word(&kind).is_none());
        let store = StoreId { namespace, name };
        (is_format && is_newer).then_some(Self { is_later_format, installation, store })
    }
}

/// Everything that is needed to write and to recognize the marks of one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// This installation.
    pub installation: Installation,
    /// Names this installation had before: their marks count as ours and are rewritten.
    pub former_installations: BTreeSet<Installation>,
    /// The store.
    pub store: StoreId,
    /// This cluster.
    pub fence: Fence,
    /// Other clusters whose store is taken over on purpose.
    pub take_over_from: BTreeSet<String>,
    /// The object that carries the fence: the store's first department, else its first webhook.
    pub bearer: Option<ObjectKey>,
}

impl Stamp {
    /// The mark of an object, as written to a carrier of exactly that text (an `external_id`, a header).
    pub fn mark(&self, object: &ObjectKey, origin: Origin) -> String {
        let word = match origin {
            Origin::Created => "hso1c",
            Origin::Adopted => "hso1a",
        };
        let StoreId { namespace, name } = &self.store;
        let kind = object.kind.mark_word();
        let mut mark =
            format!("{word}/{}/{namespace}/{name}/{kind}/{}", self.installation, object.name).to_lowercase();
        mark.truncate(MAX_MARK_BYTES);
        mark
    }

    /// The last line of a description: the mark, the fence where this object bears it, and the Secret version.
    pub fn line(&self, object: &ObjectKey, origin: Origin, secret: Option<&SecretVersion>) -> String {
        let mut line = self.mark(object, origin);
        if self.bearer.as_ref() == Some(object) {
            line.push_str(&format!(" by={}", self.fence.as_str()));
        }
        if let Some(version) = secret {
            line.push_str(&format!(" secret={version}"));
        }
        line
    }

    /// A description of `text` that ends with the mark line.
    pub fn describe(&self, text: &str, line: &str) -> String {
        if text.is_empty() { line.to_owned() } else { format!("{text}\n{line}") }
    }

    /// Whose an object is by the text that may hold its mark.
    pub fn owner_by(&self, carrier: &str, kind: Kind) -> Owner {
        match Mark::parse(carrier) {
            None if Unreadable::parse(carrier).is_some() => Owner::NewerVersion,
            mark => self.owner_of(mark.as_ref(), kind),
        }
    }

    /// Whether a newer version of the operator wrote this mark for this store, in a format that is not known here.
    pub fn is_outrun_by(&self, carrier: &str) -> bool {
        Unreadable::parse(carrier).is_some_and(|mark| {
            let is_ours = mark.installation == self.installation.as_str()
                || self.former_installations.iter().any(|name| name.as_str() == mark.installation);
            mark.is_later_format && is_ours && mark.store == self.store
        })
    }

    /// Whose an object is by its mark; `None` where its carrier holds none of ours.
    pub fn owner_of(&self, mark: Option<&Mark>, kind: Kind) -> Owner {
        let Some(mark) = mark else { return Owner::Nobody };
        let current = mark.installation == self.installation.as_str();
        let former = self.former_installations.iter().any(|name| name.as_str() == mark.installation);
        if !current && !former {
            return Owner::OtherInstallation(mark.installation.clone());
        }
        if mark.store != self.store {
            return Owner::OtherStore(mark.store.clone());
        }
        if mark.kind != kind {
            return Owner::Unknown;
        }
        let object = ObjectKey::new(kind, &mark.key);
        let bears_fence = self
            .bearer
            .as_ref()
            .is_some_and(|bearer| bearer.kind == kind && bearer.name.eq_ignore_ascii_case(&object.name));
        let fence_written = !bears_fence || mark.by.as_deref() == Some(self.fence.as_str());
        Owner::Us { key: mark.key.clone(), origin: mark.origin, mark_is_current: current && fence_written }
    }

    /// The cluster that has this store, where it is another one, by the marks of the objects that can bear a fence.
    ///
    /// Two clusters that start together on an empty account make the bearer twice. The fence on the older one counts,
    /// for both: the cluster that made it reduces the two to one, the other gives way.
    pub fn other_cluster(&self, marks: &[(ExternalId, Mark)]) -> Option<String> {
        let is_ours = |mark: &Mark| mark.by.as_deref() == Some(self.fence.as_str());
        let foreign = marks.iter().find(|(id, mark)| {
            let same = |other: &Mark| {
                (&other.installation, &other.store, other.kind, &other.key)
                    == (&mark.installation, &mark.store, mark.kind, &mark.key)
            };
            let has_older = |(own, other): &(ExternalId, Mark)| {
                is_ours(other) && same(other) && own.by_age(id) == Ordering::Less
            };
            self.foreign_fence(mark).is_some() && !marks.iter().any(has_older)
        });
        foreign.and_then(|(_, mark)| mark.by.clone())
    }

    /// Another cluster's fence in one mark of this store, unless it is taken over on purpose.
    pub fn foreign_fence<'a>(&self, mark: &'a Mark) -> Option<&'a str> {
        let ours = mark.store == self.store && mark.installation == self.installation.as_str();
        mark.by
            .as_deref()
            .filter(|by| ours && *by != self.fence.as_str() && !self.take_over_from.contains(*by))
    }
}

#[cfg(test)]
mod tests;
