//! The capability conditions, and `Ready`, which sums them up.
//!
//! `Ready` means: everything the operator may do is done and verified. What waits for a person does not make it
//! false; what is wrong does.

use jiff::Timestamp;

use super::{Verdict, hours};
use crate::api::HumanSupportConfigSpec;
use crate::api::conditions::{ConditionStatus, ConditionType};
use crate::api::config_status::Platform;
use crate::controller::pending;
use crate::controller::round::{Bearing, Planned, Stance};
use crate::controller::training::{Look, Standing};
use crate::model::{Access, Gate, Kind, Owner, Reason, StepName, Support};

/// What goes on by itself: `Reconciling`. Everything else waits for somebody: `Stalled`.
pub(super) fn is_passing(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Progressing
            | Reason::ProgressingWithRetry
            | Reason::WaitingForRateLimit
            | Reason::WaitingForProviderJob
            | Reason::ProviderUnavailable
            | Reason::MalformedAnswer
            | Reason::AwaitingSettledReading
            | Reason::Pending
            | Reason::Deleting
    )
}

/// Held changes that leave the store as ready as it can be: they wait for a person or for time, and say so elsewhere.
/// What only leans on a held change is as harmless as that change, which is in the same plan with its own reason.
pub(super) fn is_harmless(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::IntegrationPending
            | Reason::ManualActionRequired
            | Reason::ConversationsAssigned
            | Reason::RemoteChanged
            | Reason::RemoteDeleted
            | Reason::DependencyHeld
    )
}

/// The conditions that every store of this spec has.
pub(super) fn declared(spec: &HumanSupportConfigSpec) -> Vec<ConditionType> {
    use ConditionType as T;
    let mut types = vec![
        T::Ready,
        T::Live,
        T::WhatsAppReady,
        T::AccountReady,
        T::LicensesReady,
        T::DepartmentsReady,
        T::AgentsReady,
        T::WebhooksReady,
        T::TrainingScheduled,
        T::HandedOver,
        T::Drifted,
    ];
    if spec.business_hours.is_some() {
        types.push(T::BusinessHoursReady);
    }
    types
}

/// The conditions of a round that was planned, `Ready` and `Live` aside.
pub(super) fn verdicts(
    spec: &HumanSupportConfigSpec,
    (planned, training): (&Planned, &Look),
    now: Timestamp,
) -> Vec<(ConditionType, Verdict)> {
    use ConditionType as T;
    let declared = |count: usize, what: &str| (count == 0).then(|| format!("no {what} is declared"));
    let mut verdicts = vec![
        (T::WhatsAppReady, whatsapp(spec)),
        (
            T::AccountReady,
            Verdict::new(ConditionStatus::True, Reason::Accepted, "the credentials are accepted"),
        ),
        (T::LicensesReady, licenses(spec, planned)),
        (
            T::DepartmentsReady,
            family(planned, &[Kind::Department], declared(spec.departments.len(), "department")),
        ),
        (
            T::AgentsReady,
            family(planned, &[Kind::Agent, Kind::Membership], declared(spec.agents.len(), "agent")),
        ),
        (T::WebhooksReady, family(planned, &WEBHOOK_KINDS, declared(spec.webhooks.len(), "webhook"))),
        (T::TrainingScheduled, trained(spec, &training.standing)),
        (T::HandedOver, handed_over(planned)),
        (T::Drifted, drifted(planned)),
    ];
    if let Some(hours) = &spec.business_hours {
        verdicts.push((T::BusinessHoursReady, hours::verdict(hours, planned, now)));
    }
    verdicts
}

const WEBHOOK_KINDS: [Kind; 4] = [Kind::Webhook, Kind::PhoneField, Kind::EventRoute, Kind::RoutingRule];

fn whatsapp(spec: &HumanSupportConfigSpec) -> Verdict {
    match pending::gate(spec) {
        Gate::Open => Verdict::new(ConditionStatus::True, Reason::InSync, "the number is integrated"),
        Gate::Closed(reason) => {
            let number = &spec.whatsapp.phone_number;
            let message = format!(
                "complete the step `IntegrateWhatsApp` with the value `{number}` once the number is integrated"
            );
            Verdict::new(ConditionStatus::False, reason, message)
        }
    }
}

