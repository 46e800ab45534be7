//! The three ways an account can be reached, and what each can do: declaring fewer fails.

use human_support_operator::model::{
    AgentKey, Event, ExternalId, Kind, Note, ObjectKey, Profile, Reason, Support,
};
use human_support_operator::provider::http::SetupError;
use human_support_operator::provider::zenvia::{AgentDeletion, Api, Config, Zenvia};
use human_support_operator::provider::{Loss, Outcome, Provider, ProviderError};
use sandbox::zenvia::FOREIGN_ACCOUNT_ID;
use serde_json::json;

use crate::world::{self, World, bind, config, example, policy};

/// The mapping table of the facts, section 6.
fn table(api: Api, kind: Kind) -> Support {
    let [partner, account, only] = match kind {
        Kind::License => [Support::WriteOnly, Support::BudgetOnly, Support::None],
        Kind::Department => [Support::NoRemoval, Support::CompareOnly, Support::None],
        Kind::Agent => [Support::NoRemoval, Support::CreateAndUpdate, Support::None],
        Kind::Membership => [Support::Managed, Support::CompareOnly, Support::None],
        Kind::Webhook | Kind::EventRoute => [Support::Managed; 3],
        Kind::PhoneField | Kind::RoutingRule | Kind::OpeningHours => [Support::None; 3],
    };
    match api {
        Api::Partner => partner,
        Api::Account => account,
        Api::SubscriptionsOnly => only,
    }
}

#[tokio::test]
async fn each_way_declares_exactly_what_the_table_says() {
    for api in [Api::Partner, Api::Account, Api::SubscriptionsOnly] {
        let world = World::start(api).await;
        for kind in Kind::ALL {
            assert_eq!(world.provider.capabilities().of(kind), table(api, kind), "{api:?} {kind}");
        }
    }
    let allowed =
        World::start_with(Api::Partner, |config| Config { agent_deletion: AgentDeletion::Allowed, ..config });
    assert_eq!(allowed.await.provider.capabilities().of(Kind::Agent), Support::Managed);
}

#[tokio::test]
async fn what_a_way_has_no_place_for_is_told_and_taken_out() {
    let world = World::start(Api::SubscriptionsOnly).await;
    let told = world.provider.unsupported(&example(2));
    // People make them by hand, so the store can be ready all the same.
    assert!(told.iter().all(|one| one.loss == Loss::Detail), "{told:?}");
    let people = told.iter().filter(|one| matches!(one.object.kind, Kind::Department | Kind::Agent));
    let people: Vec<String> = people.map(|one| one.object.to_string()).collect();
    assert_eq!(people, ["Department d0", "Department d1", "Agent ana0", "Agent ana1"]);
    let desired = world.normalized(example(2));
    assert!(desired.agents.is_empty() && desired.departments.is_empty() && desired.licenses.is_empty());
    assert_eq!(desired.routes.len(), 2);
    let partner = World::start(Api::Partner).await;
    let told = partner.provider.unsupported(&example(2));
    assert!(told.iter().all(|one| one.loss == Loss::Detail), "{told:?}");
    let kinds: Vec<Kind> = told.iter().map(|one| one.object.kind).collect();
    assert_eq!(kinds, [Kind::PhoneField, Kind::RoutingRule, Kind::Membership]);
}

