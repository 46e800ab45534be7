//! The shapes of text that the resource types accept, each as one CEL rule for the API server, the same rule as
//! a Rust predicate, and one sentence for the person who wrote it wrong.
//!
//! Why: the API server, `humansupport validate` and the reconciler must refuse the same text with the same words.
//! CEL is used and not `pattern`, because a failed pattern shows a regular expression and not what to do.
//! Must not: look at more than one field, read a clock, or know a vendor.

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp};
use kube::core::Rule;

/// One accepted shape of text.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The rule over `self`, without back-slashes so that RE2 and the offline evaluator read it alike.
    pub cel: &'static str,
    /// What is allowed and what to do, shown by the API server and by `validate`.
    pub message: &'static str,
    /// The same rule in Rust. It may be stricter than CEL where CEL cannot know (February has no 30th day).
    pub accepts: fn(&str) -> bool,
}

impl Format {
    /// The rule as the derive macro of the resource types takes it.
    pub(super) fn rule(&self) -> Rule {
        Rule::new(self.cel).message(self.message)
    }
}

/// A key of an entry: an RFC 1123 label. Length is bounded by the field.
pub const LABEL: Format = Format {
    cel: "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
    message: "use lower-case letters, digits and `-`, starting and ending with a letter or a digit, for example `ana-souza`",
    accepts: is_label,
};

/// The name of another Kubernetes object: an RFC 1123 subdomain.
pub const OBJECT_NAME: Format = Format {
    cel: "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
    message: "must be the name of a Kubernetes object: lower-case letters, digits, `-` and `.`, for example `handler-token`",
    accepts: |text| text.split('.').all(is_label),
};

/// A name that people read. Vendors trim it, so a space at an end would be drift for ever.
pub const DISPLAY_NAME: Format = Format {
    cel: "self.matches('^[^[:space:][:cntrl:]]([^[:cntrl:]]*[^[:space:][:cntrl:]])?$')",
    message: "must be one line that does not start or end with a space, for example `Ana Souza`",
    accepts: is_display_name,
};

/// An e-mail address that a helpdesk accepts: ASCII, with a domain of two labels or more.
pub const EMAIL: Format = Format {
    cel: "self.matches(\"^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$\")",
    message: "must be one e-mail address without a display name, for example `ana@store.example`",
    accepts: is_email,
};

/// What a phone number must look like once it is a string.
pub const PHONE_NUMBER: Format = Format {
    cel: "string(self) != self || self.matches('^[+]?[0-9]{3,7}$') || self.matches('^[+][1-9][0-9]{7,14}$')",
    message: "must be a phone number in E.164 form: `+`, country code, area code and number, digits only, for example \"+551140028922\"",
    accepts: |text| is_short_code(text) || is_phone_number(text),
};

/// A number of at most seven digits is a short code or lacks its area code, which deserves a sentence of its own.
pub const FULL_PHONE_NUMBER: Format = Format {
    cel: "string(self) != self || !self.matches('^[+]?[0-9]{3,7}$')",
    message: "is a short code or lacks its country and area code: WhatsApp needs a full number that receives calls or text messages, for example \"+551140028922\"",
    accepts: |text| !is_short_code(text),
};

/// An address of a handler or an adapter. No user name, password or fragment: none of them may reach a log.
pub const HTTPS_URL: Format = Format {
    cel: "self.matches('^https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[^[:space:]#]*)?([?][^[:space:]#]*)?$')",
    message: "must be an https URL with a lower-case host and without user name, password, space or fragment, for example `https://handler.example/webhooks/zendesk`",
    accepts: is_https_url,
};

/// A bare host, as the account lists the hosts that webhooks may call.
pub const HOST: Format = Format {
    cel: "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)+$')",
    message: "must be a lower-case host name without scheme, port or path, for example `handler.example`",
    accepts: |text| text.contains('.') && text.split('.').all(is_label),
};