fn licenses(spec: &HumanSupportConfigSpec, planned: &Planned) -> Verdict {
    let exceeded = [Reason::LicensesExceeded, Reason::SeatsExhausted];
    if let Some(held) = planned.plan.held.iter().find(|held| exceeded.contains(&held.reason)) {
        return Verdict::new(ConditionStatus::False, held.reason, held.message.clone());
    }
    if let Some(message) = too_many_active(spec, planned) {
        return Verdict::new(ConditionStatus::False, Reason::LicensesExceeded, message);
    }
    let verdict = family(planned, &[Kind::License], Some(String::new()));
    match &spec.licenses {
        _ if verdict.status == ConditionStatus::True && !is_agreed(spec) => {
            let value = pending::agreed_licenses(spec);
            let message = match &spec.licenses {
                None => "agree the number of licenses with the partner and declare it in `licenses.quantity`"
                    .to_owned(),
                Some(_) => format!(
                    "complete the step `AgreeLicenses` with the value `{value}` once the partner has agreed to it"
                ),
            };
            Verdict::new(ConditionStatus::False, Reason::ManualActionRequired, message)
        }
        None => {
            let message = "no number of licenses is agreed, as the step `AgreeLicenses` says";
            Verdict::new(ConditionStatus::True, Reason::NotDeclared, message)
        }
        Some(licenses) if verdict.status == ConditionStatus::True => {
            agreed_licenses(spec, licenses.quantity, planned)
        }
        Some(_) => verdict,
    }
}

/// What is known of a number of licenses with which nothing is wrong: no helpdesk shows it to anybody.
fn agreed_licenses(spec: &HumanSupportConfigSpec, quantity: i32, planned: &Planned) -> Verdict {
    let has_licenses = planned.side.platform == Platform::Zenvia;
    match planned.capabilities.of(Kind::License) {
        Support::WriteOnly => Verdict::new(
            ConditionStatus::True,
            Reason::AppliedUnverified,
            format!(
                "{quantity} licenses were set; the helpdesk shows the number to nobody, so it is not verified"
            ),
        ),
        // The vendor has such a number, and this interface to it does not.
        Support::BudgetOnly | Support::CompareOnly | Support::None if has_licenses => {
            if pending::is_completed(spec, StepName::SetLicenses, &quantity.to_string()) {
                let message = format!("{quantity} licenses are set, as the step `SetLicenses` says");
                return Verdict::new(ConditionStatus::True, Reason::InSync, message);
            }
            let message = format!(
                "this interface of the helpdesk has no licenses: have {quantity} set there, then complete the step `SetLicenses`"
            );
            Verdict::new(ConditionStatus::Unknown, Reason::ManualActionRequired, message)
        }
        _ => {
            let message = format!("{quantity} licenses are agreed, which is enough");
            Verdict::new(ConditionStatus::True, Reason::InSync, message)
        }
    }
}

fn is_agreed(spec: &HumanSupportConfigSpec) -> bool {
    pending::is_completed(spec, StepName::AgreeLicenses, &pending::agreed_licenses(spec))
}

fn trained(spec: &HumanSupportConfigSpec, standing: &Standing) -> Verdict {
    match standing {
        Standing::NobodyToTrain => {
            Verdict::new(ConditionStatus::True, Reason::NotDeclared, "no active agent is declared")
        }
        Standing::Scheduled => Verdict::new(
            ConditionStatus::True,
            Reason::InSync,
            "every active agent has a session, or was in one that was held",
        ),
        Standing::Requested(names) => {
            let message = format!("requested and without a date: `{}`; give `startsAt`", names.join("`, `"));
            Verdict::new(ConditionStatus::False, Reason::StepsPending, message)
        }
        Standing::Missing(missing) if pending::is_completed(spec, StepName::BookTraining, &missing.value) => {
            let message = "no further session is needed, as the step `BookTraining` says";
            Verdict::new(ConditionStatus::True, Reason::NotDeclared, message)
        }
        Standing::Missing(missing) => {
            let message =
                format!("{}; book a session and declare it in `training.sessions`", missing.message);
            Verdict::new(ConditionStatus::False, Reason::ManualActionRequired, message)
        }
    }
}

