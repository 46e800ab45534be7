//! A round that could not go on: what was known stays, `Ready` says why.

use super::{Verdict, Writer, capabilities};
use crate::api::conditions::{self, ConditionStatus, ConditionType};
use crate::controller::round::Blocked;
use crate::controller::store::StoreResource;
use crate::model::Reason;

/// Describes a blocked round. Capabilities keep what was last known of them; those never looked at are Unknown.
pub(super) fn describe(store: StoreResource<'_>, blocked: &Blocked, writer: &mut Writer) {
    writer.remove(ConditionType::Suspended);
    for type_ in capabilities::declared(&store.config.spec) {
        if conditions::get(&writer.conditions, type_).is_none() {
            writer
                .set(type_, Verdict::new(ConditionStatus::Unknown, Reason::NotChecked, "not looked at yet"));
        }
    }
    let account = match blocked.reason {
        Reason::AccountNotFound
        | Reason::AccountNotAllowed
        | Reason::AccountMismatch
        | Reason::AccountSuspended
        | Reason::CredentialsInvalid
        | Reason::CertificateNotTrusted
        | Reason::PermissionDenied
        | Reason::SecretInvalid
        | Reason::ProviderUnavailable => Some(ConditionStatus::False),
        _ => None,
    };
    if let Some(status) = account {
        writer
            .set(ConditionType::AccountReady, Verdict::new(status, blocked.reason, blocked.message.clone()));
    }
    let ready = Verdict::new(ConditionStatus::False, blocked.reason, blocked.message.clone());
    writer.set_progress(&ready);
    let live = format!("no: {}", blocked.message);
    writer.set(ConditionType::Live, Verdict::new(ConditionStatus::False, Reason::NotReady, live));
    if blocked.reason != Reason::AwaitingSettledReading || !was_ready(writer) {
        writer.set(ConditionType::Ready, ready);
    }
}

/// Describes a deletion that waits: `CredentialsGone` where nothing can be reached with, else what was said.
pub(super) fn describe_deletion(blocked: &Blocked, writer: &mut Writer) {
    let reason = match blocked.reason {
        Reason::SecretInvalid
        | Reason::CredentialsInvalid
        | Reason::AccountNotFound
        | Reason::AccountMismatch => Reason::CredentialsGone,
        other => other,
    };
    let message = format!(
        "{}; the annotation `humansupport.dev/force-finalize: \"true\"` gives the clean-up up",
        blocked.message
    );
    writer.set(ConditionType::DeletionBlocked, Verdict::new(ConditionStatus::True, reason, message));
    let ready = Verdict::new(
        ConditionStatus::False,
        Reason::Deleting,
        "the resource is being deleted; its clean-up is under way",
    );
    writer.set_progress(&ready);
    writer.set(ConditionType::Ready, ready);
    let live = Verdict::new(ConditionStatus::False, Reason::Deleting, "no: the resource is being deleted");
    writer.set(ConditionType::Live, live);
}

fn was_ready(writer: &Writer) -> bool {
    conditions::get(&writer.conditions, ConditionType::Ready)
        .is_some_and(|condition| condition.status == ConditionStatus::True)
}
