//! What no source settles about Zenvia: each is a switch with its positions, the first named being the default.
//!
//! Must stay the only place of such guesses: behavior that the vendor documents has no switch. Set at start
//! (`--assume key=value`), in code, or while running (`PUT /_sandbox/assumptions` with the members to change).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::simulator::positions;
use crate::simulator_positions;

simulator_positions! {
    /// Whether something that is said to happen does.
    Happens { /// It does.
        Yes, /// It does not.
        No }
}
simulator_positions! {
    /// Whether something that is not said to happen does.
    Occurs { /// It does not.
        No, /// It does.
        Yes }
}
simulator_positions! {
    /// How the chat APIs write ids.
    Ids { /// `7`.
        Numbers, /// `"7"`.
        Strings }
}
simulator_positions! {
    /// What the chat APIs wrap objects in.
    Envelope { /// `agent`, `agents`, `department`, …
        Named, /// One object in `data`, lists named.
        DataForOne, /// Everything in `data`.
        Data }
}
simulator_positions! {
    /// Whether a list of the Partner API says `success`.
    ListSuccess { /// No, as the newer notes show it. (Lists in `data` say it all the same.)
        Omitted, /// Yes.
        Present }
}
simulator_positions! {
    /// What something questionable gets.
    Verdict { /// A refusal.
        Refused, /// It is done.
        Accepted }
}
simulator_positions! {
    /// What something questionable gets, the other way round.
    Leniency { /// It is done.
        Accepted, /// A refusal.
        Refused }
}
simulator_positions! {
    /// What a list of the Partner API without `account_id` shows.
    MissingAccountId { /// A refusal.
        Refused, /// The objects of all the partner's accounts.
        AllAccounts }
}
simulator_positions! {
    /// Deleted agents in lists and reads.
    DeletedAgents { /// Shown with `deleted_at`.
        Listed, /// As if they were not there.
        Hidden }
}
simulator_positions! {
    /// What members that a `PUT` of an agent leaves out become.
    PartialAgentUpdate { /// They stay.
        Keeps, /// `text_limit` is taken away and the agent becomes active.
        Resets }
}
simulator_positions! {
    /// What an empty list of departments means.
    EmptyDepartmentIds { /// No department.
        NoDepartment, /// The first one, as null does.
        FirstDepartment }
}
simulator_positions! {
    /// What ids of departments that do not exist do.
    UnknownDepartmentIds { /// The write is refused.
        Refused, /// They are left out.
        Ignored }
}
simulator_positions! {
    /// Within what an e-mail address is unique.
    EmailScope { /// Within an account.
        Account, /// Among all accounts.
        Everywhere, /// It is not.
        Nowhere }
}
simulator_positions! {
    /// What `agent_ids` in a write of a department does to its other members.
    DepartmentAgentIds { /// They leave.
        Replace, /// They stay.
        Add }
}
simulator_positions! {
    /// Whether the account-token API pages its lists.
    ExternalPaging { /// Everything at once.
        All, /// Pages like the Partner API.
        Pages }
}
simulator_positions! {
    /// What a write of the account-token API answers.
    ExternalWriteReply { /// `{status, success, agent}`.
        Envelope, /// The agent alone.
        Bare }
}
simulator_positions! {
    /// What makes two subscriptions duplicates (409).
    DuplicateKey { /// Event type, criteria and URL.
        CriteriaAndUrl, /// Event type, criteria, version and everything of the webhook.
        WholeRequest }
}
simulator_positions! {
    /// What "the same criteria", of which two are allowed, means.
    SameCriteria { /// Event type and channel, as the vendor words it.
        EventTypeAndChannel, /// Event type and all criteria.
        FullCriteria }
}
simulator_positions! {
    /// What a third subscription with the same criteria gets.
    ThirdOfSameCriteria { /// 409 `DUPLICATED`.
        Conflict, /// 400 `VALIDATION_ERROR`.
        Validation }
}
simulator_positions! {
    /// What `PATCH {status: ACTIVE}` does to a subscription that failures made INACTIVE.
    Revival { /// It becomes ACTIVE with fresh counters.
        Revives, /// 200, and it stays INACTIVE.
        Ignored, /// 400.
        Refused }
}
simulator_positions! {
    /// What `webhook` in a `PATCH` does.
    PatchWebhook { /// It takes the place of the old one.
        Replaces, /// Members left out stay.
        Merges }
}
simulator_positions! {
    /// How reads show `webhook.headers`.
    WebhookHeaders { /// As they were sent.
        Echoed, /// With names in lower case.
        LowerCased, /// Not at all.
        Hidden }
}

