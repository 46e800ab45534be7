//! The rules that compare entries with each other. The rules that the CRD has too are compared with it, row by row,
//! in `tests/crd_rules.rs`.

use serde_json::{Value, json};

use super::*;

fn spec() -> Value {
    json!({
        "accountRef": {"kind": "HelpdeskAccount", "name": "zendesk"},
        "store": "lojacentro",
        "whatsapp": {"phoneNumber": "+551140028922"},
        "departments": [{"name": "sales", "displayName": "Vendas"}, {"name": "support", "displayName": "Suporte"}],
        "agents": [
            {"name": "ana", "displayName": "Ana", "email": "ana@loja.example", "profile": "Agent", "departments": ["sales"]},
            {"name": "rui", "displayName": "Rui", "email": "rui@loja.example", "profile": "Agent", "departments": ["support"]},
        ],
    })
}

fn violations_of(pointer: &str, value: Value) -> Vec<String> {
    let mut spec = spec();
    match pointer.rsplit_once('/') {
        Some((parent, name)) if spec.pointer(pointer).is_none() => {
            spec.pointer_mut(parent).unwrap()[name] = value
        }
        _ => *spec.pointer_mut(pointer).unwrap() = value,
    }
    let spec = serde_json::from_value(spec).unwrap();
    validate(&spec).iter().map(ToString::to_string).collect()
}

#[test]
fn a_valid_spec_has_no_violation() {
    assert_eq!(validate(&serde_json::from_value(spec()).unwrap()), []);
}

#[test]
fn unknown_department_of_an_agent_is_named() {
    let expected = "`spec.agents[1].departments[1]`: `billing` is not a department of this store; use the `name` of an entry of `departments`, or add one";
    assert_eq!(violations_of("/agents/1/departments", json!(["support", "billing"])), [expected]);
}

#[test]
fn two_agents_with_one_email_are_named_by_their_keys_and_not_by_the_address() {
    let expected = "`spec.agents[1].email`: agents `ana` and `rui` have the same e-mail address; a person is one entry, with all their departments";
    assert_eq!(violations_of("/agents/1/email", json!("Ana@LOJA.example")), [expected]);
}

