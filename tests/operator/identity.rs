//! What was created is known again: after a re-creation, a restore, a revert; and what belongs to others is left alone.

use serde_json::json;

use crate::harness::{Calls, Cluster, STORE, World, account, calls, example, message, small};

#[tokio::test(flavor = "multi_thread")]
async fn re_created_after_an_orphan_deletion_it_takes_its_objects_back_without_a_write() {
    let mut world = World::new().await;
    let store = world.onboard(example()).await;
    let before = world.desk.state();
    let mark = world.desk.mark();
    store.delete().await;
    store.apply().await;
    store.settle().await;
    assert_eq!(world.desk.write_counts(mark), Calls::new());
    assert_eq!(world.desk.state()["users"], before["users"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_deleted_in_git_and_reverted_leads_to_no_write() {
    let mut world = World::new().await;
    let store = world.onboard(small()).await;
    let mark = world.desk.mark();
    world.delete("HelpdeskAccount", "zendesk").await;
    store.delete().await;
    store.apply().await;
    world.apply(account()).await;
    store.settle().await;
    assert_eq!(world.desk.write_counts(mark), Calls::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn restored_into_an_empty_api_server_under_the_same_names_it_creates_nothing() {
    let mut world = World::new().await;
    world.onboard(small()).await;
    world.stop_operator().await;
    let before = world.desk.state();
    let mark = world.desk.mark();
    let mut restored = world.seen_from(Cluster::elsewhere().await).await;
    restored.flags.installation.clone_from(&world.flags.installation);
    restored.onboard(small()).await;
    // The Secret was created anew, and what a webhook holds cannot be read: its token is written once more.
    assert_eq!(world.desk.write_counts(mark), calls(&[("PATCH /webhooks/{id}", 1)]));
    for kind in ["users", "groups", "group_memberships", "triggers", "ticket_fields"] {
        assert_eq!(world.desk.state()[kind], before[kind], "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuilt_cluster_takes_the_store_over_only_when_the_account_names_the_old_one() {
    let mut world = World::new().await;
    world.onboard(small()).await;
    world.stop_operator().await;
    let mark = world.desk.mark();
    let mut rebuilt = world.seen_from(Cluster::elsewhere().await).await;
    rebuilt.flags.installation.clone_from(&world.flags.installation);
    rebuilt.flags.cluster_id = "bbbbbbbb-0000-0000-0000-000000000000".to_owned();
    rebuilt.start_operator().await;
    let store = rebuilt.store(STORE, small());
    store.apply().await;
    let said = store.until_stalled("OwnedByOtherCluster").await;
    assert!(said.contains("`aaaaaaaa`") && said.contains("`takeOverFrom`"), "{said}");
    assert_eq!(world.desk.write_counts(mark), Calls::new());
    let mut taking_over = account();
    taking_over["spec"]["takeOverFrom"] = json!(["aaaaaaaa"]);
    rebuilt.apply(taking_over).await;
    store.settle().await;
    assert_eq!(
        world.desk.write_counts(mark),
        calls(&[("PATCH /webhooks/{id}", 1), ("PUT /groups/{id}", 1)]),
        "the fence, and the token of the Secret that was created anew"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn under_another_installation_name_nothing_is_written_and_the_other_one_is_named() {
    let mut world = World::new().await;
    world.onboard(small()).await;
    world.stop_operator().await;
    let mark = world.desk.mark();
    world.flags.installation = "another-installation".to_owned();
    let store = world.store(STORE, small());
    store.delete().await;
    world.start_operator().await;
    store.apply().await;
    let said = store.until_stalled("OtherInstallation").await;
    assert!(said.contains(&format!("tests-{}", world.namespace)), "{said}");
    assert_eq!(world.desk.write_counts(mark), Calls::new());
}

/// The marks of everything that the helpdesk has of the store.
fn marks(world: &World) -> Vec<String> {
    let places = [
        ("users", "external_id"),
        ("groups", "description"),
        ("triggers", "description"),
        ("ticket_fields", "agent_description"),
        ("webhooks", "description"),
    ];
    let objects = places.iter().flat_map(|(kind, place)| {
        world.desk.all(kind).into_iter().filter_map(|object| Some(object[*place].as_str()?.to_owned()))
    });
    objects.filter(|text| text.contains("hso1")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn under_a_new_installation_name_that_lists_the_former_one_everything_is_marked_anew_and_nothing_created()
 {
    let mut world = World::new().await;
    let store = world.onboard(small()).await;
    world.stop_operator().await;
    let (mark, marked) = (world.desk.mark(), marks(&world));
    let former = std::mem::replace(&mut world.flags.installation, "another-installation".to_owned());
    let ids = |world: &World| {
        ["users", "groups", "triggers", "webhooks", "ticket_fields"]
            .map(|kind| world.desk.all(kind).iter().map(|object| object["id"].clone()).collect::<Vec<_>>())
    };
    let before = ids(&world);
    world.flags = world.flags.clone().with(&["--former-installation", &former]);
    world.start_operator().await;
    store.settle().await;
    assert_eq!(ids(&world), before, "nothing came, nothing went");
    let anew: Vec<String> =
        marked.iter().map(|mark| mark.replace(&format!("/{former}/"), "/another-installation/")).collect();
    assert_eq!(marks(&world), anew);
    assert_eq!(
        world.desk.write_counts(mark),
        calls(&[
            ("PATCH /webhooks/{id}", 1),
            ("PUT /groups/{id}", 2),
            ("PUT /ticket_fields/{id}", 1),
            ("PUT /triggers/{id}", 3),
            ("PUT /users/{id}", 2),
        ]),
        "one write for each mark"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_clusters_with_one_installation_name_exactly_one_writes() {
    let mut first = World::new().await;
    let mut store = first.onboard(small()).await;
    let mark = first.desk.mark();
    let mut second = first.seen_from(Cluster::elsewhere().await).await;
    second.flags.installation.clone_from(&first.flags.installation);
    second.flags.cluster_id = "bbbbbbbb-0000-0000-0000-000000000000".to_owned();
    second.start_operator().await;
    let mut spec = small();
    spec["departments"][0]["displayName"] = json!("Outro nome");
    let twin = second.store(STORE, spec);
    twin.apply().await;
    twin.until_stalled("OwnedByOtherCluster").await;
    assert_eq!(first.desk.write_counts(mark), Calls::new());
    store.edit(|spec| spec["departments"][0]["displayName"] = json!("Comercial")).await;
    store.settle().await;
    twin.reconcile_now().await;
    let object = twin.until_condition(("Ready", "False", "OwnedByOtherCluster")).await;
    assert!(message(&object, "Live").starts_with("no:"));
    assert_eq!(first.desk.write_counts(mark), calls(&[("PUT /groups/{id}", 1)]), "the first one's edit");
    first.desk.one("groups", "name", "Comercial");
}
