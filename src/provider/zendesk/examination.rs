//! What `doctor` asks of an account: what the token may do, the helpdesk's clock, what is left of the rate limit.
//!
//! One cheap read; nothing of it is kept.

use jiff::Timestamp;

use super::client::{Call, Client};
use crate::clock;
use crate::provider::http::Reply;
use crate::provider::{Examination, ProviderError};

/// Asks.
///
/// # Errors
/// As a session, or a read.
pub(super) async fn examine(client: &Client) -> Result<Examination, ProviderError> {
    let scopes = client.session().await?.scopes.clone();
    let reply = client.read(&Call::get("groups.count", "/api/v2/groups/count")).await?;
    let told = reply.header("date").and_then(time_of);
    Ok(Examination {
        scopes,
        clock_skew: told.map(|told| told.duration_since(clock::wall())),
        rate_remaining: remaining(&reply),
        ..Examination::default()
    })
}

/// The time of a `Date` header: RFC 9110, 5.6.7.
fn time_of(date: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(date).ok().map(|time| time.timestamp())
}

fn remaining(reply: &Reply) -> Option<u32> {
    let names = ["x-rate-limit-remaining", "ratelimit-remaining", "rate-limit-remaining"];
    names.iter().find_map(|name| reply.header(name)?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_is_read() {
        let time = time_of("Tue, 24 Nov 2026 10:53:07 GMT").unwrap();
        assert_eq!(time.to_string(), "2026-11-24T10:53:07Z");
        assert_eq!(time_of("yesterday"), None);
    }
}
