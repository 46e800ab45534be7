//! The wall clock of the operator jumps by hours and days, both ways, while it works: nothing is written that was not
//! due, the leader stays the leader, no wait ends early, and business hours follow.
//!
//! The operator is the built binary; a library that is loaded before the C library puts its wall clock off, and leaves
//! the monotonic one alone. What the helpdesk and the API server call now does not jump.

use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{ACCOUNT, Calls, Operator, Store, World, condition, small};

const HOUR: i64 = 3600;

/// Forward past every wait of a day or two, all the way back, and a little before the truth: the API server's
/// certificate is valid since an hour before it was made.
const JUMPS: [i64; 4] = [60 * HOUR, 0, 30 * HOUR, -50 * 60];

/// The wall clock of one process.
struct WallClock {
    file: PathBuf,
}

impl WallClock {
    /// Builds the library, and puts the clock right.
    fn new(folder: &Path) -> (Self, PathBuf) {
        let (source, library) = (folder.join("wall_clock.c"), folder.join("wall_clock.so"));
        std::fs::write(&source, include_str!("harness/wall_clock.c")).unwrap();
        let built =
            Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source).status();
        assert!(built.unwrap().success(), "the C compiler that links Rust programs builds the library");
        let clock = Self { file: folder.join("offset") };
        clock.jump_to(0);
        (clock, library)
    }

    fn jump_to(&self, seconds: i64) {
        let new = self.file.with_extension("new");
        std::fs::write(&new, seconds.to_string()).unwrap();
        std::fs::rename(new, &self.file).unwrap();
    }
}

/// Open on one day of the week alone: the one on which the first jump ends.
fn open_after_the_first_jump() -> Value {
    let opens = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(JUMPS[0]);
    let day = opens.to_zoned(jiff::tz::TimeZone::UTC).strftime("%a").to_string();
    json!({"timeZone": "UTC", "windows": [{"days": [day], "from": "00:00", "to": "24:00"}]})
}

async fn leader(world: &World) -> (Value, Value) {
    let leases = world.cluster.list("Lease", &world.namespace).await;
    assert_eq!(leases.len(), 1, "{leases:#?}");
    (leases[0]["spec"]["holderIdentity"].clone(), leases[0]["spec"]["leaseTransitions"].clone())
}

/// A store that is being deleted while ana has an open conversation.
async fn leaving(world: &World) -> Store {
    let mut spec = small();
    spec["store"] = json!("lojasul");
    spec["conversationTag"] = json!("vtex-chatbot-sul");
    spec["whatsapp"]["phoneNumber"] = json!("+551140028999");
    spec["completedSteps"][0]["value"] = json!("+551140028999");
    spec["deletionPolicy"] = json!("Deactivate");
    spec["webhooks"] = json!([]);
    spec["departments"] = json!([{"name": "sul", "displayName": "Sul"}]);
    spec["defaultDepartment"] = json!("sul");
    spec["agents"] = json!([{"name": "bia", "displayName": "Bia", "email": "bia@loja.example", "profile": "Agent",
        "departments": ["sul"]}]);
    let store = world.store("loja-sul", spec);
    store.apply().await;
    store.settle().await;
    let ticket = json!({"account": ACCOUNT, "subject": "Pedido", "status": "open",
        "assignee_id": world.desk.user("bia@loja.example")["id"]});
    world.desk.control(Method::POST, "tickets", ticket).await;
    store.start_delete().await;
    store.until_condition(("DeletionBlocked", "True", "ConversationsAssigned")).await;
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_wall_clock_jumps_nothing_is_written_that_was_not_due_and_no_wait_ends_early() {
    let mut world = World::new().await;
    let (clock, library) = WallClock::new(world.folder());
    world.flags.extra.clear();
    let launch = world.flags.launch(&world.log());
    let launch = launch.env("LD_PRELOAD", &library).env("WALL_CLOCK_OFFSET", &clock.file);
    world.operator = Some(Operator::launch(&launch).await);
    let mut spec = small();
    spec["businessHours"] = open_after_the_first_jump();
    let store = world.onboard(spec).await;
    store.do_pending_steps().await;
    store.until_condition(("Live", "False", "OutsideBusinessHours")).await;
    let leaving = leaving(&world).await;
    let first = leader(&world).await;
    let (ledger, audit) = (world.desk.mark(), world.cluster.audit_mark());
    for jump in JUMPS {
        clock.jump_to(jump);
        let object = store.reconcile_now().await;
        let live = condition(&object, "Live");
        let expected = if jump == JUMPS[0] { "Reachable" } else { "OutsideBusinessHours" };
        assert_eq!(live["reason"], expected, "hours follow the clock, at {jump} s: {live}");
        assert_eq!(condition(&object, "Ready")["status"], "True", "{jump} s");
        let waiting = leaving.reconcile_now().await;
        assert_eq!(condition(&waiting, "DeletionBlocked")["reason"], "ConversationsAssigned", "{jump} s");
        let bia = world.desk.user("bia@loja.example");
        assert_eq!((&bia["role"], &bia["suspended"]), (&json!("agent"), &json!(true)), "{jump} s");
        assert_eq!(leader(&world).await, first, "{jump} s: the lease is where it was");
    }
    assert_eq!(world.desk.write_counts(ledger), Calls::new(), "{}", world.desk.writes_text(ledger));
    // A look that was asked for is acknowledged; `Live` changed with the hours, and that is all.
    let written = world.kubernetes_writes(audit);
    let stores = written.iter().filter(|write| *write == "patch humansupportconfigs/status").count();
    assert!(stores <= 2 * JUMPS.len() + 2, "{written:#?}");
    clock.jump_to(0);
    world.desk.control(Method::PUT, "clock", json!({"advanceSeconds": 24 * HOUR + 1})).await;
    leaving.request_look().await;
    leaving.until("a day by the helpdesk's clock ends the wait", Value::is_null).await;
    assert_eq!(world.desk.user("bia@loja.example")["role"], "end-user");
    let text = world.operator.as_ref().unwrap().log_text();
    assert!(!text.contains("panicked"), "{text}");
}