#[tokio::test]
async fn an_account_token_writes_agents_and_leaves_departments_to_people() {
    let world = World::start(Api::Account).await;
    let desired = world.normalized(example(2));
    let round = world.round(&desired).await;
    assert_eq!(round.held(Kind::Department, "d0"), Reason::ManualActionRequired);
    assert_eq!(round.held(Kind::Membership, "ana1/d1"), Reason::ManualActionRequired);
    let agent = world.agent("ana0@loja.example");
    assert_eq!((agent["profile"].as_str(), agent["text_limit"].as_u64()), (Some("ADMIN"), Some(3)));
    let departments: Vec<&str> = round.plan.steps.iter().map(|step| step.kind().mark_word()).collect();
    assert!(!departments.contains(&"department"), "{departments:?}");
    assert_eq!(world.account()["departments"].as_array().unwrap().len(), 1, "the one that was there");
    assert_eq!(world.subscriptions().len(), 2);
    // A person does what is left: then nothing is.
    for number in 0..2 {
        let department =
            json!({ "department": { "account_id": world::ACCOUNT, "name": format!("Vendas {number}") } });
        let made = world.person("POST", "/partner/api/departments", department).await;
        let id = made["department"]["id"].clone();
        let agents = world.account()["agents"].as_array().unwrap().clone();
        for agent in agents {
            let name = agent["email"].as_str().unwrap();
            if number == 0 || name.starts_with("ana1") {
                let mut ids: Vec<_> =
                    agent["departments"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
                ids.push(id.clone());
                world
                    .control("PUT", &format!("agents/{}", agent["id"]), json!({ "departmentIds": ids }))
                    .await;
            }
        }
    }
    let after = world.round(&desired).await;
    assert!(after.plan.is_empty(), "{:#?}", after.plan);
}

#[tokio::test]
async fn a_profile_that_is_not_shown_is_written_when_it_changes_and_once_after_a_lost_status() {
    let mut world = World::start(Api::Account).await;
    let mut desired = world.normalized(example(2));
    world.round(&desired).await;
    world.clear_calls();
    desired.agents.get_mut(&AgentKey::new("ana1")).unwrap().profile = Profile::Administrator;
    world.round(&desired).await;
    assert_eq!(world.agent("ana1@loja.example")["profile"], "ADMIN");
    world.round(&desired).await;
    assert_eq!(world.write_calls(), ["PUT /external/agents/{id}"]);
    for claim in world.claims.lock().unwrap().values_mut() {
        claim.profile = None;
    }
    world.restart();
    world.clear_calls();
    for _ in 0..3 {
        world.round(&desired).await;
    }
    assert_eq!(world.write_calls(), ["PUT /external/agents/{id}"; 2], "one for each agent");
}

#[tokio::test]
async fn an_account_token_cannot_end_access_and_a_person_is_told() {
    let world = World::start(Api::Account).await;
    let desired = world.normalized(example(2));
    world.round(&desired).await;
    world.clear_calls();
    let fewer = world.normalized(example(1));
    let round = world.round(&fewer).await;
    assert_eq!(round.held(Kind::Agent, "ana1"), Reason::ManualActionRequired);
    assert_eq!(world.agent("ana1@loja.example")["active"], true);
    assert!(world.write_calls().is_empty(), "{:?}", world.write_calls());
}

#[tokio::test]
async fn subscriptions_only_binds_webhooks_and_asks_nothing_of_the_chat() {
    let world = World::start(Api::SubscriptionsOnly).await;
    let mut desired = example(3);
    bind(&mut desired, "other", &[Event::MessageReceived, Event::MessageDelivered]);
    let desired = world.normalized(desired);
    world.converge(&desired).await;
    assert!(world.calls().iter().all(|call| call.contains("/subscriptions")), "{:?}", world.calls());
    let kinds: Vec<(String, String)> = world
        .subscriptions()
        .iter()
        .map(|one| (one["eventType"].as_str().unwrap().to_owned(), one["criteria"].to_string()))
        .collect();
    let whatsapp = r#"{"channel":"whatsapp"}"#.to_owned();
    assert!(kinds.contains(&("MESSAGE_STATUS".to_owned(), whatsapp)), "{kinds:?}");
    let received = r#"{"channel":"whatsapp","direction":"IN"}"#.to_owned();
    assert!(kinds.contains(&("MESSAGE".to_owned(), received)), "{kinds:?}");
}

#[tokio::test]
async fn the_address_in_the_accounts_settings_is_observed_and_never_written() {
    let world = World::start(Api::Partner).await;
    let desired = world.normalized(example(1));
    let settings = json!({ "webhookUrl": "https://bot.example/zenvia" });
    assert_eq!(world.observe(&desired).await.unwrap().account.webhook_address.as_deref(), Some(""));
    world.control("PUT", &format!("accounts/{}", world::ACCOUNT), settings).await;
    let observed = world.observe(&desired).await.unwrap();
    assert_eq!(observed.account.webhook_address.as_deref(), Some("https://bot.example/zenvia"));
    let account = World::start(Api::Account).await;
    let desired = account.normalized(example(1));
    assert_eq!(account.observe(&desired).await.unwrap().account.webhook_address, None);
}

#[tokio::test]
async fn a_wrong_token_is_told_whatever_the_status_says_and_not_tried_again() {
    for (api, assumption) in [
        (Api::Partner, "partnerWrongTokenStatus=200"),
        (Api::Partner, "partnerWrongTokenStatus=401"),
        (Api::Account, "externalWrongTokenStatus=200"),
        (Api::Account, "externalWrongTokenStatus=401"),
    ] {
        let world = World::start(api).await;
        world.desk.assume(sandbox::zenvia::Assumptions::default().with(assumption).unwrap());
        world.set_tokens("wrong".to_owned());
        let desired = world.normalized(example(1));
        for _ in 0..3 {
            assert_eq!(
                world.observe(&desired).await.unwrap_err(),
                ProviderError::Unauthorized,
                "{assumption}"
            );
            assert_eq!(
                world.provider.check().await.unwrap_err(),
                ProviderError::Unauthorized,
                "{assumption}"
            );
        }
        assert!(world.calls().len() <= 3, "{:?}", world.calls());
    }
}

#[tokio::test]
async fn the_id_of_another_partners_account_is_a_mismatch_and_nothing_is_written() {
    let world = World::start_with(Api::Partner, |config| Config {
        account_id: Some(FOREIGN_ACCOUNT_ID.to_string()),
        ..config
    });
    let world = world.await;
    let desired = world.normalized(example(1));
    let mismatch =
        ProviderError::Rejected { reason: Reason::AccountMismatch, field: Some("accountId".to_owned()) };
    assert_eq!(world.provider.check().await.unwrap_err(), mismatch);
    assert_eq!(world.observe(&desired).await.unwrap_err(), mismatch);
    assert!(world.write_calls().is_empty());
}

#[tokio::test]
async fn a_host_that_is_not_the_vendors_is_refused() {
    let world = World::start(Api::Partner).await;
    for host in ["zchat.zenvia.io.evil.example", "evilzenvia.io", "127.0.0.1", "https://zchat.zenvia.io", ""]
    {
        let refused = Config { chat_host: Some(host.to_owned()), ..config(Api::Partner, &world.desk) };
        assert_eq!(Zenvia::new(refused).unwrap_err(), SetupError::Host, "{host}");
    }
}

#[tokio::test]
async fn a_department_of_ours_tells_whoever_is_not_ours_and_leaves_them_alone() {
    let world = World::start(Api::Partner).await;
    let desired = world.normalized(example(1));
    world.converge(&desired).await;
    world.control("PUT", &format!("accounts/{}", world::ACCOUNT), json!({ "licenseQuantity": null })).await;
    let ours = world.marked_departments()[0]["id"].clone();
    let made = json!({ "profile": "AGENT", "department_ids": [ours], "agent": { "account_id": world::ACCOUNT,
        "name": "Bia", "email": "bia@loja.example", "password": "a".repeat(64) } });
    let bia = world.person("POST", "/partner/api/agents", made).await["agent"]["id"].to_string();
    let round = world.round(&desired).await;
    assert!(
        round.observed.notes.contains(&Note::AgentUnlisted(ExternalId::new(&bia))),
        "{:?}",
        round.observed.notes
    );
    assert!(round.plan.is_empty(), "{:#?}", round.plan);
    // The department cannot be retired while she answers there.
    let mut moved = desired.clone();
    moved.departments.clear();
    moved.memberships.clear();
    let round = world.round_under(&moved, policy(&world.provider, &moved)).await;
    assert_eq!(round.held(Kind::Department, "d0"), Reason::InUse);
    assert_eq!(world.places("bia@loja.example"), ["Vendas 0"]);
}

#[tokio::test]
async fn no_license_left_is_a_reason_and_the_rest_goes_on() {
    let world = World::start(Api::Partner).await;
    let mut desired = world.normalized(example(3));
    desired.licenses.clear();
    world.control("PUT", &format!("accounts/{}", world::ACCOUNT), json!({ "licenseQuantity": 2 })).await;
    let round = world.round(&desired).await;
    let refused =
        Outcome::NotApplied(ProviderError::Rejected { reason: Reason::LicensesExceeded, field: None });
    assert_eq!(*round.outcome(Kind::Agent, "ana2"), refused);
    assert_eq!(
        *round.outcome(Kind::Membership, "ana2/d0"),
        Outcome::Skipped(ObjectKey::new(Kind::Agent, "ana2"))
    );
    assert_eq!(world.subscriptions().len(), 2);
    assert!(!world.claims.lock().unwrap().contains_key(&ObjectKey::new(Kind::Agent, "ana2")));
}
