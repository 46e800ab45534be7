//! Contention: what two stores of one account both want, and who has it (`api.md`, "One name, one owner").
//!
//! The oldest resource wins, by creation time and then uid, so that the answer never depends on who was looked at
//! first. The loser learns that it lost, and nothing about the winner.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::{Desired, Kind, ObjectKey};

/// A name that only one store of an account may have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Title {
    /// What it names, for the sentence: `conversationTag`, `whatsapp.phoneNumber`, …
    pub field: &'static str,
    /// The name, folded.
    pub text: String,
}

/// Which resource asks: older ones sort first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claimant {
    /// Creation time of the resource in seconds.
    pub created_at: i64,
    /// The resource's uid.
    pub uid: String,
}

/// Who wants what, per account host.
#[derive(Debug, Default)]
pub struct Contention {
    hosts: Mutex<BTreeMap<String, Host>>,
}

/// What came of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claimed {
    /// What an older store wants too.
    pub lost: BTreeSet<Title>,
    /// The uids of stores that now have something that the claimant gave up.
    pub heirs: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Host {
    titles: BTreeMap<Title, BTreeSet<Claimant>>,
    wanted: BTreeMap<Claimant, BTreeSet<Title>>,
}

impl Contention {
    /// Records everything a store wants on a host, and answers what an older store wants too, and who inherits what
    /// the store gave up.
    pub fn claim(&self, host: &str, claimant: &Claimant, wanted: BTreeSet<Title>) -> Claimed {
        let mut hosts = self.lock();
        let host = hosts.entry(host.to_owned()).or_default();
        let before = host.wanted.get(claimant).cloned().unwrap_or_default();
        host.withdraw(claimant);
        for title in &wanted {
            host.titles.entry(title.clone()).or_default().insert(claimant.clone());
        }
        let lost = wanted
            .iter()
            .filter(|title| {
                host.titles.get(title).and_then(BTreeSet::first).is_some_and(|first| first < claimant)
            })
            .cloned()
            .collect();
        let given_up = before.difference(&wanted).filter_map(|title| host.titles.get(title)?.first());
        let heirs = given_up.map(|heir| heir.uid.clone()).collect();
        host.wanted.insert(claimant.clone(), wanted);
        Claimed { lost, heirs }
    }

    /// Forgets a resource on every host; answers the resources that now have something they waited for.
    pub fn withdraw(&self, uid: &str) -> BTreeSet<String> {
        let mut heirs = BTreeSet::new();
        for host in self.lock().values_mut() {
            let gone: Vec<Claimant> =
                host.wanted.keys().filter(|claimant| claimant.uid == uid).cloned().collect();
            for claimant in gone {
                heirs.extend(host.withdraw(&claimant).into_iter().map(|heir| heir.uid));
            }
        }
        heirs
    }

    /// Forgets what a resource wants on one host, which it has left; answers the resources that now have it.
    pub fn leave(&self, host: &str, uid: &str) -> BTreeSet<String> {
        let mut hosts = self.lock();
        let Some(host) = hosts.get_mut(host) else { return BTreeSet::new() };
        let gone: Vec<Claimant> =
            host.wanted.keys().filter(|claimant| claimant.uid == uid).cloned().collect();
        gone.iter().flat_map(|claimant| host.withdraw(claimant)).map(|heir| heir.uid).collect()
    }

