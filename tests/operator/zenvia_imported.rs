//! `import` of a Zenvia account that people built by hand: its plan takes over and changes nothing that people see, and after
//! it nothing is left to do. What an interface does not show is said, never guessed.

use std::collections::BTreeSet;

use reqwest::Method;
use sandbox::control_plane::parse_manifests;
use sandbox::zenvia::api_token;
use serde_json::{Value, json};

use crate::harness::{
    API_HOST, LIMIT, MEMBER, Ran, Store, ZenviaDesk, ZenviaWorld, account_credentials, calls, credentials_of,
    zenvia_account,
};
use crate::imported::{names, of_sales_at_the_store};

const STAFF: usize = 100;
const DEPARTMENTS: [&str; 5] = ["Vendas", "Suporte", "Financeiro", "Trocas", "Pós-venda"];
/// The store of every import: a Zenvia account has no name of its own that could stand for it.
const STORE_NAME: &str = "lojacentro";

/// An account of a hundred: agents and administrators of the store and of an agency, among them a supervisor, two without
/// access, two without a department, the account's own address, and some in a department that is switched off.
async fn account_of_a_hundred() -> ZenviaWorld {
    let world = ZenviaWorld::new().await;
    let desk = &world.zenvia;
    desk.control(Method::PUT, &format!("accounts/{MEMBER}"), json!({"licenseQuantity": 120})).await;
    let mut departments = Vec::new();
    for name in DEPARTMENTS {
        let body = json!({"channels": ["chat", "video"],
            "department": {"account_id": MEMBER, "name": name, "description": format!("{name} da loja")}});
        departments.push(made(desk, "departments", body).await);
    }
    let closed = json!({"channels": ["chat"],
        "department": {"account_id": MEMBER, "name": "Natal", "description": "", "ativo": 0}});
    let closed = made(desk, "departments", closed).await;
    for number in 0..STAFF {
        let host = if number % 20 == 3 { "agencia.example" } else { "loja.example" };
        let email = match number {
            0 => format!("contato@loja{MEMBER}.example"),
            _ => format!("p{number}@{host}"),
        };
        let places = match number {
            40 | 41 => vec![],
            42 => vec![closed.clone()],
            _ if number % 5 == 0 => vec![departments[number % 5].clone(), departments[2].clone()],
            _ => vec![departments[number % 5].clone()],
        };
        let profile = if number % 33 == 1 { "ADMIN" } else { "AGENT" };
        let agent = json!({"profile": profile, "department_ids": places, "agent": {"account_id": MEMBER,
            "email": email, "name": format!("Pessoa {number}"), "password": "0".repeat(64), "text_limit": 4}});
        desk.person(Method::POST, "agents", agent).await;
    }
    desk.change_agent("p50@loja.example", json!({"profile": "Supervisor"})).await;
    for email in ["p60@loja.example", "p61@loja.example"] {
        desk.change_agent(email, json!({"active": false})).await;
    }
    world
}

async fn made(desk: &ZenviaDesk, path: &str, body: Value) -> Value {
    desk.person(Method::POST, path, body).await["department"]["id"].clone()
}

/// What agents and customers see of the account: marks and dates left out.
fn seen_by_people(desk: &ZenviaDesk) -> Value {
    let account = desk.account(MEMBER);
    let pick = |kind: &str, members: &[&str]| -> Value {
        let objects = account[kind].as_array().unwrap().iter();
        objects
            .map(|object| members.iter().map(|member| object[*member].clone()).collect::<Value>())
            .collect()
    };
    // The mark is the last line, or the only one.
    let text = |department: &Value| -> Vec<String> {
        let lines = department["description"].as_str().unwrap_or_default().lines();
        lines.filter(|line| !line.starts_with("hso1")).map(str::to_owned).collect()
    };
    let descriptions: Vec<_> = account["departments"].as_array().unwrap().iter().map(text).collect();
    let agent = [
        "id",
        "name",
        "email",
        "profile",
        "active",
        "deleted_at",
        "departments",
        "text_limit",
        "password_writes",
    ];
    json!({
        "agents": pick("agents", &agent),
        "departments": pick("departments", &["id", "name", "active", "channels", "agent_ids", "queue"]),
        "descriptions": descriptions,
        "subscriptions": pick("subscriptions", &["id", "eventType", "criteria", "webhook", "status"]),
        "account": [account["license_quantity"], account["webhook_url"], account["active"]],
    })
}

