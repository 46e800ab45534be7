//! A client of Kubernetes that only reads, and answers for objects that were given in files.
//!
//! Why a layer and not a second way to read Secrets: the phases of a round stay as they are, and no bug in them can
//! write. Must not: let any method but GET through, or keep a Secret longer than the client lives.

use std::collections::BTreeMap;
use std::sync::Arc;

use hyper::{Method, Request, Response, StatusCode};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

/// Objects that were given in files, by their path in the Kubernetes API. Only those that a round reads one by one:
/// Secrets and namespaces.
#[derive(Clone, Default)]
pub struct Given {
    objects: BTreeMap<String, Value>,
}

impl Given {
    /// Takes an object in, where it is of a kind that a round reads by name.
    pub fn add(&mut self, object: Value, default_namespace: &str) -> Added {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or(default_namespace);
        let path = match (object["apiVersion"].as_str(), object["kind"].as_str()) {
            (Some("v1"), Some("Secret")) => format!("/api/v1/namespaces/{namespace}/secrets/{name}"),
            (Some("v1"), Some("Namespace")) => format!("/api/v1/namespaces/{name}"),
            _ => return Added::NotNeeded,
        };
        self.objects.insert(path, with_bytes(object));
        Added::Kept
    }

    /// Takes a namespace in, for the labels by which a cluster account admits it; whatever else is left.
    pub fn add_namespace(&mut self, object: &Value) {
        if object["kind"] == "Namespace" {
            self.add(object.clone(), "");
        }
    }

    /// The name of the one Secret that was given for a namespace.
    pub fn only_secret(&self, namespace: &str) -> Option<String> {
        let folder = format!("/api/v1/namespaces/{namespace}/secrets/");
        let mut names = self.objects.keys().filter_map(|path| path.strip_prefix(&folder));
        let first = names.next()?;
        names.next().is_none().then(|| first.to_owned())
    }

    /// Whether a Secret was given.
    pub fn has_secret(&self, namespace: &str, name: &str) -> bool {
        self.objects.contains_key(&format!("/api/v1/namespaces/{namespace}/secrets/{name}"))
    }
}

/// Whether an object was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It answers from now on.
    Kept,
    /// No round reads objects of its kind.
    NotNeeded,
}

/// `stringData` is written only; the API server answers with `data`.
fn with_bytes(mut object: Value) -> Value {
    use base64::Engine;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let Some(Value::Object(texts)) = object.as_object_mut().and_then(|members| members.remove("stringData"))
    else {
        return object;
    };
    for (key, text) in texts {
        object["data"][key] = json!(encode(text.as_str().unwrap_or_default()));
    }
    object
}

/// A client that only reads: what was `given` first, the cluster's objects after it, nothing where there is no cluster.
///
/// To be called inside a runtime.
pub fn reading_client(cluster: Option<Client>, given: Given) -> Client {
    let given = Arc::new(given);
    let service = tower::service_fn(move |request: Request<Body>| {
        let (cluster, given) = (cluster.clone(), Arc::clone(&given));
        async move {
            if request.method() != Method::GET {
                return Ok(refusal(
                    (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
                    "only reads are made here",
                ));
            }
            if let Some(object) = given.objects.get(request.uri().path()) {
                return Ok(answer(StatusCode::OK, object));
            }
            match cluster {
                Some(cluster) => cluster.send(request).await,
                None => Ok(refusal((StatusCode::NOT_FOUND, "NotFound"), "it was not given")),
            }
        }
    });
    Client::new(service, "default")
}

fn refusal((code, reason): (StatusCode, &str), message: &str) -> Response<Body> {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "code": code.as_u16(), "reason": reason, "message": message,
    });
    answer(code, &status)
}

fn answer(code: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string().into_bytes()));
    *response.status_mut() = code;
    response
}
