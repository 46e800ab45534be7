//! A plan as people read it: one line for each change, in the same words every time.
//!
//! Lines go into a status that many may read, so they name agents by their key and show no address and no secret.

use std::fmt;

use crate::model::{Access, FieldChange, ObjectKey, Origin, Resource};

use super::{Action, Change, Held, Plan, Step};

/// The most characters of a value that a line shows.
const MAX_VALUE_CHARS: usize = 60;

/// A value for a line: short, on one line, no address.
fn shown(value: &str) -> String {
    if value.contains('@') {
        return "(not shown)".to_owned();
    }
    let is_long = value.chars().count() > MAX_VALUE_CHARS;
    let mut text: String =
        value.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_VALUE_CHARS).collect();
    if is_long {
        text.push('…');
    }
    text
}

fn fields(changes: &[FieldChange]) -> String {
    let each = changes.iter().map(|change| {
        let FieldChange { field, from, to } = change;
        if field == "email" {
            "email changes".to_owned()
        } else {
            format!("{field} {} → {}", shown(from), shown(to))
        }
    });
    each.collect::<Vec<_>>().join(", ")
}

/// What a line says beyond action and object.
fn details<R: Resource>(change: &Change<R>, object: &ObjectKey) -> String {
    match change {
        Change::Create { value, .. } if value.title().is_empty() => String::new(),
        Change::Create { value, .. } => format!(" `{}`", shown(value.title())),
        Change::Adopt { from, fields: changed, .. } if changed.is_empty() => format!(" (id {})", from.id),
        Change::Adopt { from, fields: changed, .. } => format!(" (id {}): {}", from.id, fields(changed)),
        Change::Update { from, fields: changed, .. } => {
            let mut parts = Vec::new();
            if !object.name.eq_ignore_ascii_case(from.marked_key()) {
                parts.push(format!("was {}", from.marked_key()));
            }
            if !changed.is_empty() {
                parts.push(fields(changed));
            }
            if parts.is_empty() { ": mark".to_owned() } else { format!(": {}", parts.join(", ")) }
        }
        Change::Release { .. } => ": it stays as it is, without our mark".to_owned(),
        Change::Delete { .. } => String::new(),
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::Create => "create",
            Action::Adopt => "adopt",
            Action::Update => "update",
            Action::Release => "release",
            Action::Delete => "delete",
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = self.object();
        let details = super::step::for_any_change!(self, change => details(change, &object));
        write!(f, "{} {object}{details}", self.action())?;
        if let Step::Agent(Change::Update { from, to, .. }) = self
            && to.access != Access::Active
            && from.origin() == Origin::Adopted
        {
            f.write_str(" (it was adopted, so the account is kept)")?;
        }
        Ok(())
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "held ({}): {}: {}", self.reason, self.step, self.message)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            writeln!(f, "{step}")?;
        }
        for held in &self.held {
            writeln!(f, "{held}")?;
        }
        Ok(())
    }
}
