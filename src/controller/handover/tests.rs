//! The sheet and the calendar, read back: the calendar by a parser that its generator does not use.

use std::collections::BTreeMap;

use calcard::common::timezone::Tz;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarStatus,
};
use jiff::tz::TimeZoneDatabase;

use super::*;
use crate::api::HumanSupportConfig;
use crate::controller::report::tests::{settled, status_of};
use crate::controller::round::Round;
use crate::controller::texts::LANGUAGES;

const STORE: &str = r#"
apiVersion: humansupport.dev/v1alpha1
kind: HumanSupportConfig
metadata: {name: loja-centro, namespace: store, uid: u-1, generation: 3}
spec:
  accountRef: {kind: HelpdeskAccount, name: zendesk}
  store: lojacentro
  language: en
  whatsapp: {phoneNumber: "+551140028922"}
  departments: [{name: support, displayName: "Suporte | *todos*"}]
  defaultDepartment: support
  agents:
    - {name: ana, displayName: "Ana, Souza; ção", email: ana@loja.example, profile: Agent, departments: [support]}
    - {name: rui, displayName: Rui Lima, email: rui@loja.example, profile: Administrator, until: 2026-12-31}
  webhooks:
    - {name: handler, url: "https://handler.example/hook?token=in-the-url", tokenSecretRef: {name: token}, events: [{name: AgentReplied}]}
  businessHours: {timeZone: America/New_York}
  training:
    sessions:
      - {name: kickoff, startsAt: "2026-12-01T10:00:00-05:00", minutes: 60, audience: {profiles: [Agent]}, location: "Room 2; second floor, on the left"}
      - {name: weekly, startsAt: "2026-10-30T10:00:00-04:00", minutes: 30, repeat: {everyWeeks: 1, times: 3}, audience: {agents: [rui]}}
      - {name: asked, minutes: 30, audience: {agents: [rui]}}
"#;

fn config() -> HumanSupportConfig {
    serde_saphyr::from_str(STORE).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-10-01T12:00:00Z")
}

fn content(config: &HumanSupportConfig, published: Option<&str>, now: Timestamp) -> Content {
    let planned = settled(config);
    let status = status_of(config, Round::Planned(Box::new(planned.clone())));
    let store = StoreResource::new(config);
    let subject = Subject { store, planned: &planned, status: &status, installation: "cluster-1", now };
    draft(&subject).content(published, now)
}

fn calendar(config: &HumanSupportConfig, published: Option<&str>, now: Timestamp) -> String {
    content(config, published, now).calendar.unwrap()
}

fn parsed(text: &str) -> ICalendar {
    assert!(
        text.ends_with("END:VCALENDAR\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']),
        "{text}"
    );
    ICalendar::parse(text).unwrap_or_else(|entry| panic!("{entry:?}\n{text}"))
}

fn event<'a>(calendar: &'a ICalendar, session: &str) -> &'a ICalendarComponent {
    let uid = format!("training-{session}.loja-centro.store@humansupport.dev");
    calendar.components.iter().find(|component| component.uid() == Some(&uid)).unwrap()
}

fn text<'a>(component: &'a ICalendarComponent, property: &ICalendarProperty) -> &'a str {
    component.property(property).unwrap().values[0].as_text().unwrap()
}

fn number(component: &ICalendarComponent, property: &ICalendarProperty) -> i64 {
    component.property(property).unwrap().values[0].as_integer().unwrap()
}

fn stamp(component: &ICalendarComponent) -> i64 {
    let value =
        component.property(&ICalendarProperty::Dtstamp).unwrap().values[0].as_partial_date_time().unwrap();
    value.to_date_time_with_tz(Tz::UTC).unwrap().timestamp()
}