/// How often a store is checked again.
pub const RESYNC_PERIOD: Format = Format {
    cel: "self.matches('^([0-9]{1,2}h)?([0-9]{1,4}m)?([0-9]{1,5}s)?$') && self != '' && duration(self) >= duration('1m') && duration(self) <= duration('24h')",
    message: "must be a duration from 1m to 24h, for example `30m`, `1h` or `1h30m`",
    accepts: |text| {
        parse_duration(text).is_some_and(|period| {
            period >= SignedDuration::from_mins(1) && period <= SignedDuration::from_hours(24)
        })
    },
};

/// The shape of an IANA time zone. Whether the zone exists is asked of the tz database in Rust.
pub const TIME_ZONE: Format = Format {
    cel: "self.matches('^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$')",
    message: "must be an IANA time zone, for example `America/Sao_Paulo` or `UTC`",
    accepts: is_time_zone,
};

/// A calendar day.
pub const DATE: Format = Format {
    cel: "self.matches('^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$')",
    message: "must be a date as year-month-day, for example `2026-12-31`",
    accepts: is_date,
};

/// The start of a window.
pub const START_TIME: Format = Format {
    cel: "self.matches('^([01][0-9]|2[0-3]):[0-5][0-9]$')",
    message: "must be a time from 00:00 to 23:59 in quotes, for example \"09:00\"",
    accepts: is_time,
};

/// The end of a window, which may be the end of the day.
pub const END_TIME: Format = Format {
    cel: "self.matches('^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$')",
    message: "must be a time from 00:01 to 24:00 in quotes, for example \"18:00\"",
    accepts: |text| text == "24:00" || is_time(text),
};

/// A moment on the store's own clock.
pub const LOCAL_DATE_TIME: Format = Format {
    cel: "self.matches('^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]$')",
    message: "must be a local date and time without offset, for example `2026-12-24T14:00`",
    accepts: is_local_date_time,
};

/// A moment with its offset.
pub const INSTANT: Format = Format {
    cel: "self.matches('^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$')",
    message: "must be a date and time with an offset, for example \"2026-12-01T14:00:00-03:00\"",
    accepts: is_instant,
};

/// A tag of a conversation. Helpdesks split tags at spaces and lower-case them.
pub const TAG: Format = Format {
    cel: "self.matches('^[a-z0-9][a-z0-9_./:-]*$')",
    message: "must be one tag: lower-case letters, digits and `_ - . / :` without spaces, for example `vtex-chatbot`",
    accepts: |text| {
        text.starts_with(is_lower_alphanumeric)
            && text.chars().all(|c| is_lower_alphanumeric(c) || "_./:-".contains(c))
    },
};

/// The name of a person's step, with the entry it is about where there are several.
pub const STEP_NAME: Format = Format {
    cel: "self.matches('^[A-Z][A-Za-z0-9]*(/[a-z0-9]([-a-z0-9]*[a-z0-9])?)?$')",
    message: "must be the name of a step as `status.pendingSteps` shows it, for example `IntegrateWhatsApp`",
    accepts: is_step_name,
};

/// The account's template for the names of departments.
pub const DEPARTMENT_NAME: Format = Format {
    cel: "self.contains('{displayName}') && self.matches('^[^{}]*([{](displayName|store)[}][^{}]*)*$')",
    message: "must contain `{displayName}`, and `{store}` is the only other placeholder, for example `{displayName} - {store}`",
    accepts: |text| {
        text.contains("{displayName}")
            && !text.replace("{displayName}", "").replace("{store}", "").contains(['{', '}'])
    },
};

/// A value or an id that looks like a number must be quoted, or YAML makes a number of it.
pub const QUOTED: Format = Format {
    cel: "string(self) == self",
    message: "put the value in quotes: without them YAML reads it as a number, for example \"6228597897108\"",
    accepts: |_| true,
};

/// As [`QUOTED`], in the words of a phone number.
pub const QUOTED_PHONE_NUMBER: Format = Format {
    cel: "string(self) == self",
    message: "quote the phone number: without quotes YAML reads it as a number and drops the `+`, write \"+551140028922\"",
    accepts: |_| true,
};

