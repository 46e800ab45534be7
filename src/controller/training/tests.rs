//! Who is expected, who has no session, what is due, for stores written by hand.

use super::*;

const STORE: &str = r#"
accountRef: {kind: HelpdeskAccount, name: z}
store: a
whatsapp: {phoneNumber: "+551140028922"}
departments: [{name: sales, displayName: Vendas}, {name: support, displayName: Suporte}]
defaultDepartment: support
businessHours:
  timeZone: America/New_York
  windows: [{days: [Mon, Tue, Wed, Thu, Fri], from: "09:00", to: "18:00"}]
agents:
  - {name: ana, displayName: Ana, email: ana@loja.example, profile: Agent, departments: [support]}
  - {name: bia, displayName: Bia, email: bia@loja.example, profile: Agent, departments: [sales]}
  - {name: rui, displayName: Rui, email: rui@loja.example, profile: Administrator, departments: [support]}
  - {name: leo, displayName: Leo, email: leo@loja.example, profile: Agent, until: 2026-10-31}
  - {name: off, displayName: Off, email: off@loja.example, profile: Agent, active: false}
training: {sessions: []}
"#;

fn spec(sessions: &str) -> HumanSupportConfigSpec {
    serde_saphyr::from_str(&STORE.replace("sessions: []", &format!("sessions: [{sessions}]"))).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn seen(spec: &HumanSupportConfigSpec, remembered: Option<&TrainingStatus>) -> Look {
    look(spec, remembered, at("2026-11-24T12:00:00Z"))
}

fn missing(look: &Look) -> &Missing {
    match &look.standing {
        Standing::Missing(missing) => missing,
        other => panic!("{other:?}"),
    }
}

const FOR_AGENTS: &str =
    r#"{name: kickoff, startsAt: "2026-12-01T10:00:00-05:00", minutes: 60, audience: {profiles: [Agent]}}"#;
const FOR_RUI: &str =
    r#"{name: admin, startsAt: "2026-12-02T10:00:00-05:00", minutes: 60, audience: {agents: [rui]}}"#;

#[test]
fn a_profile_without_a_session_is_named_as_such() {
    let look = seen(&spec(""), None);
    assert_eq!(missing(&look).value, "Agent,Administrator");
    let look = seen(&spec(FOR_AGENTS), None);
    assert_eq!(missing(&look).value, "Administrator");
    assert_eq!(seen(&spec(&format!("{FOR_AGENTS}, {FOR_RUI}")), None).standing, Standing::Scheduled);
}

#[test]
fn attendees_are_the_active_agents_of_the_profiles_and_those_named() {
    let spec = spec(
        r#"{name: s, minutes: 60, audience: {profiles: [Administrator], agents: [bia, leo, off, gone]}}"#,
    );
    let session = sessions(&spec).next().unwrap();
    let today = jiff::civil::date(2026, 11, 24);
    let names: Vec<_> = attendees(&spec, session, today).iter().map(|agent| agent.name.as_str()).collect();
    assert_eq!(names, ["bia", "rui"], "somebody inactive, gone, or past the last day is not expected");
}

#[test]
fn a_requested_session_has_no_date_and_is_not_scheduled_yet() {
    let spec = spec("{name: kickoff, minutes: 60, audience: {profiles: [Agent, Administrator]}}");
    let look = seen(&spec, None);
    assert_eq!(look.standing, Standing::Requested(vec!["kickoff".into()]));
    assert_eq!((look.next, look.reminders.len()), (None, 0));
}

#[test]
fn whoever_came_after_the_last_session_held_needs_one() {
    let held =
        FOR_AGENTS.replace("minutes", "outcome: Held, minutes").replace("[Agent]", "[Agent, Administrator]");
    let mut spec = spec(&held);
    let first = seen(&spec, None);
    assert_eq!(first.standing, Standing::Scheduled);
    let remembered = first.remember.unwrap();
    assert_eq!(remembered.trained, ["ana", "bia", "rui"]);
    let mut newcomer = spec.agents[0].clone();
    newcomer.name = "zoe".into();
    spec.agents.push(newcomer);
    let second = seen(&spec, Some(&remembered));
    assert_eq!(missing(&second).value, "zoe");
    assert_eq!(second.remember.as_ref(), Some(&remembered), "seeing it again trains nobody");
    spec.training.as_mut().unwrap().sessions.push(sessions(&self::spec(FOR_AGENTS)).next().unwrap().clone());
    spec.training.as_mut().unwrap().sessions[1].name = "second".into();
    assert_eq!(seen(&spec, Some(&remembered)).standing, Standing::Scheduled);
    spec.agents.retain(|agent| agent.name != "ana");
    assert_eq!(seen(&spec, Some(&remembered)).remember.unwrap().trained, ["bia", "rui"]);
}

#[test]
fn a_cancelled_session_trains_nobody_and_is_not_next() {
    let look = seen(&spec(&FOR_AGENTS.replace("minutes", "outcome: Cancelled, minutes")), None);
    assert_eq!(missing(&look).value, "Agent,Administrator");
    assert_eq!(look.next, None);
}

#[test]
fn a_series_keeps_its_time_of_day_when_the_clock_changes() {
    let spec = spec(
        r#"{name: s, startsAt: "2026-10-30T10:00:00-04:00", minutes: 60, repeat: {everyWeeks: 1, times: 3}, audience: {agents: [ana]}}"#,
    );
    let zone = due::zone(&spec);
    let starts: Vec<String> = occurrences(sessions(&spec).next().unwrap(), &zone)
        .iter()
        .map(|time| time.start.to_string())
        .collect();
    assert_eq!(starts, ["2026-10-30T14:00:00Z", "2026-11-06T15:00:00Z", "2026-11-13T15:00:00Z"]);
}

#[test]
fn reminders_are_told_once_the_day_before_and_at_the_start() {
    let spec = spec(FOR_AGENTS);
    let start = at("2026-12-01T15:00:00Z");
    let quiet = look(&spec, None, start - SignedDuration::from_hours(25));
    assert_eq!((quiet.reminders.len(), quiet.remember), (0, None));
    let before = look(&spec, None, start - SignedDuration::from_hours(24));
    assert_eq!(before.reminders.len(), 1);
    assert_eq!(
        before.reminders[0].note,
        "training `kickoff` is within a day: 2026-12-01 10:00 (America/New_York)"
    );
    let told = before.remember.unwrap();
    assert_eq!(look(&spec, Some(&told), start - SignedDuration::from_hours(2)).reminders, []);
    let now = look(&spec, Some(&told), start);
    assert_eq!(now.reminders.len(), 1);
    assert!(now.reminders[0].note.contains("starts now"), "{:?}", now.reminders);
    let told = now.remember.unwrap();
    assert_eq!(look(&spec, Some(&told), start + SignedDuration::from_mins(1)).reminders, []);
    assert_eq!(look(&spec, None, start + SignedDuration::from_hours(2)).reminders, [], "it is over");
}

#[test]
fn the_moments_of_a_session_are_the_day_before_its_start_and_its_end() {
    let spec = spec(FOR_AGENTS);
    let start = at("2026-12-01T15:00:00Z");
    let next = |now: Timestamp| next_moment(&spec, now);
    assert_eq!(next(start - SignedDuration::from_hours(48)), Some(start - SignedDuration::from_hours(24)));
    assert_eq!(next(start - SignedDuration::from_hours(24)), Some(start));
    assert_eq!(next(start), Some(start + SignedDuration::from_hours(1)));
    assert_eq!(next(start + SignedDuration::from_hours(1)), None);
}

fn problems_of(session: &str) -> Vec<(Reason, String)> {
    seen(&spec(session), None).problems.into_iter().map(|problem| (problem.reason, problem.message)).collect()
}

#[test]
fn what_is_odd_about_a_session_is_reported() {
    let over = problems_of(&FOR_AGENTS.replace("2026-12-01", "2026-11-02"));
    assert_eq!(
        over,
        [(Reason::ManualActionRequired, "it is over; set its `outcome` to Held or Cancelled".into())]
    );
    assert_eq!(
        problems_of(&FOR_AGENTS.replace("minutes", "outcome: Held, minutes").replace("2026-12", "2020-12")),
        []
    );
    let early = problems_of(&FOR_AGENTS.replace("T10", "T07"));
    assert_eq!(early[0].0, Reason::OutsideBusinessHours);
    assert!(early[0].1.contains("2026-12-01 07:00 on the store's clock"), "{early:?}");
    let everybody = problems_of(&FOR_AGENTS.replace("[Agent]", "[Agent, Administrator]"));
    assert_eq!(everybody[0].0, Reason::NoAgentAvailable);
    assert!(everybody[0].1.contains("`support`"), "{everybody:?}");
    let nobody = problems_of(r#"{name: s, minutes: 60, audience: {agents: [gone]}}"#);
    assert_eq!(nobody.len(), 2);
    assert!(nobody[1].1.contains("`gone`"), "{nobody:?}");
    assert_eq!(problems_of(FOR_AGENTS), []);
}

#[test]
fn many_people_without_a_session_fit_into_the_steps_value() {
    let held =
        FOR_AGENTS.replace("minutes", "outcome: Held, minutes").replace("[Agent]", "[Agent, Administrator]");
    let mut spec = spec(&held);
    let remembered = seen(&spec, None).remember.unwrap();
    for number in 0..500 {
        let mut agent = spec.agents[0].clone();
        agent.name = format!("agent-{number}");
        spec.agents.push(agent);
    }
    let look = seen(&spec, Some(&remembered));
    let value = &missing(&look).value;
    assert!(value.len() <= 128 && value.contains(",+"), "{value}");
}