#[test]
fn two_departments_with_one_display_name_are_refused() {
    let found = violations_of("/departments/1/displayName", json!("vendas"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("`spec.departments[1]`: another department has the same `displayName`"),
        "{found:?}"
    );
}

#[test]
fn default_department_must_be_listed() {
    let expected =
        "`spec.defaultDepartment`: `defaultDepartment` must be the `name` of an entry of `departments`";
    assert_eq!(violations_of("/defaultDepartment", json!("billing")), [expected]);
    assert_eq!(violations_of("/defaultDepartment", json!("sales")), Vec::<String>::new());
}

#[test]
fn two_webhooks_with_one_url_are_refused() {
    let webhook = |name: &str| json!({"name": name, "url": "https://handler.example/x", "tokenSecretRef": {"name": "token"}, "events": [{"name": "AgentReplied"}]});
    let found = violations_of("/webhooks", json!([webhook("one"), webhook("two")]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("`spec.webhooks[1]`: another webhook has the same `url`"), "{found:?}");
}

fn hours(windows: &Value) -> Value {
    json!({"timeZone": "America/Sao_Paulo", "windows": windows})
}

#[test]
fn overlapping_windows_of_one_day_are_refused() {
    let windows = json!([
        {"days": ["Mon", "Tue"], "from": "09:00", "to": "12:00"},
        {"days": ["Wed"], "from": "09:00", "to": "12:00"},
        {"days": ["Wed", "Tue"], "from": "11:59", "to": "24:00"},
    ]);
    let expected = [
        "`spec.businessHours.windows[2]`: overlaps `windows[0]` on Tue; join the two or move one",
        "`spec.businessHours.windows[2]`: overlaps `windows[1]` on Wed; join the two or move one",
    ];
    assert_eq!(violations_of("/businessHours", hours(&windows)), expected);
}

#[test]
fn windows_that_touch_and_a_night_shift_are_accepted() {
    let windows = json!([
        {"days": ["Mon"], "from": "09:00", "to": "12:00"},
        {"days": ["Mon"], "from": "12:00", "to": "18:00"},
        {"days": ["Mon"], "from": "22:00", "to": "24:00"},
        {"days": ["Tue"], "from": "00:00", "to": "06:00"},
    ]);
    assert_eq!(violations_of("/businessHours", hours(&windows)), Vec::<String>::new());
}

#[test]
fn a_window_that_is_inverted_or_starts_at_the_end_of_the_day_is_refused() {
    let found = |from: &str, to: &str| {
        violations_of("/businessHours", hours(&json!([{"days": ["Mon"], "from": from, "to": to}])))
    };
    for (from, to) in [("18:00", "09:00"), ("09:00", "09:00")] {
        let violations = found(from, to);
        assert_eq!(violations.len(), 1, "{violations:?}");
        assert!(violations[0].contains("a night shift is two windows"), "{violations:?}");
    }
    let violations = found("24:00", "24:00");
    assert!(violations[0].starts_with("`spec.businessHours.windows[0].from`"), "{violations:?}");
    assert!(violations[0].contains("from 00:00 to 23:59"), "{violations:?}");
}

#[test]
fn an_exception_that_would_close_the_store_for_good_is_refused() {
    let found = |to: &str, yearly: bool| {
        let exception = json!({"name": "Obra", "from": "2026-06-01T00:00", "to": to, "yearly": yearly});
        violations_of("/businessHours", json!({"timeZone": "UTC", "exceptions": [exception]}))
    };
    let violations = found("2027-06-01T00:00", true);
    assert_eq!(violations.len(), 1, "{violations:?}");
    assert!(violations[0].contains("must be shorter than a year"), "{violations:?}");
    for (to, yearly) in [("2027-05-31T23:59", true), ("2029-06-01T00:00", false)] {
        assert_eq!(found(to, yearly), Vec::<String>::new());
    }
}

#[test]
fn time_zone_must_be_in_the_database() {
    let expected = "`spec.businessHours.timeZone`: `America/Sao_Pualo` is not in the time zone database; use an IANA name such as `America/Sao_Paulo`";
    assert_eq!(violations_of("/businessHours", json!({"timeZone": "America/Sao_Pualo"})), [expected]);
}

#[test]
fn a_day_that_no_calendar_has_is_refused() {
    let found = violations_of("/agents/0/until", json!("2026-02-30"));
    assert_eq!(found, ["`spec.agents[0].until`: must be a date as year-month-day, for example `2026-12-31`"]);
}

#[test]
fn one_object_is_adopted_once() {
    let adopt =
        json!([{"kind": "Agent", "name": "ana", "id": "1"}, {"kind": "Agent", "name": "rui", "id": "1"}]);
    let expected = "`spec.adopt[1]`: another entry adopts the same `id`; one object becomes one entry";
    assert_eq!(violations_of("/adopt", adopt), [expected]);
}

#[test]
fn a_leaver_who_is_still_named_elsewhere_does_not_block_the_store() {
    let sessions = json!({"sessions": [{"name": "kickoff", "startsAt": "2026-12-01T14:00:00Z", "minutes": 60, "audience": {"agents": ["gone"]}}]});
    assert_eq!(violations_of("/training", sessions), Vec::<String>::new());
    assert_eq!(
        violations_of("/adopt", json!([{"kind": "Agent", "name": "gone", "id": "1"}])),
        Vec::<String>::new()
    );
}

#[test]
fn more_agents_than_the_limit_are_refused() {
    let agents: Vec<_> = (0..3000)
        .map(|i| json!({"name": format!("a{i}"), "displayName": "A", "email": format!("a{i}@loja.example"), "profile": "Agent"}))
        .collect();
    let expected = "`spec.agents`: must have at most 2000 entries, and has 3000";
    assert_eq!(violations_of("/agents", json!(agents)), [expected]);
}

fn steps(names: &[&str]) -> Vec<String> {
    let steps: Vec<Value> = names.iter().map(|name| json!({"name": name, "value": "v"})).collect();
    violations_of("/completedSteps", json!(steps))
}

#[test]
fn a_completed_step_that_does_not_exist_is_refused_with_the_nearest_one() {
    let expected = "`spec.completedSteps[1].name`: there is no step `IntegrateWhatsapp`; the nearest one is `IntegrateWhatsApp`; use a name that `status.pendingSteps` shows";
    assert_eq!(steps(&["SendTicketFieldId", "IntegrateWhatsapp"]), [expected]);
    assert!(steps(&["SendFieldId"])[0].contains("`SendTicketFieldId`"));
}

#[test]
fn a_step_of_the_store_has_no_entry_and_a_step_of_an_entry_names_it() {
    assert_eq!(steps(&["ResetPassword/ana", "AgreeLicenses"]), Vec::<String>::new());
    assert!(steps(&["AgreeLicenses/ana"])[0].contains("one step for the whole store"));
    assert!(steps(&["ResetPassword"])[0].contains("for example `ResetPassword/ana`"));
}

fn sessions(session: Value) -> Vec<String> {
    violations_of("/training", json!({"sessions": [session]}))
}

#[test]
fn a_session_without_an_audience_is_refused_with_what_to_write() {
    for audience in [json!(null), json!({}), json!({"profiles": []})] {
        let found = sessions(json!({"name": "kickoff", "minutes": 60, "audience": audience}));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("`audience: {profiles: [Agent, Administrator]}`"), "{found:?}");
    }
}

#[test]
fn a_session_may_have_no_date_yet_may_be_over_and_may_come_back() {
    let audience = json!({"profiles": ["Agent"]});
    for session in [
        json!({"name": "requested", "minutes": 60, "audience": audience}),
        json!({"name": "over", "startsAt": "2020-01-01T10:00:00Z", "minutes": 60, "audience": audience}),
        json!({"name": "series", "startsAt": "2020-01-01T10:00:00Z", "minutes": 60, "audience": audience,
            "repeat": {"everyWeeks": 2, "times": 3}, "outcome": "Cancelled"}),
    ] {
        assert_eq!(sessions(session), Vec::<String>::new());
    }
    let endless = json!({"name": "series", "startsAt": "2020-01-01T10:00:00Z", "minutes": 60, "audience": audience,
        "repeat": {"everyWeeks": 0, "times": 99}});
    assert_eq!(sessions(endless).len(), 2);
}

#[test]
fn a_short_code_is_refused_with_its_own_reason() {
    let found = violations_of("/whatsapp/phoneNumber", json!("28922"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("short code"), "{found:?}");
    let found = violations_of("/whatsapp/phoneNumber", json!("1140028922"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("E.164"), "{found:?}");
}
