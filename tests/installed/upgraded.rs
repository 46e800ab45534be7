//! An upgrade from the chart as it was before, and an uninstall: stores stay, and nothing moves in the helpdesk.

use serde_json::{Value, json};

use crate::chart::CHART;
use crate::harness::Desk;
use crate::release::{RELEASE, Release};
use crate::rights_used::store_with_its_account;

/// The chart as it was when the first release of it was made ready (commit e41e2c3), packaged by `helm package`.
const BEFORE: &str = "tests/installed/human-support-operator-before.tgz";

fn without_volatile(mut object: Value) -> Value {
    let metadata = object["metadata"].as_object_mut().unwrap();
    metadata.remove("managedFields");
    object
}

async fn definitions(release: &Release) -> Vec<String> {
    let names = ["humansupportconfigs", "helpdeskaccounts", "clusterhelpdeskaccounts"];
    let mut established = Vec::new();
    for name in names {
        let definition = format!("{name}.humansupport.dev");
        let kind = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": definition}});
        let found = release.read(&kind).await.expect("the definition is there");
        let conditions = found["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let is_established =
            conditions.iter().any(|one| one["type"] == "Established" && one["status"] == "True");
        assert!(is_established && found["metadata"]["deletionTimestamp"].is_null(), "{name}: {found}");
        established.push(found["metadata"]["uid"].to_string());
    }
    established
}

#[tokio::test(flavor = "multi_thread")]
async fn upgrade_and_uninstall_keep_definitions_and_stores_and_write_nothing() {
    let release = Release::install(BEFORE).await;
    let desk = Desk::start().await;
    let store = store_with_its_account(&release, "store-centro").await;
    let (kept, before) = (definitions(&release).await, store.apply().await);

    release.helm(&["upgrade", RELEASE, CHART]);
    assert_eq!(definitions(&release).await, kept);
    let after = store.get().await;
    assert_eq!(after["metadata"]["uid"], before["metadata"]["uid"]);
    assert_eq!(after["spec"], before["spec"]);
    let mut operator = release.start_operator(&desk).await;
    store.until_ready().await;
    store.do_pending_steps().await;
    store.settle().await;

    operator.stop().await;
    let mark = desk.mark();
    release.helm(&["upgrade", RELEASE, CHART, "--set", "log.format=json"]);
    operator = release.start_operator(&desk).await;
    store.settle().await;
    assert_eq!(desk.writes_text(mark), "", "an upgrade changes nothing in the helpdesk");

    operator.stop().await;
    let resting = without_volatile(store.get().await);
    let mut installed = release.manifest();
    installed.retain(|object| object["kind"] != "CustomResourceDefinition");
    assert!(installed.len() > 5);
    release.helm(&["uninstall", RELEASE]);
    assert_eq!(release.still_there(&installed).await, Vec::<String>::new());
    assert_eq!(definitions(&release).await, kept);
    assert_eq!(without_volatile(store.get().await), resting);
    assert_eq!(desk.writes_text(mark), "");

    // Whoever installs it again finds the stores as they were.
    release.helm(&["install", RELEASE, CHART]);
    let _operator = release.start_operator(&desk).await;
    store.settle().await;
    assert_eq!(desk.writes_text(mark), "", "a new install takes the old objects back as they are");
}
