//! Whether each account can be used: Secret, token, who it acts as, scopes, clock and rate limit.
//!
//! Tokens are asked for as the operator does, with the right to write, and nothing is written: the fence is shut.

use jiff::SignedDuration;

use super::Args;
use super::finding::{Finding, Findings};
use crate::cli::connect::Connection;
use crate::cli::failure::Failure;
use crate::cli::helpdesks::Identity;
use crate::cli::terminal::Surroundings;
use crate::controller::account::{Account, AccountId};
use crate::controller::rehearse::{Asking, Rehearsal, Scene, reading_client};
use crate::controller::work;
use crate::provider::Examination;
use crate::telemetry::{ObjectSeries, Telemetry};

/// A skew that nobody needs to know of, and one that makes tokens and certificates fail.
const SMALL_SKEW: SignedDuration = SignedDuration::from_secs(30);
const LARGE_SKEW: SignedDuration = SignedDuration::from_secs(300);

/// Looks at the installation's name and at every account.
///
/// # Errors
/// When an argument cannot be used.
pub(super) async fn check(
    connection: &Connection,
    (arguments, scene, surroundings): (&Args, Scene, Surroundings),
    findings: &mut Findings,
) -> Result<(), Failure> {
    let shown = installations_of(&scene);
    let identity = match arguments.reach.identity(Some(connection), shown.first().map(String::as_str)).await {
        Ok(identity) => identity,
        Err(error) => {
            let advice =
                "give --installation and --cluster-id, as the chart's values `installation` and `clusterId`";
            findings.add(Finding::bad("installation", error.to_string(), advice));
            return Ok(());
        }
    };
    check_installation(&identity, &shown, findings);
    let accounts: Vec<Account> = scene
        .accounts
        .iter()
        .filter_map(Account::from_namespaced)
        .chain(scene.cluster_accounts.iter().filter_map(Account::from_cluster))
        .collect();
    if accounts.is_empty() {
        findings.add(Finding::good("accounts", "none yet: apply a HelpdeskAccount to have one checked"));
        return Ok(());
    }
    let given = arguments.reach.given(&connection.namespace, surroundings.program)?;
    let telemetry = Telemetry::new(env!("CARGO_PKG_VERSION"), ObjectSeries::Off);
    let rehearsal = Rehearsal::asking(
        reading_client(Some(connection.client.clone()), given),
        (arguments.reach.settings(identity)?, arguments.reach.reach()?, Asking::AsTheOperator),
        (scene, telemetry.metrics),
    );
    for account in accounts {
        check_account(&rehearsal, &account, findings).await;
    }
    Ok(())
}

