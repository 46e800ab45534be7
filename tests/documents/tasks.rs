//! The ten things people do: each section of the guide, and what it has done to the helpdesk.
//!
//! Effects are read from the simulator, never from what a command says.

use serde_json::Value;

use crate::pages::{Page, Step};
use crate::session::Session;
use crate::setting::{BY_HAND, OTHER};
use crate::stages::{built_by_hand, installed};

/// The document.
pub(crate) const PATH: &str = "docs/guides/tasks.md";

/// Its sections, in order.
const SECTIONS: [&str; 10] = [
    "Onboard a store",
    "Edit a store",
    "Rotate a token",
    "Approve a removal",
    "Pause a store",
    "Find out why a store is not Ready",
    "Adopt an account that people have built",
    "Move a store to another account",
    "Upgrade the operator",
    "Off-board a store",
];

#[test]
fn the_guide_has_the_ten_things_and_the_readme_leads_to_each() {
    let page = Page::read(PATH);
    let sections: Vec<&str> = page
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Section(title) => Some(title.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(sections, SECTIONS);
    let readme = std::fs::read_to_string(crate::pages::repository("README.md")).unwrap();
    for title in SECTIONS {
        let anchor = title.to_lowercase().replace(' ', "-");
        assert!(readme.contains(&format!("({PATH}#{anchor})")), "the README has no link to `{title}`");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ten_things_do_to_the_helpdesk_what_the_guide_says() {
    let mut session = Session::new().await;
    installed(&mut session).await;
    built_by_hand(&session).await;
    for title in SECTIONS {
        let before = session.setting.desk.mark();
        session.follow_section(PATH, title).await;
        check(&session, title, before);
    }
}

fn check(session: &Session, title: &str, before: u64) {
    let desk = &session.setting.desk;
    let groups = || names(desk.all("groups").iter().filter(|group| group["deleted"] != true));
    match title {
        "Onboard a store" => {
            // The vendor puts everybody into its default group.
            assert_eq!(desk.groups_of("ana@loja.example"), ["Suporte", "Support", "Vendas"]);
            assert_eq!(desk.all("webhooks").len(), 1);
        }
        "Edit a store" => {
            let counts = desk.write_counts(before);
            assert_eq!(counts, crate::harness::calls(&[("PUT /groups/{id}", 1)]), "one call: {counts:?}");
            assert!(groups().contains(&"Comercial".to_owned()), "{:?}", groups());
        }
        "Rotate a token" => {
            let webhook = desk.all("webhooks").remove(0);
            assert_eq!(desk.webhook_token(&webhook["id"]), "the-new-token");
        }
        "Approve a removal" => {
            let role = |name: &str| desk.user(&format!("{name}@loja.example"))["role"].clone();
            assert_eq!(["ana", "bia", "leo", "rui"].map(role), ["agent", "end-user", "end-user", "end-user"]);
        }
        "Adopt an account that people have built" => {
            let state = desk.zendesk.state();
            let users = state["accounts"][BY_HAND]["users"].as_array().unwrap();
            let found: Vec<&Value> =
                users.iter().filter(|user| user["email"] == "bia@padaria.example").collect();
            assert_eq!((found.len(), &found[0]["name"]), (1, &Value::from("Bia Rocha")));
            assert!(found[0].to_string().contains("padaria"), "marked as the store's: {}", found[0]);
        }
        "Move a store to another account" => {
            let state = desk.zendesk.state();
            let new = names(state["accounts"][OTHER]["groups"].as_array().unwrap().iter());
            assert!(new.contains(&"Comercial".to_owned()), "{new:?}");
            assert_eq!(desk.all("webhooks")[0]["status"], "inactive", "the old side is left");
        }
        "Off-board a store" => {
            let state = desk.zendesk.state();
            let left = names(
                state["accounts"][OTHER]["groups"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|group| group["deleted"] != true),
            );
            assert!(!left.contains(&"Comercial".to_owned()), "{left:?}");
        }
        _ => assert_eq!(desk.writes_text(before), "", "{title}: nothing is written"),
    }
}

fn names<'a>(objects: impl Iterator<Item = &'a Value>) -> Vec<String> {
    objects.map(|object| object["name"].as_str().unwrap().to_owned()).collect()
}
