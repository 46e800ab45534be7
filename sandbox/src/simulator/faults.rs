//! Faults: rules that say which requests go wrong and how. The first rule that matches a request and still has
//! occurrences left decides; the others do not see it.
//!
//! Must only select and describe; carrying out is the pipeline's work.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;

use super::exchange::Call;

/// Whether the request's effect is applied before the fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// The state does not change.
    #[default]
    None,
    /// The state changes, the client does not learn it.
    Applied,
}

/// Bodies that are sent with status 200 in place of the real one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Nonsense {
    /// A login page.
    Html,
    /// Nothing at all.
    Empty,
    /// `{}`.
    EmptyObject,
    /// `size` bytes of valid JSON, endless in practice.
    Huge,
    /// A compressed body that unpacks to at least `size` bytes, 158 times its length.
    Bomb,
    /// JSON arrays nested `size` deep.
    Nested,
    /// Bytes that are no UTF-8 inside a JSON string.
    InvalidUtf8,
    /// The real body with every number a text and every text a number.
    WrongTypes,
}

/// What goes wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Action {
    /// Another status than the real one. `retryAfter` is sent as it is, so that any text can be tried.
    Status {
        /// Status to send.
        status: u16,
        /// Body; a text is sent as plain text, anything else as JSON. Absent: an HTML error page.
        #[serde(default)]
        body: Option<Value>,
        /// Text of the header `Retry-After`.
        #[serde(default)]
        retry_after: Option<String>,
        /// Whether the effect is applied first.
        #[serde(default)]
        effect: Effect,
    },
    /// The connection is reset.
    Reset {
        /// Whether the effect is applied first.
        #[serde(default)]
        effect: Effect,
    },
    /// No answer until `POST /_sandbox/release` (or the client gives up).
    Hold {
        /// Whether the effect is applied first. A held request without effect gets it on release.
        #[serde(default)]
        effect: Effect,
    },
    /// The effect comes later than the answer, which is a gateway's time-out.
    Late {
        /// Real milliseconds until the effect.
        milliseconds: u64,
        /// Status sent at once.
        status: u16,
    },
    /// The real answer, later.
    Delay {
        /// Real milliseconds.
        milliseconds: u64,
    },
    /// The real body, drop by drop.
    SlowBody {
        /// Bytes per real second, at least 1.
        bytes_per_second: u64,
    },
    /// The real body, cut off after so many bytes while the length promises all of it.
    Truncate {
        /// Bytes that are sent.
        bytes: usize,
    },
    /// Status 200 and a body that is none.
    Replace {
        /// Which one.
        with: Nonsense,
        /// Bytes or depth, where it applies.
        #[serde(default)]
        size: usize,
        /// Whether the effect is applied first.
        #[serde(default)]
        effect: Effect,
    },
    /// The first page again, whatever page was asked for.
    RepeatPage,
    /// The page after the one asked for.
    SkipPage,
    /// Items left out of a list, by id (as text).
    Omit {
        /// Ids of the items that are left out.
        ids: Vec<String>,
    },
    /// Keys of the request dropped in silence before it is carried out, at any depth.
    DropFields {
        /// Names of the keys.
        fields: Vec<String>,
    },
    /// The real answer as if it had been done, and nothing was.
    Pretend,
    /// Something that only the vendor understands, after the effect.
    Vendor {
        /// Its description.
        disturbance: Value,
    },
}

/// Which requests go wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// Shown in the ledger.
    pub name: String,
    /// Only this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Only this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only paths like this: `*` is any text without a slash, `**` any text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only requests with this text in the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_contains: Option<String>,
    /// Only requests that have this query parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_has: Option<String>,
    /// Only the write of this number (see `GET /_sandbox/writes/N`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write: Option<u64>,
    /// How many matching requests pass unharmed first.
    #[serde(default)]
    pub skip: u64,
    /// How many requests go wrong then; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// What goes wrong.
    pub action: Action,
}

impl Rule {
    /// A rule for every request, to be narrowed by its members.
    pub fn new(name: &str, action: Action) -> Self {
        Self {
            name: name.to_owned(),
            account: None,
            method: None,
            path: None,
            body_contains: None,
            query_has: None,
            write: None,
            skip: 0,
            count: None,
            action,
        }
    }

