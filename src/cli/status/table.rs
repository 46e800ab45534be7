//! Many stores, one line each, for people.

use super::detail::tone_of;
use crate::api::HumanSupportConfig;
use crate::cli::state::{Reachable, StoreState};
use crate::cli::stores::StoreName;
use crate::cli::terminal::{Paint, Tone, harmless};

const COLUMNS: [&str; 7] = ["NAMESPACE", "NAME", "READY", "LIVE", "AGENTS", "STEPS", "STATE"];

/// The table, and the answer for all stores in its last line.
pub(super) fn of(stores: &[HumanSupportConfig], paint: Paint) -> String {
    let rows: Vec<[String; 7]> = stores.iter().map(row).collect();
    let widths: [usize; 7] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([COLUMNS[column].len()]).max().unwrap_or_default()
    });
    let mut text = line(&COLUMNS.map(str::to_owned), &widths, [Tone::Heading; 7], paint);
    for (row, store) in rows.iter().zip(stores) {
        let state = StoreState::new(store);
        let mut tones = [Tone::Heading; 7];
        tones[2] = if state.is_ready() { Tone::Good } else { Tone::Bad };
        tones[3] = tone_of(state.reachable().0);
        text.push_str(&line(row, &widths, tones, paint));
    }
    text.push_str(&format!("\n{}\n", answer(stores, paint)));
    text
}

fn row(store: &HumanSupportConfig) -> [String; 7] {
    let state = StoreState::new(store);
    let StoreName { namespace, name } = StoreName::of(store);
    let summary = store.status.as_ref().and_then(|status| status.summary.as_ref());
    let live = match state.reachable().0 {
        Reachable::Yes => "yes",
        Reachable::No => "no",
        Reachable::Unknown => "unknown",
    };
    [
        namespace,
        name,
        if state.is_ready() { "yes" } else { "no" }.to_owned(),
        live.to_owned(),
        summary.map_or_else(|| "?".to_owned(), |summary| harmless(&summary.agents)),
        summary.map_or_else(|| "?".to_owned(), |summary| summary.pending.to_string()),
        harmless(&state.headline()).replace('\n', " "),
    ]
}

fn line(cells: &[String; 7], widths: &[usize; 7], tones: [Tone; 7], paint: Paint) -> String {
    let mut text = String::new();
    for (column, cell) in cells.iter().enumerate() {
        let padded = format!("{cell:width$}", width = widths[column]);
        let is_plain = tones[column] == Tone::Heading && cell != COLUMNS[column];
        text.push_str(&if is_plain { padded } else { paint.tone(tones[column], padded) });
        text.push_str("  ");
    }
    format!("{}\n", text.trim_end())
}

/// Names the stores whose customers reach nobody, and those nobody knows of.
fn answer(stores: &[HumanSupportConfig], paint: Paint) -> String {
    let of = |wanted: Reachable| -> Vec<String> {
        let found = stores.iter().filter(|store| StoreState::new(store).reachable().0 == wanted);
        found.map(|store| StoreName::of(store).to_string()).collect()
    };
    let (no, unknown) = (of(Reachable::No), of(Reachable::Unknown));
    let question = "Can a customer reach a person now?";
    if no.is_empty() && unknown.is_empty() {
        return format!("{question} {}", paint.tone(Tone::Good, "yes, in every store"));
    }
    let mut parts = Vec::new();
    if !no.is_empty() {
        parts.push(paint.tone(Tone::Bad, format!("no in {}", listed(&no))));
    }
    if !unknown.is_empty() {
        parts.push(paint.tone(Tone::Open, format!("unknown in {}", listed(&unknown))));
    }
    let yes = stores.len() - no.len() - unknown.len();
    if yes > 0 {
        parts.push(paint.tone(Tone::Good, format!("yes in {yes} of {} stores", stores.len())));
    }
    format!("{question} {}", parts.join("; "))
}

fn listed(names: &[String]) -> String {
    const MOST: usize = 10;
    let shown = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(MOST) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}