fn installations_of(scene: &Scene) -> Vec<String> {
    let namespaced = scene.accounts.iter().filter_map(|account| account.status.as_ref());
    let cluster = scene.cluster_accounts.iter().filter_map(|account| account.status.as_ref());
    let mut names: Vec<String> =
        namespaced.chain(cluster).filter_map(|status| status.installation.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn check_installation(identity: &Identity, shown: &[String], findings: &mut Findings) {
    let name = identity.installation.as_str();
    let message =
        format!("`{name}` in marks; keep it: a rebuilt cluster needs it as the chart's value `installation`");
    findings.add(match shown.iter().find(|other| *other != name) {
        None => Finding::good("installation", message),
        Some(other) => Finding::warning(
            "installation",
            format!("it would be `{name}`, and an account was last seen by `{other}`"),
            "give the operator one name, by --installation; list a former one as --former-installation",
        ),
    });
}

async fn check_account(rehearsal: &Rehearsal, account: &Account, findings: &mut Findings) {
    let check = title(&account.id);
    if account.suspend {
        let advice = "set its `suspend` to false to have it used";
        findings.add(Finding::warning(check, "the account is suspended", advice));
        return;
    }
    let examined = match rehearsal.helpdesk_of(account).await {
        Ok(helpdesk) => helpdesk.provider.examine().await.map_err(|error| work::blocked_by(&error)),
        Err(blocked) => Err(blocked),
    };
    match examined {
        Ok(examination) => check_examination(&check, &examination, findings),
        Err(blocked) => {
            let advice = format!("`humansupport explain {}` says what to do", blocked.reason);
            findings.add(Finding::bad(check, format!("{}: {}", blocked.reason, blocked.message), advice));
        }
    }
}

fn title(id: &AccountId) -> String {
    match id.namespace.as_str() {
        "" => id.to_string(),
        namespace => format!("{id} in {namespace}"),
    }
}

fn check_examination(check: &str, examination: &Examination, findings: &mut Findings) {
    let Examination { check: account, scopes, clock_skew, rate_remaining } = examination;
    let mut good = vec!["the credentials are accepted".to_owned()];
    if let Some(scopes) = scopes {
        let may = |word: &str| scopes.split_whitespace().any(|scope| scope == word);
        if may("read") && may("write") {
            good.push(format!("scopes {scopes}"));
        } else {
            let advice = "give the operator an OAuth client whose tokens may have the scopes `read write`; one of scope `read` is for `plan`";
            findings.add(Finding::bad(check, format!("its tokens have the scopes `{scopes}` only"), advice));
        }
    }
    if let Some(date) = account.credentials_end {
        let advice = "create an OAuth client and put `clientId` and `clientSecret` into the Secret";
        findings.add(Finding::warning(check, format!("this kind of credentials ends on {date}"), advice));
    }
    if let Some(skew) = clock_skew {
        let seconds = skew.abs();
        if seconds > LARGE_SKEW {
            let advice = "set this machine's clock (NTP): tokens and certificates are judged by it";
            findings.add(Finding::bad(
                check,
                format!("the clocks differ by {} s", seconds.as_secs()),
                advice,
            ));
        } else if seconds > SMALL_SKEW {
            let advice = "look at this machine's clock (NTP)";
            findings.add(Finding::warning(
                check,
                format!("the clocks differ by {} s", seconds.as_secs()),
                advice,
            ));
        } else {
            good.push("clocks agree".to_owned());
        }
    }
    match (rate_remaining, account.rate_limit) {
        (Some(left), Some(limit)) if left.saturating_mul(10) < limit => {
            let message =
                format!("{left} of {limit} requests a minute are left: somebody else uses the account too");
            let advice = "find out who calls its interface, or lower `limits.requestsPerMinute`";
            findings.add(Finding::warning(check, message, advice));
        }
        (Some(left), Some(limit)) => good.push(format!("{left} of {limit} requests a minute left")),
        (_, Some(limit)) => good.push(format!("{limit} requests a minute")),
        (_, None) => {}
    }
    findings.add(Finding::good(check, good.join(", ")));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::terminal::Paint;
    use crate::provider::AccountCheck;

    fn said(examination: &Examination) -> String {
        let mut findings = Findings::default();
        check_examination("a", examination, &mut findings);
        findings.text(Paint::Plain)
    }

    #[test]
    fn a_client_that_only_reads_is_wrong_for_the_operator() {
        let text = said(&Examination { scopes: Some("read".to_owned()), ..Examination::default() });
        assert!(text.starts_with("wrong   a: its tokens have the scopes `read` only"), "{text}");
    }

    #[test]
    fn clocks_that_differ_by_minutes_are_wrong_and_by_a_minute_to_look_at() {
        let of = |seconds| {
            let clock_skew = Some(SignedDuration::from_secs(seconds));
            said(&Examination { clock_skew, ..Examination::default() })
        };
        assert!(of(-400).starts_with("wrong   a: the clocks differ by 400 s"), "{}", of(-400));
        assert!(of(60).starts_with("warning a: the clocks differ by 60 s"), "{}", of(60));
        assert!(of(-3).contains("clocks agree"), "{}", of(-3));
    }

    #[test]
    fn a_rate_limit_that_is_nearly_used_up_is_something_to_look_at() {
        let check = AccountCheck { rate_limit: Some(400), ..AccountCheck::default() };
        let text = said(&Examination { check, rate_remaining: Some(30), ..Examination::default() });
        assert!(text.starts_with("warning a: 30 of 400 requests a minute are left"), "{text}");
    }
}
