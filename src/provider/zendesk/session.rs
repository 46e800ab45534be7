//! The session in a Zendesk account: the token in use, and the proof that it acts for somebody who may act for us.
//!
//! A token is fetched lazily, refreshed before it ends and once after a 401, and dropped when the Secret changes. A
//! refusal is remembered for a while: wrong credentials must not be tried at every call. It must not send anything
//! beyond the token request and `users/me`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;

use super::credentials::Credentials;
use super::wire::{Id, Me, TokenAnswer};
use crate::clock;
use crate::provider::ProviderError;
use crate::provider::http::{Authorization, Method, Reply, Request, SendError};

/// How long a token shall live; Zendesk allows more than 300 s and less than 2 days.
const TOKEN_SECONDS: u64 = 1800;
/// How long a refusal of the same credentials is believed.
const REFUSAL_HOLDS: Duration = Duration::from_secs(300);

/// A checked session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) authorization: Authorization,
    /// The user the credentials act as.
    pub(super) acting_user: Id,
    /// What the token may do, as the vendor said when it gave it; `None` with an API token.
    pub(super) scopes: Option<String>,
    generation: u64,
    refresh_at: Option<Instant>,
}

/// What tokens are asked for. A client whose scope is `read` gets no token for more (`zendesk.md` 1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenScope {
    /// Reading only: whoever never writes asks for no more.
    Read,
    /// Reading and writing. Groups have no scope of their own.
    ReadWrite,
}

impl TokenScope {
    fn words(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadWrite => "read write",
        }
    }
}

/// Holds the credentials and the session made from them.
#[derive(Debug)]
pub(super) struct Sessions {
    scope: TokenScope,
    credentials: Mutex<Option<(u64, Arc<Credentials>)>>,
    slot: tokio::sync::Mutex<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    session: Option<Arc<Session>>,
    refused: Option<(u64, Instant, ProviderError)>,
}

impl Sessions {
    /// No credentials yet.
    pub(super) fn new(scope: TokenScope) -> Self {
        Self { scope, credentials: Mutex::default(), slot: tokio::sync::Mutex::default() }
    }

    /// Sets what the Secret holds now; a change drops the session and any remembered refusal.
    pub(super) fn set(&self, credentials: Credentials) {
        let mut held = self.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        let next = match held.as_ref() {
            Some((_, same)) if **same == credentials => return,
            Some((generation, _)) => generation + 1,
            None => 1,
        };
        *held = Some((next, Arc::new(credentials)));
    }

    /// Whether an API token is in use, whose kind ends soon.
    pub(super) fn uses_api_token(&self) -> bool {
        self.credentials().is_some_and(|(_, held)| matches!(*held, Credentials::ApiToken { .. }))
    }

    /// The session of the present credentials, made when there is none.
    pub(super) async fn open(&self, sender: &dyn SessionSender) -> Result<Arc<Session>, ProviderError> {
        let (generation, credentials) = self.credentials().ok_or(ProviderError::Unauthorized)?;
        let mut slot = self.slot.lock().await;
        let now = clock::monotonic();
        let known = slot.session.clone().filter(|session| session.generation == generation);
        if let Some(session) = &known
            && session.refresh_at.is_none_or(|at| now < at)
        {
            return Ok(session.clone());
        }
        if let Some((refused, at, error)) = &slot.refused
            && *refused == generation
            && now < *at + REFUSAL_HOLDS
        {
            return Err(error.clone());
        }
        let known_user = known.as_deref().map(|session| session.acting_user);
        match make(sender, (&credentials, self.scope), known_user).await {
            Ok(Made { token: Token { authorization, refresh_at, scopes }, acting_user }) => {
                let session =
                    Arc::new(Session { authorization, acting_user, scopes, generation, refresh_at });
                *slot = Slot { session: Some(session.clone()), refused: None };
                Ok(session)
            }
            Err(error) => {
                if matches!(error, ProviderError::Unauthorized | ProviderError::Forbidden) {
                    slot.refused = Some((generation, clock::monotonic(), error.clone()));
                }
                Err(error)
            }
        }
    }

