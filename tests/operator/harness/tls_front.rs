//! TLS before a server that has none, with certificates of an authority that the test makes itself.
//!
//! It counts connections, so that a test can say that nobody even tried, and keeps what became of each. Must not: look at
//! what it carries.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A certificate authority that nobody knows.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What a certificate says of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Certificate<'a> {
    /// It is valid now, for this host.
    For(&'a str),
    /// It was valid for this host, and is not any more.
    OverFor(&'a str),
}

impl Authority {
    /// A new one.
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its own certificate, in PEM.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    fn server_config(&self, certificate: Certificate<'_>) -> ServerConfig {
        let (Certificate::For(host) | Certificate::OverFor(host)) = certificate;
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        if let Certificate::OverFor(_) = certificate {
            params.not_before = rcgen::date_time_ymd(2020, 1, 1);
            params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap()
    }
}

/// What became of one connection: the name that was asked for, or why there was no agreement.
pub(crate) type Handshake = Result<String, String>;

/// A server that speaks TLS and hands on what is inside; it ends with this value.
pub(crate) struct TlsFront {
    /// The port of 127.0.0.1 that it listens on.
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
    handshakes: Arc<Mutex<Vec<Handshake>>>,
    task: tokio::task::JoinHandle<()>,
}

impl TlsFront {
    /// Starts before a server in plain HTTP, on a free port of 127.0.0.1.
    pub(crate) async fn before(server: SocketAddr, shown: (&Authority, Certificate<'_>)) -> Self {
        Self::listening(TcpListener::bind("127.0.0.1:0").await.unwrap(), server, shown)
    }

    /// Starts before a server in plain HTTP, where the caller listens.
    pub(crate) fn listening(
        listener: TcpListener,
        server: SocketAddr,
        (authority, certificate): (&Authority, Certificate<'_>),
    ) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(authority.server_config(certificate)));
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let handshakes = Arc::new(Mutex::new(Vec::new()));
        let (counted, kept) = (Arc::clone(&connections), Arc::clone(&handshakes));
        let task = tokio::spawn(async move {
            while let Ok((outer, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let (acceptor, kept) = (acceptor.clone(), Arc::clone(&kept));
                tokio::spawn(async move {
                    let agreed = acceptor.accept(outer).await;
                    kept.lock().unwrap().push(match &agreed {
                        Ok(outer) => Ok(outer.get_ref().1.server_name().unwrap_or_default().to_owned()),
                        Err(error) => Err(error.to_string()),
                    });
                    // A client that refuses the certificate ends the connection here.
                    let Ok(mut outer) = agreed else { return };
                    let mut inner = TcpStream::connect(server).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut outer, &mut inner).await;
                });
            }
        });
        Self { port, connections, handshakes, task }
    }

    /// What became of every connection so far.
    #[allow(dead_code, reason = "the test of the image asks for it")]
    pub(crate) fn handshakes(&self) -> Vec<Handshake> {
        self.handshakes.lock().unwrap().clone()
    }

    /// How many connections were opened so far, those included that came to nothing.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.task.abort();
    }
}
