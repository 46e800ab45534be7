//! Watches the stores and the operator, and lets the person act, until everything is ready or for ever.
//!
//! Must not: print a summary; it returns what it saw.

use super::person::Person;
use super::stores::{self, Done, Row};
use super::table::Table;
use super::{Helpdesk, Pace};
use crate::process::GuardedChild;
use anyhow::bail;
use kube::Client;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_millis(250);
/// Long enough to see on the screen what the store waits for.
const THINKING: Duration = Duration::from_secs(2);
/// The operator promises to end within this time.
const PATIENCE: Duration = Duration::from_secs(5);

/// The parts that are watched.
pub(super) struct Watch<'a> {
    pub(super) client: Client,
    pub(super) operator: GuardedChild,
    /// Where the person works.
    pub(super) helpdesks: &'a [Box<dyn Helpdesk>],
    /// The keys of the stores that were applied.
    pub(super) expected: BTreeSet<String>,
    pub(super) pace: Pace,
    pub(super) started: Instant,
}

/// What the stores looked like at the end.
pub(super) struct Outcome {
    pub(super) rows: Vec<Row>,
    /// Since the start of the demo.
    pub(super) elapsed: Duration,
}

impl Outcome {
    /// Whether every store has arrived.
    pub(super) fn everything_ready(&self) -> bool {
        self.rows.iter().all(|row| row.done == Done::Yes)
    }
}

impl Watch<'_> {
    /// Watches until every store is ready and live, at most `limit`.
    pub(super) async fn until_ready(&mut self, limit: Duration) -> anyhow::Result<Outcome> {
        let (mut table, mut person) = (Table::new(), self.person());
        let began = Instant::now();
        loop {
            let mut rows = self.round(&mut table, &mut person).await?;
            let gone = self.expected.iter().filter(|key| !rows.iter().any(|row| row.key == **key));
            let gone: Vec<Row> = gone.map(|key| Row::absent(key)).collect();
            rows.extend(gone);
            let outcome = Outcome { rows, elapsed: self.started.elapsed() };
            if outcome.everything_ready() || began.elapsed() >= limit {
                return Ok(outcome);
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Watches until the operator ends, which is an error.
    pub(super) async fn forever(&mut self) -> anyhow::Result<()> {
        let (mut table, mut person) = (Table::new(), self.person());
        loop {
            self.round(&mut table, &mut person).await?;
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Lets the operator end as in a cluster: it is asked to, and gives up its lease.
    pub(super) async fn end(&mut self) -> anyhow::Result<()> {
        self.operator.stop(PATIENCE).await?;
        Ok(())
    }

    fn person(&self) -> Person {
        Person::new(if self.pace == Pace::Fast { Duration::ZERO } else { THINKING })
    }

    async fn round(&mut self, table: &mut Table, person: &mut Person) -> anyhow::Result<Vec<Row>> {
        if let Some(status) = self.operator.exit_status()? {
            bail!("the operator ended with {status}; it says:\n{}", self.operator.last_output(30));
        }
        let objects = stores::list(&self.client).await?;
        let rows: Vec<Row> = objects.iter().map(Row::read).collect();
        table.draw(&rows, self.started.elapsed())?;
        for object in &objects {
            for step in person.act((&self.client, self.helpdesks), object).await? {
                table.say(&format!("        a person did {step} for {}", stores::key(object)))?;
            }
        }
        Ok(rows)
    }
}
