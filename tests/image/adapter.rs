//! An adapter behind TLS, whose certificate comes from an authority that nobody knows but this test.
//!
//! Why it exists: the reference adapter speaks plain HTTP; a TLS end is put before it, which records what became of each
//! connection. Must not: know the operator.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sandbox::adapter::Adapter;
use sandbox::process::OwnedFolder;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What the two certificates say. `openssl` makes them: another implementation than the one under test.
const PROFILE: &str = "
[req]
distinguished_name = name
prompt = no
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = keyCertSign
[server]
basicConstraints = CA:FALSE
subjectAltName = DNS:HOST
";

/// What became of one connection: the name that was asked for, or why there was no agreement.
pub(crate) type Handshake = Result<String, String>;

/// The adapter and its TLS end.
pub(crate) struct SecureAdapter {
    /// The adapter behind it, with its ledger and its state.
    pub(crate) adapter: Adapter,
    /// The authority's certificate in PEM.
    pub(crate) authority: String,
    handshakes: Arc<Mutex<Vec<Handshake>>>,
}

impl SecureAdapter {
    /// Starts it for a host name, on port 443 of an address.
    pub(crate) async fn start(host: &str, address: &str) -> Self {
        let adapter = Adapter::start().await.unwrap();
        let folder = OwnedFolder::temporary("authority").unwrap();
        let config = certified(folder.path(), host);
        let authority = std::fs::read_to_string(folder.path().join("authority.crt")).unwrap();
        let listener = TcpListener::bind((address, 443)).await.unwrap();
        let handshakes = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(accept(
            listener,
            TlsAcceptor::from(Arc::new(config)),
            (adapter.address(), handshakes.clone()),
        ));
        Self { adapter, authority, handshakes }
    }

    /// What became of every connection so far.
    pub(crate) fn handshakes(&self) -> Vec<Handshake> {
        self.handshakes.lock().unwrap().clone()
    }
}

type Behind = (std::net::SocketAddr, Arc<Mutex<Vec<Handshake>>>);

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, (adapter, handshakes): Behind) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (acceptor, handshakes) = (acceptor.clone(), handshakes.clone());
        tokio::spawn(async move {
            match acceptor.accept(stream).await {
                Ok(mut secure) => {
                    let name = secure.get_ref().1.server_name().unwrap_or_default().to_owned();
                    handshakes.lock().unwrap().push(Ok(name));
                    let mut plain = TcpStream::connect(adapter).await.unwrap();
                    // How a connection ends is in the adapter's ledger, request by request.
                    let _ = copy_bidirectional(&mut secure, &mut plain).await;
                }
                Err(error) => handshakes.lock().unwrap().push(Err(error.to_string())),
            }
        });
    }
}

/// Makes an authority and a certificate of it for the host.
fn certified(folder: &Path, host: &str) -> ServerConfig {
    std::fs::write(folder.join("profile"), PROFILE.replace("HOST", host)).unwrap();
    certificate(folder, "authority", &[]);
    certificate(folder, "server", &["-CA", "authority.crt", "-CAkey", "authority.key"]);
    let certificate = CertificateDer::from_pem_file(folder.join("server.crt")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap()
}

fn certificate(folder: &Path, name: &str, signed_by: &[&str]) {
    let output = Command::new("openssl")
        .args(["req", "-x509", "-config", "profile", "-extensions", name, "-days", "2", "-noenc"])
        .args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .args(["-subj", &format!("/CN={name} of a test")])
        .args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.crt")])
        .args(signed_by)
        .current_dir(folder)
        .output()
        .expect("openssl is there: install the package `openssl` of your system");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
