//! Business hours as a schedule, its week and its holidays: three kinds of calls, each made only where it is needed.
//!
//! The mark is in the name and written with the first call, so that whatever is cut off later is found and finished.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::{Applier, Echo};
use crate::model::{Interval, OpeningHours, Origin, Reason, SpecialDay};
use crate::plan::Change;
use crate::provider::ProviderError;
use crate::provider::http::Method;
use crate::provider::writing::{Done, Purpose, WriteError, class_of, edit, gone};
use crate::provider::zendesk::client::Call;
use crate::provider::zendesk::convert::{self, external, schedule, zones};
use crate::provider::zendesk::reading;
use crate::provider::zendesk::view::Written;
use crate::provider::zendesk::wire::{Holiday, Id, Schedule, Span, Week};

/// The collection's path.
const PATH: &str = "/api/v2/business_hours/schedules";

impl Applier<'_> {
    pub(super) async fn schedule(&mut self, change: &Change<OpeningHours>) -> Done {
        let object = change.object();
        let purpose = Purpose { object: &object, class: class_of(change.action()) };
        match change {
            Change::Create { value, .. } => {
                let mark = self.batch.stamp.mark(&object, Origin::Created);
                let row = self.create_schedule((value, &mark), purpose).await?;
                self.fill(row, value, purpose).await
            }
            Change::Adopt { .. } | Change::Update { .. } => {
                let Some(edit) = edit(change) else { return Err(gone()) };
                let id = convert::number(edit.id).ok_or_else(gone)?;
                let mark = self.batch.stamp.mark(&object, edit.origin);
                let present = self.look(|view| view.schedules.get(&id).cloned());
                let mut row = present.ok_or_else(gone)?;
                // The holidays of a foreign schedule are not part of a reading.
                let holidays = reading::holidays(&self.shared.client, id).await;
                row.holidays = holidays.map_err(WriteError::Refused)?;
                let name = schedule::marked_name(edit.to.name.as_str(), &mark);
                let zone = zone_of(edit.to)?;
                if row.name != name || row.time_zone != zone {
                    row = self.put_schedule(row, (&name, zone), purpose).await?;
                }
                self.fill(row, edit.to, purpose).await
            }
            Change::Release { from } => {
                let id = convert::number(from.id()).ok_or_else(gone)?;
                let Some(row) = self.look(|view| view.schedules.get(&id).cloned()) else {
                    return Ok(Some(from.id().clone()));
                };
                let name = schedule::plain_name(&row.name).to_owned();
                let zone = row.time_zone.clone();
                self.put_schedule(row, (&name, &zone), purpose).await?;
                Ok(Some(from.id().clone()))
            }
            Change::Delete { from } => {
                let path = format!("{PATH}/{}", from.id());
                self.remove(Call::write(Method::Delete, "schedules.delete", path), purpose).await?;
                if let Some(id) = convert::number(from.id()) {
                    self.record(Written::ScheduleGone(id));
                }
                Ok(Some(from.id().clone()))
            }
        }
    }

    async fn create_schedule(
        &mut self,
        (value, mark): (&OpeningHours, &str),
        purpose: Purpose<'_>,
    ) -> Result<Schedule, WriteError> {
        let (name, zone) = (schedule::marked_name(value.name.as_str(), mark), zone_of(value)?);
        let body = json!({ "schedule": { "name": name, "time_zone": zone } });
        let call = Call::write(Method::Post, "schedules.create", PATH).with(body);
        let echo: Echo<Schedule> = match self.send_for(call, purpose, "schedule").await {
            // Nobody wrote down how a plan's limit is refused: no field of ours is named.
            Err(WriteError::Refused(
                error @ (ProviderError::Forbidden | ProviderError::Rejected { field: None, .. }),
            )) => return Err(self.full(error)),
            other => other?,
        };
        self.record(Written::Schedule(echo.object.clone()));
        echo.verify(&[("name", echo.object.name == name), ("timeZone", echo.object.time_zone == zone)])?;
        Ok(echo.object)
    }

    /// What a refused creation means: where there are schedules already, the plan has no room for another one,
    /// whatever its name promises.
    fn full(&self, error: ProviderError) -> WriteError {
        let present = self.look(|view| Some(view.schedules.rows().len())).unwrap_or_default();
        if present == 0 {
            return WriteError::Refused(error);
        }
        self.shared.most_schedules.store(present, Ordering::Relaxed);
        refused(Reason::ManualActionRequired, "businessHours")
    }

    async fn put_schedule(
        &mut self,
        row: Schedule,
        (name, zone): (&str, &str),
        purpose: Purpose<'_>,
    ) -> Result<Schedule, WriteError> {
        let body = json!({ "schedule": { "name": name, "time_zone": zone } });
        let call = Call::write(Method::Put, "schedules.update", format!("{PATH}/{}", row.id)).with(body);
        let echo: Echo<Schedule> = self.send_for(call, purpose, "schedule").await?;
        let written = Schedule { holidays: row.holidays, ..echo.object.clone() };
        self.record(Written::Schedule(written.clone()));
        echo.verify(&[("name", written.name == name), ("timeZone", written.time_zone == zone)])?;
        Ok(written)
    }

    /// Writes the week and the holidays where they differ.
    async fn fill(&mut self, mut row: Schedule, value: &OpeningHours, purpose: Purpose<'_>) -> Done {
        if schedule::opening_hours(&row).intervals != value.intervals {
            row.intervals = self.put_week(row.id, &value.intervals, purpose).await?;
            self.record(Written::Schedule(row.clone()));
            let held = schedule::opening_hours(&row).intervals == value.intervals;
            if !held {
                return Err(refused(Reason::FieldIgnored, "businessHours.windows"));
            }
        }
        self.settle_holidays(&mut row, &value.closed, purpose).await?;
        Ok(Some(external(row.id)))
    }

    async fn put_week(
        &mut self,
        id: Id,
        intervals: &[Interval],
        purpose: Purpose<'_>,
    ) -> Result<Vec<Span>, WriteError> {
        let spans: Vec<Value> =
            intervals.iter().map(|span| json!({ "start_time": span.start, "end_time": span.end })).collect();
        let body = json!({ "workweek": { "intervals": spans } });
        let call = Call::write(Method::Put, "schedules.workweek", format!("{PATH}/{id}/workweek")).with(body);
        let echo: Echo<Week> = self.send_for(call, purpose, "workweek").await?;
        Ok(echo.object.intervals)
    }

    /// A holiday too many becomes one that is missing; what is left over is added, or removed last.
    async fn settle_holidays(
        &mut self,
        row: &mut Schedule,
        wanted: &[SpecialDay],
        purpose: Purpose<'_>,
    ) -> Result<(), WriteError> {
        let mut missing: Vec<SpecialDay> = wanted.to_vec();
        let mut extra: Vec<Id> = Vec::new();
        for holiday in &row.holidays {
            let day = schedule::special_day(holiday);
            match missing.iter().position(|wanted| *wanted == day) {
                Some(at) => drop(missing.remove(at)),
                None => extra.push(holiday.id),
            }
        }
        let path = format!("{PATH}/{}/holidays", row.id);
        let mut extra = extra.into_iter();
        for day in missing {
            let call = match extra.next() {
                Some(id) => Call::write(Method::Put, "holidays.update", format!("{path}/{id}")),
                None => Call::write(Method::Post, "holidays.create", path.as_str()),
            };
            self.write_holiday((row, &day), call, purpose).await?;
        }
        for id in extra {
            let call = Call::write(Method::Delete, "holidays.delete", format!("{path}/{id}"));
            self.remove(call, purpose).await?;
            row.holidays.retain(|holiday| holiday.id != id);
            self.record(Written::Schedule(row.clone()));
        }
        Ok(())
    }

    async fn write_holiday(
        &mut self,
        (row, day): (&mut Schedule, &SpecialDay),
        call: Call,
        purpose: Purpose<'_>,
    ) -> Result<(), WriteError> {
        let SpecialDay { name, from, to } = day;
        let body = json!({ "holiday": { "name": name, "start_date": from, "end_date": to } });
        let echo: Echo<Holiday> = self.send_for(call.with(body), purpose, "holiday").await?;
        row.holidays.retain(|holiday| holiday.id != echo.object.id);
        row.holidays.push(echo.object.clone());
        self.record(Written::Schedule(row.clone()));
        echo.verify(&[("businessHours.exceptions", schedule::special_day(&echo.object) == *day)])
    }
}

/// Zendesk's name of the zone; `normalize` keeps no hours without one.
fn zone_of(value: &OpeningHours) -> Result<&'static str, WriteError> {
    zones::vendor_name(&value.time_zone)
        .ok_or_else(|| refused(Reason::UnsupportedByProvider, "businessHours.timeZone"))
}

fn refused(reason: Reason, field: &str) -> WriteError {
    WriteError::Refused(ProviderError::Rejected { reason, field: Some(field.to_owned()) })
}