    /// The same rule for one method and path pattern.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    /// The same rule for so many requests only.
    #[must_use]
    pub fn times(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    fn matches(&self, call: &Call, write: Option<u64>) -> bool {
        let same =
            |wanted: &Option<String>, actual: &str| wanted.as_deref().is_none_or(|text| text == actual);
        same(&self.account, &call.account)
            && same(&self.method, &call.method)
            && self.path.as_deref().is_none_or(|pattern| glob(pattern, &call.path))
            && self.query_has.as_deref().is_none_or(|name| call.param(name).is_some())
            && self.write.is_none_or(|number| write == Some(number))
            && self
                .body_contains
                .as_deref()
                .is_none_or(|text| String::from_utf8_lossy(&call.body).contains(text))
    }
}

/// Matches a path against a pattern with `*` (no slash) and `**` (anything).
fn glob(pattern: &str, path: &str) -> bool {
    if let Some(rest) = pattern.strip_prefix("**") {
        return path.char_indices().map(|(at, _)| at).chain([path.len()]).any(|at| glob(rest, &path[at..]));
    }
    if let Some(rest) = pattern.strip_prefix('*') {
        let end = path.find('/').unwrap_or(path.len());
        return path[..end].char_indices().map(|(at, _)| at).chain([end]).any(|at| glob(rest, &path[at..]));
    }
    match (pattern.chars().next(), path.chars().next()) {
        (None, None) => true,
        (Some(wanted), Some(actual)) if wanted == actual => {
            glob(&pattern[wanted.len_utf8()..], &path[actual.len_utf8()..])
        }
        _ => false,
    }
}

#[derive(Debug, Clone, Serialize)]
struct Counted {
    #[serde(flatten)]
    rule: Rule,
    matched: u64,
    applied: u64,
}

/// The rules in force.
#[derive(Debug)]
pub struct Faults {
    rules: Mutex<Vec<Counted>>,
    release: watch::Sender<u64>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { rules: Mutex::default(), release: watch::channel(0).0 }
    }
}

impl Faults {
    /// Replaces all rules.
    pub fn set(&self, rules: Vec<Rule>) {
        *self.lock() = rules.into_iter().map(|rule| Counted { rule, matched: 0, applied: 0 }).collect();
    }

    /// Adds a rule behind the others.
    pub fn add(&self, rule: Rule) {
        self.lock().push(Counted { rule, matched: 0, applied: 0 });
    }

    /// The rules with how often each matched and was applied.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(&*self.lock()).unwrap_or(Value::Null)
    }

    /// Lets every held request go on.
    pub fn release(&self) {
        self.release.send_modify(|version| *version += 1);
    }

    /// Waits for the next release.
    pub(crate) fn released(&self) -> watch::Receiver<u64> {
        let mut receiver = self.release.subscribe();
        receiver.mark_unchanged();
        receiver
    }

    /// The fault for this request, if any; counts the occurrence.
    pub(crate) fn take(&self, call: &Call, write: Option<u64>) -> Option<(String, Action)> {
        if call.person.is_some() {
            return None;
        }
        for counted in self.lock().iter_mut() {
            if !counted.rule.matches(call, write) {
                continue;
            }
            counted.matched += 1;
            let spent = counted.rule.count.is_some_and(|count| counted.applied >= count);
            if counted.matched > counted.rule.skip && !spent {
                counted.applied += 1;
                return Some((counted.rule.name.clone(), counted.rule.action.clone()));
            }
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Counted>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn a_star_stays_within_a_segment_and_two_stars_do_not() {
        assert!(glob("/api/v2/users/*", "/api/v2/users/12"));
        assert!(!glob("/api/v2/users/*", "/api/v2/users/12/identities"));
        assert!(glob("/api/v2/users**", "/api/v2/users/12/identities"));
        assert!(glob("**/make_default", "/api/v2/users/1/group_memberships/2/make_default"));
        assert!(!glob("/api/v2/users", "/api/v2/users/12"));
    }
}