/// A verb that also reaches Zenvia.
async fn verb(world: &ZenviaWorld, verb: &str, arguments: &[&str]) -> Ran {
    let address = world.zenvia.zenvia.address();
    let endpoints = ["zenvia.io", "zenvia.com"].map(|suffix| format!("{suffix}={address}"));
    let reach = ["--loopback-endpoint", &endpoints[0], "--loopback-endpoint", &endpoints[1]];
    world.world.verb(verb, &[&reach[..], arguments].concat()).await
}

/// Runs `import` of the account as it is reached by one of the interfaces.
async fn import(world: &ZenviaWorld, api: &str, arguments: &[&str]) -> Ran {
    let file = world.world.file("account.json", &zenvia_account(api).to_string());
    let usual = [
        "--account-file",
        file.to_str().unwrap(),
        "--whatsapp-number",
        "+551140028922",
        "--whatsapp-integrated",
    ];
    let mark = world.zenvia.mark();
    let ran = verb(world, "import", &[&usual[..], arguments].concat()).await;
    assert_eq!(world.zenvia.writes_text(mark), "", "import writes nothing");
    ran
}

/// The same, for programs.
async fn answer(world: &ZenviaWorld, api: &str, arguments: &[&str]) -> Value {
    let arguments = [&["--store", STORE_NAME, "--output", "json"][..], arguments].concat();
    let ran = import(world, api, &arguments).await;
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    ran.json()
}

/// The sentences about what stays out.
fn left(answer: &Value) -> Vec<&str> {
    answer["left"].as_array().unwrap().iter().map(|left| left.as_str().unwrap()).collect()
}

