//! The sheet's people: who is there by profile, and what each profile can do.
//!
//! Pure. Agents are named by display name and key, never by e-mail address. The list is bounded: a ConfigMap has one MiB.

use super::Subject;
use super::markdown::{code, heading, text};
use crate::api::agents::{Agent, Profile};
use crate::controller::texts::{self, Label};
use crate::controller::training;

/// The most bytes of the lists of people; 2,000 agents with ordinary names and departments fit in.
const MOST_BYTES: usize = 150_000;

/// Writes who is there, by profile, and what each profile can do.
pub(super) fn people(out: &mut String, subject: &Subject<'_>) {
    let label = |label| texts::label(subject.language(), label);
    heading(out, label(Label::People));
    let mut room = MOST_BYTES;
    let profiles =
        [(Profile::Administrator, Label::ProfileAdministrator), (Profile::Agent, Label::ProfileAgent)];
    for (profile, title) in profiles {
        let agents: Vec<&Agent> =
            subject.spec().agents.iter().filter(|agent| agent.profile == profile).collect();
        out.push_str(&format!("### {} ({})\n\n", label(title), agents.len()));
        if agents.is_empty() {
            out.push_str(&format!("{}\n\n", label(Label::NobodyInProfile)));
            continue;
        }
        list(out, (subject, &agents), &mut room);
        out.push('\n');
    }
    out.push_str(&format!("## {}\n\n", label(Label::Profiles)));
    let abilities =
        [(Label::ProfileAdministrator, Label::AdministratorDoes), (Label::ProfileAgent, Label::AgentDoes)];
    for (profile, does) in abilities {
        out.push_str(&format!("- **{}**: {}\n", label(profile), label(does)));
    }
}

fn list(out: &mut String, (subject, agents): (&Subject<'_>, &[&Agent]), room: &mut usize) {
    for (number, agent) in agents.iter().enumerate() {
        let line = line(subject, agent);
        if line.len() > *room {
            let more = (agents.len() - number).to_string();
            let template = texts::label(subject.language(), Label::PeopleMore);
            out.push_str(&format!("- {}\n", texts::fill(template, &[("value", &more)])));
            return;
        }
        *room -= line.len();
        out.push_str(&line);
    }
}

fn line(subject: &Subject<'_>, agent: &Agent) -> String {
    let language = subject.language();
    let mut parts = vec![format!("{} ({})", text(&agent.display_name), code(&agent.name))];
    if !agent.departments.is_empty() {
        parts.push(agent.departments.join(", "));
    }
    if let Some(until) = &agent.until {
        parts.push(texts::fill(texts::label(language, Label::Until), &[("value", until)]));
    }
    if !agent.is_active() || training::is_over(agent, subject.today()) {
        parts.push(texts::label(language, Label::NotActive).to_owned());
    }
    format!("- {}\n", parts.join("; "))
}
