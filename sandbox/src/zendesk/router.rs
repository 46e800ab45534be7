//! From a path to the code of a resource, with everything that is common to all: credentials, limits, headers.
//!
//! Must treat paths with and without `.json` alike, except below `/webhooks`, which has no such form.

use sha2::{Digest, Sha256};

use super::account::Account;
use super::assumptions::{Assumptions, Occurs};
use super::context::{Context, Outcome};
use super::errors::ApiError;
use super::limits::{self, Endpoint};
use super::{
    auth, categories, groups, identities, jobs, memberships, schedules, settings, ticket_fields, tickets,
    triggers, users, webhooks,
};
use crate::simulator::{Answer, Call};

/// Path segments below `/api/v2/`, the suffix taken off; `None` where the path is not of the API.
pub(crate) fn segments(path: &str) -> Option<Vec<&str>> {
    let rest = path.strip_prefix("/api/v2/")?;
    if rest.starts_with("webhooks") {
        return Some(rest.split('/').collect());
    }
    let rest = rest.strip_suffix(".json").unwrap_or(rest);
    Some(rest.split('/').filter(|segment| !segment.is_empty()).collect())
}

/// Answers one request of the API.
pub(crate) fn answer(account: &mut Account, call: &Call, assumptions: &Assumptions) -> Answer {
    let mut headers = Vec::new();
    let mut answer = match admitted(account, call, (assumptions, &mut headers)) {
        Ok(answer) => answer,
        Err(error) => as_text_where_not_asked(error.answer(assumptions), call, assumptions),
    };
    answer.headers.append(&mut headers);
    finish(account, call, answer)
}

fn admitted(
    account: &mut Account,
    call: &Call,
    (assumptions, headers): (&Assumptions, &mut Vec<(String, String)>),
) -> Outcome {
    let segments = segments(&call.path).ok_or_else(ApiError::no_route)?;
    let actor = auth::actor(account, call, &segments, assumptions)?;
    let endpoint = endpoint(account, call, &segments);
    *headers = limits::admit(account, call, endpoint, assumptions)?;
    auth::may(account, actor, call, &segments)?;
    let mut cx = Context { account, call, assumptions, actor, effect: false, warning: None };
    let outcome = route(&mut cx, &segments);
    let (effect, warning) = (cx.effect, cx.warning.take());
    if let Some(warning) = warning {
        headers.push(("x-zendesk-api-warn".to_owned(), warning));
    }
    outcome.map(|answer| Answer { effect, ..answer })
}

/// The endpoint limit that a request falls under.
fn endpoint(account: &Account, call: &Call, segments: &[&str]) -> Endpoint {
    match (call.method.as_str(), segments) {
        ("PUT", ["users", id]) if *id != "update_many" => Endpoint::UserUpdate(id.parse().ok()),
        ("POST", ["users", "create_or_update"]) => {
            let body = call.json().unwrap_or_default();
            let email = body["user"]["email"].as_str().and_then(|email| account.user_by_email(email));
            let external =
                body["user"]["external_id"].as_str().and_then(|id| account.user_by_external_id(id));
            Endpoint::UserUpdate(email.or(external))
        }
        ("POST", ["webhooks", "test"]) => Endpoint::WebhookTest,
        (_, ["webhooks", ..]) => Endpoint::Webhooks,
        ("DELETE", ["deleted_users", _]) => Endpoint::PermanentDeletion,
        _ => Endpoint::Plain,
    }
}

fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    let Some((first, rest)) = segments.split_first() else { return Err(ApiError::no_route()) };
    match (*first, rest) {
        ("users", [id, "identities", rest @ ..]) => identities::route(cx, id, rest),
        ("users", [id, "group_memberships", rest @ ..]) => memberships::of_user(cx, id, rest),
        ("users", [id, "groups"]) => groups::of_user(cx, id),
        ("users", [id, "tickets", rest @ ..]) => tickets::of_user(cx, id, rest),
        ("groups", [id, "users"]) => users::of_group(cx, id),
        ("groups", [id, "memberships", rest @ ..]) => memberships::of_group(cx, id, rest),
        ("users", rest) => users::route(cx, rest),
        ("deleted_users", rest) => users::route_deleted(cx, rest),
        ("groups", rest) => groups::route(cx, rest),
        ("group_memberships", rest) => memberships::route(cx, rest),
        ("webhooks", rest) => webhooks::route(cx, rest),
        ("triggers", rest) => triggers::route(cx, rest),
        ("trigger_categories", rest) => categories::route(cx, rest),
        ("ticket_fields", rest) => ticket_fields::route(cx, rest),
        ("tickets", rest) => tickets::route(cx, rest),
        ("business_hours", ["schedules", rest @ ..]) => schedules::route(cx, rest),
        ("job_statuses", rest) => jobs::route(cx, rest),
        ("account" | "custom_roles", _) => settings::route(cx, segments),
        _ => Err(ApiError::no_route()),
    }
}

fn as_text_where_not_asked(answer: Answer, call: &Call, assumptions: &Assumptions) -> Answer {
    let asked = call.header("accept").is_some_and(|accept| accept.contains("application/json"));
    if asked || answer.status < 400 || assumptions.errors_as_text_without_accept == Occurs::No {
        return answer;
    }
    let body = answer.value();
    let text = body["description"].as_str().or(body["error"].as_str()).unwrap_or("Error").to_owned();
    let headers = answer.headers.into_iter().filter(|(name, _)| name != "content-type");
    let plain = Answer::text(answer.status, &text);
    Answer { headers: plain.headers.into_iter().chain(headers).collect(), ..plain }
}

/// The headers that every reply of the API has.
fn finish(account: &mut Account, call: &Call, mut answer: Answer) -> Answer {
    let mut push = |name: &str, value: String| answer.headers.push((name.to_owned(), value));
    push("x-zendesk-api-version", "v2".to_owned());
    push("x-request-id", account.meters.reply_id(&account.subdomain));
    if call.method == "GET" && answer.status == 200 {
        let digest = Sha256::digest(&answer.body);
        let mut tag = String::new();
        for byte in digest.iter().take(16) {
            tag.push_str(&format!("{byte:02x}"));
        }
        push("etag", format!("W/\"{tag}\""));
    }
    answer
}