/// Fewer licenses were declared than people are active: nobody is taken out for that, and it is said.
fn too_many_active(spec: &HumanSupportConfigSpec, planned: &Planned) -> Option<String> {
    let quantity = usize::try_from(spec.licenses.as_ref()?.quantity).ok()?;
    let active = planned
        .observed
        .agents
        .iter()
        .filter(|agent| matches!(agent.owner, Owner::Us { .. }) && agent.value.access == Access::Active);
    let active = active.count();
    let excess = active.checked_sub(quantity).filter(|excess| *excess > 0)?;
    Some(format!(
        "{active} agents are active and {quantity} licenses are declared, {excess} too few: raise `licenses.quantity` as \
         agreed with the partner, or take agents out; nobody loses access by this alone"
    ))
}

fn handed_over(planned: &Planned) -> Verdict {
    let names = [StepName::SendTicketFieldId, StepName::SendConversationTag];
    let open: Vec<String> = planned
        .pending
        .iter()
        .filter(|step| names.contains(&step.name))
        .map(|step| format!("`{}`", step.name))
        .collect();
    if !open.is_empty() {
        let message = format!("open steps: {}", open.join(", "));
        return Verdict::new(ConditionStatus::False, Reason::StepsPending, message);
    }
    if let Some((reason, problem)) = &planned.sheet_problem {
        return Verdict::new(ConditionStatus::False, *reason, problem.clone());
    }
    if planned.ids.phone_field.is_none() && !planned.desired.phone_fields.is_empty() {
        return Verdict::new(ConditionStatus::False, Reason::Pending, "there is nothing to hand over yet");
    }
    Verdict::new(ConditionStatus::True, Reason::InSync, "whoever runs the bot has what they need")
}

fn drifted(planned: &Planned) -> Verdict {
    let reported = planned
        .plan
        .held
        .iter()
        .filter(|held| matches!(held.reason, Reason::RemoteChanged | Reason::RemoteDeleted));
    let shown = if planned.stance == Stance::Watching { planned.plan.steps.len() } else { 0 };
    let count = reported.count() + shown;
    if count == 0 {
        return Verdict::new(ConditionStatus::False, Reason::NoDrift, "the helpdesk is as declared");
    }
    let message =
        format!("{count} differences between the helpdesk and the declaration; `status.plan` lists them");
    Verdict::new(ConditionStatus::True, Reason::RemoteChanged, message)
}

/// What is the case with a family of kinds.
pub(super) fn family(planned: &Planned, kinds: &[Kind], nothing_declared: Option<String>) -> Verdict {
    let is_missing = kinds.first().is_some_and(|kind| planned.capabilities.of(*kind) == Support::None);
    if is_missing && nothing_declared.is_none() {
        let message = "this interface of the helpdesk does not show them: make them by hand as declared";
        return Verdict::new(ConditionStatus::Unknown, Reason::ManualActionRequired, message);
    }
    let blocking = planned.problems.iter().filter(|problem| problem.bearing == Bearing::Blocks);
    if let Some(problem) = blocking.into_iter().find(|problem| kinds.contains(&problem.object.kind)) {
        let message = format!("`{}`: {}", problem.object.name, problem.message);
        return Verdict::new(ConditionStatus::False, problem.reason, message);
    }
    let steps: Vec<_> = planned.plan.steps.iter().filter(|step| kinds.contains(&step.kind())).collect();
    let held: Vec<_> = planned.plan.held.iter().filter(|held| kinds.contains(&held.step.kind())).collect();
    let worst = held.iter().min_by_key(|held| (is_harmless(held.reason), rank(held.reason)));
    // As in `Ready`, what waits for somebody is told before what is left to do: it may be left because of that.
    let waits = worst.is_some_and(|worst| !is_harmless(worst.reason));
    if !steps.is_empty() && !waits {
        return unfinished(planned, kinds, steps.len());
    }
    if let Some(worst) = worst {
        let message =
            format!("{} changes are held; `{}`: {}", held.len(), worst.step.object().name, worst.message);
        return Verdict::new(ConditionStatus::False, worst.reason, message);
    }
    match nothing_declared {
        Some(message) => Verdict::new(ConditionStatus::True, Reason::NotDeclared, message),
        None => Verdict::new(ConditionStatus::True, Reason::InSync, "as declared"),
    }
}

