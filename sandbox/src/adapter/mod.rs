//! The reference adapter: the contract of `docs/reference/adapter-openapi.yaml` over a desk in memory.
//!
//! It exists to be read: `contract` and `desk` are all that a platform has to do. It shares nothing with the operator.
//! What is here, faults, ledger and `/_sandbox`, comes from the simulator's frame; an adapter of one's own needs none of it.

mod contract;
mod desk;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::net::TcpListener;

use crate::simulator::state_file::StateFile;
use crate::simulator::{Answer, Call, Clock, Core, Depth, Entry, Faults, Ledger, Location, Vendor, server};
pub use contract::{HMAC_KEY, TOKEN};
use desk::Desk;

/// The adapter behind the simulator's frame.
struct Service {
    desk: Mutex<Desk>,
    /// Where the desk is kept, for an adapter that is killed and started again.
    file: Option<StateFile>,
}

impl Service {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Saves what a change made before it is answered. What could not be saved is not told as done.
    fn keep(&self, desk: &Desk, answer: Answer) -> Answer {
        let saved = match &self.file {
            Some(file) if answer.effect => file.save(desk),
            Some(_) | None => Ok(()),
        };
        match saved {
            Ok(()) => answer,
            Err(error) => {
                tracing::error!(%error, "the desk cannot be saved; give --state a path that can be written");
                Answer { effect: true, ..Answer::text(500, "the desk cannot be saved") }
            }
        }
    }
}

impl Vendor for Service {
    fn locate(&self, host: &str, path: &str) -> Result<Location, Answer> {
        let base = format!("http://{host}");
        Ok(Location { account: "desk".to_owned(), path: path.to_owned(), base })
    }

    fn perform(&self, call: &Call, depth: Depth) -> Answer {
        let mut desk = self.desk();
        match depth {
            Depth::Full => {
                let answer = contract::answer(&mut desk, call);
                self.keep(&desk, answer)
            }
            Depth::Pretend => Answer { effect: false, ..contract::answer(&mut desk.clone(), call) },
        }
    }

    fn is_write(&self, call: &Call) -> bool {
        call.method == "POST"
    }

    fn operation(&self, call: &Call) -> String {
        let path = if call.path.starts_with("/webhooks/") { "/webhooks/{id}/deliveries" } else { &call.path };
        format!("{} {path}", call.method)
    }

    fn rewind(&self, call: &Call) -> Call {
        call.clone()
    }

    fn next_page(&self, _call: &Call, _answer: &Answer) -> Option<Call> {
        None
    }

    fn disturb(&self, _call: &Call, _disturbance: &Value) -> Result<(), String> {
        Err("this desk has no faults of its own".to_owned())
    }

    fn control(&self, request: &Call) -> Option<Answer> {
        let state = request.method == "GET" && request.path.ends_with("/state");
        state.then(|| Answer::json(200, &self.desk().reading()))
    }
}

/// A running reference adapter. Dropping it stops it.
pub struct Adapter {
    handle: server::Handle,
    core: Arc<Core>,
    service: Arc<Service>,
}

impl Adapter {
    /// Starts on a free port of 127.0.0.1.
    pub async fn start() -> io::Result<Self> {
        Self::start_on(TcpListener::bind("127.0.0.1:0").await?, None)
    }

    /// Starts on a listener, with the desk that a file holds, or an empty one that it will hold.
    ///
    /// # Errors
    /// When the file is there and holds no desk, or the listener is gone.
    pub fn start_on(listener: TcpListener, state: Option<PathBuf>) -> io::Result<Self> {
        let file = state.map(StateFile::new);
        let kept = file.as_ref().map(StateFile::load::<Desk>).transpose()?.flatten();
        let service = Arc::new(Service { desk: Mutex::new(kept.unwrap_or_default()), file });
        let core = Core::new(service.clone(), Arc::new(Clock::default()));
        let handle = server::start(core.clone(), listener)?;
        Ok(Self { handle, core, service })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.handle.address()
    }

    /// Every request so far.
    pub fn ledger(&self) -> &Ledger {
        &self.core.ledger
    }

    /// The writes of clients so far.
    pub fn writes(&self) -> Vec<Entry> {
        self.core.ledger.writes()
    }

    /// What goes wrong next.
    pub fn faults(&self) -> &Faults {
        &self.core.faults
    }

    /// Everything that the desk holds, as a reading shows it.
    pub fn state(&self) -> Value {
        self.service.desk().reading()
    }

    /// The token of a webhook, which no reading shows.
    pub fn token_of(&self, webhook: &str) -> Option<String> {
        self.service.desk().tokens.get(webhook).cloned()
    }

    /// Waits until the server ends.
    pub async fn wait(&mut self) {
        self.handle.wait().await;
    }
}
