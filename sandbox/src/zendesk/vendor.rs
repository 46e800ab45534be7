//! The helpdesk behind the simulator's pipeline: accounts under one lock, the choice of the account, the faults that
//! only Zendesk has.
//!
//! Must hold the lock for the whole of a request: effects never interleave.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::account::Account;
use super::assumptions::Assumptions;
use super::config::{AccountConfig, Config};
use super::store::Store;
use super::{control, jobs, oauth, router, seeds, view};
use crate::simulator::{Answer, Call, Depth, Location, Vendor};

/// Everything there is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) assumptions: Assumptions,
    /// The account that requests without a host name reach.
    pub(crate) default_account: String,
}

/// The simulated vendor.
pub(crate) struct Helpdesk {
    world: Mutex<World>,
    store: Option<Store>,
}

impl Helpdesk {
    /// Loads the state file, or makes the configured accounts.
    pub(crate) fn open(config: Config, now: Timestamp) -> io::Result<Self> {
        let store = config.state.map(Store::new);
        let loaded = store.as_ref().map(Store::load).transpose()?.flatten();
        let default_account = config.accounts.first().map(|one| one.subdomain.clone()).unwrap_or_default();
        let mut world = loaded.unwrap_or(World {
            accounts: BTreeMap::new(),
            assumptions: config.assumptions.clone(),
            default_account: default_account.clone(),
        });
        world.assumptions = config.assumptions;
        world.default_account = default_account;
        for account in &config.accounts {
            let subdomain = account.subdomain.clone();
            world.accounts.entry(subdomain).or_insert_with(|| seeds::account(account, now));
        }
        for account in world.accounts.values_mut() {
            account.reindex();
        }
        Ok(Self { world: Mutex::new(world), store })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The whole state, due jobs carried out.
    pub(crate) fn state(&self, now: Timestamp) -> Value {
        let mut world = self.lock();
        let World { accounts, assumptions, .. } = &mut *world;
        let mut advanced = false;
        for account in accounts.values_mut() {
            advanced |= jobs::advance(account, now, assumptions);
        }
        if advanced {
            self.save(&world);
        }
        view::state(&world, now)
    }

    pub(crate) fn secrets(&self) -> Value {
        view::secrets(&self.lock())
    }

    pub(crate) fn assume(&self, assumptions: Assumptions) {
        self.lock().assumptions = assumptions;
    }

    /// Adds an account; the error says why it cannot.
    pub(crate) fn add_account(&self, config: &AccountConfig, now: Timestamp) -> Result<(), String> {
        let valid = |text: &str| {
            !text.is_empty()
                && text.chars().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '-')
        };
        if !valid(&config.subdomain) {
            return Err("subdomain must be lower-case letters, digits and hyphens".to_owned());
        }
        let mut world = self.lock();
        if world.accounts.contains_key(&config.subdomain) {
            return Err(format!("the account {} exists already", config.subdomain));
        }
        world.accounts.insert(config.subdomain.clone(), seeds::account(config, now));
        self.save(&world);
        Ok(())
    }

    /// Writes the state file, if there is one. A state that cannot be saved ends the process's usefulness, so it is said.
    pub(crate) fn save(&self, world: &World) {
        if let Some(store) = &self.store
            && let Err(error) = store.save(world)
        {
            tracing::error!(%error, "cannot save the simulator's state; a restart will lose it");
        }
    }
}

/// The account's name in a host such as `lojacentro.zendesk.com`; `None` for addresses and `localhost`.
fn label_of(host: &str) -> Option<&str> {
    let name = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
    let bare = name.trim_start_matches('[').split(']').next().unwrap_or_default();
    if bare.is_empty() || bare == "localhost" || bare.parse::<IpAddr>().is_ok() {
        return None;
    }
    name.split('.').next()
}

impl Vendor for Helpdesk {
    fn locate(&self, host: &str, path: &str) -> Result<Location, Answer> {
        let world = self.lock();
        let scheme = if host.ends_with(".zendesk.com") { "https" } else { "http" };
        let (account, path, prefix) = match path
            .strip_prefix("/accounts/")
            .and_then(|rest| rest.split_once('/'))
        {
            Some((account, rest)) => (account.to_owned(), format!("/{rest}"), format!("/accounts/{account}")),
            None => {
                let label = label_of(host).map(str::to_lowercase);
                (label.unwrap_or_else(|| world.default_account.clone()), path.to_owned(), String::new())
            }
        };
        if !world.accounts.contains_key(&account) {
            let page = "<html><body><h1>Oops, this help desk no longer exists</h1></body></html>";
            return Err(Answer::typed(404, "text/html; charset=utf-8", page.as_bytes().into()));
        }
        Ok(Location { account, path, base: format!("{scheme}://{host}{prefix}") })
    }

