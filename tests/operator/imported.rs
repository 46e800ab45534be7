//! `import` of a large account that people built by hand: its plan takes over and changes nothing that people see, and after
//! it nothing is left to do.

use std::collections::BTreeSet;

use reqwest::Method;
use sandbox::control_plane::parse_manifests;
use sandbox::zendesk::{AccountConfig, Config, Plan};
use serde_json::{Value, json};

use crate::adoption::{first_trigger, second_trigger, seen_by_people};
use crate::harness::{ACCOUNT, Desk, HANDLER_HOST, HANDLER_TOKEN, LIMIT, Store, World, account, secret};

const STAFF: usize = 290;
const GROUPS: [&str; 8] =
    ["Vendas", "Suporte", "Financeiro", "Entregas", "Trocas", "Clientes VIP", "Pós-venda", "Vendas B2B"];

/// An account of three hundred: agents, administrators, light agents, somebody suspended, people of an agency.
async fn account_of_three_hundred() -> Desk {
    let config = AccountConfig { plan: Plan::Enterprise, ..AccountConfig::new(ACCOUNT) };
    let desk = Desk::with(Config { accounts: vec![config], ..Config::default() }).await;
    // Where the vendor allows no bulk updates, every mark is one update of a user a second: `adoption.rs` has that.
    let features = json!({"features": {"rateLimits": false, "bulkUsers": true}});
    desk.control(Method::PUT, &format!("accounts/{ACCOUNT}"), features).await;
    let mut groups = Vec::new();
    for name in GROUPS {
        let body = json!({"group": {"name": name, "description": format!("{name} da loja")}});
        groups.push(desk.person(Method::POST, "groups", body).await["group"]["id"].clone());
    }
    let light = desk.one("custom_roles", "name", "Light agent")["id"].clone();
    for number in 0..STAFF {
        let host = if number % 29 == 0 { "agencia.example" } else { "loja.example" };
        let role = if number % 97 == 0 { "admin" } else { "agent" };
        let mut user =
            json!({"name": format!("Pessoa {number}"), "email": format!("p{number}@{host}"), "role": role});
        if number % 31 == 7 {
            user["custom_role_id"] = light.clone();
        }
        let id = desk.person(Method::POST, "users", json!({"user": user})).await["user"]["id"].clone();
        for (place, default) in [(number % 8, true), ((number + 3) % 8, false)] {
            if default || number % 5 == 0 {
                let member = json!({"user_id": id, "group_id": groups[place], "default": default});
                desk.person(Method::POST, "group_memberships", json!({"group_membership": member})).await;
            }
        }
        if number % 101 == 50 {
            desk.person(Method::PUT, &format!("users/{id}"), json!({"user": {"suspended": true}})).await;
        }
    }
    let make = |path: &'static str, root: &'static str, body: Value| {
        let desk = &desk;
        async move { desk.person(Method::POST, path, json!({ root: body })).await[root]["id"].clone() }
    };
    let field =
        make("ticket_fields", "ticket_field", json!({"type": "text", "title": "Número WhatsApp"})).await;
    let webhook = json!({"name": "VTEX Chatbot", "status": "active", "http_method": "POST", "request_format": "json",
        "endpoint": format!("https://{HANDLER_HOST}/webhooks/zendesk"),
        "subscriptions": ["conditional_ticket_events"],
        "authentication": {"type": "bearer_token", "data": {"token": HANDLER_TOKEN}, "add_position": "header"}});
    let webhook = make("webhooks", "webhook", webhook).await;
    make("triggers", "trigger", first_trigger(&webhook, &field)).await;
    make("triggers", "trigger", second_trigger(&webhook, &field)).await;
    let routing = json!({"title": "Chegada", "conditions": {"any": [], "all": [
            {"field": "update_type", "operator": "is", "value": "Create"},
            {"field": "current_tags", "operator": "includes", "value": "vtex-chatbot"},
            {"field": "group_id", "operator": "is", "value": ""}]},
        "actions": [{"field": "group_id", "value": groups[1].to_string()}]});
    make("triggers", "trigger", routing).await;
    desk
}

/// Runs `import` and keeps what it wrote in a file.
async fn import(world: &World, arguments: &[&str]) -> (String, Value) {
    let file = world.file("account.json", &account().to_string());
    let usual = [
        "--account-file",
        file.to_str().unwrap(),
        "--whatsapp-number",
        "+551140028922",
        "--whatsapp-integrated",
    ];
    let all = [&usual[..], arguments].concat();
    let mark = world.desk.mark();
    let yaml = world.verb("import", &all).await;
    assert_eq!((yaml.code, yaml.err.as_str()), (0, ""), "{yaml:?}");
    let answer = world.verb("import", &[&all[..], &["--output", "json"]].concat()).await.json();
    assert_eq!(world.desk.writes_text(mark), "", "import writes nothing");
    (yaml.out, answer)
}

/// How many agents there are, of whom each has the filter's address and department.
pub(crate) fn of_sales_at_the_store(spec: &Value) -> usize {
    let agents = spec["agents"].as_array().unwrap();
    for agent in agents {
        assert!(agent["email"].as_str().unwrap().ends_with("@loja.example"), "{agent}");
        assert_eq!(agent["departments"], json!(["vendas"]), "{agent}");
    }
    agents.len()
}

