//! The HTTP server of a simulator: plain http on a listener that the caller bound, stopped by dropping its handle.
//!
//! It drives hyper itself because faults need what a framework hides: a connection reset in place of an answer.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::pipeline::{self, Abort};
use super::{Core, control};

/// A running server; it stops, and closes its connections, when this is dropped.
#[derive(Debug)]
pub struct Handle {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Handle {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the server ends, which it does by itself only when accepting fails for good.
    pub async fn wait(&mut self) {
        // A cancelled task is an end like any other.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts to serve. Errors when the listener has no address any more.
pub fn start(core: Arc<Core>, listener: TcpListener) -> io::Result<Handle> {
    let address = listener.local_addr()?;
    let router = Router::new()
        .nest("/_sandbox", control::routes())
        .fallback(|State(core): State<Arc<Core>>, request: Request| pipeline::handle(core, request))
        .with_state(core);
    Ok(Handle { address, task: tokio::spawn(accept(listener, router)) })
}

async fn accept(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                connections.spawn(connection(stream, peer, router.clone()));
            }
            // Out of file descriptors: wait for connections to end.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router) {
    // Small answers are not to wait for more bytes; without it the simulator is only slower.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(Resettable { stream, reset: reset.clone() });
    let service = TowerToHyperService::new(router);
    let serve = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        let (service, reset) = (service.clone(), reset.clone());
        request.extensions_mut().insert(peer);
        async move {
            let response = hyper::service::Service::call(&service, request.map(Body::new)).await;
            let response = response.unwrap_or_else(|never| match never {});
            if response.extensions().get::<Abort>().is_some() {
                reset.store(true, Ordering::Relaxed);
                return Err(io::Error::new(io::ErrorKind::ConnectionReset, "reset by a fault"));
            }
            Ok(response)
        }
    });
    // How a connection ends is in the ledger, request by request.
    let _ =
        hyper::server::conn::http1::Builder::new().timer(TokioTimer::new()).serve_connection(io, serve).await;
}

/// A stream that ends with a reset (RST) when told so, where it would end in good order.
struct Resettable {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl AsyncRead for Resettable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Resettable {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

impl Drop for Resettable {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // If it cannot be set, the client sees an ordinary end of the stream: an answer lost all the same.
            let _ = self.stream.set_zero_linger();
        }
    }
}
