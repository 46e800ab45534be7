//! The digest of a plan: what a person approves.
//!
//! It covers kind, key and action of every change, held or not, and no id, so that it can be written in the pull request
//! that causes the plan, and stays the same when the plan is approved.

use sha2::{Digest as _, Sha256};

use super::Step;

/// `sha256:<hex>` over the changes, whatever their order.
pub(super) fn digest<'a>(steps: impl Iterator<Item = &'a Step>) -> String {
    let mut lines: Vec<String> = steps
        .map(|step| {
            let object = step.object();
            let name = super::draft::fold(object.name);
            format!("{}/{name}/{:?}\n", object.kind.mark_word(), step.action())
        })
        .collect();
    lines.sort_unstable();
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line.as_bytes());
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
