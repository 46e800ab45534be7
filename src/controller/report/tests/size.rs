//! A status for a resource that has no room for all of it.

use super::*;
use crate::api::config_status::{ApprovalStatus, Claim};

#[test]
fn a_short_status_leaves_lists_out_and_keeps_what_later_rounds_need() {
    let config = store();
    let mut planned = settled(&config);
    planned.plan.held = vec![Held {
        step: create_ana(&config),
        reason: Reason::EmailTaken,
        message: "the account with id 7 has this address".repeat(20),
    }];
    let mut status = status_of(&config, Round::Planned(Box::new(planned)));
    let claim = |name: &str| Claim {
        account: String::new(),
        kind: "Agent".to_owned(),
        name: name.to_owned(),
        id: Some("7".to_owned()),
        origin: None,
        profile: None,
        max_conversations: None,
    };
    status.claims = vec![claim("ana"), claim("rui")];
    status.approval = Some(ApprovalStatus { generation: 3, steps: vec!["delete Agent/ana".to_owned()] });
    assert!(!status.problems.is_empty() && !status.pending_steps.is_empty() && !status.handover.is_empty());
    let short = super::super::shortened(&status);
    assert!(short.problems.is_empty() && short.pending_steps.is_empty() && short.handover.is_empty());
    assert_eq!(short.problem_count, status.problem_count, "the count stays");
    assert_eq!((&short.claims, &short.bindings), (&status.claims, &status.bindings));
    assert_eq!((&short.approval, &short.webhooks), (&status.approval, &status.webhooks));
    let (_, reason, said) = condition(&short, ConditionType::Ready);
    assert_eq!(reason, condition(&status, ConditionType::Ready).1);
    assert!(said.contains("are left out") && said.len() < 500, "{said}");
    assert_eq!(super::super::shortened(&status), short, "byte-stable");
}
