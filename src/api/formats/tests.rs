//! The CEL rule and the Rust predicate of every format agree, shown on texts that are easy to get wrong.

use kube::core::cel::Validator;
use serde_json::{Value, json};

use super::*;

const ALL: [(&str, &Format); 17] = [
    ("label", &LABEL),
    ("object name", &OBJECT_NAME),
    ("display name", &DISPLAY_NAME),
    ("e-mail", &EMAIL),
    ("phone number", &PHONE_NUMBER),
    ("https URL", &HTTPS_URL),
    ("host", &HOST),
    ("resync period", &RESYNC_PERIOD),
    ("time zone", &TIME_ZONE),
    ("date", &DATE),
    ("start time", &START_TIME),
    ("end time", &END_TIME),
    ("local date-time", &LOCAL_DATE_TIME),
    ("instant", &INSTANT),
    ("tag", &TAG),
    ("step name", &STEP_NAME),
    ("department name", &DEPARTMENT_NAME),
];

#[rustfmt::skip]
const TEXTS: [&str; 116] = [
    // names
    "", " ", "a", "A", "-", "a-", "-a", "a-b", "a--b", "a.b", "a..b", ".a", "a.", "a.b.c", "a_b", "a/b", "ação", "a b", "7", "0a",
    "Ana Souza", " Ana", "Ana ", "Ana\nSouza", "Ana\tSouza", "\u{b}Ana", "Ana\u{7f}", "Ação", "\u{a0}Ana", "Ana\n",
    // addresses
    "ana@loja.example", "Ana.Souza+chat@loja.example", "o'brien@loja.example", "ana@loja", "@loja.example", "ana@@loja.example",
    "ana@-loja.example", "ana@loja-.example", "ana@loja..example", "ana souza@loja.example", "Ana <ana@loja.example>", "ana@loja.example ",
    "ana@lojá.example", "ana@LOJA.example",
    // phone numbers
    "+551140028922", "551140028922", "+0551140028922", "+5511", "+55114002892212345", "+55 11 4002", "+55114002892٢", "+12345678",
    // URLs and hosts
    "https://handler.example/hooks", "http://handler.example", "https://", "https://handler.example", "https://handler.example:8443/x?y=z",
    "https://handler.example:", "https://handler.example:123456", "https://user:pw@handler.example/", "https://handler.example/#x",
    "https://handler.example/a b", "https://Handler.example/", "https://[::1]/", "https://handler.example?x", "https://handler.example/ç",
    "https://-handler.example", "https://a/", "handler.example", "Handler.example", "handler", "handler.example.", "handler.example:443",
    // durations
    "1h", "1m", "59s", "60s", "24h", "25h", "24h1s", "1h30m", "30m1h", "90m", "1440m", "1441m", "1.5h", "-1h", "1d", "h", "100h", "0h", "1h0m0s", "86400s",
    // zones, dates, times
    "UTC", "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Etc/GMT+3", "/UTC", "A/b/c/d", "America//x",
    "2026-12-31", "2026-13-01", "2026-00-10", "2026-1-1", "26-12-31", "2026-12-32", "2026-12-31T",
    "09:00", "9:00", "23:59", "24:00", "24:01", "09:60", "09:00:00",
    // moments
    "2026-12-24T14:00", "2026-12-24 14:00",
];

#[rustfmt::skip]
const MORE_TEXTS: [&str; 22] = [
    "2026-12-24T24:00", "2026-12-24T14:00:00", "2026-12-01T14:00:00-03:00", "2026-12-01T17:00:00Z",
    "2026-12-01T17:00:00z", "2026-12-01t17:00:00Z", "2026-12-01 17:00:00Z", "2026-12-01T17:00:00", "2026-12-01T17:00Z", "2026-12-01T17:00:00.5Z",
    "2026-12-01T14:00:00-3:00", "2026-12-01T14:00:00+0300",
    // tags, steps, templates
    "vtex-chatbot", "vtex:chat/bot_1.2", "Vtex", "two tags", "IntegrateWhatsApp", "ResetPassword/ana", "ResetPassword/", "integrate",
    "{displayName} - {store}", "{displayName} {other}",
];

/// Dates that no calendar has and ports that no host has: CEL lets them pass, Rust does not.
const STRICTER_IN_RUST: [&str; 5] = [
    "2026-02-30",
    "2026-02-30T14:00",
    "2026-02-30T14:00:00Z",
    "https://handler.example:0",
    "https://handler.example:99999",
];

fn accepted_by_cel(format: &Format, text: &str) -> bool {
    let schema: Value = json!({"type": "string", "x-kubernetes-validations": [{"rule": format.cel, "message": format.message}]});
    match Validator::new().validate(&schema, &json!(text), None) {
        Ok(()) => true,
        Err(errors) => {
            assert_eq!(errors[0].message, format.message, "the rule must be refused, not broken");
            false
        }
    }
}

#[test]
fn cel_and_rust_accept_the_same_texts() {
    let mut disagreements = Vec::new();
    for (name, format) in ALL {
        for text in TEXTS.iter().chain(&MORE_TEXTS) {
            let (cel, rust) = (accepted_by_cel(format, text), (format.accepts)(text));
            if cel != rust {
                disagreements.push(format!("{name}: {text:?} is {cel} in CEL and {rust} in Rust"));
            }
        }
    }
    assert_eq!(disagreements, Vec::<String>::new());
}

#[test]
fn rust_is_stricter_only_about_the_calendar_and_ports() {
    for text in STRICTER_IN_RUST {
        assert!(
            ALL.iter().any(|(_, format)| accepted_by_cel(format, text) && !(format.accepts)(text)),
            "{text}"
        );
    }
}

#[test]
fn every_format_accepts_the_examples_of_its_own_message() {
    for (name, format) in ALL {
        let (_, examples) = format.message.split_once("for example ").unwrap();
        let quoted: Vec<_> = examples.split(['`', '"']).skip(1).step_by(2).collect();
        assert!(!quoted.is_empty(), "{name}");
        for example in quoted {
            assert!((format.accepts)(example), "{name}: {example}");
        }
    }
}

#[test]
fn durations_are_added_up() {
    for (text, seconds) in [("1h", 3600), ("90m", 5400), ("1h30m", 5400), ("1h0m5s", 3605)] {
        assert_eq!(parse_duration(text).unwrap().as_secs(), seconds, "{text}");
    }
    for text in ["", "1", "m", "1h1h", "1m1h"] {
        assert_eq!(parse_duration(text), None, "{text}");
    }
}