    /// Drops a session whose token was refused, and with an API token remembers the refusal: there is nothing to
    /// refresh.
    pub(super) async fn drop_refused(&self, refused: &Arc<Session>) {
        let mut slot = self.slot.lock().await;
        if slot.session.as_ref().is_some_and(|session| Arc::ptr_eq(session, refused)) {
            slot.session = None;
        }
    }

    fn credentials(&self) -> Option<(u64, Arc<Credentials>)> {
        self.credentials.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Sends the two requests that make a session.
#[async_trait::async_trait]
pub(super) trait SessionSender: Send + Sync {
    /// Sends one request within the budget.
    async fn send(&self, request: &Request<'_>) -> Result<Reply, ProviderError>;
}

struct Made {
    token: Token,
    acting_user: Id,
}

struct Token {
    authorization: Authorization,
    refresh_at: Option<Instant>,
    scopes: Option<String>,
}

async fn make(
    sender: &dyn SessionSender,
    (credentials, scope): (&Credentials, TokenScope),
    known_user: Option<Id>,
) -> Result<Made, ProviderError> {
    let token = match credentials {
        Credentials::OAuth { client_id, client_secret } => {
            fetch_token(sender, (client_id, client_secret), scope).await?
        }
        Credentials::ApiToken { email, api_token } => {
            let authorization = Authorization::basic(&format!("{email}/token"), api_token);
            Token { authorization, refresh_at: None, scopes: None }
        }
    };
    let acting_user = match known_user {
        Some(id) => id,
        None => who_am_i(sender, &token.authorization).await?,
    };
    Ok(Made { token, acting_user })
}

async fn fetch_token(
    sender: &dyn SessionSender,
    (client_id, client_secret): (&str, &str),
    scope: TokenScope,
) -> Result<Token, ProviderError> {
    let body = json!({
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "scope": scope.words(),
        "expires_in": TOKEN_SECONDS,
    });
    let request = Request {
        method: Method::Post,
        path: "/oauth/tokens",
        body: Some(&body),
        authorization: None,
        operation: "oauth.token",
    };
    let asked_at = clock::monotonic();
    let reply = sender.send(&request).await?;
    if !reply.is_success() {
        return Err(match reply.status {
            400 | 401 | 403 | 404 | 422 => ProviderError::Unauthorized,
            _ => super::errors::refusal(&reply),
        });
    }
    let TokenAnswer { access_token, expires_in, scope: scopes } = reply.json()?;
    let token = zeroize::Zeroizing::new(access_token);
    // One sentence of the documentation counts in milliseconds: never trust more than two days.
    let lifetime = Duration::from_secs(expires_in.unwrap_or(TOKEN_SECONDS).clamp(10, 172_800));
    let refresh_at = Some(asked_at + lifetime.mul_f64(0.8));
    Ok(Token { authorization: Authorization::bearer(&token), refresh_at, scopes })
}

/// Anonymous callers get a 200 whose id is null (`zendesk.md` 1.2): only an administrator with an id may act.
async fn who_am_i(sender: &dyn SessionSender, authorization: &Authorization) -> Result<Id, ProviderError> {
    let request = Request {
        method: Method::Get,
        path: "/api/v2/users/me",
        body: None,
        authorization: Some(authorization),
        operation: "users.me",
    };
    let reply = sender.send(&request).await?;
    if !reply.is_success() {
        return Err(super::errors::refusal(&reply));
    }
    #[derive(serde::Deserialize)]
    struct Answer {
        user: Me,
    }
    let Answer { user: Me { id, role } } = reply.json()?;
    match (id, role.as_deref()) {
        (Some(id), Some("admin")) => Ok(id),
        // Zendesk takes them for an anonymous visitor's: they are no credentials at all.
        (None, _) => Err(ProviderError::Unauthorized),
        (Some(_), _) => Err(ProviderError::Forbidden),
    }
}

/// A transport error of a session request, as its caller is told.
pub(super) fn unsent(error: SendError) -> ProviderError {
    error.into_provider_error()
}
