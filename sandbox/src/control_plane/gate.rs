//! A gate before the API server: one client's requests pass through it, and can be refused, lost, held or cut short.
//!
//! Why it exists: an operator must survive every answer an API server can give or fail to give, and the moment between a
//! write and its answer can only be met from outside. What passes is carried to the real API server, with the rights of
//! the user it was opened for. Must not: answer for the API server where no rule says so.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use axum::body::Body;
use futures::StreamExt;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use kube::Client;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::plane::ControlPlane;
use crate::simulator::Effect;

/// Largest request body that is carried, in bytes.
const MAX_REQUEST: usize = 16 * 1024 * 1024;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateAction {
    /// Another status than the real one, as a Kubernetes `Status` object.
    Status {
        /// The HTTP status.
        code: u16,
        /// Whether the request is carried out first.
        effect: Effect,
    },
    /// The connection ends without an answer.
    Lose {
        /// Whether the request is carried out first.
        effect: Effect,
    },
    /// No answer until the client gives up or [`Gate::release`].
    Hold {
        /// Whether the request is carried out first; otherwise it is carried out on release.
        effect: Effect,
    },
    /// The real answer, whose body (a watch, for example) breaks off after this time.
    Cut {
        /// Real time until it breaks off.
        after: Duration,
    },
    /// The real answer, whose body says nothing more after this time and does not end.
    Stall {
        /// Real time until it stalls.
        after: Duration,
    },
}

/// Which requests something happens to. The first rule that matches and is not used up decides.
#[derive(Debug, Clone)]
pub struct GateRule {
    /// Only these methods; none: all.
    pub methods: Vec<&'static str>,
    /// Only paths and queries with this text.
    pub contains: String,
    /// Only the write of this number, from 1.
    pub write: Option<u64>,
    /// Of the requests that match, every n-th one, from the n-th on; 1: all.
    pub every: u64,
    /// How many requests it happens to; none: all.
    pub count: Option<u64>,
    /// What happens.
    pub action: GateAction,
}

impl GateRule {
    /// A rule for every request, to be narrowed by its members.
    pub fn new(action: GateAction) -> Self {
        Self { methods: Vec::new(), contains: String::new(), write: None, every: 1, count: None, action }
    }

    /// The same rule for these methods and a text in the path or query.
    #[must_use]
    pub fn on(mut self, methods: &[&'static str], contains: &str) -> Self {
        self.methods = methods.to_vec();
        contains.clone_into(&mut self.contains);
        self
    }

    fn matches(&self, passage: &Passage) -> bool {
        (self.methods.is_empty() || self.methods.contains(&passage.method.as_str()))
            && passage.path.contains(&self.contains)
            && self.write.is_none_or(|number| passage.write == Some(number))
    }
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PassageStage {
    /// It came; nothing is known of its effect.
    Arrived,
    /// A rule keeps its answer back.
    Held,
    /// It was answered.
    Answered,
    /// Its connection ended without an answer.
    Lost,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Passage {
    /// Its number among the writes, from 1; none for reads.
    pub write: Option<u64>,
    /// GET, POST, PUT, PATCH, DELETE.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// How far it has come.
    pub stage: PassageStage,
    /// The status that was sent.
    pub status: Option<u16>,
}

struct Shared {
    client: Client,
    rules: Mutex<Vec<(GateRule, u64, u64)>>,
    passages: Mutex<Vec<Passage>>,
    release: watch::Sender<u64>,
}

/// An open gate; it closes, and its connections end, when this is dropped.
pub struct Gate {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Gate {
    /// Opens a gate for a user of a control plane.
    ///
    /// # Errors
    /// When the plane does not know the user, or no port is free.
    pub async fn open(plane: &ControlPlane, user: &str) -> anyhow::Result<Self> {
        let mut config = plane.config(user).await?;
        // What the operator sends is sent once: whether it is repeated is the operator's decision.
        config.default_retry = false;
        let client = Client::try_from(config).context("no client for the gate")?;
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for the gate")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            client,
            rules: Mutex::default(),
            passages: Mutex::default(),
            release: watch::channel(0).0,
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, task })
    }

    /// The text of a kubeconfig that leads through the gate.
    pub fn kubeconfig(&self) -> String {
        json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "gate",
            "clusters": [{"name": "gate", "cluster": {"server": format!("http://{}", self.address)}}],
            "users": [{"name": "gate", "user": {}}],
            "contexts": [{"name": "gate", "context": {"cluster": "gate", "user": "gate"}}],
        })
        .to_string()
    }

    /// Replaces the rules.
    pub fn set(&self, rules: Vec<GateRule>) {
        *lock(&self.shared.rules) = rules.into_iter().map(|rule| (rule, 0, 0)).collect();
    }

    /// Lets every held request go on.
    pub fn release(&self) {
        self.shared.release.send_modify(|version| *version += 1);
    }

    /// Every request so far, in order.
    pub fn passages(&self) -> Vec<Passage> {
        lock(&self.shared.passages).clone()
    }

