//! The only user of reqwest: one `Transport` is bound to one host and sends nothing anywhere else.
//!
//! URLs are built from the bound host and a path; links and redirects of a vendor are never followed. Everything is
//! bounded: connect and total time, headers, body (after decompression), JSON depth. Errors hold no URL and no body.
//! It must not retry, and must not decide what a status means: vendors do.
//!
//! Credentials travel in a header that is marked as sensitive. A vendor whose token travels in the query must keep it
//! out of logs through `operation`, the only text of a request that is ever printed.

mod address;
mod fence;
mod observer;
mod request;
mod tls;

use std::error::Error as _;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};

pub use address::{KnownNames, LoopbackEndpoints, LoopbackError, NameError, NetworkError, PrivateNetworks};
pub use fence::{WriteFence, WritePermit};
pub use observer::{Ending, NoObserver, RequestObserver, RequestReport};
pub use request::{Authorization, Dress, Headers, Method, Reply, Request, encode};

use address::Known;

use super::ProviderError;
use crate::clock;

/// Bounds of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Until the connection stands.
    pub connect: Duration,
    /// From the first byte sent to the last byte read, for a read.
    pub read: Duration,
    /// The same for a write; shorter than a leader's lease, because a write starts only while the lease outlives it.
    pub write: Duration,
    /// The most bytes of a body after decompression.
    pub body_bytes: usize,
    /// The most headers of an answer.
    pub headers: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(30),
            write: Duration::from_secs(10),
            body_bytes: 8 << 20,
            headers: 100,
        }
    }
}

/// What a transport is made of.
pub struct TransportConfig {
    /// The vendor's name for metrics.
    pub provider: &'static str,
    /// The host: a lower-case DNS name of at least two labels.
    pub host: String,
    /// Hosts that are reached on this machine.
    pub loopback: LoopbackEndpoints,
    /// One more certificate authority, in PEM.
    pub extra_ca: Option<String>,
    /// Bounds of one request.
    pub bounds: Bounds,
    /// Who is told about requests.
    pub observer: Arc<dyn RequestObserver>,
}

/// A way to a host that is no vendor's: an adapter may listen on another port, and in a private network that the
/// operator's flag names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The port, where it is not 443.
    pub port: Option<u16>,
    /// Private networks that the host may be in.
    pub private: PrivateNetworks,
    /// Addresses that stand in for what DNS would answer.
    pub names: KnownNames,
}

/// Why a transport cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupError {
    /// Not a host name.
    Host,
    /// Not a certificate authority in PEM.
    Ca,
    /// TLS cannot be set up.
    Tls,
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "the host is not a DNS name; write it in lower case with at least two labels",
            Self::Ca => {
                "the certificate authority is not PEM; put one or more CERTIFICATE blocks into the file"
            }
            Self::Tls => "TLS cannot be set up on this machine",
        })
    }
}

impl std::error::Error for SetupError {}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The connection was not made: surely without effect.
    NotSent,
    /// The host's name stands for addresses where no helpdesk may be: nothing was sent.
    ForbiddenAddress,
    /// The host's certificate is not trusted: nothing was sent.
    Untrusted,
    /// It may have been carried out; the answer is lost (reset, timeout).
    Lost,
    /// It may have been carried out; the answer is too large or breaks the protocol.
    Unusable,
}

impl SendError {
    /// Whether the request may have been carried out.
    pub fn may_have_had_effect(self) -> bool {
        match self {
            Self::NotSent | Self::ForbiddenAddress | Self::Untrusted => false,
            Self::Lost | Self::Unusable => true,
        }
    }

    /// Whether no waiting repairs it: then it is no sign of a helpdesk that is down, and is told as what it is.
    pub fn waits_for_a_person(self) -> bool {
        matches!(self, Self::ForbiddenAddress | Self::Untrusted)
    }

    /// What a read is told, and a write that surely had no effect.
    pub fn into_provider_error(self) -> ProviderError {
        match self {
            Self::ForbiddenAddress => ProviderError::ForbiddenAddress,
            Self::Untrusted => ProviderError::Untrusted,
            Self::NotSent | Self::Lost => ProviderError::Unavailable,
            Self::Unusable => ProviderError::Malformed,
        }
    }
}

/// A connection pool that is bound to one host.
pub struct Transport {
    client: reqwest::Client,
    origin: String,
    provider: &'static str,
    bounds: Bounds,
    observer: Arc<dyn RequestObserver>,
}

impl Transport {
    /// Binds a transport.
    ///
    /// # Errors
    /// When the host or the certificate authority cannot be used.
    pub fn new(config: TransportConfig) -> Result<Self, SetupError> {
        Self::reaching(config, Route::default())
    }

