//! Business hours: what an edit costs, what a person must do where a helpdesk has no place for them, and what `Live`
//! says while a store is closed.

use jiff::ToSpan;
use reqwest::Method;
use serde_json::{Value, json};

use crate::edits::Table;
use crate::harness::{ACCOUNT, STORE, Store, World, calls, condition, message, small};

/// Office hours in São Paulo with one holiday.
fn hours() -> Value {
    json!({"timeZone": "America/Sao_Paulo",
        "windows": [{"days": ["Mon", "Tue", "Wed", "Thu", "Fri"], "from": "09:00", "to": "18:00"}],
        "exceptions": [{"name": "Natal", "date": "2026-12-25", "yearly": true}]})
}

/// A change of a declaration.
type Edit = Box<dyn FnOnce(&mut Value)>;

fn spec() -> Value {
    let mut spec = small();
    spec["businessHours"] = hours();
    spec
}

fn pending(object: &Value, name: &str) -> Value {
    let steps = object["status"]["pendingSteps"].as_array().cloned().unwrap_or_default();
    steps.into_iter().find(|step| step["name"] == name).unwrap_or(Value::Null)
}

async fn until_hours(store: &Store, expected: (&str, &str)) -> Value {
    store.until_condition(("BusinessHoursReady", expected.0, expected.1)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_of_business_hours_take_exactly_the_calls_they_need() {
    let mut world = World::new().await;
    let mut store = world.onboard(spec()).await;
    until_hours(&store, ("True", "InSync")).await;
    let mut table = Table::default();
    let schedule = "/business_hours/schedules/{id}";
    let (zone, week) = (format!("PUT {schedule}"), format!("PUT {schedule}/workweek"));
    let (add, change) = (format!("POST {schedule}/holidays"), format!("PUT {schedule}/holidays/{{id}}"));
    let (drop, delete) = (format!("DELETE {schedule}/holidays/{{id}}"), format!("DELETE {schedule}"));
    let named = |pointer: &'static str, value: Value| {
        move |spec: &mut Value| *spec.pointer_mut(pointer).unwrap() = value
    };
    let edits: [(&str, (&str, usize), Edit); 6] = [
        ("close earlier", (&week, 1), Box::new(named("/businessHours/windows/0/to", json!("17:00")))),
        (
            "move to another zone",
            (&zone, 1),
            Box::new(named("/businessHours/timeZone", json!("Europe/Lisbon"))),
        ),
        (
            "add a yearly holiday",
            (&add, 3),
            Box::new(|spec| {
                let day = json!({"name": "Carnaval", "date": "2026-02-17", "yearly": true});
                spec["businessHours"]["exceptions"].as_array_mut().unwrap().push(day);
            }),
        ),
        (
            "move a yearly holiday",
            (&change, 3),
            Box::new(named("/businessHours/exceptions/0/date", json!("2026-12-24"))),
        ),
        (
            "take a yearly holiday out",
            (&drop, 3),
            Box::new(|spec| drop_last(&mut spec["businessHours"]["exceptions"])),
        ),
        (
            "take the hours out",
            (&delete, 1),
            Box::new(|spec| {
                spec.as_object_mut().unwrap().remove("businessHours");
            }),
        ),
    ];
    for (name, needed, change) in edits {
        table.edit((&world, &mut store), (name, &[needed]), change).await;
    }
    assert!(world.desk.all("schedules").is_empty());
    table.check();
}

fn drop_last(list: &mut Value) {
    list.as_array_mut().unwrap().pop();
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_plan_without_schedules_the_hours_are_a_step_that_lapses_when_they_change() {
    let mut world = World::new().await;
    world.desk.control(Method::PUT, &format!("accounts/{ACCOUNT}"), json!({"plan": "team"})).await;
    let mut store = world.onboard(spec()).await;
    let object = until_hours(&store, ("False", "ManualActionRequired")).await;
    let value = "America/Sao_Paulo, Mon Tue Wed Thu Fri 09:00-18:00; Natal 2026-12-25 yearly";
    assert_eq!(pending(&object, "SetBusinessHours")["value"], value);
    assert_eq!(condition(&object, "Ready")["status"], "True", "{}", message(&object, "Ready"));
    store.do_pending_steps().await;
    until_hours(&store, ("True", "InSync")).await;
    store.edit(|spec| spec["businessHours"]["windows"][0]["to"] = json!("17:00")).await;
    let object = until_hours(&store, ("False", "ManualActionRequired")).await;
    assert_eq!(pending(&object, "SetBusinessHours")["value"], value.replace("18:00", "17:00"));
    let writes = world.desk.write_counts(0);
    assert!(writes.keys().all(|operation| !operation.contains("business_hours")), "{writes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_schedule_on_a_plan_with_one_is_named_and_taken_over_only_when_a_person_says_so() {
    let mut world = World::new().await;
    let theirs = json!({"schedule": {"name": "Matriz", "time_zone": "Lisbon"}});
    let theirs =
        world.desk.person(Method::POST, "business_hours/schedules", theirs).await["schedule"].clone();
    let mut store = world.onboard(spec()).await;
    let object = until_hours(&store, ("False", "ManualActionRequired")).await;
    let said = object["status"]["problems"].to_string();
    assert!(said.contains(&format!("`Matriz` (id {})", theirs["id"])), "{said}");
    let untouched = world.desk.one("schedules", "name", "Matriz");
    for member in ["id", "time_zone", "intervals"] {
        assert_eq!(untouched[member], theirs[member], "{member}");
    }
    let mark = world.desk.mark();
    let adopt = json!([{"kind": "Schedule", "name": "hours", "id": theirs["id"].to_string()}]);
    store.edit(|spec| spec["adopt"] = adopt).await;
    until_hours(&store, ("True", "InSync")).await;
    let all = world.desk.all("schedules");
    assert_eq!(all.len(), 1);
    assert_eq!((&all[0]["id"], &all[0]["time_zone"]), (&theirs["id"], &json!("Brasilia")));
    assert!(all[0]["name"].as_str().unwrap().starts_with("Matriz hso1a/"), "{}", all[0]["name"]);
    let schedule = "/business_hours/schedules/{id}";
    let needed = calls(&[
        (&format!("PUT {schedule}"), 1),
        (&format!("PUT {schedule}/workweek"), 1),
        (&format!("POST {schedule}/holidays"), 3),
    ]);
    assert_eq!(world.desk.write_counts(mark), needed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_store_is_not_live_and_says_when_it_opens() {
    let mut world = World::new().await;
    let now = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC);
    let opens = now.checked_add(3.days()).unwrap();
    let mut spec = small();
    spec["businessHours"] = json!({"timeZone": "UTC", "unavailableMessage": "Voltamos logo.",
        "windows": [{"days": [opens.strftime("%a").to_string()], "from": "09:00", "to": "18:00"}]});
    let mut store = world.onboard(spec).await;
    assert_eq!(pending(&store.get().await, "SetUnavailableMessage")["value"], "Voltamos logo.");
    store.do_pending_steps().await;
    let object = store.until_condition(("Live", "False", "OutsideBusinessHours")).await;
    let said = message(&object, "Live");
    let day = opens.strftime("%Y-%m-%d at 09:00");
    assert!(said.contains(&format!("opens on {day} (UTC)")), "{said}");
    let version = store.settle().await["metadata"]["resourceVersion"].clone();
    let again = store.get().await["metadata"]["resourceVersion"].clone();
    assert_eq!(version, again, "the text says when it opens, not in how long");

    store.edit(|spec| spec["businessHours"]["unavailableMessage"] = json!("Até amanhã.")).await;
    let lapsed = store.until("the new message is open", |object| {
        pending(object, "SetUnavailableMessage")["value"] == "Até amanhã."
    });
    lapsed.await;
    store.edit(|spec| spec["humanSupport"] = json!("Disabled")).await;
    let object = store.until_condition(("Live", "False", "HumanSupportDisabled")).await;
    assert!(pending(&object, "DisableHumanSupport")["how"].is_string(), "{object:#}");
    assert_eq!(condition(&object, "Ready")["status"], "True");
    assert_eq!(
        world.desk.one("webhooks", "name", "lojacentro/handler")["status"],
        "active",
        "answers to open conversations still reach their customers"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_of_one_day_that_overlap_are_refused_and_named() {
    let mut world = World::new().await;
    world.start_operator().await;
    let mut spec = spec();
    let evening = json!({"days": ["Fri", "Sat"], "from": "17:00", "to": "20:00"});
    spec["businessHours"]["windows"].as_array_mut().unwrap().push(evening);
    let store = world.store(STORE, spec);
    store.apply().await;
    let said = store.until_stalled("InvalidSpec").await;
    let words = "`spec.businessHours.windows[1]`: overlaps `windows[0]` on Fri; join the two or move one";
    assert!(said.contains(words), "{said}");
    assert!(world.desk.write_counts(0).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn exceptions_that_are_over_are_accepted_and_named() {
    let mut world = World::new().await;
    let mut spec = spec();
    let over = json!({"name": "Mudança", "date": "2020-03-02"});
    spec["businessHours"]["exceptions"].as_array_mut().unwrap().push(over);
    let store = world.onboard(spec).await;
    let object = until_hours(&store, ("True", "InSync")).await;
    let said = message(&object, "BusinessHoursReady");
    assert!(said.contains("`Mudança`") && !said.contains("`Natal`"), "a yearly one comes again: {said}");
}
