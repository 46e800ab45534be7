//! What no source settles about Zendesk: each is a switch with its positions, the first named being the default.
//!
//! Must stay the only place of such guesses: behavior that is documented or recorded has no switch. Set at start
//! (`--assume key=value`), in code, or while running (`PUT /_sandbox/assumptions` with the members to change).

use serde::{Deserialize, Serialize};
use serde_json::Value;

macro_rules! positions {
    ($(#[$doc:meta])* $name:ident { $(#[$first_doc:meta])* $first:ident, $($(#[$rest_doc:meta])* $rest:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum $name { $(#[$first_doc])* #[default] $first, $($(#[$rest_doc])* $rest),+ }
    };
}

positions! {
    /// Whether something that is said to happen does.
    Happens { /// It does.
        Yes, /// It does not.
        No }
}
positions! {
    /// Whether something that is not said to happen does.
    Occurs { /// It does not.
        No, /// It does.
        Yes }
}
positions! {
    /// Shape of the refusal when the seats are used up. The token `MaxAgentExceeded` is in each.
    SeatError { /// `details.role[].error`.
        Details, /// `details.base[].description`.
        Base, /// A plain-text body.
        Text }
}
positions! {
    /// Shape of webhook errors.
    WebhookErrors { /// `{"errors":[{code,title,…}]}`.
        JsonApi, /// `{"error","description"}`.
        Support }
}
positions! {
    /// What a second membership of the same user and group gets.
    DuplicateMembership { /// 422 with `details`.
        Refused, /// 201 with the membership that exists.
        Existing }
}
positions! {
    /// What deleting something that is in use gets.
    InUse { /// An error.
        Refused, /// It is deleted.
        Deleted }
}
positions! {
    /// What `GET /groups/{id}` says of a deleted group.
    DeletedGroup { /// 200 with `deleted: true`.
        Shown, /// 404.
        Gone }
}
positions! {
    /// What `GET /users/me` answers to wrong credentials.
    WrongCredentialsOnMe { /// 401.
        Unauthorized, /// 200 with the anonymous user.
        Anonymous }
}
positions! {
    /// Body of a 401 or 403.
    AuthErrorBody { /// `{"error":"…"}`.
        Plain, /// `{"error":{"title":"…","message":"…"}}`.
        Object }
}
positions! {
    /// Body of the 429 of the limit per updated user.
    PerUserLimitBody { /// Plain text.
        Text, /// JSON.
        Json }
}
positions! {
    /// Who gets the unsolved tickets of an agent that is removed or downgraded.
    TicketsOfRemoved { /// The user who acts.
        ActingUser, /// The longest-standing other agent of the ticket's group.
        OldestOfGroup }
}
positions! {
    /// What a `PUT` of a trigger with only conditions or only actions does to the other.
    PartialTriggerUpdate { /// The other is emptied.
        Clears, /// The other stays.
        Keeps }
}
positions! {
    /// What `GET /account/subscription` answers.
    Subscription { /// 404.
        Absent, /// The plan's name only.
        PlanOnly, /// Plan and `max_agents`.
        WithSeats }
}
positions! {
    /// How `GET /ticket_fields` answers `page[size]`.
    TicketFieldPaging { /// Cursor pages.
        Cursor, /// Everything at once, as if not asked.
        Ignored }
}
positions! {
    /// What one schedule more than the plan has gets.
    ScheduleLimit { /// 403.
        Forbidden, /// 422 with `details.base`.
        Invalid }
}
positions! {
    /// What the schedules of a plan without them get.
    AbsentSchedules { /// 404.
        NotFound, /// 403.
        Forbidden }
}

positions! {
    /// What `PUT /users/update_many` gets where bulk import is not enabled.
    BulkUserUpdates { /// 403, as an import.
        LikeImports, /// A job.
        Allowed }
}
positions! {
    /// What the results of a job say of an item.
    JobResults { /// Its place, its id and whether it succeeded.
        Indexed, /// Its id and what was done, as it was recorded; of a failure the words and no place.
        Recorded }
}

/// Every unsettled point with the position the simulator takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Assumptions {
    /// Shape of the refusal when seats run out (the token is reported by third parties, the rest is unknown).
    pub seat_error: SeatError,
    /// Its status: 422 is likely.
    pub seat_error_status: u16,
    /// A downgrade to end user drops the group memberships (inferred).
    pub downgrade_drops_memberships: Happens,
    /// A new agent joins the default group, which becomes the agent's default (inferred from recordings).
    pub agents_join_default_group: Happens,
    /// A membership job honors `default` of its items (the documentation calls the property writable; no job was seen).
    pub jobs_honor_default: Happens,
    /// Updates of users by job without bulk import (the documentation switches imports off, and names both together).
    pub bulk_user_updates: BulkUserUpdates,
    /// A job of users writes `external_id` beside `id` (each of the two can name a user; no job with both was seen).
    pub user_jobs_write_external_id: Happens,
    /// What the results of a job say (a recording shows two members, the documentation more).
    pub job_results: JobResults,
    /// What a second membership of the same pair gets.
    pub duplicate_membership: DuplicateMembership,
    /// Removing a membership that is the user's default: deleted, the oldest other one becomes the default; or refused.
    pub default_membership: DefaultMembership,
    /// Shape of webhook errors (no recording of a failure exists).
    pub webhook_errors: WebhookErrors,
    /// Deleting a webhook that an active trigger uses.
    pub webhook_in_use: InUse,
    /// Most webhooks an account may have; null: no cap (unknown for paid plans).
    pub max_webhooks: Option<usize>,
    /// Most triggers an account may have; null: no cap.
    pub max_triggers: Option<usize>,
    /// Most groups an account may have; null: no cap.
    pub max_groups: Option<usize>,
    /// Trigger titles must be unique (not seen to be).
    pub trigger_titles_unique: Occurs,
    /// What a partial update of a trigger does.
    pub partial_trigger_update: PartialTriggerUpdate,
    /// Status of `TooManyJobs`.
    pub too_many_jobs_status: u16,
    /// Body of a 401 or 403.
    pub auth_error_body: AuthErrorBody,
    /// What `GET /users/me` answers to wrong credentials (without any it is the anonymous user).
    pub wrong_credentials_on_me: WrongCredentialsOnMe,
    /// Errors are plain text for a request without `Accept: application/json`.
    pub errors_as_text_without_accept: Occurs,
    /// `GET /users?external_id=` and `show_many?external_ids=` lag like the search index.
    pub external_id_filter_lags: Occurs,
    /// A new agent is e-mailed unless `skip_verify_email` is set (unsourced).
    pub agents_are_emailed: Happens,
    /// The e-mail and external id of a deleted user are free again (unsourced).
    pub deletion_frees_identifiers: Happens,
    /// What `GET /groups/{id}` says of a deleted group.
    pub deleted_group: DeletedGroup,
    /// Status of an attempt to edit the account owner or the default group.
    pub immutable_status: u16,
    /// Body of the per-user 429.
    pub per_user_limit_body: PerUserLimitBody,
    /// Who gets the unsolved tickets of a removed agent.
    pub tickets_of_removed: TicketsOfRemoved,
    /// What the undocumented subscription endpoint answers.
    pub subscription: Subscription,
    /// How `GET /ticket_fields` pages.
    pub ticket_field_paging: TicketFieldPaging,
    /// How a schedule beyond the plan's number is refused (third parties name the number, nobody the answer).
    pub schedule_limit: ScheduleLimit,
    /// How a plan without schedules answers their collection.
    pub absent_schedules: AbsentSchedules,
    /// On Enterprise `ticket_restriction` is governed by the custom role and ignored in requests (inferred).
    pub custom_role_governs_restriction: Happens,
    /// Simulated milliseconds until a created object shows in lists (it can be read by id at once).
    pub list_delay_milliseconds: u64,
    /// Simulated milliseconds until a created or changed user is found by search.
    pub search_delay_milliseconds: u64,
    /// Simulated milliseconds a job is queued.
    pub job_queued_milliseconds: u64,
    /// Simulated milliseconds a job works.
    pub job_working_milliseconds: u64,
}

