//! Whose a store is by its fences, and marks that a newer version of the operator wrote.

use super::*;

fn stamp(cluster: &str) -> Stamp {
    Stamp {
        installation: Installation("home".to_owned()),
        former_installations: BTreeSet::new(),
        store: StoreId::new("ns", "store"),
        fence: Fence(cluster.to_owned()),
        take_over_from: BTreeSet::new(),
        bearer: None,
    }
}

fn borne(id: &str, key: &str, by: &str) -> (ExternalId, Mark) {
    let line = format!("hso1c/home/ns/store/webhook/{key} by={by}");
    (ExternalId::new(id), Mark::parse(&line).unwrap())
}

#[test]
fn of_two_bearers_the_older_one_says_whose_the_store_is() {
    let marks = [borne("10", "h", "bbbbbbbb"), borne("9", "h", "aaaaaaaa")];
    assert_eq!(stamp("aaaaaaaa").other_cluster(&marks), None);
    assert_eq!(stamp("bbbbbbbb").other_cluster(&marks).as_deref(), Some("aaaaaaaa"));
    assert_eq!(stamp("cccccccc").other_cluster(&marks).as_deref(), Some("bbbbbbbb"));
}

#[test]
fn an_older_fence_on_another_object_gives_no_right() {
    // What a cluster fenced before the store was taken over from it must not bring it back.
    let marks = [borne("9", "former", "aaaaaaaa"), borne("10", "h", "bbbbbbbb")];
    assert_eq!(stamp("aaaaaaaa").other_cluster(&marks).as_deref(), Some("bbbbbbbb"));
    assert_eq!(stamp("bbbbbbbb").other_cluster(&marks).as_deref(), Some("aaaaaaaa"));
}

#[test]
fn a_cluster_that_is_taken_over_has_nothing_to_say() {
    let mut taking_over = stamp("bbbbbbbb");
    taking_over.take_over_from.insert("aaaaaaaa".to_owned());
    assert_eq!(taking_over.other_cluster(&[borne("9", "h", "aaaaaaaa")]), None);
}

#[test]
fn a_mark_of_a_later_format_is_a_newer_versions_and_names_its_store() {
    let home = stamp("aaaaaaaa");
    for text in [
        "hso2c/home/ns/store/department/sales",
        "Vendas\nHSO12/Home/ns/store/x",
        "hso2c/home/ns/store/y by=1",
    ] {
        assert_eq!(home.owner_by(text, Kind::Department), Owner::NewerVersion, "{text}");
        assert_eq!(Mark::store_of(text), Some(StoreId::new("ns", "store")), "{text}");
        assert!(home.is_outrun_by(text), "{text}");
    }
    let elsewhere = "hso2c/home/ns/other/department/sales";
    assert_eq!(home.owner_by(elsewhere, Kind::Department), Owner::NewerVersion);
    assert!(!home.is_outrun_by(elsewhere) && !home.is_outrun_by("hso2c/away/ns/store/department/sales"));
}

#[test]
fn a_kind_of_a_newer_version_is_left_alone_and_stops_nothing_else() {
    let text = "hso1c/home/ns/store/hologram/x";
    assert_eq!(stamp("aaaaaaaa").owner_by(text, Kind::Department), Owner::NewerVersion);
    assert!(!stamp("aaaaaaaa").is_outrun_by(text));
}

#[test]
fn what_is_no_mark_is_nobodys() {
    for text in [
        "",
        "hso",
        "hso1c",
        "hso/home/ns/store/department/x",
        "hsoc/a/b/c/d",
        "hso1c/home/ns",
        "hso2 c/a/b/c/d",
        "Vendas",
    ] {
        assert_eq!(stamp("aaaaaaaa").owner_by(text, Kind::Department), Owner::Nobody, "{text}");
    }
    let ours = "hso1c/home/ns/store/department/sales";
    assert!(matches!(stamp("aaaaaaaa").owner_by(ours, Kind::Department), Owner::Us { .. }));
}
