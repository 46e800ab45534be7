//! An HTTP server that answers whatever a test wants, one request for each connection.
//!
//! Written on the bare socket, so that nothing between the test and the operator corrects an answer.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const MEDIA_TYPE: &str = "application/humansupport.adapter+json;version=1";

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status; 0: nothing at all, for as long as the client waits.
    pub(crate) status: u16,
    /// The content type, and further header lines after it.
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn contract(body: &serde_json::Value) -> Self {
        Self { status: 200, content_type: MEDIA_TYPE.to_owned(), body: body.to_string() }
    }

    pub(crate) fn failure(status: u16) -> Self {
        Self { status, content_type: MEDIA_TYPE.to_owned(), body: "{}".to_owned() }
    }

    pub(crate) fn redirect(location: &str) -> Self {
        let content_type = format!("{MEDIA_TYPE}\r\nlocation: {location}");
        Self { status: 307, content_type, body: String::new() }
    }

    pub(crate) fn hang() -> Self {
        Self { status: 0, content_type: String::new(), body: String::new() }
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) path: String,
    head: String,
    pub(crate) body: String,
}

impl Received {
    /// A header by its lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// A running server; it ends with the test.
pub(crate) struct Hostile {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Hostile {
    /// Answers by path and by how many requests came before.
    pub(crate) async fn start(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self::serve(move |request, number| answer(&request.path, number)).await
    }

    /// Answers by path and body.
    pub(crate) async fn start_with_body(
        answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::serve(move |request, _| answer(&request.path, &request.body)).await
    }

    async fn serve(answer: impl Fn(&Received, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let (known, answer) = (Arc::clone(&received), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (known, answer) = (Arc::clone(&known), Arc::clone(&answer));
                tokio::spawn(async move {
                    let Some((request, stream)) = read(stream).await else { return };
                    let number = {
                        let mut known = known.lock().unwrap();
                        known.push(request.clone());
                        known.len() - 1
                    };
                    write(stream, &answer(&request, number)).await;
                });
            }
        });
        Self { address, received }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn requests(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn read(mut stream: TcpStream) -> Option<(Received, TcpStream)> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                let path = head.split(' ').nth(1)?.to_owned();
                return Some((Received { path, head: head.to_owned(), body: body.to_owned() }, stream));
            }
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

async fn write(mut stream: TcpStream, answer: &Answer) {
    if answer.status == 0 {
        std::future::pending::<()>().await;
    }
    let head = format!(
        "HTTP/1.1 {} Answer\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.status,
        answer.content_type,
        answer.body.len()
    );
    // A client that has read enough may be gone by now.
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(answer.body.as_bytes()).await;
    let _ = stream.shutdown().await;
}
