//! What the report says about licenses.

use super::*;

/// `LicensesReady` of a store on Zenvia whose interface can do this with licenses, once the partner has agreed.
fn zenvia_licenses(config: &HumanSupportConfig, support: Support) -> (ConditionStatus, String, String) {
    let mut config = config.clone();
    let agreed = crate::api::config::CompletedStep { name: "AgreeLicenses".into(), value: Some("12".into()) };
    config.spec.completed_steps.push(agreed);
    let config = &config;
    let mut planned = settled(config);
    planned.side.platform = Platform::Zenvia;
    planned.capabilities.kinds.insert(Kind::License, support);
    let status = status_of(config, Round::Planned(Box::new(planned)));
    assert_eq!(condition(&status, ConditionType::Ready).0, ConditionStatus::True);
    condition(&status, ConditionType::LicensesReady)
}

#[test]
fn licenses_that_nobody_can_read_back_are_never_called_in_sync() {
    let (status, reason, message) = zenvia_licenses(&store(), Support::WriteOnly);
    assert_eq!((status, reason.as_str()), (ConditionStatus::True, "AppliedUnverified"));
    assert!(message.starts_with("12 licenses"), "{message}");
}

#[test]
fn licenses_that_an_interface_does_not_have_are_unknown_until_the_number_is_confirmed() {
    let mut config = store();
    for value in ["11", "12"] {
        let (status, reason, message) = zenvia_licenses(&config, Support::BudgetOnly);
        assert_eq!(
            (status, reason.as_str()),
            (ConditionStatus::Unknown, "ManualActionRequired"),
            "{message}"
        );
        config.spec.completed_steps.retain(|step| step.name != "SetLicenses");
        let step =
            crate::api::config::CompletedStep { name: "SetLicenses".into(), value: Some(value.into()) };
        config.spec.completed_steps.push(step);
    }
    let (status, reason, _) = zenvia_licenses(&config, Support::BudgetOnly);
    assert_eq!((status, reason.as_str()), (ConditionStatus::True, "InSync"));
}

#[test]
fn more_active_agents_than_a_lowered_license_are_counted() {
    let mut config = store();
    let Step::Agent(Change::Create { value, .. }) = create_ana(&config) else { panic!("an agent") };
    let mut planned = settled(&config);
    for key in ["ana", "rui", "zoe"] {
        let owner = Owner::Us { key: key.into(), origin: Origin::Created, mark_is_current: true };
        planned.observed.agents.push(Remote { id: key.into(), owner, value: value.clone() });
    }
    planned.observed.agents.push(Remote { id: "9".into(), owner: Owner::Nobody, value });
    for (quantity, expected) in [(3, "InSync"), (1, "LicensesExceeded")] {
        config.spec.licenses.as_mut().unwrap().quantity = quantity;
        let agreed = crate::api::config::CompletedStep {
            name: "AgreeLicenses".into(),
            value: Some(quantity.to_string()),
        };
        config.spec.completed_steps = vec![agreed];
        let status = status_of(&config, Round::Planned(Box::new(planned.clone())));
        let (_, reason, message) = condition(&status, ConditionType::LicensesReady);
        assert_eq!(reason, expected, "{message}");
        if quantity == 1 {
            assert!(
                message.contains("3 agents are active and 1 licenses are declared, 2 too few"),
                "{message}"
            );
        }
    }
}