/// Whether a sentence about what stays out holds both texts.
fn says(answer: &Value, who: &str, why: &str) -> bool {
    left(answer).iter().any(|left| left.starts_with(who) && left.contains(why))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_people_of_a_partners_account_are_taken_over_without_a_change_that_anybody_sees() {
    let mut world = account_of_a_hundred().await;
    let before = seen_by_people(&world.zenvia);
    let ran = import(&world, "Partner", &["--store", STORE_NAME]).await;
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    let (yaml, answer) = (ran.out, answer(&world, "Partner", &[]).await);
    let documents = parse_manifests(&yaml).unwrap();
    assert_eq!(documents.len(), 2, "one account, one store");
    let spec = documents[1].data["spec"].clone();
    everybody_is_in_it_or_named(&spec, (&yaml, &answer));
    let file = world.world.file("store.yaml", &yaml);
    let file = file.to_str().unwrap();
    let checked = world.world.humansupport(&["validate", file]).await;
    assert_eq!(checked.code, 0, "{checked:?}");

    let plan = verb(&world, "plan", &[file, "--output", "json"]).await;
    assert_eq!(plan.code, 2, "{plan:?}");
    assert_eq!(plan.held(), Vec::<String>::new());
    let actions: BTreeSet<String> =
        plan.counts().into_keys().map(|key| key.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(actions, BTreeSet::from(["adopt".to_owned()]), "adoptions only: {:?}", plan.counts());
    let changed: Vec<String> = plan.steps().into_iter().filter(|step| step.contains('[')).collect();
    assert_eq!(changed, Vec::<String>::new(), "no value that people see");
    assert_eq!(plan.counts()["adopt Agent"], spec["agents"].as_array().unwrap().len());
    assert_eq!(plan.counts()["adopt Department"], DEPARTMENTS.len() + 1, "and the vendor's first one");

    let mark = world.zenvia.mark();
    for document in &documents {
        let mut document = serde_json::to_value(document).unwrap();
        if document["kind"] == "HumanSupportConfig" {
            document["spec"]["approval"] = json!("Manual");
            document["metadata"]["annotations"] =
                json!({"humansupport.dev/approve-plan": plan.plan()["digest"]});
        }
        world.world.apply(document).await;
    }
    world.world.start_operator().await;
    let store = world.world.store(STORE_NAME, spec);
    store.until_nothing_is_left(LIMIT * 3).await;
    store.settle().await;
    assert_eq!(seen_by_people(&world.zenvia), before, "people see what they saw");
    let marks = calls(&[("PUT /partner/departments/{id}", DEPARTMENTS.len() + 1)]);
    assert_eq!(world.zenvia.write_counts(mark), marks, "departments got their mark; people carry none");
    let again = verb(&world, "plan", &[file, "--output", "json"]).await;
    assert_eq!((again.code, again.json()["changes"].clone()), (0, json!(false)), "{again:?}");
    only_departments_know_whose_they_are(&world, &store).await;
}

/// Who may not be taken over is named in a comment, with the reason.
fn everybody_is_in_it_or_named(spec: &Value, (yaml, answer): (&str, &Value)) {
    let people = names(&spec["agents"]);
    assert!(people.len() > 80, "{}", people.len());
    let out = [
        ("Pessoa 0 ", "the owner of the account, by all that can be seen"),
        ("Pessoa 40 ", "puts an agent without a department"),
        ("Pessoa 41 ", "puts an agent without a department"),
        ("Pessoa 42 ", "puts an agent without a department"),
        ("Pessoa 50 ", "has the role `Supervisor`"),
        ("Pessoa 60 ", "no access"),
        ("Pessoa 61 ", "no access"),
        ("the department `Natal`", "switched off"),
    ];
    for (who, why) in out {
        assert!(says(answer, who, why), "{who}: {why}: {:#?}", left(answer));
        assert!(yaml.lines().any(|line| line.starts_with('#') && line.contains(why)), "{why}: {yaml}");
        assert!(!people.contains(who.trim_end()), "{who}");
    }
    assert_eq!(left(answer).len(), out.len(), "nothing else stays out: {:#?}", left(answer));
    assert_eq!(people.len() + out.len() - 1, STAFF, "everybody is in it or named");
    let secret = &answer["secrets"][0];
    let keys = ["chatHost (zchat.zenvia.io)", "partnerToken", "apiHost (api.zenvia.com)", "apiToken"];
    assert_eq!((&secret["name"], &secret["keys"]), (&json!("zenvia-credentials"), &json!(keys)));
}

/// Agents carry no mark: a second import finds the departments taken, and so nobody with a place to answer in.
async fn only_departments_know_whose_they_are(world: &ZenviaWorld, store: &Store) {
    let declared = store.get().await["spec"]["departments"].as_array().unwrap().len();
    let answer = answer(world, "Partner", &[]).await;
    let spec = &answer["documents"][1]["spec"];
    assert_eq!((&spec["departments"], &spec["agents"]), (&Value::Null, &Value::Null), "{answer:#}");
    let managed = left(&answer).into_iter().filter(|left| left.contains("managed already")).count();
    assert_eq!(managed, declared, "{answer:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_take_a_department_and_an_address_domain_and_whoever_has_no_place_is_named() {
    let world = account_of_a_hundred().await;
    let some = answer(&world, "Partner", &["--department", "vendas", "--email-domain", "loja.example"]).await;
    let spec = &some["documents"][1]["spec"];
    assert_eq!(names(&spec["departments"]), BTreeSet::from(["Vendas".to_owned()]));
    let agents = of_sales_at_the_store(spec);
    assert!(agents > 10 && agents < 20, "{agents}");
    let agency = answer(&world, "Partner", &["--email-domain", "agencia.example"]).await;
    let spec = &agency["documents"][1]["spec"];
    assert_eq!(names(&spec["departments"]), BTreeSet::from(["Trocas".to_owned()]), "where they answer");
    assert_eq!(spec["agents"].as_array().unwrap().len(), 5, "{spec:#}");
    let misspelt = import(&world, "Partner", &["--store", STORE_NAME, "--department", "Vendass"]).await;
    assert_eq!((misspelt.code, misspelt.out.as_str()), (1, ""));
    assert!(misspelt.err.contains("has no department `Vendass`; did you mean `Vendas`?"), "{misspelt:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accounts_own_interface_shows_no_profile_so_departments_alone_are_written_and_everybody_is_named()
{
    let world = account_of_a_hundred().await;
    world.world.apply(account_credentials(MEMBER)).await;
    world.world.delete("HelpdeskAccount", "zenvia").await;
    world.world.apply(zenvia_account("Account")).await;
    let answer = answer(&world, "Account", &[]).await;
    let spec = &answer["documents"][1]["spec"];
    assert_eq!(spec["departments"].as_array().unwrap().len(), DEPARTMENTS.len() + 1);
    assert_eq!(spec["agents"], Value::Null, "a profile that is guessed would demote somebody");
    let unseen =
        "has a profile that this interface does not show: write the entry by hand with the right profile";
    let unseen = left(&answer).into_iter().filter(|left| left.contains(unseen)).count();
    // A profile that a person made is hidden like the others.
    assert_eq!(unseen, STAFF - 2, "everybody with access is named: {:#?}", left(&answer));
    assert!(says(&answer, "Pessoa 60 ", "no access"), "{:#?}", left(&answer));
    let keys = json!(["chatHost (zchat.zenvia.io)", "accountToken", "apiHost (api.zenvia.com)", "apiToken"]);
    assert_eq!(answer["secrets"][0]["keys"], keys);
    let file = world
        .world
        .file("store.yaml", &format!("---\n{}\n---\n{}", answer["documents"][0], answer["documents"][1]));
    let plan = verb(&world, "plan", &[file.to_str().unwrap(), "--output", "json"]).await;
    assert_eq!((plan.code, plan.json()["changes"].clone()), (0, json!(false)), "{plan:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_are_named_and_an_interface_without_people_is_refused_in_one_sentence() {
    let world = ZenviaWorld::new().await;
    let url = format!("{}/v2/subscriptions", world.zenvia.zenvia.url());
    let body = json!({"eventType": "CONVERSATION_STATUS", "webhook": {"url": "https://bot.example/hook"}});
    let request = reqwest::Client::new().post(url).header("x-api-token", api_token(MEMBER)).json(&body);
    let response = request.send().await.unwrap();
    assert!(response.status().is_success(), "{response:?}");
    let id = world.zenvia.all("subscriptions")[0]["id"].as_str().unwrap().to_owned();
    let shown = answer(&world, "Partner", &[]).await;
    let who = format!("the subscription `CONVERSATION_STATUS` (id {id})");
    assert!(says(&shown, &who, "declare it under `webhooks`"), "{:#?}", left(&shown));
    assert_eq!(shown["documents"][1]["spec"]["webhooks"], Value::Null);

    let nameless = import(&world, "Partner", &[]).await;
    assert_eq!((nameless.code, nameless.out.as_str()), (1, ""));
    assert!(nameless.err.contains("give the store's account name with --store"), "{nameless:?}");
    world.world.apply(credentials_of(json!({"apiHost": API_HOST, "apiToken": api_token(MEMBER)}))).await;
    let blind = import(&world, "SubscriptionsOnly", &["--store", STORE_NAME]).await;
    assert_eq!((blind.code, blind.out.as_str()), (1, ""));
    let why = "shows neither people nor departments (`api: SubscriptionsOnly`)";
    assert!(blind.err.contains(why) && blind.err.trim_end().lines().count() == 1, "{blind:?}");
}
