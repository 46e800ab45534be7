//! What the lists of an account do not show: marked users who are no agents any more, owners of a declared e-mail, and
//! the open work of suspended agents.
//!
//! Asked only where it matters, in batches; a converged store asks nothing. End users are never listed. A search that
//! finds somebody is evidence, one that finds nobody proves nothing (`zendesk.md` 8: the index lags).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::client::{Call, Client};
use super::convert::{self, Links};
use super::view::AccountView;
use super::wire::{Id, PageMeta, Role, Ticket, User};
use crate::model::{Access, Email, Installation, Kind, ObjectKey, Origin, Owner, Stamp};
use crate::provider::http::encode;
use crate::provider::{ProviderError, Scope};

/// The longest list of ids in one address; servers refuse requests whose line is longer than 8 KiB.
const MAX_QUERY_BYTES: usize = 6_000;
/// Ids in one `show_many` (`zendesk.md` 3).
const MAX_IDS: usize = 100;
/// E-mails in one search.
const MAX_EMAILS: usize = 50;
/// As many new addresses are looked up one by one; more share a search, so that a large store costs no call for each.
const FEW_EMAILS: usize = 3;
/// Pages of assigned tickets that are looked at for one agent: 1,000 tickets.
const MAX_TICKET_PAGES: usize = 10;

/// What is to be asked for one store.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Questions {
    /// Marks of declared agents that no listed user has.
    pub(super) marks: Vec<String>,
    /// Users named by id that are not listed.
    pub(super) ids: Vec<Id>,
    /// Addresses of declared agents whom nothing was found of.
    pub(super) emails: Vec<Email>,
    /// Our suspended agents, with the time of their last change.
    pub(super) suspended: Vec<(Id, String)>,
}

/// The answers.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Users that the lists do not show.
    pub(super) users: Vec<User>,
    /// Open work by user.
    pub(super) work: BTreeMap<Id, Work>,
}

/// The open work of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Work {
    /// Unsolved conversations; `None` where there are too many tickets to tell.
    pub(super) unsolved: Option<u32>,
    /// Seconds since the account last changed, by the vendor's clock.
    pub(super) seconds_unchanged: Option<u64>,
}

/// What must be asked, given the reading.
pub(super) fn questions(view: &AccountView, scope: &Scope<'_>) -> Questions {
    let mut questions = Questions::default();
    let (links, mut marked) = (Links { view, scope }, BTreeSet::new());
    for user in view.users.of_store(&scope.stamp.store) {
        if let Owner::Us { key, .. } = links.user_owner(user) {
            marked.insert(key);
            if user.role != Role::EndUser && convert::agent(user).access == Access::Suspended {
                questions.suspended.push((user.id, user.updated_at.clone()));
            }
        }
    }
    let claimed = scope.claims.iter().filter_map(|(object, claim)| Some((object, claim.id.as_ref()?)));
    for (object, id) in claimed.chain(scope.named) {
        let Some(id) = convert::number(id).filter(|_| object.kind == Kind::Agent) else { continue };
        if view.users.get(&id).is_none() {
            questions.ids.push(id);
        }
        marked.insert(object.name.to_lowercase());
    }
    for (key, agent) in &scope.desired.agents {
        let object = ObjectKey::new(Kind::Agent, key);
        if marked.contains(&object.name.to_lowercase()) {
            continue;
        }
        questions.marks.extend(marks_of(scope.stamp, &object));
        if view.users.with_word(agent.email.as_str()).next().is_none() {
            questions.emails.push(agent.email.clone());
        }
    }
    questions
}

/// Every mark that a declared agent may have: created or adopted, by this installation or a former name of it.
fn marks_of(stamp: &Stamp, object: &ObjectKey) -> Vec<String> {
    let names = std::iter::once(&stamp.installation).chain(&stamp.former_installations);
    names
        .flat_map(|name: &Installation| {
            let stamp = Stamp { installation: name.clone(), ..stamp.clone() };
            [stamp.mark(object, Origin::Created), stamp.mark(object, Origin::Adopted)]
        })
        .collect()
}