    /// The writes so far, in order.
    pub fn writes(&self) -> Vec<Passage> {
        let mut writes = self.passages();
        writes.retain(|passage| passage.write.is_some());
        writes
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(connection(stream, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Small answers are not to wait for more bytes; without it the gate is only slower.
    let _ = stream.set_nodelay(true);
    let serve = service_fn(move |request| pass(Arc::clone(&shared), request));
    let io = TokioIo::new(stream);
    // How a connection ends is in the passages, request by request.
    let _ =
        hyper::server::conn::http1::Builder::new().timer(TokioTimer::new()).serve_connection(io, serve).await;
}

/// Notes a request as lost when its future ends before an answer was handed over.
struct Flight {
    shared: Arc<Shared>,
    index: usize,
    end: PassageStage,
}

impl Flight {
    fn note(&self, change: impl FnOnce(&mut Passage)) {
        if let Some(passage) = lock(&self.shared.passages).get_mut(self.index) {
            change(passage);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let end = self.end;
        self.note(|passage| passage.stage = end);
    }
}

async fn pass(shared: Arc<Shared>, request: Request<Incoming>) -> io::Result<Response<Body>> {
    let (mut parts, body) = request.into_parts();
    for header in [AUTHORIZATION, HOST, CONTENT_LENGTH, TRANSFER_ENCODING] {
        parts.headers.remove(header);
    }
    let body = axum::body::to_bytes(Body::new(body), MAX_REQUEST).await.map_err(io::Error::other)?;
    let request = Request::from_parts(parts, body.to_vec());
    let (index, action) = arrive(&shared, &request);
    let mut flight = Flight { shared: Arc::clone(&shared), index, end: PassageStage::Lost };
    let response = match action {
        None => carry(&shared, request).await,
        Some(action) => injured(&shared, (request, action), &flight).await?,
    };
    flight.note(|passage| passage.status = Some(response.status().as_u16()));
    flight.end = PassageStage::Answered;
    Ok(response)
}

/// Notes a request and finds what happens to it.
fn arrive(shared: &Shared, request: &Request<Vec<u8>>) -> (usize, Option<GateAction>) {
    let mut passages = lock(&shared.passages);
    let is_write = matches!(request.method().as_str(), "POST" | "PUT" | "PATCH" | "DELETE");
    let writes = passages.iter().filter(|passage| passage.write.is_some()).count() as u64;
    let passage = Passage {
        write: is_write.then_some(writes + 1),
        method: request.method().to_string(),
        path: request.uri().to_string(),
        stage: PassageStage::Arrived,
        status: None,
    };
    let mut action = None;
    for (rule, matched, applied) in lock(&shared.rules).iter_mut() {
        if !rule.matches(&passage) {
            continue;
        }
        *matched += 1;
        let is_due = *matched % rule.every.max(1) == 0;
        if is_due && rule.count.is_none_or(|count| *applied < count) {
            *applied += 1;
            action = Some(rule.action);
            break;
        }
    }
    passages.push(passage);
    (passages.len() - 1, action)
}

/// Carries a request to the API server.
async fn carry(shared: &Shared, request: Request<Vec<u8>>) -> Response<Body> {
    match shared.client.send(request.map(kube::client::Body::from)).await {
        Ok(response) => {
            let mut response = response.map(Body::new);
            response.headers_mut().remove(TRANSFER_ENCODING);
            response
        }
        // The API server is away: so a load balancer before it would say.
        Err(error) => status(502, &error.to_string()),
    }
}

async fn injured(
    shared: &Shared,
    (request, action): (Request<Vec<u8>>, GateAction),
    flight: &Flight,
) -> io::Result<Response<Body>> {
    let lost = || io::Error::new(io::ErrorKind::ConnectionReset, "lost by a rule of the gate");
    match action {
        GateAction::Status { code, effect } => {
            if effect == Effect::Applied {
                carry(shared, request).await;
            }
            Ok(status(code, "said by a rule of the gate"))
        }
        GateAction::Lose { effect } => {
            if effect == Effect::Applied {
                carry(shared, request).await;
            }
            Err(lost())
        }
        GateAction::Hold { effect } => {
            let mut released = shared.release.subscribe();
            released.mark_unchanged();
            let mut waiting = Some(request);
            let mut done = None;
            if effect == Effect::Applied
                && let Some(request) = waiting.take()
            {
                done = Some(carry(shared, request).await);
            }
            flight.note(|passage| passage.stage = PassageStage::Held);
            released.changed().await.map_err(|_| lost())?;
            match (done, waiting) {
                (Some(response), _) => Ok(response),
                (None, Some(request)) => Ok(carry(shared, request).await),
                (None, None) => Err(lost()),
            }
        }
        GateAction::Cut { after } => Ok(carry(shared, request).await.map(|body| cut(body, after))),
        GateAction::Stall { after } => Ok(carry(shared, request).await.map(|body| stalled(body, after))),
    }
}

fn cut(body: Body, after: Duration) -> Body {
    let broken = futures::stream::once(async { Err(axum::Error::new(io::Error::other("cut by a rule"))) });
    Body::from_stream(body.into_data_stream().take_until(Box::pin(tokio::time::sleep(after))).chain(broken))
}

fn stalled(body: Body, after: Duration) -> Body {
    let silent = futures::stream::pending();
    Body::from_stream(body.into_data_stream().take_until(Box::pin(tokio::time::sleep(after))).chain(silent))
}

fn status(code: u16, message: &str) -> Response<Body> {
    let reason = match code {
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        429 => "TooManyRequests",
        504 => "Timeout",
        _ => "InternalError",
    };
    let body = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message,
        "reason": reason, "code": code});
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
    response
}