/// The names of a list of entries.
pub(crate) fn names(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|one| one["displayName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_people_are_taken_over_without_a_change_that_anybody_sees() {
    let mut world = World::with_desk(account_of_three_hundred().await).await;
    let before = seen_by_people(&world.desk);
    let (yaml, answer) = import(&world, &[]).await;
    let documents = parse_manifests(&yaml).unwrap();
    assert_eq!(documents.len(), 2, "one account, one store");
    let spec = documents[1].data["spec"].clone();
    let people = names(&spec["agents"]);
    assert!(
        people.len() > 270 && !people.contains("Owner") && !people.contains("Integration"),
        "{}",
        people.len()
    );
    let left = answer["left"].as_array().unwrap();
    // Of the departments, the vendor's own stays out: nobody can write a mark into it.
    assert_eq!(people.len() + left.len(), STAFF + 2 + 1, "everybody is in it or named: {left:#?}");
    assert_eq!(names(&spec["departments"]), GROUPS.map(str::to_owned).into());
    for word in ["Owner", "Integration", "a light agent", "no access", "the helpdesk's default department"] {
        assert!(yaml.lines().any(|line| line.starts_with('#') && line.contains(word)), "{word}");
    }
    let file = world.file("store.yaml", &yaml);
    let file = file.to_str().unwrap();
    let checked = world.humansupport(&["validate", file]).await;
    assert_eq!(checked.code, 0, "{checked:?}");
    for one in answer["secrets"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["type"] == "humansupport.dev/webhook-token")
    {
        let values = json!({"host": HANDLER_HOST, "token": HANDLER_TOKEN});
        world.apply(secret(one["name"].as_str().unwrap(), one["type"].as_str().unwrap(), values)).await;
    }

    let plan = world.plan(&[file, "--output", "json"]).await;
    assert_eq!(plan.code, 2, "{plan:?}");
    assert_eq!(plan.held(), Vec::<String>::new());
    let actions: BTreeSet<String> =
        plan.counts().into_keys().map(|key| key.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(actions, BTreeSet::from(["adopt".to_owned()]), "adoptions only");
    let changed: Vec<String> = plan.steps().into_iter().filter(|step| step.contains('[')).collect();
    assert_eq!(changed, ["adopt Webhook/vtex-chatbot [token]"], "no value that people see");
    assert_eq!(plan.counts()["adopt Agent"], people.len());

    let name = documents[1].metadata.name.clone().unwrap();
    for document in &documents {
        world.apply(serde_json::to_value(document).unwrap()).await;
    }
    let mark = world.desk.mark();
    world.start_operator().await;
    let store = world.store(&name, spec);
    store.until_nothing_is_left(LIMIT * 3).await;
    store.settle().await;
    let marks = world.desk.write_counts(mark);
    assert_eq!(marks["PUT /users/update_many"], people.len().div_ceil(100), "a mark is an update: {marks:?}");
    assert!(!marks.contains_key("PUT /users/{id}"), "{marks:?}");
    assert_eq!(seen_by_people(&world.desk), before, "people see what they saw");
    let again = world.plan(&[file, "--output", "json"]).await;
    assert_eq!((again.code, again.json()["changes"].clone()), (0, json!(false)), "{:?}", again.steps());
    nothing_is_left_for_the_next_import(&world, &store).await;
}

/// What is ours is not offered again.
async fn nothing_is_left_for_the_next_import(world: &World, store: &Store) {
    let declared = store.get().await["spec"]["agents"].as_array().unwrap().len();
    let (_, answer) = import(world, &[]).await;
    assert_eq!(answer["documents"][1]["spec"]["agents"], Value::Null);
    let managed = answer["left"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|left| left.as_str().unwrap().contains("managed already"));
    assert!(managed.count() >= declared, "{answer:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_take_a_department_and_an_address_domain_and_refuse_what_is_not_there() {
    let world = World::with_desk(account_of_three_hundred().await).await;
    let (_, answer) = import(&world, &["--department", "vendas", "--email-domain", "loja.example"]).await;
    let spec = &answer["documents"][1]["spec"];
    assert_eq!(names(&spec["departments"]), BTreeSet::from(["Vendas".to_owned()]));
    let agents = of_sales_at_the_store(spec);
    assert!(agents > 20 && agents < 60, "{agents}");
    let other_default =
        |left: &&Value| left.as_str().unwrap().contains("the default department is none of those");
    assert!(answer["left"].as_array().unwrap().iter().any(|left| other_default(&left)), "{answer:#}");
    let file = world.file("account.json", &account().to_string());
    let misspelt = [
        "--account-file",
        file.to_str().unwrap(),
        "--whatsapp-number",
        "+551140028922",
        "--department",
        "Vendass",
    ];
    let refused = world.verb("import", &misspelt).await;
    assert_eq!((refused.code, refused.out.as_str()), (1, ""));
    assert!(refused.err.contains("has no department `Vendass`; did you mean `Vendas`?"), "{refused:?}");
}