positions! {
    /// What removing a membership that is the user's default gets.
    DefaultMembership { /// It is removed; another one becomes the default.
        Moves, /// 422.
        Refused }
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            seat_error: SeatError::default(),
            seat_error_status: 422,
            downgrade_drops_memberships: Happens::Yes,
            agents_join_default_group: Happens::Yes,
            jobs_honor_default: Happens::Yes,
            bulk_user_updates: BulkUserUpdates::default(),
            user_jobs_write_external_id: Happens::Yes,
            job_results: JobResults::default(),
            duplicate_membership: DuplicateMembership::default(),
            default_membership: DefaultMembership::default(),
            webhook_errors: WebhookErrors::default(),
            webhook_in_use: InUse::default(),
            max_webhooks: None,
            max_triggers: None,
            max_groups: None,
            trigger_titles_unique: Occurs::No,
            partial_trigger_update: PartialTriggerUpdate::default(),
            too_many_jobs_status: 429,
            auth_error_body: AuthErrorBody::default(),
            wrong_credentials_on_me: WrongCredentialsOnMe::default(),
            errors_as_text_without_accept: Occurs::No,
            external_id_filter_lags: Occurs::No,
            agents_are_emailed: Happens::Yes,
            deletion_frees_identifiers: Happens::Yes,
            deleted_group: DeletedGroup::default(),
            immutable_status: 403,
            per_user_limit_body: PerUserLimitBody::default(),
            tickets_of_removed: TicketsOfRemoved::default(),
            subscription: Subscription::default(),
            ticket_field_paging: TicketFieldPaging::default(),
            schedule_limit: ScheduleLimit::default(),
            absent_schedules: AbsentSchedules::default(),
            custom_role_governs_restriction: Happens::Yes,
            list_delay_milliseconds: 0,
            search_delay_milliseconds: 0,
            job_queued_milliseconds: 200,
            job_working_milliseconds: 400,
        }
    }
}

