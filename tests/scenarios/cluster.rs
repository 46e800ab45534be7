//! As much of an API server as the phases of one round ask for: Secrets by name, one store, and its status.
//!
//! Exists so that the controller's own phases run in a scenario within milliseconds. Whatever else is asked for is a 404
//! in the API server's own words; it must not decide anything about a store.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use kube::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Objects by the path that they are read at.
#[derive(Clone, Default)]
pub(crate) struct Cluster {
    objects: Arc<Mutex<BTreeMap<String, Value>>>,
}

impl Cluster {
    /// A client of a server with nothing in it, on a free port of 127.0.0.1.
    pub(crate) async fn start() -> (Self, Client) {
        let cluster = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(cluster.clone().serve(listener));
        let uri = format!("http://{address}").parse().unwrap();
        (cluster, Client::try_from(kube::Config::new(uri)).unwrap())
    }

    async fn serve(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let cluster = self.clone();
            let serve = service_fn(move |request: Request<Incoming>| {
                let answer = cluster.answer(&request);
                async move { Ok::<_, Infallible>(answer) }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), serve));
        }
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        // A status is taken as it is: the world keeps the one that the round ends with.
        let path = request.uri().path();
        let read = match *request.method() {
            Method::GET => path,
            Method::PATCH => path.strip_suffix("/status").unwrap_or_default(),
            _ => "",
        };
        let found = self.objects.lock().unwrap().get(read).cloned();
        let (status, body) = match found {
            Some(object) => (200, object),
            None => (
                404,
                json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404,
                "reason": "NotFound", "message": format!("{path} is not there")}),
            ),
        };
        let answer = Response::builder().status(status).header("content-type", "application/json");
        answer.body(Full::new(Bytes::from(body.to_string()))).unwrap()
    }

    /// Puts the store's resource there as it is now.
    pub(crate) fn put_store(&self, store: &Value) {
        let (namespace, name) = (&store["metadata"]["namespace"], &store["metadata"]["name"]);
        let path = format!(
            "/apis/humansupport.dev/v1alpha1/namespaces/{}/humansupportconfigs/{}",
            namespace.as_str().unwrap(),
            name.as_str().unwrap()
        );
        self.objects.lock().unwrap().insert(path, store.clone());
    }

    /// Puts a Secret of one of the operator's types there.
    pub(crate) fn put_secret(
        &self,
        (namespace, name): (&str, &str),
        type_: &str,
        data: &BTreeMap<String, String>,
    ) {
        let data: BTreeMap<_, _> =
            data.iter().map(|(key, value)| (key, BASE64_STANDARD.encode(value))).collect();
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": type_, "data": data,
            "metadata": {"name": name, "namespace": namespace, "uid": format!("uid-{name}"), "resourceVersion": "1"}});
        let path = format!("/api/v1/namespaces/{namespace}/secrets/{name}");
        self.objects.lock().unwrap().insert(path, secret);
    }
}