    /// Binds a transport to a host that is reached on this way.
    ///
    /// # Errors
    /// When the host or the certificate authority cannot be used.
    pub fn reaching(config: TransportConfig, route: Route) -> Result<Self, SetupError> {
        let Route { port, private, names } = route;
        let TransportConfig { provider, host, loopback, extra_ca, bounds, observer } = config;
        if !is_host_name(&host) {
            return Err(SetupError::Host);
        }
        let endpoint = loopback.address_of(&host);
        let scheme = if endpoint.is_some() { "http" } else { "https" };
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client_config(extra_ca.as_deref())?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(endpoint.is_none())
            .http1_only()
            .http1_max_headers(bounds.headers)
            .connect_timeout(bounds.connect)
            .pool_idle_timeout(Duration::from_secs(30))
            .dns_resolver(Arc::new(GuardedResolver { endpoint, private, names }))
            .user_agent(concat!("human-support-operator/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| SetupError::Tls)?;
        // A port in the URL would win over the endpoint's.
        let port = port.filter(|_| endpoint.is_none()).map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self { client, origin: format!("{scheme}://{host}{port}"), provider, bounds, observer })
    }

    /// The longest time a request of this method may take.
    pub fn time_limit(&self, method: Method) -> Duration {
        if method.is_write() { self.bounds.write } else { self.bounds.read }
    }

    /// Who is told about requests.
    pub fn observer(&self) -> &Arc<dyn RequestObserver> {
        &self.observer
    }

    /// Sends one request, once.
    ///
    /// # Errors
    /// When there is no usable answer; an answer of any status is `Ok`.
    pub async fn send(&self, request: &Request<'_>) -> Result<Reply, SendError> {
        self.send_dressed(request, &Dress::JSON).await
    }

    /// Sends one request, once, with another media type and further headers.
    ///
    /// # Errors
    /// When there is no usable answer; an answer of any status is `Ok`.
    pub async fn send_dressed(&self, request: &Request<'_>, dress: &Dress<'_>) -> Result<Reply, SendError> {
        let started = clock::monotonic();
        let result = self.exchange(request, dress).await;
        let ending = match &result {
            Ok(reply) => Ending::Status(reply.status),
            Err(error) if error.may_have_had_effect() => Ending::Lost,
            Err(_) => Ending::NotSent,
        };
        let duration = clock::monotonic().saturating_duration_since(started);
        let operation = request.operation;
        self.observer.observe(&RequestReport { provider: self.provider, operation, ending, duration });
        result
    }

    async fn exchange(&self, request: &Request<'_>, dress: &Dress<'_>) -> Result<Reply, SendError> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let url = format!("{}{}", self.origin, request.path);
        let mut builder = self
            .client
            .request(method, url)
            .timeout(self.time_limit(request.method))
            .header(ACCEPT, HeaderValue::from_static(dress.media_type));
        if let Some(authorization) = request.authorization {
            let mut value = HeaderValue::from_str(authorization.expose()).map_err(|_| SendError::NotSent)?;
            value.set_sensitive(true);
            builder = builder.header(authorization.name(), value);
        }
        let bytes = request.body.map(serde_json::to_vec).transpose().map_err(|_| SendError::NotSent)?;
        for (name, value) in (dress.sign)(bytes.as_deref().unwrap_or_default()) {
            builder = builder.header(name, value);
        }
        if let Some(bytes) = bytes {
            builder = builder.header(CONTENT_TYPE, HeaderValue::from_static(dress.media_type)).body(bytes);
        }
        let response = builder.send().await.map_err(|error| classify(&error))?;
        self.read(response).await
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Reply, SendError> {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > self.bounds.body_bytes => {
                    return Err(SendError::Unusable);
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(Reply { status, headers, body }),
                Err(error) if error.is_decode() && !error.is_timeout() => return Err(SendError::Unusable),
                Err(_) => return Err(SendError::Lost),
            }
        }
    }
}

/// Tells a request that surely was not sent from one whose answer is lost. The error itself is dropped: its text may
/// hold the URL.
fn classify(error: &reqwest::Error) -> SendError {
    let mut source = error.source();
    while let Some(inner) = source {
        if inner.downcast_ref::<ForbiddenAddress>().is_some() {
            return SendError::ForbiddenAddress;
        }
        if tls::is_distrust(inner) {
            return SendError::Untrusted;
        }
        source = inner.source();
    }
    if error.is_connect() || error.is_builder() { SendError::NotSent } else { SendError::Lost }
}

/// A DNS name of two labels or more whose last label is no number: so never an IP address.
fn is_host_name(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.len() <= 253
        && host.contains('.')
        && host.split('.').all(label)
        && last.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Resolves names where no flag says what they stand for, and refuses addresses that are not public; or answers the one
/// endpoint of an operator's flag.
struct GuardedResolver {
    endpoint: Option<SocketAddr>,
    private: PrivateNetworks,
    names: KnownNames,
}

/// The name points at an address where no helpdesk can be.
#[derive(Debug)]
struct ForbiddenAddress;

impl fmt::Display for ForbiddenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host's address is not a public one")
    }
}

impl std::error::Error for ForbiddenAddress {}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (endpoint, private) = (self.endpoint, self.private.clone());
        let known = self.names.addresses_of(name.as_str());
        Box::pin(async move {
            if let Some(endpoint) = endpoint {
                return Ok(Box::new(std::iter::once(endpoint)) as Addrs);
            }
            // Asked anew for every connection, and only these addresses are connected to: a name whose answer changes
            // between two questions leads nowhere that this one does not allow.
            let found: Vec<Known> = match known {
                Some(known) => known,
                None => tokio::net::lookup_host((name.as_str(), 0))
                    .await?
                    .map(|found| found.ip().into())
                    .collect(),
            };
            let is_allowed =
                |found: &Known| address::is_public(found.address) || private.contains(found.address);
            let reached = |found: Known| SocketAddr::new(found.reached_at, 0);
            let allowed: Vec<SocketAddr> = found.into_iter().filter(is_allowed).map(reached).collect();
            if allowed.is_empty() {
                return Err(Box::new(ForbiddenAddress) as Box<dyn std::error::Error + Send + Sync>);
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;