fn is_lower_alphanumeric(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

fn is_label(text: &str) -> bool {
    text.starts_with(is_lower_alphanumeric)
        && text.ends_with(is_lower_alphanumeric)
        && text.chars().all(|c| is_lower_alphanumeric(c) || c == '-')
}

fn is_display_name(text: &str) -> bool {
    // U+000B is white space for a regular expression and not for `is_ascii_whitespace`, but it is a control character.
    !text.is_empty()
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.chars().any(|c| c.is_ascii_control())
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let local_is_valid = !local.is_empty()
        && local.chars().all(|c| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_{|}~-".contains(c));
    local_is_valid
        && domain.contains('.')
        && domain.split('.').all(|part| is_label(&part.to_ascii_lowercase()))
}

fn is_short_code(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (3..=7).contains(&digits.len()) && digits.chars().all(|digit| digit.is_ascii_digit())
}

fn is_phone_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.chars().all(|digit| digit.is_ascii_digit())
    })
}

fn is_https_url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else { return false };
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    let host_is_valid = host.starts_with(is_lower_alphanumeric)
        && host.ends_with(is_lower_alphanumeric)
        && host.chars().all(|c| is_lower_alphanumeric(c) || ".-".contains(c));
    let port_is_valid = port.is_none_or(|port| {
        (1..=5).contains(&port.len())
            && port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse::<u16>().is_ok_and(|number| number > 0)
    });
    let tail_is_valid = !tail.contains(['#', ' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    host_is_valid && port_is_valid && tail_is_valid
}

fn is_time_zone(text: &str) -> bool {
    let part_is_valid =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_+-".contains(c));
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.split('/').count() <= 3
        && text.split('/').all(part_is_valid)
}

/// Parses `1h`, `30m`, `1h30m`, `90s`: hours, minutes and seconds in this order, each at most once.
pub fn parse_duration(text: &str) -> Option<SignedDuration> {
    let mut rest = text;
    let mut total = 0_i64;
    for (unit, seconds, digits) in [('h', 3600, 2), ('m', 60, 4), ('s', 1, 5)] {
        let Some((number, tail)) = rest.split_once(unit) else { continue };
        if number.is_empty() || number.len() > digits || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        total += number.parse::<i64>().ok()? * seconds;
        rest = tail;
    }
    (rest.is_empty() && !text.is_empty()).then(|| SignedDuration::from_secs(total))
}

fn is_date(text: &str) -> bool {
    parse_date(text).is_some()
}

/// Parses a day of the calendar, `2026-12-31`; nothing else, not even what ISO 8601 also allows.
pub fn parse_date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| Date::strptime("%Y-%m-%d", text).ok()).flatten()
}

fn is_time(text: &str) -> bool {
    parse_time(text).is_some()
}

/// Parses a time of day, `09:00`.
pub fn parse_time(text: &str) -> Option<Time> {
    (text.len() == 5).then(|| Time::strptime("%H:%M", text).ok()).flatten()
}

fn is_local_date_time(text: &str) -> bool {
    parse_local_date_time(text).is_some()
}

/// Parses a moment on the store's own clock, `2026-12-24T14:00`.
pub fn parse_local_date_time(text: &str) -> Option<DateTime> {
    (text.len() == 16).then(|| DateTime::strptime("%Y-%m-%dT%H:%M", text).ok()).flatten()
}

fn is_instant(text: &str) -> bool {
    let length_is_valid = text.len() == 20 && text.ends_with('Z') || text.len() == 25;
    length_is_valid && text.as_bytes().get(10) == Some(&b'T') && text.parse::<Timestamp>().is_ok()
}

fn is_step_name(text: &str) -> bool {
    let (step, entry) = text.split_once('/').map_or((text, None), |(step, entry)| (step, Some(entry)));
    step.starts_with(|c: char| c.is_ascii_uppercase())
        && step.chars().all(|c| c.is_ascii_alphanumeric())
        && entry.is_none_or(is_label)
}

#[cfg(test)]
#[path = "formats/tests.rs"]
mod tests;