#[test]
fn the_calendar_is_read_back_with_its_text_reminders_and_status() {
    let mut config = config();
    config.spec.training.as_mut().unwrap().sessions[1].outcome =
        Some(crate::api::training::TrainingOutcome::Cancelled);
    let calendar = parsed(&calendar(&config, None, now()));
    let kickoff = event(&calendar, "kickoff");
    assert_eq!(text(kickoff, &ICalendarProperty::Summary), "Training kickoff: lojacentro");
    assert_eq!(text(kickoff, &ICalendarProperty::Description), "Expected: Ana, Souza; ção");
    assert_eq!(text(kickoff, &ICalendarProperty::Location), "Room 2; second floor, on the left");
    assert_eq!(kickoff.status(), Some(&ICalendarStatus::Confirmed));
    assert_eq!(number(kickoff, &ICalendarProperty::Sequence), 0);
    let alarms = |component: &ICalendarComponent| {
        component
            .component_ids
            .iter()
            .filter(|id| calendar.component_by_id(**id).unwrap().component_type.is_alarm())
            .count()
    };
    assert_eq!(alarms(kickoff), 2);
    let weekly = event(&calendar, "weekly");
    assert_eq!(weekly.status(), Some(&ICalendarStatus::Cancelled));
    assert_eq!(alarms(weekly), 0, "nobody is reminded of what does not take place");
    let events = calendar.components.iter().filter(|component| component.component_type.is_event()).count();
    assert_eq!(events, 2, "a requested session has no date to put into a calendar");
}

#[test]
fn a_series_is_read_back_at_the_moments_that_the_operator_reminds_of() {
    let config = config();
    let calendar = parsed(&calendar(&config, None, now()));
    let expanded = calendar.expand_dates(Tz::UTC, 100);
    assert!(expanded.errors.is_empty(), "{:?}", expanded.errors);
    let mut read: Vec<(i64, i64)> = expanded
        .events
        .into_iter()
        .map(|event| event.try_into_date_time().unwrap())
        .map(|event| (event.start.timestamp(), event.end.timestamp()))
        .collect();
    read.sort_unstable();
    let zone = due::zone(&config.spec);
    let mut expected: Vec<(i64, i64)> = crate::controller::training::sessions(&config.spec)
        .flat_map(|session| crate::controller::training::occurrences(session, &zone))
        .map(|time| (time.start.as_second(), time.end.as_second()))
        .collect();
    expected.sort_unstable();
    assert_eq!(read, expected);
    assert_eq!(read.len(), 4);
    let (first, second) = (read[0].0, read[1].0);
    assert_eq!(second - first, 7 * 86_400 + 3600, "the clock goes back in between, the time of day stays");
}

/// The offset that the calendar's own definition of a zone gives at a moment.
fn defined_offset(calendar: &ICalendar, moment: Timestamp) -> i64 {
    let observances = calendar.components.iter().filter(|component| {
        matches!(
            component.component_type,
            ICalendarComponentType::Standard | ICalendarComponentType::Daylight
        )
    });
    let offset = |component: &ICalendarComponent, property: &ICalendarProperty| {
        let value = component.property(property).unwrap().values[0].as_partial_date_time().unwrap();
        let sign = if value.tz_minus { -1 } else { 1 };
        sign * (i64::from(value.tz_hour.unwrap()) * 3600 + i64::from(value.tz_minute.unwrap()) * 60)
    };
    let onset = |component: &ICalendarComponent| {
        let value = component.property(&ICalendarProperty::Dtstart).unwrap().values[0]
            .as_partial_date_time()
            .unwrap();
        value.to_date_time_with_tz(Tz::UTC).unwrap().timestamp()
            - offset(component, &ICalendarProperty::Tzoffsetfrom)
    };
    let current = observances
        .filter(|component| onset(component) <= moment.as_second())
        .max_by_key(|component| onset(component));
    offset(current.unwrap(), &ICalendarProperty::Tzoffsetto)
}

