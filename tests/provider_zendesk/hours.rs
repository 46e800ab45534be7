//! Business hours as a schedule and its holidays: made, edited, repaired, removed, and left alone where they are not
//! ours or the plan has no place for them.

use std::collections::BTreeMap;
use std::time::Instant;

use human_support_operator::model::*;
use human_support_operator::plan::plan;
use human_support_operator::provider::{Outcome, Provider, Scope};
use sandbox::simulator::{Action, Effect, Rule};
use serde_json::{Value, json};

use crate::world::{Round, SETTLE, World, policy, stamp};

const MARK: &str = "hso1c/0f3c5a1e-1111-2222-3333-444455556666/store-loja-centro/loja-centro/hours/hours";

/// How a world is dealt with.
type PolicyOf = Box<dyn Fn(&World) -> Policy>;

fn day(name: &str, from: &str, to: &str) -> SpecialDay {
    SpecialDay { name: name.to_owned(), from: from.to_owned(), to: to.to_owned() }
}

/// Monday and Tuesday mornings, Friday night into Saturday, two holidays.
fn hours() -> OpeningHours {
    let span = |start, end| Interval { start, end };
    OpeningHours {
        name: RemoteName::new("lojacentro"),
        time_zone: "America/Sao_Paulo".to_owned(),
        intervals: vec![
            span(1440 + 540, 1440 + 720),
            span(2 * 1440 + 540, 2 * 1440 + 720),
            span(5 * 1440 + 1320, 6 * 1440),
            span(6 * 1440, 6 * 1440 + 360),
        ],
        closed: vec![day("Natal", "2026-12-25", "2026-12-25"), day("Recesso", "2026-12-30", "2027-01-02")],
        closed_in_part: Vec::new(),
    }
}

fn declaring(hours: OpeningHours) -> Desired {
    let mut desired = Desired::none();
    desired.hours.insert(OpeningHoursKey, hours);
    desired
}

async fn world(plan: &str) -> World {
    let world = World::start().await;
    world.control("PUT", "accounts/lojacentro", json!({ "plan": plan })).await;
    world
}

async fn converged() -> (World, Desired) {
    let world = world("enterprise").await;
    let desired = world.normalized(declaring(hours()));
    world.converge(&desired).await;
    world.clear_calls();
    (world, desired)
}

fn schedules(world: &World) -> Vec<Value> {
    world.account()["schedules"].as_array().unwrap().clone()
}

fn holidays(schedule: &Value) -> Vec<(String, String, String)> {
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let all = schedule["holidays"].as_array().unwrap().iter();
    let mut all: Vec<_> =
        all.map(|one| (text(one, "start_date"), text(one, "end_date"), text(one, "name"))).collect();
    all.sort();
    all
}

fn owned(texts: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    texts.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
}

/// One round that writes, the writes, and a round that finds nothing to do.
async fn writes_of(world: &World, desired: &Desired, policy: Policy) -> Vec<String> {
    world.round_under(desired, policy.clone()).await.assert_all_applied();
    let writes = world.write_calls();
    tokio::time::sleep(SETTLE).await;
    let after = world.round_under(desired, policy).await;
    assert!(after.plan.is_empty(), "{:?}", after.plan);
    assert_eq!(world.write_calls(), writes, "the round after it writes nothing");
    writes
}

#[tokio::test]
async fn hours_become_a_schedule_with_its_week_and_holidays_and_a_second_round_writes_nothing() {
    let (world, desired) = converged().await;
    let all = schedules(&world);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!(all[0]["name"], format!("lojacentro {MARK}"));
    assert_eq!(all[0]["time_zone"], "Brasilia");
    let span = |start: u16, end: u16| json!({ "start_time": start, "end_time": end });
    let week = [span(1980, 2160), span(3420, 3600), span(8520, 8640), span(8640, 9000)];
    assert_eq!(all[0]["intervals"], json!(week));
    assert_eq!(
        holidays(&all[0]),
        owned(&[("2026-12-25", "2026-12-25", "Natal"), ("2026-12-30", "2027-01-02", "Recesso")])
    );
    for _ in 0..2 {
        assert!(world.round(&desired).await.plan.is_empty());
    }
    assert_eq!(world.write_calls(), Vec::<String>::new());
}

