//! What the report says about business hours.

use super::*;

/// The store with office hours in São Paulo, every step done.
fn with_hours(more: &str) -> HumanSupportConfig {
    let hours = format!(
        "  businessHours:\n    timeZone: America/Sao_Paulo\n    windows: [{{days: [Mon, Tue, Wed, Thu, Fri], from: \"09:00\", to: \"18:00\"}}]\n{more}"
    );
    serde_saphyr::from_str(&format!("{STORE}{hours}")).unwrap()
}

/// What people read when nothing is left to do but the given steps.
fn status_at(config: &HumanSupportConfig, pending: &[StepName], now: &str) -> HumanSupportConfigStatus {
    let mut planned = settled(config);
    planned.pending.retain(|step| pending.contains(&step.name));
    report(StoreResource::new(config), &Round::Planned(Box::new(planned)), now.parse().unwrap()).status
}

#[test]
fn outside_business_hours_a_store_is_not_live_and_says_the_same_until_it_opens() {
    let config = with_hours("    exceptions: [{name: Natal, date: 2026-12-25, yearly: true}]\n");
    let live = |now: &str| condition(&status_at(&config, &[], now), ConditionType::Live);
    let open = live("2026-11-24T12:00:00Z");
    assert_eq!((open.0, open.1.as_str()), (ConditionStatus::True, "Reachable"));
    let friday_evening = live("2026-11-27T21:00:00Z");
    assert_eq!(
        (friday_evening.0, friday_evening.1.as_str()),
        (ConditionStatus::False, "OutsideBusinessHours")
    );
    assert!(
        friday_evening.2.contains("opens on 2026-11-30 at 09:00 (America/Sao_Paulo)"),
        "{}",
        friday_evening.2
    );
    assert_eq!(live("2026-11-30T11:59:59Z"), friday_evening);
    assert!(live("2026-12-25T13:00:00Z").2.contains("opens on 2026-12-28 at 09:00"));
}

#[test]
fn business_hours_are_ready_when_the_helpdesk_has_them_or_a_person_said_so() {
    let config = with_hours("");
    let ready = |planned: Planned| {
        let round = Round::Planned(Box::new(planned));
        condition(&status_of(&config, round), ConditionType::BusinessHoursReady)
    };
    assert_eq!(ready(settled(&config)).0, ConditionStatus::True);
    // A helpdesk without schedules drops them: then they are a person's.
    let mut dropped = settled(&config);
    dropped.desired.hours.clear();
    let situation = Situation {
        spec: &config.spec,
        desired: &dropped.desired,
        observed: &dropped.observed,
        plan: &dropped.plan,
        missing_tokens: &BTreeSet::new(),
        moving_to: None,
        platform: Platform::Zendesk,
        capabilities: &crate::model::Capabilities::default(),
        training: &training::look(&config.spec, None, at(100)).standing,
    };
    dropped.pending = open_steps(&situation);
    let done = Planned { pending: Vec::new(), ..dropped.clone() };
    let (status, reason, message) = ready(dropped);
    assert_eq!((status, reason.as_str()), (ConditionStatus::False, "ManualActionRequired"));
    assert!(message.contains("`SetBusinessHours`"), "{message}");
    assert_eq!(ready(done).0, ConditionStatus::True);
}

#[test]
fn exceptions_that_are_over_are_named_and_refuse_nothing() {
    let config = with_hours(
        "    exceptions: [{name: Mudança, date: 2026-11-23}, {name: Natal, date: 2020-12-25, yearly: true}]\n",
    );
    let status = status_at(&config, &[], "2026-11-24T12:00:00Z");
    let (state, _, message) = condition(&status, ConditionType::BusinessHoursReady);
    assert_eq!(state, ConditionStatus::True);
    assert!(message.ends_with("exceptions that are over and can be taken out: `Mudança`"), "{message}");
}