#[test]
fn the_zone_is_defined_for_the_whole_time_of_the_sessions() {
    for name in [
        "America/New_York",
        "America/Sao_Paulo",
        "Asia/Kolkata",
        "Europe/Madrid",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
    ] {
        let mut config = config();
        config.spec.business_hours.as_mut().unwrap().time_zone = name.into();
        config.spec.training.as_mut().unwrap().sessions[1].repeat =
            Some(crate::api::training::TrainingRepeat { every_weeks: 4, times: 52 });
        let calendar = parsed(&calendar(&config, None, now()));
        let zone = TimeZoneDatabase::bundled().get(name).unwrap();
        for session in crate::controller::training::sessions(&config.spec) {
            for time in crate::controller::training::occurrences(session, &zone) {
                let expected = i64::from(zone.to_offset(time.start).seconds());
                assert_eq!(defined_offset(&calendar, time.start), expected, "{name} {}", time.start);
            }
        }
    }
}

#[test]
fn two_rounds_give_equal_bytes_and_a_change_gives_the_next_number() {
    let mut config = config();
    let first = calendar(&config, None, now());
    let later = now() + jiff::SignedDuration::from_hours(5);
    assert_eq!(calendar(&config, Some(&first), later), first);
    config.spec.training.as_mut().unwrap().sessions[0].minutes = 90;
    let second = calendar(&config, Some(&first), later);
    let read = parsed(&second);
    assert_eq!(number(event(&read, "kickoff"), &ICalendarProperty::Sequence), 1);
    assert_eq!(stamp(event(&read, "kickoff")), later.as_second());
    assert_eq!(number(event(&read, "weekly"), &ICalendarProperty::Sequence), 0, "nothing changed here");
    assert_eq!(stamp(event(&read, "weekly")), now().as_second());
    assert_eq!(calendar(&config, Some(&second), later + jiff::SignedDuration::from_hours(5)), second);
}

#[test]
fn a_session_taken_out_is_cancelled_in_the_calendar_until_its_time_has_passed() {
    let mut config = config();
    let first = calendar(&config, None, now());
    let kickoff = config.spec.training.as_mut().unwrap().sessions.remove(0);
    let later = now() + jiff::SignedDuration::from_hours(5);
    let second = calendar(&config, Some(&first), later);
    let read = parsed(&second);
    assert_eq!(event(&read, "kickoff").status(), Some(&ICalendarStatus::Cancelled));
    assert_eq!(number(event(&read, "kickoff"), &ICalendarProperty::Sequence), 1);
    assert!(read.expand_dates(Tz::UTC, 100).errors.is_empty());
    assert_eq!(calendar(&config, Some(&second), later), second, "and it stays as it is");
    config.spec.training.as_mut().unwrap().sessions.push(kickoff);
    let back = parsed(&calendar(&config, Some(&second), later));
    assert_eq!(number(event(&back, "kickoff"), &ICalendarProperty::Sequence), 2, "declared again");
    config.spec.training.as_mut().unwrap().sessions.pop();
    let over = calendar(&config, Some(&second), at("2026-12-02T00:00:00Z"));
    assert!(!over.contains("training-kickoff"), "{over}");
}

#[test]
fn a_calendar_that_somebody_broke_is_as_if_it_had_never_been_published() {
    let config = config();
    let fresh = calendar(&config, None, now());
    for broken in [
        "",
        "nonsense",
        "BEGIN:VEVENT\nUID:x@humansupport.dev\nEND:VEVENT\n",
        "BEGIN:VEVENT\r\nUID:training-kickoff.loja-centro.store@humansupport.dev\r\nDTSTAMP:yesterday\r\nSEQUENCE:7\r\nEND:VEVENT\r\n",
    ] {
        assert_eq!(calendar(&config, Some(broken), now()), fresh, "{broken}");
    }
    let foreign = "BEGIN:VEVENT\nUID:party@elsewhere.example\nDTSTAMP:20260101T000000Z\nX-HUMANSUPPORT-LAST-END:20990101T000000Z\nEND:VEVENT\n";
    assert!(!calendar(&config, Some(foreign), now()).contains("party"));
}

#[test]
fn without_a_date_there_is_no_calendar_at_all() {
    let mut config = config();
    config.spec.training.as_mut().unwrap().sessions.drain(..2);
    assert_eq!(content(&config, None, now()).calendar, None);
}

