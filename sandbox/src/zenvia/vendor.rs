//! Zenvia behind the simulator's pipeline: all accounts under one lock, the choice of the API, Zenvia's own faults.
//!
//! Must hold the lock for the whole of a request: effects never interleave.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::assumptions::Assumptions;
use super::config::Config;
use super::context::{Context, Outcome, Reason, Refusal};
use super::records::{Health, World};
use super::surface::{self, Surface};
use super::{control, external, partner, subscriptions, view};
use crate::simulator::state_file::StateFile;
use crate::simulator::{Answer, Call, Depth, Location, Vendor};

/// The simulated vendor.
pub(crate) struct Platform {
    world: Mutex<World>,
    file: Option<StateFile>,
}

impl Platform {
    /// Loads the state file, or makes the configured accounts.
    pub(crate) fn open(config: Config, now: Timestamp) -> io::Result<Self> {
        let file = config.state.map(StateFile::new);
        let loaded = file.as_ref().map(StateFile::load::<World>).transpose()?.flatten();
        let mut world = loaded.unwrap_or_else(|| World {
            partner_token: config.partner_token.clone(),
            accounts: BTreeMap::new(),
            assumptions: Assumptions::default(),
            default_account: 0,
            minted: 0,
            meters: HashMap::new(),
        });
        world.assumptions = config.assumptions;
        world.default_account = config.accounts.first().map(|account| account.id).unwrap_or_default();
        for account in &config.accounts {
            if !world.accounts.contains_key(&account.id) {
                world.add_account(account, now);
            }
        }
        Ok(Self { world: Mutex::new(world), file })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state(&self, now: Timestamp) -> Value {
        view::state(&self.lock(), now)
    }

    pub(crate) fn secrets(&self) -> Value {
        view::secrets(&self.lock())
    }

    pub(crate) fn set_webhook_address(&self, account: u64, address: &str) {
        let mut world = self.lock();
        if let Some(account) = world.accounts.get_mut(&account) {
            account.webhook_url = Some(address.to_owned());
        }
        self.save(&world);
    }

    pub(crate) fn assume(&self, assumptions: Assumptions) {
        self.lock().assumptions = assumptions;
    }

    /// Writes the state file, if there is one. A state that cannot be saved ends the process's usefulness, so it is said.
    pub(crate) fn save(&self, world: &World) {
        if let Some(file) = &self.file
            && let Err(error) = file.save(world)
        {
            tracing::error!(%error, "cannot save the simulator's state; a restart will lose it");
        }
    }
}

fn admitted(cx: &mut Context<'_>, surface: Surface, segments: &[&str]) -> Outcome {
    cx.body = cx.call.json().map_err(|_| Refusal::new(Reason::NotJson, "The body is not valid JSON"))?;
    match surface {
        Surface::Partner => partner::route(cx, segments),
        Surface::External => external::route(cx, segments),
        Surface::Core => external::route_core(cx, segments),
        Surface::Subscriptions => subscriptions::route(cx, segments),
    }
}

fn answer(world: &mut World, call: &Call) -> Answer {
    let Some((surface, segments)) = surface::split(&call.path) else {
        return Answer::text(404, "Not Found");
    };
    let rules = world.assumptions.clone();
    let mut cx = Context { world, call, rules, body: Value::Null, effect: false };
    let outcome = admitted(&mut cx, surface, &segments);
    match outcome {
        Ok(answer) => Answer { effect: cx.effect, ..answer },
        Err(refusal) => refusal.answer(surface, &cx.rules),
    }
}

impl Vendor for Platform {
    fn locate(&self, host: &str, path: &str) -> Result<Location, Answer> {
        if !surface::serves(surface::host(host), path) {
            return Err(Answer::text(404, "Not Found"));
        }
        Ok(Location { account: String::new(), path: path.to_owned(), base: format!("http://{host}") })
    }

    fn account_of(&self, call: &Call) -> Option<String> {
        let (surface, segments) = surface::split(&call.path)?;
        let world = self.lock();
        let named = || call.param("account_id").and_then(|text| text.parse::<u64>().ok());
        let in_body = || call.json().ok()?["token"].as_str().map(str::to_owned);
        let found = match surface {
            Surface::Partner => partner::account_of(&world, call, &segments),
            Surface::Subscriptions => {
                call.header("x-api-token").and_then(|token| world.by_api_token(token)).or_else(named)
            }
            Surface::External | Surface::Core => {
                let token = call.param("token").map(str::to_owned).or_else(in_body);
                token.and_then(|token| world.by_account_token(&token)).or_else(named)
            }
        };
        found.map(|id| id.to_string())
    }

    fn perform(&self, call: &Call, depth: Depth) -> Answer {
        let mut world = self.lock();
        let before = (depth == Depth::Pretend).then(|| world.clone());
        let mut answer = answer(&mut world, call);
        if let Some(before) = before {
            *world = before;
            answer.effect = false;
        }
        if answer.effect {
            self.save(&world);
        }
        answer
    }

    fn is_write(&self, call: &Call) -> bool {
        !matches!(call.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    fn operation(&self, call: &Call) -> String {
        let Some((surface, segments)) = surface::split(&call.path) else {
            return format!("{} {}", call.method, call.path);
        };
        let prefix = match surface {
            Surface::Partner => "/partner",
            Surface::External => "/external",
            Surface::Core => "/core",
            Surface::Subscriptions => "",
        };
        // No name of a resource has a digit.
        let is_id = |part: &str| part.contains(|one: char| one.is_ascii_digit());
        let parts: Vec<&str> =
            segments.into_iter().map(|part| if is_id(part) { "{id}" } else { part }).collect();
        format!("{} {prefix}/{}", call.method, parts.join("/"))
    }

    fn rewind(&self, call: &Call) -> Call {
        let mut call = call.clone();
        call.query.retain(|(name, _)| name != "page");
        call
    }

    fn next_page(&self, call: &Call, _answer: &Answer) -> Option<Call> {
        if call.method != "GET" || surface::split(&call.path)?.0 == Surface::Subscriptions {
            return None;
        }
        let mut next = self.rewind(call);
        let page: u64 = call.param("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        next.query.push(("page".to_owned(), (page + 1).to_string()));
        Some(next)
    }

    fn disturb(&self, call: &Call, disturbance: &Value) -> Result<(), String> {
        let mut world = self.lock();
        let revokes = disturbance["revokeTokens"] == json!(true);
        if revokes {
            world.partner_token.clear();
        }
        if revokes && call.account.is_empty() {
            return Ok(());
        }
        let account = call.account.parse().ok().and_then(|id: u64| world.accounts.get_mut(&id));
        let account = account.ok_or("the request names no account")?;
        match (revokes, disturbance["subscriptions"].as_str()) {
            (true, _) => {
                account.account_token.clear();
                account.api_tokens.clear();
            }
            (_, Some("DEGRADED")) => {
                account.subscriptions.iter_mut().for_each(|one| one.status = Health::Degraded)
            }
            (_, Some("INACTIVE")) => account.subscriptions.iter_mut().for_each(|one| {
                one.status = Health::Inactive;
                one.counters.given_up = true;
            }),
            _ => return Err("a disturbance is revokeTokens or subscriptions (DEGRADED, INACTIVE)".to_owned()),
        }
        self.save(&world);
        Ok(())
    }

    fn control(&self, request: &Call) -> Option<Answer> {
        control::answer(self, request)
    }
}
