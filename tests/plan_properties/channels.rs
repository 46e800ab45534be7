//! The part of a random world that no person is in: webhooks, routes, the field and the hours.

use human_support_operator::model::*;
use human_support_operator::provider::memory::{Desk, Entry};

use crate::choices::Choices;
use crate::make::{TAG, key, marked, whose};

const EVENTS: [Event; 2] = [Event::AgentReplied, Event::ConversationResolved];

pub(crate) fn webhooks(choices: &mut Choices<'_>, desk: &mut Desk, desired: &mut Desired) {
    for index in 0..2 {
        let key = key("h", index);
        let mut value = Webhook {
            name: RemoteName::new(format!("store/{key}")),
            url: Url::new(format!("https://{key}.example/hook")),
            active: true,
            secret: None,
        };
        let is_declared = choices.chance(60);
        if is_declared {
            let mut declared = value.clone();
            declared.secret = choices.chance(30).then(|| SecretVersion::new("uid/2"));
            desired.webhooks.insert(WebhookKey::new(&key), declared);
        }
        let mut endpoint = None;
        if choices.chance(50) {
            value.active = !choices.chance(15);
            if choices.chance(15) {
                value.name = RemoteName::new("By hand");
            }
            let mark = whose(choices).mark(&ObjectKey::new(Kind::Webhook, marked(choices, &key)));
            let id = desk.new_id();
            desk.webhooks.insert(id.clone(), Entry { mark, value });
            endpoint = Some(id);
        }
        for event in EVENTS {
            routes(choices, (desk, desired), (&key, event, is_declared, endpoint.clone()));
        }
    }
}

fn routes(
    choices: &mut Choices<'_>,
    world: (&mut Desk, &mut Desired),
    of: (&str, Event, bool, Option<ExternalId>),
) {
    let ((desk, desired), (webhook, event, is_declared, endpoint)) = (world, of);
    let key = RouteKey { webhook: WebhookKey::new(webhook), event };
    let mut value = EventRoute {
        title: RemoteName::new(format!("store - {event}")),
        active: true,
        on: Trigger::On(event),
        tag: Tag::new(TAG),
        webhook: Ref::Ours(key.webhook.clone()),
        phone_field: Ref::Nothing,
        body: "{}".to_owned(),
    };
    if is_declared && choices.chance(70) {
        desired.routes.insert(key.clone(), value.clone());
    }
    if choices.chance(35) {
        value.webhook = endpoint.map_or(Ref::Nothing, Ref::Foreign);
        value.active = !choices.chance(20);
        if choices.chance(10) {
            value.on = Trigger::Other("by hand".to_owned());
        }
        let mark = whose(choices).mark(&ObjectKey::new(Kind::EventRoute, &key));
        let id = desk.new_id();
        desk.routes.insert(id, Entry { mark, value });
    }
}

pub(crate) fn fields_and_hours(choices: &mut Choices<'_>, desk: &mut Desk, desired: &mut Desired) {
    let mut field = PhoneField { title: RemoteName::new("WhatsApp store"), active: true };
    if choices.chance(60) {
        desired.phone_fields.insert(PhoneFieldKey, field.clone());
    }
    if choices.chance(50) {
        field.active = !choices.chance(20);
        let mark = whose(choices).mark(&ObjectKey::new(Kind::PhoneField, PhoneFieldKey));
        let id = desk.new_id();
        desk.phone_fields.insert(id, Entry { mark, value: field });
    }
    let hours = |zone: &str| OpeningHours {
        name: RemoteName::new("Hours"),
        time_zone: zone.to_owned(),
        intervals: Vec::new(),
        closed: Vec::new(),
        closed_in_part: Vec::new(),
    };
    if choices.chance(30) {
        desired.hours.insert(OpeningHoursKey, hours("America/Sao_Paulo"));
    }
    if choices.chance(30) {
        let zone = choices.of(&["America/Sao_Paulo", "UTC"]);
        let mark = whose(choices).mark(&ObjectKey::new(Kind::OpeningHours, OpeningHoursKey));
        let id = desk.new_id();
        desk.hours.insert(id, Entry { mark, value: hours(zone) });
    }
    if desired.phone_fields.is_empty() {
        return;
    }
    for route in desired.routes.values_mut() {
        route.phone_field = Ref::Ours(PhoneFieldKey);
    }
}