/// Every unsettled point with the position the simulator takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Assumptions {
    /// How the chat APIs write ids (clients are told to expect both).
    pub ids: Ids,
    /// What the chat APIs wrap objects in (both are printed in the notes).
    pub envelope: Envelope,
    /// Whether lists of the Partner API say `success`.
    pub list_success: ListSuccess,
    /// HTTP status of the Partner API's refusals; the body says the same (200 is printed, the header is not).
    pub partner_failure_status: u16,
    /// HTTP status of a wrong partner token: 200 like other refusals, or 401.
    pub partner_wrong_token_status: u16,
    /// HTTP status of a wrong account token.
    pub external_wrong_token_status: u16,
    /// HTTP status of the account-token API's `{status: 404, message}`: 404, or 200.
    pub external_not_found_status: u16,
    /// Most items of a page, whatever `limit` asks for; null: no cap.
    pub limit_cap: Option<u64>,
    /// What a list of the Partner API without `account_id` shows.
    pub missing_account_id: MissingAccountId,
    /// Whether `GET /accounts/{id}` exists (only the list is documented).
    pub account_show: Occurs,
    /// `DELETE /agents/{id}`: documented by the Partner API, said to be impossible by the help center.
    pub delete_agent: Leniency,
    /// Deleted agents in lists and reads (that deletion is soft is inferred from `deleted_at`).
    pub deleted_agents: DeletedAgents,
    /// Whether the e-mail of a deleted agent is free again.
    pub deletion_frees_email: Occurs,
    /// Whether an update of an agent must carry a password.
    pub update_requires_password: Occurs,
    /// Whether the Partner API refuses a password that is no SHA-256 in hexadecimal.
    pub password_format_checked: Happens,
    /// What members that a `PUT` of an agent leaves out become.
    pub partial_agent_update: PartialAgentUpdate,
    /// What an empty list of departments means.
    pub empty_department_ids: EmptyDepartmentIds,
    /// What ids of departments that do not exist do.
    pub unknown_department_ids: UnknownDepartmentIds,
    /// Whether reads of agents show `text_limit` (no example does).
    pub text_limit_on_read: Occurs,
    /// One more active agent than licenses.
    pub license_exceeded: Verdict,
    /// The text of that refusal.
    pub license_exceeded_error: String,
    /// A license quantity below the number of active agents.
    pub license_below_active: Leniency,
    /// Within what an agent's e-mail address is unique.
    pub email_scope: EmailScope,
    /// The text of the refusal of an address that is taken.
    pub duplicate_email_error: String,
    /// Whether names of departments are unique within an account.
    pub department_names_unique: Occurs,
    /// What `agent_ids` in a write of a department does to its other members.
    pub department_agent_ids: DepartmentAgentIds,
    /// Whether the account-token API pages its lists.
    pub external_paging: ExternalPaging,
    /// What a write of the account-token API answers.
    pub external_write_reply: ExternalWriteReply,
    /// What makes two subscriptions duplicates.
    pub duplicate_key: DuplicateKey,
    /// What "the same criteria" means.
    pub same_criteria: SameCriteria,
    /// What a third subscription with the same criteria gets.
    pub third_of_same_criteria: ThirdOfSameCriteria,
    /// What `PATCH {status: ACTIVE}` does to a subscription that failures made INACTIVE.
    pub patch_revives_inactive: Revival,
    /// Whether `PATCH {status: ACTIVE}` makes a DEGRADED subscription ACTIVE.
    pub patch_heals_degraded: Occurs,
    /// Whether a new URL makes a DEGRADED subscription ACTIVE (documented for the vendor's console only).
    pub url_change_heals_degraded: Happens,
    /// What `webhook` in a `PATCH` does.
    pub patch_webhook: PatchWebhook,
    /// How reads show `webhook.headers`.
    pub webhook_headers: WebhookHeaders,
    /// Requests a minute for each API token; null: no limit (none is documented).
    pub subscription_requests_per_minute: Option<u32>,
    /// Requests a minute for each token of the chat APIs; null: no limit.
    pub chat_requests_per_minute: Option<u32>,
    /// Seconds in `Retry-After` of a 429; null: no such header.
    pub retry_after_seconds: Option<u64>,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            ids: Ids::default(),
            envelope: Envelope::default(),
            list_success: ListSuccess::default(),
            partner_failure_status: 200,
            partner_wrong_token_status: 200,
            external_wrong_token_status: 401,
            external_not_found_status: 404,
            limit_cap: None,
            missing_account_id: MissingAccountId::default(),
            account_show: Occurs::No,
            delete_agent: Leniency::default(),
            deleted_agents: DeletedAgents::default(),
            deletion_frees_email: Occurs::No,
            update_requires_password: Occurs::No,
            password_format_checked: Happens::Yes,
            partial_agent_update: PartialAgentUpdate::default(),
            empty_department_ids: EmptyDepartmentIds::default(),
            unknown_department_ids: UnknownDepartmentIds::default(),
            text_limit_on_read: Occurs::No,
            license_exceeded: Verdict::default(),
            license_exceeded_error: "License quantity exceeded".to_owned(),
            license_below_active: Leniency::default(),
            email_scope: EmailScope::default(),
            duplicate_email_error: "Email has already been taken".to_owned(),
            department_names_unique: Occurs::No,
            department_agent_ids: DepartmentAgentIds::default(),
            external_paging: ExternalPaging::default(),
            external_write_reply: ExternalWriteReply::default(),
            duplicate_key: DuplicateKey::default(),
            same_criteria: SameCriteria::default(),
            third_of_same_criteria: ThirdOfSameCriteria::default(),
            patch_revives_inactive: Revival::default(),
            patch_heals_degraded: Occurs::No,
            url_change_heals_degraded: Happens::Yes,
            patch_webhook: PatchWebhook::default(),
            webhook_headers: WebhookHeaders::default(),
            subscription_requests_per_minute: None,
            chat_requests_per_minute: None,
            retry_after_seconds: None,
        }
    }
}

impl Assumptions {
    /// The same assumptions with the members of a JSON object changed. The error names the member and its positions.
    pub fn merged(&self, changes: &Value) -> Result<Self, String> {
        positions::merged(self, changes)
    }

    /// The same assumptions with one member changed, from a text such as `ids=strings`.
    pub fn with(&self, assignment: &str) -> Result<Self, String> {
        positions::assigned(self, assignment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_changes_one_assumption_and_a_wrong_one_is_named() {
        let changed = Assumptions::default().with("deletedAgents=hidden").unwrap();
        assert_eq!(changed.deleted_agents, DeletedAgents::Hidden);
        assert_eq!(Assumptions::default().with("limitCap=50").unwrap().limit_cap, Some(50));
        let error = Assumptions::default().with("ids=letters").unwrap_err();
        assert!(error.contains("numbers") && error.contains("strings"), "{error}");
        assert!(Assumptions::default().with("weather=good").unwrap_err().contains("weather"));
    }
}
