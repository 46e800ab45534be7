//! The server over real connections to 127.0.0.1.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;
use crate::telemetry::{ObjectSeries, Phase};

struct Server {
    address: SocketAddr,
    telemetry: Telemetry,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    async fn start() -> Self {
        let bound = Bound::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = bound.address();
        let telemetry = Telemetry::new("1.2.3", ObjectSeries::On);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(bound.serve(telemetry.clone(), async {
            let _ = stopped.await;
        }));
        Self { address, telemetry, stop, task }
    }

    /// Sends bytes and reads until the server closes.
    async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        // A refused request may end in a reset after the answer.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    async fn get(&self, path: &str) -> String {
        self.raw(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await
    }
}

#[track_caller]
fn has_status(answer: &str, status: u16) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
}

#[tokio::test]
async fn a_process_lives_before_it_is_ready() {
    let server = Server::start().await;
    has_status(&server.get("/livez").await, 200);
    has_status(&server.get("/readyz").await, 503);
}

#[tokio::test]
async fn readiness_follows_the_phase() {
    let server = Server::start().await;
    for (phase, status) in
        [(Phase::Standby, 200), (Phase::Syncing, 503), (Phase::Leading, 200), (Phase::Stopping, 503)]
    {
        server.telemetry.readiness.set(phase);
        let answer = server.get("/readyz").await;
        has_status(&answer, status);
        assert!(answer.contains(phase.as_str()), "{answer}");
    }
}

#[tokio::test]
async fn a_scrape_shows_the_metrics_in_the_text_format() {
    let server = Server::start().await;
    server.telemetry.metrics.set_workqueue_depth(7);
    let answer = server.get("/metrics").await;
    has_status(&answer, 200);
    assert!(answer.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"), "{answer}");
    assert!(answer.contains("humansupport_workqueue_depth 7\n"), "{answer}");
}

#[tokio::test]
async fn unknown_paths_and_writes_are_refused_with_what_is_allowed() {
    let server = Server::start().await;
    let answer = server.get("/debug").await;
    has_status(&answer, 404);
    assert!(answer.contains("/livez, /readyz and /metrics"), "{answer}");
    has_status(&server.raw(b"POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").await, 405);
}

#[tokio::test]
async fn a_header_beyond_the_limit_is_refused() {
    let server = Server::start().await;
    let fits = "a".repeat(MAX_HEADER_BYTES / 2);
    has_status(&server.raw(format!("GET /livez HTTP/1.1\r\nX: {fits}\r\n\r\n").as_bytes()).await, 200);
    let large = "a".repeat(MAX_HEADER_BYTES);
    has_status(&server.raw(format!("GET /livez HTTP/1.1\r\nX: {large}\r\n\r\n").as_bytes()).await, 431);
    let many = "X: a\r\n".repeat(MAX_HEADERS + 1);
    has_status(&server.raw(format!("GET /livez HTTP/1.1\r\n{many}\r\n").as_bytes()).await, 431);
}

#[tokio::test]
async fn idle_connections_are_closed_and_make_room_for_a_probe() {
    let server = Server::start().await;
    let mut idle = Vec::new();
    for _ in 0..MAX_CONNECTIONS {
        idle.push(TcpStream::connect(server.address).await.unwrap());
    }
    let answer = timeout(HEADER_TIME * 3, server.get("/livez")).await;
    has_status(&answer.expect("the idle ones are closed after the header time"), 200);
}

#[tokio::test]
async fn shutdown_closes_the_listener_and_lets_a_running_request_end() {
    let server = Server::start().await;
    let mut running = TcpStream::connect(server.address).await.unwrap();
    running.write_all(b"GET /livez HTTP/1.1\r\n").await.unwrap();
    // An answer on a second connection shows that the first was accepted before it.
    has_status(&server.get("/livez").await, 200);
    server.stop.send(()).unwrap();
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    running.write_all(b"Host: x\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    running.read_to_string(&mut answer).await.unwrap();
    has_status(&answer, 200);
    timeout(DRAIN_TIME, server.task).await.expect("ends when the last answer has ended").unwrap();
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let server = Server::start().await;
    let error = Bound::listen(server.address).await.unwrap_err();
    assert!(error.to_string().contains(&server.address.to_string()), "{error}");
}
