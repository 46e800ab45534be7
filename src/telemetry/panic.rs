//! What a panic leaves in the log: where, and never with what.
//!
//! A panic's payload is formatted text that may contain what was being handled, a credential included
//! (`reliability.md`, I8). The place in the source is enough to find the mistake. Must not swallow the panic: the
//! runtime still unwinds or aborts as the profile says.

use std::panic::{self, PanicHookInfo};

/// Replaces the standard hook, which prints the payload to stderr. Call it after the log is set up.
pub fn install_panic_hook() {
    panic::set_hook(Box::new(|info| {
        let place = place(info);
        ::tracing::error!(place, thread = std::thread::current().name().unwrap_or("unnamed"), "{ADVICE}");
    }));
}

const ADVICE: &str = "panic: a mistake in the operator; please report it with this place and the version";

fn place(info: &PanicHookInfo<'_>) -> String {
    info.location().map_or_else(
        || "unknown".to_owned(),
        |location| format!("{}:{}:{}", location.file(), location.line(), location.column()),
    )
}
