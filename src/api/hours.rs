//! When people answer, and what customers read when nobody does.
//!
//! Why: the store thinks in weekdays and holidays on its own clock; each helpdesk has its own model.
//! Must not: compute with time; `validate` checks that windows do not overlap and that the zone exists.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::formats;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "the seven days explain themselves")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

pub(super) const WINDOW_MESSAGE: &str = "`from` must be before `to`; a night shift is two windows, one until \"24:00\" and one from \"00:00\" of the next day";

/// A stretch of some weekdays during which people answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.from < self.to").message(WINDOW_MESSAGE))]
pub struct Window {
    /// The days the window is for: Mon, Tue, Wed, Thu, Fri, Sat, Sun.
    #[schemars(length(min = 1, max = 7))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub days: Vec<Weekday>,
    /// When it starts, in quotes, such as "09:00".
    #[schemars(length(max = 64))]
    #[x_kube(validation = formats::START_TIME.rule())]
    pub from: String,
    /// When it ends, in quotes, such as "18:00". "24:00" is the end of the day. A night shift is two windows.
    #[schemars(length(max = 64))]
    #[x_kube(validation = formats::END_TIME.rule())]
    pub to: String,
}

pub(super) const EXCEPTION_MESSAGE: &str =
    "give either `date` for a whole day, or both `from` and `to`, and not both";
pub(super) const EXCEPTION_ORDER_MESSAGE: &str = "`from` must be before `to`";
pub(super) const EXCEPTION_LENGTH_MESSAGE: &str =
    "an exception that comes back every year must be shorter than a year: it would close the store for good";

/// A time when nobody answers although a window says so: a holiday, an inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.date) ? !has(self.from) && !has(self.to) : has(self.from) && has(self.to)").message(EXCEPTION_MESSAGE),
    validation = Rule::new("!has(self.from) || !has(self.to) || self.from < self.to").message(EXCEPTION_ORDER_MESSAGE),
)]
pub struct HoursException {
    /// The name of the exception, as the helpdesk shows it, such as `Natal`.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = formats::DISPLAY_NAME.rule())]
    pub name: String,
    /// The whole day, such as `2026-12-25`. Instead of `from` and `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = formats::DATE.rule())]
    pub date: Option<String>,
    /// When it starts on the store's clock, such as `2026-12-24T14:00`. Together with `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = formats::LOCAL_DATE_TIME.rule())]
    pub from: Option<String>,
    /// When it ends on the store's clock, such as `2026-12-24T18:00`. Together with `from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = formats::LOCAL_DATE_TIME.rule())]
    pub to: Option<String>,
    /// Whether it comes back every year on the same date. Absent means false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yearly: Option<bool>,
}

/// When people answer, on the store's own clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct BusinessHours {
    /// The IANA time zone of the store, such as `America/Sao_Paulo`.
    #[schemars(length(min = 1, max = 64))]
    #[x_kube(validation = formats::TIME_ZONE.rule())]
    pub time_zone: String,
    /// When people answer. Absent means around the clock. Windows of one day must not overlap. At most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub windows: Vec<Window>,
    /// Holidays and other times when nobody answers. At most 200.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 200))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub exceptions: Vec<HoursException>,
    /// What customers read when nobody answers. Needed when `humanSupport` is `Disabled`; name the best channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1000))]
    pub unavailable_message: Option<String>,
}