#[test]
fn the_sheet_names_what_people_pass_on_in_the_stores_language() {
    let mut config = config();
    let headings: BTreeMap<_, _> = LANGUAGES
        .into_iter()
        .map(|language| {
            config.spec.language = language;
            let sheet = content(&config, None, now()).sheet;
            for what in [
                "`622`",
                "`vtex-chatbot`",
                "`cluster-1`",
                "`+551140028922`",
                "Rui Lima (`rui`)",
                "`SendTicketFieldId`",
            ] {
                assert!(sheet.contains(what), "{language:?}: {what}\n{sheet}");
            }
            let headings: Vec<String> =
                sheet.lines().filter(|line| line.starts_with("## ")).map(str::to_owned).collect();
            (format!("{language:?}"), headings)
        })
        .collect();
    assert!(headings["En"].contains(&"## What each profile can do".to_owned()), "{headings:?}");
    assert!(headings["Pt"].contains(&"## O que cada perfil pode fazer".to_owned()), "{headings:?}");
    assert!(headings["Es"].contains(&"## Qué puede hacer cada perfil".to_owned()), "{headings:?}");
    assert!(headings.values().all(|found| found.len() == headings["En"].len()), "{headings:?}");
}

#[test]
fn an_administrator_reads_what_the_profile_can_do() {
    let sheet = content(&config(), None, now()).sheet;
    let line = sheet.lines().find(|line| line.starts_with("- **Administrator**")).unwrap();
    for what in ["Administration module", "attendance panel", "extracts reports", "manages the agents"] {
        assert!(line.contains(what), "{line}");
    }
}

#[test]
fn no_address_no_secret_and_no_markup_of_a_name_is_in_the_sheet_or_the_calendar() {
    let content = content(&config(), None, now());
    let all = format!("{}{}", content.sheet, content.calendar.unwrap());
    for secret in ["ana@loja.example", "rui@loja.example", "in-the-url"] {
        assert!(!all.contains(secret), "{secret}");
    }
    assert!(content.sheet.contains("Suporte \\| \\*todos\\*"), "{}", content.sheet);
}

#[test]
fn the_sheet_has_no_time_of_its_own() {
    let config = config();
    let later = now() + jiff::SignedDuration::from_hours(5);
    assert_eq!(content(&config, None, now()).sheet, content(&config, None, later).sheet);
}

#[test]
fn the_largest_store_fits_into_a_config_map() {
    let mut config = config();
    let mut agent = config.spec.agents[0].clone();
    agent.display_name = "🙂".repeat(100);
    agent.departments = (0..50).map(|number| format!("department-{number:050}")).collect();
    config.spec.agents = (0..2000)
        .map(|number| crate::api::agents::Agent { name: format!("agent-{number:057}"), ..agent.clone() })
        .collect();
    let mut session = config.spec.training.as_ref().unwrap().sessions[0].clone();
    session.location = Some("🙂".repeat(500));
    config.spec.training.as_mut().unwrap().sessions = (0..100)
        .map(|number| crate::api::training::TrainingSession {
            name: format!("s{number:062}"),
            ..session.clone()
        })
        .collect();
    config.spec.departments = (0..200)
        .map(|number| crate::api::agents::Department {
            name: format!("department-{number:050}"),
            display_name: "ç".repeat(100),
            description: Some("ç".repeat(500)),
        })
        .collect();
    let content = content(&config, None, now());
    let size = content.sheet.len() + content.calendar.as_ref().unwrap().len();
    assert!(size < 1_048_576, "{} + {}", content.sheet.len(), size - content.sheet.len());
    parsed(&content.calendar.unwrap());
}

#[test]
fn ordinary_stores_of_two_thousand_agents_are_listed_whole() {
    let mut config = config();
    let agent = config.spec.agents[0].clone();
    config.spec.agents = (0..2000)
        .map(|number| crate::api::agents::Agent {
            name: format!("agent-{number}"),
            display_name: format!("Agent Number {number}"),
            ..agent.clone()
        })
        .collect();
    let sheet = content(&config, None, now()).sheet;
    assert_eq!(sheet.matches("Agent Number").count(), 2000);
}
