//! Whether a webhook's handler is reached, from the vendor's own record of its latest calls (`zendesk.md` 6).

use serde::Deserialize;

use super::client::{Call, Client};
use crate::model::ExternalId;
use crate::provider::budget::Lane;
use crate::provider::http::encode;
use crate::provider::{Deliveries, ProviderError};

/// How many of the latest calls are looked at.
const LATEST: usize = 20;

#[derive(Deserialize)]
struct Answer {
    invocations: Vec<Invocation>,
}

/// One call; the status code is absent where the handler gave none.
#[derive(Deserialize)]
struct Invocation {
    status_code: Option<u16>,
}

impl Invocation {
    fn has_failed(&self) -> bool {
        self.status_code.is_none_or(|code| !(200..300).contains(&code))
    }
}

/// Reads the record of one webhook's latest calls.
pub(super) async fn read(client: &Client, webhook: &ExternalId) -> Result<Deliveries, ProviderError> {
    let path = format!("/api/v2/webhooks/{}/invocations?page%5Bsize%5D={LATEST}", encode(webhook.as_str()));
    let reply = client.read(&Call::get("webhooks.invocations", path).on(Lane::Webhooks)).await?;
    let Answer { invocations } = reply.json()?;
    Ok(judge(&invocations))
}

/// The latest calls come first; more than half of them failed means that customers are not answered.
fn judge(invocations: &[Invocation]) -> Deliveries {
    let latest = &invocations[..invocations.len().min(LATEST)];
    let failed = latest.iter().filter(|invocation| invocation.has_failed()).count();
    match latest.len() {
        0 => Deliveries::NoneYet,
        all if failed * 2 > all => Deliveries::Failing,
        _ => Deliveries::Succeeding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(codes: &[Option<u16>]) -> Vec<Invocation> {
        codes.iter().map(|code| Invocation { status_code: *code }).collect()
    }

    #[test]
    fn a_handler_that_mostly_fails_or_gives_no_status_is_failing() {
        assert_eq!(judge(&calls(&[Some(500), None, Some(200)])), Deliveries::Failing);
        assert_eq!(judge(&calls(&[Some(404); 3])), Deliveries::Failing);
    }

    #[test]
    fn half_of_the_calls_succeeding_is_enough_and_no_call_is_no_failure() {
        assert_eq!(judge(&calls(&[Some(500), Some(204)])), Deliveries::Succeeding);
        assert_eq!(judge(&[]), Deliveries::NoneYet);
    }
}
