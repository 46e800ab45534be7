//! The transport against a server that answers raw bytes on loopback. Must not reach anything else.

use super::*;

#[test]
fn only_dns_names_are_hosts() {
    for host in ["loja.zendesk.com", "a-b.example"] {
        assert!(is_host_name(host), "{host}");
    }
    for host in
        ["zendesk", "127.0.0.1", "a..b", "A.example", "a.example:80", "a/b.example", "-a.example", "1.2"]
    {
        assert!(!is_host_name(host), "{host}");
    }
}

use std::sync::Mutex;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Answers every connection with these bytes, and keeps what it was sent.
async fn server(answer: Vec<u8>) -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let received = Arc::new(Mutex::new(Vec::new()));
    let log = received.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (answer, log) = (answer.clone(), log.clone());
            tokio::spawn(async move {
                let mut buffer = vec![0; 64 << 10];
                let count = stream.read(&mut buffer).await.unwrap_or(0);
                log.lock().unwrap().extend_from_slice(&buffer[..count]);
                let _ = stream.write_all(&answer).await;
            });
        }
    });
    (address, received)
}

fn transport(address: SocketAddr, bounds: Bounds) -> Transport {
    let mut loopback = LoopbackEndpoints::default();
    loopback.add(&format!("zendesk.com={address}")).unwrap();
    Transport::new(TransportConfig {
        provider: "zendesk",
        host: "loja.zendesk.com".to_owned(),
        loopback,
        extra_ca: None,
        bounds,
        observer: Arc::new(NoObserver),
    })
    .unwrap()
}

fn get<'a>(authorization: Option<&'a Authorization>) -> Request<'a> {
    Request { method: Method::Get, path: "/api/v2/users?a=1", body: None, authorization, operation: "test" }
}

#[tokio::test]
async fn a_request_goes_to_the_bound_host_and_a_redirect_is_not_followed() {
    let answer =
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n".to_vec();
    let (address, received) = server(answer).await;
    let authorization = Authorization::bearer("t0ken");
    let reply = transport(address, Bounds::default()).send(&get(Some(&authorization))).await.unwrap();
    assert_eq!(reply.status, 302);
    let text = String::from_utf8(received.lock().unwrap().clone()).unwrap().to_lowercase();
    assert!(text.starts_with("get /api/v2/users?a=1 http/1.1\r\n"), "{text}");
    for header in
        ["host: loja.zendesk.com\r\n", "accept: application/json\r\n", "authorization: bearer t0ken\r\n"]
    {
        assert!(text.contains(header), "{header} in {text}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..64 {
        answer.extend_from_slice(b"400\r\n");
        answer.extend_from_slice(&[b'x'; 1024]);
        answer.extend_from_slice(b"\r\n");
    }
    let (address, _) = server(answer).await;
    let bounds = Bounds { body_bytes: 32 << 10, ..Bounds::default() };
    let result = transport(address, bounds).send(&get(None)).await;
    assert_eq!(result.err(), Some(SendError::Unusable));
}

#[tokio::test]
async fn a_compressed_bomb_is_cut_off_after_decompression() {
    // 1 MiB of zeros, compressed to about a kilobyte.
    let bomb = include_bytes!("tests/bomb.gz");
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len());
    let (address, _) = server([head.as_bytes(), bomb].concat()).await;
    let bounds = Bounds { body_bytes: 256 << 10, ..Bounds::default() };
    let result = transport(address, bounds).send(&get(None)).await;
    assert_eq!(result.err(), Some(SendError::Unusable));
}

#[tokio::test]
async fn a_reset_is_a_lost_answer_and_a_refused_connection_is_none() {
    let (address, _) = server(Vec::new()).await;
    let result = transport(address, Bounds::default()).send(&get(None)).await;
    assert_eq!(result.err(), Some(SendError::Lost));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let result = transport(address, Bounds::default()).send(&get(None)).await;
    assert_eq!(result.err(), Some(SendError::NotSent));
}

#[tokio::test]
async fn a_slow_answer_ends_at_the_time_limit() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(&answer).await.unwrap();
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
    let bounds = Bounds { read: Duration::from_millis(200), ..Bounds::default() };
    let result = transport(address, bounds).send(&get(None)).await;
    assert_eq!(result.err(), Some(SendError::Lost));
}

#[tokio::test]
async fn too_many_headers_are_no_answer() {
    let mut answer = b"HTTP/1.1 200 OK\r\n".to_vec();
    for number in 0..200 {
        answer.extend_from_slice(format!("x-{number}: 1\r\n").as_bytes());
    }
    answer.extend_from_slice(b"Content-Length: 2\r\n\r\n{}");
    let (address, _) = server(answer).await;
    let result = transport(address, Bounds::default()).send(&get(None)).await;
    assert_eq!(result.err(), Some(SendError::Lost));
}

#[tokio::test]
async fn a_name_that_points_inside_is_refused() {
    let resolver =
        GuardedResolver { endpoint: None, private: PrivateNetworks::default(), names: KnownNames::default() };
    let result = resolver.resolve("localhost".parse().unwrap()).await;
    assert!(result.is_err_and(|error| error.downcast_ref::<ForbiddenAddress>().is_some()));
}