    fn perform(&self, call: &Call, depth: Depth) -> Answer {
        let mut world = self.lock();
        let World { accounts, assumptions, .. } = &mut *world;
        let Some(account) = accounts.get_mut(&call.account) else { return Answer::empty(404) };
        let advanced = jobs::advance(account, call.now, assumptions);
        let before = (depth == Depth::Pretend).then(|| account.clone());
        let mut answer = if call.path == "/oauth/tokens" && call.method == "POST" {
            oauth::issue(account, call)
        } else {
            router::answer(account, call, assumptions)
        };
        if let Some(before) = before {
            *account = before;
            answer.effect = false;
        }
        if answer.effect || advanced {
            self.save(&world);
        }
        answer
    }

    fn is_write(&self, call: &Call) -> bool {
        !matches!(call.method.as_str(), "GET" | "HEAD" | "OPTIONS") && call.path != "/oauth/tokens"
    }

    fn operation(&self, call: &Call) -> String {
        let path = call.path.strip_prefix("/api/v2").unwrap_or(&call.path);
        let path = path.strip_suffix(".json").unwrap_or(path);
        let is_id = |part: &str| {
            let ulid =
                part.len() == 26 && part.chars().all(|one| one.is_ascii_uppercase() || one.is_ascii_digit());
            ulid || part.starts_with("V3-")
                || (!part.is_empty() && part.chars().all(|one| one.is_ascii_digit()))
        };
        let parts: Vec<&str> = path.split('/').map(|part| if is_id(part) { "{id}" } else { part }).collect();
        format!("{} {}", call.method, parts.join("/"))
    }

    fn rewind(&self, call: &Call) -> Call {
        let mut call = call.clone();
        call.query.retain(|(name, _)| !matches!(name.as_str(), "page[after]" | "page[before]" | "page"));
        call
    }

    fn next_page(&self, call: &Call, answer: &Answer) -> Option<Call> {
        let reply = answer.value();
        let mut next = self.rewind(call);
        if let Some(cursor) = reply["meta"]["after_cursor"].as_str() {
            next.query.push(("page[after]".to_owned(), cursor.to_owned()));
            return Some(next);
        }
        reply["next_page"].as_str()?;
        let page: usize = call.param("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        next.query.push(("page".to_owned(), (page + 1).to_string()));
        Some(next)
    }

    fn disturb(&self, call: &Call, disturbance: &Value) -> Result<(), String> {
        let mut world = self.lock();
        let Some(account) = world.accounts.get_mut(&call.account) else {
            return Err("there is no such account".to_owned());
        };
        if disturbance["revokeTokens"] == json!(true) {
            account.access_tokens.clear();
            return Ok(());
        }
        let latest = account.jobs.values_mut().filter(|job| job.results.is_none());
        let latest = latest.max_by_key(|job| (job.created_at, job.id.clone()));
        let job = latest.ok_or("this request made no job")?;
        match (&disturbance["job"], &disturbance["failItems"]) {
            (Value::String(word), _) if word == "stuck" => job.done_at = None,
            (Value::String(word), _) if word == "vanish" => {
                let id = job.id.clone();
                account.jobs.remove(&id);
            }
            (_, Value::Array(items)) => {
                job.failing = items.iter().filter_map(|item| usize::try_from(item.as_u64()?).ok()).collect();
            }
            _ => return Err("a disturbance is revokeTokens, job (stuck, vanish) or failItems".to_owned()),
        }
        Ok(())
    }

    fn control(&self, request: &Call) -> Option<Answer> {
        control::answer(self, request)
    }
}

#[cfg(test)]
mod tests {
    use super::label_of;

    #[test]
    fn only_a_host_name_names_an_account() {
        assert_eq!(label_of("lojacentro.zendesk.com"), Some("lojacentro"));
        assert_eq!(label_of("lojacentro.localhost:8080"), Some("lojacentro"));
        assert_eq!(label_of("127.0.0.1:8080"), None);
        assert_eq!(label_of("[::1]:8080"), None);
        assert_eq!(label_of("localhost:8080"), None);
    }
}