    /// How many stores want something on a host.
    pub fn stores_on(&self, host: &str) -> usize {
        self.lock().get(host).map_or(0, |host| host.wanted.len())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Host>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host {
    fn withdraw(&mut self, claimant: &Claimant) -> BTreeSet<Claimant> {
        let mut heirs = BTreeSet::new();
        for title in self.wanted.remove(claimant).unwrap_or_default() {
            if let Some(claimants) = self.titles.get_mut(&title) {
                claimants.remove(claimant);
                heirs.extend(claimants.first().cloned());
                if claimants.is_empty() {
                    self.titles.remove(&title);
                }
            }
        }
        heirs
    }
}

/// What a store wants for itself alone, with the objects that may not be written without it.
pub fn titles_of(desired: &Desired, identity: StoreTitles<'_>) -> BTreeMap<Title, BTreeSet<ObjectKey>> {
    let mut titles: BTreeMap<Title, BTreeSet<ObjectKey>> = BTreeMap::new();
    let mut want = |field, text: String, object: Option<ObjectKey>| {
        titles.entry(Title { field, text: text.to_lowercase() }).or_default().extend(object);
    };
    for (key, department) in &desired.departments {
        want(
            "departments[].displayName",
            department.name.to_string(),
            Some(ObjectKey::new(Kind::Department, key)),
        );
    }
    for (key, agent) in &desired.agents {
        want("agents[].email", agent.email.to_string(), Some(ObjectKey::new(Kind::Agent, key)));
    }
    for key in desired.routes.keys() {
        want("conversationTag", identity.tag.to_owned(), Some(ObjectKey::new(Kind::EventRoute, key)));
    }
    for key in desired.routing.keys() {
        want("conversationTag", identity.tag.to_owned(), Some(ObjectKey::new(Kind::RoutingRule, key)));
    }
    for key in desired.phone_fields.keys() {
        want(
            "whatsapp.phoneNumber",
            identity.phone_number.to_owned(),
            Some(ObjectKey::new(Kind::PhoneField, key)),
        );
    }
    for (key, webhook) in &desired.webhooks {
        want("webhooks[].name", webhook.name.to_string(), Some(ObjectKey::new(Kind::Webhook, key)));
    }
    titles
}

/// The whole account, where it serves one store (`api.md`, "One name, one owner").
pub fn whole_account(place: &str) -> Title {
    Title { field: "account", text: place.to_owned() }
}

/// What a store is known by.
#[derive(Clone, Copy, Debug)]
pub struct StoreTitles<'a> {
    /// The tag of its conversations.
    pub tag: &'a str,
    /// Its WhatsApp number.
    pub phone_number: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(text: &str) -> Title {
        Title { field: "conversationTag", text: text.to_owned() }
    }

    fn claimant(created_at: i64, uid: &str) -> Claimant {
        Claimant { created_at, uid: uid.to_owned() }
    }

    #[test]
    fn the_oldest_store_wins_whoever_was_looked_at_first() {
        let contention = Contention::default();
        let wanted = BTreeSet::from([title("tag")]);
        assert!(contention.claim("h", &claimant(2, "young"), wanted.clone()).lost.is_empty());
        assert!(contention.claim("h", &claimant(1, "old"), wanted.clone()).lost.is_empty());
        assert_eq!(contention.claim("h", &claimant(2, "young"), wanted.clone()).lost, wanted);
    }

    #[test]
    fn the_waiting_store_inherits_when_the_owner_withdraws() {
        let contention = Contention::default();
        let wanted = BTreeSet::from([title("tag")]);
        contention.claim("h", &claimant(1, "old"), wanted.clone());
        contention.claim("h", &claimant(2, "young"), wanted.clone());
        assert_eq!(contention.withdraw("old"), BTreeSet::from(["young".to_owned()]));
        assert!(contention.claim("h", &claimant(2, "young"), wanted).lost.is_empty());
    }

    #[test]
    fn stores_on_other_hosts_do_not_contend() {
        let contention = Contention::default();
        let wanted = BTreeSet::from([title("tag")]);
        contention.claim("a", &claimant(1, "old"), wanted.clone());
        assert!(contention.claim("b", &claimant(2, "young"), wanted).lost.is_empty());
    }

    #[test]
    fn a_store_that_changes_its_tag_gives_the_old_one_up() {
        let contention = Contention::default();
        contention.claim("h", &claimant(1, "old"), BTreeSet::from([title("a")]));
        contention.claim("h", &claimant(2, "young"), BTreeSet::from([title("a")]));
        let heirs = contention.claim("h", &claimant(1, "old"), BTreeSet::from([title("b")])).heirs;
        assert_eq!(heirs, BTreeSet::from(["young".to_owned()]));
        assert!(contention.claim("h", &claimant(2, "young"), BTreeSet::from([title("a")])).lost.is_empty());
    }
}