#[tokio::test]
async fn each_edit_takes_the_calls_it_needs() {
    let (world, desired) = converged().await;
    let edit = |change: fn(&mut OpeningHours)| {
        let mut edited = desired.clone();
        change(edited.hours.get_mut(&OpeningHoursKey).unwrap());
        edited
    };
    let schedule = "PUT /business_hours/schedules/{id}";
    let rows: [(Desired, Vec<String>); 5] = [
        (edit(|hours| hours.time_zone = "Europe/Lisbon".to_owned()), vec![schedule.to_owned()]),
        (edit(|hours| hours.intervals.truncate(2)), vec![format!("{schedule}/workweek")]),
        (
            edit(|hours| hours.closed[0].from = "2026-12-24".to_owned()),
            vec![format!("{schedule}/holidays/{{id}}")],
        ),
        (
            edit(|hours| hours.closed.push(day("Obra", "2027-02-01", "2027-02-02"))),
            vec!["POST /business_hours/schedules/{id}/holidays".to_owned()],
        ),
        (
            edit(|hours| hours.closed.truncate(1)),
            vec!["DELETE /business_hours/schedules/{id}/holidays/{id}".to_owned()],
        ),
    ];
    for (edited, expected) in rows {
        world.settle(&desired).await;
        tokio::time::sleep(SETTLE).await;
        world.clear_calls();
        assert_eq!(writes_of(&world, &edited, policy(&world.provider)).await, expected);
    }
}

