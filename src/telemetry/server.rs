//! The health server: `/livez`, `/readyz` and `/metrics` over HTTP/1.
//!
//! `/livez` answers as long as the runtime runs tasks; it looks at nothing else, because a restart cures nothing that
//! lies outside of the process. Must not show a resource's content, and must stay bounded whoever connects: the size
//! of the header, the time and the number of connections have limits, and each connection carries one request.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::Telemetry;
use super::metrics;

/// Probes come one at a time and scrapes from one or two servers; the rest waits in the kernel's queue.
const MAX_CONNECTIONS: u32 = 64;
/// The smallest that the HTTP library allows.
const MAX_HEADER_BYTES: usize = 8 * 1024;
const MAX_HEADERS: usize = 64;
/// From the first byte of a connection to the last.
const CONNECTION_TIME: Duration = Duration::from_secs(10);
const HEADER_TIME: Duration = Duration::from_secs(3);
/// How long running answers may take after the shutdown.
const DRAIN_TIME: Duration = Duration::from_secs(2);
/// After a failed accept (no file descriptor left): as good as always it succeeds later.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why the health server did not start.
#[derive(Debug)]
pub struct ServerError {
    address: SocketAddr,
    source: io::Error,
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the health server cannot listen on {}; choose a free address", self.address)
    }
}

impl std::error::Error for ServerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// A health server that listens and does not answer yet.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// Listens on an address; port 0 takes any free one.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub async fn listen(address: SocketAddr) -> Result<Self, ServerError> {
        let failed = |source| ServerError { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` is ready, then lets running answers end for at most two seconds.
    ///
    /// Stop it last: while the operator drains, probes and the last scrape still need an answer.
    pub async fn serve(self, telemetry: Telemetry, shutdown: impl Future<Output = ()>) {
        let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS as usize));
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                accepted = accept(&self.listener, &permits) => match accepted {
                    Some((stream, permit)) => {
                        tokio::spawn(answer(stream, permit, telemetry.clone()));
                    }
                    None => tokio::time::sleep(ACCEPT_PAUSE).await,
                },
            }
        }
        drop(self.listener);
        if timeout(DRAIN_TIME, permits.acquire_many(MAX_CONNECTIONS)).await.is_err() {
            tracing::debug!("the health server ends with answers still under way");
        }
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, permit)),
        Err(error) => {
            tracing::warn!(%error, "the health server could not take a connection");
            None
        }
    }
}

/// Answers one request on one connection.
async fn answer(stream: TcpStream, permit: OwnedSemaphorePermit, telemetry: Telemetry) {
    let service = service_fn(|request: Request<Incoming>| {
        let telemetry = telemetry.clone();
        async move { Ok::<_, Infallible>(respond(request.method(), request.uri().path(), &telemetry).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEADER_BYTES)
        .max_buf_size(MAX_HEADER_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // A client that breaks off or dawdles is its own affair.
    let _ = timeout(CONNECTION_TIME, connection).await;
    drop(permit);
}

async fn respond(method: &Method, path: &str, telemetry: &Telemetry) -> Response<Full<Bytes>> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are allowed\n");
    }
    match path {
        "/livez" => text(StatusCode::OK, "ok\n"),
        "/readyz" => ready(telemetry),
        "/metrics" => scrape(telemetry).await,
        _ => text(StatusCode::NOT_FOUND, "there are /livez, /readyz and /metrics\n"),
    }
}

fn ready(telemetry: &Telemetry) -> Response<Full<Bytes>> {
    let phase = telemetry.readiness.phase();
    let status = if phase.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    text(status, format!("{}\n", phase.as_str()))
}

async fn scrape(telemetry: &Telemetry) -> Response<Full<Bytes>> {
    let metrics = telemetry.metrics.clone();
    // Ten thousand resources are megabytes of text: not on a thread that drives other tasks.
    match tokio::task::spawn_blocking(move || metrics.render()).await {
        Ok(Ok(body)) => respond_with(StatusCode::OK, metrics::CONTENT_TYPE, body.into()),
        _ => text(StatusCode::INTERNAL_SERVER_ERROR, "the metrics could not be written\n"),
    }
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    respond_with(status, "text/plain; charset=utf-8", body.into())
}

fn respond_with(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests;
