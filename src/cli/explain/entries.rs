//! What the reasons of single entries and changes mean, and what to do.
//!
//! The second half of the list in `reasons`; a reason without a paragraph fails a test.

use super::Paragraph;
use crate::model::Reason;

/// Reasons that are about an entry or a change.
pub(super) const OF_ENTRIES: &[Paragraph<Reason>] = &[
    Paragraph { word: Reason::InSync, meaning: "Declared and found to be so.", action: "Nothing." },
    Paragraph {
        word: Reason::AppliedUnverified,
        meaning: "Written, and the helpdesk offers no way to read it back.",
        action: "Nothing. It counts as done.",
    },
    Paragraph {
        word: Reason::Pending,
        meaning: "Not done yet, because something else comes first.",
        action: "Wait, or look at the condition that comes first.",
    },
    Paragraph {
        word: Reason::PartiallyApplied,
        meaning: "Some of it is done and some is not.",
        action: "Look at `status.problems` for what is left and why.",
    },
    Paragraph {
        word: Reason::ApplyFailed,
        meaning: "The helpdesk did not make a change.",
        action: "The message says why; the operator tries again at the next comparison.",
    },
    Paragraph {
        word: Reason::NotDeclared,
        meaning: "The declaration says nothing about this, so nothing is done about it.",
        action: "Nothing, or declare it.",
    },
    Paragraph {
        word: Reason::ManualActionRequired,
        meaning: "No interface of the vendor offers this, so a person must do it.",
        action: "Do what `how` says in `status.pendingSteps`.",
    },
    Paragraph {
        word: Reason::NotImplemented,
        meaning: "This version of the operator does not do this yet; the entry that asks for it is held.",
        action: "Do it by hand in the helpdesk, or wait for a later version.",
    },
    Paragraph {
        word: Reason::Conflict,
        meaning: "Two stores of one account want the same thing: a tag, a number, a department, an agent, a webhook. The oldest store keeps it.",
        action: "Choose another name or tag in the younger store, or take the entry out of one of the two.",
    },
    Paragraph {
        word: Reason::AdoptionRequired,
        meaning: "Something of this name or effect exists already, and the operator did not create it. It never takes over in silence.",
        action: "Set `adoptionPolicy` to IfUnowned, or name the object with its id in `adopt`, or rename or remove it in the helpdesk.",
    },
    Paragraph {
        word: Reason::EmailTaken,
        meaning: "The e-mail address belongs to a user that is not the operator's, or to another account of the vendor.",
        action: "Use another address, or take the user over with `adopt`.",
    },
    Paragraph {
        word: Reason::NameTaken,
        meaning: "The name belongs to something that is not the operator's.",
        action: "Choose another name, or take the object over with `adopt`.",
    },
    Paragraph {
        word: Reason::ProtectedAccountOwner,
        meaning: "This person owns the helpdesk account; the operator never renames, downgrades or removes them.",
        action: "Take the entry out of `agents`, or make somebody else the owner in the helpdesk.",
    },
    Paragraph {
        word: Reason::ProtectedActingUser,
        meaning: "The operator's own credentials act as this user; changing it could lock the operator out.",
        action: "Take the entry out of `agents`, or let the credentials act as another user.",
    },
    Paragraph {
        word: Reason::LastAdministrator,
        meaning: "Without this person nobody could administer the helpdesk.",
        action: "Make somebody else an administrator first.",
    },
    Paragraph {
        word: Reason::ProfileNotAllowed,
        meaning: "The account does not let its stores give this profile.",
        action: "Choose another `profile`, or ask whoever runs the account to add it to `limits.profiles`.",
    },
    Paragraph {
        word: Reason::ConversationsAssigned,
        meaning: "The person no longer has access, and open conversations are still assigned to them; removing them now would leave customers without an answer.",
        action: "Assign the conversations to somebody else. The seat is given back when none is left, or after a day.",
    },
    Paragraph {
        word: Reason::DependencyHeld,
        meaning: "The change needs another one that is held.",
        action: "Look at the change that it names; this one follows by itself.",
    },
    Paragraph {
        word: Reason::InUse,
        meaning: "Somebody or something that is not the operator's still uses the object, so it is not removed.",
        action: "Take the foreign members or references away in the helpdesk, or leave the entry in the declaration.",
    },
    Paragraph {
        word: Reason::FieldIgnored,
        meaning: "The helpdesk accepted a change and dropped one of its fields.",
        action: "Check whether the vendor's plan includes the field. The operator does not write it again and again.",
    },
    Paragraph {
        word: Reason::RemoteChanged,
        meaning: "A person changed something in the helpdesk, and `drift` says Report: the change stays and is shown.",
        action: "Put the change into the declaration, undo it in the helpdesk, or set `drift` to Correct.",
    },
    Paragraph {
        word: Reason::RemoteDeleted,
        meaning: "A person deleted something in the helpdesk, and `drift` says Report: it stays deleted and is shown.",
        action: "Take the entry out of the declaration, or set `drift` to Correct to have it created again.",
    },
    Paragraph {
        word: Reason::NoDrift,
        meaning: "No difference between the helpdesk and the declaration.",
        action: "Nothing.",
    },
    Paragraph {
        word: Reason::NotChecked,
        meaning: "Nobody has looked yet.",
        action: "Wait for the first comparison; when it does not come, look at `Ready`.",
    },
    Paragraph {
        word: Reason::CredentialsGone,
        meaning: "The clean-up of a deleted resource needs credentials that are gone.",
        action: "Bring the Secret back for the time of the clean-up, or set the annotation `humansupport.dev/force-finalize` to \"true\" to keep everything in the helpdesk.",
    },
    Paragraph {
        word: Reason::Rejected,
        meaning: "The helpdesk refuses what was written, and would refuse it again.",
        action: "The message names the field; correct its value in the declaration.",
    },
];
