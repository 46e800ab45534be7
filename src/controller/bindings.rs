//! Bindings: in which accounts a store has objects (`api.md`, Move).
//!
//! Pure. A binding is recorded before the first write to its account, and is the record by which a later process
//! knows that there was an earlier one.

use super::round::{Planned, Side, Stance};
use super::work::waits_for_approval;
use crate::api::config_status::{Binding, BindingPhase};

/// The bindings before the first write to a side: the side is there, every other side is being left.
pub fn with_side(bindings: Vec<Binding>, side: &Side) -> Vec<Binding> {
    let mut bindings: Vec<Binding> = bindings
        .into_iter()
        .map(|binding| {
            if binding.account == side.account {
                let returns = binding.phase == BindingPhase::Leaving;
                let phase = if returns { BindingPhase::Joining } else { binding.phase };
                // What was written there before the store left may have been changed since.
                let applied_licenses = binding.applied_licenses.filter(|_| !returns);
                Binding { phase, applied_licenses, host: side.host.clone(), ..binding }
            } else {
                Binding { phase: BindingPhase::Leaving, ..binding }
            }
        })
        .collect();
    if !bindings.iter().any(|binding| binding.account == side.account) {
        bindings.push(Binding {
            account: side.account.clone(),
            host: side.host.clone(),
            phase: BindingPhase::Joining,
            applied_licenses: None,
        });
    }
    bindings.sort_by(|a, b| a.account.cmp(&b.account));
    bindings
}

/// Where this account led before, when that is another account of the vendor now: what the store has there would be
/// forgotten.
pub fn led_elsewhere<'a>(bindings: &'a [Binding], side: &Side) -> Option<&'a str> {
    // A vendor's host with many accounts is followed by the account's id.
    let known = bindings.iter().find(|binding| binding.account == side.account)?;
    let (_, before) = known.host.split_once('/')?;
    let (_, now) = side.host.split_once('/')?;
    (before != now).then_some(known.host.as_str())
}

/// The bindings after a round: a side is active once its first removals were decided, one way or the other.
pub fn after(mut bindings: Vec<Binding>, planned: &Planned) -> Vec<Binding> {
    let decided = planned.stance == Stance::Enforcing
        && planned.plan.steps.is_empty()
        && !planned.plan.held.iter().any(waits_for_approval);
    bindings.retain(|binding| !planned.left_sides.contains(&binding.account));
    for binding in bindings.iter_mut().filter(|binding| binding.account == planned.side.account) {
        if decided && binding.phase == BindingPhase::Joining {
            binding.phase = BindingPhase::Active;
        }
        binding.applied_licenses = planned.applied_licenses.map(i64::from);
    }
    bindings
}

/// The sides a store is leaving.
pub fn leaving(bindings: &[Binding]) -> impl Iterator<Item = &Binding> {
    bindings.iter().filter(|binding| binding.phase == BindingPhase::Leaving)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::config_status::Platform;

    fn side(account: &str) -> Side {
        Side { account: account.to_owned(), host: format!("{account}.example"), platform: Platform::Zendesk }
    }

    fn phases(bindings: &[Binding]) -> Vec<(&str, BindingPhase)> {
        bindings.iter().map(|binding| (binding.account.as_str(), binding.phase)).collect()
    }

    #[test]
    fn a_first_side_is_joining_and_recording_it_again_changes_nothing() {
        let first = with_side(Vec::new(), &side("a"));
        assert_eq!(phases(&first), [("a", BindingPhase::Joining)]);
        assert_eq!(with_side(first.clone(), &side("a")), first);
    }

    #[test]
    fn a_store_that_moves_leaves_its_former_side() {
        let mut bindings = with_side(Vec::new(), &side("a"));
        bindings[0].phase = BindingPhase::Active;
        let moved = with_side(bindings, &side("b"));
        assert_eq!(phases(&moved), [("a", BindingPhase::Leaving), ("b", BindingPhase::Joining)]);
        assert_eq!(leaving(&moved).map(|binding| binding.account.as_str()).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn an_account_that_leads_to_another_one_of_the_vendor_is_noticed() {
        let at = |host: &str| Side { host: host.to_owned(), ..side("a") };
        let bindings = with_side(Vec::new(), &at("chat.example/4211"));
        assert_eq!(led_elsewhere(&bindings, &at("chat.example/4212")), Some("chat.example/4211"));
        assert_eq!(
            led_elsewhere(&bindings, &at("other.example/4211")),
            None,
            "the same account by another name"
        );
        assert_eq!(led_elsewhere(&bindings, &side("b")), None, "another account resource is a move");
        assert_eq!(led_elsewhere(&with_side(Vec::new(), &side("a")), &side("a")), None);
    }

    #[test]
    fn what_was_written_to_a_side_is_not_trusted_after_the_store_left_it() {
        let mut bindings = with_side(Vec::new(), &side("a"));
        bindings[0].applied_licenses = Some(12);
        let moved = with_side(bindings, &side("b"));
        let of = |bindings: &[Binding], account: &str| {
            bindings.iter().find(|binding| binding.account == account).unwrap().applied_licenses
        };
        assert_eq!((of(&moved, "a"), of(&moved, "b")), (Some(12), None));
        assert_eq!(of(&with_side(moved, &side("a")), "a"), None);
    }

    #[test]
    fn a_store_that_moves_back_joins_anew() {
        let moved = with_side(with_side(Vec::new(), &side("a")), &side("b"));
        let back = with_side(moved, &side("a"));
        assert_eq!(phases(&back), [("a", BindingPhase::Joining), ("b", BindingPhase::Leaving)]);
    }
}
