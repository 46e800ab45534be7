//! `Live`: can a customer reach a person now? Its message is what a support lead reads when customers are not
//! answered, so it starts with yes or no and ends with what to do.

use jiff::Timestamp;

use super::Verdict;
use crate::api::conditions::ConditionStatus;
use crate::api::hours::BusinessHours;
use crate::api::policies::HumanSupport;
use crate::controller::hours;
use crate::controller::round::{Planned, Stance};
use crate::controller::store::StoreResource;
use crate::model::{Access, DepartmentKey, Kind, MembershipKey, ObjectKey, Reason, Support};

/// Says whether a customer can reach a person.
pub(super) fn verdict(
    store: StoreResource<'_>,
    planned: &Planned,
    (ready, now): (&Verdict, Timestamp),
) -> Verdict {
    let no = |reason, message: String| Verdict::new(ConditionStatus::False, reason, message);
    if store.config.spec.human_support == HumanSupport::Disabled {
        let message =
            "no: human support is switched off, customers read `businessHours.unavailableMessage`; set `humanSupport` to Enabled to switch it on".to_owned();
        return no(Reason::HumanSupportDisabled, message);
    }
    if ready.status != ConditionStatus::True {
        return no(Reason::NotReady, format!("no: {}", ready.message));
    }
    if planned.stance == Stance::Retiring {
        return no(Reason::Retired, "no: the store is off-boarded".to_owned());
    }
    let blocking: Vec<_> = planned.pending.iter().filter(|step| step.blocks_live).collect();
    if let Some(first) = blocking.first() {
        let (count, name, value, how) = (blocking.len(), first.name, &first.value, &first.how);
        let message = format!("no: {count} open steps block the store; first `{name}` (`{value}`): {how}");
        return no(Reason::StepsPending, message);
    }
    if planned.stance == Stance::Watching && !planned.plan.steps.is_empty() {
        let message =
            "no: the helpdesk differs from the declaration, and nothing is written in this mode".to_owned();
        return no(Reason::NotReady, message);
    }
    if store.config.spec.webhooks.is_empty() {
        let message =
            "no: no webhook is declared, so no answer reaches the customer; declare `webhooks`".to_owned();
        return no(Reason::NotDeclared, message);
    }
    if let Some(webhook) = planned.failing_webhooks.first() {
        let message = format!(
            "no: the helpdesk's calls to the handler of `{webhook}` fail, so no answer reaches the customer; ask whoever runs the handler"
        );
        return no(Reason::DeliveriesFailing, message);
    }
    if !somebody_answers(store, planned) {
        let place = match &store.config.spec.default_department {
            Some(department) => format!("department `{department}`"),
            None => "any department".to_owned(),
        };
        return no(
            Reason::NoAgentAvailable,
            format!("no: nobody is active in {place}; add an active agent to it"),
        );
    }
    if let Some(hours) = store.config.spec.business_hours.as_ref()
        && !hours::is_open(hours, now)
    {
        return no(Reason::OutsideBusinessHours, closed(hours, now));
    }
    Verdict::new(
        ConditionStatus::True,
        Reason::Reachable,
        "yes: a customer who asks for a person reaches one",
    )
}

/// The same text for as long as the store is closed: it names the moment of opening and not the time until it.
fn closed(hours: &BusinessHours, now: Timestamp) -> String {
    let zone = &hours.time_zone;
    let opens = hours::next_change(hours, now).zip(hours::zone_of(hours));
    match opens {
        Some((at, clock)) => {
            let at = clock.to_datetime(at).strftime("%Y-%m-%d at %H:%M");
            format!(
                "no: outside business hours; the store opens on {at} ({zone}); to open it now, change `businessHours`"
            )
        }
        None => format!(
            "no: outside business hours ({zone}), and no window opens within two years; change `businessHours`"
        ),
    }
}

/// Whether an active agent, as the helpdesk holds it, is in the default department (or in any, where none is named).
fn somebody_answers(store: StoreResource<'_>, planned: &Planned) -> bool {
    if planned.capabilities.of(Kind::Agent) == Support::None {
        // Nobody can see them: `AgentsReady` says so, and customers are not told to wait for it.
        return true;
    }
    let default = store.config.spec.default_department.as_ref().map(DepartmentKey::new);
    let is_settled = |kind: Kind, key: &dyn std::fmt::Display| {
        let object = ObjectKey::new(kind, key);
        planned.plan.held_for(&object).is_none()
            && !planned.plan.steps.iter().any(|step| step.object() == object)
    };
    planned.desired.memberships.keys().any(|membership: &MembershipKey| {
        let wanted = default.as_ref().is_none_or(|department| *department == membership.department);
        let agent = planned.desired.agents.get(&membership.agent);
        let active = agent.is_some_and(|agent| agent.access == Access::Active);
        wanted
            && active
            && is_settled(Kind::Agent, &membership.agent)
            && is_settled(Kind::Membership, membership)
    })
}