/// Asks.
///
/// # Errors
/// When an answer is missing: evidence is complete or not used.
pub(super) async fn gather(
    client: &Client,
    questions: &Questions,
    taken: &BTreeSet<Email>,
) -> Result<Evidence, ProviderError> {
    let mut evidence = Evidence::default();
    for marks in chunks(&questions.marks) {
        let ids: Vec<String> = marks.iter().map(|mark| encode(mark)).collect();
        let path = format!("/api/v2/users/show_many?external_ids={}", ids.join(","));
        evidence.users.extend(users(client, Call::get("users.show_many", path)).await?);
    }
    for ids in questions.ids.chunks(MAX_IDS) {
        let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
        let path = format!("/api/v2/users/show_many?ids={}", ids.join(","));
        evidence.users.extend(users(client, Call::get("users.show_many", path)).await?);
    }
    let found: BTreeSet<Email> = evidence.users.iter().map(|user| Email::new(&user.email)).collect();
    let missing: Vec<&Email> = questions.emails.iter().filter(|email| !found.contains(*email)).collect();
    find_emails(client, (&missing, taken), &mut evidence).await?;
    for (id, updated_at) in &questions.suspended {
        evidence.work.insert(*id, open_work(client, *id, updated_at).await?);
    }
    evidence.users.retain(|user| user.active);
    Ok(evidence)
}

/// Marks by hundreds, and fewer where the address would be too long.
fn chunks(marks: &[String]) -> Vec<&[String]> {
    let longest = marks.iter().map(|mark| encode(mark).len() + 1).max().unwrap_or(1);
    marks.chunks((MAX_QUERY_BYTES / longest).clamp(1, MAX_IDS)).collect()
}

async fn users(client: &Client, call: Call) -> Result<Vec<User>, ProviderError> {
    #[derive(Deserialize)]
    struct Answer {
        users: Vec<User>,
    }
    let Answer { users } = client.read(&call).await?.json()?;
    Ok(users)
}

/// Looks addresses up: a few one by one, many at once, and again one by one where a create was refused because the
/// address is taken.
async fn find_emails(
    client: &Client,
    (missing, taken): (&[&Email], &BTreeSet<Email>),
    evidence: &mut Evidence,
) -> Result<(), ProviderError> {
    let (refused, others): (Vec<&Email>, Vec<&Email>) =
        missing.iter().copied().partition(|email| missing.len() <= FEW_EMAILS || taken.contains(*email));
    for emails in others.chunks(MAX_EMAILS) {
        let query: Vec<String> = emails.iter().map(|email| format!("email:{email}")).collect();
        let path = format!("/api/v2/users/search?query={}", encode(&query.join(" ")));
        let found = users(client, Call::get("users.search", path)).await?;
        let wanted = |user: &User| emails.iter().any(|email| **email == Email::new(&user.email));
        evidence.users.extend(found.into_iter().filter(wanted));
    }
    for email in refused {
        let path = format!("/api/v2/users/search?query={}", encode(&format!("email:{email}")));
        let found = users(client, Call::get("users.search", path)).await?;
        // The address may be a second one of the account: then it is shown as the one that collides.
        evidence.users.extend(found.into_iter().map(|user| User { email: email.to_string(), ..user }));
    }
    Ok(())
}

async fn open_work(client: &Client, id: Id, updated_at: &str) -> Result<Work, ProviderError> {
    #[derive(Deserialize)]
    struct Page {
        tickets: Vec<Ticket>,
        #[serde(default)]
        meta: PageMeta,
    }
    let mut work = Work { unsolved: None, seconds_unchanged: None };
    let (mut unsolved, mut cursor) = (0_u32, String::new());
    for _ in 0..MAX_TICKET_PAGES {
        let path = format!("/api/v2/users/{id}/tickets/assigned?page%5Bsize%5D=100{cursor}");
        let reply = client.read(&Call::get("users.tickets", path)).await?;
        work.seconds_unchanged = seconds_between(updated_at, reply.date());
        let Page { tickets, meta } = reply.json()?;
        let open = tickets.iter().filter(|ticket| !matches!(ticket.status.as_str(), "solved" | "closed"));
        unsolved = unsolved.saturating_add(u32::try_from(open.count()).unwrap_or(u32::MAX));
        match meta.after_cursor.filter(|_| meta.has_more) {
            Some(after) => cursor = format!("&page%5Bafter%5D={}", encode(&after)),
            None => {
                work.unsolved = Some(unsolved);
                return Ok(work);
            }
        }
    }
    // Some unsolved ones among the first thousand are enough to know that there are any.
    work.unsolved = (unsolved > 0).then_some(unsolved);
    Ok(work)
}

fn seconds_between(updated_at: &str, now: Option<i64>) -> Option<u64> {
    let then: jiff::Timestamp = updated_at.parse().ok()?;
    Some(u64::try_from(now? - then.as_second()).unwrap_or(0))
}
