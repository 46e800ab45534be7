//! What of an account becomes an entry, and what does not and why.
//!
//! Pure. The rule of every choice: what is written must plan as an adoption that changes nothing that people see, so whatever
//! the resource cannot say as it is stays out and is named.

use std::collections::{BTreeMap, BTreeSet};

use super::people;
use super::routes::{self, Binding};
use super::slug::Keys;
use crate::api::agents::MAX_DEPARTMENTS;
use crate::api::formats;
use crate::cli::words;
use crate::model::{Agent, Department, ExternalId, MembershipKey, Observed, Owner, Remote, Standing};
use crate::provider::Provider;

/// What is asked for; empty lists ask for everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// Names of departments.
    pub(super) departments: Vec<String>,
    /// Domains of addresses.
    pub(super) email_domains: Vec<String>,
    /// The tag of the store's conversations.
    pub(super) tag: Option<String>,
}

/// What becomes an entry.
#[derive(Clone, Debug, Default)]
pub(super) struct Chosen {
    /// Departments with their keys, by id.
    pub(super) departments: BTreeMap<ExternalId, (String, Department)>,
    /// People.
    pub(super) agents: Vec<ChosenAgent>,
    /// Webhooks with their triggers.
    pub(super) bindings: Vec<Binding>,
    /// The tag of the store's conversations, where one was found or given.
    pub(super) tag: Option<String>,
    /// The ticket field of the WhatsApp number.
    pub(super) field: Option<ExternalId>,
    /// The key of the default department, and the trigger that puts conversations into it.
    pub(super) default_department: Option<(String, ExternalId)>,
    /// What stays out, each in one sentence.
    pub(super) left: Vec<String>,
}

/// A person with the key of the entry and the keys of the departments, the default one first.
#[derive(Clone, Debug)]
pub(super) struct ChosenAgent {
    /// The id in the helpdesk.
    pub(super) id: ExternalId,
    /// The key.
    pub(super) key: String,
    /// The person.
    pub(super) agent: Agent,
    /// The departments.
    pub(super) departments: Vec<String>,
}

/// Where people answer: departments by person, with the default one.
pub(super) type Places = BTreeMap<ExternalId, BTreeMap<ExternalId, Standing>>;

/// Chooses.
///
/// # Errors
/// When the filter names what is not there, or leaves more than a store can hold.
pub(super) fn choose(
    observed: &Observed,
    filter: &Filter,
    provider: &dyn Provider,
) -> Result<Chosen, String> {
    let mut chosen = Chosen::default();
    let places = places(observed);
    let wanted = wanted_departments(observed, filter)?;
    let candidates = people::candidates(observed, filter, &mut chosen.left);
    let used: BTreeSet<&ExternalId> =
        candidates.iter().filter_map(|remote| places.get(&remote.id)).flat_map(BTreeMap::keys).collect();
    let mut keys = Keys::default();
    for department in &observed.departments {
        let is_wanted = match &wanted {
            Some(ids) => ids.contains(&department.id),
            None => filter.email_domains.is_empty() || used.contains(&department.id),
        };
        if is_wanted {
            let is_fixed = observed.fixed_departments.contains(&department.id);
            let why_not = is_fixed.then(|| {
                "the helpdesk's default department, which only people can change; who is in it keeps the place"
                    .to_owned()
            });
            take_department((department, why_not), &mut chosen, &mut keys);
        }
    }
    people::take(&candidates, (&places, filter), &mut chosen);
    people::leave_out_whom_it_cannot_hold(provider, &mut chosen);
    routes::take(observed, (filter, provider), &mut chosen);
    if chosen.departments.len() > MAX_DEPARTMENTS {
        return Err(format!(
            "{} departments are left, and one store holds {MAX_DEPARTMENTS}; choose some with --department",
            chosen.departments.len()
        ));
    }
    people::not_too_many(&chosen)?;
    Ok(chosen)
}

fn places(observed: &Observed) -> Places {
    let mut places = Places::new();
    for remote in &observed.memberships {
        let key = &remote.value.key;
        let ends = (
            MembershipKey::foreign_id(key.agent.as_str()),
            MembershipKey::foreign_id(key.department.as_str()),
        );
        if let (Some(agent), Some(department)) = ends {
            places.entry(agent).or_default().insert(department, remote.value.standing);
        }
    }
    places
}

/// The departments that the filter names; `None` where it names none.
fn wanted_departments(observed: &Observed, filter: &Filter) -> Result<Option<BTreeSet<ExternalId>>, String> {
    if filter.departments.is_empty() {
        return Ok(None);
    }
    let mut ids = BTreeSet::new();
    for name in &filter.departments {
        let same = |remote: &&Remote<Department>| {
            remote.value.name.as_str().to_lowercase() == name.trim().to_lowercase()
        };
        let found: Vec<&Remote<Department>> = observed.departments.iter().filter(same).collect();
        if found.is_empty() {
            let names = observed.departments.iter().map(|remote| remote.value.name.as_str());
            return Err(match words::nearest(name, names) {
                Some(near) => format!("the helpdesk has no department `{name}`; did you mean `{near}`?"),
                None => {
                    format!("the helpdesk has no department `{name}`; give its name as the helpdesk shows it")
                }
            });
        }
        ids.extend(found.into_iter().map(|remote| remote.id.clone()));
    }
    Ok(Some(ids))
}

fn take_department(
    (remote, why_not): (&Remote<Department>, Option<String>),
    chosen: &mut Chosen,
    keys: &mut Keys,
) {
    let (name, id) = (remote.value.name.as_str(), &remote.id);
    let what = format!("the department `{name}` (id {id})");
    let is_taken =
        chosen.departments.values().any(|(_, other)| other.name.as_str().eq_ignore_ascii_case(name));
    let why_not = if why_not.is_some() {
        why_not
    } else if let Some(owner) = foreign_owner(&remote.owner) {
        Some(owner)
    } else if !(formats::DISPLAY_NAME.accepts)(name) || name.chars().count() > 100 {
        Some("its name is no single line of at most 100 characters".to_owned())
    } else if !remote.value.active {
        Some("is switched off".to_owned())
    } else if remote.value.description.chars().count() > 500 {
        Some("its description has more than 500 characters".to_owned())
    } else if is_taken {
        Some("another one has the same name".to_owned())
    } else {
        None
    };
    match why_not {
        Some(why) => chosen.left.push(format!("{what}: {why}")),
        None => {
            let key = keys.key(name, ("department", 63));
            chosen.departments.insert(id.clone(), (key, remote.value.clone()));
        }
    }
}

/// Whose an object is that nobody may take over; `None` where it is free.
pub(super) fn foreign_owner(owner: &Owner) -> Option<String> {
    match owner {
        Owner::Nobody | Owner::Unknown => None,
        Owner::Us { .. } => Some("it is managed already".to_owned()),
        Owner::OtherStore(store) => Some(format!("it is managed already, for the store {store}")),
        Owner::NewerVersion => Some("a newer version of the operator manages it".to_owned()),
        Owner::OtherInstallation(name) => Some(format!("it is managed by the installation `{name}`")),
    }
}
