//! Which steps are open, for stores written by hand.

use std::collections::BTreeSet;

use super::*;
use crate::api::config::{CompletedStep, Licenses};
use crate::model::{Origin, PhoneField, Remote, RemoteName, StepScope};

const STORE: &str = r#"
accountRef: {kind: HelpdeskAccount, name: zendesk}
store: lojacentro
whatsapp: {phoneNumber: "+551140028922"}
licenses: {quantity: 12}
webhooks:
  - {name: one, url: "https://handler.example/1", tokenSecretRef: {name: token-one}, events: [{name: AgentReplied}]}
  - {name: two, url: "https://handler.example/2", tokenSecretRef: {name: token-two}, events: [{name: AgentReplied}]}
businessHours:
  timeZone: America/Sao_Paulo
  windows: [{days: [Mon], from: "09:00", to: "18:00"}]
  unavailableMessage: Voltamos amanhã.
"#;

fn spec() -> HumanSupportConfigSpec {
    serde_saphyr::from_str(STORE).unwrap()
}

fn observed() -> Observed {
    let owner = Owner::Us { key: "whatsapp-number".into(), origin: Origin::Created, mark_is_current: true };
    let value = PhoneField { title: RemoteName::new("WhatsApp lojacentro"), active: true };
    Observed { phone_fields: vec![Remote { id: "622".into(), owner, value }], ..Observed::default() }
}

fn open(spec: &HumanSupportConfigSpec, missing: &[&str]) -> Vec<PendingStep> {
    let missing_tokens: BTreeSet<WebhookKey> = missing.iter().copied().map(WebhookKey::new).collect();
    open_steps(&Situation {
        spec,
        desired: &Desired::default(),
        observed: &observed(),
        plan: &Plan::default(),
        missing_tokens: &missing_tokens,
        moving_to: None,
        platform: Platform::Zendesk,
        capabilities: &crate::model::Capabilities::default(),
        training: &Standing::Scheduled,
    })
}

fn titles(steps: &[PendingStep]) -> Vec<String> {
    steps.iter().map(PendingStep::title).collect()
}

fn complete(spec: &mut HumanSupportConfigSpec, steps: &[PendingStep]) {
    spec.completed_steps.extend(
        steps.iter().map(|step| CompletedStep { name: step.title(), value: Some(step.value.clone()) }),
    );
}

#[test]
fn several_steps_of_one_name_are_told_apart_by_their_entry_and_none_is_hidden() {
    let steps = open(&spec(), &["one", "two"]);
    let tokens: Vec<_> =
        steps.iter().filter(|step| step.name == StepName::ReceiveHandlerToken).cloned().collect();
    assert_eq!(titles(&tokens), ["ReceiveHandlerToken/one", "ReceiveHandlerToken/two"]);
    assert_eq!(tokens[1].value, "token-two");
    assert!(tokens[1].why.contains("`two`") && tokens[1].how.contains("`token-two`"), "{:?}", tokens[1]);
}

#[test]
fn what_customers_wait_for_comes_first() {
    let steps = open(&spec(), &["one"]);
    let blocking: Vec<bool> = steps.iter().map(|step| step.blocks_live).collect();
    let mut sorted = blocking.clone();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(blocking, sorted);
    assert_eq!(steps[0].name, StepName::IntegrateWhatsApp);
}

#[test]
fn completed_steps_are_closed_and_open_again_when_their_value_changes() {
    let mut spec = spec();
    let steps = open(&spec, &[]);
    complete(&mut spec, &steps);
    assert_eq!(titles(&open(&spec, &[])), Vec::<String>::new());
    spec.licenses = Some(Licenses { quantity: 13 });
    spec.conversation_tag = "another".into();
    spec.whatsapp.phone_number = "+551140028923".into();
    spec.human_support = crate::api::policies::HumanSupport::Disabled;
    let hours = spec.business_hours.as_mut().unwrap();
    hours.windows[0].to = "19:00".into();
    hours.unavailable_message = Some("Até logo.".into());
    let expected = [
        "IntegrateWhatsApp",
        "SendConversationTag",
        "AgreeLicenses",
        "DisableHumanSupport",
        "SetBusinessHours",
        "SetUnavailableMessage",
    ];
    assert_eq!(titles(&open(&spec, &[])), expected);
}

#[test]
fn what_the_operator_sees_is_not_closed_by_a_persons_word() {
    let mut spec = spec();
    let steps = open(&spec, &["one"]);
    complete(&mut spec, &steps);
    assert_eq!(titles(&open(&spec, &["one"])), ["ReceiveHandlerToken/one"], "the Secret is still missing");
    assert_eq!(titles(&open(&spec, &[])), Vec::<String>::new());
}

#[test]
fn without_a_declared_number_the_step_confirms_that_none_is_agreed() {
    let mut spec = spec();
    spec.licenses = None;
    let steps = open(&spec, &[]);
    let step = steps.iter().find(|step| step.name == StepName::AgreeLicenses).unwrap();
    assert_eq!(step.value, NO_LICENSES);
    spec.completed_steps.push(CompletedStep { name: "AgreeLicenses".into(), value: Some("none".into()) });
    assert!(!titles(&open(&spec, &[])).contains(&"AgreeLicenses".to_owned()));
    spec.licenses = Some(Licenses { quantity: 3 });
    assert!(titles(&open(&spec, &[])).contains(&"AgreeLicenses".to_owned()), "a number must be agreed");
}

#[test]
fn every_step_says_why_and_how_without_a_placeholder_left() {
    for name in StepName::ALL {
        let built = match name.scope() {
            StepScope::Store => step(name, "some value"),
            StepScope::Entry => entry_step(name, "an-entry", "some value"),
        };
        for text in [&built.why, &built.how] {
            assert!(!text.contains(['{', '}']), "{name}: {text}");
            assert!(text.len() <= 1024, "{name}: the status has room for 1024 bytes");
        }
        assert_eq!(StepName::parse(&name.to_string()), Some(name));
    }
}