#[tokio::test]
async fn what_a_person_changes_is_repaired() {
    let (world, desired) = converged().await;
    let before = schedules(&world).remove(0);
    let path = format!("/api/v2/business_hours/schedules/{}", before["id"]);
    let rename = json!({ "schedule": { "name": format!("Minha agenda {MARK}"), "time_zone": "Lisbon" } });
    world.person("PUT", &path, rename).await;
    world
        .person(
            "PUT",
            &format!("{path}/workweek"),
            json!({ "workweek": { "intervals": [
            { "start_time": 0, "end_time": 1440 } ] } }),
        )
        .await;
    let holiday = format!("{path}/holidays/{}", before["holidays"][0]["id"]);
    world.person("DELETE", &holiday, json!({})).await;
    let party =
        json!({ "holiday": { "name": "Festa", "start_date": "2026-12-01", "end_date": "2026-12-01" } });
    world.person("POST", &format!("{path}/holidays"), party).await;
    tokio::time::sleep(SETTLE).await;
    writes_of(&world, &desired, policy(&world.provider)).await;
    let after = schedules(&world).remove(0);
    for member in ["id", "name", "time_zone", "intervals"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert_eq!(holidays(&after), holidays(&before));
}

#[tokio::test]
async fn a_schedule_that_a_person_deleted_is_made_again() {
    let (world, desired) = converged().await;
    let id = schedules(&world)[0]["id"].clone();
    world.person("DELETE", &format!("/api/v2/business_hours/schedules/{id}"), json!({})).await;
    tokio::time::sleep(SETTLE).await;
    world.settle(&desired).await;
    let all = schedules(&world);
    assert_eq!(all.len(), 1);
    assert_ne!(all[0]["id"], id);
    assert_eq!(holidays(&all[0]).len(), 2);
}

#[tokio::test]
async fn our_schedule_goes_with_its_entry_and_stays_with_what_deletion_keeps() {
    let living = |world: &World| policy(&world.provider);
    let deleting = |deletion| {
        move |world: &World| Policy { lifecycle: Lifecycle::Deleting(deletion), ..policy(&world.provider) }
    };
    let policies: [(&str, PolicyOf, usize); 4] = [
        ("the entry is taken out", Box::new(living), 0),
        ("Delete", Box::new(deleting(DeletionPolicy::Delete)), 0),
        ("Deactivate", Box::new(deleting(DeletionPolicy::Deactivate)), 1),
        ("Orphan", Box::new(deleting(DeletionPolicy::Orphan)), 1),
    ];
    for (name, policy, left) in policies {
        let (world, _) = converged().await;
        let policy = policy(&world);
        world.round_under(&Desired::none(), policy).await.assert_all_applied();
        assert_eq!(schedules(&world).len(), left, "{name}");
        let deletes = ["DELETE /business_hours/schedules/{id}".to_owned()];
        assert_eq!(world.write_calls(), deletes[..1 - left], "{name}");
    }
}

/// A round in which a person named a schedule for adoption.
async fn adopting(world: &World, desired: &Desired, id: &str) -> Round {
    let object = ObjectKey::new(Kind::OpeningHours, OpeningHoursKey);
    let named = BTreeMap::from([(object, ExternalId::new(id))]);
    let (stamp, claims) = (stamp(), BTreeMap::new());
    let scope = Scope {
        stamp: &stamp,
        desired,
        claims: &claims,
        named: &named,
        applied_licenses: None,
        not_before: Instant::now(),
    };
    let observed = world.provider.observe(&scope).await.unwrap().observed;
    let policy = Policy { adopt: named.clone(), ..policy(&world.provider) };
    let plan = plan(desired, &observed, &policy);
    let outcomes = world.apply(&plan.steps, &observed).await;
    Round { plan, outcomes }
}

/// A schedule of somebody else, with a holiday.
async fn foreign_schedule(world: &World) -> Value {
    let body = json!({ "schedule": { "name": "Matriz", "time_zone": "Lisbon" } });
    world.person("POST", "/api/v2/business_hours/schedules", body).await;
    let id = schedules(world)[0]["id"].clone();
    let day =
        json!({ "holiday": { "name": "Feriado", "start_date": "2026-12-08", "end_date": "2026-12-08" } });
    world.person("POST", &format!("/api/v2/business_hours/schedules/{id}/holidays"), day).await;
    world.clear_calls();
    schedules(world).remove(0)
}

#[tokio::test]
async fn a_schedule_beyond_the_plan_is_asked_for_once_however_the_vendor_refuses_it() {
    for position in ["forbidden", "invalid"] {
        let world = world("professional").await;
        world.control("PUT", "assumptions", json!({ "scheduleLimit": position })).await;
        let before = foreign_schedule(&world).await;
        let desired = world.normalized(declaring(hours()));
        for _ in 0..3 {
            world.round(&desired).await;
        }
        assert_eq!(world.write_calls(), ["POST /business_hours/schedules"], "{position}");
        let held = world.round(&desired).await.plan.held;
        assert_eq!(held[0].reason, Reason::ManualActionRequired, "{position}");
        let id = &before["id"];
        world.person("DELETE", &format!("/api/v2/business_hours/schedules/{id}"), json!({})).await;
        world.settle(&desired).await;
        assert_eq!(schedules(&world).len(), 1, "{position}: what was full has room again");
    }
}

#[tokio::test]
async fn a_foreign_schedule_on_a_plan_with_one_is_never_overwritten_and_can_be_adopted_and_released() {
    let world = world("professional").await;
    // The declared plan may be wrong: what the vendor refuses is believed, and only once asked.
    let before = foreign_schedule(&world).await;
    let desired = world.normalized(declaring(hours()));
    let first = world.round(&desired).await;
    assert!(matches!(first.outcomes[..], [Outcome::NotApplied(_)]), "{:?}", first.outcomes);
    let id = before["id"].to_string();
    for _ in 0..2 {
        let round = world.round(&desired).await;
        assert!(round.plan.steps.is_empty(), "{:?}", round.plan.steps);
        let held = &round.plan.held[0];
        assert_eq!(held.reason, Reason::ManualActionRequired);
        for words in ["`Matriz`", &format!("its id {id} in `adopt`"), "`SetBusinessHours`"] {
            assert!(held.message.contains(words), "{}", held.message);
        }
    }
    assert_eq!(world.write_calls().len(), 1, "the refused one: {:?}", world.write_calls());
    assert_eq!(schedules(&world), std::slice::from_ref(&before));

    adopting(&world, &desired, &id).await.assert_all_applied();
    let adopted = schedules(&world).remove(0);
    let mark = MARK.replace("hso1c", "hso1a");
    assert_eq!(adopted["id"], before["id"]);
    assert_eq!(adopted["name"], format!("Matriz {mark}"), "people find it under its name");
    assert_eq!(adopted["time_zone"], "Brasilia");
    assert_eq!(holidays(&adopted).len(), 2, "{adopted:#}");
    tokio::time::sleep(SETTLE).await;
    assert!(world.round(&desired).await.plan.is_empty());

    let round = world.round(&Desired::none()).await;
    round.assert_all_applied();
    let released = schedules(&world).remove(0);
    assert_eq!((&released["id"], &released["name"]), (&before["id"], &json!("Matriz")));
}

#[tokio::test]
async fn a_plan_without_schedules_is_a_persons_step_and_no_error() {
    let world = world("team").await;
    let desired = world.normalized(declaring(hours()));
    for position in ["notFound", "forbidden"] {
        world.control("PUT", "assumptions", json!({ "absentSchedules": position })).await;
        let round = world.round(&desired).await;
        assert!(round.plan.steps.is_empty());
        assert_eq!(round.plan.held[0].reason, Reason::ManualActionRequired);
        assert!(round.plan.held[0].message.contains("no schedules"), "{}", round.plan.held[0].message);
    }
    assert_eq!(world.write_calls(), Vec::<String>::new());
    assert!(world.round(&Desired::none()).await.plan.is_empty());
}

#[tokio::test]
async fn a_lost_answer_of_any_call_makes_nothing_twice() {
    for (method, path) in [
        ("POST", "/api/v2/business_hours/schedules"),
        ("PUT", "/api/v2/business_hours/schedules/*/workweek"),
        ("POST", "/api/v2/business_hours/schedules/*/holidays"),
    ] {
        for effect in [Effect::Applied, Effect::None] {
            let world = world("enterprise").await;
            let rule = Rule::new("lost", Action::Reset { effect }).on(method, path).times(1);
            world.desk.faults().set(vec![rule]);
            let desired = world.normalized(declaring(hours()));
            world.settle(&desired).await;
            let all = schedules(&world);
            assert_eq!(all.len(), 1, "{method} {path} {effect:?}: {all:#?}");
            assert_eq!(holidays(&all[0]).len(), 2, "{method} {path} {effect:?}: {all:#?}");
        }
    }
}

#[tokio::test]
async fn every_mapped_zone_is_one_that_the_vendor_knows() {
    let (world, _) = converged().await;
    for zone in [
        "Etc/UTC",
        "Europe/Lisbon",
        "America/New_York",
        "America/Santiago",
        "America/Bogota",
        "America/Lima",
        "America/Mexico_City",
        "America/Argentina/Buenos_Aires",
        "America/Montevideo",
        "America/Caracas",
        "America/La_Paz",
        "Asia/Tokyo",
        "Europe/Kyiv",
        "Asia/Calcutta",
    ] {
        let desired = world.normalized(declaring(OpeningHours { time_zone: zone.to_owned(), ..hours() }));
        world.settle(&desired).await;
    }
}

#[tokio::test]
async fn what_zendesk_cannot_hold_is_told_and_the_rest_is_kept() {
    let world = world("enterprise").await;
    let said = |hours: OpeningHours| -> Vec<String> {
        world.provider.unsupported(&declaring(hours)).into_iter().map(|one| one.message).collect()
    };
    let nowhere = OpeningHours { time_zone: "America/Bahia".to_owned(), ..hours() };
    assert!(said(nowhere.clone())[0].contains("no time zone `America/Bahia`"));
    assert!(world.normalized(declaring(nowhere)).hours.is_empty());
    let in_part = OpeningHours { closed_in_part: vec!["Ponte".to_owned()], ..hours() };
    assert!(said(in_part.clone())[0].contains("whole days"));
    world.converge(&world.normalized(declaring(in_part))).await;
    assert_eq!(said(hours()), Vec::<String>::new());
}
