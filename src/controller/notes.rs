//! Notes: what the reader of an account has to say beside its objects, as sentences for the status.
//!
//! They inform and hold nothing back: nobody can be asked to put the helpdesk in order before a store may be ready.
//! Must not name a person otherwise than by the id of the account, nor a vendor's own words for things.

use crate::controller::round::{Bearing, EntryProblem};
use crate::model::{Desired, ExternalId, Kind, Note, ObjectKey, Observed, Reason};

/// What there is to say, in the order of the notes; nothing of what the store does not use.
pub fn told(desired: &Desired, observed: &Observed) -> Vec<EntryProblem> {
    observed.notes.iter().filter_map(|note| problem_of(desired, note)).collect()
}

fn problem_of(desired: &Desired, note: &Note) -> Option<EntryProblem> {
    let (object, reason, message) = match note {
        Note::RouteCategoryMissing(category) => {
            (first_route(desired)?, Reason::UnsupportedByProvider, category_missing(category))
        }
        // Whoever is not declared has no key; the id of the account is what people find in the helpdesk.
        Note::AgentUnlisted(id) => (ObjectKey::new(Kind::Agent, id), Reason::NotDeclared, agent_unlisted(id)),
    };
    Some(EntryProblem { object, reason, message, bearing: Bearing::Informs })
}

/// One entry speaks for all that lack the category: they lack it for the same reason.
fn first_route(desired: &Desired) -> Option<ObjectKey> {
    let route = desired.routes.keys().next().map(|key| ObjectKey::new(Kind::EventRoute, key));
    route.or_else(|| desired.routing.keys().next().map(|key| ObjectKey::new(Kind::RoutingRule, key)))
}

fn category_missing(category: &str) -> String {
    format!(
        "the account has no category `{category}`, so this and the store's other rules for events are created without one: they work all the same. To have them there, add a category of this name in the helpdesk, and move the rules that exist by then into it"
    )
}

fn agent_unlisted(id: &ExternalId) -> String {
    format!(
        "the account `{id}` answers in a department of this store and is not in `agents`: it is left as it is. List this person in `agents`, or take them out of the department in the helpdesk"
    )
}
