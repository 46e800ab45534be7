//! No token and no password reaches a log at TRACE, an error or a printed value, raw or percent-encoded.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use human_support_operator::model::Kind;
use human_support_operator::provider::Provider;
use human_support_operator::provider::http::encode;
use human_support_operator::provider::zenvia::{Api, Credentials};
use sandbox::simulator::{Action, Effect, Rule};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::world::{self, World, example};

const CHAT: &str = "canary-chat+token/7f3~9?&=%zz";
const API: &str = "canary-api-token-41";
const WRONG: &str = "canary-wrong+token/52~1?&=%yy";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_token_and_no_password_reaches_a_log_or_an_error() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone());
    let _ = tracing::subscriber::set_global_default(subscriber.finish());
    let mut printed = String::new();
    for api in [Api::Partner, Api::Account] {
        let world = World::start(api).await;
        let chat = match api {
            Api::Partner => json!({ "partnerToken": CHAT }),
            _ => json!({ "account": world::ACCOUNT, "accountToken": CHAT }),
        };
        world.control("PUT", "credentials", chat).await;
        world.control("PUT", "credentials", json!({ "account": world::ACCOUNT, "apiTokens": [API] })).await;
        let hold = |token: &str| Credentials {
            chat: Some(token.to_owned().into()),
            api: Some(API.to_owned().into()),
        };
        let good = hold(CHAT);
        printed.push_str(&format!("{good:?} {:?}", world.provider));
        world.provider.set_credentials(good);
        let desired = world.normalized(example(2));
        let round = world.round(&desired).await;
        printed.push_str(&format!("{:?} {:?} {:?}", round.outcomes, round.plan, round.observed));
        for action in [
            Action::Reset { effect: Effect::Applied },
            Action::Status { status: 502, body: None, retry_after: None, effect: Effect::None },
            Action::Status {
                status: 200,
                body: Some(json!({ "success": false, "errors": CHAT })),
                retry_after: None,
                effect: Effect::None,
            },
        ] {
            world.desk.faults().set(vec![Rule::new("fault", action).times(30)]);
            if let Err(error) = world.observe(&desired).await {
                printed.push_str(&format!("{error:?} {error}"));
            }
            printed.push_str(&format!("{:?}", world.provider.check().await));
        }
        world.desk.faults().set(Vec::new());
        world.provider.set_credentials(hold(WRONG));
        printed.push_str(&format!("{:?}", world.observe(&desired).await));
        let passwords = world.desk.secrets()["accounts"][world::ACCOUNT.to_string()]["agents"].clone();
        for agent in passwords.as_object().unwrap().values() {
            let digest = agent["passwordSha256"].as_str().unwrap();
            assert_eq!(digest.len(), 64);
            assert_silent(&log, &printed, digest);
        }
    }
    assert!(String::from_utf8_lossy(&log.0.lock().unwrap()).contains("external write"), "the log is the one");
    for token in [CHAT, API, WRONG, "first token"] {
        assert_silent(&log, &printed, token);
        assert_silent(&log, &printed, &encode(token));
    }
    assert_eq!(Kind::ALL.len(), 9);
}

#[track_caller]
fn assert_silent(log: &Log, printed: &str, secret: &str) {
    let bytes = log.0.lock().unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().find(|line| line.contains(secret));
    assert!(line.is_none(), "in the log: {line:?}");
    assert!(!printed.contains(secret), "printed");
}