fn unfinished(planned: &Planned, kinds: &[Kind], count: usize) -> Verdict {
    if planned.stance == Stance::Watching {
        let message = format!("{count} changes would be made; nothing is written in this mode");
        return Verdict::new(ConditionStatus::False, Reason::Observed, message);
    }
    let failure =
        planned.done.iter().rev().find(|done| kinds.contains(&done.object.kind) && done.error().is_some());
    match failure.and_then(|done| done.error().map(|error| (done, error))) {
        Some((done, error)) => {
            let message = format!("{count} changes are left; `{}`: {error}", done.object.name);
            Verdict::new(ConditionStatus::False, reason_of(error), message)
        }
        None => {
            Verdict::new(ConditionStatus::False, Reason::Progressing, format!("{count} changes are left"))
        }
    }
}

fn reason_of(error: &crate::provider::ProviderError) -> Reason {
    crate::controller::work::blocked_by(error).reason
}

/// `Ready`: the sum of it all.
pub(super) fn ready(planned: &Planned) -> Verdict {
    if let Some(verdict) = worst_problem(planned) {
        return verdict;
    }
    let unfinished = planned.plan.steps.len();
    if unfinished > 0 && planned.stance != Stance::Watching {
        return unfinished_work(planned, unfinished);
    }
    match planned.stance {
        Stance::Watching => Verdict::new(
            ConditionStatus::True,
            Reason::Observed,
            "looked at, nothing is written in this mode",
        ),
        Stance::Retiring => Verdict::new(
            ConditionStatus::True,
            Reason::Retired,
            "the store is off-boarded; delete the resource",
        ),
        Stance::Enforcing => {
            let gated = planned.plan.held.iter().any(|held| held.reason == Reason::IntegrationPending);
            if gated {
                let message = "everything that can be done before the WhatsApp integration is done; the rest follows it";
                return Verdict::new(ConditionStatus::True, Reason::IntegrationPending, message);
            }
            Verdict::new(ConditionStatus::True, Reason::Reconciled, "the helpdesk is as declared")
        }
    }
}

fn unfinished_work(planned: &Planned, count: usize) -> Verdict {
    let failure = planned.done.iter().rev().find_map(|done| done.error().map(|error| (done, error)));
    match failure {
        Some((done, error)) => {
            let message =
                format!("{count} changes are left; {} `{}`: {error}", done.object.kind, done.object.name);
            let reason = reason_of(error);
            let reason =
                if reason == Reason::ProviderUnavailable { Reason::ProgressingWithRetry } else { reason };
            Verdict::new(ConditionStatus::False, reason, message)
        }
        None => {
            Verdict::new(ConditionStatus::False, Reason::Progressing, format!("{count} changes are left"))
        }
    }
}

fn worst_problem(planned: &Planned) -> Option<Verdict> {
    let blocking = planned.problems.iter().filter(|problem| problem.bearing == Bearing::Blocks);
    let problems = blocking.map(|problem| (problem.reason, &problem.object, &problem.message));
    let objects: Vec<_> = planned.plan.held.iter().map(|held| held.step.object()).collect();
    let held =
        planned.plan.held.iter().zip(&objects).map(|(held, object)| (held.reason, object, &held.message));
    let all: Vec<_> = problems.chain(held).filter(|(reason, _, _)| !is_harmless(*reason)).collect();
    let (reason, object, message) =
        all.iter().min_by_key(|(reason, object, _)| (rank(*reason), (*object).clone()))?;
    let others = all.len() - 1;
    let more =
        if others == 0 { String::new() } else { format!(" (and {others} more, see `status.problems`)") };
    let message = format!("{} `{}`: {message}{more}", object.kind, object.name);
    Some(Verdict::new(ConditionStatus::False, *reason, message))
}

/// Which reason is told first where several hold: what stops most comes first, what only follows comes last.
fn rank(reason: Reason) -> u8 {
    match reason {
        Reason::OwnedByNewerVersion | Reason::OwnedByOtherCluster | Reason::OtherInstallation => 0,
        Reason::Conflict => 1,
        Reason::AdoptionRequired | Reason::EmailTaken | Reason::NameTaken => 2,
        Reason::RemovalGuardTripped | Reason::ApprovalRequired => 3,
        Reason::LicensesExceeded | Reason::SeatsExhausted => 4,
        Reason::DependencyHeld => 9,
        _ => 5,
    }
}
