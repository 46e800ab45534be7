//! One suite that every helpdesk behind `Provider` passes: what is declared comes about, a second plan is empty, people's
//! changes are repaired, what is foreign stays as it is.
//!
//! It runs capability by capability, as far as a helpdesk declares them, and a table says what each has to declare: a
//! helpdesk cannot pass by declaring less. A helpdesk takes part with one file, its `Fixture`. Cases must not know which
//! helpdesk they run on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code throughout")]

mod cases;
mod contract;
mod external;
mod fixture;
mod memory;
#[path = "../shared/policies.rs"]
mod policies;
mod store;
mod table;
mod world;
mod zendesk;
mod zenvia;

/// Runs every case on a helpdesk: its name, the expression that makes an empty account of it, its row of the table.
macro_rules! conforms {
    ($name:ident, $fixture:expr, $table:expr) => {
        mod $name {
            use crate::cases::*;
            use crate::world::World;

            async fn world() -> World {
                World::start($fixture.await).await
            }

            #[tokio::test]
            async fn declares_the_capabilities_of_the_table() {
                crate::table::assert_declared(&world().await, &$table);
            }
            #[tokio::test]
            async fn a_store_comes_about_and_a_second_plan_is_empty() {
                creation::a_store_comes_about_and_a_second_plan_is_empty(world().await).await;
            }
            #[tokio::test]
            async fn each_field_that_is_edited_is_changed_in_the_helpdesk() {
                edits::each_field_that_is_edited_is_changed_in_the_helpdesk(world().await).await;
            }
            #[tokio::test]
            async fn what_a_person_changes_is_repaired() {
                drift::what_a_person_changes_is_repaired(world().await).await;
            }
            #[tokio::test]
            async fn what_a_person_takes_away_is_made_again() {
                drift::what_a_person_takes_away_is_made_again(world().await).await;
            }
            #[tokio::test]
            async fn what_was_there_before_is_not_touched_without_a_policy() {
                adoption::what_was_there_before_is_not_touched_without_a_policy(world().await).await;
            }
            #[tokio::test]
            async fn what_was_there_before_is_taken_over_by_policy() {
                adoption::what_was_there_before_is_taken_over_by_policy(world().await).await;
            }
            #[tokio::test]
            async fn what_was_taken_over_is_given_back_when_the_store_is_deleted() {
                adoption::what_was_taken_over_is_given_back_when_the_store_is_deleted(world().await).await;
            }
            #[tokio::test]
            async fn entries_taken_out_end_by_each_removal_policy() {
                removal::entries_taken_out_end_by_each_removal_policy(world).await;
            }
            #[tokio::test]
            async fn a_leaver_who_returns_gets_in_again() {
                removal::a_leaver_who_returns_gets_in_again(world().await).await;
            }
            #[tokio::test]
            async fn a_deleted_store_ends_by_each_deletion_policy() {
                removal::a_deleted_store_ends_by_each_deletion_policy(world).await;
            }
            #[tokio::test]
            async fn a_lost_answer_of_each_kind_makes_nothing_twice() {
                lost_answers::a_lost_answer_of_each_kind_makes_nothing_twice(world).await;
            }
        }
    };
}

conforms!(memory_helpdesk, crate::memory::start(), crate::table::MEMORY);
conforms!(zendesk_professional, crate::zendesk::start(), crate::table::ZENDESK);
conforms!(reference_adapter, crate::external::start(), crate::table::REFERENCE_ADAPTER);
conforms!(
    zenvia_partner,
    crate::zenvia::start(human_support_operator::provider::zenvia::Api::Partner),
    crate::table::ZENVIA_PARTNER
);
conforms!(
    zenvia_account,
    crate::zenvia::start(human_support_operator::provider::zenvia::Api::Account),
    crate::table::ZENVIA_ACCOUNT
);
conforms!(
    zenvia_subscriptions_only,
    crate::zenvia::start(human_support_operator::provider::zenvia::Api::SubscriptionsOnly),
    crate::table::ZENVIA_SUBSCRIPTIONS_ONLY
);
