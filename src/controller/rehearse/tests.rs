//! The client of a rehearsal lets no write through, and answers for what was given.

use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::json;

use super::*;

fn given() -> Given {
    let mut given = Given::default();
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"},
        "type": "humansupport.dev/credentials", "stringData": {"host": "a.zendesk.com"}});
    assert_eq!(given.add(secret, "n"), reading::Added::Kept);
    given
}

#[tokio::test]
async fn what_was_given_answers_and_nothing_else_is_there() {
    let secrets: Api<Secret> = Api::namespaced(reading_client(None, given()), "n");
    let secret = secrets.get("a").await.unwrap();
    assert_eq!(secret.data.unwrap()["host"].0, b"a.zendesk.com");
    assert!(secrets.get_opt("b").await.unwrap().is_none());
}

#[tokio::test]
async fn a_write_does_not_reach_the_cluster() {
    // The cluster behind is one that would take everything.
    let taken = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&taken);
    let cluster = tower::service_fn(move |_: hyper::Request<kube::client::Body>| {
        count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let body = kube::client::Body::from(b"{\"metadata\":{\"name\":\"b\"}}".to_vec());
        async move { Ok::<_, kube::Error>(hyper::Response::new(body)) }
    });
    let client = reading_client(Some(kube::Client::new(cluster, "n")), given());
    let secrets: Api<Secret> = Api::namespaced(client, "n");
    let patch = Patch::Merge(json!({}));
    let refused = [
        secrets.patch("a", &PatchParams::default(), &patch).await.unwrap_err(),
        secrets.create(&PostParams::default(), &Secret::default()).await.unwrap_err(),
        secrets.delete("a", &DeleteParams::default()).await.unwrap_err(),
    ];
    for error in refused {
        assert!(matches!(&error, kube::Error::Api(status) if status.code == 405), "{error:?}");
    }
    assert_eq!(taken.load(std::sync::atomic::Ordering::SeqCst), 0);
    secrets.get("b").await.unwrap();
    assert_eq!(taken.load(std::sync::atomic::Ordering::SeqCst), 1, "reads go through");
}