impl Assumptions {
    /// The same assumptions with the members of a JSON object changed. The error names the member and its positions.
    pub fn merged(&self, changes: &Value) -> Result<Self, String> {
        let Some(changes) = changes.as_object() else {
            return Err("assumptions are a JSON object, such as {\"webhookInUse\":\"deleted\"}".to_owned());
        };
        let mut all = serde_json::to_value(self).map_err(|error| error.to_string())?;
        for (key, value) in changes {
            all[key.as_str()] = value.clone();
        }
        serde_json::from_value(all).map_err(|error| format!("cannot take these assumptions: {error}"))
    }

    /// Every switch in its other positions, one at a time, with a name such as `webhookInUse=deleted`: what a test runs
    /// through to show that nothing depends on a guess. Numbers and delays are no switches and stay.
    pub fn alternatives() -> Vec<(String, Self)> {
        const SWITCHES: [(&str, &[&str]); 27] = [
            ("seatError", &["base", "text"]),
            ("downgradeDropsMemberships", &["no"]),
            ("agentsJoinDefaultGroup", &["no"]),
            ("jobsHonorDefault", &["no"]),
            ("bulkUserUpdates", &["allowed"]),
            ("userJobsWriteExternalId", &["no"]),
            ("jobResults", &["recorded"]),
            ("duplicateMembership", &["existing"]),
            ("defaultMembership", &["refused"]),
            ("webhookErrors", &["support"]),
            ("webhookInUse", &["deleted"]),
            ("triggerTitlesUnique", &["yes"]),
            ("partialTriggerUpdate", &["keeps"]),
            ("authErrorBody", &["object"]),
            ("wrongCredentialsOnMe", &["anonymous"]),
            ("errorsAsTextWithoutAccept", &["yes"]),
            ("externalIdFilterLags", &["yes"]),
            ("agentsAreEmailed", &["no"]),
            ("deletionFreesIdentifiers", &["no"]),
            ("deletedGroup", &["gone"]),
            ("perUserLimitBody", &["json"]),
            ("ticketsOfRemoved", &["oldestOfGroup"]),
            ("subscription", &["planOnly", "withSeats"]),
            ("ticketFieldPaging", &["ignored"]),
            ("scheduleLimit", &["invalid"]),
            ("absentSchedules", &["forbidden"]),
            ("customRoleGovernsRestriction", &["no"]),
        ];
        let numbers = [("seatErrorStatus", 400), ("tooManyJobsStatus", 422), ("immutableStatus", 422)];
        let words = SWITCHES.iter().flat_map(|(switch, positions)| {
            positions.iter().map(move |position| format!("{switch}={position}"))
        });
        let numbers = numbers.iter().map(|(switch, status)| format!("{switch}={status}"));
        // A name that is no switch would be missing from the list, which a test counts.
        words
            .chain(numbers)
            .filter_map(|text| Some((text.clone(), Self::default().with(&text).ok()?)))
            .collect()
    }

    /// The same assumptions with one member changed, from a text such as `webhookInUse=deleted`.
    pub fn with(&self, assignment: &str) -> Result<Self, String> {
        let (key, value) = assignment
            .split_once('=')
            .ok_or_else(|| format!("{assignment}: an assumption is written key=value"))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        self.merged(&serde_json::json!({ key: value }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alternatives_cover_every_switch() {
        let defaults = serde_json::to_value(Assumptions::default()).unwrap();
        let alternatives = Assumptions::alternatives();
        assert_eq!(alternatives.len(), 32);
        for (key, value) in defaults.as_object().unwrap() {
            let free = value.is_null() || key.ends_with("Milliseconds");
            let covered = alternatives.iter().any(|(name, one)| {
                name.starts_with(&format!("{key}=")) && serde_json::to_value(one).unwrap()[key] != *value
            });
            assert!(free || covered, "{key} has no other position in the list");
        }
    }

    #[test]
    fn a_text_changes_one_assumption_and_a_wrong_one_is_named() {
        let changed = Assumptions::default().with("webhookInUse=deleted").unwrap();
        assert_eq!(changed.webhook_in_use, InUse::Deleted);
        assert_eq!(Assumptions::default().with("maxWebhooks=10").unwrap().max_webhooks, Some(10));
        let error = Assumptions::default().with("webhookInUse=perhaps").unwrap_err();
        assert!(error.contains("refused") && error.contains("deleted"), "{error}");
        assert!(Assumptions::default().with("weather=good").unwrap_err().contains("weather"));
    }
}
